package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestExplorer opens the API explorer from the API's page and makes a request
// with it.
func TestExplorer(t *testing.T) {
	address := start(t).url
	p := newPage(t, browser(t), 1280, 900, 1, false)
	if err := chromedp.Do(p.ctx, chromedp.Navigate(address+"/api?f=html")); err != nil {
		t.Fatal(err)
	}
	p.click(`a[href$="/explorer.html"]`)
	p.wait("the operations are listed", `document.querySelectorAll('.opblock').length > 10`)
	p.wait("the title is there", `document.querySelector('.info .title')?.textContent.includes('cluster')`)
	p.shot("explorer")
	const operation = `document.querySelector('[id$="getConformance"]')`
	p.click(`[id$="getConformance"] .opblock-summary-control`)
	p.wait("the operation is read", operation+`.querySelector('.responses-table .model-example')`)
	p.text(operation + `.querySelector('.execute').click()`)
	p.wait("the answer is shown", operation+`.querySelector('.live-responses-table')?.textContent.includes('ogcapi-features-1')`)
	p.shot("explorer-answer")
}
