package nethttp

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/seed-489864d5/h1"
)

// A requestContext is the context of one request. The connection has to be watched for it to end with the client,
// which costs a goroutine and several system calls, so that is not begun before somebody wants to know the end.
//
// Once armed it stands for the context that h1 has made, and answers Value and Done as that one does. So package
// context finds the real one behind it, and derives from it without a goroutine.
type requestContext struct {
	local  net.Addr
	server *http.Server // nil for Request

	mu    sync.Mutex
	wire  *h1.Request     // nil once the handler has returned: the connection uses it again
	armed context.Context // nil: not yet
}

// endedContext is the context of a request whose handler has returned before anybody asked for it.
var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// arm returns the context behind c.
func (c *requestContext) arm() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.armed == nil {
		c.armed = c.wire.Context()
	}
	return c.armed
}

// end notes that the handler has returned.
func (c *requestContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wire = nil
	if c.armed == nil {
		c.armed = endedContext
	}
}

// Deadline returns the deadline that the server's BaseContext or ConnContext has set, if any.
func (c *requestContext) Deadline() (time.Time, bool) { return c.arm().Deadline() }

// Done returns a channel that is closed when the handler returns or the client goes away.
func (c *requestContext) Done() <-chan struct{} { return c.arm().Done() }

// Err returns why the context has ended, or nil.
func (c *requestContext) Err() error { return c.arm().Err() }

// Value returns the value for a key of net/http, or that of the server's BaseContext or ConnContext. The latter can
// be reached only through the context that h1 makes, so it is made then.
func (c *requestContext) Value(key any) any {
	switch key {
	case http.LocalAddrContextKey:
		return c.local
	case http.ServerContextKey:
		if c.server != nil {
			return c.server
		}
	case wireKey{}:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.wire
	}
	return c.arm().Value(key)
}

// String names the context where one is printed.
func (c *requestContext) String() string { return "nethttp.Request" }

// expects reports whether the client waits to be asked for the body. h1 lets no other expectation through.
func (c *requestContext) expects() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wire != nil && c.wire.Proto.Minor > 0 && c.wire.Header.Has("Expect")
}

// trailer returns the trailer section of the request, whose body has just been read to its end, or nil. The handler
// may return meanwhile if another goroutine has read the body; what the connection does next must not be seen then.
func (c *requestContext) trailer() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wire == nil || c.wire.Trailer.Len() == 0 {
		return nil
	}
	return headerMap(&c.wire.Trailer, true)
}
