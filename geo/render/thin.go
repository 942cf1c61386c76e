package render

import "math"

// simplify thins t.a, so that no vertex left out is further than the tolerance from
// the line (Douglas and Peucker, 1973).
func (t *tracer) simplify(closed bool) {
	if len(t.a) < 3 {
		return
	}
	t.keepers(closed)
	kept := t.a[:0]
	for i, q := range t.a {
		if t.keep[i] {
			kept = append(kept, q)
		}
	}
	t.a = kept
}

// keepers sets t.keep to the vertices of t.a that stay, and counts them.
func (t *tracer) keepers(closed bool) (n int) {
	n = len(t.a)
	if cap(t.keep) < n {
		t.keep = make([]bool, 2*n)
	}
	keep := t.keep[:n]
	clear(keep)
	if n == 0 {
		return 0
	}
	keep[0], keep[n-1] = true, true
	t.stack = append(t.stack[:0], 0, n-1)
	if closed { // the two ends are neighbours: anchor the ring at its farthest vertex too
		far, most := 0, 0.0
		for i, q := range t.a {
			if d := math.Hypot(q.X-t.a[0].X, q.Y-t.a[0].Y); d > most {
				far, most = i, d
			}
		}
		keep[far], keep[n-1] = true, far == n-1
		t.stack = append(t.stack[:0], 0, far, far, n)
	}
	for len(t.stack) > 0 {
		lo, hi := t.stack[len(t.stack)-2], t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-2]
		if at := t.farthest(lo, hi); at > 0 {
			keep[at] = true
			t.stack = append(t.stack, lo, at, at, hi)
		}
	}
	t.keep, n = keep, 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return n
}

// farthest is the vertex between two others that is farthest from the line of these, 0
// where none is further than the tolerance. The end len(t.a) is the first vertex.
func (t *tracer) farthest(lo, hi int) int {
	a, b := t.a[lo], t.a[hi%len(t.a)]
	dx, dy := b.X-a.X, b.Y-a.Y
	length := dx*dx + dy*dy
	at, most := 0, tolerance*tolerance
	for i := lo + 1; i < hi; i++ {
		x, y := t.a[i].X-a.X, t.a[i].Y-a.Y
		var d float64
		switch dot := x*dx + y*dy; {
		case length == 0 || dot <= 0:
			d = x*x + y*y
		case dot >= length:
			d = (x-dx)*(x-dx) + (y-dy)*(y-dy)
		default:
			d = x*dy - y*dx
			d = d * d / length
		}
		if d > most {
			at, most = i, d
		}
	}
	return at
}
