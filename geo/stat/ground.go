package stat

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	orbplanar "github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"

	"clustermap/geo/crs"
	"clustermap/geo/stat/kernel"
)

// onEarth is a valid area of a plane in longitude and latitude, cut where it crosses 180
// degrees or goes round a pole (RFC 7946, 3.1.9). Positions are rounded to about a
// millionth of step, in metres. whole is false where a part was left out that cannot be
// drawn in longitude and latitude: near the point opposite to the centre.
func onEarth(plane *crs.EqualArea, area orb.MultiPolygon, step float64) (g orb.Geometry, whole bool) {
	digits := math.Pow(10, min(12, max(7, math.Ceil(-math.Log10(step*1e-6/111e3)))))
	var out orb.MultiPolygon
	whole = true
	for _, polygon := range area {
		var lonlat orb.Polygon
		for _, ring := range polygon {
			var turned orb.Ring
			for i, p := range ring {
				if i > 0 {
					turned = aside(turned, plane, ring[i-1], p, 0)
				}
				turned = append(turned, plane.Inverse(p))
			}
			turned = rounded(turned, digits)
			if len(turned) > 3 {
				lonlat = append(lonlat, turned)
			} else if len(lonlat) == 0 {
				break
			}
		}
		if len(lonlat) == 0 {
			continue
		}
		parts, ok := uncrossed(lonlat, math.Abs(orbplanar.Area(polygon)))
		whole = whole && ok
		out = append(out, parts...)
	}
	return oneOrMany(out), whole
}

// aside appends points between two where a line of the plane turns by more than 2 degrees
// of longitude, as it does near a pole.
func aside(line orb.Ring, plane *crs.EqualArea, a, b orb.Point, depth int) orb.Ring {
	if depth == 12 || math.Abs(math.Remainder(plane.Inverse(b)[0]-plane.Inverse(a)[0], 360)) <= 2 {
		return line
	}
	middle := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	line = append(aside(line, plane, a, middle, depth+1), plane.Inverse(middle))
	return aside(line, plane, middle, b, depth+1)
}

func rounded(ring orb.Ring, digits float64) orb.Ring {
	for i, p := range ring {
		ring[i] = orb.Point{math.Round(p[0]*digits) / digits, math.Round(p[1]*digits) / digits}
	}
	return slices.CompactFunc(ring, func(a, b orb.Point) bool { return a == b })
}

// covers is the ground that polygons cover, in square metres, on a sphere as large as the
// Earth: the integral of the sine of latitude along lines that are straight on the map.
func covers(polygons []orb.Polygon) float64 {
	const rad = math.Pi / 180
	sum := 0.0
	for _, p := range polygons {
		for _, ring := range p {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				mean := math.Sin((a[1] + b[1]) / 2 * rad)
				if half := (b[1] - a[1]) / 2 * rad; math.Abs(half) > 1e-9 {
					mean *= math.Sin(half) / half
				}
				sum -= mean * (b[0] - a[0]) * rad
			}
		}
	}
	return sum * world * world / 4
}

// oneOrMany is nil, a Polygon or a MultiPolygon.
func oneOrMany(polygons orb.MultiPolygon) orb.Geometry {
	switch len(polygons) {
	case 0:
		return nil
	case 1:
		return polygons[0]
	}
	return polygons
}

// uncrossed is a polygon whose rings may jump at 180 degrees, or go round a pole, as
// polygons that do not. ok is false where they would not cover the ground that it does,
// in square metres, and there are none: where it goes through a pole.
func uncrossed(p orb.Polygon, ground float64) (out []orb.Polygon, ok bool) {
	for i, ring := range p {
		p[i] = alongPole(ring)
	}
	if !slices.ContainsFunc(p, jumps) && p[0].Orientation() == orb.CCW {
		out = []orb.Polygon{p}
	} else {
		out = cut(p)
	}
	if b := p.Bound(); len(out) == 1 && b.Max[0]-b.Min[0] < 90 && b.Max[1] < 80 && b.Min[1] > -80 {
		return out, true
	}
	if math.Abs(covers(out)-ground) > 0.05*ground+1 {
		return nil, false
	}
	for _, part := range out {
		if simple(part).Validate() != nil {
			return nil, false
		}
	}
	return out, true
}

