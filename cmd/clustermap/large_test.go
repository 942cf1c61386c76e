package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// firmsSchema is the schema file of the firms that writeFirms makes.
const firmsSchema = `{"title": "Firms", "x-title": {"zh": "企业", "en": "Firms"}, "properties": {
	"name": {"x-clustermap-role": "name"},
	"trade": {"x-clustermap-role": "category", "oneOf": [
		{"const": "silk", "title": "Silk", "x-title": {"zh": "丝绸", "en": "Silk"}}, {"const": "tiles", "title": "Tiles", "x-title": {"zh": "瓷砖", "en": "Tiles"}},
		{"const": "shoes", "title": "Shoes", "x-title": {"zh": "鞋", "en": "Shoes"}}, {"const": "toys", "title": "Toys", "x-title": {"zh": "玩具", "en": "Toys"}},
		{"const": "locks", "title": "Locks", "x-title": {"zh": "锁具", "en": "Locks"}}]},
	"staff": {"x-clustermap-role": "sum", "x-title": {"zh": "员工", "en": "Staff"}},
	"adcode": {"x-clustermap-role": "adcode"}}}`

// seats are prefectures around which the firms lie: code, longitude, latitude.
var seats = [...]struct {
	code     string
	lon, lat float64
}{
	{"310000", 121.47, 31.23}, {"320500", 120.62, 31.30}, {"330100", 120.15, 30.28}, {"330200", 121.55, 29.87}, {"330300", 120.65, 28.01},
	{"440100", 113.26, 23.13}, {"440300", 114.06, 22.54}, {"441900", 113.75, 23.05}, {"440600", 113.12, 23.02}, {"350500", 118.59, 24.91},
	{"110000", 116.41, 39.90}, {"120000", 117.20, 39.13}, {"370200", 120.38, 36.07}, {"210200", 121.62, 38.91}, {"130200", 118.18, 39.63},
	{"510100", 104.07, 30.67}, {"420100", 114.30, 30.60}, {"610100", 108.94, 34.34}, {"410100", 113.62, 34.75}, {"430100", 112.94, 28.23},
}

// placedTogether firms lie at one point, at Yiwu, and never part.
const placedTogether = 25

// writeFirms writes n firms jittered around the seats, every thousandth without a
// place, into dir/firms.ndjson. Equal n give equal files.
func writeFirms(tb testing.TB, dir string, n int) {
	tb.Helper()
	path := filepath.Join(dir, "firms.ndjson")
	f, err := os.Create(path + ".part")
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	random := rand.New(rand.NewPCG(7, 7))
	trades := [...]string{"silk", "tiles", "shoes", "toys", "locks"}
	for i := range n {
		s := seats[int(math.Pow(random.Float64(), 1.6)*float64(len(seats)))]
		r, a := random.ExpFloat64()*0.35, random.Float64()*2*math.Pi
		geometry := fmt.Sprintf(`{"type":"Point","coordinates":[%.5f,%.5f]}`, s.lon+r*math.Cos(a), s.lat+r*math.Sin(a)*0.85)
		switch {
		case i < placedTogether:
			geometry, s.code = `{"type":"Point","coordinates":[120.07,29.31]}`, "330700"
		case i%1000 == 999:
			geometry = "null"
		}
		fmt.Fprintf(w, `{"type":"Feature","id":"f%07d","geometry":%s,"properties":{"name":"Firm %07d","trade":%q,"staff":%d,"adcode":%q}}`+"\n",
			i, geometry, i, trades[int(random.Float64()*random.Float64()*5)], 1+random.IntN(500), s.code)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "firms.schema.json"), []byte(firmsSchema), 0o644); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		tb.Fatal(err)
	}
}

// onMap is how many features the symbols in view and a little beyond it stand for.
const onMap = `([...document.querySelectorAll('.mark[data-group]')].reduce((n, e) => n + Number(e.dataset.n), 0) +
	document.querySelectorAll('.mark[data-feature-id]').length)`

// listed is how many features the list says it has.
const listed = `(document.querySelector('.row-item') || document.createElement('i')).getAttribute('aria-setsize')`

const largeFirms = 200_000

