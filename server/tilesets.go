package server

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

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
// the first members alone.
type tilesetDocument struct {
	Title    string          `json:"title"`
	DataType string          `json:"dataType"`
	CRS      string          `json:"crs"`
	URI      string          `json:"tileMatrixSetURI,omitempty"`
	Links    []templatedLink `json:"links"`

	Description string         `json:"description,omitempty"`
	Limits      []matrixLimits `json:"tileMatrixSetLimits,omitempty"`
	Box         *boundingBox   `json:"boundingBox,omitempty"`
	Center      *centerPoint   `json:"centerPoint,omitempty"`
	Layers      []tilesetLayer `json:"layers,omitempty"`
	Budget      *tileBudget    `json:"x-clustermap-budget,omitempty"`
	MediaTypes  []string       `json:"mediaTypes,omitempty"`
}

type matrixLimits struct {
	TileMatrix string `json:"tileMatrix"`
	MinRow     int    `json:"minTileRow"`
	MaxRow     int    `json:"maxTileRow"`
	MinCol     int    `json:"minTileCol"`
	MaxCol     int    `json:"maxTileCol"`
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
	Doc tilesetsDocument
}

type tilesetView struct {
	view
	Doc      tilesetDocument
	Template string
	JSON     string // the address of the TileJSON
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
		return s.sendPage(w, q, t, "tilesets", tilesetsView{s.view(q, say(q.lang, "Vector tiles"), doc.Links, q.tileCrumbs(c)...), doc})
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
	uri := g.URI
	if uri == "" {
		uri = q.base + "/tileMatrixSets/" + g.ID
	}
	return tilesetDocument{
		Title: title + " (" + g.ID + ")", DataType: "vector", CRS: g.CRS.URI(), URI: uri,
		Links: []templatedLink{
			{link{q.in("json", path, query), "self", "application/json", "This tileset"}, false},
			{link{q.in("html", path, query), "alternate", "text/html", "This tileset as HTML"}, false},
			{link{q.in("tilejson", path, query), "alternate", tilejsonMedia.kind, "This tileset as TileJSON"}, false},
			{link{q.base + "/tileMatrixSets/" + g.ID, relScheme, "application/json", "The tile matrix set"}, false},
			{link{q.tileTemplate(c, g, "{tileMatrix}", "{tileRow}", "{tileCol}", query), "item", mvtMedia.kind, "The tiles"}, true},
			{link{q.in("json", geodataPath(c), ""), relGeodata, "application/json", "The data"}, false},
		},
	}
}

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

// datasetTileset answers GET /tiles/{tms}.
func (s *Server) datasetTileset(w http.ResponseWriter, q *request) error {
	return s.tileset(w, q, nil)
}

// collectionTileset answers GET /collections/{collection}/tiles/{tms}.
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
	q.speaks(w)
	path, query := tilesPath(c)+"/"+g.ID, r.text()
	k := keptResource{rev: r.rev(), resource: path + "?" + query, linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		layers, err := s.tileLayers(ctx, r)
		if err != nil {
			return nil, err
		}
		doc := q.tilesetSummary(s, c, g, query)
		box, empty := archive.Extent(layers)
		best := bestLevel(g, layers)
		if q.media.f == "tilejson" {
			return keptJSON(s.tileJSON(q, c, g, r, layers, box, empty, best))
		}
		if c != nil {
			doc.Description = c.Description.In(q.lang)
		}
		if doc.Budget, err = budgetOf(ctx, g, r, layers); err != nil {
			return nil, err
		}
		doc.MediaTypes = []string{mvtMedia.kind}
		for z := 0; z <= best && !empty; z++ {
			doc.Limits = append(doc.Limits, limitsOf(g, z, box))
		}
		if !empty {
			doc.Box = &boundingBox{box.Min, box.Max, crs84}
			center, zoom := archive.BestView(box)
			doc.Center = &centerPoint{center, crs84, strconv.Itoa(min(best, zoom))}
		}
		doc.Layers = q.tilesetLayers(r, layers, best)
		if q.media.isHTML() {
			return s.keptPage(q, "tileset", tilesetView{s.view(q, doc.Title, nil, q.tileCrumbs(c, crumb{phrase("Vector tiles"), q.in("html", tilesPath(c), "")})...),
				doc, q.tileTemplate(c, g, "{z}", "{y}", "{x}", query), q.in("tilejson", path, query)})
		}
		return keptJSON(doc)
	})
}

