package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Relation types of maps.
const (
	relMap         = "http://www.opengis.net/def/rel/ogc/1.0/map"
	relMapTilesets = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-map"
)

// TestConformanceMaps runs the abstract tests of OGC API - Maps Part 1 (OGC 20-058, annex
// A) for the classes that the server declares, with what OGC's executable suite
// ets-ogcapi-maps10 asks beyond them. Every subtest bears the name of its test.
func TestConformanceMaps(t *testing.T) {
	mixed := filepath.Join(t.TempDir(), "mixed.geojson")
	if err := os.WriteFile(mixed, []byte(mixedCollection), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &mapAPI{api: api{t: t, base: start(t, "-atlas", mixed).url}}
	var landing struct {
		Links      []link
		CRS        []string
		StorageCRS string
		Extent     struct{ Spatial struct{ BBox [][4]float64 } }
	}
	a.mustGet(t, "/?f=json", &landing)
	dataset := find(landing.Links, relMap, "image/png")
	all := a.api.collections(t)
	t.Run("conf/core/map-conformance-success", a.declared)
	t.Run("conf/dataset-map/landingpage", func(t *testing.T) {
		if dataset != a.base+"/map" {
			t.Errorf("the link to the map is %q", dataset)
		}
	})
	t.Run("conf/dataset-map/desc-crs", func(t *testing.T) {
		if len(landing.CRS) < 4 || landing.StorageCRS == "" {
			t.Errorf("systems are %v, stored in %s", landing.CRS, landing.StorageCRS)
		}
		for _, uri := range landing.CRS {
			a.picture(t, dataset+"?bbox=100,20,120,40&width=60&height=60&crs="+url.QueryEscape(uri))
		}
	})
	t.Run("conf/dataset-map/desc-extent", func(t *testing.T) {
		if b := landing.Extent.Spatial.BBox; len(b) != 1 || b[0][0] >= b[0][2] || b[0][1] >= b[0][3] {
			t.Errorf("the extent is %v", b)
		}
	})
	t.Run("conf/dataset-map", func(t *testing.T) { a.maps(t, dataset) })
	for _, c := range all {
		t.Run("conf/collection-map/"+c.ID, func(t *testing.T) {
			address := find(c.Links, relMap, "image/png")
			if address != a.base+"/collections/"+url.PathEscape(c.ID)+"/map" {
				t.Fatalf("the link to the map is %q", address)
			}
			if len(c.CRS) == 0 || c.StorageCRS == "" {
				t.Errorf("desc-crs: %v", c.CRS)
			}
			a.maps(t, address)
			t.Run("conf/background", func(t *testing.T) { a.background(t, address) })
		})
	}
	t.Run("conf/collections-selection", func(t *testing.T) { a.selection(t, dataset, all) })
	t.Run("conf/tilesets", func(t *testing.T) {
		a.mapTilesets(t, find(landing.Links, relMapTilesets, "application/json"))
		for _, c := range all {
			a.mapTilesets(t, find(c.Links, relMapTilesets, "application/json"))
		}
	})
	t.Run("conf/api-operations", func(t *testing.T) { a.operations(t, all) })
	t.Run("content-datetime", func(t *testing.T) {
		for query, want := range map[string]string{
			"":                               "2007-01-01T00:00:00Z/2007-12-31T23:59:59Z",
			"&datetime=2007-05-01/..":        "2007-05-01T00:00:00Z/2007-12-31T23:59:59Z",
			"&datetime=2007-05-01T00:00:00Z": "2007-05-01T00:00:00Z",
			"&datetime=1950-01-01":           "",
		} {
			_, h := a.picture(t, a.base+"/collections/clusters/map?width=90&height=60"+query)
			if got := h.Get("Content-Datetime"); got != want || h.Get("OGCAPI-datetime") != want {
				t.Errorf("%q shows what is of %q, want %q", query, got, want)
			}
		}
	})
	t.Run("conf/cors", func(t *testing.T) {
		resp, _ := a.fetch(t, dataset+"?width=40&height=30", "Origin: https://example.org")
		if resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%v", resp.Header)
		}
	})
}

type mapAPI struct{ api }

