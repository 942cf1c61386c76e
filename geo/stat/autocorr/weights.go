// Package autocorr asks whether values at places are more alike, or higher or
// lower together, than if they had been dealt out by chance: Moran's I and the
// general G for the whole, local Moran and Gi* for each place.
//
// Places are known by their slot, values are plain numbers, neighbours are
// Weights. The package knows no features and no files. Points are longitude,
// latitude in degrees; distance is along the great circle of a sphere with a
// radius of 6,371,008.8 m. What chance decides comes from a seed and is the same
// whatever the number of workers.
package autocorr

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// earthRadius is the mean radius of the earth in metres.
const earthRadius = 6_371_008.8

// maxLinks bounds the memory and time of weights that join nearly all with all.
const maxLinks = 10_000_000

var (
	// ErrK reports a number of neighbours that is not from 1 to n - 1.
	ErrK = errors.New("autocorr: the number of neighbours must be at least 1 and less than the number of places")
	// ErrBand reports a distance that is not positive.
	ErrBand = errors.New("autocorr: the distance must be positive")
	// ErrDense reports weights with too many pairs of neighbours.
	ErrDense = errors.New("autocorr: there are more than 10,000,000 pairs of neighbours")
	// ErrSlot reports a neighbour that is no place.
	ErrSlot = errors.New("autocorr: a neighbour is not among the places")
)

// Weights says which places are neighbours of which. All neighbours of one place
// weigh the same: 1, or, with rows standardised, one over their number. No place
// is its own neighbour. A Weights is not changed once it is made.
type Weights struct {
	start        []int32 // neighbours of i are slots[start[i]:start[i+1]], ascending
	slots        []int32
	standardised bool
	scale        float64
}

// Neighbours makes binary weights of lists of neighbours. A slot that is listed
// twice counts once and a place in its own list not at all. The lists need not be
// symmetric.
func Neighbours(lists [][]int) (*Weights, error) {
	w := &Weights{start: make([]int32, 1, len(lists)+1), scale: 1}
	for i, list := range lists {
		from := len(w.slots)
		for _, j := range list {
			if j < 0 || j >= len(lists) {
				return nil, ErrSlot
			}
			if j != i {
				w.slots = append(w.slots, int32(j))
			}
		}
		slices.Sort(w.slots[from:])
		w.slots = w.slots[:from+len(slices.Compact(w.slots[from:]))]
		if len(w.slots) > maxLinks {
			return nil, ErrDense
		}
		w.start = append(w.start, int32(len(w.slots)))
	}
	return w, nil
}

// Nearest makes binary weights in which each point has its k nearest others.
// Where two are equally far the more western and then the more southern is taken,
// so that the order of the points does not matter.
func Nearest(points []orb.Point, k int) (*Weights, error) {
	if k < 1 || k >= len(points) {
		return nil, ErrK
	}
	if k > maxLinks/len(points) {
		return nil, ErrDense
	}
	t := newTree(points)
	lists := make([][]int, len(points))
	for i := range points {
		lists[i] = t.nearest(i, k)
	}
	return Neighbours(lists)
}

// Band makes binary weights in which all points within so many metres of each
// other are neighbours.
func Band(points []orb.Point, metres float64) (*Weights, error) {
	if !(metres > 0) {
		return nil, ErrBand
	}
	t := newTree(points)
	lists, links := make([][]int, len(points)), 0
	for i := range points {
		lists[i] = t.within(i, metres)
		if links += len(lists[i]); links > maxLinks {
			return nil, ErrDense
		}
	}
	return Neighbours(lists)
}

// Reach is the least distance in metres within which each point has another, 0 where
// there are not two.
func Reach(points []orb.Point) float64 {
	t, farthest := newTree(points), 0.0
	for i := range points {
		for _, j := range t.nearest(i, 1) {
			farthest = max(farthest, t.chord2(i, j))
		}
	}
	return 2 * earthRadius * math.Asin(min(1, math.Sqrt(farthest)/2))
}

