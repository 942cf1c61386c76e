package export

import (
	"encoding/binary"
	"math"
	"strconv"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// Kinds of geometry, numbered as WKB and FlatGeobuf number them.
const (
	kindPoint = 1 + iota
	kindLineString
	kindPolygon
	kindMultiPoint
	kindMultiLineString
	kindMultiPolygon
	kindCollection
)

var kindNames = [...]string{"Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}

// shape is a geometry as flat arrays, x east and y north. Its memory is used
// again for the next feature.
type shape struct {
	kind    int
	hasZ    bool      // some position has a height; the others then have 0
	xy      []float64 // x, y of each position
	z       []float64 // of each position
	ends    []int     // where each line or ring ends, in positions; none for points
	parts   []int     // of a MultiPolygon: where each polygon ends, in rings
	members []shape   // of a GeometryCollection
}

func (s *shape) reset(kind int) {
	*s = shape{kind: kind, xy: s.xy[:0], z: s.z[:0], ends: s.ends[:0], parts: s.parts[:0], members: s.members[:0]}
}

// empty reports whether the shape has no position.
func (s *shape) empty() bool {
	for i := range s.members {
		if !s.members[i].empty() {
			return false
		}
	}
	return len(s.xy) == 0
}

// bounds is the box of all positions; ok is false where there is none.
func (s *shape) bounds() (b orb.Bound, ok bool) {
	b = noBox()
	s.extend(&b)
	return b, b.Min[0] <= b.Max[0]
}

func (s *shape) extend(b *orb.Bound) {
	for i := 0; i < len(s.xy); i += 2 {
		x, y := s.xy[i], s.xy[i+1]
		b.Min[0], b.Max[0] = min(b.Min[0], x), max(b.Max[0], x)
		b.Min[1], b.Max[1] = min(b.Min[1], y), max(b.Max[1], y)
	}
	for i := range s.members {
		s.members[i].extend(b)
	}
}

// grown is the box around both; orb's Union reads noBox as a box at zero.
func grown(a, b orb.Bound) orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(a.Min[0], b.Min[0]), min(a.Min[1], b.Min[1])},
		Max: orb.Point{max(a.Max[0], b.Max[0]), max(a.Max[1], b.Max[1])},
	}
}

// noBox meets no box.
func noBox() orb.Bound {
	return orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
}

// ring is the half-open range of positions of ring or line i.
func (s *shape) ring(i int) (lo, hi int) {
	if i > 0 {
		lo = s.ends[i-1]
	}
	return lo, s.ends[i]
}

// part is the half-open range of rings of polygon i of a MultiPolygon.
func (s *shape) part(i int) (lo, hi int) {
	if i > 0 {
		lo = s.parts[i-1]
	}
	return lo, s.parts[i]
}

// shaper makes the shapes of features as a View wants them.
type shaper struct {
	view *View
	crs  *crs.CRS // nil where the coordinates stay as they are
	shape
}

func newShaper(v *View) *shaper {
	s := &shaper{view: v}
	if v.CRS != nil && v.CRS != crs.CRS84() {
		s.crs = v.CRS
	}
	return s
}

// of returns the feature's shape, nil where it has none. It is valid until the
// next call. The error is *geo.InvalidError where the feature lies outside the
// area of the CRS.
func (s *shaper) of(f geo.Feature) (*shape, error) {
	switch {
	case s.view.SkipGeometry:
		return nil, nil
	case s.view.Simplify != nil:
		g := s.view.Simplify(f)
		if g == nil {
			return nil, nil
		}
		s.fromOrb(g)
	default:
		raw := split(f.JSON()).geometry
		if raw[0] != '{' {
			return nil, nil
		}
		(&scanner{b: raw}).geometry(&s.shape)
	}
	if s.empty() {
		return nil, nil
	}
	if s.crs != nil && !s.project(s.crs) {
		return nil, &geo.InvalidError{Field: "crs", Reason: "feature " + strconv.Quote(f.ID().String()) +
			" lies outside the area in which " + s.crs.Code() + " is defined"}
	}
	return &s.shape, nil
}

// project moves the positions from longitude, latitude to c, x east and y north
// whatever the order of its authority.
func (s *shape) project(c *crs.CRS) bool {
	swap := c.Swapped()
	for i := 0; i < len(s.xy); i += 2 {
		p, ok := c.FromLonLat(orb.Point{s.xy[i], s.xy[i+1]})
		if !ok {
			return false
		}
		if swap {
			p[0], p[1] = p[1], p[0]
		}
		s.xy[i], s.xy[i+1] = p[0], p[1]
	}
	for i := range s.members {
		if !s.members[i].project(c) {
			return false
		}
	}
	return true
}

