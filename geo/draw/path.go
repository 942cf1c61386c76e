package draw

import "math"

// Path is a sequence of subpaths. The zero Path is empty and ready for use.
type Path struct {
	ops    []op
	points []Point
}

// Point is a place in a drawing.
type Point struct{ X, Y float64 }

type op uint8

const (
	moveTo    op = iota // one point
	lineTo              // one point
	cubicTo             // two control points and the end
	closePath           // none
)

// MoveTo begins a subpath.
func (p *Path) MoveTo(x, y float64) { p.add(moveTo, Point{x, y}) }

// LineTo goes on in a straight line. A subpath must have begun.
func (p *Path) LineTo(x, y float64) { p.add(lineTo, Point{x, y}) }

// CubicTo goes on along a Bézier curve. A subpath must have begun.
func (p *Path) CubicTo(x1, y1, x2, y2, x, y float64) {
	p.add(cubicTo, Point{x1, y1}, Point{x2, y2}, Point{x, y})
}

// Close goes back to where the subpath began and ends it.
func (p *Path) Close() { p.add(closePath) }

func (p *Path) add(o op, points ...Point) {
	p.ops = append(p.ops, o)
	p.points = append(p.points, points...)
}

// Polyline adds a subpath through the points, closed to a ring where asked. Fewer
// than two points add nothing.
func (p *Path) Polyline(points []Point, closed bool) {
	if len(points) < 2 {
		return
	}
	p.MoveTo(points[0].X, points[0].Y)
	for _, q := range points[1:] {
		p.LineTo(q.X, q.Y)
	}
	if closed {
		p.Close()
	}
}

// Rect adds a rectangle.
func (p *Path) Rect(r Rect) {
	p.Polyline([]Point{{r.X, r.Y}, {r.X + r.W, r.Y}, {r.X + r.W, r.Y + r.H}, {r.X, r.Y + r.H}}, true)
}

// Circle adds a circle clockwise on the page, as four curves that are off by at most
// 0.03 % of the radius.
func (p *Path) Circle(x, y, r float64) {
	const k = 0.5522847498
	p.MoveTo(x+r, y)
	p.CubicTo(x+r, y+k*r, x+k*r, y+r, x, y+r)
	p.CubicTo(x-k*r, y+r, x-r, y+k*r, x-r, y)
	p.CubicTo(x-r, y-k*r, x-k*r, y-r, x, y-r)
	p.CubicTo(x+k*r, y-r, x+r, y-k*r, x+r, y)
	p.Close()
}

// Arc adds a part of a circle from angle to angle, in radians clockwise on the page
// from 3 o'clock, to the subpath that has begun, or begins one.
func (p *Path) Arc(x, y, r, from, to float64) {
	n := max(1, int(math.Ceil(math.Abs(to-from)/(math.Pi/2)-1e-9)))
	step := (to - from) / float64(n)
	k := 4.0 / 3 * math.Tan(step/4)
	sin, cos := math.Sincos(from)
	if len(p.ops) == 0 || p.ops[len(p.ops)-1] == closePath {
		p.MoveTo(x+r*cos, y+r*sin)
	} else {
		p.LineTo(x+r*cos, y+r*sin)
	}
	for i := range n {
		sin2, cos2 := math.Sincos(from + float64(i+1)*step)
		p.CubicTo(x+r*(cos-k*sin), y+r*(sin+k*cos), x+r*(cos2+k*sin2), y+r*(sin2-k*cos2), x+r*cos2, y+r*sin2)
		sin, cos = sin2, cos2
	}
}

// Empty reports whether nothing was added.
func (p *Path) Empty() bool { return len(p.ops) == 0 }

// Lines are the points of the subpaths; of curves their control points too.
func (p *Path) Lines() (lines [][]Point) {
	at := 0
	for _, o := range p.ops {
		n := [...]int{moveTo: 1, lineTo: 1, cubicTo: 3, closePath: 0}[o]
		switch {
		case o == moveTo:
			lines = append(lines, []Point{p.points[at]})
		case n > 0 && len(lines) > 0:
			last := &lines[len(lines)-1]
			*last = append(*last, p.points[at:at+n]...)
		}
		at += n
	}
	return lines
}

// Bounds is the box of all points, control points included; zero for an empty path.
func (p *Path) Bounds() Rect {
	if len(p.points) == 0 {
		return Rect{}
	}
	lo, hi := p.points[0], p.points[0]
	for _, q := range p.points[1:] {
		lo.X, lo.Y = min(lo.X, q.X), min(lo.Y, q.Y)
		hi.X, hi.Y = max(hi.X, q.X), max(hi.Y, q.Y)
	}
	return Rect{lo.X, lo.Y, hi.X - lo.X, hi.Y - lo.Y}
}
