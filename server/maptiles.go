package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/archive"
	"clustermap/geo/tile"
)

// Relation types of OGC API - Maps.
const (
	relMap         = "http://www.opengis.net/def/rel/ogc/1.0/map"
	relMapTilesets = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-map"
)

// mapTileMedia are the formats of tiles of a map.
func mapTileMedia() []media { return mapMedia()[:2] }

// mapTilesPath is the address of the tilesets of the map of a collection, or of the
// dataset where c is nil.
func mapTilesPath(c *geo.Collection) string {
	if c == nil {
		return "/map/tiles"
	}
	return collectionPath(c.ID) + "/map/tiles"
}

// datasetMapTilesets answers GET /map/tiles.
func (s *Server) datasetMapTilesets(w http.ResponseWriter, q *request) error {
	return s.mapTilesets(w, q, nil)
}

// collectionMapTilesets answers GET /collections/{collection}/map/tiles.
func (s *Server) collectionMapTilesets(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.mapTilesets(w, q, c)
}

func (s *Server) mapTilesets(w http.ResponseWriter, q *request, c *geo.Collection) error {
	r, query, err := parseMapTiles(q, c)
	if err != nil {
		return err
	}
	q.speaks(w)
	path := mapTilesPath(c)
	t := s.tag(q, r.rev(q.state), path+"?"+query)
	if q.current(w, t) {
		return nil
	}
	doc := tilesetsDocument{Links: q.selfLinks([]media{jsonMedia}, path, query)}
	for _, g := range tile.Grids() {
		doc.Tilesets = append(doc.Tilesets, q.mapTilesetSummary(s, c, g, query))
	}
	setLinks(w.Header(), doc.Links)
	return s.sendJSON(w, q, t, doc)
}

func (q *request) mapTilesetSummary(s *Server, c *geo.Collection, g *tile.Grid, query string) tilesetDocument {
	doc := q.tilesetSummary(s, c, g, query)
	path := mapTilesPath(c) + "/" + g.ID
	doc.DataType = "map"
	doc.Links[0].Href = q.in("json", path, query)
	doc.Links = doc.Links[:3]
	if isWebMercator(g) {
		doc.Links = append(doc.Links, templatedLink{link{q.in("tilejson", path, query), "alternate", tilejsonMedia.kind, "This tileset as TileJSON"}, false})
	}
	return doc
}

// datasetMapTileset answers GET /map/tiles/{tileMatrixSetId}.
func (s *Server) datasetMapTileset(w http.ResponseWriter, q *request) error {
	return s.mapTileset(w, q, nil)
}

// collectionMapTileset answers GET
// /collections/{collection}/map/tiles/{tileMatrixSetId}.
func (s *Server) collectionMapTileset(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.mapTileset(w, q, c)
}

func (s *Server) mapTileset(w http.ResponseWriter, q *request, c *geo.Collection) error {
	g, err := q.gridOf()
	if err != nil {
		return err
	}
	r, query, err := parseMapTiles(q, c)
	if err != nil {
		return err
	}
	if q.media.f == "tilejson" && !isWebMercator(g) {
		return failf(http.StatusNotAcceptable, "TileJSON is for tiles in Web Mercator; this tileset has JSON.")
	}
	q.speaks(w)
	k := keptResource{rev: r.rev(q.state), resource: mapTilesPath(c) + "/" + g.ID + "?" + query, linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		content := r.content()
		if q.media.f == "tilejson" {
			return keptJSON(s.mapTileJSON(q, c, r, query, content))
		}
		doc := q.mapTilesetSummary(s, c, g, query)
		for _, m := range mapTileMedia() {
			doc.Links = append(doc.Links, templatedLink{link{address(q.base, mapTilesPath(c)+"/"+g.ID+"/{tileMatrix}/{tileRow}/{tileCol}", joinQuery("f="+m.f, query)), "item", m.kind, "The tiles"}, true})
			doc.MediaTypes = append(doc.MediaTypes, m.kind)
		}
		doc.Attribution = attributionOf(r.collections, q.lang)
		for z := range g.Levels() {
			doc.Limits = append(doc.Limits, limitsOf(g, z, content))
		}
		if !content.empty {
			doc.Box = &boundingBox{content.box.Min, content.box.Max, crs84}
		}
		return keptJSON(doc)
	})
}

func joinQuery(a, b string) string {
	if b == "" {
		return a
	}
	return a + "&" + b
}

// content is where the map shows something: all of its collections, whatever the
// filter.
func (r *mapRequest) content() *tileContent {
	t := &tileContent{empty: true}
	for _, c := range r.collections {
		e := c.Source.Extent()
		switch {
		case e.Empty:
		case e.Box.Min[0] > e.Box.Max[0]:
			t.box, t.empty = everywhere, false
		case t.empty:
			t.box, t.empty = e.Box, false
		default:
			t.box = t.box.Union(e.Box)
		}
	}
	return t
}

