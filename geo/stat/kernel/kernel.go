// Package kernel estimates the density of weighted points in a plane: on a grid, at
// points, and as bands between levels.
//
// Positions are in metres in a plane of equal area, and densities are in weight per
// square metre: over the plane they sum up to the weights. The order of the points does
// not matter.
//
// The package knows nothing of features and of the Earth.
package kernel

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// Kernel is the shape of the hill that each point is.
type Kernel uint8

const (
	Quartic  Kernel = iota // 3/(pi h^2) (1 - r^2/h^2)^2 within the bandwidth h, also called biweight
	Gaussian               // 1/(2 pi h^2) exp(-r^2 / 2h^2), without what is beyond 8 h, which is under 1.3e-14 of the top
)

// gaussianReach is in bandwidths.
const gaussianReach = 8

// Work is how a computation is done. The zero Work is valid.
type Work struct {
	Workers  int                   // goroutines; 0: as many as run at a time
	Progress func(done, total int) // called from several goroutines; nil: not told
}

// Question is what density is asked for.
type Question struct {
	Points    []orb.Point // in metres
	Weights   []float64   // not negative; nil: 1 each
	Kernel    Kernel
	Bandwidth float64 // in metres; 0: Silverman's
	Adaptive  bool    // narrower where points are dense, as I. S. Abramson has it (Annals of Statistics 10, 1982)
}

// Density is the density of points.
type Density struct {
	Kernel     Kernel
	Bandwidth  float64 // in metres; of the first estimate if it is adaptive
	EffectiveN float64 // (sum of w)^2 / sum of w^2
	Total      float64 // sum of the weights

	Narrowest, Widest float64 // of the bandwidths at the points, in metres

	points  []orb.Point // each place once, from south to north
	weights []float64
	widths  []float64 // of each of the points; nil: all alike
	reach   float64   // the widest
}

// Errors of questions that have no answer.
var (
	ErrNoPoints  = errors.New("kernel: there is no point with a weight")
	ErrNoSpread  = errors.New("kernel: all points are at one place: the rule gives no bandwidth")
	ErrBandwidth = errors.New("kernel: the bandwidth must be a number above 0")
	ErrWeight    = errors.New("kernel: there must be a weight for each point, and none negative")
)

// New prepares the density; with Adaptive it estimates a first one at all points.
func New(ctx context.Context, q Question, work Work) (*Density, error) {
	d := &Density{Kernel: q.Kernel, Bandwidth: q.Bandwidth}
	if err := d.gather(q); err != nil {
		return nil, err
	}
	if q.Bandwidth == 0 {
		d.Bandwidth = d.silverman()
		if !(d.Bandwidth > 0) {
			return nil, ErrNoSpread
		}
	}
	if !(d.Bandwidth > 0) || math.IsInf(d.Bandwidth, 1) {
		return nil, ErrBandwidth
	}
	d.Narrowest, d.Widest = d.Bandwidth, d.Bandwidth
	d.reach = d.Bandwidth * d.Kernel.reach()
	if !q.Adaptive {
		return d, nil
	}
	pilot, err := d.At(ctx, d.points, work)
	if err != nil {
		return nil, err
	}
	d.adapt(pilot)
	return d, nil
}

// gather puts the points in order, those at one place together.
func (d *Density) gather(q Question) error {
	if q.Weights != nil && len(q.Weights) != len(q.Points) {
		return ErrWeight
	}
	weight := func(i int) float64 {
		if q.Weights == nil {
			return 1
		}
		return q.Weights[i]
	}
	order := make([]int, 0, len(q.Points))
	for i := range q.Points {
		w := weight(i)
		if !(w >= 0) || math.IsInf(w, 1) {
			return ErrWeight
		}
		if w > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := q.Points[i], q.Points[j]
		return cmp.Or(cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0]), cmp.Compare(weight(i), weight(j)))
	})
	squares := 0.0
	for _, i := range order {
		w := weight(i)
		d.Total += w
		squares += w * w
		if n := len(d.points); n > 0 && d.points[n-1] == q.Points[i] {
			d.weights[n-1] += w
			continue
		}
		d.points, d.weights = append(d.points, q.Points[i]), append(d.weights, w)
	}
	if len(order) == 0 {
		return ErrNoPoints
	}
	d.EffectiveN = d.Total / squares * d.Total
	return nil
}

// silverman is the bandwidth that is best for a normal distribution as wide as the points
// are: sigma A n^(-1/6), where sigma is the standard deviation along an axis, in the mean
// of both, and A is 1 for the Gaussian kernel and 2.78 for the quartic one (B. W.
// Silverman, Density Estimation, 1986, section 4.3.2 and table 4.1).
func (d *Density) silverman() float64 {
	var mean [2]float64
	for i, p := range d.points {
		for a, v := range p {
			mean[a] += d.weights[i] / d.Total * v
		}
	}
	square := 0.0
	for i, p := range d.points {
		for a, v := range p {
			square += d.weights[i] / d.Total * (v - mean[a]) * (v - mean[a])
		}
	}
	return math.Sqrt(square/2) * d.Kernel.best() * math.Pow(d.EffectiveN, -1.0/6)
}

// best is A of Silverman's rule in two dimensions: (2 R(K) / (m^2 / 2 pi))^(1/6), where
// R(K) is the integral of the square of the kernel, and m its variance along an axis.
func (k Kernel) best() float64 {
	if k == Gaussian {
		return 1
	}
	return math.Pow(460.8, 1.0/6) // R(K) = 9 / (5 pi), m = 1/8
}

