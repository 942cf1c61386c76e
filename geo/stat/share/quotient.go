package share

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
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
	Unit    int
	Subject int     // that it belongs to; below 0 none of those under study
	Value   float64 // what it adds to its unit, 1 to count it
}

// Cell is a subject in a unit.
type Cell struct{ Subject, Unit int }

// Bootstrap says how intervals are drawn. The same Draws, Seed and Level give the same
// intervals.
type Bootstrap struct {
	Draws    int     // how often to draw; 999 is usual
	Seed     uint64  // of PCG (O'Neill 2014), as in math/rand/v2
	Level    float64 // of the interval, 0.95 if it is 0
	Workers  int     // goroutines that draw, one if it is 0
	Progress func(done, total int)
}

// Interval holds a figure with the level asked for. It is NaN, NaN where fewer
// than half of the draws had anything in the unit.
type Interval struct{ Low, High float64 }

// QuotientIntervals gives percentile bootstrap intervals (Efron 1979) of the
// location quotients of all cells that have items: the items are drawn anew with
// replacement, as many as there are, the quotients computed, and the interval
// goes between the quantiles that leave half of 1-Level on either side (linear
// between order statistics, type 7 of Hyndman and Fan 1996). It shows how far a
// quotient hangs on a few items; a list that is no sample of anything has no
// other uncertainty. A draw in which the unit has nothing, or the subject has
// nothing anywhere, says nothing and is left out.
//
// Each draw is by a PCG of its own, whose two seeds come from one with the seeds
// Seed and 0. The error is that of ctx.
func QuotientIntervals(ctx context.Context, items []Item, b Bootstrap) (map[Cell]Interval, error) {
	s := newSampler(items, b)
	intervals := make(map[Cell]Interval, len(s.cells))
	if b.Draws < 1 {
		return intervals, nil
	}
	// So many drawn quotients are kept at a time.
	const kept = 1 << 23
	block := max(1, kept/b.Draws)
	blocks := (len(s.cells) + block - 1) / block
	for n := range blocks {
		cells := s.cells[n*block : min(len(s.cells), (n+1)*block)]
		drawn, err := s.draw(ctx, n*block, len(cells), func(done int) {
			if b.Progress != nil {
				b.Progress(n*b.Draws+done, blocks*b.Draws)
			}
		})
		if err != nil {
			return nil, err
		}
		ends := make([]Interval, len(cells))
		if err := s.share(ctx, len(cells), func() func(i int) {
			return func(i int) { ends[i] = b.interval(drawn[i*b.Draws : (i+1)*b.Draws]) }
		}); err != nil {
			return nil, err
		}
		for i, c := range cells {
			intervals[c] = ends[i]
		}
	}
	return intervals, nil
}

// interval is that of the drawn quotients of a cell, which it sorts.
func (b Bootstrap) interval(drawn []float64) Interval {
	slices.Sort(drawn) // NaN first
	none, _ := slices.BinarySearchFunc(drawn, 0, func(v float64, _ int) int {
		if math.IsNaN(v) {
			return -1
		}
		return 1
	})
	drawn = drawn[none:]
	if len(drawn) == 0 || 2*len(drawn) < b.Draws {
		return Interval{math.NaN(), math.NaN()}
	}
	level := b.Level
	if level == 0 {
		level = 0.95
	}
	return Interval{quantile(drawn, (1-level)/2), quantile(drawn, (1+level)/2)}
}

// sampler draws items.
type sampler struct {
	items    []sampled
	cells    []Cell // in the order of the items
	units    int
	subjects int
	seeds    [][2]uint64 // of the draws
	workers  int
}

// sampled is an item, small because they are read in random order. The cell of one
// without a subject is the one after the last.
type sampled struct {
	value      float64
	unit, cell int32
}

func newSampler(items []Item, b Bootstrap) *sampler {
	s := &sampler{items: make([]sampled, len(items)), workers: max(1, b.Workers)}
	number := make(map[Cell]int32)
	for i, it := range items {
		s.units = max(s.units, it.Unit+1)
		s.subjects = max(s.subjects, it.Subject+1)
		s.items[i] = sampled{it.Value, int32(it.Unit), -1}
		if it.Subject < 0 {
			continue
		}
		c := Cell{it.Subject, it.Unit}
		n, ok := number[c]
		if !ok {
			n = int32(len(s.cells))
			number[c], s.cells = n, append(s.cells, c)
		}
		s.items[i].cell = n
	}
	for i := range s.items {
		if s.items[i].cell < 0 {
			s.items[i].cell = int32(len(s.cells))
		}
	}
	root := rand.NewPCG(b.Seed, 0)
	for range max(0, b.Draws) {
		s.seeds = append(s.seeds, [2]uint64{root.Uint64(), root.Uint64()})
	}
	return s
}

// draw gives the quotients of n cells from the first on: those of a cell together, NaN
// where a draw says nothing.
func (s *sampler) draw(ctx context.Context, first, n int, progress func(done int)) ([]float64, error) {
	drawn := make([]float64, n*len(s.seeds))
	var done atomic.Int64
	err := s.share(ctx, len(s.seeds), func() func(d int) {
		all, values, parts := make([]float64, s.units), make([]float64, len(s.cells)+1), make([]float64, s.subjects)
		return func(d int) {
			s.resample(rand.NewPCG(s.seeds[d][0], s.seeds[d][1]), all, values)
			total := 0.0
			for _, v := range all {
				total += v
			}
			clear(parts)
			for k, c := range s.cells {
				parts[c.Subject] += values[k]
			}
			for k, c := range s.cells[first : first+n] {
				q := (values[first+k] / all[c.Unit]) / (parts[c.Subject] / total)
				if math.IsInf(q, 0) {
					q = math.NaN()
				}
				drawn[k*len(s.seeds)+d] = q
			}
			progress(int(done.Add(1)))
		}
	})
	return drawn, err
}

// resample adds up as many items as there are, drawn with replacement, by unit and by
// cell.
func (s *sampler) resample(random *rand.PCG, all, values []float64) {
	clear(all)
	clear(values)
	n := uint64(len(s.items))
	if n == 0 {
		return
	}
	// The way of Lemire (2019), without the interface of rand.Rand, which takes longer
	// than the rest.
	threshold := -n % n
	for range n {
		high, low := bits.Mul64(random.Uint64(), n)
		for low < threshold {
			high, low = bits.Mul64(random.Uint64(), n)
		}
		it := &s.items[high]
		all[it.unit] += it.value
		values[it.cell] += it.value
	}
}

// share does n pieces of work by several goroutines, each with a worker of its own.
func (s *sampler) share(ctx context.Context, n int, worker func() func(i int)) error {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(s.workers, n) {
		all.Go(func() {
			do := worker()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
	return ctx.Err()
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
