package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenReport is a report with every fate, made by hand so that it does not change when
// the matcher learns.
func goldenReport() *Report {
	zhejiang := &gazetteer.Unit{Code: "330000", NameZH: "浙江省", NameEN: "Zhejiang", Level: gazetteer.Province}
	jiaxing := &gazetteer.Unit{Code: "330400", NameZH: "嘉兴市", NameEN: "Jiaxing", Level: gazetteer.Prefecture, Parent: zhejiang}
	haining := &gazetteer.Unit{Code: "330481", NameZH: "海宁市", NameEN: "Haining", Level: gazetteer.County, Parent: jiaxing, HasPoint: true, Point: orb.Point{120.6875, 30.5261}, Precision: "county_seat", Record: "GeoNames 1809062"}
	why := func(code string, args ...string) []Reason { return []Reason{{Code: code, Args: args}} }
	return &Report{
		File: "clusters.xlsx", Format: "XLSX",
		Mapping: Mapping{Version: mappingVersion, Columns: []Column{
			{Column: "名称", Role: RoleName, Why: geo.Text{EN: "its name", ZH: "列名"}},
			{Column: "产值", Role: RoleNumber, Unit: "亿元", Why: geo.Text{EN: "100 % of its values are numbers", ZH: "100%的值是数字"}},
		}},
		Notes: []table.Note{{Sheet: "表1", Row: 3, Code: "header", EN: "the names of the columns are in this row", ZH: "此行为表头"}},
		Rows: []Fate{
			{Sheet: "表1", Row: 4, Fate: Placed, ID: "a", Name: "家纺", Place: "海宁市", Units: []*gazetteer.Unit{haining}, Adcode: "330481", Level: "county", Precision: "county_seat", Confidence: 0.98, Point: &haining.Point, Reasons: why("corrected-note", "well known")},
			{Sheet: "表1", Row: 5, Fate: Placed, ID: "b", Name: "=HYPERLINK(\"x\")", Place: "海宁 <b>", Units: []*gazetteer.Unit{haining}, Adcode: "330481", Level: "county", Precision: "county_seat", Confidence: 0.7, Point: &haining.Point, Reasons: why("given-coordinates"),
				Alternatives: []gazetteer.Alternative{{Unit: jiaxing, Confidence: 0.3, Reason: Reason{Code: "no-point", Args: []string{"嘉兴市"}}}}},
			{Sheet: "表1", Row: 6, Fate: Listed, ID: "c", Name: "无处", Reasons: why("row-empty")},
			{Sheet: "表1", Row: 7, Fate: Listed, ID: "c-2", Name: "无处", Reasons: why("row-empty"), Same: 6},
			{Sheet: "表1", Row: 8, Fate: Refused, Column: "地点", Fault: "a quote is opened and not closed"},
			{Sheet: "表1", Row: 9, Fate: Placed, ID: "d", Name: "丁", Adcode: "330481", Units: []*gazetteer.Unit{haining}, Level: "county", Precision: PrecisionCorrected, Confidence: 1, Point: &orb.Point{120.5, 30.5}, Reasons: why("corrected"), Corrected: true},
		},
		Counts: Counts{In: 6, Placed: 3, Listed: 2, Refused: 1, Features: 5, Corrected: 1, Same: 1,
			ByLevel: map[string]int{"county": 3}, ByPrecision: map[string]int{"county_seat": 2, "corrected": 1},
			ByConfidence: []Share{{0.95, 2}, {0.8, 0}, {0.6, 1}, {0, 0}}},
	}
}

