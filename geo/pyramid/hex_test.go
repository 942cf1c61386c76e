package pyramid

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"clustermap/geo"
)

// groundArea is the area of a polygon on WGS 84 in km², with edges straight in
// longitude and latitude: the strip below each edge is added up by Simpson's rule.
func groundArea(g orb.Geometry) float64 {
	const e2 = (2 - 1/298.257223563) / 298.257223563
	width := func(lat float64) float64 { // of a band, by radian of longitude and of latitude
		sin, cos := math.Sincos(lat)
		part := 1 - e2*sin*sin
		return 6378.137 * 6378.137 * (1 - e2) * cos / (part * part)
	}
	simpson := func(f func(float64) float64, from, to float64, steps int) float64 {
		h := (to - from) / float64(2*steps)
		total := f(from) + f(to)
		for i := 1; i < 2*steps; i++ {
			total += f(from+float64(i)*h) * float64(2+2*(i%2))
		}
		return total * h / 3
	}
	// Latitudes are counted from that of the first point, lest great strips cancel.
	area := func(ring orb.Ring) (total float64) {
		start := ring[0][1] * math.Pi / 180
		for i := 1; i < len(ring); i++ {
			lon := (ring[i][0] - ring[i-1][0]) * math.Pi / 180
			from, to := ring[i-1][1]*math.Pi/180, ring[i][1]*math.Pi/180
			total -= lon * simpson(func(t float64) float64 { return simpson(width, start, from+t*(to-from), 6) }, 0, 1, 3)
		}
		return total
	}
	total := 0.0
	parts, _ := g.(orb.MultiPolygon)
	if p, ok := g.(orb.Polygon); ok {
		parts = orb.MultiPolygon{p}
	}
	for _, p := range parts {
		total += area(p[0])
	}
	return total
}

func gridAt(centre orb.Point, across float64) *hexGrid {
	return &hexGrid{newEqualArea(centre), across}
}

func TestEqualAreaComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, centre := range centres {
		e := newEqualArea(centre)
		for range 2000 {
			p := orb.Point{r.Float64()*360 - 180, math.Asin(r.Float64()*2-1) * 180 / math.Pi}
			q := e.from(e.to(p))
			if d := math.Acos(min(1, unit(p).dot(unit(q)))) * equatorial; d > 0.001 {
				t.Fatalf("from %v, %v comes back as %v, %g km off", centre, p, q, d)
			}
		}
		for _, p := range []orb.Point{centre, {0, 90}, {0, -90}, {180, 0}, {-180, 0}, {centre[0] - 180, -centre[1]}} {
			q := e.from(e.to(p))
			if d := math.Hypot(unit(p)[0]-unit(q)[0], math.Hypot(unit(p)[1]-unit(q)[1], unit(p)[2]-unit(q)[2])) * equatorial; !(d < 0.1) {
				t.Errorf("from %v, %v comes back as %v, %g km off", centre, p, q, d)
			}
		}
	}
}

// Hexagons have the ground area that their width says, in China to a thousandth and
// anywhere to a hundredth.
func TestHexagonsAreOfEqualArea(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, across := range []float64{1, 5, 25, 100, 333.3, 1000} {
		g := gridAt(centres[0], across)
		want := math.Sqrt(3) / 2 * across * across
		check := func(p orb.Point, most float64) {
			t.Helper()
			outline := g.outline(g.cell(p))
			if got := groundArea(outline); math.Abs(got/want-1) > most {
				t.Errorf("%g km at %v: area %g, want %g", across, p, got, want)
			}
		}
		for _, place := range []orb.Point{{113.3, 23.1}, {120.6, 31.3}, {117.2, 39.1}, {87.6, 43.8}, {109.5, 18.2}, {134, 48}} {
			check(place, 0.002)
		}
		for range 100 {
			p := orb.Point{r.Float64()*360 - 180, math.Asin(r.Float64()*2-1) * 180 / math.Pi}
			if unit(p).dot(unit(centres[0])) > -0.5 && math.Abs(p[1]) < 85 {
				check(p, 0.01)
			}
		}
	}
}

