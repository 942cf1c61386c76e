package pattern

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

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

func goldenPoints() ([]orb.Point, []float64) {
	weights := uniform(60, 7)
	for i, u := range weights {
		weights[i] = 1 + math.Floor(9*u)
	}
	return places(60, 1, 100000, 60000), weights
}

func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*max(1e-300, math.Abs(want))) {
		t.Errorf("%s: got %.17g, want %.17g", what, got, want)
	}
}

func allNear(t *testing.T, what string, got, want []float64, relative float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		near(t, what, got[i], want[i], relative)
	}
}

// must fails the test for an error: must(Mean(points, nil))(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestSpatstat compares with the package spatstat of R.
func TestSpatstat(t *testing.T) {
	var want struct {
		Nearest            []float64
		Index, P, Donnelly float64
		HullArea           float64   `json:"hull_area"`
		HullPerimeter      float64   `json:"hull_perimeter"`
		Rectangle          []float64 `json:"l_rectangle"`
		Hexagon            []float64 `json:"l_hexagon"`
		Bent               []float64 `json:"l_bent"`
	}
	reference.Read(t, "golden-r.json", &want)
	points, _ := goldenPoints()

	got := clarkEvans(want.Nearest, Ground{Area: 6e9})
	near(t, "index", got.Index, want.Index, 1e-12)
	near(t, "p", got.P, want.P, 1e-9)
	got = clarkEvans(want.Nearest, Ground{Area: 6e9, Perimeter: 320000})
	near(t, "index by Donnelly", got.Index, want.Donnelly, 1e-12)

	radii := Radii{15000, 30}
	rectangle := orb.Ring{{0, 0}, {0, 60000}, {100000, 60000}, {100000, 0}}
	bent := orb.Ring{{0, 0}, {100000, 0}, {100000, 30000}, {40000, 30000}, {40000, 60000}, {0, 60000}}
	hexagon := orb.Ring{{-5000, -5000}, {50000, -20000}, {105000, -5000}, {105000, 65000}, {50000, 80000}, {-5000, 65000}}
	hull := must(Hull(points))(t)
	near(t, "area of the hull", hull.Area(), want.HullArea, 1e-12)
	near(t, "perimeter of the hull", hull.Perimeter(), want.HullPerimeter, 1e-12)
	var within []orb.Point
	for _, p := range points {
		if p[0] < 40000 || p[1] < 30000 {
			within = append(within, p)
		}
	}
	for _, c := range []struct {
		name   string
		points []orb.Point
		window *Window
		want   []float64
	}{
		{"rectangle", points, must(NewWindow(rectangle))(t), want.Rectangle},
		{"hexagon", points, must(NewWindow(hexagon))(t), want.Hexagon},
		{"bent", within, must(NewWindow(bent))(t), want.Bent},
	} {
		l := must(RipleyL(c.points, c.window, radii))(t)
		allNear(t, "L in "+c.name, l, c.want, 1e-9)
	}
}

// TestPython compares with pointpats, scikit-learn and the K_d of golden.py.
func TestPython(t *testing.T) {
	var want struct {
		Mean, Median             orb.Point
		WeightedMean             orb.Point `json:"weighted_mean"`
		WeightedMedian           orb.Point `json:"weighted_median"`
		StandardDistance         float64   `json:"standard_distance"`
		ArcGIS, CrimeStat, Yuill []float64
		GreatCircle              []float64 `json:"great_circle"`
		Bandwidth                float64
		Kd                       []float64
		KdWeighted               []float64 `json:"kd_weighted"`
	}
	reference.Read(t, "golden-py.json", &want)
	points, weights := goldenPoints()
	for _, c := range []struct {
		name      string
		got, want orb.Point
	}{
		{"mean", must(Mean(points, nil))(t), want.Mean},
		{"weighted mean", must(Mean(points, weights))(t), want.WeightedMean},
		{"median", must(Median(points, nil))(t), want.Median},
		{"weighted median", must(Median(points, weights))(t), want.WeightedMedian},
	} {
		near(t, c.name+", x", c.got[0], c.want[0], 1e-9)
		near(t, c.name+", y", c.got[1], c.want[1], 1e-9)
	}
	near(t, "standard distance", must(StandardDistance(points, nil))(t), want.StandardDistance, 1e-12)
	for convention, want := range [][]float64{want.ArcGIS, want.CrimeStat, want.Yuill} {
		e := must(NewEllipse(points, nil, Convention(convention)))(t)
		near(t, "major axis, "+Convention(convention).String(), e.Major, want[0], 1e-9)
		near(t, "minor axis, "+Convention(convention).String(), e.Minor, want[1], 1e-9)
	}
	world := places(80, 11, 40, 20)
	for i := range world {
		world[i] = orb.Point{world[i][0] + 90, world[i][1] + 20}
	}
	allNear(t, "great circle", Nearest(world), want.GreatCircle, 1e-9)

	near(t, "bandwidth", Silverman(points), want.Bandwidth, 1e-9)
	allNear(t, "K_d", Density(points, nil, 50000, 50, want.Bandwidth), want.Kd, 1e-9)
	allNear(t, "K_d with weights", Density(points, weights, 50000, 50, want.Bandwidth), want.KdWeighted, 1e-9)

	// The same through the whole test.
	subject := make([]int, 60)
	for i := range subject {
		subject[i] = i
	}
	q := KdQuestion{Sites: append(points, places(100, 3, 100000, 60000)...), Subject: subject, Max: 50000, Steps: 50}
	kd := must(DurantonOverman(t.Context(), q, Chance{Seed: 1, Draws: 19}))(t)
	allNear(t, "K_d of the test", kd.Density, want.Kd, 1e-9)
	q.Weights = weights
	kd = must(DurantonOverman(t.Context(), q, Chance{Seed: 1, Draws: 19}))(t)
	allNear(t, "K_d of the test with weights", kd.Density, want.KdWeighted, 1e-9)
}

// TestGlobal compares the band of whole curves with that of golden.py.
func TestGlobal(t *testing.T) {
	type band struct {
		P         float64
		Low, High []float64
	}
	var want struct{ Above, Below, Either band }
	reference.Read(t, "golden-py.json", &want)
	u := uniform(60*12, 5)
	var all curves
	for i := range 60 {
		all = append(all, u[12*i:12*i+12])
	}
	for _, c := range []struct {
		name string
		side side
		want band
	}{{"above", above, want.Above}, {"below", below, want.Below}, {"either", either, want.Either}} {
		p, low, high := all.global(c.side)
		near(t, c.name+": p", p, c.want.P, 1e-12)
		allNear(t, c.name+": low", low, c.want.Low, 1e-12)
		allNear(t, c.name+": high", high, c.want.High, 1e-12)
	}
}
