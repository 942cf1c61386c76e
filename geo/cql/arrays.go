package cql

import (
	"clustermap/geo"
)

// element is a scalar element of an array. Elements of different kinds differ.
type element struct {
	kind   geo.Kind
	text   string
	number float64
}

func isArrayOp(name string) bool {
	switch name {
	case "a_equals", "a_contains", "a_containedBy", "a_overlaps":
		return true
	}
	return false
}

// compareArrays takes the arrays for sets.
func compareArrays(op string, a, b []element) bool {
	switch op {
	case "a_contains":
		return subset(b, a)
	case "a_containedBy":
		return subset(a, b)
	case "a_equals":
		return subset(a, b) && subset(b, a)
	}
	return overlaps(a, b)
}

func subset(a, b []element) bool {
	has := membership(b, len(a))
	for _, e := range a {
		if !has(e) {
			return false
		}
	}
	return true
}

func overlaps(a, b []element) bool {
	has := membership(b, len(a))
	for _, e := range a {
		if has(e) {
			return true
		}
	}
	return false
}

// membership tells what is in a list that will be asked n times.
func membership(list []element, n int) func(element) bool {
	const few = 64
	if n*len(list) <= few*few {
		return func(e element) bool {
			for i := range list {
				if list[i] == e {
					return true
				}
			}
			return false
		}
	}
	set := make(map[element]bool, len(list))
	for _, e := range list {
		set[e] = true
	}
	return func(e element) bool { return set[e] }
}

// elementOf is a value as an element; arrays and objects are compared by their
// JSON text, null is an element too.
func elementOf(v geo.Value) element {
	switch v.Kind() {
	case geo.KindString:
		return element{kind: geo.KindString, text: v.Text()}
	case geo.KindNumber:
		return element{kind: geo.KindNumber, number: v.Number()}
	case geo.KindBool:
		if v.Bool() {
			return element{kind: geo.KindBool, number: 1}
		}
		return element{kind: geo.KindBool}
	}
	return element{kind: v.Kind(), text: string(v.JSON())}
}
