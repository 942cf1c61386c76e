package draw

import (
	"math"
	"math/rand/v2"
	"testing"
)

// winding counts how often rings go around a point.
func winding(rings [][]Point, p Point) int {
	n := 0
	for _, ring := range rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(p.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
				if b.Y > a.Y {
					n++
				} else {
					n--
				}
			}
			a = b
		}
	}
	return n
}

func flatRings(subs []subpath) (rings [][]Point) {
	for _, s := range subs {
		rings = append(rings, s.flat())
	}
	return rings
}

// TestClipRingsKeepsTheArea asks at random points whether what is left of random rings
// is what the rings cover within the box, by both rules.
func TestClipRingsKeepsTheArea(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	box := Rect{20, 30, 50, 40}
	for round := range 300 {
		var p Path
		for range 1 + r.IntN(3) {
			points := make([]Point, 3+r.IntN(8))
			for i := range points {
				points[i] = Point{r.Float64() * 100, r.Float64() * 100}
				if round%2 == 0 { // often on the edges
					points[i] = Point{float64(r.IntN(10)) * 10, float64(r.IntN(10)) * 10}
				}
			}
			p.Polyline(points, r.IntN(2) == 0)
		}
		if r.IntN(3) == 0 {
			p.Circle(r.Float64()*100, r.Float64()*100, r.Float64()*60)
		}
		subs := p.subpaths(0, 0)
		clipped := clipRings(subs, box)
		for _, s := range clipped {
			if b := boundsOf(s.flat()); !(Rect{box.X - 1e-9, box.Y - 1e-9, box.W + 2e-9, box.H + 2e-9}).contains(b) {
				t.Fatalf("%v is out of %v", b, box)
			}
		}
		for range 50 {
			at := Point{box.X + r.Float64()*box.W, box.Y + r.Float64()*box.H}
			if got, want := winding(flatRings(clipped), at), winding(flatRings(subs), at); got != want {
				t.Fatalf("at %v the rings go around %d times, before %d", at, got, want)
			}
		}
	}
}

// TestClipLinesKeepsTheLength compares with lines cut into short pieces.
func TestClipLinesKeepsTheLength(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	box := Rect{20, 30, 50, 40}
	for round := range 400 {
		var p Path
		points := make([]Point, 2+r.IntN(8))
		for i := range points {
			points[i] = Point{r.Float64() * 100, r.Float64() * 100}
			if round%2 == 0 { // often on the edges
				points[i] = Point{float64(r.IntN(10)) * 10, float64(r.IntN(10)) * 10}
			}
		}
		closed := r.IntN(2) == 0
		p.Polyline(points, closed)
		if closed {
			points = append(points, points[0])
		}
		got, want := 0.0, 0.0
		for _, s := range clipLines(p.subpaths(0, 0), box) {
			if b := boundsOf(s.points); b.X < box.X-1e-9 || b.Y < box.Y-1e-9 || b.X+b.W > box.X+box.W+1e-9 || b.Y+b.H > box.Y+box.H+1e-9 {
				t.Fatalf("%v is out of %v", b, box)
			}
			line := s.points
			if s.closed {
				line = append(line[:len(line):len(line)], line[0])
			}
			for i := range line[1:] {
				got += math.Hypot(line[i+1].X-line[i].X, line[i+1].Y-line[i].Y)
			}
		}
		const pieces = 2000
		for i := range points[1:] {
			a, b := points[i], points[i+1]
			for k := range pieces {
				u := (float64(k) + 0.5) / pieces
				x, y := a.X+u*(b.X-a.X), a.Y+u*(b.Y-a.Y)
				if x >= box.X && x <= box.X+box.W && y >= box.Y && y <= box.Y+box.H {
					want += math.Hypot(b.X-a.X, b.Y-a.Y) / pieces
				}
			}
		}
		if math.Abs(got-want) > 0.5 {
			t.Fatalf("%.2f are left of %v, want %.2f", got, points, want)
		}
	}
}

