package pyramid

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"clustermap/geo"
)

// BenchmarkMethods compares the way in which groups are made with three others, on
// 200,000 points made as those of BenchmarkPeers are, with a radius of 60: how many
// symbols there are, how many of them another one as wide as the radius overlaps by more
// than a tenth, how far symbols stand from the one next to them, and how far members are
// from their symbol, in radii. Run it with -benchtime 1x.
func BenchmarkMethods(b *testing.B) {
	x := peerIndex(b, 200_000)
	l := x.Layout()
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| zoom \t| way \t| symbols \t| overlapped \t| next one, median \t| to members, root mean square \t| 99 % \t| most \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t|")
	ways := []struct {
		name string
		step func(all []*mark, radius float64) []*mark
	}{
		{"a grid of cells as wide as the radius", byGrid},
		{"the largest takes in the radius", func(all []*mark, radius float64) []*mark { all, _ = byLargest(all, radius); return all }},
		{"the same, and again until 0.9 apart", byLargestApart},
	}
	levels := make([][MaxZoom + 1][]*mark, len(ways)+1)
	for i, way := range ways {
		all := marksOf(l)
		for zoom := MaxZoom; zoom >= 0; zoom-- {
			all = way.step(all, radiusAt(zoom))
			levels[i][zoom] = all
		}
	}
	p, err := Build(context.Background(), x, nil, Options{})
	if err != nil {
		b.Fatal(err)
	}
	for zoom := range MaxZoom + 1 {
		levels[len(ways)][zoom] = marksOfNodes(p, zoom)
	}
	for _, zoom := range []int{3, 6, 9, 12} {
		for i := range levels {
			name := "the two nearest to each other"
			if i < len(ways) {
				name = ways[i].name
			}
			fmt.Fprintf(rows, "| %d \t| %s \t| %s \t|\n", zoom, name, looks(levels[i][zoom], radiusAt(zoom)))
		}
	}
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

func radiusAt(zoom int) float64 { return DefaultRadius * math.Exp2(float64(24-zoom)) }

// mark is a symbol: where it stands, and what for.
type mark struct {
	x, y       float64
	sumX, sumY float64
	members    []point
}

func marksOf(l *geo.Layout) []*mark {
	out := make([]*mark, len(l.X))
	for i := range out {
		x, y := float64(l.X[i]), float64(l.Y[i])
		out[i] = &mark{x, y, x, y, []point{{l.X[i], l.Y[i]}}}
	}
	return out
}

func marksOfNodes(p *Pyramid, zoom int) []*mark {
	var out []*mark
	for _, n := range p.Level(zoom) {
		m := new(mark)
		lo, hi := p.span(n)
		for _, place := range p.places[lo:hi] {
			m.members = append(m.members, point{p.layout.X[place], p.layout.Y[place]})
		}
		m.x, m.y = float64(p.layout.X[p.Place(n)]), float64(p.layout.Y[p.Place(n)])
		out = append(out, m)
	}
	return out
}

// joined is a mark at the member nearest to the mean.
func joined(parts []*mark) *mark {
	if len(parts) == 1 {
		return parts[0]
	}
	m := new(mark)
	for _, part := range parts {
		m.sumX, m.sumY = m.sumX+part.sumX, m.sumY+part.sumY
		m.members = append(m.members, part.members...)
	}
	x, y := m.sumX/float64(len(m.members)), m.sumY/float64(len(m.members))
	square := func(p point) float64 { return math.Hypot(float64(p.x)-x, float64(p.y)-y) }
	at := slices.MinFunc(m.members, func(a, b point) int { return cmp.Compare(square(a), square(b)) })
	m.x, m.y = float64(at.x), float64(at.y)
	return m
}

type square struct{ x, y int }

func (m *mark) square(side float64) square { return square{int(m.x / side), int(m.y / side)} }

func byGrid(all []*mark, radius float64) []*mark {
	cells := make(map[square][]*mark)
	var order []square
	for _, m := range all {
		c := m.square(radius)
		if cells[c] == nil {
			order = append(order, c)
		}
		cells[c] = append(cells[c], m)
	}
	var out []*mark
	for _, c := range order {
		out = append(out, joined(cells[c]))
	}
	return out
}

// byLargest lets each mark, the largest first, take in all that are left within the
// radius.
func byLargest(all []*mark, radius float64) (out []*mark, changed bool) {
	cells := make(map[square][]*mark)
	for _, m := range all {
		cells[m.square(radius)] = append(cells[m.square(radius)], m)
	}
	taken := make(map[*mark]bool)
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b *mark) int { return cmp.Compare(len(b.members), len(a.members)) })
	for _, m := range order {
		if taken[m] {
			continue
		}
		taken[m] = true
		parts := []*mark{m}
		for _, o := range around(cells, m, radius) {
			if !taken[o] && math.Hypot(o.x-m.x, o.y-m.y) < radius {
				taken[o] = true
				parts = append(parts, o)
			}
		}
		out, changed = append(out, joined(parts)), changed || len(parts) > 1
	}
	return out, changed
}

func byLargestApart(all []*mark, radius float64) []*mark {
	all, _ = byLargest(all, radius)
	for changed := true; changed; {
		all, changed = byLargest(all, radius*0.9)
	}
	return all
}

// around are the marks of a square of cells and those beside.
func around(cells map[square][]*mark, m *mark, side float64) (out []*mark) {
	c := m.square(side)
	for x := c.x - 1; x <= c.x+1; x++ {
		for y := c.y - 1; y <= c.y+1; y++ {
			out = append(out, cells[square{x, y}]...)
		}
	}
	return out
}

// looks are the figures of a table row.
func looks(all []*mark, radius float64) string {
	const far = 4 // radii; beyond, the next one does not matter
	cells := make(map[square][]*mark)
	for _, m := range all {
		cells[m.square(far*radius)] = append(cells[m.square(far*radius)], m)
	}
	overlapped := 0
	var next, members []float64
	squares := 0.0
	for _, m := range all {
		near := float64(far)
		for _, o := range around(cells, m, far*radius) {
			if o != m {
				near = min(near, math.Hypot(o.x-m.x, o.y-m.y)/radius)
			}
		}
		if next = append(next, near); near < 0.9 {
			overlapped++
		}
		for _, at := range m.members {
			dx := math.Abs(float64(at.x) - m.x)
			d := math.Hypot(min(dx, world-dx), float64(at.y)-m.y) / radius
			members, squares = append(members, d), squares+d*d
		}
	}
	slices.Sort(next)
	slices.Sort(members)
	return fmt.Sprintf("%d \t| %.1f %% \t| %.2f \t| %.2f \t| %.2f \t| %.2f", len(all), 100*float64(overlapped)/float64(len(all)),
		next[len(next)/2], math.Sqrt(squares/float64(len(members))), members[len(members)*99/100], members[len(members)-1])
}
