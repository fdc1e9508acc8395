package conformance

import (
	"strings"
	"testing"
	"testing/iotest"
)

// most bounds what is fuzzed in octets. Below it no limit of any stack is in the way but h1's own.
const most = 4000

// FuzzHeads gives a stream of requests to h1 and its peers.
func FuzzHeads(f *testing.F) {
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) <= most {
			check(t, string(in)+next, 1<<10)
		}
	})
}

// FuzzBodies gives a chunked body, in pieces of the given size, to h1 and its peers.
func FuzzBodies(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, piece uint8) {
		if len(body) <= most {
			check(t, chunk+string(body)+next, 1+int(piece))
		}
	})
}

// FuzzPieces gives a stream to h1 and its peers of which each octet of the input chooses a piece.
func FuzzPieces(f *testing.F) {
	f.Fuzz(func(t *testing.T, octets []byte) {
		if in := assemble(octets); len(in) <= most {
			check(t, in+next, 1<<10)
		}
	})
}

// check fails the test if the two layers of h1 read in differently, or if h1 and a peer do for no listed reason.
func check(t *testing.T, in string, piece int) {
	ours := ReadH1(in, piece)
	stream := ReadH1Stream(iotest.HalfReader(strings.NewReader(in)))
	if len(stream.Messages) != len(ours.Messages) || (stream.Err == nil) != (ours.Err == nil) {
		t.Fatalf("h1's layers differ on %q:\n%+v\n%+v", in, ours, stream)
	}
	for i, m := range stream.Messages {
		m.End = ours.Messages[i].End // the Reader does not tell
		if d := ours.Messages[i].differs(&m); d != "" {
			t.Fatalf("h1's layers read message %d of %q differently: %s", i, in, d)
		}
	}
	for _, p := range Peers {
		if err := p.Compare(in, ours, NewOutcome()); err != nil {
			t.Error(err)
		}
	}
}
