package wiretest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLeftGoroutines(t *testing.T) {
	left := func() (n int) {
		for _, stack := range leftGoroutines() {
			if strings.Contains(stack, "created by") && strings.Contains(stack, "wiretest.TestLeftGoroutines") {
				n++
			}
		}
		return n
	}
	require.Zero(t, left())
	stop := make(chan struct{})
	go func() { <-stop }()
	require.Equal(t, 1, left())
	close(stop)
	for wait := time.Millisecond; left() > 0; wait *= 2 {
		require.Less(t, wait, leakGrace)
		time.Sleep(wait)
	}
}
