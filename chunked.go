package h1

import (
	"io"
	"math"

	"github.com/seed-489864d5/h1/internal/octet"
)

// A ChunkedDecoder undoes the chunked transfer coding (RFC 9112 §7.1), one piece of input after another, in
// constant memory. The zero value is ready for one body.
type ChunkedDecoder struct {
	// Limits bound chunk lines, framing overhead, trailer section and decoded octets; nil stands for the
	// defaults. It must not be changed once Decode has been called.
	Limits *Limits

	state   chunkState
	digits  uint8 // of the chunk-size so far
	started bool
	line    int   // octets of the chunk line so far
	left    int64 // of the chunk's data; while in its size line, the size so far
	decoded int64 // octets announced by chunk sizes so far
	most    int64 // bound on decoded
	excess  int64 // framing octets beyond what the data allows for
	taken   int64 // octets of input before this call
	err     error // sticks: a fault, or io.EOF

	lines   []byte  // the trailer section as far as it has come
	section section // over lines
	trailer Header
}

// A chunkState says which octets may come next.
type chunkState uint8

const (
	atChunkSize    chunkState = iota // a chunk-size begins
	inChunkSize                      // more digits, or what may follow the size
	afterChunkSize                   // white space was seen: an extension must follow
	atExtName                        // an extension's name begins, perhaps behind white space
	inExtName
	afterExtName // white space was seen: "=" or ";" must follow
	atExtValue   // a value begins, perhaps behind white space
	inExtToken
	inExtQuoted
	inExtEscape   // the octet behind a backslash
	afterExtValue // what may follow a value
	afterExtSpace // white space was seen behind a value: ";" must follow
	atChunkLF
	inChunkData
	atDataCR
	atDataLF
	inTrailer
)

// Decode decodes octets of src into dst until dst is full or src used up, and returns how many it wrote and took.
// Neither is kept. It returns io.EOF when the trailer section has been taken, in the same call as the last octets
// if they came together, and a *ProtocolError at the first octet that can't be right; both stick. It makes
// progress whenever src is not empty and dst has room.
func (d *ChunkedDecoder) Decode(dst, src []byte) (nDst, nSrc int, err error) {
	if d.err != nil {
		return 0, 0, d.err
	}
	lim := d.Limits
	if lim == nil {
		lim = &ordinary
	}
	if !d.started {
		d.started, d.most = true, lim.maxRequest()
	}
	for nSrc < len(src) && err == nil {
		switch d.state {
		case inChunkData:
			n := copy(dst[nDst:], src[nSrc:nSrc+int(min(int64(len(src)-nSrc), d.left))])
			nDst += n
			nSrc += n
			d.advance(int64(n))
			if n == 0 || d.state == inChunkData && nDst == len(dst) {
				d.taken += int64(nSrc)
				return nDst, nSrc, nil
			}
		case inTrailer:
			var n int
			n, err = d.takeTrailer(src[nSrc:], lim)
			nSrc += n
		default:
			if err = d.step(src[nSrc], lim); err == nil {
				nSrc++
			}
		}
	}
	d.taken += int64(nSrc)
	if e, ok := err.(*ProtocolError); ok {
		err = e.at(d.taken)
	}
	d.err = err
	return nDst, nSrc, err
}

// advance notes that n octets of chunk data have been taken.
func (d *ChunkedDecoder) advance(n int64) {
	if d.left -= n; d.left == 0 {
		d.state = atDataCR
	}
}

// Trailer returns the trailer section once Decode has returned io.EOF. Fields that are not defined for trailers,
// such as Authorization, are left out; framing, routing and connection fields have failed the body
// (RFC 9110 §6.5.1).
func (d *ChunkedDecoder) Trailer() *Header { return &d.trailer }

