package share

import (
	"cmp"
	"math"
	"slices"
)

// StarRule says what earns a star. The zero StarRule earns none.
type StarRule struct {
	Tenth    bool    // size and focus go to the top tenth of the units that have any of the subject
	Size     float64 // otherwise more than this
	Focus    float64 // otherwise more than this share of the unit
	Quotient float64 // at least this location quotient
}

// Decile is the rule of the European Cluster Observatory.
func Decile() StarRule { return StarRule{Tenth: true, Quotient: 2} }

// Rule2008 is that of Sölvell, Ketels and Lindqvist (2008), with the size in jobs.
func Rule2008() StarRule { return StarRule{Size: 10_000, Quotient: 2, Focus: 0.03} }

// Star says what a unit has earned, and by which figures.
type Star struct {
	Size, Specialisation, Focus bool
	Quotient                    float64 // subset's share of the unit over its share of all; NaN in an empty unit
	FocusShare                  float64 // subset's share of the unit; NaN in an empty unit
}

// Count is how many of the three.
func (s Star) Count() int {
	n := 0
	for _, has := range []bool{s.Size, s.Specialisation, s.Focus} {
		if has {
			n++
		}
	}
	return n
}

// Starred are the stars of all units and the thresholds that gave them, NaN
// where nothing could be ranked.
type Starred struct {
	Stars                   []Star
	SizeAt, FocusAt         float64
	Inclusive               bool // a value at the threshold has the star; otherwise it must be above
	Reason                  Reason
	SizeReason, FocusReason Reason // why none could be ranked
}

// Stars gives up to three stars to each unit, as the European Cluster
// Observatory did: for size, where the unit has much of the subset; for
// specialisation, where its location quotient is high; for focus, where the
// subset is a large share of the unit.
//
// A top tenth is of the units that have any of the subset: with n of them the
// (n/10 rounded up)-th largest value is the threshold, and those that equal it
// have the star too. The lowest value of all is never in the top tenth, so that
// many equal units do not all have a star.
func Stars(subset, all []float64, rule StarRule) Starred {
	quotients, reason := Quotients(subset, all)
	result := Starred{Stars: make([]Star, len(quotients)), SizeAt: rule.Size, FocusAt: rule.Focus, Inclusive: rule.Tenth, Reason: reason}
	focus := nans(len(quotients))
	for i := range quotients {
		if i < len(all) && i < len(subset) && all[i] > 0 {
			focus[i] = subset[i] / all[i]
		}
		result.Stars[i] = Star{Quotient: quotients[i], FocusShare: focus[i]}
	}
	if reason != "" {
		return result
	}
	if rule.Tenth {
		result.SizeAt, result.SizeReason = topTenth(subset)
		result.FocusAt, result.FocusReason = topTenth(focus)
	}
	for i := range result.Stars {
		star := &result.Stars[i]
		star.Size = reaches(subset[i], result.SizeAt, rule.Tenth)
		star.Focus = reaches(focus[i], result.FocusAt, rule.Tenth)
		star.Specialisation = rule.Quotient > 0 && quotients[i] >= rule.Quotient
	}
	return result
}

func reaches(value, threshold float64, inclusive bool) bool {
	return value > threshold || inclusive && value == threshold
}

// topTenth is the lowest value of the top tenth of those above zero.
func topTenth(values []float64) (float64, Reason) {
	above := make([]float64, 0, len(values))
	for _, v := range values {
		if v > 0 {
			above = append(above, v)
		}
	}
	if len(above) == 0 {
		return math.NaN(), Empty
	}
	slices.SortFunc(above, func(a, b float64) int { return cmp.Compare(b, a) })
	at := (len(above)+9)/10 - 1
	lowest := above[len(above)-1]
	for at >= 0 && above[at] == lowest {
		at--
	}
	if at < 0 {
		return math.NaN(), Constant
	}
	return above[at], ""
}
