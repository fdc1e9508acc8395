package h1_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1"
	"github.com/stretchr/testify/assert"
)

func header(lines ...string) *h1.Header {
	h := &h1.Header{}
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		h.Add(name, value)
	}
	return h
}

func lines(h *h1.Header) (out []string) {
	for name, value := range h.All() {
		out = append(out, name+": "+value)
	}
	return out
}

func TestHeaderLookUp(t *testing.T) {
	h := header("X: 1", "Y: 2", "x: 3", "Empty: ")
	assert.Equal(t, "1", h.Get("x"))
	assert.Equal(t, "", h.Get("z"))
	assert.True(t, h.Has("EMPTY"))
	assert.False(t, h.Has("z"))
	assert.False(t, h.Has("X_"))
	assert.Equal(t, 4, h.Len())
	assert.Equal(t, []string{"1", "3"}, slices.Collect(h.Values("X")))
	for range h.Values("x") {
		break
	}
	for range h.All() {
		break
	}
}

func TestHeaderEdits(t *testing.T) {
	h := header("A: 1", "X: 1", "B: 2", "x: 3", "C: 4", "X: 5")
	h.Set("x", "new")
	assert.Equal(t, []string{"A: 1", "x: new", "B: 2", "C: 4"}, lines(h))
	h.Set("D", "5")
	h.Del("b")
	h.Del("none")
	assert.Equal(t, []string{"A: 1", "x: new", "C: 4", "D: 5"}, lines(h))
	h.Reset()
	assert.Empty(t, lines(h))
}

func TestHeaderTokens(t *testing.T) {
	for in, want := range map[string][]string{
		"a":                    {"a"},
		"a, b ,\tc":            {"a", "b", "c"},
		",, a ,,b,":            {"a", "b"},
		"":                     nil,
		`a;q="x,y", b`:         {`a;q="x,y"`, "b"},
		`a="\",", b`:           {`a="\","`, "b"},
		`a="unterminated, b`:   {`a="unterminated, b`},
		`"a\`:                  {`"a\`},
		" \x0b, \xa0 ":         {"\x0b", "\xa0"},
		"gzip;q=1.0,*;q=0.5\t": {"gzip;q=1.0", "*;q=0.5"},
	} {
		assert.Equal(t, want, slices.Collect(header("T: "+in).Tokens("t")), in)
	}
	assert.Equal(t, []string{"a", "b", "c"}, slices.Collect(header("T: a, b", "U: x", "T: c").Tokens("T")))
}

// 9110-7.6.1-d, and the advisories on Connection that deletes trusted fields.
func TestRemoveHopByHop(t *testing.T) {
	h := header("Connection: X-A, close", "X-A: 1", "X-B: 2", "Keep-Alive: 1", "TE: trailers", "Transfer-Encoding: chunked",
		"connection: x-c", "X-c: 3", "Upgrade: foo", "Trailer: X", "Proxy-Connection: close", "Proxy-Authorization: x", "Host: a")
	assert.NoError(t, h.RemoveHopByHop())
	assert.Equal(t, []string{"X-B: 2", "Host: a"}, lines(h))
	for _, name := range []string{"Host", "content-length", "AUTHORIZATION", "Cookie", "Forwarded", "X-Forwarded-For", "x-FORWARDED-host", "X-Real-Ip"} {
		h := header("Connection: close, "+name, name+": v", "Keep-Alive: 1")
		err := h.RemoveHopByHop()
		assert.ErrorContains(t, err, name)
		assert.Equal(t, 3, h.Len(), "nothing is removed")
	}
}
