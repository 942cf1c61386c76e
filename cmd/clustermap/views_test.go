package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the kept pictures of views in testdata anew")

const (
	keptViews = "testdata/views"
	// keptMost is what all kept pictures may take together.
	keptMost = 1_500_000
	// A block of a small picture is blockSide pixels wide. It differs where its colours differ
	// by more than blockDiffers on average, and a view where more than oneIn of its blocks do:
	// edges of letters stay below, a panel that moved or a legend that is gone does not.
	blockSide    = 8
	blockDiffers = 7.0
	oneIn        = 200
)

// A view is a place of the page that is photographed.
type view struct {
	name, at string
	phone    bool
	// act does what an address cannot; ready is true when all is there.
	act   func(*page)
	ready string
}

var views = []view{
	{name: "map", at: "theme=light", ready: `document.querySelectorAll('.mark').length > 5`},
	{name: "list", at: "theme=light&tab=list", ready: `document.querySelectorAll('.row[data-feature-id]').length > 5`},
	{name: "card", at: "theme=dark&id=shengzhou-neckties", ready: `document.querySelector('.card h2')`},
	{name: "territory", at: "theme=light&view=territory", ready: held + ` === '40'`},
	{name: "hexagons", at: "theme=dark&view=hex", ready: held + ` === '40'`},
	{name: "picture", at: "theme=light", act: func(p *page) { openPictures(p) }, ready: previewDrawn},
	{name: "presentation", at: "theme=light&f.family=electronics&play=1&scenes=f.family$electronics!112,21,116,25!Electronics!Notes", ready: `document.body.classList.contains('is-quiet')`},
	{name: "concentration", at: "theme=light&c=listed_clusters&at=concentration&at.trade=textiles", ready: figuresHere + ` && document.body.dataset.layer === 'hot'`},
	{name: "compare", at: "theme=light&at=compare", ready: `[...document.querySelectorAll('.compare-map')].map(m => m.dataset.drawn).join() === '13,8' && document.querySelector('[data-testid=compare-survives]')`},
	{name: "selection", at: "theme=dark&c=listed_clusters&sel=circle:113.3,23,150", ready: `Number(` + areaCount + `) > 10 && document.querySelector('.selection-line')`},
	{name: "phone", at: "theme=light", phone: true, ready: `document.querySelectorAll('.label-region').length === 3`},
	// The last, since its table stays in the browser.
	{name: "table", at: "theme=light", act: func(p *page) { p.fresh(p.text("location.href")); p.drop("firms.csv", sampleText()) }, ready: standing("certain")},
}

// TestViews holds twelve views in both languages to kept pictures of them.
func TestViews(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, v := range views {
		for _, lang := range []string{"zh", "en"} {
			t.Run(v.name+"-"+lang, func(t *testing.T) {
				got := v.photograph(t, b, address, lang)
				name := filepath.Join(keptViews, v.name+"-"+lang+".png")
				if *update {
					writePicture(t, name, paletted(got))
					return
				}
				kept := readPicture(t, name)
				if n, all, where := blocksThatDiffer(kept, got); n*oneIn > all || kept.Bounds() != got.Bounds() {
					seen := filepath.Join(screenshots, "views", v.name+"-"+lang+".png")
					writePicture(t, seen, got)
					t.Errorf("%d of %d blocks differ, within %v of the small picture: see %s beside %s; where the change is meant, -update", n, all, where, seen, name)
				}
			})
		}
	}
	size := int64(0)
	files, err := os.ReadDir(keptViews)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > keptMost {
		t.Errorf("the kept pictures take %d bytes, more than %d", size, keptMost)
	}
}

// photograph opens the view and takes it when nothing moves any more, in small.
func (v view) photograph(t *testing.T, b context.Context, address, lang string) *image.RGBA {
	t.Helper()
	width, height, by := int64(1440), int64(900), 3
	if v.phone {
		width, height, by = 390, 844, 2
	}
	p := newPage(t, b, width, height, 1, v.phone)
	p.still()
	p.open(address + "#lang=" + lang + "&" + v.at)
	if v.act != nil {
		v.act(p)
	}
	p.wait(v.name+" is there", v.ready)
	p.text(`(() => { const s = new CSSStyleSheet(); s.replaceSync('*, *::before, *::after { caret-color: transparent !important; transition: none !important; animation: none !important }');
		document.adoptedStyleSheets = [...document.adoptedStyleSheets, s]; return document.fonts.ready.then(() => '') })()`)
	p.wait("nothing is waited for", `!document.querySelector('[aria-busy=true]')`)
	return scaledDown(p.settled(), by)
}

// still asks the page for no motion.
func (p *page) still() {
	p.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	err := chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
		return err
	}))
	if err != nil {
		p.t.Fatal(err)
	}
}

