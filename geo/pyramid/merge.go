package pyramid

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

func radiusReason(r int) string {
	return fmt.Sprintf("%d is not from %d to %d pixels", r, MinRadius, MaxRadius)
}

// merge joins what stands within the radius, and then what has come nearer than nine
// tenths of it, until nothing has. It gives up and returns false, having changed
// nothing, where there are more than most pairs.
func (b *builder) merge(most int) bool {
	if !b.pairs(most) {
		return false
	}
	for len(b.edges) > 0 {
		b.join()
		b.pairsOfFresh()
	}
	return true
}

// apart is the square of the distance of two entries.
func apart(a, b *entry) uint64 {
	dx, dy := a.x-b.x, a.y-b.y
	if dx > 1<<31 {
		dx = -dx
	}
	if a.y < b.y {
		dy = -dy
	}
	// Beyond 2^31 both squares and their sum would not fit; nothing reaches so far.
	if dy > 1<<31 {
		return math.MaxUint64
	}
	return uint64(dx)*uint64(dx) + uint64(dy)*uint64(dy)
}

// pairs finds the pairs of entries that stand within the radius.
func (b *builder) pairs(most int) bool {
	b.edges = b.edges[:0]
	reach := min(b.reach, 1<<31)
	square := reach * reach
	for k, s := range b.strips {
		own := b.level[s.from:s.to]
		for i := range own {
			for j := i + 1; j < len(own) && uint64(own[j].x-own[i].x) < reach; j++ {
				if apart(&own[i], &own[j]) < square {
					b.edges = append(b.edges, [2]uint32{uint32(s.from + i), uint32(s.from + j)})
				}
			}
			if len(b.edges) > most {
				return false
			}
		}
		b.over180(s, s, reach, square)
		if k+1 == len(b.strips) || b.strips[k+1].at != s.at+1 {
			continue
		}
		next := b.strips[k+1]
		lo := next.from
		for i := s.from; i < s.to; i++ {
			e := &b.level[i]
			for lo < next.to && uint64(b.level[lo].x)+reach <= uint64(e.x) {
				lo++
			}
			for j := lo; j < next.to && uint64(b.level[j].x) < uint64(e.x)+reach; j++ {
				if apart(e, &b.level[j]) < square {
					b.edges = append(b.edges, [2]uint32{uint32(i), uint32(j)})
				}
			}
			if len(b.edges) > most {
				return false
			}
		}
		b.over180(s, next, reach, square)
		b.over180(next, s, reach, square)
	}
	return true
}

// over180 finds the pairs whose first entry is in the east of s, and the second, past
// 180°, in the west of t.
func (b *builder) over180(s, t strip, reach, square uint64) {
	for i := s.to - 1; i >= s.from && uint64(b.level[i].x)+reach > world; i-- {
		for j := t.from; j < t.to && uint64(b.level[j].x)+world < uint64(b.level[i].x)+reach; j++ {
			if i != j && apart(&b.level[i], &b.level[j]) < square {
				b.edges = append(b.edges, [2]uint32{uint32(i), uint32(j)})
			}
		}
	}
}

// pairsOfFresh finds the pairs of which one was made last and that stand nearer than
// nine tenths of the radius.
func (b *builder) pairsOfFresh() {
	b.edges = b.edges[:0]
	reach := min(b.reach*9/10, 1<<31)
	if reach == 0 {
		return
	}
	square := reach * reach
	last := len(b.strips) - 1
	for k, s := range b.strips {
		for i := s.from; i < s.to; i++ {
			e := &b.level[i]
			if !b.isNew(e.node) {
				continue
			}
			for m := max(0, k-1); m <= min(last, k+1); m++ {
				if t := b.strips[m]; t.at+1 >= s.at && t.at <= s.at+1 {
					b.near(i, t, reach, square)
				}
			}
		}
	}
}

