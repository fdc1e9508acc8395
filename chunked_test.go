package h1_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decodePieces decodes in, given in pieces of at most srcLen octets, into pieces of at most dstLen.
func decodePieces(d *h1.ChunkedDecoder, in string, srcLen, dstLen int) (out string, rest string, err error) {
	dst := make([]byte, dstLen)
	for {
		src := []byte(in[:min(len(in), srcLen)])
		n, taken, err := d.Decode(dst, src)
		out += string(dst[:n])
		in = in[taken:]
		if err != nil {
			return out, in, err
		}
		if n == 0 && taken == 0 {
			if len(in) == 0 {
				return out, in, nil
			}
			panic("no progress")
		}
	}
}

func TestChunkedDecoderEveryDelivery(t *testing.T) {
	for _, tt := range []struct {
		in, out string
		trailer []string
	}{
		{"0\r\n\r\n", "", nil},
		{"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", nil},
		{"A\r\n0123456789\r\n000\r\n\r\n", "0123456789", nil},
		{"1;a\r\nx\r\n1;a=b;c=\"d;\\\"e\"\r\ny\r\n1 ; a = b\r\nz\r\n1\t;a\t=\t\"b\"\r\n!\r\n0;x\r\n\r\n", "xyz!", nil},
		{"1\r\nx\r\n0\r\nX-A: 1\r\nAuthorization: no\r\nx-a:  2 \r\nIf-Match: no\r\nX-Forwarded-For: no\r\n\r\n", "x", []string{"X-A: 1", "x-a: 2"}},
		{"1\r\nx\r\n0\r\nETag: \"a\"\r\n\r\n", "x", []string{`ETag: "a"`}},
	} {
		for srcLen := 1; srcLen <= len(tt.in)+1; srcLen++ {
			for _, dstLen := range []int{1, 2, 3, 100} {
				var d h1.ChunkedDecoder
				out, rest, err := decodePieces(&d, tt.in+"NEXT", srcLen, dstLen)
				require.Equal(t, io.EOF, err, "%q %d %d", tt.in, srcLen, dstLen)
				require.Equal(t, tt.out, out)
				require.Equal(t, "NEXT", rest)
				require.Equal(t, tt.trailer, lines(d.Trailer()))
				_, _, err = d.Decode(make([]byte, 1), []byte("x"))
				require.Equal(t, io.EOF, err, "it sticks")
			}
		}
	}
}

func TestChunkedDecoderRefusals(t *testing.T) {
	for _, tt := range []struct {
		in   string // the fault is at "¦"
		rule string
	}{
		{"¦\r\n\r\n", "RFC 9112 §7.1"},
		{"¦-1\r\n", "RFC 9112 §7.1"},
		{"¦ 1\r\n", "RFC 9112 §7.1"},
		{"0¦x1\r\n", "RFC 9112 §7.1"},
		{"1¦g\r\n", "RFC 9112 §7.1"},
		{"0¦_2e\r\n", "RFC 9112 §7.1"},
		{"1¦\nx\r\n", "RFC 9112 §7.1"},
		{"1 ¦\r\nx", "RFC 9112 §7.1"},
		{"1\r¦x", "RFC 9112 §7.1"},
		{"1000000000000000¦1\r\n", "RFC 9112 §7.1"},
		{"800000000000000¦0\r\n", "RFC 9112 §7.1"},
		{"1;¦\r\nx", "RFC 9112 §7.1"},
		{"1;a=¦\r\nx", "RFC 9112 §7.1"},
		{"1;a¦\x00b", "RFC 9112 §7.1.1"},
		{"1;a ¦b", "RFC 9112 §7.1.1"},
		{"1;a=b ¦\r\n", "RFC 9112 §7.1"},
		{"1;a¦\nb", "RFC 9112 §7.1"},
		{"1;a=\"b¦\r\n", "RFC 9112 §7.1.1"},
		{"1;a=\"b\\¦\x00", "RFC 9112 §7.1.1"},
		{"1;a=\"b\"¦c", "RFC 9112 §7.1.1"},
		{"1;a¦\x0b=b", "RFC 9112 §7.1.1"},
		{"1\r\nx¦\n0", "RFC 9112 §7.1"},
		{"1\r\nx\r¦X", "RFC 9112 §7.1"},
		{"1\r\nx¦y", "RFC 9112 §7.1"},
		{"0\r\n¦\n", "RFC 9110 §5.1"},
		{"0\r\n\r¦X", "RFC 9112 §2.2"},
		{"0\r\nbad¦ trailer\r\n", "RFC 9112 §5.1"},
		{"0\r\nX: a\r\n¦ b\r\n", "RFC 9112 §5.2"},
		{"0\r\nX: a¦\n", "RFC 9112 §2.2"},
		{"0\r\n" + strings.Repeat("X: y\r\n", 32) + "¦X", "MaxTrailerFields"},
		{"0\r\nX: " + strings.Repeat("a", 8189) + "¦a", "MaxTrailerBytes"},
		{"1;" + strings.Repeat("a", 4094) + "¦a", "MaxChunkLineBytes"},
	} {
		in := strings.Replace(tt.in, "¦", "", 1)
		for srcLen := 1; srcLen <= min(len(in), 40); srcLen++ {
			var d h1.ChunkedDecoder
			_, _, err := decodePieces(&d, in, srcLen, 10)
			fault, ok := errors.AsType[*h1.ProtocolError](err)
			require.True(t, ok, "%.60q: %v", in, err)
			if tt.rule == "RFC 9110 §5.1" { // bare LF where a name begins
				tt.rule = fault.Rule
			}
			assert.Equal(t, tt.rule, fault.Rule, "%.60q", in)
			assert.EqualValues(t, strings.Index(tt.in, "¦"), fault.Offset, "%.60q %d", in, srcLen)
			_, taken, err := d.Decode(make([]byte, 10), []byte("0\r\n\r\n"))
			assert.ErrorIs(t, err, fault, "it sticks")
			assert.Zero(t, taken)
		}
	}
	for _, name := range []string{"Transfer-Encoding", "content-length", "HOST", "Trailer", "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Upgrade", "Expect"} {
		var d h1.ChunkedDecoder
		_, _, err := decodePieces(&d, "0\r\n"+name+": x\r\n\r\n", 100, 10)
		assert.ErrorContains(t, err, "trailer", name)
	}
}

