package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// silent is a ResponseWriter that keeps nothing.
type silent struct{ h http.Header }

func (w silent) Header() http.Header         { return w.h }
func (w silent) Write(b []byte) (int, error) { return len(b), nil }
func (w silent) WriteHeader(int)             {}

// BenchmarkHandler is what the server itself costs, without the network.
func BenchmarkHandler(b *testing.B) {
	quiet := newTestServer(b, nil)
	logged := newTestServer(b, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	for _, bench := range []struct {
		name, target, header string
		server               *Server
	}{
		{"item", "/collections/places/items/shengze-silk", "", quiet},
		{"item logged", "/collections/places/items/shengze-silk", "", logged},
		{"item 304", "/collections/places/items/shengze-silk", "If-None-Match", quiet},
		{"items", "/collections/places/items?bbox=110,20,115,25&trade=textiles&limit=100", "", quiet},
		{"collections", "/collections", "", quiet},
		{"html", "/collections/places/items?f=html", "", quiet},
		{"404", "/nothing/here/at/all", "", quiet},
	} {
		b.Run(bench.name, func(b *testing.B) {
			h := bench.server.Handler()
			r := httptest.NewRequest("GET", bench.target, nil)
			r.Host = "example.org"
			if bench.header != "" {
				r.Header.Set(bench.header, ask(b, bench.server, "GET", bench.target).Header.Get("ETag"))
			}
			w := silent{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				h.ServeHTTP(w, r)
			}
		})
	}
}
