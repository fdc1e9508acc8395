package interop

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One process, one directory and a socket in it: nothing that needs privileges or is in the way of another nginx.
const nginxConfig = `
daemon off;
master_process off;
pid DIR/pid;
error_log stderr warn;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path DIR/body;
	proxy_temp_path DIR/proxy;
	fastcgi_temp_path DIR/fastcgi;
	uwsgi_temp_path DIR/uwsgi;
	scgi_temp_path DIR/scgi;
	client_max_body_size 64m;

	upstream h1 {
		server UPSTREAM;
		keepalive 8;
	}
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_set_header Host $host;
	proxy_next_upstream off;    # what the first connection comes to is what we want to know
	proxy_read_timeout 20s;

	server {
		listen unix:DIR/socket;
		location /buffered/ {
			proxy_pass http://h1/;
		}
		location /streamed/ {
			proxy_pass http://h1/;
			proxy_buffering off;
			proxy_request_buffering off;
		}
	}
}
`

// startNginx starts nginx in front of s and returns the socket it listens on and a client for it.
func startNginx(t *testing.T, s *server) (socket string, c *http.Client) {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "nginx-") // t.TempDir may be too long for the name of a socket
	require.NoError(t, err)
	config := strings.NewReplacer("DIR", dir, "UPSTREAM", s.addr).Replace(nginxConfig)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o600))

	var stderr transcript
	cmd := exec.Command("nginx", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	cmd.Env, cmd.Stdout, cmd.Stderr = environment(), &stderr, &stderr
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	socket = filepath.Join(dir, "socket")
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 8}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-ended
			t.Error("nginx still ran 10 s after SIGTERM")
		}
		// nginx would say what it found wrong with an answer or a connection.
		for _, level := range []string{"[error]", "[crit]", "[alert]", "[emerg]"} {
			assert.NotContains(t, stderr.String(), level)
		}
	})
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := dial(t.Context(), "", "")
		if err == nil {
			conn.Close()
			return socket, &http.Client{Transport: transport, Timeout: 30 * time.Second}
		}
		require.True(t, time.Now().Before(end), "nginx does not listen: %s", &stderr)
	}
}

// A proxied is one request through nginx and what must come back.
type proxied struct {
	method, path string
	header       http.Header
	body         []byte
	chunked      bool

	status int
	check  func(h http.Header, body []byte) error
}

func (p proxied) send(c *http.Client, location string) error {
	var body io.Reader
	if p.body != nil {
		body = bytes.NewReader(p.body)
	}
	q, err := http.NewRequest(p.method, "http://proxy.test"+location+p.path, body)
	if err != nil {
		return err
	}
	if p.chunked {
		q.ContentLength = -1
	}
	for name, values := range p.header {
		q.Header[name] = values
	}
	r, err := c.Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("%s %s%s: reading the answer: %w", p.method, location, p.path, err)
	}
	if r.StatusCode != p.status {
		return fmt.Errorf("%s %s%s: status %d, %d expected", p.method, location, p.path, r.StatusCode, p.status)
	}
	if p.check == nil {
		return nil
	}
	if err := p.check(r.Header, answer); err != nil {
		return fmt.Errorf("%s %s%s: %w", p.method, location, p.path, err)
	}
	return nil
}

// answers returns a check that the body is want.
func answers(want []byte) func(http.Header, []byte) error {
	return func(_ http.Header, got []byte) error {
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%d octets with hash %s, %d with %s expected", len(got), sha256hex(got), len(want), sha256hex(want))
		}
		return nil
	}
}

// contains returns a check that text is somewhere in the body.
func contains(text string) func(http.Header, []byte) error {
	return func(_ http.Header, got []byte) error {
		if !bytes.Contains(got, []byte(text)) {
			return fmt.Errorf("%q is not in %q", text, tail(string(got)))
		}
		return nil
	}
}

