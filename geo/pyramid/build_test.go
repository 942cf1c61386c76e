package pyramid

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

func TestEqualInputGivesEqualGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for name, points := range scatters(r) {
		x := indexOf(t, points)
		same(t, name, build(t, x, nil, 60), build(t, x, nil, 60))
	}
}

// same checks that two pyramids have the same groups under the same names.
func same(t *testing.T, name string, a, b *Pyramid) {
	t.Helper()
	if !slices.Equal(a.places, b.places) || !slices.Equal(a.first, b.first) || !slices.Equal(a.size, b.size) ||
		!slices.Equal(a.rep, b.rep) || !slices.Equal(a.from, b.from) || !slices.Equal(a.to, b.to) {
		t.Fatalf("%s: the groups differ", name)
	}
}

// TestManyFeatures has so many features that the work is shared among goroutines.
func TestManyFeatures(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	points := make([]orb.Point, 200_000)
	for i := range points {
		switch i % 4 {
		case 0:
			points[i] = orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}
		case 1:
			points[i] = orb.Point{113 + r.NormFloat64()*0.01, 23 + r.NormFloat64()*0.01}
		case 2:
			points[i] = orb.Point{float64(i%997) * 0.01, float64(i % 13)}
		default:
			points[i] = orb.Point{121.4, 31.2}
		}
	}
	x := indexOf(t, points)
	before := runtime.GOMAXPROCS(1)
	one := build(t, x, nil, 60)
	runtime.GOMAXPROCS(max(4, before))
	many := build(t, x, nil, 60)
	runtime.GOMAXPROCS(before)
	same(t, "one and more processors", one, many)
	for zoom := range MaxZoom + 1 {
		nodes, total := one.Level(zoom), 0
		for _, n := range nodes {
			total += one.Size(n)
		}
		if total != len(points) {
			t.Errorf("zoom %d: %d members", zoom, total)
		}
		checkApart(t, one, zoom, nodes)
	}
	checkPlaces(t, one)
	if kept := one.Bytes(); kept < 1<<20 || kept > 64*int64(len(points)) {
		t.Errorf("the pyramid says that it takes %d bytes", kept)
	}
}

// TestBuildingEndsApart builds from points spread in many ways: building ends, and leaves
// nothing within the radius.
func TestBuildingEndsApart(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 100 {
		width, kind := math.Exp2(r.Float64()*20-14), r.IntN(4)
		points := make([]orb.Point, int(math.Exp2(3+r.Float64()*8)))
		for i := range points {
			x, y := r.NormFloat64(), r.NormFloat64()
			switch kind {
			case 1:
				x, y = float64(r.IntN(40))/10, float64(r.IntN(40))/10
			case 2:
				x, y = math.Tan(r.Float64()*3-1.5), math.Tan(r.Float64()*3-1.5)
			case 3:
				x, y = math.Pow(r.Float64(), 5)*10, r.Float64()/1000
			}
			points[i] = orb.Point{math.Remainder(113+x*width, 360), max(-90, min(90, 23+y*width))}
		}
		p := build(t, indexOf(t, points), nil, MinRadius+r.IntN(MaxRadius-MinRadius+1))
		for zoom := range MaxZoom + 1 {
			checkApart(t, p, zoom, p.Level(zoom))
		}
	}
}

// TestOrderOfFileDoesNotMatter builds from one collection, written in two orders.
func TestOrderOfFileDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	var features []string
	for i := range 2000 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":"%04d","geometry":{"type":"Point","coordinates":[%.2f,%.2f]},"properties":{}}`, i, r.Float64()*20, r.Float64()*20))
	}
	a := build(t, readFeatures(t, features...), nil, 60)
	r.Shuffle(len(features), func(i, j int) { features[i], features[j] = features[j], features[i] })
	same(t, "shuffled", a, build(t, readFeatures(t, features...), nil, 60))
}

