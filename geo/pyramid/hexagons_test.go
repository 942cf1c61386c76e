package pyramid

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// The middle of a cell lies in it, its neighbours are as far away as the cell is wide
// and have it as a neighbour.
func TestHexagonsAreNeighbours(t *testing.T) {
	h := HexagonsOf(new(geo.Index), 50)
	for _, p := range []orb.Point{{113.3, 23.1}, {117.2, 39.1}, {100, 36}, {87.6, 43.8}} {
		key := h.At(p)
		middle, ok := h.Centre(key)
		if !ok || h.At(middle) != key {
			t.Fatalf("%v: the middle %v of cell %s lies in %s", p, middle, key, h.At(middle))
		}
		from := h.Plane().Forward(middle)
		for i, n := range h.Neighbours(key) {
			if !slices.Contains(h.Neighbours(n), key) {
				t.Errorf("%s has the neighbour %s, but not the other way", key, n)
			}
			at, _ := h.Centre(n)
			to := h.Plane().Forward(at)
			if d := math.Hypot(to[0]-from[0], to[1]-from[1]); math.Abs(d-50_000) > 0.01 {
				t.Errorf("%s to %s: %g m, want 50 km", key, n, d)
			}
			if angle := math.Remainder(math.Atan2(to[1]-from[1], to[0]-from[0])-float64(i)*math.Pi/3, 2*math.Pi); math.Abs(angle) > 1e-6 {
				t.Errorf("%s: neighbour %d is off by %g", key, i, angle)
			}
		}
	}
	if _, ok := h.Centre("no cell"); ok || h.Outline("1") != nil || h.Neighbours("") != nil {
		t.Error("what is no key has a cell")
	}
}
