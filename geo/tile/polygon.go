package tile

import (
	"cmp"
	"math"
	"slices"

	"clustermap/geo"
)

// assembler makes valid polygons of rings: what an odd number of rings surrounds is
// inside, rings touch in vertices at most, and what is inside a polygon hangs
// together.
type assembler struct {
	noder
	half   []halfEdge
	first  []int32 // by half-edge: the first one of its origin
	stack  []known
	rays   rays
	walk   []int32 // half-edges of a boundary
	seen   []int32 // by first half-edge of a vertex: 1 more than its place in walk
	rings  vertices
	areas  []int64 // of rings, doubled: above 0 for those that have the inside within
	outer  []int32 // of rings: the ring that a hole is in; itself for others
	shells []int32 // rings with the inside within
	order  []int32 // in which rings are written
}

// halfEdge is an edge as seen from one of its ends.
type halfEdge struct {
	from, to vertex
	twin     int32
	state    halfState
}

type halfState uint8

const (
	unknown    halfState = iota
	insideLeft           // with y upwards
	insideRight
	traced // was insideLeft, and is in a ring
)

// known is a half-edge of which it is known whether the inside is on its left.
type known struct {
	half int32
	left bool
}

// polygons makes the rings of polygons, in p.rings: each with the inside within is
// followed by its holes, as p.order has them. Rings of less area than least go.
func (p *assembler) polygons(rings *vertices, least int64) {
	p.rings.clear()
	p.areas, p.outer, p.order = p.areas[:0], p.outer[:0], p.order[:0]
	if len(rings.ends) == 0 {
		return
	}
	edges := p.node(rings)
	if len(edges) < 3 || p.pace.Over(0) {
		return
	}
	p.meet(edges)
	p.sides(edges)
	if p.pace.Over(0) {
		return
	}
	p.seen = slices.Grow(p.seen[:0], len(p.half))[:len(p.half)]
	clear(p.seen)
	for i := range p.half {
		if p.half[i].state == insideLeft {
			p.boundary(int32(i))
		}
	}
	p.holes(2 * least)
	if p.pace.Over(0) {
		return
	}
	p.choose(2 * least)
}

// meet makes the half-edges, sorted by origin and then by direction, anticlockwise
// with y upwards.
func (p *assembler) meet(edges []edge) {
	p.half = p.half[:0]
	for _, e := range edges {
		p.half = append(p.half, halfEdge{from: e.a, to: e.b}, halfEdge{from: e.b, to: e.a})
	}
	slices.SortFunc(p.half, func(a, b halfEdge) int {
		if c := a.from.compare(b.from); c != 0 {
			return c
		}
		return compareDirections(a, b)
	})
	p.first = slices.Grow(p.first[:0], len(p.half))[:len(p.half)]
	for i := range p.half {
		if i > 0 && p.half[i].from == p.half[i-1].from {
			p.first[i] = p.first[i-1]
		} else {
			p.first[i] = int32(i)
		}
	}
	for i := range p.half {
		h := &p.half[i]
		if p.pace.Over(8) {
			return
		}
		if h.from.compare(h.to) < 0 {
			j := p.find(h.to, h.from)
			h.twin, p.half[j].twin = j, int32(i)
		}
	}
}

func compareDirections(a, b halfEdge) int {
	if u, v := a.upper(), b.upper(); u != v {
		if u {
			return -1
		}
		return 1
	}
	return -sign(side(a.from, a.to, b.to))
}

func (h *halfEdge) upper() bool { return h.to.y > h.from.y || h.to.y == h.from.y && h.to.x > h.from.x }

// find is the half-edge from one vertex to another.
func (p *assembler) find(from, to vertex) int32 {
	i, _ := slices.BinarySearchFunc(p.half, from, func(h halfEdge, v vertex) int { return h.from.compare(v) })
	for p.half[i].to != to {
		i++
	}
	return int32(i)
}

// end is behind the last half-edge that has the origin of one.
func (p *assembler) end(i int32) int32 {
	first := p.first[i]
	for int(i) < len(p.first) && p.first[i] == first {
		i++
	}
	return i
}

// sides finds on which side of each half-edge the inside is. A ray tells it for the
// least vertex of a net of edges; around a vertex, inside and outside take turns.
func (p *assembler) sides(edges []edge) {
	for i := range int32(len(p.half)) {
		if p.half[i].state != unknown {
			continue
		}
		if p.pace.Over(8) {
			break
		}
		// No half-edge leads to the left here, where the ray comes from: it comes
		// in behind the last of those that lead up.
		up := p.end(i) - 1
		for k := i; k < p.end(i) && p.half[k].upper(); k++ {
			up = k
		}
		inside := false
		if i > 0 {
			inside = p.rays.inside(edges, p.half[i].from, p.pace)
		}
		p.stack = append(p.stack[:0], known{up, inside})
		p.spread()
	}
	p.rays.clear()
}

func (p *assembler) spread() {
	for len(p.stack) > 0 {
		k := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		if p.half[k.half].state != unknown {
			continue
		}
		if p.pace.Over(8) {
			return
		}
		for i := p.first[k.half]; i < p.end(k.half); i++ {
			left := k.left == ((i-k.half)%2 == 0)
			state := insideRight
			if left {
				state = insideLeft
			}
			p.half[i].state = state
			p.stack = append(p.stack, known{p.half[i].twin, !left})
		}
	}
}

