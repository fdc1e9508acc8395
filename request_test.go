package h1_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dump puts all that was understood of a request into one string, for comparing.
func dump(q *h1.Request) string {
	return fmt.Sprintf("%q %q %+v %v %q host=%q cl=%d close=%v framing=%v", q.Method, q.Target, q.URL, q.Proto,
		q.Header.Fields(), q.Host, q.ContentLength, q.Close, q.Framing())
}

// parsePieces parses in as it comes when it is cut at the given points, and returns what Parse gave in the end.
func parsePieces(q *h1.Request, in string, lim *h1.Limits, cuts iterInts) (n int, err error) {
	for end := range cuts {
		// A fresh copy each time, so that Parse can't depend on where the octets lie, nor change them.
		b := []byte(in[:end])
		n, err = q.Parse(b, lim)
		if string(b) != in[:end] {
			panic("Parse changed its input")
		}
		if err != h1.ErrIncomplete {
			return n, err
		}
	}
	return n, err
}

type iterInts = func(func(int) bool)

// everyDelivery calls f for each way of cutting in.
func everyDelivery(in string, f func(name string, cuts iterInts)) {
	f("whole", func(yield func(int) bool) { yield(len(in)) })
	f("octets", func(yield func(int) bool) {
		for i := 0; i <= len(in); i++ {
			if !yield(i) {
				return
			}
		}
	})
	for i := range len(in) {
		f(fmt.Sprintf("cut=%d", i), func(yield func(int) bool) {
			if yield(i) {
				yield(len(in))
			}
		})
	}
}

var goodHeads = []string{
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"\r\nGET /a/b%20c?x=1&y=%zz HTTP/1.1\r\nHost: EXAMPLE.com:8080\r\nX-A: 1\r\nx-a:\t2 \t\r\nEmpty:\r\n\r\n",
	"GET http://u.example:80?q HTTP/1.1\r\nhOsT: U.EXAMPLE\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
	"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /u HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 12\r\nConnection: close\r\n\r\n",
	"POST /u HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue\r\n\r\n",
	"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"G!#$%&'*+-.^_`|~1 /\xff HTTP/1.7\r\nHost: a\r\nX: \xff\t\x80\r\n\r\n",
}

func TestParseEveryDelivery(t *testing.T) {
	lim := &h1.Limits{LenientTarget: true}
	for _, in := range goodHeads {
		var whole h1.Request
		n, err := whole.Parse([]byte(in+"MORE"), lim)
		require.NoError(t, err, in)
		require.Equal(t, len(in), n)
		want := dump(&whole)
		everyDelivery(in, func(name string, cuts iterInts) {
			var q h1.Request
			n, err := parsePieces(&q, in, lim, cuts)
			require.NoError(t, err, "%s %q", name, in)
			require.Equal(t, len(in), n)
			require.Equal(t, want, dump(&q), name)
		})
	}
}

func TestParseFields(t *testing.T) {
	var q h1.Request
	in := goodHeads[1]
	n, err := q.Parse([]byte(in), nil)
	require.NoError(t, err)
	assert.Equal(t, len(in), n)
	assert.Equal(t, "GET", q.Method)
	assert.Equal(t, "/a/b%20c?x=1&y=%zz", q.Target)
	assert.Equal(t, h1.URL{Path: "/a/b c", RawPath: "/a/b%20c", RawQuery: "x=1&y=%zz"}, q.URL)
	assert.Equal(t, h1.Version{Major: 1, Minor: 1}, q.Proto)
	assert.Equal(t, "EXAMPLE.com:8080", q.Host)
	assert.Equal(t, []h1.Field{{"Host", "EXAMPLE.com:8080"}, {"X-A", "1"}, {"x-a", "2"}, {"Empty", ""}}, q.Header.Fields())
	assert.Equal(t, in[2:], string(q.AppendHead(nil)), "the head as received, without the empty line before it")
	assert.False(t, q.Close)
	b, err := io.ReadAll(q.Body)
	assert.NoError(t, err)
	assert.Empty(t, b)
}

