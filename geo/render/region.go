package render

import (
	"clustermap/geo"
	"clustermap/geo/draw"
)

func (r Region) name() geo.Text { return geo.Text{ZH: r.NameZH, EN: r.NameEN} }

// drawRegions draws the regions as light land.
func (s *scene) drawRegions() {
	var items []draw.Item
	for _, r := range s.Regions {
		name := s.in(r.name())
		area := &draw.Shape{Name: name, Alt: name, Fill: draw.Fill{Color: s.theme.region, EvenOdd: true}}
		for _, p := range polygonsOf(r.Outline) {
			s.trace.area(&area.Path, p)
		}
		items = append(items, shapesOf(area)...)
	}
	if s.Base != nil {
		s.add(s.part("regions"), items...)
	}
}

// drawRegionLines draws the ink line of each region.
func (s *scene) drawRegionLines() {
	var items []draw.Item
	for _, r := range s.Regions {
		line := &draw.Shape{Name: s.in(r.name()), Stroke: draw.Stroke{Color: s.theme.regionLine, Width: 1.5, Round: true}}
		if r.Approximate {
			line.Stroke.Dash = []float64{6, 4}
		}
		for _, p := range polygonsOf(r.Outline) {
			s.trace.outline(&line.Path, p)
		}
		items = append(items, shapesOf(line)...)
		s.nameRegion(r)
	}
	s.add(s.part("region lines"), items...)
}

// nameRegion offers the name of a region as a label.
func (s *scene) nameRegion(r Region) {
	if r.Outline == nil {
		return
	}
	b := r.Outline.Bound()
	x, y, ok := s.proj.pixel(b.Center())
	if !ok {
		return
	}
	s.candidates = append(s.candidates, candidate{kind: regionLabel, zh: r.NameZH, en: r.NameEN, count: r.Count, x: x, y: y})
}
