package main

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPage(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	r, got := fetch(t, c, "GET", url+"/?q=a%20b", nil, "X-Probe", "seen", "Cookie", "taste=sweet; n=2")
	assert.Equal(t, 200, r.StatusCode)
	assert.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
	page := html.UnescapeString(string(got))
	for _, want := range []string{
		"GET", "/?q=a%20b", "origin-form", "HTTP/1.1", "X-Probe", "seen", "taste", "sweet", "a b", "no body", "persists",
		strings.TrimPrefix(url, "http://"), "page built", "so far",
	} {
		assert.Contains(t, page, want)
	}
	assert.NotContains(t, page, "<no value>")
}

// The policy allows the very style and script that are in the page, and nothing on it would need more.
func TestPagePolicy(t *testing.T) {
	url, c := startSite(t, serveConfig{})
	r, got := fetch(t, c, "GET", url+"/", nil)
	policy := r.Header.Get("Content-Security-Policy")
	for _, tag := range []string{"style", "script"} {
		_, rest, ok := strings.Cut(string(got), "<"+tag+">")
		require.True(t, ok)
		inline, _, _ := strings.Cut(rest, "</"+tag+">")
		assert.Contains(t, policy, tag+"-src "+policyHash(inline))
	}
	assert.NotContains(t, string(got), " style=")
	assert.NotRegexp(t, `\son\w+=`, pageHTML)
	assert.NotRegexp(t, `(src|href)="(https?:)?//`, pageHTML)
}

// Nothing a client sends becomes markup, wherever it shows.
func TestPageEscapes(t *testing.T) {
	url, _ := startSite(t, serveConfig{})
	const bad = `<script>alert(1)</script>"'&`
	got := ask(t, url, "GET /?q=%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\nHost: a\r\nX: "+bad+"\r\nCookie: a="+
		`<script>alert(1)</script>`+"\r\nX-Octets: \xff\xfe\t.\r\nConnection: close\r\n\r\n")
	begins(t, "HTTP/1.1 200 OK\r\n", got)
	assert.NotContains(t, got, "<script>alert")
	assert.Equal(t, 1, strings.Count(got, "<script"))
	assert.Contains(t, got, "&lt;script&gt;alert(1)")
	assert.Contains(t, got, `\xff\xfe\t.`)
}

// Why the connection persists or doesn't is told in the words of RFC 9112 §9.3.
func TestPagePersistence(t *testing.T) {
	url, _ := startSite(t, serveConfig{})
	for _, tt := range []struct{ head, want string }{
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "the client asked to close it"},
		{"GET / HTTP/1.0\r\nHost: a\r\n\r\n", "HTTP/1.0 without keep-alive"},
	} {
		got := ask(t, url, tt.head)
		assert.Contains(t, got, "closes", tt.head)
		assert.Contains(t, got, tt.want, tt.head)
	}
}

// Requests are counted one by one, even when they come in one piece.
func TestPageCountsRequests(t *testing.T) {
	url, _ := startSite(t, serveConfig{})
	got := ask(t, url, "GET /none HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n"+
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	assert.Contains(t, got, "3 so far")
	assert.Regexp(t, `<dt>first octets</dt><dd>\S+ before`, got)
}
