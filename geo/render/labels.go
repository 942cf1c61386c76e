package render

// placeLabels places what candidates there is room for.
func (s *scene) placeLabels() {}
