package octet

import "math"

// Decimal returns the value of s, one or more ASCII digits and nothing else: no sign, no separator, no
// white space. Leading zeros are decimal. ok is false for anything else and for values above 2^63-1.
func Decimal[S ~string | ~[]byte](s S) (value int64, ok bool) {
	if len(s) == 0 {
		return 0, false
	}
	for i := range len(s) {
		if !IsDigit(s[i]) {
			return 0, false
		}
		d := int64(s[i] - '0')
		if value > (math.MaxInt64-d)/10 {
			return 0, false
		}
		value = value*10 + d
	}
	return value, true
}

// Hex returns the value of the hexadecimal digit c. It must be one, see IsHex.
func Hex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// AppendHex appends n in lower-case hexadecimal without leading zeros.
func AppendHex(dst []byte, n uint64) []byte {
	const digits = "0123456789abcdef"
	var buf [16]byte
	i := len(buf)
	for {
		i--
		buf[i] = digits[n&15]
		if n >>= 4; n == 0 {
			return append(dst, buf[i:]...)
		}
	}
}

// AppendDecimal appends n, which must not be negative, in decimal.
func AppendDecimal(dst []byte, n int64) []byte {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, buf[i:]...)
		}
	}
}
