package octet

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The slow twins: each says in the plainest way what its fast one means.

func fieldTextSlow(b []byte) int {
	for i, c := range b {
		if c != '\t' && (c < ' ' || c == 0x7f) {
			return i
		}
	}
	return len(b)
}

func slow(b []byte, set string) int {
	for i, c := range b {
		if !strings.ContainsRune(set, rune(c)) || c >= 0x80 {
			return i
		}
	}
	return len(b)
}

const (
	alpha      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits     = "0123456789"
	unreserved = alpha + digits + "-._~"
	subDelims  = "!$&'()*+,;="
	pathSet    = unreserved + subDelims + ":@/" + "[]^{}|`"
)

func TestFieldTextEveryOctetInEveryLane(t *testing.T) {
	for c := range 256 {
		for length := range 20 {
			for at := range length {
				for _, filler := range []byte{'a', '\t', 0xff, 0x80, 0x20, 0x7e} {
					b := []byte(strings.Repeat(string([]byte{filler}), length))
					b[at] = byte(c)
					if got, want := FieldText(b), fieldTextSlow(b); got != want {
						t.Fatalf("FieldText(%q) = %d, want %d", b, got, want)
					}
				}
			}
		}
	}
}

func TestFieldTextPairs(t *testing.T) {
	b := []byte("aaaaaaaaaaaa")
	for x := range 256 {
		for y := range 256 {
			b[2], b[5] = byte(x), byte(y)
			if got, want := FieldText(b), fieldTextSlow(b); got != want {
				t.Fatalf("FieldText(%q) = %d, want %d", b, got, want)
			}
		}
	}
}

func TestClassesOctetByOctet(t *testing.T) {
	in := func(set string, c byte) bool { return c < 0x80 && strings.IndexByte(set, c) >= 0 }
	for i := range 256 {
		c := byte(i)
		tchars := alpha + digits + "!#$%&'*+-.^_`|~"
		assert.Equal(t, in(tchars, c), IsTchar(c), "tchar %q", c)
		assert.Equal(t, in(digits, c), IsDigit(c), "digit %q", c)
		assert.Equal(t, in(digits+"abcdefABCDEF", c), IsHex(c), "hexdig %q", c)
		assert.Equal(t, in(unreserved, c), IsHost(c), "host %q", c)
		assert.Equal(t, in(unreserved+subDelims+":", c), IsUserinfo(c), "userinfo %q", c)
		assert.Equal(t, c == '\t' || c >= ' ' && c != 0x7f, IsFieldText(c), "field text %q", c)
		assert.Equal(t, IsFieldText(c) && c != '"' && c != '\\', IsQuoted(c), "quoted %q", c)
		assert.Equal(t, c > ' ' && c != 0x7f && c != '#' && c != '%' && c != '?', IsLenientTarget(c), "lenient %q", c)
		assert.Equal(t, c == ' ' || c == '\t', IsSpace(c), "space %q", c)
		one := []byte{c}
		assert.Equal(t, slow(one, tchars), Token(one), "Token %q", c)
		assert.Equal(t, slow(one, pathSet), Path(one), "Path %q", c)
		assert.Equal(t, slow(one, pathSet+`?%\`), Query(one), "Query %q", c)
		assert.Equal(t, slow(one, " \t"), Spaces(one), "Spaces %q", c)
		if c < 0x80 {
			assert.Equal(t, strings.ToLower(string(one))[0], Lower(c))
		} else {
			assert.Equal(t, c, Lower(c))
		}
	}
	assert.Equal(t, 77, func() (n int) {
		for c := range 256 {
			if IsTchar(byte(c)) {
				n++
			}
		}
		return
	}(), "tchar is exactly 77 octets")
}

func TestEqualFold(t *testing.T) {
	assert.True(t, EqualFold("HoSt", "host"))
	assert.False(t, EqualFold("hosts", "host"))
	assert.False(t, EqualFold("h\xcfst", "host"))
	for a := range 256 {
		for b := range 256 {
			want := strings.EqualFold(string([]byte{byte(a & 0x7f)}), string([]byte{byte(b & 0x7f)})) && a>>7 == b>>7
			if a >= 0x80 {
				want = a == b
			}
			if got := EqualFoldBoth([]byte{byte(a)}, []byte{byte(b)}); got != want {
				t.Fatalf("EqualFoldBoth(%d, %d) = %v", a, b, got)
			}
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, s := range []string{"", "+1", "-1", "-0", "0x1", "1_0", "1e0", " 1", "1 ", "1.", "\u0661", "9223372036854775808",
		"18446744073709551617", "99999999999999999999999"} {
		_, ok := Decimal(s)
		assert.False(t, ok, s)
	}
	for s, want := range map[string]int64{"0": 0, "00": 0, "010": 10, "9223372036854775807": math.MaxInt64,
		"0000000000000000000000000000001": 1} {
		got, ok := Decimal([]byte(s))
		assert.True(t, ok, s)
		assert.Equal(t, want, got)
	}
}

func TestAppendNumbers(t *testing.T) {
	for _, n := range []int64{0, 1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096, 1 << 31, 1<<63 - 1} {
		assert.Equal(t, "x"+strconv.FormatInt(n, 16), string(AppendHex([]byte("x"), uint64(n))))
		assert.Equal(t, "x"+strconv.FormatInt(n, 10), string(AppendDecimal([]byte("x"), n)))
	}
	for i, c := range "0123456789abcdef" {
		assert.EqualValues(t, i, Hex(byte(c)))
		assert.EqualValues(t, i, Hex(strings.ToUpper(string(c))[0]))
	}
}

func TestTrimSpace(t *testing.T) {
	assert.Equal(t, "a b", TrimSpace(" \t a b\t "))
	assert.Equal(t, "", TrimSpace(" \t"))
	assert.Equal(t, "\x0ba\xa0", TrimSpace("\x0ba\xa0"))
}

// FuzzFieldText holds the fast scan equal to its slow twin.
func FuzzFieldText(f *testing.F) {
	f.Add([]byte("text/html,application/xhtml+xml\r\n"))
	f.Add([]byte("a\tb\xff\x7f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := FieldText(b), fieldTextSlow(b); got != want {
			t.Fatalf("FieldText(%q) = %d, want %d", b, got, want)
		}
	})
}

func BenchmarkFieldText(b *testing.B) {
	in := []byte("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r")
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		FieldText(in)
	}
}
