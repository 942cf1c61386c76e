package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What a planner does, on the built-in atlas.
func TestPlannersWalk(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	t.Run("open", func(t *testing.T) { walkOpen(t, b, address) })
	t.Run("regions and definitions", func(t *testing.T) { walkRegions(t, b, address) })
	t.Run("filters and search", func(t *testing.T) { walkFilters(t, b, address) })
	t.Run("card", func(t *testing.T) { walkCard(t, b, address) })
	t.Run("shared place", func(t *testing.T) { walkShared(t, b, address) })
	t.Run("keyboard", func(t *testing.T) { walkKeyboard(t, b, address) })
	t.Run("languages and themes", func(t *testing.T) { walkLanguages(t, b, address) })
	t.Run("phone", func(t *testing.T) { walkPhone(t, b, address) })
	t.Run("small screens", func(t *testing.T) { walkSmall(t, b, address) })
}

func walkOpen(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=zh&theme=light")
	p.equal("total", total, "显示 40 / 40 个集群")
	for region, n := range map[string]string{"yrd": "13", "prd": "8", "bohai": "5", "none": "14", "all": "40"} {
		p.equal("count of "+region, countOf(region), n)
	}
	for _, name := range []string{"长三角", "珠三角", "环渤海"} {
		p.wait(name+" is labelled", `[...document.querySelectorAll('[data-label]')].some(e => e.textContent.includes('`+name+`'))`)
	}
	// Groups and lone symbols together are the forty clusters.
	p.equal("clusters on the map", `[...document.querySelectorAll('.mark[data-group]')].reduce((n, e) => n + Number(e.textContent.match(/\d+/)), 0) +
		document.querySelectorAll('.mark[data-feature-id]').length`, "40")
	p.equal("Leaflet's own credit", `document.querySelectorAll('.leaflet-control-attribution a[href*=leaflet]').length`, "0")
	p.wait("a scale bar", `/千米/.test(document.body.textContent)`)
	p.accessible("the opening page")
	p.shot("wide-light-zh")
}

func walkRegions(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en")
	before := p.text(`location.hash`)
	p.click("[data-region=prd] button")
	p.wait("the map flew", `location.hash.includes('open=prd') && location.hash.includes('map=')`)
	p.wait("the book is quoted", `document.querySelector('[data-region=prd] .region-body').textContent.length > 40`)
	p.choose("[data-definition=prd]", "gba11")
	p.wait("the definition is in the address", `location.hash.includes('def=prd:gba11') || location.hash.includes('def=prd%3Agba11')`)
	p.choose("[data-definition=yrd]", "yrd16")
	p.equal("clusters by yrd16", countOf("yrd"), "10")
	p.equal("elsewhere follows", countOf("none"), "17")
	p.choose("[data-definition=bohai]", "bohai_coastal")
	p.equal("clusters by bohai_coastal", countOf("bohai"), "3")
	p.shot("definition-changed")
	for range 20 {
		if p.text(`location.hash`) == before {
			break
		}
		p.text(`(history.back(), '')`)
		p.text(`new Promise(done => setTimeout(done, 100))`)
	}
	p.equal("clusters after going back", countOf("yrd"), "13")
}

func walkFilters(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&tab=list")
	p.wait("the list", `document.querySelectorAll('.row[data-feature-id]').length > 5`)
	p.click("[data-testid=list-toggle]")
	p.click("[data-option=ceramics]")
	p.equal("total", total, "Showing 5 of 40 clusters")
	p.equal("marks", marksOrGrouped, "5")
	p.accessible("a filtered page")
	p.shot("filtered")
	p.click("[data-testid=list-toggle]")
	p.equal("rows", `document.querySelectorAll('.row[data-feature-id]').length`, "5")
	p.wait("a row names its symbol", `document.querySelector('.row[data-feature-id=jingdezhen-ceramics]')`)

	for _, search := range []struct{ text, want string }{
		{"silk", "wujiang-shengze-silk"}, {"盛泽", "wujiang-shengze-silk"}, {"sheng ze", "wujiang-shengze-silk"},
		{"shengze", "wujiang-shengze-silk"}, {"嵊州", "shengzhou-neckties"}, {"领带", "shengzhou-neckties"},
	} {
		p.open(address + "#lang=en&tab=list")
		p.click("input[type=search]")
		p.keys(search.text)
		p.wait("search for "+search.text, `document.querySelectorAll('.row[data-feature-id]').length > 0 &&
			document.querySelectorAll('.row[data-feature-id]').length < 6 && document.querySelector('.row[data-feature-id="`+search.want+`"]')`)
	}
	p.open(address + "#lang=en&q=zzzz")
	p.wait("the empty state tells what to do", `document.querySelector('[data-notice=empty] [data-act]')`)
	p.accessible("the empty state")
	p.shot("empty")
	p.click("[data-notice=empty] [data-act]")
	p.equal("total", total, "Showing 40 of 40 clusters")
}

