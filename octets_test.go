package h1_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
)

// Sets of octets, written out from the ABNF and not taken from internal/octet.
var (
	alnumOctets   = octetsFrom('a', 'z') + octetsFrom('A', 'Z') + octetsFrom('0', '9')
	hexOctets     = "0123456789abcdefABCDEF"
	tokenOctets   = alnumOctets + "!#$%&'*+-.^_`|~"                           // RFC 9110 §5.6.2
	textOctets    = "\t" + octetsFrom(' ', '~') + octetsFrom(0x80, 0xff)      // field values, RFC 9110 §5.5
	qdtextOctets  = without(textOctets, `"\`)                                 // RFC 9110 §5.6.4
	hostOctets    = alnumOctets + "-._~"                                      // 3986-3.2.2-a
	pathOctets    = alnumOctets + "-._~" + "!$&'()*+,;=" + ":@/" + "[]^{}|`"  // 3986-3.3-a, "%" apart
	queryOctets   = pathOctets + `?%\`                                        // 3986-3.4-a
	lenientOctets = without(octetsFrom('!', '~')+octetsFrom(0x80, 0xff), "#") // 3986-2.2-a
	anyOctets     = octetsFrom(0, 0xff)
)

func octetsFrom(first, last int) string {
	var b strings.Builder
	for c := first; c <= last; c++ {
		b.WriteByte(byte(c))
	}
	return b.String()
}

func without(octets, those string) string {
	for i := range len(those) {
		octets = strings.ReplaceAll(octets, those[i:i+1], "")
	}
	return octets
}

const (
	getOpen     = "GET / HTTP/1.1\r\nHost: a\r\n"  // a head to which fields can be added
	postOpen    = "POST / HTTP/1.1\r\nHost: a\r\n" // the same
	postChunked = postOpen + "Transfer-Encoding: chunked\r\n\r\n"
)

// An octetPosition is a place in a request at which each of the 256 octets is tried. Those that are neither taken nor
// special there must be refused with 400 as soon as they come: nothing behind them is waited for (9112-2.2-h).
type octetPosition struct {
	name    string
	before  string // what is sent first; it must be fine so far
	taken   string // octets after which behind makes a request that is answered by 200
	behind  string
	special []specialOctets
	base    int  // where in before the message or chunked body at hand begins: offsets count from there
	lenient bool // with LenientTarget
}

// specialOctets have a meaning of their own at a position: they are not refused when they come, and once behind has
// come too, the answer has that status.
type specialOctets struct {
	octets string
	behind string
	status int
}

const (
	rest11  = " HTTP/1.1\r\nHost: a\r\n\r\n" // of a head, behind the target
	lineEnd = "\n\r\n"                       // of a head, behind the CR of a field line
)

func octetPositions() []octetPosition {
	chunk := func(behind string) octetPosition {
		before := postChunked + behind
		return octetPosition{before: before, base: len(postChunked)}
	}
	list := []octetPosition{
		// Request line.
		{name: "method, first", taken: tokenOctets, behind: "X /" + rest11,
			special: []specialOctets{{"\r", "\n" + next, 200}}}, // an empty line before the request line, 9112-2.2-d
		{name: "method, later", before: "G", taken: tokenOctets, behind: "X /" + rest11,
			special: []specialOctets{{" ", "/" + rest11, 200}}},
		{name: "behind an empty line", before: "\r\n", taken: tokenOctets, behind: "X /" + rest11},
		{name: "behind a request", before: next, base: len(next), taken: tokenOctets, behind: "X /" + rest11,
			special: []specialOctets{{"\r", "\n" + next, 200}}},
		{name: "behind a request with content", before: postOpen + "Content-Length: 1\r\n\r\nx",
			base: len(postOpen + "Content-Length: 1\r\n\r\nx"), taken: tokenOctets, behind: "X /" + rest11,
			special: []specialOctets{{"\r", "\n" + next, 200}}},
		{name: "behind a chunked request", before: postChunked + "0\r\n\r\n",
			base: len(postChunked + "0\r\n\r\n"), taken: tokenOctets, behind: "X /" + rest11,
			special: []specialOctets{{"\r", "\n" + next, 200}}},
		{name: "target, first", before: "GET ", taken: "/", behind: "x" + rest11, special: []specialOctets{
			{"hH", "ttp://a/" + rest11, 200},
			{"*", " HTTP/1.1\r\n", 400}, // only then: "PRI * HTTP/2.0" is 505 (9113-3.4-a)
		}},
		{name: "target of OPTIONS, first", before: "OPTIONS ", taken: "/*", behind: rest11,
			special: []specialOctets{{"hH", "ttp://a/" + rest11, 200}}},
		{name: "target, behind the asterisk", before: "OPTIONS *", taken: " ", behind: rest11[1:]},
		{name: "path", before: "GET /a", taken: pathOctets + "?", behind: "b" + rest11,
			special: []specialOctets{{"%", "41" + rest11, 200}, {" ", rest11[1:], 200}}},
		{name: "path, first", before: "GET /", taken: pathOctets + "?", behind: "b" + rest11,
			special: []specialOctets{{"%", "41" + rest11, 200}, {" ", rest11[1:], 200}}},
		{name: "escape, first digit", before: "GET /%", taken: hexOctets, behind: "1" + rest11},
		{name: "escape, second digit", before: "GET /%4", taken: hexOctets, behind: rest11},
		{name: "escape, second digit, not NUL", before: "GET /%0", taken: without(hexOctets, "0"), behind: rest11}, // 3986-7.3-a
		{name: "query", before: "GET /?a", taken: queryOctets, behind: "b" + rest11,
			special: []specialOctets{{" ", rest11[1:], 200}}},
		{name: "query, first", before: "GET /?", taken: queryOctets, behind: "b" + rest11,
			special: []specialOctets{{" ", rest11[1:], 200}}},
		{name: "query, behind a percent sign", before: "GET /?%", taken: queryOctets, behind: "b" + rest11,
			special: []specialOctets{{" ", rest11[1:], 200}}},
		{name: "lenient path", lenient: true, before: "GET /a", taken: without(lenientOctets, "%"), behind: "b" + rest11,
			special: []specialOctets{{"%", "41" + rest11, 200}, {" ", rest11[1:], 200}}},
		{name: "lenient query", lenient: true, before: "GET /?a", taken: lenientOctets, behind: "b" + rest11,
			special: []specialOctets{{" ", rest11[1:], 200}}},
		{name: "between CR and LF of the request line", before: "GET / HTTP/1.1\r", taken: "\n", behind: "Host: a\r\n\r\n"},
		{name: "between CR and LF of an empty line", before: "\r", taken: "\n", behind: next},

		// Field lines.
		{name: "first field line, first", before: "GET / HTTP/1.1\r\n", taken: tokenOctets, behind: "x: y\r\nHost: a\r\n\r\n",
			special: []specialOctets{{"\r", "\n", 400}}}, // no Host
		{name: "field name, first", before: getOpen, taken: tokenOctets, behind: "x: y\r\n\r\n",
			special: []specialOctets{{"\r", "\n", 200}}},
		{name: "field name, later", before: getOpen + "a", taken: tokenOctets, behind: "x: y\r\n\r\n",
			special: []specialOctets{{":", " y\r\n\r\n", 200}}},
		{name: "field value, behind the colon", before: getOpen + "X:", taken: textOctets, behind: "y\r\n\r\n",
			special: []specialOctets{{"\r", lineEnd, 200}}},
		{name: "field value, first", before: getOpen + "X: ", taken: textOctets, behind: "y\r\n\r\n",
			special: []specialOctets{{"\r", lineEnd, 200}}},
		{name: "field value, middle", before: getOpen + "X: a", taken: textOctets, behind: "y\r\n\r\n",
			special: []specialOctets{{"\r", lineEnd, 200}}},
		{name: "field value, last", before: getOpen + "X: a", taken: textOctets, behind: "\r\n\r\n",
			special: []specialOctets{{"\r", lineEnd, 200}}},
		{name: "between CR and LF of a field line", before: getOpen + "X: y\r", taken: "\n", behind: "\r\n"},
		{name: "between CR and LF of the last line of a head", before: getOpen + "\r", taken: "\n"},

		// Host. What may stand in any value is refused only when the head is complete, other faults of the
		// head coming first (own-lim-c).
		{name: "Host, first", before: "GET / HTTP/1.1\r\nHost: ", taken: hostOctets + " \t", behind: "b\r\n\r\n", special: []specialOctets{
			{"[", "::1]\r\n\r\n", 200}, {"\r", lineEnd, 400},
			{without(textOctets, hostOctets+" \t["), "b\r\n\r\n", 400}}},
		{name: "Host, middle", before: "GET / HTTP/1.1\r\nHost: a", taken: hostOctets, behind: "b\r\n\r\n", special: []specialOctets{
			{":", "80\r\n\r\n", 200}, {"\r", lineEnd, 200},
			{without(textOctets, hostOctets+":"), "b\r\n\r\n", 400}}},
		{name: "Host, last", before: "GET / HTTP/1.1\r\nHost: a", taken: hostOctets + ": \t", behind: "\r\n\r\n", special: []specialOctets{
			{"\r", lineEnd, 200},
			{without(textOctets, hostOctets+": \t"), "\r\n\r\n", 400}}},
		{name: "Host, port", before: "GET / HTTP/1.1\r\nHost: a:1", taken: "0123456789 \t", behind: "\r\n\r\n", special: []specialOctets{
			{"\r", lineEnd, 200},
			{without(textOctets, "0123456789 \t"), "\r\n\r\n", 400}}},
	}

	// The version, octet by octet. Another major version is refused with the line complete (9110-6.2-b).
	const version = "HTTP/1.1"
	for i := range version {
		p := octetPosition{name: "version, octet " + strconv.Itoa(i), before: "GET / " + version[:i], taken: version[i : i+1],
			behind: version[i+1:] + "\r\nHost: a\r\n\r\n"}
		switch i {
		case 5:
			p.special = []specialOctets{{"023456789", ".1\r\n", 505}}
		case 7:
			p.taken, p.special = "123456789", []specialOctets{{"0", "\r\nHost: a\r\n\r\n", 200}}
		}
		list = append(list, p)
	}
	list = append(list, octetPosition{name: "version, behind it", before: "GET / HTTP/1.1", taken: "\r", behind: "\nHost: a\r\n\r\n"})

	// The chunked coding and its trailer section. "0" in front makes it the last chunk.
	for _, c := range []struct {
		name, before, taken, behind string
		special                     []specialOctets
	}{
		{"chunk size, first", "", without(hexOctets, "0"), "", []specialOctets{{"0", "\r\n\r\n", 200}}},
		{"chunk size, later", "0", without(hexOctets, "0"), "", []specialOctets{
			{"0", "\r\n\r\n", 200}, {";", "x\r\n\r\n", 200}, {" \t", ";x\r\n\r\n", 200}, {"\r", lineEnd, 200}}},
		{"chunk size, of the second chunk", "1\r\nx\r\n", without(hexOctets, "0"), "", []specialOctets{{"0", "\r\n\r\n", 200}}},
		{"behind a chunk size and a space", "0 ", ";", "x\r\n\r\n", []specialOctets{{" \t", ";x\r\n\r\n", 200}}},
		{"extension name, first", "0;", tokenOctets, "\r\n\r\n", []specialOctets{{" \t", "x\r\n\r\n", 200}}},
		{"extension name, later", "0;a", tokenOctets, "\r\n\r\n", []specialOctets{
			{"=;", "b\r\n\r\n", 200}, {" \t", ";b\r\n\r\n", 200}, {"\r", lineEnd, 200}}},
		{"behind an extension name and a space", "0;a ", "=;", "b\r\n\r\n", []specialOctets{{" \t", "=b\r\n\r\n", 200}}},
		{"extension value, first", "0;a=", tokenOctets, "\r\n\r\n", []specialOctets{
			{`"`, "\"\r\n\r\n", 200}, {" \t", "b\r\n\r\n", 200}}},
		{"extension value, later", "0;a=b", tokenOctets, "\r\n\r\n", []specialOctets{
			{";", "c\r\n\r\n", 200}, {" \t", ";c\r\n\r\n", 200}, {"\r", lineEnd, 200}}},
		{"behind an extension value and a space", "0;a=b ", ";", "c\r\n\r\n", []specialOctets{{" \t", ";c\r\n\r\n", 200}}},
		{"quoted value, first", `0;a="`, qdtextOctets, "\"\r\n\r\n", []specialOctets{
			{`"`, "\r\n\r\n", 200}, {`\`, "x\"\r\n\r\n", 200}}},
		{"quoted value, later", `0;a="b`, qdtextOctets, "\"\r\n\r\n", []specialOctets{
			{`"`, "\r\n\r\n", 200}, {`\`, "x\"\r\n\r\n", 200}}},
		{"quoted value, behind a backslash", `0;a="\`, textOctets, "\"\r\n\r\n", nil},
		{"behind a quoted value", `0;a="b"`, ";", "c\r\n\r\n", []specialOctets{{" \t", ";c\r\n\r\n", 200}, {"\r", lineEnd, 200}}},
		{"between CR and LF of a chunk line", "1\r", "\n", "x\r\n0\r\n\r\n", nil},
		{"between CR and LF of an extended chunk line", "1;a=\"b\"\r", "\n", "x\r\n0\r\n\r\n", nil},
		{"chunk data", "1\r\n", anyOctets, "\r\n0\r\n\r\n", nil},
		{"behind chunk data", "1\r\nx", "\r", "\n0\r\n\r\n", nil},
		{"between CR and LF behind chunk data", "1\r\nx\r", "\n", "0\r\n\r\n", nil},
		{"between CR and LF of the last chunk", "0\r", "\n", "\r\n", nil},

		{"trailer name, first", "0\r\n", tokenOctets, "x: y\r\n\r\n", []specialOctets{{"\r", "\n", 200}}},
		{"trailer name, later", "0\r\na", tokenOctets, "x: y\r\n\r\n", []specialOctets{{":", " y\r\n\r\n", 200}}},
		{"trailer name, of the second line", "0\r\nX: y\r\n", tokenOctets, "x: y\r\n\r\n", []specialOctets{{"\r", "\n", 200}}},
		{"trailer value, behind the colon", "0\r\nX:", textOctets, "y\r\n\r\n", []specialOctets{{"\r", lineEnd, 200}}},
		{"trailer value, first", "0\r\nX: ", textOctets, "y\r\n\r\n", []specialOctets{{"\r", lineEnd, 200}}},
		{"trailer value, middle", "0\r\nX: a", textOctets, "y\r\n\r\n", []specialOctets{{"\r", lineEnd, 200}}},
		{"trailer value, last", "0\r\nX: a", textOctets, "\r\n\r\n", []specialOctets{{"\r", lineEnd, 200}}},
		{"between CR and LF of a trailer line", "0\r\nX: y\r", "\n", "\r\n", nil},
		{"between CR and LF of the last line of a trailer section", "0\r\n\r", "\n", "", nil},
		{"between CR and LF of the last line behind a trailer", "0\r\nX: y\r\n\r", "\n", "", nil},
	} {
		p := chunk(c.before)
		p.name, p.taken, p.behind, p.special = c.name, c.taken, c.behind, c.special
		list = append(list, p)
	}
	return list
}

// after returns what must become of the octet: refused at once if status is 0, else answered by that status once
// behind has come.
func (p *octetPosition) after(c byte) (behind string, status int) {
	octet := string([]byte{c})
	for _, s := range p.special {
		if strings.Contains(s.octets, octet) {
			return s.behind, s.status
		}
	}
	if !strings.Contains(p.taken, octet) {
		return "", 0
	}
	if strings.HasPrefix(p.name, "chunk size") {
		size, _ := strconv.ParseUint(octet, 16, 8)
		return "\r\n" + strings.Repeat("d", int(size)) + "\r\n0\r\n\r\n", 200
	}
	return p.behind, 200
}

// TestEveryOctetParsed tries every octet at every position in the message and stream layers, whole and octet by octet.
func TestEveryOctetParsed(t *testing.T) {
	for _, p := range octetPositions() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			limits := &h1.Limits{LenientTarget: p.lenient}
			_, err := readAll(p.before, limits, false)
			if !unfinished(err) {
				t.Fatalf("in front of the octet: %v", err)
			}
			for c := range 256 {
				in := p.before + string([]byte{byte(c)})
				behind, status := p.after(byte(c))
				for _, octets := range []bool{false, true} {
					_, err := readAll(in, limits, octets)
					if status == 0 {
						if err := refusedAt(err, len(p.before)-p.base); err != nil {
							t.Errorf("%#02x: %v", c, err)
						}
						continue
					}
					if !unfinished(err) {
						t.Errorf("%#02x: %v, want it to be taken", c, err)
						continue
					}
					if err := ends(in+behind, limits, octets, status); err != nil {
						t.Errorf("%#02x: %v", c, err)
					}
				}
			}
		})
	}
}

