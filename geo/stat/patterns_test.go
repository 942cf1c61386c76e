package stat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// having is a filter for a value of a property.
type having struct{ name, value string }

func (h having) String() string { return h.name + " = '" + h.value + "'" }

func (h having) Bind(_ context.Context, x *geo.Index) (geo.Plan, error) {
	c, _ := x.Column(h.name)
	return geo.Plan{Test: func(slot uint32) bool { return c.Value(slot).Text() == h.value }}, nil
}

// among asks about the features that have a value.
func among(t testing.TB, x *geo.Index, h having, method string, params ...string) (*Answer, map[string]any) {
	t.Helper()
	q := question(t, x, method, params...)
	q.Select = h
	a, err := q.Answer(t.Context(), x, Env{})
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(a.Result(false), &out); err != nil {
		t.Fatal(err)
	}
	return a, out
}

var placeMethods = []string{"center", "ellipse", "nearest-neighbor", "ripley", "duranton-overman"}

// features are points with the weight w, as GeoJSON.
func features(points ...orb.Point) string {
	var out []string
	for i, p := range points {
		out = append(out, fmt.Sprintf(`{"type":"Feature","id":"f%d","geometry":{"type":"Point","coordinates":[%.12f,%.12f]},"properties":{"w":%d,"part":"%c"}}`,
			i, p[0], p[1], i%3+1, 'a'+i%2))
	}
	return strings.Join(out, ",")
}

// A cross around a place has its centres there, its long arm shows the direction.
func TestCentresByHand(t *testing.T) {
	const km = 180 / math.Pi / 6371.0088 // degrees of a great circle, about
	lat := 30 * math.Pi / 180
	at := func(east, north float64) orb.Point {
		return orb.Point{120 + east*km/math.Cos(lat), 30 + north*km}
	}
	// Far along the bearing of 60 degrees, little across it.
	sin, cos := math.Sincos(60 * math.Pi / 180)
	x := load(t, features(at(40*sin, 40*cos), at(-40*sin, -40*cos), at(10*cos, -10*sin), at(-10*cos, 10*sin)))
	a, r := in(t, x, Env{}, "center")
	for _, which := range []string{"mean", "median"} {
		if lon, lat := number(t, r, which+".lon"), number(t, r, which+".lat"); math.Hypot(lon-120, lat-30) > 1e-3 {
			t.Errorf("the %s is %g, %g, want 120, 30", which, lon, lat)
		}
	}
	if d := number(t, r, "standard_distance_km"); math.Abs(d-math.Sqrt(850)) > 0.1 {
		t.Errorf("the standard distance is %g km, want %g", d, math.Sqrt(850))
	}
	if len(a.Rows) != 2 || a.Rows[0].Geometry != (orb.Point{number(t, r, "mean.lon"), number(t, r, "mean.lat")}) {
		t.Errorf("the rows are %v", a.Rows)
	}

	a, r = in(t, x, Env{}, "ellipse", "convention", "yuill")
	for path, want := range map[string]float64{
		"major_km": math.Sqrt(800), "minor_km": math.Sqrt(50), "rotation_deg": 60, "area_km2": math.Pi * math.Sqrt(800*50), "center.lon": 120, "center.lat": 30,
	} {
		if got := number(t, r, path); math.Abs(got/want-1) > 5e-3 {
			t.Errorf("%s is %g, want %g", path, got, want)
		}
	}
	ring := a.Rows[0].Geometry.(orb.Polygon)[0]
	if !ring.Closed() || ring.Orientation() != orb.CCW {
		t.Error("the outline is not closed and counterclockwise")
	}
	_, r = in(t, x, Env{}, "ellipse")
	if got, want := number(t, r, "major_km"), math.Sqrt(1600); math.Abs(got/want-1) > 5e-3 {
		t.Errorf("the major half axis is %g by default, want %g", got, want)
	}
	_, r = in(t, x, Env{}, "center", "measure", "sum(w)") // 1, 2, 3, 1
	want := at((40*sin-80*sin+30*cos-10*cos)/7, (40*cos-80*cos-30*sin+10*sin)/7)
	if got := (orb.Point{number(t, r, "mean.lon"), number(t, r, "mean.lat")}); math.Hypot(got[0]-want[0], got[1]-want[1]) > 1e-3 {
		t.Errorf("the weighted mean is %v, want %v", got, want)
	}
}

// The ellipse of places on both sides of 180° is in two parts, and its centre between.
func TestEllipseAcross180(t *testing.T) {
	x := load(t, features(orb.Point{179, 0}, orb.Point{-179, 0}, orb.Point{180, 1}, orb.Point{180, -0.5}))
	a, r := in(t, x, Env{}, "ellipse")
	if lon := number(t, r, "center.lon"); math.Abs(math.Abs(lon)-180) > 1e-9 {
		t.Errorf("the centre is at %g", lon)
	}
	if parts, ok := a.Rows[0].Geometry.(orb.MultiPolygon); !ok || len(parts) != 2 {
		t.Errorf("the outline is %T %v", a.Rows[0].Geometry, a.Rows[0].Geometry)
	}
}