func walkCard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&tab=list&q=neckties")
	p.click(`.row[data-feature-id=shengzhou-neckties]`)
	p.equal("title of the card", cardTitle, "Shengzhou neckties")
	for _, part := range []string{"嵊州领带", "80", "30", "浙江嵊州领带占到全国的80%和全球的30%", "330683", "GeoNames"} {
		p.wait("the card has "+part, `document.querySelector('.card').textContent.includes(`+quote(part)+`)`)
	}
	p.wait("the link to GeoJSON works", `fetch([...document.querySelectorAll('.card a')].find(a => a.textContent === 'GeoJSON').href).then(r => window.got = r.ok) && window.got`)
	p.accessible("an open card")
	p.shot("card")
	p.keys(kb.Escape)
	p.wait("Escape closes the card", `!location.hash.includes('shengzhou-neckties')`)
	// Three clusters share the seat of Shenzhen: each is reached.
	for _, id := range []string{"shenzhen-garments", "shenzhen-information-industry", "shenzhen-watches"} {
		p.open(address + "#lang=en&map=9/22.5455/114.0683")
		p.wait("the stack or its group", `document.querySelector('[data-feature-id^=shenzhen], [data-group]')`)
		if p.text(`document.querySelector('#map [data-feature-id=`+id+`], .mark[data-feature-id=`+id+`]') !== null`) != "true" {
			p.click(".mark[data-group]")
		}
		p.click(`.mark[data-feature-id=` + id + `], [data-feature-id=` + id + `]`)
		p.wait(id+" is opened", `location.hash.includes('`+id+`')`)
	}
}

func walkShared(t *testing.T, b context.Context, address string) {
	first := newPage(t, b, 1440, 900, 1, false)
	first.open(address + "#lang=zh&theme=dark")
	first.click("[data-region=yrd] button")
	first.click("[data-option=textiles]")
	first.wait("the map came to rest", `location.hash.includes('map=')`)
	first.text(`new Promise(done => setTimeout(done, 1200))`)
	first.shot("shared-from")
	link, sum := first.text(`location.href`), first.text(total)

	second := newPage(t, b, 1440, 900, 1, false)
	second.open(link)
	second.equal("total", total, sum)
	second.equal("address", `location.href`, link)
	second.equal("theme", `getComputedStyle(document.documentElement).colorScheme`, "dark")
	for _, bad := range []string{"#map=x/y/z", "#map=99/999/999&f.region=%zz", "#lang=xx&theme=1&def=yrd:nothing&c=clusters&q=%E4", "#sel=no-such-cluster&f.nothing=1"} {
		second.open(address + bad)
		second.wait("total of "+bad, `/\b40\b/.test(`+total+`)`)
	}
}

func walkKeyboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en")
	p.keys(kb.Tab)
	p.wait("the first stop is the skip link", `/skip/i.test(document.activeElement.textContent)`)
	seen := make(map[string]bool)
	for range 60 {
		p.keys(kb.Tab)
		seen[p.text(`document.activeElement.closest('#map, .leaflet-container') ? 'map' : document.activeElement.type === 'search' ? 'search' : document.activeElement.closest('[data-region]') ? 'region' : document.activeElement.closest('[data-facet]') ? 'filter' : 'other'`)] = true
		if seen["map"] {
			break
		}
	}
	for _, stop := range []string{"search", "region", "filter", "map"} {
		if !seen[stop] {
			t.Errorf("Tab never reaches %s", stop)
		}
	}
	zoom := p.text(`location.hash`)
	p.keys("+")
	p.wait("plus zooms", `location.hash !== `+quote(zoom))
	p.keys("n")
	p.keys("n")
	p.keys(kb.Enter)
	p.wait("Enter opens what has focus", `document.querySelector('.card h2')`)
	p.keys(kb.Escape)
	p.wait("Escape closes it", `!document.querySelector('.card h2') || document.querySelector('.card').hidden`)

	// What takes away the control in use hands the focus on.
	for _, step := range []struct{ at, press, to string }{
		{"#lang=en&f.family=ceramics&q=je", "[data-filter=family]", "[data-filter=text]"},
		{"#lang=en&q=zzzz", "[data-notice=empty] [data-act]", "#map"},
		{"#lang=en", "[data-testid=list-toggle]", "[data-testid=list-toggle]"},
		{"#lang=en&tab=list", ".back", "[data-testid=list-toggle]"},
	} {
		p.open(address + step.at)
		p.text(`(document.querySelector(` + quote(step.press) + `).focus(), '')`)
		p.keys(kb.Enter)
		p.wait("focus after "+step.press, `location.hash !== `+quote(step.at)+` && document.activeElement.matches(`+quote(step.to)+`)`)
	}
}

