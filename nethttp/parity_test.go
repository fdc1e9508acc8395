package nethttp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
)

// A parity is a handler that is run behind both servers.
type parity struct {
	name    string
	request string // octets; "": a GET
	handler http.HandlerFunc

	// differs makes of net/http's answer what ours is; nil: the same.
	differs func(std *answer)
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

func head(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

// set returns a handler that sets fields, given in pairs, and writes a text.
func set(status int, text string, pairs ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			w.Header()[pairs[i]] = append(w.Header()[pairs[i]], pairs[i+1])
		}
		if status != 0 {
			w.WriteHeader(status)
		}
		if text != "" {
			io.WriteString(w, text)
		}
	}
}

// writes returns a handler that writes content in pieces.
func writes(pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, p := range pieces {
			if _, err := io.WriteString(w, p); err != nil {
				panic(err)
			}
		}
	}
}

// flushes returns a handler that flushes before it calls h.
func flushes(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		h(w, r)
	}
}

// declares returns a handler that writes text and sets a trailer, announced by a Trailer field.
func declares(announced, name, value, text string, flush bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", announced)
		io.WriteString(w, text)
		if flush {
			w.(http.Flusher).Flush()
		}
		w.Header().Set(name, value)
	}
}

var long = strings.Repeat("0123456789abcdef", 1000)

// del removes fields from an answer.
func del(names ...string) func(*answer) {
	return func(a *answer) {
		for _, n := range names {
			delete(a.Header, n)
		}
	}
}

// put sets a field of an answer.
func put(name string, values ...string) func(*answer) {
	return func(a *answer) { a.Header[name] = values }
}

// lengthFound makes a chunked answer one of known length.
func lengthFound(a *answer) {
	a.Coding, a.Length = nil, int64(len(a.Body))
	a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)))
}

// plain500 is what h1 answers itself.
func plain500(text string) func(*answer) {
	return func(a *answer) {
		*a = answer{Status: 500, Body: text, Length: int64(len(text)), Close: a.Close, Header: http.Header{
			"Content-Type": {"text/plain; charset=utf-8"}, "Cache-Control": {"no-store"},
			"Date": {"now"}, "Content-Length": {strconv.Itoa(len(text))},
		}}
	}
}

