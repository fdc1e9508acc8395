package h1

import (
	"context"
	"errors"
	"log/slog"
	"os"
)

// log writes a log line of a kind. What a peer does is never an error of ours.
func (c *conn) log(level slog.Level, kind, msg string, args ...any) {
	l := c.srv.logger()
	if !l.Enabled(context.Background(), level) {
		return
	}
	l.Log(context.Background(), level, "h1: "+msg, append([]any{"kind", kind, "remote", c.rwc.RemoteAddr()}, args...)...)
}

// logIO logs a failure of the connection: a peer that goes away, or is too slow.
func (c *conn) logIO(err error) {
	kind := "disconnect"
	if errors.Is(err, os.ErrDeadlineExceeded) {
		kind = "timeout"
	}
	c.log(slog.LevelDebug, kind, "connection ended", "error", err)
}

// logFailure logs why a response did not become what the handler meant.
func (c *conn) logFailure(err error, q *Request) {
	if usage, ok := err.(*UsageError); ok && usage != errAborted {
		c.log(slog.LevelError, "handler", "invalid response", "error", err, "method", q.Method, "target", q.Target)
	}
}
