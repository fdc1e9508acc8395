package h1

import "github.com/seed-489864d5/h1/internal/octet"

// A Framing says what ends the body of a message (RFC 9112 §6.3).
type Framing struct {
	Kind   FramingKind
	Length int64 // octets, for FixedLength only
}

// A FramingKind is one of the ways in which a body ends.
type FramingKind uint8

const (
	NoBody      FramingKind = iota // there is none
	FixedLength                    // after Length octets
	Chunked                        // with the last chunk and the trailer section
	untilClose                     // with the connection: responses to HTTP/1.0 only
)

// String returns the name of the kind in words.
func (k FramingKind) String() string {
	return [...]string{"none", "fixed length", "chunked", "until close"}[k]
}

// contentLength returns the framing as Request.ContentLength puts it.
func (f Framing) contentLength() int64 {
	if f.Kind == Chunked {
		return -1
	}
	return f.Length
}

// requestFraming decides where the body of a request ends (RFC 9112 §6.3), from the field section alone: neither
// target nor handler plays a part, and the method only forbids. The fieldID tells which field is at fault.
func requestFraming(v view, version Version, method methodID) (Framing, fieldID, error) {
	var f Framing
	switch coded, sized := v.has(fieldTransferEncoding), v.has(fieldContentLength); {
	case coded && sized: // step 3: we may refuse, so we do
		return f, fieldContentLength, errLengthCoding
	case coded && !version.atLeast11(): // §6.1
		return f, fieldTransferEncoding, errCodingIn10
	case coded: // step 4
		if err := transferCoding(v); err != nil {
			return f, fieldTransferEncoding, err
		}
		f.Kind = Chunked
	case sized: // steps 5 and 6
		value, n := v.single(fieldContentLength)
		if n > 1 {
			return f, fieldContentLength, errLengths
		}
		length, ok := octet.Decimal(value)
		if !ok {
			return f, fieldContentLength, errLength
		}
		f = Framing{FixedLength, length}
	} // else step 7: none

	if method == methodConnect || method == methodTrace {
		if f.Kind == Chunked || f.Length > 0 {
			return f, fieldContentLength, errMethodBody
		}
	}
	return f, fieldOther, nil
}

// transferCoding accepts one line that says chunked. All else is refused: 501 for a well-formed list of unknown
// codings that ends in chunked (§6.1), 400 where the length can't be known (§6.3 step 4). Empty members, which
// RFC 9110 §5.6.1.2 would have us skip, are refused here: implementations are known to differ on them.
func transferCoding(v view) error {
	if value, n := v.single(fieldTransferEncoding); n == 1 && octet.EqualFold(value, "chunked") {
		return nil
	}
	chunked, others, total := 0, 0, 0
	last := false // whether the latest member was chunked
	for value := range v.values(fieldTransferEncoding) {
		for member := range members(value) {
			if total++; total > maxListMembers || len(member) == 0 || octet.Token(member) != len(member) {
				return errCoding
			}
			if last = octet.EqualFold(member, "chunked"); last {
				chunked++
			} else {
				others++
			}
		}
	}
	switch {
	case !last:
		return errCodingLast
	case chunked > 1:
		return errCodingTwice
	}
	return errCodingOther
}

// expectsContinue reports whether the client waits for 100 Continue before it sends the body. Any other
// expectation is refused: to ignore "y 100-continue" is to wait for what another hop does not.
func expectsContinue(v view, version Version) (expects bool, err error) {
	if !version.atLeast11() || !v.has(fieldExpect) {
		return false, nil
	}
	empty := 0
	for value := range v.values(fieldExpect) {
		for member := range members(value) {
			switch {
			case octet.EqualFold(member, "100-continue"):
				expects = true
			case len(member) > 0:
				return false, errExpect
			default:
				if empty++; empty > maxEmptyMembers {
					return false, errExpect
				}
			}
		}
	}
	return expects, nil
}

// connOptions are what the Connection field asks for (RFC 9110 §7.6.1).
type connOptions struct {
	close, keepAlive, upgrade bool
}

// connectionOptions reads the Connection lines as one list. A list that is malformed closes the connection:
// what its sender meant is in doubt, and a closed connection harms neither meaning.
func connectionOptions(v view) (o connOptions) {
	empty, total := 0, 0
	for value := range v.values(fieldConnection) {
		for member := range members(value) {
			switch {
			case octet.EqualFold(member, "close"):
				o.close = true
			case octet.EqualFold(member, "keep-alive"):
				o.keepAlive = true
			case octet.EqualFold(member, "upgrade"):
				o.upgrade = true
			case len(member) == 0:
				empty++
			case octet.Token(member) != len(member):
				o.close = true
			}
			if total++; empty > maxEmptyMembers || total > maxListMembers {
				o.close = true
				return o
			}
		}
	}
	return o
}

// persists reports whether the connection outlives the exchange (RFC 9112 §9.3). close outranks keep-alive.
func (o connOptions) persists(v Version) bool {
	return !o.close && (v.atLeast11() || o.keepAlive)
}

// statusHasBody reports whether a response of that status may have content (RFC 9112 §6.3 step 1, RFC 9110
// §15.3.6).
func statusHasBody(status int) bool {
	return status >= 200 && status != 204 && status != 205 && status != 304
}

// A responseIntent is what is known about a response when its head is written.
type responseIntent struct {
	method     methodID
	version    Version // of the request
	status     int
	declared   int64 // the handler's Content-Length, -1: none
	written    int64 // octets of content so far
	complete   bool  // the content is complete: written is its length
	hasTrailer bool
}

// responseFraming decides how the body of a response is delimited (RFC 9112 §6.3) and whether the field that
// says so is sent. A HEAD response has no body, but the length field that GET would have.
func responseFraming(in responseIntent) (f Framing, sendLength bool) {
	tunnel := in.method == methodConnect && in.status < 300
	switch {
	case tunnel:
		return Framing{}, false
	case in.status == 205:
		return Framing{}, true
	case !statusHasBody(in.status):
		return Framing{}, false
	case in.method == methodHead:
		switch {
		case in.declared >= 0 && (in.written == 0 || in.written == in.declared || !in.complete):
			return Framing{Length: in.declared}, true
		case in.declared < 0 && in.complete && !in.hasTrailer && in.written > 0: // nothing written says nothing of GET's
			return Framing{Length: in.written}, true
		}
		return Framing{}, false
	case in.declared >= 0:
		return Framing{FixedLength, in.declared}, true
	case in.hasTrailer && in.version.atLeast11():
		return Framing{Kind: Chunked}, false
	case in.complete:
		return Framing{FixedLength, in.written}, true
	case in.version.atLeast11():
		return Framing{Kind: Chunked}, false
	}
	return Framing{Kind: untilClose}, false
}
