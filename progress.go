package h1

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A progress follows a write that goes on, after a timeout, as long as the peer takes octets at all.
type progress struct {
	idle  time.Duration // without an octet; 0: no limit
	since time.Time     // of the latest octet
	tried bool
}

// lastTry is how long a write is tried once more when the limit has passed. The kernel wakes a writer only when a good
// part of its buffer is free, so that a slow peer may have taken octets all the time.
const lastTry = 10 * time.Millisecond

// goesOn decides about a write that has ended with err after n octets. last is when it must end in any case.
func (p *progress) goesOn(n int64, err error, last time.Time) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || passed(last) {
		return false
	}
	switch now := time.Now(); {
	case n > 0:
		p.since, p.tried = now, false
	case p.idle > 0 && now.Sub(p.since) >= p.idle:
		if p.tried {
			return false
		}
		p.tried, p.since = true, now.Add(lastTry-p.idle)
	}
	return true
}

// Write writes to the connection for the output.
func (c *conn) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		piece := p[n:]
		if c.tls != nil && !c.steadyTLS && len(piece) > tlsPiece {
			piece = piece[:tlsPiece]
		}
		var m int64
		m, err = c.write(func() (int64, error) {
			m, err := c.rwc.Write(piece)
			piece = piece[m:]
			return int64(m), err
		})
		n += int(m)
	}
	return n, err
}

// tlsPiece is how much is written at a time to a TLS connection that the library did not make: a write that has timed
// out can't be continued there, so each piece gets its own time.
const tlsPiece = 64 << 10

// writeVector writes several pieces, in one system call where the connection can.
func (c *conn) writeVector(v *net.Buffers) error {
	if c.tls == nil {
		_, err := c.write(func() (int64, error) { return v.WriteTo(c.rwc) })
		return err
	}
	for _, p := range *v {
		if _, err := c.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// sendFile writes what src yields of a file by sendfile.
func (c *conn) sendFile(src *io.LimitedReader) (n int64, err error) {
	to := c.rwc.(io.ReaderFrom)
	n, err = c.write(func() (int64, error) {
		left := src.N
		m, err := to.ReadFrom(src)
		if left-src.N != m {
			err = io.ErrShortWrite // octets were read that are not written: this can't go on
		}
		return m, err
	})
	if err != nil && c.out.err == nil {
		c.out.err = err
	}
	return n, err
}

// write calls write, which is to write what it has not written yet, until it has succeeded or no progress is made.
func (c *conn) write(write func() (int64, error)) (n int64, err error) {
	d := &c.clock
	p := progress{idle: d.writeIdle, since: time.Now()}
	for {
		last := d.armWrite(c.rwc, p.since, c.steadyTLS)
		m, err := write()
		if n += m; err == nil || c.tls != nil || !p.goesOn(m, err, last) {
			return n, err
		}
		d.mu.Lock()
		d.writeArmed = longAgo
		d.mu.Unlock()
	}
}

// A steadyConn is what ServeTLS puts beneath TLS: its writes go on as long as they make progress, which a write of a TLS
// connection itself can't after a timeout.
type steadyConn struct {
	net.Conn
	idle time.Duration
	mu   sync.Mutex
	last time.Time // what SetWriteDeadline has set
}

// Write writes to the connection.
func (c *steadyConn) Write(b []byte) (n int, err error) {
	p := progress{idle: c.idle, since: time.Now()}
	for {
		c.mu.Lock()
		last := c.last
		_ = c.Conn.SetWriteDeadline(earlier(later(p.since, c.idle), last))
		c.mu.Unlock()
		m, err := c.Conn.Write(b[n:])
		if n += m; err == nil || !p.goesOn(int64(m), err, last) {
			return n, err
		}
	}
}

// SetWriteDeadline sets the time at which writes end in any case.
func (c *steadyConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = t
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline sets the time at which reads and writes end.
func (c *steadyConn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// NetConn returns the connection itself.
func (c *steadyConn) NetConn() net.Conn { return c.Conn }

// beneath returns the connection that TLS is spoken over.
func beneath(c *tls.Conn) net.Conn {
	if s, ok := c.NetConn().(*steadyConn); ok {
		return s.Conn
	}
	return c.NetConn()
}

// A steadyListener makes TLS connections over steadyConns.
type steadyListener struct {
	net.Listener
	config *tls.Config
	idle   time.Duration
}

// Accept accepts a connection. The handshake is still to come.
func (l *steadyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(&steadyConn{Conn: c, idle: l.idle}, l.config), nil
}
