package render

import (
	"os"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/crs"
)

// atlas is the built-in atlas with its base map, loaded once.
var atlas = sync.OnceValues(func() (map[string]*geo.Index, *Base) {
	found, err := geo.Load(data.Files(), nil, "clusters.geojson", "regions.geojson", "divisions.geojson")
	if err != nil {
		panic(err)
	}
	all := map[string]*geo.Index{}
	for _, c := range found {
		all[c.ID] = c.Source.(*geo.Index)
	}
	base, err := ReadBase(data.Files())
	if err != nil {
		panic(err)
	}
	return all, base
})

func defaultRegions(t testing.TB) (out []Region) {
	t.Helper()
	all, _ := atlas()
	x := all["regions"]
	for slot := range uint32(x.Len()) {
		f := x.At(slot)
		if !f.Value("default").Bool() {
			continue
		}
		out = append(out, Region{
			ID: f.ID().String(), NameZH: f.Value("region_zh").Text(), NameEN: f.Value("region_en").Text(),
			Outline: f.Geometry(), Count: -1, Approximate: f.Value("outline").Text() == "approximate",
		})
	}
	if len(out) != 3 {
		t.Fatalf("%d default regions, want 3", len(out))
	}
	return out
}

func atlasMap(t testing.TB) *Map {
	all, base := atlas()
	return &Map{
		Width: 1092, Height: 900, CRS: crs.ChinaAlbers(), Base: base, Regions: defaultRegions(t),
		Layers: []Layer{{ID: "clusters", TitleZH: "产业集群", TitleEN: "Industrial clusters", Index: all["clusters"]}},
	}
}

func drawn(t testing.TB, m *Map) *Picture {
	t.Helper()
	p, err := Draw(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDrawAtlas(t *testing.T) {
	p := drawn(t, atlasMap(t))
	if p.Shown != 40 {
		t.Errorf("%d features are shown, want 40", p.Shown)
	}
	for _, at := range []orb.Point{{116.4, 39.9}, {121.5, 31.2}, {113.3, 23.1}} {
		x, y, ok := p.Pixel(at)
		back, back2 := p.LonLat(x, y)
		if !ok || !back2 || back.Lon()-at.Lon() > 1e-6 || back.Lat()-at.Lat() > 1e-6 {
			t.Errorf("%v is at %v, %v (%v), which is %v", at, x, y, ok, back)
		}
	}
	if dir := os.Getenv("PICTURES"); dir != "" {
		t.Log("see", dir)
	}
}
