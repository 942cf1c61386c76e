package pattern

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"clustermap/geo/stat/internal/reference"
)

// square is a window with sides of 100 km.
func square(t testing.TB) *Window {
	return must(NewWindow(orb.Ring{{0, 0}, {1e5, 0}, {1e5, 1e5}, {0, 1e5}}))(t)
}

func shuffled(points []orb.Point, weights []float64) ([]orb.Point, []float64, []int) {
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(points))
	var ps []orb.Point
	var ws []float64
	for _, i := range order {
		ps, ws = append(ps, points[i]), append(ws, weights[i])
	}
	return ps, ws, order
}

// TestMedian holds the centre to what makes it the best: the pull of the points is 0
// there, or not more than the weight of the point that it is.
func TestMedian(t *testing.T) {
	points, weights := goldenPoints()
	heavy := slices.Clone(weights)
	heavy[17] = 400
	for _, c := range []struct {
		name    string
		points  []orb.Point
		weights []float64
		want    *orb.Point
	}{
		{"spread", points, nil, nil},
		{"weighted", points, weights, nil},
		{"at a point", points, heavy, &points[17]},
		{"corners", []orb.Point{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, nil, &orb.Point{5, 5}},
		{"corners and the middle", []orb.Point{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {5, 5}}, nil, &orb.Point{5, 5}},
		{"on a line", []orb.Point{{0, 0}, {1, 1}, {9, 9}}, nil, &orb.Point{1, 1}},
		// The mean is one of the points, but not the best.
		{"the mean is a point", []orb.Point{{0, 0}, {0, 0.5}, {0.5, 0}, {4, 4}, {0.5, 0.5}, {1, 1}}, nil, nil},
		{"an angle over 120 degrees", []orb.Point{{-10, 1}, {0, 0}, {10, 1}}, nil, &orb.Point{0, 0}},
		{"one", []orb.Point{{3, 4}}, nil, &orb.Point{3, 4}},
		{"all in one place", []orb.Point{{3, 4}, {3, 4}, {3, 4}}, nil, &orb.Point{3, 4}},
		{"one that weighs something", []orb.Point{{3, 4}, {5, 6}}, []float64{0, 2}, &orb.Point{5, 6}},
	} {
		got := must(Median(c.points, c.weights))(t)
		p := medianOf{c.points, c.weights, 1}.pull(got)
		total := 0.0
		for i := range c.points {
			total += weight(c.weights, i)
		}
		if force := math.Hypot(p.x, p.y); force > p.here+1e-12*total {
			t.Errorf("%s: got %v, which is pulled by %g of %g", c.name, got, force, total)
		}
		if c.want != nil && math.Hypot(got[0]-c.want[0], got[1]-c.want[1]) > 1e-12*extent(c.points) {
			t.Errorf("%s: got %v, want %v", c.name, got, *c.want)
		}
	}
}

func TestEllipse(t *testing.T) {
	points, weights := goldenPoints()
	for _, degrees := range []float64{0, 0.25, 20, 45, 90, 135, 179.75} {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		var long []orb.Point // along an axis so many degrees clockwise from north
		for _, p := range points {
			along, across := p[0], p[1]/10
			long = append(long, orb.Point{along*sin - across*cos, along*cos + across*sin})
		}
		e := must(NewEllipse(long, weights, ArcGIS))(t)
		turned := math.Mod(e.Rotation-degrees+270, 180) - 90
		if math.Abs(turned) > 2 {
			t.Errorf("turned by %g: got a rotation of %g", degrees, e.Rotation)
		}
		ring := e.Ring(360)
		near(t, "area of the ring", must(NewWindow(ring))(t).Area(), e.Area(), 1e-4)
		if !ring.Closed() || ring.Orientation() != orb.CCW {
			t.Error("the ring is not closed and counterclockwise")
		}
		far := math.Hypot(ring[0][0]-e.Center[0], ring[0][1]-e.Center[1])
		near(t, "the ring begins on the major axis", far, e.Major, 1e-9)
		bearing := math.Mod(math.Atan2(ring[0][0]-e.Center[0], ring[0][1]-e.Center[1])*180/math.Pi+180, 180)
		if off := math.Abs(math.Mod(bearing-e.Rotation+270, 180) - 90); off > 1e-6 {
			t.Errorf("the ring begins at %g, its rotation is %g", bearing, e.Rotation)
		}
	}
}

// TestOrderAndScale holds that neither the order of points nor the scale of weights
// changes a figure, draws and all.
func TestOrderAndScale(t *testing.T) {
	points, weights := goldenPoints()
	ps, ws, order := shuffled(points, weights)
	for i := range ws {
		ws[i] *= 8
	}
	close := func(what string, a, b orb.Point) {
		near(t, what, a[0], b[0], 1e-9)
		near(t, what, a[1], b[1], 1e-9)
	}
	close("mean", must(Mean(ps, ws))(t), must(Mean(points, weights))(t))
	close("median", must(Median(ps, ws))(t), must(Median(points, weights))(t))
	near(t, "standard distance", must(StandardDistance(ps, ws))(t), must(StandardDistance(points, weights))(t), 1e-12)
	a, b := must(NewEllipse(ps, ws, CrimeStat))(t), must(NewEllipse(points, weights, CrimeStat))(t)
	near(t, "major axis", a.Major, b.Major, 1e-12)
	near(t, "rotation", a.Rotation, b.Rotation, 1e-9)

	// Points of 0 to 19 of the golden ones are the subject.
	subject := make([]int, 20)
	q := KdQuestion{Sites: points, Subject: subject, Weights: weights[:20]}
	r := KdQuestion{Sites: ps}
	for i := range subject {
		subject[i] = i
	}
	for k, i := range order {
		if i < 20 {
			r.Subject, r.Weights = append(r.Subject, k), append(r.Weights, ws[k])
		}
	}
	for _, weighted := range []bool{true, false} {
		if !weighted {
			q.Weights, r.Weights = nil, nil
		}
		x := must(DurantonOverman(t.Context(), q, Chance{Seed: 5, Draws: 99}))(t)
		y := must(DurantonOverman(t.Context(), r, Chance{Seed: 5, Draws: 99}))(t)
		near(t, "p of K_d", x.P, y.P, 0)
		allNear(t, "K_d", x.Density, y.Density, 1e-9)
		allNear(t, "band of K_d", x.High, y.High, 1e-9)
	}
	w := must(Hull(points))(t)
	x := must(RipleyTest(t.Context(), points[:20], points, w, Radii{20000, 20}, Chance{Seed: 5, Draws: 99}))(t)
	shuffledSubject, _, _ := shuffled(points[:20], weights)
	y := must(RipleyTest(t.Context(), shuffledSubject, ps, w, Radii{20000, 20}, Chance{Seed: 5, Draws: 99}))(t)
	if d := cmp.Diff(x, y); d != "" {
		t.Error("L depends on the order:", d)
	}
}

// TestRotation holds that great-circle neighbours do not change when the Earth turns.
func TestRotation(t *testing.T) {
	points := places(200, 3, 50, 40)
	for i, p := range points {
		points[i] = orb.Point{p[0] + 80, p[1] + 15}
	}
	want := must(ClarkEvans(points, Ground{Area: 1e13, Perimeter: 1e7}))(t)
	for _, turn := range []float64{33, 75.5, -120, 180} {
		turned := slices.Clone(points)
		for i, p := range points {
			turned[i][0] = math.Mod(p[0]+turn+540, 360) - 180
		}
		got := must(ClarkEvans(turned, Ground{Area: 1e13, Perimeter: 1e7}))(t)
		near(t, "index", got.Index, want.Index, 1e-9)
		near(t, "z", got.Z, want.Z, 1e-8)
	}
}

// TestNearest compares with every pair, ties and doubles and the poles among them.
func TestNearest(t *testing.T) {
	points := places(300, 9, 360, 180)
	for i, p := range points {
		points[i] = orb.Point{p[0] - 180, p[1] - 90}
		if i%3 == 0 {
			points[i] = orb.Point{math.Round(p[0]/20)*20 - 180, math.Round(p[1]/20)*20 - 90}
		}
	}
	for i, d := range Nearest(points) {
		want := math.Inf(1)
		for j, q := range points {
			if i != j {
				want = min(want, haversine(points[i], q))
			}
		}
		if math.Abs(d-want) > 1e-6 {
			t.Errorf("point %d: got %g, want %g", i, d, want)
		}
	}
}

func haversine(a, b orb.Point) float64 {
	const rad = math.Pi / 180
	x, y := math.Sin((a[1]-b[1])*rad/2), math.Sin((a[0]-b[0])*rad/2)
	return 2 * EarthRadius * math.Asin(math.Sqrt(min(1, x*x+math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*y*y)))
}

// TestEdge compares the share of a circle in the window with points round it, also for circles that
// go through corners and along edges.
func TestEdge(t *testing.T) {
	points, _ := goldenPoints()
	hull := must(Hull(points))(t)
	bent := must(NewWindow(orb.Ring{{0, 0}, {1e5, 0}, {1e5, 3e4}, {4e4, 3e4}, {4e4, 6e4}, {0, 6e4}, {0, 0}}))(t)
	for _, w := range []*Window{hull, bent, square(t)} {
		k := newRipley(w, Radii{1, 1})
		for _, c := range points[:20] {
			if w == bent && c[0] >= 4e4 && c[1] >= 3e4 {
				continue
			}
			radii := []float64{5000, 20000, 60000, w.toEdge(c)}
			for _, corner := range w.ring {
				radii = append(radii, math.Hypot(corner[0]-c[0], corner[1]-c[1]))
			}
			for _, r := range radii {
				if r == 0 {
					continue
				}
				got, want := k.weight(c, w.toEdge(c), r), sampledInside(w, c, r)
				if math.Abs(1/got-max(want, 1./maxEdge)) > 3e-3 {
					t.Errorf("centre %v, radius %g: got a weight of %g, want %g", c, r, got, 1/want)
				}
			}
		}
	}
}

func sampledInside(w *Window, c orb.Point, r float64) float64 {
	const n = 2000
	in := 0
	for k := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(k) + 0.5) / n)
		if contains(w.ring, orb.Point{c[0] + r*cos, c[1] + r*sin}) {
			in++
		}
	}
	return float64(in) / n
}

