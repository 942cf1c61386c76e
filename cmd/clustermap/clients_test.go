package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clustermap/data"
)

// These tests drive the programs that users have: GDAL and OWSLib as Debian
// packages them, and the requests that QGIS makes.

// packageOf names the Debian package of each program that the tests run.
var packageOf = map[string]string{
	"ogrinfo":          "gdal-bin",
	"ogr2ogr":          "gdal-bin",
	"gdalinfo":         "gdal-bin",
	"gdal_translate":   "gdal-bin",
	"/usr/bin/python3": "python3-owslib python3-qgis",
	"curl":             "curl",
	"jq":               "jq",
	"chromium":         "chromium",
}

// client runs a program and returns what it writes to its standard output. A
// program that is missing fails the test: a client that is not tried proves
// nothing.
func client(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%v; as root: apt-get install %s (or make apt)", err, packageOf[name])
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1,localhost", "NO_PROXY=127.0.0.1,localhost")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	if name == "ogr2ogr" && strings.Contains(stderr.String(), "ERROR") {
		t.Fatalf("%s %s says:\n%s", name, strings.Join(args, " "), stderr.String())
	}
	return stdout.Bytes()
}

// feature is a GeoJSON feature as a client gives it back.
type feature struct {
	ID       any `json:"id"`
	Geometry *struct {
		Type        string
		Coordinates any
	}
	Properties map[string]any
}

// within reports whether the feature is a point in the box.
func (f feature) within(west, south, east, north float64) bool {
	if f.Geometry == nil || f.Geometry.Type != "Point" {
		return false
	}
	position := f.Geometry.Coordinates.([]any)
	x, y := position[0].(float64), position[1].(float64)
	return west <= x && x <= east && south <= y && y <= north
}

// id is the feature's id; GDAL moves it into the properties where it is a string.
func (f feature) id() string {
	if f.ID == nil {
		return fmt.Sprint(f.Properties["id"])
	}
	return fmt.Sprint(f.ID)
}

func parseFeatures(t *testing.T, text []byte) map[string]feature {
	t.Helper()
	var doc struct{ Features []feature }
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v in:\n%.500s", err, text)
	}
	byID := make(map[string]feature)
	for _, f := range doc.Features {
		if _, twice := byID[f.id()]; twice {
			t.Fatalf("feature %s comes twice", f.id())
		}
		byID[f.id()] = f
	}
	return byID
}

// clusters are the features of the built-in atlas as its file has them.
func clusters(t *testing.T) map[string]feature {
	t.Helper()
	text, err := fs.ReadFile(data.Files(), "clusters.geojson")
	if err != nil {
		t.Fatal(err)
	}
	all := parseFeatures(t, text)
	if len(all) != 40 {
		t.Fatalf("the atlas has %d clusters, want 40", len(all))
	}
	return all
}

// ids are the ids of the features that keep accepts, sorted.
func ids(all map[string]feature, keep func(feature) bool) []string {
	var ids []string
	for id, f := range all {
		if keep(f) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func every(feature) bool { return true }

// translate reads a layer through GDAL's OAPIF driver and gives it as GeoJSON.
func translate(t *testing.T, address, layer string, options ...string) map[string]feature {
	t.Helper()
	args := append([]string{"-f", "GeoJSON", "/vsistdout/", "OAPIF:" + address, layer}, options...)
	return parseFeatures(t, client(t, "ogr2ogr", args...))
}

func TestGDALListsTheCollections(t *testing.T) {
	in := start(t)
	got := string(client(t, "ogrinfo", "OAPIF:"+in.url))
	files, err := fs.Glob(data.Files(), "*.geojson")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		if want := fmt.Sprintf("%d: %s (", i+1, strings.TrimSuffix(file, ".geojson")); !strings.Contains(got, want) {
			t.Errorf("ogrinfo lists no %q:\n%s", want, got)
		}
	}
	got = string(client(t, "ogrinfo", "-so", "OAPIF:"+in.url, "clusters"))
	for _, want := range []string{"Geometry: Point\n", "Feature Count: 40\n", "year: Integer (0.0)\n", "name_zh: String (0.0)\n", "regions: StringList (0.0)\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("ogrinfo -so does not say %q:\n%s", want, got)
		}
	}
}

