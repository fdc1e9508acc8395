package h1_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dial serves one connection of s in memory and returns the client's end. It belongs into a synctest bubble.
func dial(t *testing.T, s *h1.Server) *wiretest.Conn {
	t.Helper()
	if s.Logger == nil {
		s.Logger = quiet
	}
	client, server := wiretest.PipeSize(64 << 10)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.ServeConn(server)
	}()
	t.Cleanup(func() {
		_ = client.Close()
		<-served
	})
	return client
}

func send(t *testing.T, c net.Conn, s string) {
	t.Helper()
	_, err := c.Write([]byte(s))
	require.NoError(t, err)
}

// received returns what has come so far, without waiting on the clock.
func received(c net.Conn) string {
	synctest.Wait()
	var b bytes.Buffer
	p := make([]byte, 4096)
	_ = c.SetReadDeadline(time.Now().Add(time.Nanosecond))
	for {
		n, err := c.Read(p)
		b.Write(p[:n])
		if err != nil {
			_ = c.SetReadDeadline(time.Time{})
			return b.String()
		}
	}
}

var answering = h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
	b, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	_, _ = w.WriteString(q.Method + " " + q.Target + " " + string(b))
})

// atEnd reads to the end of the connection and returns what came, when, and how it ended.
func atEnd(c net.Conn) (string, time.Duration, error) {
	start := time.Now()
	b, err := io.ReadAll(c)
	return string(b), time.Since(start), err
}

func TestTimeouts(t *testing.T) {
	post := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
	for _, tt := range []struct {
		name   string
		server *h1.Server
		in     string
		status string // "" for silence
		after  time.Duration
		reset  bool
	}{
		{name: "nothing comes", after: 10 * time.Second},
		{name: "9112-9.5-b", in: "GET / HT", status: "408", after: 10 * time.Second},
		{name: "empty line only", in: "\r\n", after: 10 * time.Second},
		{name: "S-CON-10", in: "\r\nG", status: "408", after: 10 * time.Second},
		{name: "9112-9.2-a idle", in: get11, status: "200", after: 75 * time.Second},
		{name: "9110-15.5.9-a body", in: post + "a", status: "408", after: 30 * time.Second},
		{name: "body of its own time", server: &h1.Server{BodyIdleTimeout: time.Second}, in: post, status: "408", after: time.Second},
		{name: "head of its own time", server: &h1.Server{ReadHeaderTimeout: time.Second}, in: "G", status: "408", after: time.Second},
		{name: "idle of its own time", server: &h1.Server{IdleTimeout: 3 * time.Second}, in: get11, status: "200", after: 3 * time.Second},
		{name: "whole request", server: &h1.Server{ReadTimeout: 2 * time.Second}, in: post + "a", status: "408", after: 2 * time.Second},
		{name: "whole request, in its head", server: &h1.Server{ReadTimeout: 2 * time.Second}, in: "GET /", status: "408", after: 2 * time.Second},
		{name: "no head time", server: &h1.Server{ReadHeaderTimeout: -1, IdleTimeout: time.Hour, ReadTimeout: time.Hour}, in: "GET /", status: "408", after: time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tt.server
				if s == nil {
					s = &h1.Server{}
				}
				s.Handler = answering
				c := dial(t, s)
				send(t, c, tt.in)
				out, after, err := atEnd(c)
				assert.NoError(t, err)
				assert.Equal(t, tt.after, after.Round(time.Millisecond))
				if tt.status == "" {
					assert.Empty(t, out)
				} else {
					assert.True(t, strings.HasPrefix(out, "HTTP/1.1 "+tt.status), out)
					assert.Equal(t, 1, strings.Count(out, "HTTP/1.1"))
				}
			})
		})
	}
}

// A client that drips one octet at a time can't extend the time of a head, but a body goes on as long as it moves.
func TestDrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: answering})
		dripped := make(chan struct{})
		go func() {
			defer close(dripped)
			for range 60 {
				if _, err := c.Write([]byte("G")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		out, after, _ := atEnd(c)
		assert.True(t, strings.HasPrefix(out, "HTTP/1.1 408"), out)
		assert.LessOrEqual(t, after, 13*time.Second, "10 s and the lingering close")
		_ = c.Close()
		<-dripped
	})
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: answering})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
		for range 20 {
			time.Sleep(25 * time.Second)
			send(t, c, "x")
		}
		assert.Contains(t, received(c), "POST / xxxxxxxxxxxxxxxxxxxx")
	})
}

// A peer that does not read is cut off after 30 s without progress, and only then.
func TestSlowReader(t *testing.T) {
	big := h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		_, _ = w.Write(make([]byte, 1<<20))
	})
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: big})
		send(t, c, get11)
		time.Sleep(29 * time.Second)
		synctest.Wait()
		_, _ = io.ReadFull(c, make([]byte, 1000))
		time.Sleep(35 * time.Second)
		_, err := io.Copy(io.Discard, c)
		assert.Error(t, err, "the connection is cut")
	})
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: big})
		send(t, c, get11)
		n := 0
		for n < 1<<20 { // 6 minutes, one piece every 20 s
			time.Sleep(20 * time.Second)
			m, err := c.Read(make([]byte, 60000))
			require.NoError(t, err)
			n += m
		}
	})
}

func TestPipelineIsOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: answering})
		send(t, c, strings.Repeat(next, 16))
		synctest.Wait()
		p := make([]byte, 1<<16)
		n, err := c.Read(p) // a Read gives the octets of one Write
		require.NoError(t, err)
		responses, err := wiretest.ParseResponses(string(p[:n]), strings.Split(strings.Repeat("GET ", 16), " ")[:16])
		assert.NoError(t, err)
		assert.Len(t, responses, 16)
	})
}

// own-lim-a: the answers to very many pipelined requests come in order, and nothing waits for the rest of a head.
func TestPipelineInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: answering})
		const n = 5000
		go func() {
			for i := range n {
				_, _ = c.Write([]byte("GET /" + itoa(i) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
			}
			_ = c.CloseWrite()
		}()
		out, _, err := atEnd(c)
		require.NoError(t, err)
		rest := out
		for i := range n {
			at := strings.Index(rest, "GET /"+itoa(i)+" ")
			require.GreaterOrEqual(t, at, 0)
			rest = rest[at:]
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: answering})
		send(t, c, next+"GET /half")
		assert.Contains(t, received(c), "GET /n ", "the first answer does not wait for the second head")
		send(t, c, " HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
		assert.Contains(t, received(c), "GET /half ", "nor for a body that is still to come")
		send(t, c, "x")
		assert.Contains(t, received(c), "POST / x")
	})
}

func TestPanics(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for _, tt := range []struct {
		name    string
		handler h1.HandlerFunc
		want    string // "" : reset without an octet of the response
		quiet   bool
	}{
		{name: "own-wr-e", handler: func(w *h1.Response, q *h1.Request) {
			w.Header().Set("X-Secret", "secret")
			_, _ = w.WriteString("secret")
			panic("boom")
		}, want: message("500 Internal Server Error", "Connection: close\r\n")},
		{name: "S-SPL-22", handler: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("a")
			_ = w.Flush()
			panic("boom")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"},
		{name: "ErrAbortHandler", handler: func(w *h1.Response, q *h1.Request) { panic(h1.ErrAbortHandler) }, quiet: true},
		{name: "Abort", handler: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("x")
			w.Abort()
			_, err := w.WriteString("y")
			assert.Error(t, err)
		}, quiet: true},
		{name: "after the end", handler: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("x")
			_ = w.Finish()
			panic("boom")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 1\r\n\r\nx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log.Reset()
			out, end := talk(t, &h1.Server{Handler: tt.handler, Logger: logger}, get11+next)
			assert.NotContains(t, out, "secret")
			if tt.want == "" {
				assert.Empty(t, out)
				assert.Error(t, end)
			} else if end == nil {
				assert.Equal(t, tt.want, dateValue.ReplaceAllString(out, "Date: DATE\r\n"))
			} else {
				// The reset takes with it what the client has not read.
				assert.True(t, strings.HasPrefix(tt.want, dateValue.ReplaceAllString(out, "Date: DATE\r\n")), out)
				assert.Equal(t, "S-SPL-22", tt.name)
			}
			if tt.quiet {
				assert.Empty(t, log.String())
			} else {
				assert.Contains(t, log.String(), "kind=panic")
				assert.Contains(t, log.String(), "boom")
				assert.Contains(t, log.String(), "conn_test.go", "a stack")
			}
		})
	}
}

func TestOnError(t *testing.T) {
	type seen struct {
		method, target string
		fields         []h1.Field
		status         int
	}
	var got []seen
	s := func(answer bool) *h1.Server {
		got = nil
		return &h1.Server{Handler: answering, Limits: h1.Limits{MaxRequestBytes: 200}, OnError: func(w *h1.Response, q *h1.Request, err *h1.ProtocolError) {
			got = append(got, seen{q.Method, q.Target, append([]h1.Field(nil), q.Header.Fields()...), err.Status})
			b, rerr := io.ReadAll(q.Body)
			assert.Empty(t, b)
			assert.NoError(t, rerr)
			_, _, herr := w.Hijack()
			assert.Error(t, herr)
			if answer {
				w.WriteHeader(err.Status)
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.WriteString(`{"reason":"` + err.Reason + `"}`)
			}
		}}
	}
	in := "PUT /x HTTP/1.1\r\nHost: a\r\nX-Y: z\r\nBad Line\r\n\r\n"
	out, _ := talk(t, s(true), in+next)
	assert.Equal(t, "HTTP/1.1 400 Bad Request\r\nDate: DATE\r\nContent-Length: 57\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n"+
		`{"reason":"white space before the colon of a field line"}`, dateValue.ReplaceAllString(out, "Date: DATE\r\n"))
	assert.Equal(t, []seen{{"PUT", "/x", []h1.Field{{"Host", "a"}, {"X-Y", "z"}}, 400}}, got)

	out, _ = talk(t, s(false), in+next)
	assert.Equal(t, message("400 Bad Request: white space before the colon of a field line", "Connection: close\r\n"),
		dateValue.ReplaceAllString(out, "Date: DATE\r\n"))

	for in, want := range map[string]seen{
		"G\x00":                    {status: 400},
		"GET /a\x00":               {method: "GET", status: 400},
		"GET /a HTTP/3.0\r\n":      {method: "GET", target: "/a", status: 505},
		"HEAD /a HTTP/1.1\r\n\r\n": {method: "HEAD", target: "/a", status: 400},
		"GET /a":                   {method: "GET", status: 400}, // and the end of the stream
		"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n": {method: "CONNECT", target: "a:1", fields: []h1.Field{{"Host", "a"}}, status: 501},
		"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n": {method: "POST", target: "/b",
			fields: []h1.Field{{"Host", "a"}, {"Content-Length", "500"}}, status: 413},
	} {
		out, end := talk(t, s(true), in)
		assert.NoError(t, end)
		assert.Equal(t, 1, strings.Count(out, "Date: "), in)
		require.Len(t, got, 1, in)
		assert.Equal(t, want, got[0], in)
		if strings.HasPrefix(in, "HEAD") {
			assert.True(t, strings.HasSuffix(out, "\r\n\r\n"), out)
		}
	}
}

