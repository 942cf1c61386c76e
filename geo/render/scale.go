package render

import (
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo/draw"
)

// unproject gives the longitude and latitude of a place of the picture; ok is false
// where none belongs to it.
type unproject func(x, y float64) (p orb.Point, ok bool)

// scaleBar is a length on the ground as it is drawn in the middle of the map.
type scaleBar struct {
	Metres float64 // 1, 2 or 5 times a power of ten
	Length float64 // in pixels
}

// measureScale finds the longest bar of a round length that is no longer than most
// pixels. It lies level across the middle of the frame, where it is true: to the ground
// along it, so that it also holds on a map of the whole world. ok is false where the
// map has no ground there.
func measureScale(frame draw.Rect, most float64, at unproject) (bar scaleBar, ok bool) {
	cx, cy := frame.X+frame.W/2, frame.Y+frame.H/2
	ground := func(length float64) float64 { return groundAlong(cx-length/2, cx+length/2, cy, at) }
	limit := ground(most)
	if !(limit > 0) || math.IsInf(limit, 0) {
		return scaleBar{}, false
	}
	bar.Metres = roundDown(limit)
	bar.Length = most * bar.Metres / limit
	for range 8 { // the ground grows nearly evenly with the length
		got := ground(bar.Length)
		if !(got > 0) {
			return scaleBar{}, false
		}
		bar.Length *= bar.Metres / got
		if math.Abs(got/bar.Metres-1) < 1e-7 {
			break
		}
	}
	return bar, bar.Length > 0 && bar.Length <= most*1.001
}

// roundDown is the greatest of 1, 2 and 5 times a power of ten that is not above v.
func roundDown(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{5, 2} {
		if v >= m*p*(1-1e-12) {
			return m * p
		}
	}
	return p
}

// groundAlong is the length on the ellipsoid of the level line from x0 to x1 at y, in
// metres, NaN where the line leaves the ground.
func groundAlong(x0, x1, y float64, at unproject) float64 {
	const parts = 64
	a, ok := at(x0, y)
	if !ok {
		return math.NaN()
	}
	sum := 0.0
	for i := range parts {
		b, ok := at(x0+(x1-x0)*float64(i+1)/parts, y)
		if !ok {
			return math.NaN()
		}
		sum += shortDistance(a, b)
		a = b
	}
	return sum
}

// shortDistance is the distance of two near places on the ellipsoid of WGS 84 in
// metres: by the radii of curvature at their middle. At 100 km it is off by less than
// a metre.
func shortDistance(a, b orb.Point) float64 {
	const (
		major = 6378137.0
		e2    = 6.69437999014e-3
	)
	lat := (a[1] + b[1]) / 2 * math.Pi / 180
	sin, cos := math.Sincos(lat)
	w := math.Sqrt(1 - e2*sin*sin)
	dLon := math.Remainder(b[0]-a[0], 360) * math.Pi / 180
	dLat := (b[1] - a[1]) * math.Pi / 180
	return math.Hypot(major/w*cos*dLon, major*(1-e2)/(w*w*w)*dLat)
}

// northAt is the direction of true north at a place of the picture, in radians
// clockwise from upwards. ok is false where the map has no ground there.
func northAt(x, y float64, at unproject, project func(orb.Point) (draw.Point, bool)) (angle float64, ok bool) {
	p, ok := at(x, y)
	if !ok {
		return 0, false
	}
	const step = 0.01 // degrees
	sign := 1.0
	if p[1] > 89 {
		sign = -1
	}
	q, ok := project(orb.Point{p[0], p[1] + sign*step})
	if !ok {
		return 0, false
	}
	dx, dy := sign*(q.X-x), sign*(q.Y-y)
	if math.Hypot(dx, dy) < 1e-12 {
		return 0, false
	}
	return math.Atan2(dx, -dy), true
}

// point is pixel as a point.
func (p *projection) point(at orb.Point) (draw.Point, bool) {
	x, y, ok := p.pixel(at)
	return draw.Point{X: x, Y: y}, ok
}

