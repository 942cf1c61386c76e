package cql

import (
	"cmp"
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// shape is a geometry taken apart for relations: planar in longitude and
// latitude, with straight edges. What it computes when it is asked is not for
// concurrent use: a literal is checked when it is compiled, and a search makes a
// copy of it.
type shape struct {
	geometry orb.Geometry
	bound    orb.Bound
	box      bool       // the geometry is its bound, a rectangle
	crossing *orb.Bound // the box across 180° that the geometry is, or nil
	meridian *meridian  // of a literal that reaches 180°, or nil

	points []orb.Point
	lines  []chain
	areas  []area
	nested bool // members may overlap, as in a collection

	pace          *geo.Pace // of the search that the shape belongs to; nil for a literal
	near          *nearness // for distances; nil until they are asked for
	checked, good bool      // of valid
}

// chain is a line string or a ring with a tree over its edges.
type chain struct {
	points []orb.Point
	bound  orb.Bound
	levels [][]orb.Bound // of runs of edges; the lowest level first; nil where there are few
	left   bool          // of a ring of a checked shape: the interior of its polygon is left of it
}

// area is a polygon. Its bound is that of its first ring.
type area struct{ rings []chain }

// run is how many edges, or boxes of the level below, a box of a chain holds.
const run = 8

// newShape takes a geometry apart. It keeps g, which must not change.
func newShape(g orb.Geometry) *shape {
	s := &shape{geometry: g}
	s.add(g)
	s.bound = emptyBound()
	for _, p := range s.points {
		s.bound = join(s.bound, orb.Bound{Min: p, Max: p})
	}
	for i := range s.lines {
		s.bound = join(s.bound, s.lines[i].bound)
	}
	for i := range s.areas {
		s.bound = join(s.bound, s.areas[i].rings[0].bound)
	}
	s.box = isBox(g, s.bound)
	return s
}

func (s *shape) add(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		s.points = append(s.points, g)
	case orb.MultiPoint:
		s.points = append(s.points, g...)
	case orb.LineString:
		s.addLine(g)
	case orb.MultiLineString:
		for _, l := range g {
			s.addLine(l)
		}
	case orb.Ring:
		s.addArea(orb.Polygon{g})
	case orb.Polygon:
		s.addArea(g)
	case orb.MultiPolygon:
		for _, p := range g {
			s.addArea(p)
		}
	case orb.Bound:
		s.addArea(g.ToPolygon())
	case orb.Collection:
		s.nested = true
		for _, c := range g {
			s.add(c)
		}
	}
}

// addLine takes a line without length for a point.
func (s *shape) addLine(l orb.LineString) {
	for _, p := range l {
		if p != l[0] {
			s.lines = append(s.lines, newChain(l))
			return
		}
	}
	if len(l) > 0 {
		s.points = append(s.points, l[0])
	}
}

func (s *shape) addArea(p orb.Polygon) {
	if len(p) == 0 || len(p[0]) == 0 {
		return
	}
	a := area{rings: make([]chain, len(p))}
	for i, r := range p {
		a.rings[i] = newChain(r)
	}
	s.areas = append(s.areas, a)
}

func (s *shape) empty() bool { return len(s.points)+len(s.lines)+len(s.areas) == 0 }

// dimension is 0, 1 or 2 as that of the highest part.
func (s *shape) dimension() int {
	switch {
	case len(s.areas) > 0:
		return 2
	case len(s.lines) > 0:
		return 1
	}
	return 0
}

// single is the point of a shape that is one point.
func (s *shape) single() (orb.Point, bool) {
	if len(s.points) == 1 && len(s.lines)+len(s.areas) == 0 {
		return s.points[0], true
	}
	return orb.Point{}, false
}

// isBox reports whether g is exactly the rectangle b.
func isBox(g orb.Geometry, b orb.Bound) bool {
	p, ok := g.(orb.Polygon)
	if !ok || len(p) != 1 || len(p[0]) != 5 || p[0][0] != p[0][4] || b.Min[0] == b.Max[0] || b.Min[1] == b.Max[1] {
		return false
	}
	var corners [4]bool
	for i := range 4 {
		a, z := p[0][i], p[0][i+1]
		if a[0] != z[0] && a[1] != z[1] {
			return false
		}
		for k := range 2 {
			if a[k] != b.Min[k] && a[k] != b.Max[k] {
				return false
			}
		}
		place := 0
		if a[0] == b.Max[0] {
			place = 1
		}
		if a[1] == b.Max[1] {
			place += 2
		}
		corners[place] = true
	}
	return corners == [4]bool{true, true, true, true}
}

