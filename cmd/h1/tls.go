package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// loadTLS returns the configuration that the files of dir make, nil if dir is empty: server.crt and server.key, and, when
// there is a ca.crt, the demand for a client certificate. Errors name the file.
func loadTLS(dir string) (*tls.Config, error) {
	if dir == "" {
		return nil, nil
	}
	cert, err := loadCertificate(filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key"))
	if err != nil {
		return nil, err
	}
	c := &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}

	ca := filepath.Join(dir, "ca.crt")
	pem, err := os.ReadFile(ca)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, nil
	case err != nil: // it was meant to guard the server: without it, it must not run
		return nil, err
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: holds no certificate in PEM", ca)
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	return c, nil
}

// loadCertificate is tls.LoadX509KeyPair with errors that name the file.
func loadCertificate(crt, key string) (tls.Certificate, error) {
	crtPEM, err := os.ReadFile(crt)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPEM, err := os.ReadFile(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	cert, err := tls.X509KeyPair(crtPEM, keyPEM)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s with %s: %w", crt, key, err)
	}
	return cert, nil
}
