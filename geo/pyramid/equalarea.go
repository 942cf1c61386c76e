package pyramid

import (
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// WGS 84, in km.
const (
	semiMajor  = 6378.137
	flattening = 1 / 298.257223563
)

// centres are the points at which an equalArea may be centred: where data are all on
// one continent, hexagons there are nearly regular. Asia comes first, and has also
// what lies all over the world: the opposite point, where shapes are torn most, is in
// the sea off Chile.
var centres = [...]orb.Point{{100, 36}, {15, 50}, {20, 5}, {-100, 45}, {-60, -15}, {140, -25}}

// centred is how far from a centre, in degrees, shapes keep to a sixth in width and
// height.
const centred = 60

// centreOf is the centre for features in a box.
func centreOf(e geo.Extent) orb.Point {
	if e.Empty {
		return centres[0]
	}
	for _, c := range centres {
		if farthest(c, e.Box) <= centred {
			return c
		}
	}
	return centres[0]
}

// farthest is how far in degrees the farthest of the corners and middles of the sides
// of a box is.
func farthest(from orb.Point, b orb.Bound) float64 {
	cos, at := 1.0, unit(from)
	for i := range 3 {
		for j := range 3 {
			lon := b.Min[0] + (b.Max[0]-b.Min[0])*float64(i)/2
			lat := b.Min[1] + (b.Max[1]-b.Min[1])*float64(j)/2
			cos = min(cos, at.dot(unit(orb.Point{lon, lat})))
		}
	}
	return math.Acos(max(-1, cos)) * 180 / math.Pi
}

// vector is a position on the unit sphere, or a sum of such.
type vector [3]float64

func unit(p orb.Point) vector {
	sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	return vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

func (v vector) dot(w vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

func (v vector) plus(w vector) vector { return vector{v[0] + w[0], v[1] + w[1], v[2] + w[2]} }

// equalArea is the Lambert azimuthal equal-area projection of WGS 84 by way of the
// authalic sphere: J. P. Snyder, Map Projections - A Working Manual (USGS Professional
// Paper 1395, 1987), pages 16 and 182-190. Areas are true to scale all over the world;
// shapes are true at the centre, and at an angle c from it stretched by 1/cos(c/2)
// around the centre and pressed by cos(c/2) towards it: by 3 % at the edge of China.
// Positions are in km.
type equalArea struct {
	lon, sin, cos float64 // of the centre; sin and cos of its authalic latitude
	radius        float64
}

func newEqualArea(centre orb.Point) equalArea {
	sin := authalic(centre[1])
	return equalArea{centre[0] * math.Pi / 180, sin, math.Sqrt(1 - sin*sin), semiMajor * math.Sqrt(polar/2)}
}

const eccentricity2 = flattening * (2 - flattening)

var (
	eccentricity = math.Sqrt(eccentricity2)
	polar        = authalicQ(1)
)

// authalicQ is q of equation 3-12, of the sine of a latitude.
func authalicQ(sin float64) float64 {
	return (1 - eccentricity2) * (sin/(1-eccentricity2*sin*sin) + math.Atanh(eccentricity*sin)/eccentricity)
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
		part := 1 - eccentricity2*sin*sin
		sin -= (authalicQ(sin) - q) * part * part / (2 * (1 - eccentricity2))
		sin = max(-1, min(1, sin))
	}
	return math.Asin(sin) * 180 / math.Pi
}

// to is a position in the plane. The point opposite to the centre is put east.
func (e *equalArea) to(p orb.Point) orb.Point {
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

// from is the inverse of to. What is beyond the edge of the world is the point opposite
// to the centre.
func (e *equalArea) from(p orb.Point) orb.Point {
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
