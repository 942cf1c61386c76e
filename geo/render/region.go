package render

import (
	"slices"

	"clustermap/geo"
	"clustermap/geo/draw"
)

func (r Region) name() geo.Text { return geo.Text{ZH: r.NameZH, EN: r.NameEN} }

// drawRegions draws the regions as light land, with their shores.
func (s *scene) drawRegions() {
	if s.Base == nil {
		return
	}
	var items []draw.Item
	shores := &draw.Shape{Name: s.part("coast"), Stroke: draw.Stroke{Color: s.theme.coast, Width: s.width(coastWidth), Round: true}}
	s.borders = make([]draw.Path, len(s.Regions))
	for i, r := range s.Regions {
		name := s.in(r.name())
		area := &draw.Shape{Name: name, Alt: name, Fill: draw.Fill{Color: s.theme.region, EvenOdd: true}}
		for _, p := range polygonsOf(r.Outline) {
			s.trace.area(&area.Path, p)
		}
		parts := s.Base.outlines.split(r.Outline, s.Base.coast())
		for _, line := range parts.land {
			s.trace.line(&s.borders[i], line)
		}
		for _, line := range parts.shore {
			s.trace.line(&shores.Path, line)
		}
		items = append(items, shapesOf(area)...)
	}
	s.add(s.part("regions"), append(items, shapesOf(shores)...)...)
}

// drawRegionLines draws the ink line of each region: where it borders on other land, or
// without a base map all around it.
func (s *scene) drawRegionLines() {
	var items []draw.Item
	for i, r := range s.Regions {
		name := s.in(r.name())
		line := &draw.Shape{Name: name, Alt: name, Stroke: draw.Stroke{Color: s.theme.regionLine, Width: s.width(1.5), Round: true}}
		if r.Approximate {
			line.Stroke.Dash = []float64{s.width(6), s.width(4)}
		}
		if s.borders != nil {
			line.Path = s.borders[i]
		} else {
			for _, p := range polygonsOf(r.Outline) {
				s.trace.outline(&line.Path, p)
			}
		}
		if s.shaded() && !line.Path.Empty() {
			under := &draw.Shape{Name: line.Name, Path: line.Path, Stroke: draw.Stroke{Color: faded(s.theme.casing, 0.7), Width: s.width(3.5), Round: true}}
			items = append(items, under)
		}
		items = append(items, shapesOf(line)...)
		s.nameRegion(r)
	}
	s.add(s.part("region lines"), items...)
}

// shaded reports whether areas lie below the lines of regions, which then need a casing.
func (s *scene) shaded() bool {
	return slices.ContainsFunc(s.Layers, func(l Layer) bool { return l.View == Hex || l.View == Territory })
}

// nameRegion offers the name of a region as a label.
func (s *scene) nameRegion(r Region) {
	c := candidate{kind: regionLabel, id: r.ID, zh: r.NameZH, en: r.NameEN, count: r.Count, symbol: -1, importance: float64(r.Count)}
	for _, p := range polygonsOf(r.Outline) {
		s.trace.rings(p, func(ring []draw.Point) { c.rings = append(c.rings, slices.Clone(ring)) })
	}
	if len(c.rings) > 0 {
		s.candidates = append(s.candidates, c)
	}
}