// readAll reads requests and their bodies until an error, which is io.EOF after a complete request.
func readAll(in string, limits *h1.Limits, octets bool) (n int, err error) {
	var src io.Reader = strings.NewReader(in)
	if octets {
		src = &octetReader{in}
	}
	r := h1.NewReader(src, limits)
	defer r.Release()
	var q h1.Request
	for {
		if err = r.ReadRequest(&q); err != nil {
			return n, err
		}
		if _, err = io.Copy(io.Discard, q.Body); err != nil {
			return n, err
		}
		n++
	}
}

// An octetReader gives one octet in each Read.
type octetReader struct{ left string }

func (r *octetReader) Read(p []byte) (int, error) {
	if r.left == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(1, len(p))], r.left)
	r.left = r.left[n:]
	return n, nil
}

// unfinished reports whether nothing was wrong when the input ended.
func unfinished(err error) bool { return err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) }

func refusedAt(err error, offset int) error {
	fault, ok := errors.AsType[*h1.ProtocolError](err)
	switch {
	case !ok || unfinished(err):
		return fmt.Errorf("%v, want it to be refused at once", err)
	case fault.Status != 400:
		return fmt.Errorf("%v: status %d, want 400", err, fault.Status)
	case fault.Offset != int64(offset):
		return fmt.Errorf("%v: offset %d, want %d", err, fault.Offset, offset)
	}
	return nil
}