var parities = []parity{
	// Status and content.
	{name: "nothing", handler: writes()},
	{name: "short", handler: writes("hello ", "world")},
	{name: "empty write", handler: writes("")},
	{name: "2048 octets", handler: writes(long[:2048])},
	{name: "2049 octets", handler: writes(long[:2049])},
	{name: "2048 and one more", handler: writes(long[:2048], "x")},
	{name: "long", handler: writes(long, long, "end")},
	{name: "short, then long", handler: writes("<html>", long)},
	{name: "flush first", handler: flushes(writes("hello"))},
	{name: "flush, nothing else", handler: flushes(writes())},
	{name: "created", handler: set(201, "made", "Location", "/a")},
	{name: "error", handler: func(w http.ResponseWriter, r *http.Request) { http.Error(w, "gone", http.StatusGone) }},
	{name: "not found", handler: http.NotFound},
	{name: "redirect", handler: http.RedirectHandler("/b", http.StatusFound).ServeHTTP},
	{name: "teapot", handler: set(418, "")},
	{name: "599", handler: set(599, "text")},
	{name: "204", handler: set(204, "")},
	{name: "304", handler: set(304, "", "Etag", `"x"`, "Content-Type", "text/plain", "Content-Length", "9")},
	{name: "304 with Content-Encoding", handler: set(304, "", "Content-Encoding", "gzip"), differs: del("Content-Encoding")},
	{name: "304 with Content-Range", handler: set(304, "", "Content-Range", "bytes 0-1/2"), differs: del("Content-Range")},
	{name: "content with 204", handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(204)
		if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
			panic(err)
		}
	}},
	{name: "content with 205", handler: set(205, "text"), differs: func(a *answer) {
		a.Body, a.Length = "", 0
		a.Header.Set("Content-Length", "0")
		a.Header.Del("Content-Type")
	}},
	{name: "600", handler: set(600, "text"), differs: func(a *answer) { a.Status = 500 }},
	{name: "999", handler: set(999, "text"), differs: func(a *answer) { a.Status = 500 }},
	{name: "426", handler: set(426, "text"), differs: func(a *answer) {
		a.Header["Upgrade"], a.Header["Connection"] = []string{"HTTP/1.1"}, []string{"upgrade"}
	}},
	{name: "426 with Upgrade", handler: set(426, "text", "Upgrade", "websocket", "Connection", "Upgrade"),
		differs: put("Connection", "upgrade")},
	{name: "second WriteHeader", handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(202)
		w.WriteHeader(500)
	}},
	{name: "invalid status", handler: set(99, ""), differs: func(a *answer) { // net/http answers nothing
		a.Close = true
		plain500("500 Internal Server Error\n")(a)
	}},
	{name: "1000", handler: set(1000, ""), differs: func(a *answer) {
		a.Close = true
		plain500("500 Internal Server Error\n")(a)
	}},
	{name: "panic", handler: func(http.ResponseWriter, *http.Request) { panic("x") }, differs: func(a *answer) {
		a.Close = true
		plain500("500 Internal Server Error\n")(a)
	}},
	{name: "panic after content", handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		panic("x")
	}, differs: func(a *answer) {
		a.Close = true
		plain500("500 Internal Server Error\n")(a)
	}},

	// The header map.
	{name: "map changed after WriteHeader", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("A", "1")
		w.WriteHeader(200)
		w.Header().Set("A", "2")
		w.Header().Set("B", "2")
	}},
	{name: "map changed after Write", handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.Header().Set("Content-Type", "a/b")
		w.Header().Set("Content-Length", "7")
	}},
	{name: "several values", handler: set(0, "", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "Vary", "X", "Vary", "Y")},
	{name: "names as they are", handler: set(0, "", "x-lower", "1", "X-UPPER", "2")},
	{name: "white space around a value", handler: set(0, "", "A", " \tb\t ")},
	{name: "CR and LF in a value", handler: set(0, "", "A", "b\r\nC: d\ne")},
	{name: "NUL in a value", handler: set(0, "", "A", "b c\x7f"), differs: func(a *answer) { // which net/http's client does not take
		*a = answer{Status: 200, Header: http.Header{"A": {"b c"}, "Content-Length": {"0"}, "Date": {"now"}}}
	}},
	{name: "octets of UTF-8", handler: set(0, "", "A", "\u00e9")},
	{name: "invalid names", handler: set(0, "x", "A B", "1", "", "2", "C:", "3", "D\r\nE", "4", "\u00e9", "5", "F", "6")},
	{name: "two Content-Types", handler: set(0, "x", "Content-Type", "text/a", "Content-Type", "text/b"), differs: put("Content-Type", "text/a")},
	{name: "two Locations", handler: set(302, "", "Location", "/a", "Location", "/b"), differs: put("Location", "/a")},
	{name: "two spellings of Etag", handler: set(0, "", "ETag", `"a"`, "Etag", `"b"`), differs: put("Etag", `"a"`)},
	{name: "Date", handler: set(0, "", "Date", "Sun, 06 Nov 1994 08:49:37 GMT")},
	{name: "old form of Date", handler: set(0, "", "Date", "Sunday, 06-Nov-94 08:49:37 GMT")},
	{name: "invalid Date", handler: set(0, "", "Date", "today")},
	{name: "no Date", handler: func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = nil }, differs: put("Date", "now")},
	{name: "no Content-Type", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "x")
	}},
	{name: "empty Content-Type", handler: set(0, "x", "Content-Type", "")},
	{name: "no Content-Length", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Length"] = nil
		io.WriteString(w, "x")
	}},

	// Content-Type.
	{name: "sniffed HTML", handler: writes("<!DOC", "TYPE html>", "x")},
	{name: "sniffed over pieces of a long one", handler: writes("<!DOC", "TYPE html>"+long)},
	{name: "sniffed PNG", handler: writes("\x89PNG\x0d\x0a\x1a\x0a")},
	{name: "not sniffed when encoded", handler: set(0, "x", "Content-Encoding", "gzip")},
	{name: "not sniffed when flushed first", handler: flushes(writes("<html>"))},

	// Content-Length.
	{name: "Content-Length", handler: set(0, "hello", "Content-Length", "5")},
	{name: "Content-Length, long", handler: set(0, long, "Content-Length", "16000")},
	{name: "invalid Content-Length", handler: set(0, "hello", "Content-Length", "x"), differs: lengthFound},
	{name: "negative Content-Length", handler: set(0, "hello", "Content-Length", "-1"), differs: lengthFound},
	{name: "same Content-Length twice", handler: set(0, "hello", "Content-Length", "5", "Content-Length", "5"), differs: put("Content-Length", "5")},
	{name: "more than Content-Length", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "hello")
		if n, err := io.WriteString(w, " world"); n != 0 || err != http.ErrContentLength {
			panic(err)
		}
	}},
	{name: "less than Content-Length", handler: set(0, "he", "Content-Length", "5"),
		differs: plain500("500 Internal Server Error: invalid response head\n")},
	{name: "less than Content-Length, flushed", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "50")
		io.WriteString(w, "hello")
		w.(http.Flusher).Flush()
	}, differs: func(a *answer) { a.Err = "reset" }},

	// What the library decides.
	{name: "Connection: close", handler: set(0, "x", "Connection", "close")},
	{name: "Connection: keep-alive", handler: set(0, "x", "Connection", "keep-alive"), differs: del("Connection")},
	{name: "Connection with several options", handler: set(0, "x", "Connection", "keep-alive, foo", "Connection", "Close"), differs: func(a *answer) {
		a.Close = true
		a.Header.Del("Connection")
	}},
	{name: "Keep-Alive", handler: set(0, "x", "Keep-Alive", "timeout=5"), differs: del("Keep-Alive")},
	{name: "Proxy-Connection", handler: set(0, "x", "Proxy-Connection", "keep-alive"), differs: del("Proxy-Connection")},
	{name: "chunked", handler: set(0, "x", "Transfer-Encoding", "chunked")},
	{name: "chunked with Content-Length", handler: set(0, "x", "Transfer-Encoding", "chunked", "Content-Length", "1")},
	{name: "identity", handler: set(0, "x", "Transfer-Encoding", "identity"), differs: func(a *answer) {
		a.Coding, a.Close = []string{"chunked"}, false
		a.Header.Del("Connection")
	}},
	{name: "another coding", handler: set(0, "x", "Transfer-Encoding", "gzip"), differs: func(a *answer) { // two lines of it
		*a = answer{Status: 200, Header: http.Header{"Date": {"now"}}, Body: "x", Length: -1, Coding: []string{"chunked"}}
	}},
	{name: "fields of the connection", handler: set(0, "x", "Te", "a", "Close", "b", "Http2-Settings", "c"),
		differs: del("Te", "Close", "Http2-Settings")},
	{name: "Upgrade alone", handler: set(0, "x", "Upgrade", "h2c"), differs: put("Connection", "upgrade")},

	// HEAD.
	{name: "HEAD, nothing", request: head("HEAD / HTTP/1.1", "Host: a"), handler: writes()},
	{name: "HEAD, short", request: head("HEAD / HTTP/1.1", "Host: a"), handler: writes("<html>")},
	{name: "HEAD, long", request: head("HEAD / HTTP/1.1", "Host: a"), handler: writes(long)},
	{name: "HEAD, Content-Length", request: head("HEAD / HTTP/1.1", "Host: a"), handler: set(0, "", "Content-Length", "5")},
	{name: "HEAD, Content-Length and content", request: head("HEAD / HTTP/1.1", "Host: a"), handler: set(0, "hello", "Content-Length", "5")},
	{name: "HEAD, 404", request: head("HEAD / HTTP/1.1", "Host: a"), handler: http.NotFound},

	// Persistence and versions.
	{name: "request closes", request: head("GET / HTTP/1.1", "Host: a", "Connection: close"), handler: writes("x")},
	{name: "1.0", request: head("GET / HTTP/1.0"), handler: writes("x")},
	{name: "1.0, long", request: head("GET / HTTP/1.0"), handler: writes(long)},
	{name: "1.0, keep-alive", request: head("GET / HTTP/1.0", "Connection: keep-alive"), handler: writes("x")},

	// Informational responses.
	{name: "early hints", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>; rel=preload")
		w.Header().Set("Content-Length", "1")
		w.WriteHeader(103)
		w.Header().Add("Link", "</b>; rel=preload")
		w.WriteHeader(103)
		w.WriteHeader(200)
		io.WriteString(w, "x")
	}},
	{name: "102 with Connection", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(102)
	}, differs: func(a *answer) { a.Interim[0].Header.Del("Connection") }},
	{name: "early hints to 1.0", request: head("GET / HTTP/1.0"), handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(103)
	}, differs: func(a *answer) { a.Interim = nil }},
	{name: "100 nobody waits for", handler: set(100, ""), differs: func(a *answer) { a.Interim = nil }},
	{name: "100 is sent", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "Expect: 100-continue"),
		handler: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(100)
			io.WriteString(w, "x")
		}, differs: func(a *answer) { a.Close = false }}, // the client sends the body, and it is drained
	{name: "too many early hints", handler: func(w http.ResponseWriter, r *http.Request) {
		for range 20 {
			w.WriteHeader(103)
		}
	}, differs: func(a *answer) { a.Interim = a.Interim[:16] }},
	{name: "101 without a switch", handler: set(101, "", "Upgrade", "x", "Connection", "Upgrade"),
		differs: plain500("500 Internal Server Error: invalid response head\n")},

	// Trailers.
	{name: "trailer", handler: declares("A, b", "A", "1", "x", false)},
	{name: "trailer, flushed", handler: declares("A", "A", "1", "x", true)},
	{name: "trailer, nothing written", handler: declares("A", "A", "1", "", false)},
	{name: "trailer with a line end", handler: declares("A", "A", "1\r\nB: 2", "x", false)},
	{name: "forbidden trailer", handler: declares("Authorization, A", "A", "1", "x", false), differs: func(a *answer) {
		delete(a.Trailer, "Authorization")
	}},
	{name: "trailer that may lead astray", handler: declares("Set-Cookie, A", "A", "1", "x", false), differs: func(a *answer) {
		delete(a.Trailer, "Set-Cookie")
	}},
	{name: "trailer to 1.0", request: head("GET / HTTP/1.0"), handler: declares("A", "A", "1", "x", false), differs: func(a *answer) {
		a.Header["Content-Length"], a.Length = []string{"1"}, 1
		a.Header.Del("Trailer")
	}},
	{name: "trailer with Content-Length", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1")
		w.Header().Set("Trailer", "A")
		io.WriteString(w, "x")
		w.Header().Set("A", "1")
	}, differs: del("Trailer")},
	{name: "trailer by prefix before the head", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(http.TrailerPrefix+"A", "1")
		w.WriteHeader(200)
		io.WriteString(w, "x")
	}},
	{name: "trailer by prefix before the end", handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	}, differs: func(a *answer) { // net/http has decided for Content-Length and drops it
		a.Trailer, a.Length, a.Coding = http.Header{"A": {"1"}}, -1, []string{"chunked"}
		a.Header.Del("Content-Length")
	}},
	{name: "trailer by prefix behind the head", handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"A", "1")
	}, differs: func(a *answer) { a.Trailer = nil }},

	// The request.
	{name: "fields", request: head("GET /a%20b/c%2fd?x=%41&y HTTP/1.1", "hOST: ex:1", "x-a: 1", "X-A: 2", "cookie: a=b", "Te: trailers",
		"Pragma: no-cache", "Trailer: A"), handler: dumpRequest},
	{name: "absolute-form", request: head("GET http://ex/a?b HTTP/1.1", "Host: ex"), handler: dumpRequest},
	{name: "origin-form like an authority", request: head("GET //ex/a HTTP/1.1", "Host: a"), handler: dumpRequest},
	{name: "1.0 without Host", request: head("GET /a HTTP/1.0"), handler: dumpRequest},
	{name: "content", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5") + "hello", handler: dumpRequest},
	{name: "no content", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 0"), handler: dumpRequest},
	{name: "chunks and trailers", request: head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "Trailer: b, C") +
		"3\r\nabc\r\n0\r\n" + head("B: 1", "b: 2", "d: 3"), handler: dumpRequest},
	{name: "undeclared trailers", request: head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") +
		"0\r\n" + head("B: 1"), handler: dumpRequest},
	{name: "OPTIONS *", request: head("OPTIONS * HTTP/1.1", "Host: a"), handler: dumpRequest},
	{name: "OPTIONS /", request: head("OPTIONS / HTTP/1.1", "Host: a"), handler: dumpRequest},

	// Bodies.
	{name: "body unread", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5") + "hello", handler: writes("x")},
	{name: "body read after a short answer", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5") + "hello",
		handler: func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "got ")
			io.Copy(w, r.Body)
		}},
	{name: "body read after a flush", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5") + "hello",
		handler: flushes(func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err)
		}), differs: func(a *answer) { a.Body = `"hello" <nil>` }}, // net/http has thrown it away
	{name: "body read after a flush, to close", request: head("POST / HTTP/1.1", "Host: a", "Connection: close", "Content-Length: 5") + "hello",
		handler: flushes(func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err)
		})},
	{name: "echo", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 16000") + long,
		handler: func(w http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(w, r.Body)
			w.Header().Set("Trailer", "x")
			fmt.Fprint(w, err)
		}, differs: func(a *answer) { a.Body = long + "<nil>" }},
	{name: "echo in full duplex", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 16000") + long,
		handler: func(w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
				panic(err)
			}
			_, err := io.Copy(w, r.Body)
			fmt.Fprint(w, err)
		}},
	{name: "body closed", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5") + "hello",
		handler: func(w http.ResponseWriter, r *http.Request) {
			r.Body.Close()
			_, err := r.Body.Read(make([]byte, 5))
			fmt.Fprint(w, err)
		}},
	{name: "MaxBytesReader", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5") + "hello",
		handler: func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 3)
			b, err := io.ReadAll(r.Body)
			tooLarge, ok := errors.AsType[*http.MaxBytesError](err)
			w.WriteHeader(413)
			fmt.Fprint(w, string(b), err, ok && tooLarge.Limit == 3)
		}, differs: func(a *answer) { // what is left is drained, for it is little
			a.Close = false
			a.Header.Del("Connection")
		}},
	{name: "ReadFrom 1000 octets", handler: func(w http.ResponseWriter, r *http.Request) {
		w.(io.ReaderFrom).ReadFrom(strings.NewReader(long[:1000]))
	}, differs: lengthFound},
	{name: "expected, not read", request: head("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "Expect: 100-continue"), handler: writes("x")},
	{name: "form", request: head("POST /?a=1 HTTP/1.1", "Host: a", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 7") + "a=2&b=3",
		handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.FormValue("b"), r.Form["a"]) }},
	{name: "malformed chunk", request: head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + "x\r\n",
		handler: func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			fmt.Fprint(w, err != nil)
		}},
}

