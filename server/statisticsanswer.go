package server

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/export"
	"clustermap/geo/stat"
)

// json is the answer as a document.
func (f *figures) json(q *request, r *statisticRequest, links []link) []byte {
	b := f.appendHead([]byte{'{'}, q, r)
	b = append(append(b, ",\n\"result\":"...), f.answer.Result(false)...)
	b = append(b, ",\n\"links\":"...)
	return append(appendLinks(b, links), "}\n"...)
}

// appendHead appends the members that stand before the result.
func (f *figures) appendHead(b []byte, q *request, r *statisticRequest) []byte {
	a, m := f.answer, r.method
	b = appendText(append(b, `"method":{"id":`...), m.ID)
	b = appendText(append(b, `,"title":`...), m.Title.In(q.lang))
	b = appendText(append(b, `,"source":`...), strings.Join(m.Page.Sources, "; "))
	b = appendText(append(b, `,"page":`...), q.in("html", methodPath(m), ""))
	b = r.appendParameters(append(b, "},\n\"parameters\":{"...), a)
	b = appendText(append(b, "},\n\"universe\":"...), a.Universe.In(q.lang))
	b = strconv.AppendInt(append(b, `,"n":`...), int64(a.N), 10)
	b = appendText(append(b, `,"weights":`...), a.Weights.In(q.lang))
	b = appendText(append(b, `,"rev":`...), a.Rev)
	b = append(b, `,"warnings":[`...)
	for i, w := range a.Warnings {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, w.In(q.lang))
	}
	return append(b, ']')
}

// appendParameters appends all parameters in force, those of the universe last.
func (r *statisticRequest) appendParameters(b []byte, a *stat.Answer) []byte {
	described := r.method.Parameters()
	for i, set := range a.Settings {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, set.Name), ':')
		n := slices.IndexFunc(described, func(p stat.Param) bool { return p.Name == set.Name })
		if n < 0 {
			b = appendText(b, set.Value)
			continue
		}
		b = append(b, settingJSON(described[n], set.Value)...)
	}
	for i, p := range r.universe.filter {
		if i > 0 || len(a.Settings) > 0 {
			b = append(b, ',')
		}
		b = appendText(append(appendText(b, p.name), ':'), p.value)
	}
	return b
}

// geojson is the answer as features: its rows that have a place.
func (f *figures) geojson(q *request, r *statisticRequest, links []link) []byte {
	b := []byte(`{"type":"FeatureCollection","features":[`)
	t := f.table()
	first := true
	for _, row := range f.answer.Rows {
		if row.Geometry == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(t.appendFeature(append(b, '\n'), row, nil), '}')
	}
	b = f.appendHead(append(b, "\n],\n"...), q, r)
	b = append(append(b, ",\n\"result\":"...), f.answer.Result(true)...)
	b = append(b, ",\n\"links\":"...)
	return append(appendLinks(b, links), "}\n"...)
}

// statTable is the rows of an answer with columns of values of one type each: a text in
// two languages is two columns.
type statTable struct {
	columns []statColumn
}

type statColumn struct {
	name, lang string // lang: of the part of a text in two languages
	title      geo.Text
	unit       string
	cell       int // of the row
	kind       geo.Type
}

func (f *figures) table() statTable {
	var t statTable
	for i, c := range f.answer.Columns {
		one := statColumn{name: c.Name, title: c.Title, unit: c.Unit, cell: i, kind: f.kindOf(i)}
		if f.column(c.Name) != i { // a property, each value of which is a subject
			one.name = "by_" + c.Name
		}
		if one.kind != geo.TypeObject {
			t.columns = append(t.columns, one)
			continue
		}
		one.kind = geo.TypeString
		for _, lang := range [...]string{"en", "zh"} {
			one.name, one.lang = c.Name+"_"+lang, lang
			t.columns = append(t.columns, one)
		}
	}
	return t
}

// kindOf is the type of the values of a column: TypeObject for texts in two languages.
func (f *figures) kindOf(column int) geo.Type {
	kind := geo.Type("")
	for _, row := range f.answer.Rows {
		is := kind
		switch row.Cells[column].(type) {
		case nil:
			continue
		case string:
			is = geo.TypeString
		case bool:
			is = geo.TypeBoolean
		case int:
			is = geo.TypeInteger
		case float64, stat.Number:
			is = geo.TypeNumber
		case geo.Text:
			is = geo.TypeObject
		}
		switch {
		case kind == "" || kind == is:
			kind = is
		case kind == geo.TypeInteger && is == geo.TypeNumber || kind == geo.TypeNumber && is == geo.TypeInteger:
			kind = geo.TypeNumber
		default:
			return geo.TypeMixed
		}
	}
	if kind == "" {
		return geo.TypeString
	}
	return kind
}

