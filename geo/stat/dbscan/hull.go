package dbscan

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Hull is the least convex area on the sphere that holds points: a polygon whose sides
// are great circles, counterclockwise, with points so that no two are farther than a degree. It is a
// line where the points lie on one great circle, and a point where they are at one
// place. Longitudes are from -180 to 180: a ring that crosses 180 degrees jumps there.
// It is nil where the points do not fit on half a sphere.
func Hull(points []orb.Point) orb.Geometry {
	plane, ok := newGnomonic(points)
	if !ok {
		return nil
	}
	flat := make([]orb.Point, len(points))
	for i, p := range points {
		if flat[i], ok = plane.forward(p); !ok {
			return nil
		}
	}
	ring := convex(flat)
	switch len(ring) {
	case 1:
		return points[slices.Index(flat, ring[0])]
	case 2:
		return orb.LineString(plane.line(ring))
	}
	return orb.Polygon{plane.line(append(ring, ring[0]))}
}

// Area is the area in square metres of a hull or an alpha shape, on the sphere; not a
// number of nil.
func Area(hull orb.Geometry) float64 {
	sum := 0.0
	switch g := hull.(type) {
	case nil:
		return math.NaN()
	case orb.Polygon:
		return areaOf(g)
	case orb.MultiPolygon:
		for _, p := range g {
			sum += areaOf(p)
		}
	}
	return sum
}

func areaOf(polygon orb.Polygon) float64 {
	sum := 0.0
	for i, ring := range polygon {
		area := 0.0
		first := vectorOf(ring[0])
		for k := 1; k+1 < len(ring); k++ {
			a, b := vectorOf(ring[k]), vectorOf(ring[k+1])
			area += excess(&first, &a, &b)
		}
		if area = math.Abs(area); i > 0 {
			area = -area
		}
		sum += area
	}
	return sum * Radius * Radius
}

// excess is the area of a triangle on the unit sphere, positive counterclockwise, from
// A. van Oosterom and J. Strackee (IEEE Transactions on Biomedical Engineering 30, 1983).
func excess(a, b, c *vector) float64 {
	ab, ac := minus(b, a), minus(c, a)
	return 2 * math.Atan2(dot(a, cross(ab, ac)), 1+dot(a, b)+dot(b, c)+dot(c, a))
}

func minus(a, b *vector) *vector { return &vector{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func dot(a, b *vector) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func cross(a, b *vector) *vector {
	return &vector{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// gnomonic is the plane that touches the unit sphere in the middle of points; great
// circles are straight in it.
type gnomonic struct{ centre, east, north vector }

func newGnomonic(points []orb.Point) (*gnomonic, bool) {
	c, ok := middle(points)
	if !ok {
		return nil, false
	}
	g := &gnomonic{centre: c}
	if flat := math.Hypot(c[0], c[1]); flat > 1e-12 {
		g.east = vector{-c[1] / flat, c[0] / flat, 0}
	} else {
		g.east = vector{0, 1, 0}
	}
	g.north = *cross(&g.centre, &g.east)
	return g, true
}

// Centre is the middle of points on the sphere: the direction of their mean in space.
// ok is false where they have none.
func Centre(points []orb.Point) (p orb.Point, ok bool) {
	c, ok := middle(points)
	return c.position(), ok
}

func middle(points []orb.Point) (vector, bool) {
	var c vector
	for _, p := range points {
		v := vectorOf(p)
		c[0], c[1], c[2] = c[0]+v[0], c[1]+v[1], c[2]+v[2]
	}
	length := math.Sqrt(dot(&c, &c))
	if !(length > 1e-9*float64(len(points))) {
		return vector{}, false
	}
	return vector{c[0] / length, c[1] / length, c[2] / length}, true
}

func (v vector) position() orb.Point {
	return orb.Point{math.Atan2(v[1], v[0]) * 180 / math.Pi, math.Atan2(v[2], math.Hypot(v[0], v[1])) * 180 / math.Pi}
}

// forward is the place in the plane; ok is false of what is more than 89 degrees away.
func (g *gnomonic) forward(p orb.Point) (orb.Point, bool) {
	v := vectorOf(p)
	away := minus(&v, &g.centre) // keeps the digits of what is near
	x, y, z := dot(away, &g.east), dot(away, &g.north), dot(&v, &g.centre)
	return orb.Point{x / z, y / z}, z > 0.0175
}

func (g *gnomonic) inverse(p orb.Point) vector {
	var v vector
	for a := range v {
		v[a] = g.centre[a] + p[0]*g.east[a] + p[1]*g.north[a]
	}
	length := math.Sqrt(dot(&v, &v))
	return vector{v[0] / length, v[1] / length, v[2] / length}
}

// line is a line of the plane on the sphere, with a point each degree.
func (g *gnomonic) line(flat []orb.Point) orb.Ring {
	var out orb.Ring
	for i, p := range flat {
		b := g.inverse(p)
		if i > 0 {
			a := g.inverse(flat[i-1])
			out = between(out, &a, &b, 0)
		}
		out = append(out, b.position())
	}
	return out
}

// between appends points between two, so that the way from one to the next is at most a
// degree, and near a pole, where meridians run together, a quarter of one of longitude.
func between(line orb.Ring, a, b *vector, depth int) orb.Ring {
	turn, most := math.Abs(math.Remainder(a.position()[0]-b.position()[0], 360)), 1.0
	if math.Abs(a[2]) > 0.96 {
		most = 0.25
	}
	if depth == 16 || a.chord2(b) < 3e-4 && turn <= most {
		return line
	}
	m := vector{a[0] + b[0], a[1] + b[1], a[2] + b[2]}
	length := math.Sqrt(dot(&m, &m))
	m = vector{m[0] / length, m[1] / length, m[2] / length}
	line = append(between(line, a, &m, depth+1), m.position())
	return between(line, &m, b, depth+1)
}

// convex is the convex hull of points in a plane, counterclockwise, without points on its
// sides, by A. M. Andrew's chain (Information Processing Letters 9, 1979).
func convex(points []orb.Point) []orb.Point {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, comparePoints)
	sorted = slices.Compact(sorted)
	if len(sorted) < 3 {
		return sorted
	}
	chain := func(out []orb.Point, p orb.Point) []orb.Point {
		for len(out) > 1 && turn(out[len(out)-2], out[len(out)-1], p) <= 0 {
			out = out[:len(out)-1]
		}
		return append(out, p)
	}
	var lower, upper []orb.Point
	for i, p := range sorted {
		lower = chain(lower, p)
		upper = chain(upper, sorted[len(sorted)-1-i])
	}
	ring := append(lower, upper[1:len(upper)-1]...)
	if from, to, wide := across(ring); wide <= thin {
		return []orb.Point{from, to}
	}
	return ring
}

// thin is how wide a hull is, in radii, that rounding may have made of a line: 6 mm.
const thin = 1e-9

// across are the ends of a ring, and how wide it is on both sides of the line between
// them.
func across(ring []orb.Point) (from, to orb.Point, wide float64) {
	farthest := func(p orb.Point) orb.Point {
		return slices.MaxFunc(ring, func(a, b orb.Point) int {
			return cmp.Compare(planar.DistanceSquared(p, a), planar.DistanceSquared(p, b))
		})
	}
	from = farthest(ring[0])
	to = farthest(from)
	low, high := 0.0, 0.0
	for _, p := range ring {
		v := turn(from, to, p) / planar.Distance(from, to)
		low, high = min(low, v), max(high, v)
	}
	return from, to, high - low
}

// turn is positive where c is on the left of the way from a to b.
func turn(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}
