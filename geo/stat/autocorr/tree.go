package autocorr

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// tree is a k-d tree of points on the unit sphere. Chords order as great circles
// do, so that it measures chords alone.
type tree struct {
	at    [][3]float64
	rank  []int // place of each slot in order of longitude, latitude
	nodes []int // slots, the median of each part in its middle
	axes  []uint8
}

func newTree(points []orb.Point) *tree {
	n := len(points)
	t := &tree{at: make([][3]float64, n), rank: make([]int, n), nodes: make([]int, n), axes: make([]uint8, n)}
	for i, p := range points {
		sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
		sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
		t.at[i] = [3]float64{cosLat * cosLon, cosLat * sinLon, sinLat}
		t.nodes[i] = i
	}
	slices.SortFunc(t.nodes, func(a, b int) int {
		p, q := points[a], points[b]
		return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]), a-b)
	})
	for r, i := range t.nodes {
		t.rank[i] = r
	}
	t.split(0, n)
	return t
}

// split sorts nodes[from:to] into the order of the tree.
func (t *tree) split(from, to int) {
	if to-from < 2 {
		return
	}
	low, high := t.at[t.nodes[from]], t.at[t.nodes[from]]
	for _, i := range t.nodes[from:to] {
		for a, v := range t.at[i] {
			low[a], high[a] = min(low[a], v), max(high[a], v)
		}
	}
	axis := 0
	for a := 1; a < 3; a++ {
		if high[a]-low[a] > high[axis]-low[axis] {
			axis = a
		}
	}
	slices.SortFunc(t.nodes[from:to], func(i, j int) int {
		return cmp.Or(cmp.Compare(t.at[i][axis], t.at[j][axis]), t.rank[i]-t.rank[j])
	})
	middle := (from + to) / 2
	t.axes[middle] = uint8(axis)
	t.split(from, middle)
	t.split(middle+1, to)
}

func (t *tree) chord2(i, j int) float64 {
	a, b := &t.at[i], &t.at[j]
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// visit calls see with each node that may be nearer to i than the root of what
// reach gives at that time, or as near.
func (t *tree) visit(i, from, to int, reach func() float64, see func(j int, d2 float64)) {
	if from >= to {
		return
	}
	middle := (from + to) / 2
	j := t.nodes[middle]
	if j != i {
		see(j, t.chord2(i, j))
	}
	axis := t.axes[middle]
	off := t.at[i][axis] - t.at[j][axis]
	if off <= 0 {
		t.visit(i, from, middle, reach, see)
	} else {
		t.visit(i, middle+1, to, reach, see)
	}
	if off*off > reach() {
		return
	}
	if off <= 0 {
		t.visit(i, middle+1, to, reach, see)
	} else {
		t.visit(i, from, middle, reach, see)
	}
}

// found is a slot at the root of d2 from another.
type found struct {
	slot int
	d2   float64
}

// farther orders what is found: of two as far, that with the later rank.
func (t *tree) farther(a, b found) bool {
	return a.d2 > b.d2 || a.d2 == b.d2 && t.rank[a.slot] > t.rank[b.slot]
}

// nearest are the k slots nearest to slot i, itself apart, in no order.
func (t *tree) nearest(i, k int) []int {
	heap := make([]found, 0, k) // the farthest first
	reach := func() float64 {
		if len(heap) < k {
			return math.Inf(1)
		}
		return heap[0].d2
	}
	t.visit(i, 0, len(t.nodes), reach, func(j int, d2 float64) {
		f := found{j, d2}
		switch {
		case len(heap) < k:
			heap = append(heap, f)
			t.rise(heap)
		case t.farther(heap[0], f):
			heap[0] = f
			t.sink(heap)
		}
	})
	slots := make([]int, len(heap))
	for h, f := range heap {
		slots[h] = f.slot
	}
	return slots
}

// rise moves the last of the heap to its place.
func (t *tree) rise(heap []found) {
	for at := len(heap) - 1; at > 0; {
		above := (at - 1) / 2
		if !t.farther(heap[at], heap[above]) {
			return
		}
		heap[at], heap[above] = heap[above], heap[at]
		at = above
	}
}

// sink moves the first of the heap to its place.
func (t *tree) sink(heap []found) {
	for at := 0; ; {
		below := 2*at + 1
		if below >= len(heap) {
			return
		}
		if below+1 < len(heap) && t.farther(heap[below+1], heap[below]) {
			below++
		}
		if !t.farther(heap[below], heap[at]) {
			return
		}
		heap[at], heap[below] = heap[below], heap[at]
		at = below
	}
}

// within are the slots at most so many metres from slot i, itself apart.
func (t *tree) within(i int, metres float64) []int {
	chord := 2 * math.Sin(min(metres/earthRadius, math.Pi)/2)
	var slots []int
	t.visit(i, 0, len(t.nodes), func() float64 { return chord * chord }, func(j int, d2 float64) {
		if d2 <= chord*chord {
			slots = append(slots, j)
		}
	})
	return slots
}
