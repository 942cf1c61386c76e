package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writePosts writes n posts around Fiji and Tonga, on both sides of 180 degrees, as
// the collection id.
func writePosts(tb testing.TB, dir, id string, n int) {
	tb.Helper()
	islands := [...][2]float64{{178.4, -18.1}, {179.6, -16.6}, {-179.7, -16.8}, {-175.2, -21.1}}
	random := rand.New(rand.NewPCG(3, 3))
	var b strings.Builder
	for i := range n {
		at := islands[i%len(islands)]
		lon := math.Remainder(at[0]+random.NormFloat64()*0.5, 360)
		fmt.Fprintf(&b, `{"type":"Feature","id":"p%05d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"Post %05d","kind":%q}}`+"\n",
			i, lon, at[1]+random.NormFloat64()*0.4, i, []string{"store", "school"}[i%2])
	}
	if err := os.WriteFile(filepath.Join(dir, id+".ndjson"), []byte(b.String()), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// A layer on both sides of 180 degrees is whole wherever the map stands, and nothing
// stands there twice.
func TestAcrossTheDateLine(t *testing.T) {
	dir := t.TempDir()
	const many, few = 8000, 300
	writePosts(t, dir, "posts", many)
	writePosts(t, dir, "stores", few)
	address := start(t, dir).url + "/"
	p := newPage(t, browser(t), 1280, 800, 1, false)
	// marks of the free part of the map
	inView := `(() => { const m = document.getElementById('map').getBoundingClientRect()
		return [...document.querySelectorAll('.mark[data-group], .mark[data-feature-id]')].filter(e => { const r = e.getBoundingClientRect(); return r.left > m.left && r.right < m.right })
			.reduce((n, e) => n + Number(e.dataset.n || 1), 0) })()`
	p.open(address + "#lang=en&c=posts")
	p.equal("posts in the opening view", inView, fmt.Sprint(many))
	p.wait("which is not the world", `Number(/^[\d,]+/.exec(document.querySelector('.scale-text span:last-child').textContent)[0].replace(/,/g, '')) <= 500`)
	for _, lon := range []string{"174", "179", "180", "185", "-177", "-180", "-185"} {
		p.open(address + "#lang=en&c=posts&map=5/-18/" + lon)
		p.equal("posts around "+lon, inView, fmt.Sprint(many))
		p.open(address + "#lang=en&c=stores&map=5/-18/" + lon)
		p.equal("stores around "+lon, inView, fmt.Sprint(few))
	}

	// From one side to the other by the keyboard: what is in view stays whole.
	for _, c := range []struct{ id, n string }{{"posts", fmt.Sprint(many)}, {"stores", fmt.Sprint(few)}} {
		p.open(address + "#lang=en&c=" + c.id + "&map=4.5/-18/172")
		for range 6 {
			p.walk("ArrowRight", 1)
			p.wait("the map is at rest", settled)
			p.equal("panned "+c.id, inView, c.n)
		}
		p.wait("the map is beyond 180 degrees", `Number(/map=[^/]*\/[^/]*\/(-?[\d.]+)/.exec(location.hash)[1]) > 180`)
	}

	for _, id := range []string{"posts", "stores"} {
		p.open(address + "#lang=en&c=" + id + "&view=hex&map=5/-18/-181")
		p.wait("cells of "+id, held+` > 0 && document.querySelector('.areas-pane canvas')`)
		p.text(`(document.querySelector('#map').focus(), '')`)
		p.keys("n")
		p.wait("a cell in view", `/features?/.test(document.activeElement.getAttribute('aria-label')) && document.activeElement.matches('.mark-cursor')`)
		if id == "posts" {
			p.shot("dateline-hexagons")
		}
	}

	// A feature of the other side is marked where the map stands, not a world away.
	p.open(address + "#lang=en&c=posts&view=features&map=6/-17/181")
	p.wait("tiles are drawn", drawnTiles)
	painted := func(x0, x1 string) string {
		return `[...document.querySelectorAll('.tile-canvas')].some(c => { const r = c.getBoundingClientRect(), q = c.width / r.width
			const from = Math.max(0, (` + x0 + ` - r.left) * q), to = Math.min(c.width, (` + x1 + ` - r.left) * q)
			return to - from >= 1 && new Uint32Array(c.getContext('2d').getImageData(from, 0, to - from, c.height).data.buffer).some(v => v !== 0) })`
	}
	line := `(() => { const m = document.getElementById('map').getBoundingClientRect(); return m.left + m.width / 2 - 256 * 2 ** 6 / 360 })()` // of 180 degrees
	p.wait("points on both sides of the line", painted(line+" - 60", line)+` && `+painted(line, line+" + 60"))
	p.open(address + "#lang=en&c=posts&view=features&map=6/-21/184&id=p00003")
	p.wait("what is selected stands in view", `(() => { const e = document.querySelector('.mark.is-selected'); if (!e) return false; const r = e.getBoundingClientRect(); return r.left > 372 && r.right < innerWidth })()`)
}
