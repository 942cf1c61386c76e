package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/archive"
	"clustermap/geo/pyramid"
	"clustermap/geo/tile"
)

// templatedLink is a link whose address has places to be filled in.
type templatedLink struct {
	link
	Templated bool `json:"templated,omitempty"`
}

type tilesetsDocument struct {
	Tilesets []tilesetDocument `json:"tilesets"`
	Links    []link            `json:"links"`
}

// tilesetDocument is the metadata of a tileset (OGC 17-083r4, 8); in a list it has
// the first members alone, and of the links those to documents in JSON, for programs
// follow each.
type tilesetDocument struct {
	Title    string          `json:"title"`
	DataType string          `json:"dataType"`
	CRS      string          `json:"crs"`
	URI      string          `json:"tileMatrixSetURI,omitempty"`
	Links    []templatedLink `json:"links"`

	Description string         `json:"description,omitempty"`
	Attribution string         `json:"attribution,omitempty"`
	Limits      []matrixLimits `json:"tileMatrixSetLimits,omitempty"`
	Box         *boundingBox   `json:"boundingBox,omitempty"`
	Center      *centerPoint   `json:"centerPoint,omitempty"`
	Layers      []tilesetLayer `json:"layers,omitempty"`
	Budget      *tileBudget    `json:"x-clustermap-budget,omitempty"`
	MediaTypes  []string       `json:"mediaTypes,omitempty"`
}

type boundingBox struct {
	LowerLeft  [2]float64 `json:"lowerLeft"`
	UpperRight [2]float64 `json:"upperRight"`
	CRS        string     `json:"crs"`
}

type centerPoint struct {
	Coordinates [2]float64 `json:"coordinates"`
	CRS         string     `json:"crs"`
	TileMatrix  string     `json:"tileMatrix"`
}

type tilesetLayer struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	DataType   string          `json:"dataType"`
	Dimension  *int            `json:"geometryDimension,omitempty"` // not where it is mixed
	Properties json.RawMessage `json:"propertiesSchema"`
	MinLevel   string          `json:"minTileMatrix"`
	MaxLevel   string          `json:"maxTileMatrix"`
	Links      []link          `json:"links"`
}

// tileBudget says what a tile may hold, and what goes first.
type tileBudget struct {
	MaxBytes    int        `json:"maxBytes"` // before compression
	MaxFeatures int        `json:"maxFeatures"`
	Rule        string     `json:"rule"`
	Worst       *worstTile `json:"worst,omitempty"`
}

// worstTile is the tile that leaves out most; where none does, dropped is 0.
type worstTile struct {
	TileMatrix string `json:"tileMatrix,omitempty"`
	Row        *int   `json:"tileRow,omitempty"`
	Col        *int   `json:"tileCol,omitempty"`
	Dropped    int    `json:"dropped"`
}

// The budget of a tile, as tile.Options has it by default.
const (
	tileBytes    = 500_000
	tileFeatures = 50_000
)

type tilesetsView struct {
	view
	Rows []tilesetRow
}

type tilesetRow struct{ Title, CRS, Page, JSON string }

type tilesetView struct {
	view
	Doc      *tilesetDocument
	Map      *picture // nil for several collections
	Template string
	JSON     string // the address of the TileJSON, and "" where there is none
	Style    string // of a finished map, and "" likewise
	Priority string // of the request
}

// datasetTilesets answers GET /tiles.
func (s *Server) datasetTilesets(w http.ResponseWriter, q *request) error {
	return s.tilesets(w, q, nil)
}

// collectionTilesets answers GET /collections/{collection}/tiles.
func (s *Server) collectionTilesets(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.tilesets(w, q, c)
}