// grow adds a member, with the memory of an earlier one where there is any.
func (s *shape) grow() *shape {
	if n := len(s.members); n < cap(s.members) {
		s.members = s.members[:n+1]
	} else {
		s.members = append(s.members, shape{})
	}
	return &s.members[len(s.members)-1]
}

func (s *shape) add(points ...orb.Point) {
	for _, p := range points {
		s.xy = append(s.xy, p[0], p[1])
		s.z = append(s.z, 0)
	}
}

func (s *shape) endRing() { s.ends = append(s.ends, len(s.z)) }

// fromOrb takes over a geometry without heights; lines, rings and polygons that
// a simplification has emptied are left out.
func (s *shape) fromOrb(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		s.reset(kindPoint)
		s.add(g)
	case orb.MultiPoint:
		s.reset(kindMultiPoint)
		s.add(g...)
	case orb.LineString:
		s.reset(kindLineString)
		s.add(g...)
		s.endRing()
	case orb.MultiLineString:
		s.reset(kindMultiLineString)
		for _, line := range g {
			if len(line) > 0 {
				s.add(line...)
				s.endRing()
			}
		}
	case orb.Polygon:
		s.reset(kindPolygon)
		s.addRings(g)
	case orb.MultiPolygon:
		s.reset(kindMultiPolygon)
		for _, polygon := range g {
			if before := len(s.ends); s.addRings(polygon) > before {
				s.parts = append(s.parts, len(s.ends))
			}
		}
	case orb.Collection:
		s.reset(kindCollection)
		for _, member := range g {
			if member != nil {
				s.grow().fromOrb(member)
			}
		}
	case orb.Ring:
		s.fromOrb(orb.Polygon{g})
	case orb.Bound:
		s.fromOrb(g.ToPolygon())
	}
}

// addRings returns the number of rings in all.
func (s *shape) addRings(p orb.Polygon) int {
	for _, ring := range p {
		if len(ring) > 0 {
			s.add(ring...)
			s.endRing()
		}
	}
	return len(s.ends)
}

// appendWKB appends the shape as little-endian ISO WKB, with heights if z.
func (s *shape) appendWKB(b []byte, z bool) []byte {
	b = wkbHead(b, s.kind, z)
	le := binary.LittleEndian
	switch s.kind {
	case kindPoint:
		return s.wkbPosition(b, 0, z)
	case kindMultiPoint:
		b = le.AppendUint32(b, uint32(len(s.z)))
		for i := range s.z {
			b = s.wkbPosition(wkbHead(b, kindPoint, z), i, z)
		}
	case kindLineString:
		return s.wkbRing(b, 0, z)
	case kindMultiLineString:
		b = le.AppendUint32(b, uint32(len(s.ends)))
		for i := range s.ends {
			b = s.wkbRing(wkbHead(b, kindLineString, z), i, z)
		}
	case kindPolygon:
		return s.wkbRings(b, 0, len(s.ends), z)
	case kindMultiPolygon:
		b = le.AppendUint32(b, uint32(len(s.parts)))
		for i := range s.parts {
			lo, hi := s.part(i)
			b = s.wkbRings(wkbHead(b, kindPolygon, z), lo, hi, z)
		}
	case kindCollection:
		b = le.AppendUint32(b, uint32(len(s.members)))
		for i := range s.members {
			b = s.members[i].appendWKB(b, z)
		}
	}
	return b
}

func wkbHead(b []byte, kind int, z bool) []byte {
	if z {
		kind += 1000
	}
	return binary.LittleEndian.AppendUint32(append(b, 1), uint32(kind))
}

func (s *shape) wkbRings(b []byte, lo, hi int, z bool) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(hi-lo))
	for i := lo; i < hi; i++ {
		b = s.wkbRing(b, i, z)
	}
	return b
}

func (s *shape) wkbRing(b []byte, i int, z bool) []byte {
	lo, hi := s.ring(i)
	b = binary.LittleEndian.AppendUint32(b, uint32(hi-lo))
	for ; lo < hi; lo++ {
		b = s.wkbPosition(b, lo, z)
	}
	return b
}

func (s *shape) wkbPosition(b []byte, i int, z bool) []byte {
	b = appendFloat(b, s.xy[2*i], s.xy[2*i+1])
	if z {
		b = appendFloat(b, s.z[i])
	}
	return b
}

// appendFloat appends numbers as little-endian float64.
func appendFloat(b []byte, vs ...float64) []byte {
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// anyZ reports whether the shape or a member of it has heights.
func (s *shape) anyZ() bool {
	for i := range s.members {
		if s.members[i].anyZ() {
			return true
		}
	}
	return s.hasZ
}
