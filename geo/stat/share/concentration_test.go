package share

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func ExampleHerfindahl() {
	c := Herfindahl([]float64{6, 2, 1, 1})
	fmt.Printf("%.2f, as if in %.1f equal units\n", c.Herfindahl, c.EquivalentNumber)
	// Output: 0.42, as if in 2.4 equal units
}

func TestHerfindahl(t *testing.T) {
	for _, c := range []struct {
		name                    string
		values                  []float64
		index, number, normaled float64
		reason                  Reason
	}{
		{"even", []float64{2, 2, 2, 2}, 0.25, 4, 0, ""},
		{"all in one of four", []float64{0, 9, 0, 0}, 1, 1, 1, ""},
		{"by hand", []float64{6, 2, 1, 1}, 0.42, 1 / 0.42, (0.42 - 0.25) / 0.75, ""},
		{"one unit", []float64{5}, 1, 1, math.NaN(), OneUnit},
	} {
		got := Herfindahl(c.values)
		checkAll(t, c.name, []float64{got.Herfindahl, got.EquivalentNumber, got.Normalised}, []float64{c.index, c.number, c.normaled})
		checkReason(t, c.name, got.Reason, c.reason)
	}
}

func TestRatio(t *testing.T) {
	values := []float64{1, 4, 0, 3, 2}
	for k, want := range map[int]float64{-1: 0, 0: 0, 1: 0.4, 2: 0.7, 4: 1, 8: 1} {
		got, _ := Ratio(values, k)
		check(t, fmt.Sprint("CR", k), got, want)
	}
}

func TestHalf(t *testing.T) {
	for _, c := range []struct {
		values []float64
		units  int
		share  float64
	}{
		{[]float64{1, 4, 0, 3, 2}, 2, 0.7},
		{[]float64{5, 3, 2}, 1, 0.5},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 5, 0.5},
		{[]float64{7}, 1, 1},
	} {
		units, share, _ := Half(c.values)
		if units != c.units || !near(share, c.share) {
			t.Errorf("half of %v is in %d units with %v, want %d with %v", c.values, units, share, c.units, c.share)
		}
	}
}

func TestGini(t *testing.T) {
	for _, c := range []struct {
		name              string
		values, reference []float64
		want              float64
	}{
		{"even", []float64{3, 3, 3}, nil, 0},
		{"all in one of four", []float64{0, 0, 8, 0}, nil, 0.75},
		{"one and three", []float64{1, 3}, nil, 0.25},
		{"as the reference", []float64{1, 2, 4}, []float64{10, 20, 40}, 0},
		{"against the reference", []float64{3, 1}, []float64{1, 3}, 0.5},
		{"a unit with neither does not count", []float64{3, 0, 1}, []float64{1, 0, 3}, 0.5},
		{"where the reference has nothing", []float64{0, 5}, []float64{5, 0}, 1},
	} {
		got := Gini(c.values, c.reference)
		check(t, c.name, got.Gini, c.want)
		checkReason(t, c.name, got.Reason, "")
	}
	one := Gini([]float64{4}, nil)
	check(t, "Gini of one unit", one.Gini, math.NaN())
	checkReason(t, "one unit", one.Reason, OneUnit)
}

// TestLorenz looks at the shape: from corner to corner, rising, bent below.
func TestLorenz(t *testing.T) {
	part, all := of(table(0), 2)
	for _, reference := range [][]float64{nil, all} {
		curve := Gini(part, reference).Lorenz
		if curve[0] != (Point{}) || curve[len(curve)-1] != (Point{1, 1}) {
			t.Fatalf("the curve goes from %v to %v", curve[0], curve[len(curve)-1])
		}
		slope := 0.0
		for i, p := range curve[1:] {
			dx, dy := p.X-curve[i].X, p.Y-curve[i].Y
			if dx < 0 || dy < 0 || dy < dx*(slope-1e-9) || p.Y > p.X+1e-12 {
				t.Fatalf("the curve is not bent below the diagonal at %v", p)
			}
			slope = dy / dx
		}
	}
}

