package nethttp_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A goroutine beside the handler ends its Read or Write by a deadline, and one that comes too late does no harm.
func TestDeadlineFromBeside(t *testing.T) {
	results := make(chan error, 1)
	content := strings.Repeat(long, 2000) // more than the kernel takes
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if r.URL.Path == "/late" {
			results <- nil
			go func() {
				<-r.Context().Done()
				results <- errors.Join(rc.SetReadDeadline(time.Now()), rc.SetWriteDeadline(time.Now()))
			}()
			return
		}
		set, work := rc.SetReadDeadline, func() error { _, err := io.ReadAll(r.Body); return err }
		if r.URL.Path == "/write" {
			set = rc.SetWriteDeadline
			_ = rc.Flush()
			work = func() error { _, err := io.WriteString(w, content); return err }
		}
		timer := time.AfterFunc(20*time.Millisecond, func() { _ = set(time.Now()) })
		defer timer.Stop()
		results <- work()
	}))
	for path, length := range map[string]string{"/read": "5", "/write": "0"} {
		c := dial(t, addr)
		began := time.Now()
		_, err := io.WriteString(c, head("POST "+path+" HTTP/1.1", "Host: a", "Content-Length: "+length))
		require.NoError(t, err)
		assert.ErrorIs(t, <-results, os.ErrDeadlineExceeded, path)
		assert.Less(t, time.Since(began), 20*time.Second, path) // the server's own limit is 30 s
	}
	ask(t, addr, head("GET /late HTTP/1.1", "Host: a"))
	<-results
	assert.Error(t, <-results)
}
