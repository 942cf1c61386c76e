package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tidwall/rtree"
)

// nobody owns the sea and what lies beyond the areas of a topology.
const nobody = -1

// An arc is a piece of border between two junctions, or a whole ring without
// any. left and right are the owners on either side.
type arc struct {
	line        []vertex
	left, right int
}

// A topology holds the borders of areas that cover a part of the earth without
// overlap. Each border is kept once, so whatever is done to it is done to both
// sides and neighbours never part.
type topology struct{ arcs []arc }

// An owned is a ring that bounds an area of the owner.
type owned struct {
	ring  ring
	owner int
}

type edge struct{ a, b vertex }

// newTopology joins rings whose shared borders run through the same vertices.
// Borders between rings of one owner vanish. It fails where two owners claim
// the same side of a border.
func newTopology(rings []owned) (*topology, error) {
	left := map[edge]int{}
	for _, r := range rings {
		for i, a := range r.ring {
			e := edge{a, r.ring[(i+1)%len(r.ring)]}
			if other, ok := left[e]; ok && other != r.owner {
				return nil, fmt.Errorf("areas %d and %d overlap near %v", other, r.owner, a.xy())
			}
			left[e] = r.owner
		}
	}
	next := map[vertex][]vertex{}
	owners := func(a, b vertex) (l, r int) {
		l, r = nobody, nobody
		if o, ok := left[edge{a, b}]; ok {
			l = o
		}
		if o, ok := left[edge{b, a}]; ok {
			r = o
		}
		return l, r
	}
	for e := range left {
		if l, r := owners(e.a, e.b); l != r {
			next[e.a] = append(next[e.a], e.b)
			if r == nobody {
				next[e.b] = append(next[e.b], e.a)
			}
		}
	}
	return &topology{chain(next, owners)}, nil
}

// chain makes arcs of the edges from each vertex to its neighbours. Junctions
// come first, in order, so that the arcs do not depend on the order of the map.
func chain(next map[vertex][]vertex, owners func(a, b vertex) (int, int)) []arc {
	all := make([]vertex, 0, len(next))
	for v, to := range next {
		slices.SortFunc(to, compareVertex)
		all = append(all, v)
	}
	slices.SortFunc(all, compareVertex)
	used := map[edge]bool{}
	var arcs []arc
	follow := func(a, b vertex) {
		if used[edge{a, b}] {
			return
		}
		line := []vertex{a}
		for from, to := a, b; ; {
			used[edge{from, to}], used[edge{to, from}] = true, true
			line = append(line, to)
			if to == a || len(next[to]) != 2 {
				break
			}
			onward := next[to][0]
			if onward == from {
				onward = next[to][1]
			}
			from, to = to, onward
		}
		l, r := owners(line[0], line[1])
		arcs = append(arcs, arc{line, l, r})
	}
	for _, junction := range []bool{true, false} {
		for _, v := range all {
			if (len(next[v]) != 2) == junction {
				for _, to := range next[v] {
					follow(v, to)
				}
			}
		}
	}
	return arcs
}

// polygons gives the union of the areas whose owners are in the set.
func (t *topology) polygons(in func(owner int) bool) []polygon {
	from := map[vertex][][]vertex{}
	for _, a := range t.arcs {
		l, r := a.left != nobody && in(a.left), a.right != nobody && in(a.right)
		if l == r {
			continue
		}
		line := a.line
		if r {
			line = slices.Clone(line)
			slices.Reverse(line)
		}
		from[line[0]] = append(from[line[0]], line)
	}
	starts := make([]vertex, 0, len(from))
	for v := range from {
		starts = append(starts, v)
	}
	slices.SortFunc(starts, compareVertex)
	var found []ring
	for _, start := range starts {
		for len(from[start]) > 0 {
			found = append(found, walk(from, start).simple()...)
		}
	}
	return nest(found)
}