// TestReportGolden compares the report in every format and language with the files in
// testdata; go test ./geo/ingest -update writes them anew.
func TestReportGolden(t *testing.T) {
	r := goldenReport()
	formats := map[string]func(io.Writer, string) error{"html": r.WriteHTML, "csv": r.WriteCSV, "json": r.WriteJSON,
		"txt": func(w io.Writer, lang string) error { _, err := io.WriteString(w, r.Summary(lang)); return err }}
	for ext, write := range formats {
		for _, lang := range []string{"en", "zh"} {
			var b bytes.Buffer
			if err := write(&b, lang); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("testdata", "report-"+lang+"."+ext)
			if *update {
				if err := os.WriteFile(name, b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

// TestReportIsSafe holds what the golden files show, so that it stays when they are
// written anew.
func TestReportIsSafe(t *testing.T) {
	r := goldenReport()
	var page, sheet, doc bytes.Buffer
	if err := r.WriteHTML(&page, "zh"); err != nil {
		t.Fatal(err)
	}
	if s := page.String(); strings.Contains(s, "<b>\n") || strings.Contains(s, "海宁 <b>") || strings.Contains(s, "<script") || strings.Contains(s, "http:") || strings.Contains(s, "src=") {
		t.Error("the page needs something else, or holds markup of the table")
	}
	if err := r.WriteCSV(&sheet, "en"); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sheet.Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil || len(records) != 1+len(r.Rows) {
		t.Fatalf("the CSV has %d records, %v", len(records), err)
	}
	for _, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsRune("=+@", rune(cell[0])) {
				t.Errorf("a spreadsheet would run %s", cell)
			}
		}
	}
	if err := r.WriteJSON(&doc, "en"); err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Counts map[string]any
		Rows   []map[string]any
	}
	if err := json.Unmarshal(doc.Bytes(), &parsed); err != nil || len(parsed.Rows) != len(r.Rows) {
		t.Errorf("the JSON has %d rows, %v", len(parsed.Rows), err)
	}
}

// TestReasonTexts holds that each reason of this package has words in both languages,
// with the same arguments.
func TestReasonTexts(t *testing.T) {
	source, err := os.ReadFile("reason.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, line := range strings.Split(string(source), "\n") {
		code, ok := strings.CutPrefix(strings.TrimSpace(line), `case "`)
		if !ok {
			continue
		}
		code, _, _ = strings.Cut(code, `"`)
		n++
		en, zh := wording(code)
		if en == "" || zh == "" {
			t.Errorf("%s has no words", code)
		}
		for _, arg := range []string{"%1", "%2", "%3"} {
			if strings.Contains(en, arg) != strings.Contains(zh, arg) {
				t.Errorf("%s has %s in one language only", code, arg)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d reasons are found in reason.go", n)
	}
}

func TestCompare(t *testing.T) {
	before := importText(t, "编号,名称,地点\n1,甲,海宁市\n2,乙,诸暨市\n4,丁,义乌市\n", Mapping{Key: []string{"编号"}})
	after := importText(t, "编号,名称,地点\n0,零,海宁市\n1,甲,海宁市\n2,乙,绍兴市\n5,戊,义乌市\n", Mapping{Key: []string{"编号"}})
	d, err := after.Compare(strings.NewReader(geoJSON(t, before)))
	if err != nil {
		t.Fatal(err)
	}
	want := &Difference{Added: []string{"0", "5"}, Changed: []string{"2"}, Removed: []string{"4"}, Gone: map[string]string{"4": "丁"}, Same: 1}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
	if d, err = after.Compare(strings.NewReader("")); err != nil || len(d.Added) != 4 {
		t.Errorf("against nothing: %+v, %v", d, err)
	}
	whole := geoJSON(t, before)
	for _, bad := range []string{"{}", "[1]\n", whole[:len(whole)-4], strings.Replace(whole, `"id":"1"`, `"id":"9"`, 1), strings.Replace(whole, `"id":"1"`, `"id":1`, 1)} {
		if _, err := after.Compare(strings.NewReader(bad)); err == nil {
			t.Errorf("%.60q... is compared", bad)
		}
	}
}

func TestOwnSchema(t *testing.T) {
	text := schemaText(t, importText(t, "名称,地点\n甲,海宁市\n", Mapping{}))
	if !OwnSchema(text) {
		t.Errorf("its own schema is not known: %s", text)
	}
	for _, other := range []string{"{}", "", strings.Replace(string(text), `"Level"`, `"Kind"`, 1), `{"title":"x","properties":{}}`} {
		if OwnSchema([]byte(other)) {
			t.Errorf("%.60q is taken for its own", other)
		}
	}
}

func Example() {
	g, err := places()
	if err != nil {
		panic(err)
	}
	text := "集群,所在地,企业数（家）\n许村家纺,海宁市许村镇,约3千\n"
	f, err := table.Open(context.Background(), table.Source{Name: "clusters.csv", R: strings.NewReader(text), Size: int64(len(text))}, table.Options{})
	if err != nil {
		panic(err)
	}
	m, notes, err := Plan(context.Background(), f, g)
	if err != nil {
		panic(err)
	}
	r, err := Import(context.Background(), f, g, Options{Mapping: m, Notes: notes, Lang: "zh"}, nil)
	if err != nil {
		panic(err)
	}
	fate := r.Report.Rows[0]
	_, _ = io.WriteString(os.Stdout, fate.Name+": "+fate.Where("zh")+" "+fate.Adcode+" "+fate.Level+"\n")
	// Output: 许村家纺: 浙江省嘉兴市海宁市许村镇 330481 town
}

func BenchmarkImport(b *testing.B) {
	g := gazetteerOf(b)
	var text strings.Builder
	text.WriteString("名称,地点,企业数（家）\n")
	rows := 0
	for _, u := range g.Units() {
		if u.Level == gazetteer.County {
			text.WriteString(u.NameZH + "家纺产业集群," + u.Path() + ",300\n")
			rows++
		}
	}
	f := openTable(b, text.String())
	m, _, err := Plan(context.Background(), f, g)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Import(context.Background(), f, g, Options{Mapping: m}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
