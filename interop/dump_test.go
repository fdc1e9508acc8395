package interop

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A dump is what /dump says it understood, as far as the tests look at it.
type dump struct {
	Method, Target, Form, Proto, Host string
	Fields, Trailers                  []field
	Framing                           struct {
		Kind   string
		Length int64
	}
	Body struct {
		Size   int
		Base64 []byte // encoding/json decodes it
	}
	Remote string
	TLS    *struct {
		Version, ALPN, SNI string
		Resumed            bool
		Peer               *struct{ Subject string }
	}
}

type field struct{ Name, Value string }

func parseDump(t *testing.T, text string) (d dump) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &d), "%s", text)
	return d
}

// get returns the value of the first field line of that name, and "" if there is none.
func (d dump) get(name string) string {
	for _, f := range d.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// An upload is the answer of /upload.
type upload struct {
	Size   int64
	SHA256 string
}

func parseUpload(t *testing.T, text string) (u upload) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &u), "%s", text)
	return u
}
