package h1

import (
	"errors"
	"io"
	"os"
	"strconv"
)

// A ProtocolError says that the peer broke a rule of HTTP/1.1 or crossed a limit. The values that the
// library returns compare with errors.Is by rule and reason, wherever in the input they arose.
type ProtocolError struct {
	Status int    // the status that answers it, 400–505
	Rule   string // the section that was broken, such as "RFC 9112 §5.1", or the name of the limit
	Reason string // the fault in a few words; never holds octets of the peer

	// Offset counts the octets in front of the offending one: from the start of what was given to
	// Request.Parse or, for a fault in a body, from the start of the chunked body. -1: not known.
	Offset int64
}

// Error gives the fault, the rule and, where it is known, the offset.
func (e *ProtocolError) Error() string {
	s := "h1: " + e.Reason + " (" + e.Rule + ")"
	if e.Offset > 0 {
		s += " at octet " + strconv.FormatInt(e.Offset, 10)
	}
	return s
}

// Is reports whether target is the same fault, at whatever offset. A message that ends too early is
// io.ErrUnexpectedEOF as well, one that comes too slowly os.ErrDeadlineExceeded.
func (e *ProtocolError) Is(target error) bool {
	switch target {
	case io.ErrUnexpectedEOF:
		return e.Reason == errHeadEnd.Reason || e.Reason == errBodyEnd.Reason
	case os.ErrDeadlineExceeded:
		return e.Status == 408
	}
	t, ok := target.(*ProtocolError)
	return ok && t.Status == e.Status && t.Rule == e.Rule && t.Reason == e.Reason
}

// at returns a copy of e that knows its place.
func (e *ProtocolError) at(offset int64) *ProtocolError {
	c := *e
	c.Offset = offset
	return &c
}

// A UsageError says that the program, not the peer, did what HTTP or this library doesn't allow: a field that
// can't be written, a body longer than declared, a call after the end. Nothing of it reaches the wire.
type UsageError struct {
	Rule   string // the section that it would have broken, or "h1" for a rule of this library
	Reason string
	Detail string // the offending name or value, quoted and cut; empty where there is none
}

func (e *UsageError) Error() string {
	s := "h1: " + e.Reason
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s + " (" + e.Rule + ")"
}

// Is reports whether target is the same misuse, whatever the detail.
func (e *UsageError) Is(target error) bool {
	t, ok := target.(*UsageError)
	return ok && t.Rule == e.Rule && t.Reason == e.Reason
}

// of returns a copy of e that names the offending octets, at most 64 of them, in printable ASCII.
func (e *UsageError) of(detail string) *UsageError {
	c := *e
	c.Detail = strconv.QuoteToASCII(detail[:min(len(detail), 64)])
	return &c
}

// Errors that callers tell apart with errors.Is.
var (
	// ErrIncomplete says that the input ends inside a message head and that nothing in it is wrong so far.
	ErrIncomplete = errors.New("h1: message head is incomplete")

	// ErrServerClosed is what Serve and its kin return after Shutdown or Close.
	ErrServerClosed = errors.New("h1: server closed")

	// ErrAbortHandler is for a handler to panic with: the message is cut so that the client can't take it
	// for complete, and nothing is logged.
	ErrAbortHandler = errors.New("h1: abort handler")

	// ErrBodyTooLarge is what a body's Read returns when head and body exceed MaxRequestBytes.
	ErrBodyTooLarge error = errBodyTooLarge

	// ErrBodyTimeout is what a body's Read returns when the body did not arrive in time.
	ErrBodyTimeout error = errBodyTimeout

	// ErrBodyClosed is what a body's Read returns after Close, after the handler has returned, and, without
	// EnableFullDuplex, after the response has begun.
	ErrBodyClosed = errors.New("h1: read of a closed request body")

	// ErrHijacked is what calls of a Response return after Hijack, Upgrade or Tunnel.
	ErrHijacked = errors.New("h1: connection has been taken over")

	// ErrFinished is what calls of a Response return after the end of its message.
	ErrFinished = errors.New("h1: response is finished")

	// ErrCommitted is what a call returns that would change a head which is already written.
	ErrCommitted = errors.New("h1: response head is already written")
)

