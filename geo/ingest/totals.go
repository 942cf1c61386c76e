package ingest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo/gazetteer"
	"clustermap/geo/table"
)

// totals joins rows that are figures of divisions to the divisions of today, by code.
// Figures of divisions that became one are summed; those of a division that was split
// are not shared out, for nothing says how.
type totals struct {
	im     *importer
	groups map[totalsKey][]*totalsRow
	loose  []*totalsRow // that no division of today is known for, with the reason

	old bool // a row without a year has a code that is no more, so that all are of then

	byFormer map[string][]gazetteer.Former
}

type totalsKey struct {
	code string
	year int
}

type totalsRow struct {
	sheet   *sheetPlan
	row     table.Row
	digest  digest
	fate    int
	unit    *gazetteer.Unit
	key     totalsKey // of the division today
	then    string    // what the row calls it: a code, or a name
	named   bool      // by the name of a division of today
	reasons []Reason
	same    []int // fates of the rows that hold the same
}

func newTotals(im *importer) *totals {
	return &totals{im: im, groups: make(map[totalsKey][]*totalsRow)}
}

// add finds the division of a row.
func (t *totals) add(s *sheetPlan, row table.Row, fate int) {
	row.Cells = slices.Clone(row.Cells)
	r := &totalsRow{sheet: s, row: row, digest: s.digest.of(row), fate: fate}
	q := s.layout.query(row, t.im.opt.Mapping.Year)
	r.key.year = q.Year
	if q.Code != "" {
		t.byCode(r, q)
	} else {
		t.byName(r, q)
	}
	if r.unit == nil {
		t.loose = append(t.loose, r)
		return
	}
	r.key.code = r.unit.Code
	t.groups[r.key] = append(t.groups[r.key], r)
}

func (t *totals) byCode(r *totalsRow, q gazetteer.Query) {
	r.then = q.Code
	r.reasons = append(r.reasons, Reason{Code: "totals-code", Args: []string{q.Code}})
	if u, ok := t.im.g.Unit(q.Code); ok && q.Year == 0 {
		r.unit = u
		return
	}
	t.follow(r, q.Code, "", cmp.Or(q.Year, bookYear))
	t.old = t.old || q.Year == 0 && r.unit != nil
}

// byName finds the division of a row without a code: one that was, if the name is that
// of one alone, else what the gazetteer takes it for.
func (t *totals) byName(r *totalsRow, q gazetteer.Query) {
	name := cmp.Or(q.County, q.Prefecture, q.Place, q.Name, q.Province)
	r.then = name
	r.reasons = append(r.reasons, Reason{Code: "totals-name", Args: []string{clip(name)}})
	var former []gazetteer.Former
	for _, f := range t.formers()[name] {
		if f.Until > q.Year {
			former = append(former, f)
		}
	}
	if len(former) == 1 && q.Year > 0 {
		r.then = former[0].Code
		t.follow(r, former[0].Code, name, q.Year)
		return
	}
	found := t.im.placer.match(q)
	if len(found.Places) != 1 || found.Confidence < t.im.placer.threshold || found.Trade != "" {
		r.reasons = []Reason{{Code: "totals-unknown", Args: []string{clip(name)}}}
		return
	}
	u := found.Places[0].Unit
	if q.Year > 0 && strings.HasSuffix(name, u.NameZH) && divided(t.im.g.Now(u.Code, u.NameZH, q.Year)) {
		r.reasons = append(r.reasons, Reason{Code: "totals-split", Args: []string{clip(name), Division(u, "zh")}})
		return
	}
	r.unit, r.named = u, true
}

// divided reports whether a division has lost a part on the way to what it is today.
func divided(_ []*gazetteer.Unit, changes []gazetteer.Succession) bool {
	return slices.ContainsFunc(changes, func(s gazetteer.Succession) bool { return s.Kind == "split" })
}

// formers are the divisions that are no more, by name.
func (t *totals) formers() map[string][]gazetteer.Former {
	if t.byFormer == nil {
		t.byFormer = make(map[string][]gazetteer.Former)
		for _, f := range t.im.g.Formers() {
			t.byFormer[f.Name] = append(t.byFormer[f.Name], f)
		}
	}
	return t.byFormer
}

