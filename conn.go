package h1

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// A conn is one connection of a Server: requests are answered strictly one after another, and what any failure
// leads to is decided in this file and nowhere else.
type conn struct {
	srv        *Server
	rwc        net.Conn // the TLS connection where there is one
	tls        *tls.Conn
	tlsState   *tls.ConnectionState
	plainTCP   bool               // sendfile is possible
	steadyTLS  bool               // a steadyConn lies beneath
	base       context.Context    // parent of the requests' contexts
	cancel     context.CancelFunc // of base, if it is the connection's own
	reader     *Reader
	out        output
	req        *Request
	resp       *Response
	state      atomic.Int32 // a ConnState
	requests   atomic.Int64
	inHandler  bool
	fullDuplex bool

	clock deadlines

	mu        sync.Mutex // guards what follows, which a handler's goroutines may reach side by side
	watching  *watch     // nil unless the peer is being watched
	takenOver bool       // somebody else reads the connection
	exchange  bool       // a handler is at work
	wanted    bool       // Context was called: the peer is to be watched as soon as the body has been read
	bodyEnd   bool       // the body has been read
	failed    error      // what a write has failed with

	outMu   sync.Mutex // guards out while 100 Continue may be sent by whoever reads the body
	waiting bool       // the client may be waiting for 100 Continue
}

// requestDone is the context of a request and its end.
type requestDone struct {
	context.Context
	cancel context.CancelCauseFunc
}

// endedContext is the context of a request whose handler has returned without asking for one.
var endedContext = func() *requestDone {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(context.Canceled)
	return &requestDone{ctx, cancel}
}()

// serve answers requests until the connection must close (RFC 9112 §9.3) or is handed over.
func (c *conn) serve() {
	defer c.end()
	if !c.handshake() {
		return
	}
	c.prepare()
	for c.serveRequest() {
	}
}

// prepare borrows what a busy connection needs.
func (c *conn) prepare() {
	c.reader = readers.Get().(*Reader)
	c.reader.reset(c, &c.srv.Limits, c.srv.DefaultHost)
	c.out.dst = c
	c.req, c.resp = new(Request), new(Response)
	c.clock.begin(c.srv)
}

// serveRequest answers one request and reports whether another may follow.
func (c *conn) serveRequest() bool {
	if raceBuild && c.requests.Load() > 0 { // so that whoever kept the old ones meets them, not the next exchange
		c.req, c.resp = new(Request), new(Response)
	}
	q, w := c.req, c.resp
	c.clock.beginHead(c.reader.buffered() > 0)
	if err := c.reader.readHead(q); err != nil {
		c.refuseHead(err)
		return false
	}
	c.setState(StateActive)
	n := c.requests.Add(1)
	c.begin(q, w)
	if c.srv.endsKeepAlive(n) {
		w.closing = true
		q.Close = true
	}
	c.inHandler = true // a panic of the callbacks is answered like the handler's
	fault := c.precheck(q)
	c.inHandler = false
	if fault != nil {
		c.refuse(fault, fault.Status == errMisdirected.Status && !w.closing)
	} else {
		c.handle(q, w)
	}
	return c.finish(q, w)
}

// begin starts an exchange whose head has been read.
func (c *conn) begin(q *Request, w *Response) {
	q.conn, q.ctx = c, nil
	q.RemoteAddr, q.LocalAddr, q.TLS = c.rwc.RemoteAddr(), c.rwc.LocalAddr(), c.tlsState
	w.reset(c, q, &c.out)
	w.noDate = c.srv.DisableDate
	c.fullDuplex = false
	c.waiting = q.expects
	c.mu.Lock()
	c.bodyEnd, c.failed, c.wanted, c.exchange = c.reader.body.done, c.out.err, false, true
	c.mu.Unlock()
	c.clock.beginBody()
	if b := &c.reader.body; !b.done && (b.kind == Chunked || b.left > int64(c.reader.buffered())) {
		_ = c.out.flush() // reading the body may block: earlier answers must not wait for it; an error sticks
	}
}

