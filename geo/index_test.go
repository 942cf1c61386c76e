package geo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// mustRead reads features, one GeoJSON text each.
func mustRead(t testing.TB, opt ReadOptions, features ...string) *Index {
	t.Helper()
	opt.Name = "test.geojson"
	x, err := Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",\n")+`]}`), opt)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func idsOf(features []Feature) string {
	var ids []string
	for _, f := range features {
		ids = append(ids, f.ID().String())
	}
	return strings.Join(ids, " ")
}

func search(t testing.TB, x *Index, q Query) Result {
	t.Helper()
	r, err := x.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func match(t testing.TB, x *Index, name, text string) Match {
	t.Helper()
	m, err := x.Schema().ParseMatch(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSearchBoxes(t *testing.T) {
	at := func(id string, x, y float64) string {
		return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{}}`, id, x, y)
	}
	x := mustRead(t, ReadOptions{}, at("c", 10, 0), at("a", 0, 5), at("b", 0, 10), at("d", 5, 12), at("e", 12, 5),
		at("w", 179.5, 0), at("x", -179.5, 0), at("y", 180, 1), at("z", -180, 1),
		`{"type":"Feature","id":"n","geometry":null,"properties":null}`,
		`{"type":"Feature","id":"long","geometry":{"type":"LineString","coordinates":[[-180,0.5],[180,0.5]]},"properties":{}}`)
	tests := []struct {
		name string
		box  orb.Bound
		want string
	}{
		//        |  d
		//   b----|        a, b and c are on the edge or the corner of the box
		//   a    |  e
		//   +----c
		{"edges are inside", box(0, 1, 10, 10), "a b"},
		{"corners are inside", box(0, -1, 10, 10), "a b c long"},
		{"across 180", box(178, -1, -178, 1), "long w x y z"},
		{"across 180, narrow", box(179.9, -1, -179.9, 1), "long y z"},
		{"up to 180", box(179, -1, 180, 1), "long w y z"},
		{"from -180", box(-180, 0.9, -179, 1), "y z"},
		{"the meridian", box(180, -1, 180, 1), "long y z"},
		{"the meridian as -180", box(-180, 1, -180, 1), "y z"},
		{"the meridian across", box(180, -1, -180, 1), "long y z"},
		{"the world", box(-180, -90, 180, 90), "a b c d e long w x y z"},
		{"a point", box(12, 5, 12, 5), "e"},
		{"nothing", box(50, 50, 51, 51), ""},
	}
	for _, tt := range tests {
		r := search(t, x, Query{Box: &tt.box})
		if got := idsOf(r.Features); got != tt.want || r.Matched != len(strings.Fields(tt.want)) {
			t.Errorf("%s: got %q (%d), want %q", tt.name, got, r.Matched, tt.want)
		}
	}
	if got := idsOf(search(t, x, Query{}).Features); got != "a b c d e long n w x y z" {
		t.Errorf("all: got %q", got)
	}
}

func TestIDOrder(t *testing.T) {
	var features []string
	for _, id := range []string{`"b"`, `10`, `"10a"`, `2`, `-1`, `1.5`, `1e3`, `"B"`, `"é"`, `"长"`, `"a b/c"`, `1000.5`} {
		features = append(features, `{"type":"Feature","id":`+id+`,"geometry":null,"properties":null}`)
	}
	x := mustRead(t, ReadOptions{}, features...)
	r := search(t, x, Query{})
	var got []string
	for _, f := range r.Features {
		got = append(got, string(f.ID().AppendJSON(nil)))
	}
	want := `-1|1.5|2|10|1e3|1000.5|"10a"|"B"|"a b/c"|"b"|"é"|"长"`
	if strings.Join(got, "|") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, "|"), want)
	}
	for _, f := range r.Features {
		g, err := x.Get(context.Background(), f.ID().String())
		if err != nil || g.ID() != f.ID() {
			t.Errorf("Get(%q): %v, %v", f.ID(), g, err)
		}
	}
	for _, id := range []string{"", "1", "1000", "c", `"b"`, "长兴"} {
		if _, err := x.Get(context.Background(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get(%q): got %v, want ErrNotFound", id, err)
		}
	}
	// An id that is gone still has a place.
	for after, first := range map[ID]string{{"3", true}: "10", {"99999", true}: "10a", StringID("a"): "a b/c", StringID("zzz"): "é", StringID("长兴"): ""} {
		r := search(t, x, Query{After: &Position{ID: after}, Limit: 1})
		if got := idsOf(r.Features); got != first {
			t.Errorf("after %v: got %q, want %q", after, got, first)
		}
	}
}

// A number is one id however it is written.
func TestEqualNumbersAreOneID(t *testing.T) {
	for ids, want := range map[string]string{
		"1 1.0": `feature 2: id: "1.0" is the id of feature 1 too`, "1e3 7 1000": `feature 3: id: "1e3" is the id of feature 1 too`,
		"0 5 -0": "id of feature 1 too", "1 1.5 2": "", "9007199254740993 9007199254740992": "",
	} {
		var features []string
		for id := range strings.FieldsSeq(ids) {
			features = append(features, `{"type":"Feature","id":`+id+`,"geometry":null,"properties":null}`)
		}
		_, err := Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`), ReadOptions{})
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %v, want %q", ids, err, want)
		}
	}
}

