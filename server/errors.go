package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"clustermap/geo"
)

const problemType = "application/problem+json"

// statusClientGone stands in the log and the metrics for a request whose client did not
// wait for the answer. Nobody gets it.
const statusClientGone = 499

// httpError is an error of HTTP itself. Its message goes to the client.
type httpError struct {
	Status int
	Msg    string
}

func (e *httpError) Error() string { return e.Msg }

func failf(status int, format string, args ...any) error {
	return &httpError{status, fmt.Sprintf(format, args...)}
}

// invalid says what is wrong with a parameter and what would be right.
func invalid(param, format string, args ...any) error {
	return &geo.InvalidError{Field: param, Reason: fmt.Sprintf(format, args...)}
}

// statusOf is the one table from errors to HTTP. Errors it does not know are
// 500 and their text stays in the log.
func statusOf(err error) (status int, detail string) {
	var he *httpError
	var bad *geo.InvalidError
	var gone *goneError
	switch {
	case errors.As(err, &gone):
		return http.StatusGone, gone.Error()
	case errors.As(err, &he):
		return he.Status, he.Msg
	case errors.As(err, &bad):
		return http.StatusBadRequest, bad.Error()
	case errors.Is(err, geo.ErrNotFound):
		return http.StatusNotFound, "There is no such feature."
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, "The query took longer than this server allows. Narrow it by bbox, datetime or a simpler filter, or ask for less at a time."
	case errors.Is(err, context.Canceled), errors.Is(err, errStalled):
		return http.StatusServiceUnavailable, "The request was given up before it was answered."
	}
	return http.StatusInternalServerError, "The server failed. The log has the reason, under the request's id."
}

// problem is an RFC 9457 problem document.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"` // names the request in the log
}

// fail answers a request with a problem. Nothing must have been written yet.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := statusOf(err)
	h := w.Header()
	id := h.Get("X-Request-Id")
	switch {
	case status < 500:
	case r.Context().Err() != nil: // no fault of ours: a map that is moved on leaves requests behind
		status = statusClientGone
	default:
		s.log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("id", id), slog.Any("err", err))
	}
	for _, name := range []string{"ETag", "Link", "Content-Encoding", "Ogc-Numbermatched", "Ogc-Numberreturned", "Content-Crs", "Content-Disposition", "Content-Language"} {
		h.Del(name)
	}
	if gone := new(goneError); errors.As(err, &gone) {
		h.Set("Link", "<"+gone.address+`>; rel="successor-version"`)
	}
	body, kind := s.problemBody(w, r, problem{"about:blank", http.StatusText(status), status, detail, "urn:clustermap:request:" + id})
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// problemBody writes a problem, for people as a page.
func (s *Server) problemBody(w http.ResponseWriter, r *http.Request, p problem) (body []byte, kind string) {
	if wantsPage(r) {
		if page, err := s.problemPage(w, r, p); err == nil {
			return page, htmlType
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and a number
	}
	return append(body, '\n'), problemType
}
