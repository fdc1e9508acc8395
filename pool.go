package h1

import (
	"bufio"
	"sync"
)

// What is pooled across connections is memory that no user code can hold: input buffers, output buffers and the
// writers in front of them. Requests and Responses stay with their connection. A buffer that has grown for one large
// head is let go, so that what a pool keeps is bounded by the number of connections that were busy at once.
const (
	bufferSize  = 4 << 10  // of an input or output buffer as it is made
	pooledBytes = 16 << 10 // the largest buffer that is kept
	handlerSize = 2 << 10  // what a handler may write before the head has to go out
)

// A buffer is pooled memory. It is handed round by pointer so that putting it back allocates nothing.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 0, bufferSize)} }}

// getBuffer returns an empty buffer with room for at least bufferSize octets.
func getBuffer() *buffer {
	b := buffers.Get().(*buffer)
	b.b = b.b[:0]
	return b
}

// put gives b back. Nothing may use it afterwards; race builds overwrite it, so that late use shows.
func (b *buffer) put() {
	poison(b.b)
	if cap(b.b) <= pooledBytes {
		buffers.Put(b)
	}
}

var handlerBuffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, handlerSize) }}

// poison overwrites memory that nobody should look at any more, in race builds.
func poison(b []byte) {
	if !raceBuild {
		return
	}
	b = b[:cap(b)]
	for i := range b {
		b[i] = 0xdb
	}
}
