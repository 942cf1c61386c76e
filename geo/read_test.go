package geo_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"clustermap/geo"
)

// lines is a text of one line each.
func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }

// point is a Feature with these properties at 113, 23.
func point(properties string) string {
	return `{"type":"Feature","geometry":{"type":"Point","coordinates":[113,23]},"properties":` + properties + `}`
}

// collection is a FeatureCollection with one feature a line, the first on line 2.
func collection(features ...string) string {
	return "{\"type\":\"FeatureCollection\",\"features\":[\n" + strings.Join(features, ",\n") + "\n]}\n"
}

// shape is a collection whose one feature has the geometry.
func shape(geometry string) string {
	return collection(`{"type":"Feature","geometry":` + geometry + `,"properties":{}}`)
}

func coordinates(kind, text string) string {
	return shape(`{"type":"` + kind + `","coordinates":` + text + `}`)
}

func read(tb testing.TB, text string, opt geo.ReadOptions) *geo.Index {
	tb.Helper()
	x, err := geo.Read(strings.NewReader(text), opt)
	if err != nil {
		tb.Fatalf("Read(%.200q): %v", text, err)
	}
	return x
}

// encoded is each feature of x, one a line.
func encoded(tb testing.TB, x *geo.Index) string {
	tb.Helper()
	r, err := x.Search(tb.Context(), geo.Query{})
	if err != nil {
		tb.Fatal(err)
	}
	var b strings.Builder
	for _, f := range r.Features {
		b.Write(f.JSON())
		b.WriteByte('\n')
	}
	return b.String()
}

func ids(tb testing.TB, x *geo.Index, q geo.Query) string {
	tb.Helper()
	r, err := x.Search(tb.Context(), q)
	if err != nil {
		tb.Fatal(err)
	}
	var all []string
	for _, f := range r.Features {
		all = append(all, f.ID().String())
	}
	return strings.Join(all, " ")
}

