package cql

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// nearness is the points and edges of a shape made ready for distances: a tree of
// balls in space that hold them. Edges are taken in steps that are short enough to
// be straight in space. As one edge may have thousands, they are made where they
// are looked at.
type nearness struct {
	legs   []leg
	ends   []int    // of the groups of legs
	levels [][]ball // of groups, and of the balls below; the lowest level first
	steps  [][]step // by group; nil where not made, or not kept
	room   int      // for steps that are kept
}

// leg is a point, or a piece of an edge, that is walked in n steps.
type leg struct {
	p, q orb.Point
	n    int
}

const (
	mostSteps   = 32      // of a leg, or of a group of legs
	balls       = 8       // in one of the level above
	roomOfSteps = 1 << 18 // 30 MB
)

// step is a short piece of an edge, or a point: straight in space to within
// metres, so that nearest places are found in space.
type step struct {
	p, q orb.Point
	a, b vec
	ball
}

// ball is a place in space that holds something.
type ball struct {
	centre vec
	radius float64
}

// gap is the distance between two balls, negative where they overlap.
func (b *ball) gap(c *ball) float64 {
	return distance(b.centre, c.centre) - b.radius - c.radius
}

// nearness is made once.
func (s *shape) nearness() *nearness {
	if s.near != nil {
		return s.near
	}
	n := &nearness{legs: s.legs(), room: roomOfSteps}
	s.near = n
	var lowest []ball
	for from := 0; from < len(n.legs) && !s.pace.Over(mostSteps); {
		to, steps := from, 0
		for to < len(n.legs) && (to == from || steps+n.legs[to].n <= mostSteps) {
			steps += n.legs[to].n
			to++
		}
		group := make([]ball, 0, mostSteps)
		for i := from; i < to; i++ {
			group = append(group, n.legs[i].ball())
		}
		lowest, n.ends = append(lowest, ballAround(group)), append(n.ends, to)
		from = to
	}
	n.steps = make([][]step, len(lowest))
	for level := lowest; ; {
		n.levels = append(n.levels, level)
		if len(level) <= 1 {
			return n
		}
		var above []ball
		for part := range slices.Chunk(level, balls) {
			above = append(above, ballAround(part))
		}
		level = above
	}
}

// legs are the points and edges of the shape, edges in steps of at most a tenth of a
// degree.
func (s *shape) legs() []leg {
	var out []leg
	for _, p := range s.points {
		out = append(out, leg{p, p, 1})
	}
	s.chains(func(c *chain) bool {
		for i := 1; i < len(c.points); i++ {
			p, q := c.points[i-1], c.points[i]
			steps := int(10*max(math.Abs(q[0]-p[0]), math.Abs(q[1]-p[1]))) + 1
			legs := (steps + mostSteps - 1) / mostSteps
			if s.pace.Over(legs) {
				return false
			}
			for k := range legs {
				from, to := float64(k)/float64(legs), float64(k+1)/float64(legs)
				out = append(out, leg{along(p, q, from), along(p, q, to), (steps + legs - 1) / legs})
			}
		}
		return true
	})
	return out
}

// ball holds a leg: no radius of curvature of the ellipsoid is longer than the one
// at the poles.
func (l *leg) ball() ball {
	if l.p == l.q {
		return ball{centre: onEllipsoid(l.p)}
	}
	const longest = equator * equator / pole
	widest := min(math.Abs(l.p[1]), math.Abs(l.q[1]))
	if (l.p[1] < 0) != (l.q[1] < 0) {
		widest = 0
	}
	rad := math.Pi / 180
	half := math.Hypot((l.q[0]-l.p[0])*math.Cos(widest*rad), l.q[1]-l.p[1]) * rad / 2
	return ball{onEllipsoid(along(l.p, l.q, 0.5)), half * longest}
}

// ballAround is a ball that holds some others.
func ballAround(list []ball) ball {
	var out ball
	for i := range list {
		for k := range 3 {
			out.centre[k] += list[i].centre[k] / float64(len(list))
		}
	}
	for i := range list {
		out.radius = max(out.radius, distance(out.centre, list[i].centre)+list[i].radius)
	}
	return out
}

