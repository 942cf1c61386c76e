package cql

import (
	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// relations are the spatial operators. A relation is unknown where it is not
// defined: for a polygon whose rings cross, where more is asked than whether
// the two have a point in common.
var relations = [...]string{"s_intersects", "s_disjoint", "s_equals", "s_touches", "s_within", "s_contains", "s_overlaps", "s_crosses"}

// relate tells whether the relation holds from a to b, by the definitions of
// OGC 06-103r4 (Simple Features), section 6.1.15.
func relate(op string, a, b *shape) (holds, known bool) {
	if a.empty() || b.empty() {
		return op == "s_disjoint" || op == "s_equals" && a.empty() && b.empty(), true
	}
	switch op {
	case "s_intersects":
		return a.meets(b), true
	case "s_disjoint":
		return !a.meets(b), true
	case "s_contains":
		return relate("s_within", b, a)
	case "s_within":
		if !covers(&b.bound, &a.bound) {
			return false, true
		}
	case "s_equals":
		if a.bound != b.bound {
			return false, true
		}
	case "s_crosses":
		if a.dimension() == b.dimension() && a.dimension() != 1 && !a.mixed() && !b.mixed() {
			return false, true
		}
	case "s_overlaps":
		if a.dimension() != b.dimension() {
			return false, true
		}
	}
	if !overlap(&a.bound, &b.bound) {
		return false, true
	}
	if holds, known := relateFast(op, a, b); known {
		return holds, true
	}
	if !a.meets(b) {
		return false, true
	}
	return relateMatrix(op, a, b)
}

// mixed reports whether the shape has parts of different dimensions.
func (s *shape) mixed() bool {
	n := 0
	for _, k := range [3]int{len(s.points), len(s.lines), len(s.areas)} {
		n += min(k, 1)
	}
	return n > 1
}

// relateFast decides the frequent cases: a point, and connected shapes whose
// edges do not meet.
func relateFast(op string, a, b *shape) (holds, known bool) {
	if p, ok := a.single(); ok && !b.nested {
		return relatePoint(op, false, p, b), true
	}
	if p, ok := b.single(); ok && !a.nested {
		return relatePoint(op, true, p, a), true
	}
	if a.nested || b.nested || !a.connected() && !b.connected() || a.dimension() == 0 || b.dimension() == 0 || a.edgesMeet(b) {
		return false, false
	}
	switch {
	case a.connected() && a.startsIn(b): // all of a lies in the interior of b
		return op == "s_within", true
	case b.connected() && b.startsIn(a):
		return false, true
	}
	return false, !a.startsIn(b) && !b.startsIn(a)
}

// connected reports whether the shape is one line, or one polygon.
func (s *shape) connected() bool {
	return !s.nested && len(s.points) == 0 && len(s.lines)+len(s.areas) == 1
}

// relatePoint is a relation from the point to the shape, or from the shape to
// the point where flipped.
func relatePoint(op string, flipped bool, p orb.Point, s *shape) bool {
	at := s.locate(p)
	same := at == inside && s.dimension() == 0 && s.bound.Min == s.bound.Max
	switch op {
	case "s_equals":
		return same
	case "s_touches":
		return at == onEdge
	case "s_within":
		return same || !flipped && at == inside
	case "s_crosses":
		return flipped && s.dimension() == 0 && at == inside && !same
	}
	return false
}

// locate tells whether p is in the interior or on the boundary of a shape that
// is no collection. The boundary of lines are the ends that an odd number of
// them share.
func (s *shape) locate(p orb.Point) place {
	for _, q := range s.points {
		if p == q {
			return inside
		}
	}
	at := outside
	for i := range s.areas {
		at = max(at, s.areas[i].locate(p))
	}
	if at != outside {
		return at
	}
	ends := 0
	for i := range s.lines {
		l := s.lines[i].points
		if first, last := l[0], l[len(l)-1]; first != last && (p == first || p == last) {
			ends++
			at = inside
		} else if at == outside && s.lines[i].touchesPoint(p) {
			at = inside
		}
	}
	if ends%2 == 1 {
		return onEdge
	}
	return at
}

// relateMatrix decides by the matrix of DE-9IM.
func relateMatrix(op string, a, b *shape) (holds, known bool) {
	ga, ok := a.forMatrix()
	if !ok {
		return false, false
	}
	gb, ok := b.forMatrix()
	if !ok {
		return false, false
	}
	m, err := geom.Relate(ga, gb)
	if err != nil || len(m) != 9 {
		return false, false
	}
	return matrixHolds(op, m, ga.Dimension(), gb.Dimension()), true
}

// matrixHolds reads a matrix in row-major order: interior, boundary and exterior
// of the first geometry against those of the second.
func matrixHolds(op, m string, dimA, dimB int) bool {
	const ii, ib, ie, bi, bb, be, ei, eb = 0, 1, 2, 3, 4, 5, 6, 7
	has := func(cell int) bool { return m[cell] != 'F' }
	switch op {
	case "s_equals":
		return has(ii) && !has(ie) && !has(be) && !has(ei) && !has(eb)
	case "s_touches":
		return !has(ii) && (has(ib) || has(bi) || has(bb))
	case "s_within":
		return has(ii) && !has(ie) && !has(be)
	case "s_overlaps":
		return has(ii) && has(ie) && has(ei) && (dimA != 1 || m[ii] == '1')
	case "s_crosses":
		switch {
		case dimA < dimB:
			return has(ii) && has(ie)
		case dimA > dimB:
			return has(ii) && has(ei)
		}
		return dimA == 1 && m[ii] == '0'
	}
	return false
}

// forMatrix is the shape as one geometry whose parts do not overlap; false where
// a polygon is not valid.
func (s *shape) forMatrix() (geom.Geometry, bool) {
	if s.whole == nil {
		g := s.build()
		s.valid = g.Validate() == nil
		if !s.valid && len(s.areas) > 1 { // polygons that are good alone may overlap
			s.valid = !s.badArea()
			s.nested = true
		}
		if s.valid && s.nested {
			union, err := geom.UnaryUnion(geom.NewGeometryCollection(s.members()).AsGeometry())
			g, s.valid = union, err == nil
		}
		s.whole = &g
	}
	return *s.whole, s.valid
}

func (s *shape) badArea() bool {
	for i := range s.areas {
		if s.areas[i].polygon().Validate() != nil {
			return true
		}
	}
	return false
}

func (s *shape) build() geom.Geometry {
	var points []geom.Point
	for _, p := range s.points {
		points = append(points, geom.NewPoint(geom.Coordinates{XY: geom.XY{X: p[0], Y: p[1]}}))
	}
	var lines []geom.LineString
	for i := range s.lines {
		lines = append(lines, s.lines[i].lineString())
	}
	var areas []geom.Polygon
	for i := range s.areas {
		areas = append(areas, s.areas[i].polygon())
	}
	switch {
	case lines == nil && areas == nil:
		return geom.NewMultiPoint(points).AsGeometry()
	case points == nil && areas == nil:
		return geom.NewMultiLineString(lines).AsGeometry()
	case points == nil && lines == nil:
		return geom.NewMultiPolygon(areas).AsGeometry()
	}
	return geom.NewGeometryCollection(s.members()).AsGeometry()
}

func (s *shape) members() []geom.Geometry {
	var all []geom.Geometry
	for _, p := range s.points {
		all = append(all, geom.NewPoint(geom.Coordinates{XY: geom.XY{X: p[0], Y: p[1]}}).AsGeometry())
	}
	for i := range s.lines {
		all = append(all, s.lines[i].lineString().AsGeometry())
	}
	for i := range s.areas {
		all = append(all, s.areas[i].polygon().AsGeometry())
	}
	return all
}

func (c *chain) lineString() geom.LineString {
	flat := make([]float64, 0, 2*len(c.points))
	for _, p := range c.points {
		flat = append(flat, p[0], p[1])
	}
	return geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
}

func (a *area) polygon() geom.Polygon {
	rings := make([]geom.LineString, len(a.rings))
	for i := range a.rings {
		rings[i] = a.rings[i].lineString()
	}
	return geom.NewPolygon(rings)
}

// united is the shape with the overlaps of its members taken away; false where a
// polygon is not valid.
func (s *shape) united() (*shape, bool) {
	g, ok := s.forMatrix()
	if !ok {
		return nil, false
	}
	return newShape(orbGeometry(g)), true
}

func orbGeometry(g geom.Geometry) orb.Geometry {
	switch g.Type() {
	case geom.TypePoint:
		if xy, ok := g.MustAsPoint().XY(); ok {
			return orb.Point{xy.X, xy.Y}
		}
		return orb.Collection{}
	case geom.TypeLineString:
		return orb.LineString(orbPoints(g.MustAsLineString()))
	case geom.TypePolygon:
		var p orb.Polygon
		for _, r := range g.MustAsPolygon().DumpRings() {
			p = append(p, orbPoints(r))
		}
		return p
	}
	var all orb.Collection
	for _, part := range g.Dump() { // simple parts of it
		if part.IsPoint() || part.IsLineString() || part.IsPolygon() {
			all = append(all, orbGeometry(part))
		}
	}
	return all
}

func orbPoints(l geom.LineString) []orb.Point {
	seq := l.Coordinates()
	out := make([]orb.Point, seq.Length())
	for i := range out {
		xy := seq.GetXY(i)
		out[i] = orb.Point{xy.X, xy.Y}
	}
	return out
}
