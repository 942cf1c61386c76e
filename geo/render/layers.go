package render

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/draw"
)

const (
	// mostFeatures is how many features or groups a picture draws. More is no map.
	mostFeatures = 50_000
	// mostShaped is up to how many features of a layer have symbols by level and
	// precision; of more each is a dot. It does not depend on what is in the picture, so
	// that tiles fit together.
	mostShaped = 500
)

// stages are what layers consist of, in the order in which it is drawn: first of all
// layers the shaded areas, then lines and areas of features, then symbols, so that none
// is below an area of another layer.
type stages struct{ shaded, shapes, symbols []draw.Item }

// drawLayers draws the layers of the map. between is called above the shaded areas.
func (s *scene) drawLayers(ctx context.Context, between func()) error {
	s.shown = make([]LayerShown, len(s.Layers))
	s.facts = make([]layerFacts, len(s.Layers))
	all := make([]stages, len(s.Layers))
	for i := range s.Layers {
		var err error
		if all[i], err = s.looksOf(i).draw(ctx); err != nil {
			return err
		}
	}
	each := func(part func(stages) []draw.Item) {
		for i, l := range s.Layers {
			s.add(s.in(l.title()), part(all[i])...)
		}
	}
	each(func(st stages) []draw.Item { return st.shaded })
	between()
	each(func(st stages) []draw.Item { return st.shapes })
	if len(s.leaders) > 0 {
		s.add(s.in(s.Layers[len(s.Layers)-1].title()), s.leaders...)
	}
	each(func(st stages) []draw.Item { return st.symbols })
	return nil
}

func (k *looks) draw(ctx context.Context) (stages, error) {
	switch k.Layers[k.layer].View {
	case Groups:
		return k.drawGroups(ctx)
	case Hex, Territory:
		return k.drawAreas(ctx)
	}
	return k.drawFeatures(ctx)
}

func (l Layer) title() geo.Text { return geo.Text{ZH: l.TitleZH, EN: l.TitleEN} }

func (l Layer) features() int {
	if l.Set != nil {
		return l.Set.Len()
	}
	return l.Index.Len()
}

// found is a feature in the picture.
type found struct {
	place int // of the layout
	slot  uint32
}

// find lists the features whose boxes meet the frame and so many pixels around it, in
// the order of the layout, which is the same for all pictures of an index.
func (k *looks) find(ctx context.Context, reach float64) ([]found, error) {
	l := k.Layers[k.layer]
	box := k.proj.searchBox(reach)
	slots := k.index.Layout().Slots
	// What a cone shows is no box in longitude and latitude.
	exact := k.proj.kind == conic && onlyPoints(k.index)
	all := make([]found, 0, min(l.features(), 1024))
	k.index.Spans(box, func(lo, hi int) {
		for place := lo; place < hi && len(all) <= mostFeatures; place++ {
			slot := slots[place]
			if l.Set != nil && !l.Set.Has(slot) || exact && !k.inReach(slot, reach) {
				continue
			}
			all = append(all, found{place, slot})
		}
	})
	if len(all) > mostFeatures {
		return nil, &geo.InvalidError{Field: "view", Reason: fmt.Sprintf("more than %d features are in the picture: view=groups, hex or territory shows them all", mostFeatures)}
	}
	if box.Min[0] > box.Max[0] { // what lies on 180 degrees is found from both sides
		slices.SortFunc(all, func(a, b found) int { return a.place - b.place })
		all = slices.Compact(all)
	}
	return all, ctx.Err()
}

// inReach is whether a point is in the frame or so many pixels around it.
func (k *looks) inReach(slot uint32, reach float64) bool {
	at, ok := k.index.Point(slot)
	if !ok {
		return false
	}
	x, y, ok := k.proj.pixel(at)
	return ok && inRect(outset(k.frame, reach), x, y)
}

// reachOfSymbols is how far a single symbol reaches from its place at most.
const reachOfSymbols = (haloRadius + casingWidth) * 2

// drawFeatures draws each feature as itself.
func (k *looks) drawFeatures(ctx context.Context) (out stages, err error) {
	points, err := k.find(ctx, reachOfSymbols)
	if err != nil {
		return out, err
	}
	if !onlyPoints(k.index) {
		if out.shapes, points, err = k.drawShapes(ctx, points, true); err != nil {
			return out, err
		}
	}
	if k.many() {
		out.symbols = k.drawDots(points, reachOfSymbols)
	} else {
		out.symbols = k.drawSigns(k.signsAt(points, reachOfSymbols))
	}
	return out, ctx.Err()
}

// many is whether the layer has too many features for symbols by level and precision.
func (k *looks) many() bool { return k.Layers[k.layer].features() > mostShaped }

