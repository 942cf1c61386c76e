package render

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
	"clustermap/web"
)

var lookDir = flag.String("look", "", "write the pictures of TestLook into this `directory`")

var faces = sync.OnceValues(func() (*draw.Fonts, error) { return draw.LoadFonts(web.Faces()) })

func grouped(t testing.TB, m *Map) *Map {
	t.Helper()
	fonts, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range m.Layers {
		r, err := m.Resolution(fonts)
		if err != nil {
			t.Fatal(err)
		}
		opt := pyramid.OptionsOf(l.Index.Schema())
		opt.Radius = r.Radius(l.features())
		p, err := pyramid.Build(t.Context(), l.Index, l.Set, opt)
		if err != nil {
			t.Fatal(err)
		}
		m.Layers[i].View, m.Layers[i].Pyramid = Groups, p
	}
	return m
}

// TestLook writes pictures to be looked at.
func TestLook(t *testing.T) {
	if *lookDir == "" {
		t.Skip("needs -look")
	}
	fonts, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	yrd := orb.Bound{Min: orb.Point{117.5, 28}, Max: orb.Point{123.5, 34}}
	prd := orb.Bound{Min: orb.Point{111.5, 21.5}, Max: orb.Point{115.5, 24.5}}
	for name, change := range map[string]func(*Map){
		"china":        func(*Map) {},
		"dark":         func(m *Map) { m.Style = Dark; m.Lang = English },
		"print":        func(m *Map) { m.Style = Print },
		"presentation": func(m *Map) { m.Style = Presentation },
		"features":     func(m *Map) { m.Layers[0].View = Features },
		"yrd":          func(m *Map) { m.CRS = crs.WebMercator(); m.Box, _ = BoxIn(m.CRS, yrd); m.Extend = true },
		"prd":          func(m *Map) { m.CRS = crs.WebMercator(); m.Box, _ = BoxIn(m.CRS, prd); m.Extend = true },
		"prd-print": func(m *Map) {
			m.Style = Print
			m.CRS = crs.WebMercator()
			m.Box, _ = BoxIn(m.CRS, prd)
			m.Extend = true
		},
		"degrees": func(m *Map) { m.CRS = crs.CRS84(); m.Box = orb.Bound{Min: orb.Point{100, 15}, Max: orb.Point{130, 45}} },
		"pacific": func(m *Map) { m.CRS = crs.CRS84(); m.Box = orb.Bound{Min: orb.Point{60, -90}, Max: orb.Point{-60, 90}} },
		"world": func(m *Map) {
			m.CRS = crs.WebMercator()
			m.Box = orb.Bound{Min: orb.Point{-3e7, -2e7}, Max: orb.Point{3e7, 2e7}}
		},
		"cone": func(m *Map) { m.Box = orb.Bound{Min: orb.Point{-1.2e7, -6e6}, Max: orb.Point{1.2e7, 1.5e7}} },
	} {
		m := atlasMap(t)
		m.Layers[0].View = Groups
		change(m)
		if m.Layers[0].View == Groups {
			grouped(t, m)
		}
		p, err := Draw(t.Context(), m, fonts)
		if err != nil {
			t.Fatal(name, err)
		}
		f, err := os.Create(filepath.Join(*lookDir, name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		if err := draw.SVG(t.Context(), f, fonts, p.Drawing); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