// TestEvenOddIsNonZero draws what came of rings by the even-odd rule and compares with
// the rings by the non-zero rule. Holes lie within their rings, as those of maps do.
func TestEvenOddIsNonZero(t *testing.T) {
	star := func(r *rand.Rand, x, y, size float64, back bool) []Point {
		ring := make([]Point, 3+r.IntN(6))
		for i := range ring {
			a := 2 * math.Pi * float64(i) / float64(len(ring))
			if back {
				a = -a
			}
			d := size * (0.7 + 0.3*r.Float64())
			ring[i] = Point{x + d*math.Cos(a), y + d*math.Sin(a)}
		}
		return ring
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		var p Path
		back := r.IntN(2) == 0
		for range 1 + r.IntN(4) {
			x, y, size := r.Float64()*100, r.Float64()*100, 5+r.Float64()*40
			p.Polyline(star(r, x, y, size, back), true)
			if r.IntN(2) == 0 { // within, as the corners of a triangle are twice as far as its sides
				p.Polyline(star(r, x, y, size*0.3, !back), true)
			}
			if r.IntN(4) == 0 {
				p.Polyline(star(r, x, y, size*0.1, back), true)
			}
		}
		subs := p.subpaths(0, 0)
		groups := evenOdd(subs)
		for range 100 {
			at := Point{r.Float64() * 100, r.Float64() * 100}
			covered := false
			for _, g := range groups {
				covered = covered || winding(flatRings(g), at)%2 != 0
			}
			if want := winding(flatRings(subs), at) != 0; covered != want && !holeMeetsOther(subs) {
				t.Fatalf("at %v covered: %v, want %v, of %v", at, covered, want, subs)
			}
		}
	}
}

// holeMeetsOther reports whether a hole reaches into another ring, which the even-odd
// rule can only show in part.
func holeMeetsOther(subs []subpath) bool {
	rings := make([]ring, len(subs))
	for i, s := range subs {
		rings[i] = ring{points: s.points, box: boundsOf(s.points), area: ringArea(s.points), of: i}
	}
	for i, a := range rings {
		for j, b := range rings {
			if i < j && a.area*b.area < 0 && a.box.meets(b.box) && !(b.within(a)) {
				return true
			}
		}
	}
	return false
}

func (r ring) within(o ring) bool {
	for _, p := range r.points {
		if !o.around(p) {
			return false
		}
	}
	return true
}

func TestSubpaths(t *testing.T) {
	var p Path
	p.MoveTo(1, 1) // draws nothing
	p.MoveTo(0, 0)
	p.LineTo(10, 0)
	p.LineTo(10, 10)
	p.Close()
	p.LineTo(5, 5) // goes on where the subpath began
	p.MoveTo(math.NaN(), 0)
	p.LineTo(1, 1)
	p.MoveTo(0, 0)
	p.LineTo(math.Inf(1), 0)
	got := p.subpaths(100, 200)
	if len(got) != 2 || !got[0].closed || got[1].closed || got[1].points[0] != (Point{100, 200}) || got[1].points[1] != (Point{105, 205}) {
		t.Errorf("subpaths are %v", got)
	}
}

func TestFormsAreFound(t *testing.T) {
	form := func(make func(p *Path)) string {
		var p Path
		make(&p)
		return p.subpaths(3, 4)[0].preset()
	}
	for want, make := range map[string]func(p *Path){
		"ellipse": func(p *Path) { p.Circle(1, 2, 3) },
		"rect":    func(p *Path) { p.Rect(Rect{1, 2, 3, 4}) },
		"": func(p *Path) {
			p.Polyline([]Point{{0, 0}, {10, 0}, {11, 10}, {0, 10}}, true)
		},
	} {
		if got := form(make); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCurvesAreFlattened(t *testing.T) {
	var p Path
	p.Circle(0, 0, 300)
	flat := p.subpaths(0, 0)[0].flat()
	for i := range flat[1:] {
		mid := math.Hypot((flat[i].X+flat[i+1].X)/2, (flat[i].Y+flat[i+1].Y)/2)
		if 300-mid > 0.12 { // of which the curves themselves are off by 0.09
			t.Fatalf("a chord leaves the circle by %.3f", 300-mid)
		}
	}
}
