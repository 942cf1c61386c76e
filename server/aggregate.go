package server

import (
	"net/http"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/export"
)

// aggregate answers GET /collections/{collection}/aggregate.
func (s *Server) aggregate(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.params = q.params.filled()
	}
	a, sel, err := parseAggregation(q, c)
	if err != nil {
		return err
	}
	q.speaks(w)
	path := collectionPath(c.ID) + "/aggregate"
	query := a.text(sel)
	t := s.tag(q, c.Source.Rev(), path+"?"+query)
	if q.current(w, t) {
		return nil
	}
	ctx, cancel := s.limitedTime(q.Context())
	defer cancel()
	got, err := c.Source.Aggregate(ctx, a.Aggregation)
	if err != nil {
		return err
	}
	a.got = got
	links := q.selfLinks([]media{jsonMedia, htmlMedia}, path, query)
	links = append(links, link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
	setLinks(w.Header(), links)
	switch q.media.f {
	case "html":
		return s.sendPage(w, q, t, "aggregate", aggregateView{s.view(q, say(q.lang, "Counts and sums"), links, q.crumbs(c)...), a.table(q.lang), q.in("csv", path, query)})
	case "csv":
		w.Header()["Content-Disposition"] = []string{disposition(c.ID + "-aggregate.csv")}
		s.send(w, q, t, a.csv())
		return nil
	}
	s.send(w, q, t, a.json(q.lang))
	return nil
}

// aggregation is a request for counts and sums, and its answer.
type aggregation struct {
	geo.Aggregation
	schema *geo.Schema
	got    *geo.Aggregated
}

func parseAggregation(q *request, c *geo.Collection) (*aggregation, *selection, error) {
	a := &aggregation{schema: c.Source.Schema()}
	measures, given := q.params.take("measures")
	if !given {
		measures = "count"
	}
	var err error
	if a.Measures, err = geo.ParseMeasures(a.schema, measures); err != nil {
		return nil, nil, named("measures", err)
	}
	if by, given := q.params.take("by"); given {
		if a.By, err = geo.ParseGroupings(a.schema, by); err != nil {
			return nil, nil, named("by", err)
		}
	}
	sel, err := parseSelection(c.ID, q.params, a.schema, limits{}, forAggregate)
	if err != nil {
		return nil, nil, err
	}
	a.Query = sel.query
	return a, &sel, nil
}

// text is the query part of the address of this aggregation.
func (a *aggregation) text(sel *selection) string {
	b := appendParam(nil, "measures", strings.Join(a.measures(), ","))
	if len(a.By) > 0 {
		b = appendParam(b, "by", strings.Join(a.groupings(), ","))
	}
	if rest := sel.text("", 0, ""); rest != "" {
		b = append(append(b, '&'), rest...)
	}
	return string(b)
}

func (a *aggregation) measures() []string {
	var names []string
	for _, m := range a.Measures {
		names = append(names, m.Name())
	}
	return names
}

func (a *aggregation) groupings() []string {
	var names []string
	for _, g := range a.By {
		names = append(names, g.String())
	}
	return names
}

// json is the answer: the groups, and the total of all features.
func (a *aggregation) json(lang string) []byte {
	b := []byte(`{"groups":[`)
	by, measures := a.groupings(), a.measures()
	for i, g := range a.got.Groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n{\"key\":{"...)
		for j, k := range g.Key {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(append(appendText(b, by[j]), ':'), k.JSON()...)
		}
		b = a.appendTitles(append(b, '}'), by, g, lang)
		b = append(appendMeasures(append(b, ','), measures, g), '}')
	}
	b = append(b, "\n],\n\"total\":{"...)
	return append(appendMeasures(b, measures, a.got.Total), "}}\n"...)
}

