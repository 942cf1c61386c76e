package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// readParquet reads the rows of a file by the schema that stands in it. Values
// have the Go types of JSON, but int64 for whole numbers, time.Time for days and
// instants; a geometry is its WKB.
func readParquet(t testing.TB, path string) (*parquet.File, []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		for {
			var buf [100]parquet.Row
			n, err := rows.ReadRows(buf[:])
			for _, row := range buf[:n] {
				all = append(all, decodeRow(t, f, row))
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return f, all
}

func decodeRow(t testing.TB, f *parquet.File, row parquet.Row) map[string]any {
	t.Helper()
	out := make(map[string]any)
	columns := f.Schema().Columns()
	for _, v := range row {
		path := columns[v.Column()]
		leaf, _ := f.Schema().Lookup(path...)
		name, got := path[0], decodeValue(leaf, v)
		switch {
		case len(path) == 1:
			out[name] = got
		case len(path) == 2: // a side of the box
			if got != nil {
				box, _ := out[name].(map[string]float64)
				if box == nil {
					box = make(map[string]float64)
				}
				box[path[1]] = got.(float64)
				out[name] = box
			}
		case v.DefinitionLevel() == 0:
			out[name] = nil
		case v.DefinitionLevel() == 1:
			out[name] = []any{}
		default:
			list, _ := out[name].([]any)
			out[name] = append(list, got)
		}
	}
	return out
}

func decodeValue(leaf parquet.LeafColumn, v parquet.Value) any {
	logical := leaf.Node.Type().LogicalType()
	kind := ""
	if logical != nil {
		kind = logical.String()
	}
	switch {
	case v.IsNull():
		return nil
	case v.Kind() == parquet.Boolean:
		return v.Boolean()
	case v.Kind() == parquet.Int32:
		return time.Unix(int64(v.Int32())*24*60*60, 0).UTC()
	case v.Kind() == parquet.Int64 && strings.HasPrefix(kind, "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS"):
		return time.UnixMicro(v.Int64()).UTC()
	case v.Kind() == parquet.Int64:
		return v.Int64()
	case v.Kind() == parquet.Double:
		return v.Double()
	case logical == nil:
		return bytes.Clone(v.ByteArray())
	case kind == "JSON":
		return json.RawMessage(bytes.Clone(v.ByteArray()))
	}
	return string(v.ByteArray())
}

// geometryOf reads WKB by another package than ours, as GeoJSON.
func geometryOf(t testing.TB, v any) map[string]any {
	t.Helper()
	if v == nil {
		return nil
	}
	g, err := geom.UnmarshalWKB(v.([]byte))
	if err != nil {
		t.Fatal(err)
	}
	b, err := g.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

type anyMetadata struct {
	Version string `json:"version"`
	Primary string `json:"primary_column"`
	Columns map[string]struct {
		Encoding string                         `json:"encoding"`
		Types    []string                       `json:"geometry_types"`
		CRS      *json.RawMessage               `json:"crs"`
		Box      []float64                      `json:"bbox"`
		Covering map[string]map[string][]string `json:"covering"`
	} `json:"columns"`
}

// checkGeo holds the metadata, the columns and the rows against the rules of
// GeoParquet 1.1.0, and returns the metadata.
func checkGeo(t testing.TB, f *parquet.File, rows []map[string]any) anyMetadata {
	t.Helper()
	text, ok := f.Lookup("geo")
	if !ok {
		t.Fatal("no metadata under the key geo")
	}
	var m anyMetadata
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	c := m.Columns[m.Primary]
	if m.Version != "1.1.0" || len(m.Columns) != 1 || c.Encoding != "WKB" || c.Types == nil {
		t.Errorf("metadata %s", text)
	}
	if geometry, ok := f.Schema().Lookup(m.Primary); !ok || geometry.Node.Type().Kind() != parquet.ByteArray || !geometry.Node.Optional() {
		t.Errorf("column %s is no optional byte array: %s", m.Primary, f.Schema())
	}
	seen := make(map[string]bool)
	box, low, high := noBox(), math.Inf(1), math.Inf(-1)
	for _, side := range []string{"xmin", "ymin", "xmax", "ymax"} {
		path := c.Covering["bbox"][side]
		if leaf, ok := f.Schema().Lookup(path...); !ok || len(path) != 2 || path[1] != side || leaf.Node.Type().Kind() != parquet.Double {
			t.Errorf("covering of %s is %v: %s", side, path, f.Schema())
		}
	}
	for _, row := range rows {
		sides, _ := row[c.Covering["bbox"]["xmin"][0]].(map[string]float64)
		g := geometryOf(t, row[m.Primary])
		if (g == nil) != (sides == nil) {
			t.Errorf("geometry %v, box %v", g, sides)
		}
		if g == nil {
			continue
		}
		read, _ := geom.UnmarshalWKB(row[m.Primary].([]byte))
		name := read.Type().String()
		if read.CoordinatesType() == geom.DimXYZ {
			name += " Z"
		}
		seen[name] = true
		own := noBox()
		for p := range positionsOf(g) {
			own = grown(own, orb.Bound{Min: orb.Point{p[0], p[1]}, Max: orb.Point{p[0], p[1]}})
			if len(p) > 2 {
				low, high = min(low, p[2]), max(high, p[2])
			}
		}
		if want := (map[string]float64{"xmin": own.Min[0], "ymin": own.Min[1], "xmax": own.Max[0], "ymax": own.Max[1]}); !cmp.Equal(sides, want) {
			t.Errorf("box %v of %v", sides, g)
		}
		box = grown(box, own)
	}
	var types []string
	for name := range seen {
		types = append(types, name)
	}
	slices.Sort(types)
	if !slices.Equal(c.Types, types) {
		t.Errorf("geometry_types %q, want %q", c.Types, types)
	}
	var want []float64
	switch {
	case low <= high:
		want = []float64{box.Min[0], box.Min[1], low, box.Max[0], box.Max[1], high}
	case len(types) > 0:
		want = []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	}
	if !slices.Equal(c.Box, want) {
		t.Errorf("bbox %v, want %v", c.Box, want)
	}
	return m
}

// positionsOf are all positions of a GeoJSON geometry.
func positionsOf(v any) func(func([]float64) bool) {
	return func(yield func([]float64) bool) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range []string{"coordinates", "geometries"} {
				for p := range positionsOf(v[key]) {
					if !yield(p) {
						return
					}
				}
			}
		case []any:
			if len(v) > 0 {
				if _, ok := v[0].(json.Number); ok {
					yield(flatten(v, false))
					return
				}
			}
			for _, e := range v {
				for p := range positionsOf(e) {
					if !yield(p) {
						return
					}
				}
			}
		}
	}
}

// TestParquetGeometries reads every kind of geometry back, alone and mixed.
func TestParquetGeometries(t *testing.T) {
	kindsOf := []string{"", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
	for _, kind := range kindsOf {
		t.Run(kind, func(t *testing.T) {
			x := kindsIndex(t, func(line string) bool {
				return kind == "" || strings.Contains(line, `"geometry":{"type":"`+kind+`"`) || strings.Contains(line, `"geometry":null`)
			})
			want := sources(t, x)
			f, rows := readParquet(t, export(t, x, "parquet", nil))
			if m := checkGeo(t, f, rows); m.Columns["geometry"].CRS != nil {
				t.Error("a crs is written for the one that readers assume")
			}
			if len(rows) != len(want) {
				t.Errorf("%d features came back of %d", len(rows), len(want))
			}
			for _, row := range rows {
				id, _ := row["id"].(string)
				src := want[id]
				if got := geometryOf(t, row["geometry"]); !sameGeometry(got, src.Geometry, 0, "parquet") {
					t.Errorf("%s is %v, want %v", id, got, src.Geometry)
				}
				if row["名称"] != src.Properties["名称"] {
					t.Errorf("%s is called %v, want %v", id, row["名称"], src.Properties["名称"])
				}
			}
		})
	}
}

// TestParquetTypes reads values of all types back.
func TestParquetTypes(t *testing.T) {
	const schema = `{"properties":{"big":{"type":["integer","null"]},"codes":{"type":"array","items":{"type":"integer"}}}}`
	x := load(t, collection(
		`{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"big":9007199254740993,"whole":-5,"real":0.1,"yes":true,"day":"2024-02-29","at":"2024-02-29t12:30:00.1234567+08:00","names":["甲","乙"],"numbers":[1.5,-2],"gaps":[1,null],"codes":[9007199254740993],"flags":[true,false],"deep":[[1],[2]],"object":{"a":[1]},"text":"制造\n\"业\"","mixed":1}}`,
		`{"type":"Feature","id":9,"geometry":{"type":"Point","coordinates":[3,4]},"properties":{"big":-12,"whole":7,"real":-1e300,"yes":false,"day":"1900-01-01","at":"0001-01-01T00:00:00Z","names":[],"numbers":null,"codes":[],"flags":[],"deep":[],"object":null,"text":"","mixed":"x"}}`,
		`{"type":"Feature","id":-9223372036854775808,"geometry":null,"properties":{"big":null}}`,
	), schema)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	want := []map[string]any{
		{"id": int64(math.MinInt64), "big": nil, "whole": nil, "real": nil, "yes": nil, "day": nil, "at": nil, "names": nil, "numbers": nil, "gaps": nil, "codes": nil, "flags": nil, "deep": nil, "object": nil, "text": nil, "mixed": nil},
		{"id": int64(7), "big": int64(9007199254740993), "whole": int64(-5), "real": 0.1, "yes": true, "day": day(2024, 2, 29), "at": time.Date(2024, 2, 29, 4, 30, 0, 123456000, time.UTC),
			"names": []any{"甲", "乙"}, "numbers": []any{1.5, -2.0}, "gaps": json.RawMessage("[1,null]"), "codes": []any{int64(9007199254740993)}, "flags": []any{true, false},
			"deep": json.RawMessage("[[1],[2]]"), "object": json.RawMessage(`{"a":[1]}`), "text": "制造\n\"业\"", "mixed": "1"},
		{"id": int64(9), "big": int64(-12), "whole": int64(7), "real": -1e300, "yes": false, "day": day(1900, 1, 1), "at": day(1, 1, 1),
			"names": []any{}, "numbers": nil, "gaps": nil, "codes": []any{}, "flags": []any{}, "deep": json.RawMessage("[]"), "object": nil, "text": "", "mixed": "x"},
	}
	f, got := readParquet(t, export(t, x, "parquet", nil))
	checkGeo(t, f, got)
	slices.SortFunc(got, func(a, b map[string]any) int { return int(a["id"].(int64)>>1 - b["id"].(int64)>>1) })
	for _, row := range got {
		delete(row, "geometry")
		delete(row, "bbox")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("written (-) and read (+):\n%s", diff)
	}
	if about, _ := f.Lookup("about"); !strings.Contains(about, "筛选: 全部") || !strings.Contains(about, "https://example.org/collections/a") {
		t.Errorf("about is %q", about)
	}
}

// TestParquetOrder finds the columns in the order of the schema and the rows in
// that of the features, over several row groups.
func TestParquetOrder(t *testing.T) {
	var features []string
	for i := range parquetGroupRows + 1000 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d,2]},"properties":{"z":"t%d","a":%d}}`, i, i%180, i, i))
	}
	x := load(t, collection(features...), "")
	f, rows := readParquet(t, export(t, x, "parquet", nil))
	var columns []string
	for _, path := range f.Schema().Columns() {
		columns = append(columns, strings.Join(path, "."))
	}
	if got := strings.Join(columns, " "); got != "id z a geometry bbox.xmin bbox.ymin bbox.xmax bbox.ymax" {
		t.Errorf("columns %s", got)
	}
	if groups := f.RowGroups(); len(groups) != 2 || groups[0].NumRows() != parquetGroupRows || groups[1].NumRows() != 1000 {
		t.Errorf("%d row groups, the first of %d rows", len(groups), groups[0].NumRows())
	}
	for i, row := range rows {
		if row["id"] != int64(i) || row["a"] != int64(i) || row["z"] != "t"+strconv.Itoa(i) || row["bbox"].(map[string]float64)["xmin"] != float64(i%180) {
			t.Fatalf("row %d is %v", i, row)
		}
	}
}

// TestParquetLargeGeometries ends a row group before it fills the memory.
func TestParquetLargeGeometries(t *testing.T) {
	var line strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&line, ",[%d,%d]", i%180, i%90)
	}
	var features []string
	for i := range 50 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"LineString","coordinates":[%s]},"properties":null}`, i, line.String()[1:]))
	}
	x := load(t, collection(features...), "")
	f, rows := readParquet(t, export(t, x, "parquet", nil))
	if len(f.RowGroups()) != 3 || len(rows) != 50 {
		t.Errorf("%d rows in %d row groups, want 50 in 3", len(rows), len(f.RowGroups()))
	}
}

