package nethttp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The writer is all that net/http's is, and not more.
func TestInterfaces(t *testing.T) {
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, notifier := w.(closeNotifier)
		_, from := w.(io.ReaderFrom)
		_, stringer := w.(io.StringWriter)
		_, pusher := w.(http.Pusher)
		fmt.Fprintln(w, flusher, hijacker, notifier, from, stringer, pusher)
	}))
	assert.Equal(t, "true true true true true false\n", ask(t, addr, get).Body)
}

// A wrapped is a writer of a middleware.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestResponseController(t *testing.T) {
	late := make(chan error, 1)
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(wrapped{w})
		errs := []error{
			rc.SetReadDeadline(time.Now().Add(time.Hour)), rc.SetWriteDeadline(time.Now().Add(time.Hour)),
			rc.EnableFullDuplex(), rc.Flush(),
		}
		fmt.Fprintln(w, errs, rc.EnableFullDuplex())
		rc.Flush()
		if err := rc.SetWriteDeadline(time.Now()); err != nil {
			panic(err)
		}
		_, err := io.WriteString(w, strings.Repeat(long, 1000))
		late <- err
	}))
	a := ask(t, addr, get)
	assert.True(t, strings.HasPrefix(a.Body, "[<nil> <nil> <nil> <nil>] "+h1.ErrCommitted.Error()+"\n"), a.Body)
	assert.NotEmpty(t, a.Err)
	assert.ErrorIs(t, <-late, os.ErrDeadlineExceeded)
}

// ReadFrom gives the same answers as Write.
func TestReadFrom(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer file.Close()
	content := strings.Repeat(long, 100)
	_, err = io.WriteString(file, content)
	require.NoError(t, err)
	open := func() io.Reader {
		f, err := os.Open(file.Name())
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		return f
	}
	size := fmt.Sprint(len(content))
	failure := errors.New("source")

	// What FileServer does.
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", size)
		n, err := io.CopyN(w, open(), int64(len(content)))
		if err != nil || n != int64(len(content)) {
			panic(err)
		}
	}))
	assert.True(t, ask(t, addr, get).Body == content)

	for _, tt := range []struct {
		name   string
		length string
		status int
		source func() io.Reader
		n      int64
		err    error
		want   string
		chunks bool
	}{
		{"empty", "", 0, func() io.Reader { return strings.NewReader("") }, 0, nil, "", false},
		{"short", "", 0, func() io.Reader { return strings.NewReader("hello") }, 5, nil, "hello", false},
		{"2048", "", 0, func() io.Reader { return strings.NewReader(long[:2048]) }, 2048, nil, long[:2048], false},
		{"2049", "", 0, func() io.Reader { return strings.NewReader(long[:2049]) }, 2049, nil, long[:2049], true},
		{"long", "", 0, func() io.Reader { return iotest.HalfReader(strings.NewReader(content)) }, int64(len(content)), nil, content, true},
		{"file", "", 0, open, int64(len(content)), nil, content, true},
		{"file with length", size, 0, open, int64(len(content)), nil, content, false},
		{"file beyond the length", "20000", 0, open, 20000, http.ErrContentLength, content[:20000], false},
		{"more than the length", "5", 0, func() io.Reader { return strings.NewReader("hello world") }, 0, http.ErrContentLength, "", false},
		{"failing", "", 0, func() io.Reader {
			return io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(failure))
		}, 5, failure, "hello", false},
		{"no content allowed", "", 204, open, 0, http.ErrBodyNotAllowed, "", false},
		{"nothing where nothing is allowed", "", 204, func() io.Reader { return strings.NewReader("") }, 0, nil, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			type result struct {
				n   int64
				err error
			}
			results := make(chan result, 1)
			addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.length != "" {
					w.Header().Set("Content-Length", tt.length)
				}
				if tt.status != 0 {
					w.WriteHeader(tt.status)
				}
				source := tt.source()
				if _, file := source.(*os.File); !file {
					source = struct{ io.Reader }{source} // else some write themselves by Write
				}
				n, err := io.Copy(w, source)
				results <- result{n, err}
			}))
			a := ask(t, addr, get)
			assert.Equal(t, result{tt.n, tt.err}, <-results)
			if tt.name != "more than the length" { // a 500
				assert.True(t, a.Body == tt.want, "%d octets, %s", len(a.Body), a.Err)
				assert.Equal(t, tt.chunks, a.Coding != nil)
			}
		})
	}
}

