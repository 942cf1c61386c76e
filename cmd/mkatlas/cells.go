package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
	"github.com/tidwall/rtree"
)

const (
	// siteGap keeps cells from becoming slivers.
	siteGap = 0.02 // degrees
	// cellTolerance takes the teeth out of the borders between cells; the places
	// lie some 0.1° apart, so nothing finer means anything.
	cellTolerance = 0.02 // degrees
	// frameMargin is how far beyond a province's box its cells reach before they
	// are cut by its outline.
	frameMargin = 1000.0 // units
	// A piece of a unit apart from its largest goes to its neighbour in the
	// province if it is smaller than this share of the unit: a misplaced record,
	// or the far shore of a river mouth.
	strayShare = 0.25
)

// A tiling divides China into units without gaps or overlaps. The owner of a ring
// is the unit's number in the gazetteer.
type tiling struct {
	gazetteer *gazetteer
	*topology
}

// newTiling cuts each province into the cells of its units.
func newTiling(w *world, g *gazetteer) (*tiling, error) {
	var all []owned
	for _, code := range w.owners {
		if _, ok := g.divisions[code]; !ok {
			continue
		}
		cells, err := provinceCells(w.province(code), code, g)
		if err != nil {
			return nil, fmt.Errorf("cells of %s: %w", code, err)
		}
		all = append(all, cells...)
	}
	t, err := newTopology(weld(all))
	if err != nil {
		return nil, err
	}
	whole, err := t.adopt(len(g.units), func(a, b int) bool { return g.units[a].adcode[:2] == g.units[b].adcode[:2] })
	return &tiling{g, whole}, err
}

// provinceCells cuts a province's outline by the cells of its units.
func provinceCells(outline []polygon, code string, g *gazetteer) ([]owned, error) {
	number := map[string]int{}
	for i, u := range g.units {
		if u.adcode[:2] == code[:2] {
			number[u.adcode] = i
		}
	}
	var out []owned
	if i, whole := number[code]; whole {
		for _, p := range outline {
			for _, r := range p {
				out = append(out, owned{r, i})
			}
		}
		return out, nil
	}
	var places []*place
	for _, p := range g.places {
		if _, ok := number[p.unit]; ok {
			places = append(places, p)
		}
	}
	slices.SortStableFunc(places, func(a, b *place) int { return cmp.Compare(a.order(), b.order()) })
	gap := func(*place) float64 { return siteGap }
	return cut(outline, places, gap, func(p *place) int { return number[p.unit] })
}

// cut divides an outline into the cells of the owners of places. Of places closer
// than gap the first counts.
func cut(outline []polygon, places []*place, gap func(*place) float64, owner func(*place) int) ([]owned, error) {
	var cells []owned
	owners := map[int]bool{}
	lo, hi := frame(outline)
	for _, s := range sites(places, gap, lo, hi) {
		o := owner(s.place)
		cells = append(cells, owned{s.cell, o})
		owners[o] = true
	}
	rough, err := newTopology(cells)
	if err != nil {
		return nil, err
	}
	smooth, err := rough.simplify(func(vertex) float64 { return cellTolerance })
	if err != nil {
		return nil, err
	}
	whole := geometry(outline)
	var out []owned
	for _, i := range slices.Sorted(maps.Keys(owners)) {
		cut, err := geom.Intersection(geometry(smooth.polygons(func(owner int) bool { return owner == i })), whole)
		if err != nil {
			return nil, fmt.Errorf("owner %d: %w", i, err)
		}
		for _, r := range rings(cut) {
			out = append(out, owned{r, i})
		}
	}
	return out, nil
}

// A site is a place and what is nearer to it than to any other.
type site struct {
	place *place
	cell  ring
}

