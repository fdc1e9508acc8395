package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-489864d5/h1"
)

// A route answers one path.
type route struct {
	methods []string // nil: any
	serve   h1.HandlerFunc
}

// A site is the handler of "h1 serve".
type site struct {
	routes map[string]route
	other  h1.Handler // the other paths

	clocks    *clocks
	maxUpload int64
	stopping  <-chan struct{} // closed when the server shuts down: events, which have no end, end then
}

var readOnly = []string{"GET", "HEAD"}

func newSite(c serveConfig, stopping <-chan struct{}) (*site, error) {
	s := &site{clocks: newClocks(), maxUpload: c.maxUpload, stopping: stopping, other: h1.HandlerFunc(serveNotFound)}
	s.routes = map[string]route{
		"/dump":   {nil, serveDump},
		"/echo":   {nil, serveEcho},
		"/stream": {readOnly, serveStream},
		"/events": {readOnly, s.serveEvents},
		"/upload": {nil, s.serveUpload},
		"*":       {nil, serveAsterisk}, // only OPTIONS has this target (RFC 9112 §3.2.4)
	}
	if c.dir == "" {
		s.routes["/"] = route{readOnly, s.servePage}
		return s, nil
	}
	s.routes["/h1/"] = route{readOnly, s.servePage}
	var err error
	s.other, err = newDir(c.dir)
	return s, err
}

func (s *site) ServeH1(w *h1.Response, q *h1.Request) {
	r, ok := s.routes[q.URL.Path]
	switch {
	case !ok:
		s.other.ServeH1(w, q)
	case r.methods != nil && !slices.Contains(r.methods, q.Method):
		w.Header().Set("Allow", strings.Join(r.methods, ", "))
		answerText(w, 405, q.Method+" is not allowed here\n")
	default:
		r.serve(w, q)
	}
}

func serveNotFound(w *h1.Response, q *h1.Request) {
	answerText(w, 404, "nothing here; try / /dump /echo /stream /events /upload\n")
}

// serveAsterisk answers for the server as a whole (RFC 9110 §9.3.7).
func serveAsterisk(w *h1.Response, q *h1.Request) {
	w.Header().Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	w.WriteHeader(204)
}

// answerText answers with a few words.
func answerText(w *h1.Response, status int, text string) {
	answer(w, status, "text/plain; charset=utf-8", []byte(text))
}

// answer writes a whole response. No browser may guess another type than the one told: much of what is served here
// came from a client.
func answer(w *h1.Response, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	if !h.Has("Cache-Control") {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	w.Write(body)
}

// answerJSON answers with v.
func answerJSON(w *h1.Response, v any) {
	var b strings.Builder
	enc := newEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic(err) // our own types can be encoded
	}
	answer(w, 200, "application/json", []byte(b.String()))
}
