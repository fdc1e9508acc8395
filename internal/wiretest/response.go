package wiretest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Response is one response found in what a server wrote.
type Response struct {
	Status  int
	Reason  string
	Fields  []Field // in order
	Body    string  // without its framing
	Trailer []Field
	Framing Framing
	Tunnel  string // what follows a 101, or a 2xx to CONNECT: no longer HTTP
}

// A Field is one field line; its value has no whitespace around it.
type Field struct{ Name, Value string }

// Framing says what ended the body of a Response.
type Framing string

const (
	NoBody     Framing = "no body"      // by status or method; fields may say otherwise
	Length     Framing = "length"       // Content-Length
	Chunked    Framing = "chunked"      // the last chunk and the trailer section
	UntilClose Framing = "close"        // the end of the octets, which must be an orderly close
	Switched   Framing = "not HTTP now" // see Response.Tunnel
)

// Interim reports whether another response to the same request follows.
func (r *Response) Interim() bool { return r.Status < 200 && r.Status != 101 }

// Values returns the values of the field lines with that name, compared without regard to case.
func (r *Response) Values(name string) (values []string) {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Says reports whether a comma-separated list in the fields called name holds token.
func (r *Response) Says(name, token string) bool {
	for _, v := range r.Values(name) {
		for m := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.Trim(m, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// ParseResponses reads all responses in b, interim ones included. methods are those of the requests
// they answer, in order; there may be more methods than final responses, but not fewer.
//
// Anything that RFC 9112 does not let a sender write is an error, and so is what it does but no
// careful sender writes: upper-case digits and leading zeros in a chunk-size, chunk extensions,
// leading zeros in Content-Length, whitespace around a value other than the one SP before it.
// Octets that belong to no response are an error, and so is a truncated one; the responses before it
// are returned with the error.
func ParseResponses(b string, methods []string) (responses []Response, err error) {
	for b != "" {
		if len(methods) == 0 {
			return responses, fmt.Errorf("response without a request: %.64q", b)
		}
		r, rest, err := parseResponse(b, methods[0])
		if err != nil {
			return responses, fmt.Errorf("response %d: %w", len(responses)+1, err)
		}
		if !r.Interim() {
			methods = methods[1:]
		}
		responses = append(responses, r)
		b = rest
	}
	return responses, nil
}

func parseResponse(b, method string) (r Response, rest string, err error) {
	line, b, err := cutLine(b)
	if err != nil {
		return r, b, err
	}
	if r.Status, r.Reason, err = parseStatusLine(line); err != nil {
		return r, b, err
	}
	if r.Fields, b, err = cutFields(b); err != nil {
		return r, b, err
	}
	length, err := r.length()
	if err != nil {
		return r, b, err
	}
	coding := r.Values("Transfer-Encoding")
	framed := len(coding) > 0 || length >= 0
	switch {
	case len(coding) > 0 && length >= 0:
		return r, b, errors.New("both Transfer-Encoding and Content-Length (RFC 9112 §6.2)")
	case len(coding) > 0 && !slices.Equal(coding, []string{"chunked"}):
		return r, b, fmt.Errorf("Transfer-Encoding: %q", coding)
	case framed && (r.Status < 200 || r.Status == 204):
		return r, b, fmt.Errorf("framing fields in a %d (RFC 9110 §8.6, RFC 9112 §6.1)", r.Status)
	case framed && method == "CONNECT" && r.Status < 300:
		return r, b, errors.New("framing fields in a 2xx to CONNECT")

	case r.Status == 101, method == "CONNECT" && r.Status >= 200 && r.Status < 300:
		r.Framing, r.Tunnel, b = Switched, b, ""
	case r.Status < 200, r.Status == 204, r.Status == 304, method == "HEAD":
		r.Framing = NoBody
	case len(coding) > 0:
		r.Framing = Chunked
		r.Body, r.Trailer, b, err = cutChunked(b)
	case length >= 0:
		r.Framing = Length
		if length > len(b) {
			return r, b, fmt.Errorf("body of %d octets, announced %d", len(b), length)
		}
		r.Body, b = b[:length], b[length:]
	default:
		r.Framing, r.Body, b = UntilClose, b, ""
	}
	if err == nil && r.Status == 205 && (r.Body != "" || r.Framing == UntilClose) {
		err = errors.New("content in a 205 (RFC 9110 §15.3.6)")
	}
	return r, b, err
}

// cutLine takes a line off b. A CR or LF anywhere but in its CRLF is an error.
func cutLine(b string) (line, rest string, err error) {
	i := strings.IndexAny(b, "\r\n")
	switch {
	case i < 0:
		return "", b, fmt.Errorf("truncated in line %.64q", b)
	case !strings.HasPrefix(b[i:], "\r\n"):
		return "", b, fmt.Errorf("line ends without CRLF: %.64q", b)
	}
	return b[:i], b[i+2:], nil
}

// parseStatusLine reads HTTP-version SP status-code SP [ reason-phrase ].
func parseStatusLine(line string) (status int, reason string, err error) {
	digits, ok := strings.CutPrefix(line, "HTTP/1.1 ")
	if !ok || len(digits) < 4 || digits[3] != ' ' {
		return 0, "", fmt.Errorf("status-line %.64q", line)
	}
	digits, reason = digits[:3], digits[4:]
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' {
			return 0, "", fmt.Errorf("status-code %q", digits)
		}
		status = status*10 + int(d-'0')
	}
	if status < 100 || status > 599 {
		return 0, "", fmt.Errorf("status-code %q", digits)
	}
	if !isText(reason) {
		return 0, "", fmt.Errorf("reason-phrase %.64q", reason)
	}
	return status, reason, nil
}

// cutFields takes a field section and the empty line behind it off b.
func cutFields(b string) (fields []Field, rest string, err error) {
	for {
		line, rest, err := cutLine(b)
		if err != nil {
			return fields, b, err
		}
		if b = rest; line == "" {
			return fields, b, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return fields, b, fmt.Errorf("field line %.64q", line)
		}
		value, ok = strings.CutPrefix(value, " ")
		if !ok || !isText(value) || strings.Trim(value, " \t") != value {
			return fields, b, fmt.Errorf("field value in %.64q", line)
		}
		fields = append(fields, Field{name, value})
	}
}

// length returns the value of Content-Length, -1 without one.
func (r *Response) length() (n int, err error) {
	values := r.Values("Content-Length")
	if len(values) == 0 {
		return -1, nil
	}
	v := values[0]
	if len(values) > 1 || v == "" || len(v) > 9 || len(v) > 1 && v[0] == '0' {
		return -1, fmt.Errorf("Content-Length: %q", values)
	}
	for _, d := range []byte(v) {
		if d < '0' || d > '9' {
			return -1, fmt.Errorf("Content-Length: %q", v)
		}
		n = n*10 + int(d-'0')
	}
	return n, nil
}

// cutChunked takes a chunked body off b.
func cutChunked(b string) (body string, trailer []Field, rest string, err error) {
	for {
		line, rest, err := cutLine(b)
		if err != nil {
			return body, nil, b, err
		}
		b = rest
		size := 0
		for _, d := range []byte(line) {
			digit := strings.IndexByte("0123456789abcdef", d)
			if digit < 0 {
				return body, nil, b, fmt.Errorf("chunk line %.64q", line)
			}
			size = size*16 + digit
		}
		switch {
		case line == "", len(line) > 7, len(line) > 1 && line[0] == '0':
			return body, nil, b, fmt.Errorf("chunk-size %.64q", line)
		case size == 0:
			trailer, b, err = cutFields(b)
			return body, trailer, b, err
		case len(b) < size+2:
			return body, nil, b, errors.New("truncated in a chunk")
		case b[size:size+2] != "\r\n":
			return body, nil, b, fmt.Errorf("no CRLF after chunk data: %.64q", b[size:])
		}
		body, b = body+b[:size], b[size+2:]
	}
}

func isToken(s string) bool {
	for _, c := range []byte(s) {
		alnum := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isText reports whether s has only HTAB, SP, VCHAR and obs-text.
func isText(s string) bool {
	for _, c := range []byte(s) {
		if c != '\t' && c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
