package geo

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"sort"
)

// SortKey is a property to order features by: false before true, numbers by
// value, strings by code point, and null last in both directions.
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

// sorted are all slots in the order of a column, null last, those of equal value
// by ID.
type sorted struct {
	slots  []uint32
	first  []uint32 // by slot: where the slots of its value begin
	filled int      // so many are not null
}

// sort makes the sorted column; it is nil where the values are of more than one
// type, arrays or objects.
func (c *column) sort(x *Index) *sorted {
	switch c.kinds &^ kindNull {
	case 0, kindString, kindNumber, kindBool:
	default:
		return nil
	}
	c.sortOnce.Do(func() { c.sorted = c.sortSlots(x) })
	return c.sorted
}

func (c *column) sortSlots(x *Index) *sorted {
	n := x.Len()
	s := &sorted{slots: make([]uint32, 0, n), first: make([]uint32, n)}
	switch {
	case c.ints != nil || c.nums != nil:
		s.byNumber(c, n)
	case c.hashed:
		s.byText(c, x)
	default:
		s.byCode(c, n)
	}
	s.filled = len(s.slots)
	for slot := range uint32(n) {
		if c.isNull(slot) {
			s.first[slot] = uint32(s.filled)
			s.slots = append(s.slots, slot)
		}
	}
	return s
}

// mark sets first, where same tells whether the slots at two places are equal.
func (s *sorted) mark(same func(a, b uint32) bool) {
	begin := uint32(0)
	for i, slot := range s.slots {
		if i > 0 && !same(s.slots[i-1], slot) {
			begin = uint32(i)
		}
		s.first[slot] = begin
	}
}

func (s *sorted) byNumber(c *column, n int) {
	keys := make([]float64, 0, n)
	for slot := range uint32(n) {
		if v, ok := c.number(slot); ok {
			s.slots = append(s.slots, slot)
			keys = append(keys, v)
		}
	}
	radixFloats(s.slots, keys)
	s.mark(func(a, b uint32) bool {
		v, _ := c.number(a)
		w, _ := c.number(b)
		return v == w
	})
}

// radixFloats sorts slots by their keys, which are not NaN, and keeps the order
// of equals.
func radixFloats(slots []uint32, keys []float64) {
	type pair struct {
		key  uint64
		slot uint32
	}
	from, to := make([]pair, len(slots)), make([]pair, len(slots))
	for i, v := range keys {
		k := math.Float64bits(v + 0) // -0 and 0 are equal
		if k>>63 == 1 {
			k = ^k
		} else {
			k |= 1 << 63
		}
		from[i] = pair{k, slots[i]}
	}
	const bits = 11
	for shift := 0; shift < 64; shift += bits {
		var count [1 << bits]int
		for i := range from {
			count[from[i].key>>shift&(1<<bits-1)]++
		}
		if slices.Contains(count[:], len(from)) { // all alike here
			continue
		}
		sum := 0
		for i, k := range count {
			count[i], sum = sum, sum+k
		}
		for _, p := range from {
			d := p.key >> shift & (1<<bits - 1)
			to[count[d]] = p
			count[d]++
		}
		from, to = to, from
	}
	for i, p := range from {
		slots[i] = p.slot
	}
}

// byText sorts a column whose texts are not kept.
func (s *sorted) byText(c *column, x *Index) {
	texts := make([]string, x.Len())
	for slot := range uint32(x.Len()) {
		if c.codes.at(slot) != 0 {
			texts[slot] = x.value(slot, c.path).text
			s.slots = append(s.slots, slot)
		}
	}
	slices.SortFunc(s.slots, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(texts[a], texts[b]), cmp.Compare(a, b))
	})
	s.mark(func(a, b uint32) bool { return texts[a] == texts[b] })
}

// byCode sorts a column by the places of its texts.
func (s *sorted) byCode(c *column, n int) {
	order := make([]uint32, len(c.values)) // of codes less 1
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(c.values[a], c.values[b]) })
	count := make([]uint32, len(c.values)+1)
	total := 0
	for slot := range uint32(n) {
		if k := c.codes.at(slot); k != 0 {
			count[k]++
			total++
		}
	}
	next := make([]uint32, len(c.values)+1)
	begin := make([]uint32, len(c.values)+1)
	at := uint32(0)
	for _, k := range order {
		next[k+1], begin[k+1] = at, at
		at += count[k+1]
	}
	s.slots = s.slots[:total]
	for slot := range uint32(n) {
		if k := c.codes.at(slot); k != 0 {
			s.slots[next[k]] = slot
			s.first[slot] = begin[k]
			next[k]++
		}
	}
}

// search is the first place whose value is v or greater, or with behind set is
// greater than v.
func (s *sorted) search(x *Index, c *column, v Value, behind bool) int {
	return sort.Search(s.filled, func(i int) bool {
		d := c.value(x, s.slots[i]).Compare(v)
		return d > 0 || d == 0 && !behind
	})
}

// end is where the slots of the value that begins at place g end.
func (s *sorted) end(g int) int {
	if g >= s.filled {
		return len(s.slots)
	}
	if g+1 == s.filled || s.first[s.slots[g+1]] != uint32(g) {
		return g + 1
	}
	return g + 1 + sort.Search(s.filled-g-1, func(i int) bool { return s.first[s.slots[g+1+i]] > uint32(g) })
}

// order is an order other than that of the IDs, from its beginning or from
// behind a position.
type order struct {
	x      *Index
	keys   []orderKey
	ranked *ranking // in place of keys
	after  bool
	score  float32
	next   uint32 // the first slot that is behind the position where the rest is equal
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
		key, err := x.orderKey(k)
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, key)
	}
	if q.After == nil {
		return o, nil
	}
	if err := checkKeys(q.After, max(1, len(o.keys))); err != nil {
		return nil, err
	}
	o.after, o.next = true, x.behind(q.After.ID)
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
	k.equal = k.place < k.filled && k.column.value(x, k.slots[k.place]).Compare(v) == 0
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
	return slot >= o.next
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
	walk := h.all || h.set != nil && (most == 0 && h.count > n/16 || most > 0 && most*(n/h.count) < h.count)
	if len(o.keys) > 0 && walk {
		return o.walk(h, most)
	}
	return slices.Values(o.least(h.from(0, n), most))
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
			if len(o.keys) > 1 && len(group) > 1 {
				for _, slot := range o.least(among, most) {
					if !yield(slot) {
						return
					}
				}
				continue
			}
			if o.after && lo == k.place && k.equal && len(o.keys) == 1 { // the slots of a group are in ID order
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
