package render

import (
	"math"
	"strings"

	"clustermap/geo/draw"
)

// mostRegions is how many regions are named: the first, as each is weighed against all.
const mostRegions = 40

// region names a region beside its outline, or in it where it is large, at the place
// that costs least; where that is far away, with a line to it.
func (l *labeller) region(c *candidate) bool {
	if l.regions++; l.regions > mostRegions {
		return false
	}
	outline := newShore(c.rings, l.frame)
	if len(outline.points) == 0 {
		return true // the map shows nothing of it
	}
	var others shore
	for i := range l.candidates {
		if o := &l.candidates[i]; o.kind == regionLabel && o != c {
			others.points = append(others.points, newShore(o.rings, l.frame).points...)
		}
	}
	others = others.thinned()
	var best block
	var box draw.Rect
	least := math.Inf(1)
	for i, b := range l.regionBlocks(c) {
		at, cost, ok := l.regionPlace(c, b, outline, others)
		cost += 12*float64(i) + 200*float64(l.cutIn(b))
		if l.Lang == Both && len(b.lines) < 2 {
			cost += 60
		}
		if ok && cost < least {
			best, box, least = b, at, cost
		}
	}
	if math.IsInf(least, 1) {
		return false
	}
	_, far := outline.nearest(box)
	if far > 28*l.scale && !inside(c.rings, draw.Point{X: box.X + box.W/2, Y: box.Y + box.H/2}) {
		l.leader(box, outline)
	}
	l.put(best, box, draw.Middle)
	return true
}

// cutIn is how many lines of a block end in an ellipsis.
func (l *labeller) cutIn(b block) (n int) {
	for _, line := range b.lines {
		for _, r := range line.runs {
			if strings.HasSuffix(r.text, ellipsis) {
				n++
			}
		}
	}
	return n
}

// regionBlocks are the ways to write the name with its count, the best first. The name
// is one text in each language.
func (l *labeller) regionBlocks(c *candidate) (out []block) {
	zh, en := c.zh, c.en
	if zh == "" || l.Lang == English && en != "" {
		zh, en = c.en, ""
	}
	if l.Lang != Both {
		en = ""
	}
	for _, size := range []float64{17, 14} {
		out = append(out, l.regionBlock(c, size, zh, en))
	}
	for _, size := range []float64{17, 14} {
		if b, ok := l.brokenBlock(c, size, zh); ok && en == "" {
			out = append(out, b)
		}
	}
	if en != "" {
		out = append(out, l.regionBlock(c, 17, zh, ""))
	}
	return out
}

// mostOfFrame is how much of the width of the map the name of a region takes.
const mostOfFrame = 0.4

// brokenBlock is a name in two lines; ok is false of one that cannot be broken well.
func (l *labeller) brokenBlock(c *candidate, size float64, name string) (b block, ok bool) {
	bold, plain := l.regionPens(size)
	whole := bold.width(l.fonts, name)
	if whole > 2*l.frame.W*mostOfFrame || whole < 6*bold.Size {
		return b, false
	}
	lines, cut := wrap(l.fonts, bold, name, min(whole*0.75, l.frame.W*mostOfFrame), 2)
	if cut || len(lines) != 2 {
		return b, false
	}
	last := []run{l.run(name, bold, lines[1])}
	if c.count >= 0 {
		last = append(last, l.run(name+" count", plain, number(c.count)))
	}
	bold.lead = 1.15
	return l.stack(l.line(l.run(name, bold, lines[0])), l.line(last...)), true
}

func (l *labeller) regionPens(size float64) (bold, plain pen) {
	bold, plain = l.pen(size, 700), l.pen(size, 400)
	bold.Color, plain.Color = l.theme.ink, l.theme.ink2
	bold.lead, plain.lead = 1.4, 1.4
	return bold, plain
}

func (l *labeller) regionBlock(c *candidate, size float64, first, second string) block {
	bold, plain := l.regionPens(size)
	small := l.pen(size*0.76, 500)
	small.Color = l.theme.ink2
	most := l.frame.W * mostOfFrame
	first = shortened(l.fonts, bold, first, most)
	runs := []run{l.run(first, bold, first)}
	if c.count >= 0 {
		runs = append(runs, l.run(first+" count", plain, number(c.count)))
	}
	lines := []blockLine{l.line(runs...)}
	if second != "" && second != first {
		lines = append(lines, l.line(l.run(first, small, shortened(l.fonts, small, second, most))))
	}
	return l.stack(lines...)
}

// regionSides is where the names of the concentrations stand on the page: which side of
// its outline the name of a region prefers, as a direction.
var regionSides = map[string]draw.Point{"yrd": {X: 1, Y: -0.2}, "prd": {X: 0, Y: 1}, "gba": {X: 0, Y: 1}, "bohai": {X: -1, Y: -0.6}}

