package render

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// Hit is what stands at a pixel: a feature, or those that one symbol or area stands for.
type Hit struct {
	Distance float64  // in pixels, from the middle of a symbol or to a line; 0 in an area
	Slots    []uint32 // of the features: the nearest first, else the least
}

// slack is how far beside a symbol or line a pixel may be and yet mean it.
const slack = 3

// Hits are what a layer of m shows at a pixel, the nearest first. They are found from the
// data, as Draw draws them; nothing is drawn.
func (m *Map) Hits(layer int, x, y float64) ([]Hit, error) {
	s, err := newScene(m, nil, false)
	if err != nil {
		return nil, err
	}
	at, ok := s.proj.lonLat(x, y)
	if !ok || !inRect(s.frame, x, y) {
		return nil, nil
	}
	p := &probe{scene: s, Layer: m.Layers[layer], at: at, x: x, y: y}
	switch p.View {
	case Groups:
		err = p.groups()
	case Hex, Territory:
		err = p.areas()
	default:
		p.features()
	}
	slices.SortStableFunc(p.hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Slots[0], b.Slots[0]))
	})
	return p.hits, err
}

// probe looks at one pixel of a scene.
type probe struct {
	*scene
	Layer
	at   orb.Point
	x, y float64
	hits []Hit
}

// around is the box, for a search, of what is at most reach pixels away.
func (p *probe) around(reach float64) orb.Bound {
	q := projection{crs: p.proj.crs, kind: p.proj.kind, sx: p.proj.sx, sy: p.proj.sy, frame: draw.Rect{X: p.x, Y: p.y}}
	f, b := p.proj.frame, p.proj.box
	q.box.Min = orb.Point{b.Min[0] + (p.x-f.X)/q.sx, b.Max[1] - (p.y-f.Y)/q.sy}
	q.box.Max = q.box.Min
	return q.searchBox(reach)
}

// offset is where a position stands from the pixel: in the world that is nearest.
func (p *probe) offset(at orb.Point) draw.Point {
	x, y := p.proj.toPixel(p.proj.plane(at))
	x -= p.x
	if period := p.proj.kind.period(); period > 0 {
		x = math.Remainder(x, period*p.proj.sx)
	}
	return draw.Point{X: x, Y: y - p.y}
}

func (p *probe) distance(at orb.Point) float64 {
	d := p.offset(at)
	return math.Hypot(d.X, d.Y)
}

func (p *probe) hit(distance, reach float64, slots ...uint32) {
	if distance <= reach && len(slots) > 0 {
		p.hits = append(p.hits, Hit{distance, slots})
	}
}

// singleReach is the radius of a symbol of one feature.
func (p *probe) singleReach() float64 { return haloRadius*p.symbols.scale + 1 }

// stack is a hit on one of a few features at a point: all of them, that whose symbol is
// nearest first.
func (p *probe) stack(at orb.Point, slots []uint32) {
	d := p.offset(at)
	const badgeX, badgeY = 11, -8 // where the count of a closed stack stands
	nearest := min(math.Hypot(d.X, d.Y), math.Hypot(d.X+badgeX*p.symbols.fans, d.Y+badgeY*p.symbols.fans))
	shift := p.fanShift(p.x+d.X, p.y+d.Y, len(slots))
	far := make([]float64, len(slots))
	order := make([]int, len(slots))
	for i := range slots {
		fan := fanOffset(i, len(slots))
		far[i] = math.Hypot(d.X+fan.X*p.symbols.fans+shift.X, d.Y+fan.Y*p.symbols.fans+shift.Y)
		nearest = min(nearest, far[i])
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(far[a], far[b]) })
	sorted := make([]uint32, len(slots))
	for i, k := range order {
		sorted[i] = slots[k]
	}
	p.hit(nearest, p.singleReach(), sorted...)
}

// groups finds the groups of the zoom that Draw chooses.
func (p *probe) groups() error {
	if p.Pyramid == nil {
		return lacks("groups", "a pyramid")
	}
	reach := mostStackReach * p.symbols.fans
	p.Pyramid.Search(p.resolution().Zoom(p.Pyramid), p.around(reach), func(n pyramid.Node) bool {
		size := p.Pyramid.Size(n)
		at := p.Pyramid.Position(n)
		switch {
		case size == 1:
			p.hit(p.distance(at), p.singleReach(), p.Pyramid.Slot(n))
		case size <= mostStack && p.Pyramid.OnePlace(n):
			p.stack(at, p.Pyramid.Members(n))
		default:
			if d := p.distance(at); d <= p.groupReach(size) {
				p.hit(d, p.groupReach(size), p.Pyramid.Members(n)...)
			}
		}
		return true
	})
	return nil
}

