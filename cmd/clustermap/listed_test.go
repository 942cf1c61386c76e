package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// The larger atlas opens in the page, says in both languages that its lists are partial,
// and has a page of its own.
func TestListedClusters(t *testing.T) {
	in := start(t)
	b := browser(t)
	for lang, words := range map[string]string{"en": "The lists are partial", "zh": "名单不全"} {
		p := newPage(t, b, 1440, 900, 1, false)
		p.open(in.url + "/#c=listed_clusters&lang=" + lang)
		p.wait("all rows are counted", `document.querySelector('.regions')?.textContent.includes('799')`)
		p.wait("the page says what is missing", `document.querySelector('.partial')?.textContent.includes('`+words+`')`)
		p.wait("groups are on the map", `document.querySelectorAll('.mark').length > 5`)
		p.accessible("listed clusters")
		p.shot("listed-" + lang)
	}
	p := newPage(t, b, 1200, 900, 1, false)
	if err := chromedp.Do(p.ctx, chromedp.Navigate(in.url+"/collections/zones?f=html&lang=en")); err != nil {
		t.Fatal(err)
	}
	p.wait("the data page has the precision of points", `[...document.querySelectorAll('.bars th')].some(e => e.textContent.includes('Seat of the host unit'))`)
	p.accessible("the page of the zones")
	p.shot("page-zones")
}
