package pyramid

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// hexGrid is hexagons of equal ground area: regular ones in the plane of an equalArea,
// two sides of each upright. q counts them eastwards along a row, r the rows
// northwards, each of which begins half a cell further east. Cell 0,0 stands a quarter
// of a cell east of the centre, so that no side lies on the meridian of the centre and
// runs into a pole.
type hexGrid struct {
	plane  equalArea
	across float64 // km from side to side
}

type hexCell struct{ q, r int32 }

var sqrt3 = math.Sqrt(3)

// cell is the cell that holds a position.
func (g *hexGrid) cell(p orb.Point) hexCell {
	at := g.plane.to(p)
	r := at[1] / (g.across * sqrt3 / 2)
	q := at[0]/g.across - 0.25 - r/2
	// Of the three axes, whose numbers add up to 0, the one that is rounded most
	// gives way.
	s := -q - r
	rq, rr, rs := math.Round(q), math.Round(r), math.Round(s)
	switch dq, dr, ds := math.Abs(rq-q), math.Abs(rr-r), math.Abs(rs-s); {
	case dq > dr && dq > ds:
		rq = -rr - rs
	case dr > ds:
		rr = -rq - rs
	}
	return hexCell{int32(rq), int32(rr)}
}

// corner is a corner of cells or the middle of one: x in halves of across, y in steps
// of which a cell has two from its middle to the top. Cells that share a corner have
// the same numbers for it, and the same position to the last bit.
type corner struct{ x, y int32 }

func (c hexCell) corners() [6]corner {
	x, y := 2*c.q+c.r, 3*c.r
	return [6]corner{{x, y - 2}, {x + 1, y - 1}, {x + 1, y + 1}, {x, y + 2}, {x - 1, y + 1}, {x - 1, y - 1}}
}

func (g *hexGrid) at(c corner) orb.Point {
	return orb.Point{(float64(c.x) + 0.5) * g.across / 2, float64(c.y) * g.across / (2 * sqrt3)}
}

// outline is a cell in longitude and latitude: a Polygon, or a MultiPolygon where it
// crosses 180° (RFC 7946, 3.1.9). Sides have more points where a straight line on the
// map would stray.
func (g *hexGrid) outline(c hexCell) orb.Geometry {
	corners := c.corners()
	var ring orb.Ring
	for i, from := range corners {
		side := g.side(from, corners[(i+1)%len(corners)])
		ring = append(ring, side[:len(side)-1]...)
	}
	ring = slices.CompactFunc(append(ring, ring[0]), func(a, b orb.Point) bool { return a == b })
	return AcrossDateLine(ring)
}

// side is the points from one corner to the next, both with it, rounded to 1e-7
// degrees (1 cm). It is the same for both cells that share it.
func (g *hexGrid) side(from, to corner) []orb.Point {
	turned := from.y > to.y || from.y == to.y && from.x > to.x
	if turned {
		from, to = to, from
	}
	a, b := g.at(from), g.at(to)
	points := g.densify(nil, a, b, g.plane.from(a), g.plane.from(b), 0)
	points = append(points, g.plane.from(b))
	if turned {
		slices.Reverse(points)
	}
	for i, p := range points {
		points[i] = orb.Point{math.Round(p[0]*1e7) / 1e7, math.Round(p[1]*1e7) / 1e7}
	}
	return points
}

const (
	equatorial = 6378.137 // radius of the Earth, km
	stray      = 1e-4     // of the width of a cell that a side may lie off
	mostHalve  = 7        // times that a side is halved
)

// densify appends the points from a on before b; pa and pb are where they are on the
// globe.
func (g *hexGrid) densify(points []orb.Point, a, b, pa, pb orb.Point, depth int) []orb.Point {
	mid := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	pm := g.plane.from(mid)
	east := math.Remainder(pb[0]-pa[0], 360)
	straight := orb.Point{pa[0] + east/2, (pa[1] + pb[1]) / 2}
	const km = equatorial * math.Pi / 180
	dx := math.Remainder(pm[0]-straight[0], 360) * math.Cos(pm[1]*math.Pi/180)
	if depth == mostHalve || depth > 0 && math.Hypot(dx, pm[1]-straight[1])*km < stray*g.across {
		return append(points, pa)
	}
	points = g.densify(points, a, mid, pa, pm, depth+1)
	return g.densify(points, mid, b, pm, pb, depth+1)
}

// AcrossDateLine is a ring that may cross 180°, or go round a pole, as a geometry that
// does not. The ring goes counterclockwise.
func AcrossDateLine(ring orb.Ring) orb.Geometry {
	open := slices.Clone(ring)
	west, east := open[0][0], open[0][0]
	for i := 1; i < len(open); i++ {
		open[i][0] += 360 * math.Round((open[i-1][0]-open[i][0])/360) // exact where it is not turned
		west, east = min(west, open[i][0]), max(east, open[i][0])
	}
	first, last := open[0], open[len(open)-1]
	if turn := last[0] - first[0]; math.Abs(turn) > 180 { // round the north pole eastwards, or the south pole
		lat := math.Copysign(90, turn)
		open = append(open, orb.Point{last[0], lat}, orb.Point{first[0], lat}, first)
	}
	if west >= -180 && east <= 180 {
		return orb.Polygon{open}
	}
	var parts orb.MultiPolygon
	for _, shift := range [...]float64{-360, 0, 360} {
		if part := between(open, shift-180, shift+180); len(part) > 3 && planar.Area(part) != 0 {
			for i := range part {
				part[i][0] -= shift
			}
			parts = append(parts, orb.Polygon{part})
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return parts
}

// between is the part of a ring between two meridians (Sutherland and Hodgman).
func between(ring orb.Ring, west, east float64) orb.Ring {
	ring = beside(ring, west, 1)
	ring = beside(ring, east, -1)
	return ring
}

// beside is the part of a ring on the side of a meridian: 1 is east, -1 west.
func beside(ring orb.Ring, lon, side float64) orb.Ring {
	var out orb.Ring
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		da, db := side*(a[0]-lon), side*(b[0]-lon)
		if da >= 0 {
			out = append(out, a)
		}
		if da > 0 && db < 0 || da < 0 && db > 0 {
			out = append(out, orb.Point{lon, a[1] + (b[1]-a[1])*da/(da-db)})
		}
	}
	out = slices.CompactFunc(out, func(a, b orb.Point) bool { return a == b })
	if len(out) > 0 && out[0] != out[len(out)-1] {
		out = append(out, out[0])
	}
	return out
}