// appendCell appends the value of a row as JSON.
func (c *statColumn) appendJSON(b []byte, row stat.Row) []byte {
	switch v := row.Cells[c.cell].(type) {
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case float64:
		return appendFinite(b, v)
	case stat.Number:
		return appendFinite(b, float64(v))
	case geo.Text:
		text := v.EN
		if c.lang == "zh" {
			text = v.ZH
		}
		if text != "" {
			return appendText(b, text)
		}
	}
	return append(b, "null"...)
}

// appendFinite appends a number, null where it is none or infinite.
func appendFinite(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// appendFeature appends a row as a Feature without the brace that ends it. more are
// members of the properties behind those of the columns.
func (t *statTable) appendFeature(b []byte, row stat.Row, more []byte) []byte {
	b = appendText(append(b, `{"type":"Feature","id":`...), row.ID)
	b = appendShape(append(b, `,"geometry":`...), row.Geometry)
	b = append(b, `,"properties":{`...)
	for i := range t.columns {
		if i > 0 {
			b = append(b, ',')
		}
		c := &t.columns[i]
		b = c.appendJSON(append(appendText(b, c.name), ':'), row)
	}
	if len(more) > 0 && len(t.columns) > 0 {
		b = append(b, ',')
	}
	return append(append(b, more...), '}')
}

// appendShape appends a geometry as GeoJSON.
func appendShape(b []byte, g orb.Geometry) []byte {
	line := func(b []byte, points []orb.Point) []byte {
		b = append(b, '[')
		for i, p := range points {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendPosition(b, p)
		}
		return append(b, ']')
	}
	switch g := g.(type) {
	case orb.Point:
		return appendPoint(b, g)
	case orb.MultiPoint:
		b = line(append(b, `{"type":"MultiPoint","coordinates":`...), g)
	case orb.LineString:
		b = line(append(b, `{"type":"LineString","coordinates":`...), g)
	case orb.MultiLineString:
		b = append(b, `{"type":"MultiLineString","coordinates":[`...)
		for i, l := range g {
			if i > 0 {
				b = append(b, ',')
			}
			b = line(b, l)
		}
		b = append(b, ']')
	case orb.Polygon, orb.MultiPolygon:
		return appendArea(b, g)
	default:
		return append(b, "null"...)
	}
	return append(b, '}')
}

// csv is the rows as a table, with a byte order mark for Excel. The figures of the result
// that are no lists stand in columns behind those of the rows, the same in each row of a
// subject, and are called as in the document: result.gini. A subject without rows has one
// of them alone; an answer without columns is its figures one below the other. How
// all was computed stands in the first row behind them: about.method.
func (f *figures) csv(lang string) []byte {
	b := []byte("\ufeff")
	if len(f.answer.Columns) == 0 {
		b = append(b, "figure,value"...)
		for _, one := range scalarsOf(f.answer.Result(false)) {
			b = export.AppendCSVText(append(b, "\r\n"...), []byte(one.name))
			b = appendCSVValue(append(b, ','), one.value)
		}
		return append(b, "\r\n"...)
	}
	t := f.table()
	beside := f.besideRows()
	for i, c := range t.columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = export.AppendCSVText(b, []byte(c.name))
	}
	for _, name := range beside.names {
		b = export.AppendCSVText(append(b, ','), []byte("result."+name))
	}
	about := f.aboutRows(lang)
	for _, one := range about {
		b = export.AppendCSVText(append(b, ','), []byte("about."+one[0]))
	}
	var scratch []byte
	line := func(row stat.Row) {
		b = append(b, "\r\n"...)
		for i := range t.columns {
			if i > 0 {
				b = append(b, ',')
			}
			scratch = t.columns[i].appendJSON(scratch[:0], row)
			b = appendCSVValue(b, scratch)
		}
		for _, name := range beside.names {
			b = appendCSVValue(append(b, ','), beside.of[row.Subject][name])
		}
		for i := range about { // once: they are the same for all
			b = export.AppendCSVText(append(b, ','), []byte(about[i][1]))
			about[i][1] = ""
		}
	}
	next := 0 // subject that has no line yet
	blank := make([]any, len(f.answer.Columns))
	skip := func(until int) {
		for ; next < until && len(beside.names) > 0; next++ {
			cells := slices.Clone(blank)
			if f.answer.Subjects > 0 {
				cells[0] = beside.subject[next]
			}
			line(stat.Row{Cells: cells, Subject: next})
		}
	}
	for _, row := range f.answer.Rows {
		skip(row.Subject)
		line(row)
		next = row.Subject + 1
	}
	skip(len(beside.of))
	return append(b, "\r\n"...)
}

