package geo

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"sort"
	"sync"

	"github.com/paulmach/orb"
)

// Source is what a server asks of a collection. It is safe for concurrent use.
type Source interface {
	Schema() *Schema
	// Rev names the state; it changes whenever any answer may change. It is
	// URL-safe ASCII.
	Rev() string
	Extent() Extent
	// Get returns the feature whose id has the text, or ErrNotFound.
	Get(ctx context.Context, id string) (Feature, error)
	Search(ctx context.Context, q Query) (Result, error)
	Count(ctx context.Context, q Query) (int, error)
}

// Extent is where and when the features of a collection are.
type Extent struct {
	Box   orb.Bound // unless Empty
	Empty bool      // no feature has a geometry
	Time  Interval  // zero where no feature has a time
}

// Query selects features. The zero Query selects all.
type Query struct {
	Box   *orb.Bound // a geometry that touches it is inside; Min lon > Max lon crosses 180°; features without geometry are outside
	Time  *Interval  // features without a time are inside (OGC API - Features Part 1, 7.15.4)
	Match []Match    // all must hold
	After *ID        // only features behind this one in ID order
	Limit int        // 0 means no limit
}

// Result is the page that a Query asks for, and the number of features that it
// selects in all, whatever its After and Limit.
type Result struct {
	Matched  int
	Features []Feature // in ID order
	More     bool      // more follow the last of Features
}

// Index is an immutable set of features with an R-tree, property columns and a
// table of ids. The zero Index is empty. It is safe for concurrent use.
//
// A feature has a slot; slots are in ID order.
type Index struct {
	schema  *Schema
	rev     string
	extent  Extent
	chunks  [][]byte // the encoded features
	places  []place  // of the slots
	ids     []uint32 // open addressing: slot + 1 by hash of the id's text
	tree    *tree
	shapes  []orb.Geometry // by item, where not all are points
	columns map[string]*column

	scratch sync.Pool // of *hits
}

// Schema describes the features.
func (x *Index) Schema() *Schema {
	if x.schema == nil {
		return &Schema{Geometry: []string{}}
	}
	return x.schema
}

// Rev is a digest of all that went into the Index.
func (x *Index) Rev() string { return x.rev }

// Extent is exact; it does not cross 180°.
func (x *Index) Extent() Extent {
	if x.tree == nil {
		return Extent{Empty: true}
	}
	return x.extent
}

// Len is the number of features.
func (x *Index) Len() int { return len(x.places) }

// place is where an encoded feature stands.
type place struct{ chunk, from, to uint32 }

func (x *Index) raw(slot uint32) []byte {
	p := x.places[slot]
	return x.chunks[p.chunk][p.from:p.to:p.to]
}

func (x *Index) geometry(slot uint32) orb.Geometry {
	item := x.tree.items[slot]
	switch {
	case item == noItem:
		return nil
	case x.shapes != nil:
		return x.shapes[item]
	}
	return x.tree.points[item]
}

// text is the property of a slot as the feature's bytes have it: a string
// without its quotes and escapes, anything else as it stands.
func (x *Index) text(slot uint32, name string) string {
	raw := x.raw(slot)
	lo, hi := propertiesSpan(raw)
	p := parser{b: raw[:hi], i: lo}
	var found string
	_ = p.object(func(key []byte) error {
		start := p.i
		if string(key) == name && p.b[start] == '"' {
			s, err := p.str()
			found = string(s)
			return err
		}
		p.skip()
		if string(key) == name {
			found = string(p.b[start:p.i])
		}
		return nil
	})
	return found
}

// Get returns the feature whose id has the text.
func (x *Index) Get(_ context.Context, id string) (Feature, error) {
	if slot, ok := x.find(id); ok {
		return Feature{x, slot}, nil
	}
	return Feature{}, fmt.Errorf("%w: no feature has the id %q", ErrNotFound, clip(id))
}

