package render

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// manyPlaces is a collection of n named points, the same for the same seed.
func manyPlaces(t testing.TB, n int, box orb.Bound, seed uint64) *geo.Index {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	trades := []string{"电子", "纺织", "陶瓷", "Machinery", "家电"}
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		x, y := box.Min[0]+r.Float64()*(box.Max[0]-box.Min[0]), box.Min[1]+r.Float64()*(box.Max[1]-box.Min[1])
		fmt.Fprintf(&b, `{"type":"Feature","id":"p%d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"地名 Place %d","trade":%q}}`,
			i, x, y, i, trades[r.IntN(len(trades))])
	}
	b.WriteString("]}")
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func fontsOf(t testing.TB) *draw.Fonts {
	t.Helper()
	f, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func BenchmarkLabels(b *testing.B) {
	fonts := fontsOf(b)
	box := orb.Bound{Min: orb.Point{100, 20}, Max: orb.Point{125, 42}}
	m := &Map{Width: 1024, Height: 768, CRS: crs.WebMercator(), Layers: []Layer{{Index: manyPlaces(b, 10_000, box, 1)}}}
	for _, labels := range []bool{false, true} {
		m.Labels = labels
		b.Run(fmt.Sprintf("labels=%v", labels), func(b *testing.B) {
			for b.Loop() {
				p, err := Draw(b.Context(), m, fonts)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(p.Hidden), "hidden")
			}
		})
	}
}
