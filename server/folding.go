package server

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/cql"
)

// fold moves the conditions on properties, such as trade=tea, into the canonical text
// of the filter, so that trade=tea and filter=trade='tea' are one selection. What a
// filter does not say in exactly the same way stays as it is. The query is not
// changed, for it selects the same.
func (r *selectionReader) fold() {
	if len(r.query.Match) == 0 {
		return
	}
	var terms []cql.Expr
	var rest params
	for _, p := range r.filter {
		if term := r.condition(p); term != nil {
			terms = append(terms, term)
		} else if p.name != "filter" {
			rest = append(rest, p)
		}
	}
	if len(terms) == 0 {
		return
	}
	if r.tree != nil {
		terms = append(terms, r.tree)
	}
	whole := terms[0]
	if len(terms) > 1 {
		whole = &cql.Op{Name: "and", Args: terms}
	}
	text := cql.Text(cql.Canonical(whole))
	tree, err := cql.ParseText(text)
	if err == nil {
		_, err = cql.Compile(tree, r.schema, r.options)
	}
	if err != nil || len(text) > maxFilter { // a filter may not say it, or not in so many words
		return
	}
	r.unfolded = r.filter
	r.filter = append(rest, param{"filter", text})
	slices.SortStableFunc(r.filter, func(a, b param) int { return strings.Compare(a.name, b.name) })
}

// unfoldedText is the query part of an address that selects this of collections whose
// properties have other types, too.
func (sel *selection) unfoldedText() string {
	as := *sel
	if as.unfolded != nil {
		as.filter = as.unfolded
	}
	return as.text("", 0, "")
}

// condition is a parameter that is named like a property as a condition of a filter;
// nil where it is none, or may select others.
func (r *selectionReader) condition(q param) cql.Expr {
	p, _, ok := r.schema.Find(q.name)
	if !ok || reserved(q.name) || p.Format != "" || p.Role == geo.RoleDatetime || p.Role == geo.RoleDatetimeStart || p.Role == geo.RoleDatetimeEnd {
		return nil
	}
	list := strings.Split(q.value, ",")
	if len(list) > 1 && (p.Type == geo.TypeArray || !divided(p)) {
		return nil
	}
	var items []cql.Expr
	for _, text := range list {
		item := literal(p, text)
		if item == nil {
			return nil
		}
		items = append(items, item)
	}
	name := &cql.Property{Name: q.name}
	if p.Type == geo.TypeArray {
		return &cql.Op{Name: "a_contains", Args: []cql.Expr{name, &cql.List{Items: items}}}
	}
	return &cql.Op{Name: "in", Args: []cql.Expr{name, &cql.List{Items: items}}}
}

// literal is a value of a property as a filter writes it; nil where a filter compares
// it otherwise.
func literal(p geo.Property, text string) cql.Expr {
	switch {
	case p.Type == geo.TypeString, p.Type == geo.TypeArray && p.Items == geo.TypeString:
		return &cql.String{Value: text}
	case p.Type == geo.TypeBoolean:
		return &cql.Bool{Value: text == "true"}
	case p.Type == geo.TypeInteger, p.Type == geo.TypeNumber:
		if v, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(v) < 1<<53 {
			return &cql.Number{Value: v}
		}
	}
	return nil
}
