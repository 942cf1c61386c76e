package render

import (
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// onlyPoints reports whether all features of an index are points.
func onlyPoints(x *geo.Index) bool {
	return !slices.ContainsFunc(x.Schema().Geometry, func(t string) bool { return t != "Point" })
}

// drawShapes draws the lines and areas of features, areas first, and gives those that
// are points. They are counted and named unless they have symbols, too.
func (k *looks) drawShapes(ctx context.Context, all []found, alone bool) (items []draw.Item, points []found, err error) {
	simple, err := k.index.Simplified(ctx, max(0, min(geo.MaxZoom, int(math.Ceil(k.zoom))+1)))
	if err != nil {
		return nil, nil, err
	}
	var lines []draw.Item
	over := k.overOthers(simple, all)
	for i, f := range all {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		g := simple.Geometry(k.index.At(f.slot))
		if g == nil {
			continue
		}
		if g.Dimensions() == 0 {
			points = append(points, f)
			continue
		}
		area, edge, line := k.shapesOf(f.slot, g)
		if area == nil && line == nil {
			continue
		}
		if area != nil && over[f.slot] {
			area.Fill = draw.Fill{}
		}
		if alone && (area != nil && k.meets(&area.Path) || line != nil && k.meets(&line.Path)) {
			k.countShape(f.slot, g, area != nil)
		}
		if area != nil {
			items = append(items, area)
			k.drawn = append(k.drawn, area)
		}
		if edge != nil {
			items = append(items, edge)
		}
		if line != nil {
			lines = append(lines, line)
			k.drawn = append(k.drawn, line)
		}
	}
	return append(items, lines...), points, nil
}

// meets is whether a path that was cut off around the frame comes into it.
func (s *scene) meets(path *draw.Path) bool {
	b, f := path.Bounds(), s.frame
	return !path.Empty() && b.X <= f.X+f.W+rounding && b.X+b.W >= f.X-rounding && b.Y <= f.Y+f.H+rounding && b.Y+b.H >= f.Y-rounding
}

func (k *looks) countShape(slot uint32, g orb.Geometry, area bool) {
	facts, shown := &k.facts[k.layer], &k.shown[k.layer]
	shown.Shown++
	shown.Symbols++
	facts.all++
	facts.families[k.palette.at(slot)]++
	facts.kind = lineSymbols
	if area {
		facts.kind = areaSymbols
	}
	if isStep(k.palette.options[k.palette.at(slot)].family) && k.namer.full(slot) == (geo.Text{}) {
		return // a cell, whose id tells nobody anything
	}
	at, ok := crossingAnchor(g)
	if !ok {
		if at, ok = k.index.Anchor(slot); !ok {
			return
		}
	}
	if x, y, ok := k.proj.pixel(at); ok && inRect(k.frame, x, y) {
		k.candidates = append(k.candidates, candidate{kind: featureLabel, layer: k.layer, slot: slot, count: -1, x: x, y: y, symbol: -1, surface: area})
	}
}

// shapesOf are the area and the line of a geometry, nil where it has none in the frame.
// An area that is cut at a seam of the world has its edge apart, without the seam.
func (k *looks) shapesOf(slot uint32, g orb.Geometry) (area, edge, line *draw.Shape) {
	family := k.palette.options[k.palette.at(slot)].family
	name := k.in(k.fullName(slot))
	surface, path := &draw.Shape{Name: name, Alt: name}, &draw.Shape{Name: name, Alt: name}
	surface.Fill, surface.Stroke = k.theme.areaOf(family, k.many())
	path.Stroke = k.theme.pathOf(family, k.many())
	if k.fillsBelow() {
		surface.Fill = draw.Fill{}
	}
	polygons := polygonsOf(g)
	for _, p := range polygons {
		k.trace.area(&surface.Path, p)
	}
	if slices.ContainsFunc(polygons, k.trace.seamed) {
		outline := &draw.Shape{Name: name, Alt: name, Stroke: surface.Stroke}
		surface.Stroke = draw.Stroke{}
		for _, p := range polygons {
			k.trace.outline(&outline.Path, p)
		}
		if !outline.Path.Empty() {
			edge = outline
		}
	}
	for _, l := range linesOf(g) {
		k.trace.line(&path.Path, l)
	}
	if !surface.Path.Empty() {
		area = surface
	}
	if !path.Path.Empty() {
		line = path
	}
	return area, edge, line
}

// edgeOpacity is that of lines of data.
const edgeOpacity = 0.95

// areaOf is how areas of a family look; many are drawn thinner, as on the page.
func (t *theme) areaOf(family int, many bool) (draw.Fill, draw.Stroke) {
	const opacity = 0.22
	if isStep(family) {
		return draw.Fill{Color: faded(t.color(family), classOpacity), EvenOdd: true}, draw.Stroke{Color: t.cellLine(), Width: 0.8, Round: true}
	}
	color, width := t.families[family], 1.5
	if many {
		width = 1
	}
	fill := draw.Fill{Color: faded(color, opacity)}
	if t.patterns {
		fill = t.fill(family)
	}
	fill.EvenOdd = true
	return fill, draw.Stroke{Color: faded(color, edgeOpacity), Width: width * t.scale, Round: true}
}

// pathOf is how lines of a family look.
func (t *theme) pathOf(family int, many bool) draw.Stroke {
	width := 2.5
	if many {
		width = 1.8
	}
	return draw.Stroke{Color: faded(t.color(family), edgeOpacity), Width: width * t.scale, Round: true}
}