// fetch gets an address; headers are "Name: value".
func (a *mapAPI) fetch(t *testing.T, address string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, b
}

// picture gets a picture, with its headers.
func (a *mapAPI) picture(t *testing.T, address string, headers ...string) (image.Image, http.Header) {
	t.Helper()
	resp, b := a.fetch(t, address, headers...)
	img, kind, err := image.Decode(bytes.NewReader(b))
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "image/"+kind {
		t.Fatalf("GET %s: %d %s, %v: %.300s", address, resp.StatusCode, resp.Header.Get("Content-Type"), err, b)
	}
	return img, resp.Header
}

func (a *mapAPI) status(t *testing.T, address string, want ...int) {
	t.Helper()
	if resp, b := a.fetch(t, address); !slices.Contains(want, resp.StatusCode) {
		t.Errorf("GET %s: %d, want %v: %.200s", address, resp.StatusCode, want, b)
	}
}

func (a *mapAPI) declared(t *testing.T) {
	var doc struct{ ConformsTo []string }
	a.mustGet(t, "/conformance?f=json", &doc)
	for _, class := range []string{"core", "tilesets", "background", "collections-selection", "scaling", "display-resolution", "spatial-subsetting",
		"crs", "collection-map", "dataset-map", "png", "jpeg", "svg", "oas30"} {
		if !slices.Contains(doc.ConformsTo, "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/"+class) {
			t.Errorf("the class %s is not declared", class)
		}
	}
}

// maps runs the tests of one map.
func (a *mapAPI) maps(t *testing.T, m string) {
	t.Run("conf/core/map-op", func(t *testing.T) { a.operation(t, m) })
	t.Run("conf/scaling", func(t *testing.T) { a.scaling(t, m) })
	t.Run("conf/display-resolution", func(t *testing.T) { a.resolution(t, m) })
	t.Run("conf/spatial-subsetting", func(t *testing.T) { a.subsetting(t, m) })
	t.Run("conf/crs", func(t *testing.T) { a.systems(t, m) })
}

// operation: the formats by Accept and by f, as a short name and as a media type.
func (a *mapAPI) operation(t *testing.T, m string) {
	a.picture(t, m)
	for f, kind := range map[string]string{"png": "image/png", "jpeg": "image/jpeg"} {
		for _, img := range []string{"?f=" + f, "?f=" + kind} {
			if _, h := a.picture(t, m+img+"&width=80&height=60"); h.Get("Content-Type") != kind {
				t.Errorf("%s is %s", img, h.Get("Content-Type"))
			}
		}
		if _, h := a.picture(t, m+"?width=80&height=60", "Accept: "+kind); h.Get("Content-Type") != kind {
			t.Errorf("Accept: %s is answered by %s", kind, h.Get("Content-Type"))
		}
	}
	resp, svg := a.fetch(t, m+"?width=80&height=60", "Accept: image/svg+xml")
	if resp.Header.Get("Content-Type") != "image/svg+xml" || !bytes.Contains(svg, []byte("<svg")) {
		t.Errorf("%s: %.100s", resp.Header.Get("Content-Type"), svg)
	}
	if resp, b := a.fetch(t, m, "Accept: application/x-unknown"); resp.StatusCode != http.StatusNotAcceptable {
		t.Errorf("%d for an unknown format: %.100s", resp.StatusCode, b)
	}
	a.status(t, m+"?f=unknown", http.StatusBadRequest)
	a.status(t, m+"?unheard-of=1", http.StatusBadRequest)
}