func walkLanguages(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#theme=light")
	p.equal("the browser's language", `document.documentElement.lang.slice(0, 2)`, "zh")
	p.click("[data-testid=language]")
	p.equal("language", `document.documentElement.lang`, "en")
	p.equal("total", total, "Showing 40 of 40 clusters")
	p.click("[data-testid=theme]")
	p.equal("theme", `getComputedStyle(document.documentElement).colorScheme`, "dark")
	p.accessible("the dark page")
	p.shot("wide-dark-en")
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(820, 1100)); err != nil {
		t.Fatal(err)
	}
	p.open(address + "#lang=en")
	p.accessible("the middle layout")
	p.shot("middle-en")
}

func walkPhone(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 390, 844, 2, true)
	p.open(address + "#lang=zh&theme=light")
	p.wait("no sideways scrolling", `document.documentElement.scrollWidth <= innerWidth`)
	p.equal("count", countOf("yrd"), "13")
	p.accessible("the phone")
	p.shot("phone-zh")
	p.click("[data-tab=list]")
	p.wait("the list", `document.querySelectorAll('.row[data-feature-id]').length > 3`)
	p.click(".row[data-feature-id]")
	p.wait("a card", `document.querySelector('.card h2').textContent.length > 2`)
	p.accessible("a card on the phone")
	p.shot("phone-card-zh")
	p.equal("small targets", `[...document.querySelectorAll('button, a, select, input')].filter(e => {
		const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && r.height < 24 && getComputedStyle(e).display !== 'inline' }).length`, "0")
}

// The three concentrations are named, and a link shows its cluster, where there is little room.
func walkSmall(t *testing.T, b context.Context, address string) {
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"phone-en", 390, 844}, {"phone-small-en", 360, 640}, {"phone-sideways-en", 568, 320}} {
		p := newPage(t, b, size.width, size.height, 2, true)
		p.open(address + "#lang=en")
		p.wait("three regions are named on "+size.name, `document.querySelectorAll('.label-region').length === 3`)
		p.equal("clusters on the map of "+size.name, marksOrGrouped, "40")
		p.shot(size.name)
	}
	p := newPage(t, b, 390, 844, 2, true)
	p.open(address + "#lang=en&id=shenzhen-garments")
	p.wait("the cluster stands by itself or in its stack", `[...document.querySelectorAll('.mark.is-selected')].some(e => e.dataset.featureId === 'shenzhen-garments' || e.matches('.mark-closed'))`)
	p.wait("above its card", `document.querySelector('.mark.is-selected').getBoundingClientRect().bottom < document.querySelector('.card').getBoundingClientRect().top`)
	p.open(address + "#lang=en&id=changyuan-cranes")
	p.wait("the division of 2007 in English", `document.querySelector('.card').textContent.includes('Changyuan County')`)
}