// alongPole is a ring in which a corner at a pole is two, on the meridians that lead there.
func alongPole(ring orb.Ring) orb.Ring {
	n := len(ring) - 1
	if !slices.ContainsFunc(ring, func(p orb.Point) bool { return math.Abs(p[1]) == 90 }) || n < 3 {
		return ring
	}
	var out orb.Ring
	for i, p := range ring[:n] {
		if math.Abs(p[1]) != 90 {
			out = append(out, p)
			continue
		}
		out = append(out, orb.Point{ring[(i+n-1)%n][0], p[1]}, orb.Point{ring[(i+1)%n][0], p[1]})
	}
	return append(out, out[0])
}

// cut is the parts of a polygon between the meridians of 180 degrees: what its rings, with
// the inside on their left, and the edge of the world map, counterclockwise, enclose.
func cut(p orb.Polygon) []orb.Polygon {
	var rings, chains []orb.Ring
	for _, ring := range p {
		parts := atSeam(ring)
		if len(parts) == 0 {
			rings = append(rings, ring)
		}
		chains = append(chains, parts...)
	}
	rings = append(rings, joined(chains)...)
	if !slices.ContainsFunc(rings, func(r orb.Ring) bool { return orbplanar.Area(r) > 0 }) {
		rings = append(rings, orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}.ToRing())
	}
	return kernel.Polygons(rings)
}

// atSeam is the parts of a ring from one crossing of 180 degrees to the next; none if it
// does not cross.
func atSeam(ring orb.Ring) []orb.Ring {
	var out []orb.Ring
	part := orb.Ring{ring[0]}
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if d := b[0] - a[0]; math.Abs(d) > 180 {
			side := math.Copysign(180, a[0])
			east := math.Remainder(d, 360) // from a to b
			lat := a[1]
			if east != 0 {
				lat += (b[1] - a[1]) * (side - a[0]) / east
			}
			out = append(out, append(part, orb.Point{side, lat}))
			part = orb.Ring{{-side, lat}}
		}
		part = append(part, b)
	}
	if len(out) > 0 {
		out[0] = append(part, out[0][1:]...)
	}
	return out
}

// corners of the world map, counterclockwise from the southeast, and how far they are
// along its edge in degrees.
var corners = [...]struct {
	at   orb.Point
	edge float64
}{{orb.Point{180, -90}, 0}, {orb.Point{180, 90}, 180}, {orb.Point{-180, 90}, 540}, {orb.Point{-180, -90}, 720}}

const wholeEdge = 1080

// alongEdge is how far a point at 180 degrees is along the edge of the world map.
func alongEdge(p orb.Point) float64 {
	if p[0] > 0 {
		return p[1] + 90
	}
	return 630 - p[1]
}

// joined is the rings that lines make with the edge of the world map: each goes on along
// the edge to where the next begins.
func joined(chains []orb.Ring) (out []orb.Ring) {
	used := make([]bool, len(chains))
	for first := range chains {
		if used[first] {
			continue
		}
		var ring orb.Ring
		for at := first; !used[at]; {
			used[at] = true
			ring = append(ring, chains[at]...)
			from := alongEdge(chains[at][len(chains[at])-1])
			next, way := first, math.Inf(1)
			for i, c := range chains {
				if d := math.Mod(alongEdge(c[0])-from+wholeEdge, wholeEdge); d < way {
					next, way = i, d
				}
			}
			for turn := 0.0; turn <= wholeEdge; turn += wholeEdge {
				for _, c := range corners {
					if d := c.edge + turn - from; d > 0 && d < way {
						ring = append(ring, c.at)
					}
				}
			}
			at = next
		}
		out = append(out, loops(ring)...)
	}
	return out
}

// loops parts a ring, given without its last point, where it comes to a place again, as
// that of an area and a hole that touch does.
func loops(ring orb.Ring) (out []orb.Ring) {
	var path orb.Ring
	placed := make(map[orb.Point]int)
	for _, p := range append(ring, ring[0]) {
		if at, again := placed[p]; again {
			if len(path)-at > 2 {
				out = append(out, append(slices.Clone(path[at:]), p))
			}
			for _, q := range path[at:] {
				delete(placed, q)
			}
			path = path[:at]
		}
		placed[p] = len(path)
		path = append(path, p)
	}
	return out
}

func simple(p orb.Polygon) geom.Geometry {
	var rings []geom.LineString
	for _, ring := range p {
		var xy []float64
		for _, c := range ring {
			xy = append(xy, c[0], c[1])
		}
		rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
	}
	return geom.NewPolygon(rings).AsGeometry()
}

func jumps(ring orb.Ring) bool {
	for i := 1; i < len(ring); i++ {
		if math.Abs(ring[i][0]-ring[i-1][0]) > 180 {
			return true
		}
	}
	return false
}