// The catalogue of what the parser refuses, in the order of the input.
var (
	errBareCR     = refusal(400, "RFC 9112 §2.2", "CR without LF")
	errBareLF     = refusal(400, "RFC 9112 §2.2", "LF without CR")
	errEmptyLines = refusal(400, "RFC 9112 §2.2", "too many empty lines before the request line")

	errMethod         = refusal(400, "RFC 9110 §9.1", "method is not a token")
	errMethodTooLong  = refusal(501, "MaxMethodBytes", "method is too long")
	errNoMethod       = refusal(400, "RFC 9112 §3", "request line without method")
	errTarget         = refusal(400, "RFC 9112 §3.2", "octet not allowed in the request-target")
	errTargetForm     = refusal(400, "RFC 9112 §3.2", "request-target has none of the four forms")
	errTargetMethod   = refusal(400, "RFC 9112 §3.2", "form of the request-target does not fit the method")
	errTargetTooLong  = refusal(414, "MaxTargetBytes", "request-target is too long")
	errFragment       = refusal(400, "RFC 9110 §7.1", "fragment in the request-target")
	errEscape         = refusal(400, "RFC 3986 §2.1", "percent sign without two hexadecimal digits")
	errEscapedNUL     = refusal(400, "RFC 3986 §7.3", "encoded NUL in the path")
	errScheme         = refusal(400, "RFC 9112 §3.2.2", "scheme is neither http nor https")
	errUserinfo       = refusal(400, "RFC 9110 §4.2.4", "userinfo in the request-target")
	errTargetHost     = refusal(400, "RFC 9110 §4.2.1", "invalid or empty host in the request-target")
	errTargetPort     = refusal(400, "RFC 9112 §3.2.3", "CONNECT without a valid port")
	errVersion        = refusal(400, "RFC 9112 §2.3", "malformed HTTP version")
	errVersionUnknown = refusal(505, "RFC 9110 §15.6.6", "HTTP/1.1 only")

	errSpaceBeforeField = refusal(400, "RFC 9112 §2.2", "white space before the first field line")
	errFold             = refusal(400, "RFC 9112 §5.2", "folded field line")
	errNoColon          = refusal(400, "RFC 9112 §5", "field line without colon")
	errSpaceBeforeColon = refusal(400, "RFC 9112 §5.1", "white space before the colon of a field line")
	errFieldName        = refusal(400, "RFC 9110 §5.1", "field name is not a token")
	errNoFieldName      = refusal(400, "RFC 9110 §5.1", "empty field name")
	errLookAlike        = refusal(400, "RFC 9110 §17.10", "field name that looks like a framing field")
	errFieldValue       = refusal(400, "RFC 9110 §5.5", "octet not allowed in a field value")
	errFieldNameTooLong = refusal(431, "MaxFieldNameBytes", "field name is too long")
	errHeaderTooLarge   = refusal(431, "MaxHeaderBytes", "header section is too large")
	errTooManyFields    = refusal(431, "MaxFields", "too many field lines")
	errHeadTooLarge     = refusal(413, "MaxRequestBytes", "request head is too large")

	errNoHost        = refusal(400, "RFC 9112 §3.2", "request without Host")
	errHosts         = refusal(400, "RFC 9112 §3.2", "more than one Host line")
	errHost          = refusal(400, "RFC 9112 §3.2", "invalid Host")
	errEmptyHost     = refusal(400, "RFC 9112 §3.3", "empty Host")
	errHostDiffers   = refusal(400, "RFC 9112 §3.2.2", "Host differs from the request-target")
	errMisdirected   = refusal(421, "RFC 9110 §7.4", "scheme of the request-target is not that of the connection")
	errLengths       = refusal(400, "RFC 9112 §6.3", "more than one Content-Length")
	errLength        = refusal(400, "RFC 9110 §8.6", "invalid Content-Length")
	errLengthCoding  = refusal(400, "RFC 9112 §6.1", "both Content-Length and Transfer-Encoding")
	errCoding        = refusal(400, "RFC 9112 §6.1", "malformed Transfer-Encoding")
	errCodingLast    = refusal(400, "RFC 9112 §6.3", "chunked is not the final transfer coding")
	errCodingTwice   = refusal(400, "RFC 9112 §6.1", "chunked applied more than once")
	errCodingIn10    = refusal(400, "RFC 9112 §6.1", "Transfer-Encoding in HTTP/1.0")
	errCodingOther   = refusal(501, "RFC 9112 §6.1", "unknown transfer coding")
	errMethodBody    = refusal(400, "RFC 9110 §9.3", "content where the method allows none")
	errExpect        = refusal(417, "RFC 9110 §10.1.1", "unknown expectation")
	errConnect       = refusal(501, "RFC 9110 §9.3.6", "CONNECT is not supported")
	errPeer          = refusal(403, "CheckPeer", "peer is not allowed")
	errConnectDenied = refusal(403, "ConnectPolicy", "target is not allowed")
	errHeadTimeout   = refusal(408, "ReadHeaderTimeout", "request head did not arrive in time")
	errHeadEnd       = refusal(400, "RFC 9112 §8", "connection ended inside the request head")
)

