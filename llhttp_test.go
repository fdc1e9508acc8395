package h1_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
)

// llhttpCases is where the test cases of llhttp, the parser of Node.js, are: markdown files of its test/request.
const llhttpCases = "../shared/suites/llhttp"

// An llhttpDifference says what this library makes of a case on which it differs from llhttp, and why.
type llhttpDifference struct {
	here string // the fault that it sees, or "ok"
	rule string // the requirement
	why  string
	then string // octets behind which the verdicts are equal: llhttp only refuses earlier
}

// llhttpDifferences lists the cases on which the two differ. An entry that is none any more fails the test.
var llhttpDifferences = map[string]llhttpDifference{
	// llhttp knows a list of methods, and which of them go with which protocol.
	"invalid/HTTP protocol and ANNOUNCE method": {here: "ok", rule: "9112-3.1-a", why: "any token is a method"},
	"invalid/Invalid method":                    {here: "ok", rule: "9112-3.1-a", why: "any token is a method"},
	"method/M-SEARCH request":                   {here: "form of the request-target does not fit the method", rule: "9112-3.2-b", why: "only OPTIONS may have *; SSDP is not HTTP over TCP"},
	"method/PRI request HTTP2":                  {here: "form of the request-target does not fit the method", rule: "9112-3.2-b", why: "HTTP/2 is for another layer; this is not even its preface"},
	"method/SOURCE request with ICE":            {here: "malformed HTTP version", rule: "9112-2.3-a", why: "only HTTP"},
	"method/OPTIONS request with RTSP":          {here: "malformed HTTP version", rule: "9112-2.3-a", why: "only HTTP"},
	"method/ANNOUNCE request with RTSP":         {here: "malformed HTTP version", rule: "9112-2.3-a", why: "only HTTP"},
	"method/CONNECT with body":                  {here: "content where the method allows none", rule: "9110-9.3.6-a", why: "the content may be meant for the tunnel"},

	// llhttp looks at the framing fields while it reads the head.
	"content-length/Error on `Content-Length` overflow":  {here: "ok", rule: "own-lim-c", why: "the framing is judged with the head complete, after Host", then: "Host: a\r\n\r\n"},
	"content-length/Error on duplicate `Content-Length`": {here: "ok", rule: "own-lim-c", why: "the framing is judged with the head complete, after Host", then: "Host: a\r\n\r\n"},
	"invalid/Invalid HTTP version":                       {here: "ok", rule: "9110-6.2-b", why: "505 comes with the line complete", then: "\r\n"},

	// What this library refuses in any mode.
	"connection/CRLF between requests, implicit `keep-alive`": {here: "too many empty lines before the request line", rule: "9112-2.2-d", why: "there are two"},
	"sample/curl GET":                {here: "invalid Host", rule: "3986-3.2.2-a", why: "= in a host name"},
	"sample/Firefox GET":             {here: "invalid Host", rule: "3986-3.2.2-a", why: "= in a host name"},
	"sample/No HTTP version":         {here: "octet not allowed in the request-target", rule: "9112-C.1-a", why: "no HTTP/0.9"},
	"uri/Quotes in URI":              {here: "octet not allowed in the request-target", rule: "3986-3.3-a", why: "a raw quote"},
	"uri/Fragment in URI":            {here: "fragment in the request-target", rule: "3986-3.5-a", why: "a fragment is no part of a target"},
	"uri/`host:port` and basic auth": {here: "octet not allowed in the request-target", rule: "9110-4.2.4-a", why: "userinfo"},
	"transfer-encoding/POST with `chunked` as last transfer-encoding":                                 {here: "fragment in the request-target", rule: "3986-3.5-a", why: "a fragment is no part of a target"},
	"transfer-encoding/POST with `chunked` as last transfer-encoding (multiple headers)":              {here: "fragment in the request-target", rule: "3986-3.5-a", why: "a fragment is no part of a target"},
	"transfer-encoding/POST with `chunked` as last transfer-encoding, no fragment":                    {here: "unknown transfer coding", rule: "9112-6.1-c", why: "no coding but chunked is known"},
	"transfer-encoding/POST with `chunked` as last transfer-encoding (multiple headers), no fragment": {here: "unknown transfer coding", rule: "9112-6.1-c", why: "no coding but chunked is known"},

	// What llhttp takes in one of its lenient modes only.
	"connection/Resetting flags when keep-alive is off (1.0, lenient)":                                     {here: "ok", rule: "9112-9.6-b", why: "nothing is read behind the last message"},
	"connection/CRLF between requests, explicit `close` (lenient)":                                         {here: "ok", rule: "9112-9.6-b", why: "nothing is read behind the last message"},
	"connection/Multiple tokens with folding":                                                              {here: "folded field line", rule: "9112-5.2-a", why: "no lenient mode"},
	"connection/Multiple tokens with folding, LWS, and CRLF":                                               {here: "folded field line", rule: "9112-5.2-a", why: "no lenient mode"},
	"connection/Invalid whitespace token with `Connection` header field (lenient)":                         {here: "white space before the colon of a field line", rule: "9112-5.1-a", why: "no lenient mode"},
	"content-length/Invalid whitespace token with `Content-Length` header field (lenient)":                 {here: "white space before the colon of a field line", rule: "9112-5.1-a", why: "no lenient mode"},
	"content-length/No error on simultaneous `Content-Length` and `Transfer-Encoding: identity` (lenient)": {here: "both Content-Length and Transfer-Encoding", rule: "9112-6.1-a", why: "no lenient mode"},
	"content-length/Missing CRLF-CRLF before body (lenient)":                                               {here: "CR without LF", rule: "9112-2.2-c", why: "no lenient mode"},
	"invalid/Headers separated by dummy characters (lenient)":                                              {here: "CR without LF", rule: "9112-2.2-c", why: "no lenient mode"},
	"invalid/Only LFs present (lenient)":                                                                   {here: "LF without CR", rule: "9112-2.2-b", why: "no lenient mode"},
	"invalid/Spaces before headers (lenient)":                                                              {here: "folded field line", rule: "9112-5.2-a", why: "no lenient mode"},
	"lenient-header-value-relaxed/Control char in header value (relaxed)":                                  {here: "octet not allowed in a field value", rule: "9110-5.5-b", why: "no lenient mode"},
	"lenient-headers/Header value (lenient)":                                                               {here: "octet not allowed in a field value", rule: "9110-5.5-b", why: "no lenient mode"},
	"lenient-headers/Second request header value (lenient)":                                                {here: "octet not allowed in a field value", rule: "9110-5.5-b", why: "no lenient mode"},
	"lenient-headers/Empty headers separated by CR (lenient)":                                              {here: "CR without LF", rule: "9112-2.2-c", why: "no lenient mode"},
	"lenient-version/Invalid HTTP version (lenient)":                                                       {here: "HTTP/1.1 only", rule: "9110-6.2-b", why: "no lenient mode"},
	"sample/Line folding in header value with CRLF":                                                        {here: "folded field line", rule: "9112-5.2-a", why: "no lenient mode"},
	"sample/No LF after CR (lenient)":                                                                      {here: "CR without LF", rule: "9112-2.2-c", why: "no lenient mode"},
	"sample/X-SSL-Nonsense":                                                                                {here: "folded field line", rule: "9112-5.2-a", why: "no lenient mode"},
	"transfer-encoding/POST with `Transfer-Encoding` and `Content-Length` (lenient)":                       {here: "fragment in the request-target", rule: "3986-3.5-a", why: "a fragment is no part of a target"},
	"transfer-encoding/POST with `chunked` before other transfer-coding (lenient)":                         {here: "fragment in the request-target", rule: "3986-3.5-a", why: "a fragment is no part of a target"},
	"transfer-encoding/POST with `chunked` and duplicate transfer-encoding (lenient)":                      {here: "fragment in the request-target", rule: "3986-3.5-a", why: "a fragment is no part of a target"},
	"transfer-encoding/POST with `Transfer-Encoding` and `Content-Length` (lenient), no fragment":          {here: "both Content-Length and Transfer-Encoding", rule: "9112-6.1-a", why: "no lenient mode"},
	"transfer-encoding/POST with `chunked` before other transfer-coding (lenient), no fragment":            {here: "chunked is not the final transfer coding", rule: "9112-6.3-d", why: "no lenient mode"},
	"transfer-encoding/POST with `chunked` and duplicate transfer-encoding (lenient), no fragment":         {here: "chunked is not the final transfer coding", rule: "9112-6.3-d", why: "no lenient mode"},
	"transfer-encoding/Chunk header not terminated by CRLF (lenient)":                                      {here: "chunk line does not end in CRLF", rule: "9112-7.1-g", why: "no lenient mode"},
	"transfer-encoding/Chunk data not terminated by CRLF (lenient)":                                        {here: "chunk data is not followed by CRLF", rule: "9112-7.1-h", why: "no lenient mode"},
	"transfer-encoding/Space after chunk header (lenient)":                                                 {here: "chunk line does not end in CRLF", rule: "9112-7.1-i", why: "no lenient mode"},
}

