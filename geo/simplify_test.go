package geo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"
)

func simplified(t testing.TB, x *Index, zoom int) []orb.Geometry {
	t.Helper()
	s, err := x.Simplified(context.Background(), zoom)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]orb.Geometry, x.Len())
	for slot := range out {
		out[slot] = s.Geometry(x.At(uint32(slot)))
	}
	return out
}

func vertices(g orb.Geometry) int {
	n := 0
	eachLine(g, func(line []orb.Point, _ bool) { n += len(line) })
	return n
}

// checked is a geometry as simplefeatures reads it; false where it is not valid.
func checked(t testing.TB, g orb.Geometry) (geom.Geometry, bool) {
	t.Helper()
	b, err := geojson.NewGeometry(g).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	out, err := geom.UnmarshalGeoJSON(b)
	if err != nil {
		return out, false
	}
	return out, true
}

type directed struct{ a, b orb.Point }

// sharedEdges are how many features have each edge of a ring, either way.
func sharedEdges(shapes []orb.Geometry) map[directed]int {
	n := make(map[directed]int)
	for _, g := range shapes {
		eachLine(g, func(line []orb.Point, ring bool) {
			for i := 1; ring && i < len(line); i++ {
				e := directed{line[i-1], line[i]}
				if comparePoints(e.a, e.b) > 0 {
					e.a, e.b = e.b, e.a
				}
				n[e]++
			}
		})
	}
	return n
}

// TestSimplifiedBorders: each vertex that remains of a border is one that all of
// its features keep, and what was valid is valid.
func TestSimplifiedBorders(t *testing.T) {
	for _, file := range []string{"../data/regions.geojson", "../data/divisions.geojson", "../data/base/provinces.geojson", "../data/base/countries.geojson"} {
		x := mustReadFile(t, file, "")
		var original []orb.Geometry
		for slot := range uint32(x.Len()) {
			original = append(original, x.At(slot).Geometry())
		}
		before := 0
		for _, zoom := range []int{0, 2, 4, 6, 8, 22} {
			shapes := simplified(t, x, zoom)
			sum := 0
			for i, g := range shapes {
				sum += vertices(g)
				if _, was := checked(t, original[i]); !was {
					continue
				}
				if _, ok := checked(t, g); !ok {
					t.Errorf("%s, zoom %d: feature %s is not valid", file, zoom, x.At(uint32(i)).ID())
				}
			}
			if sum < before {
				t.Errorf("%s: zoom %d has %d vertices, a coarser one %d", file, zoom, sum, before)
			}
			before = sum
			checkCommonVertices(t, fmt.Sprintf("%s, zoom %d", file, zoom), original, shapes)
		}
		t.Logf("%s: %d of %d vertices at zoom 4", file, verticesOf(simplified(t, x, 4)), verticesOf(original))
	}
}

func verticesOf(shapes []orb.Geometry) int {
	n := 0
	for _, g := range shapes {
		n += vertices(g)
	}
	return n
}

// checkCommonVertices: of the segments that two features shared, both have all or
// none of the vertices left.
func checkCommonVertices(t *testing.T, what string, original, shapes []orb.Geometry) {
	t.Helper()
	has := make([]map[orb.Point]bool, len(shapes))
	for i, g := range shapes {
		has[i] = make(map[orb.Point]bool)
		eachLine(g, func(line []orb.Point, _ bool) {
			for _, p := range line {
				has[i][p] = true
			}
		})
	}
	owners := make(map[orb.Point][]int)
	for i, g := range original {
		eachLine(g, func(line []orb.Point, _ bool) {
			for _, p := range line {
				owners[p] = append(owners[p], i)
			}
		})
	}
	for p, all := range owners {
		for _, i := range all[1:] {
			if has[i][p] != has[all[0]][p] {
				t.Errorf("%s: features %d and %d differ at %v", what, all[0], i, p)
				return
			}
		}
	}
}

// roughPartition cuts a square of the side into n by n cells with rough borders.
func roughPartition(r *rand.Rand, n int, side float64) []orb.Polygon {
	corners := make(map[[2]int]orb.Point)
	for i := range n + 1 {
		for j := range n + 1 {
			corners[[2]int{i, j}] = orb.Point{side * (float64(i) + 0.3*(r.Float64()-0.5)) / float64(n), side * (float64(j) + 0.3*(r.Float64()-0.5)) / float64(n)}
		}
	}
	lines := make(map[[4]int][]orb.Point)
	line := func(a, b [2]int) []orb.Point {
		if l, ok := lines[[4]int{b[0], b[1], a[0], a[1]}]; ok {
			out := make([]orb.Point, len(l))
			for i, p := range l {
				out[len(l)-1-i] = p
			}
			return out
		}
		const pieces = 40
		p, q := corners[a], corners[b]
		l := []orb.Point{p}
		for k := 1; k < pieces; k++ {
			f := float64(k) / pieces
			off := 0.1 * side / float64(n) * (r.Float64() - 0.5)
			l = append(l, orb.Point{p[0] + f*(q[0]-p[0]) + off*(q[1]-p[1])/side, p[1] + f*(q[1]-p[1]) - off*(q[0]-p[0])/side})
		}
		l = append(l, q)
		lines[[4]int{a[0], a[1], b[0], b[1]}] = l
		return l
	}
	var cells []orb.Polygon
	for i := range n {
		for j := range n {
			round := [][2]int{{i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}, {i, j}}
			ring := orb.Ring{corners[round[0]]}
			for k := 1; k < len(round); k++ {
				ring = append(ring, line(round[k-1], round[k])[1:]...)
			}
			cells = append(cells, orb.Polygon{ring})
		}
	}
	return cells
}

