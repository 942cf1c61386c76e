package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestConcentration asks where a trade gathers, as a planner does.
func TestConcentration(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	t.Run("wide", func(t *testing.T) { concentrationWide(t, b, address) })
	t.Run("phone", func(t *testing.T) { concentrationPhones(t, b, address) })
	t.Run("numbers", func(t *testing.T) { concentrationNumbers(t, b, address) })
	t.Run("changes", func(t *testing.T) { concentrationChanges(t, b, address) })
	t.Run("collections", func(t *testing.T) { concentrationAnywhere(t, b, address) })
	t.Run("slide", func(t *testing.T) { concentrationSlide(t, b, address) })
	t.Run("waiting", func(t *testing.T) { concentrationWaits(t, b, address) })
	t.Run("frame", func(t *testing.T) { workbenchFrame(t, b, address) })
}

const (
	finding     = `document.querySelector('[data-testid=finding] h2')?.textContent`
	figuresHere = finding + ` && !document.querySelector('.work-side [aria-busy]') && document.querySelectorAll('.work-side .chart-svg').length >= 3`
)

// layer waits until the map shows a layer of the view.
func (p *page) layer(name string) {
	p.t.Helper()
	p.wait("the layer "+name, `document.body.dataset.layer === `+quote(name))
}

func concentrationWide(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=zh&theme=light&c=listed_clusters&at=concentration&at.trade=textiles")
	p.wait("the figures", figuresHere)
	p.layer("hot")
	p.accessible("the concentration view")
	p.shot("concentration-hot-zh")
	p.text(`(document.querySelector('.work-side').scrollTop = 700, '')`)
	p.shot("concentration-below-zh")
	p.text(`(document.querySelector('.work-side').scrollTop = 0, '')`)
	p.click("[data-layer=quotients]")
	p.layer("quotients")
	p.shot("concentration-quotients-zh")
	p.open(address + "#lang=en&theme=dark&c=listed_clusters&at=concentration&at.trade=electronics&at.layer=density")
	p.wait("the figures", figuresHere)
	p.layer("density")
	p.accessible("the dark concentration view")
	p.shot("concentration-density-dark-en")
	p.click("[data-layer=hexagons]")
	p.layer("hexagons")
	p.shot("concentration-hexagons-dark-en")
}

func concentrationPhones(t *testing.T, b context.Context, address string) {
	for _, width := range []int64{390, 320} {
		p := newPage(t, b, width, 740, 2, true)
		p.open(address + "#lang=en&theme=light&c=listed_clusters&at=concentration&at.trade=textiles")
		p.wait("the figures", figuresHere)
		p.layer("hot")
		p.equal("what is wider than the phone", `String(document.documentElement.scrollWidth - innerWidth > 0)`, "false")
		p.accessible("the concentration view on a phone")
		p.shot("concentration-phone-" + map[int64]string{390: "390", 320: "320"}[width])
	}
}

func workbenchFrame(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en")
	p.click("[data-testid=concentration]")
	p.wait("the figures of the forty", figuresHere)
	p.shot("concentration-forty-en")
	p.choose("[data-testid=work-measure]", "firms")
	p.wait("shares of the sum", `/% of the (.*) of .* clusters|None of the .* states/.test(`+finding+`) && !document.querySelector('.work-side [aria-busy]')`)
	p.shot("concentration-firms-en")
	p.choose("[data-testid=work-measure]", "")
	p.wait("counts again", figuresHere)
	chartsTaken(p)
	p.text(`(document.querySelector(".work-title").focus(), "")`)
	p.keys(kb.Tab + kb.Tab)
	p.equal("after the title come the controls", `document.activeElement.dataset.testid`, "work-measure")
	p.click("[data-testid=work-back]")
	p.wait("the panel is back", `document.querySelector('.panel').checkVisibility() && !document.body.dataset.work && !location.hash.includes('at=')`)
	p.wait("focus is at the button", `document.activeElement.dataset.testid === 'concentration'`)
	p.keys(kb.Enter)
	p.wait("opened by the keyboard", `document.activeElement.classList.contains('work-title') && document.querySelector('[data-testid=work-trade]')`)
	p.keys(kb.Tab + kb.Escape)
	p.wait("closed by the keyboard", `!document.body.dataset.work && document.activeElement.dataset.testid === 'concentration'`)

	// A wide screen at 200 %, and a link that stands in another page, which shows the map alone.
	p = newPage(t, b, 720, 450, 2, false)
	p.open(address + "#lang=en&at=concentration&at.layer=quotients")
	p.wait("the figures at 200 %", figuresHere)
	p.layer("quotients")
	p.equal("what is wider than the window", `String(document.documentElement.scrollWidth > innerWidth)`, "false")
	p.accessible("the concentration view at 200 %")
	p.shot("concentration-zoomed-en")
	p = newPage(t, b, 640, 480, 1, false)
	p.open(address + "embed#lang=en&at=concentration")
	p.wait("the map alone", `document.body.dataset.ready && !document.body.dataset.work`)
}

