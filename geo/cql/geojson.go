package cql

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// nest is what stands in coordinates: a position, or an array of nests.
type nest struct {
	isPoint bool
	point   orb.Point
	below   []nest
}

// nest reads coordinates of at most so many arrays in each other.
func (p *jsonParser) nest(levels int) (n nest) {
	if !p.open() {
		return n
	}
	if p.more() && p.dec.PeekKind() == '0' {
		return p.coordinates()
	}
	for p.more() {
		if k := p.dec.PeekKind(); k != '[' && k != jsontext.KindInvalid {
			p.token()
			p.failed("", "found %s, expected a number or an array", kindName(k))
		}
		if levels == 1 {
			p.failed("", "the coordinates are nested too deep")
			return n
		}
		n.below = append(n.below, p.nest(levels-1))
	}
	p.token()
	if len(n.below) == 0 {
		p.failed("", "found an empty array: a geometry needs coordinates")
	}
	return n
}

// coordinates reads the numbers of a position and its end.
func (p *jsonParser) coordinates() nest {
	n := nest{isPoint: true}
	if p.vertices--; p.vertices < 0 {
		p.failed("", "the geometries have too many points, at most %d are read", MaxVertices)
		return n
	}
	count := 0
	for ; p.more(); count++ {
		v := p.number()
		if count < 2 {
			n.point[count] = v
		}
	}
	p.token()
	if count < 2 || count > 3 {
		p.failed("", "found %s, expected 2, or 3 with a height", plural(count, "number"))
	}
	return n
}

// collection reads the geometries of a collection.
func (p *jsonParser) collection(m *members) {
	if !p.open() {
		return
	}
	for p.more() {
		g, ok := p.expr().(*Geometry)
		if !ok {
			p.failed("", "expected a geometry")
			return
		}
		m.geometries = append(m.geometries, g.Shape)
	}
	p.token()
	if len(m.geometries) == 0 {
		p.failed("", "found an empty array: a geometry needs coordinates")
	}
}

// geometry makes the geometry of its members.
func (p *jsonParser) geometry(m *members) orb.Geometry {
	want := hasType | hasCoordinates
	if m.kind == "GeometryCollection" {
		want = hasType | hasGeometries
	}
	if _, ok := boxOf(m.box); m.seen&hasBBox != 0 && !ok {
		p.failed(".bbox", "found %s, expected 4 or 6", plural(len(m.box), "number"))
	}
	c, in := m.coordinates, ".coordinates"
	switch m.kind {
	case "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection":
		if m.seen&^hasBBox != want {
			member := "coordinates"
			if want&hasGeometries != 0 {
				member = "geometries"
			}
			p.failed("", "a %s has type and %s", m.kind, member)
			return nil
		}
	}
	switch m.kind {
	case "Point":
		return p.pointOf(c, in)
	case "LineString":
		return p.lineOf(c, in)
	case "Polygon":
		return p.polygonOf(c, in)
	case "MultiPoint":
		return orb.MultiPoint(nested(p, c, in, p.pointOf))
	case "MultiLineString":
		return orb.MultiLineString(nested(p, c, in, p.lineOf))
	case "MultiPolygon":
		return orb.MultiPolygon(nested(p, c, in, p.polygonOf))
	case "GeometryCollection":
		return orb.Collection(m.geometries)
	}
	p.failed(".type", "found %s, expected a geometry type of GeoJSON such as \"Point\"", quoted(m.kind))
	return nil
}

func (p *jsonParser) pointOf(n nest, in string) orb.Point {
	if !n.isPoint {
		p.failed(in, "found an array of arrays, expected the numbers of a position")
	}
	return n.point
}

func (p *jsonParser) lineOf(n nest, in string) orb.LineString {
	points := nested(p, n, in, p.pointOf)
	if bad := badLine(points); bad != "" {
		p.failed(in, "%s", bad)
	}
	return points
}

func (p *jsonParser) ringOf(n nest, in string) orb.Ring {
	points := nested(p, n, in, p.pointOf)
	if bad := badRing(points); bad != "" {
		p.failed(in, "%s", bad)
	}
	return points
}

func (p *jsonParser) polygonOf(n nest, in string) orb.Polygon { return nested(p, n, in, p.ringOf) }

// nested makes the parts of a geometry of the arrays below n.
func nested[T any](p *jsonParser, n nest, in string, part func(nest, string) T) []T {
	if n.isPoint {
		p.failed(in, "found the numbers of a position, expected an array of arrays")
		return nil
	}
	parts := make([]T, 0, len(n.below))
	for i, b := range n.below {
		if p.err != nil {
			break
		}
		at := in // of a position there may be many, and it needs none of its own
		if !b.isPoint {
			at = fmt.Sprintf("%s[%d]", in, i)
		}
		parts = append(parts, part(b, at))
	}
	return parts
}
