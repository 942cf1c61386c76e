package geo

import (
	"math"
	"sync"

	"github.com/paulmach/orb"
)

// MaxLatitude is where the square of Web Mercator ends, in degrees.
const MaxLatitude = 85.0511287798066

// World is a position in the unit square of Web Mercator (EPSG:3857 as tiles use
// it): 0,0 is at 180° west, MaxLatitude north, 1,1 at 180° east, MaxLatitude south.
// Latitudes beyond are on the edge.
func World(p orb.Point) orb.Point {
	sin := math.Sin(max(-MaxLatitude, min(MaxLatitude, p[1])) * math.Pi / 180)
	y := 0.5 - math.Atanh(sin)/(2*math.Pi)
	return orb.Point{max(0, min(1, (p[0]+180)/360)), max(0, min(1, y))}
}

// LonLat is the inverse of World, in degrees.
func LonLat(w orb.Point) orb.Point {
	return orb.Point{w[0]*360 - 180, math.Atan(math.Sinh((1-2*w[1])*math.Pi)) * 180 / math.Pi}
}

// Layout is the features that have a geometry in the order in which the tree packs
// them, along the Hilbert curve: neighbours on the map are neighbours in memory. A
// place is an index of its slices, which are shared and must not be changed.
type Layout struct {
	Slots []uint32 // the slot of each place
	X, Y  []uint32 // of its Anchor: World in 2^32 parts, 9 mm at the equator

	items []uint32
}

// Place is the place of a slot; ok is false where it has no geometry.
func (l *Layout) Place(slot uint32) (place uint32, ok bool) {
	if int(slot) >= len(l.items) || l.items[slot] == noItem {
		return 0, false
	}
	return l.items[slot], true
}

// layouter makes the Layout when it is first asked for.
type layouter struct {
	once sync.Once
	made *Layout
}

// Layout is made by the first call and kept.
func (x *Index) Layout() *Layout {
	x.layout.once.Do(func() {
		l := new(Layout)
		if x.tree != nil {
			n := len(x.tree.slots)
			l.Slots, l.items = x.tree.slots, x.tree.items
			l.X, l.Y = make([]uint32, n), make([]uint32, n)
			for i := range n {
				var p orb.Point
				if x.shapes != nil {
					p = anchor(x.shapes[i])
				} else {
					p = x.tree.points[i]
				}
				w := World(p)
				l.X[i], l.Y[i] = fixed(w[0]), fixed(w[1])
			}
		}
		x.layout.made = l
	})
	return x.layout.made
}

// fixed is a part of the world in 2^32 parts; the far edge belongs to the last.
func fixed(v float64) uint32 { return uint32(min(v*(1<<32), math.MaxUint32)) }

// Spans calls visit with ranges [lo, hi) of places of the Layout, in order, whose
// boxes meet b; Min lon > Max lon crosses 180°, which is one meridian with -180°. A
// box of a line or polygon may meet b where the geometry does not, and visit may see
// a place twice.
func (x *Index) Spans(b orb.Bound, visit func(lo, hi int)) {
	if x.tree == nil {
		return
	}
	for _, part := range Halves(b) {
		joined(func(grow func(lo, hi int)) {
			x.tree.search(part, grow, func(item int) { grow(item, item+1) })
		}, visit)
	}
}

// Blocks is Spans in fewer and longer ranges: where all geometries are points it may
// give places near b too, and no place twice. It is for those who look at each place
// anyway.
func (x *Index) Blocks(b orb.Bound, visit func(lo, hi int)) {
	parts := Halves(b)
	if x.tree == nil || x.tree.points == nil || len(parts) > 1 {
		x.Spans(b, visit)
		return
	}
	joined(func(grow func(lo, hi int)) { x.tree.blocks(&parts[0], grow) }, visit)
}

// joined calls visit with the ranges that each gives, those that touch as one.
func joined(each func(grow func(lo, hi int)), visit func(lo, hi int)) {
	from, to := 0, 0
	each(func(lo, hi int) {
		if lo != to {
			if from < to {
				visit(from, to)
			}
			from = lo
		}
		to = hi
	})
	if from < to {
		visit(from, to)
	}
}

// Anchor is the point at which a symbol for the feature of a slot stands: a point
// itself; of points the one nearest to their mean; the middle of the longest line;
// a point inside the largest polygon. Of a collection the parts of most dimensions
// count. ok is false where there is no geometry.
func (x *Index) Anchor(slot uint32) (p orb.Point, ok bool) {
	if p, ok = x.Point(slot); ok {
		return p, true
	}
	g := x.Geometry(slot)
	if g == nil {
		return p, false
	}
	return anchor(g), true
}
