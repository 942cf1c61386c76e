package render

import (
	"context"
	"fmt"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// mostFeatures is how many features a picture draws as themselves. More is no map.
const mostFeatures = 50_000

// drawLayers draws the layers of the map.
func (s *scene) drawLayers(ctx context.Context) error {
	s.shown = make([]LayerShown, len(s.Layers))
	s.facts = make([]layerFacts, len(s.Layers))
	for i, l := range s.Layers {
		p := newPalette(l.Index)
		s.facts[i].palette = p
		s.facts[i].families = make([]int, len(p.options))
		if err := s.drawFeatures(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (l Layer) title() geo.Text { return geo.Text{ZH: l.TitleZH, EN: l.TitleEN} }

func (s *scene) drawFeatures(ctx context.Context, i int) error {
	l, facts := s.Layers[i], &s.facts[i]
	const reach = 16 // pixels that a symbol reaches from its place
	var items []draw.Item
	symbols := map[int]*draw.Symbol{}
	layout := l.Index.Layout()
	var err error
	l.Index.Spans(s.proj.searchBox(reach), func(lo, hi int) {
		if err != nil {
			return
		}
		for _, slot := range layout.Slots[lo:hi] {
			if l.Set != nil && !l.Set.Has(slot) {
				continue
			}
			at, ok := l.Index.Anchor(slot)
			if !ok {
				continue
			}
			x, y, ok := s.proj.pixel(at)
			if !ok || !inRect(outset(s.frame, reach), x, y) {
				continue
			}
			family := facts.palette.at(slot)
			sym := symbols[family]
			if sym == nil {
				sym = s.dot(facts.palette.options[family].family)
				symbols[family] = sym
			}
			if len(items) == mostFeatures {
				err = tooMany(len(items))
				return
			}
			items = append(items, &draw.Mark{Symbol: sym, X: x, Y: y, Name: l.Index.At(slot).ID().String()})
			s.obstacles = append(s.obstacles, draw.Rect{X: x - 9, Y: y - 9, W: 18, H: 18})
			if inRect(s.frame, x, y) {
				s.shown[i].Shown++
				s.shown[i].Symbols++
				facts.families[family]++
				facts.all++
			}
		}
	})
	if err != nil {
		return err
	}
	s.add(s.in(l.title()), items...)
	return ctx.Err()
}

func tooMany(n int) error {
	return &geo.InvalidError{Field: "view", Reason: fmt.Sprintf("more than %d features are in the picture: view=groups, hex or territory shows them all", n)}
}

func outset(r draw.Rect, by float64) draw.Rect {
	return draw.Rect{X: r.X - by, Y: r.Y - by, W: r.W + 2*by, H: r.H + 2*by}
}

// dot is a disc with a casing.
func (s *scene) dot(family int) *draw.Symbol {
	casing, disc := new(draw.Shape), new(draw.Shape)
	casing.Fill.Color, disc.Fill.Color = s.theme.casing, s.theme.families[family]
	casing.Path.Circle(0, 0, 10)
	disc.Path.Circle(0, 0, 8.5)
	return &draw.Symbol{Items: []draw.Item{casing, disc}}
}
