package export

import (
	"errors"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"
)

func TestCSV(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[113.50,23.1,8]},"properties":{"name":"a, \"b\"","n":-1.50,"list":["x",1],"none":null,"empty":"","=h":true}}`,
		`{"type":"Feature","id":"-8","geometry":null,"properties":{"name":"=1+1","n":null,"list":[],"none":null,"empty":" x","=h":false}}`)
	for _, tt := range []struct {
		name string
		opt  Options
		want string
	}{
		{"all", Options{}, "\ufeffid,name,n,list,none,empty,\"'=h\",lon,lat\r\n" +
			`7,"a, ""b""",-1.50,"[""x"",1]",,"",true,113.50,23.1` + "\r\n" +
			`"'-8","'=1+1",,[],," x",false,,` + "\r\n"},
		{"selection", Options{View: View{Properties: []string{"n", "name"}, SkipGeometry: true}}, "\ufeffid,n,name\r\n" + `7,-1.50,"a, ""b"""` + "\r\n" + `"'-8",,"'=1+1"` + "\r\n"},
		{"WKT with height", Options{View: View{Properties: []string{}}, Points: "wkt"}, "\ufeffid,WKT\r\n7,POINT Z (113.50 23.1 8)\r\n\"'-8\",\r\n"},
		{"latitude first", Options{View: View{Properties: []string{}, CRS: crs.CGCS2000()}}, "\ufeffid,latitude EPSG:4490,longitude EPSG:4490\r\n7,23.1,113.5\r\n\"'-8\",,\r\n"},
	} {
		if got := string(written(t, x, "csv", tt.opt)); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
	var invalid *geo.InvalidError
	csv, _ := ByName("csv")
	if err := Write(t.Context(), new(strings.Builder), featuresOf(x), Options{Format: csv, Points: "x"}); !errors.As(err, &invalid) || invalid.Field != "points" {
		t.Errorf("points=x: got %v", err)
	}
}

func TestCSVOfMixedGeometry(t *testing.T) {
	x := readIndex(t, "", everyGeometry...)
	got := string(written(t, x, "csv", Options{View: View{Properties: []string{}}, Points: "lonlat"}))
	for _, line := range []string{
		"id,lon,lat,WKT", "point,113.264300,23.1290,", "null,,,", "height,113.2643,23.1290,",
		`line,,,"LINESTRING (113 23, 114 24.10)"`, `multipoint,,,"MULTIPOINT ((113 23), (1.13e2 24))"`,
		`multiline,,,"MULTILINESTRING ((113 23, 114 24), (115 25, 116 26))"`,
		`polygon,,,"POLYGON ((113 23, 114 23, 114 24, 113 23), (113.5 23.2, 113.6 23.3, 113.6 23.2, 113.5 23.2))"`,
		`multipolygon,,,"MULTIPOLYGON (((113 23, 114 23, 114 24, 113 23)), ((115 23, 116 23, 116 24, 115 23)))"`,
		`collection,,,"GEOMETRYCOLLECTION (POINT (113 23), LINESTRING (113 23, 114 24))"`,
	} {
		if !strings.Contains(got, line+"\r\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
}

func TestWKTHeights(t *testing.T) {
	for _, tt := range []struct{ geometry, want string }{
		{`{"type":"LineString","coordinates":[[1,2,3],[4,5,6,7]]}`, "LINESTRING Z (1 2 3, 4 5 6)"},
		{`{"type":"LineString","coordinates":[[1,2,3],[4,5]]}`, "LINESTRING (1 2, 4 5)"},
		{`{"geometries":[{"type":"Point","coordinates":[1,2,3]},{"coordinates":[ [1,2,3] ],"type":"MultiPoint"}],"type":"GeometryCollection"}`,
			"GEOMETRYCOLLECTION Z (POINT Z (1 2 3), MULTIPOINT Z ((1 2 3)))"},
	} {
		if got := string(appendWKT(nil, []byte(tt.geometry))); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestNameTaken(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":"f","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"ID":1,"id_":2,"lon":3}}`)
	want := "\ufeffid__,ID,id_,lon,lon_,lat\r\nf,1,2,3,1,2\r\n"
	if got := string(written(t, x, "csv", Options{})); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
