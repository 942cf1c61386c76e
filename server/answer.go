package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Cache-Control of what changes only when the data or the program do: caches
// keep it and ask each time, which costs a 304 that needs no search.
const revalidate = "public, no-cache"

// minCompress is the size in bytes from which compression pays.
const minCompress = 1 << 10

// tag identifies what a request gets: the state of the data (rev), the canonical
// request, where its links lead, and the media type. Each content coding adds a
// suffix. Equal tags mean equal bytes but for the member timeStamp of a page of
// features, which must tell when that answer was made. RFC 9110 asks strong
// validators for ranges of bytes and for If-Match; the server has neither
// (Accept-Ranges: none), so no client can join two answers of one tag.
type tag string

func (s *Server) tag(q *request, rev, resource string) tag {
	b := append(make([]byte, 0, 256), s.seed[:]...)
	lang := ""
	if q.spoken {
		lang = q.lang
	}
	if q.chosen { // the links have it
		lang += "!" + q.lang
	}
	for _, part := range [...]string{rev, q.base, resource, q.media.f, q.media.content, lang} {
		b = append(b, part...)
		b = append(b, 0)
	}
	sum := sha256.Sum256(b)
	var text [16]byte
	base64.RawURLEncoding.Encode(text[:], sum[:12])
	return tag(text[:])
}

// with is the ETag of the answer in a content coding.
func (t tag) with(coding string) string {
	if coding == "" {
		return `"` + string(t) + `"`
	}
	return `"` + string(t) + "-" + coding + `"`
}

// current reports whether the client holds the answer already, and answers 304
// if so. It costs no work on the data.
func (q *request) current(w http.ResponseWriter, t tag) bool {
	etag := held(q.Header["If-None-Match"], t, q.coding.name)
	if etag == "" {
		return false
	}
	notModified(w, etag, revalidate)
	return true
}

// held is the ETag of the answer, plain or in the coding that the client wants,
// that an If-None-Match header names; "" if it names none. The comparison is the
// weak one (RFC 9110, 13.1.2). For "*", which names any, see anyHeld.
func held(match []string, t tag, coding string) string {
	if len(match) == 0 {
		return ""
	}
	plain, coded := t.with(""), t.with(coding)
	for _, header := range match {
		for part := range strings.SplitSeq(header, ",") {
			if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == plain || part == coded {
				return part
			}
		}
	}
	return ""
}

// anyHeld reports whether If-None-Match is "*". Which ETag the answer has is then
// known only when it is made, for small ones are not compressed.
func anyHeld(match []string) bool { return len(match) == 1 && match[0] == "*" }

func notModified(w http.ResponseWriter, etag, cache string) {
	h := w.Header()
	h.Set("Etag", etag)
	h.Set("Cache-Control", cache)
	w.WriteHeader(http.StatusNotModified)
}

// send answers 200 with a body, compressed as the client likes, in one Write
// with its Content-Length.
func (s *Server) send(w http.ResponseWriter, q *request, t tag, body []byte) {
	h := w.Header()
	used := ""
	if name := q.coding.name; name != "" && (q.coding.must || len(body) >= minCompress) {
		buf := s.pack.buffer()
		defer s.pack.free(buf)
		s.pack.compress(buf, name, body)
		used, body = name, buf.Bytes()
		h["Content-Encoding"] = []string{name}
	}
	if anyHeld(q.Header["If-None-Match"]) && !q.volatile {
		h.Del("Content-Encoding")
		notModified(w, t.with(used), revalidate)
		return
	}
	if q.volatile {
		h["Cache-Control"] = []string{"no-store"}
	} else {
		h["Etag"] = []string{t.with(used)}
		h["Cache-Control"] = []string{revalidate}
	}
	h["Content-Type"] = []string{q.media.content}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// sendJSON answers with v as JSON.
func (s *Server) sendJSON(w http.ResponseWriter, q *request, t tag, v any) error {
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	s.send(w, q, t, buf.Bytes())
	return nil
}

// packer compresses, and keeps the buffers and encoders that are free. Great
// buffers are let go, so that one large page does not hold its memory for ever.
type packer struct {
	buffers, gzips, zstds sync.Pool
}

const maxPooled = 8 << 20

func (p *packer) buffer() *bytes.Buffer {
	if b, ok := p.buffers.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return new(bytes.Buffer)
}

func (p *packer) free(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		p.buffers.Put(b)
	}
}

// compressBest writes body to dst in a content coding, as small as it gets: for files that
// are compressed once and sent often. Writing to memory cannot fail.
func compressBest(dst *bytes.Buffer, name string, body []byte) {
	switch name {
	case "gzip":
		z, _ := gzip.NewWriterLevel(dst, gzip.BestCompression) // a valid level
		_, _ = z.Write(body)
		_ = z.Close()
	case "zstd":
		z, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1)) // valid options
		_, _ = dst.Write(z.EncodeAll(body, nil))
	}
}

// compress writes body to dst in a content coding. Writing to memory cannot
// fail.
func (p *packer) compress(dst *bytes.Buffer, name string, body []byte) {
	switch name {
	case "gzip":
		z, ok := p.gzips.Get().(*gzip.Writer)
		if !ok {
			z, _ = gzip.NewWriterLevel(nil, 4) // a valid level
		}
		z.Reset(dst)
		_, _ = z.Write(body)
		_ = z.Close()
		p.gzips.Put(z)
	case "zstd":
		z, ok := p.zstds.Get().(*zstd.Encoder)
		if !ok {
			z, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)) // valid options
		}
		dst.Grow(len(body)/4 + 1<<10)
		_, _ = dst.Write(z.EncodeAll(body, dst.AvailableBuffer()))
		p.zstds.Put(z)
	}
}
