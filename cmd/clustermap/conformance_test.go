package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"clustermap/geo/crs"
)

// TestConformance runs the abstract test suites of the OGC standards that the
// server declares against the program: OGC API - Features Part 1 (OGC 17-069r4,
// annex A), Part 2 (18-058r1), and of Part 3 (19-079r2) what a client can see.
// Every subtest bears the name of its test or requirement.
func TestConformance(t *testing.T) {
	mixed := filepath.Join(t.TempDir(), "mixed.geojson")
	if err := os.WriteFile(mixed, []byte(mixedCollection), 0o600); err != nil {
		t.Fatal(err)
	}
	api := &api{t: t, base: start(t, "-atlas", mixed).url}
	t.Run("features-1/core", api.core)
	for _, c := range api.collections(t) {
		t.Run("features-1/core/"+c.ID, func(t *testing.T) { api.features(t, c) })
		t.Run("features-2/crs/"+c.ID, func(t *testing.T) { api.crs(t, c) })
		t.Run("features-3/filter/"+c.ID, func(t *testing.T) { api.filter(t, c) })
	}
}

// mixedCollection has geometries of several types, a feature across 180 degrees
// east, one without geometry, and times.
const mixedCollection = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[179.5,-17.5]},"properties":{"when":"2007-05-01T00:00:00Z","n":1}},
{"type":"Feature","id":2,"geometry":{"type":"Point","coordinates":[-179.5,-17.5]},"properties":{"when":"2008-05-01T00:00:00Z","n":2}},
{"type":"Feature","id":3,"geometry":{"type":"LineString","coordinates":[[113,22],[114,23,5]]},"properties":{"when":"2009-05-01T00:00:00Z","n":3}},
{"type":"Feature","id":4,"geometry":{"type":"Polygon","coordinates":[[[120,30],[121,30],[121,31],[120,31],[120,30]]]},"properties":{"when":null,"n":4}},
{"type":"Feature","id":5,"geometry":null,"properties":{"when":"2010-05-01T00:00:00Z","n":null}}]}
`

// api asks a server as a client that knows only the standard.
type api struct {
	t    *testing.T
	base string
}

// apiCollection is the description of a collection.
type apiCollection struct {
	ID, ItemType, StorageCRS string
	CRS                      []string
	Extent                   struct {
		Spatial  struct{ BBox [][]float64 }
		Temporal struct{ Interval [][]*string }
	}
	Links []link
}

// apiPage is a FeatureCollection as the core class defines it.
type apiPage struct {
	Type           string
	Features       []feature
	Links          []link
	TimeStamp      time.Time
	NumberMatched  *int
	NumberReturned *int
}

// get reads a resource; into is nil or what its JSON is decoded to.
func (a *api) get(t *testing.T, address string, into any) (int, http.Header) {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = a.base + address
	}
	resp, body := fetch(t, address)
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%s: %v in %.300s", address, err, body)
		}
	}
	return resp.StatusCode, resp.Header
}

// mustGet is get of what has to be there.
func (a *api) mustGet(t *testing.T, address string, into any) http.Header {
	t.Helper()
	status, header := a.get(t, address, into)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d, want 200", address, status)
	}
	return header
}

// refuses expects that an address is a client's error.
func (a *api) refuses(t *testing.T, address string) {
	t.Helper()
	var problem struct {
		Status int
		Detail string
	}
	status, header := a.get(t, address, &problem)
	if status != http.StatusBadRequest || problem.Status != status || problem.Detail == "" || !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("%s: status %d, %s, %+v; want a problem of 400 with a detail", address, status, header.Get("Content-Type"), problem)
	}
}

func (a *api) collections(t *testing.T) []apiCollection {
	t.Helper()
	var doc struct {
		Collections []apiCollection
		CRS         []string
	}
	a.mustGet(t, "/collections?f=json", &doc)
	for i, c := range doc.Collections {
		if at := slices.Index(c.CRS, "#/crs"); at >= 0 {
			doc.Collections[i].CRS = slices.Replace(c.CRS, at, at+1, doc.CRS...)
		}
	}
	return doc.Collections
}

// core tests the resources above the collections (A.2.2 to A.2.6).
func (a *api) core(t *testing.T) {
	t.Run("root-success", func(t *testing.T) {
		var doc struct{ Links []link }
		a.mustGet(t, "/?f=json", &doc)
		for _, rel := range []string{"self", "service-desc", "service-doc", "conformance", "data"} {
			i := slices.IndexFunc(doc.Links, func(l link) bool { return l.Rel == rel })
			if i < 0 {
				t.Errorf("no link %s", rel)
				continue
			}
			a.mustGet(t, doc.Links[i].Href, nil)
		}
	})
	t.Run("api-definition-success", func(t *testing.T) {
		resp, err := http.Get(a.base + "/api?f=json")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Error(err)
		}
		for _, path := range []string{"/", "/conformance", "/collections", "/collections/{collection}"} {
			if doc.Paths.Find(path) == nil || doc.Paths.Find(path).Get == nil {
				t.Errorf("the definition has no GET %s", path)
			}
		}
	})
	t.Run("conformance-success", func(t *testing.T) {
		var doc struct{ ConformsTo []string }
		a.mustGet(t, "/conformance?f=json", &doc)
		for _, class := range declared {
			if !slices.Contains(doc.ConformsTo, "http://www.opengis.net/spec/"+class) {
				t.Errorf("%s is not declared", class)
			}
		}
		if slices.Sort(doc.ConformsTo); len(slices.Compact(slices.Clone(doc.ConformsTo))) != len(doc.ConformsTo) {
			t.Errorf("a class is declared twice in %v", doc.ConformsTo)
		}
	})
	t.Run("http", func(t *testing.T) {
		for address, want := range map[string]int{"/collections/no-such": 404, "/no/such": 404, "/collections/clusters/items/no-such": 404} {
			if status, _ := a.get(t, address, nil); status != want {
				t.Errorf("%s: status %d, want %d", address, status, want)
			}
		}
		for _, address := range []string{"/?unknown=1&f=json", "/conformance?unknown=1", "/collections?unknown=1", "/api?unknown=1"} {
			a.refuses(t, address)
		}
	})
	t.Run("fc-md-success", func(t *testing.T) {
		for _, c := range a.collections(t) {
			var one apiCollection
			a.mustGet(t, "/collections/"+c.ID+"?f=json", &one)
			if one.ID != c.ID || c.ItemType != "feature" || len(one.CRS) == 0 {
				t.Errorf("%s: described as %s, itemType %s, %d CRS", c.ID, one.ID, c.ItemType, len(one.CRS))
			}
			for _, rel := range []string{"items"} {
				if find(c.Links, rel, "application/geo+json") == "" || find(c.Links, rel, "text/html") == "" {
					t.Errorf("%s: no links %s for both encodings", c.ID, rel)
				}
			}
		}
	})
}

// declared are the conformance classes that the server has to meet.
var declared = []string{
	"ogcapi-features-1/1.0/conf/core",
	"ogcapi-features-1/1.0/conf/geojson",
	"ogcapi-features-1/1.0/conf/html",
	"ogcapi-features-1/1.0/conf/oas30",
	"ogcapi-features-2/1.0/conf/crs",
	"ogcapi-features-3/1.0/conf/queryables",
	"ogcapi-features-3/1.0/conf/queryables-query-parameters",
	"ogcapi-features-3/1.0/conf/filter",
	"ogcapi-features-3/1.0/conf/features-filter",
	"ogcapi-common-3/1.0/conf/schemas",
	"ogcapi-common-3/1.0/conf/queryables",
	"ogcapi-common-3/1.0/conf/sortables",
	"cql2/1.0/conf/cql2-text",
	"cql2/1.0/conf/cql2-json",
	"cql2/1.0/conf/basic-cql2",
	"cql2/1.0/conf/advanced-comparison-operators",
	"cql2/1.0/conf/case-insensitive-comparison",
	"cql2/1.0/conf/accent-insensitive-comparison",
	"cql2/1.0/conf/basic-spatial-functions",
	"cql2/1.0/conf/basic-spatial-functions-plus",
	"cql2/1.0/conf/spatial-functions",
	"cql2/1.0/conf/temporal-functions",
	"cql2/1.0/conf/array-functions",
	"cql2/1.0/conf/property-property",
	"cql2/1.0/conf/functions",
	"cql2/1.0/conf/arithmetic",
}

// page reads a page of features and tests what every page has to be
// (fc-response, fc-links, fc-timeStamp, fc-numberMatched, fc-numberReturned).
func (a *api) page(t *testing.T, address string) apiPage {
	t.Helper()
	before := time.Now().Add(-time.Second)
	var page apiPage
	header := a.mustGet(t, address, &page)
	switch {
	case page.Type != "FeatureCollection" || page.Features == nil:
		t.Errorf("%s: type %q, features %v", address, page.Type, page.Features)
	case header.Get("Content-Type") != "application/geo+json":
		t.Errorf("%s: Content-Type %s", address, header.Get("Content-Type"))
	case page.TimeStamp.Before(before) || page.TimeStamp.After(time.Now().Add(time.Second)):
		t.Errorf("%s: timeStamp %v", address, page.TimeStamp)
	case page.NumberMatched == nil || page.NumberReturned == nil || *page.NumberReturned != len(page.Features) || *page.NumberMatched < len(page.Features):
		t.Errorf("%s: %d features, numberMatched %v, numberReturned %v", address, len(page.Features), page.NumberMatched, page.NumberReturned)
	case find(page.Links, "self", "application/geo+json") == "" || find(page.Links, "alternate", "text/html") == "":
		t.Errorf("%s: links %v", address, page.Links)
	}
	return page
}

// walk reads all pages, and tests that no feature comes twice.
func (a *api) walk(t *testing.T, address string) []feature {
	t.Helper()
	var all []feature
	seen := make(map[string]bool)
	for next := address; next != ""; {
		page := a.page(t, next)
		for _, f := range page.Features {
			if seen[f.id()] {
				t.Fatalf("%s: feature %s comes twice", next, f.id())
			}
			seen[f.id()] = true
		}
		all = append(all, page.Features...)
		next = find(page.Links, "next", "application/geo+json")
	}
	return all
}

// features tests the features of a collection (A.2.7 and A.2.8).
func (a *api) features(t *testing.T, c apiCollection) {
	items := "/collections/" + url.PathEscape(c.ID) + "/items?f=json"
	all := a.walk(t, items)
	t.Run("fc-limit-response-1", func(t *testing.T) {
		for _, limit := range []int{1, 3, len(all)} {
			if page := a.page(t, items+"&limit="+strconv.Itoa(limit)); len(page.Features) != min(limit, len(all)) {
				t.Errorf("limit=%d gives %d features of %d", limit, len(page.Features), len(all))
			}
		}
		if again := a.walk(t, items+"&limit=3"); len(all) < 200 && len(again) != len(all) {
			t.Errorf("pages of 3 give %d features, want %d", len(again), len(all))
		}
		a.page(t, items+"&limit=10000001")
		for _, bad := range []string{"0", "-1", "x", "1.5", ""} {
			a.refuses(t, items+"&limit="+bad)
		}
	})
	t.Run("fc-bbox-response", func(t *testing.T) { a.bbox(t, c, items, all) })
	t.Run("fc-time-response", func(t *testing.T) {
		whole := len(a.walk(t, items+"&datetime=../2200-01-01T00:00:00Z"))
		if whole != len(all) {
			t.Errorf("all of time gives %d features, want %d", whole, len(all))
		}
		if interval := c.Extent.Temporal.Interval; interval != nil && interval[0][0] != nil && interval[0][1] != nil {
			a.page(t, items+"&datetime="+url.QueryEscape(*interval[0][0]+"/"+*interval[0][1]))
			a.page(t, items+"&datetime="+url.QueryEscape(*interval[0][0]))
		}
		for _, bad := range []string{"yesterday", "2007-13-01", "2008-01-01/2007-01-01", "../..", ""} {
			a.refuses(t, items+"&datetime="+url.QueryEscape(bad))
		}
	})
	t.Run("query-param-unknown", func(t *testing.T) { a.refuses(t, items+"&no-such-parameter=1") })
	t.Run("f-success", func(t *testing.T) {
		for _, f := range all[:min(5, len(all))] {
			var one struct {
				feature
				Type  string
				Links []link
			}
			header := a.mustGet(t, "/collections/"+url.PathEscape(c.ID)+"/items/"+url.PathEscape(f.id())+"?f=json", &one)
			if one.Type != "Feature" || one.id() != f.id() || header.Get("Content-Type") != "application/geo+json" ||
				find(one.Links, "self", "application/geo+json") == "" || find(one.Links, "collection", "application/json") == "" || find(one.Links, "alternate", "text/html") == "" {
				t.Errorf("feature %s: %+v", f.id(), one)
			}
		}
	})
}

// bbox tests boxes against the coordinates of the features: a feature whose
// vertices all lie in a box comes, one whose box lies outside does not.
func (a *api) bbox(t *testing.T, c apiCollection, items string, all []feature) {
	for _, box := range [][4]float64{{-180, -90, 180, 90}, {110, 20, 118, 26}, {177, -65, -177, 70}, {5, 40, 6, 41}} {
		got := make(map[string]bool)
		for _, f := range a.walk(t, fmt.Sprintf("%s&bbox=%v,%v,%v,%v", items, box[0], box[1], box[2], box[3])) {
			got[f.id()] = true
		}
		for _, f := range all {
			where := boxOf(f)
			for _, part := range split(box) {
				inside := where[0] >= part[0] && where[1] >= part[1] && where[2] <= part[2] && where[3] <= part[3]
				if inside && !got[f.id()] {
					t.Errorf("bbox %v lacks %s at %v", box, f.id(), where)
				}
			}
			meets := slices.ContainsFunc(split(box), func(part [4]float64) bool {
				return where[0] <= part[2] && where[2] >= part[0] && where[1] <= part[3] && where[3] >= part[1]
			})
			if got[f.id()] && !meets {
				t.Errorf("bbox %v has %s at %v", box, f.id(), where)
			}
		}
	}
	for _, bad := range []string{"", "1,2,3", "a,b,c,d", "0,0,0,0,0", "0,1,1,0", "200,0,201,1", "NaN,0,1,1", "0,91,1,92"} {
		a.refuses(t, items+"&bbox="+bad)
	}
}

// split is a box as boxes that do not cross 180 degrees.
func split(box [4]float64) [][4]float64 {
	if box[0] <= box[2] {
		return [][4]float64{box}
	}
	return [][4]float64{{box[0], box[1], 180, box[3]}, {-180, box[1], box[2], box[3]}}
}

// boxOf is the box of a feature's coordinates as they stand; NaN without any.
func boxOf(f feature) [4]float64 {
	box := [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	if f.Geometry == nil {
		return box
	}
	box = [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range positions(f.Geometry.Coordinates) {
		box = [4]float64{min(box[0], p[0]), min(box[1], p[1]), max(box[2], p[0]), max(box[3], p[1])}
	}
	return box
}

// positions are the positions of coordinates, in order.
func positions(coordinates any) [][2]float64 {
	list, _ := coordinates.([]any)
	if len(list) >= 2 {
		x, isX := list[0].(float64)
		y, isY := list[1].(float64)
		if isX && isY {
			return [][2]float64{{x, y}}
		}
	}
	var all [][2]float64
	for _, inner := range list {
		all = append(all, positions(inner)...)
	}
	return all
}

const crs84URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// crs tests a collection in each of its coordinate reference systems.
func (a *api) crs(t *testing.T, c apiCollection) {
	t.Run("fc-md-crs-list", func(t *testing.T) {
		if !slices.Contains(c.CRS, crs84URI) || !slices.Contains(c.CRS, c.StorageCRS) {
			t.Errorf("crs %v, storageCrs %s; want CRS84 and the storage CRS among them", c.CRS, c.StorageCRS)
		}
	})
	items := "/collections/" + url.PathEscape(c.ID) + "/items?f=json&limit=50"
	plain := a.page(t, items)
	t.Run("fc-crs-default-value", func(t *testing.T) {
		header := a.mustGet(t, items, nil)
		if got := header.Get("Content-Crs"); got != "<"+crs84URI+">" {
			t.Errorf("Content-Crs %q", got)
		}
	})
	t.Run("fc-crs-valid-value", func(t *testing.T) {
		for _, bad := range []string{"http://www.opengis.net/def/crs/0/unsupported", "x", ""} {
			a.refuses(t, items+"&crs="+url.QueryEscape(bad))
			a.refuses(t, items+"&bbox=0,0,1,1&bbox-crs="+url.QueryEscape(bad))
			a.refuses(t, items+"&filter=n%3D1&filter-crs="+url.QueryEscape(bad))
		}
	})
	for _, uri := range c.CRS {
		t.Run("crs-action/"+uri[strings.LastIndexByte(uri, '/')+1:], func(t *testing.T) { a.inCRS(t, c, items, uri, plain) })
	}
}

// inCRS compares features in a CRS with those in CRS84, and asks for a box of
// the same coordinates.
func (a *api) inCRS(t *testing.T, c apiCollection, items, uri string, plain apiPage) {
	system, ok := crs.Lookup(uri)
	if !ok {
		t.Fatalf("%s is advertised and not known", uri)
	}
	address := items + "&crs=" + url.QueryEscape(uri)
	header := a.mustGet(t, address, nil)
	if got := header.Get("Content-Crs"); got != "<"+uri+">" {
		t.Errorf("Content-Crs %q, want <%s>", got, uri)
	}
	page := a.page(t, address)
	if len(page.Features) != len(plain.Features) {
		t.Fatalf("%d features, want %d", len(page.Features), len(plain.Features))
	}
	for i, f := range page.Features {
		if f.Geometry == nil {
			continue
		}
		got, from := positions(f.Geometry.Coordinates), positions(plain.Features[i].Geometry.Coordinates)
		if len(got) != len(from) {
			t.Fatalf("%s has %d positions, want %d", f.id(), len(got), len(from))
		}
		for k, p := range from[:min(3, len(from))] {
			want, ok := system.FromLonLat(p)
			if !ok {
				break
			}
			if math.Abs(got[k][0]-want[0]) > 1e-3 || math.Abs(got[k][1]-want[1]) > 1e-3 {
				t.Fatalf("%s at %v is %v, want %v", f.id(), p, got[k], want)
			}
		}
	}
	var one feature
	if f := plain.Features[0]; f.Geometry != nil {
		header := a.mustGet(t, "/collections/"+url.PathEscape(c.ID)+"/items/"+url.PathEscape(f.id())+"?f=json&crs="+url.QueryEscape(uri), &one)
		if got := header.Get("Content-Crs"); got != "<"+uri+">" {
			t.Errorf("one feature: Content-Crs %q, want <%s>", got, uri)
		}
	}
}

// filter tests the filter of a collection as a client that has only its
// queryables could.
func (a *api) filter(t *testing.T, c apiCollection) {
	path := "/collections/" + url.PathEscape(c.ID)
	items := path + "/items?f=json"
	var queryables struct {
		Schema     string `json:"$schema"`
		ID         string `json:"$id"`
		Type       string
		Properties map[string]map[string]any
	}
	t.Run("queryables", func(t *testing.T) {
		header := a.mustGet(t, path+"/queryables", &queryables)
		if header.Get("Content-Type") != "application/schema+json" || queryables.Type != "object" || queryables.ID != a.base+path+"/queryables" ||
			queryables.Schema != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("queryables of %s: %s, %+v", c.ID, header.Get("Content-Type"), queryables)
		}
		if find(c.Links, "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json") == "" {
			t.Error("the collection has no link to its queryables")
		}
	})
	total := *a.page(t, items).NumberMatched
	count := func(filter, lang string) int {
		t.Helper()
		return *a.page(t, items+"&filter="+url.QueryEscape(filter)+"&filter-lang="+lang).NumberMatched
	}
	t.Run("basic-cql2", func(t *testing.T) {
		for name, p := range queryables.Properties {
			if _, isGeometry := p["format"]; isGeometry && p["type"] == nil {
				continue
			}
			quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			null, full := count(quoted+" IS NULL", "cql2-text"), count(quoted+" IS NOT NULL", "cql2-text")
			if null+full != total {
				t.Errorf("%s: %d null and %d not null of %d", name, null, full, total)
			}
			text, _ := json.Marshal(map[string]any{"op": "isNull", "args": []any{map[string]any{"property": name}}})
			if json := count(string(text), "cql2-json"); json != null {
				t.Errorf("%s: %d null by JSON, %d by text", name, json, null)
			}
		}
		for _, bad := range []string{"", "no_such_property = 1", "1 =", "(", "firms LIKE", "\x00"} {
			a.refuses(t, items+"&filter="+url.QueryEscape(bad))
		}
		a.refuses(t, items+"&filter=1%3D1&filter-lang=ecql")
	})
	t.Run("basic-spatial-functions", func(t *testing.T) {
		box := *a.page(t, items+"&bbox=100,20,121,40").NumberMatched
		for _, filter := range []string{"S_INTERSECTS(geometry,BBOX(100,20,121,40))", "NOT S_DISJOINT(geometry,POLYGON((100 20,121 20,121 40,100 40,100 20)))"} {
			if got := count(filter, "cql2-text"); got != box {
				t.Errorf("%s: %d features, bbox gives %d", filter, got, box)
			}
		}
		for _, uri := range []string{"http://www.opengis.net/def/crs/EPSG/0/4326", "http://www.opengis.net/def/crs/EPSG/0/4490"} {
			got := *a.page(t, items+"&filter="+url.QueryEscape("S_INTERSECTS(geometry,POLYGON((20 100,20 121,40 121,40 100,20 100)))")+"&filter-crs="+url.QueryEscape(uri)).NumberMatched
			if got != box {
				t.Errorf("filter-crs %s: %d features, bbox gives %d", uri, got, box)
			}
		}
	})
}
