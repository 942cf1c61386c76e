package geo

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
)

// SortKey is a property to order features by: false before true, numbers by
// value, date-times by time, other strings by code point, and null last in both
// directions. Without a property it is the ID; keys behind that one have no effect.
type SortKey struct {
	Property   string
	Descending bool
}

// Position is the place of a feature in the order of a Query: a value for each
// SortKey, or the score where the best come first, and the ID. The feature need
// not exist.
type Position struct {
	Keys []Value
	ID   ID
}

// order is an order other than that of the IDs, from its beginning or from
// behind a position.
type order struct {
	x       *Index
	keys    []orderKey
	ranked  *ranking // in place of keys
	reverse bool     // IDs descend
	after   bool
	score   float32
	next    uint32 // the first slot that is behind the position where the rest is equal
}

// orderKey is a column to order by. place is where the position's value begins
// in it, or would; equal reports that there are slots of that value, null that it
// is null.
type orderKey struct {
	*sorted
	column     *column
	descending bool
	place      int
	equal      bool
	null       bool
}

// order is nil for ID order.
func (x *Index) order(q *Query, r *ranking) (*order, error) {
	if len(q.Sort) == 0 && r == nil {
		return nil, checkKeys(q.After, 0)
	}
	o := &order{x: x}
	if len(q.Sort) == 0 {
		o.ranked = r
	}
	for _, k := range q.Sort {
		if k.Property == "" {
			o.reverse = k.Descending
			break
		}
		key, err := x.orderKey(k)
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, key)
	}
	if o.ranked == nil && len(o.keys) == 0 && !o.reverse {
		return nil, checkKeys(q.After, 0)
	}
	if q.After == nil {
		return o, nil
	}
	want := len(o.keys)
	if o.ranked != nil {
		want = 1
	}
	if err := checkKeys(q.After, want); err != nil {
		return nil, err
	}
	o.after, o.next = true, x.behind(q.After.ID)
	if o.reverse && o.next > 0 && idOf(x.raw(o.next-1)).Compare(q.After.ID) == 0 {
		o.next--
	}
	if o.ranked != nil {
		o.score = float32(q.After.Keys[0].Number())
	}
	for i := range o.keys {
		o.keys[i].seek(x, q.After.Keys[i])
	}
	return o, nil
}

func checkKeys(after *Position, want int) error {
	if after == nil || len(after.Keys) == want {
		return nil
	}
	return &InvalidError{Field: "cursor", Reason: fmt.Sprintf("has %d values to order by, where the query has %d", len(after.Keys), want)}
}

func (x *Index) orderKey(k SortKey) (orderKey, error) {
	p, _, ok := x.Schema().Find(k.Property)
	if !ok || !p.Sortable() {
		return orderKey{}, &InvalidError{Field: "sortby", Reason: fmt.Sprintf("%q is not a sortable property", clip(k.Property))}
	}
	c := x.columns[k.Property]
	if c == nil { // stated, and of no feature
		c = &column{}
	}
	s := c.sort(x)
	if p.Format == string(formatDateTime) {
		s = c.sortTimes(x)
	}
	if s == nil {
		return orderKey{}, &InvalidError{Field: "sortby", Reason: fmt.Sprintf("%q has values of more than one type", clip(k.Property))}
	}
	return orderKey{sorted: s, column: c, descending: k.Descending}, nil
}

func (k *orderKey) seek(x *Index, v Value) {
	if v.kind == KindNull {
		k.place, k.equal, k.null = k.filled, k.filled < len(k.slots), true
		return
	}
	k.place = k.search(x, k.column, v, false)
	k.equal = k.place < k.filled && k.compareValues(k.column.value(x, k.slots[k.place]), v) == 0
}

// compare orders two values by their places in the column.
func (k *orderKey) compare(a, b int) int {
	d := cmp.Compare(a, b)
	if k.descending && a < k.filled && b < k.filled {
		return -d
	}
	return d
}

// beyond is positive where the value of a slot is behind that of the position.
func (k *orderKey) beyond(slot uint32) int {
	at := int(k.first[slot])
	switch {
	case k.equal && at == k.place:
		return 0
	case at >= k.filled: // null
		return 1
	case k.null:
		return -1
	case (at >= k.place) == k.descending:
		return -1
	}
	return 1
}