func readFeatures(t *testing.T, features ...string) *geo.Index {
	t.Helper()
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",\n")+`]}`), geo.ReadOptions{Name: "features"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestFeaturesOfAllGeometries(t *testing.T) {
	feature := func(id int, geometry string) string {
		return fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":%s,"properties":{"firms":1}}`, id, geometry)
	}
	x := readFeatures(t,
		feature(1, `{"type":"Point","coordinates":[10,10]}`),
		feature(2, `{"type":"Polygon","coordinates":[[[9,9],[11,9],[11,11],[9,11],[9,9]]]}`),
		feature(3, `{"type":"LineString","coordinates":[[0,10],[20,10]]}`),
		feature(4, `{"type":"LineString","coordinates":[[100,10],[101,10]]}`),
		feature(5, `null`))
	p := build(t, x, nil, 60)
	if p.Len() != 4 {
		t.Fatalf("%d features are grouped", p.Len())
	}
	slot := func(id uint32) uint32 { return id - 1 } // in id order
	if _, ok := p.Of(3, slot(5)); ok {
		t.Error("a feature without geometry takes part")
	}
	n, _ := p.Of(MaxZoom, slot(1))
	if p.Size(n) != 3 || !p.OnePlace(n) || p.Position(n) != (orb.Point{10, 10}) {
		t.Errorf("the three at 10 10 are %v at %v", p.Members(n), p.Position(n))
	}
	if _, splits := p.Expansion(n); splits {
		t.Error("a group at one place splits")
	}
	if n, _ := p.Of(MaxZoom, slot(4)); p.Size(n) != 1 || p.Position(n) != (orb.Point{100.5, 10}) {
		t.Errorf("the line stands at %v", p.Position(n))
	}
}

func TestGroupsReachOver180(t *testing.T) {
	x := indexOf(t, []orb.Point{{179.999, 0}, {-179.999, 0}, {-179.998, 0}, {180, 50}, {-180, 50}})
	p := build(t, x, nil, 60)
	n, _ := p.Of(5, 0)
	if members := p.Members(n); !slices.Equal(members, []uint32{0, 1, 2}) {
		t.Fatalf("the group at 180° has the members %v", members)
	}
	if b := p.Bounds(n); b.Min[0] < 179.99 || b.Max[0] > -179.99 {
		t.Errorf("its bounds are %v", b)
	}
	if p.Position(n) != (orb.Point{-179.999, 0}) {
		t.Errorf("it stands at %v", p.Position(n))
	}
	if n, _ := p.Of(MaxZoom, 3); p.Size(n) != 2 {
		t.Error("180° east and west are apart")
	}
	for _, b := range []orb.Bound{{Min: orb.Point{-180, 40}, Max: orb.Point{-170, 60}}, {Min: orb.Point{170, 40}, Max: orb.Point{180, 60}}, {Min: orb.Point{170, 40}, Max: orb.Point{-170, 60}}} {
		if c := p.Count(MaxZoom, b); c != 1 {
			t.Errorf("%v has %d groups", b, c)
		}
	}
}

func TestBuildRefusesWhatItCannot(t *testing.T) {
	x := indexOf(t, []orb.Point{{1, 2}})
	for _, opt := range []Options{{Radius: 19}, {Radius: 201}, {Radius: -1}, {Counts: []string{"a", "b", "c", "d"}}} {
		var invalid *geo.InvalidError
		if _, err := Build(context.Background(), x, nil, opt); !errors.As(err, &invalid) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(ended, x, nil, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a build goes on after its context has ended: %v", err)
	}
}

func TestNothingToGroup(t *testing.T) {
	for name, x := range map[string]*geo.Index{"zero": new(geo.Index), "empty": indexOf(t, nil),
		"without geometry": readFeatures(t, `{"type":"Feature","id":1,"geometry":null,"properties":{"firms":1}}`)} {
		p := build(t, x, nil, 60)
		if p.Len() != 0 || p.Count(0, everywhere) != 0 || p.Valid(0) || len(p.Level(18)) != 0 {
			t.Errorf("%s: there are groups", name)
		}
	}
	x := indexOf(t, []orb.Point{{1, 2}, {3, 4}})
	set, err := x.Select(t.Context(), geo.Query{Box: &orb.Bound{Min: orb.Point{50, 50}, Max: orb.Point{51, 51}}})
	if err != nil {
		t.Fatal(err)
	}
	if p := build(t, x, set, 60); p.Len() != 0 || p.Valid(0) {
		t.Error("an empty set has groups")
	}
}

func TestOptionsOf(t *testing.T) {
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"geometry":null,
		"properties":{"a":"x","b":"x","region":"r","trade":"t","level":"l","firms":3,"share":0.5,"tags":["x"]}}]}`),
		geo.ReadOptions{Name: "some", Schema: []byte(`{"properties":{
			"a":{"enum":["x","y"]},"b":{"enum":["x","y"]},"tags":{"type":"array","items":{"enum":["x"]}},
			"region":{"enum":["r"]},"level":{"enum":["l"],"x-clustermap-role":"shape"},"trade":{"enum":["t"],"x-clustermap-role":"category"},
			"firms":{"type":"integer","x-clustermap-role":"sum"},"share":{"type":"number"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	o := OptionsOf(x.Schema())
	if !slices.Equal(o.Sums, []string{"firms"}) || !slices.Equal(o.Counts, []string{"trade", "level", "region"}) {
		t.Errorf("%+v", o)
	}
}
