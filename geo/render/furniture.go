package render

import (
	"context"
	"math"
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
		head, _ := fitting(s.headParts(f, p.head.W), p.head.H+1)
		foot := s.fitted(p.foot.H+1, func() []part { return s.footParts(f, p.foot.W) })
		s.above(append(stacked(head, p.head.X, p.head.Y), stacked(foot, p.foot.X, p.foot.Y)...))
	}
	if !p.edge.Empty() {
		s.above([]draw.Item{&draw.Shape{Name: "edge", Path: p.edge, Stroke: draw.Stroke{Color: s.theme.line, Width: 1}}})
	}
	return s.furnishMap(ctx)
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
	defer func() { sh.setting = loose }()
	for _, sh.setting = range []setting{loose, tight, merged, tight} {
		all := parts()
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
		add(6, sh.paragraph("Title", rankSubtitle, sh.pen(22, 500, s.theme.ink, 1.3), second, width, 3))
	}
	if s.has(Subtitle) {
		for i, text := range s.subtitle() {
			add(float64(14-12*i), sh.paragraph("Subtitle", rankSubtitle, sh.pen(20, 400, s.theme.ink2, 1.4), text, width, 2))
		}
	}
	if s.has(Filter) && s.FilterText != "" {
		text := sh.say(fill(theWords().filter, "text", s.FilterText))
		add(8, sh.paragraph("Filter", rankSubtitle, sh.pen(16, 400, s.theme.ink2, 1.4), text, width, 2))
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

// noteParts is the small print, so many units below what stands above it.
func (s *scene) noteParts(width, gap float64) []part {
	sh := &s.page.sheet
	p := sh.pen(13.5, 400, s.theme.ink3, 1.6)
	if sh.setting != loose {
		p.lead = 1.45
	}
	p.filled = true
	parts := sh.paragraph("Notes", rankNotes, p, sh.sentences(s.notes()), width, 7)
	for i := range parts {
		parts[i].gap = gap * sh.unit
	}
	return parts
}

// notes are source, licence and borders, the definition of the regions, the date of the
// data and the number of review. What comes from outside is in one language only.
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
	if s.has(Source) {
		for i, line := range s.Source {
			pattern := geo.Text{ZH: hole, EN: hole}
			if i == 0 {
				pattern = w.source
			}
			outside(pattern, line)
		}
		out = append(out, s.mapNotes()...)
	}
	if s.has(Definition) && s.Definition != "" {
		outside(w.definition, s.Definition)
	}
	if s.has(Date) && !s.Date.IsZero() {
		outside(w.date, dayOf(s.Date))
	}
	if s.has(Review) && s.ReviewNumber != "" {
		outside(w.review, s.ReviewNumber)
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

// corner is where a piece of furniture may stand in the frame.
type corner uint8

const (
	bottomLeft corner = iota
	bottomRight
	topLeft
	topRight
	middleLeft
	middleRight
	middleTop
	middleBottom
)

// in is the box of w by h in a corner of the frame, margin away from its edges.
func (c corner) in(f draw.Rect, w, h, margin float64) draw.Rect {
	x, y := f.X+margin, f.Y+margin
	right, bottom := f.X+f.W-margin-w, f.Y+f.H-margin-h
	mx, my := f.X+(f.W-w)/2, f.Y+(f.H-h)/2
	at := [...]draw.Point{
		bottomLeft: {X: x, Y: bottom}, bottomRight: {X: right, Y: bottom}, topLeft: {X: x, Y: y}, topRight: {X: right, Y: y},
		middleLeft: {X: x, Y: my}, middleRight: {X: right, Y: my}, middleTop: {X: mx, Y: y}, middleBottom: {X: mx, Y: bottom},
	}[c]
	return draw.Rect{X: at.X, Y: at.Y, W: w, H: h}
}

// settle finds the corner where a box covers least, the first of equals: no symbol, no
// island and no other furniture, no region and as little land as there is; solid is how
// much land counts, and where that is 0 islands do not. ok is false where the frame has
// no room at all.
func (s *scene) settle(w, h, margin, solid float64, corners ...corner) (at settled, ok bool) {
	if w+2*margin > s.frame.W || h+2*margin > s.frame.H {
		return settled{}, false
	}
	least := math.Inf(1)
	g := s.ground()
	for _, c := range corners {
		b := c.in(s.frame, w, h, margin)
		if s.meetsFurniture(outset(b, 4*s.page.sheet.unit)) {
			continue
		}
		symbols := 0
		for _, o := range s.obstacles {
			if overlap(o, b) {
				symbols++
			}
		}
		next := settled{box: b, free: symbols == 0 && (solid == 0 || !g.hides(b)), region: s.onRegion(b)}
		cost := solid * g.share(b)
		if next.region {
			cost++
		}
		if c >= middleLeft {
			cost += 0.2
		}
		if !next.free {
			cost += 10 * float64(1+symbols)
		}
		if cost < least-0.02 {
			at, ok, least = next, true, cost
		}
	}
	return at, ok
}

// settled is where a piece of furniture stands.
type settled struct {
	box    draw.Rect
	free   bool // of symbols and islands
	region bool // on a region
}

func (s *scene) meetsFurniture(b draw.Rect) bool {
	for _, c := range s.covered {
		if overlap(c, b) {
			return true
		}
	}
	return false
}

// onRegion is whether a box touches a region, which is what the map is about.
func (s *scene) onRegion(b draw.Rect) bool {
	for _, c := range s.candidates {
		if c.kind != regionLabel {
			continue
		}
		middle := draw.Point{X: b.X + b.W/2, Y: b.Y + b.H/2}
		if inside(c.rings, middle) {
			return true
		}
		for _, ring := range c.rings {
			for _, p := range ring {
				if p.X > b.X && p.X < b.X+b.W && p.Y > b.Y && p.Y < b.Y+b.H {
					return true
				}
			}
		}
	}
	return false
}

// scaleBar draws a bar of a round length with its words.
func (s *scene) scaleBar() {
	u := s.page.sheet.unit
	bar, ok := measureScale(s.frame, min(170*u, s.frame.W*0.4), s.proj.lonLat)
	if !ok {
		return
	}
	p := s.page.sheet.pen(15, 400, s.theme.labelPlace, 1.25)
	p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
	label := distance(bar.Metres).In("zh")
	if s.Lang != Chinese {
		label = distance(bar.Metres).EN
	}
	words := p.width(s.fonts, label)
	w, h := bar.Length+words/2+8*u, p.height(1)+12*u
	at, ok := s.settle(w, h, 24*u, 0, bottomLeft, bottomRight, topLeft, topRight)
	if !ok {
		return
	}
	box := at.box
	s.covered = append(s.covered, box)
	x, y := box.X+4*u, box.Y+box.H-2*u
	line := func(ink draw.Stroke, name string) *draw.Shape {
		sh := &draw.Shape{Name: name, Stroke: ink}
		tick := 5 * u
		sh.Path.Polyline([]draw.Point{{X: x, Y: y - tick}, {X: x, Y: y}, {X: x + bar.Length, Y: y}, {X: x + bar.Length, Y: y - tick}}, false)
		sh.Path.Polyline([]draw.Point{{X: x + bar.Length/2, Y: y}, {X: x + bar.Length/2, Y: y - tick*0.6}}, false)
		return sh
	}
	words2 := put(p, "distance", label, x+bar.Length, box.Y, draw.Middle)
	zero := put(p, "0", "0", x, box.Y, draw.Middle)
	s.above([]draw.Item{&draw.Group{Name: s.page.sheet.say(theWords().scale), Alt: label, Items: []draw.Item{
		line(draw.Stroke{Color: s.theme.halo, Width: 4 * max(0.75, u)}, "halo"), line(draw.Stroke{Color: s.theme.labelPlace, Width: max(1, 1.3*u)}, "bar"), zero, words2,
	}}})
}

// north draws an arrow to true north in the middle of the map.
func (s *scene) north() {
	f, u := s.frame, s.page.sheet.unit
	angle, ok := northAt(f.X+f.W/2, f.Y+f.H/2, s.proj.lonLat, s.proj.point)
	if !ok {
		return
	}
	p := s.page.sheet.pen(15, 700, s.theme.labelPlace, 1.2)
	p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
	side := 58 * u
	spot, ok := s.settle(side, side, 22*u, 0, topRight, topLeft, bottomRight, bottomLeft)
	if !ok {
		return
	}
	s.covered = append(s.covered, spot.box)
	cx, cy := spot.box.X+side/2, spot.box.Y+side/2
	sin, cos := math.Sincos(angle)
	at := func(x, y float64) draw.Point { // x to the right of north, y towards it
		return draw.Point{X: cx + (x*cos+y*sin)*u, Y: cy + (x*sin-y*cos)*u}
	}
	half := func(side float64, fill draw.Fill) *draw.Shape {
		sh := &draw.Shape{Name: "arrow", Fill: fill, Stroke: draw.Stroke{Color: s.theme.labelPlace, Width: max(0.75, u)}}
		sh.Path.Polyline([]draw.Point{at(0, 12), at(8*side, -22), at(0, -15)}, true)
		return sh
	}
	letter := at(0, 21)
	words := put(p, "north", s.northLetter(), letter.X, letter.Y-p.height(1)/2, draw.Middle)
	s.above([]draw.Item{&draw.Group{Name: "North", Alt: s.northLetter(), Items: []draw.Item{
		half(-1, draw.Fill{Color: s.theme.labelPlace}), half(1, draw.Fill{Color: s.theme.surface}), words,
	}}})
}

func (s *scene) northLetter() string {
	if s.Lang == Chinese {
		return theWords().north.ZH
	}
	return theWords().north.EN
}

// boxes puts title and legend on the map. It reports whether each found a corner where it
// covers no symbol and no island; one that does not is left out.
func (s *scene) boxes() bool {
	titled := s.titleBox()
	return s.legendBox() && titled
}

func (s *scene) titleBox() bool {
	u, f := s.page.sheet.unit, s.frame
	head := s.headParts(s.facts, min(640*u, f.W-72*u))
	if len(head) == 0 {
		return true
	}
	fit, h := fitting(head, f.H*0.3)
	return len(fit) > 0 && s.boxed(fit, s.widthOf(fit), h, 0.01, topLeft, topRight, middleTop, bottomLeft, bottomRight)
}

// legendBox tries narrower and shorter legends until one has room.
func (s *scene) legendBox() bool {
	u := s.page.sheet.unit
	if !s.has(Legend) || len(s.legendParts(s.facts, 470*u)) == 0 {
		return true
	}
	for _, width := range []float64{470, 270, 220} {
		parts := s.legendParts(s.facts, width*u)
		for len(parts) > 0 {
			fit, h := fitting(parts, s.frame.H*0.75)
			if len(fit) == 0 {
				break
			}
			if s.boxed(fit, min(width*u, s.widthOf(fit)), h, 1, bottomRight, bottomLeft, topRight, topLeft, middleRight, middleLeft, middleBottom, middleTop) {
				return true
			}
			parts = withoutLeast(fit)
		}
	}
	return false
}

// withoutLeast leaves out the parts of the least rank.
func withoutLeast(parts []part) []part {
	_, used := fitting(parts, math.Inf(1))
	fit, _ := fitting(parts, used-1e-6)
	return fit
}

// widthOf is how wide parts are as drawn.
func (s *scene) widthOf(parts []part) float64 {
	right := 0.0
	layers := []*draw.Layer{{Items: stacked(parts, 0, 0)}}
	eachText(layers, func(t *draw.Text) {
		w := s.fonts.Width(t)
		switch t.Align {
		case draw.Middle:
			w /= 2
		case draw.End:
			w = 0
		}
		right = max(right, t.X+w)
	})
	return right
}

// boxed draws parts on paper in a corner where they cover nothing; it reports whether there was one.
func (s *scene) boxed(parts []part, w, h, solid float64, corners ...corner) bool {
	u := s.page.sheet.unit
	pad := 18 * u
	at, ok := s.settle(w+2*pad, h+2*pad, 20*u, solid, corners...)
	if !ok || !at.free {
		return false
	}
	box := at.box
	s.covered = append(s.covered, box)
	paper := &draw.Shape{Name: "paper", Fill: draw.Fill{Color: faded(s.theme.surface, 0.94)}, Stroke: draw.Stroke{Color: s.theme.line, Width: 1}}
	roundRect(&paper.Path, box, 8*u)
	s.above(append([]draw.Item{paper}, stacked(parts, box.X+pad, box.Y+pad)...))
	return true
}

func roundRect(p *draw.Path, r draw.Rect, radius float64) {
	radius = min(radius, r.W/2, r.H/2)
	p.Arc(r.X+radius, r.Y+radius, radius, -math.Pi, -math.Pi/2)
	p.Arc(r.X+r.W-radius, r.Y+radius, radius, -math.Pi/2, 0)
	p.Arc(r.X+r.W-radius, r.Y+r.H-radius, radius, 0, math.Pi/2)
	p.Arc(r.X+radius, r.Y+r.H-radius, radius, math.Pi/2, math.Pi)
	p.Close()
}

// credit is the small print in a corner of the map: whole where it covers no symbol and
// no region, else less of it, at last one line that may.
func (s *scene) credit() {
	sh := &s.page.sheet
	u := sh.unit
	p := sh.pen(13.5, 400, s.theme.labelArea, 1.5)
	p.filled = true
	p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
	text := sh.sentences(s.notes())
	for _, try := range []struct {
		share float64 // of the width
		most  int
	}{{0.6, 3}, {0.42, 4}, {0.6, 2}, {0.42, 2}, {0.6, 1}, {1, 1}} {
		width := min(s.frame.W*try.share, s.frame.W-40*u)
		lines, cut := wrap(s.fonts, p, text, width, try.most)
		if len(lines) == 0 || cut && try.most > 2 {
			continue
		}
		w := 0.0
		for _, l := range lines {
			w = max(w, p.width(s.fonts, l))
		}
		at, ok := s.settle(w, p.height(len(lines)), 10*u, 0, bottomRight, bottomLeft, middleBottom, topRight, topLeft)
		if ok && (at.free && !at.region || try.share == 1) {
			s.covered = append(s.covered, at.box)
			s.above([]draw.Item{s.creditLines(lines, p, at.box)})
			return
		}
	}
}

func (s *scene) creditLines(lines []string, p pen, box draw.Rect) *draw.Group {
	g := &draw.Group{Name: "Notes"}
	x, align := box.X, draw.Start
	if box.X+box.W/2 > s.frame.X+s.frame.W/2+1 {
		x, align = box.X+box.W, draw.End
	}
	for i, l := range lines {
		g.Items = append(g.Items, put(p, "Notes", l, x, box.Y+p.height(i), align))
	}
	return g
}

// dayOf is a date of the data. The last instant of a year stands for that year.
func dayOf(t time.Time) string {
	t = t.UTC()
	if t.Add(time.Second).Year() > t.Year() {
		return t.Format("2006")
	}
	return t.Format(time.DateOnly)
}
