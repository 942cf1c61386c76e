package tile

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/pyramid"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"
	"github.com/tidwall/rtree"
)

var benchPoints = flag.Int("points", 1_000_000, "points of the benchmarks of tiles")

// firms are points around some hundred places, thin and dense ones, as GeoJSON.
func firms(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	type place struct{ lon, lat, wide float64 }
	var places []place
	for range 300 {
		places = append(places, place{75 + r.Float64()*55, 20 + r.Float64()*28, math.Exp(r.NormFloat64()-1.5) / 2})
	}
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		at := places[int(math.Pow(r.Float64(), 2)*float64(len(places)))]
		lon, lat := at.lon+r.NormFloat64()*at.wide, at.lat+r.NormFloat64()*at.wide
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":"f%07d","geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"name":"Firm %d","trade":"trade %d","firms":%d,"share":%.3f,"open":%v}}`+"\n",
			i, lon, lat, i, r.IntN(24), int(math.Exp(r.NormFloat64()*2+3)), r.Float64(), r.IntN(2) == 0)
	}
	b.WriteString(`]}`)
	return b.String()
}

// peer is a plain tile server's way: an R-tree of features, and orb/mvt.
type peer struct {
	tree rtree.RTreeG[*geojson.Feature]
}

func newPeer(b *testing.B, x *geo.Index) *peer {
	p := new(peer)
	for slot := range uint32(x.Len()) {
		f, err := geojson.UnmarshalFeature(x.At(slot).JSON())
		if err != nil {
			b.Fatal(err)
		}
		f.Properties["id"] = f.ID
		f.ID = float64(FeatureID(x.At(slot).ID().String()))
		at := f.Geometry.Bound()
		p.tree.Insert(at.Min, at.Max, f)
	}
	return p
}

func (p *peer) encode(b *testing.B, c Coord) ([]byte, int) {
	tile := maptile.New(uint32(c.Col), uint32(c.Row), maptile.Zoom(c.Z))
	box := tile.Bound(64.0 / 4096)
	layer := &mvt.Layer{Name: "features", Version: 2, Extent: 4096}
	p.tree.Search(box.Min, box.Max, func(_, _ [2]float64, f *geojson.Feature) bool {
		shown := *f
		shown.Geometry = orb.Clone(f.Geometry)
		layer.Features = append(layer.Features, &shown)
		return true
	})
	layer.ProjectToTile(tile)
	layer.Clip(mvt.MapboxGLDefaultExtentBound)
	layer.Simplify(simplify.DouglasPeucker(1))
	layer.RemoveEmpty(1, 1)
	data, err := mvt.Marshal(mvt.Layers{layer})
	if err != nil {
		b.Fatal(err)
	}
	return data, len(layer.Features)
}

var allProperties = []string{"name", "trade", "firms", "share", "open"}

// session are the tiles that a person sees who pans and zooms: 4 by 3 at a time.
func session(x *geo.Index, n int) []Coord {
	r := rand.New(rand.NewPCG(3, 4))
	g := Grids()[0]
	var all []Coord
	layout := x.Layout()
	for len(all) < n {
		at, z := r.IntN(len(layout.X)), 9+r.IntN(6)
		for range 4 {
			cols, rows := g.Size(z)
			col, row := int(layout.X[at]>>(32-z)), int(layout.Y[at]>>(32-z))
			for dy := -1; dy <= 1; dy++ {
				for dx := -2; dx <= 1; dx++ {
					if c := (Coord{z, row + dy, col + dx}); c.Row >= 0 && c.Row < rows && c.Col >= 0 && c.Col < cols {
						all = append(all, c)
					}
				}
			}
			z = min(15, max(8, z+r.IntN(3)-1))
		}
	}
	return all[:n]
}

// heavy are tiles with 1,000 to 10,000 points.
func heavy(b *testing.B, x *geo.Index, layer Layer, n int) []Coord {
	r := rand.New(rand.NewPCG(5, 6))
	var all []Coord
	layout := x.Layout()
	for len(all) < n {
		at, z := r.IntN(len(layout.X)), 5+r.IntN(10)
		c := Coord{z, int(layout.Y[at] >> (32 - z)), int(layout.X[at] >> (32 - z))}
		if t := encode(b, Grids()[0], c, wide, layer); t.Features >= 1000 && t.Features <= 10_000 {
			all = append(all, c)
		}
	}
	return all
}

// wide is a budget that leaves nothing out, as orb/mvt does.
var wide = Options{MaxBytes: 1 << 30, MaxFeatures: 1 << 30}

// BenchmarkTiles measures tiles of points beside orb/mvt in the same run, which
// gives the same features with the same properties.
func BenchmarkTiles(b *testing.B) {
	x, err := geo.Read(strings.NewReader(firms(*benchPoints)), geo.ReadOptions{Name: "firms.geojson"})
	if err != nil {
		b.Fatal(err)
	}
	p, err := pyramid.Build(b.Context(), x, nil, pyramid.Options{Sums: []string{"firms"}, Counts: []string{"trade"}})
	if err != nil {
		b.Fatal(err)
	}
	g := Grids()[0]
	layer := Layer{Name: "features", Index: x, Properties: allProperties}
	other := newPeer(b, x)
	for _, kind := range []struct {
		name  string
		tiles []Coord
	}{{"session", session(x, 600)}, {"heavy", heavy(b, x, layer, 60)}} {
		bench := func(name string, one func(c Coord) (bytes, features int)) {
			b.Run(kind.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				bytes, features, tiles := 0, 0, 0
				for b.Loop() {
					n, f := one(kind.tiles[tiles%len(kind.tiles)])
					bytes, features, tiles = bytes+n, features+f, tiles+1
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(features), "ns/point")
				b.ReportMetric(float64(features)/float64(tiles), "points/tile")
				b.ReportMetric(float64(bytes)/float64(tiles), "bytes/tile")
			})
		}
		ours := func(opt Options, layers ...Layer) func(c Coord) (int, int) {
			return func(c Coord) (int, int) {
				t := encode(b, g, c, opt, layers...)
				return len(t.Data), t.Features
			}
		}
		bench("ours", ours(wide, layer))
		bench("orb", func(c Coord) (int, int) {
			data, n := other.encode(b, c)
			return len(data), n
		})
		bench("groups", ours(Options{}, Layer{Name: "groups", Kind: Groups, Index: x, Pyramid: p, Properties: allProperties}))
	}
	for z := range 8 {
		at := 0
		c := Coord{z, int(x.Layout().Y[at] >> (32 - z)), int(x.Layout().X[at] >> (32 - z))}
		b.Run("budget/"+strconv.Itoa(z), func(b *testing.B) {
			for b.Loop() {
				encode(b, g, c, Options{}, Layer{Name: "features", Index: x, Pyramid: p, Properties: allProperties, Priority: "firms"})
			}
		})
	}
}
