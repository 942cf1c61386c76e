package table

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/export"
)

// sampleText has every kind of geometry and value.
const sampleText = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[120.5,30.5]},"properties":{"名称":"许村","家数":62700,"占比":0.25,"老":true}},
{"type":"Feature","id":"b","geometry":{"type":"MultiPoint","coordinates":[[120,30],[121,31]]},"properties":{"名称":"海宁","家数":-3,"占比":null,"老":false}},
{"type":"Feature","id":"c","geometry":{"type":"LineString","coordinates":[[120,30],[121,31]]},"properties":{"名称":"线"}},
{"type":"Feature","id":"d","geometry":{"type":"Polygon","coordinates":[[[120,30],[124,30],[124,34],[120,34],[120,30]],[[121,31],[121,32],[122,32],[122,31],[121,31]]]},"properties":{"名称":"带洞"}},
{"type":"Feature","id":"e","geometry":{"type":"MultiPolygon","coordinates":[[[[120,30],[121,30],[121,31],[120,30]]],[[[125,30],[126,30],[126,31],[125,30]]]]},"properties":{"名称":"两片"}},
{"type":"Feature","id":"f","geometry":null,"properties":{"名称":"无"}}]}`

// tool runs a program of Debian's gdal-bin.
func tool(t testing.TB, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s; Debian has it in gdal-bin", name, strings.Join(args, " "), err, out)
	}
}

// byGDAL converts a GeoJSON text to a file of GDAL's.
func byGDAL(t testing.TB, text, name string, args ...string) []byte {
	t.Helper()
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in.geojson"), filepath.Join(folder, name)
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "ogr2ogr", append(args, out, in)...)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// byExport converts a GeoJSON text to a file of our own.
func byExport(t testing.TB, text, format string, system *crs.CRS) []byte {
	t.Helper()
	x, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "t.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	opt := export.Options{View: export.View{CRS: system}, Format: export.Format{Name: format}, ID: "places", Schema: x.Schema(), Lang: "zh", TempDir: t.TempDir()}
	err = export.Write(t.Context(), &b, func(yield func(geo.Feature, error) bool) {
		for i := range x.Len() {
			if !yield(x.At(uint32(i)), nil) {
				return
			}
		}
	}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read is a file as layers shows it.
func read(t testing.TB, name string, data []byte, opt Options) string {
	t.Helper()
	f, err := openData(t, name, data, opt)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return layers(t, f)
}
