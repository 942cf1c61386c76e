package tile

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// parcels are polygons that share borders, n by n of them, each border with many
// vertices.
func parcels(n int) string {
	r := rand.New(rand.NewPCG(7, 8))
	const west, south, wide = 105.0, 25.0, 10.0
	step := wide / float64(n)
	corner := make(map[[2]int]orb.Point)
	at := func(i, j int) orb.Point {
		p, ok := corner[[2]int{i, j}]
		if !ok {
			p = orb.Point{west + (float64(i)+0.6*r.Float64())*step, south + (float64(j)+0.6*r.Float64())*step}
			corner[[2]int{i, j}] = p
		}
		return p
	}
	borders := make(map[[4]int][]orb.Point)
	border := func(i, j, k, l int) []orb.Point {
		key := [4]int{i, j, k, l}
		if line, ok := borders[key]; ok {
			return line
		}
		const vertices = 40
		a, b := at(i, j), at(k, l)
		var line []orb.Point
		for v := range vertices {
			f, shake := float64(v)/vertices, step*0.004
			p := orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
			if v > 0 {
				p[0], p[1] = p[0]+shake*r.NormFloat64(), p[1]+shake*r.NormFloat64()
			}
			line = append(line, p)
		}
		borders[key] = append(line, b)
		return borders[key]
	}
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		for j := range n {
			var ring orb.Ring
			ring = append(ring, border(i, j, i+1, j)...)
			ring = append(ring, border(i+1, j, i+1, j+1)[1:]...)
			top, left := slices.Clone(border(i, j+1, i+1, j+1)), slices.Clone(border(i, j, i, j+1))
			slices.Reverse(top)
			slices.Reverse(left)
			ring = append(ring, top[1:]...)
			ring = append(ring, left[1:]...)
			if i+j > 0 {
				b.WriteByte(',')
			}
			text, _ := geojson.NewGeometry(orb.Polygon{ring}).MarshalJSON()
			fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":%s,"properties":{"name":"Parcel %d %d","use":%d}}`+"\n", i*n+j, text, i, j, r.IntN(9))
		}
	}
	b.WriteString(`]}`)
	return b.String()
}

// BenchmarkPolygons measures tiles of polygons beside orb/mvt, which simplifies
// each by itself and leaves what is not valid.
func BenchmarkPolygons(b *testing.B) {
	x, err := geo.Read(strings.NewReader(parcels(100)), geo.ReadOptions{Name: "parcels.geojson"})
	if err != nil {
		b.Fatal(err)
	}
	g, other := Grids()[0], newPeer(b, x)
	if err := Prepare(b.Context(), g, []int{6, 8, 10, 12, 14}, []Layer{{Name: "features", Index: x}}, wide); err != nil {
		b.Fatal(err)
	}
	for z := 6; z <= 14; z += 2 {
		w := geo.World(orb.Point{110, 30})
		n := math.Exp2(float64(z))
		c := Coord{z, int(w[1] * n), int(w[0] * n)}
		b.Run(fmt.Sprintf("ours/%d", z), func(b *testing.B) {
			b.ReportAllocs()
			var t *Tile
			for b.Loop() {
				t = encode(b, g, c, wide, Layer{Name: "features", Index: x})
			}
			b.ReportMetric(float64(len(t.Data)), "bytes/tile")
		})
		b.Run(fmt.Sprintf("orb/%d", z), func(b *testing.B) {
			b.ReportAllocs()
			var data []byte
			for b.Loop() {
				data, _ = other.encode(b, c)
			}
			b.ReportMetric(float64(len(data)), "bytes/tile")
		})
	}
}
