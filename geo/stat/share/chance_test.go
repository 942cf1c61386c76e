package share

import (
	"math"
	"testing"
)

// Figures of R: 2*min(phyper(k-1, m, n, draws, lower.tail=FALSE), phyper(k, m, n, draws)).
func TestChance(t *testing.T) {
	for _, c := range []struct {
		count, total, subject, all int
		want                       float64
	}{
		{2, 2, 83, 200, 0.3420100502512563},
		{1, 1, 34, 775, 0.08774193548387096},
		{0, 0, 10, 20, 1},
		{5, 10, 5, 10, 1},
		{3, 3, 3, 6, 0.1},
		{0, 3, 3, 6, 0.1},
		{1, 3, 3, 6, 1},
	} {
		if got := Chance(c.count, c.total, c.subject, c.all); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("Chance%v = %.16g", c, got)
		}
	}
	for _, bad := range [][4]int{{3, 2, 5, 10}, {2, 5, 1, 10}, {1, 11, 5, 10}, {1, 5, 11, 10}, {1, 9, 9, 10}, {-1, 2, 3, 10}} {
		if got := Chance(bad[0], bad[1], bad[2], bad[3]); !math.IsNaN(got) {
			t.Errorf("Chance%v = %g", bad, got)
		}
	}
	sum := 0.0 // the distribution is whole where all is large too
	for k := 0; k <= 1000; k++ {
		sum += math.Exp(choose(5000, k) + choose(95_000, 1000-k) - choose(100_000, 1000))
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("the probabilities add up to %.12g", sum)
	}
}
