// Package cql is the filter language of the map server: the OGC Common Query
// Language CQL2 (OGC 21-065r2), in its text and JSON encodings, as one tree, and
// the tree as a condition on an index of features.
//
// Coordinates of geometry literals are in the order of the CRS that they are
// written in; without one they are longitude, latitude in degrees (OGC:CRS84).
//
// The package knows nothing of HTTP or files.
package cql

import (
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// Expr is a node of a filter: one of the types below. A tree is not changed once
// it is made, and may be shared.
type Expr interface {
	// Position is where the node begins in the text that it was read from,
	// counted in characters from 1; 0 where there was no text.
	Position() int
}

// Pos is the position of a node.
type Pos int

// Position is p.
func (p Pos) Position() int { return int(p) }

// Op is an operator or a function of arguments, named as CQL2-JSON names it:
//
//	and or not                               of conditions
//	= <> < > <= >=                           of scalars or instants
//	like (value, pattern)  between (value, low, high)
//	in (value, *List)      isNull (value)
//	casei accenti                            of a character expression
//	+ - * / % div ^                          of numbers
//	s_… t_… a_…                              of geometries, times, arrays
//
// Any other name is a function. A condition with "not" before its operator, such
// as NOT LIKE, is a not around it.
type Op struct {
	Pos
	Name string
	Args []Expr
}

// Property is the value of a property; "geometry" is the feature's geometry, and
// a dot leads into an object.
type Property struct {
	Pos
	Name string
}

// String is a character literal.
type String struct {
	Pos
	Value string
}

// Number is a numeric literal. Digits are those of a whole number that Value is only
// next to, as float64 has none for it; else "".
type Number struct {
	Pos
	Value  float64
	Digits string
}

// numberOf is the literal that was written as text, which reads as v.
func numberOf(pos Pos, text string, v float64) *Number {
	n := &Number{Pos: pos, Value: v}
	if math.Abs(v) < 1<<53 || strings.Trim(strings.TrimLeft(text, "+-"), "0123456789") != "" {
		return n
	}
	whole, ok := new(big.Int).SetString(text, 10)
	if ok && new(big.Float).SetInt(whole).Cmp(big.NewFloat(v)) != 0 {
		n.Digits = whole.String()
	}
	return n
}

// Bool is TRUE or FALSE.
type Bool struct {
	Pos
	Value bool
}

// Instant is a DATE or a TIMESTAMP, in UTC.
type Instant struct {
	Pos
	Time time.Time
	Date bool // a whole day
}

// Open is the open end ".." of an interval.
type Open struct{ Pos }

// Interval is INTERVAL(from, to), each an *Instant, *Open, *Property or *Op.
type Interval struct {
	Pos
	From, To Expr
}

// Geometry is a geometry literal. Heights are left out.
type Geometry struct {
	Pos
	Shape orb.Geometry
}

// BBox is BBOX(west, south, east, north). West > east crosses 180 degrees.
// Heights are left out.
type BBox struct {
	Pos
	Box orb.Bound
}

// List is an array literal, or the list of IN.
type List struct {
	Pos
	Items []Expr
}
