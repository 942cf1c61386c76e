package geo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"clustermap/geo"
)

var geometries = []string{
	`null`,
	`{"type":"Point","coordinates":[113.26436,23.12908]}`,
	`{"type":"Point","coordinates":[-180,90,8848.86]}`,
	`{"coordinates":[1e2,-2.5E-1],"bbox":[100,-0.25,100,-0.25],"type":"Point"}`,
	`{"type":"MultiPoint","coordinates":[[1,2],[3,4,5]]}`,
	`{"type":"LineString","coordinates":[[1,2],[3,4],[1,2]]}`,
	`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8],[9,10]]]}`,
	`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[1,2],[2,2],[1,1]]]}`,
	`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}`,
	`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"geometries":[{"coordinates":[[1,2],[3,4]],"type":"LineString"}],"type":"GeometryCollection"}]}`,
}

func TestGeometry(t *testing.T) {
	for _, text := range geometries {
		inFeature := `{"type":"Feature","id":1,"geometry":` + text + `,"properties":null}`
		forms := []string{inFeature, strings.NewReplacer(",", " ,\r\n\t", ":", " : ", "[", "[ ", "]", " ]").Replace(inFeature)}
		if text != "null" {
			forms = append(forms, text)
		}
		for _, form := range forms {
			x := read(t, form, geo.ReadOptions{})
			f, err := x.Get(t.Context(), "1")
			if err != nil {
				t.Fatal(err)
			}
			checkGeometry(t, f)
		}
	}
}

// checkGeometry holds the geometry of f against what orb/geojson reads from its
// encoding.
func checkGeometry(t *testing.T, f geo.Feature) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(f.JSON(), &members); err != nil {
		t.Fatalf("%s: %v", f.JSON(), err)
	}
	if string(members["geometry"]) == "null" {
		if f.Geometry() != nil {
			t.Errorf("%s: geometry %v, want none", f.JSON(), f.Geometry())
		}
		return
	}
	want, err := geojson.UnmarshalGeometry(plain(t, members["geometry"]))
	if err != nil {
		t.Fatalf("%s: orb refuses the geometry: %v", f.JSON(), err)
	}
	if f.Geometry() == nil || !orb.Equal(f.Geometry(), want.Geometry()) {
		t.Errorf("%s: geometry %v, want %v", f.JSON(), f.Geometry(), want.Geometry())
	}
}

// plain is the geometry without foreign members, whose keys orb would take for
// its own where they differ in case alone.
func plain(t *testing.T, text json.RawMessage) []byte {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]json.RawMessage{"type": all["type"]}
	if c, ok := all["coordinates"]; ok {
		out["coordinates"] = c
	}
	if g, ok := all["geometries"]; ok {
		var inner []json.RawMessage
		if err := json.Unmarshal(g, &inner); err != nil {
			t.Fatal(err)
		}
		for i := range inner {
			inner[i] = plain(t, inner[i])
		}
		out["geometries"] = mustMarshal(t, inner)
	}
	return mustMarshal(t, out)
}

