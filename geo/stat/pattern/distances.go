package pattern

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// KdQuestion is what DurantonOverman is asked.
type KdQuestion struct {
	// Sites are all places that could hold a point; Subject are the numbers of those that
	// do, at least three of them; Weights are of the Subject, or nil.
	Sites   []orb.Point
	Subject []int
	Weights []float64
	// Max is the greatest distance, in metres: 0 is the median distance of two sites, as
	// in the paper. The curve has Steps+1 distances from 0, by default 101.
	Max   float64
	Steps int
	// Bandwidth is in metres: 0 is Silverman's for the subject, and for each draw its own.
	// It is half a step at least, as the curve cannot show more.
	Bandwidth float64
}

// Kd is the density of distances between two points, per metre, with bands of chance.
// It is as in G. Duranton and H. G. Overman (Review of Economic Studies 72, 2005), scaled
// so that the density of all distances is 1 in sum.
type Kd struct {
	Distances, Density  []float64
	LocalLow, LocalHigh []float64 // of each distance by itself
	Low, High           []float64 // of the whole curve
	Bandwidth           float64
	// P and PDispersed are one-sided and of the whole curve: the share of curves that go
	// up at least as far, and down. The subject is Localised where it goes above High
	// somewhere, and Dispersed where it goes below Low and is not Localised.
	P, PDispersed        float64
	Localised, Dispersed bool
	From, To             float64 // distances at which it is first and last above High
	Excess               float64 // what lies above High, as a share of all distances
	Deficit              float64 // what lies below Low, if it is Dispersed
	Draws                int
}

// DurantonOverman compares the density of distances of the subject with that of draws of
// as many sites, without putting back, the weights shared out among them by chance.
func DurantonOverman(ctx context.Context, q KdQuestion, c Chance) (*Kd, error) {
	sites, subject, weights := q.sorted()
	n := len(subject)
	if n < 3 {
		return nil, ErrTooFew
	}
	if q.Steps == 0 {
		q.Steps = 100
	}
	if q.Max == 0 {
		q.Max = MedianDistance(sites, c.Seed)
	}
	if !(q.Max > 0) {
		return nil, ErrNoSpread
	}
	if q.Max < Shortest(sites) {
		return nil, ErrTooShort
	}
	grid := newLattice(q, sites)
	grid.tabulate(n, c.Draws)
	all := newCurves(c.Draws, q.Steps+1)
	s := newSmoother(grid, n, weights)
	out := &Kd{Bandwidth: s.curve(subject, all[0]), Draws: c.Draws}
	for k := range q.Steps + 1 {
		out.Distances = append(out.Distances, q.Max*float64(k)/float64(q.Steps))
	}
	err := c.each(ctx, func() drawer {
		s, from, chosen := newSmoother(grid, n, weights), newPicker(len(sites)), make([]int32, n)
		return func(draw int, r random) {
			from.pick(r, chosen)
			if weights == nil {
				slices.Sort(chosen) // which reads the sites in order
			}
			s.curve(chosen, all[draw+1])
		}
	})
	if err != nil {
		return nil, err
	}
	out.judge(all)
	if n <= exactUpTo {
		out.exact(sites, subject, weights, q)
	}
	out.measure()
	return out, nil
}

// exactUpTo is how many points the curve that is given is computed for without binning.
const exactUpTo = 1000

// sorted is the same question in an order that does not depend on that of the input, and
// without points that weigh nothing.
func (q KdQuestion) sorted() (sites []orb.Point, subject []int32, weights []float64) {
	order := make([]int, len(q.Sites))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return comparePoints(q.Sites[a], q.Sites[b]) })
	rank := make([]int32, len(order))
	for k, i := range order {
		sites = append(sites, q.Sites[i])
		rank[i] = int32(k)
	}
	var at []int
	for i := range q.Subject {
		if weight(q.Weights, i) > 0 {
			at = append(at, i)
		}
	}
	slices.SortFunc(at, func(a, b int) int {
		if d := rank[q.Subject[a]] - rank[q.Subject[b]]; d != 0 {
			return int(d)
		}
		return cmp.Compare(weight(q.Weights, a), weight(q.Weights, b))
	})
	for _, i := range at {
		subject = append(subject, rank[q.Subject[i]])
		if q.Weights != nil {
			weights = append(weights, q.Weights[i])
		}
	}
	return sites, subject, weights
}

// judge compares the first of the curves with all.
func (k *Kd) judge(all curves) {
	k.Density = all[0]
	if len(all) == 1 {
		k.P, k.PDispersed = math.NaN(), math.NaN()
		return
	}
	k.LocalLow, k.LocalHigh = all.local()
	k.P, _, k.High = all.global(above)
	k.PDispersed, k.Low, _ = all.global(below)
	for i, v := range k.Density {
		if v > k.High[i] {
			if !k.Localised {
				k.From = k.Distances[i]
			}
			k.Localised, k.To = true, k.Distances[i]
		}
		k.Dispersed = k.Dispersed || v < k.Low[i]
	}
	k.Dispersed = k.Dispersed && !k.Localised
}

