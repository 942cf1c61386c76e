package render

import "clustermap/geo/draw"

// layout divides the picture: it returns where the map stands, and sets the scale of
// what stands on it.
func (s *scene) layout() draw.Rect {
	s.scale = s.theme.scale
	return draw.Rect{W: s.Width, H: s.Height}
}

// furnish draws what stands around and on the map.
func (s *scene) furnish() {}
