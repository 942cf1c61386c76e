package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestPicturePanel makes pictures as someone does who needs them in ten minutes.
func TestPicturePanel(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	t.Run("formats", func(t *testing.T) { panelFormats(t, b, address) })
	t.Run("choices", func(t *testing.T) { panelChoices(t, b, address) })
	t.Run("clipboard", func(t *testing.T) { panelClipboard(t, b, address) })
	t.Run("keyboard", func(t *testing.T) { panelKeyboard(t, b, address) })
	t.Run("sizes", func(t *testing.T) { panelSizes(t, b, address) })
}

const (
	previewDrawn    = `(() => { const i = document.querySelector('[data-testid=picture-preview]'); return i.complete && i.naturalWidth > 0 && !document.querySelector('.picture.is-waiting') && i.getAttribute('src') })()`
	previewAddress  = `document.querySelector('[data-testid=picture-preview]').src`
	downloadAddress = `document.querySelector('[data-testid=picture-download]').href`
	pictureChecks   = `document.querySelector('[data-testid=picture-checks]').textContent`
)

// openPictures opens the panel and waits for its first preview.
func openPictures(p *page) {
	p.t.Helper()
	p.click("[data-testid=picture]")
	p.wait("the preview", previewDrawn)
	p.wait("the checks", pictureChecks+` !== ''`)
}

// previewOf waits until the preview is that of an address with the text in it.
func (p *page) previewOf(part string) {
	p.t.Helper()
	p.wait("the preview of "+part, `decodeURIComponent(`+previewAddress+`.replaceAll('+', ' ')).includes(`+quote(part)+`) && `+previewDrawn)
}

func panelFormats(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=zh&theme=light")
	openPictures(p)
	p.wait("forty clusters are told", `document.querySelector('[data-features="40"]')`)
	p.accessible("the panel of pictures")
	p.shot("picture-panel-zh")
	for _, f := range []struct{ name, begins string }{{"pptx", "PK\x03\x04"}, {"pdf", "%PDF-"}, {"svg", "<?xml"}, {"png", "\x89PNG"}} {
		p.click("[data-choice=" + f.name + "]")
		p.wait("the download is "+f.name, downloadAddress+`.includes('f=`+f.name+`')`)
		preview := map[string]string{"png": "f=png"}[f.name]
		if preview == "" {
			preview = "f=svg"
		}
		p.previewOf(preview)
		got := downloaded(t, p.text(downloadAddress))
		if !bytes.HasPrefix(got, []byte(f.begins)) {
			t.Errorf("%s begins with %.20q", f.name, got)
		}
		if f.name != "svg" && f.name != "png" {
			// Drawn from the same request: only f differs.
			same := p.text(downloadAddress + `.replace('f=` + f.name + `', 'f=svg') === ` + previewAddress)
			if same != "true" {
				t.Errorf("%s is not of the request of the preview", f.name)
			}
			continue
		}
		p.text(`(window.shown = '', fetch(` + previewAddress + `).then(r => r.arrayBuffer()).then(b => { window.shown = btoa([...new Uint8Array(b)].map(c => String.fromCharCode(c)).join('')) }), '')`)
		p.wait("the bytes of the preview", `window.shown`)
		shown, err := base64.StdEncoding.DecodeString(p.text(`window.shown`))
		if err != nil || !bytes.Equal(shown, got) {
			t.Errorf("%s: the preview has %d bytes, the download %d; %v", f.name, len(shown), len(got), err)
		}
	}
}

func downloaded(t *testing.T, address string) []byte {
	t.Helper()
	resp, body := fetch(t, address)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %.300s", address, resp.StatusCode, body)
	}
	return body
}

