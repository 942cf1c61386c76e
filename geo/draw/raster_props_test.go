package draw

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// TestSameBytes writes one drawing many times at once.
func TestSameBytes(t *testing.T) {
	f := fonts(t)
	d := sampler()
	for _, opt := range []Raster{{}, {Palette: true}, {DPI: 150}} {
		var all [6]bytes.Buffer
		var wait sync.WaitGroup
		for i := range all {
			wait.Go(func() {
				if err := PNG(context.Background(), &all[i], f, d, opt); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for i := range all {
			if !bytes.Equal(all[0].Bytes(), all[i].Bytes()) {
				t.Errorf("%+v: writing %d differs from the first", opt, i)
			}
		}
	}
}

// TestHiddenMarks holds that leaving out hidden marks changes nothing: marks in groups
// of one are painted one by one.
func TestHiddenMarks(t *testing.T) {
	together := crowdDrawing(crowds(5000), 300, 200, 0)
	apart := *together
	layer := *together.Layers[0]
	layer.Items = nil
	for _, item := range together.Layers[0].Items {
		layer.Items = append(layer.Items, &Group{Items: []Item{item}})
	}
	apart.Layers = []*Layer{&layer}
	if !bytes.Equal(encode(t, together, Raster{}), encode(t, &apart, Raster{})) {
		t.Error("marks painted together and one by one differ")
	}
}

// TestClip holds that a layer paints nothing outside of its clip, and inside what it
// would without.
func TestClip(t *testing.T) {
	clipped := sampler()
	clip := Rect{100, 60, 150, 200}
	whole := sampler()
	whole.Background, clipped.Background = color.NRGBA{}, color.NRGBA{}
	for i := range clipped.Layers {
		whole.Layers[i].Clip = nil
		clipped.Layers[i].Clip = &clip
	}
	is, all := decode(t, encode(t, clipped, Raster{})), decode(t, encode(t, whole, Raster{}))
	differ := 0
	for y := range is.Bounds().Dy() {
		for x := range is.Bounds().Dx() {
			got, want := nrgba(is, x, y), nrgba(all, x, y)
			if !image.Pt(x, y).In(image.Rect(100, 60, 250, 260)) {
				want = color.NRGBA{}
			}
			if d := int(got.A) - int(want.A); d < -2 || d > 2 {
				differ++
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d pixels of a clipped drawing differ", differ)
	}
}

// TestSeeThrough holds what stands on nothing to what stands on white.
func TestSeeThrough(t *testing.T) {
	on, off := sampler(), sampler()
	on.Background, off.Background = white, color.NRGBA{}
	solid, glass := decode(t, encode(t, on, Raster{})), decode(t, encode(t, off, Raster{}))
	if solid.ColorModel() != color.RGBAModel {
		t.Errorf("an opaque picture is a %T", solid)
	}
	worst := 0
	for y := range solid.Bounds().Dy() {
		for x := range solid.Bounds().Dx() {
			p, q := nrgba(glass, x, y), nrgba(solid, x, y)
			for _, c := range [][2]uint8{{p.R, q.R}, {p.G, q.G}, {p.B, q.B}} {
				onWhite := (int(c[0])*int(p.A) + 255*(255-int(p.A)) + 127) / 255
				worst = max(worst, onWhite-int(c[1]), int(c[1])-onWhite)
			}
		}
	}
	if worst > 4 {
		t.Errorf("a transparent picture laid on white differs by up to %d from one drawn on white", worst)
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		w, h, dpi float64
		x, y      int
	}{
		{1600, 900, 0, 1600, 900}, {1600, 900, 96, 1600, 900}, {1600, 900, 192, 3200, 1800}, {100, 50, 24, 25, 13},
		{794, 1123, 600, 4963, 7019}, {0, -5, 96, 1, 1}, {math.NaN(), math.Inf(1), math.NaN(), 1, 1 << 30}, {10, 10, -3, 10, 10},
	} {
		x, y := Raster{DPI: c.dpi}.Size(&Drawing{Width: c.w, Height: c.h})
		if x != c.x || y != c.y {
			t.Errorf("%g x %g at %g dpi is %d x %d pixels, want %d x %d", c.w, c.h, c.dpi, x, y, c.x, c.y)
		}
	}
	d := &Drawing{Width: 100, Height: 40, Background: white}
	for _, dpi := range []float64{24, 72, 300, 600} {
		data := encode(t, d, Raster{DPI: dpi})
		w, h := Raster{DPI: dpi}.Size(d)
		if got := decode(t, data).Bounds(); got != image.Rect(0, 0, w, h) {
			t.Errorf("at %g dpi the picture is %v, want %d x %d", dpi, got, w, h)
		}
		at := bytes.Index(data, []byte("pHYs"))
		if got, want := binary.BigEndian.Uint32(data[at+4:]), uint32(math.Round(dpi/0.0254)); got != want {
			t.Errorf("at %g dpi the file says %d pixels per metre, want %d", dpi, got, want)
		}
	}
}

// TestBytesIsEnough measures what a large picture takes.
func TestBytesIsEnough(t *testing.T) {
	d := sampler()
	d.Width, d.Height = 3000, 2000
	f := fonts(t)
	for _, opt := range []Raster{{}, {Palette: true}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := PNG(context.Background(), new(counter), f, d, opt); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if took, said := int64(after.TotalAlloc-before.TotalAlloc), opt.Bytes(d); took > said {
			t.Errorf("%+v: drawing took %d bytes, Bytes says %d", opt, took, said)
		}
	}
}

// counter takes bytes and fails after some.
type counter struct{ n, until int }

var errFull = errors.New("full")

func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	if c.until > 0 && c.n > c.until {
		return 0, errFull
	}
	return len(b), nil
}

func TestErrorsEndWriting(t *testing.T) {
	f, d := fonts(t), crowdDrawing(crowds(20_000), 1000, 1000, 0)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for name, write := range map[string]func(context.Context, *counter) error{
		"PNG":     func(ctx context.Context, c *counter) error { return PNG(ctx, c, f, d, Raster{}) },
		"palette": func(ctx context.Context, c *counter) error { return PNG(ctx, c, f, d, Raster{Palette: true}) },
		"JPEG":    func(ctx context.Context, c *counter) error { return JPEG(ctx, c, f, d, Raster{}) },
	} {
		c := new(counter)
		if err := write(over, c); !errors.Is(err, context.Canceled) || c.n > 0 {
			t.Errorf("%s after the context has ended: %v, %d bytes", name, err, c.n)
		}
		for _, until := range []int{1, 20, 70_000} {
			if err := write(context.Background(), &counter{until: until}); !errors.Is(err, errFull) {
				t.Errorf("%s to a writer that fails after %d bytes: %v", name, until, err)
			}
		}
		if err := write(context.Background(), new(counter)); err != nil {
			t.Errorf("%s after one that failed: %v", name, err)
		}
	}
}

func TestJPEG(t *testing.T) {
	d := sampler()
	d.Background = color.NRGBA{}
	f := fonts(t)
	var data bytes.Buffer
	if err := JPEG(t.Context(), &data, f, d, Raster{DPI: 192}); err != nil {
		t.Fatal(err)
	}
	if head := data.Bytes()[:20]; string(head[6:11]) != "JFIF\x00" || head[13] != 1 || binary.BigEndian.Uint16(head[14:]) != 192 {
		t.Errorf("the file begins with % x", head)
	}
	small := new(counter)
	if err := JPEG(t.Context(), small, f, d, Raster{DPI: 192, Quality: 30}); err != nil || small.n >= data.Len() {
		t.Errorf("at quality 30 %d bytes, at 90 %d: %v", small.n, data.Len(), err)
	}
	is, err := jpeg.Decode(&data)
	if err != nil {
		t.Fatal(err)
	}
	d.Background = white
	want := decode(t, encode(t, d, Raster{DPI: 192}))
	if is.Bounds() != want.Bounds() {
		t.Fatalf("size %v, want %v", is.Bounds(), want.Bounds())
	}
	square, n := 0.0, 0
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			square += math.Pow(float64(nrgba(is, x, y).G)-float64(nrgba(want, x, y).G), 2)
			n++
		}
	}
	if rms := math.Sqrt(square / float64(n)); rms > 6 {
		t.Errorf("the JPEG is off by %.1f of 255 (root of the mean square)", rms)
	}
}

// TestHostileDrawings draws what no one should: it ends, with a picture of the page's size.
func TestHostileDrawings(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	path := func(points ...Point) (p Path) {
		p.Polyline(points, true)
		return p
	}
	curve := func(values ...float64) (p Path) {
		p.MoveTo(0, 0)
		p.CubicTo(values[0], values[1], values[2], values[3], values[4], values[5])
		return p
	}
	var orphan Path
	orphan.LineTo(10, 10)
	orphan.Close()
	orphan.Close()
	orphan.CubicTo(1, 2, 3, 4, 50, 50)
	var items []Item
	for _, p := range []Path{
		path(Point{nan, 0}, Point{0, nan}, Point{nan, nan}), path(Point{inf, 0}, Point{0, inf}, Point{-inf, -inf}),
		path(Point{1e300, 5}, Point{-1e300, 6}, Point{50, 1e300}), path(Point{1e15, 1e15}, Point{-1e15, -1e15}, Point{1e15, -1e15}),
		curve(nan, 0, 1, 1, 2, 2), curve(1e300, -1e300, -1e300, 1e300, 5, 5), curve(inf, inf, -inf, inf, 20, inf), orphan, {},
	} {
		for _, s := range []Stroke{
			{Color: black, Width: 3, Dash: []float64{4, 2}}, {Color: black, Width: 1e300}, {Color: black, Width: inf, Round: true},
			{Color: black, Width: 1e-300}, {Color: black, Width: 1, Dash: []float64{1e-9, 1e-9}},
			{Color: black, Width: 1, Dash: []float64{inf, 1}}, {Color: black, Width: 2, Dash: []float64{1e300, nan, 1}},
		} {
			items = append(items, &Shape{Path: p, Fill: Fill{Color: rgb(0x884422), EvenOdd: true, Pattern: DiagonalCross, Ink: black}, Stroke: s})
		}
	}
	big := &Symbol{Items: []Item{
		&Shape{Path: path(Point{-1e9, -1e9}, Point{1e9, -1e9}, Point{0, 1e9}), Fill: Fill{Color: color.NRGBA{0, 255, 0, 9}}},
		&Text{Size: 1e6, Text: "x", Color: black},
	}}
	for _, at := range []float64{0, nan, inf, -1e300, 1e300} {
		items = append(items, &Mark{Symbol: big, X: at, Y: 3}, &Mark{Symbol: &Symbol{}, X: 3, Y: at}, &Mark{X: at})
		for _, size := range []float64{0, -1, 12, nan, inf, 1e300, 1e6} {
			items = append(items,
				&Text{X: at, Y: 9, Size: size, Color: black, Halo: Stroke{Color: white, Width: size}, Text: "长\x00\u202e👩‍👧 אב", Italic: true},
				&Text{X: 9, Y: at, Size: 12, Spacing: size, Align: Middle, Color: black, Halo: Stroke{Color: white, Width: inf}, Text: "ab"})
		}
	}
	items = append(items, &Text{X: 0, Y: 20, Size: 12, Color: black, Text: strings.Repeat("书", 1<<20)}, &Group{})
	for _, size := range []float64{60, 0, nan} {
		d := &Drawing{Width: size, Height: size, Title: strings.Repeat("题\x00", 1<<19), Layers: []*Layer{
			{Items: items}, {}, {Clip: &Rect{nan, inf, -1, nan}, Items: items}, {Clip: &Rect{-1e300, -1e300, 2e300, 2e300}, Items: items},
		}}
		for _, opt := range []Raster{{}, {Palette: true}} {
			w, h := opt.Size(d)
			if got := decode(t, encode(t, d, opt)).Bounds(); got != image.Rect(0, 0, w, h) {
				t.Errorf("the picture is %v, want %d x %d", got, w, h)
			}
		}
	}
}

func FuzzRaster(f *testing.F) {
	f.Add([]byte("\x00\x10\x10\x01\x20\x30\x02\x01\x02\x03\x04\x05\x06\x03"), 3.0, 4.0, true)
	f.Add([]byte("\x01\xff\xff\x00\x80\x00\x02\xff\xff\xff\xff\x00\x00"), 1e9, 0.0, false)
	bare, err := LoadFonts(fstest.MapFS{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, width, dash float64, round bool) {
		d := &Drawing{Width: 40, Height: 40, Layers: []*Layer{{Items: []Item{&Shape{
			Path: pathOf(data), Fill: Fill{Color: black, EvenOdd: round},
			Stroke: Stroke{Color: black, Width: width, Dash: []float64{dash, dash}, Round: round},
		}}}}}
		if err := PNG(t.Context(), new(counter), bare, d, Raster{}); err != nil {
			t.Error(err)
		}
	})
}

// pathOf makes a path of bytes, some of them very large or no numbers.
func pathOf(data []byte) (p Path) {
	next := func() float64 {
		if len(data) == 0 {
			return 0
		}
		v := float64(int8(data[0]))
		data = data[1:]
		switch {
		case v == 127:
			return math.NaN()
		case v == -128:
			return math.Inf(-1)
		case v > 100:
			return math.Pow(10, (v-100)*12)
		}
		return v
	}
	for len(data) > 0 {
		o := data[0]
		data = data[1:]
		switch o % 4 {
		case 0:
			p.MoveTo(next(), next())
		case 1:
			p.LineTo(next(), next())
		case 2:
			p.CubicTo(next(), next(), next(), next(), next(), next())
		case 3:
			p.Close()
		}
	}
	return p
}

// TestManySymbols draws more symbols than sprites are kept, each a colour of its own,
// and looks that each is there.
func TestManySymbols(t *testing.T) {
	const across, step = 60, 50
	layer := &Layer{}
	for i := range across * across {
		var disc Path
		disc.Circle(0, 0, 22)
		s := &Symbol{Items: []Item{&Shape{Path: disc, Fill: Fill{Color: color.NRGBA{uint8(i), uint8(i >> 8), 77, 255}}}}}
		layer.Items = append(layer.Items, &Mark{Symbol: s, X: float64(i%across)*step + 25, Y: float64(i/across)*step + 25})
	}
	d := &Drawing{Width: across * step, Height: across * step, Layers: []*Layer{layer}}
	m := decode(t, encode(t, d, Raster{}))
	for i := range across * across {
		if got, want := nrgba(m, i%across*step+25, i/across*step+25), (color.NRGBA{uint8(i), uint8(i >> 8), 77, 255}); got != want {
			t.Fatalf("symbol %d has the colour %v, want %v", i, got, want)
		}
	}
}
