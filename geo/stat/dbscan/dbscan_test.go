package dbscan

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
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

type place struct {
	N, Seed          int
	Lon, Lat, Spread float64
}

// blobs are points about seven centres, the more the nearer, and some anywhere.
func (p place) blobs() []orb.Point {
	u := uniform(4*p.N, p.Seed)
	out := make([]orb.Point, p.N)
	for i := range out {
		a, b, c, d := u[4*i], u[4*i+1], u[4*i+2], u[4*i+3]
		k := int(c * 8)
		x, y := (a-0.5)*12, (b-0.5)*12
		if k < 7 {
			x, y = float64(k*5%7-3)+(a-0.5)*d, float64(k*3%7-3)+(b-0.5)*d
		}
		out[i] = orb.Point{math.Mod(p.Lon+x*p.Spread+540, 360) - 180, p.Lat + y*p.Spread}
	}
	return out
}

func weights(n int) []float64 {
	out := uniform(n, 7)
	for i, u := range out {
		out[i] = 1 + math.Floor(4*u)
	}
	return out
}

type goldenFile struct {
	DBSCAN []struct {
		place
		Weighted  bool
		Eps       float64
		MinPoints float64 `json:"min_points"`
		Labels    []int
		Core      []int
	}
	HDBSCAN []struct {
		place
		Size, Samples int
		Method        string
		Labels        []int
		Probability   []float64
		Reach         []float64
	}
}

func golden(t *testing.T) (g goldenFile) {
	t.Helper()
	reference.Read(t, "golden-py.json", &g)
	return g
}

// Core points and noise are those of scikit-learn, core points of one cluster there are
// of one here, and a border point is in the cluster of the core point that is nearest.
func TestDBSCANGolden(t *testing.T) {
	for _, want := range golden(t).DBSCAN {
		points := want.blobs()
		q := Question{Eps: want.Eps, MinPoints: want.MinPoints}
		if want.Weighted {
			q.Weights = weights(want.N)
		}
		got, err := DBSCAN(context.Background(), points, q, Work{})
		if err != nil {
			t.Fatal(err)
		}
		if got.N < 5 || got.N != 1+slices.Max(want.Labels) {
			t.Errorf("%+v: %d clusters, want %d", want.place, got.N, 1+slices.Max(want.Labels))
		}
		there, here := map[int]int{}, map[int]int{}
		borders := 0
		for i, l := range got.Labels {
			w := want.Labels[i]
			if got.Core[i] != (want.Core[i] == 1) || (l == Noise) != (w == Noise) {
				t.Fatalf("%+v: point %d is core: %v, labelled %d; want %d, %d", want.place, i, got.Core[i], l, want.Core[i], w)
			}
			if got.Core[i] {
				if a, ok := there[l]; ok && a != w {
					t.Fatalf("%+v: label %d is %d and %d", want.place, l, a, w)
				}
				if a, ok := here[w]; ok && a != l {
					t.Fatalf("%+v: label %d was %d and %d", want.place, w, a, l)
				}
				there[l], here[w] = w, l
			}
		}
		for i, l := range got.Labels {
			if l == Noise || got.Core[i] {
				continue
			}
			borders++
			nearest := math.Inf(1)
			var of int
			for j, p := range points {
				if d := haversine(points[i], p); got.Core[j] && d < nearest {
					nearest, of = d, got.Labels[j]
				}
			}
			if l != of {
				t.Errorf("%+v: border point %d is in %d, nearest is %d", want.place, i, l, of)
			}
		}
		if borders == 0 {
			t.Errorf("%+v: no border points", want.place)
		}
	}
}

func haversine(a, b orb.Point) float64 {
	const rad = math.Pi / 180
	x, y := math.Sin((b[0]-a[0])*rad/2), math.Sin((b[1]-a[1])*rad/2)
	return 2 * Radius * math.Asin(math.Sqrt(y*y+math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*x*x))
}

