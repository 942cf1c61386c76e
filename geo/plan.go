package geo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Filter is a condition on features.
type Filter interface {
	// String is the canonical text: equal for equal filters.
	String() string
	// Bind makes the filter ready for a search of x, which ends when ctx does. It
	// returns *InvalidError where x cannot answer it.
	Bind(ctx context.Context, x *Index) (Plan, error)
}

// Plan is a Filter made ready for one search of one Index. It is not for
// concurrent use. When the context of the search ends, what it says has no meaning.
type Plan struct {
	Cover *Cover                 // the only slots that can pass; nil: all can
	Test  func(slot uint32) bool // nil: every slot of Cover passes
	Text  string                 // how the slots are found, for a person
}

// Cover is a set of slots that is cheap to list.
type Cover struct {
	Count int                         // at most so many
	List  func(dst []uint32) []uint32 // appends them, in any order, each once
}

// Range is a range of values. An end that is null is open; without ends it is
// all values but null. Values compare as Value.Compare has it.
type Range struct {
	Lo, Hi         Value
	LoOpen, HiOpen bool // the end itself is outside
}

// Union is the cover of all slots of some covers; nil where one of them is nil,
// which covers everything.
func Union(covers ...*Cover) *Cover {
	count := 0
	for _, c := range covers {
		if c == nil {
			return nil
		}
		count += c.Count
	}
	return &Cover{count, func(dst []uint32) []uint32 {
		n := len(dst)
		for _, c := range covers {
			dst = c.List(dst)
		}
		if len(covers) < 2 {
			return dst
		}
		added := dst[n:]
		slices.Sort(added)
		return dst[:n+len(slices.Compact(added))]
	}}
}

// BoxCover covers the features whose geometry has a box that meets b; Min lon >
// Max lon crosses 180°. The R-tree counts it exactly, but for geometries at both
// sides of 180°.
func (x *Index) BoxCover(b orb.Bound) *Cover {
	if x.tree == nil {
		return &Cover{0, func(dst []uint32) []uint32 { return dst }}
	}
	any := func(orb.Geometry, *orb.Bound) bool { return true }
	return &Cover{x.countBox(b, any), func(dst []uint32) []uint32 { return x.listBox(dst, b, any) }}
}

// RangeCover covers the features whose property lies in r, by a sorted column,
// which is made when it is first needed. It is nil where the property has values
// of more than one type, or arrays or objects. Texts that are times lie in the
// order of their texts.
func (x *Index) RangeCover(property string, r Range) *Cover {
	c := x.columns[property]
	if c == nil {
		return &Cover{0, func(dst []uint32) []uint32 { return dst }}
	}
	s := c.sort(x)
	if s == nil {
		return nil
	}
	lo, hi := 0, s.filled
	if r.Lo.kind != KindNull {
		lo = s.search(x, c, r.Lo, r.LoOpen)
	}
	if r.Hi.kind != KindNull {
		hi = max(lo, s.search(x, c, r.Hi, !r.HiOpen))
	}
	return &Cover{hi - lo, func(dst []uint32) []uint32 { return append(dst, s.slots[lo:hi]...) }}
}

// The ways to find features.
type source uint8

const (
	fromAll source = iota
	fromBox
	fromCover
	fromWords
)

// scan is how the features of a query are found: where the slots come from, and
// what else they must pass.
type scan struct {
	none   bool
	from   source
	size   int // of the source, at most
	box    orb.Bound
	cover  *Cover
	ranked *ranking
	tests  []func(slot uint32) bool
	text   string // of the filter's plan
}

// prepare chooses the source with the fewest slots and makes tests of the rest,
// the cheap ones first.
func (x *Index) prepare(ctx context.Context, s *scan, q *Query) error {
	s.tests, s.none = x.matches(q)
	s.size = x.Len()
	s.none = s.none || x.Len() == 0
	var plan Plan
	if q.Filter != nil {
		var err error
		if plan, err = q.Filter.Bind(ctx, x); err != nil {
			return err
		}
		s.text = plan.Text
	}
	if err := x.rank(s, q.Words); err != nil || s.none {
		return err
	}
	if s.ranked != nil {
		s.from, s.size = fromWords, len(s.ranked.slots)
	}
	if plan.Cover != nil && plan.Cover.Count < s.size {
		s.from, s.size, s.cover = fromCover, plan.Cover.Count, plan.Cover
	}
	if q.Box != nil {
		s.box = *q.Box
		x.chooseBox(s)
	}
	if s.ranked != nil && s.from != fromWords {
		s.tests = append(s.tests, s.ranked.has)
	}
	if plan.Test != nil {
		s.tests = append(s.tests, plan.Test)
	} else if plan.Cover != nil && s.from != fromCover {
		s.tests = append(s.tests, x.inCover(plan.Cover))
	}
	return nil
}

