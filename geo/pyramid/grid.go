package pyramid

import (
	"math"
	"math/bits"
	"sync"
)

// point is a position in 2^32 parts of the world.
type point struct{ x, y uint32 }

// apart are the bits of the size of cells in which two points are apart.
func (p point) apart(q point) uint32 { return (p.x ^ q.x) | (p.y ^ q.y) }

// entry is a node that stands.
type entry struct {
	at   point
	node Node   // none where it was joined to another
	next uint32 // the next entry of its cell
}

// entries are the nodes that stand while the building goes from the finest zoom to
// the coarsest. Entry 0 is none.
type entries struct {
	all []entry
	due []int8 // the zoom at which an entry may have a neighbour within the radius

	// The grid: cells of 2^shift parts of the world, by hash. A list may hold
	// entries of several cells.
	shift uint
	heads []uint32
}

// mix spreads the number of a block of cells over all bits.
func mix(x, y uint32) uint64 {
	h := (uint64(x)<<32 | uint64(y)) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// cell is the place in heads of a cell. Cells of a block of 4 by 4 lie side by side,
// in one line of the memory cache.
func (e *entries) cell(col, row uint32) uint64 {
	return (mix(col>>2, row>>2)<<4 | uint64(row&3<<2|col&3)) & uint64(len(e.heads)-1)
}

func (e *entries) cellOf(i uint32) *uint32 {
	return &e.heads[e.cell(e.all[i].at.x>>e.shift, e.all[i].at.y>>e.shift)]
}

// compact leaves the joined ones out.
func (e *entries) compact() {
	kept := 1
	for i := 1; i < len(e.all); i++ {
		if e.all[i].node != none {
			e.all[kept] = e.all[i]
			kept++
		}
	}
	e.all, e.due = e.all[:kept], e.due[:kept]
}

// lay makes the grid.
func (e *entries) lay(shift uint) {
	e.shift = shift
	size := 16
	for size < 2*len(e.all) {
		size *= 2
	}
	if size <= cap(e.heads) {
		e.heads = e.heads[:size]
		clear(e.heads)
	} else {
		e.heads = make([]uint32, size)
	}
	for i := len(e.all) - 1; i > 0; i-- {
		e.put(uint32(i))
	}
}

func (e *entries) put(i uint32) {
	head := e.cellOf(i)
	e.all[i].next, *head = *head, i
}

func (e *entries) take(i uint32) {
	at := e.cellOf(i)
	for *at != i {
		at = &e.all[*at].next
	}
	*at = e.all[i].next
}

// distance is the square of the distance of two points, the shorter way round the
// world.
func (p point) distance(q point) uint64 {
	dx := int64(int32(q.x - p.x))
	dy := int64(q.y) - int64(p.y)
	a, b := uint64(dx*dx), uint64(dy)*uint64(dy)
	if a+b < b {
		return math.MaxUint64
	}
	return a + b
}

// nearest is the entry nearest to entry i, of those as near prefer or else the first,
// and the square of its distance. It is exact up to the side of a cell: beyond, there
// may be nearer ones.
func (e *entries) nearest(i, prefer uint32) (best uint32, least uint64) {
	at := e.all[i].at
	least = math.MaxUint64
	side := uint64(1) << e.shift
	var gapX, gapY [3]uint64 // squares of the distances to the cells beside
	inX, inY := uint64(at.x)&(side-1), uint64(at.y)&(side-1)
	gapX[0], gapX[2] = (inX+1)*(inX+1), (side-inX)*(side-inX)
	gapY[0], gapY[2] = (inY+1)*(inY+1), (side-inY)*(side-inY)
	col, row := at.x>>e.shift, at.y>>e.shift
	last := uint32(uint64(1)<<(32-e.shift) - 1) // of the columns and rows
	for _, dy := range [...]uint32{1, 0, 2} {
		r := row + dy - 1
		if r > last || gapY[dy] > least {
			continue // row -1 is beyond the last, too
		}
		for _, dx := range [...]uint32{1, 0, 2} {
			if gapX[dx]+gapY[dy] > least || dx != 1 && last == 0 {
				continue
			}
			for j := e.heads[e.cell((col+dx-1)&last, r)]; j != 0; j = e.all[j].next {
				if j == i {
					continue
				}
				d := at.distance(e.all[j].at)
				if d < least || d == least && best != prefer && (j == prefer || j < best) {
					best, least = j, d
				}
			}
		}
	}
	return best, least
}

// crowd is how many entries may share a cell with an entry, itself included, in the
// mean. More make searching slow, less make the grid of no use for long.
const crowd = 5

// shiftFor is the largest size of cells, from least on, that are not crowded. Entries lie
// along the Morton curve, so that those of a cell are beside each other.
func (e *entries) shiftFor(least uint) uint {
	if len(e.all) <= 2 {
		return 32
	}
	// How many neighbours along the curve are in one cell only from a size on.
	var splits [33]int
	for i := 2; i < len(e.all); i++ {
		splits[bits.Len32(e.all[i].at.apart(e.all[i-1].at))]++
	}
	shift, cells := uint(32), 1
	for shift > least && cells*crowd < len(e.all) {
		cells += splits[shift]
		shift--
	}
	for shift > least && e.crowded(shift) {
		shift--
	}
	return shift
}

func (e *entries) crowded(shift uint) bool {
	sum, run, most := 0, 0, crowd*len(e.all)
	for i := 1; i < len(e.all); i++ {
		if i > 1 && e.all[i].at.apart(e.all[i-1].at)>>shift == 0 {
			run++
		} else {
			run = 1
		}
		if sum += 2*run - 1; sum > most {
			return true
		}
	}
	return false
}

// each calls do for all entries, in several goroutines.
func (e *entries) each(workers int, do func(i uint32)) {
	const part = 1 << 14
	if len(e.all) <= part {
		workers = 1
	}
	some := func(w int) {
		for from := w * part; from < len(e.all); from += workers * part {
			for i := max(1, from); i < min(from+part, len(e.all)); i++ {
				do(uint32(i))
			}
		}
	}
	var all sync.WaitGroup
	for w := 1; w < workers; w++ {
		all.Go(func() { some(w) })
	}
	some(0) // a single worker stays on the thread of the caller
	all.Wait()
}