// ends checks that in is complete, and that its last request is taken or refused.
func ends(in string, limits *h1.Limits, octets bool, status int) error {
	_, err := readAll(in, limits, octets)
	fault, _ := errors.AsType[*h1.ProtocolError](err)
	switch {
	case status == 200 && err != io.EOF:
		return fmt.Errorf("%v in %q", err, in)
	case status != 200 && (fault == nil || fault.Status != status || unfinished(err)):
		return fmt.Errorf("%v in %q, want status %d", err, in, status)
	}
	return nil
}

// TestEveryOctetServed tries every octet at every position over the connection loop: what is refused is answered by
// 400 before anything behind it comes, and nothing behind it is read as HTTP; what is taken is answered only when the
// request is complete.
func TestEveryOctetServed(t *testing.T) {
	for _, p := range octetPositions() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &h1.Server{Handler: answering, Logger: quiet, Limits: h1.Limits{LenientTarget: p.lenient}}
				ahead, _ := readAll(p.before, nil, false) // requests complete in front of the octet
				for c := range 256 {
					behind, status := p.after(byte(c))
					if err := serveOctet(s, &p, string([]byte{byte(c)}), behind, status, ahead); err != nil {
						t.Errorf("%#02x: %v", c, err)
					}
				}
			})
		})
	}
}

