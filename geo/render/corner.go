package render

import (
	"math"
	"slices"

	"clustermap/geo/draw"
)

// corner is where a piece of furniture may stand in the frame.
type corner uint8

const (
	bottomLeft corner = iota
	bottomRight
	topLeft
	topRight
	middleLeft
	middleRight
	middleTop
	middleBottom
)

// in is the box of w by h in a corner of the frame, margin away from its edges.
func (c corner) in(f draw.Rect, w, h, margin float64) draw.Rect {
	x, y := f.X+margin, f.Y+margin
	right, bottom := f.X+f.W-margin-w, f.Y+f.H-margin-h
	mx, my := f.X+(f.W-w)/2, f.Y+(f.H-h)/2
	at := [...]draw.Point{
		bottomLeft: {X: x, Y: bottom}, bottomRight: {X: right, Y: bottom}, topLeft: {X: x, Y: y}, topRight: {X: right, Y: y},
		middleLeft: {X: x, Y: my}, middleRight: {X: right, Y: my}, middleTop: {X: mx, Y: y}, middleBottom: {X: mx, Y: bottom},
	}[c]
	return draw.Rect{X: at.X, Y: at.Y, W: w, H: h}
}

// settle finds the corner where a box covers least, the first of equals: nothing of the
// data, no island and no other furniture, no region and as little land as there is; solid is how
// much land counts, and where that is 0 islands do not. ok is false where the frame has
// no room at all.
func (s *scene) settle(w, h, margin, solid float64, corners ...corner) (at settled, ok bool) {
	if w+2*margin > s.frame.W || h+2*margin > s.frame.H {
		return settled{}, false
	}
	least := math.Inf(1)
	g := s.ground()
	for _, c := range corners {
		b := c.in(s.frame, w, h, margin)
		if s.meetsFurniture(outset(b, 4*s.page.sheet.unit)) {
			continue
		}
		symbols := 0
		for _, o := range s.obstacles {
			if overlap(o, b) {
				symbols++
			}
		}
		taken := g.taken(b)
		next := settled{box: b, free: symbols == 0 && taken == 0 && (solid == 0 || !g.hides(b)), region: s.onRegion(b)}
		cost := solid * g.share(b)
		if next.region {
			cost++
		}
		if c >= middleLeft {
			cost += 0.2
		}
		if !next.free {
			cost += 10 * (float64(1+symbols) + taken)
		}
		if cost < least-0.02 {
			at, ok, least = next, true, cost
		}
	}
	return at, ok
}

// settled is where a piece of furniture stands.
type settled struct {
	box    draw.Rect
	free   bool // of data and islands
	region bool // on a region
}

func (s *scene) meetsFurniture(b draw.Rect) bool {
	for _, c := range s.covered {
		if overlap(c, b) {
			return true
		}
	}
	return false
}

// onRegion is whether a box touches a region, which is what the map is about.
func (s *scene) onRegion(b draw.Rect) bool {
	for i := range s.candidates {
		c := &s.candidates[i]
		if c.kind != regionLabel {
			continue
		}
		middle := draw.Point{X: b.X + b.W/2, Y: b.Y + b.H/2}
		if inside(c.rings, middle) {
			return true
		}
		for _, ring := range c.rings {
			for _, p := range ring {
				if p.X > b.X && p.X < b.X+b.W && p.Y > b.Y && p.Y < b.Y+b.H {
					return true
				}
			}
		}
	}
	return false
}

// boxes puts title and legend on the map. It reports whether each found a corner where it
// covers no symbol and no island; one that does not is left out.
func (s *scene) boxes() bool {
	titled := s.titleBox()
	return s.legendBox() && titled
}

func (s *scene) titleBox() bool {
	u, f := s.page.sheet.unit, s.frame
	head := s.headParts(s.facts, min(640*u, f.W-72*u))
	if len(head) == 0 {
		return true
	}
	fit, h := fitting(head, f.H*0.3)
	s.leaveOutOf(head, fit)
	if len(fit) > 0 && s.boxed(fit, s.widthOf(fit), h, 0.01, topLeft, topRight, middleTop, bottomLeft, bottomRight) {
		return true
	}
	s.leaveOutOf(head, nil)
	return false
}

