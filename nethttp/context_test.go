package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watchers counts the goroutines that wait for a client to go away, and those that package context has started.
func watchers() (watching, deriving int) {
	b := make([]byte, 1<<20)
	stacks := string(b[:runtime.Stack(b, true)])
	return strings.Count(stacks, "created by github.com/seed-489864d5/h1.(*conn).startWatch"),
		strings.Count(stacks, "created by context.(*cancelCtx).propagateCancel")
}

// Who only hands the context on, or asks for the addresses, does not pay for it.
func TestContextIsLazy(t *testing.T) {
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		type key struct{}
		ctx := context.WithValue(r.Context(), key{}, "v")
		fmt.Fprintln(w, ctx.Value(key{}), ctx.Value(http.LocalAddrContextKey).(net.Addr).Network(), ctx.Value(http.ServerContextKey).(*http.Server) != nil)
		r = r.WithContext(ctx)
		n, _ := watchers()
		fmt.Fprintln(w, n, nethttp.Wire(r).Method)

		child, cancel := context.WithCancel(r.Context())
		defer cancel()
		stop := context.AfterFunc(r.Context(), func() {})
		defer stop()
		n, m := watchers()
		fmt.Fprintln(w, n, m, child.Err(), r.Context().Err())
	}))
	assert.Equal(t, "v tcp true\n0 GET\n1 0 <nil> <nil>\n", ask(t, addr, get).Body)
}

// Values of BaseContext and ConnContext are there.
func TestContextValues(t *testing.T) {
	type key string
	addr := serveNative(t, &h1.Server{
		Handler: nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Context().Value(key("base")), r.Context().Value(key("conn")), r.Context().Value(key("none")))
		})),
		BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), key("base"), 1) },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, key("conn"), 2) },
	})
	assert.Equal(t, "1 2 <nil>", ask(t, addr, get).Body)
}

// The context ends when the handler returns, whether it was asked for before or not.
func TestContextEndsWithHandler(t *testing.T) {
	contexts := make(chan context.Context, 2)
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/armed" && r.Context().Err() != nil {
			panic("ended")
		}
		contexts <- r.Context()
	}))
	for _, path := range []string{"/armed", "/idle"} {
		ask(t, addr, head("GET "+path+" HTTP/1.1", "Host: a"))
		ctx := <-contexts
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
			t.Fatal("the context goes on")
		}
		assert.Equal(t, context.Canceled, ctx.Err())
		assert.NotNil(t, ctx.Value(http.LocalAddrContextKey))
		_, has := ctx.Deadline()
		assert.False(t, has)
		assert.Equal(t, "nethttp.Request", fmt.Sprint(ctx))
		child, cancel := context.WithCancel(ctx)
		assert.Error(t, child.Err())
		cancel()
	}
}

func TestContextEndsWithClient(t *testing.T) {
	ended := make(chan string, 1)
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gone := w.(closeNotifier).CloseNotify()
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		ended <- fmt.Sprint(r.Context().Err(), <-gone)
	}))
	c := dial(t, addr)
	_, err := io.WriteString(c, get)
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)
	c.Close()
	select {
	case got := <-ended:
		assert.Equal(t, "context canceled true", got)
	case <-time.After(5 * time.Second):
		t.Fatal("the context goes on")
	}
}

// Shutdown waits for the handler and does not disturb it.
func TestContextOutlivesShutdown(t *testing.T) {
	running, proceed := make(chan struct{}), make(chan struct{})
	s := &h1.Server{Handler: nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done := r.Context().Done()
		close(running)
		<-proceed
		select {
		case <-done:
			fmt.Fprint(w, "ended")
		default:
			fmt.Fprint(w, "goes on")
		}
	}))}
	addr := serveNative(t, s)
	answers := make(chan *answer, 1)
	go func() { answers <- ask(t, addr, get) }()
	<-running
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(context.Background()) }()
	time.Sleep(20 * time.Millisecond)
	close(proceed)
	a := <-answers
	assert.Equal(t, "goes on", a.Body)
	assert.True(t, a.Close)
	assert.NoError(t, <-down)
}

// A closeNotifier is an http.CloseNotifier, which is deprecated and still used.
type closeNotifier interface{ CloseNotify() <-chan bool }

// CloseNotify without a client's going away gives nothing and leaves nothing behind.
func TestCloseNotify(t *testing.T) {
	kept := make(chan (<-chan bool), 1)
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := w.(closeNotifier).CloseNotify()
		if c != w.(closeNotifier).CloseNotify() {
			panic("two channels")
		}
		kept <- c
	}))
	ask(t, addr, get)
	select {
	case <-<-kept:
		t.Error("notified")
	case <-time.After(20 * time.Millisecond):
	}
}