// A planner's large collection stays with the server: map, counts and list show
// the same selection, and nothing is ever loaded whole.
func TestLargeCollection(t *testing.T) {
	dir := t.TempDir()
	writeFirms(t, dir, largeFirms)
	in := start(t, dir)
	address := in.url + "/"
	b := browser(t)
	p := newPage(t, b, 1280, 800, 1, false)

	p.open(address + "#lang=en&c=firms&tab=list")
	p.equal("total", total, "Showing 200,000 of 200,000 features")
	p.equal("features on the map", onMap, "199800")
	p.equal("length of the list", listed, "200000")
	p.accessible("the list of a large collection")
	p.wait("a page of rows", `document.querySelectorAll('.row').length > 8`)
	p.wait("more rows by scrolling", `(document.querySelector('.panel-body').scrollTop = 1e6, Number([...document.querySelectorAll('.row')].at(-1).dataset.index) > 130)`)

	t.Run("filters", func(t *testing.T) {
		p.t = t
		p.open(address + "#lang=en&c=firms")
		p.wait("groups", onMap+` === 199800`)
		p.accessible("groups of a large collection")
		p.shot("large-groups")
		of := func(option string) string {
			return `document.querySelector('[data-option=` + option + `] [data-count]').dataset.count`
		}
		silk, tiles := p.text(of("silk")), p.text(of("tiles"))
		p.click("[data-option=silk]")
		p.wait("the total is that of the option", `Number(`+total+`.match(/[\d,]+/)[0].replace(/,/g, '')) === `+silk)
		p.equal("other options count as before", of("tiles"), tiles)
		p.wait("the map is filtered", onMap+` < `+silk+` && `+onMap+` > `+silk+` * 0.99`)
		p.click("[data-testid=list-toggle]")
		p.equal("the list is filtered", listed, silk)
		p.text(`(document.querySelector('#search').value = 'firm 0000012', document.querySelector('#search').dispatchEvent(new Event('input')), '')`)
		p.wait("the search leaves few", `Number(`+listed+`) < 3`)
		p.click("[data-filter=family]")
		p.equal("search", total, "Showing 1 of 200,000 features")
		p.equal("listed", listed, "1")
		p.wait("it stands on the map", `document.querySelectorAll('.mark[data-feature-id]').length === 1`)
		p.open(address + "#lang=en&c=firms&n.staff=900..")
		p.wait("the empty state says what dropping the filter gives", `/200,000/.test(document.querySelector('[data-notice=empty] [data-act]').textContent)`)
	})

	t.Run("places", func(t *testing.T) {
		p.t = t
		p.open(address + "#lang=en&c=firms&tab=list&map=9/31.2/121.3")
		p.wait("groups", `document.querySelectorAll('.mark[data-group]').length > 5`)
		p.click("[data-testid=list-near]")
		p.wait("the list is that of the view", `/^In view [\d,]+ of 200,000/.test(`+total+`) && `+total+`.match(/[\d,]+/)[0].replace(/,/g, '') === `+listed)
		here := p.text(listed)
		p.text(`(document.querySelector('#map').focus(), '')`)
		p.keys(kb.ArrowRight)
		p.keys(kb.ArrowRight)
		p.wait("it follows the map", listed+` !== `+quote(here)+` && `+total+`.match(/[\d,]+/)[0].replace(/,/g, '') === `+listed)

		zoom := `Number(/map=([\d.]+)/.exec(location.hash)[1])`
		before := p.text(zoom)
		p.wait("a group that splits", `document.querySelector('.mark[data-group][title]')`)
		for range 40 {
			p.keys("n")
			p.wait("the keyboard is on a symbol", `document.activeElement.matches('.mark')`)
			if p.text(`document.activeElement.matches('.mark[data-group][title]')`) == "true" {
				break
			}
		}
		p.wait("a group says what it stands for", `/^(\d+k: )?[\d,]+ features, [\d,]+ of \w+, around \w+/.test(document.activeElement.getAttribute('aria-label'))`)
		p.keys(kb.Enter)
		p.wait("Enter opens a group where it splits", zoom+` > `+before)

		p.open(address + "#lang=en&c=firms&map=16/29.31/120.07")
		p.wait("those at one place never part", `document.querySelector('.mark[data-n="25"]')`)
		p.click(`.mark[data-n="25"]`)
		p.wait("its members are listed", `document.querySelectorAll('.group-card .member').length === 25`)
		p.accessible("the members of a group")
		p.click(".group-card .member")
		p.wait("a member opens", `/Firm 00000\d\d/.test(`+cardTitle+`)`)
		p.equal("and is marked", `document.querySelectorAll('.mark.is-selected').length`, "1")
	})

	t.Run("features", func(t *testing.T) {
		p.t = t
		p.open(address + "#lang=en&c=firms&view=features&map=12/31.2/121.4")
		p.wait("tiles are drawn", drawnTiles)
		p.wait("what is left out is told", `document.querySelector('[data-testid=dropped]')`)
		p.accessible("the features of a large collection")
		p.shot("large-features")
		p.text(`(document.querySelector('#map').focus(), '')`)
		p.keys("n")
		p.wait("the keyboard goes to a feature", `/^Firm \d+$/.test(document.activeElement.getAttribute('aria-label'))`)
		name := p.text(`document.activeElement.getAttribute('aria-label')`)
		at := p.text(`(() => { const r = document.activeElement.getBoundingClientRect(); return (r.left + r.width / 2) + ' ' + (r.top + r.height / 2) })()`)
		p.keys(kb.Enter)
		p.equal("Enter opens it", cardTitle, name)
		p.keys(kb.Escape)
		p.wait("the card is closed", `document.querySelector('.card').hidden`)
		var x, y float64
		if _, err := fmt.Sscan(at, &x, &y); err != nil {
			t.Fatal(err)
		}
		p.text(`(document.querySelector('.mark-cursor')?.closest('.leaflet-marker-icon').remove(), '')`)
		if err := chromedp.Do(p.ctx, chromedp.MouseClickXY(x, y)); err != nil {
			t.Fatal(err)
		}
		p.wait("a click opens the feature under it", `/^Firm \d+$/.test(`+cardTitle+`) && !document.querySelector('.card').hidden`)
	})

	t.Run("areas and cells", func(t *testing.T) {
		p.t = t
		p.open(address + "#lang=en&c=firms&map=6/30/118")
		p.click("[data-show=hex]")
		p.wait("the switch is in the address", `/view=hex/.test(location.hash)`)
		// The classes of the legend hold all cells of the answer.
		cells := `[...document.querySelectorAll('.shade-table td')].reduce((n, e) => n + Number(e.textContent.replace(/,/g, '')), 0)`
		p.wait("a legend by classes", cells+` > 20 && document.querySelectorAll('.shade-table tr').length > 3`)
		p.wait("which says of how many cells", `document.querySelector('.shades').textContent.includes(`+cells+` + ' cells')`)
		p.accessible("hexagons")
		p.shot("large-hexagons")
		p.text(`(document.querySelector('#map').focus(), '')`)
		p.keys("n")
		p.wait("the keyboard goes to a cell", `/^(\d+k: )?[\d,]+ features?, [\d,]+ of \w+/.test(document.activeElement.getAttribute('aria-label')) && document.activeElement.matches('.mark-cursor')`)
		p.keys(kb.Enter)
		p.wait("Enter opens it", `Number(document.querySelector('.group-card b').textContent.replace(/,/g, '')) > 0`)
		p.text(`(document.querySelector('[data-testid=group-list]')?.click(), '')`)
		p.wait("its members are listed", `document.querySelectorAll('.group-card .member').length > 0`)
		p.keys(kb.Escape)
		p.wait("the keyboard is back on the cell", `document.activeElement.matches('.mark-cursor')`)
		p.open(address + "#lang=zh&c=firms&view=territory&areas=division:prefecture")
		p.equal("features of all prefectures", onMap, "200000")
		p.choose("[data-testid=areas]", "division:province")
		p.wait("the areas are in the address", `/areas=division:province|areas=division%3Aprovince/.test(location.hash)`)
		p.wait("fewer symbols", `document.querySelectorAll('.mark[data-group]').length < 20`)
		p.equal("features of all provinces", onMap, "200000")
		p.accessible("territory")
	})

	t.Run("reload", func(t *testing.T) {
		p.t = t
		p.open(address + "#lang=en&c=firms&tab=list&id=f0190000&map=9/31.2/121.3")
		p.equal("the card", cardTitle, "Firm 0190000")
		p.wait("groups", `document.querySelectorAll('.mark[data-group]').length > 5`)
		p.wait("rows", `(document.querySelector('.panel-body').scrollTop = 600, document.querySelector('.row[data-index="14"]'))`)
		p.text(`(document.querySelector('.row[data-index="14"]').focus({preventScroll: true}), '')`)
		place := `[/map=[^&]*/.exec(location.hash)[0], document.querySelector('.panel-body').scrollTop, document.activeElement.dataset.featureId].join(' ')`
		before := p.text(place)
		p.expect("f0190000") // is asked for, and gone
		writeFirms(t, dir, largeFirms*3/4)
		p.equal("the new total, without a reload of the page", total, "Showing 150,000 of 150,000 features")
		p.equal("length of the list", listed, "150000")
		p.equal("view, scroll and focus", place, before)
		p.wait("the feature that was open is gone, and that is said", `document.querySelector('[data-notice=vanished]') && document.querySelector('.card').hidden && !location.hash.includes('f0190000')`)
		p.accessible("a map whose open feature is gone")
		p.click("[data-notice=vanished] [data-act]")
		p.click(".zoom-box .tool:last-child")
		p.equal("features on the map", onMap, "149850")
	})

	for _, uri := range in.uris() {
		if u, err := url.Parse(uri); err == nil {
			if limit, _ := strconv.Atoi(u.Query().Get("limit")); limit > 100 && strings.Contains(u.Path, "/firms/items") {
				t.Errorf("the page loaded much at once: %s", uri)
			}
		}
	}
}

