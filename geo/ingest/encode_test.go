package ingest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"clustermap/geo/table"
)

// TestCellsInTheirColumn reads cells in the unit of their column: a number, and a mark
// where the text is kept beside it.
func TestCellsInTheirColumn(t *testing.T) {
	for _, test := range []struct {
		header string
		cells  string // cell is value, "null" none, each followed by " +" where the text is kept
	}{
		{"从业人员（万人）", "2.5=2.5 2万=2+ 3万人=3+ 500人=0.05+ 12万=12+ 十二万=12+ 十二=12+ 2-3万=2.5+ 约2万=2+ 1.2亿=12000+ 3万2000=3.2+ 1.5万余=1.5+ 3千=null+ 5百=null+ 5000-2万=1.25+ 3家=null+ 1/3=0.333333333333333+"},
		{"产值（亿元）", "12=12 1.2万亿=12000+ 3亿=3+ 300万元=0.03+ 12.5亿元=12.5+ 1.2万=null+ 2000万=null+ 5000万-1.2亿=0.85+ 五百亿=500+ 3百亿=300+ （12）=-12+ 100亿美元=null+ 1.2万亿元=12000+ -2亿=-2+"},
		{"产值（百亿元）", "五百亿=5+ 5亿=null+ 1.2万亿=120+"},
		{"产值（元）", "2万=20000+ 3亿=300000000+ 3千=3000+"},
		{"人口（万）", "2.5=2.5 2万=2+ 1.2亿=12000+"},
		{"面积（亩）", "2万=20000+ 1.5万亩=15000+ 1平方公里=1500+"},
		{"面积（万亩）", "2万=2+ 1500亩=0.15+ 1平方公里=0.15+"},
		{"电力（千瓦）", "5万=50000+ 3千=3000+ 5万千瓦=50000+"},
		{"重量（万吨）", "2万=2+ 3千克=3e-07+"},
		{"Output (100 million yuan)", "2亿=2+ 3.5=3.5 1.2万亿=12000+ 1万=null+"},
		{"Jobs (thousand persons)", "12k=12+ 2万=20+"},
		{"比例（%）", "1/3=33.3333333333333+ 0.3=0.3 30%=30+ 三分之一=33.3333333333333+ 三成=30+ 百分之三十=30+ 12‰=1.2+ 5.5%=5.5+ 30-40%=35+"},
		{"企业数", "2万=20000+ 1/4=0.25+ 3=3"},
	} {
		unit := HeaderUnit(test.header)
		sheet := &table.Sheet{Columns: []table.Column{{Name: test.header, Header: test.header}}}
		l, err := newLayout(sheet, &Mapping{Columns: []Column{{Column: test.header, Role: RoleNumber, Unit: unit}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Fields(test.cells) {
			cell, want, _ := strings.Cut(c, "=")
			want, kept := strings.CutSuffix(want, "+")
			b, text := l.appendValue(nil, 0, table.Value{Kind: table.Text, Text: cell})
			if string(b) != want || kept != (text == cell) || !kept && text != "" {
				t.Errorf("%s in %s is %s, text %q, want %s, kept %v", cell, test.header, b, text, want, kept)
			}
			if v, ok := (totalsCell{l, 0, table.Value{Kind: table.Text, Text: cell}}).number(); ok != (want != "null") || ok && string(appendFloat(nil, v)) != want {
				t.Errorf("%s in %s is %v, %v in a total, want %s", cell, test.header, v, ok, want)
			}
		}
	}
}

// TestUnitOfCells takes the unit of a column from its cells.
func TestUnitOfCells(t *testing.T) {
	for _, test := range []struct{ header, cells, unit, want, note string }{
		{"从业人员", "约2万人 3万 500", "人", "20000 30000 500", ""},
		{"从业人员", "约2万人 2-3万人 十二万 1.2万余 1 7 9", "人", "20000 25000 120000 12000 1 7 9", ""},
		{"从业人员", "100 200 300 2-3万人 5家", "", "100 200 300 null null", "2 cells of"},
		{"人口（万）", "2.5 3万人 3.5 4万", "万人", "2.5 3 3.5 4", ""},
		{"产值", "6.27亿元 12.5亿 3000万元 8亿", "元", "627000000 1250000000 30000000 800000000", ""},
		{"产值", "12 15 18 20 3亿元", "", "12 15 18 20 null", "1 cell of"},
		{"比例", "1/3 30% 30% 0.3", "%", "33.3333333333333 30 30 0.3", ""},
	} {
		rows := ""
		cells := strings.Fields(test.cells)
		for i, cell := range cells {
			rows += fmt.Sprintf("%d,厂%d,海宁市,%s\n", i, i, cell)
		}
		r := importText(t, "编号,名称,地点,"+test.header+"\n"+rows, Mapping{Key: []string{"编号"}})
		got := make([]string, len(cells))
		for f := range r.Features() {
			var doc struct{ Properties map[string]any }
			if err := json.Unmarshal(f.JSON, &doc); err != nil {
				t.Fatal(err)
			}
			at, err := strconv.Atoi(f.ID)
			if err != nil {
				t.Fatal(err)
			}
			got[at] = "null"
			if v, ok := doc.Properties[test.header].(float64); ok {
				got[at] = string(appendFloat(nil, v))
			}
			if text := doc.Properties[test.header+"_text"]; got[at] != cells[at] && text != cells[at] {
				t.Errorf("the text of %s is %v", cells[at], text)
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s is %s, want %s", test.header, test.cells, s, test.want)
		}
		if c, _ := r.Report.Mapping.role(test.header); c.Unit != test.unit {
			t.Errorf("%s: the unit of %s is %q, want %q", test.header, test.cells, c.Unit, test.unit)
		}
		note := ""
		for _, n := range r.Report.Notes {
			if n.Code == "unread" {
				note = n.EN
			}
		}
		if (note != "") != (test.note != "") || !strings.Contains(note, test.note) {
			t.Errorf("%s: the note of %s is %q, want %q", test.header, test.cells, note, test.note)
		}
	}
}