// mapTileJSON is the TileJSON of a map: its tiles are pictures.
func (s *Server) mapTileJSON(q *request, c *geo.Collection, r *mapRequest, query string, t *tileContent) tileJSON {
	doc := tileJSON{
		TileJSON: "3.0.0", Name: s.cfg.Title, Scheme: "xyz", MaxZoom: webMercator().Levels() - 1, Bounds: [4]float64{-180, -mercatorEdge, 180, mercatorEdge},
		Tiles:       []string{address(q.base, mapTilesPath(c)+"/"+webMercator().ID+"/{z}/{y}/{x}", joinQuery("f=png", query))},
		Attribution: attributionOf(r.collections, q.lang), Layers: []archive.Layer{},
	}
	if c != nil {
		doc.Name, doc.Description = titleIn(c, q.lang), c.Description.In(q.lang)
	}
	if !t.empty {
		center, zoom := archive.BestView(t.box)
		doc.Center = [3]float64{center[0], center[1], float64(zoom)}
		doc.Bounds = [4]float64{t.box.Min[0], max(-mercatorEdge, t.box.Min[1]), t.box.Max[0], min(mercatorEdge, t.box.Max[1])}
	}
	return doc
}

// datasetMapTile answers GET
// /map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}.
func (s *Server) datasetMapTile(w http.ResponseWriter, q *request) error {
	return s.mapTile(w, q, nil)
}

// collectionMapTile answers GET
// /collections/{collection}/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}.
func (s *Server) collectionMapTile(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.mapTile(w, q, c)
}

func (s *Server) mapTile(w http.ResponseWriter, q *request, c *geo.Collection) error {
	g, err := q.gridOf()
	if err != nil {
		return err
	}
	at, err := q.coordOf(g, "tileMatrix", "tileRow", "tileCol")
	if err != nil {
		return err
	}
	r, _, err := parseMapTiles(q, c)
	if err != nil {
		return err
	}
	content := r.content()
	if content.empty || !limitsOf(g, at.Z, content).has(at) {
		q.speaks(w)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	r.format = q.media.f
	r.frame = tileFrame(g, at, r.frame)
	return s.servePicture(w, q, r, mapTilesPath(c))
}

// tileFrame is the frame of a tile of a size and resolution; a tile of the usual size
// where that is 0, and a square one where one side is.
func tileFrame(g *tile.Grid, at tile.Coord, size *mapFrame) *mapFrame {
	b := g.Box(at)
	low, _ := projected(g.CRS, b.Min)
	high, _ := projected(g.CRS, b.Max)
	return &mapFrame{crs: g.CRS, box: orb.Bound{Min: low, Max: high}, width: cmp.Or(size.width, size.height, tile.Pixels), height: cmp.Or(size.height, size.width, tile.Pixels), dpi: size.dpi}
}

// parseMapTiles reads the parameters of tiles of a map, and gives them in canonical
// form.
func parseMapTiles(q *request, c *geo.Collection) (*mapRequest, string, error) {
	r := &mapRequest{bare: true, format: q.media.f}
	p := slices.Clone(q.params)
	if err := r.takeCollections(&p, q, c); err != nil {
		return nil, "", err
	}
	size := frameReader{frame: mapFrame{dpi: screenDPI}, mm: usualMMPerPixel}
	given := slices.Clone(p)
	if err := size.readSize(&p); err != nil {
		return nil, "", err
	}
	if err := size.readResolution(&p); err != nil {
		return nil, "", err
	}
	if size.scale > 0 {
		return nil, "", invalid("scale-denominator", "is no parameter of tiles, which have scales of their own")
	}
	r.frame = &size.frame
	for _, name := range frameParameters {
		if _, given := p.get(name); given {
			return nil, "", invalid(name, "is no parameter of tiles, which have boxes and sizes of their own")
		}
	}
	asked := given
	if r.some {
		text, _ := q.params.get("collections")
		asked = append(asked, param{"collections", text})
	}
	var query []byte
	for _, a := range asked {
		query = appendParam(query, a.name, a.value)
	}
	var schema *geo.Schema
	if len(r.collections) == 1 {
		schema = r.collections[0].Source.Schema()
	}
	var err error
	r.look, err = readLook(&p, schema, lookDefaults{bare: true, lang: q.lang, both: q.both, opaque: r.format == "jpeg"})
	if err != nil {
		return nil, "", err
	}
	return r, string(query), r.readSelections(p)
}
