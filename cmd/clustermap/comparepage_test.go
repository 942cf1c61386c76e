package main

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// numberOf is the number of a region in the head of its column.
func numberOf(definition string) string {
	return `document.querySelector('[data-testid=compare-n-` + definition + `]').textContent`
}

// TestComparePage sets regions side by side: the numbers are those of the server, the
// maps hold as many, and all of it is in the address.
func TestComparePage(t *testing.T) {
	address := start(t).url + "/"
	p := newPage(t, browser(t), 1440, 900, 1, false)
	p.open(address + "#lang=zh")
	p.click("[data-testid=compare]")
	p.wait("two regions", `document.querySelectorAll('.compare-column').length === 2 && /at=compare/.test(location.hash)`)
	p.equal("those of the Yangtze River Delta", numberOf("yrd25"), "13")
	p.equal("those of the Pearl River Delta", numberOf("prd9"), "8")
	drawn := func(i int, n string) {
		t.Helper()
		p.wait("the map holds them", fmt.Sprintf(`document.querySelectorAll('.compare-map')[%d].dataset.drawn === '%s'`, i, n))
	}
	drawn(0, "13")
	drawn(1, "8")
	server := `fetch('collections/clusters/statistics/compare?f=json&regions=yrd25,prd9').then(r => r.json())`
	p.wait("the table is that of the server", server+`.then(a => a.result.regions.every((r, i) => r.by_family.filter(f => f.count > 0).every(f => document.querySelector('[data-part="' + f.value + '"]').cells[1 + i].textContent.trim() === String(f.count))))`)
	p.wait("so is the index", server+`.then(a => Number(document.querySelector('[data-krugman]').dataset.krugman) === a.result.pairs[0].krugman)`)
	p.wait("the words name the regions", `/长三角.*13.*珠三角.*8/.test(document.querySelector('[data-testid=compare-words]').textContent)`)
	p.accessible("two regions side by side")
	p.shot("compare-zh")

	p.wait("the map names places and clusters", `document.querySelector('.compare-map .label-mark') && document.querySelector('.compare-map .label-place')`)
	p.click("[data-sort=qprd9]")
	p.click("[data-sort=qprd9]")
	p.wait("the least first", `document.querySelector('[data-sort=qprd9]').closest('th').getAttribute('aria-sort') === 'ascending'`)
	p.click("[data-sort=qprd9]")
	p.wait("sorted by a quotient", `document.querySelector('[data-sort=qprd9]').closest('th').getAttribute('aria-sort') === 'descending' && /at.sort=qprd9/.test(location.hash)`)
	p.wait("which falls", `(v => v.every((x, i) => i === 0 || v[i - 1] >= x))([...document.querySelectorAll('.compare-table tbody tr')].map(r => Number(r.cells[4].textContent)))`)

	p.click("[data-testid=compare-strip] [data-definition=yrd16] button")
	p.equal("by the definition of 2003", numberOf("yrd16"), "10")
	drawn(0, "10")
	p.wait("the strip has every definition of both", `document.querySelectorAll('[data-testid=compare-strip] tr').length === 8`)
	p.wait("and says whether the answer survives", `document.querySelector('[data-testid=compare-survives]').dataset.survives === 'true'`)
	p.choose("[data-testid=compare-add]", "bohai5")
	p.equal("a third region", numberOf("bohai5"), "5")
	p.wait("in the address", `decodeURIComponent(location.hash).includes('cmp=yrd16,prd9,bohai5')`)
	p.shot("compare-three")
	p.accessible("three regions side by side")

	p.click("[data-compared=bohai5] .compare-remove")
	p.wait("and away again", `!decodeURIComponent(location.hash).includes('bohai5')`)
	p.choose("[data-testid=compare-add]", "bohai5")
	p.equal("again", numberOf("bohai5"), "5")
	rows := downloaded(t, p.text(`document.querySelector('[data-testid=compare-csv]').href`))
	if !bytes.Contains(rows, []byte("bohai5")) {
		t.Errorf("the table as CSV has no bohai5: %.300s", rows)
	}

	scales := `(b => new Set(b.map(e => e.textContent)).size === 1 && Math.max(...b.map(e => e.offsetWidth)) - Math.min(...b.map(e => e.offsetWidth)) <= 1)([...document.querySelectorAll('.compare-scalebar')])`
	p.wait("maps of one ground scale", scales)
	p.wait("bars of one scale", `(b => new Set(b.map(e => e.offsetWidth)).size === 1)([...document.querySelectorAll('.compare-bar-cell .compare-bar')])`)
	before := p.text(`document.querySelector('.compare-scalebar').textContent`)
	p.click(".compare-map .zoom-box button")
	p.wait("one is zoomed and the others with it", `document.querySelector('.compare-scalebar').textContent !== `+quote(before)+` && `+scales)
	p.open(address + "#lang=en&theme=dark&at=compare&at.cmp=yrd25,bohai5&at.by=level&f.family=textiles")
	p.wait("a filter in force holds", server[:len(server)-len(`.then(r => r.json())`)]+`.then(() => `+numberOf("bohai5")+` === '0')`)
	p.wait("an empty region has no quotient in the chart", `[...document.querySelectorAll('.compare-dots')].every(d => d.querySelectorAll('.compare-mark-full').length === 1 && !d.querySelector('.compare-mark-open'))`)
	p.wait("by level", `document.querySelector('[data-testid=compare-by]').value === 'level'`)
	p.shot("compare-dark-en")
	p.accessible("a comparison in the dark")
	p.click(".compare-filters [data-filter=family]")
	p.equal("without the filter", numberOf("bohai5"), "5")
	p.click("[data-testid=work-back]")
	p.wait("the map is back", `!/at=compare/.test(location.hash) && document.querySelector('.compare') === null`)

	twice := newPage(t, browser(t), 1440, 1600, 1, false)
	twice.open(address + "#lang=en&theme=light&at=compare&at.cmp=yrd16,yrd25,prd9,bohai5")
	twice.wait("a region by two definitions", `document.querySelectorAll('.compare-column').length === 4 && /Yangtze River Delta \([^)]+\) 13, Yangtze River Delta \([^)]+\) 10/.test(document.querySelector('[data-testid=compare-words]').textContent)`)
	twice.wait("the chart of quotients is seen whole", `(s => s.scrollWidth <= s.clientWidth)(document.querySelector('.compare-scroll'))`)
	twice.shot("compare-four-en")
	twice.accessible("four columns")

	narrow := newPage(t, browser(t), 320, 640, 2, true)
	narrow.open(address + "#lang=en&at=compare")
	narrow.wait("on the smallest phone", numberOf("yrd25")+` === '13' && document.documentElement.scrollWidth <= innerWidth`)
	narrow.shot("compare-320-en")
	narrow.accessible("a comparison on the smallest phone")

	small := newPage(t, browser(t), 390, 844, 2, true)
	small.open(address + "#lang=zh&at=compare")
	small.wait("on a phone", numberOf("yrd25")+` === '13'`)
	small.wait("the page itself does not scroll sideways", `document.documentElement.scrollWidth <= innerWidth`)
	small.shot("compare-phone")
	small.accessible("a comparison on a phone")
	small.text(`(document.querySelector('.compare-table').scrollIntoView(), '')`)
	small.shot("compare-phone-table")
	small.text(`(document.querySelector('.compare-strip').scrollIntoView(), '')`)
	small.shot("compare-phone-strip")
	small.wait("only what is below the head scrolls", `document.querySelector('.work-head').getBoundingClientRect().top === 0`)

	listed := newPage(t, browser(t), 1280, 800, 1, false)
	listed.open(address + "#lang=en&c=zones&at=compare")
	listed.wait("another collection", `document.querySelectorAll('.compare-column').length === 2 && Number(`+numberOf("yrd25")+`) > 10`)
	listed.open(address + "#lang=en&c=regions&at=compare")
	listed.wait("one without regions says so", `/nothing to compare/.test(document.querySelector('.compare-none')?.textContent)`)
	listed.accessible("nothing to compare")
}

