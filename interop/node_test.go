package interop

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Node's fetch and http module; see testdata/client.mjs.
func TestNode(t *testing.T) {
	installed(t, "node")
	runCases(t, "node", "testdata/client.mjs")
}

// The server must notice that a client has left a stream between two events, not when the next one can't be written.
func TestNodeLeavesEvents(t *testing.T) {
	installed(t, "node")
	s := startServer(t)
	cmd := exec.Command("node", "testdata/client.mjs", "_leave_events", s.url)
	cmd.Env = environment()
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	left := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		left <- line
	}()
	select {
	case line := <-left:
		require.Equal(t, "left", strings.TrimSpace(line))
	case <-time.After(20 * time.Second):
		t.Fatal("node does not leave")
	}
	// A write to a connection that the peer has left fails only the second time: two seconds, at one event a second.
	assert.NoError(t, s.awaitSockets(s.sockets, 1500*time.Millisecond))
}
