package server

import (
	"math"
	"net/http"
	"time"

	"clustermap/geo"
)

const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// conformsTo are the classes whose every requirement the server meets. Not among
// them: Schemas of Common Part 3, which wants every additional keyword to begin
// with x-ogc-, where our schemas have more than OGC names; and Queryables as
// Query Parameters of Features Part 3, whose parameters have one value, where
// ours have a list.
var conformsTo = [...]string{
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
	"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
}

type landingDocument struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Links       []link `json:"links"`
}

type conformanceDocument struct {
	ConformsTo []string `json:"conformsTo"`
	Links      []link   `json:"links"`
}

type collectionsDocument struct {
	Collections []collectionDocument `json:"collections"`
	Links       []link               `json:"links"`
}

type collectionDocument struct {
	ID          string          `json:"id"`
	Title       string          `json:"title"`
	XTitle      *textDocument   `json:"x-title,omitempty"`
	Description string          `json:"description,omitempty"`
	XDescript   *textDocument   `json:"x-description,omitempty"`
	ItemType    string          `json:"itemType"`
	CRS         []string        `json:"crs"`
	StorageCRS  string          `json:"storageCrs"`
	Extent      *extentDocument `json:"extent,omitempty"`
	Features    int             `json:"x-numberOfFeatures"`
	Links       []link          `json:"links"`
}

// textDocument is a text in English and Chinese.
type textDocument struct {
	EN string `json:"en,omitempty"`
	ZH string `json:"zh,omitempty"`
}

type extentDocument struct {
	Spatial  *spatialExtent  `json:"spatial,omitempty"`
	Temporal *temporalExtent `json:"temporal,omitempty"`
}

type spatialExtent struct {
	BBox [][4]float64 `json:"bbox"`
	CRS  string       `json:"crs"`
}

type temporalExtent struct {
	Interval [][2]*string `json:"interval"`
	TRS      string       `json:"trs"`
}

type healthDocument struct {
	Status string `json:"status"`
}

// landing answers GET /. A browser that asks for no format gets the map page.
func (s *Server) landing(w http.ResponseWriter, q *request) error {
	if q.media.isHTML() && !q.explicit {
		// Not a resource of the API: chat programs add parameters of theirs to
		// the addresses of pages, and the page does not read any.
		return s.mapPage(w, q)
	}
	if err := q.params.none(); err != nil {
		return err
	}
	t := s.tag(q, q.state.Rev(), "/")
	if q.current(w, t) {
		return nil
	}
	doc := landingDocument{Title: s.cfg.Title, Description: s.cfg.Description, Links: q.landingLinks()}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "landing", landingView{s.view(q, s.cfg.Title, doc.Links), doc, summaries(q)})
	}
	return s.sendJSON(w, q, t, doc)
}

func (q *request) landingLinks() []link {
	links := q.selfLinks([]media{jsonMedia, htmlMedia}, "/", "")
	return append(links,
		link{q.in("json", "/api", ""), "service-desc", openapiMedia.content, "The API as an OpenAPI document"},
		link{q.in("html", "/api", ""), "service-doc", "text/html", "The API for people"},
		link{q.in("json", "/conformance", ""), "conformance", "application/json", "Conformance classes of OGC API"},
		link{q.in("json", "/collections", ""), "data", "application/json", "The collections"},
		link{q.in("html", "/collections", ""), "data", "text/html", "The collections"},
	)
}

// conformance answers GET /conformance.
func (s *Server) conformance(w http.ResponseWriter, q *request) error {
	t := s.tag(q, "", "/conformance")
	if q.current(w, t) {
		return nil
	}
	doc := conformanceDocument{conformsTo[:], q.selfLinks([]media{jsonMedia, htmlMedia}, "/conformance", "")}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "conformance", conformanceView{s.view(q, "Conformance", doc.Links), doc})
	}
	return s.sendJSON(w, q, t, doc)
}

// collections answers GET /collections.
func (s *Server) collections(w http.ResponseWriter, q *request) error {
	t := s.tag(q, q.state.Rev(), "/collections")
	if q.current(w, t) {
		return nil
	}
	doc := collectionsDocument{
		Collections: []collectionDocument{},
		Links:       q.selfLinks([]media{jsonMedia, htmlMedia}, "/collections", ""),
	}
	for _, c := range q.state.Collections() {
		doc.Collections = append(doc.Collections, q.describe(c, nil))
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "collections", collectionsView{s.view(q, "Collections", doc.Links), summaries(q)})
	}
	return s.sendJSON(w, q, t, doc)
}

// collection answers GET /collections/{collection}.
func (s *Server) collection(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	path := collectionPath(c.ID)
	t := s.tag(q, c.Source.Rev(), path)
	if q.current(w, t) {
		return nil
	}
	doc := q.describe(c, q.selfLinks([]media{jsonMedia, htmlMedia}, path, ""))
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "collection", s.collectionView(q, c, doc))
	}
	return s.sendJSON(w, q, t, doc)
}

