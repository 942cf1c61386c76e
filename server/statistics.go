package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/cql"
	"clustermap/geo/stat"
)

const statisticsPath = "/statistics"

// The media types of statistics.
var (
	placesMedia = media{"geojson", "application/geo+json", "application/geo+json"}
	eventsMedia = media{"events", "text/event-stream", "text/event-stream"}
)

// statisticMedia are the media types of the answers of a method.
func statisticMedia(places bool) []media {
	out := []media{jsonMedia, csvMedia, placesMedia, htmlMedia, eventsMedia}
	if !places {
		out = slices.Delete(out, 2, 3)
	}
	return out
}

// methods answers GET /statistics.
func (s *Server) methods(w http.ResponseWriter, q *request) error {
	return s.methodList(w, q, statisticsPath, nil)
}

// collectionMethods answers GET /collections/{collection}/statistics.
func (s *Server) collectionMethods(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	if _, err := indexOf(c); err != nil {
		return err
	}
	return s.methodList(w, q, collectionPath(c.ID)+statisticsPath, c)
}

// methodsDocument lists methods.
type methodsDocument struct {
	Methods []methodSummary `json:"methods"`
	Links   []link          `json:"links"`
}

type methodSummary struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	XTitle geo.Text `json:"x-title"`
	Asks   string   `json:"asks"`
	Places bool     `json:"places"` // its answers are features too
	Links  []link   `json:"links"`
}

func (s *Server) methodList(w http.ResponseWriter, q *request, path string, c *geo.Collection) error {
	if err := q.params.none(); err != nil {
		return err
	}
	q.speaks(w)
	t := s.tag(q, q.state.Rev(), path)
	if q.current(w, t) {
		return nil
	}
	doc := methodsDocument{Links: q.selfLinks([]media{jsonMedia, htmlMedia}, path, "")}
	for _, m := range stat.Methods() {
		one := methodSummary{ID: m.ID, Title: m.Title.In(q.lang), XTitle: m.Title, Asks: m.Page.Asks.In(q.lang), Places: m.Places}
		if c != nil {
			one.Links = append(one.Links, link{q.in("json", path+"/"+m.ID, ""), "item", "application/json", "The answer for the collection"})
		}
		one.Links = append(one.Links, link{q.in("html", methodPath(m), ""), "describedby", "text/html", "The method"})
		doc.Methods = append(doc.Methods, one)
	}
	if c != nil {
		doc.Links = append(doc.Links, link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "methods", s.methodsView(q, c, doc))
	}
	return s.sendJSON(w, q, t, doc)
}

func methodPath(m *stat.Method) string { return statisticsPath + "/" + m.ID }

// methodOf is the method that the path names.
func (q *request) methodOf() (*stat.Method, error) {
	id, err := q.variable("method")
	if err != nil {
		return nil, err
	}
	m, ok := stat.Find(id)
	if !ok {
		var ids []string
		for _, m := range stat.Methods() {
			ids = append(ids, m.ID)
		}
		return nil, failf(http.StatusNotFound, "There is no statistic %q%s", printable(id), didYouMean(id, ids))
	}
	return m, nil
}

// statisticRequest is a question about a collection.
type statisticRequest struct {
	c        *geo.Collection
	index    *geo.Index
	method   *stat.Method
	question *stat.Question
	universe selection
	areas    []*geo.Collection // whose outlines, names and definitions may be in the answer
}

// parseStatistic reads the parameters of a question.
func parseStatistic(state *geo.State, c *geo.Collection, m *stat.Method, p params) (*statisticRequest, error) {
	x, err := indexOf(c)
	if err != nil {
		return nil, err
	}
	r := &statisticRequest{c: c, index: x, method: m}
	for _, id := range [...]string{divisionsID, regionsID} {
		if areas, ok := state.Collection(id); ok {
			r.areas = append(r.areas, areas)
		}
	}
	p = slices.Clone(p)
	schema := x.Schema()
	if r.question, err = stat.Parse(m, schema, p.take); err != nil {
		return nil, err
	}
	if err := r.takeSelect(&p, schema); err != nil {
		return nil, err
	}
	names := (&selectionReader{schema: schema, purpose: forStatistics}).names()
	for _, one := range p {
		if !slices.Contains(names, one.name) {
			return nil, unknown(one.name, append(names, parametersOf(m)...))
		}
	}
	if r.universe, err = parseSelection(c.ID, p, schema, limits{}, forStatistics); err != nil {
		return nil, err
	}
	r.question.Universe = r.universe.query
	r.question.Filter = geo.Text{EN: universeInWords(&r.universe, schema, "en"), ZH: universeInWords(&r.universe, schema, "zh")}
	return r, nil
}