func serveOctet(s *h1.Server, p *octetPosition, octet, behind string, status, ahead int) error {
	client, server := wiretest.PipeSize(1 << 20)
	served := make(chan struct{})
	go func() {
		_ = s.ServeConn(server)
		close(served)
	}()
	defer func() {
		_ = client.Close()
		<-served
	}()
	want := slices.Repeat([]int{200}, ahead)
	switch {
	case status == 0:
		want = append(want, 400)
	case behind == "": // the octet makes the request complete
		want = append(want, 200)
	}
	_, _ = io.WriteString(client, p.before+octet)
	out := received(client)
	if err := statusesAre(out, want); err != nil {
		return fmt.Errorf("when it comes: %w", err)
	}
	_, _ = io.WriteString(client, behind+next)
	switch status {
	case 0: // nothing more
	case 200:
		if behind != "" {
			want = append(want, 200)
		}
		if p.before+octet != "GET / HTTP/1.0" {
			want = append(want, 200) // next
		}
	default:
		want = append(want, status)
	}
	synctest.Wait()
	_ = client.CloseWrite()
	rest, err := io.ReadAll(client)
	if err != nil {
		return err
	}
	return statusesAre(out+string(rest), want)
}

// statusesAre parses what a server wrote in answer to requests other than HEAD and CONNECT.
func statusesAre(out string, want []int) error {
	responses, err := wiretest.ParseResponses(out, slices.Repeat([]string{"GET"}, len(want)))
	if err != nil {
		return fmt.Errorf("%w in %q", err, out)
	}
	var got []int
	for _, r := range responses {
		got = append(got, r.Status)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("statuses %v, want %v", got, want)
	}
	return nil
}

