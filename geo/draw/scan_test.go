package draw

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/vector"
)

// gray is a page of coverage alone.
type gray struct {
	*image.Alpha
	outside int // spans beyond the page
}

func newGray(w, h int) *gray { return &gray{Alpha: image.NewAlpha(image.Rect(0, 0, w, h))} }

func (g *gray) span(y, x0, x1 int, coverage uint32) {
	if y < 0 || y >= g.Rect.Max.Y || x0 < 0 || x1 > g.Rect.Max.X || x0 >= x1 || coverage < 1 || coverage > 255 {
		g.outside++
		return
	}
	for x := x0; x < x1; x++ {
		g.Pix[y*g.Stride+x] = uint8(coverage)
	}
}

// area is the sum of coverage in pixels.
func (g *gray) area() float64 {
	sum := 0
	for _, c := range g.Pix {
		sum += int(c)
	}
	return float64(sum) / 255
}

func fillGray(w, h int, evenOdd bool, rings ...[]Point) *gray {
	g := newGray(w, h)
	var s scanner
	s.fill(g.Rect, evenOdd, g, func() {
		for _, r := range rings {
			s.ring(r)
		}
	})
	return g
}

func turned(points []Point, angle, x, y float64) []Point {
	sin, cos := math.Sincos(angle)
	var out []Point
	for _, p := range points {
		out = append(out, Point{x + p.X*cos - p.Y*sin, y + p.X*sin + p.Y*cos})
	}
	return out
}

// TestCoverageIsArea turns a square and a triangle and moves them by parts of pixels.
func TestCoverageIsArea(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		name   string
		points []Point
		area   float64
	}{
		{"square", []Point{{-10, -10}, {10, -10}, {10, 10}, {-10, 10}}, 400},
		{"sliver", []Point{{-20, -0.05}, {20, -0.05}, {20, 0.05}, {-20, 0.05}}, 4},
		{"triangle", []Point{{-10, -10}, {10, -10}, {0, 10}}, 200},
		{"less than a pixel", []Point{{0, 0}, {0.5, 0}, {0.5, 0.5}, {0, 0.5}}, 0.25},
	} {
		for range 200 {
			angle, x, y := r.Float64()*7, 30+r.Float64(), 30+r.Float64()
			got := fillGray(60, 60, false, turned(c.points, angle, x, y)).area()
			if math.Abs(got-c.area) > 0.02*c.area+0.1 {
				t.Errorf("%s turned by %.3f at %.3f, %.3f covers %.2f pixels, want %.2f", c.name, angle, x, y, got, c.area)
			}
		}
	}
}

// TestWindingRules draws a star whose middle is gone around twice.
func TestWindingRules(t *testing.T) {
	var star []Point
	for i := range 5 {
		sin, cos := math.Sincos(float64(i) * 4 * math.Pi / 5)
		star = append(star, Point{50 + 40*sin, 50 - 40*cos})
	}
	if c := fillGray(100, 100, false, star).AlphaAt(50, 50).A; c != 255 {
		t.Errorf("the middle of a star has coverage %d by the non-zero rule", c)
	}
	if c := fillGray(100, 100, true, star).AlphaAt(50, 50).A; c != 0 {
		t.Errorf("the middle of a star has coverage %d by the even-odd rule", c)
	}
	whole, hole := []Point{{10, 10}, {90, 10}, {90, 90}, {10, 90}}, []Point{{30, 30}, {30, 70}, {70, 70}, {70, 30}}
	if got := fillGray(100, 100, false, whole, hole).area(); math.Abs(got-4800) > 1 {
		t.Errorf("a square with a hole that turns the other way covers %.1f, want 4800", got)
	}
	if got := fillGray(100, 100, false, whole, whole).area(); math.Abs(got-6400) > 1 {
		t.Errorf("a square drawn twice covers %.1f, want 6400", got)
	}
}

// TestLikeVector holds triangles, which cannot overlap themselves, to x/image/vector,
// on a page so wide that it counts in floating point.
func TestLikeVector(t *testing.T) {
	const size = 64
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var points []Point
		for range 3 {
			points = append(points, Point{r.Float64() * size, r.Float64() * size})
		}
		want := image.NewAlpha(image.Rect(0, 0, size, size))
		z := vector.NewRasterizer(600, size)
		z.MoveTo(float32(points[0].X), float32(points[0].Y))
		z.LineTo(float32(points[1].X), float32(points[1].Y))
		z.LineTo(float32(points[2].X), float32(points[2].Y))
		z.ClosePath()
		z.Draw(want, want.Rect, image.Opaque, image.Point{})
		got := fillGray(size, size, false, points)
		if got.outside > 0 {
			t.Fatalf("%v: spans beyond the page", points)
		}
		for i := range want.Pix {
			if d := int(want.Pix[i]) - int(got.Pix[i]); d < -3 || d > 3 {
				t.Fatalf("%v: pixel %d, %d has coverage %d, by x/image/vector %d", points, i%size, i/size, got.Pix[i], want.Pix[i])
			}
		}
	}
}

// TestBandsAreSeamless scans an outline that crosses more pixels than fit at once.
func TestBandsAreSeamless(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var points []Point
	for range 200 {
		points = append(points, Point{r.Float64() * 120, r.Float64() * 120})
	}
	for _, evenOdd := range []bool{false, true} {
		whole, banded := newGray(100, 100), newGray(100, 100)
		var s scanner
		s.fill(whole.Rect, evenOdd, whole, func() { s.ring(points) })
		s.limit = 150
		s.fill(banded.Rect, evenOdd, banded, func() { s.ring(points) })
		for i := range whole.Pix {
			// An edge is cut at a band, and its end there rounded to 1/256 of a pixel.
			if d := int(whole.Pix[i]) - int(banded.Pix[i]); d < -12 || d > 12 {
				t.Fatalf("even-odd %t: pixel %d, %d differs by %d", evenOdd, i%100, i/100, d)
			}
		}
	}
}

// TestFarAway draws shapes that reach far beyond the page.
func TestFarAway(t *testing.T) {
	for _, far := range []float64{1e3, 1e6, farAway} {
		around := []Point{{-far, -far}, {far, -far}, {far, far}, {-far, far}}
		if got := fillGray(50, 50, false, around); got.area() != 2500 || got.outside > 0 {
			t.Errorf("a square to %g covers %.1f of 2500", far, got.area())
		}
		half := []Point{{-far, -far}, {far, far}, {-far, far}}
		if got := fillGray(50, 50, false, half); math.Abs(got.area()-1250) > 1 || got.outside > 0 {
			t.Errorf("a triangle to %g covers %.1f of 1250", far, got.area())
		}
		beside := []Point{{60, -far}, {far, 0}, {60, far}}
		if got := fillGray(50, 50, false, beside); got.area() != 0 || got.outside > 0 {
			t.Errorf("a triangle beside the page to %g covers %.1f", far, got.area())
		}
	}
}
