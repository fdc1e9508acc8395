package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What comes from the wire are octets. These are the ways they are shown, each of which can be undone.

// text returns what stands for s in JSON: s itself when it is UTF-8, otherwise {"base64": "..."}.
// A JSON string can't hold other octets, and encoding/json would replace them without a word.
func text(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return struct {
		Base64 string `json:"base64"`
	}{base64.StdEncoding.EncodeToString([]byte(s))}
}

// visible returns s with everything that can't be seen as an escape, in the notation unescape takes.
// Printable UTF-8 stays as it is.
func visible(s string) string {
	var b strings.Builder
	for i, r := range s {
		n := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(s[i:]) // 1 for an octet that isn't UTF-8, 3 for a U+FFFD that was sent
		}
		if r >= utf8.RuneSelf && n > 1 && unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(s[i : i+n]) {
			b.WriteString(visibleOctet(c))
		}
	}
	return b.String()
}

// visibleOctet returns c as it is when it is printable ASCII, otherwise its escape.
func visibleOctet(c byte) string {
	switch {
	case c == '\r':
		return `\r`
	case c == '\n':
		return `\n`
	case c == '\t':
		return `\t`
	case c == '\\':
		return `\\`
	case c < ' ' || c >= 0x7f:
		return fmt.Sprintf(`\x%02x`, c)
	}
	return string(rune(c))
}

// unescape returns the octets that s writes with the escapes \r \n \t \\ and \xHH.
// The line breaks of s itself are layout and stand for nothing, so that a request can be written one line per field line.
// s is not changed.
func unescape(s []byte) ([]byte, error) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\r', '\n':
		case '\\':
			v, n := escape(s[i:])
			if n == 0 {
				return nil, fmt.Errorf("octet %d: %q is no escape; there are \\r \\n \\t \\\\ and \\xHH", i, s[i:min(i+4, len(s))])
			}
			out = append(out, v)
			i += n - 1
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

// escape returns the octet that the escape at the start of s stands for and the escape's length, 0 if there is none.
func escape(s []byte) (v byte, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case 'r':
		return '\r', 2
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case '\\':
		return '\\', 2
	case 'x':
		if len(s) < 4 {
			return 0, 0
		}
		hi, lo := hexDigit(s[2]), hexDigit(s[3])
		if hi < 0 || lo < 0 {
			return 0, 0
		}
		return byte(hi<<4 | lo), 4
	}
	return 0, 0
}

// hexDigit returns the value of c, -1 if it is no hexadecimal digit.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
