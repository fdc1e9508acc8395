package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startSite serves c in this process and returns its URL and a client for it. Both end with the test.
func startSite(t *testing.T, c serveConfig) (string, *http.Client) {
	t.Helper()
	srv, err := newServer(c, nil, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		srv.Close()
		<-served
	})
	return "http://" + l.Addr().String(), &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// fetch sends a request and returns the response with its whole body.
func fetch(t *testing.T, c *http.Client, method, url string, body io.Reader, fields ...string) (*http.Response, []byte) {
	t.Helper()
	q, err := http.NewRequest(method, url, body)
	require.NoError(t, err)
	for i := 0; i < len(fields); i += 2 {
		q.Header.Set(fields[i], fields[i+1])
	}
	r, err := c.Do(q)
	require.NoError(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r, b
}

// ask sends octets that net/http would not and returns all that comes until the connection ends.
func ask(t *testing.T, url, octets string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	_, err = io.WriteString(c, octets)
	require.NoError(t, err)
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	return string(b)
}

func TestDumpPath(t *testing.T) {
	url, _ := startSite(t, serveConfig{})
	got := ask(t, url, "PATCH /dump?a=%20 HTTP/1.1\r\nhOST: ex\r\nX: 1\r\nTransfer-Encoding: chunked\r\nx: \xfe\r\n"+
		"Connection: close\r\n\r\n3\r\n\x00ab\r\n0\r\nT: 1\r\nt: 2\r\n\r\n")
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	assert.Contains(t, head, "HTTP/1.1 200 OK\r\n")
	assert.Contains(t, head, "Content-Type: application/json")

	var v view
	require.NoError(t, json.Unmarshal([]byte(body), &v))
	assert.NotEmpty(t, v.Remote)
	assert.Equal(t, strings.TrimPrefix(url, "http://"), v.Local)
	v.Remote, v.Local = "", ""
	rest, err := json.Marshal(v)
	require.NoError(t, err)
	assert.JSONEq(t, `{"method":"PATCH","target":"/dump?a=%20","form":"origin-form","proto":"HTTP/1.1","host":"ex",
		"url":{"path":"/dump","rawQuery":"a=%20","query":[{"name":"a","value":" "}]},
		"fields":[{"name":"hOST","value":"ex"},{"name":"X","value":"1"},{"name":"Transfer-Encoding","value":"chunked"},
			{"name":"x","value":{"base64":"/g=="}},{"name":"Connection","value":"close"}],
		"framing":{"kind":"chunked"},"body":{"size":3,"base64":"AGFi"},
		"trailers":[{"name":"T","value":"1"},{"name":"t","value":"2"}],"close":true}`, string(rest))
}

// A body that can't be read is answered by the library, not by the handler.
func TestBodyFaults(t *testing.T) {
	url, _ := startSite(t, serveConfig{maxUpload: 100})
	for _, path := range []string{"/dump", "/echo", "/upload"} {
		bad := ask(t, url, "POST "+path+" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
		begins(t, "HTTP/1.1 400 ", bad)
		large := ask(t, url, "POST "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
		begins(t, "HTTP/1.1 413 ", large)
	}
}

func TestUpload(t *testing.T) {
	url, c := startSite(t, serveConfig{maxUpload: 20 << 20})
	body := bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16) // beyond the library's default limit
	sum := sha256.Sum256(body)
	want := fmt.Sprintf(`{"size":%d,"sha256":"%x"}`, len(body), sum)

	r, got := fetch(t, c, "POST", url+"/upload", bytes.NewReader(body))
	assert.Equal(t, 200, r.StatusCode)
	assert.JSONEq(t, want, string(got))
	r, got = fetch(t, c, "PUT", url+"/upload", io.MultiReader(bytes.NewReader(body))) // chunked
	assert.Equal(t, 200, r.StatusCode)
	assert.JSONEq(t, want, string(got))
}

func TestEcho(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	body := bytes.Repeat([]byte("0123456789abcdef"), 3<<20/16)
	for name, send := range map[string]io.Reader{
		"fixed length": bytes.NewReader(body),
		"chunked":      io.MultiReader(bytes.NewReader(body)),
	} {
		t.Run(name, func(t *testing.T) {
			r, got := fetch(t, c, "POST", url+"/echo", send, "Content-Type", "text/x-test")
			assert.Equal(t, 200, r.StatusCode)
			assert.Equal(t, "text/x-test", r.Header.Get("Content-Type"))
			assert.True(t, bytes.Equal(body, got), "the body comes back: %d octets of %d", len(got), len(body))
			assert.Equal(t, name == "chunked", r.ContentLength < 0)
		})
	}

	r, got := fetch(t, c, "GET", url+"/echo", nil)
	assert.Equal(t, "application/octet-stream", r.Header.Get("Content-Type"))
	assert.Equal(t, int64(0), r.ContentLength)
	assert.Empty(t, got)
}

// What the client has sent comes back before it sends more.
func TestEchoBothWays(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	pr, pw := io.Pipe()
	q, err := http.NewRequest("POST", url+"/echo", pr)
	require.NoError(t, err)
	go io.WriteString(pw, "one\n")
	r, err := c.Do(q)
	require.NoError(t, err)
	defer r.Body.Close()

	lines := bufio.NewReader(r.Body)
	for _, next := range []string{"two\n", "three\n", ""} {
		_, err := lines.ReadString('\n')
		require.NoError(t, err)
		if next != "" {
			_, err = io.WriteString(pw, next)
			require.NoError(t, err)
		}
	}
	pw.Close()
	rest, err := io.ReadAll(lines)
	assert.NoError(t, err)
	assert.Empty(t, rest)
}

// A fault after the answer has begun cuts it: no last chunk follows.
func TestEchoAborts(t *testing.T) {
	url, _ := startSite(t, serveConfig{})
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	io.ReadFull(r.Body, make([]byte, 5))
	io.WriteString(c, "xyz\r\n")
	_, err = io.ReadAll(r.Body)
	assert.Error(t, err)
}

func TestStream(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	r, got := fetch(t, c, "GET", url+"/stream?n=3&delay=1ms", nil)
	assert.Equal(t, []string{"chunked"}, r.TransferEncoding)
	assert.Equal(t, "chunk 1 of 3\nchunk 2 of 3\nchunk 3 of 3\n", string(got))
	sum := sha256.Sum256(got)
	assert.Equal(t, http.Header{"X-Checksum": {hex.EncodeToString(sum[:])}, "X-Chunks": {"3"}}, r.Trailer)

	_, got = fetch(t, c, "GET", url+"/stream", nil)
	assert.Equal(t, 5, strings.Count(string(got), "\n"))
	r, got = fetch(t, c, "GET", url+"/stream?n=0", nil)
	assert.Empty(t, got)
	assert.Equal(t, "0", r.Trailer.Get("X-Chunks"))

	for _, query := range []string{"n=-1", "n=1001", "n=x", "n=99999999999999999999", "delay=2s", "delay=-1s", "delay=1"} {
		r, _ = fetch(t, c, "GET", url+"/stream?"+query, nil)
		assert.Equal(t, 400, r.StatusCode, query)
	}
}

func TestEvents(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	r, got := fetch(t, c, "GET", url+"/events?n=3&interval=10ms", nil)
	assert.Equal(t, "text/event-stream", r.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	assert.Regexp(t, `^(id: \d\nevent: tick\ndata: \{"tick":\d,"time":"[^"]+"\}\n\n){3}$`, string(got))
	assert.Contains(t, string(got), "id: 3\n")

	// A client that comes back goes on, and is told when there is no more.
	_, got = fetch(t, c, "GET", url+"/events?n=3&interval=10ms", nil, "Last-Event-ID", "2")
	assert.Equal(t, 1, strings.Count(string(got), "id: "))
	begins(t, "id: 3\n", string(got))
	r, _ = fetch(t, c, "GET", url+"/events?n=3", nil, "Last-Event-ID", "3")
	assert.Equal(t, 204, r.StatusCode)

	r, _ = fetch(t, c, "GET", url+"/events?interval=1ms", nil)
	assert.Equal(t, 400, r.StatusCode)
}

func TestOtherPaths(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	for _, path := range []string{"/none", "/dump/", "/echo/x", "//"} {
		r, got := fetch(t, c, "GET", url+path, nil)
		assert.Equal(t, 404, r.StatusCode, path)
		begins(t, "text/plain", r.Header.Get("Content-Type"))
		assert.NotEmpty(t, got)
	}
	for _, path := range []string{"/", "/stream", "/events"} {
		r, _ := fetch(t, c, "POST", url+path, strings.NewReader("x"))
		assert.Equal(t, 405, r.StatusCode, path)
		assert.Equal(t, "GET, HEAD", r.Header.Get("Allow"), path)
	}
	begins(t, "HTTP/1.1 204 ", ask(t, url, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
}

// HEAD has the head of GET and no body (RFC 9110 §9.3.2).
func TestHead(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	for path, status := range map[string]int{
		"/": 200, "/dump": 200, "/echo": 200, "/stream": 200, "/stream?n=x": 400, "/events": 200, "/upload": 200, "/none": 404,
	} {
		r, got := fetch(t, c, "HEAD", url+path, nil)
		assert.Equal(t, status, r.StatusCode, path)
		assert.Empty(t, got, path)
		assert.NotEmpty(t, r.Header.Get("Content-Type"), path)
	}
}
