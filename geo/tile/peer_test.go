package tile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"clustermap/geo/pyramid"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
)

// everything is a tile with all that tiles can have.
func everything(t *testing.T, g *Grid, c Coord) *Tile {
	t.Helper()
	r := random(t)
	var points []string
	for i := range 400 {
		id := any(fmt.Sprintf("企业 %d", i))
		if i%2 == 0 {
			id = i
		}
		points = append(points, feature(id, pointAt(r.Float64()*360-180, r.Float64()*170-85),
			fmt.Sprintf(`{"name":"Firm %d","trade":"t%d","firms":%d,"share":%v,"loss":-%d.5,"open":%v,"list":["a",%d],"none":null}`, i, i%5, i*i, r.Float64(), i, i%3 == 0, i%4)))
	}
	var all []orb.Geometry
	for range 100 {
		all = append(all, anything(r, 0))
	}
	x, y := readIndex(t, "", points...), shapes(t, all...)
	p, err := pyramid.Build(t.Context(), x, nil, pyramid.Options{Sums: []string{"firms"}, Counts: []string{"trade"}})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"name", "trade", "firms", "share", "loss", "open", "list", "none"}
	return encode(t, g, c, Options{MaxFeatures: 200},
		Layer{Name: "points", Index: x, Properties: names},
		Layer{Name: "groups", Kind: Groups, Index: x, Pyramid: p, Properties: names},
		Layer{Name: "shapes", Index: y}, Layer{Name: "outlines", Kind: Outlines, Index: y})
}

// peerFeature is a feature as a reader of tiles has it.
type peerFeature struct {
	Layer           string
	Version, Extent int
	ID              float64
	Type            int
	Properties      map[string]any
	Lines           [][][2]int
}

func (f *peerFeature) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&f.Layer, &f.Version, &f.Extent, &f.ID, &f.Type, &f.Properties, &f.Lines})
}

// TestVectorTileReadsTheSame runs the reader of MapLibre.
func TestVectorTileReadsTheSame(t *testing.T) {
	tile := everything(t, Grids()[0], Coord{1, 0, 1})
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "peer", "read.mjs"))
	cmd.Stdin = bytes.NewReader(tile.Data)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s\nmake inputs installs what it needs", err, complaints.String())
	}
	var got []peerFeature
	for line := range bytes.Lines(out) {
		var f peerFeature
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	var want []peerFeature
	all, err := mvt.Unmarshal(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for _, f := range l.Features {
			want = append(want, peerFeature{l.Name, int(l.Version), int(l.Extent), f.ID.(float64), 1 + f.Geometry.Dimensions(), f.Properties, linesOf(f.Geometry)})
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(got) < 100 {
		t.Errorf("%d features; orb and vector-tile differ (-orb +vector-tile):\n%s", len(got), diff)
	}
}

// linesOf are the points, lines or rings of a geometry.
func linesOf(g orb.Geometry) (all [][][2]int) {
	line := func(points []orb.Point) {
		var l [][2]int
		for _, p := range points {
			l = append(l, [2]int{int(p[0]), int(p[1])})
		}
		all = append(all, l)
	}
	switch g := g.(type) {
	case orb.Point:
		line([]orb.Point{g})
	case orb.MultiPoint:
		for _, p := range g {
			line([]orb.Point{p})
		}
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, l := range g {
			line(l)
		}
	case orb.Polygon:
		for _, r := range g {
			line(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			all = append(all, linesOf(p)...)
		}
	}
	return all
}

// gdal runs a program of GDAL, which must not complain.
func gdal(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s %s: %v\n%s; Debian has it in gdal-bin", name, strings.Join(args, " "), err, complaints.String())
	}
	return out
}

// TestGDALReadsTheSame opens a tile by its place in a folder, which gives its
// position in the world.
func TestGDALReadsTheSame(t *testing.T) {
	g, c := Grids()[0], Coord{1, 0, 1}
	tile := everything(t, g, c)
	path := filepath.Join(t.TempDir(), strconv.Itoa(c.Z), strconv.Itoa(c.Col), strconv.Itoa(c.Row)+".pbf")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, tile.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, l := range decode(t, tile.Data) {
		out := gdal(t, "ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=4", "/vsistdout/", "MVT:"+path, name, "-oo", "CLIP=NO")
		got, err := geojson.UnmarshalFeatureCollection(out)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Features) != len(l.Features) {
			t.Errorf("%s: GDAL reads %d features, orb %d", name, len(got.Features), len(l.Features))
			continue
		}
		for i, f := range l.Features {
			compareGDAL(t, g, c, name, got.Features[i], f)
		}
	}
	info := string(gdal(t, "ogrinfo", "-al", "-so", "MVT:"+path, "points"))
	for _, want := range []string{"share: Real", "firms: Integer", "open: Integer(Boolean)", "name: String", "loss: Real"} {
		if !strings.Contains(info, want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, info)
		}
	}
}

func compareGDAL(t *testing.T, g *Grid, c Coord, layer string, got, f *geojson.Feature) {
	t.Helper()
	if got.Properties["mvt_id"] != f.ID {
		t.Errorf("%s: GDAL reads the id %v, orb %v", layer, got.Properties["mvt_id"], f.ID)
	}
	for name, value := range f.Properties {
		if !sameForGDAL(got.Properties[name], value) {
			t.Errorf("%s: GDAL reads %s = %v, orb %v", layer, name, got.Properties[name], value)
		}
	}
	if l := layerBox(g, c, f.Geometry.Bound()); !sameBox(l, got.Geometry.Bound()) {
		t.Errorf("%s %v: GDAL has it from %v, want %v", layer, f.ID, got.Geometry.Bound(), l)
	}
}

// layerBox is a box of a tile of WebMercatorQuad, in metres.
func layerBox(g *Grid, c Coord, b orb.Bound) orb.Bound {
	unit, origin := g.CellSize(c.Z)*Pixels/4096, g.Origin()
	x := func(v float64) float64 { return origin[0] + (float64(c.Col)*4096+v)*unit }
	y := func(v float64) float64 { return origin[1] - (float64(c.Row)*4096+v)*unit }
	return orb.Bound{Min: orb.Point{x(b.Min[0]), y(b.Max[1])}, Max: orb.Point{x(b.Max[0]), y(b.Min[1])}}
}

func sameBox(a, b orb.Bound) bool {
	near := func(p, q orb.Point) bool { return math.Abs(p[0]-q[0]) < 0.01 && math.Abs(p[1]-q[1]) < 0.01 } // m
	return near(a.Min, b.Min) && near(a.Max, b.Max)
}

// sameForGDAL knows that GDAL writes booleans as numbers, and what looks like JSON
// as JSON.
func sameForGDAL(got, want any) bool {
	switch v := want.(type) {
	case bool:
		return got == v || got == map[bool]float64{true: 1}[v]
	case string:
		if strings.HasPrefix(v, "[") {
			b, _ := json.Marshal(got)
			return string(b) == v
		}
	}
	return got == want
}
