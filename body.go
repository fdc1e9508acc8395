package h1

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// emptyBody is the Body of a request without content.
type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }

// A bodyHandle is the Body of one request. It is all that a handler can hold of the body's machinery, and once
// shut it holds nothing: late reads fail and never see octets of the next request.
type bodyHandle struct {
	mu sync.Mutex
	s  *bodyStream // nil once shut
}

// Read reads content. See Request.Body.
func (h *bodyHandle) Read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.s == nil || h.s.barred.Load() {
		return 0, ErrBodyClosed
	}
	return h.s.read(p)
}

// Close makes further reads fail. What is unread is drained behind the handler's back, or the connection closes.
func (h *bodyHandle) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.s = nil
	return nil
}

// A bodyStream reads the body of the request at hand under its framing (RFC 9112 §6.3). It never takes octets
// beyond the body's end. There is one for each Reader.
type bodyStream struct {
	r       *Reader
	q       *Request
	handle  *bodyHandle
	kind    FramingKind
	left    int64 // octets of content still to come, for FixedLength
	most    int64 // bound on the octets of content
	expects bool  // the client waits for 100 Continue
	touched bool  // a read has begun
	atHand  bool  // only what is in the input buffer is to be read
	done    bool  // all has been read, the trailer section too
	err     error // sticks: what the body failed with, or io.EOF
	decoder ChunkedDecoder

	barred atomic.Bool // the response has begun, and the exchange is not full duplex
}

// begin makes s ready for the body of q and gives q its Body.
func (s *bodyStream) begin(q *Request) {
	s.q, s.kind, s.left = q, q.framing.Kind, q.framing.Length
	s.expects, s.touched, s.err = q.expects, false, nil
	s.done = s.kind == NoBody || s.kind == FixedLength && s.left == 0
	s.setMost(s.r.lim.maxRequest())
	s.handle = nil
	s.barred.Store(false)
	q.body = s
	if s.done {
		s.err = io.EOF
		q.Body = emptyBody{}
		return
	}
	s.handle = &bodyHandle{s: s}
	q.Body = s.handle
}

// setMost bounds head and content together to n octets; noLimit or a negative number means no bound.
func (s *bodyStream) setMost(n int64) {
	if s.most = noLimit; n >= 0 && n < noLimit {
		s.most = n - int64(len(s.q.raw))
	}
}

// end shuts the handle, so that nothing reads the body but the drain. A read that is under way in another goroutine
// is made to fail by interrupt; end reports whether there was one.
func (s *bodyStream) end(interrupt func()) (interrupted bool) {
	h := s.handle
	if h == nil {
		return false
	}
	if interrupted = !h.mu.TryLock(); interrupted {
		interrupt()
		h.mu.Lock()
	}
	h.s = nil
	h.mu.Unlock()
	s.handle = nil
	return interrupted
}

// read is Read for the handle.
func (s *bodyStream) read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !s.touched {
		if err := s.touch(); err != nil {
			return 0, s.fail(err)
		}
	}
	if s.kind == Chunked {
		return s.readChunked(p)
	}
	return s.readFixed(p)
}

// touch does what comes with the first read: a declared length above the limit is refused before anything of it is
// asked for (RFC 9110 §15.5.14), and a client that waits is told to go on (§10.1.1).
func (s *bodyStream) touch() error {
	s.touched = true
	if s.kind == FixedLength && s.left > s.most {
		return errBodyTooLarge
	}
	if s.kind == Chunked {
		s.decoder.reset(s.r.lim, s.most)
	}
	if s.expects && s.r.buffered() == 0 && s.q.conn != nil {
		return s.q.conn.sendContinue()
	}
	return nil
}

// readFixed reads a body of known length.
func (s *bodyStream) readFixed(p []byte) (int, error) {
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.r.read(p)
	if s.left -= int64(n); s.left == 0 {
		return n, s.complete()
	}
	if err != nil {
		err = s.fail(err)
	}
	return n, err
}

// readChunked reads a chunked body. Chunk data that isn't in the buffer yet goes straight to p if it is large.
func (s *bodyStream) readChunked(p []byte) (int, error) {
	d := &s.decoder
	for {
		if d.state == inChunkData && s.r.buffered() == 0 && len(p) >= directRead && !s.atHand {
			n, err := s.r.read(p[:min(int64(len(p)), d.left)])
			d.taken += int64(n)
			if d.advance(int64(n)); err != nil {
				err = s.fail(err)
			}
			return n, err
		}
		n, taken, err := d.Decode(p, s.r.peek())
		s.r.skip(taken)
		switch {
		case err == io.EOF:
			s.q.Trailer.fields = append(s.q.Trailer.fields[:0], d.trailer.fields...)
			return n, s.complete()
		case err != nil:
			return n, s.fail(err)
		case n > 0:
			return n, nil
		}
		if s.atHand {
			return 0, nil
		}
		if err := s.r.fill(); err != nil {
			return 0, s.fail(err)
		}
	}
}

// complete notes that the body is at its end.
func (s *bodyStream) complete() error {
	s.done, s.err = true, io.EOF
	if s.q.conn != nil {
		s.q.conn.bodyDone()
	}
	return io.EOF
}

// fail makes err stick: whatever comes later, the place in the stream is lost.
func (s *bodyStream) fail(err error) error {
	switch {
	case err == io.EOF:
		err = errBodyEnd
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errBodyTimeout
	}
	s.err = err
	return err
}

// drain reads what is left of the body, at most most octets of it, and reports whether that was all. With wait unset
// it looks only at what is already in the input buffer. The framing is verified like in any read.
func (s *bodyStream) drain(most int64, wait bool) bool {
	if s.kind == FixedLength && s.left > most {
		return s.done
	}
	if !s.done && s.err == nil && !s.touched {
		s.touched = true
		if s.most = noLimit; s.kind == Chunked {
			s.decoder.reset(s.r.lim, s.most)
		}
	}
	s.atHand = !wait
	defer func() { s.atHand = false }()
	var b *buffer
	for s.err == nil {
		if !wait && s.r.buffered() == 0 {
			break
		}
		if b == nil {
			b = getBuffer()
			defer b.put()
		}
		n, err := s.read(b.b[:cap(b.b)])
		if most -= int64(n); err == nil && most < 0 {
			break
		}
	}
	return s.done
}

// certainlyUnread reports whether so much of the body is still to come that it won't be drained.
func (s *bodyStream) certainlyUnread() bool {
	if s.err != nil && s.err != io.EOF {
		return true
	}
	return s.kind == FixedLength && s.left-int64(s.r.buffered()) > drainBytes
}

// How much of an unread body is read so that the connection can go on, and for how long at most. Beyond it the
// connection closes: 256 KiB cost less than a new connection, and half a second bounds what a client that pauses
// can hold.
const (
	drainBytes = 256 << 10
	drainTime  = 500 * time.Millisecond
)

// directRead is the size from which a read goes past the input buffer.
const directRead = 1 << 10
