package h1_test

import (
	"errors"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quiet is a logger for tests that provoke what is worth logging.
var quiet = slog.New(slog.DiscardHandler)

// talk plays the octets of a client that then closes its sending side to a connection of s, and returns all that the
// server wrote until it closed, and the error that ended the client's reading: nil for an orderly close. It waits
// as long as the server does, on a fake clock.
func talk(t *testing.T, s *h1.Server, in string) (out string, end error) {
	t.Helper()
	if s.Logger == nil {
		s.Logger = quiet
	}
	synctest.Test(t, func(t *testing.T) {
		client, server := wiretest.PipeSize(1 << 20)
		served := make(chan error, 1)
		go func() { served <- s.ServeConn(server) }()
		_, err := client.Write([]byte(in))
		require.NoError(t, err)
		synctest.Wait()
		_ = client.CloseWrite()
		b, err := io.ReadAll(client)
		out, end = string(b), err
		_ = client.Close()
		require.NoError(t, <-served)
	})
	return out, end
}

const (
	get11  = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	get10  = "GET / HTTP/1.0\r\n\r\n"
	keep10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	head11 = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
	next   = "GET /n HTTP/1.1\r\nHost: a\r\n\r\n"
)

// A writerTest is a handler's script and what must stand on the wire. DATE stands for a Date value.
type writerTest struct {
	name   string
	in     string // get11 if empty
	script func(w *h1.Response, q *h1.Request)
	want   string
	closes bool  // the connection doesn't outlive the response
	cut    bool  // the connection is reset
	finish error // what Finish returns
}

var dateValue = regexp.MustCompile(`Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT\r\n`)

// message is what the library writes for itself.
func message(status string, extra string) string {
	return "HTTP/1.1 " + status[:strings.IndexAny(status+":", ":")] + "\r\nDate: DATE\r\nContent-Length: " +
		itoa(len(status)+1) + "\r\n" + extra + "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\r\n" + status + "\n"
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

var invalidHead = message("500 Internal Server Error: invalid response head", "")

func (wt *writerTest) run(t *testing.T) {
	in := wt.in
	if in == "" {
		in = get11
	}
	calls := 0
	var finish error
	s := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		if calls++; calls > 1 {
			_, _ = w.WriteString("next")
			return
		}
		wt.script(w, q)
		finish = w.Finish()
	})}
	out, end := talk(t, s, in+next)
	got := dateValue.ReplaceAllString(out, "Date: DATE\r\n")
	want := wt.want
	if !wt.closes && !wt.cut {
		want += "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 4\r\n\r\nnext"
	}
	assert.Equal(t, want, got)
	if wt.cut {
		assert.Error(t, end, "the client must see a reset")
	} else {
		assert.NoError(t, end)
		method, _, _ := strings.Cut(in, " ")
		responses, err := wiretest.ParseResponses(out, []string{method, "GET"})
		assert.NoError(t, err)
		finals := 0
		for _, r := range responses {
			if !r.Interim() {
				finals++
			}
		}
		assert.Equal(t, 2-btoi(wt.closes), finals, "exactly the expected responses")
	}
	if wt.finish == nil {
		assert.NoError(t, finish)
	} else {
		assert.ErrorIs(t, finish, wt.finish)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// set returns a script that sets fields and writes content.
func set(content string, fields ...string) func(*h1.Response, *h1.Request) {
	return func(w *h1.Response, q *h1.Request) {
		for i := 0; i < len(fields); i += 2 {
			w.Header().Add(fields[i], fields[i+1])
		}
		_, _ = w.WriteString(content)
	}
}

// status returns a script that sets a status and writes content.
func status(code int, content string, fields ...string) func(*h1.Response, *h1.Request) {
	return func(w *h1.Response, q *h1.Request) {
		w.WriteHeader(code)
		set(content, fields...)(w, q)
	}
}

func TestResponseFraming(t *testing.T) {
	for _, tt := range []writerTest{
		{name: "9112-4-a", script: set("abc"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 3\r\n\r\nabc"},
		{name: "9112-4-b", script: status(299, ""), want: "HTTP/1.1 299 \r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
		{name: "9110-8.6-h untouched", script: set(""), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
		{name: "9112-4-c reason", script: func(w *h1.Response, q *h1.Request) { w.SetReason("h\xc3\xa9"); _, _ = w.WriteString("x") },
			want: "HTTP/1.1 200 h\xc3\xa9\r\nDate: DATE\r\nContent-Length: 1\r\n\r\nx"},
		{name: "9112-6.3-j", script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("a")
			_ = w.Flush()
			_, _ = w.WriteString("b")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"},
		{name: "9112-7.1-m empty writes and flushes", script: func(w *h1.Response, q *h1.Request) {
			_ = w.Flush()
			_, _ = w.Write(nil)
			_ = w.Flush()
			_ = w.Flush()
			_, _ = w.WriteString("rest")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nrest\r\n0\r\n\r\n"},
		{name: "9112-7.1-n", script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("seventeen octets!")
			_ = w.Flush()
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n11\r\nseventeen octets!\r\n0\r\n\r\n"},
		{name: "large write", script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", 10000)))
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n" + strings.Repeat("x", 10000) + "\r\n0\r\n\r\n"},
		{name: "9112-6.2-a", script: func(w *h1.Response, q *h1.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = w.WriteString("abc")
			_ = w.Flush()
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 3\r\n\r\nabc"},
		{name: "9112-6.1-i", in: get10, closes: true, script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("a")
			_ = w.Flush()
			_, _ = w.WriteString("b")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nConnection: close\r\n\r\nab"},
		{name: "9112-9.3-h", in: keep10, closes: true, script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("a")
			_ = w.Flush()
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nConnection: close\r\n\r\na"},
		{name: "own-10-e", in: keep10, script: set("0123456789"),
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 10\r\nConnection: keep-alive\r\n\r\n0123456789"},
		{name: "9110-9.3.2-a counted", in: head11, script: set("abc"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 3\r\n\r\n"},
		{name: "9110-9.3.2-a flushed", in: head11, script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("a")
			_ = w.Flush()
			_, _ = w.WriteString("b")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\n\r\n"},
		{name: "9110-8.6-e nothing is known", in: head11, script: func(w *h1.Response, q *h1.Request) {}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\n\r\n"},
		{name: "HEAD of what would be chunked", in: head11, script: set(strings.Repeat("x", 5000)), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\n\r\n"},
		{name: "9110-8.6-e trusted", in: head11, script: set("", "Content-Length", "5"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 5\r\n\r\n"},
		{name: "9110-8.6-e disagrees", in: head11, script: set("abc", "Content-Length", "5"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\n\r\n"},
		{name: "9110-8.6-f", script: status(204, "", "Content-Length", "0"), want: "HTTP/1.1 204 No Content\r\nDate: DATE\r\n\r\n"},
		{name: "9112-6.1-g", script: func(w *h1.Response, q *h1.Request) { w.WriteHeader(204); _ = w.Flush() },
			want: "HTTP/1.1 204 No Content\r\nDate: DATE\r\n\r\n"},
		{name: "9112-6.3-i", script: func(w *h1.Response, q *h1.Request) {
			w.WriteHeader(204)
			_, err := w.WriteString("HTTP/1.1 200 OK\r\n\r\n")
			assert.Error(t, err)
		}, want: "HTTP/1.1 204 No Content\r\nDate: DATE\r\n\r\n"},
		{name: "9110-8.6-g, 9110-15.4.5-a", script: status(304, "", "Content-Length", "10", "ETag", `"x"`, "Content-Type", "a/b", "Content-Encoding", "gzip", "Content-Range", "bytes 0-1/2", "Vary", "Accept"),
			want: "HTTP/1.1 304 Not Modified\r\nDate: DATE\r\nETag: \"x\"\r\nVary: Accept\r\n\r\n"},
		{name: "9110-15.3.6-a", script: func(w *h1.Response, q *h1.Request) {
			w.WriteHeader(205)
			_, err := w.WriteString("x")
			assert.Error(t, err)
		}, want: "HTTP/1.1 205 Reset Content\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
		{name: "9112-9.6-f", closes: true, script: set("x", "Connection", "Close"),
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"},
		{name: "9110-7.8-h", script: set("", "Upgrade", "h2c"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"},
		{name: "9110-5.6.1-c close and upgrade", closes: true, script: set("", "Upgrade", "foo", "Connection", "close"),
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\nConnection: close, upgrade\r\nUpgrade: foo\r\n\r\n"},
		{name: "9110-6.6.1-e", script: set("", "Date", "Tue, 15 Nov 1994 08:12:31 GMT"), want: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: DATE\r\n\r\n"},
		{name: "9110-5.3-b Set-Cookie", script: set("", "Set-Cookie", "a=1", "Set-Cookie", "b=2"),
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"},
		{name: "9110-5.5-e trimmed", script: set("", "X", " v\t"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\nX: v\r\n\r\n"},
		{name: "9110-5.6.3-b empty", script: set("", "X", ""), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\nX: \r\n\r\n"},
		{name: "S-SPL-04", script: set("", "X", "\xc4\x8d\xc4\x8a"), want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\nX: \xc4\x8d\xc4\x8a\r\n\r\n"},
		{name: "own-wr-a, 9110-15-b", script: func(w *h1.Response, q *h1.Request) {
			w.WriteHeader(200)
			_ = w.Flush()
			w.Header().Set("X", "v")
			w.WriteHeader(404)
			assert.Equal(t, 200, w.Status())
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{name: "own-wr-f", script: func(w *h1.Response, q *h1.Request) {
			_, _ = w.WriteString("x")
			assert.NoError(t, w.Finish())
			_, err := w.WriteString("y")
			assert.ErrorIs(t, err, h1.ErrFinished)
			assert.ErrorIs(t, w.Flush(), h1.ErrFinished)
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 1\r\n\r\nx"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestResponseRefusesInvalidHeads(t *testing.T) {
	for name, script := range map[string]func(*h1.Response, *h1.Request){
		"S-SPL-01":         set("x", "Location", "/x\r\nSet-Cookie: s=1"),
		"S-SPL-01b":        set("x", "X", "a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
		"S-SPL-02 LF":      set("x", "X", "a\nY: b"),
		"S-SPL-02 CR":      set("x", "X", "a\rY: b"),
		"S-SPL-02 fold":    set("x", "X", "a\r\n b"),
		"S-SPL-03 NUL":     set("x", "X", "a\x00b"),
		"S-SPL-03 DEL":     set("x", "X", "a\x7fb"),
		"S-SPL-05 CRLF":    set("x", "X\r\nY", "v"),
		"S-SPL-05 colon":   set("x", "X: Y", "v"),
		"S-SPL-05 empty":   set("x", "", "v"),
		"9112-5.2-c":       set("x", " X", "v"),
		"S-SPL-06 20":      status(20, "x"),
		"S-SPL-06 1000":    status(1000, "x"),
		"S-SPL-06 -1":      status(-1, "x"),
		"S-SPL-06 600":     status(600, "x"),
		"S-SPL-06 0":       status(0, "x"),
		"S-SPL-07 100":     status(100, "x"),
		"S-SPL-07 101":     status(101, "x"),
		"S-SPL-08":         func(w *h1.Response, q *h1.Request) { w.SetReason("OK\r\nX: y"); _, _ = w.WriteString("x") },
		"S-SPL-11":         set("ab", "Transfer-Encoding", "gzip, chunked"),
		"S-SPL-11b":        set("ab", "Content-Length", "2", "Transfer-Encoding", "chunked"),
		"S-SPL-12":         set("x", "Content-Length", "1, 1"),
		"S-SPL-12b":        set("x", "Content-Length", "1", "Content-Length", "1"),
		"9110-8.6-i abc":   set("x", "Content-Length", "abc"),
		"9110-8.6-i -1":    set("x", "Content-Length", "-1"),
		"9110-8.6-i +1":    set("x", "Content-Length", "+1"),
		"9110-8.6-i 20":    set("x", "Content-Length", "00000000000000000001"),
		"9110-8.6-k":       set("ab", "Content-Length", "5"),
		"9110-5.3-b":       set("x", "Location", "/a", "location", "/b"),
		"own-wr-d Trailer": set("x", "Trailer", "X"),
		"own-wr-d close":   set("x", "Close", "1"),
		"own-wr-d KA":      set("x", "Keep-Alive", "timeout=1"),
		"own-wr-d PC":      set("x", "Proxy-Connection", "close"),
		"own-wr-d TE":      set("x", "TE", "trailers"),
		"own-wr-d H2S":     set("x", "HTTP2-Settings", "x"),
		"9112-9.6-f":       set("x", "Connection", "close, foo"),
		"9112-9.6-f KA":    set("x", "Connection", "keep-alive"),
		"9110-6.6.1-e":     set("x", "Date", "now"),
		"9110-6.6.1-e day": set("x", "Date", "Mon, 15 Nov 1994 08:12:31 GMT"),
		"9110-7.8-g":       status(426, "x"),
		"S-SPL-19": func(w *h1.Response, q *h1.Request) {
			w.Trailer().Set("Content-Length", "")
			_, _ = w.WriteString("x")
		},
		"S-SPL-19b": func(w *h1.Response, q *h1.Request) { w.Trailer().Set("Set-Cookie", ""); _, _ = w.WriteString("x") },
		"9110-6.5.1-f": func(w *h1.Response, q *h1.Request) {
			w.Header().Set("Content-Length", "1")
			w.Trailer().Set("X", "")
			_, _ = w.WriteString("x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			s := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				if calls++; calls > 1 {
					return
				}
				script(w, q)
				sticky := w.Finish()
				_, isUsage := errors.AsType[*h1.UsageError](sticky)
				assert.True(t, isUsage, "Finish returns %v", sticky)
				_, err := w.WriteString("more")
				assert.Equal(t, sticky, err)
				assert.Equal(t, sticky, w.Flush())
				assert.Equal(t, sticky, w.Finish())
			})}
			out, end := talk(t, s, get11+next)
			assert.NoError(t, end)
			assert.Equal(t, invalidHead+"HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n",
				dateValue.ReplaceAllString(out, "Date: DATE\r\n"))
		})
	}
}

func TestResponseLengthMismatch(t *testing.T) {
	var usage *h1.UsageError
	run := func(script func(w *h1.Response, q *h1.Request)) (string, error) {
		return talk(t, &h1.Server{Handler: h1.HandlerFunc(script)}, get11+next)
	}
	// 9110-8.6-j: the excess is dropped and the connection closes.
	out, end := run(func(w *h1.Response, q *h1.Request) {
		set("abcHTTP/1.1 200 OK", "Content-Length", "3")(w, q)
		assert.ErrorAs(t, w.Finish(), &usage)
	})
	assert.NoError(t, end)
	assert.True(t, strings.HasSuffix(out, "Content-Length: 3\r\nConnection: close\r\n\r\nabc"), out)

	// The same when the head is out already.
	out, end = run(func(w *h1.Response, q *h1.Request) {
		set("ab", "Content-Length", "3")(w, q)
		assert.NoError(t, w.Flush())
		_, err := w.Write([]byte(strings.Repeat("c", 5000)))
		assert.ErrorAs(t, err, &usage)
	})
	assert.NoError(t, end)
	assert.True(t, strings.HasSuffix(out, "Content-Length: 3\r\n\r\nabc"), out)

	// 9110-8.6-k: too little behind a written head cuts the connection.
	out, end = run(func(w *h1.Response, q *h1.Request) {
		set("ab", "Content-Length", "5")(w, q)
		assert.NoError(t, w.Flush())
		assert.ErrorAs(t, w.Finish(), &usage)
	})
	assert.Error(t, end)
	assert.NotContains(t, out, "next")
	assert.LessOrEqual(t, strings.Count(out, "HTTP/1.1"), 1)
}

func TestResponseTrailers(t *testing.T) {
	for _, tt := range []writerTest{
		{name: "9110-6.6.2-b", script: func(w *h1.Response, q *h1.Request) {
			w.Trailer().Set("X-Sum", "")
			_, _ = w.WriteString("abc")
			w.Trailer().Set("X-Sum", "v")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: v\r\n\r\n"},
		{name: "without content", script: func(w *h1.Response, q *h1.Request) { w.Trailer().Set("X-Sum", "v") },
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n0\r\nX-Sum: v\r\n\r\n"},
		{name: "never set", script: func(w *h1.Response, q *h1.Request) {
			w.Trailer().Set("X-Sum", "")
			w.Trailer().Set("X-Two", "")
			_, _ = w.WriteString("abc")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Two\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		{name: "9110-6.5.1-f HTTP/1.0", in: keep10, script: func(w *h1.Response, q *h1.Request) {
			w.Trailer().Set("X-Sum", "v")
			_, _ = w.WriteString("abc")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc"},
		{name: "9110-6.5.1-f HEAD", in: head11, script: func(w *h1.Response, q *h1.Request) {
			w.Trailer().Set("X-Sum", "v")
			_, _ = w.WriteString("abc")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\n\r\n"},
		{name: "9110-6.5.1-f 204", script: func(w *h1.Response, q *h1.Request) {
			w.Trailer().Set("X-Sum", "v")
			w.WriteHeader(204)
		}, want: "HTTP/1.1 204 No Content\r\nDate: DATE\r\n\r\n"},
	} {
		t.Run(tt.name, tt.run)
	}
	var usage *h1.UsageError
	for name, late := range map[string]func(h *h1.Header){
		"S-SPL-18":      func(h *h1.Header) { h.Set("X-T", "v\r\n\r\nHTTP/1.1 200 OK") },
		"own-tr-a":      func(h *h1.Header) { h.Set("X-Other", "v") },
		"9112-7.1.2-c":  func(h *h1.Header) { h.Add("X T", "v") },
		"forbidden":     func(h *h1.Header) { h.Add("Content-Length", "5") },
		"NUL":           func(h *h1.Header) { h.Set("X-T", "a\x00") },
		"announced too": func(h *h1.Header) { h.Add("Set-Cookie", "a=b") },
	} {
		t.Run(name, func(t *testing.T) {
			out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				w.Trailer().Set("X-T", "")
				_, _ = w.WriteString("abc")
				assert.NoError(t, w.Flush())
				late(w.Trailer())
				assert.ErrorAs(t, w.Finish(), &usage)
			})}, get11)
			assert.NoError(t, end)
			assert.True(t, strings.HasSuffix(out, "Trailer: X-T\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), out)
		})
	}
}

func TestInformational(t *testing.T) {
	link := &h1.Header{}
	link.Set("Link", "</a.css>; rel=preload")
	var usage *h1.UsageError
	for _, tt := range []writerTest{
		{name: "8297-2-a, 8297-2-b", script: func(w *h1.Response, q *h1.Request) {
			assert.NoError(t, w.WriteInformational(103, link))
			assert.NoError(t, w.WriteInformational(103, nil))
			_, _ = w.WriteString("x")
		}, want: "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" +
			"HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 1\r\n\r\nx"},
		{name: "9110-15.2-a", in: keep10, script: func(w *h1.Response, q *h1.Request) {
			assert.ErrorAs(t, w.WriteInformational(103, link), &usage)
			_, _ = w.WriteString("x")
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx"},
		{name: "9110-15-c", script: func(w *h1.Response, q *h1.Request) {
			w.Header().Set("Content-Length", "0")
			_ = w.Flush()
			assert.ErrorIs(t, w.WriteInformational(103, nil), h1.ErrCommitted)
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
		{name: "9110-15.2-b, 9110-15.2-c, 9110-15.2.1-a", script: func(w *h1.Response, q *h1.Request) {
			for _, name := range []string{"Content-Length", "Transfer-Encoding", "Trailer", "Connection", "Upgrade", "X Y"} {
				h := &h1.Header{}
				h.Set(name, "1")
				assert.ErrorAs(t, w.WriteInformational(103, h), &usage, name)
			}
			for _, code := range []int{99, 100, 101, 200, 0, -1, 404} {
				assert.ErrorAs(t, w.WriteInformational(code, nil), &usage, code)
			}
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
		{name: "at most 16", script: func(w *h1.Response, q *h1.Request) {
			for range 16 {
				assert.NoError(t, w.WriteInformational(102, nil))
			}
			assert.ErrorAs(t, w.WriteInformational(102, nil), &usage)
		}, want: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 16) + "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
		{name: "100 is sent once", in: "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
			script: func(w *h1.Response, q *h1.Request) {
				assert.NoError(t, w.WriteInformational(100, nil))
				assert.ErrorAs(t, w.WriteInformational(100, nil), &usage)
				b, err := io.ReadAll(q.Body)
				assert.NoError(t, err)
				assert.Equal(t, "x", string(b))
			}, want: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestWriteShared(t *testing.T) {
	shared := h1.NewSharedChunk([]byte("event: tick\n\n"))
	empty := h1.NewSharedChunk(nil)
	script := func(w *h1.Response, q *h1.Request) {
		_, _ = w.WriteString("first\n")
		assert.NoError(t, w.WriteShared(shared))
		assert.NoError(t, w.WriteShared(empty))
		assert.NoError(t, w.WriteShared(shared))
	}
	for _, tt := range []writerTest{
		{name: "chunked", script: script, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"6\r\nfirst\n\r\nd\r\nevent: tick\n\n\r\nd\r\nevent: tick\n\n\r\n0\r\n\r\n"},
		{name: "bare", in: get10, closes: true, script: script,
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nConnection: close\r\n\r\nfirst\nevent: tick\n\nevent: tick\n\n"},
		{name: "length", script: func(w *h1.Response, q *h1.Request) {
			w.Header().Set("Content-Length", "13")
			assert.NoError(t, w.WriteShared(shared))
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 13\r\n\r\nevent: tick\n\n"},
		{name: "HEAD", in: head11, script: func(w *h1.Response, q *h1.Request) { assert.NoError(t, w.WriteShared(shared)) },
			want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 13\r\n\r\n"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestReadFrom(t *testing.T) {
	content := strings.Repeat("0123456789", 1000)
	for _, tt := range []writerTest{
		{name: "chunked", script: func(w *h1.Response, q *h1.Request) {
			n, err := w.ReadFrom(strings.NewReader("abc"))
			assert.NoError(t, err)
			assert.EqualValues(t, 3, n)
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 3\r\n\r\nabc"},
		{name: "length", script: func(w *h1.Response, q *h1.Request) {
			w.Header().Set("Content-Length", "10000")
			n, err := io.Copy(w, strings.NewReader(content))
			assert.NoError(t, err)
			assert.EqualValues(t, 10000, n)
			assert.EqualValues(t, 10000, w.BytesWritten())
		}, want: "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 10000\r\n\r\n" + content},
	} {
		t.Run(tt.name, tt.run)
	}
}

// 9110-6.6.1-c: the Date is that of the response, not of the first one.
func TestDateMovesOn(t *testing.T) {
	s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) { time.Sleep(1500 * time.Millisecond) })}
	out, _ := talk(t, s, get11+next)
	dates := dateValue.FindAllString(out, -1)
	require.Len(t, dates, 2)
	assert.NotEqual(t, dates[0], dates[1])

	s = &h1.Server{DisableDate: true, Handler: s.Handler}
	out, _ = talk(t, s, get11)
	assert.NotContains(t, out, "Date:")
}

func TestStandaloneResponse(t *testing.T) {
	var q h1.Request
	_, err := q.Parse([]byte(get11), nil)
	require.NoError(t, err)
	for range 3 { // from the pool
		var out strings.Builder
		w := h1.NewResponse(&out, &q)
		w.Header().Set("X", "y")
		_, _ = w.WriteString("hello")
		require.NoError(t, w.Finish())
		assert.Equal(t, "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 5\r\nX: y\r\n\r\nhello", dateValue.ReplaceAllString(out.String(), "Date: DATE\r\n"))
		assert.False(t, q.Close)
	}
	_, err = q.Parse([]byte(keep10), nil)
	require.NoError(t, err)
	require.False(t, q.Close)
	w := h1.NewResponse(io.Discard, &q)
	_, _ = w.Write(make([]byte, 5000))
	require.NoError(t, w.Finish())
	assert.True(t, q.Close, "the body of unknown length is ended by closing")

	w = h1.NewResponse(failingWriter{}, &q)
	_, _ = w.WriteString("x")
	assert.ErrorIs(t, w.Finish(), io.ErrClosedPipe)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A writer keeps nothing of what it was given (USERS: hertz#1309).
func TestWriteDoesNotKeep(t *testing.T) {
	for _, size := range []int{10, 3000, 5000, 100000} {
		out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			p := []byte(strings.Repeat("a", size))
			_, _ = w.Write(p)
			for i := range p {
				p[i] = 'z'
			}
		})}, get11)
		assert.NotContains(t, out, "z", size)
	}
}

func TestAppendResponseHead(t *testing.T) {
	h := func(fields ...string) *h1.Header {
		h := &h1.Header{}
		for i := 0; i < len(fields); i += 2 {
			h.Add(fields[i], fields[i+1])
		}
		return h
	}
	b, err := h1.AppendResponseHead([]byte("x"), 200, h("Transfer-Encoding", "chunked", "X", "y"))
	require.NoError(t, err)
	assert.Equal(t, "xHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n", string(b))
	b, err = h1.AppendResponseHead(nil, 103, nil)
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 103 Early Hints\r\n\r\n", string(b))
	for name, tt := range map[string]struct {
		status int
		h      *h1.Header
	}{
		"99":        {99, nil},
		"600":       {600, nil},
		"both":      {200, h("Content-Length", "1", "Transfer-Encoding", "chunked")},
		"both back": {200, h("Transfer-Encoding", "chunked", "Content-Length", "1")},
		"gzip":      {200, h("Transfer-Encoding", "gzip, chunked")},
		"twice":     {200, h("Transfer-Encoding", "chunked", "transfer-encoding", "chunked")},
		"lengths":   {200, h("Content-Length", "1", "Content-Length", "1")},
		"204":       {204, h("Content-Length", "0")},
		"103":       {103, h("Transfer-Encoding", "chunked")},
		"CRLF":      {200, h("X", "a\r\nb")},
		"name":      {200, h("X Y", "a")},
		"date":      {200, h("Date", "now")},
	} {
		b, err := h1.AppendResponseHead([]byte("x"), tt.status, tt.h)
		assert.Error(t, err, name)
		assert.Equal(t, "x", string(b), name)
	}
}
