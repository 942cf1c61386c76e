package dbscan

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// mesh is the Delaunay triangulation of points in a plane, grown point by point (A.
// Bowyer, Computer Journal 24, 1981; D. F. Watson, the same). Around it are triangles
// with the point infinity, so that each side has one on both sides.
type mesh struct {
	points []orb.Point
	all    []triangle
	free   []int32
	last   int32 // where the search for the next point begins
	seen   []int32
	turn   int32
}

// triangle has its corners counterclockwise; beside[i] is across from corner i.
type triangle struct {
	corner, beside [3]int32
	gone           bool
}

const infinity = -1

// triangulate needs different points, neighbours of which are near one another in the
// order, for speed. It returns nil where all are on one line.
func triangulate(points []orb.Point) *mesh {
	m := &mesh{points: points}
	third := 2
	for third < len(points) && side(points[0], points[1], points[third]) == 0 {
		third++
	}
	if third >= len(points) {
		return nil
	}
	m.begin(0, 1, int32(third))
	for i := 2; i < len(points); i++ {
		if i != third {
			m.insert(int32(i))
		}
	}
	return m
}

func (m *mesh) begin(a, b, c int32) {
	if side(m.points[a], m.points[b], m.points[c]) < 0 {
		b, c = c, b
	}
	m.all = []triangle{
		{corner: [3]int32{a, b, c}, beside: [3]int32{2, 3, 1}},
		{corner: [3]int32{b, a, infinity}, beside: [3]int32{3, 2, 0}},
		{corner: [3]int32{c, b, infinity}, beside: [3]int32{1, 3, 0}},
		{corner: [3]int32{a, c, infinity}, beside: [3]int32{2, 1, 0}},
	}
	m.seen = make([]int32, 4)
}

// conflicts reports whether a point is in the circle around a triangle; that of a side of
// the hull is the half plane beyond it.
func (m *mesh) conflicts(t int32, p orb.Point) bool {
	c := m.all[t].corner
	for i, v := range c {
		if v != infinity {
			continue
		}
		a, b := m.points[c[(i+1)%3]], m.points[c[(i+2)%3]]
		if s := side(a, b, p); s != 0 {
			return s > 0
		}
		return (p[0]-a[0])*(p[0]-b[0])+(p[1]-a[1])*(p[1]-b[1]) < 0
	}
	return inCircle(m.points[c[0]], m.points[c[1]], m.points[c[2]], p) > 0
}

// find walks towards a point to a triangle that conflicts with it.
func (m *mesh) find(p orb.Point) int32 {
	t := m.last
	for range 4 * len(m.all) {
		if m.conflicts(t, p) {
			return t
		}
		next := int32(-1)
		c := m.all[t].corner
		for i := range 3 {
			a, b := c[(i+1)%3], c[(i+2)%3]
			if a != infinity && b != infinity && c[i] != infinity && side(m.points[a], m.points[b], p) < 0 {
				next = m.all[t].beside[i]
				break
			}
		}
		if next < 0 { // along the hull
			for i, v := range c {
				if v == infinity {
					next = m.all[t].beside[(i+1)%3]
				}
			}
		}
		if next < 0 {
			break
		}
		t = next
	}
	for t := range m.all {
		if !m.all[t].gone && m.conflicts(int32(t), p) {
			return int32(t)
		}
	}
	return -1
}

// insert takes out the triangles that conflict with a point, which are connected, and
// joins the point with the sides of the hole.
func (m *mesh) insert(i int32) {
	p := m.points[i]
	first := m.find(p)
	if first < 0 {
		return
	}
	m.turn++
	cavity := []int32{first}
	m.seen[first] = m.turn
	for k := 0; k < len(cavity); k++ {
		t := m.all[cavity[k]]
		for _, other := range t.beside {
			if m.seen[other] != m.turn && m.conflicts(other, p) {
				m.seen[other] = m.turn
				cavity = append(cavity, other)
			}
		}
	}
	m.fill(i, cavity)
}

// rim is a side of a hole, with the triangle outside.
type rim struct{ from, to, outside int32 }

