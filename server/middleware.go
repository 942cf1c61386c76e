package server

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"
)

// Handler is the whole server. What it does for every request wraps the router,
// because mux skips its own middleware for 404 and 405.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.cfg.Now()
		rec := &recorder{ResponseWriter: w, head: r.Method == http.MethodHead, conn: connOf(r)}
		id := s.requests.next()
		setCommonHeaders(w.Header(), id)
		defer s.finish(rec, r, id, start)
		s.guard(rec, r)
	})
}

// guard refuses what no handler should see and hands on the rest.
func (s *Server) guard(w http.ResponseWriter, r *http.Request) {
	if len(r.RequestURI) > maxURLBytes {
		s.fail(w, r, failf(http.StatusRequestURITooLong, "The address is longer than %d bytes.", maxURLBytes))
		return
	}
	size := 0
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	if size > maxFieldBytes {
		s.fail(w, r, failf(http.StatusRequestHeaderFieldsTooLarge, "The header fields are longer than %d bytes.", maxFieldBytes))
		return
	}
	if !s.base.valid(r) {
		s.fail(w, r, failf(http.StatusBadRequest, "The Host header is not a host name or address, with or without a port."))
		return
	}
	if s.base.path == "" {
		s.router.ServeHTTP(w, r)
		return
	}
	r, redirect := s.base.strip(r)
	if redirect != "" {
		w.Header().Set("Location", redirect)
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusPermanentRedirect)
		return
	}
	s.router.ServeHTTP(w, r)
}

// finish recovers from a panic of this one request and writes its log line.
func (s *Server) finish(rec *recorder, r *http.Request, id string, start time.Time) {
	fault := recover()
	abort := fault == http.ErrAbortHandler
	if fault != nil && !abort {
		s.log.LogAttrs(r.Context(), slog.LevelError, "panic",
			slog.String("id", id), slog.Any("panic", fault), slog.String("stack", string(debug.Stack())))
		if rec.status == 0 {
			s.fail(rec, r, fmt.Errorf("panic: %v", fault))
		} else {
			abort = true // a part is sent: the client must see that it is cut off
		}
	}
	took := s.cfg.Now().Sub(start)
	s.metrics.count(rec, r.Method, took)
	level := slog.LevelInfo
	if rec.status >= 500 && !s.draining.Load() { // /readyz says 503 then, as it should
		level = slog.LevelError
	}
	if s.log.Enabled(r.Context(), level) {
		s.log.LogAttrs(r.Context(), level, "request",
			slog.String("id", id),
			slog.String("method", r.Method),
			slog.String("uri", shorten(r.RequestURI, 1024)),
			slog.Int("status", rec.status),
			slog.Int64("bytes", rec.bytes),
			slog.Duration("duration", took),
			slog.String("remote", r.RemoteAddr))
	}
	if abort {
		panic(http.ErrAbortHandler)
	}
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	head   bool   // the body is left out
	route  string // the template of the path; "" where none fits
	status int
	bytes  int64
	conn   *joiningConn // may be nil
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.head {
		return len(b), nil
	}
	n, err := w.send(b)
	w.bytes += int64(n)
	return n, err
}

func (w *recorder) send(b []byte) (int, error) {
	if w.conn == nil || w.bytes > 0 {
		return w.ResponseWriter.Write(b)
	}
	w.conn.owed = len(b)
	n, err := w.ResponseWriter.Write(b)
	w.conn.owed = 0
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// contentPolicy lets pages load only what this server serves as files; nothing
// inline runs.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

// picturePolicy is for SVG, whose style sheet and fonts are inside. Nothing runs, and
// nothing is loaded.
const picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; sandbox"

// setCommonHeaders sets what every answer carries. All data are public, so any
// page may read them.
func setCommonHeaders(h http.Header, id string) {
	values := [...]string{
		id, contentPolicy, "nosniff", "strict-origin-when-cross-origin", "cross-origin", "*",
		"Clustermap-Completeness, Clustermap-Dropped, Clustermap-Features, Clustermap-Hidden-Labels, Clustermap-Left-Out, Clustermap-Missing-Characters, Clustermap-Rev, Content-Bbox, Content-Crs, Content-Disposition, ETag, Link, OGC-NumberMatched, OGC-NumberReturned, Retry-After, X-Request-Id", "Accept, Accept-Encoding", "none",
	}
	for i, name := range [len(values)]string{
		"X-Request-Id", "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy",
		"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary", "Accept-Ranges",
	} {
		h[name] = values[i : i+1 : i+1]
	}
}

// requestIDs gives each request a name that is unlikely to occur in the log of
// another run.
type requestIDs struct {
	prefix string
	last   *atomic.Uint64
}

func newRequestIDs() requestIDs {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return requestIDs{hex.EncodeToString(b[:]) + "-", new(atomic.Uint64)}
}

func (ids requestIDs) next() string {
	var b [24]byte
	return string(strconv.AppendUint(append(b[:0], ids.prefix...), ids.last.Add(1), 10))
}

func shorten(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
