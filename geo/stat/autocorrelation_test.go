package stat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/pyramid"
)

var neighbourIDs = []string{"moran", "getis-ord", "local-moran", "hot-spots"}

// divided is the environment with the divisions of the atlas.
func divided(t testing.TB, env Env) Env {
	t.Helper()
	all, err := geo.Load(data.Files(), nil, "divisions.geojson")
	if err != nil {
		t.Fatal(err)
	}
	x := all[0].Source.(*geo.Index)
	env.Area = func(cut pyramid.Cut, key string) (orb.Geometry, geo.Text) {
		f, err := x.Get(context.Background(), key)
		if err != nil {
			return nil, geo.Text{}
		}
		return f.Geometry(), geo.Text{EN: f.Value("name_en").Text(), ZH: f.Value("name_zh").Text()}
	}
	env.Divisions = func(level string) []string {
		var codes []string
		for slot := range uint32(x.Len()) {
			if code, ok := geo.DivisionOf(x.At(slot).ID().String(), level); ok {
				codes = append(codes, code)
			}
		}
		slices.Sort(codes)
		return slices.Compact(codes)
	}
	return env
}

// TestHotSpotsOfTheAtlas asks of the listed clusters, on prefectures and on hexagons.
func TestHotSpotsOfTheAtlas(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	env = divided(t, env)
	a, r := in(t, x, env, "hot-spots")
	if places, empty := number(t, r, "neighbors.places"), number(t, r, "neighbors.empty"); places < 250 || places > 360 || empty < 50 {
		t.Errorf("%g prefectures, %g of them empty; want those of China within the hull", places, empty)
	}
	var hot []string
	for _, u := range r["units"].([]any) {
		if class := at(t, u, "class").(string); strings.HasPrefix(class, "hot") {
			hot = append(hot, at(t, u, "title.en").(string))
		}
	}
	if !slices.Contains(hot, "Suzhou") || !slices.Contains(hot, "Jiaxing") {
		t.Errorf("hot are %v, want the places west of Shanghai", hot)
	}
	if !warned(a, "permutations, not 999") || number(t, r, "draws") < 2*300/0.05 {
		t.Errorf("%v draws; %v", r["draws"], a.Warnings)
	}
	checkRows(t, a)
	if i := slices.IndexFunc(a.Rows, func(row Row) bool { return !isArea(row.Geometry) }); i >= 0 {
		t.Errorf("row %d has the geometry %T", i, a.Rows[i].Geometry)
	}

	a, r = in(t, x, env, "hot-spots", "within", "hex:50")
	if number(t, r, "hot") < 5 || number(t, r, "cold") != 0 || number(t, r, "in_hot.count") < 50 {
		t.Errorf("on hexagons %v are hot, %v cold, with %v in them", r["hot"], r["cold"], r["in_hot"])
	}
	checkRows(t, a)
	_, none := in(t, x, env, "hot-spots", "within", "hex:50", "empty", "none")
	if all, some := number(t, r, "neighbors.places"), number(t, none, "neighbors.places"); some > all/3 || number(t, none, "neighbors.empty") != 0 {
		t.Errorf("%g cells, without the empty ones %g", all, some)
	}
	_, moran := in(t, x, env, "moran", "within", "hex:50")
	_, general := in(t, x, env, "getis-ord", "within", "hex:50")
	if number(t, moran, "z") < 5 || number(t, moran, "p_permutation") > 0.01 || number(t, general, "z") < 5 {
		t.Errorf("I %v, G %v; want a pattern beyond doubt", moran, general)
	}
}

// checkRows holds the table to its columns.
func checkRows(t testing.TB, a *Answer) {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range a.Rows {
		if len(row.Cells) != len(a.Columns) || seen[row.ID] {
			t.Fatalf("row %s has %d cells for %d columns, or stands twice", row.ID, len(row.Cells), len(a.Columns))
		}
		seen[row.ID] = true
	}
}

// scatter is n features in a square by a rule, with a dense corner, each with firms.
func scatter(n int) string {
	var all []string
	for i := range n {
		lon, lat := 110+5*frac(float64(i)*0.618034), 30+5*frac(float64(i)*0.754878)
		if i%3 == 0 {
			lon, lat = 114+0.8*frac(float64(i)*0.618034), 34+0.8*frac(float64(i)*0.754878)
		}
		all = append(all, fmt.Sprintf(`{"type":"Feature","id":"f%03d","geometry":{"type":"Point","coordinates":[%f,%f]},"properties":{"firms":%d,"trade":"%c","name":"n%d"}}`,
			i, lon, lat, i%7, 'x'+rune(i%2), i))
	}
	return strings.Join(all, ",")
}

func frac(v float64) float64 { return v - math.Floor(v) }

