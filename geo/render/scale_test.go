package render

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// vincenty is the length of the geodesic between two places on WGS 84 (T. Vincenty,
// "Direct and inverse solutions of geodesics on the ellipsoid", 1975).
func vincenty(p, q orb.Point) float64 {
	const (
		a = 6378137.0
		f = 1 / 298.257223563
		b = a * (1 - f)
	)
	rad := math.Pi / 180
	l := (q[0] - p[0]) * rad
	u1, u2 := math.Atan((1-f)*math.Tan(p[1]*rad)), math.Atan((1-f)*math.Tan(q[1]*rad))
	s1, c1 := math.Sincos(u1)
	s2, c2 := math.Sincos(u2)
	lambda := l
	for range 200 {
		sl, cl := math.Sincos(lambda)
		sinSigma := math.Hypot(c2*sl, c1*s2-s1*c2*cl)
		cosSigma := s1*s2 + c1*c2*cl
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlpha := c1 * c2 * sl / sinSigma
		cos2Alpha := 1 - sinAlpha*sinAlpha
		cos2M := cosSigma - 2*s1*s2/cos2Alpha
		c := f / 16 * cos2Alpha * (4 + f*(4-3*cos2Alpha))
		next := l + (1-c)*f*sinAlpha*(sigma+c*sinSigma*(cos2M+c*cosSigma*(2*cos2M*cos2M-1)))
		if math.Abs(next-lambda) > 1e-12 {
			lambda = next
			continue
		}
		uu := cos2Alpha * (a*a - b*b) / (b * b)
		big := 1 + uu/16384*(4096+uu*(-768+uu*(320-175*uu)))
		small := uu / 1024 * (256 + uu*(-128+uu*(74-47*uu)))
		d := small * sinSigma * (cos2M + small/4*(cosSigma*(2*cos2M*cos2M-1)-small/6*cos2M*(4*sinSigma*sinSigma-3)*(4*cos2M*cos2M-3)))
		return b * big * (sigma - d)
	}
	return math.NaN()
}

func TestScaleBarIsTrue(t *testing.T) {
	frame := draw.Rect{X: 560, Y: 0, W: 1040, H: 900}
	for _, c := range []*crs.CRS{crs.CRS84(), crs.WebMercator(), crs.CGCS2000(), crs.ChinaAlbers()} {
		for _, box := range []orb.Bound{
			{Min: orb.Point{73, 17}, Max: orb.Point{135, 54}},
			{Min: orb.Point{112, 21.5}, Max: orb.Point{115, 24}},
			{Min: orb.Point{120.5, 31.1}, Max: orb.Point{120.7, 31.3}},
			{Min: orb.Point{85, 44}, Max: orb.Point{95, 50}},
		} {
			for _, extend := range []bool{true, false} {
				b, err := BoxIn(c, box)
				if err != nil {
					t.Fatal(err)
				}
				p, err := newProjection(c, b, frame, extend)
				if err != nil {
					t.Fatal(err)
				}
				bar, ok := measureScale(frame, 180, p.lonLat)
				if !ok || bar.Length > 180.5 || bar.Length < 180/2.6 {
					t.Fatalf("%s %v: bar %+v, %v", c.Code(), box, bar, ok)
				}
				cx, cy := frame.X+frame.W/2, frame.Y+frame.H/2
				from, _ := p.lonLat(cx-bar.Length/2, cy)
				to, _ := p.lonLat(cx+bar.Length/2, cy)
				got := vincenty(from, to)
				if math.Abs(got/bar.Metres-1) > 0.005 {
					t.Errorf("%s %v extend %v: the bar says %v m, the geodesic is %v m", c.Code(), box, extend, bar.Metres, got)
				}
				if m := bar.Metres / math.Pow(10, math.Floor(math.Log10(bar.Metres)+1e-9)); math.Abs(m-1) > 1e-9 && math.Abs(m-2) > 1e-9 && math.Abs(m-5) > 1e-9 {
					t.Errorf("%v m is not round", bar.Metres)
				}
			}
		}
	}
}

func TestScaleBarWithoutGround(t *testing.T) {
	nowhere := func(x, y float64) (orb.Point, bool) { return orb.Point{}, false }
	if bar, ok := measureScale(draw.Rect{W: 100, H: 100}, 80, nowhere); ok {
		t.Errorf("a bar %v where there is no ground", bar)
	}
}

func TestNorth(t *testing.T) {
	frame := draw.Rect{W: 1000, H: 800}
	for _, c := range []*crs.CRS{crs.CRS84(), crs.WebMercator(), crs.ChinaAlbers()} {
		// East of the middle meridian of the cone, north is to the left of upwards: by
		// (130 - 105) times the constant of the cone, which is about 0.59.
		b, err := BoxIn(c, orb.Bound{Min: orb.Point{129, 44}, Max: orb.Point{131, 46}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := newProjection(c, b, frame, true)
		if err != nil {
			t.Fatal(err)
		}
		angle, ok := northAt(500, 400, p.lonLat, p.point)
		want := 0.0
		if c == crs.ChinaAlbers() {
			want = -25 * 0.5886 * math.Pi / 180
		}
		if !ok || math.Abs(angle-want) > 0.01 {
			t.Errorf("%s: north is %v, want %v", c.Code(), angle, want)
		}
	}
}