// group is the steps of a group.
func (n *nearness) group(i int) []step {
	if n.steps[i] != nil {
		return n.steps[i]
	}
	from := 0
	if i > 0 {
		from = n.ends[i-1]
	}
	out := make([]step, 0, mostSteps)
	for _, l := range n.legs[from:n.ends[i]] {
		p, a := l.p, onEllipsoid(l.p)
		for k := range l.n {
			q := along(l.p, l.q, float64(k+1)/float64(l.n))
			b := onEllipsoid(q)
			out = append(out, step{p, q, a, b, ball{vec{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2}, distance(a, b) / 2}})
			p, a = q, b
		}
	}
	if n.room -= len(out); n.room >= 0 {
		n.steps[i] = out
	}
	return out
}

func along(p, q orb.Point, t float64) orb.Point {
	if t == 1 {
		return q
	}
	return orb.Point{p[0] + t*(q[0]-p[0]), p[1] + t*(q[1]-p[1])}
}

// nearestPair is the nearest pair of places so far of two shapes; best is their
// distance in space.
type nearestPair struct {
	s, t *nearness
	pace *geo.Pace
	best float64
	p, q orb.Point
}

// branch is a ball of a tree.
type branch struct{ level, i int }

func (n *nearness) at(b branch) *ball { return &n.levels[b.level][b.i] }

func (n *nearness) below(b branch) (from, to int) {
	return b.i * balls, min((b.i+1)*balls, len(n.levels[b.level-1]))
}

// nearest finds the nearest pair; there is none where pace is over.
func nearest(s, t *shape) nearestPair {
	n := nearestPair{s: s.nearness(), t: t.nearness(), pace: paceOf(s, t), best: math.Inf(1)}
	if len(n.s.legs) > 0 && len(n.t.legs) > 0 && !n.pace.Over(1) {
		n.look(branch{len(n.s.levels) - 1, 0}, branch{len(n.t.levels) - 1, 0})
	}
	return n
}

// look compares what two balls hold, the nearest parts of the larger one first.
func (n *nearestPair) look(a, b branch) {
	one, two := n.s.at(a), n.t.at(b)
	if one.gap(two) > n.best || n.pace.Over(8) {
		return
	}
	if a.level == 0 && b.level == 0 {
		n.offerGroups(n.s.group(a.i), n.t.group(b.i), two)
		return
	}
	type part struct {
		i   int
		gap float64
	}
	var list [balls]part
	parts := list[:0]
	first := b.level == 0 || a.level > 0 && one.radius > two.radius
	if first {
		from, to := n.s.below(a)
		for i := from; i < to; i++ {
			parts = append(parts, part{i, n.s.levels[a.level-1][i].gap(two)})
		}
	} else {
		from, to := n.t.below(b)
		for i := from; i < to; i++ {
			parts = append(parts, part{i, n.t.levels[b.level-1][i].gap(one)})
		}
	}
	slices.SortFunc(parts, func(x, y part) int { return cmp.Compare(x.gap, y.gap) })
	for _, p := range parts {
		switch {
		case p.gap > n.best:
			return
		case first:
			n.look(branch{a.level - 1, p.i}, b)
		default:
			n.look(a, branch{b.level - 1, p.i})
		}
	}
}

func (n *nearestPair) offerGroups(s, t []step, ofT *ball) {
	for i := range s {
		if s[i].gap(ofT) > n.best {
			continue
		}
		for j := range t {
			n.offer(&s[i], &t[j])
		}
	}
}

func (n *nearestPair) offer(s, t *step) {
	if s.gap(&t.ball) > n.best {
		return
	}
	for _, end := range [2]struct {
		p orb.Point
		a vec
	}{{s.p, s.a}, {s.q, s.b}} {
		u := foot(end.a, t)
		if d := chord(end.a, t, u); d < n.best {
			n.best, n.p, n.q = d, end.p, along(t.p, t.q, u)
		}
	}
	for _, end := range [2]struct {
		p orb.Point
		a vec
	}{{t.p, t.a}, {t.q, t.b}} {
		u := foot(end.a, s)
		if d := chord(end.a, s, u); d < n.best {
			n.best, n.p, n.q = d, along(s.p, s.q, u), end.p
		}
	}
}

// foot is how far along the step the place nearest to a lies, from 0 to 1.
func foot(a vec, s *step) float64 {
	d := minus(s.b, s.a)
	l := dot(d, d)
	if l == 0 {
		return 0
	}
	return max(0, min(1, dot(minus(a, s.a), d)/l))
}

func chord(a vec, s *step, u float64) float64 {
	d := minus(s.b, s.a)
	return distance(a, vec{s.a[0] + u*d[0], s.a[1] + u*d[1], s.a[2] + u*d[2]})
}
