package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/require"
)

// TestMain fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(wiretest.CheckLeaks(m))
}

// serve serves h behind h1 until the test ends, and returns the address.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	return serveNative(t, &h1.Server{Handler: nethttp.Handler(h), Logger: slog.New(slog.DiscardHandler)})
}

// serveNative runs s until the test ends, and returns the address.
func serveNative(t testing.TB, s *h1.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	return l.Addr().String()
}

// serveStd serves h behind net/http's server until the test ends, and returns the address.
func serveStd(t testing.TB, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	return l.Addr().String()
}

// client returns a client of its own connections, which end with the test.
func client(t testing.TB) *http.Client {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dial connects to addr until the test ends.
func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return c
}

// An answer is a response as net/http's client sees it.
type answer struct {
	Interim []interim
	Status  int
	Header  http.Header
	Length  int64
	Coding  []string
	Close   bool
	Body    string
	Err     string // how reading failed
	Trailer http.Header
}

// An interim is an informational response.
type interim struct {
	Status int
	Header http.Header
}

// ask sends octets and returns the answer. Of Date it tells only whether there is one.
func ask(t testing.TB, addr, octets string) *answer {
	t.Helper()
	c := dial(t, addr)
	defer c.Close()
	_, err := io.WriteString(c, octets)
	require.NoError(t, err)
	method, _, _ := strings.Cut(octets, " ")
	return readAnswer(bufio.NewReader(c), method)
}

// readAnswer reads the answer to one request.
func readAnswer(r *bufio.Reader, method string) *answer {
	a := &answer{}
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			a.Err = err.Error()
			return a
		}
		if resp.Header.Get("Date") != "" {
			resp.Header.Set("Date", "now")
		}
		if resp.StatusCode < 200 && resp.StatusCode != 101 {
			a.Interim = append(a.Interim, interim{resp.StatusCode, resp.Header})
			continue
		}
		a.Status, a.Header, a.Length = resp.StatusCode, resp.Header, resp.ContentLength
		a.Coding, a.Close = resp.TransferEncoding, resp.Close
		body, err := io.ReadAll(resp.Body)
		if a.Body = string(body); err != nil {
			a.Err = err.Error()
		}
		a.Trailer = resp.Trailer
		return a
	}
}

// String shows a on a few lines.
func (a *answer) String() string {
	var s strings.Builder
	for _, i := range a.Interim {
		fmt.Fprintf(&s, "%d %v\n", i.Status, i.Header)
	}
	fmt.Fprintf(&s, "%d length=%d coding=%v close=%t error=%q\n", a.Status, a.Length, a.Coding, a.Close, a.Err)
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		fmt.Fprintf(&s, "%q: %q\n", name, a.Header[name])
	}
	fmt.Fprintf(&s, "%d octets: %.4000s\ntrailers %v\n", len(a.Body), a.Body, a.Trailer)
	return s.String()
}
