package h1

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// longAgo is a deadline that makes a read return at once.
var longAgo = time.Unix(1, 0)

// A readPhase says what a connection reads, and so how long it waits.
type readPhase uint8

const (
	inWait  readPhase = iota // the first octet of a request
	inHead                   // the rest of a request head
	inBody                   // a request body
	inDrain                  // the rest of a body that nobody wants
)

// deadlines keep the time of one connection: one place decides what each read and each write may take.
//
// Setting a deadline costs a timer, so one that is set too early is left alone: when it passes, whoever is blocked
// finds that its own time has not come and sets it anew. A connection that is quick thus sets two in its life.
type deadlines struct {
	head, idle, bodyIdle, writeIdle time.Duration // 0: none
	request, response               time.Duration // 0: none

	phase      readPhase
	waitUntil  time.Time // for the first octet
	headBegan  time.Time // zero: not begun, or nothing had to be waited for
	bodyUntil  time.Time // for the whole request, absolute; zero: none
	drainUntil time.Time

	mu          sync.Mutex // a handler may read, write and set deadlines in several goroutines
	writeUntil  time.Time  // for the whole response, absolute; zero: none
	readArmed   time.Time  // what is set on the connection; longAgo: something that has passed
	writeArmed  time.Time
	ownRead     bool // the handler has set a deadline of its own, for this exchange
	ownWrite    bool
	ownReadAt   time.Time
	ownWriteAt  time.Time
	interrupted bool // reads are to fail at once
}

// begin takes the times of s, and starts the wait for the first request.
func (d *deadlines) begin(s *Server) {
	d.head = orDefault(s.ReadHeaderTimeout, DefaultReadHeaderTimeout)
	d.idle = orDefault(s.IdleTimeout, DefaultIdleTimeout)
	d.bodyIdle = orDefault(s.BodyIdleTimeout, DefaultBodyIdleTimeout)
	d.writeIdle = orDefault(s.WriteIdleTimeout, DefaultWriteIdleTimeout)
	d.request, d.response = max(s.ReadTimeout, 0), max(s.WriteTimeout, 0)
	d.phase, d.waitUntil = inWait, later(time.Now(), d.head)
}

// orDefault gives the time that a field of Server stands for: zero is the default, negative none.
func orDefault(set, standard time.Duration) time.Duration {
	switch {
	case set == 0:
		return standard
	case set < 0:
		return 0
	}
	return set
}

// later returns t+d, or the zero Time, which means never, if d is none.
func later(t time.Time, d time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return t.Add(d)
}

// earlier returns the earlier of two deadlines, of which the zero Time means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// passed reports whether a deadline, of which the zero Time means never, has passed.
func passed(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

// beginIdle starts the wait for the next request.
func (d *deadlines) beginIdle(atHand bool) {
	if d.phase = inWait; !atHand {
		d.waitUntil = later(time.Now(), d.idle)
	}
}

// beginHead starts a head of which octets are at hand, or may be.
func (d *deadlines) beginHead(atHand bool) {
	if d.headBegan = (time.Time{}); atHand {
		d.phase = inHead
	}
}

// beginBody starts an exchange, its head having been read.
func (d *deadlines) beginBody() {
	d.phase = inBody
	began := d.headBegan
	if d.request > 0 && began.IsZero() {
		began = time.Now()
	}
	d.bodyUntil = later(began, d.request)
	d.beginAnswer()
}

// beginAnswer starts a response. What a handler has set for the one before is forgotten.
func (d *deadlines) beginAnswer() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ownRead, d.ownWrite = false, false
	if d.writeUntil = (time.Time{}); d.response > 0 {
		d.writeUntil = time.Now().Add(d.response)
	}
}

// beginDrain starts the drain of a body.
func (d *deadlines) beginDrain() {
	d.phase, d.drainUntil = inDrain, time.Now().Add(drainTime)
}

// readUntil returns until when a read that began at since may last. d.mu is held.
func (d *deadlines) readUntil(since time.Time) time.Time {
	switch d.phase {
	case inWait:
		return d.waitUntil
	case inHead:
		if d.headBegan.IsZero() {
			d.headBegan = since
		}
		return earlier(later(d.headBegan, d.head), later(d.headBegan, d.request))
	case inBody:
		if d.ownRead {
			return d.ownReadAt
		}
		return earlier(later(since, d.bodyIdle), d.bodyUntil)
	}
	return d.drainUntil
}

