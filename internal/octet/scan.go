package octet

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// ctl8 flags, in the high bit of each, the octets of x below 0x20 and those equal to 0x7f. A borrow can
// raise a false flag above a true one, so only the lowest flag is exact.
func ctl8(x uint64) uint64 {
	low := (x - 0x20*ones) &^ x
	del := x ^ 0x7f*ones
	return (low | (del-ones)&^del) & highs
}

// FieldText returns the length of the longest prefix of b made of octets allowed in a field value:
// HTAB, SP, VCHAR and \x80-\xff (RFC 9110 §5.5).
func FieldText(b []byte) (n int) {
	for len(b)-n >= 8 {
		m := ctl8(binary.LittleEndian.Uint64(b[n:]))
		if m == 0 {
			n += 8
			continue
		}
		if n += bits.TrailingZeros64(m) / 8; b[n] != '\t' {
			return n
		}
		n++
	}
	for n < len(b) && IsFieldText(b[n]) {
		n++
	}
	return n
}

// prefix returns the length of the longest prefix of b whose octets all belong to set.
func prefix(b []byte, set uint16) (n int) {
	for n < len(b) && class[b[n]]&set != 0 {
		n++
	}
	return n
}

// Token returns the length of the longest prefix of b that is a token (RFC 9110 §5.6.2).
func Token(b []byte) int { return prefix(b, tchar) }

// Path returns the length of the longest prefix of b made of octets that may stand raw in a path: pchar and
// "/" of RFC 3986 §3.3, and the few octets that browsers leave unescaped. It stops at "%" and "?".
func Path(b []byte) int { return prefix(b, path) }

// Query returns the length of the longest prefix of b made of octets that may stand raw in a query: those of
// a path, "?", "\" and "%", which browsers send as typed.
func Query(b []byte) int { return prefix(b, query) }

// Spaces returns the length of the longest prefix of b made of SP and HTAB.
func Spaces(b []byte) (n int) {
	for n < len(b) && IsSpace(b[n]) {
		n++
	}
	return n
}

// TrimSpace returns s without SP and HTAB at its ends (OWS, RFC 9110 §5.6.3). Nothing else is white space.
func TrimSpace[S ~string | ~[]byte](s S) S {
	for len(s) > 0 && IsSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && IsSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
