package nethttp

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/seed-489864d5/h1"
)

// Request returns an *http.Request for q, with the fields that net/http's server sets. It reads the Body of q, so only
// one of the two should be read. It may be kept like any *http.Request; its Context is that of q, which is made now.
// Handler gives requests whose Context costs nothing until it is used.
func Request(q *h1.Request) *http.Request {
	in := &incoming{}
	in.ctx.armed = q.Context()
	return in.request(q)
}

// Wire returns the request as it was received, in which order and case of the field lines and the raw target are kept,
// or nil if r was not made by this package or its handler has returned. r may be derived from the handler's request,
// by WithContext or Clone. The result is valid until the handler returns.
func Wire(r *http.Request) *h1.Request {
	q, _ := r.Context().Value(wireKey{}).(*h1.Request)
	return q
}

// wireKey is the context key of the *h1.Request.
type wireKey struct{}

// incoming is what an *http.Request of this package is made of.
type incoming struct {
	ctx  requestContext
	body body
	url  url.URL
}

// request returns the *http.Request for q. It shares memory with in and strings with q, nothing else.
func (in *incoming) request(q *h1.Request) *http.Request {
	in.ctx.wire, in.ctx.local = q, q.LocalAddr
	setURL(&in.url, &q.URL)
	chunked := q.Framing().Kind == h1.Chunked
	r := (&http.Request{
		Method: q.Method, URL: &in.url, RequestURI: q.Target, Host: q.Host,
		Proto: protoText(q.Proto), ProtoMajor: q.Proto.Major, ProtoMinor: q.Proto.Minor,
		Header: headerMap(&q.Header, chunked), Body: http.NoBody,
		ContentLength: q.ContentLength, Close: q.Close,
		RemoteAddr: addrText(q.RemoteAddr), TLS: q.TLS,
	}).WithContext(&in.ctx) // the only way to set it
	if chunked {
		r.TransferEncoding = []string{"chunked"}
		r.Trailer = announcedTrailers(&q.Header)
	}
	if q.ContentLength != 0 {
		in.body = body{src: q.Body, ctx: &in.ctx, req: r, left: q.ContentLength}
		r.Body = &in.body
	}
	return r
}

// bodyOrNil returns the body, or nil if the request has none.
func (in *incoming) bodyOrNil() *body {
	if in.body.src == nil {
		return nil
	}
	return &in.body
}

// setURL makes u what net/http has for a target: RawPath is set only where escaping Path would not give the path as
// it was received. Routers take a RawPath that is set for a sign of doubt.
func setURL(u *url.URL, from *h1.URL) {
	*u = url.URL{
		Scheme: from.Scheme, Host: from.Host, Path: from.Path,
		RawQuery: from.RawQuery, ForceQuery: from.ForceQuery,
	}
	if received := from.EscapedPath(); u.EscapedPath() != received {
		u.RawPath = received
	}
}

// headerMap returns the fields of h in canonical case, without those that an *http.Request holds elsewhere.
func headerMap(h *h1.Header, chunked bool) http.Header {
	fields := h.Fields()
	m := make(http.Header, len(fields))
	values := make([]string, len(fields)) // one piece of memory for the first value of each
	for i := range fields {
		name := http.CanonicalHeaderKey(fields[i].Name)
		switch {
		case name == "Host" || name == "Transfer-Encoding" || name == "Trailer" && chunked:
			continue
		case m[name] != nil:
			m[name] = append(m[name], fields[i].Value)
		default:
			values[i] = fields[i].Value
			m[name] = values[i : i+1 : i+1]
		}
	}
	if p := m["Pragma"]; p != nil && p[0] == "no-cache" && m["Cache-Control"] == nil {
		m["Cache-Control"] = []string{"no-cache"} // the same request in the words of HTTP/1.0 (RFC 9111 §5.4)
	}
	return m
}

// announcedTrailers returns the names in the Trailer field as keys without values, or nil if there are none.
func announcedTrailers(h *h1.Header) http.Header {
	var t http.Header
	for name := range h.Tokens("Trailer") {
		if t == nil {
			t = make(http.Header)
		}
		t[http.CanonicalHeaderKey(name)] = nil
	}
	return t
}

// protoText returns v as in a message.
func protoText(v h1.Version) string {
	switch v {
	case h1.Version{Major: 1, Minor: 1}:
		return "HTTP/1.1"
	case h1.Version{Major: 1, Minor: 0}:
		return "HTTP/1.0"
	}
	return v.String()
}

// addrText returns a.String(), for TCP with one allocation in place of three.
func addrText(a net.Addr) string {
	if a == nil {
		return ""
	}
	if t, ok := a.(*net.TCPAddr); ok {
		if p := t.AddrPort(); p.IsValid() {
			return netip.AddrPortFrom(p.Addr().Unmap(), p.Port()).String()
		}
	}
	return a.String()
}
