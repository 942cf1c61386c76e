package pattern

import (
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Radii are Steps distances, the last of which is Max metres, the first Max/Steps.
type Radii struct {
	Max   float64
	Steps int
}

func (r Radii) list() []float64 {
	out := make([]float64, r.Steps)
	for i := range out {
		out[i] = r.Max * float64(i+1) / float64(r.Steps)
	}
	return out
}

// maxEdge is the greatest weight of a pair by the edge, as in spatstat: a pair of which
// less than a hundredth of the circle lies in the window would outweigh all others.
const maxEdge = 100

// RipleyL is Ripley's L at radii, in metres: the root of K/pi, which is the radius itself
// in complete randomness. A pair counts by the isotropic correction (B. D. Ripley, Journal
// of Applied Probability 13, 1976): one by the share of the circle round the first point
// through the second that lies in the window. It is right in a window of any shape and,
// unlike the border correction, wastes no points, of which a trade has few. Two points
// are needed.
func RipleyL(points []orb.Point, w *Window, radii Radii) ([]float64, error) {
	if len(points) < 2 {
		return nil, ErrTooFew
	}
	out := make([]float64, radii.Steps)
	newRipley(w, radii).l(points, out)
	return out, nil
}

// ripley makes curves for one goroutine.
type ripley struct {
	window *Window
	radii  []float64
	step   float64
	edge   []float64
}

func newRipley(w *Window, r Radii) *ripley {
	return &ripley{w, r.list(), r.Max / float64(r.Steps), nil}
}

func (k *ripley) l(points []orb.Point, out []float64) {
	clear(out)
	k.edge = k.edge[:0]
	for _, p := range points {
		k.edge = append(k.edge, k.window.toEdge(p))
	}
	last := k.radii[len(k.radii)-1]
	for i, p := range points {
		for j := i + 1; j < len(points); j++ {
			q := points[j]
			x, y := p[0]-q[0], p[1]-q[1]
			if x > last || x < -last {
				continue
			}
			d := math.Sqrt(x*x + y*y)
			if d > last {
				continue
			}
			out[k.bin(d)] += k.weight(p, k.edge[i], d) + k.weight(q, k.edge[j], d)
		}
	}
	n := float64(len(points))
	sum := 0.0
	for i, v := range out {
		sum += v
		out[i] = math.Sqrt(k.window.area * sum / (n * (n - 1)) / math.Pi)
	}
}

// bin is the number of the first radius not less than d.
func (k *ripley) bin(d float64) int {
	i := min(max(int(math.Ceil(d/k.step))-1, 0), len(k.radii)-1)
	for i > 0 && d <= k.radii[i-1] {
		i--
	}
	for i < len(k.radii)-1 && d > k.radii[i] {
		i++
	}
	return i
}

func (k *ripley) weight(p orb.Point, edge, d float64) float64 {
	// Of a circle that touches the outline, inside cannot tell all from nothing.
	if d <= edge*(1+1e-9) {
		return 1
	}
	if inside := k.window.inside(p, d); inside*maxEdge > 1 {
		return 1 / inside
	}
	return maxEdge
}

// Ripley is Ripley's L with a band of chance: P is two-sided and of the whole curve.
type Ripley struct {
	R, L, Low, High []float64 // metres
	P               float64
	// Clustered and Regular say that the curve leaves the band above and below.
	Clustered, Regular bool
}

// RipleyTest compares L of points with that of as many points drawn by chance: from
// sites, without putting back, or where sites is nil by complete randomness in the window.
func RipleyTest(ctx context.Context, points, sites []orb.Point, w *Window, radii Radii, c Chance) (*Ripley, error) {
	if len(points) < 2 || sites != nil && len(sites) < len(points) {
		return nil, ErrTooFew
	}
	sites = slices.Clone(sites)
	slices.SortFunc(sites, comparePoints)
	points = slices.Clone(points)
	slices.SortFunc(points, comparePoints)
	all := newCurves(c.Draws, radii.Steps)
	newRipley(w, radii).l(points, all[0])
	err := c.each(ctx, func() drawer {
		k, drawn := newRipley(w, radii), make([]orb.Point, len(points))
		if sites == nil {
			return func(draw int, r random) {
				w.random(r, drawn)
				k.l(drawn, all[draw+1])
			}
		}
		from, chosen := newPicker(len(sites)), make([]int32, len(points))
		return func(draw int, r random) {
			from.pick(r, chosen)
			for i, s := range chosen {
				drawn[i] = sites[s]
			}
			k.l(drawn, all[draw+1])
		}
	})
	if err != nil {
		return nil, err
	}
	out := &Ripley{R: radii.list(), L: all[0]}
	out.P, out.Low, out.High = all.global(either)
	for i, l := range out.L {
		out.Clustered = out.Clustered || l > out.High[i]
		out.Regular = out.Regular || l < out.Low[i]
	}
	return out, nil
}