// follow takes what a division of a year is today, where all of it is one.
func (t *totals) follow(r *totalsRow, code, name string, year int) {
	units, changes := t.im.g.Now(code, name, year)
	switch {
	case len(units) == 0:
		r.reasons = []Reason{{Code: "totals-unknown", Args: []string{clip(cmp.Or(name, code))}}}
	case len(units) > 1 || divided(units, changes):
		r.reasons = append(r.reasons, Reason{Code: "totals-split", Args: []string{clip(cmp.Or(name, code)), divisions(units, "zh")}})
	default:
		r.unit = units[0]
		if r.unit.Code != code {
			r.reasons = append(r.reasons, Reason{Code: "totals-now", Args: []string{code, strconv.Itoa(year), r.unit.NameZH}})
		}
	}
}

// join makes the features.
func (t *totals) join() {
	keys := make([]totalsKey, 0, len(t.groups))
	for key := range t.groups {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b totalsKey) int {
		return cmp.Or(strings.Compare(a.code, b.code), cmp.Compare(a.year, b.year))
	})
	for _, key := range keys {
		if rows := t.distinct(t.groups[key]); len(rows) > 0 {
			t.joinGroup(key, rows)
		}
	}
	slices.SortFunc(t.loose, byContent)
	taken := make(map[string]int)
	for _, r := range merged(t.loose) {
		id := "unjoined-" + totalsID(totalsKey{clip(r.then), r.key.year})
		if taken[id]++; taken[id] > 1 {
			id += "-" + strconv.Itoa(taken[id])
		}
		t.emit(id, []*totalsRow{r}, &outcome{fate: Listed, spots: make([]spot, 1), reasons: r.reasons})
	}
}

func byContent(a, b *totalsRow) int {
	return cmp.Or(bytes.Compare(a.digest[:], b.digest[:]), cmp.Compare(a.fate, b.fate))
}

