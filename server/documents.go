package server

import (
	"cmp"
	"math"
	"net/http"
	"time"

	"clustermap/geo"
)

type landingDocument struct {
	Title       string          `json:"title"`
	Description string          `json:"description"`
	CRS         []string        `json:"crs"` // of maps of the dataset
	StorageCRS  string          `json:"storageCrs"`
	Extent      *extentDocument `json:"extent,omitempty"`
	Links       []link          `json:"links"`
}

type conformanceDocument struct {
	ConformsTo []string `json:"conformsTo"`
	Links      []link   `json:"links"`
}

type collectionsDocument struct {
	Collections []collectionDocument `json:"collections"`
	CRS         []string             `json:"crs"` // where a collection has #/crs
	Links       []link               `json:"links"`
}

type collectionDocument struct {
	ID          string          `json:"id"`
	Title       string          `json:"title"`
	XTitle      *textDocument   `json:"x-title,omitempty"`
	Description string          `json:"description,omitempty"`
	XDescript   *textDocument   `json:"x-description,omitempty"`
	Attribution string          `json:"attribution,omitempty"`
	About       *geo.About      `json:"x-about,omitempty"`
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
	q.speaks(w)
	t := s.tag(q, q.state.Rev(), "/")
	if q.current(w, t) {
		return nil
	}
	doc := landingDocument{
		Title: s.cfg.Title, Description: s.cfg.Description, CRS: datasetSystems(), StorageCRS: crs84,
		Extent: datasetExtent(q.state), Links: q.landingLinks(),
	}
	if len(s.baseMaps()) > 0 {
		doc.Links = append(doc.Links, link{q.in("json", "/basemaps", ""), "related", "application/json", "Base maps"})
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "landing", landingView{s.view(q, s.cfg.Title, doc.Links), doc, summaries(q)})
	}
	return s.sendJSON(w, q, t, doc)
}

// datasetSystems are the systems of maps that others know.
func datasetSystems() []string {
	var out []string
	for _, s := range wmsSystems() {
		out = append(out, s.crs.URI())
	}
	return out
}

// datasetExtent is where and when the features of all collections are.
func datasetExtent(state *geo.State) *extentDocument {
	all := geo.Extent{Empty: true}
	for _, c := range state.Collections() {
		e := c.Source.Extent()
		switch {
		case e.Empty:
		case e.Box.Min[0] > e.Box.Max[0]:
			all.Box, all.Empty = everywhere, false
		case all.Empty:
			all.Box, all.Empty = e.Box, false
		default:
			all.Box = all.Box.Union(e.Box)
		}
		switch {
		case e.Time.IsZero():
		case all.Time.IsZero():
			all.Time = e.Time
		default:
			all.Time = spanOf(all.Time, e.Time)
		}
	}
	return extent(all)
}

func (q *request) landingLinks() []link {
	links := q.selfLinks([]media{jsonMedia, htmlMedia}, "/", "")
	return append(links,
		link{q.in("json", "/api", ""), "service-desc", openapiMedia.content, "The API as an OpenAPI document"},
		link{q.in("html", "/api", ""), "service-doc", "text/html", "The API for people"},
		link{q.in("json", "/conformance", ""), "conformance", "application/json", "Conformance classes of OGC API"},
		link{q.in("json", "/functions", ""), relFunctions, "application/json", "The functions that filters may call"},
		link{q.in("json", "/collections", ""), "data", "application/json", "The collections"},
		link{q.in("html", "/collections", ""), "data", "text/html", "The collections"},
		link{q.in("json", "/tiles", ""), relTilesets, "application/json", "The collections as vector tiles"},
		link{q.plain("/map"), relMap, "image/png", "The map as a picture"},
		link{q.in("json", "/map/tiles", ""), relMapTilesets, "application/json", "The map as tiles"},
		link{q.in("json", "/tileMatrixSets", ""), relSchemes, "application/json", "The tile matrix sets"},
		link{q.in("json", "/styles", ""), relStyles, "application/json", "Finished maps for MapLibre"},
		link{q.in("json", statisticsPath, ""), relStatistics, "application/json", "What can be asked of a collection: where it concentrates, and whether that is more than chance"},
	)
}

