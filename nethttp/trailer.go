package nethttp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/seed-489864d5/h1"
)

// declareTrailers notes the names in a Trailer field, but for those that may not be sent.
func (w *responseWriter) declareTrailers(values []string) {
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			name = http.CanonicalHeaderKey(strings.Trim(name, " \t"))
			if mayTrail(name) && !slices.Contains(w.trailers, name) {
				w.trailers = append(w.trailers, name)
			}
		}
	}
}

// prefixedTrailers returns the keys of the header map that mean trailers, sorted.
func (w *responseWriter) prefixedTrailers() (keys []string) {
	for key := range w.header {
		if name, ok := strings.CutPrefix(key, http.TrailerPrefix); ok && mayTrail(name) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// mayTrail reports whether h1 sends a field of that name in a trailer section.
func mayTrail(name string) bool {
	var t h1.Header
	t.Add(name, "")
	_, err := h1.AppendLastChunk(nil, &t)
	return err == nil
}

// announceTrailers names the trailers that are known when the head is written: those that the Trailer field declares,
// and those that http.TrailerPrefix has announced by then. With a Content-Length there can be none.
func (w *responseWriter) announceTrailers() {
	if w.declared >= 0 || !w.mayHaveContent() {
		w.trailers = nil
		return
	}
	t := w.resp.Trailer()
	announce := func(name string) {
		if !t.Has(name) {
			t.Add(name, "")
		}
	}
	for _, name := range w.trailers {
		announce(name)
	}
	for _, key := range w.prefixedTrailers() {
		announce(key[len(http.TrailerPrefix):])
	}
}

// setTrailers gives the trailers the values that the header map holds now that the handler has returned. h1 sends none
// that the head did not announce.
func (w *responseWriter) setTrailers() {
	t := w.resp.Trailer()
	for _, name := range w.trailers {
		setTrailer(t, name, w.header[name])
	}
	for _, key := range w.prefixedTrailers() {
		name := key[len(http.TrailerPrefix):]
		if !t.Has(name) {
			logMisuse("trailer was set after the head, which did not announce it, and is left out", "name", name)
			continue
		}
		setTrailer(t, name, w.header[key])
	}
}

// setTrailer adds values to a trailer that was announced.
func setTrailer(t *h1.Header, name string, values []string) {
	for _, v := range values {
		if v = fieldValue(v); t.Get(name) == "" {
			t.Set(name, v)
		} else {
			t.Add(name, v)
		}
	}
}
