package main

import (
	"fmt"
	"testing"
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

	p.click("[data-sort=qprd9]")
	p.wait("sorted by a quotient", `document.querySelector('[data-sort=qprd9]').closest('th').getAttribute('aria-sort') === 'descending' && /at.sort=qprd9/.test(location.hash)`)
	p.wait("which falls", `(v => v.every((x, i) => i === 0 || v[i - 1] >= x))([...document.querySelectorAll('.compare-table tbody tr')].map(r => Number(r.cells[4].textContent)))`)

	p.choose("[data-testid=compare-definition-0]", "yrd16")
	p.equal("by the definition of 2003", numberOf("yrd16"), "10")
	drawn(0, "10")
	p.wait("the strip has every definition of both", `document.querySelectorAll('[data-testid=compare-strip] tr').length === 8`)
	p.wait("and says whether the answer survives", `document.querySelector('[data-testid=compare-survives]').dataset.survives === 'true'`)
	p.choose("[data-testid=compare-add]", "bohai5")
	p.equal("a third region", numberOf("bohai5"), "5")
	p.wait("in the address", `decodeURIComponent(location.hash).includes('cmp=yrd16,prd9,bohai5')`)
	p.shot("compare-three")
	p.accessible("three regions side by side")

	scales := `(maps => Math.max(...maps) / Math.min(...maps))([...document.querySelectorAll('.compare-map')].map(m => m.offsetWidth))`
	p.wait("maps of one width", scales+` < 1.02`)
	p.open(address + "#lang=en&theme=dark&at=compare&at.cmp=yrd25,bohai5&at.by=level&f.family=textiles")
	p.wait("a filter in force holds", server[:len(server)-len(`.then(r => r.json())`)]+`.then(() => `+numberOf("bohai5")+` === '0')`)
	p.wait("by level", `document.querySelector('[data-testid=compare-by]').value === 'level'`)
	p.shot("compare-dark-en")
	p.accessible("a comparison in the dark")
	p.click("[data-testid=work-back]")
	p.wait("the map is back", `!/at=compare/.test(location.hash) && document.querySelector('.compare') === null`)

	small := newPage(t, browser(t), 390, 844, 2, true)
	small.open(address + "#lang=zh&at=compare")
	small.wait("on a phone", numberOf("yrd25")+` === '13'`)
	small.wait("the page itself does not scroll sideways", `document.documentElement.scrollWidth <= innerWidth`)
	small.shot("compare-phone")
	small.accessible("a comparison on a phone")

	listed := newPage(t, browser(t), 1280, 800, 1, false)
	listed.open(address + "#lang=en&c=zones&at=compare")
	listed.wait("another collection", `document.querySelectorAll('.compare-column').length === 2 && Number(`+numberOf("yrd25")+`) > 10`)
}
