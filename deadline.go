package h1

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
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

	phase       readPhase
	waitUntil   time.Time // for the first octet
	headUntil   time.Time // for the rest of the head; zero: not begun
	bodyUntil   time.Time // for the whole request, absolute; zero: none
	drainUntil  time.Time
	writeUntil  time.Time // for the whole response, absolute; zero: none
	readArmed   time.Time // what is set on the connection
	writeArmed  time.Time
	ownRead     bool // the handler has set a deadline of its own, for this exchange
	ownWrite    bool
	ownReadAt   time.Time
	ownWriteAt  time.Time
	interrupted atomic.Bool // reads are to fail at once
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

// beginIdle starts the wait for the next request.
func (d *deadlines) beginIdle(atHand bool) {
	d.phase, d.headUntil = inWait, time.Time{}
	if !atHand {
		d.waitUntil = later(time.Now(), d.idle)
	}
}

// beginBody starts an exchange, its head having been read.
func (d *deadlines) beginBody() {
	d.phase, d.ownRead, d.ownWrite = inBody, false, false
	d.bodyUntil, d.writeUntil = time.Time{}, time.Time{}
	if d.request > 0 || d.response > 0 {
		now := time.Now()
		if d.bodyUntil = later(now, d.request); d.request > 0 && !d.headUntil.IsZero() && d.head > 0 {
			d.bodyUntil = d.headUntil.Add(d.request - d.head) // it began with the head
		}
		d.writeUntil = later(now, d.response)
	}
}

// beginDrain starts the drain of a body.
func (d *deadlines) beginDrain() {
	d.phase, d.drainUntil = inDrain, time.Now().Add(drainTime)
}

// readUntil returns how long the next read may take.
func (d *deadlines) readUntil() time.Time {
	switch d.phase {
	case inWait:
		return d.waitUntil
	case inHead:
		if d.headUntil.IsZero() {
			d.headUntil = later(time.Now(), d.head)
			if d.request > 0 {
				d.headUntil = earlier(d.headUntil, later(time.Now(), d.request))
			}
		}
		return d.headUntil
	case inBody:
		if d.ownRead {
			return d.ownReadAt
		}
		return earlier(later(time.Now(), d.bodyIdle), d.bodyUntil)
	}
	return d.drainUntil
}

// armRead sees to it that a read of c ends at until at the latest.
func (d *deadlines) armRead(c net.Conn, until time.Time) {
	if d.readArmed.Equal(until) || !until.IsZero() && !d.readArmed.IsZero() && d.readArmed.Before(until) {
		return
	}
	d.readArmed = until
	_ = c.SetReadDeadline(until)
}

// disarmRead takes the deadline of reads off c, whatever it is.
func (d *deadlines) disarmRead(c net.Conn) {
	d.readArmed = time.Time{}
	_ = c.SetReadDeadline(time.Time{})
}

// armWrite sees to it that a write to c ends at until, or at most a quarter of the progress limit earlier.
func (d *deadlines) armWrite(c net.Conn, until time.Time) {
	if d.writeArmed.Equal(until) ||
		!until.IsZero() && d.writeArmed.Before(until) && d.writeArmed.After(until.Add(-d.writeIdle/4)) {
		return
	}
	d.writeArmed = until
	_ = c.SetWriteDeadline(until)
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
	until := d.readUntil()
	for {
		d.armRead(c.rwc, until)
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
		if !errors.Is(err, os.ErrDeadlineExceeded) || d.interrupted.Load() ||
			!until.IsZero() && !time.Now().Before(until) {
			return 0, err
		}
		d.disarmRead(c.rwc)
	}
}

// interrupt makes a read that is under way fail, and all later ones.
func (c *conn) interrupt() {
	c.clock.interrupted.Store(true)
	_ = c.rwc.SetReadDeadline(longAgo)
}

// writeDeadline returns how long the next write may take without progress, and the time at which it ends in any case.
func (d *deadlines) writeDeadline() (until, last time.Time) {
	if d.ownWrite {
		return d.ownWriteAt, d.ownWriteAt
	}
	return earlier(later(time.Now(), d.writeIdle), d.writeUntil), d.writeUntil
}

// Write writes to the connection for the output.
func (c *conn) Write(p []byte) (n int, err error) {
	for {
		piece := p[n:]
		if c.tls != nil && len(piece) > tlsPiece {
			piece = piece[:tlsPiece]
		}
		m, again, err := c.writeOnce(func() (int64, error) {
			m, err := c.rwc.Write(piece)
			return int64(m), err
		})
		if n += int(m); n == len(p) || !again {
			return n, err
		}
	}
}

// tlsPiece is how much is written to a TLS connection at a time: a write that has timed out can't be continued there,
// so each piece gets its own time.
const tlsPiece = 64 << 10

// writeVector writes several pieces, in one system call where the connection can.
func (c *conn) writeVector(v *net.Buffers) error {
	if c.tls != nil {
		for _, p := range *v {
			if _, err := c.Write(p); err != nil {
				return err
			}
		}
		return nil
	}
	for {
		_, again, err := c.writeOnce(func() (int64, error) { return v.WriteTo(c.rwc) })
		if len(*v) == 0 || !again {
			return err
		}
	}
}

// sendFile writes what src yields of a file by sendfile.
func (c *conn) sendFile(src *io.LimitedReader) (n int64, err error) {
	to := c.rwc.(io.ReaderFrom)
	for {
		left := src.N
		m, again, err := c.writeOnce(func() (int64, error) { return to.ReadFrom(src) })
		n += m
		if err == nil || !again || left-src.N != m {
			return n, err
		}
	}
}

// writeOnce writes once under the deadline that holds now. A write that has timed out goes on if it has made progress,
// or if the deadline on the connection was an earlier one: again says so.
func (c *conn) writeOnce(write func() (int64, error)) (n int64, again bool, err error) {
	d := &c.clock
	until, last := d.writeDeadline()
	d.armWrite(c.rwc, until)
	n, err = write()
	switch {
	case err == nil:
		return n, true, nil
	case c.tls != nil || !errors.Is(err, os.ErrDeadlineExceeded):
		return n, false, err
	}
	now := time.Now()
	if !last.IsZero() && !now.Before(last) || n == 0 && !now.Before(until) {
		return n, false, err
	}
	d.writeArmed = time.Time{}
	return n, true, err
}

// SetReadDeadline sets the time at which reads of this request's body fail, in place of the server's own limits; the
// zero Time means never. It holds until the handler returns.
func (w *Response) SetReadDeadline(t time.Time) error {
	if w.conn == nil {
		return errNoConn
	}
	if err := w.ready("SetReadDeadline"); err != nil {
		return err
	}
	d := &w.conn.clock
	d.ownRead, d.ownReadAt, d.readArmed = true, t, t
	return w.conn.rwc.SetReadDeadline(t)
}

// SetWriteDeadline sets the time at which writes of this response fail, in place of the server's own limits; the zero
// Time means never. It holds until the handler returns.
func (w *Response) SetWriteDeadline(t time.Time) error {
	if w.conn == nil {
		return errNoConn
	}
	if err := w.ready("SetWriteDeadline"); err != nil {
		return err
	}
	d := &w.conn.clock
	d.ownWrite, d.ownWriteAt, d.writeArmed = true, t, t
	return w.conn.rwc.SetWriteDeadline(t)
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
