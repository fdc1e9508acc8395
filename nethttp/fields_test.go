package nethttp_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// respond returns the octets that a handler answers to a head, without a connection.
func respond(t testing.TB, h h1.Handler, octets string) []byte {
	var out bytes.Buffer
	q := parse(t, octets)
	w := h1.NewResponse(&out, q)
	h.ServeH1(w, q)
	_ = w.Finish() // what it is about is on the wire
	return out.Bytes()
}

// names are those that rules speak of, and some of which none does.
var names = strings.Fields(`A-IM Accept Accept-CH Accept-Charset Accept-Encoding Accept-Language Accept-Patch Accept-Post Accept-Ranges
	Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin
	Access-Control-Expose-Headers Access-Control-Max-Age Age Allow Alt-Svc Alt-Used Authentication-Info Authorization Cache-Control
	Cache-Status CDN-Cache-Control Clear-Site-Data Close Content-Disposition Content-Digest Content-Encoding Content-Language
	Content-Length Content-Location Content-Range Content-Security-Policy Content-Type Cookie Cross-Origin-Opener-Policy Date DAV
	Deprecation Destination Early-Data ETag Expect Expires Forwarded From Host HTTP2-Settings If-Match If-Modified-Since If-None-Match
	If-Range If-Unmodified-Since Keep-Alive Last-Modified Link Location Max-Forwards MIME-Version NEL Origin Permissions-Policy Pragma
	Prefer Preference-Applied Priority Proxy-Authenticate Proxy-Authentication-Info Proxy-Authorization Proxy-Connection Proxy-Status
	Range Referer Refresh Referrer-Policy Reporting-Endpoints Retry-After Sec-WebSocket-Accept Sec-WebSocket-Protocol Server
	Server-Timing Set-Cookie SourceMap Strict-Transport-Security Sunset TE Timing-Allow-Origin Traceparent Trailer Transfer-Encoding
	Upgrade Upgrade-Insecure-Requests User-Agent Vary Via Want-Digest Warning WWW-Authenticate X-Content-Type-Options X-Forwarded-For
	X-Forwarded-Host X-Frame-Options X-Powered-By X-Real-IP X-Request-Id X-Test`)

// The adapter leaves out what h1 refuses in a response, and nothing else: its lists are those of h1.
func TestFieldsAreThoseOfH1(t *testing.T) {
	values := map[string]string{"Date": "Sun, 06 Nov 1994 08:49:37 GMT", "Content-Length": "0"}
	for _, name := range names {
		value := values[name]
		if value == "" {
			value = "x"
		}
		accepts := func(n int) bool {
			var out bytes.Buffer
			w := h1.NewResponse(&out, parse(t, get))
			for range n {
				w.Header().Add(name, value)
			}
			return w.Finish() == nil
		}
		want := 0
		for n := 1; n <= 2; n++ {
			if accepts(n) {
				want = n
			}
		}
		if name == "Trailer" {
			want = 1 // h1's own, for what the handler declares
		}
		for _, key := range []string{name, strings.ToLower(name)} {
			octets := respond(t, nethttp.Handler(set(200, "", key, value, key, value)), get)
			assert.Contains(t, string(octets), "HTTP/1.1 200 OK\r\n", name)
			got := 0
			for line := range strings.SplitSeq(string(octets), "\r\n") {
				if strings.EqualFold(line, name+": "+value) {
					got++
				}
			}
			assert.Equal(t, want, got, key)
		}
	}
}

// Whatever a handler puts in the header map, the answer goes out, once, and reads as it was meant.
func FuzzFields(f *testing.F) {
	for _, name := range append(names, "Connection", "Trailer:A", "A B", "", "\u00e9") {
		f.Add(name, "x", "Trailer", "A", "hello")
		f.Add(name, "1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", name, "\x00\x7f", "")
	}
	f.Add("Connection", "close, upgrade", "Upgrade", "a, b", "x")
	f.Add("Transfer-Encoding", "chunked", "Content-Length", "1", "x")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2, text string) {
		octets := respond(t, nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()[name1] = append(w.Header()[name1], value1)
			w.Header()[name2] = append(w.Header()[name2], value2)
			io.WriteString(w, text)
			w.Header()["A"] = []string{value1}
		})), get)
		r := bufio.NewReader(bytes.NewReader(octets))
		resp, err := http.ReadResponse(r, nil)
		require.NoError(t, err, "%q", octets)
		if resp.StatusCode == 500 { // less content than the handler has declared
			_, declares := resp.Header["Content-Length"]
			require.True(t, declares)
			require.Contains(t, strings.ToLower(name1+name2), "content-length")
			return
		}
		require.Equal(t, 200, resp.StatusCode, "%q", octets)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err, "%q", octets)
		if !strings.Contains(strings.ToLower(name1+name2), "content-length") {
			require.Equal(t, text, string(body), "%q", octets)
		}
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Empty(t, rest, "%q", octets)
	})
}

// What the adapter costs, for a handler that sets a field and writes a little.
func BenchmarkHandler(b *testing.B) {
	h := nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "hello")
	}))
	q := parse(b, head("GET /a/b?c=d HTTP/1.1", "Host: localhost:8080", "User-Agent: curl/8.5.0", "Accept: */*"))
	b.ReportAllocs()
	for b.Loop() {
		w := h1.NewResponse(io.Discard, q)
		h.ServeH1(w, q)
		if err := w.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}
