package pyramid

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"clustermap/geo"
)

// figured are features around a few places, whose property v is value(i).
func figured(t *testing.T, n int, value func(i int) string) *geo.Index {
	t.Helper()
	r := rand.New(rand.NewPCG(13, 14))
	features := make([]string, n)
	for i := range features {
		features[i] = fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.4f,%.4f]},"properties":{"v":%s}}`,
			i, float64(i%3)*0.4+r.NormFloat64()*0.1, r.NormFloat64()*0.1, value(i))
	}
	return readFeatures(t, features...)
}

// TestSumsAreThoseOfAggregate holds sums to those of geo, digit by digit.
func TestSumsAreThoseOfAggregate(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for name, value := range map[string]func(i int) string{
		"whole":          func(int) string { return fmt.Sprint(r.IntN(1000)) },
		"negative":       func(int) string { return fmt.Sprint(r.IntN(1000) - 900) },
		"some null":      func(i int) string { return []string{"null", "5", `"text"`}[i%3] },
		"all null":       func(int) string { return "null" },
		"one":            func(i int) string { return []string{"null", "7"}[min(1, i/999)] },
		"decimals":       func(int) string { return fmt.Sprintf("%.2f", r.Float64()*1000) },
		"of all sizes":   func(int) string { return fmt.Sprintf("%ge%d", r.NormFloat64(), r.IntN(500)-250) },
		"cancelling":     func(i int) string { return []string{"1e300", "1", "-1e300"}[i%3] },
		"too large":      func(i int) string { return []string{"1.7e308", "1"}[i%2] },
		"large whole":    func(i int) string { return fmt.Sprint(1<<52 + i) },
		"of many digits": func(i int) string { return fmt.Sprint(1<<60 + i) },
	} {
		x := figured(t, 1000, value)
		p, err := Build(t.Context(), x, nil, Options{Sums: []string{"v", "missing"}})
		if err != nil {
			t.Fatal(err)
		}
		c, _ := x.Column("v")
		for g := range p.first {
			n := p.node(g)
			var want geo.Sum
			for _, slot := range p.Members(n) {
				want.Add(c, slot)
			}
			v, ok := p.Sum(n, 0)
			if w := want.Value(); string(p.SumValue(n, 0).JSON()) != string(w.JSON()) || ok != (w.Kind() == geo.KindNumber) || v != w.Number() && ok {
				t.Fatalf("%s: node %d has the sum %s, %v; want %s", name, n, p.SumValue(n, 0).JSON(), v, w.JSON())
			}
			if _, ok := p.Sum(n, 1); ok || p.SumValue(n, 1).Kind() != geo.KindNull {
				t.Fatalf("%s: a property that no feature has is summed", name)
			}
		}
		all, err := x.Aggregate(t.Context(), geo.Aggregation{Measures: []geo.Measure{{Func: "sum", Property: "v"}}})
		if err != nil {
			t.Fatal(err)
		}
		top, _ := p.Of(0, 0)
		if p.Size(top) != x.Len() {
			t.Fatalf("the top has %d members", p.Size(top))
		}
		if got, want := p.SumValue(top, 0).JSON(), all.Total.Values[0].JSON(); string(got) != string(want) {
			t.Errorf("%s: the sum is %s, that of Aggregate %s", name, got, want)
		}
	}
}

// TestCountsOfAnyValues counts texts, numbers, booleans and lists, few and many.
func TestCountsOfAnyValues(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for name, value := range map[string]func(i int) string{
		"few":        func(int) string { return fmt.Sprintf(`"t%d"`, r.IntN(5)) },
		"255":        func(i int) string { return fmt.Sprintf(`"t%d"`, i%255) },
		"256":        func(i int) string { return fmt.Sprintf(`"t%d"`, i%256) },
		"many":       func(i int) string { return fmt.Sprintf(`"t%d"`, i/2) },
		"numbers":    func(int) string { return fmt.Sprint(r.IntN(9)) },
		"one number": func(i int) string { return []string{"1", "1.0", "10e-1"}[i%3] },
		"booleans":   func(i int) string { return fmt.Sprint(i%3 == 0) },
		"mixed":      func(i int) string { return []string{"1", `"1"`, "null", "true", "[1]", `{"a":1}`}[i%6] },
	} {
		x := figured(t, large+5000, value)
		p, err := Build(t.Context(), x, nil, Options{Counts: []string{"v", "missing"}})
		if err != nil {
			t.Fatal(err)
		}
		for g := range p.first {
			if n := p.node(g); g < 100 || p.Size(n) > 500 {
				checkCounts(t, name, p, n)
			}
		}
		checkCounts(t, name, p, 0)
	}
}

func TestTooManyValuesAreNotCounted(t *testing.T) {
	x := figured(t, 1<<16, func(i int) string { return fmt.Sprintf(`"t%d"`, i) })
	p, err := Build(t.Context(), x, nil, Options{Counts: []string{"v", "missing"}})
	if err != nil {
		t.Fatal(err)
	}
	if counted := p.Options().Counts; len(counted) != 1 || counted[0] != "missing" {
		t.Errorf("counted are %v", counted)
	}
	if got := p.Counts(0, 0); len(got) != 1 || got[0].Count != 1 {
		t.Errorf("the counts are %v", got)
	}
}

func checkCounts(t *testing.T, name string, p *Pyramid, n Node) {
	t.Helper()
	want := make(map[string]int)
	for _, slot := range p.Members(n) {
		v := p.Index().At(slot).Value("v")
		if v.Kind() == geo.KindNumber {
			v = geo.NumberValue(v.Number())
		}
		want[string(v.JSON())]++
	}
	got := p.Counts(n, 0)
	if len(got) != len(want) {
		t.Fatalf("%s: node %d has %d values, want %d", name, n, len(got), len(want))
	}
	for i, c := range got {
		if want[string(c.Value.JSON())] != c.Count || i > 0 && got[i-1].Count < c.Count {
			t.Fatalf("%s: node %d has %d of %s, want %d", name, n, c.Count, c.Value.JSON(), want[string(c.Value.JSON())])
		}
	}
	if got := p.Counts(n, 1); len(got) != 1 || got[0].Count != p.Size(n) || got[0].Value.Kind() != geo.KindNull {
		t.Fatalf("%s: a property that no feature has counts %v", name, got)
	}
}
