package geo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/paulmach/orb/geojson"
	"github.com/tidwall/rtree"

	"clustermap/geo"
)

// BenchmarkLoad reads 1,000,000 points of about 260 bytes (100,000 with -short),
// and beside it the same bytes by the way that a Go program would take without
// us: encoding/json and orb/geojson into an R-tree. live-B/feature is what a
// feature keeps alive, its text included.
func BenchmarkLoad(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	text := firms(n)
	b.Run(fmt.Sprintf("geo/%d", n), func(b *testing.B) {
		benchmarkLoad(b, text, n, func() any {
			x, err := geo.Read(bytes.NewReader(text), geo.ReadOptions{Name: "bench"})
			if err != nil {
				b.Fatal(err)
			}
			return x
		})
	})
	b.Run(fmt.Sprintf("orb/%d", n), func(b *testing.B) {
		benchmarkLoad(b, text, n, func() any {
			var fc geojson.FeatureCollection
			if err := json.Unmarshal(text, &fc); err != nil {
				b.Fatal(err)
			}
			var tree rtree.RTreeG[*geojson.Feature]
			for _, f := range fc.Features {
				box := f.Geometry.Bound()
				tree.Insert(box.Min, box.Max, f)
			}
			return &tree
		})
	})
}

func benchmarkLoad(b *testing.B, text []byte, n int, load func() any) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var kept float64
	for b.Loop() {
		b.StopTimer()
		before := live()
		b.StartTimer()
		x := load()
		b.StopTimer()
		kept = live() - before
		runtime.KeepAlive(x)
		b.StartTimer()
	}
	b.ReportMetric(kept/float64(n), "live-B/feature")
	b.ReportMetric(float64(len(text))/float64(n), "text-B/feature")
}
