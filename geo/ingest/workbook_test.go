package ingest

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"clustermap/geo/table"

	"github.com/xuri/excelize/v2"
)

// workbook is a workbook as planners make them: a title above the header, numbers shown
// rounded or as per cent, a sheet of remarks, and another sheet of rows.
func workbook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	rows := map[string][][]any{
		"浙江": {
			{"表1 浙江省产业集群"},
			{"序号", "集群名称", "所在地", "产值（亿元）", "占比", "认定时间", "企业数", "经度", "纬度"},
			{1, "许村家纺", "海宁市许村镇", 120.5, 0.125, 2007, "约3千家", 120.36471, 30.43521},
			{2, "大唐袜业", "诸暨市大唐街道", "350亿元", 0.5, 2008, "1.2万家", 120.16391, 29.69221},
			{3, "柯桥轻纺", "绍兴县", 1000, 0.25, 2009, "2万家", nil, nil},
			{4, "无处", nil, 5, 0.1, 2009, "1家", nil, nil},
		},
		"江苏": {{"集群名称", "所在地", "企业数"}, {"盛泽丝绸", "吴江市盛泽镇", "2500家"}},
		"说明": {{"项目", "内容"}, {"编制", "某某"}, {"用途", "参考"}},
	}
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(f.SetSheetName("Sheet1", "浙江"))
	for _, sheet := range []string{"浙江", "江苏", "说明"} {
		if sheet != "浙江" {
			_, err := f.NewSheet(sheet)
			check(err)
		}
		for i, row := range rows[sheet] {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			check(err)
			check(f.SetSheetRow(sheet, cell, &row))
		}
	}
	percent, err := f.NewStyle(&excelize.Style{NumFmt: 9})
	check(err)
	short, err := f.NewStyle(&excelize.Style{NumFmt: 2})
	check(err)
	check(f.SetCellStyle("浙江", "E3", "E6", percent))
	check(f.SetCellStyle("浙江", "H3", "I6", short))
	var b bytes.Buffer
	check(f.Write(&b))
	return b.Bytes()
}

// TestYearsInSheets takes the year of totals from the names of sheets.
func TestYearsInSheets(t *testing.T) {
	f := excelize.NewFile()
	for i, sheet := range []string{"2007年", "2008年"} {
		if _, err := f.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		for j, row := range [][]any{{"地区", "人口（万人）"}, {"绍兴县", 70 + i}, {"海宁市", 60 + i}} {
			cell, err := excelize.CoordinatesToCellName(1, j+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(sheet, cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	book, err := table.Open(context.Background(), table.Source{Name: "b.xlsx", R: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	m, _, err := Plan(context.Background(), book, gazetteerOf(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Import(context.Background(), book, gazetteerOf(t), Options{Mapping: m}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for f := range r.Features() {
		ids = append(ids, f.ID)
	}
	if got := strings.Join(ids, " "); got != "330481-2007 330481-2008 330603-2007 330603-2008" {
		t.Errorf("the features are %s", got)
	}
}

func TestWorkbook(t *testing.T) {
	book := workbook(t)
	f, err := table.Open(context.Background(), table.Source{Name: "b.xlsx", R: bytes.NewReader(book), Size: int64(len(book))}, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, notes, err := Plan(context.Background(), f, gazetteerOf(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Import(context.Background(), f, gazetteerOf(t), Options{Mapping: m, Notes: notes, Name: "b.xlsx"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Report.Counts; c.In != 5 || c.Placed != 4 || c.Listed != 1 {
		t.Errorf("counts are %+v; the sheet of remarks is none of places", c)
	}
	if len(m.Sheets) != 2 || !strings.Contains(geoJSON(t, r), `"sheet":"江苏"`) {
		t.Errorf("the sheets are %v", m.Sheets)
	}
	said := false
	for _, n := range r.Report.Notes {
		said = said || n.Sheet == "说明"
	}
	if !said {
		t.Errorf("no note says that a sheet was left out: %v", r.Report.Notes)
	}
	for _, want := range []string{`"占比":12.5,`, `"产值（亿元）":350,"产值（亿元）_text":"350亿元"`, `"认定时间":2007,`, `"coordinates":[120.36471,30.43521]`, `"企业数":20000,`} {
		if !strings.Contains(geoJSON(t, r), want) {
			t.Errorf("%s is not in %s", want, geoJSON(t, r))
		}
	}
	index(t, r)
}
