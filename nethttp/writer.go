package nethttp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/seed-489864d5/h1"
)

// A responseWriter is the http.ResponseWriter of one request. The way of what a handler writes is
//
//	handler → held (2 KiB) → h1.Response
//
// held keeps content back until there is too much of it, the handler flushes, or the handler has returned. Only then
// is the head complete: the Content-Type is guessed from the content, and what is unread of the request's body is seen
// to. Behind the head content goes straight to the h1.Response.
//
// The fields of the head are those that the header map held when WriteHeader was called, by the handler or for it.
type responseWriter struct {
	resp   *h1.Response // nil once the handler has returned: the connection uses it again
	ctx    *requestContext
	body   *body // nil if the request has none
	method string

	header   http.Header // nil until somebody asks for it
	status   int         // 0: not set
	declared int64       // Content-Length; -1: none
	written  int64       // octets of content, held ones too
	held     []byte      // not nil: from the pool
	trailers []string    // names, canonical and valid, that the Trailer field declares

	closing    bool // the connection closes behind the response, for all we know
	noSniff    bool // a missing Content-Type stays missing
	noLength   bool // a missing Content-Length stays missing
	implicit   bool // neither status nor content was written
	committed  bool // the head has been given to resp
	finishing  bool // the handler has returned
	fullDuplex bool
	hijacked   bool

	live       atomic.Pointer[h1.Response] // resp, for the calls that other goroutines make to end a Read or a Write
	notifyOnce sync.Once
	notify     chan bool // of CloseNotify
	unnotify   func() bool
}

// begin makes w the writer of the response to q.
func (w *responseWriter) begin(resp *h1.Response, q *h1.Request, in *incoming) {
	w.resp, w.ctx, w.body = resp, &in.ctx, in.bodyOrNil()
	w.method, w.closing, w.declared = q.Method, q.Close, -1
	w.live.Store(resp)
}

// heldSize is how much content is held at most. It is what net/http holds, so the same responses get a Content-Length.
const heldSize = 2 << 10

// sniffSize is how much content http.DetectContentType looks at.
const sniffSize = 512

var heldBuffers = sync.Pool{New: func() any { return new([heldSize]byte) }}

// Header returns the header map.
func (w *responseWriter) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
		if w.resp != nil && !w.hijacked {
			for name, value := range w.resp.Header().All() { // of an h1.Handler around this one
				w.header.Add(name, value)
			}
		}
	}
	return w.header
}

// WriteHeader sets the status, or sends an informational response for 1xx but 101.
func (w *responseWriter) WriteHeader(status int) {
	switch {
	case w.resp == nil:
		return
	case w.hijacked:
		logMisuse("WriteHeader on a hijacked connection")
		return
	case w.status != 0:
		logMisuse("superfluous WriteHeader")
		return
	case status < 100 || status > 999:
		panic(fmt.Sprintf("nethttp: invalid WriteHeader code %d", status))
	case status < 200 && status != 101:
		w.inform(status)
		return
	case status > 599: // RFC 9110 §15: to be taken for a 5xx by whoever gets it
		logMisuse("invalid status code, sent as 500", "status", status)
		status = 500
	}
	w.status = status
	w.takeHeader()
}

// admit judges n octets of content that are to be written, and counts them.
func (w *responseWriter) admit(n int) error {
	switch {
	case w.resp == nil:
		return h1.ErrFinished
	case w.hijacked:
		if n > 0 {
			logMisuse("Write on a hijacked connection")
		}
		return http.ErrHijacked
	}
	if w.status == 0 {
		w.WriteHeader(200)
	}
	if n == 0 {
		return nil
	}
	if !w.mayHaveContent() {
		return http.ErrBodyNotAllowed
	}
	w.written += int64(n)
	if w.declared >= 0 && w.written > w.declared {
		return http.ErrContentLength
	}
	return nil
}

// mayHaveContent reports whether a response of that status has content (RFC 9112 §6.3).
func (w *responseWriter) mayHaveContent() bool {
	switch w.status {
	case 101, 204, 205, 304:
		return false
	}
	return w.method != "CONNECT" || w.status >= 300
}

// holds reports whether n octets can be held, and sees to it that there is room for them.
func (w *responseWriter) holds(n int) bool {
	if w.committed || len(w.held)+n > heldSize {
		return false
	}
	if w.held == nil {
		w.held = heldBuffers.Get().(*[heldSize]byte)[:0]
	}
	return true
}

// unhold gives the memory of what is held back.
func (w *responseWriter) unhold() {
	if w.held != nil {
		heldBuffers.Put((*[heldSize]byte)(w.held[:heldSize]))
		w.held = nil
	}
}

