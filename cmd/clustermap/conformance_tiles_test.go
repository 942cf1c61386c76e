package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb/encoding/mvt"
)

// TestConformanceTiles runs the abstract tests of OGC API - Tiles Part 1 (OGC
// 20-057, annex A) and of the two documents of OGC 17-083r4 that it uses, for the
// classes that the server declares. Every subtest bears the name of its test or
// requirement.
func TestConformanceTiles(t *testing.T) {
	mixed := filepath.Join(t.TempDir(), "mixed.geojson")
	if err := os.WriteFile(mixed, []byte(mixedCollection), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, base: start(t, "-atlas", mixed).url}
	var landing struct{ Links []link }
	a.mustGet(t, "/?f=json", &landing)
	t.Run("tms-2/tilematrixset", func(t *testing.T) { a.matrixSets(t, landing.Links) })
	t.Run("tiles-1/dataset-tilesets", func(t *testing.T) {
		a.tilesets(t, find(landing.Links, relTilesets, "application/json"))
	})
	for _, c := range a.collections(t) {
		t.Run("tiles-1/geodata-tilesets/"+c.ID, func(t *testing.T) {
			a.tilesets(t, find(c.Links, relTilesets, "application/json"))
		})
	}
	t.Run("tiles-1/collections-selection", a.collectionsSelection)
	t.Run("tiles-1/oas30", a.tilesInTheDocument)
	t.Run("tiles-1/conformance", func(t *testing.T) {
		var doc struct{ ConformsTo []string }
		a.mustGet(t, "/conformance?f=json", &doc)
		for _, class := range []string{"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "mvt", "oas30"} {
			if !slices.Contains(doc.ConformsTo, "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+class) {
				t.Errorf("the class %s is not declared", class)
			}
		}
	})
}

const (
	relTilesets = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relScheme   = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	relSchemes  = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
)

// apiMatrixSet is a tile matrix set as a client reads it.
type apiMatrixSet struct {
	ID, CRS, URI string
	OrderedAxes  []string
	TileMatrices []apiMatrix
}

type apiMatrix struct {
	ID                         string
	ScaleDenominator, CellSize float64
	CornerOfOrigin             string
	PointOfOrigin              [2]float64
	TileWidth, TileHeight      int
	MatrixWidth, MatrixHeight  int
}

// matrixSets: every set that is listed has its definition, each matrix of which
// halves the cells of the one before and covers the same area.
func (a *api) matrixSets(t *testing.T, links []link) {
	var list struct {
		TileMatrixSets []struct {
			ID    string
			Links []link
		}
	}
	a.mustGet(t, find(links, relSchemes, "application/json"), &list)
	if len(list.TileMatrixSets) < 3 {
		t.Fatalf("%d tile matrix sets", len(list.TileMatrixSets))
	}
	for _, summary := range list.TileMatrixSets {
		var set apiMatrixSet
		a.mustGet(t, find(summary.Links, "self", "application/json"), &set)
		if set.ID != summary.ID || set.CRS == "" || len(set.OrderedAxes) != 2 || len(set.TileMatrices) < 18 {
			t.Errorf("%s: %s, %s, axes %v, %d matrices", summary.ID, set.ID, set.CRS, set.OrderedAxes, len(set.TileMatrices))
		}
		for i, m := range set.TileMatrices {
			first := set.TileMatrices[0]
			width := m.CellSize * float64(m.TileWidth*m.MatrixWidth)
			whole := first.CellSize * float64(first.TileWidth*first.MatrixWidth)
			if m.ID != strconv.Itoa(i) || m.CornerOfOrigin != "topLeft" || m.PointOfOrigin != first.PointOfOrigin || width/whole > 1+1e-9 || width/whole < 1-1e-9 {
				t.Errorf("%s: matrix %d is %+v", set.ID, i, m)
			}
		}
	}
}

// apiTileset is the metadata of a tileset as a client reads it.
type apiTileset struct {
	Title, DataType, CRS string
	TileMatrixSetURI     string
	TileMatrixSetLimits  []struct {
		TileMatrix                                     string
		MinTileRow, MaxTileRow, MinTileCol, MaxTileCol int
	}
	BoundingBox *struct{ LowerLeft, UpperRight [2]float64 }
	Layers      []struct{ ID, DataType string }
	Links       []struct {
		link
		Templated bool
	}
}

func (s *apiTileset) find(rel, kind string) string {
	for _, l := range s.Links {
		if l.Rel == rel && l.Type == kind {
			return l.Href
		}
	}
	return ""
}

// tilesets: the list names tilesets, each of which has its metadata, its matrix set
// and tiles: within the limits with content or none, and 404 beyond the matrix.
func (a *api) tilesets(t *testing.T, address string) {
	if address == "" {
		t.Fatal("there is no link to tilesets")
	}
	var list struct {
		Tilesets []apiTileset
		Links    []link
	}
	a.mustGet(t, address, &list)
	if len(list.Tilesets) < 3 || find(list.Links, "self", "application/json") == "" {
		t.Fatalf("%s: %d tilesets", address, len(list.Tilesets))
	}
	for _, summary := range list.Tilesets {
		if summary.DataType != "vector" || summary.CRS == "" {
			t.Errorf("a tileset is %+v", summary)
		}
		var set apiTileset
		a.mustGet(t, summary.find("self", "application/json"), &set)
		var matrices apiMatrixSet
		a.mustGet(t, set.find(relScheme, "application/json"), &matrices)
		if set.CRS != matrices.CRS || matrices.URI != "" && set.TileMatrixSetURI != matrices.URI || len(set.Layers) == 0 {
			t.Errorf("%s: CRS %s and %s, URI %s and %s, %d layers", set.Title, set.CRS, matrices.CRS, set.TileMatrixSetURI, matrices.URI, len(set.Layers))
		}
		template := set.find("item", "application/vnd.mapbox-vector-tile")
		for _, variable := range []string{"{tileMatrix}", "{tileRow}", "{tileCol}"} {
			if !strings.Contains(template, variable) {
				t.Fatalf("%s: the template %q lacks %s", set.Title, template, variable)
			}
		}
		a.tiles(t, template, &set, &matrices)
	}
}

