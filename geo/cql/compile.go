package cql

import (
	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// Options say how a filter is to be read.
type Options struct {
	CRS *crs.CRS // of the geometry literals; nil is CRS84
}

// Filter is a condition on the features of one schema. It is a geo.Filter, and
// safe for concurrent use.
//
// Logic is of three values: a comparison with null is unknown, so is a function
// of null and a division by zero, and a feature passes where the whole is true.
// In a property of several types a value of another type than is asked for
// counts as null. Texts are compared by code point, times as in order of span.
type Filter struct {
	root *node
	text string
}

// Compile checks a tree against the schema: names, types, literals and their
// range. It returns *geo.InvalidError with Field "filter" and the position of
// what is wrong.
func Compile(e Expr, s *geo.Schema, opt Options) (*Filter, error) {
	c := &checker{schema: s, crs: opt.CRS, geometry: "geometry"}
	if c.crs == crs.CRS84() {
		c.crs = nil
	}
	for _, taken := s.Property(c.geometry); taken; _, taken = s.Property(c.geometry) {
		c.geometry = "feature_" + c.geometry // as the queryables name it
	}
	root, err := c.as(e, kBool, "for a filter is a condition")
	if err != nil {
		return nil, err
	}
	if c.crs != nil {
		e = c.inLonLat(e)
	}
	return &Filter{root: root, text: Text(Canonical(e))}, nil
}

// String is the canonical text, with geometries in longitude and latitude: equal
// for equal filters.
func (f *Filter) String() string { return f.text }

// inLonLat is a checked tree with its geometries moved, so that the text of a
// filter does not depend on the CRS that it was written in.
func (c *checker) inLonLat(e Expr) Expr {
	switch e := e.(type) {
	case *Op:
		args := make([]Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = c.inLonLat(a)
		}
		return &Op{Pos: e.Pos, Name: e.Name, Args: args}
	case *Geometry:
		if g, err := c.move(e.Position(), e.Shape); err == nil {
			return &Geometry{Pos: e.Pos, Shape: g}
		}
	case *BBox:
		if !c.crs.Geographic() {
			if g, err := c.move(e.Position(), dense(e.Box)); err == nil {
				return &Geometry{Pos: e.Pos, Shape: g}
			}
			return e
		}
		lo, err := c.point(e.Position(), e.Box.Min)
		hi, bad := c.point(e.Position(), e.Box.Max)
		if err == nil && bad == nil {
			return &BBox{Pos: e.Pos, Box: orb.Bound{Min: lo, Max: hi}}
		}
	}
	return e
}
