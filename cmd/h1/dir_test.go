package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDir(t *testing.T) {
	dir := t.TempDir()
	content := strings.Repeat("0123456789abcdef", 10000)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte(content), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sub", "b & c.html"), []byte("<p>b"), 0o644))
	info, err := os.Stat(filepath.Join(dir, "a.txt"))
	require.NoError(t, err)
	modified := info.ModTime().UTC().Format(http.TimeFormat)
	url, c := startSite(t, serveConfig{dir: dir})
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	for _, tt := range []struct {
		method, path string
		field, value string
		status       int
		want         string // of the content
		length       int64
	}{
		{"GET", "/a.txt", "", "", 200, content, 160000},
		{"HEAD", "/a.txt", "", "", 200, "", 160000},
		{"GET", "/a.txt", "Range", "bytes=5-9", 206, "56789", 5},
		{"GET", "/a.txt", "Range", "bytes=-20", 206, "cdef0123456789abcdef", 20},
		{"GET", "/a.txt", "Range", "bytes=10-", 206, content[10:], 159990},
		{"HEAD", "/a.txt", "Range", "bytes=5-9", 206, "", 5},
		{"GET", "/a.txt", "Range", "bytes=160000-", 416, "invalid range: failed to overlap\n", 33},
		{"GET", "/a.txt", "If-Modified-Since", modified, 304, "", 0},
		{"GET", "/a.txt", "If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 412, "", 0},
		{"GET", "/sub/b%20&%20c.html", "", "", 200, "<p>b", 4},
		{"GET", "/sub", "", "", 301, "", 0},
		{"GET", "/none", "", "", 404, "404 page not found\n", 19},
		{"GET", "/../" + filepath.Base(dir) + "/a.txt", "", "", 404, "404 page not found\n", 19},
	} {
		t.Run(tt.method+" "+tt.path+" "+tt.value, func(t *testing.T) {
			var fields []string
			if tt.field != "" {
				fields = []string{tt.field, tt.value}
			}
			r, got := fetch(t, c, tt.method, url+tt.path, nil, fields...)
			assert.Equal(t, tt.status, r.StatusCode)
			assert.True(t, tt.want == string(got), "%d octets", len(got))
			if tt.status != 304 {
				assert.Equal(t, tt.length, r.ContentLength)
			}
		})
	}

	r, got := fetch(t, c, "GET", url+"/a.txt", nil, "Range", "bytes=5-9")
	assert.Equal(t, "bytes 5-9/160000", r.Header.Get("Content-Range"))
	assert.Equal(t, "text/plain; charset=utf-8", r.Header.Get("Content-Type"))
	assert.Len(t, got, 5)
	r, _ = fetch(t, c, "GET", url+"/a.txt", nil, "Range", "bytes=160000-")
	assert.Equal(t, "bytes */160000", r.Header.Get("Content-Range"))
	r, got = fetch(t, c, "GET", url+"/", nil)
	assert.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
	assert.Contains(t, string(got), `<a href="sub/">sub/</a>`)
	_, got = fetch(t, c, "GET", url+"/sub/", nil)
	assert.Contains(t, string(got), `<a href="b%20&%20c.html">b &amp; c.html</a>`)

	// The page gives way, the other paths stay.
	_, got = fetch(t, c, "GET", url+"/h1/", nil)
	assert.Contains(t, string(got), "<html")
	r, _ = fetch(t, c, "GET", url+"/dump", nil)
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
}

func TestDirFails(t *testing.T) {
	for dir, want := range map[string]string{"none/none": "none/none", "dir.go": "dir.go is not a directory"} {
		_, stderr, status := command("", "serve", "-addr", "127.0.0.1:0", "-dir", dir)
		assert.Equal(t, exitFault, status)
		assert.Contains(t, stderr, want)
	}
}
