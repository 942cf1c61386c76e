package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// stylePage is a page that shows a style, as one who pastes its address does.
const stylePage = `<!doctype html><meta charset="utf-8"><title>style</title>
<link rel="stylesheet" href="/maplibre-gl/dist/maplibre-gl.css">
<style>html,body,#view{margin:0;height:100%%}</style><div id="view"></div>
<script type="module">
import { Map } from '/maplibre-gl/dist/maplibre-gl.mjs'
window.faults = [];
window.map = new Map({container: 'view', style: %q, fadeDuration: 0, attributionControl: false});
map.on('error', (e) => faults.push(String(e.error)));
</script>`

// shownSymbols is what a map of groups draws, by the style and where on the screen.
const shownSymbols = `(() => {
	const groups = map.getPaintProperty('groups', 'circle-color');
	return JSON.stringify({disc: groups, symbols: map.queryRenderedFeatures({layers: ['groups', 'alone']}).map((f) => {
		const {x, y} = map.project(f.geometry.coordinates);
		return {x, y, count: f.properties.count, layer: f.layer.id, radius: f.layer.paint['circle-radius'], ring: f.layer.paint['circle-stroke-color'].toString(), fill: f.layer.paint['circle-color'].toString()};
	})});
})()`

// TestMapLibreRendersStyles opens each style in MapLibre GL JS with software GL.
func TestMapLibreRendersStyles(t *testing.T) {
	base := start(t).url
	packages := http.FileServer(http.Dir("testdata/maplibre/node_modules"))
	for _, style := range []struct{ name, layer string }{
		{"clusters?lang=en", "groups"}, {"clusters?lang=zh&theme=dark", "groups"}, {"regions", "areas"}, {"divisions", "areas"},
	} {
		t.Run(style.name, func(t *testing.T) {
			pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					w.Header().Set("Content-Type", "text/html")
					fmt.Fprintf(w, stylePage, base+"/styles/"+style.name)
					return
				}
				packages.ServeHTTP(w, r)
			}))
			defer pages.Close()
			p := newPage(t, browser(t), 1000, 700, 1, false)
			p.expect("favicon")
			if err := chromedp.Do(p.ctx, chromedp.Navigate(pages.URL)); err != nil {
				t.Fatal(err)
			}
			p.wait("the map is drawn", `window.map?.loaded() && map.areTilesLoaded() && map.queryRenderedFeatures({layers: ['`+style.layer+`']}).length > 0`)
			p.wait("nothing failed", `faults.length === 0`)
			picture := p.shot("style-" + strings.NewReplacer("?", "-", "&", "-", "=", "-").Replace(style.name))
			if style.layer == "groups" {
				checkSymbols(t, picture, p.text(shownSymbols))
			}
		})
	}
}

// symbol is a symbol on the screen with its colours.
type symbol struct {
	X, Y       float64
	Count      int
	Layer      string
	Radius     float64
	Ring, Fill string
}

// checkSymbols looks for the symbols in a picture of the map: all features are shown,
// groups as a disc in a ring with their count, lone features in their colour.
func checkSymbols(t *testing.T, picture []byte, shown string) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	var drawn struct {
		Disc    string
		Symbols []symbol
	}
	if err := json.Unmarshal([]byte(shown), &drawn); err != nil {
		t.Fatalf("%v in %s", err, shown)
	}
	total, groups := 0, 0
	for _, s := range drawn.Symbols {
		total += s.Count
		at := func(dx, dy float64) color.Color { return img.At(int(s.X+dx), int(s.Y+dy)) }
		if s.Layer == "alone" {
			if got := at(0, 0); !alike(got, parseColour(t, s.Fill)) {
				t.Errorf("a lone feature at %.0f, %.0f is %v, want %s", s.X, s.Y, got, s.Fill)
			}
			continue
		}
		groups++
		disc, ring := parseColour(t, drawn.Disc), parseColour(t, s.Ring)
		if got := at(0, s.Radius-1.5); !alike(got, disc) {
			t.Errorf("the disc of %d at %.0f, %.0f is %v, want %s", s.Count, s.X, s.Y, got, drawn.Disc)
		}
		if got := at(0, -s.Radius-2); !alike(got, ring) {
			t.Errorf("the ring of %d at %.0f, %.0f is %v, want %s", s.Count, s.X, s.Y, got, s.Ring)
		}
		ink := 0
		for dy := -6.0; dy <= 6; dy++ {
			for dx := -8.0; dx <= 8; dx++ {
				if far(at(dx, dy), disc) {
					ink++
				}
			}
		}
		if ink < 12 {
			t.Errorf("the group of %d at %.0f, %.0f has no count that can be read: %d pixels", s.Count, s.X, s.Y, ink)
		}
	}
	if total != 40 || groups < 3 {
		t.Errorf("the map shows %d clusters and %d groups, want 40 and some: %s", total, groups, shown)
	}
}

// parseColour reads rgba(r,g,b,a) with parts of 1 or 255, or #rrggbb.
func parseColour(t *testing.T, text string) color.RGBA {
	t.Helper()
	var c color.RGBA
	if _, err := fmt.Sscanf(text, "#%02X%02X%02X", &c.R, &c.G, &c.B); err == nil {
		return c
	}
	if _, err := fmt.Sscanf(strings.ReplaceAll(text, " ", ""), "rgba(%d,%d,%d,1)", &c.R, &c.G, &c.B); err != nil {
		t.Fatalf("%q is no colour", text)
	}
	return c
}

func distance(c color.Color, want color.RGBA) int {
	r, g, b, _ := c.RGBA()
	d := 0
	for _, v := range [][2]uint32{{r >> 8, uint32(want.R)}, {g >> 8, uint32(want.G)}, {b >> 8, uint32(want.B)}} {
		d = max(d, int(v[0])-int(v[1]), int(v[1])-int(v[0]))
	}
	return d
}

func alike(c color.Color, want color.RGBA) bool { return distance(c, want) <= 16 }
func far(c color.Color, other color.RGBA) bool  { return distance(c, other) >= 128 }