func contains(ring orb.Ring, p orb.Point) bool {
	in := false
	for i := range len(ring) - 1 {
		a, b := ring[i], ring[i+1]
		if a[1] > p[1] != (b[1] > p[1]) && p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			in = !in
		}
	}
	return in
}

// TestWorkers holds that the number of goroutines does not change what is drawn.
func TestWorkers(t *testing.T) {
	points, weights := goldenPoints()
	q := KdQuestion{Sites: points, Subject: []int{1, 2, 3, 5, 8, 13, 21, 34}, Weights: weights[:8]}
	w := must(Hull(points))(t)
	var first *Kd
	var firstL *Ripley
	for _, workers := range []int{1, 2, 7} {
		kd := must(DurantonOverman(t.Context(), q, Chance{Seed: 9, Draws: 200, Workers: workers}))(t)
		l := must(RipleyTest(t.Context(), points, nil, w, Radii{10000, 10}, Chance{Seed: 9, Draws: 50, Workers: workers}))(t)
		if first == nil {
			first, firstL = kd, l
		}
		if d := cmp.Diff(first, kd) + cmp.Diff(firstL, l); d != "" {
			t.Errorf("%d workers: %s", workers, d)
		}
	}
}

func TestProgressAndCancel(t *testing.T) {
	points, _ := goldenPoints()
	q := KdQuestion{Sites: points, Subject: []int{1, 2, 3, 5}}
	ctx, cancel := context.WithCancel(t.Context())
	last := 0
	_, err := DurantonOverman(ctx, q, Chance{Draws: 1e6 / 4, Progress: func(done, total int) {
		if done <= last || total != 1e6/4 {
			t.Errorf("progress: %d of %d after %d", done, total, last)
		}
		if last = done; done == 50 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || last > 1000 {
		t.Errorf("cancelled after 50 draws: got %v after %d", err, last)
	}
}

// TestHostile asks what has no answer.
func TestHostile(t *testing.T) {
	one, same := []orb.Point{{5, 5}}, []orb.Point{{5, 5}, {5, 5}, {5, 5}, {5, 5}}
	line := []orb.Point{{0, 0}, {1, 1}, {2, 2}, {7, 7}}
	chance := Chance{Draws: 19}
	kd := func(points []orb.Point, n int) error {
		q := KdQuestion{Sites: points}
		for i := range n {
			q.Subject = append(q.Subject, i)
		}
		_, err := DurantonOverman(t.Context(), q, chance)
		return err
	}
	short := func() error {
		_, err := DurantonOverman(t.Context(), KdQuestion{Sites: line, Subject: []int{0, 1, 2}, Max: 1e-9}, chance)
		return err
	}
	errOf := func(_ any, err error) error { return err }
	for name, c := range map[string]struct{ got, want error }{
		"mean of none":                {errOf(Mean(nil, nil)), ErrTooFew},
		"mean without weight":         {errOf(Mean(one, []float64{0})), ErrTooFew},
		"median of none":              {errOf(Median(nil, nil)), ErrTooFew},
		"standard distance of none":   {errOf(StandardDistance(nil, nil)), ErrTooFew},
		"standard distance of one":    {errOf(StandardDistance(one, nil)), nil},
		"ellipse of two":              {errOf(NewEllipse(line[:2], nil, Yuill)), ErrTooFew},
		"ellipse of one place":        {errOf(NewEllipse(same, nil, ArcGIS)), ErrNoSpread},
		"ellipse of a line":           {errOf(NewEllipse(line, nil, ArcGIS)), ErrNoSpread},
		"neighbours of none":          {errOf(ClarkEvans(nil, Ground{Area: 1})), ErrTooFew},
		"neighbours of one":           {errOf(ClarkEvans(one, Ground{Area: 1})), ErrTooFew},
		"neighbours of one place":     {errOf(ClarkEvans(same, Ground{Area: 1})), nil},
		"neighbours without an area":  {errOf(ClarkEvans(line, Ground{})), ErrNoSpread},
		"hull of none":                {errOf(Hull(nil)), ErrNoSpread},
		"hull of one place":           {errOf(Hull(same)), ErrNoSpread},
		"hull of a line":              {errOf(Hull(line)), ErrNoSpread},
		"L of one":                    {errOf(RipleyL(one, square(t), Radii{10, 10})), ErrTooFew},
		"L of one place":              {errOf(RipleyL(same, square(t), Radii{10, 10})), nil},
		"L of more than sites":        {errOf(RipleyTest(t.Context(), same, one, square(t), Radii{10, 10}, chance)), ErrTooFew},
		"K_d of none":                 {kd(line, 0), ErrTooFew},
		"K_d of two":                  {kd(line, 2), ErrTooFew},
		"K_d of one place":            {kd(same, 3), ErrNoSpread},
		"K_d up to next to nothing":   {short(), ErrTooShort},
		"K_d of all sites on a line":  {kd(line, 4), nil},
		"K_d of one place among some": {kd(append(line, same...), 5), nil},
	} {
		if !errors.Is(c.got, c.want) || c.want == nil && c.got != nil {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
}

// TestKnownPatterns asks about patterns of which the answer is known.
func TestKnownPatterns(t *testing.T) {
	w := square(t)
	r := rand.New(rand.NewPCG(1, 1))
	random := make([]orb.Point, 400)
	w.random(r, random)
	clustered, grid := slices.Clone(random), slices.Clone(random)
	for i := range 20 {
		clustered[i] = orb.Point{3e4 + 3e3*r.Float64(), 7e4 + 3e3*r.Float64()}
	}
	for i := range 25 {
		grid[i] = orb.Point{1e4 + 2e4*float64(i%5), 1e4 + 2e4*float64(i/5)}
	}
	for _, c := range []struct {
		name               string
		sites              []orb.Point
		n                  int
		clustered, regular bool
	}{{"one cluster", clustered, 20, true, false}, {"a grid", grid, 25, false, true}} {
		l := must(RipleyTest(t.Context(), c.sites[:c.n], nil, w, Radii{18000, 36}, Chance{Seed: 1, Draws: 199}))(t)
		if l.Clustered != c.clustered || l.Regular != c.regular || l.P > Alpha {
			t.Errorf("L of %s: clustered %v, regular %v, p %g", c.name, l.Clustered, l.Regular, l.P)
		}
		q := KdQuestion{Sites: c.sites, Subject: make([]int, c.n)}
		for i := range q.Subject {
			q.Subject[i] = i
		}
		kd := must(DurantonOverman(t.Context(), q, Chance{Seed: 1, Draws: 199}))(t)
		if kd.Localised != c.clustered || kd.Dispersed && !c.regular || kd.Localised != (kd.P <= Alpha) || (kd.Excess > 0) != kd.Localised {
			t.Errorf("K_d of %s: %+v", c.name, kd)
		}
		if kd.Localised && (kd.From != 0 || kd.To > 10000) {
			t.Errorf("K_d of %s: localised from %g to %g m, want 0 and under 10 km", c.name, kd.From, kd.To)
		}
		points := degrees(c.sites[:c.n])
		nn := must(ClarkEvans(points, Ground{1e10, 4e5}))(t)
		if nn.P > Alpha || nn.Index < 1 != c.clustered {
			t.Errorf("neighbours of %s: %+v", c.name, nn)
		}
	}
}

// degrees puts metres on the Earth around 0, 0, where both are alike.
func degrees(points []orb.Point) []orb.Point {
	var out []orb.Point
	for _, p := range points {
		out = append(out, orb.Point{(p[0] - 5e4) / EarthRadius * 180 / math.Pi, (p[1] - 5e4) / EarthRadius * 180 / math.Pi})
	}
	return out
}

// TestFalseAlarms asks 500 times about complete randomness: each test must find
// something in 5 % of the runs, within the 99 % interval of the binomial distribution.
func TestFalseAlarms(t *testing.T) {
	const runs = 500
	w := square(t)
	var neighbours, ripleys, fromSites, localised, dispersed, weighted int
	count := func(n *int, p float64) {
		if p <= Alpha {
			*n++
		}
	}
	for run := range runs {
		r := source(77, run)
		sites := make([]orb.Point, 60)
		w.random(r, sites)
		chance := Chance{Seed: uint64(run), Draws: 39}
		count(&neighbours, must(ClarkEvans(degrees(sites[:50]), Ground{1e10, 4e5}))(t).P)
		count(&ripleys, must(RipleyTest(t.Context(), sites[:15], nil, w, Radii{25000, 10}, chance))(t).P)
		count(&fromSites, must(RipleyTest(t.Context(), sites[:15], sites, w, Radii{25000, 10}, chance))(t).P)
		q := KdQuestion{Sites: sites, Subject: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, Steps: 20}
		kd := must(DurantonOverman(t.Context(), q, chance))(t)
		count(&localised, kd.P)
		count(&dispersed, kd.PDispersed)
		for range q.Subject {
			q.Weights = append(q.Weights, 1+math.Floor(5*r.Float64()))
		}
		count(&weighted, must(DurantonOverman(t.Context(), q, chance))(t).P)
	}
	for name, n := range map[string]int{"neighbours": neighbours, "L": ripleys, "L from sites": fromSites,
		"localised": localised, "dispersed": dispersed, "localised by weight": weighted} {
		t.Logf("%s: %d of %d", name, n, runs)
		if n < 13 || n > 38 {
			t.Errorf("%s: %d of %d runs at 5 %%, want 13 to 38", name, n, runs)
		}
	}
}

// TestBinning holds the error of the curves of draws to what newLattice says.
func TestBinning(t *testing.T) {
	sites := places(1000, 21, 3e6, 2e6)
	for _, c := range []struct {
		n     int
		error float64
	}{{5, 1e-3}, {13, 1e-4}, {100, 1e-4}, {1000, 1e-5}} {
		q := KdQuestion{Sites: sites, Max: 1e6, Steps: 100}
		g := newLattice(q, sites)
		chosen := make([]int32, c.n)
		newPicker(len(sites)).pick(source(1, 1), chosen)
		var points []orb.Point
		for _, i := range chosen {
			points = append(points, sites[i])
		}
		got := make([]float64, 101)
		h := newSmoother(g, c.n, nil).curve(chosen, got)
		near(t, "bandwidth", h, Silverman(points), 1e-3)
		want := Density(points, nil, 1e6, 100, Silverman(points))
		worst := 0.0
		for k := range want {
			worst = max(worst, math.Abs(got[k]-want[k])/slices.Max(want))
		}
		t.Logf("%d points: %.2g", c.n, worst)
		if worst > c.error {
			t.Errorf("%d points: the curve is off by %g of its height, want %g at most", c.n, worst, c.error)
		}
	}
}

// kdPeerSites are those of testdata/peer.py.
func kdPeerSites() KdQuestion {
	q := KdQuestion{Sites: places(4000, 13, 3e6, 2e6), Max: 1e6}
	for i := range 1000 {
		q.Subject = append(q.Subject, i)
	}
	return q
}

func BenchmarkKd(b *testing.B) {
	q := kdPeerSites()
	for b.Loop() {
		must(DurantonOverman(b.Context(), q, Chance{Seed: 1, Draws: 1000}))(b)
	}
}

func BenchmarkRipley(b *testing.B) {
	points := places(400, 13, 3e6, 2e6)
	w := must(Hull(points))(b)
	for b.Loop() {
		must(RipleyTest(b.Context(), points, nil, w, Radii{5e5, 50}, Chance{Seed: 1, Draws: 999}))(b)
	}
}

// BenchmarkKdPeers asks for K_d of 1,000 points with 1,000 draws here and of numpy and
// scipy, in turn.
func BenchmarkKdPeers(b *testing.B) {
	q := kdPeerSites()
	for b.Loop() {
		var ours, theirs float64
		for range 3 {
			start := b.Elapsed()
			must(DurantonOverman(b.Context(), q, Chance{Seed: 1, Draws: 1000}))(b)
			if took := (b.Elapsed() - start).Seconds(); ours == 0 || took < ours {
				ours = took
			}
		}
		reference.Run(b, "peer.py", &theirs)
		b.ReportMetric(ours, "s-ours")
		b.ReportMetric(theirs, "s-numpy")
		b.ReportMetric(theirs/ours, "times-faster")
	}
}
