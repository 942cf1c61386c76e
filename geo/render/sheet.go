package render

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// sheet sets text and furniture. Its unit is a pixel of a slide of 1600 x 900.
type sheet struct {
	ruler ruler
	unit  float64 // in pixels
	setting
	lang Lang
	inks inks
}

// setting is how lines are set where room is short.
type setting uint8

const (
	loose  setting = iota
	tight          // lines stand closer
	merged         // and the small entries of a legend stand in one paragraph
)

// inks are the colours of furniture.
type inks struct {
	ink, ink2, ink3, line, surface color.NRGBA
}

// part is a piece of furniture in a column. It is drawn from its upper left corner.
type part struct {
	name   string
	rank   int     // where room is short the part of the least rank goes first
	gap    float64 // kept free above it, but not at the top
	height float64
	draw   func(x, y float64) []draw.Item
}

// Ranks of parts: what is left out first stands first.
const (
	rankPrecision = iota + 1
	rankLevels
	rankGroups
	rankSubtitle
	rankRegions
	rankLegend
	rankNotes
	rankTitle
)

// fitting are the parts that have room in a height, those of the highest rank first,
// and moved together where that helps.
func fitting(parts []part, height float64) (fit []part, used float64) {
	const least = 0.45 // of a gap
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return parts[b].rank - parts[a].rank })
	in := make([]bool, len(parts))
	for _, i := range order {
		in[i] = true
		if stackHeight(squeezed(parts, in, least)) > height+1e-9 {
			in[i] = false
		}
	}
	for _, f := range []float64{1, 0.8, 0.6, least} {
		fit = squeezed(parts, in, f)
		if used = stackHeight(fit); used <= height+1e-9 {
			break
		}
	}
	return fit, used
}

// squeezed are the parts that are in, with gaps smaller by a factor.
func squeezed(parts []part, in []bool, f float64) []part {
	var out []part
	for i, p := range parts {
		if in[i] {
			p.gap *= f
			out = append(out, p)
		}
	}
	return out
}

func stackHeight(parts []part) float64 {
	sum := 0.0
	for i, p := range parts {
		if i > 0 {
			sum += p.gap
		}
		sum += p.height
	}
	return sum
}

// together makes one part of several, which stay or go as one.
func together(parts []part) []part {
	if len(parts) < 2 {
		return parts
	}
	for i := range parts[1:] {
		parts[i+1].gap = min(parts[i+1].gap, parts[0].gap/4)
	}
	last := parts[len(parts)-1]
	return []part{{
		name: last.name, rank: last.rank, gap: parts[0].gap, height: stackHeight(parts),
		draw: func(x, y float64) []draw.Item { return stacked(parts, x, y) },
	}}
}

// stacked draws parts one below the other.
func stacked(parts []part, x, y float64) []draw.Item {
	var items []draw.Item
	for i, p := range parts {
		if i > 0 {
			y += p.gap
		}
		if own := p.draw(x, y); len(own) > 0 {
			items = append(items, &draw.Group{Name: p.name, Items: own})
		}
		y += p.height
	}
	return items
}

// row is the height of a row of so many units.
func (s *sheet) row(units float64) float64 {
	if s.setting != loose {
		units *= 0.86
	}
	return units * s.unit
}

// pen makes a pen of so many units.
func (s *sheet) pen(size float64, weight int, ink color.NRGBA, lead float64) pen {
	return pen{Text: draw.Text{Size: size * s.unit, Weight: weight, Color: ink}, lead: lead}
}

// put is a line of text whose middle line box begins at y.
func put(p pen, name, text string, x, y float64, align draw.Align) *draw.Text {
	t := p.Text
	t.Name, t.Text, t.Align = name, text, align
	t.X, t.Y = x, y+baseline(p)
	return &t
}

// baseline is how far below the top of its line box a text stands.
func baseline(p pen) float64 {
	return p.Size * (p.lead/2 + (ascent-descent)/2)
}

// say is a text in the language of the sheet: in both, Chinese first.
func (s *sheet) say(t geo.Text) string { return say(s.lang, t) }

func say(l Lang, t geo.Text) string {
	switch {
	case l == English:
		return t.In("en")
	case l == Both && t.EN != "" && t.ZH != "" && t.EN != t.ZH:
		return t.ZH + " " + t.EN
	}
	return t.In("zh")
}

