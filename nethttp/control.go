package nethttp

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/seed-489864d5/h1"
)

// SetReadDeadline sets the time at which reads of the body fail. See h1.Response.SetReadDeadline.
func (w *responseWriter) SetReadDeadline(t time.Time) error {
	if resp := w.live.Load(); resp != nil {
		return stdError(resp.SetReadDeadline(t))
	}
	return h1.ErrFinished
}

// SetWriteDeadline sets the time at which writes fail. See h1.Response.SetWriteDeadline.
func (w *responseWriter) SetWriteDeadline(t time.Time) error {
	if resp := w.live.Load(); resp != nil {
		return stdError(resp.SetWriteDeadline(t))
	}
	return h1.ErrFinished
}

// EnableFullDuplex lets the handler go on reading the body after the response has begun, however long it is.
func (w *responseWriter) EnableFullDuplex() error {
	if w.resp == nil {
		return h1.ErrFinished
	}
	if err := w.resp.EnableFullDuplex(); err != nil {
		return stdError(err)
	}
	w.fullDuplex = true
	return nil
}

// CloseNotify makes an http.CloseNotifier, for handlers older than contexts. It returns a channel that gets a value when the client goes away.
func (w *responseWriter) CloseNotify() <-chan bool {
	w.notifyOnce.Do(func() {
		c := make(chan bool, 1)
		w.notify = c
		if w.resp != nil {
			w.unnotify = context.AfterFunc(w.ctx, func() { c <- true })
		}
	})
	return w.notify
}

// stdError is err in the terms of net/http.
func stdError(err error) error {
	if errors.Is(err, h1.ErrHijacked) {
		return http.ErrHijacked
	}
	return err
}