// chooseBox takes the box as the source, or adds its test.
func (x *Index) chooseBox(s *scan) {
	any := func(orb.Geometry, *orb.Bound) bool { return true }
	if s.from == fromAll || x.countBox(s.box, any) < s.size {
		s.from = fromBox
		return
	}
	s.tests = append(s.tests, x.boxTest(s.box))
}

// inCover is the test of a cover that needs no other.
func (x *Index) inCover(c *Cover) func(slot uint32) bool {
	set := make([]uint64, (x.Len()+63)/64)
	for _, slot := range c.List(nil) {
		set[slot/64] |= 1 << (slot % 64)
	}
	return func(slot uint32) bool { return set[slot/64]&(1<<(slot%64)) != 0 }
}

// Explain tells in a line how x finds the features of q.
func (x *Index) Explain(ctx context.Context, q Query) string {
	var s scan
	if err := x.prepare(ctx, &s, &q); err != nil {
		return err.Error()
	}
	var b strings.Builder
	switch {
	case s.none:
		b.WriteString("nothing can match")
	case s.from == fromAll:
		fmt.Fprintf(&b, "all %d", x.Len())
	case s.from == fromBox:
		fmt.Fprintf(&b, "R-tree of bbox: %d of %d", x.countBox(s.box, func(orb.Geometry, *orb.Bound) bool { return true }), x.Len())
	case s.from == fromCover:
		fmt.Fprintf(&b, "cover of filter: %d of %d", s.size, x.Len())
	default:
		fmt.Fprintf(&b, "words: %d of %d", s.size, x.Len())
	}
	fmt.Fprintf(&b, "; %d tests", len(s.tests))
	if q.Filter != nil {
		fmt.Fprintf(&b, "; filter: %s", s.text)
	}
	return b.String()
}

// Halves are the parts of a box that do not cross 180°. 180° east and west are one
// meridian: a box that reaches it has it on both sides.
func Halves(b orb.Bound) []orb.Bound {
	east := orb.Bound{Min: b.Min, Max: orb.Point{180, b.Max[1]}}
	west := orb.Bound{Min: orb.Point{-180, b.Min[1]}, Max: b.Max}
	switch {
	case b.Min[0] > b.Max[0]:
		return []orb.Bound{east, west}
	case b.Min[0] == -180 && b.Max[0] == 180:
	case b.Min[0] == -180:
		east.Min[0] = 180
		return []orb.Bound{b, east}
	case b.Max[0] == 180:
		west.Max[0] = -180
		return []orb.Bound{b, west}
	}
	return []orb.Bound{b}
}

// listBox appends the slots whose geometry has a box that meets b, and where that
// reaches over the edge of b also meets it itself.
func (x *Index) listBox(dst []uint32, b orb.Bound, meets func(orb.Geometry, *orb.Bound) bool) []uint32 {
	t, start := x.tree, len(dst)
	look := func(b orb.Bound) {
		t.search(b, func(lo, hi int) {
			dst = append(dst, t.slots[lo:hi]...)
		}, func(item int) {
			if meets(x.shapes[item], &b) {
				dst = append(dst, t.slots[item])
			}
		})
	}
	parts := Halves(b)
	look(parts[0])
	if len(parts) == 1 {
		return dst
	}
	first := len(dst)
	look(parts[1])
	if x.shapes != nil && first > start && len(dst) > first {
		added := dst[start:]
		slices.Sort(added)
		dst = dst[:start+len(slices.Compact(added))]
	}
	return dst
}

// countBox is how many slots listBox lists; one that meets both sides of 180° is
// counted twice.
func (x *Index) countBox(b orb.Bound, meets func(orb.Geometry, *orb.Bound) bool) int {
	n := 0
	for _, half := range Halves(b) {
		x.tree.search(half, func(lo, hi int) { n += hi - lo }, func(item int) {
			if meets(x.shapes[item], &half) {
				n++
			}
		})
	}
	return n
}

// boxTest tells whether the geometry of a slot meets the box.
func (x *Index) boxTest(b orb.Bound) func(slot uint32) bool {
	parts := Halves(b)
	return func(slot uint32) bool {
		item := x.tree.items[slot]
		if item == noItem {
			return false
		}
		box := x.tree.box(int(item))
		for i := range parts {
			if overlap(&parts[i], &box) && (contains(&parts[i], &box) || meetsBox(x.shapes[item], &parts[i])) {
				return true
			}
		}
		return false
	}
}
