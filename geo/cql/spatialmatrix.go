package cql

import (
	"math"
	"math/big"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// matrix is that of DE-9IM: by the part of the first shape and of the second,
// the dimension that they have in common, or none.
type matrix [3][3]int8

// Parts of a shape, the places of a matrix.
const (
	interior = iota
	boundary
	exterior
)

const none = -1

// partOf turns a place into a part: inside is the interior.
func partOf(p place) int { return exterior - int(p) }

func (m *matrix) add(a, b int, dimension int8) { m[a][b] = max(m[a][b], dimension) }

// matrixOf is the matrix of two shapes whose polygons are valid. It is exact:
// each edge is divided where it meets another, at rational positions, and each
// piece and each end of one is located in both shapes. A shape whose members may
// overlap is their union.
func matrixOf(a, b *shape) matrix {
	var m matrix
	for i := range m {
		m[i] = [3]int8{none, none, none}
	}
	m[exterior][exterior] = 2
	pace := paceOf(a, b)
	direct := tracer{own: a, other: b, pace: pace, add: m.add}
	direct.trace()
	turned := tracer{own: b, other: a, pace: pace, add: func(p, q int, dimension int8) { m.add(q, p, dimension) }}
	turned.trace()
	return m
}

// tracer follows the edges of its own shape through the other.
type tracer struct {
	own, other *shape
	pace       *geo.Pace
	add        func(own, other int, dimension int8)

	also     *spot  // a node of every edge, or nil
	nodes    []spot // of the edge at hand
	ownLaid  []lay
	elseLaid []lay
}

// lay is an edge of a shape that is on one line with the edge at hand.
type lay struct {
	from, to spot
	ring     bool
	left     bool // the interior is left of the edge at hand
}

func (t *tracer) trace() {
	for _, p := range t.own.points {
		if t.pace.Over(64) {
			return
		}
		t.add(partOf(t.own.locate(p)), partOf(t.other.locate(p)), 0)
	}
	for i := range t.own.lines {
		c := &t.own.lines[i]
		for _, p := range [2]orb.Point{c.points[0], c.points[len(c.points)-1]} {
			t.add(partOf(t.own.locate(p)), partOf(t.other.locate(p)), 0)
		}
		t.chain(c, false, false)
	}
	for i := range t.own.areas {
		for j := range t.own.areas[i].rings {
			c := &t.own.areas[i].rings[j]
			t.chain(c, true, c.left)
		}
	}
}

// chain follows a line, or a ring whose interior is left or right. What is
// outside the other's box is looked at only where members may overlap.
func (t *tracer) chain(c *chain, ring, left bool) {
	box := &t.other.bound
	switch {
	case t.own.nested:
		box = &c.bound
	case !covers(box, &c.bound):
		t.piece(sides{left: ring && left, right: ring && !left, line: !ring}, sides{})
	}
	c.edges(box, func(p, q orb.Point) bool {
		if p != q {
			t.edge(p, q, ring, left)
		}
		return !t.pace.Over(64)
	})
}

// sides tell where an open piece of an edge is in a shape: on which sides the
// interior of an area is, and whether a line is on it.
type sides struct{ left, right, line bool }

func (s sides) part() int {
	switch {
	case s.left && s.right:
		return interior
	case s.left || s.right:
		return boundary
	case s.line:
		return interior
	}
	return exterior
}

// piece enters an open piece of an edge, and the faces beside it.
func (t *tracer) piece(own, other sides) {
	t.add(own.part(), other.part(), 1)
	face := func(covered bool) int {
		if covered {
			return interior
		}
		return exterior
	}
	t.add(face(own.left), face(other.left), 2)
	t.add(face(own.right), face(other.right), 2)
}

func (t *tracer) edge(p, q orb.Point, ring, left bool) {
	axis := t.divide(p, q, ring, left)
	last := onEdge
	for i := range t.nodes {
		if t.pace.Over(64 + len(t.ownLaid) + len(t.elseLaid)) {
			return
		}
		n := &t.nodes[i]
		own := boundary
		if !ring || t.own.nested {
			own = partOf(t.own.locateSpot(n))
		}
		at := t.other.locateSpot(n)
		t.add(own, partOf(at), 0)
		if i > 0 {
			before, hint := &t.nodes[i-1], onEdge
			switch { // an end that is off all edges is where the piece is
			case t.other.nested || len(t.other.lines) > 0:
			case last != onEdge:
				hint = last
			default:
				hint = at
			}
			t.piece(t.own.sidesOf(before, n, axis, t.ownLaid, onEdge), t.other.sidesOf(before, n, axis, t.elseLaid, hint))
		}
		last = at
	}
}

// sidesOf is for the piece between two nodes of an edge; hint is where the piece
// is if that is known, else onEdge.
func (s *shape) sidesOf(from, to *spot, axis int, laid []lay, hint place) sides {
	var at sides
	for i := range laid {
		l := &laid[i]
		lo, hi := &l.from, &l.to
		if lo.compare(hi, axis) > 0 {
			lo, hi = hi, lo
		}
		if lo.compare(from, axis) > 0 || hi.compare(to, axis) < 0 {
			continue
		}
		at.line = at.line || !l.ring
		at.left = at.left || l.ring && l.left
		at.right = at.right || l.ring && !l.left
	}
	if !s.nested && (at.left || at.right || at.line) || at.left && at.right || len(s.areas) == 0 {
		return at
	}
	if hint != onEdge {
		at.left, at.right = hint == inside, hint == inside
		return at
	}
	middle := from.middle(to)
	for i := range s.areas {
		if s.areas[i].locateSpot(&middle) == inside {
			at.left, at.right = true, true
			break
		}
	}
	return at
}

// divide finds the nodes of an edge, in order along the axis that it returns:
// its ends and where it meets the other shape, and its own where members may
// overlap.
func (t *tracer) divide(p, q orb.Point, ring, left bool) (axis int) {
	t.nodes = append(t.nodes[:0], spot{p: p}, spot{p: q})
	if t.also != nil {
		t.nodes = append(t.nodes, *t.also)
	}
	t.elseLaid = t.meet(t.elseLaid[:0], p, q, t.other)
	if t.own.nested {
		t.ownLaid = t.meet(t.ownLaid[:0], p, q, t.own)
	} else {
		t.ownLaid = append(t.ownLaid[:0], lay{from: spot{p: p}, to: spot{p: q}, ring: ring, left: left})
	}
	if math.Abs(q[1]-p[1]) > math.Abs(q[0]-p[0]) {
		axis = 1
	}
	slices.SortFunc(t.nodes, func(a, b spot) int { return a.compare(&b, axis) })
	t.nodes = slices.CompactFunc(t.nodes, func(a, b spot) bool { return a.compare(&b, axis) == 0 })
	if p[axis] > q[axis] {
		for i := range t.ownLaid {
			t.ownLaid[i].left = !t.ownLaid[i].left
		}
		for i := range t.elseLaid {
			t.elseLaid[i].left = !t.elseLaid[i].left
		}
	}
	return axis
}

// meet adds the nodes that a shape makes on an edge, and returns what it lays on
// the edge.
func (t *tracer) meet(laid []lay, p, q orb.Point, s *shape) []lay {
	box := boundOf(p, q)
	for i := range s.lines {
		s.lines[i].edges(&box, func(r, u orb.Point) bool {
			laid = t.cross(laid, p, q, r, u, false, false)
			return !t.pace.Over(4)
		})
	}
	for i := range s.areas {
		for j := range s.areas[i].rings {
			c := &s.areas[i].rings[j]
			c.edges(&box, func(r, u orb.Point) bool {
				laid = t.cross(laid, p, q, r, u, true, c.left)
				return !t.pace.Over(4)
			})
		}
	}
	return laid
}

func (t *tracer) cross(laid []lay, p, q, r, s orb.Point, ring, left bool) []lay {
	if r == s {
		return laid
	}
	sideR, sideS := geo.SideOf(p, q, r), geo.SideOf(p, q, s)
	if sideR == 0 && sideS == 0 {
		return t.along(laid, p, q, r, s, ring, left)
	}
	sideP, sideQ := geo.SideOf(r, s, p), geo.SideOf(r, s, q)
	if sideR*sideS > 0 || sideP*sideQ > 0 {
		return laid
	}
	switch {
	case sideR == 0:
		t.nodes = append(t.nodes, spot{p: r})
	case sideS == 0:
		t.nodes = append(t.nodes, spot{p: s})
	case sideP != 0 && sideQ != 0:
		t.nodes = append(t.nodes, crossing(p, q, r, s))
	}
	return laid
}

// along is cross for an edge on the same line.
func (t *tracer) along(laid []lay, p, q, r, s orb.Point, ring, left bool) []lay {
	box := boundOf(p, q)
	for _, end := range [2]orb.Point{r, s} {
		if box.Contains(end) {
			t.nodes = append(t.nodes, spot{p: end})
		}
	}
	same := (q[0]-p[0])*(s[0]-r[0])+(q[1]-p[1])*(s[1]-r[1]) > 0
	return append(laid, lay{from: spot{p: r}, to: spot{p: s}, ring: ring, left: left == same})
}

// locateNested locates a spot in the union of members that may overlap, by the
// pieces of edges that begin there. Where the boundary of the areas is, or an odd
// number of pieces of lines, there is the boundary of the union, but not where
// both are.
func (s *shape) locateNested(at *spot) place {
	for i := range s.areas {
		if s.areas[i].locateSpot(at) == inside {
			return inside
		}
	}
	t := tracer{own: s, other: &shape{}, pace: s.pace, also: at}
	found, edge := false, false
	var lines []spot // where pieces of lines outside the areas end
	box := at.box()
	s.chains(func(c *chain) bool {
		return c.edges(&box, func(p, q orb.Point) bool {
			if p == q || sideOfSpot(p, q, at) != 0 || !at.between(p, q) {
				return !s.pace.Over(4)
			}
			found = true
			axis := t.divide(p, q, false, false)
			i := slices.IndexFunc(t.nodes, func(n spot) bool { return n.compare(at, axis) == 0 })
			for _, k := range [2]int{i - 1, i + 1} {
				if k < 0 || k >= len(t.nodes) {
					continue
				}
				lo, hi := &t.nodes[min(i, k)], &t.nodes[max(i, k)]
				switch way := s.sidesOf(lo, hi, axis, t.ownLaid, onEdge); {
				case way.left != way.right:
					edge = true
				case !way.left && way.line && !slices.ContainsFunc(lines, t.nodes[k].equal):
					lines = append(lines, t.nodes[k])
				}
			}
			return true
		})
	})
	switch {
	case edge == (len(lines)%2 == 0) && found:
		return onEdge
	case found || at.x == nil && slices.Contains(s.points, at.p):
		return inside
	}
	return outside
}

// turnsLeft reports whether the ring goes counterclockwise: it turns so at its
// westernmost, southernmost point.
func (c *chain) turnsLeft() bool {
	ring := c.points[:len(c.points)-1]
	at := 0
	for i, p := range ring {
		if p[0] < ring[at][0] || p[0] == ring[at][0] && p[1] < ring[at][1] {
			at = i
		}
	}
	step := func(by int) orb.Point {
		i := at
		for range ring {
			i = (i + by + len(ring)) % len(ring)
			if ring[i] != ring[at] {
				break
			}
		}
		return ring[i]
	}
	return geo.SideOf(step(-1), ring[at], step(1)) > 0
}

// spot is a position that may be rational: x and y, of which p is the nearest;
// p itself where they are nil.
type spot struct {
	p    orb.Point
	x, y *big.Rat
}

// near is more than a spot's p is off, in degrees.
const near = 1e-13

func rat(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }

func rationalSpot(x, y *big.Rat) spot {
	s := spot{x: x, y: y}
	s.p[0], _ = x.Float64()
	s.p[1], _ = y.Float64()
	return s
}

func (s *spot) exact(axis int) *big.Rat {
	switch {
	case s.x == nil:
		return rat(s.p[axis])
	case axis == 0:
		return s.x
	}
	return s.y
}

// compare compares coordinates.
func (s *spot) compare(t *spot, axis int) int {
	d := s.p[axis] - t.p[axis]
	switch {
	case d > 2*near:
		return 1
	case d < -2*near:
		return -1
	case s.x == nil && t.x == nil:
		switch {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	}
	return s.exact(axis).Cmp(t.exact(axis))
}

func (s *spot) middle(t *spot) spot {
	half := func(axis int) *big.Rat {
		sum := new(big.Rat).Add(s.exact(axis), t.exact(axis))
		return sum.Mul(sum, big.NewRat(1, 2))
	}
	return rationalSpot(half(0), half(1))
}

// crossing is where two segments cross, which they do in one point.
func crossing(p, q, r, s orb.Point) spot {
	sub := func(a, b float64) *big.Rat { return new(big.Rat).Sub(rat(a), rat(b)) }
	mul := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
	dx, dy := sub(q[0], p[0]), sub(q[1], p[1])
	ex, ey := sub(s[0], r[0]), sub(s[1], r[1])
	det := new(big.Rat).Sub(mul(dx, ey), mul(dy, ex))
	u := new(big.Rat).Sub(mul(sub(r[0], p[0]), ey), mul(sub(r[1], p[1]), ex))
	u.Quo(u, det)
	return rationalSpot(dx.Add(rat(p[0]), dx.Mul(dx, u)), dy.Add(rat(p[1]), dy.Mul(dy, u)))
}

// sideOfSpot is sideOf for a spot.
func sideOfSpot(a, b orb.Point, s *spot) int {
	if s.x == nil {
		return geo.SideOf(a, b, s.p)
	}
	w, h := b[0]-a[0], b[1]-a[1]
	left, right := w*(s.p[1]-a[1]), h*(s.p[0]-a[0])
	if det, off := left-right, near*(math.Abs(w)+math.Abs(h))+1e-15*(math.Abs(left)+math.Abs(right)); math.Abs(det) > off {
		if det > 0 {
			return 1
		}
		return -1
	}
	sub := func(v *big.Rat, w float64) *big.Rat { return new(big.Rat).Sub(v, rat(w)) }
	l := new(big.Rat).Mul(sub(rat(b[0]), a[0]), sub(s.y, a[1]))
	return l.Cmp(new(big.Rat).Mul(sub(rat(b[1]), a[1]), sub(s.x, a[0])))
}

// locateSpot is locate for a spot.
func (s *shape) locateSpot(at *spot) place {
	switch {
	case at.x == nil:
		return s.locate(at.p)
	case s.nested:
		return s.locateNested(at)
	}
	for i := range s.areas {
		if in := s.areas[i].locateSpot(at); in != outside {
			return in
		}
	}
	box := at.box()
	for i := range s.lines { // a rational spot is no end of a line
		if !s.lines[i].edges(&box, func(p, q orb.Point) bool {
			return sideOfSpot(p, q, at) != 0 || !at.between(p, q)
		}) {
			return inside
		}
	}
	return outside
}

func (s spot) equal(t spot) bool { return s.compare(&t, 0) == 0 && s.compare(&t, 1) == 0 }

func (s *spot) box() orb.Bound {
	return orb.Bound{Min: orb.Point{s.p[0] - near, s.p[1] - near}, Max: orb.Point{s.p[0] + near, s.p[1] + near}}
}

// between reports whether the box of p and q holds the spot.
func (s *spot) between(p, q orb.Point) bool {
	for axis := range 2 {
		a, b := spot{p: p}, spot{p: q}
		if s.compare(&a, axis)*s.compare(&b, axis) > 0 {
			return false
		}
	}
	return true
}

func (a *area) locateSpot(at *spot) place {
	return a.place(func(ring *chain) place { return ring.locateSpot(at) })
}

// locateSpot is locate for a spot in a ring.
func (c *chain) locateSpot(at *spot) place {
	if at.x == nil {
		return c.locate(at.p)
	}
	odd, on := false, false
	ray := at.box()
	ray.Max[0] = max(ray.Max[0], c.bound.Max[0])
	c.edges(&ray, func(a, b orb.Point) bool {
		if a[1] > b[1] {
			a, b = b, a
		}
		side := sideOfSpot(a, b, at)
		if side == 0 && at.between(a, b) {
			on = true
			return false
		}
		lo, hi := spot{p: a}, spot{p: b}
		if side > 0 && lo.compare(at, 1) <= 0 && at.compare(&hi, 1) < 0 {
			odd = !odd
		}
		return true
	})
	switch {
	case on:
		return onEdge
	case odd:
		return inside
	}
	return outside
}
