package share

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

func ExampleQuotients() {
	textiles, all := []float64{6, 2, 0}, []float64{12, 18, 10}
	quotients, _ := Quotients(textiles, all)
	fmt.Printf("%.2f\n", quotients)
	// Output: [2.50 0.56 0.00]
}

func TestQuotients(t *testing.T) {
	q, reason := Quotients([]float64{2, 0, 2, 0}, []float64{2, 4, 10, 0})
	checkReason(t, "quotients", reason, "")
	checkAll(t, "quotients", q, []float64{4, 0, 0.8, math.NaN()})

	same, _ := Quotients([]float64{1, 5, 9}, []float64{1, 5, 9})
	checkAll(t, "quotients of everything", same, []float64{1, 1, 1})

	_, reason = Quotients([]float64{1, 1}, []float64{2, 0})
	checkReason(t, "more in the subset than in all", reason, NoReference)
}

// TestQuotientsAverage holds that the quotients, weighted by the units' shares
// of everything, are 1 on average.
func TestQuotientsAverage(t *testing.T) {
	for trade := range trades {
		part, all := of(table(0), trade)
		q, _ := Quotients(part, all)
		x, _ := Shares(all)
		average := 0.0
		for i := range q {
			average += x[i] * q[i]
		}
		check(t, "the mean quotient", average, 1)
	}
}

func TestStandardised(t *testing.T) {
	z, reason := Standardised([]float64{1, math.E, math.E * math.E, 0, math.NaN()})
	checkReason(t, "standardised", reason, "")
	checkAll(t, "standardised", z, []float64{-1, 0, 1, math.NaN(), math.NaN()})
	for _, c := range []struct {
		name      string
		quotients []float64
		want      Reason
	}{
		{"nothing", nil, Empty},
		{"zeros", []float64{0, 0}, Empty},
		{"one", []float64{0, 2}, Constant},
		{"equal", []float64{1.1, 3.3 / 3, 1.1}, Constant},
	} {
		z, reason := Standardised(c.quotients)
		checkReason(t, c.name, reason, c.want)
		checkAll(t, c.name, z, nans(len(c.quotients)))
	}
}

func TestQuotientIntervals(t *testing.T) {
	ctx := context.Background()
	draw := func(items []Item, units int, b Bootstrap) []Interval {
		got, err := QuotientIntervals(ctx, items, units, b)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	all := items()
	first := draw(all, units, Bootstrap{Draws: 199, Seed: 3})
	if again := draw(all, units, Bootstrap{Draws: 199, Seed: 3}); !slices.EqualFunc(first, again, sameInterval) {
		t.Error("the same seed gives other intervals")
	}
	if other := draw(all, units, Bootstrap{Draws: 199, Seed: 4}); slices.EqualFunc(first, other, sameInterval) {
		t.Error("another seed gives the same intervals")
	}
	narrow := draw(all, units, Bootstrap{Draws: 199, Seed: 3, Level: 0.5})
	for u := range first {
		if narrow[u].Low < first[u].Low || narrow[u].High > first[u].High {
			t.Errorf("half of the draws of unit %d lie in %v, 95 %% in %v", u, narrow[u], first[u])
		}
	}

	everything := slices.Clone(all)
	for i := range everything {
		everything[i].In = true
	}
	for u, i := range draw(everything, units, Bootstrap{Draws: 99, Seed: 1}) {
		if !sameInterval(i, Interval{1, 1}) && !math.IsNaN(i.Low) {
			t.Errorf("where the subset is everything unit %d has the interval %v", u, i)
		}
	}

	none := Interval{math.NaN(), math.NaN()}
	for name, got := range map[string][]Interval{
		"no items": draw(nil, 1, Bootstrap{Draws: 9}),
		"no draws": draw(all, units, Bootstrap{}),
		"no value": draw([]Item{{0, 0, true}}, 1, Bootstrap{Draws: 9}),
	} {
		if !sameInterval(got[0], none) {
			t.Errorf("%s: the interval is %v", name, got[0])
		}
	}
	rare := append(slices.Repeat([]Item{{0, 1, true}}, 1000), Item{1, 1, false})
	if got := draw(rare, 3, Bootstrap{Draws: 99, Seed: 1})[2]; !sameInterval(got, none) {
		t.Errorf("a unit with nothing has the interval %v", got)
	}
}

func sameInterval(a, b Interval) bool { return near(a.Low, b.Low) && near(a.High, b.High) }

// TestIntervalsCover draws lists from a known distribution: the intervals hold
// its quotient about as often as they say.
func TestIntervalsCover(t *testing.T) {
	random := newRandom(5)
	held, trials := 0, 300
	for trial := range trials {
		list := make([]Item, 400)
		for i := range list {
			list[i] = Item{Unit: random.IntN(4), Value: 1}
			// The subset is 40 % of unit 0 and 20 % of the others: the quotient is 1.6.
			list[i].In = random.Float64() < map[bool]float64{true: 0.4, false: 0.2}[list[i].Unit == 0]
		}
		got, err := QuotientIntervals(context.Background(), list, 4, Bootstrap{Draws: 199, Seed: uint64(trial)})
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Low <= 1.6 && 1.6 <= got[0].High {
			held++
		}
	}
	if rate := float64(held) / float64(trials); rate < 0.90 || rate > 0.985 {
		t.Errorf("the interval of 95 %% holds the quotient in %.1f %% of the lists", 100*rate)
	}
}

func TestIntervalsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := QuotientIntervals(ctx, items(), units, Bootstrap{Draws: 99}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the asker left the error is %v", err)
	}
}

func BenchmarkQuotientIntervals(b *testing.B) {
	list := items()
	for b.Loop() {
		if _, err := QuotientIntervals(context.Background(), list, units, Bootstrap{Draws: 999, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
