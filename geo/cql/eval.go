package cql

import (
	"cmp"
	"math"
	"strings"
	"unicode/utf8"

	"clustermap/geo"
)

// binder makes functions of a slot from nodes, for one search: they keep what
// they have computed.
type binder struct {
	x     *geo.Index
	pace  *geo.Pace
	slot  uint32 // whose geometry shape is; shape is nil at first
	shape *shape
}

// test tells whether the value of a condition is want. Both tests of a condition
// that is unknown are false, which is all that logic of three values needs.
func (b *binder) test(n *node, want bool) func(slot uint32) bool {
	switch n.op {
	case "not":
		return b.test(n.args[0], !want)
	case "literal":
		is := n.truth == want
		return func(uint32) bool { return is }
	}
	if c, ok := b.onlyColumn(n); ok && n.op != "property" {
		return remembered(c, b.plainTest(n, want))
	}
	return b.plainTest(n, want)
}

func (b *binder) plainTest(n *node, want bool) func(slot uint32) bool {
	switch n.op {
	case "and", "or":
		tests := make([]func(uint32) bool, len(n.args))
		for i, a := range n.args {
			tests[i] = b.test(a, want)
		}
		if (n.op == "and") == want {
			return all(tests)
		}
		return some(tests)
	case "isNull":
		isNull := b.isNull(n.args[0])
		return func(slot uint32) bool { return isNull(slot) == want }
	case "in":
		return b.inTest(n, want)
	case "between":
		low := &node{op: ">=", kind: kBool, args: []*node{n.args[0], n.args[1]}}
		high := &node{op: "<=", kind: kBool, args: []*node{n.args[0], n.args[2]}}
		return b.plainTest(&node{op: "and", kind: kBool, args: []*node{low, high}}, want)
	case "=", "<>", "<", ">", "<=", ">=":
		return b.comparison(n, want)
	}
	if f := b.relation(n, want); f != nil {
		return f
	}
	truth := b.truth(n)
	return func(slot uint32) bool {
		v, ok := truth(slot)
		return ok && v == want
	}
}

func all(tests []func(uint32) bool) func(uint32) bool {
	switch len(tests) {
	case 1:
		return tests[0]
	case 2:
		f, g := tests[0], tests[1]
		return func(slot uint32) bool { return f(slot) && g(slot) }
	}
	return func(slot uint32) bool {
		for _, f := range tests {
			if !f(slot) {
				return false
			}
		}
		return true
	}
}

func some(tests []func(uint32) bool) func(uint32) bool {
	if len(tests) == 1 {
		return tests[0]
	}
	return func(slot uint32) bool {
		for _, f := range tests {
			if f(slot) {
				return true
			}
		}
		return false
	}
}

// onlyColumn is the column that a node depends on, if that is one of texts which
// are kept by number.
func (b *binder) onlyColumn(n *node) (geo.Column, bool) {
	var only *node
	if !n.dependsOn(&only) || only == nil || only.property.Type != geo.TypeString {
		return geo.Column{}, false
	}
	c, ok := b.x.Column(only.property.Name)
	return c, ok && c.Dict() != nil
}

// dependsOn finds the one property that n depends on; false where there are more.
func (n *node) dependsOn(only **node) bool {
	if n.op == "property" {
		if *only != nil && (*only).property.Name != n.property.Name {
			return false
		}
		*only = n
		return true
	}
	for _, a := range n.args {
		if !a.dependsOn(only) {
			return false
		}
	}
	return true
}

// remembered asks the test once for each text of a column.
func remembered(c geo.Column, test func(slot uint32) bool) func(slot uint32) bool {
	const no, yes = 1, 2
	answers := make([]uint8, len(c.Dict())+1)
	return func(slot uint32) bool {
		k := c.Code(slot)
		if answers[k] == 0 {
			answers[k] = no
			if test(slot) {
				answers[k] = yes
			}
		}
		return answers[k] == yes
	}
}

// constant reports whether no property is in the node.
func (n *node) constant() bool {
	for _, a := range n.args {
		if !a.constant() {
			return false
		}
	}
	return n.op != "property"
}

// once computes the value of a constant node at once.
func once[T any](n *node, f func(uint32) (T, bool)) func(uint32) (T, bool) {
	if !n.constant() {
		return f
	}
	v, ok := f(0)
	return func(uint32) (T, bool) { return v, ok }
}

func (b *binder) column(n *node) geo.Column {
	c, _ := b.x.Column(n.property.Name)
	return c
}

