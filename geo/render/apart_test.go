package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
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

// TestPartsDoNotMix: an area on a larger one of another colour has an outline alone, one
// beside it is filled.
func TestPartsDoNotMix(t *testing.T) {
	square := func(kind string, x, y, w float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"kind":%q},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]]}}`, kind, x, y, x+w, y, x+w, y+w, x, y+w, x, y)
	}
	text := `{"type":"FeatureCollection","features":[` + strings.Join([]string{square("a", 0, 0, 6), square("b", 1, 1, 2), square("b", 7, 7, 2), square("a", 3, 3, 2)}, ",") + "]}"
	x, err := geo.Read(strings.NewReader(text), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := &Map{Width: 300, Height: 300, CRS: crs.CRS84(), Box: orb.Bound{Max: orb.Point{10, 10}}, Layers: []Layer{{Index: x}}}
	fills, strokes := 0, 0
	eachShape(drawn(t, m).Drawing, func(sh *draw.Shape) {
		if sh.Fill.Color.A > 0 {
			fills++
		}
		if sh.Stroke.Width > 0 {
			strokes++
		}
	})
	if len(newPalette(x).options) < 2 {
		t.Fatal("the areas have one colour")
	}
	if fills != 3 || strokes != 4 {
		t.Errorf("%d areas are filled and %d outlined, want 3 and 4", fills, strokes)
	}
}

func BenchmarkGiveWay(b *testing.B) {
	var points []string
	for i := range 300 {
		points = append(points, point(orb.Point{4 + float64(i%17)/15, 4 + float64(i/17)/15}))
	}
	x := featuresOf(b, points...)
	m := &Map{Width: 700, Height: 700, CRS: crs.CRS84(), Box: orb.Bound{Max: orb.Point{11, 11}}, Layers: []Layer{{Index: x}, {Index: x}}}
	for b.Loop() {
		if _, err := Draw(b.Context(), m, nil); err != nil {
			b.Fatal(err)
		}
	}
}
