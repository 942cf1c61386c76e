package main

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"clustermap/geo/crs"
)

// owslibFilters asks by OWSLib for what the parts beyond the core let ask.
const owslibFilters = `
import json, sys
from owslib.ogcapi.features import Features

f = Features(sys.argv[1])
items = lambda **more: f.collection_items('clusters', **more)
ids = lambda page: [x['id'] for x in page['features']]
asia = 'http://www.opengis.net/def/crs/EPSG/0/4490'
json.dump({
  'text': ids(items(filter="level = 'town' AND S_INTERSECTS(geometry, BBOX(112,21.5,115.5,24))")),
  'json': ids(items(**{'filter-lang': 'cql2-json', 'filter': json.dumps({'op': '=', 'args': [{'property': 'level'}, 'town']})})),
  'sorted': [x['properties']['name_en'] for x in items(sortby='-name_en', properties='name_en', limit=1000)['features']],
  'words': ids(items(q='foshan')),
  'turned': {x['id']: x['geometry']['coordinates'] for x in items(crs=asia, limit=1000)['features']},
  'box': ids(items(bbox=[21.5, 112, 24, 115.5], **{'bbox-crs': asia})),
}, sys.stdout)
`

// TestOWSLibAsks filters, sorts, searches and asks for another CRS.
func TestOWSLibAsks(t *testing.T) {
	var got struct {
		Text, JSON, Sorted, Words, Box []string
		Turned                         map[string][2]float64
	}
	if err := json.Unmarshal(client(t, "/usr/bin/python3", "-c", owslibFilters, start(t).url), &got); err != nil {
		t.Fatal(err)
	}
	all := clusters(t)
	inDelta := func(f feature) bool { return f.within(112, 21.5, 115.5, 24) }
	town := func(f feature) bool { return f.Properties["level"] == "town" }
	for _, c := range []struct {
		what string
		got  []string
		want func(feature) bool
	}{
		{"filter as text", got.Text, func(f feature) bool { return town(f) && inDelta(f) }},
		{"filter as JSON", got.JSON, town},
		{"box in EPSG:4490", got.Box, inDelta},
	} {
		if want := ids(all, c.want); !slices.Equal(slices.Sorted(slices.Values(c.got)), want) || len(want) == 0 {
			t.Errorf("%s gives %v, want %v", c.what, c.got, want)
		}
	}
	if !slices.IsSortedFunc(got.Sorted, func(a, b string) int { return strings.Compare(b, a) }) || len(got.Sorted) != len(all) {
		t.Errorf("sorted names are %v", got.Sorted)
	}
	if len(got.Words) == 0 {
		t.Error("nothing is found for foshan")
	}
	for id, f := range all {
		want, _ := crs.CGCS2000().FromLonLat(positions(f.Geometry.Coordinates)[0])
		if p := got.Turned[id]; math.Abs(p[0]-want[0]) > 1e-9 || math.Abs(p[1]-want[1]) > 1e-9 {
			t.Errorf("%s in EPSG:4490 is at %v, want %v", id, p, want)
		}
	}
}
