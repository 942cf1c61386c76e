package main

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// recorder keeps in a page the times between frames from now on, and of each frame
// that was late, before now too, which script of ours ran longest in it.
const recorder = `(() => {
	let frames = [], late = [], last = performance.now(), bytes = 0
	const tick = t => { frames.push(t - last); last = t; requestAnimationFrame(tick) }
	requestAnimationFrame(tick)
	performance.setResourceTimingBufferSize(10000)
	const size = () => performance.getEntriesByType('resource').reduce((n, e) => n + e.transferSize, 0)
	new PerformanceObserver(list => { for (const e of list.getEntries()) {
		const ours = e.scripts.filter(s => s.sourceURL.includes('/assets/'))
		const script = ours.reduce((a, b) => b.duration > a.duration ? b : a, {duration: 0, sourceFunctionName: '', invoker: ''})
		late.push({Frame: e.duration, Script: script.duration, What: script.invoker + ' ' + script.sourceFunctionName})
	} }).observe({type: 'long-animation-frame', buffered: true})
	window.measured = () => {
		const now = size()
		const out = {Frames: frames, Late: late, Bytes: now - bytes}
		frames = []; late = []; bytes = now
		return JSON.stringify(out)
	}
	return ''
})()`

// measured is what recorder kept of a phase.
type measured struct {
	Frames []float64 // milliseconds
	Late   []struct {
		Frame, Script float64 // milliseconds; Script is the longest one of ours
		What          string
	}
	Bytes int
}

const millionFirms = 1_000_000

// A planner on a million points, in a real browser: frame times, bytes, and the
// longest that a script of ours ran at once. Each phase goes on from the one before
// it and runs once: -benchtime 1x.
func BenchmarkMapLoad(b *testing.B) {
	dir := b.TempDir()
	writeFirms(b, dir, millionFirms)
	address := start(b, dir).url + "/"
	p := newPage(b, browser(b), 1440, 900, 1, false)
	for _, phase := range mapPhases {
		b.Run(phase.name, func(b *testing.B) {
			p.t = b
			phase.run(p, address)
			p.measured().report(b)
		})
	}
	b.Run("reload", func(b *testing.B) {
		p.t = b
		writeFirms(b, dir, millionFirms*9/10)
		for began := time.Now(); p.text(`/ of 900,000 /.test(`+total+`)`) != "true"; time.Sleep(100 * time.Millisecond) {
			if time.Since(began) > 2*time.Minute {
				b.Fatal("the page never showed the new data")
			}
		}
		p.measured().report(b)
	})
}

// measured takes what recorder kept once the map is at rest.
func (p *page) measured() measured {
	p.t.Helper()
	p.wait("the map is at rest", settled)
	var m measured
	if err := json.Unmarshal([]byte(p.text(`measured()`)), &m); err != nil {
		p.t.Fatal(err)
	}
	return m
}

type mapPhase struct {
	name string
	run  func(p *page, address string)
}

// settled is that nothing is awaited and nothing moves.
const settled = `document.querySelector('[data-testid=busy]').hidden && !document.querySelector('.leaflet-zoom-anim') && !document.querySelector('.is-leaving')`

var mapPhases = []mapPhase{
	{"open", func(p *page, address string) {
		p.open(address + "#lang=en&c=firms")
		p.text(recorder)
		p.equal("features on the map", onMap, "999000")
	}},
	{"zoom in, groups", func(p *page, _ string) { p.walk("+", 6) }},
	{"pan, groups", func(p *page, _ string) {
		p.walk("ArrowRight", 6)
		p.walk("ArrowDown", 6)
	}},
	{"zoom out, groups", func(p *page, _ string) { p.walk("-", 6) }},
	{"filter", func(p *page, _ string) {
		p.click("[data-option=tiles]")
		p.wait("filtered", `!/1,000,000 of/.test(`+total+`)`)
	}},
	{"no filter", func(p *page, _ string) {
		p.click("[data-option=tiles]")
		p.wait("not filtered", `/1,000,000 of/.test(`+total+`)`)
	}},
	{"features", func(p *page, _ string) {
		p.click("[data-show=features]")
		p.wait("tiles are drawn", drawnTiles)
	}},
	{"zoom in, features", func(p *page, _ string) { p.walk("+", 6) }},
	{"pan, features", func(p *page, _ string) {
		p.walk("ArrowLeft", 6)
		p.walk("ArrowUp", 6)
	}},
	{"hexagons", func(p *page, _ string) {
		p.click("[data-show=hex]")
		p.wait("cells", `document.querySelector('.shade-table td')`)
	}},
	{"zoom out, hexagons", func(p *page, _ string) { p.walk("-", 5) }},
	{"list, to the 600th row", func(p *page, _ string) {
		p.click("[data-testid=list-toggle]")
		p.wait("rows", `(document.querySelector('.panel-body').scrollTop = 1e9, Number([...document.querySelectorAll('.row')].at(-1).dataset.index) > 600)`)
	}},
}

// walk presses a key of the map again and again, as fast as a reader does.
func (p *page) walk(key string, times int) {
	p.t.Helper()
	p.text(`(document.querySelector('#map').focus(), '')`)
	for range times {
		p.text(`(document.querySelector('#map').dispatchEvent(new KeyboardEvent('keydown', {key: ` + quote(key) + `, bubbles: true, cancelable: true})), '')`)
		time.Sleep(400 * time.Millisecond)
	}
}

// frame is a quantile of the times between frames.
func (m measured) frame(q float64) float64 {
	if len(m.Frames) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(m.Frames))
	return sorted[int(q*float64(len(sorted)-1))]
}

// report tells what was measured, and each script of ours that ran for more than
// 100 ms.
func (m measured) report(b *testing.B) {
	b.Helper()
	longest := 0.0
	for _, l := range m.Late {
		longest = max(longest, l.Script)
		if l.Script > 100 {
			b.Logf("%.0f ms in %s", l.Script, l.What)
		}
	}
	b.ReportMetric(m.frame(0.5), "ms/frame-p50")
	b.ReportMetric(m.frame(0.95), "ms/frame-p95")
	b.ReportMetric(m.frame(1), "ms/frame-max")
	b.ReportMetric(longest, "ms/script-max")
	b.ReportMetric(float64(m.Bytes), "bytes")
}
