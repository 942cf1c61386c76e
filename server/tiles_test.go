package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"google.golang.org/protobuf/encoding/protowire"

	"clustermap/geo"
	"clustermap/geo/tile"
)

// askTile decodes a tile; nil where there is nothing in it, or it is outside of the
// limits.
func askTile(t *testing.T, s *Server, target string) mvt.Layers {
	t.Helper()
	resp := ask(t, s, "GET", target)
	text := body(t, resp)
	switch {
	case resp.StatusCode == http.StatusNoContent, resp.StatusCode == http.StatusNotFound && strings.Contains(text, "This tileset has no tile"):
		return nil
	case resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != mvtMedia.content:
		t.Fatalf("GET %s: %d %s %s", target, resp.StatusCode, resp.Header.Get("Content-Type"), text)
	}
	layers, err := mvt.Unmarshal([]byte(text))
	if err != nil {
		t.Fatalf("GET %s: %v", target, err)
	}
	return layers
}

// groupSeen is a group as an answer tells it.
type groupSeen struct {
	count, firms int
	at           string
}

// The numbers of tiles, of groups in JSON and of aggregates are the same numbers, and
// the groups stand at the same places.
func TestTilesGroupsAndAggregatesAgree(t *testing.T) {
	s := layersServer(t, summedState(t))
	for _, filter := range []string{"", "&kind=a", "&filter=" + url.QueryEscape("firms >= 50 AND kind <> 'b'"), "&q=place+7"} {
		var total struct{ Total map[string]float64 }
		if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/collections/some/aggregate?measures=count,sum(firms)"+filter))), &total); err != nil {
			t.Fatal(err)
		}
		for z := range 5 {
			inTiles, inJSON := map[groupSeen]int{}, map[groupSeen]int{}
			var all groupSeen
			for row := range 1 << z {
				for col := range 1 << z {
					for _, l := range askTile(t, s, fmt.Sprintf("/collections/some/tiles/WebMercatorQuad/%d/%d/%d?layers=groups%s", z, row, col, filter)) {
						for _, f := range l.Features {
							at := f.Point()
							if at[0] < 0 || at[0] >= 4096 || at[1] < 0 || at[1] >= 4096 {
								continue // another tile owns it
							}
							g := groupSeen{count: int(f.Properties["count"].(float64)), firms: int(f.Properties["sum_firms"].(float64))}
							all.count, all.firms = all.count+g.count, all.firms+g.firms
							g.at = fmt.Sprintf("%d %d", (col<<12|int(at[0]))>>4, (row<<12|int(at[1]))>>4)
							inTiles[g]++
						}
					}
				}
			}
			var groups struct {
				Features []struct {
					Geometry   struct{ Coordinates orb.Point }
					Properties struct {
						Count int
						Sums  map[string]float64
					}
				}
			}
			if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", fmt.Sprintf("/collections/some/groups?zoom=%d%s", z, filter)))), &groups); err != nil {
				t.Fatal(err)
			}
			for _, f := range groups.Features {
				w := geo.World(f.Geometry.Coordinates)
				at := func(v float64) int { return min(int(v*float64(int(4096)<<z)), 4096<<z-1) >> 4 }
				inJSON[groupSeen{f.Properties.Count, int(f.Properties.Sums["firms"]), fmt.Sprintf("%d %d", at(w[0]), at(w[1]))}]++
			}
			if !maps.Equal(inTiles, inJSON) {
				t.Fatalf("%q at zoom %d: the tiles have the groups %v, JSON has %v", filter, z, inTiles, inJSON)
			}
			if want := int(total.Total["count"]); all.count != want || all.firms != int(total.Total["sum(firms)"]) {
				t.Errorf("%q at zoom %d: tiles have %d features and %d firms, the aggregate %v", filter, z, all.count, all.firms, total.Total)
			}
		}
	}
}

