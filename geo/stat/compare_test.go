package stat

import (
	"math"
	"strings"
	"testing"

	"clustermap/geo"
)

// TestCompare counts again what lies in the definitions.
func TestCompare(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	a, r := in(t, x, env, "compare", "regions", "prd9,yrd25,bohai5")
	if len(r["regions"].([]any)) != 3 || len(r["pairs"].([]any)) != 3 {
		t.Fatalf("there are %v and %v", r["regions"], r["pairs"])
	}
	regions, industry := columnsOf(t, x)
	var compositions [3]map[string]float64
	for i, id := range []string{"prd9", "yrd25", "bohai5"} {
		counts, n := make(map[string]float64), 0.0
		for slot := range uint32(x.Len()) {
			for _, d := range regions.Elements(slot) {
				if d == id {
					counts[string(industry.Value(slot).JSON())]++
					n++
				}
			}
		}
		region := at(t, r, "regions").([]any)[i]
		if at(t, region, "id") != id || at(t, region, "title.zh") == "" || at(t, region, "definition.en") == "" {
			t.Errorf("the region is %v", region)
		}
		checkNumber(t, region, "n", n)
		sum := 0.0
		for _, trade := range at(t, region, "by_trade").([]any) {
			value, _ := at(t, trade, "value").(string)
			key := `"` + value + `"`
			if at(t, trade, "value") == nil {
				key = "null"
			}
			checkNumber(t, trade, "count", counts[key])
			checkNumber(t, trade, "share", counts[key]/n)
			sum += number(t, trade, "share")
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("the shares of %s add up to %v", id, sum)
		}
		families := 0.0
		for _, family := range at(t, region, "by_family").([]any) {
			families += number(t, family, "count")
		}
		if families != n || len(at(t, region, "by_family").([]any)) >= len(counts) {
			t.Errorf("the families of %s hold %v features of %v: %v", id, families, n, at(t, region, "by_family"))
		}
		n -= counts["null"] // who state nothing are no trade
		delete(counts, "null")
		for k := range counts {
			counts[k] /= n
		}
		compositions[i] = counts
	}
	for _, p := range at(t, r, "pairs").([]any) {
		at1, at2 := place(at(t, p, "a")), place(at(t, p, "b"))
		k := 0.0
		for trade, s := range compositions[at1] {
			k += math.Abs(s - compositions[at2][trade])
		}
		for trade, s := range compositions[at2] {
			if _, both := compositions[at1][trade]; !both {
				k += s
			}
		}
		checkNumber(t, p, "krugman", k)
	}
	if len(a.Rows) == 0 || len(a.Rows[0].Cells) != len(a.Columns) {
		t.Errorf("the rows are %v", a.Rows)
	}
}

func place(id any) int {
	return map[any]int{"prd9": 0, "yrd25": 1, "bohai5": 2}[id]
}

func columnsOf(t testing.TB, x *geo.Index) (regions, industry geo.Column) {
	t.Helper()
	regions, ok := x.Column("regions")
	industry, also := x.Column("industry")
	if !ok || !also {
		t.Fatal("the atlas has no regions or trades")
	}
	return regions, industry
}

