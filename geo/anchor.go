package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// anchor is a point on a geometry; see Index.Anchor. Lengths, areas and means are
// planar in degrees.
func anchor(g orb.Geometry) orb.Point {
	switch g := g.(type) {
	case orb.Point:
		return g
	case orb.MultiPoint:
		return nearestToMean(g)
	case orb.LineString:
		return middle(g)
	case orb.MultiLineString:
		return middle(slices.MaxFunc(g, func(a, b orb.LineString) int { return cmp.Compare(planar.Length(a), planar.Length(b)) }))
	case orb.Polygon:
		return inside(g)
	case orb.MultiPolygon:
		return inside(slices.MaxFunc(g, func(a, b orb.Polygon) int { return cmp.Compare(planar.Area(a), planar.Area(b)) }))
	case orb.Collection:
		return anchor(chief(g))
	}
	return g.Bound().Center()
}

// chief is the first part of the most dimensions, and of these the longest or
// largest.
func chief(c orb.Collection) orb.Geometry {
	size := func(g orb.Geometry) float64 {
		switch g.Dimensions() {
		case 1:
			return planar.Length(g)
		case 2:
			return planar.Area(g)
		}
		return 0
	}
	return slices.MaxFunc(c, func(a, b orb.Geometry) int {
		if d := a.Dimensions() - b.Dimensions(); d != 0 {
			return d
		}
		return cmp.Compare(size(a), size(b))
	})
}

func nearestToMean(points orb.MultiPoint) orb.Point {
	var mean orb.Point
	for _, p := range points {
		mean[0] += p[0] / float64(len(points))
		mean[1] += p[1] / float64(len(points))
	}
	return slices.MinFunc(points, func(a, b orb.Point) int {
		return cmp.Compare(planar.DistanceSquared(a, mean), planar.DistanceSquared(b, mean))
	})
}

// middle is the point halfway along a line.
func middle(line orb.LineString) orb.Point {
	left := planar.Length(line) / 2
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := planar.Distance(a, b)
		if d >= left && d > 0 {
			t := left / d
			return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
		}
		left -= d
	}
	return line[0]
}

// inside is the centroid of a polygon where that lies in it, else the middle of the
// widest piece of a parallel in it. A polygon without area has its first position.
func inside(g orb.Polygon) orb.Point {
	if p, area := planar.CentroidArea(g); area > 0 && planar.PolygonContains(g, p) {
		return p
	}
	b := g.Bound()
	best, widest := g[0][0], 0.0
	for _, share := range [...]float64{0.5, 0.25, 0.75, 0.375, 0.625} {
		y := b.Min[1] + share*(b.Max[1]-b.Min[1])
		xs := cutsAt(g, y)
		for i := 1; i < len(xs); i += 2 {
			if w := xs[i] - xs[i-1]; w > widest {
				best, widest = orb.Point{(xs[i] + xs[i-1]) / 2, y}, w
			}
		}
	}
	return best
}

// cutsAt are the longitudes at which rings cross a parallel, in order. They are
// even in number, for an edge has its lower end and not its upper one.
func cutsAt(g orb.Polygon, y float64) []float64 {
	var xs []float64
	for _, ring := range g {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] <= y) != (b[1] <= y) {
				xs = append(xs, a[0]+(y-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(xs)
	return xs
}
