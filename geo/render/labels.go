package render

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// labeller names what stands on the map, the most important first. What finds no room
// is left out.
type labeller struct {
	*scene
	place *placer
	names []namer // of the layers, made when first asked for
	made  []bool

	outlines *placer // of regions
	lines    *placer // the same where they run over land
	regions  int     // named so far, or tried

	dots  []draw.Item // of cities, and leader lines
	items []draw.Item
}

// haloWidth is on either side of a letter, in pixels; the page draws the same.
const haloWidth = 3

func (s *scene) placeLabels() {
	if !s.Labels || s.fonts == nil {
		return
	}
	l := &labeller{scene: s, place: newPlacer(outset(s.frame, -2)), names: make([]namer, len(s.Layers)), made: make([]bool, len(s.Layers))}
	for i, r := range s.obstacles {
		l.place.take(r, int32(i))
	}
	for _, r := range s.covered {
		l.place.take(r, nobody)
	}
	zoom := s.zoom - math.Log2(s.scale)
	if s.page.arrangement != onMap {
		zoom -= 0.4 // a page is about its data
	}
	l.lines, l.outlines = newPlacer(s.frame), newPlacer(s.frame)
	for _, c := range s.candidates {
		if c.kind == regionLabel {
			l.takeLine(c.rings)
		}
	}
	said := map[geo.Text]bool{} // what the data name, short
	for _, c := range inOrder(s.candidates) {
		if !shownAt(c, zoom) || c.ofBase() && said[shortName(geo.Text{ZH: c.zh, EN: c.en})] {
			continue
		}
		switch ok := l.label(c); {
		case !ok && !c.ofBase():
			s.hidden++
		case ok && !c.ofBase() && !c.late:
			said[shortName(l.nameOf(c))] = true
		}
	}
	s.add(s.in(theWords().labels), append(l.dots, l.items...)...)
}

// shortName is a name by which names of places are compared.
func shortName(t geo.Text) geo.Text {
	return geo.Text{ZH: shortDivision(cmp.Or(t.ZH, t.EN))}
}

// takeLine remembers where an outline runs and where it is drawn: where there is land on both sides.
func (l *labeller) takeLine(rings [][]draw.Point) {
	g := l.ground()
	for _, p := range newShore(rings, l.frame).points {
		l.outlines.take(squareAt(p.X, p.Y, 0.5), nobody)
		if l.Base == nil || g.share(squareAt(p.X, p.Y, 6)) > 0.8 {
			l.lines.take(squareAt(p.X, p.Y, 1), nobody)
		}
	}
}

// findMissing looks for characters that no font has, in the order of the layers.
func (s *scene) findMissing() {
	if s.fonts == nil {
		return
	}
	seen := map[rune]bool{}
	eachText(s.layers, func(t *draw.Text) {
		for _, c := range s.fonts.Missing(t.Text) {
			if !seen[c] {
				seen[c] = true
				s.missing = append(s.missing, c)
			}
		}
	})
}

// eachText visits the texts of layers, but not those of symbols.
func eachText(layers []*draw.Layer, visit func(*draw.Text)) {
	var walk func(items []draw.Item)
	walk = func(items []draw.Item) {
		for _, it := range items {
			switch it := it.(type) {
			case *draw.Text:
				visit(it)
			case *draw.Group:
				walk(it.Items)
			}
		}
	}
	for _, l := range layers {
		walk(l.Items)
	}
}

// turn is the place of a candidate in the order of labels.
func turn(c *candidate) int {
	switch c.kind {
	case regionLabel:
		return 0
	case areaLabel:
		return 1
	case groupLabel:
		return 2
	case featureLabel:
		if c.late {
			return 10
		}
		return 3
	case waterLabel:
		return 5
	case provinceLabel:
		return 6
	}
	if c.rank == 1 {
		return 4
	}
	return 6 + c.rank
}

// inOrder sorts candidates, equal ones from the upper left, so that the order in which
// they were found does not matter.
func inOrder(all []candidate) []*candidate {
	out := make([]*candidate, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	slices.SortStableFunc(out, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(turn(a), turn(b)), cmp.Compare(b.importance, a.importance), cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
	})
	return out
}

