package dbscan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"
)

// TestMesh holds that no point is in the circle around a triangle, and that the triangles
// cover the convex hull; also of points on a grid, where circles go through many.
func TestMesh(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 40 {
		var points []orb.Point
		for range 5 + round*3 {
			p := orb.Point{r.Float64(), r.Float64()}
			if round%2 == 1 {
				p = orb.Point{float64(r.IntN(8)), float64(r.IntN(8)) / 3}
			}
			points = append(points, p)
		}
		slices.SortFunc(points, comparePoints)
		points = slices.Compact(points)
		points = picked(points, strips(points))
		m := triangulate(points)
		area := 0.0
		for _, tri := range m.all {
			if tri.gone || slices.Contains(tri.corner[:], infinity) {
				continue
			}
			a, b, c := points[tri.corner[0]], points[tri.corner[1]], points[tri.corner[2]]
			if side(a, b, c) <= 0 {
				t.Fatalf("the triangle %v %v %v is not counterclockwise", a, b, c)
			}
			area += turn(a, b, c) / 2
			for _, p := range points {
				if inCircle(a, b, c, p) > 0 {
					t.Fatalf("%v is in the circle around %v %v %v", p, a, b, c)
				}
			}
		}
		hull := orb.Ring(convex(points))
		if want := planar.Area(append(hull, hull[0])); math.Abs(area-want) > 1e-12*want {
			t.Errorf("the triangles cover %v, the hull %v", area, want)
		}
	}
	if triangulate([]orb.Point{{0, 0}, {1, 1}, {2, 2}, {3, 3}}) != nil {
		t.Error("a line has triangles")
	}
}

func TestHull(t *testing.T) {
	square := []orb.Point{{179, 1}, {-179, 1}, {-179, -1}, {179, -1}, {180, 0}}
	hull, ok := Hull(square).(orb.Polygon)
	if !ok {
		t.Fatalf("the hull is %v", Hull(square))
	}
	for _, p := range square[:4] {
		if !slices.ContainsFunc(hull[0], func(q orb.Point) bool { return math.Hypot(p[0]-q[0], p[1]-q[1]) < 1e-9 }) {
			t.Errorf("%v is no corner of %v", p, hull)
		}
	}
	// Between parallels of 1 degree; great circles bulge from them by little.
	if got, want := Area(hull), 4*math.Pow(math.Pi/180*Radius, 2)*math.Sin(math.Pi/180)/(math.Pi/180); math.Abs(got/want-1) > 2e-4 {
		t.Errorf("the area is %v, want about %v", got, want)
	}
	octant := []orb.Point{{0, 0}, {90, 0}, {0, 90}}
	if got, want := Area(Hull(octant)), math.Pi/2*Radius*Radius; math.Abs(got/want-1) > 1e-12 {
		t.Errorf("the area of an octant is %v, want %v", got, want)
	}
	pole := []orb.Point{{0, 89}, {90, 89}, {180, 89}, {-90, 89}, {7, 89.5}}
	if got, want := Area(Hull(pole)), 2*math.Pow(math.Pi/180*Radius, 2); math.Abs(got/want-1) > 1e-3 {
		t.Errorf("the area about the pole is %v, want %v", got, want)
	}
	if g := Hull([]orb.Point{{1, 2}, {1, 2}}); g != (orb.Point{1, 2}) {
		t.Errorf("of one place it is %v", g)
	}
	for _, line := range [][]orb.Point{{{1, 2}, {3, 4}}, {{120, 30}, {120, 31}, {120, 32}, {120, 35}}, {{10, 0}, {20, 0}, {15, 0}}} {
		if g, ok := Hull(line).(orb.LineString); !ok || Area(g) != 0 {
			t.Errorf("of a line it is %v", g)
		}
	}
	for _, far := range [][]orb.Point{{{0, 0}, {180, 0}}, {{0, 0}, {120, 0}, {-120, 0}}, {{0, 0}, {120, 0}, {-120, 10}, {0, 90}}, nil} {
		if g := Hull(far); g != nil {
			t.Errorf("of half a sphere it is %v", g)
		}
	}
}

func TestAlphaShape(t *testing.T) {
	var ring []orb.Point // a C about a place, which is no place of it
	for i := range 200 {
		sin, cos := math.Sincos(0.5 + float64(i)*(2*math.Pi-1)/200)
		for k := range 3 {
			s := 1 + 0.1*float64(k)
			ring = append(ring, orb.Point{60 + s*cos, 10 + s*sin})
		}
	}
	shape := AlphaShape(ring, 0)
	if len(shape) != 1 || planar.MultiPolygonContains(shape, orb.Point{60, 10}) || planar.MultiPolygonContains(shape, orb.Point{61.1, 10}) || !planar.MultiPolygonContains(shape, orb.Point{58.9, 10}) {
		t.Errorf("the C is %d parts", len(shape))
	}
	hull := Area(Hull(ring))
	if got := Area(shape[0]); got > hull/3 || got < hull/5 {
		t.Errorf("the C covers %v, its hull %v", got, hull)
	}
	if all := AlphaShape(ring, 1e7); len(all) != 1 || math.Abs(Area(all[0])/hull-1) > 1e-9 {
		t.Errorf("with a wide radius it covers %v, the hull %v", Area(all[0]), hull)
	}
	if g := AlphaShape([]orb.Point{{120, 30}, {120, 31}, {120, 32}, {120, 35}}, 0); g != nil {
		t.Errorf("a line has %v", g)
	}
	if g := AlphaShape(ring, 10); len(g) != 0 {
		t.Errorf("with a narrow radius it is %v", g)
	}
}

// Shapes are valid, wind right and have their points in them, whatever the radius.
func TestAlphaShapesAreValid(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for round := range 60 {
		var points []orb.Point
		for range 10 + round*5 {
			points = append(points, orb.Point{100 + float64(r.IntN(25))/10, 20 + float64(r.IntN(25))/10})
		}
		if round%3 == 0 {
			points = random(10+round*5, uint64(round))[10:]
			for i, p := range points {
				points[i] = orb.Point{20 + p[0]/50, p[1] / 50}
			}
		}
		for _, radius := range []float64{0, 9e3, 15e3, 30e3, 90e3} {
			shape := AlphaShape(points, radius)
			var polygons []geom.Polygon
			for _, p := range shape {
				var rings []geom.LineString
				for i, ring := range p {
					if (i == 0) != (ring.Orientation() == orb.CCW) {
						t.Fatalf("ring %d winds the wrong way", i)
					}
					var xy []float64
					for _, c := range ring {
						xy = append(xy, c[0], c[1])
					}
					rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
				}
				polygons = append(polygons, geom.NewPolygon(rings))
			}
			if err := geom.NewMultiPolygon(polygons).Validate(); err != nil {
				t.Fatalf("round %d, radius %v: %v", round, radius, err)
			}
			if radius > 0 {
				continue
			}
			corners := map[orb.Point]bool{}
			for _, p := range shape {
				for _, ring := range p {
					for _, c := range ring {
						corners[orb.Point{math.Round(c[0] * 1e9), math.Round(c[1] * 1e9)}] = true
					}
				}
			}
			for _, p := range points {
				if !corners[orb.Point{math.Round(p[0] * 1e9), math.Round(p[1] * 1e9)}] && !planar.MultiPolygonContains(shape, p) {
					t.Fatalf("round %d: %v is outside", round, p)
				}
			}
		}
	}
}