// An llhttpCase is one case: what is sent, and the log of what llhttp made of it.
type llhttpCase struct {
	name   string // file/title, with a number from the second of that title on
	kind   string // of the run: "request", "request-finish", "request-lenient-…"
	skip   string // why it is no case for another parser
	octets string

	verdict  string // "ok", "error", "switch" or "closed"
	fault    string // the reason of an error
	messages []llhttpMessage
}

// Verdicts on what was sent.
const (
	llhttpOK     = "ok"     // nothing was wrong so far
	llhttpError  = "error"  // refused
	llhttpSwitch = "switch" // HTTP ends in front of the rest, which is for another protocol
	llhttpClosed = "closed" // nothing was wrong, but what comes behind the last message is not read
)

// An llhttpMessage is what was understood of one request.
type llhttpMessage struct {
	method, target string
	fields         []string // "name: value"
	content        string
	headed         bool // the head is complete
	complete       bool
}

var (
	llhttpMeta  = regexp.MustCompile(`^<!--\s*meta=(\{.*\})\s*-->$`)
	llhttpKind  = regexp.MustCompile(`"type":\s*"([^"]+)"`)
	llhttpSpan  = regexp.MustCompile(`^off=(\d+) len=(\d+) span\[(\w+)\]="(.*)"$`)
	llhttpEvent = regexp.MustCompile(`^off=(\d+|NULL) (.*)$`)
	llhttpFault = regexp.MustCompile(`^error code=(\d+) reason="(.*)"$`)
)

