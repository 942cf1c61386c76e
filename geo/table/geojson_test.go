package table

import (
	"context"
	"errors"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
)

func TestGeoJSON(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a collection", `{"type":"FeatureCollection","features":[
			{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[120.5,30.5]},"properties":{"名称":"许村","家数":62700,"老":true}},
			{"type":"Feature","geometry":null,"properties":{"名称":"","list":[1, 2],"家数":1.50}}]}`,
			"GeoJSON\n[] - 名称 家数 老 list\n1 a POINT(120.5 30.5) T:许村 N:62700 B:true -:\n2  null -: N:1.50 -: J:[1,2]\n"},
		{"a sequence", "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"a\":1}}\n{\"type\":\"Feature\",\"id\":7,\"geometry\":null,\"properties\":null}\n",
			"GeoJSON\n[] - a\n1  null N:1\n2 7 null -:\n"},
		{"a text sequence", "\x1e{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"a\":1}}\n", "GeoJSON\n[] - a\n1  null N:1\n"},
		{"a geometry alone", `{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, "GeoJSON\n[] -\n1  MULTIPOINT((1 2),(3 4))\n"},
		{"faults of features alone", `{"type":"FeatureCollection","features":[
			{"type":"Feature","geometry":{"type":"Point","coordinates":[]},"properties":{"a":1}},
			{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[2,2]]]},"properties":{"a":1}},
			{"type":"Feature","geometry":{"type":"Point","coordinates":[30,120]},"properties":{"a":1}},
			{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"a":2}}]}`,
			"GeoJSON\n[] - a\n1 ! line 2: feature 1: geometry: a position must not be empty; write null where there is no geometry\n" +
				"2 ! line 3: feature 2: geometry: ring 1 is not closed: it begins at [0 0] and ends at [2 2]\n" +
				"3 ! line 4: feature 3: geometry: latitude 120 is outside -90..90; a position is longitude first: are the axes swapped?\n4  POINT(1 2) N:2\n"},
		{"an older system, in metres", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4528"}},"features":[
			{"type":"Feature","geometry":{"type":"Point","coordinates":[40500000,3400000]},"properties":{}}]}`,
			"GeoJSON\n[] EPSG:4528\n1  POINT(4.05e+07 3.4e+06)\n"},
		{"an older system, behind the features", `{"type":"FeatureCollection","features":[
			{"type":"Feature","geometry":{"type":"Point","coordinates":[120,30]},"properties":{}}],"crs":{"type":"name","properties":{"name":"EPSG:4490"}}}`,
			"GeoJSON\n[] EPSG:4490\n1  POINT(120 30)\n"},
		{"GBK", "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"\xc3\xfb\xb3\xc6\":\"\xd0\xed\xb4\xe5\"}}", "GeoJSON\nnote encoding  0\n[] - 名称\n1  null T:许村\n"},
		{"hidden characters", `{"type":"Feature","geometry":null,"properties":{"a\u202eb":"x\u202ey","ab":"\u200b"}}`, "GeoJSON\n[] - ab ab (2)\n1  null T:xy -:\n"},
		{"none", `{"type":"FeatureCollection","features":[]}`, "GeoJSON\n[] -\n"},
	} {
		f, err := openData(t, "t.geojson", []byte(test.text), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, layers(t, f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestGeoJSONRefused(t *testing.T) {
	for _, test := range []struct{ text, reason string }{
		{`{"type":"FeatureCollection","features":[{"type":"Feature"`, "ends in the middle"},
		{`{"a":1}`, `"type" is missing`},
		{`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:2334"}},"features":[]}`, "WGS 84"},
		{`{"type":"Topology"}`, "found \"Topology\""},
		{`{"type":"FeatureCollection","features":[` + strings.Repeat(`[`, 100), "expected a Feature"},
	} {
		_, err := openData(t, "t.geojson", []byte(test.text), Options{})
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%.60s: %v, want an InvalidError with %q", test.text, err, test.reason)
		}
	}
	many := strings.Builder{}
	for i := range 1100 {
		many.WriteString(`{"type":"Feature","geometry":null,"properties":{"c` + strings.Repeat("x", i) + `":1}}` + "\n")
	}
	if _, err := openData(t, "t.ndjson", []byte(many.String()), Options{}); err == nil || !strings.Contains(err.Error(), "1024 columns") {
		t.Errorf("1,100 columns: %v", err)
	}
	long := `{"type":"Feature","geometry":null,"properties":{"a":"` + strings.Repeat("x", 5000) + `"}}`
	f, err := openData(t, "t.geojson", []byte(long), Options{MaxRow: 4096})
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range f.Sheets[0].Rows(context.Background()) {
		if err != nil || row.Fault == nil || row.Cells != nil {
			t.Errorf("a long row has %v, %v", row.Fault, err)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Open(stopped, Source{R: strings.NewReader(long), Size: int64(len(long))}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func FuzzGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4490"}},"features":[{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"a":[1],"b":"x"}}]}`))
	f.Add([]byte("\x1e{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"a\":1}}\n{\"type\":\"Feature\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 0 && data[0] != 0x1e {
			data = append([]byte("{"), data...)
		}
		if file, err := openData(t, "f", data, Options{}); err == nil {
			readAll(t, file)
		}
	})
}

// An error of the Source is told as it is, and is no fault of the file.
func TestLayersSourceFails(t *testing.T) {
	long, gone := strings.Repeat(" ", 100_000), errors.New("the disk is gone")
	for _, text := range []string{
		`{"type":"FeatureCollection","features":[` + long + `]}`, `<kml>` + long + `</kml>`, `<gpx>` + long + `</gpx>`,
		string(database(t, append(minimalGPKG, `CREATE TABLE a (b)`, `INSERT INTO gpkg_contents VALUES ('a', 'attributes', 0)`)...)),
	} {
		_, err := Open(t.Context(), Source{R: failing{[]byte(text), 4096, gone}, Size: int64(len(text))}, Options{})
		if !errors.Is(err, gone) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