// summedState has places whose firms are summed.
func summedState(t *testing.T) *geo.State {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.4f,%.4f]},"properties":{"name":"place %d","kind":"%c","firms":%d}}`+"\n",
			i, r.Float64()*360-180, math.Asin(r.Float64()*2-1)*180/math.Pi, i%40, 'a'+rune(r.IntN(4)), r.IntN(200))
	}
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "some.geojsonl", Sequence: true, Schema: []byte(
		`{"type":"object","properties":{"firms":{"type":"integer","x-clustermap-role":"sum"},"kind":{"type":"string","enum":["a","b","c","d"]},"name":{"type":"string","x-clustermap-role":"name"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "some", Source: x})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestTileAddresses(t *testing.T) {
	s := atlasServer(t)
	one := ask(t, s, "GET", "/collections/clusters/tiles/WebMercatorQuad/5/13/26")
	text := body(t, one)
	for _, same := range []string{"/collections/clusters/xyz/5/26/13", "/collections/clusters/xyz/5/26/13.pbf", "/collections/clusters/xyz/5/26/13.mvt", "/collections/clusters/tiles/WebMercatorQuad/5/13/26?pixels=256&layers=features"} {
		if got := body(t, ask(t, s, "GET", same)); got != text || got == "" {
			t.Errorf("GET %s: %d bytes, want %d", same, len(got), len(text))
		}
	}
	again := ask(t, s, "GET", "/collections/clusters/tiles/WebMercatorQuad/5/13/26", "If-None-Match: "+one.Header.Get("Etag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("the same again: %d", again.StatusCode)
	}
	layers := askTile(t, s, "/tiles/WebMercatorQuad/4/6/13?collections=clusters,regions&layers=features,groups,outlines")
	names := map[string]int{}
	for _, l := range layers {
		names[l.Name] = len(l.Features)
	}
	for _, name := range []string{"clusters", "clusters-groups", "regions", "regions-outlines"} {
		if names[name] == 0 {
			t.Errorf("the tile of two collections lacks the layer %s: %v", name, names)
		}
	}
	for _, set := range []string{"WorldCRS84Quad", "CGCS2000Quad"} {
		if layers := askTile(t, s, "/collections/clusters/tiles/"+set+"/4/5/26"); len(layers) != 1 {
			t.Errorf("%s: %d layers", set, len(layers))
		}
	}
	for target, want := range map[string]int{
		"/collections/clusters/tiles/WebMercatorQuad/0/1/0": 404, "/collections/clusters/tiles/WebMercatorQuad/99/0/0": 404,
		"/collections/clusters/tiles/WebMercatorQuad/-1/0/0": 404, "/collections/clusters/tiles/WebMercatorQuad/0/0/00": 404,
		"/collections/clusters/tiles/Nowhere/0/0/0": 404, "/collections/nothing/tiles/WebMercatorQuad/0/0/0": 404,
		"/collections/clusters/tiles/WebMercatorQuad/0/0/0?x=1": 400, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?bbox=1,2,3,4": 400,
		"/collections/clusters/tiles/WebMercatorQuad/0/0/0?layers=feature": 400, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?layers=groups,groups": 400,
		"/collections/clusters/tiles/WebMercatorQuad/0/0/0?properties=nothing": 400, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?priority=level": 400,
		"/collections/clusters/tiles/WebMercatorQuad/0/0/0?layers=groups&radius=1": 400, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?radius=80": 400,
		"/collections/clusters/tiles/WebMercatorQuad/0/0/0?layers=groups&priority=year": 400, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?layers=groups&radius=80": 200,
		"/collections/clusters/tiles/WebMercatorQuad/5/0/0": 404, "/collections/clusters/xyz/5/0/0": 204, "/collections/clusters/xyz/5/32/0": 404,
		"/collections/clusters/tiles/CGCS2000Quad?f=tilejson": 406, "/tiles/WorldCRS84Quad?f=tilejson": 406, "/tiles/WebMercatorQuad?f=tilejson": 200,
		"/tiles/WebMercatorQuad/0/0/0?collections=clusters,http://example.org/collections/clusters": 400,
		"/tiles/WebMercatorQuad/0/0/0?collections=clusters,none":                                    400,
		"/collections/clusters/tiles/WebMercatorQuad/0/0/0?filter=level%3D1":                        400, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?f=png": 400,
		"/tileMatrixSets/Nowhere": 404, "/styles/nothing": 404, "/styles/clusters?theme=blue": 400, "/fonts/Liberation%20Sans%20Regular/1-256.pbf": 404, "/fonts/x/0-255.pbf?y=1": 400,
	} {
		if resp := ask(t, s, "GET", target); resp.StatusCode != want {
			t.Errorf("GET %s: %d %s, want %d", target, resp.StatusCode, body(t, resp), want)
		}
	}
}

// Points have no outlines, and a group in a tile leads to its members.
func TestGroupsOfTilesHaveIDs(t *testing.T) {
	s := atlasServer(t)
	if layers := askTile(t, s, "/collections/clusters/tiles/WebMercatorQuad/0/0/0?layers=outlines"); layers != nil {
		t.Errorf("the outlines of points: %d layers", len(layers))
	}
	groups := 0
	for _, query := range []string{"", "&pixels=512", "&level=town&radius=90"} {
		for _, f := range askTile(t, s, "/collections/clusters/tiles/WebMercatorQuad/3/3/6?layers=groups"+query)[0].Features {
			id, count := f.Properties["id"].(string), f.Properties["count"].(float64)
			if count == 1 {
				continue
			}
			groups++
			var members struct{ NumberMatched int }
			if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/collections/clusters/groups/"+id+"/members?limit=1"))), &members); err != nil || members.NumberMatched != int(count) {
				t.Errorf("the group %s of %v has %d members: %v", id, count, members.NumberMatched, err)
			}
		}
	}
	if groups < 5 {
		t.Errorf("only %d groups in the tiles", groups)
	}
}

func TestTilesSayWhatTheyLeaveOut(t *testing.T) {
	s := scattered(t, tileFeatures+10_000)
	resp := ask(t, s, "GET", "/collections/scattered/tiles/WebMercatorQuad/0/0/0?properties=")
	layers, err := mvt.Unmarshal([]byte(body(t, resp)))
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, l := range layers {
		if l.Name == "features" {
			shown = len(l.Features)
		}
	}
	if dropped := resp.Header.Get("Clustermap-Dropped"); dropped != fmt.Sprint(tileFeatures+10_000-shown) || shown == 0 {
		t.Errorf("%d features are shown, and %s dropped, of %d", shown, dropped, tileFeatures+10_000)
	}
	var set tilesetDocument
	if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/collections/scattered/tiles/WebMercatorQuad?properties="))), &set); err != nil {
		t.Fatal(err)
	}
	if set.Budget == nil || set.Budget.Worst.Dropped < 10_000 || set.Budget.Rule == "" {
		t.Errorf("the budget of the tileset: %+v", set.Budget)
	}
}