// scaleBar draws a bar of a round length with its words.
func (s *scene) scaleBar() {
	u := s.page.sheet.unit
	bar, ok := measureScale(s.frame, min(170*u, s.frame.W*0.4), s.proj.lonLat)
	if !ok {
		return
	}
	p := s.page.sheet.pen(15, 400, s.theme.labelPlace, 1.25)
	p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
	label := distance(bar.Metres).In("zh")
	if s.Lang != Chinese {
		label = distance(bar.Metres).EN
	}
	words := p.width(s.fonts, label)
	w, h := bar.Length+words/2+8*u, p.height(1)+12*u
	at, ok := s.settle(w, h, 24*u, 0, bottomLeft, bottomRight, topLeft, topRight)
	if !ok {
		s.leaveOut("scale")
		return
	}
	box := at.box
	s.covered = append(s.covered, box)
	x, y := box.X+4*u, box.Y+box.H-2*u
	line := func(ink draw.Stroke, name string) *draw.Shape {
		sh := &draw.Shape{Name: name, Stroke: ink}
		tick := 5 * u
		sh.Path.Polyline([]draw.Point{{X: x, Y: y - tick}, {X: x, Y: y}, {X: x + bar.Length, Y: y}, {X: x + bar.Length, Y: y - tick}}, false)
		sh.Path.Polyline([]draw.Point{{X: x + bar.Length/2, Y: y}, {X: x + bar.Length/2, Y: y - tick*0.6}}, false)
		return sh
	}
	words2 := put(p, "distance", label, x+bar.Length, box.Y, draw.Middle)
	zero := put(p, "0", "0", x, box.Y, draw.Middle)
	s.above([]draw.Item{&draw.Group{Name: s.page.sheet.say(theWords().scale), Alt: label, Items: []draw.Item{
		line(draw.Stroke{Color: s.theme.halo, Width: 4 * max(0.75, u)}, "halo"), line(draw.Stroke{Color: s.theme.labelPlace, Width: max(1, 1.3*u)}, "bar"), zero, words2,
	}}})
}

// north draws an arrow to true north in the middle of the map.
func (s *scene) north() {
	f, u := s.frame, s.page.sheet.unit
	angle, ok := northAt(f.X+f.W/2, f.Y+f.H/2, s.proj.lonLat, s.proj.point)
	if !ok {
		return
	}
	p := s.page.sheet.pen(15, 700, s.theme.labelPlace, 1.2)
	p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
	side := 58 * u
	spot, ok := s.settle(side, side, 22*u, 0, topRight, topLeft, bottomRight, bottomLeft)
	if !ok {
		s.leaveOut("north")
		return
	}
	s.covered = append(s.covered, spot.box)
	cx, cy := spot.box.X+side/2, spot.box.Y+side/2
	sin, cos := math.Sincos(angle)
	at := func(x, y float64) draw.Point { // x to the right of north, y towards it
		return draw.Point{X: cx + (x*cos+y*sin)*u, Y: cy + (x*sin-y*cos)*u}
	}
	half := func(side float64, fill draw.Fill) *draw.Shape {
		sh := &draw.Shape{Name: "arrow", Fill: fill, Stroke: draw.Stroke{Color: s.theme.labelPlace, Width: max(0.75, u)}}
		sh.Path.Polyline([]draw.Point{at(0, 12), at(8*side, -22), at(0, -15)}, true)
		return sh
	}
	letter := at(0, 21)
	words := put(p, "north", s.northLetter(), letter.X, letter.Y-p.height(1)/2, draw.Middle)
	s.above([]draw.Item{&draw.Group{Name: "North", Alt: s.northLetter(), Items: []draw.Item{
		half(-1, draw.Fill{Color: s.theme.labelPlace}), half(1, draw.Fill{Color: s.theme.surface}), words,
	}}})
}

func (s *scene) northLetter() string {
	if s.Lang == Chinese {
		return theWords().north.ZH
	}
	return theWords().north.EN
}