// TestEmptyCells compares the empty cells with those that a fine raster meets.
func TestEmptyCells(t *testing.T) {
	x := load(t, scatter(150))
	st := &Study{Question: question(t, x, "hot-spots", "within", "hex:40"), Index: x}
	if err := st.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := st.neighbours(t.Context(), &st.Subjects[0])
	if err != nil {
		t.Fatal(err)
	}
	grid := pyramid.HexagonsOf(x, 40)
	plane := grid.Plane()
	got, occupied := map[string]bool{}, map[string]bool{}
	for i, p := range l.places {
		got[p.key], occupied[p.key] = true, i < len(st.Units)
	}
	var inPlane []orb.Point
	for slot := range uint32(x.Len()) {
		p, _ := x.Anchor(slot)
		if inPlane = append(inPlane, plane.Forward(p)); !occupied[grid.At(p)] {
			t.Errorf("the cell of %v is empty", p)
		}
	}
	want := map[string]bool{}
	for lon := 109.5; lon < 115.5; lon += 0.02 {
		for lat := 29.5; lat < 35.5; lat += 0.02 {
			key := grid.At(orb.Point{lon, lat})
			if _, known := want[key]; !known {
				centre, _ := grid.Centre(key)
				want[key] = occupied[key] || insideHull(inPlane, plane.Forward(centre))
			}
		}
	}
	for key, there := range want {
		if got[key] != there {
			t.Errorf("cell %s is counted: %v, want %v", key, got[key], there)
		}
		delete(got, key)
	}
	if len(got) > 0 {
		t.Errorf("counted are also %v, which lie elsewhere", got)
	}
	a, r := in(t, x, Env{}, "hot-spots", "within", "hex:40")
	if hot := number(t, r, "in_hot.count"); hot < 30 {
		t.Errorf("only %g of the 50 features of the dense corner lie in hot spots", hot)
	}
	for _, u := range r["units"].([]any) {
		if !occupied[at(t, u, "key").(string)] && at(t, u, "class") == "none" {
			t.Errorf("%v is listed", u)
		}
	}
	checkRows(t, a)
}

// insideHull tries a line in each direction: outside, all points lie on one side of one.
func insideHull(points []orb.Point, p orb.Point) bool {
	for degree := range 7200 {
		sin, cos := math.Sincos(float64(degree) * math.Pi / 3600)
		beyond := false
		for _, q := range points {
			beyond = beyond || (q[0]-p[0])*cos+(q[1]-p[1])*sin >= 0
		}
		if !beyond {
			return false
		}
	}
	return true
}

// TestNeighboursOfPoints asks of the features themselves.
func TestNeighboursOfPoints(t *testing.T) {
	x := load(t, scatter(60))
	for _, id := range neighbourIDs {
		a, r := in(t, x, Env{}, id, "on", "points", "measure", "sum(firms)", "k", "5")
		if mean := number(t, r, "neighbors.mean"); mean != 5 || at(t, r, "neighbors.weights") != "knn" {
			t.Errorf("%s: %g neighbours by %v", id, mean, at(t, r, "neighbors.weights"))
		}
		checkRows(t, a)
		if units, ok := r["units"].([]any); ok && (len(units) != 60 || !strings.HasSuffix(at(t, units[0], "key").(string), strings.TrimPrefix(at(t, units[0], "title.en").(string), "n"))) {
			t.Errorf("%s has %d units, the first of them %v", id, len(units), units[0])
		}
		a, r = in(t, x, Env{}, id, "on", "points", "measure", "sum(firms)", "weights", "band")
		if islands := number(t, r, "neighbors.islands"); islands != 0 || setting(a, "band_km") == "" {
			t.Errorf("%s: %g islands within %s km", id, islands, setting(a, "band_km"))
		}
		a, r = in(t, x, Env{}, id, "on", "points")
		if !warned(a, "same value") {
			t.Errorf("%s of features that all count as 1: %v, %v", id, r, a.Warnings)
		}
	}
}

