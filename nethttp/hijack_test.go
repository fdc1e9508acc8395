package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// upgrade asks for a switch, with the first octets of the other protocol right behind.
const upgrade = "GET /%s HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\nfirst\n"

// echoLines sends each line back, until the end.
func echoLines(c net.Conn, r *bufio.Reader) {
	defer c.Close()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		io.WriteString(c, line)
	}
}

// The ways in which websocket libraries and proxies take a connection over.
func TestHijack(t *testing.T) {
	mux := http.NewServeMux()
	hijack := func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		return c, rw
	}
	mux.HandleFunc("/raw", func(w http.ResponseWriter, r *http.Request) { // gorilla/websocket
		c, rw := hijack(w)
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		echoLines(c, rw.Reader)
	})
	mux.HandleFunc("/header", func(w http.ResponseWriter, r *http.Request) { // coder/websocket
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("A", "1")
		w.WriteHeader(http.StatusSwitchingProtocols)
		w.(http.Flusher).Flush()
		if _, err := w.Write([]byte("x")); err != http.ErrBodyNotAllowed {
			panic(err)
		}
		c, rw := hijack(w)
		unread, _ := rw.Reader.Peek(rw.Reader.Buffered())
		rw.Reader.Reset(io.MultiReader(readerOf(unread), c))
		echoLines(c, rw.Reader)
	})
	mux.HandleFunc("/goroutine", func(w http.ResponseWriter, r *http.Request) {
		done := r.Context().Done()
		c, rw := hijack(w)
		rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		rw.Flush()
		if _, err := w.Write(nil); err != http.ErrHijacked {
			panic(err)
		}
		if _, _, err := w.(http.Hijacker).Hijack(); err != http.ErrHijacked {
			panic(err)
		}
		go func() {
			<-done // the context ends with the handler, the connection does not
			echoLines(c, rw.Reader)
		}()
	})
	addrs := map[string]string{"h1": serve(t, mux), "net/http": serveStd(t, mux)}

	for server, addr := range addrs {
		for _, path := range []string{"raw", "header", "goroutine"} {
			t.Run(server+" "+path, func(t *testing.T) {
				c := dial(t, addr)
				_, err := fmt.Fprintf(c, upgrade, path)
				require.NoError(t, err)
				r := bufio.NewReader(c)
				resp, err := http.ReadResponse(r, nil)
				require.NoError(t, err)
				assert.Equal(t, 101, resp.StatusCode)
				assert.Equal(t, "websocket", resp.Header.Get("Upgrade"))
				assert.Regexp(t, "(?i)^upgrade$", resp.Header.Get("Connection"))
				if path == "header" {
					assert.Equal(t, "1", resp.Header.Get("A"))
					assert.NotEmpty(t, resp.Header.Get("Date"))
				}
				for _, line := range []string{"first\n", "second\n"} {
					if line != "first\n" {
						_, err := io.WriteString(c, line)
						require.NoError(t, err)
					}
					got, err := r.ReadString('\n')
					require.NoError(t, err)
					assert.Equal(t, line, got)
				}
			})
		}
	}
}

// readerOf returns a reader of a copy of b, which belongs to a buffer.
func readerOf(b []byte) io.Reader {
	return &net.Buffers{append([]byte(nil), b...)}
}

// Once a head is out it is too late; what only waits for more content goes out without it.
func TestHijackBehindHead(t *testing.T) {
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/flushed" {
			w.(http.Flusher).Flush()
		}
		w.Header().Set("A", "1")
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "x")
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			fmt.Fprint(w, err)
			return
		}
		io.WriteString(c, "hello")
		c.Close()
	}))
	a := ask(t, addr, get)
	assert.Equal(t, "hello", a.Body)
	assert.Equal(t, http.Header{"A": {"1"}, "Content-Length": {"5"}, "Date": {"now"}}, a.Header)
	assert.Equal(t, "x"+h1.ErrCommitted.Error(), ask(t, addr, head("GET /flushed HTTP/1.1", "Host: a")).Body)
}

// The way of Go's forward proxies: 200, then the connection.
func TestConnect(t *testing.T) {
	addr := serveNative(t, &h1.Server{
		ConnectPolicy: func(*h1.Request) error { return nil },
		Handler: nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Host != "ex:443" || r.Host != "ex:443" || r.RequestURI != "ex:443" {
				panic(r.URL)
			}
			w.WriteHeader(http.StatusOK)
			c, rw, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			echoLines(c, rw.Reader)
		})),
	})
	c := dial(t, addr)
	_, err := io.WriteString(c, head("CONNECT ex:443 HTTP/1.1", "Host: ex:443")+"hello\n")
	require.NoError(t, err)
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, &http.Request{Method: "CONNECT"})
	require.NoError(t, err)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Empty(t, resp.TransferEncoding)
	got, err := r.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello\n", got)
}
