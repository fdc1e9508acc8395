package conformance

import (
	"fmt"
	"io"
	"strings"
)

// A Peer is a stack that h1 is compared with.
type Peer struct {
	Name    string
	Read    func(in string) Reading
	Classes []Class
}

// Peers are the stacks that h1 is compared with.
var Peers = []*Peer{
	{"net/http", ReadNetHTTP, netHTTPClasses},
	{"fasthttp", ReadFastHTTP, fastHTTPClasses},
}

// A Class is a known way in which a peer differs from h1 on messages that h1 accepts. Either Refuses or Reads is set.
type Class struct {
	Name string
	ID   string // the requirement by which h1 does what it does
	Why  string // who is right, in words

	// Refuses reports whether this is why the peer does not take a message. Its error holds one of the texts of Because,
	// which are separated by "|".
	Refuses func(c *Case) bool
	Because string

	// Reads turns m, which is what h1 has read, into what the peer is known to make of it, and reports whether that
	// changed anything. The rest must be equal.
	Reads func(c *Case, m *Message) bool

	Example string // a stream in which it shows
}

// A Case is a message that a Class judges.
type Case struct {
	Raw  string   // its octets, those of skipped empty lines too
	Ours *Message // what h1 has read
	Prev string   // the method of the request before it; empty for the first
	Err  error    // why the peer reads no message here; nil if it does
}

// because reports whether the peer's error holds one of the texts.
func (c *Case) because(texts string) bool {
	for text := range strings.SplitSeq(texts, "|") {
		if strings.Contains(c.Err.Error(), text) {
			return true
		}
	}
	return false
}

// An Outcome counts what became of the messages of streams.
type Outcome struct {
	Alike   int            // read alike
	Classed map[string]int // not alike, for a listed reason
	Strict  int            // refused by h1 and taken by the peer
	Refused int            // refused by both
}

// Compare compares what h1 has made of a stream with what the peer makes of it, message by message. It returns an error for
// a difference that no class explains: a message that h1 accepts and the peer refuses, or that they read differently.
// It goes on to the next message only where both know where that begins.
func (p *Peer) Compare(in string, ours Reading, o *Outcome) error {
	theirs := p.Read(in)
	start, prev := 0, ""
	for i := range ours.Messages {
		m := &ours.Messages[i]
		c := &Case{Raw: in[start:m.End], Ours: m, Prev: prev}
		if i == len(theirs.Messages) {
			if c.Err = theirs.Err; c.Err == nil {
				c.Err = io.EOF
			}
			for _, class := range p.Classes {
				if class.Refuses != nil && c.because(class.Because) && class.Refuses(c) {
					o.Classed[class.Name]++
					return nil
				}
			}
			return fmt.Errorf("h1 accepts and %s refuses %q: %w", p.Name, c.Raw, c.Err)
		}
		want, alike := *m, true
		for _, class := range p.Classes {
			if class.Reads != nil && class.Reads(c, &want) {
				o.Classed[class.Name]++
				alike = false
			}
		}
		if alike {
			o.Alike++
		}
		if d := want.differs(&theirs.Messages[i]); d != "" {
			return fmt.Errorf("h1 and %s read %q differently: %s", p.Name, c.Raw, d)
		}
		if start, prev = m.End, m.Method; theirs.Messages[i].Close {
			return nil
		}
	}
	switch n := len(ours.Messages); {
	case ours.Err != nil && len(theirs.Messages) > n:
		o.Strict++
	case ours.Err != nil:
		o.Refused++
	case len(theirs.Messages) > n && (n == 0 || !ours.Messages[n-1].Close):
		return fmt.Errorf("h1 sees the end of the stream where %s reads %+v", p.Name, theirs.Messages[n])
	}
	return nil
}

// NewOutcome returns an Outcome of nothing.
func NewOutcome() *Outcome { return &Outcome{Classed: map[string]int{}} }
