package render

import (
	"context"
	"image/color"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"clustermap/geo"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// shaded is a hexagon or territory.
type shaded struct {
	i       int // of the territories
	outline orb.Geometry
	name    geo.Text
	inside  bool
	shape   *draw.Shape
}

// drawAreas draws hexagons and territories by count; what has no outline stands as a
// group.
func (k *looks) drawAreas(ctx context.Context) (out stages, err error) {
	t := k.Layers[k.layer].Territories
	if t == nil {
		return out, lacks("a shaded map", "territories")
	}
	facts := &k.facts[k.layer]
	facts.kind, facts.across = areaSymbols, t.Cut().Across
	var all []shaded
	var signs []sign
	var counts []int
	category := slices.Index(t.Options().Counts, k.palette.property)
	for i := range t.Len() {
		if i%1024 == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
		if !k.mayShow(t, i) {
			if _, keyed := t.Key(i); keyed && k.Whole {
				counts = append(counts, t.Size(i))
			}
			continue
		}
		a := k.shadedOf(t, i)
		if a.outline == nil {
			if at, ok := t.Position(i); ok {
				signs = append(signs, k.areaSigns(t, i, category, at)...)
			}
			continue
		}
		if k.Whole || a.inside {
			counts = append(counts, t.Size(i))
		}
		if a.inside {
			all = append(all, a)
		}
	}
	facts.classes = classesOf(counts)
	if k.around != nil && len(k.around[k.layer].classes) > 0 { // the legend is that of the map around the inset
		facts.classes = k.around[k.layer].classes
	}
	for _, a := range all {
		out.shaded = append(out.shaded, k.drawArea(t, a, category))
		k.drawn = append(k.drawn, a.shape)
	}
	out.symbols = k.drawSigns(signs)
	return out, ctx.Err()
}

// mayShow is false of a hexagon that is surely outside of the frame.
func (k *looks) mayShow(t *pyramid.Territories, i int) bool {
	b, ok := t.Bounds(i)
	if t.Cut().Across == 0 || !ok || b.Min[0] > b.Max[0] {
		return true
	}
	// No hexagon reaches further from its members than its widest diameter.
	const kmPerDegree = 110
	lat := t.Cut().Across * 1.2 / kmPerDegree
	south, north := b.Min[1]-lat, b.Max[1]+lat
	lon := lat / max(1e-3, math.Cos(min(90, max(-south, north))*math.Pi/180))
	return k.trace.shows(b.Min[0]-lon, b.Max[0]+lon, south, north, func(float64) {})
}

// shadedOf is a territory with its outline, if it has one, drawn where it is in the frame.
func (k *looks) shadedOf(t *pyramid.Territories, i int) shaded {
	a := shaded{i: i}
	key, keyed := t.Key(i)
	switch areas := k.Layers[k.layer].Areas; {
	case !keyed:
	case t.Cut().Across > 0:
		a.outline = t.Outline(i)
	case areas != nil:
		if g, name, ok := areas(key); ok {
			a.outline, a.name = g, name
			if t.Cut().Level != "" {
				a.name = geo.Text{ZH: shortDivision(name.ZH), EN: divTailEN.ReplaceAllString(name.EN, "")}
			}
		}
	}
	polygons := polygonsOf(a.outline)
	if len(polygons) == 0 {
		a.outline = nil
		return a
	}
	a.shape = new(draw.Shape)
	for _, p := range polygons {
		k.trace.area(&a.shape.Path, p)
	}
	a.inside = k.meets(&a.shape.Path)
	return a
}

func (k *looks) areaSigns(t *pyramid.Territories, i, category int, at orb.Point) (signs []sign) {
	slot, _ := t.Slot(i)
	k.eachPixel(at, 2*groupRadius(1e6), func(x, y float64, counts bool) {
		g := sign{x: x, y: y, counted: counts, n: t.Size(i), slot: slot}
		if g.n > 1 {
			g.counts = k.areaCounts(t, i, category)
			if g.n <= mostNamed {
				g.members = t.Members(i)
			}
		}
		signs = append(signs, g)
	})
	return signs
}

// areaCounts are the features of a territory by place in the palette.
func (k *looks) areaCounts(t *pyramid.Territories, i, category int) []int {
	counts := make([]int, len(k.palette.options))
	switch {
	case k.palette.property == "":
		counts[0] = t.Size(i)
	case category >= 0:
		for _, c := range t.Counts(i, category) {
			counts[k.palette.place(c.Value.Text())] += c.Count
		}
	default:
		for _, slot := range t.Members(i) {
			counts[k.palette.at(slot)]++
		}
	}
	return counts
}

func (k *looks) drawArea(t *pyramid.Territories, a shaded, category int) *draw.Shape {
	facts, shown := &k.facts[k.layer], &k.shown[k.layer]
	n := t.Size(a.i)
	shown.Shown += n
	shown.Symbols++
	facts.all += n
	for place, c := range k.areaCounts(t, a.i, category) {
		facts.families[place] += c
	}
	name := k.in(a.name)
	sh := a.shape
	sh.Name = name
	sh.Alt = number(n) + k.comma() + name
	if name == "" {
		key, _ := t.Key(a.i)
		sh.Name, sh.Alt = key, number(n)
	}
	sh.Fill = k.theme.classFill(classAt(facts.classes, n), len(facts.classes))
	sh.Fill.EvenOdd = true
	if k.fillsBelow() {
		sh.Fill.Color.A = 255
	}
	sh.Stroke = draw.Stroke{Color: k.theme.cellLine(), Width: 0.8, Round: true}
	if name != "" {
		k.nameArea(a, n)
	}
	return sh
}

// nameArea offers the name of a territory as a label, in place of that of the base map.
func (k *looks) nameArea(a shaded, n int) {
	x, y, ok := k.proj.pixel(middleOf(polygonsOf(a.outline)))
	if !ok || !inRect(k.frame, x, y) {
		return
	}
	c := candidate{kind: areaLabel, zh: a.name.In("zh"), en: a.name.In("en"), count: n, x: x, y: y, importance: float64(n), symbol: -1}
	k.candidates = slices.DeleteFunc(k.candidates, func(o candidate) bool {
		return (o.kind == provinceLabel || o.kind == cityLabel) && o.zh == c.zh
	})
	k.candidates = append(k.candidates, c)
}

// middleOf is a point in the largest polygon: its centroid, or where that is outside the
// middle of the longest stretch at its latitude.
func middleOf(polygons []orb.Polygon) orb.Point {
	var largest orb.Polygon
	most := -1.0
	for _, p := range polygons {
		if area := planar.Area(p); area > most {
			largest, most = p, area
		}
	}
	at, _ := planar.CentroidArea(largest)
	if len(largest) == 0 || planar.PolygonContains(largest, at) {
		return at
	}
	var crossings []float64
	for _, ring := range largest {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] > at[1]) != (b[1] > at[1]) {
				crossings = append(crossings, a[0]+(b[0]-a[0])*(at[1]-a[1])/(b[1]-a[1]))
			}
		}
	}
	slices.Sort(crossings)
	longest := 0.0
	for i := 1; i < len(crossings); i += 2 {
		if d := crossings[i] - crossings[i-1]; d > longest {
			longest, at[0] = d, (crossings[i]+crossings[i-1])/2
		}
	}
	return at
}

// cellLine is the colour of the lines around areas. On dark land those of the first class
// are seen by it.
func (t *theme) cellLine() color.NRGBA {
	if t.casing.G < t.land.G {
		return faded(t.ink3, 0.65)
	}
	return faded(t.casing, 0.7)
}

// classFill is how an area of class i of n is painted.
func (t *theme) classFill(i, n int) draw.Fill {
	return draw.Fill{Color: faded(t.sequential[stepOf(i, n)], classOpacity)}
}

// classOpacity is that of areas in the colours of classes.
const classOpacity = 0.92
