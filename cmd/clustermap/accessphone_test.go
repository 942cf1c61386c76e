package main

import "testing"

// TestTablesOnPhones opens the tables of the reader on phones, where no file can be dropped
// on the map and their list lies below the regions: the tool leads there.
func TestTablesOnPhones(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, size := range []struct {
		lang          string
		width, height int64
	}{{"zh", 390, 844}, {"en", 320, 568}} {
		p := newPage(t, b, size.width, size.height, 2, true)
		p.fresh(address + "#theme=light&lang=" + size.lang)
		p.equal("tools that the sheet covers", `[...document.querySelectorAll('.tools .tool')].filter(e => e.checkVisibility()).filter(e => { const r = e.getBoundingClientRect(); return !e.contains(document.elementFromPoint(r.left + r.width / 2, r.bottom - 2)) }).map(e => e.dataset.testid).join()`, "")
		p.click("[data-facet-chip='']")
		p.wait("another part of the sheet", `document.body.dataset.tab === 'legend'`)
		p.click("[data-testid=table]")
		p.wait("the way to open a table", `document.activeElement.matches('[data-testid=table-open]')`)
		p.wait("it is on the sheet", `(e => { const r = e.getBoundingClientRect(); return r.top > 0 && r.bottom <= innerHeight && r.right <= innerWidth })(document.activeElement)`)
		p.text(`(HTMLInputElement.prototype.click = function() { window.chosen = this.type }, '')`)
		p.click("[data-testid=table-open]")
		p.equal("what it opens", `window.chosen`, "file")
		p.accessible("the tables on a phone")
		p.shot("phone-tables-" + size.lang)
		p.drop("firms.csv", sampleText())
		p.wait("the report", standing("certain"))
		p.click("[data-testid=table-close]")
		p.wait("the tool is where it stays", `(e => { const r = e.getBoundingClientRect(); return e.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)) })(document.querySelector('[data-testid=table]'))`)
		p.click("[data-testid=table]")
		p.wait("the table that was opened", `document.activeElement.matches('[data-table]')`)
		p.click("[data-table]")
		p.wait("the report again", `document.querySelector('.table-panel:not([hidden])')`)
	}
}
