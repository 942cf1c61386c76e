package autocorr

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// binomial says whether so many of 500 tests at 5 % are within the interval that
// holds 99 % of such numbers.
func binomial(hits int) bool { return hits >= 13 && hits <= 39 }

// TestFalsePositives is complete randomness: each test finds something in about
// one of twenty runs.
func TestFalsePositives(t *testing.T) {
	const runs = 500
	w := Shared(honeycomb(12, 12)).Standardised()
	hits := map[string]int{}
	count := func(name string, p float64) {
		if p <= 0.05 {
			hits[name]++
		}
	}
	for run := range runs {
		random := rand.New(rand.NewPCG(8, uint64(run)))
		x := make([]float64, w.Len())
		for i := range x {
			x[i] = random.ExpFloat64()
		}
		o := Options{Permutations: 199, Seed: uint64(run)}
		moran, general := must(Moran(t.Context(), w, x, o)), must(General(t.Context(), w, x, o))
		count("Moran's I, permutation", moran.PPermutation)
		count("Moran's I", moran.P)
		count("the general G, permutation", general.PPermutation)
		count("the general G", general.P)
		place := run % w.Len()
		count("Gi*, permutation", must(GStar(t.Context(), w, x, o)).Units[place].P)
		count("local Moran, permutation", must(LocalMoran(t.Context(), w, x, o)).Units[place].P)
	}
	for name, n := range hits {
		t.Logf("%s: %d of %d", name, n, runs)
		if !binomial(n) {
			t.Errorf("%s: %d of %d tests at 5 %% are significant, which 13 to 39 may be", name, n, runs)
		}
	}
	if len(hits) != 6 {
		t.Errorf("only %d tests found anything: %v", len(hits), hits)
	}
}

// TestFalseDiscoveries holds the correction: with no pattern, a map shows a hot or
// cold spot in at most about one of twenty runs, with so many draws that one place
// alone could be significant.
func TestFalseDiscoveries(t *testing.T) {
	w, found := Shared(honeycomb(10, 10)), 0
	for run := range 500 {
		random := rand.New(rand.NewPCG(3, uint64(run)))
		x := make([]float64, w.Len())
		for i := range x {
			x[i] = random.ExpFloat64()
		}
		l := must(GStar(t.Context(), w, x, Options{Permutations: 999, Q: 0.05, Seed: uint64(run)}))
		if l.Draws != 3999 || l.Coarse {
			t.Fatalf("%d draws, coarse %v; want 2·100/0.05 - 1 = 3999, enough", l.Draws, l.Coarse)
		}
		if slices.ContainsFunc(l.Units, func(u Unit) bool { return u.PAdjusted <= 0.05 }) {
			found++
		}
	}
	if found > 39 {
		t.Errorf("%d of 500 maps without a pattern show a spot, want at most 39", found)
	}
}

// TestKnownPatterns are a cluster, a chess board and a slope.
func TestKnownPatterns(t *testing.T) {
	const side = 20
	w := rook(side, side)
	o := Options{Permutations: 999, Q: 0.05, Seed: 1}
	cluster, chess, slope := make([]float64, side*side), make([]float64, side*side), make([]float64, side*side)
	random := rand.New(rand.NewPCG(4, 4))
	for i := range cluster {
		row, column := i/side, i%side
		cluster[i] = random.Float64()
		if row < 4 && column < 4 {
			cluster[i] += 10
		}
		chess[i] = float64((row + column) % 2)
		slope[i] = float64(row)
	}
	if g := must(Moran(t.Context(), w, chess, o)); g.Value > -0.999 || g.PPermutation > 0.01 {
		t.Errorf("chess board: I = %g, p %g; want -1, significant", g.Value, g.PPermutation)
	}
	if g := must(Moran(t.Context(), w, slope, o)); g.Value < 0.9 || g.PPermutation > 0.01 {
		t.Errorf("slope: I = %g, p %g; want near 1, significant", g.Value, g.PPermutation)
	}
	if g := must(General(t.Context(), w, cluster, o)); g.Z < 5 || g.PPermutation > 0.01 {
		t.Errorf("cluster: z of G %g, p %g; want high, significant", g.Z, g.PPermutation)
	}
	star, local := must(GStar(t.Context(), w, cluster, o)), must(LocalMoran(t.Context(), w, cluster, o))
	for i := range cluster {
		row, column := i/side, i%side
		inside, far := row < 3 && column < 3, row > 5 || column > 5
		s, l := star.Units[i], local.Units[i]
		if inside && !(s.Z > 3 && s.High && s.PAdjusted <= 0.05 && l.Quadrant == "HH" && l.PAdjusted <= 0.05) {
			t.Errorf("%d, %d in the cluster: z %g, p %g, %s, p %g; want a hot spot", row, column, s.Z, s.PAdjusted, l.Quadrant, l.PAdjusted)
		}
		if far && s.PAdjusted <= 0.05 && s.High {
			t.Errorf("%d, %d far from the cluster is a hot spot, p %g", row, column, s.PAdjusted)
		}
	}
}