// keptJSON is v as JSON.
func keptJSON(v any) (*keptAnswer, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return &keptAnswer{body: b.Bytes()}, err
}

// limitsOf are the tiles of a level that meet a box.
func limitsOf(g *tile.Grid, z int, box orb.Bound) matrixLimits {
	cols, rows := g.Size(z)
	at := func(p orb.Point) (col, row int) {
		x, y := (p[0]+180)/360, (90-p[1])/180
		if g.ID == "WebMercatorQuad" {
			w := geo.World(p)
			x, y = w[0], w[1]
		}
		clamp := func(v float64, n int) int { return max(0, min(n-1, int(math.Floor(v*float64(n))))) }
		return clamp(x, cols), clamp(y, rows)
	}
	minCol, minRow := at(orb.Point{box.Min[0], box.Max[1]})
	maxCol, maxRow := at(orb.Point{box.Max[0], box.Min[1]})
	return matrixLimits{strconv.Itoa(z), minRow, maxRow, minCol, maxCol}
}

// budgetOf tells what tiles leave out, and the worst of them where that can be told
// by the features as they are: groups leave out nothing.
func budgetOf(ctx context.Context, g *tile.Grid, r *tilesRequest, layers []tile.Layer) (*tileBudget, error) {
	b := &tileBudget{MaxBytes: tileBytes, MaxFeatures: tileFeatures, Rule: tile.Rule(layers, tile.Options{Pixels: r.pixels}), Worst: new(worstTile)}
	for _, l := range layers {
		at, dropped, err := tile.Worst(ctx, g, l, tile.Options{Pixels: r.pixels})
		if err != nil {
			return nil, err
		}
		if dropped > b.Worst.Dropped {
			b.Worst = &worstTile{strconv.Itoa(at.Z), &at.Row, &at.Col, dropped}
		}
	}
	return b, nil
}

func (q *request) tilesetLayers(r *tilesRequest, layers []tile.Layer, best int) []tilesetLayer {
	var out []tilesetLayer
	for i := range layers {
		l := &layers[i]
		c := r.collections[i/len(r.kinds)]
		out = append(out, tilesetLayer{
			ID: l.Name, Title: titleIn(c, q.lang), DataType: "vector", Dimension: dimensionOf(l), Properties: layerSchema(l),
			MinLevel: "0", MaxLevel: strconv.Itoa(best),
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
	Scheme      string          `json:"scheme"`
	Tiles       []string        `json:"tiles"`
	MinZoom     int             `json:"minzoom"`
	MaxZoom     int             `json:"maxzoom"`
	Bounds      [4]float64      `json:"bounds"`
	Center      [3]float64      `json:"center"`
	Layers      []archive.Layer `json:"vector_layers"`
}

func (s *Server) tileJSON(q *request, c *geo.Collection, g *tile.Grid, r *tilesRequest, layers []tile.Layer, box orb.Bound, empty bool, best int) tileJSON {
	doc := tileJSON{TileJSON: "3.0.0", Name: s.cfg.Title, Scheme: "xyz", MaxZoom: best, Bounds: [4]float64{-180, -85.05112877980659, 180, 85.0511287798066},
		Tiles: []string{q.tileTemplate(c, g, "{z}", "{y}", "{x}", r.text())}, Layers: []archive.Layer{}}
	if c != nil {
		doc.Name, doc.Description = titleIn(c, q.lang), c.Description.In(q.lang)
	}
	if !empty {
		center, zoom := archive.BestView(box)
		doc.Center = [3]float64{center[0], center[1], float64(min(best, zoom))}
		doc.Bounds = [4]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	}
	if slices.Contains(r.kinds, tile.Groups) {
		doc.MaxZoom = max(doc.MaxZoom, pyramid.MaxZoom)
	}
	for _, l := range layers {
		doc.Layers = append(doc.Layers, archive.Layer{ID: l.Name, MinZoom: 0, MaxZoom: doc.MaxZoom, Fields: l.Fields()})
	}
	return doc
}