// appendTitles appends the titles that the schema has for the values of a key.
func (a *aggregation) appendTitles(b []byte, by []string, g geo.Group, lang string) []byte {
	first := true
	for j, k := range g.Key {
		title := a.titleOf(by[j], k, lang)
		if title == "" {
			continue
		}
		if first {
			b = append(b, `,"titles":{`...)
		} else {
			b = append(b, ',')
		}
		first = false
		b = appendText(append(appendText(b, by[j]), ':'), title)
	}
	if !first {
		b = append(b, '}')
	}
	return b
}

func (a *aggregation) titleOf(property string, value geo.Value, lang string) string {
	p, _, ok := a.schema.Find(property)
	if !ok || value.Kind() == geo.KindNull {
		return ""
	}
	for _, e := range p.Enum {
		if e.Value == value.Text() {
			return e.Title.In(lang)
		}
	}
	return ""
}

// appendMeasures appends the count and the other measures as members.
func appendMeasures(b []byte, names []string, g geo.Group) []byte {
	b = strconv.AppendInt(append(b, `"count":`...), int64(g.Count), 10)
	for i, v := range g.Values {
		if names[i] != "count" {
			b = append(append(appendText(append(b, ','), names[i]), ':'), v.JSON()...)
		}
	}
	return b
}

// rows are the answer as a table, the total last.
func (a *aggregation) rows() [][]string {
	head := append(a.groupings(), "count")
	for _, name := range a.measures() {
		if name != "count" {
			head = append(head, name)
		}
	}
	out := [][]string{head}
	for _, g := range append(a.got.Groups[:len(a.got.Groups):len(a.got.Groups)], a.got.Total) {
		row := make([]string, len(a.By), len(head))
		for i, k := range g.Key {
			row[i] = k.Text()
		}
		row = append(row, strconv.Itoa(g.Count))
		for i, v := range g.Values {
			if a.Measures[i].Name() != "count" {
				row = append(row, v.Text())
			}
		}
		out = append(out, row)
	}
	return out
}

// csv is the table of the groups, with a byte order mark for Excel. Null is nothing,
// and an empty text a pair of quotes. The total is left out, for it would be a group
// to whoever adds up.
func (a *aggregation) csv() []byte {
	b := []byte("\ufeff")
	for i, name := range a.rows()[0] {
		if i > 0 {
			b = append(b, ',')
		}
		b = export.AppendCSVText(b, []byte(name))
	}
	groups := a.got.Groups
	if len(a.By) == 0 {
		groups = []geo.Group{a.got.Total}
	}
	for _, g := range groups {
		b = append(b, "\r\n"...)
		for _, k := range g.Key {
			b = append(appendCell(b, k), ',')
		}
		b = strconv.AppendInt(b, int64(g.Count), 10)
		for i, v := range g.Values {
			if a.Measures[i].Name() != "count" {
				b = appendCell(append(b, ','), v)
			}
		}
	}
	return append(b, "\r\n"...)
}

func appendCell(b []byte, v geo.Value) []byte {
	switch v.Kind() {
	case geo.KindNull:
		return b
	case geo.KindNumber, geo.KindBool:
		return append(b, v.Text()...)
	}
	return export.AppendCSVText(b, []byte(v.Text()))
}

type aggregateView struct {
	view
	Rows [][]string
	CSV  string
}

// table are the rows for people: with titles in a language for properties and
// values, where there are some.
func (a *aggregation) table(lang string) [][]string {
	rows := a.rows()
	for j, name := range a.groupings() {
		if p, _, ok := a.schema.Find(name); ok {
			rows[0][j] = titleOfProperty(p, name).In(lang)
		}
		for i, g := range a.got.Groups {
			if title := a.titleOf(name, g.Key[j], lang); title != "" {
				rows[i+1][j] = title
			} else if g.Key[j].Kind() == geo.KindNull {
				rows[i+1][j] = "–"
			}
		}
	}
	rows[0][len(a.By)] = say(lang, "Count")
	if len(a.By) > 0 {
		rows[len(rows)-1][0] = say(lang, "Total")
	}
	return rows
}