// Labels are those of scikit-learn up to numbering, and memberships to 1e-9.
func TestHDBSCANGolden(t *testing.T) {
	for _, want := range golden(t).HDBSCAN {
		q := HQuestion{MinSize: want.Size, MinPoints: want.Samples}
		if want.Method == "leaf" {
			q.Selection = Leaf
		}
		got, err := HDBSCAN(context.Background(), want.blobs(), q, Work{})
		if err != nil {
			t.Fatal(err)
		}
		labels, n := renumbered(want.Labels, len(want.Labels))
		if got.N < 2 || got.N != n || !slices.Equal(got.Labels, labels) {
			t.Errorf("%+v %d %d %s: %d clusters, want %d", want.place, want.Size, want.Samples, want.Method, got.N, n)
			continue
		}
		for i, p := range want.Probability {
			if math.Abs(got.Probability[i]-p) > 1e-9 {
				t.Errorf("%+v %d %d %s: point %d belongs by %.12f, want %.12f", want.place, want.Size, want.Samples, want.Method, i, got.Probability[i], p)
				break
			}
			if r := want.Reach[i]; math.Abs(got.Reach[i]-r) > 1e-9*r+1e-8 {
				t.Fatalf("%+v: the reach of %d is %v, want %v", want.place, i, got.Reach[i], r)
			}
		}
	}
}

func random(n int, seed uint64) []orb.Point {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]orb.Point, n)
	for i := range out {
		p := orb.Point{r.Float64()*360 - 180, math.Asin(2*r.Float64()-1) * 180 / math.Pi}
		if i > 10 && r.IntN(5) > 0 {
			near := out[r.IntN(10)]
			lat := max(-90, min(90, near[1]+r.NormFloat64()))
			p = orb.Point{math.Remainder(near[0]+r.NormFloat64()/math.Cos(lat*math.Pi/180), 360), lat}
		}
		out[i] = p
	}
	return out
}

// plain is DBSCAN by a look at all pairs.
func plain(points []orb.Point, q Question) *Clusters {
	n := len(points)
	at := make([]vector, n)
	for i, p := range points {
		at[i] = vectorOf(p)
	}
	near := func(i, j int) bool { return math.Sqrt(at[i].chord2(&at[j])) <= chord(q.Eps)+slack }
	out := &Clusters{Labels: make([]int, n), Core: make([]bool, n)}
	for i := range points {
		out.Labels[i] = Noise
		sum := 0.0
		for j := range points {
			if near(i, j) {
				sum += q.Weights[j]
			}
		}
		out.Core[i] = sum >= q.MinPoints
	}
	for i := range points {
		if !out.Core[i] || out.Labels[i] != Noise {
			continue
		}
		out.Labels[i] = out.N
		for stack := []int{i}; len(stack) > 0; {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for j := range points {
				if out.Core[j] && out.Labels[j] == Noise && near(k, j) {
					out.Labels[j] = out.N
					stack = append(stack, j)
				}
			}
		}
		out.N++
	}
	for i := range points {
		nearest := math.Inf(1)
		for j := range points {
			if d := at[i].chord2(&at[j]); !out.Core[i] && out.Core[j] && near(i, j) && d < nearest {
				nearest, out.Labels[i] = d, out.Labels[j]
			}
		}
	}
	out.Labels, out.N = renumbered(out.Labels, n)
	return out
}

func TestDBSCANIsThatOfAllPairs(t *testing.T) {
	for seed := range uint64(20) {
		points := random(400, seed)
		q := Question{Eps: []float64{1e3, 5e4, 2e5, 1e6, 2.5e6, 3e7}[seed%6], MinPoints: float64(2 + seed%9), Weights: make([]float64, 400)}
		for i := range q.Weights {
			q.Weights[i] = float64(i % 3)
		}
		got, err := DBSCAN(context.Background(), points, q, Work{Workers: 3})
		if err != nil {
			t.Fatal(err)
		}
		want := plain(points, q)
		if got.N != want.N || !slices.Equal(got.Labels, want.Labels) || !slices.Equal(got.Core, want.Core) {
			t.Errorf("seed %d: %d clusters, want %d", seed, got.N, want.N)
		}
	}
}