func (s *Server) tilesets(w http.ResponseWriter, q *request, c *geo.Collection) error {
	r, err := parseTiles(q, c)
	if err != nil {
		return err
	}
	q.speaks(w)
	path, query := tilesPath(c), r.text()
	t := s.tag(q, r.rev(), path+"?"+query)
	if q.current(w, t) {
		return nil
	}
	doc := tilesetsDocument{Links: q.selfLinks([]media{jsonMedia, htmlMedia}, path, query)}
	for _, g := range tile.Grids() {
		doc.Tilesets = append(doc.Tilesets, q.tilesetSummary(s, c, g, query))
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		v := tilesetsView{view: s.view(q, say(q.lang, "Vector tiles"), doc.Links, q.tileCrumbs(c)...)}
		for i, g := range tile.Grids() {
			row := tilesetRow{Title: doc.Tilesets[i].Title, CRS: doc.Tilesets[i].CRS, Page: q.in("html", path+"/"+g.ID, query)}
			if isWebMercator(g) {
				row.JSON = q.in("tilejson", path+"/"+g.ID, query)
			}
			v.Rows = append(v.Rows, row)
		}
		return s.sendPage(w, q, t, "tilesets", v)
	}
	return s.sendJSON(w, q, t, doc)
}

func tilesPath(c *geo.Collection) string {
	if c == nil {
		return "/tiles"
	}
	return collectionPath(c.ID) + "/tiles"
}

func (q *request) tileCrumbs(c *geo.Collection, more ...crumb) []crumb {
	if c == nil {
		return append([]crumb{{phrase("Overview"), q.in("html", "/", "")}}, more...)
	}
	return q.crumbs(c, more...)
}

func (q *request) tilesetSummary(s *Server, c *geo.Collection, g *tile.Grid, query string) tilesetDocument {
	title := s.cfg.Title
	if c != nil {
		title = titleIn(c, q.lang)
	}
	path := tilesPath(c) + "/" + g.ID
	doc := tilesetDocument{
		Title: title + " (" + g.ID + ")", DataType: "vector", CRS: g.CRS.URI(), URI: cmp.Or(g.URI, q.base+"/tileMatrixSets/"+g.ID),
		Links: []templatedLink{
			{link{q.in("json", path, query), "self", "application/json", "This tileset"}, false},
			{link{q.in("json", "/tileMatrixSets/"+g.ID, ""), relScheme, "application/json", "The tile matrix set"}, false},
			{link{q.in("json", geodataPath(c), ""), relGeodata, "application/json", "The data"}, false},
		},
	}
	if isWebMercator(g) {
		doc.Links = append(doc.Links, templatedLink{link{q.in("tilejson", path, query), "alternate", tilejsonMedia.kind, "This tileset as TileJSON"}, false})
	}
	return doc
}

// isWebMercator tells whether TileJSON can describe the tiles of a Grid.
func isWebMercator(g *tile.Grid) bool { return g.ID == webMercator().ID }

func geodataPath(c *geo.Collection) string {
	if c == nil {
		return "/collections"
	}
	return collectionPath(c.ID)
}

// tileTemplate is the address of the tiles of a tileset.
func (q *request) tileTemplate(c *geo.Collection, g *tile.Grid, level, row, col, query string) string {
	return address(q.base, tilesPath(c)+"/"+g.ID+"/"+level+"/"+row+"/"+col, query)
}

// datasetTileset answers GET /tiles/{tileMatrixSetId}.
func (s *Server) datasetTileset(w http.ResponseWriter, q *request) error {
	return s.tileset(w, q, nil)
}

// collectionTileset answers GET /collections/{collection}/tiles/{tileMatrixSetId}.
func (s *Server) collectionTileset(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.tileset(w, q, c)
}

func (s *Server) tileset(w http.ResponseWriter, q *request, c *geo.Collection) error {
	g, err := q.gridOf()
	if err != nil {
		return err
	}
	r, err := parseTiles(q, c)
	if err != nil {
		return err
	}
	if q.media.f == "tilejson" && !isWebMercator(g) {
		return failf(http.StatusNotAcceptable, "TileJSON is for tiles in Web Mercator; this tileset has JSON and HTML.")
	}
	q.speaks(w)
	k := keptResource{rev: r.rev(), resource: tilesPath(c) + "/" + g.ID + "?" + r.key(), linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		content, err := s.tileContent(ctx, r)
		if err != nil {
			return nil, err
		}
		if q.media.f == "tilejson" {
			return keptJSON(s.tileJSON(q, c, g, r, content))
		}
		doc, err := s.tilesetOf(ctx, q, c, g, r, content)
		if err != nil {
			return nil, err
		}
		if q.media.isHTML() {
			return s.tilesetPage(ctx, q, c, g, r, doc)
		}
		return keptJSON(doc)
	})
}

