package export

import (
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// View says what of a feature is written. The zero View writes it as it is kept.
// A View may be used by many goroutines at once.
type View struct {
	Properties   []string                       // in this order; members of objects by dotted names, under which they are written; nil is all
	SkipGeometry bool                           // write null
	CRS          *crs.CRS                       // of the coordinates, in the axis order of its authority; nil is CRS84
	Simplify     func(geo.Feature) orb.Geometry // the geometry to write, without heights; nil writes the feature's own
	Roles        *geo.Schema                    // JSON-FG: whose roles tell the time of a feature; Write takes Options.Schema
}

// plain reports whether features are written as they are kept.
func (v *View) plain() bool {
	return v.Properties == nil && !v.SkipGeometry && v.Simplify == nil && !v.moves()
}

// moves reports whether the coordinates are converted.
func (v *View) moves() bool { return v.CRS != nil && v.CRS != crs.CRS84() }

// crsName is code and name of the CRS, "" where there is no geometry.
func (v *View) crsName() string {
	switch {
	case v.SkipGeometry:
		return ""
	case !v.moves():
		return "OGC:CRS84 (WGS 84 longitude, latitude)"
	}
	return v.CRS.Code() + " (" + v.CRS.Name() + ")"
}

// AppendGeoJSON appends the feature as a GeoJSON Feature. Members that stand
// behind the properties are kept, but for bbox where the coordinates are
// converted. Digits and heights stay as they are where coordinates are not
// converted, heights also where they are. The geometry is null where the CRS is
// not defined at one of its positions.
func (v *View) AppendGeoJSON(b []byte, f geo.Feature) []byte {
	raw := f.JSON()
	if v.plain() {
		return append(b, raw...)
	}
	p := split(raw)
	b = append(append(b, p.head...), `,"geometry":`...)
	b = v.appendGeometry(b, f, p.geometry)
	b = append(b, `,"properties":`...)
	b = v.appendProperties(b, p.properties)
	return append(v.appendForeign(b, p.foreign), '}')
}

// feature is a kept feature, taken apart.
type feature struct {
	head       []byte // {"type":"Feature","id":7
	geometry   []byte
	properties []byte
	foreign    []byte // "a":1,"b":2
}

// split relies on the order in which geo keeps the members.
func split(raw []byte) feature {
	s := scanner{b: raw, i: 1}
	var p feature
	pass := func() []byte { // the key, then the value
		s.value()
		s.eat(':')
		value := s.value()
		return value
	}
	pass()
	s.eat(',')
	pass()
	p.head = raw[:s.i]
	s.eat(',')
	p.geometry = pass()
	s.eat(',')
	p.properties = pass()
	if s.eat(',') {
		p.foreign = raw[s.i : len(raw)-1]
	}
	return p
}

func (v *View) appendForeign(b, foreign []byte) []byte {
	switch {
	case len(foreign) == 0:
		return b
	case !v.moves():
		return append(append(b, ','), foreign...)
	}
	return appendMembers(b, foreign, func(name []byte) bool { return string(name) != `"bbox"` })
}

// appendMembers appends those of some members, each behind a comma, whose names in
// quotes pass.
func appendMembers(b, members []byte, passes func(name []byte) bool) []byte {
	s := scanner{b: members}
	for s.next() == '"' {
		start := s.i
		key := s.value()
		s.eat(':')
		s.value()
		if passes(key) {
			b = append(append(b, ','), members[start:s.i]...)
		}
		s.eat(',')
	}
	return b
}

// appendProperties appends the selected members of an object, in the order of
// the selection.
func (v *View) appendProperties(b, properties []byte) []byte {
	if v.Properties == nil || properties[0] != '{' {
		return append(b, properties...)
	}
	var few [32][]byte
	found := few[:0]
	found = slices.Grow(found, len(v.Properties))[:len(v.Properties)]
	s := scanner{b: properties}
	s.eat('{')
	for s.next() == '"' {
		start := s.i
		key := unquote(s.value())
		s.eat(':')
		s.value()
		if i := slices.IndexFunc(v.Properties, func(name string) bool { return name == string(key) }); i >= 0 {
			found[i] = properties[start:s.i]
		}
		s.eat(',')
	}
	b = append(b, '{')
	for i, member := range found {
		var value []byte
		if member == nil {
			if value = nested(properties, v.Properties[i]); value == nil {
				continue
			}
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		if b = append(b, member...); value != nil {
			b = append(append(appendJSONString(b, v.Properties[i]), ':'), value...)
		}
	}
	return append(b, '}')
}

// nested is the value of a member of an object within an object, by its dotted name;
// nil where there is none. Names may have dots of their own.
func nested(object []byte, name string) (found []byte) {
	if !strings.Contains(name, ".") {
		return nil
	}
	(&scanner{b: object}).members(func(key, value []byte) {
		rest, ok := strings.CutPrefix(name, string(key)+".")
		if found != nil || !ok || value[0] != '{' {
			return
		}
		(&scanner{b: value}).members(func(key, value []byte) {
			if string(key) == rest {
				found = value
			}
		})
		if found == nil {
			found = nested(value, rest)
		}
	})
	return found
}

// appendGeometry appends the geometry, of which raw is the kept form, as GeoJSON
// in the CRS of the view.
func (v *View) appendGeometry(b []byte, f geo.Feature, raw []byte) []byte {
	if v.SkipGeometry {
		return append(b, "null"...)
	}
	if !v.moves() {
		return v.appendLonLat(b, f, raw)
	}
	if v.Simplify != nil {
		raw = v.appendLonLat(nil, f, raw)
	}
	return v.appendMoved(b, raw)
}

// appendLonLat appends the geometry in CRS84.
func (v *View) appendLonLat(b []byte, f geo.Feature, raw []byte) []byte {
	if v.Simplify == nil {
		return append(b, raw...)
	}
	return appendOrb(b, v.Simplify(f))
}

// appendMoved appends raw, a geometry in CRS84, with its positions converted.
func (v *View) appendMoved(b, raw []byte) []byte {
	start := len(b)
	if raw[0] != '{' {
		return append(b, "null"...)
	}
	m := mover{crs: v.CRS, digits: v.CRS.Digits(), out: b}
	if !m.geometry(raw) {
		return append(b[:start], "null"...)
	}
	return m.out
}

// mover converts the positions of GeoJSON geometries.
type mover struct {
	crs    *crs.CRS
	digits int
	out    []byte
}

// geometry reports false where the CRS is not defined at a position.
func (m *mover) geometry(raw []byte) bool {
	s := scanner{b: raw}
	m.out = append(m.out, '{')
	ok, first := true, true
	s.eat('{')
	for s.next() == '"' {
		key := s.value()
		s.eat(':')
		start := s.i
		value := s.value()
		s.eat(',')
		if string(key) == `"bbox"` {
			continue
		}
		if !first {
			m.out = append(m.out, ',')
		}
		first = false
		m.out = append(append(m.out, key...), ':')
		switch string(key) {
		case `"coordinates"`:
			ok = m.coordinates(&scanner{b: raw[:s.i], i: start}) && ok
		case `"geometries"`:
			ok = m.geometries(value) && ok
		default:
			m.out = append(m.out, value...)
		}
	}
	m.out = append(m.out, '}')
	return ok
}

func (m *mover) geometries(array []byte) bool {
	s := scanner{b: array}
	ok, separator := true, byte('[')
	s.elements(func() {
		m.out = append(m.out, separator)
		separator = ','
		s.space()
		ok = m.geometry(s.value()) && ok
	})
	m.out = append(m.out, ']')
	return ok
}

// coordinates converts a position, or an array of what holds positions.
func (m *mover) coordinates(s *scanner) bool {
	s.eat('[')
	if s.next() != '[' {
		return m.position(s)
	}
	separator := byte('[')
	for s.next() == '[' {
		m.out = append(m.out, separator)
		separator = ','
		if !m.coordinates(s) {
			return false
		}
		s.eat(',')
	}
	s.eat(']')
	m.out = append(m.out, ']')
	return true
}

// position converts what stands behind the opening bracket of a position.
func (m *mover) position(s *scanner) bool {
	var p orb.Point
	for i := range p {
		s.next()
		p[i], _ = strconv.ParseFloat(string(s.value()), 64)
		s.eat(',')
	}
	q, ok := m.crs.FromLonLat(p)
	if !ok {
		return false
	}
	m.out = appendNumber(append(m.out, '['), q[0], m.digits)
	m.out = appendNumber(append(m.out, ','), q[1], m.digits)
	for c := s.next(); c != ']' && c != 0; c = s.next() {
		m.out = append(append(m.out, ','), s.value()...)
		s.eat(',')
	}
	s.eat(']')
	m.out = append(m.out, ']')
	return true
}

// appendNumber appends v with at most so many decimals, without zeros at its end.
func appendNumber(b []byte, v float64, decimals int) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, v, 'f', decimals, 64)
	if !slices.Contains(b[start:], '.') {
		return b
	}
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[start:]) == "-0" {
		b = append(b[:start], '0')
	}
	return b
}

