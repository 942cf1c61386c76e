package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// widest is how many degrees from its central meridian a zone is defined here.
// The series is within a micrometre to 35 degrees (Karney 2011, section 5): all of
// China from the meridians 102 to 108. Farther out it loses digits, as PROJ's does.
const widest = 80.0

// transverseMercator is the Krueger series to the sixth order in the third
// flattening: C. F. F. Karney, "Transverse Mercator with an accuracy of a few
// nanometers", Journal of Geodesy 85 (2011), equations 7 to 36.
type transverseMercator struct {
	meridian    float64 // degrees
	scale       float64
	east        float64 // false easting, m
	e           float64 // eccentricity
	radius      float64 // rectifying radius, m
	alpha, beta [6]float64
}

// newTransverse makes a projection on the ellipsoid of the inverse flattening.
func newTransverse(meridian, scale, east, inverseFlattening float64) *transverseMercator {
	f := 1 / inverseFlattening
	n := f / (2 - f)
	n2, n3, n4, n5, n6 := n*n, n*n*n, n*n*n*n, n*n*n*n*n, n*n*n*n*n*n
	return &transverseMercator{
		meridian: meridian, scale: scale, east: east,
		e:      math.Sqrt(f * (2 - f)),
		radius: semiMajor / (1 + n) * (1 + n2/4 + n4/64 + n6/256),
		alpha: [6]float64{
			n/2 - n2*2/3 + n3*5/16 + n4*41/180 - n5*127/288 + n6*7891/37800,
			n2*13/48 - n3*3/5 + n4*557/1440 + n5*281/630 - n6*1983433/1935360,
			n3*61/240 - n4*103/140 + n5*15061/26880 + n6*167603/181440,
			n4*49561/161280 - n5*179/168 + n6*6601661/7257600,
			n5*34729/80640 - n6*3418889/1995840,
			n6 * 212378941 / 319334400,
		},
		beta: [6]float64{
			n/2 - n2*2/3 + n3*37/96 - n4/360 - n5*81/512 + n6*96199/604800,
			n2/48 + n3/15 - n4*437/1440 + n5*46/105 - n6*1118711/3870720,
			n3*17/480 - n4*37/840 - n5*209/4480 + n6*5569/90720,
			n4*4397/161280 - n5*11/504 - n6*830251/7257600,
			n5*4583/161280 - n6*108847/3991680,
			n6 * 20648693 / 638668800,
		},
	}
}

// conformal is the tangent of the conformal latitude for that of the latitude
// (equations 7 to 9).
func (t *transverseMercator) conformal(tau float64) float64 {
	h := math.Hypot(1, tau)
	sigma := math.Sinh(t.e * math.Atanh(t.e*tau/h))
	return tau*math.Hypot(1, sigma) - sigma*h
}

// forward gives easting, northing.
func (t *transverseMercator) forward(p orb.Point) (orb.Point, bool) {
	dLon := math.Remainder(p[0]-t.meridian, 360)
	if math.Abs(dLon) > widest {
		return orb.Point{}, false
	}
	lambda := dLon * math.Pi / 180
	tau := t.conformal(math.Tan(p[1] * math.Pi / 180))
	sin, cos := math.Sincos(lambda)
	xi0 := math.Atan2(tau, cos)
	eta0 := math.Asinh(sin / math.Hypot(tau, cos))
	xi, eta := xi0, eta0
	for j, a := range t.alpha {
		k := 2 * float64(j+1)
		s, c := math.Sincos(k * xi0)
		xi += a * s * math.Cosh(k*eta0)
		eta += a * c * math.Sinh(k*eta0)
	}
	return orb.Point{t.east + t.scale*t.radius*eta, t.scale * t.radius * xi}, true
}

// inverse takes easting, northing.
func (t *transverseMercator) inverse(q orb.Point) (orb.Point, bool) {
	xi, eta := q[1]/(t.scale*t.radius), (q[0]-t.east)/(t.scale*t.radius)
	if math.Abs(xi) > math.Pi/2+1e-9 || math.Abs(eta) > 3 {
		return orb.Point{}, false
	}
	xi0, eta0 := xi, eta
	for j, b := range t.beta {
		k := 2 * float64(j+1)
		s, c := math.Sincos(k * xi)
		xi0 -= b * s * math.Cosh(k*eta)
		eta0 -= b * c * math.Sinh(k*eta)
	}
	sin, cos := math.Sincos(xi0)
	sinh := math.Sinh(eta0)
	dLon := math.Atan2(sinh, cos) * 180 / math.Pi
	if math.Abs(dLon) > widest+1e-9 {
		return orb.Point{}, false
	}
	lat := math.Atan(t.geodetic(sin/math.Hypot(sinh, cos))) * 180 / math.Pi
	return orb.Point{wrap(t.meridian + dLon), lat}, true
}

// geodetic is the inverse of conformal, by Newton's method (equations 19 to 21).
func (t *transverseMercator) geodetic(tau0 float64) float64 {
	if math.Abs(tau0) > 1e15 {
		return tau0
	}
	e2 := t.e * t.e
	tau := tau0 / (1 - e2)
	for range 8 {
		at := t.conformal(tau)
		step := (tau0 - at) / math.Hypot(1, at) * (1 + (1-e2)*tau*tau) / ((1 - e2) * math.Hypot(1, tau))
		tau += step
		if math.Abs(step) <= 1e-15*math.Max(1, math.Abs(tau)) {
			break
		}
	}
	return tau
}