// TestGDALReadsEveryValue compares each property of each cluster with the file.
func TestGDALReadsEveryValue(t *testing.T) {
	in := start(t)
	got := translate(t, in.url, "clusters", "-oo", "PAGE_SIZE=1000")
	for id, want := range clusters(t) {
		f, ok := got[id]
		if !ok {
			t.Errorf("%s is missing", id)
			continue
		}
		if !reflect.DeepEqual(f.Geometry, want.Geometry) {
			t.Errorf("%s: got geometry %v, want %v", id, f.Geometry, want.Geometry)
		}
		for name, value := range want.Properties {
			if !reflect.DeepEqual(f.Properties[name], value) {
				t.Errorf("%s: got %s = %v, want %v", id, name, f.Properties[name], value)
			}
		}
		if regions, ok := f.Properties["regions"].([]any); !ok {
			t.Errorf("%s: got regions = %v, want a list", id, regions)
		}
	}
	if len(got) != 40 {
		t.Errorf("got %d features, want 40", len(got))
	}
}

func TestGDALFilters(t *testing.T) {
	in := start(t)
	all := clusters(t)
	for _, c := range []struct {
		name    string
		options []string
		keep    func(feature) bool
		request string // part of a request that the server must have seen
	}{
		{"box", []string{"-spat", "112", "21.5", "115.5", "24"}, func(f feature) bool {
			return f.within(112, 21.5, 115.5, 24)
		}, "bbox=112,21.5,115.5,24"},
		{"text", []string{"-where", "industry = 'ceramics'"}, func(f feature) bool {
			return f.Properties["industry"] == "ceramics"
		}, "industry=ceramics"},
		{"two texts", []string{"-where", "level = 'town' AND province_zh = '广东省'"}, func(f feature) bool {
			return f.Properties["level"] == "town" && f.Properties["province_zh"] == "广东省"
		}, "level=town"},
		{"number", []string{"-where", "year = 2007"}, func(f feature) bool {
			return f.Properties["year"] == 2007.0
		}, "year=2007"},
		{"range, which GDAL itself applies", []string{"-oo", "PAGE_SIZE=1000", "-where", "share_china_pct > 50"}, func(f feature) bool {
			share, ok := f.Properties["share_china_pct"].(float64)
			return ok && share > 50
		}, "items"},
		{"box and text", []string{"-spat", "118", "27", "123", "33", "-where", "level = 'county'"}, func(f feature) bool {
			return f.within(118, 27, 123, 33) && f.Properties["level"] == "county"
		}, "level=county"},
		{"nothing", []string{"-spat", "0", "0", "1", "1"}, func(feature) bool { return false }, "bbox=0,0,1,1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := ids(all, c.keep)
			if c.name != "nothing" && (len(want) == 0 || len(want) == len(all) && c.name != "number") {
				t.Fatalf("the case selects %d of %d features and shows nothing", len(want), len(all))
			}
			got := ids(translate(t, in.url, "clusters", c.options...), every)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !slices.ContainsFunc(in.uris(), func(uri string) bool { return strings.Contains(uri, c.request) }) {
				t.Errorf("no request with %q was made, but %q", c.request, in.uris())
			}
		})
	}
}