// TestEveryOctetInAuthority tries every octet in the authority of an absolute-form and an authority-form target. The
// requests are of HTTP/1.0 so that no Host has to agree.
func TestEveryOctetInAuthority(t *testing.T) {
	const rest10 = " HTTP/1.0\r\n\r\n"
	digits := octetsFrom('0', '9')
	for _, p := range []octetPosition{
		{name: "scheme, second octet", before: "GET h", taken: "tT", behind: "tp://a/" + rest10},
		{name: "scheme, behind http", before: "GET http", taken: ":", behind: "//a/" + rest10,
			special: []specialOctets{{"sS", "://a/" + rest10, 200}}},
		{name: "scheme, behind its colon", before: "GET http:", taken: "/", behind: "/a/" + rest10},
		{name: "host, first", before: "GET http://", taken: hostOctets, behind: "b/" + rest10,
			special: []specialOctets{{"[", "::1]/" + rest10, 200}}},
		{name: "host, later", before: "GET http://a", taken: hostOctets, behind: "b/" + rest10,
			special: []specialOctets{{":", "80/" + rest10, 200}, {"/?", rest10, 200}, {" ", rest10[1:], 200}}},
		{name: "port, first", before: "GET http://a:", taken: without(digits, "0"), behind: "0/" + rest10,
			special: []specialOctets{{"0", "80/" + rest10, 200}, {"/?", rest10, 200}, {" ", rest10[1:], 200}}},
		{name: "port, later", before: "GET http://a:8", taken: digits + "/?", behind: rest10,
			special: []specialOctets{{" ", rest10[1:], 200}}},
		{name: "IPv6 address, first", before: "GET http://[", taken: hexOctets, behind: "::1]/" + rest10,
			special: []specialOctets{{":", ":1]/" + rest10, 200}}},
		{name: "IPv6 address, later", before: "GET http://[a:", taken: hexOctets, behind: "::1]/" + rest10,
			special: []specialOctets{{":", "1]/" + rest10, 200}}},
		{name: "behind an IPv6 address", before: "GET http://[::1]", taken: "/?", behind: rest10,
			special: []specialOctets{{":", "80/" + rest10, 200}, {" ", rest10[1:], 200}}},
		{name: "CONNECT, first", before: "CONNECT ", taken: hostOctets, behind: ":1" + rest10,
			special: []specialOctets{{"[", "::1]:1" + rest10, 200}}},
		{name: "CONNECT, later", before: "CONNECT a", taken: hostOctets, behind: ":1" + rest10,
			special: []specialOctets{{":", "1" + rest10, 200}}},
		{name: "CONNECT, port", before: "CONNECT a:", taken: without(digits, "0"), behind: rest10,
			special: []specialOctets{{"0", "1" + rest10, 200}}},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			late := ""
			for c := range 256 {
				octet := string([]byte{byte(c)})
				behind, status := p.after(byte(c))
				if status > 0 {
					if err := ends(p.before+octet+behind, nil, true, status); err != nil {
						t.Errorf("%#02x: %v", c, err)
					}
					continue
				}
				if err := ends(p.before+octet+"b"+rest10, nil, true, 400); err != nil { // whenever
					t.Errorf("%#02x: %v", c, err)
				}
				if _, err := readAll(p.before+octet, nil, false); refusedAt(err, len(p.before)) != nil {
					late += octet
				}
			}
			if late != "" {
				t.Errorf("9112-2.2-h: octets %q behind %q can never become valid, but are refused only later", late, p.before)
			}
		})
	}
}