// distinct are the rows of a group that count: of equal ones one. Rows that have other
// figures for one division of then become loose, all of them: nothing says which is right.
func (t *totals) distinct(rows []*totalsRow) []*totalsRow {
	slices.SortFunc(rows, func(a, b *totalsRow) int { return cmp.Or(strings.Compare(a.then, b.then), byContent(a, b)) })
	rows = merged(rows)
	var kept []*totalsRow
	for i, r := range rows {
		if i > 0 && rows[i-1].then == r.then || i+1 < len(rows) && rows[i+1].then == r.then {
			r.reasons = append(r.reasons, Reason{Code: "totals-twice", Args: []string{clip(r.then)}})
			t.loose = append(t.loose, r)
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// merged are sorted rows without those that equal the one before, which keeps their
// fates.
func merged(rows []*totalsRow) []*totalsRow {
	var kept []*totalsRow
	for _, r := range rows {
		if n := len(kept); n > 0 && kept[n-1].digest == r.digest {
			kept[n-1].same = append(kept[n-1].same, r.fate)
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// joinGroup makes the feature of the rows that are one division today in one year.
func (t *totals) joinGroup(key totalsKey, rows []*totalsRow) {
	u := rows[0].unit
	o := &outcome{fate: Placed, confidence: 1}
	for _, r := range rows {
		for _, reason := range r.reasons {
			if !slices.ContainsFunc(o.reasons, func(have Reason) bool {
				return have.Code == reason.Code && slices.Equal(have.Args, reason.Args)
			}) {
				o.reasons = append(o.reasons, reason)
			}
		}
	}
	t.sayMerged(o, key, rows)
	s := t.im.placer.spot([]gazetteer.Place{seatOf(u)}, rows[0].then, o)
	if t.im.opt.Mapping.Geometry == GeometryOutlines && t.im.opt.Outline != nil {
		if shape, ok := t.im.opt.Outline(u.Code); ok {
			s.geometry, s.precision, s.source, s.record = shape, "approximate", "divisions", u.Code
		} else {
			o.reasons = append(o.reasons, Reason{Code: "no-outline", Args: []string{u.NameZH}})
		}
	}
	o.spots = []spot{s}
	t.im.placer.hold(o)
	t.emit(totalsID(key), rows, o)
}

// sayMerged says which divisions of then a sum is of, and which of them the table does
// not have.
func (t *totals) sayMerged(o *outcome, key totalsKey, rows []*totalsRow) {
	if len(rows) > 1 {
		var names []string
		for _, r := range rows {
			names = append(names, r.then)
		}
		o.reasons = append(o.reasons, Reason{Code: "totals-merged", Args: []string{strings.Join(names, "、")}})
	}
	year := key.year
	if year == 0 && t.old {
		year = bookYear + 1
	}
	if year < bookYear {
		return
	}
	var missing []string
	then := t.im.g.Then(key.code)
	for _, code := range then {
		gone := slices.ContainsFunc(t.im.g.Formers(), func(f gazetteer.Former) bool { return f.Code == code && f.Until <= year })
		here := slices.ContainsFunc(rows, func(r *totalsRow) bool { return r.then == code || r.named && r.unit.Code == code })
		if !gone && !here {
			missing = append(missing, code)
		}
	}
	if len(missing) > 0 && len(then) > 1 {
		o.reasons = append(o.reasons, Reason{Code: "totals-missing", Args: []string{strings.Join(missing, "、")}})
		o.confidence = min(o.confidence, 0.7)
	}
}

func totalsID(key totalsKey) string {
	if key.year == 0 {
		return key.code
	}
	return fmt.Sprintf("%s-%d", key.code, key.year)
}

// emit keeps the feature of rows and sets their fates.
func (t *totals) emit(id string, rows []*totalsRow, o *outcome) {
	im := t.im
	if c, ok := im.corrections[id]; ok {
		im.wanted[id] = false
		corrected := im.placer.correct(c, *o)
		o = &corrected
	}
	merged := rows[0].row
	if len(rows) > 1 {
		merged = mergeRows(rows, o)
	}
	for _, r := range rows {
		im.rows[r.fate].set(o)
		im.rows[r.fate].ID = id
		for _, same := range r.same {
			im.rows[same].set(o)
			im.rows[same].ID, im.rows[same].Same = id, im.rows[r.fate].Row
		}
	}
	body := im.body(rows[0].sheet, merged, o, &o.spots[0])
	im.features = append(im.features, pending{fate: rows[0].fate, body: im.texts.keep(body)})
}

// mergeRows is one row of the sums of several. Rates cannot be summed, and what is no
// number stands beside one another. The rows are of the sheet of the first; columns of
// the others are found by name.
func mergeRows(rows []*totalsRow, o *outcome) table.Row {
	first := rows[0]
	out := table.Row{Number: first.row.Number, Cells: make([]table.Value, len(first.sheet.sheet.Columns))}
	for i, c := range first.sheet.sheet.Columns {
		var cells []totalsCell
		for _, r := range rows {
			at := slices.IndexFunc(r.sheet.sheet.Columns, func(d table.Column) bool { return d.Name == c.Name })
			if at >= 0 && at < len(r.row.Cells) && r.row.Cells[at].Kind != table.Empty {
				cells = append(cells, totalsCell{r.sheet.layout, at, r.row.Cells[at]})
			}
		}
		if len(cells) == 0 {
			continue
		}
		switch first.sheet.layout.columns[i].Role {
		case RoleNumber:
			if isRate(c.Name, first.sheet.layout.base[i]) && len(cells) > 1 {
				o.reasons = append(o.reasons, Reason{Code: "totals-rate", Args: []string{clip(c.Name)}})
				continue
			}
			if len(cells) < len(rows) {
				o.reasons = append(o.reasons, Reason{Code: "totals-gap", Args: []string{clip(c.Name)}})
				continue
			}
			out.Cells[i] = sum(cells)
		case RoleYear:
			out.Cells[i] = cells[0].value
		default:
			out.Cells[i] = beside(cells)
		}
	}
	return out
}

type totalsCell struct {
	layout *layout
	at     int
	value  table.Value
}

// number is the cell in the unit of its column.
func (c totalsCell) number() (float64, bool) {
	if c.value.Kind == table.Number {
		return c.value.Number, finite(c.value.Number)
	}
	return c.layout.quantity(c.at, strings.TrimSpace(c.value.Text))
}

// sum is the sum of numbers, empty where one of them cannot be read.
func sum(cells []totalsCell) table.Value {
	total := 0.0
	for _, c := range cells {
		v, ok := c.number()
		if !ok {
			return table.Value{}
		}
		total += v
	}
	return table.Value{Kind: table.Number, Number: total, Text: strconv.FormatFloat(total, 'g', 15, 64)}
}

func beside(cells []totalsCell) table.Value {
	var all []string
	for _, c := range cells {
		if !slices.Contains(all, c.value.Text) {
			all = append(all, c.value.Text)
		}
	}
	if len(all) == 1 {
		return cells[0].value
	}
	return table.Value{Kind: table.Text, Text: strings.Join(all, "；")}
}

// isRate reports whether figures of a column are of something for each of something
// else, so that their sum says nothing.
func isRate(header, unit string) bool {
	if unit == "%" || unit == "‰" || strings.Contains(unit, "/") {
		return true
	}
	name := strings.ToLower(header)
	for _, word := range []string{"率", "比重", "占比", "人均", "地均", "均价", "平均", "密度", "指数", "增速", "增长", "rate", "share", "percent", "per capita", "percapita", "average", "mean", "density", "index", "growth", "ratio"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
