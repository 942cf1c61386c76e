package draw

import "math"

// texture paints spans with a pattern, pixel by pixel from the distance to the next
// line or dot, so that a pattern needs no tile of whole pixels.
type texture struct {
	brush
	hatches []hatch
	scale   float64
	x, y    float64 // of the origin of the pattern, in pixels
}

func (t *texture) span(y, x0, x1 int, coverage uint32) {
	py := (float64(y) + 0.5 - t.y) / t.scale
	for x := x0; x < x1; x++ {
		px := (float64(x) + 0.5 - t.x) / t.scale
		most := 0.0
		for _, h := range t.hatches {
			most = max(most, h.covers(px, py, t.scale))
		}
		if c := uint32(float64(coverage)*most + 0.5); c > 0 {
			t.brush.span(y, x, x+1, c)
		}
	}
}

// covers is how much of a pixel around a point lies on a line or dot, 0 to 1.
func (h hatch) covers(x, y, scale float64) float64 {
	off := func(v float64) float64 { return math.Abs(v - period*math.Round(v/period)) }
	d := off(h.a*x+h.b*y-h.c) / math.Hypot(h.a, h.b)
	most := min(1, h.width*scale)
	if h.dots {
		d = math.Hypot(d, off(x-h.c))
		most = min(1, most*most)
	}
	return min(max((h.width/2-d)*scale+0.5, 0), most)
}