// A planner's own data: lines, areas and points without a word about them.
func TestForeignDataOnTheMap(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	for i := range 12_000 {
		fmt.Fprintf(&b, `{"type":"Feature","geometry":{"type":"Point","coordinates":[%.3f,%.3f]},"properties":{"名称":"站 %d","kind":%q,"height":%d}}`+"\n",
			100+float64(i%200)/20, 25+float64(i/200)/10, i, []string{"well", "spring", "pump"}[i%3], i%500)
	}
	lines := `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"a","geometry":{"type":"LineString","coordinates":[[110,30],[112,32],[115,31]]},"properties":{"name":"North road","lanes":4}},
		{"type":"Feature","id":"b","geometry":{"type":"Polygon","coordinates":[[[105,28],[108,28],[108,30],[105,28]]]},"properties":{"name":"<b>Field</b>","lanes":null}},
		{"type":"Feature","id":"c","geometry":null,"properties":{"name":"Nowhere","lanes":1}}]}`
	odd := `{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":{"type":"Point","coordinates":[110,30]},"properties":null},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[111,30]},"properties":{"constructor":1,"__proto__":2,"toString":"a","hasOwnProperty":true}},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[112,31]},"properties":{"constructor":5,"__proto__":7,"toString":"b","hasOwnProperty":false}}]}`
	dateline := `{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":{"type":"Point","coordinates":[179.5,-17]},"properties":{"name":"E"}},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[-179.5,-17]},"properties":{"name":"W"}}]}`
	for name, text := range map[string]string{"dateline.geojson": dateline, "wells.ndjson": b.String(), "roads.geojson": lines, "odd.geojson": odd} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	address := start(t, dir).url + "/"
	ctx := browser(t)
	p := newPage(t, ctx, 1280, 800, 1, false)
	p.open(address + "#lang=en&c=roads")
	p.wait("features are told", `/3/.test(`+total+`)`)
	p.wait("no markup from data", `document.querySelector('.row b, .card b, [data-label] b') === null || !document.body.innerHTML.includes('<b>Field')`)
	p.accessible("a layer of lines and areas")
	p.shot("foreign-roads")
	p.wait("what has no place is told", `/1 of them without a place/.test(document.querySelector('.panel-foot').textContent)`)
	p.open(address + "#lang=en&c=no-such-layer")
	p.wait("an unknown layer is told", `document.querySelector('[data-notice=unknown]')`)
	p.open(address + "#lang=en&c=dateline")
	p.equal("symbols on both sides of 180 degrees in view", `[...document.querySelectorAll('.mark')].filter(e => {
		const r = e.getBoundingClientRect(), m = document.getElementById('map').getBoundingClientRect(); return r.left > m.left && r.right < m.right }).length`, "2")
	p.open(address + "#lang=en&c=odd")
	p.equal("total of names that every object has", total, "Showing 3 of 3 features")
	p.open(address + "#lang=en&c=odd&n.constructor=2..")
	p.equal("filtered by such a name", total, "Showing 1 of 3 features")
	p.open(address + "#lang=en&c=wells")
	p.equal("total of a layer that stays with the server", total, "Showing 12,000 of 12,000 features")
	p.equal("features on the map", `[...document.querySelectorAll('.mark[data-group]')].reduce((n, e) => n + Number(e.dataset.n), 0) +
		document.querySelectorAll('.mark[data-feature-id]').length`, "12000")
	p.wait("a filter from the data", `document.querySelector('[data-facet] [data-option=spring]')`)
	p.click("[data-facet] [data-option=spring]")
	p.equal("filtered", total, "Showing 4,000 of 12,000 features")
	p.accessible("a large layer")
	p.shot("foreign-wells")
}

// The server goes away: the page says so, and what it has stays.
func TestServerGone(t *testing.T) {
	in := start(t)
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(in.url + "/#lang=en")
	p.expect("ERR_")
	p.text(`(window.dispatchEvent(new Event('offline')), '')`)
	p.wait("forty clusters stay", `/40/.test(`+total+`)`)
}

// A request beside the clusters fails: what it was for is named, the rest is there.
func TestPartsMissing(t *testing.T) {
	in := start(t)
	behind, err := url.Parse(in.url)
	if err != nil {
		t.Fatal(err)
	}
	var failing atomic.Value
	failing.Store("/collections/regions/items")
	proxy := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken := failing.Load().(string); broken != "" && strings.HasPrefix(r.URL.Path, broken) {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.expect("Failed to load resource")
	p.open(front.URL + "/#lang=en")
	p.wait("the missing part is named", `/three concentrations/.test(document.querySelector('[data-notice=lacking]').textContent)`)
	p.equal("total", total, "Showing 40 of 40 clusters")
	p.equal("clusters on the map", marksOrGrouped, "40")
	p.accessible("a page without regions")
	failing.Store("")
	p.click("[data-act=retry]")
	p.equal("count of yrd", countOf("yrd"), "13")

	failing.Store("/collections/divisions/items")
	p.text(`(location.hash = '#lang=en&c=divisions', '')`)
	p.wait("the layer that failed is named", `/could not be loaded/.test(document.querySelector('[data-notice=error]').textContent)`)
	p.equal("total", total, "Showing 40 of 40 clusters")
	p.equal("address", `location.hash`, "#lang=en")
	p.click("[data-act=dismiss]")
	p.wait("the notice can be put away", `!document.querySelector('[data-notice]')`)
}

const marksOrGrouped = `[...document.querySelectorAll('.mark[data-group]')].reduce((n, e) => n + Number(e.textContent.match(/\d+/)), 0) +
	document.querySelectorAll('.mark[data-feature-id]:not(.is-out)').length`
