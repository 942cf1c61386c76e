package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestSearchPage finds what a reader means, in three ways of writing, by keys alone.
func TestSearchPage(t *testing.T) {
	address := start(t).url + "/"
	p := newPage(t, browser(t), 1280, 800, 1, false)
	typed := func(text string) {
		t.Helper()
		p.text(`(document.querySelector('#search').value = '', document.querySelector('#search').focus(), '')`)
		p.keys(text)
	}
	offers := func(what, kind, id string) {
		t.Helper()
		p.wait(what, `document.querySelector('[data-found="`+kind+`"][data-found-id="`+id+`"]') !== null`)
	}
	// walk goes down to a suggestion by the arrow keys and takes it.
	walk := func(kind, id string) {
		t.Helper()
		is := `document.querySelector('.suggestion.is-active')?.matches('[data-found="` + kind + `"][data-found-id="` + id + `"]')`
		for range 30 {
			p.keys(kb.ArrowDown)
			if p.text(`String(`+is+`)`) == "true" {
				p.wait("the field says which is meant", `document.getElementById(document.querySelector('#search').getAttribute('aria-activedescendant')).classList.contains('is-active')`)
				p.keys(kb.Enter)
				p.wait("the list is closed and the field empty", `document.querySelector('.suggestions').hidden && document.querySelector('#search').value === ''`)
				return
			}
		}
		t.Fatalf("the arrow keys do not reach %s %s", kind, id)
	}
	p.open(address + "#lang=en")
	typed("fang")
	offers("textiles by their pinyin", "group", "textiles")
	p.accessible("suggestions")
	p.shot("search-en")
	walk("group", "textiles")
	p.wait("the list holds textiles alone", `/f.family=textiles/.test(location.hash) && `+total+`.startsWith('Showing 10')`)
	p.click("[data-filter=family]")

	typed("zhusanjiao")
	offers("the Pearl River Delta by pinyin", "region", "prd")
	walk("region", "prd")
	p.wait("its row is open", `/open=prd/.test(location.hash)`)

	typed("\u4e49\u4e4c")
	offers("the place Yiwu", "place", "330782")
	walk("place", "330782")
	p.wait("the place is marked", `document.querySelector('[data-testid=found-pin]').textContent === 'Yiwu' && /map=10/.test(location.hash)`)
	p.shot("search-place")

	typed("shengze")
	p.wait("a feature is offered", `document.querySelector('[data-found=feature]') !== null`)
	id := p.text(`document.querySelector('[data-found=feature]').dataset.foundId`)
	walk("feature", id)
	p.wait("its card is open", `document.querySelector('.card:not([hidden]) h2') !== null && location.hash.includes('id=`+id+`')`)

	typed("qingdao")
	p.wait("there are suggestions", `!document.querySelector('.suggestions').hidden`)
	p.keys(kb.Escape)
	p.wait("Escape closes them and leaves what is typed", `document.querySelector('.suggestions').hidden && document.querySelector('#search').value === 'qingdao'`)
	p.wait("which filters the list", `/q=qingdao/.test(location.hash)`)

	small := newPage(t, browser(t), 390, 844, 2, true)
	small.open(address + "#lang=zh")
	small.click("#search")
	small.keys("dianzi")
	small.wait("electronics", `document.querySelector('[data-found=group][data-found-id=electronics]') !== null`)
	small.shot("search-phone")
	small.click("[data-found=group][data-found-id=electronics]")
	small.wait("a tap takes it", `/f.family=electronics/.test(location.hash)`)
}
