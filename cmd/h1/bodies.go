package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"github.com/seed-489864d5/h1"
)

// The paths that read a request's body. When it can't be read and nothing has been answered yet, they return and the
// library answers with the status of the fault: 400, 408 or 413.

// serveDump answers with the request as it was understood.
func serveDump(w *h1.Response, q *h1.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	v := newView(q)
	v.setBody(body, &q.Trailer)
	answerJSON(w, v)
}

// serveUpload answers with the size and the SHA-256 of the body, however large it is.
func (s *site) serveUpload(w *h1.Response, q *h1.Request) {
	q.SetMaxBytes(s.maxUpload)
	sum := sha256.New()
	n, err := io.Copy(sum, q.Body)
	if err != nil {
		return
	}
	answerJSON(w, struct {
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	}{n, hex.EncodeToString(sum.Sum(nil))})
}

// serveEcho sends the body back as it comes, so that a client may wait for the start before it sends the end.
func serveEcho(w *h1.Response, q *h1.Request) {
	if err := w.EnableFullDuplex(); err != nil {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if t := q.Header.Get("Content-Type"); t != "" {
		h.Set("Content-Type", t)
	}
	// The type is the client's choice, and a page elsewhere may have chosen it: a document made here may do nothing.
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	if q.ContentLength >= 0 {
		h.Set("Content-Length", strconv.FormatInt(q.ContentLength, 10))
	}

	buf := make([]byte, 32<<10)
	for begun := false; ; begun = true {
		n, err := q.Body.Read(buf)
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			if begun {
				w.Abort() // so that the client can't take it for the whole
			}
			return
		}
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return
			}
		}
		if ended {
			w.WriteHeader(200) // for an empty body: nothing has been written
			return
		}
		if err := w.Flush(); err != nil {
			return
		}
	}
}
