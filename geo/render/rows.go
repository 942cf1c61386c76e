package render

import (
	"math"

	"clustermap/geo"
	"clustermap/geo/draw"
)

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
type rowColumns struct {
	name, number, bar float64 // width of names; right end of numbers; start of bars
	size              float64 // of names, in units
}

func (s *sheet) rowColumns(rows []regionRow, width float64) rowColumns {
	name, note, count := s.pen(22, 700, s.inks.ink, 1.2), s.pen(15, 400, s.inks.ink2, 1.25), s.pen(36, 700, s.inks.ink, 1)
	wide, figure := 0.0, 0.0
	for _, r := range rows {
		wide = max(wide, name.width(s.ruler, s.say(r.name)), min(width*0.34, note.width(s.ruler, s.say(r.note))))
		figure = max(figure, count.width(s.ruler, number(r.count)))
	}
	wide = max(90*s.unit, min(wide, width-figure-28*s.unit-width*0.28))
	c := rowColumns{name: wide, number: wide + 16*s.unit + figure, size: 22}
	for _, r := range rows { // smaller rather than cut
		if w := name.width(s.ruler, s.say(r.name)); w > wide {
			c.size = min(c.size, max(15, math.Floor(22*wide/w*4)/4))
		}
	}
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
	name, note, count := s.pen(c.size, 700, ink, 1.2), s.pen(15, 400, s.inks.ink2, 1.25), s.pen(36, 700, ink, 1)
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
