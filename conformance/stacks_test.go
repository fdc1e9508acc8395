package conformance

import (
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
	"github.com/valyala/fasthttp"
)

// The three stacks: h1, then the Peers, each with the handler that testdata/README.md describes, with no limit on the body but fasthttp's,
// which allocates what is declared, and with h1's times where they can be set.
var stacks = []*stack{
	{func(*wiretest.Vector) string { return "" }, serveH1},
	{func(v *wiretest.Vector) string {
		if _, ok := v.Options["MaxRequestsPerConn"]; ok {
			return "has no such setting"
		}
		return ""
	}, serveNetHTTP},
	{func(v *wiretest.Vector) string {
		if _, ok := v.Options["panic"]; ok {
			return "a panic ends the program"
		}
		return ""
	}, serveFastHTTP},
}

func serveH1(conn net.Conn, s *session) {
	server := h1.Server{Logger: slog.New(slog.DiscardHandler)}
	server.Limits.MaxRequestBytes = -1
	server.TLSConfig = s.tls
	server.DefaultHost = s.v.Options["DefaultAuthority"]
	server.Limits.LenientTarget = s.v.Options["TargetBytes"] == "Lenient"
	server.DisableKeepAlive = s.has("DisableKeepAlive")
	server.MaxRequestsPerConn, _ = strconv.Atoi(s.v.Options["MaxRequestsPerConn"])
	if s.has("EnableCONNECT") {
		server.ConnectPolicy = func(*h1.Request) error {
			if s.v.Options["EnableCONNECT"] == "deny" {
				return errors.New("denied")
			}
			return nil
		}
	}
	server.Handler = h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		n := s.called(q.Method, q.Target)
		if s.has("panic") {
			panic("as the vector wants")
		}
		c := &call{
			method: q.Method, target: q.Target, path: q.URL.Path, escapedPath: q.URL.EscapedPath(), query: q.URL.RawQuery,
			host: q.Host, length: q.ContentLength,
			value:   func(name string) []string { return slices.Collect(q.Header.Values(name)) },
			trailer: func(name string) []string { return slices.Collect(q.Trailer.Values(name)) },
			cookies: func() (cookies [][2]string) {
				for name, value := range q.Cookies() {
					cookies = append(cookies, [2]string{name, value})
				}
				return cookies
			},
		}
		if !s.has("noread") {
			body, err := io.ReadAll(q.Body)
			if err != nil {
				return // the library answers
			}
			c.body = string(body)
		}
		s.saw(n, c)
		if protocol := s.v.Options["upgrade"]; protocol != "" {
			if conn, err := w.Upgrade(protocol, nil); err == nil {
				echo(conn)
				return
			}
		}
		status, _ := strconv.Atoi(s.v.Options["status"])
		switch {
		case s.has("silent"):
			return
		case status != 0:
			if status == 426 {
				w.Header().Set("Upgrade", "websocket")
			}
			w.WriteHeader(status)
		case q.Method == "CONNECT":
			if conn, err := w.Tunnel(); err == nil {
				echo(conn)
				return
			}
		}
		w.WriteString(wiretest.Answer)
	})
	server.ServeConn(conn)
}

// A listener gives one connection and then waits until it is closed.
type listener struct {
	conns chan net.Conn
	once  sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	if conn, ok := <-l.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.conns) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }

func serveNetHTTP(conn net.Conn, s *session) {
	l := &listener{conns: make(chan net.Conn, 1)}
	ended := make(chan struct{})
	server := http.Server{
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       75 * time.Second,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				close(ended)
			}
		},
	}
	server.SetKeepAlivesEnabled(!s.has("DisableKeepAlive"))
	hijack := func(w http.ResponseWriter, head string) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer close(ended)
		io.WriteString(conn, head)
		io.CopyN(conn, rw, int64(rw.Reader.Buffered()))
		echo(conn)
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		n := s.called(q.Method, q.RequestURI)
		if s.has("panic") {
			panic("as the vector wants")
		}
		c := &call{
			method: q.Method, target: q.RequestURI, path: q.URL.Path, escapedPath: q.URL.EscapedPath(), query: q.URL.RawQuery,
			host: q.Host, length: q.ContentLength,
			value: func(name string) []string {
				if strings.EqualFold(name, "Host") {
					return []string{q.Host}
				}
				return q.Header.Values(name)
			},
			trailer: func(name string) []string { return q.Trailer.Values(name) },
			cookies: func() (cookies [][2]string) {
				for _, c := range q.Cookies() {
					value := c.Value
					if c.Quoted {
						value = `"` + value + `"`
					}
					cookies = append(cookies, [2]string{c.Name, value})
				}
				return cookies
			},
		}
		if !s.has("noread") {
			body, err := io.ReadAll(q.Body)
			if err != nil {
				status := http.StatusBadRequest // the library leaves it to the handler
				if errors.Is(err, os.ErrDeadlineExceeded) {
					status = http.StatusRequestTimeout
				}
				http.Error(w, "", status)
				return
			}
			c.body = string(body)
		}
		s.saw(n, c)
		status, _ := strconv.Atoi(s.v.Options["status"])
		switch protocol := s.v.Options["upgrade"]; {
		case protocol != "" && offers(q.Header.Values("Connection"), q.Header.Values("Upgrade"), protocol):
			hijack(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: "+protocol+"\r\n\r\n")
			return
		case s.has("silent"):
			return
		case status != 0:
			if status == 426 {
				w.Header().Set("Upgrade", "websocket")
			}
			w.WriteHeader(status)
		case s.v.Options["EnableCONNECT"] == "deny":
			w.WriteHeader(http.StatusForbidden)
		case q.Method == "CONNECT" && s.has("EnableCONNECT"):
			hijack(w, "HTTP/1.1 200 OK\r\n\r\n")
			return
		}
		io.WriteString(w, wiretest.Answer)
	})
	l.conns <- conn
	done := make(chan struct{})
	go func() {
		server.Serve(l)
		close(done)
	}()
	<-ended
	l.Close()
	<-done
}

