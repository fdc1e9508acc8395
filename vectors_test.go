package h1_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
)

// leftOut names what doesn't apply to this library, and why (testdata/vectors/left-out.txt).
var leftOut = func() map[string]string {
	names, err := wiretest.LoadLeftOut("testdata/vectors")
	if err != nil {
		panic(err)
	}
	return names
}()

// TestVectors plays every vector in memory, cut in every way, and those that end in a close once
// more with a request behind, which must change nothing.
func TestVectors(t *testing.T) {
	eachVector(t, func(t *testing.T, v *wiretest.Vector) {
		synctest.Test(t, func(t *testing.T) {
			for name, steps := range v.Deliveries() {
				if err := playInMemory(v, steps, name == "whole"); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if v.Conn != 'C' || v.Has(func(s wiretest.Step) bool { return s.EOF }) {
				return
			}
			behind := v.Then(wiretest.NextRequest)
			for name, steps := range map[string][]wiretest.Step{"whole": behind.Steps, "octets": behind.Octets()} {
				if err := playInMemory(behind, steps, name == "whole"); err != nil {
					t.Fatalf("with a request behind, %s: %v", name, err)
				}
			}
		})
	})
}

// TestVectorsOverTCP plays the vectors that need no long silence over real sockets, in real time.
func TestVectorsOverTCP(t *testing.T) {
	eachVector(t, func(t *testing.T, v *wiretest.Vector) {
		if v.Has(func(s wiretest.Step) bool { return s.Pause > 0 }) {
			t.Skip("needs a fake clock")
		}
		for name, steps := range map[string][]wiretest.Step{"whole": v.Steps, "octets": v.Octets()} {
			if err := playOverTCP(v, steps); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
}

// eachVector runs a parallel sub-test for each vector.
func eachVector(t *testing.T, f func(*testing.T, *wiretest.Vector)) {
	vectors, err := wiretest.LoadVectors("testdata/vectors")
	if err != nil {
		t.Fatal(err)
	}
	testCertificate() // outside any bubble
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			_, file, _ := strings.Cut(v.Name, "/")
			for _, name := range []string{v.ID, file} {
				if reason, ok := leftOut[name]; ok {
					t.Skip(reason)
				}
			}
			f(t, v)
		})
	}
}

// A service is the server of one vector, and what its handler has seen on one connection.
type service struct {
	h1.Server
	vector *wiretest.Vector

	mu    sync.Mutex
	calls int
	saw   map[int]map[string][]string // request, what → values
}

func newService(v *wiretest.Vector) (*service, error) {
	s := &service{vector: v, saw: map[int]map[string][]string{}}
	s.Handler = h1.HandlerFunc(s.handle)
	s.Limits.MaxRequestBytes = -1 // the vectors were written for bodies without limit
	s.Logger = slog.New(slog.DiscardHandler)
	for name, value := range v.Options {
		switch name {
		case "noread", "panic", "silent", "status", "upgrade": // of the handler
		case "TLS":
			s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{testCertificate()}}
		case "EnableCONNECT":
			s.ConnectPolicy = func(*h1.Request) error { return nil }
			if value == "deny" {
				s.ConnectPolicy = func(*h1.Request) error { return errors.New("denied") }
			}
		case "DefaultAuthority":
			s.DefaultHost = value
		case "DisableKeepAlive":
			s.DisableKeepAlive = true
		case "MaxRequestsPerConn":
			s.MaxRequestsPerConn, _ = strconv.Atoi(value)
		case "TargetBytes":
			s.Limits.LenientTarget = value == "Lenient"
		default:
			return nil, fmt.Errorf("unknown option %s; if it doesn't apply, it belongs into left-out.txt", name)
		}
	}
	return s, nil
}

func (s *service) has(option string) bool {
	_, ok := s.vector.Options[option]
	return ok
}

// handle reads the whole body and answers, unless the options want something else. When the body
// fails it writes nothing, so that the library answers.
func (s *service) handle(w *h1.Response, q *h1.Request) {
	s.mu.Lock()
	s.calls++
	call := s.calls
	s.mu.Unlock()
	if s.has("panic") {
		panic("as the vector wants")
	}
	length, body := q.ContentLength, []byte(nil)
	if !s.has("noread") {
		var err error
		if body, err = io.ReadAll(q.Body); err != nil {
			return
		}
	}
	seen := map[string][]string{}
	for _, saw := range s.vector.Saw {
		if saw.Request == call {
			what := strings.TrimPrefix(saw.What, "no ")
			seen[what] = look(q, length, string(body), what)
		}
	}
	s.mu.Lock()
	s.saw[call] = seen
	s.mu.Unlock()

	if protocol := s.vector.Options["upgrade"]; protocol != "" {
		if conn, err := w.Upgrade(protocol, nil); err == nil {
			echo(conn)
			return
		}
	}
	switch status := s.vector.Options["status"]; {
	case s.has("silent"):
		return
	case status != "":
		code, _ := strconv.Atoi(status)
		if code == 426 {
			w.Header().Set("Upgrade", "websocket")
		}
		w.WriteHeader(code)
	case q.Method == "CONNECT":
		if conn, err := w.Tunnel(); err == nil {
			echo(conn)
			return
		}
	}
	w.Write([]byte(wiretest.Answer))
}

func echo(conn net.Conn) {
	io.Copy(conn, conn)
	conn.Close()
}