// tilesetOf is the metadata of a tileset.
func (s *Server) tilesetOf(ctx context.Context, q *request, c *geo.Collection, g *tile.Grid, r *tilesRequest, t *tileContent) (*tilesetDocument, error) {
	query := r.text()
	doc := q.tilesetSummary(s, c, g, query)
	doc.Links = append(doc.Links,
		templatedLink{link{q.in("html", tilesPath(c)+"/"+g.ID, query), "alternate", "text/html", "This tileset as HTML"}, false},
		templatedLink{link{q.tileTemplate(c, g, "{tileMatrix}", "{tileRow}", "{tileCol}", query), "item", mvtMedia.kind, "The tiles"}, true})
	doc.Attribution = attributionOf(r.collections, q.lang)
	if c != nil {
		doc.Description = c.Description.In(q.lang)
	}
	var err error
	if doc.Budget, err = budgetOf(ctx, g, r, t.layers); err != nil {
		return nil, err
	}
	doc.MediaTypes = []string{mvtMedia.kind}
	for z := range g.Levels() {
		doc.Limits = append(doc.Limits, limitsOf(g, z, t))
	}
	if !t.empty {
		doc.Box = &boundingBox{t.box.Min, t.box.Max, crs84}
		center, zoom := archive.BestView(t.box)
		doc.Center = &centerPoint{center, crs84, strconv.Itoa(levelFor(g, zoom))}
	}
	doc.Layers = q.tilesetLayers(g, r, t.layers)
	return &doc, nil
}

func (s *Server) tilesetPage(ctx context.Context, q *request, c *geo.Collection, g *tile.Grid, r *tilesRequest, doc *tilesetDocument) (*keptAnswer, error) {
	v := tilesetView{
		view:     s.view(q, doc.Title, nil, q.tileCrumbs(c, crumb{phrase("Vector tiles"), q.in("html", tilesPath(c), "")})...),
		Priority: r.priority, Doc: doc, Template: q.tileTemplate(c, g, "{z}", "{y}", "{x}", r.text()),
	}
	if isWebMercator(g) {
		v.JSON = q.in("tilejson", tilesPath(c)+"/"+g.ID, r.text())
	}
	if c != nil {
		query := r.selections[0].query
		query.Limit = mostPictured
		found, err := c.Source.Search(ctx, query)
		if err != nil {
			return nil, err
		}
		v.Map, v.Style = s.basics.picture(q, c, found.Features), q.base+"/styles/"+escapeID(c.ID)
	}
	return s.keptPage(q, "tileset", v)
}

// mostPictured is how many features the picture on a page shows.
const mostPictured = 500

// keptJSON is v as JSON.
func keptJSON(v any) (*keptAnswer, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return &keptAnswer{body: b.Bytes()}, err
}

// budgetOf tells what tiles leave out, and the worst of them.
func budgetOf(ctx context.Context, g *tile.Grid, r *tilesRequest, layers []tile.Layer) (*tileBudget, error) {
	opt := tile.Options{Pixels: r.pixels}
	b := &tileBudget{MaxBytes: tileBytes, MaxFeatures: tileFeatures, Rule: tile.Rule(layers, opt), Worst: new(worstTile)}
	at, dropped, err := tile.Worst(ctx, g, layers, opt)
	if dropped > 0 {
		b.Worst = &worstTile{strconv.Itoa(at.Z), &at.Row, &at.Col, dropped}
	}
	return b, err
}

func (q *request) tilesetLayers(g *tile.Grid, r *tilesRequest, layers []tile.Layer) []tilesetLayer {
	var out []tilesetLayer
	for i := range layers {
		l := &layers[i]
		c := r.collections[i/len(r.kinds)]
		out = append(out, tilesetLayer{
			ID: l.Name, Title: titleIn(c, q.lang), DataType: "vector", Dimension: dimensionOf(l), Properties: layerSchema(l),
			MinLevel: "0", MaxLevel: strconv.Itoa(g.Levels() - 1),
			Links: []link{{q.in("json", collectionPath(c.ID), ""), relGeodata, "application/json", "The data"}},
		})
	}
	return out
}

