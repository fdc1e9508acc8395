package h1

import (
	"context"
	"errors"
	"os"
)

// A watch looks for the peer's going away while a handler runs, because the handler has asked for the request's
// context. It reads one octet in the background; if one comes, it belongs to the next request and is put back.
type watch struct {
	done  chan struct{}
	octet [1]byte
	n     int
	err   error
}

// requestContext returns the context of q, and has the peer watched from now on.
func (c *conn) requestContext(q *Request) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.ctx == nil {
		ctx, cancel := context.WithCancelCause(c.base)
		q.ctx = &requestDone{ctx, cancel}
		if c.failed != nil {
			cancel(c.failed)
		}
		c.wanted = true
		c.startWatch()
	}
	return q.ctx.Context
}

// bodyDone notes that the body has been read: from now on what comes is not part of it.
func (c *conn) bodyDone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodyEnd = true
	c.startWatch()
}

// startWatch starts a watch if one is wanted and possible. c.mu is held.
func (c *conn) startWatch() {
	if !c.wanted || !c.bodyEnd || c.watching != nil || c.takenOver {
		return
	}
	if c.reader.err != nil { // the end was seen already
		c.req.ctx.cancel(c.reader.err)
		return
	}
	if c.clock.disarmRead(c.rwc) != nil {
		return // without deadlines there would be no way to end it
	}
	w := &watch{done: make(chan struct{})}
	c.watching = w
	go c.watchPeer(w, c.req)
}

// watchPeer is the goroutine of a watch. It ends at the first octet, at the end of the connection, or when stopWatch
// makes the read time out.
func (c *conn) watchPeer(w *watch, q *Request) {
	defer close(w.done)
	w.n, w.err = c.rwc.Read(w.octet[:])
	if w.n > 0 || w.err == nil || errors.Is(w.err, os.ErrDeadlineExceeded) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.ctx != nil {
		q.ctx.cancel(w.err)
	}
}

// stopWatch ends the watch, if there is one, and puts back what it has read.
func (c *conn) stopWatch() {
	c.mu.Lock()
	w := c.watching
	c.watching, c.wanted = nil, false
	c.mu.Unlock()
	if w == nil {
		return
	}
	_ = c.rwc.SetReadDeadline(longAgo)
	<-w.done
	_ = c.clock.disarmRead(c.rwc)
	if w.n > 0 {
		c.reader.unread(w.octet[0])
	}
	if w.err != nil && !errors.Is(w.err, os.ErrDeadlineExceeded) {
		c.reader.err = w.err
	}
}

// writeFailed cancels the request's context because a write has failed.
func (c *conn) writeFailed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed = err; c.req.ctx != nil {
		c.req.ctx.cancel(err)
	}
}