// What Parse gives may be kept for ever: parsing on must not change it.
func TestParseStringsAreKept(t *testing.T) {
	var q h1.Request
	in := []byte(goodHeads[1])
	_, err := q.Parse(in, nil)
	require.NoError(t, err)
	target, path, host, value := q.Target, q.URL.RawPath, q.Host, q.Header.Get("x-a")
	clone := q.Clone()
	want := dump(&q)
	for i := range in {
		in[i] = '#'
	}
	_, err = q.Parse([]byte(goodHeads[0]), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"/a/b%20c?x=1&y=%zz", "/a/b%20c", "EXAMPLE.com:8080", "1"}, []string{target, path, host, value})
	assert.Equal(t, want, dump(clone))
	assert.Equal(t, goodHeads[1][2:], string(clone.AppendHead(nil)))
}

// refusals are heads that are refused, the status, the section or limit, and the octet at which they are, as the
// offset of "¦" in the input, which is not part of it.
var refusals = []struct {
	in     string
	status int
	rule   string
}{
	{"\r\n¦\r\nGET / HTTP/1.1\r\n", 400, "RFC 9112 §2.2"},
	{"¦\nGET / HTTP/1.1\r\n", 400, "RFC 9112 §2.2"},
	{"\r¦G", 400, "RFC 9112 §2.2"},
	{"G¦@T / HTTP/1.1\r\n", 400, "RFC 9110 §9.1"},
	{"¦ / HTTP/1.1\r\n", 400, "RFC 9112 §3"},
	{"GET¦\r\n\r\n", 400, "RFC 9110 §9.1"},
	{strings.Repeat("A", 32) + "¦A", 501, "MaxMethodBytes"},
	{"GET ¦ / HTTP/1.1\r\n", 400, "RFC 9112 §3.2"},
	{"GET /a¦\x00", 400, "RFC 9112 §3.2"},
	{"GET /a¦\xff", 400, "RFC 9112 §3.2"},
	{"GET /a¦#b HTTP/1.1\r\n", 400, "RFC 9110 §7.1"},
	{"GET /%¦zz HTTP/1.1\r\n", 400, "RFC 3986 §2.1"},
	{"GET /%0¦0 HTTP/1.1\r\n", 400, "RFC 3986 §7.3"},
	{"GET ¦* HTTP/1.1\r\n", 400, "RFC 9112 §3.2"},
	{"GET ¦ftp://a/ HTTP/1.1\r\n", 400, "RFC 9112 §3.2.2"},
	{"GET http:¦x HTTP/1.1\r\n", 400, "RFC 9112 §3.2.2"},
	{"GET http://¦/x HTTP/1.1\r\n", 400, "RFC 9110 §4.2.1"},
	{"GET http://u¦@a/ HTTP/1.1\r\n", 400, "RFC 9110 §4.2.4"},
	{"CONNECT a¦ HTTP/1.1\r\n", 400, "RFC 9112 §3.2.3"},
	{"GET /" + strings.Repeat("a", 8191) + "¦a", 414, "MaxTargetBytes"},
	{"GET / ¦http/1.1\r\n", 400, "RFC 9112 §2.3"},
	{"GET / HTTP/1.1¦\n", 400, "RFC 9112 §2.2"},
	{"GET / HTTP/1.1\r¦H", 400, "RFC 9112 §2.2"},
	{"GET / HTTP/1.1¦0\r\n", 400, "RFC 9112 §2.3"},
	{"GET / HTTP/¦2.0\r\n", 505, "RFC 9110 §15.6.6"},
	{"GET / HTTP/1.1\r\n¦ X: y\r\n", 400, "RFC 9112 §2.2"},
	{"GET / HTTP/1.1\r\nHost: a\r\n¦\tb\r\n", 400, "RFC 9112 §5.2"},
	{"GET / HTTP/1.1\r\nX¦ : y\r\n", 400, "RFC 9112 §5.1"},
	{"GET / HTTP/1.1\r\nX¦\r\n", 400, "RFC 9112 §5"},
	{"GET / HTTP/1.1\r\n¦: y\r\n", 400, "RFC 9110 §5.1"},
	{"GET / HTTP/1.1\r\nX¦(: y\r\n", 400, "RFC 9110 §5.1"},
	{"GET / HTTP/1.1\r\n¦Content_Length: 1\r\n", 400, "RFC 9110 §17.10"},
	{"GET / HTTP/1.1\r\nX: a¦\x7f\r\n", 400, "RFC 9110 §5.5"},
	{"GET / HTTP/1.1\r\nX: a¦\n", 400, "RFC 9112 §2.2"},
	{"GET / HTTP/1.1\r\nX: a\r¦b", 400, "RFC 9112 §2.2"},
	{"GET / HTTP/1.1\r\n" + strings.Repeat("X", 256) + "¦X", 431, "MaxFieldNameBytes"},
	{"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 65533) + "¦a", 431, "MaxHeaderBytes"},
	{"GET / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", 128) + "¦X", 431, "MaxFields"},
	{"GET / HTTP/1.1\r\nX: y\r\n¦\r\n", 400, "RFC 9112 §3.2"},
	{"GET / HTTP/1.1\r\nHost: a\r\nHost: ¦a\r\n\r\n", 400, "RFC 9112 §3.2"},
	{"GET / HTTP/1.1\r\nHost: ¦a/b\r\n\r\n", 400, "RFC 9112 §3.2"},
	{"GET / HTTP/1.1\r\nHost: ¦\r\n\r\n", 400, "RFC 9112 §3.3"},
	{"GET http://b/ HTTP/1.1\r\nHost: ¦a\r\n\r\n", 400, "RFC 9112 §3.2.2"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ¦x\r\n\r\n", 400, "RFC 9110 §8.6"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: ¦1\r\n\r\n", 400, "RFC 9112 §6.3"},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: ¦1\r\n\r\n", 400, "RFC 9112 §6.1"},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ¦gzip\r\n\r\n", 400, "RFC 9112 §6.3"},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ¦gzip, chunked\r\n\r\n", 501, "RFC 9112 §6.1"},
	{"POST / HTTP/1.0\r\nTransfer-Encoding: ¦chunked\r\n\r\n", 400, "RFC 9112 §6.1"},
	{"TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: ¦1\r\n\r\n", 400, "RFC 9110 §9.3"},
	{"POST / HTTP/1.1\r\nHost: a\r\nExpect: ¦y\r\n\r\n", 417, "RFC 9110 §10.1.1"},
}

