package pyramid

import (
	"cmp"
	"context"
	"math"
	"slices"

	"clustermap/geo"
)

// finest is the zoom at which the building begins at the latest: there the radius
// is below the resolution.
const finest = 31

// Build makes the groups of the features of set; nil means all. It returns
// *geo.InvalidError where opt cannot be met, and the error of ctx when that ends.
func Build(ctx context.Context, x *geo.Index, set *geo.Set, opt Options) (*Pyramid, error) {
	p, err := newPyramid(x, set, opt)
	if err != nil {
		return nil, err
	}
	b := &builder{p: p}
	if err := b.begin(ctx); err != nil {
		return nil, err
	}
	for z := MaxZoom; z >= 0; z-- {
		if z < b.zoom {
			b.coarsen(z)
			b.merge(math.MaxInt)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b.keepLevel(z)
	}
	b.finish()
	for _, name := range p.opt.Counts {
		t, err := p.tally(name)
		if err != nil {
			return nil, err
		}
		p.counted = append(p.counted, t)
	}
	return p, ctx.Err()
}

func newPyramid(x *geo.Index, set *geo.Set, opt Options) (*Pyramid, error) {
	opt.Radius = cmp.Or(opt.Radius, DefaultRadius)
	if opt.Radius < MinRadius || opt.Radius > MaxRadius {
		return nil, &geo.InvalidError{Field: "radius", Reason: radiusReason(opt.Radius)}
	}
	if len(opt.Counts) > maxCounts {
		return nil, &geo.InvalidError{Field: "counts", Reason: "the values of three properties can be counted, not more"}
	}
	p := &Pyramid{x: x, layout: x.Layout(), opt: opt, exact: true}
	for _, t := range x.Schema().Geometry {
		p.exact = p.exact && t == "Point"
	}
	p.n = len(p.layout.Slots)
	if set != nil {
		p.seats = make([]uint32, 0, set.Len())
		for i, slot := range p.layout.Slots {
			if set.Has(slot) {
				p.seats = append(p.seats, uint32(i))
			}
		}
		p.n = len(p.seats)
	}
	for _, name := range opt.Sums {
		c, _ := x.Column(name) // one that no feature has gives no numbers
		p.numbers = append(p.numbers, c)
	}
	p.sums = make([][]float64, len(opt.Sums))
	return p, nil
}

// entry is a node of the level being built, and where it stands.
type entry struct {
	x, y uint32
	node Node
}

// strip is the entries of a band as high as the radius, by x.
type strip struct {
	at       uint32 // its number from the north
	from, to int
}

// builder builds a pyramid from the finest zoom to the coarsest. Its level is kept
// by strips: those of the next zoom are twice as high, so two are merged into one.
type builder struct {
	p      *Pyramid
	zoom   int
	reach  uint64 // the radius at zoom, in parts of the world
	level  []entry
	strips []strip
	spare  []entry

	meanX, meanY []float64   // of the groups
	fresh        []Node      // groups made since the last level was kept
	newFrom      Node        // groups from here on are of the last pass
	edges        [][2]uint32 // of entries
	begins       []uint32    // of each entry: where its neighbours begin in beside
	beside       []uint32
	order, other []keyed
}

// reachAt is the radius at a zoom, in parts of the world, at least 1.
func (b *builder) reachAt(zoom int) uint64 {
	return max(1, uint64(b.p.opt.Radius)<<24>>zoom)
}

func (b *builder) at(n Node) (x, y uint32) {
	place := b.p.place(b.p.seatOf(n))
	return b.p.layout.X[place], b.p.layout.Y[place]
}

// begin makes the level of MaxZoom. Where points are so dense that most of them are
// near most others, it begins at a finer zoom and comes down from there.
func (b *builder) begin(ctx context.Context) error {
	b.p.parent = make([]Node, b.p.n, b.p.n+b.p.n/2)
	for i := range b.p.parent {
		b.p.parent[i] = none
	}
	start := MaxZoom
	for ; ; start++ {
		b.zoom, b.reach = start, b.reachAt(start)
		b.sort()
		if start == MaxZoom {
			b.joinPlaces()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if b.merge(8*len(b.level)+1024) || start == finest {
			break
		}
	}
	for b.zoom > MaxZoom {
		b.coarsen(b.zoom - 1)
		b.merge(math.MaxInt)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// sort makes the strips of the level, at first of all seats.
func (b *builder) sort() {
	if b.level == nil {
		b.level = make([]entry, b.p.n)
		for i := range b.level {
			x, y := b.at(Node(i))
			b.level[i] = entry{x, y, Node(i)}
		}
	}
	keys := make([]keyed, len(b.level))
	for i, e := range b.level {
		keys[i] = keyed{uint64(e.y)/b.reach<<32 | uint64(e.x), uint32(i)}
	}
	keys, _ = radixSort(keys, make([]keyed, len(keys)))
	b.spare = slices.Grow(b.spare[:0], len(keys))[:len(keys)]
	for i, k := range keys {
		b.spare[i] = b.level[k.value]
	}
	b.level, b.spare = b.spare, b.level
	b.cut()
}

// cut finds the strips of a level that is in order.
func (b *builder) cut() {
	b.strips = b.strips[:0]
	for i := 0; i < len(b.level); {
		s := strip{uint32(uint64(b.level[i].y) / b.reach), i, i}
		end := (uint64(s.at) + 1) * b.reach
		for s.to < len(b.level) && uint64(b.level[s.to].y) < end && uint64(b.level[s.to].y) >= end-b.reach {
			s.to++
		}
		b.strips = append(b.strips, s)
		i = s.to
	}
}

// joinPlaces makes a group of all seats at one place.
func (b *builder) joinPlaces() {
	kept := b.level[:0]
	for i := 0; i < len(b.level); {
		// Those of one x in a strip are a run, in which equal ones may be apart.
		end := i + 1
		for end < len(b.level) && b.level[end].x == b.level[i].x && uint64(b.level[end].y)/b.reach == uint64(b.level[i].y)/b.reach {
			end++
		}
		run := b.level[i:end]
		i = end
		if len(run) > 1 {
			slices.SortStableFunc(run, func(a, b entry) int { return cmp.Compare(a.y, b.y) })
		}
		for len(run) > 0 {
			same := 1
			for same < len(run) && run[same].y == run[0].y {
				same++
			}
			e := run[0]
			if same > 1 {
				e.node = b.joinPlace(run[:same])
			}
			kept = append(kept, e)
			run = run[same:]
		}
	}
	b.level = kept
	b.cut()
}

func (b *builder) joinPlace(same []entry) Node {
	kids := make([]Node, len(same))
	for i, e := range same {
		kids[i] = e.node
	}
	return b.group(kids)
}

// coarsen goes to the zoom below.
func (b *builder) coarsen(zoom int) {
	twice := b.reachAt(zoom) == 2*b.reach
	b.zoom, b.reach = zoom, b.reachAt(zoom)
	if !twice { // below the resolution, where it is rounded
		b.sort()
		return
	}
	out := b.spare[:0]
	strips := b.strips[:0]
	for i := 0; i < len(b.strips); {
		s := b.strips[i]
		from := len(out)
		i++
		if i < len(b.strips) && b.strips[i].at/2 == s.at/2 {
			out = mergeByX(out, b.level[s.from:s.to], b.level[b.strips[i].from:b.strips[i].to])
			i++
		} else {
			out = append(out, b.level[s.from:s.to]...)
		}
		strips = append(strips, strip{s.at / 2, from, len(out)})
	}
	b.level, b.spare, b.strips = out, b.level, strips
}

// mergeByX appends two runs in order of x as one.
func mergeByX(out, a, b []entry) []entry {
	for len(a) > 0 && len(b) > 0 {
		if b[0].x < a[0].x {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// keepLevel keeps the level of a zoom, in the order of the seats.
func (b *builder) keepLevel(zoom int) {
	p := b.p
	slices.SortFunc(b.fresh, func(m, n Node) int { return cmp.Compare(p.seatOf(m), p.seatOf(n)) })
	fresh := slices.DeleteFunc(b.fresh, func(n Node) bool { return p.size[p.group(n)] == 0 || p.parent[n] != none })
	var before []Node
	switch {
	case zoom < MaxZoom:
		before = p.levels[zoom+1]
		if len(b.fresh) == 0 {
			p.levels[zoom] = before
			return
		}
	default:
		before = make([]Node, p.n)
		for i := range before {
			before[i] = Node(i)
		}
	}
	level := make([]Node, 0, len(b.level))
	for _, n := range before {
		for len(fresh) > 0 && p.seatOf(fresh[0]) <= p.seatOf(n) {
			level, fresh = append(level, fresh[0]), fresh[1:]
		}
		if p.parent[n] == none && p.Valid(n) {
			level = append(level, n)
		}
	}
	p.levels[zoom] = append(level, fresh...)
	b.fresh = b.fresh[:0]
}

// finish lets go of what only the building needs.
func (b *builder) finish() {
	p := b.p
	p.parent, p.kids = slices.Clip(p.parent), slices.Clip(p.kids)
	p.rep, p.size, p.to, p.box = slices.Clip(p.rep), slices.Clip(p.size), slices.Clip(p.to), slices.Clip(p.box)
	p.first, p.many = slices.Clip(p.first), slices.Clip(p.many)
	for i := range p.sums {
		p.sums[i] = slices.Clip(p.sums[i])
	}
}
