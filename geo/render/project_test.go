package render

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

func exp2(v float64) float64 { return math.Exp2(v) }

// TestPixels goes from position to pixel and back, and compares with the system's own
// conversion.
func TestPixels(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for c, box := range systemsOf(random) {
		for _, extend := range []bool{false, true} {
			m := &Map{Width: 640, Height: 480, CRS: c, Box: box, Extend: extend}
			p := drawn(t, m)
			if !extend && p.Box != box {
				t.Errorf("%s: the box is %v, want %v", c.Code(), p.Box, box)
			}
			if extend {
				sx, sy := 640/(p.Box.Max[0]-p.Box.Min[0]), 480/(p.Box.Max[1]-p.Box.Min[1])
				if math.Abs(sx-sy) > 1e-9*sx || !p.Box.Contains(box.Min) || !p.Box.Contains(box.Max) {
					t.Errorf("%s: extended to %v, which is stretched or does not hold %v", c.Code(), p.Box, box)
				}
			}
			for range 200 {
				x, y := random.Float64()*640, random.Float64()*480
				at, ok := p.LonLat(x, y)
				if !ok {
					continue
				}
				x2, y2, ok := p.Pixel(at)
				if !ok && x > 0.001 && x < 639.999 || math.Abs(x-x2) > 1e-6 || math.Abs(y-y2) > 1e-6 {
					t.Errorf("%s: %v, %v is %v, which is at %v, %v", c.Code(), x, y, at, x2, y2)
				}
				q, ok := c.FromLonLat(at)
				if c.Swapped() {
					q[0], q[1] = q[1], q[0]
				}
				want := orb.Point{p.Box.Min[0] + x/640*(p.Box.Max[0]-p.Box.Min[0]), p.Box.Max[1] - y/480*(p.Box.Max[1]-p.Box.Min[1])}
				if ok && (math.Abs(q[0]-want[0]) > 1e-6*math.Abs(want[0])+1e-6 || math.Abs(q[1]-want[1]) > 1e-6*math.Abs(want[1])+1e-6) {
					t.Errorf("%s: pixel %v, %v is %v in the system, want %v", c.Code(), x, y, q, want)
				}
			}
		}
	}
}

func TestAcross180(t *testing.T) {
	x := scatteredPoints(t, 10)
	for name, m := range map[string]*Map{
		"degrees":  {CRS: crs.CRS84(), Box: orb.Bound{Min: orb.Point{170, -20}, Max: orb.Point{-170, 20}}},
		"mercator": {Box: orb.Bound{Min: orb.Point{1.9e7, -2e6}, Max: orb.Point{2.1e7, 2e6}}},
		"west":     {Box: orb.Bound{Min: orb.Point{-2.1e7, -2e6}, Max: orb.Point{-1.9e7, 2e6}}},
	} {
		m.Width, m.Height, m.Layers = 400, 400, []Layer{{Index: x}}
		_, m.Base = atlas()
		p := drawn(t, m)
		for _, at := range []orb.Point{{179, 1}, {-179, 1}, {180, -3}, {-180, -3}} {
			px, py, ok := p.Pixel(at)
			if !ok || math.Abs(px-200) > 100 {
				t.Errorf("%s: %v is at %v, %v, %v; want near the middle", name, at, px, py, ok)
			}
		}
	}
}

// TestAreasKeepTheirSize: an area that is cut off at the frame fills the frame's part of
// it in every system, also over 180 degrees.
func TestAreasAreCutAtTheFrame(t *testing.T) {
	ring := orb.Ring{{160, -40}, {-160, -40}, {-160, 40}, {160, 40}, {160, -40}}
	p, err := newProjection(crs.CRS84(), orb.Bound{Min: orb.Point{150, -20}, Max: orb.Point{-170, 20}}, draw.Rect{W: 400, H: 400}, false)
	if err != nil {
		t.Fatal(err)
	}
	var path draw.Path
	newTracer(p).area(&path, orb.Polygon{ring})
	got := path.Bounds()
	want := draw.Rect{X: 100, Y: -beyond, W: 300 + beyond, H: 400 + 2*beyond}
	if math.Abs(got.X-want.X) > 1e-6 || math.Abs(got.W-want.W) > 1e-6 || math.Abs(got.Y-want.Y) > 1e-6 || math.Abs(got.H-want.H) > 1e-6 {
		t.Errorf("the area fills %+v, want %+v", got, want)
	}
}

// TestLongEdgesBend: a straight line in longitude and latitude is one in the picture only
// where the projection says so.
func TestLongEdgesBend(t *testing.T) {
	line := orb.LineString{{75, 45}, {135, 45}}
	p, err := newProjection(crs.ChinaAlbers(), orb.Bound{Min: orb.Point{-3.5e6, 1.5e6}, Max: orb.Point{3.5e6, 6.5e6}}, draw.Rect{W: 1000, H: 714}, true)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTracer(p)
	tr.project(tr.unwrapped(line, 0), false)
	for lon := 75.0; lon <= 135; lon += 0.5 {
		x, y, _ := p.pixel(orb.Point{lon, 45})
		least := math.Inf(1)
		for i := 1; i < len(tr.a); i++ {
			least = min(least, fromSegment(orb.Point{x, y}, orb.Point{tr.a[i-1].X, tr.a[i-1].Y}, orb.Point{tr.a[i].X, tr.a[i].Y}))
		}
		if least > tolerance {
			t.Fatalf("at %v the drawn line is %v pixels away", lon, least)
		}
	}
	if n := len(tr.a); n > 400 {
		t.Errorf("%d vertices for one edge", n)
	}
}

