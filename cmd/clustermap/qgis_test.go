package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// qgisLayer is what QGIS saw of a layer.
type qgisLayer struct {
	Valid    bool
	Error    string
	CRS      string
	Extent   [4]float64
	Count    int
	South    int // features in the southern half of the extent
	Fields   map[string]string
	Features []struct {
		WKT        string
		Properties map[string]any
	}
}

// qgis opens layers of a server in Debian's QGIS, without a window.
func qgis(t *testing.T, address string, layers ...string) []qgisLayer {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	out := client(t, "/usr/bin/python3", append([]string{filepath.Join("testdata", "qgis", "walk.py"), address}, layers...)...)
	var all []qgisLayer
	if err := json.Unmarshal(out[strings.LastIndexByte(strings.TrimSpace(string(out)), '\n')+1:], &all); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	for i, l := range all {
		if !l.Valid {
			t.Fatalf("QGIS refuses the layer %s: %s", layers[i], l.Error)
		}
	}
	return all
}

// TestQGIS opens a layer, a filtered one, and one of several pages.
func TestQGIS(t *testing.T) {
	const firms = 1234
	var b strings.Builder
	for i := range firms {
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d.5,%d.25]},"properties":{"n":%d,"trade":"%s"}}`+"\n",
			i, i%180, i%60, i, []string{"silk", "shoes"}[i%2])
	}
	file := filepath.Join(t.TempDir(), "firms.ndjson")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	address := start(t, "-atlas", file).url
	all := clusters(t)
	seen := qgis(t, address, "clusters", `clusters|"industry" = 'ceramics'`, "firms")

	layer := seen[0]
	if len(layer.Features) != len(all) || layer.Count != len(all) {
		t.Errorf("QGIS reads %d clusters and counts %d, want %d", len(layer.Features), layer.Count, len(all))
	}
	names := map[any]bool{}
	for _, f := range layer.Features {
		names[f.Properties["name_zh"]] = true
	}
	for id, f := range all {
		if !names[f.Properties["name_zh"]] {
			t.Errorf("QGIS does not see %s, %v", id, f.Properties["name_zh"])
		}
	}
	ceramics := len(ids(all, func(f feature) bool { return f.Properties["industry"] == "ceramics" }))
	if got := len(seen[1].Features); got != ceramics || ceramics == 0 {
		t.Errorf("QGIS reads %d clusters of ceramics, want %d", got, ceramics)
	}
	met := map[any]bool{}
	for _, f := range seen[2].Features {
		met[f.Properties["n"]] = true
	}
	if len(met) != firms || len(seen[2].Features) != firms {
		t.Errorf("QGIS walks %d features, %d of them different; want %d", len(seen[2].Features), len(met), firms)
	}
	if s := seen[2].South; s == 0 || s >= firms {
		t.Errorf("QGIS finds %d features in the southern half of %d", s, firms)
	}
}