// shownAt is whether a name of the base map is worth its room at a zoom: those of the
// page.
func shownAt(c *candidate, zoom float64) bool {
	var from, until float64 = math.Inf(-1), 99
	switch c.kind {
	case cityLabel:
		from = [...]float64{3.75, 4.75, 5, 6.5}[min(max(c.rank, 1), 4)-1]
	case provinceLabel:
		from, until = 3.5, 9
	case waterLabel:
		from, until = [...]float64{3.5, 4, 6}[min(max(c.rank, 1), 3)-1], 9
	}
	return zoom >= from && zoom < until
}

func (l *labeller) label(c *candidate) bool {
	switch c.kind {
	case regionLabel:
		return l.region(c)
	case groupLabel, featureLabel:
		return l.symbol(c)
	case cityLabel:
		return l.city(c)
	}
	return l.area(c)
}

// symbol names a group or a feature beside its symbol, an area on itself.
func (l *labeller) symbol(c *candidate) bool {
	p := l.pen(12, 500)
	at, gap := draw.Point{X: c.x, Y: c.y}, c.radius+3*l.scale
	own := int32(c.symbol)
	// Most labels of many points have no room for two letters: these are not even named.
	var open []side
	sides := pointSides[:]
	if c.surface {
		sides = slices.Concat([]side{centre}, sides)
	}
	for _, s := range sides {
		if l.place.free(s.beside(at, gap, 2*p.Size, p.height(1)), own) {
			open = append(open, s)
		}
	}
	if len(open) == 0 {
		return false
	}
	blocks := l.blocks(c, p)
	// A name that no outline of a region strikes through reads better; at a corner it may
	// seem to belong to another.
	try := func(blocks []block, corners, crossing bool) bool {
		for _, b := range blocks {
			for _, s := range open {
				if s > below && s != centre && !corners {
					continue
				}
				box := s.beside(at, gap, b.w, b.h)
				if l.place.free(box, own) && (crossing || l.lines.free(box, nobody)) {
					l.put(b, box, s.align())
					return true
				}
			}
		}
		return false
	}
	if l.Lang == Both && len(blocks) > 1 && len(blocks[0].lines) > 1 { // both languages before one
		both := slices.DeleteFunc(slices.Clone(blocks), func(b block) bool { return len(b.lines) < 2 })
		if try(both, false, false) || try(both, true, false) || try(both, false, true) {
			return true
		}
	}
	return try(blocks, false, false) || try(blocks, true, true) || len(blocks) == 0
}

// blocks are the ways to write the name of a symbol, the best first; none where it has no name.
func (l *labeller) blocks(c *candidate, p pen) []block {
	t := l.nameOf(c)
	if t.ZH == "" && t.EN == "" {
		return nil
	}
	cut := func(t geo.Text, most float64) geo.Text {
		most *= p.Size
		return geo.Text{ZH: shortened(l.fonts, p, t.ZH, most), EN: atWord(shortened(l.fonts, p, t.EN, most), t.EN)}
	}
	const long, short = 24, 11 // ems
	whole := cut(t, long)
	name := t.In("zh")
	if l.Lang == English {
		name = t.In("en")
	}
	out := []block{l.blockOf(name, p, whole)}
	if less := cut(t, short); less != whole {
		out = append(out, l.blockOf(name, p, less))
	}
	if l.Lang == Both && t.ZH != t.EN {
		out = append(out, l.stack(l.line(l.run(name, p, cut(t, short).ZH))))
	}
	return out
}

// atWord is a name that was cut, cut at a word where that leaves most of it.
func atWord(short, whole string) string {
	body, ok := strings.CutSuffix(short, ellipsis)
	if !ok || strings.HasPrefix(whole, body+" ") {
		return short
	}
	if i := strings.LastIndexByte(body, ' '); i > len(body)/3 {
		return strings.TrimRightFunc(body[:i], trailing) + ellipsis
	}
	return short
}

