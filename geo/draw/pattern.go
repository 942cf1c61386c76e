package draw

import "math"

// period of all patterns, in pixels. A pattern begins at the origin of the drawing, or
// of its symbol within a symbol.
const period = 6

// hatch is a family of parallel lines: ax + by = c + period·k for every whole k. The
// writers draw patterns from the same hatches, so that their lines stand at the same
// places.
type hatch struct {
	a, b  float64
	c     float64
	width float64
	// dots stand on the lines, which then are horizontal, where x = c + period·k; width is
	// their diameter.
	dots bool
}

// hatches returns what a pattern consists of; nothing for one that does not exist.
func (p Pattern) hatches() []hatch {
	up, down := hatch{a: 1, b: 1, width: 1}, hatch{a: 1, b: -1, width: 1}
	across, upright := hatch{b: 1, c: 3, width: 1}, hatch{a: 1, c: 3, width: 1}
	switch p {
	case DiagonalUp:
		return []hatch{up}
	case DiagonalDown:
		return []hatch{down}
	case Horizontal:
		return []hatch{across}
	case Vertical:
		return []hatch{upright}
	case Cross:
		return []hatch{across, upright}
	case DiagonalCross:
		return []hatch{up, down}
	case Dots:
		return []hatch{{b: 1, c: 3, width: 2, dots: true}}
	case DenseDots:
		return []hatch{{b: 1, c: 1.5, width: 2, dots: true}, {b: 1, c: 4.5, width: 2, dots: true}}
	}
	return nil
}

// bands adds the lines of the hatch that cross a box to a path, as areas that are all
// wound alike, so that where two cross is painted once. It is not for dots.
func (h hatch) bands(p *Path, box Rect) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, q := range [4]Point{{box.X, box.Y}, {box.X + box.W, box.Y}, {box.X, box.Y + box.H}, {box.X + box.W, box.Y + box.H}} {
		v := h.a*q.X + h.b*q.Y
		lo, hi = min(lo, v), max(hi, v)
	}
	half := h.width / 2 * math.Hypot(h.a, h.b)
	for k := math.Ceil((lo - h.c) / period); h.c+k*period <= hi; k++ {
		v := h.c + k*period
		if h.b == 0 {
			p.Rect(Rect{(v - half) / h.a, box.Y, 2 * half / h.a, box.H})
			continue
		}
		y := func(x float64) float64 { return (v - h.a*x) / h.b }
		x0, x1, dy := box.X, box.X+box.W, half/math.Abs(h.b)
		p.Polyline([]Point{{x0, y(x0) - dy}, {x1, y(x1) - dy}, {x1, y(x1) + dy}, {x0, y(x0) + dy}}, true)
	}
}
