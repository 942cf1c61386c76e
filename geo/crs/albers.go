package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// albers is the Albers equal-area conic on an ellipsoid (Snyder, "Map Projections: A
// Working Manual", USGS Professional Paper 1395, 1987, pages 101-102), north up.
type albers struct {
	meridian, south, north, origin float64 // degrees; see newAlbers

	e    float64 // eccentricity
	n, c float64
	rho0 float64 // metres, of the latitude of origin
}

// newAlbers takes degrees: the central meridian, the two standard parallels and the
// latitude where the northing is 0.
func newAlbers(meridian, south, north, origin, flattening float64) *albers {
	a := &albers{meridian: meridian, south: south, north: north, origin: origin, e: math.Sqrt(flattening2(flattening))}
	m := func(lat float64) float64 {
		sin, cos := math.Sincos(lat * math.Pi / 180)
		return cos / math.Sqrt(1-a.e*a.e*sin*sin)
	}
	q := func(lat float64) float64 { return a.q(math.Sin(lat * math.Pi / 180)) }
	m1, m2 := m(south), m(north)
	a.n = (m1*m1 - m2*m2) / (q(north) - q(south))
	a.c = m1*m1 + a.n*q(south)
	a.rho0 = a.rho(q(origin))
	return a
}

// flattening2 is the square of the eccentricity for an inverse flattening.
func flattening2(inverse float64) float64 { f := 1 / inverse; return f * (2 - f) }

// q is Snyder's 3-12 of the sine of a latitude.
func (a *albers) q(sin float64) float64 {
	return (1 - a.e*a.e) * (sin/(1-a.e*a.e*sin*sin) + math.Atanh(a.e*sin)/a.e)
}

func (a *albers) rho(q float64) float64 { return semiMajor * math.Sqrt(max(0, a.c-a.n*q)) / a.n }

// forward takes longitudes up to 180 degrees on either side of the meridian.
func (a *albers) forward(p orb.Point) orb.Point {
	rho := a.rho(a.q(math.Sin(p[1] * math.Pi / 180)))
	sin, cos := math.Sincos(a.n * wrap(p[0]-a.meridian) * math.Pi / 180)
	return orb.Point{rho * sin, a.rho0 - rho*cos}
}

// inverse is ok on the cone: between the poles and where it is not cut open.
func (a *albers) inverse(p orb.Point) (orb.Point, bool) {
	y := a.rho0 - p[1]
	rho, theta := math.Hypot(p[0], y), math.Atan2(p[0], y)
	q := (a.c - math.Pow(rho*a.n/semiMajor, 2)) / a.n
	pole := a.q(1)
	lon := theta / a.n * 180 / math.Pi
	const rounding = 1e-9
	if math.Abs(q) > pole*(1+rounding) || math.Abs(lon) > 180+rounding {
		return orb.Point{}, false
	}
	return orb.Point{wrap(a.meridian + lon), a.latitude(max(-pole, min(pole, q)), pole)}, true
}

// latitude solves q by Newton's method (Snyder 3-16), in degrees.
func (a *albers) latitude(q, pole float64) float64 {
	if math.Abs(q) >= pole*(1-1e-14) {
		return math.Copysign(90, q)
	}
	phi := math.Asin(q / pole) // of the authalic sphere, within a fifth of a degree
	for range 20 {
		sin, cos := math.Sincos(phi)
		w := 1 - a.e*a.e*sin*sin
		d := w * w / (2 * cos) * (q - a.q(sin)) / (1 - a.e*a.e)
		phi += d
		if math.Abs(d) < 1e-14 {
			break
		}
	}
	return phi * 180 / math.Pi
}
