package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seed-489864d5/h1"
)

const serveUsage = `Usage: h1 serve [flags]

Serves HTTP/1.1 until it is interrupted:

	/         a page that shows how the request for it was understood
	/dump     the same as JSON, for any method, with the body
	/echo     the body back, as it comes
	/stream   chunks with a trailer section; ?n=5&delay=100ms
	/events   server-sent events; ?n=3&interval=1s
	/upload   the size and SHA-256 of the body

With -dir, / serves the files of DIR and the page moves to /h1/.

With -tls, CONFIGDIR holds server.crt and server.key; if it holds ca.crt too, each
client must show a certificate that this CA has signed.

Flags:

`

// shutdownTime bounds how long requests in flight may take once the command is asked to end. Events end at once, so it
// is for uploads and the like: long enough for what a person tries, short enough for one who waits.
const shutdownTime = 10 * time.Second

// A serveConfig is what the flags of "h1 serve" say.
type serveConfig struct {
	addr, dir, tlsDir string
	maxUpload         int64
	verbose           bool
}

func runServe(args []string, stdout, stderr io.Writer) int {
	var c serveConfig
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8080", "the `address` to listen on; port 0 takes any free one")
	fs.StringVar(&c.dir, "dir", "", "serve the files of this `directory`")
	fs.StringVar(&c.tlsDir, "tls", "", "speak TLS with the certificate of this `directory`")
	fs.Int64Var(&c.maxUpload, "max-upload", 1<<30, "the most `octets` a request to /upload may have; -1 for no limit")
	fs.BoolVar(&c.verbose, "v", false, "log each request")
	if status, ok := parseFlags(fs, args, serveUsage, stdout, stderr); !ok {
		return status
	}
	if fs.NArg() > 0 {
		return misuse(fs, fmt.Errorf("unexpected argument %q", fs.Arg(0)), stderr)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal ends the command at once
	if err := serve(ctx, c, stdout, newLogger(stderr, c.verbose)); err != nil {
		fmt.Fprintln(stderr, "h1 serve:", err)
		return exitFault
	}
	return exitOK
}

// serve serves until ctx is done, then shuts down. The first line on stdout says where.
func serve(ctx context.Context, c serveConfig, stdout io.Writer, log *slog.Logger) error {
	config, err := loadTLS(c.tlsDir)
	if err != nil {
		return err
	}
	srv, err := newServer(c, config, log)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	for _, u := range openURLs(l.Addr(), config != nil) {
		fmt.Fprintf(stdout, "h1: listening on %s\n", u)
	}

	served := make(chan error, 1)
	go func() {
		if config != nil {
			served <- srv.ServeTLS(l, "", "")
		} else {
			served <- srv.Serve(l)
		}
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	if err := shutdown(srv, log); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, h1.ErrServerClosed) {
		return err
	}
	return nil
}

// newServer returns the server that c describes. Times and limits are the library's: what it shows is the default.
func newServer(c serveConfig, config *tls.Config, log *slog.Logger) (*h1.Server, error) {
	stopping := make(chan struct{})
	site, err := newSite(c, stopping)
	if err != nil {
		return nil, err
	}
	srv := &h1.Server{
		Handler:   site.clocks.counted(site),
		TLSConfig: config,
		Logger:    log,
		ConnState: site.clocks.connState,
	}
	if c.verbose {
		srv.Handler = logged(srv.Handler, log)
		srv.OnError = logRefusal(log)
	}
	srv.RegisterOnShutdown(func() { close(stopping) })
	return srv, nil
}

// shutdown lets the requests in flight finish for shutdownTime, then cuts them.
func shutdown(srv *h1.Server, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("cutting the requests still in flight", "after", shutdownTime)
		return srv.Close()
	}
	return err
}
