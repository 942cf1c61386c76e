package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// places is the gazetteer of the tests.
var places = sync.OnceValues(func() (*gazetteer.Gazetteer, error) { return gazetteer.Read(data.Files()) })

func gazetteerOf(t testing.TB) *gazetteer.Gazetteer {
	t.Helper()
	g, err := places()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func openTable(t testing.TB, text string) *table.File {
	t.Helper()
	f, err := table.Open(context.Background(), table.Source{Name: "t.csv", R: strings.NewReader(text), Size: int64(len(text))}, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// importText imports a table in CSV as Plan has it, with what over says above.
func importText(t testing.TB, text string, over Mapping) *Result {
	t.Helper()
	f := openTable(t, text)
	m, notes, err := Plan(context.Background(), f, gazetteerOf(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Import(context.Background(), f, gazetteerOf(t), Options{Mapping: m.Merge(over), Name: "t.csv", Notes: notes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func geoJSON(t testing.TB, r *Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteGeoJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func schemaText(t testing.TB, r *Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteSchema(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// index reads what an import wrote as the server would.
func index(t testing.TB, r *Result) *geo.Index {
	t.Helper()
	x, err := geo.Read(strings.NewReader(geoJSON(t, r)), geo.ReadOptions{Name: "t.geojson", Schema: schemaText(t, r)})
	if err != nil {
		t.Fatalf("the server would refuse it: %v", err)
	}
	return x
}

// roles is what Plan takes the columns for.
func roles(m Mapping) string {
	var all []string
	for _, c := range m.Columns {
		s := c.Column + "=" + string(c.Role)
		if c.Unit != "" {
			s += ":" + c.Unit
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func TestPlan(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"by name", "集群名称,所在地,省份,主导产业,企业数量（家）,产值(亿元),认定年份,备注\n" +
			"许村家纺,海宁市许村镇,浙江省,家纺,3000,100,2007,好\n盛泽丝绸,吴江区盛泽镇,江苏省,丝绸,2500,90,2007,\n",
			"集群名称=name 所在地=place 省份=province 主导产业=trade 企业数量（家）=number:家 产值(亿元)=number:亿元 认定年份=year 备注=note"},
		{"English", "id,cluster_name,location,province,industry,firms,lon,lat\n1,Xucun,许村镇,浙江省,textiles,300,120.3,30.4\n2,Shengze,盛泽镇,江苏省,silk,200,120.6,30.9\n",
			"id=id cluster_name=name location=place province=province industry=trade firms=number lon=longitude lat=latitude"},
		{"pinyin", "mingcheng,didian,sheng,hangye,nianfen\n甲,海宁市,浙江省,家纺,2007\n乙,绍兴市,浙江省,纺织,2008\n",
			"mingcheng=name didian=place sheng=province hangye=trade nianfen=year"},
		{"by content", "a,b,c,d,e,f\n许村家纺一,海宁市,330481,120.6512,30.5123,2007\n盛泽丝绸,吴江区,320509,120.6434,31.1624,2008\n虎门服装,东莞市,441900,113.6712,22.8145,2009\n",
			"a=name b=place c=adcode d=longitude e=latitude f=year"},
		{"units from values", "名称,地点,规模\n甲,海宁市,约2万人\n乙,诸暨市,3.5万人\n丙,义乌市,8000人\n",
			"名称=name 地点=place 规模=number:人"},
		{"a name that lies", "名称,经度,纬度\n甲,海宁市,好\n乙,诸暨市,坏\n",
			"名称=name 经度=county 纬度=text"},
		{"three columns of divisions", "项目,省,市,县\n甲,浙江省,嘉兴市,海宁市\n乙,江苏省,苏州市,昆山市\n",
			"项目=name 省=province 市=prefecture 县=county"},
		{"one coordinate is none", "名称,地点,经度\n甲,海宁市,120.5\n乙,诸暨市,121.5\n",
			"名称=name 地点=place 经度=number"},
		{"digits that are no numbers", "名称,地点,统计,旧码,电话号\n甲,海宁市,007,330481,13812345678901234\n乙,诸暨市,012,330681,13812345678901235\n",
			"名称=name 地点=place 统计=text 旧码=adcode 电话号=text"},
		{"degrees, minutes and seconds", "名称,经度,纬度\n甲,120°38′24″E,30°31′N\n乙,东经121度2分,北纬31度\n",
			"名称=name 经度=longitude 纬度=latitude"},
		{"coordinates in one cell", "名称,坐标\n甲,\"120.5,30.5\"\n乙,\"121.5,31.5\"\n",
			"名称=name 坐标=coordinates"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, _, err := Plan(context.Background(), openTable(t, test.text), gazetteerOf(t))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, roles(m)); diff != "" {
				t.Error(diff)
			}
			for _, c := range m.Columns {
				if c.Why.EN == "" || c.Why.ZH == "" {
					t.Errorf("why %s is %s is not said", c.Column, c.Role)
				}
			}
		})
	}
}

// TestHeaderWords holds that a word leads to one role.
func TestHeaderWords(t *testing.T) {
	owner := make(map[string]Role)
	for role, words := range headerWords {
		for _, w := range words {
			if plain(w) != w {
				t.Errorf("%s: %q is never met; headers are looked up as %q", role, w, plain(w))
			}
			if other, twice := owner[w]; twice {
				t.Errorf("%q is of %s and of %s", w, other, role)
			}
			owner[w] = role
		}
	}
}

// TestPlaces puts rows to their places, and says what is added to them.
func TestPlaces(t *testing.T) {
	r := importText(t, "编号,名称,地点,人数\nb,许村家纺,浙江省嘉兴市海宁市许村镇,约2万人\na,绍兴纺织,绍兴县,1.5万人\nc,无处,,3\n", Mapping{})
	if c := r.Report.Counts; c.In != 3 || c.Placed != 2 || c.Listed != 1 || c.Refused != 0 || c.Features != 3 {
		t.Errorf("counts are %+v", c)
	}
	var got []string
	for f := range r.Features() {
		var doc struct {
			Geometry   *struct{ Type string }
			Properties map[string]any
		}
		if err := json.Unmarshal(f.JSON, &doc); err != nil {
			t.Fatal(err)
		}
		p := doc.Properties
		got = append(got, fmt.Sprint(f.ID, " ", doc.Geometry != nil, " ", p["名称"], " ", p["人数"], " ", p["人数_text"], " ", p["adcode"], " ", p["adcode_2007"], " ", p["level"]))
		if len(p["reasons"].([]any)) == 0 {
			t.Errorf("%s has no reasons", f.ID)
		}
	}
	want := []string{
		"a true 绍兴纺织 15000 1.5万人 330603 330621 county",
		"b true 许村家纺 20000 约2万人 330481 <nil> town",
		"c false 无处 3 <nil> <nil> <nil> <nil>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	s := index(t, r).Schema()
	for name, role := range map[string]geo.Role{"名称": geo.RoleName, "adcode": geo.RoleAdcode, "level": geo.RoleShape, "precision": geo.RolePrecision, "人数": geo.RoleSum} {
		if p, ok := s.Property(name); !ok || p.Role != role {
			t.Errorf("the role of %s is %q, want %q", name, p.Role, role)
		}
	}
}

// TestNamesTaken keeps columns that have our names.
func TestNamesTaken(t *testing.T) {
	r := importText(t, "名称,地点,level,level_import,人数,人数_text\n甲,海宁市,高,x,约3人,y\n", Mapping{})
	text := geoJSON(t, r)
	for _, want := range []string{`"level":"高"`, `"level_import":"x"`, `"level_import_2":"county"`, `"人数_text":"y"`, `"人数_text_2":"约3人"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	if len(r.Report.Notes) == 0 || !strings.Contains(r.Report.Notes[len(r.Report.Notes)-1].EN, "level_import_2") {
		t.Errorf("notes are %v", r.Report.Notes)
	}
	index(t, r)
}

// TestSame gives rows that equal one another ids of their own, whatever their order.
func TestSame(t *testing.T) {
	rows := []string{"甲,海宁市", "乙,诸暨市", "甲,海宁市", "甲,海宁市"}
	r := importText(t, "名称,地点\n"+strings.Join(rows, "\n")+"\n", Mapping{})
	ids := make(map[string]bool)
	for f := range r.Features() {
		ids[f.ID] = true
	}
	if len(ids) != 4 {
		t.Errorf("the ids are %v", ids)
	}
	if r.Report.Counts.Same != 2 || r.Report.Rows[2].Same != 2 || r.Report.Rows[3].Same != 2 {
		t.Errorf("equal rows are not said: %+v", r.Report.Counts)
	}
}

func TestKey(t *testing.T) {
	const text = "代号,名称,地点\nx,甲,海宁市\nx-2,乙,诸暨市\nx,丙,义乌市\n,丁,东阳市\n"
	r := importText(t, text, Mapping{Key: []string{"代号"}})
	var ids []string
	for f := range r.Features() {
		ids = append(ids, f.ID)
	}
	if len(ids) != 4 || ids[1] != "x" || ids[2] != "x-2" || ids[3] != "x-3" {
		t.Errorf("ids are %v; x-2 is a key of the table, so the second x is x-3", ids)
	}
	l := &layout{}
	if id := l.keyOf(table.Row{ID: "x"}); id != "x" {
		t.Errorf("the id that a format gives becomes %q", id)
	}
	if l.keyless = true; l.keyOf(table.Row{ID: "x"}) != "" {
		t.Error("ids by content are those of the format")
	}
	r = importText(t, text, Mapping{Key: []string{"代号", "名称"}})
	if id := r.Report.Rows[0].ID; id != "x/甲" {
		t.Errorf("the id of two columns is %q", id)
	}
}

func TestSplit(t *testing.T) {
	const text = "名称,地点\n甲,深圳市、广州市、佛山市\n"
	whole := importText(t, text, Mapping{})
	if text := geoJSON(t, whole); whole.Len() != 1 || !strings.Contains(text, `"MultiPoint"`) || !strings.Contains(text, `"adcode":"440000"`) || !strings.Contains(text, `"adcodes":["440300","440100","440600"]`) {
		t.Errorf("several places: %s", text)
	}
	index(t, whole)
	parts := importText(t, text, Mapping{Split: true})
	if parts.Len() != 3 || parts.Report.Counts.In != 1 || parts.Report.Counts.Placed != 1 {
		t.Errorf("split gives %d features, %+v", parts.Len(), parts.Report.Counts)
	}
	n := 0
	for f := range parts.Features() {
		if n++; !strings.HasSuffix(f.ID, fmt.Sprintf(".%d", n)) {
			t.Errorf("the id of part %d is %s", n, f.ID)
		}
	}
	index(t, parts)
}

func TestCorrections(t *testing.T) {
	const text = "编号,名称,地点\n1,甲,海宁市\n2,乙,哪里也不是\n3,丙,诸暨市\n4,丁,义乌市\n"
	r := importText(t, text, Mapping{Key: []string{"编号"}, Corrections: []Correction{
		{ID: "1", Adcode: "320509", Note: "by telephone"},
		{ID: "2", Point: &orb.Point{120.25, 30.5}},
		{ID: "3", None: true},
		{ID: "4", Adcode: "999999"},
		{ID: "9", Adcode: "320509"},
	}})
	rows := r.Report.Rows
	if f := rows[0]; f.Adcode != "320509" || !f.Corrected || f.Confidence != 1 || f.Fate != Placed || !strings.Contains(strings.Join(f.Texts("en"), " "), "by telephone") {
		t.Errorf("a division: %+v", f)
	}
	if f := rows[1]; f.Fate != Placed || f.Precision != PrecisionCorrected || *f.Point != (orb.Point{120.25, 30.5}) {
		t.Errorf("a point: %+v", f)
	}
	if f := rows[2]; f.Fate != Listed || f.Point != nil || !f.Corrected {
		t.Errorf("nowhere: %+v", f)
	}
	if f := rows[3]; f.Corrected || f.Adcode != "330782" || !strings.Contains(strings.Join(f.Texts("en"), " "), "999999") {
		t.Errorf("an unknown division: %+v", f)
	}
	notes := fmt.Sprint(r.Report.Notes)
	if !strings.Contains(notes, `"9"`) || strings.Contains(notes, `"4"`) {
		t.Errorf("only the correction of 9 is of no row: %s", notes)
	}
	if r.Report.Counts.Corrected != 3 {
		t.Errorf("counts are %+v", r.Report.Counts)
	}
	index(t, r)
}

// TestCorrectionOfEqualRows corrects one of several equal rows by its number, or all.
func TestCorrectionOfEqualRows(t *testing.T) {
	const text = "名称,地点\n甲,海宁市\n甲,海宁市\n"
	id := importText(t, text, Mapping{}).Report.Rows[0].ID
	for _, test := range []struct {
		id   string
		want int
	}{{id, 2}, {id + "-2", 1}} {
		r := importText(t, text, Mapping{Corrections: []Correction{{ID: test.id, Adcode: "320509"}}})
		if r.Report.Counts.Corrected != test.want {
			t.Errorf("%s corrects %d rows, want %d", test.id, r.Report.Counts.Corrected, test.want)
		}
	}
}

func TestCoordinates(t *testing.T) {
	r := importText(t, "名称,地点,经度,纬度,坐标系\n甲,海宁市,120.68,30.53,\n乙,海宁市,87.6,43.8,\n丙,海宁市,x,y,\n丁,,121.1,31.3,GCJ-02\n戊,海宁市,30.53,120.68,\n己,海宁市,0,0,\n庚,,,,\n", Mapping{})
	var got []string
	for _, f := range r.Report.Rows {
		got = append(got, f.Name+" "+f.Fate+" "+f.Precision+" "+f.Adcode)
	}
	want := []string{"甲 placed given 330481", "乙 listed  ", "丙 placed county_seat 330481", "丁 placed given ", "戊 placed given 330481", "己 placed county_seat 330481", "庚 listed  "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p := *r.Report.Rows[3].Point; p[0] > 121.099 || p[0] < 121.09 {
		t.Errorf("GCJ-02 is not taken off: %v", p)
	}
	for i, want := range map[int]string{1: "km from the seat", 2: "cannot be used", 4: "exchanged", 5: "0,0"} {
		if all := strings.Join(r.Report.Rows[i].Texts("en"), "; "); !strings.Contains(all, want) {
			t.Errorf("row %d says %q; want %q", i, all, want)
		}
	}
	index(t, r)
}

// TestGeometry takes geometries of files, also in a system that only the user knows.
func TestGeometry(t *testing.T) {
	sheet := &table.Sheet{Columns: []table.Column{{Name: "名称"}, {Name: "地点"}}}
	m := &Mapping{Columns: []Column{{Column: "名称", Role: RoleName}, {Column: "地点", Role: RolePlace}}}
	l, err := newLayout(sheet, m)
	if err != nil {
		t.Fatal(err)
	}
	cells := []table.Value{{Kind: table.Text, Text: "甲"}, {Kind: table.Text, Text: "海宁市"}}
	ring := orb.Ring{{120.6, 30.4}, {120.8, 30.4}, {120.8, 30.6}, {120.6, 30.4}}
	for _, test := range []struct {
		name      string
		crs       string
		shape     orb.Geometry
		precision string
		says      string
	}{
		{"a point", "", orb.Point{120.68, 30.53}, PrecisionGiven, "gives its geometry"},
		{"an area", "", orb.Polygon{ring}, PrecisionGiven, "gives its geometry"},
		{"a collection", "", orb.Collection{orb.Point{120.68, 30.53}, orb.LineString{{120.6, 30.4}, {120.7, 30.5}}}, PrecisionGiven, "gives its geometry"},
		{"metres", "EPSG:4528", orb.Point{40565000, 3379000}, PrecisionGiven, "gives its geometry"},
		{"metres that nobody explains", "", orb.Point{40565000, 3379000}, "county_seat", "nowhere on Earth"},
		{"a ring that is open", "", orb.Polygon{ring[:3]}, "county_seat", "not closed"},
		{"nothing", "", orb.MultiPoint{}, "county_seat", "too few"},
		{"0,0", "", orb.Point{}, "county_seat", "0,0"},
		{"far away", "", orb.Point{87.6, 43.8}, "", "km from the seat"},
	} {
		m.CRS = test.crs
		o := newPlacer(gazetteerOf(t), m).place(l, sheet, table.Row{Cells: cells, Geometry: test.shape})
		var says []string
		for _, r := range o.reasons {
			says = append(says, ReasonText(r, "en"))
		}
		if s := o.spots[0]; s.precision != test.precision || (s.geometry == nil) != (test.precision == "") || !strings.Contains(strings.Join(says, "; "), test.says) {
			t.Errorf("%s: precision %q at %v, because %s", test.name, s.precision, s.geometry, strings.Join(says, "; "))
		}
	}
}

func TestTotals(t *testing.T) {
	r := importText(t, `行政区划代码,地区,年份,人口（万人）,产值,城镇化率（%）
110101,东城区,2007,55.2,100亿元,100
110103,崇文区,2007,30.1,500000万元,100
320584,吴江市,2007,110,2000亿元,60
440306,宝安区,2007,300,3000亿元,100
999999,无此,2007,1,1亿元,1
320584,吴江市,2008,111,2100亿元,61
320584,吴江市,2008,111,2100亿元,61
320584,吴江市,2008,112,2100亿元,61
`, Mapping{})
	if r.Report.Mapping.Kind != KindTotals {
		t.Fatalf("it is taken for %s", r.Report.Mapping.Kind)
	}
	if c := r.Report.Counts; c.In != 8 || c.Placed != 3 || c.Listed != 5 || c.Features != 6 || c.Same != 1 {
		t.Errorf("counts are %+v", c)
	}
	x := index(t, r)
	for id, want := range map[string]map[string]string{
		"110101-2007":          {"人口（万人）": "85.3", "产值": "15000000000", "城镇化率（%）": "null", "adcode": `"110101"`},
		"320509-2007":          {"人口（万人）": "110", "adcode": `"320509"`, "adcode_2007": `"320584"`},
		"unjoined-320584-2008": {"产值": "210000000000"},
		"unjoined-440306-2007": {"人口（万人）": "300", "adcode": "null"},
	} {
		f, err := x.Get(context.Background(), id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		for name, value := range want {
			if got := string(f.Value(name).JSON()); got != value && !(value == "null" && got == "") {
				t.Errorf("%s of %s is %s, want %s", name, id, got, value)
			}
		}
	}
	mended := importText(t, "行政区划代码,年份,人口（人）\n440306,2007,300\n", Mapping{Corrections: []Correction{{ID: "unjoined-440306-2007", Adcode: "440306"}}})
	if f := mended.Report.Rows[0]; f.Fate != Placed || !f.Corrected || f.Adcode != "440306" {
		t.Errorf("a person joins what was divided: %+v", f)
	}
	if f := importText(t, "地区,年份,人口（人）\n深圳市宝安区,2007,300\n海宁市,2007,60\n", Mapping{}).Report.Rows[0]; f.Fate != Listed {
		t.Errorf("a division that has lost parts, by name: %+v", f)
	}
	outlined := importText(t, "地区,年份,人口（人）\n绍兴县,2007,71\n江苏省,2007,7600\n", Mapping{Geometry: GeometryOutlines})
	if outlined.Report.Counts.Placed != 2 || outlined.Report.Rows[0].Adcode != "330603" {
		t.Errorf("by name: %+v", outlined.Report.Rows)
	}
}

// TestWide imports as many columns as there may be, with names that mean mischief.
func TestWide(t *testing.T) {
	var head, row []string
	for i := range 1024 {
		head = append(head, fmt.Sprintf("列%d\u202e</script>", i))
		row = append(row, fmt.Sprint(i))
	}
	head[0], row[0], head[1], row[1] = "地点", "海宁市", "名称", "甲"
	r := importText(t, strings.Join(head, ",")+"\n"+strings.Join(row, ",")+"\n", Mapping{})
	if p := len(index(t, r).Schema().Properties); p != 1024+7 {
		t.Errorf("there are %d properties", p)
	}
	var page bytes.Buffer
	if err := r.Report.WriteHTML(&page, "en"); err != nil {
		t.Fatal(err)
	}
	if s := page.String(); strings.Contains(s, "</script>") || strings.Contains(s, "\u202e") {
		t.Error("the report holds what a column is called as it stands")
	}
}

func TestImportRefuses(t *testing.T) {
	g := gazetteerOf(t)
	const text = "名称,地点\n甲,海宁市\n"
	for _, test := range []struct {
		name string
		opt  Options
		want string
	}{
		{"a column that is not there", Options{Mapping: Mapping{Columns: []Column{{Column: "名", Role: RoleName}}}}, `did you mean "名称"`},
		{"a role twice", Options{Mapping: Mapping{Columns: []Column{{Column: "名称", Role: RolePlace}, {Column: "地点", Role: RolePlace}}}}, "has the role place"},
		{"a longitude alone", Options{Mapping: Mapping{Columns: []Column{{Column: "名称", Role: RoleLongitude}}}}, "latitude"},
		{"a key that is not there", Options{Mapping: Mapping{Key: []string{"x"}}}, "no such column"},
		{"a sheet that is not there", Options{Mapping: Mapping{Sheets: []string{"x"}}}, "no sheet"},
		{"too much", Options{MaxBytes: 10}, "MiB"},
	} {
		_, err := Import(context.Background(), openTable(t, text), g, test.opt, nil)
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s gives the error %v; want one with %q", test.name, err, test.want)
		}
	}
	_, err := Import(context.Background(), openTable(t, text+text), g, Options{MaxRows: 2}, nil)
	if err == nil || !strings.Contains(err.Error(), "more than 2 rows") {
		t.Errorf("three rows give the error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Import(ctx, openTable(t, text), g, Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled import gives the error %v", err)
	}
}

// TestProperties holds for random tables: no row is lost, the order of the rows does not
// matter, importing twice gives the same bytes, and the server takes what is written.
func TestProperties(t *testing.T) {
	gazetteerOf(t)
	cells := []string{"", "海宁市", "浙江省", "朝阳区", "许村镇", "吴江市", "深圳市、广州市", "哪里", "120.5", "30.5", "0", "约2万人", "2007", "330481", "a\"b", "x,y", "\u202e", "名", "-1", "1e999", "2007-2009"}
	heads := []string{"名称", "地点", "省份", "经度", "纬度", "编号", "年份", "产值（亿元）", "代码", "x", "", "level"}
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.SliceOfN(rapid.SampledFrom(heads), 2, 6).Draw(t, "head")
		head[0] = "名称"
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom(cells), 1, 7), 1, 12).Draw(t, "rows")
		write := func(order []int) string {
			lines := []string{line(head)}
			for _, i := range order {
				lines = append(lines, line(rows[i]))
			}
			return strings.Join(lines, "\n") + "\n"
		}
		order := make([]int, len(rows))
		for i := range order {
			order[i] = i
		}
		over := Mapping{Split: rapid.Bool().Draw(t, "split")}
		run := func(order []int) (string, Counts) {
			text := write(order)
			f, err := table.Open(context.Background(), table.Source{Name: "t.csv", R: strings.NewReader(text), Size: int64(len(text))}, table.Options{HeaderRow: 1, Delimiter: ','})
			if err != nil {
				t.Fatal(err)
			}
			g, _ := places()
			m, _, err := Plan(context.Background(), f, g)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Import(context.Background(), f, g, Options{Mapping: m.Merge(over)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, err := range f.Sheets[0].Rows(context.Background()) {
				if n++; err != nil {
					t.Fatal(err)
				}
			}
			c := r.Report.Counts
			if c.In != n || c.In != c.Placed+c.Listed+c.Refused || len(r.Report.Rows) != n {
				t.Fatalf("%d rows give %+v", n, c)
			}
			var b, schema bytes.Buffer
			if err := errors.Join(r.WriteGeoJSON(&b), r.WriteSchema(&schema)); err != nil {
				t.Fatal(err)
			}
			if _, err := geo.Read(bytes.NewReader(b.Bytes()), geo.ReadOptions{Schema: schema.Bytes()}); err != nil {
				t.Fatalf("the server would refuse it: %v", err)
			}
			if d, err := r.Compare(bytes.NewReader(b.Bytes())); err != nil || len(d.Added)+len(d.Changed)+len(d.Removed) > 0 || d.Same != r.Len() {
				t.Fatalf("compared with itself it differs: %+v, %v", d, err)
			}
			return b.String(), c
		}
		first, counts := run(order)
		if again, _ := run(order); again != first {
			t.Fatalf("twice gives %s\nand %s", first, again)
		}
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 1)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		if shuffled, c := run(order); shuffled != first {
			t.Fatalf("another order gives %s\ninstead of %s\n%+v %+v", shuffled, first, c, counts)
		}
	})
}

func line(cells []string) string {
	quoted := make([]string, len(cells))
	for i, c := range cells {
		quoted[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ",")
}

// FuzzImport holds for any text: it is refused as a whole, or no row is lost and the
// server takes what is written.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		"名称,地点\n甲,海宁市\n", "行政区划代码,年份,人口（万人）\n110101,2007,55\n110103,2007,30\n110103,2007,30\n", "名称,经度,纬度,坐标系\n甲,120.5,30.5,GCJ-02\n",
		"id,name,place\n.,a,海宁\n.,b,海宁\n", "a\n\"\n", "名称,坐标\n甲,\"120.5 30.5\"\n乙,0 0\n", "地点,产值（亿元）\n海宁市,1e400\n",
	} {
		f.Add([]byte(seed), false, uint8(0))
	}
	g := gazetteerOf(f)
	f.Fuzz(func(t *testing.T, text []byte, split bool, kind uint8) {
		file, err := table.Open(context.Background(), table.Source{Name: "f.csv", R: bytes.NewReader(text), Size: int64(len(text))}, table.Options{})
		var invalid *geo.InvalidError
		if errors.As(err, &invalid) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		m, _, err := Plan(context.Background(), file, g)
		if errors.As(err, &invalid) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		m.Split = split
		m.Kind = []string{m.Kind, KindPlaces, KindTotals}[kind%3]
		r, err := Import(context.Background(), file, g, Options{Mapping: m, Lang: "zh"}, nil)
		if errors.As(err, &invalid) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if c := r.Report.Counts; c.In != c.Placed+c.Listed+c.Refused || c.In != len(r.Report.Rows) {
			t.Fatalf("counts are %+v", c)
		}
		var features, schema bytes.Buffer
		if err := errors.Join(r.WriteGeoJSON(&features), r.WriteSchema(&schema), r.Report.WriteHTML(&bytes.Buffer{}, "zh"), r.Report.WriteCSV(&bytes.Buffer{}, "zh"), r.Report.WriteJSON(&bytes.Buffer{}, "zh"), m.Write(&bytes.Buffer{})); err != nil {
			t.Fatal(err)
		}
		if _, err := geo.Read(&features, geo.ReadOptions{Schema: schema.Bytes()}); err != nil {
			t.Fatalf("the server would refuse it: %v", err)
		}
	})
}
