package cql_test

import (
	"fmt"
	"strings"
	"testing"

	"clustermap/geo"
)

// 180° east and west are one meridian:
//
//	    175   180|-180  -175
//	north ┌─────┬─────┐
//	      │     ep wp │     e at 180, w at -180
//	south └─────┴─────┘
func TestMeridian(t *testing.T) {
	features := []string{
		feature("e", `{"type":"Point","coordinates":[180,0]}`),
		feature("w", `{"type":"Point","coordinates":[-180,0]}`),
		feature("n", `{"type":"Point","coordinates":[-180,10]}`),
		feature("l", `{"type":"LineString","coordinates":[[-180,-1],[-180,1]]}`),
		feature("a", `{"type":"Polygon","coordinates":[[[-180,-1],[-178,-1],[-178,1],[-180,1],[-180,-1]]]}`),
		feature("s", `{"type":"MultiPolygon","coordinates":[[[[178,-1],[180,-1],[180,1],[178,1],[178,-1]]],[[[-180,-1],[-178,-1],[-178,1],[-180,1],[-180,-1]]]]}`),
		feature("f", `{"type":"Point","coordinates":[0,0]}`),
	}
	points := index(t, collection(append(features[:3:3], features[6])...))
	shapes := index(t, collection(features...))
	for _, c := range []struct{ filter, points, shapes string }{
		{"S_INTERSECTS(geometry, BBOX(175, -10, -175, 10))", "enw", "aelnsw"},
		{"S_WITHIN(geometry, BBOX(175, -10, -175, 10))", "ew", "aelsw"},
		{"S_CONTAINS(BBOX(175, -10, -175, 10), geometry)", "ew", "aelsw"},
		{"S_TOUCHES(geometry, BBOX(175, -10, -175, 10))", "n", "n"},
		{"S_DISJOINT(geometry, BBOX(175, -10, -175, 10))", "f", "f"},
		{"S_WITHIN(geometry, BBOX(-180, -90, 180, 90))", "efnw", "aeflnsw"},
		{"S_INTERSECTS(geometry, BBOX(175, -10, 180, 10))", "enw", "aelnsw"},
		{"S_TOUCHES(geometry, BBOX(175, -10, 180, 10))", "enw", "aelnw"},
		{"S_WITHIN(geometry, BBOX(175, -10, 180, 10))", "", ""},
		{"NOT S_DISJOINT(geometry, BBOX(-180, -10, -175, 10))", "enw", "aelnsw"},
		{"S_TOUCHES(geometry, BBOX(180, -10, -175, 10))", "enw", "elnw"},
		{"S_INTERSECTS(geometry, BBOX(180, -10, 180, 10))", "enw", "aelnsw"},
		{"S_INTERSECTS(geometry, POLYGON((175 -10, 180 -10, 180 10, 175 10, 175 -10)))", "enw", "aelnsw"},
		{"S_INTERSECTS(geometry, POLYGON((175 -10, 180 0, 175 10, 175 -10)))", "ew", "aelsw"},
		{"S_EQUALS(geometry, POINT(180 0))", "ew", "ew"},
		{"S_INTERSECTS(POINT(180 0), geometry)", "ew", "aelsw"},
		{"S_INTERSECTS(geometry, LINESTRING(170 0, 180 0))", "ew", "aelsw"},
		{"S_INTERSECTS(geometry, LINESTRING(170 0, 180 10))", "n", "n"},
	} {
		for _, on := range []struct {
			x    *geo.Index
			want string
		}{{points, c.points}, {shapes, c.shapes}} {
			f, err := compile(t, on.x, c.filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.ReplaceAll(selected(t, on.x, f), " ", ""); got != on.want {
				t.Errorf("%s: got %q, want %q", c.filter, got, on.want)
			}
		}
	}
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func feature(id, geometry string) string {
	return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":%s,"properties":{"k":1}}`, id, geometry)
}
