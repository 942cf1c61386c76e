package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"clustermap/geo"
)

type itemsView struct {
	view
	Collection summary
	Matched    int
	Columns    []column
	NameColumn column // of the names
	Rows       []row
	form
	First    string // the first page, "" on it
	Next     string
	Filtered bool
	Chips    []chip
	All      string // without filter and order

	Downloads []crumb
	Address   string // of this selection as GeoJSON, to be copied
	Map       *picture
}

// form is the filter form, with what was typed.
type form struct {
	Fault                           string // why the request was refused
	Action                          string
	Fields                          []field
	Words, Filter, BBox, Time, Size string
	Kept                            []kept // what the form hands on
	CQL                             bool   // filters are understood
	Usual                           int    // features on a page where none is asked for
	Example                         string // of a filter
}

// kept is a parameter that a form has no field for.
type kept struct{ Name, Value string }

// column is a column of the table. Sort leads to the table ordered by it, or in
// the other direction where it is.
type column struct {
	geo.Property
	Sort, Order string // Order as aria-sort has it, "" if none
}

// chip is a condition or an order in words, with the address of the page without.
type chip struct {
	Label, Text geo.Text
	Href        string
}

type row struct {
	ID, Href string
	Name     geo.Text
	Cells    []cell
}

// cell is a value; Right says that it stands at the right edge.
type cell struct {
	node
	Right bool
}

// field is one field of the filter form.
type field struct {
	geo.Property
	Value string
	Known bool // Value is one of Enum
}

const (
	mostColumns = 8
	mostFields  = 12
)

