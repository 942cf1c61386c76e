package export

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// gdal runs a program of GDAL and returns what it prints.
func gdal(t testing.TB, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s; Debian has it in gdal-bin", name, strings.Join(args, " "), err, complaints.String())
	}
	if complaints.Len() > 0 {
		t.Errorf("%s %s complains: %s", name, strings.Join(args, " "), complaints.String())
	}
	return out.String()
}

func load(t testing.TB, text, schema string) *geo.Index {
	t.Helper()
	opt := geo.ReadOptions{Name: "test.geojson"}
	if schema != "" {
		opt.Schema = []byte(schema)
	}
	x, err := geo.Read(strings.NewReader(text), opt)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

// export writes all features of x in a format into a file of a new folder. A
// shapefile's zip is taken apart there.
func export(t testing.TB, x *geo.Index, format string, change func(*Options)) string {
	t.Helper()
	opt := Options{
		Format: Format{Name: format}, ID: "产业集群 \"a\"", Link: "https://example.org/collections/a", Title: geo.Text{EN: "Clusters", ZH: "产业集群"}, Lang: "zh",
		Schema: x.Schema(), TempDir: t.TempDir(), About: []Fact{{Name: geo.Text{EN: "Filter", ZH: "筛选"}, Value: "全部"}},
	}
	if change != nil {
		change(&opt)
	}
	var size int64 = -1
	opt.Size = func(n int64) { size = n }
	path := filepath.Join(t.TempDir(), "out."+format)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(t.Context(), f, x.Each(t.Context(), geo.Query{}), opt); err != nil {
		t.Fatal(err)
	}
	if info, err := f.Stat(); err != nil || info.Size() != size {
		t.Errorf("%s: length %d was told, %d came (%v)", format, size, info.Size(), err)
	}
	if left, _ := os.ReadDir(opt.TempDir); len(left) > 0 {
		t.Errorf("%s leaves %v", format, left)
	}
	if format == "shp" {
		return unzip(t, path)
	}
	return path
}

func unzip(t testing.TB, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := t.TempDir()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read is a feature that GDAL read, its numbers as they were written.
type read struct {
	ID         any            `json:"id"`
	Geometry   map[string]any `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

// readBack reads all layers of a file by ogr2ogr, features by their id column.
func readBack(t testing.TB, path string, args ...string) []read {
	t.Helper()
	var all []read
	for _, layer := range layersOf(t, path) {
		args := append([]string{"-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", "-lco", "WRITE_BBOX=NO", "/vsistdout/", path, layer}, args...)
		var doc struct{ Features []read }
		d := json.NewDecoder(strings.NewReader(gdal(t, "ogr2ogr", args...)))
		d.UseNumber()
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		all = append(all, doc.Features...)
	}
	return all
}

// layerType is what ogrinfo writes behind the name of a layer.
var layerType = regexp.MustCompile(` \((3D )?[A-Za-z ]+( \(any\))?\)$`)

func layersOf(t testing.TB, path string) (names []string) {
	t.Helper()
	for line := range strings.Lines(gdal(t, "ogrinfo", "-ro", "-q", path)) {
		_, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		names = append(names, layerType.ReplaceAllString(rest, ""))
	}
	return names
}

const kinds = `{"type":"Feature","id":"p","geometry":{"type":"Point","coordinates":[120.1,30.2]},"properties":{"名称":"点"}}
{"type":"Feature","id":"pz","geometry":{"type":"Point","coordinates":[120.1,30.2,12.5]},"properties":{"名称":"高点"}}
{"type":"Feature","id":"mp","geometry":{"type":"MultiPoint","coordinates":[[113,23],[114,24.5]]},"properties":{"名称":"多点"}}
{"type":"Feature","id":"l","geometry":{"type":"LineString","coordinates":[[113,23],[114,24.5],[115,24]]},"properties":{"名称":"线"}}
{"type":"Feature","id":"lz","geometry":{"type":"LineString","coordinates":[[113,23,1],[114,24.5,2],[115,24,-3]]},"properties":{"名称":"高线"}}
{"type":"Feature","id":"ml","geometry":{"type":"MultiLineString","coordinates":[[[113,23],[114,24.5]],[[115,25],[116,26]]]},"properties":{"名称":"多线"}}
{"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[[[110,20],[116,20],[116,26],[110,26],[110,20]],[[112,22],[112,24],[114,24],[114,22],[112,22]]]},"properties":{"名称":"面"}}
{"type":"Feature","id":"ma","geometry":{"type":"MultiPolygon","coordinates":[[[[110,20],[111,20],[111,21],[110,20]]],[[[112,20],[116,20],[116,26],[112,20]],[[114,21],[115,22],[115,21],[114,21]]]]},"properties":{"名称":"多面"}}
{"type":"Feature","id":"az","geometry":{"type":"Polygon","coordinates":[[[110,20,5],[116,20,6],[116,26,7],[110,20,5]]]},"properties":{"名称":"高面"}}
{"type":"Feature","id":"c","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[120,30]},{"type":"LineString","coordinates":[[113,23],[114,24.5]]}]},"properties":{"名称":"集"}}
{"type":"Feature","id":"n","geometry":null,"properties":{"名称":null}}`

func kindsIndex(t testing.TB, keep func(line string) bool) *geo.Index {
	var lines []string
	for line := range strings.Lines(kinds) {
		if keep(line) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return load(t, collection(lines...), "")
}

// sameGeometry compares GeoJSON within a tolerance. A FlatGeobuf may add a height
// of 0, and a shapefile that too, make a multi of one of a single, and turn
// rings.
func sameGeometry(got, want map[string]any, within float64, format string) bool {
	if (got == nil) != (want == nil) {
		return false
	}
	if got == nil {
		return true
	}
	if format == "shp" {
		return cmpParts(loosely(got), loosely(want), within)
	}
	a, b := flatten(got, format == "fgb"), flatten(want, format == "fgb")
	if got["type"] != want["type"] || len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > within {
			return false
		}
	}
	return true
}

func cmpParts(a, b [][][3]float64, within float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for k := range a[i] {
			for c := range 3 {
				if math.Abs(a[i][k][c]-b[i][k][c]) > within {
					return false
				}
			}
		}
	}
	return true
}

// loosely is the lines, rings or points of a geometry, rings counterclockwise.
func loosely(g map[string]any) (parts [][][3]float64) {
	var walk func(v any) bool
	var line [][3]float64
	walk = func(v any) bool {
		list := v.([]any)
		if _, isNumber := list[0].(json.Number); isNumber {
			var p [3]float64
			for i, c := range list {
				p[i], _ = c.(json.Number).Float64()
			}
			line = append(line, p)
			return true
		}
		for _, e := range list {
			if last := walk(e); !last && len(line) > 0 {
				parts, line = append(parts, line), nil
			}
		}
		return false
	}
	walk(g["coordinates"])
	if len(line) > 0 {
		parts = append(parts, line)
	}
	for _, p := range parts {
		var area float64
		for i := range len(p) - 1 {
			area += p[i][0]*p[i+1][1] - p[i+1][0]*p[i][1]
		}
		if len(p) > 3 && p[0] == p[len(p)-1] && area < 0 {
			slices.Reverse(p)
		}
	}
	return parts
}

// flatten is the numbers of a geometry, with height 0 for a missing height if
// height.
func flatten(v any, height bool) (out []float64) {
	switch v := v.(type) {
	case map[string]any:
		if members, ok := v["geometries"]; ok {
			return flatten(members, height)
		}
		return flatten(v["coordinates"], height)
	case []any:
		for _, e := range v {
			out = append(out, flatten(e, height)...)
		}
		if _, isPosition := v[0].(json.Number); isPosition && height && len(v) == 2 {
			out = append(out, 0)
		}
	case json.Number:
		f, _ := v.Float64()
		return []float64{f}
	}
	return out
}

func sources(t testing.TB, x *geo.Index) map[string]read {
	t.Helper()
	out := make(map[string]read)
	for f, err := range x.Each(t.Context(), geo.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		var r read
		d := json.NewDecoder(bytes.NewReader(f.JSON()))
		d.UseNumber()
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		out[f.ID().String()] = r
	}
	return out
}

// TestGeometries reads every kind of geometry back by GDAL, alone and mixed.
func TestGeometries(t *testing.T) {
	selections := map[string]func(string) bool{"mixed": func(string) bool { return true }}
	for _, kind := range []string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"} {
		selections[kind] = func(line string) bool {
			return strings.Contains(line, `"geometry":{"type":"`+kind+`"`) || strings.Contains(line, `"geometry":null`)
		}
	}
	for _, format := range []string{"gpkg", "fgb", "shp"} {
		for name, keep := range selections {
			t.Run(format+"/"+name, func(t *testing.T) {
				x := kindsIndex(t, keep)
				want := sources(t, x)
				path := export(t, x, format, nil)
				seen := make(map[string]bool)
				for _, got := range readBack(t, path) {
					id, _ := got.Properties["id"].(string)
					src, ok := want[id]
					if !ok {
						t.Fatalf("an unknown id in %v", got)
					}
					seen[id] = true
					if got.Properties["名称"] != src.Properties["名称"] {
						t.Errorf("%s is called %v, want %v", id, got.Properties["名称"], src.Properties["名称"])
					}
					if format == "shp" && src.Geometry["type"] == "GeometryCollection" {
						continue
					}
					if !sameGeometry(got.Geometry, src.Geometry, 1e-13, format) {
						t.Errorf("%s is %v, want %v", id, got.Geometry, src.Geometry)
					}
				}
				if len(seen) != len(want) {
					t.Errorf("%d features came back of %d", len(seen), len(want))
				}
			})
		}
	}
}

// TestEmpty reads files of no feature.
func TestEmpty(t *testing.T) {
	x := kindsIndex(t, func(string) bool { return true })
	for _, format := range []string{"gpkg", "fgb", "shp"} {
		opt := Options{Format: Format{Name: format}, ID: "none", Schema: x.Schema(), TempDir: t.TempDir()}
		var b bytes.Buffer
		if err := Write(t.Context(), &b, func(func(geo.Feature, error) bool) {}, opt); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "none."+format)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if format == "shp" {
			path = unzip(t, path)
		}
		if got := readBack(t, path); len(got) != 0 {
			t.Errorf("%s: %v from nothing", format, got)
		}
	}
}

// TestTypes reads values of all types back by GDAL.
func TestTypes(t *testing.T) {
	const schema = `{"properties":{"big":{"type":["integer","null"]}}}`
	long := strings.Repeat("长", 100)
	x := load(t, collection(
		`{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"big":9007199254740993,"found":9007199254740995,"most":9223372036854775807,"whole":-5,"real":0.1,"tiny":1e-300,"yes":true,"day":"2024-02-29","at":"2024-02-29T12:30:00.5+08:00","list":["甲","乙"],"object":{"a":1},"text":"制造\n\"业\"","long":"`+long+`","mixed":1}}`,
		`{"type":"Feature","id":9,"geometry":{"type":"Point","coordinates":[3,4]},"properties":{"big":-12,"found":-9007199254740993,"most":0,"whole":7,"real":-1234.5,"tiny":2.5,"yes":false,"day":"1900-01-01","at":"2024-02-29T12:30:00Z","list":[],"object":null,"text":"","long":"x","mixed":"x"}}`,
		`{"type":"Feature","id":11,"geometry":null,"properties":{"big":null}}`,
	), schema)
	for _, format := range []string{"gpkg", "fgb", "shp"} {
		t.Run(format, func(t *testing.T) {
			got := make(map[string]read)
			for _, r := range readBack(t, export(t, x, format, nil), "-preserve_fid") {
				id := fmt.Sprint(r.Properties["id"])
				if r.Properties["id"] == nil {
					id = fmt.Sprint(r.ID)
				}
				got[id] = r
			}
			first, last := got["7"].Properties, got["11"].Properties
			want := map[string]any{
				"big": json.Number("9007199254740993"), "found": json.Number("9007199254740995"), "whole": json.Number("-5"), "real": json.Number("0.1"), "text": "制造\n\"业\"",
			}
			for name, v := range want {
				if first[name] != v {
					t.Errorf("%s is %v, want %v", name, first[name], v)
				}
			}
			if v, _ := first["tiny"].(json.Number); v == "" {
				t.Errorf("tiny is %v", first["tiny"])
			} else if f, _ := v.Float64(); f != 1e-300 {
				t.Errorf("tiny is %v", v)
			}
			if day := fmt.Sprint(first["day"]); !strings.HasPrefix(strings.ReplaceAll(day, "/", "-"), "2024-02-29") {
				t.Errorf("day is %v", day)
			}
			if format != "shp" {
				if at := strings.ReplaceAll(fmt.Sprint(first["at"]), "/", "-"); !strings.HasPrefix(at, "2024-02-29T04:30:00.5") && !strings.HasPrefix(at, "2024-02-29T12:30:00.500+08") {
					t.Errorf("at is %v", at)
				}
				if first["most"] != json.Number("9223372036854775807") {
					t.Errorf("most is %v", first["most"])
				}
				if first["yes"] != true || first["long"] != long {
					t.Errorf("yes %v, long %v", first["yes"], first["long"])
				}
				if list, _ := json.Marshal(first["list"]); string(list) != `["甲","乙"]` && first["list"] != `["甲","乙"]` {
					t.Errorf("list is %s", list)
				}
			} else if first["long"] != strings.Repeat("长", 84) {
				t.Errorf("long is %v", first["long"])
			}
			for name, v := range last {
				if v != nil && name != "id" && name != "fid" {
					t.Errorf("%s is %v where all are missing", name, v)
				}
			}
		})
	}
}

// hostile are names that some format cannot take as they are.
var hostile = []string{
	"population_2020", "population_2021", "POPULATION_2020", "fid", "FID", "geom", "geometry", "id", "ID", "rowid", "oid", "_rowid_", "select", "order",
	`a"b`, "a'b", "a`b;--", "[x]", "名称规模等级一", "名称规模等级二", " ", "a b", "ogc_fid", "shape_area", "1", "ß", "é\u0301", "tab\tname", "",
}

// TestHostileNames takes property names that clash with each other and with the
// words of the formats, and finds each value under a column of its own.
func TestHostileNames(t *testing.T) {
	var members []string
	for i, name := range hostile {
		key, _ := json.Marshal(name)
		members = append(members, fmt.Sprintf("%s:%d", key, 1000+i))
	}
	x := load(t, collection(
		`{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1,2]},"properties":{`+strings.Join(members, ",")+`}}`), "")
	for _, format := range []string{"gpkg", "fgb", "shp"} {
		t.Run(format, func(t *testing.T) {
			got := readBack(t, export(t, x, format, nil))
			if len(got) != 1 {
				t.Fatalf("%d features", len(got))
			}
			values := make(map[string]string)
			for name, v := range got[0].Properties {
				values[fmt.Sprint(v)] = name
			}
			for i, name := range hostile {
				if _, ok := values[strconv.Itoa(1000+i)]; !ok {
					t.Errorf("the value of %q is lost: %v", name, got[0].Properties)
				}
			}
		})
	}
}

// TestSystems writes in other systems, which GDAL turns back.
func TestSystems(t *testing.T) {
	x := kindsIndex(t, func(line string) bool { return strings.Contains(line, "Line") && !strings.Contains(line, "Coll") })
	want := sources(t, x)
	for _, format := range []string{"gpkg", "fgb", "shp"} {
		for _, code := range []string{"EPSG:4490", "EPSG:4326", "EPSG:4526", "EPSG:32649", "EPSG:3857"} {
			t.Run(format+"/"+code, func(t *testing.T) {
				c, _ := crs.Lookup(code)
				path := export(t, x, format, func(o *Options) { o.CRS = c })
				for _, layer := range layersOf(t, path) {
					if info := gdal(t, "ogrinfo", "-ro", "-so", path, layer); !strings.Contains(info, `ID["EPSG",`+strings.TrimPrefix(code, "EPSG:")+`]]`) {
						t.Errorf("GDAL takes it for another system: %s", info)
					}
				}
				for _, got := range readBack(t, path, "-t_srs", "OGC:CRS84") {
					id, _ := got.Properties["id"].(string)
					if !sameGeometry(got.Geometry, want[id].Geometry, 1e-9, format) {
						t.Errorf("%s is %v, want %v", id, got.Geometry, want[id].Geometry)
					}
				}
			})
		}
	}
}

// TestOutsideSystem refuses a feature where the CRS is not defined.
func TestOutsideSystem(t *testing.T) {
	x := load(t, `{"type":"Point","coordinates":[-60,10]}`, "")
	c, _ := crs.Lookup("EPSG:4526")
	for _, format := range []string{"gpkg", "fgb", "shp", "parquet"} {
		err := Write(t.Context(), io.Discard, x.Each(t.Context(), geo.Query{}), Options{Format: Format{Name: format}, Schema: x.Schema(), View: View{CRS: c}})
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != "crs" {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestLongTimes reads times with more digits than GDAL takes.
func TestLongTimes(t *testing.T) {
	x := load(t, collection(
		`{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{"t":"2024-03-10T02:30:00.123456789+08:00"}}`,
		`{"type":"Feature","id":2,"geometry":{"type":"Point","coordinates":[114,23]},"properties":{"t":"2024-03-10T02:30:00.123456789123Z"}}`,
		`{"type":"Feature","id":3,"geometry":{"type":"Point","coordinates":[115,23]},"properties":{"t":"2024-03-10T02:30:00+08:00"}}`), "")
	for _, format := range []string{"fgb", "gpkg"} {
		info := gdal(t, "ogrinfo", "-ro", "-q", "-al", export(t, x, format, nil))
		if got := strings.Count(info, "t (DateTime) = 2024/03/"); got != 3 {
			t.Errorf("%s: GDAL reads %d times: %s", format, got, info)
		}
	}
}

// TestSpatialFilter asks GDAL for boxes, which it answers by the index of the
// file, and compares with the Index.
func TestSpatialFilter(t *testing.T) {
	var features []string
	for i := range 3000 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%g,%g]},"properties":null}`,
			i+1, 73+float64(i*7919%6200)/100, 18+float64(i*104729%3500)/100))
	}
	features = append(features, `{"type":"Feature","id":5000,"geometry":null,"properties":null}`)
	x := load(t, collection(features...), "")
	for _, format := range []string{"gpkg", "fgb"} {
		path := export(t, x, format, func(o *Options) { o.ID = "points" })
		for _, box := range []orb.Bound{
			{Min: orb.Point{100, 25}, Max: orb.Point{110, 30}}, {Min: orb.Point{73, 18}, Max: orb.Point{73.5, 53}},
			{Min: orb.Point{0, 0}, Max: orb.Point{1, 1}}, {Min: orb.Point{0, 0}, Max: orb.Point{180, 90}},
		} {
			want, err := x.Count(t.Context(), geo.Query{Box: &box})
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			for _, v := range []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]} {
				args = append(args, strconv.FormatFloat(v, 'f', -1, 64))
			}
			info := gdal(t, "ogrinfo", append(append([]string{"-ro", "-so", "-spat"}, args...), path, "points")...)
			if !strings.Contains(info, fmt.Sprintf("Feature Count: %d\n", want)) {
				t.Errorf("%s in %v: want %d features, GDAL says %s", format, box, want, info)
			}
		}
	}
}

// TestGeoPackageRules checks what SQLite and the standard can tell of the file:
// no broken page, R-tree or reference, and a row for every feature.
func TestGeoPackageRules(t *testing.T) {
	x := kindsIndex(t, func(string) bool { return true })
	path := export(t, x, "gpkg", func(o *Options) { o.ID = "layer" })
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		"PRAGMA integrity_check":                                    "ok",
		"SELECT count(*) FROM pragma_foreign_key_check":             "0",
		"PRAGMA application_id":                                     "1196444487",
		"PRAGMA user_version":                                       "10300",
		"SELECT rtreecheck('rtree_layer_geom')":                     "ok",
		"SELECT count(*) FROM layer":                                "11",
		"SELECT count(*) FROM rtree_layer_geom":                     "10",
		"SELECT z FROM gpkg_geometry_columns":                       "2",
		"SELECT geometry_type_name FROM gpkg_geometry_columns":      "GEOMETRY",
		"SELECT count(*) FROM gpkg_spatial_ref_sys":                 "3",
		"SELECT count(*) FROM sqlite_master WHERE type='trigger'":   "6",
		"SELECT hex(substr(geom,1,4)) FROM layer WHERE id='p'":      "47500003",
		"SELECT identifier FROM gpkg_contents":                      "产业集群",
		"SELECT name FROM gpkg_data_columns WHERE column_name='名称'": "名称",
	} {
		var got string
		if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", query, got, want, err)
		}
	}
}

// TestTriggersAreGDALs compares the triggers with those of a file that GDAL makes.
func TestTriggersAreGDALs(t *testing.T) {
	x := kindsIndex(t, func(line string) bool { return strings.Contains(line, `"p"`) })
	ours := export(t, x, "gpkg", func(o *Options) { o.ID = "layer" })
	theirs := filepath.Join(t.TempDir(), "gdal.gpkg")
	gdal(t, "ogr2ogr", "-f", "GPKG", theirs, ours, "-nln", "layer")
	if a, b := triggersOf(t, ours), triggersOf(t, theirs); !slices.Equal(a, b) {
		t.Errorf("triggers\n%s\nwant\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
}

// triggersOf are the texts of the triggers of the R-tree without space and case.
func triggersOf(t *testing.T, path string) (list []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT sql FROM sqlite_master WHERE type='trigger' AND name LIKE 'rtree%' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.ToLower(strings.Join(strings.Fields(text), "")))
	}
	return list
}

// TestSameBytes exports twice: the same data give the same file.
func TestSameBytes(t *testing.T) {
	x := kindsIndex(t, func(string) bool { return true })
	for _, format := range []string{"gpkg", "fgb", "shp", "parquet"} {
		var files [2]bytes.Buffer
		for i := range files {
			if err := Write(t.Context(), &files[i], x.Each(t.Context(), geo.Query{}), Options{Format: Format{Name: format}, ID: "a", Schema: x.Schema()}); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
			t.Errorf("%s differs from one time to the next", format)
		}
	}
}

// TestShapefileNotes reads FIELDS.txt and the rings' directions.
func TestShapefileNotes(t *testing.T) {
	x := load(t, collection(`{"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]},"properties":{"population_2020":1,"population_2021":2,"note":"`+strings.Repeat("a", 300)+`"}}`), "")
	dir := export(t, x, "shp", func(o *Options) { o.ID = "a/b" })
	notes, err := os.ReadFile(filepath.Join(dir, "FIELDS.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"筛选: 全部", "https://example.org/collections/a", "population\tpopulation_2020", "populati_1\tpopulation_2021", "note:1 个超过 254 字节"} {
		if !strings.Contains(string(notes), want) {
			t.Errorf("FIELDS.txt lacks %q:\n%s", want, notes)
		}
	}
	shapes, err := os.ReadFile(filepath.Join(dir, "a_b.shp"))
	if err != nil {
		t.Fatal(err)
	}
	const first = 100 + 8 + 44 + 2*4 // header, record header, head of the polygon, parts
	var xy []float64
	for at := first; at < len(shapes); at += 8 {
		xy = append(xy, math.Float64frombits(binary.LittleEndian.Uint64(shapes[at:])))
	}
	if outer, hole := signedArea(xy[:10]), signedArea(xy[10:20]); outer != -32 || hole != 2 {
		t.Errorf("twice the areas are %g and %g, want -32 (clockwise) and 2", outer, hole)
	}
}

// TestWithoutGeometry writes tables.
func TestWithoutGeometry(t *testing.T) {
	x := kindsIndex(t, func(string) bool { return true })
	for _, format := range []string{"gpkg", "fgb", "shp"} {
		got := readBack(t, export(t, x, format, func(o *Options) { o.SkipGeometry, o.Properties = true, []string{} }))
		if len(got) != x.Len() {
			t.Errorf("%s: %d rows of %d", format, len(got), x.Len())
		}
		for _, r := range got {
			if _, ok := r.Properties["名称"]; ok || r.Geometry != nil {
				t.Errorf("%s has %v", format, r)
			}
		}
	}
}

// TestEditGeoPackage edits the file by GDAL, which keeps the R-tree by the
// triggers in it.
func TestEditGeoPackage(t *testing.T) {
	x := kindsIndex(t, func(line string) bool { return strings.Contains(line, `"Point"`) && !strings.Contains(line, "Coll") })
	path := export(t, x, "gpkg", func(o *Options) { o.ID = "layer" })
	count := func(box ...string) string {
		args := append(append([]string{"-ro", "-so", "-spat"}, box...), path, "layer")
		_, rest, _ := strings.Cut(gdal(t, "ogrinfo", args...), "Feature Count: ")
		n, _, _ := strings.Cut(rest, "\n")
		return n
	}
	if got := count("120", "30", "121", "31"); got != "2" {
		t.Errorf("%s features in the box, want 2", got)
	}
	for _, edit := range []string{
		`UPDATE layer SET geom = ST_GeomFromText('POINT(10 10)') WHERE fid = 1`,
		`INSERT INTO layer (geom, id) VALUES (ST_GeomFromText('POINT(11 11)'), 'new')`,
		`UPDATE layer SET fid = 50 WHERE fid = 2`,
		`UPDATE layer SET geom = NULL WHERE fid = 50`,
		`DELETE FROM layer WHERE fid = 50`,
	} {
		gdal(t, "ogrinfo", "-q", path, "-sql", edit)
	}
	if got := count("9", "9", "12", "12"); got != "2" {
		t.Errorf("%s features at the new places, want 2", got)
	}
	if got := count("120", "30", "121", "31"); got != "0" {
		t.Errorf("%s features at the old places, want none", got)
	}
	info := gdal(t, "ogrinfo", "-ro", "-so", path, "layer")
	if !strings.Contains(info, "Geometry: 3D Point") && !strings.Contains(info, "Geometry: Point") {
		t.Errorf("GDAL says %s", info)
	}
}

// TestTemporaryFilesGo looks for what is left after a cancellation, a writer
// that fails, a source that fails, a panic, and a file that is too large.
func TestTemporaryFilesGo(t *testing.T) {
	x := kindsIndex(t, func(string) bool { return true })
	all := x.Each(t.Context(), geo.Query{})
	broken := errors.New("broken")
	for _, format := range []string{"gpkg", "fgb", "shp", "parquet"} {
		dir := t.TempDir()
		opt := Options{Format: Format{Name: format}, ID: "x", Schema: x.Schema(), TempDir: dir}
		clean := func(what string) {
			t.Helper()
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%s leaves %v after %s", format, left, what)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := Write(ctx, io.Discard, func(yield func(geo.Feature, error) bool) {
			for f, err := range all {
				cancel()
				if !yield(f, err) {
					return
				}
			}
		}, opt)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v of a cancelled export", format, err)
		}
		clean("cancel")
		if err := Write(t.Context(), failingWriter{broken}, all, opt); !errors.Is(err, broken) {
			t.Errorf("%s: %v of a writer that fails", format, err)
		}
		clean("write error")
		if err := Write(t.Context(), io.Discard, failing(all, broken), opt); !errors.Is(err, broken) {
			t.Errorf("%s: %v of a source that fails", format, err)
		}
		clean("read error")
		func() {
			defer func() { _ = recover() }()
			_ = Write(t.Context(), io.Discard, func(func(geo.Feature, error) bool) { panic(broken) }, opt)
		}()
		clean("panic")
		opt.MaxBytes = 500
		var large *TooLargeError
		if err := Write(t.Context(), io.Discard, all, opt); !errors.As(err, &large) || large.Max != 500 {
			t.Errorf("%s: %v of a file that is too large", format, err)
		}
		clean("too large")
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func failing(all iter.Seq2[geo.Feature, error], err error) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for f, e := range all {
			if !yield(f, e) {
				return
			}
			break
		}
		yield(geo.Feature{}, err)
	}
}