// compare orders two slots.
func (o *order) compare(a, b uint32) int {
	if o.ranked != nil {
		if d := cmp.Compare(o.ranked.score(b), o.ranked.score(a)); d != 0 {
			return d
		}
	}
	for i := range o.keys {
		k := &o.keys[i]
		if d := k.compare(int(k.first[a]), int(k.first[b])); d != 0 {
			return d
		}
	}
	if o.reverse {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// behind reports whether a slot is behind the position.
func (o *order) behind(slot uint32) bool {
	if !o.after {
		return true
	}
	if o.ranked != nil {
		if d := cmp.Compare(o.score, o.ranked.score(slot)); d != 0 {
			return d > 0
		}
	}
	for i := range o.keys {
		if d := o.keys[i].beyond(slot); d != 0 {
			return d > 0
		}
	}
	return (slot >= o.next) != o.reverse
}

// position is the place of a feature; o is nil for ID order.
func (o *order) position(f Feature) Position {
	p := Position{ID: f.ID()}
	switch {
	case o == nil:
	case o.ranked != nil:
		p.Keys = []Value{NumberValue(float64(o.ranked.score(f.slot)))}
	default:
		for i := range o.keys {
			k := &o.keys[i]
			p.Keys = append(p.Keys, k.column.value(o.x, f.slot))
		}
	}
	return p
}

// page appends the hits behind the position in order, at most limit of them, and
// reports whether there are more.
func (o *order) page(ctx context.Context, h *hits, limit int, out []Feature) (_ []Feature, more bool, err error) {
	n := 0
	for slot := range o.from(h, limit+1) {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if n == limit {
			return out, true, nil
		}
		n++
		out = append(out, Feature{o.x, slot})
	}
	return out, false, ctx.Err()
}

// from gives the hits behind the position in order: at least the first most of
// them, 0 means all. It walks the first column where the hits are so many that
// most are found sooner than all hits are looked at.
func (o *order) from(h *hits, most int) iter.Seq[uint32] {
	n := o.x.Len()
	if len(o.keys) == 0 && o.reverse {
		return slices.Values(o.backwards(h, n))
	}
	walk := h.all || h.set != nil && (most == 0 && h.count > n/16 || most > 0 && most*(n/h.count) < h.count)
	if len(o.keys) > 0 && walk {
		return o.walk(h, most)
	}
	return slices.Values(o.least(h.from(0, n), most))
}

// backwards are the hits behind the position by descending ID; n is the number of
// slots.
func (o *order) backwards(h *hits, n int) []uint32 {
	var slots []uint32
	for slot := range h.from(0, n) {
		if !o.behind(slot) {
			break
		}
		slots = append(slots, slot)
	}
	slices.Reverse(slots)
	return slots
}

// least are the first most of some slots that are behind the position, in order;
// 0 means all.
func (o *order) least(slots iter.Seq[uint32], most int) []uint32 {
	var kept []uint32
	full := false // kept[most-1] is the last that counts
	for slot := range slots {
		if !o.behind(slot) || full && o.compare(slot, kept[most-1]) > 0 {
			continue
		}
		kept = append(kept, slot)
		if most > 0 && len(kept) >= 2*most {
			slices.SortFunc(kept, o.compare)
			kept, full = kept[:most], true
		}
	}
	slices.SortFunc(kept, o.compare)
	if most > 0 && len(kept) > most {
		kept = kept[:most]
	}
	return kept
}

// walk gives the hits along the first column, group by group of equal values.
func (o *order) walk(h *hits, most int) iter.Seq[uint32] {
	k := &o.keys[0]
	return func(yield func(uint32) bool) {
		for lo, hi := range k.groups(o.after) {
			group := k.slots[lo:hi]
			among := func(yield func(uint32) bool) {
				for _, slot := range group {
					if h.has(slot) && !yield(slot) {
						return
					}
				}
			}
			if (len(o.keys) > 1 || o.reverse) && len(group) > 1 {
				for _, slot := range o.least(among, most) {
					if !yield(slot) {
						return
					}
				}
				continue
			}
			if o.after && lo == k.place && k.equal && len(o.keys) == 1 && !o.reverse { // the slots of a group are in ID order
				i, _ := slices.BinarySearch(group, o.next)
				group = group[i:]
			}
			for slot := range among {
				if o.behind(slot) && !yield(slot) {
					return
				}
			}
		}
	}
}

// groups gives the places from and to of equal values in the order of the key,
// from the group of the position on.
func (k *orderKey) groups(after bool) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		g := 0
		switch {
		case after:
			g = k.place
		case k.descending:
			g = k.filled
		}
		if !k.descending || after && k.null {
			for g < len(k.slots) {
				e := k.end(g)
				if !yield(g, e) {
					return
				}
				g = e
			}
			return
		}
		e := g
		if after && k.equal {
			e = k.end(g)
		}
		for e > 0 {
			g := int(k.first[k.slots[e-1]])
			if !yield(g, e) {
				return
			}
			e = g
		}
		if k.filled < len(k.slots) {
			yield(k.filled, len(k.slots))
		}
	}
}

// ranking are the slots that some words find, ascending, and how well each fits.
type ranking struct {
	slots  []uint32
	scores []float32
}

// rank finds the words.
func (x *Index) rank(s *scan, words string) error {
	if words == "" {
		return nil
	}
	words, err := ParseWords(words)
	if err != nil {
		return err
	}
	slots, scores := x.wordHits(words)
	s.ranked = &ranking{slots, scores}
	return nil
}

func (r *ranking) has(slot uint32) bool {
	_, found := slices.BinarySearch(r.slots, slot)
	return found
}

func (r *ranking) score(slot uint32) float32 {
	if i, found := slices.BinarySearch(r.slots, slot); found {
		return r.scores[i]
	}
	return 0
}
