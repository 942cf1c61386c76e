package main

import (
	"fmt"
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

// TestMapLibreRendersStyles opens each style in MapLibre GL JS with software GL.
func TestMapLibreRendersStyles(t *testing.T) {
	base := start(t).url
	packages := http.FileServer(http.Dir("testdata/maplibre/node_modules"))
	for _, style := range []struct{ name, layer string }{
		{"clusters", "groups"}, {"clusters?theme=dark", "groups"}, {"regions", "areas"}, {"divisions", "areas"},
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
			p.shot("style-" + strings.ReplaceAll(style.name, "?theme=", "-"))
		})
	}
}