// appendOrb appends g as a GeoJSON geometry, null where it is nil.
func appendOrb(b []byte, g orb.Geometry) []byte {
	open := func(kind string) []byte {
		return append(append(append(b, `{"type":"`...), kind...), `","coordinates":`...)
	}
	switch g := g.(type) {
	case orb.Point:
		b = appendPosition(open("Point"), g)
	case orb.MultiPoint:
		b = appendPositions(open("MultiPoint"), g)
	case orb.LineString:
		b = appendPositions(open("LineString"), g)
	case orb.MultiLineString:
		b = appendAll(open("MultiLineString"), g, func(b []byte, l orb.LineString) []byte { return appendPositions(b, l) })
	case orb.Ring:
		b = appendRings(open("Polygon"), orb.Polygon{g})
	case orb.Polygon:
		b = appendRings(open("Polygon"), g)
	case orb.MultiPolygon:
		b = appendAll(open("MultiPolygon"), g, appendRings)
	case orb.Bound:
		b = appendRings(open("Polygon"), g.ToPolygon())
	case orb.Collection:
		b = appendAll(append(b, `{"type":"GeometryCollection","geometries":`...), g, appendOrb)
	default:
		return append(b, "null"...)
	}
	return append(b, '}')
}

func appendAll[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, v)
	}
	return append(b, ']')
}

func appendRings(b []byte, p orb.Polygon) []byte {
	return appendAll(b, p, func(b []byte, r orb.Ring) []byte { return appendPositions(b, r) })
}

func appendPositions(b []byte, list []orb.Point) []byte { return appendAll(b, list, appendPosition) }

func appendPosition(b []byte, p orb.Point) []byte {
	b = strconv.AppendFloat(append(b, '['), p[0], 'f', -1, 64)
	b = strconv.AppendFloat(append(b, ','), p[1], 'f', -1, 64)
	return append(b, ']')
}
