package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// semiMajor is the semi-major axis of WGS 84 and CGCS2000 in metres.
const semiMajor = 6378137.0

// maxMercatorLat is where EPSG ends the area of use of Web Mercator, a little
// beyond the square of map tiles (85.0511).
const maxMercatorLat = 85.06

// mercatorForward is the popular visualisation pseudo-Mercator, EPSG method 1024
// (IOGP Publication 373-7-2, 3.2.2).
func mercatorForward(p orb.Point) orb.Point {
	return orb.Point{
		semiMajor * p[0] * math.Pi / 180,
		semiMajor * math.Asinh(math.Tan(p[1]*math.Pi/180)),
	}
}

func mercatorInverse(q orb.Point) orb.Point {
	return orb.Point{q[0] / semiMajor * 180 / math.Pi, math.Atan(math.Sinh(q[1]/semiMajor)) * 180 / math.Pi}
}
