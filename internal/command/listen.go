package command

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// listen returns the listener that the flags ask for, and the scheme of its addresses.
func (j *serveJob) listen(ctx context.Context) (net.Listener, string, error) {
	var config *tls.Config
	if j.cert != "" {
		pair, err := tls.LoadX509KeyPair(j.cert, j.key)
		if err != nil {
			return nil, "", fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", j.address)
	if err != nil {
		return nil, "", fmt.Errorf("--address %s: %w", j.address, err)
	}
	if config == nil {
		return listener, "http", nil
	}
	return tls.NewListener(listener, config), "https", nil
}
