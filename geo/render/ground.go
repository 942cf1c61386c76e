package render

import (
	"image"
	"math"
	"slices"

	"golang.org/x/image/vector"

	"clustermap/geo/draw"
)

// ground knows which parts of the frame are land, which are islands, that is land so small
// that furniture on it would hide it whole, and which are lines and areas of the data. It
// is coarse: cells of some pixels.
type ground struct {
	frame      draw.Rect
	cell       float64
	cols, rows int
	sums       []int32 // of the land in the cells above and to the left
	islands    []int32
	data       []int32
}

// quarter is how much of a cell is to be covered, of 255, so that it counts.
const quarter = 64

// ground rasterises the land and what was drawn of the data, once: when all is drawn.
func (s *scene) ground() *ground {
	if s.land != nil {
		return s.land
	}
	const cells = 320 // along the longer side
	g := &ground{frame: s.frame, cell: max(2, max(s.frame.W, s.frame.H)/cells)}
	g.cols, g.rows = int(math.Ceil(s.frame.W/g.cell))+1, int(math.Ceil(s.frame.H/g.cell))+1
	land, islands := vector.NewRasterizer(g.cols, g.rows), vector.NewRasterizer(g.cols, g.rows)
	if s.Base != nil {
		largest := s.frame.W * s.frame.H / 60
		for _, p := range s.Base.at(s.zoom).land {
			first := true
			s.trace.rings(p, func(ring []draw.Point) {
				g.trace(land, ring, 0)
				if first && math.Abs(areaOf(ring)) < largest {
					g.trace(islands, ring, 1.5) // no island is too small to count
				}
				first = false
			})
		}
	}
	g.sums, g.islands, g.data = g.summed(land, quarter), g.summed(islands, quarter), g.dataOf(s.drawn)
	s.land = g
	return g
}

// trace adds a ring, which is at least so many cells large.
func (g *ground) trace(r *vector.Rasterizer, ring []draw.Point, least float64) {
	at := func(p draw.Point) (float32, float32) {
		return float32((p.X - g.frame.X) / g.cell), float32((p.Y - g.frame.Y) / g.cell)
	}
	if box := boundsOf(ring); max(box.W, box.H) < least*g.cell {
		box = squareAt(box.X+box.W/2, box.Y+box.H/2, least*g.cell/2)
		ring = []draw.Point{{X: box.X, Y: box.Y}, {X: box.X + box.W, Y: box.Y}, {X: box.X + box.W, Y: box.Y + box.H}, {X: box.X, Y: box.Y + box.H}}
	}
	r.MoveTo(at(ring[0]))
	for _, p := range ring[1:] {
		r.LineTo(at(p))
	}
	r.ClosePath()
}

// dataOf is a table of the cells that lines and areas of the data touch.
func (g *ground) dataOf(shapes []*draw.Shape) []int32 {
	r := vector.NewRasterizer(g.cols, g.rows)
	for _, sh := range shapes {
		lines := sh.Path.Lines()
		if sh.Fill.Color.A > 0 {
			sum := 0.0
			for _, ring := range lines {
				sum += areaOf(ring)
			}
			for _, ring := range lines {
				if sum < 0 { // areas that go around in different directions take each other away
					slices.Reverse(ring)
				}
				g.trace(r, ring, 1.5)
			}
			continue
		}
		for _, line := range lines {
			for i := range line[1:] {
				g.band(r, line[i], line[i+1])
			}
		}
	}
	return g.summed(r, 1)
}

// band adds a line as a narrow area. All bands go around in the same direction, so that
// none takes another away.
func (g *ground) band(r *vector.Rasterizer, a, b draw.Point) {
	d := math.Hypot(b.X-a.X, b.Y-a.Y)
	if d == 0 {
		return
	}
	x, y := (b.Y-a.Y)/d*g.cell/2, -(b.X-a.X)/d*g.cell/2
	g.trace(r, []draw.Point{{X: a.X + x, Y: a.Y + y}, {X: b.X + x, Y: b.Y + y}, {X: b.X - x, Y: b.Y - y}, {X: a.X - x, Y: a.Y - y}}, 0)
}

// summed is a table of sums of the cells that are covered by so much of 255 or more.
func (g *ground) summed(r *vector.Rasterizer, least uint8) []int32 {
	mask := image.NewAlpha(image.Rect(0, 0, g.cols, g.rows))
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	sums := make([]int32, (g.cols+1)*(g.rows+1))
	for y := range g.rows {
		row := int32(0)
		for x := range g.cols {
			if mask.Pix[y*mask.Stride+x] >= least {
				row++
			}
			sums[(y+1)*(g.cols+1)+x+1] = sums[y*(g.cols+1)+x+1] + row
		}
	}
	return sums
}

// share is how much of a box is land, from 0 to 1.
func (g *ground) share(box draw.Rect) float64 {
	n, all := g.count(g.sums, box)
	return float64(n) / float64(max(1, all))
}

// hides is whether a box lies on an island.
func (g *ground) hides(box draw.Rect) bool {
	n, _ := g.count(g.islands, box)
	return n > 0
}

// taken is how much of a box is lines and areas of the data, from 0 to 1.
func (g *ground) taken(box draw.Rect) float64 {
	n, all := g.count(g.data, box)
	return float64(n) / float64(max(1, all))
}

func (g *ground) count(sums []int32, box draw.Rect) (n, all int32) {
	clamp := func(v float64, most int) int { return int(min(max(v, 0), float64(most))) }
	x0, y0 := clamp(math.Floor((box.X-g.frame.X)/g.cell), g.cols), clamp(math.Floor((box.Y-g.frame.Y)/g.cell), g.rows)
	x1, y1 := clamp(math.Ceil((box.X+box.W-g.frame.X)/g.cell), g.cols), clamp(math.Ceil((box.Y+box.H-g.frame.Y)/g.cell), g.rows)
	w := g.cols + 1
	return sums[y1*w+x1] - sums[y0*w+x1] - sums[y1*w+x0] + sums[y0*w+x0], int32((x1 - x0) * (y1 - y0))
}

// areaOf is the area of a ring, by its direction of either sign.
func areaOf(ring []draw.Point) float64 {
	sum := 0.0
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		sum += a.X*b.Y - b.X*a.Y
	}
	return sum / 2
}

func boundsOf(points []draw.Point) draw.Rect {
	if len(points) == 0 {
		return draw.Rect{}
	}
	lo, hi := points[0], points[0]
	for _, p := range points[1:] {
		lo.X, lo.Y, hi.X, hi.Y = min(lo.X, p.X), min(lo.Y, p.Y), max(hi.X, p.X), max(hi.Y, p.Y)
	}
	return draw.Rect{X: lo.X, Y: lo.Y, W: hi.X - lo.X, H: hi.Y - lo.Y}
}
