package cql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"clustermap/geo"
	"clustermap/geo/cql"
	"clustermap/geo/crs"

	"github.com/google/go-cmp/cmp"
)

const towns = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[113.19,22.61]},"properties":{"name":"Guzhen","firms":3000,"share":0.5,"founded":"2001-05-01","updated":"2020-01-01T12:00:00Z","open":true,"regions":["prd9","gd"],"odd":1,"info":{"rank":1,"名称":"古镇"},"名称":"古镇"}},
{"type":"Feature","id":"b","geometry":{"type":"Polygon","coordinates":[[[120,30],[121,30],[121,31],[120,31],[120,30]]]},"properties":{"name":"Shengze","firms":500,"share":0,"founded":"1999-01-01","updated":"2020-01-02T00:00:00Z","open":false,"regions":["yrd25"],"odd":"x","info":{"rank":2,"名称":"盛泽"},"名称":"盛泽"}},
{"type":"Feature","id":"c","geometry":{"type":"LineString","coordinates":[[179,0],[180,0]]},"properties":{"name":null,"firms":null,"share":-1.5,"founded":null,"updated":null,"open":null,"regions":[],"odd":true,"info":null,"名称":"É"}},
{"type":"Feature","id":"d","geometry":null,"properties":{"name":"Yiwu","firms":7,"share":2.5,"founded":"2010-12-31","updated":"2021-06-15T06:00:00+08:00","open":true,"regions":null,"odd":null,"info":{},"名称":"義烏"}},
{"type":"Feature","id":"e","geometry":{"type":"Polygon","coordinates":[[[10,10],[11,11],[11,10],[10,11],[10,10]]]},"properties":{"name":"Bowtie","regions":["gd"]}}
]}`

func index(t testing.TB, text string) *geo.Index {
	t.Helper()
	x, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "towns.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func compile(t testing.TB, x *geo.Index, text string) (*cql.Filter, error) {
	t.Helper()
	e, err := cql.ParseText(text)
	if err != nil {
		t.Fatalf("ParseText(%s): %v", text, err)
	}
	return cql.Compile(e, x.Schema(), cql.Options{})
}

func selected(t testing.TB, x *geo.Index, f *cql.Filter) string {
	t.Helper()
	r, err := x.Search(context.Background(), geo.Query{Filter: f})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range r.Features {
		ids = append(ids, f.ID().String())
	}
	return strings.Join(ids, " ")
}

func TestFilter(t *testing.T) {
	x := index(t, towns)
	for _, c := range []struct{ filter, want string }{
		{"firms > 100", "a b"},
		{"NOT firms > 100", "d"},
		{"firms IS NULL", "c e"},
		{"firms IS NULL OR firms < 10", "c d e"},
		{"firms / share > 0", "a d"}, // a division by zero is unknown
		{"NOT firms / share > 0", ""},
		{"firms % 1000 = 500 OR firms div 1000 = 3", "a b"},
		{"2 ^ 3 = share + 7.5", "a"},
		{"name LIKE '%e%'", "a b e"},
		{"CASEI(name) LIKE CASEI('G%ZHEN')", "a"},
		{`ACCENTI("名称") = ACCENTI('E')`, "c"},
		{`"名称" LIKE '_镇'`, "a"},
		{`"info.名称" = '盛泽'`, "b"},
		{"info.rank BETWEEN 2 AND 3", "b"},
		{"info IS NULL", "c e"},
		{"open", "a d"},
		{"NOT open", "b"},
		{"open = FALSE", "b"},
		{"odd = 1", "a"},
		{"odd = 'x'", "b"},
		{"odd <> 'y'", "b"}, // a number is no text that differs
		{"odd = TRUE", "c"},
		{"firms IN (7, 500)", "b d"},
		{"name NOT IN ('Yiwu', 'Guzhen')", "b e"},
		{"founded < DATE('2001-05-01')", "b"},
		{"founded <= DATE('2001-05-01')", "a b"},
		{"updated = DATE('2020-01-01')", "a"},
		{"updated > TIMESTAMP('2020-01-01T12:00:00Z')", "b d"},
		{"T_DURING(updated, INTERVAL('2020-01-01', '2020-01-02'))", "a b"},
		{"T_AFTER(founded, DATE('2001-05-01'))", "d"},
		{"T_INTERSECTS(INTERVAL(founded, updated), INTERVAL('..', '2000-01-01'))", "b"},
		{"T_MEETS(INTERVAL(founded, updated), INTERVAL('2020-01-02T00:00:00Z', '..'))", "b"},
		{"A_CONTAINS(regions, ('gd'))", "a e"},
		{"A_EQUALS(regions, ('gd', 'prd9'))", "a"},
		{"A_CONTAINEDBY(regions, ('gd', 'yrd25'))", "b c e"},
		{"A_OVERLAPS(regions, ('gd', 'yrd25'))", "a b e"},
		{"S_INTERSECTS(geometry, BBOX(110, 20, 120, 30))", "a b"},
		{"S_WITHIN(geometry, BBOX(110, 20, 120, 30))", "a"},
		{"S_DISJOINT(geometry, BBOX(110, 20, 120, 30))", "c e"},
		{"S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))", "c"},
		{"S_INTERSECTS(geometry, BBOX(180, -10, -170, 10))", "c"},
		{"S_TOUCHES(geometry, POINT(120 30.5))", "b"},
		{"S_CONTAINS(geometry, POINT(120.5 30.5))", "b"},
		{"S_CROSSES(geometry, LINESTRING(179.5 -1, 179.5 1))", "c"},
		{"S_OVERLAPS(geometry, POLYGON((120.5 30.5, 122 30.5, 122 32, 120.5 30.5)))", "b"},
		{"S_EQUALS(geometry, POLYGON((121 30, 121 31, 120 31, 120 30, 120.5 30, 121 30)))", "b"},
		{"S_INTERSECTS(geometry, centroid(geometry))", "a b c e"},
		{"S_INTERSECTS(geometry, POINT(10.5 10.5))", "e"},
		{"S_OVERLAPS(geometry, POLYGON((10 10, 10.4 10, 10.4 10.6, 10 10)))", ""}, // not defined for rings that cross
		{"distance(geometry, POINT(113.19 22.62)) < 1200", "a"},
		{"distance(geometry, POINT(113.19 22.62)) < 1000", ""},
		{"distance(geometry, POINT(-179.99 0)) < 1200", "c"},
		{"distance(geometry, POINT(120.5 31.01)) BETWEEN 1100 AND 1110", "b"},
		{"area(geometry) > 1e10", "b"},
		{"length(geometry) BETWEEN 111319 AND 111320", "c"},
		{"geometry_type(geometry) = 'Point'", "a"},
		{"geometry IS NULL", "d"},
		{"year(founded) = 2001 AND month(founded) = 5 AND day(founded) = 1", "a"},
		{"char_length(\"名称\") = 1", "c"},
		{"upper(name) = 'YIWU' AND lower(name) = 'yiwu'", "d"},
		{"round(share) = 3 OR floor(share) = -2 OR ceil(share) = 1 OR abs(share) = 0", "a b c d"},
		{"concat(name, '-', \"名称\") = 'Guzhen-古镇'", "a"},
		{"TRUE", "a b c d e"},
		{"FALSE", ""},
	} {
		f, err := compile(t, x, c.filter)
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		if got := selected(t, x, f); got != c.want {
			t.Errorf("%s selects %q, want %q", c.filter, got, c.want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	x := index(t, towns)
	for _, c := range []struct{ filter, want string }{
		{"firms = 'many'", "character 9: found the text 'many', expected a number, for firms is an integer"},
		{"frims > 5", "character 1: there is no property frims; did you mean firms?"},
		{"open AND firms", "character 10: found firms, which is an integer, expected true or false"},
		{"name > 5", "character 8: found the number 5, expected a text, for name is a string"},
		{"founded = 5", "character 11: found the number 5, expected a text, for founded is a string"},
		{"founded > 'soon'", "character 11: found the text 'soon', expected a date such as '2007-05-01' or a time such as '2007-05-01T12:00:00Z', for founded is a string with the format date"},
		{"A_CONTAINS(regions, ('prd9', 7))", "character 30: found the number 7, expected a text, for regions is an array of such"},
		{"firms = DATE('2001-01-01')", "character 9: found a date or time, expected a number, for firms is an integer"},
		{"T_AFTER(name, DATE('2001-01-01'))", "character 9: found name, which is a string, expected a date or time or an interval"},
		{"regions = 'gd'", "character 1: found regions, which is an array; ask it by A_CONTAINS(regions, ('value')) or A_OVERLAPS"},
		{"S_INTERSECTS(name, POINT(1 2))", "character 14: found name, which is a string, expected a geometry"},
		{"S_INTERSECTS(geometry, POINT(200 2))", "character 24: the position 200 2 is outside the range of longitude -180 to 180, latitude -90 to 90"},
		{"S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "character 24: the polygon is not valid: its rings cross, overlap or have no area"},
		{"distanc(geometry, POINT(1 2)) < 5", "character 1: there is no function distanc; did you mean distance?"},
		{"lower(firms) = 'a'", "character 7: found firms, which is an integer, expected a text"},
		{"lower(name, name) = 'a'", "character 1: lower has 2 arguments, expected 1"},
	} {
		_, err := compile(t, x, c.filter)
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: error %v, want *geo.InvalidError", c.filter, err)
			continue
		}
		if diff := cmp.Diff("filter: "+c.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.filter, diff)
		}
	}
}

func TestFilterCRS(t *testing.T) {
	x := index(t, towns)
	for _, c := range []struct{ uri, filter, want, text string }{
		{"EPSG:4326", "S_INTERSECTS(geometry, BBOX(20, 110, 30, 120))", "a b", "S_INTERSECTS(geometry, BBOX(110, 20, 120, 30))"},
		{"EPSG:4490", "S_INTERSECTS(geometry, BBOX(-10, 170, 10, -170))", "c", "S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))"},
		{"EPSG:3857", "S_INTERSECTS(geometry, BBOX(12300000, 2500000, 12700000, 2600000))", "a", ""},
	} {
		system, ok := crs.Lookup("http://www.opengis.net/def/crs/" + strings.Replace(c.uri, ":", "/0/", 1))
		if !ok {
			t.Fatal(c.uri)
		}
		e, err := cql.ParseText(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		f, err := cql.Compile(e, x.Schema(), cql.Options{CRS: system})
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		if got := selected(t, x, f); got != c.want {
			t.Errorf("%s in %s selects %q, want %q", c.filter, c.uri, got, c.want)
		}
		if c.text != "" && f.String() != c.text {
			t.Errorf("%s in %s is %s, want %s", c.filter, c.uri, f, c.text)
		}
	}
	mercator := crs.WebMercator()
	e, err := cql.ParseText("S_INTERSECTS(geometry, POINT(1e9 5))")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = cql.Compile(e, x.Schema(), cql.Options{CRS: mercator}); err == nil || !strings.Contains(err.Error(), "character 24: the position 1e+09 5 is outside the range of EPSG:3857") {
		t.Errorf("a position outside Web Mercator: %v", err)
	}
}

// A filter is shared by searches at the same time.
func TestFilterShared(t *testing.T) {
	x := index(t, towns)
	f, err := compile(t, x, "S_TOUCHES(geometry, BBOX(119, 30, 120, 31)) OR distance(geometry, LINESTRING(113 22, 114 22)) < 100000 OR CASEI(name) = CASEI('YIWU')")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 20 {
				if got := selected(t, x, f); got != "a b d" {
					t.Errorf("selects %q", got)
				}
			}
		})
	}
	wait.Wait()
}

// Whatever parses is compiled or refused, and what is compiled can be asked and
// read again.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"firms > 100 AND NOT name LIKE 'a%'", "S_CROSSES(geometry, LINESTRING(120 30, 121 31))",
		"T_DURING(INTERVAL(founded, updated), INTERVAL('..', '2020-01-01'))", "A_OVERLAPS(regions, ('gd', 1))",
		"distance(geometry, POLYGON((0 0, 1 0, 1 1, 0 0))) < 5", "S_EQUALS(GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1)), geometry)",
		"S_TOUCHES(geometry, GEOMETRYCOLLECTION(POLYGON((10 10, 11 10, 11 11, 10 10)), POLYGON((10 10, 11 10, 10 11, 10 10))))",
		"odd IN (1, 'x')", "firms ^ 2 div 0 % 3 IS NULL", "S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))",
	} {
		f.Add(s)
	}
	x := index(f, towns)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := cql.ParseText(s)
		if err != nil {
			return
		}
		first, err := cql.Compile(e, x.Schema(), cql.Options{})
		if err != nil {
			return
		}
		again, err := compile(t, x, first.String())
		if err != nil {
			t.Fatalf("%s becomes %s, which is refused: %v", s, first, err)
		}
		if a, b := selected(t, x, first), selected(t, x, again); a != b {
			t.Fatalf("%s selects %q, and %s selects %q", s, a, again, b)
		}
	})
}

func TestExplain(t *testing.T) {
	x := index(t, towns)
	for _, c := range []struct{ filter, want string }{
		{"firms > 100 AND S_INTERSECTS(geometry, BBOX(0, 0, 20, 20))", "R-tree [0 0 20 20]: 1 of 5; test: >, s_intersects"},
		{"firms >= 1000", "sorted column firms [1000, ∞): 1 of 5"},
		{"NOT firms >= 1000", "sorted column firms (-∞, 1000): 2 of 5"},
		{"firms = 7 OR name LIKE 'Gu%'", `sorted column firms [7, 7] or sorted column name ["Gu", "Gu"): 2 of 5; test: or`},
		{"firms + 1 = 8", "scan of 5; test: ="},
		{"founded < DATE('2001-05-01')", `sorted column founded (-∞, "2001-05-01"]: 2 of 5; test: <`},
		{"distance(geometry, POINT(113.19 22.62)) < 1100", "R-tree [113.179 22.61 113.201 22.63]: 1 of 5; test: <"},
	} {
		f, err := compile(t, x, c.filter)
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		p, err := f.Bind(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		if p.Text != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.filter, p.Text, c.want)
		}
	}
}

// Whole numbers of 64 bits are compared with all their digits.
func TestExactWholeNumbers(t *testing.T) {
	var features []string
	for i, n := range []string{"9007199254740992", "9007199254740993", "9007199254740994", "-9223372036854775808", "9223372036854775807", "7"} {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":null,"properties":{"n":%s,"m":9007199254740993,"k":1.5}}`, i, n))
	}
	x := index(t, collection(features...))
	for _, c := range []struct{ filter, want string }{
		{"n = 9007199254740993", "1"},
		{"n = 9007199254740992", "0"},
		{"n <> 9007199254740993", "0 2 3 4 5"},
		{"NOT (n > 9007199254740993)", "0 1 3 5"},
		{"n >= 9007199254740993 AND n < 9223372036854775807", "1 2"},
		{"n > 9223372036854775806", "4"},
		{"n = 9223372036854775808", ""},
		{"n <= -9223372036854775808", "3"},
		{"n BETWEEN 9007199254740993 AND 9007199254740993", "1"},
		{"n IN (9007199254740993, 7)", "1 5"},
		{"n NOT IN (9007199254740993, 7)", "0 2 3 4"},
		{"n = m", "1"},
		{"m < n", "2 4"},
		{"n < 7.5 AND n > 6", "5"},
		{"k < 9007199254740993 AND n > k", "0 1 2 4 5"},
		{"n = 9007199254740993 OR k = 2", "1"}, // no sorted column for both
	} {
		f, err := compile(t, x, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := selected(t, x, f); got != c.want {
			t.Errorf("%s: got %q, want %q", c.filter, got, c.want)
		}
		again, err := compile(t, x, f.String())
		if err != nil {
			t.Fatal(err)
		}
		if got := selected(t, x, again); got != c.want {
			t.Errorf("%s of %s: got %q, want %q", f, c.filter, got, c.want)
		}
	}
}

