package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/peterstace/simplefeatures/geom"
)

func TestMeetsBox(t *testing.T) {
	unit := box(0, 0, 10, 10)
	ring := func(w, s, e, n float64) orb.Ring { return orb.Ring{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}} }
	tests := []struct {
		name string
		geom orb.Geometry
		want bool
	}{
		//        \          the line passes the corner and cuts it
		//    +----\+
		//    |     \
		{"a line over the corner", orb.LineString{{8, 12}, {12, 8}}, true},
		{"a line past the corner", orb.LineString{{9, 12}, {12, 9}}, false},
		{"a line through, no vertex inside", orb.LineString{{-5, 5}, {15, 6}}, true},
		{"a line along an edge", orb.LineString{{-5, 10}, {15, 10}}, true},
		{"a line that ends on an edge", orb.LineString{{5, 15}, {5, 10}}, true},
		{"its bound covers the box, the line does not", orb.LineString{{-5, 0}, {-5, 15}, {10, 15}}, false},
		{"an L around the box", orb.LineString{{-1, 11}, {-1, -1}, {11, -1}}, false},
		{"a polygon around the box", orb.Polygon{ring(-5, -5, 15, 15)}, true},
		{"a hole around the box", orb.Polygon{ring(-5, -5, 15, 15), ring(-1, -1, 11, 11)}, false},
		{"a hole that touches the box", orb.Polygon{ring(-5, -5, 15, 15), ring(-1, -1, 10, 11)}, true},
		{"a polygon in the box", orb.Polygon{ring(2, 2, 3, 3)}, true},
		{"a polygon that shares a corner", orb.Polygon{ring(10, 10, 12, 12)}, true},
		{"a polygon beside", orb.Polygon{ring(10.001, 0, 12, 12)}, false},
		{"points, one on the edge", orb.MultiPoint{{20, 20}, {0, 7}}, true},
		{"the second line", orb.MultiLineString{{{20, 20}, {21, 21}}, {{1, 1}, {2, 2}}}, true},
		{"the second polygon", orb.MultiPolygon{{ring(20, 20, 21, 21)}, {ring(9, 9, 30, 30)}}, true},
		{"the last of a collection", orb.Collection{orb.Point{-1, -1}, orb.Collection{orb.Point{10, 10}}}, true},
		{"none of a collection", orb.Collection{orb.Point{-1, -1}, orb.LineString{{-1, -1}, {-1, 11}}}, false},
	}
	for _, tt := range tests {
		if got := meetsBox(tt.geom, &unit); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// The oracle shares no code with us. Coordinates on a small grid make it common
// that things touch.
func TestMeetsBoxAgreesWithSimplefeatures(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	point := func() orb.Point { return orb.Point{float64(random.IntN(13)), float64(random.IntN(13))} }
	met := 0
	const rounds = 20_000
	for range rounds {
		a, b := point(), point()
		q := orb.Bound{Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])}, Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])}}
		g := randomShape(random, point)
		want := oracle(t, g, q)
		if got := meetsBox(g, &q); got != want {
			t.Fatalf("%v and %v: got %v, want %v", g, q, got, want)
		}
		if want {
			met++
		}
	}
	if met < rounds/10 || met > rounds*9/10 {
		t.Errorf("%d of %d meet: the cases are one-sided", met, rounds)
	}
}

func randomShape(random *rand.Rand, point func() orb.Point) orb.Geometry {
	switch random.IntN(4) {
	case 0:
		return orb.LineString{point(), point(), point()}
	case 1:
		return orb.MultiPoint{point(), point()}
	case 2: // a triangle
		for {
			a, b, c := point(), point(), point()
			if SideOf(a, b, c) != 0 {
				return orb.Polygon{{a, b, c, a}}
			}
		}
	}
	// a diamond with a hole
	c := point()
	r := 2 + float64(random.IntN(5))
	diamond := func(r float64) orb.Ring {
		return orb.Ring{{c[0] - r, c[1]}, {c[0], c[1] - r}, {c[0] + r, c[1]}, {c[0], c[1] + r}, {c[0] - r, c[1]}}
	}
	return orb.Polygon{diamond(r), diamond(r - 1)}
}

func oracle(t *testing.T, g orb.Geometry, b orb.Bound) bool {
	t.Helper()
	var box orb.Geometry
	switch {
	case b.Min == b.Max:
		box = b.Min
	case b.Min[0] == b.Max[0] || b.Min[1] == b.Max[1]:
		box = orb.LineString{b.Min, b.Max}
	default:
		box = b.ToPolygon()
	}
	return geom.Intersects(toSimple(t, g), toSimple(t, box))
}

func toSimple(t *testing.T, g orb.Geometry) geom.Geometry {
	t.Helper()
	b, err := wkb.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	s, err := geom.UnmarshalWKB(b, geom.NoValidate{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Points one step of float64 beside a slanted line are told apart.
func TestSideOfIsExact(t *testing.T) {
	p, q := orb.Point{0.1, 0.1}, orb.Point{170.3, 61.7}
	random := rand.New(rand.NewPCG(11, 12))
	for range 2000 {
		f := random.Float64()
		r := orb.Point{p[0] + f*(q[0]-p[0]), p[1] + f*(q[1]-p[1])}
		up := orb.Point{r[0], math.Nextafter(r[1], 90)}
		down := orb.Point{r[0], math.Nextafter(r[1], -90)}
		if s := SideOf(p, q, up); s < SideOf(p, q, r) || s < SideOf(p, q, down) {
			t.Fatalf("%v: not monotone", r)
		}
		if SideOf(p, q, r) != -SideOf(q, p, r) {
			t.Fatalf("%v: not antisymmetric", r)
		}
	}
	for _, on := range []orb.Point{p, q} {
		if SideOf(p, q, on) != 0 {
			t.Errorf("%v lies on the line", on)
		}
	}
}
