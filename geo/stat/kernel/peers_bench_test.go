package kernel

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"clustermap/geo/stat/internal/reference"
)

// BenchmarkPeers is the Gaussian density of 2,000 points on a grid of 512 x 512, beside
// scikit-learn in the same run, which is asked for what it can do and for less.
func BenchmarkPeers(b *testing.B) {
	var theirs map[string]peer
	reference.Run(b, "peers.py", &theirs)
	q := Question{Points: places(2000, 1, 1e5, 1e5), Kernel: Gaussian, Bandwidth: 3000}
	for b.Loop() {
		ours := math.Inf(1)
		var g *Grid
		for range 3 {
			begin := time.Now()
			g = density(b, q).onGrid(b, orb.Bound{Max: orb.Point{1e5, 1e5}}, 512, 512)
			ours = min(ours, time.Since(begin).Seconds())
		}
		sum := 0.0
		for _, v := range g.Values {
			sum += v
		}
		if want := theirs["exact"].Sum; math.Abs(sum-want) > 1e-9*want {
			b.Fatalf("the densities are %v in sum, want %v", sum, want)
		}
		for i, want := range theirs["exact"].First {
			if got := g.Values[i*(512*8+8)]; math.Abs(got-want) > 1e-9*want {
				b.Fatalf("density %d is %v, want %v", i, got, want)
			}
		}
		b.ReportMetric(ours*1e3, "ours-ms")
		b.ReportMetric(theirs["exact"].Seconds*1e3, "sklearn-ms")
		b.ReportMetric(theirs["rough"].Seconds*1e3, "sklearn-1e-6-ms")
		b.ReportMetric(min(theirs["exact"].Seconds, theirs["rough"].Seconds)/ours, "times-faster")
	}
}

type peer struct {
	Seconds, Sum float64
	First        []float64
}
