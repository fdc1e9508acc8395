package interop

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var scratch string // directory that is removed at the end

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

// runTests runs the tests and holds the shared server, if one was started, to a clean end.
func runTests(m *testing.M) (code int) {
	if runtime.GOOS == "windows" {
		fmt.Println("interop: skipped, processes are ended by SIGTERM here")
		return 0
	}
	var err error
	if scratch, err = os.MkdirTemp("", "h1-interop-"); err != nil {
		fmt.Println("interop:", err)
		return 1
	}
	defer os.RemoveAll(scratch)
	code = m.Run()
	if shared.server == nil {
		return code
	}
	if err := shared.server.stop(); err != nil {
		fmt.Println("interop: shared server:", err)
		code = 1
	}
	if code != 0 {
		fmt.Printf("interop: the shared server wrote to stderr:\n%s\n", shared.server.stderr.String())
	}
	return code
}

// command returns the name of the h1 command, built from this checkout when it is first needed.
var command = sync.OnceValues(func() (string, error) { return build(scratch) })

// build compiles cmd/h1 into dir, with the race detector if the tests run under it.
func build(dir string) (string, error) {
	// The test cache knows what a test opened, not what a compiler that it starts reads. Walking the directories of
	// the module makes every source file part of the key, so that a changed library is never answered from the cache.
	// (Not so from TestMain: what is opened before m.Run isn't seen.)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != ".." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "h1")
	args := []string{"build", "-buildvcs=false", "-o", out}
	if raceEnabled {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "./cmd/h1")...)
	cmd.Dir = ".."
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build cmd/h1: %w\n%s", err, text)
	}
	return out, nil
}

// A server is a running "h1 serve".
type server struct {
	cmd     *exec.Cmd
	url     string // scheme, host and port; no slash at the end
	addr    string // host and port
	stderr  transcript
	sockets int        // descriptors that are sockets, before the first client
	ended   chan error // what Wait returned, once
}

// errEarly is wrapped by the error of start when the process ended before it listened.
var errEarly = errors.New("h1 serve ended before it listened")

var listening = regexp.MustCompile(`^h1: listening on ((?:http|https)://([^/ ]+))/\n$`)

// start starts "h1 serve" on a free port and waits until it listens.
func start(options ...string) (*server, error) {
	binary, err := command()
	if err != nil {
		return nil, err
	}
	s := &server{ended: make(chan error, 1)}
	s.cmd = exec.Command(binary, append([]string{"serve", "-addr", "127.0.0.1:0"}, options...)...)
	s.cmd.Env = environment()
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		r := bufio.NewReader(stdout)
		first, _ := r.ReadString('\n') // an error leaves the line incomplete, which says enough
		line <- first
		io.Copy(io.Discard, r)
	}()
	go func() {
		<-read // Wait closes the pipe
		s.ended <- s.cmd.Wait()
	}()
	select {
	case text := <-line:
		m := listening.FindStringSubmatch(text)
		if m == nil {
			s.cmd.Process.Kill()
			err := <-s.ended
			if text == "" {
				return nil, fmt.Errorf("%w: %v\n%s", errEarly, err, s.stderr.String())
			}
			return nil, fmt.Errorf("h1 serve: first line is %q", text)
		}
		s.url, s.addr = m[1], m[2]
		s.sockets = s.countSockets()
		return s, nil
	case <-time.After(30 * time.Second):
		s.cmd.Process.Kill()
		<-s.ended
		return nil, fmt.Errorf("h1 serve does not listen after 30 s\n%s", s.stderr.String())
	}
}

// stop ends the server once its clients have gone. It is an error if it keeps a connection that its client has left,
// and whatever is one for terminate.
func (s *server) stop() error {
	left := s.awaitSockets(s.sockets, 5*time.Second)
	return errors.Join(left, s.terminate())
}

// terminate ends the server by SIGTERM. It is an error if it does not exit cleanly, or if it has reported a panic or a
// data race.
func (s *server) terminate() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("cannot send SIGTERM: %w (ended before: %v)", err, <-s.ended)
	}
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("after SIGTERM: %w", err)
		}
	case <-time.After(15 * time.Second):
		s.cmd.Process.Kill()
		<-s.ended
		return errors.New("still running 15 s after SIGTERM")
	}
	for _, sign := range []string{"DATA RACE", "panic", "goroutine "} {
		if strings.Contains(s.stderr.String(), sign) {
			return fmt.Errorf("stderr has %q", sign)
		}
	}
	return nil
}

