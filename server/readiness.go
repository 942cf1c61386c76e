package server

import (
	"net/http"
	"path"
	"time"

	"clustermap/geo"
)

// SetRejected tells GET /readyz and the metrics which files are not served as they
// are now. Only their names are told, not the folders. The slice must not be changed
// afterwards.
func (s *Server) SetRejected(files []geo.Rejected) { s.rejected.Store(&files) }

func (s *Server) rejectedFiles() []geo.Rejected {
	if files := s.rejected.Load(); files != nil {
		return *files
	}
	return nil
}

type healthDocument struct {
	Status string `json:"status"`
}

type readyDocument struct {
	Status   string             `json:"status"`
	Rev      string             `json:"rev"`
	Rejected []rejectedDocument `json:"rejected"`
}

type rejectedDocument struct {
	File   string          `json:"file"`
	Served bool            `json:"served"`
	Since  string          `json:"since"`
	Faults []faultDocument `json:"faults"`
	More   int             `json:"more,omitempty"` // faults beyond those listed
}

type faultDocument struct {
	File    string `json:"file,omitempty"` // where it is another one, such as the schema
	Line    int    `json:"line,omitempty"`
	Feature int    `json:"feature,omitempty"`
	Field   string `json:"field,omitempty"`
	Reason  string `json:"reason"`
}

type healthView struct {
	view
	Status   string
	Rejected []rejectedDocument
}

// health answers GET /healthz: the process answers.
func (s *Server) health(w http.ResponseWriter, q *request) error {
	q.volatile = true
	if q.media.isHTML() {
		return s.sendPage(w, q, "", "health", healthView{s.view(q, say(q.lang, "Health"), nil), "ok", nil})
	}
	return s.sendJSON(w, q, "", healthDocument{"ok"})
}

// ready answers GET /readyz: the server wants requests. Files that it cannot serve
// as they are do not change that, for their last good state is served.
func (s *Server) ready(w http.ResponseWriter, q *request) error {
	if s.draining.Load() {
		return failf(http.StatusServiceUnavailable, "The server is finishing its last requests before it stops.")
	}
	q.volatile = true
	doc := readyDocument{Status: "ready", Rev: q.state.Rev(), Rejected: []rejectedDocument{}}
	for _, r := range s.rejectedFiles() {
		doc.Rejected = append(doc.Rejected, rejectedOf(r))
	}
	if q.media.isHTML() {
		return s.sendPage(w, q, "", "health", healthView{s.view(q, say(q.lang, "Health"), nil), doc.Status, doc.Rejected})
	}
	return s.sendJSON(w, q, "", doc)
}

func rejectedOf(r geo.Rejected) rejectedDocument {
	doc := rejectedDocument{path.Base(r.File), r.Served, r.Since.UTC().Format(time.RFC3339), []faultDocument{}, r.Faults.More}
	for _, f := range r.Faults.List {
		at := faultDocument{"", f.Line, f.Feature, f.Field, f.Reason}
		if f.File != r.File {
			at.File = path.Base(f.File)
		}
		doc.Faults = append(doc.Faults, at)
	}
	return doc
}

// String is the fault as the log and clustermap check write it.
func (f faultDocument) String() string {
	e := geo.InvalidError{File: f.File, Line: f.Line, Feature: f.Feature, Field: f.Field, Reason: f.Reason}
	return e.Error()
}
