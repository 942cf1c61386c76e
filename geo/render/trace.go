package render

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo/draw"
)

const (
	// beyond is how far around the frame lines and areas are drawn, so that the ends of
	// strokes do not show.
	beyond = 3
	// tolerance is how far a line may be from where it belongs, in pixels.
	tolerance = 0.25
)

// tracer turns lines and areas into paths: projected, cut off around the frame, and
// with no more vertices than show. It is not for concurrent use.
type tracer struct {
	*projection
	clip   draw.Rect
	window orb.Bound
	a, b   []draw.Point // of the line at hand
	lonlat []orb.Point
	stack  []int
	keep   []bool
}

func newTracer(p *projection) *tracer {
	f := p.frame
	return &tracer{
		projection: p,
		clip:       draw.Rect{X: f.X - beyond, Y: f.Y - beyond, W: f.W + 2*beyond, H: f.H + 2*beyond},
		window:     p.window(beyond),
	}
}

// area adds the rings of a polygon to a path, in every world that shows. Holes wind as
// they do in the polygon: the path is to be filled by the even-odd rule.
func (t *tracer) area(path *draw.Path, polygon orb.Polygon) {
	t.rings(polygon, func(ring []draw.Point) { path.Polyline(ring, true) })
}

// rings calls visit with each ring of a polygon as it is drawn, which is valid until
// visit returns.
func (t *tracer) rings(polygon orb.Polygon, visit func(ring []draw.Point)) {
	if len(polygon) == 0 || len(polygon[0]) == 0 {
		return
	}
	west, east, _, _ := spread(polygon[0])
	t.eachWorld(polygon[0], func(shift float64) {
		for _, ring := range polygon {
			t.project(t.unwrapped(ring, shift+beside(ring, west, east)), true)
			t.clipRing()
			if t.simplify(true); len(t.a) >= 3 {
				visit(t.a)
			}
		}
	})
}

// line adds a line to a path, in pieces where parts of it do not show.
func (t *tracer) line(path *draw.Path, line []orb.Point) {
	t.eachWorld(line, func(shift float64) {
		t.onCone(t.unwrapped(line, shift), func(part []orb.Point) {
			t.project(part, false)
			t.pieces(path)
		})
	})
}

// outline adds the rings of a polygon as lines, without what was cut at 180 degrees.
func (t *tracer) outline(path *draw.Path, polygon orb.Polygon) {
	for _, ring := range polygon {
		from := 0
		for i := 1; i < len(ring); i++ {
			if onSeam(ring[i-1], ring[i]) {
				t.line(path, ring[from:i])
				from = i
			}
		}
		if from == 0 {
			t.ring(path, ring)
		} else {
			t.line(path, ring[from:])
		}
	}
}

// ring adds a ring as a line: closed where all of it shows, else in pieces.
func (t *tracer) ring(path *draw.Path, ring orb.Ring) {
	t.eachWorld(ring, func(shift float64) {
		t.onCone(t.unwrapped(ring, shift), func(part []orb.Point) {
			t.project(part, false)
			n := len(t.a)
			if n < 4 || t.a[0] != t.a[n-1] || slices.ContainsFunc(t.a, func(q pixel) bool { return !t.inside(q) }) {
				t.pieces(path)
				return
			}
			t.a = t.a[:n-1]
			if t.simplify(true); len(t.a) >= 3 {
				path.Polyline(t.a, true)
			}
		})
	})
}

// pieces adds the parts of the line of t.a that show.
func (t *tracer) pieces(path *draw.Path) {
	t.clipLine(func() {
		if t.simplify(false); len(t.a) >= 2 {
			path.Polyline(t.a, false)
		}
	})
}

func (t *tracer) inside(q draw.Point) bool {
	return q.X >= t.clip.X && q.X <= t.clip.X+t.clip.W && q.Y >= t.clip.Y && q.Y <= t.clip.Y+t.clip.H
}

// eachWorld calls draw for each multiple of 360 degrees by which a line shows.
func (t *tracer) eachWorld(line []orb.Point, draw func(shift float64)) {
	if len(line) == 0 {
		return
	}
	west, east, south, north := spread(line)
	t.shows(west, east, south, north, draw)
}

// shows reports whether a box in longitude and latitude meets the window, and calls each
// for every multiple of 360 degrees by which it does.
func (t *tracer) shows(west, east, south, north float64, each func(shift float64)) (any bool) {
	if south > t.window.Max[1] || north < t.window.Min[1] {
		return false
	}
	from, to := t.shifts(west, east, beyond)
	for k := from; k <= to; k++ {
		shift := float64(k) * 360
		if west+shift <= t.window.Max[0] && east+shift >= t.window.Min[0] {
			any = true
			each(shift)
		}
	}
	return any
}

