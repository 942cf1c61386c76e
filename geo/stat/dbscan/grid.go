package dbscan

import (
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// grid has the points in cubes of space, of which only those at the sphere hold any.
type grid struct {
	points []orb.Point
	at     []vector
	q      Question
	reach2 float64 // square of the chord of the reach

	order []int32 // points by cell
	cells []cell
	table []int32 // cells by the hash of where they are, plus 1; 0 is none
	near  [][]int32

	core  []bool
	group []int32 // cell that stands for the cells joined with it
	label []int32 // of each point: a cell, -1 for noise
}

type cell struct {
	where    [3]int64
	from, to int32 // its points in order
	weight   float64
	cores    int32 // how many of its points are core points, which stand first
}

const (
	// slack is what rounding may take from the length of a chord, about 3 nanometres.
	slack = 4e-16
	// least is the smallest reach, in metres: positions in degrees tell no more.
	least = 1e-6
)

func newGrid(points []orb.Point, q Question) *grid {
	q.Eps = max(q.Eps, least)
	reach := chord(q.Eps) + slack
	g := &grid{points: points, q: q, reach2: reach * reach, at: make([]vector, len(points)), order: make([]int32, len(points)), core: make([]bool, len(points)), label: make([]int32, len(points))}
	side := 0.99 * reach / math.Sqrt(3)
	where := make([][3]int64, len(points))
	for i, p := range points {
		g.at[i], g.order[i], g.label[i] = vectorOf(p), int32(i), -1
		for a, v := range g.at[i] {
			where[i][a] = int64(math.Floor(v / side))
		}
	}
	slices.SortFunc(g.order, func(i, j int32) int {
		if c := slices.Compare(where[i][:], where[j][:]); c != 0 {
			return c
		}
		return comparePoints(points[i], points[j])
	})
	for k, i := range g.order {
		if k == 0 || where[i] != where[g.order[k-1]] {
			g.cells = append(g.cells, cell{where: where[i], from: int32(k)})
		}
		c := &g.cells[len(g.cells)-1]
		c.to = int32(k + 1)
		c.weight += g.weight(i)
	}
	g.hash()
	g.near = make([][]int32, len(g.cells))
	g.group = make([]int32, len(g.cells))
	for i := range g.group {
		g.group[i] = int32(i)
	}
	return g
}

func (g *grid) weight(i int32) float64 {
	if g.q.Weights == nil {
		return 1
	}
	return g.q.Weights[i]
}

func (g *grid) members(c *cell) []int32 { return g.order[c.from:c.to] }

func (g *grid) hash() {
	size := 1
	for size < 2*len(g.cells) {
		size *= 2
	}
	g.table = make([]int32, size)
	for i := range g.cells {
		slot := g.slot(g.cells[i].where)
		for g.table[slot] != 0 {
			slot = (slot + 1) & (size - 1)
		}
		g.table[slot] = int32(i + 1)
	}
}

func (g *grid) slot(w [3]int64) int {
	h := uint64(w[0])*0x9E3779B97F4A7C15 ^ uint64(w[1])*0xC2B2AE3D27D4EB4F ^ uint64(w[2])*0x165667B19E3779F9
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return int(h>>32) & (len(g.table) - 1)
}

func (g *grid) find(w [3]int64) int {
	for slot := g.slot(w); g.table[slot] != 0; slot = (slot + 1) & (len(g.table) - 1) {
		if i := int(g.table[slot]) - 1; g.cells[i].where == w {
			return i
		}
	}
	return -1
}

// link lists the other cells that may have points within reach of those of a cell.
func (g *grid) link(i int) {
	w := g.cells[i].where
	for x := int64(-2); x <= 2; x++ {
		for y := int64(-2); y <= 2; y++ {
			for z := int64(-2); z <= 2; z++ {
				if x == 0 && y == 0 && z == 0 {
					continue
				}
				if j := g.find([3]int64{w[0] + x, w[1] + y, w[2] + z}); j >= 0 {
					g.near[i] = append(g.near[i], int32(j))
				}
			}
		}
	}
}

// enough is a weight that makes a core point, but for rounding of the sum.
func (g *grid) enough(weight float64) bool { return weight >= g.q.MinPoints*(1-1e-12) }

// findCores tells the core points of a cell and puts them first.
func (g *grid) findCores(i int) {
	c := &g.cells[i]
	members := g.members(c)
	if g.enough(c.weight) {
		for _, m := range members {
			g.core[m] = true
		}
		c.cores = int32(len(members))
		return
	}
	possible := c.weight
	for _, j := range g.near[i] {
		possible += g.cells[j].weight
	}
	if !g.enough(possible) {
		return
	}
	for _, m := range members {
		g.core[m] = g.isCore(m, c, g.near[i])
	}
	// The cells beside may read the members at this time: the order is changed in join.
}

func (g *grid) isCore(m int32, own *cell, near []int32) bool {
	weight := own.weight
	for _, j := range near {
		for _, other := range g.members(&g.cells[j]) {
			if g.at[m].chord2(&g.at[other]) <= g.reach2 {
				weight += g.weight(other)
			}
		}
		if g.enough(weight) {
			return true
		}
	}
	return false
}

// join puts cells with core points within reach of each other into one group.
func (g *grid) join(ctx context.Context) {
	for i := range g.cells {
		c := &g.cells[i]
		if c.cores > 0 {
			continue
		}
		members := g.members(c)
		for k, m := range members {
			if g.core[m] {
				members[c.cores], members[k] = m, members[c.cores]
				c.cores++
			}
		}
	}
	for i := range g.cells {
		if i%1024 == 0 && ctx.Err() != nil {
			return
		}
		for _, j := range g.near[i] {
			if int(j) > i && g.root(int32(i)) != g.root(j) && g.touch(&g.cells[i], &g.cells[j]) {
				a, b := g.root(int32(i)), g.root(j)
				g.group[max(a, b)] = min(a, b)
			}
		}
	}
	for i := range g.group {
		g.group[i] = g.root(int32(i))
	}
}

func (g *grid) root(i int32) int32 {
	for g.group[i] != i {
		g.group[i] = g.group[g.group[i]]
		i = g.group[i]
	}
	return i
}

func (g *grid) cores(c *cell) []int32 { return g.order[c.from : c.from+c.cores] }

func (g *grid) touch(a, b *cell) bool {
	for _, i := range g.cores(a) {
		for _, j := range g.cores(b) {
			if g.at[i].chord2(&g.at[j]) <= g.reach2 {
				return true
			}
		}
	}
	return false
}

// findBorder gives each point of a cell the label of its group.
func (g *grid) findBorder(i int) {
	c := &g.cells[i]
	for k, m := range g.members(c) {
		if k < int(c.cores) {
			g.label[m] = g.group[i]
			continue
		}
		best, nearest := int32(-1), math.Inf(1)
		look := func(j int32) {
			for _, other := range g.cores(&g.cells[j]) {
				d := g.at[m].chord2(&g.at[other])
				if d > g.reach2 || d > nearest {
					continue
				}
				if d < nearest || comparePoints(g.points[other], g.points[best]) < 0 {
					best, nearest = other, d
					g.label[m] = g.group[j]
				}
			}
		}
		look(int32(i))
		for _, j := range g.near[i] {
			look(j)
		}
	}
}

func (g *grid) clusters() *Clusters {
	labels := make([]int, len(g.label))
	for i, l := range g.label {
		labels[i] = int(l)
	}
	out := &Clusters{Core: g.core}
	out.Labels, out.N = renumbered(labels, len(g.cells))
	return out
}