// settled is the page once three photographs in turn are the same.
func (p *page) settled() image.Image {
	p.t.Helper()
	var last []byte
	same := 0
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(250 * time.Millisecond) {
		photo, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			p.t.Fatal(err)
		}
		if same++; !bytes.Equal(photo, last) {
			last, same = photo, 1
		}
		if same == 3 {
			break
		}
		if time.Now().After(deadline) {
			p.t.Fatal("the page never comes to rest")
		}
	}
	m, err := png.Decode(bytes.NewReader(last))
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

// scaledDown makes one pixel of each square of by pixels.
func scaledDown(m image.Image, by int) *image.RGBA {
	size := m.Bounds().Size().Div(by)
	small := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			var sum [3]uint32
			for i := range by * by {
				r, g, b, _ := m.At(x*by+i%by, y*by+i/by).RGBA()
				sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+b>>8
			}
			n := uint32(by * by)
			small.SetRGBA(x, y, color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255})
		}
	}
	return small
}

// blocksThatDiffer counts the blocks of two pictures of a size whose colours differ, and
// says between which pixels they lie.
func blocksThatDiffer(a, b image.Image) (n, all int, where image.Rectangle) {
	frame := a.Bounds().Intersect(b.Bounds())
	for y := 0; y+blockSide <= frame.Max.Y; y += blockSide {
		for x := 0; x+blockSide <= frame.Max.X; x += blockSide {
			sum := 0.0
			for i := range blockSide * blockSide {
				sum += apart(a.At(x+i%blockSide, y+i/blockSide), b.At(x+i%blockSide, y+i/blockSide))
			}
			all++
			if sum/(blockSide*blockSide) > blockDiffers {
				n++
				where = where.Union(image.Rect(x, y, x+blockSide, y+blockSide))
			}
		}
	}
	return n, all, where
}

// apart is how much two colours differ, of 255.
func apart(a, b color.Color) float64 {
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	return float64(max(r, r2)-min(r, r2)+max(g, g2)-min(g, g2)+max(bl, b2)-min(bl, b2)) / 3 / 257
}

// paletted gives a picture the colours that it has most of.
func paletted(m *image.RGBA) *image.Paletted {
	counts := make(map[color.RGBA]int)
	for i := 0; i < len(m.Pix); i += 4 {
		counts[color.RGBA{m.Pix[i] &^ 7, m.Pix[i+1] &^ 7, m.Pix[i+2] &^ 7, 255}]++
	}
	colours := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := make(color.Palette, 0, 128)
	for _, c := range colours[:min(len(colours), 128)] {
		palette = append(palette, color.RGBA{c.R + 4, c.G + 4, c.B + 4, 255})
	}
	out := image.NewPaletted(m.Bounds(), palette)
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			out.Set(x, y, m.At(x, y))
		}
	}
	return out
}

func writePicture(t *testing.T, name string, m image.Image) {
	t.Helper()
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readPicture(t *testing.T, name string) image.Image {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}

// TestViewsTell changes a kept picture as a broken page would: what moved or is gone is
// found, and edges of letters that are drawn otherwise are not.
func TestViewsTell(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		kept := readPicture(t, filepath.Join(keptViews, "map-"+lang+".png"))
		changed := func(from func(x, y int) color.Color) *image.RGBA {
			m := image.NewRGBA(kept.Bounds())
			for y := range m.Bounds().Dy() {
				for x := range m.Bounds().Dx() {
					m.Set(x, y, from(x, y))
				}
			}
			return m
		}
		legend := image.Rect(0, 230, 112, 282)
		for _, c := range []struct {
			what string
			from func(x, y int) color.Color
			told bool
		}{
			{"nothing", kept.At, false},
			{"the colours of a palette", paletted(changed(kept.At)).At, false},
			{"a panel 8 pixels to the right", func(x, y int) color.Color {
				if x < 112 {
					return kept.At(max(0, x-3), y)
				}
				return kept.At(x, y)
			}, true},
			{"a part of the panel is gone", func(x, y int) color.Color {
				if image.Pt(x, y).In(legend) {
					return kept.At(2, 295)
				}
				return kept.At(x, y)
			}, true},
			{"a map without its ground", func(x, y int) color.Color {
				if x > 120 {
					return color.White
				}
				return kept.At(x, y)
			}, true},
			{"softer letters", func(x, y int) color.Color {
				r, g, b, _ := kept.At(x, y).RGBA()
				r2, g2, b2, _ := kept.At(min(x+1, kept.Bounds().Dx()-1), y).RGBA()
				return color.RGBA64{uint16((7*r + r2) / 8), uint16((7*g + g2) / 8), uint16((7*b + b2) / 8), 0xffff}
			}, false},
		} {
			n, all, where := blocksThatDiffer(kept, changed(c.from))
			t.Logf("%s, %s: %d of %d, %v", lang, c.what, n, all, where)
			if told := n*oneIn > all; told != c.told {
				t.Errorf("%s: %s: told is %v; %d of %d blocks differ", lang, c.what, told, n, all)
			}
		}
	}
}
