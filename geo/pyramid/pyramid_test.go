package pyramid

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

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
			half, err := x.Select(context.Background(), geo.Query{Box: &orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{121.4, 90}}})
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

// TestGroupsOfRandomFeatures draws where features lie, which are selected and the
// radius.
func TestGroupsOfRandomFeatures(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lons := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{-180, 180, 179.9999999, 0, 113.2}), rapid.Float64Range(113.2, 113.3))
		lats := rapid.OneOf(rapid.Float64Range(-90, 90), rapid.SampledFrom([]float64{-90, 90, 85.06, -85.0511287798066, 0, 23.1}), rapid.Float64Range(23.1, 23.2))
		points := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) orb.Point {
			return orb.Point{lons.Draw(r, "lon"), lats.Draw(r, "lat")}
		}), 0, 60).Draw(r, "points")
		for range rapid.IntRange(0, 3).Draw(r, "copies") {
			if len(points) > 0 {
				points = append(points, points[rapid.IntRange(0, len(points)-1).Draw(r, "copied")])
			}
		}
		x := indexOf(t, points)
		var set *geo.Set
		if rapid.Bool().Draw(r, "filtered") {
			m, err := x.Schema().ParseMatch("trade", rapid.SampledFrom([]string{"trade a", "trade b,trade c", "none"}).Draw(r, "trade"))
			if len(points) > 0 && err != nil {
				t.Fatal(err)
			}
			if set, err = x.Select(context.Background(), geo.Query{Match: []geo.Match{m}}); err != nil {
				t.Fatal(err)
			}
		}
		radius := rapid.SampledFrom([]int{MinRadius, 32, 33, DefaultRadius, 64, 65, 127, 128, 129, MaxRadius}).Draw(r, "radius")
		check(t, x, set, build(t, x, set, radius))
	})
}

// check holds a pyramid to all that it promises, at all zooms.
func check(t *testing.T, x *geo.Index, set *geo.Set, p *Pyramid) {
	t.Helper()
	want := x.Len()
	if set != nil {
		want = set.Len()
	}
	if p.Len() != want {
		t.Fatalf("%d features are grouped, want %d", p.Len(), want)
	}
	done := make(map[Node]bool)
	for zoom := 0; zoom <= MaxZoom; zoom++ {
		nodes := p.Level(zoom)
		seen := make([]bool, x.Len())
		total := 0
		for _, n := range nodes {
			if !done[n] {
				checkNode(t, p, n)
				done[n] = true
			}
			if from, to := p.Zooms(n); zoom < from || zoom > to {
				t.Fatalf("node %d stands at %d, and says from %d to %d", n, zoom, from, to)
			}
			for _, slot := range p.Members(n) {
				if seen[slot] || set != nil && !set.Has(slot) {
					t.Fatalf("zoom %d: slot %d is in two groups or not selected", zoom, slot)
				}
				seen[slot] = true
				if of, ok := p.Of(zoom, slot); !ok || of != n {
					t.Fatalf("zoom %d: slot %d is in node %d, Of says %d", zoom, slot, n, of)
				}
			}
			total += p.Size(n)
		}
		if total != want {
			t.Fatalf("zoom %d: the groups have %d members, want %d", zoom, total, want)
		}
		checkApart(t, p, zoom, nodes)
	}
	for g := range p.first {
		if n := p.node(g); !done[n] || !p.Valid(n) {
			t.Fatalf("group %d stands at no zoom", n)
		}
	}
	for slot := range uint32(x.Len()) {
		if _, ok := p.Of(5, slot); ok != (set == nil || set.Has(slot)) {
			t.Fatalf("slot %d takes part: %v", slot, ok)
		}
	}
	checkPlaces(t, p)
}

func checkNode(t *testing.T, p *Pyramid, n Node) {
	t.Helper()
	members := p.Members(n)
	if len(members) != p.Size(n) || len(members) == 0 || !p.Valid(n) || !slices.IsSorted(members) {
		t.Fatalf("node %d has %d members, its size is %d", n, len(members), p.Size(n))
	}
	firms, some := 0.0, false
	bounds := p.Bounds(n)
	counts := make(map[string]int)
	for _, slot := range members {
		at, _ := p.Index().Anchor(slot)
		if !inBounds(bounds, at) {
			t.Fatalf("%v is not in %v", at, bounds)
		}
		f := p.Index().At(slot)
		if v := f.Value("firms"); v.Kind() == geo.KindNumber {
			firms, some = firms+v.Number(), true
		}
		counts[string(f.Value("trade").JSON())]++
	}
	if at := nearestToMean(p, n, members); p.Slot(n) != at {
		t.Fatalf("node %d stands at slot %d; the member nearest to the mean is %d", n, p.Slot(n), at)
	}
	if at, _ := p.Index().Anchor(p.Slot(n)); p.Position(n) != at || p.layout.Slots[p.Place(n)] != p.Slot(n) {
		t.Fatalf("node %d stands at %v, its slot at %v", n, p.Position(n), at)
	}
	if v, ok := p.Sum(n, 0); ok != some || ok && v != firms {
		t.Fatalf("the sum is %v, want %v", v, firms)
	}
	most := math.MaxInt
	for _, c := range p.Counts(n, 0) {
		if text := string(c.Value.JSON()); counts[text] != c.Count || c.Count > most {
			t.Fatalf("%d of %s, want %d", c.Count, text, counts[text])
		} else {
			delete(counts, text)
		}
		most = c.Count
	}
	if len(counts) > 0 {
		t.Fatalf("not counted: %v", counts)
	}
	checkSplit(t, p, n, members)
}

