package render

import (
	"math"
	"slices"
)

// class is a range of counts with a colour.
type class struct {
	from, to int // inclusive; to 0: no end
	n        int // areas
}

const (
	steps         = 6 // of the sequential palette
	enoughClasses = 5
)

// series are what limits begin with, from round to less round: the first that tells
// enough apart is taken.
var series = [3][]float64{
	{1, 2, 5},
	{1, 1.5, 2, 3, 4, 5, 7},
	{1, 1.2, 1.5, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9},
}

// classesOf are classes of counts of 1 and more, with round lower limits and as even in
// number as the values allow. Equal counts are in one class (web/src/classes.ts).
func classesOf(counts []int) []class {
	if len(counts) == 0 {
		return nil
	}
	sorted := slices.Clone(counts)
	slices.Sort(sorted)
	enough := min(enoughClasses, len(slices.Compact(slices.Clone(sorted))))
	var best []class
	for _, s := range series {
		classes := classesBy(sorted, s)
		if len(classes) >= enough {
			return classes
		}
		if len(classes) > len(best) {
			best = classes
		}
	}
	return best
}

func classesBy(sorted []int, series []float64) []class {
	limits := []int{roundLimit(sorted[0], series, true)}
	for i := 1; i < steps; i++ {
		limits = append(limits, roundLimit(sorted[i*len(sorted)/steps], series, false))
	}
	slices.Sort(limits)
	limits = slices.Compact(limits)
	below := func(v int) int { i, _ := slices.BinarySearch(sorted, v); return i }
	var classes []class
	for i, from := range limits {
		n := len(sorted) - below(from)
		if i+1 < len(limits) {
			n = below(limits[i+1]) - below(from)
		}
		if i > 0 && n == 0 {
			continue
		}
		classes = append(classes, class{from: from, n: n})
	}
	for i := range len(classes) - 1 {
		classes[i].to = classes[i+1].from - 1
	}
	if len(classes) == 1 {
		return classes
	}
	return slices.DeleteFunc(classes, func(c class) bool { return c.n == 0 })
}

// classAt is the place of the class of a count.
func classAt(classes []class, count int) int {
	i := len(classes) - 1
	for i > 0 && count < classes[i].from {
		i--
	}
	return i
}

// stepOf is the step of the palette, from 0, for class i of n: few classes span it all.
func stepOf(i, n int) int {
	if n <= 1 {
		return 2
	}
	return int(math.Round(float64(i*(steps-1)) / float64(n-1)))
}

// roundLimit is a whole number that begins like one of the series: the greatest up to v,
// or the nearest by ratio.
func roundLimit(v int, series []float64, down bool) int {
	power := math.Pow(10, math.Floor(math.Log10(float64(v))))
	best, least := 1, math.Inf(1)
	for _, s := range append(slices.Clone(series), 10) {
		limit := math.Round(s*power*10) / 10
		if limit != math.Trunc(limit) {
			continue
		}
		if down {
			if limit <= float64(v) {
				best = int(limit)
			}
		} else if d := math.Abs(math.Log(limit / float64(v))); d < least {
			best, least = int(limit), d
		}
	}
	return best
}
