package cql_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"clustermap/geo"
	"clustermap/geo/cql"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

var filters = flag.Int("filters", 20_000, "random filters that TestPlannerAgrees asks")

// TestPlannerAgrees asks random filters of random features, and a second
// evaluator, which shares only the tree, about each feature.
func TestPlannerAgrees(t *testing.T) {
	n := *filters
	if testing.Short() {
		n /= 10
	}
	const perWorld = 5000
	random := rand.New(rand.NewPCG(21, 65))
	passed, unknown := 0, 0
	for asked := 0; asked < n; {
		w := newWorld(t, random)
		for range min(perWorld, n-asked) {
			asked++
			e := w.condition(random, 3)
			f, err := cql.Compile(e, w.index.Schema(), cql.Options{})
			if err != nil {
				t.Fatalf("Compile(%v): %v", e, err)
			}
			found, err := w.index.Search(context.Background(), geo.Query{Filter: f})
			if err != nil {
				t.Fatalf("Search(%s): %v", f, err)
			}
			got := make(map[string]bool)
			for _, feature := range found.Features {
				got[feature.ID().String()] = true
			}
			for i := range w.features {
				want := w.eval(e, &w.features[i])
				if want == nil {
					unknown++
				} else if want == true {
					passed++
				}
				if got[w.features[i].id] != (want == true) {
					t.Fatalf("%s\nselects %v, the evaluator says %v of\n%s\nplan: %s",
						f, got[w.features[i].id], want, w.features[i].text, w.index.Explain(context.Background(), geo.Query{Filter: f}))
				}
			}
		}
	}
	t.Logf("%d filters, %d times true, %d times unknown", n, passed, unknown)
}

// world is some features and the literals that filters about them use.
type world struct {
	index    *geo.Index
	features []record
	shapes   []orb.Geometry
	matrix   map[[2]string]string // of DE-9IM, by the GeoJSON of the geometries
}

type record struct {
	id, text   string
	geometry   orb.Geometry
	properties map[string]any
}

