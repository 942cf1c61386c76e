package pattern

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Mean is the weighted mean centre, which has the least sum of squared distances.
func Mean(points []orb.Point, weights []float64) (orb.Point, error) {
	points, weights = weighing(points, weights)
	if len(points) == 0 {
		return orb.Point{}, ErrTooFew
	}
	origin := points[0]
	var x, y, sum float64
	for i, p := range points {
		w := weight(weights, i)
		x += w * (p[0] - origin[0])
		y += w * (p[1] - origin[1])
		sum += w
	}
	return orb.Point{origin[0] + x/sum, origin[1] + y/sum}, nil
}

// Median is the weighted median centre, which has the least sum of distances: the
// iteration of Weiszfeld as Y. Vardi and C.-H. Zhang (PNAS 97, 2000) made it right where
// it meets one of the points, with Newton's step where that goes lower. Of points on one
// line that leave a choice it is one of the best.
func Median(points []orb.Point, weights []float64) (orb.Point, error) {
	points, weights = weighing(points, weights)
	at, err := Mean(points, weights)
	if err != nil {
		return at, err
	}
	m := medianOf{points, weights, extent(points)}
	for range 10000 {
		next := m.step(at)
		moved := math.Hypot(next[0]-at[0], next[1]-at[1])
		at = next
		if moved <= 1e-15*m.extent {
			break
		}
	}
	return m.settle(at), nil
}

type medianOf struct {
	points  []orb.Point
	weights []float64
	extent  float64
}

func extent(points []orb.Point) float64 {
	b := orb.MultiPoint(points).Bound()
	return math.Hypot(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1])
}

func (m medianOf) cost(at orb.Point) float64 {
	sum := 0.0
	for i, p := range m.points {
		sum += weight(m.weights, i) * math.Hypot(p[0]-at[0], p[1]-at[1])
	}
	return sum
}

// pull is the sum of unit vectors from a place to the points elsewhere, by weight, with
// the weight that lies at the place itself, and the second derivatives of the cost.
type pull struct {
	x, y, here    float64
	near          float64 // sum of weight by distance
	nearX, nearY  float64 // the same, times the point
	hxx, hxy, hyy float64
}

func (m medianOf) pull(at orb.Point) pull {
	var p pull
	for i, q := range m.points {
		w := weight(m.weights, i)
		x, y := q[0]-at[0], q[1]-at[1]
		d := math.Hypot(x, y)
		if d == 0 {
			p.here += w
			continue
		}
		ux, uy := x/d, y/d
		p.x, p.y = p.x+w*ux, p.y+w*uy
		p.near += w / d
		p.nearX, p.nearY = p.nearX+w*ux, p.nearY+w*uy
		p.hxx += w / d * uy * uy
		p.hxy -= w / d * ux * uy
		p.hyy += w / d * ux * ux
	}
	return p
}

// step is the next place: at itself where it is the best.
func (m medianOf) step(at orb.Point) orb.Point {
	p := m.pull(at)
	force := math.Hypot(p.x, p.y)
	if force <= p.here || p.near == 0 {
		return at
	}
	free := 1 - p.here/force
	next := orb.Point{at[0] + free*p.nearX/p.near, at[1] + free*p.nearY/p.near}
	if det := p.hxx*p.hyy - p.hxy*p.hxy; p.here == 0 && det > 1e-12*(p.hxx+p.hyy)*(p.hxx+p.hyy) {
		newton := orb.Point{at[0] + (p.hyy*p.x-p.hxy*p.y)/det, at[1] + (p.hxx*p.y-p.hxy*p.x)/det}
		if m.cost(newton) < m.cost(next) {
			return newton
		}
	}
	return next
}

// settle is the point nearest to a place if that is a best place, as the iteration
// comes close to such points but slowly.
func (m medianOf) settle(at orb.Point) orb.Point {
	best, least := at, math.Inf(1)
	for _, p := range m.points {
		if d := math.Hypot(p[0]-at[0], p[1]-at[1]); d < least {
			best, least = p, d
		}
	}
	if p := m.pull(best); math.Hypot(p.x, p.y) <= p.here {
		return best
	}
	return at
}

