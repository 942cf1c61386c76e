package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/draw"
	"clustermap/geo/render"
)

// writeReport draws the map and writes the report in the format of the request.
func (s *Server) writeReport(ctx context.Context, q *request, r *reportRequest, facts *reportFacts) (a *keptAnswer, err error) {
	c := r.content(q, facts)
	k := reportInk{s.faces, render.NewPaper()}
	if q.media.isHTML() {
		return s.reportPage(ctx, q, r, c, k)
	}
	slides := q.media.f == "pptx"
	width, height := pageWidth-2*pageMargin, 430.0
	if slides {
		width, height = deckMap, deckHeight
	}
	p, err := s.reportMap(ctx, q, r, int(width), int(height))
	if err != nil {
		return nil, err
	}
	behind(func() {
		var out bytes.Buffer
		if slides {
			err = draw.PPTX(ctx, &out, s.faces, c.slides(k, p.Drawing)...)
		} else {
			err = draw.PDF(ctx, &out, s.faces, c.pages(k, p.Drawing)...)
		}
		name := r.c.ID + "-" + r.region + r.trade + "." + q.media.f
		a = &keptAnswer{body: out.Bytes(), header: map[string][]string{"Content-Disposition": {disposition(name)}}}
	})
	return a, err
}

// reportMap is the picture of what the report is about, in CSS pixels.
func (s *Server) reportMap(ctx context.Context, q *request, r *reportRequest, width, height int) (*render.Picture, error) {
	query := url.Values{"collections": {r.c.ID}, "f": {"svg"}, "lang": {q.lang}, "furniture": {"legend,scale,source"},
		"width": {strconv.Itoa(width)}, "height": {strconv.Itoa(height)}}
	filter := r.subject
	for _, p := range r.filter {
		if p.name == "filter" {
			filter = "(" + p.value + ") AND (" + filter + ")"
			continue
		}
		query.Set(p.name, p.value)
	}
	query.Set("filter", filter)
	if r.region != "" {
		query.Set("regions", r.region)
	}
	mq, m, err := s.sheetRequest(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.drawMap(ctx, mq, m)
}

// reportView is a report as a page.
type reportView struct {
	view
	Report *reportContent
	Map    template.URL
	MapAlt string
	Charts []chartView
	Files  []crumb
}

type chartView struct {
	*reportChart
	SVG template.HTML
}

func (s *Server) reportPage(ctx context.Context, q *request, r *reportRequest, c *reportContent, k reportInk) (*keptAnswer, error) {
	p, err := s.reportMap(ctx, q, r, 1000, 620)
	if err != nil {
		return nil, err
	}
	var picture bytes.Buffer
	if err := draw.SVG(ctx, &picture, s.faces, p.Drawing); err != nil {
		return nil, err
	}
	v := reportView{view: s.view(q, c.Title, nil, q.crumbs(r.c)...), Report: c, MapAlt: c.Title,
		Map: template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(picture.Bytes()))}
	for _, chart := range c.Charts {
		svg, err := chart.inline(ctx, k, q.lang)
		if err != nil {
			return nil, err
		}
		v.Charts = append(v.Charts, chartView{chart, svg})
	}
	for _, m := range reportMedia()[1:] {
		v.Files = append(v.Files, crumb{geo.Text{EN: strings.ToUpper(m.f)}, q.in(m.f, r.path(), r.text())})
	}
	return s.keptPage(q, "report", v)
}

// The sizes of pages, A4 upright, and of slides, in CSS pixels.
const (
	pageWidth, pageHeight = 794, 1123
	pageMargin            = 56
	deckWidth, deckHeight = 1280, 720
	deckMargin            = 52
	deckMap               = 800 // what the map takes of the first
)

// pageFlow sets one thing below the other, on as many pages as it takes.
type pageFlow struct {
	reportInk
	width, height, margin float64
	title, lang           string
	foot                  string
	narrow                bool    // the first has a map at its right
	small                 float64 // the size of small print
	pages                 []*draw.Drawing
	y                     float64
}

