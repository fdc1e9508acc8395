package wiretest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// PipeBuffer is how many octets each direction of a Pipe holds before a Write blocks.
const PipeBuffer = 64 << 10

// Conn is one end of a connection in memory that behaves as a TCP connection does where it matters
// to HTTP: the directions are closed one at a time, writes run ahead of reads, and an orderly close
// differs from a reset. It blocks on a sync.Cond and its deadlines are time.AfterFunc's, so it may be
// used in a testing/synctest bubble.
//
// A Read never returns octets of two Writes: the writer decides how its octets are cut.
//
// Like the worst of networks, a reset takes from the peer even what has arrived but was not yet read.
// A reset happens on Reset, on Close after SetLinger(0), and on Close while received octets are
// unread; a server that doesn't drain before it closes therefore loses its response.
type Conn struct {
	in, out       *stream // in is read by this end and written by the other
	local, remote net.Addr

	mu     sync.Mutex
	abort  bool // SetLinger(0): Close resets
	closed bool
}

// A stream is one direction of a connection. The conditions under which its two ends wait are
// changed only under mu, and each change is broadcast.
type stream struct {
	mu       sync.Mutex
	changed  sync.Cond
	segments []string // written and not yet read, one for each Write; none is empty
	held     int      // octets in segments
	limit    int
	eof      bool  // the writer is done
	readErr  error // why Read fails for good, apart from eof
	writeErr error // why Write fails for good
	readBy   deadline
	writeBy  deadline
}

// Pipe returns the two ends of a connection with PipeBuffer octets of room in each direction.
func Pipe() (client, server *Conn) { return PipeSize(PipeBuffer) }

// PipeSize is Pipe with room for n octets in each direction.
func PipeSize(n int) (client, server *Conn) {
	up, down := newStream(n), newStream(n)
	clientAddr := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1234}
	serverAddr := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 80}
	client = &Conn{in: down, out: up, local: clientAddr, remote: serverAddr}
	server = &Conn{in: up, out: down, local: serverAddr, remote: clientAddr}
	return client, server
}

func newStream(limit int) *stream {
	s := &stream{limit: limit}
	s.changed.L = &s.mu
	return s
}

// Read returns octets of one Write of the peer. Its errors are io.EOF, net.ErrClosed,
// os.ErrDeadlineExceeded and syscall.ECONNRESET.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write blocks while the peer has too much unread. Its errors are net.ErrClosed,
// os.ErrDeadlineExceeded, syscall.EPIPE and syscall.ECONNRESET.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p) }

// CloseWrite ends the outgoing direction: the peer reads io.EOF after what was written.
func (c *Conn) CloseWrite() error { return c.out.finish() }

// Close ends both directions: in good order, or by a reset, as the type comment says.
func (c *Conn) Close() error {
	c.mu.Lock()
	abort, closed := c.abort, c.closed
	c.closed = true
	c.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	if unread := c.in.closeRead(syscall.EPIPE); unread || abort {
		c.reset()
	} else {
		c.out.finish()
		c.out.failWrites(net.ErrClosed)
	}
	c.in.readBy.set(c.in, time.Time{})
	c.out.writeBy.set(c.out, time.Time{})
	return nil
}

// Reset cuts the connection: the peer gets syscall.ECONNRESET at once.
func (c *Conn) Reset() {
	c.SetLinger(0)
	c.Close()
}

func (c *Conn) reset() {
	c.in.failWrites(syscall.ECONNRESET) // the peer's writes
	c.out.cut()
	c.out.failWrites(net.ErrClosed)
}

// SetLinger with 0 makes Close a reset, as (*net.TCPConn).SetLinger does; any other value undoes it.
func (c *Conn) SetLinger(sec int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.abort = sec == 0
	return nil
}

func (c *Conn) LocalAddr() net.Addr  { return c.local }
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *Conn) SetReadDeadline(t time.Time) error  { return c.setDeadline(c.in, &c.in.readBy, t) }
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(c.out, &c.out.writeBy, t) }

func (c *Conn) setDeadline(s *stream, d *deadline, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	d.set(s, t)
	return nil
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readErr != nil:
			return 0, s.readErr
		case s.readBy.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(s.segments) > 0:
			n := copy(p, s.segments[0])
			if s.segments[0] = s.segments[0][n:]; s.segments[0] == "" {
				s.segments = s.segments[1:]
			}
			s.held -= n
			s.changed.Broadcast()
			return n, nil
		case s.eof:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch room := s.limit - s.held; {
		case s.writeErr != nil:
			return n, s.writeErr
		case s.eof:
			return n, syscall.EPIPE // after CloseWrite
		case s.writeBy.passed:
			return n, os.ErrDeadlineExceeded
		case len(p) == 0:
			return n, nil
		case room > 0:
			k := min(room, len(p))
			s.segments = append(s.segments, string(p[:k]))
			s.held += k
			n, p = n+k, p[k:]
			s.changed.Broadcast()
		default:
			s.changed.Wait()
		}
	}
}

// finish lets the reader see io.EOF after what was written.
func (s *stream) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writeErr != nil {
		return s.writeErr
	}
	s.eof = true
	s.changed.Broadcast()
	return nil
}

// closeRead ends reading by this end; the peer's writes fail with err. It reports whether octets
// were unread.
func (s *stream) closeRead(err error) (unread bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unread = s.held > 0
	s.segments, s.held = nil, 0
	s.readErr = net.ErrClosed
	if s.writeErr == nil {
		s.writeErr = err
	}
	s.changed.Broadcast()
	return unread
}

// cut takes from the reader what is unread and gives it a reset.
func (s *stream) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.segments, s.held = nil, 0
	if s.readErr == nil {
		s.readErr = syscall.ECONNRESET
	}
	s.changed.Broadcast()
}

func (s *stream) failWrites(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writeErr = err
	s.changed.Broadcast()
}

// A deadline is the time after which the reads, or the writes, of a stream fail. The mutex of that
// stream guards it.
type deadline struct {
	passed bool
	timer  *time.Timer
	gen    int // counts the calls of set, so that a timer which fires late is known as stale
}

func (d *deadline) set(s *stream, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.gen++
	d.passed = false
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.passed = true
		s.changed.Broadcast()
		return
	}
	mine := d.gen
	d.timer = time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.gen == mine {
			d.passed = true
			s.changed.Broadcast()
		}
	})
}
