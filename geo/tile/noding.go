package tile

import (
	"cmp"
	"slices"

	"clustermap/geo"
)

// edge is a segment between different vertices, the lesser first.
type edge struct{ a, b vertex }

func (v vertex) compare(w vertex) int {
	if v.x != w.x {
		return cmp.Compare(v.x, w.x)
	}
	return cmp.Compare(v.y, w.y)
}

func compareEdges(e, f edge) int {
	if c := e.a.compare(f.a); c != 0 {
		return c
	}
	return e.b.compare(f.b)
}

// noder splits edges so that they meet in ends alone.
type noder struct {
	edges, split []edge
	hot          []vertex // at which edges end or cross
	cells        cells
	cuts         []cut
	pace         *geo.Pace // when it is over, what comes out has no meaning
}

// cut is a vertex to which an edge is drawn, far along it.
type cut struct {
	edge int32
	far  int64
	at   vertex
}

// odd leaves one of each edge that is there an odd number of times, in order.
func odd(edges []edge) []edge {
	slices.SortFunc(edges, compareEdges)
	out := edges[:0]
	for i := 0; i < len(edges); {
		j := i + 1
		for j < len(edges) && edges[j] == edges[i] {
			j++
		}
		if (j-i)%2 == 1 {
			out = append(out, edges[i])
		}
		i = j
	}
	return out
}

// node takes rings and gives the edges at which inside and outside meet, split so
// that they meet in ends alone: by snap rounding, each edge is drawn to the hot
// vertices whose unit square it passes through (Hobby, "Practical segment
// intersection with finite precision output", Computational Geometry 13, 1999).
func (n *noder) node(rings *vertices) []edge {
	n.edges = n.edges[:0]
	for i := range rings.ends {
		ring := rings.at(i)
		for k, b := range ring {
			a := ring[(k+len(ring)-1)%len(ring)]
			switch c := a.compare(b); {
			case c < 0:
				n.edges = append(n.edges, edge{a, b})
			case c > 0:
				n.edges = append(n.edges, edge{b, a})
			}
		}
	}
	n.edges = odd(n.edges)
	if len(n.edges) < 3 {
		return nil
	}
	n.hot = n.hot[:0]
	for _, e := range n.edges {
		n.hot = append(n.hot, e.a, e.b)
	}
	n.cells.fill(n.edges, n.pace)
	if n.pace.Over(0) {
		return nil // not all cells are filled
	}
	n.cross()
	slices.SortFunc(n.hot, vertex.compare)
	n.hot = slices.Compact(n.hot)
	if !n.snap() {
		return n.edges
	}
	n.edges, n.split = n.split, n.edges
	n.edges = odd(n.edges)
	return n.edges
}

// cross makes the vertices hot at which edges cross.
func (n *noder) cross() {
	n.cells.each(func(members []int32) {
		for i, k := range members {
			if n.pace.Over(len(members) - i) {
				return
			}
			e := &n.edges[k]
			for _, m := range members[i+1:] {
				f := &n.edges[m]
				if e.b.x < f.a.x || f.b.x < e.a.x || max(e.a.y, e.b.y) < min(f.a.y, f.b.y) || max(f.a.y, f.b.y) < min(e.a.y, e.b.y) {
					continue
				}
				if p, ok := crossing(*e, *f); ok {
					n.hot = append(n.hot, p)
				}
			}
		}
	})
}

// side is above 0 where p is to the left of the line from a to b, with y upwards.
func side(a, b, p vertex) int64 {
	return int64(b.x-a.x)*int64(p.y-a.y) - int64(b.y-a.y)*int64(p.x-a.x)
}

func sign(v int64) int { return cmp.Compare(v, 0) }

// crossing is the vertex nearest to where two edges cross that have no end on each
// other.
func crossing(e, f edge) (p vertex, ok bool) {
	c, d := side(e.a, e.b, f.a), side(e.a, e.b, f.b)
	if sign(c)*sign(d) >= 0 || sign(side(f.a, f.b, e.a))*sign(side(f.a, f.b, e.b)) >= 0 {
		return p, false
	}
	// The crossing is f.a + (f.b - f.a) * c / (c - d).
	at := func(from, to int32) int32 {
		num, den := 2*(int64(from)*(c-d)+int64(to-from)*c)+(c-d), 2*(c-d)
		return int32(floorDiv(num, den))
	}
	return vertex{at(f.a.x, f.b.x), at(f.a.y, f.b.y)}, true
}

