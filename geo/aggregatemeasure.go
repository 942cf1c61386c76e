package geo

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// measure is the figure of each group of p and of all its slots.
func (x *Index) measure(p *partition, m Measure) (each []Value, total Value, err error) {
	c := x.columns[m.Property]
	switch m.Func {
	case "count":
		if m.Property == "" {
			each, total = p.sizes()
			return each, total, nil
		}
	case "sum", "mean", "min", "max", "distinct", "median", "quantile":
		if m.P < 0 || m.P > 1 || m.P != m.P {
			return nil, Value{}, &InvalidError{Field: "measures", Reason: m.Name() + ": the share is from 0 to 1"}
		}
	default:
		return nil, Value{}, &InvalidError{Field: "measures", Reason: fmt.Sprintf("there is no measure %q", clip(m.Func))}
	}
	if c == nil {
		c = new(column)
	}
	if s := x.instants(m.Property); s != nil {
		switch m.Func {
		case "min", "max":
			each, total = p.extremeTime(x, c, s, m.Func == "max")
			return each, total, nil
		case "distinct":
			each, total = figures(p, s.place, countDistinct)
			return each, total, nil
		}
	}
	switch m.Func {
	case "count":
		each, total = p.present(c)
	case "sum", "mean":
		each, total = p.sum(x, c, m.Func == "mean")
	case "min", "max":
		each, total = p.extreme(x, c, m.Func == "max")
	case "distinct":
		each, total = p.distinct(x, c)
	case "median":
		each, total = p.quantile(c, 0.5)
	case "quantile":
		each, total = p.quantile(c, m.P)
	}
	return each, total, nil
}

// group is the group of the slot at place i, and 0 where there are no groups.
func (p *partition) group(i int) uint32 {
	if p.groups == nil {
		return 0
	}
	return p.groups[i]
}

// places is how many groups a figure is computed for.
func (p *partition) places() int {
	if p.groups == nil {
		return 1
	}
	return len(p.counts)
}

func (p *partition) sizes() (each []Value, total Value) {
	for _, n := range p.counts {
		each = append(each, NumberValue(float64(n)))
	}
	return each, NumberValue(float64(len(p.slots)))
}

// present counts the values that are not null.
func (p *partition) present(c *column) (each []Value, total Value) {
	counts, all := make([]int, p.places()), 0
	for i, slot := range p.slots {
		if c.kinds != 0 && !c.isNull(slot) {
			counts[p.group(i)]++
			all++
		}
	}
	for _, n := range counts {
		each = append(each, NumberValue(float64(n)))
	}
	return each, NumberValue(float64(all))
}

// sum adds exactly, so that the sums of the groups add up to the total.
func (p *partition) sum(x *Index, c *column, mean bool) (each []Value, total Value) {
	sums := make([]exactSum, p.places())
	if c.ints != nil {
		for i, slot := range p.slots {
			if v := c.ints[slot]; v != noInt {
				s := &sums[p.group(i)]
				s.whole += int64(v)
				s.n++
			}
		}
	} else {
		for i, slot := range p.slots {
			if v, ok := c.number(slot); ok {
				s := &sums[p.group(i)]
				if s.add(v); beyondFloat(v) && c.long {
					s.addRest(c.value(x, slot))
				}
			}
		}
	}
	var all exactSum
	for i := range sums {
		all.join(&sums[i])
		each = append(each, sums[i].value(mean))
	}
	return each, all.value(mean)
}

// exactSum is a sum without rounding: whole, and numbers of which each is too
// small to change a digit of the next (Shewchuk, "Adaptive precision
// floating-point arithmetic and fast robust geometric predicates", 1997).
type exactSum struct {
	whole int64
	parts []float64
	n     int  // of numbers
	mixed bool // not all are whole
}

func (s *exactSum) add(v float64) {
	s.n++
	s.mixed = s.mixed || v != math.Trunc(v)
	s.addPart(v)
}

// addRest adds what the float64 nearest to a whole number lacks of it.
func (s *exactSum) addRest(v Value) {
	rest := v.rat()
	if rest.IsInt() {
		f, _ := rest.Sub(rest, new(big.Rat).SetFloat64(v.num)).Float64()
		s.addPart(f)
	}
}

func (s *exactSum) addPart(v float64) {
	kept := s.parts[:0]
	for _, w := range s.parts {
		if math.Abs(v) < math.Abs(w) {
			v, w = w, v
		}
		high := v + w
		if low := w - (high - v); low != 0 {
			kept = append(kept, low)
		}
		v = high
	}
	s.parts = append(kept, v)
}

func (s *exactSum) join(t *exactSum) {
	s.n, s.whole, s.mixed = s.n+t.n, s.whole+t.whole, s.mixed || t.mixed
	for _, v := range t.parts {
		s.addPart(v)
	}
}

