package pyramid

import (
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
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

// equalArea is the plane of hexagons, in km: shapes are pressed and stretched by 3 % at
// the edge of China.
type equalArea struct{ *crs.EqualArea }

func newEqualArea(centre orb.Point) equalArea { return equalArea{crs.NewEqualArea(centre)} }

// to is a position in the plane. The point opposite to the centre is put east.
func (e equalArea) to(p orb.Point) orb.Point {
	at := e.Forward(p)
	return orb.Point{at[0] / 1000, at[1] / 1000}
}

// from is the inverse of to. What is beyond the edge of the world is the point opposite
// to the centre.
func (e equalArea) from(p orb.Point) orb.Point {
	return e.Inverse(orb.Point{p[0] * 1000, p[1] * 1000})
}
