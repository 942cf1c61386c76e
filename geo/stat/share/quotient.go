package share

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Quotients gives each unit's location quotient,
//
//	LQ = (subset/all in the unit) / (subset/all everywhere)
//
// after Haig (1926) and Florence (1939): above 1 the subset is over-represented.
// It is NaN where a unit has nothing at all. subset must be part of all.
func Quotients(subset, all []float64) ([]float64, Reason) {
	quotients := nans(max(len(subset), len(all)))
	if len(subset) != len(all) {
		return quotients, Lengths
	}
	part, reason := sum(subset)
	if reason != "" {
		return quotients, reason
	}
	total, reason := sum(all)
	if reason != "" {
		return quotients, reason
	}
	for i := range all {
		if all[i] > 0 {
			quotients[i] = (subset[i] / all[i]) / (part / total)
		} else if subset[i] > 0 {
			reason = NoReference
		}
	}
	return quotients, reason
}

// Standardised gives the standardised location quotient of O'Donoghue and
// Gleave (2004): how many standard deviations the logarithm of a quotient lies
// from the mean of the logarithms,
//
//	z = (ln LQ - mean) / sd,  sd with n-1
//
// so that a unit above 1.96 is unusual if the logarithms are about normal. A
// quotient of zero has no logarithm: such units are left out of mean and
// deviation, and their z is NaN.
func Standardised(quotients []float64) ([]float64, Reason) {
	z := nans(len(quotients))
	logs := make([]float64, 0, len(quotients))
	for _, q := range quotients {
		if q > 0 && !math.IsInf(q, 0) {
			logs = append(logs, math.Log(q))
		}
	}
	if len(logs) == 0 {
		return z, Empty
	}
	slices.Sort(logs)
	mean, deviation := meanDeviation(logs)
	// Equal quotients differ by rounding.
	const rounding = 1e-12
	if len(logs) < 2 || !(deviation > rounding) {
		return z, Constant
	}
	for i, q := range quotients {
		if q > 0 && !math.IsInf(q, 0) {
			z[i] = (math.Log(q) - mean) / deviation
		}
	}
	return z, ""
}

func meanDeviation(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / float64(len(values)-1))
}

// Item is one of the observed, such as a cluster.
type Item struct {
	Unit  int
	Value float64 // what it adds to its unit, 1 to count it
	In    bool    // of the subset under study
}

// Bootstrap says how intervals are drawn. The same one gives the same intervals.
type Bootstrap struct {
	Draws int     // how often to draw; 999 is usual
	Seed  uint64  // of PCG (O'Neill 2014), as in math/rand/v2
	Level float64 // of the interval, 0.95 if it is 0
}

// Interval holds a figure with the level asked for. It is NaN, NaN where fewer
// than half of the draws had anything in the unit.
type Interval struct{ Low, High float64 }

// QuotientIntervals gives percentile bootstrap intervals (Efron 1979) of the
// location quotients of units 0 to units-1: the items are drawn anew with
// replacement, as many as there are, the quotients computed, and the interval
// goes between the quantiles that leave half of 1-Level on either side (linear
// between order statistics, type 7 of Hyndman and Fan 1996). It shows how far a
// quotient hangs on a few items; a list that is no sample of anything has no
// other uncertainty. A draw in which the unit has nothing, or the subset has
// nothing anywhere, says nothing and is left out.
//
// The error is that of ctx.
func QuotientIntervals(ctx context.Context, items []Item, units int, b Bootstrap) ([]Interval, error) {
	intervals := make([]Interval, units)
	for i := range intervals {
		intervals[i] = Interval{math.NaN(), math.NaN()}
	}
	if len(items) == 0 || b.Draws < 1 {
		return intervals, nil
	}
	drawn := make([][]float64, units)
	random := rand.New(rand.NewPCG(b.Seed, 0))
	subset, all := make([]float64, units), make([]float64, units)
	for range b.Draws {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(subset)
		clear(all)
		var part, total float64
		for range items {
			item := &items[random.IntN(len(items))]
			all[item.Unit] += item.Value
			total += item.Value
			if item.In {
				subset[item.Unit] += item.Value
				part += item.Value
			}
		}
		for u := range drawn {
			if q := (subset[u] / all[u]) / (part / total); !math.IsNaN(q) && !math.IsInf(q, 0) {
				drawn[u] = append(drawn[u], q)
			}
		}
	}
	level := b.Level
	if level == 0 {
		level = 0.95
	}
	for u, d := range drawn {
		if 2*len(d) >= b.Draws {
			slices.Sort(d)
			intervals[u] = Interval{quantile(d, (1-level)/2), quantile(d, (1+level)/2)}
		}
	}
	return intervals, nil
}

// quantile of sorted values, linear between order statistics.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

func nans(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}
