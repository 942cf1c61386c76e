package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// held is how many features the areas or cells of the map stand for.
const held = `(document.querySelector('.shades') || document.createElement('i')).dataset.held`

// A small collection has the same switch as a large one, and in each mode the map
// stands for what the list holds.
func TestSwitchOfTheAtlas(t *testing.T) {
	address := start(t).url + "/"
	p := newPage(t, browser(t), 1280, 800, 1, false)
	areasOf := func(by, more string) string {
		return `fetch('collections/clusters/groups?f=json&by=` + by + more + `').then(r => r.json()).then(a => a.features.filter(f => f.geometry.type !== 'Point').length)`
	}
	p.open(address + "#lang=en")
	p.equal("its own symbols at first", `document.querySelector('[data-show=groups]').getAttribute('aria-pressed') + ' ' + location.hash.includes('view=')`, "true false")
	p.equal("clusters on the map", onMap, "40")
	p.click("[data-show=features]")
	p.wait("the switch is in the address", `/view=features/.test(location.hash)`)
	p.equal("clusters by themselves", onMap, "40")
	p.wait("none is merged", `![...document.querySelectorAll('.mark[data-group]')].some(e => !e.matches('.mark-closed'))`)
	p.accessible("features of the atlas")

	p.click("[data-show=territory]")
	p.equal("clusters in provinces", held, "40")
	p.wait("as many provinces as the server says", areasOf("division:province", "")+`.then(n => document.querySelector('.shades').dataset.areas === String(n))`)
	p.wait("no symbol is left beside them", `document.querySelectorAll('.mark[data-feature-id]').length === 0`)
	p.wait("the lines of the regions stay above", `getComputedStyle(document.querySelector('.outlines-pane')).zIndex > getComputedStyle(document.querySelector('.areas-pane')).zIndex`)
	p.accessible("territory of the atlas")
	for _, by := range []string{"division:prefecture", "division:county", "region:yrd25", "region:prd9"} {
		p.choose("[data-testid=areas]", by)
		p.equal("clusters by "+by, held, "40")
		p.wait("as many areas as the server says by "+by, areasOf(by, "")+`.then(n => document.querySelector('.shades').dataset.areas === String(n))`)
	}

	p.open(address + "#lang=en&view=hex&f.family=textiles&q=zhejiang")
	p.wait("cells of what search and filter leave", held+` === `+total+`.match(/\d+/)[0] && Number(`+held+`) > 1`)
	p.click("[data-filter=text]")
	p.equal("cells of what the filter leaves", held, "10")
	p.click("[data-filter=family]")
	p.equal("all clusters", held, "40")
	p.text(`(document.querySelector('#map').focus(), '')`)
	p.keys("n")
	p.wait("the keyboard goes to a cell", `/^\d+ clusters?, \d+ of \w+/.test(document.activeElement.getAttribute('aria-label')) && document.activeElement.matches('.mark-cursor')`)
	n := p.text(`document.activeElement.getAttribute('aria-label').match(/\d+/)[0]`)
	p.keys(kb.Enter)
	p.equal("Enter opens it", `document.querySelector('.group-card b').textContent`, n)
	p.equal("with its members", `String(document.querySelectorAll('.group-card .member').length)`, n)
	p.accessible("a cell of the atlas")
	p.click(".group-card .member")
	p.wait("a member opens", `document.querySelector('.card h2').textContent.length > 3`)
	p.equal("and stands on the map", `document.querySelectorAll('.mark.is-selected').length`, "1")

	p.open(address + "#lang=zh&show=hexagons&theme=dark")
	p.equal("an older link", held, "40")
	p.accessible("hexagons in the dark")
}

// So has every other collection that the page holds, up to those whose features have a
// dot each, and the numbers have room on a phone.
func TestSwitchOfOtherCollections(t *testing.T) {
	dir := t.TempDir()
	var wells strings.Builder
	for i := range 1500 {
		geometry := fmt.Sprintf(`{"type":"Point","coordinates":[%.3f,%.3f]}`, 112+float64(i%50)/20, 27+float64(i/50)/10)
		if i == 7 {
			geometry = "null"
		}
		fmt.Fprintf(&wells, `{"type":"Feature","id":"w%d","geometry":%s,"properties":{"name":"Well %d","kind":%q}}`+"\n", i, geometry, i, []string{"deep", "old"}[i%2])
	}
	if err := os.WriteFile(filepath.Join(dir, "wells.ndjson"), []byte(wells.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	writeFirms(t, dir, 30_000)
	address := start(t, "-atlas", dir).url + "/"
	b := browser(t)
	p := newPage(t, b, 1280, 800, 1, false)
	p.open(address + "#lang=en&c=wells&view=features")
	p.wait("no symbols, but dots", `document.querySelectorAll('.mark').length === 0 && document.querySelector('.features-pane canvas')`)
	p.text(`(document.querySelector('#map').focus(), '')`)
	p.keys("n")
	p.wait("the keyboard goes to a dot", `/^Well \d+/.test(document.activeElement.getAttribute('aria-label'))`)
	name := p.text(`/^Well \d+/.exec(document.activeElement.getAttribute('aria-label'))[0]`)
	p.keys(kb.Enter)
	p.equal("Enter opens it", cardTitle, name)
	p.accessible("dots")
	p.wait("there is no territory without codes", `!document.querySelector('[data-show=territory]')`)
	p.click("[data-show=hex]")
	p.equal("wells with a place in cells", held, "1499")
	p.click("[data-show=groups]")
	p.wait("groups again", onMap+` > 1400 && !document.querySelector('.shades')`)

	p = newPage(t, b, 390, 844, 2, true)
	p.open(address + "#lang=zh&c=firms")
	p.wait("counts of regions are whole on a phone", `[...document.querySelectorAll('.region-count')].length === 3 && [...document.querySelectorAll('.region-count')].every(e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right <= innerWidth - 8 })`)
}