// TestCompareGrowth sets two years beside each other where the data have them, with the
// numbers of the server, and says why where they have not. A mark of a map opens its card.
func TestCompareGrowth(t *testing.T) {
	address := start(t).url + "/"
	p := newPage(t, browser(t), 1440, 900, 1, false)
	growth := `document.querySelector('[data-testid=compare-growth]')`
	p.open(address + "#c=listed_clusters&lang=zh&at=compare&at.cmp=yrd25,prd9")
	p.wait("a row for each region", growth+` && `+growth+`.querySelectorAll('[data-grown]').length === 2`)
	for _, id := range []string{"yrd25", "prd9"} {
		p.wait("the numbers are those of the server", `fetch('collections/listed_clusters/statistics/shift-share?f=json&within=region:`+id+`').then(r => r.json()).then(a => {
			const u = a.result.units.find(u => u.key === '`+id+`'), cells = [...document.querySelector('[data-grown=`+id+`]').cells].map(c => c.textContent)
			const signed = v => (v > 0 ? '+' : '−') + Math.abs(Math.round(v * 10) / 10)
			return cells[1] === String(u.before) && cells[2] === String(u.after) && cells[3] === signed(u.total) && cells[4] === signed(u.national) && cells[5] === signed(u.mix) && cells[6] === signed(u.competitive)
		})`)
	}
	p.wait("a sentence says it", `/2006 至 2025 年，总体由 89 到 799；长三角由 12 到 178，比其各行业按总体增速应有的多 120.8；/.test(`+growth+`.textContent)`)
	p.click("[data-how=shift-share] summary")
	p.wait("and how it was computed", `/Dunn/.test(document.querySelector('[data-how=shift-share]').textContent)`)
	p.accessible("two years")
	p.text(`(` + growth + `.scrollIntoView(), "")`)
	p.shot("compare-growth-zh")
	p.open(address + "#lang=en&at=compare&at.cmp=yrd25,prd9")
	p.wait("no years, and why", `/All features are of the year 2007/.test(`+growth+`?.textContent) && !`+growth+`.querySelector('table')`)

	p.open(address + "#lang=en&at=compare&at.cmp=yrd25,prd9&f.family=textiles")
	mark := `document.querySelector('[data-compared=prd9] .compare-mark[data-mark]')`
	p.wait("marks are drawn", mark)
	name := p.text(mark + `.getAttribute('aria-label').split(',')[0]`)
	p.click("[data-compared=prd9] .compare-mark[data-mark]")
	card := `document.querySelector('.card:not(.group-card)')`
	p.wait("the card of the cluster is seen", card+`.checkVisibility({visibilityProperty: true}) && document.querySelector('#card-title').textContent === `+quote(name)+` && `+card+`.contains(document.elementFromPoint(`+card+`.getBoundingClientRect().x + 40, `+card+`.getBoundingClientRect().y + 40))`)
	p.accessible("a card above the comparison")
	p.shot("compare-card-en")
	p.keys(kb.Escape)
	p.wait("closed, with focus on the mark", `document.activeElement === `+mark+` && `+card+`.hidden`)
	p.text(`(document.querySelector('[data-compared=yrd25] .compare-map').focus(), '')`)
	p.keys("n")
	p.wait("a key goes to a mark", `document.activeElement.matches('[data-compared=yrd25] .compare-mark[role=button]')`)
}