// 9110-15.5.14-a: nothing of a body that is too large is asked for.
func TestTooLarge(t *testing.T) {
	lim := h1.Limits{MaxRequestBytes: 100}
	for _, in := range []string{
		"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n",
	} {
		out, end := talk(t, &h1.Server{Handler: answering, Limits: lim}, in)
		assert.NoError(t, end)
		assert.Equal(t, message("413 Content Too Large: request is too large", "Connection: close\r\n"), dateValue.ReplaceAllString(out, "Date: DATE\r\n"))
	}
	raised := h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		assert.NoError(t, q.SetMaxBytes(1000))
		answering(w, q)
	})
	out, _ := talk(t, &h1.Server{Handler: raised, Limits: lim}, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n"+strings.Repeat("x", 200))
	assert.Contains(t, out, "200 OK")
}

func TestBodyAfterTheResponseBegan(t *testing.T) {
	in := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
	out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		_ = w.Flush()
		_, err := io.ReadAll(q.Body)
		if q.Method == "POST" {
			assert.ErrorIs(t, err, h1.ErrBodyClosed)
		}
	})}, in+next)
	assert.Equal(t, 2, strings.Count(out, "200 OK"), "the body is drained, and the connection goes on")

	out, _ = talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		assert.NoError(t, w.EnableFullDuplex())
		_ = w.Flush()
		_, err := io.Copy(w, q.Body)
		assert.NoError(t, err)
		assert.ErrorIs(t, w.EnableFullDuplex(), h1.ErrCommitted)
	})}, in+next)
	assert.Contains(t, out, "3\r\nabc\r\n0\r\n\r\n")
	assert.Equal(t, 2, strings.Count(out, "200 OK"))
}

// own-body-a, own-sec-d: what a handler keeps sees nothing of later exchanges.
func TestBodyIsClosedForGood(t *testing.T) {
	var kept io.Reader
	out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		if kept != nil {
			_, err := kept.Read(make([]byte, 10))
			assert.ErrorIs(t, err, h1.ErrBodyClosed)
			b, _ := io.ReadAll(q.Body)
			assert.Equal(t, "second", string(b))
		}
		kept = q.Body
	})}, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfirstPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nsecond")
	assert.Equal(t, 2, strings.Count(out, "200 OK"))
}

// A read that is under way in another goroutine when the handler returns fails, and ends the connection.
func TestBodyReadOutlivesHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			body := q.Body
			go func() {
				_, err := body.Read(make([]byte, 10))
				failed <- err
			}()
			time.Sleep(time.Second)
		})})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
		out, after, err := atEnd(c)
		assert.NoError(t, err)
		assert.Contains(t, out, "200 OK")
		assert.Less(t, after, 5*time.Second)
		assert.Error(t, <-failed)
	})
}

