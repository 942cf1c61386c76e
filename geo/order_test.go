package geo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// pebble is a feature of the random tests, as encoding/json reads it.
type pebble struct {
	id    ID
	at    *orb.Point
	props map[string]any
}

// pebbles are n random features with ties, nulls, missing and mixed values.
func pebbles(t testing.TB, random *rand.Rand, n int) (*Index, []pebble) {
	var texts []string
	for i := range n {
		id := fmt.Sprint(i)
		if random.IntN(3) == 0 {
			id = fmt.Sprintf("%q", fmt.Sprint("f", i))
		}
		geometry := "null"
		if random.IntN(8) > 0 {
			geometry = fmt.Sprintf(`{"type":"Point","coordinates":[%d,%d]}`, random.IntN(361)-180, random.IntN(181)-90)
		}
		var props []string
		add := func(name string, values ...string) {
			if random.IntN(6) > 0 {
				props = append(props, fmt.Sprintf("%q:%s", name, values[random.IntN(len(values))]))
			}
		}
		add("whole", "1", "2", "-3", "null", "7", "0", "-0")
		add("number", "1.5", "1e3", "-2", "0.001", fmt.Sprint(random.Float64()), "null")
		add("text", `"b"`, `"a"`, `"é"`, `"长"`, `"\ud83d\ude00"`, `"\uffee"`, `""`, "null")
		add("many", fmt.Sprintf(`"m%d"`, random.IntN(n)), "null")
		add("yes", "true", "false", "null")
		add("mixed", "1", `"1"`, "true", "null", "[1]")
		add("object", `{"inner":{"size":3,"word":"x"}}`, `{"inner":{"size":1}}`, `{"inner":null}`, "{}", "null")
		add("tags", `["a","b"]`, `["b"]`, "[]", "null")
		texts = append(texts, fmt.Sprintf(`{"type":"Feature","id":%s,"geometry":%s,"properties":{%s}}`, id, geometry, strings.Join(props, ",")))
	}
	random.Shuffle(n, func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	x := mustRead(t, ReadOptions{}, texts...)
	var all []pebble
	for slot := range uint32(n) {
		f := x.At(slot)
		p := pebble{id: f.ID()}
		if g, ok := f.Geometry().(orb.Point); ok {
			p.at = &g
		}
		if err := json.Unmarshal(f.Properties(), &p.props); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return x, all
}

// get is the value at a dotted path.
func (p pebble) get(path string) any {
	var v any = p.props
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// compareAny orders values of one type, null last.
func compareAny(a, b any, descending bool) int {
	if a == nil || b == nil {
		switch {
		case a == nil && b == nil:
			return 0
		case a == nil:
			return 1
		}
		return -1
	}
	var d int
	switch a := a.(type) {
	case float64:
		d = cmp.Compare(a, b.(float64))
	case string:
		d = strings.Compare(a, b.(string))
	case bool:
		d = strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	if descending {
		return -d
	}
	return d
}

// rangeFilter selects a range of a property, in the ways that a Plan allows.
type rangeFilter struct {
	property string
	r        Range
	cover    bool
	test     bool
}

func (f rangeFilter) String() string { return fmt.Sprint(f.property, f.r) }

func (f rangeFilter) Bind(_ context.Context, x *Index) (Plan, error) {
	var p Plan
	if f.cover {
		p.Cover = x.RangeCover(f.property, f.r)
	}
	if c, _ := x.Column(f.property); f.test || p.Cover == nil {
		p.Test = func(slot uint32) bool { return f.r.has(c.Value(slot)) }
	}
	return p, nil
}

func (r Range) has(v Value) bool {
	if v.Kind() == KindNull {
		return false
	}
	lo, hi := v.Compare(r.Lo), v.Compare(r.Hi)
	return (r.Lo.Kind() == KindNull || lo > 0 || lo == 0 && !r.LoOpen) &&
		(r.Hi.Kind() == KindNull || hi < 0 || hi == 0 && !r.HiOpen)
}

// scalarOf is a value as the filter sees it.
func scalarOf(v any) Value {
	switch v := v.(type) {
	case float64:
		return NumberValue(v)
	case string:
		return StringValue(v)
	case bool:
		return BoolValue(v)
	}
	return Value{}
}

var sortables = []string{"whole", "number", "text", "many", "yes", "object.inner.size", "object.inner.word"}

// randomOrdered makes a query and the features that it selects in its order.
func randomOrdered(t testing.TB, random *rand.Rand, x *Index, all []pebble) (Query, []pebble) {
	var q Query
	keep := slices.Clone(all)
	drop := func(no func(p pebble) bool) { keep = slices.DeleteFunc(keep, no) }
	if random.IntN(3) == 0 {
		b := orb.Bound{Min: orb.Point{float64(random.IntN(360) - 180), float64(random.IntN(90) - 90)},
			Max: orb.Point{float64(random.IntN(360) - 180), float64(random.IntN(90))}}
		q.Box = &b
		drop(func(p pebble) bool { return p.at == nil || !meetsQuery(*p.at, b) })
	}
	if random.IntN(3) == 0 {
		q.Match = []Match{match(t, x, "text", "a,b")}
		drop(func(p pebble) bool { return p.get("text") != "a" && p.get("text") != "b" })
	}
	if random.IntN(2) == 0 {
		name := sortables[random.IntN(len(sortables))]
		f := rangeFilter{property: name, cover: random.IntN(3) > 0, test: random.IntN(2) == 0}
		end := func() Value { return scalarOf(all[random.IntN(len(all))].get(name)) }
		f.r = Range{end(), end(), random.IntN(2) == 0, random.IntN(2) == 0}
		if random.IntN(3) == 0 {
			f.r.Hi = f.r.Lo
		}
		q.Filter = f
		drop(func(p pebble) bool { return !f.r.has(scalarOf(p.get(name))) })
	}
	for range random.IntN(4) {
		name := sortables[random.IntN(len(sortables))]
		if p, _, ok := x.Schema().Find(name); ok && p.Sortable() { // a few features may lack it
			q.Sort = append(q.Sort, SortKey{name, random.IntN(2) == 0})
		}
	}
	if random.IntN(4) == 0 {
		q.Sort = append(q.Sort, SortKey{"", random.IntN(3) > 0})
	}
	slices.SortStableFunc(keep, func(a, b pebble) int {
		for _, k := range q.Sort {
			if k.Property == "" && k.Descending {
				return b.id.Compare(a.id)
			} else if k.Property == "" {
				break
			}
			if d := compareAny(a.get(k.Property), b.get(k.Property), k.Descending); d != 0 {
				return d
			}
		}
		return a.id.Compare(b.id)
	})
	return q, keep
}

func TestSearchAgreesWithScanAndSort(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 42))
	for round := range 12 {
		n := []int{1, 3, 40, 700}[round%4]
		x, all := pebbles(t, random, n)
		for range 300 {
			q, want := randomOrdered(t, random, x, all)
			checkPages(t, random, x, q, want)
		}
	}
}

// checkPages walks q in pages of random sizes, as one page, by Each and by Count.
func checkPages(t *testing.T, random *rand.Rand, x *Index, q Query, want []pebble) {
	t.Helper()
	ctx := context.Background()
	about := fmt.Sprintf("box %v, match %v, filter %v, sort %v", q.Box, q.Match, q.Filter, q.Sort)
	if n, err := x.Count(ctx, q); err != nil || n != len(want) {
		t.Fatalf("%s: Count is %d, %v, want %d", about, n, err, len(want))
	}
	at := 0
	for {
		q.Limit = random.IntN(1 + len(want))
		r := search(t, x, q)
		for i, f := range r.Features {
			if at+i >= len(want) || f.ID() != want[at+i].id {
				t.Fatalf("%s, after %d, limit %d: got %v at %d of %d", about, at, q.Limit, f.ID(), i, len(r.Features))
			}
		}
		n := 0
		for f, err := range x.Each(ctx, q) {
			if err != nil || f.ID() != r.Features[n].ID() {
				t.Fatalf("%s: Each gives %v, %v at %d", about, f.ID(), err, n)
			}
			n++
		}
		at += len(r.Features)
		if n != len(r.Features) || r.Matched != len(want) || r.More != (at < len(want)) {
			t.Fatalf("%s: matched %d, more %v at %d of %d; Each gave %d of %d", about, r.Matched, r.More, at, len(want), n, len(r.Features))
		}
		if !r.More {
			return
		}
		last := r.Last
		q.After = &last
	}
}

// A position is a place even where its feature is gone and its values are of no
// feature.
func TestPositionOfNoFeature(t *testing.T) {
	at := func(id, v string) string {
		return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":null,"properties":{"v":%s}}`, id, v)
	}
	x := mustRead(t, ReadOptions{}, at("a", "1"), at("b", "3"), at("c", "3"), at("d", "null"), at("e", "5"))
	whole := mustRead(t, ReadOptions{}, at("a", "1"), at("b", "3"))
	tests := []struct {
		x          *Index
		descending bool
		key        Value
		id, want   string
	}{
		{x, false, NumberValue(2), "zz", "b c e d"},
		{x, true, NumberValue(2), "zz", "a d"},
		{x, false, NumberValue(3), "bb", "c e d"},
		{x, true, NumberValue(3), "bb", "c a d"},
		{x, false, Value{}, "ca", "d"},
		{x, true, Value{}, "d", ""},
		{x, true, NumberValue(9), "", "e b c a d"},
		{x, false, StringValue("x"), "", "d"},
		{whole, true, Value{}, "", ""},
		{whole, false, Value{}, "", ""},
	}
	for _, tt := range tests {
		q := Query{Sort: []SortKey{{"v", tt.descending}}, After: &Position{[]Value{tt.key}, StringID(tt.id)}}
		if got := idsOf(search(t, tt.x, q).Features); got != tt.want {
			t.Errorf("behind %s %s, descending %v: got %q, want %q", tt.key.JSON(), tt.id, tt.descending, got, tt.want)
		}
	}
	for _, q := range []Query{
		{Sort: []SortKey{{"v", false}}, After: &Position{ID: StringID("a")}},
		{After: &Position{Keys: []Value{{}}, ID: StringID("a")}},
		{Sort: []SortKey{{"w", false}}},
	} {
		if _, err := x.Search(context.Background(), q); err == nil {
			t.Errorf("%+v: no error", q)
		}
	}
}

func TestColumnsAgreeWithJSON(t *testing.T) {
	x, all := pebbles(t, rand.New(rand.NewPCG(43, 44)), 500)
	names := append([]string{"mixed", "tags", "object", "object.inner"}, sortables...)
	for _, name := range names {
		c, ok := x.Column(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		p, path, ok := x.Schema().Find(name)
		if !ok || p.Name != path[len(path)-1] {
			t.Fatalf("Find(%s): %v, %v, %v", name, p.Name, path, ok)
		}
		for slot, rec := range all {
			want := rec.get(name)
			text, _ := json.Marshal(want)
			got := c.Value(uint32(slot))
			var read any
			if err := json.Unmarshal(got.JSON(), &read); err != nil || !reflect.DeepEqual(read, want) {
				t.Fatalf("%s of %v: got %s (%v), want %s", name, rec.id, got.JSON(), err, text)
			}
			if direct := x.At(uint32(slot)).Value(path...); direct.Compare(got) != 0 || c.IsNull(uint32(slot)) != (want == nil) {
				t.Fatalf("%s of %v: Value %s, column %s, null %v", name, rec.id, direct.JSON(), got.JSON(), c.IsNull(uint32(slot)))
			}
			s, isText := c.Text(uint32(slot))
			b, isBool := c.Bool(uint32(slot))
			_, isNumber := c.Number(uint32(slot))
			switch want := want.(type) {
			case string:
				ok = isText && s == want && !isBool && !isNumber
			case bool:
				ok = isBool && b == want && !isText && !isNumber
			case float64:
				ok = isNumber && !isText && !isBool
			default:
				ok = !isText && !isBool && !isNumber
			}
			if !ok {
				t.Fatalf("%s of %v: text %q %v, bool %v %v, number %v; want %s", name, rec.id, s, isText, b, isBool, isNumber, text)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	x, _ := pebbles(t, rand.New(rand.NewPCG(45, 46)), 700)
	point := box(0, 0, 1, 1)
	seven := rangeFilter{property: "whole", r: Range{Lo: NumberValue(7)}, cover: true}
	tests := []struct {
		q    Query
		want string
	}{
		{Query{}, "all 700; 0 tests"},
		{Query{Box: &point, Match: []Match{match(t, x, "text", "a")}}, "R-tree of bbox: "},
		{Query{Filter: seven}, "cover of filter: "},
		{Query{Filter: rangeFilter{property: "whole", test: true}}, "all 700; 1 tests"},
	}
	for _, tt := range tests {
		if got := x.Explain(context.Background(), tt.q); !strings.HasPrefix(got, tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// A search ends soon after its context does.
func TestSearchEndsWithContext(t *testing.T) {
	x, _ := pebbles(t, rand.New(rand.NewPCG(47, 48)), 5000)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	q := Query{Filter: testFilter(func(uint32) bool {
		if n++; n == 10 {
			cancel()
		}
		return true
	})}
	if _, err := x.Search(ctx, q); err == nil || n > 1100 {
		t.Errorf("%d tests, %v", n, err)
	}
	if _, err := x.Count(ctx, q); err == nil {
		t.Error("Count: no error")
	}
	for _, err := range x.Each(ctx, Query{}) {
		if err == nil {
			t.Error("Each: no error")
		}
		break
	}
}

type testFilter func(uint32) bool

func (f testFilter) String() string { return "test" }

func (f testFilter) Bind(context.Context, *Index) (Plan, error) { return Plan{Test: f}, nil }

// The same time in two zones is a tie, and a fraction of a second comes later.
func TestSortByTime(t *testing.T) {
	var texts []string
	add := func(id, when string, n int) {
		texts = append(texts, fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":null,"properties":{"t":%s,"n":%d}}`, id, when, n))
	}
	add("a", `"2001-01-01T08:00:00+08:00"`, 3)
	add("b", `"2001-01-01T00:00:00Z"`, 1)
	add("c", `null`, 0)
	add("d", `"2001-01-01T00:00:00.5Z"`, 0)
	add("e", `"2000-12-31T23:00:00-02:00"`, 0) // 01:00 the next day
	add("f", `"2001-01-01T07:59:59+08:00"`, 9)
	add("g", `"2001-01-01T00:00:00.000Z"`, 2)
	x := mustRead(t, ReadOptions{}, texts...)
	for _, c := range []struct {
		sort []SortKey
		want string
	}{
		{[]SortKey{{Property: "t"}}, "fabgdec"},
		{[]SortKey{{Property: "t", Descending: true}}, "edabgfc"},
		{[]SortKey{{Property: "t"}, {Property: "n"}}, "fbgadec"},
		{[]SortKey{{Property: "t", Descending: true}, {Property: "n", Descending: true}}, "edagbfc"},
	} {
		for _, limit := range []int{1, 2, 3, 100} {
			got := ""
			q := Query{Sort: c.sort, Limit: limit}
			for range 10 {
				r, err := x.Search(context.Background(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range r.Features {
					got += f.ID().String()
				}
				if q.After = &r.Last; !r.More {
					break
				}
			}
			if got != c.want {
				t.Errorf("%v by %d: got %s, want %s", c.sort, limit, got, c.want)
			}
		}
	}
}

// Whole numbers of 64 bits keep all their digits in order, search, paging and
// figures, though float64 has no place for them.
func TestExactWholeNumbers(t *testing.T) {
	var texts []string
	for i, n := range []string{
		"9007199254740993", "9007199254740992", "9007199254740994", "null", "9223372036854775807", "-9223372036854775808",
		"9223372036854775806", "9007199254740993", "7", "-9007199254740993",
	} {
		texts = append(texts, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":null,"properties":{"n":%s}}`, i, n))
	}
	x := mustRead(t, ReadOptions{}, texts...)
	if p, _ := x.Schema().Property("n"); p.Type != TypeInteger || !p.Int64() {
		t.Errorf("%+v", p)
	}
	const order = "5981072643"
	for _, limit := range []int{1, 3, 100} {
		got := ""
		for q := (Query{Sort: []SortKey{{Property: "n"}}, Limit: limit}); ; {
			r := search(t, x, q)
			for _, f := range r.Features {
				got += f.ID().String()
			}
			if q.After = &r.Last; !r.More {
				break
			}
		}
		if got != order {
			t.Errorf("by %d: got %s, want %s", limit, got, order)
		}
	}
	number := func(s string) Value {
		v, ok := ParseNumber(s)
		if !ok {
			t.Fatal(s)
		}
		return v
	}
	for _, c := range []struct {
		lo, hi string
		want   int
	}{{"9007199254740993", "9007199254740993", 2}, {"9007199254740993", "9223372036854775806", 4}, {"-9223372036854775808", "-9007199254740993", 2}, {"9223372036854775808", "1e300", 0}} {
		if got := x.RangeCover("n", Range{Lo: number(c.lo), Hi: number(c.hi)}).Count; got != c.want {
			t.Errorf("%s to %s: got %d, want %d", c.lo, c.hi, got, c.want)
		}
	}
	const want = `"9007199254740993" 2 18014398509481986`
	if got := table(aggregate(t, x, "sum(n)", "n")); !strings.Contains(got, strings.ReplaceAll(want, `"`, "")+"\n") {
		t.Errorf("by n:\n%s", got)
	}
	if got, want := table(aggregate(t, x, "distinct(n),min(n),max(n),sum(n)", "")), "10 8 -9223372036854775808 9223372036854775807 9250393634618998791\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
