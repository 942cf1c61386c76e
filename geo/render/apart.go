package render

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// mostApart is up to how many symbols of all layers give way to one another.
const mostApart = 600

// disc is what a symbol covers.
type disc struct{ x, y, r float64 }

// overlaps is whether two discs share more than a sliver, a tenth of the smaller at most.
func (d disc) overlaps(o disc) bool {
	return math.Hypot(d.x-o.x, d.y-o.y) < d.r+o.r-0.25*min(d.r, o.r)
}

func (d disc) overlapsAny(all []disc) bool { return slices.ContainsFunc(all, d.overlaps) }

// reachOf is how far the symbol of a sign reaches that is no open stack.
func (k *looks) reachOf(g *sign) float64 {
	switch {
	case g.n == 1:
		return k.singleReach(k.key(g.slot))
	case g.stack:
		return 18 * k.symbols.fans
	}
	return (groupRadius(g.n) + casingWidth) * k.theme.scale
}

// fanDiscs are the symbols of an open stack.
func (k *looks) fanDiscs(g *sign) []disc {
	shift := k.fanShift(g.x, g.y, g.n)
	out := []disc{{g.x, g.y, 3 * k.symbols.fans}}
	for i, slot := range g.members {
		at := fanOffset(i, g.n)
		out = append(out, disc{g.x + at.X*k.symbols.fans + shift.X, g.y + at.Y*k.symbols.fans + shift.Y, k.singleReach(k.key(slot))})
	}
	return out
}

// giveWay opens the stacks that have room and moves signs that would cover symbols of
// layers below to the nearest free place, with a thin line to where they belong. In a
// part of a map none moves: its neighbour would not know.
func (k *looks) giveWay(signs []sign) (leaders []draw.Item) {
	moving := !k.Whole && len(k.Layers) > 1 && len(k.below)+len(signs) <= mostApart
	own := make([][]disc, len(signs))
	for i := range signs {
		g := &signs[i]
		if g.stack && roomy(signs, i, k.symbols.fans, k.fanShift(g.x, g.y, g.n)) {
			own[i] = k.fanDiscs(g)
			g.open = !moving || !slices.ContainsFunc(own[i], func(d disc) bool { return d.overlapsAny(k.below) })
		}
		if !g.open {
			own[i] = []disc{{g.x, g.y, k.reachOf(g)}}
		}
	}
	if !moving {
		return nil
	}
	for i := range signs {
		g := &signs[i]
		if d := own[i][0]; !g.open && inRect(k.frame, d.x, d.y) && d.overlapsAny(k.below) {
			if to, ok := k.freePlace(d, i, own); ok {
				leaders = append(leaders, k.leader(d, to)...)
				g.x, g.y, own[i][0] = to.x, to.y, to
			}
		}
	}
	for _, discs := range own {
		k.below = append(k.below, discs...)
	}
	return leaders
}

// freePlace is the nearest place for a disc, in the frame, on nothing of the layers below
// nor of its own.
func (k *looks) freePlace(d disc, i int, own [][]disc) (disc, bool) {
	const turns, step, farthest = 24, 4, 90 // around; pixels
	var near []disc
	for _, o := range k.below {
		if math.Hypot(o.x-d.x, o.y-d.y) < farthest*k.theme.scale+d.r+o.r {
			near = append(near, o)
		}
	}
	for j, discs := range own {
		if j != i {
			near = append(near, discs...)
		}
	}
	for far := step * k.theme.scale; far <= farthest*k.theme.scale; far += step * k.theme.scale {
		for turn := range turns {
			sin, cos := math.Sincos(2 * math.Pi * float64(turn) / turns)
			to := disc{d.x + far*cos, d.y + far*sin, d.r}
			if within(squareAt(to.x, to.y, to.r), k.frame) && !to.overlapsAny(near) {
				return to, true
			}
		}
	}
	return d, false
}

// leader is a thin line from where a symbol belongs to where it stands.
func (k *looks) leader(from, to disc) []draw.Item {
	var out []draw.Item
	for _, stroke := range []draw.Stroke{{Color: k.theme.casing, Width: 3 * k.theme.scale}, {Color: k.theme.ink, Width: k.theme.scale}} {
		line := &draw.Shape{Name: "leader", Stroke: stroke}
		line.Path.Polyline([]draw.Point{{X: from.x, Y: from.y}, {X: to.x, Y: to.y}}, false)
		out = append(out, line)
	}
	seat := &draw.Shape{Name: "leader", Fill: draw.Fill{Color: k.theme.ink}, Stroke: draw.Stroke{Color: k.theme.casing, Width: 1.5 * k.theme.scale}}
	seat.Path.Circle(from.x, from.y, 2.6*k.theme.scale)
	return append(out, seat)
}

// fillsBelow is whether a layer below may have areas with fills, with which those of this
// layer would mix to colours that no legend has.
func (k *looks) fillsBelow() bool {
	return slices.ContainsFunc(k.Layers[:k.layer], func(l Layer) bool {
		areas := slices.ContainsFunc(l.Index.Schema().Geometry, func(t string) bool {
			return t == "Polygon" || t == "MultiPolygon" || t == "GeometryCollection"
		})
		return l.View == Hex || l.View == Territory || areas
	})
}

// overOthers are the areas that lie on larger ones of another colour of the layer, as
// prefectures do on provinces: their fills would mix to a colour that no legend has.
// Those of classes do not mix.
func (k *looks) overOthers(simple *geo.Simplified, all []found) map[uint32]bool {
	const most = 2000 // features of a layer
	if k.Layers[k.layer].features() > most {
		return nil
	}
	type area struct {
		slot     uint32
		family   int
		bound    orb.Bound
		polygons []orb.Polygon
	}
	size := func(b orb.Bound) float64 { return (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1]) }
	var areas []area
	for _, f := range all {
		if polygons := polygonsOf(simple.Geometry(k.index.At(f.slot))); len(polygons) > 0 {
			areas = append(areas, area{f.slot, k.palette.options[k.palette.at(f.slot)].family, orb.MultiPolygon(polygons).Bound(), polygons})
		}
	}
	over := map[uint32]bool{}
	for _, a := range areas {
		at, ok := k.index.Anchor(a.slot)
		over[a.slot] = ok && slices.ContainsFunc(areas, func(o area) bool {
			return o.family != a.family && !isStep(a.family) && size(o.bound) > size(a.bound) && o.bound.Contains(at) && contains(o.polygons, at)
		})
	}
	return over
}