func TestContext(t *testing.T) {
	type event struct {
		err   error
		after time.Duration
	}
	run := func(t *testing.T, in string, client func(c *wiretest.Conn)) (ev event, out string) {
		synctest.Test(t, func(t *testing.T) {
			done := make(chan event, 1)
			c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				if q.Target != "/" {
					_, _ = w.WriteString("later " + q.Target)
					return
				}
				_, _ = io.ReadAll(q.Body)
				start := time.Now()
				ctx := q.Context()
				assert.Equal(t, ctx, q.Context())
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Second):
				}
				done <- event{ctx.Err(), time.Since(start)}
				_, _ = w.WriteString("answer")
			})})
			send(t, c, in)
			synctest.Wait()
			client(c)
			ev = <-done
			synctest.Wait()
			out = received(c)
		})
		return ev, out
	}
	for _, in := range []string{get11, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"} {
		// 9112-9.6-e amended: EOF cancels, the answer is still written.
		ev, out := run(t, in, func(c *wiretest.Conn) { time.Sleep(time.Second); _ = c.CloseWrite() })
		assert.Equal(t, event{context.Canceled, time.Second}, ev)
		assert.Contains(t, out, "answer")
		// 9112-9.5-a: a reset cancels.
		ev, _ = run(t, in, func(c *wiretest.Conn) { time.Sleep(2 * time.Second); c.Reset() })
		assert.Equal(t, event{context.Canceled, 2 * time.Second}, ev)
		// An octet that comes meanwhile belongs to the next request.
		ev, out = run(t, in, func(c *wiretest.Conn) { time.Sleep(time.Second); send(t, c, next+next) })
		assert.Equal(t, event{nil, 10 * time.Second}, ev)
		assert.Equal(t, 2, strings.Count(out, "later /n"), out)
		// Nothing happens.
		ev, out = run(t, in, func(c *wiretest.Conn) { time.Sleep(11 * time.Second); send(t, c, next) })
		assert.Equal(t, event{nil, 10 * time.Second}, ev)
		assert.Contains(t, out, "later /n")
	}
}

func TestContextEndsWithTheHandler(t *testing.T) {
	var kept []context.Context
	out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		for _, ctx := range kept {
			assert.ErrorIs(t, ctx.Err(), context.Canceled)
		}
		assert.NoError(t, q.Context().Err())
		kept = append(kept, q.Context())
	})}, get11+next+next)
	assert.Equal(t, 3, strings.Count(out, "200 OK"))
	assert.Len(t, kept, 3)
}

type ctxKey string

func TestBaseAndConnContext(t *testing.T) {
	s := &h1.Server{
		BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), ctxKey("base"), 1) },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, ctxKey("conn"), 2)
		},
		Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			assert.Equal(t, 1, q.Context().Value(ctxKey("base")))
			assert.Equal(t, 2, q.Context().Value(ctxKey("conn")))
		}),
	}
	out, _ := talk(t, s, get11)
	assert.Contains(t, out, "200 OK")
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			if q.Target == "/slow" {
				<-release
			}
			_, _ = w.WriteString("done " + q.Target)
		})}
		idle, busy, fresh := dial(t, s), dial(t, s), dial(t, s)
		send(t, idle, next)
		assert.Contains(t, received(idle), "done /n")
		send(t, busy, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"+next)
		synctest.Wait()
		assert.Equal(t, h1.Stats{Accepted: 3, Requests: 2, New: 1, Active: 1, Idle: 1}, s.Stats())

		hooked := make(chan struct{})
		s.RegisterOnShutdown(func() { close(hooked) })
		ended := make(chan error, 1)
		go func() { ended <- s.Shutdown(context.Background()) }()
		<-hooked
		synctest.Wait()
		out, _, err := atEnd(idle)
		assert.NoError(t, err)
		assert.Empty(t, out, "9112-9.2-a: an idle connection is closed in silence")
		out, after, err := atEnd(fresh)
		assert.NoError(t, err)
		assert.Empty(t, out)
		assert.Equal(t, 500*time.Millisecond, after)
		select {
		case <-ended:
			t.Fatal("a request is running")
		default:
		}
		close(release)
		out, _, err = atEnd(busy)
		assert.NoError(t, err)
		assert.Contains(t, out, "Connection: close\r\n", "own-conn-a")
		assert.Contains(t, out, "done /slow")
		assert.NotContains(t, out, "done /n", "pipelined successors are not started")
		_ = busy.Close()
		assert.NoError(t, <-ended)
		assert.Equal(t, h1.ErrServerClosed, s.ServeConn(busy))
		assert.Equal(t, h1.ErrServerClosed, s.ListenAndServe())
	})
}

func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		gone := make(chan struct{})
		s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			<-q.Context().Done()
			cause = q.Context().Err()
			close(gone)
		})}
		c := dial(t, s)
		send(t, c, get11)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		assert.Equal(t, context.DeadlineExceeded, s.Shutdown(ctx))
		select {
		case <-gone:
			t.Fatal("Shutdown must not cancel a request")
		default:
		}
		assert.NoError(t, s.Close())
		<-gone
		assert.ErrorIs(t, cause, context.Canceled)
	})
}

func TestConnStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var states []h1.ConnState
		s := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			if q.Target == "/hijack" {
				c, _, err := w.Hijack()
				assert.NoError(t, err)
				_ = c.Close()
			}
		}), ConnState: func(_ net.Conn, state h1.ConnState) {
			mu.Lock()
			defer mu.Unlock()
			states = append(states, state)
		}}
		c := dial(t, s)
		send(t, c, get11)
		_ = received(c)
		send(t, c, get11)
		_ = received(c)
		_ = c.CloseWrite()
		_, _, _ = atEnd(c)
		synctest.Wait()
		assert.Equal(t, []h1.ConnState{h1.StateNew, h1.StateActive, h1.StateIdle, h1.StateActive, h1.StateIdle, h1.StateClosed}, states)
		states = nil
		c = dial(t, s)
		send(t, c, "GET /hijack HTTP/1.1\r\nHost: a\r\n\r\n")
		_, _, _ = atEnd(c)
		synctest.Wait()
		assert.Equal(t, []h1.ConnState{h1.StateNew, h1.StateActive, h1.StateHijacked}, states)
		assert.Equal(t, "hijacked", h1.StateHijacked.String())
	})
}

