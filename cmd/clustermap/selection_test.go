package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	// areaCount is how many features the panel of the selection tells.
	areaCount = `(document.querySelector('[data-testid=area-total]') || document.createElement('i')).dataset.n`
	areaName  = `document.querySelector('[data-testid=area-name]').textContent`
	// shownCount is how many features the foot of the panel tells.
	shownCount = total + `.match(/[\d,]+/)[0].replace(/,/g, '')`
)

// drag moves the pressed mouse along points of the page.
func (p *page) drag(points ...[2]float64) {
	p.t.Helper()
	first, last := points[0], points[len(points)-1]
	steps := []chromedp.Action[chromedp.Void]{chromedp.MouseEvent(chromedp.MousePressed, first[0], first[1], chromedp.Button("left"), chromedp.ClickCount(1))}
	for _, at := range points[1:] {
		steps = append(steps, chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1], chromedp.Button("left")))
	}
	steps = append(steps, chromedp.MouseEvent(chromedp.MouseReleased, last[0], last[1], chromedp.Button("left"), chromedp.ClickCount(1)))
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// hover moves the mouse to the middle of what a selector names.
func (p *page) hover(selector string) {
	p.t.Helper()
	p.wait(selector+" is there", `document.querySelector(`+quote(selector)+`)`)
	var x, y float64
	at := p.text(`(() => { const e = document.querySelector(` + quote(selector) + `); e.scrollIntoView({block: 'nearest'});
		const r = e.getBoundingClientRect(); return (r.left + r.width / 2) + ' ' + (r.top + r.height / 2) })()`)
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		p.t.Fatal(err)
	}
	if err := chromedp.Do(p.ctx, chromedp.MouseEvent(chromedp.MouseMoved, 500, 890), chromedp.MouseEvent(chromedp.MouseMoved, x, y)); err != nil {
		p.t.Fatal(err)
	}
}

// ways opens the ways to choose a part of the map, where they are folded away.
func (p *page) ways() {
	p.t.Helper()
	if p.text(`document.querySelector('.selection-ways').open`) != "true" {
		p.click("[data-testid=area-again]")
	}
	p.wait("the ways to choose", `document.querySelector('.selection-ways').open`)
}

// served asks the server how many features the address of a download has.
func (p *page) served(address string) string {
	p.t.Helper()
	p.click("[data-testid=download]")
	p.wait("the menu of downloads", `document.querySelector('[data-download=geojson]')`)
	u, err := url.Parse(p.text(`document.querySelector('[data-download=geojson]').href`))
	if err != nil {
		p.t.Fatal(err)
	}
	p.click("[data-testid=download]")
	q := u.Query()
	q.Del("download")
	q.Set("f", "json")
	q.Set("limit", "1")
	_, body := fetch(p.t.(*testing.T), address+u.Path+"?"+q.Encode())
	var answer struct{ NumberMatched int }
	if err := json.Unmarshal(body, &answer); err != nil {
		p.t.Fatalf("%s: %v", body, err)
	}
	return strconv.Itoa(answer.NumberMatched)
}

// A part of the map is chosen with the mouse in three ways; panel, list, map and
// downloads hold the same features, and the link opens on them.
func TestSelectionByDrawing(t *testing.T) {
	address := start(t).url
	p := newPage(t, browser(t), 1440, 900, 1, false)
	p.open(address + "/#lang=en&c=listed_clusters&map=6/31/119")
	p.click("[data-testid=area]")
	p.wait("the panel opens", `document.querySelector('[data-draw=box]')`)
	p.accessible("the panel of the selection, empty")
	for tool, way := range map[string][][2]float64{
		"box":    {{700, 300}, {800, 400}, {1000, 600}},
		"circle": {{900, 420}, {950, 420}, {1030, 440}},
		"lasso":  {{700, 300}, {800, 250}, {950, 300}, {1000, 450}, {900, 600}, {750, 550}, {690, 320}, {760, 300}},
	} {
		p.ways()
		p.click("[data-draw=" + tool + "]")
		p.wait("the map is drawn on", `document.querySelector('[data-testid=draw-pane]')`)
		p.drag(way...)
		p.wait("the selection is in the address: "+tool, `/sel=`+tool+`:/.test(location.hash) && !document.querySelector('[data-testid=draw-pane]')`)
		p.wait("it has some and not all", `Number(`+areaCount+`) > 5 && Number(`+areaCount+`) < 700`)
		n := p.text(areaCount)
		p.equal("the foot says so", shownCount, n)
		p.equal("so do the symbols and groups", `String([...document.querySelectorAll('.mark')].reduce((s, e) => s + Number(e.dataset.n ?? 1), 0) <= Number(`+n+`))`, "true")
		if got := p.served(address); got != n {
			t.Errorf("%s: the download has %s features, the panel %s", tool, got, n)
		}
		p.accessible("a selection by " + tool)
		p.shot("selection-" + tool + "-en")
		link := p.text(`document.querySelector('[data-testid=area-link]').href`)
		second := newPage(t, p.ctx, 1440, 900, 1, false)
		second.t = t
		second.open(link)
		second.equal("the link opens on the same", areaCount, n)
		second.wait("its outline is drawn", `document.querySelector('.selection-line')`)
	}
	p.click("[data-testid=area-clear]")
	p.equal("cleared", shownCount, "799")
	p.click("[data-draw=lasso]")
	p.keys(kb.Escape)
	p.wait("Escape leaves the map as it was", `!document.querySelector('[data-testid=draw-pane]') && document.activeElement.matches('[data-draw]')`)
}