// conformance answers GET /conformance.
func (s *Server) conformance(w http.ResponseWriter, q *request) error {
	if q.media.isHTML() {
		q.speaks(w)
	}
	t := s.tag(q, "", "/conformance")
	if q.current(w, t) {
		return nil
	}
	doc := conformanceDocument{conformsTo[:], q.selfLinks([]media{jsonMedia, htmlMedia}, "/conformance", "")}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "conformance", conformanceView{s.view(q, say(q.lang, "Conformance"), doc.Links), doc})
	}
	return s.sendJSON(w, q, t, doc)
}

// collections answers GET /collections.
func (s *Server) collections(w http.ResponseWriter, q *request) error {
	q.speaks(w)
	t := s.tag(q, q.state.Rev(), "/collections")
	if q.current(w, t) {
		return nil
	}
	doc := collectionsDocument{
		Collections: []collectionDocument{},
		CRS:         everySystem(),
		Links:       q.selfLinks([]media{jsonMedia, htmlMedia}, "/collections", ""),
	}
	for _, c := range q.state.Collections() {
		doc.Collections = append(doc.Collections, q.describe(c, nil))
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "collections", collectionsView{s.view(q, say(q.lang, "Collections"), doc.Links), summaries(q)})
	}
	return s.sendJSON(w, q, t, doc)
}

// collection answers GET /collections/{collection}.
func (s *Server) collection(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	q.speaks(w)
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

func collectionPath(id string) string { return "/collections/" + escapeID(id) }

// describe makes the document of a collection. self are its links to itself;
// nil stands for the one that a list of collections has.
func (q *request) describe(c *geo.Collection, self []link) collectionDocument {
	path := collectionPath(c.ID)
	uris, all := systems(c.Source.Extent())
	if self == nil {
		if all {
			uris = []string{"#/crs"}
		}
		self = []link{{q.in("json", path, ""), "self", "application/json", "This collection"}}
	}
	schema := c.Source.Schema()
	doc := collectionDocument{
		ID:          c.ID,
		Title:       titleIn(c, q.lang),
		XTitle:      text(c.Title),
		Description: c.Description.In(q.lang),
		XDescript:   text(c.Description),
		Attribution: schema.Attribution.In(q.lang),
		About:       aboutOf(schema),
		ItemType:    "feature",
		CRS:         uris,
		StorageCRS:  crs84,
		Extent:      extent(c.Source.Extent()),
		Features:    schema.Features,
		Links: append(self,
			link{q.in("json", path+"/items", ""), "items", "application/geo+json", "The features as GeoJSON"},
			link{q.in("html", path+"/items", ""), "items", "text/html", "The features as HTML"},
			link{q.in("json", path+"/schema", ""), relSchema, "application/schema+json", "The schema of the features"},
			link{q.in("json", path+"/queryables", ""), relQueryables, "application/schema+json", "The properties that filter"},
			link{q.in("json", path+"/sortables", ""), relSortables, "application/schema+json", "The properties that order"},
			link{q.in("json", path+"/tiles", ""), relTilesets, "application/json", "The features as vector tiles"},
			link{q.plain(path + "/map"), relMap, "image/png", "A map of the features"},
			link{q.in("json", path+"/map/tiles", ""), relMapTilesets, "application/json", "A map of the features as tiles"},
			link{q.in("geojson", path+"/groups", ""), relGroups, "application/geo+json", "The features in groups, for a zoom or by territory"},
			link{q.in("html", path+"/groups", ""), relGroups, "text/html", "The features in groups"},
		),
	}
	if q.stored(c) {
		doc.Links = append(doc.Links,
			link{q.in("json", path+statisticsPath, ""), relStatistics, "application/json", "Where the features concentrate, and whether that is more than chance"},
			link{q.in("html", path+statisticsPath, ""), relStatistics, "text/html", "Where the features concentrate"})
	}
	return doc
}

// stored tells the collections of files from the places of an answer. Those have
// statistics too, but no links to them: what follows links would never end.
func (q *request) stored(c *geo.Collection) bool {
	_, ok := q.state.Collection(c.ID)
	return ok
}

func titleOf(c *geo.Collection) string { return titleIn(c, "en") }

func titleIn(c *geo.Collection, lang string) string { return cmp.Or(c.Title.In(lang), c.ID) }

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
