package nethttp

import (
	"bufio"
	"net"
	"net/http"
	"time"

	"github.com/seed-489864d5/h1"
)

// Hijack takes the connection over. If WriteHeader was called, that head is sent first, with no more framing than the
// handler has set: 101 for a protocol switch, 200 for CONNECT. Content that was written before is not. Once a head
// has been sent by other means, the error is h1.ErrCommitted. See h1.Response.Hijack.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	switch {
	case w.resp == nil:
		return nil, nil, h1.ErrFinished
	case w.hijacked:
		return nil, nil, http.ErrHijacked
	case w.committed:
		return nil, nil, h1.ErrCommitted
	}
	var head []byte
	if w.status != 0 {
		var err error
		if head, err = w.bareHead(); err != nil {
			return nil, nil, err
		}
	}
	conn, rw, err := w.resp.Hijack()
	if err != nil {
		return nil, nil, stdError(err)
	}
	w.hijacked = true
	w.unhold()
	if _, err := conn.Write(head); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return conn, rw, nil
}

// bareHead returns the head that WriteHeader has asked for.
func (w *responseWriter) bareHead() ([]byte, error) {
	var h h1.Header
	for name, value := range w.resp.Header().All() {
		if w.mayHaveContent() || http.CanonicalHeaderKey(name) != "Content-Length" {
			h.Add(name, value)
		}
	}
	if !h.Has("Date") {
		h.Add("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	if h.Has("Upgrade") {
		h.Add("Connection", "upgrade")
	}
	return h1.AppendResponseHead(nil, w.status, &h)
}
