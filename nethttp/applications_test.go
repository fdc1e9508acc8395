package nethttp_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "expvar"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/http/httputil"
	_ "net/http/pprof"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Both servers give the same answers for files: whole, in parts, by condition, listed, and not there.
func TestFileServer(t *testing.T) {
	dir := t.TempDir()
	content := strings.Repeat("0123456789abcdef", 10000)
	for name, text := range map[string]string{"a.txt": content, "b.html": "<p>b", "empty": "", "c d&e": "x", "noext": "<html>"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	info, err := os.Stat(filepath.Join(dir, "a.txt"))
	require.NoError(t, err)
	modified := info.ModTime().UTC().Format(http.TimeFormat)
	files := http.FileServer(http.Dir(dir))
	ours, std := serve(t, files), serveStd(t, files)

	for _, tt := range []struct {
		method, path string
		fields       []string
		status       int
	}{
		{"GET", "/", nil, 200},
		{"GET", "/sub", nil, 301},
		{"GET", "/none", nil, 404},
		{"GET", "/../../etc/passwd", nil, 404},
		{"GET", "/a.txt", nil, 200},
		{"HEAD", "/a.txt", nil, 200},
		{"GET", "/b.html", nil, 200},
		{"GET", "/empty", nil, 200},
		{"HEAD", "/empty", nil, 200},
		{"GET", "/c%20d&e", nil, 200},
		{"GET", "/noext", nil, 200},
		{"GET", "/a.txt", []string{"Range: bytes=1-3"}, 206},
		{"HEAD", "/a.txt", []string{"Range: bytes=1-3"}, 206},
		{"GET", "/a.txt", []string{"Range: bytes=-5"}, 206},
		{"GET", "/a.txt", []string{"Range: bytes=5-"}, 206},
		{"GET", "/a.txt", []string{"Range: bytes=999999-"}, 416},
		{"GET", "/a.txt", []string{"Range: bytes=x"}, 416},
		{"GET", "/a.txt", []string{"If-Modified-Since: " + modified}, 304},
		{"GET", "/a.txt", []string{"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"}, 412},
		{"GET", "/a.txt", []string{"Range: bytes=0-0", "If-Range: " + modified}, 206},
		{"GET", "/a.txt", []string{"Range: bytes=0-0", "If-Range: Sun, 06 Nov 1994 08:49:37 GMT"}, 200},
		{"POST", "/b.html", []string{"Content-Length: 0"}, 200},
	} {
		t.Run(tt.method+" "+tt.path+strings.Join(tt.fields, ","), func(t *testing.T) {
			request := head(append([]string{tt.method + " " + tt.path + " HTTP/1.1", "Host: a"}, tt.fields...)...)
			got := ask(t, ours, request)
			assert.Equal(t, tt.status, got.Status)
			assert.Equal(t, ask(t, std, request).String(), got.String())
		})
	}

	// Several ranges are a multipart whose boundary differs each time.
	a := ask(t, ours, head("GET /a.txt HTTP/1.1", "Host: a", "Range: bytes=0-1,5-6"))
	assert.Equal(t, 206, a.Status)
	_, boundary, _ := strings.Cut(a.Header.Get("Content-Type"), "boundary=")
	parts := multipart.NewReader(strings.NewReader(a.Body), boundary)
	for _, want := range []string{"01", "56"} {
		p, err := parts.NextPart()
		require.NoError(t, err)
		got, err := io.ReadAll(p)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	assert.Equal(t, int64(len(a.Body)), a.Length)
}

// newProxy returns a proxy in front of backend.
func newProxy(t *testing.T, backend string) *httputil.ReverseProxy {
	u, err := url.Parse(backend)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(u); r.SetXForwarded() },
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
}

func TestReverseProxy(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X", r.Header.Get("X-Forwarded-For"))
		w.Header().Set("Keep-Alive", "timeout=5")
		io.Copy(w, r.Body)
	})
	mux.HandleFunc("/trailer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "A")
		io.WriteString(w, "x")
		w.Header().Set("A", "1")
	})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(103)
		io.WriteString(w, "x")
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10000")
		io.WriteString(w, "part")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	mux.HandleFunc("/upgrade", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Upgrade", r.Header.Get("Upgrade"))
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(101)
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		echoLines(c, rw.Reader)
	})
	proxy := newProxy(t, "http://"+serve(t, mux))
	addr := serve(t, proxy)

	t.Run("short", func(t *testing.T) {
		a := ask(t, addr, head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 5")+"hello")
		assert.Equal(t, "hello", a.Body)
		assert.Equal(t, "127.0.0.1", a.Header.Get("X"))
		assert.Empty(t, a.Header.Get("Keep-Alive"))
	})
	t.Run("large", func(t *testing.T) {
		content := strings.Repeat("0123456789abcdef", 2<<20/16)
		for _, body := range []io.Reader{strings.NewReader(content), io.MultiReader(strings.NewReader(content))} {
			resp, err := client(t).Post("http://"+addr+"/echo", "text/plain", body)
			require.NoError(t, err)
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			assert.NoError(t, err)
			assert.True(t, content == string(got))
		}
	})
	t.Run("trailer", func(t *testing.T) {
		assert.Equal(t, http.Header{"A": {"1"}}, ask(t, addr, head("GET /trailer HTTP/1.1", "Host: a")).Trailer)
	})
	t.Run("early hints", func(t *testing.T) {
		a := ask(t, addr, head("GET /hints HTTP/1.1", "Host: a"))
		assert.Equal(t, []interim{{103, http.Header{"Link": {"</a>"}}}}, a.Interim)
		assert.Equal(t, "x", a.Body)
	})
	t.Run("cut", func(t *testing.T) {
		a := ask(t, addr, head("GET /cut HTTP/1.1", "Host: a"))
		assert.NotEmpty(t, a.Err)
	})
	t.Run("early answer", func(t *testing.T) {
		assert.Equal(t, 403, ask(t, addr, head("POST /early HTTP/1.1", "Host: a", "Content-Length: 100000")+strings.Repeat("x", 100000)).Status)
	})
	t.Run("bad gateway", func(t *testing.T) {
		assert.Equal(t, 502, ask(t, serve(t, newProxy(t, "http://127.0.0.1:1")), get).Status)
	})
	t.Run("upgrade", func(t *testing.T) {
		c := dial(t, addr)
		early, _, _ := strings.Cut(upgrade, "first")
		_, err := fmt.Fprintf(c, early, "upgrade") // what comes with the head, ReverseProxy loses behind any server
		require.NoError(t, err)
		r := bufio.NewReader(c)
		resp, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		assert.Equal(t, 101, resp.StatusCode)
		assert.Equal(t, "websocket", resp.Header.Get("Upgrade"))
		for _, line := range []string{"first\n", "second\n"} {
			_, err := io.WriteString(c, line)
			require.NoError(t, err)
			got, err := r.ReadString('\n')
			require.NoError(t, err)
			assert.Equal(t, line, got)
		}
	})
}

