package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWritersAgree rasterises the same drawing from all formats at a pixel for a pixel
// and compares them outside of text: at most one pixel in a hundred may differ, by more
// than a sixth of a colour's range, which is what differently smoothed edges do.
func TestWritersAgree(t *testing.T) {
	f := builtFonts(t)
	for name, d := range map[string]*Drawing{"sample": sampleDrawing(), "country": countryDrawing()} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := PNG(t.Context(), &b, f, d, Raster{}); err != nil {
				t.Fatal(err)
			}
			want, err := png.Decode(&b)
			if err != nil {
				t.Fatal(err)
			}
			texts := textBoxes(f, d)
			for format, got := range map[string]image.Image{
				"svg": browserPicture(t, svgOf(t, f, d), d),
				"pdf": pdfPicture(t, pdfOf(t, f, d)),
			} {
				if got.Bounds() != want.Bounds() {
					t.Errorf("%s: %v, want %v", format, got.Bounds(), want.Bounds())
					continue
				}
				share, at := unlikeShare(got, want, texts)
				t.Logf("%s: %.2f %% of the pixels outside of text differ", format, 100*share)
				if share > 0.01 {
					t.Errorf("%s: %.2f %% of the pixels differ, at %v for one", format, 100*share, at)
				}
			}
		})
	}
}

// TestWritersSetTextAlike holds that the ink of a line begins and ends at the same
// pixel, or the next, in all formats.
func TestWritersSetTextAlike(t *testing.T) {
	f := builtFonts(t)
	d := &Drawing{Width: 400, Height: 400, Background: color.NRGBA{255, 255, 255, 255}}
	layer := &Layer{}
	texts := []Text{
		{Text: "长三角 Yangtze River Delta", Size: 20, Weight: 700},
		{Text: "佛山’s “陶瓷”", Size: 14, Weight: 500, Align: Middle},
		{Text: "It’s “1,234 km” – AVATAR fi", Size: 13.5, Align: End},
		{Text: "渤海湾", Size: 16, Spacing: 5, Align: Middle},
		{Text: "Bohai Sea", Size: 16, Spacing: 2, Align: End, Italic: true},
		{Text: "珠江口", Size: 12, Spacing: 4},
		{Text: "Ωμέγα Москва 12", Size: 15, Weight: 700},
		{Text: "שלום 12 km", Size: 15, Align: Middle},
	}
	for i, text := range texts {
		text.X, text.Y, text.Color = 200, float64(40+40*i), color.NRGBA{29, 28, 26, 255}
		text.Halo = Stroke{Color: color.NRGBA{255, 255, 255, 255}, Width: 3, Round: true}
		if text.Align == Start {
			text.X = 20.5
		}
		layer.Items = append(layer.Items, &text)
	}
	d.Layers = []*Layer{layer}
	var b bytes.Buffer
	if err := PNG(t.Context(), &b, f, d, Raster{}); err != nil {
		t.Fatal(err)
	}
	reference, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	embedded := strings.ReplaceAll(svgOf(t, f, d), fallbacks, "serif") // so that no font of the machine helps
	for format, picture := range map[string]image.Image{"svg": browserPicture(t, embedded, d), "pdf": pdfPicture(t, pdfOf(t, f, d))} {
		for i, text := range texts {
			row := image.Rect(0, 15+40*i, 400, 52+40*i)
			got, want := inkIn(picture, row), inkIn(reference, row)
			for _, off := range []int{got.Min.X - want.Min.X, got.Max.X - want.Max.X, got.Min.Y - want.Min.Y, got.Max.Y - want.Max.Y} {
				if max(off, -off) > 1 {
					t.Errorf("%s: %q has its ink in %v, want %v", format, text.Text, got, want)
					break
				}
			}
		}
	}
}

