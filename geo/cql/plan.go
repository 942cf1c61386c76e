package cql

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

// Bind chooses the cheapest list of slots that the index gives for a part of the
// filter. The test is of the whole filter, for the search may find a cheaper list.
func (f *Filter) Bind(ctx context.Context, x *geo.Index) (geo.Plan, error) {
	b := &binder{x: x, pace: geo.NewPace(ctx)}
	parts := conjuncts(nil, f.root)
	best := -1
	var chosen access
	for i, part := range parts {
		if a, ok := b.access(part, true); ok && (best < 0 || a.cover.Count < chosen.cover.Count) {
			best, chosen = i, a
		}
	}
	const few = 64 // in a larger part of all, to test each in turn is as fast
	exact := best >= 0 && chosen.exact && len(parts) == 1
	var plan geo.Plan
	if exact || best >= 0 && chosen.cover.Count <= max(few, x.Len()/4) {
		plan.Cover = chosen.cover
	}
	if !exact {
		tests := make([]func(uint32) bool, len(parts))
		for i, part := range parts {
			tests[i] = b.test(part, true)
		}
		plan.Test = all(tests)
	}
	plan.Text = explain(x, plan, chosen, parts)
	return plan, nil
}

// conjuncts are the parts that must all hold.
func conjuncts(parts []*node, n *node) []*node {
	if n.op != "and" {
		return append(parts, n)
	}
	for _, a := range n.args {
		parts = conjuncts(parts, a)
	}
	return parts
}

func explain(x *geo.Index, plan geo.Plan, chosen access, rest []*node) string {
	var b strings.Builder
	if plan.Cover == nil {
		fmt.Fprintf(&b, "scan of %d", x.Len())
	} else {
		fmt.Fprintf(&b, "%s: %d of %d", chosen.text, plan.Cover.Count, x.Len())
	}
	if plan.Test != nil {
		names := make([]string, len(rest))
		for i, n := range rest {
			names[i] = n.op
		}
		fmt.Fprintf(&b, "; test: %s", strings.Join(names, ", "))
	}
	return b.String()
}

// access is a way to the slots where a condition can have the wanted value.
type access struct {
	cover *geo.Cover
	exact bool // all of them pass
	text  string
}

// access finds the way for a condition that is to be want.
func (b *binder) access(n *node, want bool) (access, bool) {
	switch n.op {
	case "not":
		return b.access(n.args[0], !want)
	case "and", "or":
		if (n.op == "and") == want {
			return b.cheapest(n.args, want)
		}
		return b.union(n.args, want)
	case "between":
		if want {
			return b.betweenAccess(n)
		}
	case "in":
		if want {
			return b.inAccess(n)
		}
	case "like":
		if want {
			return b.likeAccess(n)
		}
	case "=", "<>", "<", ">", "<=", ">=":
		return b.comparisonAccess(n, want)
	}
	switch {
	case strings.HasPrefix(n.op, "s_") && want == (n.op != "s_disjoint"):
		return b.spatialAccess(n)
	case strings.HasPrefix(n.op, "t_") && want:
		return b.temporalAccess(n)
	}
	return access{}, false
}

// cheapest is the shortest list of the parts of an and.
func (b *binder) cheapest(parts []*node, want bool) (best access, ok bool) {
	for _, p := range parts {
		if a, found := b.access(p, want); found && (!ok || a.cover.Count < best.cover.Count) {
			best, ok = a, true
		}
	}
	best.exact = best.exact && len(parts) == 1
	return best, ok
}

// union is the way to the parts of an or, if there is one to each.
func (b *binder) union(parts []*node, want bool) (access, bool) {
	sum := access{exact: true}
	var covers []*geo.Cover
	var texts []string
	for _, p := range parts {
		a, ok := b.access(p, want)
		if !ok {
			return access{}, false
		}
		covers = append(covers, a.cover)
		sum.exact = sum.exact && a.exact
		if len(texts) < 8 {
			texts = append(texts, a.text)
		}
	}
	if len(covers) == 0 {
		return access{}, false
	}
	sum.cover = geo.Union(covers...)
	sum.text = strings.Join(texts, " or ")
	if len(covers) > len(texts) {
		sum.text += fmt.Sprintf(" or %d more", len(covers)-len(texts))
	}
	return sum, true
}