// settings are the parameters in force in one line.
func (f *figures) settings() string {
	var all []string
	for _, one := range f.answer.Settings {
		if one.Value != "" {
			all = append(all, one.Name+"="+one.Value)
		}
	}
	return strings.Join(all, "; ")
}

// aboutRows say how a table was computed, by the names that the document has for it.
func (f *figures) aboutRows(lang string) [][2]string {
	a := f.answer
	var warnings []string
	for _, w := range a.Warnings {
		warnings = append(warnings, w.In(lang))
	}
	return [][2]string{
		{"method", a.Question.Method.ID}, {"parameters", f.settings()}, {"universe", a.Universe.In(lang)}, {"n", strconv.Itoa(a.N)},
		{"weights", a.Weights.In(lang)}, {"rev", a.Rev}, {"warnings", strings.Join(warnings, " ")},
	}
}

// besides are the figures of each subject that stand beside its rows.
type besides struct {
	names   []string
	of      []map[string]json.RawMessage
	subject []string
}

func (f *figures) besideRows() besides {
	var out besides
	seen := make(map[string]bool)
	add := func(result json.RawMessage, skipped ...string) {
		values := make(map[string]json.RawMessage)
		for _, one := range scalarsOf(result) {
			last := one.name[strings.LastIndexByte(one.name, '.')+1:]
			if last == "en" || last == "zh" || slices.Contains(skipped, one.name) {
				continue
			}
			values[one.name] = one.value
			if !seen[one.name] {
				seen[one.name] = true
				out.names = append(out.names, one.name)
			}
		}
		out.of = append(out.of, values)
	}
	a := f.answer
	rows := make(map[int]int)
	for _, r := range a.Rows {
		rows[r.Subject]++
	}
	single := len(rows) == max(1, a.Subjects)
	for _, n := range rows {
		single = single && n == 1
	}
	var inRows []string
	if single { // then a row holds them by these names
		for _, c := range a.Columns {
			inRows = append(inRows, c.Name)
		}
	}
	if a.Subjects == 0 {
		add(a.Result(true), inRows...)
		return out
	}
	var subjects struct {
		Subjects []json.RawMessage `json:"subjects"`
	}
	_ = json.Unmarshal(a.Result(true), &subjects) // ours
	for _, one := range subjects.Subjects {
		var head struct {
			Value json.RawMessage `json:"value"`
		}
		_ = json.Unmarshal(one, &head) // ours
		text := ""
		if string(head.Value) != "null" && json.Unmarshal(head.Value, &text) != nil {
			text = string(head.Value)
		}
		out.subject = append(out.subject, text)
		add(one, append(inRows, "value")...)
	}
	return out
}

// appendCSVValue appends a scalar of JSON as a cell. Null is nothing.
func appendCSVValue(b, value []byte) []byte {
	switch {
	case len(value) == 0 || string(value) == "null":
		return b
	case value[0] == '"':
		var text string
		_ = json.Unmarshal(value, &text) // ours
		if isCell(text) {
			return append(b, text...)
		}
		return export.AppendCSVText(b, []byte(text))
	}
	return append(b, value...)
}

// isCell tells the key of a hexagon, such as -7_12, which no spreadsheet computes with and
// which must stay as it is to be found again.
func isCell(text string) bool {
	q, r, ok := strings.Cut(text, "_")
	number := func(s string) bool { _, err := strconv.ParseInt(s, 10, 32); return err == nil }
	return ok && number(q) && number(r)
}

// scalar is a figure of a result by its path, such as "subjects.1.gini".
type scalar struct {
	name  string
	value json.RawMessage
}

// scalarsOf are the figures of a result in the order of its members. Of lists there are
// only those of objects, which are counted from 1.
func scalarsOf(result json.RawMessage) []scalar {
	var out []scalar
	var walk func(prefix string, raw json.RawMessage)
	walk = func(prefix string, raw json.RawMessage) {
		eachJSONMember(raw, func(name string, value json.RawMessage) {
			path := prefix + name
			switch value[0] {
			case '{':
				walk(path+".", value)
			case '[':
				var list []json.RawMessage
				if json.Unmarshal(value, &list) != nil {
					return
				}
				for i, one := range list { // one that is no object has no members
					walk(path+"."+strconv.Itoa(i+1)+".", one)
				}
			default:
				out = append(out, scalar{path, value})
			}
		})
	}
	walk("", result)
	return out
}

// eachJSONMember visits the members of a JSON object in their order.
func eachJSONMember(object json.RawMessage, visit func(name string, value json.RawMessage)) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return
		}
		text, _ := name.(string)
		visit(text, value)
	}
}
