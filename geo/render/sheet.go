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
	loose    setting = iota
	tight            // lines stand closer
	merged           // and the small entries of a legend stand in one paragraph
	small            // and small type is smaller
	smallest         // all type is, as far as it can be read
)

// least sizes of type: smaller cannot be read.
const leastType = 0.62 * 13.5 // pixels

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
	with   string // it means something only with the part of this name
}

// Ranks of parts: what is left out first stands first.
const (
	rankSubtitle = iota + 1 // that was not asked for in words
	rankPrecision
	rankLevels
	rankWords // subtitle and filter
	rankRegions
	rankLegend
	rankNotes
	rankTitle
)

// fitting are the parts that have room in a height, those of the highest rank first,
// and moved together where that helps. Where colours have no room nothing of less rank
// takes it.
func fitting(parts []part, height float64) (fit []part, used float64) {
	const least = 0.45 // of a gap
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return parts[b].rank - parts[a].rank })
	in := make([]bool, len(parts))
	closed := 0 // parts of less rank stay out
	for _, i := range order {
		in[i] = parts[i].rank >= closed
		if in[i] && stackHeight(squeezed(parts, in, least)) > height+1e-9 {
			in[i] = false
			if parts[i].rank <= rankLegend {
				closed = parts[i].rank
			}
		}
	}
	for i, p := range parts {
		if p.with != "" && !slices.ContainsFunc(squeezed(parts, in, least), func(q part) bool { return q.name == p.with }) {
			rest := slices.Delete(slices.Clone(parts), i, i+1)
			return fitting(rest, height)
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
	switch s.setting {
	case tight, merged:
		units *= 0.86
	case small, smallest:
		units *= 0.78
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