// near finds the pairs of entry i with those of a strip. A pair of two new entries is
// found from the first alone.
func (b *builder) near(i int, t strip, reach, square uint64) {
	e := &b.level[i]
	look := func(lo, hi uint64) { // x from lo to below hi
		j, _ := slices.BinarySearchFunc(b.level[t.from:t.to], lo, func(o entry, lo uint64) int { return cmp.Compare(uint64(o.x), lo) })
		for j += t.from; j < t.to && uint64(b.level[j].x) < hi; j++ {
			o := &b.level[j]
			if j == i || j < i && b.isNew(o.node) {
				continue
			}
			if apart(e, o) < square {
				b.edges = append(b.edges, [2]uint32{uint32(i), uint32(j)})
			}
		}
	}
	x := uint64(e.x)
	lo := uint64(0)
	if x > reach {
		lo = x - reach
	}
	look(lo, min(x+reach, world))
	if x+reach > world {
		look(0, x+reach-world)
	}
	if x < reach {
		look(world+x-reach, world)
	}
}

// isNew reports whether a node is a group of the last pass.
func (b *builder) isNew(n Node) bool { return n >= b.newFrom }

// join makes groups of the pairs: the largest entry takes in all that it has a pair
// with and that are still free, then the next; of equals the first in the layout.
func (b *builder) join() {
	b.newFrom = Node(b.p.n + len(b.p.rep))
	b.arrange()
	p := b.p
	b.order = b.order[:0]
	for i := range b.level {
		if b.begins[i] < b.begins[i+1] {
			n := b.level[i].node
			b.order = append(b.order, keyed{uint64(math.MaxUint32-p.Size(n))<<32 | uint64(p.seatOf(n)), uint32(i)})
		}
	}
	b.other = slices.Grow(b.other[:0], len(b.order))[:len(b.order)]
	b.order, b.other = radixSort(b.order, b.other)
	var kids []Node
	var made []entry
	for _, k := range b.order {
		i := k.value
		if b.level[i].node == none {
			continue
		}
		kids = append(kids[:0], b.level[i].node)
		b.level[i].node = none
		for _, j := range b.beside[b.begins[i]:b.begins[i+1]] {
			if n := b.level[j].node; n != none {
				kids = append(kids, n)
				b.level[j].node = none
			}
		}
		if len(kids) == 1 {
			b.level[i].node = kids[0]
			continue
		}
		n := b.group(kids)
		x, y := b.at(n)
		made = append(made, entry{x, y, n})
	}
	b.replace(made)
}

// arrange lists the neighbours of each entry.
func (b *builder) arrange() {
	n := len(b.level)
	b.begins = slices.Grow(b.begins[:0], n+2)[:n+2]
	clear(b.begins)
	for _, e := range b.edges {
		b.begins[e[0]+2]++
		b.begins[e[1]+2]++
	}
	for i := 3; i < len(b.begins); i++ {
		b.begins[i] += b.begins[i-1]
	}
	b.beside = slices.Grow(b.beside[:0], 2*len(b.edges))[:2*len(b.edges)]
	for _, e := range b.edges {
		for k := range e {
			at := &b.begins[e[k]+1]
			b.beside[*at] = e[1-k]
			*at++
		}
	}
}

// replace takes the entries that were joined out of the level and puts the groups
// in their places.
func (b *builder) replace(made []entry) {
	order := make([]keyed, len(made))
	for i, e := range made {
		order[i] = keyed{uint64(e.y)/b.reach<<32 | uint64(e.x), uint32(i)}
	}
	order, _ = radixSort(order, make([]keyed, len(order)))
	out := b.spare[:0]
	for _, s := range b.strips {
		for _, e := range b.level[s.from:s.to] {
			if e.node == none {
				continue
			}
			for key := uint64(s.at)<<32 | uint64(e.x); len(order) > 0 && order[0].key < key; order = order[1:] {
				out = append(out, made[order[0].value])
			}
			out = append(out, e)
		}
	}
	for _, k := range order {
		out = append(out, made[k.value])
	}
	b.level, b.spare = out, b.level
	b.cut()
}
