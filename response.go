package h1

import (
	"bufio"
	"io"
	"sync"
	"sync/atomic"

	"github.com/seed-489864d5/h1/internal/octet"
)

// A responsePhase says what of a response has been written. It only ever moves forward.
type responsePhase uint8

const (
	headOpen   responsePhase = iota // nothing; the head can still change
	bodyOpen                        // the head
	complete                        // all
	cut                             // a part, and nothing will follow: the connection is being reset
	handedOver                      // the connection belongs to somebody else
)

// A Response writes the response to one request. The way of what a handler writes is
//
//	handler → bufio.Writer (2 KiB) → chunkWriter → output (4 KiB) → connection
//
// and the head goes out the first time anything reaches the chunkWriter. If the handler has finished by then, the
// length is known and Content-Length is sent; otherwise the body is chunked or, for HTTP/1.0, ended by closing.
//
// What a handler puts in a head is checked when the head is written: if a name, a value or the status is invalid,
// none of it is sent, a plain 500 goes out instead, and a *UsageError is returned from then on.
//
// A Response is used by one goroutine at a time and is valid until its handler returns.
type Response struct {
	responseState
	cw   chunkWriter
	own  output      // out of a Response made by NewResponse
	gone atomic.Bool // the handler has returned; race builds only
}

// responseState is what of a Response is new for each message.
type responseState struct {
	conn *conn // nil for NewResponse
	req  *Request
	out  *output
	bw   *bufio.Writer

	phase  responsePhase
	status int // 0: not set
	reason string
	header Header

	trailer   Header
	announced []string // names in the Trailer field
	err       error    // sticks
	counted   int64    // octets of content that passed the chunkWriter, sent or not
	interims  int
	continued bool // 100 Continue was sent
	finishing bool // the handler has finished: what is buffered is all

	framing Framing // once the head is written
	close   bool    // the connection closes behind this response, once the head is written

	method   methodID // of the request
	version  Version  // of the request
	offers   bool     // the request offers to switch protocols
	closing  bool     // the connection closes whatever is written
	noDate   bool
	refusing bool // the request is refused, OnError writes
}

// A chunkWriter takes content from the handler's bufio.Writer and puts it on the wire under the response's framing,
// the head first.
type chunkWriter struct{ w *Response }

var responses = sync.Pool{New: func() any { return new(Response) }}

// NewResponse returns a Response to q that is written to w, from a pool; Finish gives it back. When the
// head is written and the connection can't persist behind it, because the peer or the caller asked for that or
// because the body can't be delimited otherwise, q.Close is set: whoever owns the connection closes it then.
func NewResponse(w io.Writer, q *Request) *Response {
	r := responses.Get().(*Response)
	r.own = output{dst: w}
	r.reset(nil, q, &r.own)
	return r
}

// reset makes w ready for another response. The memory of its fields is kept.
func (w *Response) reset(c *conn, q *Request, out *output) {
	bw := w.bw
	if bw == nil {
		bw = handlerBuffers.Get().(*bufio.Writer)
	}
	w.responseState = responseState{
		conn: c, req: q, out: out, bw: bw,
		header:  Header{w.header.fields[:0]},
		trailer: Header{w.trailer.fields[:0]},
		method:  q.method, version: q.Proto, offers: q.offers, closing: q.Close,
	}
	w.cw.w = w
	bw.Reset(&w.cw)
}

// release gives the handler's buffer back to the pool.
func (w *Response) release() {
	if w.bw != nil {
		w.bw.Reset(nil)
		handlerBuffers.Put(w.bw)
		w.bw = nil
	}
}

// ready returns the error that a call must return because of what was before it.
func (w *Response) ready(call string) error {
	if raceBuild && w.gone.Load() {
		panic("h1: Response." + call + " called after the handler returned")
	}
	switch {
	case w.err != nil:
		return w.err
	case w.phase == complete:
		return ErrFinished
	case w.phase == cut:
		return errAborted
	case w.phase == handedOver:
		return ErrHijacked
	}
	return nil
}

// Header returns the field lines of the head, to be set before the head is written; later changes are ignored. Date,
// Content-Length or Transfer-Encoding, Connection and Trailer are added by the library. A handler may set
// Content-Length, Date, Upgrade and "Connection: close" itself.
func (w *Response) Header() *Header { return &w.header }

// Trailer returns the trailer section. The names in it when the head is written are announced and force the chunked
// coding; their values may be set until the end, and a name whose value is still empty then is left out. A name that
// was not announced is an error of Finish. Trailers are sent on chunked HTTP/1.1 and left out otherwise.
func (w *Response) Trailer() *Header { return &w.trailer }

// WriteHeader sets the status, 200–599. The first call wins; without one it is 200. The head itself is written when
// content is flushed or the handler has finished.
func (w *Response) WriteHeader(status int) {
	if w.ready("WriteHeader") != nil || w.status != 0 {
		return
	}
	if status < 200 || status > maxStatus {
		w.replace(errStatus)
		return
	}
	w.status = status
}

