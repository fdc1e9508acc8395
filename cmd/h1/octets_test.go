package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnescape(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", ``, ""},
		{"plain", `GET / HTTP/1.1`, "GET / HTTP/1.1"},
		{"each", `\r\n\t\\\x00\x7F\xff`, "\r\n\t\\\x00\x7f\xff"},
		{"line breaks are layout", "a\\r\\n\nb\r\nc\n", "a\r\nbc"},
		{"escaped backslash", `\\r`, `\r`},
		{"other octets stay", "\t\xff\x00é", "\t\xff\x00é"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := unescape([]byte(tt.in))
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
		})
	}
}

func TestUnescapeRefuses(t *testing.T) {
	for in, want := range map[string]string{
		`a\`:       `octet 1: "\\" is no escape`,
		`\q`:       `octet 0: "\\q" is no escape`,
		`ab\xzz`:   `octet 2: "\\xzz" is no escape`,
		`\x1`:      `octet 0: "\\x1" is no escape`,
		`\x-1`:     `octet 0: "\\x-1" is no escape`,
		"\\x\x101": `is no escape`, // '\x10'|' ' is '0': it must not pass for a digit
		`\R`:       `is no escape`,
		`\0`:       `is no escape`,
	} {
		_, err := unescape([]byte(in))
		assert.ErrorContains(t, err, want, "%q", in)
	}
}

func TestVisible(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"text/html; q=0.8", "text/html; q=0.8"},
		{"\r\n\t\\", `\r\n\t\\`},
		{"\x00\x1b[31m\x7f", `\x00\x1b[31m\x7f`},
		{"Zoë 🍵", "Zoë 🍵"},
		{"\xff\xc3", `\xff\xc3`},
		{"\ufffd", "\ufffd"},           // as sent, not as a mark of broken UTF-8
		{"a\u202eb", `a\xe2\x80\xaeb`}, // would turn the text around
		{"a\u0085b\u00a0", `a\xc2\x85b\xc2\xa0`},
	} {
		assert.Equal(t, tt.want, visible(tt.in), "%q", tt.in)
	}
}

// What visible writes, unescape reads.
func FuzzVisible(f *testing.F) {
	f.Add("\r\n\t\\x41 Zoë\xff\ufffd\x00")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := unescape([]byte(visible(s)))
		require.NoError(t, err)
		require.Equal(t, s, string(got))
		var b strings.Builder
		for i := range len(s) {
			b.WriteString(visibleOctet(s[i]))
		}
		got, err = unescape([]byte(b.String()))
		require.NoError(t, err)
		require.Equal(t, s, string(got))
	})
}

func TestTextIsLossless(t *testing.T) {
	var b strings.Builder
	require.NoError(t, newEncoder(&b).Encode([]any{text("a<é\ufffd"), text("\xff\x00")}))
	assert.Equal(t, `["a<é`+"\ufffd"+`",{"base64":"/wA="}]`+"\n", b.String())
}
