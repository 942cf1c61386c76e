package cql

import (
	"fmt"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb/encoding/wkt"
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
	return &Filter{root: root, text: root.key()}, nil
}

// String is the canonical text, with geometries in longitude and latitude: equal
// for equal filters.
func (f *Filter) String() string { return f.text }

// key is a text that is equal for equal conditions: operators before their
// arguments, those of and and or sorted.
func (n *node) key() string {
	switch n.op {
	case "property":
		return fmt.Sprintf("%q", n.property.Name)
	case "literal":
		switch n.kind {
		case kString:
			return fmt.Sprintf("'%q'", n.text)
		case kNumber:
			return fmt.Sprint(n.number)
		case kBool:
			return fmt.Sprint(n.truth)
		case kGeometry:
			return wkt.MarshalString(n.shape.geometry)
		}
		return fmt.Sprint(n.time.Start.UTC(), "/", n.time.End.UTC())
	case "not":
		if n.args[0].op == "not" {
			return n.args[0].args[0].key()
		}
	}
	var parts []string
	for _, a := range n.args {
		parts = append(parts, a.key())
	}
	if n.op == "and" || n.op == "or" {
		slices.Sort(parts)
		parts = slices.Compact(parts)
	}
	return n.op + "(" + strings.Join(parts, ",") + ")"
}
