package crs

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// TestAlbersAgainstPROJ compares there and back over the whole earth, with PROJ
// reading our definition.
func TestAlbersAgainstPROJ(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	c := ChinaAlbers()
	points := []orb.Point{{105, 0}, {105, 25}, {116.397, 39.908}, {-74, 10}, {180, 66}, {-180, 66}, {0, 89.9}, {0, -60}}
	for range 10_000 {
		points = append(points, orb.Point{73 + random.Float64()*62, 3 + random.Float64()*51})
		points = append(points, orb.Point{random.Float64()*360 - 180, random.Float64()*150 - 60})
	}
	want := throughPROJ(t, "OGC:CRS84", c.WKT1(), points)
	for i, p := range points {
		got, ok := c.FromLonLat(p)
		if !ok || math.Abs(got[0]-want[i][0]) > 1e-6 || math.Abs(got[1]-want[i][1]) > 1e-6 {
			t.Fatalf("%v becomes %v, %v; PROJ says %v", p, got, ok, want[i])
		}
		back, ok := c.ToLonLat(got)
		if !ok || math.Abs(wrap(back[0]-p[0])) > 1e-10 || math.Abs(back[1]-p[1]) > 1e-10 {
			t.Fatalf("%v there and back is %v, %v", p, back, ok)
		}
	}
}

func TestAlbersIsEqualArea(t *testing.T) {
	c := ChinaAlbers()
	area := func(p orb.Point) float64 {
		const d = 1e-4
		at := func(x, y float64) orb.Point {
			q, _ := c.FromLonLat(orb.Point{p[0] + x, p[1] + y})
			return q
		}
		w, e, s, n := at(-d, 0), at(d, 0), at(0, -d), at(0, d)
		flat := math.Abs((e[0]-w[0])*(n[1]-s[1]) - (e[1]-w[1])*(n[0]-s[0]))
		// Of the same cell on the ellipsoid: radii of curvature along the meridian and across.
		sin, cos := math.Sincos(p[1] * math.Pi / 180)
		k := 1 - flattening2(wgs84Flattening)*sin*sin
		const rad = math.Pi / 180
		ground := semiMajor * semiMajor * (1 - flattening2(wgs84Flattening)) / (k * k) * cos * (2 * d * rad) * (2 * d * rad)
		return flat / ground
	}
	for lon := -60.0; lon < 180; lon += 17 {
		for lat := -50.0; lat < 85; lat += 9 {
			if got := area(orb.Point{lon, lat}); math.Abs(got-1) > 1e-5 {
				t.Errorf("at %v, %v the area is %v times that on the ground", lon, lat, got)
			}
		}
	}
}

func TestAlbersIsOurs(t *testing.T) {
	c := ChinaAlbers()
	if slices.Contains(All(), c) {
		t.Error("ChinaAlbers is advertised")
	}
	for _, name := range []string{c.URI(), c.Code(), "CHINA-ALBERS"} {
		if got, ok := Lookup(name); !ok || got != c {
			t.Errorf("Lookup(%q) = %v, %v", name, got, ok)
		}
	}
	for _, q := range []orb.Point{{math.NaN(), 0}, {math.Inf(1), 0}, {1e12, 1e12}, {0, 1.3e7}} {
		if p, ok := c.ToLonLat(q); ok {
			t.Errorf("%v comes from %v; want nothing, it is not on the cone", q, p)
		}
	}
}