// precheck refuses requests that are well formed, but not for this connection.
func (c *conn) precheck(q *Request) *ProtocolError {
	if c.tlsState != nil && c.srv.CheckPeer != nil {
		if err := c.srv.CheckPeer(c.tlsState); err != nil {
			c.log(slog.LevelInfo, "peer", "peer refused", "error", err)
			return errPeer
		}
	}
	if q.URL.Scheme != "" && (q.URL.Scheme == "https") != (c.tlsState != nil) {
		return errMisdirected
	}
	if q.method == methodConnect {
		if c.srv.ConnectPolicy == nil {
			return errConnect
		}
		if err := c.srv.ConnectPolicy(q); err != nil {
			c.log(slog.LevelInfo, "connect", "CONNECT refused", "error", err)
			return errConnectDenied
		}
	}
	return nil
}

// handle calls the handler.
func (c *conn) handle(q *Request, w *Response) {
	c.inHandler = true
	if h := c.srv.Handler; h != nil {
		h.ServeH1(w, q)
	} else {
		w.answer(404, "")
	}
	c.inHandler = false
}

// finish ends an exchange: the response, the rest of the request body, the request's context. It reports whether the
// connection persists.
func (c *conn) finish(q *Request, w *Response) bool {
	persists := c.conclude(q, w)
	c.retire(q, w) // not deferred: a panic of OnError still needs the Response
	return persists
}

// conclude is finish but for the request's context.
func (c *conn) conclude(q *Request, w *Response) bool {
	b := &c.reader.body
	interrupted := b.end(c.interrupt)
	if w.phase == handedOver {
		return false
	}
	c.stopWatch()
	failure := b.err
	if failure == io.EOF || interrupted && errors.Is(failure, errBodyTimeout) {
		failure = nil
	}
	if interrupted && (b.err == nil || b.err == io.EOF) {
		c.clock.resume(c.rwc) // the read was quicker
	}
	switch fault, _ := failure.(*ProtocolError); {
	case failure != nil && w.phase == headOpen && w.untouched():
		if fault == nil {
			c.logIO(failure)
			return false
		}
		c.refuse(fault, false)
	case failure != nil && w.phase == bodyOpen && w.framing.Kind != FixedLength && w.framing.Kind != NoBody:
		w.cutOff() // what the handler made of half a body must not look whole
	case failure == nil && w.phase == headOpen && !c.unasked():
		b.drain(drainBytes, false) // what is at hand tells whether the head must announce a close
	}
	if err := w.finish(); err != nil {
		c.logFailure(err, q)
	}
	switch {
	case w.phase == cut:
		return false
	case c.out.err != nil:
		c.logIO(c.out.err)
		return false
	case w.close:
	case b.done && b.err == io.EOF:
		c.clock.beginIdle(c.reader.buffered() > 0)
		return c.idle()
	default:
		if c.out.flush() == nil {
			c.clock.beginDrain()
			if b.drain(drainBytes, true) {
				c.clock.beginIdle(c.reader.buffered() > 0)
				return c.idle()
			}
		}
	}
	c.linger()
	return false
}

// idle makes the connection one that waits for a request, unless one is at hand, and reports whether it may.
func (c *conn) idle() bool {
	if c.srv.closing.Load() {
		c.linger()
		return false
	}
	if c.reader.buffered() > 0 {
		return true
	}
	if c.out.flush() != nil {
		return false
	}
	c.setState(StateIdle)
	return !c.srv.closing.Load()
}

// undrainable reports whether it is certain, when the head is written, that the body won't be read to its end.
func (c *conn) undrainable() bool {
	b := &c.reader.body
	if h := b.handle; h != nil {
		if !h.mu.TryLock() {
			return false // it is being read
		}
		defer h.mu.Unlock()
	}
	return c.unasked() || b.certainlyUnread() && !(c.fullDuplex && b.err == nil)
}

