package interop

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var hexDump = regexp.MustCompile(`(?m)^    [0-9a-f]{2}( [0-9a-f]{2})*\n`)

// sClient runs openssl s_client over a connection that it ends when the server does, and returns what it printed but
// for the octets of the TLS messages.
func sClient(t *testing.T, s *server, certs certDir, request string, args ...string) string {
	t.Helper()
	args = append([]string{
		"s_client", "-connect", s.addr, "-servername", "localhost", "-CAfile", certs.file("client/ca.crt"),
		"-verify_hostname", "localhost", "-verify_return_error", "-ign_eof", "-msg",
	}, args...)
	r := execute(t, strings.NewReader(request), "openssl", args...)
	return hexDump.ReplaceAllString(r.stdout+r.stderr, "")
}

const closingRequest = "GET /dump HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

func TestOpenSSL(t *testing.T) {
	installed(t, "openssl")
	certs := newCertDir(t, false)
	s := startServer(t, "-tls", string(certs))
	for _, version := range []string{"1_2", "1_3"} {
		t.Run("tls"+version, func(t *testing.T) {
			out := sClient(t, s, certs, closingRequest, "-tls"+version, "-alpn", "h2,http/1.1")
			assert.Contains(t, out, "Verification: OK")
			assert.Contains(t, out, "ALPN protocol: http/1.1")
			assert.Contains(t, out, "New, TLSv"+strings.Replace(version, "_", ".", 1)+", Cipher is ")
			assert.Contains(t, out, "HTTP/1.1 200 OK\r\n")
			assert.Regexp(t, `(?i)\r\nConnection: close\r\n`, out)
			assert.Regexp(t, `"sni": *"localhost"`, out)
			// The server's close_notify tells that nothing is missing (RFC 9112 §9.8).
			assert.Regexp(t, `<<< TLS 1\.[23], Alert \[length 0002\], warning close_notify`, out)
			assert.NotContains(t, out, "errno=")

			out = sClient(t, s, certs, closingRequest, "-tls"+version)
			assert.Contains(t, out, "No ALPN negotiated")
			assert.Contains(t, out, "HTTP/1.1 200 OK\r\n", "a client that offers no protocol is served")

			out = sClient(t, s, certs, "", "-tls"+version, "-alpn", "h2")
			assert.Contains(t, out, "no application protocol")
			assert.NotContains(t, out, "HTTP/1.1")
		})
	}
	t.Run("two requests", func(t *testing.T) {
		out := sClient(t, s, certs, "GET /dump?first HTTP/1.1\r\nHost: localhost\r\n\r\n"+closingRequest)
		assert.Equal(t, 2, strings.Count(out, "HTTP/1.1 200 OK\r\n"))
	})
	t.Run("bad request", func(t *testing.T) { // close_notify also where the server refuses
		out := sClient(t, s, certs, "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n")
		assert.Contains(t, out, "HTTP/1.1 400 Bad Request\r\n")
		assert.Contains(t, out, "close_notify")
		assert.NotContains(t, out, "errno=")
	})
	t.Run("old versions", func(t *testing.T) {
		out := sClient(t, s, certs, "", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
		assert.NotContains(t, out, "New, TLSv1.1")
		assert.NotContains(t, out, "HTTP/1.1")
	})
	t.Run("resumption", func(t *testing.T) {
		session := t.TempDir() + "/session"
		sClient(t, s, certs, closingRequest, "-tls1_3", "-sess_out", session)
		out := sClient(t, s, certs, closingRequest, "-tls1_3", "-sess_in", session)
		assert.Regexp(t, regexp.MustCompile(`(New|Reused), TLSv1\.3`), out)
		assert.Contains(t, out, "HTTP/1.1 200 OK\r\n")
	})
}

func TestOpenSSLMutual(t *testing.T) {
	installed(t, "openssl")
	certs := newCertDir(t, true)
	s := startServer(t, "-tls", string(certs))
	with := func(name string) []string {
		return []string{"-cert", certs.file("client/" + name + ".crt"), "-key", certs.file("client/" + name + ".key")}
	}
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(version, func(t *testing.T) {
			out := sClient(t, s, certs, closingRequest, append(with("client"), version)...)
			require.Contains(t, out, "HTTP/1.1 200 OK\r\n")
			assert.Contains(t, out, "CN=client")
			for _, args := range [][]string{nil, with("other")} {
				// Nothing is sent: under TLS 1.3 a request would be on its way already, and the reset that answers it
				// could overtake the alert.
				out := sClient(t, s, certs, "", append(args, version)...)
				assert.NotContains(t, out, "HTTP/1.1 200")
				assert.Regexp(t, `Alert \[length 0002\], fatal `, out)
			}
		})
	}
}
