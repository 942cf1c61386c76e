// Package dbscan finds clusters of points by their density: DBSCAN and HDBSCAN on
// great-circle distance, and the hulls of what they find.
//
// Positions are longitude, latitude in degrees, anywhere on the Earth: 180 degrees and
// the poles are places like others. Distances are in metres along great circles of a
// sphere. No answer depends on the order of the points but the numbers of the labels,
// which count clusters in the order of their first members, from 0.
//
// The package knows nothing of features.
package dbscan

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// Radius is that of the sphere, in metres.
const Radius = 6_371_008.8

// Noise is the label of a point in no cluster.
const Noise = -1

// Work is how a computation is done. The zero Work is valid.
type Work struct {
	Workers  int                   // goroutines; 0: as many as run at a time
	Progress func(done, total int) // called from several goroutines; nil: not told
}

// Question is what DBSCAN is asked.
type Question struct {
	Eps       float64   // reach of a point, in metres, itself inside; more than 0
	MinPoints float64   // weight within reach that makes a point a core point; it counts itself
	Weights   []float64 // of the points, not negative; nil: 1 each
}

// Clusters are the clusters of points.
type Clusters struct {
	Labels []int  // of each point; Noise is in none
	Core   []bool // whether a point has enough about it
	N      int    // number of clusters
}

// Errors of questions that have no answer.
var (
	ErrReach  = errors.New("dbscan: the reach must be a number above 0")
	ErrSize   = errors.New("dbscan: a cluster needs a size above 0")
	ErrWeight = errors.New("dbscan: there must be a weight for each point, and none negative")
)

// DBSCAN finds clusters as M. Ester, H.-P. Kriegel, J. Sander and X. Xu do (KDD 1996). A
// border point within reach of core points of several clusters belongs to the cluster of
// the nearest of them, so that the order of the points does not matter.
//
// Points are put into cells so small that the points of one are within reach of each
// other, so that a dense cell is known without a look at its pairs.
func DBSCAN(ctx context.Context, points []orb.Point, q Question, work Work) (*Clusters, error) {
	switch {
	case !(q.Eps > 0):
		return nil, ErrReach
	case !(q.MinPoints > 0):
		return nil, ErrSize
	case !validWeights(q.Weights, len(points)):
		return nil, ErrWeight
	}
	g := newGrid(points, q)
	run := work.start(ctx, 3*len(g.cells)+1)
	run.each(len(g.cells), g.link)
	run.each(len(g.cells), g.findCores)
	if run.failed() {
		return nil, ctx.Err()
	}
	g.join(ctx)
	run.each(len(g.cells), g.findBorder)
	if run.failed() {
		return nil, ctx.Err()
	}
	return g.clusters(), nil
}

func validWeights(weights []float64, n int) bool {
	if weights != nil && len(weights) != n {
		return false
	}
	for _, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return false
		}
	}
	return true
}

// vector is a position on the unit sphere.
type vector [3]float64

func vectorOf(p orb.Point) vector {
	sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	return vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

func (a *vector) chord2(b *vector) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// chord is that of a distance in metres along a great circle.
func chord(metres float64) float64 { return 2 * math.Sin(min(metres/(2*Radius), math.Pi/2)) }

// arc is the distance in metres of the square of a chord.
func arc(chord2 float64) float64 { return 2 * Radius * math.Asin(min(1, math.Sqrt(chord2)/2)) }

func comparePoints(a, b orb.Point) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

// renumbered are labels counted in the order of their first members, and how many
// there are. Labels under 0 are noise.
func renumbered(labels []int, most int) ([]int, int) {
	number, n := make([]int, most), 0
	for i, l := range labels {
		if l < 0 {
			labels[i] = Noise
			continue
		}
		if number[l] == 0 {
			n++
			number[l] = n
		}
		labels[i] = number[l] - 1
	}
	return labels, n
}

// running is a computation under way.
type running struct {
	Work
	ctx   context.Context
	done  atomic.Int64
	total int
}

func (w Work) start(ctx context.Context, total int) *running {
	if w.Workers <= 0 {
		w.Workers = runtime.GOMAXPROCS(0)
	}
	return &running{Work: w, ctx: ctx, total: total}
}

func (r *running) failed() bool { return r.ctx.Err() != nil }

// each calls do for the numbers up to n, in pieces, from several goroutines, and ends
// early when the context does.
func (r *running) each(n int, do func(i int)) {
	r.spread(n, func(_, i int) { do(i) })
}

// spread tells do the number of its goroutine too.
func (r *running) spread(n int, do func(worker, i int)) {
	const piece = 256
	var next atomic.Int64
	var all sync.WaitGroup
	for worker := range min(r.Workers, (n+piece-1)/piece) {
		all.Go(func() {
			for !r.failed() {
				from := int(next.Add(piece)) - piece
				if from >= n {
					return
				}
				to := min(n, from+piece)
				for i := from; i < to; i++ {
					do(worker, i)
				}
				done := r.done.Add(int64(to - from))
				if r.Progress != nil {
					r.Progress(min(int(done), r.total), r.total)
				}
			}
		})
	}
	all.Wait()
}
