package tile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clustermap/geo"
	"clustermap/geo/pyramid"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
)

func random(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// edgy is a number below n, often the first or last.
func edgy(r *rand.Rand, n int) int {
	switch r.IntN(4) {
	case 0:
		return 0
	case 1:
		return n - 1
	}
	return r.IntN(n)
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *geo.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != field {
		t.Errorf("the error is %v, want one of %s", err, field)
	}
}

func readIndex(t testing.TB, schema string, features ...string) *geo.Index {
	t.Helper()
	opt := geo.ReadOptions{Name: "test.geojson"}
	if schema != "" {
		opt.Schema = []byte(schema)
	}
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",\n")+`]}`), opt)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func feature(id any, geometry, properties string) string {
	if s, ok := id.(string); ok {
		id = fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf(`{"type":"Feature","id":%v,"geometry":%s,"properties":%s}`, id, geometry, properties)
}

func pointAt(lon, lat float64) string {
	return fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, lon, lat)
}

// scattered are features at places that are likely to go wrong.
func scattered(t testing.TB, r *rand.Rand, n int) *geo.Index {
	t.Helper()
	edges := []float64{-180, 180, 0, 90, -90, 45, -135, 22.5}
	lats := []float64{-90, 90, 0, geo.MaxLatitude, -geo.MaxLatitude, 66.51326044311186, 45, -22.5}
	var all []string
	for i := range n {
		lon, lat := r.Float64()*360-180, r.Float64()*180-90
		if r.IntN(4) == 0 {
			lon = edges[r.IntN(len(edges))]
		}
		if r.IntN(4) == 0 {
			lat = lats[r.IntN(len(lats))]
		}
		all = append(all, feature(fmt.Sprintf("f%d", i), pointAt(lon, lat), fmt.Sprintf(`{"name":"Place %d","trade":"t%d","firms":%d}`, i, r.IntN(5), r.IntN(1000))))
	}
	return readIndex(t, "", all...)
}

func encode(t testing.TB, g *Grid, c Coord, opt Options, layers ...Layer) *Tile {
	t.Helper()
	tile, err := Encode(t.Context(), g, c, layers, opt)
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

// decode reads a tile with orb, by layer.
func decode(t testing.TB, data []byte) map[string]*mvt.Layer {
	t.Helper()
	all, err := mvt.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]*mvt.Layer)
	for _, l := range all {
		if l.Version != 2 {
			t.Errorf("layer %s has version %d", l.Name, l.Version)
		}
		if out[l.Name] != nil {
			t.Errorf("two layers %s", l.Name)
		}
		out[l.Name] = l
	}
	return out
}

func homes(l *mvt.Layer) (out []*geojson.Feature) {
	if l == nil {
		return nil
	}
	for _, f := range l.Features {
		p := f.Geometry.(orb.Point)
		if p[0] >= 0 && p[0] < float64(l.Extent) && p[1] >= 0 && p[1] < float64(l.Extent) {
			out = append(out, f)
		}
	}
	return out
}

func eachTile(g *Grid, z int, visit func(Coord)) {
	cols, rows := g.Size(z)
	for row := range rows {
		for col := range cols {
			visit(Coord{z, row, col})
		}
	}
}

func TestTilesHoldEachPointOnce(t *testing.T) {
	r := random(t)
	x := scattered(t, r, 700)
	set, err := x.Select(t.Context(), geo.Query{Box: &orb.Bound{Min: orb.Point{-100, -90}, Max: orb.Point{180, 70}}})
	if err != nil {
		t.Fatal(err)
	}
	holdEachPointOnce(t, x, nil, x.Len())
	holdEachPointOnce(t, x, set, set.Len())
}