func (l *labeller) nameOf(c *candidate) geo.Text {
	if c.zh != "" || c.en != "" {
		return geo.Text{ZH: c.zh, EN: c.en}
	}
	n := l.namer(c.layer)
	if n == nil {
		return geo.Text{}
	}
	if c.kind == featureLabel {
		return n.feature(c.slot)
	}
	t := n.group(c.members, c.slot)
	if t == (geo.Text{}) {
		t = l.nearest(c)
	}
	return t
}

// namer knows the names of a layer; nil where there is none.
func (l *labeller) namer(layer int) *namer {
	if layer < 0 || layer >= len(l.names) {
		return nil
	}
	if !l.made[layer] {
		l.names[layer], l.made[layer] = newNamer(l.Layers[layer].Index), true
	}
	return &l.names[layer]
}

// nearest is what a group is called where the data know no divisions: after the nearest
// city of the base map, if one is near.
func (l *labeller) nearest(c *candidate) geo.Text {
	const near = 60 // pixels
	var best *candidate
	least := near * l.scale
	for i := range l.candidates {
		p := &l.candidates[i]
		if p.kind != cityLabel {
			continue
		}
		if d := math.Hypot(p.x-c.x, p.y-c.y); d < least {
			best, least = p, d
		}
	}
	if best == nil {
		return geo.Text{}
	}
	return around(geo.Text{ZH: best.zh, EN: best.en})
}

// city is a dot with a name. Where a symbol stands on the seat, that names it.
func (l *labeller) city(c *candidate) bool {
	dot := squareAt(c.x, c.y, 3.5*l.scale)
	if !l.place.free(dot, nobody) {
		return false
	}
	p := l.pen(12, 400)
	b := l.blockOf(c.zh, p, geo.Text{ZH: c.zh, EN: c.en})
	for _, s := range seatSides {
		box := s.beside(draw.Point{X: c.x, Y: c.y}, 6*l.scale, b.w, b.h)
		if !l.place.free(box, nobody) || !l.lines.free(box, nobody) {
			continue
		}
		l.place.take(dot, nobody)
		var path draw.Path
		path.Rect(squareAt(c.x, c.y, 2*l.scale))
		l.dots = append(l.dots, &draw.Shape{Name: c.zh, Path: path, Fill: draw.Fill{Color: l.theme.labelPlace}, Stroke: draw.Stroke{Color: l.theme.halo, Width: l.scale}})
		l.put(b, box, s.align())
		return true
	}
	return false
}

// area is the name of a water, a province or a territory, on what it names or near by,
// where no outline strikes through it.
func (l *labeller) area(c *candidate) bool {
	p := l.pen(12, 400)
	switch c.kind {
	case waterLabel:
		p.Color, p.Spacing = l.theme.labelWater, 0.32*p.Size
	case provinceLabel:
		p.Color, p.Spacing = l.theme.labelArea, 0.16*p.Size
	}
	const most = 24 // ems
	zh, en := shortened(l.fonts, p, c.zh, most*p.Size), shortened(l.fonts, p, c.en, most*p.Size)
	b := l.blockOf(zh, p, geo.Text{ZH: zh, EN: en})
	for _, to := range nearby {
		// Not so far that it seems to name something else.
		box := centre.beside(draw.Point{X: c.x + to.X*0.6*b.w, Y: c.y + to.Y*0.8*b.h}, 0, b.w, b.h)
		if land := l.ground().share(box); l.Base != nil && (c.kind == waterLabel && land > 0.3 || c.kind == provinceLabel && land < 0.6) {
			continue
		}
		if l.place.free(box, nobody) && l.lines.free(box, nobody) {
			l.put(b, box, draw.Middle)
			return true
		}
	}
	return false
}

// nearby are the directions in which a name may give way.
var nearby = [...]draw.Point{{X: 0, Y: 0}, {X: 0, Y: -1}, {X: 0, Y: 1}, {X: 1, Y: 0}, {X: -1, Y: 0}}