// proxiedKinds returns requests of all kinds; those for files only if the server has a directory.
func proxiedKinds(withDir bool) []proxied {
	large, medium := payload(mib), payload(60000)
	sum := func(b []byte) func(http.Header, []byte) error {
		return contains(sha256hex(b))
	}
	var stream []byte
	for i := range 50 {
		stream = fmt.Appendf(stream, "chunk %d of 50\n", i+1)
	}
	page := "/"
	if withDir {
		page = "/h1/"
	}
	kinds := []proxied{
		{method: "GET", path: page, status: 200, check: contains("</")},
		{method: "HEAD", path: page, status: 200, check: answers([]byte{})},
		{method: "HEAD", path: "/dump", status: 200, check: answers([]byte{})},
		{method: "GET", path: "/dump?a=%C3%BC", status: 200, check: contains("/dump?a=%C3%BC")},
		{method: "DELETE", path: "/dump", status: 200, check: contains("DELETE")},
		{method: "POST", path: "/echo", body: []byte("small"), status: 200, check: answers([]byte("small"))},
		{method: "POST", path: "/echo", body: []byte("small"), chunked: true, status: 200, check: answers([]byte("small"))},
		{method: "PUT", path: "/echo", body: medium, status: 200, check: answers(medium)},
		{method: "PUT", path: "/echo", body: medium, chunked: true, status: 200, check: answers(medium)},
		{method: "POST", path: "/upload", body: large, status: 200, check: sum(large)},
		{method: "POST", path: "/upload", body: large, chunked: true, status: 200, check: sum(large)},
		{method: "POST", path: "/upload", body: []byte{}, status: 200, check: sum(nil)},
		{method: "GET", path: "/stream?n=50", status: 200, check: answers(stream)},
		{method: "GET", path: "/no/such/path", status: 404},
		{method: "HEAD", path: "/no/such/path", status: 404, check: answers([]byte{})},
		{method: "POST", path: "/no/such/path", body: []byte("unread"), status: 404},
		{method: "POST", path: "/stream", body: []byte("unread"), chunked: true, status: 405},
		{method: "OPTIONS", path: "/dump", status: 200, check: contains("OPTIONS")},
	}
	if !withDir {
		return kinds
	}
	data := payload(3 * mib)
	ranged := func(spec string) http.Header { return http.Header{"Range": {"bytes=" + spec}} }
	return append(kinds,
		proxied{method: "GET", path: "/data.bin", status: 200, check: answers(data)},
		proxied{method: "HEAD", path: "/data.bin", status: 200, check: answers([]byte{})},
		proxied{method: "GET", path: "/data.bin", header: ranged("1000-1999"), status: 206, check: answers(data[1000:2000])},
		proxied{method: "GET", path: "/data.bin", header: ranged("-100000"), status: 206, check: answers(data[len(data)-100000:])},
		proxied{method: "GET", path: "/data.bin", header: ranged("99999999-"), status: 416},
		proxied{method: "GET", path: "/small.txt", header: http.Header{"If-Modified-Since": {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}}, status: 304, check: answers([]byte{})},
		proxied{method: "GET", path: "/empty.txt", status: 200, check: answers([]byte{})},
	)
}

// remotes returns how many connections to the server n requests, one after another, come by.
func remotes(t *testing.T, c *http.Client, location string, n int) int {
	t.Helper()
	seen := map[string]bool{}
	for range n {
		r, err := c.Get("http://proxy.test" + location + "/dump")
		require.NoError(t, err)
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		require.NoError(t, err)
		seen[parseDump(t, string(text)).Remote] = true
	}
	return len(seen)
}

// A thousand requests of all kinds through a proxy that keeps its connections to us open and buffers in one location
// and passes on in the other.
func TestNginx(t *testing.T) {
	installed(t, "nginx")
	s, err := start("-dir", newSite(t))
	withDir := err == nil
	if withDir {
		t.Cleanup(func() { assert.NoError(t, s.stop()) })
	} else {
		t.Logf("without ranges, for h1 serve -dir is not built yet: %v", err)
		s = startServer(t)
	}
	_, c := startNginx(t, s)
	kinds := proxiedKinds(withDir)
	locations := []string{"/buffered", "/streamed"}

	for _, location := range locations { // each once, for a failure that is easy to read
		for _, p := range kinds {
			assert.NoError(t, p.send(c, location))
		}
		assert.Equal(t, 1, remotes(t, c, location, 20), "connections for 20 requests to %s", location)
	}
	if t.Failed() {
		return
	}

	const clients, requests = 8, 1000
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range requests / clients {
				p := kinds[r.IntN(len(kinds))]
				if err := p.send(c, locations[r.IntN(2)]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, remotes(t, c, "/buffered", 20), 1, "connections for 20 requests, after all the others")
}

// nginx passes an early answer on only if the connection that carries it is not reset while it still sends.
func TestNginxEarlyAnswer(t *testing.T) {
	installed(t, "nginx")
	s := startServer(t)
	socket, _ := startNginx(t, s)
	for _, location := range []string{"/buffered", "/streamed"} {
		for _, test := range []struct {
			path, status string
			args         []string
		}{
			{"/echo", "413", nil},
			{"/no/such/path", "404", []string{"-X", "PUT"}},
			{"/dump", "413", []string{"-H", "Transfer-Encoding: chunked"}},
		} {
			for range 5 {
				args := append(test.args, "--unix-socket", socket, "-H", "Expect:", "--data-binary", "@"+payloadFile(t, 7*mib),
					"-o", os.DevNull, "-w", "%{http_code}", "http://proxy.test"+location+test.path)
				assert.Equal(t, test.status, curl(t, args...).stdout, "%s%s", location, test.path)
			}
		}
	}
}
