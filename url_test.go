package h1_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct {
		method, target string
		want           h1.URL
	}{
		{"GET", "/", h1.URL{Path: "/"}},
		{"GET", "/a?", h1.URL{Path: "/a", ForceQuery: true}},
		{"GET", "/a?b?c/d", h1.URL{Path: "/a", RawQuery: "b?c/d"}},
		{"GET", "/a%252fb", h1.URL{Path: "/a%2fb", RawPath: "/a%252fb"}},
		{"GET", "/a%2Fb", h1.URL{Path: "/a/b", RawPath: "/a%2Fb"}},
		{"GET", "//evil/x", h1.URL{Path: "//evil/x"}},
		{"GET", "/a/../b", h1.URL{Path: "/a/../b"}},
		{"GET", "/|[]^{}`", h1.URL{Path: "/|[]^{}`"}},
		{"GET", "/?q=100%", h1.URL{Path: "/", RawQuery: "q=100%"}},
		{"GET", `/?a\b`, h1.URL{Path: "/", RawQuery: `a\b`}},
		{"GET", "http://a", h1.URL{Scheme: "http", Host: "a", Path: "/"}},
		{"GET", "HTTPS://A:0080?q", h1.URL{Scheme: "https", Host: "A:0080", Path: "/", RawQuery: "q"}},
		{"GET", "http://a:/x%20y", h1.URL{Scheme: "http", Host: "a:", Path: "/x y", RawPath: "/x%20y"}},
		{"GET", "http://[2001:db8::1]:80/", h1.URL{Scheme: "http", Host: "[2001:db8::1]:80", Path: "/"}},
		{"GET", "http://u:p%40@a/", h1.URL{Scheme: "http", User: "u:p%40", Host: "a", Path: "/"}},
		{"OPTIONS", "*", h1.URL{Path: "*"}},
		{"OPTIONS", "http://a", h1.URL{Scheme: "http", Host: "a", Path: "*"}},
		{"OPTIONS", "http://a/", h1.URL{Scheme: "http", Host: "a", Path: "/"}},
		{"OPTIONS", "http://a?x", h1.URL{Scheme: "http", Host: "a", Path: "/", RawQuery: "x"}},
		{"CONNECT", "a:443", h1.URL{Host: "a:443"}},
		{"CONNECT", "[::1]:443", h1.URL{Host: "[::1]:443"}},
	} {
		u, err := h1.ParseTarget(tt.method, tt.target)
		require.NoError(t, err, tt.target)
		assert.Equal(t, tt.want, u, tt.target)
		if tt.method == "GET" && !strings.HasPrefix(tt.target, "h") && !strings.HasPrefix(tt.target, "H") {
			path, _, _ := strings.Cut(tt.target, "?")
			assert.Equal(t, path, u.EscapedPath())
		}
	}
	for _, tt := range []struct{ method, target string }{
		{"GET", ""}, {"GET", "*"}, {"OPTIONS", "*x"}, {"GET", "foo"}, {"GET", "?a"}, {"GET", "a:443"}, {"GET", "/a#b"},
		{"GET", "/a b"}, {"GET", "/%"}, {"GET", "/%1"}, {"GET", "/%zz"}, {"GET", "/%00"}, {"GET", `/a\b`}, {"GET", "/\""},
		{"GET", "/caf\xc3\xa9"}, {"GET", "http:/a"}, {"GET", "http://"}, {"GET", "http:///x"}, {"GET", "http://:80/"},
		{"GET", "http://@/"}, {"GET", "http://u@v@a/"}, {"GET", "http://a:65536/"}, {"GET", "http://a:8o/"},
		{"GET", "ftp://a/"}, {"GET", "urn:x"}, {"GET", "http://[::1/"}, {"GET", "http://[v1.x]/"}, {"GET", "http://[fe80::1%25e]/"},
		{"GET", "http://a,b/"}, {"GET", "http"}, {"GET", "https:/"}, {"GET", "http://" + strings.Repeat("a", 256) + "/"},
		{"CONNECT", "a"}, {"CONNECT", "a:0"}, {"CONNECT", "a:"}, {"CONNECT", "/x"}, {"CONNECT", "*"}, {"CONNECT", "http://a:80"}, {"CONNECT", ":443"},
	} {
		_, err := h1.ParseTarget(tt.method, tt.target)
		var fault *h1.ProtocolError
		assert.ErrorAs(t, err, &fault, "%s %q", tt.method, tt.target)
	}
}

func TestHostGrammar(t *testing.T) {
	host := func(h string) bool {
		var q h1.Request
		_, err := q.Parse([]byte("GET / HTTP/1.1\r\nHost: "+h+"\r\n\r\n"), nil)
		return err == nil
	}
	for _, good := range []string{"a", "A.Example", "my_svc.local", "a:", "a:80", "a:00080", "1.2.3.4:65535", "[::1]", "[::1]:80", "[::]",
		"[1:2:3:4:5:6:7:8]", "[1::]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[1::8]", "[2001:DB8::]", "a~b", "xn--bcher-kva.example",
		strings.Repeat("a", 255)} {
		assert.True(t, host(good), good)
	}
	for _, bad := range []string{"", ":80", "a/b", "u@a", "a b", "a,b", "a%2eb", "[::1", "::1", "[fe80::1%25e]", "[v1.x]", "a:65536", "a:0", "a:8o", "a:-1",
		"a:123456", "a:80:80", "[]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7::8]", "[1::2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8::]", "[1:2:3:4:5:6::1.2.3.4]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[:::]", "[12345::]", "[::1.2.3]", "[::1.2.3.256]",
		"[::01.2.3.4]", "[1.2.3.4]", "[::1]x", "[g::1]", "[:1]", "[1:]", "[::1.2.3.4:5]", "a?b", "a#b", "a\\b", "a\xffb", strings.Repeat("a", 256)} {
		assert.False(t, host(bad), bad)
	}
}

func TestQuery(t *testing.T) {
	u, err := h1.ParseTarget("GET", "/?a=1&b=x+y%21&&c&=d&a=2&e=%zz%4&f=a=b&%61%26=g")
	require.NoError(t, err)
	var got [][2]string
	for k, v := range u.Query() {
		got = append(got, [2]string{k, v})
	}
	assert.Equal(t, [][2]string{{"a", "1"}, {"b", "x y!"}, {"c", ""}, {"", "d"}, {"a", "2"}, {"e", "%zz%4"}, {"f", "a=b"}, {"a&", "g"}}, got)
	assert.Equal(t, "1", u.QueryGet("a"))
	assert.Equal(t, "", u.QueryGet("none"))
	for range u.Query() {
		break
	}
}

// What ParseTarget takes, net/url reads in the same way, but for what only we take.
func TestStd(t *testing.T) {
	for _, target := range []string{"/", "/Foo_(bar)", "/a!b*c'd", "/a%2Fb?x=y", "/a?", "http://a:80/x%20y?q", "http://u:p%40@a/", "http://u@a/"} {
		u, err := h1.ParseTarget("GET", target)
		require.NoError(t, err)
		want, err := url.ParseRequestURI(target)
		require.NoError(t, err)
		got := u.Std()
		assert.Equal(t, want.String(), got.String())
		assert.Equal(t, want.Path, got.Path)
		assert.Equal(t, want.EscapedPath(), got.EscapedPath())
		assert.Equal(t, want.User.String(), got.User.String())
	}
}