func panelChoices(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&theme=dark&f.family=ceramics&def=yrd:yrd16&map=6/31/120")
	openPictures(p)
	url := p.text(`decodeURIComponent(` + previewAddress + `)`)
	for _, part := range []string{"style=dark", "lang=en", "collections=clusters", "bbox=", "regions=", "yrd16", "view=groups", "filter="} {
		if !strings.Contains(url, part) {
			t.Errorf("the picture does not show what the map shows: %s lacks %s", url, part)
		}
	}
	p.accessible("the dark panel")
	p.shot("picture-panel-dark-en")
	p.click("[data-choice=all]")
	p.wait("everything", `!`+previewAddress+`.includes('bbox=')`)
	p.wait("five potteries", `document.querySelector('[data-features="5"]')`)
	p.click("#picture-name")
	p.keys("Potteries 𠮷 🏺 & more")
	p.previewOf("title=Potteries 𠮷 🏺 & more")
	p.wait("what has no glyph is named", `document.querySelector('.check.is-warn')?.textContent.includes('🏺')`)
	p.wait("the caret stays", `document.activeElement.id === 'picture-name'`)
	p.click("[data-part=regions]")
	p.previewOf("regions=none")
	p.click("[data-part=labels]")
	p.previewOf("labels=false")
	p.click("[data-part=review]")
	p.wait("the number can be given", `document.activeElement.id === 'picture-review'`)
	p.keys("GS(2024)0650")
	p.previewOf("review=GS(2024)0650")
	for choice, part := range map[string]string{"upright": "width=794&height=1123", "square": "width=1080&height=1080", "print": "style=print", "both": "lang=both"} {
		p.click("[data-choice=" + choice + "]")
		p.previewOf(part)
	}
	p.shot("picture-panel-square-en")
	p.click("[data-choice=png]")
	p.click("[data-choice=poster]")
	p.choose("#picture-dpi", "192")
	p.equal("pixels", `document.querySelector('[data-testid=picture-size]').textContent`, "4490 × 6358 pixels")

	// What the server refuses is told in its words, and another choice goes on.
	p.expect("Failed to load resource")
	p.text(`(window.fetch = (f => (u, o) => f(String(u).includes('style=light') ? 'map?f=svg&style=none' : u, o))(window.fetch), '')`)
	p.click("[data-choice=svg]")
	p.click("[data-choice=light]")
	p.wait("the refusal", `/no "none"/.test(document.querySelector('.picture-said')?.textContent)`)
	p.accessible("a refused picture")
	p.click("[data-choice=dark]")
	p.previewOf("style=dark")
}

func panelClipboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en")
	openPictures(p)
	const note = `document.querySelector('[data-testid=picture-note]').textContent`
	p.text(`(navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError')), '')`)
	p.click("[data-testid=picture-clipboard]")
	p.wait("what to do instead", `/Copy image/.test(`+note+`)`)
	p.text(`(navigator.clipboard.write = async items => { const b = await items[0].getType('image/png'); window.taken = b.type + ' ' + b.size }, '')`)
	p.click("[data-testid=picture-clipboard]")
	p.wait("it is on the clipboard", `/on the clipboard/.test(`+note+`) && /^image.png \d{5}/.test(window.taken)`)
	p.text(`(navigator.clipboard.writeText = async text => { window.address = text }, '')`)
	p.click("[data-testid=picture-address]")
	p.wait("the address is whole", `window.address === `+downloadAddress)
}

func panelKeyboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.open(address + "#lang=en")
	p.text(`(document.querySelector('[data-testid=picture]').focus(), '')`)
	p.keys(kb.Enter)
	p.wait("the preview", previewDrawn)
	before := p.text(`location.hash`)
	stops := map[string]bool{}
	for range 60 {
		p.keys(kb.Tab)
		stops[p.text(`document.activeElement.closest('.picture') ? document.activeElement.dataset.focus || document.activeElement.id : document.activeElement === document.body ? 'body' : 'outside'`)] = true
	}
	if stops["outside"] {
		t.Error("Tab leaves the panel while it is open")
	}
	for _, want := range []string{"picture close", "picture preset wide", "picture name", "picture part legend", "picture format pptx", "picture-download", "picture-address", "picture-clipboard"} {
		if !stops[want] {
			t.Errorf("Tab does not reach %s", want)
		}
	}
	p.text(`(document.querySelector('[data-choice=slide]').focus(), '')`)
	p.keys(" ")
	p.previewOf("width=960")
	p.wait("focus stays", `document.activeElement.dataset.choice === 'slide'`)
	p.keys(kb.ArrowRight)
	p.equal("the map behind stays", `location.hash`, before)
	p.keys(kb.Escape)
	p.wait("Escape closes and gives the focus back", `!document.querySelector('.picture').open && document.activeElement.dataset.testid === 'picture'`)
}

func panelSizes(t *testing.T, b context.Context, address string) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"picture-phone-zh", 390, 844, true}, {"picture-small", 360, 640, true}, {"picture-sideways", 740, 360, true}, {"picture-middle", 820, 1100, false}} {
		p := newPage(t, b, size.width, size.height, 2, size.phone)
		p.open(address + "#lang=zh&theme=light")
		openPictures(p)
		p.wait("nothing is cut off sideways on "+size.name, `document.querySelector('.picture').scrollWidth <= innerWidth && document.querySelector('.picture-form').scrollWidth <= document.querySelector('.picture-form').clientWidth`)
		p.wait("the download can be reached on "+size.name, `document.querySelector('[data-testid=picture-download]').getBoundingClientRect().bottom <= innerHeight`)
		p.wait("some of the choices are seen on "+size.name, `document.querySelector('.picture-form').clientHeight > 60 && document.querySelector('.picture-image').clientHeight > 60`)
		p.accessible(size.name)
		p.shot(size.name)
	}
}
