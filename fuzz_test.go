package h1

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-489864d5/h1/internal/octet"
	"github.com/seed-489864d5/h1/internal/wiretest"
)

// seedVectors adds the octets of all vectors of some subjects as seeds.
func seedVectors(f *testing.F, add func(octets string), subjects ...string) {
	vectors, err := wiretest.LoadVectors(filepath.Join("testdata", "vectors"))
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range vectors {
		subject, _, _ := strings.Cut(v.Name, "/")
		if in := v.Input(); slices.Contains(subjects, subject) && len(in) < 2000 {
			add(in)
		}
	}
}

var headSubjects = []string{"parser", "target", "host", "fields", "framing", "http10", "smuggling"}

// FuzzHead: a head gives the same result however it is delivered, refuses where it is wrong and not later, and what
// was accepted, written again, reads the same.
func FuzzHead(f *testing.F) {
	seedVectors(f, func(in string) { f.Add([]byte(in), uint8(7)) }, headSubjects...)
	f.Fuzz(func(t *testing.T, in []byte, step uint8) {
		var whole, pieces Request
		n, err := whole.Parse(in, nil)
		var n2 int
		err2 := ErrIncomplete
		for end := 0; err2 == ErrIncomplete; end += int(step) + 1 {
			n2, err2 = pieces.Parse(bytes.Clone(in[:min(end, len(in))]), nil)
			if end >= len(in) {
				break
			}
		}
		if n != n2 || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("whole %d %v, pieces %d %v", n, err, n2, err2)
		}
		if err != nil {
			if fault, ok := err.(*ProtocolError); ok && fault.Offset > 0 && fault.Offset < int64(len(in)) {
				var again Request
				if _, err := again.Parse(in[:fault.Offset], nil); err == nil {
					t.Fatalf("accepted what lies before the fault %v", fault)
				}
			}
			return
		}
		first := fmt.Sprintf("%q %q %v %v %q %q %v %v", whole.Method, whole.Target, whole.URL, whole.Proto, whole.Header.fields, whole.Host, whole.framing, whole.Close)
		head := whole.AppendHead(nil)
		if !bytes.HasSuffix(in[:n], head) {
			t.Fatalf("AppendHead gives %q", head)
		}
		if n, err = pieces.Parse(head, nil); err != nil || n != len(head) {
			t.Fatalf("re-parse: %d %v", n, err)
		}
		second := fmt.Sprintf("%q %q %v %v %q %q %v %v", pieces.Method, pieces.Target, pieces.URL, pieces.Proto, pieces.Header.fields, pieces.Host, pieces.framing, pieces.Close)
		if first != second {
			t.Fatalf("%s\nreads again as\n%s", first, second)
		}
	})
}

// FuzzSlowTwin holds the parser equal to the plainest one, in all that it says.
func FuzzSlowTwin(f *testing.F) {
	seedVectors(f, func(in string) { f.Add([]byte(in)) }, headSubjects...)
	f.Fuzz(func(t *testing.T, in []byte) {
		if fast, slow := fastParse(string(in)).String(), slowParse(string(in)).String(); fast != slow {
			t.Fatalf("%q\nfast %s\nslow %s", in, fast, slow)
		}
	})
}

// TestSlowTwin runs the twins over all vectors, and over each of them cut at every point.
func TestSlowTwin(t *testing.T) {
	vectors, err := wiretest.LoadVectors(filepath.Join("testdata", "vectors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		in := v.Input()
		ends := []int{len(in)}
		if len(in) < 300 {
			for i := range len(in) {
				ends = append(ends, i)
			}
		}
		for _, end := range ends {
			if fast, slow := fastParse(in[:end]).String(), slowParse(in[:end]).String(); fast != slow {
				t.Fatalf("%s: %.300q\nfast %s\nslow %s", v.Name, in[:end], fast, slow)
			}
		}
	}
}

// FuzzTarget: what ParseTarget takes is put together again to what came, and its parts are what they may be.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{"/", "/a%2Fb?x=y&z", "*", "http://u:p@[::1]:80/x?y", "a:443", "HTTPS://A?q", "/%zz", "//x", "/?%"} {
		for _, m := range []string{"GET", "OPTIONS", "CONNECT"} {
			f.Add(m, s)
		}
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		u, err := ParseTarget(method, target)
		if err != nil {
			if _, ok := err.(*ProtocolError); !ok || u != (URL{}) {
				t.Fatalf("%v %v", u, err)
			}
			return
		}
		path := u.EscapedPath()
		if u.Scheme != "" { // an absolute-form without a path
			if rest, _, _ := strings.Cut(target[len(u.Scheme)+len("://"):], "?"); !strings.Contains(rest, "/") {
				path = ""
			}
		}
		again := path
		if u.Scheme != "" {
			again = u.Host + path
			if u.User != "" || strings.Contains(target, "@") && strings.HasPrefix(target[len(u.Scheme)+3:], "@") {
				again = u.User + "@" + again
			}
			again = target[:len(u.Scheme)] + "://" + again
		} else if method == "CONNECT" {
			again = u.Host
		}
		if u.RawQuery != "" || u.ForceQuery {
			again += "?" + u.RawQuery
		}
		if again != target {
			t.Fatalf("%q: %+v makes %q", target, u, again)
		}
		if u.RawPath != "" && u.Path == u.RawPath || strings.Contains(u.Path, "\x00") {
			t.Fatalf("%q: path %q, raw %q", target, u.Path, u.RawPath)
		}
		if host, _, ok := splitAuthority(u.Host); u.Host != "" && (!ok || host == "") {
			t.Fatalf("%q: host %q", target, u.Host)
		}
		for k, v := range u.Query() {
			_ = u.QueryGet(k + v)
		}
		_ = u.Std().String()
	})
}