func TestZeroIndex(t *testing.T) {
	var x Index
	b := box(-180, -90, 180, 90)
	after := StringID("a")
	if r := search(t, &x, Query{Box: &b, After: &Position{ID: after}, Limit: 3}); r.Matched != 0 || len(r.Features) != 0 || r.More {
		t.Errorf("got %+v", r)
	}
	if _, err := x.Get(context.Background(), "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if !x.Extent().Empty || x.Schema() == nil || x.Len() != 0 {
		t.Errorf("extent %v, schema %v", x.Extent(), x.Schema())
	}
}

// record is a feature as the plain scan sees it.
type record struct {
	id    string
	geom  orb.Geometry
	props map[string]any
}

// world is a collection with every kind of geometry and property, and the same
// as records in ID order.
func world(t testing.TB, random *rand.Rand, n int) (*Index, []record) {
	t.Helper()
	trades := []string{"silk", "stone", "shoes", "", "a,b", `q"\`, "丝绸"}
	var features []string
	var all []record
	for i := range n {
		r := record{id: fmt.Sprintf("%05d", random.IntN(90000)*10+i%10), props: map[string]any{}}
		if slices.ContainsFunc(all, func(o record) bool { return o.id == r.id }) {
			continue
		}
		x, y := float64(random.IntN(3600))/10-180, float64(random.IntN(1600))/10-80
		switch random.IntN(6) {
		case 0:
			r.geom = orb.LineString{{x, y}, {max(-180, x-5), y + 3}}
		case 1:
			x = min(x, 170)
			r.geom = orb.Polygon{{{x, y}, {x + 8, y}, {x + 4, y + 6}, {x, y}}}
		case 2:
			r.geom = orb.Collection{orb.Point{x, y}, orb.Point{-x, -y}}
		case 3:
		default:
			r.geom = orb.Point{x, y}
		}
		r.props["trade"] = trades[random.IntN(len(trades))]
		r.props["tags"] = []any{trades[random.IntN(3)], trades[random.IntN(3)]}
		r.props["n"] = float64(random.IntN(5))
		r.props["share"] = float64(random.IntN(5)) / 4
		r.props["ok"] = random.IntN(2) == 0
		if random.IntN(3) > 0 {
			r.props["date"] = fmt.Sprintf("20%02d-0%d-01", random.IntN(20), 1+random.IntN(9))
		}
		if random.IntN(4) == 0 {
			r.props["trade"] = nil
		}
		f := geojson.NewFeature(r.geom)
		f.ID, f.Properties = r.id, r.props
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		features = append(features, string(b))
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b record) int { return strings.Compare(a.id, b.id) })
	return mustRead(t, ReadOptions{}, features...), all
}

func TestSearchEqualsAPlainScan(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	for range 6 {
		x, all := world(t, random, 50+random.IntN(1500))
		for range 300 {
			q, want := randomQuery(t, random, x, all)
			r := search(t, x, q)
			n, err := x.Count(context.Background(), q)
			if err != nil || n != r.Matched {
				t.Fatalf("%+v: Count %d (%v), Matched %d", q, n, err, r.Matched)
			}
			if r.Matched != len(want) {
				t.Fatalf("%+v: matched %d, want %d", q, r.Matched, len(want))
			}
			page := want
			if q.After != nil {
				page = slices.DeleteFunc(slices.Clone(page), func(id string) bool { return id <= q.After.ID.String() })
			}
			more := q.Limit > 0 && len(page) > q.Limit
			if more {
				page = page[:q.Limit]
			}
			if got := idsOf(r.Features); got != strings.Join(page, " ") || r.More != more {
				t.Fatalf("%+v: got %q (more: %v), want %q (%v)", q, got, r.More, page, more)
			}
		}
	}
}

// randomQuery is a query and the ids that a plain scan of the records selects.
func randomQuery(t testing.TB, random *rand.Rand, x *Index, all []record) (Query, []string) {
	var q Query
	keep := []func(record) bool{}
	if random.IntN(3) > 0 {
		w, s := random.Float64()*360-180, random.Float64()*160-80
		b := box(w, s, w+random.Float64()*150, min(90, s+random.Float64()*80))
		if b.Max[0] > 180 {
			b.Max[0] -= 360
		}
		q.Box = &b
		keep = append(keep, func(r record) bool { return r.geom != nil && meetsQuery(r.geom, b) })
	}
	for range random.IntN(3) {
		p := []struct {
			name, text string
			ok         func(v any) bool
		}{
			{"trade", "silk", func(v any) bool { return v == "silk" }},
			{"trade", "stone,丝绸,none", func(v any) bool { return v == "stone" || v == "丝绸" }},
			{"trade", "", func(v any) bool { return v == "" }},
			{"n", "3", func(v any) bool { return v == 3.0 }},
			{"n", "1,2.0", func(v any) bool { return v == 1.0 || v == 2.0 }},
			{"share", "0.25,1", func(v any) bool { return v == 0.25 || v == 1.0 }},
			{"ok", "true", func(v any) bool { return v == true }},
			{"tags", "shoes", func(v any) bool { return slices.Contains(v.([]any), any("shoes")) }},
		}[random.IntN(8)]
		q.Match = append(q.Match, match(t, x, p.name, p.text))
		keep = append(keep, func(r record) bool { return p.ok(r.props[p.name]) })
	}
	if random.IntN(3) == 0 {
		from := time.Date(2000+random.IntN(20), 3, 1, 0, 0, 0, 0, time.UTC)
		v := Interval{from, from.AddDate(random.IntN(6), 0, 0)}
		if random.IntN(3) == 0 {
			v.Start = time.Time{}
		}
		q.Time = &v
		keep = append(keep, func(r record) bool {
			text, ok := r.props["date"].(string)
			if !ok {
				return true
			}
			day, err := time.Parse(time.DateOnly, text)
			return err == nil && (v.Start.IsZero() || day.AddDate(0, 0, 1).After(v.Start)) && !day.After(v.End)
		})
	}
	if random.IntN(2) == 0 {
		id := StringID(all[random.IntN(len(all))].id + []string{"", "x"}[random.IntN(2)])
		q.After = &Position{ID: id}
	}
	q.Limit = random.IntN(4) * random.IntN(40)
	var want []string
	for _, r := range all {
		if !slices.ContainsFunc(keep, func(ok func(record) bool) bool { return !ok(r) }) {
			want = append(want, r.id)
		}
	}
	return q, want
}

func meetsQuery(g orb.Geometry, b orb.Bound) bool {
	for _, lon := range []float64{-180, 180} {
		meridian := box(lon, b.Min[1], lon, b.Max[1])
		if (b.Min[0] == -lon || b.Max[0] == -lon) && meetsBox(g, &meridian) {
			return true
		}
	}
	if b.Min[0] <= b.Max[0] {
		return meetsBox(g, &b)
	}
	west, east := box(b.Min[0], b.Min[1], 180, b.Max[1]), box(-180, b.Min[1], b.Max[0], b.Max[1])
	return meetsBox(g, &west) || meetsBox(g, &east)
}

func TestPagesMeetEachFeatureOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	x, all := world(t, random, 700)
	b := box(100, -60, -100, 60)
	for _, q := range []Query{{Limit: 7}, {Limit: 64, Box: &b}, {Limit: 3, Match: []Match{match(t, x, "trade", "silk")}}} {
		var met []string
		pages := 0
		for {
			r := search(t, x, q)
			for _, f := range r.Features {
				met = append(met, f.ID().String())
			}
			if pages++; !r.More || pages > len(all) {
				break
			}
			q.After = &r.Last
		}
		q.After, q.Limit = nil, 0
		if want := idsOf(search(t, x, q).Features); strings.Join(met, " ") != want {
			t.Errorf("%d pages met %d features, want %d", pages, len(met), len(strings.Fields(want)))
		}
	}
}

func TestConcurrentSearchesAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 18))
	x, _ := world(t, random, 3000)
	var queries []Query
	var want []string
	for range 40 {
		w, s := random.Float64()*300-180, random.Float64()*100-80
		b := box(w, s, w+60, s+70)
		q := Query{Box: &b, Limit: random.IntN(500)}
		queries = append(queries, q)
		want = append(want, idsOf(search(t, x, q).Features))
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i, q := range queries {
				if got := idsOf(search(t, x, q).Features); got != want[i] {
					t.Errorf("query %d differs", i)
				}
			}
		})
	}
	all.Wait()
}

func TestSearchEndsWithItsContext(t *testing.T) {
	x, _ := world(t, rand.New(rand.NewPCG(19, 20)), 100)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Search(ctx, Query{Match: []Match{match(t, x, "n", "1")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// A property with more different texts than are numbered is found by hash, and
// the bytes of the feature decide.
func TestMatchManyTexts(t *testing.T) {
	var b strings.Builder
	const n = maxDict + 5000
	for i := range n {
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":null,"properties":{"a":{"name":"no"},"name":"firm \u0031%d","when":"%04d-01-%02dT00:00:%02dZ"}}`+"\n",
			i, i%(n-1), 1+i%3000, 1+i%28, i%60)
	}
	x, err := Read(strings.NewReader(b.String()), ReadOptions{Name: "many.ndjson", Sequence: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, want string }{
		{"firm 10", fmt.Sprint("0 ", n-1)}, {"firm 17", "7"}, {"firm 1" + fmt.Sprint(n-2), fmt.Sprint(n - 2)}, {"no", ""}, {"firm 1", ""},
		{"firm 17,firm 19", "7 9"},
	} {
		if got := idsOf(search(t, x, Query{Match: []Match{match(t, x, "name", tt.text)}}).Features); got != tt.want {
			t.Errorf("name=%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestExtent(t *testing.T) {
	x := mustRead(t, ReadOptions{},
		`{"type":"Feature","geometry":{"type":"Point","coordinates":[10,20]},"properties":{"year":2007}}`,
		`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-5,1],[2,1],[2,3],[-5,1]]]},"properties":{"year":1999}}`,
		`{"type":"Feature","geometry":null,"properties":{"year":null}}`)
	e := x.Extent()
	if e.Empty || e.Box != box(-5, 1, 10, 20) {
		t.Errorf("box %v", e)
	}
	if e.Time.Start.Year() != 1999 || e.Time.End.Year() != 2007 || e.Time.End.Month() != time.December {
		t.Errorf("time %v", e.Time)
	}
	if e := mustRead(t, ReadOptions{}, `{"type":"Feature","geometry":null,"properties":null}`).Extent(); !e.Empty || !e.Time.IsZero() {
		t.Errorf("without geometry: %v", e)
	}
}

func TestTimes(t *testing.T) {
	f := func(id, from, to string) string {
		return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":null,"properties":{"from":%s,"to":%s}}`, id, from, to)
	}
	schema := `{"properties":{"from":{"x-ogc-role":"primary-interval-start"},"to":{"x-ogc-role":"primary-interval-end"}}}`
	x := mustRead(t, ReadOptions{Schema: []byte(schema)},
		f("a", `"2001-01-01"`, `"2002-01-01"`), f("b", `"2005-06-01T10:00:00Z"`, `null`), f("c", `null`, `"1999"`), f("d", `null`, `null`))
	for text, want := range map[string]string{
		"2001-05-01": "a d", "2002-01-01T12:00:00Z": "a d", "2002-01-02": "d", "2010-01-01": "b d", "../2000-01-01": "c d",
		"2005-06-01T09:59:59Z": "d", "2005-06-01": "b d", "1998-01-01/..": "a b c d", "2000": "d",
	} {
		v, err := ParseInterval(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := idsOf(search(t, x, Query{Time: &v}).Features); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// Times of every form are told apart to the last digit.
func TestTimesAreExact(t *testing.T) {
	many := make([]string, maxDict+100)
	for i := range many {
		many[i] = time.Unix(int64(i)*86400, 0).UTC().Format(`"2006-01-02T15:04:05Z"`)
	}
	for name, values := range map[string][]string{
		"years":                   {`2007`, `null`, `1999`, `2007`},
		"years as text":           {`"2007"`, `"1999"`, `null`, `"0001"`, `"9999"`},
		"dates":                   {`"2007-05-01"`, `null`, `"0001-01-01"`, `"9999-12-31"`},
		"microseconds":            {`"2007-05-01T00:00:00.000001Z"`, `"1950-01-01T00:00:00.999999+08:00"`, `null`},
		"a nanosecond first":      {`"2007-05-01T00:00:00.000000001Z"`, `"2007-05-01T00:00:00.000001Z"`, `null`},
		"a nanosecond at the end": {`"2007-05-01T00:00:00Z"`, `null`, `"2007-05-01T00:00:00.000000001Z"`},
		"dates and date-times":    {`"2007-05-01"`, `"2007-05-01T12:00:00Z"`},
		"months":                  {`"2007-05"`, `"2007-02"`, `null`},
		"many":                    many,
		"many, one finer":         append([]string{`"1980-01-01T00:00:00.000000001Z"`}, many...),
	} {
		checkTimes(t, name, values)
	}
}

// checkTimes asks for the times of the first values and for the nanoseconds
// beside them.
func checkTimes(t *testing.T, name string, values []string) {
	t.Helper()
	var features []string
	var times []*Interval
	for i, v := range values {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":null,"properties":{"at":%s}}`, i, v))
		times = append(times, nil)
		if _, at, ok := parseTime(strings.Trim(v, `"`)); ok {
			times[i] = &at
		}
	}
	x := mustRead(t, ReadOptions{Schema: []byte(`{"properties":{"at":{"x-ogc-role":"primary-instant"}}}`)}, features...)
	for _, of := range times[:min(6, len(times))] {
		if of == nil {
			continue
		}
		for _, q := range []Interval{*of, {Start: of.End.Add(1)}, {End: of.Start.Add(-1)}} {
			want := 0
			for _, at := range times {
				if at == nil || at.Meets(q) {
					want++
				}
			}
			if n, err := x.Count(context.Background(), Query{Time: &q}); n != want || err != nil {
				t.Errorf("%s: %v selects %d (%v), want %d", name, q, n, err, want)
			}
		}
	}
}

// What the schema calls the time of a feature is a time, or null.
func TestTimesAreTimes(t *testing.T) {
	schema := []byte(`{"properties":{"at":{"x-ogc-role":"primary-instant"}}}`)
	for value, ok := range map[string]bool{
		`2007`: true, `"2007-05"`: true, `"2007-05-01"`: true, `null`: true,
		`"junk"`: false, `""`: false, `2007.5`: false, `99`: false, `true`: false, `["2007"]`: false, `"1.5.2007"`: false,
	} {
		f := `{"type":"Feature","geometry":null,"properties":{"at":` + value + `}}`
		if _, err := Read(strings.NewReader(f), ReadOptions{Schema: schema}); (err == nil) != ok {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// A comma means or, unless the whole text is a value: it alone is meant then.
func TestMatchTextsWithCommas(t *testing.T) {
	f := func(id, name string) string {
		return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":null,"properties":{"name":%q,"tags":[%q]}}`, id, name, name)
	}
	x := mustRead(t, ReadOptions{}, f("a", "Works 7, Suzhou"), f("b", "Works 7"), f("c", " Suzhou"), f("d", "x"))
	for _, property := range []string{"name", "tags"} {
		for text, want := range map[string]string{"Works 7, Suzhou": "a", "x,Works 7": "b d", "Works 7": "b", "Suzhou": ""} {
			if got := idsOf(search(t, x, Query{Match: []Match{match(t, x, property, text)}}).Features); got != want {
				t.Errorf("%s=%s: got %q, want %q", property, text, got, want)
			}
		}
	}
}

func FuzzSearch(f *testing.F) {
	x, all := world(f, rand.New(rand.NewPCG(21, 22)), 300)
	f.Add(-10.0, -10.0, 10.0, 10.0, "00500", 5)
	f.Add(170.0, -90.0, -170.0, 90.0, "", 0)
	f.Fuzz(func(t *testing.T, w, s, e, n float64, after string, limit int) {
		if !(w >= -180 && w <= 180 && e >= -180 && e <= 180 && s >= -90 && n <= 90 && s <= n) {
			return
		}
		b, id := box(w, s, e, n), StringID(after)
		r := search(t, x, Query{Box: &b, After: &Position{ID: id}, Limit: limit})
		matched, page := 0, 0
		for _, rec := range all {
			if rec.geom != nil && meetsQuery(rec.geom, b) {
				matched++
				if rec.id > after {
					page++
				}
			}
		}
		if limit > 0 {
			page = min(page, limit)
		}
		if r.Matched != matched || len(r.Features) != page {
			t.Errorf("matched %d, page %d; want %d, %d", r.Matched, len(r.Features), matched, page)
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	var text strings.Builder
	random := rand.New(rand.NewPCG(23, 24))
	for i := range 200_000 {
		fmt.Fprintf(&text, `{"type":"Feature","id":"f%06d","geometry":{"type":"Point","coordinates":[%.4f,%.4f]},"properties":{"kind":"k%d"}}`+"\n",
			i, random.Float64()*60+75, random.Float64()*35+18, i%7)
	}
	x, err := Read(strings.NewReader(text.String()), ReadOptions{Sequence: true})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	q := Query{Limit: 1000, Box: &orb.Bound{Min: orb.Point{110, 28}, Max: orb.Point{115, 32}}}
	b.Run("a page in a box", func(b *testing.B) {
		for b.Loop() {
			_, _ = x.Search(ctx, q)
		}
	})
	b.Run("a count in a box", func(b *testing.B) {
		for b.Loop() {
			_, _ = x.Count(ctx, q)
		}
	})
	b.Run("a property", func(b *testing.B) {
		m := match(b, x, "kind", "k3")
		for b.Loop() {
			_, _ = x.Search(ctx, Query{Limit: 1000, Match: []Match{m}})
		}
	})
	b.Run("by id", func(b *testing.B) {
		for b.Loop() {
			_, _ = x.Get(ctx, "f123456")
		}
	})
}
