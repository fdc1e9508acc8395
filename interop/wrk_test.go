package interop

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrk keeps 64 connections busy for some seconds; no request may fail.
func TestWrk(t *testing.T) {
	installed(t, "wrk")
	s := sharedServer(t)
	duration := "5s"
	if testing.Short() {
		duration = "2s"
	}
	for _, test := range []struct {
		name, path string
		args       []string
	}{
		{"page", "/", nil},
		{"dump", "/dump", nil},
		{"chunked", "/stream?n=3", nil},
		{"not found", "/no/such/path", nil},
		{"pipeline", "/dump", []string{"-s", "testdata/pipeline.lua"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"-t2", "-c64", "-d" + duration, "--timeout", "10s"}, test.args...)
			r := execute(t, nil, "wrk", append(args, s.url+test.path)...)
			require.Zero(t, r.code, r.stderr)
			m := regexp.MustCompile(`(\d+) requests in `).FindStringSubmatch(r.stdout)
			require.NotNil(t, m, r.stdout)
			requests, err := strconv.Atoi(m[1])
			require.NoError(t, err)
			assert.Greater(t, requests, 100, r.stdout)
			assert.NotContains(t, r.stdout, "Socket errors") // wrk prints these two lines only if there are any
			failed := regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`).FindStringSubmatch(r.stdout)
			if test.name == "not found" {
				require.NotNil(t, failed, r.stdout)
				assert.Equal(t, m[1], failed[1], "each answer is 404")
			} else {
				assert.Nil(t, failed, r.stdout)
			}
			t.Logf("%s requests", m[1])
		})
	}
}