// chartsTaken turns charts into tables and takes them along.
func chartsTaken(p *page) {
	p.t.Helper()
	p.click("[data-chart=places] [data-act=table]")
	p.wait("the table of places", `document.querySelectorAll('[data-chart=places] tbody tr').length > 4`)
	p.click("[data-how=finding] summary")
	p.wait("how it is computed", `/bootstrap|Florence/.test(document.querySelector('[data-how=finding] dl').textContent) && document.querySelector('[data-how=finding]').open`)
	p.accessible("tables in place of charts")
	p.text(`(URL.createObjectURL = (old => b => { window.taken = (window.taken || '') + b.type + ' ' + b.size + ';'; if (/svg/.test(b.type)) b.text().then(t => window.drawn = t); return old.call(URL, b) })(URL.createObjectURL), HTMLAnchorElement.prototype.click = function() { window.named = this.download }, '')`)
	for _, f := range []struct{ act, kind, name string }{{"csv", "text/csv", "clusters-gini.csv"}, {"svg", "image/svg", "clusters-gini.svg"}, {"png", "image/png", "clusters-gini.png"}} {
		p.click("[data-chart=lorenz] [data-act=take]")
		p.click("[data-take=" + f.act + "]")
		p.wait("the file "+f.name, `window.named === `+quote(f.name)+` && window.taken.includes(`+quote(f.kind)+`)`)
	}
	p.wait("a drawing that carries its styles", `/text-anchor="end"/.test(window.drawn) && /font-size="16px"/.test(window.drawn) && !/class=|style=|var\(/.test(window.drawn)`)
	p.text(`(navigator.clipboard.write = async items => { const b = await items[0].getType('image/png'); window.copied = b.type + ' ' + b.size }, '')`)
	p.click("[data-chart=lorenz] [data-act=take]")
	p.keys(kb.Escape)
	p.wait("the menu closes alone", `document.querySelector('[data-chart=lorenz] .chart-menu').hidden && document.body.dataset.work`)
	p.click("[data-chart=lorenz] [data-act=take]")
	p.click("[data-take=copy]")
	p.wait("it is on the clipboard", `/image.png \d{4}/.test(window.copied)`)
	p.shot("concentration-tables-en")
}

// concentrationNumbers reads what the page says beside what the server answers.
func concentrationNumbers(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&c=listed_clusters&at=concentration&at.trade=%3Dtextiles")
	p.wait("the figures", figuresHere)
	var lq struct {
		N      int
		Result struct {
			Units []struct {
				Title     struct{ EN string }
				Value, LQ float64
			}
		}
	}
	_, body := fetch(t, address+"collections/listed_clusters/statistics/location-quotient?f=json&select="+url.QueryEscape("industry='textiles'"))
	if err := json.Unmarshal(body, &lq); err != nil {
		t.Fatal(err)
	}
	units := lq.Result.Units
	slices.SortStableFunc(units, func(a, b struct {
		Title     struct{ EN string }
		Value, LQ float64
	}) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(b.LQ, a.LQ))
	})
	first, second := units[0], units[1]
	want := fmt.Sprintf("%g of %d textiles clusters are in %s and %s; ", first.Value+second.Value, lq.N, first.Title.EN, second.Title.EN)
	p.equal("the headline", finding+`.slice(0, `+strconv.Itoa(len(want))+`).toLowerCase()`, strings.ToLower(want))
	p.click("[data-chart=places] [data-act=table]")
	p.wait("the table", `document.querySelector('[data-chart=places] tbody')`)
	p.equal("the first place and its count", `[...document.querySelector('[data-chart=places] tbody tr').children].slice(0, 2).map(c => c.textContent).join()`, fmt.Sprintf("%s,%g", first.Title.EN, first.Value))
	p.equal("how many places", `String(document.querySelectorAll('[data-chart=places] tbody tr').length)`, strconv.Itoa(len(units)))
}

