package interop

import "testing"

// Python's http.client, urllib and sockets; see testdata/client.py.
func TestPython(t *testing.T) {
	installed(t, "python3")
	runCases(t, "python3", "testdata/client.py")
}
