package server

import (
	"net/http"
	"strconv"

	"clustermap/geo/tile"
)

// Relation types of OGC API - Tiles.
const (
	relTilesets = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relScheme   = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	relSchemes  = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
	relGeodata  = "http://www.opengis.net/def/rel/ogc/1.0/geodata"
)

type matrixSetsDocument struct {
	TileMatrixSets []matrixSetSummary `json:"tileMatrixSets"`
	Links          []link             `json:"links"`
}

type matrixSetSummary struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URI   string `json:"uri,omitempty"`
	CRS   string `json:"crs"`
	Links []link `json:"links"`
}

// matrixSetDocument is a tile matrix set as OGC 17-083r4 has it in JSON.
type matrixSetDocument struct {
	ID                string           `json:"id"`
	Title             string           `json:"title"`
	URI               string           `json:"uri,omitempty"`
	CRS               string           `json:"crs"`
	OrderedAxes       [2]string        `json:"orderedAxes"`
	WellKnownScaleSet string           `json:"wellKnownScaleSet,omitempty"`
	Box               boundingBox      `json:"boundingBox"`
	TileMatrices      []matrixDocument `json:"tileMatrices"`
	Links             []link           `json:"links"`
}

type matrixDocument struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"`
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

type matrixSetsView struct {
	view
	Doc matrixSetsDocument
}

type matrixSetView struct {
	view
	Doc matrixSetDocument
}

// tileMatrixSets answers GET /tileMatrixSets.
func (s *Server) tileMatrixSets(w http.ResponseWriter, q *request) error {
	if q.media.isHTML() {
		q.speaks(w)
	}
	const path = "/tileMatrixSets"
	t := s.tag(q, "", path)
	if q.current(w, t) {
		return nil
	}
	doc := matrixSetsDocument{Links: q.selfLinks([]media{jsonMedia, htmlMedia}, path, "")}
	for _, g := range tile.Grids() {
		doc.TileMatrixSets = append(doc.TileMatrixSets, matrixSetSummary{g.ID, g.Title, g.URI, g.CRS.URI(), []link{
			{q.in("json", path+"/"+g.ID, ""), "self", "application/json", g.Title},
			{q.in("html", path+"/"+g.ID, ""), "alternate", "text/html", g.Title},
		}})
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		overview := crumb{phrase("Overview"), q.in("html", "/", "")}
		return s.sendPage(w, q, t, "matrixsets", matrixSetsView{s.view(q, say(q.lang, "Tile matrix sets"), doc.Links, overview), doc})
	}
	return s.sendJSON(w, q, t, doc)
}

// tileMatrixSet answers GET /tileMatrixSets/{tileMatrixSetId}.
func (s *Server) tileMatrixSet(w http.ResponseWriter, q *request) error {
	g, err := q.gridOf()
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.speaks(w)
	}
	path := "/tileMatrixSets/" + g.ID
	t := s.tag(q, "", path)
	if q.current(w, t) {
		return nil
	}
	doc := matrixSetDocument{ID: g.ID, Title: g.Title, URI: g.URI, CRS: g.CRS.URI(), OrderedAxes: g.Axes, WellKnownScaleSet: g.ScaleSet, Box: boxOf(g),
		Links: q.selfLinks([]media{jsonMedia, htmlMedia}, path, "")}
	for z := range g.Levels() {
		cols, rows := g.Size(z)
		doc.TileMatrices = append(doc.TileMatrices, matrixDocument{
			ID: strconv.Itoa(z), ScaleDenominator: g.Scale(z), CellSize: g.CellSize(z), CornerOfOrigin: "topLeft", PointOfOrigin: g.Origin(),
			TileWidth: tile.Pixels, TileHeight: tile.Pixels, MatrixWidth: cols, MatrixHeight: rows,
		})
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		above := []crumb{{phrase("Overview"), q.in("html", "/", "")}, {phrase("Tile matrix sets"), q.in("html", "/tileMatrixSets", "")}}
		return s.sendPage(w, q, t, "matrixset", matrixSetView{s.view(q, g.Title, doc.Links, above...), doc})
	}
	return s.sendJSON(w, q, t, doc)
}

// boxOf is the area that a tile matrix set covers, with the axes of its system.
func boxOf(g *tile.Grid) boundingBox {
	corner := g.Origin()
	if corner[0] > 0 { // latitude first
		return boundingBox{[2]float64{-corner[0], corner[1]}, [2]float64{corner[0], -corner[1]}, g.CRS.URI()}
	}
	return boundingBox{[2]float64{corner[0], -corner[1]}, [2]float64{-corner[0], corner[1]}, g.CRS.URI()}
}