// turned are the numbers of two results that differ by more than 1e-6 of themselves;
// longitudes may differ by turn.
func turned(path string, a, b any, turn float64) (out []string) {
	switch a := a.(type) {
	case map[string]any:
		for k, v := range a {
			out = append(out, turned(path+"."+k, v, b.(map[string]any)[k], turn)...)
		}
	case []any:
		for i, v := range a {
			out = append(out, turned(fmt.Sprint(path, ".", i), v, b.([]any)[i], turn)...)
		}
	case float64:
		b, ok := b.(float64)
		if strings.HasSuffix(path, ".lon") {
			b = math.Mod(b-turn+540, 360) - 180
		}
		if !ok || math.Abs(a-b) > 1e-6*math.Abs(a)+1e-12 {
			out = append(out, fmt.Sprintf("%s: %v and %v", path, a, b))
		}
	default:
		if a != b {
			out = append(out, fmt.Sprintf("%s: %v and %v", path, a, b))
		}
	}
	return out
}

// No answer changes when the Earth turns, draws among them.
func TestPlacesTurnAboutThePole(t *testing.T) {
	var here, there []orb.Point
	const turn = 101.5
	for i := range 60 {
		p := orb.Point{100 + math.Mod(float64(i)*math.Phi*20, 20), 22 + math.Mod(float64(i*i)*math.Sqrt2*3, 18)}
		here, there = append(here, p), append(there, orb.Point{math.Mod(p[0]+turn+540, 360) - 180, p[1]})
	}
	x, y := load(t, features(here...)), load(t, features(there...))
	for _, m := range placeMethods {
		_, a := among(t, x, having{"part", "a"}, m)
		_, b := among(t, y, having{"part", "a"}, m)
		if d := turned(m, a, b, turn); len(d) > 0 {
			t.Errorf("%d differ: %s", len(d), d[0])
		}
	}
}

// What has no figure is null and says why; nothing is an error.
func TestNoPlaces(t *testing.T) {
	here := orb.Point{120, 30}
	sets := map[string]*geo.Index{
		"none": load(t, ""), "one": load(t, features(here)), "one place": load(t, features(here, here, here, here)),
		"two": load(t, features(here, orb.Point{121, 31})), "zeros": load(t, strings.ReplaceAll(features(here, here, here), `"w":`, `"w":0,"v":`)),
	}
	null := map[string]string{"center": "mean.lon", "ellipse": "major_km", "nearest-neighbor": "index", "ripley": "p", "duranton-overman": "p"}
	for _, m := range placeMethods {
		for name, x := range sets {
			var params []string
			if name == "zeros" {
				if m == "ripley" || m == "nearest-neighbor" {
					continue // which have no weights
				}
				params = []string{"measure", "sum(w)"}
			}
			a, r := in(t, x, Env{}, m, params...)
			figures := m == "center" && name != "none" && name != "zeros"
			if v := at(t, r, null[m]); (v != nil) != figures {
				t.Errorf("%s of %s: %s is %v", m, name, null[m], v)
			}
			if !figures && (!warned(a, "no figure") || len(a.Rows) > 0) {
				t.Errorf("%s of %s: the rows are %v, the warnings %v", m, name, a.Rows, a.Warnings)
			}
			for _, w := range a.Warnings {
				if w.EN == "" || w.ZH == "" || strings.Contains(w.EN+w.ZH, "%") {
					t.Errorf("%s of %s: a warning is %v", m, name, w)
				}
			}
		}
		a, _ := among(t, sets["two"], having{"part", "z"}, m)
		if !warned(a, "leaves no feature") || a.N != 0 {
			t.Errorf("%s of a selection that leaves none: n is %d, the warnings are %v", m, a.N, a.Warnings)
		}
	}
}

func TestPlacesRefuse(t *testing.T) {
	x := load(t, features(orb.Point{120, 30}, orb.Point{121, 30}))
	for _, c := range [][3]string{
		{"ellipse", "convention", "qgis"}, {"ellipse", "measure", "sum(v)"}, {"center", "by", "parts"},
		{"nearest-neighbor", "area_km2", "0"}, {"nearest-neighbor", "edge", "guard"},
		{"ripley", "radius_km", "-1"}, {"ripley", "steps", "1"}, {"ripley", "null", "poisson"}, {"ripley", "permutations", "100000"},
		{"duranton-overman", "bandwidth_km", "0"}, {"duranton-overman", "distance_km", "NaN"}, {"duranton-overman", "permutations", "0"},
		{"duranton-overman", "distance_km", "20041"}, {"ripley", "radius_km", "1e9"}, {"nearest-neighbor", "area_km2", "1e12"},
		{"duranton-overman", "seed", "-1"}, {"duranton-overman", "steps", "1000"},
	} {
		_, err := ask(t, x, c[0], c[1], c[2])
		if e, ok := err.(*geo.InvalidError); !ok || e.Field != c[1] {
			t.Errorf("%s with %s=%s: %v", c[0], c[1], c[2], err)
		}
	}
}

