package pyramid

import (
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// Search visits the groups and lone features of a zoom whose position lies in b,
// edges inside, until visit returns false. Min lon > Max lon crosses 180°, which is
// one meridian with -180°. The order depends on the features and the radius alone. A
// zoom out of range is taken to its end.
func (p *Pyramid) Search(zoom int, b orb.Bound, visit func(Node) bool) {
	s := &search{p: p, zoom: int8(max(0, min(MaxZoom, zoom))), visit: visit, box: b, worlds: worldsOf(b)}
	s.nodes(0, uint32(len(p.places)), 0)
}

// Count is the number of nodes that Search visits.
func (p *Pyramid) Count(zoom int, b orb.Bound) int {
	n := 0
	p.Search(zoom, b, func(Node) bool { n++; return true })
	return n
}

// Level is the nodes of a zoom, in the order of Search.
func (p *Pyramid) Level(zoom int) []Node {
	var out []Node
	s := &search{p: p, zoom: int8(max(0, min(MaxZoom, zoom))), all: true, visit: func(n Node) bool {
		out = append(out, n)
		return true
	}}
	s.nodes(0, uint32(len(p.places)), 0)
	return out
}

// search goes down from the groups of zoom 0 to those of its zoom.
type search struct {
	p    *Pyramid
	zoom int8
	all  bool // whatever the box
	box  orb.Bound
	worlds
	visit func(Node) bool
	ended bool
}

// nodes looks at the nodes that make up the members from lo to hi.
func (s *search) nodes(lo, hi, group uint32) {
	s.p.parts(lo, hi, group, func(n Node) bool {
		if s.p.lone(n) {
			s.try(n)
			return !s.ended
		}
		g := s.p.group(n)
		switch {
		case !s.all && !s.outer.meets(s.p.area[g]):
		case s.p.to[g] >= s.zoom:
			s.try(n)
		default:
			s.nodes(s.p.first[g], s.p.first[g]+s.p.size[g], uint32(g)+1)
		}
		return !s.ended
	})
}

// try visits a node that stands in the box.
func (s *search) try(n Node) {
	if s.all {
		s.ended = !s.visit(n)
		return
	}
	place := s.p.Place(n)
	x, y := s.p.layout.X[place], s.p.layout.Y[place]
	if s.outer.has(x, y) && (s.inner != nil && s.inner.has(x, y) || s.exact(s.p.Position(n))) {
		s.ended = !s.visit(n)
	}
}

func (s *search) exact(at orb.Point) bool {
	b := &s.box
	if at[1] < b.Min[1] || at[1] > b.Max[1] {
		return false
	}
	east, west := at[0] >= b.Min[0], at[0] <= b.Max[0]
	switch {
	case b.Min[0] > b.Max[0]:
		return east || west
	case at[0] == 180 && b.Min[0] == -180 || at[0] == -180 && b.Max[0] == 180:
		return true
	}
	return east && west
}

// worlds are a box in parts of the world: what lies in it lies in outer, and what lies
// in inner lies in it. inner is nil where it is too small to tell.
type worlds struct {
	outer box
	inner *box
}

// worldsOf leaves two parts to each side for rounding. At the edges of Web Mercator
// there may be latitudes beyond.
func worldsOf(b orb.Bound) worlds {
	const margin = 2
	nw, se := geo.World(orb.Point{b.Min[0], b.Max[1]}), geo.World(orb.Point{b.Max[0], b.Min[1]})
	west, north := int64(nw[0]*world), int64(nw[1]*world)
	width, south := int64(se[0]*world)-west, int64(se[1]*world)
	if b.Min[0] > b.Max[0] {
		width += world
	}
	part := func(v int64) uint32 { return uint32(max(0, min(math.MaxUint32, v))) }
	w := worlds{outer: box{uint32(west - margin), part(width + 2*margin), part(north - margin), part(south + margin)}}
	if width <= 2*margin || south-north <= 2*margin {
		return w
	}
	w.inner = &box{uint32(west + margin), part(width - 2*margin), part(max(north, 0) + margin), part(min(south, world) - margin)}
	return w
}