// TestGDALFollowsPages reads 3,500 features of a file that is not ours, by pages
// of GDAL's own size and by larger ones.
func TestGDALFollowsPages(t *testing.T) {
	const n = 3500
	var file strings.Builder
	for i := range n {
		fmt.Fprintf(&file, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%g,%g]},"properties":{"名称":"地点 %d","half":%g}}`+"\n",
			i, 75+float64(i%60), 20+float64(i/60)/4, i, float64(i)/2)
	}
	path := filepath.Join(t.TempDir(), "三千五百.geojsonl")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	in := start(t, path)
	for _, size := range []int{0, 1000} {
		options := []string{"-preserve_fid"}
		if size > 0 {
			options = append(options, "-oo", "PAGE_SIZE="+strconv.Itoa(size))
		}
		got := translate(t, in.url, "三千五百", options...)
		if len(got) != n {
			t.Errorf("page size %d: got %d features, want %d", size, len(got), n)
		}
		for i := range n {
			f := got[strconv.Itoa(i)]
			if f.Properties["名称"] != fmt.Sprintf("地点 %d", i) || f.Properties["half"] != float64(i)/2 {
				t.Fatalf("page size %d: feature %d has %v", size, i, f.Properties)
			}
		}
	}
	cursors := 0
	for _, uri := range in.uris() {
		if strings.Contains(uri, "limit=1000") && strings.Contains(uri, "cursor=") {
			cursors++
		}
	}
	if cursors != 3 {
		t.Errorf("by pages of 1,000 the server saw %d requests with a cursor, want 3", cursors)
	}
}

// TestGDALReadsForeignData serves the file of a user, with ids that need
// escaping and geometries of several types, and no atlas beside it.
func TestGDALReadsForeignData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my places.geojson")
	text := `{"type":"FeatureCollection","name":"my places",
	"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},
	"features":[
	{"type":"Feature","id":"a/b c","geometry":{"type":"Point","coordinates":[13.4,52.5]},"properties":{"name":"Berlin","people":3700000,"capital":true}},
	{"type":"Feature","id":"上海","geometry":{"type":"LineString","coordinates":[[121.4,31.2],[121.5,31.3]]},"properties":{"name":"Shanghai","people":24870000,"capital":false}},
	{"type":"Feature","id":"nowhere","geometry":null,"properties":{"name":"Nowhere","people":null,"capital":null}}
	]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in := start(t, path)
	if got := string(client(t, "ogrinfo", "OAPIF:"+in.url)); !strings.Contains(got, "1: my-places") || strings.Contains(got, "2: ") {
		t.Errorf("ogrinfo lists:\n%s\nwant my-places alone", got)
	}
	got := string(client(t, "ogr2ogr", "-f", "CSV", "/vsistdout/", "OAPIF:"+in.url, "my-places", "-lco", "GEOMETRY=AS_WKT", "-select", "name,people,capital"))
	for _, want := range []string{`"POINT (13.4 52.5)",Berlin,"3700000","1"`, `"LINESTRING (121.4 31.2,121.5 31.3)",Shanghai,"24870000","0"`, "\n,Nowhere,,\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("as CSV GDAL has no %s:\n%s", want, got)
		}
	}
	for _, id := range []string{"a/b c", "上海", "nowhere"} {
		var f feature
		getJSON(t, in.url+"/collections/my-places/items/"+url.PathEscape(id), "application/geo+json", &f)
		if f.id() != id {
			t.Errorf("the item %q has the id %q", id, f.id())
		}
	}
}

// TestBelowAPrefix reads with GDAL and opens the map through proxies that serve us
// below a path: one takes the path off, one leaves it.
func TestBelowAPrefix(t *testing.T) {
	chromium := browser(t)
	for _, c := range []struct{ name, left string }{{"path taken off", ""}, {"path left", "/maps"}} {
		t.Run(c.name, func(t *testing.T) {
			address := startBehindProxy(t, c.left)
			if got := translate(t, address, "clusters"); len(got) != 40 {
				t.Errorf("GDAL got %d features, want 40", len(got))
			}
			p := newPage(t, chromium, 1280, 800, 1, false)
			p.open(address + "/#lang=en")
			if got := p.text(`document.body.innerText`); !strings.Contains(got, "40 of 40 clusters") {
				t.Errorf("the map does not show 40 of 40 clusters, but:\n%s", got)
			}
		})
	}
}

