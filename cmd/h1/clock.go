package main

import (
	"net"
	"sync"
	"time"

	"github.com/seed-489864d5/h1"
)

// A clock is what the page tells of the past of a connection.
type clock struct {
	accepted time.Time
	busy     time.Time // when the first octets came after the connection had been idle
	requests int       // those that the handler has seen
}

// clocks holds the clock of each open connection, by the address of the client: a handler knows that for nothing, while
// a value that travels in q.Context() would have each request watch for the client's leaving.
type clocks struct {
	mu sync.Mutex
	m  map[string]*clock
}

func newClocks() *clocks { return &clocks{m: map[string]*clock{}} }

// connState is the hook of that name of an h1.Server.
func (s *clocks) connState(c net.Conn, state h1.ConnState) {
	key := address(c.RemoteAddr())
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case h1.StateNew:
		s.m[key] = &clock{accepted: time.Now()}
	case h1.StateActive:
		if k := s.m[key]; k != nil {
			k.busy = time.Now()
		}
	case h1.StateHijacked, h1.StateClosed:
		delete(s.m, key)
	}
}

// counted counts the requests of each connection and hands them on to next.
func (s *clocks) counted(next h1.Handler) h1.Handler {
	return h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		s.mu.Lock()
		if k := s.m[address(q.RemoteAddr)]; k != nil {
			k.requests++
		}
		s.mu.Unlock()
		next.ServeH1(w, q)
	})
}

// read returns the clock of q's connection, the zero one if there is none.
func (s *clocks) read(q *h1.Request) clock {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.m[address(q.RemoteAddr)]; k != nil {
		return *k
	}
	return clock{}
}
