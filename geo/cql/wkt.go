package cql

import (
	"strings"

	"github.com/paulmach/orb"
)

// dimension reports whether a word stands there that goes between the type of a
// geometry and its coordinates.
func (p *textParser) dimension() bool {
	if p.tok.kind != tokenName {
		return false
	}
	switch strings.ToUpper(p.source(p.tok)) {
	case "Z", "M", "ZM", "EMPTY":
		return true
	}
	return false
}

// shape reads a geometry behind its type.
func (p *textParser) shape(tag token) orb.Geometry {
	name := p.source(tag)
	p.tagged = name[len(name)-1] == 'z' || name[len(name)-1] == 'Z'
	for p.dimension() && p.err == nil {
		switch strings.ToUpper(p.source(p.tok)) {
		case "Z":
			p.tagged = true
		case "EMPTY":
			p.failed(p.tok.pos, "found EMPTY: a geometry needs coordinates")
		default:
			p.expected(`Z or "("; CQL2 has no measures`)
		}
		p.advance()
	}
	switch tag.word.name {
	case "POINT":
		return p.point()
	case "LINESTRING":
		return p.line()
	case "POLYGON":
		return p.polygon()
	case "MULTIPOINT":
		return orb.MultiPoint(between(p, p.multiPoint))
	case "MULTILINESTRING":
		return orb.MultiLineString(between(p, p.line))
	case "MULTIPOLYGON":
		return orb.MultiPolygon(between(p, p.polygon))
	}
	if !p.down() {
		return nil
	}
	defer p.up()
	return orb.Collection(between(p, p.member))
}

// between reads items with commas between them, in parentheses.
func between[T any](p *textParser, item func() T) []T {
	p.take('(')
	items := []T{item()}
	for p.tok.kind == ',' {
		p.advance()
		items = append(items, item())
	}
	if p.tok.kind != ')' {
		p.expected(`"," or ")"`)
	}
	p.advance()
	return items
}

// member is a geometry of a collection.
func (p *textParser) member() orb.Geometry {
	t := p.tok
	if t.kind != tokenName || t.word.kind != wordShape {
		p.expected("a geometry such as POINT(1 2)")
		return nil
	}
	p.advance()
	return p.shape(t)
}

func (p *textParser) point() orb.Point {
	p.take('(')
	pt := p.position()
	p.take(')')
	return pt
}

// multiPoint is a point of a MULTIPOINT, which may do without its parentheses.
func (p *textParser) multiPoint() orb.Point {
	if p.tok.kind == '(' {
		return p.point()
	}
	return p.position()
}

func (p *textParser) line() orb.LineString {
	pos := p.tok.pos
	points := between(p, p.position)
	if bad := badLine(points); bad != "" && p.err == nil {
		p.failed(pos, "%s", bad)
	}
	return points
}

func (p *textParser) polygon() orb.Polygon { return between(p, p.ring) }

func (p *textParser) ring() orb.Ring {
	pos := p.tok.pos
	points := between(p, p.position)
	if bad := badRing(points); bad != "" && p.err == nil {
		p.failed(pos, "%s", bad)
	}
	return points
}

// position reads two numbers, or three of which the last is a height.
func (p *textParser) position() orb.Point {
	if p.vertices--; p.vertices < 0 {
		p.failed(p.tok.pos, "the geometries have too many points, at most %d are read", MaxVertices)
	}
	x := p.coordinate()
	p.apart()
	y := p.coordinate()
	if p.tagged && p.tok.kind == ',' || p.tagged && p.tok.kind == ')' {
		p.expected("a height, for the geometry has Z")
	}
	if p.tagged || p.tok.kind == tokenNumber || p.tok.kind == '-' || p.tok.kind == '+' {
		p.apart()
		p.coordinate()
	}
	return orb.Point{x, y}
}

// apart makes sure that nothing but space is before the next number of a position.
func (p *textParser) apart() {
	switch p.tok.kind {
	case ',':
		p.expected("a space between the numbers")
	case '-', '+':
		if c := p.text[p.tok.start-1]; '0' <= c && c <= '9' || c == '.' {
			p.expected("a space between the numbers")
		}
	}
}

// coordinate is a number with its sign.
func (p *textParser) coordinate() float64 {
	minus := p.tok.kind == '-'
	if minus || p.tok.kind == '+' {
		p.advance()
	}
	if p.tok.kind != tokenNumber {
		p.expected("a number")
		return 0
	}
	v := p.number()
	if minus {
		v = 0 - v
	}
	return v
}

// box reads BBOX(west, south, east, north), with heights behind south and north
// or without.
func (p *textParser) box(t token) Expr {
	p.take('(')
	var v [6]float64
	n := 0
	for {
		v[n] = p.coordinate()
		if n++; n == len(v) || p.tok.kind != ',' {
			break
		}
		p.advance()
	}
	p.take(')')
	b, ok := boxOf(v[:n])
	if !ok && p.err == nil {
		p.failed(t.pos, "BBOX has %d numbers, expected 4 or 6", n)
	}
	return &BBox{Pos(t.pos), b}
}

// boxOf is the box of four numbers, or of six with heights.
func boxOf(v []float64) (orb.Bound, bool) {
	switch len(v) {
	case 4:
		return orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, true
	case 6:
		return orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[3], v[4]}}, true
	}
	return orb.Bound{}, false
}