// The limits of a tileset are exact: outside of them nothing is, and nothing is told
// from a tile that is not there. Programs that know no limits get empty tiles.
func TestTilesetLimits(t *testing.T) {
	s := atlasServer(t)
	for _, filter := range []string{"", "level=town"} {
		for _, g := range tile.Grids() {
			var set tilesetDocument
			if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/collections/clusters/tiles/"+g.ID+"?"+filter))), &set); err != nil {
				t.Fatal(err)
			}
			if len(set.Limits) != g.Levels() || len(set.Layers) != 1 {
				t.Fatalf("%s: %d limits, %d layers", g.ID, len(set.Limits), len(set.Layers))
			}
			const z = 5
			l := set.Limits[z]
			cols, rows := g.Size(z)
			for row := range rows {
				for col := range cols {
					resp := ask(t, s, "GET", fmt.Sprintf("/collections/clusters/tiles/%s/%d/%d/%d?%s", g.ID, z, row, col, filter))
					if in := l.has(tile.Coord{Z: z, Row: row, Col: col}); in == (resp.StatusCode == http.StatusNotFound) {
						t.Errorf("%s %d/%d/%d: %d, with the limits %+v", g.ID, z, row, col, resp.StatusCode, l)
					}
				}
			}
		}
	}
}

// What tiles hold stands in the order of the parameter, and one text is kept once.
func TestTilesOfSeveralCollections(t *testing.T) {
	s := atlasServer(t)
	order := func(collections string) string {
		var names []string
		for _, l := range askTile(t, s, "/tiles/WebMercatorQuad/0/0/0?collections="+url.QueryEscape(collections)) {
			names = append(names, l.Name)
		}
		return strings.Join(names, " ")
	}
	for collections, want := range map[string]string{
		"regions,clusters": "regions clusters", "clusters,regions": "clusters regions",
		"http://example.org/collections/regions,clusters": "regions clusters",
	} {
		if got := order(collections); got != want {
			t.Errorf("%s: the layers %s, want %s", collections, got, want)
		}
	}
	var ids []string
	for _, c := range s.cfg.Atlas.State().Collections() {
		ids = append(ids, c.ID)
	}
	before := s.answers.statistics()
	for _, target := range []string{
		"/tiles/WebMercatorQuad/0/0/0", "/tiles/WebMercatorQuad/0/0/0?collections=" + strings.Join(ids, ","), "/tiles/WebMercatorQuad/0/0/0?layers=features&pixels=256",
	} {
		body(t, ask(t, s, "GET", target))
	}
	if after := s.answers.statistics(); after.misses != before.misses+1 {
		t.Errorf("one tile is made %d times", after.misses-before.misses)
	}
	for _, target := range []string{
		"/collections/clusters/xyz/4/13/6?filter=" + url.QueryEscape("year>=2005 and level='town'"), "/collections/clusters/tiles/WebMercatorQuad/4/6/13?filter=" + url.QueryEscape("level  = 'town' AND (2005 <= year)"),
	} {
		body(t, ask(t, s, "GET", target))
	}
	if after := s.answers.statistics(); after.misses != before.misses+2 {
		t.Errorf("a filter that is written in two ways is applied %d times", after.misses-before.misses-1)
	}
}

