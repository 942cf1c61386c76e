package dbscan

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// forest is a k-d tree of points, and the trees that grow to their minimum spanning
// tree by mutual reach: the longer of the reaches of two points and their distance.
// Points are named by their rank, their place in the tree, which depends on positions
// alone. All distances are squares of chords, which order as great circles do.
type forest struct {
	points []int // of each rank
	at     []vector
	reach2 []float64
	nodes  []node
	tree   []int32 // of each rank: one of the ranks joined with it
}

type node struct {
	low, high vector
	from, to  int32 // ranks
	left      int32 // node below; 0: none
	right     int32
	reach2    float64 // the least of its points
	tree      int32   // that all its points are in, or -1
}

const leafSize = 8

func newForest(points []orb.Point) *forest {
	n := len(points)
	f := &forest{points: make([]int, n), at: make([]vector, n), reach2: make([]float64, n), tree: make([]int32, n)}
	at := make([]vector, n)
	for i, p := range points {
		f.points[i], at[i] = i, vectorOf(p)
	}
	f.split(points, at, 0, n)
	for r, i := range f.points {
		f.at[r], f.tree[r] = at[i], int32(r)
	}
	return f
}

// split makes the node of some points, and those below it.
func (f *forest) split(points []orb.Point, at []vector, from, to int) int32 {
	own := int32(len(f.nodes))
	nd := node{low: at[f.points[from]], high: at[f.points[from]], from: int32(from), to: int32(to), tree: -1}
	part := f.points[from:to]
	for _, i := range part {
		for a, v := range at[i] {
			nd.low[a], nd.high[a] = min(nd.low[a], v), max(nd.high[a], v)
		}
	}
	f.nodes = append(f.nodes, nd)
	axis := 0
	for a := range 3 {
		if nd.high[a]-nd.low[a] > nd.high[axis]-nd.low[axis] {
			axis = a
		}
	}
	slices.SortFunc(part, func(i, j int) int {
		return cmp.Or(cmp.Compare(at[i][axis], at[j][axis]), comparePoints(points[i], points[j]))
	})
	if len(part) > leafSize {
		middle := (from + to) / 2
		left := f.split(points, at, from, middle)
		right := f.split(points, at, middle, to)
		f.nodes[own].left, f.nodes[own].right = left, right
	}
	return own
}

// away is the square of the distance of a point to the box of a node.
func (n *node) away(p *vector) float64 {
	sum := 0.0
	for a, v := range p {
		d := max(n.low[a]-v, 0, v-n.high[a])
		sum += d * d
	}
	return sum
}

// findReach finds the distance to the k-th nearest point of each, itself the first.
func (f *forest) findReach(run *running, k int) {
	heaps := make([][]float64, run.Workers)
	run.spread(len(f.at), func(worker, r int) {
		heap := heaps[worker][:0]
		f.nearest(0, r, k, &heap)
		f.reach2[r], heaps[worker] = heap[0], heap
	})
}

// nearest keeps the k least distances to a point in a heap, the greatest first.
func (f *forest) nearest(at int32, r, k int, heap *[]float64) {
	nd := &f.nodes[at]
	if nd.left == 0 {
		for j := nd.from; j < nd.to; j++ {
			push(heap, k, f.at[r].chord2(&f.at[j]))
		}
		return
	}
	first, second := nd.left, nd.right
	a, b := f.nodes[first].away(&f.at[r]), f.nodes[second].away(&f.at[r])
	if b < a {
		first, second, a, b = second, first, b, a
	}
	if len(*heap) < k || a < (*heap)[0] {
		f.nearest(first, r, k, heap)
	}
	if len(*heap) < k || b < (*heap)[0] {
		f.nearest(second, r, k, heap)
	}
}