// A misuse that net/http logs is logged, with its place.
func TestMisuseIsLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	done := make(chan struct{})
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		w.Header().Set("Content-Length", "x")
		w.WriteHeader(700)
		http.Error(w, "", 500)
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		c.Close()
		w.WriteHeader(200)
		w.Write([]byte("x"))
	}))
	ask(t, addr, get)
	<-done
	for _, want := range []string{
		"invalid status code", "invalid Content-Length", "superfluous WriteHeader", "WriteHeader on a hijacked", "Write on a hijacked", "status=700",
	} {
		assert.Contains(t, log.String(), want)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	assert.Len(t, lines, 5)
	for _, line := range lines {
		assert.Contains(t, line, "level=ERROR")
		assert.Contains(t, line, "kind=handler")
		assert.Regexp(t, `caller="github.com/seed-489864d5/h1/nethttp_test\.TestMisuseIsLogged.* \(\S+writer_test\.go:\d+\)"`, line)
	}
}

// An h1.Handler around the adapter sets fields; the http.Handler sees and may change them.
func TestFieldsFromOutside(t *testing.T) {
	inner := nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/untouched":
			io.WriteString(w, "x")
		case "/changed":
			w.Header().Del("A")
			w.Header().Add("B", "3")
		}
	}))
	addr := serveNative(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		w.Header().Add("a", "1")
		w.Header().Add("B", "2")
		inner.ServeH1(w, q)
	})})
	for path, want := range map[string]http.Header{
		"/":          {"A": {"1"}, "B": {"2"}, "Content-Length": {"0"}, "Date": {"now"}},
		"/untouched": {"A": {"1"}, "B": {"2"}, "Content-Length": {"1"}, "Date": {"now"}, "Content-Type": {"text/plain; charset=utf-8"}},
		"/changed":   {"B": {"2", "3"}, "Content-Length": {"0"}, "Date": {"now"}},
	} {
		assert.Equal(t, want, ask(t, addr, head("GET "+path+" HTTP/1.1", "Host: a")).Header, path)
	}
}

// A handler aborts quietly, and a panic of another kind reaches the server with its value and place.
func TestPanics(t *testing.T) {
	var log bytes.Buffer
	s := &h1.Server{Logger: slog.New(slog.NewTextHandler(&log, nil)), Handler: nethttp.Handler(http.HandlerFunc(panics))}
	addr := serveNative(t, s)
	for _, path := range []string{"/abort", "/abort-content", "/goexit"} {
		a := ask(t, addr, head("GET "+path+" HTTP/1.1", "Host: a"))
		assert.Zero(t, a.Status, path)
		assert.NotEmpty(t, a.Err, path)
	}
	assert.Equal(t, 200, ask(t, addr, head("GET /abort-flushed HTTP/1.1", "Host: a")).Status)
	require.NoError(t, s.Shutdown(t.Context()))
	assert.Empty(t, log.String())

	s = &h1.Server{Logger: s.Logger, Handler: s.Handler}
	assert.Equal(t, 500, ask(t, serveNative(t, s), get).Status)
	require.NoError(t, s.Shutdown(t.Context()))
	assert.Contains(t, log.String(), "nethttp_test.panics(")
	assert.Contains(t, log.String(), `panic="a value"`)
}

func panics(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/abort-content":
		io.WriteString(w, "x")
	case "/abort-flushed":
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
	case "/goexit":
		runtime.Goexit()
	case "/":
		panic("a value")
	}
	panic(http.ErrAbortHandler)
}
