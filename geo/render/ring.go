package render

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"clustermap/geo/draw"
)

// ringPart is a family in the ring of a group.
type ringPart struct{ family, n int }

// mostParts is how many parts a ring shows; of more the three largest and the rest.
const mostParts = 4

// ringParts are the parts of a ring for counts by place in a palette, largest first.
func ringParts(p *palette, counts []int) []ringPart {
	places := make([]int, 0, len(counts))
	for i, n := range counts {
		if n > 0 {
			places = append(places, i)
		}
	}
	slices.SortFunc(places, func(a, b int) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(p.options[a].key, p.options[b].key))
	})
	var parts []ringPart
	for i, place := range places {
		switch {
		case i < mostParts-1 || len(places) == mostParts:
			parts = append(parts, ringPart{p.options[place].family, counts[place]})
		case i == mostParts-1:
			parts = append(parts, ringPart{restFamily, counts[place]})
		default:
			parts[mostParts-1].n += counts[place]
		}
	}
	return parts
}

// groupRadius is the radius of a group of n at scale 1.
func groupRadius(n int) float64 {
	switch {
	case n <= 3:
		return 13
	case n <= 9:
		return 15.5
	case n <= 99:
		return 18
	case n <= 999:
		return 22.5
	}
	return 27.5
}

// group is the disc of a group: a ring by family from 12 o'clock, the count inside.
func (s *symbolSet) group(n int, parts []ringPart, count string) *draw.Symbol {
	scale := s.theme.scale
	r := groupRadius(n)
	width := 5.5
	switch {
	case r < 16:
		width = 4
	case r < 22:
		width = 4.5
	}
	if s.patterns {
		width += 1.5 // room for a pattern
		r += 1.5
	}
	paper := &draw.Shape{Fill: draw.Fill{Color: s.casing}}
	paper.Path.Circle(0, 0, (r+casingWidth)*scale)
	sym := &draw.Symbol{Items: []draw.Item{paper}}
	mid := r - width/2
	gap := 1.4 / mid
	angle := -math.Pi / 2
	for _, part := range parts {
		if part.n <= 0 {
			continue
		}
		sweep := float64(part.n) / float64(n) * 2 * math.Pi
		from, to := angle+gap/2, angle+max(sweep-gap/2, gap)
		if len(parts) == 1 {
			from, to = 0, 2*math.Pi
		}
		sym.Items = append(sym.Items, s.ringArc(part.family, mid*scale, width*scale, from, to))
		angle += sweep
	}
	size := 12.5 * scale
	if s.patterns && len(count) > 3 {
		size *= 0.9
	}
	sym.Items = append(sym.Items, &draw.Text{X: 0, Y: 0.36 * size, Align: draw.Middle, Size: size, Weight: 700, Color: s.ink, Text: count})
	return sym
}

// ringArc is a part of a ring as a stroke or, with a pattern, as an area.
func (s *symbolSet) ringArc(family int, mid, width, from, to float64) *draw.Shape {
	sh := new(draw.Shape)
	whole := to-from > 2*math.Pi-1e-9
	if !s.patterns {
		sh.Stroke = draw.Stroke{Color: s.color(family), Width: width}
		if whole {
			sh.Path.Circle(0, 0, mid)
		} else {
			sh.Path.Arc(0, 0, mid, from, to)
		}
		return sh
	}
	sh.Fill = s.fill(family)
	sh.Fill.EvenOdd = true
	sh.Stroke = draw.Stroke{Color: s.ink, Width: 0.6}
	if whole {
		sh.Path.Circle(0, 0, mid+width/2)
		sh.Path.Circle(0, 0, mid-width/2)
		return sh
	}
	sh.Path.Arc(0, 0, mid+width/2, from, to)
	sh.Path.Arc(0, 0, mid-width/2, to, from)
	sh.Path.Close()
	return sh
}
