package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	// cutOff are the texts of the workbench that do not stand wholly inside of what holds
	// them. Tables, columns of regions and the choice of layers may be scrolled.
	cutOff = `(() => {
	const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement
		if (!n.data.trim() || !e.closest('.work-head, .work-side, .work-over') || e.closest('.sr, select, .leaflet-container, .compare-scroll, .compare-columns, .chart-table, .work-layers') || !e.checkVisibility({visibilityProperty: true})) continue
		range.selectNodeContents(n)
		const r = range.getBoundingClientRect()
		if (r.width < 2 || getComputedStyle(e).clipPath !== 'none') continue
		let cut = r.right > innerWidth + 1 || r.left < -1
		for (let a = e; a && a !== document.body && !cut; a = a.parentElement) {
			const b = a.getBoundingClientRect()
			cut = a.matches('.work-legend, .button, .tool, .work-pick, figure, section, table') && (r.right > b.right + 1 || r.left < b.left - 1)
		}
		if (cut) found.push(n.data.trim().slice(0, 40))
	}
	for (const s of document.querySelectorAll('.work-head select, .work-units select')) if (s.checkVisibility() && s.clientWidth - 20 < 3 * parseFloat(getComputedStyle(s).fontSize)) found.push('no room for ' + s.dataset.testid)
	return found.join('; ') })()`
	// covered are the controls of the workbench of which something else lies on top.
	covered = `(() => {
	const found = []
	for (const e of document.querySelectorAll('.work-head button, .work-head select, .work-head summary, .work-side button, .work-side select, .work-side summary, .work-side a, .work-over button, .tools button, .zoom-box button')) {
		if (!e.checkVisibility({visibilityProperty: true}) || e.closest('[hidden]')) continue
		e.scrollIntoView({ block: 'center', inline: 'center' })
		const r = e.getClientRects()[0], top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)
		if (!top || !(e.contains(top) || top.contains(e) || top.closest('label')?.contains(e))) found.push((e.dataset.testid || e.dataset.focus || e.textContent).slice(0, 40) + ' below ' + (top?.className ?? 'the window'))
	}
	return found.join('; ') })()`
)

// TestWorkbenchLarge opens the workbench and its reports in 320 pixels and with letters of
// twice the size: nothing scrolls sideways, is cut off or lies below something else.
func TestWorkbenchLarge(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, v := range []struct{ name, at, ready string }{
		{"analysis", "c=listed_clusters&at=concentration&at.trade=textiles", figuresHere},
		{"measures", "at=concentration", figuresHere},
		{"compare", "at=compare", `[...document.querySelectorAll('.compare-map')].map(m => m.dataset.drawn).join() === '13,8' && document.querySelector('[data-testid=compare-survives]')`},
	} {
		for _, lang := range []string{"zh", "en"} {
			for _, size := range []struct {
				name          string
				width, height int64
				phone         bool
				letters       string
			}{{"320", 320, 640, true, "100%"}, {"200 %", 720, 450, false, "100%"}, {"large letters", 1280, 800, false, "200%"}} {
				t.Run(v.name+" "+lang+" "+size.name, func(t *testing.T) {
					p := newPage(t, b, size.width, size.height, 1, size.phone)
					p.still()
					p.open(address + "#theme=light&lang=" + lang + "&" + v.at)
					p.wait("the figures", v.ready)
					p.text(`(document.documentElement.style.fontSize = ` + quote(size.letters) + `, dispatchEvent(new Event('resize')), '')`)
					p.equal("sideways", `String(document.documentElement.scrollWidth > innerWidth || document.querySelector('.work-side').scrollWidth > document.querySelector('.work-side').clientWidth)`, "false")
					p.shot("large-" + v.name + "-" + lang + "-" + size.name)
					for _, bad := range []struct{ what, found string }{{"cut off", cutOff}, {"controls cut off", outside}, {"covered", covered}} {
						if found := p.text(bad.found); found != "" {
							t.Errorf("%s: %s", bad.what, found)
						}
					}
					p.text(`(document.querySelector('[data-testid=work-report]').click(), '')`)
					p.equal("reports that are cut off", `[...document.querySelectorAll('.work-report a')].filter(a => { const r = a.getBoundingClientRect(); return r.left < 0 || r.right > innerWidth || !a.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)) }).map(a => a.textContent).join()`, "")
					p.shot("large-" + v.name + "-" + lang + "-" + size.name + "-reports")
				})
			}
		}
	}
}

// TestReportsLarge opens the pages of reports in 320 pixels and with letters of twice the
// size: nothing scrolls sideways, and nobody is shut out.
func TestReportsLarge(t *testing.T) {
	address := start(t).url + "/collections/clusters/report?f=html"
	b := browser(t)
	for _, about := range []string{"trade=family:textiles", "region=yrd25"} {
		for _, lang := range []string{"zh", "en"} {
			for _, size := range []struct {
				name, letters string
				width, height int64
				phone         bool
			}{{"320", "100%", 320, 640, true}, {"large letters", "200%", 1280, 800, false}} {
				t.Run(about+" "+lang+" "+size.name, func(t *testing.T) {
					p := newPage(t, b, size.width, size.height, 1, size.phone)
					if err := chromedp.Do(p.ctx, chromedp.Navigate(address+"&lang="+lang+"&"+about)); err != nil {
						t.Fatal(err)
					}
					p.wait("the report", `document.querySelector('h1')`)
					p.text(`(document.documentElement.style.fontSize = ` + quote(size.letters) + `, '')`)
					p.shot("report-" + about[:5] + "-" + lang + "-" + size.name)
					p.equal("sideways", `String(document.documentElement.scrollWidth > innerWidth)`, "false")
					p.accessible("a report")
				})
			}
		}
	}
}
