// Package share measures how a quantity is shared out among units: how far one
// subject is over-represented in a unit (location quotient, stars), how
// concentrated it is over all of them (Herfindahl, concentration ratios, Gini,
// Theil, Ellison and Glaeser), and how two such distributions differ (Krugman's
// index, shift-share).
//
// Values are counts or sums, one for each unit, in any unit of measure; slices
// that belong together have the same order and length. A reference is the
// distribution that values are compared with, such as that of all clusters; a
// nil reference means that every unit counts the same.
//
// A figure that does not exist is NaN and its result carries the Reason. No
// function changes its arguments.
//
// The package knows nothing of features, places or HTTP.
package share

import (
	"math"
	"slices"
)

// Reason says why a figure does not exist, for the person who asked. The empty
// Reason means that all figures of a result exist.
type Reason string

// What keeps a figure from existing.
const (
	Empty       Reason = "there is nothing to count"
	Zero        Reason = "all values are zero"
	Negative    Reason = "a value is below zero, so that the values have no shares"
	NotFinite   Reason = "a value or the sum of all is no finite number"
	OneUnit     Reason = "everything lies in one unit, so that units cannot be compared"
	OneItem     Reason = "one cluster holds everything, so that its size hides where the others are"
	Constant    Reason = "all units have the same value, so that they cannot be ranked or standardised"
	NoReference Reason = "a unit has a value although the reference has none there"
	Lengths     Reason = "values and reference do not have the same units"
)

// Shares gives each value's part of the sum of all. The shares are nil where
// there is a Reason.
func Shares(values []float64) ([]float64, Reason) {
	total, reason := sum(values)
	if reason != "" {
		return nil, reason
	}
	shares := make([]float64, len(values))
	for i, v := range values {
		shares[i] = v / total
	}
	return shares, ""
}

// sum adds values that can be shared out: finite, none below zero, not all zero.
func sum(values []float64) (float64, Reason) {
	if len(values) == 0 {
		return 0, Empty
	}
	total := 0.0
	for _, v := range values {
		if v < 0 {
			return 0, Negative
		}
		total += v
	}
	switch {
	case math.IsNaN(total) || math.IsInf(total, 0):
		return 0, NotFinite
	case total == 0:
		return 0, Zero
	}
	return total, ""
}

// sharesOf gives the shares of values and of their reference, which is even
// where it is nil.
func sharesOf(values, reference []float64) (s, x []float64, reason Reason) {
	if s, reason = Shares(values); reason != "" {
		return nil, nil, reason
	}
	if reference == nil {
		x = make([]float64, len(values))
		for i := range x {
			x[i] = 1 / float64(len(values))
		}
		return s, x, ""
	}
	if len(reference) != len(values) {
		return nil, nil, Lengths
	}
	if x, reason = Shares(reference); reason != "" {
		return nil, nil, reason
	}
	return s, x, ""
}

// sumOfSquares is the same to the last bit whatever the order.
func sumOfSquares(shares []float64) float64 {
	sorted := slices.Sorted(slices.Values(shares))
	total := 0.0
	for _, s := range sorted {
		total += s * s
	}
	return total
}
