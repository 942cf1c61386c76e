package cql

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// How tightly an expression of CQL2-Text holds together; what holds less than
// its place needs goes into parentheses.
const (
	looseOr = iota + 1
	looseAnd
	looseNot
	loosePredicate
	looseSum
	looseTerm
	loosePower
	tight
)

// Text is the filter in CQL2-Text: keywords in upper case, parentheses, quotes
// and digits only where they are needed, times in UTC. ParseText gives an equal
// filter.
func Text(e Expr) string { return string(appendText(nil, e, looseOr)) }

func looseness(e Expr) int {
	op, ok := e.(*Op)
	if !ok {
		return tight
	}
	switch classOf(op.Name) {
	case classLogic:
		if op.Name == "or" {
			return looseOr
		}
		return looseAnd
	case classNot:
		if inner(op) != nil {
			return loosePredicate
		}
		return looseNot
	case classCompare, classLike, classBetween, classIn, classNull:
		return loosePredicate
	case classSum:
		return looseSum
	case classTerm:
		return looseTerm
	case classPower:
		return loosePower
	}
	return tight
}

// inner is the operator that takes the NOT of op behind its operand, or nil.
func inner(op *Op) *Op {
	if op.Name == "not" && len(op.Args) == 1 {
		if in, ok := op.Args[0].(*Op); ok {
			switch classOf(in.Name) {
			case classLike, classBetween, classIn, classNull:
				return in
			}
		}
	}
	return nil
}

// appendText appends e, in parentheses if it is looser than least.
func appendText(b []byte, e Expr, least int) []byte {
	if looseness(e) < least {
		b = append(b, '(')
		b = appendText(b, e, looseOr)
		return append(b, ')')
	}
	switch e := e.(type) {
	case *Op:
		return appendOp(b, e)
	case *Property:
		return appendName(b, e.Name)
	case *String:
		return appendQuoted(b, e.Value, '\'')
	case *Number:
		if e.Digits != "" {
			return append(b, e.Digits...)
		}
		return appendNumber(b, e.Value)
	case *Bool:
		return append(b, strings.ToUpper(strconv.FormatBool(e.Value))...)
	case *Instant:
		return appendInstant(b, e)
	case *Interval:
		b = append(b, "INTERVAL("...)
		b = appendEnd(b, e.From)
		b = append(b, ", "...)
		b = appendEnd(b, e.To)
		return append(b, ')')
	case *Geometry:
		return appendWKT(b, e.Shape)
	case *BBox:
		b = append(b, "BBOX("...)
		for i, v := range corners(e.Box) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendNumber(b, v)
		}
		return append(b, ')')
	case *List:
		return appendItems(b, e.Items, looseOr)
	}
	return b
}

// corners are west, south, east, north.
func corners(b orb.Bound) []float64 { return []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} }

func appendItems(b []byte, items []Expr, least int) []byte {
	b = append(b, '(')
	for i, item := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendText(b, item, least)
	}
	return append(b, ')')
}

func appendOp(b []byte, e *Op) []byte {
	c := classOf(e.Name)
	if least, _ := c.operands(); len(e.Args) < least {
		c = classFunction
	}
	switch c {
	case classLogic:
		return appendJoined(b, e)
	case classNot:
		if in := inner(e); in != nil {
			return appendPredicate(b, in, "NOT ")
		}
		b = append(b, "NOT "...)
		return appendText(b, e.Args[0], loosePredicate)
	case classCompare:
		return appendBinary(b, e, looseSum, looseSum)
	case classLike, classBetween, classIn, classNull:
		return appendPredicate(b, e, "")
	case classSum:
		return appendBinary(b, e, looseSum, looseTerm)
	case classTerm:
		return appendBinary(b, e, looseTerm, loosePower)
	case classPower:
		return appendBinary(b, e, tight, loosePower)
	case classFunction:
		b = appendName(b, e.Name)
	default:
		b = append(b, strings.ToUpper(e.Name)...)
	}
	return appendItems(b, e.Args, looseOr)
}

func appendJoined(b []byte, e *Op) []byte {
	least := looseNot
	if e.Name == "or" {
		least = looseAnd
	}
	for i, a := range e.Args {
		if i > 0 {
			b = append(b, ' ')
			b = append(b, strings.ToUpper(e.Name)...)
			b = append(b, ' ')
		}
		b = appendText(b, a, least)
	}
	return b
}

func appendBinary(b []byte, e *Op, left, right int) []byte {
	b = appendText(b, e.Args[0], left)
	b = append(b, ' ')
	b = append(b, strings.ToUpper(e.Name)...)
	b = append(b, ' ')
	return appendText(b, e.Args[1], right)
}

