package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

// readIndex reads features, one JSON text each.
func readIndex(t testing.TB, schema string, features ...string) *geo.Index {
	t.Helper()
	opt := geo.ReadOptions{Name: "test"}
	if schema != "" {
		opt.Schema = []byte(schema)
	}
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",\n")+`]}`), opt)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// featuresOf are all features of the index.
func featuresOf(x *geo.Index) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for slot := range x.Len() {
			if !yield(x.At(uint32(slot)), nil) {
				return
			}
		}
	}
}

// written is what Write writes of the index as the format.
func written(t testing.TB, x *geo.Index, format string, opt Options) []byte {
	t.Helper()
	var ok bool
	if opt.Format, ok = ByName(format); !ok {
		t.Fatalf("no format %q", format)
	}
	if opt.Schema == nil {
		opt.Schema = x.Schema()
	}
	var b bytes.Buffer
	if err := Write(t.Context(), &b, featuresOf(x), opt); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.Bytes()
}

// everyGeometry has a feature of each type of geometry, heights and none.
var everyGeometry = []string{
	`{"type":"Feature","id":"null","geometry":null,"properties":null}`,
	`{"type":"Feature","id":"point","geometry":{"type":"Point","coordinates":[113.264300,23.1290]},"properties":{"a":1}}`,
	`{"type":"Feature","id":"height","geometry":{"type":"Point","coordinates":[113.2643,23.1290,12.50]},"properties":{"a":2}}`,
	`{"type":"Feature","id":"multipoint","geometry":{"type":"MultiPoint","coordinates":[[113,23],[1.13e2,24]]},"properties":{}}`,
	`{"type":"Feature","id":"line","geometry":{"type":"LineString","coordinates":[[113,23],[114,24.10]]},"properties":{"a":3}}`,
	`{"type":"Feature","id":"multiline","geometry":{"type":"MultiLineString","coordinates":[[[113,23],[114,24]],[[115,25],[116,26]]]},"properties":{"a":4}}`,
	`{"type":"Feature","id":"polygon","geometry":{"type":"Polygon","coordinates":[[[113,23],[114,23],[114,24],[113,23]],[[113.5,23.2],[113.6,23.3],[113.6,23.2],[113.5,23.2]]]},"properties":{"a":5}}`,
	`{"type":"Feature","id":"multipolygon","geometry":{"type":"MultiPolygon","coordinates":[[[[113,23],[114,23],[114,24],[113,23]]],[[[115,23],[116,23],[116,24],[115,23]]]]},"properties":{"a":6}}`,
	`{"type":"Feature","id":"collection","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[113,23]},{"type":"LineString","coordinates":[[113,23],[114,24]]}]},"properties":{"a":7}}`,
}

func lookup(t testing.TB, code string) *crs.CRS {
	t.Helper()
	c, ok := crs.Lookup(code)
	if !ok {
		t.Fatalf("no CRS %s", code)
	}
	return c
}

