package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const get = "GET /a%20b?x=1&y HTTP/1.1\r\nhOST: example\r\nX-A: \xff\r\nx-a:  2\r\n\r\n"

// dumpLines returns what "h1 dump -json" prints for in, in the order of the requests.
func dumpLines(t *testing.T, in string) (objects []string, status int) {
	t.Helper()
	stdout, stderr, status := command(in, "dump", "-json")
	assert.Empty(t, stderr)
	return strings.Split(strings.TrimSuffix(stdout, "\n"), "\n"), status
}

func TestDump(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"head", get, `{"method":"GET","target":"/a%20b?x=1&y","form":"origin-form","proto":"HTTP/1.1","host":"example",
			"url":{"path":"/a b","rawPath":"/a%20b","rawQuery":"x=1&y","query":[{"name":"x","value":"1"},{"name":"y","value":""}]},
			"fields":[{"name":"hOST","value":"example"},{"name":"X-A","value":{"base64":"/w=="}},{"name":"x-a","value":"2"}],
			"framing":{"kind":"none"},"body":{"size":0,"base64":""},"trailers":[],"close":false,
			"octets":{"offset":0,"consumed":61}}`},
		{"fixed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
			`{"method":"POST","target":"/","form":"origin-form","proto":"HTTP/1.1","host":"a",
			"url":{"path":"/","query":[]},
			"fields":[{"name":"Host","value":"a"},{"name":"Content-Length","value":"2"}],
			"framing":{"kind":"fixed length","length":2},"body":{"size":2,"base64":"aGk="},"trailers":[],"close":false,
			"octets":{"offset":0,"consumed":49}}`},
		{"chunked", "POST http://b/?q HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
			"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nSum: 1\r\nsum: 2\r\n\r\n",
			`{"method":"POST","target":"http://b/?q","form":"absolute-form","proto":"HTTP/1.1","host":"b",
			"url":{"scheme":"http","host":"b","path":"/","rawQuery":"q","query":[{"name":"q","value":""}]},
			"fields":[{"name":"Host","value":"b"},{"name":"Transfer-Encoding","value":"chunked"},{"name":"Connection","value":"close"}],
			"framing":{"kind":"chunked"},"body":{"size":6,"base64":"aGVsbG8h"},
			"trailers":[{"name":"Sum","value":"1"},{"name":"sum","value":"2"}],"close":true,
			"octets":{"offset":0,"consumed":126}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, status := dumpLines(t, tt.in)
			require.Len(t, got, 1)
			assert.JSONEq(t, tt.want, got[0])
			assert.Equal(t, exitOK, status)
		})
	}
}

// Requests follow each other, with empty lines between them (RFC 9112 §2.2).
func TestDumpSeveral(t *testing.T) {
	post := "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n"
	got, status := dumpLines(t, get+post+"\r\n"+get+"\r\n\r\n")
	assert.Equal(t, exitOK, status)
	require.Len(t, got, 3)
	var v view
	require.NoError(t, json.Unmarshal([]byte(got[2]), &v))
	assert.Equal(t, "/a%20b?x=1&y", v.Target)
	assert.Equal(t, len(get)+len(post), v.Octets.Offset)
	assert.Equal(t, 2+len(get), v.Octets.Consumed)
}

func TestDumpNothing(t *testing.T) {
	stdout, stderr, status := command("", "dump")
	assert.Equal(t, "", stdout+stderr)
	assert.Equal(t, exitOK, status)
}

func TestDumpIndents(t *testing.T) {
	stdout, _, status := command(get, "dump")
	assert.Equal(t, exitOK, status)
	begins(t, "{\n  \"method\": \"GET\",\n  \"target\": \"/a%20b?x=1&y\",\n", stdout)
}

// The octet that broke the rule is where the caret stands, counted over requests and bodies that went before.
func TestDumpFaults(t *testing.T) {
	chunked := "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct {
		name, in string
		status   int
		rule     string
		shown    []string // the last two lines
	}{
		{"space before colon", get + "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "RFC 9112 §5.1", []string{
			`    Host : a\r\n`,
			`        ^`}},
		{"bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "RFC 9112 §2.2", []string{
			`    GET / HTTP/1.1\n`,
			`                  ^`}},
		{"NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nA: b\x00c\r\n\r\n", 400, "RFC 9110 §5.5", []string{
			`    A: b\x00c\r\n`,
			`        ^`}},
		{"chunk-size", get + chunked + "1\r\na\r\nxyz\r\n", 400, "RFC 9112 §7.1", []string{
			`    xyz\r\n`,
			`    ^`}},
		{"trailer", chunked + "0\r\nA b\r\n\r\n", 400, "", []string{
			`    A b\r\n`,
			`     ^`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, status := command(tt.in, "dump")
			assert.Equal(t, exitFault, status)
			assert.Equal(t, strings.HasPrefix(tt.in, get), strings.HasPrefix(stdout, "{"), "requests before the fault are shown")
			lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
			require.Greater(t, len(lines), 3, stderr)
			assert.Contains(t, lines[0], tt.rule)
			assert.Contains(t, lines[1], "answers 400")
			assert.Equal(t, tt.shown, lines[len(lines)-2:], stderr)
		})
	}
}

func TestDumpIncomplete(t *testing.T) {
	chunked := "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct{ in, want string }{
		{"G", "request 1: incomplete message: the input ends in its head"},
		{get[:len(get)-1], "request 1: incomplete message: the input ends in its head"},
		{get + "GET / HTTP/1.1\r\n", "request 2: incomplete message: the input ends in its head"},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhi", "incomplete message: 2 of 5 octets of its body"},
		{chunked, "incomplete message: the input ends in its chunked body"},
		{chunked + "5\r\nhel", "incomplete message: the input ends in its chunked body"},
		{chunked + "5\r\nhello\r\n0\r\n", "incomplete message: the input ends in its chunked body"},
		{chunked + "0\r\nA: b", "incomplete message: the input ends in its chunked body"},
	} {
		_, stderr, status := command(tt.in, "dump")
		assert.Equal(t, exitFault, status, "%q", tt.in)
		assert.Contains(t, stderr, tt.want, "%q", tt.in)
	}
}

func TestDumpFaultJSON(t *testing.T) {
	got, status := dumpLines(t, "GET / HTTP/1.1\r\nHost : a\r\n\r\n")
	assert.Equal(t, exitFault, status)
	var v struct{ Error fault }
	require.NoError(t, json.Unmarshal([]byte(got[0]), &v))
	assert.Equal(t, 400, v.Error.Status)
	assert.Equal(t, int64(20), v.Error.Offset)
	assert.Equal(t, `Host : a\r\n`, v.Error.Line)
	assert.Equal(t, 4, v.Error.Caret)
}

func TestDumpEscapes(t *testing.T) {
	pasted := "POST / HTTP/1.1\\r\\nHost: a\\r\\n\nTransfer-Encoding: chunked\\r\\n\\r\\n\n2\\r\\n\\xffb\\r\\n0\\r\\n\\r\\n\n"
	stdout, stderr, status := command(pasted, "dump", "-json", "-c")
	assert.Equal(t, exitOK, status, stderr)
	var v view
	require.NoError(t, json.Unmarshal([]byte(stdout), &v))
	assert.Equal(t, []byte("\xffb"), v.Body.Base64)

	_, stderr, status = command(`GET \q`, "dump", "-c")
	assert.Equal(t, exitFault, status)
	begins(t, `h1 dump: octet 4: "\\q" is no escape`, stderr)
}

func TestDumpFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "request")
	require.NoError(t, os.WriteFile(name, []byte(get), 0o600))
	fromFile, _, status := command("", "dump", name)
	assert.Equal(t, exitOK, status)
	fromStdin, _, _ := command(get, "dump", "-")
	assert.Equal(t, fromStdin, fromFile)

	_, stderr, status := command("", "dump", name+".none")
	assert.Equal(t, exitFault, status)
	assert.Contains(t, stderr, name+".none")
}

// Every cut of a good input is incomplete, never a fault.
func TestDumpEveryCut(t *testing.T) {
	in := "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nA: b\r\n\r\n"
	for i := 1; i < len(in); i++ {
		var b bytes.Buffer
		f, err := dump([]byte(in[:i]), newEncoder(&b))
		require.NoError(t, err)
		require.NotNil(t, f, "%q", in[:i])
		assert.Contains(t, f.Reason, "incomplete message", "%q", in[:i])
		assert.Equal(t, int64(i), f.Offset)
	}
}