// appendPredicate appends LIKE, BETWEEN, IN or IS NULL with the NOT given.
func appendPredicate(b []byte, e *Op, not string) []byte {
	b = appendText(b, e.Args[0], looseSum)
	b = append(b, ' ')
	if e.Name == "isNull" {
		b = append(b, "IS "...)
		b = append(b, not...)
		return append(b, "NULL"...)
	}
	b = append(b, not...)
	b = append(b, strings.ToUpper(e.Name)...)
	b = append(b, ' ')
	switch e.Name {
	case "between":
		b = appendText(b, e.Args[1], looseSum)
		b = append(b, " AND "...)
		return appendText(b, e.Args[2], looseSum)
	case "in":
		if list, ok := e.Args[1].(*List); ok {
			return appendItems(b, list.Items, looseSum)
		}
	}
	return appendText(b, e.Args[1], looseSum)
}

// appendName appends a name, in quotes if it needs them.
func appendName(b []byte, name string) []byte {
	if isPlainName(name) {
		return append(b, name...)
	}
	return appendQuoted(b, name, '"')
}

func isPlainName(name string) bool {
	if name == "" || wordOf(name).kind != wordNone {
		return false
	}
	for i, r := range name {
		if i == 0 && !isNameStart(r) || !isNamePart(r) {
			return false
		}
	}
	return utf8.ValidString(name)
}

func appendQuoted(b []byte, s string, quote byte) []byte {
	b = append(b, quote)
	for i := range len(s) {
		if s[i] == quote {
			b = append(b, quote)
		}
		b = append(b, s[i])
	}
	return append(b, quote)
}

// appendNumber appends the shortest digits that are read as v, but all of a whole
// number, which may be compared with 64 bits.
func appendNumber(b []byte, v float64) []byte {
	if a := max(v, -v); a != 0 && (a < 1e-6 || a >= 1e21) {
		digits, exponent, _ := bytes.Cut(strconv.AppendFloat(nil, v, 'e', -1, 64), []byte("e"))
		b = append(b, digits...)
		b = append(b, 'e')
		if exponent[0] == '-' {
			b = append(b, '-')
		}
		return append(b, bytes.TrimLeft(exponent, "+-0")...)
	}
	decimals := -1
	if v >= 1<<53 || v <= -1<<53 {
		decimals = 0
	}
	return strconv.AppendFloat(b, v+0, 'f', decimals, 64)
}

func instantText(v *Instant) string {
	if v.Date {
		return v.Time.UTC().Format(time.DateOnly)
	}
	return v.Time.UTC().Format("2006-01-02T15:04:05.999999999Z")
}

func appendInstant(b []byte, v *Instant) []byte {
	word := "TIMESTAMP("
	if v.Date {
		word = "DATE("
	}
	b = append(b, word...)
	b = appendQuoted(b, instantText(v), '\'')
	return append(b, ')')
}

func appendEnd(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Open:
		return append(b, "'..'"...)
	case *Instant:
		return appendQuoted(b, instantText(e), '\'')
	}
	return appendText(b, e, looseOr)
}

// appendWKT appends the geometry as Well-Known Text.
func appendWKT(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return appendPositions(append(b, "POINT"...), []orb.Point{g})
	case orb.LineString:
		return appendPositions(append(b, "LINESTRING"...), g)
	case orb.Polygon:
		return appendPolygon(append(b, "POLYGON"...), g)
	case orb.MultiPoint:
		return appendParts(append(b, "MULTIPOINT"...), g, func(b []byte, p orb.Point) []byte { return appendPositions(b, []orb.Point{p}) })
	case orb.MultiLineString:
		return appendParts(append(b, "MULTILINESTRING"...), g, func(b []byte, l orb.LineString) []byte { return appendPositions(b, l) })
	case orb.MultiPolygon:
		return appendParts(append(b, "MULTIPOLYGON"...), g, appendPolygon)
	case orb.Collection:
		return appendParts(append(b, "GEOMETRYCOLLECTION"...), g, appendWKT)
	}
	return b
}

func appendPolygon(b []byte, g orb.Polygon) []byte {
	return appendParts(b, g, func(b []byte, r orb.Ring) []byte { return appendPositions(b, r) })
}

func appendPositions(b []byte, points []orb.Point) []byte {
	return appendParts(b, points, func(b []byte, p orb.Point) []byte {
		b = appendNumber(b, p[0])
		b = append(b, ' ')
		return appendNumber(b, p[1])
	})
}

func appendParts[T any](b []byte, parts []T, one func([]byte, T) []byte) []byte {
	b = append(b, '(')
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, p)
	}
	return append(b, ')')
}