func (x *Index) find(id string) (uint32, bool) {
	if len(x.ids) == 0 {
		return 0, false
	}
	for i := hashID(id) & uint64(len(x.ids)-1); x.ids[i] > 0; i = (i + 1) & uint64(len(x.ids)-1) {
		if slot := x.ids[i] - 1; hasID(x.raw(slot), id) {
			return slot, true
		}
	}
	return 0, false
}

// hashID is FNV-1a.
func hashID(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>32
}

// Count is the number of features that q selects, whatever its After and Limit.
func (x *Index) Count(ctx context.Context, q Query) (int, error) {
	q.Limit = 0
	h, err := x.hits(ctx, q)
	if err != nil {
		return 0, err
	}
	defer x.release(h)
	return h.count, nil
}

// Search returns the page that q asks for.
func (x *Index) Search(ctx context.Context, q Query) (Result, error) {
	h, err := x.hits(ctx, q)
	if err != nil {
		return Result{}, err
	}
	defer x.release(h)
	first := uint32(0)
	if q.After != nil {
		first = x.behind(*q.After)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = h.count
	}
	r := Result{Matched: h.count, Features: make([]Feature, 0, min(limit, h.count))}
	r.Features, r.More = h.page(x, first, limit, r.Features)
	return r, nil
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

func (x *Index) release(h *hits) {
	if h.set != nil {
		for _, s := range h.list {
			h.set[s/64] = 0
		}
	}
	h.list, h.set = h.list[:0], nil
	x.scratch.Put(h)
}

func (x *Index) hits(ctx context.Context, q Query) (*hits, error) {
	h, _ := x.scratch.Get().(*hits)
	if h == nil {
		h = new(hits)
	}
	tests, none := x.tests(q)
	h.all = q.Box == nil && len(tests) == 0
	switch {
	case x.Len() == 0 || none:
		h.all = false
	case h.all:
		h.count = x.Len()
		return h, nil
	case q.Box == nil:
		for slot := range uint32(x.Len()) {
			if slot%(1<<16) == 0 && ctx.Err() != nil {
				x.release(h)
				return nil, ctx.Err()
			}
			if passes(slot, tests) {
				h.list = append(h.list, slot)
			}
		}
		h.count = len(h.list)
		return h, nil
	default:
		x.inBox(h, *q.Box)
	}
	if len(tests) > 0 {
		h.list = slices.DeleteFunc(h.list, func(slot uint32) bool { return !passes(slot, tests) })
	}
	h.sort(x.Len())
	return h, ctx.Err()
}

func passes(slot uint32, tests []func(uint32) bool) bool {
	for _, t := range tests {
		if !t(slot) {
			return false
		}
	}
	return true
}

// tests are the parts of q apart from its box. none reports that nothing can
// pass.
func (x *Index) tests(q Query) (tests []func(uint32) bool, none bool) {
	for _, m := range q.Match {
		c := x.columns[m.Property]
		if c == nil {
			return nil, true
		}
		tests = append(tests, c.matcher(x, m.values))
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

// inBox lists the slots whose geometry meets the box.
func (x *Index) inBox(h *hits, b orb.Bound) {
	t := x.tree
	look := func(b orb.Bound) {
		t.search(b, func(lo, hi int) {
			h.list = append(h.list, t.slots[lo:hi]...)
		}, func(item int) {
			if meetsBox(x.shapes[item], &b) {
				h.list = append(h.list, t.slots[item])
			}
		})
	}
	if b.Min[0] <= b.Max[0] {
		look(b)
		return
	}
	look(orb.Bound{Min: b.Min, Max: orb.Point{180, b.Max[1]}})
	east := len(h.list)
	look(orb.Bound{Min: orb.Point{-180, b.Min[1]}, Max: b.Max})
	if x.shapes != nil && east > 0 && len(h.list) > east {
		slices.Sort(h.list)
		h.list = slices.Compact(h.list)
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