// A client that goes away ends the proxied request.
func TestReverseProxyDisconnect(t *testing.T) {
	ended := make(chan error, 1)
	backend := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		ended <- r.Context().Err()
	}))
	c := dial(t, serve(t, newProxy(t, "http://"+backend)))
	_, err := io.WriteString(c, get)
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)
	c.Close()
	select {
	case err := <-ended:
		assert.Equal(t, context.Canceled, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the backend goes on")
	}
}

// Events arrive as they are flushed, and the stream ends with the client.
func TestServerSentEvents(t *testing.T) {
	events, ended := make(chan string), make(chan struct{})
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Connection", "keep-alive")
		w.(http.Flusher).Flush()
		for {
			select {
			case e := <-events:
				fmt.Fprintf(w, "data: %s\n\n", e)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	resp, err := client(t).Get("http://" + addr)
	require.NoError(t, err)
	assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	r := bufio.NewReader(resp.Body)
	for _, e := range []string{"a", "b"} {
		events <- e
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "data: "+e+"\n", line)
		r.Discard(1)
	}
	resp.Body.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the stream goes on")
	}
}

func TestTimeoutHandler(t *testing.T) {
	h := http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-r.Context().Done()
		case "/panic":
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("A", "1")
		io.WriteString(w, "in time")
	}), 30*time.Millisecond, "too late")
	ours, std := serve(t, h), serveStd(t, h)
	for path, status := range map[string]int{"/": 200, "/slow": 503, "/panic": 0} {
		request := head("GET "+path+" HTTP/1.1", "Host: a")
		got := ask(t, ours, request)
		assert.Equal(t, status, got.Status)
		if status != 0 {
			assert.Equal(t, ask(t, std, request).String(), got.String())
		}
	}
}