// schema answers GET /collections/{collection}/schema.
func (s *Server) schema(w http.ResponseWriter, q *request) error {
	return s.sendSchema(w, q, "schema", func(c *geo.Collection, id string) []byte {
		return c.Source.Schema().JSONSchema(id)
	})
}

// queryables answers GET /collections/{collection}/queryables.
func (s *Server) queryables(w http.ResponseWriter, q *request) error {
	return s.sendSchema(w, q, "queryables", func(c *geo.Collection, id string) []byte {
		return c.Source.Schema().Queryables(id, reserved)
	})
}

func (s *Server) sendSchema(w http.ResponseWriter, q *request, name string, make func(c *geo.Collection, id string) []byte) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	path := collectionPath(c.ID) + "/" + name
	t := s.tag(q, c.Source.Rev(), path)
	if q.current(w, t) {
		return nil
	}
	links := q.selfLinks([]media{schemaMedia, htmlMedia}, path, "")
	links = append(links, link{Href: address(q.base, collectionPath(c.ID), ""), Rel: "collection", Type: "application/json"})
	setLinks(w.Header(), links) // a schema has no place for links
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "schema", s.schemaView(q, c, name))
	}
	s.send(w, q, t, make(c, address(q.base, path, "")))
	return nil
}

// health answers GET /healthz: the process answers.
func (s *Server) health(w http.ResponseWriter, q *request) error {
	return s.sendHealth(w, q, "ok")
}

// ready answers GET /readyz: the server wants requests.
func (s *Server) ready(w http.ResponseWriter, q *request) error {
	if s.draining.Load() {
		return failf(http.StatusServiceUnavailable, "The server is finishing its last requests before it stops.")
	}
	return s.sendHealth(w, q, "ready")
}

func (s *Server) sendHealth(w http.ResponseWriter, q *request, status string) error {
	q.volatile = true
	if q.media.isHTML() {
		return s.sendPage(w, q, "", "health", healthView{s.view(q, "Health", nil), status})
	}
	return s.sendJSON(w, q, "", healthDocument{status})
}

func collectionPath(id string) string { return "/collections/" + escapeID(id) }

// describe makes the document of a collection. self are its links to itself;
// nil stands for the one that a list of collections has.
func (q *request) describe(c *geo.Collection, self []link) collectionDocument {
	path := collectionPath(c.ID)
	if self == nil {
		self = []link{{q.in("json", path, ""), "self", "application/json", "This collection"}}
	}
	schema := c.Source.Schema()
	return collectionDocument{
		ID:          c.ID,
		Title:       titleOf(c),
		XTitle:      text(c.Title),
		Description: c.Description.In("en"),
		XDescript:   text(c.Description),
		ItemType:    "feature",
		CRS:         []string{crs84},
		StorageCRS:  crs84,
		Extent:      extent(c.Source.Extent()),
		Features:    schema.Features,
		Links: append(self,
			link{q.in("json", path+"/items", ""), "items", "application/geo+json", "The features as GeoJSON"},
			link{q.in("html", path+"/items", ""), "items", "text/html", "The features as HTML"},
			link{q.in("json", path+"/schema", ""), relSchema, "application/schema+json", "The schema of the features"},
			link{q.in("json", path+"/queryables", ""), relQueryables, "application/schema+json", "The properties that filter"},
		),
	}
}

func titleOf(c *geo.Collection) string {
	if t := c.Title.In("en"); t != "" {
		return t
	}
	return c.ID
}

// text is nil unless there is a text in Chinese, which the plain member lacks.
func text(t geo.Text) *textDocument {
	if t.ZH == "" {
		return nil
	}
	return &textDocument{t.EN, t.ZH}
}

// extent gives the extent of a collection with its box rounded outwards to
// 1e-6 degrees (0.1 m), so that no feature sticks out of it.
func extent(e geo.Extent) *extentDocument {
	var doc extentDocument
	if !e.Empty {
		const step = 1e6
		b := e.Box
		doc.Spatial = &spatialExtent{[][4]float64{{
			max(-180, math.Floor(b.Min[0]*step)/step), max(-90, math.Floor(b.Min[1]*step)/step),
			min(180, math.Ceil(b.Max[0]*step)/step), min(90, math.Ceil(b.Max[1]*step)/step),
		}}, crs84}
	}
	if !e.Time.Start.IsZero() || !e.Time.End.IsZero() {
		doc.Temporal = &temporalExtent{
			[][2]*string{{instant(e.Time.Start), instant(e.Time.End)}},
			"http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
		}
	}
	if doc.Spatial == nil && doc.Temporal == nil {
		return nil
	}
	return &doc
}

// instant is null for an open end.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}
