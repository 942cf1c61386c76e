package draw

// Shift is a layer that stands elsewhere, to put one drawing into another.
func (l *Layer) Shift(dx, dy float64) *Layer {
	out := &Layer{Name: l.Name, Items: shifted(l.Items, dx, dy)}
	if l.Clip != nil {
		out.Clip = &Rect{l.Clip.X + dx, l.Clip.Y + dy, l.Clip.W, l.Clip.H}
	}
	return out
}

func shifted(items []Item, dx, dy float64) []Item {
	out := make([]Item, len(items))
	for i, item := range items {
		switch v := item.(type) {
		case *Shape:
			c := *v
			c.Path.points = make([]Point, len(v.Path.points))
			for k, p := range v.Path.points {
				c.Path.points[k] = Point{p.X + dx, p.Y + dy}
			}
			out[i] = &c
		case *Mark:
			c := *v
			c.X, c.Y = v.X+dx, v.Y+dy
			out[i] = &c
		case *Text:
			c := *v
			c.X, c.Y = v.X+dx, v.Y+dy
			out[i] = &c
		case *Group:
			out[i] = &Group{Name: v.Name, Alt: v.Alt, Items: shifted(v.Items, dx, dy)}
		}
	}
	return out
}