// countSockets returns how many sockets the server has open, and -1 where there is no /proc.
func (s *server) countSockets() int {
	dir := fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return -1
	}
	n := 0
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// awaitSockets waits until the server has no more than n sockets open.
func (s *server) awaitSockets(n int, within time.Duration) error {
	for end := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		open := s.countSockets()
		if open <= n {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d sockets open %v after the last client has gone, %d expected", open, within, n)
		}
	}
}

// shared is the server without options, for every test that needs no other. It starts with the first of them.
var shared struct {
	once   sync.Once
	server *server
	err    error
}

// sharedServer returns the shared server; what it writes to stderr during a failing test goes to that test's log.
func sharedServer(t *testing.T) *server {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = start() })
	require.NoError(t, shared.err)
	s := shared.server
	before := s.stderr.len()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("h1 serve wrote to stderr:\n%s", s.stderr.String()[before:])
		}
	})
	return s
}

// startServer starts a server for one test, and stops it with the test.
func startServer(t *testing.T, options ...string) *server {
	t.Helper()
	s, err := start(options...)
	if errors.Is(err, errEarly) && regexp.MustCompile(`not built|not defined`).MatchString(err.Error()) {
		t.Skipf("h1 serve %s is not built yet: %v", strings.Join(options, " "), err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("h1 serve %s: %v", strings.Join(options, " "), err)
		}
		if t.Failed() {
			t.Logf("h1 serve %s wrote to stderr:\n%s", strings.Join(options, " "), s.stderr.String())
		}
	})
	return s
}

// A transcript keeps what a process writes while others read it.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *transcript) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *transcript) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

func (r *transcript) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Len()
}

// installed skips the test if there is no command of that name.
func installed(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip(name + " is not installed")
	}
}

// environment is ours without proxies, which would take requests to 127.0.0.1 elsewhere.
func environment() (env []string) {
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			env = append(env, e)
		}
	}
	return env
}

// A result is what a client left when it ended.
type result struct {
	stdout, stderr string
	code           int
}

// execute runs a client to its end, at most for a minute.
func execute(t *testing.T, stdin io.Reader, name string, args ...string) result {
	t.Helper()
	return begin(t, stdin, name, args...)()
}

// begin starts a client; the function that it returns waits for its end as execute does.
func begin(t *testing.T, stdin io.Reader, name string, args ...string) (wait func() result) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment(), stdin, &stdout, &stderr
	cmd.WaitDelay = time.Second // a stdin that is still being copied does not keep us
	require.NoError(t, cmd.Start())
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	return func() result {
		t.Helper()
		err := cmd.Wait()
		r := result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
		if !late.Stop() {
			t.Fatalf("%s %q still ran after a minute\nstdout: %s\nstderr: %s", name, args, tail(r.stdout), tail(r.stderr))
		}
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
			t.Fatalf("%s %q: %v", name, args, err)
		}
		return r
	}
}

// tail returns the end of a text that may be too long for a log.
func tail(s string) string { return s[max(0, len(s)-4096):] }

// payload returns n octets that look random and are the same each time.
func payload(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// payloadFile returns the name of a file of n octets of payload.
func payloadFile(t *testing.T, n int) string {
	t.Helper()
	name := filepath.Join(scratch, fmt.Sprintf("payload-%d", n))
	if info, err := os.Stat(name); err == nil && info.Size() == int64(n) {
		return name
	}
	require.NoError(t, os.WriteFile(name, payload(n), 0o600))
	return name
}

func sha256hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// runCases runs each case of a script as a test of its own. Without arguments, the script prints their names;
// with a name and the server's URL it runs that case, and its exit code says whether it passed.
func runCases(t *testing.T, interpreter, script string) {
	s := sharedServer(t)
	list := execute(t, nil, interpreter, script)
	require.Zero(t, list.code, list.stderr)
	names := strings.Fields(list.stdout)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			r := execute(t, nil, interpreter, script, name, s.url)
			if r.code != 0 {
				t.Errorf("%s %s %s: exit code %d\n%s%s", interpreter, script, name, r.code, tail(r.stdout), tail(r.stderr))
			}
		})
	}
}