// SetReason sets a reason phrase in place of the registered one. It is checked like a field value.
func (w *Response) SetReason(phrase string) { w.reason = phrase }

// Status returns the status that was set or sent, 0 if there is none yet.
func (w *Response) Status() int { return w.status }

// BytesWritten returns how many octets of content the handler has written, those in its buffer included.
func (w *Response) BytesWritten() int64 {
	if w.bw == nil {
		return w.counted
	}
	return w.counted + int64(w.bw.Buffered())
}

// EnableFullDuplex lets the handler go on reading the body after the response has begun. Without it the body can't be
// read any more then. It must be called before the head is written.
func (w *Response) EnableFullDuplex() error {
	if err := w.ready("EnableFullDuplex"); err != nil {
		return err
	}
	if w.phase != headOpen {
		return ErrCommitted
	}
	if w.conn != nil {
		w.conn.fullDuplex = true
	}
	return nil
}

// content prepares for n octets of content. skip means that they are not to be written, as for HEAD, where they are
// only counted.
func (w *Response) content(call string, n int) (skip bool, err error) {
	if err := w.ready(call); err != nil {
		return true, err
	}
	if w.status == 0 {
		w.status = 200
	}
	if n == 0 {
		return true, nil
	}
	if !statusHasBody(w.status) || w.method == methodConnect && w.status < 300 {
		return true, errNoBody
	}
	if w.method == methodHead {
		w.counted += int64(n)
		if w.phase == headOpen && w.counted > handlerSize {
			err = w.commit(0, false)
		}
		return true, err
	}
	return false, nil
}

// Write writes content. What does not fit the handler's buffer goes out at once, large pieces without being copied;
// p is not kept. Errors: a *UsageError for content where none may be or beyond Content-Length, which is dropped;
// those of the connection; ErrFinished, ErrHijacked.
func (w *Response) Write(p []byte) (int, error) {
	if skip, err := w.content("Write", len(p)); skip {
		return done(len(p), err)
	}
	return w.bw.Write(p)
}

// WriteString is Write for a string.
func (w *Response) WriteString(s string) (int, error) {
	if skip, err := w.content("WriteString", len(s)); skip {
		return done(len(s), err)
	}
	return w.bw.WriteString(s)
}

// done is the result of a write of n octets that were dropped or counted.
func done(n int, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return n, nil
}

// WriteShared writes shared content without copying it. See SharedChunk.
func (w *Response) WriteShared(c *SharedChunk) error {
	if skip, err := w.content("WriteShared", len(c.payload)); skip {
		return err
	}
	if err := w.push(); err != nil {
		return err
	}
	if w.framing.Kind != Chunked {
		_, err := w.cw.Write(c.payload)
		return err
	}
	w.counted += int64(len(c.payload))
	return w.sent(w.out.write(c.framed))
}

// Flush sends what has been written so far, the head too.
func (w *Response) Flush() error {
	if err := w.ready("Flush"); err != nil {
		return err
	}
	if w.status == 0 {
		w.status = 200
	}
	if err := w.push(); err != nil {
		return err
	}
	return w.sent(w.out.flush())
}

// push moves what the handler has buffered to the output, the head in front of it.
func (w *Response) push() error {
	if w.bw.Buffered() > 0 {
		return w.bw.Flush()
	}
	if w.phase == headOpen {
		return w.commit(0, false)
	}
	return nil
}

// sent makes a failure of the connection stick.
func (w *Response) sent(err error) error {
	if err != nil && w.err == nil {
		w.err = err
		w.close = true
		if w.conn != nil {
			w.conn.writeFailed(err)
		}
	}
	return err
}

// commit writes the head. pending octets of content are at hand; complete says that they are all there will be. The
// error is that of an invalid head, which has been replaced then, or the connection's.
func (w *Response) commit(pending int64, complete bool) error {
	p, err := w.plan(pending, complete)
	if err != nil {
		w.replace(err)
		return err
	}
	return w.writeHead(&p)
}

// writeHead writes the head that p describes.
func (w *Response) writeHead(p *headPlan) error {
	w.framing, w.close = p.framing, p.close
	w.req.Close = p.close
	if p.framing.Kind == Chunked {
		for _, f := range w.trailer.fields {
			w.announced = append(w.announced, f.Name)
		}
	}
	w.phase = bodyOpen
	if w.conn != nil {
		w.conn.lockOutput()
		defer w.conn.unlockOutput()
		w.conn.headWritten()
	}
	return w.sent(w.out.took(w.appendHead(w.out.room(), p)))
}