func (a *mapAPI) scaling(t *testing.T, m string) {
	size := func(query string) image.Point {
		t.Helper()
		img, _ := a.picture(t, m+query)
		return img.Bounds().Size()
	}
	if got := size("?width=321&height=123"); got != image.Pt(321, 123) {
		t.Errorf("width and height give %v", got)
	}
	if got := size("?width=200&bbox=110,20,120,30"); got.X != 200 || got.Y < 190 || got.Y > 240 {
		t.Errorf("width gives %v", got)
	}
	if got := size("?height=200&bbox=110,20,120,30"); got.Y != 200 || got.X < 160 || got.X > 210 {
		t.Errorf("height gives %v", got)
	}
	size("?scale-denominator=40000000&width=1024&height=512&f=png")
	a.status(t, m+"?scale-denominator=40000000&width=800&height=400&bbox=-180,-90,180,90&f=png", http.StatusBadRequest)
	for _, query := range []string{"width=0", "width=-1", "height=x", "width=1.5", "scale-denominator=0", "scale-denominator=x"} {
		a.status(t, m+"?"+query, http.StatusBadRequest)
	}
	a.status(t, m+"?width=1000000000", http.StatusBadRequest, http.StatusRequestEntityTooLarge)
	_, wide := a.picture(t, m+"?center=115,30&scale-denominator=10000000&width=200&height=200")
	_, near := a.picture(t, m+"?center=115,30&scale-denominator=5000000&width=200&height=200")
	w, n := contentBox(t, wide), contentBox(t, near)
	if ratio := (w[2] - w[0]) / (n[2] - n[0]); ratio < 1.99 || ratio > 2.01 {
		t.Errorf("half the scale shows %v as much", ratio)
	}
}

// resolution: mm-per-pixel changes how much of the ground a pixel has, and 0.28 is usual.
func (a *mapAPI) resolution(t *testing.T, m string) {
	const query = "?center=115,30&scale-denominator=10000000&width=200&height=200"
	_, usual := a.picture(t, m+query)
	_, same := a.picture(t, m+query+"&mm-per-pixel=0.28")
	_, fine := a.picture(t, m+query+"&mm-per-pixel=0.14")
	u, s, f := contentBox(t, usual), contentBox(t, same), contentBox(t, fine)
	if u != s {
		t.Errorf("%v by default, %v with 0.28", u, s)
	}
	if ratio := (u[2] - u[0]) / (f[2] - f[0]); ratio < 1.99 || ratio > 2.01 {
		t.Errorf("pixels of half the size show 1/%v as much", ratio)
	}
	a.status(t, m+"?mm-per-pixel=0", http.StatusBadRequest)
}

// contentBox reads Content-Bbox.
func contentBox(t *testing.T, h http.Header) (b [4]float64) {
	t.Helper()
	parts := strings.Split(h.Get("Content-Bbox"), ",")
	for i := range b {
		var err error
		if len(parts) == 4 {
			b[i], err = strconv.ParseFloat(parts[i], 64)
		}
		if len(parts) != 4 || err != nil {
			t.Fatalf("Content-Bbox is %q", h.Get("Content-Bbox"))
		}
	}
	return b
}

func (a *mapAPI) subsetting(t *testing.T, m string) {
	whole, _ := a.picture(t, m+"?f=png")
	for name, query := range map[string]string{
		"bbox":                  "bbox=-10,-10,10,10",
		"bbox, 3 dimensions":    "bbox=-10,-10,0,10,10,100",
		"bbox and bbox-crs":     "bbox=-10,-10,10,10&bbox-crs=%5BOGC%3ACRS84%5D",
		"bbox, latitude first":  "bbox=-10,-10,10,10&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326",
		"subset":                "subset=Lat(-10:10),Lon(-10:10)",
		"subset, one by one":    "subset=Lat%28-10%3A10%29&subset=Lon%28-10%3A10%29",
		"subset and subset-crs": "subset=Lat(-10:10)&subset=Lon(-10:10)&subset-crs=" + url.QueryEscape("https://www.opengis.net/def/crs/OGC/1.3/CRS84"),
	} {
		img, h := a.picture(t, m+"?f=png&width=100&height=100&"+query)
		if b := contentBox(t, h); b != [4]float64{-10, -10, 10, 10} && query[0] == 'b' && strings.Count(query, ",") == 3 || h.Get("Content-Crs") == "" {
			t.Errorf("%s shows %v in %s", name, b, h.Get("Content-Crs"))
		}
		if img.Bounds() == whole.Bounds() {
			t.Errorf("%s is %v", name, img.Bounds())
		}
	}
	a.picture(t, m+"?f=png&subset=Lat%28-90%3A90%29&subset=Lon%28-180%3A180%29&width=100")
	a.picture(t, m+"?f=png&subset=Lon%28170%3A-170%29&width=100")
	a.picture(t, m+"?f=png&bbox=177,-20,-177,-15&width=100")
	img, h := a.picture(t, m+"?f=png&center=0,0&width=256&height=256")
	if b := contentBox(t, h); img.Bounds().Dx() != 256 || b[0]+b[2] > 1e-6 || b[0]+b[2] < -1e-6 {
		t.Errorf("center: %v of %v", img.Bounds(), b)
	}
	a.status(t, m+"?subset=InvalidAxis%280%3A1%29", http.StatusBadRequest)
	a.status(t, m+"?subset=Lat%28200%3A300%29", http.StatusNoContent, http.StatusNotFound)
	for _, query := range []string{
		"bbox=-180,-90,180,90&center=0,0", "bbox=-180,-90,180,90&subset=Lat(-90:90)", "bbox=-180,-90,180,90&subset=Lon(-180:180)", "subset=Lat(-90:90)&center=0,0",
		"bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,0,10,10&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/0", "center=200,0", "center=0,0&center-crs=nope", "subset=Lat(1:2)&subset-crs=nope",
	} {
		a.status(t, m+"?"+query, http.StatusBadRequest)
	}
}

