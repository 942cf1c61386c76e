package share

import (
	"math"
	"math/rand/v2"
	"testing"
)

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// TestDecile has 20 units with the subset, so that two are in the top tenth, and
// 10 without.
func TestDecile(t *testing.T) {
	subset, all := make([]float64, 30), make([]float64, 30)
	for u := range subset {
		all[u] = 100
		if u < 20 {
			subset[u] = float64(u + 1)
		}
	}
	all[0] = 1 // unit 0 is small and has nothing else: focus 1
	got := Stars(subset, all, Decile())
	if got.SizeAt != 19 || got.FocusAt != 0.2 || !got.Inclusive {
		t.Errorf("the thresholds are %v and %v", got.SizeAt, got.FocusAt)
	}
	for u, want := range map[int]Star{
		0:  {Specialisation: true, Focus: true, FocusShare: 1},
		17: {Specialisation: true, FocusShare: 0.18},
		18: {Size: true, Specialisation: true, FocusShare: 0.19},
		19: {Size: true, Specialisation: true, Focus: true, FocusShare: 0.2},
		25: {},
	} {
		star := got.Stars[u]
		want.Quotient = want.FocusShare / (210.0 / 2901)
		check(t, "quotient", star.Quotient, want.Quotient)
		star.Quotient = want.Quotient
		if star != want {
			t.Errorf("unit %d has %+v, want %+v", u, star, want)
		}
	}
	if got.Stars[19].Count() != 3 || got.Stars[25].Count() != 0 {
		t.Errorf("units 19 and 25 have %d and %d stars", got.Stars[19].Count(), got.Stars[25].Count())
	}
}

func TestTopTenth(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		at     float64
		reason Reason
	}{
		{"nothing", []float64{0, 0}, nan, Empty},
		{"one unit", []float64{3}, nan, Constant},
		{"equal units", []float64{3, 3, 3, 0}, nan, Constant},
		{"one of two", []float64{3, 4}, 4, ""},
		{"ties at the threshold share it", []float64{1, 5, 5, 5}, 5, ""},
		{"many that are lowest are not in the top", []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}, 2, ""},
		{"eleven units have two", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 10, ""},
	} {
		at, reason := topTenth(c.values)
		check(t, c.name, at, c.at)
		checkReason(t, c.name, reason, c.reason)
	}
}

func TestRule2008(t *testing.T) {
	got := Stars([]float64{10_000, 10_001, 0}, []float64{400_000, 50_000, 500_000}, Rule2008())
	for u, want := range []Star{
		{FocusShare: 0.025},
		{Size: true, Specialisation: true, Focus: true, FocusShare: 0.20002},
		{},
	} {
		star := got.Stars[u]
		star.Quotient = 0
		check(t, "focus", star.FocusShare, want.FocusShare)
		star.FocusShare = want.FocusShare
		if star != want {
			t.Errorf("unit %d has %+v, want %+v", u, star, want)
		}
	}
}

func TestStarsOfNothing(t *testing.T) {
	got := Stars([]float64{0, 0}, []float64{1, 2}, Decile())
	checkReason(t, "stars", got.Reason, Zero)
	for _, s := range got.Stars {
		if s.Count() != 0 || !math.IsNaN(s.Quotient) {
			t.Errorf("a unit has %+v", s)
		}
	}
	equal := Stars([]float64{1, 1}, []float64{2, 2}, Decile())
	checkReason(t, "size of equal units", equal.SizeReason, Constant)
	checkReason(t, "focus of equal units", equal.FocusReason, Constant)
	if equal.Stars[0].Count() != 0 {
		t.Errorf("an equal unit has %+v", equal.Stars[0])
	}
}
