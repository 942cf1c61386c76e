package draw

import (
	"image"
	"math"
)

// stroker makes the outlines of lines. Lengths are pixels.
type stroker struct {
	half  float64 // of the width
	round bool
	dash  []float64
	clip  Rect // only what shows here is made

	clean, side, piece []Point
	out                func([]Point) // takes a closed outline
}

// mitreLimit is how long a corner may be, in widths of the line; a longer one is cut off.
const mitreLimit = 4

// widest is where the width of a line is cut off, as no page is so large.
const widest = 1 << 15

// shortest is the length below which a part of a line is joined to the next.
const shortest = 1.0 / 64

// newStroker takes a stroke to a page of so many pixels to a CSS pixel. It is nil
// where the line has no width.
func newStroker(s Stroke, scale float64) *stroker {
	width := s.Width * scale
	if !(width > 0) {
		return nil
	}
	return &stroker{half: min(width, widest) / 2, round: s.Round, dash: pageDash(s.Dash, scale)}
}

// reach is how far from a path its line may go.
func (k *stroker) reach() float64 {
	if k.round {
		return k.half
	}
	return k.half * mitreLimit
}

// see says where the line can be seen.
func (k *stroker) see(clip image.Rectangle) {
	reach := k.reach() + 2
	k.clip = Rect{float64(clip.Min.X) - reach, float64(clip.Min.Y) - reach, float64(clip.Dx()) + 2*reach, float64(clip.Dy()) + 2*reach}
}

// pageDash is nil where dashes are none, or too fine to be seen apart.
func pageDash(dash []float64, scale float64) []float64 {
	sum := 0.0
	var lengths []float64
	for _, length := range dash {
		if !(length >= 0) {
			return nil
		}
		lengths = append(lengths, length*scale)
		sum += length * scale
	}
	if !(sum >= 0.5) || math.IsInf(sum, 0) || len(lengths)%2 != 0 {
		return nil
	}
	return lengths
}

// line strokes a line through points.
func (k *stroker) line(points []Point, closed bool) {
	inside, touches := k.overlaps(points)
	switch {
	case !touches:
	case inside && k.dash == nil:
		k.solid(points, closed)
	case inside:
		k.dashed(ringed(points, closed), 0)
	default:
		k.cut(points, closed)
	}
}

// overlaps reports whether a line lies inside of the clip and whether its box
// touches it.
func (k *stroker) overlaps(points []Point) (inside, touches bool) {
	lo, hi := points[0], points[0]
	for _, q := range points[1:] {
		lo.X, lo.Y = min(lo.X, q.X), min(lo.Y, q.Y)
		hi.X, hi.Y = max(hi.X, q.X), max(hi.Y, q.Y)
	}
	c := k.clip
	inside = lo.X >= c.X && lo.Y >= c.Y && hi.X <= c.X+c.W && hi.Y <= c.Y+c.H
	touches = hi.X >= c.X && hi.Y >= c.Y && lo.X <= c.X+c.W && lo.Y <= c.Y+c.H
	return inside, touches
}

// ringed repeats the first point of a ring, so that it can be treated as a line.
func ringed(points []Point, closed bool) []Point {
	if !closed {
		return points
	}
	return append(points[:len(points):len(points)], points[0])
}

// cut strokes the parts of a line that show. Dashes stand where they would in the
// whole. A ring is taken from a point outside, so that it has no seam inside.
func (k *stroker) cut(points []Point, closed bool) {
	if closed && k.dash != nil {
		points = ringed(points, true)
	} else if closed {
		for i, q := range points {
			if !k.holds(q) {
				points = append(points[i:len(points):len(points)], points[:i+1]...)
				break
			}
		}
	}
	k.piece = k.piece[:0]
	length, begin := 0.0, 0.0
	end := func() {
		if len(k.piece) > 1 {
			if k.dash == nil {
				k.solid(k.piece, false)
			} else {
				k.dashed(k.piece, begin)
			}
		}
		k.piece = k.piece[:0]
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		t0, t1, ok := k.clipLine(a, b)
		whole := math.Hypot(b.X-a.X, b.Y-a.Y)
		if !ok {
			end()
			length += whole
			continue
		}
		if t0 > 0 || len(k.piece) == 0 {
			end()
			begin = length + t0*whole
			k.piece = append(k.piece, between(a, b, t0))
		}
		k.piece = append(k.piece, between(a, b, t1))
		if t1 < 1 {
			end()
		}
		length += whole
	}
	end()
}

func (k *stroker) holds(q Point) bool {
	c := k.clip
	return q.X >= c.X && q.Y >= c.Y && q.X <= c.X+c.W && q.Y <= c.Y+c.H
}

// clipLine says which part of a line from 0 to 1 lies within the clip (Liang and Barsky).
func (k *stroker) clipLine(a, b Point) (t0, t1 float64, ok bool) {
	t1 = 1
	dx, dy := b.X-a.X, b.Y-a.Y
	for _, e := range [4][2]float64{
		{-dx, a.X - k.clip.X}, {dx, k.clip.X + k.clip.W - a.X},
		{-dy, a.Y - k.clip.Y}, {dy, k.clip.Y + k.clip.H - a.Y},
	} {
		p, q := e[0], e[1]
		switch {
		case p == 0 && q < 0:
			return 0, 0, false
		case p < 0:
			t0 = max(t0, q/p)
		case p > 0:
			t1 = min(t1, q/p)
		}
	}
	return t0, t1, t0 < t1
}

func between(a, b Point, t float64) Point {
	switch t {
	case 0:
		return a
	case 1:
		return b
	}
	return Point{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t}
}