func featureOf(t testing.TB, id int, g orb.Geometry) string {
	t.Helper()
	b, err := geojson.NewGeometry(g).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":%s,"properties":{}}`, id, b)
}

// TestSimplifiedPartition: cells that cover a square cover it without gap and
// overlap at every zoom.
func TestSimplifiedPartition(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var features []string
		for i, c := range roughPartition(r, 2+int(seed%4), 10) {
			features = append(features, featureOf(t, i, c))
		}
		x := mustRead(t, ReadOptions{}, features...)
		for zoom := range 10 {
			shapes := simplified(t, x, zoom)
			sum := 0.0
			var parts []geom.Geometry
			for i, g := range shapes {
				part, ok := checked(t, g)
				if !ok {
					t.Fatalf("seed %d, zoom %d: cell %d is not valid", seed, zoom, i)
				}
				parts = append(parts, part)
				sum += planar.Area(g)
			}
			union, err := geom.UnionMany(parts)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(union.Area()-sum) > 1e-9*sum {
				t.Errorf("seed %d, zoom %d: the cells' areas add up to %v, their union has %v", seed, zoom, sum, union.Area())
			}
			if p, ok := union.AsPolygon(); !ok || p.NumInteriorRings() > 0 {
				t.Errorf("seed %d, zoom %d: the union has gaps: %s", seed, zoom, union.Type())
			}
			for e, n := range sharedEdges(shapes) {
				if n > 2 {
					t.Fatalf("seed %d, zoom %d: %d cells have the edge %v", seed, zoom, n, e)
				}
			}
		}
	}
}

func TestSimplifiedKinds(t *testing.T) {
	x := mustRead(t, ReadOptions{},
		`{"type":"Feature","id":"a","geometry":null,"properties":{}}`,
		`{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}`,
		`{"type":"Feature","id":"c","geometry":{"type":"LineString","coordinates":[[0,0],[1,0.001],[2,0]]},"properties":{}}`,
		`{"type":"Feature","id":"d","geometry":{"type":"MultiLineString","coordinates":[[[2,0],[1,0.001],[0,0]],[[0,5],[9,9]]]},"properties":{}}`,
		`{"type":"Feature","id":"e","geometry":{"type":"Polygon","coordinates":[[[0,0],[40,0],[40,40],[0,40],[0,0]],[[10,10],[10,10.001],[10.001,10.001],[10.001,10],[10,10]]]},"properties":{}}`,
		`{"type":"Feature","id":"f","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[3,3]},{"type":"LineString","coordinates":[[5,5],[5,5],[6,6]]},{"type":"MultiPoint","coordinates":[[1,1]]}]},"properties":{}}`,
		`{"type":"Feature","id":"g","geometry":{"type":"MultiPolygon","coordinates":[[[[50,0],[60,0],[60,10],[50,0]]],[[[60,10],[70,10],[70,20],[60,10]]]]},"properties":{}}`)
	got := simplified(t, x, 0)
	for slot, g := range got {
		if want := x.At(uint32(slot)).Geometry(); (g == nil) != (want == nil) || g != nil && g.GeoJSONType() != want.GeoJSONType() {
			t.Errorf("feature %d: %v of %v", slot, g, want)
		}
	}
	if l := got[2].(orb.LineString); len(l) != 2 {
		t.Errorf("a line: %v", l)
	}
	if l := got[3].(orb.MultiLineString); len(l[0]) != 2 || l[0][0] != (orb.Point{2, 0}) {
		t.Errorf("the line back: %v", l)
	}
	if p := got[4].(orb.Polygon); len(p) != 2 || len(p[1]) != 4 || !orb.Equal(orb.Ring(p[1][:1]), orb.Ring(p[1][len(p[1])-1:])) {
		t.Errorf("a small hole: %v", p)
	}
	for _, zoom := range []int{-1, 23} {
		if _, err := x.Simplified(context.Background(), zoom); err == nil {
			t.Errorf("zoom %d is accepted", zoom)
		}
	}
	if _, err := new(Index).Simplified(context.Background(), 3); err != nil {
		t.Error(err)
	}
}

func TestSimplifiedConcurrently(t *testing.T) {
	x := mustReadFile(t, "../data/regions.geojson", "")
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Simplified(canceled, 5); err == nil {
		t.Error("a canceled request was answered")
	}
	var wg sync.WaitGroup
	made := make([]*Simplified, 16)
	for i := range made {
		wg.Go(func() { made[i], _ = x.Simplified(context.Background(), 5) })
	}
	wg.Wait()
	for _, s := range made {
		if s == nil || s != made[0] {
			t.Fatal("made more than once")
		}
	}
}

func BenchmarkSimplified(b *testing.B) {
	x := mustReadFile(b, "../data/divisions.geojson", "")
	for b.Loop() {
		x.simple = simplifier{}
		simplified(b, x, 6)
	}
}
