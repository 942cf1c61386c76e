package autocorr

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/stat/internal/reference"
)

// fraction and what follows make the places and values of testdata/golden.py and
// golden.R.
func fraction(v float64) float64 { return v - math.Floor(v) }

func somePoints(n int) []orb.Point {
	points := make([]orb.Point, n)
	for i := range points {
		v := float64(i + 1)
		points[i] = orb.Point{100 + 20*fraction(v*0.6180339887498949), 20 + 20*fraction(v*0.7548776662466927)}
	}
	return points
}

func someValues(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64((i*i*37+11*i+5)%101/9*((i*7)%5) + (n-i)/8)
	}
	return x
}

func honeycomb(rows, columns int) []orb.MultiPolygon {
	var cells []orb.MultiPolygon
	for r := range rows {
		for c := range columns {
			x, y := 100+0.75*float64(c), 30+0.5*float64(r)+0.25*float64(c%2)
			cells = append(cells, orb.MultiPolygon{{{
				{x - 0.5, y}, {x - 0.25, y - 0.25}, {x + 0.25, y - 0.25}, {x + 0.5, y},
				{x + 0.25, y + 0.25}, {x - 0.25, y + 0.25}, {x - 0.5, y}}}})
		}
	}
	return cells
}

// rook are the neighbours on a board of squares, with a side in common.
func rook(rows, columns int) *Weights {
	lists := make([][]int, rows*columns)
	for r := range rows {
		for c := range columns {
			for _, d := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
				if y, x := r+d[0], c+d[1]; y >= 0 && y < rows && x >= 0 && x < columns {
					lists[r*columns+c] = append(lists[r*columns+c], y*columns+x)
				}
			}
		}
	}
	w, err := Neighbours(lists)
	if err != nil {
		panic(err)
	}
	return w
}

type goldenGlobal struct {
	Value, Expected, Variance, Z, P float64
	NormalVariance                  float64 `json:"normal_variance"`
	NormalZ                         float64 `json:"normal_z"`
	NormalP                         float64 `json:"normal_p"`
	PPermutation                    float64 `json:"p_permutation"`
}

type goldenLocal struct {
	Value, Expected, Variance, Z, P []float64
	ZStandardised                   []float64 `json:"z_standardised"`
	PAdjusted                       []float64 `json:"p_adjusted"`
	Quadrant                        []string
}

type goldenStyle struct {
	Moran       goldenGlobal
	MoranNormal goldenGlobal `json:"moran_normal"`
	General     goldenGlobal
}

type goldenStatistics struct {
	Binary, Standardised goldenStyle
	LocalMoran           goldenLocal `json:"local_moran"`
	G                    goldenLocal
	GStar                goldenLocal `json:"g_star"`
}

// near fails where a number is not the golden one to 1e-9 of it.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want)+1e-12 || math.IsNaN(got) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

func nearAll(t *testing.T, what string, units []Unit, number func(Unit) float64, want []float64) {
	t.Helper()
	if len(want) != len(units) {
		t.Fatalf("%s: %d units, want %d", what, len(units), len(want))
	}
	for i, u := range units {
		near(t, fmt.Sprintf("%s of %d", what, i), number(u), want[i])
	}
}