func TestHexagonsHoldTheirPoints(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 3000 {
		across := math.Exp(r.Float64() * math.Log(1000))
		centre := centres[r.IntN(len(centres))]
		g := gridAt(centre, across)
		p := orb.Point{centre[0] + 70*(r.Float64()*2-1), max(-89, min(89, centre[1]+60*(r.Float64()*2-1)))}
		p[0] = math.Remainder(p[0], 360)
		c := g.cell(p)
		at, middle := g.plane.to(p), g.at(corner{2*c.q + c.r, 3 * c.r})
		for side := range 6 {
			sin, cos := math.Sincos(float64(side) * math.Pi / 3)
			if d := (at[0]-middle[0])*cos + (at[1]-middle[1])*sin; d > across/2*(1+1e-9) {
				t.Fatalf("%v is %g km from the middle of its cell, which is %g wide", p, d, across)
			} else if d > across/2*0.98 {
				p[1] = math.NaN() // near the edge, which strays
			}
		}
		if p[1] == p[1] && !contains(g.outline(c), p) {
			t.Fatalf("%g km, centre %v: %v is not in the outline of its cell: %v", across, centre, p, g.outline(c))
		}
	}
}

func contains(g orb.Geometry, p orb.Point) bool {
	if m, ok := g.(orb.MultiPolygon); ok {
		return planar.MultiPolygonContains(m, p)
	}
	return planar.PolygonContains(g.(orb.Polygon), p)
}

// A member lies in the hexagon as it is drawn, with sides straight in longitude and
// latitude, or at most a ten-thousandth of its width outside.
func TestHexagonsAreDrawnAroundTheirMembers(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for _, across := range []float64{1, 25, 100, 333.3, 1000} {
		worst := 0.0
		for range 400 {
			g := gridAt(centres[r.IntN(len(centres))], across)
			p := orb.Point{r.Float64()*360 - 180, math.Asin(r.Float64()*1.9-0.95) * 180 / math.Pi}
			if unit(p).dot(unit(orb.Point{g.plane.Centre()[0], 0})) < -0.3 {
				continue
			}
			c := g.cell(p)
			corners := c.corners()
			drawn := g.outline(c)
			middle := g.at(corner{2*c.q + c.r, 3 * c.r})
			for i, from := range corners {
				a, b, f := g.at(from), g.at(corners[(i+1)%6]), r.Float64()
				edge := orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
				member := g.plane.from(orb.Point{edge[0] + 1e-7*(middle[0]-edge[0]), edge[1] + 1e-7*(middle[1]-edge[1])})
				if math.Abs(member[1]) > 85 || g.cell(member) != c {
					continue // near a pole a box is no measure, and the far edge of the world is one point
				}
				worst = max(worst, outside(drawn, member)/across)
			}
		}
		if limit := 1e-4 + 2e-5/across; worst > limit { // and the rounding to 1e-7 degrees
			t.Errorf("seed %d: of cells %g km wide, a member is %g of the width outside", seed, across, worst)
		}
	}
}

func ringsOf(g orb.Geometry) (rings []orb.Ring) {
	switch g := g.(type) {
	case orb.Polygon:
		return g
	case orb.MultiPolygon:
		for _, p := range g {
			rings = append(rings, p...)
		}
	}
	return rings
}

