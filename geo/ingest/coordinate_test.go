package ingest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"clustermap/geo/crs"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

func TestParseCoordinate(t *testing.T) {
	for _, test := range []struct {
		text  string
		value float64
		axis  byte
	}{
		{"120.64", 120.64, 0}, {"-3.5", -3.5, 0}, {"120°38′24″", 120.64, 0}, {"120°38'24\"E", 120.64, 'x'}, {"东经120度38分24秒", 120.64, 'x'},
		{"N31.2", 31.2, 'y'}, {"31.2n", 31.2, 'y'}, {"北纬30°30'", 30.5, 'y'}, {"S 3.5", -3.5, 'y'}, {"38500000", 38500000, 0}, {"1２０.5", 120.5, 0}, {"120°", 120, 0},
		{"120°02.5′", 120 + 2.5/60, 0}, {"120°02.5", 120 + 2.5/60, 0}, {"E120.04", 120.04, 'x'}, {"120 38 24", 120.64, 0}, {"120-38-24E", 120.64, 'x'}, {"N 30:31.8", 30.53, 'y'}, {"120°38′24", 120.64, 0},
	} {
		v, axis, ok := parseCoordinate(test.text)
		if !ok || math.Abs(v-test.value) > 1e-9 || axis != test.axis {
			t.Errorf("%s is %v %q %v; want %v %q", test.text, v, axis, ok, test.value, test.axis)
		}
	}
	for _, text := range []string{"", "E", "E120W", "120°61'", "120°30'99\"", "NaN", "Inf", "0x1p4", "一百二十", "120.5.5", "E-"} {
		if v, _, ok := parseCoordinate(text); ok {
			t.Errorf("%q is %v; want it refused", text, v)
		}
	}
}

// samplesIn are points near seats, or at them, written in a system.
func samplesIn(c *crs.CRS, swapped bool, km float64, seats bool) (all []Sample, at []orb.Point) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		seat := orb.Point{118 + 3*rnd.Float64(), 29 + 3*rnd.Float64()}
		p := geo.PointAtBearingAndDistance(seat, 360*rnd.Float64(), 1000*km*rnd.Float64())
		q, _ := c.FromLonLat(p)
		if c.Swapped() != swapped {
			q[0], q[1] = q[1], q[0]
		}
		s := Sample{X: fmt.Sprintf("%.6f", q[0]), Y: fmt.Sprintf("%.6f", q[1])}
		if seats {
			s.Seat = &seat
		}
		all, at = append(all, s), append(at, p)
	}
	return all, at
}

// TestGuessFrame writes points in a system and lets it be found: the points must come
// back, within a metre or, where the seats cannot tell, as near as the case says.
func TestGuessFrame(t *testing.T) {
	lookup := func(code string) *crs.CRS {
		c, ok := crs.Lookup(code)
		if !ok {
			t.Fatal(code)
		}
		return c
	}
	for _, test := range []struct {
		name    string
		in      *crs.CRS
		swapped bool
		km      float64 // from the seats
		seats   bool
		within  float64 // metres
		guessed bool
	}{
		{"WGS 84", crs.CRS84(), false, 20, true, 1, false},
		{"WGS 84 without seats", crs.CRS84(), false, 20, false, 1, false},
		{"latitude first", crs.CRS84(), true, 20, true, 1, true},
		{"latitude first, without seats", crs.CRS84(), true, 20, false, 1, true},
		{"GCJ-02 at seats", crs.GCJ02(), false, 0.1, true, 1, true},
		{"BD-09 at seats", crs.BD09(), false, 0.1, true, 1, true},
		{"BD-09 at seats, latitude first", crs.BD09(), true, 0.1, true, 1, true},
		{"GCJ-02 elsewhere cannot be told", crs.GCJ02(), false, 20, true, 1000, false},
		{"Mercator", crs.WebMercator(), false, 20, true, 1, true},
		{"zone with number", lookup("EPSG:4528"), false, 20, true, 1, true},
		{"zone with number, without seats", lookup("EPSG:4528"), false, 20, false, 1, true},
		{"zone with number, northing first", lookup("EPSG:4528"), true, 20, true, 1, true},
		{"zone without number", lookup("EPSG:4549"), false, 20, true, 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			samples, at := samplesIn(test.in, test.swapped, test.km, test.seats)
			f := GuessFrame(nil, samples)
			if f.CRS == nil {
				t.Fatal("no system is found")
			}
			if f.Guessed != test.guessed || f.Guessed != (len(f.Reasons) > 0) {
				t.Errorf("guessed is %v, for the reasons %v", f.Guessed, f.Reasons)
			}
			for i, s := range samples {
				p, _, reason := f.Point(s.X, s.Y)
				if d := geo.Distance(p, at[i]); reason != "" || d > test.within {
					t.Fatalf("read as %s, %v is %v (%s), %.0f m from %v", f.CRS.Name(), s, p, reason, d, at[i])
				}
			}
		})
	}
	samples, _ := samplesIn(lookup("EPSG:4549"), false, 20, false)
	if f := GuessFrame(nil, samples); f.CRS != nil {
		t.Errorf("metres without zone and seats are read as %s; nothing tells the zone", f.CRS.Name())
	}
}

func TestFramePoint(t *testing.T) {
	f := Frame{CRS: crs.CRS84()}
	for _, test := range []struct {
		x, y, reason string
		warnings     int
	}{{"120.5", "30.5", "", 0}, {"30.5", "120.5", "", 1}, {"北纬30.5", "东经120.5", "", 0}, {"0", "0", "0,0", 0}, {"x", "1", "no numbers", 0}, {"500000", "3400000", "nowhere", 0}, {"", "30", "no numbers", 0}, {"2.35", "48.85", "", 0}} {
		p, warnings, reason := f.Point(test.x, test.y)
		if (reason == "") != (test.reason == "") || len(warnings) != test.warnings {
			t.Errorf("%s, %s is %v, %q, %v", test.x, test.y, p, reason, warnings)
		}
	}
}

func FuzzParseCoordinate(f *testing.F) {
	for _, seed := range []string{"120°38′24″", "N31.2", "东经120度", "-0", "1e5", "12,345.6"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, _, ok := parseCoordinate(text); ok && !finite(v) {
			t.Errorf("%q is %v", text, v)
		}
	})
}