func TestStyleNamesWhatIsThere(t *testing.T) {
	s := atlasServer(t)
	for _, c := range s.cfg.Atlas.State().Collections() {
		var style struct {
			Sources map[string]struct{ Type, URL, Data string }
			Layers  []struct {
				ID, Type, Source string
				SourceLayer      string `json:"source-layer"`
			}
			Glyphs string
		}
		if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/styles/"+c.ID+"?theme=dark"))), &style); err != nil {
			t.Fatal(err)
		}
		layers := map[string]bool{}
		for name, source := range style.Sources {
			address := source.URL + source.Data
			resp := ask(t, s, "GET", pathOf(t, address))
			text := body(t, resp)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s: source %s: %d %s", c.ID, name, resp.StatusCode, text)
			}
			var tiles struct {
				Layers []struct{ ID string } `json:"vector_layers"`
			}
			if err := json.Unmarshal([]byte(text), &tiles); err != nil {
				t.Fatal(err)
			}
			for _, l := range tiles.Layers {
				layers[name+" "+l.ID] = true
			}
		}
		for _, l := range style.Layers {
			if l.SourceLayer != "" && !layers[l.Source+" "+l.SourceLayer] {
				t.Errorf("%s: layer %s: the source %s has no layer %s", c.ID, l.ID, l.Source, l.SourceLayer)
			}
			if _, known := style.Sources[l.Source]; !known && l.Type != "background" {
				t.Errorf("%s: layer %s has no source %q", c.ID, l.ID, l.Source)
			}
		}
	}
}