// dumpRequest writes what a handler sees of a request, before and after it has read the body.
func dumpRequest(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s %s %#v %s %d %d\n", r.Method, r.RequestURI, *r.URL, r.Proto, r.ProtoMajor, r.ProtoMinor)
	fmt.Fprintf(w, "%q %v %v %d %t %t %t\n", r.Host, r.Header, r.TransferEncoding, r.ContentLength, r.Close, r.Body == http.NoBody, r.TLS == nil)
	fmt.Fprintf(w, "%#v\n", r.Trailer)
	b, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%q %v %#v\n", b, err, r.Trailer)
	_, port, ok := strings.Cut(r.RemoteAddr, "127.0.0.1:")
	fmt.Fprint(w, ok, port != "", r.Context().Value(http.LocalAddrContextKey) != nil, r.Context().Value(http.ServerContextKey).(*http.Server) != nil)
}

func TestParity(t *testing.T) {
	for _, p := range parities {
		t.Run(p.name, func(t *testing.T) {
			request := p.request
			if request == "" {
				request = get
			}
			want := ask(t, serveStd(t, p.handler), request)
			got := ask(t, serve(t, p.handler), request)
			if p.differs != nil {
				p.differs(want)
			}
			if strings.Contains(got.Err, "reset") { // a cut is a reset with h1, and an end with net/http
				got.Err = "reset"
			}
			assert.Equal(t, want.String(), got.String())
		})
	}
}