func TestHijackAndUpgrade(t *testing.T) {
	upgrade := "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other/1, WebSocket\r\n\r\n"
	var usage *h1.UsageError
	takers := map[string]struct {
		in   string
		take func(w *h1.Response, q *h1.Request) (net.Conn, error)
		want string
	}{
		"Hijack": {get11, func(w *h1.Response, q *h1.Request) (net.Conn, error) {
			c, rw, err := w.Hijack()
			if err != nil {
				return nil, err
			}
			b := make([]byte, rw.Reader.Buffered())
			_, _ = io.ReadFull(rw, b)
			assert.Equal(t, "ahead ", string(b))
			_, _ = c.Write([]byte("ahead "))
			return c, nil
		}, "ahead behind"},
		"Upgrade": {upgrade, func(w *h1.Response, q *h1.Request) (net.Conn, error) {
			_, err := w.Upgrade("h2c", nil)
			assert.ErrorAs(t, err, &usage, "9110-7.8-c")
			_, err = w.Upgrade("other/2", nil)
			assert.ErrorAs(t, err, &usage)
			h := &h1.Header{}
			h.Set("Content-Length", "1")
			_, err = w.Upgrade("websocket", h)
			assert.ErrorAs(t, err, &usage)
			h.Reset()
			h.Set("Sec-WebSocket-Accept", "x")
			return w.Upgrade("websocket", h)
		}, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nahead behind"},
		"Tunnel": {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", func(w *h1.Response, q *h1.Request) (net.Conn, error) {
			w.Header().Set("Content-Length", "0")
			_, err := w.Tunnel()
			assert.ErrorAs(t, err, &usage, "9110-9.3.6-c")
			w.Header().Reset()
			w.Header().Set("X", "y")
			return w.Tunnel()
		}, "HTTP/1.1 200 OK\r\nDate: DATE\r\nX: y\r\n\r\nahead behind"},
	}
	for name, tt := range takers {
		t.Run(name, func(t *testing.T) {
			s := &h1.Server{ConnectPolicy: func(*h1.Request) error { return nil }, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				_ = q.Context() // a watch must not take an octet with it
				c, err := tt.take(w, q)
				if !assert.NoError(t, err) {
					return
				}
				_, werr := w.WriteString("x")
				assert.ErrorIs(t, werr, h1.ErrHijacked)
				_, _, herr := w.Hijack()
				assert.ErrorIs(t, herr, h1.ErrHijacked)
				_, _ = io.Copy(c, c)
				_ = c.Close()
			})}
			out, end := talk(t, s, tt.in+"ahead ")
			assert.NoError(t, end)
			assert.Equal(t, strings.TrimSuffix(tt.want, "behind"), dateValue.ReplaceAllString(out, "Date: DATE\r\n"))

			synctest.Test(t, func(t *testing.T) {
				c := dial(t, s)
				send(t, c, tt.in+"ahead ")
				synctest.Wait()
				time.Sleep(10 * time.Minute) // no deadline of ours is left
				send(t, c, "behind")
				assert.Equal(t, tt.want, dateValue.ReplaceAllString(received(c), "Date: DATE\r\n"))
			})
		})
	}
	// Without an offer, or with the body unread, a normal response is still possible.
	for _, in := range []string{get11, "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx"} {
		out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			_, err := w.Upgrade("websocket", nil)
			assert.ErrorAs(t, err, &usage)
			_, err = w.Tunnel()
			assert.ErrorAs(t, err, &usage)
			_, _ = w.WriteString("normal")
		})}, in)
		assert.Contains(t, out, "normal")
	}
}

