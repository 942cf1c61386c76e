package geo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Limits of one Aggregation.
const (
	maxGroups    = 10_000
	maxMeasures  = 32
	maxGroupings = 2
)

// Aggregation asks for figures of the features that Query selects, whatever its
// Sort, After and Limit: for all of them together and, where By is not empty,
// for each group of those that have the same keys.
type Aggregation struct {
	Query    Query
	Measures []Measure
	By       []Grouping // at most 2
}

// Measure is a figure of a set of features. Null values do not take part.
type Measure struct {
	Func     string  // count, sum, mean, min, max, distinct, median or quantile
	Property string  // "" only for count, which then counts features
	P        float64 // of a quantile, from 0 to 1
}

// Grouping tells the key of a feature; see ParseGroupings.
type Grouping struct {
	Kind GroupingKind
	Name string // of the property, the id of the region definition, or the level
	Zoom int    // of a grid
}

// GroupingKind is what features are grouped by.
type GroupingKind uint8

// The kinds of Grouping.
const (
	ByProperty GroupingKind = iota
	ByRegion
	ByDivision
	ByGrid
)

// Aggregated answers an Aggregation. The counts of the groups, and their sums,
// add up to those of Total.
type Aggregated struct {
	Groups []Group // the largest first, then by Key, null last
	Total  Group   // without Key
}

// Group is the features that have the same Key, which has a Value for each
// Grouping. Values has one for each Measure: null where no feature has a value.
type Group struct {
	Key    []Value
	Count  int
	Values []Value
}

// Aggregate answers a. A sum is exact: that of whole numbers has all digits, any
// other is the float64 nearest to the sum of the features' float64 values, and
// null where that is beyond its range. A mean is the sum by the count. Quantiles
// are those of type 7 in Hyndman and Fan, "Sample quantiles in statistical
// packages" (The American Statistician 50, 1996), which R and numpy use. It
// returns *InvalidError where there are more than 10,000 groups.
func (x *Index) Aggregate(ctx context.Context, a Aggregation) (*Aggregated, error) {
	if len(a.By) > maxGroupings {
		return nil, &InvalidError{Field: "by", Reason: fmt.Sprintf("has %d groupings; %d are allowed", len(a.By), maxGroupings)}
	}
	a.Query.Sort, a.Query.After, a.Query.Limit = nil, nil, 0
	h, _, err := x.hits(ctx, &a.Query)
	if err != nil {
		return nil, err
	}
	defer x.release(h)
	p := &partition{slots: h.slots(x.Len())}
	out := &Aggregated{Total: Group{Count: len(p.slots)}}
	countOnly := !slices.ContainsFunc(a.Measures, func(m Measure) bool { return m != Measure{Func: "count"} })
	if len(a.By) > 0 {
		if out.Groups, err = x.partition(ctx, p, a.By, countOnly); err != nil {
			return nil, err
		}
	}
	for _, m := range a.Measures {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		each, total, err := x.measure(p, m)
		if err != nil {
			return nil, err
		}
		for i := range out.Groups {
			out.Groups[i].Values = append(out.Groups[i].Values, each[i])
		}
		out.Total.Values = append(out.Total.Values, total)
	}
	slices.SortFunc(out.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), slices.CompareFunc(a.Key, b.Key, Value.Compare))
	})
	return out, nil
}

// partition is slots and the number of the group of each; groups is nil where
// they are not grouped.
type partition struct {
	slots  []uint32
	groups []uint32
	counts []int // of slots, by group
}

// partition groups the slots of p by their keys; with countOnly the group of each
// slot need not be kept.
func (x *Index) partition(ctx context.Context, p *partition, by []Grouping, countOnly bool) ([]Group, error) {
	keys := make([]*keyer, len(by))
	wide := uint64(1) // the product of the keys' numbers
	for i, g := range by {
		k, err := x.keyer(g)
		if err != nil {
			return nil, err
		}
		keys[i] = k
		wide *= uint64(k.width())
	}
	if len(keys) == 1 && keys[0].fixed && keys[0].width() <= maxGroups && countOnly {
		return p.countCodes(keys[0]), ctx.Err()
	}
	var codes []uint64 // of the groups
	number := numbering(wide)
	add := func(i int, code uint64) bool {
		g := number(code)
		if int(g) == len(codes) {
			if len(codes) == maxGroups {
				return false
			}
			codes, p.counts = append(codes, code), append(p.counts, 0)
		}
		p.groups[i] = g
		p.counts[g]++
		return true
	}
	p.groups = make([]uint32, len(p.slots))
	if err := p.eachCode(ctx, keys, add); err != nil {
		return nil, err
	}
	groups := make([]Group, len(codes))
	for g, code := range codes {
		key := make([]Value, len(keys))
		for i := len(keys) - 1; i >= 0; i-- {
			key[i] = keys[i].value(uint32(code % uint64(keys[i].width())))
			code /= uint64(keys[i].width())
		}
		groups[g] = Group{Key: key, Count: p.counts[g]}
	}
	return groups, nil
}

// eachCode joins the numbers of the keys of each slot to one code.
func (p *partition) eachCode(ctx context.Context, keys []*keyer, add func(i int, code uint64) bool) error {
	for i, slot := range p.slots {
		if i%(1<<14) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		code := uint64(0)
		for _, k := range keys {
			code = code*uint64(k.width()) + uint64(k.of(slot))
		}
		if !add(i, code) {
			return &InvalidError{Field: "by", Reason: fmt.Sprintf("makes more than %d groups; group by a property with fewer values, a coarser level or grid, or select fewer features", maxGroups)}
		}
	}
	return nil
}

// countCodes is partition where only the features of each value of one column
// are counted.
func (p *partition) countCodes(k *keyer) []Group {
	counts := make([]int, k.width())
	for _, slot := range p.slots {
		counts[k.of(slot)]++
	}
	var groups []Group
	for code, n := range counts {
		if n > 0 {
			groups = append(groups, Group{Key: []Value{k.value(uint32(code))}, Count: n})
			p.counts = append(p.counts, n)
		}
	}
	return groups
}

// numbering numbers codes below wide in the order in which they come.
func numbering(wide uint64) func(code uint64) uint32 {
	next := uint32(0)
	if wide <= 1<<18 {
		numbers := make([]uint32, wide) // plus 1
		return func(code uint64) uint32 {
			if numbers[code] == 0 {
				next++
				numbers[code] = next
			}
			return numbers[code] - 1
		}
	}
	numbers := make(map[uint64]uint32)
	return func(code uint64) uint32 {
		n, ok := numbers[code]
		if !ok {
			n = next
			numbers[code] = n
			next++
		}
		return n
	}
}

// slots lists the hits in order; n is the number of slots.
func (h *hits) slots(n int) []uint32 {
	out := make([]uint32, h.count)
	if h.all {
		for i := range out {
			out[i] = uint32(i)
		}
		return out
	}
	i := 0
	for slot := range h.from(0, n) {
		out[i] = slot
		i++
	}
	return out
}
