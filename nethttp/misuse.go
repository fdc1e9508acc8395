package nethttp

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
)

// logMisuse logs what a handler does wrong, and where.
func logMisuse(msg string, args ...any) {
	slog.Default().Error("h1: "+msg, append([]any{"kind", "handler", "caller", caller()}, args...)...)
}

// caller returns the place outside of this package and net/http that a call came from.
func caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		ours := strings.HasPrefix(f.Function, "net/http.") || strings.HasPrefix(f.Function, packagePath)
		if !ours || !more {
			return fmt.Sprintf("%s (%s:%d)", f.Function, f.File, f.Line)
		}
	}
}

// packagePath begins the names of this package's functions.
const packagePath = "github.com/seed-489864d5/h1/nethttp."