// TestParquetNames takes names that clash with each other, with the columns of
// the format and with the syntax of struct tags.
func TestParquetNames(t *testing.T) {
	names := append([]string{"bbox", "BBOX", "a.b", "a,b", "a,optional", "list", "-", "_", "feature_id", "geo"}, hostile...)
	var members []string
	for i, name := range names {
		key, _ := json.Marshal(name)
		members = append(members, fmt.Sprintf("%s:%d", key, 1000+i))
	}
	x := load(t, collection(
		`{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1,2]},"properties":{`+strings.Join(members, ",")+`}}`), "")
	f, rows := readParquet(t, export(t, x, "parquet", nil))
	m := checkGeo(t, f, rows)
	if m.Primary != "feature_geometry" {
		t.Errorf("the geometries are in %q", m.Primary)
	}
	found := make(map[any]string)
	low := make(map[string]bool)
	for name, v := range rows[0] {
		if _, ok := v.(int64); ok {
			found[v] = name
		}
		if low[strings.ToLower(name)] {
			t.Errorf("%q differs from another column by case only", name)
		}
		low[strings.ToLower(name)] = true
	}
	for i, name := range names {
		if _, ok := found[int64(1000+i)]; !ok {
			t.Errorf("the value of %q is lost: %v", name, rows[0])
		}
	}
}

