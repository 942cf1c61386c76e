package cql

import (
	"cmp"
	"slices"

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
	switch {
	case b.meridian != nil:
		return b.meridian.across(op, a, b)
	case a.meridian != nil:
		return a.meridian.across(cmp.Or(converse(op), op), b, a)
	}
	return relatePlain(op, a, b)
}

// relatePlain is relate in the plane, where 180° and -180° are far apart.
func relatePlain(op string, a, b *shape) (holds, known bool) {
	if a.empty() || b.empty() {
		return op == "s_disjoint" || op == "s_equals" && a.empty() && b.empty(), true
	}
	switch op {
	case "s_intersects":
		return a.meets(b), true
	case "s_disjoint":
		return !a.meets(b), true
	case "s_contains":
		return relatePlain("s_within", b, a)
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

// locate tells whether p is in the interior or on the boundary. The boundary of
// lines are the ends that an odd number of them share (OGC 06-103r4, section
// 6.1.7).
func (s *shape) locate(p orb.Point) place {
	if s.nested {
		return s.locateNested(&spot{p: p})
	}
	at := outside
	for i := range s.areas {
		at = max(at, s.areas[i].locate(p))
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
	switch {
	case ends%2 == 1:
		return onEdge
	case at == outside && slices.Contains(s.points, p):
		return inside
	}
	return at
}

// relateMatrix decides by the matrix of DE-9IM.
func relateMatrix(op string, a, b *shape) (holds, known bool) {
	if !a.valid() || !b.valid() {
		return false, false
	}
	m := matrixOf(a, b)
	return m.holds(op, a.dimension(), b.dimension()), true
}

// holds tells whether the relation holds between shapes of these dimensions.
func (m *matrix) holds(op string, dimA, dimB int) bool {
	has := func(a, b int) bool { return m[a][b] != none }
	meet := has(interior, interior)
	aLeaves, bLeaves := has(interior, exterior), has(exterior, interior)
	switch op {
	case "s_equals":
		return meet && !aLeaves && !bLeaves && !has(boundary, exterior) && !has(exterior, boundary)
	case "s_touches":
		return !meet && (has(interior, boundary) || has(boundary, interior) || has(boundary, boundary))
	case "s_within":
		return meet && !aLeaves && !has(boundary, exterior)
	case "s_overlaps":
		return meet && aLeaves && bLeaves && (dimA != 1 || m[interior][interior] == 1)
	case "s_crosses":
		switch {
		case dimA < dimB:
			return meet && aLeaves
		case dimA > dimB:
			return meet && bLeaves
		}
		return dimA == 1 && m[interior][interior] == 0
	}
	return false
}

// valid reports whether each polygon is valid. A multipolygon whose polygons
// overlap is taken for a collection.
func (s *shape) valid() bool {
	if !s.checked {
		s.checked, s.good = true, !s.badArea()
		if s.good && !s.nested && len(s.areas) > 1 {
			s.nested = s.multiPolygon().Validate() != nil
		}
		for i := range s.areas {
			for j := range s.areas[i].rings {
				c := &s.areas[i].rings[j]
				c.left = s.good && c.turnsLeft() == (j == 0)
			}
		}
	}
	return s.good
}

// united is the areas of the shape without overlaps, as well as rounded vertices
// allow; false where a polygon is not valid.
func (s *shape) united() (*shape, bool) {
	if !s.valid() {
		return nil, false
	}
	union, err := geom.UnaryUnion(geom.NewGeometryCollection(s.members()).AsGeometry())
	if err != nil {
		return nil, false
	}
	return newShape(orbGeometry(union)), true
}

func (s *shape) multiPolygon() geom.MultiPolygon {
	var areas []geom.Polygon
	for i := range s.areas {
		areas = append(areas, s.areas[i].polygon())
	}
	return geom.NewMultiPolygon(areas)
}

func (s *shape) badArea() bool {
	for i := range s.areas {
		if s.areas[i].polygon().Validate() != nil {
			return true
		}
	}
	return false
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
