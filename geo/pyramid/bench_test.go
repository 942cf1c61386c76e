package pyramid

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// scattered are points in some hundred towns of China, with a trade and a number of
// firms.
func scattered(b *testing.B, n int) *geo.Index {
	r := rand.New(rand.NewPCG(19, 20))
	points := make([]orb.Point, n)
	for i := range points {
		town := rand.New(rand.NewPCG(21, uint64(i%300)))
		points[i] = orb.Point{75 + town.Float64()*59 + r.NormFloat64()*0.2, 18 + town.Float64()*35 + r.NormFloat64()*0.2}
	}
	return indexOf(b, points)
}

func BenchmarkBuild(b *testing.B) {
	x := scattered(b, 200_000)
	m, err := x.Schema().ParseMatch("trade", "trade a,trade b")
	if err != nil {
		b.Fatal(err)
	}
	some, err := x.Select(context.Background(), geo.Query{Match: []geo.Match{m}})
	if err != nil {
		b.Fatal(err)
	}
	for name, set := range map[string]*geo.Set{"all": nil, fmt.Sprintf("%.0f%%", 100*float64(some.Len())/float64(x.Len())): some} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				build(b, x, set, DefaultRadius)
			}
		})
	}
}

// BenchmarkSearch visits the groups of boxes as wide as a tile, and as 16 by 16 of them;
// ns/node is the time for each.
func BenchmarkSearch(b *testing.B) {
	p := build(b, scattered(b, 200_000), nil, DefaultRadius)
	for _, zoom := range []int{5, 9, 13, 17} {
		for _, tiles := range []int{1, 16} {
			searchBoxes(b, p, zoom, tiles)
		}
	}
}

func searchBoxes(b *testing.B, p *Pyramid, zoom, tiles int) {
	b.Run(fmt.Sprintf("zoom=%d/tiles=%d", zoom, tiles*tiles), func(b *testing.B) {
		r := rand.New(rand.NewPCG(23, 24))
		side := float64(tiles) * 360 / float64(int(1)<<zoom)
		nodes := 0
		for b.Loop() {
			at := p.Position(Node(r.IntN(p.Len())))
			p.Search(zoom, orb.Bound{Min: orb.Point{at[0] - side/2, at[1] - side/2}, Max: orb.Point{at[0] + side/2, at[1] + side/2}}, func(Node) bool { nodes++; return true })
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(nodes), "ns/node")
	})
}