// signsAt are the signs of features each at its place; those at one place are a stack,
// of more than a stack holds a group.
func (k *looks) signsAt(points []found, reach float64) []sign {
	layout := k.index.Layout()
	at := map[[2]uint32][]uint32{}
	var order [][2]uint32
	for _, f := range points {
		key := [2]uint32{layout.X[f.place], layout.Y[f.place]}
		if at[key] == nil {
			order = append(order, key)
		}
		at[key] = append(at[key], f.slot)
	}
	var signs []sign
	for _, key := range order {
		slots := at[key]
		slices.Sort(slots)
		anchor, _ := k.index.Anchor(slots[0])
		k.eachPixel(anchor, reach, func(x, y float64, counts bool) {
			g := sign{x: x, y: y, counted: counts, n: len(slots), slot: slots[0]}
			if g.n > 1 {
				g.members, g.stack = slots, g.n <= mostStack
			}
			if g.n > mostStack {
				g.counts = make([]int, len(k.palette.options))
				for _, slot := range slots {
					g.counts[k.palette.at(slot)]++
				}
			}
			signs = append(signs, g)
		})
	}
	return signs
}

// drawDots draws many points as dots. Marks are made in one piece.
func (k *looks) drawDots(points []found, reach float64) []draw.Item {
	facts, shown := &k.facts[k.layer], &k.shown[k.layer]
	facts.kind = dotSymbols
	marks := make([]draw.Mark, 0, len(points))
	dots := make([]*draw.Symbol, len(k.palette.options))
	for place, o := range k.palette.options {
		dots[place] = k.symbols.dotOf(o.family)
	}
	r := k.symbols.dot
	avoided := k.Labels || k.Furniture != 0
	if avoided {
		k.obstacles = slices.Grow(k.obstacles, len(points))
	}
	if k.Labels {
		k.candidates = slices.Grow(k.candidates, len(points))
	}
	for _, f := range points {
		at, ok := k.planeOf(f)
		if !ok {
			continue
		}
		place := k.palette.at(f.slot)
		k.eachCopy(at, reach, func(x, y float64, counts bool) {
			name := k.in(k.fullName(f.slot))
			marks = append(marks, draw.Mark{Name: name, Alt: name, Symbol: dots[place], X: x, Y: y})
			if avoided {
				k.take(x, y, r)
			}
			if !counts {
				return
			}
			shown.Shown++
			shown.Symbols++
			facts.all++
			facts.families[place]++
			if k.Labels {
				k.candidates = append(k.candidates, candidate{kind: featureLabel, layer: k.layer, slot: f.slot, count: -1, x: x, y: y, radius: r, symbol: len(k.obstacles) - 1, late: true})
			}
		})
	}
	items := make([]draw.Item, len(marks))
	for i := range marks {
		items[i] = &marks[i]
	}
	return items
}

// planeOf is where the symbol of a feature stands in plane coordinates. In Web Mercator
// that is known to a centimetre since load.
func (k *looks) planeOf(f found) (orb.Point, bool) {
	if k.proj.kind == mercator && max(k.proj.sx, k.proj.sy) < 5 {
		layout := k.index.Layout()
		const part = 2 * math.Pi * earthRadius / (1 << 32)
		const half = math.Pi * earthRadius
		return orb.Point{float64(layout.X[f.place])*part - half, half - float64(layout.Y[f.place])*part}, true
	}
	at, ok := k.index.Anchor(f.slot)
	return k.proj.plane(at), ok
}

// eachPixel calls draw for each place where a position stands in the frame or so many
// pixels around it: more than one where the world repeats. counts is true for the first
// that is in the frame.
func (s *scene) eachPixel(at orb.Point, reach float64, draw func(x, y float64, counts bool)) {
	s.eachCopy(s.proj.plane(at), reach, draw)
}

// eachCopy is eachPixel of a position in plane coordinates.
func (s *scene) eachCopy(q orb.Point, reach float64, draw func(x, y float64, counts bool)) {
	p := s.proj
	f := p.frame
	_, y := p.toPixel(q)
	if !(y >= f.Y-reach && y <= f.Y+f.H+reach) {
		return
	}
	period := p.kind.period()
	if period == 0 {
		if x, _ := p.toPixel(q); x >= f.X-reach && x <= f.X+f.W+reach {
			draw(x, y, inRect(f, x, y))
		}
		return
	}
	q[0] += math.Ceil((p.box.Min[0]-reach/p.sx-q[0])/period) * period
	x, _ := p.toPixel(q)
	counted := false
	for n := 0; n <= mostWorlds && x <= f.X+f.W+reach; n++ {
		inside := inRect(f, x, y)
		draw(x, y, inside && !counted)
		counted = counted || inside
		x += period * p.sx
	}
}

func outset(r draw.Rect, by float64) draw.Rect {
	return draw.Rect{X: r.X - by, Y: r.Y - by, W: r.W + 2*by, H: r.H + 2*by}
}

// fullName is what a feature is called.
func (k *looks) fullName(slot uint32) geo.Text {
	if t := k.namer.full(slot); t != (geo.Text{}) {
		return t
	}
	return geo.Text{ZH: k.index.At(slot).ID().String()}
}

// groupName is what a group is called, "" where the data do not say where it is.
func (k *looks) groupName(g *sign) string { return k.in(k.namer.group(g.members, g.slot)) }