func setting(a *Answer, name string) string {
	for _, s := range a.Settings {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// TestSubjectsOfNeighbours has an answer for each value of a property.
func TestSubjectsOfNeighbours(t *testing.T) {
	x := load(t, scatter(80))
	var last int
	env := Env{Progress: func(done, total int) {
		if done > total {
			t.Errorf("done %d of %d", done, total)
		}
		last = total - done
	}}
	for _, id := range neighbourIDs {
		a, r := in(t, x, env, id, "by", "trade", "within", "hex:60")
		if subjects := r["subjects"].([]any); len(subjects) != 2 || number(t, subjects[0], "n") != 40 || number(t, subjects[0], "neighbors.places") < 50 {
			t.Errorf("%s: %v", id, r)
		}
		checkRows(t, a)
		if last != 0 {
			t.Errorf("%s ends with %d parts left to do", id, last)
		}
	}
}

func TestNeighboursRefuse(t *testing.T) {
	x := load(t, scatter(20))
	for _, c := range []struct{ field, params string }{
		{"k", "on=points weights=knn k=20"},
		{"k", "on=points weights=knn k=99999999999"},
		{"k", "on=points k=20"},
		{"k", "within=hex:50 k=1000"},
		{"k", "within=hex:50 weights=contiguity k=2"},
		{"k", "on=points k=2 band_km=50"},
		{"band_km", "on=points weights=knn band_km=50"},
		{"k", "k=0"},
		{"k", "k=-1"},
		{"k", "weights=knn k=1.5"},
		{"band_km", "weights=band band_km=0"},
		{"band_km", "weights=band band_km=-5"},
		{"band_km", "weights=band band_km=NaN"},
		{"fdr", "fdr=0"},
		{"fdr", "fdr=1"},
		{"permutations", "permutations=100000"},
		{"permutations", "permutations=0"},
		{"weights", "weights=queen"},
		{"weights", "on=points weights=contiguity"},
		{"weights", "within=trade weights=contiguity"},
		{"on", "on=cells"},
		{"empty", "empty=all"},
		{"within", "within=hex:1 empty=hull"},
	} {
		var params []string
		for pair := range strings.FieldsSeq(c.params) {
			name, value, _ := strings.Cut(pair, "=")
			params = append(params, name, value)
		}
		_, err := ask(t, x, "hot-spots", params...)
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%s: %v, want a fault of %s", c.params, err, c.field)
		}
	}
}

// TestTooManyEmptyCells leaves them out where nobody asked for them.
func TestTooManyEmptyCells(t *testing.T) {
	a, r := in(t, load(t, scatter(60)), Env{}, "moran", "within", "hex:1")
	if number(t, r, "neighbors.empty") != 0 || setting(a, "empty") != "none" || !warned(a, "Empty cells are left out") {
		t.Errorf("%v; %v", r, a.Warnings)
	}
}

// TestNothingWithNeighbours has null figures and says why.
func TestNothingWithNeighbours(t *testing.T) {
	same := `{"type":"Feature","id":"%","geometry":{"type":"Point","coordinates":[120,30]},"properties":{"trade":"x","n":0}}`
	none := `{"type":"Feature","id":"%","geometry":null,"properties":{"trade":"x","n":2}}`
	for name, x := range map[string]*geo.Index{
		"nothing":       load(t, ""),
		"one":           load(t, replaceID(same, "a")),
		"equal":         load(t, replaceID(same, "a")+","+replaceID(same, "b")+","+replaceID(same, "c")),
		"no position":   load(t, replaceID(none, "a")+","+replaceID(none, "b")),
		"few apart":     load(t, three),
		"few and lists": load(t, three+","+replaceID(same, "e")),
	} {
		for _, id := range neighbourIDs {
			for _, params := range [][]string{
				nil, {"on", "points"}, {"on", "points", "weights", "knn", "k", "1"}, {"weights", "band"}, {"weights", "knn"}, {"by", "trade"},
				{"within", "trade"}, {"empty", "none"}, {"on", "points", "weights", "band", "band_km", "50"}, {"on", "points", "by", "trade", "weights", "knn", "k", "7"},
			} {
				a, err := ask(t, x, id, params...)
				var invalid *geo.InvalidError
				if errors.As(err, &invalid) && invalid.Field == "by" || errors.As(err, &invalid) && invalid.Field == "within" {
					continue // there is no such property
				}
				if err != nil {
					t.Errorf("%s of %s, %v: %v", id, name, params, err)
					continue
				}
				if len(a.Warnings) == 0 || !json.Valid(a.Result(false)) {
					t.Errorf("%s of %s, %v: %s, %v", id, name, params, a.Result(false), a.Warnings)
				}
				checkRows(t, a)
			}
		}
	}
	_, r := in(t, load(t, replaceID(same, "a")), Env{}, "moran")
	for _, member := range []string{"i", "expected", "variance", "z", "p", "p_permutation"} {
		if v, told := r[member]; v != nil || !told {
			t.Errorf("of one point %s is %v", member, v)
		}
	}
}

// TestNeighboursAreEqual gives equal answers to equal questions, by any number of
// workers, and other draws by another seed.
func TestNeighboursAreEqual(t *testing.T) {
	x := load(t, scatter(150))
	for _, id := range neighbourIDs {
		one, _ := in(t, x, Env{Workers: 1}, id, "on", "points", "measure", "sum(firms)")
		many, _ := in(t, x, Env{Workers: 5}, id, "on", "points", "measure", "sum(firms)")
		other, _ := in(t, x, Env{}, id, "on", "points", "measure", "sum(firms)", "seed", "2")
		if string(one.Result(false)) != string(many.Result(false)) {
			t.Errorf("%s depends on the number of workers", id)
		}
		if string(one.Result(false)) == string(other.Result(false)) {
			t.Errorf("%s is the same by another seed", id)
		}
	}
}

func TestNeighboursStop(t *testing.T) {
	x := load(t, scatter(150))
	ctx, cancel := context.WithCancel(t.Context())
	env := Env{Progress: func(done, total int) { cancel() }}
	q := question(t, x, "moran", "permutations", "99999", "within", "hex:20")
	if _, err := q.Answer(ctx, x, env); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}