// The colours of the styles are those of the page.
func TestPaletteIsThePages(t *testing.T) {
	text, err := os.ReadFile("../web/src/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(text), `[data-theme="dark"] {`)
	if !ok {
		t.Fatal("tokens.css has no dark theme")
	}
	dark, _, _ = strings.Cut(dark, "\n}")
	for theme, tokens := range map[string]string{"light": light, "dark": dark} {
		p, _ := paletteOf(theme)
		want := map[string]string{
			"map-sea": p.sea, "map-land": p.land, "map-region": p.region, "map-coast": p.coast, "map-country": p.country, "map-province": p.province,
			"map-region-line": p.outline, "map-label-place": p.place, "map-label-area": p.area, "map-label-water": p.water, "map-halo": p.halo,
			"surface": p.disc, "ink": p.ink, "map-casing": p.casing, "fam-rest": p.rest,
		}
		if len(p.families) != len(familyOrder()) {
			t.Errorf("%s: %d families", theme, len(p.families))
		}
		for family, colour := range p.families {
			want["fam-"+family] = colour
		}
		if len(p.steps) != 13 {
			t.Errorf("%s: %d steps", theme, len(p.steps))
		}
		for step, colour := range p.steps {
			want[step] = colour
		}
		for token, colour := range want {
			if !strings.Contains(tokens, "--"+token+": "+colour+";") {
				t.Errorf("%s: %s is not --%s", theme, colour, token)
			}
		}
	}
}

func TestGlyphsAreComplete(t *testing.T) {
	s := atlasServer(t)
	text := body(t, ask(t, s, "GET", "/fonts/Liberation%20Sans%20Regular/0-255.pbf"))
	field := func(b []byte, want protowire.Number) (all [][]byte, numbers []uint64) {
		for len(b) > 0 {
			n, kind, size := protowire.ConsumeTag(b)
			b = b[size:]
			if kind == protowire.VarintType {
				v, size := protowire.ConsumeVarint(b)
				if n == want {
					numbers = append(numbers, v)
				}
				b = b[size:]
				continue
			}
			v, size := protowire.ConsumeBytes(b)
			if size < 0 {
				t.Fatal("not a message")
			}
			if n == want {
				all = append(all, v)
			}
			b = b[size:]
		}
		return all, numbers
	}
	stacks, _ := field([]byte(text), 1)
	glyphs, _ := field(stacks[0], 3)
	seen := map[rune]bool{}
	for _, g := range glyphs {
		_, id := field(g, 1)
		bitmap, _ := field(g, 2)
		_, width := field(g, 3)
		_, height := field(g, 4)
		seen[rune(id[0])] = true
		if len(bitmap) == 1 && len(bitmap[0]) != int((width[0]+2*glyphBorder)*(height[0]+2*glyphBorder)) {
			t.Errorf("%q: %d bytes for %d by %d", rune(id[0]), len(bitmap[0]), width[0], height[0])
		}
	}
	for _, r := range "0123456789kM aé" {
		if !seen[r] {
			t.Errorf("there is no glyph for %q", r)
		}
	}
	if resp := ask(t, s, "GET", "/fonts/Liberation%20Sans%20Regular/19968-20223.pbf"); resp.StatusCode != http.StatusOK {
		t.Errorf("a range without glyphs: %d", resp.StatusCode)
	}
}

// What a schema file asks to be said on maps stands in TileJSON and in the metadata.
func TestTilesetsHaveAttributions(t *testing.T) {
	read := func(attribution string) *geo.Index {
		x, err := geo.Read(strings.NewReader(`{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{}}`),
			geo.ReadOptions{Schema: []byte(`{"x-attribution":` + attribution + `}`)})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	state, err := geo.NewState(&geo.Collection{ID: "a", Source: read(`{"en":"© A","zh":"© 甲"}`)},
		&geo.Collection{ID: "b", Source: read(`{"en":"© B & C"}`)}, &geo.Collection{ID: "c", Source: read(`{"en":"© A"}`)}, &geo.Collection{ID: "d", Source: read(`null`)})
	if err != nil {
		t.Fatal(err)
	}
	s := layersServer(t, state)
	for path, want := range map[string]string{
		"/collections/a/tiles/WebMercatorQuad?f=tilejson":         "© A",
		"/collections/a/tiles/WebMercatorQuad?f=tilejson&lang=zh": "© 甲",
		"/collections/a/tiles/WebMercatorQuad?f=json":             "© A",
		"/collections/b/tiles/CGCS2000Quad?f=json":                "© B & C",
		"/tiles/WebMercatorQuad?f=tilejson":                       "© A | © B & C",
		"/tiles/WebMercatorQuad?f=tilejson&collections=c,d":       "© A",
		"/collections/d/tiles/WebMercatorQuad?f=tilejson":         "",
		"/collections/b?f=json":                                   "© B & C",
	} {
		var doc struct{ Attribution string }
		resp := ask(t, s, "GET", path)
		if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil || resp.StatusCode != 200 || doc.Attribution != want {
			t.Errorf("%s: %d, %q, %v; want %q", path, resp.StatusCode, doc.Attribution, err, want)
		}
	}
}
