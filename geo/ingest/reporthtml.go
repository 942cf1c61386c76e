package ingest

import (
	"cmp"
	_ "embed" // the template of the report
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
)

//go:embed report.tmpl.html
var reportTemplate string

// maxLook is how many rows to look at a page lists: it is to be mailed. The CSV has
// all.
const maxLook = 500

// WriteHTML writes the report as one page that needs nothing else, in "en" or "zh":
// the numbers, the rows to look at first, and what each column was taken for. Equal
// reports give equal bytes.
func (r *Report) WriteHTML(w io.Writer, lang string) error {
	page, err := template.New("report").Parse(reportTemplate)
	if err != nil {
		return err
	}
	b := newBatch(w)
	if err := page.Execute(writerOf(b), r.page(lang)); err != nil {
		return err
	}
	return b.flush()
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func writerOf(b *batch) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		b.add(p)
		return len(p), b.err
	})
}

// htmlPage is what the template shows.
type htmlPage struct {
	Lang, HTMLLang, File, Format, Headline string
	Counts                                 Counts
	Bar, ByConfidence, ByLevel             []htmlShare
	ByPrecision                            []htmlShare
	Look                                   []htmlRow
	LookMore                               string
	All                                    []htmlRow // the others
	AllMore                                string
	Columns                                []htmlColumn
	Notes                                  []string
}

type htmlShare struct {
	Label  string
	Rows   int
	Colour template.CSS // the name of a property
}

type htmlRow struct {
	Sheet, Class, Fate, Confidence, ID, Name, Place, Where, Adcode, Column string
	Row                                                                    int
	Others, Reasons                                                        []string
}

type htmlColumn struct{ Name, Role, Unit, Why string }

// T is a text of the page.
func (p *htmlPage) T(key string) string { return htmlTexts(key).In(p.Lang) }

// N is a number with commas between the thousands.
func (p *htmlPage) N(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (r *Report) page(lang string) *htmlPage {
	p := &htmlPage{Lang: lang, HTMLLang: "en", File: cleanTitle(r.File), Format: r.Format, Counts: r.Counts}
	if lang == "zh" {
		p.HTMLLang = "zh-Hans"
	}
	p.Headline = r.Headline(lang)
	p.shares(r)
	look := r.lookFirst()
	if more := len(look) - maxLook; more > 0 {
		look = look[:maxLook]
		p.LookMore = geo.Text{EN: "The first " + p.N(maxLook) + " are shown; " + p.N(more) + " more are in the report as CSV.", ZH: "以下列出前" + p.N(maxLook) + "行，其余" + p.N(more) + "行见CSV报告。"}.In(lang)
	}
	for _, f := range look {
		p.Look = append(p.Look, p.row(f))
	}
	p.others(r)
	for _, c := range r.Mapping.Columns {
		p.Columns = append(p.Columns, htmlColumn{cleanTitle(c.Column), c.Role.Title().In(lang), c.Unit, c.Why.In(lang)})
	}
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, notePlace(n.Sheet, n.Row, lang)+Clean(noteText(n, lang)))
	}
	return p
}

// maxOthers is how many of the rows that need not be looked at a page lists.
const maxOthers = 2000

// others lists the rows that are placed and sure, in the order of the file.
func (p *htmlPage) others(r *Report) {
	more := 0
	for i := range r.Rows {
		f := &r.Rows[i]
		switch {
		case f.toLookAt():
		case len(p.All) == maxOthers:
			more++
		default:
			p.All = append(p.All, p.row(f))
		}
	}
	if more > 0 {
		p.AllMore = geo.Text{EN: p.N(more) + " more are in the report as CSV.", ZH: "其余" + p.N(more) + "行见CSV报告。"}.In(p.Lang)
	}
}

func notePlace(sheet string, row int, lang string) string {
	var parts []string
	if sheet != "" {
		parts = append(parts, clip(sheet))
	}
	if row > 0 {
		parts = append(parts, geo.Text{EN: "row " + strconv.Itoa(row), ZH: "第" + strconv.Itoa(row) + "行"}.In(lang))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, " ") + geo.Text{EN: ": ", ZH: "："}.In(lang)
}