// spare is the part of a line that text fills, so that the fonts of other programs, which
// may be wider, have room too.
const spare = 0.97

// paragraph is wrapped text; it has no part where there is no text.
func (s *sheet) paragraph(name string, rank int, p pen, text string, width float64, most int) []part {
	lines, _ := wrap(s.ruler, p, text, width*spare, most)
	return s.lines(name, rank, p, lines)
}

// lines is text that has been wrapped.
func (s *sheet) lines(name string, rank int, p pen, lines []string) []part {
	if len(lines) == 0 {
		return nil
	}
	return []part{{
		name: name, rank: rank, height: p.height(len(lines)),
		draw: func(x, y float64) []draw.Item {
			var items []draw.Item
			for i, l := range lines {
				items = append(items, put(p, name, l, x, y+p.height(i), draw.Start))
			}
			return items
		},
	}}
}

// share is a part of a bar or a ring.
type share struct {
	title geo.Text
	fill  draw.Fill
	n     int
}

// regionRow is a region in the list of numbers.
type regionRow struct {
	name, note geo.Text
	count      int
	shares     []share
	quiet      bool // the rest of the country
}

// regionRows is the list of regions with large numbers, and bars by family in one scale. Wide
// sheets have two columns.
func (s *sheet) regionRows(rows []regionRow, width float64) []part {
	if len(rows) == 0 {
		return nil
	}
	const columnGap = 48
	rowHeight := s.row(68)
	columns := 1
	if len(rows) > 1 && width >= 760*s.unit {
		columns = 2
	}
	per := (len(rows) + columns - 1) / columns
	w := (width - columnGap*s.unit*float64(columns-1)) / float64(columns)
	most := 0
	for _, r := range rows {
		most = max(most, r.count)
	}
	cols := s.rowColumns(rows, w)
	return []part{{
		name: "Regions", rank: rankRegions, gap: 28 * s.unit, height: rowHeight * float64(per),
		draw: func(x, y float64) []draw.Item {
			var items []draw.Item
			for i, r := range rows {
				left := x + float64(i/per)*(w+columnGap*s.unit)
				top := y + float64(i%per)*rowHeight
				items = append(items, s.regionRow(r, cols, left, top, w, rowHeight, most, i%per == 0))
			}
			return items
		},
	}}
}

// rowColumns are where the parts of the rows of regions stand, from the left.
type rowColumns struct{ name, number, bar float64 } // width of names; right end of numbers; start of bars

func (s *sheet) rowColumns(rows []regionRow, width float64) rowColumns {
	name, note, count := s.pen(22, 700, s.inks.ink, 1.2), s.pen(15, 400, s.inks.ink2, 1.25), s.pen(36, 700, s.inks.ink, 1)
	wide, figure := 0.0, 0.0
	for _, r := range rows {
		wide = max(wide, name.width(s.ruler, s.say(r.name)), min(width*0.34, note.width(s.ruler, s.say(r.note))))
		figure = max(figure, count.width(s.ruler, number(r.count)))
	}
	wide = max(90*s.unit, min(wide, width-figure-28*s.unit-width*0.28))
	c := rowColumns{name: wide, number: wide + 16*s.unit + figure}
	c.number = max(c.number, min(180*s.unit, width*0.4))
	c.bar = c.number + 14*s.unit
	return c
}

func (s *sheet) regionRow(r regionRow, c rowColumns, x, y, width, height float64, most int, first bool) draw.Item {
	u := s.unit
	rule := func(y float64) draw.Item {
		var p draw.Path
		p.Polyline([]draw.Point{{X: x, Y: y}, {X: x + width, Y: y}}, false)
		return &draw.Shape{Name: "rule", Path: p, Stroke: draw.Stroke{Color: s.inks.line, Width: max(0.75, u)}}
	}
	ink := s.inks.ink
	if r.quiet {
		ink = s.inks.ink2
	}
	g := &draw.Group{Name: s.say(r.name), Alt: s.say(r.name) + " " + number(r.count)}
	if first {
		g.Items = append(g.Items, rule(y))
	}
	name, note, count := s.pen(22, 700, ink, 1.2), s.pen(15, 400, s.inks.ink2, 1.25), s.pen(36, 700, ink, 1)
	text, small := shortened(s.ruler, name, s.say(r.name), c.name), ""
	if most := c.number - count.width(s.ruler, number(r.count)) - 8*u; r.note != (geo.Text{}) {
		small = shortened(s.ruler, note, s.say(r.note), max(c.name, most))
	}
	block := name.height(1)
	if small != "" {
		block += note.height(1)
	}
	top := y + (height-block)/2
	if text != "" {
		g.Items = append(g.Items, put(name, "name", text, x, top, draw.Start))
	}
	if small != "" {
		g.Items = append(g.Items, put(note, "definition", small, x, top+name.height(1), draw.Start))
	}
	g.Items = append(g.Items, put(count, "count", number(r.count), x+c.number, y+(height-count.height(1))/2, draw.End))
	g.Items = append(g.Items, s.bar(r.shares, x+c.bar, y+height/2-8*u, width-c.bar, most)...)
	g.Items = append(g.Items, rule(y+height))
	return g
}

