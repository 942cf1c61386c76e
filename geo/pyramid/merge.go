package pyramid

import (
	"context"
	"math"
	"math/bits"
)

// merger joins nodes from the finest zoom to the coarsest.
type merger struct {
	*pairs
	entries

	zooms   int        // the finest zoom: see finest
	level   int        // the grid serves down to this zoom
	reach   [64]uint64 // by zoom: the square of the radius
	first   [65]int8   // by the length of a square: the finest zoom that may reach so far
	chain   []link     // see settle
	pending []uint32   // entries made lately
}

// finest is the zoom at which the building begins: there a cell is the smallest part of
// the world, and within the radius is only what is at one place.
func finest(radius int) int { return 24 + bits.Len(uint(radius-1)) }

func newMerger(p *pairs, radius int) *merger {
	m := &merger{pairs: p, zooms: finest(radius)}
	for z := range m.reach {
		r := float64(radius) * math.Exp2(float64(24-z))
		m.reach[z] = uint64(math.Ceil(r * r))
	}
	for length := range m.first {
		z := m.zooms
		for z > 0 && length > 0 && m.reach[z] <= 1<<(length-1) {
			z--
		}
		m.first[length] = int8(z)
	}
	m.begin()
	return m
}

// begin makes an entry of each place.
func (m *merger) begin() {
	n := len(m.leaves) + 1
	m.all = make([]entry, 1, n)
	for lo := 0; lo < len(m.leaves); {
		hi := lo + 1
		for hi < len(m.leaves) && m.leaves[hi] == m.leaves[lo] {
			hi++
		}
		m.all = append(m.all, entry{at: m.leaves[lo], node: m.joinPlace(uint32(lo), uint32(hi), m.zooms)})
		lo = hi
	}
	m.due = make([]int8, len(m.all))
}

// run joins until no two nodes stand within the radius at zoom 0, and returns the nodes
// that are left.
func (m *merger) run(ctx context.Context, workers int) ([]Node, error) {
	for z := m.zooms; z >= 0; {
		m.compact()
		m.lay(m.shiftFor(uint(m.zooms - z))) // a cell at least as wide as the radius
		m.level = max(0, m.zooms-int(m.shift))
		top := int8(z)
		m.each(workers, func(i uint32) {
			_, d := m.nearest(i, 0)
			m.due[i] = min(top, m.dueAt(d))
		})
		for ; z >= m.level; z-- {
			if err := m.settleAll(ctx, z); err != nil {
				return nil, err
			}
		}
	}
	m.compact()
	roots := make([]Node, 0, len(m.all)-1)
	for _, e := range m.all[1:] {
		roots = append(roots, e.node)
	}
	return roots, nil
}

// dueAt is the finest zoom at which a distance is within the radius, or the one after
// those for which the grid can tell.
func (m *merger) dueAt(d uint64) int8 {
	z := m.first[bits.Len64(d)]
	for int(z) >= m.level && d >= m.reach[z] {
		z--
	}
	return max(z, int8(m.level-1))
}

func (m *merger) settleAll(ctx context.Context, zoom int) error {
	for i := 1; i < len(m.due); i++ {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if int(m.due[i]) != zoom {
			continue
		}
		m.settle(uint32(i), zoom)
		for len(m.pending) > 0 {
			last := len(m.pending) - 1
			next := m.pending[last]
			m.pending = m.pending[:last]
			m.settle(next, zoom)
		}
	}
	return ctx.Err()
}

// link is an entry of a chain in which each is the nearest to the one before.
type link struct {
	entry uint32
	pairs int // how many there were when the next link was found
}

// settle joins an entry, or others near it, until nothing is within the radius of it. It
// goes from an entry to the one nearest to it, and on, until two are the nearest to each
// other, and joins those; the new one is pending.
func (m *merger) settle(i uint32, zoom int) {
	if m.all[i].node == none {
		return
	}
	chain := append(m.chain[:0], link{entry: i})
	for len(chain) > 0 {
		last := len(chain) - 1
		a, before := chain[last].entry, link{}
		if m.all[a].node == none { // joined to another while it waited
			chain = chain[:last]
			continue
		}
		if last > 0 {
			before = chain[last-1]
		}
		b, d := m.nearest(a, before.entry)
		switch {
		case d >= m.reach[zoom]:
			m.due[a] = min(int8(zoom-1), m.dueAt(d))
			chain = chain[:last]
		case b != before.entry:
			chain[last].pairs = len(m.made)
			chain = append(chain, link{entry: b})
		case before.pairs == len(m.made) || m.isNearest(b, a):
			m.merge(a, b, zoom)
			chain = chain[:last-1]
		default: // something nearer to b was made since
			chain = chain[:last]
		}
	}
	m.chain = chain
}

func (m *merger) isNearest(b, a uint32) bool {
	c, _ := m.nearest(b, a)
	return c == a
}

// merge puts the pair of two entries in the place of the first.
func (m *merger) merge(a, b uint32, zoom int) {
	n := m.join(m.all[a].node, m.all[b].node, zoom)
	m.take(a)
	m.take(b)
	m.all[b].node, m.due[b] = none, -1
	m.all[a].node, m.all[a].at = n, m.leaves[m.leafOf(n)]
	m.put(a)
	m.pending = append(m.pending, a)
}
