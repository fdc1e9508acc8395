package h1

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allocs holds f to an exact number of allocations.
func allocs(t *testing.T, want float64, name string, f func()) {
	t.Helper()
	if raceBuild {
		t.Skip("race builds allocate more")
	}
	f() // once, for what is kept
	assert.Equal(t, want, testing.AllocsPerRun(200, f), name)
}

func TestParseAllocs(t *testing.T) {
	for _, h := range benchHeads {
		var q Request
		in := []byte(h.head)
		allocs(t, 1, h.name, func() {
			if _, err := q.Parse(in, nil); err != nil {
				t.Fatal(err)
			}
		})
		if h.name == "chrome" {
			assert.Equal(t, 20, q.Header.Len())
		}
	}
}

func TestRefusedHeadAllocs(t *testing.T) {
	for _, in := range []string{
		"GET /\x00", "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\n",
		"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n",
	} {
		var q Request
		b := []byte(in)
		allocs(t, 1, in, func() { // the error's own
			if _, err := q.Parse(b, nil); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}

func TestIncompleteHeadAllocs(t *testing.T) {
	var q Request
	in := []byte(chromeHead)
	allocs(t, 1, "octet by octet", func() {
		for end := 1; end < len(in); end += 7 {
			if _, err := q.Parse(in[:end], nil); err != ErrIncomplete {
				t.Fatal(err)
			}
		}
		if _, err := q.Parse(in, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestChunkDecodeAllocs(t *testing.T) {
	in := []byte("5;a=\"b\"\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
	out := make([]byte, 100)
	allocs(t, 0, "decode", func() {
		var d ChunkedDecoder
		if n, _, err := d.Decode(out, in); err != io.EOF || n != 11 {
			t.Fatal(n, err)
		}
	})
	buf := make([]byte, 0, 100)
	allocs(t, 0, "encode", func() {
		b, err := AppendLastChunk(AppendChunk(buf, []byte("hello")), nil)
		if err != nil || len(b) != 15 {
			t.Fatal(err)
		}
	})
}

func TestLookUpAllocs(t *testing.T) {
	var q Request
	_, err := q.Parse([]byte(chromeHead), nil)
	require.NoError(t, err)
	allocs(t, 0, "look-up", func() {
		if !q.Header.Has("cookie") || q.Header.Get("REFERER") == "" {
			t.Fatal()
		}
		for range q.Header.Tokens("Accept-Encoding") {
		}
		for range q.Cookies() {
		}
	})
	allocs(t, 0, "ParseTarget", func() {
		if _, err := ParseTarget("GET", "/wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg?x=y"); err != nil {
			t.Fatal(err)
		}
	})
}

// A lockstepConn is a server's connection whose client sends a request, takes the answer, and sends the next one only
// when it is told to.
type lockstepConn struct {
	net.Conn
	in     []byte
	ask    chan struct{}
	answer chan int
}

func (c *lockstepConn) Read(p []byte) (int, error) {
	if _, ok := <-c.ask; !ok {
		return 0, io.EOF
	}
	return copy(p, c.in), nil
}

func (c *lockstepConn) Write(p []byte) (int, error) {
	c.answer <- len(p)
	return len(p), nil
}

// A whole keep-alive request with an answer of 1 KB, in the steady state: 1 allocation without a body, 2 with.
func TestExchangeAllocs(t *testing.T) {
	answer := []byte(strings.Repeat("x", 1024))
	for _, tt := range []struct {
		name, in string
		want     float64
	}{
		{"GET", chromeHead, 1},
		{"POST", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1024\r\n\r\n" + string(answer), 2},
		{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + string(answer) + "\r\n0\r\n\r\n", 2},
		{"HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 1},
		{"1.0", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1},
	} {
		client, server := net.Pipe()
		_ = client.Close()
		c := &lockstepConn{Conn: server, in: []byte(tt.in), ask: make(chan struct{}), answer: make(chan int)}
		buf := make([]byte, 2048)
		s := &Server{Handler: HandlerFunc(func(w *Response, q *Request) {
			for {
				if _, err := q.Body.Read(buf); err == io.EOF {
					break
				} else if err != nil {
					t.Error(err)
					return
				}
			}
			w.Header().Add("Content-Type", "text/plain")
			_, _ = w.Write(answer)
		})}
		done := make(chan error)
		go func() { done <- s.ServeConn(c) }()
		t.Run(tt.name, func(t *testing.T) {
			allocs(t, tt.want, tt.name, func() {
				c.ask <- struct{}{}
				if n := <-c.answer; n < 100 {
					t.Fatal(n)
				}
			})
		})
		close(c.ask)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func TestResponseAllocs(t *testing.T) {
	var q Request
	_, err := q.Parse([]byte(curlHead), nil)
	require.NoError(t, err)
	body := []byte("hello, world\n")
	allocs(t, 0, "standalone response", func() {
		w := NewResponse(io.Discard, &q)
		w.Header().Add("Content-Type", "text/plain")
		_, _ = w.Write(body)
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
	})
}

// Late use of what was handed out is seen in race builds: it panics and names the call.
func TestLateUse(t *testing.T) {
	client, server := net.Pipe()
	var kept *Response
	s := &Server{Handler: HandlerFunc(func(w *Response, q *Request) { kept = w })}
	go func() {
		_, _ = client.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
		_, _ = io.Copy(io.Discard, client)
	}()
	require.NoError(t, s.ServeConn(server))
	if raceBuild {
		assert.PanicsWithValue(t, "h1: Response.Write called after the handler returned", func() { _, _ = kept.Write([]byte("x")) })
		return
	}
	_, err := kept.Write([]byte("x"))
	assert.True(t, errors.Is(err, ErrFinished))
}
