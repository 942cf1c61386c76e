package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/paulmach/orb"

	"clustermap/geo/crs"
)

// tileStub stands for the publisher of a base map: its tiles are white with a magenta
// spot where its map has the place at.
type tileStub struct {
	at   orb.Point // in the datum of the map
	key  string    // that it wants; "" for none
	mu   sync.Mutex
	seen []string
}

func (s *tileStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	s.seen = append(s.seen, r.URL.String())
	s.mu.Unlock()
	if s.key != "" && q.Get("tk") != s.key {
		http.Error(w, "no key", http.StatusForbidden)
		return
	}
	number := func(name string) int { n, _ := strconv.Atoi(q.Get(name)); return n }
	px := pixelAt(s.at, number("z"))
	dx, dy := px[0]-float64(256*number("x")), px[1]-float64(256*number("y"))
	tile := image.NewRGBA(image.Rect(0, 0, 256, 256))
	for y := range 256 {
		for x := range 256 {
			c := color.RGBA{255, 255, 255, 255}
			if math.Hypot(float64(x)+0.5-dx, float64(y)+0.5-dy) < 6 {
				c = color.RGBA{255, 0, 255, 255}
			}
			tile.SetRGBA(x, y, c)
		}
	}
	w.Header().Set("Content-Type", "image/png")
	_ = png.Encode(w, tile)
}

func (s *tileStub) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// pixelAt is a place in pixels of the Web Mercator world of a zoom.
func pixelAt(p orb.Point, zoom int) orb.Point {
	size := 256 * math.Exp2(float64(zoom))
	sin := math.Sin(p[1] * math.Pi / 180)
	return orb.Point{(p[0]/360 + 0.5) * size, (0.5 - math.Atanh(sin)/(2*math.Pi)) * size}
}

// spot is the middle of what is magenta in a picture.
func spot(t *testing.T, picture []byte) (x, y float64, found bool) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	must(t, err)
	n := 0.0
	for py := img.Bounds().Min.Y; py < img.Bounds().Max.Y; py++ {
		for px := img.Bounds().Min.X; px < img.Bounds().Max.X; px++ {
			if r, g, b, _ := img.At(px, py).RGBA(); r > 0xf000 && g < 0x1000 && b > 0xf000 {
				x, y, n = x+float64(px), y+float64(py), n+1
			}
		}
	}
	return x / n, y / n, n > 0
}

// TestOnlineBasemaps draws the base maps of others from a stub: none is asked for before
// it is chosen, each names its publisher, and a place has the same pixel on a map with
// the offset of GCJ-02 as on one without.
func TestOnlineBasemaps(t *testing.T) {
	place := orb.Point{113.3245, 23.1064}
	moved, _ := crs.GCJ02().FromLonLat(place)
	const zoom = 16
	apart := func(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }
	offset := apart(pixelAt(place, zoom), pixelAt(moved, zoom))
	if offset < 200 {
		t.Fatalf("the offset is %g pixels, too few to prove anything", offset)
	}
	stubs := map[string]*tileStub{"osm": {at: place}, "amap": {at: moved}, "tianditu": {at: place, key: "my-key"}, "tianditu-img": {at: place, key: "my-key"}}
	args := []string{}
	for name, stub := range stubs {
		srv := httptest.NewServer(stub)
		t.Cleanup(srv.Close)
		address := srv.URL + "/?z={z}&x={x}&y={y}"
		if stub.key != "" {
			address += "&layer={layer}&tk={key}"
		}
		args = append(args, "-online", name+"="+address)
	}
	address := start(t, args...).url + fmt.Sprintf("/#lang=en&map=%d/%g/%g", zoom, place[1], place[0])
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(address)
	p.wait("the maps are offered", `document.querySelectorAll('[data-testid=base] option').length === 5`)
	for name, stub := range stubs {
		if seen := stub.asked(); len(seen) > 0 {
			t.Errorf("%s is asked before it is chosen: %v", name, seen)
		}
	}
	drawn := func() {
		t.Helper()
		p.wait("the tiles are there", `(tiles => tiles.length > 8 && [...tiles].every(e => e.classList.contains('leaflet-tile-loaded')))(document.querySelectorAll('.backdrop-pane img'))`)
	}
	p.choose("[data-testid=base]", "osm")
	drawn()
	p.wait("it names its publisher", `/OpenStreetMap contributors/.test(document.querySelector('.credit').textContent) && document.querySelector('.credit a').href.includes('openstreetmap.org/copyright')`)
	p.wait("the choice is in the address", `/base=osm/.test(location.hash)`)
	wantX, wantY, found := spot(t, p.shot("online-osm"))
	if !found {
		t.Fatal("the place is not on the map")
	}
	same := func(what string, picture []byte) {
		t.Helper()
		if x, y, found := spot(t, picture); !found || math.Hypot(x-wantX, y-wantY) > 1.5 {
			t.Errorf("%s: the place is at %g, %g, want %g, %g", what, x, y, wantX, wantY)
		}
	}
	p.choose("[data-testid=base]", "amap")
	drawn()
	p.wait("it names its publisher", `/AutoNavi/.test(document.querySelector('.credit').textContent)`)
	same("Amap", p.shot("online-amap"))
	p.accessible("a base map with an offset")

	p.choose("[data-testid=base]", "tianditu")
	p.wait("it asks for a key", `document.querySelector('[data-testid=base-key]') !== null && document.querySelectorAll('.backdrop-pane img').length === 0`)
	p.accessible("a base map that needs a key")
	p.expect("403")
	p.click("[data-testid=base-key]")
	p.keys("wrong" + kb.Enter)
	p.wait("a wrong key is told", `/do not arrive/.test(document.querySelector('[data-testid=base-failed]').textContent)`)
	p.expect("")
	p.click("[data-focus='base key other']")
	p.click("[data-testid=base-key]")
	p.keys("my-key" + kb.Enter)
	drawn()
	same("Tianditu", p.shot("online-tianditu"))
	if strings.Contains(p.text(`location.href`), "my-key") {
		t.Error("the key is in the address")
	}
	layers := map[string]bool{}
	for _, seen := range stubs["tianditu"].asked() {
		for _, layer := range []string{"vec", "cva"} {
			layers[layer] = layers[layer] || strings.Contains(seen, "layer="+layer)
		}
	}
	if !layers["vec"] || !layers["cva"] {
		t.Errorf("Tianditu is asked for %v, want map and names", layers)
	}
	p.choose("[data-testid=base]", "tianditu-img")
	drawn()
	same("Tianditu, imagery", p.shot("online-tianditu-img"))
	p.open(strings.Replace(address, "map=16/", "map=2/", 1) + "&base=tianditu")
	drawn()
	for _, seen := range stubs["tianditu"].asked() {
		if strings.Contains(seen, "z=0") {
			t.Errorf("Tianditu, which begins at level 1, is asked for %s", seen)
		}
	}
	p.choose("[data-testid=base]", "")
	p.wait("the built-in map is back", `document.querySelectorAll('.backdrop-pane img').length === 0 && !/base=/.test(location.hash)`)
}