// value is the sum or the mean, null where there are no numbers or float64 does
// not reach so far.
func (s *exactSum) value(mean bool) Value {
	if s.n == 0 {
		return Value{}
	}
	const exact = 2200 // bits hold any sum of float64
	sum := new(big.Float).SetPrec(exact).SetInt64(s.whole)
	for _, v := range s.parts {
		if math.IsInf(v, 0) || v != v {
			return Value{}
		}
		sum.Add(sum, new(big.Float).SetFloat64(v))
	}
	f, _ := sum.Float64()
	if math.IsInf(f, 0) {
		return Value{}
	}
	if mean {
		return NumberValue(f / float64(s.n))
	}
	v := NumberValue(f)
	if whole, acc := sum.Int(nil); !s.mixed && acc == big.Exact && math.Abs(f) >= 1<<53 && math.Abs(f) < 1e21 {
		v.text = whole.String()
	}
	return v
}

// extreme is the least or greatest number or, where there is none, string by
// code point.
func (p *partition) extreme(x *Index, c *column, greatest bool) (each []Value, total Value) {
	each = make([]Value, p.places())
	better := func(a, b Value) bool {
		d := a.Compare(b)
		return b.kind == KindNull || greatest && d > 0 || !greatest && d < 0
	}
	if (c.ints != nil || c.nums != nil) && !(c.long && c.large) {
		for i, slot := range p.slots {
			if v, ok := c.number(slot); ok {
				b := &each[p.group(i)]
				if b.kind == KindNull || greatest && v > b.num || !greatest && v < b.num {
					*b = NumberValue(v)
				}
			}
		}
	} else {
		for i, slot := range p.slots {
			b := &each[p.group(i)]
			if v := c.value(x, slot); (v.kind == KindNumber || v.kind == KindString) && better(v, *b) {
				*b = v
			}
		}
	}
	for _, v := range each {
		if v.kind != KindNull && better(v, total) {
			total = v
		}
	}
	return each, total
}

// extremeTime is the earliest or latest date-time, as the feature of the least ID
// has it.
func (p *partition) extremeTime(x *Index, c *column, s *sorted, latest bool) (each []Value, total Value) {
	return figures(p, s.place, func(places []uint32) Value {
		switch {
		case len(places) == 0:
			return Value{}
		case latest:
			return c.value(x, s.slots[slices.Max(places)])
		}
		return c.value(x, s.slots[slices.Min(places)])
	})
}

// distinct counts different values.
func (p *partition) distinct(x *Index, c *column) (each []Value, total Value) {
	texts := make(map[string]uint64)
	number := func(slot uint32) (uint64, bool) {
		if v, ok := c.number(slot); ok && !(c.long && beyondFloat(v)) {
			return math.Float64bits(v + 0), true // -0 is 0
		}
		code := c.codes.at(slot)
		if code == 0 && !c.large || code != 0 && !c.hashed && c.kinds&kindNumber == 0 {
			return uint64(code), code > 0
		}
		v := c.value(x, slot).plain()
		if v.kind == KindNull {
			return 0, false
		}
		text := string(v.JSON())
		n, ok := texts[text]
		if !ok {
			n = 0xfff8<<48 | uint64(len(texts)+1) // is no number
			texts[text] = n
		}
		return n, true
	}
	return figures(p, number, countDistinct)
}

func countDistinct[T cmp.Ordered](values []T) Value {
	slices.Sort(values)
	return NumberValue(float64(len(slices.Compact(values))))
}

// quantile is the p-quantile of the numbers.
func (p *partition) quantile(c *column, share float64) (each []Value, total Value) {
	return figures(p, c.number, func(values []float64) Value {
		if len(values) == 0 {
			return Value{}
		}
		slices.Sort(values)
		h := float64(len(values)-1) * share
		low := int(h)
		v := values[low]
		if frac := h - float64(low); frac > 0 {
			next := values[low+1]
			if v = v + frac*(next-v); math.IsInf(v, 0) || v != v {
				v = values[low]*(1-frac) + next*frac
			}
		}
		return NumberValue(v)
	})
}

// figures computes a figure of the values of each group and of all.
func figures[T cmp.Ordered](p *partition, value func(slot uint32) (T, bool), figure func([]T) Value) (each []Value, total Value) {
	ends := make([]int, p.places()+1)
	all := make([]T, 0, len(p.slots))
	groups := make([]uint32, 0, len(p.slots))
	for i, slot := range p.slots {
		if v, ok := value(slot); ok {
			all, groups = append(all, v), append(groups, p.group(i))
			ends[p.group(i)+1]++
		}
	}
	for g := range p.places() {
		ends[g+1] += ends[g]
	}
	next := slices.Clone(ends)
	by := make([]T, len(all))
	for i, v := range all {
		by[next[groups[i]]] = v
		next[groups[i]]++
	}
	for g := range p.places() {
		each = append(each, figure(by[ends[g]:ends[g+1]]))
	}
	return each, figure(all)
}
