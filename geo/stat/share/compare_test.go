package share

import (
	"math"
	"testing"
)

func TestKrugman(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float64
		want float64
	}{
		{"the same", []float64{1, 2}, []float64{10, 20}, 0},
		{"nothing in common", []float64{1, 0}, []float64{0, 3}, 2},
		{"by hand", []float64{1, 1, 2}, []float64{2, 1, 1}, 0.5},
	} {
		got, _ := Krugman(c.a, c.b)
		check(t, c.name, got, c.want)
		back, _ := Krugman(c.b, c.a)
		check(t, c.name, back, c.want)
	}
}

func TestShiftShare(t *testing.T) {
	// Everything grows from 100 to 120, the first trade from 40 to 60, the
	// second stays at 60.
	before := [][]float64{{30, 10}, {10, 50}}
	after := [][]float64{{50, 10}, {10, 50}}
	got, reason := ShiftShare(before, after)
	checkReason(t, "shift-share", reason, "")
	for u, want := range []Shift{
		{National: 8, Mix: 7, Competitive: 5, Total: 20},
		{National: 12, Mix: -7, Competitive: -5, Total: 0},
	} {
		s := got[u]
		checkAll(t, "parts", []float64{s.National, s.Mix, s.Competitive, s.Total},
			[]float64{want.National, want.Mix, want.Competitive, want.Total})
	}
	fresh, _ := ShiftShare([][]float64{{4, 0}, {6, 0}}, [][]float64{{4, 5}, {6, 0}})
	checkAll(t, "parts with a new trade", []float64{fresh[0].National, fresh[0].Mix, fresh[0].Competitive}, []float64{2, -2, 5})
}

// TestShiftShareAddsUp holds the parts to each unit's change and the sums over
// the units to what they must be.
func TestShiftShareAddsUp(t *testing.T) {
	for year := 1; year < 8; year++ {
		before, after := table(0), table(year)
		shifts, _ := ShiftShare(before, after)
		var sum Shift
		for u, s := range shifts {
			check(t, "the sum of the parts", s.National+s.Mix+s.Competitive, s.Total)
			change := 0.0
			for k := range trades {
				change += after[u][k] - before[u][k]
			}
			check(t, "the change", s.Total, change)
			sum.National += s.National
			sum.Mix += s.Mix
			sum.Competitive += s.Competitive
			sum.Total += s.Total
		}
		const rounding = 1e-9
		if math.Abs(sum.National-sum.Total) > rounding || math.Abs(sum.Mix) > rounding || math.Abs(sum.Competitive) > rounding {
			t.Errorf("over all units the parts are %+v", sum)
		}
	}
}
