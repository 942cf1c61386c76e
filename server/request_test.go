package server

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"clustermap/geo"
)

// invalidField is the parameter that an error is about; it fails where the
// error is of another kind.
func invalidField(t testing.TB, err error) string {
	t.Helper()
	var bad *geo.InvalidError
	if !errors.As(err, &bad) || bad.Field == "" || bad.Reason == "" {
		t.Fatalf("%v is not an error that names a parameter and a reason", err)
	}
	return bad.Field
}

func TestParseParams(t *testing.T) {
	for _, test := range []struct {
		query string
		want  params
	}{
		{"", nil},
		{"&&", params{}},
		{"b=2&a=1", params{{"a", "1"}, {"b", "2"}}},
		{"a", params{{"a", ""}}},
		{"a=1=2", params{{"a", "1=2"}}},
		{"a+b=c+d&%E5%90%8D=%E5%80%BC", params{{"a b", "c d"}, {"名", "值"}}},
		{"a=1;b=2", params{{"a", "1;b=2"}}},
	} {
		got, err := parseParams(test.query)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(param{})); err != nil || diff != "" {
			t.Errorf("parseParams(%q): %v %s", test.query, err, diff)
		}
	}
	for query, name := range map[string]string{"a=1&a=2": "a", "a=%": "a", "%zz=1": "%zz", "a=%ff": "a", "%ff=1": "?"} {
		if _, err := parseParams(query); err == nil {
			t.Errorf("parseParams(%q) is taken", query)
		} else if got := invalidField(t, err); got != name && name != "?" {
			t.Errorf("parseParams(%q) blames %q, want %q", query, got, name)
		}
	}
}

