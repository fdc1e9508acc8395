package wiretest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseResponses(t *testing.T) {
	in := "HTTP/1.1 100 Continue\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: a\r\nx: \r\n\r\nabc" +
		"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" +
		"HTTP/1.1 299 \r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n10\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n" +
		"HTTP/1.1 204 No Content\r\n\r\n" +
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\nrest"
	got, err := ParseResponses(in, []string{"POST", "HEAD", "GET", "GET", "GET", "GET"})
	require.NoError(t, err)
	require.Equal(t, []Response{
		{Status: 100, Reason: "Continue", Framing: NoBody},
		{Status: 200, Reason: "OK", Framing: Length, Body: "abc", Fields: []Field{{"Content-Length", "3"}, {"X", "a"}, {"x", ""}}},
		{Status: 200, Reason: "OK", Framing: NoBody, Fields: []Field{{"Content-Length", "7"}}},
		{Status: 299, Framing: Chunked, Body: "a0123456789abcdef", Fields: []Field{{"Transfer-Encoding", "chunked"}}, Trailer: []Field{{"T", "v"}}},
		{Status: 204, Reason: "No Content", Framing: NoBody},
		{Status: 304, Reason: "Not Modified", Framing: NoBody, Fields: []Field{{"Content-Length", "10"}}},
		{Status: 200, Reason: "OK", Framing: UntilClose, Body: "rest", Fields: []Field{{"Connection", "x, Close"}}},
	}, got)
	require.Equal(t, []string{"a", ""}, got[1].Values("x"))
	require.True(t, got[6].Says("connection", "close"))
	require.False(t, got[6].Says("connection", "clo"))
}

func TestParseResponsesTunnel(t *testing.T) {
	for method, head := range map[string]string{
		"CONNECT": "HTTP/1.1 200 OK\r\n\r\n",
		"GET":     "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
	} {
		got, err := ParseResponses(head+"\x00\r\n", []string{method})
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, Switched, got[0].Framing)
		require.Equal(t, "\x00\r\n", got[0].Tunnel)
	}
}

// Each of these is an error, and so is every proper prefix of a response that delimits itself.
func TestParseResponsesRefuses(t *testing.T) {
	tests := []struct{ name, method, in string }{
		{"version", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{"no SP after status", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"},
		{"status of two digits", "GET", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"},
		{"status 600", "GET", "HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n"},
		{"status 099", "GET", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"},
		{"control in reason", "GET", "HTTP/1.1 200 O\x01\r\nContent-Length: 0\r\n\r\n"},
		{"bare LF", "GET", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
		{"bare CR", "GET", "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n"},
		{"fold", "GET", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"},
		{"no colon", "GET", "HTTP/1.1 200 OK\r\nX\r\nContent-Length: 0\r\n\r\n"},
		{"SP before colon", "GET", "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n"},
		{"empty name", "GET", "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 0\r\n\r\n"},
		{"no SP after colon", "GET", "HTTP/1.1 200 OK\r\nX:a\r\nContent-Length: 0\r\n\r\n"},
		{"two SP after colon", "GET", "HTTP/1.1 200 OK\r\nX:  a\r\nContent-Length: 0\r\n\r\n"},
		{"NUL in value", "GET", "HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 0\r\n\r\n"},
		{"DEL in value", "GET", "HTTP/1.1 200 OK\r\nX: \x7f\r\nContent-Length: 0\r\n\r\n"},
		{"length and coding", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"two lengths", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"},
		{"length with sign", "GET", "HTTP/1.1 200 OK\r\nContent-Length: +0\r\n\r\n"},
		{"length with leading zero", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 00\r\n\r\n"},
		{"empty length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n"},
		{"coding not chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		{"chunked twice", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"upper-case chunk-size", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"},
		{"leading zero in chunk-size", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n01\r\na\r\n0\r\n\r\n"},
		{"no chunk-size", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n\r\n"},
		{"chunk extension", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\na\r\n0\r\n\r\n"},
		{"chunk data too long", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"},
		{"bad trailer", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX\r\n\r\n"},
		{"length in 204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"},
		{"length in 100", "GET", "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"},
		{"length in a tunnel", "CONNECT", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{"content in 205", "GET", "HTTP/1.1 205 Reset Content\r\nContent-Length: 1\r\n\r\na"},
		{"content in HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"},
		{"octets left over", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"},
		{"one response too many", "GET", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseResponses(tt.in, []string{tt.method})
			require.Error(t, err)
		})
	}
	for _, whole := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n",
	} {
		_, err := ParseResponses(whole, []string{"GET"})
		require.NoError(t, err)
		for i := 1; i < len(whole); i++ {
			_, err := ParseResponses(whole[:i], []string{"GET"})
			require.Error(t, err, whole[:i])
		}
	}
}