// An octetScript makes a handler put an octet somewhere in a response. If the octet is taken, taken checks the
// response; else refused does, or the response must be the plain 500 that replaces an invalid head (W-NAME, W-VALUE,
// W-REASON) if refused is nil.
type octetScript struct {
	name    string
	allowed string
	script  func(w *h1.Response, c string) error
	taken   func(r wiretest.Response, c string) error
	refused func(r wiretest.Response, c string) error
	interim bool // the response of interest is the one in front of the final one
}

// TestEveryOctetWritten tries every octet at every position of a response head, an interim head and a trailer
// section. All requests of a script come on one connection: it must stay in sync whatever was tried.
func TestEveryOctetWritten(t *testing.T) {
	fields := func(r wiretest.Response) []wiretest.Field {
		return slices.DeleteFunc(slices.Clone(r.Fields), func(f wiretest.Field) bool {
			return f.Name == "Date" || f.Name == "Content-Length" || f.Name == "Transfer-Encoding" || f.Name == "Trailer"
		})
	}
	has := func(got []wiretest.Field, want ...wiretest.Field) error {
		if !slices.Equal(got, want) {
			return fmt.Errorf("fields %q, want %q", got, want)
		}
		return nil
	}
	field := func(name, value string) octetScript {
		return octetScript{
			script: func(w *h1.Response, c string) error {
				w.Header().Add(strings.ReplaceAll(name, "@", c), strings.ReplaceAll(value, "@", c))
				return nil
			},
			taken: func(r wiretest.Response, c string) error {
				return has(fields(r), wiretest.Field{Name: strings.ReplaceAll(name, "@", c),
					Value: strings.Trim(strings.ReplaceAll(value, "@", c), " \t")})
			},
		}
	}
	reason := func(phrase string) octetScript {
		return octetScript{
			script: func(w *h1.Response, c string) error { w.SetReason(strings.ReplaceAll(phrase, "@", c)); return nil },
			taken: func(r wiretest.Response, c string) error {
				if want := strings.ReplaceAll(phrase, "@", c); r.Reason != want {
					return fmt.Errorf("reason %q, want %q", r.Reason, want)
				}
				return nil
			},
		}
	}
	trailer := func(name, value string, late bool) octetScript {
		s := octetScript{
			script: func(w *h1.Response, c string) error {
				if late {
					w.Trailer().Set("X-T", "")
					_ = w.Flush()
				}
				w.Trailer().Set(strings.ReplaceAll(name, "@", c), strings.ReplaceAll(value, "@", c))
				return nil
			},
			taken: func(r wiretest.Response, c string) error {
				return has(r.Trailer, wiretest.Field{Name: strings.ReplaceAll(name, "@", c),
					Value: strings.Trim(strings.ReplaceAll(value, "@", c), " \t")})
			},
		}
		if late || strings.Contains(value, "@") { // left out, and the body ends properly: S-SPL-18
			s.refused = func(r wiretest.Response, c string) error {
				if r.Status != 200 || r.Framing != wiretest.Chunked {
					return fmt.Errorf("status %d, framing %s", r.Status, r.Framing)
				}
				return has(r.Trailer)
			}
		}
		return s
	}
	hints := func(name, value string) octetScript {
		return octetScript{
			interim: true,
			script: func(w *h1.Response, c string) error {
				h := &h1.Header{}
				h.Add(strings.ReplaceAll(name, "@", c), strings.ReplaceAll(value, "@", c))
				return w.WriteInformational(103, h)
			},
			taken: func(r wiretest.Response, c string) error {
				return has(r.Fields, wiretest.Field{Name: strings.ReplaceAll(name, "@", c),
					Value: strings.Trim(strings.ReplaceAll(value, "@", c), " \t")})
			},
			refused: func(r wiretest.Response, c string) error { return has(fields(r)) },
		}
	}
	named := func(name, allowed string, s octetScript) octetScript {
		s.name, s.allowed = name, allowed
		return s
	}
	for _, s := range []octetScript{
		named("field name, whole", tokenOctets, field("@", "v")),
		named("field name, first", tokenOctets, field("@x", "v")),
		named("field name, middle", tokenOctets, field("x@y", "v")),
		named("field name, last", tokenOctets, field("x@", "v")),
		named("field value, whole", textOctets, field("X", "@")),
		named("field value, first", textOctets, field("X", "@v")),
		named("field value, middle", textOctets, field("X", "v@w")),
		named("field value, last", textOctets, field("X", "v@")),
		named("Location", textOctets, field("Location", "/v@w")),
		named("Set-Cookie", textOctets, field("Set-Cookie", "a=v@w")),
		named("reason phrase, whole", textOctets, reason("@")),
		named("reason phrase, first", textOctets, reason("@x")),
		named("reason phrase, middle", textOctets, reason("x@y")),
		named("reason phrase, last", textOctets, reason("x@")),
		named("trailer name, announced", tokenOctets, trailer("x@y", "v", false)),
		named("trailer name, late", "", trailer("x@y", "v", true)),
		named("trailer value, whole", textOctets, trailer("X-T", "@", true)),
		named("trailer value, first", textOctets, trailer("X-T", "@v", true)),
		named("trailer value, middle", textOctets, trailer("X-T", "v@w", true)),
		named("trailer value, last", textOctets, trailer("X-T", "v@", true)),
		named("trailer value, set before the head", textOctets, trailer("X-T", "v@w", false)),
		named("informational name", tokenOctets, hints("x@y", "v")),
		named("informational value, first", textOctets, hints("Link", "@v")),
		named("informational value, middle", textOctets, hints("Link", "v@w")),
		named("informational value, last", textOctets, hints("Link", "v@")),
	} {
		t.Run(s.name, s.run)
	}
}

