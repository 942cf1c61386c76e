package table

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// book makes a workbook by excelize.
func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rowsOf writes rows into a sheet, from row first on.
func rowsOf(t testing.TB, f *excelize.File, sheet string, first int, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", first+i), &row); err != nil {
			t.Fatal(err)
		}
	}
}

func openBytes(t testing.TB, b []byte, opt Options) (*File, error) {
	t.Helper()
	f, err := Open(context.Background(), Source{Name: "t.xlsx", R: bytes.NewReader(b), Size: int64(len(b))}, opt)
	if err == nil {
		t.Cleanup(func() { _ = f.Close() })
	}
	return f, err
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// style is a style of cells that shows numbers by a code.
func style(t testing.TB, f *excelize.File, code string) int {
	t.Helper()
	id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	must(t, err)
	return id
}

func codes(notes []Note) string {
	var out []string
	for _, n := range notes {
		out = append(out, fmt.Sprintf("%s:%d", n.Code, n.Row))
	}
	return strings.Join(out, " ")
}

func TestXLSX(t *testing.T) {
	for _, test := range []struct {
		name        string
		fill        func(t *testing.T, f *excelize.File)
		want, notes string
	}{
		{"plain", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"名称", "地点", "企业数"}, []any{"甲", "海宁市", 1200}, []any{}, []any{"乙", "00123", 0.1 + 0.2})
		}, "1: 名称|地点|企业数\n2: 甲|海宁市|1200\n4: 乙|00123|0.3\n", ""},
		{"titles above, a table that begins at C", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"表1 产业集群名录"}, []any{"单位：家"})
			must(t, f.MergeCell("Sheet1", "A1", "E1"))
			rowsOf(t, f, "Sheet1", 4, []any{nil, nil, "名称", "地点", "数"}, []any{nil, nil, "甲", "海宁", 2}, []any{nil, nil, "乙", "桐乡", 3})
		}, "4: 名称|地点|数\n5: 甲|海宁|2\n6: 乙|桐乡|3\n", "merged:1 header:4"},
		{"merged cells", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"省", "市", "名称", "产值"}, []any{"浙江省", "嘉兴市", "甲", 1}, []any{nil, nil, "乙", 2}, []any{nil, "湖州市", "丙", 3}, []any{"二、江苏省"}, []any{"江苏省", "苏州市", "丁", 4})
			must(t, f.MergeCell("Sheet1", "A2", "A4"), f.MergeCell("Sheet1", "B2", "B3"), f.MergeCell("Sheet1", "A5", "D5"))
		}, "1: 省|市|名称|产值\n2: 浙江省|嘉兴市|甲|1\n3: 浙江省|嘉兴市|乙|2\n4: 浙江省|湖州市|丙|3\n5: 二、江苏省|||\n6: 江苏省|苏州市|丁|4\n", "merged:2"},
		{"names in two rows", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"地区", "名称", "产值", nil}, []any{nil, nil, "上年", "本年"}, []any{"海宁", "甲", 1, 2}, []any{"桐乡", "乙", 3, 4})
			must(t, f.MergeCell("Sheet1", "A1", "A2"), f.MergeCell("Sheet1", "B1", "B2"), f.MergeCell("Sheet1", "C1", "D1"))
		}, "1: 地区|名称|产值 上年|产值 本年\n3: 海宁|甲|1|2\n4: 桐乡|乙|3|4\n", "merged:1"},
		{"names in two rows, only what is across merged", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"地区", "名称", "产值", nil}, []any{nil, nil, 2006, 2007}, []any{"海宁", "甲", 1, 2}, []any{"桐乡", "乙", 3, 4})
			must(t, f.MergeCell("Sheet1", "C1", "D1"))
		}, "1: 地区|名称|产值 2006|产值 2007\n3: 海宁|甲|1|2\n4: 桐乡|乙|3|4\n", "merged:1"},
		{"kinds", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"日", "时", "月", "率", "额", "码", "真"}, []any{time.Date(2007, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2007, 5, 1, 13, 30, 0, 0, time.UTC), 39203, 0.125, 1234567.891, 42, true})
			for cell, code := range map[string]string{"A2": "yyyy/m/d;@", "B2": "yyyy-mm-dd hh:mm", "C2": `[$-804]yyyy"年"m"月"`, "D2": "0.0%", "E2": `#,##0.0"万元"`, "F2": "000000"} {
				must(t, f.SetCellStyle("Sheet1", cell, cell, style(t, f, code)))
			}
		}, "1: 日|时|月|率|额|码|真\n2: 2007-05-01|2007-05-01T13:30:00|2007-05|12.5%|1,234,567.9万元|000042|TRUE\n", ""},
		{"formulas", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"名称", "数"}, []any{"甲", 2}, []any{"乙", nil})
			must(t, f.SetCellFormula("Sheet1", "B2", "1+1"), f.SetCellFormula("Sheet1", "B3", "HYPERLINK(\"http://127.0.0.1/\")"))
		}, "1: 名称|数\n2: 甲|2\n3: 乙|\n", "formulas:2 formulas-without-value:3"},
		{"names twice, none and with marks", func(t *testing.T, f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"名称", "名称", nil, "a\u202eb\nc"}, []any{"x", "y", "z", "w\u200b\r\nv"})
		}, "1: 名称|名称 (2)|C|ab c\n2: x|y|z|w\nv\n", "texts-cleaned:0 names-twice:1 names-none:1"},
		{"several sheets, one hidden, one empty, one of text", func(t *testing.T, f *excelize.File) {
			for _, name := range []string{"空", "说明", "隐", "二"} {
				_, err := f.NewSheet(name)
				must(t, err)
			}
			rowsOf(t, f, "Sheet1", 1, []any{"a", "b"}, []any{1, "x"})
			rowsOf(t, f, "说明", 1, []any{"数据来源"}, []any{"年鉴"})
			rowsOf(t, f, "隐", 1, []any{"a", "b"}, []any{2, "x"})
			rowsOf(t, f, "二", 1, []any{"a", "b"}, []any{3, "x"})
			must(t, f.SetSheetVisible("隐", false))
		}, "1: a|b\n2: 1|x\n1: a|b\n2: 3|x\n", "hidden-sheet:0 text-sheet:0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := openBytes(t, book(t, func(f *excelize.File) { test.fill(t, f) }), Options{})
			must(t, err)
			for range 2 {
				if diff := cmp.Diff(test.want, dump(t, f)); diff != "" {
					t.Fatal(diff)
				}
			}
			if got := codes(f.Notes); got != test.notes {
				t.Errorf("notes are %q, want %q", got, test.notes)
			}
		})
	}
}

