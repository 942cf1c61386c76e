package server

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"clustermap/geo"
)

// One selection that is written as a parameter and as a filter is one entry of the
// cache, and one layer.
func TestParametersAndFiltersShareEntries(t *testing.T) {
	esc := url.QueryEscape
	for _, tt := range []struct{ one, two string }{
		{"trade=textiles", "filter=" + esc("trade = 'textiles'")},
		{"trade=textiles,ceramics", "filter=" + esc("trade IN ('ceramics', 'textiles')")},
		{"trade=textiles&filter=" + esc("firms > 5"), "filter=" + esc("5 < firms AND 'textiles' = trade")},
		{"trade=textiles&open=true", "filter=" + esc("open = TRUE") + "&trade=textiles"},
		{"open=true,false", "filter=" + esc("open IN (FALSE,TRUE)")},
		{"firms=1200,7", "filter=" + esc("firms IN (7.0, 1200)")},
		{"firms=7", "filter-lang=cql2-json&filter=" + esc(`{"op":"=","args":[{"property":"firms"},7]}`)},
		{"tags=wool", "filter=" + esc("A_CONTAINS(tags, ('wool'))")},
		{"name_zh=" + esc("潍坊风筝") + "&q=kites", "q=kites&filter=" + esc("name_zh='潍坊风筝'")},
		{"name_en=" + esc(`it's`), "filter=" + esc("name_en = 'it''s'")},
		{"trade=textiles&filter-crs=" + esc("http://www.opengis.net/def/crs/EPSG/0/3857") + "&filter=" + esc("S_INTERSECTS(geometry, BBOX(12000000,2000000,14000000,4000000))"),
			"filter-crs=" + esc("http://www.opengis.net/def/crs/EPSG/0/3857") + "&filter=" + esc("trade='textiles' and S_INTERSECTS(geometry, BBOX(12000000,2000000,14000000,4000000))")},
	} {
		for _, path := range []string{"groups?zoom=0&", "groups?by=hex:500&", "tiles/WebMercatorQuad/0/0/0?layers=features,groups&", "tiles/WebMercatorQuad?f=tilejson&", "xyz/1/1/0?"} {
			s := newTestServer(t, nil)
			read := func(query string) string {
				resp := ask(t, s, "GET", "/collections/places/"+path+query)
				b, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode >= 300 {
					t.Fatalf("%s%s: %d, %s, %v", path, query, resp.StatusCode, b, err)
				}
				return resp.Header.Get("ETag") + "\n" + string(b)
			}
			one, two := read(tt.one), read(tt.two)
			if one != two {
				t.Errorf("%s%s and %s differ:\n%s\n%s", path, tt.one, tt.two, one, two)
			}
			if n := s.answers.statistics(); n.entries != 1 || n.hits != 1 {
				t.Errorf("%s%s and %s: %+v", path, tt.one, tt.two, n)
			}
			if n := s.layers.statistics(); n.entries > 1 {
				t.Errorf("%s%s and %s make %d layers", path, tt.one, tt.two, n.entries)
			}
		}
	}
}