// legendBox tries narrower and shorter legends until one has room.
func (s *scene) legendBox() bool {
	u := s.page.sheet.unit
	all := s.legendParts(s.facts, 470*u)
	if !s.has(Legend) || len(all) == 0 {
		return true
	}
	for _, width := range []float64{470, 270, 220} {
		parts := s.legendParts(s.facts, width*u)
		for len(parts) > 0 {
			fit, h := fitting(parts, s.frame.H*0.75)
			if len(fit) == 0 {
				break
			}
			if s.boxed(fit, min(width*u, s.widthOf(fit)), h, 1, bottomRight, bottomLeft, topRight, topLeft, middleRight, middleLeft, middleBottom, middleTop) {
				s.leaveOutOf(all, fit)
				return true
			}
			parts = withoutLeast(fit)
		}
	}
	s.leaveOutOf(all, nil)
	return false
}

// withoutLeast leaves out the last part of the least rank.
func withoutLeast(parts []part) []part {
	least := 0
	for i, p := range parts {
		if p.rank <= parts[least].rank {
			least = i
		}
	}
	return slices.Delete(slices.Clone(parts), least, least+1)
}

// widthOf is how wide parts are as drawn.
func (s *scene) widthOf(parts []part) float64 {
	right := 0.0
	layers := []*draw.Layer{{Items: stacked(parts, 0, 0)}}
	eachText(layers, func(t *draw.Text) {
		w := s.fonts.Width(t)
		switch t.Align {
		case draw.Middle:
			w /= 2
		case draw.End:
			w = 0
		}
		right = max(right, t.X+w)
	})
	return right
}

// boxed draws parts on paper in a corner where they cover nothing; it reports whether there was one.
func (s *scene) boxed(parts []part, w, h, solid float64, corners ...corner) bool {
	u := s.page.sheet.unit
	pad := 18 * u
	at, ok := s.settle(w+2*pad, h+2*pad, 20*u, solid, corners...)
	if !ok || !at.free {
		return false
	}
	box := at.box
	s.covered = append(s.covered, box)
	paper := &draw.Shape{Name: "paper", Fill: draw.Fill{Color: faded(s.theme.surface, 0.94)}, Stroke: draw.Stroke{Color: s.theme.line, Width: 1}}
	roundRect(&paper.Path, box, 8*u)
	s.above(append([]draw.Item{paper}, stacked(parts, box.X+pad, box.Y+pad)...))
	return true
}

func roundRect(p *draw.Path, r draw.Rect, radius float64) {
	radius = min(radius, r.W/2, r.H/2)
	p.Arc(r.X+radius, r.Y+radius, radius, -math.Pi, -math.Pi/2)
	p.Arc(r.X+r.W-radius, r.Y+radius, radius, -math.Pi/2, 0)
	p.Arc(r.X+r.W-radius, r.Y+r.H-radius, radius, 0, math.Pi/2)
	p.Arc(r.X+radius, r.Y+r.H-radius, radius, math.Pi/2, math.Pi)
	p.Close()
}

// credit is the small print in a corner of the map: whole where it covers no symbol and
// no region, else less of it, at last one line that may.
func (s *scene) credit() {
	sh := &s.page.sheet
	u := sh.unit
	p := sh.pen(13.5, 400, s.theme.labelArea, 1.5)
	p.filled = true
	p.Halo = draw.Stroke{Color: s.theme.halo, Width: 2 * haloWidth, Round: true}
	text := sh.sentences(s.notes())
	for _, try := range []struct {
		share float64 // of the width
		most  int
	}{{0.6, 3}, {0.42, 4}, {0.6, 2}, {0.42, 2}, {0.6, 1}, {1, 1}} {
		width := min(s.frame.W*try.share, s.frame.W-40*u)
		lines, cut := wrap(s.fonts, p, text, width, try.most)
		if len(lines) == 0 || cut && try.most > 2 {
			continue
		}
		w := 0.0
		for _, l := range lines {
			w = max(w, p.width(s.fonts, l))
		}
		at, ok := s.settle(w, p.height(len(lines)), 10*u, 0, bottomRight, bottomLeft, middleBottom, topRight, topLeft)
		if ok && (at.free && !at.region || try.share == 1) {
			s.covered = append(s.covered, at.box)
			s.above([]draw.Item{s.creditLines(lines, p, at.box)})
			return
		}
	}
}

func (s *scene) creditLines(lines []string, p pen, box draw.Rect) *draw.Group {
	g := &draw.Group{Name: "Notes"}
	x, align := box.X, draw.Start
	if box.X+box.W/2 > s.frame.X+s.frame.W/2+1 {
		x, align = box.X+box.W, draw.End
	}
	for i, l := range lines {
		g.Items = append(g.Items, put(p, "Notes", l, x, box.Y+p.height(i), align))
	}
	return g
}
