package crs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// throughPROJ converts points by cs2cs, from one system to another, each in the
// axis order of its authority.
func throughPROJ(t *testing.T, from, to string, points []orb.Point) []orb.Point {
	t.Helper()
	var in bytes.Buffer
	for _, p := range points {
		fmt.Fprintf(&in, "%.14f %.14f\n", p[0], p[1])
	}
	cmd := exec.CommandContext(t.Context(), "cs2cs", "-f", "%.14f", from, to)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cs2cs %s %s: %v; Debian has it in proj-bin", from, to, err)
	}
	var all []orb.Point
	for line := range strings.Lines(string(out)) {
		var p orb.Point
		if _, err := fmt.Sscan(line, &p[0], &p[1]); err != nil {
			t.Fatalf("cs2cs writes %q: %v", line, err)
		}
		all = append(all, p)
	}
	if len(all) != len(points) {
		t.Fatalf("cs2cs gives %d points of %d", len(all), len(points))
	}
	return all
}

// TestAgainstPROJ compares all systems with PROJ, there and back, over China and
// as far from the meridian as a zone is used.
func TestAgainstPROJ(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const family = 10_000
	for _, c := range All() {
		if c.Offset() {
			continue
		}
		points := make([]orb.Point, family)
		if c.tm != nil {
			points = points[:family/11+1] // a family is 11 zones at least
		}
		for i := range points {
			lon := 73 + random.Float64()*62
			if c.tm != nil {
				lon = c.tm.meridian + (random.Float64()*2-1)*35
			}
			points[i] = orb.Point{lon, 3 + random.Float64()*51}
		}
		code := strings.Replace(c.code, "CRS84h", "CRS84", 1)
		want := throughPROJ(t, "OGC:CRS84", code, points)
		tolerance := 1e-6
		if c.Geographic() {
			tolerance = 1e-6 / 111_320
		}
		for i, p := range points {
			got, ok := c.FromLonLat(p)
			if !ok || math.Abs(got[0]-want[i][0]) > tolerance || math.Abs(got[1]-want[i][1]) > tolerance {
				t.Fatalf("%s: %v becomes %v, %v; PROJ says %v", c.code, p, got, ok, want[i])
			}
		}
		back := throughPROJ(t, code, "OGC:CRS84", want)
		for i, q := range want {
			got, ok := c.ToLonLat(q)
			if !ok || math.Abs(got[0]-back[i][0]) > 1e-11 || math.Abs(got[1]-back[i][1]) > 1e-11 {
				t.Fatalf("%s: %v comes from %v, %v; PROJ says %v", c.code, q, got, ok, back[i])
			}
		}
	}
}

