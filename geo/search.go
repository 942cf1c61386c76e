package geo

import (
	"context"
	"iter"
	"math/bits"
	"slices"
	"sort"

	"github.com/paulmach/orb"
)

// Query selects features and orders them. The zero Query selects all.
type Query struct {
	Box    *orb.Bound // a geometry that touches it is inside; Min lon > Max lon crosses 180°, which is one meridian with -180°; features without geometry are outside
	Time   *Interval  // features without a time are inside (OGC API - Features Part 1, 7.15.4)
	Match  []Match    // all must hold
	Filter Filter     // nil selects all
	Words  string     // to look for in the texts of features, see ParseWords; "" selects all
	Sort   []SortKey  // then by ID; empty is ID order or, with Words, the best first, then by ID
	After  *Position  // only features behind it in that order
	Limit  int        // 0 means no limit
}

// Result is the page that a Query asks for, and the number of features that it
// selects in all, whatever its After and Limit.
type Result struct {
	Matched  int
	Features []Feature // in the order of the Query
	More     bool      // more follow the last of Features
	Last     Position  // of the last of Features
}

// Count is the number of features that q selects, whatever its After and Limit.
func (x *Index) Count(ctx context.Context, q Query) (int, error) {
	var s scan
	if err := x.prepare(ctx, &s, &q); err != nil {
		return 0, err
	}
	switch {
	case s.none:
		return 0, nil
	case len(s.tests) > 0:
	case s.from == fromAll:
		return x.Len(), nil
	case s.from == fromBox && (x.shapes == nil || len(Halves(s.box)) == 1):
		return x.countBox(s.box, meetsBox), ctx.Err()
	}
	h := x.borrow()
	defer x.release(h)
	err := x.collect(ctx, h, &s, false)
	return h.count, err
}

// Search returns the page that q asks for.
func (x *Index) Search(ctx context.Context, q Query) (Result, error) {
	h, s, err := x.hits(ctx, &q)
	if err != nil {
		return Result{}, err
	}
	defer x.release(h)
	o, err := x.order(&q, s.ranked)
	if err != nil {
		return Result{}, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = h.count
	}
	r := Result{Matched: h.count, Features: make([]Feature, 0, min(limit, h.count))}
	if o == nil {
		r.Features, r.More = h.page(x, x.first(q.After), limit, r.Features)
	} else if r.Features, r.More, err = o.page(ctx, h, limit, r.Features); err != nil {
		return Result{}, err
	}
	if n := len(r.Features); n > 0 {
		r.Last = o.position(r.Features[n-1])
	}
	return r, nil
}

// Each gives the page that q asks for, one feature after another. It keeps a list
// of what q selects unless that is everything, and no features.
func (x *Index) Each(ctx context.Context, q Query) iter.Seq2[Feature, error] {
	return func(yield func(Feature, error) bool) {
		h, s, err := x.hits(ctx, &q)
		if err != nil {
			yield(Feature{}, err)
			return
		}
		defer x.release(h)
		o, err := x.order(&q, s.ranked)
		if err != nil {
			yield(Feature{}, err)
			return
		}
		slots := h.from(x.first(q.After), x.Len())
		if o != nil {
			slots = o.from(h, max(0, q.Limit))
		}
		n := 0
		for batch := range x.batches(slots) {
			if ctx.Err() != nil {
				yield(Feature{}, ctx.Err())
				return
			}
			for _, slot := range batch {
				if n++; !yield(Feature{x, slot}, nil) || n == q.Limit {
					return
				}
			}
		}
	}
}

// ahead is how many features are fetched from memory together.
const ahead = 32

