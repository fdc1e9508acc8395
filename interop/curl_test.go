package interop

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mib = 1 << 20

// tryCurl runs curl without its configuration file, quiet but for errors.
func tryCurl(t *testing.T, args ...string) result {
	t.Helper()
	installed(t, "curl")
	return execute(t, nil, "curl", append([]string{"-q", "-sS"}, args...)...)
}

// curl is tryCurl, and curl must be content: what it asked for has come to its end.
func curl(t *testing.T, args ...string) result {
	t.Helper()
	r := tryCurl(t, args...)
	require.Zero(t, r.code, "exit code of curl %q: %s", args, tail(r.stderr))
	return r
}

// verdict is a value for -w: what each transfer came to. A list of them, one line each, is all of stdout where -o
// puts the bodies elsewhere.
const verdict = "%{http_code} %{num_connects}\n"

func TestCurlGet(t *testing.T) {
	s := sharedServer(t)
	r := curl(t, "-i", s.url+"/")
	assert.Regexp(t, `^HTTP/1\.1 200 OK\r\n`, r.stdout)
	assert.Regexp(t, `(?i)\r\nContent-Type: text/html`, r.stdout)
	assert.Regexp(t, `\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n`, r.stdout)
	assert.Contains(t, r.stdout, "</")
}

// What curl sends arrives as it is: order, case and duplicates of the field lines, target, body.
func TestCurlDump(t *testing.T) {
	s := sharedServer(t)
	d := parseDump(t, curl(t, "-X", "PATCH", "-H", "X-First: 1", "-H", "x-FIRST: 2", "-H", "X-Empty;", "-d", "a=b", s.url+"/dump?q=%C3%BC&r").stdout)
	assert.Equal(t, "PATCH", d.Method)
	assert.Equal(t, "/dump?q=%C3%BC&r", d.Target)
	assert.Equal(t, s.addr, d.Host)
	assert.Equal(t, "a=b", string(d.Body.Base64))
	assert.Equal(t, []field{
		{"Host", s.addr}, {"User-Agent", d.get("User-Agent")}, {"Accept", "*/*"},
		{"X-First", "1"}, {"x-FIRST", "2"}, {"X-Empty", ""},
		{"Content-Length", "3"}, {"Content-Type", "application/x-www-form-urlencoded"},
	}, d.Fields)
}

func TestCurlUpload(t *testing.T) {
	s := sharedServer(t)
	const n = 10 * mib
	file, want := payloadFile(t, n), upload{n, sha256hex(payload(n))}

	t.Run("expect", func(t *testing.T) {
		r := curl(t, "-v", "-H", "Expect: 100-continue", "--data-binary", "@"+file, s.url+"/upload")
		assert.Equal(t, want, parseUpload(t, r.stdout))
		assert.Equal(t, 1, strings.Count(r.stderr, "< HTTP/1.1 100 Continue"), tail(r.stderr))
		assert.NotContains(t, r.stderr, "Done waiting for 100-continue")
	})
	t.Run("no expect", func(t *testing.T) {
		r := curl(t, "-v", "-H", "Expect:", "--data-binary", "@"+file, s.url+"/upload")
		assert.Equal(t, want, parseUpload(t, r.stdout))
		assert.NotContains(t, r.stderr, "100 Continue")
	})
	t.Run("chunked", func(t *testing.T) {
		r := curl(t, "-H", "Transfer-Encoding: chunked", "--data-binary", "@"+file, s.url+"/upload")
		assert.Equal(t, want, parseUpload(t, r.stdout))
	})
	t.Run("chunked without expect", func(t *testing.T) {
		r := curl(t, "-H", "Expect:", "-H", "Transfer-Encoding: chunked", "--data-binary", "@"+file, s.url+"/upload")
		assert.Equal(t, want, parseUpload(t, r.stdout))
	})
	t.Run("put from a pipe", func(t *testing.T) {
		installed(t, "curl")
		r := execute(t, bytes.NewReader(payload(n)), "curl", "-q", "-sS", "-T", "-", s.url+"/upload")
		require.Zero(t, r.code, r.stderr)
		assert.Equal(t, want, parseUpload(t, r.stdout))
	})
	t.Run("form", func(t *testing.T) {
		r := curl(t, "-F", "a=b", "-F", "file=@"+file, s.url+"/upload")
		assert.Greater(t, parseUpload(t, r.stdout).Size, int64(n))
	})
	t.Run("http1.0", func(t *testing.T) {
		r := curl(t, "-v", "--http1.0", "--data-binary", "@"+file, s.url+"/upload")
		assert.Equal(t, want, parseUpload(t, r.stdout))
		assert.NotContains(t, r.stderr, "100 Continue") // RFC 9110 §10.1.1
	})
	t.Run("empty", func(t *testing.T) {
		for _, args := range [][]string{{"-d", ""}, {"-T", "/dev/null"}, {"-H", "Transfer-Encoding: chunked", "-d", ""}} {
			r := curl(t, append(args, s.url+"/upload")...)
			assert.Equal(t, upload{0, sha256hex(nil)}, parseUpload(t, r.stdout), args)
		}
	})
}

