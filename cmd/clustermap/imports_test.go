package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowedImports says which packages of ours each package of ours may import.
// Imports go one way: cmd -> server -> geo/* -> geo; the page and the data are
// handed to the server as fs.FS. A new package must add its line.
var allowedImports = map[string][]string{
	"clustermap/cmd/clustermap":              {"clustermap/data", "clustermap/geo", "clustermap/geo/archive", "clustermap/geo/cql", "clustermap/geo/crs", "clustermap/geo/gazetteer", "clustermap/geo/ingest", "clustermap/geo/pyramid", "clustermap/geo/table", "clustermap/geo/tile", "clustermap/server", "clustermap/web"},
	"clustermap/cmd/mkatlas":                 {"clustermap/data", "clustermap/geo", "clustermap/geo/gazetteer", "clustermap/geo/ingest", "clustermap/geo/table"},
	"clustermap/data":                        {},
	"clustermap/geo":                         {},
	"clustermap/geo/archive":                 {"clustermap/geo", "clustermap/geo/tile"},
	"clustermap/geo/cql":                     {"clustermap/geo", "clustermap/geo/crs"},
	"clustermap/geo/crs":                     {},
	"clustermap/geo/draw":                    {},
	"clustermap/geo/export":                  {"clustermap/geo", "clustermap/geo/crs"},
	"clustermap/geo/gazetteer":               {"clustermap/geo"},
	"clustermap/geo/ingest":                  {"clustermap/geo", "clustermap/geo/crs", "clustermap/geo/gazetteer", "clustermap/geo/table"},
	"clustermap/geo/pyramid":                 {"clustermap/geo", "clustermap/geo/crs"},
	"clustermap/geo/render":                  {"clustermap/geo", "clustermap/geo/crs", "clustermap/geo/draw", "clustermap/geo/pyramid"},
	"clustermap/geo/stat/autocorr":           {},
	"clustermap/geo/stat/dbscan":             {},
	"clustermap/geo/stat/internal/reference": {},
	"clustermap/geo/stat/kernel":             {},
	"clustermap/geo/stat/share":              {},
	"clustermap/geo/stat":                    {"clustermap/geo", "clustermap/geo/crs", "clustermap/geo/pyramid", "clustermap/geo/stat/autocorr", "clustermap/geo/stat/dbscan", "clustermap/geo/stat/kernel", "clustermap/geo/stat/pattern", "clustermap/geo/stat/share"},
	"clustermap/geo/stat/pattern":            {},
	"clustermap/geo/table":                   {"clustermap/geo", "clustermap/geo/crs"},
	"clustermap/geo/tile":                    {"clustermap/geo", "clustermap/geo/crs", "clustermap/geo/pyramid"},
	"clustermap/server":                      {"clustermap/geo", "clustermap/geo/archive", "clustermap/geo/cql", "clustermap/geo/crs", "clustermap/geo/draw", "clustermap/geo/export", "clustermap/geo/gazetteer", "clustermap/geo/ingest", "clustermap/geo/pyramid", "clustermap/geo/render", "clustermap/geo/stat", "clustermap/geo/table", "clustermap/geo/tile"},
	"clustermap/web":                         {},
}

// TestImports holds the direction of imports. Tests of a package may also use
// the data and the page, but no package may use a command.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		seen[p.ImportPath] = true
		allowed, ok := allowedImports[p.ImportPath]
		if !ok {
			t.Errorf("%s has no line in allowedImports", p.ImportPath)
			continue
		}
		for _, imported := range ours(p.Imports) {
			if !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s; allowed are %v", p.ImportPath, imported, allowed)
			}
		}
		for _, imported := range ours(slices.Concat(p.TestImports, p.XTestImports)) {
			if strings.HasPrefix(imported, "clustermap/cmd/") && imported != p.ImportPath {
				t.Errorf("a test of %s imports %s", p.ImportPath, imported)
			}
		}
	}
	for path := range allowedImports {
		if !seen[path] {
			t.Errorf("allowedImports has a line for %s, which does not exist", path)
		}
	}
}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "clustermap/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

func ours(imports []string) []string {
	return slices.DeleteFunc(slices.Clone(imports), func(p string) bool {
		return !strings.HasPrefix(p, "clustermap/")
	})
}
