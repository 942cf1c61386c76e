package render

import (
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// luminance of a colour over another, as WCAG has it.
func luminance(c, over color.NRGBA) float64 {
	part := func(v, under uint8) float64 {
		a := float64(c.A) / 255
		x := (float64(v)*a + float64(under)*(1-a)) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R, over.R) + 0.7152*part(c.G, over.G) + 0.0722*part(c.B, over.B)
}

// TestCellsOnDarkLand: a cell of the first class is told from land and sea by its line.
func TestCellsOnDarkLand(t *testing.T) {
	th := darkTheme()
	for _, land := range []color.NRGBA{th.land, th.region, th.sea} {
		line, ground := luminance(th.cellLine(), land), luminance(land, land)
		if contrast := (line + 0.05) / (ground + 0.05); contrast < 3 {
			t.Errorf("on %v the line of a cell has a contrast of %.2f, want 3", land, contrast)
		}
	}
}

// TestSizesInTheLegend: the examples are of sizes that occur.
func TestSizesInTheLegend(t *testing.T) {
	groups := []int{60_000, 3, 2, 3, 15, 99, 2, 1000}
	var texts []string
	for _, size := range groupSizes(groups) {
		texts = append(texts, size.text)
		if !slices.Contains(groups, size.sample) {
			t.Errorf("%s: no group has %d", size.text, size.sample)
		}
	}
	if want := []string{"2–9", "10–99", "≥ 1,000"}; !slices.Equal(texts, want) {
		t.Errorf("the sizes are %v, want %v", texts, want)
	}
}

// TestFansStayInTheFrame: the symbols of a stack near the edge give way, and are found
// where they are drawn.
func TestFansStayInTheFrame(t *testing.T) {
	for n := 2; n <= mostStack; n++ {
		for _, at := range []orb.Point{{0.2, 5}, {9.9, 5}, {5, 9.9}, {5, 0.1}, {0.1, 9.9}, {10, 0}} {
			var points []string
			for range n {
				points = append(points, point(at))
			}
			x := featuresOf(t, points...)
			m := &Map{Width: 300, Height: 300, CRS: crs.CRS84(), Box: orb.Bound{Max: orb.Point{10, 10}}, Layers: []Layer{{Index: x, View: Features}}}
			p := drawn(t, m)
			symbols := 0
			eachMark(p.Drawing, func(mark *draw.Mark) {
				if mark.Alt == "" { // the stems
					return
				}
				symbols++
				if r := symbolReach + casingWidth; !within(squareAt(mark.X, mark.Y, r), p.Frame) {
					t.Errorf("%d at %v: a symbol at %v, %v runs out of the picture", n, at, mark.X, mark.Y)
				}
				hits, err := m.Hits(0, mark.X, mark.Y)
				if err != nil || len(hits) == 0 || hits[0].Distance > 0.01 {
					t.Errorf("%d at %v: nothing is found at %v, %v: %v, %v", n, at, mark.X, mark.Y, hits, err)
				}
			})
			if symbols != n {
				t.Errorf("%d at %v: %d symbols", n, at, symbols)
			}
		}
	}
}