// StandardDistance is the root of the weighted mean of squared distances from the mean
// centre.
func StandardDistance(points []orb.Point, weights []float64) (float64, error) {
	c, err := Mean(points, weights)
	if err != nil {
		return 0, err
	}
	xx, _, yy := covariance(points, weights, c)
	return math.Sqrt(xx + yy), nil
}

func covariance(points []orb.Point, weights []float64, c orb.Point) (xx, xy, yy float64) {
	sum := 0.0
	for i, p := range points {
		w := weight(weights, i)
		x, y := p[0]-c[0], p[1]-c[1]
		xx, xy, yy = xx+w*x*x, xy+w*x*y, yy+w*y*y
		sum += w
	}
	return xx / sum, xy / sum, yy / sum
}

// Convention is how long the axes of an ellipse of one standard deviation are.
type Convention int

const (
	// ArcGIS takes the root of twice the variance along each axis, as ArcGIS Pro and
	// PySAL's ellipse of old do: some 63 % of points that are spread normally lie in it.
	ArcGIS Convention = iota
	// CrimeStat has n - 2 in place of n besides (N. Levine, CrimeStat, chapter 4).
	CrimeStat
	// Yuill takes the root of the variance along each axis (R. S. Yuill, Geografiska
	// Annaler 53 B, 1971): some 39 % of points that are spread normally lie in it.
	Yuill
)

var conventions = []string{"arcgis", "crimestat", "yuill"}

func (c Convention) String() string { return conventions[c] }

// ParseConvention reads what String writes.
func ParseConvention(s string) (Convention, error) {
	for i, name := range conventions {
		if s == name {
			return Convention(i), nil
		}
	}
	return 0, fmt.Errorf("pattern: %q is none of %v", s, conventions)
}

// Ellipse is the standard deviational ellipse: Major and Minor are half axes in metres,
// Rotation is that of the major axis in degrees clockwise from the y axis (north), from 0
// up to but not 180.
type Ellipse struct {
	Center       orb.Point
	Major, Minor float64
	Rotation     float64
}

// NewEllipse is the ellipse of points, of which at least three must weigh something and
// must not lie on one line.
func NewEllipse(points []orb.Point, weights []float64, c Convention) (Ellipse, error) {
	points, weights = weighing(points, weights)
	if len(points) < 3 {
		return Ellipse{}, ErrTooFew
	}
	center, err := Mean(points, weights)
	if err != nil {
		return Ellipse{}, err
	}
	xx, xy, yy := covariance(points, weights, center)
	half, apart := (xx+yy)/2, math.Hypot((xx-yy)/2, xy)
	if half-apart <= 1e-12*half {
		return Ellipse{}, ErrNoSpread
	}
	factor := 2.0
	switch c {
	case CrimeStat:
		n := float64(len(points))
		factor = 2 * n / (n - 2)
	case Yuill:
		factor = 1
	}
	fromEast := math.Atan2(2*xy, xx-yy) / 2 * 180 / math.Pi
	rotation := math.Mod(90-fromEast+180, 180)
	return Ellipse{center, math.Sqrt(factor * (half + apart)), math.Sqrt(factor * (half - apart)), rotation}, nil
}

// Area is in square metres.
func (e Ellipse) Area() float64 { return math.Pi * e.Major * e.Minor }

// Ring is the outline with so many sides, counterclockwise and closed.
func (e Ellipse) Ring(sides int) orb.Ring {
	sin, cos := math.Sincos(e.Rotation * math.Pi / 180)
	ring := make(orb.Ring, 0, sides+1)
	for i := range sides {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(sides))
		along, across := e.Major*c, e.Minor*s
		ring = append(ring, orb.Point{e.Center[0] + along*sin - across*cos, e.Center[1] + along*cos + across*sin})
	}
	return append(ring, ring[0])
}
