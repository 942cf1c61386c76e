package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The inputs as make inputs leaves them, seen from this directory.
var here = inputs{npm: "node_modules", deb: "../../out/inputs/deb", atlas: "../../data"}

// requireInputs fails where the packages are missing: a test that the files are
// what the program gives must not pass without them.
func requireInputs(t *testing.T) {
	t.Helper()
	for _, path := range []string{filepath.Join(here.npm, "gb2260"), filepath.Join(here.deb, worldMap)} {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("%v\nThe inputs are fetched by: make inputs", err)
		}
	}
}

// The committed files are, byte for byte, what the program gives.
func TestFilesAreComputed(t *testing.T) {
	requireInputs(t)
	files, err := here.compute()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		got, err := os.ReadFile(filepath.Join(here.atlas, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if want := files[name]; !bytes.Equal(got, want) {
			n := 1 + bytes.Count(got[:commonPrefix(got, want)], []byte("\n"))
			t.Errorf("data/%s differs from what mkatlas gives, first in line %d; to write it anew: make atlas", name, n)
		}
	}
	for _, dir := range []string{"base", "codes", "gazetteer"} {
		entries, err := os.ReadDir(filepath.Join(here.atlas, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if name := dir + "/" + e.Name(); files[name] == nil {
				t.Errorf("data/%s is not computed by mkatlas", name)
			}
		}
	}
}

func commonPrefix(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "needs one argument"},
		{[]string{"a", "b"}, "needs one argument"},
		{[]string{"-npm", "nowhere", "-deb", "nowhere", "data"}, "nowhere"},
	} {
		err := run(c.args, new(strings.Builder))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("run(%q) = %v, want an error with %q", c.args, err, c.want)
		}
	}
}

// A cluster of a whole province stands at the centroid of the province's main
// land, in Natural Earth.
func TestProvinceClustersAtCentroid(t *testing.T) {
	requireInputs(t)
	clusters, err := readCollection(here.atlas, "clusters.geojson")
	if err != nil {
		t.Fatal(err)
	}
	ne, err := readNaturalEarth(here.deb)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(ne)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range clusters {
		var p struct{ Level, Adcode, Precision string }
		if err := json.Unmarshal(c.Properties, &p); err != nil {
			t.Fatal(err)
		}
		if p.Level != "province" {
			continue
		}
		found++
		largest := w.province(p.Adcode)[:1]
		xy, _ := geometry(largest).Centroid().XY()
		want := toVertex(xy)
		if got := string(c.Geometry); got != string(pointJSON(want)) || !largest[0][0].contains(want) {
			t.Errorf("%s stands at %s, the centroid is %s", c.ID, got, pointJSON(want))
		}
		if p.Precision != "approximate" {
			t.Errorf("%s: precision is %q, want approximate", c.ID, p.Precision)
		}
	}
	if found == 0 {
		t.Error("no cluster is of level province")
	}
}
