package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// zipped makes a zip file of names and contents, in turn.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shapefile lets GDAL make a Shapefile, and gives its parts by their endings.
func shapefile(t testing.TB, text string, args ...string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	in := filepath.Join(folder, "in.geojson")
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ogr2ogr", append(args, "-f", "ESRI Shapefile", filepath.Join(folder, "x.shp"), in)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr: %v\n%s; Debian has it in gdal-bin", err, out)
	}
	parts := make(map[string]string)
	for _, ext := range []string{".shp", ".dbf", ".shx", ".prj", ".cpg"} {
		if b, err := os.ReadFile(filepath.Join(folder, "x"+ext)); err == nil {
			parts[ext] = string(b)
		}
	}
	return parts
}

// pack zips parts, those of endings that are named.
func pack(t testing.TB, parts map[string]string, endings string) []byte {
	t.Helper()
	var files []string
	for _, ext := range strings.Fields(endings) {
		files = append(files, "folder/图层"+ext, parts[ext])
	}
	return zipped(t, files...)
}

const placesText = `{"type":"FeatureCollection","features":[
{"type":"Feature","geometry":{"type":"Point","coordinates":[120.5,30.5,8]},"properties":{"名称":"许村镇","n":62700,"r":0.25,"d":"2007-05-01"}},
{"type":"Feature","geometry":null,"properties":{"名称":"海宁","n":-3,"r":null,"d":null}}]}`

