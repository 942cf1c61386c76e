package autocorr

import (
	"context"
	"math"
)

// Void says why there is no statistic.
type Void string

const (
	Constant Void = "constant" // all values are equal
	TooFew   Void = "too few"  // fewer than four places that have neighbours
	Alone    Void = "alone"    // no place has a neighbour
	Negative Void = "negative" // the general G is for values of at least 0
)

// Global is a statistic of all places together. Places without neighbours are left
// out of it. Numbers that there are not are NaN.
type Global struct {
	Value    float64
	Expected float64
	Variance float64 // were the values dealt out anew: randomisation
	Z, P     float64 // by Variance; two-sided

	// NormalVariance, NormalZ and NormalP hold were the values drawn from a normal
	// distribution; for Moran's I alone.
	NormalVariance, NormalZ, NormalP float64

	PPermutation float64 // two-sided: twice the smaller tail
	Permutations int
	N            int // places that have neighbours
	Void         Void
}

func noGlobal(n int, why Void) Global {
	nan := math.NaN()
	return Global{nan, nan, nan, nan, nan, nan, nan, nan, nan, 0, n, why}
}

// Moran is Moran's I with the moments of Cliff and Ord (1981).
func Moran(ctx context.Context, w *Weights, x []float64, o Options) (Global, error) {
	w, x = w.without(x)
	if why := void(w, x); why != "" {
		return noGlobal(len(x), why), nil
	}
	n := float64(len(x))
	z, m2, m4 := deviations(x)
	s0, s1, s2 := w.sums()
	index := func(z []float64) float64 {
		var cross float64
		for i := range z {
			cross += w.weight(i) * z[i] * w.sum(i, z)
		}
		return cross / (s0 * m2)
	}
	g := Global{Value: index(z), Expected: -1 / (n - 1), N: len(x), Permutations: o.Permutations}
	square := g.Expected * g.Expected
	g.NormalVariance = (n*n*s1-n*s2+3*s0*s0)/((n*n-1)*s0*s0) - square
	kurtosis := m4 / (m2 * m2)
	g.Variance = (n*((n*n-3*n+3)*s1-n*s2+3*s0*s0)-kurtosis*((n*n-n)*s1-2*n*s2+6*s0*s0))/
		((n-1)*(n-2)*(n-3)*s0*s0) - square
	g.Z, g.P = normal(g.Value-g.Expected, g.Variance)
	g.NormalZ, g.NormalP = normal(g.Value-g.Expected, g.NormalVariance)
	t, err := shuffled(ctx, o, z, g.Value, index)
	g.PPermutation = t.p(o.Permutations)
	return g, err
}

// General is the general G of Getis and Ord (1992), with the erratum of 1993. It
// asks whether high values, or low ones, are near each other, and takes values of
// at least 0.
func General(ctx context.Context, w *Weights, x []float64, o Options) (Global, error) {
	w, x = w.without(x)
	if why := void(w, x); why != "" {
		return noGlobal(len(x), why), nil
	}
	var m1, m2, m3, m4 float64
	for _, v := range x {
		if v < 0 {
			return noGlobal(len(x), Negative), nil
		}
		m1 += v
		m2 += v * v
		m3 += v * v * v
		m4 += v * v * v * v
	}
	pairs := m1*m1 - m2
	if !(pairs > 0) { // one place has all
		return noGlobal(len(x), TooFew), nil
	}
	index := func(x []float64) float64 {
		var cross float64
		for i, v := range x {
			cross += w.weight(i) * v * w.sum(i, x)
		}
		return cross / pairs
	}
	n := float64(len(x))
	s0, s1, s2 := w.sums()
	g := Global{Value: index(x), Expected: s0 / (n * (n - 1)), N: len(x), Permutations: o.Permutations}
	g.NormalVariance, g.NormalZ, g.NormalP = math.NaN(), math.NaN(), math.NaN()
	b0 := (n*n-3*n+3)*s1 - n*s2 + 3*s0*s0
	b1 := -((n*n-n)*s1 - 2*n*s2 + 6*s0*s0)
	b2 := -(2*n*s1 - (n+3)*s2 + 6*s0*s0)
	b3 := 4*(n-1)*s1 - 2*(n+1)*s2 + 8*s0*s0
	b4 := s1 - s2 + s0*s0
	square := (b0*m2*m2 + b1*m4 + b2*m1*m1*m2 + b3*m1*m3 + b4*m1*m1*m1*m1) /
		(pairs * pairs * n * (n - 1) * (n - 2) * (n - 3))
	g.Variance = square - g.Expected*g.Expected
	g.Z, g.P = normal(g.Value-g.Expected, g.Variance)
	t, err := shuffled(ctx, o, x, g.Value, index)
	g.PPermutation = t.p(o.Permutations)
	return g, err
}

// void says why w and x give no statistic, or "". It is for places that have
// neighbours.
func void(w *Weights, x []float64) Void {
	switch {
	case len(w.slots) == 0:
		return Alone
	case len(x) < 4:
		return TooFew
	case constant(x):
		return Constant
	}
	return ""
}

func constant(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// deviations are those from the mean, with their second and fourth moments.
func deviations(x []float64) (z []float64, m2, m4 float64) {
	n, mean := float64(len(x)), 0.0
	for _, v := range x {
		mean += v / n
	}
	z = make([]float64, len(x))
	for i, v := range x {
		z[i] = v - mean
		m2 += z[i] * z[i] / n
		m4 += z[i] * z[i] * z[i] * z[i] / n
	}
	return z, m2, m4
}

// normal is a standardised deviation and its two-sided p. A variance that is not
// positive has neither.
func normal(deviation, variance float64) (z, p float64) {
	if !(variance > 0) {
		return math.NaN(), math.NaN()
	}
	z = deviation / math.Sqrt(variance)
	return z, math.Erfc(math.Abs(z) / math.Sqrt2)
}
