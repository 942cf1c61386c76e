package main

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const (
	cellSaid = `document.querySelector('[data-testid=work-cell-said]').textContent`
	// cellRing is where the ring of the cell in focus stands on the map, and how much of it is seen.
	cellRing = `(() => {
	const e = document.querySelector('.work-ring'); if (!e) return 'no ring'
	const r = e.getBoundingClientRect(), m = document.querySelector('#map').getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2
	if (x < m.left || x > m.right || y < m.top || y > m.bottom) return 'beside the map'
	const over = [...document.querySelectorAll('.work-over > *, .tools > *')].find(o => { const b = o.getBoundingClientRect(); return o.checkVisibility() && x > b.left && x < b.right && y > b.top && y < b.bottom })
	if (over) return 'below ' + over.className
	return getComputedStyle(e).stroke === 'none' || parseFloat(getComputedStyle(e).strokeWidth) < 3 ? 'too thin' : 'seen' })()`
	ringAt = `(() => { const r = document.querySelector('.work-ring').getBoundingClientRect(); return Math.round(r.left + r.width / 2) + ',' + Math.round(r.top + r.height / 2) })()`
)

// TestCellsByKeyboard reads the map of the analysis with the keyboard alone.
func TestCellsByKeyboard(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, c := range []struct{ layer, lang, says string }{
		{"hot", "en", `/^\d+; (hot|cold|not).*(° N|° S), /`},
		{"hexagons", "zh", `/^\d+，总体 \d+；.*°N/`},
		{"quotients", "en", `/^[A-Z].*: \d+, LQ .* \(.*\)$/`},
	} {
		t.Run(c.layer, func(t *testing.T) { cellsByKeyboard(t, b, address, c.layer, c.lang, c.says) })
	}
}

func cellsByKeyboard(t *testing.T, b context.Context, address, layer, lang, says string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.still()
	p.open(address + "#lang=" + lang + "&theme=light&c=listed_clusters&at=concentration&at.trade=textiles&at.layer=" + layer)
	p.wait("the figures", figuresHere)
	p.layer(layer)
	p.equal("nothing is said before", cellSaid, "")
	p.tabTo("[data-testid=work-cells]")
	p.equal("the ring", cellRing, "seen")
	p.wait("what the tooltip says", cellSaid+`.startsWith(document.querySelector('.leaflet-tooltip.tile-tip').textContent) && `+says+`.test(`+cellSaid+`)`)
	p.keys(kb.Home)
	most := p.text(cellSaid)
	p.shot("cells-" + layer + "-" + lang)
	if layer == "hot" {
		p.accessible("the cells of the map")
	}
	moved := 0
	for _, step := range []struct{ way, goes string }{
		{kb.ArrowUp, "y < v"}, {kb.ArrowLeft, "x < u"}, {kb.ArrowDown, "y > v"}, {kb.ArrowRight, "x > u"}, {kb.ArrowDown, "y > v"}, {kb.ArrowUp, "y < v"},
	} {
		before, said := p.text(`(window.ground = (m => m)(document.querySelector('.leaflet-map-pane').style.transform), `+ringAt+`)`), p.text(cellSaid)
		p.keys(step.way)
		p.equal("the ring", cellRing, "seen")
		if p.text(cellSaid) == said {
			continue // the last cell on this way
		}
		moved++
		if p.text(`(() => { if (document.querySelector('.leaflet-map-pane').style.transform !== window.ground) return true
			const [u, v] = `+quote(before)+`.split(',').map(Number), [x, y] = `+ringAt+`.split(',').map(Number); return `+step.goes+` })()`) != "true" {
			t.Errorf("%s goes from %s to %s", step.goes, before, p.text(ringAt))
		}
	}
	if moved < 4 {
		t.Errorf("arrows moved %d times", moved)
	}
	p.keys(kb.Home)
	p.equal("Home leads to the one with most", cellSaid, most)
	p.keys(kb.PageDown)
	p.wait("then the next", cellSaid+` !== `+quote(most))
	p.keys(kb.PageUp)
	p.equal("and back", cellSaid, most)
	p.keys(kb.Tab)
	p.wait("the ring goes with the focus", `!document.querySelector('.work-ring') && !document.querySelector('.leaflet-tooltip.tile-tip')`)
}