func TestServeOverSockets(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			addr := "127.0.0.1:0"
			if network == "unix" {
				addr = filepath.Join(t.TempDir(), "s")
			}
			l, err := net.Listen(network, addr)
			require.NoError(t, err)
			file := filepath.Join(t.TempDir(), "f")
			content := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
			require.NoError(t, os.WriteFile(file, content, 0o600))
			s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				f, err := os.Open(file)
				if !assert.NoError(t, err) {
					return
				}
				defer f.Close()
				switch q.Target {
				case "/file":
					w.Header().Set("Content-Length", itoa(len(content)))
					n, err := io.Copy(w, f)
					assert.NoError(t, err)
					assert.EqualValues(t, len(content), n)
				case "/part":
					_, _ = f.Seek(100, io.SeekStart)
					w.Header().Set("Content-Length", "20000")
					n, err := io.CopyN(w, f, 20000)
					assert.NoError(t, err)
					assert.EqualValues(t, 20000, n)
				case "/chunked":
					_, err := w.ReadFrom(f)
					assert.NoError(t, err)
				case "/excess": // own-wr-g
					w.Header().Set("Content-Length", "10000")
					_, err := io.Copy(w, f)
					assert.Error(t, err)
				case "/short":
					w.Header().Set("Content-Length", itoa(2*len(content)))
					_, _ = io.Copy(w, f)
				}
			})}
			served := make(chan error)
			go func() { served <- s.Serve(l) }()
			ask := func(target string) (string, error) {
				c, err := net.Dial(network, l.Addr().String())
				require.NoError(t, err)
				defer c.Close()
				send(t, c, "GET "+target+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
				b, err := io.ReadAll(c)
				return string(b), err
			}
			for target, want := range map[string]string{"/file": string(content), "/part": string(content[100:20100]),
				"/chunked": string(content), "/excess": string(content[:10000])} {
				out, err := ask(target)
				require.NoError(t, err, target)
				responses, err := wiretest.ParseResponses(out, []string{"GET"})
				require.NoError(t, err, target)
				assert.True(t, responses[0].Body == want, target)
			}
			out, _ := ask("/short")
			assert.LessOrEqual(t, len(out), len(content)+200)
			require.NoError(t, s.Shutdown(context.Background()))
			assert.Equal(t, h1.ErrServerClosed, <-served)
		})
	}
}

// The bound on a socket without CloseWrite, and any net.Conn at all.
func TestServeConnOverNetPipe(t *testing.T) {
	client, server := net.Pipe()
	done := make(chan error)
	s := &h1.Server{Handler: answering, Logger: quiet}
	go func() { done <- s.ServeConn(server) }()
	go func() { _, _ = client.Write([]byte("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) }()
	b, err := io.ReadAll(client)
	assert.NoError(t, err)
	assert.Contains(t, string(b), "GET /x")
	assert.NoError(t, <-done)
}

func tlsPair(t *testing.T, s *h1.Server, protos []string) (*tls.Conn, *wiretest.Conn, chan error) {
	client, server := wiretest.PipeSize(1 << 20)
	config := &tls.Config{Certificates: []tls.Certificate{testCertificate()}, NextProtos: []string{"other", "http/1.1", "h2"}}
	done := make(chan error, 1)
	go func() { done <- s.ServeConn(tls.Server(server, config)) }()
	return tls.Client(client, &tls.Config{InsecureSkipVerify: true, NextProtos: protos}), client, done
}

func TestTLS(t *testing.T) {
	testCertificate()
	synctest.Test(t, func(t *testing.T) {
		denied := errors.New("denied")
		var deny atomic.Bool
		s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			assert.NotNil(t, q.TLS)
			_, _ = w.WriteString("proto " + q.TLS.NegotiatedProtocol + " scheme " + q.URL.Scheme)
		}), CheckPeer: func(*tls.ConnectionState) error {
			if deny.Load() {
				return denied
			}
			return nil
		}, TLSNextProto: map[string]func(*h1.Server, *tls.Conn, h1.Handler){
			"other": func(s *h1.Server, c *tls.Conn, h h1.Handler) {
				_, _ = c.Write([]byte("hello from other"))
				assert.NotNil(t, h)
			},
		}}
		c, _, done := tlsPair(t, s, []string{"http/1.1"})
		send(t, c, "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n")
		p := make([]byte, 1000)
		n, err := c.Read(p)
		require.NoError(t, err)
		assert.Contains(t, string(p[:n]), "proto http/1.1 scheme https")
		deny.Store(true)
		send(t, c, get11+next)
		b, err := io.ReadAll(c) // nil: close_notify was seen
		assert.NoError(t, err)
		assert.Contains(t, string(b), "HTTP/1.1 403 Forbidden")
		assert.Equal(t, 1, strings.Count(string(b), "HTTP/1.1"))
		_ = c.Close()
		require.NoError(t, <-done)
		deny.Store(false)

		c, _, done = tlsPair(t, s, nil) // 9112-9.7-a: no ALPN is served
		send(t, c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		b, err = io.ReadAll(c)
		assert.NoError(t, err)
		assert.Contains(t, string(b), "200 OK")
		_ = c.Close()
		<-done

		c, _, done = tlsPair(t, s, []string{"h2"}) // negotiated, but nobody speaks it
		_ = c.Handshake()
		b, err = io.ReadAll(c)
		assert.NoError(t, err)
		assert.Empty(t, b)
		_ = c.Close()
		<-done

		c, _, done = tlsPair(t, s, []string{"other"})
		_ = c.Handshake()
		b, err = io.ReadAll(c)
		assert.NoError(t, err)
		assert.Equal(t, "hello from other", string(b))
		_ = c.Close()
		<-done

		_, raw, done := tlsPair(t, s, nil) // nobody shakes hands
		start := time.Now()
		_, _ = io.ReadAll(raw)
		assert.Equal(t, 10*time.Second, time.Since(start))
		_ = raw.Close()
		<-done
	})
	synctest.Test(t, func(t *testing.T) { // 9112-9.8-a: an abort has no close_notify
		s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("x")
			_ = w.Flush()
			time.Sleep(time.Second)
			w.Abort()
		})}
		c, _, done := tlsPair(t, s, nil)
		send(t, c, get11)
		_, err := io.ReadAll(c)
		assert.Error(t, err)
		_ = c.Close()
		<-done
	})
}