func emptyBound() orb.Bound {
	return orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
}

// join is the bound of two bounds, either of which may be empty.
func join(a, b orb.Bound) orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(a.Min[0], b.Min[0]), min(a.Min[1], b.Min[1])},
		Max: orb.Point{max(a.Max[0], b.Max[0]), max(a.Max[1], b.Max[1])},
	}
}

func overlap(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Max[0] && a.Max[0] >= b.Min[0] && a.Min[1] <= b.Max[1] && a.Max[1] >= b.Min[1]
}

// covers reports whether b lies in a, edges included.
func covers(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Min[0] && a.Max[0] >= b.Max[0] && a.Min[1] <= b.Min[1] && a.Max[1] >= b.Max[1]
}

func boundOf(p, q orb.Point) orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(p[0], q[0]), min(p[1], q[1])},
		Max: orb.Point{max(p[0], q[0]), max(p[1], q[1])},
	}
}

// newChain makes a chain with a tree over runs of edges: neighbours on the line
// are neighbours on the map.
func newChain(points []orb.Point) chain {
	c := chain{points: points, bound: emptyBound()}
	n := max(1, len(points)-1)
	if n <= 2*run {
		for _, p := range points {
			c.bound = join(c.bound, orb.Bound{Min: p, Max: p})
		}
		return c
	}
	at := func(i int) orb.Bound { return boundOf(points[i], points[i+1]) }
	for n > 1 {
		level := make([]orb.Bound, (n+run-1)/run)
		for i := range level {
			level[i] = emptyBound()
			for j := i * run; j < min(n, (i+1)*run); j++ {
				level[i] = join(level[i], at(j))
			}
		}
		c.levels = append(c.levels, level)
		n, at = len(level), func(i int) orb.Bound { return level[i] }
	}
	c.bound = c.levels[len(c.levels)-1][0]
	return c
}

// edges calls f for the edges whose boxes meet b, until f returns false. It
// returns false if f did. A chain of one point has one edge without length.
func (c *chain) edges(b *orb.Bound, f func(p, q orb.Point) bool) bool {
	if !overlap(&c.bound, b) {
		return true
	}
	if c.levels == nil {
		return c.edgeRun(0, max(1, len(c.points)-1), b, f)
	}
	return c.node(len(c.levels)-1, 0, b, f)
}

func (c *chain) node(level, i int, b *orb.Bound, f func(p, q orb.Point) bool) bool {
	if !overlap(&c.levels[level][i], b) {
		return true
	}
	if level == 0 {
		return c.edgeRun(i*run, min(len(c.points)-1, (i+1)*run), b, f)
	}
	for j := i * run; j < min(len(c.levels[level-1]), (i+1)*run); j++ {
		if !c.node(level-1, j, b, f) {
			return false
		}
	}
	return true
}

func (c *chain) edgeRun(from, to int, b *orb.Bound, f func(p, q orb.Point) bool) bool {
	for i := from; i < to; i++ {
		p, q := c.points[i], c.points[min(i+1, len(c.points)-1)]
		if max(p[0], q[0]) >= b.Min[0] && min(p[0], q[0]) <= b.Max[0] && max(p[1], q[1]) >= b.Min[1] && min(p[1], q[1]) <= b.Max[1] && !f(p, q) {
			return false
		}
	}
	return true
}

// place is where a point lies in relation to a shape.
type place int8

const (
	outside place = iota
	onEdge
	inside
)

// locate tells where p lies in the ring. It is exact.
func (c *chain) locate(p orb.Point) place {
	if p[0] < c.bound.Min[0] || p[0] > c.bound.Max[0] || p[1] < c.bound.Min[1] || p[1] > c.bound.Max[1] {
		return outside
	}
	odd, on := false, false
	ray := orb.Bound{Min: p, Max: orb.Point{c.bound.Max[0], p[1]}}
	c.edges(&ray, func(a, b orb.Point) bool {
		if a[1] > b[1] {
			a, b = b, a
		}
		switch side := geo.SideOf(a, b, p); {
		case side == 0 && p[0] >= min(a[0], b[0]): // the box of the edge holds p
			on = p[0] <= max(a[0], b[0])
		case side > 0 && a[1] <= p[1] && p[1] < b[1]:
			odd = !odd
		}
		return !on
	})
	switch {
	case on:
		return onEdge
	case odd:
		return inside
	}
	return outside
}

