package wiretest

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"
)

// NextRequest is what a Client sends to see whether a connection is still in sync.
const NextRequest = "GET /n HTTP/1.1\r\nHost: a\r\n\r\n"

// A Client plays vectors, and collects all that the server writes meanwhile.
type Client struct {
	conn   HalfCloser
	bubble bool

	mu   sync.Mutex
	got  []byte
	err  error // of the last read
	news chan struct{}
}

// A HalfCloser is a connection whose outgoing direction can be ended alone.
type HalfCloser interface {
	net.Conn
	CloseWrite() error
}

// NewClient returns a Client on conn, which it reads until the end. In a testing/synctest bubble it
// knows when the server can do no more without further input; elsewhere it has to wait.
func NewClient(conn HalfCloser, bubble bool) *Client {
	c := &Client{conn: conn, bubble: bubble, news: make(chan struct{}, 1)}
	go c.collect()
	return c
}

func (c *Client) collect() {
	b := make([]byte, 4<<10)
	for {
		n, err := c.conn.Read(b)
		c.mu.Lock()
		c.got = append(c.got, b[:n]...)
		c.err = err
		c.mu.Unlock()
		select {
		case c.news <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (c *Client) state() (got string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.got), c.err
}

// settle waits until the server can do no more without further input: known in a bubble, elsewhere
// guessed from enough, or from patience having run out.
func (c *Client) settle(patience time.Duration, enough func(got string, err error) bool) {
	if c.bubble {
		synctest.Wait()
		return
	}
	timeout := time.After(patience)
	for !enough(c.state()) {
		select {
		case <-c.news:
		case <-timeout:
			return
		}
	}
}

const (
	patience = 5 * time.Second        // for what must come
	silence  = 100 * time.Millisecond // for what must not
)

func ended(got string, err error) bool { return err != nil }
func never(got string, err error) bool { return false }

// send does what the steps say.
func (c *Client) send(steps []Step) {
	settled := c.bubble && len(steps) <= 4<<10 // else too slow
	for _, s := range steps {
		switch {
		case s.Wait:
			if c.bubble {
				time.Sleep(silence)
			} else {
				c.settle(silence, func(got string, err error) bool { return got != "" || err != nil })
			}
		case s.Pause > 0:
			time.Sleep(s.Pause)
		case s.EOF:
			c.conn.CloseWrite()
		default:
			io.WriteString(c.conn, s.Octets) // fails when the server has closed, which the caller sees
		}
		if settled {
			synctest.Wait()
		}
	}
}

// Play takes the steps, a delivery of v, and checks all that the server writes and what becomes of
// the connection. exact says that the steps are those of v, uncut, so that a 100 must come as expected.
//
// After K the client has sent one more request, GET /n. After C the connection is still open in the
// client's direction.
func (c *Client) Play(v *Vector, steps []Step, exact bool) error {
	c.send(steps)
	finals, requests := 0, 0
	for _, status := range v.Statuses {
		requests = finals + 1
		if status >= 200 || status == 101 {
			finals++
		}
	}
	answered := func(n int) func(string, error) bool {
		return func(got string, err error) bool {
			responses, bad := ParseResponses(got, v.methods(n))
			final := slices.DeleteFunc(responses, func(r Response) bool { return r.Interim() })
			return err != nil || bad == nil && len(final) == n
		}
	}

	switch v.Conn {
	case 'C':
		c.settle(patience, ended)
	case 'W':
		c.settle(silence, never)
	default:
		c.settle(patience, answered(finals))
	}
	got, err := c.state()
	switch {
	case v.Conn == 'C' && err != io.EOF:
		return fmt.Errorf("not closed in order: %v, after %.500q", err, got)
	case v.Conn != 'C' && err != nil:
		return fmt.Errorf("%v, after %.500q", err, got)
	}
	responses, err := ParseResponses(got, v.methods(requests))
	if err == nil {
		err = v.check(responses, v.Statuses, exact)
	}
	if err != nil {
		return fmt.Errorf("%w, in %.500q", err, got)
	}

	switch v.Conn {
	case 'K':
		return c.goOn(v, finals, answered(finals+1), exact)
	case 'T':
		return c.tunnel(v, responses[len(responses)-1].Tunnel, len(got))
	}
	return nil
}

// goOn sends one more request, which must be answered, and ends the connection.
func (c *Client) goOn(v *Vector, finals int, answered func(string, error) bool, exact bool) error {
	io.WriteString(c.conn, NextRequest)
	c.settle(patience, answered)
	c.conn.CloseWrite()
	c.settle(patience, ended)
	got, err := c.state()
	if err != io.EOF {
		return fmt.Errorf("one more request, then half-close: %v, after %.500q", err, got)
	}
	responses, err := ParseResponses(got, v.methods(finals+1))
	if err == nil {
		err = v.check(responses, append(slices.Clone(v.Statuses), 200), exact)
	}
	if err != nil {
		return fmt.Errorf("one more request: %w, in %.500q", err, got)
	}
	return nil
}

// tunnel checks what came behind the head, that octets go both ways, and that the end of one
// direction ends the other, as the echo of the handler has it.
func (c *Client) tunnel(v *Vector, behind string, sofar int) error {
	want := ""
	for _, saw := range v.Saw {
		if saw.What == "tunnel" {
			want = saw.Value
		}
	}
	if !strings.HasPrefix(want, behind) {
		return fmt.Errorf("behind the head: %q, want %q", behind, want)
	}
	head := sofar - len(behind)
	want += "ping"
	io.WriteString(c.conn, "ping")
	c.settle(patience, func(got string, err error) bool { return err != nil || len(got) >= head+len(want) })
	c.conn.CloseWrite()
	c.settle(patience, ended)
	got, err := c.state()
	if err != io.EOF || got[head:] != want {
		return fmt.Errorf("in the tunnel: %q and %v, want %q and an end", got[head:], err, want)
	}
	return nil
}