// walk takes lines out of from until it is back at the start. Where several lines
// leave a vertex it takes the first clockwise from where it came, so that the
// inside, which is on the left, is not crossed.
func walk(from map[vertex][][]vertex, start vertex) ring {
	var path ring
	at, came := start, start
	for {
		lines := from[at]
		best := 0
		for i := range lines {
			if turn(at, came, lines[i][1]) < turn(at, came, lines[best][1]) {
				best = i
			}
		}
		line := lines[best]
		from[at] = slices.Delete(slices.Clone(lines), best, best+1)
		path = append(path, line[:len(line)-1]...)
		came, at = line[len(line)-2], line[len(line)-1]
		if at == start {
			return path
		}
	}
}

// turn is the clockwise angle at v from the direction of came to that of to, in
// radians above 0 and up to 2π.
func turn(v, came, to vertex) float64 {
	angle := func(w vertex) float64 { return math.Atan2(float64(w.y-v.y), float64(w.x-v.x)) }
	d := math.Mod(angle(came)-angle(to)+4*math.Pi, 2*math.Pi)
	if d == 0 {
		d = 2 * math.Pi
	}
	return d
}

// borders gives the arcs between owners that are wanted; either owner may be
// nobody.
func (t *topology) borders(wanted func(left, right int) bool) [][]vertex {
	var lines [][]vertex
	for _, a := range t.arcs {
		if wanted(a.left, a.right) {
			lines = append(lines, a.line)
		}
	}
	return joinLines(lines)
}

// joinLines joins lines end to end where exactly two meet.
func joinLines(lines [][]vertex) [][]vertex {
	next := map[vertex][]vertex{}
	for _, line := range lines {
		for i := 1; i < len(line); i++ {
			next[line[i-1]] = append(next[line[i-1]], line[i])
			next[line[i]] = append(next[line[i]], line[i-1])
		}
	}
	arcs := chain(next, func(a, b vertex) (int, int) { return nobody, nobody })
	out := make([][]vertex, len(arcs))
	for i, a := range arcs {
		out[i] = a.line
	}
	return out
}

// simplify gives a topology with fewer vertices: none left out lies further than
// tolerance (degrees of latitude, at the vertex) from the line that replaces it.
// Where segments would cross or touch others the tolerance is halved until none
// does; islands too small for three vertices vanish.
func (t *topology) simplify(tolerance func(vertex) float64) (*topology, error) {
	limits := make([][]float64, len(t.arcs))
	for i, a := range t.arcs {
		for _, v := range a.line {
			limits[i] = append(limits[i], tolerance(v)*unitsPerDegree)
		}
	}
	var bad map[segment]bool
	for range 12 {
		out := &topology{make([]arc, len(t.arcs))}
		kept := make([][]int, len(t.arcs))
		for i, a := range t.arcs {
			kept[i] = thin(a.line, limits[i])
			if closed := a.line[0] == a.line[len(a.line)-1]; closed && len(kept[i]) < 4 {
				kept[i] = nil
			}
			out.arcs[i] = arc{pick(a.line, kept[i]), a.left, a.right}
		}
		if bad = out.crossings(); len(bad) == 0 {
			out.arcs = slices.DeleteFunc(out.arcs, func(a arc) bool { return len(a.line) == 0 })
			return out, nil
		}
		for s := range bad {
			for k := kept[s.arc][s.i]; k <= kept[s.arc][s.i+1]; k++ {
				limits[s.arc][k] /= 2
			}
		}
	}
	first := slices.MinFunc(slices.Collect(maps.Keys(bad)), func(a, b segment) int {
		return cmp.Or(cmp.Compare(a.arc, b.arc), cmp.Compare(a.i, b.i))
	})
	return nil, fmt.Errorf("borders cross near %v", t.arcs[first.arc].line[0].xy())
}