func (a *area) locate(p orb.Point) place {
	return a.place(func(ring *chain) place { return ring.locate(p) })
}

// place is where something lies that the rings tell where it lies in each.
func (a *area) place(in func(ring *chain) place) place {
	at := in(&a.rings[0])
	if at != inside {
		return at
	}
	for i := range a.rings[1:] {
		switch in(&a.rings[i+1]) {
		case onEdge:
			return onEdge
		case inside:
			return outside
		}
	}
	return inside
}

// touchesPoint reports whether the point is on the line.
func (c *chain) touchesPoint(p orb.Point) bool {
	b := orb.Bound{Min: p, Max: p}
	return !c.edges(&b, func(a, z orb.Point) bool { return geo.SideOf(a, z, p) != 0 })
}

// hasPoint reports whether the point belongs to the shape, edges included.
func (s *shape) hasPoint(p orb.Point) bool {
	if p[0] < s.bound.Min[0] || p[0] > s.bound.Max[0] || p[1] < s.bound.Min[1] || p[1] > s.bound.Max[1] {
		return false
	}
	if s.box {
		return true
	}
	for i := range s.areas {
		if s.areas[i].locate(p) != outside {
			return true
		}
	}
	for i := range s.lines {
		if s.lines[i].touchesPoint(p) {
			return true
		}
	}
	for _, q := range s.points {
		if p == q {
			return true
		}
	}
	return false
}

// meets reports whether two shapes have a point in common. It is exact.
func (s *shape) meets(t *shape) bool {
	if !overlap(&s.bound, &t.bound) {
		return false
	}
	if s.hasPointOf(t) || t.hasPointOf(s) || s.edgesMeet(t) {
		return true
	}
	return s.startsIn(t) || t.startsIn(s)
}

func (s *shape) hasPointOf(t *shape) bool {
	pace := paceOf(s, t)
	for _, p := range t.points {
		if s.hasPoint(p) {
			return true
		}
		if pace.Over(16) {
			break
		}
	}
	return false
}

// paceOf is that of the search that compares two shapes, nil for two literals.
func paceOf(s, t *shape) *geo.Pace { return cmp.Or(s.pace, t.pace) }

// startsIn reports whether a line or ring of s begins in an area of t. Where no
// edges meet, it is all in then.
func (s *shape) startsIn(t *shape) bool {
	pace := paceOf(s, t)
	for i := range t.areas {
		if pace.Over(16 * (len(s.lines) + len(s.areas))) {
			return false
		}
		for j := range s.lines {
			if t.areas[i].locate(s.lines[j].points[0]) != outside {
				return true
			}
		}
		for j := range s.areas {
			if t.areas[i].locate(s.areas[j].rings[0].points[0]) != outside {
				return true
			}
		}
	}
	return false
}

// chains calls f for all lines and rings until it returns false.
func (s *shape) chains(f func(c *chain) bool) bool {
	for i := range s.lines {
		if !f(&s.lines[i]) {
			return false
		}
	}
	for i := range s.areas {
		for j := range s.areas[i].rings {
			if !f(&s.areas[i].rings[j]) {
				return false
			}
		}
	}
	return true
}

// edgesMeet reports whether an edge of s and one of t have a point in common.
func (s *shape) edgesMeet(t *shape) bool {
	pace := paceOf(s, t)
	return !s.chains(func(c *chain) bool {
		return t.chains(func(d *chain) bool { return !c.meets(d, pace) })
	})
}

func (c *chain) meets(d *chain, pace *geo.Pace) bool {
	if len(c.points) > len(d.points) {
		c, d = d, c
	}
	met := false
	c.edges(&d.bound, func(p, q orb.Point) bool {
		if pace.Over(4) {
			return false
		}
		b := boundOf(p, q)
		return d.edges(&b, func(r, t orb.Point) bool {
			met = segmentsMeet(p, q, r, t)
			return !met && !pace.Over(1)
		})
	})
	return met
}

// segmentsMeet is for segments whose boxes meet: they have a point in common
// unless one lies strictly on one side of the other's line.
func segmentsMeet(p, q, r, t orb.Point) bool {
	return geo.SideOf(p, q, r)*geo.SideOf(p, q, t) <= 0 && geo.SideOf(r, t, p)*geo.SideOf(r, t, q) <= 0
}
