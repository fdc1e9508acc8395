package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A certDir is a folder as "h1 serve -tls" takes it: server.crt and server.key, and ca.crt where clients
// must show a certificate.
type certDir string

func (d certDir) file(name string) string { return filepath.Join(string(d), name) }

// newCertDir makes a folder with a server certificate for localhost and 127.0.0.1. Under mutual it holds ca.crt.
// Clients find what they need in the sub-directory client: ca.crt, client.crt and client.key of that authority, and
// other.crt and other.key of one that the server does not know.
func newCertDir(t *testing.T, mutual bool) certDir {
	t.Helper()
	d := certDir(t.TempDir())
	require.NoError(t, os.Mkdir(d.file("client"), 0o700))
	a := newAuthority(t, "h1 interop")
	a.issue(t, d.file("server"), x509.ExtKeyUsageServerAuth)
	a.issue(t, d.file("client/client"), x509.ExtKeyUsageClientAuth)
	newAuthority(t, "h1 interop, other").issue(t, d.file("client/other"), x509.ExtKeyUsageClientAuth)
	writePEM(t, d.file("client/ca.crt"), "CERTIFICATE", a.cert.Raw)
	if mutual {
		writePEM(t, d.file("ca.crt"), "CERTIFICATE", a.cert.Raw)
	}
	return d
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{cert, key}
}

// issue writes base.crt and base.key.
func (a *authority) issue(t *testing.T, base string, use x509.ExtKeyUsage) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: filepath.Base(base)},
		NotBefore:   time.Now().Add(-time.Hour),
		NotAfter:    time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{use},
	}
	if use == x509.ExtKeyUsageServerAuth {
		template.DNSNames, template.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		template.URIs = []*url.URL{{Scheme: "spiffe", Host: "interop.test", Path: "/" + filepath.Base(base)}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	require.NoError(t, err)
	writePEM(t, base+".crt", "CERTIFICATE", der)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	writePEM(t, base+".key", "PRIVATE KEY", pkcs8)
}

func writePEM(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}
