package cql

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// The distances are those of GeographicLib 2, which is good to nanometres.
func TestGeodesicDistance(t *testing.T) {
	for _, c := range []struct {
		p, q orb.Point
		want float64
	}{
		{orb.Point{-63.4202, -62.8471}, orb.Point{54.3364, -76.9615}, 3909837.4863},
		{orb.Point{12.9175, -24.176}, orb.Point{-159.1204, 1.3384}, 17338646.7917},
		{orb.Point{-166.5016, -11.9438}, orb.Point{-154.852, -73.6717}, 6898962.0379},
		{orb.Point{-27.1731, 58.8334}, orb.Point{-135.4313, -49.817}, 15473746.3986},
		{orb.Point{45.876, 80.5876}, orb.Point{27.7571, -18.5975}, 11057770.0427},
		{orb.Point{171.4518, -81.6151}, orb.Point{129.0486, -37.8703}, 5145184.5907},
		{orb.Point{-128.0682, -68.7974}, orb.Point{-68.9465, 56.9027}, 14740212.6468},
		{orb.Point{-114.9385, 14.688}, orb.Point{50.0088, -22.9684}, 18195949.7605},
		{orb.Point{17.188, -78.698}, orb.Point{-158.5436, -52.9274}, 5394821.1322},
		{orb.Point{64.944, -13.0334}, orb.Point{-66.907, 15.4011}, 14841945.6713},
		{orb.Point{-16.8536, -36.0419}, orb.Point{105.9766, 35.819}, 14943177.6883},
		{orb.Point{-92.1253, 13.3963}, orb.Point{9.0707, 67.5247}, 9107268.4380},
		{orb.Point{113.19, 22.61}, orb.Point{120.65, 30.92}, 1181718.1835},
		{orb.Point{0, 0}, orb.Point{179.5, 0.5}, 19936288.5790},
		{orb.Point{0, 0}, orb.Point{180, 0}, 20003931.4586},
		{orb.Point{10, 30}, orb.Point{-170.2, -29.9}, 19989832.8276},
		{orb.Point{0, 90}, orb.Point{0, -90}, 20003931.4586},
		{orb.Point{179.9, 10}, orb.Point{-179.9, 10}, 21927.8725},
		{orb.Point{0, 0}, orb.Point{179.7, 0}, 19995624.8900},
		{orb.Point{5, -30}, orb.Point{-175, 30}, 20003931.4586},
		{orb.Point{0, 0}, orb.Point{1, 0}, 111319.4908},
		{orb.Point{0, 0.5}, orb.Point{179.99, -0.49}, 20002816.6342},
	} {
		if got := geodesicDistance(c.p, c.q); math.Abs(got-c.want) > 2e-3 {
			t.Errorf("distance of %v and %v is %.4f, want %.4f", c.p, c.q, got, c.want)
		}
		if got, back := geodesicDistance(c.p, c.q), geodesicDistance(c.q, c.p); math.Abs(got-back) > 2e-3 {
			t.Errorf("distance of %v and %v is %v one way and %v back", c.p, c.q, got, back)
		}
	}
}

func ring(points ...orb.Point) *shape { return newShape(orb.Polygon{append(points, points[0])}) }