// loadLLHTTP reads all the cases.
func loadLLHTTP(t *testing.T) (cases []*llhttpCase) {
	files, err := filepath.Glob(filepath.Join(llhttpCases, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the test cases of llhttp are not at hand: " + llhttpCases + " is missing")
	}
	seen := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := parseLLHTTP(strings.TrimSuffix(filepath.Base(file), ".md"), string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range found {
			if seen[c.name]++; seen[c.name] > 1 {
				c.name += "#" + strconv.Itoa(seen[c.name])
			}
		}
		for _, c := range found {
			if cases = append(cases, c); strings.Contains(c.octets, "#hey HTTP/") {
				cases = append(cases, c.withoutFragment())
			}
		}
	}
	return cases
}

// withoutFragment returns the case without the fragment of its target, which here hides what the case is about.
func (c *llhttpCase) withoutFragment() *llhttpCase {
	w := *c
	w.name += ", no fragment"
	w.octets = strings.Replace(c.octets, "#hey HTTP/", " HTTP/", 1)
	w.messages = slices.Clone(c.messages)
	for i := range w.messages {
		w.messages[i].target = strings.TrimSuffix(w.messages[i].target, "#hey")
	}
	return &w
}

// parseLLHTTP reads a file: a heading gives a title, a comment with meta begins a case, a block called http holds what
// is sent and one called log what is reported.
func parseLLHTTP(file, text string) (cases []*llhttpCase, err error) {
	title, block := "", ""
	var c *llhttpCase
	var body []string
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case block != "" && line != "```":
			body = append(body, line)
		case line == "```http", line == "```log":
			block, body = line[3:], nil
		case line == "```" && block == "http":
			if c == nil || c.octets != "" {
				return nil, fmt.Errorf("%s: octets without a case", title)
			}
			c.octets = llhttpOctets(strings.Join(body, "\n") + "\n")
			block = ""
		case line == "```" && block == "log":
			if c == nil || c.octets == "" {
				return nil, fmt.Errorf("%s: log without octets", title)
			}
			if err := c.parseLog(body); err != nil {
				return nil, fmt.Errorf("%s: %w", title, err)
			}
			cases, c, block = append(cases, c), nil, ""
		case strings.HasPrefix(line, "#"):
			title = strings.TrimSpace(strings.TrimLeft(line, "#"))
		default:
			meta := llhttpMeta.FindStringSubmatch(line)
			if meta == nil {
				continue
			}
			kind := llhttpKind.FindStringSubmatch(meta[1])
			if c != nil || kind == nil {
				return nil, fmt.Errorf("%s: %s", title, line)
			}
			c = &llhttpCase{name: file + "/" + title, kind: kind[1]}
			switch {
			case !strings.HasPrefix(c.kind, "request"):
				c.skip = "not a request"
			case strings.Contains(meta[1], `"pause"`):
				c.skip = "pauses and resumes llhttp's own callbacks"
			case strings.Contains(meta[1], `"skipBody"`):
				c.skip = "a callback tells llhttp that there is no content"
			}
		}
	}
	if c != nil || block != "" {
		return nil, fmt.Errorf("%s: cut short", title)
	}
	return cases, nil
}