// inBounds allows for rounding inwards, and for 180° being -180°.
func inBounds(b orb.Bound, at orb.Point) bool {
	const e = 1e-9
	if at[1] < b.Min[1]-e || at[1] > b.Max[1]+e {
		return false
	}
	east, west := at[0] >= b.Min[0]-e, at[0] <= b.Max[0]+e
	return b.Min[0] <= b.Max[0] && east && west || b.Min[0] > b.Max[0] && (east || west)
}

// nearestToMean is the member nearest to the mean, in whole numbers; of those as near
// the first. It answers what the pyramid says where the members reach so far round the
// world that the mean is a matter of convention.
func nearestToMean(p *Pyramid, n Node, members []uint32) uint32 {
	if p.lone(n) {
		return members[0]
	}
	area := p.area[p.group(n)]
	if area.width >= world/2 {
		return p.Slot(n)
	}
	at := func(slot uint32) (x, y int64) {
		place, _ := p.layout.Place(slot)
		return int64(p.layout.X[place] - area.west), int64(p.layout.Y[place])
	}
	var sumX, sumY int64
	for _, slot := range members {
		x, y := at(slot)
		sumX, sumY = sumX+x, sumY+y
	}
	best, least := members[0], new(big.Int)
	for i, slot := range members {
		x, y := at(slot)
		dx, dy := big.NewInt(x*int64(len(members))-sumX), big.NewInt(y*int64(len(members))-sumY)
		d := dx.Add(dx.Mul(dx, dx), dy.Mul(dy, dy))
		if i == 0 || d.Cmp(least) < 0 {
			best, least = slot, d
		}
	}
	return best
}

// checkSplit checks that a group stands as one at all its zooms, and as several at the
// next.
func checkSplit(t *testing.T, p *Pyramid, n Node, members []uint32) {
	t.Helper()
	from, to := p.Zooms(n)
	expansion, splits := p.Expansion(n)
	if splits != (to < MaxZoom) || splits && expansion != to+1 {
		t.Fatalf("node %d stands from %d to %d and splits at %d: %v", n, from, to, expansion, splits)
	}
	groupsAt := func(zoom int) map[Node]int {
		nodes := make(map[Node]int)
		for _, slot := range members {
			of, _ := p.Of(zoom, slot)
			nodes[of]++
		}
		return nodes
	}
	for zoom := from; zoom <= to; zoom++ {
		if nodes := groupsAt(zoom); len(nodes) != 1 || nodes[n] != len(members) {
			t.Fatalf("node %d stands from %d to %d; at %d it is %v", n, from, to, zoom, nodes)
		}
	}
	if from > 0 && groupsAt(from - 1)[n] != 0 {
		t.Fatalf("node %d stands before zoom %d", n, from)
	}
	if !splits {
		return
	}
	nodes := groupsAt(to + 1)
	kids := p.Children(n)
	if len(nodes) < 2 || len(kids) != len(nodes) {
		t.Fatalf("node %d does not split at %d: %v; its children are %v", n, to+1, nodes, kids)
	}
	for _, kid := range kids {
		if nodes[kid] != p.Size(kid) {
			t.Fatalf("%d is no child of node %d", kid, n)
		}
	}
}

// checkPlaces checks that features at one place are never apart.
func checkPlaces(t *testing.T, p *Pyramid) {
	t.Helper()
	first := make(map[[2]uint32]uint32)
	for _, place := range p.places {
		at, slot := [2]uint32{p.layout.X[place], p.layout.Y[place]}, p.layout.Slots[place]
		other, ok := first[at]
		if !ok {
			first[at] = slot
			continue
		}
		for zoom := range MaxZoom + 1 {
			a, _ := p.Of(zoom, slot)
			if b, _ := p.Of(zoom, other); a != b {
				t.Fatalf("slots %d and %d are at one place, and apart at zoom %d", slot, other, zoom)
			}
		}
	}
}

// checkApart checks that no two stand within the radius.
func checkApart(t *testing.T, p *Pyramid, zoom int, nodes []Node) {
	t.Helper()
	least := float64(p.Options().Radius) * math.Exp2(float64(24-zoom))
	spots := make([]point, len(nodes))
	for i, n := range nodes {
		place := p.Place(n)
		spots[i] = point{p.layout.X[place], p.layout.Y[place]}
	}
	slices.SortFunc(spots, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	for i, a := range spots {
		for k := 1; k < len(spots); k++ {
			b := spots[(i+k)%len(spots)]
			if float64(b.x-a.x) >= least {
				break
			}
			dx := min(float64(b.x-a.x), float64(a.x-b.x))
			if d := math.Hypot(dx, float64(a.y)-float64(b.y)); d < least {
				t.Fatalf("zoom %d: two stand %.1f of %.1f apart", zoom, d, least)
			}
		}
	}
}