func (p *probe) groupReach(n int) float64 { return (groupRadius(n)+1.5)*p.symbols.fans + slack }

// areas finds the hexagon or territory around the pixel, and what has no outline by its
// symbol.
func (p *probe) areas() error {
	t := p.Territories
	if t == nil {
		return lacks("a shaded map", "territories")
	}
	for i := range t.Len() {
		outline := p.outline(t, i)
		if outline != nil {
			if contains(polygonsOf(outline), p.at) {
				p.hit(0, 0, t.Members(i)...)
			}
			continue
		}
		if at, ok := t.Position(i); ok {
			p.hit(p.distance(at), p.groupReach(t.Size(i)), t.Members(i)...)
		}
	}
	return nil
}

func (p *probe) outline(t *pyramid.Territories, i int) orb.Geometry {
	key, keyed := t.Key(i)
	switch {
	case !keyed:
		return nil
	case t.Cut().Across > 0:
		return t.Outline(i)
	case p.Areas == nil:
		return nil
	}
	g, _, _ := p.Areas(key)
	if len(polygonsOf(g)) == 0 {
		return nil
	}
	return g
}

// contains reports whether a point lies in one of the polygons, whose longitudes may be
// beyond 180 degrees.
func contains(polygons []orb.Polygon, at orb.Point) bool {
	for _, q := range polygons {
		b := q.Bound()
		for turn := -360.0; turn <= 360; turn += 360 {
			if o := (orb.Point{at[0] + turn, at[1]}); b.Contains(o) && planar.PolygonContains(q, o) {
				return true
			}
		}
	}
	return false
}

// features finds the features by their symbols, lines and areas.
func (p *probe) features() {
	many := p.Layer.features() > mostShaped
	reach := (mostStackReach + 2) * p.symbols.fans
	slots := p.Index.Layout().Slots
	seen := map[uint32]bool{}
	places := map[orb.Point][]uint32{}
	p.Index.Spans(p.around(reach), func(lo, hi int) {
		for place := lo; place < hi; place++ {
			slot := slots[place]
			if seen[slot] || p.Set != nil && !p.Set.Has(slot) {
				continue
			}
			seen[slot] = true
			if at, ok := p.Index.Point(slot); ok && !many {
				places[at] = append(places[at], slot)
				continue
			}
			p.shape(slot, p.Index.Geometry(slot), many)
		}
	})
	for at, slots := range places {
		slices.Sort(slots)
		switch {
		case len(slots) == 1:
			p.hit(p.distance(at), p.singleReach(), slots...)
		case len(slots) <= mostStack:
			p.stack(at, slots)
		default:
			p.hit(p.distance(at), p.groupReach(len(slots)), slots...)
		}
	}
}

// mostStackReach is how far from its place a symbol of a stack may reach at scale 1, as
// far as the frame makes it give way.
const mostStackReach = 24 + (24 + fanReach) + symbolReach + casingWidth + slack

// shape finds a feature by its geometry.
func (p *probe) shape(slot uint32, g orb.Geometry, many bool) {
	best := math.Inf(1)
	for _, at := range pointsOf(g) {
		reach := p.singleReach()
		if many {
			reach = p.symbols.dot + slack
		}
		if d := p.distance(at); d <= reach {
			best = min(best, d)
		}
	}
	for _, line := range linesOf(g) {
		best = min(best, p.lineDistance(line))
	}
	if contains(polygonsOf(g), p.at) {
		best = 0
	}
	for _, polygon := range polygonsOf(g) {
		for _, ring := range polygon {
			best = min(best, p.lineDistance(orb.LineString(ring)))
		}
	}
	if !math.IsInf(best, 1) {
		p.hit(best, best, slot)
	}
}

// lineDistance is how far a line is from the pixel, endless where that is more than the
// slack.
func (p *probe) lineDistance(line orb.LineString) float64 {
	best := math.Inf(1)
	for i := 1; i < len(line); i++ {
		a, b := p.offset(line[i-1]), p.offset(line[i])
		dx, dy := b.X-a.X, b.Y-a.Y
		t := 0.0
		if n := dx*dx + dy*dy; n > 0 {
			t = max(0, min(1, -(a.X*dx+a.Y*dy)/n))
		}
		best = min(best, math.Hypot(a.X+t*dx, a.Y+t*dy))
	}
	if best > slack+1 {
		return math.Inf(1)
	}
	return best
}

func pointsOf(g orb.Geometry) (out []orb.Point) {
	switch g := g.(type) {
	case orb.Point:
		return []orb.Point{g}
	case orb.MultiPoint:
		return g
	case orb.Collection:
		for _, part := range g {
			out = append(out, pointsOf(part)...)
		}
	}
	return out
}