// batches gives slots in batches whose features have been fetched from memory.
// Features that follow each other by id lie far apart there: to wait for each of a
// million takes 0.5 s, for batches of them 0.2 s.
func (x *Index) batches(slots iter.Seq[uint32]) iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		batch := make([]uint32, 0, ahead)
		for slot := range slots {
			if batch = append(batch, slot); len(batch) < ahead {
				continue
			}
			x.fetch(batch)
			if !yield(batch) {
				return
			}
			batch = batch[:0]
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// fetch reads a byte of each cache line of the features. The reads do not depend
// on each other, so that the processor waits for all of them at once.
//
//go:noinline
func (x *Index) fetch(slots []uint32) (all byte) {
	const line = 64
	for _, slot := range slots {
		raw := x.raw(slot)
		for i := 0; i < len(raw); i += line {
			all ^= raw[i]
		}
	}
	return all
}

// first is the first slot behind a position in ID order.
func (x *Index) first(after *Position) uint32 {
	if after == nil {
		return 0
	}
	return x.behind(after.ID)
}

// behind is the first slot whose id is behind after.
func (x *Index) behind(after ID) uint32 {
	if slot, ok := x.find(after.text); ok && idOf(x.raw(slot)).num == after.num {
		return slot + 1
	}
	return uint32(sort.Search(x.Len(), func(i int) bool { return idOf(x.raw(uint32(i))).Compare(after) > 0 }))
}

// hits are the slots that a query selects: all, or a list, which is sorted or
// has become a set of bits.
type hits struct {
	count int
	all   bool
	list  []uint32
	set   []uint64 // of bits by slot; nil where list is sorted
	bits  []uint64 // what set uses; zero between queries
}

func (x *Index) borrow() *hits {
	if h, _ := x.scratch.Get().(*hits); h != nil {
		h.all, h.count = false, 0
		return h
	}
	return new(hits)
}

func (x *Index) release(h *hits) {
	if h.set != nil {
		for _, s := range h.list {
			h.set[s/64] = 0
		}
	}
	h.list, h.set = h.list[:0], nil
	x.scratch.Put(h)
}

// hits finds what q selects. The caller releases it.
func (x *Index) hits(ctx context.Context, q *Query) (*hits, scan, error) {
	var s scan
	if err := x.prepare(ctx, &s, q); err != nil {
		return nil, s, err
	}
	h := x.borrow()
	switch {
	case s.none:
	case s.from == fromAll && len(s.tests) == 0:
		h.all, h.count = true, x.Len()
	default:
		if err := x.collect(ctx, h, &s, true); err != nil {
			x.release(h)
			return nil, s, err
		}
		h.sort(x.Len())
	}
	return h, s, nil
}

// collect lists the slots that pass, in any order, or only counts them.
func (x *Index) collect(ctx context.Context, h *hits, s *scan, keep bool) error {
	const often, vertices = 1024, 64 // tests between two looks at ctx; of a usual geometry
	switch s.from {
	case fromAll:
		for slot := range uint32(x.Len()) {
			if slot%often == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if passes(slot, s.tests) {
				h.count++
				if keep {
					h.list = append(h.list, slot)
				}
			}
		}
		return ctx.Err()
	case fromBox:
		pace := NewPace(ctx)
		h.list = x.listBox(h.list, s.box, func(g orb.Geometry, b *orb.Bound) bool {
			return !pace.Over(vertices) && meetsBox(g, b)
		})
	case fromCover:
		h.list = s.cover.List(h.list)
	case fromWords:
		h.list = append(h.list, s.ranked.slots...)
	}
	if len(s.tests) > 0 {
		kept := h.list[:0]
		for i, slot := range h.list {
			if i%often == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if passes(slot, s.tests) {
				kept = append(kept, slot)
			}
		}
		h.list = kept
	}
	h.count = len(h.list)
	return ctx.Err()
}

func passes(slot uint32, tests []func(uint32) bool) bool {
	for _, t := range tests {
		if !t(slot) {
			return false
		}
	}
	return true
}

// matches are the tests of Match and Time. none reports that nothing can pass.
func (x *Index) matches(q *Query) (tests []func(uint32) bool, none bool) {
	for _, m := range q.Match {
		c := x.columns[m.Property]
		switch {
		case c == nil:
			return nil, true
		case m.times != nil:
			when := Column{x, c}.Time
			tests = append(tests, func(slot uint32) bool {
				v, ok := when(slot)
				return ok && slices.ContainsFunc(m.times, v.Meets)
			})
		default:
			tests = append(tests, c.matcher(x, c.meant(x, m)))
		}
	}
	if q.Time != nil {
		if at := x.timeOf(); at != nil {
			want := *q.Time
			tests = append(tests, func(slot uint32) bool {
				v, ok := at(slot)
				return !ok || v.Meets(want)
			})
		}
	}
	return tests, false
}

// timeOf tells the time of a slot; it is nil where the schema knows no time.
func (x *Index) timeOf() func(slot uint32) (Interval, bool) {
	col := func(r Role) *column {
		if p := x.Schema().withRole(r); p != nil {
			return x.columns[p.Name]
		}
		return nil
	}
	if c := col(RoleDatetime); c != nil {
		return c.times(x)
	}
	from, to := col(RoleDatetimeStart), col(RoleDatetimeEnd)
	if from == nil && to == nil {
		return nil
	}
	never := func(uint32) (Interval, bool) { return Interval{}, false }
	start, end := never, never
	if from != nil {
		start = from.times(x)
	}
	if to != nil {
		end = to.times(x)
	}
	return func(slot uint32) (Interval, bool) {
		a, ok := start(slot)
		b, too := end(slot)
		return Interval{a.Start, b.End}, ok || too
	}
}

// sort orders the list, or makes a set of bits of it where walking the bits is
// cheaper than sorting.
func (h *hits) sort(n int) {
	h.count = len(h.list)
	if h.count < 256 || n/64 > 16*h.count {
		slices.Sort(h.list)
		return
	}
	if len(h.bits) == 0 {
		h.bits = make([]uint64, (n+63)/64)
	}
	h.set = h.bits
	for _, s := range h.list {
		h.set[s/64] |= 1 << (s % 64)
	}
}

// page appends the hits from slot first on in order, at most limit of them, and
// reports whether there are more.
func (h *hits) page(x *Index, first uint32, limit int, out []Feature) (_ []Feature, more bool) {
	switch {
	case h.all:
		end := min(uint64(h.count), uint64(first)+uint64(limit))
		for s := uint64(first); s < end; s++ {
			out = append(out, Feature{x, uint32(s)})
		}
		return out, end < uint64(h.count)
	case h.set == nil:
		i, _ := slices.BinarySearch(h.list, first)
		end := min(len(h.list), i+limit)
		for _, s := range h.list[i:end] {
			out = append(out, Feature{x, s})
		}
		return out, end < len(h.list)
	}
	mask := ^uint64(0) << (first % 64)
	for w := int(first / 64); w < len(h.set); w++ {
		word := h.set[w] & mask
		mask = ^uint64(0)
		for ; word != 0; word &= word - 1 {
			if len(out) == limit {
				return out, true
			}
			out = append(out, Feature{x, uint32(w*64 + bits.TrailingZeros64(word))})
		}
	}
	return out, false
}

// from gives the hits from slot first on in order; n is the number of slots.
func (h *hits) from(first uint32, n int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		switch {
		case h.all:
			for s := first; s < uint32(n) && yield(s); s++ {
			}
			return
		case h.set == nil:
			i, _ := slices.BinarySearch(h.list, first)
			for _, s := range h.list[i:] {
				if !yield(s) {
					return
				}
			}
			return
		}
		mask := ^uint64(0) << (first % 64)
		for w := int(first / 64); w < len(h.set); w++ {
			for word := h.set[w] & mask; word != 0; word &= word - 1 {
				if !yield(uint32(w*64 + bits.TrailingZeros64(word))) {
					return
				}
			}
			mask = ^uint64(0)
		}
	}
}

// has reports whether a slot is among the hits.
func (h *hits) has(slot uint32) bool {
	switch {
	case h.all:
		return true
	case h.set != nil:
		return h.set[slot/64]&(1<<(slot%64)) != 0
	}
	_, found := slices.BinarySearch(h.list, slot)
	return found
}