var (
	words = []string{"", "a", "A", "ab", "aB", "abc", "b_", "50%", "Straße", "STRASSE", "strasse", "café", "cafe", "CAFÉ", "e\u0301te", "Zürich", "深圳", "深圳市", "Ος", "ΟΣ"}
	days  = []string{"2019-12-31", "2020-01-01", "2020-01-02", "2020-02-29", "2021-06-15"}
	times = []string{"2019-12-31T23:59:59Z", "2020-01-01T00:00:00Z", "2020-01-01T12:00:00.5Z", "2020-01-02T01:00:00+08:00", "2020-02-29T23:59:59.999Z", "2021-06-15T06:00:00Z"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func newWorld(t *testing.T, r *rand.Rand) *world {
	t.Helper()
	w := &world{matrix: make(map[[2]string]string)}
	for range 24 {
		w.shapes = append(w.shapes, randomShape(r, 2))
	}
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 40 {
		p := map[string]any{}
		set := func(name string, v any) {
			switch r.IntN(8) {
			case 0:
			case 1:
				p[name] = nil
			default:
				p[name] = v
			}
		}
		set("name", pick(r, words))
		set("trade", pick(r, []string{"silk", "lamps", "toys"}))
		set("firms", float64(r.IntN(12)-2))
		set("value", float64(r.IntN(40)-10)/4)
		set("active", r.IntN(2) == 0)
		set("opened", pick(r, days))
		set("closed", pick(r, days))
		set("updated", pick(r, times))
		set("tags", someOf(r, []any{"a", "b", "c"}))
		set("sizes", someOf(r, []any{1.0, 2.0, 2.5}))
		set("odd", pick(r, []any{"a", "1", 1.0, 2.0, true, false, []any{"a"}}))
		set("more info", map[string]any{"rank": float64(r.IntN(5)), "label": pick(r, words), "deep": map[string]any{"ok": r.IntN(2) == 0}})
		rec := record{id: fmt.Sprintf("f%02d", i), properties: p}
		if r.IntN(10) > 0 {
			rec.geometry = randomShape(r, 2)
		}
		rec.text = featureText(t, rec)
		w.features = append(w.features, rec)
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(rec.text)
	}
	b.WriteString("]}")
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "world.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	w.index = x
	return w
}

func featureText(t *testing.T, rec record) string {
	t.Helper()
	g := "null"
	if rec.geometry != nil {
		b, err := geojson.NewGeometry(rec.geometry).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		g = string(b)
	}
	p, err := json.Marshal(rec.properties)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":%s,"properties":%s}`, rec.id, g, p)
}

func someOf(r *rand.Rand, from []any) []any {
	out := []any{}
	for range r.IntN(4) {
		out = append(out, pick(r, from))
	}
	return out
}

// randomShape is a valid geometry on a small grid, so that shapes often touch.
func randomShape(r *rand.Rand, depth int) orb.Geometry {
	at := func() orb.Point { return orb.Point{float64(r.IntN(9)), float64(r.IntN(9))} }
	switch r.IntN(6 + min(depth, 1)) {
	case 0, 1:
		return at()
	case 2:
		return orb.MultiPoint{at(), at(), at()}[:1+r.IntN(3)]
	case 3:
		return randomLine(r)
	case 4:
		if r.IntN(2) == 0 {
			return orb.MultiLineString{randomLine(r), randomLine(r)}
		}
		left, right := randomPolygon(r, 0, 4), randomPolygon(r, 5, 4)
		return orb.MultiPolygon{left, right}
	case 5:
		return randomPolygon(r, 0, 8)
	}
	var c orb.Collection
	for range 1 + r.IntN(3) {
		c = append(c, randomShape(r, 0))
	}
	return c
}

func randomLine(r *rand.Rand) orb.LineString {
	l := orb.LineString{{float64(r.IntN(9)), float64(r.IntN(9))}}
	for len(l) < 2+r.IntN(3) {
		last := l[len(l)-1]
		next := orb.Point{last[0] + float64(r.IntN(7)-3), last[1] + float64(r.IntN(7)-3)}
		if next != last {
			l = append(l, next)
		}
	}
	return l
}

// randomPolygon is a rectangle with or without a hole, a triangle or an L, from
// west on and at most as wide.
func randomPolygon(r *rand.Rand, west, width int) orb.Polygon {
	x, y := float64(west+r.IntN(width-2)), float64(r.IntN(6))
	dx := float64(2 + r.IntN(max(1, width-2-int(x)+west)))
	dy := float64(2 + r.IntN(3))
	switch r.IntN(4) {
	case 0:
		return orb.Polygon{{{x, y}, {x + dx, y}, {x, y + dy}, {x, y}}}
	case 1:
		return orb.Polygon{{{x, y}, {x + dx, y}, {x + dx, y + 1}, {x + 1, y + 1}, {x + 1, y + dy}, {x, y + dy}, {x, y}}}
	case 2:
		hole := orb.Ring{{x + .5, y + .5}, {x + .5, y + dy - .5}, {x + dx - .5, y + dy - .5}, {x + dx - .5, y + .5}, {x + .5, y + .5}}
		return orb.Polygon{{{x, y}, {x + dx, y}, {x + dx, y + dy}, {x, y + dy}, {x, y}}, hole}
	}
	return orb.Polygon{{{x, y}, {x + dx, y}, {x + dx, y + dy}, {x, y + dy}, {x, y}}}
}

func op(name string, args ...cql.Expr) *cql.Op { return &cql.Op{Name: name, Args: args} }

func property(name string) cql.Expr { return &cql.Property{Name: name} }

// condition is a random filter.
func (w *world) condition(r *rand.Rand, depth int) cql.Expr {
	if depth > 0 && r.IntN(3) > 0 {
		switch r.IntN(3) {
		case 0:
			return op("not", w.condition(r, depth-1))
		case 1:
			return op("and", w.condition(r, depth-1), w.condition(r, depth-1))
		}
		return op("or", w.condition(r, depth-1), w.condition(r, depth-1))
	}
	compare := pick(r, []string{"=", "<>", "<", ">", "<=", ">="})
	switch r.IntN(16) {
	case 0:
		return op(compare, w.text(r), w.text(r))
	case 1, 2:
		return op(compare, w.number(r, 2), w.number(r, 1))
	case 3:
		return op(compare, pick(r, []cql.Expr{property("active"), property("more info.deep.ok"), property("odd")}), &cql.Bool{Value: r.IntN(2) == 0})
	case 4:
		return op(compare, w.when(r), w.when(r))
	case 5:
		return op("like", w.text(r), w.pattern(r))
	case 6:
		return op("between", w.number(r, 1), w.number(r, 1), w.number(r, 1))
	case 7:
		list := &cql.List{}
		for range 1 + r.IntN(3) {
			list.Items = append(list.Items, w.text(r))
		}
		return op("in", w.text(r), list)
	case 8:
		list := &cql.List{}
		for range 1 + r.IntN(3) {
			list.Items = append(list.Items, w.number(r, 1))
		}
		return op("in", w.number(r, 1), list)
	case 9:
		names := []string{"name", "firms", "geometry", "tags", "odd", "more info", "more info.label", "updated"}
		if r.IntN(3) == 0 {
			return op("isNull", w.number(r, 2))
		}
		return op("isNull", property(pick(r, names)))
	case 10:
		a, b := w.arrays(r)
		return op(pick(r, []string{"a_equals", "a_contains", "a_containedBy", "a_overlaps"}), a, b)
	case 11, 12:
		return op(pick(r, temporals), w.span(r), w.span(r))
	}
	a, b := property("geometry"), w.shape(r)
	if r.IntN(8) == 0 { // beside all round numbers, for centroids are rounded
		x, y := float64(r.IntN(8))+.137, float64(r.IntN(8))+.171
		a, b = op("centroid", a), &cql.BBox{Box: orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + 2, y + 2}}}
	}
	if r.IntN(2) == 0 {
		a, b = b, a
	}
	return op(pick(r, spatials), a, b)
}

