package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Where the metrics are, unless on an address of their own.
const (
	metricsMain = "main" // at /metrics of the server
	metricsOff  = "off"
)

// listenMetrics listens on the address that the metrics have for their own, if they
// have one; else the listener is nil.
func listenMetrics(at string) (net.Listener, error) {
	if at == metricsMain || at == metricsOff {
		return nil, nil
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return nil, listenError("-metrics", at, err)
	}
	return l, nil
}

// serveMetrics answers every request to the listener, which may be nil, until stop is
// called, which waits for the last answer for a second.
func serveMetrics(l net.Listener, metrics http.Handler) (stop func()) {
	if l == nil {
		return func() {}
	}
	h := &http.Server{Handler: metrics, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Serve(l) // it ends when it is closed
	}()
	return func() {
		limited, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if h.Shutdown(limited) != nil {
			_ = h.Close()
		}
		<-done
	}
}