// TestOrder gives the same places in another order.
func TestOrder(t *testing.T) {
	points, x := somePoints(60), someValues(60)
	order := rand.New(rand.NewPCG(5, 5)).Perm(60)
	points2, x2 := make([]orb.Point, 60), make([]float64, 60)
	for to, from := range order {
		points2[to], x2[to] = points[from], x[from]
	}
	w, w2 := must(Nearest(points, 5)), must(Nearest(points2, 5))
	near(t, "I", must(Moran(t.Context(), w2, x2, Options{})).Z, must(Moran(t.Context(), w, x, Options{})).Z)
	near(t, "G", must(General(t.Context(), w2, x2, Options{})).Z, must(General(t.Context(), w, x, Options{})).Z)
	star, star2 := must(GStar(t.Context(), w, x, Options{})), must(GStar(t.Context(), w2, x2, Options{}))
	local, local2 := must(LocalMoran(t.Context(), w, x, Options{})), must(LocalMoran(t.Context(), w2, x2, Options{}))
	for to, from := range order {
		near(t, "Gi*", star2.Units[to].Z, star.Units[from].Z)
		near(t, "local I", local2.Units[to].Z, local.Units[from].Z)
	}
}

// TestOrderOfTies has four others equally far: the more western are taken.
func TestOrderOfTies(t *testing.T) {
	//     b
	//   c a d    k = 2 of a: c, then of b and e, as far from the equator, e
	//     e
	places := map[string]orb.Point{"a": {0, 0}, "b": {0, 1}, "c": {-1, 0}, "d": {1, 0}, "e": {0, -1}}
	for _, names := range [][]string{{"a", "b", "c", "d", "e"}, {"e", "d", "c", "b", "a"}, {"d", "e", "a", "c", "b"}} {
		var points []orb.Point
		for _, name := range names {
			points = append(points, places[name])
		}
		w := must(Nearest(points, 2))
		var got []string
		for _, j := range w.Of(slices.Index(names, "a")) {
			got = append(got, names[j])
		}
		slices.Sort(got)
		if !slices.Equal(got, []string{"c", "e"}) {
			t.Errorf("in order %v the nearest two of a are %v, want c and e", names, got)
		}
	}
}

// TestRotation turns the places about the pole, over the meridian of 180°.
func TestRotation(t *testing.T) {
	points, x := somePoints(60), someValues(60)
	want := must(GStar(t.Context(), must(Nearest(points, 5)), x, Options{Permutations: 99, Seed: 1}))
	for _, turn := range []float64{70.3, 143, 200, 301.7} {
		turned := make([]orb.Point, len(points))
		for i, p := range points {
			turned[i] = orb.Point{math.Mod(p[0]+turn+180, 360) - 180, p[1]}
		}
		for metres := range map[float64]bool{300_000: true, 900_000: true} {
			a, b := must(Band(points, metres)), must(Band(turned, metres))
			if !slices.Equal(a.slots, b.slots) {
				t.Errorf("turned by %g°, neighbours within %g m differ", turn, metres)
			}
		}
		got := must(GStar(t.Context(), must(Nearest(turned, 5)), x, Options{Permutations: 99, Seed: 1}))
		for i, u := range got.Units {
			near(t, "Gi*", u.Z, want.Units[i].Z)
			near(t, "p of Gi*", u.P, want.Units[i].P)
		}
	}
}

// TestScale multiplies weights and values.
func TestScale(t *testing.T) {
	w, x := must(Nearest(somePoints(60), 5)), someValues(60)
	times := make([]float64, len(x))
	for i, v := range x {
		times[i] = 3.7 * v
	}
	o := Options{Permutations: 199, Seed: 9}
	near(t, "I", must(Moran(t.Context(), w.Scaled(17), times, o)).Value, must(Moran(t.Context(), w, x, o)).Value)
	near(t, "p of I", must(Moran(t.Context(), w.Scaled(17), times, o)).PPermutation, must(Moran(t.Context(), w, x, o)).PPermutation)
	near(t, "z of G", must(General(t.Context(), w.Scaled(0.01), times, o)).Z, must(General(t.Context(), w, x, o)).Z)
	type local func(context.Context, *Weights, []float64, Options) (*Local, error)
	for name, f := range map[string]local{"Gi*": GStar, "Gi": G, "local I": LocalMoran} {
		got, want := must(f(t.Context(), w.Scaled(17), times, o)), must(f(t.Context(), w, x, o))
		for i := range x {
			near(t, "z of "+name, got.Units[i].Z, want.Units[i].Z)
			near(t, "p of "+name, got.Units[i].P, want.Units[i].P)
		}
	}
}