// By default the definitions of the map are compared, and clusters have levels and
// origins.
func TestCompareByDefault(t *testing.T) {
	x, env := atlas(t, "clusters")
	_, r := in(t, x, env, "compare")
	if len(r["regions"].([]any)) != 3 {
		t.Fatalf("compared are %v", r["regions"])
	}
	for _, region := range r["regions"].([]any) {
		if len(at(t, region, "by_level").([]any)) == 0 || len(at(t, region, "by_origin").([]any)) == 0 {
			t.Errorf("%v has no levels or no origins", at(t, region, "id"))
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	x, env := atlas(t, "clusters")
	for value, words := range map[string]string{
		"prd9": "2 to 4", "prd9,prd8": "did you mean prd9", "prd9,prd9": "2 to 4", "prd9,yrd25,prd9": "twice", "prd9,atlantis": "there are bohai5",
		"yrd16,yrd22,yrd25,yrd26,yrd27": "2 to 4",
	} {
		q := question(t, x, "compare", "regions", value)
		_, err := q.Answer(t.Context(), x, env)
		e, ok := err.(*geo.InvalidError)
		if !ok || e.Field != "regions" || !strings.Contains(e.Reason, words) {
			t.Errorf("regions=%s: %v", value, err)
		}
	}
}

func TestSensitivity(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	regions, _ := columnsOf(t, x)
	_, r := in(t, x, env, "sensitivity")
	for _, region := range r["regions"].([]any) {
		low, high := math.Inf(1), math.Inf(-1)
		for _, d := range at(t, region, "definitions").([]any) {
			n := 0.0
			for slot := range uint32(x.Len()) {
				for _, id := range regions.Elements(slot) {
					if id == at(t, d, "id") {
						n++
					}
				}
			}
			checkNumber(t, d, "value", n)
			checkNumber(t, d, "n", n)
			low, high = min(low, n), max(high, n)
		}
		checkNumber(t, region, "low", low)
		checkNumber(t, region, "high", high)
	}
	if at(t, r, "survives") != false || !strings.Contains(at(t, r, "words.en").(string), "depends on the definitions") {
		t.Errorf("counts survive: %v, %v", r["survives"], r["words"])
	}
	_, alone := in(t, x, env, "sensitivity", "regions", "prd")
	if at(t, alone, "survives") != nil || !strings.Contains(at(t, alone, "words.zh").(string), "珠三角") {
		t.Errorf("of one region: %v", alone)
	}
	for _, of := range []string{"share", "lq", "herfindahl", "gini"} {
		_, r := in(t, x, env, "sensitivity", "of", of, "by", "industry")
		if n := len(at(t, r, "subjects").([]any)); n < 10 {
			t.Errorf("%s of %d trades", of, n)
		}
		high := number(t, r, "subjects.1.high")
		if low := number(t, r, "subjects.1.low"); low < 0 || low > high || of != "lq" && high > 1 {
			t.Errorf("%s lies between %v and %v", of, low, high)
		}
	}
}

// TestJudge asks whether an order of regions hangs on their definitions.
func TestJudge(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name, of string
		values   map[string][]float64 // the first is that of the map
		want     *bool
	}{
		{"apart", "count", map[string][]float64{"a": {10, 8}, "b": {3, 7}}, &yes},
		{"overlapping", "count", map[string][]float64{"a": {10, 6}, "b": {3, 7}}, &no},
		{"equal at the ends", "count", map[string][]float64{"a": {10, 7}, "b": {3, 7}}, &no},
		{"both above 1", "lq", map[string][]float64{"a": {3, 2}, "b": {1.5, 1.2}}, &yes},
		{"one on both sides of 1", "lq", map[string][]float64{"a": {3, 2}, "b": {1.5, 0.9}}, &no},
		{"one region on its side", "lq", map[string][]float64{"a": {0.3, 0.9}}, &yes},
		{"one region", "count", map[string][]float64{"a": {3, 9}}, nil},
		{"no number", "lq", map[string][]float64{"a": {math.NaN()}}, nil},
		{"nothing", "lq", nil, nil},
	} {
		r := sensitivityResult{Of: c.of, Low: Number(math.NaN()), High: Number(math.NaN())}
		for region, values := range c.values {
			for i, v := range values {
				r.add(Definition{ID: region, Region: region, Default: i == 0}, v, 1)
			}
		}
		r.judge()
		if (r.Survives == nil) != (c.want == nil) || c.want != nil && *r.Survives != *c.want {
			t.Errorf("%s: it survives: %v, %v", c.name, r.Survives, r.Words)
		}
	}
}

// Towns without division codes are in no region.
func TestNoRegions(t *testing.T) {
	x := load(t, towns)
	for _, m := range []string{"compare", "sensitivity"} {
		a, r := in(t, x, Env{}, m)
		if n := len(r["regions"].([]any)); n != 0 || !warned(a, "no division codes") {
			t.Errorf("%s: %d regions, %v", m, n, a.Warnings)
		}
	}
}

// Silk goes from 2 to 4 clusters, iron from 3 to 4, all from 5 to 8: g is 3/5.
func TestShiftShare(t *testing.T) {
	x := load(t, towns)
	a, r := in(t, x, Env{}, "shift-share", "within", "town", "by", "trade")
	checkNumber(t, r, "from", 2001)
	checkNumber(t, r, "to", 2003)
	checkNumber(t, r, "growth", 0.6)
	var national, mix, competitive, total float64
	for _, u := range r["units"].([]any) {
		n, m, c := number(t, u, "national"), number(t, u, "mix"), number(t, u, "competitive")
		checkNumber(t, u, "total", n+m+c)
		national, mix, competitive, total = national+n, mix+m, competitive+c, total+number(t, u, "total")
		if at(t, u, "key") == "A" { // 2 of silk and 1 of iron, then 3 and 1
			checkNumber(t, u, "national", 3*0.6)
			checkNumber(t, u, "mix", 2*(1-0.6)+1*(1.0/3-0.6))
			checkNumber(t, u, "competitive", 3-2*2+1-4.0/3)
		}
	}
	if math.Abs(total-3) > 1e-9 || math.Abs(national-3) > 1e-9 || math.Abs(mix) > 1e-9 || math.Abs(competitive) > 1e-9 {
		t.Errorf("over all: %v = %v + %v + %v", total, national, mix, competitive)
	}
	if len(a.Rows) != 3 {
		t.Errorf("the rows are %v", a.Rows)
	}

	_, r = in(t, x, Env{}, "shift-share", "within", "town", "by", "trade", "years", "in")
	checkNumber(t, r, "growth", 3.0/5-1)
	year, r := in(t, load(t, three), Env{}, "shift-share")
	if r["from"] != nil || r["growth"] != nil || !warned(year, "No property tells the year") {
		t.Errorf("without years: %v, %v", r, year.Warnings)
	}
	single, r := in(t, x, Env{}, "shift-share", "time", "year", "from", "1990", "within", "town")
	checkNumber(t, r, "from", 1990)
	if r["growth"] != nil || !warned(single, "zero") && !warned(single, "A figure does not exist") {
		t.Errorf("from a year with nothing: %v, %v", r, single.Warnings)
	}
}
