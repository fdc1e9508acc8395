package wiretest

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	okHead    = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 3\r\n\r\nok\n"
	okClose   = "HTTP/1.1 200 OK\r\nDate: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nok\n"
	badHead   = "HTTP/1.1 400 Bad Request\r\nDate: x\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
	continues = "HTTP/1.1 100 Continue\r\n\r\n"
)

// A Client passes what a vector wants and refuses all else, in a bubble and outside.
func TestClient(t *testing.T) {
	tests := []struct {
		name   string
		vector string
		serve  []string // for each piece of input, what is written; "" at the end closes
		bad    string   // part of the error
	}{
		{"K", "expect: 200 K\n\na", []string{okHead, okHead}, ""},
		{"K, other status", "expect: 204 K\n\na", []string{okHead, okHead}, "statuses [200], want [204]"},
		{"K, but says close", "expect: 200 K\n\na", []string{okClose, okHead}, "says close, but"},
		{"K, but closed", "expect: 200 K\n\na", []string{okHead, ""}, "EOF"},
		{"K, one answer too many", "expect: 200 K\n\na", []string{okHead + okHead}, "response without a request"},
		{"K, second request unanswered", "expect: 200 K\n\na", []string{okHead}, "one more request"},
		{"K, two requests", "expect: 200 200 K\n\na{WAIT}b", []string{okHead, okHead, okHead}, ""},
		{"K, wrong body", "expect: 200 K\n\na", []string{badHead}, "statuses [400]"},
		{"C", "expect: 400 C\n\na", []string{badHead, ""}, ""},
		{"C, close not said", "expect: 200 C\n\na", []string{okHead, ""}, "doesn't say close"},
		{"C, close said", "expect: 200 C\n\na", []string{okClose, ""}, ""},
		{"C, but open", "expect: 400 C\n\na", []string{badHead}, "not closed in order"},
		{"C, absent", "expect: 400 C\nabsent: Bad\n\na", []string{badHead, ""}, "holds"},
		{"C, nothing", "expect: - C\n\na{EOF}", []string{"", ""}, ""},
		{"W", "expect: - W\n\na", []string{"-"}, ""},
		{"W, but answered", "expect: - W\n\na", []string{okHead}, "response without a request"},
		{"W, but closed", "expect: - W\n\na", []string{""}, "EOF"},
		{"W after 100", "expect: 100 W\n\na", []string{continues}, ""},
		{"100 by timing", "expect: 100 200 K\ntiming: 100\n\na", []string{okHead, okHead}, ""},
		{"100 not by timing", "expect: 100 200 K\n\na", []string{okHead, okHead}, "statuses [200]"},
		{"two 100", "expect: 100 200 K\ntiming: 100\n\na", []string{continues + continues + okHead, okHead}, "statuses [100 100 200]"},
		{"T", "expect: 200 T\nmethods: CONNECT\nsaw: tunnel=x\n\na", []string{"HTTP/1.1 200 OK\r\nDate: x\r\n\r\nx", "ping", ""}, ""},
		{"T, octets lost", "expect: 200 T\nmethods: CONNECT\nsaw: tunnel=x\n\na", []string{"HTTP/1.1 200 OK\r\nDate: x\r\n\r\n", "ping", ""}, "in the tunnel"},
	}
	play := func(t *testing.T, serve []string, vector, bad string, bubble bool) {
		v, err := ParseVector(vector)
		require.NoError(t, err)
		client, server := Pipe()
		defer client.Close()
		go func() {
			defer server.Close()
			b := make([]byte, 100)
			for {
				_, err := server.Read(b)
				if err != nil && (len(serve) == 0 || serve[0] != "") {
					return
				}
				switch {
				case len(serve) == 0:
					continue
				case serve[0] == "":
					server.CloseWrite()
					io.Copy(io.Discard, server)
					return
				case serve[0] != "-":
					io.WriteString(server, serve[0])
				}
				if serve = serve[1:]; len(serve) > 0 && serve[0] == "" {
					server.CloseWrite()
				}
			}
		}()
		err = NewClient(client, bubble).Play(v, v.Steps, false)
		if bad == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, bad)
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, tt.serve, tt.vector, tt.bad, true) })
		})
	}
	t.Run("without bubble", func(t *testing.T) {
		for _, tt := range tests {
			if tt.bad != "" {
				continue // patience would run out
			}
			start := time.Now()
			play(t, tt.serve, tt.vector, "", false)
			require.Less(t, time.Since(start), patience, tt.name)
		}
	})
}
