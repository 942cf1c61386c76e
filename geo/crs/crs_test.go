package crs

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/paulmach/orb"
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
	var systems []*CRS
	for _, c := range All() {
		if !c.Offset() {
			systems = append(systems, c)
		}
	}
	each := 10_000/len(systems) + 1
	for _, c := range systems {
		points := make([]orb.Point, each)
		for i := range points {
			lon := 73 + random.Float64()*62
			if c.tm != nil {
				lon = c.tm.meridian + (random.Float64()*2-1)*15
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
	// Both banks of a border: Shenzhen and Hong Kong, Zhuhai and Macao, Xiamen and
	// Kinmen, Dandong and Sinuiju, Mohan and Boten.
	for p, moved := range map[orb.Point]bool{
		{114.06, 22.54}: true, {114.17, 22.32}: false,
		{113.53, 22.27}: true, {113.545, 22.19}: false,
		{118.09, 24.48}: true, {121.56, 25.04}: false,
		{124.35, 40.13}: true, {124.45, 40.05}: false,
		{139.69, 35.69}: false, {106.68, 10.76}: false,
	} {
		q, _ := GCJ02().FromLonLat(p)
		if (q != p) != moved {
			t.Errorf("%v becomes %v; moved should be %v", p, q, moved)
		}
	}
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
