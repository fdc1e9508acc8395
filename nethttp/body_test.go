package nethttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A body's faults are errors that handlers of net/http know.
func TestBodyErrors(t *testing.T) {
	results := make(chan error, 1)
	s := &h1.Server{
		Limits: h1.Limits{MaxRequestBytes: 500},
		Handler: nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				http.NewResponseController(w).SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			}
			_, err := io.ReadAll(r.Body)
			_, again := r.Body.Read(make([]byte, 1))
			if again != err {
				err = fmt.Errorf("not sticky: %v, %v", err, again)
			}
			w.WriteHeader(422)
			results <- err
		})),
	}
	addr := serveNative(t, s)
	fixed := head("POST / HTTP/1.1", "Host: a", "Content-Length: 10")
	chunked := head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")

	assert.Equal(t, 422, ask(t, addr, head("POST / HTTP/1.1", "Host: a", "Content-Length: 1000")).Status)
	err := <-results
	tooLarge, ok := errors.AsType[*http.MaxBytesError](err)
	assert.True(t, ok && tooLarge.Limit == -1, "%v", err)
	assert.ErrorIs(t, err, h1.ErrBodyTooLarge)
	ask(t, addr, chunked+"fff\r\n"+long[:0xfff])
	assert.ErrorIs(t, <-results, h1.ErrBodyTooLarge)

	ask(t, addr, strings.Replace(fixed, "/", "/slow", 1))
	err = <-results
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.ErrorIs(t, err, h1.ErrBodyTimeout)
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	assert.True(t, ok && timeout.Timeout())

	ask(t, addr, chunked+"3\r\nabcx")
	_, ok = errors.AsType[*h1.ProtocolError](<-results)
	assert.True(t, ok)

	c := dial(t, addr)
	_, err = io.WriteString(c, fixed+"hell")
	require.NoError(t, err)
	require.NoError(t, c.(interface{ CloseWrite() error }).CloseWrite())
	assert.Equal(t, io.ErrUnexpectedEOF, <-results)
}

// A handler that answers nothing to a body that has failed leaves the answer to h1.
func TestBodyFaultIsAnswered(t *testing.T) {
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	assert.Equal(t, 400, ask(t, addr, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")+"x\r\n").Status)
}

// What is unread when the head goes out can still be read, whatever its length; but for a little, the connection closes.
func TestBodyReadBehindHead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		size    int
		chunked bool
		close   bool
	}{
		{"small", 5, false, false},
		{"small, chunked", 5, true, false},
		{"256 KiB", 2 + 256<<10, false, false},
		{"one more", 2 + 256<<10 + 1, false, true},
		{"less than 256 KiB, chunked", 2 + 256<<10 - 1, true, false},
		{"large", 1 << 20, false, true},
		{"large, chunked", 1 << 20, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				first := make([]byte, 2)
				io.ReadFull(r.Body, first)
				w.Write(first)
				w.(http.Flusher).Flush()
				trailer := r.Trailer != nil
				n, err := io.Copy(w, r.Body)
				if err != nil || n != int64(tt.size-2) || trailer || (r.Trailer != nil) != tt.chunked {
					panic(fmt.Sprint(n, err, r.Trailer))
				}
			}))
			content := strings.Repeat("0123456789abcdef", tt.size/16+1)[:tt.size]
			request := head("POST / HTTP/1.1", "Host: a", fmt.Sprintf("Content-Length: %d", tt.size)) + content
			if tt.chunked {
				request = head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") +
					fmt.Sprintf("%x\r\n%s\r\n0\r\n", tt.size, content) + head("T: 1")
			}
			c := dial(t, addr)
			sent := make(chan error, 1)
			go func() {
				_, err := io.WriteString(c, request)
				sent <- err
			}()
			a := readAnswer(bufio.NewReader(c), "POST")
			assert.NoError(t, <-sent)
			assert.Empty(t, a.Err)
			assert.True(t, a.Body == content, "the body comes back: %d octets", len(a.Body))
			assert.Equal(t, tt.close, a.Close)
		})
	}
}

// A body that another goroutine reads while the head goes out goes on.
func TestBodyReadMeanwhile(t *testing.T) {
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reading := make(chan struct{})
		got := make(chan string)
		go func() {
			close(reading)
			b, err := io.ReadAll(r.Body)
			got <- fmt.Sprint(string(b), err)
		}()
		<-reading
		time.Sleep(20 * time.Millisecond) // until it waits
		w.(http.Flusher).Flush()
		fmt.Fprint(w, <-got)
	}))
	c := dial(t, addr)
	_, err := io.WriteString(c, head("POST / HTTP/1.1", "Host: a", "Content-Length: 5"))
	require.NoError(t, err)
	r := bufio.NewReader(c)
	_, err = r.Peek(1)
	require.NoError(t, err)
	_, err = io.WriteString(c, "hello")
	require.NoError(t, err)
	assert.Equal(t, "hello<nil>", readAnswer(r, "POST").Body)
}

// A client that waits to be asked for the body is asked by the first read, and not any more once the head is out.
func TestExpect(t *testing.T) {
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			w.(http.Flusher).Flush()
		}
		b, err := io.ReadAll(r.Body)
		fmt.Fprint(w, string(b), err)
	}))
	request := func(path string) string {
		return head("POST "+path+" HTTP/1.1", "Host: a", "Content-Length: 5", "Expect: 100-continue")
	}
	c := dial(t, addr)
	_, err := io.WriteString(c, request("/"))
	require.NoError(t, err)
	r := bufio.NewReader(c)
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
	r.Discard(2)
	_, err = io.WriteString(c, "hello")
	require.NoError(t, err)
	assert.Equal(t, "hello<nil>", readAnswer(r, "POST").Body)

	a := ask(t, addr, request("/late"))
	assert.Empty(t, a.Interim)
	assert.True(t, a.Close)
	assert.Equal(t, http.ErrBodyReadAfterClose.Error(), a.Body)
}