// TestParquetSystems writes in all systems: x east and y north, with the
// definition of the authority.
func TestParquetSystems(t *testing.T) {
	x := load(t, `{"type":"Feature","id":"a","geometry":{"type":"LineString","coordinates":[[113,23],[114,24.5,7]]},"properties":null}`, "")
	for _, c := range crs.All() {
		f, rows := readParquet(t, export(t, x, "parquet", func(o *Options) { o.CRS = c }))
		column := checkGeo(t, f, rows).Columns["geometry"]
		text, _ := f.Lookup("geo")
		switch {
		case c == crs.CRS84():
			if strings.Contains(text, `"crs"`) {
				t.Errorf("%s is written as %s", c.Code(), text)
			}
		case c.Offset():
			if !strings.Contains(text, `"crs":null`) {
				t.Errorf("%s is written as %s", c.Code(), text)
			}
		case column.CRS == nil || string(*column.CRS) != string(c.PROJJSON()):
			t.Errorf("%s is written as %s", c.Code(), text)
		}
		var want []float64
		for _, p := range []orb.Point{{113, 23}, {114, 24.5}} {
			q, _ := c.FromLonLat(p)
			if c.Swapped() {
				q[0], q[1] = q[1], q[0]
			}
			want = append(want, q[0], q[1])
		}
		if got := flatten(geometryOf(t, rows[0]["geometry"]), false); !slices.Equal(got, []float64{want[0], want[1], 0, want[2], want[3], 7}) {
			t.Errorf("%s: %v, want %v", c.Code(), got, want)
		}
	}
}

