package geo

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"
)

// sorted are all slots in the order of a column, null last, those of equal value
// by ID.
type sorted struct {
	slots  []uint32
	first  []uint32 // by slot: where the slots of its value begin
	filled int      // so many are not null
	timed  bool     // values are compared as times
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
		s.byNumber(x, c, n)
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

// sortTimes makes the sorted column of date-times, where the same time in another
// zone is equal. Where a text is no time, texts decide.
func (c *column) sortTimes(x *Index) *sorted {
	c.sortTimesOnce.Do(func() {
		s := c.sort(x)
		if s == nil {
			return
		}
		c.sortedTimes = s
		times := make([]time.Time, x.Len())
		for _, slot := range s.slots[:s.filled] {
			t, ok := timeOf(c.value(x, slot))
			if !ok {
				return
			}
			times[slot] = t
		}
		byTime := &sorted{slots: slices.Clone(s.slots[:s.filled]), first: slices.Clone(s.first), filled: s.filled}
		slices.SortFunc(byTime.slots, func(a, b uint32) int {
			return cmp.Or(times[a].Compare(times[b]), cmp.Compare(a, b))
		})
		byTime.mark(func(a, b uint32) bool { return times[a].Equal(times[b]) })
		byTime.slots = append(byTime.slots, s.slots[s.filled:]...)
		byTime.timed = true
		c.sortedTimes = byTime
	})
	return c.sortedTimes
}

// instants are the slots of a date-time property by time: first tells equal times
// apart. It is nil for any other property.
func (x *Index) instants(name string) *sorted {
	p, _, ok := x.Schema().Find(name)
	c := x.columns[name]
	if !ok || c == nil || !p.isTime() || p.Format != string(formatDateTime) {
		return nil
	}
	if s := c.sortTimes(x); s != nil && s.timed {
		return s
	}
	return nil
}

func timeOf(v Value) (time.Time, bool) {
	if v.kind != KindString {
		return time.Time{}, false
	}
	_, in, ok := parseTime(v.text)
	return in.Start, ok
}

func (s *sorted) byNumber(x *Index, c *column, n int) {
	keys := make([]float64, 0, n)
	for slot := range uint32(n) {
		if v, ok := c.number(slot); ok {
			s.slots = append(s.slots, slot)
			keys = append(keys, v)
		}
	}
	radixFloats(s.slots, keys)
	same := func(a, b uint32) bool {
		v, _ := c.number(a)
		w, _ := c.number(b)
		return v == w
	}
	if !c.large || !c.long {
		s.mark(same)
		return
	}
	for begin := 0; begin < len(s.slots); { // float64 does not tell all apart
		end := begin + 1
		for end < len(s.slots) && same(s.slots[begin], s.slots[end]) {
			end++
		}
		slices.SortStableFunc(s.slots[begin:end], func(a, b uint32) int { return c.value(x, a).Compare(c.value(x, b)) })
		begin = end
	}
	s.mark(func(a, b uint32) bool { return same(a, b) && c.value(x, a).Compare(c.value(x, b)) == 0 })
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
		d := s.compareValues(c.value(x, s.slots[i]), v)
		return d > 0 || d == 0 && !behind
	})
}

func (s *sorted) compareValues(v, w Value) int {
	if s.timed {
		a, okA := timeOf(v)
		b, okB := timeOf(w)
		if okA && okB {
			return a.Compare(b)
		}
	}
	return v.Compare(w)
}

// place is where the value of a slot begins; ok is false for null.
func (s *sorted) place(slot uint32) (place uint32, ok bool) {
	return s.first[slot], int(s.first[slot]) < s.filled
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