func TestParseRefusals(t *testing.T) {
	for _, tt := range refusals {
		in := strings.Replace(tt.in, "¦", "", 1)
		offset := int64(strings.Index(tt.in, "¦"))
		check := func(name string, cuts iterInts) {
			var q h1.Request
			n, err := parsePieces(&q, in, nil, cuts)
			fault, ok := errors.AsType[*h1.ProtocolError](err)
			if !ok {
				t.Fatalf("%.80q %s: %v", in, name, err)
			}
			assert.Zero(t, n)
			assert.Equal(t, tt.status, fault.Status, "%.80q %s", in, name)
			assert.Equal(t, tt.rule, fault.Rule, "%.80q %s", in, name)
			assert.Equal(t, offset, fault.Offset, "%.80q %s %v", in, name, fault)
			// The Request is ready for another head.
			_, err = q.Parse([]byte(get11), nil)
			assert.NoError(t, err)
		}
		if len(in) < 300 {
			everyDelivery(in, check)
		} else {
			check("whole", func(yield func(int) bool) { yield(len(in)) })
			check("late", func(yield func(int) bool) { _ = yield(len(in)-3) && yield(len(in)) })
		}
	}
}

// An octet that can never become valid is refused when it comes, and not one octet earlier.
func TestParseRefusesAtOnce(t *testing.T) {
	for _, tt := range refusals {
		cut := strings.Index(tt.in, "¦")
		in := strings.Replace(tt.in, "¦", "", 1)
		if strings.HasSuffix(in, "\r\n\r\n") || strings.Contains(tt.rule, "15.6.6") || strings.HasPrefix(in, "GET *") ||
			strings.Contains(in, "///") || strings.HasPrefix(in, "CONNECT") || strings.Contains(in, "Content_") || cut == len(in) {
			continue // judged when the element is complete
		}
		var q h1.Request
		_, err := q.Parse([]byte(in[:cut]), nil)
		assert.Equal(t, h1.ErrIncomplete, err, "%.80q", in[:cut])
		_, err = q.Parse([]byte(in[:cut+1]), nil)
		assert.NotEqual(t, h1.ErrIncomplete, err, "%.80q", in[:cut+1])
	}
}

