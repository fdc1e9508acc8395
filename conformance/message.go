package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Message is what a stack has made of one request. Only a message whose body was read to its end counts.
type Message struct {
	Method, Target, Proto string
	Host                  string // the effective one (RFC 9112 §3.3)
	Path, Query           string // the path decoded once; the query as received

	// Fields are the field lines, names in lower case, sorted by name; lines of one name keep their order. Host and
	// Transfer-Encoding are not among them: what they mean is in Host and Chunked.
	Fields  []Field
	Chunked bool
	Body    string
	Trailer []Field // like Fields
	Close   bool    // the connection ends with this message
	End     int     // where the next message begins, from the start of the stream
}

// A Field is a field line.
type Field struct{ Name, Value string }

// A Reading is what a stack has made of a stream. Err is nil if it came to an end between two messages, behind one that
// ends the connection or behind the head of a CONNECT, and else the reason why nothing more was read.
type Reading struct {
	Messages []Message
	Err      error
}

// add adds a field line, unless the message has another place for it.
func (m *Message) add(name, value string) {
	switch name = strings.ToLower(name); name {
	case "host", "transfer-encoding":
	default:
		m.Fields = append(m.Fields, Field{name, value})
	}
}

// sortFields sorts by name, and keeps the order of lines that share one.
func sortFields(fields []Field) {
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
}

// values returns the values of the lines with that name.
func values(fields []Field, name string) (values []string) {
	for _, f := range fields {
		if f.Name == name {
			values = append(values, f.Value)
		}
	}
	return values
}

// without returns fields without those that f holds for.
func without(fields []Field, f func(Field) bool) []Field {
	return slices.DeleteFunc(slices.Clone(fields), f)
}

// differs names the first thing in which other differs from m, and gives both; it returns "" if there is none.
func (m *Message) differs(other *Message) string {
	for _, p := range []struct {
		what         string
		ours, theirs any
	}{
		{"method", m.Method, other.Method},
		{"target", m.Target, other.Target},
		{"version", m.Proto, other.Proto},
		{"host", m.Host, other.Host},
		{"path", m.Path, other.Path},
		{"query", m.Query, other.Query},
		{"chunked", m.Chunked, other.Chunked},
		{"body", m.Body, other.Body},
		{"end", m.End, other.End},
		{"close", m.Close, other.Close},
	} {
		if p.ours != p.theirs {
			return fmt.Sprintf("%s %#v, theirs %#v", p.what, p.ours, p.theirs)
		}
	}
	if !slices.Equal(m.Fields, other.Fields) {
		return fmt.Sprintf("fields %q, theirs %q", m.Fields, other.Fields)
	}
	if !slices.Equal(m.Trailer, other.Trailer) {
		return fmt.Sprintf("trailer %q, theirs %q", m.Trailer, other.Trailer)
	}
	return ""
}

// list yields the members of a comma-separated list without the white space around them. It knows no quoted strings.
func list(values []string) (members []string) {
	for _, v := range values {
		for member := range strings.SplitSeq(v, ",") {
			members = append(members, strings.Trim(member, " \t"))
		}
	}
	return members
}

// has reports whether the list holds member, in whatever case.
func has(list []string, member string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, member) })
}

const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// isToken reports whether s is a token (RFC 9110 §5.6.2).
func isToken(s string) bool { return s != "" && strings.Trim(s, tchars) == "" }