// retire ends the life of an exchange's objects.
func (c *conn) retire(q *Request, w *Response) {
	c.mu.Lock()
	if q.ctx != nil {
		q.ctx.cancel(context.Canceled)
	} else {
		q.ctx = endedContext
	}
	q.conn, q.body = nil, nil
	c.exchange = false
	c.mu.Unlock()
	if w.phase < complete {
		w.phase = complete
	}
	if raceBuild {
		w.gone.Store(true)
		w.release()
	}
}

// refuseHead answers for a request head that could not be read.
func (c *conn) refuseHead(err error) {
	fault, _ := err.(*ProtocolError)
	if errors.Is(err, os.ErrDeadlineExceeded) && c.req.head.begun() {
		fault = errHeadTimeout // an empty line is no request: what came behind it would answer the next one
	}
	if fault == nil || c.out.err != nil { // the end of the connection, in whatever way; nothing was asked
		if c.out.flush(); err != io.EOF {
			c.logIO(err)
		}
		return
	}
	q, w := c.req, c.resp
	c.setState(StateActive)
	if c.srv.OnError != nil {
		q.fillRefused(c.reader.peek())
	} else {
		q.Body = emptyBody{}
	}
	q.method, q.Proto, q.Close, q.expects, q.offers = q.head.id, Version{1, 1}, true, false, false
	q.conn, q.ctx = nil, nil
	q.RemoteAddr, q.LocalAddr, q.TLS = c.rwc.RemoteAddr(), c.rwc.LocalAddr(), c.tlsState
	w.reset(c, q, &c.out)
	w.noDate = c.srv.DisableDate
	c.waiting, c.fullDuplex = false, false
	c.clock.beginAnswer()
	c.refuse(fault, false)
	if w.finish(); w.phase == complete {
		c.linger()
	}
	c.retire(q, w)
}

// refuse answers a request that the library refuses, through OnError if there is one.
func (c *conn) refuse(fault *ProtocolError, persists bool) {
	q, w := c.req, c.resp
	w.closing = w.closing || !persists
	w.refusing = true
	c.log(slog.LevelDebug, "protocol", "request refused", "status", fault.Status, "rule", fault.Rule, "reason", fault.Reason)
	if c.srv.OnError != nil {
		body := q.Body
		q.Body = emptyBody{}
		c.inHandler = true
		c.srv.OnError(w, q, fault)
		c.inHandler = false
		if q.Body = body; !w.untouched() || w.phase != headOpen {
			return
		}
	}
	w.answer(fault.Status, fault.Reason)
}

// untouched reports whether the handler has written neither status nor content.
func (w *Response) untouched() bool { return w.status == 0 && w.bw.Buffered() == 0 && w.err == nil }

// end is how every connection ends: it deals with a panic of the handler, closes unless the connection was handed
// over, and gives the memory back.
func (c *conn) end() {
	v := recover()
	switch {
	case c.inHandler: // it panicked, or called runtime.Goexit
		c.inHandler = false
		c.handlerDied(v)
	case v != nil: // a callback, or we
		c.log(slog.LevelError, "panic", "connection panicked", "panic", v, "stack", string(debug.Stack()))
	}
	if c.resp == nil || c.resp.phase != handedOver {
		c.close()
	}
	if c.reader != nil {
		c.reader.Release()
		c.reader = nil
		c.out.release()
		c.resp.release()
	}
	c.srv.untrack(c)
}

