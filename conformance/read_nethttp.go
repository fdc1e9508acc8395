package conformance

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
)

// What net/http's server refuses although http.ReadRequest takes it.
var (
	errNoHost  = errors.New("net/http: missing required Host header")
	errBadHost = errors.New("net/http: malformed Host header")
	errName    = errors.New("net/http: invalid header name")
	errExpect  = errors.New("net/http: expectation failed")
	errVersion = errors.New("net/http: unsupported protocol version")
)

// ReadNetHTTP reads a stream with http.ReadRequest and Request.Body, and does around them what net/http's server does:
// it skips up to four octets of line ends behind a POST, wants a Host and no strange octet in it, wants tokens for field
// names, and answers 417 to expectations other than 100-continue.
func ReadNetHTTP(in string) (r Reading) {
	src := strings.NewReader(in)
	br := bufio.NewReader(src)
	taken := func() int { return len(in) - src.Len() - br.Buffered() }
	method := ""
	for {
		if method == "POST" {
			peek, _ := br.Peek(4)
			br.Discard(len(peek) - len(strings.TrimLeft(string(peek), "\r\n")))
		}
		from := taken()
		q, err := http.ReadRequest(br)
		if err == nil {
			err = serverChecks(q, in[from:taken()])
		}
		if err != nil {
			if err != io.EOF {
				r.Err = err
			}
			return r
		}
		method = q.Method
		m := Message{
			Method: q.Method, Target: q.RequestURI, Proto: q.Proto, Host: q.Host,
			Path: q.URL.Path, Query: q.URL.RawQuery,
			Chunked: len(q.TransferEncoding) > 0, Close: q.Close,
			Fields: netHTTPFields(q.Header),
		}
		body, err := io.ReadAll(q.Body)
		if err != nil {
			r.Err = err
			return r
		}
		m.Body, m.Trailer, m.End = string(body), netHTTPFields(q.Trailer), taken()
		r.Messages = append(r.Messages, m)
		if m.Close || m.Method == "CONNECT" {
			return r
		}
	}
}

// serverChecks does what (*conn).readRequest and (*conn).serve do behind readRequest.
func serverChecks(q *http.Request, head string) error {
	preface := q.Method == "PRI" && q.RequestURI == "*" && q.Proto == "HTTP/2.0" && len(q.Header) == 0
	if q.ProtoMajor != 1 && !preface {
		return errVersion
	}
	host, has := "", false
	for line := range strings.SplitSeq(head, "\n") {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Host") {
			host, has = strings.Trim(value, " \t\r"), true
		}
	}
	if !has && q.ProtoAtLeast(1, 1) && q.Method != "CONNECT" && !preface {
		return errNoHost
	}
	if q.URL.Host == "" {
		host = q.Host // folded lines are joined in it
	}
	const valid = "!$%&'()*+,-.:;=[]_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if strings.Trim(host, valid) != "" {
		return errBadHost
	}
	for name := range q.Header {
		if !isToken(name) {
			return errName
		}
	}
	expect := q.Header.Get("Expect")
	if expect != "" && !strings.Contains(strings.ToLower(expect), "100-continue") {
		return errExpect
	}
	return nil
}

func netHTTPFields(h http.Header) (fields []Field) {
	for name, values := range h {
		for _, value := range values {
			fields = append(fields, Field{strings.ToLower(name), value})
		}
	}
	sortFields(fields)
	return fields
}