func TestReadRefuses(t *testing.T) {
	many := func(n int, last string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":0,`, i)
		}
		return "{" + b.String() + last + "}"
	}
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	good := point(`{"a":1}`)
	for _, tt := range []struct{ name, text, want string }{
		// Numbers
		{"NaN in coordinates", coordinates("Point", "[NaN,23]"), "f:2: feature 1: geometry: NaN is not a number of JSON; use null or leave the member out"},
		{"Infinity in coordinates", coordinates("Point", "[113,-Infinity]"), "f:2: feature 1: geometry: -Infinity is not a number of JSON; use null or leave the member out"},
		{"NaN in properties", collection(good, point("{\n\"a\":NaN}")), "f:4: feature 2: properties: NaN is not a number of JSON; use null or leave the member out"},
		{"Infinity nested", collection(point(`{"a":[{"b":Infinity}]}`)), "f:2: feature 1: properties: Infinity is not a number of JSON; use null or leave the member out"},
		{"beyond float64", coordinates("Point", "[1e999,23]"), "f:2: feature 1: geometry: 1e999 is beyond the range of a number (64 bits)"},
		{"beyond float64 in properties", collection(point(`{"a":-1e999}`)), "f:2: feature 1: properties: -1e999 is beyond the range of a number (64 bits)"},
		{"leading zero", coordinates("Point", "[013,23]"), "f:2: feature 1: geometry: a number must not begin with 01"},
		{"plus", coordinates("Point", "[+13,23]"), "f:2: feature 1: geometry: a number must not begin with +"},
		{"no digits behind the point", coordinates("Point", "[1.,23]"), "f:2: feature 1: geometry: a number needs digits behind its point"},
		{"no digits in the exponent", coordinates("Point", "[1e,23]"), "f:2: feature 1: geometry: a number needs digits in its exponent"},

		// Range
		{"longitude", coordinates("Point", "[180.5,23]"), "f:2: feature 1: geometry: longitude 180.5 is outside -180..180; coordinates are degrees on WGS 84"},
		{"latitude", coordinates("Point", "[113,-90.001]"), "f:2: feature 1: geometry: latitude -90.001 is outside -90..90; coordinates are degrees on WGS 84"},
		{"swapped axes", coordinates("Point", "[23.1,113.2]"), "f:2: feature 1: geometry: latitude 113.2 is outside -90..90; a position is longitude first: are the axes swapped?"},
		{"projected", coordinates("Point", "[12579039,2632018]"), "f:2: feature 1: geometry: longitude 12579039 is outside -180..180; these look like metres of a projection (convert with ogr2ogr -t_srs EPSG:4326)"},

		// Rings and lines
		{"unclosed ring", coordinates("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"), "f:2: feature 1: geometry: ring 1 is not closed: it begins at [0 0] and ends at [0 1]"},
		{"unclosed hole", coordinates("Polygon", "[[[0,0],[9,0],[9,9],[0,0]],[[1,1],[2,1],[2,2],[1,2]]]"), "f:2: feature 1: geometry: ring 2 is not closed: it begins at [1 1] and ends at [1 2]"},
		{"short ring", coordinates("Polygon", "[[[0,0],[1,1],[0,0]]]"), "f:2: feature 1: geometry: a ring needs 4 positions or more, found 3"},
		{"short line", coordinates("LineString", "[[0,0]]"), "f:2: feature 1: geometry: a LineString needs 2 positions or more, found 1"},
		{"short line among lines", coordinates("MultiLineString", "[[[0,0],[1,1]],[[0,0]]]"), "f:2: feature 1: geometry: a LineString needs 2 positions or more, found 1"},

		// Empty
		{"empty Point", coordinates("Point", "[]"), "f:2: feature 1: geometry: a position must not be empty; write null where there is no geometry"},
		{"empty MultiPoint", coordinates("MultiPoint", "[]"), "f:2: feature 1: geometry: a MultiPoint must not be empty; write null where there is no geometry"},
		{"empty point of MultiPoint", coordinates("MultiPoint", "[[]]"), "f:2: feature 1: geometry: a position must not be empty; write null where there is no geometry"},
		{"empty LineString", coordinates("LineString", "[ ]"), "f:2: feature 1: geometry: a LineString must not be empty; write null where there is no geometry"},
		{"empty MultiLineString", coordinates("MultiLineString", "[]"), "f:2: feature 1: geometry: a MultiLineString must not be empty; write null where there is no geometry"},
		{"empty line of MultiLineString", coordinates("MultiLineString", "[[]]"), "f:2: feature 1: geometry: a LineString must not be empty; write null where there is no geometry"},
		{"empty Polygon", coordinates("Polygon", "[]"), "f:2: feature 1: geometry: a Polygon must not be empty; write null where there is no geometry"},
		{"empty ring", coordinates("Polygon", "[[]]"), "f:2: feature 1: geometry: a ring must not be empty; write null where there is no geometry"},
		{"empty MultiPolygon", coordinates("MultiPolygon", "[]"), "f:2: feature 1: geometry: a MultiPolygon must not be empty; write null where there is no geometry"},
		{"empty polygon of MultiPolygon", coordinates("MultiPolygon", "[[]]"), "f:2: feature 1: geometry: a Polygon must not be empty; write null where there is no geometry"},
		{"empty GeometryCollection", shape(`{"type":"GeometryCollection","geometries":[]}`), "f:2: feature 1: geometry: a GeometryCollection must not be empty; write null where there is no geometry"},
		{"empty inside GeometryCollection", shape(`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[]}]}`), "f:2: feature 1: geometry: a position must not be empty; write null where there is no geometry"},
		{"empty with the type behind", shape(`{"coordinates":[[]],"type":"Polygon"}`), "f:2: feature 1: geometry: a ring must not be empty; write null where there is no geometry"},

		// Nesting and types
		{"Point nested too deep", coordinates("Point", "[[113,23]]"), "f:2: feature 1: geometry: a position is [longitude, latitude], found '[' in it: wrong nesting"},
		{"LineString too flat", coordinates("LineString", "[113,23]"), "f:2: feature 1: geometry: expected a position [longitude, latitude], found '1'"},
		{"Polygon too flat", coordinates("Polygon", "[[0,0],[1,0],[1,1],[0,0]]"), "f:2: feature 1: geometry: expected a position [longitude, latitude], found '0'"},
		{"MultiPolygon nested like a Polygon", coordinates("MultiPolygon", "[[[0,0],[1,0],[1,1],[0,0]]]"), "f:2: feature 1: geometry: expected a position [longitude, latitude], found '0'"},
		{"Polygon nested like a MultiPolygon", coordinates("Polygon", "[[[[0,0],[1,0],[1,1],[0,0]]]]"), "f:2: feature 1: geometry: a position is [longitude, latitude], found '[' in it: wrong nesting"},
		{"null in a position", coordinates("Point", "[null,null]"), "f:2: feature 1: geometry: a position is [longitude, latitude], found null in it; write null in place of the geometry where there is none"},
		{"text in a position", coordinates("Point", `["113","23"]`), "f:2: feature 1: geometry: a position is [longitude, latitude], found a text in it: write numbers without quotes"},
		{"one number", coordinates("Point", "[113]"), "f:2: feature 1: geometry: a position has 2 or 3 numbers, found 1"},
		{"five numbers", coordinates("Point", "[113,23,1,2,3]"), "f:2: feature 1: geometry: a position has 2 or 3 numbers, found more than 4"},
		{"coordinates null", coordinates("Point", "null"), "f:2: feature 1: geometry: expected a position [longitude, latitude], found 'n'"},
		{"unknown geometry type", coordinates("Circle", "[113,23]"), `f:2: feature 1: geometry: "Circle" is not a geometry type of GeoJSON`},
		{"type in lower case", coordinates("point", "[113,23]"), `f:2: feature 1: geometry: "point" is not a geometry type of GeoJSON`},
		{"geometry without type", shape(`{"coordinates":[113,23]}`), `f:2: feature 1: geometry: the member "type" is missing`},
		{"geometry without coordinates", shape(`{"type":"Point"}`), "f:2: feature 1: geometry: the coordinates are missing"},
		{"geometries of a Point", shape(`{"type":"Point","geometries":[113,23]}`), `f:2: feature 1: geometry: a Point must not have the member "geometries"`},
		{"geometries of a Point, type behind", shape(`{"geometries":[113,23],"type":"Point"}`), `f:2: feature 1: geometry: a Point must not have the member "geometries"`},
		{"coordinates of a GeometryCollection", shape(`{"coordinates":[],"type":"GeometryCollection"}`), `f:2: feature 1: geometry: a GeometryCollection must not have the member "coordinates"`},
		{"both, type behind", shape(`{"coordinates":[113,23],"geometries":[],"type":"Point"}`), "f:2: feature 1: geometry: a geometry has coordinates or geometries, not both"},
		{"geometry with properties", shape(`{"type":"Point","coordinates":[1,2],"properties":{}}`), `f:2: feature 1: geometry: a geometry must not have the member "properties" (RFC 7946, 7.1)`},
		{"geometry an array", shape(`[113,23]`), "f:2: feature 1: geometry: expected '{', found '['"},
		{"a geometry among features", collection(`{"type":"Point","coordinates":[113,23]}`), `f:2: feature 1: expected the type "Feature", found "Point"`},
		{"feature without type", collection(`{"geometry":null,"properties":null}`), `f:2: feature 1: the member "type" is missing; it is "Feature"`},
		{"feature without geometry", collection(`{"type":"Feature","properties":null}`), `f:2: feature 1: the member "geometry" is missing; write null where there is none`},
		{"feature without properties", collection(`{"type":"Feature","geometry":null}`), `f:2: feature 1: the member "properties" is missing; write null where there are none`},
		{"feature with coordinates", collection(`{"type":"Feature","geometry":null,"properties":null,"coordinates":[1,2]}`), `f:2: feature 1: a Feature must not have the member "coordinates" (RFC 7946, 7.1)`},
		{"properties an array", collection(point(`[]`)), "f:2: feature 1: properties: expected an object or null, found '['"},
		{"null among features", collection("null"), "f:2: feature 1: expected a Feature, found 'n'"},
		{"short bbox", collection(`{"type":"Feature","bbox":[1,2,3],"geometry":null,"properties":null}`), "f:2: feature 1: bbox: a bbox has 4 or 6 numbers, found 3"},
		{"short bbox of the collection", `{"type":"FeatureCollection","bbox":[1,2,3],"features":[]}`, "f:1: bbox: a bbox has 4 or 6 numbers, found 3"},

		// Keys
		{"key twice in the collection", `{"type":"FeatureCollection","features":[],"features":[]}`, `f:1: the key "features" stands twice`},
		{"foreign key twice in the collection", `{"type":"FeatureCollection","x":1,"features":[],"x":2}`, `f:1: the key "x" stands twice`},
		{"key twice in a member of the collection", `{"type":"FeatureCollection","x":{"a":1,"a":1},"features":[]}`, `f:1: the key "a" stands twice`},
		{"key twice in a feature", collection(`{"type":"Feature","geometry":null,"geometry":null,"properties":null}`), `f:2: feature 1: the key "geometry" stands twice`},
		{"key twice in a geometry", shape(`{"type":"Point","coordinates":[1,2],"coordinates":[3,4]}`), `f:2: feature 1: geometry: the key "coordinates" stands twice`},
		{"key twice in properties", collection(point(`{"a":1,"b":2,"a":3}`)), `f:2: feature 1: properties: the key "a" stands twice`},
		{"key twice in a later feature", collection(good, good, point(`{"a":1,"a":3}`)), `f:4: feature 3: properties: the key "a" stands twice`},
		{"key twice behind the known order", collection(point(`{"a":1,"b":2}`), point(`{"a":1,"b":2,"a":3}`)), `f:3: feature 2: properties: the key "a" stands twice`},
		{"key twice in a nested object", collection(point(`{"a":[{"b":{"c":1,"c":2}}]}`)), `f:2: feature 1: properties: the key "c" stands twice`},
		{"key twice by escapes", collection(point(`{"ab":1,"a\u0062":2}`)), `f:2: feature 1: properties: the key "ab" stands twice`},
		{"key twice in a foreign member", collection(`{"type":"Feature","geometry":null,"properties":null,"x":{"a":1,"a":2}}`), `f:2: feature 1: the key "a" stands twice`},
		{"the 33rd key again", collection(point(many(32, `"z":1,"z":2`))), `f:2: feature 1: properties: the key "z" stands twice`},
		{"the first of 40 keys again", collection(point(many(40, `"k0":1`))), `f:2: feature 1: properties: the key "k0" stands twice`},
		{"the first of 32 keys again", collection(point(many(32, `"k\u0030":1`))), `f:2: feature 1: properties: the key "k0" stands twice`},
		{"the last of 40 known keys again", collection(point(many(40, `"z":1`)), point(many(40, `"k39":1`))), `f:3: feature 2: properties: the key "k39" stands twice`},
		{"the first of 40 keys again, nested", collection(point(`{"x":` + many(40, `"k0":1`) + `}`)), `f:2: feature 1: properties: the key "k0" stands twice`},
		{"key without quotes", collection(point(`{a:1}`)), "f:2: feature 1: properties: expected a key in double quotes, found 'a'"},
		{"comma at the end", collection(point(`{"a":1,}`)), "f:2: feature 1: properties: expected a key in double quotes, found '}'"},
		{"no colon", collection(point(`{"a" 1}`)), "f:2: feature 1: properties: expected ':', found '1'"},

		// Ids
		{"id twice", collection(`{"type":"Feature","id":"a","geometry":null,"properties":null}`, good, `{"type":"Feature","id":"a","geometry":null,"properties":null}`), `f: feature 3: id: "a" is the id of feature 1 too`},
		{"a number and a text", collection(`{"type":"Feature","id":"7","geometry":null,"properties":null}`, `{"type":"Feature","id":7,"geometry":null,"properties":null}`), `f: feature 2: id: "7" is the id of feature 1 too`},
		{"id twice by escapes", collection(`{"type":"Feature","id":"a\u0022","geometry":null,"properties":null}`, `{"type":"Feature","id":"a\"","geometry":null,"properties":null}`), `f: feature 2: id: "a\"" is the id of feature 1 too`},
		{"a position is an id too", collection(`{"type":"Feature","id":2,"geometry":null,"properties":null}`, good), `f: feature 2: id: "2" is the id of feature 1 too; a feature without id has its place in the file as id`},
		{"id null", collection(`{"type":"Feature","id":null,"geometry":null,"properties":null}`), "f:2: feature 1: id: an id is a string or a number"},
		{"id an object", collection(`{"type":"Feature","id":{},"geometry":null,"properties":null}`), "f:2: feature 1: id: an id is a string or a number"},
		{"id empty", collection(`{"type":"Feature","id":"","geometry":null,"properties":null}`), `f:2: feature 1: id: the id "" cannot stand in an address`},
		{"id dots", collection(`{"type":"Feature","id":"..","geometry":null,"properties":null}`), `f:2: feature 1: id: the id ".." cannot stand in an address`},

		// Text
		{"bad UTF-8 in a value", collection(good, point("{\"a\":\n\"\xff\"}")), "f:4: feature 2: the text is not UTF-8 here"},
		{"bad UTF-8 in a key", collection(point("{\"a\xc3\":1}")), "f:2: feature 1: the text is not UTF-8 here"},
		{"GB18030", collection(point("{\"name\":\"\xc9\xcc\"}")), "f:2: feature 1: the text is not UTF-8 here"},
		{"surrogate in UTF-8", collection(point("{\"a\":\"\xed\xa0\x80\"}")), "f:2: feature 1: the text is not UTF-8 here"},
		{"bad UTF-8 in a member of the collection", "{\"type\":\"FeatureCollection\",\"name\":\"\xff\",\"features\":[]}", "f:1: the text is not UTF-8 here"},
		{"lone high surrogate", collection(point(`{"a":"\ud800"}`)), `f:2: feature 1: properties: half of a surrogate pair: \ud800`},
		{"lone low surrogate", collection(point(`{"a":"\udc00\ud800"}`)), `f:2: feature 1: properties: half of a surrogate pair: \udc00`},
		{"two high surrogates", collection(point(`{"a":"\ud800\ud800"}`)), `f:2: feature 1: properties: half of a surrogate pair: \ud800`},
		{"lone surrogate in a key", collection(point(`{"\udfff":1}`)), `f:2: feature 1: properties: half of a surrogate pair: \udfff`},
		{"unknown escape", collection(point(`{"a":"\x41"}`)), `f:2: feature 1: properties: \x is not an escape of JSON`},
		{"short escape", collection(point(`{"a":"\u00g0"}`)), `f:2: feature 1: properties: \u needs four hexadecimal digits`},
		{"tab in a string", collection(point("{\"a\":\"x\ty\"}")), `f:2: feature 1: properties: control character 0x09 in a string; write it as \u0009`},
		{"newline in a string", collection(point("{\"a\":\"x\ny\"}")), `f:2: feature 1: properties: control character 0x0a in a string; write it as \u000a`},
		{"single quotes", collection(point(`{'a':1}`)), `f:2: feature 1: properties: expected a key in double quotes, found '\''`},
		{"comment", collection("// ours\n" + good), `f:2: feature 1: expected a Feature, found '/'`},
		{"True", collection(point(`{"a":True}`)), `f:2: feature 1: properties: expected a value, found 'T'`},

		// Reference systems
		{"foreign crs", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},"features":[]}`,
			`f:1: crs: the coordinates are in {"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}; GeoJSON is longitude, latitude on WGS 84 (convert with ogr2ogr -t_srs EPSG:4326)`},
		{"foreign crs behind the features", "{\"type\":\"FeatureCollection\",\"features\":[],\n\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:43267\"}}}",
			`f:2: crs: the coordinates are in {"type":"name","properties":{"name":"EPSG:43267"}}; GeoJSON is longitude, latitude on WGS 84 (convert with ogr2ogr -t_srs EPSG:4326)`},
		{"foreign crs of a feature", collection(`{"type":"Feature","crs":{"type":"EPSG","properties":{"code":2383}},"geometry":null,"properties":null}`),
			`f:2: feature 1: crs: the coordinates are in {"type":"EPSG","properties":{"code":2383}}; GeoJSON is longitude, latitude on WGS 84 (convert with ogr2ogr -t_srs EPSG:4326)`},
		{"foreign crs of a geometry", shape(`{"type":"Point","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"coordinates":[1,2]}`),
			`f:2: feature 1: crs: the coordinates are in {"type":"name","properties":{"name":"EPSG:3857"}}; GeoJSON is longitude, latitude on WGS 84 (convert with ogr2ogr -t_srs EPSG:4326)`},

		// The document
		{"too deep", collection(point(`{"a":` + deep + `}`)), "f:2: feature 1: properties: nested more than 64 deep"},
		{"too deep in the collection", `{"type":"FeatureCollection","x":` + deep + `,"features":[]}`, "f:1: nested more than 64 deep"},
		{"empty file", "", `f:1: the file is empty; an empty collection is {"type":"FeatureCollection","features":[]}`},
		{"white space", " \n\n ", `f:3: the file is empty; an empty collection is {"type":"FeatureCollection","features":[]}`},
		{"an array", "[]", `f:1: GeoJSON begins with '{', found '['`},
		{"HTML", "<html>", `f:1: GeoJSON begins with '{', found '<'`},
		{"UTF-16", "\xff\xfe{\x00", `f:1: the file is UTF-16; GeoJSON is UTF-8 (convert with iconv -f UTF-16 -t UTF-8)`},
		{"zip", "PK\x03\x04", `f:1: this is a ZIP archive; unpack the GeoJSON from it`},
		{"gzip", "\x1f\x8b\x08", `f:1: this is a gzip file; its name should end in .gz`},
		{"sequence", "\x1e" + good, "f:1: this is a GeoJSON text sequence; its name should end in .geojsonl or .ndjson"},
		{"lines", lines(good, good), "f:2: a second document follows; a file of one feature a line should end in .geojsonl or .ndjson"},
		{"trailing garbage", collection(good) + "\n x", "f:5: nothing should follow the document, found 'x'"},
		{"trailing NUL", collection(good) + "\x00", `f:4: nothing should follow the document, found '\x00'`},
		{"a NUL among features", collection(good, "\x00"), `f:3: feature 2: expected a Feature, found '\x00'`},
		{"topology", `{"type":"Topology","objects":{}}`, `f:1: type: expected FeatureCollection, Feature or a geometry, found "Topology"`},
		{"no type", `{"name":"x"}`, `f:1: the member "type" is missing`},
		{"features without type", `{"features":[]}`, `f:1: the member "type" is missing; it is "FeatureCollection"`},
		{"type of another thing behind", `{"features":[],"type":"Feature"}`, `f:1: expected the type "FeatureCollection", found "Feature"`},
		{"no features", `{"type":"FeatureCollection"}`, `f:1: the member "features" is missing`},
		{"features an object", `{"type":"FeatureCollection","features":{}}`, "f:1: expected '[', found '{'"},
		{"features with properties", `{"type":"FeatureCollection","properties":{},"features":[]}`, `f:1: a FeatureCollection must not have the member "properties" (RFC 7946, 7.1)`},
		{"comma behind the last feature", collection(good, ""), "f:4: feature 2: expected a Feature, found ']'"},
		{"no comma between features", "{\"type\":\"FeatureCollection\",\"features\":[" + good + "\n" + good + "]}", "f:2: expected ',' or ']', found '{'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, err := geo.Read(strings.NewReader(tt.text), geo.ReadOptions{Name: "f"})
			if err == nil {
				t.Fatalf("accepted; want the fault\n%s", tt.want)
			}
			if x != nil {
				t.Error("a refused file gives an Index")
			}
			var faults *geo.Faults
			if !errors.As(err, &faults) {
				t.Errorf("the error is %T, want *Faults", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("fault (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadListsFaults(t *testing.T) {
	var features []string
	for i := range 30 {
		if i%2 == 0 {
			features = append(features, point(fmt.Sprintf(`{"a":%d}`, i)))
		} else {
			features = append(features, `{"type":"Feature","geometry":{"type":"Point","coordinates":[999,0]},"properties":{"s":"}],\""}}`)
		}
	}
	for range 9 {
		features = append(features, `{"type":"Feature","id":"same","geometry":null,"properties":null}`)
	}
	_, err := geo.Read(strings.NewReader(collection(features...)), geo.ReadOptions{Name: "towns.geojson"})
	var faults *geo.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v, want *Faults", err)
	}
	if len(faults.List) != 15 || faults.More != 0 {
		t.Errorf("%d faults and %d more, want the 15 of coordinates; ids are compared once all features are read", len(faults.List), faults.More)
	}
	if got := faults.List[14]; got.Line != 31 || got.Feature != 30 || got.Field != "geometry" || got.File != "towns.geojson" {
		t.Errorf("the last fault is at %+v", got)
	}

	features = features[:0]
	for range 33 {
		features = append(features, `{"type":"Feature"}`)
	}
	_, err = geo.Read(strings.NewReader(collection(features...)+"x"), geo.ReadOptions{Name: "f"})
	if !errors.As(err, &faults) || len(faults.List) != geo.MaxFaults || faults.More != 14 {
		t.Fatalf("error %v, want %d faults and 14 more", err, geo.MaxFaults)
	}
	all := strings.Split(err.Error(), "\n")
	if len(all) != 21 || all[20] != "... and 14 more" {
		t.Errorf("the error has the lines\n%s", err)
	}
	var one *geo.InvalidError
	if !errors.As(err, &one) || one.Feature != 1 {
		t.Errorf("errors.As finds %v, want the first fault", one)
	}
}

// A file cut at any byte is refused, and a sequence cut at any byte is refused
// or is the features before the cut.
func TestReadCut(t *testing.T) {
	text := "\xef\xbb\xbf" + collection(
		`{"type":"Feature","id":"é\u00e9\ud83d\ude00","bbox":[1,2,3,4],"geometry":{"coordinates":[[[0,0],[1.5e0,0],[1,1],[0,0]]],"type":"Polygon"},"properties":{"a":[true,false,null,{"b":"\n"}],"n":-1.5E+3},"x":{}}`,
		`{"type":"Feature","id":12,"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2,3]}]},"properties":null}`)
	text = strings.TrimSpace(text)
	read(t, text, geo.ReadOptions{})
	for i := range len(text) {
		if _, err := geo.Read(strings.NewReader(text[:i]), geo.ReadOptions{Name: "f"}); err == nil {
			t.Errorf("accepted when cut at byte %d: %q", i, text[max(0, i-40):i])
		}
	}

	sequence := lines(point(`{"a":"é"}`), "\x1e"+point(`{"b":1.5}`))
	for i := range len(sequence) {
		x, err := geo.Read(strings.NewReader(sequence[:i]), geo.ReadOptions{Sequence: true})
		if want := strings.Count(sequence[:i], "}}"); err == nil && x.Len() != want {
			t.Errorf("cut at byte %d: %d features, want %d", i, x.Len(), want)
		} else if whole := strings.TrimRight(sequence[:i], "\n\x1e"); (err == nil) != (whole == "" || strings.HasSuffix(whole, "}}")) {
			t.Errorf("cut at byte %d: error %v", i, err)
		}
	}
}

func TestReadAccepts(t *testing.T) {
	const feature = `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[113,23]},"properties":{"n":1}}`
	const gdal = `"crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:OGC:1.3:CRS84" } }`
	for _, tt := range []struct{ name, text, want string }{
		{"collection", collection(feature), feature},
		{"collection without features", `{"type":"FeatureCollection","features":[]}`, ""},
		{"collection with the type last", `{"features":[` + feature + `],"name":"x","type":"FeatureCollection"}`, feature},
		{"members before and behind", `{"name":"x","numberMatched":1,"type":"FeatureCollection","links":[{"href":"x"}],"features":[` + feature + `],"timeStamp":"2020-01-01T00:00:00Z","bbox":[1,2,3,4]}`, feature},
		{"features before their type", `{"bbox":[1,2,3,4],"features":[` + feature + `],"type":"FeatureCollection"}`, feature},
		{"feature", feature, feature},
		{"feature with the type last", `{"geometry":null,"properties":null,"type":"Feature","id":"a"}`, `{"type":"Feature","id":"a","geometry":null,"properties":null}`},
		{"geometry", `{"type":"Point","coordinates":[113,23]}`, `{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":null}`},
		{"geometry with the type last", `{"coordinates":[113,23],"type":"Point"}`, `{"type":"Feature","id":1,"geometry":{"coordinates":[113,23],"type":"Point"},"properties":null}`},
		{"byte order mark", "\xef\xbb\xbf" + feature, feature},
		{"white space around", "\r\n\t " + feature + " \n\n", feature},
		{"CRLF", strings.ReplaceAll(collection(feature, strings.Replace(feature, `"a"`, `"b"`, 1)), "\n", "\r\n"), feature + "\n" + strings.Replace(feature, `"a"`, `"b"`, 1)},
		{"pretty printed", "{\n  \"type\" : \"Feature\" ,\n  \"properties\" : { \"n\" : 1 } ,\n  \"geometry\" : { \"type\" : \"Point\" , \"coordinates\" : [ 113 , 23 ] } ,\n  \"id\" : \"a\"\n}",
			"{\"type\":\"Feature\",\"id\":\"a\",\"geometry\":{ \"type\" : \"Point\" , \"coordinates\" : [ 113 , 23 ] },\"properties\":{ \"n\" : 1 }}"},
		{"crs of GDAL", `{"type":"FeatureCollection","name":"x",` + gdal + `,"features":[` + feature + `]}`, feature},
		{"crs EPSG:4326", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4326"}},"features":[]}`, ""},
		{"crs EPSG:4326, short", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4326"}},"features":[]}`, ""},
		{"crs EPSG:4326, as address", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"http://www.opengis.net/def/crs/EPSG/0/4326"}},"features":[]}`, ""},
		{"crs CRS84h, as address", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"http://www.opengis.net/def/crs/OGC/0/CRS84h"}},"features":[]}`, ""},
		{"crs null", `{"type":"FeatureCollection","crs":null,"features":[]}`, ""},
		{"crs of a feature is left out", `{"type":"Feature","id":"a",` + gdal + `,"geometry":null,"properties":null}`, `{"type":"Feature","id":"a","geometry":null,"properties":null}`},
		{"links of a feature are left out", `{"type":"Feature","links":[{"href":"x"}],"id":"a","geometry":null,"properties":null}`, `{"type":"Feature","id":"a","geometry":null,"properties":null}`},
		{"foreign members stay, in order, behind", `{"type":"Feature","z":{"a": 1.0},"id":"a","geometry":null,"bbox":[1,2,3,4],"properties":null,"a\"b":[ ]}`,
			`{"type":"Feature","id":"a","geometry":null,"properties":null,"z":{"a": 1.0},"bbox":[1,2,3,4],"a\"b":[ ]}`},
		{"foreign members of a geometry stay", `{"type":"Feature","id":"a","geometry":{"type":"Point","bbox":[113,23,113,23],"coordinates":[113,23],"accuracy":{"m":5}},"properties":null}`,
			`{"type":"Feature","id":"a","geometry":{"type":"Point","bbox":[113,23,113,23],"coordinates":[113,23],"accuracy":{"m":5}},"properties":null}`},
		{"properties byte for byte", `{"type":"Feature","id":"a","geometry":null,"properties":{ "b":1.50, "a":[1 ,2e0],"\u4e2d":"\u56fd\/\ud83d\ude00","n":{"x":{}},"e":"" }}`,
			`{"type":"Feature","id":"a","geometry":null,"properties":{ "b":1.50, "a":[1 ,2e0],"\u4e2d":"\u56fd\/\ud83d\ude00","n":{"x":{}},"e":"" }}`},
		{"digits stay", `{"type":"Feature","id":1e0,"geometry":{"type":"Point","coordinates":[113.0000000000000000001,2.30E1,-0.0]},"properties":{"n":12345678901234567890123.00}}`,
			`{"type":"Feature","id":1e0,"geometry":{"type":"Point","coordinates":[113.0000000000000000001,2.30E1,-0.0]},"properties":{"n":12345678901234567890123.00}}`},
		{"height and measure stay", `{"type":"Feature","id":1,"geometry":{"type":"LineString","coordinates":[[1,2,300,4],[2,3,301.5,5]]},"properties":{}}`,
			`{"type":"Feature","id":1,"geometry":{"type":"LineString","coordinates":[[1,2,300,4],[2,3,301.5,5]]},"properties":{}}`},
		{"the edge of the world", `{"type":"Feature","id":1,"geometry":{"type":"MultiPoint","coordinates":[[-180,-90],[180,90]]},"properties":{}}`,
			`{"type":"Feature","id":1,"geometry":{"type":"MultiPoint","coordinates":[[-180,-90],[180,90]]},"properties":{}}`},
		{"64 deep", `{"type":"Feature","id":1,"geometry":null,"properties":{"a":` + strings.Repeat("[", 62) + strings.Repeat("]", 62) + `}}`,
			`{"type":"Feature","id":1,"geometry":null,"properties":{"a":` + strings.Repeat("[", 62) + strings.Repeat("]", 62) + `}}`},
		{"an id with quotes and backslashes", `{"type":"Feature","id":"\u0061\"\\\u0001","geometry":null,"properties":null}`, `{"type":"Feature","id":"a\"\\\u0001","geometry":null,"properties":null}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want += "\n"
			}
			x := read(t, tt.text, geo.ReadOptions{Name: "f"})
			if diff := cmp.Diff(want, encoded(t, x)); diff != "" {
				t.Errorf("features (-want +got):\n%s", diff)
			}
			slow, err := geo.Read(iotest.DataErrReader(iotest.OneByteReader(strings.NewReader(tt.text))), geo.ReadOptions{Name: "f"})
			if err != nil {
				t.Fatalf("a byte at a time: %v", err)
			}
			if diff := cmp.Diff(want, encoded(t, slow)); diff != "" {
				t.Errorf("a byte at a time (-want +got):\n%s", diff)
			}
			if x.Rev() != slow.Rev() || len(x.Rev()) != 16 {
				t.Errorf("Rev %q and %q of the same bytes", x.Rev(), slow.Rev())
			}
		})
	}
}

func TestReadSequence(t *testing.T) {
	a, b := `{"type":"Feature","id":"a","geometry":null,"properties":null}`, `{"type":"Feature","id":"b","geometry":null,"properties":{"s":"\u001e"}}`
	pretty := strings.NewReplacer(",", ",\n  ", ":", ": ").Replace(a)
	for _, tt := range []struct{ name, text, want string }{
		{"a line each", a + "\n" + b + "\n", lines(a, b)},
		{"no newline at the end", a + "\n" + b, lines(a, b)},
		{"empty lines and CRLF", "\r\n" + a + "\r\n\r\n" + b + "\r\n", lines(a, b)},
		{"RFC 8142", "\x1e" + a + "\n\x1e" + b + "\n", lines(a, b)},
		{"RFC 8142, pretty printed", "\x1e" + pretty + "\n\x1e" + b + "\n", lines(a, b)},
		{"byte order mark", "\xef\xbb\xbf" + a + "\n", lines(a)},
		{"none", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := read(t, tt.text, geo.ReadOptions{Sequence: true})
			if diff := cmp.Diff(tt.want, encoded(t, x)); diff != "" {
				t.Errorf("features (-want +got):\n%s", diff)
			}
		})
	}
	for _, tt := range []struct{ name, text, want string }{
		{"bad feature", lines(a, `{"type":"Feature"}`, b, `{"type":"Feature","id":0,"geometry":{},"properties":null}`),
			"f:2: feature 2: the member \"geometry\" is missing; write null where there is none\nf:4: feature 4: geometry: the member \"type\" is missing"},
		{"a line that is cut", lines(a, b[:40], a[:len(a)-1], b, "{}"),
			"f:2: feature 2: geometry: expected null\nf:4: feature 3: expected ',' or '}', found '{'\nf:5: feature 5: the member \"type\" is missing; it is \"Feature\""},
		{"a text that is cut, of many lines", "\x1e" + strings.ReplaceAll(a[:len(a)-1], ",", "\n,") + "\n\x1e{\"a\":[\n{}\n]}\n\x1e" + b,
			"f:5: feature 1: expected ',' or '}', found '\\x1e'\nf:5: feature 2: the member \"type\" is missing; it is \"Feature\""},
		{"comma between", a + ",\n" + b, "f:1: feature 2: expected a Feature, found ','"},
		{"a document", collection(a), `f:1: this is a FeatureCollection; the name of its file should end in .geojson`},
		{"a geometry", lines(a, `{"type":"Point","coordinates":[1,2]}`), `f:2: feature 2: expected the type "Feature", found "Point"`},
		{"id twice", lines(a, b, a), `f: feature 3: id: "a" is the id of feature 1 too`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := geo.Read(strings.NewReader(tt.text), geo.ReadOptions{Name: "f", Sequence: true})
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("error\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestReadIDs(t *testing.T) {
	feature := func(id, properties string) string {
		if id != "" {
			id = `"id":` + id + `,`
		}
		return `{"type":"Feature",` + id + `"geometry":null,"properties":` + properties + `}`
	}
	role := `{"properties":{"code":{"x-ogc-role":"id"}}}`
	for _, tt := range []struct {
		name, schema string
		features     []string
		want         string
	}{
		{"the place in the file", "", []string{feature("", "{}"), feature("", "null"), feature("", "{}")}, "1 2 3"},
		{"places sort as numbers", "", slices.Repeat([]string{feature("", "{}")}, 11), "1 2 3 4 5 6 7 8 9 10 11"},
		{"numbers sort as numbers", "", []string{feature("10", "{}"), feature("9", "{}"), feature("-1", "{}"), feature("1e3", "{}"), feature("9.5", "{}"), feature("0", "{}"), feature("-10.0", "{}")}, "-10.0 -1 0 9 9.5 10 1e3"},
		{"large numbers", "", []string{feature("9007199254740993", "{}"), feature("9007199254740992", "{}"), feature("1e300", "{}")}, "9007199254740992 9007199254740993 1e300"},
		{"texts sort by bytes", "", []string{feature(`"b"`, "{}"), feature(`"a10"`, "{}"), feature(`"a9"`, "{}"), feature(`"同"`, "{}"), feature(`"B"`, "{}")}, "B a10 a9 b 同"},
		{"long texts", "", []string{feature(`"prefix-of-many-2"`, "{}"), feature(`"prefix-of-many-1"`, "{}"), feature(`"prefix-o"`, "{}")}, "prefix-o prefix-of-many-1 prefix-of-many-2"},
		{"numbers before texts", "", []string{feature(`"a"`, "{}"), feature("1", "{}"), feature(`"0"`, "{}")}, "1 0 a"},
		{"slash, space, Chinese, quote", "", []string{feature(`"a/b c"`, "{}"), feature(`"中山 / 古镇"`, "{}"), feature(`"ab\""`, "{}"), feature(`"%2F"`, "{}")}, `%2F a/b c ab" 中山 / 古镇`},
		{"the property with role id", role, []string{feature("", `{"code":"x"}`), feature("", `{"code":7}`), feature(`"own"`, `{"code":"z"}`)}, "7 own x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opt := geo.ReadOptions{Name: "f"}
			if tt.schema != "" {
				opt.Schema = []byte(tt.schema)
			}
			x := read(t, collection(tt.features...), opt)
			if got := ids(t, x, geo.Query{}); got != tt.want {
				t.Errorf("ids %q, want %q", got, tt.want)
			}
			r, _ := x.Search(t.Context(), geo.Query{})
			for _, f := range r.Features {
				got, err := x.Get(t.Context(), f.ID().String())
				if err != nil || got != f {
					t.Errorf("Get(%q) is %v, %v", f.ID(), got, err)
				}
			}
			if _, err := x.Get(t.Context(), `ab\`); !errors.Is(err, geo.ErrNotFound) {
				t.Errorf("an id that no feature has: %v", err)
			}
		})
	}
	for _, tt := range []struct{ name, properties, want string }{
		{"missing", `{"a":1}`, "f:2: feature 1: code: is missing; it is the id of each feature"},
		{"no properties", `null`, "f:2: feature 1: code: is missing; it is the id of each feature"},
		{"null", `{"code":null}`, "f:2: feature 1: code: cannot be an id: null"},
		{"a list", `{"code":["x"]}`, `f:2: feature 1: code: cannot be an id: ["x"]`},
		{"empty", `{"code":""}`, `f:2: feature 1: code: cannot be an id: an empty text`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := geo.Read(strings.NewReader(collection(feature("", tt.properties))), geo.ReadOptions{Name: "f", Schema: []byte(role)})
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
	_, err := geo.Read(strings.NewReader(`{"type":"Point","coordinates":[1,2]}`), geo.ReadOptions{Name: "f", Schema: []byte(role)})
	if got, want := fmt.Sprint(err), "f:1: feature 1: code: is missing; it is the id of each feature"; got != want {
		t.Errorf("a lone geometry: error %q, want %q", got, want)
	}
}

// Features larger than what is read at once, and values that stand across the
// border of two reads.
func TestReadBeyondTheWindow(t *testing.T) {
	var ring strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&ring, "[%.9f,%.9f],", 100+float64(i)/1e4, 20+float64(i%7)/1e3)
	}
	large := `{"type":"Feature","id":"large","geometry":{"type":"Polygon","coordinates":[[` + ring.String() + `[100,20]]]},"properties":{"text":"` + strings.Repeat("界", 500_000) + `"}}`
	small := `{"type":"Feature","id":"small","geometry":null,"properties":{"a":1}}`
	x := read(t, collection(small, large), geo.ReadOptions{})
	if got := encoded(t, x); got != lines(large, small) {
		t.Errorf("the features are not those of the file (%d bytes, want %d)", len(got), len(large)+len(small)+2)
	}
	if bad := strings.Replace(large, "[100,20]]]", "[100,21]]]", 1); true {
		_, err := geo.Read(strings.NewReader(collection(small, bad, small)), geo.ReadOptions{Name: "f"})
		want := "f:3: feature 2: geometry: ring 1 is not closed: it begins at [100 20] and ends at [100 21]"
		if got := fmt.Sprint(err); got != want {
			t.Errorf("error %.200q, want %q", got, want)
		}
	}

	const first = 1 << 20 // what is read at once
	for shift := range 24 {
		head := `{"type":"FeatureCollection","n":`
		text := head + strings.Repeat(" ", first-len(head)-shift) + `-1234.5678e-10,"é":true,"features":[` + small + `]}`
		x, err := geo.Read(strings.NewReader(text), geo.ReadOptions{})
		if err != nil {
			t.Fatalf("%d bytes before the border: %v", shift, err)
		}
		if got := encoded(t, x); got != lines(small) {
			t.Errorf("%d bytes before the border: %s", shift, got)
		}
	}
}

func TestReadLimits(t *testing.T) {
	text := collection(point("{}"), point("{}"))
	if _, err := geo.Read(strings.NewReader(text), geo.ReadOptions{MaxBytes: int64(len(text))}); err != nil {
		t.Errorf("as large as allowed: %v", err)
	}
	var wide strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&wide, `"k%d":0,`, i)
	}
	for _, tt := range []struct {
		name string
		r    io.Reader
		want string
	}{
		{"too many properties", strings.NewReader(collection(point("{}"), point("{"+wide.String()+`"last":0}`))), "f:3: feature 2: last: is the property number 10001; features with so many different properties should keep them in an object"},
		{"too large", strings.NewReader(text), fmt.Sprintf("f:1: the input is larger than %d bytes", len(text)-1)},
		{"a failing reader", io.MultiReader(strings.NewReader(text[:len(text)/2]), iotest.ErrReader(errors.New("disk on fire"))), "f:1: cannot be read beyond here: disk on fire"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opt := geo.ReadOptions{Name: "f"}
			if tt.name == "too large" {
				opt.MaxBytes = int64(len(text)) - 1
			}
			_, err := geo.Read(tt.r, opt)
			var faults *geo.Faults
			if got := fmt.Sprint(err); got != tt.want || !errors.As(err, &faults) {
				t.Errorf("error %T %q, want %q", err, got, tt.want)
			}
		})
	}
}

func TestLoadZipped(t *testing.T) {
	zip := func(text string) *fstest.MapFile {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return &fstest.MapFile{Data: b.Bytes()}
	}
	files := fstest.MapFS{
		"a.geojson.gz":   zip(collection(point("{}"))),
		"b.ndjson.gz":    zip(lines(point("{}"), point("{}"))),
		"c.json":         {Data: []byte(point("{}"))},
		"d.geojsonl":     {Data: []byte(point("{}"))},
		"cut.geojson.gz": {Data: zip(collection(point("{}"))).Data[:60]},
		"not.json.gz":    {Data: []byte("{}")},
	}
	all, err := geo.Load(files, nil, "a.geojson.gz", "b.ndjson.gz", "c.json", "d.geojsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a 1", "b 2", "c 1", "d 1"} {
		if got := fmt.Sprint(all[i].ID, " ", all[i].Source.Schema().Features); got != want {
			t.Errorf("collection %q, want %q", got, want)
		}
	}
	_, err = geo.Load(files, nil, ".")
	want := lines("cut.geojson.gz:1: cannot be read beyond here: unexpected EOF", "not.json.gz: is not a gzip file: unexpected EOF")
	if got := fmt.Sprintln(err); got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}
