package render

import "clustermap/geo/draw"

// clipRing cuts the ring of t.a (Sutherland and Hodgman, "Reentrant polygon clipping",
// 1974). What joins parts runs along the clip box, outside of the frame.
func (t *tracer) clipRing() {
	c := t.clip
	all := true
	for _, q := range t.a {
		if !t.inside(q) {
			all = false
			break
		}
	}
	if all {
		return
	}
	t.halfPlane(func(q draw.Point) float64 { return q.X - c.X })
	t.halfPlane(func(q draw.Point) float64 { return c.X + c.W - q.X })
	t.halfPlane(func(q draw.Point) float64 { return q.Y - c.Y })
	t.halfPlane(func(q draw.Point) float64 { return c.Y + c.H - q.Y })
}

func (t *tracer) halfPlane(depth func(draw.Point) float64) {
	if len(t.a) == 0 {
		return
	}
	t.b = t.b[:0]
	last := t.a[len(t.a)-1]
	lastDepth := depth(last)
	for _, q := range t.a {
		d := depth(q)
		if (d >= 0) != (lastDepth >= 0) {
			f := lastDepth / (lastDepth - d)
			t.b = append(t.b, draw.Point{X: last.X + (q.X-last.X)*f, Y: last.Y + (q.Y-last.Y)*f})
		}
		if d >= 0 {
			t.b = append(t.b, q)
		}
		last, lastDepth = q, d
	}
	t.a, t.b = t.b, t.a
}

// clipLine calls draw with t.a set to each part of the line of t.a in the clip box.
func (t *tracer) clipLine(draw func()) {
	whole := t.a
	t.a = t.b[:0]
	for i := 1; i < len(whole); i++ {
		a, b, ok := t.clipEdge(whole[i-1], whole[i])
		if !ok {
			continue
		}
		if n := len(t.a); n > 0 && t.a[n-1] != a {
			draw()
			t.a = t.a[:0]
		}
		if len(t.a) == 0 {
			t.a = append(t.a, a)
		}
		t.a = append(t.a, b)
	}
	if len(t.a) > 0 {
		draw()
	}
	t.b = whole
}

type pixel = draw.Point

// clipEdge is the part of an edge in the clip box (Liang and Barsky, "A new concept and
// method for line clipping", 1984).
func (t *tracer) clipEdge(a, b pixel) (pixel, pixel, bool) {
	c := t.clip
	dx, dy := b.X-a.X, b.Y-a.Y
	from, to := 0.0, 1.0
	for _, side := range [4][2]float64{{-dx, a.X - c.X}, {dx, c.X + c.W - a.X}, {-dy, a.Y - c.Y}, {dy, c.Y + c.H - a.Y}} {
		switch d, q := side[0], side[1]; {
		case d == 0 && q < 0:
			return a, b, false
		case d < 0:
			from = max(from, q/d)
		case d > 0:
			to = min(to, q/d)
		}
	}
	if from > to {
		return a, b, false
	}
	at := func(f float64) pixel { return pixel{X: a.X + f*dx, Y: a.Y + f*dy} }
	p, q := a, b
	if from > 0 {
		p = at(from)
	}
	if to < 1 {
		q = at(to)
	}
	return p, q, true
}
