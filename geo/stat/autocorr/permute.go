package autocorr

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Options says how chance is drawn. The zero Options draws nothing.
type Options struct {
	Permutations int // 0 means none: the permutation p is not a number
	Seed         uint64
	Workers      int // 0 means one for each CPU

	// Q, if positive, is the rate of false discoveries at which the local p will be
	// judged. The least p that so many permutations can give is 2/(Permutations+1);
	// where that is more than Q/n, more are drawn, see Local.Draws.
	Q float64

	// Progress, if any, is told what part of the work is done. Calls do not overlap.
	Progress func(done, total int)
}

// parallel does jobs 0 to n-1, each once, and stops early when ctx ends. Each
// worker has a state of its own, and all states are returned.
func parallel[S any](ctx context.Context, o Options, n int, state func() S, do func(s S, job int)) ([]S, error) {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	states := make([]S, min(workers, max(n, 1)))
	var mutex sync.Mutex
	next, done := 0, 0
	take := func() (job int, ok bool) {
		mutex.Lock()
		defer mutex.Unlock()
		if next == n || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	tell := func() {
		mutex.Lock()
		defer mutex.Unlock()
		done++
		if o.Progress != nil {
			o.Progress(done, n)
		}
	}
	var group sync.WaitGroup
	for i := range states {
		group.Go(func() {
			states[i] = state()
			for job, ok := take(); ok; job, ok = take() {
				do(states[i], job)
				tell()
			}
		})
	}
	group.Wait()
	return states, ctx.Err()
}

// tails counts draws at least as high, and at most as high, as what was seen.
type tails struct{ high, low int }

func (t *tails) count(seen, drawn, slack float64) {
	if drawn >= seen-slack {
		t.high++
	}
	if drawn <= seen+slack {
		t.low++
	}
}

// p is two-sided: twice the smaller tail, in which what was seen counts too.
func (t tails) p(draws int) float64 {
	if draws == 0 {
		return math.NaN()
	}
	return min(1, 2*float64(min(t.high, t.low)+1)/float64(draws+1))
}

// shuffled counts, over all permutations of x, the statistic beside its value as
// seen. Permutations are drawn in batches, each from a stream of its own.
func shuffled(ctx context.Context, o Options, x []float64, seen float64, statistic func(x []float64) float64) (tails, error) {
	const batch = 16
	slack := 1e-12 * math.Abs(seen)
	type state struct {
		x []float64
		t tails
	}
	states, err := parallel(ctx, o, (o.Permutations+batch-1)/batch,
		func() *state { return &state{x: make([]float64, len(x))} },
		func(s *state, job int) {
			random := rand.New(rand.NewPCG(o.Seed, uint64(job)))
			copy(s.x, x)
			for range min(batch, o.Permutations-job*batch) {
				random.Shuffle(len(s.x), func(i, j int) { s.x[i], s.x[j] = s.x[j], s.x[i] })
				s.t.count(seen, statistic(s.x), slack)
			}
		})
	var all tails
	for _, s := range states {
		all.high += s.t.high
		all.low += s.t.low
	}
	return all, err
}

// conditional counts, for each place, how the sum of its neighbours' values
// compares with sums of as many values drawn from all other places.
//
// One draw serves all places: a random order of the places, of which each place
// takes the first that are not itself. So all places with equally many neighbours
// meet the same sums, but for the few that the draw names, and one sorted column of
// sums answers for them all. The p of each place is as exact as with draws of its
// own; chance in the p of different places is not independent, as in the other
// programs that draw once for all.
func conditional(ctx context.Context, w *Weights, x []float64, o Options) ([]tails, error) {
	deal := newDeal(w, x, o.Seed)
	size := deal.blockSize(o.Permutations)
	states, err := parallel(ctx, o, (o.Permutations+size-1)/size,
		func() *block { return deal.newBlock(size) },
		func(b *block, job int) { b.draw(uint64(job), min(size, o.Permutations-job*size)) })
	all := make([]tails, len(x))
	for _, b := range states {
		for i, t := range b.tails {
			all[i].high += t.high
			all[i].low += t.low
		}
	}
	return all, err
}

// deal is what all blocks of draws share.
type deal struct {
	w       *Weights
	x       []float64
	seed    uint64
	seen    []float64 // sum of the neighbours of each place
	slack   []float64 // by number of neighbours: what rounding may add
	degrees []int     // the numbers of neighbours that there are, ascending, but 0
	most    int
}

func newDeal(w *Weights, x []float64, seed uint64) *deal {
	d := &deal{w: w, x: x, seed: seed, seen: make([]float64, len(x))}
	for i := range x {
		d.seen[i] = w.sum(i, x)
		if k := w.degree(i); k > 0 {
			d.degrees = append(d.degrees, k)
		}
	}
	slices.Sort(d.degrees)
	d.degrees = slices.Compact(d.degrees)
	if len(d.degrees) > 0 {
		d.most = d.degrees[len(d.degrees)-1]
	}
	var largest float64
	for _, v := range x {
		largest = max(largest, math.Abs(v))
	}
	d.slack = make([]float64, d.most+1)
	for k := range d.slack {
		d.slack[k] = 1e-13 * float64(k) * largest
	}
	return d
}

// blockSize is the number of draws in a block: enough to make use of sorting,
// few enough to share out. It must not depend on the number of workers.
func (d *deal) blockSize(draws int) int {
	const entries = 1 << 20
	return min(max(draws/16, 64), 4096, max(entries/(d.most+2), 1))
}

// block is one worker's draws. sums has, for each draw, the sums of its first 0, 1,
// 2 … values, of which there is one more than the most neighbours.
type block struct {
	*deal
	order []int32 // of all places; put back after each draw
	named []int32
	sums  []float64
	tails []tails
}

func (d *deal) newBlock(size int) *block {
	b := &block{
		deal: d, order: make([]int32, len(d.x)), tails: make([]tails, len(d.x)),
		named: make([]int32, size*(d.most+1)), sums: make([]float64, size*(d.most+2)),
	}
	for i := range b.order {
		b.order[i] = int32(i)
	}
	return b
}

func (b *block) draw(job uint64, draws int) {
	random := rand.New(rand.NewPCG(b.seed, job))
	names, width := b.most+1, b.most+2
	swaps := make([]int32, names)
	for r := range draws {
		named, sums := b.named[r*names:(r+1)*names], b.sums[r*width:(r+1)*width]
		for v := range named {
			with := v + int(random.Uint32N(uint32(len(b.order)-v)))
			b.order[v], b.order[with] = b.order[with], b.order[v]
			swaps[v], named[v] = int32(with), b.order[v]
			sums[v+1] = sums[v] + b.x[named[v]]
		}
		for v := len(swaps) - 1; v >= 0; v-- {
			b.order[v], b.order[swaps[v]] = b.order[swaps[v]], b.order[v]
		}
	}
	b.compare(draws)
	b.correct(draws)
}

// compare counts the draws as if none named the place that it is compared with.
func (b *block) compare(draws int) {
	width := b.most + 2
	columns := make([][]float64, b.most+1)
	for _, k := range b.degrees {
		column := make([]float64, draws)
		for r := range column {
			column[r] = b.sums[r*width+k]
		}
		slices.Sort(column)
		columns[k] = column
	}
	for i := range b.tails {
		k := b.w.degree(i)
		if k == 0 {
			continue
		}
		below, _ := slices.BinarySearch(columns[k], b.seen[i]-b.slack[k])
		upTo, _ := slices.BinarySearch(columns[k], math.Nextafter(b.seen[i]+b.slack[k], math.Inf(1)))
		b.tails[i].high += draws - below
		b.tails[i].low += upTo
	}
}

// correct counts anew the draws that named the place itself: it takes the value
// after in place of its own.
func (b *block) correct(draws int) {
	names, width := b.most+1, b.most+2
	for r := range draws {
		sums := b.sums[r*width : (r+1)*width]
		for v, name := range b.named[r*names : (r+1)*names] {
			i := int(name)
			k := b.w.degree(i)
			if v >= k {
				continue
			}
			var was, is tails
			was.count(b.seen[i], sums[k], b.slack[k])
			is.count(b.seen[i], sums[k+1]-b.x[i], b.slack[k])
			b.tails[i].high += is.high - was.high
			b.tails[i].low += is.low - was.low
		}
	}
}
