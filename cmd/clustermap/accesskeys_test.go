package main

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// mostTabs is more than any view has controls.
const mostTabs = 260

// tabTo presses Tab until a control that the selector names has the focus.
func (p *page) tabTo(selector string) {
	p.t.Helper()
	for range mostTabs {
		p.keys(kb.Tab)
		if p.text(`document.activeElement.matches(`+quote(selector)+`)`) == "true" {
			p.seen()
			return
		}
	}
	p.shot("failed-tab")
	p.t.Fatalf("Tab never comes to %s", selector)
}

// unseen is why the control with the focus cannot be seen to have it: it has no ring, or
// lies beside the window, or below something else.
const unseen = `(() => {
	const e = document.activeElement, r = e.getBoundingClientRect(), name = e.outerHTML.slice(0, 120)
	if (e === document.body) return ''
	if (!e.matches(':focus-visible')) return 'not shown to have the focus: ' + name
	const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 1), y = Math.min(Math.max(r.top + r.height / 2, 1), innerHeight - 1)
	if (r.width < 1 || r.height < 1 || r.bottom <= 0 || r.top >= innerHeight || r.right <= 0 || r.left >= innerWidth) return 'beside the window: ' + name
	const top = document.elementFromPoint(x, y)
	if (e.closest('svg, #map') || !top || e.contains(top) || top.contains(e) || top.closest('label')?.contains(e)) return ''
	return 'covered by ' + top.outerHTML.slice(0, 80) + ': ' + name })()`

func (p *page) seen() {
	p.t.Helper()
	if why := p.text(unseen); why != "" {
		p.shot("failed-unseen")
		p.t.Error(why)
	}
}

// everyControl goes with Tab alone from the control in focus once around: each control
// inside of what the selector names has its turn and is seen when it has it.
func (p *page) everyControl(within string) {
	p.t.Helper()
	p.text(`(window.turns = new Set(), window.first = document.activeElement, '')`)
	for i := range mostTabs {
		p.keys(kb.Tab)
		p.seen()
		if p.text(`(window.turns.add(document.activeElement), document.activeElement === window.first)`) == "true" && i > 0 {
			break
		}
	}
	missed := p.text(`[...document.querySelectorAll('button, a[href], select, input, summary, [tabindex="0"]')].filter(e => !window.turns.has(e) && !e.disabled && e.tabIndex >= 0 &&
		e.checkVisibility({visibilityProperty: true}) && e.closest(` + quote(within) + `) && !(e.type === 'radio' && !e.checked)).map(e => e.outerHTML.slice(0, 140)).join('\n')`)
	if missed != "" {
		p.t.Errorf("Tab never comes to:\n%s", missed)
	}
}

// has sees that the focus is where it should be.
func (p *page) has(what, selector string) {
	p.t.Helper()
	p.wait(what, `document.activeElement.matches(`+quote(selector)+`)`)
	p.seen()
}

// TestWorkbenchByKeyboard works with the workbench as one who has no pointer: with Tab,
// Enter, arrows and Escape. Nothing here clicks, or moves the focus by program.
func TestWorkbenchByKeyboard(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	t.Run("analysis", func(t *testing.T) { analysisByKeyboard(t, b, address) })
	t.Run("compare", func(t *testing.T) { compareByKeyboard(t, b, address) })
	t.Run("select", func(t *testing.T) { selectByKeyboard(t, b, address) })
}

const workFrame = ".work-head, .work-side, .stage"

func analysisByKeyboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.open(address + "#lang=en&theme=light")
	p.tabTo("[data-testid=concentration]")
	p.keys(kb.Enter)
	p.wait("the figures", figuresHere)
	p.layer("hot")
	p.has("the title has the focus", ".work-title")
	p.everyControl(workFrame)

	p.tabTo("[data-testid=work-trade]")
	before := p.text(finding)
	p.keys(kb.ArrowDown)
	p.wait("another trade", finding+` !== `+quote(before)+` && !document.querySelector('.work-side [aria-busy]')`)
	p.has("the choice keeps the focus", "[data-testid=work-trade]")
	p.keys(kb.ArrowUp)
	p.wait("the trade again", finding+` === `+quote(before)+` && `+figuresHere)
	p.keys(kb.Tab)
	p.has("then the measure", "[data-testid=work-measure]")
	p.keys(kb.ArrowDown)
	p.wait("another measure", `/at.measure=[a-z]/.test(location.hash) && !document.querySelector('.work-side [aria-busy]')`)
	p.keys(kb.ArrowUp)
	p.wait("counts again", `!/at.measure=[a-z]/.test(location.hash) && `+figuresHere)
	p.has("the measure keeps the focus", "[data-testid=work-measure]")
	p.keys(kb.Escape)
	p.wait("Escape leads back", `!document.body.dataset.work`)
	p.has("where it began", "[data-testid=concentration]")

	p.open(address + "#lang=en&theme=light&c=listed_clusters")
	p.tabTo("[data-testid=concentration]")
	p.keys(kb.Enter)
	p.wait("the figures of the listed", figuresHere+` && document.querySelectorAll('.work-side .chart-svg').length === 4`)
	p.everyControl(workFrame)
	for _, layer := range []string{"quotients", "hexagons", "density", "hot"} {
		p.tabTo("[data-layer=" + layer + "]")
		p.keys(kb.Enter)
		p.layer(layer)
		p.has("the layer keeps the focus", "[data-layer="+layer+"][aria-pressed=true]")
	}

	p.text(`(URL.createObjectURL = (old => b => (window.taken = b.type, old.call(URL, b)))(URL.createObjectURL), HTMLAnchorElement.prototype.click = function() { window.named = this.download },
		navigator.clipboard.write = async items => { window.copied = (await items[0].getType('image/png')).size }, '')`)
	for _, chart := range []string{"hot", "lorenz", "places", "pairs"} {
		of := "[data-chart=" + chart + "] "
		p.tabTo(of + "[data-act=table]")
		p.keys(kb.Enter)
		p.has("the table keeps the focus", of+"[data-act=table][aria-pressed=true]")
		p.tabTo(of + ".chart-table")
		p.wait("a table", `document.activeElement.querySelector('tbody tr')`)
		p.tabTo(of + "[data-act=table]")
		p.keys(kb.Enter)
		p.has("the chart again", of+"[data-act=table][aria-pressed=false]")
		p.tabTo(of + "[data-act=take]")
		p.keys(kb.Enter)
		p.has("the menu", of+"[data-take=copy]")
		p.text(`(window.copied = 0, window.named = '', window.taken = '')`)
		p.keys(kb.Enter)
		p.wait("it is copied", `window.copied > 1000 && document.querySelector(`+quote(of+".chart-said")+`).textContent`)
		p.has("back at the button", of+"[data-act=take]")
		p.keys(kb.Enter)
		p.has("the menu", of+"[data-take=copy]")
		p.tabTo(of + "[data-take=csv]")
		p.keys(kb.Enter)
		p.wait("the figures", `/csv$/.test(window.named) && /csv/.test(window.taken)`)
		p.has("back at the button", of+"[data-act=take]")
		p.keys(kb.Enter)
		p.has("the menu", of+"[data-take=copy]")
		p.keys(kb.Escape)
		p.has("Escape closes the menu alone", "[data-work] "+of+"[data-act=take][aria-expanded=false]")
	}
	for _, how := range []string{"finding", "places", "hot", "gini", "pairs"} {
		p.tabTo("[data-how=" + how + "] summary")
		p.keys(kb.Enter)
		p.wait("how it is computed", `document.querySelector('[data-how=`+how+`]').open`)
		p.keys(kb.Tab)
		p.has("its method", "[data-how="+how+"] a")
	}
	p.tabTo("[data-testid=work-slide]")
	p.keys(kb.Enter)
	p.has("the menu of slides", "[data-slide]")
	p.keys(kb.Escape)
	p.has("Escape closes the slides alone", "[data-work] [data-testid=work-slide]")
	reportByKeyboard(p)
	p.keys(kb.Escape)
	p.wait("Escape leads back", `!document.body.dataset.work`)
	p.has("where it began", "[data-testid=concentration]")
}

func reportByKeyboard(p *page) {
	p.t.Helper()
	p.tabTo("[data-testid=work-report]")
	p.keys(kb.Enter)
	for _, f := range []string{"html", "pdf", "pptx"} {
		p.keys(kb.Tab)
		p.has("the report as "+f, "[data-report="+f+"]")
	}
	p.keys(kb.Escape)
	p.has("Escape closes the reports alone", "[data-work] [data-testid=work-report]")
}

func compareByKeyboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.open(address + "#lang=en&theme=light")
	p.tabTo("[data-testid=compare]")
	p.keys(kb.Enter)
	p.wait("two regions", `document.querySelectorAll('.compare-map[data-drawn]').length === 2 && document.querySelector('[data-testid=compare-survives]')`)
	p.has("the title has the focus", ".work-title")
	p.everyControl(workFrame)
	p.tabTo(".compare-definition")
	was := p.text(`location.hash`)
	p.keys(kb.ArrowDown)
	p.wait("another definition", `location.hash !== `+quote(was)+` && !document.querySelector('.compare [aria-busy=true]')`)
	p.has("the definition keeps the focus", ".compare-definition")
	p.tabTo(".compare-sort")
	p.keys(kb.Enter)
	p.wait("the table is sorted", `document.activeElement.closest('[aria-sort]')`)
	p.has("the heading keeps the focus", ".compare-sort")
	p.tabTo(".how summary")
	p.keys(kb.Enter)
	p.wait("how it is computed", `document.activeElement.parentElement.open`)
	reportByKeyboard(p)
	p.keys(kb.Escape)
	p.wait("Escape leads back", `!document.body.dataset.work`)
	p.has("where it began", "[data-testid=compare]")
}

func selectByKeyboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.open(address + "#lang=en&theme=light&c=listed_clusters")
	p.tabTo("[data-testid=area]")
	p.keys(kb.Enter)
	p.wait("ways to select", `document.querySelector('.selection:not([hidden]) .selection-ways')`)
	p.everyControl(".selection")
}
