package h1_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"

	"github.com/seed-489864d5/h1"
)

// The message layer: octets in, values out.
func ExampleRequest_Parse() {
	in := []byte("GET /caf%C3%A9?table=4 HTTP/1.1\r\nHost: example.com\r\nX-Order: tea\r\nx-order: cake\r\n\r\n")
	var q h1.Request
	if _, err := q.Parse(in[:20], nil); err == h1.ErrIncomplete {
		fmt.Println("more, please")
	}
	n, err := q.Parse(in, nil) // goes on where it stopped
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n == len(in), q.Method, q.URL.Path, q.URL.QueryGet("table"), q.Host, q.Framing().Kind)
	for name, value := range q.Header.All() {
		fmt.Printf("%s=%s\n", name, value)
	}
	_, err = q.Parse([]byte("GET / HTTP/1.1\r\nHost : example.com\r\n\r\n"), nil)
	fmt.Println(err)
	// Output:
	// more, please
	// true GET /café 4 example.com none
	// Host=example.com
	// X-Order=tea
	// x-order=cake
	// h1: white space before the colon of a field line (RFC 9112 §5.1) at octet 20
}

// The stream layer: a Reader and a Response over a net.Conn, without a Server.
func ExampleReader() {
	client, server := net.Pipe()
	go func() {
		_, _ = io.WriteString(client, "POST /shout HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	}()
	go func() {
		defer server.Close()
		r := h1.NewReader(server, nil)
		defer r.Release()
		var q h1.Request
		for r.ReadRequest(&q) == nil {
			body, err := io.ReadAll(q.Body)
			if err != nil {
				return
			}
			w := h1.NewResponse(server, &q)
			w.Header().Set("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
			_, _ = w.WriteString(strings.ToUpper(string(body)))
			if w.Finish() != nil || q.Close {
				return
			}
		}
	}()
	p := make([]byte, 1000)
	n, _ := client.Read(p)
	fmt.Println(strings.ReplaceAll(string(p[:n]), "\r", ""))
	_ = client.Close()
	// Output:
	// HTTP/1.1 200 OK
	// Content-Length: 5
	// Date: Sun, 06 Nov 1994 08:49:37 GMT
	//
	// HELLO
}

// The server.
func ExampleServer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "%s asks for %s\n", q.Header.Get("User-Agent"), q.URL.Path)
	})}
	go func() { _ = s.Serve(l) }()

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET /tea HTTP/1.1\r\nHost: a\r\nUser-Agent: nobody\r\nConnection: close\r\n\r\n")
	answer, _ := io.ReadAll(c)
	_, body, _ := strings.Cut(string(answer), "\r\n\r\n")
	fmt.Print(body)
	_ = c.Close()
	_ = s.Shutdown(context.Background())
	// Output: nobody asks for /tea
}

// Trailers follow a chunked body.
func ExampleResponse_Trailer() {
	var q h1.Request
	_, _ = q.Parse([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), nil)
	var out strings.Builder
	w := h1.NewResponse(&out, &q)
	w.Header().Set("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
	w.Trailer().Set("X-Rows", "") // announced
	_, _ = w.WriteString("a,b\nc,d\n")
	w.Trailer().Set("X-Rows", "2")
	_ = w.Finish()
	fmt.Println(strings.ReplaceAll(out.String(), "\r", ""))
	// Output:
	// HTTP/1.1 200 OK
	// Transfer-Encoding: chunked
	// Trailer: X-Rows
	// Date: Sun, 06 Nov 1994 08:49:37 GMT
	//
	// 8
	// a,b
	// c,d
	//
	// 0
	// X-Rows: 2
}