func TestParseBox(t *testing.T) {
	//            90
	//    .-------+-------.       a box is west,south,east,north;
	//  -180      0      180      with west > east it goes the other way
	//    '-------+-------'       round, across 180 degrees
	//           -90
	for text, want := range map[string]orb.Bound{
		"1,2,3,4":                      {Min: orb.Point{1, 2}, Max: orb.Point{3, 4}},
		"-180,-90,180,90":              {Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}},
		"177,65,-177,70":               {Min: orb.Point{177, 65}, Max: orb.Point{-177, 70}},
		"1,2,-50,3,4,8848.86":          {Min: orb.Point{1, 2}, Max: orb.Point{3, 4}},
		"1,2,1,2":                      {Min: orb.Point{1, 2}, Max: orb.Point{1, 2}},
		"-0,0,1e1,+1.5E0":              {Min: orb.Point{0, 0}, Max: orb.Point{10, 1.5}},
		".5,0,1.,0.000000000000000001": {Min: orb.Point{.5, 0}, Max: orb.Point{1, 1e-18}},
	} {
		got, err := parseBox(text, false)
		if err != nil || got != want || math.Signbit(got.Min[0]) != math.Signbit(want.Min[0]) {
			t.Errorf("parseBox(%q, false) = %v, %v; want %v", text, got, err, want)
		}
		if again, err := parseBox(boxText(got), false); err != nil || again != got {
			t.Errorf("boxText(%v) = %q, which reads as %v, %v", got, boxText(got), again, err)
		}
	}
	for _, text := range []string{"", ",", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "1,4,3,2", "NaN,2,3,4", "1,2,Inf,4", "1,2,3,-inf", "1,2,3,4,", " 1,2,3,4",
		"1,2,181,4", "-180.0001,2,3,4", "1,-90.1,3,4", "1,2,3,90.1", "0x1p4,2,3,4", "1_0,2,30,4", "1,2,9,3,4,8", "1;2;3;4", "1e400,2,3,4", strings.Repeat("1,", 1000)} {
		if got, err := parseBox(text, false); err == nil {
			t.Errorf("parseBox(%q, false) = %v, want an error", text, got)
		} else if field := invalidField(t, err); field != "bbox" {
			t.Errorf("parseBox(%q, false) blames %q", text, field)
		}
	}
}

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]int{"1": 1, "007": 7, "10000": 10000, "10001": 10000, "18446744073709551616": 10000, strings.Repeat("9", 1000): 10000} {
		if got, err := parseLimit(text, 10000); err != nil || got != want {
			t.Errorf("parseLimit(%.20q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "+1", "1.0", "1e3", "ten", " 1", "１", "0x10", "NaN"} {
		if got, err := parseLimit(text, 10000); err == nil {
			t.Errorf("parseLimit(%q) = %d, want an error", text, got)
		}
	}
}

func TestNegotiate(t *testing.T) {
	features := []media{geojsonMedia, jsonMedia, htmlMedia}
	for accept, want := range map[string]string{
		"":    "application/geo+json",
		"*/*": "application/geo+json",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "text/html",
		"application/json": "application/json",
		"application/*":    "application/geo+json",
		"text/*":           "text/html",
		"APPLICATION/JSON": "application/json",
		"application/geo+json;q=0.5, text/html;q=0.6":   "text/html",
		"application/json;version=1;q=0.9, */*;q=0.1":   "application/json",
		"text/html;q=0, */*":                            "application/geo+json",
		"*/*;q=0.1, application/geo+json;q=0":           "application/json",
		"text/html;q=1.5, application/json;q=0.1":       "application/json",
		"text/html;q=x, application/json;q=0.1":         "application/json",
		" text/html ; q=0.3 , application/json;q = 0.2": "text/html",
		"image/png": "",
		"*/*;q=0":   "",
		"garbage":   "",
		";;;,,,":    "",
	} {
		headers := []string{accept}
		if accept == "" {
			headers = nil
		}
		got, err := negotiate(headers, "", false, features)
		if got.kind != want || (err == nil) != (want != "") {
			t.Errorf("Accept %q gets %q, %v; want %q", accept, got.kind, err, want)
		}
	}
	for f, want := range map[string]string{"json": "application/geo+json", "html": "text/html", "": "", "HTML": "", "geojson": "application/geo+json", "GeoJSON": ""} {
		got, err := negotiate([]string{"image/png"}, f, true, features)
		if got.kind != want || (err == nil) != (want != "") {
			t.Errorf("f=%s gets %q, %v; want %q", f, got.kind, err, want)
		}
	}
}

func TestAcceptedCoding(t *testing.T) {
	for accept, want := range map[string]string{
		"":                     "",
		"gzip":                 "gzip",
		"gzip, deflate, br":    "gzip",
		"zstd":                 "zstd",
		"gzip, zstd":           "zstd",
		"gzip;q=1, zstd;q=0.5": "gzip",
		"*":                    "zstd",
		"gzip;q=0":             "",
		"gzip;q=0, *;q=0.5":    "zstd",
		"GZIP":                 "gzip",
		"br":                   "",
		"identity":             "",
		"identity, gzip;q=0.5": "",
		"identity;q=0, gzip":   "gzip must",
		"*;q=0":                "none",
		"identity;q=0, br":     "none",
		"*;q=0, gzip;q=0.1":    "gzip must",
	} {
		got, err := acceptedCoding([]string{accept})
		text := got.name
		if got.must {
			text += " must"
		}
		if err != nil {
			text = "none"
		}
		if text != want {
			t.Errorf("Accept-Encoding %q gets %q, want %q", accept, text, want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"limit", "bbox", "datetime", "industry", "region", "名称"}
	for name, want := range map[string]string{"industri": "industry", "Limit": "limit", "regoin": "region", "box": "bbox", "名秤": "名称", "offset": "", "x": "", "": "", strings.Repeat("limit", 100): ""} {
		if got := geo.Nearest(name, names); got != want {
			t.Errorf("nearest(%.20q) = %q, want %q", name, got, want)
		}
	}
}

func TestCursor(t *testing.T) {
	number, err := geo.NumberID("12e3")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []geo.ID{geo.StringID("wujiang-shengze-silk"), geo.StringID("a/b c"), geo.StringID("广州"), geo.StringID("12"), number} {
		keys := []geo.Value{geo.StringValue("a,\"b"), geo.NumberValue(1.5), geo.BoolValue(true), {}}
		at := geo.Position{ID: id, Keys: keys}
		cursor := formatCursor(at, 42)
		if strings.Trim(cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("the cursor %q does not stand in an address as it is", cursor)
		}
		if got, err := parseCursor(cursor, 42, len(keys)); err != nil || !reflect.DeepEqual(got, at) {
			t.Errorf("parseCursor(formatCursor(%v)) = %v, %v", at, got, err)
		}
		if _, err := parseCursor(cursor, 43, len(keys)); err == nil || !strings.Contains(err.Error(), "another query") {
			t.Errorf("the cursor of another query: %v", err)
		}
		for i := range cursor {
			for _, c := range []string{"", "A", "-", cursor[i:i+1] + "A"} {
				if damaged := cursor[:i] + c + cursor[i+1:]; damaged != cursor {
					if got, err := parseCursor(damaged, 42, len(keys)); err == nil {
						t.Errorf("the damaged cursor %q gives %v", damaged, got)
					}
				}
			}
		}
	}
}

// fuzzParam checks what must hold of any value of a parameter: the server does
// not fail, and what it takes it takes again from its own self link.
func fuzzParam(f *testing.F, target, name string, seeds ...string) {
	s := newTestServer(f, nil)
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		sep := "?"
		if strings.Contains(target, "?") {
			sep = ""
		}
		resp := ask(t, s, "GET", target+sep+name+"="+escapeValue(value))
		text := body(t, resp)
		switch resp.StatusCode {
		case 200:
			self, _, _ := strings.Cut(strings.TrimPrefix(resp.Header.Get("Link"), "<"), ">")
			again := ask(t, s, "GET", strings.TrimPrefix(self, "http://example.org"))
			if got := body(t, again); got != text || again.Header.Get("ETag") != resp.Header.Get("ETag") {
				t.Errorf("%s=%q and its self link %s differ:\n%s\n%s", name, value, self, text, got)
			}
		case 400, 414:
			if resp.Header.Get("Content-Type") != problemType {
				t.Errorf("%s=%q: %d of type %s", name, value, resp.StatusCode, resp.Header.Get("Content-Type"))
			}
		default:
			t.Errorf("%s=%q: %d %s", name, value, resp.StatusCode, text)
		}
	})
}

func FuzzLimit(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "limit", "1", "0", "-1", "99999999999999999999", "1e3")
}

