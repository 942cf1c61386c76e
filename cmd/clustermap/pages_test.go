package main

import (
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPagesForPeople reads the server's own pages on a desk and on a phone, in
// both languages: without fault for those who use a keyboard or a screen reader,
// and nowhere wider than the screen.
func TestPagesForPeople(t *testing.T) {
	tiles := filepath.Join(t.TempDir(), "tiles.pmtiles")
	writeTiles(t, "-collections", "clusters", "-layers", "features,groups", "-o", tiles)
	in := start(t, "-basemap", tiles)
	tab := browser(t)
	wide, phone := newPage(t, tab, 1280, 900, 1, false), newPage(t, tab, 390, 844, 2, true)
	for _, path := range []string{"/?f=html", "/collections?f=html", "/collections/clusters?f=html", "/collections/clusters/schema?f=html",
		"/collections/clusters/items?f=html&industry=textiles&sortby=-firms", "/collections/clusters/items/beijing-798-arts?f=html",
		"/collections/clusters/items?f=html&filter=firms+%3E+%27many%27", "/api?f=html", "/functions?f=html",
		"/collections/clusters/aggregate?f=html&by=industry", "/collections/clusters/groups?f=html&zoom=4", "/collections/clusters/groups?f=html&by=division:province", "/basemaps?f=html", "/basemaps/tiles?f=html"} {
		for lang, p := range map[string]*page{"en": wide, "zh": phone} {
			p.expect("Failed to load resource: the server responded with a status of 400")
			url := in.url + path + "&lang=" + lang
			if err := chromedp.Do(p.ctx, chromedp.Navigate(url)); err != nil {
				t.Fatalf("%s: %v", url, err)
			}
			p.equal(url+" names its language", `document.documentElement.lang`, lang)
			p.equal(url+" fits the screen", `String(document.documentElement.scrollWidth <= window.innerWidth)`, "true")
			p.accessible(url)
		}
	}
}

// TestSortByKeyboard orders the table of features from its head, there and back.
func TestSortByKeyboard(t *testing.T) {
	in := start(t)
	p := newPage(t, browser(t), 1280, 900, 1, false)
	if err := chromedp.Do(p.ctx, chromedp.Navigate(in.url+"/collections/clusters/items?f=html&lang=en&region=prd")); err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{"ascending", "descending", "ascending"} {
		p.text(`document.querySelector('th:first-child a.sort').focus()`)
		p.keys("\r")
		p.wait("the names are "+order, `document.querySelector('th:first-child')?.getAttribute('aria-sort') === '`+order+`'`)
	}
	p.equal("the filter is kept", `document.querySelector('.chips li').textContent.replace(/\s+/g, ' ').trim()`, "Region Pearl River Delta ×")
}