// withinChance fails where two p of so many draws each differ by more than five
// standard errors.
func withinChance(t *testing.T, what string, got, want float64, draws int) {
	t.Helper()
	p := max(want, 10/float64(draws))
	if e := 2 * math.Sqrt(2*p/2*(1-p/2)/float64(draws)); math.Abs(got-want) > 5*e {
		t.Errorf("%s = %g, want %g ± %g", what, got, want, 5*e)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestNeighboursAgainstPySAL(t *testing.T) {
	var want struct {
		Neighbours map[string][][]int32
	}
	reference.Read(t, "golden-py.json", &want)
	for name, w := range map[string]*Weights{
		"k6":        must(Nearest(somePoints(60), 6)),
		"band400":   must(Band(somePoints(60), 400_000)),
		"honeycomb": Shared(honeycomb(7, 8)),
	} {
		for i, list := range want.Neighbours[name] {
			if !slices.Equal(w.Of(i), list) {
				t.Errorf("%s: neighbours of %d are %v, want %v", name, i, w.Of(i), list)
			}
		}
	}
}

const goldenDraws = 9999

func TestAgainstPySAL(t *testing.T) {
	var want struct{ K6, Honeycomb goldenStatistics }
	reference.Read(t, "golden-py.json", &want)
	o := Options{Permutations: goldenDraws, Seed: 1}
	for name, c := range map[string]struct {
		w    *Weights
		x    []float64
		want goldenStatistics
	}{
		"k6":        {must(Nearest(somePoints(60), 6)), someValues(60), want.K6},
		"honeycomb": {Shared(honeycomb(7, 8)), someValues(56), want.Honeycomb},
	} {
		t.Run(name, func(t *testing.T) {
			moran := must(Moran(t.Context(), c.w, c.x, o))
			near(t, "normal variance", moran.NormalVariance, c.want.Binary.Moran.NormalVariance)
			near(t, "normal z", moran.NormalZ, c.want.Binary.Moran.NormalZ)
			near(t, "normal p", moran.NormalP, c.want.Binary.Moran.NormalP)
			withinChance(t, "p of permutation", moran.PPermutation, c.want.Binary.Moran.PPermutation, goldenDraws)
			near(t, "z of G", must(General(t.Context(), c.w, c.x, o)).Z, c.want.Binary.General.Z)
			moran = must(Moran(t.Context(), c.w.Standardised(), c.x, o))
			near(t, "I", moran.Value, c.want.Standardised.Moran.Value)
			near(t, "z", moran.Z, c.want.Standardised.Moran.Z)
			withinChance(t, "p of permutation", moran.PPermutation, c.want.Standardised.Moran.PPermutation, goldenDraws)

			local := must(LocalMoran(t.Context(), c.w.Standardised(), c.x, o))
			nearAll(t, "local I", local.Units, func(u Unit) float64 { return u.Value }, c.want.LocalMoran.Value)
			star := must(GStar(t.Context(), c.w, c.x, o))
			nearAll(t, "Gi*", star.Units, func(u Unit) float64 { return u.Z }, c.want.GStar.Z)
			g := must(G(t.Context(), c.w, c.x, o))
			nearAll(t, "Gi", g.Units, func(u Unit) float64 { return u.Z }, c.want.G.Z)
			for i := range c.x {
				if got, want := string(local.Units[i].Quadrant), c.want.LocalMoran.Quadrant[i]; got != want {
					t.Errorf("quadrant of %d is %s, want %s", i, got, want)
				}
				withinChance(t, fmt.Sprintf("p of local Moran at %d", i), local.Units[i].P, c.want.LocalMoran.P[i], goldenDraws)
				withinChance(t, fmt.Sprintf("p of Gi* at %d", i), star.Units[i].P, c.want.GStar.P[i], goldenDraws)
				withinChance(t, fmt.Sprintf("p of Gi at %d", i), g.Units[i].P, c.want.G.P[i], goldenDraws)
			}
		})
	}
}

func TestAgainstSpdep(t *testing.T) {
	var want struct {
		K6, Grid goldenStatistics
		Islands  []int
		Band400  struct {
			Moran goldenGlobal
			GStar goldenLocal `json:"g_star"`
		}
	}
	reference.Read(t, "golden-r.json", &want)
	// cell2nb numbers the cells of a board of 7 rows and 8 columns row by row.
	for name, c := range map[string]struct {
		w    *Weights
		x    []float64
		want goldenStatistics
	}{
		"k6":   {must(Nearest(somePoints(60), 6)), someValues(60), want.K6},
		"grid": {rook(7, 8), someValues(56), want.Grid},
	} {
		t.Run(name, func(t *testing.T) {
			againstSpdep(t, c.w, c.x, c.want)
		})
	}
	t.Run("islands", func(t *testing.T) {
		w, x := must(Band(somePoints(60), 400_000)), someValues(60)
		if !slices.Equal(w.Islands(), want.Islands) {
			t.Fatalf("islands are %v, want %v", w.Islands(), want.Islands)
		}
		sameGlobal(t, "I", must(Moran(t.Context(), w.Standardised(), x, Options{})), want.Band400.Moran)
		star := must(GStar(t.Context(), w, x, Options{}))
		nearAll(t, "Gi*", star.Units, func(u Unit) float64 { return u.Z }, want.Band400.GStar.Z)
	})
}

func againstSpdep(t *testing.T, w *Weights, x []float64, want goldenStatistics) {
	t.Helper()
	for style, w := range map[string]*Weights{"binary": w, "standardised": w.Standardised()} {
		golden := want.Binary
		if style == "standardised" {
			golden = want.Standardised
		}
		moran := must(Moran(t.Context(), w, x, Options{}))
		sameGlobal(t, style+" I", moran, golden.Moran)
		near(t, style+" normal variance", moran.NormalVariance, golden.MoranNormal.Variance)
		near(t, style+" normal z", moran.NormalZ, golden.MoranNormal.Z)
		near(t, style+" normal p", moran.NormalP, golden.MoranNormal.P)
		sameGlobal(t, style+" G", must(General(t.Context(), w, x, Options{})), golden.General)
	}
	local := must(LocalMoran(t.Context(), w.Standardised(), x, Options{})).Units
	nearAll(t, "local I", local, func(u Unit) float64 { return u.Value }, want.LocalMoran.Value)
	nearAll(t, "expected local I", local, func(u Unit) float64 { return u.Expected }, want.LocalMoran.Expected)
	nearAll(t, "variance of local I", local, func(u Unit) float64 { return u.Variance }, want.LocalMoran.Variance)
	nearAll(t, "z of local I", local, func(u Unit) float64 { return u.Z }, want.LocalMoran.Z)
	nearAll(t, "p of local I", local, func(u Unit) float64 { return u.PNormal }, want.LocalMoran.P)
	nearAll(t, "adjusted p of local I", local, func(u Unit) float64 { return u.PNormalAdjusted }, want.LocalMoran.PAdjusted)
	z := func(u Unit) float64 { return u.Z }
	nearAll(t, "Gi", must(G(t.Context(), w, x, Options{})).Units, z, want.G.Z)
	nearAll(t, "Gi*", must(GStar(t.Context(), w, x, Options{})).Units, z, want.GStar.Z)
	nearAll(t, "Gi*, standardised", must(GStar(t.Context(), w.Standardised(), x, Options{})).Units, z, want.GStar.ZStandardised)
}

func sameGlobal(t *testing.T, what string, got Global, want goldenGlobal) {
	t.Helper()
	near(t, what, got.Value, want.Value)
	near(t, "expected "+what, got.Expected, want.Expected)
	near(t, "variance of "+what, got.Variance, want.Variance)
	near(t, "z of "+what, got.Z, want.Z)
	near(t, "p of "+what, got.P, want.P)
}

// TestAdjusted holds the correction to what esda calls significant too.
func TestAdjusted(t *testing.T) {
	var want struct {
		FDR struct {
			P    []float64
			At05 float64
		}
	}
	reference.Read(t, "golden-py.json", &want)
	for i, a := range Adjusted(want.FDR.P) {
		if p := want.FDR.P[i]; (a <= 0.05) != (p <= want.FDR.At05) {
			t.Errorf("p %g is adjusted to %g; significant are those up to %g", p, a, want.FDR.At05)
		}
	}
	got := Adjusted([]float64{0.04, math.NaN(), 0.01, 0.03})
	for i, want := range []float64{0.04, math.NaN(), 0.03, 0.04} {
		if math.Abs(got[i]-want) > 1e-15 || math.IsNaN(got[i]) != math.IsNaN(want) {
			t.Errorf("Adjusted gives %v at %d, want %v", got[i], i, want)
		}
	}
}
