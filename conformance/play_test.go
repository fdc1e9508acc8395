package conformance

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1/internal/wiretest"
)

// A stack is a server that vectors are played against.
type stack struct {
	// lacks tells why a vector can't be played, or returns "".
	lacks func(v *wiretest.Vector) string
	// serve serves one connection, with the handler that the vector asks for, until it has ended.
	serve func(conn net.Conn, s *session)
}

// A session is one vector on one connection, as the handler sees it.
type session struct {
	v   *wiretest.Vector
	tls *tls.Config // nil unless the vector wants TLS

	mu    sync.Mutex
	calls []string // method and target of each request that the handler was called for
	whole int      // how many of them had a body that could be read to its end
	wrong string   // what the handler was given otherwise than the vector says
}

// A call is what a handler can see of a request.
type call struct {
	method, target, path, escapedPath, query, host string
	length                                         int64
	body                                           string
	value, trailer                                 func(name string) []string
	cookies                                        func() [][2]string
}

func (s *session) has(option string) bool {
	_, ok := s.v.Options[option]
	return ok
}

// called notes a call before the body is read and returns its number, from 1.
func (s *session) called(method, target string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, method+" "+target)
	return len(s.calls)
}

// saw compares what the n-th call has seen, its body read, with the saw lines of the vector.
func (s *session) saw(n int, c *call) {
	want := map[string][]string{}
	for _, saw := range s.v.Saw {
		if what, no := strings.CutPrefix(saw.What, "no "); saw.Request == n && no {
			want[what] = nil
		} else if saw.Request == n {
			want[what] = append(want[what], saw.Value)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole++
	for what, wanted := range want {
		if got, ok := c.look(what); ok && !slices.Equal(got, wanted) {
			s.wrong = fmt.Sprintf("%s %q, want %q", what, got, wanted)
		}
	}
}

// look returns the values of what a saw line names. Some only h1 has, and some concern more than one call.
func (c *call) look(what string) (values []string, ok bool) {
	kind, name, _ := strings.Cut(what, " ")
	switch kind {
	case "method":
		return []string{c.method}, true
	case "target":
		return []string{c.target}, true
	case "path":
		return []string{c.path}, true
	case "escapedpath":
		return []string{c.escapedPath}, true
	case "query":
		return []string{c.query}, true
	case "host":
		return []string{c.host}, true
	case "length":
		return []string{strconv.FormatInt(c.length, 10)}, true
	case "body":
		return []string{c.body}, true
	case "value":
		return c.value(name), true
	case "trailer":
		return c.trailer(name), true
	case "cookie":
		for _, cookie := range c.cookies() {
			if cookie[0] == name {
				values = append(values, cookie[1])
			}
		}
		return values, true
	case "cookies":
		return []string{strconv.Itoa(len(c.cookies()))}, true
	}
	return nil, false // rawpath, calls, tunnel
}

// An answer is what a stack does with a vector.
type answer struct {
	statuses []int
	conn     byte   // K, C, W or T as in the vectors
	wrong    string // what the handler was given otherwise than the vector says
	whole    int    // requests whose bodies the handler could read to the end
}

// String gives statuses and letter as the vectors write them.
func (a answer) String() string { return outcome(a.statuses, a.conn) }

func outcome(statuses []int, conn byte) string {
	words := make([]string, 0, len(statuses)+1)
	for _, s := range statuses {
		words = append(words, strconv.Itoa(s))
	}
	if len(statuses) == 0 {
		words = append(words, "-")
	}
	return strings.Join(append(words, string(conn)), " ")
}

// as reports whether the statuses and the connection are those that the vector expects. Where a 100 depends on timing,
// one more or less of it does not count.
func (a answer) as(v *wiretest.Vector) bool {
	got, want := a.statuses, v.Statuses
	if v.Timing {
		no100 := func(statuses []int) []int {
			return slices.DeleteFunc(slices.Clone(statuses), func(status int) bool { return status == 100 })
		}
		got, want = no100(got), no100(want)
	}
	return slices.Equal(got, want) && a.conn == v.Conn
}

// play plays the vector, sent whole, against the stack. In the bubble it is known when a server can do no more without
// further input, and time costs nothing, so the answer is the same each time.
func play(t *testing.T, v *wiretest.Vector, k *stack) (a answer) {
	synctest.Test(t, func(t *testing.T) {
		s := &session{v: v}
		near, far := wiretest.PipeSize(1 << 20)
		var client wiretest.HalfCloser = near
		var server net.Conn = &gentle{far}
		if s.has("TLS") {
			s.tls = &tls.Config{Certificates: []tls.Certificate{certificate()}}
			server = tls.Server(server, s.tls)
			client = tls.Client(near, &tls.Config{InsecureSkipVerify: true})
		}
		served := make(chan struct{})
		go func() {
			k.serve(server, s)
			close(served)
		}()
		p := &player{conn: client}
		if over, ok := client.(*tls.Conn); ok {
			if err := over.Handshake(); err != nil {
				t.Error(err)
			}
		}
		go p.collect()
		a = p.play(s)
		near.Close()
		<-served
		time.Sleep(time.Minute) // for what still closes
	})
	return a
}

// A player is the client of a vector.
type player struct {
	conn wiretest.HalfCloser

	mu  sync.Mutex
	got []byte
	end bool
}

func (p *player) collect() {
	b := make([]byte, 4<<10)
	for {
		n, err := p.conn.Read(b)
		p.mu.Lock()
		p.got = append(p.got, b[:n]...)
		p.end = err != nil
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// settle waits until the server can do no more without further input, and returns what it has written so far.
func (p *player) settle() (got string, end bool) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.got), p.end
}

func (p *player) play(s *session) (a answer) {
	for _, step := range s.v.Steps {
		switch {
		case step.Wait:
			time.Sleep(100 * time.Millisecond)
		case step.Pause > 0:
			time.Sleep(step.Pause)
		case step.EOF:
			p.conn.CloseWrite()
		default:
			io.WriteString(p.conn, step.Octets) // fails when the server has closed
		}
		p.settle()
	}
	got, end := p.settle()
	tunnel := false
	a.statuses, tunnel = statuses(got, s.v)
	s.mu.Lock()
	calls := len(s.calls)
	a.wrong, a.whole = s.wrong, s.whole
	s.mu.Unlock()

	switch {
	case tunnel:
		io.WriteString(p.conn, "ping")
		if got, _ := p.settle(); strings.HasSuffix(got, "ping") {
			a.conn = 'T'
			return a
		}
		fallthrough
	case end:
		a.conn = 'C'
		return a
	}
	io.WriteString(p.conn, wiretest.NextRequest)
	got, _ = p.settle()
	more, _ := statuses(got, s.v)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.conn = 'W'
	if len(s.calls) == calls+1 && s.calls[calls] == "GET /n" && slices.Equal(more, append(a.statuses, 200)) {
		a.conn = 'K'
	}
	return a
}

// statuses returns the statuses of the responses in what a server has written, and whether a tunnel follows them.
func statuses(got string, v *wiretest.Vector) (statuses []int, tunnel bool) {
	methods := v.Methods
	_, connects := v.Options["EnableCONNECT"]
	for b := bufio.NewReader(strings.NewReader(got)); ; {
		method := "GET"
		if len(methods) > 0 {
			method = methods[0]
		}
		r, err := http.ReadResponse(b, &http.Request{Method: method})
		if err != nil {
			return statuses, false
		}
		statuses = append(statuses, r.StatusCode)
		if r.StatusCode == 101 || connects && method == "CONNECT" && r.StatusCode < 300 && r.StatusCode >= 200 {
			return statuses, true
		}
		if r.StatusCode >= 200 {
			methods = methods[min(1, len(methods)):]
			io.Copy(io.Discard, r.Body)
		}
	}
}

// gentle is the server's end of a connection without loss: a close never takes from the client what it has not read yet,
// whatever the server has left unread. What h1 does under loss is tested elsewhere.
type gentle struct{ *wiretest.Conn }

// Close lets the client read to the end first: time passes only when nobody else can do anything.
func (g *gentle) Close() error {
	g.CloseWrite()
	time.Sleep(time.Millisecond)
	return g.Conn.Close()
}

// Read gives a timeout the type that it has on a socket.
func (g *gentle) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = &net.OpError{Op: "read", Net: "tcp", Err: err}
	}
	return n, err
}

// echo sends back what comes.
func echo(conn io.ReadWriteCloser) {
	io.Copy(conn, conn)
	conn.Close()
}

// certificate is valid at the time of the bubble's clock.
var certificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"a"},
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
})
