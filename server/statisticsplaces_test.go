package server

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/stat"
)

// oddCollections are collections of features that are hard on a method.
func oddCollections(t testing.TB) *geo.State {
	t.Helper()
	feature := func(i int, geometry string) string {
		return fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":%s,"properties":{"trade":%q,"firms":%d,"year":%d}}`, i, geometry, []string{"a", "b", "c"}[i%3], i%7, 2000+i%3)
	}
	point := func(lon, lat float64) string {
		return fmt.Sprintf(`{"type":"Point","coordinates":[%.4f,%.4f]}`, lon, lat)
	}
	r := rand.New(rand.NewPCG(3, 4))
	all := map[string][]string{
		"nowhere": {"null", "null"}, "one": {point(120, 30)}, "same": {point(120, 30), point(120, 30), point(120, 30)}, "two": {point(120, 30), point(121, 30)},
		"line": nil, "dateline": nil, "poles": nil, "world": nil, "near": nil,
		"shapes": {`{"type":"Polygon","coordinates":[[[110,20],[120,20],[120,30],[110,20]]]}`, `{"type":"LineString","coordinates":[[100,20],[110,30]]}`, `{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, "null"},
	}
	for i := range 25 {
		all["line"] = append(all["line"], point(100+float64(i)/4, 30))
		lon := 179 + 2*r.Float64()
		if lon > 180 {
			lon -= 360
		}
		all["dateline"] = append(all["dateline"], point(lon, 4*r.Float64()-2))
		all["poles"] = append(all["poles"], point(360*r.Float64()-180, 90-r.Float64()), point(360*r.Float64()-180, -90+r.Float64()))
		all["world"] = append(all["world"], point(360*r.Float64()-180, 180*r.Float64()-90))
		all["near"] = append(all["near"], point(120+r.Float64()/1000, 30+r.Float64()/1000))
	}
	var collections []*geo.Collection
	for id, geometries := range all {
		var text strings.Builder
		for i, g := range geometries {
			text.WriteString(feature(i, g) + "\n")
		}
		x, err := geo.Read(strings.NewReader(text.String()), geo.ReadOptions{Name: id, Sequence: true})
		if err != nil {
			t.Fatal(err)
		}
		collections = append(collections, &geo.Collection{ID: id, Source: x})
	}
	state, err := geo.NewState(collections...)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// Whatever the features are, every method has an answer in every format, and its places
// are a collection that can be drawn.
func TestPlacesOfOddFeatures(t *testing.T) {
	state := oddCollections(t)
	s := newTestServer(t, func(c *Config) { c.Atlas = geo.NewAtlas(state) })
	for _, c := range state.Collections() {
		for _, m := range stat.Methods() {
			variants := []string{""}
			for _, p := range m.Parameters() {
				if value := map[string]string{"by": "trade", "measure": "sum(firms)", "select": "firms%3E3"}[p.Name]; value != "" {
					variants = append(variants, p.Name+"="+value)
				}
				for _, choice := range p.Choices {
					variants = append(variants, p.Name+"="+choice)
				}
			}
			for _, query := range variants {
				target := "/collections/" + c.ID + "/statistics/" + m.ID + "?" + query
				if slices.Contains(parametersOf(m), "permutations") {
					target += "&permutations=19"
				}
				resp := ask(t, s, "GET", target)
				text := body(t, resp)
				if resp.StatusCode != 200 {
					t.Errorf("GET %s: %d %s", target, resp.StatusCode, text)
					continue
				}
				if !m.Places {
					continue
				}
				d := askStatistic(t, s, target)
				path := strings.TrimSuffix(d.link(relPlaces), "?f=json")
				for i, suffix := range []string{"/items", "/map?width=60&height=60", "/tiles/WebMercatorQuad/0/0/0"} {
					if i > 0 && query != "" {
						break
					}
					if resp := ask(t, s, "GET", path+suffix); resp.StatusCode >= 300 {
						t.Errorf("%s: GET %s%s: %d %s", target, path, suffix, resp.StatusCode, body(t, resp))
					}
				}
				for _, f := range []string{"csv", "geojson", "html"} {
					if query != "" {
						break
					}
					if resp := ask(t, s, "GET", target+"&f="+f); resp.StatusCode != 200 {
						t.Errorf("GET %s&f=%s: %d %s", target, f, resp.StatusCode, body(t, resp))
					}
				}
			}
		}
	}
}

// An id is read as it was written, and nothing else is.
func FuzzPlacesID(f *testing.F) {
	for _, id := range []string{"places~hexagons", "a.20b~gini~" + string(packFilter("within=hex:20")), "~", "a~b~~", ".~x", "é~gini"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		collection, method, query, ok := parsePlacesID(id)
		if !ok {
			return
		}
		again := componentName(collection) + "~" + method
		if query != "" {
			again += "~" + string(packFilter(query))
		}
		if c, m, q, ok := parsePlacesID(again); len(again) <= longestID && (!ok || c != collection || m != method || q != query) {
			t.Errorf("%q is %q, %q, %q, and written again %q, %q, %q", id, collection, method, query, c, m, q)
		}
	})
}

// A picture of an answer's places says what was asked.
func TestPlacesAreCalledAsWasAsked(t *testing.T) {
	s := newTestServer(t, nil)
	d := askStatistic(t, s, "/collections/places/statistics/hexagons?select=trade%3D%27textiles%27&filter=firms%3E1")
	path := strings.TrimSuffix(d.link(relPlaces), "?f=json")
	id := strings.TrimPrefix(path, "/collections/")
	for query, want := range map[string][]string{
		"lang=en": {"Hexagon counts", "Textiles", "firms &gt; 1"}, "lang=zh": {"六边形计数", "纺织", "firms &gt; 1"},
	} {
		text := body(t, ask(t, s, "GET", "/map?f=svg&furniture=title,filter,legend&width=900&height=600&collections="+id+"&"+query))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the picture lacks %s", query, w)
			}
		}
	}
}
