package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clustermap/geo/crs"
)

// fetch gets an address and its whole body.
func fetch(t *testing.T, address string) (*http.Response, []byte) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return resp, body
}

// download saves an answer in a file named as its Content-Disposition says.
func download(t *testing.T, address string) (file string) {
	t.Helper()
	resp, body := fetch(t, address)
	_, name, _ := strings.Cut(resp.Header.Get("Content-Disposition"), `filename="`)
	name, _, _ = strings.Cut(name, `"`)
	if resp.StatusCode != http.StatusOK || name == "" || strings.ContainsAny(name, `/\`) {
		t.Fatalf("%s: status %d, Content-Disposition %q: %.300s", address, resp.StatusCode, resp.Header.Get("Content-Disposition"), body)
	}
	if matched := resp.Header.Get("OGC-NumberMatched"); matched == "" {
		t.Errorf("%s: no OGC-NumberMatched", address)
	}
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// reread gives the features of a file as GDAL reads them, by the property key.
func reread(t *testing.T, file, key string, options ...string) map[string]feature {
	t.Helper()
	switch filepath.Ext(file) {
	case ".zip":
		file = "/vsizip/" + file
	case ".kmz":
		file = "/vsizip/" + file + "/doc.kml"
	}
	var doc struct{ Features []feature }
	out := client(t, "ogr2ogr", append([]string{"-f", "GeoJSON", "/vsistdout/", file, "-lco", "COORDINATE_PRECISION=9"}, options...)...)
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%s: %v in %.300s", file, err, out)
	}
	all := make(map[string]feature)
	for _, f := range doc.Features {
		all[fmt.Sprint(f.Properties[key])] = f
	}
	if len(all) != len(doc.Features) {
		t.Fatalf("%s: %d features with %d different values of %s", file, len(doc.Features), len(all), key)
	}
	return all
}

// TestFormatsInGDAL takes the clusters home in each format, opens each with GDAL,
// and compares every feature.
func TestFormatsInGDAL(t *testing.T) {
	address := start(t).url
	want := make(map[string]feature)
	for _, f := range clusters(t) {
		want[f.Properties["name_zh"].(string)] = f
	}
	drivers := string(client(t, "ogrinfo", "--formats"))
	for _, format := range []struct {
		name    string
		options []string
		flat    bool // points as columns
	}{
		{name: "geojson"}, {name: "geojsonseq"}, {name: "ndjson"}, {name: "gpkg"}, {name: "fgb"}, {name: "kml"}, {name: "kmz"},
		{name: "shp"}, {name: "xlsx", flat: true, options: []string{"Features"}},
		{name: "csv", options: []string{"-oo", "X_POSSIBLE_NAMES=lon*,x", "-oo", "Y_POSSIBLE_NAMES=lat*,y", "-oo", "AUTODETECT_TYPE=YES"}},
	} {
		t.Run(format.name, func(t *testing.T) {
			file := download(t, address+"/collections/clusters/items?download=true&f="+format.name)
			got := reread(t, file, "name_zh", format.options...)
			if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
				t.Fatalf("%s has %d features %v, want %d", file, len(a), a, len(b))
			}
			for name, f := range want {
				compareFeature(t, name, got[name], f, format.flat)
			}
		})
	}
	t.Run("parquet", func(t *testing.T) {
		resp, err := http.Get(address + "/collections/clusters/items?f=parquet")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusBadRequest {
			return // not among the formats
		}
		if strings.Contains(drivers, "Parquet") {
			reread(t, download(t, address+"/collections/clusters/items?download=true&f=parquet"), "name_zh")
		}
	})
}

// compareFeature compares the point and what every format can carry of the
// properties.
func compareFeature(t *testing.T, name string, got, want feature, flat bool) {
	t.Helper()
	if !flat {
		if got.Geometry == nil {
			t.Errorf("%s has no geometry", name)
			return
		}
		a, b := positions(got.Geometry.Coordinates), positions(want.Geometry.Coordinates)
		if len(a) != 1 || math.Abs(a[0][0]-b[0][0]) > 1e-9 || math.Abs(a[0][1]-b[0][1]) > 1e-9 {
			t.Errorf("%s is at %v, want %v", name, a, b)
		}
	}
	for _, p := range []string{"industry", "level", "adcode", "share_china_pct", "year"} {
		w, ok := want.Properties[p]
		if !ok {
			continue
		}
		g, ok := got.Properties[p]
		if !ok && len(p) > 10 { // as Shapefiles have it
			g = got.Properties[p[:10]]
		}
		if w == nil && g != nil && fmt.Sprint(g) != "" || w != nil && fmt.Sprint(g) != fmt.Sprint(w) {
			t.Errorf("%s: %s is %v, want %v", name, p, g, w)
		}
	}
}

// TestFormatsInCRS opens files in other systems, which GDAL has to name as the
// server does and to bring back where they were.
func TestFormatsInCRS(t *testing.T) {
	address := start(t).url
	want := make(map[string]feature)
	for _, f := range clusters(t) {
		want[f.Properties["name_zh"].(string)] = f
	}
	for _, code := range []string{"4490", "3857", "4526", "4549", "32650"} {
		system, ok := crs.Lookup("EPSG:" + code)
		if !ok {
			t.Fatal("EPSG:" + code)
		}
		for _, f := range []string{"gpkg", "fgb", "shp"} {
			t.Run(code+"/"+f, func(t *testing.T) {
				file := download(t, address+"/collections/clusters/items?download=true&f="+f+"&crs="+url.QueryEscape(system.URI()))
				options := []string{"-t_srs", "EPSG:4326"}
				for name, g := range reread(t, file, "name_zh", options...) {
					a, b := positions(g.Geometry.Coordinates), positions(want[name].Geometry.Coordinates)
					if math.Abs(a[0][0]-b[0][0]) > 1e-7 || math.Abs(a[0][1]-b[0][1]) > 1e-7 {
						t.Fatalf("%s is at %v, want %v", name, a[0], b[0])
					}
				}
			})
		}
	}
}

// TestGeoPackageInQGIS edits a downloaded file in QGIS, which keeps the R-tree
// by the triggers of the file.
func TestGeoPackageInQGIS(t *testing.T) {
	address := start(t).url
	file := download(t, address+"/collections/clusters/items?download=true&f=gpkg")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	out := client(t, "/usr/bin/python3", filepath.Join("testdata", "qgis", "edit.py"), file)
	var seen struct {
		Valid         bool
		Before, After int
		InBox         int
		Errors        []string
		CRS           string
		Renamed       string
	}
	if err := json.Unmarshal(out[strings.LastIndexByte(strings.TrimSpace(string(out)), '\n')+1:], &seen); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	if !seen.Valid || seen.Before != 40 || seen.After != 40 || seen.InBox != 1 || seen.Renamed != "改名" || len(seen.Errors) > 0 || seen.CRS != "EPSG:4326" {
		t.Errorf("QGIS edits the GeoPackage with this result: %+v", seen)
	}
}