// bar is shares side by side; most would fill the width.
func (s *sheet) bar(shares []share, x, y, width float64, most int) []draw.Item {
	var items []draw.Item
	gap := 1.5 * s.unit
	for _, h := range shares {
		w := width * float64(h.n) / float64(max(1, most))
		if h.n == 0 || w <= 0 {
			continue
		}
		var p draw.Path
		p.Rect(draw.Rect{X: x, Y: y, W: max(w-gap, min(w, 0.75)), H: 16 * s.unit})
		items = append(items, &draw.Shape{Name: s.say(h.title) + " " + number(h.n), Path: p, Fill: h.fill})
		x += w
	}
	return items
}

// entry is a line of the legend.
type entry struct {
	text  geo.Text
	count int // negative: none
	mark  func(x, y float64) draw.Item
	width float64 // of the mark, in units
}

// grid is entries with counts in equal columns, down the first column first.
func (s *sheet) grid(name string, rank int, gap float64, entries []entry, width float64) []part {
	if len(entries) == 0 {
		return nil
	}
	const columnGap = 32
	rowHeight := s.row(32)
	p, figure := s.pen(18, 400, s.inks.ink, 1.3), s.pen(18, 400, s.inks.ink2, 1.3)
	columns, need := s.gridColumns(entries, p, figure, width, columnGap)
	if columns == 1 { // smaller type may stand in two
		q, f := s.pen(15, 400, s.inks.ink, 1.3), s.pen(15, 400, s.inks.ink2, 1.3)
		if n, w := s.gridColumns(entries, q, f, width, columnGap); n > 1 {
			p, figure, columns, need = q, f, n, w
		}
	}
	per := (len(entries) + columns - 1) / columns
	columns = (len(entries) + per - 1) / per
	w := (width - columnGap*s.unit*float64(columns-1)) / float64(columns)
	w = min(w, max(need, 280*s.unit))
	return []part{{
		name: name, rank: rank, gap: gap * s.unit, height: float64(per) * rowHeight,
		draw: func(x, y float64) []draw.Item {
			var items []draw.Item
			for i, e := range entries {
				// Rows are read across, as the families are in the order of their colours.
				left := x + float64(i%columns)*(w+columnGap*s.unit)
				top := y + float64(i/columns)*rowHeight
				items = append(items, s.entry(e, p, figure, left, top, w, rowHeight))
			}
			return items
		},
	}}
}

// gridColumns is how many columns of entries a width has room for, and how wide each is.
func (s *sheet) gridColumns(entries []entry, p, figure pen, width, gap float64) (n int, need float64) {
	const least, most = 170, 4
	need = least * s.unit
	for _, e := range entries {
		need = max(need, p.width(s.ruler, s.say(e.text))*1.03+figure.width(s.ruler, number(max(0, e.count)))+(e.width+18)*s.unit)
	}
	return min(len(entries), most, max(1, int((width+gap*s.unit)/(need+gap*s.unit)))), need
}

func (s *sheet) entry(e entry, p, figure pen, x, y, width, height float64) draw.Item {
	u := s.unit
	g := &draw.Group{Name: s.say(e.text), Alt: s.say(e.text)}
	if e.mark != nil {
		g.Items = append(g.Items, e.mark(x+e.width*u/2, y+height/2))
	}
	text := (e.width + 10) * u
	room := width - text
	line := y + (height-p.height(1))/2
	if e.count >= 0 {
		n := number(e.count)
		g.Alt += " " + n
		g.Items = append(g.Items, put(figure, "count", n, x+width, line, draw.End))
		room -= figure.width(s.ruler, n) + 8*u
	}
	if t := shortened(s.ruler, p, s.say(e.text), room); t != "" {
		g.Items = append(g.Items, put(p, "text", t, x+text, line, draw.Start))
	}
	return g
}

