package pattern

import (
	"cmp"
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Chance says how chance is drawn.
type Chance struct {
	Seed     uint64
	Draws    int
	Workers  int                   // goroutines; 0: as many as run at a time
	Progress func(done, total int) // may be nil; called by one goroutine at a time
}

// Alpha is the share of draws that leave a band.
const Alpha = 0.05

// random is the stream of one draw, and a drawer uses it.
type (
	random = *rand.Rand
	drawer = func(draw int, r random)
)

// source is the stream of one draw. It depends on the seed and the number of the draw
// only, so it does not matter which goroutine makes the draw.
func source(seed uint64, draw int) random {
	x := seed
	mix := func(add uint64) uint64 { // splitmix64
		x += 0x9e3779b97f4a7c15 + add
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	return rand.New(rand.NewPCG(mix(0), mix(uint64(draw))))
}

// each makes all draws: every goroutine has a worker of its own, which
// is asked for one draw at a time.
func (c Chance) each(ctx context.Context, worker func() drawer) error {
	var next, done atomic.Int64
	var wg sync.WaitGroup
	var telling sync.Mutex
	told := 0
	for range min(cmp.Or(c.Workers, runtime.GOMAXPROCS(0)), c.Draws) {
		wg.Go(func() {
			work := worker()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= c.Draws {
					return
				}
				work(i, source(c.Seed, i))
				n := int(done.Add(1))
				if c.Progress == nil {
					continue
				}
				telling.Lock()
				if n > told {
					told = n
					c.Progress(n, c.Draws)
				}
				telling.Unlock()
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// Sample is so many of the numbers from 0 up to but not many, in rising order.
func Sample(many, n int, seed uint64) []int32 {
	out := make([]int32, n)
	newPicker(many).pick(source(seed, -1), out)
	slices.Sort(out)
	return out
}

// picker picks some of many without putting back.
type picker struct {
	all  []int32 // in order between picks
	swap []int
}

func newPicker(many int) *picker {
	p := &picker{all: make([]int32, many)}
	for i := range p.all {
		p.all[i] = int32(i)
	}
	return p
}

// pick fills out, in random order.
func (p *picker) pick(r random, out []int32) {
	p.swap = p.swap[:0]
	for i := range out {
		j := i + r.IntN(len(p.all)-i)
		p.all[i], p.all[j] = p.all[j], p.all[i]
		p.swap = append(p.swap, j)
		out[i] = p.all[i]
	}
	for i := len(out) - 1; i >= 0; i-- {
		j := p.swap[i]
		p.all[i], p.all[j] = p.all[j], p.all[i]
	}
}
