package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/seed-489864d5/h1"
)

// The paths that answer in pieces.

// Bounds of what a query may ask for: enough to watch, too little to keep a connection for long.
const (
	maxChunks        = 1000
	maxChunkDelay    = time.Second
	minEventInterval = 10 * time.Millisecond
	maxEventInterval = time.Minute
)

// serveStream sends n chunks, each by itself, and a trailer section with their number and their SHA-256.
func serveStream(w *h1.Response, q *h1.Request) {
	n, err := queryInt(q, "n", 5, 0, maxChunks)
	if err != nil {
		answerText(w, 400, err.Error()+"\n")
		return
	}
	delay, err := queryDuration(q, "delay", 0, 0, maxChunkDelay)
	if err != nil {
		answerText(w, 400, err.Error()+"\n")
		return
	}

	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Trailer().Set("X-Checksum", "")
	w.Trailer().Set("X-Chunks", "")
	if w.Flush() != nil || q.Method == "HEAD" {
		return
	}
	sum := sha256.New()
	for i := range n {
		if i > 0 && !wait(q, delay, nil) {
			w.Abort()
			return
		}
		chunk := fmt.Appendf(nil, "chunk %d of %d\n", i+1, n)
		sum.Write(chunk)
		w.Write(chunk)
		if w.Flush() != nil {
			return
		}
	}
	w.Trailer().Set("X-Checksum", hex.EncodeToString(sum.Sum(nil)))
	w.Trailer().Set("X-Chunks", strconv.Itoa(n))
}

// serveEvents sends a tick each interval, numbered from 1. A client that comes back tells the last one it has seen, and
// the count goes on; with n given, 204 tells it not to come back again.
func (s *site) serveEvents(w *h1.Response, q *h1.Request) {
	n, err := queryInt(q, "n", 0, 0, 1<<30)
	if err != nil {
		answerText(w, 400, err.Error()+"\n")
		return
	}
	interval, err := queryDuration(q, "interval", time.Second, minEventInterval, maxEventInterval)
	if err != nil {
		answerText(w, 400, err.Error()+"\n")
		return
	}
	seen, err := strconv.Atoi(q.Header.Get("Last-Event-ID"))
	if err != nil || seen < 0 || seen > 1<<30 {
		seen = 0
	}

	w.Header().Set("Cache-Control", "no-store")
	if n > 0 && seen >= n {
		w.WriteHeader(204)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if w.Flush() != nil || q.Method == "HEAD" {
		return
	}
	for id := seen + 1; ; id++ {
		fmt.Fprintf(w, "id: %d\nevent: tick\ndata: {\"tick\":%[1]d,\"time\":%q}\n\n", id, time.Now().UTC().Format(time.RFC3339Nano))
		if w.Flush() != nil || id == n || !wait(q, interval, s.stopping) {
			return
		}
	}
}

// wait waits for d. It returns false, at once, when the client has gone or stop is closed.
func wait(q *h1.Request, d time.Duration, stop <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-q.Context().Done():
	case <-stop:
	}
	return false
}

// queryInt returns the query's number called name, or def if there is none.
func queryInt(q *h1.Request, name string, def, low, high int) (int, error) {
	s := q.URL.QueryGet(name)
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s is a number from %d to %d", name, low, high)
	}
	return n, nil
}

// queryDuration returns the query's duration called name, or def if there is none.
func queryDuration(q *h1.Request, name string, def, low, high time.Duration) (time.Duration, error) {
	s := q.URL.QueryGet(name)
	if s == "" {
		return def, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < low || d > high {
		return 0, fmt.Errorf("%s is a duration from %v to %v, such as 100ms", name, low, high)
	}
	return d, nil
}
