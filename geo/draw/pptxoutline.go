package draw

import (
	"math"
	"slices"
)

// subpath is a part of a path that is drawn without lifting the pen. The first op is a
// moveTo and the others are lineTo and cubicTo.
type subpath struct {
	ops    []op
	points []Point
	closed bool
}

// subpaths takes a path apart and moves it by dx, dy. Parts with a place that is no
// number, and single points, are left out.
func (p *Path) subpaths(dx, dy float64) []subpath {
	var all []subpath
	var cur subpath
	var begin Point
	end := func() {
		if len(cur.ops) > 1 && !slices.ContainsFunc(cur.points, Point.strange) {
			all = append(all, cur)
		}
		cur = subpath{}
	}
	rest := p.points
	for _, o := range p.ops {
		if o == closePath {
			cur.closed = true
			end()
			continue
		}
		n := 1
		if o == cubicTo {
			n = 3
		}
		if o == moveTo {
			end()
		} else if len(cur.ops) == 0 {
			cur = subpath{ops: []op{moveTo}, points: []Point{begin}}
		}
		cur.ops = append(cur.ops, o)
		for _, q := range rest[:n] {
			cur.points = append(cur.points, Point{q.X + dx, q.Y + dy})
		}
		rest = rest[n:]
		if o == moveTo {
			begin = cur.points[0]
		}
	}
	end()
	return all
}

// strange reports whether a place is no number, or so far off that sums with it are not
// to be trusted.
func (p Point) strange() bool {
	const far = 1e15
	return !(math.Abs(p.X) < far && math.Abs(p.Y) < far)
}

func boundsOf(points []Point) Rect {
	p := Path{points: points}
	return p.Bounds()
}

// and is what two boxes share; its sides are negative where that is nothing.
func (r Rect) and(o Rect) Rect {
	x, y := max(r.X, o.X), max(r.Y, o.Y)
	return Rect{x, y, min(r.X+r.W, o.X+o.W) - x, min(r.Y+r.H, o.Y+o.H) - y}
}

func (r Rect) contains(o Rect) bool {
	return o.X >= r.X && o.Y >= r.Y && o.X+o.W <= r.X+r.W && o.Y+o.H <= r.Y+r.H
}

func (r Rect) meets(o Rect) bool {
	return r.X <= o.X+o.W && o.X <= r.X+r.W && r.Y <= o.Y+o.H && o.Y <= r.Y+r.H
}

// clipRings returns the areas of closed or closing subpaths within a box.
func clipRings(subs []subpath, box Rect) []subpath {
	var out []subpath
	for _, s := range subs {
		switch b := boundsOf(s.points); {
		case box.contains(b):
			out = append(out, s)
		case box.meets(b):
			if ring := clipRing(s.flat(), box); len(ring) > 2 {
				out = append(out, polyline(ring, true))
			}
		}
	}
	return out
}

// clipLines returns the lines of subpaths within a box.
func clipLines(subs []subpath, box Rect) []subpath {
	var out []subpath
	for _, s := range subs {
		switch b := boundsOf(s.points); {
		case box.contains(b):
			out = append(out, s)
		case box.meets(b):
			line := s.flat()
			if s.closed {
				line = append(line, line[0])
			}
			parts := clipLine(line, box)
			if n := len(parts); s.closed && n > 1 && parts[0][0] == line[0] && parts[n-1][len(parts[n-1])-1] == line[0] {
				parts[0] = append(parts[n-1], parts[0][1:]...) // what begins within goes on where it ends
				parts = parts[:n-1]
			}
			for _, part := range parts {
				out = append(out, polyline(part, false))
			}
		}
	}
	return out
}

func polyline(points []Point, closed bool) subpath {
	ops := slices.Repeat([]op{lineTo}, len(points))
	ops[0] = moveTo
	return subpath{ops, points, closed}
}