func TestAppendGeoJSON(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":7,"bbox":[1,2,1,2],"geometry":{ "type":"Point", "coordinates":[ 113.50, 23.10, 8.0 ] },
		"properties":{"a":1.0,"é\"":[1, 2],"b":{"c":null}},"x":"{}"}`)
	f := x.At(0)
	for _, tt := range []struct {
		name string
		view View
		want string
	}{
		{"as it is kept", View{}, string(f.JSON())},
		{"CRS84 named", View{CRS: crs.CRS84()}, string(f.JSON())},
		{"order of the selection", View{Properties: []string{"b", "none", "a", "b"}},
			`{"type":"Feature","id":7,"geometry":{ "type":"Point", "coordinates":[ 113.50, 23.10, 8.0 ] },"properties":{"b":{"c":null},"a":1.0},"bbox":[1,2,1,2],"x":"{}"}`},
		{"escaped name", View{Properties: []string{`é"`}, SkipGeometry: true},
			`{"type":"Feature","id":7,"geometry":null,"properties":{"é\"":[1, 2]},"bbox":[1,2,1,2],"x":"{}"}`},
		{"nothing", View{Properties: []string{}, SkipGeometry: true},
			`{"type":"Feature","id":7,"geometry":null,"properties":{},"bbox":[1,2,1,2],"x":"{}"}`},
		{"latitude first, the height kept", View{CRS: lookup(t, "EPSG:4490"), Properties: []string{"a"}},
			`{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[23.1,113.5,8.0]},"properties":{"a":1.0},"x":"{}"}`},
		{"simplified", View{Simplify: func(geo.Feature) orb.Geometry { return orb.Point{113, 23} }, Properties: []string{"a"}},
			`{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{"a":1.0},"bbox":[1,2,1,2],"x":"{}"}`},
	} {
		if got := string(tt.view.AppendGeoJSON(nil, f)); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// viewModel is AppendGeoJSON by decoding and encoding.
func viewModel(v *View, raw []byte) map[string]any {
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		panic(err)
	}
	props, _ := m["properties"].(map[string]any)
	if v.Properties != nil && props != nil {
		for name := range props {
			if !slices.Contains(v.Properties, name) {
				delete(props, name)
			}
		}
	}
	if v.moves() {
		delete(m, "bbox")
		if !modelMoved(v.CRS, m["geometry"]) {
			m["geometry"] = nil
		}
	}
	if v.SkipGeometry {
		m["geometry"] = nil
	}
	return m
}

// modelMoved converts a decoded geometry in place.
func modelMoved(c *crs.CRS, g any) bool {
	ok := true
	switch g := g.(type) {
	case map[string]any:
		delete(g, "bbox")
		ok = modelMoved(c, g["coordinates"])
		return modelMoved(c, g["geometries"]) && ok
	case []any:
		if _, isNumber := g[0].(float64); !isNumber {
			for _, part := range g {
				ok = modelMoved(c, part) && ok
			}
			return ok
		}
		q, ok := c.FromLonLat(orb.Point{g[0].(float64), g[1].(float64)})
		for i := range q {
			g[i], _ = strconv.ParseFloat(strconv.FormatFloat(q[i], 'f', c.Digits(), 64), 64)
		}
		return ok
	}
	return true
}

func checkModel(t *testing.T, v *View, f geo.Feature) {
	t.Helper()
	got := v.AppendGeoJSON(nil, f)
	var decoded map[string]any
	if err := json.Unmarshal(got, &decoded); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	equalZero := cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
	if diff := cmp.Diff(viewModel(v, f.JSON()), decoded, equalZero); diff != "" {
		t.Errorf("view %+v of %s (-model +got):\n%s", v, f.JSON(), diff)
	}
}

func TestViewModel(t *testing.T) {
	x := readIndex(t, "", everyGeometry...)
	for _, code := range []string{"OGC:CRS84", "EPSG:4326", "EPSG:3857", "EPSG:4526", "GCJ-02"} {
		for slot := range x.Len() {
			checkModel(t, &View{CRS: lookup(t, code)}, x.At(uint32(slot)))
			checkModel(t, &View{CRS: lookup(t, code), SkipGeometry: true, Properties: []string{"a"}}, x.At(uint32(slot)))
		}
	}
}

func FuzzView(f *testing.F) {
	for i, text := range everyGeometry {
		f.Add(text, "a", i)
	}
	f.Add(`{"type":"Feature","geometry":{"bbox":[1,2,3,4],"coordinates":[ 1 , 2e0,3 ],"type":"Point"},"properties":{"\u0061":1,"":{}},"z" : [1 , "\\"]}`, "a", 1)
	codes := []string{"OGC:CRS84", "EPSG:4326", "EPSG:3857", "EPSG:4490", "BD-09"}
	f.Fuzz(func(t *testing.T, text, name string, n int) {
		x, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "fuzz"})
		if err != nil || x.Len() == 0 || strings.ContainsRune(text, '�') {
			return
		}
		v := &View{CRS: lookup(t, codes[(n%len(codes)+len(codes))%len(codes)]), SkipGeometry: n%3 == 0}
		if n%2 == 0 {
			v.Properties = []string{name}
		}
		checkModel(t, v, x.At(0))
		var doc any
		if fg := v.AppendJSONFG(nil, x.At(0)); json.Unmarshal(fg, &doc) != nil {
			t.Errorf("not JSON: %s", fg)
		}
	})
}

