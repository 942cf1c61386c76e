package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestManyTabs holds that more pages than a browser has lines to a server are open at
// once, with one stream of events, and that each hears of a change, also after the page
// that had the stream is gone.
func TestManyTabs(t *testing.T) {
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(3, "x"))
	in := watching(t, a)
	b := browser(t)
	var pages []*page
	for range 7 {
		p := newPage(t, b, 800, 600, 1, false)
		p.open(in.url + "/#c=a&lang=en")
		p.wait("the number of places", `/\b3\b/.test(`+total+`)`)
		pages = append(pages, p)
	}
	listeners := func() string {
		resp, err := http.Get(in.url + "/metrics")
		must(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "clustermap_event_clients") {
				return value
			}
		}
		return ""
	}
	if n := listeners(); n != "1" {
		t.Errorf("%s streams of events are open, want 1", n)
	}
	write(t, a, places(4, "x"))
	for _, p := range pages {
		p.wait("each page has the change", `/\b4\b/.test(`+total+`)`)
	}
	if err := chromedp.Do(pages[0].ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	pages = pages[1:]
	pages[0].wait("another page has the stream", `navigator.locks.query().then(q => q.held.length === 1)`)
	write(t, a, places(5, "x"))
	for _, p := range pages {
		p.wait("each page has the next change", `/\b5\b/.test(`+total+`)`)
	}
}
