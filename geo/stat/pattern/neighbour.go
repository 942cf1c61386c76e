package pattern

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Neighbours is the test of P. J. Clark and F. C. Evans (Ecology 35, 1954): the mean
// distance to the nearest neighbour beside that of complete randomness. Index below 1 is
// clustered, above 1 is regular.
type Neighbours struct {
	N                  int
	Observed, Expected float64 // metres
	Index, Z, P        float64 // P is two-sided
}

// Ground is where points could lie, for ClarkEvans. With a Perimeter the expected
// distance is that of K. P. Donnelly (1978), who allows for points near the edge, whose
// neighbours may lie beyond it; he asks that the area be compact and n be at least 7.
// Without one the index is too high for want of those neighbours.
type Ground struct {
	Area      float64 // square metres
	Perimeter float64 // metres; 0 makes no allowance for the edge
}

// ClarkEvans tests points given as longitude and latitude in degrees. Distances are
// along great circles.
func ClarkEvans(lonlat []orb.Point, g Ground) (Neighbours, error) {
	if len(lonlat) < 2 {
		return Neighbours{}, ErrTooFew
	}
	if !(g.Area > 0) {
		return Neighbours{}, ErrNoSpread
	}
	return clarkEvans(Nearest(lonlat), g), nil
}

func clarkEvans(nearest []float64, g Ground) Neighbours {
	n := float64(len(nearest))
	sum := 0.0
	nearest = slices.Sorted(slices.Values(nearest)) // for the same sum in any order
	for _, d := range nearest {
		sum += d
	}
	r := Neighbours{N: len(nearest), Observed: sum / n}
	r.Expected = math.Sqrt(g.Area/n) / 2
	variance := (4 - math.Pi) / (4 * math.Pi) * g.Area / (n * n)
	if g.Perimeter > 0 {
		r.Expected += (0.0514 + 0.0412/math.Sqrt(n)) * g.Perimeter / n
		variance = 0.0703*g.Area/(n*n) + 0.037*g.Perimeter*math.Sqrt(g.Area/(n*n*n*n*n))
	}
	r.Index = r.Observed / r.Expected
	r.Z = (r.Observed - r.Expected) / math.Sqrt(variance)
	r.P = math.Erfc(math.Abs(r.Z) / math.Sqrt2)
	return r
}

// Nearest is the distance of each point, given as longitude and latitude in degrees, to
// the nearest other one along a great circle.
func Nearest(lonlat []orb.Point) []float64 {
	t := newTree(lonlat)
	out := make([]float64, len(lonlat))
	for slot, i := range t.index {
		chord := math.Sqrt(t.nearest(slot, 0, len(t.index), 0, math.Inf(1)))
		out[i] = 2 * EarthRadius * math.Asin(min(1, chord/2))
	}
	return out
}

// tree is a k-d tree of unit vectors without pointers: the middle of each range of slots
// splits it by x, y and z in turn.
type tree struct {
	at    [][3]float64
	index []int // of the point in each slot
}

func newTree(lonlat []orb.Point) *tree {
	t := &tree{make([][3]float64, len(lonlat)), make([]int, len(lonlat))}
	all := make([][3]float64, len(lonlat))
	for i, p := range lonlat {
		sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
		sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
		all[i] = [3]float64{cosLat * cosLon, cosLat * sinLon, sinLat}
		t.index[i] = i
	}
	var split func(index []int, axis int)
	split = func(index []int, axis int) {
		if len(index) < 2 {
			return
		}
		slices.SortFunc(index, func(a, b int) int {
			switch {
			case all[a][axis] < all[b][axis]:
				return -1
			case all[a][axis] > all[b][axis]:
				return 1
			}
			return a - b
		})
		mid := len(index) / 2
		split(index[:mid], (axis+1)%3)
		split(index[mid+1:], (axis+1)%3)
	}
	split(t.index, 0)
	for slot, i := range t.index {
		t.at[slot] = all[i]
	}
	return t
}

// nearest is the least squared chord from the point in a slot to those in slots from lo
// up to hi, or best if that is less.
func (t *tree) nearest(slot, lo, hi, axis int, best float64) float64 {
	if lo >= hi {
		return best
	}
	p, mid := t.at[slot], (lo+hi)/2
	q := t.at[mid]
	if mid != slot {
		x, y, z := p[0]-q[0], p[1]-q[1], p[2]-q[2]
		best = min(best, x*x+y*y+z*z)
	}
	next, gap := (axis+1)%3, p[axis]-q[axis]
	if gap < 0 {
		best = t.nearest(slot, lo, mid, next, best)
		if gap*gap < best {
			best = t.nearest(slot, mid+1, hi, next, best)
		}
		return best
	}
	best = t.nearest(slot, mid+1, hi, next, best)
	if gap*gap < best {
		best = t.nearest(slot, lo, mid, next, best)
	}
	return best
}
