package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPresentation shows the map to others: as scenes, on paper, in another page.
func TestPresentation(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	t.Run("scenes", func(t *testing.T) { presentScenes(t, b, address) })
	t.Run("file", func(t *testing.T) { presentFile(t, b, address) })
	t.Run("share", func(t *testing.T) { presentShare(t, b, address) })
	t.Run("paper", func(t *testing.T) { presentPaper(t, b, address) })
	t.Run("picture on paper", func(t *testing.T) { presentPicture(t, b, address) })
	t.Run("embed", func(t *testing.T) { presentEmbed(t, b, address) })
}

const playing = `new URLSearchParams(location.hash.slice(1)).get('play')`

func presentScenes(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=zh&theme=light")
	p.click("[data-testid=present]")
	p.accessible("no scenes yet")
	p.click("[data-testid=scene-save]")
	p.wait("a row", `document.querySelector('[data-scene-row="0"]')`)
	p.wait("its name can be typed", `document.activeElement.matches('[data-focus="scene name 0"]')`)
	p.keys("三大集聚区")
	p.click("[data-region=prd] button")
	p.wait("the map flew", `location.hash.includes('open=prd') && location.hash.includes('map=')`)
	p.text(`(window.before = location.hash, '')`)
	p.click("[data-option=electronics]")
	p.wait("filtered", `location.hash.includes('f.family=electronics')`)
	p.click("[data-testid=scene-save]")
	p.wait("two rows", `document.querySelector('[data-scene-row="1"]')`)
	p.keys("Pearl & delta !*;$")
	p.text(`(document.querySelector('[data-focus="scene notes 1"]').focus(), '')`)
	p.keys("先说电子信息。")
	p.click("[data-option=electronics]")
	p.click("[data-region=bohai] button")
	p.wait("the map flew on", `location.hash.includes('open=bohai')`)
	p.text(`(document.querySelector('[data-act=sceneUp]:not(:disabled)').focus(), '')`)
	p.wait("all is in the address", `decodeURIComponent(location.hash.match(/scenes=([^&]*)/)[1]).includes('先说电子信息。')`)
	p.accessible("two scenes")
	p.shot("scenes-zh")

	for _, f := range []string{"pptx", "pdf"} {
		file := downloaded(t, p.text(`document.querySelector('[data-scenes-as=`+f+`]').href`))
		if f == "pdf" && !strings.HasPrefix(string(file), "%PDF-") || f == "pptx" && !strings.HasPrefix(string(file), "PK") {
			t.Errorf("%s begins with %.10q", f, file)
		}
		if err := os.WriteFile(filepath.Join(screenshots, "scenes."+f), file, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	p.click("[data-testid=present-start]")
	p.wait("the first scene", playing+` === '1' && document.querySelector('.presenter-title').textContent === '三大集聚区'`)
	p.wait("the map is alone", `!document.querySelector('.panel').checkVisibility({visibilityProperty: true}) && !document.querySelector('.tools').checkVisibility()`)
	p.wait("the map has the window", `document.querySelector('#map').clientWidth === innerWidth`)
	p.wait("large type", `parseFloat(getComputedStyle(document.documentElement).fontSize) > 22`)
	p.accessible("a presentation")
	p.shot("presentation-zh")
	p.keys(kb.ArrowRight)
	p.wait("the second scene", playing+` === '2' && document.querySelector('.presenter-title').textContent === 'Pearl & delta !*;$'`)
	p.equal("its filter holds", `document.querySelectorAll('.presenter-legend li').length`, "1")
	p.wait("the flight is over", `!document.querySelector('.is-flying') && /[#&]map=/.test(location.hash)`)
	p.shot("presentation-second")
	p.keys(kb.PageDown)
	p.equal("the end is the end", playing, "2")
	p.keys(kb.PageUp)
	p.equal("back", playing, "1")
	p.keys(kb.End)
	p.equal("last", playing, "2")
	p.keys(kb.Home)
	p.equal("first", playing, "1")
	p.wait("the controls hide", `document.body.classList.contains('is-quiet')`)
	p.wait("the map came to rest", `!/[#&]map=/.test(location.hash)`)
	link := p.text(`location.href`)
	p.keys(kb.Escape)
	p.wait("Escape ends it", playing+` === null && document.querySelector('.panel').checkVisibility() && document.activeElement.dataset.testid === 'present'`)

	// The link opens what was presented, scenes and all; odd ones are left out.
	second := newPage(t, b, 1280, 720, 1, false)
	second.open(link)
	second.equal("it is presented", playing, "1")
	second.equal("dots", `document.querySelectorAll('.dot').length`, "2")
	second.text(`(window.matchMedia = (old => q => /reduced-motion/.test(q) ? {matches: true} : old(q))(window.matchMedia), '')`)
	second.keys(kb.ArrowRight)
	second.wait("the second scene is there", `document.querySelector('.presenter-title').textContent === 'Pearl & delta !*;$'`)
	second.wait("without motion it is there at once", `/[#&]map=/.test(location.hash)`)
	second.open(address + "#lang=zh&play=2&" + regexp.MustCompile(`scenes=[^&]*`).FindString(link))
	second.wait("a link that has but the scenes shows the scene", `/f\.family=electronics/.test(location.hash) && document.querySelectorAll('.presenter-legend li').length === 1 && document.querySelector('.presenter-title').textContent === 'Pearl & delta !*;$'`)
	second.wait("and where it is", `/[#&]map=/.test(location.hash)`)
	second.open(address + "#lang=en")
	second.text(`(location.hash = ` + quote("lang=en&play=1&scenes=f.family$ceramics!110,20,120,40!A*!!B") + `, '')`)
	second.wait("so does one that is followed on the page", `/f\.family=ceramics/.test(location.hash) && /[#&]map=/.test(location.hash) && document.querySelector('.presenter-title').textContent === 'A'`)
	second.open(address + "#lang=en&play=99&scenes=*!!*%zz!1,2,3*map$x!1,2,1,2!a")
	second.wait("nonsense is left out", `/\b40\b/.test(`+total+`)`)
}

func presentFile(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.open(address + "#lang=en")
	drop := func(name, text string) {
		p.text(`(() => { const d = new DataTransfer(); d.items.add(new File([` + quote(text) + `], ` + quote(name) + `));
			document.querySelector('.stage').dispatchEvent(new DragEvent('drop', {dataTransfer: d, bubbles: true, cancelable: true})); return '' })()`)
	}
	drop("talk.scenes.json", `{"type":"clustermap-scenes","version":1,"scenes":[{"name":"A","notes":"","at":"f.family=ceramics","box":[110,20,120,40]},{"name":"B","notes":"n","at":"","box":null}]}`)
	p.wait("two scenes are read", `document.querySelectorAll('.scene').length === 2 && /2 scenes read/.test(document.querySelector('.scenes-said').textContent)`)
	p.text(`(URL.createObjectURL = (old => b => { b.text().then(t => { window.kept = t }); return old.call(URL, b) })(URL.createObjectURL), HTMLAnchorElement.prototype.click = function () { window.name2 = this.download }, '')`)
	p.click("[data-testid=scenes-keep]")
	p.wait("the file", `window.kept && /\.scenes\.json$/.test(window.name2)`)
	hash := p.text(`location.hash`)
	kept := p.text(`window.kept`)
	p.click("[data-act=sceneDelete]")
	p.equal("one is left", `document.querySelectorAll('.scene').length`, "1")
	drop("talk.scenes.json", kept)
	p.equal("the file gives the same scenes", `location.hash`, hash)
	for name, bad := range map[string]string{"a.scenes.json": "{", "b.scenes.json": `{"type":"FeatureCollection","features":[]}`, "c.scenes.json": `{"type":"clustermap-scenes","scenes":[{"at":1}]}`} {
		drop(name, bad)
		p.wait("what is wrong with "+name, `document.querySelector('.scenes-said').textContent.includes(`+quote(name)+`)`)
	}
	p.equal("the scenes stay", `location.hash`, hash)
	p.accessible("scenes from a file")
	p.shot("scenes-en")
	phone := newPage(t, b, 390, 844, 2, true)
	phone.open(address + hash)
	phone.click("[data-testid=present]")
	phone.wait("scenes on a phone", `document.querySelector('.scenes').getBoundingClientRect().bottom <= innerHeight`)
	phone.accessible("scenes on a phone")
	phone.shot("scenes-phone")
	phone.click("[data-testid=present-start]")
	phone.equal("presented on a phone", playing, "1")
	phone.wait("the flight is over", `/[#&]map=/.test(location.hash) && !document.querySelector('.is-flying')`)
	phone.shot("presentation-phone")
}

func presentShare(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&f.family=ceramics&map=5/30/112")
	p.click("[data-testid=share]")
	p.wait("the pinned image is told", `document.querySelector('[data-share=pinned]')`)
	p.accessible("the menu of sharing")
	p.shot("share-en")
	value := func(what string) string { return p.text(`document.querySelector('[data-share=` + what + `]').value`) }
	if link := value("link"); link != p.text(`location.href`) {
		t.Errorf("the link is %s", link)
	}
	if code := value("embed"); !strings.HasPrefix(code, `<iframe src="`+address+`embed?map=5/30/112&amp;lang=en&amp;f.family=ceramics"`) {
		t.Errorf("the frame is %s", code)
	}
	image, pinned := value("image"), value("pinned")
	if a, b := downloaded(t, image), downloaded(t, pinned); string(a) != string(b) || !strings.HasPrefix(pinned, image+"&rev=") {
		t.Errorf("the images differ: %s %s", image, pinned)
	}
	p.text(`(navigator.clipboard.writeText = async text => { window.taken = text }, '')`)
	p.click("[data-copy=embed]")
	p.wait("copied", `window.taken === document.querySelector('[data-share=embed]').value && /Copied/.test(document.querySelector('[data-copy=embed]').textContent)`)
	p.keys(kb.Escape)
	p.wait("Escape closes the menu", `document.querySelector('#share-menu').hidden && document.activeElement.dataset.testid === 'share'`)
}

func presentPaper(t *testing.T, b context.Context, address string) {
	for _, test := range []struct{ name, at string }{{"zh", "#lang=zh&theme=light"}, {"dark", "#lang=zh&theme=dark"}, {"en", "#lang=en&theme=light&tab=list&f.family=ceramics&map=5/30/112"}} {
		p := newPage(t, b, 1440, 900, 1, false)
		p.open(address + test.at)
		hash := p.text(`location.hash`)
		pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(screenshots, "paper-"+test.name+".pdf"), pdf, 0o644); err != nil {
			t.Fatal(err)
		}
		if n := sheets(pdf); n != 1 {
			t.Errorf("%s: the page goes on %d sheets", test.name, n)
		}
		p.equal("the page is as it was", `location.hash`, hash)
		p.wait("the map has its place again", `document.querySelector('#map').getBoundingClientRect().height === innerHeight`)
	}
}

// With the panel of pictures open the picture is what is printed.
func presentPicture(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.open(address + "#lang=en&theme=dark")
	openPictures(p)
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(screenshots, "paper-picture.pdf"), pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	if n := sheets(pdf); n != 1 {
		t.Errorf("the picture goes on %d sheets", n)
	}
}

func sheets(pdf []byte) int { return len(regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1)) }

