package cql

import (
	"slices"
	"strings"
)

// Canonical is a filter of the same meaning, in three-valued logic too, that is
// the same for filters that differ in their order, in double negation and in the
// side on which an operand stands:
//
//   - AND and OR hold no operand of their own kind, and their operands are sorted
//     by their text, each once;
//   - NOT NOT x is x, NOT x = y is x <> y, and the other way round;
//   - of two operands a property is first, then what has a property in it, then
//     constants, and else the one whose text is first, where the operator allows
//     it or has a converse;
//   - BETWEEN is a pair of >= and <=;
//   - the items of IN are sorted, each once, and of one item it is =.
func Canonical(e Expr) Expr {
	switch e := e.(type) {
	case *Op:
		args := e.Args
		if classOf(e.Name) == classLogic {
			args = operands(nil, e)
		}
		return canonicalOp(&Op{e.Pos, e.Name, canonicalAll(args)})
	case *List:
		return &List{e.Pos, canonicalAll(e.Items)}
	case *Interval:
		return &Interval{e.Pos, Canonical(e.From), Canonical(e.To)}
	}
	return e
}

// operands appends those of an AND or OR, and of its own kind within it.
func operands(list []Expr, e *Op) []Expr {
	for _, a := range e.Args {
		if in, ok := a.(*Op); ok && in.Name == e.Name {
			list = operands(list, in)
		} else {
			list = append(list, a)
		}
	}
	return list
}

func canonicalAll(list []Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = Canonical(e)
	}
	return out
}

// canonicalOp is the canonical form of an operator whose operands are canonical.
func canonicalOp(e *Op) Expr {
	if least, most := classOf(e.Name).operands(); len(e.Args) < least || len(e.Args) > most {
		return e
	}
	switch classOf(e.Name) {
	case classLogic:
		return canonicalLogic(e)
	case classNot:
		return canonicalNot(e)
	case classBetween:
		low := canonicalOp(&Op{e.Pos, ">=", []Expr{e.Args[0], e.Args[1]}})
		high := canonicalOp(&Op{e.Pos, "<=", []Expr{e.Args[0], e.Args[2]}})
		return canonicalLogic(&Op{e.Pos, "and", []Expr{low, high}})
	case classIn:
		return canonicalIn(e)
	}
	c := converse(e.Name)
	if c == "" {
		return e
	}
	order := compareOperands(e.Args[0], e.Args[1])
	if order > 0 || order == 0 && c < e.Name {
		return &Op{e.Pos, c, []Expr{e.Args[1], e.Args[0]}}
	}
	return e
}

func canonicalLogic(e *Op) Expr {
	args := sortedOnce(operands(nil, e))
	if len(args) == 1 {
		return args[0]
	}
	return &Op{e.Pos, e.Name, args}
}

func canonicalNot(e *Op) Expr {
	in, ok := e.Args[0].(*Op)
	if !ok {
		return e
	}
	switch in.Name {
	case "not":
		return in.Args[0]
	case "=":
		return &Op{e.Pos, "<>", in.Args}
	case "<>":
		return &Op{e.Pos, "=", in.Args}
	}
	return e
}

func canonicalIn(e *Op) Expr {
	list, ok := e.Args[1].(*List)
	if !ok {
		return e
	}
	items := sortedOnce(list.Items)
	if len(items) == 1 {
		return canonicalOp(&Op{e.Pos, "=", []Expr{e.Args[0], items[0]}})
	}
	return &Op{e.Pos, "in", []Expr{e.Args[0], &List{list.Pos, items}}}
}

// sortedOnce are the expressions in the order of their texts, each once.
func sortedOnce(list []Expr) []Expr {
	type texted struct {
		text string
		e    Expr
	}
	all := make([]texted, len(list))
	for i, e := range list {
		all[i] = texted{Text(e), e}
	}
	slices.SortStableFunc(all, func(a, b texted) int { return strings.Compare(a.text, b.text) })
	all = slices.CompactFunc(all, func(a, b texted) bool { return a.text == b.text })
	out := make([]Expr, len(all))
	for i, t := range all {
		out[i] = t.e
	}
	return out
}

// converse is the operator that holds from b to a exactly where the named one
// holds from a to b, or "".
func converse(name string) string {
	switch name {
	case "=", "<>", "+", "*", "s_intersects", "s_equals", "s_disjoint", "s_touches", "s_overlaps",
		"t_disjoint", "t_equals", "t_intersects", "a_equals", "a_overlaps":
		return name
	}
	for _, pair := range [...][2]string{
		{"<", ">"}, {"<=", ">="}, {"s_within", "s_contains"}, {"a_contains", "a_containedBy"},
		{"t_after", "t_before"}, {"t_contains", "t_during"}, {"t_finishedBy", "t_finishes"},
		{"t_meets", "t_metBy"}, {"t_overlappedBy", "t_overlaps"}, {"t_startedBy", "t_starts"},
	} {
		switch name {
		case pair[0]:
			return pair[1]
		case pair[1]:
			return pair[0]
		}
	}
	return ""
}

// compareOperands orders the operands of an operator with a converse.
func compareOperands(a, b Expr) int {
	if order := rank(a) - rank(b); order != 0 {
		return order
	}
	return strings.Compare(Text(a), Text(b))
}

// rank is 0 of a property, 2 of what is the same for all features, else 1.
func rank(e Expr) int {
	if _, ok := e.(*Property); ok {
		return 0
	}
	if varies(e) {
		return 1
	}
	return 2
}

// varies reports whether there is a property in e.
func varies(e Expr) bool {
	switch e := e.(type) {
	case *Property:
		return true
	case *Op:
		return slices.ContainsFunc(e.Args, varies)
	case *List:
		return slices.ContainsFunc(e.Items, varies)
	case *Interval:
		return varies(e.From) || varies(e.To)
	}
	return false
}