// The same is had by keyboard: a place and kilometres, a division, a region.
func TestSelectionByName(t *testing.T) {
	address := start(t).url
	p := newPage(t, browser(t), 1440, 900, 1, false)
	p.open(address + "/#lang=zh&c=listed_clusters")
	p.text(`(document.querySelector('[data-testid=area]').focus(), '')`)
	p.keys(kb.Enter)
	p.wait("the panel has the focus", `document.activeElement.matches('[data-draw=box]')`)
	p.text(`(document.querySelector('#area-place').focus(), '')`)
	p.keys("23.02, 113.12")
	p.keys(kb.Enter)
	p.equal("a typed place", `decodeURIComponent(location.hash).match(/sel=([^&]+)/)?.[1]`, "circle:113.12,23.02,60")
	near := p.text(areaCount)
	if got := p.served(address); got != near {
		t.Errorf("the download has %s features, the panel %s", got, near)
	}
	p.text(`(document.querySelector('#area-km').select(), document.querySelector('#area-km').focus(), '')`)
	p.keys("150")
	p.keys(kb.Enter)
	p.wait("another radius", `/,150&?/.test(decodeURIComponent(location.hash)) && Number(`+areaCount+`) > `+near)
	p.accessible("a circle by name")
	p.shot("selection-circle-zh")

	p.ways()
	p.click("[data-around=false]")
	p.text(`(document.querySelector('#area-place').focus(), '')`)
	p.keys("suzhou")
	p.wait("places are found", `document.querySelector('.selection .picker-one[data-code="320500"]')`)
	p.accessible("places found for a selection")
	p.keys(kb.ArrowDown)
	p.wait("the first has the focus", `document.activeElement.matches('.picker-one')`)
	p.text(`(document.querySelector('.picker-one[data-code="320500"]').focus(), '')`)
	p.keys(kb.Enter)
	p.equal("a division", areaName, "苏州市")
	n := p.text(areaCount)
	if got := p.served(address); got != n {
		t.Errorf("the division: the download has %s features, the panel %s", got, n)
	}
	p.wait("its outline", `document.querySelector('.selection-line.is-division')`)
	p.shot("selection-division-zh")

	p.ways()
	p.choose("#area-region", "prd9")
	p.wait("a region", `/sel=region:prd9/.test(decodeURIComponent(location.hash))`)
	n = p.text(areaCount)
	if got := p.served(address); got != n {
		t.Errorf("the region: the download has %s features, the panel %s", got, n)
	}
	p.ways()
	p.click("[data-testid=area-view]")
	p.wait("what is seen", `/sel=box:/.test(decodeURIComponent(location.hash))`)
	p.click("[data-testid=area-close]")
	p.wait("closed", `document.querySelector('.selection').hidden && !/sel=/.test(location.hash) && document.activeElement.matches('[data-testid=area]')`)

	dark := newPage(t, p.ctx, 1280, 800, 1, false)
	dark.open(address + "/#lang=en&theme=dark&c=clusters&sel=circle:113.3,23,150")
	dark.equal("the atlas", areaCount, "8")
	dark.accessible("a selection in the dark")
	dark.shot("selection-dark-en")
	phone := newPage(t, p.ctx, 320, 640, 2, true)
	phone.open(address + "/#lang=zh&c=clusters&sel=circle:113.3,23,150")
	phone.equal("on a phone", areaCount, "8")
	phone.wait("nothing is wider than the phone", `document.documentElement.scrollWidth <= 320 && [...document.querySelectorAll('.selection *')].every(e => e.getBoundingClientRect().right <= 321)`)
	phone.accessible("a selection on a phone")
	phone.shot("selection-phone-zh")
	for _, bad := range []string{"sel=circle:1,2,-4", "sel=region:nowhere", "sel=lasso:1,1", "sel=box:9,9,1,1", "sel=x"} {
		p.open(address + "/#lang=en&" + bad)
		p.equal("a bad selection is none: "+bad, shownCount, "40")
	}
}