// concentrationChanges sees that the view follows what is chosen, and asks for nothing that is not wanted any more.
func concentrationChanges(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&c=listed_clusters&f.family=textiles&f.p.level=county&at=concentration")
	p.wait("the figures", figuresHere)
	p.wait("the trade that was filtered for", `/textiles/.test(`+finding+`)`)
	p.text(`(window.asked = [], window.ended = 0, window.fetch = (old => (u, o) => { if (/statistics/.test(u)) { window.asked.push(decodeURIComponent(u)); o.signal.addEventListener('abort', () => window.ended++) } return old.call(window, u, o) })(window.fetch), '')`)
	p.choose("[data-testid=work-trade]", "electronics")
	p.wait("other figures", `/electronics/.test(`+finding+`) && `+figuresHere)
	p.equal("filters stay in force, but for the trade", `String(window.asked.length >= 5 && window.asked.every(u => /filter=.*county/.test(u) && !/filter=[^&]*textiles/.test(u) && /select=/.test(u)))`, "true")
	p.equal("the address", `String(/at\.trade=electronics/.test(location.hash))`, "true")
	p.text(`(window.asked = [], window.ended = 0, '')`)
	p.text(`(() => { const s = () => document.querySelector('[data-testid=work-trade]'); s().value = 'textiles'; s().dispatchEvent(new Event('change')); s().value = 'ceramics'; s().dispatchEvent(new Event('change')); return '' })()`)
	p.wait("the last choice alone", `/ceramic/i.test(`+finding+`) && `+figuresHere)
	p.equal("the choice before is not waited for", `String(window.ended >= 4)`, "true")
	p.text(`(history.back(), '')`)
	p.wait("going back", `/textiles/.test(`+finding+`)`)
	p.choose("[data-testid=work-unit]", "province")
	p.wait("provinces", `/Hubei|Zhejiang|Jiangsu|Guangdong/.test(`+finding+`) && /provinces/.test(document.querySelector('.work-side').textContent) && `+figuresHere)
	p.shot("concentration-provinces-en")
	p.click("[data-layer=density]")
	p.layer("density")
	p.choose("[data-testid=work-band]", "100")
	p.wait("the bandwidth", `/bandwidth 100 km/.test(document.querySelector('.work-legend').textContent)`)
	p.shot("concentration-density-en")
	p.choose("[data-testid=work-trade]", "*")
	p.wait("everything", `/^\d+ of \d+ clusters are/.test(`+finding+`) && `+figuresHere)
	p.shot("concentration-everything-en")
}

// concentrationAnywhere opens the view on collections that were not made for it.
func concentrationAnywhere(t *testing.T, b context.Context, address string) {
	for _, name := range []string{"zones", "claims", "regions", "divisions&at.trade=prefecture"} {
		p := newPage(t, b, 1200, 800, 1, false)
		p.open(address + "#lang=en&at=concentration&c=" + name)
		p.wait(name+": an answer to each question", `document.querySelectorAll('.work-side [aria-busy]').length === 0 && document.querySelector('.work-side .how, .work-side .work-failed')`)
		p.equal(name+": what was not computed", `[...document.querySelectorAll('.work-failed, .work-wait:not([hidden])')].map(e => e.textContent).join()`, "")
		layer, _, _ := strings.Cut(name, "&")
		p.shot("concentration-of-" + layer)
	}
}

// concentrationSlide takes the map of an answer along as a slide that says what was found.
func concentrationSlide(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&c=listed_clusters&at=concentration&at.trade=textiles")
	p.wait("the figures", figuresHere)
	p.layer("hot")
	p.click("[data-testid=work-slide]")
	p.wait("the menu", `document.activeElement.dataset.slide === 'pptx'`)
	p.accessible("the menu of slides")
	p.equal("its title is the finding", `String(new URL(document.activeElement.href).searchParams.get('title') === document.querySelector('[data-testid=finding-hot] p').textContent)`, "true")
	for f, begins := range map[string]string{"pptx": "PK\x03\x04", "svg": "<?xml"} {
		if got := downloaded(t, p.text(`document.querySelector('[data-slide=`+f+`]').href`)); !bytes.HasPrefix(got, []byte(begins)) {
			t.Errorf("the slide as %s begins with %.40q", f, got)
		}
	}
	p.keys(kb.Escape)
	p.wait("the menu closes alone", `document.querySelector('.work-slide .menu').hidden && document.body.dataset.work && document.activeElement.dataset.testid === 'work-slide'`)
	p.click("[data-testid=work-compare]")
	p.wait("the other view", `document.body.dataset.work === 'compare' && !document.querySelector('.work-layers')`)
}

// concentrationWaits sees how far a long answer is, and what is said of one that fails.
func concentrationWaits(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&c=listed_clusters")
	p.wait("the button", `document.querySelector('[data-testid=concentration]')`)
	p.text(`(window.fetch = (old => (u, o) => {
		if (!/duranton-overman/.test(u) || window.through) return old.call(window, u, o)
		const text = new TextEncoder()
		return Promise.resolve(new Response(new ReadableStream({ start(c) {
			c.enqueue(text.encode('event: progress\ndata: {"done":420,"total":1000}\n\n'))
			window.fail = () => { c.enqueue(text.encode('event: failure\ndata: {"status":400,"detail":"permutations: too many"}\n\n')); c.close() }
		} }), { headers: { 'Content-Type': 'text/event-stream' } }))
	})(window.fetch), '')`)
	p.click("[data-testid=concentration]")
	p.wait("how far it is", `[...document.querySelectorAll('.work-side [aria-busy]')].some(e => e.textContent === 'Computing, 42%' && e.querySelector('progress').value === 42)`)
	p.text(`(window.fail(), '')`)
	p.wait("why it failed", `document.querySelector('.work-failed')?.textContent === 'This was not computed: permutations: too many'`)
	p.accessible("an answer that failed")
	p.text(`(window.through = true, '')`)
	p.click(".work-state .button")
	p.wait("the answer after all", figuresHere+` && document.querySelector('[data-chart=pairs] .chart-svg')`)
}