func TestCurlEcho(t *testing.T) {
	s := sharedServer(t)
	for _, n := range []int{1, 4096, 5 * mib} {
		want := payload(n)
		for name, args := range map[string][]string{
			"length":  {"-H", "Expect:"},
			"expect":  {"-H", "Expect: 100-continue"},
			"chunked": {"-H", "Transfer-Encoding: chunked"},
		} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				r := curl(t, append(args, "--data-binary", "@"+payloadFile(t, n), s.url+"/echo")...)
				assert.True(t, r.stdout == string(want), "%d octets came back", len(r.stdout))
			})
		}
	}
}

// An answer that comes before the request has been read must not be lost to the reset that follows when a connection
// is closed over octets that nobody has read (§9.6). It is a race, so it is run more than once.
func TestCurlEarlyAnswer(t *testing.T) {
	s := sharedServer(t)
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	tests := []struct {
		name, path string
		size       int
		args       []string
		status     string
	}{
		{"7 MiB, expect", "/echo", 7 * mib, []string{"-H", "Expect: 100-continue"}, "413"},
		{"7 MiB", "/echo", 7 * mib, []string{"-H", "Expect:"}, "413"},
		{"20 MiB, expect", "/echo", 20 * mib, []string{"-H", "Expect: 100-continue"}, "413"},
		{"20 MiB", "/echo", 20 * mib, []string{"-H", "Expect:"}, "413"},
		{"20 MiB chunked", "/dump", 20 * mib, []string{"-H", "Expect:", "-H", "Transfer-Encoding: chunked"}, "413"},
		{"20 MiB chunked, expect", "/dump", 20 * mib, []string{"-H", "Expect: 100-continue", "-H", "Transfer-Encoding: chunked"}, "413"},
		{"unknown path", "/no/such/path", 20 * mib, []string{"-X", "PUT", "-H", "Expect:"}, "404"},
		{"unknown path, expect", "/no/such/path", 20 * mib, []string{"-X", "PUT", "-H", "Expect: 100-continue"}, "404"},
		{"unknown path, chunked", "/no/such/path", 20 * mib, []string{"-X", "PUT", "-H", "Expect:", "-H", "Transfer-Encoding: chunked"}, "404"},
		{"method not allowed", "/stream", 20 * mib, []string{"-H", "Expect:"}, "405"},
		{"bad head", "/upload", 20 * mib, []string{"-H", "Expect:", "-H", "Host: a b"}, "400"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for range rounds {
				body := filepath.Join(t.TempDir(), "body")
				args := append(test.args, "-v", "-o", body, "-w", "%{http_code} %{size_upload}", "--data-binary", "@"+payloadFile(t, test.size), s.url+test.path)
				r := curl(t, args...)
				status, sent, _ := strings.Cut(r.stdout, " ")
				require.Equal(t, test.status, status)
				text, err := os.ReadFile(body)
				require.NoError(t, err)
				require.NotEmpty(t, text, "body of the answer")
				if strings.Contains(test.name, "expect") && !strings.Contains(test.name, "chunked") {
					require.NotContains(t, r.stderr, "100 Continue")
					require.Equal(t, "0", sent, "octets sent though no 100 came")
				}
			}
		})
	}
}

