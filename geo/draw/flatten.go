package draw

import (
	"image"
	"iter"
	"math"
)

// transform says where a path comes to stand on a page of pixels: scaled, slanted to the
// right and moved.
type transform struct {
	scale, slant float64
	x, y         float64
}

// at is where a point comes to stand, never farther than farAway. A point that is no
// number is not there.
func (m transform) at(p Point) (Point, bool) {
	x := (p.X-m.slant*p.Y)*m.scale + m.x
	y := p.Y*m.scale + m.y
	if x != x || y != y {
		return Point{}, false
	}
	return Point{min(max(x, -farAway), farAway), min(max(y, -farAway), farAway)}, true
}

// box holds in whole pixels what a path and a line so far around it may touch.
func (m transform) box(path *Path, reach float64) (image.Rectangle, bool) {
	lo, hi := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, q := range path.points {
		if q, ok := m.at(q); ok {
			lo.X, lo.Y = min(lo.X, q.X), min(lo.Y, q.Y)
			hi.X, hi.Y = max(hi.X, q.X), max(hi.Y, q.Y)
		}
	}
	if lo.X > hi.X {
		return image.Rectangle{}, false
	}
	at := func(v float64) int { return pixelAt(v, 2*farAway) }
	return image.Rect(
		at(math.Floor(lo.X-reach)), at(math.Floor(lo.Y-reach)),
		at(math.Ceil(hi.X+reach))+1, at(math.Ceil(hi.Y+reach))+1), true
}

// tolerance is how far a chord may be from its curve, in pixels.
const tolerance = 0.03

// polylines goes through the subpaths of p as straight lines on the page. The points
// are valid until the next. A closed one does not repeat its first point.
func (p *Path) polylines(m transform) iter.Seq2[[]Point, bool] {
	return func(yield func([]Point, bool) bool) {
		var points []Point
		rest := p.points
		var from Point // where the next subpath begins that does not say so
		closed := false
		for _, o := range p.ops {
			switch o {
			case moveTo:
				if len(points) > 0 && !yield(points, false) {
					return
				}
				points, closed = points[:0], false
			case closePath:
				if len(points) > 0 {
					from, closed = points[0], true
					if !yield(points, true) {
						return
					}
				}
				points = points[:0]
			default:
				if closed && len(points) == 0 {
					points = append(points, from)
				}
			}
			switch o {
			case moveTo, lineTo:
				if q, ok := m.at(rest[0]); ok {
					points = append(points, q)
				}
				rest = rest[1:]
			case cubicTo:
				points = chordCubic(points, m, rest[:3])
				rest = rest[3:]
			}
		}
		if len(points) > 0 {
			yield(points, false)
		}
	}
}

// chordCubic adds a curve that begins at the last point as chords, the more the
// stronger it bends.
func chordCubic(points []Point, m transform, curve []Point) []Point {
	b, okB := m.at(curve[0])
	c, okC := m.at(curve[1])
	d, okD := m.at(curve[2])
	if !okB || !okC || !okD {
		return points
	}
	if len(points) == 0 {
		points = append(points, b)
	}
	a := points[len(points)-1]
	bend := max(math.Hypot(a.X-2*b.X+c.X, a.Y-2*b.Y+c.Y), math.Hypot(b.X-2*c.X+d.X, b.Y-2*c.Y+d.Y))
	n := int(math.Ceil(math.Sqrt(min(bend, 1e6) * 0.75 / tolerance)))
	n = min(max(n, 1), 400)
	for i := 1; i < n; i++ {
		t := float64(i) / float64(n)
		u := 1 - t
		p, q, r, s := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		points = append(points, Point{p*a.X + q*b.X + r*c.X + s*d.X, p*a.Y + q*b.Y + r*c.Y + s*d.Y})
	}
	return append(points, d)
}
