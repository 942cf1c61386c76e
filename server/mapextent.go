package server

import (
	"iter"
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// surroundings is what contains boxes of longitude and latitude, each of which may lie
// beyond 180 degrees. A box is moved around the world to where it widens the whole least.
type surroundings struct {
	box   orb.Bound
	given bool
}

func (s *surroundings) add(b orb.Bound) {
	if b.Min[0] > b.Max[0] {
		b.Max[0] += 360
	}
	if !s.given {
		s.box, s.given = b, true
		return
	}
	best, least := orb.Bound{}, math.Inf(1)
	for _, turn := range [...]float64{0, 360, -360} {
		moved := orb.Bound{Min: orb.Point{b.Min[0] + turn, b.Min[1]}, Max: orb.Point{b.Max[0] + turn, b.Max[1]}}
		if u := s.box.Union(moved); u.Max[0]-u.Min[0] < least-1e-9 {
			best, least = u, u.Max[0]-u.Min[0]
		}
	}
	if least >= 360 {
		best.Min[0], best.Max[0] = -180, 180
	}
	if best.Min[0] < -180 {
		best.Min[0] += 360
		best.Max[0] += 360
	}
	s.box = best
}

// extentOf is the box of a collection; that of one on both sides of 180 degrees crosses
// them where it is narrower so.
func extentOf(c *geo.Collection) (b orb.Bound, ok bool) {
	e := c.Source.Extent()
	x, err := indexOf(c)
	if e.Empty || err != nil || e.Box.Max[0]-e.Box.Min[0] <= 180 {
		return e.Box, !e.Empty
	}
	return x.Derived(narrowKey{}, func() any {
		all := func(yield func(uint32) bool) {
			for slot := range x.Len() {
				if !yield(uint32(slot)) {
					return
				}
			}
		}
		b, _ := narrowed(x, all)
		return b
	}).(orb.Bound), true
}

type narrowKey struct{}

// narrowed is a box around features of an index whose longitudes begin behind the
// greatest gap between them; ok is false where none has a place.
func narrowed(x *geo.Index, slots iter.Seq[uint32]) (box orb.Bound, ok bool) {
	const parts = 720 // of the circle, each of half a degree
	type part struct {
		taken     bool
		low, high float64
	}
	var circle [parts]part
	mark := func(west, east float64) {
		place := func(lon float64) int { return min(max(int((lon+180)*parts/360), 0), parts-1) }
		for i := place(west); i <= place(east); i++ {
			p := &circle[i]
			low, high := max(west, float64(i)*360/parts-180), min(east, float64(i+1)*360/parts-180)
			if !p.taken {
				*p = part{true, low, high}
			}
			p.low, p.high = min(p.low, low), max(p.high, high)
		}
	}
	for slot := range slots {
		eachPart(x.Geometry(slot), func(b orb.Bound) {
			mark(b.Min[0], b.Max[0])
			if !ok {
				box, ok = b, true
			}
			box = box.Union(b)
		})
	}
	gap, behind := -1, 0
	for i := range circle {
		n := 0
		for n < parts && !circle[(i+n)%parts].taken {
			n++
		}
		if n > gap {
			gap, behind = n, (i+n)%parts
		}
	}
	if !ok || gap < 1 || behind == 0 {
		return box, ok
	}
	before := (behind - gap - 1 + parts) % parts
	west, east := circle[behind].low, circle[before].high
	if before < behind {
		if wide := 360 - (west - east); wide >= box.Max[0]-box.Min[0] {
			return box, ok
		}
		east += 360
	}
	box.Min[0], box.Max[0] = west, east
	return box, ok
}

// eachPart visits the boxes of the points, lines and areas of a geometry. Those on both
// sides of 180 degrees are cut there.
func eachPart(g orb.Geometry, visit func(orb.Bound)) {
	switch g := g.(type) {
	case nil:
	case orb.MultiPoint:
		for _, p := range g {
			visit(p.Bound())
		}
	case orb.MultiLineString:
		for _, l := range g {
			visit(l.Bound())
		}
	case orb.MultiPolygon:
		for _, p := range g {
			visit(p.Bound())
		}
	case orb.Collection:
		for _, part := range g {
			eachPart(part, visit)
		}
	default:
		visit(g.Bound())
	}
}
