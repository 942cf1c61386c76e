package kernel

import (
	"context"
	"math"

	"github.com/paulmach/orb"
)

// readCells is how many cells of a grid a Gaussian bandwidth is, from which densities
// between the middles of cells are read.
const readCells = leastCells + 1

// grided is the smallest grid, in cells so fine, from which the densities at places can be
// read; ok is false where it would be too large, or the places are few.
func (d *Density) grided(places []orb.Point) (g *Grid, ok bool) {
	b := orb.MultiPoint(places).Bound()
	cell := d.Bandwidth / readCells
	var n [2]float64
	for a := range n {
		n[a] = math.Ceil((b.Max[a]-b.Min[a])/cell) + 2*order
		b.Min[a] -= order * cell
		b.Max[a] = b.Min[a] + n[a]*cell
	}
	if n[0]*n[1] > 1<<24 {
		return nil, false
	}
	g = &Grid{Bound: b, Width: int(n[0]), Height: int(n[1])}
	return g, d.shouldSpread(g)
}

// read is the density between the middles of cells, by Lagrange's polynomial.
func (g *Grid) read(p orb.Point) float64 {
	cx, cy := g.Cell()
	x, y := (p[0]-g.Bound.Min[0])/cx-0.5, (p[1]-g.Bound.Min[1])/cy-0.5
	left, bottom := math.Floor(x)-order/2+1, math.Floor(y)-order/2+1
	along, across := lagrange(x-left), lagrange(y-bottom)
	sum := 0.0
	for j, wy := range across {
		row := 0.0
		from := (int(bottom)+j)*g.Width + int(left)
		for i, v := range g.Values[from : from+order] {
			row += along[i] * v
		}
		sum += wy * row
	}
	return max(0, sum)
}

// readAt fills in the densities at places from a grid.
func (d *Density) readAt(ctx context.Context, g *Grid, places []orb.Point, out []float64, work Work) error {
	g.Values = make([]float64, g.Width*g.Height)
	if err := d.spread(ctx, g, work); err != nil {
		return err
	}
	return work.each(ctx, len(places), 256, func(i int) { out[i] = g.read(places[i]) })
}
