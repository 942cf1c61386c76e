package tile

import (
	"math/rand/v2"
	"testing"

	"github.com/peterstace/simplefeatures/geom"
)

// tangled are rings that cross and touch themselves and each other.
func tangled(r *rand.Rand) *vertices {
	size := 1 + r.IntN(40)
	v := new(vertices)
	for range 1 + r.IntN(4) {
		at := vertex{int32(r.IntN(size + 1)), int32(r.IntN(size + 1))}
		for range r.IntN(30) {
			v.all = append(v.all, at)
			if r.IntN(3) == 0 { // along an axis, so that edges lie on each other
				at.x = int32(r.IntN(size + 1))
			} else if r.IntN(2) == 0 {
				at.y = int32(r.IntN(size + 1))
			} else {
				at = vertex{int32(r.IntN(size + 1)), int32(r.IntN(size + 1))}
			}
		}
		v.end(3)
	}
	return v
}

func TestPolygonsOfTangledRings(t *testing.T) {
	r := random(t)
	var a assembler
	for range 4_000 {
		rings := tangled(r)
		a.polygons(rings, 0)
		wantValid(t, rings, polygonsOf(&a))
		if t.Failed() {
			return
		}
		for range 20 {
			p := vertex{int32(r.IntN(40)), int32(r.IntN(40))}
			if near(rings, p) {
				continue
			}
			if was, is := odds(rings, p), within(&a, p); was != is {
				t.Fatalf("%v: %v was inside: %v, is: %v", rings, p, was, is)
			}
		}
	}
}

// polygonsOf gives the polygons in the order in which they are written.
func polygonsOf(a *assembler) (all [][][]vertex) {
	for _, i := range a.order {
		ring := a.rings.at(int(i))
		if a.areas[i] > 0 {
			all = append(all, [][]vertex{ring})
		} else {
			all[len(all)-1] = append(all[len(all)-1], ring)
		}
	}
	return all
}

// wantValid asks simplefeatures, which checks by the rules of OGC 06-103r4.
func wantValid(t *testing.T, from any, polygons [][][]vertex) {
	t.Helper()
	var all []geom.Polygon
	for _, rings := range polygons {
		var lines []geom.LineString
		for i, ring := range rings {
			if (area(ring) > 0) != (i == 0) {
				t.Errorf("%v: the ring %v runs the wrong way", from, ring)
			}
			var flat []float64
			for _, v := range append(ring[:len(ring):len(ring)], ring[0]) {
				flat = append(flat, float64(v.x), float64(v.y))
			}
			lines = append(lines, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
		}
		all = append(all, geom.NewPolygon(lines))
	}
	if err := geom.NewMultiPolygon(all).Validate(); err != nil {
		t.Errorf("%v: polygons %v are not valid: %v", from, polygons, err)
	}
}

// near reports whether a vertex is within a unit of an edge of rings.
func near(rings *vertices, p vertex) bool {
	for i := range rings.ends {
		ring := rings.at(i)
		for k, b := range ring {
			a := ring[(k+len(ring)-1)%len(ring)]
			for _, x := range []int32{-1, 0, 1} {
				for _, y := range []int32{-1, 0, 1} {
					if passes(edge{a, b}, vertex{p.x + x, p.y + y}) {
						return true
					}
				}
			}
		}
	}
	return false
}

// odds reports whether an odd number of rings surrounds a vertex on none of them.
func odds(rings *vertices, p vertex) (in bool) {
	for i := range rings.ends {
		if surrounds(rings.at(i), p) {
			in = !in
		}
	}
	return in
}

func within(a *assembler, p vertex) (in bool) {
	for _, i := range a.order {
		if surrounds(a.rings.at(int(i)), p) {
			in = !in
		}
	}
	return in
}
