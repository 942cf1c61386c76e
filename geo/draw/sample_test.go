package draw

import (
	"image/color"
	"math"
	"strconv"
	"testing"
	"time"
)

// sampleDrawing has something of all that a drawing can have.
func sampleDrawing() *Drawing {
	ink, blue, rose := color.NRGBA{29, 28, 26, 255}, color.NRGBA{26, 75, 168, 255}, color.NRGBA{217, 72, 122, 255}
	white := color.NRGBA{255, 255, 255, 255}
	halo := Stroke{Color: white, Width: 3, Round: true}

	var land, hole, curve, coast Path
	land.Polyline([]Point{{20, 20}, {260.333, 40}, {300, 180}, {180, 260.5}, {30, 200}}, true)
	hole.Rect(Rect{40, 40, 120, 100})
	hole.Circle(100, 90, 30)
	curve.MoveTo(40, 230)
	curve.CubicTo(120, 150, 160, 330, 280, 210)
	coast.Polyline([]Point{{310, 30}, {360, 120}, {330, 60}, {380, 220}}, false)

	base := &Layer{Name: "底图 base", Items: []Item{
		&Shape{Name: "land", Alt: "Land <of> the sample & more", Path: land, Fill: Fill{Color: color.NRGBA{244, 242, 236, 255}},
			Stroke: Stroke{Color: color.NRGBA{175, 192, 200, 255}, Width: 0.8}},
		&Shape{Name: "hole", Path: hole, Fill: Fill{Color: color.NRGBA{26, 75, 168, 96}, EvenOdd: true}},
		&Shape{Name: "river", Path: curve, Stroke: Stroke{Color: blue, Width: 2, Dash: []float64{8, 4}}},
		&Shape{Name: "round", Path: coast, Stroke: Stroke{Color: color.NRGBA{29, 28, 26, 128}, Width: 6, Round: true}},
	}}

	patterns := &Layer{Name: "patterns"}
	for i, p := range []Pattern{DiagonalUp, DiagonalDown, Horizontal, Vertical, Cross, DiagonalCross, Dots, DenseDots} {
		var box Path
		box.Rect(Rect{400.5 + float64(i%4)*60, 20.5 + float64(i/4)*60, 48, 48}) // crisp: readers of PDF move thin lines to whole pixels
		fill := Fill{Pattern: p, Ink: ink}
		if i%2 == 1 {
			fill.Color = color.NRGBA{185, 217, 168, 255}
		}
		patterns.Items = append(patterns.Items, &Shape{Name: "pattern", Path: box, Fill: fill, Stroke: Stroke{Color: ink, Width: 1}})
	}

	var disc, part Path
	disc.Circle(0, 0, 12)
	part.MoveTo(0, 0)
	part.Arc(0, 0, 12, -math.Pi/2, math.Pi/3)
	part.Close()
	group := &Symbol{Items: []Item{
		&Shape{Path: disc, Fill: Fill{Color: white}, Stroke: Stroke{Color: ink, Width: 1.5}},
		&Shape{Path: part, Fill: Fill{Color: rose}},
		&Text{X: 0, Y: 4, Align: Middle, Size: 11, Weight: 700, Color: ink, Halo: halo, Text: "23"},
	}}
	marks := &Layer{Name: "marks", Clip: &Rect{400, 150, 230, 80}}
	for i := range 6 {
		marks.Items = append(marks.Items, &Mark{Name: "group", Alt: "23 clusters", Symbol: group, X: 400 + float64(i)*50, Y: 190.25})
	}

	labels := &Layer{Name: "labels", Items: []Item{
		&Text{X: 40, Y: 300, Size: 28, Weight: 700, Color: ink, Text: "长三角 Yangtze River Delta"},
		&Text{X: 320, Y: 330, Align: Middle, Size: 14, Weight: 500, Color: ink, Halo: halo, Text: "广东省佛山市：陶瓷 “Foshan”"},
		&Text{X: 600, Y: 360, Align: End, Size: 12, Spacing: 4, Color: blue, Text: "渤海湾"},
		&Text{X: 40, Y: 360, Size: 16, Italic: true, Color: blue, Halo: halo, Text: "Bohai Sea"},
		&Group{Name: "legend", Alt: "Legend", Items: []Item{
			&Shape{Path: disc.moved(60, 384), Fill: Fill{Color: rose}},
			&Text{X: 80, Y: 388, Size: 12, Color: ink, Text: "It’s 1,234 km – ceramics & stone"},
		}},
	}}
	return &Drawing{
		Width: 640, Height: 400, Background: color.NRGBA{226, 235, 238, 255},
		Title: "三大集聚区 Three concentrations", Description: "A sample of all shapes", Lang: "zh-Hans", Author: "clustermap",
		Date:   time.Date(2024, 5, 17, 8, 30, 0, 0, time.UTC),
		Layers: []*Layer{base, patterns, marks, labels},
	}
}

// moved is a copy of a path at another place.
func (p Path) moved(x, y float64) Path {
	q := Path{ops: p.ops}
	for _, at := range p.points {
		q.points = append(q.points, Point{at.X + x, at.Y + y})
	}
	return q
}

func parseFloat(tb testing.TB, s string) float64 {
	tb.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}
