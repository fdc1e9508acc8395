package h1

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// This file is the parser again, as plainly as it can be said: whole strings, regular expressions, no state, no speed.
// It shares nothing with the real one but the numbers of the default limits, and a fuzz target holds the two equal.

// A slowHead is what slowParse understood. status is 200, that of a refusal, or 0 if the head is incomplete.
type slowHead struct {
	status                         int
	n                              int
	method, target, host           string
	minor                          int
	scheme, authority, path, query string
	fields                         []Field
	kind                           FramingKind
	length                         int64
	close, expects, offers         bool
}

// slow is a cursor over the input. It leaves by panic: with a status, or with 0 when the input has ended.
type slow struct {
	in string
	at int
}

type slowStop int

func (s *slow) fail(status int) { panic(slowStop(status)) }

// peek returns the octet at hand, or stops because there is none yet.
func (s *slow) peek() byte {
	if s.at == len(s.in) {
		s.fail(0)
	}
	return s.in[s.at]
}

// expect takes the octets of want.
func (s *slow) expect(want string) {
	for i := range len(want) {
		if s.peek() != want[i] {
			s.fail(400)
		}
		s.at++
	}
}

// run takes octets while they belong to set; the octet that would be one too many stops with tooMany.
func (s *slow) run(set func(byte) bool, most, tooMany int) string {
	start := s.at
	for set(s.peek()) {
		if s.at-start == most {
			s.fail(tooMany)
		}
		s.at++
	}
	return s.in[start:s.at]
}

func oneOf(octets string) func(byte) bool {
	return func(c byte) bool { return strings.IndexByte(octets, c) >= 0 }
}

const (
	slowAlnum      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	slowUnreserved = slowAlnum + "-._~"
	slowPath       = slowUnreserved + "!$&'()*+,;=:@/[]^{}|`"
)

var slowToken = oneOf(slowAlnum + "!#$%&'*+-.^_`|~")

func slowText(c byte) bool { return c == '\t' || c >= ' ' && c != 0x7f }

func slowParse(in string) (h slowHead) {
	s := &slow{in: in}
	defer func() {
		if v := recover(); v != nil {
			status, ok := v.(slowStop)
			if !ok {
				panic(v)
			}
			h = slowHead{status: int(status)}
		}
	}()
	if s.peek() == '\r' { // one empty line may stand in front
		s.expect("\r\n")
	}
	h.method = s.run(slowToken, DefaultMaxMethodBytes, 501)
	if h.method == "" {
		s.fail(400)
	}
	s.expect(" ")
	h.target = s.target(h.method)
	s.expect(" ")
	s.expect("HTTP/")
	major, minor := s.digit(), 0
	s.expect(".")
	minor = s.digit()
	s.expect("\r\n")
	if major != 1 {
		s.fail(505)
	}
	h.minor = minor
	if !slowTarget(&h) {
		s.fail(400)
	}
	s.fields(&h)
	h.n = s.at
	if status := slowMeaning(&h); status != 200 {
		s.fail(status)
	}
	h.status = 200
	return h
}

func (s *slow) digit() int {
	if c := s.peek(); c < '0' || c > '9' {
		s.fail(400)
	}
	s.at++
	return int(s.in[s.at-1] - '0')
}

