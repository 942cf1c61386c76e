package render

import (
	"context"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo/draw"
)

// southChinaSea is what the inset shows: from the coast to the southernmost reefs.
var southChinaSea = orb.Bound{Min: orb.Point{105.5, 2.8}, Max: orb.Point{122.5, 23.4}}

// mainland is around the mainland of China.
var mainland = orb.Bound{Min: orb.Point{73.5, 18.1}, Max: orb.Point{134.8, 53.6}}

// inset draws a small map of the South China Sea in a frame, with the same base map and
// layers, where it covers nothing of the data and no island. It is left out where the map
// itself shows the sea or too little of China to miss it there, and where there is no room.
func (s *scene) inset(ctx context.Context) error {
	box, err := BoxIn(s.system(), southChinaSea)
	if err != nil {
		return err
	}
	if b := s.proj.box; b.Contains(box.Min) && b.Contains(box.Max) {
		return nil
	}
	if around, err := BoxIn(s.system(), mainland); err != nil || shareOf(around, s.proj.box) < leastOfChina {
		return err
	}
	shape := (box.Max[0] - box.Min[0]) / (box.Max[1] - box.Min[1])
	u := s.page.sheet.unit
	for _, share := range []float64{0.28, 0.22, 0.17} {
		h := min(share*s.frame.H, 0.3*s.frame.W/shape)
		if h < 72*u {
			break
		}
		at, ok := s.settle(h*shape, h, 20*u, 1, bottomRight, bottomLeft, topRight, topLeft, middleRight, middleLeft)
		if ok && at.free {
			name, ok := s.insetName(at.box)
			if !ok {
				break
			}
			s.covered = append(s.covered, at.box)
			return s.smallMap(ctx, at.box, box, name)
		}
	}
	s.leaveOut("inset")
	return nil
}

// leastOfChina is how much of the box of the mainland a map shows that has an inset.
const leastOfChina = 0.25

// shareOf is how much of a box lies in another.
func shareOf(box, in orb.Bound) float64 {
	w := min(box.Max[0], in.Max[0]) - max(box.Min[0], in.Min[0])
	h := min(box.Max[1], in.Max[1]) - max(box.Min[1], in.Min[1])
	return max(0, w) * max(0, h) / ((box.Max[0] - box.Min[0]) * (box.Max[1] - box.Min[1]))
}

// insetName is the name of the inset at its lower edge; ok is false where it has no room
// there whole.
func (s *scene) insetName(at draw.Rect) (items []draw.Item, ok bool) {
	sh := &s.page.sheet
	for _, size := range []float64{14, 12} {
		p := sh.pen(size, 500, s.theme.labelPlace, 1.3)
		p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
		lines, cut := wrap(s.fonts, p, sh.say(theWords().inset), at.W-6*sh.unit, 2)
		if cut {
			continue
		}
		top := at.Y + at.H - p.height(len(lines)) - 4*sh.unit
		for i, l := range lines {
			items = append(items, put(p, "name", l, at.X+at.W/2, top+p.height(i), draw.Middle))
		}
		return items, true
	}
	return nil, false
}

// smallMap draws the map again in a frame within it.
func (s *scene) smallMap(ctx context.Context, at draw.Rect, box orb.Bound, words []draw.Item) error {
	t := *s.theme
	t.scale = 0.5 * s.scale
	m := *s.Map
	m.Furniture, m.Labels = 0, false
	sub := &scene{Map: &m, fonts: s.fonts, theme: &t, frame: at, scale: t.scale, around: s.facts}
	if err := sub.place(s.system(), box, false); err != nil {
		return err
	}
	if err := sub.drawContent(ctx); err != nil {
		return err
	}
	name := theWords().inset
	label := s.page.sheet.say(name)
	for _, l := range sub.layers {
		// A symbol is in the small map with its place or not at all.
		items := slices.DeleteFunc(l.Items, func(it draw.Item) bool {
			m, ok := it.(*draw.Mark)
			return ok && !inRect(at, m.X, m.Y)
		})
		if len(items) > 0 {
			s.insets = append(s.insets, &draw.Layer{Name: label + ": " + l.Name, Clip: l.Clip, Items: items})
		}
	}
	edge := &draw.Shape{Name: label, Alt: label, Stroke: draw.Stroke{Color: s.theme.ink2, Width: max(1, s.page.sheet.unit)}}
	edge.Path.Rect(at)
	s.above([]draw.Item{&draw.Group{Name: label, Alt: label, Items: append([]draw.Item{edge}, words...)}})
	return nil
}