// What the reader of a body refuses.
var (
	errChunkSize       = refusal(400, "RFC 9112 §7.1", "invalid chunk size")
	errChunkSizeRange  = refusal(400, "RFC 9112 §7.1", "chunk size is too large")
	errChunkExt        = refusal(400, "RFC 9112 §7.1.1", "malformed chunk extension")
	errChunkLineEnd    = refusal(400, "RFC 9112 §7.1", "chunk line does not end in CRLF")
	errChunkData       = refusal(400, "RFC 9112 §7.1", "chunk data is not followed by CRLF")
	errChunkLine       = refusal(400, "MaxChunkLineBytes", "chunk line is too long")
	errChunkOverhead   = refusal(400, "MaxChunkOverheadBytes", "too much chunk framing for too little data")
	errTrailerField    = refusal(400, "RFC 9110 §6.5.1", "framing, routing or connection field in the trailer section")
	errTrailerTooLarge = refusal(431, "MaxTrailerBytes", "trailer section is too large")
	errTrailerFields   = refusal(431, "MaxTrailerFields", "too many trailer lines")
	errBodyTooLarge    = refusal(413, "MaxRequestBytes", "request is too large")
	errBodyTimeout     = refusal(408, "BodyIdleTimeout", "request body did not arrive in time")
	errBodyEnd         = refusal(400, "RFC 9112 §8", "connection ended inside the request body")
)

// What the writer refuses.
var (
	errStatus        = &UsageError{Rule: "RFC 9110 §15", Reason: "invalid status code"}
	errReason        = &UsageError{Rule: "RFC 9112 §4", Reason: "invalid reason phrase"}
	errName          = &UsageError{Rule: "RFC 9110 §5.1", Reason: "invalid field name"}
	errValue         = &UsageError{Rule: "RFC 9110 §5.5", Reason: "invalid field value"}
	errRepeated      = &UsageError{Rule: "RFC 9110 §5.3", Reason: "field may not be repeated"}
	errReserved      = &UsageError{Rule: "RFC 9112 §6", Reason: "field belongs to the library"}
	errOwnLength     = &UsageError{Rule: "RFC 9110 §8.6", Reason: "invalid Content-Length"}
	errOwnDate       = &UsageError{Rule: "RFC 9110 §5.6.7", Reason: "Date is not an IMF-fixdate"}
	errNoUpgrade     = &UsageError{Rule: "RFC 9110 §15.5.22", Reason: "426 without Upgrade"}
	errTrailerName   = &UsageError{Rule: "RFC 9110 §6.5.1", Reason: "field may not be sent as a trailer"}
	errTrailerLength = &UsageError{Rule: "RFC 9110 §6.5.1", Reason: "trailers need the chunked coding, but a length is declared"}
	errTrailerNew    = &UsageError{Rule: "RFC 9110 §6.6.2", Reason: "trailer was not announced"}
	errNoBody        = &UsageError{Rule: "RFC 9112 §6.3", Reason: "response may not have content"}
	errExcess        = &UsageError{Rule: "RFC 9110 §8.6", Reason: "more content than Content-Length declares"}
	errShort         = &UsageError{Rule: "RFC 9110 §8.6", Reason: "less content than Content-Length declares"}
	errInterim       = &UsageError{Rule: "RFC 9110 §15.2", Reason: "informational response is not possible"}
	errSwitch        = &UsageError{Rule: "RFC 9110 §7.8", Reason: "upgrade is not possible"}
	errTunnel        = &UsageError{Rule: "RFC 9110 §9.3.6", Reason: "tunnel is not possible"}
	errNoConn        = &UsageError{Rule: "h1", Reason: "response is not written by a server's connection"}
	errBodyRead      = &UsageError{Rule: "h1", Reason: "SetMaxBytes after the body was read"}
	errUnread        = &UsageError{Rule: "h1", Reason: "body of the previous request is too long to drain, or has failed"}
	errRefusing      = &UsageError{Rule: "h1", Reason: "connection can't be taken over by OnError"}
	errAborted       = &UsageError{Rule: "h1", Reason: "response was aborted"}
	errNominated     = &UsageError{Rule: "RFC 9110 §7.6.1", Reason: "Connection nominates an end-to-end field"}
)

// refusal makes an entry of the catalogue.
func refusal(status int, rule, reason string) *ProtocolError {
	return &ProtocolError{Status: status, Rule: rule, Reason: reason, Offset: -1}
}