// exact puts the curve without binning in the place of the one that was judged.
func (k *Kd) exact(sites []orb.Point, subject []int32, weights []float64, q KdQuestion) {
	points := make([]orb.Point, len(subject))
	for i, s := range subject {
		points[i] = sites[s]
	}
	k.Bandwidth = q.Bandwidth
	if k.Bandwidth == 0 {
		k.Bandwidth = Silverman(points)
	}
	k.Bandwidth = max(k.Bandwidth, q.Max/float64(q.Steps)/2)
	k.Density = Density(points, weights, q.Max, q.Steps, k.Bandwidth)
}

// measure sums up what lies outside of the band.
func (k *Kd) measure() {
	step := k.Distances[1]
	for i, v := range k.Density {
		if k.Localised {
			k.Excess += step * max(0, v-k.High[i])
		}
		if k.Dispersed {
			k.Deficit += step * max(0, k.Low[i]-v)
		}
	}
}

// Density is the density of distances of points, at steps+1 distances from 0 to most, with
// a Gaussian kernel of a bandwidth and reflected at 0 (B. W. Silverman, 1986, section
// 2.10): the sum over pairs, term by term.
func Density(points []orb.Point, weights []float64, most float64, steps int, bandwidth float64) []float64 {
	out := make([]float64, steps+1)
	bells := bells{sum: out, step: most / float64(steps) / bandwidth}
	bells.fall = math.Exp(-bells.step * bells.step)
	total := 0.0
	for i, p := range points {
		for j := i + 1; j < len(points); j++ {
			w := weight(weights, i) * weight(weights, j)
			if w == 0 {
				continue
			}
			total += w
			d := math.Hypot(p[0]-points[j][0], p[1]-points[j][1]) / bandwidth
			bells.add(w, d)
			if d < reach {
				bells.add(w, -d)
			}
		}
	}
	for k := range out {
		out[k] /= total * bandwidth * math.Sqrt(2*math.Pi)
	}
	return out
}

// bells adds up Gaussian curves at equal steps. Lengths are in bandwidths.
type bells struct {
	sum        []float64
	step, fall float64 // fall is that of the ratio of one value to the one before
}

// add adds a curve with its middle at d. Each value is the one before it times a ratio
// that falls evenly, which is right to 1e-12 over the hundreds of steps of a curve.
func (b bells) add(w, d float64) {
	first := max(0, int(math.Ceil((d-reach)/b.step)))
	last := min(len(b.sum)-1, int((d+reach)/b.step))
	u := float64(first)*b.step - d
	value, ratio := w*math.Exp(-u*u/2), math.Exp(-b.step*(u+b.step/2))
	for k := first; k <= last; k++ {
		b.sum[k] += value
		value *= ratio
		ratio *= b.fall
	}
}

// reach is how many bandwidths a kernel reaches: beyond lies 1e-18 of its height.
const reach = 9

// Silverman is the bandwidth of equation 3.31 of Silverman (1986) for the distances of
// points: 0.9 times the lesser of the standard deviation and 1/1.34 of the distance of the
// quartiles, unless that is 0, by the fifth root of the number of distances.
func Silverman(points []orb.Point) float64 {
	var ds []float64
	mean := 0.0
	for i, p := range points {
		for _, q := range points[i+1:] {
			d := math.Hypot(p[0]-q[0], p[1]-q[1])
			ds = append(ds, d)
			mean += d
		}
	}
	m := float64(len(ds))
	mean /= m
	squares := 0.0
	for _, d := range ds {
		squares += (d - mean) * (d - mean)
	}
	slices.Sort(ds)
	return rule(math.Sqrt(squares/(m-1)), quantile(ds, 0.75)-quantile(ds, 0.25), m)
}

func rule(deviation, quartiles, m float64) float64 {
	spread := min(deviation, quartiles/1.34)
	if spread == 0 {
		spread = deviation
	}
	return 0.9 * spread * math.Pow(m, -0.2)
}

// Shortest is the least Max of a question with these sites, in metres.
func Shortest(sites []orb.Point) float64 { return extent(sites) / 10_000 }

// MedianDistance is the median distance of two sites, or of 2,000 of them that are drawn
// by the seed where there are more; it is the greatest distance where the median is 0.
func MedianDistance(sites []orb.Point, seed uint64) float64 {
	const most = 2000
	if len(sites) < 2 {
		return 0
	}
	chosen := Sample(len(sites), min(len(sites), most), seed)
	var ds []float64
	for i, a := range chosen {
		for _, b := range chosen[i+1:] {
			ds = append(ds, math.Hypot(sites[a][0]-sites[b][0], sites[a][1]-sites[b][1]))
		}
	}
	slices.Sort(ds)
	if median := quantile(ds, 0.5); median > 0 {
		return median
	}
	return ds[len(ds)-1]
}