func TestLorenzHasNoNeedlessPoints(t *testing.T) {
	curve := Gini([]float64{0, 0, 1, 0, 1, 2}, nil).Lorenz
	want := []Point{{0, 0}, {0.5, 0}, {5.0 / 6, 0.5}, {1, 1}}
	if !slices.EqualFunc(curve, want, func(a, b Point) bool { return near(a.X, b.X) && near(a.Y, b.Y) }) {
		t.Errorf("the curve is %v, want %v", curve, want)
	}
}

func TestTheil(t *testing.T) {
	even := Theil([]float64{2, 2, 2}, nil, nil, 0)
	checkAll(t, "even", []float64{even.Theil, even.Within, even.Between}, []float64{0, 0, 0})
	one := Theil([]float64{0, 7, 0, 0}, nil, nil, 0)
	check(t, "all in one of four", one.Theil, math.Log(4))

	// Two groups of two, of which the second is even inside.
	split := Theil([]float64{6, 0, 2, 2}, nil, []int{0, 0, 1, 1}, 2)
	check(t, "between", split.Between, 0.6*math.Log(0.6/0.5)+0.4*math.Log(0.4/0.5))
	check(t, "within", split.Within, 0.6*math.Log(2))
	checkAll(t, "groups", []float64{split.Groups[0].Theil, split.Groups[0].Share, split.Groups[1].Theil, split.Groups[1].Share},
		[]float64{math.Log(2), 0.6, 0, 0.4})

	empty := Theil([]float64{1, 3, 0}, nil, []int{0, 0, 1}, 3)
	checkAll(t, "groups with nothing", []float64{empty.Groups[1].Theil, empty.Groups[2].Theil}, []float64{math.NaN(), math.NaN()})
	check(t, "sum with empty groups", empty.Within+empty.Between, empty.Theil)

	nowhere := Theil([]float64{1, 1}, []float64{1, 0}, nil, 0)
	checkReason(t, "a value without reference", nowhere.Reason, NoReference)
	check(t, "a value without reference", nowhere.Theil, math.NaN())
}

func TestTheilAddsUp(t *testing.T) {
	tables := table(0)
	for trade := range trades {
		part, all := of(tables, trade)
		for groups := 1; groups < 12; groups++ {
			group := make([]int, units)
			for u := range group {
				group[u] = (u * u) % groups
			}
			for _, reference := range [][]float64{nil, all} {
				e := Theil(part, reference, group, groups)
				check(t, "within and between", e.Within+e.Between, e.Theil)
				if e.Within < -1e-12 || e.Between < -1e-12 {
					t.Errorf("within is %v, between %v", e.Within, e.Between)
				}
			}
		}
	}
}

func TestEllisonGlaeser(t *testing.T) {
	even := []float64{5, 5, 5, 5}
	// By hand: two equal plants in one of four even units: G = 9/16 + 3/16,
	// H = 1/2, 1 - Σx² = 3/4.
	together := EllisonGlaeser([]float64{1, 1}, []int{2, 2}, even)
	checkAll(t, "two together", []float64{together.Gamma, together.Raw, together.Herfindahl}, []float64{1, 0.75, 0.5})
	apart := EllisonGlaeser([]float64{1, 1, 1, 1}, []int{0, 1, 2, 3}, even)
	checkAll(t, "four apart", []float64{apart.Gamma, apart.Raw, apart.Herfindahl}, []float64{-1.0 / 3, 0, 0.25})

	alone := EllisonGlaeser([]float64{3}, []int{1}, even)
	checkReason(t, "one plant", alone.Reason, OneItem)
	check(t, "one plant", alone.Gamma, math.NaN())
	one := EllisonGlaeser([]float64{3, 1}, []int{0, 0}, []float64{9, 0})
	checkReason(t, "one unit", one.Reason, OneUnit)
	check(t, "one unit", one.Gamma, math.NaN())
}
