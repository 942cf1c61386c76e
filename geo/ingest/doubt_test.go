package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// has reports whether a fate has a reason.
func (f *Fate) has(code string) bool {
	return slices.ContainsFunc(f.Reasons, func(r Reason) bool { return r.Code == code })
}

// TestFar moves a point away from the county that the row names: 海宁市 reaches some 33 km.
// What counties of the west reach is no doubt.
func TestFar(t *testing.T) {
	for _, test := range []struct {
		place    string
		lon, lat float64
		fate     string
		least    float64 // of the confidence, and most
		most     float64
		far      bool
	}{
		{"浙江省海宁市", 120.6864, 30.5363, Placed, 1, 1, false},
		{"浙江省海宁市", 120.6864, 31.0363, Placed, 1, 1, false},
		{"浙江省海宁市", 120.6864, 31.4363, Placed, 0.6, 0.79, true},
		{"浙江省海宁市", 120.6864, 32.0363, Placed, 0.6, 0.79, true},
		{"浙江省海宁市", 120.6864, 32.5363, Listed, 0, 0.59, true},
		{"浙江省海宁市许村镇", 120.6864, 31.9, Listed, 0, 0.59, true},
		{"新疆若羌县", 91.5, 39.2, Placed, 1, 1, false}, // 300 km
		{"海南省三沙市", 114.3, 10.2, Placed, 0.9, 1, false},
		{"浙江省", 118.2, 29, Placed, 0.9, 1, false},
		{"浙江省", 117, 36.7, Listed, 0, 0.59, true},
		{"黑龙江伊春市", 129.9, 48.9, Placed, 0.9, 1, false},
	} {
		r := importText(t, fmt.Sprintf("名称,地点,经度,纬度\n甲,%s,%v,%v\n乙,浙江省义乌市,120.0768,29.3151\n", test.place, test.lon, test.lat), Mapping{})
		f := r.Report.Rows[0]
		if f.Fate != test.fate || f.Confidence < test.least || f.Confidence > test.most || f.has("far") != test.far {
			t.Errorf("%s at %v %v is %s with %v, because %v", test.place, test.lon, test.lat, f.Fate, f.Confidence, f.Texts("en"))
		}
	}
}

// TestSums refuses rows that sum the others or are a remark, and no others.
func TestSums(t *testing.T) {
	text := "名称,地点,企业数\n甲,海宁市,3\n小计,,3\n合计科技公司,诸暨市,4\n  合 计 ,,7\n浙江省总计,,7\n注：2007年数,,\n制表人：李四,,\n总计（家）,,7\n注塑机,义乌市,5\n"
	r := importText(t, text, Mapping{})
	var got []string
	for _, f := range r.Report.Rows {
		got = append(got, f.Fate+" "+f.Fault)
	}
	want := []string{"placed ", "refused " + faultSum, "placed ", "refused " + faultSum, "refused " + faultSum, "refused " + faultNote, "refused " + faultNote, "refused " + faultSum, "placed "}
	if !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
	if c := r.Report.Counts; c.In != 9 || c.Placed+c.Listed+c.Refused != c.In || c.Features != 3 {
		t.Errorf("counts are %+v", c)
	}
	if strings.Contains(geoJSON(t, r), "计\"") {
		t.Error("a sum is a feature")
	}
	if zh := r.Report.Rows[1].Texts("zh"); len(zh) != 1 || zh[0] != "合计行，不是数据行" {
		t.Errorf("why it is refused is %q", zh)
	}
}

// TestTotalsParts has a part of a division of today without the others.
func TestTotalsParts(t *testing.T) {
	for _, test := range []struct {
		name, text, id string
		missing        string // "": none
	}{
		{"its own old code", "代码,年份,产值\n371200,2007,900\n330481,2007,5\n", "370100-2007", "370100"},
		{"without a year", "代码,产值\n371200,900\n330481,5\n", "370100", "370100"},
		{"the other part, without a year", "代码,产值\n330212,10\n320584,5\n", "330212", "330204"},
		{"all parts", "代码,年份,产值\n371200,2007,900\n370100,2007,8000\n", "370100-2007", ""},
		{"all parts, without a year", "代码,产值\n371200,900\n370100,8000\n", "370100", ""},
		{"codes of today, without a year", "代码,产值\n370100,900\n330481,5\n", "370100", ""},
		{"a year after all changes", "代码,年份,产值\n370100,2023,900\n330481,2023,5\n", "370100-2023", ""},
	} {
		r := importText(t, test.text, Mapping{})
		i := slices.IndexFunc(r.Report.Rows, func(f Fate) bool { return f.ID == test.id })
		if i < 0 {
			t.Errorf("%s: there is no %s", test.name, test.id)
			continue
		}
		f := r.Report.Rows[i]
		told := slices.ContainsFunc(f.Reasons, func(r Reason) bool { return r.Code == "totals-missing" && strings.Contains(r.Args[0], test.missing) })
		if told != (test.missing != "") || told && f.Confidence != 0.7 || !told && f.Confidence != 1 {
			t.Errorf("%s: %v with %v; want %q told", test.name, f.Texts("en"), f.Confidence, test.missing)
		}
	}
}

// TestAxesByLetter reads columns called E and N where they hold coordinates, and leaves
// them where N is a number of something or no name at all.
func TestAxesByLetter(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"degrees", "名称,地点,E,N\n甲,海宁市,120.6864,30.5363\n乙,义乌市,120.0768,29.3151\n", "名称=name 地点=place E=longitude N=latitude"},
		{"marks", "名称,地点,经度,纬度\n甲,海宁市,E120.69,N30.54\n乙,义乌市,E120°02.5′,29°18′N\n", "名称=name 地点=place 经度=longitude 纬度=latitude"},
		{"metres", "名称,地点,E,N\n甲,海宁市,563982.45,3421055.07\n乙,义乌市,535034.11,3368414.46\n", "名称=name 地点=place E=longitude N=latitude"},
		{"numbers", "名称,地点,E,N\n甲,海宁市,120,30\n乙,义乌市,110,20\n", "名称=name 地点=place E=number N=number"},
		{"letters of columns", "1,2,3,4,121.1234,6,7,8,9,10,11,12,13,31.1234\n2,2,3,4,1,6,7,8,9,10,11,12,13,2\n", ""},
	} {
		m, _, err := Plan(context.Background(), openTable(t, test.text), gazetteerOf(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := roles(m); test.want != "" && got != test.want || test.want == "" && strings.Contains(got, "itude") {
			t.Errorf("%s: %s; want %s", test.name, got, test.want)
		}
	}
}

// TestPlanNotes says what a person might not see: coordinates that are not read, and a
// first row that may be data.
func TestPlanNotes(t *testing.T) {
	for _, test := range []struct{ text, code string }{
		{"名称,地点,经度,纬度\n甲,海宁市,东边,x\n乙,义乌市,西边,y\n", "coordinates-unread"},
		{"名称,地点,经度\n甲,海宁市,120.5\n乙,诸暨市,121.5\n", "coordinates-unread"},
		{"名称,地点,经度,纬度\n甲,海宁市,120.5,30.5\n", ""},
		{"海宁市\n吴江市\n义乌市\n", "header-data"},
		{"地点\n吴江市\n义乌市\n", ""},
	} {
		_, notes, err := Plan(context.Background(), openTable(t, test.text), gazetteerOf(t))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, n := range notes {
			if n.Code == "coordinates-unread" || n.Code == "header-data" {
				got = n.Code
			}
		}
		if got != test.code {
			t.Errorf("%q: noted is %q; want %q", test.text, got, test.code)
		}
	}
}
