package h1

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// The heads that benchmarks and allocation tests use are named and real.
const (
	tinyHead = "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"

	curlHead = "GET /index.html?a=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n"

	// The request of a desktop Chrome to a page that has set cookies.
	chromeHead = "GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n" +
		"Host: www.kittyhell.com\r\n" +
		"Connection: keep-alive\r\n" +
		"Cache-Control: max-age=0\r\n" +
		"sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\"\r\n" +
		"sec-ch-ua-mobile: ?0\r\n" +
		"sec-ch-ua-platform: \"Linux\"\r\n" +
		"Upgrade-Insecure-Requests: 1\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
		"Sec-Fetch-Site: none\r\n" +
		"Sec-Fetch-Mode: navigate\r\n" +
		"Sec-Fetch-User: ?1\r\n" +
		"Sec-Fetch-Dest: document\r\n" +
		"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
		"Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\n" +
		"If-None-Match: \"5f3c-4a1b2c3d4e5f6\"\r\n" +
		"Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; __utma=xxxxxxxxx.xxxxxxxxxx\r\n" +
		"X-Requested-With: XMLHttpRequest\r\n" +
		"Priority: u=0, i\r\n" +
		"Referer: http://www.kittyhell.com/\r\n\r\n"
)

var benchHeads = []struct{ name, head string }{
	{"tiny", tinyHead},
	{"curl", curlHead},
	{"chrome", chromeHead},
	{"fields100", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-Some-Field-Name: some value\r\n", 99) + "\r\n"},
}

func BenchmarkParse(b *testing.B) {
	for _, h := range benchHeads {
		in := []byte(h.head)
		b.Run(h.name+"/h1", func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			var q Request
			for b.Loop() {
				if _, err := q.Parse(in, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(h.name+"/nethttp", func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			src := bytes.NewReader(in)
			br := bufio.NewReader(src)
			for b.Loop() {
				src.Reset(in)
				br.Reset(src)
				if _, err := http.ReadRequest(br); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkChunkDecode(b *testing.B) {
	var in []byte
	data := bytes.Repeat([]byte("x"), 4096)
	for range 16 {
		in = AppendChunk(in, data)
	}
	in, _ = AppendLastChunk(in, nil)
	out := make([]byte, 64<<10)
	b.SetBytes(int64(len(out)))
	b.ReportAllocs()
	for b.Loop() {
		var d ChunkedDecoder
		if n, _, err := d.Decode(out, in); err != io.EOF || n != len(out) {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkResponse(b *testing.B) {
	body := []byte("hello, world\n")
	b.Run("hello/h1", func(b *testing.B) {
		var q Request
		if _, err := q.Parse([]byte(curlHead), nil); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			w := NewResponse(io.Discard, &q)
			w.Header().Add("Content-Type", "text/plain")
			_, _ = w.Write(body)
			if err := w.Finish(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hello/nethttp", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
				Header: http.Header{"Content-Type": {"text/plain"}, "Date": {"Mon, 02 Jan 2006 15:04:05 GMT"}},
				Body:   io.NopCloser(bytes.NewReader(body))}
			if err := r.Write(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// repeatConn is the server's end of a connection whose client sends the same octets n times and takes every answer.
type repeatConn struct {
	net.Conn
	in   []byte
	left int
}

func (c *repeatConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	c.left--
	return copy(p, c.in), nil
}
func (c *repeatConn) Write(p []byte) (int, error) { return len(p), nil }
func (c *repeatConn) Close() error                { return nil }

// listenOnce is a listener with one connection.
type listenOnce struct {
	net.Listener
	conn net.Conn
	done chan struct{}
}

func (l *listenOnce) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.done
	return nil, io.EOF
}
func (l *listenOnce) Close() error   { return nil }
func (l *listenOnce) Addr() net.Addr { return &net.TCPAddr{} }

// plumbing gives a repeatConn the rest of what a server asks of a connection.
func newRepeatConn(in string, n int) *repeatConn {
	client, server := net.Pipe()
	_ = client.Close()
	return &repeatConn{Conn: server, in: []byte(in), left: n}
}

func BenchmarkExchange(b *testing.B) {
	body := []byte("hello, world\n")
	for _, h := range benchHeads[:3] {
		b.Run(h.name+"/h1", func(b *testing.B) {
			b.ReportAllocs()
			s := &Server{Handler: HandlerFunc(func(w *Response, q *Request) {
				w.Header().Add("Content-Type", "text/plain")
				_, _ = w.Write(body)
			})}
			b.ResetTimer()
			if err := s.ServeConn(newRepeatConn(h.head, b.N)); err != nil {
				b.Fatal(err)
			}
		})
		b.Run(h.name+"/nethttp", func(b *testing.B) {
			b.ReportAllocs()
			done := make(chan struct{})
			s := &http.Server{
				Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
					w.Header().Set("Content-Type", "text/plain")
					_, _ = w.Write(body)
				}),
				ConnState: func(_ net.Conn, state http.ConnState) {
					if state == http.StateClosed {
						close(done)
					}
				},
			}
			l := &listenOnce{conn: newRepeatConn(h.head, b.N), done: done}
			b.ResetTimer()
			_ = s.Serve(l)
		})
	}
}
