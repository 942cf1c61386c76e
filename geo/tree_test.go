package geo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// searcher is what an R-tree of boxes must do: list the boxes that meet b.
type searcher func(b orb.Bound) []uint32

// trees are the R-trees that hold boxes: the one that serves and the one that
// we are given. Both pass the same tests.
var trees = map[string]func(boxes []orb.Bound) searcher{
	"packed": func(boxes []orb.Bound) searcher {
		points := !slices.ContainsFunc(boxes, func(b orb.Bound) bool { return b.Min != b.Max })
		t := newTree(len(boxes), points, func(slot uint32) (orb.Bound, bool) { return boxes[slot], true })
		return func(b orb.Bound) (found []uint32) {
			t.search(b, func(lo, hi int) { found = append(found, t.slots[lo:hi]...) },
				func(item int) { found = append(found, t.slots[item]) })
			return found
		}
	},
	"tidwall/rtree": func(boxes []orb.Bound) searcher {
		var t rtree.RTreeG[uint32]
		for i, b := range boxes {
			t.Insert(b.Min, b.Max, uint32(i))
		}
		return func(b orb.Bound) (found []uint32) {
			t.Search(b.Min, b.Max, func(_, _ [2]float64, slot uint32) bool {
				found = append(found, slot)
				return true
			})
			return found
		}
	},
}

func box(west, south, east, north float64) orb.Bound {
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

func TestTrees(t *testing.T) {
	//   10 +----b----+
	//      |         |
	//      a    c    |  e
	//      |         |
	//    0 +---------d
	//      0        10  12
	picture := []orb.Bound{
		box(0, 5, 0, 5), box(5, 10, 5, 10), box(5, 5, 5, 5), box(10, 0, 10, 0), box(12, 5, 12, 5),
		box(-5, -5, 20, 20), // f, around all
		box(10, 10, 11, 11), // g, touches the corner
	}
	tests := []struct {
		name string
		box  orb.Bound
		want []uint32
	}{
		{"edges and corners are inside", box(0, 0, 10, 10), []uint32{0, 1, 2, 3, 5, 6}},
		{"a point", box(5, 5, 5, 5), []uint32{2, 5}},
		{"a line", box(12, 0, 12, 9), []uint32{4, 5}},
		{"beside", box(10.5, 0, 11.5, 9.9), []uint32{5}},
		{"nothing", box(30, 30, 40, 40), nil},
		{"the world", box(-180, -90, 180, 90), []uint32{0, 1, 2, 3, 4, 5, 6}},
	}
	for name, build := range trees {
		search := build(picture)
		for _, tt := range tests {
			got := search(tt.box)
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: %s: got %v, want %v", name, tt.name, got, tt.want)
			}
		}
	}
}

func TestTreesAgreeWithAScan(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	kinds := map[string]func() orb.Bound{
		"points":    func() orb.Bound { x, y := random.Float64()*360-180, random.Float64()*180-90; return box(x, y, x, y) },
		"on a grid": func() orb.Bound { x, y := float64(random.IntN(10)), float64(random.IntN(10)); return box(x, y, x, y) },
		"one place": func() orb.Bound { return box(120, 30, 120, 30) },
		"boxes": func() orb.Bound {
			x, y := random.Float64()*340-180, random.Float64()*160-90
			return box(x, y, x+random.Float64()*20, y+random.Float64()*20)
		},
		"corners of the world": func() orb.Bound {
			x, y := float64(random.IntN(3)*180-180), float64(random.IntN(3)*90-90)
			return box(x, y, x, y)
		},
	}
	for kind, make := range kinds {
		for _, n := range []int{0, 1, 2, 15, 16, 17, 255, 256, 257, 5000} {
			boxes := []orb.Bound{}
			for range n {
				boxes = append(boxes, make())
			}
			for name, build := range trees {
				search := build(boxes)
				for i := range 30 {
					q := kinds["boxes"]()
					if i%3 == 0 && n > 0 {
						q = boxes[random.IntN(n)]
					}
					var want []uint32
					for s := range boxes {
						if overlap(&boxes[s], &q) {
							want = append(want, uint32(s))
						}
					}
					got := search(q)
					slices.Sort(got)
					if !slices.Equal(got, want) {
						t.Fatalf("%s: %d %s in %v: got %d, want %d", name, n, kind, q, len(got), len(want))
					}
				}
			}
		}
	}
}

// A box that holds whole nodes is answered by ranges and not item by item.
func TestTreeAnswersByRanges(t *testing.T) {
	const n = 10_000
	tr := newTree(n, true, func(slot uint32) (orb.Bound, bool) {
		x, y := float64(slot%100), float64(slot/100)/2
		return box(x, y, x, y), true
	})
	calls, items := 0, 0
	tr.search(box(-1, -1, 101, 89), func(lo, hi int) { calls++; items += hi - lo }, func(int) { t.Error("a point over the edge") })
	if calls != 1 || items != n {
		t.Errorf("the whole tree: %d ranges of %d items, want 1 of %d", calls, items, n)
	}
}

func TestTreeLeavesOutWhatHasNoGeometry(t *testing.T) {
	tr := newTree(3, true, func(slot uint32) (orb.Bound, bool) { return box(1, 1, 1, 1), slot != 1 })
	if got := fmt.Sprint(tr.slots, tr.items); got != fmt.Sprint([]uint32{0, 2}, []uint32{0, noItem, 1}) {
		t.Errorf("got %s", got)
	}
}

func TestHilbertNeighbours(t *testing.T) {
	// Each step along the curve moves to a cell that shares an edge.
	const side = 1 << 4
	at := make(map[uint32][2]int)
	for x := range side {
		for y := range side {
			p := orb.Point{(float64(x)+0.5)/side*360 - 180, (float64(y)+0.5)/side*180 - 90}
			at[hilbert(p)>>24] = [2]int{x, y}
		}
	}
	if len(at) != side*side {
		t.Fatalf("%d cells have a place, want %d", len(at), side*side)
	}
	for d := uint32(1); d < side*side; d++ {
		a, b := at[d-1], at[d]
		if dx, dy := a[0]-b[0], a[1]-b[1]; dx*dx+dy*dy != 1 {
			t.Fatalf("from %v to %v at %d", a, b, d)
		}
	}
}
