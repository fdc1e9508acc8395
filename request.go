package h1

import (
	"context"
	"crypto/tls"
	"io"
	"iter"
	"net"
	"strings"

	"github.com/seed-489864d5/h1/internal/octet"
)

// A Version is an HTTP version (RFC 9112 §2.3).
type Version struct{ Major, Minor int }

// String returns the version as in a message, such as "HTTP/1.1".
func (v Version) String() string {
	return "HTTP/" + string([]byte{byte('0' + v.Major), '.', byte('0' + v.Minor)})
}

// atLeast11 gates all that HTTP/1.0 doesn't know: chunked, 1xx, trailers and 101 towards it,
// Transfer-Encoding, Expect and Upgrade from it.
func (v Version) atLeast11() bool { return v.Major == 1 && v.Minor >= 1 }

// A Request is a request as it was received. Parse, a Reader or a Server fills it in.
//
// The strings that it holds are parts of one string, made when the head was complete: they never change and may
// be kept, which keeps the whole head. The Request itself is valid until the handler returns; Clone makes one
// that may outlive it.
type Request struct {
	Method string // as received; methods are case-sensitive
	Target string // the request-target as received
	URL    URL    // the request-target parsed
	Proto  Version
	Header Header // the header section as received, Host included

	// Host is the effective host (RFC 9112 §3.3): that of the target if it names one, else that of the Host
	// field, as received. Comparisons must fold case. It is empty for an HTTP/1.0 request without Host.
	Host string

	// Body is never nil. Each request that has content gets a handle of its own, which is closed for good when
	// the handler returns. Read returns io.EOF at the end of the content and nowhere else: a body that is cut,
	// malformed, too large or too slow makes it return an error, which sticks.
	Body io.ReadCloser

	// Trailer holds the trailer section once Body has returned io.EOF. Fields that have no meaning there, such
	// as Authorization, are left out (RFC 9110 §6.5.1); none is ever merged into Header.
	Trailer Header

	// ContentLength is the length of the content in octets, 0 if there is none, -1 if it is chunked.
	ContentLength int64

	// Close is set if the connection does not persist beyond this request (RFC 9112 §9.3).
	Close bool

	RemoteAddr, LocalAddr net.Addr             // nil outside a Server
	TLS                   *tls.ConnectionState // nil unless the connection is TLS

	raw     string // the head, from the method through the empty line
	method  methodID
	framing Framing
	expects bool // the client waits for 100 Continue
	offers  bool // the client offers to switch protocols (RFC 9110 §7.8)

	head headScan
	body *bodyStream  // nil outside a Reader
	conn *conn        // nil outside a Server, and once the handler has returned
	ctx  *requestDone // nil until Context is called
}

// Parse parses one request head from the start of b and returns how many octets it took, those of skipped empty
// lines included. b is neither kept nor changed.
//
// If b ends inside the head and nothing in it is wrong so far, the error is ErrIncomplete and the Request keeps
// its place: the next b must begin with the same octets, and only those that follow are looked at, but for a few
// before the cut. An octet that can never become valid, or a limit crossed, is a *ProtocolError at once. Any
// result but ErrIncomplete makes the Request ready to parse another head; the memory of Header is reused then.
func (q *Request) Parse(b []byte, lim *Limits) (n int, err error) {
	return q.parse(b, lim, "")
}

// parse is Parse with a host that is taken for an empty one.
func (q *Request) parse(b []byte, lim *Limits, defaultHost string) (int, error) {
	if lim == nil {
		lim = &ordinary
	}
	p := &q.head
	if p.phase == headDone {
		p.reset()
	}
	err := p.scan(b, lim)
	if most := lim.maxRequest(); int64(p.off-p.start) > most && (err == nil || err == ErrIncomplete) {
		p.off, err = p.start+int(most), errHeadTooLarge
	}
	switch {
	case err == ErrIncomplete:
		return 0, err
	case err == nil:
		if err = q.interpret(b, defaultHost); err == nil {
			return p.off, nil
		}
	}
	p.phase = headDone
	return 0, err.(*ProtocolError).at(int64(p.off))
}

