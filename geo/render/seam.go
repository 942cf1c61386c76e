package render

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// onSeam is whether an edge is there only because a geometry was cut at 180 degrees or
// closed along the south pole.
func onSeam(a, b orb.Point) bool {
	return math.Abs(a[0]) == 180 && a[0] == b[0] || a[1] == -90 && b[1] == -90
}

// seamed is whether a polygon has edges along a seam of the world as it is drawn.
func (t *tracer) seamed(polygon orb.Polygon) bool {
	for _, ring := range polygon {
		for i := 1; i < len(ring); i++ {
			if onSeam(ring[i-1], ring[i]) {
				return true
			}
		}
		if t.kind != conic || len(ring) == 0 {
			continue
		}
		west, east, _, _ := spread(ring)
		if cut := t.kind.middle() - 180; math.Floor((east-cut)/360) > math.Floor((west-cut)/360) {
			return true
		}
	}
	return false
}

// onCone calls visit with the parts of a line that are not beyond the cut of a cone, or
// with the line as it is where there is no cut.
func (t *tracer) onCone(line []orb.Point, visit func(part []orb.Point)) {
	west, east := t.kind.middle()-180, t.kind.middle()+180
	if t.kind != conic || !slices.ContainsFunc(line, func(p orb.Point) bool { return p[0] < west || p[0] > east }) {
		visit(line)
		return
	}
	var part []orb.Point
	end := func() {
		if len(part) > 1 {
			visit(part)
		}
		part = part[:0]
	}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		from, to := 0.0, 1.0
		if d := b[0] - a[0]; d != 0 {
			from, to = max(0, min((west-a[0])/d, (east-a[0])/d)), min(1, max((west-a[0])/d, (east-a[0])/d))
		}
		if from >= to || a[0] == b[0] && (a[0] < west || a[0] > east) {
			end()
			continue
		}
		if from > 0 {
			end()
		}
		if len(part) == 0 {
			part = append(part, between(a, b, from))
		}
		part = append(part, between(a, b, to))
		if to < 1 {
			end()
		}
	}
	end()
}

// between is the point at a share of the way from a to b.
func between(a, b orb.Point, share float64) orb.Point {
	return orb.Point{a[0] + (b[0]-a[0])*share, a[1] + (b[1]-a[1])*share}
}

// crossingAnchor is a point on a geometry that goes over 180 degrees, as it is drawn; ok
// is false of others.
func crossingAnchor(g orb.Geometry) (at orb.Point, ok bool) {
	polygons := polygonsOf(g)
	lines := linesOf(g)
	switch {
	case slices.ContainsFunc(polygons, func(p orb.Polygon) bool { return len(p) > 0 && crosses180(p[0]) }):
		whole := make([]orb.Polygon, len(polygons))
		for i, p := range polygons {
			whole[i] = continuous(p)
		}
		at = middleOf(whole)
	case len(polygons) == 0 && slices.ContainsFunc(lines, func(l orb.LineString) bool { return crosses180(l) }):
		whole := make([]orb.LineString, len(lines))
		for i, l := range lines {
			whole[i] = followed(l, 0)
		}
		at = halfway(slices.MaxFunc(whole, func(a, b orb.LineString) int { return cmp.Compare(planar.Length(a), planar.Length(b)) }))
	default:
		return at, false
	}
	return orb.Point{wrapLon(at[0]), at[1]}, true
}

// continuous is a polygon without jumps at 180 degrees, with its holes in it.
func continuous(p orb.Polygon) orb.Polygon {
	if len(p) == 0 || len(p[0]) == 0 {
		return p
	}
	west, east, _, _ := spread(p[0])
	out := make(orb.Polygon, len(p))
	for i, ring := range p {
		out[i] = orb.Ring(followed(ring, beside(ring, west, east)))
	}
	return out
}

// followed is a line shifted by degrees, without jumps at 180 degrees.
func followed(line []orb.Point, shift float64) []orb.Point {
	out, crosses := make([]orb.Point, len(line)), crosses180(line)
	for i, p := range line {
		if i > 0 && crosses {
			shift += jump(line[i-1], p)
		}
		out[i] = orb.Point{p[0] + shift, p[1]}
	}
	return out
}

// halfway is the point in the middle of a line.
func halfway(line orb.LineString) orb.Point {
	left := planar.Length(line) / 2
	for i := 1; i < len(line); i++ {
		d := planar.Distance(line[i-1], line[i])
		if d >= left && d > 0 {
			return between(line[i-1], line[i], left/d)
		}
		left -= d
	}
	return line[0]
}