// armRead sees to it that a read of c that began at since ends in time, which it returns.
func (d *deadlines) armRead(c net.Conn, since time.Time) (until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if until = d.readUntil(since); d.interrupted {
		until = longAgo
	}
	early := !until.IsZero() && !d.readArmed.IsZero() && d.readArmed != longAgo && d.readArmed.Before(until)
	if !early && !d.readArmed.Equal(until) {
		d.readArmed = until
		_ = c.SetReadDeadline(until)
	}
	return until
}

// mayReadOn decides about a read of c that has timed out: it may go on unless its own time has passed.
func (d *deadlines) mayReadOn(since time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readArmed = longAgo
	return !d.interrupted && !passed(d.readUntil(since))
}

// disarmRead takes the deadline of reads off c, whatever it is.
func (d *deadlines) disarmRead(c net.Conn) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readArmed = time.Time{}
	return c.SetReadDeadline(time.Time{})
}

// interrupt makes a read that is under way fail, and all later ones until resume.
func (c *conn) interrupt() {
	d := &c.clock
	d.mu.Lock()
	defer d.mu.Unlock()
	d.interrupted, d.readArmed = true, longAgo
	_ = c.rwc.SetReadDeadline(longAgo)
}

// resume lets reads go on after an interrupt that came too late.
func (d *deadlines) resume(c net.Conn) {
	d.mu.Lock()
	d.interrupted = false
	d.mu.Unlock()
	_ = d.disarmRead(c)
}

// Read reads from the connection for the Reader. Between requests it first sends the answers that wait: a pipeline of
// requests that came together is answered by one write.
func (c *conn) Read(p []byte) (int, error) {
	d := &c.clock
	if d.phase <= inHead {
		if err := c.out.flush(); err != nil {
			return 0, err
		}
	}
	var since time.Time
	if d.phase != inWait {
		since = time.Now()
	}
	for {
		d.armRead(c.rwc, since)
		n, err := c.rwc.Read(p)
		if n > 0 {
			if d.phase == inWait {
				d.phase = inHead
				if !c.setState(StateActive) {
					return 0, net.ErrClosed
				}
			}
			return n, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !d.mayReadOn(since) {
			return 0, err
		}
	}
}

// armWrite returns the time at which writes end in any case, and arms c for a write that goes on if it makes
// progress, the latest of which was at since.
func (d *deadlines) armWrite(c net.Conn, since time.Time, steady bool) (last time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last = d.writeUntil; d.ownWrite {
		last = d.ownWriteAt
	}
	until := last
	if !d.ownWrite && !steady {
		until = earlier(later(since, d.writeIdle), last)
	}
	early := !until.IsZero() && d.writeArmed.Before(until) && d.writeArmed.After(until.Add(-d.writeIdle/4))
	if !early && !d.writeArmed.Equal(until) {
		d.writeArmed = until
		_ = c.SetWriteDeadline(until)
	}
	return last
}

// hurry lets writes take a moment only, because the connection is to be cut.
func (d *deadlines) hurry() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at := time.Now().Add(time.Second); !d.ownWrite || d.ownWriteAt.IsZero() || at.Before(d.ownWriteAt) {
		d.ownWrite, d.ownWriteAt = true, at
	}
}

// SetReadDeadline sets the time at which reads of this request's body fail, in place of the server's own limits; the
// zero Time means never. It holds until the handler returns.
func (w *Response) SetReadDeadline(t time.Time) error {
	if w.conn == nil {
		return errNoConn
	}
	c, d := w.conn, &w.conn.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := w.mayTime("SetReadDeadline"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ownRead, d.ownReadAt = true, t
	if c.watching != nil {
		return nil // the body has been read, and what reads now must not end
	}
	d.readArmed = t
	return c.rwc.SetReadDeadline(t)
}

// SetWriteDeadline sets the time at which writes of this response fail, in place of the server's own limits; the zero
// Time means never. It holds until the handler returns.
func (w *Response) SetWriteDeadline(t time.Time) error {
	if w.conn == nil {
		return errNoConn
	}
	c, d := w.conn, &w.conn.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := w.mayTime("SetWriteDeadline"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ownWrite, d.ownWriteAt, d.writeArmed = true, t, t
	return c.rwc.SetWriteDeadline(t)
}

// mayTime is ready for calls that another goroutine may make to end a read or a write. conn.mu is held.
func (w *Response) mayTime(call string) error {
	switch c := w.conn; {
	case raceBuild && w.gone.Load():
		return w.ready(call)
	case c.takenOver:
		return ErrHijacked
	case !c.exchange:
		return ErrFinished
	}
	return nil
}
