package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func openBook(t *testing.T, text []byte) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(text), excelize.Options{UnzipSizeLimit: 1 << 28})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book
}

func rowsOf(t *testing.T, book *excelize.File, sheet string, opt ...excelize.Options) [][]string {
	t.Helper()
	rows, err := book.GetRows(sheet, opt...)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestXLSX(t *testing.T) {
	const schema = `{"type":"object","properties":{"day":{"type":"string","format":"date","title":"Day","x-title":{"zh":"日期"}},"at":{"type":"string","format":"date-time"}}}`
	x := readIndex(t, schema,
		`{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113.5,23.1]},"properties":{"day":"2007-05-01","at":"2007-05-01T08:00:00+08:00","n":1.5,"big":12345678901234567890,"b":true,"s":"=1+1","list":[1,"x"]}}`,
		`{"type":"Feature","id":2,"geometry":null,"properties":{"day":"1850-01-01","at":"1850-01-01T00:00:00Z","n":null,"big":9007199254740993,"b":false,"s":"_x0041_\u0001 ","list":[]}}`)
	var size int64
	dir := t.TempDir()
	text := written(t, x, "xlsx", Options{Lang: "zh", TempDir: dir, Size: func(n int64) { size = n }, About: []Fact{{geo.Text{EN: "Filter", ZH: "筛选"}, "=全部"}}})
	if int64(len(text)) != size {
		t.Errorf("Size says %d, the file has %d bytes", size, len(text))
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
	book := openBook(t, text)
	got := rowsOf(t, book, "数据")
	want := [][]string{
		{"id", "day", "at", "n", "big", "b", "s", "list", "lon", "lat"},
		{"1", "2007-05-01", "2007-05-01 00:00:00", "1.5", "12345678901234567890", "TRUE", "=1+1", `[1,"x"]`, "113.5", "23.1"},
		{"2", "1850-01-01", "1850-01-01T00:00:00Z", "", "9007199254740993", "FALSE", "_x0041_\ufffd ", "[]"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeUnset, "D2": excelize.CellTypeUnset, "B2": excelize.CellTypeUnset,
		"E2": excelize.CellTypeInlineString, "F2": excelize.CellTypeBool, "G2": excelize.CellTypeInlineString} {
		if got, err := book.GetCellType("数据", cell); err != nil || got != want {
			t.Errorf("cell %s is of the type %v, want %v (%v)", cell, got, want, err)
		}
		if formula, _ := book.GetCellFormula("数据", cell); formula != "" {
			t.Errorf("cell %s is the formula %q", cell, formula)
		}
	}
	about := fmt.Sprint(rowsOf(t, book, "说明"))
	for _, want := range []string{"[筛选 =全部]", "[day 日期"} {
		if !strings.Contains(about, want) {
			t.Errorf("no %s in %s", want, about)
		}
	}
}

func TestXLSXLongTexts(t *testing.T) {
	long := strings.Repeat("𠮷", xlsxText/2+1)
	ring := strings.Repeat("[1,2],", 20_000)
	x := readIndex(t, "", `{"type":"Feature","id":1,"geometry":{"type":"LineString","coordinates":[`+ring+`[3,4]]},"properties":{"s":"`+long+`","fits":"`+long[4:]+`x"}}`)
	book := openBook(t, written(t, x, "xlsx", Options{}))
	row := rowsOf(t, book, "Features")[1]
	if note := fmt.Sprintf("𠮷 … [cut: %d characters]", xlsxText+1); !strings.HasSuffix(row[1], note) {
		t.Errorf("the long text ends in %q", row[1][len(row[1])-60:])
	}
	if row[2] != long[4:]+"x" {
		t.Errorf("a text that fits is changed: %d bytes of %d", len(row[2]), len(long)-3)
	}
	if !strings.Contains(row[3], "too long for a cell") {
		t.Errorf("got WKT %.80q", row[3])
	}
	if about := fmt.Sprint(rowsOf(t, book, "About")); !strings.Contains(about, "[Cut 1 texts") || !strings.Contains(about, "[Left out 1 geometries") {
		t.Errorf("nothing told in %s", about)
	}
}

func TestXLSXLimits(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":1,"geometry":null,"properties":null}`)
	wide := new(geo.Schema)
	for i := range xlsxColumns {
		wide.Properties = append(wide.Properties, geo.Property{Name: fmt.Sprint(i)})
	}
	xlsx, _ := ByName("xlsx")
	var invalid *geo.InvalidError
	var sent bytes.Buffer
	if err := Write(t.Context(), &sent, featuresOf(x), Options{Format: xlsx, Schema: wide}); !errors.As(err, &invalid) || sent.Len() > 0 {
		t.Errorf("too many columns: got %v after %d bytes", err, sent.Len())
	}
	var large *TooLargeError
	if err := Write(t.Context(), io.Discard, featuresOf(x), Options{Format: xlsx, MaxBytes: 10}); !errors.As(err, &large) {
		t.Errorf("too large: got %v", err)
	}
	endless := func(yield func(geo.Feature, error) bool) {
		for yield(x.At(0), nil) {
		}
	}
	opt := Options{Format: xlsx, Schema: x.Schema(), View: View{Properties: []string{}, SkipGeometry: true}, TempDir: t.TempDir()}
	if err := Write(t.Context(), &sent, endless, opt); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "1048576 rows") || sent.Len() > 0 {
		t.Errorf("too many rows: got %v after %d bytes", err, sent.Len())
	}
}