// Headline says in one sentence how it went.
func (r *Report) Headline(lang string) string {
	p := &htmlPage{Lang: lang}
	c := r.Counts
	switch {
	case c.In == 0:
		return geo.Text{EN: "The table has no rows", ZH: "表中没有数据行"}.In(lang)
	case c.Placed == c.In:
		return geo.Text{EN: "All " + p.N(c.In) + " rows have a place", ZH: "全部" + p.N(c.In) + "行均已定位"}.In(lang)
	}
	return geo.Text{EN: p.N(c.Placed) + " of " + p.N(c.In) + " rows have a place", ZH: p.N(c.In) + "行中已定位" + p.N(c.Placed) + "行"}.In(lang)
}

func (p *htmlPage) shares(r *Report) {
	colours := []template.CSS{"--c1", "--c2", "--c3", "--c4"}
	upper := ""
	for i, s := range r.Counts.ByConfidence {
		from := strconv.FormatFloat(s.From, 'f', -1, 64)
		label := from + "–" + upper
		if upper == "" {
			label = from + "–1"
		}
		upper = from
		share := htmlShare{label, s.Rows, colours[i]}
		if s.Rows > 0 || s.From > 0 {
			p.ByConfidence = append(p.ByConfidence, share)
		}
		if s.Rows > 0 {
			share.Label = geo.Text{EN: "confidence ", ZH: "可信度"}.In(p.Lang) + label
			p.Bar = append(p.Bar, share)
		}
	}
	if n := r.Counts.Listed; n > 0 {
		p.Bar = append(p.Bar, htmlShare{p.T("listed"), n, "--c-listed"})
	}
	if n := r.Counts.Refused; n > 0 {
		p.Bar = append(p.Bar, htmlShare{p.T("refused"), n, "--c-refused"})
	}
	p.ByLevel = p.counted(r.Counts.ByLevel, levelTitles())
	p.ByPrecision = p.counted(r.Counts.ByPrecision, precisionTitles())
}

// counted are counts in words, the largest first.
func (p *htmlPage) counted(counts map[string]int, titles []enumDoc) []htmlShare {
	var all []htmlShare
	for value, n := range counts {
		label := value
		if value == "" {
			label = p.T("unknown")
		}
		for _, t := range titles {
			if t.Const != nil && *t.Const == value {
				label = t.XTitle.In(p.Lang)
			}
		}
		all = append(all, htmlShare{Label: label, Rows: n})
	}
	slices.SortFunc(all, func(a, b htmlShare) int { return cmp.Or(b.Rows-a.Rows, strings.Compare(a.Label, b.Label)) })
	return all
}

// sure is the confidence from which a row need not be looked at.
const sure = 0.8

// lookFirst are the rows that a person should look at: those refused, those listed,
// and those placed that are not sure, the least sure first.
func (r *Report) lookFirst() []*Fate {
	rank := func(f *Fate) int { return slices.Index([]string{Refused, Listed, Placed}, f.Fate) }
	var all []*Fate
	for i := range r.Rows {
		f := &r.Rows[i]
		if f.toLookAt() {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b *Fate) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Confidence, b.Confidence))
	})
	return all
}

func (f *Fate) toLookAt() bool {
	return !f.Corrected && (f.Fate != Placed || f.Confidence < sure)
}

func (p *htmlPage) row(f *Fate) htmlRow {
	row := htmlRow{Sheet: Clean(f.Sheet), Class: f.Fate, Fate: p.T("is-" + f.Fate), Row: f.Row, ID: Clean(f.ID), Name: Clean(f.Name), Adcode: f.Adcode,
		Where: f.Where(p.Lang), Column: Clean(f.Column)}
	if f.Place != f.Name {
		row.Place = Clean(f.Place)
	}
	if f.Fate == Placed {
		row.Confidence = strconv.FormatFloat(round2(f.Confidence), 'f', -1, 64)
	}
	for _, text := range f.Texts(p.Lang) {
		row.Reasons = append(row.Reasons, Clean(text))
	}
	for _, a := range f.Alternatives {
		row.Others = append(row.Others, fmt.Sprintf("%s %s %s", p.T("or"), Division(a.Unit, p.Lang), a.Unit.Code))
	}
	return row
}

