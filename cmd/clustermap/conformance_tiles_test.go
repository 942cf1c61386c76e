package main

import (
	"math"
	"net/http"
	"net/url"
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
// classes that the server declares. Every subtest bears the name of its test, or an
// error says it. Beyond the annex it asks what OGC's executable suite is known to ask.
func TestConformanceTiles(t *testing.T) {
	mixed := filepath.Join(t.TempDir(), "mixed.geojson")
	if err := os.WriteFile(mixed, []byte(mixedCollection), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, base: start(t, "-atlas", mixed).url}
	var landing struct{ Links []link }
	a.mustGet(t, "/?f=json", &landing)
	t.Run("conf/core/conformance-success", a.tilesDeclared)
	t.Run("conf/tilematrixset", func(t *testing.T) { a.matrixSets(t, landing.Links) })
	t.Run("conf/dataset-tilesets/landingpage", func(t *testing.T) {
		a.tilesets(t, find(landing.Links, relTilesets, "application/json"), a.base)
	})
	for _, c := range a.collections(t) {
		t.Run("conf/geodata-tilesets/desc-links/"+c.ID, func(t *testing.T) {
			a.tilesets(t, find(c.Links, relTilesets, "application/json"), a.base+"/collections/"+url.PathEscape(c.ID))
		})
	}
	t.Run("conf/collections-selection", a.collectionsSelection)
	t.Run("conf/oas30", a.tilesInTheDocument)
}

// tilesDeclared: the classes are declared.
func (a *api) tilesDeclared(t *testing.T) {
	var doc struct{ ConformsTo []string }
	a.mustGet(t, "/conformance?f=json", &doc)
	for _, class := range []string{"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "mvt", "oas30"} {
		if !slices.Contains(doc.ConformsTo, "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+class) {
			t.Errorf("the class %s is not declared", class)
		}
	}
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
	BoundingBox  struct{ LowerLeft, UpperRight [2]float64 }
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
		x, y := 0, 1
		if set.CRS == "http://www.opengis.net/def/crs/EPSG/0/4490" { // latitude first
			x, y = 1, 0
		}
		box := set.BoundingBox
		for i, m := range set.TileMatrices {
			tall := m.CellSize * float64(m.TileHeight*m.MatrixHeight)
			if o := m.PointOfOrigin; o[x] != box.LowerLeft[x] || o[y] != box.UpperRight[y] || math.Abs(o[y]-tall-box.LowerLeft[y]) > 1e-6 {
				t.Errorf("%s: matrix %s is %v high from %v, the box is %+v", set.ID, m.ID, tall, o, box)
			}
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

// tilesets: the list names tilesets (/conf/tilesets-list/tileset-links), each of which
// has its metadata, its matrix set and tiles. owner is the address of what is tiled.
func (a *api) tilesets(t *testing.T, address, owner string) {
	if address == "" {
		t.Fatal("there is no link to tilesets")
	}
	var list struct {
		Tilesets []apiTileset
		Links    []link
	}
	a.mustGet(t, address, &list)
	if len(list.Tilesets) < 3 || find(list.Links, "self", "application/json") == "" || !strings.HasPrefix(address, owner+"/tiles?") {
		t.Fatalf("%s: %d tilesets", address, len(list.Tilesets))
	}
	for _, summary := range list.Tilesets {
		for _, l := range summary.Links { // OGC's suite follows each, and reads JSON
			var any map[string]any
			a.mustGet(t, l.Href, &any)
		}
		var set apiTileset
		a.mustGet(t, summary.find("self", "application/json"), &set)
		var matrices apiMatrixSet
		a.mustGet(t, summary.find(relScheme, "application/json"), &matrices)
		if self, _, _ := strings.Cut(summary.find("self", "application/json"), "?"); self != owner+"/tiles/"+matrices.ID {
			t.Errorf("/conf/tilesets-list/tileset-links: the address %s of %s", self, matrices.ID)
		}
		if summary.DataType != "vector" || summary.CRS != set.CRS || summary.TileMatrixSetURI == "" || summary.TileMatrixSetURI != set.TileMatrixSetURI {
			t.Errorf("/conf/tilesets-list/tileset-links: %+v of %+v", summary, set)
		}
		a.tileset(t, &set, &matrices)
	}
}

// tileset: the metadata is whole (/conf/tileset/description), and tiles are where it
// says (/conf/core/tc-op).
func (a *api) tileset(t *testing.T, set *apiTileset, matrices *apiMatrixSet) {
	if set.CRS != matrices.CRS || matrices.URI != "" && set.TileMatrixSetURI != matrices.URI || len(set.Layers) == 0 || set.DataType != "vector" {
		t.Errorf("%s: CRS %s and %s, URI %s and %s, %d layers", set.Title, set.CRS, matrices.CRS, set.TileMatrixSetURI, matrices.URI, len(set.Layers))
	}
	if scheme := set.find(relScheme, "application/json"); !strings.HasPrefix(scheme, a.base+"/tileMatrixSets/"+matrices.ID) {
		t.Errorf("%s: the tile matrix set is at %s", set.Title, scheme)
	}
	template := set.find("item", "application/vnd.mapbox-vector-tile")
	for _, variable := range []string{"{tileMatrix}", "{tileRow}", "{tileCol}"} {
		if !strings.Contains(template, variable) {
			t.Fatalf("/conf/tileset/description: %s: the template %q lacks %s", set.Title, template, variable)
		}
	}
	for _, l := range set.Links {
		if l.Templated != strings.Contains(l.Href, "{") {
			t.Errorf("/conf/tileset/description: templated is %t of %s", l.Templated, l.Href)
		}
	}
	if len(set.TileMatrixSetLimits) != len(matrices.TileMatrices) {
		t.Errorf("%s: limits of %d matrices, of %d that are served", set.Title, len(set.TileMatrixSetLimits), len(matrices.TileMatrices))
	}
	a.tiles(t, template, set, matrices)
}

// tileAddress fills a template in.
func tileAddress(template string, z string, row, col int) string {
	return strings.NewReplacer("{tileMatrix}", z, "{tileRow}", strconv.Itoa(row), "{tileCol}", strconv.Itoa(col)).Replace(template)
}

func (a *api) tiles(t *testing.T, template string, set *apiTileset, matrices *apiMatrixSet) {
	for _, limits := range set.TileMatrixSetLimits[:min(7, len(set.TileMatrixSetLimits))] {
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
		for _, at := range [][2]int{{limits.MinTileRow, limits.MinTileCol}, {limits.MaxTileRow, limits.MaxTileCol}, {limits.MaxTileRow, limits.MinTileCol}} {
			a.tile(t, tileAddress(template, m.ID, at[0], at[1]), set)
		}
		for _, at := range [][2]int{
			{m.MatrixHeight, 0}, {0, m.MatrixWidth}, {limits.MaxTileRow + 1, limits.MinTileCol}, {limits.MinTileRow, limits.MaxTileCol + 1},
			{limits.MinTileRow - 1, limits.MinTileCol}, {limits.MinTileRow, limits.MinTileCol - 1}, {math.MaxInt32, math.MaxInt32},
		} {
			if status, _ := a.get(t, tileAddress(template, m.ID, at[0], at[1]), nil); status != http.StatusNotFound {
				t.Errorf("/conf/core/tc-error: a tile beyond the limits: status %d", status)
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

// tile: a tile is one vector tile whose layers are those of the metadata and whose
// features have a type and a geometry in it or its buffer, or nothing
// (/conf/core/tc-success, /conf/mvt/content).
func (a *api) tile(t *testing.T, address string, set *apiTileset) {
	resp, body := fetch(t, address)
	if resp.StatusCode == http.StatusNoContent && len(body) == 0 {
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
		side, buffer := float64(l.Extent), float64(l.Extent)/64
		for _, f := range l.Features {
			if f.Geometry == nil {
				t.Fatalf("/conf/mvt/content: %s: a feature without geometry", address)
			}
			if b := f.Geometry.Bound(); b.Min[0] < -buffer || b.Min[1] < -buffer || b.Max[0] > side+buffer || b.Max[1] > side+buffer {
				t.Errorf("/conf/core/tc-success: %s: a feature at %v of a tile of %v", address, b, side)
			}
		}
	}
}

// collectionsSelection: the parameter collections chooses what the tilesets and tiles
// of the dataset hold, by ids or addresses, in its order.
func (a *api) collectionsSelection(t *testing.T) {
	all := a.collections(t)
	for _, c := range all {
		a.selects(t, c.ID, c.ID)
		a.selects(t, a.base+"/collections/"+url.PathEscape(c.ID), c.ID)
	}
	for _, pair := range [][2]string{{"clusters", "regions"}, {"regions", "clusters"}} {
		a.selects(t, pair[0]+","+pair[1], pair[0], pair[1])
	}
	a.refuses(t, "/tiles/WebMercatorQuad/0/0/0?collections=no-such-collection")
	a.refuses(t, "/tiles/WebMercatorQuad?collections=no-such-collection")
}

func (a *api) selects(t *testing.T, collections string, want ...string) {
	var set apiTileset
	a.mustGet(t, "/tiles/WebMercatorQuad?f=json&collections="+url.QueryEscape(collections), &set)
	var named, held []string
	for _, l := range set.Layers {
		named = append(named, l.ID)
	}
	if resp, body := fetch(t, tileAddress(set.find("item", "application/vnd.mapbox-vector-tile"), "0", 0, 0)); resp.StatusCode != http.StatusNoContent {
		layers, err := mvt.Unmarshal(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range layers {
			held = append(held, l.Name)
		}
		if !slices.Equal(held, want) {
			t.Errorf("/conf/collections-selection/collections-response: %s: the tile has %v, want %v", collections, held, want)
		}
	}
	if !slices.Equal(named, want) {
		t.Errorf("/conf/collections-selection/collections-response: %s: the tileset has %v, want %v", collections, named, want)
	}
}

// tilesInTheDocument: the API document has every resource of tiles, with the variables
// that the standard names (/conf/oas30/completeness) and operations whose ids end as it
// says (/conf/oas30/operation-id).
func (a *api) tilesInTheDocument(t *testing.T) {
	_, body := fetch(t, a.base+"/api?f=json")
	doc, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]string{"": ".dataset"}
	for _, c := range a.collections(t) {
		owners["/collections/"+url.PathEscape(c.ID)] = ".collection"
	}
	seen := map[string]bool{}
	for owner, origin := range owners {
		for path, resource := range map[string]string{
			"/tiles": "getTileSetsList", "/tiles/{tileMatrixSetId}": "getTileSet", "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": "getTile",
		} {
			item := doc.Paths.Value(owner + path)
			if item == nil || item.Get == nil {
				t.Errorf("/conf/oas30/completeness: the document lacks %s", owner+path)
				continue
			}
			id := item.Get.OperationID
			if !strings.HasSuffix(id, origin+".vector."+resource) || seen[id] {
				t.Errorf("/conf/oas30/operation-id: %s is called %s", owner+path, id)
			}
			seen[id] = true
			for _, name := range []string{"tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"} {
				if p := item.Get.Parameters.GetByInAndName("path", name); strings.Contains(path, "{"+name+"}") && (p == nil || !p.Required) {
					t.Errorf("/conf/oas30/completeness: %s does not describe %s", owner+path, name)
				}
			}
			if p := item.Get.Parameters.GetByInAndName("query", "collections"); (p != nil) != (owner == "") {
				t.Errorf("/conf/oas30/completeness: %s, and the parameter collections: %v", owner+path, p != nil)
			}
			if resource == "getTile" && item.Get.Responses.Value("200").Value.Content["application/vnd.mapbox-vector-tile"] == nil {
				t.Errorf("/conf/oas30/completeness: %s does not describe vector tiles", owner+path)
			}
		}
	}
	for _, path := range []string{"/tileMatrixSets", "/tileMatrixSets/{tileMatrixSetId}"} {
		if doc.Paths.Value(path) == nil {
			t.Errorf("the API document lacks %s", path)
		}
	}
}
