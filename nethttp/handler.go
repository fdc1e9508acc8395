package nethttp

import (
	"net/http"

	"github.com/seed-489864d5/h1"
)

// Handler returns an h1.Handler that calls h, with a ResponseWriter, an *http.Request and a Body that are new for each
// request and may be kept. A nil h stands for http.DefaultServeMux, as in an http.Server. "OPTIONS *" concerns the
// server as a whole and is answered without h, as there.
//
// http.ServerContextKey gives an *http.Server that is not serving: its Handler is h, its other fields are zero.
func Handler(h http.Handler) h1.Handler {
	if h == nil {
		h = http.DefaultServeMux
	}
	return &handler{h, &http.Server{Handler: h}}
}

// A handler is what Handler returns.
type handler struct {
	http   http.Handler
	server *http.Server
}

// An exchange is all that the adapter keeps of one request and its response. It is one piece of memory and used once.
type exchange struct {
	incoming
	w        responseWriter
	returned bool // the handler has, and was not left by a panic
}

// ServeH1 serves q by the http.Handler.
func (h *handler) ServeH1(w *h1.Response, q *h1.Request) {
	e := &exchange{}
	e.ctx.server = h.server
	r := e.request(q)
	e.w.begin(w, q, &e.incoming)
	defer e.end(r)
	if q.Target == "*" {
		e.w.Header().Set("Content-Length", "0")
	} else {
		h.http.ServeHTTP(&e.w, r)
	}
	e.w.finish()
	e.returned = true
}

// end lets go of what the connection will use again, and passes a panic on in the terms of h1.
func (e *exchange) end(r *http.Request) {
	e.ctx.end()
	e.w.end()
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll()
	}
	if e.returned {
		return
	}
	switch v := recover(); v {
	case nil: // runtime.Goexit
	case http.ErrAbortHandler:
		panic(h1.ErrAbortHandler)
	default:
		panic(v)
	}
}