func TestCurlHead(t *testing.T) {
	s := sharedServer(t)
	length := func(head string) string {
		m := regexp.MustCompile(`(?i)\r\nContent-Length: (\d+)\r\n`).FindStringSubmatch(head)
		require.NotNil(t, m, head)
		return m[1]
	}
	for _, path := range []string{"/", "/dump", "/no/such/path"} {
		r := curl(t, "-I", "-w", "%{size_download} %{num_connects}\n", s.url+path, s.url+path)
		assert.NotEqual(t, "0", length(r.stdout), path)
		assert.Contains(t, r.stdout, "\r\n\r\n0 1\n", path)
		assert.Contains(t, r.stdout, "\r\n\r\n0 0\n", "%s: the connection must be good for another request", path)
	}
	r := curl(t, "-I", s.url+"/stream?n=3", s.url+"/stream?n=3", "-w", "%{num_connects}\n")
	assert.NotContains(t, r.stdout, "chunk 1")
	assert.Contains(t, r.stdout, "\r\n\r\n0\n")
}

func TestCurlKeepAlive(t *testing.T) {
	s := sharedServer(t)
	null := []string{"-o", os.DevNull, "-w", verdict}
	request := func(args ...string) []string { return append(append([]string{"--next", "-sS"}, null...), args...) }
	var args []string
	for _, a := range [][]string{
		{s.url + "/"},
		{"-d", "x=y", s.url + "/dump"},
		{"-I", s.url + "/"},
		{"-H", "Transfer-Encoding: chunked", "-d", "x=y", s.url + "/echo"},
		{s.url + "/stream?n=3"},
		{s.url + "/no/such/path"},
		{"-X", "DELETE", s.url + "/dump"},
		{"-d", strings.Repeat("x", 100), s.url + "/no/such/path"}, // unread, but short enough to be skipped
		{"-X", "OPTIONS", "--request-target", "*", s.url},
		{"-d", "x=y", "-H", "Expect: 100-continue", s.url + "/dump"},
		{"-H", "Connection: close", s.url + "/dump"},
		{s.url + "/"},
	} {
		args = append(args, request(a...)...)
	}
	r := curl(t, args[1:]...)
	assert.Equal(t, []string{
		"200 1", "200 0", "200 0", "200 0", "200 0", "404 0", "200 0", "404 0", "204 0", "200 0", "200 0",
		"200 1", // after Connection: close
	}, strings.Split(strings.TrimSpace(r.stdout), "\n"))
}

func TestCurlParallel(t *testing.T) {
	s := sharedServer(t)
	r := curl(t, "--parallel", "--parallel-max", "20", "-o", os.DevNull, "-w", "%{http_code}\n", s.url+"/dump?n=[1-200]")
	assert.Equal(t, strings.Repeat("200\n", 200), r.stdout)
}

func TestCurlHTTP10(t *testing.T) {
	s := sharedServer(t)
	t.Run("close", func(t *testing.T) {
		r := curl(t, "--http1.0", "-o", os.DevNull, "-w", verdict, s.url+"/", "-o", os.DevNull, s.url+"/")
		assert.Equal(t, "200 1\n200 1\n", r.stdout)
	})
	t.Run("keep-alive", func(t *testing.T) { // §9.3: may be honoured
		r := curl(t, "-v", "--http1.0", "-H", "Connection: keep-alive", "-o", os.DevNull, "-w", verdict, s.url+"/", "-o", os.DevNull, s.url+"/")
		assert.Equal(t, "200 1\n200 0\n", r.stdout, r.stderr)
		assert.Regexp(t, `(?i)< Connection: keep-alive`, r.stderr)
	})
	t.Run("no host", func(t *testing.T) {
		d := parseDump(t, curl(t, "--http1.0", "-H", "Host:", s.url+"/dump").stdout)
		assert.Equal(t, "", d.Host)
	})
	t.Run("stream", func(t *testing.T) { // no chunked coding and no trailer section towards HTTP/1.0
		r := curl(t, "-i", "--http1.0", s.url+"/stream?n=3")
		head, body, _ := strings.Cut(r.stdout, "\r\n\r\n")
		assert.NotRegexp(t, `(?i)\nTransfer-Encoding:|\nX-Checksum:`, head)
		assert.Equal(t, "chunk 1 of 3\nchunk 2 of 3\nchunk 3 of 3\n", body)
	})
}