// Write puts content on the wire.
func (cw *chunkWriter) Write(p []byte) (int, error) {
	w := cw.w
	if w.phase == headOpen {
		if err := w.commit(int64(len(p)), w.finishing); err != nil {
			return 0, err
		}
	}
	if w.err != nil {
		return 0, w.err
	}
	var err error
	switch n := int64(len(p)); w.framing.Kind {
	case FixedLength:
		if left := w.framing.Length - w.counted; n > left {
			w.counted += left
			if err = w.sent(w.out.write(p[:left])); err == nil {
				w.err, w.close = errExcess, true
			}
			return int(left), w.err
		}
		err = w.out.write(p)
	case Chunked:
		if err = w.out.took(appendChunkSize(w.out.room(), len(p))); err == nil {
			if err = w.out.write(p); err == nil {
				err = w.out.took(append(w.out.room(), "\r\n"...))
			}
		}
	case untilClose:
		err = w.out.write(p)
	}
	if w.sent(err) != nil {
		return 0, err
	}
	w.counted += int64(len(p))
	return len(p), nil
}

// Finish ends the message: it writes the head if that is still to come, what is buffered, the last chunk and the
// trailer section. A Server does it when the handler returns. The error is the first of the response's: a
// *UsageError, also for less content than Content-Length declares, or that of the connection. A Response made by
// NewResponse is flushed and goes back to its pool.
func (w *Response) Finish() error {
	err := w.finish()
	if w.phase == complete && w.out.err == nil {
		if ferr := w.sent(w.out.flush()); err == nil {
			err = ferr
		}
	}
	if w.conn != nil {
		return err
	}
	w.release()
	w.own.release()
	w.conn, w.req, w.out = nil, nil, nil
	w.own = output{}
	responses.Put(w)
	return err
}

// finish is Finish but for the flush.
func (w *Response) finish() error {
	if w.phase > bodyOpen || w.out.err != nil {
		return w.err
	}
	if w.status == 0 {
		w.status = 200
	}
	w.finishing = true
	switch {
	case w.bw.Buffered() > 0:
		_ = w.bw.Flush() // an error has stuck
	case w.phase == headOpen:
		_ = w.commit(0, true)
	}
	if w.phase != bodyOpen || w.out.err != nil {
		return w.err // the head was replaced by a complete 500, or the connection is gone
	}
	switch {
	case w.framing.Kind == Chunked:
		w.endChunks()
	case w.framing.Kind == FixedLength && w.counted < w.framing.Length:
		if w.err == nil {
			w.err = errShort
		}
		w.cutOff()
		return w.err
	}
	w.phase = complete
	return w.err
}

// endChunks writes the last chunk and those trailers that may be sent.
func (w *Response) endChunks() {
	kept := w.trailer.fields[:0]
	for _, f := range w.trailer.fields {
		err := checkTrailer(f.Name, f.Value)
		if err == nil && !w.wasAnnounced(f.Name) {
			err = errTrailerNew.of(f.Name)
		}
		switch {
		case err != nil && w.err == nil:
			w.err = err
		case err == nil && f.Value != "":
			kept = append(kept, f)
		}
	}
	w.trailer.fields = kept
	b, err := AppendLastChunk(w.out.room(), &w.trailer)
	if err != nil { // each line was just checked
		panic(err)
	}
	_ = w.sent(w.out.took(b))
}

// wasAnnounced reports whether the Trailer field named name.
func (w *Response) wasAnnounced(name string) bool {
	for _, a := range w.announced {
		if octet.EqualFoldBoth(a, name) {
			return true
		}
	}
	return false
}

// Abort cuts the message so that the client can't take it for complete: nothing more is written, and the connection
// is reset. If the head is not written yet, nothing of the response is.
func (w *Response) Abort() {
	if w.ready("Abort") == nil || w.phase <= bodyOpen {
		w.cutOff()
	}
}

// cutOff is Abort for a response that is not complete.
func (w *Response) cutOff() {
	w.phase, w.close = cut, true
	if w.conn != nil {
		w.conn.reset()
	}
}

// replace makes a plain 500 of a response whose head can't be written because of err, which sticks.
func (w *Response) replace(err error) {
	w.answer(500, "invalid response head")
	if w.err == nil {
		w.err = err
	}
}

// answer writes a complete response of the library's own: fixed text, and no-store because a provoked error must not
// live on in a shared cache. Whatever was set or buffered before is dropped. Nothing of it comes from the peer.
func (w *Response) answer(status int, reason string) {
	w.header.Reset()
	w.trailer.Reset()
	w.bw.Reset(&w.cw)
	w.status, w.reason, w.counted = status, "", 0
	w.header.Add("Content-Type", "text/plain; charset=utf-8")
	w.header.Add("Cache-Control", "no-store")
	text := "" // the status says it all where no reason is given
	if reason != "" {
		text = ": " + reason
	}
	text = statusLines[status-minStatus][len("HTTP/1.1 "):len(statusLines[status-minStatus])-len("\r\n")] + text + "\n"
	w.finishing = true
	if w.method == methodHead {
		w.counted = int64(len(text))
		_ = w.commit(0, true)
	} else {
		_, _ = w.cw.Write([]byte(text))
	}
	if w.phase == bodyOpen {
		w.phase = complete
	}
}
