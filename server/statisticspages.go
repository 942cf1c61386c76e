package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/stat"
)

type methodsView struct {
	view
	Collection *summary // nil: of none
	Methods    []methodRow
}

type methodRow struct {
	Title, Asks  geo.Text
	Page, Answer string // Answer is "" where there is no collection
	Places       bool
}

func (s *Server) methodsView(q *request, c *geo.Collection, doc methodsDocument) methodsView {
	v := methodsView{view: s.view(q, say(q.lang, "Statistics"), doc.Links, q.crumbs(c)...)}
	if c != nil {
		one := summarize(q, c)
		v.Collection = &one
	}
	for _, m := range stat.Methods() {
		row := methodRow{Title: m.Title, Asks: m.Page.Asks, Page: q.in("html", methodPath(m), ""), Places: m.Places}
		if c != nil {
			row.Answer = q.in("html", collectionPath(c.ID)+methodPath(m), "")
		}
		v.Methods = append(v.Methods, row)
	}
	return v
}

type methodView struct {
	view
	Method     *stat.Method
	Parameters []settingRow
	Answers    []crumb // of the collections served
}

// settingRow is a parameter of a method for people.
type settingRow struct {
	Name, Default, Range string
	Description          geo.Text
}

func (s *Server) methodView(q *request, m *stat.Method, doc methodDocument) methodView {
	v := methodView{Method: m, view: s.view(q, m.Title.In(q.lang), doc.Links, q.crumbs(nil, crumb{phrase("Statistics"), q.in("html", statisticsPath, "")})...)}
	for _, p := range m.Parameters() {
		row := settingRow{Name: p.Name, Default: p.Default, Description: p.Description, Range: strings.Join(p.Choices, ", ")}
		if p.Kind == stat.Int || p.Kind == stat.Float {
			if row.Range = "≥ " + plainNumber(p.Min); p.Open {
				row.Range = "> " + plainNumber(p.Min)
			}
			if p.Max > p.Min {
				row.Range += ", ≤ " + plainNumber(p.Max)
			}
		}
		v.Parameters = append(v.Parameters, row)
	}
	for _, c := range q.state.Collections() {
		if _, err := indexOf(c); err == nil {
			v.Answers = append(v.Answers, crumb{nameOf(c), q.in("html", collectionPath(c.ID)+methodPath(m), "")})
		}
	}
	return v
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// mostStatisticRows is how many rows of an answer its page lists; the files have all.
const mostStatisticRows = 200

type statisticView struct {
	view
	Collection         summary
	Method             *stat.Method
	Page               string // how it is computed
	Universe, Weights  geo.Text
	N                  int
	Rev                string
	Warnings           []geo.Text
	Settings           []kept
	Form               statisticForm
	Figures            []figureRow
	Curve              *curve
	Columns            []statColumnHead
	Rows               [][]statCell
	AllRows            int
	Downloads, Reaches []crumb // files of the answer, and its places as a collection
	Map                *picture
}

// statisticForm asks the question anew.
type statisticForm struct {
	Action string
	Fields []statisticField
	Kept   []kept // of the universe
}

type statisticField struct {
	Name, Value, Default string
	Description          geo.Text
	Choices              []string
	Wide                 bool
}

// figureRow is a figure of the result; Subject is "" where there is one subject.
type figureRow struct{ Subject, Name, Value string }

type statColumnHead struct {
	Title  geo.Text
	Unit   string
	Number bool
}

// statCell is a cell of the table; Width is that of a bar, "" for none.
type statCell struct {
	Text   string
	Number bool
	Width  string
}

func (s *Server) statisticPage(ctx context.Context, q *request, r *statisticRequest, f *figures, links []link) (*keptAnswer, error) {
	a := f.answer
	title := r.title(q.lang)
	path := collectionPath(r.c.ID) + statisticsPath
	v := statisticView{
		view:       s.view(q, title, links, q.crumbs(r.c, crumb{phrase("Statistics"), q.in("html", path, "")})...),
		Collection: summarize(q, r.c), Method: r.method, Page: q.in("html", methodPath(r.method), ""),
		Universe: a.Universe, Weights: a.Weights, N: a.N, Rev: a.Rev, Warnings: a.Warnings,
		Form: r.form(q), Figures: f.figureRows(q.lang), Curve: curveOf(a.Result(false)), AllRows: len(a.Rows),
	}
	for _, set := range a.Settings {
		if set.Value != "" {
			v.Settings = append(v.Settings, kept{set.Name, set.Value})
		}
	}
	v.Columns, v.Rows = f.pageRows(q.lang)
	for _, m := range statisticMedia(r.method.Places) {
		if m != htmlMedia && m != eventsMedia {
			v.Downloads = append(v.Downloads, crumb{geo.Text{EN: strings.ToUpper(m.f)}, q.in(m.f, r.path(), r.text())})
		}
	}
	if err := s.showPlaces(ctx, q, r, f, &v); err != nil {
		return nil, err
	}
	return s.keptPage(q, "statistic", v)
}

// showPlaces adds a map of the places and the ways to them.
func (s *Server) showPlaces(ctx context.Context, q *request, r *statisticRequest, f *figures, v *statisticView) error {
	id, ok := r.placesID()
	if _, stored := q.state.Collection(r.c.ID); !ok || !stored || !r.method.Places {
		return nil
	}
	made, err := r.makePlaces(id, f)
	if err != nil {
		return err
	}
	found, err := made.c.Source.Search(ctx, geo.Query{Limit: mostPictured})
	if err != nil {
		return err
	}
	v.Map = s.basics.picture(q, made.c, found.Features)
	path := collectionPath(id)
	v.Reaches = []crumb{
		{phrase("The places as a collection"), q.in("html", path, "")}, {phrase("List of the places"), q.in("html", path+"/items", "")},
		{phrase("Picture of the places"), q.plain(path + "/map")},
	}
	return nil
}

// title is what an answer is called: the method, of what of which collection.
func (r *statisticRequest) title(lang string) string {
	of := titleIn(r.c, lang)
	if r.question.Select != nil {
		of = say(lang, "%s among %s", r.subject(lang), of)
	}
	return say(lang, "%s: %s", r.method.Title.In(lang), of)
}

// subject is what select selects, in words where it asks for one value of a property.
func (r *statisticRequest) subject(lang string) string {
	text := r.question.Select.String()
	name, value, ok := strings.Cut(text, " = ")
	p, found := r.index.Schema().Property(name)
	if !ok || !found || len(value) < 2 || value[0] != '\'' || value[len(value)-1] != '\'' || strings.Contains(value[1:len(value)-1], "'") {
		return text
	}
	return valuesInWords(geo.Property{Enum: p.Enum}, value[1:len(value)-1], lang)
}

// form is the question as a form.
func (r *statisticRequest) form(q *request) statisticForm {
	form := statisticForm{Action: address(q.base, r.path(), "")}
	settings := r.question.Settings()
	for _, p := range r.method.Parameters() {
		one := statisticField{Name: p.Name, Default: p.Default, Description: p.Description, Wide: p.Kind == stat.Filter}
		if p.Kind == stat.Choice {
			one.Choices = p.Choices
		}
		if i := slices.IndexFunc(settings, func(set stat.Setting) bool { return set.Name == p.Name }); i >= 0 {
			one.Value = settings[i].Value
		}
		form.Fields = append(form.Fields, one)
	}
	filter := ""
	for _, p := range r.universe.filter {
		if p.name == "filter" {
			filter = p.value
			continue
		}
		form.Kept = append(form.Kept, kept{p.name, p.value})
	}
	form.Fields = append(form.Fields, statisticField{Name: "filter", Value: filter, Wide: true, Description: phrase("Filter expression (CQL2)")})
	if q.chosen {
		form.Kept = append(form.Kept, kept{"lang", q.lang})
	}
	return form
}

// figureRows are the figures of the result that are no lists.
func (f *figures) figureRows(lang string) []figureRow {
	var subjects struct {
		Subjects []struct {
			Value json.RawMessage `json:"value"`
			Title geo.Text        `json:"title"`
		} `json:"subjects"`
	}
	_ = json.Unmarshal(f.answer.Result(true), &subjects) // ours
	var out []figureRow
	for _, one := range scalarsOf(f.answer.Result(true)) {
		name, spoken := one.name, ""
		if cut := strings.LastIndexByte(name, '.'); cut >= 0 && (name[cut+1:] == "en" || name[cut+1:] == "zh") {
			name, spoken = name[:cut], name[cut+1:]
		}
		if spoken != "" && spoken != lang {
			continue
		}
		row := figureRow{Name: name, Value: figureText(one.value)}
		if rest, ok := strings.CutPrefix(name, "subjects."); ok {
			number, name, _ := strings.Cut(rest, ".")
			if name == "value" || name == "title" {
				continue
			}
			i, _ := strconv.Atoi(number)
			sub := subjects.Subjects[i-1]
			if row.Subject = sub.Title.In(lang); row.Subject == "" {
				row.Subject = figureText(sub.Value)
			}
			row.Name = name
		}
		out = append(out, row)
	}
	return out
}

// figureText is a scalar of JSON for people: numbers in six digits.
func figureText(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	switch v := v.(type) {
	case nil:
		return "–"
	case float64:
		return roundNumber(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(v)
}

// roundNumber is a number in six digits, whole ones whole.
func roundNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return thousands(int(v))
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// pageRows are the rows of the answer for people. The first column of shares, or else of
// values, has bars.
func (f *figures) pageRows(lang string) (heads []statColumnHead, rows [][]statCell) {
	barred, most := -1, 0.0
	for _, name := range [...]string{"share", "lq", "value", "count"} {
		if barred = f.column(name); barred >= 0 {
			break
		}
	}
	kinds := make([]geo.Type, len(f.answer.Columns))
	for i, c := range f.answer.Columns {
		kinds[i] = f.kindOf(i)
		title := c.Title
		if title == (geo.Text{}) {
			title = geo.Text{EN: c.Name}
		}
		heads = append(heads, statColumnHead{title, c.Unit, kinds[i] == geo.TypeNumber || kinds[i] == geo.TypeInteger})
	}
	shown := f.answer.Rows[:min(len(f.answer.Rows), mostStatisticRows)]
	if barred >= 0 {
		for i := range shown {
			if v, ok := numberIn(&shown[i], barred); ok {
				most = max(most, v)
			}
		}
	}
	for i := range shown {
		row := make([]statCell, len(heads))
		for j := range heads {
			row[j] = statCell{Text: cellText(shown[i].Cells[j], lang), Number: heads[j].Number}
			if v, ok := numberIn(&shown[i], j); ok && j == barred && most > 0 && v >= 0 {
				row[j].Width = strconv.FormatFloat(100*v/most, 'f', 1, 64) + "%"
			}
		}
		rows = append(rows, row)
	}
	return heads, rows
}

func cellText(cell any, lang string) string {
	switch v := cell.(type) {
	case string:
		return v
	case bool:
		return say(lang, strconv.FormatBool(v))
	case geo.Text:
		return v.In(lang)
	}
	if v, ok := numberIn(&stat.Row{Cells: []any{cell}}, 0); ok {
		return roundNumber(v)
	}
	return "–"
}

// curve is a line of a result, with a band where it is compared with chance.
type curve struct {
	Line, Band    string // paths in a box of curveWidth by curveHeight
	Width, Height int
	X, Y          string // what they are
	FromX, ToX    string
	FromY, ToY    string
	Diagonal      bool // equal shares are a straight line
}

const curveWidth, curveHeight = 480, 300

// curveOf is the curve of a result, nil where it has none.
func curveOf(result json.RawMessage) *curve {
	var all struct {
		Lorenz           []struct{ X, Y *float64 }
		R                []*float64 `json:"r_km"`
		L, Kd, Low, High []*float64
		Distance         []*float64 `json:"distance_km"`
	}
	if json.Unmarshal(result, &all) != nil {
		return nil
	}
	switch {
	case len(all.Lorenz) > 1:
		var x, y []*float64
		for _, p := range all.Lorenz {
			x, y = append(x, p.X), append(y, p.Y)
		}
		c := newCurve(x, y, nil, nil, "Share of the units", "Share of the whole")
		if c != nil {
			c.Diagonal = true
		}
		return c
	case len(all.R) > 1:
		return newCurve(all.R, all.L, all.Low, all.High, "Distance in km", "L")
	case len(all.Distance) > 1:
		return newCurve(all.Distance, all.Kd, all.Low, all.High, "Distance in km", "K")
	}
	return nil
}

// newCurve is a line, with a band between low and high where these are given; nil where
// a number is missing.
func newCurve(x, y, low, high []*float64, nameX, nameY string) *curve {
	n := len(x)
	banded := len(low) == n && len(high) == n
	lists := [][]*float64{x, y}
	if banded {
		lists = append(lists, low, high)
	}
	for _, list := range lists {
		if len(list) != n || slices.Contains(list, nil) {
			return nil
		}
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, list := range lists[1:] {
		for _, v := range list {
			least, most = min(least, *v), max(most, *v)
		}
	}
	width, height := *x[n-1]-*x[0], most-least
	if !(width > 0) || !(height > 0) {
		return nil
	}
	at := func(b []byte, command byte, i int, v float64) []byte {
		b = append(b, command)
		b = strconv.AppendFloat(b, (*x[i]-*x[0])/width*curveWidth, 'f', 1, 64)
		return strconv.AppendFloat(append(b, ' '), (most-v)/height*curveHeight, 'f', 1, 64)
	}
	trace := func(list []*float64) []byte {
		b := at(nil, 'M', 0, *list[0])
		for i := 1; i < n; i++ {
			b = at(b, 'L', i, *list[i])
		}
		return b
	}
	c := &curve{Line: string(trace(y)), Width: curveWidth, Height: curveHeight, X: nameX, Y: nameY,
		FromX: roundNumber(*x[0]), ToX: roundNumber(*x[n-1]), FromY: roundNumber(least), ToY: roundNumber(most)}
	if banded {
		var b bytes.Buffer
		b.Write(trace(low))
		for i := n - 1; i >= 0; i-- {
			b.Write(at(nil, 'L', i, *high[i]))
		}
		b.WriteByte('Z')
		c.Band = b.String()
	}
	return c
}