const drawnTiles = `document.querySelector('.tiles-pane').dataset.drawn === 'true'`

// Large collections of areas come as tiles; another base map takes the place of the
// built-in one and names its source.
func TestLargeAreasOverAnotherBaseMap(t *testing.T) {
	dir := t.TempDir()
	var fields strings.Builder
	for i := range 6000 {
		x, y := 105+float64(i%80)*0.2, 24+float64(i/80)*0.2
		fmt.Fprintf(&fields, `{"type":"Feature","id":"p%d","geometry":{"type":"Polygon","coordinates":[[[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f]]]},"properties":{"name":"Field %d","kind":%q}}`+"\n",
			i, x, y, x+0.15, y, x+0.15, y+0.15, x, y+0.15, x, y, i, []string{"rice", "wheat"}[i%2])
	}
	source := filepath.Join(dir, "fields.ndjson")
	if err := os.WriteFile(source, []byte(fields.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "land.pmtiles")
	if err := run(t.Context(), []string{"tiles", source, "-o", archive, "-maxzoom", "6"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(start(t, "-basemap", archive, source).url + "/#lang=en&c=fields&map=9/31.075/113.075")
	p.wait("areas come as tiles", drawnTiles+` && document.querySelector('[data-show=features][aria-pressed=true]')`)
	if err := chromedp.Do(p.ctx, chromedp.MouseClickXY(372+(1280-372)/2, 400)); err != nil {
		t.Fatal(err)
	}
	p.wait("a click opens the area under it", `/^Field \d+$/.test(`+cardTitle+`) && /id=p\d+/.test(location.hash)`)
	p.choose("[data-testid=base]", "land")
	p.wait("the choice is in the address", `/base=land/.test(location.hash)`)
	p.wait("its tiles are drawn", `document.querySelectorAll('.backdrop-pane canvas').length > 3`)
	p.accessible("areas over another base map")
	p.choose("[data-testid=base]", "")
	p.wait("and go with it", `document.querySelectorAll('.backdrop-pane canvas').length === 0`)
}

// Slow answers show that they are awaited, those of views already left are taken
// back, and what failed is asked for again when the reader says so.
func TestSlowAnswers(t *testing.T) {
	dir := t.TempDir()
	writeFirms(t, dir, 6000)
	behind, err := url.Parse(start(t, dir).url)
	if err != nil {
		t.Fatal(err)
	}
	var mode atomic.Value
	mode.Store("")
	var cancelled atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/groups") {
			switch mode.Load() {
			case "slow":
				select {
				case <-r.Context().Done():
					cancelled.Add(1)
					return
				case <-time.After(1500 * time.Millisecond):
				}
			case "broken":
				http.Error(w, "busy", http.StatusServiceUnavailable)
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(front.URL + "/#lang=en&c=firms")
	p.equal("features on the map", onMap, "5994")
	p.wait("nothing is awaited", `document.querySelector('[data-testid=busy]').hidden`)

	mode.Store("slow")
	p.text(`(document.querySelector('#map').focus(), '')`)
	p.keys("+")
	p.wait("the bar shows that an answer is awaited", `!document.querySelector('[data-testid=busy]').hidden`)
	p.keys("+")
	p.wait("the last view is drawn", `document.querySelector('[data-testid=busy]').hidden`)
	if cancelled.Load() == 0 {
		t.Error("no request was taken back when its view was left")
	}

	p.expect("503")
	mode.Store("broken")
	// Out to where nothing was asked for before: what is kept needs no answer.
	p.wait("the failure is told", `document.querySelector('[data-notice=error] [data-act=retry]') || (document.querySelector('.zoom-box button:nth-child(2)').click(), false)`)
	p.accessible("a map that got no answer")
	mode.Store("")
	p.click("[data-act=retry]")
	p.wait("the notice goes", `!document.querySelector('[data-notice=error]')`)
	p.click(".zoom-box .tool:last-child")
	p.equal("features on the map", onMap, "5994")
}

// Whatever a view asks for, tiles, cells, counts or members, is taken back when the
// reader goes on, and a long wait is said in words.
func TestSlowAnswersOfViewsAlreadyLeft(t *testing.T) {
	dir := t.TempDir()
	writeFirms(t, dir, 20_000)
	behind, err := url.Parse(start(t, dir).url)
	if err != nil {
		t.Fatal(err)
	}
	var slow atomic.Value // what is held up until its client goes or it is released
	slow.Store("nothing")
	release := make(chan struct{})
	var waiting, cancelled atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, slow.Load().(string)) {
			waiting.Add(1)
			select {
			case <-r.Context().Done():
				cancelled.Add(1)
				return
			case <-release:
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.expect("ERR_ABORTED")
	hold := func(what string) {
		slow.Store(what)
		waiting.Store(0)
		cancelled.Store(0)
	}
	until := func(what string, count *atomic.Int64, n int64) {
		t.Helper()
		for began := time.Now(); count.Load() < n; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > time.Minute {
				t.Fatalf("%s: %d of %d", what, count.Load(), n)
			}
		}
	}
	p.open(front.URL + "/#lang=en&c=firms&map=9/31.2/121.3")
	p.wait("groups", `document.querySelectorAll('.mark[data-group]').length > 5`)

	hold("/xyz/")
	p.click("[data-show=features]")
	until("tiles are asked for", &waiting, 2)
	p.wait("a long wait is said", `/Still waiting/.test(document.querySelector('[data-testid=busy-words]').textContent)`)
	p.wait("nothing is said to be drawn that is not here", `/Fetching/.test(document.querySelector('[data-testid=dropped]').textContent)`)
	p.accessible("a long wait")
	p.shot("slow")
	asked := waiting.Load()
	p.click("[data-show=groups]")
	until("tiles that nobody sees any more are taken back", &cancelled, asked)
	p.wait("nothing is awaited", `document.querySelector('[data-testid=busy]').hidden && document.querySelector('[data-testid=busy-words]').textContent === ''`)

	hold("/firms/groups")
	p.click("[data-show=hex]")
	until("cells are asked for", &waiting, 1)
	p.click("[data-show=groups]")
	until("cells are taken back", &cancelled, 1)

	hold("/firms/aggregate")
	p.click("[data-option=tiles]")
	until("counts are asked for", &waiting, 1)
	asked = waiting.Load()
	p.click("[data-option=tiles]")
	until("counts of a filter that is dropped are taken back", &cancelled, asked)
	slow.Store("nothing")
	p.wait("the first counts are back", `/20,000 of 20,000/.test(`+total+`) && document.querySelector('[data-testid=busy]').hidden`)

	hold("/members")
	p.open(front.URL + "/#lang=en&c=firms&map=9/31.2/121.3")
	p.wait("groups", `document.querySelectorAll('.mark[data-group][title]').length > 5`)
	list := func(i int) {
		p.text(fmt.Sprintf(`(() => { const e = document.querySelectorAll('.mark[data-group][title]')[%d]; e.focus(); e.dispatchEvent(new KeyboardEvent('keydown', {key: 'l', bubbles: true})); document.querySelector('[data-testid=group-list]')?.click(); return '' })()`, i))
	}
	list(0)
	until("members are asked for", &waiting, 1)
	slow.Store("nothing")
	list(1)
	until("members of a group that is left are taken back", &cancelled, 1)
	p.wait("those of the next one are listed", `document.querySelectorAll('.group-card .member').length > 1`)
	close(release)
}