func TestCurlTrailers(t *testing.T) {
	s := sharedServer(t)
	trailers := filepath.Join(t.TempDir(), "head")
	r := curl(t, "-D", trailers, "-w", "\n"+verdict, s.url+"/stream?n=20", s.url+"/")
	body, _, found := strings.Cut(r.stdout, "\n200 1\n")
	require.True(t, found, r.stdout)
	assert.Contains(t, r.stdout, "\n200 0\n", "the connection must be good for another request")
	text, err := os.ReadFile(trailers)
	require.NoError(t, err)
	head, rest, _ := strings.Cut(string(text), "\r\n\r\n")
	assert.Regexp(t, `(?i)\r\nTrailer: .*X-Checksum`, head)
	assert.Regexp(t, `(?i)^X-Checksum: `+sha256hex([]byte(body))+`\r\nX-Chunks: 20\r\n`, rest)
}

func TestCurlTarget(t *testing.T) {
	s := sharedServer(t)
	status := func(args ...string) string {
		return curl(t, append([]string{"-o", os.DevNull, "-w", "%{http_code}"}, args...)...).stdout
	}
	assert.Equal(t, "200", status(s.url+"/a/../dump"), "curl removes the dot segments")
	assert.Equal(t, "404", status("--path-as-is", s.url+"/a/../dump"), "the library does not")
	assert.Equal(t, "/dump?/../%zz", parseDump(t, curl(t, "--path-as-is", s.url+"/dump?/../%zz").stdout).Target)
	assert.Equal(t, "400", status("--path-as-is", "--request-target", "/%zz", s.url))
	for _, target := range []string{"/d\u00fcmp", "/dump?q=\u00fc"} { // curl encodes some of them itself, but not these
		assert.Equal(t, "400", status("--request-target", target, s.url), "octets beyond ASCII (RFC 3986 §2)")
	}
	assert.Equal(t, "414", status(s.url+"/"+strings.Repeat("a", 9000)))
	assert.Equal(t, "431", status("-H", "X-Long: "+strings.Repeat("a", 70000), s.url+"/"))

	d := parseDump(t, curl(t, "-x", s.url, "http://example.test/dump?a").stdout) // as to a proxy
	assert.Equal(t, "http://example.test/dump?a", d.Target)
	assert.Equal(t, "example.test", d.Host)

	r := tryCurl(t, "-p", "-x", s.url, "-o", os.DevNull, "-w", "%{http_connect}", "http://example.test/")
	assert.Equal(t, "501", r.stdout, r.stderr)
}

func TestCurlHost(t *testing.T) {
	s := sharedServer(t)
	_, port, _ := strings.Cut(s.addr, ":")
	d := parseDump(t, curl(t, "--resolve", "example.test:"+port+":127.0.0.1", "http://example.test:"+port+"/dump").stdout)
	assert.Equal(t, "example.test:"+port, d.Host)
	d = parseDump(t, curl(t, "-H", "Host: Other.Example", s.url+"/dump").stdout)
	assert.Equal(t, "Other.Example", d.Host)
	d = parseDump(t, curl(t, "-H", "Host: [::1]:80", s.url+"/dump").stdout)
	assert.Equal(t, "[::1]:80", d.Host)

	for name, host := range map[string]string{"none": "Host:", "empty": "Host;", "space": "Host: a b", "slash": "Host: a/b", "port": "Host: a:b"} {
		r := curl(t, "-o", os.DevNull, "-w", "%{http_code}", "-H", host, s.url+"/dump")
		assert.Equal(t, "400", r.stdout, name)
	}
}