// 9112-9.6-d: the whole answer arrives although the client is still sending.
func TestEarlyAnswerSurvives(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &h1.Server{Handler: answering, Logger: quiet, Limits: h1.Limits{MaxRequestBytes: 1000}}
	go func() { _ = s.Serve(l) }()
	defer s.Close()
	for range 20 {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			_, _ = c.Write([]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + strings.Repeat("x", 60000)))
		}()
		b, err := io.ReadAll(c)
		assert.NoError(t, err)
		assert.Contains(t, string(b), "413 Content Too Large: request is too large\n")
		<-sent
		_ = c.Close()
	}
}

func TestNilHandler(t *testing.T) {
	out, _ := talk(t, &h1.Server{}, get11+next)
	assert.Equal(t, 2, strings.Count(out, "404 Not Found\r\n"))
}

func TestDefaultHost(t *testing.T) {
	var host string
	s := &h1.Server{DefaultHost: "svc", Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) { host = q.Host })}
	out, _ := talk(t, s, "GET / HTTP/1.1\r\nHost: \r\n\r\n")
	assert.Contains(t, out, "200 OK")
	assert.Equal(t, "svc", host)
	out, _ = talk(t, s, "GET / HTTP/1.1\r\n\r\n")
	assert.Contains(t, out, "400 Bad Request")
}

// Expected behaviour of peers is not logged as an error (USERS §1.20).
func TestLogKinds(t *testing.T) {
	var log bytes.Buffer
	s := &h1.Server{Handler: answering, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	for _, in := range []string{"", "GET", "GET / HTTP/1.1\r\nbad\r\n\r\n", get11, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"} {
		_, _ = talk(t, s, in)
	}
	assert.Empty(t, log.String())
	s.Handler = h1.HandlerFunc(set("x", "X Y", "a\x1b"))
	_, _ = talk(t, s, get11)
	assert.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	assert.Contains(t, log.String(), "kind=handler")
	assert.NotContains(t, log.String(), "\x1b", "own-sec-c")
}

// A connection that was taken over is nobody's but its new owner's: the context of its request starts no watch on it.
func TestContextAfterTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := make(chan string, 1)
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			conn, err := w.Upgrade("foo", nil)
			assert.NoError(t, err)
			assert.NoError(t, q.Context().Err())
			time.Sleep(time.Second)
			b := make([]byte, 5)
			_, _ = io.ReadFull(conn, b)
			got <- string(b)
			_ = conn.Close()
		})})
		send(t, c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n")
		synctest.Wait()
		send(t, c, "hello")
		assert.Equal(t, "hello", <-got)
	})
}

// 9112-9.3-a: the answer does not wait for a body that nobody wants.
func TestAnswerBeforeDrain(t *testing.T) {
	for _, in := range []string{"Transfer-Encoding: chunked\r\n\r\n5\r\n", "Content-Length: 5\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"} {
		synctest.Test(t, func(t *testing.T) {
			c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) { _, _ = w.WriteString("now") })})
			send(t, c, "POST / HTTP/1.1\r\nHost: a\r\n"+in)
			assert.Contains(t, received(c), "now")
			_, after, err := atEnd(c)
			assert.NoError(t, err)
			assert.Less(t, after, 3*time.Second, "half a second of drain, two of linger")
		})
	}
}

// The time of a whole request counts from its head, also when that comes in pieces.
func TestReadTimeoutOfAPiecemealHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{ReadTimeout: 3 * time.Second, Handler: answering})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\n")
		time.Sleep(time.Second)
		send(t, c, "Content-Length: 2\r\n\r\n")
		time.Sleep(time.Second)
		send(t, c, "xy")
		assert.Contains(t, received(c), "POST / xy")
	})
}

// ConnState may call into the server, and is told that a connection is closed last and once.
func TestShutdownTellsConnState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *h1.Server
		var states []h1.ConnState
		s = &h1.Server{Handler: answering, ConnState: func(_ net.Conn, state h1.ConnState) {
			_ = s.Stats()
			states = append(states, state)
		}}
		c := dial(t, s)
		send(t, c, get11)
		assert.Contains(t, received(c), "200 OK")
		assert.NoError(t, s.Shutdown(t.Context()))
		synctest.Wait()
		assert.Equal(t, []h1.ConnState{h1.StateNew, h1.StateActive, h1.StateIdle, h1.StateClosed}, states)
	})
}