func (b *binder) isNull(n *node) func(slot uint32) bool {
	if n.op == "property" && n.kind != kGeometry {
		return b.column(n).IsNull
	}
	known := b.known1(n)
	return func(slot uint32) bool { return !known(slot) }
}

// known1 tells whether an expression has a value.
func (b *binder) known1(n *node) func(slot uint32) bool {
	switch n.kind {
	case kString:
		return known(b.text(n))
	case kNumber:
		return known(b.number(n))
	case kTime, kInterval:
		return known(b.span(n))
	case kGeometry:
		return known(b.shapeOf(n))
	case kArray:
		return known(b.elements(n))
	}
	is, isNot := b.test(n, true), b.test(n, false)
	return func(slot uint32) bool { return is(slot) || isNot(slot) }
}

func known[T any](f func(uint32) (T, bool)) func(uint32) bool {
	return func(slot uint32) bool {
		_, ok := f(slot)
		return ok
	}
}

// truth is the value of a condition or boolean.
func (b *binder) truth(n *node) func(slot uint32) (bool, bool) {
	switch {
	case n.op == "property":
		return b.column(n).Bool
	case n.op == "literal":
		return func(uint32) (bool, bool) { return n.truth, true }
	case n.op == "like":
		return b.like(n)
	case isArrayOp(n.op):
		one, two := b.elements(n.args[0]), b.elements(n.args[1])
		return func(slot uint32) (bool, bool) {
			v, ok := one(slot)
			w, too := two(slot)
			return ok && too && compareArrays(n.op, v, w), ok && too
		}
	case strings.HasPrefix(n.op, "t_"):
		one, two := b.span(n.args[0]), b.span(n.args[1])
		return func(slot uint32) (bool, bool) {
			v, ok := one(slot)
			w, too := two(slot)
			return ok && too && relateTimes(n.op, v, w), ok && too
		}
	case strings.HasPrefix(n.op, "s_"):
		one, two := b.shapeOf(n.args[0]), b.shapeOf(n.args[1])
		return func(slot uint32) (bool, bool) {
			v, ok := one(slot)
			w, too := two(slot)
			if !ok || !too {
				return false, false
			}
			return relate(n.op, v, w)
		}
	}
	is, isNot := b.test(n, true), b.test(n, false)
	return func(slot uint32) (bool, bool) {
		v := is(slot)
		return v, v || isNot(slot)
	}
}

func (b *binder) like(n *node) func(slot uint32) (bool, bool) {
	value := b.text(n.args[0])
	pattern, _ := b.pattern(n.args[1])
	p := newPattern(pattern)
	return func(slot uint32) (bool, bool) {
		v, ok := value(slot)
		return ok && p.match(v), ok
	}
}

// pattern is the text of a pattern.
func (b *binder) pattern(n *node) (string, bool) { return b.text(n)(0) }

// text is the value of a character expression.
func (b *binder) text(n *node) func(slot uint32) (string, bool) {
	switch n.op {
	case "property":
		return b.column(n).Text
	case "literal":
		return func(uint32) (string, bool) { return n.text, true }
	case "casei":
		return b.mapText(n, folded)
	case "accenti":
		return b.mapText(n, plain)
	case "lower":
		return b.mapText(n, strings.ToLower)
	case "upper":
		return b.mapText(n, strings.ToUpper)
	case "concat":
		return once(n, b.concat(n))
	case "geometry_type":
		of := b.shapeOf(n.args[0])
		return once(n, func(slot uint32) (string, bool) {
			s, ok := of(slot)
			if !ok {
				return "", false
			}
			return s.geometry.GeoJSONType(), true
		})
	}
	return func(uint32) (string, bool) { return "", false }
}

func (b *binder) mapText(n *node, f func(string) string) func(slot uint32) (string, bool) {
	of := b.text(n.args[0])
	return once(n, func(slot uint32) (string, bool) {
		s, ok := of(slot)
		if !ok {
			return "", false
		}
		return f(s), true
	})
}

func (b *binder) concat(n *node) func(slot uint32) (string, bool) {
	var parts []func(uint32) (string, bool)
	for _, a := range n.args {
		parts = append(parts, b.text(a))
	}
	return func(slot uint32) (string, bool) {
		var out strings.Builder
		for _, p := range parts {
			s, ok := p(slot)
			if !ok {
				return "", false
			}
			out.WriteString(s)
		}
		return out.String(), true
	}
}