// step takes one octet outside chunk data and trailer section.
func (d *ChunkedDecoder) step(c byte, lim *Limits) error {
	if d.state < atChunkLF && c != '\r' {
		if d.line++; d.line > bound(lim.MaxChunkLineBytes, DefaultMaxChunkLineBytes) {
			return errChunkLine
		}
	}
	switch d.state {
	case atChunkSize:
		if !octet.IsHex(c) {
			return errChunkSize
		}
		d.digits, d.left, d.state = 0, 0, inChunkSize
		fallthrough
	case inChunkSize:
		if octet.IsHex(c) {
			if d.digits++; d.digits > 16 || d.left > math.MaxInt64>>4 {
				return errChunkSizeRange
			}
			d.left = d.left<<4 | int64(octet.Hex(c))
			return nil
		}
		return d.between(c, afterChunkSize, errChunkSize)
	case afterChunkSize:
		switch {
		case octet.IsSpace(c):
		case c == ';':
			d.state = atExtName
		default:
			return lineEndFault(c, errChunkSize)
		}
	case atExtName:
		switch {
		case octet.IsSpace(c):
		case octet.IsTchar(c):
			d.state = inExtName
		default:
			return lineEndFault(c, errChunkExt)
		}
	case inExtName:
		switch {
		case octet.IsTchar(c):
		case c == '=':
			d.state = atExtValue
		default:
			return d.between(c, afterExtName, errChunkExt)
		}
	case afterExtName:
		switch {
		case octet.IsSpace(c):
		case c == '=':
			d.state = atExtValue
		case c == ';':
			d.state = atExtName
		default:
			return lineEndFault(c, errChunkExt)
		}
	case atExtValue:
		switch {
		case octet.IsSpace(c):
		case octet.IsTchar(c):
			d.state = inExtToken
		case c == '"':
			d.state = inExtQuoted
		default:
			return lineEndFault(c, errChunkExt)
		}
	case inExtToken:
		if !octet.IsTchar(c) {
			return d.between(c, afterExtSpace, errChunkExt)
		}
	case inExtQuoted:
		switch {
		case octet.IsQuoted(c):
		case c == '"':
			d.state = afterExtValue
		case c == '\\':
			d.state = inExtEscape
		default:
			return errChunkExt // CR and LF too: a quoted-string can't span the line end
		}
	case inExtEscape:
		if !octet.IsFieldText(c) { // quoted-pair, RFC 9110 §5.6.4
			return errChunkExt
		}
		d.state = inExtQuoted
	case afterExtValue:
		return d.between(c, afterExtSpace, errChunkExt)
	case afterExtSpace:
		switch {
		case octet.IsSpace(c):
		case c == ';':
			d.state = atExtName
		default:
			return lineEndFault(c, errChunkExt)
		}
	case atChunkLF:
		if c != '\n' {
			return errChunkLineEnd
		}
		return d.endLine(lim)
	case atDataCR:
		if c != '\r' {
			return errChunkData
		}
		d.state = atDataLF
	case atDataLF:
		if c != '\n' {
			return errChunkData
		}
		d.state = atChunkSize
	}
	return nil
}

// between takes an octet behind a complete chunk-size, name or value: white space in front of more (bad white
// space must be parsed, RFC 9110 §5.6.3), ";" or the line end.
func (d *ChunkedDecoder) between(c byte, spaced chunkState, fault *ProtocolError) error {
	switch {
	case octet.IsSpace(c):
		d.state = spaced
	case c == ';':
		d.state = atExtName
	case c == '\r':
		d.state = atChunkLF
	default:
		return lineEndFault(c, fault)
	}
	return nil
}

// lineEndFault tells a line that ends wrongly from other faults. White space in front of the line end is not in
// the grammar, so CR is a fault there too.
func lineEndFault(c byte, other *ProtocolError) *ProtocolError {
	if c == '\n' || c == '\r' {
		return errChunkLineEnd
	}
	return other
}

// endLine judges a complete chunk line.
func (d *ChunkedDecoder) endLine(lim *Limits) error {
	line := d.line
	d.line = 0
	if d.left == 0 {
		d.section.reset(0)
		d.lines = d.lines[:0]
		d.state = inTrailer
		return nil
	}
	if d.left > d.most-d.decoded {
		return errBodyTooLarge
	}
	d.decoded += d.left
	d.excess += int64(line) + 4 - 16 - 2*min(d.left, 1<<40)
	if d.excess > int64(bound(lim.MaxChunkOverheadBytes, DefaultMaxChunkOverheadBytes)) {
		return errChunkOverhead
	}
	d.state = inChunkData
	return nil
}