// outside is how many km a position is outside of a polygon; 0 inside.
func outside(g orb.Geometry, p orb.Point) float64 {
	const km = equatorial * math.Pi / 180
	nearest := math.Inf(1)
	cos := math.Cos(p[1] * math.Pi / 180)
	for _, ring := range ringsOf(g) {
		for _, turn := range [...]float64{0, 360, -360} {
			at := orb.Point{p[0] + turn, p[1]}
			if planar.RingContains(ring, at) {
				return 0
			}
			for i := 1; i < len(ring); i++ {
				flat := func(q orb.Point) orb.Point { return orb.Point{(q[0] - at[0]) * cos * km, (q[1] - at[1]) * km} }
				nearest = min(nearest, planar.DistanceFromSegment(flat(ring[i-1]), flat(ring[i]), orb.Point{}))
			}
		}
	}
	return nearest
}

// The sides of neighbours are the same points.
func TestHexagonsFitTogether(t *testing.T) {
	g := gridAt(centres[0], 240)
	for q := int32(-20); q < 20; q++ {
		for r := int32(-20); r < 20; r++ {
			mine := hexCell{q, r}.corners()
			for i, n := range []hexCell{{q + 1, r - 1}, {q + 1, r}, {q, r + 1}, {q - 1, r + 1}, {q - 1, r}, {q, r - 1}} {
				theirs := n.corners()
				j := slices.Index(theirs[:], mine[i])
				k := slices.Index(theirs[:], mine[(i+1)%6])
				if j < 0 || k != (j+5)%6 {
					t.Fatalf("cells %v and %v do not share side %d", hexCell{q, r}, n, i)
				}
				side := g.side(mine[i], mine[(i+1)%6])
				other := g.side(theirs[k], theirs[j])
				slices.Reverse(other)
				if !slices.Equal(side, other) {
					t.Fatalf("cells %v and %v: %v and %v", hexCell{q, r}, n, side, other)
				}
			}
		}
	}
}

// Outlines across 180° and round the poles are cut where GeoJSON wants it.
func TestHexagonsAtTheEdges(t *testing.T) {
	for _, across := range []float64{1, 25, 180, 1000} {
		for _, centre := range centres {
			g := gridAt(centre, across)
			for _, p := range []orb.Point{{180, -17}, {-179.9999, 65}, {0, 90}, {0, -90}, {180, 89.9}, {centre[0] + 180, -centre[1]}} {
				outline := g.outline(g.cell(p))
				parts, ok := outline.(orb.MultiPolygon)
				if !ok {
					parts = orb.MultiPolygon{outline.(orb.Polygon)}
				}
				for _, part := range parts {
					for _, ring := range part {
						if len(ring) < 4 || ring[0] != ring[len(ring)-1] || planar.Area(ring) == 0 {
							t.Errorf("%g km at %v from %v: the ring %v", across, p, centre, ring)
						}
						for _, q := range ring {
							if math.Abs(q[0]) > 180 || math.Abs(q[1]) > 90 || q[0] != q[0] || q[1] != q[1] {
								t.Fatalf("%g km at %v from %v: the point %v", across, p, centre, q)
							}
						}
					}
				}
				want := math.Sqrt(3) / 2 * across * across
				if got := groundArea(outline); unit(p).dot(unit(centre)) > -0.5 && math.Abs(got/want-1) > 0.01 {
					t.Errorf("%g km at %v from %v: area %g, want %g", across, p, centre, got, want)
				}
			}
		}
	}
}

func TestCentreOfTheContinent(t *testing.T) {
	for _, c := range []struct {
		box  orb.Bound
		want orb.Point
	}{
		{orb.Bound{Min: orb.Point{73, 18}, Max: orb.Point{135, 54}}, orb.Point{100, 36}},
		{orb.Bound{Min: orb.Point{-10, 36}, Max: orb.Point{30, 60}}, orb.Point{15, 50}},
		{orb.Bound{Min: orb.Point{-74, -34}, Max: orb.Point{-34, 5}}, orb.Point{-60, -15}},
		{everywhere, orb.Point{100, 36}},
	} {
		if got := centreOf(geo.Extent{Box: c.box}); got != c.want {
			t.Errorf("the centre for %v is %v, want %v", c.box, got, c.want)
		}
	}
}