// startBehindProxy runs "clustermap serve" behind a proxy that serves it at the
// path /maps of its own address, which is returned. The requests reach us with
// the path left before theirs.
func startBehindProxy(t *testing.T, left string) (address string) {
	t.Helper()
	var target atomic.Pointer[url.URL] // known once we listen, which needs the proxy's address
	proxy := httptest.NewServer(http.StripPrefix("/maps", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target.Load()) }}).ServeHTTP(w, r)
	})))
	t.Cleanup(proxy.Close)
	address = proxy.URL + "/maps"
	u, err := url.Parse(start(t, "-base-url", address).url + left)
	if err != nil {
		t.Fatal(err)
	}
	target.Store(u)
	return address
}

// owslibProgram asks for everything that OWSLib knows of OGC API - Features.
const owslibProgram = `
import json, sys
from urllib.parse import urlsplit, parse_qs
from owslib.ogcapi.features import Features

api = Features(sys.argv[1])
pages, cursor = [], {}
while True:
    page = api.collection_items("clusters", limit=7, **cursor)
    pages.append([f["id"] for f in page["features"]])
    following = [l["href"] for l in page["links"] if l["rel"] == "next"]
    if not following:
        break
    cursor = {"cursor": parse_qs(urlsplit(following[0]).query)["cursor"][0]}
json.dump({
    "conformance": api.conformance()["conformsTo"],
    "openapi": api.api()["openapi"],
    "collections": api.feature_collections(),
    "title": api.collection("clusters")["title"],
    "queryables": sorted(api.collection_queryables("clusters")["properties"]),
    "pages": pages,
    "box": [f["id"] for f in api.collection_items("clusters", bbox=[112, 21.5, 115.5, 24])["features"]],
    "town": [f["id"] for f in api.collection_items("clusters", level="town")["features"]],
    "item": api.collection_item("clusters", pages[0][0])["id"],
}, sys.stdout)
`

func TestOWSLib(t *testing.T) {
	in := start(t)
	var got struct {
		Conformance, Collections, Queryables, Box, Town []string
		Pages                                           [][]string
		OpenAPI, Title, Item                            string
	}
	if err := json.Unmarshal(client(t, "/usr/bin/python3", "-c", owslibProgram, in.url), &got); err != nil {
		t.Fatal(err)
	}
	all := clusters(t)
	if !strings.HasPrefix(got.OpenAPI, "3.0.") {
		t.Errorf("the API document is of OpenAPI %s, want 3.0", got.OpenAPI)
	}
	if want := "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"; !slices.Contains(got.Conformance, want) {
		t.Errorf("conformance has no %s: %v", want, got.Conformance)
	}
	if !slices.Contains(got.Collections, "clusters") || !slices.Contains(got.Collections, "regions") || got.Title == "" {
		t.Errorf("got collections %v and title %q", got.Collections, got.Title)
	}
	for _, want := range []string{"industry", "level", "region", "regions", "year"} {
		if !slices.Contains(got.Queryables, want) {
			t.Errorf("queryables have no %s: %v", want, got.Queryables)
		}
	}
	if len(got.Pages) != 6 || got.Item != got.Pages[0][0] {
		t.Errorf("got %d pages of 7 and the item %q, want 6 and the first", len(got.Pages), got.Item)
	}
	if diff := cmp.Diff(ids(all, every), slices.Concat(got.Pages...)); diff != "" {
		t.Errorf("all pages, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(ids(all, func(f feature) bool { return f.Properties["level"] == "town" }), got.Town); diff != "" {
		t.Errorf("level town, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(ids(all, func(f feature) bool {
		return f.within(112, 21.5, 115.5, 24)
	}), got.Box); diff != "" {
		t.Errorf("box, -want +got:\n%s", diff)
	}
}

// link is a link of an OGC API document.
type link struct{ Href, Rel, Type string }

// find returns the target of the first link of rel with the type, or with any
// type if none has it, as QGIS chooses.
func find(links []link, rel, mediaType string) string {
	other := ""
	for _, l := range links {
		if l.Rel != rel {
			continue
		}
		if l.Type == mediaType {
			return l.Href
		}
		if other == "" {
			other = l.Href
		}
	}
	return other
}

// TestQGISRequests makes the requests of QGIS's OGC API - Features provider in
// its order, with its Accept headers, and wants what it reads of each answer.
func TestQGISRequests(t *testing.T) {
	qgisWalk(t, start(t).url+"/")
}