// next begins a page.
func (f *pageFlow) next() {
	d := &draw.Drawing{Width: f.width, Height: f.height, Background: f.paper.Surface, Title: f.title, Lang: bcp47(f.lang), Layers: []*draw.Layer{{Name: "page"}}}
	f.pages = append(f.pages, d)
	f.y = f.margin
	width := f.inner() - 60
	if f.narrow && len(f.pages) == 1 {
		width = deckWidth - deckMap - f.margin - 20
	}
	foot := f.text(f.margin, f.height-f.margin*0.5, f.small, draw.Start, f.foot)
	if f.fonts.Width(foot) > width && f.narrow && len(f.pages) == 1 {
		foot.Text = "" // half an address leads nowhere; the other pages have it
	}
	foot = f.fit(foot, width)
	number := f.text(f.width-f.margin, f.height-f.margin*0.5, f.small, draw.End, strconv.Itoa(len(f.pages)))
	foot.Color, number.Color = f.paper.Ink3, f.paper.Ink3
	if f.put(foot); width == f.inner()-60 {
		f.put(number)
	}
}

func bcp47(lang string) string {
	if lang == "zh" {
		return "zh-Hans"
	}
	return lang
}

func (f *pageFlow) inner() float64 { return f.width - 2*f.margin }

func (f *pageFlow) put(items ...draw.Item) {
	d := f.pages[len(f.pages)-1]
	d.Layers[0].Items = append(d.Layers[0].Items, items...)
}

// room begins a page where there is none for so much.
func (f *pageFlow) room(height float64) {
	if f.y+height > f.height-f.margin-10 {
		f.next()
	}
}

// paragraph sets lines of text.
func (f *pageFlow) paragraph(s string, style draw.Text, after float64) {
	for _, line := range render.Lines(f.fonts, style, s, f.inner()) {
		f.room(style.Size * 1.5)
		t := style
		t.X, t.Y, t.Text = f.margin, f.y+style.Size*1.1, line
		f.put(&t)
		f.y += style.Size * 1.5
	}
	f.y += after
}

func (f *pageFlow) style(size float64, weight int) draw.Text {
	return draw.Text{Size: size, Weight: weight, Color: f.paper.Ink}
}

func (f *pageFlow) quiet(size float64) draw.Text {
	return draw.Text{Size: size, Color: f.paper.Ink2}
}

// heading sets a heading with room for what follows.
func (f *pageFlow) heading(s string, follows float64) {
	f.y += 10
	f.room(34 + follows)
	f.paragraph(s, f.style(16, 700), 4)
}

// firstColumn is how much of the width of a table its first column takes.
const firstColumn = 0.46

// firstCell is the first cell of a row, in lines, and how high the row is.
func (f *pageFlow) firstCell(cells []string, style draw.Text) (lines []string, high float64) {
	lines = render.Lines(f.fonts, style, cells[0], f.inner()*firstColumn-8)
	return lines, style.Size * (0.4 + 1.3*float64(max(len(lines), 1)))
}

// tableHeight is that of a table so large.
func (f *pageFlow) tableHeight(rows [][]string, size float64) float64 {
	high := size*1.7 + 10
	for _, cells := range rows {
		_, one := f.firstCell(cells, f.style(size, 400))
		high += one
	}
	return high
}

