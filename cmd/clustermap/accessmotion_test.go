package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// watchMotion notes what moves from now on: animations and transitions that take time,
// and a map that glides. A map that leaps is in its place within one event.
const watchMotion = `(() => {
	window.moving = []
	const note = what => window.moving.includes(what) || window.moving.push(what)
	const lasting = () => { for (const a of document.getAnimations()) if (a.playState === 'running' && a.effect.getComputedTiming().duration > 0) note('animation of ' + a.effect.target?.outerHTML.slice(0, 80)) }
	for (const type of ['transitionrun', 'animationstart']) document.addEventListener(type, lasting, true)
	Element.prototype.animate = (old => function(...args) { note('animate'); return old.apply(this, args) })(Element.prototype.animate)
	new MutationObserver(all => { for (const m of all) { const c = m.target.classList; for (const name of ['leaflet-zoom-anim', 'leaflet-pan-anim', 'is-flying']) if (c?.contains(name)) note(name + ' of ' + m.target.parentElement.className) } })
		.observe(document.body, { subtree: true, attributes: true, attributeFilter: ['class'] })
	setInterval(lasting, 20)
	return '' })()`

// TestReducedMotion asks for no motion and works with the map and the workbench: nothing
// glides, flies or fades.
func TestReducedMotion(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, wanted := range []bool{false, true} {
		p := newPage(t, b, 1280, 800, 1, false)
		if !wanted {
			p.still()
		}
		p.open(address + "#lang=en&theme=light&c=listed_clusters")
		p.text(watchMotion)
		before := p.text(`location.hash`)
		p.click(".zoom-box .tool:nth-child(1)")
		p.wait("nearer", `location.hash !== `+quote(before))
		p.click(".zoom-box .tool:nth-child(3)")
		p.click("#map")
		p.keys(kb.ArrowLeft + kb.ArrowLeft)
		p.click("[data-testid=area]")
		p.wait("ways to select", `document.querySelector('.selection:not([hidden])')`)
		p.click("[data-testid=concentration]")
		p.wait("the figures", figuresHere)
		for _, layer := range []string{"quotients", "hot"} {
			p.click("[data-layer=" + layer + "]")
			p.layer(layer)
		}
		p.tabTo("[data-testid=work-cells]")
		p.keys(kb.PageDown + kb.PageDown + kb.End + kb.ArrowUp)
		p.tabTo("[data-testid=work-report]")
		p.keys(kb.Enter)
		p.keys(kb.Escape)
		p.keys(kb.Escape)
		p.wait("back on the map", `!document.body.dataset.work`)
		p.click("[data-testid=compare]")
		p.wait("two regions", `document.querySelectorAll('.compare-map[data-drawn]').length === 2 && document.querySelector('[data-testid=compare-survives]')`)
		p.tabTo(".compare-map")
		p.keys(kb.ArrowLeft + "+")
		p.wait("the maps are drawn again", `document.querySelectorAll('.compare-map[data-drawn]').length === 2`)
		if got := p.text(`window.moving.join('; ')`); (got != "") != wanted {
			t.Errorf("motion is wanted: %v; what moves: %q", wanted, got)
		}
	}
}