func floorDiv(a, b int64) int64 {
	if b < 0 {
		a, b = -a, -b
	}
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// snap splits the edges at the hot vertices. It reports whether there was anything
// to split.
func (n *noder) snap() bool {
	n.cuts = n.cuts[:0]
	for _, p := range n.hot {
		near := n.cells.at(p)
		if n.pace.Over(len(near)) {
			return false
		}
		for _, k := range near {
			e := n.edges[k]
			if p != e.a && p != e.b && passes(e, p) {
				far := int64(p.x-e.a.x)*int64(e.b.x-e.a.x) + int64(p.y-e.a.y)*int64(e.b.y-e.a.y)
				n.cuts = append(n.cuts, cut{k, far, p})
			}
		}
	}
	if len(n.cuts) == 0 {
		return false
	}
	slices.SortFunc(n.cuts, func(a, b cut) int { return cmp.Or(cmp.Compare(a.edge, b.edge), cmp.Compare(a.far, b.far)) })
	n.split = n.split[:0]
	rest := n.cuts
	for k, e := range n.edges {
		for ; len(rest) > 0 && int(rest[0].edge) == k; rest = rest[1:] {
			n.add(e.a, rest[0].at)
			e.a = rest[0].at
		}
		n.add(e.a, e.b)
	}
	return true
}

func (n *noder) add(a, b vertex) {
	if a.compare(b) < 0 {
		n.split = append(n.split, edge{a, b})
	} else {
		n.split = append(n.split, edge{b, a})
	}
}

// passes reports whether an edge passes through the unit square around a vertex, to
// which its lower sides belong and its upper ones do not.
func passes(e edge, p vertex) bool {
	from, to := bound{0, 1, false}, bound{1, 1, false} // as parts of the edge
	for _, axis := range [2][3]int32{{e.a.x, e.b.x, p.x}, {e.a.y, e.b.y, p.y}} {
		// The doubled way from the vertex to the edge, a + d*t, must be in [-1, 1).
		a, d := 2*int64(axis[0]-axis[2]), 2*int64(axis[1]-axis[0])
		switch {
		case d > 0:
			from, to = from.max(bound{-1 - a, d, false}), to.min(bound{1 - a, d, true})
		case d < 0:
			from, to = from.max(bound{a - 1, -d, true}), to.min(bound{a + 1, -d, false})
		case a != 0:
			return false
		}
	}
	c := cmp.Compare(from.num*to.den, to.num*from.den)
	return c < 0 || c == 0 && !from.open && !to.open
}

// bound is the end of an interval: a fraction, to which it belongs unless open.
type bound struct {
	num, den int64
	open     bool
}

func (b bound) max(c bound) bound {
	if d := cmp.Compare(b.num*c.den, c.num*b.den); d > 0 || d == 0 && b.open {
		return b
	}
	return c
}

func (b bound) min(c bound) bound {
	if d := cmp.Compare(b.num*c.den, c.num*b.den); d < 0 || d == 0 && b.open {
		return b
	}
	return c
}

// cells are the cells of a grid with the edges that run through each, or pass it by
// less than a unit.
type cells struct {
	min     vertex
	columns int64 // and rows
	width   int64
	height  int64
	ends    []int32 // of the members of each cell
	members []int32
}

const mostColumns = 64

func (c *cells) fill(edges []edge, pace *geo.Pace) {
	lo, hi := edges[0].a, edges[0].a
	for _, e := range edges {
		lo.x, hi.x = min(lo.x, e.a.x), max(hi.x, e.b.x)
		lo.y, hi.y = min(lo.y, e.a.y, e.b.y), max(hi.y, e.a.y, e.b.y)
	}
	c.min, c.columns = lo, 1
	for c.columns < mostColumns && 2*c.columns*c.columns < int64(len(edges)) {
		c.columns *= 2
	}
	c.width, c.height = int64(hi.x-lo.x)/c.columns+1, int64(hi.y-lo.y)/c.columns+1
	c.ends = slices.Grow(c.ends[:0], int(c.columns*c.columns)+1)[:c.columns*c.columns+1]
	clear(c.ends)
	for _, e := range edges {
		if pace.Over(16) {
			return
		}
		c.through(e, func(cell int64) { c.ends[cell+1]++ })
	}
	for i := 1; i < len(c.ends); i++ {
		c.ends[i] += c.ends[i-1]
	}
	total := int(c.ends[len(c.ends)-1])
	c.members = slices.Grow(c.members[:0], total)[:total]
	for k, e := range edges { // ends are beginnings until all members are in
		if pace.Over(16) {
			return
		}
		c.through(e, func(cell int64) {
			c.members[c.ends[cell]] = int32(k)
			c.ends[cell]++
		})
	}
}

// through calls visit for the cells of an edge.
func (c *cells) through(e edge, visit func(cell int64)) {
	row := func(y int64) int64 { return max(0, min(c.columns-1, (y-int64(c.min.y))/c.height)) }
	column := func(x int64) int64 { return max(0, min(c.columns-1, (x-int64(c.min.x))/c.width)) }
	low, high := int64(min(e.a.y, e.b.y)), int64(max(e.a.y, e.b.y))
	dx, dy := int64(e.b.x-e.a.x), int64(e.b.y-e.a.y)
	for r := row(low - 1); r <= row(high+1); r++ {
		west, east := int64(e.a.x), int64(e.b.x)
		if dy != 0 {
			from, to := int64(c.min.y)+r*c.height-1, int64(c.min.y)+(r+1)*c.height+1
			one := int64(e.a.x) + (max(low, min(high, from))-int64(e.a.y))*dx/dy
			other := int64(e.a.x) + (max(low, min(high, to))-int64(e.a.y))*dx/dy
			west, east = min(one, other), max(one, other)
		}
		for k := column(west - 2); k <= column(east+2); k++ {
			visit(r*c.columns + k)
		}
	}
}

// at are the edges in the cell of a vertex.
func (c *cells) at(p vertex) []int32 {
	cell := int64(p.y-c.min.y)/c.height*c.columns + int64(p.x-c.min.x)/c.width
	return c.list(int(cell))
}

func (c *cells) list(cell int) []int32 {
	if cell == 0 {
		return c.members[:c.ends[0]]
	}
	return c.members[c.ends[cell-1]:c.ends[cell]]
}

func (c *cells) each(visit func(members []int32)) {
	for cell := range int(c.columns * c.columns) {
		visit(c.list(cell))
	}
}