// number is the value of a numeric expression. What is not finite is unknown.
func (b *binder) number(n *node) func(slot uint32) (float64, bool) {
	switch n.op {
	case "property":
		return b.column(n).Number
	case "literal":
		return func(uint32) (float64, bool) { return n.number, true }
	case "+", "-", "*", "/", "%", "div", "^":
		return once(n, b.arithmetic(n))
	case "abs":
		return b.mapNumber(n, math.Abs)
	case "round":
		return b.mapNumber(n, math.Round)
	case "floor":
		return b.mapNumber(n, math.Floor)
	case "ceil":
		return b.mapNumber(n, math.Ceil)
	case "char_length":
		of := b.text(n.args[0])
		return once(n, func(slot uint32) (float64, bool) {
			s, ok := of(slot)
			return float64(utf8.RuneCountInString(s)), ok
		})
	case "year", "month", "day":
		return once(n, b.partOfDate(n))
	case "length":
		return b.measure(n, geodesicLength)
	case "area":
		return b.measure(n, ellipsoidArea)
	case "distance":
		one, two := b.shapeOf(n.args[0]), b.shapeOf(n.args[1])
		return once(n, func(slot uint32) (float64, bool) {
			v, ok := one(slot)
			w, too := two(slot)
			if !ok || !too || v.empty() || w.empty() {
				return 0, false
			}
			return shapeDistance(v, w), true
		})
	}
	return func(uint32) (float64, bool) { return 0, false }
}

func (b *binder) mapNumber(n *node, f func(float64) float64) func(slot uint32) (float64, bool) {
	of := b.number(n.args[0])
	return once(n, func(slot uint32) (float64, bool) {
		v, ok := of(slot)
		return f(v), ok
	})
}

func (b *binder) measure(n *node, f func(*shape) float64) func(slot uint32) (float64, bool) {
	of := b.shapeOf(n.args[0])
	return once(n, func(slot uint32) (float64, bool) {
		s, ok := of(slot)
		if !ok {
			return 0, false
		}
		return f(s), true
	})
}

func (b *binder) partOfDate(n *node) func(slot uint32) (float64, bool) {
	of := b.when(n.args[0])
	return func(slot uint32) (float64, bool) {
		v, ok := of(slot)
		if !ok {
			return 0, false
		}
		y, m, d := v.Start.UTC().Date()
		switch n.op {
		case "year":
			return float64(y), true
		case "month":
			return float64(m), true
		}
		return float64(d), true
	}
}

func (b *binder) arithmetic(n *node) func(slot uint32) (float64, bool) {
	one := b.number(n.args[0])
	if len(n.args) == 1 {
		return func(slot uint32) (float64, bool) {
			v, ok := one(slot)
			return -v, ok
		}
	}
	two := b.number(n.args[1])
	return func(slot uint32) (float64, bool) {
		v, ok := one(slot)
		w, too := two(slot)
		if !ok || !too {
			return 0, false
		}
		r := calculate(n.op, v, w)
		return r, r-r == 0
	}
}

// calculate divides whole by "div" towards zero, and the remainder has the sign
// of the dividend. A result that is not finite is not a value.
func calculate(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return math.Mod(a, b)
	case "div":
		return math.Trunc(a / b)
	}
	return math.Pow(a, b)
}

// when is the value of a temporal expression.
func (b *binder) when(n *node) func(slot uint32) (geo.Interval, bool) {
	switch n.op {
	case "property":
		return b.column(n).Time
	case "open":
		return func(uint32) (geo.Interval, bool) { return geo.Interval{}, true }
	}
	return func(uint32) (geo.Interval, bool) { return n.time, n.op == "literal" }
}

// span is the value of a temporal expression or interval. An interval that ends
// before it begins is unknown.
func (b *binder) span(n *node) func(slot uint32) (span, bool) {
	if n.op != "interval" {
		of := b.when(n)
		return once(n, func(slot uint32) (span, bool) {
			v, ok := of(slot)
			if !ok {
				return span{}, false
			}
			return spanOf(v, v), true
		})
	}
	from, to := b.when(n.args[0]), b.when(n.args[1])
	return once(n, func(slot uint32) (span, bool) {
		v, ok := from(slot)
		w, too := to(slot)
		if !ok || !too {
			return span{}, false
		}
		s := spanOf(v, w)
		return s, s.from.compare(s.to) <= 0
	})
}

