package autocorr

import (
	"context"
	"math"
	"testing"
	"time"

	"clustermap/geo/stat/internal/reference"
)

// BenchmarkPeers is Gi* with 999 permutations on 10,000 hexagons, beside esda in
// the same run. Both have their neighbours before the clock starts; the least of
// five runs counts for both.
func BenchmarkPeers(b *testing.B) {
	w := Shared(honeycomb(100, 100))
	x := make([]float64, w.Len())
	for i := range x {
		x[i] = float64((i*i*37 + 11*i + 5) % 101 / 9 * ((i * 7) % 5))
	}
	var theirs peer
	reference.Run(b, "peers.py", &theirs)
	b.Logf("esda, seconds: with one job %.3f, with all %.3f", theirs.ByJobs["one"], theirs.ByJobs["all"])
	for b.Loop() {
		ours, sum := math.Inf(1), 0.0
		for range 5 {
			begin := time.Now()
			l, err := GStar(context.Background(), w, x, Options{Permutations: 999, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			ours, sum = min(ours, time.Since(begin).Seconds()), 0
			for _, u := range l.Units {
				sum += math.Abs(u.Z)
			}
		}
		if math.Abs(sum-theirs.Z) > 1e-9*sum {
			b.Fatalf("the z of all sum to %.15g, those of esda to %.15g", sum, theirs.Z)
		}
		b.ReportMetric(ours*1e3, "ours-ms")
		b.ReportMetric(theirs.Seconds*1e3, "esda-ms")
		b.ReportMetric(theirs.Seconds/ours, "times-faster")
	}
}

type peer struct {
	Seconds, Z float64
	ByJobs     map[string]float64 `json:"by_jobs"`
}

func BenchmarkGStar(b *testing.B) {
	w := Shared(honeycomb(100, 100))
	x := someValues(w.Len())
	for b.Loop() {
		if _, err := GStar(context.Background(), w, x, Options{Permutations: 999, Q: 0.05, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoran(b *testing.B) {
	w := Shared(honeycomb(100, 100)).Standardised()
	x := someValues(w.Len())
	for b.Loop() {
		if _, err := Moran(context.Background(), w, x, Options{Permutations: 999, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