// A curve cannot be finer than its steps, nor its steps finer than any use.
func TestFinestKd(t *testing.T) {
	x, _ := atlas(t, "listed_clusters")
	textiles := having{"industry", "textiles"}
	a, r := among(t, x, textiles, "duranton-overman", "bandwidth_km", "0.001", "permutations", "99")
	if want := number(t, r, "distance_km.1") / 2; math.Abs(number(t, r, "bandwidth_km")-want) > 1e-9 || !warned(a, "half a step") {
		t.Errorf("the bandwidth is %v, want %g, with the warnings %v", r["bandwidth_km"], want, a.Warnings)
	}
	for _, distance := range []string{"1", "20040"} {
		_, r = among(t, x, textiles, "duranton-overman", "distance_km", distance, "permutations", "19")
		for i := range 101 {
			if v := number(t, r, fmt.Sprint("kd.", i)); v < 0 {
				t.Errorf("up to %s km the curve has %g", distance, v)
			}
		}
	}
	q := question(t, x, "duranton-overman", "distance_km", "0.001")
	q.Select = textiles
	_, err := q.Answer(t.Context(), x, Env{})
	if e, ok := err.(*geo.InvalidError); !ok || e.Field != "distance_km" {
		t.Errorf("up to a metre: %v", err)
	}
}

// Of the built-in lists: textiles gather more than all that is listed does.
func TestPlacesOfTheAtlas(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	textiles := having{"industry", "textiles"}
	_, r := among(t, x, textiles, "center")
	if lon, lat := number(t, r, "median.lon"), number(t, r, "median.lat"); lon < 118 || lon > 122 || lat < 29 || lat > 33 {
		t.Errorf("the median centre of textiles is %g, %g, want one by the Yangtze River Delta", lon, lat)
	}
	_, r = among(t, x, textiles, "nearest-neighbor")
	if number(t, r, "index") > 0.6 || number(t, r, "p") > 0.001 {
		t.Errorf("the nearest neighbours of textiles: %v", r)
	}
	a, r := among(t, x, textiles, "duranton-overman")
	if at(t, r, "localised") != true || at(t, r, "dispersed") != false || number(t, r, "localised_km.0") != 0 || number(t, r, "p") > 0.05 || number(t, r, "draws") != 1000 {
		t.Errorf("K_d of textiles: localised %v at %v, p %v", r["localised"], r["localised_km"], r["p"])
	}
	if len(a.Rows) != 101 || len(a.Columns) != 6 || number(t, r, "kd.0") <= number(t, r, "high.0") {
		t.Errorf("K_d of textiles has %d rows", len(a.Rows))
	}
	total := 0.0
	for i := range 100 {
		total += (number(t, r, fmt.Sprint("kd.", i)) + number(t, r, fmt.Sprint("kd.", i+1))) / 2
	}
	if total *= number(t, r, "distance_km.1"); total < 0.4 || total > 1 {
		t.Errorf("up to the median distance of all there are %g of the distances, want some half and more", total)
	}
	_, l := among(t, x, textiles, "ripley")
	if at(t, l, "null") != "sites" || at(t, l, "clustered") != true {
		t.Errorf("L of textiles: %v, p %v", l["clustered"], l["p"])
	}
	all, whole := in(t, x, env, "duranton-overman")
	if whole["p"] != nil || whole["localised"] != nil || len(at(t, whole, "low").([]any)) > 0 || !warned(all, "whole universe") {
		t.Errorf("K_d of all that is listed: p is %v, the warnings are %v", whole["p"], all.Warnings)
	}
	_, by := in(t, x, env, "ellipse", "by", "industry")
	if number(t, by, "subjects.2.major_km") < number(t, by, "subjects.2.minor_km") || at(t, by, "subjects.2.value") == nil {
		t.Errorf("the ellipse of the third trade is %v", at(t, by, "subjects.2"))
	}
}

// Answers do not depend on the number of goroutines; they tell how far they are, and end
// with the one who asks.
func TestPlacesAreDrawnByMany(t *testing.T) {
	x, _ := atlas(t, "listed_clusters")
	for _, m := range []string{"ripley", "duranton-overman"} {
		var first string
		for _, workers := range []int{1, 3} {
			last, total := 0, 0
			a, _ := in(t, x, Env{Workers: workers, Progress: func(d, n int) {
				if d < last || n != total && total > 0 {
					t.Errorf("%s: %d of %d after %d of %d", m, d, n, last, total)
				}
				last, total = d, n
			}}, m, "by", "level", "permutations", "50")
			if last != total || total == 0 {
				t.Errorf("%s: ended at %d of %d", m, last, total)
			}
			if text := string(a.Result(false)); first == "" {
				first = text
			} else if text != first {
				t.Errorf("%s: another answer of %d goroutines", m, workers)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		q := question(t, x, m, "by", "level", "permutations", "99999")
		_, err := q.Answer(ctx, x, Env{Progress: func(int, int) { cancel() }})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v of an answer that nobody waits for", m, err)
		}
	}
}