func (b *binder) rangeAccess(n *node, r geo.Range, exact bool) (access, bool) {
	cover := b.x.RangeCover(n.property.Name, r)
	if cover == nil {
		return access{}, false
	}
	return access{cover: cover, exact: exact, text: "sorted column " + n.property.Name + " " + rangeText(r)}, true
}

func rangeText(r geo.Range) string {
	end := func(v geo.Value, infinite string) string {
		switch v.Kind() {
		case geo.KindNull:
			return infinite
		case geo.KindNumber:
			return v.Text()
		}
		return strconv.Quote(short(strings.TrimSuffix(v.Text(), afterAll)))
	}
	open, closed := "[", "]"
	if r.LoOpen || r.Lo.Kind() == geo.KindNull {
		open = "("
	}
	if r.HiOpen || r.Hi.Kind() == geo.KindNull {
		closed = ")"
	}
	return open + end(r.Lo, "-∞") + ", " + end(r.Hi, "∞") + closed
}

// sorted reports whether the column of a property may hold what a range asks for
// alone: its values are of one type.
func sorted(n *node) bool {
	if n.op != "property" {
		return false
	}
	switch n.property.Type {
	case geo.TypeString, geo.TypeInteger, geo.TypeNumber, geo.TypeBoolean:
		return true
	}
	return false
}

func (b *binder) comparisonAccess(n *node, want bool) (access, bool) {
	op, one, two := n.op, n.args[0], n.args[1]
	if !want {
		op = opposite(op)
	}
	if one.constant() {
		op, one, two = turned(op), two, one
	}
	if (op == "<" || op == "<=") && one.op == "distance" && two.constant() {
		r, ok := b.number(two)(0)
		if !ok {
			return access{}, false
		}
		return b.within(one, r)
	}
	if op == "<>" || !sorted(one) || !two.constant() {
		return access{}, false
	}
	if one.kind == kTime {
		return b.dateAccess(op, one, two)
	}
	v := b.value(two)(0)
	if v.Kind() == geo.KindNull {
		return access{}, false
	}
	var r geo.Range
	switch op {
	case "=":
		r = geo.Range{Lo: v, Hi: v}
	case "<", "<=":
		r = geo.Range{Hi: v, HiOpen: op == "<"}
	default:
		r = geo.Range{Lo: v, LoOpen: op == ">"}
	}
	return b.rangeAccess(one, r, true)
}

func (b *binder) betweenAccess(n *node) (access, bool) {
	v, lo, hi := n.args[0], n.args[1], n.args[2]
	if !sorted(v) || v.kind == kTime || !lo.constant() || !hi.constant() {
		return access{}, false
	}
	r := geo.Range{Lo: b.value(lo)(0), Hi: b.value(hi)(0)}
	if r.Lo.Kind() == geo.KindNull || r.Hi.Kind() == geo.KindNull {
		return access{}, false
	}
	return b.rangeAccess(v, r, true)
}

func (b *binder) inAccess(n *node) (access, bool) {
	parts := make([]*node, 0, len(n.args)-1)
	for _, item := range n.args[1:] {
		parts = append(parts, &node{op: "=", kind: kBool, args: []*node{n.args[0], item}})
	}
	return b.union(parts, true)
}

// afterAll is behind all texts that begin alike.
const afterAll = "\xff"

func (b *binder) likeAccess(n *node) (access, bool) {
	v := n.args[0]
	if !sorted(v) || n.args[1].op != "literal" {
		return access{}, false
	}
	prefix := newPattern(n.args[1].text).prefix()
	if prefix == "" {
		return access{}, false
	}
	return b.rangeAccess(v, geo.Range{Lo: geo.StringValue(prefix), Hi: geo.StringValue(prefix + afterAll), HiOpen: true}, false)
}