// Write writes content. p is not kept. Errors: http.ErrBodyNotAllowed, http.ErrContentLength, which writes nothing of
// p, http.ErrHijacked, h1.ErrFinished after the handler has returned; those of the connection.
func (w *responseWriter) Write(p []byte) (int, error) {
	if err := w.admit(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	if w.holds(len(p)) {
		w.held = append(w.held, p...)
		return len(p), nil
	}
	if err := w.commit(p); err != nil {
		return 0, err
	}
	return w.resp.Write(p)
}

// WriteString is Write for a string.
func (w *responseWriter) WriteString(s string) (int, error) {
	if err := w.admit(len(s)); err != nil || s == "" {
		return 0, err
	}
	if w.holds(len(s)) {
		w.held = append(w.held, s...)
		return len(s), nil
	}
	if err := w.commit([]byte(s[:min(len(s), sniffSize)])); err != nil {
		return 0, err
	}
	return w.resp.WriteString(s)
}

// ReadFrom writes what src yields until its end. The first 2 KiB go the way of Write, so that there is a head to go
// before the rest; that is sent by sendfile where h1.Response.ReadFrom can.
func (w *responseWriter) ReadFrom(src io.Reader) (n int64, err error) {
	if err := w.admit(0); err != nil {
		return 0, err
	}
	if !w.mayHaveContent() {
		return io.Copy(struct{ io.Writer }{w}, src) // an empty source is no mistake
	}
	for !w.committed {
		if !w.holds(1) {
			if err := w.commit(nil); err != nil {
				return n, err
			}
			break
		}
		m, rerr := src.Read(w.held[len(w.held):heldSize])
		if m > 0 {
			if err := w.admit(m); err != nil {
				return n, err
			}
			w.held = w.held[:len(w.held)+m]
			n += int64(m)
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
	m, err := w.resp.ReadFrom(src)
	w.written += m
	if _, misuse := errors.AsType[*h1.UsageError](err); misuse && w.declared >= 0 && w.written >= w.declared {
		err = http.ErrContentLength
	}
	return n + m, err
}

// Flush sends what has been written so far, the head too.
func (w *responseWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush with the error. A 101 that waits for Hijack is not sent.
func (w *responseWriter) FlushError() error {
	if err := w.admit(0); err != nil {
		return err
	}
	if w.status == 101 {
		return nil
	}
	if err := w.commit(nil); err != nil {
		return err
	}
	return w.resp.Flush()
}

// commit gives the head and what is held to the h1.Response, unless that was done before. next is what will be written
// behind that, as far as it is known.
func (w *responseWriter) commit(next []byte) error {
	if w.committed {
		return nil
	}
	w.committed = true
	if h := w.resp.Header(); w.mayHaveContent() && !w.noSniff && !h.Has("Content-Type") && h.Get("Content-Encoding") == "" {
		if sample := w.sample(next); len(sample) > 0 {
			h.Add("Content-Type", http.DetectContentType(sample))
		}
	}
	w.announceTrailers()
	if !w.finishing {
		w.settleBody()
	}
	if !w.implicit { // else h1 may still have to refuse the request for a fault in its body
		if h1.ReasonPhrase(w.status) == "" {
			w.resp.SetReason(http.StatusText(w.status)) // 418 and the like
		}
		w.resp.WriteHeader(w.status)
	}
	if len(w.held) == 0 {
		return nil
	}
	_, err := w.resp.Write(w.held)
	w.unhold()
	return err
}

// sample returns the start of the content: what is held, with next behind it.
func (w *responseWriter) sample(next []byte) []byte {
	if len(w.held) == 0 {
		return next
	}
	room := w.held[:len(w.held):heldSize]
	return append(room, next[:min(len(next), max(0, sniffSize-len(room)))]...)
}

// settleBody sees to what is unread of the request's body, now that the head goes out while the handler runs. Behind
// it h1 lets nothing be read unless the exchange is full duplex, whereas handlers that echo, or that answer before they
// have read, are common; and a client that sends its whole body before it reads anything must not meet a server that
// does the same.
func (w *responseWriter) settleBody() {
	b := w.body
	if b == nil || w.fullDuplex {
		return
	}
	if !b.mu.TryLock() { // another goroutine is reading it: this is full duplex, without the name
		_ = w.resp.EnableFullDuplex()
		return
	}
	defer b.mu.Unlock()
	switch {
	case b.closed || b.err != nil:
	case !b.touched && b.ctx.expects(): // the client is not asked for it any more
	case w.closing:
		_ = w.resp.EnableFullDuplex()
	case !b.readAhead():
		w.closing = true
		w.resp.Header().Set("Connection", "close")
		_ = w.resp.EnableFullDuplex()
	}
}

// finish ends the response when the handler has returned.
func (w *responseWriter) finish() {
	if w.hijacked {
		return
	}
	w.finishing = true
	switch {
	case w.status == 101: // it would have had to hijack the connection; h1 answers 500 and logs it
		w.resp.Header().Reset()
		w.resp.WriteHeader(101)
		return
	case w.status == 0:
		w.implicit = true
		w.status = 200
		w.takeHeader()
	}
	if w.method == "HEAD" && w.written == 0 && w.declared < 0 {
		w.noLength = true // GET may have content: nothing is known about its length
	}
	_ = w.commit(nil) // the error has stuck in resp
	w.setTrailers()
	if w.noLength && w.mayHaveContent() {
		_ = w.resp.Flush() // before resp knows that this is all
	}
}

// end makes w useless when the handler has returned.
func (w *responseWriter) end() {
	if w.unnotify != nil {
		w.unnotify()
	}
	w.unhold()
	w.live.Store(nil)
	w.resp = nil
}
