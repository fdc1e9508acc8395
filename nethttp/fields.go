package nethttp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/octet"
)

// takeHeader gives the h1.Response the fields of the header map as they are now, sorted by name, in terms that h1 takes.
// h1 refuses a head with a field that is invalid or that it writes itself, and answers 500; net/http sends nearly
// anything. So what can be said in the terms of h1 is translated, and what can't is left out. See parity.md.
func (w *responseWriter) takeHeader() {
	dst := w.resp.Header()
	if w.header == nil && dst.Len() > 0 {
		w.Header() // what an h1.Handler around this one has set is to be judged, too
	}
	if w.header != nil {
		dst.Reset()
		coded := w.translate(dst)
		if coded && w.declared >= 0 {
			logMisuse("both Transfer-Encoding and Content-Length, which is left out", "length", w.declared)
			dst.Del("Content-Length")
			w.declared = -1
		}
	}
	if w.status == 426 && !dst.Has("Upgrade") {
		dst.Add("Upgrade", "HTTP/1.1") // RFC 9110 §15.5.22 wants one; it offers what is spoken already
	}
}

// translate adds the fields of the header map to dst and notes what they say about the message. coded reports a
// Transfer-Encoding other than identity.
func (w *responseWriter) translate(dst *h1.Header) (coded bool) {
	var room [24]string
	keys := room[:0]
	for key := range w.header {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if key == "" || octet.Token([]byte(key)) < len(key) {
			continue // not a field name; http.TrailerPrefix makes such keys
		}
		values := w.header[key]
		switch name := http.CanonicalHeaderKey(key); name {
		case "Connection":
			if asksToClose(values) {
				dst.Set(name, "close")
				w.closing = true
			} // upgrade follows from Upgrade, and all else is not the handler's to say
		case "Transfer-Encoding":
			if len(values) > 0 && values[0] != "" {
				w.noSniff, w.noLength = true, true
				coded = values[0] != "identity"
			}
		case "Trailer":
			w.declareTrailers(values)
		case "Content-Length":
			w.takeLength(dst, key, values)
		case "Date":
			takeDate(dst, key, values)
		default:
			w.noSniff = w.noSniff || name == "Content-Type" && len(values) == 0
			if !reserved(name) {
				addValues(dst, key, name, values)
			}
		}
	}
	return coded
}

// asksToClose reports whether the values of a Connection field hold close.
func asksToClose(values []string) bool {
	var h h1.Header
	for _, v := range values {
		h.Add("Connection", v)
	}
	for option := range h.Tokens("Connection") {
		if strings.EqualFold(option, "close") {
			return true
		}
	}
	return false
}

// addValues adds a line for each value, or for the first one where the name may not be repeated (RFC 9110 §5.3).
func addValues(dst *h1.Header, key, name string, values []string) {
	if singleton(name) {
		if dst.Has(name) {
			return
		}
		values = values[:min(len(values), 1)]
	}
	for _, v := range values {
		dst.Add(key, fieldValue(v))
	}
}

// takeLength takes a Content-Length that is valid. Where it is there without a value, none is to be sent.
func (w *responseWriter) takeLength(dst *h1.Header, key string, values []string) {
	if len(values) == 0 {
		w.noLength = true
		return
	}
	if w.declared >= 0 {
		return
	}
	v := strings.Trim(values[0], " \t")
	n, err := strconv.ParseUint(v, 10, 63)
	if err != nil || len(v) > 19 {
		logMisuse("invalid Content-Length, which is left out", "value", values[0])
		return
	}
	w.declared = int64(n)
	dst.Add(key, v)
}

// takeDate takes a Date in any of the three forms of RFC 9110 §5.6.7, and writes it in the only one that may be sent.
// Instead of another one the time of the response is sent.
func takeDate(dst *h1.Header, key string, values []string) {
	if len(values) == 0 || dst.Has("Date") {
		return
	}
	if t, err := http.ParseTime(strings.Trim(values[0], " \t")); err == nil {
		dst.Add(key, t.UTC().Format(http.TimeFormat))
	}
}

// inform sends an informational response with the fields of the header map. What it may not hold is left out, and it
// is left out altogether where it may not be sent: to HTTP/1.0, beyond a number of them, 100 to a client that does not
// wait for it.
func (w *responseWriter) inform(status int) {
	var h h1.Header
	scratch := responseWriter{header: w.header, declared: -1}
	scratch.translate(&h)
	for _, name := range [...]string{"Content-Length", "Connection", "Upgrade"} {
		h.Del(name)
	}
	_ = w.resp.WriteInformational(status, &h)
}

// reserved reports whether a field is h1's own to write. name is canonical.
func reserved(name string) bool {
	switch name {
	case "Close", "Http2-Settings", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding":
		return true
	}
	return false
}

// singleton reports whether h1 lets a field stand only once in a response. name is canonical.
func singleton(name string) bool {
	switch name {
	case "Age", "Content-Length", "Content-Location", "Content-Range", "Content-Type", "Date", "Etag", "Expires",
		"Last-Modified", "Location", "Retry-After", "Server":
		return true
	}
	return false
}

// fieldValue returns v with SP in place of each octet that may not stand in a field value (RFC 9110 §5.5). Nothing in
// it can end the line then, or the head.
func fieldValue(v string) string {
	valid := octet.FieldText([]byte(v))
	if valid == len(v) {
		return v
	}
	b := []byte(v)
	for valid < len(b) {
		b[valid] = ' '
		valid += octet.FieldText(b[valid:])
	}
	return string(b)
}
