package conformance

import "strings"

// pieces are what streams are made of. The first ones are whole parts of good messages, so that many combinations get far.
var pieces = [...]string{
	get, post, chunk, "\r\n", "\r\n\r\n", "0\r\n\r\n", "1\r\nx\r\n", "Transfer-Encoding: chunked\r\n",
	"GET / HTTP/1.0\r\n", "POST / HTTP/1.0\r\n", "POST / HTTP/1.2\r\nHost: a\r\n", "Content-Length: 1\r\n", "Content-Length: 1\r\n\r\nx",
	"Connection: ", "close", "keep-alive", "upgrade", "TE", ",", ", ", " ,\t", ";", "\"", "\\",
	"Connection: keep-alive\r\n", "Connection: close\r\n", "Connection: x\r\n",
	"Expect: ", "100-continue", "Expect: 100-continue\r\n", "Trailer: ", "Trailer: X-T\r\n", "X-T", "Upgrade: h2c\r\n",
	"Host: ", "Host: a\r\n", "HOST:a\r\n", "a", "A", "b", "a:80", "a:443", ":", ":80", ":0080", "[::1]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7::]",
	"1.2.3.4", "a.", "a_b", "a~b", "xn--a", "%41",
	"GET ", "POST ", "HEAD ", "OPTIONS ", "CONNECT ", "TRACE ", "PUT ", "PRI ", "get ", "M-SEARCH ",
	"/", "//", "///", "//a/b", "//a/http://b", "/a/../b", "/./", "/%2e%2e/", "/%2f", "/%20", "/a;b", "/:@!$&'()*+,;=-._~", "/[]^{}|`",
	"*", "?", "?a=b&c", "?/?", "?%zz", "?\\", "http://", "https://", "HTTP://", "http://a", "http://a/", "http://a:80/", "http://a?q", "http:", "://",
	"@", "#", "%", "%0", "%00", "&", "=", "\xff", "\x00", "\x7f",
	" HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.1\r\nHost: a\r\n", " HTTP/1.3\r\nHost: a\r\n", " HTTP/2.0\r\n", "HTTP/1.1", " ", "\t", "\r", "\n", "\v",
	"Cookie: a=1; b=2\r\n", "Cookie: \r\n", "User-Agent: u\r\n", "Content-Type: multipart/form-data; boundary=x\r\n", "Pragma: no-cache\r\n",
	"Cache-Control: no-store\r\n", "Content-Length: ", "Content-Length: 0\r\n", "0", "00000000000000000000", "9223372036854775807", "+1", "1",
	"Content_Length: 1\r\n", "Transfer-Encoding: ", "chunked", "Chunked", "identity", "gzip", "Transfer-Encoding : chunked\r\n", "X:\r\n", "X: y\r\n",
	"x-t: v\r\n", "X\tY: z\r\n", ": v\r\n", "A: \xe2\x80\xa8\r\n", "A: b \t\r\n", "A:\t b\r\n", "!#$%&'*+-.^_`|~: v\r\n",
	"0", "1", "2", "a", "A", "f", "10", "x", "xy", "0x1", "ffffffffffffffff", "7fffffffffffffff", "0000000000000001", "000000000000001",
	";a", ";a=b", ";a=\"b;c\\\"d\"", " ;a", "; a", ";a = b", ";", ";a;b=c", "=", "0;a=\"\r\n\"", "0 \r\n", "0\t\r\n",
	"Authorization: x\r\n", "Via: x\r\n", "If-Match: x\r\n", "X-Forwarded-For: x\r\n", "X-Forwarded: x\r\n", "X-Real-IP: x\r\n", "Date: x\r\n", "ETag: x\r\n",
	"Keep-Alive: 1\r\n", "Proxy-Connection: close\r\n", "Close: 1\r\n", "TE: trailers\r\n", "Content-Encoding: gzip\r\n", "Set-Cookie: a=b\r\n",
	next,
}

// assemble gives the stream that octets stand for: each of them is a piece.
func assemble(octets []byte) string {
	var b strings.Builder
	for _, c := range octets {
		b.WriteString(pieces[int(c)%len(pieces)])
	}
	return b.String()
}