// Unregistered codes have the phrase that net/http knows, or none.
func TestReasonPhrase(t *testing.T) {
	for status, want := range map[int]string{418: "418 I'm a teapot", 413: "413 Content Too Large", 599: "599 ", 700: "500 Internal Server Error"} {
		octets := respond(t, nethttp.Handler(set(status, "")), get)
		assert.True(t, bytes.HasPrefix(octets, []byte("HTTP/1.1 "+want+"\r\n")), "%s", octets)
	}
}

// The fields come in one order, which does not hang on the map's.
func TestFieldOrder(t *testing.T) {
	addr := serve(t, set(200, "x", "C", "1", "A", "2", "B", "3", "B", "4", "D", "5", "E", "6"))
	c := dial(t, addr)
	_, err := io.WriteString(c, head("GET / HTTP/1.1", "Host: a", "Connection: close"))
	assert.NoError(t, err)
	octets, err := io.ReadAll(c)
	assert.NoError(t, err)
	_, fields, _ := bytes.Cut(octets, []byte("GMT\r\n"))
	assert.Equal(t, "Content-Length: 1\r\nConnection: close\r\nA: 2\r\nB: 3\r\nB: 4\r\nC: 1\r\nD: 5\r\nE: 6\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\n\r\nx", string(fields))
}
