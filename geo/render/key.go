package render

import (
	"context"
	"math"
	"slices"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// Lengths of a legend alone, in units of the sheet.
const (
	keyWidth  = 300
	keyMargin = 12
	keyUnit   = 0.75
)

// DrawLegend draws what the layers of m mean, with the numbers of all their features
// wherever they are, or of a map without layers what its base map and regions mean. Its
// size is what it needs; of the size and place of m only the width of hexagons depends.
func DrawLegend(ctx context.Context, m *Map, f *draw.Fonts) (*draw.Drawing, error) {
	own := *m
	own.Furniture = 0
	s, err := newScene(&own, f, false)
	if err != nil {
		return nil, err
	}
	s.page.sheet = newSheet(s, keyUnit*s.theme.scale)
	s.facts = make([]layerFacts, len(s.Layers))
	s.shown = make([]LayerShown, len(s.Layers))
	for i := range s.Layers {
		if err := s.survey(ctx, i); err != nil {
			return nil, err
		}
	}
	u := s.page.sheet.unit
	parts := append(s.groundParts(keyWidth*u), s.legendParts(s.facts, keyWidth*u)...)
	for i, l := range s.Layers {
		if len(s.legendParts(s.facts[i:i+1], keyWidth*u)) == 0 {
			parts = append(parts, s.plainPart(l, l.features(), keyWidth*u, 12)...)
		}
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.with != "" })
	width := math.Ceil(min(keyWidth*u, s.widthOf(parts)) + 2*keyMargin*u)
	height := math.Ceil(stackHeight(parts) + 2*keyMargin*u)
	d := &draw.Drawing{Width: width, Height: height, Background: s.theme.surface, Lang: s.tag()}
	d.Layers = []*draw.Layer{{Name: s.in(theWords().legend), Items: stacked(parts, keyMargin*u, keyMargin*u)}}
	return d, ctx.Err()
}

// survey takes the facts of a layer from all of its features.
func (s *scene) survey(ctx context.Context, layer int) error {
	l := s.Layers[layer]
	k := s.looksOf(layer)
	f := &s.facts[layer]
	f.all = l.features()
	if f.all > mostShaped && l.View == Features {
		f.kind = dotSymbols
	}
	if l.View == Territory || l.View == Hex {
		return s.surveyAreas(l, f)
	}
	n := 0
	for slot := range l.slots() {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := k.key(slot)
		f.families[k.palette.at(slot)]++
		f.shapes[key.shape]++
		f.drawings[key.drawing]++
	}
	if l.View == Groups {
		for _, size := range [...]int{2, 10, 100, 1000} {
			if size <= f.all {
				f.groups = append(f.groups, size)
			}
		}
	}
	return nil
}

func (s *scene) surveyAreas(l Layer, f *layerFacts) error {
	t := l.Territories
	if t == nil {
		return lacks("a shaded map", "territories")
	}
	f.kind, f.across = areaSymbols, t.Cut().Across
	var counts []int
	for i := range t.Len() {
		if (&probe{scene: s, Layer: l}).outline(t, i) != nil {
			counts = append(counts, t.Size(i))
		}
	}
	f.classes = classesOf(counts)
	return nil
}

// groundParts tell what the base map and the outlines of regions are.
func (s *scene) groundParts(width float64) []part {
	sh := &s.page.sheet
	var entries []entry
	names := partNames()
	area := func(name string, fill draw.Fill) {
		entries = append(entries, entry{text: names[name], count: -1, width: 18, mark: sh.swatch(fill)})
	}
	line := func(text geo.Text, stroke draw.Stroke) {
		entries = append(entries, entry{text: text, count: -1, width: 26, mark: sh.stroke(stroke)})
	}
	t := s.theme
	if s.Base != nil {
		area("land", draw.Fill{Color: t.land})
		area("sea", draw.Fill{Color: t.sea})
		line(names["countries"], draw.Stroke{Color: t.country, Width: 0.9})
		line(names["provinces"], draw.Stroke{Color: t.province, Width: 0.8})
		line(names["disputed"], draw.Stroke{Color: t.country, Width: 0.9, Dash: []float64{3, 3}})
	}
	if len(s.Regions) > 0 {
		line(names["region lines"], draw.Stroke{Color: t.regionLine, Width: 1.5})
	}
	if s.dashed() {
		line(theWords().dashed, draw.Stroke{Color: t.regionLine, Width: 1.5, Dash: []float64{6, 4}})
	}
	return sh.flow("Base map", rankLegend, 0, entries, width)
}

// stroke is a line as an example.
func (s *sheet) stroke(stroke draw.Stroke) func(x, y float64) draw.Item {
	return func(x, y float64) draw.Item {
		sh := &draw.Shape{Name: "line", Stroke: stroke}
		half := 13 * s.unit
		sh.Path.Polyline([]draw.Point{{X: x - half, Y: y}, {X: x + half, Y: y}}, false)
		return sh
	}
}

// plainPart is the legend of a layer that has nothing to tell apart, with a number of
// features.
func (s *scene) plainPart(l Layer, n int, width, gap float64) []part {
	sh := &s.page.sheet
	many := l.features() > mostShaped
	e := entry{text: l.title(), count: n, width: 18}
	switch types := l.Index.Schema().Geometry; {
	case onlyPoints(l.Index):
		e.mark = sh.dot(s.theme.fill(0))
	case slices.ContainsFunc(types, func(t string) bool { return t != "LineString" && t != "MultiLineString" }):
		e.mark = sh.area(s.theme.areaOf(0, many))
	default:
		e.mark, e.width = sh.stroke(s.theme.pathOf(0, many)), 26
	}
	return sh.grid("Legend", rankLegend, gap, []entry{e}, width)
}
