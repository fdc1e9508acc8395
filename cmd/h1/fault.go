package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seed-489864d5/h1"
)

// A fault says what is wrong with an input and where.
type fault struct {
	Request int    `json:"request"`          // counted from 1
	Status  int    `json:"status,omitempty"` // what it would be answered with; 0 for an incomplete message
	Rule    string `json:"rule,omitempty"`
	Reason  string `json:"reason"`
	Offset  int64  `json:"offset"`         // in the input; -1 unknown
	Line    string `json:"line,omitempty"` // the offending line with visible escapes, or the part around the fault
	Caret   int    `json:"caret"`          // the column of the offending octet in Line, counted from 0

	lineNumber int
}

// newFault describes err, which was found reading the n-th request of in. base is where the octets began that err
// counts its offset from: the head or the body of that request.
func newFault(in []byte, n, base int, err error) *fault {
	f := &fault{Request: n, Reason: err.Error(), Offset: -1}
	var e *h1.ProtocolError
	switch {
	case errors.As(err, &e):
		f.Status, f.Rule, f.Reason = e.Status, e.Rule, e.Reason
		if e.Offset >= 0 {
			f.Offset = int64(base) + e.Offset
		}
	case errors.Is(err, errIncomplete):
		f.Offset = int64(len(in))
	}
	if f.Offset >= 0 {
		f.locate(in)
	}
	return f
}

// before and after are how many octets around a fault are shown of a long line; a terminal has 80 columns or more, and
// what led to the fault tells more than what follows.
const before, after = 48, 24

// locate sets Line, Caret and lineNumber from Offset.
func (f *fault) locate(in []byte) {
	at := min(int(f.Offset), len(in))
	f.lineNumber = bytes.Count(in[:at], []byte{'\n'}) + 1
	start := bytes.LastIndexByte(in[:at], '\n') + 1
	end := len(in)
	if i := bytes.IndexByte(in[at:], '\n'); i >= 0 {
		end = at + i + 1
	}

	var b strings.Builder
	if start+len("...") < at-before { // dots are put only for more octets than there are dots
		start = at - before
		b.WriteString("...")
	}
	cut := end > at+after+len("...")
	if cut {
		end = at + after
	}
	for i := start; i < end; i++ {
		if i == at {
			f.Caret = b.Len()
		}
		b.WriteString(visibleOctet(in[i])) // ASCII, so that columns are octets of the line
	}
	if at == end { // the fault is that nothing follows
		f.Caret = b.Len()
	}
	if cut {
		b.WriteString("...")
	}
	f.Line = b.String()
}

// writeTo prints f for a person.
func (f *fault) writeTo(w io.Writer) {
	fmt.Fprintf(w, "h1 dump: request %d: ", f.Request)
	if f.Status != 0 {
		fmt.Fprintf(w, "%s: ", f.Rule)
	}
	fmt.Fprintf(w, "%s\n", f.Reason)
	if f.Status != 0 {
		fmt.Fprintf(w, "a server answers %d and closes the connection\n", f.Status)
	}
	if f.Offset < 0 {
		return
	}
	fmt.Fprintf(w, "at octet %d of the input, in line %d:\n\n", f.Offset, f.lineNumber)
	fmt.Fprintf(w, "    %s\n    %s^\n", f.Line, strings.Repeat(" ", f.Caret))
}
