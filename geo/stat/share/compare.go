package share

import "math"

// Krugman is the index of dissimilarity of two compositions (Krugman 1991),
//
//	K = Σ |a - b|
//
// over the shares of trades: 0 where they are the same, 2 where they have no
// trade in common.
func Krugman(a, b []float64) (float64, Reason) {
	if len(a) != len(b) {
		return math.NaN(), Lengths
	}
	s, reason := Shares(a)
	if reason != "" {
		return math.NaN(), reason
	}
	t, reason := Shares(b)
	if reason != "" {
		return math.NaN(), reason
	}
	index := 0.0
	for i := range s {
		index += math.Abs(s[i] - t[i])
	}
	return min(2, index), ""
}

// Shift is the change of one unit between two years in three parts, which add
// up to Total, and each is in the unit of the values.
type Shift struct {
	National    float64 // as if the unit had grown as everything did
	Mix         float64 // because its trades grew faster or slower than everything
	Competitive float64 // because it grew faster or slower than its trades did elsewhere
	Total       float64
}

// ShiftShare splits the change of each unit (Dunn 1960). before and after are
// tables of [unit][trade]. With g for growth rates, of a trade in all units and
// of everything,
//
//	National    = Σ before × g
//	Mix         = Σ before × (g[trade] - g)
//	Competitive = Σ after - before × (1 + g[trade])
//
// A trade that is new after is Competitive wherever it appears.
func ShiftShare(before, after [][]float64) ([]Shift, Reason) {
	shifts := make([]Shift, len(before))
	none := func(reason Reason) ([]Shift, Reason) {
		for i := range shifts {
			shifts[i] = Shift{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		}
		return shifts, reason
	}
	if len(after) != len(before) {
		return none(Lengths)
	}
	trades, reason := totals(before, after)
	if reason != "" {
		return none(reason)
	}
	var all change
	for _, t := range trades {
		all.before += t.before
		all.after += t.after
	}
	switch {
	case len(trades) == 0:
		return none(Empty)
	case math.IsInf(all.before, 0) || math.IsInf(all.after, 0) || math.IsNaN(all.before+all.after):
		return none(NotFinite)
	case all.before == 0:
		return none(Zero)
	}
	growth := all.after/all.before - 1
	for i := range shifts {
		s := &shifts[i]
		start, expected := 0.0, 0.0
		for k, t := range trades {
			start += before[i][k]
			s.Total += after[i][k] - before[i][k]
			if t.before > 0 {
				expected += before[i][k] * (t.after/t.before - 1)
			}
		}
		s.National = start * growth
		s.Mix = expected - s.National
		s.Competitive = s.Total - expected
	}
	return shifts, ""
}

type change struct{ before, after float64 }

// totals adds up each trade over the units.
func totals(before, after [][]float64) ([]change, Reason) {
	if len(before) == 0 {
		return nil, Empty
	}
	trades := make([]change, len(before[0]))
	for i := range before {
		if len(before[i]) != len(trades) || len(after[i]) != len(trades) {
			return nil, Lengths
		}
		for k := range trades {
			if before[i][k] < 0 || after[i][k] < 0 {
				return nil, Negative
			}
			trades[k].before += before[i][k]
			trades[k].after += after[i][k]
		}
	}
	return trades, ""
}
