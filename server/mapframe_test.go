package server

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
)

func frameFrom(t testing.TB, query string, d frameDefaults) (*mapFrame, error) {
	t.Helper()
	p, err := parseParams(query)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFrame(&p, d)
	if err == nil && len(p) > 0 {
		t.Errorf("%s: %s was left", query, p[0].name)
	}
	return f, err
}

var delta = orb.Bound{Min: orb.Point{112, 21}, Max: orb.Point{116, 25}}

func TestFrame(t *testing.T) {
	page := frameDefaults{box: delta, page: true}
	bare := frameDefaults{box: delta}
	for _, test := range []struct {
		name, query   string
		defaults      frameDefaults
		crs           string
		box           orb.Bound // zero: whatever
		width, height int
		extend        bool
	}{
		{"nothing asked: all there is", "", bare, "OGC:CRS84", orb.Bound{Min: orb.Point{111.84, 20.84}, Max: orb.Point{116.16, 25.16}}, 948, 1024, false},
		{"the box fills the picture", "bbox=112,21,116,23&width=400&height=400", bare, "OGC:CRS84", orb.Bound{Min: orb.Point{112, 21}, Max: orb.Point{116, 23}}, 400, 400, false},
		{"latitude first", "bbox=21,112,23,116&bbox-crs=%5BEPSG:4326%5D&width=400&height=200", bare, "OGC:CRS84", orb.Bound{Min: orb.Point{112, 21}, Max: orb.Point{116, 23}}, 400, 200, false},
		{"a subset is a box", "subset=Lat(21:23),Lon(112:116)&width=400&height=200", bare, "OGC:CRS84", orb.Bound{Min: orb.Point{112, 21}, Max: orb.Point{116, 23}}, 400, 200, false},
		{"across 180", "bbox=170,-10,-170,10&width=400&height=400", bare, "OGC:CRS84", orb.Bound{Min: orb.Point{170, -10}, Max: orb.Point{190, 10}}, 400, 400, false},
		{"across 180 in Web Mercator", "bbox=170,-10,-170,10&width=400&height=400&crs=%5BEPSG:3857%5D", bare, "EPSG:3857",
			orb.Bound{Min: orb.Point{18924313.43, -1118889.97}, Max: orb.Point{21150703.25, 1118889.97}}, 400, 400, false},
		{"a page has a shape", "", page, "EPSG:3857", orb.Bound{}, 1280, 720, true},
		{"a page of all China is of equal areas", "bbox=73,18,135,54", page, "CLUSTERMAP:CHINA-ALBERS", orb.Bound{}, 1280, 720, true},
		{"a poster has more pixels", "dpi=192", page, "EPSG:3857", orb.Bound{}, 2560, 1440, true},
		{"height by the shape on the ground", "bbox=100,-1,102,1&width=500", bare, "OGC:CRS84", orb.Bound{}, 500, 497, false},
		{"around a place at a scale", "center=114,23&scale-denominator=1000000&width=400&height=200", bare, "OGC:CRS84", orb.Bound{}, 400, 200, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := frameFrom(t, test.query, test.defaults)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := crs.Lookup(test.crs)
			if test.crs == "CLUSTERMAP:CHINA-ALBERS" {
				want = crs.ChinaAlbers()
			}
			if f.crs != want || f.width != test.width || f.height != test.height || f.extend != test.extend {
				t.Errorf("got %s %d x %d extend %v", f.crs.Code(), f.width, f.height, f.extend)
			}
			for i := range 2 {
				if test.box != (orb.Bound{}) && (math.Abs(f.box.Min[i]-test.box.Min[i]) > 0.01 || math.Abs(f.box.Max[i]-test.box.Max[i]) > 0.01) {
					t.Errorf("box is %v, want %v", f.box, test.box)
				}
			}
		})
	}
}

// A picture asked for by scale has that scale: pixels are so many metres on the
// sphere, in both directions, in every system.
func TestFrameScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 28))
	for _, c := range mapSystems() {
		for range 50 {
			at := orb.Point{80 + 50*rng.Float64(), 15 + 35*rng.Float64()}
			f, err := frameFrom(t, "scale-denominator=500000&width=600&height=600&center="+boxTextOf(at)+"&crs=%5B"+c.Code()+"%5D", frameDefaults{box: delta})
			if err != nil {
				t.Fatal(err)
			}
			west, _ := unprojected(c, orb.Point{f.box.Min[0], (f.box.Min[1] + f.box.Max[1]) / 2})
			east, _ := unprojected(c, orb.Point{f.box.Max[0], (f.box.Min[1] + f.box.Max[1]) / 2})
			got := haversine(west, east)
			const want = 600 * 0.28e-3 * 500_000
			// Albers for China is off by some 3 % along each axis, for areas to hold.
			if math.Abs(got-want) > 0.005*want {
				t.Errorf("%s at %v: %.0f m across, want %.0f", c.Code(), at, got, want)
			}
		}
	}
}

