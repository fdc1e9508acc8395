package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"time"

	"github.com/seed-489864d5/h1"
)

// A view is a request as it was understood, in the shape that /dump and "h1 dump" print. Values that come from the wire
// and need not be UTF-8 are made by text; method and field names are tokens, so they are ASCII.
type view struct {
	Method   string      `json:"method"`
	Target   any         `json:"target"`
	Form     string      `json:"form"`
	Proto    string      `json:"proto"`
	Host     any         `json:"host"`
	URL      urlView     `json:"url"`
	Fields   []fieldView `json:"fields"`
	Framing  framingView `json:"framing"`
	Body     bodyView    `json:"body"`
	Trailers []fieldView `json:"trailers"`
	Close    bool        `json:"close"`

	// Of a connection: absent in "h1 dump".
	Remote string   `json:"remote,omitempty"`
	Local  string   `json:"local,omitempty"`
	TLS    *tlsView `json:"tls,omitempty"`

	// Of an input: absent in /dump.
	Octets *octetsView `json:"octets,omitempty"`
}

type urlView struct {
	Scheme     string      `json:"scheme,omitempty"`
	Host       any         `json:"host,omitempty"`
	Path       any         `json:"path"`
	RawPath    any         `json:"rawPath,omitempty"`
	RawQuery   any         `json:"rawQuery,omitempty"`
	ForceQuery bool        `json:"forceQuery,omitempty"`
	Query      []fieldView `json:"query"`
}

// A fieldView is one name and value of an ordered list.
type fieldView struct {
	Name  any `json:"name"`
	Value any `json:"value"`
}

type framingView struct {
	Kind   string `json:"kind"`
	Length *int64 `json:"length,omitempty"` // for h1.FixedLength only
}

type bodyView struct {
	Size   int    `json:"size"`
	Base64 []byte `json:"base64"` // encoding/json writes []byte so
}

type tlsView struct {
	Version string    `json:"version"`
	Suite   string    `json:"suite"`
	ALPN    string    `json:"alpn"`
	SNI     string    `json:"sni"`
	Resumed bool      `json:"resumed"`
	Peer    *peerView `json:"peer"` // null without a client certificate
}

type peerView struct {
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	Serial   string    `json:"serial"`
	DNSNames []string  `json:"dnsNames,omitempty"`
	NotAfter time.Time `json:"notAfter"`
}

// An octetsView says which octets of the input a request took.
type octetsView struct {
	Offset   int `json:"offset"`
	Consumed int `json:"consumed"`
}

// newView returns what q is understood to be, its body and trailer section apart. It aliases only strings of q.
func newView(q *h1.Request) *view {
	return &view{
		Method:   q.Method,
		Target:   text(q.Target),
		Form:     targetForm(q),
		Proto:    q.Proto.String(),
		Host:     text(q.Host),
		URL:      newURLView(&q.URL),
		Fields:   fieldViews(&q.Header),
		Framing:  newFramingView(q.Framing()),
		Body:     bodyView{Base64: []byte{}},
		Trailers: []fieldView{},
		Close:    q.Close,
		Remote:   address(q.RemoteAddr),
		Local:    address(q.LocalAddr),
		TLS:      newTLSView(q.TLS),
	}
}

// setBody adds what came after the head. It retains body.
func (v *view) setBody(body []byte, trailer *h1.Header) {
	if len(body) > 0 { // nil would be null
		v.Body = bodyView{len(body), body}
	}
	v.Trailers = fieldViews(trailer)
}

// targetForm names the form of q's request-target (RFC 9112 §3.2), which the parser has judged already.
func targetForm(q *h1.Request) string {
	switch {
	case q.Method == "CONNECT":
		return "authority-form"
	case q.Target == "*":
		return "asterisk-form"
	case q.Target[0] == '/':
		return "origin-form"
	}
	return "absolute-form"
}

func newURLView(u *h1.URL) urlView {
	v := urlView{Scheme: u.Scheme, Path: text(u.Path), ForceQuery: u.ForceQuery, Query: []fieldView{}}
	if u.Host != "" {
		v.Host = text(u.Host)
	}
	if u.RawPath != "" {
		v.RawPath = text(u.RawPath)
	}
	if u.RawQuery != "" {
		v.RawQuery = text(u.RawQuery)
	}
	for name, value := range u.Query() {
		v.Query = append(v.Query, fieldView{text(name), text(value)})
	}
	return v
}

// fieldViews returns the field lines of h in wire order and wire case, never nil.
func fieldViews(h *h1.Header) []fieldView {
	v := []fieldView{}
	for name, value := range h.All() {
		v = append(v, fieldView{text(name), text(value)})
	}
	return v
}

func newFramingView(f h1.Framing) framingView {
	v := framingView{Kind: f.Kind.String()}
	if f.Kind == h1.FixedLength {
		v.Length = &f.Length
	}
	return v
}

func newTLSView(s *tls.ConnectionState) *tlsView {
	if s == nil {
		return nil
	}
	v := &tlsView{
		Version: tls.VersionName(s.Version),
		Suite:   tls.CipherSuiteName(s.CipherSuite),
		ALPN:    s.NegotiatedProtocol,
		SNI:     s.ServerName,
		Resumed: s.DidResume,
	}
	if len(s.PeerCertificates) > 0 {
		c := s.PeerCertificates[0]
		v.Peer = &peerView{c.Subject.String(), c.Issuer.String(), c.SerialNumber.Text(16), c.DNSNames, c.NotAfter}
	}
	return v
}

// address returns a as text, "" for none.
func address(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

// newEncoder returns the encoder all JSON here is written with: < and > stay as they came, for nothing embeds it in HTML.
func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
