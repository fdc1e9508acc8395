package h1

import "github.com/seed-489864d5/h1/internal/octet"

// A span is the part b[off:end] of the octets being parsed, off ≤ end ≤ len(b). Having no pointer, it
// outlives the buffer's growing and costs the collector nothing.
type span struct{ off, end uint32 }

func (s span) in(b []byte) []byte { return b[s.off:s.end] }

// A fieldSpan is one field line. The value is without the white space around it.
type fieldSpan struct {
	name, value span
	id          fieldID
}

// sectionLimits bound a field section, and name the faults of crossing them.
type sectionLimits struct {
	bytes, fields, name int
	tooLarge, tooMany   *ProtocolError
}

// A linePhase says where in a field line a section's parser stands.
type linePhase uint8

const (
	atLineStart linePhase = iota
	inFieldName
	beforeValue
	inFieldValue
)

// A section parses a field section, of a header or a trailer, through its closing empty line (RFC 9112 §5).
// It takes one forward pass that can stop at any octet and goes on where it stopped. It holds places only:
// each call is given the octets from the same start.
type section struct {
	phase   linePhase
	off     int         // octets in front of off are done with; after a fault, the place of the fault
	start   int         // where the section begins
	name    span        // of the line at hand
	value   int         // where the value of the line at hand begins
	id      fieldID     // of the line at hand
	lines   []fieldSpan // complete lines
	present uint64      // a bit for each fieldID among them
}

// reset makes s ready for a section that begins at start. The memory of lines is kept.
func (s *section) reset(start int) {
	*s = section{start: start, off: start, lines: s.lines[:0]}
}

// parse goes on through b. It returns nil when the empty line has been taken, s.off being behind it,
// ErrIncomplete when b ends first, and a *ProtocolError at the first octet that can't be right.
func (s *section) parse(b []byte, lim *sectionLimits) error {
	end := s.start + lim.bytes // the first octet that is too much, unless it closes the section
	w := b[:min(len(b), end)]
	i := s.off
	for {
		switch s.phase {
		case atLineStart:
			if i == len(b) {
				return s.stop(i, ErrIncomplete)
			}
			if b[i] == '\r' {
				if i+1 == len(b) {
					return s.stop(i, ErrIncomplete)
				}
				if b[i+1] != '\n' {
					return s.stop(i+1, errBareCR)
				}
				return s.stop(i+2, nil)
			}
			if i >= end {
				return s.stop(i, lim.tooLarge)
			}
			if octet.IsSpace(b[i]) {
				if len(s.lines) == 0 {
					return s.stop(i, errSpaceBeforeField)
				}
				return s.stop(i, errFold)
			}
			if len(s.lines) >= lim.fields {
				return s.stop(i, lim.tooMany)
			}
			s.name.off = uint32(i)
			s.phase = inFieldName
			fallthrough

		case inFieldName:
			from := int(s.name.off)
			i += octet.Token(w[i:min(len(w), from+lim.name+1)])
			if i-from > lim.name {
				return s.stop(from+lim.name, errFieldNameTooLong)
			}
			if i == len(w) {
				return s.runOut(b, i, lim)
			}
			if w[i] != ':' {
				return s.stop(i, nameFault(w[i]))
			}
			if i == from {
				return s.stop(i, errNoFieldName)
			}
			s.name.end = uint32(i)
			if s.id = lookupField(w[from:i]); s.id == fieldOther && looksLikeFraming(w[from:i]) {
				return s.stop(from, errLookAlike)
			}
			i++
			s.phase = beforeValue
			fallthrough

		case beforeValue:
			if i += octet.Spaces(w[i:]); i == len(w) {
				return s.runOut(b, i, lim)
			}
			s.value = i
			s.phase = inFieldValue
			fallthrough

		case inFieldValue:
			if i += octet.FieldText(w[i:]); i == len(w) {
				return s.runOut(b, i, lim)
			}
			switch {
			case w[i] == '\n':
				return s.stop(i, errBareLF)
			case w[i] != '\r':
				return s.stop(i, errFieldValue)
			case i+1 == len(w):
				return s.runOut(b, i, lim)
			case w[i+1] != '\n':
				return s.stop(i+1, errBareCR)
			}
			last := i
			for last > s.value && octet.IsSpace(w[last-1]) {
				last--
			}
			s.lines = append(s.lines, fieldSpan{s.name, span{uint32(s.value), uint32(last)}, s.id})
			s.present |= 1 << s.id
			i += 2
			s.phase = atLineStart
		}
	}
}

// stop keeps the place and passes err on.
func (s *section) stop(off int, err error) error {
	s.off = off
	return err
}

// runOut is stop for the end of what may be looked at: b's own, or that of the section's limit.
func (s *section) runOut(b []byte, i int, lim *sectionLimits) error {
	if len(b) > s.start+lim.bytes {
		return s.stop(s.start+lim.bytes, lim.tooLarge)
	}
	return s.stop(i, ErrIncomplete)
}

// nameFault says what is wrong when c ends a field name.
func nameFault(c byte) *ProtocolError {
	switch c {
	case ' ', '\t':
		return errSpaceBeforeColon
	case '\r':
		return errNoColon
	case '\n':
		return errBareLF
	}
	return errFieldName
}

// A view is a parsed section together with the octets that it lies in.
type view struct {
	b []byte
	*section
}

// has reports whether there is a line of that name.
func (v view) has(id fieldID) bool { return v.present&(1<<id) != 0 }

// values yields the values of the lines of that name.
func (v view) values(id fieldID) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		if !v.has(id) {
			return
		}
		for i := range v.lines {
			if l := &v.lines[i]; l.id == id && !yield(l.value.in(v.b)) {
				return
			}
		}
	}
}

// single returns the value of the one line of that name, and how many such lines there are.
func (v view) single(id fieldID) (value []byte, n int) {
	for s := range v.values(id) {
		if n++; n == 1 {
			value = s
		}
	}
	return value, n
}

// append adds the lines of s to h. raw holds the octets from base on as a string, which h then shares.
func (h *Header) appendSection(raw string, base int, s *section) {
	for i := range s.lines {
		l := &s.lines[i]
		h.fields = append(h.fields, Field{
			Name:  raw[int(l.name.off)-base : int(l.name.end)-base],
			Value: raw[int(l.value.off)-base : int(l.value.end)-base],
		})
	}
}