// universeInWords says what selects the universe: the same for equal questions.
func universeInWords(sel *selection, schema *geo.Schema, lang string) string {
	text := filterInWords(sel.filter, schema, lang)
	for _, p := range sel.filter {
		if p.name == "bbox" || p.name == "geometry-type" {
			if text != "" {
				text += say(lang, "; ")
			}
			text += p.name + "=" + p.value
		}
	}
	return text
}

func parametersOf(m *stat.Method) []string {
	var names []string
	for _, p := range m.Parameters() {
		names = append(names, p.Name)
	}
	return names
}

// takeSelect reads the parameter select: a filter whose geometries are in longitude and
// latitude.
func (r *statisticRequest) takeSelect(p *params, schema *geo.Schema) error {
	if !slices.Contains(parametersOf(r.method), "select") {
		return nil
	}
	text, given := p.take("select")
	if !given {
		return nil
	}
	if strings.TrimSpace(text) == "" {
		return invalid("select", "is empty; leave it out to study what the method studies by itself")
	}
	parse := cql.ParseText
	if lang, given := p.get("filter-lang"); given {
		isJSON, err := parseFilterLang(lang)
		if err != nil {
			return err
		}
		if isJSON {
			parse = func(text string) (cql.Expr, error) { return cql.ParseJSON([]byte(text)) }
		}
	}
	tree, err := parse(text)
	if err != nil {
		return renamed("select", err)
	}
	f, err := cql.Compile(tree, schema, cql.Options{})
	if err != nil {
		return renamed("select", err)
	}
	r.question.Select = f
	return nil
}

// renamed is an error about another parameter.
func renamed(param string, err error) error {
	if bad, ok := err.(*geo.InvalidError); ok {
		return &geo.InvalidError{Field: param, Reason: bad.Reason}
	}
	return err
}

// text is the canonical query: equal for equal questions.
func (r *statisticRequest) text() string {
	var b []byte
	for _, p := range r.question.Settings() {
		b = appendParam(b, p.Name, p.Value)
	}
	if rest := r.universe.text("", 0, ""); rest != "" {
		if len(b) > 0 {
			b = append(b, '&')
		}
		b = append(b, rest...)
	}
	return string(b)
}

// rev is the state of what the answer depends on.
func (r *statisticRequest) rev() string {
	revs := []string{r.index.Rev()}
	for _, c := range r.areas {
		revs = append(revs, c.Source.Rev())
	}
	return strings.Join(revs, "+")
}

func (r *statisticRequest) path() string {
	return collectionPath(r.c.ID) + statisticsPath + "/" + r.method.ID
}

// statistic answers GET /collections/{collection}/statistics/{method}.
func (s *Server) statistic(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	m, err := q.methodOf()
	if err != nil {
		return err
	}
	if q.media == placesMedia && !m.Places {
		f := ""
		if q.explicit {
			f = placesMedia.f
		}
		if q.media, err = negotiate(q.Header["Accept"], f, q.explicit, statisticMedia(false)); err != nil {
			return err
		}
	}
	if q.media.isHTML() {
		q.params = q.params.filled()
	}
	r, err := parseStatistic(q.state, c, m, q.params)
	if err != nil {
		return err
	}
	if q.media == eventsMedia {
		return s.streamStatistic(w, q, r)
	}
	q.speaks(w)
	k := keptResource{rev: r.rev(), resource: r.path() + "?" + r.text(), linked: true}
	t := s.keptTag(q, k)
	if etag := held(q.Header["If-None-Match"], t, q.coding.name); etag != "" {
		notModified(w, etag, keepable)
		return nil
	}
	// Not within the building of the answer: that has its turns among all answers, which
	// must not be held by what takes long.
	f, err := s.figuresOf(q.Context(), q.state, r, w.Header())
	if err != nil {
		return err
	}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		return s.writeStatistic(ctx, q, r, f)
	})
}

