package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The page is driven in a real browser. Screenshots are kept in out/screenshots.
const screenshots = "../../out/screenshots"

// browser starts one Chromium for a test and its parts.
func browser(t testing.TB) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium: apt-get install chromium")
	}
	if _, err := os.Stat("../../web/dist/index.html"); err != nil {
		t.Fatal("the map page is not built: make build")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN"), chromedp.Env("LANGUAGE=zh_CN.UTF-8"),
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// page is one tab. Whatever the page writes to its console as an error fails
// the test, except what the test expects.
type page struct {
	t        testing.TB
	ctx      context.Context
	mu       sync.Mutex
	expected string // errors that contain this are no fault
}

func newPage(t testing.TB, browser context.Context, width, height int64, scale float64, phone bool) *page {
	t.Helper()
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	p := &page{t: t, ctx: ctx}
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			p.mu.Lock()
			fault := (m.Type == "error" || m.Type == chromedp.ConsoleException) && (p.expected == "" || !strings.Contains(m.Text+m.URL, p.expected))
			p.mu.Unlock()
			if fault {
				t.Errorf("console: %s %s (%s:%d)", m.Type, m.Text, m.URL, m.Line)
			}
		}
	}()
	emulate := []chromedp.EmulateViewportOption{chromedp.EmulateScale(scale)}
	if phone {
		emulate = append(emulate, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height, emulate...)); err != nil {
		t.Fatal(err)
	}
	return p
}

// expect says which errors are no fault from now on: those that contain the text.
func (p *page) expect(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = text
}

// open loads an address and waits until the data are drawn.
func (p *page) open(url string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("%s: %v", url, err)
	}
	p.wait("the page is ready", `document.body.hasAttribute('data-ready')`)
}

// wait polls until the expression, or what it promises, is true.
func (p *page) wait(what, expression string) {
	p.t.Helper()
	deadline := time.Now().Add(time.Minute) // software GL beside the race detector takes its time
	for {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`Promise.resolve(`+expression+`).then(Boolean)`, chromedp.EvalAwaitPromise))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			p.shot("failed-" + strings.ReplaceAll(strings.ReplaceAll(p.t.Name(), "/", "-"), " ", "_"))
			p.t.Fatalf("never came true: %s: %s (%v)", what, expression, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// text is the value of an expression as a string.
func (p *page) text(expression string) string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

func (p *page) equal(what, expression, want string) {
	p.t.Helper()
	p.wait(what+" is "+want, fmt.Sprintf(`String(%s) === %s`, expression, quote(want)))
}

// click presses what a selector names, where its middle is.
func (p *page) click(selector string) {
	p.t.Helper()
	p.wait(selector+" is there", `document.querySelector(`+quote(selector)+`)`)
	at := p.text(`(() => { const e = document.querySelector(` + quote(selector) + `); e.scrollIntoView({block: 'nearest'});
		const r = e.getBoundingClientRect(); return (r.left + r.width / 2) + ' ' + (r.top + r.height / 2) })()`)
	var x, y float64
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		p.t.Fatal(err)
	}
	if err := chromedp.Do(p.ctx, chromedp.MouseClickXY(x, y)); err != nil {
		p.t.Fatalf("%s: %v", selector, err)
	}
}

// choose picks an option of a select as a reader does.
func (p *page) choose(selector, value string) {
	p.t.Helper()
	p.text(`(() => { const e = document.querySelector(` + quote(selector) + `); e.value = ` + quote(value) + `;
		e.dispatchEvent(new Event('change', {bubbles: true})); return '' })()`)
}

func (p *page) keys(keys string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(keys)); err != nil {
		p.t.Fatal(err)
	}
}

// shot keeps a picture of the page in out/screenshots.
func (p *page) shot(name string) []byte {
	p.t.Helper()
	time.Sleep(800 * time.Millisecond)
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.MkdirAll(screenshots, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(screenshots, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return png
}

// accessible runs axe-core on the page as it is now. Nothing serious may be
// found.
func (p *page) accessible(where string) {
	p.t.Helper()
	script, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		p.t.Fatal("axe-core is not installed: (cd web && npm ci)")
	}
	if err := chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](string(script))); err != nil {
		p.t.Fatal(err)
	}
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](`axe.run(document, {resultTypes: ['violations']}).then(r =>
		r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
			.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')))`,
		chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		p.t.Fatal(err)
	}
	var violations []string
	if err := json.Unmarshal(found, &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		p.t.Errorf("axe on %s: %s", where, v)
	}
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

const (
	total      = `document.querySelector('[data-testid=total]').textContent.replace(/\s+/g, ' ').trim()`
	cardTitle  = `(document.querySelector('.card h2') || {}).textContent`
	marksShown = `new Set([...document.querySelectorAll('.mark[data-feature-id], .stack [data-feature-id]')].map(e => e.dataset.featureId)).size`
)

func countOf(region string) string {
	return `document.querySelector('[data-region=` + region + `] [data-count], [data-region=` + region + `][data-count]').dataset.count`
}