// inkIn is the box of the dark pixels.
func inkIn(picture image.Image, within image.Rectangle) image.Rectangle {
	var box image.Rectangle
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			if r, _, _, _ := picture.At(x, y).RGBA(); r < 0x9000 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// countryDrawing is as dense as a map: many shapes with thin outlines on a coast, lines
// and marks.
func countryDrawing() *Drawing {
	d := &Drawing{Width: 800, Height: 600, Background: color.NRGBA{226, 235, 238, 255}}
	land := &Layer{Name: "land"}
	lines := &Layer{Name: "lines"}
	marks := &Layer{Name: "marks", Clip: &Rect{20, 20, 760, 560}}
	random := uint32(1)
	next := func() float64 {
		random = random*1664525 + 1013904223
		return float64(random>>8) / (1 << 24)
	}
	colors := []color.NRGBA{{244, 242, 236, 255}, {185, 217, 168, 255}, {18, 100, 143, 255}, {242, 152, 46, 200}}
	for i := range 150 {
		var p Path
		x, y, r := 60+680*next(), 60+480*next(), 15+30*next()
		var ring []Point
		for a := range 12 {
			sin, cos := math.Sincos(float64(a) * math.Pi / 6)
			k := r * (0.6 + 0.4*next())
			ring = append(ring, Point{x + k*cos, y + k*sin})
		}
		p.Polyline(ring, true)
		land.Items = append(land.Items, &Shape{Path: p, Fill: Fill{Color: colors[i%4]}, Stroke: Stroke{Color: color.NRGBA{175, 192, 200, 255}, Width: 0.8}})
		var q Path
		q.Polyline(ring[:7], false)
		s := Stroke{Color: color.NRGBA{74, 70, 63, 255}, Width: 1.5, Round: i%2 == 0}
		if i%3 == 0 {
			s.Dash = []float64{3, 3}
		}
		if i%5 == 0 {
			lines.Items = append(lines.Items, &Shape{Path: q, Stroke: s})
		}
	}
	var disc, triangle Path
	disc.Circle(0, 0, 7.5)
	triangle.Polyline([]Point{{0, -8}, {8, 7}, {-8, 7}}, true)
	for i, p := range []Path{disc, triangle} {
		symbol := &Symbol{Items: []Item{&Shape{Path: p, Fill: Fill{Color: color.NRGBA{26, 75, 168, 255}}, Stroke: Stroke{Color: color.NRGBA{255, 255, 255, 255}, Width: 1.5}}}}
		for range 60 {
			marks.Items = append(marks.Items, &Mark{Symbol: symbol, X: 800 * next(), Y: 600*next() + float64(i)})
		}
	}
	d.Layers = []*Layer{land, lines, marks}
	return d
}

// unlikeShare is the share of pixels that differ, and where one of them is.
func unlikeShare(a, b image.Image, except []image.Rectangle) (share float64, at image.Point) {
	differ, all := 0, 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p := image.Pt(x, y)
			if inAny(p, except) {
				continue
			}
			all++
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if unlike(r1, r2) || unlike(g1, g2) || unlike(b1, b2) {
				differ++
				at = p
			}
		}
	}
	return float64(differ) / float64(all), at
}

func unlike(a, b uint32) bool { return max(a, b)-min(a, b) > 0xFFFF/6 }

func inAny(p image.Point, boxes []image.Rectangle) bool {
	for _, b := range boxes {
		if p.In(b) {
			return true
		}
	}
	return false
}

// textBoxes are where text stands, with its halo and a margin of two pixels.
func textBoxes(f *Fonts, d *Drawing) []image.Rectangle {
	var boxes []image.Rectangle
	var visit func([]Item, float64, float64)
	visit = func(items []Item, dx, dy float64) {
		for _, item := range items {
			switch v := item.(type) {
			case *Group:
				visit(v.Items, dx, dy)
			case *Mark:
				visit(v.Symbol.Items, v.X, v.Y)
			case *Text:
				l := f.line(v)
				x, y := l.start(v)+dx, v.Y+dy
				m := v.Halo.Width/2 + 2
				boxes = append(boxes, image.Rect(int(x-m), int(y-v.Size-m), int(x+l.width+v.Size/4+m)+1, int(y+v.Size*0.4+m)+1))
			}
		}
	}
	for _, layer := range d.Layers {
		visit(layer.Items, 0, 0)
	}
	return boxes
}

func pdfPicture(t *testing.T, file []byte) image.Image {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page")
	runTool(t, file, "pdftoppm", "-r", "96", "-png", "-singlefile", "FILE", out)
	return readPNG(t, out+".png")
}

func browserPicture(t *testing.T, file string, d *Drawing) image.Image {
	t.Helper()
	dir := t.TempDir()
	path, out := filepath.Join(dir, "picture.svg"), filepath.Join(dir, "picture.png")
	if err := os.WriteFile(path, []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	r := Raster{}
	w, h := r.Size(d)
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--force-color-profile=srgb", "--force-device-scale-factor=1", "--user-data-dir="+filepath.Join(dir, "profile"),
		fmt.Sprintf("--window-size=%d,%d", w, h), "--screenshot="+out, "file://"+path)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, said)
	}
	return readPNG(t, out)
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}