// boundary follows the inside on the left of a half-edge until it is there again,
// and makes a ring of each part of the way from a vertex to itself. One of them at
// most has the inside within; the others are its holes.
func (p *assembler) boundary(start int32) {
	from := len(p.areas)
	p.walk = p.walk[:0]
	for i := start; ; {
		v := p.first[i]
		if at := p.seen[v]; at > 0 {
			p.ring(int(at - 1))
		}
		p.walk = append(p.walk, i)
		p.seen[v] = int32(len(p.walk))
		h := &p.half[i]
		h.state = traced
		// The next on the left is the first clockwise from where we came.
		if i = h.twin - 1; i < p.first[h.twin] {
			i = p.end(h.twin) - 1
		}
		if i == start || p.pace.Over(8) {
			break
		}
	}
	p.ring(0)
	within := int32(-1)
	for k := from; k < len(p.areas); k++ {
		if p.areas[k] > 0 {
			within = int32(k)
		}
	}
	for range len(p.areas) - from {
		p.outer = append(p.outer, within)
	}
}

// ring makes a ring of the end of the walk, which it takes away.
func (p *assembler) ring(at int) {
	for _, i := range p.walk[at:] {
		p.rings.all = append(p.rings.all, p.half[i].from)
		p.seen[p.first[i]] = 0
	}
	p.walk = p.walk[:at]
	p.rings.end(0)
	p.areas = append(p.areas, area(p.rings.at(len(p.areas))))
}

// area is the doubled area of a ring, above 0 where it runs anticlockwise with y
// upwards, which is clockwise on the screen.
func area(ring []vertex) (a int64) {
	for i, v := range ring {
		w := ring[(i+1)%len(ring)]
		a += int64(v.x)*int64(w.y) - int64(w.x)*int64(v.y)
	}
	return a
}

// holes finds the rings that lone holes of some area are in: the least around them.
func (p *assembler) holes(least int64) {
	p.shells = p.shells[:0]
	for i, a := range p.areas {
		if a > 0 {
			p.shells = append(p.shells, int32(i))
		}
	}
	for i, outer := range p.outer {
		switch {
		case outer >= 0 || -p.areas[i] < least:
		case len(p.shells) == 1:
			p.outer[i] = p.shells[0]
		default:
			p.outer[i] = p.around(p.rings.at(i)[0])
		}
	}
}

// around is the least ring with the inside within that surrounds a vertex.
func (p *assembler) around(v vertex) int32 {
	found := int32(-1)
	for _, k := range p.shells {
		if p.pace.Over(len(p.rings.at(int(k)))) {
			return -1
		}
		if (found < 0 || p.areas[k] < p.areas[found]) && surrounds(p.rings.at(int(k)), v) {
			found = k
		}
	}
	return found
}

// surrounds reports whether a vertex is within a ring and not on it.
func surrounds(ring []vertex, v vertex) bool {
	in := false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if a.y > b.y {
			a, b = b, a
		}
		s := side(a, b, v)
		if s == 0 && v.x >= min(a.x, b.x) && v.x <= max(a.x, b.x) && v.y >= a.y && v.y <= b.y {
			return false
		}
		if a.y <= v.y && v.y < b.y && s < 0 {
			in = !in
		}
	}
	return in
}

// choose puts rings that are large enough in order, holes behind what they are in.
func (p *assembler) choose(least int64) {
	for i, outer := range p.outer {
		if outer >= 0 && p.areas[outer] >= least && max(p.areas[i], -p.areas[i]) >= least {
			p.order = append(p.order, int32(i))
		}
	}
	slices.SortFunc(p.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(p.outer[a], p.outer[b]), -cmp.Compare(p.areas[a], p.areas[b]), cmp.Compare(a, b))
	})
}

// rays count the edges on the way to a vertex from the left.
type rays struct {
	rows [][]edge // by y, from low on
	low  int32
}

const rowHeight = 32

func (r *rays) clear() {
	for i := range r.rows {
		r.rows[i] = r.rows[i][:0]
	}
	r.rows = r.rows[:0]
}

// inside reports whether the number of edges is odd.
func (r *rays) inside(edges []edge, v vertex, pace *geo.Pace) bool {
	if len(r.rows) == 0 {
		r.fill(edges)
	}
	odd := false
	row := r.rows[(v.y-r.low)/rowHeight]
	if pace.Over(len(row) / 4) {
		return false
	}
	for _, e := range row {
		if e.a.y <= v.y && v.y < e.b.y && side(e.a, e.b, v) < 0 {
			odd = !odd
		}
	}
	return odd
}

func (r *rays) fill(edges []edge) {
	low, high := int32(math.MaxInt32), int32(math.MinInt32)
	for _, e := range edges {
		low, high = min(low, e.a.y, e.b.y), max(high, e.a.y, e.b.y)
	}
	n := int(high-low)/rowHeight + 1
	r.low, r.rows = low, slices.Grow(r.rows, n)[:n]
	for _, e := range edges {
		if e.a.y > e.b.y {
			e.a, e.b = e.b, e.a
		}
		for k := (e.a.y - low) / rowHeight; k <= (e.b.y-low)/rowHeight; k++ {
			r.rows[k] = append(r.rows[k], e)
		}
	}
}
