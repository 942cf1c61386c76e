package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestHelpPage opens the help of a first visit: all its links lead somewhere, and the
// keyboard comes back to where it was.
func TestHelpPage(t *testing.T) {
	address := start(t).url + "/"
	for _, lang := range []string{"en", "zh"} {
		p := newPage(t, browser(t), 1280, 800, 1, false)
		p.open(address + "#lang=" + lang)
		p.click("[data-testid=help-open]")
		p.wait("it is open", `document.querySelector('dialog[data-testid=help]')?.open`)
		p.accessible("the help in " + lang)
		p.shot("help-" + lang)
		p.wait("its links lead somewhere", `Promise.all([...document.querySelectorAll('.help a')].map(a => fetch(a.href, {headers: {Accept: 'text/html'}}).then(r => r.ok))).then(all => all.length === 3 && all.every(ok => ok))`)
		p.keys(kb.Escape)
		p.wait("Escape closes it and leads back", `document.querySelector('dialog[data-testid=help]') === null && document.activeElement.dataset.testid === 'help-open'`)
	}
	small := newPage(t, browser(t), 390, 844, 2, true)
	small.open(address + "#lang=zh")
	small.click("[data-testid=help-open]")
	small.wait("on a small phone too", `document.querySelector('.help').getBoundingClientRect().right <= innerWidth`)
	small.shot("help-phone")
}
