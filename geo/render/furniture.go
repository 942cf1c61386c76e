package render

import (
	"context"
	"slices"
	"strings"
	"time"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// newSheet is the sheet of a picture.
func newSheet(s *scene, unit float64) sheet {
	t := s.theme
	return sheet{
		ruler: s.fonts, unit: unit, lang: s.Lang,
		inks: inks{ink: t.ink, ink2: t.ink2, ink3: t.ink3, line: t.line, surface: t.surface},
	}
}

func (s *scene) has(bit Furniture) bool { return s.Furniture&bit != 0 }

// furnish draws what stands around and on the map. It reports whether all found a place
// where it covers no symbol and no island.
func (s *scene) furnish(ctx context.Context) (bool, error) {
	if s.Furniture == 0 || s.fonts == nil {
		return true, nil
	}
	p := &s.page
	f := s.facts
	switch p.arrangement {
	case column:
		s.paper(draw.Rect{W: s.frame.X, H: s.Height})
		s.fillColumn(f)
	case bands:
		s.paper(draw.Rect{W: s.Width, H: s.frame.Y})
		s.paper(draw.Rect{Y: s.frame.Y + s.frame.H, W: s.Width, H: s.Height - s.frame.Y - s.frame.H})
		parts := s.headParts(f, p.head.W)
		head, _ := fitting(parts, p.head.H+1)
		s.leaveOutOf(parts, head)
		foot := s.fitted(p.foot.H+1, func() []part { return s.footParts(f, p.foot.W) })
		s.above(append(stacked(head, p.head.X, p.head.Y), stacked(foot, p.foot.X, p.foot.Y)...))
	}
	if !p.edge.Empty() {
		s.above([]draw.Item{&draw.Shape{Name: "edge", Path: p.edge, Stroke: draw.Stroke{Color: s.theme.line, Width: 1}}})
	}
	return s.furnishMap(ctx)
}

// leaveOut remembers that a piece of furniture has no room.
func (s *scene) leaveOut(name string) {
	if !slices.Contains(s.leftOut, name) {
		s.leftOut = append(s.leftOut, name)
	}
}

// leaveOutOf remembers the parts of all that are not among those that have room.
func (s *scene) leaveOutOf(all, fit []part) {
	has := map[string]int{}
	for _, p := range fit {
		has[p.name]++
	}
	for _, p := range all {
		if has[p.name]--; has[p.name] >= 0 || p.with != "" {
			continue
		}
		switch name := strings.ToLower(p.name); name {
		case "title", "subtitle", "filter":
			s.leaveOut(name)
		case "notes":
			s.leaveOut("source")
		case "regions":
			s.leaveOut("region numbers")
		case "levels", "precision":
			s.leaveOut("legend of " + name)
		default:
			s.leaveOut("legend")
		}
	}
}

// paper is the ground of what stands beside the map.
func (s *scene) paper(r draw.Rect) {
	if r.W <= 0 || r.H <= 0 {
		return
	}
	sh := &draw.Shape{Name: "paper", Fill: draw.Fill{Color: s.theme.surface}}
	sh.Path.Rect(r)
	s.above([]draw.Item{sh})
}

// above adds furniture to the layer that lies on all others.
func (s *scene) above(items []draw.Item) { s.furniture = append(s.furniture, items...) }

// addFurniture adds what furnish has made as the uppermost layers.
func (s *scene) addFurniture() {
	s.layers = append(s.layers, s.insets...)
	if len(s.furniture) > 0 {
		s.layers = append(s.layers, &draw.Layer{Name: s.in(theWords().furniture), Items: s.furniture})
	}
}

// fillColumn sets the column: all from the top, and notes at the foot.
func (s *scene) fillColumn(f []layerFacts) {
	c := s.page.side
	fit := s.fitted(c.H, func() []part {
		parts := append(s.headParts(f, c.W), s.numberParts(f, c.W)...)
		return append(parts, s.noteParts(c.W, 30)...)
	})
	if n := len(fit); n > 0 && fit[n-1].rank == rankNotes {
		s.above(stacked(fit[n-1:], c.X, c.Y+c.H-fit[n-1].height))
		fit = fit[:n-1]
	}
	s.above(stacked(fit, c.X, c.Y))
}

// fitted are the parts that have room in a height: set more and more tightly until all
// have, else what has when the lines stand closer.
func (s *scene) fitted(height float64, parts func() []part) (fit []part) {
	sh := &s.page.sheet
	var all []part
	defer func() {
		sh.setting = loose
		s.leaveOutOf(all, fit)
	}()
	for _, sh.setting = range []setting{loose, tight, merged, small, smallest} {
		all = parts()
		if fit, _ = fitting(all, height); len(fit) == len(all) {
			break
		}
	}
	return fit
}

// headParts are the title, the subtitle and the filter in words.
func (s *scene) headParts(f []layerFacts, width float64) []part {
	sh := &s.page.sheet
	u := sh.unit
	var parts []part
	add := func(gap float64, more []part) {
		for i := range more {
			more[i].gap = gap * u
		}
		parts = append(parts, more...)
	}
	if s.has(Title) {
		title, second := s.title(f)
		add(0, s.titlePart(title, width))
		add(6, sh.paragraph("Title", rankWords, sh.pen(22, 500, s.theme.ink, 1.3), second, width, 3))
	}
	if s.has(Subtitle) {
		rank := rankSubtitle
		if s.Subtitle != "" {
			rank = rankWords
		}
		for i, text := range s.subtitle() {
			add(float64(14-12*i), sh.paragraph("Subtitle", rank, sh.pen(20, 400, s.theme.ink2, 1.4), text, width, 2))
		}
	}
	if s.has(Filter) && s.FilterText != "" {
		text := sh.say(fill(theWords().filter, "text", s.FilterText))
		add(8, sh.paragraph("Filter", rankWords, sh.pen(16, 400, s.theme.ink2, 1.4), text, width, 2))
	}
	return parts
}

// titlePart is the title in the largest type in which it can be read whole.
func (s *scene) titlePart(title string, width float64) []part {
	sh := &s.page.sheet
	var lines []string
	var p pen
	for _, try := range []struct {
		size float64
		most int
	}{{40, 2}, {36, 2}, {32, 2}, {36, 3}, {32, 3}, {28, 4}} {
		if sh.setting == small && try.size > 32 || sh.setting == smallest && try.size > 28 {
			continue
		}
		cut := false
		p = sh.pen(try.size, 700, s.theme.ink, 1.25)
		if lines, cut = wrap(s.fonts, p, title, width*spare, try.most); !cut {
			break
		}
	}
	return sh.lines("Title", rankTitle, p, lines)
}

// numberParts are the regions with their numbers and the legend.
func (s *scene) numberParts(f []layerFacts, width float64) []part {
	if !s.has(Legend) {
		return nil
	}
	return append(s.page.sheet.regionRows(s.rows(f), width), s.legendParts(f, width)...)
}

// footParts are what stands below a map.
func (s *scene) footParts(f []layerFacts, width float64) []part {
	return append(s.numberParts(f, width), s.noteParts(width, 22)...)
}

// noteParts is the small print, so many units below what stands above it: in the largest
// type in which it has room whole.
func (s *scene) noteParts(width, gap float64) []part {
	const size, most = 13.5, 7
	sh := &s.page.sheet
	least := min(size, leastType/sh.unit)
	text := sh.sentences(s.notes())
	var lines []string
	var p pen
	for _, f := range []float64{1, 0.9, 0.8, 0.7} {
		if sh.setting == small && f == 1 || sh.setting == smallest && f > 0.8 {
			continue
		}
		p = sh.pen(max(least, size*f), 400, s.theme.ink3, 1.6)
		if sh.setting != loose {
			p.lead = 1.45
		}
		if sh.setting >= small {
			p.lead = 1.35
		}
		p.filled = true
		cut := false
		if lines, cut = wrap(s.fonts, p, text, width*spare, most); !cut {
			break
		}
		if lines, cut = wrap(s.fonts, p, text, width*spare, most+2); !cut && f < 1 {
			break
		}
	}
	parts := sh.lines("Notes", rankNotes, p, lines)
	for i := range parts {
		parts[i].gap = gap * sh.unit
	}
	return parts
}

// notes are the number of review, source and licence, the date of the data and the
// definition of the regions, then what to think of lines: what may be cut last. What comes
// from outside is in one language only.
func (s *scene) notes() []geo.Text {
	w := theWords()
	var out []geo.Text
	outside := func(pattern geo.Text, text string) {
		t := into(fill(pattern, "text", hole), geo.Text{ZH: text, EN: text})
		if s.Lang == Both {
			t.EN = ""
		}
		out = append(out, t)
	}
	if s.has(Review) && s.ReviewNumber != "" {
		outside(w.review, s.ReviewNumber)
	}
	if s.has(Source) {
		for i, line := range s.Source {
			pattern := geo.Text{ZH: hole, EN: hole}
			if i == 0 {
				pattern = w.source
			}
			outside(pattern, line)
		}
	}
	if s.has(Date) && !s.Date.IsZero() {
		outside(w.date, dayOf(s.Date))
	}
	if s.has(Definition) && s.Definition != "" {
		outside(w.definition, s.Definition)
	}
	if s.has(Source) {
		out = append(out, s.mapNotes()...)
	}
	return out
}

// mapNotes say what to think of the lines of the map.
func (s *scene) mapNotes() (out []geo.Text) {
	w := theWords()
	if s.Base != nil {
		out = append(out, w.borders)
	}
	if s.dashed() {
		out = append(out, w.dashed)
	}
	if s.conic() {
		out = append(out, w.albers)
	}
	if s.Lang == Both && s.page.sheet.setting >= small {
		for i := range out {
			out[i].EN = ""
		}
	}
	return out
}

func (s *scene) conic() bool {
	k, ok := kindOf(s.system())
	return ok && k == conic
}

func (s *scene) dashed() bool {
	for _, r := range s.Regions {
		if r.Approximate && r.Outline != nil {
			return true
		}
	}
	return false
}

// furnishMap puts on the map what stands on it, each where it covers least.
func (s *scene) furnishMap(ctx context.Context) (ok bool, err error) {
	ok = true
	if s.page.arrangement == onMap {
		ok = s.boxes()
		s.credit()
	}
	if s.has(Scale) {
		s.scaleBar()
	}
	if s.has(Inset) {
		err = s.inset(ctx)
	}
	if s.has(North) {
		s.north()
	}
	return ok, err
}

// dayOf is a date of the data. The last instant of a year stands for that year.
func dayOf(t time.Time) string {
	t = t.UTC()
	if t.Add(time.Second).Year() > t.Year() {
		return t.Format("2006")
	}
	return t.Format(time.DateOnly)
}