// frame gives a box around an outline, in the scaled plane.
func frame(outline []polygon) (lo, hi [2]float64) {
	lo, hi = [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, p := range outline {
		for _, v := range p[0] {
			x, y := v.plane()
			for axis, c := range [2]float64{x, y} {
				lo[axis] = min(lo[axis], c-frameMargin)
				hi[axis] = max(hi[axis], c+frameMargin)
			}
		}
	}
	return lo, hi
}

// sites gives the Voronoi cells, within the box, of places that are not closer than
// their gap, in degrees, to one before.
func sites(places []*place, gap func(*place) float64, lo, hi [2]float64) []site {
	near := new(placeIndex)
	var in []*place
	for _, p := range places {
		if near.distance(p) < gap(p)*unitsPerDegree {
			continue
		}
		near.add(p)
		in = append(in, p)
	}
	out := make([]site, len(in))
	for i, p := range in {
		out[i] = site{p, voronoi(p, near, lo, hi)}
	}
	return out
}

// voronoi clips the box by the bisectors between p and its neighbours, the nearest
// first, until the next is too far to cut anything.
func voronoi(p *place, near *placeIndex, lo, hi [2]float64) ring {
	at := p.point()
	cell := [][2]float64{lo, {hi[0], lo[1]}, hi, {lo[0], hi[1]}}
	near.around(p, func(q *place, d float64) bool {
		if q == p {
			return true
		}
		reach := 0.0
		for _, c := range cell {
			reach = max(reach, math.Hypot(c[0]-at[0], c[1]-at[1]))
		}
		if d > 2*reach {
			return false
		}
		cell = clipBisector(cell, at, q.point())
		return true
	})
	// Midpoints between places lie on half units. Without the nudge the last digit
	// would decide, for each neighbour on its own, whether they go up or down.
	const nudge = 1e-3
	out := make(ring, len(cell))
	for i, c := range cell {
		out[i] = vertex{int32(math.Round(c[0]/lonScale + nudge)), int32(math.Round(c[1] + nudge))}
	}
	return out.tidy()
}

// clipBisector keeps the part of a convex ring that is nearer to a than to b.
func clipBisector(cell [][2]float64, a, b [2]float64) [][2]float64 {
	side := func(c [2]float64) float64 {
		return (b[0]-a[0])*(c[0]-(a[0]+b[0])/2) + (b[1]-a[1])*(c[1]-(a[1]+b[1])/2)
	}
	var out [][2]float64
	for i, c := range cell {
		next := cell[(i+1)%len(cell)]
		s, t := side(c), side(next)
		if s <= 0 {
			out = append(out, c)
		}
		if (s < 0 && t > 0) || (s > 0 && t < 0) {
			k := s / (s - t)
			out = append(out, [2]float64{c[0] + k*(next[0]-c[0]), c[1] + k*(next[1]-c[1])})
		}
	}
	return out
}

// weld gives each ring the vertices of others that lie on its edges, so that
// shared borders have the same vertices on both sides. A vertex within three
// quarters of a unit counts as on the edge: what rounding moves it at most.
func weld(all []owned) []owned {
	var tree rtree.RTreeG[vertex]
	seen := map[vertex]bool{}
	for _, o := range all {
		for _, v := range o.ring {
			if !seen[v] {
				seen[v] = true
				at, _ := bounds(v, v)
				tree.Insert(at, at, v)
			}
		}
	}
	out := make([]owned, 0, len(all))
	for _, o := range all {
		var r ring
		for i, a := range o.ring {
			b := o.ring[(i+1)%len(o.ring)]
			lo, hi := bounds(a, b)
			for axis := range 2 {
				lo[axis]--
				hi[axis]++
			}
			var on []vertex
			tree.Search(lo, hi, func(_, _ [2]float64, v vertex) bool {
				if v != a && v != b && distance(v, a, b) < 0.75 {
					on = append(on, v)
				}
				return true
			})
			slices.SortFunc(on, func(v, w vertex) int {
				if d := distance(v, a, a) - distance(w, a, a); d != 0 {
					return int(math.Copysign(1, d))
				}
				return compareVertex(v, w)
			})
			r = append(append(r, a), on...)
		}
		for _, s := range r.tidy().simple() {
			out = append(out, owned{s, o.owner})
		}
	}
	return out
}

// adopt gives stray pieces of the n owners to the neighbour with which they share
// the longest border, if mayTake allows it.
func (t *topology) adopt(n int, mayTake func(owner, by int) bool) (*topology, error) {
	type piece struct {
		polygon polygon
		owner   int
		stray   bool
	}
	var pieces []piece
	var all []owned
	for owner := range n {
		polygons := t.polygons(func(o int) bool { return o == owner })
		total := 0.0
		for _, p := range polygons {
			total += p.area()
		}
		for i, p := range polygons {
			for _, r := range p {
				all = append(all, owned{r, len(pieces)})
			}
			pieces = append(pieces, piece{p, owner, i > 0 && p.area() < strayShare*total})
		}
	}
	faces, err := newTopology(all)
	if err != nil {
		return nil, err
	}
	shared := map[[2]int]float64{}
	for _, a := range faces.arcs {
		if a.left != nobody && a.right != nobody && mayTake(pieces[a.left].owner, pieces[a.right].owner) {
			shared[[2]int{a.left, a.right}] += length(a.line)
			shared[[2]int{a.right, a.left}] += length(a.line)
		}
	}
	var out []owned
	for i, p := range pieces {
		owner, longest := p.owner, 0.0
		for j, q := range pieces {
			if border := shared[[2]int{i, j}]; p.stray && !q.stray && border > longest {
				owner, longest = q.owner, border
			}
		}
		for _, r := range p.polygon {
			out = append(out, owned{r, owner})
		}
	}
	return newTopology(out)
}

func length(line []vertex) float64 {
	sum := 0.0
	for i := 1; i < len(line); i++ {
		sum += distance(line[i], line[i-1], line[i-1])
	}
	return sum
}

// area gives the outline of the units whose codes begin as the adcode does: a
// province, a prefecture or a county directly below a province.
func (t *tiling) outline(adcodes ...string) []polygon {
	in := make([]bool, len(t.gazetteer.units))
	for i, u := range t.gazetteer.units {
		in[i] = slices.ContainsFunc(adcodes, func(code string) bool {
			return strings.HasPrefix(u.adcode, strings.TrimSuffix(strings.TrimSuffix(code, "00"), "00"))
		})
	}
	return t.polygons(func(owner int) bool { return in[owner] })
}
