package render

import (
	"context"
	"fmt"
	"slices"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// drawGroups draws the groups of the zoom that suits the scale: those of the API at
// that zoom, with the same counts.
func (k *looks) drawGroups(ctx context.Context) (out stages, err error) {
	p := k.Layers[k.layer].Pyramid
	if p == nil {
		return out, lacks("groups", "a pyramid")
	}
	zoom := k.resolution().Zoom(p)
	k.shown[k.layer].Zoom, k.shown[k.layer].Radius = zoom, p.Options().Radius
	reach := (groupRadius(1e6) + casingWidth) * k.theme.scale
	category := slices.Index(p.Options().Counts, k.palette.property)
	var signs []sign
	full := false
	p.Search(zoom, k.proj.searchBox(reach), func(n pyramid.Node) bool {
		k.eachPixel(p.Position(n), reach, func(x, y float64, counts bool) {
			g := k.signOf(p, n, category)
			g.x, g.y, g.counted = x, y, counts
			signs = append(signs, g)
		})
		full = len(signs) > mostFeatures
		return !full && ctx.Err() == nil
	})
	if full {
		return out, &geo.InvalidError{Field: "view", Reason: fmt.Sprintf("more than %d groups are in the picture", mostFeatures)}
	}
	if !onlyPoints(k.index) && !k.many() { // a line or area is seen as such, too
		all, err := k.find(ctx, 0)
		if err != nil {
			return out, err
		}
		if out.shapes, _, err = k.drawShapes(ctx, all, false); err != nil {
			return out, err
		}
	}
	out.symbols = k.drawSigns(signs)
	return out, ctx.Err()
}

// mostNamed is up to how many members a group is named by what holds all of them.
const mostNamed = 2000

func (k *looks) signOf(p *pyramid.Pyramid, n pyramid.Node, category int) sign {
	g := sign{n: p.Size(n), slot: p.Slot(n)}
	if g.n == 1 {
		return g
	}
	g.stack = g.n <= mostStack && p.OnePlace(n)
	if g.n <= mostNamed || category < 0 {
		g.members = p.Members(n)
	}
	if g.stack {
		return g
	}
	g.counts = make([]int, len(k.palette.options))
	switch {
	case k.palette.property == "":
		g.counts[0] = g.n
	case category >= 0:
		for _, c := range p.Counts(n, category) {
			g.counts[k.palette.place(c.Value.Text())] += c.Count
		}
	default:
		for _, slot := range g.members {
			g.counts[k.palette.at(slot)]++
		}
	}
	return g
}
