package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// EqualArea is the Lambert azimuthal equal-area projection of WGS 84 by way of the
// authalic sphere: J. P. Snyder, Map Projections - A Working Manual (USGS Professional
// Paper 1395, 1987), pages 16 and 182-190. Areas are true to scale all over the world;
// shapes are true at the centre, and at an angle c from it stretched by 1/cos(c/2)
// around the centre and pressed by cos(c/2) towards it. Positions in the plane are in
// metres, east and north of the centre.
type EqualArea struct {
	centre        orb.Point
	lon, sin, cos float64 // of the centre; sin and cos of its authalic latitude
	radius        float64
}

// NewEqualArea is the plane that touches the Earth at a centre, given as longitude and
// latitude in degrees.
func NewEqualArea(centre orb.Point) *EqualArea {
	sin := authalic(centre[1])
	return &EqualArea{centre, centre[0] * math.Pi / 180, sin, math.Sqrt(1 - sin*sin), semiMajor * math.Sqrt(polar/2)}
}

const (
	flat       = 1 / 298.257223563 // of WGS 84
	ellipsoid2 = flat * (2 - flat) // its eccentricity, squared
)

var (
	eccentricity = math.Sqrt(ellipsoid2)
	polar        = authalicQ(1)
)

// authalicQ is q of equation 3-12, of the sine of a latitude.
func authalicQ(sin float64) float64 {
	return (1 - ellipsoid2) * (sin/(1-ellipsoid2*sin*sin) + math.Atanh(eccentricity*sin)/eccentricity)
}

// authalic is the sine of the authalic latitude of a latitude in degrees.
func authalic(lat float64) float64 {
	return max(-1, min(1, authalicQ(math.Sin(lat*math.Pi/180))/polar))
}

// geodetic is the latitude in degrees of an authalic latitude, of which it has the
// sine: the nearest sine by Newton's method, whose steps are exact at the poles too.
func geodetic(authalic float64) float64 {
	q := polar * authalic
	sin := authalic
	for range 4 {
		part := 1 - ellipsoid2*sin*sin
		sin -= (authalicQ(sin) - q) * part * part / (2 * (1 - ellipsoid2))
		sin = max(-1, min(1, sin))
	}
	return math.Asin(sin) * 180 / math.Pi
}

// Centre is the centre of the plane, in degrees.
func (e *EqualArea) Centre() orb.Point { return e.centre }

// Forward is the position in the plane of a longitude and latitude in degrees. The point
// opposite to the centre is put east.
func (e *EqualArea) Forward(p orb.Point) orb.Point {
	sin := authalic(p[1])
	cos := math.Sqrt((1 - sin) * (1 + sin))
	sinLon, cosLon := math.Sincos(p[0]*math.Pi/180 - e.lon)
	x := cos * sinLon
	y := e.cos*sin - e.sin*cos*cosLon
	near := e.sin*sin + e.cos*cos*cosLon // cosine of the angle from the centre
	if near > -0.5 {
		k := e.radius * math.Sqrt(2/(1+near))
		return orb.Point{k * x, k * y}
	}
	far := math.Hypot(x, y)
	if far == 0 {
		return orb.Point{2 * e.radius, 0}
	}
	k := e.radius * math.Sqrt(2*(1-near)) / far
	return orb.Point{k * x, k * y}
}

// Inverse is the longitude and latitude of a position in the plane. What is beyond the edge of the world is the point opposite
// to the centre.
func (e *EqualArea) Inverse(p orb.Point) orb.Point {
	half := math.Hypot(p[0], p[1]) / (2 * e.radius) // sine of half the angle
	if half == 0 {
		return orb.Point{e.lon * 180 / math.Pi, geodetic(e.sin)}
	}
	half = min(1, half)
	cos := 1 - 2*half*half
	sin := 2 * half * math.Sqrt(1-half*half)
	length := math.Hypot(p[0], p[1])
	x, y := p[0]/length*sin, p[1]/length*sin
	lon := e.lon + math.Atan2(x, e.cos*cos-e.sin*y)
	lat := geodetic(max(-1, min(1, cos*e.sin+y*e.cos)))
	return orb.Point{math.Remainder(lon*180/math.Pi, 360), lat}
}