// tileAddress fills a template in.
func tileAddress(template string, z string, row, col int) string {
	return strings.NewReplacer("{tileMatrix}", z, "{tileRow}", strconv.Itoa(row), "{tileCol}", strconv.Itoa(col)).Replace(template)
}

func (a *api) tiles(t *testing.T, template string, set *apiTileset, matrices *apiMatrixSet) {
	for _, limits := range set.TileMatrixSetLimits[:min(6, len(set.TileMatrixSetLimits))] {
		i := slices.IndexFunc(matrices.TileMatrices, func(m apiMatrix) bool {
			return m.ID == limits.TileMatrix
		})
		if i < 0 {
			t.Fatalf("limits of the matrix %s, which is not there", limits.TileMatrix)
		}
		m := matrices.TileMatrices[i]
		if limits.MinTileRow < 0 || limits.MaxTileRow >= m.MatrixHeight || limits.MinTileCol < 0 || limits.MaxTileCol >= m.MatrixWidth || limits.MinTileRow > limits.MaxTileRow || limits.MinTileCol > limits.MaxTileCol {
			t.Errorf("limits %+v of a matrix of %d by %d", limits, m.MatrixWidth, m.MatrixHeight)
		}
		for _, at := range [][2]int{{limits.MinTileRow, limits.MinTileCol}, {limits.MaxTileRow, limits.MaxTileCol}} {
			a.tile(t, tileAddress(template, m.ID, at[0], at[1]), set)
		}
		for _, at := range [][2]int{{m.MatrixHeight, 0}, {0, m.MatrixWidth}} {
			if status, _ := a.get(t, tileAddress(template, m.ID, at[0], at[1]), nil); status != http.StatusNotFound {
				t.Errorf("/conf/core/tc-error: a tile beyond the matrix: status %d", status)
			}
		}
	}
	for _, z := range []string{"99", "x"} {
		if status, _ := a.get(t, tileAddress(template, z, 0, 0), nil); status != http.StatusNotFound {
			t.Errorf("/conf/core/tc-error: the matrix %s: status %d", z, status)
		}
	}
	a.refuses(t, tileAddress(template, "0", 0, 0)+"?no-such-parameter=1")
}

// tile: a tile is a vector tile whose layers are those of the metadata, or nothing.
func (a *api) tile(t *testing.T, address string, set *apiTileset) {
	resp, body := fetch(t, address)
	if resp.StatusCode == http.StatusNoContent {
		return
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
		t.Fatalf("/conf/mvt/content: %s: status %d, %s", address, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	layers, err := mvt.Unmarshal(body)
	if err != nil || len(layers) == 0 {
		t.Fatalf("/conf/mvt/content: %s: %d layers, %v", address, len(layers), err)
	}
	for _, l := range layers {
		known := l.Name == "about"
		for _, named := range set.Layers {
			known = known || named.ID == l.Name
		}
		if !known || l.Version != 2 || len(l.Features) == 0 {
			t.Errorf("%s: layer %s of version %d with %d features", address, l.Name, l.Version, len(l.Features))
		}
	}
}

// collectionsSelection: the parameter collections chooses what the tiles of the
// dataset hold.
func (a *api) collectionsSelection(t *testing.T) {
	for _, c := range a.collections(t) {
		resp, body := fetch(t, a.base+"/tiles/WebMercatorQuad/0/0/0?collections="+c.ID)
		if resp.StatusCode == http.StatusNoContent {
			continue
		}
		layers, err := mvt.Unmarshal(body)
		if err != nil || len(layers) != 1 || layers[0].Name != c.ID {
			t.Errorf("%s: %d layers, %v", c.ID, len(layers), err)
		}
	}
	a.refuses(t, "/tiles/WebMercatorQuad/0/0/0?collections=no-such-collection")
}

// tilesInTheDocument: the API document has the operations of tiles by the names that
// the standard gives them in its tests: a path with the three variables at its end.
func (a *api) tilesInTheDocument(t *testing.T) {
	_, body := fetch(t, a.base+"/api?f=json")
	doc, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for path, item := range doc.Paths.Map() {
		if strings.HasSuffix(path, "/{z}/{row}/{col}") && item.Get.Responses.Value("200").Value.Content["application/vnd.mapbox-vector-tile"] != nil {
			found++
		}
	}
	if want := len(a.collections(t)) + 1; found != want {
		t.Errorf("the API document has %d paths of vector tiles, want %d", found, want)
	}
	for _, path := range []string{"/tiles", "/tiles/{tms}", "/tileMatrixSets", "/tileMatrixSets/{tms}"} {
		if doc.Paths.Value(path) == nil {
			t.Errorf("the API document lacks %s", path)
		}
	}
}