// dimensionOf is 0, 1 or 2; nil where a layer has geometries of more than one.
func dimensionOf(l *tile.Layer) *int {
	d := -1
	switch l.Kind {
	case tile.Groups:
		d = 0
	case tile.Outlines:
		d = 1
	default:
		for _, t := range l.Index.Schema().Geometry {
			now := map[string]int{"Point": 0, "MultiPoint": 0, "LineString": 1, "MultiLineString": 1, "Polygon": 2, "MultiPolygon": 2}
			n, known := now[t]
			if !known || d >= 0 && n != d {
				return nil
			}
			d = n
		}
	}
	if d < 0 {
		return nil
	}
	return &d
}

// layerSchema is the JSON Schema of the properties in a layer.
func layerSchema(l *tile.Layer) json.RawMessage {
	fields := l.Fields()
	properties := make(map[string]any, len(fields))
	schema := l.Index.Schema()
	for name, kind := range fields {
		p := map[string]any{"type": map[string]string{"Number": "number", "Boolean": "boolean"}[kind]}
		if p["type"] == "" {
			p["type"] = "string"
		}
		if known, _, ok := schema.Find(name); ok && known.Title.In("en") != "" {
			p["title"] = known.Title.In("en")
		}
		properties[name] = p
	}
	b, err := json.Marshal(map[string]any{"type": "object", "properties": properties})
	if err != nil {
		return json.RawMessage(`{}`) // strings and maps of strings cannot fail
	}
	return b
}

// tileJSON is a document of TileJSON 3.0.
type tileJSON struct {
	TileJSON    string          `json:"tilejson"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Attribution string          `json:"attribution,omitempty"`
	Scheme      string          `json:"scheme"`
	Tiles       []string        `json:"tiles"`
	MinZoom     int             `json:"minzoom"`
	MaxZoom     int             `json:"maxzoom"`
	Bounds      [4]float64      `json:"bounds"`
	Center      [3]float64      `json:"center"`
	Layers      []archive.Layer `json:"vector_layers"`
}

// tileJSON describes a tileset up to the zoom at which its tiles show all there is:
// maps show those larger beyond.
func (s *Server) tileJSON(q *request, c *geo.Collection, g *tile.Grid, r *tilesRequest, t *tileContent) tileJSON {
	doc := tileJSON{
		TileJSON: "3.0.0", Name: s.cfg.Title, Scheme: "xyz", MaxZoom: bestLevel(g, t.layers), Bounds: [4]float64{-180, -mercatorEdge, 180, mercatorEdge},
		Tiles: []string{q.tileTemplate(c, g, "{z}", "{y}", "{x}", r.text())}, Layers: []archive.Layer{},
		Attribution: attributionOf(r.collections, q.lang),
	}
	if c != nil {
		doc.Name, doc.Description = titleIn(c, q.lang), c.Description.In(q.lang)
	}
	if slices.Contains(r.kinds, tile.Groups) {
		doc.MaxZoom = max(doc.MaxZoom, pyramid.MaxZoom)
	}
	if !t.empty {
		center, zoom := archive.BestView(t.box)
		doc.Center = [3]float64{center[0], center[1], float64(min(doc.MaxZoom, zoom))}
		doc.Bounds = [4]float64{t.box.Min[0], max(-mercatorEdge, min(mercatorEdge, t.box.Min[1])), t.box.Max[0], max(-mercatorEdge, min(mercatorEdge, t.box.Max[1]))}
	}
	for _, l := range t.layers {
		doc.Layers = append(doc.Layers, archive.Layer{ID: l.Name, MinZoom: 0, MaxZoom: doc.MaxZoom, Fields: l.Fields()})
	}
	return doc
}

// attributionOf is what whoever shows the collections has to say, each text once.
func attributionOf(all []*geo.Collection, lang string) string {
	var texts []string
	for _, c := range all {
		if text := c.Source.Schema().Attribution.In(lang); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " | ")
}

// mercatorEdge is the latitude at which Web Mercator ends.
const mercatorEdge = 85.05112877980659
