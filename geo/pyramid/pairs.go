package pyramid

import "math"

// pairs is the tree from which the groups are made: of two nodes that are joined a pair
// is made, and so on. Nodes below the number of leaves are features, the others
// pairs. A leaf is a feature in the order of the Morton curve.
type pairs struct {
	slot func(seat uint32) uint32
	seat []uint32 // of each leaf
	x, y []uint32 // of each leaf

	kids [][2]Node  // of each pair
	sum  [][2]int64 // of x and y of the members, which may go round the world
	area []box
	size []uint32
	rep  []uint32 // the leaf at which it stands
	zoom []int8   // at which it was made

	open []Node // see member
}

func newPairs(leaves int, slot func(seat uint32) uint32) *pairs {
	most := max(0, leaves-1)
	return &pairs{
		slot: slot, seat: make([]uint32, leaves), x: make([]uint32, leaves), y: make([]uint32, leaves),
		kids: make([][2]Node, 0, most), sum: make([][2]int64, 0, most), area: make([]box, 0, most),
		size: make([]uint32, 0, most), rep: make([]uint32, 0, most), zoom: make([]int8, 0, most),
	}
}

func (p *pairs) lone(n Node) bool { return int(n) < len(p.x) }

func (p *pairs) pair(n Node) int { return int(n) - len(p.x) }

func (p *pairs) sizeOf(n Node) uint32 {
	if p.lone(n) {
		return 1
	}
	return p.size[p.pair(n)]
}

func (p *pairs) leafOf(n Node) uint32 {
	if p.lone(n) {
		return uint32(n)
	}
	return p.rep[p.pair(n)]
}

func (p *pairs) areaOf(n Node) box {
	if p.lone(n) {
		return boxAt(p.x[n], p.y[n])
	}
	return p.area[p.pair(n)]
}

func (p *pairs) sumOf(n Node) [2]int64 {
	if p.lone(n) {
		return [2]int64{int64(p.x[n]), int64(p.y[n])}
	}
	return p.sum[p.pair(n)]
}

func (p *pairs) slotOf(leaf uint32) uint32 { return p.slot(p.seat[leaf]) }

// join makes a pair.
func (p *pairs) join(a, b Node, zoom int) Node {
	n := Node(len(p.x) + len(p.kids))
	na, nb := int64(p.sizeOf(a)), int64(p.sizeOf(b))
	sum, other := p.sumOf(a), p.sumOf(b)
	turns := math.Round((float64(sum[0])/float64(na) - float64(other[0])/float64(nb)) / world)
	sum[0] += other[0] + int64(turns)*world*nb
	sum[1] += other[1]
	area := p.areaOf(a).with(p.areaOf(b))
	p.kids = append(p.kids, [2]Node{a, b})
	p.sum = append(p.sum, sum)
	p.area = append(p.area, area)
	p.size = append(p.size, uint32(na+nb))
	p.zoom = append(p.zoom, int8(zoom))
	p.rep = append(p.rep, p.member(a, b, mean(sum[0], na+nb), mean(sum[1], na+nb)))
	return n
}

// joinPlace makes pairs of the leaves from lo to hi, which are at one place. They are
// halved again and again, so that the tree is not deep.
func (p *pairs) joinPlace(lo, hi uint32, zoom int) Node {
	if hi-lo == 1 {
		return Node(lo)
	}
	middle := lo + (hi-lo)/2
	a := p.joinPlace(lo, middle, zoom)
	return p.join(a, p.joinPlace(middle, hi, zoom), zoom)
}

func mean(sum, n int64) float64 { return float64(sum) / float64(n) }

// member is the leaf of the member of a or b nearest to a position; of those as near it
// is the first by id.
func (p *pairs) member(a, b Node, x, y float64) uint32 {
	x -= math.Floor(x/world) * world
	best, least := p.leafOf(a), p.distance(p.leafOf(a), x, y)
	try := func(leaf uint32) {
		if d := p.distance(leaf, x, y); d < least || d == least && p.slotOf(leaf) < p.slotOf(best) {
			best, least = leaf, d
		}
	}
	try(p.leafOf(b))
	open := append(p.open[:0], a, b)
	for len(open) > 0 {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		if p.lone(n) {
			try(uint32(n))
			continue
		}
		if area := &p.area[p.pair(n)]; area.point() { // it stands at the first of the members
			try(p.rep[p.pair(n)])
		} else if area.distance(x, y) <= least {
			kids := p.kids[p.pair(n)]
			open = append(open, kids[0], kids[1])
		}
	}
	p.open = open
	return best
}

// distance is the square of the distance from a position to a leaf.
func (p *pairs) distance(leaf uint32, x, y float64) float64 {
	dx := math.Abs(float64(p.x[leaf]) - x)
	dx = min(dx, world-dx)
	dy := float64(p.y[leaf]) - y
	return dx*dx + dy*dy
}