func FuzzBBox(f *testing.F) {
	fuzzParam(f, "/collections/numbers/items", "bbox", "1,2,3,4", "177,65,-177,70", "1,2,3,4,5,6", "NaN,0,0,0", "-0,0,1e-300,5")
}

func FuzzDatetime(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "datetime", "2007", "2007-05-01", "2007-05-01T00:00:00Z/..", "../2007-05-01", "2007-05-01T00:00:00+08:00")
}

func FuzzF(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "f", "json", "xml", "")
}

func FuzzString(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "trade", "textiles", "textiles,ceramics,textiles", ",", "%,&=+ ", "纺织")
}

func FuzzInteger(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "firms", "7", "7,1200", "07", "7.0", "1e3", "1e999", "-0")
}

func FuzzBoolean(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "open", "true", "false,true", "1")
}

func FuzzArray(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "tags", "wool", "silk,export", "")
}

func FuzzMixed(f *testing.F) {
	fuzzParam(f, "/collections/numbers/items", "v", "1.5", "mixed", "2,mixed", "true")
}

func FuzzCursor(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "cursor", formatCursor(geo.Position{ID: geo.StringID("foshan-ceramics")}, queryHash("places", nil)), formatCursor(geo.Position{ID: geo.StringID("x")}, 1), "AA")
}

// FuzzQuery is for what no single parameter shows.
func FuzzQuery(f *testing.F) {
	s := newTestServer(f, nil)
	for _, seed := range []string{"limit=1&f=json", "a=1&a=1", "=", "%", "bbox=1,2,3,4&datetime=2007&trade=ceramics", ";", "limit=1&limit=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := fmt.Sprintf("/collections/places/items?%s", strings.Map(func(r rune) rune {
			if r <= ' ' || r == '#' || r >= 0x7f {
				return '+'
			}
			return r
		}, query))
		if resp := ask(t, s, "GET", r); resp.StatusCode != 200 && resp.StatusCode != 400 && resp.StatusCode != 414 {
			t.Errorf("%q: %d %s", query, resp.StatusCode, body(t, resp))
		}
	})
}

func TestCanonicalValues(t *testing.T) {
	listed := func(values ...string) geo.Property {
		p := geo.Property{Type: geo.TypeString}
		for _, v := range values {
			p.Enum = append(p.Enum, geo.EnumValue{Value: v})
		}
		return p
	}
	for _, tt := range []struct {
		list string
		of   geo.Property
		want string
	}{
		{"b,a,b", geo.Property{Type: geo.TypeInteger}, "a,b"},
		{"b,a,b", listed("a", "b"), "a,b"},
		{"b,a", listed("a", "b,a"), "b,a"}, // the text "b,a" is not the text "a,b"
		{"Works 7, Suzhou", geo.Property{Type: geo.TypeString}, "Works 7, Suzhou"},
		{"b,a", geo.Property{Type: geo.TypeArray, Items: geo.TypeString}, "b,a"},
	} {
		if got := canonicalValues(tt.list, tt.of); got != tt.want {
			t.Errorf("%q of %v: got %q, want %q", tt.list, tt.of, got, tt.want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "filter", "firms>5", "NOT(NOT trade='textiles')", "S_INTERSECTS(geometry,POINT(1 2))", "tags A_CONTAINS ('wool')", "name_zh LIKE '大%'", "(((", "year BETWEEN 1 AND 2", "T_AFTER(year,DATE('2007-01-01'))")
}

func FuzzSortBy(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "sortby", "firms", "-firms,+trade", " open", "-", ",", "tags")
}

func FuzzProperties(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "properties", "firms", "firms,firms,trade", ",", "")
}

func FuzzWords(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "q", "foshan", "佛山 ceramics", " ", "\u0300", "a\tb")
}

func FuzzCRS(f *testing.F) {
	fuzzParam(f, "/collections/places/items", "crs", "EPSG:4490", "[EPSG:3857]", "urn:ogc:def:crs:EPSG::4547", "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "")
}

func FuzzProjectedBox(f *testing.F) {
	fuzzParam(f, "/collections/places/items?bbox-crs=EPSG:4547&", "bbox", "2500000,400000,2600000,600000", "1,2,3,4", "0,0,0,0", "1e300,0,1e301,1")
}

func FuzzGeometryType(f *testing.F) {
	fuzzParam(f, "/collections/numbers/items", "geometry-type", "Point", "polygon,LINESTRING", "")
}
