package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestMain fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	status := m.Run()
	if left := leftGoroutines(); left != "" && status == 0 {
		fmt.Fprintln(os.Stderr, "goroutines left behind:\n"+left)
		status = 1
	}
	os.Exit(status)
}

// leftGoroutines returns the stacks of goroutines other than its own, once they have had time to end.
func leftGoroutines() string {
	var stacks string
	for range 100 {
		buf := make([]byte, 1<<20)
		_, stacks, _ = strings.Cut(string(buf[:runtime.Stack(buf, true)]), "\n\n")
		stacks = withoutRuntime(stacks)
		if stacks == "" {
			return ""
		}
		time.Sleep(20 * time.Millisecond)
	}
	return stacks
}

// withoutRuntime drops the goroutine that os/signal starts at the first Notify and keeps for ever.
func withoutRuntime(stacks string) string {
	var kept []string
	for s := range strings.SplitSeq(stacks, "\n\n") {
		if s != "" && !strings.Contains(s, "os/signal.loop") {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "\n\n")
}

// command runs "h1 args..." and returns what it wrote and its exit status.
func command(stdin string, args ...string) (stdout, stderr string, status int) {
	var out, err strings.Builder
	status = run(args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), status
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string // what they begin with
	}{
		{nil, exitUsage, "", "h1 shows how"},
		{[]string{"help"}, exitOK, "h1 shows how", ""},
		{[]string{"-h"}, exitOK, "h1 shows how", ""},
		{[]string{"help", "help"}, exitOK, "h1 shows how", ""},
		{[]string{"help", "serve"}, exitOK, "Usage: h1 serve", ""},
		{[]string{"serve", "-h"}, exitOK, "Usage: h1 serve", ""},
		{[]string{"dump", "--help"}, exitOK, "Usage: h1 dump", ""},
		{[]string{"brew"}, exitUsage, "", "h1: unknown command \"brew\"\n\nh1 shows how"},
		{[]string{"help", "brew"}, exitUsage, "", "h1: unknown command \"brew\"\n\nh1 shows how"},
		{[]string{"serve", "-brew"}, exitUsage, "", "h1 serve: flag provided but not defined: -brew\n"},
		{[]string{"serve", "x"}, exitUsage, "", "h1 serve: unexpected argument \"x\"\n"},
		{[]string{"dump", "a", "b"}, exitUsage, "", "h1 dump: one file at most"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			stdout, stderr, status := command("", tt.args...)
			assert.Equal(t, tt.status, status)
			begins(t, tt.stdout, stdout)
			begins(t, tt.stderr, stderr)
		})
	}
}

func begins(t *testing.T, want, got string) {
	t.Helper()
	if want == "" {
		assert.Empty(t, got)
		return
	}
	assert.True(t, strings.HasPrefix(got, want), "want it to begin with %q:\n%s", want, got)
}

func TestFlagsAreInHelp(t *testing.T) {
	stdout, _, _ := command("", "serve", "-h")
	for _, name := range []string{"-addr address", "-dir directory", "-tls directory", "-max-upload octets", "-v"} {
		assert.Contains(t, stdout, "\n  "+name)
	}
	stdout, _, _ = command("", "dump", "-h")
	for _, name := range []string{"-json", "-c"} {
		assert.Contains(t, stdout, "\n  "+name)
	}
}