// A reader or writer that is slow but moves is served to its end.
func TestCurlSlow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := sharedServer(t)
	file, want := payloadFile(t, mib), sha256hex(payload(mib))
	r := curl(t, "--limit-rate", "500k", "-H", "Expect:", "--data-binary", "@"+file, s.url+"/upload")
	assert.Equal(t, upload{mib, want}, parseUpload(t, r.stdout))
	r = curl(t, "--limit-rate", "500k", "-H", "Expect:", "--data-binary", "@"+file, s.url+"/echo")
	assert.Equal(t, want, sha256hex([]byte(r.stdout)))
}

func TestCurlEvents(t *testing.T) {
	s := startServer(t)
	r := curl(t, "-N", s.url+"/events?n=3&interval=20ms")
	assert.Len(t, regexp.MustCompile(`(?m)^data: `).FindAllString(r.stdout, -1), 3)
	assert.True(t, strings.HasSuffix(r.stdout, "\n\n"), r.stdout)

	// A client that goes: -m makes curl leave in the middle. The next tick is a minute away, so nothing but the
	// closed connection can tell the server.
	r = tryCurl(t, "-N", "-m", "0.5", s.url+"/events?interval=1m")
	assert.Equal(t, 28, r.code, "curl: operation timed out")
	assert.Contains(t, r.stdout, "data: ")
	assert.NoError(t, s.awaitSockets(s.sockets, 3*time.Second))
}

// A request in flight is answered when the server is told to end; a connection that waits and a stream without end
// don't keep it.
func TestCurlShutdown(t *testing.T) {
	installed(t, "curl")
	s, err := start()
	require.NoError(t, err)
	if s.sockets < 0 {
		t.Cleanup(func() { s.cmd.Process.Kill() })
		t.Skip("there is no /proc to see the connections of the server in")
	}
	uploading := begin(t, nil, "curl", "-q", "-sS", "-i", "--limit-rate", "500k", "-H", "Expect:", "--data-binary", "@"+payloadFile(t, mib), s.url+"/upload")
	streaming := begin(t, nil, "curl", "-q", "-sS", "-N", s.url+"/events?interval=1m")
	idle, err := net.Dial("tcp", s.addr)
	require.NoError(t, err)
	defer idle.Close()
	for end := time.Now().Add(5 * time.Second); s.countSockets() < s.sockets+3 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)

	began := time.Now()
	assert.NoError(t, s.terminate(), &s.stderr)
	assert.Less(t, time.Since(began), 9*time.Second, "it waits 10 s before it cuts")
	streaming() // how a stream without end ends is up to the server
	r := uploading()
	require.Zero(t, r.code, r.stderr)
	head, body, _ := strings.Cut(r.stdout, "\r\n\r\n")
	assert.Regexp(t, `(?i)\r\nConnection: close`, head)
	assert.Equal(t, upload{mib, sha256hex(payload(mib))}, parseUpload(t, body))
}