var (
	temporals = []string{"t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy", "t_finishes",
		"t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts"}
	spatials = []string{"s_intersects", "s_disjoint", "s_equals", "s_touches", "s_within", "s_contains", "s_overlaps", "s_crosses"}
)

func (w *world) text(r *rand.Rand) cql.Expr {
	switch r.IntN(9) {
	case 0, 1:
		return &cql.String{Value: pick(r, words)}
	case 2:
		return op(pick(r, []string{"casei", "accenti", "lower", "upper"}), w.text(r))
	case 3:
		return property("trade")
	case 4:
		return property("more info.label")
	case 5:
		return op("concat", property("trade"), property("name"))
	case 6:
		return property("odd")
	}
	return property("name")
}

func (w *world) pattern(r *rand.Rand) cql.Expr {
	p := pick(r, []string{"a%", "%a%", "_", "a_", "%", "", "%b%c", "b\\_", "50\\%", "%_e", "caf_", "s%e", "深_", "深圳%", "%ss%"})
	var e cql.Expr = &cql.String{Value: p}
	if r.IntN(3) == 0 {
		e = op(pick(r, []string{"casei", "accenti"}), e)
	}
	return e
}

func (w *world) number(r *rand.Rand, depth int) cql.Expr {
	switch r.IntN(8) {
	case 0, 1:
		return &cql.Number{Value: float64(r.IntN(24)-4) / 2}
	case 2:
		return property("value")
	case 3:
		return property("more info.rank")
	case 4:
		if depth > 0 {
			return op(pick(r, []string{"+", "-", "*", "/", "%", "div", "^"}), w.number(r, depth-1), w.number(r, depth-1))
		}
	case 5:
		switch r.IntN(3) {
		case 0:
			return op("char_length", w.text(r))
		case 1:
			return op(pick(r, []string{"year", "month", "day"}), property(pick(r, []string{"opened", "updated"})))
		}
		return op(pick(r, []string{"abs", "round", "floor", "ceil"}), property("value"))
	case 6:
		return property("odd")
	}
	return property("firms")
}

func (w *world) instant(r *rand.Rand) cql.Expr {
	if r.IntN(2) == 0 {
		t, _ := time.Parse(time.DateOnly, pick(r, days))
		return &cql.Instant{Time: t, Date: true}
	}
	t, _ := time.Parse(time.RFC3339, pick(r, times))
	return &cql.Instant{Time: t.UTC()}
}

func (w *world) when(r *rand.Rand) cql.Expr {
	if r.IntN(2) == 0 {
		return w.instant(r)
	}
	return property(pick(r, []string{"opened", "closed", "updated"}))
}

func (w *world) span(r *rand.Rand) cql.Expr {
	if r.IntN(2) == 0 {
		return w.when(r)
	}
	end := func() cql.Expr {
		if r.IntN(5) == 0 {
			return &cql.Open{}
		}
		return w.when(r)
	}
	for {
		v := &cql.Interval{From: end(), To: end()}
		from, isLiteral := v.From.(*cql.Instant)
		to, too := v.To.(*cql.Instant)
		if !isLiteral || !too || from.Time.Before(to.Time) {
			return v
		}
	}
}

// arrays are two arrays whose elements can be compared: properties, or literals
// and properties of one type.
func (w *world) arrays(r *rand.Rand) (a, b cql.Expr) {
	names := []string{"tags", "sizes", "odd"}
	if r.IntN(4) == 0 {
		return property(pick(r, names)), property(pick(r, names))
	}
	own, items := "tags", []cql.Expr{&cql.String{Value: "a"}, &cql.String{Value: "b"}, property("trade")}
	if r.IntN(2) == 0 {
		own, items = "sizes", []cql.Expr{&cql.Number{Value: 2}, &cql.Number{Value: 1}}
	}
	one := func() cql.Expr {
		if r.IntN(2) == 0 {
			return property(pick(r, []string{own, own, "odd"}))
		}
		list := &cql.List{}
		for range r.IntN(3) {
			list.Items = append(list.Items, pick(r, items))
		}
		return list
	}
	return one(), one()
}

func (w *world) shape(r *rand.Rand) cql.Expr {
	if r.IntN(4) == 0 {
		x, y := float64(r.IntN(8)), float64(r.IntN(8))
		return &cql.BBox{Box: orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + float64(r.IntN(4)), y + float64(r.IntN(4))}}}
	}
	return &cql.Geometry{Shape: slices.Clone(w.shapes)[r.IntN(len(w.shapes))]}
}