// regionPlace tries a lattice of places around an outline.
func (l *labeller) regionPlace(c *candidate, b block, own, others shore) (best draw.Rect, least float64, ok bool) {
	k := l.scale
	around := outset(own.bounds, b.w/2+70*k)
	step := max(6, math.Sqrt(around.W*around.H/1500))
	least = math.Inf(1)
	wanted := draw.Point{}
	for prefix, to := range regionSides {
		if strings.HasPrefix(c.id, prefix) {
			wanted = to
		}
	}
	mx, my := own.bounds.X+own.bounds.W/2, own.bounds.Y+own.bounds.H/2
	for y := around.Y; y <= around.Y+around.H; y += step {
		for x := around.X; x <= around.X+around.W; x += step {
			box := draw.Rect{X: x - b.w/2, Y: y - b.h/2, W: b.w, H: b.h}
			if !l.place.free(outset(box, 4*k), nobody) || !l.outlines.free(box, nobody) {
				continue
			}
			cost := 40 * float64(l.nameless(box))
			// The direction from the middle of the region, each axis by its size.
			dx, dy := (x-mx)/max(1, own.bounds.W/2), (y-my)/max(1, own.bounds.H/2)
			if n := math.Hypot(dx, dy); n > 0 && wanted != (draw.Point{}) {
				cost -= 60 * (dx*wanted.X + dy*wanted.Y) / n / math.Hypot(wanted.X, wanted.Y)
			}
			_, d := own.nearest(box)
			away := math.Abs(d-12*k) / k
			if cost+min(away, insideCost) >= least {
				continue
			}
			if inside(c.rings, draw.Point{X: x, Y: y}) {
				cost += insideCost
			} else {
				cost += away + 60*l.ground().share(box)
				if _, e := others.nearest(box); e < d {
					cost += 40 + min(80, 4*(d-e)/k) // it may seem to belong to another
				}
			}
			if cost < least {
				best, least, ok = box, cost, true
			}
		}
	}
	return best, least, ok
}

// insideCost is what a name costs that lies in its region, on the ground of its symbols.
const insideCost = 90

// nameless is how many groups and single clusters would lose the best place of their name
// to a box.
func (l *labeller) nameless(box draw.Rect) int {
	const few = 500 // of more most have no room anyway
	if len(l.candidates) > few {
		return 0
	}
	n := 0
	for i := range l.candidates {
		c := &l.candidates[i]
		if c.kind != groupLabel && c.kind != featureLabel {
			continue
		}
		name := draw.Rect{X: c.x, Y: c.y - 9*l.scale, W: c.radius + 62*l.scale, H: 18 * l.scale}
		if overlap(name, box) {
			n++
		}
	}
	return n
}

// leader is a thin line from a name to the nearest place of an outline to which nothing is
// in the way.
func (l *labeller) leader(box draw.Rect, outline shore) {
	var from, to draw.Point
	least := 120 * l.scale
	for _, p := range outline.thin {
		at := draw.Point{X: min(max(p.X, box.X), box.X+box.W), Y: min(max(p.Y, box.Y), box.Y+box.H)}
		if d := math.Hypot(p.X-at.X, p.Y-at.Y); d < least && l.place.clear(at, p, nobody) {
			from, to, least = at, p, d
		}
	}
	if from == to {
		return
	}
	var p draw.Path
	p.Polyline([]draw.Point{from, to}, false)
	l.dots = append(l.dots, &draw.Shape{Name: "leader", Path: p, Stroke: draw.Stroke{Color: l.theme.ink2, Width: l.scale}})
}

// shore is the points of an outline in the frame, a few pixels apart.
type shore struct {
	points []draw.Point
	thin   []draw.Point // some of them, to measure distances
	bounds draw.Rect
}

func (s shore) thinned() shore {
	const every = 4
	s.thin = nil
	for i := 0; i < len(s.points); i += every {
		s.thin = append(s.thin, s.points[i])
	}
	return s
}

func newShore(rings [][]draw.Point, frame draw.Rect) shore {
	const step = 4
	var s shore
	for _, ring := range rings {
		for i := range ring {
			a, b := ring[i], ring[(i+1)%len(ring)]
			n := max(1, int(math.Hypot(b.X-a.X, b.Y-a.Y)/step))
			for j := range n {
				t := float64(j) / float64(n)
				p := draw.Point{X: a.X + (b.X-a.X)*t, Y: a.Y + (b.Y-a.Y)*t}
				if p.X > frame.X && p.Y > frame.Y && p.X < frame.X+frame.W && p.Y < frame.Y+frame.H {
					s.points = append(s.points, p)
				}
			}
		}
	}
	s.bounds = boundsOf(s.points)
	return s.thinned()
}

// nearest is the point of an outline that is nearest to a box, and how far it is.
func (s shore) nearest(box draw.Rect) (at draw.Point, d float64) {
	least := math.Inf(1)
	for _, p := range s.thin {
		dx := max(box.X-p.X, 0, p.X-box.X-box.W)
		dy := max(box.Y-p.Y, 0, p.Y-box.Y-box.H)
		if q := dx*dx + dy*dy; q < least {
			at, least = p, q
		}
	}
	return at, math.Sqrt(least)
}

// inside is whether a point lies in rings, by the even-odd rule.
func inside(rings [][]draw.Point, at draw.Point) bool {
	in := false
	for _, ring := range rings {
		for i := range ring {
			a, b := ring[i], ring[(i+1)%len(ring)]
			if (a.Y > at.Y) != (b.Y > at.Y) && at.X < a.X+(b.X-a.X)*(at.Y-a.Y)/(b.Y-a.Y) {
				in = !in
			}
		}
	}
	return in
}
