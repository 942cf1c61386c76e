package cql

import "github.com/paulmach/orb"

// 180 degrees east and west are one meridian. A literal that reaches it lies on
// both sides: far is what of it is on the meridian, as it is on the other side, and
// wide is a box that goes on beyond the meridian, so that points and lines on that
// are inside it.
type meridian struct{ far, wide *shape }

// newMeridian is nil for a shape that does not reach the meridian. box is the shape
// where it was written as a box.
func newMeridian(s *shape, box *orb.Bound) *meridian {
	if s.empty() || s.bound.Min[0] > -180 && s.bound.Max[0] < 180 {
		return nil
	}
	var far orb.Collection
	for _, p := range s.points {
		if onMeridian(p) {
			far = append(far, opposite180(p))
		}
	}
	s.chains(func(c *chain) bool {
		for i, p := range c.points {
			switch {
			case !onMeridian(p):
			case i > 0 && c.points[i-1][0] == p[0]:
				far = append(far, orb.LineString{opposite180(c.points[i-1]), opposite180(p)})
			default:
				far = append(far, opposite180(p))
			}
		}
		return true
	})
	if len(far) == 0 {
		return nil
	}
	m := &meridian{far: newShape(far)}
	if box != nil && len(s.areas) > 0 {
		m.wide = beyondMeridian(*box)
	}
	return m
}

// beyondMeridian is a box that crosses 180°, or goes around the Earth, with a degree
// more on either side of the meridian; nil for any other.
func beyondMeridian(b orb.Bound) *shape {
	var wide orb.MultiPolygon
	part := func(west, east float64) {
		wide = append(wide, orb.Bound{Min: orb.Point{west, b.Min[1]}, Max: orb.Point{east, b.Max[1]}}.ToPolygon())
	}
	switch {
	case b.Min[0] > b.Max[0]:
		part(b.Min[0], 181)
		part(-181, b.Max[0])
	case b.Min[0] == -180 && b.Max[0] == 180:
		part(-181, 181)
	default:
		return nil
	}
	s := newShape(wide)
	s.valid() // once, before searches share it
	return s
}

func onMeridian(p orb.Point) bool { return p[0] == 180 || p[0] == -180 }

func opposite180(p orb.Point) orb.Point { return orb.Point{-p[0], p[1]} }

// across is a relation from a shape to a literal that reaches the meridian.
func (m *meridian) across(op string, a, literal *shape) (holds, known bool) {
	if m.wide != nil && a.dimension() < 2 {
		return relatePlain(op, a, m.wide)
	}
	holds, known = relatePlain(op, a, literal)
	switch _, single := literal.single(); {
	case op == "s_intersects":
		return holds || a.meets(m.far), known
	case op == "s_disjoint":
		return holds && !a.meets(m.far), known
	case op == "s_touches" && literal.dimension() == 2 && !a.empty():
		return holds || !a.meets(literal) && a.meets(m.far), known
	case single && !holds && op != "s_touches" && !a.empty():
		return relatePlain(op, a, newShape(m.far.points[0]))
	}
	return holds, known
}
