package server

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
)

// Cache-Control of an answer that is kept: a program may show what it has for half
// a minute, and for five more while it asks whether that still holds.
const keepable = "public, max-age=30, stale-while-revalidate=300"

// keptAnswer is an answer that the cache keeps, with its compressed forms from the
// first time that each is asked for.
type keptAnswer struct {
	body   []byte
	header map[string][]string // beside what every answer has; not to be changed
	empty  bool                // there is nothing: 204
	rev    string              // of the data that it depends on

	gzip, zstd atomic.Pointer[[]byte]
}

// Bytes is the memory that the answer takes.
func (a *keptAnswer) Bytes() int64 {
	n := int64(len(a.body)) + 256
	for _, form := range [...]*atomic.Pointer[[]byte]{&a.gzip, &a.zstd} {
		if b := form.Load(); b != nil {
			n += int64(len(*b))
		}
	}
	for name, values := range a.header {
		n += int64(len(name))
		for _, v := range values {
			n += int64(len(v))
		}
	}
	return n
}

// keptResource names an answer that is kept.
type keptResource struct {
	rev      string // of the data that it depends on: none, one, or several with ";" or "+" between
	resource string // the canonical path and query
	linked   bool   // the answer has links, so it depends on the address of the server
	packed   bool   // the body is compressed by nature, such as a picture

	from *cache[*keptAnswer] // nil: that of answers
}

// serveKept answers with what build makes, and keeps it. It answers 304 without
// asking for it. Build runs under a context that ends when nobody waits any more or
// the time of a query is up; it must not use the ResponseWriter or change q.
func (s *Server) serveKept(w http.ResponseWriter, q *request, k keptResource, build func(context.Context) (*keptAnswer, error)) error {
	t := s.keptTag(q, k)
	if etag := held(q.Header["If-None-Match"], t, q.coding.name); etag != "" {
		notModified(w, etag, keepable)
		return nil
	}
	kept := s.answers
	if k.from != nil {
		kept = k.from
	}
	a, err := kept.get(q.Context(), string(t), func(ctx context.Context) (*keptAnswer, error) {
		ctx, cancel := s.limitedTime(ctx)
		defer cancel()
		a, err := build(ctx)
		if err == nil {
			a.rev = k.rev
		}
		return a, err
	})
	if err != nil {
		return err
	}
	s.sendKept(w, q, t, a, k.packed)
	return nil
}

// keptTag leaves the address out where the answer does not have it, so that many
// names of one server share what is kept.
func (s *Server) keptTag(q *request, k keptResource) tag {
	if k.linked {
		return s.tag(q, k.rev, k.resource)
	}
	anywhere := *q
	anywhere.base, anywhere.chosen = "", false // lang stands in links alone
	return s.tag(&anywhere, k.rev, k.resource)
}

func (s *Server) sendKept(w http.ResponseWriter, q *request, t tag, a *keptAnswer, packed bool) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.empty {
		h["Etag"], h["Cache-Control"] = []string{t.with("")}, []string{keepable}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, used := a.body, ""
	if name := q.coding.name; name != "" && (q.coding.must || len(body) >= minCompress && !packed) {
		body, used = s.form(a, name, t), name
		h["Content-Encoding"] = []string{name}
	}
	etag := t.with(used)
	if anyHeld(q.Header["If-None-Match"]) {
		h.Del("Content-Encoding")
		notModified(w, etag, keepable)
		return
	}
	h["Etag"] = []string{etag}
	h["Cache-Control"] = []string{keepable}
	h["Content-Type"] = []string{q.media.content}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// form is the compressed form of an answer. Two who ask at once may both make it.
func (s *Server) form(a *keptAnswer, coding string, t tag) []byte {
	at := &a.gzip
	if coding == "zstd" {
		at = &a.zstd
	}
	if b := at.Load(); b != nil {
		return *b
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	s.pack.compress(buf, coding, a.body)
	made := bytes.Clone(buf.Bytes())
	at.Store(&made)
	s.answers.grown(string(t))
	return made
}

// keptPage is a page in the language of the request.
func (s *Server) keptPage(q *request, name string, data any) (*keptAnswer, error) {
	var b bytes.Buffer
	err := s.pages.in[q.lang].ExecuteTemplate(&b, name, data)
	return &keptAnswer{body: b.Bytes()}, err
}
