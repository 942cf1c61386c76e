package dbscan

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// AlphaShape is the area of the triangles of points whose circle around has at most a
// radius, in metres on the sphere (H. Edelsbrunner, D. G. Kirkpatrick and R. Seidel, IEEE
// Transactions on Information Theory 29, 1983). A radius of 0 is the least by which all
// points are in it and in one piece, though it may be joined at points. It has holes and
// parts where points are far apart. Rings are as those of Hull. It is nil where no
// triangle has such a radius, or the points do not fit on half a sphere.
func AlphaShape(points []orb.Point, radius float64) orb.MultiPolygon {
	plane, ok := newGnomonic(points)
	if !ok {
		return nil
	}
	s := shape{plane: plane}
	if !s.project(points) {
		return nil
	}
	if hull := convex(s.flat); len(hull) < 3 {
		return nil
	}
	if s.mesh = triangulate(s.flat); s.mesh == nil {
		return nil
	}
	s.measure()
	if radius == 0 {
		radius = s.whole()
	}
	s.keep = make([]bool, len(s.radius))
	for t, r := range s.radius {
		s.keep[t] = r <= radius*(1+1e-12)
	}
	return s.polygons(s.rings())
}

type shape struct {
	plane  *gnomonic
	flat   []orb.Point // different places, in a stereographic plane, where circles are circles
	at     []vector
	mesh   *mesh
	radius []float64 // of the circle around each triangle, in metres
	keep   []bool
}

// project puts the points in order along strips, to and fro, and in the plane.
func (s *shape) project(points []orb.Point) bool {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, comparePoints)
	sorted = slices.Compact(sorted)
	for _, p := range sorted {
		v := vectorOf(p)
		near := dot(&v, &s.plane.centre)
		if near < 0.0175 {
			return false
		}
		away := minus(&v, &s.plane.centre)
		s.at = append(s.at, v)
		s.flat = append(s.flat, orb.Point{2 * dot(away, &s.plane.east) / (1 + near), 2 * dot(away, &s.plane.north) / (1 + near)})
	}
	order := strips(s.flat)
	s.flat, s.at = picked(s.flat, order), picked(s.at, order)
	return true
}

func strips(points []orb.Point) []int {
	box := orb.MultiPoint(points).Bound()
	strip := max(1e-300, (box.Max[0]-box.Min[0])/math.Ceil(math.Sqrt(float64(len(points))/2)))
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := math.Floor((points[i][0]-box.Min[0])/strip), math.Floor((points[j][0]-box.Min[0])/strip)
		up := cmp.Or(cmp.Compare(points[i][1], points[j][1]), cmp.Compare(points[i][0], points[j][0]))
		if math.Mod(a, 2) == 1 {
			up = -up
		}
		return cmp.Or(cmp.Compare(a, b), up)
	})
	return order
}

func picked[T any](from []T, at []int) []T {
	out := make([]T, len(at))
	for i, n := range at {
		out[i] = from[n]
	}
	return out
}

func (s *shape) measure() {
	s.radius = make([]float64, len(s.mesh.all))
	for t, tri := range s.mesh.all {
		s.radius[t] = math.Inf(1)
		if !tri.gone && !slices.Contains(tri.corner[:], infinity) {
			s.radius[t] = around(&s.at[tri.corner[0]], &s.at[tri.corner[1]], &s.at[tri.corner[2]])
		}
	}
}

// around is the radius in metres of the circle on the sphere through three points.
func around(a, b, c *vector) float64 {
	ab, ac, bc := minus(b, a), minus(c, a), minus(c, b)
	n := cross(ab, ac)
	double := math.Sqrt(dot(n, n))
	sin := math.Sqrt(dot(ab, ab)*dot(ac, ac)*dot(bc, bc)) / (2 * double)
	if double == 0 || sin > 1 {
		return math.Inf(1)
	}
	return Radius * math.Asin(sin)
}

