package server

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/cql"
	"clustermap/geo/crs"
)

const (
	maxFilter = maxURLBytes
	maxWords  = 200 // characters of a text search
)

// readCQL reads the parameter filter. Its canonical text stands in links and
// keys the caches; it needs no filter-lang.
func (r *selectionReader) readCQL(text string) error {
	if strings.TrimSpace(text) == "" {
		return invalid("filter", "is empty; leave it out to select all features")
	}
	if len(text) > maxFilter {
		return invalid("filter", "has %d bytes; %d are allowed", len(text), maxFilter)
	}
	opt := &r.options
	if name, given := r.all.get("filter-crs"); given {
		c, err := parseCRS("filter-crs", name)
		if err != nil {
			return err
		}
		opt.CRS = c
	}
	lang, given := r.all.get("filter-lang")
	if !given {
		lang = "cql2-text"
	}
	isJSON, err := parseFilterLang(lang)
	if err != nil {
		return err
	}
	var tree cql.Expr
	if isJSON {
		tree, err = cql.ParseJSON([]byte(text))
	} else {
		tree, err = cql.ParseText(text)
	}
	if err != nil {
		return err
	}
	f, err := cql.Compile(tree, r.schema, *opt)
	if err != nil {
		return err
	}
	r.also(f)
	r.tree = tree
	r.filter = append(r.filter, param{"filter", cql.Text(cql.Canonical(tree))})
	if opt.CRS != nil && opt.CRS != crs.CRS84() {
		r.filter = append(r.filter, param{"filter-crs", opt.CRS.URI()})
	}
	return nil
}

func parseFilterLang(s string) (isJSON bool, err error) {
	switch s {
	case "cql2-text":
		return false, nil
	case "cql2-json":
		return true, nil
	}
	return false, invalid("filter-lang", "%s is not a filter language of this server; use cql2-text or cql2-json", quoted(s))
}

// also adds a condition that must hold beside those before; nil is none.
func (sel *selection) also(f geo.Filter) {
	switch {
	case f == nil:
	case sel.query.Filter == nil:
		sel.query.Filter = f
	default:
		sel.query.Filter = both{sel.query.Filter, f}
	}
}

// both is the filter that two others hold.
type both [2]geo.Filter

func (b both) String() string { return b[0].String() + " AND " + b[1].String() }

func (b both) Bind(ctx context.Context, x *geo.Index) (geo.Plan, error) {
	p, err := b[0].Bind(ctx, x)
	if err != nil {
		return geo.Plan{}, err
	}
	q, err := b[1].Bind(ctx, x)
	if err != nil {
		return geo.Plan{}, err
	}
	return conjunction(p, q), nil
}

// conjunction lists the slots of the smaller cover and tests the rest.
func conjunction(p, q geo.Plan) geo.Plan {
	if q.Cover != nil && (p.Cover == nil || q.Cover.Count < p.Cover.Count) {
		p, q = q, p
	}
	out := geo.Plan{Cover: p.Cover, Text: p.Text + "; " + q.Text}
	tests := []func(uint32) bool{p.Test}
	if q.Cover != nil {
		tests = append(tests, covered(q.Cover))
	}
	tests = append(tests, q.Test)
	tests = slices.DeleteFunc(tests, func(t func(uint32) bool) bool { return t == nil })
	switch len(tests) {
	case 0:
		return out
	case 1:
		out.Test = tests[0]
		return out
	}
	out.Test = func(slot uint32) bool {
		for _, t := range tests {
			if !t(slot) {
				return false
			}
		}
		return true
	}
	return out
}

// covered tells whether a cover has a slot.
func covered(c *geo.Cover) func(uint32) bool {
	slots := c.List(make([]uint32, 0, c.Count))
	slices.Sort(slots)
	return func(slot uint32) bool {
		_, ok := slices.BinarySearch(slots, slot)
		return ok
	}
}

// geometryTypes are the types that geometry-type takes.
var geometryTypes = [...]string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}

// typeFilter selects features by the type of their geometry.
type typeFilter []string

func (f typeFilter) String() string { return "geometry-type=" + strings.Join(f, ",") }

func (f typeFilter) Bind(_ context.Context, x *geo.Index) (geo.Plan, error) {
	return geo.Plan{Text: "test: " + f.String(), Test: func(slot uint32) bool {
		g := x.Geometry(slot)
		return g != nil && slices.Contains(f, g.GeoJSONType())
	}}, nil
}

// readGeometryTypes reads geometry-type. Point, LineString and Polygon take
// their Multi types along, because a layer of a GIS program holds both.
func (r *selectionReader) readGeometryTypes(text string) error {
	var f typeFilter
	for name := range strings.SplitSeq(text, ",") {
		i := slices.IndexFunc(geometryTypes[:], func(t string) bool { return strings.EqualFold(t, name) })
		if i < 0 {
			return invalid("geometry-type", "%s is not a type of geometry%s There are %s.",
				quoted(name), didYouMean(name, geometryTypes[:]), strings.Join(geometryTypes[:], ", "))
		}
		f = append(f, geometryTypes[i])
		if multi := "Multi" + geometryTypes[i]; slices.Contains(geometryTypes[:], multi) {
			f = append(f, multi)
		}
	}
	slices.Sort(f)
	f = slices.Compact(f)
	r.also(f)
	r.filter = append(r.filter, param{"geometry-type", strings.Join(f, ",")})
	return nil
}

func (r *selectionReader) readWords(text string) error {
	words := strings.Join(strings.Fields(text), " ")
	switch n := utf8.RuneCountInString(words); {
	case n == 0:
		return invalid("q", "is empty; write words to look for")
	case n > maxWords:
		return invalid("q", "has %d characters; %d are allowed", n, maxWords)
	case strings.ContainsFunc(words, func(c rune) bool { return c < 0x20 || c == 0x7f }):
		return invalid("q", "holds control characters")
	}
	r.query.Words = words
	r.filter = append(r.filter, param{"q", words})
	return nil
}

// match adds the condition that a queryable property has one of the values.
func (r *selectionReader) match(q param) (known bool, err error) {
	p, _, ok := r.schema.Find(q.name)
	switch {
	case !ok || reserved(q.name):
		return false, nil
	case !p.Queryable():
		return true, invalid(q.name, "is a property with objects or lists of different things as values, which cannot be asked for")
	}
	m, err := r.schema.ParseMatch(q.name, q.value)
	if err != nil {
		return true, err
	}
	r.query.Match = append(r.query.Match, m)
	r.filter = append(r.filter, param{q.name, canonicalValues(q.value, p)})
	return true, nil
}

// within is the filter that selects geometries that meet a shape in longitude and
// latitude.
func within(shape orb.Geometry, schema *geo.Schema) (geo.Filter, error) {
	name := "geometry"
	for _, taken := schema.Property(name); taken; _, taken = schema.Property(name) {
		name = "feature_" + name // as the queryables name it
	}
	return cql.Compile(&cql.Op{Name: "s_intersects", Args: []cql.Expr{&cql.Property{Name: name}, &cql.Geometry{Shape: shape}}}, schema, cql.Options{})
}