// The areas are those of GeographicLib for edges that are divided 2,000 times.
func TestEllipsoidArea(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *shape
		want float64
	}{
		{"a degree", ring(orb.Point{0, 0}, orb.Point{1, 0}, orb.Point{1, 1}, orb.Point{0, 1}), 12308463894.05},
		{"a triangle", ring(orb.Point{113, 22}, orb.Point{114.5, 22.3}, orb.Point{113.7, 24}), 15864654603.85},
		{"a large triangle", ring(orb.Point{-20, -30}, orb.Point{50, 10}, orb.Point{10, 60}), 29048994124443.8},
		{"the Earth", ring(orb.Point{-180, -90}, orb.Point{180, -90}, orb.Point{180, 90}, orb.Point{-180, 90}), 510065621724088.5},
	} {
		if got := ellipsoidArea(c.s); math.Abs(got/c.want-1) > 1e-7 {
			t.Errorf("area of %s is %.2f, want %.2f", c.name, got, c.want)
		}
	}
	square := ring(orb.Point{0, 0}, orb.Point{1, 0}, orb.Point{1, 1}, orb.Point{0, 1}).geometry
	twice := newShape(orb.Collection{square, square})
	if got := ellipsoidArea(twice); math.Abs(got/12308463894.05-1) > 1e-7 {
		t.Errorf("area of a square that stands twice is %.2f", got)
	}
}

func TestShapeDistance(t *testing.T) {
	line := orb.LineString{{113, 22}, {114, 22}}
	for _, c := range []struct {
		name string
		a, b orb.Geometry
		want float64
	}{
		{"on the line", orb.Point{113.5, 22}, line, 0},
		{"inside", orb.Point{.5, .5}, ring(orb.Point{0, 0}, orb.Point{1, 0}, orb.Point{1, 1}).geometry, 0},
		{"beside the end", orb.Point{112, 22}, line, geodesicDistance(orb.Point{112, 22}, orb.Point{113, 22})},
		{"over the middle", orb.Point{113.5, 23}, line, geodesicDistance(orb.Point{113.5, 23}, orb.Point{113.5, 22})},
		{"across 180", orb.Point{-179.5, 0}, orb.LineString{{179, 1}, {179, -1}}, geodesicDistance(orb.Point{-179.5, 0}, orb.Point{179, 0})},
		{"two points", orb.Point{0, 0}, orb.MultiPoint{{9, 9}, {0, 1}}, geodesicDistance(orb.Point{0, 0}, orb.Point{0, 1})},
	} {
		a, b := newShape(c.a), newShape(c.b)
		if got, back := shapeDistance(a, b), shapeDistance(b, a); math.Abs(got-c.want) > .01 || math.Abs(got-back) > .01 {
			t.Errorf("%s: %.3f one way and %.3f back, want %.3f", c.name, got, back, c.want)
		}
	}
}

// The tree of balls finds what a comparison of all steps finds.
func TestNearestAgreesWithAllSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	line := func() orb.LineString {
		i := r.IntN(3)
		reach, points := []float64{0.01, 1, 40}[i], []int{40, 20, 3}[i]
		at := orb.Point{r.Float64()*180 - 90, r.Float64()*80 - 40}
		var l orb.LineString
		for range 2 + r.IntN(points) {
			l = append(l, orb.Point{at[0] + (2*r.Float64()-1)*reach, at[1] + (2*r.Float64()-1)*min(reach, 50)})
		}
		return l
	}
	for range 200 {
		a, b := newShape(line()), newShape(line())
		if r.IntN(3) == 0 {
			a = newShape(orb.MultiPoint(line()))
		}
		got := nearest(a, b)
		want := nearestPair{best: math.Inf(1)}
		one, two := a.nearness(), b.nearness()
		for i := range one.ends {
			for j := range two.ends {
				for _, s := range one.group(i) {
					for _, u := range two.group(j) {
						want.offer(&s, &u)
					}
				}
			}
		}
		if got.best != want.best {
			t.Fatalf("%v and %v: %v, want %v", a.geometry, b.geometry, got.best, want.best)
		}
		for _, n := range []*nearness{one, two} {
			for level, balls := range n.levels {
				for i := range balls {
					for j := range n.steps {
						if j/int(math.Pow(8, float64(level))) != i {
							continue
						}
						for _, s := range n.group(j) {
							if d := distance(s.a, balls[i].centre); d > balls[i].radius*(1+1e-9) {
								t.Fatalf("a step is %v m outside its ball", d-balls[i].radius)
							}
						}
					}
				}
			}
		}
	}
}