// checkRead reads a text of any kind and holds what is accepted against
// encoding/json, orb/geojson and itself.
func checkRead(t *testing.T, text []byte, sequence bool) {
	opt := geo.ReadOptions{Name: "f", Sequence: sequence, MaxBytes: 1 << 20}
	x, err := geo.Read(bytes.NewReader(text), opt)
	slow, slowErr := geo.Read(iotest.HalfReader(bytes.NewReader(text)), opt)
	if fmt.Sprint(err) != fmt.Sprint(slowErr) {
		t.Fatalf("error %v, and %v in small pieces", err, slowErr)
	}
	if err != nil {
		var faults *geo.Faults
		if !errors.As(err, &faults) || len(faults.List) == 0 || x != nil {
			t.Fatalf("error %T %v with index %v", err, err, x)
		}
		return
	}
	all := encoded(t, x)
	if got := encoded(t, slow); got != all {
		t.Fatalf("features\n%s\nand in small pieces\n%s", all, got)
	}
	if !sequence && !json.Valid(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) {
		t.Fatal("accepted, and encoding/json refuses it")
	}
	r, err := x.Search(t.Context(), geo.Query{})
	if err != nil || r.Matched != x.Len() || len(r.Features) != x.Len() {
		t.Fatalf("%d of %d features: %v", len(r.Features), x.Len(), err)
	}
	if !slices.IsSortedFunc(r.Features, func(a, b geo.Feature) int { return a.ID().Compare(b.ID()) }) {
		t.Fatalf("features are not in order of id:\n%s", all)
	}
	for _, f := range r.Features {
		if !json.Valid(f.JSON()) {
			t.Fatalf("%s is not JSON", f.JSON())
		}
		if p := f.Properties(); !bytes.Contains(text, p) && string(p) != "null" {
			t.Fatalf("the properties %s are not those of the text", p)
		}
		if got, err := x.Get(t.Context(), f.ID().String()); err != nil || got != f {
			t.Fatalf("Get(%q): %v", f.ID(), err)
		}
		checkGeometry(t, f)
	}
	for _, doc := range [][]byte{x.Schema().JSONSchema("x"), x.Schema().Queryables("x", func(string) bool { return false })} {
		if !json.Valid(doc) {
			t.Fatalf("the schema is not JSON: %s", doc)
		}
	}
	again := read(t, encodedCollection(t, x), geo.ReadOptions{})
	if got := encoded(t, again); x.Len() > 0 && got != all {
		t.Fatalf("features\n%s\nafter a second reading\n%s", all, got)
	}
	if x.Len() > 0 {
		lineByLine := read(t, all, geo.ReadOptions{Sequence: true})
		if got := encoded(t, lineByLine); got != all {
			t.Fatalf("features\n%s\nread as lines\n%s", all, got)
		}
	}
}

func seeds() []string {
	all := []string{
		"", "{}", "[]", "\xef\xbb\xbf{}", `{"type":"FeatureCollection","features":[]}`,
		`{"features":[],"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4326"}},"bbox":[1,2,3,4]}`,
		`{"type":"Feature","id":"a\"\\\u00e9\ud83d\ude00","x":{"a":[]},"bbox":[1,2,3,4],"geometry":null,"properties":{"a":1e2,"b":[true,null],"b\u0062":"é","id":7,"geometry":"x"}}`,
		"\x1e" + point(`{}`) + "\n\x1e" + point(`null`) + "\n",
		lines(point(`{"d":"2007-05-01"}`), point(`{"d":"2007-05-01T12:00:00Z"}`)),
		collection(`{"type":"Feature","id":-0.0,"geometry":null,"properties":{"n":9007199254740993,"year":1990}}`, `{"type":"Feature","id":0,"geometry":null,"properties":{"n":-1e308,"year":2000}}`),
		`{"type":"Point","coordinates":[NaN,1]}`, `{"type":"Point","coordinates":[1e999,1]}`, `{"type":"Point","coordinates":[113,23`,
	}
	for _, g := range geometries {
		all = append(all, g, shape(g))
	}
	return all
}

func FuzzRead(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkRead(t, text, false) })
}

func FuzzSequence(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkRead(t, text, true) })
}

func FuzzMatch(f *testing.F) {
	x := read(f, rows(`{"i":1,"n":0.5,"s":"x","b":true,"m":"1","list":["a","b"],"nums":[2,3.50],"big":9007199254740993,"o":{}}`,
		`{"i":2,"n":-1e300,"s":"","m":1,"list":[],"nums":[],"big":2e300}`), geo.ReadOptions{})
	for _, p := range x.Schema().Properties {
		for _, v := range []string{"", "1", "2.0", "x,", "true", "9007199254740993", "1e999", "中"} {
			f.Add(p.Name, v)
		}
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		m, err := x.Schema().ParseMatch(name, value)
		if err != nil {
			var invalid *geo.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != name {
				t.Fatalf("error %T %v, want *InvalidError about %q", err, err, name)
			}
			return
		}
		n, err := x.Count(t.Context(), geo.Query{Match: []geo.Match{m}})
		if err != nil {
			t.Fatal(err)
		}
		parts := 0
		for part := range strings.SplitSeq(value, ",") {
			one, err := x.Schema().ParseMatch(name, part)
			if err != nil {
				t.Fatalf("%q is accepted and its part %q is not: %v", value, part, err)
			}
			k, _ := x.Count(t.Context(), geo.Query{Match: []geo.Match{one}})
			parts += k
			if k > n {
				t.Fatalf("%q selects %d features, its part %q %d", value, n, part, k)
			}
		}
		if n > parts {
			t.Fatalf("%q selects %d features, its parts %d", value, n, parts)
		}
	})
}
