package cql_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/cql"

	"github.com/paulmach/orb"
)

// benchIndex has n points over China with four properties.
func benchIndex(b *testing.B, n int) *geo.Index {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	text.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"name":"town %d","trade":%q,"firms":%d,"share":%.3f}}`,
			i, 75+random.Float64()*60, 18+random.Float64()*35, random.IntN(n), pick(random, []string{"silk", "lamps", "toys", "shoes"}), random.IntN(5000), random.Float64())
	}
	text.WriteString("]}")
	x, err := geo.Read(strings.NewReader(text.String()), geo.ReadOptions{Name: "bench.geojson"})
	if err != nil {
		b.Fatal(err)
	}
	return x
}

// star is a polygon of n vertices with a rough edge.
func star(n int) orb.Polygon {
	random := rand.New(rand.NewPCG(3, 4))
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		r := 12 + random.Float64()
		ring = append(ring, orb.Point{105 + 2*r*cos, 35 + r*sin})
	}
	return orb.Polygon{append(ring, ring[0])}
}

// rough compiles a filter with POINT(0 0) replaced by a star of 10,000 vertices,
// which is longer than a text may be.
func rough(b *testing.B, x *geo.Index, text string) *cql.Filter {
	b.Helper()
	e, err := cql.ParseText(text)
	if err != nil {
		b.Fatal(err)
	}
	f, err := cql.Compile(withStar(e), x.Schema(), cql.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func withStar(e cql.Expr) cql.Expr {
	switch e := e.(type) {
	case *cql.Op:
		out := &cql.Op{Name: e.Name}
		for _, a := range e.Args {
			out.Args = append(out.Args, withStar(a))
		}
		return out
	case *cql.Geometry:
		if orb.Equal(e.Shape, orb.Point{}) {
			return &cql.Geometry{Shape: star(10_000)}
		}
	}
	return e
}

// BenchmarkTest tells the time that the test of a filter takes for one slot.
func BenchmarkTest(b *testing.B) {
	x := benchIndex(b, 200_000)
	for _, c := range []struct{ name, filter string }{
		{"number", "firms > 2500"},
		{"dictionary", "CASEI(trade) LIKE CASEI('%S')"},
		{"three clauses", "firms > 1000 AND trade <> 'silk' AND share BETWEEN 0.25 AND 0.75"},
		{"box", "S_INTERSECTS(geometry, BBOX(100, 25, 120, 40))"},
		{"within 10,000 vertices", "S_WITHIN(geometry, POINT(0 0))"},
		{"intersects 10,000 vertices", "S_INTERSECTS(geometry, POINT(0 0))"},
		{"distance", "distance(geometry, POINT(110 30)) < 500000"},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := rough(b, x, c.filter+" AND TRUE") // so that no cover is the whole answer
			p, err := f.Bind(context.Background(), x)
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			n, slots := 0, uint32(x.Len())
			for i := range b.N {
				if p.Test(uint32(i) % slots) {
					n++
				}
			}
			b.ReportMetric(float64(n)/float64(b.N), "pass/op")
		})
	}
}

// BenchmarkSearch counts what a filter selects of 200,000 points.
func BenchmarkSearch(b *testing.B) {
	x := benchIndex(b, 200_000)
	for _, filter := range []string{
		"firms > 4990",
		"firms > 1000 AND trade <> 'silk' AND share BETWEEN 0.25 AND 0.75",
		"S_INTERSECTS(geometry, BBOX(110, 30, 111, 31)) AND firms > 1000",
		"name LIKE 'town 1999%'",
	} {
		b.Run(filter, func(b *testing.B) {
			f, err := compile(b, x, filter)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := x.Count(context.Background(), geo.Query{Filter: f}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRelate is the exact matrix of two polygons that overlap, one of them
// large.
func BenchmarkRelate(b *testing.B) {
	const text = `{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"geometry":{"type":"Polygon","coordinates":[[[128,34],[132,34],[132,36],[128,36],[128,34]]]},"properties":{}}]}`
	x := index(b, text)
	f := rough(b, x, "S_OVERLAPS(geometry, POINT(0 0))")
	p, err := f.Bind(context.Background(), x)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !p.Test(0) {
			b.Fatal("they do not overlap")
		}
	}
}