// TestParquetEmpty reads files of no feature, of no geometry and of no column.
func TestParquetEmpty(t *testing.T) {
	x := kindsIndex(t, func(string) bool { return true })
	none := load(t, collection(), "")
	f, rows := readParquet(t, export(t, none, "parquet", nil))
	if checkGeo(t, f, rows); len(rows) != 0 {
		t.Errorf("%v from nothing", rows)
	}
	f, rows = readParquet(t, export(t, x, "parquet", func(o *Options) { o.SkipGeometry, o.Properties = true, []string{} }))
	if _, ok := f.Lookup("geo"); ok || len(rows) != x.Len() || len(rows[0]) != 1 {
		t.Errorf("%d rows such as %v without geometry", len(rows), rows[0])
	}
}

// TestParquetUnfit refuses what a column cannot hold, and says what it is.
func TestParquetUnfit(t *testing.T) {
	for field, feature := range map[string]string{
		"codes": `{"type":"Feature","id":"a","geometry":null,"properties":{"codes":[99999999999999999999]}}`,
		"id":    `{"type":"Feature","id":99999999999999999999,"geometry":null,"properties":null}`,
	} {
		x := load(t, collection(feature), `{"properties":{"codes":{"type":"array","items":{"type":"integer"}}}}`)
		err := Write(t.Context(), io.Discard, x.Each(t.Context(), geo.Query{}), Options{Format: Format{Name: "parquet"}, Schema: x.Schema(), TempDir: t.TempDir()})
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field || !strings.Contains(invalid.Reason, "99999999999999999999") {
			t.Errorf("%s: %v", field, err)
		}
	}
}
