package geo

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// meetsBox reports whether a geometry and a box have a point in common, edges
// included. It is exact: signs that float64 cannot tell are computed without
// rounding.
func meetsBox(g orb.Geometry, b *orb.Bound) bool {
	switch g := g.(type) {
	case orb.Point:
		return inBox(g, b)
	case orb.MultiPoint:
		for _, p := range g {
			if inBox(p, b) {
				return true
			}
		}
	case orb.LineString:
		return lineMeetsBox(g, b)
	case orb.MultiLineString:
		for _, l := range g {
			if lineMeetsBox(l, b) {
				return true
			}
		}
	case orb.Polygon:
		return polygonMeetsBox(g, b)
	case orb.MultiPolygon:
		for _, p := range g {
			if polygonMeetsBox(p, b) {
				return true
			}
		}
	case orb.Collection:
		for _, c := range g {
			if meetsBox(c, b) {
				return true
			}
		}
	}
	return false
}

func inBox(p orb.Point, b *orb.Bound) bool {
	return p[0] >= b.Min[0] && p[0] <= b.Max[0] && p[1] >= b.Min[1] && p[1] <= b.Max[1]
}

func lineMeetsBox(line []orb.Point, b *orb.Bound) bool {
	for i := 1; i < len(line); i++ {
		if segmentMeetsBox(line[i-1], line[i], b) {
			return true
		}
	}
	return false
}

// polygonMeetsBox: an edge meets the box, or the whole box lies in the polygon
// and then so does its corner.
func polygonMeetsBox(pg orb.Polygon, b *orb.Bound) bool {
	for _, ring := range pg {
		if lineMeetsBox(ring, b) {
			return true
		}
	}
	if !insideRing(b.Min, pg[0]) {
		return false
	}
	for _, hole := range pg[1:] {
		if insideRing(b.Min, hole) {
			return false
		}
	}
	return true
}

// segmentMeetsBox uses that a segment whose bound meets the box misses it only
// if all corners lie strictly on one side of its line.
func segmentMeetsBox(p, q orb.Point, b *orb.Bound) bool {
	if max(p[0], q[0]) < b.Min[0] || min(p[0], q[0]) > b.Max[0] || max(p[1], q[1]) < b.Min[1] || min(p[1], q[1]) > b.Max[1] {
		return false
	}
	if inBox(p, b) || inBox(q, b) {
		return true
	}
	first := SideOf(p, q, b.Min)
	for _, corner := range [3]orb.Point{{b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}} {
		if first == 0 || SideOf(p, q, corner) != first {
			return true
		}
	}
	return false
}

// SideOf is 1 where r lies left of the line from p to q, -1 right, 0 on it; it is
// exact. The error bound is that of Shewchuk, "Adaptive precision floating-point
// arithmetic and fast robust geometric predicates" (1997), section 4.
func SideOf(p, q, r orb.Point) int {
	left := (q[0] - p[0]) * (r[1] - p[1])
	right := (q[1] - p[1]) * (r[0] - p[0])
	det := left - right
	const epsilon = 1.0 / (1 << 53)
	if bound := (3 + 16*epsilon) * epsilon * (math.Abs(left) + math.Abs(right)); det > bound {
		return 1
	} else if det < -bound {
		return -1
	}
	if p == q || p == r || q == r {
		return 0
	}
	rat := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	sub := func(a, b float64) *big.Rat { return new(big.Rat).Sub(rat(a), rat(b)) }
	l := new(big.Rat).Mul(sub(q[0], p[0]), sub(r[1], p[1]))
	return l.Cmp(new(big.Rat).Mul(sub(q[1], p[1]), sub(r[0], p[0])))
}

// insideRing reports whether p, which is on no edge, lies inside the ring: the
// edges right of it that a line eastwards crosses are odd in number.
func insideRing(p orb.Point, ring orb.Ring) bool {
	inside := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a[1] > p[1]) == (b[1] > p[1]) {
			continue
		}
		if a[1] > b[1] {
			a, b = b, a
		}
		if SideOf(a, b, p) > 0 {
			inside = !inside
		}
	}
	return inside
}
