package pattern

import (
	"math"

	"github.com/paulmach/orb"
)

// lattice is where the distances of draws are counted: at whole multiples of width, of
// which sub make a step of the curve.
type lattice struct {
	steps, sub, bins int
	width            float64
	bandwidth        float64 // 0 is Silverman's
	sites            []orb.Point
	table            []uint16 // the bin of each site and each site, or nil
}

// tableUpTo is of how many sites there is a table, of 32 MB: to look a distance up takes
// a quarter of the time to compute it.
const tableUpTo = 4096

// newLattice is fine enough that nothing is seen of it: the bandwidth is at least 16
// widths, for Silverman's rule mostly some hundred, and a distance is at most half a
// width from where it counts. Density adds such errors up with changing signs: for the 78
// distances of 13 points they come to 1e-4 of the height of the curve, for 1,000 points to
// 1e-5, where the band of 1,000 draws is uncertain by a hundredth.
func newLattice(q KdQuestion, sites []orb.Point) *lattice {
	step := q.Max / float64(q.Steps)
	far := extent(sites)
	g := &lattice{steps: q.Steps, sub: 64, bandwidth: q.Bandwidth, sites: sites}
	for g.sub > 1 && far/step*float64(g.sub) > 1<<16 {
		g.sub /= 2
	}
	g.width = step / float64(g.sub)
	g.bins = int(far/g.width) + 2
	return g
}

// tabulate makes the table, where it is of use for so many draws of n sites.
func (g *lattice) tabulate(n, draws int) {
	many := len(g.sites)
	if many > tableUpTo || g.bins > 1<<16 || float64(n)*float64(n)*float64(draws) < 4*float64(many)*float64(many) {
		return
	}
	table := make([]uint16, many*many)
	for i := range many {
		for j := range i {
			b := uint16(g.between(i, j))
			table[i*many+j], table[j*many+i] = b, b
		}
	}
	g.table = table
}

// between is the bin of the distance of two sites.
func (g *lattice) between(a, b int) int {
	if g.table != nil {
		return int(g.table[a*len(g.sites)+b])
	}
	dx, dy := g.sites[a][0]-g.sites[b][0], g.sites[a][1]-g.sites[b][1]
	return int(math.Sqrt(dx*dx+dy*dy)/g.width + 0.5)
}

// smoother makes curves for one goroutine.
type smoother struct {
	*lattice
	x, y    []float64
	counts  []uint32  // of distances by bin, without weights
	weights []float64 // nil where there are none
	heavy   []float64 // sums of weights by bin, with weights
	coarse  []float64
	kernel  []float64
}

func newSmoother(g *lattice, n int, weights []float64) *smoother {
	s := &smoother{lattice: g, x: make([]float64, n), y: make([]float64, n), weights: weights}
	s.counts = make([]uint32, max(g.bins, 1<<16))
	if weights != nil {
		s.heavy = make([]float64, g.bins)
	}
	return s
}

// curve fills out with the density of distances of chosen sites and returns its
// bandwidth. Weights go to the sites in the order in which they are chosen.
func (s *smoother) curve(chosen []int32, out []float64) float64 {
	clear(s.counts[:s.bins])
	clear(s.heavy)
	switch {
	case s.weights != nil:
		s.weigh(chosen)
	case s.table != nil:
		s.lookUp(chosen)
	default:
		s.count(chosen)
	}
	h := s.bandwidth
	if h == 0 {
		h = s.silverman()
	}
	h = max(h, s.width*float64(s.sub)/2)
	s.smooth(h, out)
	return h
}

// lookUp sorts the distances into bins. A draw of 1,000 points has half a million, so this
// loop is what DurantonOverman waits for.
func (s *smoother) lookUp(chosen []int32) {
	many := len(s.sites)
	counts := (*[1 << 16]uint32)(s.counts)
	for i, a := range chosen {
		row := s.table[int(a)*many:][:many]
		for _, b := range chosen[i+1:] {
			counts[row[b]]++
		}
	}
}

