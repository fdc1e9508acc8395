//go:build unix

package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser is a headless Chromium that is driven through its DevTools protocol: JSON messages that end in NUL, over
// two pipes.
type browser struct {
	to   *os.File
	from *bufio.Reader
	id   int
}

// startBrowser starts Chromium with an empty profile, and stops it with the test. It cannot resolve any name, so that
// nothing it does by itself leaves the machine.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	commandsOut, commands, err := os.Pipe()
	require.NoError(t, err)
	messages, messagesIn, err := os.Pipe()
	require.NoError(t, err)
	profile, err := os.MkdirTemp(scratch, "chromium-")
	require.NoError(t, err)

	var stderr transcript
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.Env, cmd.Stderr = environment(), &stderr
	cmd.ExtraFiles = []*os.File{commandsOut, messagesIn}  // descriptors 3 and 4, as Chromium wants them
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts many processes; they end with their group
	cmd.WaitDelay = time.Second                           // and may outlive the first of them, stderr in hand
	require.NoError(t, cmd.Start())
	commandsOut.Close()
	messagesIn.Close()
	require.NoError(t, messages.SetReadDeadline(time.Now().Add(time.Minute)))
	t.Cleanup(func() {
		commands.Close()
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		messages.Close()
		if t.Failed() {
			t.Logf("chromium wrote to stderr:\n%s", tail(stderr.String()))
		}
	})
	return &browser{to: commands, from: bufio.NewReader(messages)}
}

// call sends one command to the browser, or to a page if session is not empty, and decodes its result into result.
func (b *browser) call(session, method string, params, result any) error {
	b.id++
	message := map[string]any{"id": b.id, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return err
	}
	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(text[:len(text)-1], &answer); err != nil {
			return err
		}
		switch {
		case answer.ID != b.id: // an event
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", method, answer.Error.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, result)
		}
	}
}

// Chromium loads the page of h1 serve, lets its events tick, and uses the other paths from a script in it;
// see testdata/page.js.
func TestChromium(t *testing.T) {
	if os.Getenv("H1_INTEROP_CHROMIUM") != "1" {
		t.Skip("H1_INTEROP_CHROMIUM=1 is not set")
	}
	installed(t, "chromium")
	s := sharedServer(t)
	script, err := os.ReadFile("testdata/page.js")
	require.NoError(t, err)
	b := startBrowser(t)

	var target struct{ TargetID string }
	require.NoError(t, b.call("", "Target.createTarget", map[string]any{"url": s.url + "/"}, &target))
	var attached struct{ SessionID string }
	require.NoError(t, b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached))
	page := attached.SessionID

	var location struct{ Result struct{ Value string } }
	for end := time.Now().Add(20 * time.Second); location.Result.Value != s.url+"/"; time.Sleep(50 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "the page does not load; the browser is at %q", location.Result.Value)
		require.NoError(t, b.call(page, "Runtime.evaluate", map[string]any{"expression": "location.href"}, &location))
	}
	var verdict struct {
		Result           struct{ Value any } // an object if the script throws
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	expression := "(async () => {\n" + string(script) + "\n})()"
	require.NoError(t, b.call(page, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true,
	}, &verdict))
	if e := verdict.ExceptionDetails; e != nil {
		t.Fatalf("%s %s", e.Text, e.Exception.Description)
	}
	assert.Equal(t, "passed", verdict.Result.Value)
	assert.NoError(t, b.call("", "Browser.close", map[string]any{}, nil))
	_, err = io.Copy(io.Discard, b.from) // until it has gone
	assert.NoError(t, err)
}