// thin is Douglas and Peucker's method with a tolerance, in units, for each vertex.
// It gives the indices of the vertices that stay. A closed line is held at its
// first vertex and the one furthest from it.
func thin(line []vertex, limits []float64) []int {
	keep := make([]bool, len(line))
	last := len(line) - 1
	keep[0], keep[last] = true, true
	var split func(i, j int)
	split = func(i, j int) {
		worst, at := 1.0, 0
		for k := i + 1; k < j; k++ {
			if d := distance(line[k], line[i], line[j]) / limits[k]; d > worst {
				worst, at = d, k
			}
		}
		if at > 0 {
			keep[at] = true
			split(i, at)
			split(at, j)
		}
	}
	if line[0] == line[last] {
		far := 0
		for k := range line {
			if distance(line[k], line[0], line[0]) > distance(line[far], line[0], line[0]) {
				far = k
			}
		}
		keep[far] = true
		split(0, far)
		split(far, last)
	} else {
		split(0, last)
	}
	var kept []int
	for i, k := range keep {
		if k {
			kept = append(kept, i)
		}
	}
	return kept
}

func pick(line []vertex, indices []int) []vertex {
	out := make([]vertex, len(indices))
	for i, k := range indices {
		out[i] = line[k]
	}
	return out
}

// distance from p to the segment a b in the scaled plane, in units.
func distance(p, a, b vertex) float64 {
	px, py := p.plane()
	ax, ay := a.plane()
	bx, by := b.plane()
	dx, dy := bx-ax, by-ay
	t := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		t = max(0, min(1, ((px-ax)*dx+(py-ay)*dy)/n))
	}
	return math.Hypot(px-ax-t*dx, py-ay-t*dy)
}

// A segment is the part of an arc from vertex i to the next.
type segment struct{ arc, i int }

// crossings gives the segments that meet others anywhere but at common ends.
func (t *topology) crossings() map[segment]bool {
	var tree rtree.RTreeG[segment]
	bad := map[segment]bool{}
	for i, a := range t.arcs {
		for k := 1; k < len(a.line); k++ {
			p, q := a.line[k-1], a.line[k]
			lo, hi := bounds(p, q)
			tree.Search(lo, hi, func(_, _ [2]float64, s segment) bool {
				other := t.arcs[s.arc].line
				if clash(p, q, other[s.i], other[s.i+1]) {
					bad[segment{i, k - 1}], bad[s] = true, true
				}
				return true
			})
			tree.Insert(lo, hi, segment{i, k - 1})
		}
	}
	return bad
}

func bounds(p, q vertex) (lo, hi [2]float64) {
	return [2]float64{float64(min(p.x, q.x)), float64(min(p.y, q.y))},
		[2]float64{float64(max(p.x, q.x)), float64(max(p.y, q.y))}
}

// clash tells whether the segments p q and r s meet in more than a common end.
func clash(p, q, r, s vertex) bool {
	if (p == r && q == s) || (p == s && q == r) {
		return true
	}
	side := func(a, b, c vertex) int { return cmp.Compare(cross(a, b, c), 0) }
	switch {
	case p == r:
		return overlaps(p, q, s)
	case p == s:
		return overlaps(p, q, r)
	case q == r:
		return overlaps(q, p, s)
	case q == s:
		return overlaps(q, p, r)
	}
	a, b, c, d := side(p, q, r), side(p, q, s), side(r, s, p), side(r, s, q)
	if a == 0 && b == 0 {
		plo, phi := bounds(p, q)
		rlo, rhi := bounds(r, s)
		return plo[0] <= rhi[0] && rlo[0] <= phi[0] && plo[1] <= rhi[1] && rlo[1] <= phi[1]
	}
	return a*b <= 0 && c*d <= 0
}

// overlaps tells whether the segments from a common end to b and to c lie on each
// other.
func overlaps(end, b, c vertex) bool {
	if cross(end, b, c) != 0 {
		return false
	}
	dot := int64(b.x-end.x)*int64(c.x-end.x) + int64(b.y-end.y)*int64(c.y-end.y)
	return dot > 0
}