func (s *smoother) count(chosen []int32) {
	for i, c := range chosen {
		s.x[i], s.y[i] = s.sites[c][0], s.sites[c][1]
	}
	per := 1 / s.width
	for i, x := range s.x {
		y := s.y[i]
		xs := s.x[i+1:]
		ys := s.y[i+1:][:len(xs)]
		for j, u := range xs {
			dx, dy := u-x, ys[j]-y
			s.counts[int(math.Sqrt(dx*dx+dy*dy)*per+0.5)]++
		}
	}
}

// weigh is count with the weights besides.
func (s *smoother) weigh(chosen []int32) {
	for i, a := range chosen {
		for j, b := range chosen[i+1:] {
			bin := s.between(int(a), int(b))
			s.counts[bin]++
			s.heavy[bin] += s.weights[i] * s.weights[i+1+j]
		}
	}
}

// silverman is Silverman of the distances in the bins.
func (s *smoother) silverman() float64 {
	var m, sum, squares float64
	for b, c := range s.counts[:s.bins] {
		if c != 0 {
			n, d := float64(c), float64(b)
			m, sum, squares = m+n, sum+n*d, squares+n*d*d
		}
	}
	deviation := math.Sqrt(max(0, squares-sum*sum/m) / (m - 1))
	return s.width * rule(deviation, s.quantile(m, 0.75)-s.quantile(m, 0.25), m)
}

func (s *smoother) quantile(m, q float64) float64 {
	at := q * (m - 1)
	whole := math.Floor(at)
	seen := 0.0
	for b, c := range s.counts[:s.bins] {
		seen += float64(c)
		if seen <= whole {
			continue
		}
		if seen > whole+1 || at == whole {
			return float64(b)
		}
		next := b + 1
		for s.counts[next] == 0 {
			next++
		}
		return float64(b) + (at-whole)*float64(next-b)
	}
	return float64(s.bins - 1)
}

// smooth gathers the bins to a lattice that is no finer than the bandwidth needs, and
// takes from the square of the bandwidth what the gathering adds to the spread.
func (s *smoother) smooth(h float64, out []float64) {
	group := 1
	for group < s.sub && 2*float64(group)*s.width <= h/16 {
		group *= 2
	}
	total := s.gather(group, h)
	cell := float64(group) * s.width
	added := s.width*s.width/12 + (cell*cell-s.width*s.width)/6
	narrow := math.Sqrt(h*h - added)
	s.kernel = s.kernel[:0]
	for t := 0; float64(t)*cell <= reach*h; t++ {
		u := float64(t) * cell / narrow
		s.kernel = append(s.kernel, math.Exp(-u*u/2))
	}
	scale := 1 / (total * narrow * math.Sqrt(2*math.Pi))
	pad := (len(s.coarse) - 1) / 2
	for k := range out {
		middle := pad + k*(s.sub/group)
		left, right := s.coarse[middle-len(s.kernel)+1:middle+1], s.coarse[middle:][:len(s.kernel)]
		sum := s.kernel[0] * right[0]
		for t := 1; t < len(s.kernel); t++ {
			sum += s.kernel[t] * (left[len(left)-1-t] + right[t])
		}
		out[k] = sum * scale
	}
}

// gather fills coarse with the distances and their mirror images, distance 0 in the
// middle, each shared between the two cells beside it, as far as the kernel sees from the
// end of the curve. It returns the weight of all distances.
func (s *smoother) gather(group int, h float64) (total float64) {
	cells := int((float64(s.steps*s.sub)+reach*h/s.width)/float64(group)) + 2
	if need := 2*cells + 1; cap(s.coarse) < need {
		s.coarse = make([]float64, need)
	} else {
		s.coarse = s.coarse[:need]
		clear(s.coarse)
	}
	right := s.coarse[cells:]
	add := func(b int, v float64) {
		total += v
		cell, rest := b/group, b%group
		if cell >= cells {
			return
		}
		part := v * float64(rest) / float64(group)
		right[cell] += v - part
		right[cell+1] += part
	}
	if s.weights == nil {
		for b, c := range s.counts[:s.bins] {
			if c != 0 {
				add(b, float64(c))
			}
		}
	} else {
		for b, v := range s.heavy {
			if v != 0 {
				add(b, v)
			}
		}
	}
	for i := 1; i <= cells; i++ {
		s.coarse[cells-i] = right[i]
	}
	right[0] *= 2
	return total
}
