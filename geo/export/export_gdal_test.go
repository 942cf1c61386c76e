package export

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clustermap/geo"
)

// written to a file of a new folder.
func writtenFile(t *testing.T, x *geo.Index, format string, opt Options) string {
	t.Helper()
	f, _ := ByName(format)
	path := filepath.Join(t.TempDir(), "out"+f.Ext)
	if err := os.WriteFile(path, written(t, x, format, opt), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// plainText is what a value is in a format that knows texts only.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "1"
		}
		return "0"
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return strconv.FormatFloat(n, 'g', -1, 64)
	case string:
		if v == "true" || v == "false" {
			return plainText(v == "true")
		}
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return strconv.FormatFloat(n, 'g', -1, 64)
		}
		var nested any
		if strings.ContainsAny(v[:min(1, len(v))], "[{") && json.Unmarshal([]byte(v), &nested) == nil {
			return plainText(nested)
		}
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var nested any
	if err := json.Unmarshal(b, &nested); err != nil {
		panic(err)
	}
	b, _ = json.Marshal(nested)
	return string(b)
}

// TestReadBack compares what GDAL reads from each text format with the source,
// feature by feature: the clusters of the product, and every kind of geometry.
func TestReadBack(t *testing.T) {
	text, err := os.ReadFile("../../data/clusters.geojson")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile("../../data/clusters.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	inputs := map[string]*geo.Index{
		"clusters": load(t, string(text), string(schema)),
		"kinds":    kindsIndex(t, func(string) bool { return true }),
	}
	for _, tt := range []struct {
		format string
		args   []string
		opt    Options
	}{
		{format: "geojson"},
		{format: "geojsonseq"},
		{format: "ndjson"},
		{format: "jsonfg"},
		{format: "csv", opt: Options{Points: "wkt"}, args: []string{"-oo", "KEEP_GEOM_COLUMNS=NO"}},
		{format: "kml"},
		{format: "kmz"},
	} {
		for name, x := range inputs {
			t.Run(tt.format+"/"+name, func(t *testing.T) {
				opt := tt.opt
				opt.Schema, opt.ID = x.Schema(), "c"
				path := writtenFile(t, x, tt.format, opt)
				compareReadBack(t, sources(t, x), readBack(t, path, tt.args...), tt.format)
			})
		}
	}
}

func compareReadBack(t *testing.T, want map[string]read, all []read, format string) {
	t.Helper()
	seen := make(map[string]bool)
	for _, got := range all {
		id := plainID(got)
		src, ok := want[id]
		if !ok || seen[id] {
			t.Fatalf("%q is unknown or comes twice: %v", id, got)
		}
		seen[id] = true
		if !sameGeometry(got.Geometry, src.Geometry, 1e-12, format) {
			t.Errorf("%s: got %v, want %v", id, got.Geometry, src.Geometry)
		}
		for _, name := range slices.Sorted(maps.Keys(src.Properties)) {
			if got, want := plainText(got.Properties[name]), plainText(src.Properties[name]); got != want {
				t.Errorf("%s: %s is %q, want %q", id, name, got, want)
			}
		}
	}
	if len(seen) != len(want) {
		t.Errorf("got %d features, want %d", len(seen), len(want))
	}
}

// plainID is the id of a feature, or the text in its column.
func plainID(f read) string {
	for _, v := range []any{f.Properties["id"], f.ID} {
		switch v := v.(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return ""
}

// TestReadBackXLSX compares the sheet of features as GDAL reads it.
func TestReadBackXLSX(t *testing.T) {
	text, err := os.ReadFile("../../data/clusters.geojson")
	if err != nil {
		t.Fatal(err)
	}
	x := load(t, string(text), "")
	want := sources(t, x)
	for _, src := range want {
		position := src.Geometry["coordinates"].([]any)
		src.Properties["lon"], src.Properties["lat"] = position[0], position[1]
		clear(src.Geometry)
	}
	path := writtenFile(t, x, "xlsx", Options{})
	var rows []read
	for _, row := range readBack(t, path) {
		if _, ok := row.Properties["lon"]; ok { // not of the other sheet
			row.Geometry = map[string]any{}
			rows = append(rows, row)
		}
	}
	compareReadBack(t, want, rows, "xlsx")
}

// TestHostile gives names and values that break careless writers to GDAL.
func TestHostile(t *testing.T) {
	long := strings.Repeat("长", 1<<20/3)
	values := map[string]any{
		`a"b`: `c"d`, "a,b": "c,d", "new\nline": "x\r\ny", "<tag>": "</SimpleData>&amp;", "名称": "😀 集群",
		"{json}": "{\"a\":", " spaces ": " spaces ", "back\\slash": "\\n", long: long, "'": "'", "a;b": "a;b",
	}
	properties, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	x := load(t, collection(`{"type":"Feature","id":"a b/c","geometry":{"type":"Point","coordinates":[1,2]},"properties":`+string(properties)+`}`,
		`{"type":"Feature","id":"d","geometry":null,"properties":{"名称":7,"'":true,"other":[1,{"a":null}]}}`), "")
	for _, format := range []string{"geojson", "geojsonseq", "ndjson", "jsonfg", "kml"} {
		t.Run(format, func(t *testing.T) {
			var opt Options
			if format == "kml" { // whose reader in GDAL knows no such names
				opt.Properties = []string{`a"b`, "a,b", "<tag>", "名称", "back\\slash", "a;b", "'", "other"}
			}
			all := readBack(t, writtenFile(t, x, format, opt))
			if len(all) != 2 {
				t.Fatalf("got %d features", len(all))
			}
			for name, want := range values {
				if opt.Properties != nil && !slices.Contains(opt.Properties, name) {
					continue
				}
				if got := all[0].Properties[name]; got != want {
					t.Errorf("%.20q is %.40q, want %.40q", name, got, want)
				}
			}
			if got := plainText(all[1].Properties["other"]); got != `[1,{"a":null}]` {
				t.Errorf("other is %s", got)
			}
		})
	}
	t.Run("csv", func(t *testing.T) { // whose reader in GDAL changes names
		text := strings.TrimPrefix(string(written(t, x, "csv", Options{})), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range rows[0] {
			if want, ok := values[name]; ok && rows[1][i] != strings.ReplaceAll(want.(string), "\r", "") {
				t.Errorf("%.20q is %.40q, want %.40q", name, rows[1][i], want)
			}
		}
		if len(rows) != 3 || len(rows[0]) != len(values)+4 {
			t.Errorf("got %d rows of %d columns", len(rows), len(rows[0]))
		}
	})
}
