package main

import (
	"context"
	"testing"

	permissions "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// onClipboard reads what the page has put there: the size of a picture, or text and table.
const onClipboard = `navigator.clipboard.read().then(async ([it]) => Object.fromEntries(await Promise.all(it.types.map(async t => [t, t.startsWith('text/') ? await (await it.getType(t)).text() : (await createImageBitmap(await it.getType(t))).width])))).then(all => { window.clip = all })`

// TestChartsCopied takes every chart of the analysis along, as a picture and as figures,
// by the clipboard of the browser itself.
func TestChartsCopied(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	p := newPage(t, b, 1280, 800, 1, false)
	err := chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, name := range []string{"clipboard-read", "clipboard-write"} {
			allow := permissions.SetPermissionParams{Permission: &permissions.PermissionDescriptor{Name: name}, Setting: permissions.PermissionSettingGranted}
			if _, err := cdp.Call(ctx, target, permissions.SetPermission, allow); err != nil {
				return err
			}
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	p.still()
	p.open(address + "#lang=en&theme=light&c=listed_clusters&at=concentration&at.trade=textiles")
	p.wait("the figures", figuresHere+` && document.querySelectorAll('.work-side .chart-svg').length === 4`)
	for _, c := range []struct{ chart, columns string }{
		{"hot", "Cell,Count,z,p"}, {"lorenz", `"Across, %","Up, %"`}, {"places", `Place,Count,"Share, %",LQ,Low,High`}, {"pairs", `"Distance, km","Found, %",Low,High`},
	} {
		of := "[data-chart=" + c.chart + "] "
		p.click(of + "[data-act=take]")
		p.click(of + "[data-take=copy]")
		p.wait("the picture is copied", `/clipboard/.test(document.querySelector(`+quote(of+".chart-said")+`).textContent)`)
		p.text(`(window.clip = null, ` + onClipboard + `, '')`)
		p.wait("the picture", `window.clip && window.clip['image/png'] > 400`)
		p.click(of + "[data-act=take]")
		p.click(of + "[data-take=copy-csv]")
		p.wait("the figures are copied", `/figures are on the clipboard/.test(document.querySelector(`+quote(of+".chart-said")+`).textContent)`)
		p.text(`(window.clip = null, ` + onClipboard + `, '')`)
		p.wait("the figures as text", `window.clip && window.clip['text/plain'].startsWith(`+quote(c.columns)+`) && window.clip['text/plain'].split('\n').length > 3`)
		p.wait("and as a table", `/<table>/.test(window.clip['text/html'].replace(/<table[^>]*>/, '<table>')) && /<td/.test(window.clip['text/html'])`)
	}
}