// A panic in a callback ends its connection, not the process.
func TestCallbacksPanic(t *testing.T) {
	var log bytes.Buffer
	boom := func() { panic("boom") }
	for name, s := range map[string]*h1.Server{
		"ConnectPolicy": {ConnectPolicy: func(*h1.Request) error { boom(); return nil }},
		"ConnState": {ConnState: func(_ net.Conn, state h1.ConnState) {
			if state == h1.StateActive {
				boom()
			}
		}},
		"OnError": {OnError: func(*h1.Response, *h1.Request, *h1.ProtocolError) { boom() }},
	} {
		log.Reset()
		s.Logger = slog.New(slog.NewTextHandler(&log, nil))
		s.Handler = answering
		in := "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"
		if name == "OnError" {
			in = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
		}
		out, _ := talk(t, s, in+next)
		assert.Contains(t, log.String(), "boom", name)
		assert.NotContains(t, out, "200 OK", name)
		if name != "ConnState" {
			assert.Equal(t, message("500 Internal Server Error", "Connection: close\r\n"), dateValue.ReplaceAllString(out, "Date: DATE\r\n"), name)
		}
	}
}

// The time of one response is not that of the answer to what comes next.
func TestWriteTimeoutEndsWithItsResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{WriteTimeout: time.Second, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			assert.NoError(t, w.SetWriteDeadline(time.Now().Add(time.Second)))
			_, _ = w.WriteString("first")
		})})
		send(t, c, get11)
		assert.Contains(t, received(c), "first")
		time.Sleep(5 * time.Second)
		send(t, c, "GET / HTTP/1.1\r\nbad header\r\n\r\n")
		out, _, err := atEnd(c)
		assert.NoError(t, err)
		assert.Contains(t, out, "400 Bad Request")
	})
}

// SetReadDeadline ends a read that is under way, and leaves a watch alone.
func TestSetReadDeadlineBesideARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			failed := make(chan time.Duration)
			start := time.Now()
			go func() {
				_, err := io.ReadAll(q.Body)
				assert.ErrorIs(t, err, h1.ErrBodyTimeout)
				assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
				failed <- time.Since(start)
			}()
			time.Sleep(time.Second)
			assert.NoError(t, w.SetReadDeadline(time.Now()))
			assert.Equal(t, time.Second, <-failed)
		})})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
		_, _, _ = atEnd(c)
	})
	synctest.Test(t, func(t *testing.T) {
		cancelled := make(chan time.Duration, 1)
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			ctx, start := q.Context(), time.Now()
			assert.NoError(t, w.SetReadDeadline(time.Now().Add(time.Second)))
			<-ctx.Done()
			cancelled <- time.Since(start)
		})})
		send(t, c, get11)
		time.Sleep(5 * time.Second)
		_ = c.CloseWrite()
		assert.Equal(t, 5*time.Second, <-cancelled)
	})
}

// What is kept of a Request can't reach into another exchange.
func TestLateSetMaxBytes(t *testing.T) {
	var kept *h1.Request
	_, _ = talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) { kept = q })}, get11)
	out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		_ = kept.SetMaxBytes(1)
		answering(w, q)
	})}, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
	assert.Contains(t, out, "POST / hello")
}

// own-conn-a: a pipelined successor is not started, also when the response before it did not say close in time.
func TestShutdownLeavesPipelinedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &h1.Server{}
		s.Handler = h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			_ = w.Flush()
			time.Sleep(time.Second)
			_, _ = w.WriteString("done " + q.Target)
		})
		c := dial(t, s)
		send(t, c, get11+next)
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- s.Shutdown(context.Background()) }()
		out, _, err := atEnd(c)
		assert.NoError(t, err)
		assert.Contains(t, out, "done /")
		assert.NotContains(t, out, "done /n")
		_ = c.Close()
		assert.NoError(t, <-ended)
	})
}

// An explicit Finish sends the response, although the handler has more to do.
func TestFinishSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("sent")
			assert.NoError(t, w.Finish())
			time.Sleep(time.Hour)
		})})
		send(t, c, get11)
		assert.Contains(t, received(c), "sent")
	})
}

// deaf is a connection without deadlines.
type deaf struct{ net.Conn }

func (deaf) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

func TestConnWithoutDeadlines(t *testing.T) {
	client, server := net.Pipe()
	s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		assert.NoError(t, q.Context().Err())
		_, _ = w.WriteString("ok")
	})}
	done := make(chan error, 1)
	go func() { done <- s.ServeConn(deaf{server}) }()
	send(t, client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	b, err := io.ReadAll(client)
	assert.NoError(t, err)
	assert.Contains(t, string(b), "ok")
	_ = client.Close()
	<-done
}

// 9112-6.3-n, own-sec-g: what a handler makes of half a body does not look whole, and no second head goes out.
func TestBodyFailsBehindTheHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			assert.NoError(t, w.EnableFullDuplex())
			assert.NoError(t, w.Flush())
			_, err := io.Copy(w, q.Body)
			assert.ErrorContains(t, err, "chunk")
			time.Sleep(time.Second)
		})})
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
		assert.Contains(t, received(c), "Transfer-Encoding: chunked")
		send(t, c, "ZZ\r\n"+next)
		rest, _, err := atEnd(c)
		assert.Error(t, err, "the connection is cut")
		assert.NotContains(t, rest, "HTTP/1.1")
		assert.NotContains(t, rest, "0\r\n\r\n")
	})
}