func (s *Server) itemsView(q *request, c *geo.Collection, path string, sel *selection, found geo.Result, links []link) itemsView {
	schema, items := c.Source.Schema(), collectionPath(c.ID)+"/items"
	v := itemsView{
		view: s.view(q, titleIn(c, q.lang), links, q.listCrumbs(c, path)...), Collection: summarize(q, c), Matched: found.Matched,
		form: formOf(q, c, path, q.params), Filtered: len(sel.filter) > 0 || path != items, All: q.in("html", path, ""),
		Chips: chipsOf(q, c, path, sel), Map: s.basics.picture(q, c, found.Features),
		Downloads: q.downloads(path, sel.text("", 0, "")), Address: q.in("geojson", path, sel.text("", 0, "")),
	}
	for _, l := range links {
		if l.Rel == "next" {
			v.Next = l.Href
		}
	}
	if sel.cursor != "" {
		v.First = q.in("html", path, sel.text("", sel.limit, ""))
	}
	all := make([]map[string]json.RawMessage, len(found.Features))
	for i, f := range found.Features {
		all[i] = membersOf(f.Properties())
	}
	v.NameColumn = column{Property: nameProperty(schema, q.lang)}
	v.NameColumn.sortBy(q, path, sel, schema)
	for _, p := range columnsOf(schema, all) {
		col := column{Property: p}
		col.sortBy(q, path, sel, schema)
		v.Columns = append(v.Columns, col)
	}
	for i, f := range found.Features {
		r := row{ID: f.ID().String(), Href: q.in("html", items+"/"+escapeID(f.ID().String()), "")}
		r.Name = names(schema, all[i])
		for _, col := range v.Columns {
			n := nodeOf(all[i][col.Name], &col.Property)
			r.Cells = append(r.Cells, cell{n, n.Kind == "number" || col.Numeric()})
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

// listCrumbs lead to a list of features, by its group where it is one of members.
func (q *request) listCrumbs(c *geo.Collection, path string) []crumb {
	group, is := strings.CutSuffix(path, "/members")
	if !is {
		return q.crumbs(c)
	}
	return q.crumbs(c, crumb{phrase("Groups"), q.in("html", collectionPath(c.ID)+"/groups", "")}, crumb{phrase("Group"), q.in("html", group, "")})
}

// refusedView is the page of a form that was refused, with what was typed.
func (s *Server) refusedView(q *request, c *geo.Collection, path string, err error) itemsView {
	var field string
	if bad := (*geo.InvalidError)(nil); errors.As(err, &bad) {
		field = bad.Field
	}
	v := itemsView{view: s.view(q, titleIn(c, q.lang), nil, q.listCrumbs(c, path)...), Collection: summarize(q, c), form: formOf(q, c, path, q.params),
		All: q.in("html", path, "")}
	v.Kept = slices.DeleteFunc(v.Kept, func(p kept) bool { return p.Name == field })
	_, reason := statusOf(err)
	v.Fault = s.reasons.in(q.lang, reason)
	return v
}

// formOf is the filter form filled with parameters. What it has no field for it
// hands on, but not the place in another list.
func formOf(q *request, c *geo.Collection, path string, given params) form {
	schema := c.Source.Schema()
	f := form{Action: q.base + path, Fields: fieldsOf(schema, given),
		CQL: slices.Contains(filterParameters[:], "filter"), Usual: pageItems, Example: exampleFilter(schema)}
	if q.chosen {
		f.Kept = []kept{{"lang", q.lang}}
	}
	for _, p := range given {
		switch p.name {
		case "bbox":
			f.BBox = p.value
		case "datetime":
			f.Time = p.value
		case "q":
			f.Words = p.value
		case "filter":
			f.Filter = p.value
		case "limit":
			f.Size = p.value
		case "cursor", "download":
		default:
			if reserved(p.name) {
				f.Kept = append(f.Kept, kept{p.name, p.value})
			}
		}
	}
	return f
}

// exampleFilter is a filter in CQL2 for a schema, "" where nothing can be counted.
func exampleFilter(schema *geo.Schema) string {
	for _, p := range schema.Properties {
		if p.Min != nil && p.Max != nil && *p.Min < *p.Max && !p.Hidden && p.Role == geo.RoleSum {
			return fmt.Sprintf(`"%s" BETWEEN %v AND %v`, p.Name, *p.Min, *p.Max)
		}
	}
	return ""
}

// nameProperty is the property by which a list of names in a language is ordered.
func nameProperty(schema *geo.Schema, lang string) geo.Property {
	var best geo.Property
	for _, p := range schema.Properties {
		if p.Role == geo.RoleName && (best.Name == "" || p.Lang == lang && best.Lang != lang) {
			best = p
		}
	}
	return best
}

// sortBy adds the link that orders by the column.
func (col *column) sortBy(q *request, path string, sel *selection, schema *geo.Schema) {
	if col.Name == "" || !col.Sortable() || unsortable(col.Name) {
		return
	}
	key := geo.SortKey{Property: col.Name}
	if sort := sel.query.Sort; len(sort) > 0 && sort[0].Property == col.Name {
		key.Descending = !sort[0].Descending
		col.Order = "ascending"
		if sort[0].Descending {
			col.Order = "descending"
		}
	}
	col.Sort = q.in("html", path, sel.ordered(key).text("", sel.givenLimit(), ""))
}

// ordered is the selection in another order.
func (sel *selection) ordered(keys ...geo.SortKey) *selection {
	other := *sel
	other.order = nil
	for _, k := range keys {
		other.order = append(other.order, param{"sortby", signed(k)})
	}
	return &other
}

// without is the selection less a condition.
func (sel *selection) without(names ...string) *selection {
	other := *sel
	other.filter = nil
	for _, p := range sel.filter {
		if !slices.Contains(names, p.name) {
			other.filter = append(other.filter, p)
		}
	}
	return &other
}

// givenLimit is the limit where it was asked for, else 0.
func (sel *selection) givenLimit() int {
	if sel.limited {
		return sel.limit
	}
	return 0
}

// chipsOf tells in words what a list is filtered and ordered by.
func chipsOf(q *request, c *geo.Collection, path string, sel *selection) []chip {
	schema := c.Source.Schema()
	to := func(other *selection) string { return q.in("html", path, other.text("", sel.givenLimit(), "")) }
	var out []chip
	for _, p := range sel.filter {
		ch := chip{Text: geo.Text{EN: p.value}, Href: to(sel.without(p.name))}
		switch p.name {
		case "bbox":
			ch.Label, ch.Href = phrase("Box"), to(sel.without("bbox", "bbox-crs"))
		case "datetime":
			ch.Label = phrase("Time")
		case "q":
			ch.Label = phrase("Words")
		case "geometry-type":
			ch.Label = phrase("Geometry")
		case "filter":
			ch.Label, ch.Href = phrase("Filter"), to(sel.without("filter", "filter-lang", "filter-crs"))
		default:
			property, _, ok := schema.Find(p.name)
			if !ok || reserved(p.name) {
				continue // goes with another
			}
			ch.Label, ch.Text = titleOfProperty(property, p.name), valuesText(property, p.value)
		}
		out = append(out, ch)
	}
	if len(sel.query.Sort) > 0 {
		ch := chip{Label: phrase("Order"), Href: to(sel.ordered())}
		for i, k := range sel.query.Sort {
			property, _ := schema.Property(k.Property)
			title, way := titleOfProperty(property, k.Property), phrase("ascending")
			if k.Descending {
				way = phrase("descending")
			}
			if i > 0 {
				ch.Text.EN, ch.Text.ZH = ch.Text.EN+", ", ch.Text.ZH+"、"
			}
			ch.Text.EN += title.In("en") + " " + way.EN
			ch.Text.ZH += title.In("zh") + way.ZH
		}
		out = append(out, ch)
	}
	return out
}

func titleOfProperty(p geo.Property, name string) geo.Text {
	if p.Title == (geo.Text{}) {
		return geo.Text{EN: name}
	}
	return p.Title
}

// valuesText is a list of values with the titles that the schema has for them.
func valuesText(p geo.Property, list string) geo.Text {
	values := strings.Split(list, ",")
	if slices.ContainsFunc(p.Enum, func(e geo.EnumValue) bool { return e.Value == list }) {
		values = []string{list}
	}
	var en, zh []string
	for _, v := range values {
		title := geo.Text{EN: v}
		for _, e := range p.Enum {
			if e.Value == v && e.Title != (geo.Text{}) {
				title = e.Title
			}
		}
		en, zh = append(en, title.In("en")), append(zh, title.In("zh"))
	}
	or := phrase(" or ")
	return geo.Text{EN: strings.Join(en, or.EN), ZH: strings.Join(zh, or.ZH)}
}

// Numeric reports whether the values of the column stand at its right edge.
func (col column) Numeric() bool {
	return col.Type == geo.TypeInteger || col.Type == geo.TypeNumber
}

// columnsOf are the properties that a table has room for, beside the names: the
// first that say something of one of these features.
func columnsOf(schema *geo.Schema, all []map[string]json.RawMessage) []geo.Property {
	var out []geo.Property
	for _, p := range schema.Properties {
		if p.Role == geo.RoleName || p.Hidden || !p.Queryable() || len(out) == mostColumns {
			continue
		}
		says := func(m map[string]json.RawMessage) bool { return nodeOf(m[p.Name], nil).Kind != "null" }
		if slices.ContainsFunc(all, says) {
			out = append(out, p)
		}
	}
	return out
}

// fieldsOf are the fields of the filter form: properties with few values first,
// and always those that are asked for.
func fieldsOf(schema *geo.Schema, given params) []field {
	var out, rest []field
	for _, p := range schema.Properties {
		if !p.Queryable() || reserved(p.Name) {
			continue
		}
		f := field{Property: p}
		for _, q := range given {
			if q.name == p.Name {
				f.Value = q.value
			}
		}
		f.Known = slices.ContainsFunc(p.Enum, func(e geo.EnumValue) bool { return e.Value == f.Value })
		switch {
		case f.Value != "" || !p.Hidden && len(p.Enum) > 1:
			out = append(out, f)
		case !p.Hidden:
			rest = append(rest, f)
		}
	}
	for _, f := range rest {
		if len(out) < mostFields {
			out = append(out, f)
		}
	}
	return out
}
