package pyramid

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"clustermap/geo"
)

// Build makes the groups of the features of set; nil means all. It returns
// *geo.InvalidError where opt cannot be met, and the error of ctx when that ends.
func Build(ctx context.Context, x *geo.Index, set *geo.Set, opt Options) (*Pyramid, error) {
	opt.Radius = cmp.Or(opt.Radius, DefaultRadius)
	if opt.Workers < 1 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.Radius < MinRadius || opt.Radius > MaxRadius {
		return nil, &geo.InvalidError{Field: "radius", Reason: fmt.Sprintf("%d is not from %d to %d pixels", opt.Radius, MinRadius, MaxRadius)}
	}
	if len(opt.Counts) > maxCounts {
		return nil, &geo.InvalidError{Field: "counts", Reason: fmt.Sprintf("the values of %d properties can be counted, not more", maxCounts)}
	}
	p := &Pyramid{x: x, layout: x.Layout(), opt: opt}
	if err := p.form(ctx, set); err != nil {
		return nil, err
	}
	p.figures()
	return p, ctx.Err()
}

// form makes the groups, without their figures.
func (p *Pyramid) form(ctx context.Context, set *geo.Set) error {
	tree := p.sow(set)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	roots, err := newMerger(tree, p.opt.Radius).run(ctx, p.opt.Workers)
	if err != nil {
		return err
	}
	p.reap(tree, roots)
	return nil
}

// sow gives the features of a set their seats.
func (p *Pyramid) sow(set *geo.Set) *pairs {
	l := p.layout
	n := len(l.Slots)
	if set != nil {
		p.seats = make([]uint32, 0, set.Len())
		for place, slot := range l.Slots {
			if set.Has(slot) {
				p.seats = append(p.seats, uint32(place))
			}
		}
		n = len(p.seats)
	}
	keys, other := make([]keyed, n), make([]keyed, n)
	for i := range keys {
		place := p.seat(uint32(i))
		keys[i] = keyed{geo.Morton(l.X[place], l.Y[place]), uint32(i)}
	}
	keys, _ = radixSort(keys, other)
	t := newPairs(n, func(seat uint32) uint32 { return l.Slots[p.seat(seat)] })
	for i, k := range keys {
		x, y := geo.Unmorton(k.key)
		t.seats[i], t.leaves[i] = k.value, point{x, y}
	}
	return t
}

// shows tells of each pair whether a zoom shows it: where the one it went into was made at
// a coarser zoom.
func shows(t *pairs, roots []Node) (shown []bool, count int) {
	shown = make([]bool, len(t.made))
	show := func(n Node, above int8) {
		if !t.lone(n) && min(t.pair(n).zoom, MaxZoom) > above {
			shown[int(n)-len(t.leaves)] = true
			count++
		}
	}
	for i := range t.made {
		for _, kid := range t.made[i].kids {
			show(kid, min(t.made[i].zoom, MaxZoom))
		}
	}
	for _, n := range roots {
		show(n, -1)
	}
	return shown, count
}

// reap keeps the groups that a zoom shows, the parents before their children.
func (p *Pyramid) reap(t *pairs, roots []Node) {
	shown, groups := shows(t, roots)
	p.places = make([]uint32, 0, len(t.leaves))
	p.first, p.size, p.next, p.rep = make([]uint32, groups), make([]uint32, groups), make([]uint32, groups), make([]uint32, groups)
	p.from, p.to, p.area = make([]int8, groups), make([]int8, groups), make([]box, groups)
	p.ranks = make([]uint32, len(t.leaves))
	type step struct {
		node Node
		from int8 // the zoom from which it stands; leave: a group is complete
	}
	const leave = -1
	g := 0
	var open []step
	for i := len(roots) - 1; i >= 0; i-- {
		open = append(open, step{roots[i], 0})
	}
	for len(open) > 0 {
		s := open[len(open)-1]
		open = open[:len(open)-1]
		if s.from == leave {
			p.next[s.node] = uint32(g)
			continue
		}
		if t.lone(s.node) {
			seat := t.seats[s.node]
			p.ranks[seat] = uint32(len(p.places))
			p.places = append(p.places, p.seat(seat))
			continue
		}
		q := t.pair(s.node)
		if shown[int(s.node)-len(t.leaves)] {
			to := min(q.zoom, MaxZoom)
			p.first[g], p.size[g], p.rep[g], p.area[g] = uint32(len(p.places)), q.size, q.leaf, q.area
			p.from[g], p.to[g] = s.from, to
			open = append(open, step{Node(g), leave})
			s.from = to + 1
			g++
		}
		open = append(open, step{q.kids[1], s.from}, step{q.kids[0], s.from})
	}
	for g, leaf := range p.rep {
		p.rep[g] = p.ranks[t.seats[leaf]]
	}
}

// figures adds up and counts, each property by itself.
func (p *Pyramid) figures() {
	p.sums, p.tallies = make([]sums, len(p.opt.Sums)), make([]*tally, len(p.opt.Counts))
	var all sync.WaitGroup
	turns := make(chan struct{}, p.opt.Workers)
	run := func(do func()) {
		if p.opt.Workers == 1 {
			do()
			return
		}
		turns <- struct{}{}
		all.Go(func() {
			do()
			<-turns
		})
	}
	for i, name := range p.opt.Sums {
		run(func() { p.sums[i] = p.sum(name) })
	}
	for i, name := range p.opt.Counts {
		run(func() { p.tallies[i] = p.tally(name) })
	}
	all.Wait()
	names := p.opt.Counts
	p.opt.Counts = nil
	for i, t := range p.tallies {
		if t != nil {
			p.opt.Counts = append(p.opt.Counts, names[i])
		}
	}
	p.tallies = slices.DeleteFunc(p.tallies, func(t *tally) bool { return t == nil })
}