// newSite makes a directory to serve, beside a file that is outside of it.
func newSite(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "site")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o755))
	for name, content := range map[string][]byte{
		"data.bin":                  payload(3 * mib),
		"small.txt":                 []byte("0123456789"),
		"empty.txt":                 nil,
		"sub/with space \u00fc.txt": []byte("found\n"),
		"../secret.txt":             []byte("secret\n"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	return dir
}

func TestCurlDir(t *testing.T) {
	installed(t, "curl")
	s := startServer(t, "-dir", newSite(t))
	data := payload(3 * mib)
	get := func(args ...string) (status, head, body string) {
		r := curl(t, append([]string{"-i"}, args...)...)
		head, body, _ = strings.Cut(r.stdout, "\r\n\r\n")
		return strings.Fields(head)[1], head + "\r\n", body
	}
	fieldOf := func(head, name string) string {
		m := regexp.MustCompile(`(?i)\r\n` + name + `: ([^\r]*)\r\n`).FindStringSubmatch(head)
		if m == nil {
			return ""
		}
		return m[1]
	}

	status, head, body := get(s.url + "/data.bin")
	require.Equal(t, "200", status)
	assert.True(t, body == string(data))
	assert.Equal(t, strconv.Itoa(len(data)), fieldOf(head, "Content-Length"))
	assert.Equal(t, "bytes", fieldOf(head, "Accept-Ranges"))
	modified, etag := fieldOf(head, "Last-Modified"), fieldOf(head, "ETag")
	assert.NotEmpty(t, modified)

	t.Run("empty", func(t *testing.T) {
		status, head, body := get(s.url + "/empty.txt")
		assert.Equal(t, []string{"200", "0", ""}, []string{status, fieldOf(head, "Content-Length"), body})
	})
	t.Run("head", func(t *testing.T) {
		r := curl(t, "-I", "-w", "%{num_connects}", s.url+"/data.bin", s.url+"/small.txt")
		assert.Contains(t, r.stdout, strconv.Itoa(len(data)))
		assert.True(t, strings.HasSuffix(r.stdout, "\r\n\r\n0"), r.stdout)
	})
	t.Run("range", func(t *testing.T) {
		for _, test := range []struct {
			spec       string
			start, end int // as of a slice
		}{
			{"0-99", 0, 100}, {"1000000-", 1000000, len(data)}, {"-50", len(data) - 50, len(data)},
			{"0-", 0, len(data)}, {"3145727-9999999", 3145727, len(data)},
		} {
			status, head, body := get("-r", test.spec, s.url+"/data.bin")
			assert.Equal(t, "206", status, test.spec)
			assert.Equal(t, fmt.Sprintf("bytes %d-%d/%d", test.start, test.end-1, len(data)), fieldOf(head, "Content-Range"))
			assert.True(t, body == string(data[test.start:test.end]), "%s: %d octets", test.spec, len(body))
		}
	})
	t.Run("several ranges", func(t *testing.T) {
		status, head, body := get("-r", "0-1,4-5", s.url+"/small.txt")
		assert.Equal(t, "206", status)
		assert.Regexp(t, `^multipart/byteranges`, fieldOf(head, "Content-Type"))
		assert.Regexp(t, `(?s)bytes 0-1/10\r\n.*\r\n01\r\n.*bytes 4-5/10\r\n.*\r\n45\r\n`, body)
	})
	t.Run("range beyond the end", func(t *testing.T) {
		status, head, _ := get("-r", "99999999-", s.url+"/data.bin")
		assert.Equal(t, "416", status)
		assert.Equal(t, fmt.Sprintf("bytes */%d", len(data)), fieldOf(head, "Content-Range"))
	})
	t.Run("resume", func(t *testing.T) {
		part := filepath.Join(t.TempDir(), "part")
		require.NoError(t, os.WriteFile(part, data[:123456], 0o600))
		curl(t, "-C", "-", "-o", part, s.url+"/data.bin")
		got, err := os.ReadFile(part)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(got, data))
	})
	t.Run("if-modified-since", func(t *testing.T) {
		status, head, body := get("-z", modified, s.url+"/data.bin")
		assert.Equal(t, "304", status)
		assert.Empty(t, body)
		assert.Contains(t, []string{"", strconv.Itoa(len(data))}, fieldOf(head, "Content-Length"), "RFC 9110 §15.4.5, §8.6")
		at, err := http.ParseTime(modified)
		require.NoError(t, err)
		status, _, _ = get("-z", at.Add(-time.Hour).UTC().Format(http.TimeFormat), s.url+"/data.bin")
		assert.Equal(t, "200", status)
		r := curl(t, "-o", os.DevNull, "-w", verdict, "-z", modified, s.url+"/data.bin", "-o", os.DevNull, s.url+"/small.txt")
		assert.Regexp(t, `^304 1\n\d+ 0\n$`, r.stdout, "the connection must be good for another request")
	})
	t.Run("if-none-match", func(t *testing.T) {
		if etag == "" {
			t.Skip("h1 serve -dir sends no ETag")
		}
		status, _, body := get("-H", "If-None-Match: "+etag, s.url+"/data.bin")
		assert.Equal(t, []string{"304", ""}, []string{status, body})
		status, _, _ = get("-H", `If-None-Match: "other"`, s.url+"/data.bin")
		assert.Equal(t, "200", status)
		status, _, _ = get("-H", `If-Match: "other"`, s.url+"/data.bin")
		assert.Equal(t, "412", status)
	})
	t.Run("names", func(t *testing.T) {
		status, _, body := get(s.url + "/sub/with%20space%20%C3%BC.txt")
		assert.Equal(t, []string{"200", "found\n"}, []string{status, body})
		status, _, _ = get(s.url + "/sub")
		assert.Equal(t, "301", status)
		status, _, _ = get(s.url + "/none.txt")
		assert.Equal(t, "404", status)
	})
	t.Run("outside", func(t *testing.T) {
		for _, path := range []string{"/../secret.txt", "/sub/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/..%5c..%5csecret.txt"} {
			status, _, body := get("--path-as-is", s.url+path)
			assert.NotEqual(t, "200", status, path)
			assert.NotContains(t, body, "secret\n", path)
		}
	})
}

