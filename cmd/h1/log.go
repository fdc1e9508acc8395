package main

import (
	"io"
	"log/slog"
	"time"

	"github.com/seed-489864d5/h1"
)

// newLogger returns the logger for the library's warnings and, if verbose, for each request. The text handler quotes
// what isn't plain, so that a request can't forge a line.
func newLogger(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// logged logs each request that next has answered, or has left to the library because its body could not be read.
func logged(next h1.Handler, log *slog.Logger) h1.Handler {
	return h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		start := time.Now()
		defer func() { // a handler may abort
			what, status := "request", w.Status()
			if status == 0 { // the library answers, if anybody still listens
				what = "unanswered"
			}
			log.Info(what,
				"remote", address(q.RemoteAddr),
				"method", q.Method,
				"target", q.Target,
				"status", status,
				"bytes", w.BytesWritten(),
				"duration", time.Since(start))
		}()
		next.ServeH1(w, q)
	})
}

// logRefusal logs each request that the library refuses and leaves the answer to it.
func logRefusal(log *slog.Logger) func(*h1.Response, *h1.Request, *h1.ProtocolError) {
	return func(w *h1.Response, q *h1.Request, err *h1.ProtocolError) {
		log.Info("refused",
			"remote", address(q.RemoteAddr),
			"method", q.Method,
			"target", q.Target,
			"status", err.Status,
			"rule", err.Rule,
			"reason", err.Reason,
			"offset", err.Offset)
	}
}