// Shared makes binary weights of polygons that have an edge in common: two
// vertices that follow each other in a ring of both, to a tenth of a microdegree.
// A corner alone makes no neighbours.
func Shared(shapes []orb.MultiPolygon) *Weights {
	owners := map[edge][]int{}
	for i, shape := range shapes {
		for _, polygon := range shape {
			for _, ring := range polygon {
				for v := 1; v < len(ring); v++ {
					e := edgeOf(ring[v-1], ring[v])
					if list := owners[e]; e.a != e.b && (len(list) == 0 || list[len(list)-1] != i) {
						owners[e] = append(list, i)
					}
				}
			}
		}
	}
	lists := make([][]int, len(shapes))
	for _, list := range owners {
		for _, i := range list {
			for _, j := range list {
				if i != j {
					lists[i] = append(lists[i], j)
				}
			}
		}
	}
	w, err := Neighbours(lists)
	if err != nil {
		panic(err) // an edge of more than a few shapes is no map
	}
	return w
}

type vertex struct{ x, y int64 }

// edge is two vertices, the lesser first.
type edge struct{ a, b vertex }

func edgeOf(p, q orb.Point) edge {
	a := vertex{int64(math.Round(p[0] * 1e7)), int64(math.Round(p[1] * 1e7))}
	b := vertex{int64(math.Round(q[0] * 1e7)), int64(math.Round(q[1] * 1e7))}
	if c := cmp.Compare(a.x, b.x); c > 0 || c == 0 && a.y > b.y {
		a, b = b, a
	}
	return edge{a, b}
}

// Standardised is w with rows that sum to 1, but for places without neighbours.
func (w *Weights) Standardised() *Weights {
	s := *w
	s.standardised = true
	return &s
}

// Scaled is w with each weight multiplied by a positive factor.
func (w *Weights) Scaled(factor float64) *Weights {
	s := *w
	s.scale *= factor
	return &s
}

// Len is the number of places.
func (w *Weights) Len() int { return len(w.start) - 1 }

// Links is the number of ordered pairs of neighbours.
func (w *Weights) Links() int { return len(w.slots) }

// Of is the neighbours of place i, ascending. It must not be changed.
func (w *Weights) Of(i int) []int32 { return w.slots[w.start[i]:w.start[i+1]] }

// Islands are the places that have no neighbours.
func (w *Weights) Islands() []int {
	var islands []int
	for i := range w.Len() {
		if w.degree(i) == 0 {
			islands = append(islands, i)
		}
	}
	return islands
}

func (w *Weights) degree(i int) int { return int(w.start[i+1] - w.start[i]) }

// weight is that of each neighbour of place i, 0 if it has none.
func (w *Weights) weight(i int) float64 {
	switch k := w.degree(i); {
	case k == 0:
		return 0
	case w.standardised:
		return w.scale / float64(k)
	}
	return w.scale
}

// sum is that of the values at the neighbours of place i, unweighted.
func (w *Weights) sum(i int, x []float64) float64 {
	var s float64
	for _, j := range w.Of(i) {
		s += x[j]
	}
	return s
}

// without is w and x without the places that have no neighbours and are nobody's.
func (w *Weights) without(x []float64) (*Weights, []float64) {
	used := make([]bool, w.Len())
	for i := range used {
		used[i] = used[i] || w.degree(i) > 0
		for _, j := range w.Of(i) {
			used[j] = true
		}
	}
	if !slices.Contains(used, false) {
		return w, x
	}
	slot, n := make([]int32, len(used)), int32(0)
	values := make([]float64, 0, len(x))
	for i, u := range used {
		if slot[i] = n; u {
			values = append(values, x[i])
			n++
		}
	}
	rest := &Weights{start: make([]int32, 1, n+1), standardised: w.standardised, scale: w.scale}
	for i, u := range used {
		if u {
			for _, j := range w.Of(i) {
				rest.slots = append(rest.slots, slot[j])
			}
			rest.start = append(rest.start, int32(len(rest.slots)))
		}
	}
	return rest, values
}

// sums are S0, S1 and S2 of Cliff and Ord.
func (w *Weights) sums() (s0, s1, s2 float64) {
	columns := make([]float64, w.Len())
	for i := range columns {
		wi := w.weight(i)
		for _, j := range w.Of(i) {
			s0 += wi
			s1 += wi * wi
			columns[j] += wi
			if _, back := slices.BinarySearch(w.Of(int(j)), int32(i)); back {
				s1 += wi * w.weight(int(j))
			}
		}
	}
	for i, c := range columns {
		both := c + w.weight(i)*float64(w.degree(i))
		s2 += both * both
	}
	return s0, s1, s2
}
