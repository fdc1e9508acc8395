package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"runtime"
	"strings"
	"time"

	"github.com/seed-489864d5/h1"
)

// The page is one document without anything from elsewhere: its style and script are put into it, and the policy that
// goes with it allows these two, by their hashes, and nothing else.

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"visible": visible,
	"number":  func(index int) int { return index + 1 },
}).Parse(pageHTML))

var pagePolicy = fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; connect-src 'self'; img-src data:; "+
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'", policyHash(pageJS), policyHash(pageCSS))

// policyHash returns the source expression that allows an inline script or style (CSP level 3, §2.3.1).
func policyHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// A page is what the template shows. Text from the wire is in it as it came: the template escapes it, once made visible.
type page struct {
	CSS template.CSS
	JS  template.JS

	Method, Target, Proto string
	Form                  string
	Host, HostSource      string
	Base                  string // the URL of the site, as this client calls it
	URL                   []item
	Query                 []item
	Fields                []h1.Field
	Cookies               []item
	Head                  []string // the head as it came, line by line, without their ends, which are all CRLF
	HeadSize              int

	Framing, FramingReason string
	Close                  bool
	CloseReason            string

	Remote, Local string
	Requests      int // on this connection, this one included
	TLS           *tlsView

	Times []item
	begun time.Time
	Go    string
}

// An item is one line of a table.
type item struct{ Name, Value string }

// Took tells the template how long it has been at work when it comes to that line.
func (p *page) Took() string { return duration(time.Since(p.begun)) }

func (s *site) servePage(w *h1.Response, q *h1.Request) {
	begun := time.Now()
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPage(q, s.clocks.read(q), begun)); err != nil {
		panic(err) // the template and its data are ours
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Server-Timing", fmt.Sprintf("page;dur=%.3f", time.Since(begun).Seconds()*1000))
	answer(w, 200, "text/html; charset=utf-8", b.Bytes())
}

// newPage returns what the page shows of q, whose connection has clock k and whose handler began at begun.
func newPage(q *h1.Request, k clock, begun time.Time) *page {
	head := string(q.AppendHead(nil))
	p := &page{
		CSS:      template.CSS(pageCSS),
		JS:       template.JS(pageJS),
		Method:   q.Method,
		Target:   q.Target,
		Proto:    q.Proto.String(),
		Form:     targetForm(q),
		Host:     q.Host,
		URL:      urlItems(&q.URL),
		Fields:   q.Header.Fields(),
		Head:     strings.Split(strings.TrimSuffix(head, "\r\n"), "\r\n"),
		HeadSize: len(head),
		Close:    q.Close,
		Remote:   address(q.RemoteAddr),
		Local:    address(q.LocalAddr),
		TLS:      newTLSView(q.TLS),
		Requests: k.requests,
		begun:    begun,
		Go:       runtime.Version(),
	}
	if k.requests > 0 {
		p.Times = []item{
			{"accepted", duration(begun.Sub(k.accepted)) + " before"},
			{"first octets", duration(begun.Sub(k.busy)) + " before"},
		}
	}
	scheme := "http"
	if q.TLS != nil {
		scheme = "https"
	}
	p.Base = scheme + "://" + cmp.Or(q.Host, p.Local) + "/"
	switch {
	case p.Form == "absolute-form":
		p.HostSource = "from the request-target, which goes before the Host field"
	case q.Host != "":
		p.HostSource = "from the Host field"
	default:
		p.HostSource = "HTTP/1.0 does without"
	}
	for name, value := range q.URL.Query() {
		p.Query = append(p.Query, item{name, value})
	}
	for name, value := range q.Cookies() {
		p.Cookies = append(p.Cookies, item{name, value})
	}
	p.Framing, p.FramingReason = framingWords(q.Framing())
	p.CloseReason = closeReason(q)
	return p
}

// urlItems returns the parts that u has.
func urlItems(u *h1.URL) []item {
	items := []item{}
	for _, i := range []item{
		{"scheme", u.Scheme}, {"host", u.Host}, {"path", u.Path}, {"path as received", u.RawPath}, {"query", u.RawQuery},
	} {
		if i.Value != "" {
			items = append(items, i)
		}
	}
	if u.ForceQuery {
		items = append(items, item{"query", "empty: a ? with nothing after it"})
	}
	return items
}

// framingWords says what ended the request's body and why (RFC 9112 §6.3).
func framingWords(f h1.Framing) (words, reason string) {
	switch f.Kind {
	case h1.FixedLength:
		return fmt.Sprintf("%d octets", f.Length), "Content-Length says so (§6.3, rule 6)"
	case h1.Chunked:
		return "chunked", "Transfer-Encoding says so (§6.3, rule 4)"
	}
	return "no body", "neither Content-Length nor Transfer-Encoding (§6.3, rule 7)"
}

// closeReason says why the connection persists or why it doesn't (RFC 9112 §9.3).
func closeReason(q *h1.Request) string {
	asked := ""
	for option := range q.Header.Tokens("Connection") {
		switch option = strings.ToLower(option); option {
		case "close", "keep-alive":
			asked = option
		}
	}
	old := q.Proto == h1.Version{Major: 1, Minor: 0}
	switch {
	case q.Close && asked == "close":
		return "the client asked to close it (§9.6)"
	case q.Close && old:
		return "HTTP/1.0 without keep-alive (§9.3)"
	case q.Close:
		return "the server means to close it (§9.6)"
	case old:
		return "HTTP/1.0 with keep-alive (§9.3)"
	}
	return "HTTP/1.1, and nobody asked to close it (§9.3)"
}

// duration returns d in three digits or so; more would only flicker.
func duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d >= time.Microsecond:
		return d.Round(100 * time.Nanosecond).String()
	}
	return d.String()
}
