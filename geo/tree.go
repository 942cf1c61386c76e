package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// fanout is how many entries a node of the tree has.
const (
	fanout     = 1 << fanoutBits
	fanoutBits = 4
)

// tree is a static R-tree, packed along the Hilbert curve (Kamel and Faloutsos,
// "On packing R-trees", CIKM 1993). An item is a place in the packed order. A
// node that lies inside a query answers for its whole range of items without
// looking at them, so counting is cheap.
type tree struct {
	slots  []uint32      // the slot of each item
	items  []uint32      // the item of each slot; noItem where it has no geometry
	points []orb.Point   // of each item, where all are points
	boxes  []orb.Bound   // of each item, where not
	levels [][]orb.Bound // of nodes, the lowest level first
}

const noItem = math.MaxUint32

// newTree packs n slots. box returns false for a slot without geometry; points
// says that every box is a point.
func newTree(n int, points bool, box func(slot uint32) (orb.Bound, bool)) *tree {
	t := &tree{items: make([]uint32, n)}
	var keys []uint64
	for s := range uint32(n) {
		t.items[s] = noItem
		if b, ok := box(s); ok {
			keys = append(keys, uint64(hilbert(b.Center()))<<32|uint64(s))
		}
	}
	radixSort(keys)
	t.slots = make([]uint32, len(keys))
	if points {
		t.points = make([]orb.Point, len(keys))
	} else {
		t.boxes = make([]orb.Bound, len(keys))
	}
	for i, k := range keys {
		s := uint32(k)
		t.slots[i], t.items[s] = s, uint32(i)
		b, _ := box(s)
		if points {
			t.points[i] = b.Min
		} else {
			t.boxes[i] = b
		}
	}
	t.pack()
	return t
}

func (t *tree) pack() {
	below, at := len(t.slots), t.box
	for below > 1 {
		level := make([]orb.Bound, (below+fanout-1)/fanout)
		for i := range level {
			b := at(i * fanout)
			for j := i*fanout + 1; j < min(below, (i+1)*fanout); j++ {
				b = b.Union(at(j))
			}
			level[i] = b
		}
		t.levels = append(t.levels, level)
		below, at = len(level), func(i int) orb.Bound { return level[i] }
	}
}

func (t *tree) box(item int) orb.Bound {
	if t.points != nil {
		return orb.Bound{Min: t.points[item], Max: t.points[item]}
	}
	return t.boxes[item]
}

// bounds is the box of all items; false where there are none.
func (t *tree) bounds() (orb.Bound, bool) {
	switch {
	case len(t.slots) == 0:
		return orb.Bound{}, false
	case len(t.levels) == 0:
		return t.box(0), true
	}
	return t.levels[len(t.levels)-1][0], true
}

// search calls inside for ranges of items whose boxes lie inside b, and meets
// for items whose boxes reach over its edge.
func (t *tree) search(b orb.Bound, inside func(lo, hi int), meets func(item int)) {
	top := len(t.levels) - 1
	if top < 0 {
		if len(t.slots) == 1 {
			t.leaf(b, 0, 1, inside, meets)
		}
		return
	}
	t.node(b, top, 0, inside, meets)
}

// blocks calls visit for the ranges of items of the lowest nodes that meet b, or of
// higher ones that lie inside.
func (t *tree) blocks(b *orb.Bound, visit func(lo, hi int)) {
	top := len(t.levels) - 1
	if top < 0 {
		visit(0, len(t.slots))
		return
	}
	t.block(b, top, 0, visit)
}

func (t *tree) block(b *orb.Bound, level, i int, visit func(lo, hi int)) {
	nb := &t.levels[level][i]
	if !overlap(b, nb) {
		return
	}
	if level == 0 || contains(b, nb) {
		span := 1 << (fanoutBits * (level + 1))
		visit(i*span, min((i+1)*span, len(t.slots)))
		return
	}
	for j := i * fanout; j < min((i+1)*fanout, len(t.levels[level-1])); j++ {
		t.block(b, level-1, j, visit)
	}
}

func (t *tree) node(b orb.Bound, level, i int, inside func(lo, hi int), meets func(item int)) {
	nb := &t.levels[level][i]
	if !overlap(&b, nb) {
		return
	}
	if contains(&b, nb) {
		span := 1 << (fanoutBits * (level + 1))
		inside(i*span, min((i+1)*span, len(t.slots)))
		return
	}
	if level == 0 {
		t.leaf(b, i*fanout, min((i+1)*fanout, len(t.slots)), inside, meets)
		return
	}
	for j := i * fanout; j < min((i+1)*fanout, len(t.levels[level-1])); j++ {
		t.node(b, level-1, j, inside, meets)
	}
}

func (t *tree) leaf(b orb.Bound, lo, hi int, inside func(lo, hi int), meets func(item int)) {
	if t.points != nil {
		from := lo // of the items up to i that lie in b and follow each other
		for i := lo; i < hi; i++ {
			p := &t.points[i]
			if p[0] >= b.Min[0] && p[0] <= b.Max[0] && p[1] >= b.Min[1] && p[1] <= b.Max[1] {
				continue
			}
			if from < i {
				inside(from, i)
			}
			from = i + 1
		}
		if from < hi {
			inside(from, hi)
		}
		return
	}
	for i := lo; i < hi; i++ {
		switch {
		case !overlap(&b, &t.boxes[i]):
		case contains(&b, &t.boxes[i]):
			inside(i, i+1)
		default:
			meets(i)
		}
	}
}

func overlap(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Max[0] && a.Max[0] >= b.Min[0] && a.Min[1] <= b.Max[1] && a.Max[1] >= b.Min[1]
}

// contains reports whether b lies in a, edges included.
func contains(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Min[0] && a.Max[0] >= b.Max[0] && a.Min[1] <= b.Min[1] && a.Max[1] >= b.Max[1]
}

const hilbertSide = 1 << 16

// hilbert is the place of a position on the Hilbert curve that fills the world
// with hilbertSide by hilbertSide cells.
func hilbert(p orb.Point) uint32 {
	x := uint32(min(hilbertSide-1, (p[0]+180)/360*hilbertSide))
	y := uint32(min(hilbertSide-1, (p[1]+90)/180*hilbertSide))
	return Hilbert(x, y)
}

// Hilbert is the place of a cell on the Hilbert curve of order 16; x and y are less
// than 65,536 (Warren, "Hacker's Delight", 2nd edition, 16-2).
func Hilbert(x, y uint32) uint32 {
	const side = hilbertSide
	var d uint32
	for s := uint32(side / 2); s > 0; s /= 2 {
		var rx, ry uint32
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d += s * s * (3*rx ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = side-1-x, side-1-y
			}
			x, y = y, x
		}
	}
	return d
}

// radixSort sorts by the upper 32 bits and keeps the order of equals.
func radixSort(keys []uint64) {
	const bits = 11
	from, to := keys, make([]uint64, len(keys))
	for shift := 32; shift < 64; shift += bits {
		var count [1 << bits]int
		for _, k := range from {
			count[k>>shift&(1<<bits-1)]++
		}
		sum := 0
		for i, c := range count {
			count[i], sum = sum, sum+c
		}
		for _, k := range from {
			d := k >> shift & (1<<bits - 1)
			to[count[d]] = k
			count[d]++
		}
		from, to = to, from
	}
	copy(keys, from)
}
