// Package crs converts between longitude, latitude on WGS 84 and the coordinate
// reference systems that tools ask for.
//
// Coordinates are in the axis order of the authority that defines the system:
// EPSG:4326 and EPSG:4490 have latitude first, the Gauss-Krueger zones of CGCS2000
// northing first, UTM and EPSG:3857 easting first. Geographic systems are in
// degrees, projected ones in metres.
//
// WGS 84 and CGCS2000 are taken as one datum, as PROJ does: their realizations
// differ by some decimetres, which no conversion by formula can tell.
//
// The package knows nothing of features, HTTP or files.
package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// CRS is a coordinate reference system, or one of the offsets GCJ-02 and BD-09.
// It is immutable; Lookup gives the same pointer for the same system.
type CRS struct {
	uri, code, name string
	kind            kind
	swapped         bool // northing or latitude first
	tm              *transverseMercator
	cone            *albers
}

type kind uint8

const (
	geographic kind = iota
	geographic3D
	webMercator
	transverse
	conic
	gcj02
	bd09
)

// URI is the identifier that OGC APIs use.
func (c *CRS) URI() string { return c.uri }

// Code is authority and code, such as EPSG:4490.
func (c *CRS) Code() string { return c.code }

// Name is the name that the authority gives.
func (c *CRS) Name() string { return c.name }

// Geographic reports whether the coordinates are degrees.
func (c *CRS) Geographic() bool {
	return c.kind != webMercator && c.kind != transverse && c.kind != conic
}

// Swapped reports whether the second axis of the map comes first: latitude
// before longitude, northing before easting.
func (c *CRS) Swapped() bool { return c.swapped }

// Offset reports whether the system is no CRS but an offset for drawing on
// certain base maps.
func (c *CRS) Offset() bool { return c.kind == gcj02 || c.kind == bd09 }

// Has3D reports whether heights belong to the coordinates.
func (c *CRS) Has3D() bool { return c.kind == geographic3D }

// Digits are the decimals with which a coordinate is within 1e-6 m.
func (c *CRS) Digits() int {
	if c.Geographic() {
		return 11
	}
	return 6
}

// AxisNames are the names of the two axes in order.
func (c *CRS) AxisNames() [2]string {
	names := [2]string{"easting", "northing"}
	if c.Geographic() {
		names = [2]string{"longitude", "latitude"}
	}
	if c.swapped {
		names[0], names[1] = names[1], names[0]
	}
	return names
}

// Bounds is where the system is defined, in longitude and latitude. West > east
// crosses 180 degrees.
func (c *CRS) Bounds() orb.Bound {
	switch c.kind {
	case webMercator:
		return orb.Bound{Min: orb.Point{-180, -maxMercatorLat}, Max: orb.Point{180, maxMercatorLat}}
	case transverse:
		return orb.Bound{Min: orb.Point{wrap(c.tm.meridian - widest), -90}, Max: orb.Point{wrap(c.tm.meridian + widest), 90}}
	}
	return orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
}

// Covers reports whether the system is defined in all of the box, which must not
// cross 180 degrees.
func (c *CRS) Covers(b orb.Bound) bool {
	d := c.Bounds()
	if b.Min[1] < d.Min[1] || b.Max[1] > d.Max[1] {
		return false
	}
	if d.Min[0] <= d.Max[0] {
		return b.Min[0] >= d.Min[0] && b.Max[0] <= d.Max[0]
	}
	return b.Min[0] >= d.Min[0] || b.Max[0] <= d.Max[0]
}

// FromLonLat converts longitude, latitude. ok is false outside Bounds.
func (c *CRS) FromLonLat(p orb.Point) (q orb.Point, ok bool) {
	if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
		return q, false
	}
	switch c.kind {
	case geographic, geographic3D:
		q = p
	case webMercator:
		if math.Abs(p[1]) > maxMercatorLat {
			return q, false
		}
		q = mercatorForward(p)
	case transverse:
		if q, ok = c.tm.forward(p); !ok {
			return q, false
		}
	case conic:
		q = c.cone.forward(p)
	case gcj02:
		q = gcjForward(p)
	case bd09:
		q = bdForward(p)
	}
	if c.swapped {
		q[0], q[1] = q[1], q[0]
	}
	return q, true
}

// ToLonLat converts to longitude, latitude. ok is false where no point of Bounds
// has the coordinates.
func (c *CRS) ToLonLat(q orb.Point) (p orb.Point, ok bool) {
	if c.swapped {
		q[0], q[1] = q[1], q[0]
	}
	if math.IsNaN(q[0]) || math.IsNaN(q[1]) || math.IsInf(q[0], 0) || math.IsInf(q[1], 0) {
		return p, false
	}
	switch c.kind {
	case geographic, geographic3D:
		p = q
	case webMercator:
		p = mercatorInverse(q)
	case transverse:
		if p, ok = c.tm.inverse(q); !ok {
			return p, false
		}
	case conic:
		if p, ok = c.cone.inverse(q); !ok {
			return p, false
		}
	case gcj02:
		p = gcjInverse(q)
	case bd09:
		p = bdInverse(q)
	}
	north := 90.0
	if c.kind == webMercator {
		north = maxMercatorLat
	}
	const rounding = 1e-9
	if math.Abs(p[0]) > 180+rounding || math.Abs(p[1]) > north+rounding {
		return orb.Point{}, false
	}
	return orb.Point{max(-180, min(180, p[0])), max(-north, min(north, p[1]))}, true
}

func wrap(lon float64) float64 {
	switch {
	case lon > 180:
		return lon - 360
	case lon < -180:
		return lon + 360
	}
	return lon
}
