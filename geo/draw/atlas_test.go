package draw_test

import (
	"bytes"
	"image/png"
	"testing"
	"time"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/render"
	"clustermap/web"
)

// slide is the atlas with its three concentrations, as it goes on a slide.
func slide(tb testing.TB, style render.Style) (*draw.Drawing, *draw.Fonts) {
	tb.Helper()
	fonts, err := draw.LoadFonts(web.Faces())
	if err != nil {
		tb.Fatal(err)
	}
	found, err := geo.Load(data.Files(), nil, "clusters.geojson", "regions.geojson")
	if err != nil {
		tb.Fatal(err)
	}
	base, err := render.ReadBase(data.Files())
	if err != nil {
		tb.Fatal(err)
	}
	m := &render.Map{
		Width: 1600, Height: 900, CRS: crs.ChinaAlbers(), Base: base, Style: style, Labels: true, Furniture: render.AllFurniture,
		Title: "书中点名的 40 个集群，26 个在三大集聚区", Source: []string{"《中国产业集群》第 6 辑"}, Date: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
	}
	for _, c := range found {
		x := c.Source.(*geo.Index)
		if c.ID == "clusters" {
			m.Layers = []render.Layer{{ID: c.ID, TitleZH: "产业集群", TitleEN: "Industrial clusters", Index: x}}
			continue
		}
		for slot := range uint32(x.Len()) {
			if f := x.At(slot); f.Value("default").Bool() {
				m.Regions = append(m.Regions, render.Region{ID: f.ID().String(), NameZH: f.Value("region_zh").Text(), NameEN: f.Value("region_en").Text(),
					Outline: f.Geometry(), Count: -1, Approximate: f.Value("outline").Text() == "approximate"})
			}
		}
	}
	p, err := render.Draw(tb.Context(), m, fonts)
	if err != nil {
		tb.Fatal(err)
	}
	return p.Drawing, fonts
}

// TestPPTXOfTheAtlas compares a slide as Impress shows it with the picture, text left
// out, and holds how large it may be.
func TestPPTXOfTheAtlas(t *testing.T) {
	d, fonts := slide(t, render.Light)
	var b bytes.Buffer
	if err := draw.PPTX(t.Context(), &b, fonts, d); err != nil {
		t.Fatal(err)
	}
	draw.Checked(t, b.Bytes())
	if b.Len() > 2_000_000 {
		t.Errorf("a slide of three regions has %d bytes", b.Len())
	}
	bare := draw.Without(d)
	b.Reset()
	if err := draw.PNG(t.Context(), &b, fonts, bare, draw.Raster{}); err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	share := draw.Differing(draw.Impress(t, bare)[0], want)
	t.Logf("%.2f %% of the pixels differ", 100*share)
	if share > 0.01 {
		t.Error("that is more than 1 %")
	}
}

// BenchmarkPPTX writes a slide of three regions.
func BenchmarkPPTX(b *testing.B) {
	d, fonts := slide(b, render.Light)
	size := 0
	for b.Loop() {
		var out bytes.Buffer
		if err := draw.PPTX(b.Context(), &out, fonts, d); err != nil {
			b.Fatal(err)
		}
		size = out.Len()
	}
	b.ReportMetric(float64(size), "bytes/slide")
}
