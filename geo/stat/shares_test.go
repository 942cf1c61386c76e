package stat

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/cql"
)

// atlas is a collection of the built-in atlas and the definitions of its regions.
func atlas(t testing.TB, name string) (*geo.Index, Env) {
	t.Helper()
	load := func(regions *geo.Regions, name string) *geo.Index {
		all, err := geo.Load(data.Files(), regions, name+".geojson")
		if err != nil {
			t.Fatal(err)
		}
		return all[0].Source.(*geo.Index)
	}
	definitions := load(nil, "regions")
	regions, err := geo.ReadRegions(context.Background(), definitions)
	if err != nil {
		t.Fatal(err)
	}
	var env Env
	for slot := range uint32(definitions.Len()) {
		f := definitions.At(slot)
		text := func(name string) string { return f.Value(name).Text() }
		env.Definitions = append(env.Definitions, Definition{
			ID: f.ID().String(), Region: text("region"), Year: int(f.Value("year").Number()), Default: f.Value("default").Bool(),
			Title: geo.Text{EN: text("name_en"), ZH: text("name_zh")}, RegionTitle: geo.Text{EN: text("region_en"), ZH: text("region_zh")}})
	}
	return load(regions, name), env
}

// in asks with an environment and gives the answer and its result.
func in(t testing.TB, x *geo.Index, env Env, method string, params ...string) (*Answer, map[string]any) {
	t.Helper()
	q := question(t, x, method, params...)
	a, err := q.Answer(context.Background(), x, env)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(a.Result(false), &out); err != nil {
		t.Fatal(err)
	}
	return a, out
}