func (s *Server) writeStatistic(ctx context.Context, q *request, r *statisticRequest, f *figures) (*keptAnswer, error) {
	links := q.statisticLinks(r)
	header := make(http.Header)
	setLinks(header, links)
	switch q.media.f {
	case "html":
		return s.statisticPage(ctx, q, r, f, links)
	case "csv":
		header["Content-Disposition"] = []string{disposition(r.c.ID + "-" + r.method.ID + ".csv")}
		return &keptAnswer{body: f.csv(q.lang), header: header}, nil
	case "geojson":
		return &keptAnswer{body: f.geojson(q, r, links), header: header}, nil
	}
	return &keptAnswer{body: f.json(q, r, links), header: header}, nil
}

// statisticLinks are the links of an answer, also of that which is told by events.
func (q *request) statisticLinks(r *statisticRequest) []link {
	path, query := r.path(), r.text()
	offers := statisticMedia(r.method.Places)
	self := q.media
	if self == eventsMedia {
		self = jsonMedia
	}
	links := []link{{q.in(self.f, path, query), "self", self.content, "This document"}}
	for _, m := range offers {
		if m.f != self.f && m != eventsMedia {
			links = append(links, link{q.in(m.f, path, query), "alternate", m.kind, "This document as " + strings.ToUpper(m.f)})
		}
	}
	links = append(links, link{q.in("html", methodPath(r.method), ""), "describedby", "text/html", "How it is computed"},
		link{q.in("json", collectionPath(r.c.ID), ""), "collection", "application/json", "The collection"})
	if r.method.Places {
		links = append(links, q.placesLinks(r)...)
	}
	return links
}

// methodDocument tells all of a method.
type methodDocument struct {
	ID         string          `json:"id"`
	Title      geo.Text        `json:"title"`
	Asks       geo.Text        `json:"asks"`
	Formula    string          `json:"formula"`
	Reading    geo.Text        `json:"reading"`
	Limits     geo.Text        `json:"limits"`
	Sources    []string        `json:"sources"`
	Places     bool            `json:"places"`
	Parameters []methodSetting `json:"parameters"`
	Links      []link          `json:"links"`
}

// methodSetting describes a parameter of a method.
type methodSetting struct {
	Name        string          `json:"name"`
	Description geo.Text        `json:"description"`
	Default     json.RawMessage `json:"default"` // null where it depends on the data
	Minimum     *float64        `json:"minimum,omitempty"`
	Maximum     *float64        `json:"maximum,omitempty"`
	Choices     []string        `json:"choices,omitempty"`
}

// methodPage answers GET /statistics/{method}.
func (s *Server) methodPage(w http.ResponseWriter, q *request) error {
	m, err := q.methodOf()
	if err != nil {
		return err
	}
	if err := q.params.none(); err != nil {
		return err
	}
	path := methodPath(m)
	q.speaks(w)
	t := s.tag(q, q.state.Rev(), path) // a page leads to the collections
	if q.current(w, t) {
		return nil
	}
	doc := methodDocument{ID: m.ID, Title: m.Title, Asks: m.Page.Asks, Formula: m.Page.Formula, Reading: m.Page.Reading, Limits: m.Page.Limits,
		Sources: m.Page.Sources, Places: m.Places, Parameters: []methodSetting{}, Links: q.selfLinks([]media{jsonMedia, htmlMedia}, path, "")}
	for _, p := range m.Parameters() {
		one := methodSetting{Name: p.Name, Description: p.Description, Default: json.RawMessage(settingJSON(p, p.Default)), Choices: p.Choices}
		if p.Kind == stat.Int || p.Kind == stat.Float {
			one.Minimum = &p.Min
			if p.Max > p.Min {
				one.Maximum = &p.Max
			}
		}
		doc.Parameters = append(doc.Parameters, one)
	}
	doc.Links = append(doc.Links, link{q.in("json", statisticsPath, ""), "up", "application/json", "All methods"})
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "method", s.methodView(q, m, doc))
	}
	return s.sendJSON(w, q, t, doc)
}

// settingJSON is the value of a parameter as JSON: numbers as such, null for none.
func settingJSON(p stat.Param, value string) []byte {
	switch {
	case value == "":
		return []byte("null")
	case (p.Kind == stat.Int || p.Kind == stat.Float) && json.Valid([]byte(value)): // and not a word for what the data choose
		return []byte(value)
	}
	return appendText(nil, value)
}