// span of all pairs, by Prim's method.
func TestSpanIsTheShortest(t *testing.T) {
	points := append(random(300, 5), random(40, 5)...) // some at one place
	f := newForest(points)
	run := Work{Workers: 2}.start(context.Background(), 1)
	f.findReach(run, 4)
	got, want := 0.0, 0.0
	for _, l := range f.span(run) {
		got += math.Sqrt(l.reach2)
	}
	least := slices.Repeat([]float64{math.Inf(1)}, len(f.at))
	in := make([]bool, len(f.at))
	for at, left := 0, len(f.at)-1; left > 0; left-- {
		in[at] = true
		next := -1
		for j := range f.at {
			least[j] = min(least[j], max(f.at[at].chord2(&f.at[j]), f.reach2[at], f.reach2[j]))
			if !in[j] && (next < 0 || least[j] < least[next]) {
				next = j
			}
		}
		want += math.Sqrt(least[next])
		at = next
	}
	if math.Abs(got-want) > 1e-12*want {
		t.Errorf("the links are %v in sum, want %v", got, want)
	}
}

// The order of points, a turn about the poles and the scale of weights change nothing but
// the numbers of the labels.
func TestInvariance(t *testing.T) {
	points := random(500, 9)
	w := weights(500)
	order := rand.New(rand.NewPCG(3, 3)).Perm(500)
	mixed, mixedW, turned, scaled := make([]orb.Point, 500), make([]float64, 500), make([]orb.Point, 500), make([]float64, 500)
	for i, o := range order {
		mixed[i], mixedW[i] = points[o], w[o]
		turned[i] = orb.Point{math.Remainder(points[i][0]+97.31, 360), points[i][1]}
		scaled[i] = w[i] * 0.37
	}
	ask := func(points []orb.Point, q Question) []int {
		c, err := DBSCAN(context.Background(), points, q, Work{})
		if err != nil {
			t.Fatal(err)
		}
		return c.Labels
	}
	h := func(points []orb.Point, workers int) *Memberships {
		m, err := HDBSCAN(context.Background(), points, HQuestion{MinSize: 8, MinPoints: 5}, Work{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	q := Question{Eps: 60e3, MinPoints: 11, Weights: w}
	labels, members := ask(points, q), h(points, 1)
	if slices.Max(labels) < 3 || members.N < 3 || !slices.Contains(labels, Noise) || !slices.Contains(members.Labels, Noise) {
		t.Fatalf("too simple: %d, %d clusters", slices.Max(labels), members.N)
	}
	same := func(what string, got, want []int) {
		if !slices.Equal(got, want) {
			t.Errorf("%s: labels differ", what)
		}
	}
	reordered := func(labels []int) []int {
		out := make([]int, len(labels))
		for i, o := range order {
			out[i] = labels[o]
		}
		out, _ = renumbered(out, len(out))
		return out
	}
	same("turned", ask(turned, q), labels)
	same("scaled", ask(points, Question{Eps: q.Eps, MinPoints: q.MinPoints * 0.37, Weights: scaled}), labels)
	same("in another order", ask(mixed, Question{Eps: q.Eps, MinPoints: q.MinPoints, Weights: mixedW}), reordered(labels))
	same("HDBSCAN turned", h(turned, 2).Labels, members.Labels)
	same("HDBSCAN by three", h(points, 3).Labels, members.Labels)
	same("HDBSCAN in another order", h(mixed, 2).Labels, reordered(members.Labels))
}

// Where many links are as long, and points are at one place, the order still does not
// matter.
func TestInvarianceOfALattice(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for round := range 30 {
		var points []orb.Point
		for range 150 {
			points = append(points, orb.Point{float64(r.IntN(9)+12*r.IntN(2)) / 10, float64(r.IntN(9)) / 10})
		}
		q := HQuestion{MinSize: 2 + round%5, MinPoints: 1 + round%7, Selection: Selection(round % 2)}
		first, err := HDBSCAN(context.Background(), points, q, Work{})
		if err != nil {
			t.Fatal(err)
		}
		cores, err := DBSCAN(context.Background(), points, Question{Eps: 11.2e3, MinPoints: 6}, Work{})
		if err != nil {
			t.Fatal(err)
		}
		order := r.Perm(len(points))
		mixed, labels, probability := picked(points, order), picked(first.Labels, order), picked(first.Probability, order)
		labels, _ = renumbered(labels, len(labels))
		again, err := HDBSCAN(context.Background(), mixed, q, Work{Workers: 3})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(again.Labels, labels) || !slices.Equal(again.Probability, probability) {
			t.Errorf("round %d: HDBSCAN depends on the order", round)
		}
		want, _ := renumbered(picked(cores.Labels, order), len(order))
		if got, err := DBSCAN(context.Background(), mixed, Question{Eps: 11.2e3, MinPoints: 6}, Work{}); err != nil || !slices.Equal(got.Labels, want) {
			t.Errorf("round %d: DBSCAN depends on the order (%v)", round, err)
		}
	}
}

func TestPatterns(t *testing.T) {
	var grid, pole, line []orb.Point
	for i := range 100 {
		grid = append(grid, orb.Point{float64(i % 10), float64(i / 10)})
		pole = append(pole, orb.Point{float64(i)*3.6 - 180, 89.9})
		line = append(line, orb.Point{math.Remainder(179.5+float64(i)*0.01, 360), 0})
	}
	for _, c := range []struct {
		name        string
		points      []orb.Point
		eps, least  float64
		count, none int
	}{
		{"a grid whose points reach each other", grid, 112e3, 3, 1, 0},
		{"a grid whose points do not", grid, 100e3, 3, 0, 100},
		{"a ring about the pole", pole, 1e3, 3, 1, 0},
		{"a line across 180 degrees", line, 1.2e3, 3, 1, 0},
		{"none", nil, 1e3, 3, 0, 0},
		{"one that is enough", grid[:1], 1e3, 1, 1, 0},
		{"one that is not", grid[:1], 1e3, 2, 0, 1},
		{"all at one place", slices.Repeat(grid[:1], 50), 1e-9, 50, 1, 0},
		{"all within reach", grid, 1e9, 100, 1, 0},
	} {
		got, err := DBSCAN(context.Background(), c.points, Question{Eps: c.eps, MinPoints: c.least}, Work{})
		if err != nil {
			t.Fatal(err)
		}
		noise := 0
		for _, l := range got.Labels {
			if l == Noise {
				noise++
			}
		}
		if got.N != c.count || noise != c.none {
			t.Errorf("%s: %d clusters and %d in none, want %d and %d", c.name, got.N, noise, c.count, c.none)
		}
		if _, err := HDBSCAN(context.Background(), c.points, HQuestion{MinSize: 5}, Work{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	two := slices.Concat(slices.Repeat(grid[:1], 50), slices.Repeat(grid[1:2], 50))
	if m, _ := HDBSCAN(context.Background(), two, HQuestion{MinSize: 5}, Work{}); m.N != 2 || slices.Min(m.Probability) != 1 {
		t.Errorf("two places are %d clusters: %v", m.N, m.Probability)
	}
}

func TestQuestionsWithoutAnswer(t *testing.T) {
	points := random(5, 1)
	for _, q := range []Question{
		{MinPoints: 2}, {Eps: -1, MinPoints: 2}, {Eps: math.NaN(), MinPoints: 2}, {Eps: 1}, {Eps: 1, MinPoints: math.NaN()},
		{Eps: 1, MinPoints: 1, Weights: []float64{1}}, {Eps: 1, MinPoints: 1, Weights: []float64{1, 1, 1, 1, -1}},
	} {
		if _, err := DBSCAN(context.Background(), points, q, Work{}); err == nil {
			t.Errorf("%+v has an answer", q)
		}
	}
	if _, err := HDBSCAN(context.Background(), points, HQuestion{MinSize: 1}, Work{}); err == nil {
		t.Error("clusters of one are answered")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := DBSCAN(ctx, points, Question{Eps: 1, MinPoints: 1}, Work{}); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
	if _, err := HDBSCAN(ctx, points, HQuestion{MinSize: 2}, Work{}); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
}

func BenchmarkDBSCAN(b *testing.B) {
	points := place{20000, 1, 115, 32, 1}.blobs()
	for b.Loop() {
		if _, err := DBSCAN(context.Background(), points, Question{Eps: 10e3, MinPoints: 10}, Work{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHDBSCAN(b *testing.B) {
	points := place{20000, 1, 115, 32, 1}.blobs()
	for b.Loop() {
		if _, err := HDBSCAN(context.Background(), points, HQuestion{MinSize: 20, MinPoints: 5}, Work{}); err != nil {
			b.Fatal(err)
		}
	}
}