// question reads parameters, of which select and filter are CQL2.
func question(t testing.TB, x *geo.Index, method string, params ...string) *Question {
	t.Helper()
	m, ok := Find(method)
	if !ok {
		t.Fatalf("no method %s", method)
	}
	q, err := Parse(m, x.Schema(), func(name string) (string, bool) {
		for i := 0; i < len(params); i += 2 {
			if params[i] == name {
				return params[i+1], true
			}
		}
		return "", false
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(params); i += 2 {
		if params[i] != "select" && params[i] != "filter" {
			continue
		}
		e, err := cql.ParseText(params[i+1])
		if err != nil {
			t.Fatal(err)
		}
		f, err := cql.Compile(e, x.Schema(), cql.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if params[i] == "select" {
			q.Select = f
		} else {
			q.Universe.Filter, q.Filter = f, geo.Text{EN: f.String(), ZH: f.String()}
		}
	}
	return q
}

// number is a number of a result by its path, such as "subjects.0.gini".
func number(t testing.TB, from any, path string) float64 {
	t.Helper()
	v := at(t, from, path)
	f, ok := v.(float64)
	if !ok {
		t.Fatalf("%s is %v, no number", path, v)
	}
	return f
}

func at(t testing.TB, from any, path string) any {
	t.Helper()
	for step := range strings.SplitSeq(path, ".") {
		switch v := from.(type) {
		case map[string]any:
			from = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				t.Fatalf("%s: there is no %s among %d", path, step, len(v))
			}
			from = v[i]
		default:
			t.Fatalf("%s: %v has no %s", path, v, step)
		}
	}
	return from
}

func checkNumber(t testing.TB, from any, path string, want float64) {
	t.Helper()
	if got := number(t, from, path); math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", path, got, want)
	}
}

// warned reports whether a warning has these words.
func warned(a *Answer, words string) bool {
	return slices.ContainsFunc(a.Warnings, func(w geo.Text) bool {
		return strings.Contains(w.EN, words) && w.ZH != "" && !strings.Contains(w.EN+w.ZH, "%!")
	})
}

// towns has two counties of three prefectures in two provinces: 8 clusters, of which
// 4 are of silk, and jobs.
const towns = `
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[120.1,30.2]},"properties":{"trade":"silk","town":"A","side":"east","jobs":40,"year":2001}},
{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[120.2,30.2]},"properties":{"trade":"silk","town":"A","side":"east","jobs":20,"year":2001}},
{"type":"Feature","id":"c","geometry":{"type":"Point","coordinates":[120.3,30.2]},"properties":{"trade":"silk","town":"A","side":"east","jobs":20,"year":2003}},
{"type":"Feature","id":"d","geometry":{"type":"Point","coordinates":[120.4,30.2]},"properties":{"trade":"iron","town":"A","side":"east","jobs":20,"year":2001}},
{"type":"Feature","id":"e","geometry":{"type":"Point","coordinates":[121.1,31.2]},"properties":{"trade":"silk","town":"B","side":"east","jobs":20,"year":2003}},
{"type":"Feature","id":"f","geometry":{"type":"Point","coordinates":[121.2,31.2]},"properties":{"trade":"iron","town":"B","side":"east","jobs":20,"year":2001}},
{"type":"Feature","id":"g","geometry":{"type":"Point","coordinates":[122.1,32.2]},"properties":{"trade":"iron","town":"C","side":"west","jobs":30,"year":2001}},
{"type":"Feature","id":"h","geometry":{"type":"Point","coordinates":[122.2,32.2]},"properties":{"trade":"iron","town":"C","side":"west","jobs":30,"year":2003}}`

func TestShares(t *testing.T) {
	x := load(t, towns)
	a, r := in(t, x, Env{}, "shares", "within", "town", "by", "trade", "measure", "sum(jobs)")
	checkNumber(t, r, "total", 200)
	checkNumber(t, r, "rows.0.share", 0.5)
	checkNumber(t, r, "rows.2.value", 40)
	checkNumber(t, r, "by_rows.0.share", 0.5)
	if at(t, r, "rows.0.key") != "A" || at(t, r, "by_rows.1.key") != "silk" {
		t.Errorf("the rows are %v and %v", r["rows"], r["by_rows"])
	}
	if len(a.Rows) != 5 { // iron is in three towns, silk in two
		t.Errorf("the table has %d rows: %v", len(a.Rows), a.Rows)
	}
	sum := 0.0
	ids := map[string]bool{}
	for _, row := range a.Rows {
		sum += float64(row.Cells[5].(Number))
		if len(row.Cells) != len(a.Columns) || ids[row.ID] {
			t.Errorf("the row %s has %d cells for %d columns", row.ID, len(row.Cells), len(a.Columns))
		}
		ids[row.ID] = true
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the shares of the table add up to %v", sum)
	}
	_, r = in(t, x, Env{}, "shares")
	if n := len(r["rows"].([]any)); n < 3 {
		t.Errorf("by hexagons there are %d rows", n)
	}
	if r["stated"] != nil {
		t.Errorf("shares are stated: %v", r["stated"])
	}
}

// The book says of two clusters what share of China they have, and of two what share
// of the world.
func TestStatedShares(t *testing.T) {
	for _, c := range []struct{ collection, id, title string }{
		{"clusters", "shengzhou-neckties", "嵊州"},
		{"claims", "shengzhou-neckties-share", "嵊州"},
	} {
		x, env := atlas(t, c.collection)
		_, r := in(t, x, env, "shares")
		stated := r["stated"].([]any)
		if len(stated) < 4 {
			t.Fatalf("%s: the shares stated are %v", c.collection, stated)
		}
		found := map[string]float64{}
		for _, s := range stated {
			m := s.(map[string]any)
			if m["id"] == c.id {
				found[m["of"].(string)] = m["percent"].(float64)
				if !strings.Contains(at(t, s, "title.zh").(string), c.title) || at(t, s, "means.en") == "" {
					t.Errorf("%s: the entry is %v", c.collection, s)
				}
			}
		}
		if c.collection == "claims" && !strings.Contains(fmt.Sprint(stated), "information-industry-bases") {
			t.Errorf("a share of no place is left out: %v", stated)
		}
		if found["china"] != 80 || found["world"] != 30 {
			t.Errorf("%s says of %s: %v", c.collection, c.id, found)
		}
	}
}

// Properties that are called like those of the atlas may hold anything.
func TestStatedSharesOfOthers(t *testing.T) {
	x := load(t, `
{"type":"Feature","id":1,"geometry":null,"properties":{"share_china_pct":"half","figures":[{"measure":7}]}},
{"type":"Feature","id":2,"geometry":null,"properties":{"share_china_pct":12.5,"figures":"none"}},
{"type":"Feature","id":3,"geometry":null,"properties":{"share_china_pct":null,"figures":[{"measure":"share_world_pct","value":null}]}}`)
	_, r := in(t, x, Env{}, "shares", "within", "share_china_pct")
	if got := r["stated"].([]any); len(got) != 1 || at(t, got, "0.percent") != 12.5 || at(t, got, "0.id") != 2.0 {
		t.Errorf("stated are %v", got)
	}
}

func TestLocationQuotient(t *testing.T) {
	x := load(t, towns)
	a, r := in(t, x, Env{}, "location-quotient", "within", "town", "by", "trade")
	// Silk is 3 of 4 in A, 1 of 2 in B, 4 of 8 in all.
	silk := at(t, r, "subjects.1")
	if at(t, silk, "value") != "silk" {
		t.Fatalf("the second subject is %v", silk)
	}
	checkNumber(t, silk, "units.0.lq", 1.5)
	checkNumber(t, silk, "units.1.lq", 1)
	checkNumber(t, silk, "units.0.share", 0.75)
	checkNumber(t, silk, "units.0.total", 4)
	checkNumber(t, silk, "units.0.standardised", math.Sqrt2/2)
	checkNumber(t, silk, "units.0.p", 2*17.0/70) // 3 or 4 of 4 that are dealt out over 8
	if low, high := number(t, silk, "units.0.low"), number(t, silk, "units.0.high"); low > 1.5 || high < 1.5 || low < 0 {
		t.Errorf("the interval goes from %v to %v", low, high)
	}
	if !warned(a, "next to nothing") {
		t.Errorf("the warnings are %v", a.Warnings)
	}
	if !warned(a, "fewer than 10") {
		t.Errorf("the warnings are %v", a.Warnings)
	}
	_, again := in(t, x, Env{}, "location-quotient", "within", "town", "by", "trade", "seed", "1", "permutations", "999")
	if !reflect.DeepEqual(r, again) {
		t.Error("the same seed gives another answer")
	}
	_, jobs := in(t, x, Env{}, "location-quotient", "within", "town", "by", "trade", "measure", "sum(jobs)")
	checkNumber(t, jobs, "subjects.1.units.0.lq", (80.0/100)/(100.0/200))

	_, usual := in(t, x, Env{}, "location-quotient", "within", "town") // trade is the first text with few values
	if !reflect.DeepEqual(usual, r) {
		t.Errorf("without by the answer is %v", usual)
	}
	whole, r := in(t, x, Env{}, "location-quotient", "within", "town", "select", "TRUE")
	for i := range 3 {
		checkNumber(t, r, "units."+strconv.Itoa(i)+".lq", 1)
	}
	if !warned(whole, "whole universe") || !warned(whole, "same value") {
		t.Errorf("the warnings are %v", whole.Warnings)
	}
}

func TestLocationQuotientTellsProgress(t *testing.T) {
	var done, total atomic.Int64
	in(t, load(t, towns), Env{Progress: func(_, of int) { done.Add(1); total.Store(int64(of)) }}, "location-quotient", "by", "trade")
	if done.Load() != 999 || total.Load() != 999 {
		t.Errorf("told were %d of %d", done.Load(), total.Load())
	}
}

func TestStars(t *testing.T) {
	x := load(t, towns)
	a, r := in(t, x, Env{}, "stars", "within", "town", "by", "trade")
	silk := at(t, r, "subjects.1")
	if at(t, silk, "rule") != "decile" || at(t, silk, "units.0.key") != "A" || at(t, silk, "units.0.size") != true || at(t, silk, "units.0.focus") != true {
		t.Errorf("silk: %v", silk)
	}
	checkNumber(t, silk, "units.0.stars", 2)
	checkNumber(t, silk, "units.1.stars", 0)
	checkNumber(t, silk, "thresholds.size", 3)
	if !warned(a, "count listed clusters") {
		t.Errorf("the warnings are %v", a.Warnings)
	}

	a, r = in(t, x, Env{}, "stars", "within", "town", "by", "trade", "rule", "2008")
	if size, told := at(t, r, "subjects.1.units.0").(map[string]any)["size"]; size != nil || !told {
		t.Errorf("the star for size is %v, %v", size, told)
	}
	if !warned(a, "10,000 jobs") {
		t.Errorf("the warnings are %v", a.Warnings)
	}
	a, r = in(t, x, Env{}, "stars", "within", "town", "by", "trade", "rule", "2008", "measure", "sum(jobs)")
	if at(t, r, "subjects.1.units.0.size") != false || warned(a, "listed clusters") {
		t.Errorf("by jobs: %v, %v", r, a.Warnings)
	}
}

// A list that says what it lacks says so in every answer.
func TestPartialListsAreSaid(t *testing.T) {
	x, env := atlas(t, "clusters")
	a, _ := in(t, x, env, "herfindahl")
	if !warned(a, "named as examples") && !warned(a, "the text names as examples") {
		t.Errorf("the warnings are %v", a.Warnings)
	}
}

// Answers do not depend on the order in which the features come, nor shares on the
// scale of the measure.
func TestOrderAndScale(t *testing.T) {
	features := strings.Split(strings.TrimSpace(towns), ",\n")
	x := load(t, towns)
	random := rand.New(rand.NewPCG(1, 2))
	for _, m := range shareFamily() {
		want, _ := in(t, x, Env{}, m, "by", "trade", "within", "town", "measure", "sum(jobs)")
		for range 3 {
			random.Shuffle(len(features), func(i, j int) { features[i], features[j] = features[j], features[i] })
			got, _ := in(t, load(t, strings.Join(features, ",\n")), Env{}, m, "by", "trade", "within", "town", "measure", "sum(jobs)")
			if string(got.Result(false)) != string(want.Result(false)) {
				t.Errorf("%s in another order:\n%s\n%s", m, got.Result(false), want.Result(false))
			}
		}
	}
	larger := load(t, strings.NewReplacer(`"jobs":2`, `"jobs":2000`, `"jobs":3`, `"jobs":3000`, `"jobs":4`, `"jobs":4000`).Replace(towns))
	for _, m := range []string{"herfindahl", "concentration-ratio", "gini", "theil", "ellison-glaeser"} {
		params := []string{"by", "trade", "within", "town", "measure", "sum(jobs)"}
		_, small := in(t, x, Env{}, m, params...)
		_, large := in(t, larger, Env{}, m, params...)
		same(t, m, small, large)
	}
}

func shareFamily() []string {
	return []string{"shares", "location-quotient", "stars", "herfindahl", "concentration-ratio", "gini", "theil", "ellison-glaeser", "shift-share"}
}

// same compares results but for members that are in the unit of the measure.
func same(t *testing.T, path string, a, b any) {
	t.Helper()
	switch v := a.(type) {
	case map[string]any:
		for k := range v {
			if k != "value" {
				same(t, path+"."+k, v[k], b.(map[string]any)[k])
			}
		}
	case []any:
		for i := range v {
			same(t, path+"."+strconv.Itoa(i), v[i], b.([]any)[i])
		}
	case float64:
		if w := b.(float64); math.Abs(v-w) > 1e-9*max(1, math.Abs(v)) {
			t.Errorf("%s is %v, with a larger measure %v", path, v, w)
		}
	default:
		if a != b {
			t.Errorf("%s is %v, with a larger measure %v", path, a, b)
		}
	}
}

// Where are most of the listed textile clusters, and is that more than its share? All
// is counted again by hand.
func TestSelectedTextiles(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	_, industry := columnsOf(t, x)
	adcode, _ := x.Column("adcode")
	textiles, all := map[string]float64{}, map[string]float64{}
	var part, total float64
	for slot := range uint32(x.Len()) {
		code, _ := adcode.Text(slot)
		unit, ok := geo.DivisionOf(code, "prefecture")
		if !ok {
			continue
		}
		all[unit]++
		total++
		if v, _ := industry.Text(slot); v == "textiles" {
			textiles[unit]++
			part++
		}
	}
	a, r := in(t, x, env, "location-quotient", "select", "industry = 'textiles'")
	if float64(a.N) != part || len(r["units"].([]any)) != len(textiles) {
		t.Errorf("n is %d in %d units, want %v in %d", a.N, len(r["units"].([]any)), part, len(textiles))
	}
	for _, u := range r["units"].([]any) {
		key := at(t, u, "key").(string)
		checkNumber(t, u, "count", textiles[key])
		checkNumber(t, u, "total", all[key])
		checkNumber(t, u, "lq", textiles[key]/all[key]/(part/total))
	}
	_, r = in(t, x, env, "concentration-ratio", "select", "industry = 'textiles'")
	for _, n := range textiles {
		if n > number(t, r, "top.0.value") {
			t.Errorf("the top is %v, but a prefecture has %v", at(t, r, "top.0"), n)
		}
	}
	_, r = in(t, x, env, "shares", "select", "industry = 'textiles'", "by", "level")
	checkNumber(t, r, "total", part)

	a, _ = in(t, x, env, "gini", "filter", "industry = 'textiles'", "select", "industry = 'textiles'")
	if !warned(a, "whole universe") || !strings.Contains(a.Universe.EN, "textiles") {
		t.Errorf("%v: %v", a.Universe, a.Warnings)
	}
	for _, m := range append(shareFamily(), "compare", "sensitivity") {
		a, r := in(t, x, env, m, "select", "industry = 'nothing'")
		if r == nil || m != "compare" && m != "shift-share" && !warned(a, "leaves no feature") {
			t.Errorf("%s of nothing selected: %v", m, a.Warnings)
		}
	}
}

// Does the electronics of the Bohai Rim concentrate more than that of the Pearl River
// Delta, whatever the definitions?
func TestElectronicsUnderDefinitions(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	regions, industry := columnsOf(t, x)
	_, r := in(t, x, env, "sensitivity", "of", "lq", "regions", "bohai,prd", "select", "industry = 'electronics'")
	quotient := func(definition string) float64 {
		var in, around, part float64
		for slot := range uint32(x.Len()) {
			v, _ := industry.Text(slot)
			inside := slices.Contains(regions.Elements(slot), definition)
			if v == "electronics" {
				part++
				if inside {
					in++
				}
			}
			if inside {
				around++
			}
		}
		return in / around / (part / float64(x.Len()))
	}
	for _, region := range r["regions"].([]any) {
		for _, d := range at(t, region, "definitions").([]any) {
			checkNumber(t, d, "value", quotient(at(t, d, "id").(string)))
		}
	}
	if len(r["regions"].([]any)) != 2 || at(t, r, "words.en") == "" {
		t.Errorf("the answer is %v", r)
	}
}

// With very many features intervals are drawn less often, unless the question says how
// often.
func TestDraws(t *testing.T) {
	x := load(t, towns)
	for _, c := range []struct{ features, given, want int }{
		{800, 0, 999}, {100_000, 0, 999}, {400_000, 0, 250}, {20_000_000, 0, 99}, {400_000, 5000, 5000},
	} {
		var params []string
		if c.given > 0 {
			params = []string{"permutations", strconv.Itoa(c.given)}
		}
		st := &Study{Question: question(t, x, "location-quotient", params...), Slots: make([]uint32, c.features)}
		if got := st.draws(); got != c.want || len(st.warnings) != len(st.settings) || (len(st.warnings) > 0) != (c.given == 0 && c.want < 999) {
			t.Errorf("%d features: %d draws, want %d; %v", c.features, got, c.want, st.warnings)
		}
	}
}