// look returns all the values of what a saw line of a vector names.
func look(q *h1.Request, length int64, body, what string) []string {
	kind, name, _ := strings.Cut(what, " ")
	switch kind {
	case "method":
		return []string{q.Method}
	case "target":
		return []string{q.Target}
	case "path":
		return []string{q.URL.Path}
	case "rawpath":
		return []string{q.URL.RawPath}
	case "escapedpath":
		return []string{q.URL.EscapedPath()}
	case "query":
		return []string{q.URL.RawQuery}
	case "host":
		return []string{q.Host}
	case "length":
		return []string{strconv.FormatInt(length, 10)}
	case "body":
		return []string{body}
	case "value":
		return slices.Collect(q.Header.Values(name))
	case "trailer":
		return slices.Collect(q.Trailer.Values(name))
	case "cookie", "cookies":
		n, values := 0, []string(nil)
		for cookie, value := range q.Cookies() {
			n++
			if cookie == name {
				values = append(values, value)
			}
		}
		if kind == "cookies" {
			return []string{strconv.Itoa(n)}
		}
		return values
	}
	return []string{"unknown: " + what}
}

// checkSaw compares what the handler has seen with the saw lines. extra calls were not the vector's.
func (s *service) checkSaw(extra int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	want := map[int]map[string][]string{}
	for _, saw := range s.vector.Saw {
		if saw.What == "tunnel" {
			continue // seen by the client
		}
		if want[saw.Request] == nil {
			want[saw.Request] = map[string][]string{}
		}
		if what, ok := strings.CutPrefix(saw.What, "no "); ok {
			want[saw.Request][what] = nil
		} else {
			want[saw.Request][saw.What] = append(want[saw.Request][saw.What], saw.Value)
		}
	}
	for request, values := range want {
		for what, wanted := range values {
			got := s.saw[request][what]
			if what == "calls" {
				got = []string{strconv.Itoa(s.calls - extra)}
			}
			if !slices.Equal(got, wanted) {
				return fmt.Errorf("request %d: handler saw %s %q, want %q", request, what, got, wanted)
			}
		}
	}
	return nil
}

func playInMemory(v *wiretest.Vector, steps []wiretest.Step, whole bool) error {
	s, err := newService(v)
	if err != nil {
		return err
	}
	near, far := wiretest.PipeSize(1 << 20)
	conn := net.Conn(far)
	if s.TLSConfig != nil {
		conn = tls.Server(far, s.TLSConfig)
	}
	served := make(chan struct{})
	go func() {
		s.ServeConn(conn)
		close(served)
	}()
	err = s.play(near, true, steps, whole)
	if v.Conn == 'C' && err == nil {
		time.Sleep(5 * time.Second) // longer than the server lingers
		select {
		case <-served:
		default:
			err = errors.New("the server still lingers 5 s after its last octet")
		}
	}
	near.Close()
	synctest.Wait()
	select {
	case <-served:
	default:
		err = errors.Join(err, errors.New("ServeConn doesn't return after the client has gone"))
		s.Close()
		<-served
	}
	s.Close()
	return err
}

func playOverTCP(v *wiretest.Vector, steps []wiretest.Step) error {
	s, err := newService(v)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	served := make(chan struct{})
	go func() {
		if s.TLSConfig != nil {
			s.ServeTLS(l, "", "")
		} else {
			s.Serve(l)
		}
		close(served)
	}()
	defer func() {
		s.Close()
		<-served
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	defer conn.Close()
	return s.play(conn.(*net.TCPConn), false, steps, false)
}

// play plays the client, and checks what it got and what the handler has seen.
func (s *service) play(conn wiretest.HalfCloser, bubble bool, steps []wiretest.Step, exact bool) error {
	if s.TLSConfig != nil {
		over := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		if err := over.Handshake(); err != nil {
			return err
		}
		conn = over
	}
	if err := wiretest.NewClient(conn, bubble).Play(s.vector, steps, exact); err != nil {
		return err
	}
	extra := 0
	if s.vector.Conn == 'K' {
		extra = 1 // the request that the client adds
	}
	return s.checkSaw(extra)
}

// TestEveryOctetInFieldName is requirement 9110-5.6.2-a: only a tchar may stand in a field name.
func TestEveryOctetInFieldName(t *testing.T) {
	const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	synctest.Test(t, func(t *testing.T) {
		for b := range 256 {
			octet := string([]byte{byte(b)})
			v := &wiretest.Vector{Statuses: []int{400}, Conn: 'C'}
			if strings.Contains(tchar+":", octet) {
				v.Statuses, v.Conn = []int{200}, 'K'
			}
			v.Steps = []wiretest.Step{{Octets: "GET / HTTP/1.1\r\nHost: a\r\na" + octet + ": v\r\n\r\n"}}
			if err := playInMemory(v, v.Steps, true); err != nil {
				t.Errorf("%q: %v", octet, err)
			}
		}
	})
}

// testCertificate is valid at the time of synctest's clock as well as today.
var testCertificate = sync.OnceValue(func() tls.Certificate {
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

// TestVectorsLeftOut lists what is left out, and holds each entry to a reason.
func TestVectorsLeftOut(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(leftOut)) {
		t.Run(name, func(t *testing.T) {
			if leftOut[name] == "" {
				t.Fatal("no reason")
			}
			t.Skip(leftOut[name])
		})
	}
}
