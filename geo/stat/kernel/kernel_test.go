package kernel

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"

	"clustermap/geo/stat/internal/reference"
)

// uniform is Lehmer's generator, of which the golden programs have the same numbers.
func uniform(n, seed int) []float64 {
	out := make([]float64, n)
	for i := range out {
		seed = seed * 48271 % 2147483647
		out[i] = float64(seed) / 2147483647
	}
	return out
}

func places(n, seed int, width, height float64) []orb.Point {
	u := uniform(2*n, seed)
	out := make([]orb.Point, n)
	for i := range out {
		out[i] = orb.Point{u[2*i] * width, u[2*i+1] * height}
	}
	return out
}

func weights(n int) []float64 {
	out := uniform(n, 7)
	for i, u := range out {
		out[i] = 1 + math.Floor(9*u)
	}
	return out
}

func density(t testing.TB, q Question) *Density {
	t.Helper()
	d, err := New(context.Background(), q, Work{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *Density) onGrid(t testing.TB, bound orb.Bound, width, height int) *Grid {
	t.Helper()
	g, err := d.Grid(context.Background(), bound, width, height, Work{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (d *Density) atAll(t testing.TB, places []orb.Point) []float64 {
	t.Helper()
	v, err := d.At(context.Background(), places, Work{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func allNear(t *testing.T, what string, got, want []float64, relative, absolute float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= relative*math.Abs(w)+absolute) {
			t.Errorf("%s: %d is %.17g, want %.17g", what, i, got[i], w)
			return
		}
	}
}

func TestGolden(t *testing.T) {
	type kept struct {
		Silverman      float64
		Points, Grid   []float64
		AdaptivePoints []float64 `json:"adaptive_points"`
		AdaptiveGrid   []float64 `json:"adaptive_grid"`
	}
	var want struct {
		EffectiveN        float64 `json:"effective_n"`
		Gaussian, Quartic kept
	}
	reference.Read(t, "golden-py.json", &want)
	points, w := places(60, 1, 100000, 60000), weights(60)
	bound := orb.Bound{Max: orb.Point{100000, 60000}}
	for kernel, k := range map[Kernel]kept{Gaussian: want.Gaussian, Quartic: want.Quartic} {
		d := density(t, Question{Points: points, Weights: w, Kernel: kernel})
		allNear(t, "effective n and bandwidth", []float64{d.EffectiveN, d.Bandwidth}, []float64{want.EffectiveN, k.Silverman}, 1e-12, 0)
		tiny := 1e-13 * d.Total * kernel.top(d.Bandwidth)
		allNear(t, "at points", d.atAll(t, points), k.Points, 1e-9, tiny)
		allNear(t, "on a grid", d.onGrid(t, bound, 21, 13).Values, k.Grid, 1e-9, tiny)
		d = density(t, Question{Points: points, Weights: w, Kernel: kernel, Adaptive: true})
		allNear(t, "adaptive at points", d.atAll(t, points), k.AdaptivePoints, 1e-9, tiny)
		allNear(t, "adaptive on a grid", d.onGrid(t, bound, 21, 13).Values, k.AdaptiveGrid, 1e-9, tiny)
	}
}

// Each way to fill a grid gives the densities at its places.
func TestGridIsTheSumTermByTerm(t *testing.T) {
	points, w := places(1000, 3, 100000, 80000), weights(1000)
	bound := orb.Bound{Min: orb.Point{-7000, 10000}, Max: orb.Point{90000, 85000}}
	for _, c := range []struct {
		kernel    Kernel
		bandwidth float64
		adaptive  bool
		spread    bool
	}{
		{Quartic, 300, false, false}, {Quartic, 2000, false, false}, {Quartic, 13000, false, false}, {Quartic, 200000, false, false}, {Quartic, 8000, true, false},
		{Gaussian, 300, false, false}, {Gaussian, 5200, false, true}, {Gaussian, 9000, false, true}, {Gaussian, 4000, true, false},
	} {
		d := density(t, Question{Points: points, Weights: w, Kernel: c.kernel, Bandwidth: c.bandwidth, Adaptive: c.adaptive})
		g := d.onGrid(t, bound, 150, 120)
		if d.shouldSpread(g) != c.spread {
			t.Errorf("%+v: the way is another", c)
		}
		cx, cy := g.Cell()
		var at []orb.Point
		for i := range g.Values {
			at = append(at, orb.Point{bound.Min[0] + (float64(i%g.Width)+0.5)*cx, bound.Min[1] + (float64(i/g.Width)+0.5)*cy})
		}
		want := d.atAll(t, at)
		tiny := 1e-11 * slices.Max(want)
		if c.spread {
			tiny = 1e-10 * d.Total * c.kernel.top(c.bandwidth)
		}
		allNear(t, "on the grid", g.Values, want, 0, tiny)
	}
}

// Of many points the densities are those of the sum term by term, too.
func TestManyPlaces(t *testing.T) {
	points, w := places(3000, 3, 100000, 80000), weights(3000)
	for _, c := range []struct {
		kernel    Kernel
		bandwidth float64
		adaptive  bool
	}{{Quartic, 500, false}, {Quartic, 9000, false}, {Quartic, 200000, false}, {Quartic, 6000, true}, {Gaussian, 4000, false}, {Gaussian, 20000, false}, {Gaussian, 300, false}} {
		d := density(t, Question{Points: points, Weights: w, Kernel: c.kernel, Bandwidth: c.bandwidth, Adaptive: c.adaptive})
		got := d.atAll(t, points)
		want := make([]float64, len(points))
		for i, p := range points {
			want[i] = d.at(p)
		}
		allNear(t, "at many points", got, want, 0, max(1e-12*slices.Max(want), 1e-10*d.Total*c.kernel.top(c.bandwidth)*float64(c.kernel)))
	}
}

// The volume under the density is the sum of the weights.
func TestVolume(t *testing.T) {
	for _, kernel := range []Kernel{Quartic, Gaussian} {
		for _, adaptive := range []bool{false, true} {
			d := density(t, Question{Points: places(500, 5, 300000, 200000), Weights: weights(500), Kernel: kernel, Adaptive: adaptive})
			g := d.onGrid(t, d.Bound(), 400, 300)
			x, y := g.Cell()
			sum := 0.0
			for _, v := range g.Values {
				sum += v * x * y
			}
			if math.Abs(sum-d.Total) > 4e-4*d.Total {
				t.Errorf("kernel %d, adaptive %v: the volume is %v, want %v", kernel, adaptive, sum, d.Total)
			}
		}
	}
}

func TestInvariance(t *testing.T) {
	points, w := places(200, 5, 300000, 200000), weights(200)
	for _, adaptive := range []bool{false, true} {
		q := Question{Points: points, Weights: w, Adaptive: adaptive}
		d := density(t, q)
		want := d.atAll(t, points)
		mixed := Question{Adaptive: adaptive}
		scaled := Question{Points: points, Adaptive: adaptive}
		for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(200) {
			mixed.Points, mixed.Weights = append(mixed.Points, points[i]), append(mixed.Weights, w[i])
		}
		for _, v := range w {
			scaled.Weights = append(scaled.Weights, v*1e-3)
		}
		if got := density(t, mixed).atAll(t, points); !slices.Equal(got, want) {
			t.Error("the order of the points matters")
		}
		got := density(t, scaled).atAll(t, points)
		for i := range got {
			got[i] *= 1e3
		}
		allNear(t, "weights times 0.001", got, want, 1e-12, 0)
		var turned []orb.Point
		for _, p := range points {
			turned = append(turned, orb.Point{-p[1] + 1e5, p[0] - 2e5})
		}
		allNear(t, "turned", density(t, Question{Points: turned, Weights: w, Adaptive: adaptive}).atAll(t, turned), want, 1e-9, 0)
	}
	// A point that weighs three is three points at one place.
	three := Question{Points: append(slices.Clone(points[:9]), points[0], points[0]), Bandwidth: 1e5}
	one := Question{Points: points[:9], Weights: []float64{3, 1, 1, 1, 1, 1, 1, 1, 1}, Bandwidth: 1e5}
	allNear(t, "three at one place", density(t, three).atAll(t, points), density(t, one).atAll(t, points), 1e-12, 0)
}

func TestBandsOfAHill(t *testing.T) {
	d := density(t, Question{Points: []orb.Point{{0, 0}}, Weights: []float64{40}, Bandwidth: 1000})
	g := d.onGrid(t, orb.Bound{Min: orb.Point{-1100, -1100}, Max: orb.Point{1100, 1100}}, 440, 440)
	top := d.Kernel.top(1000) * 40
	bands := g.Bands([]float64{top / 4, top / 2})
	if len(bands) != 2 || len(bands[0].Area) != 1 || len(bands[0].Area[0]) != 2 || len(bands[1].Area[0]) != 1 {
		t.Fatalf("the bands are %v", bands)
	}
	// (1 - u)^2 = level, u = r^2 / h^2; the mass within is 1 - (1 - u)^3.
	inner := 1 - math.Sqrt(0.5)
	allNear(t, "ground", []float64{bands[0].Ground, bands[1].Ground}, []float64{math.Pi * 1e6 * (0.5 - inner), math.Pi * 1e6 * inner}, 1e-3, 0)
	allNear(t, "mass", []float64{bands[0].Mass, bands[1].Mass}, []float64{40 * (math.Pow(0.5, 1.5) - 0.125), 40 * (1 - math.Pow(0.5, 1.5))}, 2e-3, 0)
	allNear(t, "the level of 7/8 of the mass", []float64{g.LevelOf(0.875)}, []float64{top / 4}, 5e-3, 0)
}

// Bands are valid, wound as GeoJSON has it, do not overlap, and have the area of the cells
// in them, about; also where values are levels.
func TestBandsAreValid(t *testing.T) {
	check := func(g *Grid, levels []float64) {
		t.Helper()
		whole := 0.0
		bands := g.Bands(levels)
		var last geom.Geometry
		for i, b := range bands {
			whole += b.Ground
			for _, p := range b.Area {
				for k, ring := range p {
					if (k == 0) != (ring.Orientation() == orb.CCW) {
						t.Fatalf("ring %d winds the wrong way", k)
					}
				}
			}
			if a := planar.Area(b.Area); math.Abs(a-b.Ground) > 1e-9*b.Ground {
				t.Errorf("the area is %v, %v is told", a, b.Ground)
			}
			shape := valid(t, b.Area)
			if i > 0 {
				both, err := geom.Intersection(last, shape)
				if err != nil || both.Area() > 1e-9*b.Ground {
					t.Errorf("bands overlap by %v (%v)", both.Area(), err)
				}
			}
			last = shape
		}
		if len(bands) > 0 {
			one := g.Bands(levels[:1])
			if math.Abs(whole-one[0].Ground) > 1e-9*whole {
				t.Errorf("the bands cover %v, all above the lowest level %v", whole, one[0].Ground)
			}
		}
	}
	r := rand.New(rand.NewPCG(8, 8))
	for range 20 {
		g := &Grid{Bound: orb.Bound{Max: orb.Point{300, 200}}, Width: 30, Height: 20}
		for range 600 {
			g.Values = append(g.Values, float64(r.IntN(5)))
		}
		check(g, []float64{1, 2, 3})
		check(g, []float64{0.5, 2.5, 2.7})
	}
	d := density(t, Question{Points: places(300, 9, 100000, 60000)})
	g := d.onGrid(t, d.Bound(), 128, 96)
	check(g, []float64{g.LevelOf(0.9), g.LevelOf(0.5), g.LevelOf(0.1)})
	if bands := g.Bands([]float64{2 * g.Max()}); bands != nil {
		t.Errorf("above all values are %v", bands)
	}
}

func valid(t *testing.T, area orb.MultiPolygon) geom.Geometry {
	t.Helper()
	var polygons []geom.Polygon
	for _, p := range area {
		var rings []geom.LineString
		for _, r := range p {
			var xy []float64
			for _, c := range r {
				xy = append(xy, c[0], c[1])
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
		}
		polygons = append(polygons, geom.NewPolygon(rings))
	}
	m := geom.NewMultiPolygon(polygons)
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	return m.AsGeometry()
}

func TestQuestionsWithoutAnswer(t *testing.T) {
	ctx := context.Background()
	point := []orb.Point{{1, 2}}
	for _, c := range []struct {
		q    Question
		want error
	}{
		{Question{}, ErrNoPoints},
		{Question{Points: point, Weights: []float64{0}}, ErrNoPoints},
		{Question{Points: point}, ErrNoSpread},
		{Question{Points: slices.Repeat(point, 9)}, ErrNoSpread},
		{Question{Points: point, Bandwidth: -1}, ErrBandwidth},
		{Question{Points: point, Bandwidth: math.NaN()}, ErrBandwidth},
		{Question{Points: point, Bandwidth: math.Inf(1)}, ErrBandwidth},
		{Question{Points: point, Weights: []float64{-1}}, ErrWeight},
		{Question{Points: point, Weights: []float64{1, 1}}, ErrWeight},
	} {
		if _, err := New(ctx, c.q, Work{}); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.q, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	for _, kernel := range []Kernel{Quartic, Gaussian} {
		d := density(t, Question{Points: places(2000, 1, 1e5, 1e5), Kernel: kernel, Bandwidth: 1e4})
		if _, err := d.Grid(ctx, d.Bound(), 256, 256, Work{}); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
	}
}

func BenchmarkGrid(b *testing.B) {
	points := places(20000, 1, 1e5, 1e5)
	for name, q := range map[string]Question{
		"quartic": {Points: points}, "quartic-wide": {Points: points, Bandwidth: 3e4}, "quartic-adaptive": {Points: points, Adaptive: true},
		"gaussian": {Points: points, Kernel: Gaussian}, "gaussian-narrow": {Points: points, Kernel: Gaussian, Bandwidth: 1000}, "gaussian-adaptive": {Points: points, Kernel: Gaussian, Adaptive: true},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d := density(b, q)
				d.onGrid(b, orb.Bound{Max: orb.Point{1e5, 1e5}}, 512, 512)
			}
		})
	}
}
