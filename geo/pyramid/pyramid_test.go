package pyramid

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// indexOf reads points with a trade and a number of firms.
func indexOf(t testing.TB, points []orb.Point) *geo.Index {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i, p := range points {
		if i > 0 {
			b.WriteByte(',')
		}
		trade, firms := fmt.Sprintf("%q", "trade "+string(rune('a'+i*i%7))), fmt.Sprint(i%97)
		if i%11 == 0 {
			trade = "null"
		}
		if i%13 == 0 {
			firms = "null"
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{"trade":%s,"firms":%s}}`, i, p[0], p[1], trade, firms)
	}
	b.WriteString("]}")
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "points.geojson",
		Schema: []byte(`{"properties":{"firms":{"type":["integer","null"]},"trade":{"type":["string","null"]}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func build(t testing.TB, x *geo.Index, set *geo.Set, radius int) *Pyramid {
	t.Helper()
	p, err := Build(context.Background(), x, set, Options{Radius: radius, Sums: []string{"firms"}, Counts: []string{"trade"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// scatters are the ways in which points can lie.
func scatters(r *rand.Rand) map[string][]orb.Point {
	some := func(n int, at func(i int) orb.Point) []orb.Point {
		out := make([]orb.Point, n)
		for i := range out {
			out[i] = at(i)
		}
		return out
	}
	normal := func(lon, lat, spread float64) orb.Point {
		lon += r.NormFloat64() * spread
		if lon > 180 {
			lon -= 360
		}
		return orb.Point{lon, max(-90, min(90, lat+r.NormFloat64()*spread))}
	}
	return map[string][]orb.Point{
		"none":       nil,
		"one":        {{113.2, 23.1}},
		"two places": {{113.2, 23.1}, {113.2, 23.1}, {120.1, 30.2}},
		"one place":  some(3000, func(int) orb.Point { return orb.Point{113.2, 23.1} }),
		"uniform":    some(4000, func(int) orb.Point { return orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90} }),
		"towns":      some(4000, func(i int) orb.Point { return normal(100+float64(i%17), 22+float64(i%5)*4, 0.02*float64(1+i%3)) }),
		"dense":      some(3000, func(int) orb.Point { return normal(121.4, 31.2, 1e-5) }),
		"past 180":   some(3000, func(int) orb.Point { return normal(179.9, -17, 0.5) }),
		"poles":      some(2000, func(i int) orb.Point { return orb.Point{r.Float64()*360 - 180, 90 - float64(i%2)*180} }),
		"a parallel": some(3000, func(i int) orb.Point { return orb.Point{73 + float64(i)*0.02, 30} }),
		"a meridian": some(3000, func(i int) orb.Point { return orb.Point{105, float64(i)*0.05 - 75} }),
		"a grid":     some(3600, func(i int) orb.Point { return orb.Point{float64(i%60) * 0.5, float64(i/60) * 0.5} }),
		"few decimals": some(3000, func(int) orb.Point {
			return orb.Point{math.Round(r.Float64()*100) / 10, math.Round(r.Float64()*100) / 10}
		}),
	}
}

func TestGroupsKeepTheirPromises(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, points := range scatters(r) {
		t.Run(name, func(t *testing.T) {
			x := indexOf(t, points)
			half, err := x.Select(context.Background(), geo.Query{Match: nil, Box: &orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{121.4, 90}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, set := range []*geo.Set{nil, half} {
				for _, radius := range []int{20, 60, 200} {
					check(t, x, set, build(t, x, set, radius))
				}
			}
		})
	}
}

func check(t *testing.T, x *geo.Index, set *geo.Set, p *Pyramid) {
	t.Helper()
	want := x.Len()
	if set != nil {
		want = set.Len()
	}
	if p.Len() != want {
		t.Fatalf("%d features are grouped, want %d", p.Len(), want)
	}
	for zoom := 0; zoom <= MaxZoom; zoom++ {
		var nodes []Node
		p.Search(zoom, everywhere, func(n Node) bool { nodes = append(nodes, n); return true })
		seen := make([]bool, x.Len())
		total := 0
		for _, n := range nodes {
			if zoom%5 == 3 || zoom == 0 {
				checkNode(t, p, zoom, n, seen)
			}
			total += p.Size(n)
		}
		if total != want {
			t.Fatalf("zoom %d: the groups have %d members, want %d", zoom, total, want)
		}
		checkApart(t, p, zoom, nodes)
		if t.Failed() {
			t.FailNow()
		}
	}
}

func checkNode(t *testing.T, p *Pyramid, zoom int, n Node, seen []bool) {
	t.Helper()
	members := p.Members(n)
	if len(members) != p.Size(n) || !p.Valid(n) || !slices.IsSorted(members) {
		t.Fatalf("zoom %d: node %d has %d members, its size is %d", zoom, n, len(members), p.Size(n))
	}
	firms, some := 0.0, false
	bounds, own := p.Bounds(n), p.Position(n)
	counts := make(map[string]int)
	for _, slot := range members {
		if seen[slot] {
			t.Fatalf("zoom %d: slot %d is in two groups", zoom, slot)
		}
		seen[slot] = true
		if of, ok := p.Of(zoom, slot); !ok || of != n {
			t.Fatalf("zoom %d: slot %d is in node %d, Of says %d", zoom, slot, n, of)
		}
		at, _ := p.Index().Anchor(slot)
		inside := at[1] >= bounds.Min[1]-1e-9 && at[1] <= bounds.Max[1]+1e-9
		if bounds.Min[0] <= bounds.Max[0] {
			inside = inside && at[0] >= bounds.Min[0]-1e-9 && at[0] <= bounds.Max[0]+1e-9
		} else {
			inside = inside && (at[0] >= bounds.Min[0]-1e-9 || at[0] <= bounds.Max[0]+1e-9)
		}
		if !inside {
			t.Fatalf("zoom %d: %v is not in %v", zoom, at, bounds)
		}
		f := p.Index().At(slot)
		if v := f.Value("firms"); v.Kind() == geo.KindNumber {
			firms, some = firms+v.Number(), true
		}
		counts[string(f.Value("trade").JSON())]++
	}
	if !slices.Contains(members, p.Slot(n)) {
		t.Fatalf("zoom %d: the group stands at %v, which is no member", zoom, own)
	}
	if v, ok := p.Sum(n, 0); ok != some || ok && v != firms {
		t.Fatalf("zoom %d: the sum is %v, want %v", zoom, v, firms)
	}
	for _, c := range p.Counts(n, 0) {
		if text := string(c.Value.JSON()); counts[text] != c.Count {
			t.Fatalf("zoom %d: %d of %s, want %d", zoom, c.Count, text, counts[text])
		} else {
			delete(counts, text)
		}
	}
	if len(counts) > 0 {
		t.Fatalf("zoom %d: not counted: %v", zoom, counts)
	}
	from, to := p.Zooms(n)
	if zoom < from || zoom > to {
		t.Fatalf("node %d stands at %d, and says from %d to %d", n, zoom, from, to)
	}
	if at, ok := p.Expansion(n); ok {
		if same, _ := p.Of(at-1, members[0]); same != n {
			t.Fatalf("node %d splits before %d", n, at)
		}
		if part, _ := p.Of(at, members[0]); part == n || p.Size(part) >= p.Size(n) {
			t.Fatalf("node %d does not split at %d", n, at)
		}
	}
}

// checkApart checks that no two stand nearer than nine tenths of the radius.
func checkApart(t *testing.T, p *Pyramid, zoom int, nodes []Node) {
	t.Helper()
	least := float64(p.Options().Radius)*math.Exp2(float64(24-zoom)) - 4
	type spot struct{ x, y float64 }
	spots := make([]spot, len(nodes))
	for i, n := range nodes {
		place := p.Place(n)
		spots[i] = spot{float64(p.layout.X[place]), float64(p.layout.Y[place])}
	}
	slices.SortFunc(spots, func(a, b spot) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	n := len(spots)
	for i, a := range spots {
		for k := 1; k < n; k++ {
			b := spots[(i+k)%n]
			dx := wrap(b.x - a.x)
			if dx >= least {
				break
			}
			if d := math.Hypot(min(dx, world-dx), a.y-b.y); d < min(least, world/2-4) {
				t.Fatalf("zoom %d: two groups stand %.1f of %.1f apart", zoom, d, least)
			}
		}
	}
}

func TestEqualInputGivesEqualGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for name, points := range scatters(r) {
		x := indexOf(t, points)
		a, b := build(t, x, nil, 60), build(t, x, nil, 60)
		if !slices.Equal(a.places, b.places) || !slices.Equal(a.first, b.first) || !slices.Equal(a.rep, b.rep) || !slices.Equal(a.from, b.from) {
			t.Fatalf("%s: the groups differ", name)
		}
	}
}

func TestSearchIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for name, points := range scatters(r) {
		x := indexOf(t, points)
		p := build(t, x, nil, 60)
		for range 200 {
			zoom := r.IntN(MaxZoom + 1)
			c := orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}
			if len(points) > 0 && r.IntN(2) == 0 {
				c = points[r.IntN(len(points))]
			}
			d := math.Exp2(-r.Float64()*12) * 100
			b := orb.Bound{Min: orb.Point{c[0] - d, c[1] - d}, Max: orb.Point{c[0] + d, c[1] + d}}
			if b.Min[0] < -180 && b.Max[0] < 180 {
				b.Min[0] += 360
			}
			if b.Max[0] > 180 && b.Min[0] > -180 {
				b.Max[0] -= 360
			}
			var got, want []Node
			p.Search(zoom, b, func(n Node) bool { got = append(got, n); return true })
			p.Search(zoom, everywhere, func(n Node) bool {
				at := p.Position(n)
				in := at[0] >= b.Min[0] && at[0] <= b.Max[0]
				if b.Min[0] > b.Max[0] {
					in = at[0] >= b.Min[0] || at[0] <= b.Max[0]
				}
				if in && at[1] >= b.Min[1] && at[1] <= b.Max[1] {
					want = append(want, n)
				}
				return true
			})
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || p.Count(zoom, b) != len(want) {
				t.Fatalf("%s: zoom %d, %v: %d nodes, want %d", name, zoom, b, len(got), len(want))
			}
		}
	}
}

func TestBuildRefusesWhatItCannot(t *testing.T) {
	x := indexOf(t, []orb.Point{{1, 2}})
	for _, opt := range []Options{{Radius: 19}, {Radius: 201}, {Radius: -1}, {Counts: []string{"a", "b", "c", "d"}}} {
		if _, err := Build(context.Background(), x, nil, opt); err == nil {
			t.Errorf("%+v is taken", opt)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(ended, x, nil, Options{}); err == nil {
		t.Error("a build goes on after its context has ended")
	}
}