// TestSimplifyIsNear: no vertex that is left out is further than the tolerance.
func TestSimplifyIsNear(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	for range 50 {
		tr := new(tracer)
		closed := random.IntN(2) == 0
		at := draw.Point{X: 100, Y: 100}
		for range 3 + random.IntN(400) {
			at.X, at.Y = at.X+random.NormFloat64(), at.Y+random.NormFloat64()*0.2
			tr.a = append(tr.a, at)
		}
		whole := append([]pixel(nil), tr.a...)
		tr.simplify(closed)
		kept := append([]pixel(nil), tr.a...)
		if closed {
			kept = append(kept, kept[0])
		}
		for _, q := range whole {
			least := math.Inf(1)
			for i := 1; i < len(kept); i++ {
				least = min(least, fromSegment(orb.Point{q.X, q.Y}, orb.Point{kept[i-1].X, kept[i-1].Y}, orb.Point{kept[i].X, kept[i].Y}))
			}
			if least > tolerance+1e-9 {
				t.Fatalf("%v is %v pixels from the line that is left (closed %v)", q, least, closed)
			}
		}
	}
}

// TestWorldsRepeat: what shows twice is drawn twice, filled and as a line.
func TestWorldsRepeat(t *testing.T) {
	p, err := newProjection(crs.CRS84(), orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{540, 90}}, draw.Rect{W: 720, H: 180}, false)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTracer(p)
	polygon := orb.Polygon{{{10, 10}, {20, 10}, {20, 20}, {10, 20}, {10, 10}}}
	var area, line draw.Path
	tr.area(&area, polygon)
	tr.outline(&line, polygon)
	for name, path := range map[string]draw.Path{"area": area, "line": line} {
		if got, want := path.Bounds(), (draw.Rect{X: 190, Y: 70, W: 370, H: 10}); got != want {
			t.Errorf("%s: from %v, want %v", name, got, want)
		}
	}
}

// TestSeaEndsAtThePoles.
func TestSeaEndsAtThePoles(t *testing.T) {
	const edge = math.Pi * earthRadius
	for _, c := range []struct {
		crs  *crs.CRS
		box  orb.Bound
		want draw.Rect
	}{
		{crs.CRS84(), orb.Bound{Min: orb.Point{0, -100}, Max: orb.Point{200, 100}}, draw.Rect{Y: 10, W: 200, H: 180}},
		{crs.CRS84(), orb.Bound{Min: orb.Point{0, -10}, Max: orb.Point{20, 10}}, draw.Rect{W: 200, H: 200}},
		{crs.WebMercator(), orb.Bound{Min: orb.Point{0, -edge}, Max: orb.Point{edge, 3 * edge}}, draw.Rect{Y: 100, W: 200, H: 100}},
		{crs.ChinaAlbers(), orb.Bound{Min: orb.Point{-1e7, -1e7}, Max: orb.Point{1e7, 1e7}}, draw.Rect{W: 200, H: 200}},
	} {
		p, err := newProjection(c.crs, c.box, draw.Rect{W: 200, H: 200}, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.world(); math.Abs(got.Y-c.want.Y) > 1e-9 || math.Abs(got.H-c.want.H) > 1e-9 || got.W != c.want.W {
			t.Errorf("%s %v: the world is %v, want %v", c.crs.Code(), c.box, got, c.want)
		}
	}
}

// TestPolesAreClosed: a ring with an edge along a pole holds that.
func TestPolesAreClosed(t *testing.T) {
	p, err := newProjection(crs.CRS84(), orb.Bound{Min: orb.Point{0, -90}, Max: orb.Point{360, 90}}, draw.Rect{W: 360, H: 180}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, ring := range []orb.Ring{
		{{-180, -90}, {180, -90}, {180, -80}, {-180, -80}, {-180, -90}},
		{{-180, -90}, {180, -90}, {180, -80}, {90, -80}, {-90, -80}, {-180, -80}, {-180, -90}},
	} {
		area := 0.0
		newTracer(p).rings(orb.Polygon{ring}, func(ring []draw.Point) {
			for i, q := range ring {
				r := ring[(i+1)%len(ring)]
				area += (q.X*r.Y - r.X*q.Y) / 2
			}
		})
		if want := (360.0 + 2*beyond) * (10 + beyond); math.Abs(math.Abs(area)-want) > 2*beyond*(360+10) {
			t.Errorf("%v fills %v pixels, want about %v", ring, area, want)
		}
	}
}

// TestHolesGoWithTheirPolygon over 180 degrees, from either side.
func TestHolesGoWithTheirPolygon(t *testing.T) {
	p, err := newProjection(crs.CRS84(), orb.Bound{Min: orb.Point{160, -20}, Max: orb.Point{200, 20}}, draw.Rect{W: 400, H: 400}, false)
	if err != nil {
		t.Fatal(err)
	}
	hole := orb.Ring{{-172, -2}, {-172, 2}, {-178, 2}, {-178, -2}, {-172, -2}}
	for _, outer := range []orb.Ring{
		{{170, -10}, {-170, -10}, {-170, 10}, {170, 10}, {170, -10}},
		{{-170, 10}, {170, 10}, {170, -10}, {-170, -10}, {-170, 10}},
	} {
		var rings []draw.Rect
		newTracer(p).rings(orb.Polygon{outer, hole}, func(ring []draw.Point) {
			var path draw.Path
			path.Polyline(ring, true)
			rings = append(rings, path.Bounds())
		})
		want := []draw.Rect{{X: 100, Y: 100, W: 200, H: 200}, {X: 220, Y: 180, W: 60, H: 40}}
		if !slices.Equal(rings, want) {
			t.Errorf("from %v on: the rings are %v, want %v", outer[0], rings, want)
		}
	}
}