func TestChunkedDecoderLimits(t *testing.T) {
	// 9112-7.1.1-d: one-octet chunks with long extensions.
	in := strings.Repeat("1;"+strings.Repeat("a", 31)+"\r\nx\r\n", 900) + "0\r\n\r\n"
	var d h1.ChunkedDecoder
	_, _, err := decodePieces(&d, in, 1000, 1000)
	assert.ErrorContains(t, err, "MaxChunkOverheadBytes")
	d = h1.ChunkedDecoder{Limits: &h1.Limits{MaxChunkOverheadBytes: -1}}
	out, _, err := decodePieces(&d, in, 1000, 1000)
	assert.Equal(t, io.EOF, err)
	assert.Len(t, out, 900)
	// Tiny chunks without extensions are within what the data allows for, however many.
	d = h1.ChunkedDecoder{}
	_, _, err = decodePieces(&d, strings.Repeat("1\r\nx\r\n", 100000)+"0\r\n\r\n", 4096, 4096)
	assert.Equal(t, io.EOF, err)

	d = h1.ChunkedDecoder{Limits: &h1.Limits{MaxRequestBytes: 7}}
	out, _, err = decodePieces(&d, "5\r\nhello\r\n3\r\nabc\r\n", 100, 100)
	assert.ErrorIs(t, err, h1.ErrBodyTooLarge)
	assert.Equal(t, "hello", out)
}

func TestAppendChunks(t *testing.T) {
	b := h1.AppendChunk([]byte("x"), []byte("seventeen octets!"))
	b = h1.AppendChunk(b, nil)
	b, err := h1.AppendLastChunk(b, header("X: y", "Z: w"))
	require.NoError(t, err)
	assert.Equal(t, "x11\r\nseventeen octets!\r\n0\r\nX: y\r\nZ: w\r\n\r\n", string(b))
	for _, bad := range []*h1.Header{header("X Y: z"), header("X: a\x00"), header("Content-Length: 1"), header("Host: a"), header("Set-Cookie: a"), header("X: a\r\nb")} {
		b, err := h1.AppendLastChunk([]byte("x"), bad)
		assert.Error(t, err)
		assert.Equal(t, "x", string(b))
	}
}

// FuzzChunkedDecoder: however the input is cut, the result is the same; and what was encoded decodes to itself.
func FuzzChunkedDecoder(f *testing.F) {
	f.Add([]byte("5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\nrest"), uint8(3), uint8(2))
	f.Add([]byte("1 ; a = b\r\nx\r\n00\r\n\r\n"), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, srcLen, dstLen uint8) {
		if len(in) > 2000 {
			return // the pieces are joined one by one
		}
		var whole, pieces h1.ChunkedDecoder
		out, rest, err := decodePieces(&whole, string(in), len(in)+1, len(in)+1)
		out2, rest2, err2 := decodePieces(&pieces, string(in), int(srcLen)+1, int(dstLen)+1)
		if out != out2 || rest != rest2 || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("%q: whole %q %q %v, pieces %q %q %v", in, out, rest, err, out2, rest2, err2)
		}
		var d h1.ChunkedDecoder
		encoded := h1.AppendChunk(h1.AppendChunk(nil, in), in)
		encoded, lerr := h1.AppendLastChunk(encoded, nil)
		if lerr != nil {
			t.Fatal(lerr)
		}
		back, rest, err := decodePieces(&d, string(encoded)+"X", int(srcLen)+1, int(dstLen)+1)
		if err != io.EOF || back != string(in)+string(in) || rest != "X" {
			t.Fatalf("%q came back as %q %q %v", in, back, rest, err)
		}
	})
}
