package table

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/google/go-cmp/cmp"
)

func TestGPKG(t *testing.T) {
	mercator, _ := crs.Lookup("EPSG:4528")
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"of ours", byExport(t, sampleText, "gpkg", nil), `GeoPackage
[places] EPSG:4326 id 名称 家数 占比 老
1 1 POINT(120.5 30.5) T:a T:许村 N:62700 N:0.25 B:true
2 2 MULTIPOINT((120 30),(121 31)) T:b T:海宁 N:-3 -: B:false
3 3 LINESTRING(120 30,121 31) T:c T:线 -: -: -:
4 4 POLYGON((120 30,124 30,124 34,120 34,120 30),(121 31,121 32,122 32,122 31,121 31)) T:d T:带洞 -: -: -:
5 5 MULTIPOLYGON(((120 30,121 30,121 31,120 30)),((125 30,126 30,126 31,125 30))) T:e T:两片 -: -: -:
6 6 null T:f T:无 -: -: -:
`},
		{"of GDAL", byGDAL(t, sampleText, "x.gpkg", "-f", "GPKG", "-nln", "层"), `GeoPackage
[层] EPSG:4326 id 名称 家数 占比 老
1 1 POINT(120.5 30.5) T:a T:许村 N:62700 N:0.25 B:true
2 2 MULTIPOINT((120 30),(121 31)) T:b T:海宁 N:-3 -: B:false
3 3 LINESTRING(120 30,121 31) T:c T:线 -: -: -:
4 4 POLYGON((120 30,124 30,124 34,120 34,120 30),(121 31,121 32,122 32,122 31,121 31)) T:d T:带洞 -: -: -:
5 5 MULTIPOLYGON(((120 30,121 30,121 31,120 30)),((125 30,126 30,126 31,125 30))) T:e T:两片 -: -: -:
6 6 null T:f T:无 -: -: -:
`},
		{"of GDAL, with heights and dates, in another system", byGDAL(t, `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[120,30,5]},"properties":{"d":"2007-05-01","t":"2007-05-01T08:00:00Z","n":12345678901234567}}]}`,
			"x.gpkg", "-f", "GPKG", "-a_srs", "EPSG:4490", "-nln", "l"), `GeoPackage
[l] EPSG:4490 d t n
1 1 POINT(120 30) D:2007-05-01 D:2007-05-01T08:00:00Z T:12345678901234567
`},
		{"of ours, in a zone", byExport(t, `{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[120,30]},"properties":{}}`, "gpkg", mercator),
			"GeoPackage\n[places] EPSG:4528\n1 7 POINT(4.05e+07 3.3201133978450214e+06)\n"},
	} {
		if diff := cmp.Diff(test.want, read(t, "x.gpkg", test.data, Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// database makes a database of statements.
func database(t testing.TB, statements ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.gpkg")
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var minimalGPKG = []string{
	`CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER)`,
	`CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT)`,
	`CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER)`,
}

func TestGPKGHostile(t *testing.T) {
	data := database(t, append(minimalGPKG,
		`INSERT INTO gpkg_contents VALUES ('plain','features',1), ('endless','attributes',0), ('tree','features',0), ('tiles','tiles',0), ('gone','features',0), ('odd "name"; --','attributes',0)`,
		`INSERT INTO gpkg_spatial_ref_sys VALUES (1,'NONE?',7,'PROJCS["Xian 1980 / zone",GEOGCS["Xian 1980",DATUM["Xian_1980",SPHEROID["IAG 1975",6378140,298.257]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",120],PARAMETER["scale_factor",1],PARAMETER["false_easting",40500000],PARAMETER["false_northing",0],UNIT["metre",1]]')`,
		`INSERT INTO gpkg_geometry_columns VALUES ('plain','GEOM',1)`,
		`CREATE TABLE plain (fid INTEGER PRIMARY KEY, geom BLOB, "a""" TEXT, big AS (hex(zeroblob(100000000))), x)`,
		`CREATE TRIGGER t AFTER INSERT ON plain BEGIN DELETE FROM gpkg_contents; END`,
		`DROP TRIGGER t`,
		`INSERT INTO plain (geom, x) VALUES (NULL, 'a'), (X'', 'b'), (X'47500001E6100000', 'c'), (X'4750000100000000010100000000000000000034400000000000003E40', 1.5), ('text', 'e'), (X'47500001000000000107000000FFFFFFFF', 'f'), (X'475000110000000001', X'00'), (X'4750000100000000010100000000000000000034400000000000003E40', 'x' || char(8238) || 'y')`,
		`CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n`,
		`CREATE VIRTUAL TABLE tree USING rtree(id, a, b)`,
		`CREATE TABLE "odd ""name""; --" (a, "A ", b)`,
		`INSERT INTO "odd ""name""; --" VALUES (1, 2, 3)`,
	)...)
	want := "GeoPackage\nnote view endless 0\nnote no-table gone 0\nnote computed plain 0\nnote crs-near plain 0\nnote no-table tiles 0\nnote view tree 0\n" +
		"[odd \"name\"; --] - a A b\n1  null N:1 N:2 N:3\n" +
		"[plain] EPSG:4528 a\" x\n1 1 null -: T:a\n2 2 null -: T:b\n3 ! feature 3: its geometry is cut off or damaged\n4 4 POINT(20 30) -: N:1.5\n5 ! feature 5: its geometry is cut off or damaged\n6 ! feature 6: its geometry is cut off or damaged\n7 7 null -: -:\n8 8 POINT(20 30) -: T:xy\n"
	if diff := cmp.Diff(want, read(t, "x.gpkg", data, Options{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		data   []byte
		reason string
	}{
		{database(t, `CREATE TABLE a (b)`), "lacks the table gpkg_contents"},
		{database(t, minimalGPKG...), "no table of features"},
		{database(t, `CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i AS table_name, 'features' AS data_type FROM n`, minimalGPKG[1]), "lacks the table gpkg_contents"},
		{data[:5000], "damaged"},
		{data[:100], "damaged"},
	} {
		_, err := openData(t, "x.gpkg", test.data, Options{})
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%v, want an InvalidError with %q", err, test.reason)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	f, err := openData(t, "x.gpkg", data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	for _, err := range f.Sheets[1].Rows(stopped) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
	}
}

func FuzzGPKG(f *testing.F) {
	data := byExport(f, `{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"a":"x"}}`, "gpkg", nil)
	f.Add(uint32(100), byte(7), uint32(4096), byte(0xd))
	f.Add(uint32(28), byte(0), uint32(56), byte(2))
	f.Fuzz(func(t *testing.T, at uint32, a byte, and uint32, b byte) {
		broken := append([]byte(nil), data...)
		broken[int(at)%len(broken)], broken[int(and)%len(broken)] = a, b
		if file, err := openData(t, "f", broken, Options{}); err == nil {
			readAll(t, file)
		}
	})
}

func FuzzWKB(f *testing.F) {
	f.Add([]byte("\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x004@\x00\x00\x00\x00\x00\x00>@"))
	f.Add([]byte("\x00\x00\x00\x03\xeb\x00\x00\x00\x01\x00\x00\x00\x00"))
	f.Add([]byte("\x01\x07\x00\x00\x00\x01\x00\x00\x00\x01\x04\x00\x00\x20\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := wkbReader{b: b}
		g, err := r.geometry(0)
		if err == nil && g != nil && g.Bound().IsEmpty() {
			t.Fatalf("%#v is empty", g)
		}
	})
}

// TestGPKGEndless reads a table whose pages lead to one leaf along a million ways.
func TestGPKGEndless(t *testing.T) {
	const page, levels = 512, 17
	data := database(t, append([]string{`PRAGMA page_size = 512`}, append(minimalGPKG,
		`CREATE TABLE deep (id INTEGER PRIMARY KEY, a TEXT)`,
		`INSERT INTO gpkg_contents VALUES ('deep','attributes',0)`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 400) INSERT INTO deep (a) SELECT printf('%60d', i) FROM n`)...)...)
	var leaves []uint32
	root := uint32(0)
	for n := uint32(2); int(n)*page <= len(data); n++ {
		switch p := data[int(n-1)*page:]; {
		case p[0] == 13 && strings.Contains(string(p[:page]), strings.Repeat(" ", 50)):
			leaves = append(leaves, n)
		case p[0] == 5:
			root = n // the table has a tree of two levels: this is the only branch
		}
	}
	if root == 0 || len(leaves) < levels+1 {
		t.Fatalf("root %d, leaves %d", root, len(leaves))
	}
	branch := func(n, child uint32) {
		p := data[int(n-1)*page : int(n)*page]
		clear(p)
		p[0] = 5
		binary.BigEndian.PutUint16(p[3:], 1)
		binary.BigEndian.PutUint16(p[5:], page-5)
		binary.BigEndian.PutUint32(p[8:], child)
		binary.BigEndian.PutUint16(p[12:], page-5)
		binary.BigEndian.PutUint32(p[page-5:], child)
		p[page-1] = 1
	}
	branch(root, leaves[0])
	for i := range levels {
		branch(leaves[i], leaves[i+1])
	}
	f, err := openData(t, "x.gpkg", data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, err = range f.Sheets[0].Rows(t.Context()) {
		rows++
	}
	var invalid *geo.InvalidError
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "more rows than bytes") || rows > len(data)+1 {
		t.Errorf("%d rows of %d bytes, then %v", rows, len(data), err)
	}
}
