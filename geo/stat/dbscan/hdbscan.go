package dbscan

import (
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Selection is how clusters are chosen from the hierarchy.
type Selection uint8

const (
	ExcessOfMass Selection = iota // the clusters that last over the widest range of density
	Leaf                          // the smallest ones
)

// HQuestion is what HDBSCAN is asked.
type HQuestion struct {
	MinSize   int // of a cluster, at least 2
	MinPoints int // the nearest points, itself among them, that the density at a point is taken from; 0: MinSize
	Selection Selection
}

// Memberships are the clusters of points, and how firmly the points belong to them.
type Memberships struct {
	Labels      []int
	Probability []float64 // 1 at the heart of a cluster, 0 for noise
	Reach       []float64 // distance to the MinPoints-th nearest point, in metres
	Stability   []float64 // of each cluster: its excess of mass, in points per metre
	N           int
}

// finest is the distance in metres that shorter ones count as, so that equal positions
// have a finite density.
const finest = 1

// HDBSCAN finds clusters as R. Campello, D. Moulavi and J. Sander do (PAKDD 2013), of
// the points with the probabilities of L. McInnes and J. Healy (ICDMW 2017). Links of
// equal reach are ordered by their length, then by where they are, so that the order of
// the points does not matter.
func HDBSCAN(ctx context.Context, points []orb.Point, q HQuestion, work Work) (*Memberships, error) {
	if q.MinPoints == 0 {
		q.MinPoints = q.MinSize
	}
	if q.MinSize < 2 || q.MinPoints < 1 {
		return nil, ErrSize
	}
	out := &Memberships{Labels: make([]int, len(points)), Probability: make([]float64, len(points)), Reach: make([]float64, len(points))}
	for i := range out.Labels {
		out.Labels[i] = Noise
		out.Reach[i] = math.NaN()
	}
	if len(points) < max(q.MinSize, q.MinPoints) {
		return out, ctx.Err()
	}
	f := newForest(points)
	run := work.start(ctx, 4*len(points))
	f.findReach(run, q.MinPoints)
	links := f.span(run)
	if run.failed() {
		return nil, ctx.Err()
	}
	for r, i := range f.points {
		out.Reach[i] = arc(f.reach2[r])
	}
	c := condense(f.hierarchy(links), len(points), q.MinSize)
	c.choose(q.Selection)
	c.label(f.points, out)
	return out, nil
}

// condensed is the hierarchy of clusters that have at least the smallest size.
type condensed struct {
	clusters []branch
	of       []int32   // cluster that each point leaves last, by rank
	density  []float64 // at which it leaves, per metre
}

type branch struct {
	parent    int32 // -1 of the first
	children  []int32
	birth     float64 // density per metre at which it parts from its parent
	last      float64 // the highest density of its own
	size      int
	stability float64
	chosen    bool
}

// condense goes down the hierarchy: what parts from a cluster and is smaller than least
// leaves it, and it ends where two parts are not.
func condense(h []merge, n, least int) *condensed {
	c := &condensed{of: make([]int32, n), density: make([]float64, n)}
	c.clusters = append(c.clusters, branch{parent: -1, size: n})
	type task struct {
		node    int
		cluster int32
	}
	stack := []task{{2*n - 2, 0}}
	leave := func(node int, cluster int32, density float64) {
		for parts := []int{node}; len(parts) > 0; {
			top := parts[len(parts)-1]
			parts = parts[:len(parts)-1]
			if top >= n {
				parts = append(parts, h[top-n].left, h[top-n].right)
				continue
			}
			c.of[top], c.density[top] = cluster, density
		}
	}
	size := func(node int) int {
		if node < n {
			return 1
		}
		return h[node-n].size
	}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		m := h[t.node-n]
		density := 1 / max(m.distance, finest)
		own := &c.clusters[t.cluster]
		own.last = max(own.last, density)
		left, right := size(m.left), size(m.right)
		own.stability += (density - own.birth) * float64(leaving(left, right, least))
		switch {
		case left >= least && right >= least:
			for _, part := range [...]int{m.left, m.right} {
				child := int32(len(c.clusters))
				c.clusters[t.cluster].children = append(c.clusters[t.cluster].children, child)
				c.clusters = append(c.clusters, branch{parent: t.cluster, birth: density, size: size(part)})
				stack = append(stack, task{part, child})
			}
		case left >= least:
			leave(m.right, t.cluster, density)
			stack = append(stack, task{m.left, t.cluster})
		case right >= least:
			leave(m.left, t.cluster, density)
			stack = append(stack, task{m.right, t.cluster})
		default:
			leave(m.left, t.cluster, density)
			leave(m.right, t.cluster, density)
		}
	}
	return c
}

// leaving is how many points leave a cluster where it parts.
func leaving(left, right, least int) int {
	switch {
	case left >= least && right >= least:
		return left + right
	case left >= least:
		return right
	case right >= least:
		return left
	}
	return left + right
}

// choose marks the clusters that are the answer, of which all points together are none.
// Children stand after their parents.
func (c *condensed) choose(by Selection) {
	best := make([]float64, len(c.clusters))
	for i := len(c.clusters) - 1; i > 0; i-- {
		b := &c.clusters[i]
		below := 0.0
		for _, child := range b.children {
			below += best[child]
		}
		b.chosen = len(b.children) == 0 || by == ExcessOfMass && below <= b.stability
		best[i] = max(below, b.stability)
	}
	for i := range c.clusters { // only the topmost of the chosen ones
		if p := c.clusters[i].parent; p >= 0 && c.under(p) {
			c.clusters[i].chosen = false
		}
	}
}

// under reports whether a cluster or one above it is chosen.
func (c *condensed) under(i int32) bool {
	for ; i >= 0; i = c.clusters[i].parent {
		if c.clusters[i].chosen {
			return true
		}
	}
	return false
}

// label gives points the label of the chosen cluster that they are in.
func (c *condensed) label(points []int, out *Memberships) {
	for r, i := range points {
		cluster := c.of[r]
		for cluster >= 0 && !c.clusters[cluster].chosen {
			cluster = c.clusters[cluster].parent
		}
		if cluster >= 0 {
			last := c.clusters[cluster].last
			out.Labels[i], out.Probability[i] = int(cluster), min(c.density[r], last)/last
		}
	}
	of := slices.Clone(out.Labels)
	out.Labels, out.N = renumbered(out.Labels, len(c.clusters))
	out.Stability = make([]float64, out.N)
	for i, l := range out.Labels {
		if l >= 0 {
			out.Stability[l] = c.clusters[of[i]].stability
		}
	}
}

// Reach is the distance in metres from each point to the k-th nearest, itself the first;
// k is from 1 to the number of points.
func Reach(ctx context.Context, points []orb.Point, k int, work Work) ([]float64, error) {
	if len(points) == 0 {
		return nil, ctx.Err()
	}
	f := newForest(points)
	run := work.start(ctx, len(points))
	f.findReach(run, k)
	out := make([]float64, len(points))
	for r, i := range f.points {
		out[i] = arc(f.reach2[r])
	}
	return out, ctx.Err()
}
