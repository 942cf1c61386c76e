package render

import (
	"math"

	"clustermap/geo/draw"
)

// arrangement is where the furniture of a picture stands.
type arrangement uint8

const (
	onMap  arrangement = iota // in the corners of the map, which fills the picture
	column                    // title, numbers and legend left of the map, as on a slide
	bands                     // title above, numbers and legend below the map, as on a page
)

// page is how a picture is divided.
type page struct {
	arrangement
	sheet      sheet
	side       draw.Rect // the column, without its margins
	head, foot draw.Rect // the bands, without their margins
	edge       draw.Path // between paper and map
}

// Lengths of pages, in units of the sheet.
const (
	columnWidth  = 560
	columnLeft   = 64
	columnRight  = 48
	columnMargin = 52 // above and below
	bandMargin   = 56
	bandGap      = 36
	largeMap     = 1.4 // of presentations, on the map
	slideScale   = 1.4 // of what stands on the map, to a map on a screen
	largeType    = 1.2 // of presentations; the map has more room for it than the text beside it
)

// layout divides the picture: it returns where the map stands, and sets the scale of
// what stands on it.
func (s *scene) layout() draw.Rect {
	frame := draw.Rect{W: s.Width, H: s.Height}
	if s.Furniture != 0 && s.fonts != nil {
		// A unit is a pixel of a picture with the area of a slide, and never so small that
		// its text cannot be read.
		unit := max(0.62, math.Sqrt(s.Width*s.Height)/1200)
		if s.Style == Presentation {
			unit *= largeType
		}
		s.page.arrangement = s.arrange(unit)
		s.page.sheet = newSheet(s, unit)
		switch s.page.arrangement {
		case column:
			frame = s.besideColumn(unit)
		case bands:
			frame = s.betweenBands(unit)
		}
		if s.page.arrangement != onMap {
			s.theme.scale = slideScale * unit
			if s.Style == Presentation {
				s.theme.scale *= largeMap / largeType
			}
		}
	}
	s.scale = s.theme.scale
	return frame
}

// arrange chooses a page where a picture is to have most of what a page has, and is
// large enough for one.
func (s *scene) arrange(unit float64) arrangement {
	parts := 0
	for _, bit := range []Furniture{Title, Subtitle, Legend, Source, Definition} {
		if s.Furniture&bit != 0 {
			parts++
		}
	}
	switch wide := s.Width / s.Height; {
	case parts < 3 && !s.cornered:
		return onMap
	case wide >= 1.15 && s.Width >= 840*unit && s.Height >= 360*unit:
		return column
	case wide < 1.15 && s.Width >= 460*unit && s.Height >= 640*unit:
		return bands
	}
	return onMap
}

func (s *scene) besideColumn(unit float64) draw.Rect {
	w := math.Round(min(columnWidth*unit, s.Width*0.43))
	margin := columnMargin * unit
	s.page.side = draw.Rect{X: columnLeft * unit, Y: margin, W: w - (columnLeft+columnRight)*unit, H: s.Height - 2*margin}
	s.page.edge.Polyline([]draw.Point{{X: w, Y: 0}, {X: w, Y: s.Height}}, false)
	return draw.Rect{X: w, W: s.Width - w, H: s.Height}
}

// betweenBands gives each band what it needs, and the map nearly half of the height at
// least.
func (s *scene) betweenBands(unit float64) draw.Rect {
	margin, gap := bandMargin*unit, bandGap*unit
	w := s.Width - 2*margin
	_, head := fitting(s.headParts(s.expected(), w), s.Height*0.22)
	foot := s.footParts(s.expected(), w)
	_, below := fitting(foot, s.Height*0.54-head-2*margin-2*gap)
	s.page.head = draw.Rect{X: margin, Y: margin, W: w, H: head}
	top, bottom := 0.0, s.Height
	if head > 0 {
		top = math.Round(margin + head + gap)
		s.page.edge.Polyline([]draw.Point{{X: 0, Y: top}, {X: s.Width, Y: top}}, false)
	}
	if below > 0 {
		bottom = math.Round(s.Height - margin*0.8 - below - gap)
		s.page.edge.Polyline([]draw.Point{{X: 0, Y: bottom}, {X: s.Width, Y: bottom}}, false)
	}
	s.page.foot = draw.Rect{X: margin, Y: bottom + gap, W: w, H: s.Height - margin*0.8 - bottom - gap}
	return draw.Rect{Y: top, W: s.Width, H: bottom - top}
}