func TestParseLimits(t *testing.T) {
	parse := func(in string, lim h1.Limits) int {
		var q h1.Request
		_, err := q.Parse([]byte(in), &lim)
		if fault, ok := errors.AsType[*h1.ProtocolError](err); ok {
			return fault.Status
		}
		require.NoError(t, err)
		return 200
	}
	head := "GET /abc HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
	assert.Equal(t, 200, parse(head, h1.Limits{MaxMethodBytes: 3, MaxTargetBytes: 4, MaxHeaderBytes: 15, MaxFields: 2,
		MaxFieldNameBytes: 4, MaxRequestBytes: int64(len(head))}))
	assert.Equal(t, 501, parse(head, h1.Limits{MaxMethodBytes: 2}))
	assert.Equal(t, 414, parse(head, h1.Limits{MaxTargetBytes: 3}))
	assert.Equal(t, 431, parse(head, h1.Limits{MaxHeaderBytes: 14}))
	assert.Equal(t, 431, parse(head, h1.Limits{MaxFields: 1}))
	assert.Equal(t, 431, parse(head, h1.Limits{MaxFieldNameBytes: 3}))
	assert.Equal(t, 413, parse(head, h1.Limits{MaxRequestBytes: int64(len(head)) - 1}))
	assert.Equal(t, 400, parse("\r\n"+head, h1.Limits{MaxLeadingEmptyLines: -1}))
	assert.Equal(t, 200, parse("\r\n\r\n\r\n"+head, h1.Limits{MaxLeadingEmptyLines: 3}))
	assert.Equal(t, 400, parse(strings.Repeat("\r\n", 9)+head, h1.Limits{MaxLeadingEmptyLines: 100}))
	none := h1.Limits{MaxRequestBytes: -1, MaxMethodBytes: -1, MaxTargetBytes: -1, MaxHeaderBytes: -1, MaxFields: -1, MaxFieldNameBytes: -1}
	big := strings.Repeat("M", 100) + " /" + strings.Repeat("a", 10000) + " HTTP/1.1\r\nHost: a\r\n" +
		strings.Repeat("X: y\r\n", 20000) + strings.Repeat("N", 1000) + ": v\r\n\r\n"
	assert.Equal(t, 200, parse(big, none))
	// 9112-3-d: the default takes at least 8000 octets.
	assert.Equal(t, 200, parse("GET /"+strings.Repeat("a", 7999)+" HTTP/1.1\r\nHost: a\r\n\r\n", h1.Limits{}))
}

// The work is linear in the input however it is cut: no octet is looked at twice but for a few before the cut.
// A parser that started over at each octet would look at two thousand million of them here.
func TestParseDripIsLinear(t *testing.T) {
	in := []byte("GET /" + strings.Repeat("a", 8000) + " HTTP/1.1\r\nHost: a\r\nCookie: " + strings.Repeat("c", 50000) + "\r\n\r\n")
	var q h1.Request
	for end := range in {
		_, err := q.Parse(in[:end], nil)
		require.Equal(t, h1.ErrIncomplete, err)
	}
	_, err := q.Parse(in, nil)
	require.NoError(t, err)
}

func TestErrorsCompare(t *testing.T) {
	var q h1.Request
	_, err := q.Parse([]byte("GET / HTTP/1.1\r\nX : y\r\n"), nil)
	_, other := q.Parse([]byte("GET / HTTP/1.1\r\nLonger : y\r\n"), nil)
	assert.NotEqual(t, err, other)
	assert.ErrorIs(t, err, other)
	assert.Equal(t, "h1: white space before the colon of a field line (RFC 9112 §5.1) at octet 17", err.Error())
	_, other = q.Parse([]byte("GET / HTTP/1.1\r\nX\r\n"), nil)
	assert.NotErrorIs(t, err, other)
}

func TestCookies(t *testing.T) {
	var q h1.Request
	_, err := q.Parse([]byte("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; ; =x; b=\"2\"; c; d=x=y\r\nCookie: e=5;f=\r\n\r\n"), nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "1", "b": `"2"`, "d": "x=y", "e": "5", "f": ""}, maps.Collect(q.Cookies()))
}

func TestAppendHeadOfAMadeRequest(t *testing.T) {
	q := h1.Request{Method: "PUT", Target: "/x", Proto: h1.Version{Major: 1, Minor: 1}}
	q.Header.Add("Host", "a")
	q.Header.Add("x-Y", "z")
	assert.Equal(t, "PUT /x HTTP/1.1\r\nHost: a\r\nx-Y: z\r\n\r\n", string(q.AppendHead(nil)))
}

