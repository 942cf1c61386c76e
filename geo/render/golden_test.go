package render

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"clustermap/geo/draw"
)

var update = flag.Bool("update", false, "write the golden pictures in testdata anew")

// A channel of a pixel may differ from a golden picture by so much of 255, and so many
// pixels of 10,000 by more.
const (
	goldenTolerance = 32
	goldenPixels    = 6
)

// needFaces skips a test that compares what the built faces draw. Where all is built it
// fails.
func needFaces(t testing.TB, f *draw.Fonts) {
	t.Helper()
	switch {
	case len(f.Missing("长")) == 0:
	case os.Getenv("CI") != "":
		t.Fatal("the faces are not built")
	default:
		t.Skip("the faces are not built: make page")
	}
}

// TestGolden compares maps with pictures that people have looked at: in each style and
// view, of the country and of two deltas. Labels and furniture have tests of their own.
func TestGolden(t *testing.T) {
	fonts, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	needFaces(t, fonts)
	looks := looksFor(t)
	for _, name := range []string{"china", "dark", "print", "presentation", "yrd", "prd", "prd-print", "hex", "provinces", "cone", "pacific"} {
		m := looks[name]
		m.Width, m.Height, m.Labels = 540, 450, false
		if m.Layers[0].View == Groups {
			grouped(t, m)
		}
		checkGolden(t, fonts, name, m)
	}
}

// checkGolden compares a picture with the golden one of the name.
func checkGolden(t *testing.T, fonts *draw.Fonts, name string, m *Map) {
	t.Helper()
	p, err := Draw(t.Context(), m, fonts)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := draw.PNG(t.Context(), &b, fonts, p.Drawing, draw.Raster{Palette: true}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".png")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n, all := different(picture(t, b.Bytes()), picture(t, text)); n*10_000 > all*goldenPixels {
		t.Errorf("%s: %d of %d pixels differ by more than %d", name, n, all, goldenTolerance)
	}
}

func picture(t *testing.T, text []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func different(a, b image.Image) (n, all int) { return differentBy(a, b, goldenTolerance) }

// differentBy counts the pixels of which a channel differs by more than the tolerance.
func differentBy(a, b image.Image, tolerance uint8) (n, all int) {
	all = a.Bounds().Dx() * a.Bounds().Dy()
	if a.Bounds() != b.Bounds() {
		return all, all
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			far := func(u, v uint8) bool { return max(u, v)-min(u, v) > tolerance }
			if far(p.R, q.R) || far(p.G, q.G) || far(p.B, q.B) || far(p.A, q.A) {
				n++
			}
		}
	}
	return n, all
}
