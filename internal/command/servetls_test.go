package command

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A sink keeps what is written to it, by several at a time.
type sink struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// certificate writes a certificate of 127.0.0.1, which signs itself, and its key.
func certificate(t *testing.T, dir string) (cert, key string, known *x509.CertPool) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	known = x509.NewCertPool()
	known.AddCert(own)
	text := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return write(t, filepath.Join(dir, "cert.pem"), text("CERTIFICATE", der)), write(t, filepath.Join(dir, "key.pem"), text("PRIVATE KEY", raw)), known
}

// TestServeTLS serves with a certificate by the flags: those who know it are answered, over HTTP/2 too,
// older versions of TLS and plain requests are not, and the end of the context ends the command.
func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key, known := certificate(t, dir)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var said sink
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"serve", filepath.Join(dir, "models"), "--address", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key, "--log", "none"}, strings.NewReader(""), io.Discard, &said)
	}()
	address := regexp.MustCompile(`https://(127\.0\.0\.1:\d+)/`)
	for address.FindString(said.String()) == "" {
		select {
		case status := <-ended:
			t.Fatalf("it ended with status %d: %s", status, said.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	host := address.FindStringSubmatch(said.String())[1]
	get := func(url string, config *tls.Config) (*http.Response, error) {
		transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get(url)
		if err == nil {
			response.Body.Close()
		}
		return response, err
	}
	if r, err := get("https://"+host+"/readyz", &tls.Config{RootCAs: known}); err != nil || r.StatusCode != 200 || r.ProtoMajor != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := get("https://"+host+"/readyz", &tls.Config{}); err == nil {
		t.Error("a client that does not know the certificate is answered")
	}
	if _, err := get("https://"+host+"/readyz", &tls.Config{RootCAs: known, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if r, err := get("http://"+host+"/readyz", nil); err == nil && r.StatusCode != 400 {
		t.Errorf("a plain request has status %d", r.StatusCode)
	}
	stop()
	if status := <-ended; status != exitDone {
		t.Errorf("status %d: %s", status, said.String())
	}
	if r := tsgen("serve", dir, "--tls-cert", key, "--tls-key", cert); r.status != exitFailed || !strings.Contains(r.stderr, "--tls-cert") {
		t.Errorf("files that were confused: status %d: %s", r.status, r.stderr)
	}
}
