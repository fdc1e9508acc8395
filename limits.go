package h1

import "math"

// Limits bound what one request may cost. The zero value, and a nil *Limits, stand for the defaults; a
// negative number means no limit. Each is enforced while reading: what crosses one is never buffered first.
type Limits struct {
	// MaxRequestBytes bounds the whole request, the head and the decoded body. Default 6 MiB: a JSON body
	// or a picture passes, a handler that takes more says so with Request.SetMaxBytes. Beyond it: 413.
	MaxRequestBytes int64

	// MaxMethodBytes bounds the method. Default 32, twice the longest registered one. Beyond it: 501.
	MaxMethodBytes int
	// MaxTargetBytes bounds the request-target. Default 8192; RFC 9112 §3 asks for at least 8000. Beyond: 414.
	MaxTargetBytes int
	// MaxHeaderBytes bounds the header section, line ends included. Default 64 KiB, which holds the largest
	// cookies and tokens that browsers send several times over. Beyond it: 431.
	MaxHeaderBytes int
	// MaxFields bounds the field lines of the header section. Default 128; browsers send about 20. Beyond: 431.
	MaxFields int
	// MaxFieldNameBytes bounds one field name, in the header and the trailer section. Default 256. Beyond: 431.
	MaxFieldNameBytes int

	// MaxTrailerBytes bounds the trailer section. Default 8 KiB. Beyond it: 431.
	MaxTrailerBytes int
	// MaxTrailerFields bounds its field lines. Default 32. Beyond it: 431.
	MaxTrailerFields int
	// MaxChunkLineBytes bounds one chunk-size line with its extensions. Default 4096. Beyond it: 400.
	MaxChunkLineBytes int
	// MaxChunkOverheadBytes bounds the framing octets of a whole chunked body that exceed 16 for each chunk
	// plus twice the data: tiny chunks with long extensions cost the reader far more than they carry.
	// Default 16 KiB. Beyond it: 400.
	MaxChunkOverheadBytes int

	// MaxLeadingEmptyLines is how many empty lines are skipped before a request line, at most 8. Default 1:
	// old user agents send one after a POST body (RFC 9112 §2.2). A negative number skips none. Beyond: 400.
	MaxLeadingEmptyLines int

	// LenientTarget admits the octets \x21–\x7e and \x80–\xff in path and query, but for "#" and for a
	// percent sign that begins no escape in the path. curl sends them when a URL is typed with raw UTF-8.
	LenientTarget bool
}

// The defaults of Limits.
const (
	DefaultMaxRequestBytes       = 6 << 20
	DefaultMaxMethodBytes        = 32
	DefaultMaxTargetBytes        = 8192
	DefaultMaxHeaderBytes        = 64 << 10
	DefaultMaxFields             = 128
	DefaultMaxFieldNameBytes     = 256
	DefaultMaxTrailerBytes       = 8 << 10
	DefaultMaxTrailerFields      = 32
	DefaultMaxChunkLineBytes     = 4096
	DefaultMaxChunkOverheadBytes = 16 << 10
	DefaultMaxLeadingEmptyLines  = 1
)

// Bounds that are not settable.
const (
	maxEmptyLines   = 8    // see Limits.MaxLeadingEmptyLines
	maxHostBytes    = 255  // a DNS name has at most 253 octets
	maxEmptyMembers = 16   // empty members of a list (RFC 9110 §5.6.1.2 asks for "a reasonable number")
	maxListMembers  = 1024 // members of a list that is interpreted
	maxInterim      = 16   // informational responses of one exchange
	noLimit         = math.MaxInt64
)

// ordinary stands for a nil *Limits.
var ordinary Limits

// bound gives the limit that a field of Limits stands for, in octets or lines.
func bound(set, standard int) int {
	switch {
	case set == 0:
		return standard
	case set < 0:
		return 1 << 30 // places in a head are 32 bits wide
	}
	return set
}

// maxRequest returns the limit on head and body in octets.
func (l *Limits) maxRequest() int64 {
	switch {
	case l.MaxRequestBytes == 0:
		return DefaultMaxRequestBytes
	case l.MaxRequestBytes < 0:
		return noLimit
	}
	return l.MaxRequestBytes
}

// leadingEmptyLines returns how many empty lines may stand before a request line.
func (l *Limits) leadingEmptyLines() int {
	switch {
	case l.MaxLeadingEmptyLines == 0:
		return DefaultMaxLeadingEmptyLines
	case l.MaxLeadingEmptyLines < 0:
		return 0
	}
	return min(l.MaxLeadingEmptyLines, maxEmptyLines)
}

// section returns the limits on a header section.
func (l *Limits) section() sectionLimits {
	return sectionLimits{
		bytes:    bound(l.MaxHeaderBytes, DefaultMaxHeaderBytes),
		fields:   bound(l.MaxFields, DefaultMaxFields),
		name:     bound(l.MaxFieldNameBytes, DefaultMaxFieldNameBytes),
		tooLarge: errHeaderTooLarge,
		tooMany:  errTooManyFields,
	}
}

// trailerSection returns the limits on a trailer section.
func (l *Limits) trailerSection() sectionLimits {
	return sectionLimits{
		bytes:    bound(l.MaxTrailerBytes, DefaultMaxTrailerBytes),
		fields:   bound(l.MaxTrailerFields, DefaultMaxTrailerFields),
		name:     bound(l.MaxFieldNameBytes, DefaultMaxFieldNameBytes),
		tooLarge: errTrailerTooLarge,
		tooMany:  errTrailerFields,
	}
}
