package render

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
	"clustermap/web"
)

var lookDir = flag.String("look", "", "write the pictures of TestLook into this `directory`")

var lookAt = flag.String("at", "", "write only these `pictures`, a comma apart")

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

// scatteredPoints are n points around the places of the base map, of eight trades, as
// an index; the same for the same n.
func scatteredPoints(t testing.TB, n int) *geo.Index {
	t.Helper()
	_, base := atlas()
	random := rand.New(rand.NewPCG(4, uint64(n)))
	trades := familyTokens[:restFamily]
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		at := base.places[random.IntN(len(base.places))].at
		r := math.Pow(random.Float64(), 2) * 4
		sin, cos := math.Sincos(random.Float64() * 2 * math.Pi)
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"name":"企业 %d","trade":%q,"output":%d}}`,
			i, at[0]+r*cos, at[1]+r*sin*0.8, i, trades[int(math.Abs(random.NormFloat64())*2.5)%len(trades)], random.IntN(1000))
	}
	b.WriteString("]}")
	x, err := geo.Read(&b, geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// shadedBy gives the layers of a map the territories of a cut.
func shadedBy(t testing.TB, m *Map, view View, cut pyramid.Cut) {
	t.Helper()
	all, _ := atlas()
	divisions := all["divisions"]
	for i, l := range m.Layers {
		parts, err := pyramid.Divide(t.Context(), l.Index, l.Set, cut, pyramid.OptionsOf(l.Index.Schema()))
		if err != nil {
			t.Fatal(err)
		}
		m.Layers[i].View, m.Layers[i].Territories = view, parts
		m.Layers[i].Areas = func(key string) (orb.Geometry, geo.Text, bool) {
			f, err := divisions.Get(t.Context(), key)
			if err != nil {
				return nil, geo.Text{}, false
			}
			return f.Geometry(), textOf(f, "name"), true
		}
	}
}

// looksFor are the pictures that we look at.
func looksFor(t testing.TB) map[string]*Map {
	t.Helper()
	yrd := orb.Bound{Min: orb.Point{117.5, 28}, Max: orb.Point{123.5, 34}}
	prd := orb.Bound{Min: orb.Point{111.5, 21.5}, Max: orb.Point{115.5, 24.5}}
	at := func(m *Map, b orb.Bound) {
		m.CRS = crs.WebMercator()
		m.Box, _ = BoxIn(m.CRS, b)
		m.Extend = true
	}
	many := func(m *Map, n int) {
		m.Layers[0] = Layer{ID: "firms", TitleZH: "企业", TitleEN: "Firms", Index: scatteredPoints(t, n), View: Groups}
		m.Box, _ = BoxIn(m.CRS, china)
		m.Extend = true
	}
	out := map[string]*Map{}
	for name, change := range map[string]func(*Map){
		"china":         func(*Map) {},
		"dark":          func(m *Map) { m.Style, m.Lang = Dark, English },
		"print":         func(m *Map) { m.Style = Print },
		"presentation":  func(m *Map) { m.Style = Presentation },
		"features":      func(m *Map) { m.Layers[0].View = Features },
		"slide":         func(m *Map) { m.Width, m.Height, m.Furniture = 1600, 900, AllFurniture },
		"slide-print":   func(m *Map) { m.Width, m.Height, m.Furniture, m.Style = 1600, 900, AllFurniture, Print },
		"yrd":           func(m *Map) { at(m, yrd) },
		"prd":           func(m *Map) { at(m, prd) },
		"prd-print":     func(m *Map) { at(m, prd); m.Style = Print },
		"degrees":       func(m *Map) { m.CRS = crs.CRS84(); m.Box = orb.Bound{Min: orb.Point{100, 15}, Max: orb.Point{130, 45}} },
		"pacific":       func(m *Map) { m.CRS = crs.CRS84(); m.Box = orb.Bound{Min: orb.Point{60, -90}, Max: orb.Point{-60, 90}} },
		"print-english": func(m *Map) { m.Style, m.Lang = Print, English; m.Layers[0].View = Features },
		"both":          func(m *Map) { m.Style, m.Lang = Presentation, Both },
		"world": func(m *Map) {
			m.CRS = crs.WebMercator()
			m.Box = orb.Bound{Min: orb.Point{-3e7, -2e7}, Max: orb.Point{3e7, 2e7}}
		},
		"cone":              func(m *Map) { m.Box = orb.Bound{Min: orb.Point{-1.2e7, -6e6}, Max: orb.Point{1.2e7, 1.5e7}} },
		"many":              func(m *Map) { many(m, 10_000); m.Layers[0].View = Features },
		"many-print":        func(m *Map) { many(m, 2_000); m.Layers[0].View = Features; m.Style = Print },
		"many-groups":       func(m *Map) { many(m, 50_000) },
		"many-groups-print": func(m *Map) { many(m, 50_000); m.Style = Print },
		"hex":               func(m *Map) { many(m, 50_000); shadedBy(t, m, Hex, pyramid.Cut{Across: 100}) },
		"hex-dark":          func(m *Map) { many(m, 50_000); m.Style = Dark; shadedBy(t, m, Hex, pyramid.Cut{Across: 50}) },
		"provinces":         func(m *Map) { shadedBy(t, m, Territory, pyramid.Cut{Level: "province"}) },
		"prefectures":       func(m *Map) { shadedBy(t, m, Territory, pyramid.Cut{Level: "prefecture"}) },
		"counties":          func(m *Map) { shadedBy(t, m, Territory, pyramid.Cut{Level: "county"}) },
		"divisions": func(m *Map) {
			all, _ := atlas()
			m.Layers[0] = Layer{ID: "divisions", TitleZH: "政区", TitleEN: "Divisions", Index: all["divisions"]}
			m.Layers[0].View = Features
		},
	} {
		m := atlasMap(t)
		m.Layers[0].View, m.Labels = Groups, true
		change(m)
		if m.Layers[0].View == Groups {
			grouped(t, m)
		}
		out[name] = m
	}
	return out
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
	for name, m := range looksFor(t) {
		if *lookAt != "" && !slices.Contains(strings.Split(*lookAt, ","), name) {
			continue
		}
		start := time.Now()
		p, err := Draw(t.Context(), m, fonts)
		if err != nil {
			t.Fatal(name, err)
		}
		drawnIn := time.Since(start)
		var b bytes.Buffer
		if err := draw.PNG(t.Context(), &b, fonts, p.Drawing, draw.Raster{}); err != nil {
			t.Fatal(err)
		}
		t.Log(name, drawnIn, time.Since(start), b.Len(), "bytes", p.Shown, "shown", p.Hidden, "hidden")
		if err := os.WriteFile(filepath.Join(*lookDir, name+".png"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
