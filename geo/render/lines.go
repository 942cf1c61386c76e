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
		area, line := k.shapesOf(f.slot, g)
		if area == nil && line == nil {
			continue
		}
		if alone {
			k.countShape(f.slot, area != nil)
		}
		if area != nil {
			items = append(items, area)
		}
		if line != nil {
			lines = append(lines, line)
		}
	}
	return append(items, lines...), points, nil
}

func (k *looks) countShape(slot uint32, area bool) {
	facts, shown := &k.facts[k.layer], &k.shown[k.layer]
	shown.Shown++
	shown.Symbols++
	facts.all++
	facts.families[k.palette.at(slot)]++
	facts.kind = lineSymbols
	if area {
		facts.kind = areaSymbols
	}
	at, ok := k.index.Anchor(slot)
	if !ok {
		return
	}
	if x, y, ok := k.proj.pixel(at); ok && inRect(k.frame, x, y) {
		k.candidates = append(k.candidates, candidate{kind: featureLabel, layer: k.layer, slot: slot, count: -1, x: x, y: y})
	}
}

// shapesOf are the area and the line of a geometry, nil where it has none in the frame.
func (k *looks) shapesOf(slot uint32, g orb.Geometry) (area, line *draw.Shape) {
	family := k.palette.options[k.palette.at(slot)].family
	color := k.theme.families[family]
	name := k.in(k.fullName(slot))
	areaWidth, lineWidth := 1.5, 2.5
	if k.many() { // thinner, as the page draws them
		areaWidth, lineWidth = 1, 1.8
	}
	const opacity = 0.22
	surface := &draw.Shape{
		Name: name, Alt: name, Fill: draw.Fill{Color: faded(color, opacity), EvenOdd: true},
		Stroke: draw.Stroke{Color: faded(color, 0.95), Width: areaWidth * k.theme.scale, Round: true},
	}
	if k.theme.patterns {
		surface.Fill = k.theme.fill(family)
		surface.Fill.EvenOdd = true
	}
	for _, p := range polygonsOf(g) {
		k.trace.area(&surface.Path, p)
	}
	path := &draw.Shape{Name: name, Alt: name, Stroke: draw.Stroke{Color: faded(color, 0.95), Width: lineWidth * k.theme.scale, Round: true}}
	for _, l := range linesOf(g) {
		k.trace.line(&path.Path, l)
	}
	if !surface.Path.Empty() {
		area = surface
	}
	if !path.Path.Empty() {
		line = path
	}
	return area, line
}