// dashed strokes the dashes of a line that begins so far into the pattern.
func (k *stroker) dashed(points []Point, begin float64) {
	sum := 0.0
	for _, length := range k.dash {
		sum += length
	}
	rest, i := math.Mod(begin, sum), 0
	for rest > k.dash[i] || rest > 0 && rest == k.dash[i] {
		rest -= k.dash[i]
		i = (i + 1) % len(k.dash)
	}
	rest = k.dash[i] - rest
	dash := []Point{points[0]}
	for j := 1; j < len(points); j++ {
		a, b := points[j-1], points[j]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		at := 0.0
		for length-at > rest {
			at += rest
			q := between(a, b, at/length)
			if i%2 == 0 {
				k.solid(append(dash, q), false)
			}
			dash = append(dash[:0], q)
			i = (i + 1) % len(k.dash)
			rest = k.dash[i]
		}
		rest -= length - at
		if i%2 == 0 {
			dash = append(dash, b)
		}
	}
	if i%2 == 0 {
		k.solid(dash, false)
	}
}

// solid strokes a line or ring: one outline around a line, two of opposite direction
// for a ring.
func (k *stroker) solid(points []Point, closed bool) {
	k.clean = k.clean[:0]
	for _, q := range points {
		if n := len(k.clean); n == 0 || far(k.clean[n-1], q) {
			k.clean = append(k.clean, q)
		}
	}
	p := k.clean
	if n := len(p); n > 1 && (!far(p[0], p[n-1])) {
		if closed {
			p = p[:n-1]
		} else if n == 2 {
			p = p[:1]
		}
	}
	switch {
	case len(p) == 1:
		k.dot(p[0])
	case closed && len(p) > 2:
		k.ring(p)
	default:
		k.open(p)
	}
}

func far(a, b Point) bool {
	return math.Abs(a.X-b.X) > shortest || math.Abs(a.Y-b.Y) > shortest
}

// dot is what round ends make of a line without length; square ends show nothing.
func (k *stroker) dot(p Point) {
	if !k.round {
		return
	}
	k.side = k.arc(k.side[:0], p, Point{1, 0}, 2*math.Pi)
	k.out(k.side)
}

func (k *stroker) ring(p []Point) {
	n := len(p)
	k.side = k.side[:0]
	for i := range p {
		k.join(p[(i+n-1)%n], p[i], p[(i+1)%n])
	}
	k.out(k.side)
	k.side = k.side[:0]
	for i := n - 1; i >= 0; i-- {
		k.join(p[(i+1)%n], p[i], p[(i+n-1)%n])
	}
	k.out(k.side)
}

func (k *stroker) open(p []Point) {
	n := len(p)
	k.side = k.side[:0]
	k.end(p[1], p[0])
	for i := 1; i < n-1; i++ {
		k.join(p[i-1], p[i], p[i+1])
	}
	k.end(p[n-2], p[n-1])
	for i := n - 2; i > 0; i-- {
		k.join(p[i+1], p[i], p[i-1])
	}
	k.out(k.side)
}

// normal points to the left of the way from a to b on the page, which is upwards for
// a line to the right, and is of length 1.
func normal(a, b Point) (n Point, length float64) {
	dx, dy := b.X-a.X, b.Y-a.Y
	length = math.Hypot(dx, dy)
	return Point{dy / length, -dx / length}, length
}

// end goes around the end b of the way from a, from its left side to its right.
func (k *stroker) end(a, b Point) {
	n, _ := normal(a, b)
	if k.round {
		k.side = k.arc(k.side, b, n, math.Pi)
		return
	}
	k.side = append(k.side, offset(b, n, k.half), offset(b, n, -k.half))
}

func offset(p, n Point, by float64) Point { return Point{p.X + n.X*by, p.Y + n.Y*by} }

// join goes along the left side of the corner b.
func (k *stroker) join(a, b, c Point) {
	m, before := normal(a, b)
	n, after := normal(b, c)
	cross, dot := m.X*n.Y-m.Y*n.X, m.X*n.X+m.Y*n.Y
	switch {
	case dot > 0.9998: // straight on within a degree
		k.side = append(k.side, offset(b, n, k.half))
	case cross < 0: // the corner turns to this side
		if reach := k.half * math.Sqrt((1-dot)/(1+dot)); 1+dot > 1e-6 && 2*reach <= min(before, after) {
			k.side = append(k.side, mitre(b, m, n, dot, k.half))
		} else {
			k.side = append(k.side, offset(b, m, k.half), b, offset(b, n, k.half))
		}
	case k.round:
		k.side = k.arc(k.side, b, m, math.Atan2(cross, dot))
	case 2 <= mitreLimit*mitreLimit*(1+dot):
		k.side = append(k.side, mitre(b, m, n, dot, k.half))
	default:
		k.side = append(k.side, offset(b, m, k.half), offset(b, n, k.half))
	}
}

// mitre is where the sides of two lines with normals m and n cross.
func mitre(p, m, n Point, dot, half float64) Point {
	return offset(p, Point{m.X + n.X, m.Y + n.Y}, half/(1+dot))
}

// arc goes around p clockwise on the page, from the direction of n.
func (k *stroker) arc(points []Point, p, n Point, angle float64) []Point {
	steps := int(math.Ceil(angle / (2 * math.Acos(1-min(tolerance/k.half, 1)))))
	steps = min(max(steps, 1), 200)
	sin, cos := math.Sincos(angle / float64(steps))
	points = append(points, offset(p, n, k.half))
	for range steps {
		n = Point{n.X*cos - n.Y*sin, n.X*sin + n.Y*cos}
		points = append(points, offset(p, n, k.half))
	}
	return points
}
