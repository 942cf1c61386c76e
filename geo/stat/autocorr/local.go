package autocorr

import (
	"context"
	"math"
	"slices"
)

// maxWork bounds the values drawn beyond those asked for.
const maxWork = 50_000_000

// Quadrant says how a place and its neighbours lie to the mean: H above it, L at
// most at it; the place first.
type Quadrant string

// Unit is what a local statistic says of one place. Numbers that there are not are
// NaN.
type Unit struct {
	Value, Expected, Variance float64
	Z                         float64
	PNormal                   float64 // two-sided, by Z
	P                         float64 // two-sided, of the conditional permutation
	PAdjusted                 float64 // P by Benjamini and Hochberg over all places that have one
	PNormalAdjusted           float64
	High                      bool     // the neighbours are higher than most draws, not lower
	Quadrant                  Quadrant // of local Moran
}

// Local is a statistic of each place.
type Local struct {
	Units   []Unit
	Islands []int // places that have no neighbours
	Void    Void

	// Draws is how many permutations were drawn: those asked for, or more where
	// Options.Q needs them. Coarse is true where even so the least p that there can
	// be, 2/(Draws+1), is more than Q/n: then one single place cannot be significant
	// however high it is, and PNormal is to be read beside P.
	Draws  int
	Coarse bool
}

// LocalMoran is the local Moran of Anselin (1995), with the moments of the
// conditional randomisation (Sokal, Oden and Thomson 1998).
func LocalMoran(ctx context.Context, w *Weights, x []float64, o Options) (*Local, error) {
	l, err := local(ctx, w, x, o)
	if l.Void != "" {
		return l, err
	}
	n := float64(len(x))
	z, m2, _ := deviations(x)
	for i := range l.Units {
		k := float64(w.degree(i))
		if k == 0 {
			continue
		}
		u, weight := &l.Units[i], w.weight(i)
		lag, sum, squares := weight*w.sum(i, z), weight*k, weight*weight*k
		u.Value = z[i] * lag / m2
		u.Expected = -z[i] * z[i] * sum / ((n - 1) * m2)
		u.Variance = z[i] * z[i] / (m2 * m2) * n / (n - 2) * (squares - sum*sum/(n-1)) * (m2 - z[i]*z[i]/(n-1))
		u.Z, u.PNormal = normal(u.Value-u.Expected, u.Variance)
		u.Quadrant = side(z[i]) + side(lag)
		if z[i] == 0 { // whatever the neighbours
			u.P = math.NaN()
		}
	}
	l.adjust()
	return l, err
}

func side(z float64) Quadrant {
	if z > 0 {
		return "H"
	}
	return "L"
}

// GStar is Gi* of Ord and Getis (1995), in which a place is one of its own
// neighbours. Its Value is the sum of their values. A place without neighbours has
// the z of its own value, and no P.
func GStar(ctx context.Context, w *Weights, x []float64, o Options) (*Local, error) {
	return hot(ctx, w, x, o, func(l *Local, sum, squares float64) {
		n := float64(len(x))
		mean := sum / n
		_, variance, _ := deviations(x)
		for i := range l.Units {
			k := float64(w.degree(i) + 1)
			l.Units[i].getis(w.sum(i, x)+x[i], k*mean, variance*(n*k-k*k)/(n-1))
		}
	})
}

// G is Gi of Getis and Ord (1992), in which a place is not its own neighbour.
func G(ctx context.Context, w *Weights, x []float64, o Options) (*Local, error) {
	return hot(ctx, w, x, o, func(l *Local, sum, squares float64) {
		n := float64(len(x))
		for i := range l.Units {
			k := float64(w.degree(i))
			if k == 0 {
				continue
			}
			mean := (sum - x[i]) / (n - 1)
			variance := (squares-x[i]*x[i])/(n-1) - mean*mean
			if variance < 1e-12*mean*mean { // what rounding leaves of equal values
				variance = 0
			}
			l.Units[i].getis(w.sum(i, x), k*mean, variance*((n-1)*k-k*k)/(n-2))
		}
	})
}

// getis fills in the moments of a sum of values with weights of 1: z is the same
// for weights of any other size.
func (u *Unit) getis(sum, expected, variance float64) {
	u.Value, u.Expected, u.Variance = sum, expected, variance
	u.Z, u.PNormal = normal(sum-expected, variance)
}

func hot(ctx context.Context, w *Weights, x []float64, o Options, fill func(l *Local, sum, squares float64)) (*Local, error) {
	l, err := local(ctx, w, x, o)
	if l.Void != "" {
		return l, err
	}
	var sum, squares float64
	for _, v := range x {
		sum += v
		squares += v * v
	}
	fill(l, sum, squares)
	l.adjust()
	return l, err
}

// local is a Local with the P of the conditional permutation. With the place's own
// value held it is the same for all statistics that rise, or all that fall, with
// the sum of the neighbours: local Moran, Gi and Gi*.
func local(ctx context.Context, w *Weights, x []float64, o Options) (*Local, error) {
	l := &Local{Units: make([]Unit, len(x)), Islands: w.Islands()}
	nan := math.NaN()
	for i := range l.Units {
		l.Units[i] = Unit{nan, nan, nan, nan, nan, nan, nan, nan, false, ""}
	}
	switch {
	case w.Links() == 0:
		l.Void = Alone
	case len(x) < 3:
		l.Void = TooFew
	case constant(x):
		l.Void = Constant
	}
	if l.Void != "" || o.Permutations < 1 {
		return l, nil
	}
	l.resolve(w, &o)
	all, err := conditional(ctx, w, x, o)
	for i, t := range all {
		if w.degree(i) > 0 {
			l.Units[i].P = t.p(l.Draws)
			l.Units[i].High = t.high < t.low
		}
	}
	return l, err
}

// resolve sets how much is drawn.
func (l *Local) resolve(w *Weights, o *Options) {
	l.Draws = o.Permutations
	if o.Q <= 0 {
		return
	}
	most := 0
	for i := range l.Units {
		most = max(most, w.degree(i))
	}
	judged := len(l.Units) - len(l.Islands)
	needed := int(math.Ceil(2*float64(judged)/o.Q)) - 1
	l.Draws = max(l.Draws, min(needed, maxWork/(most+1)))
	l.Coarse = l.Draws < needed
	o.Permutations = l.Draws
}

func (l *Local) adjust() {
	p, normal := make([]float64, len(l.Units)), make([]float64, len(l.Units))
	for i, u := range l.Units {
		p[i], normal[i] = u.P, u.PNormal
	}
	p, normal = Adjusted(p), Adjusted(normal)
	for i := range l.Units {
		l.Units[i].PAdjusted, l.Units[i].PNormalAdjusted = p[i], normal[i]
	}
}

// Adjusted is each p corrected for their number by Benjamini and Hochberg (1995):
// to call significant those of at most q makes the share of false ones among them
// at most q. NaN stays NaN and is not counted.
func Adjusted(p []float64) []float64 {
	order := make([]int, 0, len(p))
	adjusted := make([]float64, len(p))
	for i, v := range p {
		if adjusted[i] = math.NaN(); !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	least := 1.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(order))/float64(rank))
		adjusted[i] = least
	}
	return adjusted
}