// Every delivery of the stream layer gives the same requests, bodies and trailers.
func TestReaderEveryDelivery(t *testing.T) {
	in := "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" +
		"POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\na\r\n0123456789\r\n0\r\nX-T: v\r\nCookie: no\r\n\r\n" +
		"\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
	for name, r := range wiretest.Deliveries(in) {
		rd := h1.NewReader(r, nil)
		var q h1.Request
		var got []string
		for {
			err := rd.ReadRequest(&q)
			if err == io.EOF {
				break
			}
			require.NoError(t, err, name)
			body, err := io.ReadAll(q.Body)
			require.NoError(t, err, name)
			got = append(got, fmt.Sprintf("%s %s %q %q", q.Method, q.Target, body, q.Trailer.Fields()))
		}
		rd.Release()
		require.Equal(t, []string{`POST /1 "hello" []`, `POST /2 "abc0123456789" [{"X-T" "v"}]`, `GET /3 "" []`}, got, name)
	}
}

// The same when nobody reads the bodies: they are drained in their framing.
func TestReaderDrains(t *testing.T) {
	in := "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 29\r\n\r\nGET /no HTTP/1.1\r\nHost: a\r\n\r\n" +
		"POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
	for name, r := range wiretest.Deliveries(in) {
		rd := h1.NewReader(r, nil)
		var q h1.Request
		var got []string
		for rd.ReadRequest(&q) == nil {
			got = append(got, q.Target)
		}
		rd.Release()
		require.Equal(t, []string{"/1", "/2", "/3"}, got, name)
	}
	rd := h1.NewReader(strings.NewReader("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"+strings.Repeat("x", 300000)), nil)
	defer rd.Release()
	var q h1.Request
	require.NoError(t, rd.ReadRequest(&q))
	body := q.Body
	require.Error(t, rd.ReadRequest(&q), "too much to drain")
	_, err := body.Read(make([]byte, 1))
	assert.ErrorIs(t, err, h1.ErrBodyClosed)
}

// A body that is cut never looks whole: truncation at every octet is an error.
func TestReaderTruncated(t *testing.T) {
	for _, in := range []string{
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
	} {
		for i := 1; i < len(in); i++ {
			rd := h1.NewReader(strings.NewReader(in[:i]), nil)
			var q h1.Request
			err := rd.ReadRequest(&q)
			if err == nil {
				_, err = io.ReadAll(q.Body)
			}
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", in[:i])
			rd.Release()
		}
	}
}

func TestReaderLimit(t *testing.T) {
	head := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
	chunked := "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{head + "0123456789", len(head) + 10, "0123456789"},
		{head + "0123456789", len(head) + 9, ""}, // not one octet: the length alone says it
		{chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", len(chunked) + 10, "0123456789"},
		{chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", len(chunked) + 9, "01234"},
	} {
		for name, r := range wiretest.Deliveries(tt.in) {
			rd := h1.NewReader(r, &h1.Limits{MaxRequestBytes: int64(tt.limit)})
			var q h1.Request
			require.NoError(t, rd.ReadRequest(&q))
			b, err := io.ReadAll(q.Body)
			assert.Equal(t, tt.want, string(b), name)
			if len(tt.want) < 10 {
				assert.ErrorIs(t, err, h1.ErrBodyTooLarge, name)
			} else {
				assert.NoError(t, err, name)
			}
			assert.Error(t, q.SetMaxBytes(1), "too late")
			rd.Release()
		}
	}
	rd := h1.NewReader(strings.NewReader(head+"0123456789"), &h1.Limits{MaxRequestBytes: 60})
	defer rd.Release()
	var q h1.Request
	require.NoError(t, rd.ReadRequest(&q))
	require.NoError(t, q.SetMaxBytes(-1))
	b, err := io.ReadAll(q.Body)
	assert.NoError(t, err)
	assert.Equal(t, "0123456789", string(b))
}

func TestReaderPassesErrorsOn(t *testing.T) {
	rd := h1.NewReader(io.MultiReader(strings.NewReader("GET /"), errReader{}), nil)
	defer rd.Release()
	var q h1.Request
	assert.Equal(t, io.ErrClosedPipe, rd.ReadRequest(&q))
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestClonedHeaderIsApart(t *testing.T) {
	var q h1.Request
	_, err := q.Parse([]byte("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"), nil)
	require.NoError(t, err)
	c := q.Clone()
	q.Header.Set("X", "2")
	assert.Equal(t, []string{"1"}, slices.Collect(c.Header.Values("x")))
}