// flow is small entries one behind the other in as many lines as they need.
func (s *sheet) flow(name string, rank int, gap float64, entries []entry, width float64) []part {
	if len(entries) == 0 {
		return nil
	}
	const between = 20
	rowHeight := s.row(29)
	for _, e := range entries {
		rowHeight = max(rowHeight, (e.width+3)*s.unit)
	}
	p := s.pen(15, 400, s.inks.ink2, 1.3)
	type spot struct{ x, y, text float64 }
	spots := make([]spot, len(entries))
	texts := make([]string, len(entries))
	x, y := 0.0, 0.0
	for i, e := range entries {
		mark := 0.0
		if e.mark != nil {
			mark = (e.width + 7) * s.unit
		}
		texts[i] = shortened(s.ruler, p, s.say(e.text), width-mark)
		w := mark + p.width(s.ruler, texts[i])*1.06 // other programs' fonts are wider
		if x > 0 && x+w > width {
			x, y = 0, y+rowHeight
		}
		spots[i] = spot{x, y, x + mark}
		x += w + between*s.unit
	}
	return []part{{
		name: name, rank: rank, gap: gap * s.unit, height: y + rowHeight,
		draw: func(x, y float64) []draw.Item {
			var items []draw.Item
			for i, e := range entries {
				at, middle := spots[i], y+spots[i].y+rowHeight/2
				g := &draw.Group{Name: s.say(e.text), Alt: s.say(e.text)}
				if e.mark != nil {
					g.Items = append(g.Items, e.mark(x+at.x+e.width*s.unit/2, middle))
				}
				if texts[i] != "" {
					g.Items = append(g.Items, put(p, "text", texts[i], x+at.text, middle-p.height(1)/2, draw.Start))
				}
				if len(g.Items) > 0 {
					items = append(items, g)
				}
			}
			return items
		},
	}}
}

// heading is a small bold line above a part of a legend.
func (s *sheet) heading(text string, width, gap float64) []part {
	p := s.pen(16, 700, s.inks.ink, 1.4)
	parts := s.paragraph(text, rankLegend, p, text, width, 2)
	for i := range parts {
		parts[i].gap = gap * s.unit
	}
	return parts
}

// swatch is a rectangle filled with a class of an area.
func (s *sheet) swatch(fill draw.Fill) func(x, y float64) draw.Item {
	return func(x, y float64) draw.Item {
		var p draw.Path
		w, h := 18*s.unit, 16*s.unit
		p.Rect(draw.Rect{X: x - w/2, Y: y - h/2, W: w, H: h})
		return &draw.Shape{Name: "swatch", Path: p, Fill: fill, Stroke: draw.Stroke{Color: s.inks.line, Width: max(0.5, 0.75*s.unit)}}
	}
}

// dot is a round swatch of a family.
func (s *sheet) dot(fill draw.Fill) func(x, y float64) draw.Item {
	return func(x, y float64) draw.Item {
		var p draw.Path
		p.Circle(x, y, 7.7*s.unit)
		return &draw.Shape{Name: "swatch", Path: p, Fill: fill}
	}
}

// sentences joins notes to one text, each with its full stop.
func (s *sheet) sentences(notes []geo.Text) string {
	var b strings.Builder
	for _, n := range notes {
		for _, l := range []Lang{Chinese, English} {
			if l == Chinese && s.lang == English || l == English && s.lang == Chinese || s.lang == Both && l == English && (n.EN == n.ZH || n.EN == "") {
				continue
			}
			text := strings.TrimRight(strings.TrimSpace(say(l, n)), "。. ")
			if text == "" {
				continue
			}
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "。") {
				b.WriteByte(' ')
			}
			b.WriteString(text)
			if l == Chinese {
				b.WriteString("。")
			} else {
				b.WriteString(".")
			}
			if b.Len() > 8*mostWrapped {
				return b.String()
			}
		}
	}
	return b.String()
}

// rounded is v to a hundredth of a pixel, so that equal pictures have equal bytes on all machines.
func rounded(v float64) float64 { return math.Round(v*100) / 100 }
