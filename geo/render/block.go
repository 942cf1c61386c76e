package render

import (
	"clustermap/geo"
	"clustermap/geo/draw"
)

// block is the lines of a label.
type block struct {
	lines []blockLine
	w, h  float64
}

type blockLine struct {
	runs []run
	w, h float64
}

type run struct {
	pen  pen
	text string
	x, w float64
	name string
}

// blockOf is a label of one text in the language of the picture, in both one above the other.
func (l *labeller) blockOf(name string, p pen, t geo.Text) block {
	var lines []blockLine
	first, second := t.In("zh"), ""
	switch {
	case l.Lang == English:
		first = t.In("en")
	case l.Lang == Both && t.EN != first:
		second = t.EN
	}
	lines = append(lines, l.line(l.run(name, p, first)))
	if second != "" {
		q := p
		q.Size *= 0.86
		q.Spacing /= 2
		lines = append(lines, l.line(l.run(name, q, second)))
	}
	return l.stack(lines...)
}

func (l *labeller) run(name string, p pen, text string) run {
	if !l.han(text) {
		p.Spacing /= 2
		p.Italic = p.Color == l.theme.labelWater
	}
	return run{pen: p, text: text, name: name, w: p.width(l.fonts, text)}
}

// han is whether a text is Chinese, whose spaced names are wider apart than Latin ones.
func (l *labeller) han(text string) bool {
	for _, c := range text {
		if ideographic(c) {
			return true
		}
	}
	return false
}

// line sets runs side by side.
func (l *labeller) line(runs ...run) blockLine {
	line := blockLine{runs: runs}
	for i := range runs {
		if i > 0 {
			line.w += runs[i].pen.Size * 0.4
		}
		runs[i].x = line.w
		line.w += runs[i].w
		line.h = max(line.h, runs[i].pen.height(1))
	}
	return line
}

// stack sets lines one above the other, with room around them for the halo and for the
// wider fonts of other programs.
func (l *labeller) stack(lines ...blockLine) block {
	b := block{lines: lines}
	for _, line := range lines {
		b.w = max(b.w, line.w)
		b.h += line.h
	}
	b.w = b.w*1.02 + 4*l.scale
	return b
}

// put draws a block in its box and makes it taken.
func (l *labeller) put(b block, at draw.Rect, align draw.Align) {
	l.place.take(at, nobody)
	y := at.Y + (at.H-b.h)/2
	pad := 2 * l.scale
	for _, line := range b.lines {
		x := at.X + pad
		switch align {
		case draw.Middle:
			x = at.X + (at.W-line.w)/2
		case draw.End:
			x = at.X + at.W - pad - line.w
		}
		for _, r := range line.runs {
			anchor, side := x+r.x, draw.Start
			if len(line.runs) == 1 {
				side = align
				anchor += float64(align) / 2 * line.w // Start, Middle, End
			}
			t := put(r.pen, r.name, r.text, rounded(anchor), 0, side)
			t.Y = rounded(y + line.h/2 + (ascent-descent)/2*r.pen.Size)
			t.Halo = draw.Stroke{Color: l.theme.halo, Width: 2 * haloWidth * min(1, l.scale), Round: true}
			l.items = append(l.items, t)
		}
		y += line.h
	}
}

func (l *labeller) pen(size float64, weight int) pen {
	return pen{Text: draw.Text{Size: size * l.scale, Weight: weight, Color: l.theme.labelPlace}, lead: 1.3}
}