func TestOutsideOfCRS(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":1,"geometry":{"type":"LineString","coordinates":[[0,0],[0,89.9]]},"properties":null}`)
	want := `{"type":"Feature","id":1,"geometry":null,"properties":null}`
	if got := string((&View{CRS: crs.WebMercator()}).AppendGeoJSON(nil, x.At(0))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSequences(t *testing.T) {
	x := readIndex(t, "", "{\"type\":\"Feature\",\"id\":1,\"geometry\":null,\"properties\":{\"a\":\n1}}", `{"type":"Feature","id":2,"geometry":null,"properties":null}`)
	const first, second = `{"type":"Feature","id":1,"geometry":null,"properties":{"a": 1}}`, `{"type":"Feature","id":2,"geometry":null,"properties":null}`
	if got, want := string(written(t, x, "ndjson", Options{})), first+"\n"+second+"\n"; got != want {
		t.Errorf("ndjson: got %q, want %q", got, want)
	}
	if got, want := string(written(t, x, "geojsonseq", Options{})), "\x1e"+first+"\n\x1e"+second+"\n"; got != want {
		t.Errorf("geojsonseq: got %q, want %q", got, want)
	}
}

func TestGeoJSON(t *testing.T) {
	x := readIndex(t, "", everyGeometry...)
	again, err := geo.Read(bytes.NewReader(written(t, x, "geojson", Options{})), geo.ReadOptions{Name: "again"})
	if err != nil {
		t.Fatal(err)
	}
	for slot := range x.Len() {
		if got, want := again.At(uint32(slot)).JSON(), x.At(uint32(slot)).JSON(); !bytes.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	moved := written(t, x, "geojson", Options{View: View{CRS: crs.WebMercator()}})
	if _, err := geo.Read(bytes.NewReader(moved), geo.ReadOptions{Name: "moved"}); err == nil || !strings.Contains(err.Error(), "3857") {
		t.Errorf("metres are read as degrees: %v", err)
	}
}

func TestEmptyAndUnknown(t *testing.T) {
	none := func(func(geo.Feature, error) bool) {}
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := Write(t.Context(), &b, none, Options{Format: format, Schema: new(geo.Schema)}); err != nil {
			t.Errorf("%s of nothing: %v", format.Name, err)
		}
	}
	var invalid *geo.InvalidError
	if err := Write(t.Context(), new(bytes.Buffer), none, Options{}); !errors.As(err, &invalid) || invalid.Field != "f" {
		t.Errorf("no format: got %v", err)
	}
}

// TestCancel ends every format while the features are still coming.
func TestCancel(t *testing.T) {
	x := readIndex(t, "", everyGeometry[1])
	gone := errors.New("the client is gone")
	for _, format := range Formats() {
		ctx, cancel := context.WithCancelCause(t.Context())
		n := 0
		endless := func(yield func(geo.Feature, error) bool) {
			for yield(x.At(0), nil) {
				if n++; n == 1000 {
					cancel(gone)
				}
			}
		}
		err := Write(ctx, new(bytes.Buffer), endless, Options{Format: format, Schema: x.Schema(), TempDir: t.TempDir()})
		if !errors.Is(err, gone) || n > 3000 {
			t.Errorf("%s: got %v after %d features", format.Name, err, n)
		}
		cancel(nil)
	}
}
