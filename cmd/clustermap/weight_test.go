package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// firstViewLimit is how many bytes a first view may take over the wire, without data and
// base map.
const firstViewLimit = 350_000

// isProgram tells files of the page from data.
func isProgram(path string) bool {
	return path == "/" || strings.HasPrefix(path, "/assets/") || strings.HasSuffix(path, ".svg") || strings.HasSuffix(path, ".ico")
}

// wireBytes is what a file takes as a browser gets it, with its head.
func wireBytes(t *testing.T, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	req.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	req.Header.Set("Accept", "text/html,*/*")
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	must(t, err)
	head := 0
	for name, values := range resp.Header {
		for _, v := range values {
			head += len(name) + len(v) + 4
		}
	}
	return int(n) + head
}

// TestFirstViewIsLight adds up what the page needs before any data, in both languages,
// and says how long a slow machine takes until it answers.
func TestFirstViewIsLight(t *testing.T) {
	address := start(t).url
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) { firstView(t, address, lang) })
	}
}

func firstView(t *testing.T, address, lang string) {
	p := newPage(t, browser(t), 1440, 900, 1, false)
	_, err := chromedp.Call(p.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
	must(t, err)
	began := time.Now()
	since := func() time.Duration { return time.Since(began).Round(10 * time.Millisecond) }
	must(t, chromedp.Do(p.ctx, chromedp.Navigate(address+"/#lang="+lang)))
	p.wait("the controls answer", `(document.querySelector('#search')?.focus(), document.activeElement.id === 'search')`)
	controls := since()
	p.wait("the data are drawn", marksShown+` > 0 && /40/.test(`+total+`)`)
	data := since()
	p.wait("the base map is drawn too", `document.body.dataset.ready === 'true'`)
	whole := since()
	p.wait("faces are there", `document.fonts.status === 'loaded'`)
	sent := p.text(`[location.pathname, ...performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)].join('\n')`)
	size, lines := 0, ""
	for path := range strings.SplitSeq(sent, "\n") {
		if isProgram(path) {
			n := wireBytes(t, address+path)
			size += n
			lines += fmt.Sprintf("%8d %s\n", n, path)
		}
	}
	t.Logf("%d bytes; with a processor slowed 4 times the controls answer after %v, the data are drawn after %v and the base map after %v\n%s", size, controls, data, whole, lines)
	if size > firstViewLimit {
		t.Errorf("the first view takes %d bytes, more than %d", size, firstViewLimit)
	}
}
