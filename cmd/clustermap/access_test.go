package main

import (
	"testing"
)

// outside are the controls that stand wholly or in part beside the window, or that an
// element around them cuts off without a way to scroll there.
const outside = `[...document.querySelectorAll('button, a[href], select, input, summary, [tabindex="0"]')].filter(e => {
	const r = e.getBoundingClientRect()
	if (r.width < 2 || r.height < 2 || !e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || e.closest('#map, .compare-map, .leaflet-container, svg, .skip')) return false
	for (let a = e.parentElement; a && a !== document.body; a = a.parentElement) {
		const s = getComputedStyle(a), b = a.getBoundingClientRect()
		if (/auto|scroll/.test(s.overflowX) && a.scrollWidth > a.clientWidth) return false
		if (/hidden|clip/.test(s.overflowX) && (r.right > b.right + 1 || r.left < b.left - 1)) return true
	}
	return r.right > innerWidth + 1 || r.left < -1 }).map(e => e.dataset.testid || e.dataset.focus || e.outerHTML.slice(0, 90)).join(', ')`

// TestViewsInSmallWindows opens every view in 320 pixels and at 200 %: nothing scrolls
// sideways, no control is cut off, and nobody is shut out.
func TestViewsInSmallWindows(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, v := range views {
		if v.phone {
			continue
		}
		for _, size := range []struct {
			name          string
			lang          string
			width, height int64
			phone         bool
		}{{"320", "en", 320, 640, true}, {"200 %", "zh", 720, 450, false}} {
			t.Run(v.name+" "+size.name, func(t *testing.T) {
				p := newPage(t, b, size.width, size.height, 2, size.phone)
				p.still()
				p.open(address + "#lang=" + size.lang + "&" + v.at)
				switch v.name {
				case "table":
					v.act(p)
				case "picture":
					p.text(`(document.querySelector('[data-testid=picture]').click(), '')`)
				}
				p.wait(v.name+" is there", v.ready)
				p.equal("sideways", `String(document.documentElement.scrollWidth > innerWidth)`, "false")
				p.equal("controls that are cut off", outside, "")
				p.accessible(v.name + " at " + size.name)
			})
		}
	}
}