// handlerDied answers for a handler that panicked: 500 if nothing was sent, else the message is cut.
func (c *conn) handlerDied(v any) {
	q, w := c.req, c.resp
	c.reader.body.end(c.interrupt)
	c.stopWatch()
	defer c.retire(q, w)
	quiet := v == nil || v == ErrAbortHandler
	if !quiet {
		c.log(slog.LevelError, "panic", "handler panicked", "method", q.Method, "target", q.Target,
			"panic", v, "stack", string(debug.Stack()))
	}
	switch {
	case w.phase == handedOver || w.phase == cut:
	case w.phase == headOpen && !quiet:
		w.closing = true
		w.answer(500, "")
		c.linger()
	case w.phase == complete && c.out.err == nil:
		c.linger()
	default:
		w.cutOff()
	}
}

// linger closes in stages, so that the last response survives: what is waiting is sent, the write side is closed, and
// input is discarded for a while. Closing with unread input would make the kernel send a RST, which can destroy the
// response on its way (RFC 9112 §9.6).
func (c *conn) linger() {
	late := errors.Is(c.reader.err, os.ErrDeadlineExceeded)
	if c.out.flush() != nil || c.reader.err != nil && c.reader.err != io.EOF && !late {
		return
	}
	raw := c.rwc
	if c.tls != nil {
		if c.tls.CloseWrite() != nil {
			return
		}
		raw = beneath(c.tls)
	}
	half, ok := raw.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.reader.err == io.EOF {
		return
	}
	if raw.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	b := getBuffer()
	defer b.put()
	for left := lingerBytes; ; {
		n, err := raw.Read(b.b[:cap(b.b)])
		if err != nil {
			return
		}
		if left -= n; left <= 0 {
			time.Sleep(lingerPause)
			left = lingerBytes
		}
	}
}

// How long input is discarded behind the last response, and how fast: a client that sends on before it reads gets its
// answer, and one that means harm gets little work done.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 64 << 10
	lingerPause = 10 * time.Millisecond
)

// close closes the connection. Over TLS that sends close_notify, unless linger has. After a failed write it cuts: an
// orderly close could pass for the end of the message.
func (c *conn) close() {
	if c.out.err != nil {
		c.reset()
	}
	if c.state.Store(int32(StateClosed)); c.srv.ConnState != nil {
		c.srv.ConnState(c.rwc, StateClosed)
	}
	_ = c.rwc.Close()
}

// reset cuts the connection so that nothing on it can pass as complete: RST instead of FIN, and no close_notify
// (RFC 9112 §8, §9.8). What was complete before is sent.
func (c *conn) reset() {
	c.clock.hurry()
	if c.out.flush(); c.out.err == nil {
		c.out.err = errAborted
	}
	raw := c.rwc
	if c.tls != nil {
		raw = beneath(c.tls)
	}
	if l, ok := raw.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0)
	}
	_ = raw.Close()
}

// handshake does the TLS handshake, if there is to be one, and decides who speaks on the connection. Only http/1.1, or
// no protocol at all, is ours (RFC 9112 §12.4).
func (c *conn) handshake() bool {
	if c.tls == nil {
		return true
	}
	if d := orDefault(c.srv.TLSHandshakeTimeout, DefaultTLSHandshakeTimeout); d > 0 {
		_ = c.rwc.SetDeadline(time.Now().Add(d))
	}
	if err := c.tls.HandshakeContext(c.base); err != nil {
		level := slog.LevelInfo
		if err == io.EOF || errors.Is(err, os.ErrDeadlineExceeded) {
			level = slog.LevelDebug
		}
		c.log(level, "tls", "TLS handshake failed", "error", err)
		return false
	}
	_ = c.rwc.SetDeadline(time.Time{})
	state := c.tls.ConnectionState()
	c.tlsState = &state
	switch proto := state.NegotiatedProtocol; {
	case proto == "" || proto == "http/1.1":
		return true
	case c.srv.TLSNextProto[proto] != nil:
		c.setState(StateActive)
		c.srv.TLSNextProto[proto](c.srv, c.tls, c.srv.Handler)
	default:
		c.log(slog.LevelDebug, "tls", "unknown ALPN protocol", "protocol", proto)
	}
	return false
}
