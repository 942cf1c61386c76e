package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
	"clustermap/geo/tile"
)

// indexOf reads features, one a line.
func indexOf(t testing.TB, lines ...string) *geo.Index {
	t.Helper()
	all, err := geo.Load(fstest.MapFS{"a.geojsonl": {Data: []byte(strings.Join(lines, "\n"))}}, nil, "a.geojsonl")
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Source.(*geo.Index)
}

func randomPoints(n int) []string {
	rng := rand.New(rand.NewPCG(3, 4))
	var lines []string
	for i := range n {
		lon, lat := rng.NormFloat64()*20+113, rng.NormFloat64()*10+23
		if i%50 == 0 {
			lon, lat = rng.Float64()*360-180, rng.Float64()*180-90
		}
		lines = append(lines, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"n":%d}}`,
			i, max(-180, min(180, lon)), max(-90, min(90, lat)), i))
	}
	return lines
}

// shapes are lines and areas small and great, across which tiles end.
var shapes = []string{
	`{"type":"Feature","id":"line","geometry":{"type":"LineString","coordinates":[[-170,-60],[0,70],[175,-20]]},"properties":{}}`,
	`{"type":"Feature","id":"area","geometry":{"type":"Polygon","coordinates":[[[100,10],[125,10],[125,40],[100,40],[100,10]],[[105,15],[120,15],[120,35],[105,35],[105,15]]]},"properties":{}}`,
	`{"type":"Feature","id":"two","geometry":{"type":"MultiPolygon","coordinates":[[[[178,0],[180,0],[180,5],[178,0]]],[[[-180,0],[-178,0],[-180,5],[-180,0]]]]},"properties":{}}`,
	`{"type":"Feature","id":"dot","geometry":{"type":"LineString","coordinates":[[1,1],[1.00001,1]]},"properties":{}}`,
	`{"type":"Feature","id":"some","geometry":{"type":"MultiPoint","coordinates":[[-30,-30],[30,30]]},"properties":{}}`,
	`{"type":"Feature","id":"mixed","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[-50,10]},{"type":"LineString","coordinates":[[-60,12],[-55,14]]}]},"properties":{}}`,
	`{"type":"Feature","id":"none","geometry":null,"properties":{}}`,
}

// randomShapes are lines and triangles of all sizes.
func randomShapes(n int) []string {
	rng := rand.New(rand.NewPCG(5, 6))
	var lines []string
	for i := range n {
		size := 40 * rng.Float64() * rng.Float64() * rng.Float64()
		lon, lat := rng.Float64()*360-180, rng.Float64()*180-90
		at := func() string {
			return fmt.Sprintf("[%.6f,%.6f]", max(-180, min(180, lon+rng.NormFloat64()*size)), max(-90, min(90, lat+rng.NormFloat64()*size)))
		}
		a, b, c := at(), at(), at()
		geometry := `"LineString","coordinates":[` + a + "," + b + "," + c + "]"
		if i%2 == 0 {
			geometry = `"Polygon","coordinates":[[` + a + "," + b + "," + c + "," + a + "]]"
		}
		lines = append(lines, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":%s},"properties":{}}`, i, geometry))
	}
	return lines
}

// TestBuildVisitsWhatHoldsSomething makes every tile of the first zooms and holds
// the archive to those that are not empty.
func TestBuildVisitsWhatHoldsSomething(t *testing.T) {
	points, others := indexOf(t, randomPoints(500)...), indexOf(t, append(randomShapes(25), shapes...)...)
	p, err := pyramid.Build(t.Context(), points, nil, pyramid.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, layer := range map[string]tile.Layer{
		"points":   {Name: "l", Index: points},
		"groups":   {Name: "l", Index: points, Kind: tile.Groups, Pyramid: p},
		"shapes":   {Name: "l", Index: others},
		"outlines": {Name: "l", Index: others, Kind: tile.Outlines},
	} {
		const most = 5
		dir := t.TempDir()
		path := filepath.Join(dir, "a.pmtiles")
		plan := Plan{Layers: []tile.Layer{layer}, MaxZoom: most}
		report := buildFile(t, path, plan)
		a := open(t, path)
		grid, _ := tile.FindGrid("WebMercatorQuad")
		made := 0
		for id := range firstID(most + 1) {
			c, _ := CoordOf(id)
			want, err := tile.Encode(t.Context(), grid, tile.Coord{Z: c.Z, Row: c.Y, Col: c.X}, plan.Layers, plan.Tiles)
			if err != nil {
				t.Fatal(err)
			}
			if len(want.Data) > 0 {
				made++
			}
			if got := tileText(t, a, c); got != string(want.Data) {
				t.Errorf("%s: tile %v has %d bytes in the archive, want %d", name, c, len(got), len(want.Data))
			}
		}
		if report.Tiles != made || made == 0 {
			t.Errorf("%s: the report counts %d tiles, there are %d", name, report.Tiles, made)
		}
	}
}

func buildFile(t testing.TB, path string, plan Plan) *Report {
	t.Helper()
	w, err := Create(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	report, err := Build(context.Background(), w, plan)
	if err != nil {
		t.Fatal(err)
	}
	info := sample
	info.MinZoom, info.MaxZoom = plan.MinZoom, plan.MaxZoom
	if err := w.Commit(context.Background(), info); err != nil {
		t.Fatal(err)
	}
	return report
}

// TestBuildIsDeterministic holds that the number of workers does not matter.
func TestBuildIsDeterministic(t *testing.T) {
	x := indexOf(t, randomPoints(2000)...)
	for _, kind := range kinds {
		var sums [3][32]byte
		for i, workers := range []int{1, 2, 7} {
			path := filepath.Join(t.TempDir(), "a."+kind)
			buildFile(t, path, Plan{Layers: []tile.Layer{{Name: "l", Index: x}}, MinZoom: 1, MaxZoom: 6, Workers: workers})
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sums[i] = sha256.Sum256(b)
		}
		if sums[0] != sums[1] || sums[1] != sums[2] {
			t.Errorf("%s: with another number of workers the file is another", kind)
		}
	}
}

// TestBuildCounts holds the report: each feature is shown or left out once at each
// zoom.
func TestBuildCounts(t *testing.T) {
	const n = 3000
	x := indexOf(t, randomPoints(n)...)
	report := buildFile(t, filepath.Join(t.TempDir(), "a.pmtiles"), Plan{
		Layers: []tile.Layer{{Name: "l", Index: x}}, MaxZoom: 7, Tiles: tile.Options{MaxFeatures: 400},
	})
	for _, z := range report.Zooms {
		if z.Features+z.Dropped != n {
			t.Errorf("zoom %d shows %d features and leaves out %d; want %d together", z.Zoom, z.Features, z.Dropped, n)
		}
	}
	if report.Zooms[0].Dropped == 0 || report.Worst.Dropped < report.Zooms[0].Dropped || report.Rule == "" {
		t.Errorf("the first zoom leaves out %d; the worst tile is %+v, the rule %q", report.Zooms[0].Dropped, report.Worst, report.Rule)
	}
	if last := report.Zooms[len(report.Zooms)-1]; last.Zoom != 7 || last.Dropped >= report.Zooms[0].Dropped {
		t.Errorf("the last zoom is %+v", last)
	}
}

func TestBuildStops(t *testing.T) {
	x := indexOf(t, randomPoints(2000)...)
	dir := t.TempDir()
	for _, stopAt := range []int{0, 3, 6} {
		ctx, stop := context.WithCancel(t.Context())
		w, err := Create(filepath.Join(dir, "a.pmtiles"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Build(ctx, w, Plan{Layers: []tile.Layer{{Name: "l", Index: x}}, MaxZoom: 9, Progress: func(p Progress) {
			if p.Zoom >= stopAt {
				stop()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at zoom %d it ends with %v", stopAt, err)
		}
		stop()
		w.Abort()
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, error %v", left, err)
	}
	for _, zooms := range [][2]int{{-1, 3}, {4, 3}, {0, 25}, {0, 99}} {
		var bad *geo.InvalidError
		if _, err := Build(t.Context(), nil, Plan{MinZoom: zooms[0], MaxZoom: zooms[1]}); !errors.As(err, &bad) {
			t.Errorf("zooms %v: got %v, want an InvalidError", zooms, err)
		}
	}
}

func TestBestMaxZoom(t *testing.T) {
	point := func(i int, lon, lat float64) string {
		return fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{}}`, i, lon, lat)
	}
	var far, near, same []string
	for i := range 1500 {
		far = append(far, point(i, float64(i)*0.2-150, 10))
		near = append(near, point(i, 110+float64(i)*0.0002, 10)) // 0.3 degrees
		same = append(same, point(i, 110, 10))
	}
	coast := func(step float64) string {
		var b bytes.Buffer
		for i := range 400 {
			fmt.Fprintf(&b, ",[%.6f,%.6f]", 100+float64(i)*step*0.05, float64(i%2)*step)
		}
		return `{"type":"Feature","geometry":{"type":"LineString","coordinates":[` + b.String()[1:] + `]},"properties":{}}`
	}
	for _, c := range []struct {
		name  string
		lines []string
		want  int
	}{
		{"two points", []string{point(1, 3, 4), point(2, 3.1, 4)}, 8},
		{"many that are far apart", far, 8},
		{"many within 0.3 degrees: 0.2 degrees hold 1,000", near, 11},
		{"all in one place", same, 14},
		{"segments of 2 degrees, of which 180 make the world", []string{coast(2)}, 0},
		{"segments of 0.01 degrees, of which 36,000 make the world", []string{coast(0.01)}, 8},
		{"segments of 10 cm", []string{coast(0.000001)}, 14},
	} {
		x := indexOf(t, c.lines...)
		if got := BestMaxZoom([]tile.Layer{{Index: x}}); got != c.want {
			t.Errorf("%s: got zoom %d, want %d", c.name, got, c.want)
		}
	}
}

func TestBestView(t *testing.T) {
	for _, c := range []struct {
		box  orb.Bound
		zoom int
	}{
		{orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, 1},
		{orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{90, 45}}, 3},
		{orb.Bound{Min: orb.Point{113, 23}, Max: orb.Point{113, 23}}, 15},
	} {
		center, zoom := BestView(c.box)
		if zoom != c.zoom || !c.box.Pad(1e-9).Contains(center) {
			t.Errorf("of %v: got zoom %d at %v, want zoom %d within it", c.box, zoom, center, c.zoom)
		}
	}
}

// TestExtent holds that the extent is that of the features selected.
func TestExtent(t *testing.T) {
	x := indexOf(t, randomPoints(200)...)
	set, err := x.Select(t.Context(), geo.Query{Box: &orb.Bound{Min: orb.Point{100, 10}, Max: orb.Point{120, 30}}})
	if err != nil {
		t.Fatal(err)
	}
	box, empty := Extent([]tile.Layer{{Index: x, Set: set}})
	if empty || box.Min[0] < 100 || box.Max[0] > 120 || box.Min[1] < 10 || box.Max[1] > 30 {
		t.Errorf("the extent is %v, empty %v", box, empty)
	}
	if whole, _ := Extent([]tile.Layer{{Index: x, Set: set}, {Index: x}}); whole != x.Extent().Box {
		t.Errorf("with all features the extent is %v, want %v", whole, x.Extent().Box)
	}
	if _, empty := Extent([]tile.Layer{{Index: indexOf(t, shapes[6])}}); !empty {
		t.Error("a feature without a geometry has an extent")
	}
}

func TestMetadataExtra(t *testing.T) {
	info := sample
	info.Extra = map[string]string{"clustermap": `{"dropped":3}`}
	b, err := info.json()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil || all["clustermap"] != `{"dropped":3}` || all["name"] != sample.Name {
		t.Errorf("the metadata are %s, error %v", b, err)
	}
}
