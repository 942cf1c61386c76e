package pyramid

import (
	"cmp"
	"math"
	"math/bits"
)

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
	p.rep = append(p.rep, p.member(a, b, centre{sum, na + nb}))
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

// centre is the mean of positions, as their sum and number.
type centre struct {
	sum [2]int64
	n   int64
}

func (c centre) mean() (x, y float64) {
	x, y = float64(c.sum[0])/float64(c.n), float64(c.sum[1])/float64(c.n)
	return x - math.Floor(x/world)*world, y
}

// square is the square of the distance to a position, times that of n.
func (c centre) square(at point) (high, low uint64) {
	dx := (c.n*int64(at.x) - c.sum[0]) % (c.n * world)
	if dx < 0 {
		dx = -dx
	}
	dx = min(dx, c.n*world-dx)
	dy := c.n*int64(at.y) - c.sum[1]
	if dy < 0 {
		dy = -dy
	}
	highX, lowX := bits.Mul64(uint64(dx), uint64(dx))
	highY, lowY := bits.Mul64(uint64(dy), uint64(dy))
	low, carry := bits.Add64(lowX, lowY, 0)
	high, _ = bits.Add64(highX, highY, carry)
	return high, low
}

// member is the leaf of the member of a or b nearest to c; of those as near it is the
// first by id.
func (p *pairs) member(a, b Node, c centre) uint32 {
	x, y := c.mean()
	best, least := p.leafOf(a), p.distance(p.leafOf(a), x, y)
	rest := rounding(least)
	try := func(leaf uint32) {
		d := p.distance(leaf, x, y)
		if d < least-rest || d <= least+rest && p.nearer(leaf, best, c) {
			best, least, rest = leaf, d, rounding(d)
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
		} else if area.distance(x, y) <= least+rest {
			kids := p.kids[p.pair(n)]
			open = append(open, kids[0], kids[1])
		}
	}
	p.open = open
	return best
}

// rounding is more than the error of the square of a distance from a mean, whose own is
// below a millionth. What is so near to another is compared in whole numbers.
func rounding(square float64) float64 { return 4e-6*math.Sqrt(square) + 1e-9 }

func (p *pairs) nearer(a, b uint32, c centre) bool {
	highA, lowA := c.square(point{p.x[a], p.y[a]})
	highB, lowB := c.square(point{p.x[b], p.y[b]})
	return cmp.Or(cmp.Compare(highA, highB), cmp.Compare(lowA, lowB), cmp.Compare(p.slotOf(a), p.slotOf(b))) < 0
}

// distance is the square of the distance from a position to a leaf.
func (p *pairs) distance(leaf uint32, x, y float64) float64 {
	dx := math.Abs(float64(p.x[leaf]) - x)
	dx = min(dx, world-dx)
	dy := float64(p.y[leaf]) - y
	return dx*dx + dy*dy
}
