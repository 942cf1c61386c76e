package cql

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"clustermap/geo"
)

// holds reports whether a comparison holds where the order of its sides is c.
func holds(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "<>":
		return c != 0
	case "<":
		return c < 0
	case ">":
		return c > 0
	case "<=":
		return c <= 0
	}
	return c >= 0
}

// opposite is the comparison that holds where op does not.
func opposite(op string) string {
	switch op {
	case "=":
		return "<>"
	case "<>":
		return "="
	case "<":
		return ">="
	case ">":
		return "<="
	case "<=":
		return ">"
	}
	return "<"
}

// turned is the comparison with its sides exchanged.
func turned(op string) string {
	switch op {
	case "<":
		return ">"
	case ">":
		return "<"
	case "<=":
		return ">="
	case ">=":
		return "<="
	}
	return op
}

// comparison is the test of =, <>, <, >, <= or >=.
func (b *binder) comparison(n *node, want bool) func(slot uint32) bool {
	op, one, two := n.op, n.args[0], n.args[1]
	if !want {
		op = opposite(op)
	}
	switch {
	case bits.OnesCount8(uint8(one.kind)) > 1, b.long(one) || b.long(two):
		return b.compareValues(op, one, two)
	case one.kind == kString:
		return compared(op, b.text(one), b.text(two), cmp.Compare[string])
	case one.kind == kTime:
		return compared(op, b.span(one), b.span(two), span.order)
	case one.kind == kBool:
		return compared(op, b.truth(one), b.truth(two), compareBools)
	case two.constant():
		return b.compareNumber(op, one, two)
	case one.constant():
		return b.compareNumber(turned(op), two, one)
	}
	return compared(op, b.number(one), b.number(two), cmp.Compare[float64])
}

// long reports whether a number has digits that float64 cannot hold.
func (b *binder) long(n *node) bool {
	switch {
	case n.kind != kNumber:
		return false
	case n.op == "property":
		return b.column(n).Long()
	}
	return n.op == "literal" && n.text != ""
}

func compared[T any](op string, one, two func(uint32) (T, bool), order func(a, b T) int) func(slot uint32) bool {
	return func(slot uint32) bool {
		v, ok := one(slot)
		if !ok {
			return false
		}
		w, ok := two(slot)
		return ok && holds(op, order(v, w))
	}
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// compareNumber compares with a constant: the numbers that pass are those from
// lo to hi, or all others.
func (b *binder) compareNumber(op string, one, two *node) func(slot uint32) bool {
	limit, ok := b.number(two)(0)
	if !ok {
		return func(uint32) bool { return false }
	}
	value := b.number(one)
	if op == "<>" {
		return func(slot uint32) bool {
			v, ok := value(slot)
			return ok && v != limit
		}
	}
	lo, hi := bounds(op, limit)
	if one.op == "property" {
		c := b.column(one)
		return func(slot uint32) bool {
			v, ok := c.Number(slot)
			return ok && v >= lo && v <= hi
		}
	}
	return func(slot uint32) bool {
		v, ok := value(slot)
		return ok && v >= lo && v <= hi
	}
}

// bounds are the least and greatest number that a comparison with limit lets
// pass; op is not <>.
func bounds(op string, limit float64) (lo, hi float64) {
	switch op {
	case "=":
		return limit, limit
	case "<":
		return math.Inf(-1), math.Nextafter(limit, math.Inf(-1))
	case "<=":
		return math.Inf(-1), limit
	case ">":
		return math.Nextafter(limit, math.Inf(1)), math.Inf(1)
	}
	return limit, math.Inf(1)
}

// compareValues compares values of the same kind, which is known only from the
// feature; other pairs are unknown.
func (b *binder) compareValues(op string, one, two *node) func(slot uint32) bool {
	first, second := b.value(one), b.value(two)
	return func(slot uint32) bool {
		v, w := first(slot), second(slot)
		if v.Kind() != w.Kind() || v.Kind() == geo.KindNull || v.Kind() == geo.KindArray || v.Kind() == geo.KindObject {
			return false
		}
		return holds(op, v.Compare(w))
	}
}

// inTest is the test of IN: true where one of the list is equal, false where
// none is and all are known.
func (b *binder) inTest(n *node, want bool) func(slot uint32) bool {
	switch n.args[0].kind {
	case kNumber:
		if slices.ContainsFunc(n.args, b.long) {
			break
		}
		if f := inConstants(n, want, b.number); f != nil {
			return f
		}
	case kString:
		if f := inConstants(n, want, b.text); f != nil {
			return f
		}
	}
	op := "="
	if !want {
		op = "<>"
	}
	tests := make([]func(uint32) bool, 0, len(n.args)-1)
	for _, item := range n.args[1:] {
		eq := &node{op: op, kind: kBool, args: []*node{n.args[0], item}}
		tests = append(tests, b.comparison(eq, true))
	}
	if want {
		return some(tests)
	}
	if len(tests) == 0 {
		return func(uint32) bool { return true }
	}
	return all(tests)
}

// inConstants is inTest for a list of known values, or nil.
func inConstants[T comparable](n *node, want bool, value func(*node) func(uint32) (T, bool)) func(slot uint32) bool {
	set := make(map[T]bool)
	for _, item := range n.args[1:] {
		if !item.constant() {
			return nil
		}
		v, ok := value(item)(0)
		if !ok {
			return nil
		}
		set[v] = true
	}
	of := value(n.args[0])
	return func(slot uint32) bool {
		v, ok := of(slot)
		return ok && set[v] == want
	}
}
