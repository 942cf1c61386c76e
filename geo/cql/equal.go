package cql

import (
	"slices"

	"github.com/paulmach/orb"
)

// Equal reports whether two filters are the same tree; positions do not count.
func Equal(a, b Expr) bool {
	switch a := a.(type) {
	case *Op:
		b, ok := b.(*Op)
		return ok && a.Name == b.Name && slices.EqualFunc(a.Args, b.Args, Equal)
	case *Property:
		b, ok := b.(*Property)
		return ok && a.Name == b.Name
	case *String:
		b, ok := b.(*String)
		return ok && a.Value == b.Value
	case *Number:
		b, ok := b.(*Number)
		return ok && a.Value == b.Value && a.Digits == b.Digits
	case *Bool:
		b, ok := b.(*Bool)
		return ok && a.Value == b.Value
	case *Instant:
		b, ok := b.(*Instant)
		return ok && a.Date == b.Date && a.Time.Equal(b.Time)
	case *Open:
		_, ok := b.(*Open)
		return ok
	case *Interval:
		b, ok := b.(*Interval)
		return ok && Equal(a.From, b.From) && Equal(a.To, b.To)
	case *Geometry:
		b, ok := b.(*Geometry)
		return ok && orb.Equal(a.Shape, b.Shape)
	case *BBox:
		b, ok := b.(*BBox)
		return ok && a.Box == b.Box
	case *List:
		b, ok := b.(*List)
		return ok && slices.EqualFunc(a.Items, b.Items, Equal)
	}
	return a == nil && b == nil
}