func (s *octetScript) run(t *testing.T) {
	in := ""
	for c := range 256 {
		in += "GET /" + strconv.Itoa(c) + " HTTP/1.1\r\nHost: a\r\n\r\n"
	}
	server := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		n, _ := strconv.Atoi(q.Target[1:])
		c := string([]byte{byte(n)})
		err := s.script(w, c)
		_, _ = w.WriteString("content")
		if ferr := w.Finish(); err == nil {
			err = ferr
		}
		_, usage := errors.AsType[*h1.UsageError](err)
		if ok := strings.Contains(s.allowed, c); ok && err != nil || !ok && !usage {
			t.Errorf("%q: handler gets %v", c, err)
		}
	})}
	out, end := talk(t, server, in)
	if end != nil {
		t.Fatal(end)
	}
	responses, err := wiretest.ParseResponses(out, slices.Repeat([]string{"GET"}, 256))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 256 {
		c := string([]byte{byte(n)})
		allowed := strings.Contains(s.allowed, c)
		if len(responses) == 0 {
			t.Fatalf("%q: no response", c)
		}
		r := responses[0]
		responses = responses[1:]
		if s.interim && allowed {
			if err := s.taken(r, c); err != nil || r.Status != 103 || len(responses) == 0 || responses[0].Status != 200 {
				t.Fatalf("%q: status %d, %v", c, r.Status, err)
			}
			responses = responses[1:]
			continue
		}
		switch {
		case allowed:
			if err = s.taken(r, c); r.Status != 200 || r.Body != "content" {
				err = fmt.Errorf("status %d, content %q", r.Status, r.Body)
			}
		case s.refused != nil:
			if err = s.refused(r, c); r.Status != 200 || r.Body != "content" {
				err = fmt.Errorf("status %d, content %q", r.Status, r.Body)
			}
		case r.Status != 500 || r.Body != "500 Internal Server Error: invalid response head\n" || r.Reason != "Internal Server Error":
			err = fmt.Errorf("status %d, content %q, want the plain 500", r.Status, r.Body)
		}
		if err != nil {
			t.Errorf("%q: %v", c, err)
		}
	}
	if len(responses) > 0 {
		t.Errorf("%d responses too many", len(responses))
	}
}

// TestEveryOctetAppended tries every octet in what the message layer writes. What is refused leaves dst as it was.
func TestEveryOctetAppended(t *testing.T) {
	for n := range 256 {
		c := string([]byte{byte(n)})
		for _, f := range []h1.Field{{Name: c, Value: "v"}, {Name: c + "x", Value: "v"}, {Name: "x" + c + "y", Value: "v"}, {Name: "x" + c, Value: "v"},
			{Name: "X", Value: c}, {Name: "X", Value: c + "v"}, {Name: "X", Value: "v" + c + "w"}, {Name: "X", Value: "v" + c}} {
			h := &h1.Header{}
			h.Add(f.Name, f.Value)
			allowed := strings.Contains(textOctets, c)
			if f.Value == "v" {
				allowed = strings.Contains(tokenOctets, c)
			}
			line := f.Name + ": " + strings.Trim(f.Value, " \t") + "\r\n\r\n"
			for what, call := range map[string]struct {
				write func([]byte, *h1.Header) ([]byte, error)
				want  string
			}{
				"head":    {func(b []byte, h *h1.Header) ([]byte, error) { return h1.AppendResponseHead(b, 200, h) }, "HTTP/1.1 200 OK\r\n" + line},
				"interim": {func(b []byte, h *h1.Header) ([]byte, error) { return h1.AppendResponseHead(b, 103, h) }, "HTTP/1.1 103 Early Hints\r\n" + line},
				"trailer": {h1.AppendLastChunk, "0\r\n" + line},
			} {
				b, err := call.write([]byte("dst"), h)
				switch _, usage := errors.AsType[*h1.UsageError](err); {
				case allowed && (err != nil || string(b) != "dst"+call.want):
					t.Errorf("%s %q: %q, %v", what, f, b, err)
				case !allowed && (!usage || string(b) != "dst"):
					t.Errorf("%s %q: %q, %v, want it to be refused", what, f, b, err)
				}
			}
		}
	}
}