// fill puts triangles from a point to the sides of a hole in the place of those in it.
func (m *mesh) fill(i int32, cavity []int32) {
	var rims []rim
	for _, c := range cavity {
		t := m.all[c]
		for s, other := range t.beside {
			if m.seen[other] != m.turn {
				rims = append(rims, rim{t.corner[(s+1)%3], t.corner[(s+2)%3], other})
			}
		}
	}
	for _, c := range cavity {
		m.all[c].gone = true
		m.free = append(m.free, c)
	}
	starts := make(map[int32]int32, len(rims)) // new triangle by the first corner of its rim
	made := make([]int32, len(rims))
	for k, r := range rims {
		t := m.take()
		made[k] = t
		m.all[t] = triangle{corner: [3]int32{r.from, r.to, i}, beside: [3]int32{-1, -1, r.outside}}
		starts[r.from] = t
		out := &m.all[r.outside]
		for s := range out.corner {
			if out.corner[(s+1)%3] == r.to && out.corner[(s+2)%3] == r.from {
				out.beside[s] = t
			}
		}
	}
	for k, r := range rims {
		next := starts[r.to]
		m.all[made[k]].beside[0] = next // across from from: the side to, i
		m.all[next].beside[1] = made[k]
	}
	m.last = made[0]
}

func (m *mesh) take() int32 {
	if n := len(m.free); n > 0 {
		t := m.free[n-1]
		m.free = m.free[:n-1]
		m.seen[t] = 0
		return t
	}
	m.all = append(m.all, triangle{})
	m.seen = append(m.seen, 0)
	return int32(len(m.all) - 1)
}

// side is the sign of turn, exactly.
func side(a, b, c orb.Point) int {
	left, right := (b[0]-a[0])*(c[1]-a[1]), (b[1]-a[1])*(c[0]-a[0])
	if d := left - right; math.Abs(d) > 4e-16*(math.Abs(left)+math.Abs(right)) {
		return sign(d)
	}
	e := exact{}
	return e.minus(e.times(e.less(b[0], a[0]), e.less(c[1], a[1])), e.times(e.less(b[1], a[1]), e.less(c[0], a[0]))).Sign()
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// inCircle is 1 where d is in the circle around a, b and c, which are counterclockwise,
// -1 outside and 0 on it, exactly.
func inCircle(a, b, c, d orb.Point) int {
	ax, ay, bx, by, cx, cy := a[0]-d[0], a[1]-d[1], b[0]-d[0], b[1]-d[1], c[0]-d[0], c[1]-d[1]
	a2, b2, c2 := ax*ax+ay*ay, bx*bx+by*by, cx*cx+cy*cy
	det := a2*(bx*cy-cx*by) + b2*(cx*ay-ax*cy) + c2*(ax*by-bx*ay)
	size := a2*(math.Abs(bx*cy)+math.Abs(cx*by)) + b2*(math.Abs(cx*ay)+math.Abs(ax*cy)) + c2*(math.Abs(ax*by)+math.Abs(bx*ay))
	if math.Abs(det) > 2e-15*size {
		return sign(det)
	}
	e := exact{}
	var x, y, square [3]*big.Float
	for i, p := range [...]orb.Point{a, b, c} {
		x[i], y[i] = e.less(p[0], d[0]), e.less(p[1], d[1])
		square[i] = e.minus(e.times(x[i], x[i]), e.negative(e.times(y[i], y[i])))
	}
	sum := new(big.Float).SetPrec(exactBits)
	for i := range 3 {
		j, k := (i+1)%3, (i+2)%3
		sum.Add(sum, e.times(square[i], e.minus(e.times(x[j], y[k]), e.times(x[k], y[j]))))
	}
	return sum.Sign()
}

// exact computes without rounding what two predicates need of positions in a plane.
type exact struct{}

const exactBits = 1200

func (exact) less(a, b float64) *big.Float {
	return new(big.Float).SetPrec(exactBits).Sub(big.NewFloat(a), big.NewFloat(b))
}

func (exact) times(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(exactBits).Mul(a, b) }

func (exact) minus(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(exactBits).Sub(a, b) }

func (exact) negative(a *big.Float) *big.Float { return new(big.Float).SetPrec(exactBits).Neg(a) }