// shapeOf is the value of a geometry expression.
func (b *binder) shapeOf(n *node) func(slot uint32) (*shape, bool) {
	switch n.op {
	case "property":
		return b.featureShape
	case "literal":
		own := *n.shape // in which this search may keep what it computes
		own.pace = b.pace
		return func(uint32) (*shape, bool) { return &own, true }
	case "centroid":
		of := b.shapeOf(n.args[0])
		return once(n, func(slot uint32) (*shape, bool) {
			s, ok := of(slot)
			if !ok || s.empty() {
				return nil, false
			}
			c := newShape(centroid(s))
			c.pace = b.pace
			return c, true
		})
	}
	return func(uint32) (*shape, bool) { return nil, false }
}

// featureShape keeps the last shape, for a filter may ask for it more than once.
func (b *binder) featureShape(slot uint32) (*shape, bool) {
	if b.shape == nil || b.slot != slot {
		g := b.x.Geometry(slot)
		if g == nil {
			return nil, false
		}
		b.slot, b.shape = slot, newShape(g)
		b.shape.pace = b.pace
	}
	return b.shape, true
}

// elements is the value of an array expression.
func (b *binder) elements(n *node) func(slot uint32) ([]element, bool) {
	if n.op == "property" {
		return b.arrayColumn(n)
	}
	values := make([]func(uint32) geo.Value, len(n.args))
	for i, a := range n.args {
		values[i] = b.value(a)
	}
	return once(n, func(slot uint32) ([]element, bool) {
		list := make([]element, len(values))
		for i, f := range values {
			v := f(slot)
			if v.Kind() == geo.KindNull {
				return nil, false
			}
			list[i] = elementOf(v)
		}
		return list, true
	})
}

func (b *binder) arrayColumn(n *node) func(slot uint32) ([]element, bool) {
	c := b.column(n)
	if n.property.Type == geo.TypeArray && n.property.Items == geo.TypeString {
		return func(slot uint32) ([]element, bool) {
			texts := c.Elements(slot)
			if len(texts) == 0 && c.IsNull(slot) {
				return nil, false
			}
			list := make([]element, len(texts))
			for i, s := range texts {
				list[i] = element{kind: geo.KindString, text: s}
			}
			return list, true
		}
	}
	return func(slot uint32) ([]element, bool) {
		v := c.Value(slot)
		if v.Kind() != geo.KindArray {
			return nil, false
		}
		var list []element
		for _, item := range v.Items() {
			list = append(list, elementOf(item))
		}
		return list, true
	}
}

// value is a scalar whose kind is known only from the feature.
func (b *binder) value(n *node) func(slot uint32) geo.Value {
	if n.op == "property" {
		return b.column(n).Value
	}
	switch n.kind {
	case kString:
		f := b.text(n)
		return func(slot uint32) geo.Value { return valueOr(geo.StringValue, f, slot) }
	case kNumber:
		if v, ok := geo.ParseNumber(n.text); ok && n.op == "literal" {
			return func(uint32) geo.Value { return v }
		}
		f := b.number(n)
		return func(slot uint32) geo.Value { return valueOr(geo.NumberValue, f, slot) }
	}
	f := b.truth(n)
	return func(slot uint32) geo.Value { return valueOr(geo.BoolValue, f, slot) }
}

func valueOr[T any](wrap func(T) geo.Value, f func(uint32) (T, bool), slot uint32) geo.Value {
	v, ok := f(slot)
	if !ok {
		return geo.Value{}
	}
	return wrap(v)
}

// relation is the test of a spatial operator between the feature's geometry and
// a constant, with a short way for points; nil for others.
func (b *binder) relation(n *node, want bool) func(slot uint32) bool {
	if !strings.HasPrefix(n.op, "s_") {
		return nil
	}
	op, one, two := n.op, n.args[0], n.args[1]
	if one.op != "property" {
		one, two, op = two, one, cmp.Or(converse(op), op)
	}
	if one.op != "property" || !two.constant() {
		return nil
	}
	fixed, ok := b.shapeOf(two)(0)
	if !ok {
		return func(uint32) bool { return false }
	}
	locate := pointLocator(fixed)
	return func(slot uint32) bool {
		if locate != nil {
			if p, ok := b.x.Point(slot); ok {
				return pointHolds(op, locate(p)) == want
			}
		}
		s, ok := b.featureShape(slot)
		if !ok || b.pace.Over(32) {
			return false
		}
		holds, known := relate(op, s, fixed)
		return known && holds == want
	}
}

// pointHolds is a relation from a point to areas.
func pointHolds(op string, at place) bool {
	switch op {
	case "s_intersects":
		return at != outside
	case "s_disjoint":
		return at == outside
	case "s_within":
		return at == inside
	case "s_touches":
		return at == onEdge
	}
	return false
}
