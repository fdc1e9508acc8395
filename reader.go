package h1

import (
	"io"
	"sync"
)

// A Reader reads one request after another from a stream: heads through Request.Parse, bodies through Request.Body.
// Its input buffer comes from a pool and grows with the head at hand, bounded by the limits.
type Reader struct {
	src         io.Reader
	lim         *Limits
	defaultHost string
	in          *buffer // nil until there is something to read
	off         int     // in.b[off:] is unread
	err         error   // of src; sticks, and is given when the buffer is used up
	body        bodyStream
}

var readers = sync.Pool{New: func() any { return new(Reader) }}

// NewReader returns a Reader of the requests in r, from a pool. lim may be nil; it is kept and must not be changed
// while the Reader is used.
func NewReader(r io.Reader, lim *Limits) *Reader {
	rd := readers.Get().(*Reader)
	rd.reset(r, lim, "")
	return rd
}

// reset makes r ready for another stream.
func (r *Reader) reset(src io.Reader, lim *Limits, defaultHost string) {
	if lim == nil {
		lim = &ordinary
	}
	decoder := r.body.decoder
	*r = Reader{src: src, lim: lim, defaultHost: defaultHost}
	r.body.r = r
	r.body.decoder = decoder
}

// Release gives the Reader and its buffer back to the pool. Neither it nor a Body that it made may be used
// afterwards; the strings of its Requests may.
func (r *Reader) Release() {
	r.body.end(func() {})
	if q := r.body.q; q != nil && q.body == &r.body {
		q.body = nil
	}
	r.body.q = nil
	r.release()
	r.src = nil
	readers.Put(r)
}

// release gives the input buffer back to the pool, unread octets with it.
func (r *Reader) release() {
	if r.in != nil {
		r.in.put()
		r.in, r.off = nil, 0
	}
}

// ReadRequest reads the next request head into q, which it overwrites, and gives q its Body. What is unread of the
// body of the request before is drained first, 256 KiB at most.
//
// The error is io.EOF when the stream ends between requests, a *ProtocolError for a request that is refused, of
// which errors.Is(err, io.ErrUnexpectedEOF) tells that the stream ended inside it, and otherwise that of the stream,
// unchanged. After any error no further request can be read.
func (r *Reader) ReadRequest(q *Request) error {
	r.body.end(func() {})
	if r.body.err == nil && r.body.q != nil && !r.body.drain(drainBytes, true) || r.body.err != nil && r.body.err != io.EOF {
		return errUnread
	}
	return r.readHead(q)
}

// readHead reads a request head. The body before it must be at its end.
func (r *Reader) readHead(q *Request) error {
	q.head.phase = headDone
	for {
		if b := r.peek(); len(b) > 0 {
			n, err := q.parse(b, r.lim, r.defaultHost)
			if err == nil {
				r.skip(n)
				r.body.begin(q)
				return nil
			}
			if err != ErrIncomplete {
				return err
			}
		}
		if err := r.fill(); err != nil {
			if err != io.EOF {
				return err
			}
			if q.head.begun() {
				return errHeadEnd.at(int64(r.buffered()))
			}
			return io.EOF // an empty line is no request
		}
	}
}

// begun reports whether an octet of a request line has come.
func (p *headScan) begun() bool { return p.phase > inMethod || p.phase == inMethod && p.off > p.start }

// peek returns the unread octets in the buffer.
func (r *Reader) peek() []byte {
	if r.in == nil {
		return nil
	}
	return r.in.b[r.off:]
}

// buffered returns how many octets are unread in the buffer.
func (r *Reader) buffered() int { return len(r.peek()) }

// skip takes n octets off the buffer.
func (r *Reader) skip(n int) {
	if r.in == nil {
		return
	}
	if r.off += n; r.off == len(r.in.b) {
		r.in.b, r.off = r.in.b[:0], 0
		if cap(r.in.b) > pooledBytes {
			r.release()
		}
	}
}

// fill reads once from the stream into the buffer, behind what is unread. It is, with read, the only caller of the
// stream.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	r.makeRoom()
	b := r.in.b
	n, err := r.readSource(b[len(b):cap(b)])
	r.in.b = b[:len(b)+n]
	if n > 0 {
		return nil
	}
	return err
}

// unread puts an octet that came from the stream behind those in the buffer.
func (r *Reader) unread(c byte) {
	r.makeRoom()
	r.in.b = append(r.in.b, c)
}

// makeRoom sees to it that the buffer has room for more: it moves the unread octets to the front, or grows when they
// fill most of it.
func (r *Reader) makeRoom() {
	if r.in == nil {
		r.in = getBuffer()
	}
	if b := r.in.b; len(b) == cap(b) {
		if unread := len(b) - r.off; unread <= cap(b)/2 {
			r.in.b = b[:copy(b[:cap(b)], b[r.off:])]
		} else {
			grown := &buffer{make([]byte, unread, 2*cap(b))}
			copy(grown.b, b[r.off:])
			r.in.put()
			r.in = grown
		}
		r.off = 0
	}
}

// read reads body octets: what is buffered, else from the stream straight into p if it is large.
func (r *Reader) read(p []byte) (int, error) {
	if r.buffered() == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if len(p) >= directRead {
			n, err := r.readSource(p)
			if n > 0 {
				err = nil
			}
			return n, err
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.peek())
	r.skip(n)
	return n, nil
}

// readSource reads from the stream until it gives an octet or an error, and keeps the error.
func (r *Reader) readSource(p []byte) (int, error) {
	for range 100 {
		n, err := r.src.Read(p)
		if err != nil {
			r.err = err
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	r.err = io.ErrNoProgress
	return 0, r.err
}
