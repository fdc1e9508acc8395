package nethttp_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parse returns the h1.Request of a head.
func parse(t testing.TB, octets string) *h1.Request {
	t.Helper()
	q := &h1.Request{}
	_, err := q.Parse([]byte(octets), nil)
	require.NoError(t, err)
	return q
}

// URL is what net/http makes of a target, but where the path is empty.
func TestURL(t *testing.T) {
	for _, target := range []string{
		"/", "/a/b", "/a%20b", "/a%2Fb", "/a%2fb/%41", "/a|b", "/[x]", "/a'b", "/a;b=c", "/a+b", "/caf\xc3\xa9", "/a!$&()*,:@~",
		"//a/b", "///", "/.././/x", "/a?b=c", "/a?", "/a?b?c", "/a?b=%zz&x[]=1", "/caf%C3%A9", "/%e4", "http://h/a%2fb?c", "http://h:8/?", "https://h/",
		"http://[::1]:80/a",
	} {
		q := &h1.Request{}
		host := "a"
		if _, after, ok := strings.Cut(target, "://"); ok {
			host, _, _ = strings.Cut(after, "/")
		}
		_, err := q.Parse([]byte("GET "+target+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"), &h1.Limits{LenientTarget: true})
		require.NoError(t, err, target)
		want, err := url.ParseRequestURI(target)
		if assert.NoError(t, err, target) {
			assert.Equal(t, want, nethttp.Request(q).URL, target)
		}
	}

	r := nethttp.Request(parse(t, "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"))
	assert.Equal(t, "/", r.URL.Path) // RFC 9110 §4.2.3; net/http: ""
	r = nethttp.Request(parse(t, "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"))
	assert.Equal(t, &url.URL{Host: "h:1"}, r.URL)
	assert.Equal(t, "h:1", r.Host)
	assert.Equal(t, "h:1", r.RequestURI)
	r = nethttp.Request(parse(t, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"))
	assert.Equal(t, "*", r.URL.Path)
	r = nethttp.Request(parse(t, "OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n"))
	assert.Equal(t, "*", r.URL.Path) // RFC 9112 §3.2.4; net/http: ""
}

func TestRemoteAddr(t *testing.T) {
	for _, a := range []net.Addr{
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80},
		&net.TCPAddr{IP: net.IP{10, 0, 0, 1}, Port: 65535},
		&net.TCPAddr{IP: net.IPv6loopback, Port: 1},
		&net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0", Port: 2},
		&net.TCPAddr{IP: net.ParseIP("2001:db8::"), Port: 3},
		&net.TCPAddr{Port: 4},
		&net.UnixAddr{Name: "@", Net: "unix"},
	} {
		q := parse(t, get)
		q.RemoteAddr = a
		assert.Equal(t, a.String(), nethttp.Request(q).RemoteAddr)
	}
	assert.Empty(t, nethttp.Request(parse(t, get)).RemoteAddr)
}

// Request serves an h1.Handler that calls something of net/http's.
func TestRequestInHandler(t *testing.T) {
	addr := serveNative(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		r := nethttp.Request(q)
		fmt.Fprintln(w, r.FormValue("a"), r.PostFormValue("b"), r.Trailer, nethttp.Wire(r) == q, r.Context().Err(),
			r.Context().Value(http.LocalAddrContextKey) == q.LocalAddr, r.Context().Value(http.ServerContextKey))
	})})
	a := ask(t, addr, head("POST /?a=1 HTTP/1.1", "Host: a", "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")+
		"3\r\nb=2\r\n0\r\n"+head("T: 1"))
	assert.Equal(t, "1 2 map[T:[1]] true <nil> true <nil>\n", a.Body)
}

