package export

import (
	"testing"

	"clustermap/geo/crs"
)

const timesSchema = `{"type":"object","properties":{
	"at":{"x-ogc-role":"primary-instant"},
	"from":{"x-ogc-role":"primary-interval-start"},
	"to":{"x-ogc-role":"primary-interval-end"}}}`

func TestJSONFGTime(t *testing.T) {
	for _, tt := range []struct{ properties, want string }{
		{`{"at":"2007-05-01"}`, `{"date":"2007-05-01"}`},
		{`{"at":"2007-05-01T12:00:00+08:00"}`, `{"timestamp":"2007-05-01T04:00:00Z"}`},
		{`{"at":2007}`, `{"interval":["2007-01-01","2007-12-31"]}`},
		{`{"at":"2007-02"}`, `{"interval":["2007-02-01","2007-02-28"]}`},
		{`{"from":"2007-05-01"}`, `{"interval":["2007-05-01",".."]}`},
		{`{"from":2001,"to":"2007-05"}`, `{"interval":["2001-01-01","2007-05-31"]}`},
		{`{"from":"2007-05-01","to":"2007-06-01T00:00:00Z"}`, `{"interval":["2007-05-01T00:00:00Z","2007-06-01T00:00:00Z"]}`},
		{`{"at":null}`, `null`},
		{`null`, `null`},
	} {
		x := readIndex(t, timesSchema, `{"type":"Feature","id":1,"geometry":null,"properties":`+tt.properties+`}`)
		v := View{Roles: x.Schema(), Properties: []string{}}
		props := "{}"
		if tt.properties == "null" {
			props = "null"
		}
		want := `{"type":"Feature","id":1,"time":` + tt.want + `,"place":null,"geometry":null,"properties":` + props + `}`
		if got := string(v.AppendJSONFG(nil, x.At(0))); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.properties, got, want)
		}
	}
}

func TestJSONFG(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113.50,23.1]},"properties":{"a":1},"place":"old","b":2}`)
	got := string(written(t, x, "jsonfg", Options{View: View{CRS: crs.CGCS2000()}, ID: "clusters", Link: "https://example.org/collections/clusters"}))
	want := `{"type":"FeatureCollection","conformsTo":["http://www.opengis.net/spec/json-fg-1/1.0/conf/core","http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas"],` +
		`"featureType":"clusters","featureSchema":"https://example.org/collections/clusters/schema","coordRefSys":"http://www.opengis.net/def/crs/EPSG/0/4490","geometryDimension":0,` +
		`"links":[{"rel":"collection","href":"https://example.org/collections/clusters"},{"rel":"profile","href":"http://www.opengis.net/def/profile/OGC/0/jsonfg-plus"}],"features":[` + "\n" +
		`{"type":"Feature","id":1,"time":null,"place":{"type":"Point","coordinates":[23.1,113.5]},"geometry":{"type":"Point","coordinates":[113.50,23.1]},"properties":{"a":1},"b":2}` + "\n]}\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
