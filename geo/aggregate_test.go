package geo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func aggregate(t testing.TB, x *Index, measures, by string) *Aggregated {
	t.Helper()
	m, err := ParseMeasures(x.Schema(), measures)
	if err != nil {
		t.Fatal(err)
	}
	g, err := ParseGroupings(x.Schema(), by)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x.Aggregate(context.Background(), Aggregation{Measures: m, By: g})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// table writes groups one a line: keys, count, values.
func table(a *Aggregated) string {
	var b strings.Builder
	for _, g := range append(slices.Clone(a.Groups), a.Total) {
		for _, k := range g.Key {
			fmt.Fprintf(&b, "%s ", k.JSON())
		}
		fmt.Fprintf(&b, "%d", g.Count)
		for _, v := range g.Values {
			fmt.Fprintf(&b, " %s", v.JSON())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const aggregateFeatures = `
{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{"adcode":"440604","trade":"lamps","firms":10,"share":0.1,"tags":["b","a"],"big":9007199254740991,"ok":true}}
{"type":"Feature","id":2,"geometry":{"type":"Point","coordinates":[113.1,23]},"properties":{"adcode":"440605","trade":"lamps","firms":20,"share":0.2,"tags":["a","b","a"],"big":9007199254740991,"ok":false}}
{"type":"Feature","id":3,"geometry":null,"properties":{"adcode":"441900","trade":"toys","firms":null,"share":0.3,"tags":[],"big":1,"ok":true}}
{"type":"Feature","id":4,"geometry":{"type":"LineString","coordinates":[[-180,89],[180,89]]},"properties":{"adcode":"310115","trade":null,"firms":7,"tags":null}}
{"type":"Feature","id":5,"geometry":{"type":"Point","coordinates":[112,30]},"properties":{"adcode":"429004","trade":"toys","firms":-3,"tags":["c"]}}
{"type":"Feature","id":6,"geometry":{"type":"Point","coordinates":[112,30]},"properties":{"trade":"arms","firms":4}}`

func TestAggregate(t *testing.T) {
	x := mustRead(t, ReadOptions{}, strings.Split(strings.TrimSpace(aggregateFeatures), "\n")...)
	tests := []struct{ measures, by, want string }{
		{"count,count(firms),sum(firms),mean(firms),median(firms),quantile(firms,0.9)", "trade", `
"lamps" 2 2 2 30 15 15 19
"toys" 2 2 1 -3 -3 -3 -3
"arms" 1 1 1 4 4 4 4
null 1 1 1 7 7 7 7
6 6 5 38 7.6 7 16
`},
		{"min(firms),max(firms),min(trade),max(trade),distinct(trade),distinct(ok)", "", "6 -3 20 \"arms\" \"toys\" 3 2\n"},
		{"sum(big),sum(share)", "", "6 18014398509481983 0.6\n"},
		{"", "tags", `
["a","b"] 2 2
null 2 2
["c"] 1 1
[] 1 1
6 6
`},
		{"sum(firms)", "division:province", "\"440000\" 3 30\n\"310000\" 1 7\n\"420000\" 1 -3\nnull 1 4\n6 38\n"},
		{"sum(firms)", "division:prefecture", "\"440600\" 2 30\n\"310000\" 1 7\n\"429004\" 1 -3\n\"441900\" 1 null\nnull 1 4\n6 38\n"},
		{"sum(firms)", "division:county", "\"310115\" 1 7\n\"429004\" 1 -3\n\"440604\" 1 10\n\"440605\" 1 20\n\"441900\" 1 null\nnull 1 4\n6 38\n"},
		{"", "grid:4", "\"4/12/6\" 2 2\n\"4/13/6\" 2 2\n\"4/8/0\" 1 1\nnull 1 1\n6 6\n"},
		{"", "grid:0", "\"0/0/0\" 5 5\nnull 1 1\n6 6\n"},
		{"", "ok,trade", `
false "lamps" 1 1
true "lamps" 1 1
true "toys" 1 1
null "arms" 1 1
null "toys" 1 1
null null 1 1
6 6
`},
		{"", "firms", "-3 1 1\n4 1 1\n7 1 1\n10 1 1\n20 1 1\nnull 1 1\n6 6\n"},
	}
	for _, tt := range tests {
		got := table(aggregate(t, x, tt.measures, tt.by))
		if got != strings.TrimPrefix(tt.want, "\n") {
			t.Errorf("%s by %s:\n%swant\n%s", tt.measures, tt.by, got, tt.want)
		}
	}
}

func TestAggregateSelects(t *testing.T) {
	x := mustRead(t, ReadOptions{}, strings.Split(strings.TrimSpace(aggregateFeatures), "\n")...)
	q := Query{Box: &orb.Bound{Min: orb.Point{112, 22}, Max: orb.Point{114, 24}}, Limit: 1, Sort: []SortKey{{Property: "firms"}}}
	a, err := x.Aggregate(context.Background(), Aggregation{Query: q, Measures: []Measure{{Func: "sum", Property: "firms"}}})
	if err != nil || a.Total.Count != 2 || a.Total.Values[0].Number() != 30 || len(a.Groups) != 0 {
		t.Errorf("%+v, %v", a, err)
	}
	var none Index
	a, err = none.Aggregate(context.Background(), Aggregation{Measures: []Measure{{Func: "sum", Property: "firms"}, {Func: "count"}}, By: []Grouping{{Name: "trade"}, {Kind: ByGrid}}})
	if err != nil || len(a.Groups) != 0 || a.Total.Values[0].Kind() != KindNull || a.Total.Values[1].Number() != 0 {
		t.Errorf("an empty index: %+v, %v", a, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Aggregate(ctx, Aggregation{By: []Grouping{{Name: "trade"}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestAggregateRegions(t *testing.T) {
	regions, err := ReadRegions(context.Background(), mustReadFile(t, "../data/regions.geojson", "../data/regions.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../data/divisions.geojson")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	schema, err := os.ReadFile("../data/divisions.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	x, err := Read(f, ReadOptions{Name: "divisions.geojson", Schema: schema, Regions: regions})
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for slot := range uint32(x.Len()) {
		if _, all := regions.Of(x.At(slot).Value("adcode").Text()); slices.Contains(all, "yrd25") {
			want++
		}
	}
	a := aggregate(t, x, "count", "region:yrd25")
	if len(a.Groups) != 2 || a.Groups[1].Count != want || a.Groups[1].Key[0].Text() != "yrd25" || a.Groups[0].Key[0].Kind() != KindNull || want == 0 {
		t.Errorf("%s want %d in yrd25", table(a), want)
	}
	if _, err := ParseGroupings(x.Schema(), "region:yrd52"); err == nil || !strings.Contains(err.Error(), "did you mean yrd") {
		t.Error(err)
	}
}

func TestAggregateRefusals(t *testing.T) {
	x := mustRead(t, ReadOptions{}, strings.Split(strings.TrimSpace(aggregateFeatures), "\n")...)
	s := x.Schema()
	for text, want := range map[string]string{
		"sum(firm)":           `measures: "sum(firm)": there is no property "firm"; did you mean "firms"?`,
		"summ(firms)":         `measures: "summ(firms)": there is no such measure; did you mean sum?`,
		"variance(firms)":     `measures: "variance(firms)": there is no such measure; there are count, sum, mean, min, max, distinct, median, quantile`,
		"sum":                 `measures: "sum": names no property; write sum(property)`,
		"sum(firms":           `measures: "sum(firms": the parenthesis is not closed`,
		"sum(trade)":          `measures: "sum(trade)": sum measures numbers; the property "trade" is of the type string`,
		"distinct(tags)":      `measures: "distinct(tags)": distinct measures single values; the property "tags" is of the type array`,
		"quantile(firms)":     `measures: "quantile(firms)": needs a property and a share from 0 to 1, as in quantile(p,0.9)`,
		"quantile(firms,1.5)": `measures: "quantile(firms,1.5)": "1.5" is not a share from 0 to 1`,
		"quantile(firms,NaN)": `measures: "quantile(firms,NaN)": "NaN" is not a share from 0 to 1`,
	} {
		var invalid *InvalidError
		if _, err := ParseMeasures(s, text); !errors.As(err, &invalid) || err.Error() != want {
			t.Errorf("%s: got %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"trad":             `by: there is no property "trad"; did you mean "trade"?`,
		"trade,ok,firms":   `by: has 3 groupings; 2 are allowed`,
		"grid:19":          `by: grid:19: the zoom is a whole number from 0 to 18`,
		"grid:-1":          `by: grid:-1: the zoom is a whole number from 0 to 18`,
		"grids:4":          `by: "grids:4": there is no such grouping; did you mean grid:?`,
		"division:prefect": `by: division:prefect: there is no such level; there are province, prefecture, county`,
		"region:yrd25":     `by: region:yrd25: the features of this collection have no region, as they have no division code`,
	} {
		var invalid *InvalidError
		if _, err := ParseGroupings(s, text); !errors.As(err, &invalid) || err.Error() != want {
			t.Errorf("%s: got %v", text, err)
		}
	}
	var features []string
	for i := range maxGroups + 1 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":null,"properties":{"n":%d,"s":"s%d","half":%d}}`, i, i, i, i/2))
	}
	x = mustRead(t, ReadOptions{}, features...)
	for _, by := range []string{"n", "s"} {
		_, err := x.Aggregate(context.Background(), Aggregation{By: []Grouping{{Name: by}}})
		if err == nil || !strings.Contains(err.Error(), "more than 10000 groups") {
			t.Errorf("by %s: %v", by, err)
		}
	}
	if got := len(aggregate(t, x, "", "half").Groups); got != maxGroups/2+1 {
		t.Errorf("%d groups", got)
	}
}

func TestDivisionOf(t *testing.T) {
	for code, want := range map[string][3]string{
		"440604": {"440000", "440600", "440604"},
		"440600": {"440000", "440600", ""},
		"440000": {"440000", "", ""},
		"110105": {"110000", "110000", "110105"},
		"110000": {"110000", "110000", ""},
		"500240": {"500000", "500000", "500240"},
		"810000": {"810000", "810000", ""},
		"429004": {"420000", "429004", "429004"},
		"429000": {"420000", "", ""},
		"659001": {"650000", "659001", "659001"},
		"441900": {"440000", "441900", "441900"},
		"44060":  {}, "4406040": {}, "44o604": {}, "": {}, "044060": {},
	} {
		for i, level := range []string{"province", "prefecture", "county", "town"} {
			if got, ok := DivisionOf(code, level); i < 3 && (got != want[i] || ok != (got != "")) || i == 3 && ok {
				t.Errorf("%s of %s: %q, %v", level, code, got, ok)
			}
		}
	}
}

// TestAggregateAddsUp: on random features the groups' counts and exact sums add
// up to the total, and the figures are those of a plain computation.
func TestAggregateAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var features []string
	for i := range 3000 {
		trade := []string{`"a"`, `"b"`, `"c"`, "null", `"d"`}[r.IntN(5)]
		v := (r.Float64() - 0.5) * math.Pow(10, float64(r.IntN(30)-10))
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{"trade":%s,"n":%d,"v":%v}}`,
			i, r.Float64()*360-180, r.Float64()*180-90, trade, r.IntN(1000)-500, v))
	}
	x := mustRead(t, ReadOptions{}, features...)
	for _, by := range []string{"trade", "grid:3", "trade,grid:2", "n"} {
		a := aggregate(t, x, "count,sum(n),sum(v),median(v),distinct(n),mean(v)", by)
		count, n := 0, 0.0
		for _, g := range a.Groups {
			count += g.Count
			n += g.Values[1].Number()
			if g.Values[0].Number() != float64(g.Count) {
				t.Fatal(g)
			}
		}
		if count != a.Total.Count || n != a.Total.Values[1].Number() {
			t.Errorf("by %s: %d, %v; total %v", by, count, n, a.Total)
		}
	}
	a := aggregate(t, x, "sum(v),median(v),distinct(n)", "")
	sum, values, numbers := new(big.Float).SetPrec(2000), []float64{}, map[float64]bool{}
	for slot := range uint32(x.Len()) {
		var p struct{ N, V float64 }
		if err := json.Unmarshal(x.At(slot).Properties(), &p); err != nil {
			t.Fatal(err)
		}
		sum.Add(sum, big.NewFloat(p.V))
		values, numbers[p.N] = append(values, p.V), true
	}
	slices.Sort(values)
	want, _ := sum.Float64()
	if got := a.Total.Values; got[0].Number() != want || got[1].Number() != values[1499]+(values[1500]-values[1499])/2 || got[2].Number() != float64(len(numbers)) {
		t.Errorf("got %v, want %v %v %d", got, want, values[1499], len(numbers))
	}
}

func FuzzParseAggregation(f *testing.F) {
	x := mustRead(f, ReadOptions{}, strings.Split(strings.TrimSpace(aggregateFeatures), "\n")...)
	f.Add("count,sum(firms)", "trade,grid:3")
	f.Add(`quantile("firms",0.5)`, `"trade"`)
	f.Add("((,)", `",`)
	f.Fuzz(func(t *testing.T, measures, by string) {
		m, err := ParseMeasures(x.Schema(), measures)
		if err != nil {
			return
		}
		g, err := ParseGroupings(x.Schema(), by)
		if err != nil {
			return
		}
		a, err := x.Aggregate(context.Background(), Aggregation{Measures: m, By: g})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, g := range a.Groups {
			sum += g.Count
		}
		if len(g) > 0 && sum != a.Total.Count {
			t.Fatalf("%v: %d of %d", g, sum, a.Total.Count)
		}
	})
}

func BenchmarkAggregate(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	var text strings.Builder
	text.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			text.WriteString(",\n")
		}
		fmt.Fprintf(&text, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{"trade":"t%d","firms":%d,"v":%v}}`,
			i, 73+float64(i*7919%6000)/100, 18+float64(i*104729%3500)/100, i*31%40, i*17%5000, float64(i)/7)
	}
	text.WriteString("]}")
	x, err := Read(strings.NewReader(text.String()), ReadOptions{Name: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range [][2]string{{"count", "trade"}, {"count,sum(firms)", "trade"}, {"sum(v)", "trade"}, {"median(v)", "trade"}, {"distinct(firms)", ""}, {"count", "grid:6"}} {
		b.Run(q[0]+" by "+q[1], func(b *testing.B) {
			for b.Loop() {
				aggregate(b, x, q[0], q[1])
			}
		})
	}
}

// Date-times are asked for, grouped and counted by time, in whatever zone they
// are written.
func TestTimesInZones(t *testing.T) {
	var texts []string
	for i, when := range []string{
		`"2001-01-01T08:00:00+08:00"`, `"2001-01-01T00:00:00Z"`, `null`, `"2001-01-01T00:00:00.5Z"`,
		`"2000-12-31T23:00:00-02:00"`, `"2001-01-01T07:59:59+08:00"`, `"2001-01-01T00:00:00.000Z"`,
	} {
		texts = append(texts, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":null,"properties":{"t":%s,"d":"2001-01-0%d","o":{"t":%s}}}`, i, when, i+1, when))
	}
	x := mustRead(t, ReadOptions{}, texts...)
	const groups = `
"2001-01-01T08:00:00+08:00" 3
"2001-01-01T07:59:59+08:00" 1
"2001-01-01T00:00:00.5Z" 1
"2000-12-31T23:00:00-02:00" 1
null 1
7
`
	for _, by := range []string{"t", "o.t"} {
		if got := sortedLines(table(aggregateCounts(t, x, by))); got != sortedLines(groups) {
			t.Errorf("by %s:\n%swant\n%s", by, got, groups)
		}
		measures := strings.ReplaceAll("min(t),max(t),distinct(t),count(t)", "(t)", "("+by+")")
		if got, want := table(aggregate(t, x, measures, "")), `7 "2001-01-01T07:59:59+08:00" "2000-12-31T23:00:00-02:00" 4 6`+"\n"; got != want {
			t.Errorf("%s: got %s, want %s", measures, got, want)
		}
	}
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"t", "2001-01-01T00:00:00Z", 3},
		{"t", "2001-01-01T09:00:00+09:00", 3},
		{"t", "2001-01-01T09:00:00 09:00", 3}, // a + of a URL
		{"t", "2001-01-01T00:00:00Z,2001-01-01T01:00:00Z", 4},
		{"t", "2000-12-31", 1},
		{"t", "2001", 5},
		{"o.t", "2001-01-01T08:00:00+08:00", 3},
		{"d", "2001-01-03", 1},
		{"d", "2001-01-03T12:00:00Z", 1},
		{"d", "2001-01", 7},
	} {
		if n, err := x.Count(context.Background(), Query{Match: []Match{match(t, x, c.name, c.text)}}); err != nil || n != c.want {
			t.Errorf("%s=%s: got %d, %v, want %d", c.name, c.text, n, err, c.want)
		}
	}
	for _, text := range []string{"", "yesterday", "2001-13-01", "2001-01-01,"} {
		var bad *InvalidError
		if _, err := x.Schema().ParseMatch("t", text); !errors.As(err, &bad) || bad.Field != "t" {
			t.Errorf("t=%q: got %v", text, err)
		}
	}
}

func aggregateCounts(t testing.TB, x *Index, by string) *Aggregated {
	a := aggregate(t, x, "", by)
	for i := range a.Groups {
		a.Groups[i].Values = nil
	}
	a.Total.Values = nil
	return a
}

func sortedLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