// TestEveryOctetInUpgrade tries every octet in the name and the version of a protocol that is switched to, and in the
// fields of the 101, and of the 200 that opens a tunnel. A client can offer more than a protocol name may hold.
func TestEveryOctetInUpgrade(t *testing.T) {
	offer := func(protocol string) string {
		return getOpen + "Connection: upgrade\r\nUpgrade: " + protocol + "\r\n\r\n"
	}
	for _, tt := range []struct {
		name    string
		allowed string
		in      func(c string) string
		take    func(w *h1.Response, c string) error
		want    string // the line with the octet
	}{
		{"name", tokenOctets, func(c string) string { return offer("x" + c + "y") },
			func(w *h1.Response, c string) error { _, err := w.Upgrade("x"+c+"y", nil); return err }, "Upgrade: x@y"},
		{"version", tokenOctets, func(c string) string { return offer("x/" + c) },
			func(w *h1.Response, c string) error { _, err := w.Upgrade("x/"+c, nil); return err }, "Upgrade: x/@"},
		{"field name", tokenOctets, func(string) string { return offer("x") },
			func(w *h1.Response, c string) error { _, err := w.Upgrade("x", header("X"+c+"Y: v")); return err }, "X@Y: v"},
		{"field value", textOctets, func(string) string { return offer("x") },
			func(w *h1.Response, c string) error { _, err := w.Upgrade("x", header("X: v"+c+"w")); return err }, "X: v@w"},
		{"tunnel field name", tokenOctets, func(string) string { return "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n" },
			func(w *h1.Response, c string) error { w.Header().Add("X"+c+"Y", "v"); _, err := w.Tunnel(); return err }, "X@Y: v"},
		{"tunnel field value", textOctets, func(string) string { return "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n" },
			func(w *h1.Response, c string) error { w.Header().Add("X", "v"+c+"w"); _, err := w.Tunnel(); return err }, "X: v@w"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for n := range 256 {
					c := string([]byte{byte(n)})
					in := tt.in(c)
					if _, err := readAll(in, nil, false); err != io.EOF {
						continue // a value that can't be offered
					}
					allowed := strings.Contains(tt.allowed, c)
					if tt.name == "name" && c == "/" { // "x/y" is a name and a version
						allowed = true
					}
					took := false
					client, server := wiretest.Pipe()
					s := &h1.Server{Logger: quiet, ConnectPolicy: func(*h1.Request) error { return nil },
						Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
							err := tt.take(w, c)
							if _, usage := errors.AsType[*h1.UsageError](err); err != nil && !usage {
								t.Errorf("%q: %v", c, err)
							}
							took = err == nil
						})}
					_, _ = io.WriteString(client, in)
					_ = client.CloseWrite()
					_ = s.ServeConn(server)
					_ = server.Close()
					b, _ := io.ReadAll(client)
					_ = client.Close()
					if took != allowed {
						t.Errorf("%q: taken: %v, want %v", c, took, allowed)
					}
					line := "\r\n" + strings.ReplaceAll(tt.want, "@", c) + "\r\n"
					if strings.Contains(string(b), line) != allowed {
						t.Errorf("%q: wrote %q", c, b)
					}
				}
			})
		})
	}
}

// TestEveryStatusWritten: 9110-15-a.
func TestEveryStatusWritten(t *testing.T) {
	in := ""
	for code := range 1100 {
		in += "GET /" + strconv.Itoa(code) + " HTTP/1.1\r\nHost: a\r\n\r\n"
		_, err := h1.AppendResponseHead(nil, code, nil)
		if want := code >= 100 && code <= 599; (err == nil) != want {
			t.Errorf("AppendResponseHead with %d: %v", code, err)
		}
	}
	s := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		code, _ := strconv.Atoi(q.Target[1:])
		if code == 426 {
			w.Header().Set("Upgrade", "x") // 9110-7.8-g
		}
		w.WriteHeader(code)
	})}
	out, end := talk(t, s, in)
	responses, err := wiretest.ParseResponses(out, slices.Repeat([]string{"GET"}, 1100))
	if err != nil || end != nil || len(responses) != 1100 {
		t.Fatalf("%d responses, %v, %v", len(responses), err, end)
	}
	for code, r := range responses {
		want := 500
		if code >= 200 && code <= 599 {
			want = code
		}
		if r.Status != want {
			t.Errorf("status %d written as %d, want %d", code, r.Status, want)
		}
	}
}