func boxTextOf(p orb.Point) string {
	b := boxText(orb.Bound{Min: p, Max: p})
	for i := 0; ; i++ {
		if b[i] == ',' {
			for j := i + 1; ; j++ {
				if b[j] == ',' {
					return b[:j]
				}
			}
		}
	}
}

func haversine(a, b orb.Point) float64 {
	const rad = math.Pi / 180
	x := math.Pow(math.Sin((b[1]-a[1])*rad/2), 2) + math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*math.Pow(math.Sin((b[0]-a[0])*rad/2), 2)
	return 2 * 6371008.8 * math.Asin(math.Sqrt(x))
}

func TestFrameRefuses(t *testing.T) {
	for query, field := range map[string]string{
		"width=0":                  "width",
		"height=-1":                "height",
		"width=1.5":                "width",
		"bbox=1,2,3":               "bbox",
		"bbox=NaN,2,3,4":           "bbox",
		"bbox=112,21,112,23":       "bbox",
		"bbox=112,23,116,21":       "bbox",
		"dpi=5":                    "dpi",
		"dpi=1000":                 "dpi",
		"dpi=96&mm-per-pixel=0.28": "mm-per-pixel",
		"mm-per-pixel=0":           "mm-per-pixel",
		"scale-denominator=-1":     "scale-denominator",
		"scale-denominator=NaN":    "scale-denominator",
		"bbox=112,21,116,23&width=9&scale-denominator=5": "scale-denominator",
		"bbox=112,21,116,23&center=1,1":                  "center",
		"bbox=112,21,116,23&subset=Lat(1:2)":             "subset",
		"center=1,1&subset=Lat(1:2)":                     "center",
		"center=1":                                       "center",
		"center=1,99":                                    "center",
		"subset=Height(1:2)":                             "subset",
		"subset=Lat(2:1)":                                "subset",
		"subset=Lat(1:2),Lat(1:2)":                       "subset",
		"subset=Lat":                                     "subset",
		"crs=EPSG:9999":                                  "crs",
		"fit=well":                                       "fit",
		"bbox=0,0,1,1&crs=%5BEPSG:9999%5D":               "crs",
	} {
		_, err := frameFrom(t, query, frameDefaults{box: delta})
		if err == nil {
			t.Errorf("%s: taken", query)
		} else if got := invalidField(t, err); got != field {
			t.Errorf("%s: blames %s, want %s: %v", query, got, field, err)
		}
	}
	for _, query := range []string{"width=1000000000", "width=8193", "bbox=0,0,1,80&width=8000", "bbox=112,21,116,23&scale-denominator=1"} {
		_, err := frameFrom(t, query, frameDefaults{box: delta})
		if status, _ := statusOf(err); err == nil || status != 413 {
			t.Errorf("%s: %v, want 413", query, err)
		}
	}
	if f, err := frameFrom(t, "subset=Lat(91:95)", frameDefaults{box: delta}); err != nil || !f.outside {
		t.Errorf("a subset beyond the pole: %+v %v, want that it is outside", f, err)
	}
}

// What a page chooses by itself never makes it fail.
func TestPagesOfTheWholeWorld(t *testing.T) {
	page := frameDefaults{box: delta, page: true}
	for _, query := range []string{"bbox=-180,-90,180,90", "bbox=0,-89,180,-80", "bbox=170,-90,-170,90"} {
		f, err := frameFrom(t, query, page)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		} else if !(f.box.Max[1] > f.box.Min[1]) || math.IsInf(f.box.Max[1], 0) {
			t.Errorf("%s: box %v", query, f.box)
		}
	}
	if _, err := frameFrom(t, "scale-denominator=1e-9", page); invalidField(t, err) != "scale-denominator" {
		t.Errorf("no area for its scale blames something else: %v", err)
	}
}

func TestWrapped(t *testing.T) {
	lonLat, _ := crs.Lookup("EPSG:4326")
	for _, test := range []struct {
		crs         *crs.CRS
		west, east  float64
		want0, want float64
	}{
		{crs.CRS84(), 170, 190, 170, -170},
		{crs.CRS84(), -180.00000000000003, 180.00000000000003, -180, 180},
		{crs.CRS84(), -200, 200, -180, 180},
		{crs.CRS84(), 100, 180.00000000000003, 100, 180},
		{lonLat, 170, 190, 170, -170},
		{crs.WebMercator(), 170, 190, 170, 190},
	} {
		i := 0
		if test.crs.Swapped() {
			i = 1
		}
		var b orb.Bound
		b.Min[i], b.Max[i] = test.west, test.east
		if got := wrapped(test.crs, b); got.Min[i] != test.want0 || got.Max[i] != test.want {
			t.Errorf("%s %v to %v: %v", test.crs.Code(), test.west, test.east, got)
		}
	}
}
