package pyramid

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// regionsOf reads two definitions.
func regionsOf(t testing.TB) *geo.Regions {
	t.Helper()
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"south","geometry":null,"properties":{"region":"s","default":true,"adcodes":["440000"]}},
		{"type":"Feature","id":"east","geometry":null,"properties":{"region":"e","default":true,"adcodes":["330100","330782"]}}]}`), geo.ReadOptions{Name: "regions.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := geo.ReadRegions(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// mixed reads features with codes of all levels, without codes, without geometry, and
// with outlines.
func mixed(t testing.TB, n int, seed uint64) *geo.Index {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	codes := []string{`"440000"`, `"440300"`, `"440305"`, `"330782"`, `"330100"`, `"429004"`, `"110105"`, `"710000"`, `null`, `"44"`, `"999999"`}
	var b strings.Builder
	for i := range n {
		lon, lat := r.NormFloat64()*10+115, r.NormFloat64()*8+30
		geometry := fmt.Sprintf(`{"type":"Point","coordinates":[%.4f,%.4f]}`, lon, lat)
		switch r.IntN(9) {
		case 0:
			geometry = "null"
		case 1:
			geometry = fmt.Sprintf(`{"type":"LineString","coordinates":[[%.4f,%.4f],[%.4f,%.4f]]}`, lon, lat, lon+1, lat+1)
		case 2:
			geometry = fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]]}`, lon, lat, lon+1, lat, lon, lat+1, lon, lat)
		}
		firms := fmt.Sprintf("%.2f", r.Float64()*1000)
		if r.IntN(5) == 0 {
			firms = "null"
		}
		trade := []string{`"socks"`, `"ties"`, `"null"`, `null`, `true`}[r.IntN(5)]
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":%s,"properties":{"adcode":%s,"firms":%s,"trade":%s}}`+"\n", i, geometry, codes[r.IntN(len(codes))], firms, trade)
	}
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "mixed.geojsonl", Sequence: true, Regions: regionsOf(t),
		Schema: []byte(`{"properties":{"firms":{"type":["number","null"]}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

var mixedOptions = Options{Sums: []string{"firms", "absent"}, Counts: []string{"trade", "absent"}}

func TestTerritoriesKeepTheirPromises(t *testing.T) {
	x := mixed(t, 2000, 11)
	some, err := x.Select(context.Background(), geo.Query{Box: &orb.Bound{Min: orb.Point{100, 20}, Max: orb.Point{120, 40}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"division:province", "division:prefecture", "division:county", "region:south", "region:east", "hex:1", "hex:25", "hex:250.5", "hex:1000"} {
		cut, err := ParseCut(x.Schema(), text)
		if err != nil || cut.String() != text {
			t.Fatalf("%s is read as %v: %v", text, cut, err)
		}
		for _, set := range []*geo.Set{nil, some} {
			parts, err := Divide(context.Background(), x, set, cut, mixedOptions)
			if err != nil {
				t.Fatal(err)
			}
			checkTerritories(t, x, set, parts)
		}
	}
}

func checkTerritories(t *testing.T, x *geo.Index, set *geo.Set, parts *Territories) {
	t.Helper()
	seen := make([]bool, x.Len())
	for i := range parts.Len() {
		key, ok := parts.Key(i)
		if at, found := parts.Find(key, ok); !found || at != i {
			t.Fatalf("%v: key %q is found at %d, want %d", parts.Cut(), key, at, i)
		}
		members := parts.Members(i)
		if len(members) != parts.Size(i) || !slices.IsSorted(members) || len(members) == 0 {
			t.Fatalf("%v %s has %d members, size %d", parts.Cut(), key, len(members), parts.Size(i))
		}
		var mean vector
		placed, total := false, 0.0
		values := map[string]int{}
		for _, slot := range members {
			if seen[slot] || set != nil && !set.Has(slot) {
				t.Fatalf("%v: slot %d is in two territories, or not selected", parts.Cut(), slot)
			}
			seen[slot] = true
			if got, known := keyBySlot(x, parts, slot); got != key || known != ok {
				t.Fatalf("%v: slot %d is in %q %v, want %q %v", parts.Cut(), slot, key, ok, got, known)
			}
			f := x.At(slot)
			total += f.Value("firms").Number()
			values[string(f.Value("trade").JSON())]++
			if at, has := x.Anchor(slot); has {
				placed = true
				mean = mean.plus(unit(at))
				if b, _ := parts.Bounds(i); !b.Contains(at) {
					t.Fatalf("%v %s: %v is not in %v", parts.Cut(), key, at, b)
				}
			}
		}
		at, has := parts.Position(i)
		if has != placed {
			t.Fatalf("%v %s has a position: %v, want %v", parts.Cut(), key, has, placed)
		}
		for _, slot := range members {
			if p, ok := x.Anchor(slot); ok && unit(p).dot(mean) > unit(at).dot(mean)+1e-12*float64(len(members)) {
				t.Fatalf("%v %s stands at %v, but %v is nearer to the mean", parts.Cut(), key, at, p)
			}
		}
		if got := parts.Sum(i, 0).Number(); math.Abs(got-total) > 1e-6 || parts.Sum(i, 1).Kind() != geo.KindNull {
			t.Fatalf("%v %s sums up to %g, want %g", parts.Cut(), key, got, total)
		}
		n, last := 0, math.MaxInt
		for _, c := range parts.Counts(i, 0) {
			if n += c.Count; values[string(c.Value.JSON())] != c.Count || c.Count > last {
				t.Fatalf("%v %s counts %d of %s, want %d", parts.Cut(), key, c.Count, c.Value.JSON(), values[string(c.Value.JSON())])
			}
			last = c.Count
		}
		if n != len(members) || len(parts.Counts(i, 1)) != 1 {
			t.Fatalf("%v %s counts %d values of %d members", parts.Cut(), key, n, len(members))
		}
		if outline := parts.Outline(i); (outline != nil) != (parts.Cut().Across > 0 && ok) {
			t.Fatalf("%v %s has the outline %v", parts.Cut(), key, outline)
		}
	}
	for slot := range seen {
		if want := set == nil || set.Has(uint32(slot)); seen[slot] != want {
			t.Fatalf("%v: slot %d is in a territory: %v, want %v", parts.Cut(), slot, seen[slot], want)
		}
	}
}

// keyBySlot is the key of a feature by other means.
func keyBySlot(x *geo.Index, parts *Territories, slot uint32) (string, bool) {
	cut, f := parts.Cut(), x.At(slot)
	switch {
	case cut.Level != "":
		return geo.DivisionOf(f.Value("adcode").Text(), cut.Level)
	case cut.Region != "":
		for _, v := range f.Value("regions").Items() {
			if v.Text() == cut.Region {
				return cut.Region, true
			}
		}
		return "", false
	}
	at, ok := x.Anchor(slot)
	if !ok {
		return "", false
	}
	c := parts.grid.cell(at)
	return fmt.Sprintf("%d_%d", c.q, c.r), true
}

// The numbers are those of the aggregate.
func TestTerritoriesAreThoseOfTheAggregate(t *testing.T) {
	x := mixed(t, 3000, 12)
	for _, text := range []string{"division:province", "division:prefecture", "division:county", "region:east"} {
		by, err := geo.ParseGroupings(x.Schema(), text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := x.Aggregate(context.Background(), geo.Aggregation{By: by, Measures: []geo.Measure{{Func: "sum", Property: "firms"}}})
		if err != nil {
			t.Fatal(err)
		}
		cut, err := ParseCut(x.Schema(), text)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := Divide(context.Background(), x, nil, cut, mixedOptions)
		if err != nil {
			t.Fatal(err)
		}
		if parts.Len() != len(want.Groups) {
			t.Errorf("%s: %d territories, want %d", text, parts.Len(), len(want.Groups))
		}
		for _, g := range want.Groups {
			i, ok := parts.Find(g.Key[0].Text(), g.Key[0].Kind() != geo.KindNull)
			if !ok || parts.Size(i) != g.Count || parts.Sum(i, 0).Compare(g.Values[0]) != 0 {
				t.Errorf("%s: %v has %d members and the sum %v, want %d and %v", text, g.Key, parts.Size(i), parts.Sum(i, 0), g.Count, g.Values[0])
			}
		}
	}
}

func TestNoTerritories(t *testing.T) {
	x := mixed(t, 0, 1)
	parts, err := Divide(context.Background(), x, nil, Cut{Across: 25}, mixedOptions)
	if err != nil || parts.Len() != 0 || parts.Bytes() == 0 {
		t.Errorf("%+v, %v", parts, err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := Divide(ended, mixed(t, 100, 1), nil, Cut{Across: 25}, mixedOptions); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func TestCutsThatAreNone(t *testing.T) {
	schema := mixed(t, 20, 1).Schema()
	for _, text := range []string{"", "division", "division:", "division:town", "divison:province", "region:", "region:north", "region:south,region:east", "hex", "hex:",
		"hex:0", "hex:0.9", "hex:1000.1", "hex:-5", "hex:+5", "hex:1e2", "hex:5.", "hex:.5", "hex:1.2345", "hex:NaN", "hex:Inf", "hex:0x10", "hex:1_0", "grid:5", "trade", "adcode", "division:province,trade"} {
		var invalid *geo.InvalidError
		if cut, err := ParseCut(schema, text); !errors.As(err, &invalid) || invalid.Field != "by" {
			t.Errorf("%q is read as %v, %v", text, cut, err)
		}
	}
	if cut, err := ParseCut(schema, "hex:025.50"); err != nil || cut.String() != "hex:25.5" {
		t.Errorf("hex:025.50 is %v, %v", cut, err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	parts, err := Divide(context.Background(), mixed(t, 500, 3), nil, Cut{Level: "province"}, mixedOptions)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"", "44", "44000", "0440000", "650000", "x", "18446744073709551615"} {
		if i, found := parts.Find(key, true); found {
			t.Errorf("key %q is found at %d", key, i)
		}
	}
	hexes, err := Divide(context.Background(), mixed(t, 500, 3), nil, Cut{Across: 100}, mixedOptions)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"", "_", "0", "+1_0", "01_2", "1_2_3", "2147483647_2147483647", "99999999999_0"} {
		if i, found := hexes.Find(key, true); found {
			t.Errorf("key %q is found at %d", key, i)
		}
	}
}

// BenchmarkDivide stands beside counting and adding up by the same divisions without
// members, positions and bounds.
func BenchmarkDivide(b *testing.B) {
	x := mixed(b, 200_000, 1)
	x.Layout()
	opt := Options{Sums: []string{"firms"}, Counts: []string{"trade"}}
	for _, cut := range []Cut{{Level: "prefecture"}, {Across: 25}, {Across: 5}} {
		b.Run(cut.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := Divide(b.Context(), x, nil, cut, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("aggregate", func(b *testing.B) {
		by, err := geo.ParseGroupings(x.Schema(), "division:prefecture")
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := x.Aggregate(b.Context(), geo.Aggregation{By: by, Measures: []geo.Measure{{Func: "sum", Property: "firms"}}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