func TestShapefile(t *testing.T) {
	const whole = ".shp .dbf .shx .prj .cpg"
	utf := shapefile(t, placesText, "-lco", "ENCODING=UTF-8")
	gbk := shapefile(t, placesText, "-lco", "ENCODING=CP936")
	rows := "1  POINT(120.5 30.5) T:许村镇 N:62700 N:0.25 D:2007-05-01\n2  null T:海宁 N:-3 -: -:\n"
	polygons := shapefile(t, `{"type":"FeatureCollection","features":[
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[120,30],[124,30],[124,34],[120,34],[120,30]],[[121,31],[121,32],[122,32],[122,31],[121,31]]]},"properties":{"a":1}},
{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[120,30],[121,30],[121,31],[120,30]]],[[[125,30],[126,30],[126,31],[125,30]]]]},"properties":{"a":2}}]}`, "-a_srs", "EPSG:4490")
	lines := shapefile(t, `{"type":"FeatureCollection","features":[
{"type":"Feature","geometry":{"type":"LineString","coordinates":[[120,30],[121,31]]},"properties":{"a":1}},
{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[120,30],[121,31]],[[122,30],[123,31]]]},"properties":{"a":2}}]}`, "-a_srs", "EPSG:4528")
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"UTF-8", pack(t, utf, whole), "Shapefile\nnote heights 图层 0\n[图层] OGC:CRS84 名称 n r d\n" + rows},
		{"UTF-8 without .cpg", pack(t, utf, ".shp .dbf .shx .prj"), "Shapefile\nnote heights 图层 0\n[图层] OGC:CRS84 名称 n r d\n" + rows},
		{"GBK", pack(t, gbk, whole), "Shapefile\nnote heights 图层 0\n[图层] OGC:CRS84 名称 n r d\n" + rows},
		{"GBK without .cpg", pack(t, gbk, ".shp .dbf .shx .prj"), "Shapefile\nnote encoding 图层 0\nnote heights 图层 0\n[图层] OGC:CRS84 名称 n r d\n" + rows},
		{"a table alone", pack(t, utf, ".dbf"), "Shapefile\n[图层] - 名称 n r d\n" + strings.NewReplacer("POINT(120.5 30.5)", "null").Replace(rows)},
		{"shapes alone", pack(t, utf, ".shp"), "Shapefile\nnote crs-none 图层 0\nnote heights 图层 0\n[图层] -\n1  POINT(120.5 30.5)\n2  null\n"},
		{"polygons", pack(t, polygons, whole), "Shapefile\n[图层] EPSG:4490 a\n1  POLYGON((120 30,124 30,124 34,120 34,120 30),(121 31,121 32,122 32,122 31,121 31)) N:1\n" +
			"2  MULTIPOLYGON(((120 30,121 30,121 31,120 30)),((125 30,126 30,126 31,125 30))) N:2\n"},
		{"lines", pack(t, lines, whole), "Shapefile\n[图层] EPSG:4528 a\n1  LINESTRING(120 30,121 31) N:1\n2  MULTILINESTRING((120 30,121 31),(122 30,123 31)) N:2\n"},
	} {
		if diff := cmp.Diff(test.want, read(t, "x.zip", test.data, Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestShapefileOfOurs reads what we export, by layers of one kind each.
func TestShapefileOfOurs(t *testing.T) {
	got := read(t, "x.zip", byExport(t, sampleText, "shp", nil), Options{})
	for _, want := range []string{
		"[places_point] OGC:CRS84 id 名称 家数 占比 老\n1  POINT(120.5 30.5) T:a T:许村 N:62700 N:0.25 B:true\n",
		"MULTIPOINT((120 30),(121 31)) T:b T:海宁 N:-3 -: B:false\n", "LINESTRING(120 30,121 31) T:c T:线 -: -: -:\n",
		"POLYGON((120 30,124 30,124 34,120 34,120 30),(121 31,121 32,122 32,122 31,121 31)) T:d T:带洞 -: -: -:\n",
		"MULTIPOLYGON(((120 30,121 30,121 31,120 30)),((125 30,126 30,126 31,125 30))) T:e T:两片 -: -: -:\n", "null T:f T:无 -: -: -:\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

// shpRecord is a record of a .shp file.
func shpRecord(number int, content []byte) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(number))
	b = binary.BigEndian.AppendUint32(b, uint32(len(content)/2))
	return string(append(b, content...))
}

func shpHead() string {
	b := make([]byte, 100)
	binary.BigEndian.PutUint32(b, 9994)
	b[32] = 5
	return string(b)
}

// rings is a polygon of rings.
func rings(list ...[]float64) []byte {
	b := make([]byte, 36)
	b[0] = 5
	b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
	at := 0
	var starts, numbers []byte
	for _, ring := range list {
		starts = binary.LittleEndian.AppendUint32(starts, uint32(at))
		at += len(ring) / 2
		for _, v := range ring {
			numbers = binary.LittleEndian.AppendUint64(numbers, math.Float64bits(v))
		}
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(at))
	return append(append(b, starts...), numbers...)
}

func TestShapefileRings(t *testing.T) {
	right := []float64{0, 0, 0, 9, 9, 9, 9, 0, 0, 0}
	hole := []float64{1, 1, 8, 1, 8, 8, 1, 8, 1, 1}
	island := []float64{2, 2, 2, 7, 7, 7, 7, 2, 2, 2}
	lake := []float64{3, 3, 4, 3, 4, 4, 3, 4, 3, 3}
	left := []float64{0, 0, 9, 0, 9, 9, 0, 9, 0, 0}
	far := []float64{20, 0, 29, 0, 29, 9, 20, 9, 20, 0}
	broken := rings(right)
	broken[36] = 200
	huge := rings(right)
	huge[40] = 255
	text := shpHead() + shpRecord(1, rings(right, hole, island, lake)) + shpRecord(2, rings(left)) + shpRecord(3, rings(left, far)) + shpRecord(4, rings(lake, right)) +
		shpRecord(5, broken) + shpRecord(6, huge) + shpRecord(7, []byte{31, 0, 0, 0}) + shpRecord(8, rings()) + shpRecord(9, []byte{0, 0, 0, 0}) + shpRecord(10, rings([]float64{math.NaN(), 0})) + shpRecord(11, rings(right))[:60]
	want := `Shapefile
note crs-none a 0
[a] -
1  MULTIPOLYGON(((2 2,7 2,7 7,2 7,2 2),(3 3,3 4,4 4,4 3,3 3)),((0 0,9 0,9 9,0 9,0 0),(1 1,1 8,8 8,8 1,1 1)))
2  POLYGON((0 0,9 0,9 9,0 9,0 0))
3  MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((20 0,29 0,29 9,20 9,20 0)))
4  POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,3 4,4 4,4 3,3 3))
5 ! feature 5: its geometry is cut off or damaged
6 ! feature 6: its geometry is cut off or damaged
7 ! feature 7: its geometry has the kind 31, such as solids, which is not read
8  null
9  null
10 ! feature 10: its geometry is cut off or damaged
11 ! feature 11: the .shp ends before its geometry
`
	if diff := cmp.Diff(want, read(t, "x.zip", zipped(t, "a.shp", text), Options{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// dbf is a table of texts of one column.
func dbf(name string, coding byte, kind byte, width int, cells ...string) string {
	b := make([]byte, 32, 65)
	b[0], b[29] = 3, coding
	binary.LittleEndian.PutUint32(b[4:], uint32(len(cells)))
	binary.LittleEndian.PutUint16(b[8:], 65)
	binary.LittleEndian.PutUint16(b[10:], uint16(1+width))
	field := make([]byte, 32)
	copy(field[:10], name)
	field[11], field[16] = kind, byte(width)
	s := string(b) + string(field) + "\r"
	for _, c := range cells {
		s += c[:1] + c[1:] + strings.Repeat(" ", width+1-len(c))
	}
	return s + "\x1a"
}

func TestDBF(t *testing.T) {
	gbk := func(s string) string {
		b, err := simplifiedchinese.GBK.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, test := range []struct{ name, dbf, cpg, want string }{
		{"GBK by its head", dbf(gbk("名称"), 0x4d, 'C', 10, " "+gbk("海宁市")), "", "[a] - 名称\n1  null T:海宁市\n"},
		{"GBK that is said to be UTF-8", dbf(gbk("名称"), 0, 'C', 10, " "+gbk("海宁市")), "UTF-8", "note encoding a 0\n[a] - 名称\n1  null T:海宁市\n"},
		{"UTF-8 cut in a character", dbf("名称", 0, 'C', 8, " 海宁\xe5\xb8"), "", "[a] - 名称\n1  null T:海宁\n"},
		{"deleted rows", dbf("a", 0, 'C', 4, " x", "*y", " z"), "", "[a] - a\n1  null T:x\n3  null T:z\n"},
		{"numbers", dbf("a", 0, 'N', 8, "      12", " 1.50", " ****", " ", " abc", " 0x10"), "", "[a] - a\n1  null N:12\n2  null N:1.5\n3  null -:\n4  null -:\n5  null T:abc\n6  null T:0x10\n"},
		{"days", dbf("a", 0, 'D', 8, " 20070501", " 00000000", " 20079999"), "", "[a] - a\n1  null D:2007-05-01\n2  null -:\n3  null T:20079999\n"},
		{"truths", dbf("a", 0, 'L', 1, " T", " f", " ?"), "", "[a] - a\n1  null B:true\n2  null B:false\n3  null -:\n"},
		{"memos", dbf("a", 0, 'M', 10, "         1"), "", "note memo a 0\n[a] - a\n1  null -:\n"},
		{"a page that is not known", dbf("a", 0, 'C', 4, " x"), "Klingon", "[a] - a\n1  null T:x\n"},
	} {
		if diff := cmp.Diff("Shapefile\n"+test.want, read(t, "x.zip", zipped(t, "a.dbf", test.dbf, "A.CPG", test.cpg), Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	whole := dbf("a", 0, 'C', 4, " x", " y")
	for _, data := range [][]byte{zipped(t, "a.dbf", whole[:20]), zipped(t, "a.dbf", whole[:40]), zipped(t, "a.dbf", whole[:68]), zipped(t, "a.shp", "x"), zipped(t, "a.txt", "x"), []byte(shpHead())} {
		_, err := openData(t, "x.zip", data, Options{})
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%d bytes: %v, want an InvalidError", len(data), err)
		}
	}
}

func FuzzShapefile(f *testing.F) {
	f.Add(shpHead()+shpRecord(1, rings([]float64{0, 0, 0, 9, 9, 9, 9, 0, 0, 0}, []float64{1, 1, 8, 1, 8, 8, 1, 8, 1, 1})), dbf("a", 0x4d, 'C', 4, " x", " y"), "GBK", "")
	f.Add(shpHead()+shpRecord(1, []byte{0, 0, 0, 0}), dbf("a", 0, 'N', 4, " 1"), "", shpHead()+"\x00\x00\x00\x32\x00\x00\x00\x02")
	f.Fuzz(func(t *testing.T, shp, dbf, cpg, shx string) {
		data := zipped(t, "a.shp", shp, "a.dbf", dbf, "a.cpg", cpg, "a.shx", shx, "b.shp", shp, "c.dbf", dbf)
		if file, err := openData(t, "f", data, Options{}); err == nil {
			readAll(t, file)
		}
	})
}
