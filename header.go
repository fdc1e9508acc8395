package h1

import (
	"iter"

	"github.com/seed-489864d5/h1/internal/octet"
)

// A Field is one field line: a name in the case in which it came or was set, and a value without the white
// space around it.
type Field struct{ Name, Value string }

// A Header is a field section: field lines in order, names in their case, duplicates apart (RFC 9110 §5).
// Look-up compares names without regard to ASCII case. The zero value is empty and ready for use.
//
// The strings of a received Header are parts of one string that holds the whole head. They never change and
// may be kept, which keeps the head; strings.Clone frees a small one that is to live long. The Header itself
// belongs to its Request or Response.
type Header struct {
	fields []Field
}

// Len returns the number of field lines.
func (h *Header) Len() int { return len(h.fields) }

// Fields returns the field lines in order. The slice aliases the Header's own: it is valid until the Header
// is changed and must not be changed itself.
func (h *Header) Fields() []Field { return h.fields }

// find returns the index of the first line named name from i on, or -1.
func (h *Header) find(name string, i int) int {
	for ; i < len(h.fields); i++ {
		if octet.EqualFoldBoth(h.fields[i].Name, name) {
			return i
		}
	}
	return -1
}

// Get returns the value of the first line named name, or "" if there is none. Has tells the two apart.
func (h *Header) Get(name string) string {
	if i := h.find(name, 0); i >= 0 {
		return h.fields[i].Value
	}
	return ""
}

// Has reports whether there is a line named name.
func (h *Header) Has(name string) bool { return h.find(name, 0) >= 0 }

// Values yields the values of the lines named name, in order. Lines are never joined.
func (h *Header) Values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := h.find(name, 0); i >= 0; i = h.find(name, i+1) {
			if !yield(h.fields[i].Value) {
				return
			}
		}
	}
}

// Tokens yields the members of the comma-separated list that the lines named name make up together
// (RFC 9110 §5.6.1), without the white space around them. Empty members are left out, a comma within a
// quoted string separates nothing, and parameters stay with their member. What a member holds is not checked.
func (h *Header) Tokens(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for value := range h.Values(name) {
			for member := range members(value) {
				if member != "" && !yield(member) {
					return
				}
			}
		}
	}
}

// All yields names and values in order, names in their case.
func (h *Header) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for i := range h.fields {
			if !yield(h.fields[i].Name, h.fields[i].Value) {
				return
			}
		}
	}
}

// Set makes name have the one value. It takes the place of the first line of that name and removes the
// others, or is added at the end. Names and values are checked when the Header is written.
func (h *Header) Set(name, value string) {
	i := h.find(name, 0)
	if i < 0 {
		h.Add(name, value)
		return
	}
	h.fields[i] = Field{name, value}
	h.remove(name, i+1)
}

// Add adds a line at the end.
func (h *Header) Add(name, value string) {
	h.fields = append(h.fields, Field{name, value})
}

// Del removes the lines named name.
func (h *Header) Del(name string) { h.remove(name, 0) }

// remove removes the lines named name from i on.
func (h *Header) remove(name string, i int) {
	if i = h.find(name, i); i < 0 {
		return
	}
	kept := h.fields[:i]
	for _, f := range h.fields[i+1:] {
		if !octet.EqualFoldBoth(f.Name, name) {
			kept = append(kept, f)
		}
	}
	clear(h.fields[len(kept):])
	h.fields = kept
}

// Reset removes all lines and keeps the memory for new ones.
func (h *Header) Reset() {
	clear(h.fields)
	h.fields = h.fields[:0]
}

// clone returns a copy that shares strings only.
func (h *Header) clone() Header {
	return Header{fields: append([]Field(nil), h.fields...)}
}

// RemoveHopByHop removes what concerns this connection only and must not be forwarded (RFC 9110 §7.6.1): the
// fields that Connection nominates, and Connection, Keep-Alive, Proxy-Connection, Proxy-Authenticate,
// Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade and HTTP2-Settings, nominated or not.
//
// Nominating Host, Content-Length, Authorization, Cookie, Forwarded, X-Forwarded-* or X-Real-IP is an attack on what the
// next hop sees: then nothing is removed and the error names the field. The forwarder should answer 400.
func (h *Header) RemoveHopByHop() error {
	for name := range h.Tokens("Connection") {
		if traitsOf(name)&protected != 0 {
			return errNominated.of(name)
		}
	}
	nominated := make([]string, 0, 8)
	for name := range h.Tokens("Connection") {
		nominated = append(nominated, name)
	}
	kept := h.fields[:0]
next:
	for _, f := range h.fields {
		if traitsOf(f.Name)&hopByHop != 0 {
			continue
		}
		for _, name := range nominated {
			if octet.EqualFoldBoth(f.Name, name) {
				continue next
			}
		}
		kept = append(kept, f)
	}
	clear(h.fields[len(kept):])
	h.fields = kept
	return nil
}

// members yields the members of a comma-separated list, empty ones too, without the white space around them.
// A comma within a quoted string separates nothing. Each octet is looked at once.
func members[S ~string | ~[]byte](list S) iter.Seq[S] {
	return func(yield func(S) bool) {
		start, quoted := 0, false
		for i := 0; i < len(list); i++ {
			switch c := list[i]; {
			case c == '"':
				quoted = !quoted
			case c == '\\' && quoted:
				i++
			case c == ',' && !quoted:
				if !yield(octet.TrimSpace(list[start:i])) {
					return
				}
				start = i + 1
			}
		}
		yield(octet.TrimSpace(list[start:]))
	}
}