// table sets rows; the first column takes half of the width.
func (f *pageFlow) table(heads []string, rows [][]string, size float64) {
	if len(heads) < 2 {
		return
	}
	first := f.inner() * firstColumn
	step := (f.inner() - first) / float64(len(heads)-1)
	set := func(cells []string, style draw.Text) {
		names, high := f.firstCell(cells, style)
		f.room(high)
		for i, cell := range cells[1:] {
			t := style
			t.Text, t.X, t.Y, t.Align = cell, f.margin+first+float64(i+1)*step, f.y+size*1.2, draw.End
			f.put(f.fit(&t, step-8))
		}
		for i, name := range names {
			t := style
			t.Text, t.X, t.Y = name, f.margin, f.y+size*(1.2+1.3*float64(i))
			f.put(&t)
		}
		f.y += high
		rule := &draw.Shape{Stroke: draw.Stroke{Color: f.paper.Line, Width: 0.8}}
		rule.Path.Polyline([]draw.Point{{X: f.margin, Y: f.y}, {X: f.width - f.margin, Y: f.y}}, false)
		f.put(rule)
	}
	set(heads, f.quiet(size))
	for _, row := range rows {
		set(row, f.style(size, 400))
	}
	f.y += 10
}

// embed puts a drawing at a place of the page.
func (f *pageFlow) embed(d *draw.Drawing, x, y float64) {
	page := f.pages[len(f.pages)-1]
	if d.Background.A > 0 {
		ground := &draw.Shape{Name: "map", Fill: draw.Fill{Color: d.Background}}
		ground.Path.Rect(draw.Rect{X: x, Y: y, W: d.Width, H: d.Height})
		f.put(ground)
	}
	for _, l := range d.Layers {
		one := l.Shift(x, y)
		if one.Clip == nil {
			one.Clip = &draw.Rect{X: x, Y: y, W: d.Width, H: d.Height}
		}
		page.Layers = append(page.Layers, one)
	}
}

// numbers sets figures in columns within a width.
func (f *pageFlow) numbers(all []reportNumber, x, width float64, columns int, large, size float64) {
	step := width / float64(columns)
	for from := 0; from < len(all); from += columns {
		high := 0.0
		row := all[from:min(len(all), from+columns)]
		labels := make([][]string, len(row))
		for i, n := range row {
			labels[i] = render.Lines(f.fonts, f.quiet(size), n.Label, step-14)
			high = max(high, large*1.3+float64(len(labels[i]))*size*1.4)
		}
		if x == f.margin {
			f.room(high)
		}
		for i, n := range row {
			at := x + float64(i)*step
			value := f.style(large, 700)
			value.X, value.Y, value.Text = at, f.y+large, n.Value
			f.put(f.shrink(&value, step-8))
			for j, line := range labels[i] {
				t := f.quiet(size)
				t.X, t.Y, t.Text = at, f.y+large*1.3+size+float64(j)*size*1.4, line
				f.put(&t)
			}
		}
		f.y += high + 10
	}
}

// methods sets how the numbers were computed, what to be careful of and the sources.
func (f *pageFlow) methods(c *reportContent, size float64) {
	lang := c.Lang
	f.heading(say(lang, "How computed"), 40)
	for _, n := range c.Notes {
		basis := n.Basis + say(lang, " Parameters: %s.", n.Parameters)
		lines := len(render.Lines(f.fonts, f.quiet(size), basis, f.inner())) + len(render.Lines(f.fonts, f.quiet(size), n.Sources, f.inner()))
		f.room(size * 1.5 * float64(lines+2))
		f.paragraph(n.Title, f.style(size+1, 700), 0)
		f.paragraph(basis, f.quiet(size), 0)
		f.paragraph(n.Sources, f.quiet(size), 5)
	}
	if len(c.Warnings)+len(c.Lacks) > 0 {
		f.heading(say(lang, "To be careful of"), 30)
	}
	for _, w := range append(append([]string{}, c.Warnings...), c.Lacks...) {
		f.paragraph("– "+w, f.quiet(size), 2)
	}
	f.heading(say(lang, "Sources and licence"), 30)
	for _, text := range c.cited() {
		f.paragraph(text, f.quiet(size), 2)
	}
}

// cited is whose the data are, what they lack and where the report is.
func (c *reportContent) cited() (out []string) {
	for _, text := range append(append([]string{c.Credit}, c.Sources...), c.Licence, c.LicenceHref, c.Completeness) {
		if text != "" {
			out = append(out, text)
		}
	}
	out = append(out, c.Faults...)
	return append(out, c.State, say(c.Lang, "This report anew: %s", c.Address), say(c.Lang, "Borders for orientation only, no opinion expressed"))
}