// What the mouse or the focus is on lights up in the other views, and the time is chosen
// by its handles, with the mouse and with keys.
func TestBrushAndTime(t *testing.T) {
	address := start(t).url
	p := newPage(t, browser(t), 1440, 900, 1, false)
	p.open(address + "/#lang=en&c=listed_clusters&sel=circle:120.6,31.3,150")
	p.wait("the time", `document.querySelectorAll('.timeline-bar').length > 20`)
	bars := `[...document.querySelectorAll('.timeline-bar')].reduce((s, e) => s + Number(e.dataset.n), 0)`
	p.wait("bars count what the others leave", bars+` <= Number(`+areaCount+`) && `+bars+` > 10`)
	p.hover(".part")
	p.wait("a bar lights symbols and fades the others", `document.querySelector('.has-lit .mark.is-lit') && document.querySelector('.has-lit .mark:not(.is-lit)')`)
	p.shot("brush-bar-en")
	p.hover(".mark-single")
	p.wait("a symbol lights its rows and its year", `document.querySelector('.part.is-lit') && document.querySelector('.timeline-bar.is-lit') && !document.querySelector('.has-lit')`)
	p.hover("[data-testid=timeline]")
	p.wait("a span lights symbols", `document.querySelector('.has-lit .mark')`)

	all := p.text(areaCount)
	p.text(`(document.querySelector('[data-time=from]').focus(), '')`)
	for range 3 {
		p.keys(kb.ArrowRight)
	}
	p.wait("keys move a handle", `/n\.year=2003\.\./.test(location.hash)`)
	p.wait("the selection follows", `Number(`+areaCount+`) <= `+all)
	p.equal("the handle has words", `document.querySelector('[data-time=from]').getAttribute('aria-valuetext')`, "2003")
	if n := p.text(areaCount); p.served(address) != n {
		t.Errorf("the download is not of the %s features of the time", n)
	}
	p.wait("bars stay", bars+` > 10`)
	at := p.text(`(() => { const r = document.querySelector('.timeline-bars').getBoundingClientRect(); return [r.left, r.width, r.top + r.height / 2].join(' ') })()`)
	var left, width, y float64
	if _, err := fmt.Sscan(at, &left, &width, &y); err != nil {
		t.Fatal(err)
	}
	p.drag([2]float64{left + width*0.3, y}, [2]float64{left + width*0.4, y}, [2]float64{left + width*0.5, y})
	p.wait("a drag over the bars takes a span", `/n\.year=2007\.\.2013/.test(location.hash)`)
	p.accessible("the time")
	p.shot("time-en")
	p.click(".timeline-table summary")
	p.wait("the bars as a table", `document.querySelectorAll('.timeline-rows tr').length > 2`)
	p.click("[data-filter=year]")
	p.wait("the filter goes", `!/n\.year/.test(location.hash)`)

	p.open(address + "/#lang=en&c=listed_clusters&view=hex&map=5/31/113")
	p.wait("cells", `Number(`+held+`) > 700`)
	const strong = `(() => { const c = document.querySelector('.areas-pane canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 200) n++; return n })()`
	p.wait("all cells are drawn", strong+` > 60000`)
	p.hover("[data-facet=family] [data-option=ceramics]")
	p.wait("cells without it fade", strong+` < 30000 && `+strong+` > 0`)
	p.shot("brush-hex-en")

	phone := newPage(t, p.ctx, 390, 844, 2, true)
	phone.open(address + "/#lang=zh&theme=dark&c=listed_clusters&tab=legend&n.year=2005..2012")
	phone.wait("the time on a phone", `document.querySelector('.timeline').checkVisibility()`)
	phone.accessible("the time on a phone")
	phone.shot("time-phone-dark-zh")
}