// flat is the subpath as straight lines.
func (s subpath) flat() []Point {
	var out []Point
	rest := s.points
	for _, o := range s.ops {
		if o == cubicTo {
			out, rest = chordCubic(out, transform{scale: 1}, rest[:3]), rest[3:]
		} else {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return out
}

// clipRing cuts a ring at the four sides of a box in turn, as Sutherland and Hodgman do.
// Parts of the ring may then be joined along a side, where they enclose no area.
func clipRing(ring []Point, box Rect) []Point {
	x1, y1 := box.X+box.W, box.Y+box.H
	for _, side := range []func(Point) float64{
		func(p Point) float64 { return p.X - box.X },
		func(p Point) float64 { return x1 - p.X },
		func(p Point) float64 { return p.Y - box.Y },
		func(p Point) float64 { return y1 - p.Y },
	} {
		if len(ring) == 0 {
			return nil
		}
		var out []Point
		a := ring[len(ring)-1]
		da := side(a)
		for _, b := range ring {
			db := side(b)
			if da < 0 != (db < 0) {
				t := da / (da - db)
				out = append(out, Point{a.X + t*(b.X-a.X), a.Y + t*(b.Y-a.Y)})
			}
			if db >= 0 {
				out = append(out, b)
			}
			a, da = b, db
		}
		ring = out
	}
	return ring
}

// clipLine returns the parts of a line within a box, its edges included.
func clipLine(line []Point, box Rect) [][]Point {
	var parts [][]Point
	var part []Point
	end := func() {
		if len(part) > 1 {
			parts = append(parts, part)
		}
		part = nil
	}
	for i, b := range line[1:] {
		a := line[i]
		t0, t1, ok := clipSegment(a, b, box)
		if !ok || t0 > 0 {
			end()
		}
		if !ok {
			continue
		}
		at := func(t float64) Point { return Point{a.X + t*(b.X-a.X), a.Y + t*(b.Y-a.Y)} }
		if part == nil {
			part = append(part, at(t0))
		}
		if t1 < 1 {
			part = append(part, at(t1))
			end()
		} else {
			part = append(part, b)
		}
	}
	end()
	return parts
}

// clipSegment returns which part of the way from a to b is within a box, as Liang and
// Barsky do.
func clipSegment(a, b Point, box Rect) (t0, t1 float64, ok bool) {
	t0, t1 = 0, 1
	for _, e := range [4][2]float64{
		{a.X - b.X, a.X - box.X}, {b.X - a.X, box.X + box.W - a.X},
		{a.Y - b.Y, a.Y - box.Y}, {b.Y - a.Y, box.Y + box.H - a.Y},
	} {
		switch t := e[1] / e[0]; {
		case e[0] == 0:
			if e[1] < 0 {
				return 0, 0, false
			}
		case e[0] < 0:
			t0 = max(t0, t)
		default:
			t1 = min(t1, t)
		}
	}
	return t0, t1, t0 < t1
}

// evenOdd sorts rings into paths that give by the even-odd rule, and drawn over each
// other, what the rings give together by the non-zero rule: a ring with its holes goes
// with others only where they do not overlap. Programs for presentations know no other
// rule. A ring that crosses itself is drawn as they do.
func evenOdd(subs []subpath) [][]subpath {
	if len(subs) < 2 {
		return [][]subpath{subs}
	}
	rings := make([]ring, len(subs))
	var largest float64
	for i, s := range subs {
		rings[i] = ring{points: s.points, box: boundsOf(s.points), area: ringArea(s.points), of: i}
		if math.Abs(rings[i].area) > math.Abs(largest) {
			largest = rings[i].area
		}
	}
	for i := range rings {
		if rings[i].area*largest < 0 {
			rings[i].of = holder(rings, i, largest)
		}
	}
	own := make([][]subpath, len(subs)) // each ring with its holes
	for i, r := range rings {
		own[r.of] = append(own[r.of], subs[i])
	}
	var together []subpath
	var alone [][]subpath
	for i, with := range own {
		switch {
		case len(with) == 0:
		case overlapped(rings, i):
			alone = append(alone, with)
		default:
			together = append(together, with...)
		}
	}
	if len(together) > 0 {
		alone = append(alone, together)
	}
	return alone
}

type ring struct {
	points []Point
	box    Rect
	area   float64 // positive: clockwise on the page
	of     int     // the ring whose hole it is; itself if it is none
}

// holder is the smallest ring around ring i that goes the other way; i if there is none.
func holder(rings []ring, i int, largest float64) int {
	found := i
	for j, r := range rings {
		if r.area*largest > 0 && r.box.contains(rings[i].box) && r.around(rings[i].points[0]) &&
			(found == i || math.Abs(r.area) < math.Abs(rings[found].area)) {
			found = j
		}
	}
	return found
}

// overlapped reports whether ring i, which is no hole, meets another that is none. Of
// few rings the boxes tell; the many of a coast do not cross, so that one corner tells.
func overlapped(rings []ring, i int) bool {
	const few = 8
	a := rings[i]
	for j, b := range rings {
		if j == i || b.of != j || !a.box.meets(b.box) {
			continue
		}
		if len(rings) <= few || b.around(a.points[0]) || a.around(b.points[0]) {
			return true
		}
	}
	return false
}

// around reports whether p is within the ring.
func (r ring) around(p Point) bool {
	if p.X < r.box.X || p.Y < r.box.Y || p.X > r.box.X+r.box.W || p.Y > r.box.Y+r.box.H {
		return false
	}
	in := false
	a := r.points[len(r.points)-1]
	for _, b := range r.points {
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(p.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
			in = !in
		}
		a = b
	}
	return in
}

func ringArea(ring []Point) float64 {
	sum := 0.0
	a := ring[len(ring)-1]
	for _, b := range ring {
		sum += (a.X-ring[0].X)*(b.Y-ring[0].Y) - (b.X-ring[0].X)*(a.Y-ring[0].Y)
		a = b
	}
	return sum / 2
}

// isRect reports whether the subpath is an upright rectangle.
func (s subpath) isRect() bool {
	p := s.points
	if len(p) == 5 && p[4] == p[0] {
		p = p[:4]
	}
	if len(p) != 4 || slices.Contains(s.ops, cubicTo) {
		return false
	}
	return p[0].X == p[3].X && p[1].X == p[2].X && p[0].Y == p[1].Y && p[2].Y == p[3].Y ||
		p[0].X == p[1].X && p[2].X == p[3].X && p[0].Y == p[3].Y && p[1].Y == p[2].Y
}

// isCircle reports whether the subpath was made by Path.Circle.
func (s subpath) isCircle() bool {
	if len(s.points) != 13 || !s.closed {
		return false
	}
	a, b := s.points[0], s.points[6]
	r := (a.X - b.X) / 2
	var want Path
	want.Circle(b.X+r, a.Y, r)
	for i, p := range want.points {
		if math.Hypot(p.X-s.points[i].X, p.Y-s.points[i].Y) > 1e-6*math.Abs(r) {
			return false
		}
	}
	return r > 0
}