// target takes a request-target octet by octet and refuses one that can't belong to any form.
func (s *slow) target(method string) string {
	start := s.at
	next := func(set func(byte) bool) bool {
		if c := s.peek(); !set(c) {
			return false
		}
		if s.at-start == DefaultMaxTargetBytes {
			s.fail(414)
		}
		s.at++
		return true
	}
	const digits = "0123456789"
	// authority takes host and port, and returns the octets of the port.
	authority := func() string {
		host := s.at
		if next(oneOf("[")) {
			for next(oneOf(digits+"abcdefABCDEF:")) || strings.Contains(digits, s.in[s.at-1:s.at]) && next(oneOf(".")) {
			}
			if s.peek() != ']' || !slowIPv6(s.in[host+1:s.at]) {
				s.fail(400)
			}
			next(oneOf("]"))
		} else {
			for next(oneOf(slowUnreserved)) {
			}
			if s.at == host {
				s.fail(400)
			}
		}
		if !next(oneOf(":")) {
			return ""
		}
		port := s.at
		for next(oneOf(digits)) {
		}
		return s.in[port:s.at]
	}
	if method == "CONNECT" {
		if authority() == "" {
			s.fail(400)
		}
		return s.in[start:s.at]
	}
	switch {
	case next(oneOf("*")):
		return "*"
	case s.peek() == '/':
	default:
		for _, c := range "http" {
			if !next(oneOf(string(c) + strings.ToUpper(string(c)))) {
				s.fail(400)
			}
		}
		next(oneOf("sS"))
		for _, c := range "://" {
			if !next(oneOf(string(c))) {
				s.fail(400)
			}
		}
		authority()
		if !strings.ContainsRune("/? ", rune(s.peek())) {
			s.fail(400)
		}
	}
	for s.peek() != '?' {
		if s.peek() == '%' {
			hex := oneOf("0123456789abcdefABCDEF")
			at := s.at
			if next(oneOf("%")); !next(hex) {
				s.fail(400)
			}
			if c := s.peek(); hex(c) && s.in[at:at+2]+string(c) == "%00" || !next(hex) {
				s.fail(400)
			}
			continue
		}
		if !next(oneOf(slowPath)) {
			return s.in[start:s.at]
		}
	}
	for next(oneOf(slowPath + `?%\`)) {
	}
	return s.in[start:s.at]
}

var (
	slowAbsolute  = regexp.MustCompile(`^([a-zA-Z]+)://([^/?]*)([^?]*)(\?.*)?$`)
	slowAuthority = regexp.MustCompile(`^(\[([^\]]*)\]|[-._~A-Za-z0-9]+)(:([0-9]{0,5}))?$`)
)

// slowSplit splits an authority into host and port. The port is 0 if there is none.
func slowSplit(a string) (host string, port int, ok bool) {
	m := slowAuthority.FindStringSubmatch(a)
	if m == nil || len(m[1]) > 255 {
		return "", 0, false
	}
	if strings.HasPrefix(m[1], "[") && !slowIPv6(m[2]) {
		return "", 0, false
	}
	if m[4] != "" {
		if port, _ = strconv.Atoi(m[4]); port < 1 || port > 65535 {
			return "", 0, false
		}
	}
	return m[1], port, true
}

// slowIPv6 says what the nine lines of the grammar say (RFC 3986 §3.2.2).
func slowIPv6(s string) bool {
	const h16, dec = `[0-9a-fA-F]{1,4}`, `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	ls32 := `(` + h16 + `:` + h16 + `|` + dec + `(\.` + dec + `){3})`
	lines := []string{
		`(h:){6}L`, `::(h:){5}L`, `(h)?::(h:){4}L`, `((h:){0,1}h)?::(h:){3}L`, `((h:){0,2}h)?::(h:){2}L`,
		`((h:){0,3}h)?::h:L`, `((h:){0,4}h)?::L`, `((h:){0,5}h)?::h`, `((h:){0,6}h)?::`,
	}
	for _, l := range lines {
		l = strings.NewReplacer("h", h16, "L", ls32).Replace(l)
		if regexp.MustCompile(`^(` + l + `)$`).MatchString(s) {
			return true
		}
	}
	return false
}

// slowTarget judges the form of a target and splits it.
func slowTarget(h *slowHead) bool {
	t := h.target
	switch {
	case h.method == "CONNECT":
		_, port, ok := slowSplit(t)
		h.authority = t
		return ok && port != 0
	case t == "*":
		h.path = "*"
		return h.method == "OPTIONS"
	case strings.HasPrefix(t, "/"):
		h.path, h.query, _ = strings.Cut(t, "?")
		return true
	}
	m := slowAbsolute.FindStringSubmatch(t)
	if m == nil {
		return false
	}
	h.scheme, h.authority, h.path, h.query = strings.ToLower(m[1]), m[2], m[3], strings.TrimPrefix(m[4], "?")
	if h.path == "" {
		if h.path = "/"; h.method == "OPTIONS" && m[4] == "" {
			h.path = "*"
		}
	}
	_, _, ok := slowSplit(h.authority)
	return ok
}

// fields takes the field lines and the empty line.
func (s *slow) fields(h *slowHead) {
	end := s.at + DefaultMaxHeaderBytes
	within := func(set func(byte) bool) func(byte) bool {
		return func(c byte) bool {
			if s.at >= end {
				s.fail(431)
			}
			return set(c)
		}
	}
	for s.peek() != '\r' {
		within(slowText)(0) // the limit comes first
		switch {
		case s.peek() == ' ' || s.peek() == '\t':
			s.fail(400)
		case len(h.fields) == DefaultMaxFields:
			s.fail(431)
		}
		name := s.run(within(slowToken), DefaultMaxFieldNameBytes, 431)
		if c := s.peek(); c != ':' || name == "" {
			s.fail(400)
		}
		if strings.Contains(name, "_") {
			switch strings.ToLower(strings.ReplaceAll(name, "_", "-")) {
			case "content-length", "transfer-encoding":
				s.fail(400)
			}
		}
		s.at++
		value := s.run(within(slowText), len(s.in), 0)
		for _, c := range "\r\n" {
			s.peek()
			within(slowText)(0)
			s.expect(string(c))
		}
		h.fields = append(h.fields, Field{name, strings.Trim(value, " \t")})
	}
	s.expect("\r\n")
}

// list returns the members of all lines of that name, and how many lines there are.
func (h *slowHead) list(name string) (members []string, lines int) {
	for _, f := range h.fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		lines++
		quoted, start := false, 0
		for i := 0; i <= len(f.Value); i++ {
			switch {
			case i == len(f.Value) || f.Value[i] == ',' && !quoted:
				members = append(members, strings.Trim(f.Value[min(start, i):i], " \t"))
				start = i + 1
			case f.Value[i] == '"':
				quoted = !quoted
			case f.Value[i] == '\\' && quoted:
				if i++; i >= len(f.Value) {
					members = append(members, strings.Trim(f.Value[start:], " \t"))
				}
			}
		}
	}
	return members, lines
}

func isSlowToken(s string) bool {
	for i := range len(s) {
		if !slowToken(s[i]) {
			return false
		}
	}
	return s != ""
}

// slowMeaning judges what concerns the whole head, in the order of requirement own-lim-c.
func slowMeaning(h *slowHead) int {
	is11 := h.minor >= 1
	// Host.
	hostPresent := false
	for _, f := range h.fields {
		if strings.EqualFold(f.Name, "host") {
			if hostPresent {
				return 400
			}
			hostPresent, h.host = true, f.Value
		}
	}
	hostName, hostPort, ok := slowSplit(h.host)
	if hostPresent && !ok || !hostPresent && is11 {
		return 400
	}
	// Framing.
	codings, codingLines := h.list("transfer-encoding")
	_, lengthLines := h.list("content-length")
	switch {
	case codingLines > 0 && (lengthLines > 0 || !is11):
		return 400
	case codingLines > 0:
		chunked := 0
		for _, c := range codings {
			if !isSlowToken(c) {
				return 400
			}
			if strings.EqualFold(c, "chunked") {
				chunked++
			}
		}
		switch {
		case !strings.EqualFold(codings[len(codings)-1], "chunked") || chunked != 1:
			return 400
		case len(codings) > 1:
			return 501
		}
		h.kind = Chunked
	case lengthLines > 1:
		return 400
	case lengthLines == 1:
		value := ""
		for _, f := range h.fields {
			if strings.EqualFold(f.Name, "content-length") {
				value = f.Value
			}
		}
		n, ok := new(big.Int).SetString(value, 10)
		if !ok || !n.IsInt64() || strings.Trim(value, "0123456789") != "" {
			return 400
		}
		h.kind, h.length = FixedLength, n.Int64()
	}
	if (h.method == "TRACE" || h.method == "CONNECT") && (h.kind == Chunked || h.length > 0) {
		return 400
	}
	// Authority against Host.
	if h.authority != "" && hostPresent {
		name, port, _ := slowSplit(h.authority)
		standard := map[string]int{"http": 80, "https": 443, "": port}[h.scheme]
		if port == 0 {
			port = standard
		}
		if hostPort == 0 {
			hostPort = standard
		}
		if port != hostPort || !strings.EqualFold(name, hostName) {
			return 400
		}
	}
	// Expect.
	if expectations, _ := h.list("expect"); is11 {
		empty := 0
		for _, e := range expectations {
			switch {
			case strings.EqualFold(e, "100-continue"):
				h.expects = true
			case e == "":
				empty++
			default:
				return 417
			}
		}
		if empty > 16 {
			return 417
		}
	}
	h.expects = h.expects && (h.kind == Chunked || h.length > 0)
	// Persistence.
	options, _ := h.list("connection")
	keepAlive, upgrade, empty := false, false, 0
	for _, o := range options {
		switch {
		case strings.EqualFold(o, "keep-alive"):
			keepAlive = true
		case strings.EqualFold(o, "upgrade"):
			upgrade = true
		case o == "":
			empty++
		}
		h.close = h.close || strings.EqualFold(o, "close") || o != "" && !isSlowToken(o)
	}
	h.close = h.close || empty > 16 || len(options) > 1024 || !is11 && !keepAlive
	_, offers := h.list("upgrade")
	h.offers = is11 && upgrade && offers > 0
	if h.authority != "" {
		h.host = h.authority
	}
	return 200
}

// String puts all of h into one line, for comparing.
func (h slowHead) String() string {
	if h.status != 200 {
		return fmt.Sprint(h.status)
	}
	return fmt.Sprintf("%d %d %q %q host=%q 1.%d %q %q %q %q %q %v %d close=%v expects=%v offers=%v", h.status, h.n, h.method, h.target,
		h.host, h.minor, h.scheme, h.authority, h.path, h.query, h.fields, h.kind, h.length, h.close, h.expects, h.offers)
}

// fastParse is the real parser, put into the same shape.
func fastParse(in string) slowHead {
	var q Request
	n, err := q.Parse([]byte(in), nil)
	if err == ErrIncomplete {
		return slowHead{}
	}
	if err != nil {
		return slowHead{status: err.(*ProtocolError).Status}
	}
	return slowHead{
		status: 200, n: n, method: q.Method, target: q.Target, host: q.Host, minor: q.Proto.Minor,
		scheme: q.URL.Scheme, authority: q.URL.Host, path: q.URL.EscapedPath(), query: q.URL.RawQuery,
		fields: append([]Field(nil), q.Header.Fields()...), kind: q.framing.Kind, length: q.framing.Length,
		close: q.Close, expects: q.expects, offers: q.offers,
	}
}
