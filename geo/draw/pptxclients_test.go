package draw

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestPPTXOpenXMLSDK asks the validator of Microsoft's Open XML SDK.
func TestPPTXOpenXMLSDK(t *testing.T) {
	noted := sampleDrawing()
	noted.Notes = []string{"资料：GeoNames (CC BY 4.0)"}
	noted.Layers = append(noted.Layers, &Layer{Name: "title", Items: []Item{&Text{Name: "title", X: 10, Y: 40, Size: 28, Color: black, Text: "标题"}}})
	dir := t.TempDir()
	args := []string{filepath.Join("testdata", "peer", "validate.mjs")}
	for i, slides := range [][]*Drawing{{sampleDrawing()}, {noted, sampler()}, {{Width: 400, Height: 300, Background: black}}} {
		name := filepath.Join(dir, fmt.Sprintf("%d.pptx", i))
		if err := os.WriteFile(name, pptxOf(t, slides...), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out := output(t, "node", args...)
	var found [][]string
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(found) != len(args)-1 {
		t.Fatalf("%d files were read", len(found))
	}
	for i, faults := range found {
		for _, f := range faults {
			t.Errorf("file %d: %s", i, f)
		}
	}
}

// TestPPTXInImpress compares slides as LibreOffice shows them with the pictures of PNG,
// text and patterns left out: those begin elsewhere, but are as dark.
func TestPPTXInImpress(t *testing.T) {
	drawings := []*Drawing{without(sampleDrawing()), without(sampler())}
	pages := impress(t, append(drawings, sampleDrawing())...)
	patterned := decode(t, encode(t, sampleDrawing(), Raster{}))
	for i := range 8 {
		box := image.Rect(402+i%4*60, 22+i/4*60, 446+i%4*60, 66+i/4*60)
		got, want := mean(pages[2], box), mean(patterned, box)
		for c := range got {
			if math.Abs(got[c]-want[c]) > 12 {
				t.Errorf("pattern %d is %.0f in the mean, want %.0f", i+1, got, want)
				break
			}
		}
	}
	for i, d := range drawings {
		shown := pages[i]
		want := decode(t, encode(t, d, Raster{}))
		if dir := os.Getenv("PICTURES"); dir != "" {
			save(t, filepath.Join(dir, fmt.Sprintf("impress-%d.png", i)), shown)
			save(t, filepath.Join(dir, fmt.Sprintf("png-%d.png", i)), want)
		}
		share := differing(shown, want)
		t.Logf("drawing %d: %.2f %% of the pixels differ", i, 100*share)
		if share > 0.01 {
			t.Error("that is more than 1 %")
		}
	}
}

// TestPPTXTextInImpress holds that lines stand on their baselines and at their anchors.
// The fonts are others than those of the picture, but stand alike.
func TestPPTXTextInImpress(t *testing.T) {
	layer := &Layer{Name: "labels"}
	d := &Drawing{Width: 960, Height: 540, Background: white, Layers: []*Layer{layer}}
	for _, size := range []float64{11, 14, 20, 40} {
		for _, words := range []string{"HEH", "国中国", "H国H"} {
			for align := Start; align <= End; align++ {
				i := len(layer.Items) // each in a cell of its own
				layer.Items = append(layer.Items, &Text{X: 80 + float64(i%6)*160, Y: 60 + float64(i/6)*80, Size: size, Align: align, Color: black, Text: words})
			}
		}
	}
	got, want := impress(t, d)[0], decode(t, encode(t, d, Raster{}))
	for i, it := range layer.Items {
		text := it.(*Text)
		cell := image.Rect(i%6*160, i/6*80, i%6*160+160, i/6*80+80)
		a, b := inkIn(got, cell), inkIn(want, cell)
		ends := a.Min.X - b.Min.X
		switch text.Align {
		case Middle:
			ends = (a.Min.X + a.Max.X - b.Min.X - b.Max.X) / 2
		case End:
			ends = a.Max.X - b.Max.X
		}
		if down := a.Max.Y - b.Max.Y; a.Empty() || math.Abs(float64(down)) > 1+text.Size/20 || math.Abs(float64(ends)) > 1+text.Size/40 {
			t.Errorf("%q of %g px has its ink in %v, want %v", text.Text, text.Size, a, b)
		}
	}
}

// without is a drawing without its text and patterns.
func without(d *Drawing) *Drawing {
	out := *d
	out.Layers = nil
	for _, l := range d.Layers {
		bare := *l
		bare.Items = withoutText(l.Items)
		out.Layers = append(out.Layers, &bare)
	}
	return &out
}

func withoutText(items []Item) (out []Item) {
	for _, it := range items {
		switch it := it.(type) {
		case *Shape:
			bare := *it
			bare.Fill.Pattern = NoPattern
			out = append(out, &bare)
		case *Mark:
			bare := *it
			bare.Symbol = &Symbol{Items: withoutText(it.Symbol.Items)}
			out = append(out, &bare)
		case *Group:
			bare := *it
			bare.Items = withoutText(it.Items)
			out = append(out, &bare)
		}
	}
	return out
}

// impress returns drawings as LibreOffice prints them as slides.
func impress(t *testing.T, drawings ...*Drawing) []image.Image {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir}
	for i, d := range drawings {
		name := filepath.Join(dir, fmt.Sprintf("%d.pptx", i))
		if err := os.WriteFile(name, pptxOf(t, d), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	output(t, "soffice", args...)
	var shown []image.Image
	for i, d := range drawings {
		shown = append(shown, printed(t, filepath.Join(dir, strconv.Itoa(i)), d))
	}
	return shown
}

// printed is the first page of a PDF of the size of a drawing. Poppler thickens thin
// lines; of four times the size that does not matter.
func printed(t *testing.T, name string, d *Drawing) image.Image {
	t.Helper()
	const fine = 4
	output(t, "pdftocairo", "-png", "-singlefile", "-scale-to-x", fmt.Sprint(fine*d.Width), "-scale-to-y", fmt.Sprint(fine*d.Height), name+".pdf", name)
	file, err := os.ReadFile(name + ".png")
	if err != nil {
		t.Fatal(err)
	}
	large := decode(t, file)
	small := image.NewNRGBA(image.Rect(0, 0, int(d.Width), int(d.Height)))
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			var sum [3]int
			for i := range fine * fine {
				c := color.NRGBAModel.Convert(large.At(fine*x+i%fine, fine*y+i/fine)).(color.NRGBA)
				sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
			}
			small.SetNRGBA(x, y, color.NRGBA{uint8(sum[0] / fine / fine), uint8(sum[1] / fine / fine), uint8(sum[2] / fine / fine), 255})
		}
	}
	return small
}

// output runs a program and returns what it prints.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	out, err := cmd.Output()
	if err != nil {
		detail := ""
		if e, ok := err.(*exec.ExitError); ok {
			detail = string(e.Stderr)
		}
		t.Fatalf("%s: %v\n%s\nmake apt inputs installs what it needs", name, err, detail)
	}
	return out
}

// mean is the mean colour of a part of a picture, of 255.
func mean(m image.Image, box image.Rectangle) (sum [3]float64) {
	n := float64(box.Dx() * box.Dy())
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			sum[0], sum[1], sum[2] = sum[0]+float64(c.R)/n, sum[1]+float64(c.G)/n, sum[2]+float64(c.B)/n
		}
	}
	return sum
}

func save(t *testing.T, name string, m image.Image) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

// differing is the share of pixels of which a channel differs by more than an eighth of
// its range. Two ways of smoothing edges differ by less.
func differing(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 1
	}
	n := 0
	size := a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			r, g, bl, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if max(r, r2)-min(r, r2) > 1<<13 || max(g, g2)-min(g, g2) > 1<<13 || max(bl, b2)-min(bl, b2) > 1<<13 {
				n++
			}
		}
	}
	return float64(n) / float64(size.X*size.Y)
}