// A gzipped is the writer of the usual middleware.
type gzipped struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (w gzipped) Write(p []byte) (int, error) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", http.DetectContentType(p))
	}
	return w.z.Write(p)
}

func (w gzipped) Flush() {
	w.z.Flush()
	w.ResponseWriter.(http.Flusher).Flush()
}

func TestGzip(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
		z := gzip.NewWriter(w)
		defer z.Close()
		g := gzipped{w, z}
		io.WriteString(g, "<html>")
		if r.URL.Path == "/flush" {
			g.Flush()
		}
		io.WriteString(g, long)
	})
	ours, std := serve(t, h), serveStd(t, h)
	for _, path := range []string{"/", "/flush"} {
		request := head("GET "+path+" HTTP/1.1", "Host: a")
		a := ask(t, ours, request)
		assert.Equal(t, ask(t, std, request).String(), a.String())
		assert.Equal(t, "text/html; charset=utf-8", a.Header.Get("Content-Type"))
		z, err := gzip.NewReader(strings.NewReader(a.Body))
		require.NoError(t, err)
		got, err := io.ReadAll(z)
		require.NoError(t, err)
		assert.Equal(t, "<html>"+long, string(got))
	}
}

func TestCrossOriginProtection(t *testing.T) {
	addr := serve(t, http.NewCrossOriginProtection().Handler(set(200, "x")))
	assert.Equal(t, 403, ask(t, addr, head("POST / HTTP/1.1", "Host: a", "Sec-Fetch-Site: cross-site", "Content-Length: 0")).Status)
	assert.Equal(t, 403, ask(t, addr, head("POST / HTTP/1.1", "Host: a", "Origin: https://b", "Content-Length: 0")).Status)
	assert.Equal(t, 200, ask(t, addr, head("POST / HTTP/1.1", "Host: a", "Origin: http://a", "Content-Length: 0")).Status)
}

// A nil Handler is net/http's mux, where expvar and pprof are.
func TestDebugHandlers(t *testing.T) {
	addr := serve(t, nil)
	a := ask(t, addr, head("GET /debug/vars HTTP/1.1", "Host: a"))
	assert.Equal(t, "application/json; charset=utf-8", a.Header.Get("Content-Type"))
	assert.Contains(t, a.Body, `"memstats": {`)
	a = ask(t, addr, head("GET /debug/pprof/ HTTP/1.1", "Host: a"))
	assert.Equal(t, 200, a.Status)
	assert.Contains(t, a.Body, "goroutine?debug=1")
	assert.Contains(t, ask(t, addr, head("GET /debug/pprof/goroutine?debug=2 HTTP/1.1", "Host: a")).Body, "ServeH1")
	assert.Contains(t, ask(t, addr, head("GET /debug/pprof/heap HTTP/1.1", "Host: a")).Header.Get("Content-Disposition"), "heap")
	a = ask(t, addr, head("GET /debug/pprof/profile?seconds=1 HTTP/1.1", "Host: a"))
	assert.Equal(t, 200, a.Status)
	assert.Equal(t, "application/octet-stream", a.Header.Get("Content-Type"))
}

// Files of a form that went to disk are removed when the handler has returned.
func TestMultipart(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const size = 100 << 10
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil {
			panic(err)
		}
		files, err := os.ReadDir(os.TempDir())
		fmt.Fprint(w, r.MultipartForm.File["f"][0].Size, " ", len(files), err)
	}))
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("f", "a.txt")
	require.NoError(t, err)
	_, err = io.WriteString(part, strings.Repeat("x", size))
	require.NoError(t, err)
	require.NoError(t, m.Close())
	a := ask(t, addr, head("POST / HTTP/1.1", "Host: a", "Content-Type: "+m.FormDataContentType(),
		fmt.Sprintf("Content-Length: %d", body.Len()))+body.String())
	assert.Equal(t, fmt.Sprint(size, " 1 <nil>"), a.Body)
	files, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, files)
}