// pages are the report on A4.
func (c *reportContent) pages(k reportInk, picture *draw.Drawing) []*draw.Drawing {
	f := &pageFlow{reportInk: k, width: pageWidth, height: pageHeight, margin: pageMargin, title: c.Title, lang: c.Lang, foot: c.Address, small: 10}
	f.next()
	f.paragraph(c.Title, f.style(24, 700), 4)
	f.paragraph(c.Lead, f.quiet(13), 10)
	f.embed(picture, f.margin, f.y)
	f.pages[0].Description = c.Title
	f.y += picture.Height + 16
	f.numbers(c.Numbers, f.margin, f.inner(), 3, 24, 11.5)
	const size = 11
	for _, chart := range c.Charts {
		high := chart.height(f.inner(), size)
		f.heading(chart.Title, high+40+f.tableHeight(chart.Rows, 10)) // with its table, which has few rows
		if chart.Words != "" {
			f.paragraph(chart.Words, f.quiet(size), 6)
		}
		f.put((&draw.Layer{Items: chart.items(k, f.inner(), size)}).Shift(f.margin, f.y).Items...)
		f.y += high + 8
		f.table(chart.Heads, chart.Rows, 10)
	}
	f.methods(c, 10)
	return f.pages
}

// slides are the report as a presentation: the map, then two charts on each, then how
// it was computed.
func (c *reportContent) slides(k reportInk, picture *draw.Drawing) []*draw.Drawing {
	f := &pageFlow{reportInk: k, width: deckWidth, height: deckHeight, margin: deckMargin, title: c.Title, lang: c.Lang, foot: c.Address, small: 13.5, narrow: true}
	f.next()
	f.embed(picture, deckWidth-deckMap, 0)
	f.pages[0].Description = c.Title
	column := float64(deckWidth - deckMap - deckMargin - 28)
	for _, part := range []struct {
		text  string
		style draw.Text
	}{{c.Title, f.style(28, 700)}, {c.Lead, f.quiet(14)}} {
		for _, line := range render.Lines(f.fonts, part.style, part.text, column) {
			t := part.style
			t.X, t.Y, t.Text = f.margin, f.y+t.Size*1.1, line
			f.put(&t)
			f.y += t.Size * 1.4
		}
		f.y += 14
	}
	f.numbers(c.Numbers, f.margin, column, 2, 26, 13.5)
	for i := 0; i < len(c.Charts); i += 2 {
		f.next()
		f.paragraph(c.Title, f.quiet(15), 8)
		gap := 48.0
		wide := (f.inner() - gap) / 2
		for j, chart := range c.Charts[i:min(len(c.Charts), i+2)] {
			f.chartSlide(chart, f.margin+float64(j)*(wide+gap), wide)
		}
	}
	f.next()
	f.methods(c, 13.5)
	return f.pages
}

// chartSlide sets a chart into a column, and its table into the notes.
func (f *pageFlow) chartSlide(c *reportChart, x, width float64) {
	y := f.y
	set := func(s string, style draw.Text) {
		for _, line := range render.Lines(f.fonts, style, s, width) {
			t := style
			t.X, t.Y, t.Text = x, y+t.Size*1.1, line
			f.put(&t)
			y += t.Size * 1.45
		}
		y += 6
	}
	set(c.Title, f.style(20, 700))
	if c.Words != "" {
		set(c.Words, f.quiet(13.5))
	}
	y += 8
	page := f.pages[len(f.pages)-1]
	page.Notes = append(page.Notes, c.Title)
	for _, row := range append([][]string{c.Heads}, c.Rows...) {
		page.Notes = append(page.Notes, strings.Join(row, "; "))
	}
	f.put((&draw.Layer{Items: c.items(f.reportInk, width, 14)}).Shift(x, y).Items...)
}
