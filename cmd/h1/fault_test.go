package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-489864d5/h1"
)

func TestFaultLocate(t *testing.T) {
	long := strings.Repeat("a", 100)
	for _, tt := range []struct {
		name   string
		in     string
		offset int64
		line   string // as shown
		caret  string // the part of line from the caret on
		number int
	}{
		{"first octet", " GET", 0, ` GET`, ` GET`, 1},
		{"in a line", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 20, `Host : a\r\n`, ` : a\r\n`, 2},
		{"at its end", "GET / HTTP/1.1\nHost: a\r\n", 14, `GET / HTTP/1.1\n`, `\n`, 1},
		{"after it", "a\nb\n", 2, `b\n`, `b\n`, 2},
		{"behind the input", "a\nbc", 4, `bc`, ``, 2},
		{"behind the last line", "a\n", 2, ``, ``, 2},
		{"escapes before it", "\x00\tb", 2, `\x00\tb`, `b`, 1},
		{"an escape", "a\xffb", 1, `a\xffb`, `\xffb`, 1},
		{"long line", long + "!" + long, 100, "..." + long[:before] + "!" + long[:after-1] + "...",
			"!" + long[:after-1] + "...", 1},
		{"beyond the input", "a", 9, `a`, ``, 1},
		{"nothing", "", 0, ``, ``, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := fault{Offset: tt.offset}
			f.locate([]byte(tt.in))
			assert.Equal(t, tt.line, f.Line)
			require.LessOrEqual(t, f.Caret, len(f.Line))
			assert.Equal(t, tt.caret, f.Line[f.Caret:])
			assert.Equal(t, tt.number, f.lineNumber)
		})
	}
}

func TestFaultText(t *testing.T) {
	in := []byte("GET / HTTP/1.1\r\nHost : a\r\n\r\n")
	e := &h1.ProtocolError{Status: 400, Rule: "RFC 9112 §5.1", Reason: "white space before colon", Offset: 20}
	var b strings.Builder
	newFault(in, 1, 0, e).writeTo(&b)
	assert.Equal(t, strings.Join([]string{
		`h1 dump: request 1: RFC 9112 §5.1: white space before colon`,
		`a server answers 400 and closes the connection`,
		`at octet 20 of the input, in line 2:`,
		``,
		`    Host : a\r\n`,
		`        ^`,
		``}, "\n"), b.String())
}

// A fault without a place is told without one.
func TestFaultOffsetUnknown(t *testing.T) {
	var b strings.Builder
	newFault([]byte("x"), 2, 1, &h1.ProtocolError{Status: 400, Rule: "r", Reason: "why", Offset: -1}).writeTo(&b)
	assert.Equal(t, "h1 dump: request 2: r: why\na server answers 400 and closes the connection\n", b.String())
}