// beside is by how much a hole is to be shifted to lie in its polygon, which reaches from
// west to east and maybe over 180 degrees.
func beside(hole orb.Ring, west, east float64) float64 {
	switch {
	case len(hole) == 0:
	case hole[0][0] < west:
		return 360
	case hole[0][0] > east:
		return -360
	}
	return 0
}

// spread is the box of a line that is followed over 180 degrees.
func spread(line []orb.Point) (west, east, south, north float64) {
	west, east, south, north = line[0][0], line[0][0], line[0][1], line[0][1]
	turn, crosses := 0.0, crosses180(line)
	for i := 1; i < len(line); i++ {
		if crosses {
			turn += jump(line[i-1], line[i])
		}
		west, east = min(west, line[i][0]+turn), max(east, line[i][0]+turn)
		south, north = min(south, line[i][1]), max(north, line[i][1])
	}
	return west, east, south, north
}

// crosses180 is whether edges longer than half the world are meant to go the short way,
// over 180 degrees. That is so unless a ring would then not close, as around a pole.
func crosses180(line []orb.Point) bool {
	sum, any := 0.0, false
	for i := 1; i < len(line); i++ {
		if d := jump(line[i-1], line[i]); d != 0 {
			sum, any = sum+d, true
		}
	}
	return any && (sum == 0 || line[0] != line[len(line)-1])
}

// jump is by how much a longitude is to be shifted to go the short way from another
// position. Along a pole there is none.
func jump(from, to orb.Point) float64 {
	switch d := to[0] - from[0]; {
	case math.Abs(from[1]) == 90 && from[1] == to[1]:
		return 0
	case d > 180:
		return -360
	case d < -180:
		return 360
	}
	return 0
}

// unwrapped is a line shifted by degrees, without jumps at 180 degrees. Of a run of
// vertices on the same side of the window the ends are enough: no edge between them, nor
// the one that replaces them, comes into the window.
func (t *tracer) unwrapped(line []orb.Point, shift float64) []orb.Point {
	out, crosses := t.lonlat[:0], crosses180(line)
	var last, before outside // of the last two vertices
	for i, p := range line {
		if i > 0 && crosses {
			shift += jump(line[i-1], p)
		}
		p[0] += shift
		at := outsideOf(p, &t.window)
		if at&last&before != 0 {
			out[len(out)-1] = p
		} else {
			out = append(out, p)
			before = last
		}
		last = at
	}
	t.lonlat = out
	return out
}

// outside is a set of the sides of a window that a position lies beyond.
type outside uint8

func outsideOf(p orb.Point, window *orb.Bound) (s outside) {
	switch {
	case p[0] < window.Min[0]:
		s = 1
	case p[0] > window.Max[0]:
		s = 2
	}
	switch {
	case p[1] < window.Min[1]:
		s |= 4
	case p[1] > window.Max[1]:
		s |= 8
	}
	return s
}

// project sets t.a to the pixels of a line in degrees. Edges that the projection bends
// are followed.
func (t *tracer) project(line []orb.Point, closed bool) {
	t.a = t.a[:0]
	for i, p := range line {
		x, y := t.toPixel(t.planeBeyond(p))
		q := draw.Point{X: x, Y: y}
		if i > 0 && t.kind != degrees {
			t.bend(line[i-1], p, t.a[len(t.a)-1], q, 0)
		}
		t.a = append(t.a, q)
	}
	if n := len(t.a); closed && n > 1 && t.a[0] == t.a[n-1] {
		t.a = t.a[:n-1]
	}
}

// planeBeyond is plane for longitudes beyond the cut of a cone, which are on it.
func (t *tracer) planeBeyond(p orb.Point) orb.Point {
	if t.kind == conic {
		middle := t.kind.middle()
		p[0] = max(middle-180+1e-9, min(middle+180-1e-9, p[0]))
	}
	return t.plane(p)
}

// bend adds the points between two ends that the straight line would miss.
func (t *tracer) bend(p, q orb.Point, a, b draw.Point, depth int) {
	const short, deepest = 6, 12 // pixels; halvings
	if depth == deepest || math.Abs(a.X-b.X)+math.Abs(a.Y-b.Y) < short || outsideOf(p, &t.window)&outsideOf(q, &t.window) != 0 {
		return
	}
	if t.kind == mercator && (p[1] == q[1] || p[0] == q[0]) {
		return
	}
	m := orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}
	x, y := t.toPixel(t.planeBeyond(m))
	if depth > 2 && math.Hypot(x-(a.X+b.X)/2, y-(a.Y+b.Y)/2) < tolerance/2 {
		return
	}
	c := draw.Point{X: x, Y: y}
	t.bend(p, m, a, c, depth+1)
	t.a = append(t.a, c)
	t.bend(m, q, c, b, depth+1)
}