// Framing returns what ends the body (RFC 9112 §6.3).
func (q *Request) Framing() Framing { return q.framing }

// AppendHead appends the head as it was received, from the request line through the empty line: order, case,
// duplicates, white space and raw target. A Request that was not parsed is written from its fields.
func (q *Request) AppendHead(dst []byte) []byte {
	if q.raw != "" {
		return append(dst, q.raw...)
	}
	dst = append(dst, q.Method...)
	dst = append(dst, ' ')
	dst = append(dst, q.Target...)
	dst = append(dst, ' ')
	dst = append(dst, q.Proto.String()...)
	dst = append(dst, "\r\n"...)
	for name, value := range q.Header.All() {
		dst = appendField(dst, name, value)
	}
	return append(dst, "\r\n"...)
}

// Clone returns a copy that may outlive the handler. Its Body is empty and its Context context.Background.
func (q *Request) Clone() *Request {
	return &Request{
		Method: q.Method, Target: q.Target, URL: q.URL, Proto: q.Proto, Host: q.Host,
		Header: q.Header.clone(), Trailer: q.Trailer.clone(), Body: emptyBody{},
		ContentLength: q.ContentLength, Close: q.Close,
		RemoteAddr: q.RemoteAddr, LocalAddr: q.LocalAddr, TLS: q.TLS,
		raw: q.raw, method: q.method, framing: q.framing,
	}
}

// Context returns the context of the request. It is made by the first call and costs nothing without one. It is
// cancelled when the handler returns, when the client goes away or ends its side of the connection, when a write
// fails and when Server.Close is called, not by Shutdown. Outside a Server it is context.Background.
func (q *Request) Context() context.Context {
	switch {
	case q.conn != nil:
		return q.conn.requestContext(q)
	case q.ctx != nil:
		return q.ctx.Context
	}
	return context.Background()
}

// SetMaxBytes sets this request's MaxRequestBytes, the limit on head and decoded body in octets; a negative number
// means none. It returns an error, and changes nothing, once the body has been read.
func (q *Request) SetMaxBytes(n int64) error {
	if q.body == nil {
		return nil
	}
	if q.body.touched {
		return errBodyRead
	}
	q.body.setMost(n)
	return nil
}

// Cookies yields the cookies of all Cookie lines in order, name and value as received (RFC 6265 §4.2). A pair
// whose name is not a token or whose value holds a control octet is left out.
func (q *Request) Cookies() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for line := range q.Header.Values("Cookie") {
			for pair := range strings.SplitSeq(line, ";") {
				name, value, has := strings.Cut(octet.TrimSpace(pair), "=")
				name, value = octet.TrimSpace(name), octet.TrimSpace(value)
				if !has || !isToken(name) || !isFieldValue(value) || strings.ContainsRune(value, '\t') {
					continue
				}
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

// isToken reports whether s is a token (RFC 9110 §5.6.2).
func isToken(s string) bool { return s != "" && octet.Token([]byte(s)) == len(s) }

// isFieldValue reports whether s holds only octets that a field value may hold (RFC 9110 §5.5).
func isFieldValue(s string) bool { return octet.FieldText([]byte(s)) == len(s) }

// A methodID stands for a method that some rule of the protocol speaks of.
type methodID uint8

const (
	methodOther methodID = iota
	methodHead
	methodConnect
	methodOptions
	methodTrace
)

// lookupMethod returns the ID of a method. Methods are case-sensitive (RFC 9110 §9.1).
func lookupMethod[S ~string | ~[]byte](method S) methodID {
	switch string(method) {
	case "HEAD":
		return methodHead
	case "CONNECT":
		return methodConnect
	case "OPTIONS":
		return methodOptions
	case "TRACE":
		return methodTrace
	}
	return methodOther
}