func TestThereAndBack(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, c := range All() {
		for range 2000 {
			p := orb.Point{random.Float64()*360 - 180, random.Float64()*180 - 90}
			if c.tm != nil {
				p[0] = wrap(c.tm.meridian + (random.Float64()*2-1)*35)
			}
			q, ok := c.FromLonLat(p)
			if !ok {
				if c.kind != webMercator {
					t.Fatalf("%s refuses %v", c.code, p)
				}
				continue
			}
			back, ok := c.ToLonLat(q)
			if !ok || math.Abs(back[0]-p[0]) > 1e-9/math.Cos(p[1]*math.Pi/180) || math.Abs(back[1]-p[1]) > 1e-9 {
				t.Fatalf("%s: %v there and back is %v, %v", c.code, p, back, ok)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	for text, want := range map[string]string{
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84":   "OGC:CRS84",
		"http://www.opengis.net/def/crs/OGC/0/CRS84h":    "OGC:CRS84h",
		"https://www.opengis.net/def/crs/EPSG/0/4490":    "EPSG:4490",
		"http://www.opengis.net/def/crs/EPSG/9.9.1/4526": "EPSG:4526",
		"urn:ogc:def:crs:EPSG::32650":                    "EPSG:32650",
		"urn:ogc:def:crs:OGC:1.3:CRS84":                  "OGC:CRS84",
		"[EPSG:3857]":                                    "EPSG:3857",
		"epsg:4326":                                      "EPSG:4326",
		"urn:clustermap:def:offset:GCJ-02":               "GCJ-02",
	} {
		if c, ok := Lookup(text); !ok || c.code != want {
			t.Errorf("Lookup(%q) = %v, %v; want %s", text, c, ok, want)
		}
	}
	for _, text := range []string{"", "x", "[EPSG:4326", "EPSG:9999", "EPSG:GCJ-02", "http://www.opengis.net/def/crs/EPSG/0/", strings.Repeat("a", 1<<20)} {
		if c, ok := Lookup(text); ok {
			t.Errorf("Lookup(%.40q) = %s; want nothing", text, c.code)
		}
	}
	for _, c := range All() {
		if got, ok := Lookup(c.URI()); !ok || got != c {
			t.Errorf("Lookup(%q) = %v", c.URI(), got)
		}
	}
}

func TestOffset(t *testing.T) {
	beijing := orb.Point{116.397, 39.908}
	for _, c := range []*CRS{GCJ02(), BD09()} {
		q, _ := c.FromLonLat(beijing)
		if d := math.Hypot(q[0]-beijing[0], q[1]-beijing[1]); d < 0.003 || d > 0.03 {
			t.Errorf("%s moves %v to %v", c.code, beijing, q)
		}
	}
	// Both banks of a border and both shores of a strait; islands and harbours.
	for _, at := range []struct {
		name    string
		p       orb.Point
		gcj, bd bool
	}{
		{"Shenzhen", orb.Point{114.06, 22.54}, true, true},
		{"Hong Kong", orb.Point{114.17, 22.32}, true, true},
		{"Macao", orb.Point{113.545, 22.19}, true, true},
		{"Xiamen", orb.Point{118.09, 24.48}, true, true},
		{"Kinmen", orb.Point{118.32, 24.44}, false, true},
		{"Matsu", orb.Point{119.95, 26.16}, false, true},
		{"Taipei", orb.Point{121.56, 25.04}, false, true},
		{"Penghu", orb.Point{119.57, 23.57}, false, true},
		{"the harbour of Yangshan", orb.Point{122.07, 30.62}, true, true},
		{"Weizhou", orb.Point{109.12, 21.05}, true, true},
		{"Dandong", orb.Point{124.39, 40.12}, true, true},
		{"Sinuiju", orb.Point{124.40, 40.09}, false, false},
		{"Hekou", orb.Point{103.96, 22.51}, true, true},
		{"Lao Cai", orb.Point{103.975, 22.49}, false, false},
		{"Ruili", orb.Point{97.85, 24.01}, true, true},
		{"Muse", orb.Point{97.9, 23.98}, false, false},
		{"Manzhouli", orb.Point{117.43, 49.6}, true, true},
		{"Zabaikalsk", orb.Point{117.33, 49.65}, false, false},
		{"Kathmandu", orb.Point{85.32, 27.71}, false, false},
		{"Hanoi", orb.Point{105.85, 21.03}, false, false},
		{"Seoul", orb.Point{127, 37.5}, false, false},
		{"Tokyo", orb.Point{139.69, 35.69}, false, false},
	} {
		for c, moved := range map[*CRS]bool{GCJ02(): at.gcj, BD09(): at.bd} {
			if q, _ := c.FromLonLat(at.p); (q != at.p) != moved {
				t.Errorf("%s in %s becomes %v; moved should be %v", at.name, c.code, q, moved)
			}
		}
	}
}

// TestOffsetVectors compares with what npm gcoord makes of the points.
func TestOffsetVectors(t *testing.T) {
	text, err := os.ReadFile("../../data/crs/offset-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Points []struct{ WGS84, GCJ02, BD09 orb.Point }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Points) < 1000 {
		t.Fatalf("only %d points", len(file.Points))
	}
	for _, v := range file.Points {
		for c, want := range map[*CRS]orb.Point{GCJ02(): v.GCJ02, BD09(): v.BD09} {
			if got, ok := c.FromLonLat(v.WGS84); !ok || far(got, want, 1e-9) {
				t.Errorf("%s: %v becomes %v, %v; want %v", c.code, v.WGS84, got, ok, want)
			}
			if got, ok := c.ToLonLat(want); !ok || far(got, v.WGS84, 1e-9) {
				t.Errorf("%s: %v comes from %v, %v; want %v", c.code, want, got, ok, v.WGS84)
			}
		}
	}
}

func far(a, b orb.Point, tolerance float64) bool {
	return !(math.Abs(a[0]-b[0]) <= tolerance && math.Abs(a[1]-b[1]) <= tolerance)
}

// TestEdges asks for points just inside and just outside.
func TestEdges(t *testing.T) {
	zone := known("EPSG:4526")
	square := semiMajor * math.Pi
	inf := math.Inf(1)
	for _, at := range []struct {
		c    *CRS
		p    orb.Point
		want bool
	}{
		{CRS84(), orb.Point{180, 90}, true},
		{CRS84(), orb.Point{180.1, 0}, false},
		{CRS84(), orb.Point{0, math.NaN()}, false},
		{CRS84(), orb.Point{-inf, 0}, false},
		{WebMercator(), orb.Point{0, 85.05}, true},
		{WebMercator(), orb.Point{0, 85.1}, false},
		{zone, orb.Point{114 + 79.9, 0}, false},
		{zone, orb.Point{114 - 79.9, 30}, true},
		{zone, orb.Point{114 - 80.1, 30}, false},
		{zone, orb.Point{114, 90}, true},
	} {
		if _, ok := at.c.FromLonLat(at.p); ok != at.want {
			t.Errorf("%s takes longitude, latitude %v: %v", at.c.code, at.p, ok)
		}
	}
	for _, at := range []struct {
		c    *CRS
		q    orb.Point
		want bool
	}{
		{CGCS2000(), orb.Point{30, 120}, true},
		{CGCS2000(), orb.Point{120, 30}, false},
		{WebMercator(), orb.Point{square, square}, true},
		{WebMercator(), orb.Point{square + 1, 0}, false},
		{WebMercator(), orb.Point{0, square + 1e5}, false},
		{WebMercator(), orb.Point{0, inf}, false},
		{zone, orb.Point{2.5e6, 38.6e6}, true},
		{zone, orb.Point{38.6e6, 2.5e6}, false},
		{zone, orb.Point{1.1e7, 38.5e6}, false},
		{zone, orb.Point{math.NaN(), 38.5e6}, false},
	} {
		if p, ok := at.c.ToLonLat(at.q); ok != at.want {
			t.Errorf("%s takes %v: %v, as %v", at.c.code, at.q, ok, p)
		}
	}
}

// TestRoundTrip holds for any point on land or sea: what a system takes, it gives
// back, within a micrometre.
func TestRoundTrip(t *testing.T) {
	all := All()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(all).Draw(t, "system")
		p := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat")}
		if c.tm != nil {
			p[0] = c.tm.meridian + rapid.Float64Range(-35, 35).Draw(t, "off the meridian")
		}
		q, ok := c.FromLonLat(p)
		if !ok {
			if c.Covers(orb.Bound{Min: p, Max: p}) {
				t.Fatalf("%s refuses %v, which it covers", c.code, p)
			}
			return
		}
		back, ok := c.ToLonLat(q)
		if again, _ := c.FromLonLat(back); !ok || far(again, q, 1e-6) {
			t.Fatalf("%s: %v is %v is %v is %v", c.code, p, q, back, again)
		}
	})
}

// TestToLonLatTakesAnything must not panic, and gives nothing beyond the globe.
func TestToLonLatTakesAnything(t *testing.T) {
	all := All()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(all).Draw(t, "system")
		q := orb.Point{rapid.Float64().Draw(t, "first"), rapid.Float64().Draw(t, "second")}
		if p, ok := c.ToLonLat(q); ok && !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
			t.Fatalf("%s: %v comes from %v", c.code, q, p)
		}
	})
}

func FuzzLookup(f *testing.F) {
	f.Add("http://www.opengis.net/def/crs/EPSG/0/4490")
	f.Add("[EPSG:4490]")
	f.Add("urn:ogc:def:crs:EPSG::4490")
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := Lookup(s); ok && c == nil {
			t.Errorf("Lookup(%q) found nil", s)
		}
	})
}

func BenchmarkFromLonLat(b *testing.B) {
	for _, code := range []string{"EPSG:3857", "EPSG:4526", "GCJ-02"} {
		b.Run(code, func(b *testing.B) {
			c, _ := Lookup(code)
			for b.Loop() {
				c.FromLonLat(orb.Point{114.1, 22.6})
			}
		})
	}
}
