package kernel

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// A quartic hill is a polynomial of the place where it is seen from, as long as that is on
// it. So of points whose hills all reach a place their moments tell all there is to know,
// and only those at the rim have to be looked at one by one. discs is a k-d tree of points
// with the moments of each node.
type discs struct {
	at    []orb.Point
	hills []powers
	width []float64
	nodes []disc
}

const rimSize = 16 // points in a leaf

// powers are the height of a hill of weight w, and that over the second and the fourth
// power of its width.
type powers [3]float64

type disc struct {
	box            orb.Bound
	centre         orb.Point
	narrow, wide   float64 // widths in it
	from, to       int32
	left, right    int32 // 0: none
	height         float64
	square, fourth moments
}

// moments are sums over points p, as seen from the centre: of 1, p, p p', p |p|^2 and |p|^4,
// times a weight.
type moments struct {
	one, x, y, xx, xy, yy, xr, yr, rr float64
}

func newDiscs(d *Density) *discs {
	t := &discs{}
	order := make([]int, len(d.points))
	for i := range order {
		order[i] = i
	}
	t.split(d, order, 0)
	return t
}

// split makes the node of some points, which stand from a place on.
func (t *discs) split(d *Density, order []int, from int) int32 {
	n := disc{box: orb.Bound{Min: d.points[order[0]], Max: d.points[order[0]]}, narrow: math.Inf(1), from: int32(from), to: int32(from + len(order))}
	for _, i := range order {
		n.box = n.box.Extend(d.points[i])
		n.narrow, n.wide = min(n.narrow, d.width(i)), max(n.wide, d.width(i))
	}
	n.centre = n.box.Center()
	for _, i := range order {
		n.add(d.points[i], d.hill(i))
	}
	own := int32(len(t.nodes))
	t.nodes = append(t.nodes, n)
	if len(order) <= rimSize {
		for _, i := range order {
			t.at, t.hills, t.width = append(t.at, d.points[i]), append(t.hills, d.hill(i)), append(t.width, d.width(i))
		}
		return own
	}
	axis := 0
	if n.box.Max[1]-n.box.Min[1] > n.box.Max[0]-n.box.Min[0] {
		axis = 1
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(d.points[i][axis], d.points[j][axis]), i-j) })
	middle := len(order) / 2
	left := t.split(d, order[:middle], from)
	right := t.split(d, order[middle:], from+middle)
	t.nodes[own].left, t.nodes[own].right = left, right
	return own
}

func (d *Density) hill(i int) powers {
	h := d.width(i)
	v := d.weights[i] * d.Kernel.top(h)
	return powers{v, v / (h * h), v / (h * h * h * h)}
}

func (n *disc) add(p orb.Point, h powers) {
	x, y := p[0]-n.centre[0], p[1]-n.centre[1]
	n.height += h[0]
	n.square.add(h[1], x, y)
	n.fourth.add(h[2], x, y)
}

func (m *moments) add(w, x, y float64) {
	r := x*x + y*y
	m.one += w
	m.x += w * x
	m.y += w * y
	m.xx += w * x * x
	m.xy += w * x * y
	m.yy += w * y * y
	m.xr += w * x * r
	m.yr += w * y * r
	m.rr += w * r * r
}

// seen is the sum of w (1 - r^2/h^2)^2 of all points, from a place x, y off the centre.
func (n *disc) seen(x, y float64) float64 {
	q := x*x + y*y
	s, f := &n.square, &n.fourth
	squares := q*s.one - 2*(x*s.x+y*s.y) + s.xx + s.yy
	fourths := q*q*f.one + 4*(x*x*f.xx+2*x*y*f.xy+y*y*f.yy) + f.rr - 4*q*(x*f.x+y*f.y) + 2*q*(f.xx+f.yy) - 4*(x*f.xr+y*f.yr)
	return n.height - 2*squares + fourths
}

// see is the density at a place that the points of a node make.
func (t *discs) see(at int32, p orb.Point) float64 {
	n := &t.nodes[at]
	near, far := 0.0, 0.0
	for a, v := range p {
		d := max(n.box.Min[a]-v, 0, v-n.box.Max[a])
		e := max(v-n.box.Min[a], n.box.Max[a]-v)
		near, far = near+d*d, far+e*e
	}
	switch {
	case near >= n.wide*n.wide:
		return 0
	case far <= n.narrow*n.narrow:
		return n.seen(p[0]-n.centre[0], p[1]-n.centre[1])
	case n.left != 0:
		return t.see(n.left, p) + t.see(n.right, p)
	}
	sum := 0.0
	for i := n.from; i < n.to; i++ {
		x, y, h := p[0]-t.at[i][0], p[1]-t.at[i][1], t.width[i]
		if u := 1 - (x*x+y*y)/(h*h); u > 0 {
			sum += t.hills[i][0] * u * u
		}
	}
	return sum
}