// offers reports whether a client offers to switch to protocol.
func offers(connection, upgrade []string, protocol string) bool {
	return has(list(connection), "upgrade") && has(list(upgrade), protocol)
}

func serveFastHTTP(conn net.Conn, s *session) {
	hijacked := make(chan struct{})
	taken := false // no hijack where the connection is to close
	hijack := func(ctx *fasthttp.RequestCtx) {
		ctx.Hijack(func(conn net.Conn) {
			echo(conn)
			close(hijacked)
		})
	}
	server := fasthttp.Server{
		Logger:            log.New(io.Discard, "", 0),
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       75 * time.Second,
		DisableKeepalive:  s.has("DisableKeepAlive"),
		StreamRequestBody: s.has("noread"),
		ConnState:         func(_ net.Conn, state fasthttp.ConnState) { taken = state == fasthttp.StateHijacked },
	}
	server.MaxRequestsPerConn, _ = strconv.Atoi(s.v.Options["MaxRequestsPerConn"])
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		h := &ctx.Request.Header
		n := s.called(string(h.Method()), string(h.RequestURI()))
		var lines []Field
		for name, value := range h.AllInOrder() {
			lines = append(lines, Field{strings.ToLower(string(name)), string(value)})
		}
		c := &call{
			method: string(h.Method()), target: string(h.RequestURI()), path: string(ctx.Path()),
			escapedPath: string(ctx.URI().PathOriginal()), query: string(ctx.URI().QueryString()),
			host: string(ctx.Host()), length: int64(max(h.ContentLength(), -1)),
			value: func(name string) []string { return values(lines, strings.ToLower(name)) },
			trailer: func(name string) (values []string) {
				for line := range strings.SplitSeq(string(h.TrailerHeader()), "\r\n") {
					if n, v, _ := strings.Cut(line, ":"); strings.EqualFold(n, name) {
						values = append(values, strings.TrimPrefix(v, " "))
					}
				}
				return values
			},
			cookies: func() (cookies [][2]string) {
				for name, value := range h.Cookies() {
					cookies = append(cookies, [2]string{string(name), string(value)})
				}
				return cookies
			},
		}
		if !s.has("noread") {
			c.body = string(ctx.PostBody())
		}
		if h.ContentLength() == -2 {
			c.length = 0
		}
		s.saw(n, c)
		status, _ := strconv.Atoi(s.v.Options["status"])
		switch protocol := s.v.Options["upgrade"]; {
		case protocol != "" && offers(values(lines, "connection"), values(lines, "upgrade"), protocol):
			h := &ctx.Response.Header
			h.Set("Upgrade", protocol)
			h.Set("Connection", "upgrade")
			ctx.SetStatusCode(fasthttp.StatusSwitchingProtocols)
			hijack(ctx)
			return
		case s.has("silent"):
			return
		case status != 0:
			if status == 426 {
				ctx.Response.Header.Set("Upgrade", "websocket")
			}
			ctx.SetStatusCode(status)
		case s.v.Options["EnableCONNECT"] == "deny":
			ctx.SetStatusCode(fasthttp.StatusForbidden)
		case ctx.IsConnect() && s.has("EnableCONNECT"):
			hijack(ctx)
			return
		}
		ctx.WriteString(wiretest.Answer)
	}
	server.ServeConn(conn)
	if taken {
		<-hijacked
	}
}

// warmUp lets fasthttp start what runs as long as the program, which may not happen in a bubble.
var warmUp = sync.OnceFunc(func() {
	client, server := wiretest.Pipe()
	io.WriteString(client, get+"Connection: close\r\n\r\n")
	serveFastHTTP(server, &session{v: &wiretest.Vector{}})
})
