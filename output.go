package h1

import (
	"io"
	"net"
)

// An output is the buffered way to the peer, the last stage of a response. All of a message passes through it in
// order; large pieces go past the buffer without being copied. The first error sticks, and nothing is written
// after it.
type output struct {
	dst io.Writer
	buf *buffer // nil until something is written
	err error

	vector [2][]byte // for writev
	queue  net.Buffers
}

// A vectorWriter writes several pieces in one call.
type vectorWriter interface {
	writeVector(*net.Buffers) error
}

// room returns the buffer to append a head or chunk framing to. What was appended is given back with took.
func (o *output) room() []byte {
	if o.buf == nil {
		o.buf = getBuffer()
	}
	return o.buf.b
}

// took takes the buffer that room gave, with what was appended to it.
func (o *output) took(b []byte) error {
	o.buf.b = b
	if len(b) >= bufferSize {
		return o.flush()
	}
	return o.err
}

// write writes p. It is copied if it fits beside what is waiting, else both go out in one call.
func (o *output) write(p []byte) error {
	if o.err != nil {
		return o.err
	}
	b := o.room()
	if len(b)+len(p) <= bufferSize {
		o.buf.b = append(b, p...)
		return nil
	}
	if len(b) == 0 {
		_, o.err = o.dst.Write(p)
		return o.err
	}
	if v, ok := o.dst.(vectorWriter); ok {
		o.vector = [2][]byte{b, p}
		o.queue = o.vector[:]
		o.err = v.writeVector(&o.queue)
		o.vector, o.queue = [2][]byte{}, nil
		o.buf.b = b[:0]
		return o.err
	}
	if o.flush() == nil {
		_, o.err = o.dst.Write(p)
	}
	return o.err
}

// flush writes what is waiting.
func (o *output) flush() error {
	if o.err != nil || o.buf == nil || len(o.buf.b) == 0 {
		return o.err
	}
	_, o.err = o.dst.Write(o.buf.b)
	o.buf.b = o.buf.b[:0]
	return o.err
}

// release gives the buffer back to the pool.
func (o *output) release() {
	if o.buf != nil {
		o.buf.put()
		o.buf = nil
	}
}
