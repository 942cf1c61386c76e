package pattern

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Window is the area that points could lie in: a ring without holes, which need not be
// convex but must not cross itself.
type Window struct {
	ring  orb.Ring // counterclockwise, closed
	bound orb.Bound
	area  float64
}

// NewWindow is the window within a ring, or ErrNoSpread where that has no area.
func NewWindow(ring orb.Ring) (*Window, error) {
	ring = slices.Clone(ring)
	if len(ring) > 0 && !ring.Closed() {
		ring = append(ring, ring[0])
	}
	if len(ring) < 4 {
		return nil, ErrNoSpread
	}
	area := planar.Area(ring)
	w := &Window{ring, ring.Bound(), math.Abs(area)}
	if ring.Orientation() == orb.CW {
		w.ring.Reverse()
	}
	size := math.Hypot(w.bound.Max[0]-w.bound.Min[0], w.bound.Max[1]-w.bound.Min[1])
	if w.area <= thin*size*size {
		return nil, ErrNoSpread
	}
	return w, nil
}

// thin is the part of the square of its length below which a window counts as a line: a
// chain along a parallel has so much by the curve of the parallel alone.
const thin = 1e-3

// Hull is the window within the convex hull of points.
func Hull(points []orb.Point) (*Window, error) {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, comparePoints)
	sorted = slices.Compact(sorted)
	var hull orb.Ring
	half := func(p orb.Point, keep int) {
		for len(hull) > keep && turn(hull[len(hull)-2], hull[len(hull)-1], p) <= 0 {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	for _, p := range sorted {
		half(p, 1)
	}
	keep := len(hull)
	for i := len(sorted) - 2; i >= 0; i-- {
		half(sorted[i], keep)
	}
	return NewWindow(hull)
}

func comparePoints(a, b orb.Point) int {
	switch {
	case a[0] < b[0] || a[0] == b[0] && a[1] < b[1]:
		return -1
	case a == b:
		return 0
	}
	return 1
}

func turn(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

// Area is in square metres.
func (w *Window) Area() float64 { return w.area }

// Perimeter is in metres.
func (w *Window) Perimeter() float64 { return planar.Length(w.ring) }

// Ring is the outline, counterclockwise and closed. It must not be changed.
func (w *Window) Ring() orb.Ring { return w.ring }

// toEdge is the distance of a point to the outline.
func (w *Window) toEdge(p orb.Point) float64 {
	least := math.Inf(1)
	for i := range len(w.ring) - 1 {
		least = min(least, planar.DistanceFromSegmentSquared(w.ring[i], w.ring[i+1], p))
	}
	return math.Sqrt(least)
}

// inside is the share of a circle that lies in the window, for a centre within it. Going
// counterclockwise round the circle the outline is crossed inwards and outwards in turn,
// so the sum of the angles of the ways out less those of the ways in is the angle that
// lies inside, but for whole turns. A corner is in the circle or not, whichever edge
// asks, so both kinds of crossing are equally many.
func (w *Window) inside(c orb.Point, radius float64) float64 {
	const turn = 2 * math.Pi
	angle, crossings := 0.0, 0
	r2, farthest := radius*radius, 0.0
	ax, ay := w.ring[0][0]-c[0], w.ring[0][1]-c[1]
	inA := ax*ax+ay*ay < r2
	for _, q := range w.ring[1:] {
		bx, by := q[0]-c[0], q[1]-c[1]
		far := bx*bx + by*by
		inB := far < r2
		farthest = max(farthest, far)
		if !inA || !inB {
			ex, ey := bx-ax, by-ay
			e2 := ex*ex + ey*ey
			mid := -(ax*ex + ay*ey) / e2 // of the foot of the centre, along the edge
			away := (ax*ey - ay*ex) * (ax*ey - ay*ex) / e2
			half := math.Sqrt(max(0, r2-away) / e2)
			through := !inA && !inB && away < r2 && mid > 0 && mid < 1
			// Where the edge enters the circle, the circle leaves the window.
			if !inA && inB || through {
				angle += math.Atan2(ay+(mid-half)*ey, ax+(mid-half)*ex)
				crossings++
			}
			if inA && !inB || through {
				angle -= math.Atan2(ay+(mid+half)*ey, ax+(mid+half)*ex)
				crossings++
			}
		}
		ax, ay, inA = bx, by, inB
	}
	switch {
	case farthest <= r2*(1+1e-9):
		return 0 // the whole window lies in the circle
	case crossings == 0:
		return 1
	}
	return (angle - turn*math.Floor(angle/turn)) / turn
}

// random fills points with places in the window, by complete randomness.
func (w *Window) random(r random, points []orb.Point) {
	for i := range points {
		for {
			points[i] = orb.Point{
				w.bound.Min[0] + r.Float64()*(w.bound.Max[0]-w.bound.Min[0]),
				w.bound.Min[1] + r.Float64()*(w.bound.Max[1]-w.bound.Min[1]),
			}
			if planar.RingContains(w.ring, points[i]) {
				break
			}
		}
	}
}