// htmlTexts are the texts of the page.
func htmlTexts(key string) geo.Text {
	switch key {
	case "title":
		return geo.Text{EN: "Import report", ZH: "导入报告"}
	case "in":
		return geo.Text{EN: "rows in the table", ZH: "表中行数"}
	case "placed":
		return geo.Text{EN: "placed", ZH: "已定位"}
	case "listed":
		return geo.Text{EN: "listed, without a place", ZH: "待人工定位"}
	case "refused":
		return geo.Text{EN: "refused, not readable", ZH: "无法读取"}
	case "is-placed":
		return geo.Text{EN: "placed", ZH: "已定位"}
	case "is-listed":
		return geo.Text{EN: "listed", ZH: "待定位"}
	case "is-refused":
		return geo.Text{EN: "refused", ZH: "未读取"}
	case "look":
		return geo.Text{EN: "Rows to look at first", ZH: "请先核对这些行"}
	case "look-what":
		return geo.Text{EN: "What was refused, what has no place, and what is placed with a confidence below 0.8, the least sure first. Correct a row in the table, or in the mapping file by its id.",
			ZH: "依次为无法读取、未能定位和可信度低于0.8的行，最不确定的在前。可在表中改正，或在映射文件中按标识更正。"}
	case "nothing":
		return geo.Text{EN: "None: every row is placed with a confidence of 0.8 or more.", ZH: "没有：各行均以0.8以上的可信度定位。"}
	case "id":
		return geo.Text{EN: "id", ZH: "标识"}
	case "row":
		return geo.Text{EN: "Row", ZH: "行"}
	case "rows":
		return geo.Text{EN: "Rows", ZH: "行数"}
	case "fate":
		return geo.Text{EN: "Result", ZH: "结果"}
	case "name":
		return geo.Text{EN: "What the row says", ZH: "原文"}
	case "where":
		return geo.Text{EN: "Where it is put", ZH: "定位于"}
	case "why":
		return geo.Text{EN: "Why", ZH: "依据"}
	case "or":
		return geo.Text{EN: "or", ZH: "或"}
	case "others":
		return geo.Text{EN: "The other rows", ZH: "其余各行"}
	case "how":
		return geo.Text{EN: "How sure, what kind, how exact", ZH: "可信度、层级与精度"}
	case "confidence":
		return geo.Text{EN: "Confidence", ZH: "可信度"}
	case "level":
		return geo.Text{EN: "Level", ZH: "层级"}
	case "precision":
		return geo.Text{EN: "The point is", ZH: "点位"}
	case "unknown":
		return geo.Text{EN: "not known", ZH: "未知"}
	case "columns":
		return geo.Text{EN: "What the columns were taken for", ZH: "各列的用途"}
	case "column":
		return geo.Text{EN: "Column", ZH: "列"}
	case "role":
		return geo.Text{EN: "Taken for", ZH: "用作"}
	case "because":
		return geo.Text{EN: "Because of", ZH: "理由"}
	case "notes":
		return geo.Text{EN: "Notes", ZH: "说明"}
	case "meaning":
		return geo.Text{EN: "A point is the seat of the place named, unless the table gives coordinates; it is no surveyed site. The confidence says how sure the place is, not how exact the point.",
			ZH: "除表中自带坐标外，点位为所写地点的驻地，并非实测位置。可信度表示地点是否认对，不表示点位的精确程度。"}
	case "credit":
		return geo.Text{EN: "Points of places: GeoNames (geonames.org), CC BY 4.0. Made by clustermap import.", ZH: "地点点位：GeoNames（geonames.org），CC BY 4.0。由 clustermap import 生成。"}
	}
	return geo.Text{EN: key}
}
