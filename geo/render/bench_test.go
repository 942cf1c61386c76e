package render

import (
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
)

// BenchmarkDraw draws without writing.
func BenchmarkDraw(b *testing.B) {
	fonts, err := faces()
	if err != nil {
		b.Fatal(err)
	}
	_, base := atlas()
	points := scatteredPoints(b, 10_000)
	tile := orb.Bound{Min: orb.Point{13e6, 3e6}, Max: orb.Point{13.6e6, 3.6e6}}
	china, _ := BoxIn(crs.WebMercator(), china)
	for name, m := range map[string]*Map{
		"points":        {Width: 1024, Height: 768, Box: china, Layers: []Layer{{Index: points}}},
		"points-labels": {Width: 1024, Height: 768, Box: china, Layers: []Layer{{Index: points}}, Labels: true},
		"deep": {Width: 1024, Height: 768, CRS: crs.CRS84(), Box: orb.Bound{Min: orb.Point{113, 22.9}, Max: orb.Point{113.2, 23.05}},
			Layers: []Layer{{Index: scatteredPoints(b, 300_000)}}},
		"base":      {Width: 1024, Height: 768, Box: china, Base: base},
		"base-tile": {Width: 256, Height: 256, Box: tile, Base: base},
		"regions":   {Width: 1024, Height: 768, Box: china, Base: base, Regions: defaultRegions(b)},
		"atlas":     grouped(b, atlasMap(b)),
		"slide": func() *Map {
			m := atlasMap(b)
			m.Width, m.Height, m.Furniture, m.Labels = 1600, 900, AllFurniture, true
			return grouped(b, m)
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Draw(b.Context(), m, fonts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
