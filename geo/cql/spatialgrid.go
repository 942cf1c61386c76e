package cql

import "github.com/paulmach/orb"

// grid answers where points lie in areas of many edges: in a cell without edges
// all points lie alike, and one of them is asked.
type grid struct {
	areas        *shape
	cells        []cell
	width, depth float64 // cells to a degree
}

type cell uint8

const (
	unasked cell = iota
	allOutside
	allInside
	crossed // by an edge
)

const gridSide = 128

// pointLocator tells where points lie in areas that are no collection; nil for
// other shapes. It is for one search.
func pointLocator(s *shape) func(orb.Point) place {
	if m := s.meridian; m != nil && m.wide != nil {
		return pointLocator(m.wide)
	}
	if s.nested || len(s.areas) == 0 || len(s.points)+len(s.lines) > 0 {
		return nil
	}
	if m := s.meridian; m != nil {
		plain := *s
		plain.meridian = nil
		locate := pointLocator(&plain)
		return func(p orb.Point) place {
			at := locate(p)
			if at == outside && onMeridian(p) && m.far.hasPoint(p) {
				return onEdge
			}
			return at
		}
	}
	if s.box {
		return s.locateInBox
	}
	const few = 64
	edges := 0
	s.chains(func(c *chain) bool { edges += len(c.points); return true })
	w, d := s.bound.Max[0]-s.bound.Min[0], s.bound.Max[1]-s.bound.Min[1]
	if edges < few || w <= 0 || d <= 0 {
		return s.locate
	}
	g := &grid{areas: s, cells: make([]cell, gridSide*gridSide), width: gridSide / w, depth: gridSide / d}
	s.chains(func(c *chain) bool {
		for i := 1; i < len(c.points); i++ {
			g.cross(boundOf(c.points[i-1], c.points[i]))
		}
		return true
	})
	return g.locate
}

func (s *shape) locateInBox(p orb.Point) place {
	b := &s.bound
	switch {
	case p[0] < b.Min[0] || p[0] > b.Max[0] || p[1] < b.Min[1] || p[1] > b.Max[1]:
		return outside
	case p[0] == b.Min[0] || p[0] == b.Max[0] || p[1] == b.Min[1] || p[1] == b.Max[1]:
		return onEdge
	}
	return inside
}

// at is the column and row of a position; they never fall where it grows, so that
// an edge is in the cells between those of its ends.
func (g *grid) at(p orb.Point) (column, row int) {
	column = int((p[0] - g.areas.bound.Min[0]) * g.width)
	row = int((p[1] - g.areas.bound.Min[1]) * g.depth)
	return max(0, min(gridSide-1, column)), max(0, min(gridSide-1, row))
}

func (g *grid) cross(b orb.Bound) {
	left, low := g.at(b.Min)
	right, high := g.at(b.Max)
	for row := low; row <= high; row++ {
		for column := left; column <= right; column++ {
			g.cells[row*gridSide+column] = crossed
		}
	}
}

func (g *grid) locate(p orb.Point) place {
	b := &g.areas.bound
	if p[0] < b.Min[0] || p[0] > b.Max[0] || p[1] < b.Min[1] || p[1] > b.Max[1] {
		return outside
	}
	column, row := g.at(p)
	c := &g.cells[row*gridSide+column]
	switch *c {
	case allOutside:
		return outside
	case allInside:
		return inside
	}
	found := g.areas.locate(p)
	if *c == unasked {
		*c = allOutside
		if found == inside {
			*c = allInside
		}
	}
	return found
}
