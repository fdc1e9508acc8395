package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A started is a run of serve.
type started struct {
	url  string
	stop context.CancelFunc
	done chan error
}

// startServe runs serve as the command does and waits for its first line.
func startServe(t *testing.T, c serveConfig, log *slog.Logger) *started {
	t.Helper()
	c.addr = "127.0.0.1:0"
	ctx, stop := context.WithCancel(t.Context())
	s := &started{stop: stop, done: make(chan error, 1)}
	r, w := io.Pipe()
	go func() {
		err := serve(ctx, c, w, log)
		w.CloseWithError(io.EOF)
		s.done <- err
	}()
	buf := make([]byte, 200)
	n, err := r.Read(buf)
	require.NoError(t, err)
	line, ok := strings.CutPrefix(string(buf[:n]), "h1: listening on ")
	require.True(t, ok, "%q", buf[:n])
	s.url = strings.TrimSuffix(line, "/\n")
	return s
}

// end asks serve to end and returns its error.
func (s *started) end(t *testing.T) error {
	t.Helper()
	s.stop()
	select {
	case err := <-s.done:
		return err
	case <-time.After(shutdownTime / 2):
		t.Fatal("the shutdown takes too long")
		return nil
	}
}

// Shutdown lets a request in flight finish and ends events, which would never.
func TestServeShutdown(t *testing.T) {
	s := startServe(t, serveConfig{}, slog.New(slog.DiscardHandler))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport}

	events, err := c.Get(s.url + "/events")
	require.NoError(t, err)
	defer events.Body.Close()
	stream, err := c.Get(s.url + "/stream?n=3&delay=100ms")
	require.NoError(t, err)
	defer stream.Body.Close()

	assert.NoError(t, s.end(t))
	got, err := io.ReadAll(stream.Body)
	assert.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(got), "\n"))
	_, err = io.ReadAll(events.Body)
	assert.NoError(t, err)
}

func TestServeLog(t *testing.T) {
	var log syncBuffer
	s := startServe(t, serveConfig{verbose: true}, newLogger(&log, true))
	ask(t, s.url, "GET /none?a=\"b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	ask(t, s.url, "GET /dump?a=b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	ask(t, s.url, "GET / HTTP/1.1\r\nHost : a\r\n\r\n")
	require.NoError(t, s.end(t))
	assert.Regexp(t, `(?m) msg=request .*method=GET target="/dump\?a=b" status=200 bytes=[1-9]\d* duration=\S+$`, log.String())
	assert.Regexp(t, `(?m) msg=refused .*status=400 rule="RFC 9112 §5.1" .*offset=20$`, log.String())
}

// A syncBuffer may be written by several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestServeFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, stderr, status := command("", "serve", "-addr", l.Addr().String())
	assert.Equal(t, exitFault, status)
	assert.Contains(t, stderr, l.Addr().String())
}

func TestOpenURLs(t *testing.T) {
	for _, tt := range []struct {
		ip     string
		secure bool
		want   string
	}{
		{"127.0.0.1", false, "http://127.0.0.1:80/"},
		{"::1", true, "https://[::1]:80/"},
		{"::ffff:10.0.0.1", false, "http://10.0.0.1:80/"},
		{"::", false, "http://localhost:80/"},
		{"0.0.0.0", true, "https://localhost:80/"},
	} {
		urls := openURLs(&net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 80}, tt.secure)
		assert.Equal(t, tt.want, urls[0])
	}
}

func TestServeTLS(t *testing.T) {
	dir, ca, client := makeCertificates(t)
	s := startServe(t, serveConfig{tlsDir: dir}, slog.New(slog.DiscardHandler))
	begins(t, "https://127.0.0.1:", s.url)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca, Certificates: []tls.Certificate{client}, ServerName: "h1.test"}}
	c := &http.Client{Transport: transport}

	r, got := fetch(t, c, "GET", s.url+"/dump", nil)
	assert.Equal(t, 200, r.StatusCode)
	var v view
	require.NoError(t, json.Unmarshal(got, &v))
	require.NotNil(t, v.TLS)
	assert.Equal(t, "TLS 1.3", v.TLS.Version)
	assert.Equal(t, "h1.test", v.TLS.SNI)
	require.NotNil(t, v.TLS.Peer)
	assert.Equal(t, "CN=client", v.TLS.Peer.Subject)
	_, page := fetch(t, c, "GET", s.url+"/", nil)
	assert.Contains(t, string(page), "CN=client")
	transport.CloseIdleConnections()

	// Without a certificate there is no answer.
	transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca, ServerName: "h1.test"}}
	_, err := (&http.Client{Transport: transport}).Get(s.url + "/dump")
	assert.ErrorContains(t, err, "certificate required")
	transport.CloseIdleConnections()
	assert.NoError(t, s.end(t))
}

func TestLoadTLSNamesTheFile(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(dir string)
		want   []string
	}{
		{"no certificate", func(dir string) { os.Remove(dir + "/server.crt") }, []string{"server.crt"}},
		{"no key", func(dir string) { os.Remove(dir + "/server.key") }, []string{"server.key"}},
		{"broken key", func(dir string) { os.WriteFile(dir+"/server.key", []byte("x"), 0o600) }, []string{"server.crt", "server.key"}},
		{"broken CA", func(dir string) { os.WriteFile(dir+"/ca.crt", []byte("x"), 0o600) }, []string{"ca.crt", "no certificate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, _, _ := makeCertificates(t)
			tt.damage(dir)
			_, stderr, status := command("", "serve", "-addr", "127.0.0.1:0", "-tls", dir)
			assert.Equal(t, exitFault, status)
			for _, want := range tt.want {
				assert.Contains(t, stderr, want)
			}
		})
	}

	dir, _, _ := makeCertificates(t)
	require.NoError(t, os.Remove(dir+"/ca.crt"))
	c, err := loadTLS(dir)
	require.NoError(t, err)
	assert.Equal(t, tls.NoClientCert, c.ClientAuth)
}

// makeCertificates writes server.crt, server.key and ca.crt into a new directory and returns it with the CA and a client's
// certificate.
func makeCertificates(t *testing.T) (dir string, ca *x509.CertPool, client tls.Certificate) {
	t.Helper()
	dir = t.TempDir()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	issuer := certificate("test CA")
	issuer.IsCA, issuer.BasicConstraintsValid, issuer.KeyUsage = true, true, x509.KeyUsageCertSign
	caCert := sign(t, issuer, issuer, caKey, caKey)

	make := func(name string) (crt, key []byte) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		der, err := x509.MarshalPKCS8PrivateKey(k)
		require.NoError(t, err)
		return sign(t, certificate(name), issuer, k, caKey), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	serverCrt, serverKey := make("server")
	for name, b := range map[string][]byte{"ca.crt": caCert, "server.crt": serverCrt, "server.key": serverKey} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	client, err = tls.X509KeyPair(make("client"))
	require.NoError(t, err)
	ca = x509.NewCertPool()
	ca.AppendCertsFromPEM(caCert)
	return dir, ca, client
}

func certificate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{"h1.test"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
}

// sign returns the certificate of key as PEM.
func sign(t *testing.T, c, issuer *x509.Certificate, key, issuerKey *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, &key.PublicKey, issuerKey)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
