package render

import (
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// TestLayersGiveWay: symbols of one layer do not stand on those of another, lines tell
// where they belong, and nothing is lost.
func TestLayersGiveWay(t *testing.T) {
	var a, b, c []string
	for i := range 12 {
		at := orb.Point{1 + float64(i%4)*2.5, 2 + float64(i/4)*3}
		a, b = append(a, point(at)), append(b, point(at))
		c = append(c, point(orb.Point{at[0] + 0.1, at[1]}))
	}
	c = append(c, c[0], c[0], b[5], b[5]) // stacks
	layers := []Layer{{Index: featuresOf(t, a...)}, {Index: featuresOf(t, b...)}, {Index: featuresOf(t, c...)}}
	for _, style := range []Style{Light, Presentation} {
		m := &Map{Width: 700, Height: 700, CRS: crs.CRS84(), Box: orb.Bound{Max: orb.Point{11, 11}}, Style: style, Layers: layers}
		p := drawn(t, m)
		if p.Shown != 40 {
			t.Errorf("%d features are shown, want 40", p.Shown)
		}
		var marks []disc
		eachMark(p.Drawing, func(mark *draw.Mark) {
			if mark.Alt != "" {
				marks = append(marks, disc{mark.X, mark.Y, 8})
			}
		})
		for i, d := range marks {
			for _, o := range marks[:i] {
				if d.overlaps(o) {
					t.Errorf("style %d: a symbol at %v, %v is on one at %v, %v", style, d.x, d.y, o.x, o.y)
				}
			}
		}
		leaders := 0
		eachShape(p.Drawing, func(sh *draw.Shape) {
			if sh.Name == "leader" {
				leaders++
			}
		})
		if leaders == 0 {
			t.Error("nothing tells where symbols belong")
		}
		m.Whole = true
		eachShape(drawn(t, m).Drawing, func(sh *draw.Shape) {
			if sh.Name == "leader" {
				t.Error("in a part of a map a symbol moved")
			}
		})
	}
}

// TestAreasDoNotMix: areas above areas of another layer have no fill that lets it through.
func TestAreasDoNotMix(t *testing.T) {
	x := featuresOf(t, `{"type":"Polygon","coordinates":[[[1,1],[9,1],[9,9],[1,9],[1,1]]]}`)
	m := &Map{Width: 300, Height: 300, CRS: crs.CRS84(), Box: orb.Bound{Max: orb.Point{10, 10}}, Layers: []Layer{{Index: x}, {Index: x}}}
	fills, strokes := 0, 0
	eachShape(drawn(t, m).Drawing, func(sh *draw.Shape) {
		if sh.Fill.Color.A > 0 {
			fills++
		}
		if sh.Stroke.Width > 0 {
			strokes++
		}
	})
	if fills != 1 || strokes != 2 {
		t.Errorf("%d areas are filled and %d outlined, want 1 and 2", fills, strokes)
	}
}