func holdEachPointOnce(t *testing.T, x *geo.Index, set *geo.Set, n int) {
	t.Helper()
	p, err := pyramid.Build(t.Context(), x, set, pyramid.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range Grids() {
		for z := range 4 {
			for _, opt := range []Options{{}, {MaxFeatures: 20}, {MaxBytes: 2000}} {
				seen, dropped := make(map[string]int), 0
				eachTile(g, z, func(c Coord) {
					tile := encode(t, g, c, opt, Layer{Name: "features", Index: x, Set: set, Pyramid: p})
					at := homes(decode(t, tile.Data)["features"])
					if len(at) != tile.Features {
						t.Errorf("%s %v: %d features, told are %d", g.ID, c, len(at), tile.Features)
					}
					for _, f := range at {
						seen[f.Properties["id"].(string)]++
					}
					dropped += tile.Dropped
				})
				for id, times := range seen {
					if slot := slotOf(t, x, id); times > 1 || set != nil && !set.Has(slot) {
						t.Errorf("%s level %d %+v: %s is in %d tiles", g.ID, z, opt, id, times)
					}
				}
				if len(seen)+dropped != n || (opt == Options{}) && dropped > 0 {
					t.Errorf("%s level %d %+v: %d features, %d dropped, of %d", g.ID, z, opt, len(seen), dropped, n)
				}
			}
		}
	}
}

func slotOf(t *testing.T, x *geo.Index, id string) uint32 {
	for slot := range uint32(x.Len()) {
		if x.At(slot).ID().String() == id {
			return slot
		}
	}
	t.Fatalf("there is no %s", id)
	return 0
}

// Layers share the room of a tile: a small one stays whole.
func TestLayersShare(t *testing.T) {
	r := random(t)
	small, large := scattered(t, r, 30), scattered(t, r, 3000)
	for _, opt := range []Options{{MaxFeatures: 100}, {MaxBytes: 10_000}} {
		tile := encode(t, Grids()[0], Coord{}, opt, Layer{Name: "large", Index: large}, Layer{Name: "small", Index: small})
		layers := decode(t, tile.Data)
		a, b := len(layers["large"].Features), len(layers["small"].Features)
		if b != small.Len() || a < 50 || a+b != tile.Features || tile.Features+tile.Dropped != small.Len()+large.Len() {
			t.Errorf("%+v: %d of the large layer, %d of the small one, told are %d and %d", opt, a, b, tile.Features, tile.Dropped)
		}
	}
}

func TestGroupsAddUp(t *testing.T) {
	r := random(t)
	x := scattered(t, r, 700)
	set, err := x.Select(t.Context(), geo.Query{Box: &orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{90, 90}}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := pyramid.Build(t.Context(), x, set, pyramid.Options{Sums: []string{"firms"}, Counts: []string{"trade"}})
	if err != nil {
		t.Fatal(err)
	}
	firms, _ := x.Column("firms")
	want := 0.0
	for slot := range set.All() {
		v, _ := firms.Number(slot)
		want += v
	}
	for _, g := range Grids() {
		for z := range 4 {
			features, sum, counted, dropped := 0, 0.0, 0, 0
			eachTile(g, z, func(c Coord) {
				tile := encode(t, g, c, Options{Pixels: 256 << (z % 2)}, Layer{Name: "groups", Kind: Groups, Index: x, Set: set, Pyramid: p})
				dropped += tile.Dropped
				for _, f := range homes(decode(t, tile.Data)["groups"]) {
					n := int(f.Properties["count"].(float64))
					features += n
					if v, ok := f.Properties["sum_firms"].(float64); ok {
						sum += v
					}
					if n == 1 && f.Properties["name"] == nil || n > 1 && (f.Properties["name"] != nil || f.Properties["id"] != nil) {
						t.Errorf("a group of %d has %v", n, f.Properties)
					}
					for name, v := range f.Properties {
						if strings.HasPrefix(name, "count_trade_t") {
							counted += int(v.(float64))
						}
					}
				}
				counted += tile.Features
			})
			if features != set.Len() || sum != want || dropped > 0 {
				t.Errorf("%s level %d: %d of %d features, sum %v of %v, %d dropped", g.ID, z, features, set.Len(), sum, want, dropped)
			}
			if counted <= features {
				t.Errorf("%s level %d: nothing is counted", g.ID, z)
			}
		}
	}
}

// A tile with less room has a part of what one with more room has.
func TestBudget(t *testing.T) {
	x := scattered(t, random(t), 3000)
	p, err := pyramid.Build(t.Context(), x, nil, pyramid.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := Grids()[0]
	for _, l := range []Layer{
		{Name: "features", Index: x},
		{Name: "features", Index: x, Pyramid: p},
		{Name: "features", Index: x, Pyramid: p, Priority: "firms"},
		{Name: "features", Index: x, Priority: "firms"},
	} {
		var before map[any]bool
		for size := 1000; size < 300_000; size = size * 5 / 4 {
			tile := encode(t, g, Coord{}, Options{MaxBytes: size}, l)
			layers := decode(t, tile.Data)
			room := size
			if about := layers["about"]; about != nil {
				room += 1000
				if got := about.Features[0].Properties; got["dropped"] != float64(tile.Dropped) || got["rule"] != tile.Rule || tile.Rule == "" {
					t.Errorf("about tells %v, the tile %d %q", got, tile.Dropped, tile.Rule)
				}
			} else if tile.Dropped > 0 || tile.Rule != "" {
				t.Errorf("nothing tells of %d dropped %q", tile.Dropped, tile.Rule)
			}
			if len(tile.Data) > room {
				t.Errorf("%d bytes where %d are allowed", len(tile.Data), size)
			}
			if tile.Features+tile.Dropped != x.Len() {
				t.Errorf("%d and %d are not %d", tile.Features, tile.Dropped, x.Len())
			}
			now := make(map[any]bool)
			for _, f := range layers["features"].Features {
				now[f.Properties["id"]] = true
			}
			for id := range before {
				if !now[id] {
					t.Errorf("%v is gone when there are %d bytes", id, size)
				}
			}
			before = now
		}
		if len(before) != x.Len() {
			t.Errorf("of %d features %d are in the largest tile", x.Len(), len(before))
		}
	}
}

// What stays is spread over the map, and of equals has the greater priority.
func TestImportance(t *testing.T) {
	var all []string
	for i := range 200 { // one crowded place, and few elsewhere
		all = append(all, feature(i, pointAt(100+float64(i)/1e4, 30), fmt.Sprintf(`{"firms":%d}`, i)))
	}
	for i := range 5 {
		all = append(all, feature(1000+i, pointAt(-100+float64(i)*20, -30), `{"firms":-5}`))
	}
	x := readIndex(t, "", all...)
	p, err := pyramid.Build(t.Context(), x, nil, pyramid.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tile := encode(t, Grids()[0], Coord{}, Options{MaxFeatures: 12}, Layer{Name: "a", Index: x, Pyramid: p, Priority: "firms"})
	var ids []float64
	for _, f := range decode(t, tile.Data)["a"].Features {
		ids = append(ids, f.ID.(float64))
	}
	slices.Sort(ids)
	if len(ids) != 12 || !slices.Equal(ids[7:], []float64{1000, 1001, 1002, 1003, 1004}) {
		t.Errorf("with a pyramid stay %v", ids)
	}
	tile = encode(t, Grids()[0], Coord{}, Options{MaxFeatures: 12}, Layer{Name: "a", Index: x, Priority: "firms"})
	for _, f := range decode(t, tile.Data)["a"].Features {
		if f.ID.(float64) < 188 || f.ID.(float64) >= 1000 {
			t.Errorf("by priority alone stays %v", f.ID)
		}
	}
}

func TestValues(t *testing.T) {
	x := readIndex(t, "",
		feature("a", pointAt(1, 1), `{"name":"东莞","n":5,"neg":-7,"half":0.5,"yes":true,"no":false,"nil":null,"list":["a","b"],"deep":{"x":{"y":3}},"empty":"","big":12345678901234567890,"mix":1}`),
		feature(17, pointAt(2, 1), `{"name":"东莞","n":-1,"mix":"one"}`),
		feature("x\"y", pointAt(3, 1), `{"deep":{"x":{"y":null}}}`),
	)
	l := Layer{Name: "a", Index: x, Properties: []string{"name", "n", "neg", "half", "yes", "no", "nil", "list", "deep", "deep.x.y", "empty", "big", "mix", "name"}}
	tile := encode(t, Grids()[0], Coord{}, Options{}, l)
	got := make(map[any]geojson.Properties)
	for _, f := range decode(t, tile.Data)["a"].Features {
		got[f.ID] = f.Properties
	}
	want := map[any]geojson.Properties{
		float64(FeatureID("a")): {"id": "a", "name": "东莞", "n": 5.0, "neg": -7.0, "half": 0.5, "yes": true, "no": false, "list": `["a","b"]`,
			"deep": `{"x":{"y":3}}`, "deep.x.y": 3.0, "empty": "", "big": 12345678901234567890.0, "mix": 1.0},
		float64(17):                {"id": "17", "name": "东莞", "n": -1.0, "mix": "one"},
		float64(FeatureID("x\"y")): {"id": "x\"y", "deep": `{"x":{"y":null}}`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orb reads other properties (-want +got):\n%s", diff)
	}
	if n := bytes.Count(tile.Data, []byte("东莞")); n != 1 {
		t.Errorf("a value that two features have is there %d times", n)
	}
}

func TestFeatureID(t *testing.T) {
	for id, want := range map[string]uint64{"0": 0, "7": 7, "4503599627370495": 1<<52 - 1} {
		if got := FeatureID(id); got != want {
			t.Errorf("%q is %d, want %d", id, got, want)
		}
	}
	for _, id := range []string{"", "07", "-1", "+1", "1.0", "4503599627370496", "a", "1e3", " 1"} {
		if got := FeatureID(id); got < 1<<52 || got >= 1<<53 {
			t.Errorf("%q is %d", id, got)
		}
	}
}

// A property named id keeps its name.
func TestNamesThatAreTaken(t *testing.T) {
	x := readIndex(t, "", feature("a", pointAt(1, 1), `{"id":5,"_id":6,"count":7,"sum_firms":8,"firms":9,"feature":{"count":10}}`))
	p, err := pyramid.Build(t.Context(), x, nil, pyramid.Options{Sums: []string{"firms"}})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"id", "_id", "count", "sum_firms", "feature.count", "count"}
	tile := encode(t, Grids()[0], Coord{}, Options{},
		Layer{Name: "f", Index: x, Properties: names}, Layer{Name: "g", Kind: Groups, Index: x, Pyramid: p, Properties: names})
	layers := decode(t, tile.Data)
	want := geojson.Properties{"__id": "a", "id": 5.0, "_id": 6.0, "count": 7.0, "sum_firms": 8.0, "feature.count": 10.0}
	if diff := cmp.Diff(want, layers["f"].Features[0].Properties); diff != "" {
		t.Error(diff)
	}
	want = geojson.Properties{"__id": "a", "id": 5.0, "_id": 6.0, "feature.feature.count": 7.0, "feature.count": 10.0, "feature.sum_firms": 8.0, "count": 1.0, "sum_firms": 9.0}
	if diff := cmp.Diff(want, layers["g"].Features[0].Properties); diff != "" {
		t.Error(diff)
	}
	fields := (&Layer{Kind: Groups, Index: x, Pyramid: p, Properties: names}).Fields()
	for name := range want {
		if fields[name] == "" {
			t.Errorf("Fields does not tell of %s", name)
		}
	}
}

func TestEqualTilesHaveEqualBytes(t *testing.T) {
	r := random(t)
	text := make([]string, 500)
	for i := range text {
		text[i] = feature(i, pointAt(r.Float64()*360-180, r.Float64()*160-80), fmt.Sprintf(`{"a":"%d","b":%d,"c":%v}`, r.IntN(9), i, r.Float64()))
	}
	x, y := readIndex(t, "", text...), readIndex(t, "", text...)
	for _, opt := range []Options{{}, {MaxBytes: 5000}} {
		want := encode(t, Grids()[0], Coord{}, opt, Layer{Name: "a", Index: x})
		for range 3 {
			for _, index := range []*geo.Index{x, y} {
				if got := encode(t, Grids()[0], Coord{}, opt, Layer{Name: "a", Index: index}); !bytes.Equal(got.Data, want.Data) {
					t.Error("the bytes differ")
				}
			}
		}
	}
}

func TestLayersInOrder(t *testing.T) {
	x := readIndex(t, "", feature(1, pointAt(1, 1), `{}`), feature(2, pointAt(2, 1), `{}`))
	names := []string{"z", "about", "a"}
	var layers []Layer
	for _, name := range names {
		layers = append(layers, Layer{Name: name, Index: x})
	}
	for _, opt := range []Options{{}, {MaxFeatures: 4}} {
		tile := encode(t, Grids()[0], Coord{}, opt, layers...)
		all, err := mvt.Unmarshal(tile.Data)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range all {
			got = append(got, l.Name)
		}
		want := names
		if opt.MaxFeatures > 0 {
			want = append(slices.Clone(names), "_about")
		}
		if !slices.Equal(got, want) {
			t.Errorf("layers %v, want %v", got, want)
		}
	}
}

func TestNothingThere(t *testing.T) {
	one := readIndex(t, "", feature(1, pointAt(100, 30), `{}`), feature(2, "null", `{}`))
	for _, x := range []*geo.Index{new(geo.Index), readIndex(t, ""), readIndex(t, "", feature(2, "null", `{}`)), one} {
		for _, g := range Grids() {
			if tile := encode(t, g, Coord{8, 0, 0}, Options{}, Layer{Name: "a", Index: x}); len(tile.Data) > 0 || tile.Features > 0 || tile.Dropped > 0 {
				t.Errorf("an empty tile is %+v", tile)
			}
		}
	}
	if tile := encode(t, Grids()[0], Coord{}, Options{}); len(tile.Data) > 0 {
		t.Errorf("a tile without layers is %v", tile.Data)
	}
}

func TestRefused(t *testing.T) {
	x := readIndex(t, "", feature(1, pointAt(1, 1), `{"name":"a"}`))
	for _, c := range []struct {
		field  string
		opt    Options
		layers []Layer
	}{
		{"properties", Options{}, []Layer{{Name: "a", Index: x, Properties: []string{"nope"}}}},
		{"priority", Options{}, []Layer{{Name: "a", Index: x, Priority: "name"}}},
		{"layers", Options{}, []Layer{{Name: "a", Index: x}, {Name: "a", Index: x}}},
		{"layers", Options{}, []Layer{{Name: "a", Kind: Groups, Index: x}}},
		{"MaxBytes", Options{MaxBytes: 999}, nil},
		{"MaxFeatures", Options{MaxFeatures: -1}, nil},
		{"Extent", Options{Extent: 1 << 20}, nil},
		{"Buffer", Options{Buffer: 5000}, nil},
		{"Pixels", Options{Pixels: 300}, nil},
	} {
		_, err := Encode(t.Context(), Grids()[0], Coord{}, c.layers, c.opt)
		wantInvalid(t, err, c.field)
	}
}

func TestDefaultProperties(t *testing.T) {
	x := readIndex(t, `{"properties":{"name":{"x-ogc-role":"name"}}}`, feature(1, pointAt(1, 1), `{"deep":{"a":1},"name":"a","n":1,"list":[{"a":1}]}`))
	if got := DefaultProperties(x.Schema()); !slices.Equal(got, []string{"name", "n"}) {
		t.Errorf("the default is %v", got)
	}
	if got := DefaultProperties(new(geo.Index).Schema()); got == nil || len(got) > 0 {
		t.Errorf("the default of nothing is %v", got)
	}
}

func TestPrepare(t *testing.T) {
	x := shapes(t, orb.Point{1, 1}, orb.Bound{Min: orb.Point{10, 10}, Max: orb.Point{40, 40}}.ToPolygon())
	if err := Prepare(t.Context(), Grids()[0], []int{0, 5, 24}, []Layer{{Name: "a", Index: x}}, Options{}); err != nil {
		t.Error(err)
	}
	wantInvalid(t, Prepare(t.Context(), Grids()[0], []int{0}, []Layer{{Name: "a", Index: x, Properties: []string{"b"}}}, Options{}), "properties")
}

func TestCancelled(t *testing.T) {
	x := scattered(t, random(t), 100)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Encode(ctx, Grids()[0], Coord{}, []Layer{{Name: "a", Index: x}}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// Tiles of one Index are made at the same time.
func TestTogether(t *testing.T) {
	x := scattered(t, random(t), 1000)
	g := Grids()[0]
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			eachTile(g, 2, func(c Coord) {
				a := encode(t, g, c, Options{}, Layer{Name: "a", Index: x}, Layer{Name: "b", Index: x})
				if b := encode(t, g, c, Options{}, Layer{Name: "a", Index: x}, Layer{Name: "b", Index: x}); !bytes.Equal(a.Data, b.Data) {
					t.Error("tiles made together differ")
				}
			})
		})
	}
	all.Wait()
}

// Points are where their coordinates say, to a unit.
func TestPositions(t *testing.T) {
	r := random(t)
	x := scattered(t, r, 200)
	mixed := readIndex(t, "", append(texts(x), feature("line", `{"type":"LineString","coordinates":[[0,0],[1,1]]}`, `{}`))...)
	for _, g := range Grids() {
		for range 200 {
			slot := uint32(r.IntN(x.Len()))
			p, _ := x.Point(slot)
			c := ownerOf(x, g, r.IntN(min(20, g.Levels())), slot)
			cols, rows := g.Size(c.Z)
			w := g.world(p)
			want := orb.Point{(w[0]*float64(cols) - float64(c.Col)) * 4096, (w[1]*float64(rows) - float64(c.Row)) * 4096}
			for _, index := range []*geo.Index{x, mixed} {
				found := false
				for _, f := range decode(t, encode(t, g, c, wide, Layer{Name: "a", Index: index}).Data)["a"].Features {
					if f.Properties["id"] == x.At(slot).ID().String() {
						at := f.Geometry.(orb.Point)
						found = at[0] > want[0]-1.01 && at[0] < want[0]+0.01 && at[1] > want[1]-1.01 && at[1] < want[1]+0.01
					}
				}
				if !found {
					t.Errorf("%s %v: %v is not at %v", g.ID, c, p, want)
				}
			}
		}
	}
}

func texts(x *geo.Index) (all []string) {
	for slot := range uint32(x.Len()) {
		all = append(all, string(x.At(slot).JSON()))
	}
	return all
}
