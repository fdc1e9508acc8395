package h1_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeCertificate writes the test certificate as a user has it: two PEM files.
func writeCertificate(t *testing.T) (certFile, keyFile string) {
	cert := testCertificate()
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(t.TempDir(), "crt"), filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return certFile, keyFile
}

func TestListenAndServe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, withTLS := range []bool{false, true} {
		s := &h1.Server{Addr: "unix:" + path, Handler: answering, Logger: quiet}
		served := make(chan error, 1)
		go func() {
			if !withTLS {
				served <- s.ListenAndServe()
				return
			}
			cert, key := writeCertificate(t)
			served <- s.ListenAndServeTLS(cert, key)
		}()
		var c net.Conn
		require.Eventually(t, func() (up bool) {
			conn, err := net.Dial("unix", path)
			if c = conn; err == nil && withTLS {
				c = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
			}
			return err == nil
		}, 10*time.Second, 5*time.Millisecond)
		send(t, c, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		b, err := io.ReadAll(c)
		assert.NoError(t, err)
		assert.Contains(t, string(b), "GET /x")
		if withTLS {
			assert.Equal(t, "http/1.1", c.(*tls.Conn).ConnectionState().NegotiatedProtocol)
		}
		_ = c.Close()
		require.NoError(t, s.Shutdown(context.Background()))
		assert.Equal(t, h1.ErrServerClosed, <-served)
		assert.Equal(t, h1.ErrServerClosed, s.ListenAndServeTLS("", ""))
	}
	assert.Error(t, (&h1.Server{Addr: "127.0.0.1:1:2"}).ListenAndServe())
	assert.Error(t, (&h1.Server{Addr: "127.0.0.1:0"}).ListenAndServeTLS("no such file", "nor this"))
	assert.Error(t, (&h1.Server{Addr: "127.0.0.1:1:2"}).ListenAndServeTLS("", ""))
}

// An acceptErrors listener fails a few times before it accepts.
type acceptErrors struct {
	net.Listener
	errs []error
}

func (l *acceptErrors) Accept() (net.Conn, error) {
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		return nil, err
	}
	return l.Listener.Accept()
}

type temporaryError struct{ error }

func (temporaryError) Temporary() bool { return true }

func TestServeSurvivesAcceptErrors(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	busy := temporaryError{errors.New("too many open files")}
	l := &acceptErrors{inner, []error{busy, busy, busy}}
	s := &h1.Server{Handler: answering, Logger: quiet}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	resp, err := http.Get("http://" + inner.Addr().String() + "/y")
	require.NoError(t, err)
	b, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	assert.Equal(t, "GET /y ", string(b))
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, s.Close())
	assert.Equal(t, h1.ErrServerClosed, <-served)

	final := errors.New("final")
	other, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	assert.Equal(t, final, (&h1.Server{Logger: quiet}).Serve(&acceptErrors{other, []error{final}}))
}

// net/http's client and ours agree on everything that a plain client does.
func TestNetHTTPClient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		_ = w.EnableFullDuplex()
		w.Header().Set("X-Method", q.Method)
		w.Trailer().Set("X-Count", "")
		n, err := io.Copy(w, q.Body)
		if err != nil {
			w.Abort()
			return
		}
		w.Trailer().Set("X-Count", itoa(int(n)))
	})}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	client := &http.Client{Transport: &http.Transport{}}
	url := "http://" + l.Addr().String() + "/"
	for _, size := range []int{0, 1, 2047, 2048, 2049, 4096, 100000, 3 << 20} {
		body := bytes.Repeat([]byte("x"), size)
		for _, reader := range []io.Reader{bytes.NewReader(body), io.MultiReader(bytes.NewReader(body))} { // length, chunked
			resp, err := client.Post(url, "text/plain", reader)
			require.NoError(t, err)
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(body, got), size)
			assert.Equal(t, itoa(size), resp.Trailer.Get("X-Count"))
			_ = resp.Body.Close()
		}
	}
	assert.EqualValues(t, 1, s.Stats().Accepted, "one connection did it all")
	client.CloseIdleConnections()
	require.NoError(t, s.Shutdown(context.Background()))
	<-served
}

func TestHandlersDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			if q.Target != "/" {
				answering(w, q)
				return
			}
			assert.NoError(t, w.SetReadDeadline(time.Now().Add(5*time.Second)))
			assert.NoError(t, w.SetWriteDeadline(time.Now().Add(time.Minute)))
			start := time.Now()
			_, err := io.ReadAll(q.Body)
			assert.ErrorIs(t, err, h1.ErrBodyTimeout)
			assert.Equal(t, 5*time.Second, time.Since(start))
			_, _ = w.WriteString("late")
		})})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
		out, _, err := atEnd(c)
		assert.NoError(t, err)
		assert.Contains(t, out, "Connection: close")
		assert.Contains(t, out, "late")
	})
	// A deadline of the handler's own does not outlive its exchange, in either direction.
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			if q.Target == "/" {
				assert.NoError(t, w.SetReadDeadline(time.Now().Add(time.Second)))
				assert.NoError(t, w.SetWriteDeadline(time.Now().Add(time.Second)))
			}
			answering(w, q)
		})})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
		assert.Contains(t, received(c), "POST / x")
		time.Sleep(20 * time.Second)
		send(t, c, "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
		time.Sleep(20 * time.Second)
		send(t, c, "y")
		assert.Contains(t, received(c), "POST /2 y")
	})
	// Longer than the server's own limits, and without any.
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			assert.NoError(t, w.SetReadDeadline(time.Time{}))
			assert.NoError(t, w.SetWriteDeadline(time.Time{}))
			answering(w, q)
		})})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
		time.Sleep(time.Hour)
		send(t, c, "x")
		assert.Contains(t, received(c), "POST / x")
	})
	var q h1.Request
	_, err := q.Parse([]byte(get11), nil)
	require.NoError(t, err)
	w := h1.NewResponse(io.Discard, &q)
	assert.Error(t, w.SetReadDeadline(time.Time{}))
	assert.Error(t, w.SetWriteDeadline(time.Time{}))
	assert.NoError(t, w.EnableFullDuplex())
	_, _, err = w.Hijack()
	assert.Error(t, err)
	_, err = w.Upgrade("x", nil)
	assert.Error(t, err)
	assert.Equal(t, context.Background(), q.Context())
	assert.NoError(t, w.Finish())
}

// WriteTimeout bounds a whole response, however it moves.
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{WriteTimeout: time.Minute, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
			assert.Error(t, q.Context().Err())
		})})
		send(t, c, get11)
		start := time.Now()
		for {
			time.Sleep(10 * time.Second)
			if _, err := c.Read(make([]byte, 1000)); err != nil {
				break
			}
		}
		assert.InDelta(t, 60, time.Since(start).Seconds(), 11)
	})
}

// A write over TLS goes on as long as the peer reads at all, though one that has timed out could not be continued.
func TestSlowReaderTLS(t *testing.T) {
	testCertificate()
	synctest.Test(t, func(t *testing.T) {
		s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			w.Header().Set("Content-Length", itoa(3<<20))
			_, err := w.Write(make([]byte, 3<<20))
			assert.NoError(t, err)
		})}
		c, raw, done := tlsPair(t, s, nil)
		send(t, c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		n := 0
		p := make([]byte, 150000)
		for {
			time.Sleep(5 * time.Second)
			m, err := io.ReadFull(c, p)
			if n += m; err != nil {
				break
			}
		}
		assert.Greater(t, n, 3<<20)
		_ = raw.Close()
		<-done
	})
}

func TestBodyClose(t *testing.T) {
	out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		assert.NoError(t, q.Body.Close())
		if _, err := q.Body.Read(make([]byte, 1)); q.Method == "POST" {
			assert.ErrorIs(t, err, h1.ErrBodyClosed)
		} else {
			assert.Equal(t, io.EOF, err)
		}
	})}, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"+next)
	assert.Equal(t, 2, strings.Count(out, "200 OK"))
}

func TestNames(t *testing.T) {
	assert.Equal(t, "Content Too Large", h1.ReasonPhrase(413))
	assert.Equal(t, "", h1.ReasonPhrase(299))
	assert.Equal(t, "HTTP/1.0", h1.Version{Major: 1}.String())
	assert.Equal(t, "chunked", h1.Chunked.String())
	assert.Equal(t, "fixed length", h1.FixedLength.String())
	assert.Equal(t, "new", h1.StateNew.String())
	_, err := h1.AppendResponseHead(nil, 200, header("X Y: z"))
	_, other := h1.AppendResponseHead(nil, 200, header("X(: z"))
	assert.ErrorIs(t, err, other)
	assert.NotErrorIs(t, err, io.EOF)
	assert.Equal(t, `h1: invalid field name: "X Y" (RFC 9110 §5.1)`, err.Error())
}

// A client that half-closes still gets its answer, and one that resets ends the connection without a trace.
func TestClientEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: answering})
		send(t, c, get11)
		_ = c.CloseWrite()
		out, after, err := atEnd(c)
		assert.NoError(t, err)
		assert.Contains(t, out, "200 OK")
		assert.Zero(t, after)
	})
	synctest.Test(t, func(t *testing.T) {
		written := make(chan error, 1)
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			time.Sleep(time.Second)
			_ = w.Flush()
			_, err := w.Write(make([]byte, 10000))
			written <- err
			_, err = w.WriteString("more")
			assert.Error(t, err, "own-conn-b: the first error sticks")
		})})
		send(t, c, get11)
		synctest.Wait()
		c.Reset()
		assert.Error(t, <-written)
	})
}