// dateAccess is for a property whose texts are dates, which sort as their days do.
func (b *binder) dateAccess(op string, one, two *node) (access, bool) {
	s, ok := b.span(two)(0)
	if !ok || one.property.Format != "date" || one.property.Type != geo.TypeString {
		return access{}, false
	}
	switch op {
	case "=":
		return b.rangeAccess(one, dayRange(s.from, s.to), false)
	case "<", "<=":
		return b.rangeAccess(one, dayRange(moment{sec: -endOfTime}, s.to), false)
	}
	return b.rangeAccess(one, dayRange(s.from, moment{sec: endOfTime}), false)
}

// dayRange are the days from one moment to another.
func dayRange(from, to moment) geo.Range {
	var r geo.Range
	if from.sec > -endOfTime {
		r.Lo = geo.StringValue(from.day())
	}
	if to.sec < endOfTime {
		r.Hi = geo.StringValue(to.day())
	}
	return r
}

func (b *binder) temporalAccess(n *node) (access, bool) {
	op, one, two := n.op, n.args[0], n.args[1]
	if one.constant() {
		one, two = two, one
		switch op {
		case "t_after":
			op = "t_before"
		case "t_before":
			op = "t_after"
		}
	}
	if one.op != "property" || !two.constant() {
		return access{}, false
	}
	switch op {
	case "t_disjoint":
		return access{}, false
	case "t_after":
		return b.dateAccess(">", one, two)
	case "t_before":
		return b.dateAccess("<", one, two)
	}
	return b.dateAccess("=", one, two)
}

func (b *binder) spatialAccess(n *node) (access, bool) {
	one, two := n.args[0], n.args[1]
	if one.op != "property" {
		one, two = two, one
	}
	if one.op != "property" || !two.constant() {
		return access{}, false
	}
	s, ok := b.shapeOf(two)(0)
	if !ok || s.empty() {
		return access{}, false
	}
	box := s.bound
	if s.crossing != nil {
		box = *s.crossing
	}
	points := slices.Equal(b.x.Schema().Geometry, []string{"Point"})
	exact := points && (s.box || s.crossing != nil) && (n.op == "s_intersects" || n.op == "s_disjoint")
	return b.boxAccess(box, exact), true
}

func (b *binder) boxAccess(box orb.Bound, exact bool) access {
	return access{
		cover: b.x.BoxCover(box), exact: exact,
		text: fmt.Sprintf("R-tree [%.6g %.6g %.6g %.6g]", box.Min[0], box.Min[1], box.Max[0], box.Max[1]),
	}
}

// within is the way to distance(geometry, constant) < r: a box around the
// constant, a little wider than r metres.
func (b *binder) within(distance *node, r float64) (access, bool) {
	one, two := distance.args[0], distance.args[1]
	if one.op != "property" {
		one, two = two, one
	}
	if one.op != "property" || !two.constant() || !(r >= 0) {
		return access{}, false
	}
	s, ok := b.shapeOf(two)(0)
	if !ok || s.empty() {
		return access{}, false
	}
	return b.boxAccess(around(s.bound, r), false), true
}

// around is a box that holds all within r metres of b.
func around(b orb.Bound, r float64) orb.Bound {
	const perDegree = 110000 // a degree of latitude is nowhere shorter
	up := r / perDegree
	south, north := max(-90, b.Min[1]-up), min(90, b.Max[1]+up)
	out := orb.Bound{Min: orb.Point{-180, south}, Max: orb.Point{180, north}}
	cos := math.Cos(max(math.Abs(south), math.Abs(north)) * math.Pi / 180)
	if cos <= 0 {
		return out
	}
	side := up / cos
	if b.Max[0]-b.Min[0]+2*side >= 360 {
		return out
	}
	out.Min[0], out.Max[0] = b.Min[0]-side, b.Max[0]+side
	if out.Min[0] < -180 {
		out.Min[0] += 360
	}
	if out.Max[0] > 180 {
		out.Max[0] -= 360
	}
	return out
}