// TestWorkers has the same answer from one worker as from many.
func TestWorkers(t *testing.T) {
	w, x := must(Nearest(somePoints(500), 5)), someValues(500)
	o := Options{Permutations: 2000, Seed: 9, Q: 0.1, Workers: 1}
	one, oneLocal := must(Moran(t.Context(), w, x, o)), must(GStar(t.Context(), w, x, o))
	o.Workers = 7
	seven, sevenLocal := must(Moran(t.Context(), w, x, o)), must(GStar(t.Context(), w, x, o))
	if one != seven {
		t.Errorf("one worker: %+v, seven: %+v", one, seven)
	}
	if !slices.Equal(oneLocal.Units, sevenLocal.Units) {
		t.Error("the local statistics depend on the number of workers")
	}
	o.Seed = 10
	if other := must(GStar(t.Context(), w, x, o)); slices.Equal(other.Units, oneLocal.Units) {
		t.Error("another seed draws the same")
	}
}

// TestPlainPermutation compares the shared draws with draws of each place alone.
func TestPlainPermutation(t *testing.T) {
	w := must(Band(somePoints(40), 700_000)) // of 0 to 7 neighbours
	x := someValues(40)
	const draws = 20_000
	got := must(G(t.Context(), w, x, Options{Permutations: draws, Seed: 3}))
	random := rand.New(rand.NewPCG(6, 6))
	for i := range x {
		k, others := w.degree(i), slices.Delete(slices.Clone(x), i, i+1)
		if k == 0 {
			if u := got.Units[i]; !math.IsNaN(u.P) || !math.IsNaN(u.Z) {
				t.Errorf("island %d has p %g, z %g", i, u.P, u.Z)
			}
			continue
		}
		var plain tails
		for range draws {
			random.Shuffle(len(others), func(a, b int) { others[a], others[b] = others[b], others[a] })
			var sum float64
			for _, v := range others[:k] {
				sum += v
			}
			plain.count(w.sum(i, x), sum, 1e-9)
		}
		withinChance(t, "p", got.Units[i].P, plain.p(draws), draws)
	}
}

// TestNearestAgainstAll compares the tree with a look at every pair.
func TestNearestAgainstAll(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 6 {
		points := make([]orb.Point, 200)
		for i := range points {
			points[i] = orb.Point{random.Float64()*360 - 180, math.Asin(random.Float64()*2-1) * 180 / math.Pi}
			if i%5 == 1 {
				points[i] = points[i-1]
			}
		}
		k, metres := 1+random.IntN(20), random.Float64()*3e6
		w, band := must(Nearest(points, k)), must(Band(points, metres))
		for i := range points {
			var all, within []int32
			for j := range points {
				if j != i {
					all = append(all, int32(j))
					if haversine(points[i], points[j]) <= metres {
						within = append(within, int32(j))
					}
				}
			}
			slices.SortFunc(all, func(a, b int32) int {
				return cmp.Compare(haversine(points[i], points[a]), haversine(points[i], points[b]))
			})
			farthest := haversine(points[i], points[all[k-1]])
			for _, j := range w.Of(i) {
				if haversine(points[i], points[j]) > farthest+1e-6 {
					t.Fatalf("%d is not among the %d nearest of %d", j, k, i)
				}
			}
			if len(w.Of(i)) != k || !slices.Equal(band.Of(i), within) {
				t.Fatalf("%d has %d nearest and within %g m %v, want %d and %v", i, len(w.Of(i)), metres, band.Of(i), k, within)
			}
		}
	}
}

// TestReach is the longest of the ways to the next one.
func TestReach(t *testing.T) {
	points := somePoints(60)
	reach := Reach(points)
	if islands := must(Band(points, reach*1.000001)).Islands(); len(islands) > 0 {
		t.Errorf("within %g m %v have no neighbour", reach, islands)
	}
	if islands := must(Band(points, reach*0.999999)).Islands(); len(islands) == 0 {
		t.Errorf("within less than %g m all have neighbours", reach)
	}
	if a, b := Reach(nil), Reach(points[:1]); a != 0 || b != 0 {
		t.Errorf("of no point and of one it is %g and %g", a, b)
	}
}

func haversine(p, q orb.Point) float64 {
	const d = math.Pi / 180
	a, b := math.Sin((q[1]-p[1])*d/2), math.Sin((q[0]-p[0])*d/2)
	return 2 * earthRadius * math.Asin(math.Sqrt(a*a+math.Cos(p[1]*d)*math.Cos(q[1]*d)*b*b))
}