// systems: a map is in the system asked for, which the header names, and without one in
// longitude and latitude.
func (a *mapAPI) systems(t *testing.T, m string) {
	const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	for uri, want := range map[string][4]float64{
		"":    {110, 20, 120, 30},
		crs84: {110, 20, 120, 30},
		"http://www.opengis.net/def/crs/EPSG/0/4326": {20, 110, 30, 120},
		"http://www.opengis.net/def/crs/EPSG/0/4490": {20, 110, 30, 120},
		"http://www.opengis.net/def/crs/EPSG/0/3857": {12245143.987260092, 2273030.926987689, 13358338.895192828, 3503549.843504374},
	} {
		query := "?width=90&height=90&bbox=110,20,120,30"
		if uri != "" {
			query += "&crs=" + url.QueryEscape(uri)
		}
		_, h := a.picture(t, m+query)
		if got := h.Get("Content-Crs"); uri != "" && got != "<"+uri+">" || uri == "" && got != "<"+crs84+">" {
			t.Errorf("%s: Content-Crs is %s", uri, got)
		}
		b := contentBox(t, h)
		for i := range b {
			if d := b[i] - want[i]; d > 1e-3 || d < -1e-3 {
				t.Errorf("%s: Content-Bbox is %v, want %v", uri, b, want)
				break
			}
		}
	}
	a.status(t, m+"?crs=http://www.opengis.net/def/crs/EPSG/0/0", http.StatusBadRequest)
}

// background: all combinations of transparent and bgcolor, and the void beyond the poles.
func (a *mapAPI) background(t *testing.T, m string) {
	colours := map[string]color.NRGBA{"": {255, 255, 255, 255}, "CC00CC": {0xCC, 0, 0xCC, 255}, "0xCC00CC": {0xCC, 0, 0xCC, 255}, "NaVy": {0, 0, 0x80, 255}}
	for text, want := range colours {
		for _, transparent := range []string{"", "true", "false"} {
			query := "?f=image/png&bbox=-180,-90,180,90&width=400&height=400"
			if text != "" {
				query += "&bgcolor=" + text
			}
			if transparent != "" {
				query += "&transparent=" + transparent
			}
			clear := transparent == "true" || transparent == "" && text == ""
			img, _ := a.picture(t, m+query)
			got := color.NRGBAModel.Convert(img.At(0, 399)).(color.NRGBA)
			if want.A = 255; clear {
				want.A = 0
			}
			if got != want && !(clear && text == "" && got.A == 0) {
				t.Errorf("bgcolor %q, transparent %q: %v, want %v", text, transparent, got, want)
			}
		}
	}
	for query, want := range map[string]color.NRGBA{
		"bgcolor=CC00CC&transparent=false":                          {0xCC, 0, 0xCC, 255},
		"bgcolor=CC00CC&void-color=00FF00":                          {0, 255, 0, 255},
		"bgcolor=CC00CC&void-color=ReD&transparent=false":           {255, 0, 0, 255},
		"bgcolor=CC00CC&void-transparent=true":                      {0xCC, 0, 0xCC, 0},
		"transparent=true&void-color=00FF00&void-transparent=false": {0, 255, 0, 255},
	} {
		img, _ := a.picture(t, m+"?f=png&bbox=-180,-120,180,120&width=400&height=400&"+query)
		got := color.NRGBAModel.Convert(img.At(0, 0)).(color.NRGBA)
		if got != want && !(want.A == 0 && got.A == 0) {
			t.Errorf("%s: beyond the pole is %v, want %v", query, got, want)
		}
	}
	a.status(t, m+"?bgcolor=nocolour", http.StatusBadRequest)
	a.status(t, m+"?transparent=perhaps", http.StatusBadRequest)
}