func (k Kernel) reach() float64 {
	if k == Gaussian {
		return gaussianReach
	}
	return 1
}

// top is the height of a hill of weight 1.
func (k Kernel) top(width float64) float64 {
	if k == Gaussian {
		return 1 / (2 * math.Pi * width * width)
	}
	return 3 / (math.Pi * width * width)
}

// adapt makes the width at a point that of the pilot times (f / g)^(-1/2), where g is the
// geometric mean of the pilot f.
func (d *Density) adapt(pilot []float64) {
	mean := 0.0
	for i, f := range pilot {
		mean += d.weights[i] / d.Total * math.Log(f)
	}
	d.widths = make([]float64, len(pilot))
	for i, f := range pilot {
		d.widths[i] = d.Bandwidth * math.Exp((mean-math.Log(f))/2)
	}
	d.Narrowest, d.Widest = slices.Min(d.widths), slices.Max(d.widths)
	d.reach = d.Widest * d.Kernel.reach()
}

func (d *Density) width(i int) float64 {
	if d.widths == nil {
		return d.Bandwidth
	}
	return d.widths[i]
}

// Bound is a box around the points, which is as far beyond them as matters: all of a
// quartic hill, and of a Gaussian one what is within four bandwidths, 99.97 %.
func (d *Density) Bound() orb.Bound {
	b := orb.Bound{Min: d.points[0], Max: d.points[0]}
	margin := 1.0
	if d.Kernel == Gaussian {
		margin = 4
	}
	for i, p := range d.points {
		m := margin * d.width(i)
		for a, v := range p {
			b.Min[a], b.Max[a] = min(b.Min[a], v-m), max(b.Max[a], v+m)
		}
	}
	return b
}

// between are the points from a southing to a northing.
func (d *Density) between(south, north float64) (from, to int) {
	from, _ = slices.BinarySearchFunc(d.points, south, func(p orb.Point, v float64) int { return cmp.Compare(p[1], v) })
	to = from
	for step := len(d.points) - from; step > 0; step /= 2 {
		for to+step <= len(d.points) && d.points[to+step-1][1] <= north {
			to += step
		}
	}
	return from, to
}

// many is from how many pairs of points and places on a look at each pair is avoided.
const many = 4e6

// At is the density at some places. Of many Gaussian hills it is read off a grid, with an
// error of less than 1e-10 of the top of a hill with all the weight.
func (d *Density) At(ctx context.Context, places []orb.Point, work Work) ([]float64, error) {
	out := make([]float64, len(places))
	look := func(i int) { out[i] = d.at(places[i]) }
	if float64(len(d.points))*float64(len(places)) > many {
		if d.Kernel == Quartic {
			tree := newDiscs(d)
			look = func(i int) { out[i] = max(0, tree.see(0, places[i])) }
		} else if g, ok := d.grided(places); ok && d.widths == nil {
			return out, d.readAt(ctx, g, places, out, work)
		}
	}
	return out, work.each(ctx, len(places), 64, look)
}

func (d *Density) at(p orb.Point) float64 {
	from, to := d.between(p[1]-d.reach, p[1]+d.reach)
	if d.widths != nil {
		return d.atAdapted(p, from, to)
	}
	sum, square := 0.0, 1/(d.Bandwidth*d.Bandwidth)
	if d.Kernel == Gaussian {
		for i := from; i < to; i++ {
			x, y := p[0]-d.points[i][0], p[1]-d.points[i][1]
			if r := (x*x + y*y) * square; r <= gaussianReach*gaussianReach {
				sum += d.weights[i] * math.Exp(-r/2)
			}
		}
	} else {
		for i := from; i < to; i++ {
			x, y := p[0]-d.points[i][0], p[1]-d.points[i][1]
			if u := 1 - (x*x+y*y)*square; u > 0 {
				sum += d.weights[i] * u * u
			}
		}
	}
	return sum * d.Kernel.top(d.Bandwidth)
}

func (d *Density) atAdapted(p orb.Point, from, to int) float64 {
	sum := 0.0
	for i := from; i < to; i++ {
		x, y, h := p[0]-d.points[i][0], p[1]-d.points[i][1], d.widths[i]
		r := (x*x + y*y) / (h * h)
		switch {
		case d.Kernel == Gaussian && r <= gaussianReach*gaussianReach:
			sum += d.weights[i] * math.Exp(-r/2) * d.Kernel.top(h)
		case d.Kernel == Quartic && r < 1:
			sum += d.weights[i] * (1 - r) * (1 - r) * d.Kernel.top(h)
		}
	}
	return sum
}

// each calls do for the numbers up to n, in pieces, from several goroutines, and ends
// early when the context does.
func (w Work) each(ctx context.Context, n, piece int, do func(i int)) error {
	workers := w.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next, done atomic.Int64
	var all sync.WaitGroup
	for range min(workers, (n+piece-1)/piece) {
		all.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(int64(piece))) - piece
				if from >= n {
					return
				}
				to := min(n, from+piece)
				for i := from; i < to; i++ {
					do(i)
				}
				if now := done.Add(int64(to - from)); w.Progress != nil {
					w.Progress(int(now), n)
				}
			}
		})
	}
	all.Wait()
	return ctx.Err()
}