// whole is the least radius by which the triangles join all points.
func (s *shape) whole() float64 {
	order := make([]int, len(s.radius))
	parts := forest{tree: make([]int32, len(s.flat))}
	for i := range order {
		order[i] = i
	}
	for i := range parts.tree {
		parts.tree[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.radius[a], s.radius[b]) })
	left, radius := len(s.flat)-1, 0.0
	for _, t := range order {
		if left == 0 || math.IsInf(s.radius[t], 1) {
			break
		}
		radius = s.radius[t]
		c := s.mesh.all[t].corner
		for i := range 3 {
			if a, b := parts.root(c[i]), parts.root(c[(i+1)%3]); a != b {
				parts.tree[a] = b
				left--
			}
		}
	}
	return radius
}

// rings are the ways around what is kept, which is on the left: none goes through a place
// twice.
func (s *shape) rings() (out [][]int32) {
	walked := make([][3]bool, len(s.keep))
	for t := range s.keep {
		for e := range 3 {
			if s.keep[t] && !walked[t][e] && !s.keep[s.mesh.all[t].beside[e]] {
				out = append(out, s.walk(walked, int32(t), e)...)
			}
		}
	}
	return out
}

// walk follows the edge across from corner e of a triangle, from its first end to its
// second, and the next edge around there, until it is back. It parts rings where it comes
// to a place again.
func (s *shape) walk(walked [][3]bool, t int32, e int) (out [][]int32) {
	var path []int32
	placed := map[int32]int{}
	for !walked[t][e] {
		walked[t][e] = true
		tri := &s.mesh.all[t]
		from, to := tri.corner[(e+1)%3], tri.corner[(e+2)%3]
		if at, again := placed[from]; again {
			out = append(out, slices.Clone(path[at:]))
			for _, p := range path[at:] {
				delete(placed, p)
			}
			path = path[:at]
		}
		placed[from] = len(path)
		path = append(path, from)
		// Turn about the end through what is kept: the edge that leaves it.
		e = (e + 1) % 3
		for other := tri.beside[e]; s.keep[other]; other = s.mesh.all[t].beside[e] {
			t = other
			for k, c := range s.mesh.all[t].corner {
				if c == to {
					e = (k + 2) % 3 // across from the corner before: leaves this one
				}
			}
		}
	}
	if len(path) > 0 {
		out = append(out, path)
	}
	return out
}

// polygons puts rings together: each hole into the least area around it.
func (s *shape) polygons(rings [][]int32) orb.MultiPolygon {
	type piece struct {
		ring orb.Ring
		area float64
	}
	var areas, holes []piece
	for _, r := range rings {
		ring := orb.Ring(picked(s.flat, ints(r)))
		ring = append(ring, ring[0])
		if a := planar.Area(ring); a > 0 {
			areas = append(areas, piece{ring, a})
		} else {
			holes = append(holes, piece{ring, -a})
		}
	}
	slices.SortStableFunc(areas, func(a, b piece) int { return cmp.Compare(a.area, b.area) })
	out := make(orb.MultiPolygon, len(areas))
	for i, a := range areas {
		out[i] = orb.Polygon{s.onSphere(a.ring)}
	}
	for _, h := range holes {
		middle := orb.Point{(h.ring[0][0] + h.ring[1][0]) / 2, (h.ring[0][1] + h.ring[1][1]) / 2}
		for i, a := range areas {
			if a.area > h.area && planar.RingContains(a.ring, middle) {
				out[i] = append(out[i], s.onSphere(h.ring))
				break
			}
		}
	}
	return out
}

func ints(from []int32) []int {
	out := make([]int, len(from))
	for i, v := range from {
		out[i] = int(v)
	}
	return out
}

// onSphere is a ring of the stereographic plane.
func (s *shape) onSphere(ring orb.Ring) orb.Ring {
	flat := make([]orb.Point, len(ring))
	for i, p := range ring { // in the gnomonic plane
		k := 1 - (p[0]*p[0]+p[1]*p[1])/4
		flat[i] = orb.Point{p[0] / k, p[1] / k}
	}
	return s.plane.line(flat)
}