func presentEmbed(t *testing.T, b context.Context, address string) {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Another page</title><body style="margin:20px"><h1>Another page</h1>
<iframe src="%sembed?lang=en&f.family=ceramics" width="640" height="400" style="border:0" title="map"></iframe>
<iframe src="%sembed?lang=zh" width="320" height="240" style="border:0" title="small map"></iframe></body>`, address, address)
	}))
	t.Cleanup(host.Close)
	p := newPage(t, b, 1040, 520, 1, false)
	if err := chromedp.Do(p.ctx, chromedp.Navigate(host.URL)); err != nil {
		t.Fatal(err)
	}
	p.wait("frames are there", `document.querySelectorAll('iframe').length === 2`)
	p.text(`new Promise(done => setTimeout(done, 2500))`)
	p.shot("embedded")

	// The same, looked into.
	for _, size := range []struct{ w, h int64 }{{320, 240}, {640, 400}} {
		p := newPage(t, b, size.w, size.h, 1, false)
		p.open(address + "embed?lang=en&f.family=ceramics")
		p.equal("filtered by the query", marksOrGrouped, "5")
		p.wait("the map alone", `!document.querySelector('.panel').checkVisibility({visibilityProperty: true}) && !document.querySelector('.tools').checkVisibility() && document.querySelector('#map').clientWidth === innerWidth`)
		p.wait("credit, zoom and one link", `document.querySelector('.credit').checkVisibility() && document.querySelector('.zoom-box').checkVisibility() && document.querySelectorAll('a').length === 1`)
		p.equal("the link leads to the whole map", `(a => a.href + a.target)(document.querySelector('.embed-link'))`, address+"#lang=en&f.family=ceramics_blank")
		p.accessible(fmt.Sprintf("the map in a frame of %d", size.w))
		p.shot(fmt.Sprintf("embed-%d", size.w))
		n := p.text(`history.length`)
		p.click(".mark")
		p.wait("the frame leaves the history alone", `history.length == `+n)
	}
}
