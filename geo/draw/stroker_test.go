package draw

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

func strokeGray(s Stroke, w, h int, path *Path) *gray {
	g := newGray(w, h)
	p := &painter{desk: new(desk)}
	p.stroke(path, transform{scale: 1}, newStroker(s, 1), image.Rect(0, 0, w, h), g)
	return g
}

// TestStrokeCoversItsArea holds lines to what they should cover by their shape.
func TestStrokeCoversItsArea(t *testing.T) {
	line := func(closed bool, points ...Point) (p Path) {
		p.Polyline(points, closed)
		return p
	}
	circle := func(r float64) (p Path) {
		p.Circle(50, 50, r)
		return p
	}
	straight := line(false, Point{20, 50}, Point{80, 50})
	for _, c := range []struct {
		name   string
		path   Path
		stroke Stroke
		want   float64
	}{
		{"line", straight, Stroke{Width: 4}, 240},
		{"thin line", straight, Stroke{Width: 0.25}, 15},
		{"line with round ends", straight, Stroke{Width: 10, Round: true}, 600 + 25*math.Pi},
		{"line in many pieces", line(false, Point{20, 50}, Point{20.001, 50}, Point{50, 50}, Point{50, 50}, Point{80, 50}), Stroke{Width: 4}, 240},
		{"there and back", line(false, Point{20, 50}, Point{80, 50}, Point{20, 50}), Stroke{Width: 4}, 240},
		{"corner with mitre", line(false, Point{20, 80}, Point{20, 20}, Point{80, 20}), Stroke{Width: 4}, 2*60*4 + 4},
		{"corner, round", line(false, Point{20, 80}, Point{20, 20}, Point{80, 20}), Stroke{Width: 20, Round: true}, 2*60*20 - 100 + 25*math.Pi + 100*math.Pi},
		{"square", line(true, Point{20, 20}, Point{80, 20}, Point{80, 80}, Point{20, 80}), Stroke{Width: 4}, 64*64 - 56*56},
		{"square the other way", line(true, Point{20, 20}, Point{20, 80}, Point{80, 80}, Point{80, 20}), Stroke{Width: 4}, 64*64 - 56*56},
		{"circle", circle(30), Stroke{Width: 5}, 2 * math.Pi * 30 * 5},
		{"circle smaller than its line", circle(3), Stroke{Width: 10}, 64 * math.Pi},
		{"dashes", straight, Stroke{Width: 4, Dash: []float64{5, 5}}, 120},
		{"dashes of two lengths", straight, Stroke{Width: 4, Dash: []float64{10, 2, 3, 5}}, 3 * 13 * 4},
		{"dots", straight, Stroke{Width: 4, Dash: []float64{0, 10}, Round: true}, 6 * 4 * math.Pi},
		{"dots that show nothing", straight, Stroke{Width: 4, Dash: []float64{0, 10}}, 0},
		{"dash too fine to be seen", straight, Stroke{Width: 4, Dash: []float64{0.1, 0.1}}, 240},
		{"dash that is none", straight, Stroke{Width: 4, Dash: []float64{math.NaN(), -1}}, 240},
		{"point", line(false, Point{50, 50}, Point{50, 50}), Stroke{Width: 10, Round: true}, 25 * math.Pi},
		{"no width", straight, Stroke{}, 0},
		{"no number", straight, Stroke{Width: math.NaN()}, 0},
	} {
		if got := strokeGray(c.stroke, 100, 100, &c.path).area(); math.Abs(got-c.want) > 0.01*c.want+0.5 {
			t.Errorf("%s covers %.1f pixels, want %.1f", c.name, got, c.want)
		}
	}
}

// TestStrokeOfPartOfThePage holds that a part of the page shows what it shows on the
// whole page, dashes included.
func TestStrokeOfPartOfThePage(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for i := range 60 {
		var path Path
		var points []Point
		for range 12 {
			points = append(points, Point{r.Float64()*300 - 100, r.Float64()*300 - 100})
		}
		path.Polyline(points, i%2 == 0)
		s := Stroke{Width: 1 + 6*r.Float64(), Round: i%3 == 0}
		if i%4 < 2 {
			s.Dash = []float64{9, 5}
		}
		whole := newGray(100, 100)
		p := &painter{desk: new(desk)}
		k := newStroker(s, 1)
		p.stroke(&path, transform{scale: 1}, k, whole.Rect, whole)
		part := newGray(100, 100)
		clip := image.Rect(30, 40, 70, 60)
		p.stroke(&path, transform{scale: 1}, newStroker(s, 1), clip, part)
		differ := 0
		for y := range 100 {
			for x := range 100 {
				got := int(part.AlphaAt(x, y).A)
				if !image.Pt(x, y).In(clip) {
					if got != 0 {
						t.Fatalf("line %d paints pixel %d, %d outside of the clip", i, x, y)
					}
					continue
				}
				if d := int(whole.AlphaAt(x, y).A) - got; d < -16 || d > 16 {
					differ++
				}
			}
		}
		if differ > 4 {
			t.Errorf("line %d, %+v: %d pixels of a part differ from the whole", i, s, differ)
		}
	}
}