func TestRefused(t *testing.T) {
	points := somePoints(5)
	for name, c := range map[string]struct{ got, want error }{
		"k of 0":           {second(Nearest(points, 0)), ErrK},
		"k of n":           {second(Nearest(points, 5)), ErrK},
		"no points":        {second(Nearest(nil, 1)), ErrK},
		"no distance":      {second(Band(points, 0)), ErrBand},
		"distance is NaN":  {second(Band(points, math.NaN())), ErrBand},
		"a strange slot":   {second(Neighbours([][]int{{1}, {2}})), ErrSlot},
		"too many nearest": {second(Nearest(make([]orb.Point, 20_000), 19_999)), ErrDense},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: error %v, want %v", name, c.got, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestVoid has no numbers, and says why, instead of failing.
func TestVoid(t *testing.T) {
	ring := func(n int) *Weights {
		lists := make([][]int, n)
		for i := range lists {
			lists[i] = []int{(i + 1) % n, (i + n - 1) % n}
		}
		return must(Neighbours(lists))
	}
	equal := []float64{3, 3, 3, 3, 3, 3}
	for name, c := range map[string]struct {
		w             *Weights
		x             []float64
		global, local Void
	}{
		"no place":      {ring(0), nil, Alone, Alone},
		"one place":     {ring(1), []float64{1}, Alone, Alone},
		"two places":    {ring(2), []float64{1, 2}, TooFew, TooFew},
		"three places":  {ring(3), []float64{1, 2, 3}, TooFew, ""},
		"equal values":  {ring(6), equal, Constant, Constant},
		"no neighbours": {must(Neighbours(make([][]int, 6))), someValues(6), Alone, Alone},
	} {
		o := Options{Permutations: 99, Q: 0.05}
		moran, general := must(Moran(t.Context(), c.w, c.x, o)), must(General(t.Context(), c.w, c.x, o))
		if moran.Void != c.global || general.Void != c.global {
			t.Errorf("%s: I is void for %q, G for %q, want %q", name, moran.Void, general.Void, c.global)
		}
		if c.global != "" && !(math.IsNaN(moran.Value) && math.IsNaN(moran.PPermutation) && math.IsNaN(general.Z)) {
			t.Errorf("%s: I is %g, z of G %g, want no number", name, moran.Value, general.Z)
		}
		for _, l := range []*Local{must(GStar(t.Context(), c.w, c.x, o)), must(G(t.Context(), c.w, c.x, o)), must(LocalMoran(t.Context(), c.w, c.x, o))} {
			if l.Void != c.local || len(l.Units) != len(c.x) {
				t.Errorf("%s: %d places, void for %q, want %q", name, len(l.Units), l.Void, c.local)
			}
		}
	}
	if g := must(General(t.Context(), ring(6), []float64{1, -1, 2, 3, 4, 5}, Options{})); g.Void != Negative {
		t.Errorf("G of a negative value is void for %q", g.Void)
	}
	if g := must(General(t.Context(), ring(6), []float64{0, 0, 2, 0, 0, 0}, Options{})); g.Void != TooFew {
		t.Errorf("G of one value is void for %q", g.Void)
	}
	all := must(GStar(t.Context(), ring(3), []float64{1, 2, 3}, Options{Permutations: 99}))
	if u := all.Units[0]; !math.IsNaN(u.Z) || u.P != 1 {
		t.Errorf("with all places as neighbours z is %g, p %g; want no z, and p of 1", u.Z, u.P)
	}
}

// TestResolve draws what Options.Q needs, and says so where that is too much.
func TestResolve(t *testing.T) {
	few := must(Nearest(somePoints(400), 6))
	for _, c := range []struct {
		w      *Weights
		q      float64
		draws  int
		coarse bool
	}{
		{few, 0.05, 15_999, false},
		{few, 0.9, 999, false},
		{few, 0, 999, false},
		{few, 1e-9, maxWork / 7, true},
		{must(Nearest(somePoints(400), 399)), 1e-9, maxWork / 400, true},
	} {
		l, o := &Local{Units: make([]Unit, 400)}, Options{Permutations: 999, Q: c.q}
		l.resolve(c.w, &o)
		if l.Draws != c.draws || o.Permutations != c.draws || l.Coarse != c.coarse {
			t.Errorf("q of %g: %d draws, coarse %v; want %d, %v", c.q, l.Draws, l.Coarse, c.draws, c.coarse)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w, x := must(Nearest(somePoints(500), 5)), someValues(500)
	last := 0
	o := Options{Permutations: 99_999, Progress: func(done, total int) {
		if done != last+1 || done > total {
			t.Errorf("done %d of %d after %d", done, total, last)
		}
		if last = done; done == 3 {
			cancel()
		}
	}}
	if _, err := Moran(ctx, w, x, o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	if last > 3+64 {
		t.Errorf("%d parts were done after the third cancelled", last)
	}
	if _, err := GStar(ctx, w, x, Options{Permutations: 99}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}
