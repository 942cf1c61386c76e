package render

import "clustermap/geo/draw"

// layout divides the picture: it returns where the map stands.
func (s *scene) layout() draw.Rect { return draw.Rect{W: s.Width, H: s.Height} }

// furnish draws what stands around and on the map.
func (s *scene) furnish() {}