// Of a collection that the server keeps, selection and time are asked for there.
func TestSelectionOfLargeCollection(t *testing.T) {
	dir := t.TempDir()
	writeFirms(t, dir, 6000)
	address := start(t, dir).url
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(address + "/#lang=en&c=firms&sel=circle:121.3,31.2,200")
	p.wait("some are in it", `Number(`+areaCount+`) > 0 && Number(`+areaCount+`) < 6000`)
	n := p.text(areaCount)
	p.equal("the foot says so", shownCount, n)
	if got := p.served(address); got != n {
		t.Errorf("the download has %s features, the panel %s", got, n)
	}
	p.wait("the map shows them", onMap+` <= `+n+` && `+onMap+` > 0`)
	p.wait("the parts are theirs", `[...document.querySelectorAll('.part[data-facet=family]')].reduce((s, e) => s + Number(e.dataset.n), 0) <= `+n)
	p.hover(".part")
	p.wait("a bar lights groups", `document.querySelector('.has-lit .mark.is-lit')`)
	p.shot("selection-large-en")

	var seen strings.Builder
	for i := range 6000 {
		at := time.Date(2019, 11, 1, i%24, 0, 0, 0, time.UTC).AddDate(0, 0, i%120)
		fmt.Fprintf(&seen, `{"type":"Feature","id":"s%d","geometry":{"type":"Point","coordinates":[%.3f,%.3f]},"properties":{"name":"Sight %d","seen":%q}}`+"\n", i, 112+float64(i%50)/20, 27+float64(i/50)/40, i, at.Format(time.RFC3339))
	}
	source := filepath.Join(t.TempDir(), "sights.ndjson")
	if err := os.WriteFile(source, []byte(seen.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	address = start(t, source).url
	p.open(address + "/#lang=en&c=sights")
	p.equal("a bar for each month", `[...document.querySelectorAll('.timeline-bar')].map(e => e.dataset.n).join()`, "1500,1550,1550,1400")
	p.text(`(document.querySelector('[data-time=from]').focus(), '')`)
	p.keys(kb.ArrowRight)
	p.text(`(document.querySelector('[data-time=to]').focus(), '')`)
	p.keys(kb.ArrowLeft)
	p.wait("two months", `/n\.seen=20191201\.\.20200131/.test(location.hash)`)
	p.equal("are counted by the server", shownCount, "3100")
	if got := p.served(address); got != "3100" {
		t.Errorf("the download has %s features, the page 3100", got)
	}
}

// What is chosen is that of the picture, and is at hand where the text is twice as large.
func TestSelectionInPictureAndZoomed(t *testing.T) {
	address := start(t).url
	b := browser(t)
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "/#lang=en&c=listed_clusters&sel=circle:113.3,23,150&map=8/23/113.3")
	p.wait("some are in it", `Number(`+areaCount+`) > 10`)
	n := p.text(areaCount)
	p.click("[data-testid=picture]")
	p.wait("the preview", previewDrawn)
	p.wait("the picture has as many", `document.querySelector('[data-features="`+n+`"]')`)
	zoomed := newPage(t, b, 640, 450, 2, false)
	zoomed.open(address + "/#lang=en&c=listed_clusters")
	zoomed.click("[data-testid=area]")
	zoomed.wait("the drawer opens on it", `document.querySelector('.has-drawer [data-draw=box]')?.checkVisibility()`)
	zoomed.accessible("choosing at 200 %")
	zoomed.shot("selection-zoomed-en")
	zoomed.click("[data-draw=circle]")
	zoomed.wait("the map is seen", `!document.querySelector('.has-drawer') && document.querySelector('[data-testid=draw-pane]')`)
	zoomed.drag([2]float64{320, 220}, [2]float64{360, 240}, [2]float64{400, 260})
	zoomed.wait("the drawer tells the numbers", `document.querySelector('.has-drawer') && Number(`+areaCount+`) >= 0`)
	zoomed.equal("nothing is cut off", `String([...document.querySelectorAll('.selection *')].every(e => e.getBoundingClientRect().right <= document.querySelector('.side').getBoundingClientRect().right + 1))`, "true")
	zoomed.shot("selection-zoomed-drawn-en")
}