// takeTrailer takes octets of the trailer section. It returns io.EOF when the empty line has been taken.
func (d *ChunkedDecoder) takeTrailer(src []byte, lim *Limits) (int, error) {
	if len(d.lines) == 0 && len(src) >= 2 && src[0] == '\r' && src[1] == '\n' {
		return 2, io.EOF
	}
	limits := lim.trailerSection()
	had := len(d.lines)
	n := min(len(src), limits.bytes+len("\r\n")-had)
	d.lines = append(d.lines, src[:n]...)
	err := d.section.parse(d.lines, &limits)
	if err == ErrIncomplete {
		return n, nil
	}
	taken := max(d.section.off-had, 0)
	if err != nil {
		return taken, err
	}
	return taken, d.endTrailer()
}

// endTrailer keeps of a complete trailer section what may be known of it, and lets go of the octets.
func (d *ChunkedDecoder) endTrailer() error {
	s := &d.section
	raw := string(d.lines)
	for _, l := range s.lines {
		switch traits := traitsOf(raw[l.name.off:l.name.end]); {
		case traits&trailerFault != 0:
			return errTrailerField
		case traits&trailerDropped == 0:
			d.trailer.Add(raw[l.name.off:l.name.end], raw[l.value.off:l.value.end])
		}
	}
	d.lines = d.lines[:0]
	return io.EOF
}

// reset makes d ready for another body of at most most octets. Memory that a large trailer section took is let go.
func (d *ChunkedDecoder) reset(lim *Limits, most int64) {
	lines, spans := d.lines[:0], d.section.lines[:0]
	if cap(lines) > 1<<10 {
		lines, spans = nil, nil
	}
	*d = ChunkedDecoder{Limits: lim, started: true, most: most, lines: lines, section: section{lines: spans}}
}

// AppendChunk appends data as one chunk (RFC 9112 §7.1). Empty data appends nothing: an empty chunk would end the
// body.
func AppendChunk(dst, data []byte) []byte {
	if len(data) == 0 {
		return dst
	}
	dst = appendChunkSize(dst, len(data))
	dst = append(dst, data...)
	return append(dst, "\r\n"...)
}

// appendChunkSize appends the line in front of n octets of data.
func appendChunkSize(dst []byte, n int) []byte {
	dst = octet.AppendHex(dst, uint64(n))
	return append(dst, "\r\n"...)
}

// AppendLastChunk appends the last chunk and the trailer section, which may be nil, and so ends a chunked body.
// The error is a *UsageError for a name, a value or a field that may not stand there; dst is then as it was.
func AppendLastChunk(dst []byte, trailer *Header) ([]byte, error) {
	start := len(dst)
	dst = append(dst, "0\r\n"...)
	if trailer != nil {
		for _, f := range trailer.fields {
			if err := checkTrailer(f.Name, f.Value); err != nil {
				return dst[:start], err
			}
			dst = appendField(dst, f.Name, f.Value)
		}
	}
	return append(dst, "\r\n"...), nil
}

// checkTrailer refuses what may not be sent as a trailer (RFC 9110 §6.5.1).
func checkTrailer(name, value string) error {
	if err := checkField(name, value); err != nil {
		return err
	}
	if traitsOf(name)&(trailerFault|trailerDropped|reserved) != 0 {
		return errTrailerName.of(name)
	}
	return nil
}

// A SharedChunk is content that goes out on many connections. It is framed once; Response.WriteShared sends it,
// chunked or bare as each connection needs, without a copy. It never changes and may be used concurrently.
type SharedChunk struct {
	framed  []byte
	payload []byte // within framed
}

// NewSharedChunk makes a SharedChunk of a copy of payload.
func NewSharedChunk(payload []byte) *SharedChunk {
	c := &SharedChunk{}
	if len(payload) > 0 {
		c.framed = AppendChunk(make([]byte, 0, len(payload)+20), payload)
		c.payload = c.framed[len(c.framed)-len(payload)-2 : len(c.framed)-2]
	}
	return c
}
