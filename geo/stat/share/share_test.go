package share

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"clustermap/geo/stat/internal/reference"
)

const (
	units  = 40
	trades = 6
)

// table and items are the input of testdata/golden.py.
func table(year int) [][]float64 {
	t := make([][]float64, units)
	for u := range t {
		t[u] = make([]float64, trades)
		for k := range t[u] {
			if v := (u*7919 + k*104729 + year*31 + u*u*k) % (11 + 3*k); v >= 5 {
				t[u][k] = float64(v)
			}
		}
	}
	return t
}

func items() []Item {
	all := make([]Item, 300)
	for i := range all {
		all[i] = Item{Unit: (i*i*17 + i) % units, Value: float64(1 + i*37%23), Subject: -1}
		if (i*53+i*i)%7 < 2 {
			all[i].Subject = 0
		}
	}
	return all
}

// of gives a trade and all trades by unit.
func of(t [][]float64, trade int) (part, all []float64) {
	for _, row := range t {
		part = append(part, row[trade])
		total := 0.0
		for _, v := range row {
			total += v
		}
		all = append(all, total)
	}
	return part, all
}

// near says whether two numbers are the same to 1e-9, or both none.
func near(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= 1e-12+1e-9*max(math.Abs(a), math.Abs(b))
}

func check(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !near(got, want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func checkAll(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if !slices.EqualFunc(got, want, near) {
		t.Errorf("%s are %v, want %v", what, got, want)
	}
}

func checkReason(t *testing.T, what string, got, want Reason) {
	t.Helper()
	if got != want {
		t.Errorf("%s: the reason is %q, want %q", what, got, want)
	}
}

// number is a number of a golden file, NaN where it is null.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = number(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

func floats(numbers []number) []float64 {
	f := make([]float64, len(numbers))
	for i, n := range numbers {
		f[i] = float64(n)
	}
	return f
}

func TestGolden(t *testing.T) {
	var golden struct {
		LQ             []number
		Standardised   []number
		Intervals      [][]number
		Herfindahl     float64
		Normalised     float64
		CR4            float64
		Gini           float64
		GiniWithZeros  float64 `json:"gini_with_zeros"`
		GiniRelative   float64 `json:"gini_relative"`
		Theil          float64
		TheilBetween   float64                                  `json:"theil_between"`
		TheilWithin    float64                                  `json:"theil_within"`
		EllisonGlaeser struct{ Gamma, Raw, Herfindahl float64 } `json:"ellison_glaeser"`
		Krugman        float64
		ShiftShare     [][]float64 `json:"shift_share"`
	}
	reference.Read(t, "golden-py.json", &golden)
	before, after := table(0), table(1)
	part, all := of(before, 2)

	quotients, _ := Quotients(part, all)
	checkAll(t, "location quotients", quotients, floats(golden.LQ))
	z, _ := Standardised(quotients)
	checkAll(t, "standardised quotients", z, floats(golden.Standardised))
	intervals, err := QuotientIntervals(context.Background(), items(), Bootstrap{Draws: 199, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for c, i := range intervals {
		checkAll(t, "ends of an interval", []float64{i.Low, i.High}, floats(golden.Intervals[c.Unit]))
	}
	if len(intervals) < 10 {
		t.Errorf("only %d units have an interval", len(intervals))
	}

	c := Herfindahl(part)
	check(t, "Herfindahl", c.Herfindahl, golden.Herfindahl)
	check(t, "normalised Herfindahl", c.Normalised, golden.Normalised)
	cr4, _ := Ratio(part, 4)
	check(t, "CR4", cr4, golden.CR4)
	check(t, "Gini", Gini(all, nil).Gini, golden.Gini)
	check(t, "Gini with zeros", Gini(part, nil).Gini, golden.GiniWithZeros)
	check(t, "relative Gini", Gini(part, all).Gini, golden.GiniRelative)

	groups := make([]int, units)
	for u := range groups {
		groups[u] = u % 5
	}
	theil := Theil(all, nil, groups, 5)
	check(t, "Theil", theil.Theil, golden.Theil)
	check(t, "Theil between", theil.Between, golden.TheilBetween)
	check(t, "Theil within", theil.Within, golden.TheilWithin)

	var sizes []float64
	var unit []int
	reference := make([]float64, units)
	for _, i := range items() {
		reference[i.Unit] += i.Value
		if i.Subject == 0 {
			sizes, unit = append(sizes, i.Value), append(unit, i.Unit)
		}
	}
	eg := EllisonGlaeser(sizes, unit, reference)
	check(t, "gamma", eg.Gamma, golden.EllisonGlaeser.Gamma)
	check(t, "raw concentration", eg.Raw, golden.EllisonGlaeser.Raw)
	check(t, "plant Herfindahl", eg.Herfindahl, golden.EllisonGlaeser.Herfindahl)

	krugman, _ := Krugman(before[3], before[7])
	check(t, "Krugman", krugman, golden.Krugman)
	shifts, _ := ShiftShare(before, after)
	for u, s := range shifts {
		checkAll(t, "parts of the shift", []float64{s.National, s.Mix, s.Competitive, s.Total}, golden.ShiftShare[u])
	}
}

// TestOrderAndScale turns units about and multiplies the weights: no figure
// changes.
func TestOrderAndScale(t *testing.T) {
	part, all := of(table(0), 2)
	random := rand.New(rand.NewPCG(1, 1))
	groups := make([]int, units)
	for u := range groups {
		groups[u] = u % 5
	}
	figures := func(part, all []float64, groups []int, sizes []float64, unit []int) []float64 {
		c := Herfindahl(part)
		cr, _ := Ratio(part, 8)
		theil := Theil(part, all, groups, 5)
		eg := EllisonGlaeser(sizes, unit, all)
		k, _ := Krugman(part, all)
		half, share, _ := Half(part)
		return []float64{c.Herfindahl, c.Normalised, cr, Gini(part, all).Gini, Gini(part, nil).Gini, theil.Theil,
			theil.Within, theil.Between, eg.Gamma, k, float64(half), share}
	}
	sizes, unit := []float64{3, 4, 5, 1, 1}, []int{0, 3, 3, 20, 39}
	want := figures(part, all, groups, sizes, unit)
	stars := Stars(part, all, Decile())
	for range 50 {
		order := random.Perm(units)
		place := make([]int, units)
		p, a, g := make([]float64, units), make([]float64, units), make([]int, units)
		for to, from := range order {
			p[to], a[to], g[to], place[from] = 1e3*part[from], 7*all[from], groups[from], to
		}
		sz, un := make([]float64, len(sizes)), make([]int, len(unit))
		for i, from := range random.Perm(len(sizes)) {
			sz[i], un[i] = 0.01*sizes[from], place[unit[from]]
		}
		checkAll(t, "figures of another order and scale", figures(p, a, g, sz, un), want)
		turned := Stars(p, a, Decile())
		for to, from := range order {
			if turned.Stars[to].Count() != stars.Stars[from].Count() {
				t.Fatalf("unit %d has %d stars in another order, %d before", from, turned.Stars[to].Count(), stars.Stars[from].Count())
			}
		}
	}
}

// TestNothingPanics gives every function what no figure exists for.
func TestNothingPanics(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		values []float64
		want   Reason
	}{
		{"nothing", nil, Empty},
		{"zeros", []float64{0, 0}, Zero},
		{"a negative", []float64{3, -1}, Negative},
		{"no number", []float64{3, nan}, NotFinite},
		{"infinite", []float64{3, inf}, NotFinite},
		{"too large a sum", []float64{math.MaxFloat64, math.MaxFloat64}, NotFinite},
	} {
		shares, reason := Shares(c.values)
		checkReason(t, c.name, reason, c.want)
		if shares != nil {
			t.Errorf("%s: shares are %v", c.name, shares)
		}
		h := Herfindahl(c.values)
		checkReason(t, c.name, h.Reason, c.want)
		check(t, c.name, h.Herfindahl, nan)
		ratio, reason := Ratio(c.values, 4)
		checkReason(t, c.name, reason, c.want)
		check(t, c.name, ratio, nan)
		_, half, reason := Half(c.values)
		checkReason(t, c.name, reason, c.want)
		check(t, c.name, half, nan)
		ones := slices.Repeat([]float64{1}, len(c.values))
		for _, reference := range [][]float64{nil, ones} {
			g := Gini(c.values, reference)
			checkReason(t, c.name, g.Reason, c.want)
			check(t, c.name, g.Gini, nan)
			e := Theil(c.values, reference, nil, 0)
			checkReason(t, c.name, e.Reason, c.want)
			check(t, c.name, e.Theil, nan)
		}
		eg := EllisonGlaeser(c.values, make([]int, len(c.values)), []float64{1, 1})
		checkReason(t, c.name, eg.Reason, c.want)
		check(t, c.name, eg.Gamma, nan)
		q, reason := Quotients(c.values, ones)
		checkReason(t, c.name, reason, c.want)
		checkAll(t, c.name, q, nans(len(c.values)))
		checkReason(t, c.name, Stars(c.values, ones, Decile()).Reason, c.want)
		k, reason := Krugman(c.values, ones)
		checkReason(t, c.name, reason, c.want)
		check(t, c.name, k, nan)
		shifts, reason := ShiftShare([][]float64{c.values}, [][]float64{ones})
		checkReason(t, c.name, reason, c.want)
		check(t, c.name, shifts[0].National, nan)
	}
	_, reason := ShiftShare(nil, nil)
	checkReason(t, "no units", reason, Empty)
}

func TestLengths(t *testing.T) {
	one, two := []float64{1}, []float64{1, 1}
	_, reason := Quotients(one, two)
	checkReason(t, "quotients", reason, Lengths)
	checkReason(t, "stars", Stars(two, one, Decile()).Reason, Lengths)
	checkReason(t, "Gini", Gini(one, two).Reason, Lengths)
	checkReason(t, "Theil", Theil(two, nil, []int{0}, 1).Reason, Lengths)
	checkReason(t, "Ellison and Glaeser", EllisonGlaeser(two, []int{0}, two).Reason, Lengths)
	_, reason = Krugman(one, two)
	checkReason(t, "Krugman", reason, Lengths)
	_, reason = ShiftShare([][]float64{one}, [][]float64{two})
	checkReason(t, "shift-share", reason, Lengths)
	_, reason = ShiftShare([][]float64{one}, nil)
	checkReason(t, "shift-share", reason, Lengths)
}
