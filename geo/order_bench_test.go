package geo_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// BenchmarkOrder asks an index of 1,000,000 points (100,000 with -short). The
// first question to a column also sorts it, which "sort a column" measures apart.
func BenchmarkOrder(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	text := firms(n)
	read := func() *geo.Index {
		x, err := geo.Read(bytes.NewReader(text), geo.ReadOptions{Name: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		return x
	}
	x, ctx := read(), context.Background()
	box := orb.Bound{Min: orb.Point{118, 28}, Max: orb.Point{122, 32}}
	by := func(keys ...geo.SortKey) geo.Query { return geo.Query{Sort: keys, Limit: 100} }
	number, enum := geo.SortKey{Property: "firms", Descending: true}, geo.SortKey{Property: "industry"}
	queries := []struct {
		name string
		q    geo.Query
		deep bool // begins in the middle
	}{
		{"page in a box", geo.Query{Box: &box, Limit: 100}, false},
		{"first page by a number", by(number), false},
		{"deep page by a number", by(number), true},
		{"deep page by two", by(enum, number), true},
		{"page in a box by a number", geo.Query{Box: &box, Sort: []geo.SortKey{number}, Limit: 100}, false},
	}
	for _, bb := range queries {
		if bb.deep {
			all := bb.q
			all.Limit = n / 2
			r, err := x.Search(ctx, all)
			if err != nil {
				b.Fatal(err)
			}
			bb.q.After = &r.Last
		}
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.Search(ctx, bb.q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("each of all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, err := range x.Each(ctx, geo.Query{}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for _, name := range []string{"firms", "industry", "name"} {
		b.Run("sort a column/"+name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				fresh := read()
				b.StartTimer()
				if c := fresh.RangeCover(name, geo.Range{}); c == nil || c.Count == 0 {
					b.Fatal("no column to sort")
				}
			}
		})
	}
}
