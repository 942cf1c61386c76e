package pattern

import (
	"math"
	"slices"
)

// side is the side on which a curve is held to be extreme.
type side int

const (
	above side = iota
	below
	either
)

// curves are the observed curve, first, and those of the draws, each of the same length.
type curves [][]float64

func newCurves(draws, steps int) curves {
	all := make([]float64, (draws+1)*steps)
	c := make(curves, draws+1)
	for i := range c {
		c[i] = all[i*steps : (i+1)*steps]
	}
	return c
}

// global is the test of whole curves: p is the share of curves, the observed one among
// them, that are at least as extreme as it; low and high hold, at each distance, the
// curves but for the share Alpha that are most extreme. So the observed curve leaves the
// band somewhere just if p is at most Alpha, but for equal values.
//
// Of two curves the more extreme one has the more extreme rank at the distance where it
// is most extreme; where these are equal the next most extreme distance decides, and so
// on (extreme rank lengths; M. Myllymäki and others, JRSS B 79, 2017). Equal values share
// the least extreme of their ranks.
func (c curves) global(s side) (p float64, low, high []float64) {
	ranks := c.ranks(s)
	order := make([]int, len(c))
	for i := range order {
		order[i] = i
		slices.Sort(ranks[i])
	}
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(ranks[a], ranks[b]) })
	steps := len(c[0])
	low, high = make([]float64, steps), make([]float64, steps)
	for k := range steps {
		low[k], high[k] = math.Inf(1), math.Inf(-1)
	}
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && slices.Equal(ranks[order[to]], ranks[order[from]]) {
			to++
		}
		share := float64(to) / float64(len(c))
		for _, i := range order[from:to] {
			if i == 0 {
				p = share
			}
			if share <= Alpha {
				continue
			}
			for k, v := range c[i] {
				low[k], high[k] = min(low[k], v), max(high[k], v)
			}
		}
		from = to
	}
	return p, low, high
}

// ranks has, for each curve, its rank at each distance: how many curves are as extreme
// there or more.
func (c curves) ranks(s side) [][]int32 {
	steps := len(c[0])
	all := make([]int32, len(c)*steps)
	ranks := make([][]int32, len(c))
	for i := range ranks {
		ranks[i] = all[i*steps : (i+1)*steps]
	}
	column := make([]float64, len(c))
	for k := range steps {
		for i := range c {
			column[i] = c[i][k]
		}
		slices.Sort(column)
		for i := range c {
			first, _ := slices.BinarySearch(column, c[i][k])
			last, _ := slices.BinarySearchFunc(column, c[i][k], func(e, v float64) int {
				if e <= v {
					return -1
				}
				return 1
			})
			up, down := int32(len(c)-first), int32(last)
			switch s {
			case above:
				ranks[i][k] = up
			case below:
				ranks[i][k] = down
			default:
				ranks[i][k] = min(up, down)
			}
		}
	}
	return ranks
}

// local is the band that holds all but the shares Alpha of the draws above and below it
// at each distance by itself: the quantiles of the draws without the observed curve.
func (c curves) local() (low, high []float64) {
	column := make([]float64, len(c)-1)
	for k := range c[0] {
		for i := range column {
			column[i] = c[i+1][k]
		}
		slices.Sort(column)
		low, high = append(low, quantile(column, Alpha)), append(high, quantile(column, 1-Alpha))
	}
	return low, high
}

// quantile of sorted values is type 7 of R. J. Hyndman and Y. Fan (1996).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
