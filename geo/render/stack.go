package render

import (
	"image/color"
	"math"
	"strconv"
	"unicode/utf8"

	"clustermap/geo/draw"
)

// badge is the count beside a stack whose symbols have no room.
func (s *symbolSet) badge(n int) []draw.Item {
	scale := s.fans
	const x, y = 11, -8 // of its middle
	text := strconv.Itoa(n)
	r := 8.0 + 3*float64(utf8.RuneCountInString(text)-1)
	pill := &draw.Shape{Fill: draw.Fill{Color: s.ink}, Stroke: draw.Stroke{Color: s.casing, Width: 1.5 * scale}}
	pill.Path.Circle(x*scale, y*scale, r*scale)
	return []draw.Item{pill, &draw.Text{
		X: x * scale, Y: (y + 3.9) * scale, Align: draw.Middle, Size: 11 * scale, Weight: 700, Color: s.surface, Text: text,
	}}
}

// mostStack is how many features at one place are a stack; more are a group.
const mostStack = 6

// fanOffset is where the i-th of n symbols of a stack stands from the seat, at scale 1.
func fanOffset(i, n int) draw.Point {
	step := [...]float64{0, 0, 70, 68, 66, 64, 60}[n]
	sin, cos := math.Sincos((-90 + (float64(i)-float64(n-1)/2)*step) * math.Pi / 180)
	stem := 24.0
	if n <= 3 {
		stem = 22
	}
	return draw.Point{X: stem * cos, Y: stem * sin}
}

// fanShift is by how much the symbols of an open stack of n at x, y give way to stay in
// the frame. In a part of a map they do not: its neighbour shows the rest.
func (s *scene) fanShift(x, y float64, n int) (shift draw.Point) {
	if s.Whole || !inRect(s.frame, x, y) {
		return shift
	}
	scale := s.symbols.fans
	lo, hi := draw.Point{}, draw.Point{}
	for i := range n {
		at := fanOffset(i, n)
		lo.X, hi.X = min(lo.X, at.X-fanReach), max(hi.X, at.X+fanReach)
		lo.Y, hi.Y = min(lo.Y, at.Y-fanReach), max(hi.Y, at.Y+fanReach)
	}
	f := s.frame
	into := func(at, lo, hi, from, to float64) float64 {
		return max(0, from-at-lo*scale) - max(0, at+hi*scale-to)
	}
	return draw.Point{X: into(x, lo.X, hi.X, f.X, f.X+f.W), Y: into(y, lo.Y, hi.Y, f.Y, f.Y+f.H)}
}

// fanReach is how far a symbol of a stack reaches from its middle at scale 1.
const fanReach = haloRadius + casingWidth

// fan is the seat and the stems of an open stack whose symbols are shifted.
func (s *symbolSet) fan(n int, shift draw.Point) *draw.Symbol {
	scale := s.fans
	stems := func(ink color.NRGBA, width float64) *draw.Shape {
		sh := &draw.Shape{Stroke: draw.Stroke{Color: ink, Width: width * scale}}
		for i := range n {
			at := fanOffset(i, n)
			sh.Path.MoveTo(0, 0)
			sh.Path.LineTo(at.X*scale+shift.X, at.Y*scale+shift.Y)
		}
		return sh
	}
	seat := &draw.Shape{Fill: draw.Fill{Color: s.ink}, Stroke: draw.Stroke{Color: s.casing, Width: 1.5 * scale}}
	seat.Path.Circle(0, 0, 2.6*scale)
	return &draw.Symbol{Items: []draw.Item{stems(s.casing, 3), stems(s.ink, 1), seat}}
}
