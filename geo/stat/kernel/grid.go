package kernel

import (
	"context"
	"math"

	"github.com/paulmach/orb"
)

// Grid are densities in the middles of cells, from west to east, then from south to north.
type Grid struct {
	Bound         orb.Bound
	Width, Height int
	Values        []float64
}

// Cell is how wide and high a cell is, in metres.
func (g *Grid) Cell() (x, y float64) {
	return (g.Bound.Max[0] - g.Bound.Min[0]) / float64(g.Width), (g.Bound.Max[1] - g.Bound.Min[1]) / float64(g.Height)
}

// Max is the highest of the values.
func (g *Grid) Max() float64 {
	most := 0.0
	for _, v := range g.Values {
		most = max(most, v)
	}
	return most
}

// strip is how many rows are computed at a time.
const strip = 16

// Grid is the density on a grid. It differs by rounding from the sum term by term, less than
// 1e-11 of the highest density; the Gaussian one, where it is spread to nodes, by less than
// 1e-10 of the top of a hill with all the weight.
func (d *Density) Grid(ctx context.Context, bound orb.Bound, width, height int, work Work) (*Grid, error) {
	g := &Grid{Bound: bound, Width: width, Height: height, Values: make([]float64, width*height)}
	if d.shouldSpread(g) {
		return g, d.spread(ctx, g, work)
	}
	strips := (height + strip - 1) / strip
	return g, work.each(ctx, strips, 1, func(s int) {
		d.fill(ctx, g, s*strip, min(height, (s+1)*strip))
	})
}

// fill computes some rows.
func (d *Density) fill(ctx context.Context, g *Grid, from, to int) {
	cx, cy := g.Cell()
	south := g.Bound.Min[1] + (float64(from)+0.5)*cy
	first, last := d.between(south-d.reach, south+float64(to-from-1)*cy+d.reach)
	var sums *sums
	var row, column []float64
	for i := first; i < last; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return
		}
		h := d.width(i)
		at := hill{weight: d.weights[i] * d.Kernel.top(h), width: h,
			x: (d.points[i][0]-g.Bound.Min[0])/cx - 0.5, y: (d.points[i][1]-g.Bound.Min[1])/cy - 0.5, cx: cx, cy: cy}
		switch {
		case d.Kernel == Gaussian:
			row, column = at.gaussian(g, from, to, row, column)
		case cx/h*float64(g.Width) <= 8:
			if sums == nil {
				sums = newSums(g.Width, to-from)
			}
			at.quarticSums(g, from, to, sums)
		default:
			at.quartic(g, from, to)
		}
	}
	if sums != nil {
		sums.addTo(g.Values[from*g.Width : to*g.Width])
	}
}

// hill is a point on the grid: x and y count cells.
type hill struct {
	weight, width float64
	x, y, cx, cy  float64
}

// columns are those within half a width of cells.
func (h *hill) columns(half float64, width int) (from, to int) {
	return max(0, int(math.Ceil(max(-1, h.x-half)))), min(width, int(math.Floor(min(float64(width), h.x+half)))+1)
}

func (h *hill) rows(reach float64, from, to int) (int, int) {
	half := reach / h.cy
	return max(from, int(math.Ceil(max(-1, h.y-half)))), min(to, int(math.Floor(min(float64(to), h.y+half)))+1)
}

func (h *hill) quartic(g *Grid, from, to int) {
	square := 1 / (h.width * h.width)
	from, to = h.rows(h.width, from, to)
	for y := from; y < to; y++ {
		dy := (float64(y) - h.y) * h.cy
		a := 1 - dy*dy*square
		if a <= 0 {
			continue
		}
		left, right := h.columns(math.Sqrt(a)*h.width/h.cx, g.Width)
		values := g.Values[y*g.Width : (y+1)*g.Width]
		for x := left; x < right; x++ {
			dx := (float64(x) - h.x) * h.cx
			if u := a - dx*dx*square; u > 0 {
				values[x] += h.weight * u * u
			}
		}
	}
}

// sums have for each cell what changes there of the polynomial that the quartic hills add
// up to in its row, so that a hill costs two changes a row, not all its cells. Positions
// count from the middle of the row: where that is at most 8 widths of a hill long,
// fourth powers lose three or four digits of sixteen.
type sums struct {
	width   int
	changes []change
}

type change struct {
	power [5]float64
	hills int
}

func newSums(width, height int) *sums {
	return &sums{width, make([]change, (width+1)*height)}
}

func (h *hill) quarticSums(g *Grid, from, to int, s *sums) {
	square := 1 / (h.width * h.width)
	bottom, top := h.rows(h.width, from, to)
	step2 := h.cx * h.cx * square
	b := h.x - float64(s.width)/2 // from the middle
	for y := bottom; y < top; y++ {
		dy := (float64(y) - h.y) * h.cy
		a := 1 - dy*dy*square
		if a <= 0 {
			continue
		}
		left, right := h.columns(math.Sqrt(a)*h.width/h.cx, g.Width)
		if left >= right {
			continue
		}
		// (a - step2 (k-b)^2)^2 in powers of k, with q = a - step2 b^2.
		q, l := a-step2*b*b, 2*step2*b
		power := [5]float64{h.weight * q * q, h.weight * 2 * q * l, h.weight * (l*l - 2*q*step2), -h.weight * 2 * l * step2, h.weight * step2 * step2}
		row := s.changes[(y-from)*(s.width+1):]
		for p, v := range power {
			row[left].power[p] += v
			row[right].power[p] -= v
		}
		row[left].hills++
		row[right].hills--
	}
}

func (s *sums) addTo(values []float64) {
	for y := range len(values) / s.width {
		var now change
		row := s.changes[y*(s.width+1) : (y+1)*(s.width+1)]
		for x := range s.width {
			c := &row[x]
			if c.hills != 0 || c.power[0] != 0 {
				for p, v := range c.power {
					now.power[p] += v
				}
				now.hills += c.hills
			}
			if now.hills == 0 {
				now = change{}
				continue
			}
			k := float64(x) - float64(s.width)/2
			p := &now.power
			values[y*s.width+x] += max(0, p[0]+k*(p[1]+k*(p[2]+k*(p[3]+k*p[4]))))
		}
	}
}

// gaussian adds the product of a row and a column, which it makes in the space given.
func (h *hill) gaussian(g *Grid, from, to int, row, column []float64) (_, _ []float64) {
	reach := gaussianReach * h.width
	bottom, top := h.rows(reach, from, to)
	left, right := h.columns(reach/h.cx, g.Width)
	row, column = row[:0], column[:0]
	if bottom >= top || left >= right {
		return row, column
	}
	for x := left; x < right; x++ {
		u := (float64(x) - h.x) * h.cx / h.width
		row = append(row, math.Exp(-u*u/2))
	}
	for y := bottom; y < top; y++ {
		u := (float64(y) - h.y) * h.cy / h.width
		addScaled(g.Values[y*g.Width+left:y*g.Width+right], row, h.weight*math.Exp(-u*u/2))
	}
	return row, column
}

// addScaled adds a multiple of from to values, which is as long.
func addScaled(values, from []float64, by float64) {
	from = from[:len(values)]
	for len(values) >= 4 {
		v, f := values[:4:4], from[:4:4]
		v[0] += by * f[0]
		v[1] += by * f[1]
		v[2] += by * f[2]
		v[3] += by * f[3]
		values, from = values[4:], from[4:]
	}
	for i, v := range from {
		values[i] += by * v
	}
}
