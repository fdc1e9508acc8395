package wiretest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// leakGrace is how long goroutines have to end after the last test.
const leakGrace = 5 * time.Second

// CheckLeaks runs the tests of m and returns the exit code for os.Exit. Goroutines left over after
// them, apart from those of the runtime and of package testing, are a failure.
//
//	func TestMain(m *testing.M) { os.Exit(wiretest.CheckLeaks(m)) }
func CheckLeaks(m *testing.M) (code int) {
	if code = m.Run(); code != 0 {
		return code
	}
	var left []string
	for wait := time.Millisecond; wait < leakGrace; wait *= 2 {
		if left = leftGoroutines(); len(left) == 0 {
			return 0
		}
		time.Sleep(wait)
	}
	fmt.Fprintf(os.Stderr, "%d goroutines left after the tests:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
	return 1
}

// leftGoroutines returns the stacks of the goroutines that tests have started, the caller apart.
func leftGoroutines() (left []string) {
	b := make([]byte, 64<<10)
	for n := runtime.Stack(b, true); ; n = runtime.Stack(b, true) {
		if n < len(b) {
			b = b[:n]
			break
		}
		b = make([]byte, 2*len(b))
	}
	stacks := strings.Split(strings.TrimSpace(string(b)), "\n\n")
	for _, stack := range stacks[1:] { // the first is this one
		if !ofTesting(stack) {
			left = append(left, stack)
		}
	}
	return left
}

// ofTesting reports whether a goroutine belongs to the runtime, to package testing or to its fuzzing.
func ofTesting(stack string) bool {
	for _, s := range []string{
		"testing.(*T).Run(", "testing.(*F).Fuzz(", "testing.runFuzzing(", "testing.runTests(", "testing.(*M).",
		"created by runtime.", "created by testing.", "created by internal/fuzz.",
		"os/signal.signal_recv(", "os/signal.loop(", "runtime.ReadTrace(", "runtime/trace.", "runtime/pprof.",
		"runtime.ensureSigM",
	} {
		if strings.Contains(stack, s) {
			return true
		}
	}
	return false
}
