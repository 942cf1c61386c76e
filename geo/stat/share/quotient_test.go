package share

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync/atomic"
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
	draw := func(items []Item, b Bootstrap) map[Cell]Interval {
		t.Helper()
		got, err := QuotientIntervals(context.Background(), items, b)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	all := items()
	first := draw(all, Bootstrap{Draws: 199, Seed: 3})
	if again := draw(all, Bootstrap{Draws: 199, Seed: 3, Workers: 3}); !maps.EqualFunc(first, again, sameInterval) {
		t.Error("the same seed gives other intervals")
	}
	if other := draw(all, Bootstrap{Draws: 199, Seed: 4}); maps.EqualFunc(first, other, sameInterval) {
		t.Error("another seed gives the same intervals")
	}
	narrow := draw(all, Bootstrap{Draws: 199, Seed: 3, Level: 0.5})
	for c := range first {
		if narrow[c].Low < first[c].Low || narrow[c].High > first[c].High {
			t.Errorf("half of the draws of %v lie in %v, 95 %% in %v", c, narrow[c], first[c])
		}
	}

	several, everything := slices.Clone(all), slices.Clone(all)
	for i := range all {
		everything[i].Subject = 0
		if all[i].Subject < 0 {
			several[i].Subject = 1 + i%5
		}
	}
	for c, i := range draw(several, Bootstrap{Draws: 199, Seed: 3}) {
		if c.Subject == 0 && !sameInterval(i, first[c]) {
			t.Errorf("beside other subjects %v has the interval %v, alone %v", c, i, first[c])
		}
	}
	for c, i := range draw(everything, Bootstrap{Draws: 99, Seed: 1}) {
		if !sameInterval(i, Interval{1, 1}) && !math.IsNaN(i.Low) {
			t.Errorf("where the subject is everything %v has the interval %v", c, i)
		}
	}

	if got := draw(nil, Bootstrap{Draws: 9}); len(got) != 0 {
		t.Errorf("without items the intervals are %v", got)
	}
	if got := draw(all, Bootstrap{}); len(got) != 0 {
		t.Errorf("without draws the intervals are %v", got)
	}
	none := Interval{math.NaN(), math.NaN()}
	if got := draw([]Item{{0, 0, 0}}, Bootstrap{Draws: 9})[Cell{0, 0}]; !sameInterval(got, none) {
		t.Errorf("without values the interval is %v", got)
	}
	rare := append(slices.Repeat([]Item{{0, -1, 1}}, 1000), Item{1, 0, 1e-300})
	rare[0].Subject = 0
	if got := draw(rare, Bootstrap{Draws: 99, Seed: 1})[Cell{0, 1}]; !sameInterval(got, Interval{0, 0}) && math.IsInf(got.High, 0) {
		t.Errorf("a unit with next to nothing has the interval %v", got)
	}
}

// TestIntervalsInBlocks has more drawn quotients than are kept at a time.
func TestIntervalsInBlocks(t *testing.T) {
	list := make([]Item, 9_000)
	for i := range list {
		list[i] = Item{Unit: i / 2, Subject: i % 2, Value: 1}
	}
	var told atomic.Int64
	got, err := QuotientIntervals(context.Background(), list, Bootstrap{Draws: 999, Workers: 2, Progress: func(_, total int) { told.Store(int64(total)) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(list) || told.Load() != 2*999 {
		t.Errorf("%d cells of %d have an interval, in %d draws", len(got), len(list), told.Load())
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
			list[i] = Item{Unit: random.IntN(4), Value: 1, Subject: -1}
			// The subject is 40 % of unit 0 and 20 % of the others: the quotient is 1.6.
			if random.Float64() < map[bool]float64{true: 0.4, false: 0.2}[list[i].Unit == 0] {
				list[i].Subject = 0
			}
		}
		got, err := QuotientIntervals(context.Background(), list, Bootstrap{Draws: 199, Seed: uint64(trial)})
		if err != nil {
			t.Fatal(err)
		}
		if i := got[Cell{0, 0}]; i.Low <= 1.6 && 1.6 <= i.High {
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
	if _, err := QuotientIntervals(ctx, items(), Bootstrap{Draws: 99}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the asker left the error is %v", err)
	}
}

func BenchmarkQuotientIntervals(b *testing.B) {
	list := items()
	for b.Loop() {
		if _, err := QuotientIntervals(context.Background(), list, Bootstrap{Draws: 999, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