// push puts a value into a heap of at most k, of which the greatest is the first.
func push(heap *[]float64, k int, v float64) {
	h := *heap
	if len(h) < k {
		h = append(h, v)
		for i := len(h) - 1; i > 0 && h[(i-1)/2] < h[i]; i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
		*heap = h
		return
	}
	if v >= h[0] {
		return
	}
	h[0] = v
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1] > h[child] {
			child++
		}
		if child >= len(h) || h[child] <= h[i] {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// link joins two points.
type link struct {
	reach2 float64 // of the two from one another
	chord2 float64
	a, b   int32 // ranks, a the lower
}

var noLink = link{reach2: math.Inf(1), chord2: math.Inf(1), a: math.MaxInt32, b: math.MaxInt32}

func (l link) compare(m link) int {
	return cmp.Or(cmp.Compare(l.reach2, m.reach2), cmp.Compare(l.chord2, m.chord2), cmp.Compare(l.a, m.a), cmp.Compare(l.b, m.b))
}

// span is the minimum spanning tree by Boruvka's method: each tree grows by the least
// link that leaves it, until one is left. No two links are equal in order, so that the
// tree does not depend on who finds them.
func (f *forest) span(run *running) []link {
	var links []link
	best := make([][]link, run.Workers)
	for w := range best {
		best[w] = make([]link, len(f.at))
	}
	for len(links) < len(f.at)-1 && !run.failed() {
		f.survey()
		for _, b := range best {
			for i := range b {
				b[i] = noLink
			}
		}
		run.spread(len(f.at), func(worker, r int) {
			own := &best[worker][f.tree[r]]
			if f.reach2[r] <= own.reach2 {
				f.leave(0, int32(r), own)
			}
		})
		for t := range best[0] {
			least := best[0][t]
			for _, b := range best[1:] {
				if b[t].compare(least) < 0 {
					least = b[t]
				}
			}
			if least.reach2 <= 4.1 && f.root(least.a) != f.root(least.b) {
				f.tree[f.root(least.a)] = f.root(least.b)
				links = append(links, least)
			}
		}
		for r := range f.tree {
			f.tree[r] = f.root(int32(r))
		}
	}
	return links
}

func (f *forest) root(r int32) int32 {
	for f.tree[r] != r {
		f.tree[r] = f.tree[f.tree[r]]
		r = f.tree[r]
	}
	return r
}

// survey tells of each node the tree of its points and their least reach.
func (f *forest) survey() {
	for i := len(f.nodes) - 1; i >= 0; i-- {
		nd := &f.nodes[i]
		if nd.left != 0 {
			l, r := &f.nodes[nd.left], &f.nodes[nd.right]
			nd.reach2, nd.tree = min(l.reach2, r.reach2), l.tree
			if l.tree != r.tree {
				nd.tree = -1
			}
			continue
		}
		nd.tree, nd.reach2 = f.tree[nd.from], math.Inf(1)
		for r := nd.from; r < nd.to; r++ {
			nd.reach2 = min(nd.reach2, f.reach2[r])
			if f.tree[r] != nd.tree {
				nd.tree = -1
			}
		}
	}
}

// leave looks for the least link from a point to another tree.
func (f *forest) leave(at, r int32, best *link) {
	nd := &f.nodes[at]
	if nd.left == 0 {
		for j := nd.from; j < nd.to; j++ {
			if f.tree[j] == f.tree[r] || f.reach2[j] > best.reach2 {
				continue
			}
			d := f.at[r].chord2(&f.at[j])
			l := link{max(d, f.reach2[r], f.reach2[j]), d, min(r, j), max(r, j)}
			if l.compare(*best) < 0 {
				*best = l
			}
		}
		return
	}
	first, second := nd.left, nd.right
	a, b := f.nodes[first].away(&f.at[r]), f.nodes[second].away(&f.at[r])
	if b < a {
		first, second, a, b = second, first, b, a
	}
	if f.mayLead(first, r, a, best) {
		f.leave(first, r, best)
	}
	if f.mayLead(second, r, b, best) {
		f.leave(second, r, best)
	}
}

// mayLead reports whether a node at a distance may hold a better link than the best.
func (f *forest) mayLead(at, r int32, away float64, best *link) bool {
	nd := &f.nodes[at]
	if nd.tree == f.tree[r] {
		return false
	}
	least := max(away, f.reach2[r], nd.reach2)
	return least < best.reach2 || least == best.reach2 && away <= best.chord2
}

// merge joins two parts of the hierarchy: points by rank, or merges by number of points
// plus their place.
type merge struct {
	left, right int
	distance    float64 // in metres
	size        int
}

// hierarchy is what becomes of the points when links are made, the shortest first.
func (f *forest) hierarchy(links []link) []merge {
	slices.SortFunc(links, link.compare)
	n := len(f.at)
	out := make([]merge, 0, len(links))
	top := make([]int, n) // of the part that a root stands for
	for r := range f.tree {
		f.tree[r], top[r] = int32(r), r
	}
	size := func(node int) int {
		if node < n {
			return 1
		}
		return out[node-n].size
	}
	for _, l := range links {
		a, b := f.root(l.a), f.root(l.b)
		m := merge{top[a], top[b], arc(l.reach2), size(top[a]) + size(top[b])}
		f.tree[a] = b
		top[b] = n + len(out)
		out = append(out, m)
	}
	return out
}
