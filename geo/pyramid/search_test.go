package pyramid

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// inBox is what Search should find.
func inBox(b orb.Bound, at orb.Point) bool {
	on := func(lon float64) bool {
		if b.Min[0] > b.Max[0] {
			return lon >= b.Min[0] || lon <= b.Max[0]
		}
		return lon >= b.Min[0] && lon <= b.Max[0]
	}
	return at[1] >= b.Min[1] && at[1] <= b.Max[1] && (on(at[0]) || math.Abs(at[0]) == 180 && on(-at[0]))
}

func TestSearchIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for name, points := range scatters(r) {
		p := build(t, indexOf(t, points), nil, 60)
		for range 300 {
			zoom := r.IntN(MaxZoom + 1)
			b := someBox(r, points)
			got := slices.Collect(func(yield func(Node) bool) { p.Search(zoom, b, yield) })
			var want []Node
			for _, n := range p.Level(zoom) {
				if inBox(b, p.Position(n)) {
					want = append(want, n)
				}
			}
			if !slices.Equal(got, want) || p.Count(zoom, b) != len(want) {
				t.Fatalf("%s: zoom %d, %v: %d nodes, want %d", name, zoom, b, len(got), len(want))
			}
			if len(want) > 1 {
				few := 0
				p.Search(zoom, b, func(Node) bool { few++; return few < 2 })
				if few != 2 {
					t.Fatalf("%s: a search that was ended visited %d", name, few)
				}
			}
		}
	}
}

// someBox is a box, often around a point or with one at its corner.
func someBox(r *rand.Rand, points []orb.Point) orb.Bound {
	c := orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}
	if len(points) > 0 && r.IntN(4) > 0 {
		c = points[r.IntN(len(points))]
	}
	d := math.Exp2(-r.Float64()*30) * 100
	switch r.IntN(6) {
	case 0:
		return orb.Bound{Min: c, Max: c}
	case 1:
		return orb.Bound{Min: c, Max: orb.Point{180, 90}}
	case 2:
		return orb.Bound{Min: orb.Point{-180, -90}, Max: c}
	}
	b := orb.Bound{Min: orb.Point{c[0] - d, c[1] - d}, Max: orb.Point{c[0] + d, c[1] + d}}
	if b.Min[0] < -180 {
		b.Min[0] += 360
	}
	if b.Max[0] > 180 {
		b.Max[0] -= 360
	}
	return b
}

func TestZoomsOutOfRange(t *testing.T) {
	p := build(t, indexOf(t, []orb.Point{{1, 1}, {1.01, 1}, {50, 50}}), nil, 60)
	if p.Count(-3, everywhere) != p.Count(0, everywhere) || p.Count(99, everywhere) != p.Count(MaxZoom, everywhere) {
		t.Error("a zoom out of range is not taken to its end")
	}
	low, _ := p.Of(-1, 0)
	high, _ := p.Of(99, 0)
	if p.Size(low) < 2 || p.Size(high) != 1 {
		t.Errorf("groups of %d and %d", p.Size(low), p.Size(high))
	}
	for _, n := range []Node{5, 99, none} {
		if p.Valid(n) {
			t.Errorf("%d is a node", n)
		}
	}
}
