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
	slot   func(seat uint32) uint32
	seats  []uint32 // of the leaves
	leaves []point
	made   []pair

	open []Node // see member
}

// pair is two nodes as one.
type pair struct {
	kids [2]Node
	sum  [2]int64 // of x and y of the members, which may go round the world
	area box
	size uint32
	leaf uint32 // at which it stands
	zoom int8   // at which it was made
}

func newPairs(leaves int, slot func(seat uint32) uint32) *pairs {
	return &pairs{slot: slot, seats: make([]uint32, leaves), leaves: make([]point, leaves), made: make([]pair, 0, max(0, leaves-1))}
}

func (p *pairs) lone(n Node) bool { return int(n) < len(p.leaves) }

// pair is a node that is no leaf.
func (p *pairs) pair(n Node) *pair { return &p.made[int(n)-len(p.leaves)] }

// node is a node as a pair; of a leaf it has no kids.
func (p *pairs) node(n Node) pair {
	if !p.lone(n) {
		return *p.pair(n)
	}
	at := p.leaves[n]
	return pair{sum: [2]int64{int64(at.x), int64(at.y)}, area: boxAt(at.x, at.y), size: 1, leaf: uint32(n)}
}

func (p *pairs) leafOf(n Node) uint32 {
	if p.lone(n) {
		return uint32(n)
	}
	return p.pair(n).leaf
}

func (p *pairs) slotOf(leaf uint32) uint32 { return p.slot(p.seats[leaf]) }

// join makes a pair.
func (p *pairs) join(a, b Node, zoom int) Node {
	one, other := p.node(a), p.node(b)
	c := centre{one.sum, int64(one.size) + int64(other.size)}
	turns := math.Round((float64(one.sum[0])/float64(one.size) - float64(other.sum[0])/float64(other.size)) / world)
	c.sum[0] += other.sum[0] + int64(turns)*world*int64(other.size)
	c.sum[1] += other.sum[1]
	p.made = append(p.made, pair{
		kids: [2]Node{a, b}, sum: c.sum, area: one.area.with(other.area), size: uint32(c.n), zoom: int8(zoom),
		leaf: p.member(a, b, c),
	})
	return Node(len(p.leaves) + len(p.made) - 1)
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
	if c.n == 2 { // both are as near
		if p.slotOf(uint32(a)) < p.slotOf(uint32(b)) {
			return uint32(a)
		}
		return uint32(b)
	}
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
		if q := p.pair(n); q.area.point() { // it stands at the first of the members
			try(q.leaf)
		} else if q.area.distance(x, y) <= least+rest {
			open = append(open, q.kids[0], q.kids[1])
		}
	}
	p.open = open
	return best
}

// rounding is more than the error of the square of a distance from a mean, whose own is
// below a millionth. What is so near to another is compared in whole numbers.
func rounding(square float64) float64 { return 4e-6*math.Sqrt(square) + 1e-9 }

func (p *pairs) nearer(a, b uint32, c centre) bool {
	highA, lowA := c.square(p.leaves[a])
	highB, lowB := c.square(p.leaves[b])
	return cmp.Or(cmp.Compare(highA, highB), cmp.Compare(lowA, lowB), cmp.Compare(p.slotOf(a), p.slotOf(b))) < 0
}

// distance is the square of the distance from a position to a leaf.
func (p *pairs) distance(leaf uint32, x, y float64) float64 {
	dx := math.Abs(float64(p.leaves[leaf].x) - x)
	dx = min(dx, world-dx)
	dy := float64(p.leaves[leaf].y) - y
	return dx*dx + dy*dy
}
