package nethttp

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"sync"

	"github.com/seed-489864d5/h1"
)

// A body is the Body of one *http.Request.
type body struct {
	ctx *requestContext
	req *http.Request // whose Trailer is filled in

	mu      sync.Mutex
	src     io.ReadCloser
	left    int64  // octets of content still to come from src; negative: not known
	ahead   []byte // octets read from src and not given out yet
	err     error  // what src has ended with; given out behind ahead
	trailer http.Header
	touched bool // a read of src has begun
	closed  bool
}

// Read reads content. Errors: io.EOF at the end; io.ErrUnexpectedEOF where the connection ended first;
// http.ErrBodyReadAfterClose after Close and after the handler has returned; an *http.MaxBytesError, which is
// h1.ErrBodyTooLarge as well, beyond the server's limit; os.ErrDeadlineExceeded, which is h1.ErrBodyTimeout as well;
// an *h1.ProtocolError for malformed chunks; those of the connection.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case len(p) == 0:
		return 0, nil
	case len(b.ahead) > 0:
		n := copy(p, b.ahead)
		if b.ahead = b.ahead[n:]; len(b.ahead) == 0 {
			b.ahead = nil
		}
		return n, nil
	case b.err != nil:
		b.handTrailer()
		return 0, b.err
	}
	n, err := b.readSource(p)
	if err == io.EOF {
		b.handTrailer()
	}
	return n, err
}

// readSource reads from the connection and keeps its error.
func (b *body) readSource(p []byte) (int, error) {
	b.touched = true
	n, err := b.src.Read(p)
	if b.left > 0 {
		b.left -= int64(n)
	}
	if err != nil {
		b.err = bodyError(err)
	}
	if err == io.EOF {
		b.trailer = b.ctx.trailer()
	}
	return n, b.err
}

// handTrailer gives the request its trailer section, whether it was announced or not.
func (b *body) handTrailer() {
	if b.trailer == nil {
		return
	}
	if b.req.Trailer == nil {
		b.req.Trailer = b.trailer
	} else {
		maps.Copy(b.req.Trailer, b.trailer)
	}
	b.trailer = nil
}

// Close makes further reads fail. What is unread is drained by the connection, or ends it.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.ahead = true, nil
	return b.src.Close()
}

// maxAhead is how much of a body is kept in memory for a handler that reads it after the response has begun. net/http
// reads as much before it writes a head, and throws it away.
const maxAhead = 256 << 10

// readAhead reads the rest of the body into memory if that takes maxAhead octets at most, and reports whether it was
// all. Where it is known to be more, nothing is read. b.mu is held.
func (b *body) readAhead() bool {
	if b.left > maxAhead {
		return false
	}
	size := int64(4 << 10)
	if b.left > 0 {
		size = b.left
	}
	data := make([]byte, 0, size)
	for b.err == nil && len(data) < maxAhead {
		if len(data) == cap(data) {
			grown := make([]byte, len(data), min(2*cap(data), maxAhead))
			copy(grown, data)
			data = grown
		}
		n, _ := b.readSource(data[len(data):cap(data)])
		data = data[:len(data)+n]
	}
	b.ahead = data
	return b.err != nil
}

// bodyError is err in the terms of net/http.
func bodyError(err error) error {
	switch {
	case err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF // itself, because it is often compared by ==
	case errors.Is(err, h1.ErrBodyClosed):
		return http.ErrBodyReadAfterClose
	case errors.Is(err, h1.ErrBodyTooLarge):
		return &twofoldError{err, &http.MaxBytesError{Limit: -1}}
	case errors.Is(err, h1.ErrBodyTimeout):
		return &twofoldError{err, os.ErrDeadlineExceeded}
	}
	return err
}

// A twofoldError is an error of h1 that is one of net/http, too.
type twofoldError struct {
	error       // of h1; gives the text
	also  error // of the standard library
}

// Unwrap returns both.
func (e *twofoldError) Unwrap() []error { return []error{e.error, e.also} }
