package draw

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"
)

// TestFewColorsAreExact holds that up to 256 colours are kept as they are, with and
// without alpha.
func TestFewColorsAreExact(t *testing.T) {
	for _, alpha := range []int{255, 0, 128} {
		p := newPage(64, 64)
		for i := 0; i < len(p.pix); i += 4 {
			n := i / 4 * 7 % 256
			p.pix[i], p.pix[i+1], p.pix[i+2], p.pix[i+3] = byte(n*alpha/255), byte((n^5)*alpha/255), byte(n/2*alpha/255), byte(alpha)
		}
		want := image.NewNRGBA(p.bounds())
		unmultiply(want.Pix, p.pix)
		if worst, n := difference(decode(t, palettePNG(t, p)), want); worst > 0 {
			t.Errorf("alpha %d: %d pixels differ, by up to %d", alpha, n, worst)
		}
	}
}

// TestManyColors holds that areas keep their colour and edges nearly.
func TestManyColors(t *testing.T) {
	builtFonts(t)
	for name, d := range map[string]*Drawing{
		"sampler":     sampler(),
		"crowd":       crowdDrawing(crowds(10_000), 1024, 768, 50),
		"see-through": {Width: 200, Height: 200, Layers: sampler().Layers},
	} {
		is := decode(t, encode(t, d, Raster{Palette: true}))
		want := decode(t, encode(t, d, Raster{}))
		if n := len(is.(*image.Paletted).Palette); n > 256 {
			t.Errorf("%s: %d colours", name, n)
		}
		square, count := 0.0, 0
		flat := 0
		for y := 1; y < want.Bounds().Dy()-1; y++ {
			for x := 3; x < want.Bounds().Dx()-3; x++ {
				p, q := nrgba(is, x, y), nrgba(want, x, y)
				for _, c := range [][2]uint8{{p.R, q.R}, {p.G, q.G}, {p.B, q.B}, {p.A, q.A}} {
					square += math.Pow(float64(c[0])-float64(c[1]), 2) * float64(q.A) / 255
					count++
				}
				if p != q && q == nrgba(want, x-1, y) && q == nrgba(want, x+1, y) && q == nrgba(want, x-2, y) && q == nrgba(want, x+2, y) {
					flat++
				}
			}
		}
		if rms := math.Sqrt(square / float64(count)); rms > 3 {
			t.Errorf("%s: colours are off by %.2f of 255 (root of the mean square)", name, rms)
		}
		if flat > 0 {
			t.Errorf("%s: %d pixels within areas have another colour", name, flat)
		}
	}
}

func nrgba(m image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
}

// TestGradient holds that a picture without flat colours is still like itself.
func TestGradient(t *testing.T) {
	p := newPage(512, 512)
	for y := range 512 {
		for x := range 512 {
			at := 4 * (y*512 + x)
			p.pix[at], p.pix[at+1], p.pix[at+2], p.pix[at+3] = byte(x/2), byte(y/2), byte((x^y)/2), 255
		}
	}
	want := image.NewNRGBA(p.bounds())
	copy(want.Pix, p.pix)
	if worst, n := difference(decode(t, palettePNG(t, p)), want); worst > 60 {
		t.Errorf("%d pixels differ, by up to %d", n, worst)
	}
}

func palettePNG(t *testing.T, p *page) []byte {
	t.Helper()
	var b bytes.Buffer
	e := &pngEncoder{ctx: t.Context(), w: &b, desk: fonts(t).takeDesk()}
	e.write([]byte("\x89PNG\r\n\x1a\n"))
	e.palette(p, &Drawing{}, Raster{})
	e.chunk("IEND", nil)
	if e.err != nil {
		t.Fatal(e.err)
	}
	return b.Bytes()
}
