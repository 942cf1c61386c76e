package kernel

import (
	"context"
	"math"
	"slices"
)

// A Gaussian hill is so smooth that it is the sum of hills on nodes of the grid near to
// it, with the weights by which Lagrange's polynomial reads a value between nodes: 12 by
// 12 nodes leave an error of 8e-12 of its top where its bandwidth is 8 cells. So points
// are spread to nodes, and nodes smoothed along rows, then along columns.
const (
	order      = 12 // nodes along an axis that a point is spread to
	leastCells = 8  // bandwidth in cells
)

// shouldSpread reports whether that is exact enough and less work.
func (d *Density) shouldSpread(g *Grid) bool {
	cx, cy := g.Cell()
	if d.Kernel != Gaussian || d.widths != nil || d.Bandwidth < leastCells*max(cx, cy) {
		return false
	}
	reachX, reachY := 2*gaussianReach*d.Bandwidth/cx, 2*gaussianReach*d.Bandwidth/cy
	width, height := float64(g.Width), float64(g.Height)
	if reachX > 64*width || reachY > 64*height {
		return false
	}
	direct := float64(len(d.points)) * min(width, reachX) * min(height, reachY)
	smooth := width * ((height+reachY)*min(width+reachX, reachX) + height*min(height+reachY, reachY))
	return smooth < direct
}

// lattice are nodes in the middles of the cells and as far beyond the grid as hills reach.
type lattice struct {
	marginX, marginY int
	width, height    int
	rows             [][]float64 // nil: nothing in it
}

func (d *Density) spread(ctx context.Context, g *Grid, work Work) error {
	cx, cy := g.Cell()
	l := &lattice{marginX: int(gaussianReach*d.Bandwidth/cx) + order, marginY: int(gaussianReach*d.Bandwidth/cy) + order}
	l.width, l.height = g.Width+2*l.marginX, g.Height+2*l.marginY
	l.rows = make([][]float64, l.height)
	top := d.Kernel.top(d.Bandwidth)
	for i, p := range d.points {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		l.add((p[0]-g.Bound.Min[0])/cx-0.5, (p[1]-g.Bound.Min[1])/cy-0.5, top*d.weights[i])
	}
	along, across := bell(l.width, cx/d.Bandwidth), bell(l.height, cy/d.Bandwidth)
	backwards := slices.Clone(along[1:])
	slices.Reverse(backwards)
	whole := append(backwards, along...)
	smooth := make([][]float64, l.height)
	twice := Work{Workers: work.Workers}
	if work.Progress != nil {
		twice.Progress = func(done, total int) { work.Progress(done, l.height+g.Height) }
	}
	if err := twice.each(ctx, l.height, 8, func(y int) { smooth[y] = l.smoothRow(y, g.Width, whole) }); err != nil {
		return err
	}
	if work.Progress != nil {
		twice.Progress = func(done, total int) { work.Progress(l.height+done, l.height+g.Height) }
	}
	reach := int(gaussianReach * d.Bandwidth / cy)
	return twice.each(ctx, g.Height, 8, func(y int) {
		values := g.Values[y*g.Width : (y+1)*g.Width]
		for r := max(0, y+l.marginY-reach); r <= min(l.height-1, y+l.marginY+reach); r++ {
			if smooth[r] != nil {
				addScaled(values, smooth[r], across[abs(y+l.marginY-r)])
			}
		}
		for x, v := range values {
			values[x] = max(0, v)
		}
	})
}

func abs(i int) int { return max(i, -i) }

// bell is the hill at each number of cells from its top.
func bell(n int, step float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		u := float64(i) * step
		out[i] = math.Exp(-u * u / 2)
	}
	return out
}

// add spreads a point, whose place counts cells. What is too far from the grid is left
// out.
func (l *lattice) add(x, y, weight float64) {
	x, y = x+float64(l.marginX), y+float64(l.marginY)
	left, bottom := math.Floor(x)-order/2+1, math.Floor(y)-order/2+1
	if left < 0 || bottom < 0 || left+order > float64(l.width) || bottom+order > float64(l.height) {
		return
	}
	across, along := lagrange(x-left), lagrange(y-bottom)
	for j, wy := range along {
		r := int(bottom) + j
		if l.rows[r] == nil {
			l.rows[r] = make([]float64, l.width)
		}
		for i, wx := range across {
			l.rows[r][int(left)+i] += weight * wx * wy
		}
	}
}

// lagrange are the weights by which the value at t is read from those at 0, 1, 2, …
func lagrange(t float64) (out [order]float64) {
	for i := range out {
		out[i] = 1
		for j := range out {
			if i != j {
				out[i] *= (t - float64(j)) / float64(i-j)
			}
		}
	}
	return out
}

// smoothRow is a row of nodes smoothed along itself, on the grid alone. hill is that of a
// node from end to end, with its top in the middle.
func (l *lattice) smoothRow(y, width int, hill []float64) []float64 {
	row := l.rows[y]
	if row == nil {
		return nil
	}
	out := make([]float64, width)
	for k, v := range row {
		if v != 0 {
			first := len(hill)/2 - (k - l.marginX)
			addScaled(out, hill[first:first+width], v)
		}
	}
	return out
}
