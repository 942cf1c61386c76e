package draw

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var (
	black = color.NRGBA{A: 255}
	white = color.NRGBA{255, 255, 255, 255}
)

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

// sampler is a drawing with all that a drawing can have.
func sampler() *Drawing {
	d := &Drawing{Width: 480, Height: 360, Background: rgb(0xe3ebee), Title: "Sampler 样张", Lang: "en", Date: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)}
	shapes := &Layer{Name: "shapes", Clip: &Rect{10, 10, 460, 150}}
	var land Path
	land.Polyline([]Point{{-50, 30}, {60, 20}, {120, 60}, {180, 30}, {260, 70}, {300, 20}, {420, 60}, {600, 40}, {600, 140}, {-50, 155}}, true)
	shapes.Items = append(shapes.Items, &Shape{Path: land, Fill: Fill{Color: rgb(0xf3f1ec)}, Stroke: Stroke{Color: rgb(0x8a97a0), Width: 0.8}})
	for i := range 9 {
		var box Path
		x := 20 + float64(i)*50
		box.Rect(Rect{x, 90, 40, 40})
		box.Circle(x+20, 110, 10)
		shapes.Items = append(shapes.Items, &Shape{Path: box, Fill: Fill{Color: white, EvenOdd: i%2 == 0, Pattern: Pattern(i), Ink: rgb(0x333333)}, Stroke: Stroke{Color: black, Width: 1}})
	}
	lines := &Layer{Name: "lines"}
	for i, s := range []Stroke{
		{Color: rgb(0x1a4ba8), Width: 8},
		{Color: rgb(0xd9487a), Width: 8, Round: true},
		{Color: color.NRGBA{0x94, 0x45, 0, 128}, Width: 8, Dash: []float64{12, 6}},
		{Color: rgb(0x00745b), Width: 4, Dash: []float64{0, 7}, Round: true},
		{Color: black, Width: 0.5},
	} {
		var zigzag, ring Path
		x := 20 + float64(i)*90
		zigzag.Polyline([]Point{{x, 180}, {x + 20, 200}, {x + 30, 170}, {x + 34, 200}, {x + 44, 180}}, false)
		ring.MoveTo(x+50, 180)
		ring.CubicTo(x+50, 165, x+75, 165, x+75, 180)
		ring.LineTo(x+62, 205)
		ring.Close()
		lines.Items = append(lines.Items, &Shape{Path: zigzag, Stroke: s}, &Shape{Path: ring, Stroke: s})
	}
	symbol := &Symbol{}
	var disc, dot Path
	disc.Circle(0, 0, 8.5)
	dot.Circle(0, 0, 3)
	symbol.Items = append(symbol.Items, &Shape{Path: disc, Fill: Fill{Color: rgb(0x9d66e0)}, Stroke: Stroke{Color: white, Width: 1.5}}, &Shape{Path: dot, Fill: Fill{Color: white}})
	marks := &Layer{Name: "marks"}
	for i := range 20 {
		marks.Items = append(marks.Items, &Mark{Symbol: symbol, X: 20 + float64(i)*22.3, Y: 230 + 6*math.Sin(float64(i))})
	}
	words := &Layer{Name: "words", Items: []Item{
		&Group{Items: []Item{
			&Text{X: 20, Y: 280, Size: 28, Weight: 700, Color: black, Text: "书中点名的 40 个集群"},
			&Text{X: 465, Y: 310, Size: 9, Align: End, Color: rgb(0x5a564d), Text: "Yangtze River Delta’s 13 “clusters”"},
		}},
		&Text{X: 60, Y: 310, Size: 17, Weight: 500, Color: black, Halo: Stroke{Color: white, Width: 6, Round: true}, Text: "长三角 13"},
		&Text{X: 170, Y: 310, Size: 14, Align: Middle, Spacing: 6, Color: rgb(0x47738a), Text: "南海"},
		&Text{X: 200, Y: 310, Size: 14, Italic: true, Color: rgb(0x47738a), Text: "South China Sea"},
		&Text{X: 20, Y: 345, Size: 11, Color: color.NRGBA{0, 0, 0, 160}, Text: "资料：《中国产业集群》第 6 辑，2007 年 5 月。底图：Natural Earth (1:10m) שלום 12"},
	}}
	d.Layers = []*Layer{shapes, lines, marks, words}
	return d
}

func encode(tb testing.TB, d *Drawing, opt Raster) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := PNG(context.Background(), &b, fonts(tb), d, opt); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func decode(tb testing.TB, data []byte) image.Image {
	tb.Helper()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestGolden compares with pictures that people have looked at.
func TestGolden(t *testing.T) {
	builtFonts(t)
	for name, opt := range map[string]Raster{"sampler": {}, "sampler-192dpi": {DPI: 192}, "sampler-palette": {Palette: true}} {
		data := encode(t, sampler(), opt)
		path := filepath.Join("testdata", name+".png")
		if *update {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if worst, n := difference(decode(t, data), decode(t, want)); n > 0 {
			t.Errorf("%s: %d pixels differ by more than %d, by up to %d", name, n, goldenTolerance, worst)
		}
	}
}

// goldenTolerance is what a channel of a pixel may differ from a golden picture, of 255.
const goldenTolerance = 8

func difference(a, b image.Image) (worst, count int) {
	if a.Bounds() != b.Bounds() {
		return 255, 1 << 30
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			d := 0
			for _, c := range [][2]uint8{{p.R, q.R}, {p.G, q.G}, {p.B, q.B}, {p.A, q.A}} {
				d = max(d, int(c[0])-int(c[1]), int(c[1])-int(c[0]))
			}
			if worst = max(worst, d); d > goldenTolerance {
				count++
			}
		}
	}
	return worst, count
}