// FuzzHeader: edits of a Header do what they do to the plainest list.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("aAbBsScCdDsSaAa"))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 300 {
			return // each step looks at the whole model
		}
		var h Header
		var model []Field
		del := func(name string, from int) {
			var kept []Field
			for i, m := range model {
				if i < from || !strings.EqualFold(m.Name, name) {
					kept = append(kept, m)
				}
			}
			model = kept
		}
		for i := 0; i+2 < len(script); i += 3 {
			name := string([]byte{"xXyYzZ"[script[i+1]%6], '-', "aA"[script[i+2]%2]})
			value := fmt.Sprint(i)
			switch script[i] % 8 {
			case 0, 1, 2, 3:
				h.Add(name, value)
				model = append(model, Field{name, value})
			case 4, 5:
				h.Set(name, value)
				at := -1
				for j, m := range model {
					if strings.EqualFold(m.Name, name) {
						at = j
						break
					}
				}
				if at < 0 {
					model = append(model, Field{name, value})
				} else {
					model[at] = Field{name, value}
					del(name, at+1)
				}
			case 6:
				h.Del(name)
				del(name, 0)
			case 7:
				h.Reset()
				model = nil
			}
			if fmt.Sprint(h.Fields()) != fmt.Sprint(model) {
				t.Fatalf("%v, want %v", h.Fields(), model)
			}
			var want []string
			for _, m := range model {
				if strings.EqualFold(m.Name, name) {
					want = append(want, m.Value)
				}
			}
			var got []string
			for v := range h.Values(name) {
				got = append(got, v)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || h.Has(name) != (want != nil) || want != nil && h.Get(name) != want[0] {
				t.Fatalf("%s: %v, want %v", name, got, want)
			}
		}
	})
}

