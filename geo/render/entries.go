package render

import (
	"clustermap/geo"
	"clustermap/geo/draw"
)

// entry is a line of the legend.
type entry struct {
	text  geo.Text
	count int                          // negative: none
	mark  func(x, y float64) draw.Item // with its middle there; nil: none
	width float64                      // of the mark, in units
}

// grid is entries with counts in equal columns, down the first column first.
func (s *sheet) grid(name string, rank int, gap float64, entries []entry, width float64) []part {
	if len(entries) == 0 {
		return nil
	}
	const columnGap = 32
	rowHeight := s.row(32)
	p, figure := s.pen(18, 400, s.inks.ink, 1.3), s.pen(18, 400, s.inks.ink2, 1.3)
	columns, need := s.gridColumns(entries, p, figure, width, columnGap, false)
	over := false // one language stands above the other
	for _, try := range []struct {
		size float64
		over bool
	}{{15, false}, {13.5, false}, {15, true}, {13.5, true}, {12, false}} { // smaller type may stand in two
		if columns > 1 || try.size*s.unit < leastType || try.size < 13 && s.setting < small || try.over && (s.lang != Both || s.setting == loose) {
			continue
		}
		q, f := s.pen(try.size, 400, s.inks.ink, 1.3), s.pen(try.size, 400, s.inks.ink2, 1.3)
		if n, w := s.gridColumns(entries, q, f, width, columnGap, try.over); n > 1 {
			p, figure, columns, need, over = q, f, n, w, try.over
		}
	}
	if over {
		rowHeight = p.height(1) + s.under(p).height(1) + s.row(5)
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
				items = append(items, s.entry(e, p, figure, left, top, w, rowHeight, over))
			}
			return items
		},
	}}
}

// under is how the second language is written below the first.
func (s *sheet) under(p pen) pen {
	p.Size, p.Color, p.lead = max(min(p.Size, leastType), 0.8*p.Size), s.inks.ink2, 1.2
	return p
}

// gridColumns is how many columns of entries a width has room for, and how wide each is.
func (s *sheet) gridColumns(entries []entry, p, figure pen, width, gap float64, over bool) (n int, need float64) {
	const least, most = 170, 4
	need = least * s.unit
	for _, e := range entries {
		text := p.width(s.ruler, s.say(e.text))
		if over {
			text = max(p.width(s.ruler, e.text.In("zh")), s.under(p).width(s.ruler, e.text.In("en")))
		}
		need = max(need, text*1.03+figure.width(s.ruler, number(max(0, e.count)))+(e.width+18)*s.unit)
	}
	return min(len(entries), most, max(1, int((width+gap*s.unit)/(need+gap*s.unit)))), need
}

func (s *sheet) entry(e entry, p, figure pen, x, y, width, height float64, over bool) draw.Item {
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
	if q := s.under(p); over && e.text.In("en") != e.text.In("zh") {
		line = y + (height-p.height(1)-q.height(1))/2
		g.Items = append(g.Items,
			put(p, "text", shortened(s.ruler, p, e.text.In("zh"), room), x+text, line, draw.Start),
			put(q, "text", shortened(s.ruler, q, e.text.In("en"), room), x+text, line+p.height(1), draw.Start))
		return g
	}
	if t := shortened(s.ruler, p, s.say(e.text), room); t != "" {
		g.Items = append(g.Items, put(p, "text", t, x+text, line, draw.Start))
	}
	return g
}

// flow is small entries one behind the other in as many lines as they need. Each line is a
// part, so that some may stand where not all can.
func (s *sheet) flow(name string, rank int, gap float64, entries []entry, width float64) (lines []part) {
	const between = 20
	p := s.pen(15, 400, s.inks.ink2, 1.3)
	if s.setting >= small {
		p.Size = max(min(p.Size, leastType), 0.9*p.Size)
	}
	var row []placed
	end := func() {
		lines = append(lines, s.flowLine(name, rank, p, row))
		row = nil
	}
	x := 0.0
	for _, e := range entries {
		mark := 0.0
		if e.mark != nil {
			mark = (e.width + 7) * s.unit
		}
		text := shortened(s.ruler, p, s.say(e.text), width-mark)
		w := mark + p.width(s.ruler, text)*1.06 // other programs' fonts are wider
		if x > 0 && x+w > width {
			end()
			x = 0
		}
		row = append(row, placed{e, text, x, x + mark})
		x += w + between*s.unit
	}
	if len(row) > 0 {
		end()
		lines[0].gap = gap * s.unit
	}
	return lines
}

// placed is an entry in a line, with the places of its mark and its text.
type placed struct {
	entry
	short   string
	x, text float64
}

func (s *sheet) flowLine(name string, rank int, p pen, row []placed) part {
	height := s.row(29)
	for _, e := range row {
		height = max(height, (e.width+3)*s.unit)
	}
	return part{name: name, rank: rank, height: height, draw: func(x, y float64) []draw.Item {
		var items []draw.Item
		for _, e := range row {
			g := &draw.Group{Name: s.say(e.entry.text), Alt: s.say(e.entry.text)}
			if e.mark != nil {
				g.Items = append(g.Items, e.mark(x+e.x+e.width*s.unit/2, y+height/2))
			}
			if e.short != "" {
				g.Items = append(g.Items, put(p, "text", e.short, x+e.text, y+(height-p.height(1))/2, draw.Start))
			}
			if len(g.Items) > 0 {
				items = append(items, g)
			}
		}
		return items
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

// area is a rectangle that is filled and drawn around as an area of the map.
func (s *sheet) area(fill draw.Fill, stroke draw.Stroke) func(x, y float64) draw.Item {
	surface := s.swatch(fill)
	return func(x, y float64) draw.Item {
		sh := surface(x, y).(*draw.Shape)
		sh.Stroke = stroke
		return sh
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
