package geo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

func readAll(t *testing.T, features ...string) *Index {
	t.Helper()
	x, err := Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`), ReadOptions{Name: "test.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func feature(id int, geometry string) string {
	return fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":%s,"properties":{"n":%d}}`, id, geometry, id)
}

func TestWorldAndBack(t *testing.T) {
	for _, c := range []struct {
		p    orb.Point
		x, y float64
	}{{orb.Point{-180, 0}, 0, 0.5}, {orb.Point{180, -90}, 1, 1}, {orb.Point{0, 90}, 0.5, 0}, {orb.Point{90, MaxLatitude}, 0.75, 0}} {
		if w := World(c.p); math.Abs(w[0]-c.x) > 1e-12 || math.Abs(w[1]-c.y) > 1e-12 {
			t.Errorf("World(%v) = %v", c.p, w)
		}
	}
	for range 1000 {
		p := orb.Point{rand.Float64()*360 - 180, rand.Float64()*170 - 85}
		if q := LonLat(World(p)); planar.Distance(p, q) > 1e-10 {
			t.Errorf("%v comes back as %v", p, q)
		}
	}
}

func TestAnchorsLieOnTheirGeometries(t *testing.T) {
	const horseshoe = `{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[8,10],[8,2],[2,2],[2,10],[0,10],[0,0]]]}`
	x := readAll(t,
		feature(1, `{"type":"Point","coordinates":[3,4]}`),
		feature(2, `{"type":"MultiPoint","coordinates":[[0,0],[1,1],[9,9]]}`),
		feature(3, `{"type":"LineString","coordinates":[[0,0],[10,0],[10,2]]}`),
		feature(4, horseshoe),
		feature(5, `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[20,20],[30,20],[30,30],[20,30],[20,20]]]]}`),
		feature(6, `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[50,50]},{"type":"LineString","coordinates":[[0,0],[4,0]]}]}`),
		feature(7, `null`),
	)
	want := map[uint32]orb.Point{0: {3, 4}, 1: {1, 1}, 2: {6, 0}, 4: {25, 25}, 5: {2, 0}}
	for slot := range uint32(x.Len()) {
		p, ok := x.Anchor(slot)
		if ok != (slot != 6) {
			t.Errorf("slot %d: ok is %v", slot, ok)
		}
		if w, known := want[slot]; known && planar.Distance(p, w) > 1e-9 {
			t.Errorf("slot %d: %v, want %v", slot, p, w)
		}
	}
	if p, _ := x.Anchor(3); !planar.PolygonContains(x.Geometry(3).(orb.Polygon), p) {
		t.Errorf("the anchor %v of the horseshoe is outside", p)
	}
	l := x.Layout()
	if len(l.Slots) != 6 || len(l.X) != 6 || len(l.Y) != 6 {
		t.Fatalf("the layout has %d places", len(l.Slots))
	}
	for i, slot := range l.Slots {
		p, _ := x.Anchor(slot)
		w := World(p)
		if math.Abs(float64(l.X[i])/(1<<32)-w[0]) > 1e-9 || math.Abs(float64(l.Y[i])/(1<<32)-w[1]) > 1e-9 {
			t.Errorf("slot %d lies at %d %d", slot, l.X[i], l.Y[i])
		}
	}
}

func TestSpansAndSelectAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []string
	for i := range 3000 {
		all = append(all, feature(i, fmt.Sprintf(`{"type":"Point","coordinates":[%.3f,%.3f]}`, r.Float64()*360-180, r.Float64()*180-90)))
	}
	x := readAll(t, all...)
	for range 300 {
		b := orb.Bound{Min: orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}, Max: orb.Point{r.Float64()*360 - 180, 90}}
		var got []uint32
		last := 0
		x.Spans(b, func(lo, hi int) {
			if lo >= hi || b.Min[0] <= b.Max[0] && lo < last {
				t.Fatalf("span %d %d after %d", lo, hi, last)
			}
			last = hi
			got = append(got, x.Layout().Slots[lo:hi]...)
		})
		blocks := make(map[uint32]bool)
		x.Blocks(b, func(lo, hi int) {
			for _, slot := range x.Layout().Slots[lo:hi] {
				if blocks[slot] {
					t.Fatalf("%v: slot %d is in two blocks", b, slot)
				}
				blocks[slot] = true
			}
		})
		for _, slot := range got {
			if !blocks[slot] {
				t.Fatalf("%v: slot %d is in no block", b, slot)
			}
		}
		if len(blocks) > len(got)+len(x.Layout().Slots)/2 {
			t.Fatalf("%v: %d places in blocks, %d in spans", b, len(blocks), len(got))
		}
		slices.Sort(got)
		set, err := x.Select(context.Background(), Query{Box: &b, Limit: 3, Sort: []SortKey{{Property: "n"}}})
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Collect(set.All()); !slices.Equal(got, want) || set.Len() != len(want) {
			t.Fatalf("%v: %d places in spans, %d selected", b, len(got), len(want))
		}
		for i, slot := range got {
			if !set.Has(slot) || i > 0 && set.Has(slot-1) != (got[i-1] == slot-1) {
				t.Fatalf("Has(%d) is wrong", slot)
			}
		}
	}
	if set, err := x.Select(context.Background(), Query{}); set != nil || err != nil {
		t.Errorf("all: %v, %v", set, err)
	}
	if set, err := readAll(t).Select(context.Background(), Query{}); set != nil || err != nil {
		t.Errorf("none of none: %v, %v", set, err)
	}
	for _, each := range []func(*Index, orb.Bound, func(lo, hi int)){(*Index).Spans, (*Index).Blocks} {
		each(new(Index), orb.Bound{Max: orb.Point{1, 1}}, func(int, int) { t.Error("an empty index has spans") })
	}
}

func TestMortonAndBack(t *testing.T) {
	if got := Morton(0b011, 0b101); got != 0b100111 {
		t.Errorf("the bits in turns are %b", got)
	}
	for range 1000 {
		x, y := rand.Uint32(), rand.Uint32()
		if a, b := Unmorton(Morton(x, y)); a != x || b != y {
			t.Errorf("%d, %d come back as %d, %d", x, y, a, b)
		}
	}
}
