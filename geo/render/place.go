package render

import (
	"math"

	"clustermap/geo/draw"
)

// placer finds room for labels in a frame: it knows every box that is taken and lets
// none overlap. Boxes are kept by cell, so that a label asks only its neighbourhood.
type placer struct {
	frame      draw.Rect
	cols, rows int
	cells      [][]int32 // places in boxes
	boxes      []taken
}

type taken struct {
	x0, y0, x1, y1 float64
	own            int32
}

// nobody owns a box that nothing may touch.
const nobody = -1

// cellSize is in pixels: a label of usual length touches two to six cells.
const cellSize = 32

func newPlacer(frame draw.Rect) *placer {
	p := &placer{frame: frame}
	p.cols = max(1, int(math.Ceil(frame.W/cellSize)))
	p.rows = max(1, int(math.Ceil(frame.H/cellSize)))
	p.cells = make([][]int32, p.cols*p.rows)
	return p
}

// take makes a box taken. Labels that are free for own may lie on it.
func (p *placer) take(r draw.Rect, own int32) {
	i := int32(len(p.boxes))
	p.boxes = append(p.boxes, taken{r.X, r.Y, r.X + r.W, r.Y + r.H, own})
	c0, r0, c1, r1 := p.cover(r)
	for row := r0; row <= r1; row++ {
		for col := c0; col <= c1; col++ {
			at := &p.cells[row*p.cols+col]
			*at = append(*at, i)
		}
	}
}

// free reports whether a box lies in the frame and on nothing but what own has.
func (p *placer) free(r draw.Rect, own int32) bool {
	if !within(r, p.frame) {
		return false
	}
	x1, y1 := r.X+r.W, r.Y+r.H
	c0, r0, c1, r1 := p.cover(r)
	for row := r0; row <= r1; row++ {
		for col := c0; col <= c1; col++ {
			for _, i := range p.cells[row*p.cols+col] {
				b := &p.boxes[i]
				if b.x0 < x1 && r.X < b.x1 && b.y0 < y1 && r.Y < b.y1 && (b.own != own || own == nobody) {
					return false
				}
			}
		}
	}
	return true
}

// cover is the cells that a box touches; what lies outside counts to the cells at the edge.
func (p *placer) cover(r draw.Rect) (c0, r0, c1, r1 int) {
	cell := func(v float64, n int) int {
		return int(min(max(v/cellSize, 0), float64(n-1)))
	}
	return cell(r.X-p.frame.X, p.cols), cell(r.Y-p.frame.Y, p.rows),
		cell(r.X+r.W-p.frame.X, p.cols), cell(r.Y+r.H-p.frame.Y, p.rows)
}

// clear reports whether the straight line between two points meets no box but those of own.
func (p *placer) clear(a, b draw.Point, own int32) bool {
	const step, half = 3, 1.5
	n := max(1, int(math.Hypot(b.X-a.X, b.Y-a.Y)/step))
	for i := range n + 1 {
		t := float64(i) / float64(n)
		x, y := a.X+(b.X-a.X)*t, a.Y+(b.Y-a.Y)*t
		if !p.free(draw.Rect{X: x - half, Y: y - half, W: 2 * half, H: 2 * half}, own) {
			return false
		}
	}
	return true
}

// side is where a label stands beside its point.
type side uint8

const (
	right side = iota
	left
	above
	below
	northEast
	southEast
	northWest
	southWest
	centre
)

// pointSides are the sides of a symbol in the order in which they are tried, seatSides
// those of the dot of a city.
var (
	pointSides = [...]side{right, left, above, below, northEast, southEast, northWest, southWest}
	seatSides  = [...]side{right, left, above, below}
)

// beside is the box of w by h on a side of a point, gap away from it.
func (s side) beside(at draw.Point, gap, w, h float64) draw.Rect {
	d := gap * 0.75
	r := draw.Rect{X: at.X - w/2, Y: at.Y - h/2, W: w, H: h}
	switch s {
	case right:
		r.X = at.X + gap
	case left:
		r.X = at.X - gap - w
	case above:
		r.Y = at.Y - gap - h
	case below:
		r.Y = at.Y + gap
	case northEast:
		r.X, r.Y = at.X+d, at.Y-d-h
	case southEast:
		r.X, r.Y = at.X+d, at.Y+d
	case northWest:
		r.X, r.Y = at.X-d-w, at.Y-d-h
	case southWest:
		r.X, r.Y = at.X-d-w, at.Y+d
	}
	return r
}

// align is the side of its text at which a label is held, so that it grows away from
// its symbol where another program's font is wider.
func (s side) align() draw.Align {
	switch s {
	case right, northEast, southEast:
		return draw.Start
	case left, northWest, southWest:
		return draw.End
	}
	return draw.Middle
}

func within(a, b draw.Rect) bool {
	return a.X >= b.X && a.Y >= b.Y && a.X+a.W <= b.X+b.W && a.Y+a.H <= b.Y+b.H
}

func overlap(a, b draw.Rect) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func squareAt(x, y, half float64) draw.Rect {
	return draw.Rect{X: x - half, Y: y - half, W: 2 * half, H: 2 * half}
}