// Wire keeps what a map and a url.URL lose, also behind a derived request, and ends with the handler.
func TestWire(t *testing.T) {
	const octets = "GET /a%2Fb HTTP/1.1\r\nhost: a\r\nb: 1\r\nA:  2 \r\nB: 3\r\n\r\n"
	var kept *http.Request
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept = r.WithContext(r.Context())
		w.Write(nethttp.Wire(kept.Clone(kept.Context())).AppendHead(nil))
	}))
	assert.Equal(t, octets, ask(t, addr, octets).Body)
	assert.Nil(t, nethttp.Wire(kept))
	assert.Nil(t, nethttp.Wire(&http.Request{}))
}

// A handler raises the limit on its body by the request of the wire.
func TestWireSetMaxBytes(t *testing.T) {
	addr := serveNative(t, &h1.Server{Limits: h1.Limits{MaxRequestBytes: 200}, Handler: nethttp.Handler(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/large" {
				if err := nethttp.Wire(r).SetMaxBytes(1 << 20); err != nil {
					panic(err)
				}
			}
			b, err := io.ReadAll(r.Body)
			fmt.Fprint(w, len(b), err)
		}))})
	send := func(path string) string {
		return ask(t, addr, head("POST "+path+" HTTP/1.1", "Host: a", "Content-Length: 1000")+long[:1000]).Body
	}
	assert.Equal(t, "1000 <nil>", send("/large"))
	assert.Contains(t, send("/"), "0 h1: request is too large")
}

// What a handler keeps stays as it was when the connection goes on.
func TestKeep(t *testing.T) {
	var requests []*http.Request
	var bodies []io.Reader
	var writers []http.ResponseWriter
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests, bodies, writers = append(requests, r), append(bodies, r.Body), append(writers, w)
		w.Header().Set("N", r.Header.Get("N"))
	}))
	c := dial(t, addr)
	for _, n := range []string{"1", "2"} {
		_, err := io.WriteString(c, head("POST /"+n+" HTTP/1.1", "Host: "+n, "N: "+n, "Content-Length: 5")+"hello")
		require.NoError(t, err)
		got := make([]byte, 1000)
		k, err := c.Read(got)
		require.NoError(t, err)
		assert.Contains(t, string(got[:k]), "N: "+n+"\r\n")
	}
	c.Close()
	for i, n := range []string{"1", "2"} {
		r := requests[i]
		assert.Equal(t, "/"+n, r.URL.Path)
		assert.Equal(t, "/"+n, r.RequestURI)
		assert.Equal(t, n, r.Host)
		assert.Equal(t, http.Header{"N": {n}, "Content-Length": {"5"}}, r.Header)
		assert.Error(t, r.Context().Err())
		_, err := bodies[i].Read(make([]byte, 1))
		assert.Equal(t, http.ErrBodyReadAfterClose, err)

		w := writers[i]
		assert.Equal(t, http.Header{"N": {n}}, w.Header())
		_, err = w.Write([]byte("late"))
		assert.Equal(t, h1.ErrFinished, err)
		w.WriteHeader(500)
		rc := http.NewResponseController(w)
		assert.Equal(t, h1.ErrFinished, rc.Flush())
		_, _, err = rc.Hijack()
		assert.Equal(t, h1.ErrFinished, err)
	}
}

func TestMux(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /items/{id}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Pattern, " ", r.PathValue("id"), " ", r.PathValue("rest"))
	})
	mux.HandleFunc("a.test/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "host") })
	addr := serve(t, mux)
	assert.Equal(t, "POST /items/{id}/{rest...} a b x/y", ask(t, addr, head("POST /items/a%20b/x/y HTTP/1.1", "Host: h")).Body)
	assert.Equal(t, 405, ask(t, addr, head("GET /items/a/b HTTP/1.1", "Host: h")).Status)
	assert.Equal(t, "host", ask(t, addr, head("GET /x HTTP/1.1", "Host: a.test:80")).Body)
	a := ask(t, addr, head("GET /../x//y HTTP/1.1", "Host: a.test"))
	assert.Equal(t, "/x/y", a.Header.Get("Location"))
}
