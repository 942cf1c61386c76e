package server

import (
	"net/http"

	"clustermap/geo/cql"
)

type functionsDocument struct {
	Functions []functionDocument `json:"functions"`
	Links     []link             `json:"links"`
}

// functionDocument is a function as Features Part 3 describes one.
type functionDocument struct {
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	Arguments   []argumentDocument `json:"arguments,omitempty"`
	Returns     []string           `json:"returns"`
}

type argumentDocument struct {
	Title string   `json:"title,omitempty"`
	Type  []string `json:"type"`
}

// functions answers GET /functions: what a filter may call.
func (s *Server) functions(w http.ResponseWriter, q *request) error {
	q.speaks(w)
	t := s.tag(q, "", "/functions")
	if q.current(w, t) {
		return nil
	}
	doc := functionsDocument{Links: q.selfLinks([]media{jsonMedia, htmlMedia}, "/functions", "")}
	for _, f := range cql.Functions() {
		d := functionDocument{Name: f.Name, Description: f.Description.In(q.lang), Returns: f.Returns}
		for _, a := range f.Args {
			d.Arguments = append(d.Arguments, argumentDocument{a.Title.In(q.lang), a.Types})
		}
		doc.Functions = append(doc.Functions, d)
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "functions", functionsView{s.view(q, say(q.lang, "Functions"), doc.Links), doc})
	}
	return s.sendJSON(w, q, t, doc)
}

type functionsView struct {
	view
	Doc functionsDocument
}