// llhttpOctets makes the octets of a block as llhttp's own runner does: the last line end is no part of it, a backslash
// at the end of a line joins the next one, other line ends are CRLF, and a few escapes stand for one octet, or for one
// code point in UTF-8.
func llhttpOctets(block string) string {
	block = strings.TrimSuffix(block, "\n")
	block = strings.ReplaceAll(block, "\\\n", "")
	block = strings.ReplaceAll(block, "\n", "\r\n")
	return llhttpUnescape(block)
}

var llhttpHex = regexp.MustCompile(`\\x([0-9a-fA-F]+)`)

func llhttpUnescape(s string) string {
	s = strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\t`, "\t", `\f`, "\f").Replace(s)
	return llhttpHex.ReplaceAllStringFunc(s, func(esc string) string {
		code, _ := strconv.ParseInt(esc[2:], 16, 32)
		return string(rune(code))
	})
}

// parseLog reads a log. The spans that it quotes are compared with the octets at their place, which shows that these
// are those that llhttp was given.
func (c *llhttpCase) parseLog(log []string) error {
	c.verdict = llhttpOK
	var m *llhttpMessage
	var name, value string
	inHead := false
	for _, line := range log {
		if span := llhttpSpan.FindStringSubmatch(line); span != nil {
			off, _ := strconv.Atoi(span[1])
			n, _ := strconv.Atoi(span[2])
			if off+n > len(c.octets) {
				return fmt.Errorf("%q is beyond the %d octets", line, len(c.octets))
			}
			octets := c.octets[off : off+n]
			if want := llhttpUnescape(span[4]); octets != want {
				return fmt.Errorf("octets %q at %d, llhttp saw %q", octets, off, want)
			}
			switch span[3] {
			case "method":
				m.method += octets
			case "url":
				m.target += octets
			case "header_field":
				name += octets
			case "header_value":
				value += octets
			case "body":
				m.content += octets
			}
			continue
		}
		event := llhttpEvent.FindStringSubmatch(line)
		if event == nil {
			return fmt.Errorf("log line %q", line)
		}
		switch what := event[2]; {
		case what == "message begin":
			c.messages = append(c.messages, llhttpMessage{})
			m, inHead = &c.messages[len(c.messages)-1], true
		case what == "header_value complete":
			if inHead {
				m.fields = append(m.fields, name+": "+strings.TrimRight(value, " \t"))
			}
			name, value = "", ""
		case strings.HasPrefix(what, "headers complete"):
			m.headed, inHead = true, false
		case what == "message complete":
			m.complete = true
		case what == "finish=2": // unsafe
			c.verdict, c.fault = llhttpError, "finish"
		case strings.HasPrefix(what, "error"):
			fault := llhttpFault.FindStringSubmatch(what)
			if fault == nil {
				return fmt.Errorf("log line %q", line)
			}
			c.verdict, c.fault = llhttpError, fault[2]
			switch fault[1] {
			case "5":
				c.verdict = llhttpClosed
			case "22", "23": // PAUSED_UPGRADE, PAUSED_H2_UPGRADE
				c.verdict = llhttpSwitch
			}
		}
	}
	return nil
}

// llhttpHost is the value of the Host lines that are added.
const llhttpHost = "llhttp.invalid"

// withHosts returns in with a Host line at the end of each head that is refused only for the lack of one. llhttp leaves
// Host to the application, and most of its cases have none.
func withHosts(in string) (string, error) {
	var q h1.Request
	for base := 0; base < len(in); {
		n, err := q.Parse([]byte(in[base:]), nil)
		if fault, ok := errors.AsType[*h1.ProtocolError](err); ok && fault.Reason == "request without Host" {
			at := base + int(fault.Offset)
			if !strings.HasPrefix(in[at:], "\r\n") {
				return "", fmt.Errorf("no end of a head at offset %d of %q", at, in)
			}
			host := llhttpHost
			if _, rest, ok := strings.Cut(in[base:], " http://"); ok { // it has to agree with the target
				host = rest[:strings.IndexAny(rest, "/? ")]
			}
			in = in[:at] + "Host: " + host + "\r\n" + in[at:]
			continue
		}
		if err != nil {
			break
		}
		base += n
		switch f := q.Framing(); f.Kind {
		case h1.FixedLength:
			base += int(f.Length)
		case h1.Chunked:
			var d h1.ChunkedDecoder
			_, n, err := d.Decode(make([]byte, len(in)), []byte(in[base:]))
			if err != io.EOF {
				return in, nil
			}
			base += n
		}
	}
	return in, nil
}

// An llhttpRun is what this library makes of a case.
type llhttpRun struct {
	verdict  string // never llhttpClosed
	fault    string
	ended    bool // the server has ended its side
	messages []llhttpMessage
}

// serveLLHTTP sends octets, in pieces, over the connection loop; with finish the client ends its side then. The handler
// reads the content, and switches protocols where that is offered.
func serveLLHTTP(pieces []string, finish bool) (r llhttpRun) {
	r.verdict = llhttpOK
	s := &h1.Server{Logger: quiet, ConnectPolicy: func(*h1.Request) error { return nil }}
	s.Handler = h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		r.messages = append(r.messages, llhttpMessage{method: q.Method, target: q.Target, headed: true})
		m := &r.messages[len(r.messages)-1]
		for name, value := range q.Header.All() {
			if name != "Host" || value != llhttpHost && !strings.HasPrefix(q.Target, "http://"+value) {
				m.fields = append(m.fields, name+": "+value)
			}
		}
		p := make([]byte, 100)
		for !m.complete {
			n, err := q.Body.Read(p)
			if m.content += string(p[:n]); err != nil && err != io.EOF {
				return
			}
			m.complete = err == io.EOF
		}
		conn, err := w.Upgrade(q.Header.Get("Upgrade"), nil)
		if q.Method == "CONNECT" {
			conn, err = w.Tunnel()
		}
		if err == nil {
			_ = conn.Close()
			r.verdict = llhttpSwitch
			return
		}
		_, _ = w.WriteString("ok")
	})
	s.OnError = func(w *h1.Response, q *h1.Request, err *h1.ProtocolError) {
		r.verdict, r.fault = llhttpError, err.Reason
	}
	client, server := wiretest.PipeSize(1 << 20)
	served := make(chan struct{})
	go func() {
		_ = s.ServeConn(server)
		close(served)
	}()
	for _, p := range pieces {
		_, _ = io.WriteString(client, p)
		synctest.Wait()
	}
	if finish {
		_ = client.CloseWrite()
		synctest.Wait()
	}
	run := r
	run.messages = slices.Clone(r.messages)
	_ = received(client)
	_ = client.SetReadDeadline(time.Now().Add(time.Nanosecond))
	_, err := client.Read(make([]byte, 1))
	run.ended = err == io.EOF
	_ = client.Close()
	<-served
	return run
}

// difference says in which way the library's run differs from llhttp's, "" if in none.
func (c *llhttpCase) difference(r *llhttpRun) string {
	want := c.messages
	goesOn := false
	if n := len(want); n > 0 && !want[n-1].headed {
		want, goesOn = want[:n-1], true
	}
	verdict := c.verdict
	switch {
	case verdict == llhttpOK && goesOn && r.verdict == llhttpOK && r.ended:
		return "llhttp goes on, the connection has ended"
	case verdict == llhttpClosed:
		if verdict = llhttpOK; r.verdict == llhttpOK && !r.ended {
			return "llhttp reads nothing behind the last message, but the connection is open"
		}
	case verdict == llhttpError: // how far it came by then may differ
		whole := func(m llhttpMessage) bool { return !m.complete }
		want = slices.DeleteFunc(slices.Clone(want), whole)
		r.messages = slices.DeleteFunc(r.messages, whole)
	}
	if r.verdict != verdict {
		return fmt.Sprintf("llhttp: %s %s; here: %s %s", c.verdict, c.fault, r.verdict, r.fault)
	}
	got, wanted := fmt.Sprintf("%+v", r.messages), fmt.Sprintf("%+v", want)
	if got != wanted {
		return fmt.Sprintf("llhttp understands %s, here it is %s", wanted, got)
	}
	return ""
}

// TestLLHTTP plays the cases of llhttp, each with the Host lines that it needs. The verdicts must be equal, and where
// both take the case also method, target, fields and content, or the case is listed among the differences.
func TestLLHTTP(t *testing.T) {
	cases := loadLLHTTP(t)
	run, skipped, hosts, differ := 0, 0, 0, 0
	for _, c := range cases {
		if c.skip != "" {
			skipped++
			continue
		}
		run++
		octets, err := withHosts(c.octets)
		if err != nil {
			t.Fatal(err)
		}
		if octets != c.octets {
			hosts++
		}
		listed, isListed := llhttpDifferences[c.name]
		if isListed {
			differ++
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for delivery, pieces := range map[string][]string{"whole": {octets}, "octets": strings.Split(octets, "")} {
					if err := c.play(pieces, listed, isListed); err != nil {
						t.Errorf("%s: %v\n%q", delivery, err, octets)
					}
				}
			})
			want := ""
			for delivery, r := range wiretest.Deliveries(octets) {
				if got := readLLHTTP(r); want == "" {
					want = got
				} else if got != want {
					t.Fatalf("%s: %s\nwhole: %s", delivery, got, want)
				}
			}
		})
	}
	for name := range llhttpDifferences {
		if !slices.ContainsFunc(cases, func(c *llhttpCase) bool { return c.name == name && c.skip == "" }) {
			t.Errorf("%q is listed, but there is no such case", name)
		}
	}
	t.Logf("%d cases, %d of them with Host lines added: %d as llhttp, %d listed as different; %d left out",
		run, hosts, run-differ, differ, skipped)
}

// play plays a case and compares. A listed difference must be one, and be what the list says.
func (c *llhttpCase) play(pieces []string, listed llhttpDifference, isListed bool) error {
	finish := c.kind == "request-finish"
	r := serveLLHTTP(pieces, finish)
	difference := c.difference(&r)
	switch {
	case !isListed && difference == "":
		return nil
	case !isListed:
		return errors.New(difference)
	case difference == "":
		return fmt.Errorf("no difference any more, but listed: %s, %s", listed.rule, listed.why)
	}
	here := r.fault
	if r.verdict == llhttpOK {
		here = llhttpOK
	}
	if here != listed.here {
		return fmt.Errorf("here: %s, but listed as %s", here, listed.here)
	}
	if listed.then != "" {
		r := serveLLHTTP(append(slices.Clip(pieces), listed.then), finish)
		if difference := c.difference(&r); difference != "" {
			return fmt.Errorf("with %q behind: %s", listed.then, difference)
		}
	}
	return nil
}

// readLLHTTP dumps all that a Reader understands.
func readLLHTTP(src io.Reader) string {
	r := h1.NewReader(src, nil)
	defer r.Release()
	var q h1.Request
	dump := ""
	for {
		err := r.ReadRequest(&q)
		if err != nil {
			return dump + " " + err.Error()
		}
		content, err := io.ReadAll(q.Body)
		dump += fmt.Sprintf("%s%+v %v %q %v %v\n", q.AppendHead(nil), q.URL, q.Framing(), content, q.Trailer.Fields(), err)
		if err != nil {
			return dump
		}
	}
}