// What is joined by operators of one kind is a flat list, however long and however it
// is put in parentheses, and is no nesting.
func TestLongChains(t *testing.T) {
	x := index(t, towns)
	const n = 1000
	joined := func(between string, part func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = part(i)
		}
		return strings.Join(parts, between)
	}
	left, jsonLeft := "firms = 7", `{"op":"=","args":[{"property":"firms"},7]}`
	for i := range n - 1 {
		left = fmt.Sprintf("(%s OR firms = %d)", left, 500+i)
		if i%2 == 1 { // 64 kB hold no more
			continue
		}
		jsonLeft = fmt.Sprintf(`{"op":"or","args":[%s,{"op":"=","args":[{"property":"firms"},%d]}]}`, jsonLeft, 500+i)
	}
	fromJSON, err := cql.ParseJSON([]byte(jsonLeft))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ filter, want string }{
		{joined(" OR ", func(i int) string { return fmt.Sprintf("firms = %d", 7+i) }), "b d"},
		{joined(" AND ", func(i int) string { return fmt.Sprintf("firms <> %d", i) }), "a"},
		{left, "b d"},
		{cql.Text(fromJSON), "b d"},
		{"firms = 2001 + " + joined(" + ", func(int) string { return "1" }) + " - 1", "a"},
		{"firms = 7 * " + joined(" * ", func(int) string { return "1" }), "d"},
	} {
		f, err := compile(t, x, c.filter)
		if err != nil {
			t.Errorf("%.40s: %v", c.filter, err)
			continue
		}
		if got := selected(t, x, f); got != c.want {
			t.Errorf("%.40s: got %q, want %q", c.filter, got, c.want)
		}
		text := cql.JSON(mustParse(t, c.filter))
		if again, err := cql.ParseJSON(text); len(text) <= cql.MaxLength && (err != nil || !cql.Equal(again, mustParse(t, c.filter))) {
			t.Errorf("%.40s: %v in JSON", c.filter, err)
		}
		if _, err := cql.ParseText(f.String()); err != nil {
			t.Errorf("%.40s: the canonical text: %v", c.filter, err)
		}
	}
	for _, text := range []string{"1" + strings.Repeat("+1", 2000) + " = firms", strings.Repeat("NOT ", 101) + "open", strings.Repeat("abs(", 101) + "firms" + strings.Repeat(")", 101) + " = 1"} {
		var bad *geo.InvalidError
		if _, err := cql.ParseText(text); !errors.As(err, &bad) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
	for _, text := range []string{`"nest"."k" = 1`, `nest."k" = 1`} {
		if _, err := cql.ParseText(text); err == nil || !strings.Contains(err.Error(), `"a.b"`) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func mustParse(t testing.TB, text string) cql.Expr {
	t.Helper()
	e, err := cql.ParseText(text)
	if err != nil {
		t.Fatalf("%.40s: %v", text, err)
	}
	return e
}