// Of several collections in one tile, each has the layer that its groups have.
func TestTilesOfCollectionsFoldEach(t *testing.T) {
	read := func(trade string) *geo.Index {
		x, err := geo.Read(strings.NewReader(`{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{"trade":`+trade+`}}`), geo.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	state, err := geo.NewState(&geo.Collection{ID: "a", Source: read(`"tea"`)}, &geo.Collection{ID: "b", Source: read(`["tea","silk"]`)})
	if err != nil {
		t.Fatal(err)
	}
	s := layersServer(t, state)
	for _, path := range []string{"/tiles/WebMercatorQuad/0/0/0?trade=tea", "/collections/a/groups?zoom=0&filter=trade='tea'", "/collections/b/groups?zoom=0&trade=tea"} {
		if resp := ask(t, s, "GET", path); resp.StatusCode != 200 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if n := s.layers.statistics(); n.entries != 2 {
		t.Errorf("%d layers, want one of each collection", n.entries)
	}
	resp := ask(t, s, "GET", "/tiles/WebMercatorQuad?f=tilejson&trade=tea")
	if b, _ := io.ReadAll(resp.Body); !strings.Contains(string(b), "trade=tea") {
		t.Errorf("the address is not one for both collections: %s", b)
	}
}

// A folded selection selects what the parameters do, whatever the values.
func TestFoldingSelectsTheSame(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	texts := []string{`"tea"`, `"te,a"`, `"tea,silk"`, `"silk"`, `""`, `"it's"`, `"5"`, `"TEA"`, `"2007-05-01"`, `null`}
	numbers := []string{"5", "5.0", "-0", "0", "0.1", "9007199254740993", "1e3", "1000", "null"}
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	for round := range 200 {
		var b strings.Builder
		own := texts[:1+random.IntN(len(texts))]
		for i := range 30 {
			fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":null,"properties":{"s":%s,"n":%s,"o":%t,"l":[%s,%s],"m":%s}}`+"\n", i,
				pick(own), pick(numbers), random.IntN(2) == 0, strings.ReplaceAll(pick(own), "null", `"x"`), strings.ReplaceAll(pick(own), "null", `"y"`), pick(slices.Concat(own, numbers)))
		}
		x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Sequence: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			name := pick([]string{"s", "n", "o", "l", "m"})
			var values []string
			for range 1 + random.IntN(3) {
				switch name {
				case "n":
					values = append(values, pick(numbers[:8]))
				case "o":
					values = append(values, pick([]string{"true", "false"}))
				default:
					values = append(values, strings.Trim(pick(texts), `"`))
				}
			}
			p := params{{name, strings.Join(values, ",")}}
			given, err := parseSelection("x", p, x.Schema(), limits{}, forAggregate)
			if err != nil {
				continue // of a type that the property has not
			}
			folded, err := parseSelection("x", p, x.Schema(), limits{}, forGroups)
			if err != nil {
				t.Fatal(err)
			}
			again, err := parseParams(folded.text("", 0, ""))
			if err != nil {
				t.Fatal(err)
			}
			read, err := parseSelection("x", again, x.Schema(), limits{}, forGroups)
			if err != nil || read.text("", 0, "") != folded.text("", 0, "") {
				t.Fatalf("seed %d, round %d: %q is read as %q, %v", seed, round, folded.text("", 0, ""), read.text("", 0, ""), err)
			}
			if want, got := chosen(t, x, given.query), chosen(t, x, read.query); !slices.Equal(want, got) {
				t.Fatalf("seed %d, round %d: %v selects %v, %q selects %v", seed, round, p, want, folded.text("", 0, ""), got)
			}
		}
	}
}

// chosen are the slots that a query selects.
func chosen(t *testing.T, x *geo.Index, query geo.Query) []uint32 {
	t.Helper()
	set, err := x.Select(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	var slots []uint32
	for slot := range uint32(x.Len()) {
		if set == nil || set.Has(slot) {
			slots = append(slots, slot)
		}
	}
	return slots
}

// What is too long for a filter stays as it is.
func TestFoldingStaysWithinAFilter(t *testing.T) {
	x, err := geo.Read(strings.NewReader(`{"type":"Feature","id":1,"geometry":null,"properties":{"n":1}}`), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 999, 1000} {
		value := strings.TrimSuffix(strings.Repeat("1234567,", n), ",")
		sel, err := parseSelection("x", params{{"n", value}}, x.Schema(), limits{}, forGroups)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := parseParams(sel.text("", 0, "")); err != nil {
			t.Error(err)
		} else if _, err := parseSelection("x", p, x.Schema(), limits{}, forGroups); err != nil {
			t.Errorf("%d values: %v", n, err)
		}
	}
}