func TestCurlTLS(t *testing.T) {
	installed(t, "curl")
	certs := newCertDir(t, false)
	s := startServer(t, "-tls", string(certs))
	require.Regexp(t, `^https://`, s.url)
	for _, version := range []string{"1.2", "1.3"} {
		t.Run(version, func(t *testing.T) {
			r := curl(t, "-v", "--cacert", certs.file("client/ca.crt"), "--tlsv"+version, "--tls-max", version, s.url+"/dump", s.url+"/dump", "-o", os.DevNull, "-w", "%{stderr}"+verdict)
			d := parseDump(t, strings.SplitAfter(r.stdout, "\n}\n")[0])
			assert.Equal(t, "http/1.1", d.TLS.ALPN)
			assert.Contains(t, d.TLS.Version, version)
			assert.Nil(t, d.TLS.Peer)
			assert.Contains(t, r.stderr, "server accepted http/1.1")
			assert.Contains(t, r.stderr, "200 0\n", "the connection must be good for another request")
		})
	}
	t.Run("upload", func(t *testing.T) {
		r := curl(t, "--cacert", certs.file("client/ca.crt"), "--data-binary", "@"+payloadFile(t, 10*mib), s.url+"/upload")
		assert.Equal(t, upload{10 * mib, sha256hex(payload(10 * mib))}, parseUpload(t, r.stdout))
	})
	t.Run("too large", func(t *testing.T) {
		for range 5 {
			r := curl(t, "--cacert", certs.file("client/ca.crt"), "-H", "Expect:", "-o", os.DevNull, "-w", "%{http_code}", "--data-binary", "@"+payloadFile(t, 20*mib), s.url+"/echo")
			assert.Equal(t, "413", r.stdout)
		}
	})
	t.Run("authority not known", func(t *testing.T) {
		assert.Equal(t, 60, tryCurl(t, s.url+"/").code)
	})
	t.Run("plain text", func(t *testing.T) { // neither an answer that could pass for one of ours nor a wait
		r := tryCurl(t, "-m", "10", "-o", os.DevNull, "-w", "%{http_code}", "http://"+s.addr+"/")
		assert.Contains(t, []string{"000", "400"}, r.stdout)
		assert.NotEqual(t, 28, r.code, "curl: operation timed out")
	})
}

func TestCurlMutualTLS(t *testing.T) {
	installed(t, "curl")
	certs := newCertDir(t, true)
	s := startServer(t, "-tls", string(certs))
	for _, version := range []string{"1.2", "1.3"} {
		t.Run(version, func(t *testing.T) {
			args := []string{"--cacert", certs.file("client/ca.crt"), "--tlsv" + version, "--tls-max", version}
			with := func(name string) []string {
				return append(args, "--cert", certs.file("client/"+name+".crt"), "--key", certs.file("client/"+name+".key"), s.url+"/dump")
			}
			d := parseDump(t, curl(t, with("client")...).stdout)
			require.NotNil(t, d.TLS.Peer)
			assert.Contains(t, d.TLS.Peer.Subject, "client")

			r := tryCurl(t, append(args, s.url+"/dump")...)
			assert.NotZero(t, r.code, "no certificate")
			assert.Empty(t, r.stdout)
			r = tryCurl(t, with("other")...)
			assert.NotZero(t, r.code, "certificate of an authority that the server does not know")
			assert.Empty(t, r.stdout)
		})
	}
}
