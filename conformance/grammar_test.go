package conformance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	streams = flag.Int("streams", 20_000, "how many streams TestGrammar makes")
	seed    = flag.Uint64("seed", 1, "what TestGrammar draws from")
)

// TestGrammar makes streams of messages that follow the grammar for the most part, and so differ where parsers do. It finds
// in a minute what mutation does not find in ten:
//
//	go test -run TestGrammar -streams 4000000 -seed 2 .
func TestGrammar(t *testing.T) {
	g := &grammar{rand.New(rand.NewPCG(*seed, 0))}
	accepted := 0
	for range *streams {
		in := next
		for range 1 + g.IntN(3) {
			in = g.message() + in
		}
		ours := ReadH1(in, 1<<10)
		accepted += len(ours.Messages)
		for _, p := range Peers {
			if err := p.Compare(in, ours, NewOutcome()); err != nil {
				t.Error(err)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d streams, %d messages that h1 accepts", *streams, accepted)
}

// A grammar draws parts of messages.
type grammar struct{ *rand.Rand }

func (g *grammar) pick(parts ...string) string { return parts[g.IntN(len(parts))] }

// some joins up to most of the parts.
func (g *grammar) some(most int, parts ...string) string {
	var b strings.Builder
	for range g.IntN(most + 1) {
		b.WriteString(g.pick(parts...))
	}
	return b.String()
}

// odd is a piece of a message, or any octet.
func (g *grammar) odd() string {
	if g.IntN(2) == 0 {
		return string([]byte{byte(g.IntN(256))})
	}
	return g.pick(pieces[:]...)
}

func (g *grammar) message() string {
	method := g.pick("GET", "POST", "OPTIONS", "CONNECT", "HEAD", "PUT", "TRACE", "get", "PRI", "X!")
	target, host := g.target(), g.host()
	switch {
	case method == "CONNECT" && g.IntN(2) == 0:
		host = g.pick("a", "A", "[::1]", "a.b") + ":" + g.pick("1", "080", "443")
		target = host
	case g.IntN(4) == 0:
		target = g.pick("http://", "HTTPS://") + host + g.pick("", "/", "?q", "/x?y", "?")
	}
	var b strings.Builder
	b.WriteString(g.pick("", "", "", "", "\r\n") + method + " " + target)
	b.WriteString(" HTTP/" + g.pick("1.1", "1.1", "1.1", "1.0", "1.2", "1.9") + "\r\n")
	if g.IntN(12) > 0 {
		b.WriteString(g.pick("Host", "host", "HOST") + ":" + g.pick(" ", "", "\t") + host + "\r\n")
	}
	for range g.IntN(4) {
		b.WriteString(g.field())
	}
	switch g.IntN(5) {
	case 0:
		b.WriteString(g.pick("Content-Length: 0000000000000000000000001", "Content-Length: 1", "Content-Length:1 ") + "\r\n\r\nx")
	case 1:
		b.WriteString("Transfer-Encoding: " + g.pick("chunked", "CHUNKED", "chunked\t") + "\r\n\r\n" + g.chunked())
	default:
		b.WriteString("\r\n")
	}
	return b.String()
}

func (g *grammar) target() string {
	return g.pick("/", "//", "http://", "HTTPS://", "http://a", "*", "a:443", "a", "[::1]:1", "/a", "/%41") +
		g.some(3, "/", "//", "?", "a", "b", "A", ":", "80", "443", "://", "http://", "%41", "%2f", "..", ".", "[::1]", "[", "]", "&", "=",
			"@", ";", g.odd(), g.odd())
}

func (g *grammar) host() string {
	ip6 := "[" + g.pick("1", "::", "a:") + g.some(8, "1", "::", ":", "ffff", "1.2.3.4", "0", "a:", "b:c:", "1:2:3:4:5:6:7", ":8", "00001", "01.2.3.4") + "]"
	return g.pick("a", "A", "a:80", "a:", "a:443", "[::1]", "[::1]:80", "1.2.3.4", "a.", "a_", "A.b", "0", "-", "~", "a:00080", "01.02", "a..b",
		ip6, ip6+g.pick(":", ":1", ":080"))
}

func (g *grammar) field() string {
	name := g.pick("X", "x-t", "Connection", "Connection", "Expect", "Trailer", "Content-Length", "Transfer-Encoding", "Cookie", "Pragma",
		"Cache-Control", "Upgrade", "User-Agent", "Content-Type", "TE", "Keep-Alive", "Proxy-Connection", "!#$%&'*+-.^_`|~", "Content-Encoding",
		"Authorization", "X.y", "-a-b", "a_b")
	value := g.some(3, "close", "keep-alive", "upgrade", "100-continue", "chunked", "1", "0", "x", ",", " ", "\t", ";", "\"", "\\", "no-cache", ",,,,",
		"=", "X-T", "Content-Length", "\x80", "\xff\xfe", ":", g.odd())
	return name + ":" + g.pick("", " ", "\t", "  ") + value + g.pick("", "", " ", "\t") + "\r\n"
}

func (g *grammar) chunked() string {
	var b strings.Builder
	for range g.IntN(4) {
		n := 1 + g.IntN(20)
		b.WriteString(g.pick("", "0", "000", "0000000000000", "00000000000000") + fmt.Sprintf(g.pick("%x", "%X"), n))
		b.WriteString(g.some(2, ";a", ";a=b", " ;a", "; a", ";a = b", ";a=\"b\"", "\t;\ta=\"\\\"\"", ";a;b", ";a=\"\\\xff;\"", ";a=\"\t\"") + "\r\n")
		b.WriteString(strings.Repeat(g.pick("x", "\r", "\n", "0"), n) + "\r\n")
	}
	b.WriteString(g.pick("0", "00", "0;a", "000000000000000", "0000000000000000", "0 ;x=y") + "\r\n")
	for range g.IntN(3) {
		name := g.pick("X", "x-t", "Via", "If-Match", "Date", "Authorization", "X-Forwarded", "X-Real-IPx", "Pragma", "Age", "Cookie", "etag",
			"Forwarded", "Content-MD5", "X-Forwarded-", "If-", "Vary", "Location", "Server", "Close", "HTTP2-Settings", "User-Agent",
			"Proxy-Authenticate", "Content-Type", "Warning", "Retry-After", "Set-Cookie2", "Expires")
		b.WriteString(name + ":" + g.pick("", " ", "\t") + g.pick("", "a", "a b", "\xff", ":", "a,b", "\"") + g.pick("", " ", "\t") + "\r\n")
	}
	return b.String() + "\r\n"
}