// selection: collections= shows some, or as many as there are, and refuses others.
func (a *mapAPI) selection(t *testing.T, m string, all []apiCollection) {
	seen := map[string]bool{}
	for _, c := range all {
		_, b := a.fetch(t, m+"?width=300&height=200&bbox=70,10,140,55&regions=none&collections="+url.QueryEscape(c.ID))
		seen[string(b)] = true
	}
	if len(seen) < 3 {
		t.Errorf("the maps of %d collections are %d", len(all), len(seen))
	}
	a.picture(t, m+"?width=200&collections="+url.QueryEscape(all[0].ID)+","+url.QueryEscape(all[1].ID))
	a.status(t, m+"?collections=nope", http.StatusNotFound, http.StatusBadRequest)
}

// mapTilesets: the tiles of each set are pictures, whose size and background can be asked for.
func (a *mapAPI) mapTilesets(t *testing.T, address string) {
	var list struct{ Tilesets []apiTileset }
	a.mustGet(t, address, &list)
	if len(list.Tilesets) < 3 {
		t.Fatalf("%s lists %d tilesets", address, len(list.Tilesets))
	}
	for _, summary := range list.Tilesets {
		var set apiTileset
		a.mustGet(t, summary.find("self", "application/json"), &set)
		if set.DataType != "map" {
			t.Errorf("the tiles of %s are %s", address, set.DataType)
		}
		template := set.find("item", "image/png")
		tile := strings.NewReplacer("{tileMatrix}", "0", "{tileRow}", "0", "{tileCol}", "0").Replace(template)
		if resp, _ := a.fetch(t, tile); resp.StatusCode == http.StatusNoContent {
			continue // the west of the world, in sets with two
		}
		for query, want := range map[string]int{"": 256, "&width=512": 512, "&height=512": 512, "&width=128&height=128": 128} {
			if img, _ := a.picture(t, tile+query); img.Bounds().Size() != image.Pt(want, want) {
				t.Errorf("%s%s has %v", tile, query, img.Bounds())
			}
		}
		img, _ := a.picture(t, tile+"&bgcolor=0xFF0000")
		if r, g, b, alpha := img.At(0, 255).RGBA(); r != 0xffff || g != 0 || b != 0 || alpha != 0xffff {
			t.Errorf("%s: the background is %v", tile, img.At(0, 255))
		}
		a.status(t, tile+"&bbox=0,0,1,1", http.StatusBadRequest)
		a.status(t, tile+"&width=0", http.StatusBadRequest)
	}
}

// operations: the API document has the maps under ids that end as OGC asks.
func (a *mapAPI) operations(t *testing.T, all []apiCollection) {
	_, b := a.fetch(t, a.base+"/api?f=json")
	var doc struct {
		Paths map[string]struct {
			Get struct{ OperationID string }
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{"/map": "dataset.getMap", "/map/tiles": "getTileSetsList"}
	for _, c := range all {
		paths["/collections/"+url.PathEscape(c.ID)+"/map"] = "collection.getMap"
	}
	for path, suffix := range paths {
		if id := doc.Paths[path].Get.OperationID; !strings.HasSuffix(id, suffix) {
			t.Errorf("%s is %q, want an id that ends in %s", path, id, fmt.Sprint(suffix))
		}
	}
}