// FuzzMembers: the split of a list loses and invents nothing.
func FuzzMembers(f *testing.F) {
	f.Add(`a, "b,c\"",,d`)
	f.Add(`"\`)
	f.Fuzz(func(t *testing.T, list string) {
		n := 0
		for m := range members(list) {
			if octet.TrimSpace(m) != m || !strings.Contains(list, m) {
				t.Fatalf("%q has member %q", list, m)
			}
			n += len(m) + 1
		}
		if n > len(list)+1 {
			t.Fatalf("%q: the members are longer than the list", list)
		}
	})
}

// A playConn is a server's connection in memory whose client has sent all it will send, in pieces, and takes everything.
type playConn struct {
	net.Conn // for the addresses
	mu       sync.Mutex
	in       []byte
	piece    int
	out      bytes.Buffer
	closed   bool
	cut      bool
}

func (c *playConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	if len(c.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.in[:min(len(c.in), c.piece)])
	c.in = c.in[n:]
	return n, nil
}

func (c *playConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	return c.out.Write(p)
}

func (c *playConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}
func (c *playConn) CloseWrite() error                { return nil }
func (c *playConn) SetLinger(int) error              { c.cut = true; return nil }
func (c *playConn) SetDeadline(time.Time) error      { return nil }
func (c *playConn) SetReadDeadline(time.Time) error  { return nil }
func (c *playConn) SetWriteDeadline(time.Time) error { return nil }

var playEnd = func() net.Conn { c, s := net.Pipe(); _ = c.Close(); return s }()

// play serves in to s and returns what was written, and whether the connection was cut.
func play(s *Server, in []byte, piece int) (string, bool) {
	c := &playConn{Conn: playEnd, in: in, piece: piece}
	s.Logger = slog.New(slog.DiscardHandler)
	_ = s.ServeConn(c)
	return c.out.String(), c.cut
}

// FuzzConn: whatever comes, a connection writes well-formed responses only, at most one final response for each call
// of the handler or refusal, and nothing behind a refusal; it ends, holds no goroutine, and delivery plays no part but
// for 100 Continue.
func FuzzConn(f *testing.F) {
	seedVectors(f, func(in string) { f.Add([]byte(in), uint8(3), uint8(0)) }, "parser", "framing", "chunked", "trailers", "body", "conn",
		"upgrade", "smuggling", "http10")
	f.Fuzz(func(t *testing.T, in []byte, piece, mode uint8) {
		run := func(piece int) (string, []string) {
			var methods []string
			s := &Server{Handler: HandlerFunc(func(w *Response, q *Request) {
				methods = append(methods, q.Method)
				if mode&1 == 0 {
					if _, err := io.Copy(io.Discard, q.Body); err != nil {
						return
					}
				}
				if mode&2 != 0 {
					_ = q.Context()
				}
				_, _ = w.WriteString("ok\n")
				if mode&4 != 0 {
					_ = w.Flush()
				}
			}), OnError: func(w *Response, q *Request, err *ProtocolError) {
				if len(methods) == 0 || q.Method != methods[len(methods)-1] || q.ContentLength == 0 {
					methods = append(methods, q.Method)
				} else if err.Rule != "RFC 9110 §7.4" && q.Method == methods[len(methods)-1] {
					return // of the body of the request that the handler had
				}
			}}
			out, cut := play(s, in, piece)
			if cut {
				return "", nil
			}
			return out, methods
		}
		out, methods := run(int(piece) + 1)
		all := append(append([]string(nil), methods...), strings.Split(strings.Repeat("GET ", 3), " ")[:3]...)
		responses, err := wiretest.ParseResponses(out, all)
		if err != nil {
			t.Fatalf("%q\nwrote %q\n%v", in, out, err)
		}
		finals := 0
		for i, r := range responses {
			if r.Interim() {
				continue
			}
			finals++
			if i+1 < len(responses) && (r.Status >= 400 && r.Status != 421 || r.Says("Connection", "close")) {
				t.Fatalf("%q\nsomething follows the last response: %q", in, out)
			}
		}
		if finals > len(methods) {
			t.Fatalf("%q\n%d responses to %d requests: %q", in, finals, len(methods), out)
		}
		whole, _ := run(len(in) + 1)
		plain := func(s string) string {
			s = strings.ReplaceAll(s, "HTTP/1.1 100 Continue\r\n\r\n", "")
			for i := strings.Index(s, "Date: "); i >= 0; i = strings.Index(s, "Date: ") {
				s = s[:i] + s[i+len("Date: ")+len(imfFixdate)+2:]
			}
			return strings.ReplaceAll(s, "Connection: close\r\n", "") // known in time or not
		}
		if plain(whole) != plain(out) && out != "" && whole != "" {
			t.Fatalf("%q\nwhole  %q\npieces %q", in, whole, out)
		}
	})
}

// FuzzResponse: whatever a handler does, what is on the wire is one well-formed final response, with interim ones before
// it, or the connection was cut.
func FuzzResponse(f *testing.F) {
	f.Add([]byte("hello"), "X", "v", uint16(200), uint8(0))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, "Content-Length", "3", uint16(204), uint8(1))
	f.Add([]byte{2, 2, 3, 9, 3}, "Trailer", "a\r\nb", uint16(304), uint8(2))
	f.Fuzz(func(t *testing.T, script []byte, name, value string, status uint16, request uint8) {
		if len(script) > 64 {
			return
		}
		heads := []string{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
			"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab",
			"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"}
		head := heads[int(request)%len(heads)]
		calls := 0
		s := &Server{ConnectPolicy: func(*Request) error { return nil }, Handler: HandlerFunc(func(w *Response, q *Request) {
			if calls++; calls > 1 {
				_, _ = w.WriteString("second")
				return
			}
			for i, op := range script {
				switch op % 14 {
				case 0:
					w.WriteHeader(int(status))
				case 1:
					_, _ = w.Write(bytes.Repeat([]byte("x"), int(op)))
				case 2:
					_ = w.Flush()
				case 3:
					w.Header().Add(name, value)
				case 4:
					w.Header().Set("Content-Length", fmt.Sprint(i*int(op)%500))
				case 5:
					w.Trailer().Set("X-T", value)
				case 6:
					w.Trailer().Add(name, "")
				case 7:
					_ = w.WriteInformational(103, w.Header())
				case 8:
					w.SetReason(value)
				case 9:
					_, _ = w.Write(make([]byte, 5000))
				case 10:
					_ = w.WriteShared(NewSharedChunk([]byte(value)))
				case 11:
					_, _ = w.ReadFrom(strings.NewReader(value))
				case 12:
					_, _ = io.ReadAll(q.Body)
				case 13:
					if i == len(script)-1 {
						w.Abort()
					}
				}
			}
		})}
		out, cut := play(s, []byte(head+"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"), 4096)
		method, _, _ := strings.Cut(head, " ")
		responses, err := wiretest.ParseResponses(out, []string{method, "GET"})
		if cut {
			if err == nil && len(responses) > 1 && responses[len(responses)-1].Body == "second" {
				t.Fatalf("went on after a cut: %q", out)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q %q %q: %v", script, head, out, err)
		}
		finals := 0
		for _, r := range responses {
			if !r.Interim() {
				finals++
			}
		}
		if want := calls; finals != want {
			t.Fatalf("%d final responses to %d calls: %q", finals, want, out)
		}
	})
}

// TestConnMemoryIsBounded: a head that never ends can't make the connection hold more than its limits.
func TestConnMemoryIsBounded(t *testing.T) {
	in := []byte("GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 5000))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, _ := play(&Server{}, in, 1000)
	runtime.ReadMemStats(&after)
	if !strings.HasPrefix(out, "HTTP/1.1 431 ") {
		t.Fatalf("%.100q", out)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Fatalf("%d octets allocated for a head of at most 64 KiB", grown)
	}
}
