package kernel

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Band is where the density is from one level to the next.
type Band struct {
	From, To float64          // To is infinite in the highest
	Area     orb.MultiPolygon // valid, rings counterclockwise, holes clockwise
	Ground   float64          // square metres of it
	Mass     float64          // weight in it
}

// LevelOf is the level above which lies a share of the mass, in the smallest possible
// area (R. J. Hyndman, American Statistician 50, 1996).
func (g *Grid) LevelOf(share float64) float64 {
	values := slices.Clone(g.Values)
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	above := 0.0
	for i := len(values) - 1; i >= 0; i-- {
		if above += values[i]; above >= share*sum {
			return values[i]
		}
	}
	return 0
}

// Bands are the areas between levels, which ascend and are above 0, from the lowest to
// the highest. Between the middles of cells densities are read off linearly along the
// sides of squares; where two corners across are above a level and two are not, the mean
// of all says whether they are joined. Bands without an area are left out.
func (g *Grid) Bands(levels []float64) []Band {
	var out []Band
	var lower, upper []orb.Ring
	for i, from := range levels {
		if i == 0 {
			lower = g.contour(from)
		}
		b := Band{From: from, To: math.Inf(1)}
		upper = nil
		if i+1 < len(levels) {
			b.To = levels[i+1]
			upper = g.contour(b.To)
		}
		rings := slices.Clone(lower)
		for _, r := range upper {
			turned := slices.Clone(r)
			slices.Reverse(turned)
			rings = append(rings, turned)
		}
		b.Area = Polygons(rings)
		for _, r := range rings {
			b.Ground += planar.Area(r)
		}
		b.Mass = g.mass(b.From, b.To)
		if len(b.Area) > 0 {
			out = append(out, b)
		}
		lower = upper
	}
	return out
}

func (g *Grid) mass(from, to float64) float64 {
	sum := 0.0
	for _, v := range g.Values {
		if v >= from && v < to {
			sum += v
		}
	}
	x, y := g.Cell()
	return sum * x * y
}

// at is the value of a cell; around the grid is nothing.
func (g *Grid) at(x, y int) float64 {
	if x < 0 || y < 0 || x >= g.Width || y >= g.Height {
		return 0
	}
	return g.Values[y*g.Width+x]
}

// inset keeps the ends of lines from the corners of squares, as a share of the side, so
// that no two rings meet in a corner whose value is a level.
const inset = 1e-3

// tracer follows the line along which a grid has a value. Sides of squares are numbered:
// that from a corner east is 2 times the number of the corner, that north one more.
type tracer struct {
	*Grid
	level float64
	next  map[int]int
}

// contour is the line around all that is at least at a level, as closed rings with the
// high ground on their left.
func (g *Grid) contour(level float64) []orb.Ring {
	t := tracer{g, level, make(map[int]int)}
	var starts []int
	for y := -1; y < g.Height; y++ {
		south, north := g.at(-1, y) >= level, g.at(-1, y+1) >= level
		for x := -1; x < g.Width; x++ {
			southEast, northEast := g.at(x+1, y) >= level, g.at(x+1, y+1) >= level
			if south != north || south != southEast || south != northEast {
				starts = t.square(starts, x, y, south, southEast, northEast, north)
			}
			south, north = southEast, northEast
		}
	}
	var out []orb.Ring
	for _, from := range starts {
		if _, left := t.next[from]; !left {
			continue
		}
		var ring orb.Ring
		for side := from; ; {
			ring = append(ring, t.point(side))
			to := t.next[side]
			delete(t.next, side)
			if side = to; side == from {
				break
			}
		}
		out = append(out, append(ring, ring[0]))
	}
	return out
}

func (t *tracer) corner(x, y int) int { return (y+1)*(t.Width+2) + x + 1 }

// square adds the lines through a square: each goes in where the way around it,
// counterclockwise, comes from high to low, and leaves where it comes from low to high.
func (t *tracer) square(starts []int, x, y int, high ...bool) []int {
	sides := [4]int{2 * t.corner(x, y), 2*t.corner(x+1, y) + 1, 2 * t.corner(x, y+1), 2*t.corner(x, y) + 1}
	var down, up []int // sides, by where the way around goes down or up
	for i, h := range high {
		switch next := high[(i+1)%4]; {
		case h && !next:
			down = append(down, i)
		case !h && next:
			up = append(up, i)
		}
	}
	if len(down) == 1 {
		t.next[sides[down[0]]] = sides[up[0]]
		return append(starts, sides[down[0]])
	}
	joined := (t.at(x, y)+t.at(x+1, y)+t.at(x+1, y+1)+t.at(x, y+1))/4 >= t.level
	for _, d := range down {
		to := (d + 1) % 4 // around the low corner that follows
		if !joined {
			to = (d + 3) % 4 // around the high corner before
		}
		t.next[sides[d]] = sides[to]
		starts = append(starts, sides[d])
	}
	return starts
}

// point is where the line crosses a side.
func (t *tracer) point(side int) orb.Point {
	corner := side / 2
	x, y := corner%(t.Width+2)-1, corner/(t.Width+2)-1
	dx, dy := 1-side%2, side%2
	a, b := t.at(x, y), t.at(x+dx, y+dy)
	s := inset + (1-2*inset)*(t.level-a)/(b-a)
	cx, cy := t.Cell()
	return orb.Point{
		t.Bound.Min[0] + (float64(x)+0.5+s*float64(dx))*cx,
		t.Bound.Min[1] + (float64(y)+0.5+s*float64(dy))*cy,
	}
}

// Polygons puts rings that do not cross together: those that are counterclockwise are
// areas, others holes in the smallest area around them. It sorts the rings.
func Polygons(rings []orb.Ring) orb.MultiPolygon {
	var out orb.MultiPolygon
	var areas []float64
	var bounds []orb.Bound
	var holes []orb.Ring
	slices.SortStableFunc(rings, func(a, b orb.Ring) int { return cmp.Compare(planar.Area(a), planar.Area(b)) })
	for _, r := range rings {
		if a := planar.Area(r); a > 0 {
			out, areas, bounds = append(out, orb.Polygon{r}), append(areas, a), append(bounds, r.Bound())
		} else {
			holes = append(holes, r)
		}
	}
	for _, h := range holes {
		inner, size := h.Bound(), -planar.Area(h)
		at := orb.Point{(h[0][0] + h[1][0]) / 2, (h[0][1] + h[1][1]) / 2} // corners may touch
		for i := range out {                                              // the smallest first
			if areas[i] > size && bounds[i].Contains(inner.Min) && bounds[i].Contains(inner.Max) && planar.RingContains(out[i][0], at) {
				out[i] = append(out[i], h)
				break
			}
		}
	}
	return out
}