func qgisWalk(t *testing.T, address string) {
	t.Helper()
	type page struct {
		Links         []link
		Features      []feature
		NumberMatched *int
	}
	const geoJSON = "application/geo+json, application/json"

	var landing struct{ Links []link }
	getJSON(t, address, "application/json", &landing)
	api := find(landing.Links, "service-desc", "application/vnd.oai.openapi+json;version=3.0")
	conformance := find(landing.Links, "conformance", "")
	collections, _, _ := strings.Cut(find(landing.Links, "data", "application/json"), "?")
	if api == "" || conformance == "" || collections == "" {
		t.Fatalf("the landing page lacks a link that QGIS needs: %v", landing.Links)
	}

	var document struct {
		Components struct {
			Parameters map[string]struct {
				Schema struct{ Default, Maximum int }
			}
		}
	}
	getJSON(t, api, "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json", &document)
	// QGIS asks for at least 1,000 features, but not for more than the maximum.
	limit := document.Components.Parameters["limit"].Schema
	if limit.Default != 1000 || limit.Maximum != 10000 {
		t.Errorf("components/parameters/limit has default %d and maximum %d, want 1000 and 10000", limit.Default, limit.Maximum)
	}

	var list struct{ Collections []struct{ ID, Title string } }
	getJSON(t, collections, "application/json", &list)
	if !slices.ContainsFunc(list.Collections, func(c struct{ ID, Title string }) bool { return c.ID == "clusters" && c.Title != "" }) {
		t.Errorf("the list of collections has no titled clusters: %v", list.Collections)
	}

	var collection struct {
		ID     string
		Extent struct {
			Spatial struct {
				Bbox [][]float64
				CRS  string
			}
		}
	}
	getJSON(t, collections+"/clusters", "application/json", &collection)
	box := collection.Extent.Spatial.Bbox
	if collection.ID != "clusters" || len(box) != 1 || len(box[0]) != 4 {
		t.Fatalf("the collection has the id %q and the extent %v", collection.ID, box)
	}

	var classes struct{ ConformsTo []string }
	getJSON(t, conformance, "application/json", &classes)
	if len(classes.ConformsTo) == 0 {
		t.Error("no conformance classes")
	}

	items := collections + "/clusters/items"
	var sample, count, view page
	getJSON(t, items+"?limit=10", geoJSON, &sample)
	if len(sample.Features) != 10 || sample.NumberMatched == nil || *sample.NumberMatched != 40 {
		t.Errorf("the sample has %d features and numberMatched %v, want 10 and 40", len(sample.Features), sample.NumberMatched)
	}
	getJSON(t, items+"?limit=1", geoJSON, &count)
	if count.NumberMatched == nil || *count.NumberMatched != 40 {
		t.Errorf("numberMatched is %v, want 40", count.NumberMatched)
	}
	// The view of the whole layer, in QGIS's many digits, then page by page.
	getJSON(t, fmt.Sprintf("%s?limit=1000&bbox=%.17f,%.17f,%.17f,%.17f", items, box[0][0], box[0][1], box[0][2], box[0][3]), geoJSON, &view)
	if len(view.Features) != 40 || find(view.Links, "next", "application/geo+json") != "" {
		t.Errorf("the view has %d features and the next page %q, want 40 and none", len(view.Features), find(view.Links, "next", "application/geo+json"))
	}
	seen := map[string]bool{}
	for next := items + "?limit=9"; next != ""; {
		var p page
		getJSON(t, next, geoJSON, &p)
		for _, f := range p.Features {
			seen[f.id()] = true
		}
		next = find(p.Links, "next", "application/geo+json")
	}
	if diff := cmp.Diff(ids(clusters(t), every), slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("page by page, -want +got:\n%s", diff)
	}
}

// getJSON gets a JSON document with the Accept header given.
func getJSON(t *testing.T, address, accept string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: status %d: %s", address, answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("GET %s: %v", address, err)
	}
}
