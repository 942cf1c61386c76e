package server

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"clustermap/geo"
)

// problemView is the page of a problem.
type problemView struct {
	view
	Status          int
	Detail, Request string
}

// wantsPage reports whether the sender of a request that cannot be answered reads
// pages: it asks for one by f, or by Accept rather than for JSON.
func wantsPage(r *http.Request) bool {
	if len(r.RequestURI) > maxURLBytes {
		return false
	}
	if query, err := url.ParseQuery(r.URL.RawQuery); err == nil && query.Has("f") {
		return query.Get("f") == "html"
	}
	accept := r.Header["Accept"]
	return quality(accept, "text/html") > max(quality(accept, "application/json"), quality(accept, problemType))
}

// problemPage is a problem in the language of the request, as far as the request
// can be read.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, p problem) ([]byte, error) {
	query, _ := url.ParseQuery(r.URL.RawQuery) // what can be read of it
	lang, err := languageOf(r.Header["Accept-Language"], query.Get("lang"), query.Has("lang"))
	if err != nil {
		lang = "en"
	}
	q := &request{Request: r, base: s.base.of(r), media: htmlMedia, explicit: query.Has("f"), lang: lang, chosen: query.Has("lang") && err == nil}
	v := problemView{s.view(q, say(lang, p.Title), nil), p.Status, s.reasons.in(lang, p.Detail), strings.TrimPrefix(p.Instance, "urn:clustermap:request:")}
	var b bytes.Buffer
	if err := s.pages.in[lang].ExecuteTemplate(&b, "problem", v); err != nil {
		return nil, err
	}
	q.speaks(w)
	return b.Bytes(), nil
}

// sendRefused answers a form that was filled in wrongly with the form as it was
// filled in, and what is wrong.
func (s *Server) sendRefused(w http.ResponseWriter, q *request, c *geo.Collection, path string, fault error) error {
	status, _ := statusOf(fault)
	if status != http.StatusBadRequest {
		return fault
	}
	var b bytes.Buffer
	if err := s.pages.in[q.lang].ExecuteTemplate(&b, "items", s.refusedView(q, c, path, fault)); err != nil {
		return err
	}
	q.speaks(w)
	h := w.Header()
	h.Set("Content-Type", htmlType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a client that has gone needs no answer
	return nil
}