// parts packs a workbook of one sheet by hand.
func parts(t testing.TB, sheet string, more map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"[Content_Types].xml":        "<Types/>",
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   "<worksheet><sheetData>" + sheet + "</sheetData></worksheet>",
	}
	for name, text := range more {
		all[name] = text
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		must(t, err)
		_, err = w.Write([]byte(all[name]))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

const headXML = `<row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>`

func TestXLSXFaults(t *testing.T) {
	texts := "<sst><si><t>" + strings.Repeat("y", 2<<20) + "</t></si><si><r><t>甲</t></r><r><t>乙</t></r><rPh><t>jia</t></rPh></si></sst>"
	for _, test := range []struct{ name, sheet, want string }{
		{"not a number", `<row r="2"><c><v>x</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>`, "2! holds \"x\", which is no number\n3: 1|\n"},
		{"infinity", `<row r="2"><c><v>1e999</v></c></row>`, "2! holds \"1e999\", which is no number\n"},
		{"a text that is not there", `<row r="2"><c t="s"><v>7</v></c></row>`, "2! refers to the text \"7\", which the workbook does not have\n"},
		{"an address that is none", `<row r="2"><c r="9Z"><v>7</v></c></row>`, "2! has a cell with the address \"9Z\"\n"},
		{"of another row", `<row r="2"><c r="A3"><v>7</v></c></row>`, "2! has a cell with the address \"A3\"\n"},
		{"a row too long", `<row r="2"><c t="str"><v>` + strings.Repeat("x", 3<<20) + `</v></c></row><row r="3"><c><v>1</v></c></row>`, "2! is longer than 1048576 bytes\n3: 1|\n"},
		{"a text too long", `<row r="2"><c t="s"><v>0</v></c></row><row r="3"><c t="s"><v>1</v></c></row>`, "2! is longer than 1048576 bytes\n3: 甲乙|\n"},
		{"dates of ISO 8601", `<row r="2"><c t="d"><v>2007-05-01T00:00:00.000</v></c><c t="d"><v>2007-05-10</v></c></row>`, "2: 2007-05-01|2007-05-10\n"},
		{"errors are empty", `<row r="2"><c t="e"><v>#N/A</v></c><c><v>2</v></c></row>`, "2: |2\n"},
		{"references and sections", `<row r="2"><c t="str"><v>&lt;&#20013;&amp;_x000A_</v></c><c t='str'><v><![CDATA[<b>]]></v></c></row>`, "2: <中&\n|<b>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := openBytes(t, parts(t, headXML+test.sheet, map[string]string{"xl/sharedStrings.xml": texts}), Options{})
			must(t, err)
			if diff := cmp.Diff("1: a|b\n"+test.want, dump(t, f)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestXLSXRefuses(t *testing.T) {
	wide := &bytes.Buffer{}
	for i := range 16384 {
		fmt.Fprintf(wide, `<c r="%s1" t="str"><v>c%d</v></c>`, letter(i), i)
	}
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"16,384 columns", parts(t, `<row r="1">`+wide.String()+`</row>`, nil), "16384 columns; 1024 at most"},
		{"rows out of order", parts(t, headXML+`<row r="3"/><row r="2"/>`, nil), "row 2 comes after row 3"},
		{"no end", parts(t, headXML+`<row r="2"><c`, map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row><c"}), "damaged"},
		{"a document type", parts(t, "", map[string]string{"xl/workbook.xml": `<!DOCTYPE a [<!ENTITY b "c">]><workbook/>`}), "document type"},
		{"no sheet", parts(t, "", nil), "no sheet with a table"},
		{"xlsb", parts(t, "", map[string]string{"xl/workbook.bin": "x"}), ".xlsb"},
		{"cut off", parts(t, headXML, nil)[:300], "cut off or damaged"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := openBytes(t, test.file, Options{})
			var invalid *geo.InvalidError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; want one about %q", err, test.want)
			}
		})
	}
}
