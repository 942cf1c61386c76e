package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// mixedState has features of all kinds of geometry, and without, with and without
// codes; some are called like nothing else, and some stand at one place.
func mixedState(t testing.TB, n int, seed uint64) *geo.State {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	codes := []string{`"440000"`, `"440300"`, `"440305"`, `"330782"`, `"330100"`, `"429004"`, `"110105"`, `null`, `"none"`}
	trades := []string{`"socks"`, `"ties"`, `"null"`, `null`, `"a \"b\" \\ 中"`}
	var b strings.Builder
	for i := range n {
		lon, lat := 100+20*r.Float64(), 20+20*r.Float64()
		if r.IntN(4) == 0 {
			lon, lat = 113.25, 23.125
		}
		geometry := fmt.Sprintf(`{"type":"Point","coordinates":[%.5f,%.5f]}`, lon, lat)
		switch r.IntN(10) {
		case 0:
			geometry = "null"
		case 1:
			geometry = fmt.Sprintf(`{"type":"LineString","coordinates":[[%.4f,%.4f],[%.4f,%.4f]]}`, lon, lat, lon+1, lat+1)
		case 2:
			geometry = fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]]}`, lon, lat, lon+1, lat, lon, lat+1, lon, lat)
		case 3:
			geometry = fmt.Sprintf(`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[%.4f,%.4f]}]}`, lon, lat)
		}
		firms := fmt.Sprintf("%.2f", 1000*r.Float64())
		if r.IntN(5) == 0 {
			firms = "null"
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":%s,"properties":{"adcode":%s,"firms":%s,"trade":%s,"n":%d}}`+"\n",
			i, geometry, codes[r.IntN(len(codes))], firms, trades[r.IntN(len(trades))], i%10)
	}
	regions, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"a-b c","geometry":{"type":"Polygon","coordinates":[[[110,20],[120,20],[120,30],[110,20]]]},"properties":{"region":"s","default":true,"adcodes":["440000"]}}]}`), geo.ReadOptions{Name: "regions.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	definitions, err := geo.ReadRegions(context.Background(), regions)
	if err != nil {
		t.Fatal(err)
	}
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "mixed.geojsonl", Sequence: true, Regions: definitions,
		Schema: []byte(`{"properties":{"firms":{"type":["number","null"],"x-clustermap-role":"sum"},"trade":{"type":["string","null"],"x-clustermap-role":"category"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "mixed", Source: x}, &geo.Collection{ID: "regions", Source: regions})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// waysToGroup are all that can be asked for of mixedState.
var waysToGroup = []string{"zoom=0", "zoom=4&radius=20", "zoom=7&radius=200", "zoom=18", "by=division:province", "by=division:prefecture", "by=division:county",
	"by=region:a-b+c", "by=region:a-b+c&zoom=2", "by=hex:50", "by=hex:700.5"}

// randomFilter is a filter of mixedState.
func randomFilter(r *rand.Rand) string {
	conditions := []string{"n < 5", "firms > 300", "firms IS NULL", "trade = 'socks'", "trade IN ('ties','null')", "S_INTERSECTS(geometry, BBOX(105,22,118,38))", "adcode LIKE '44%'", "NOT (n = 3)"}
	switch r.IntN(4) {
	case 0:
		return ""
	case 1:
		return "&filter=" + url.QueryEscape(conditions[r.IntN(len(conditions))])
	case 2:
		return "&filter=" + url.QueryEscape(conditions[r.IntN(len(conditions))]+" OR "+conditions[r.IntN(len(conditions))])
	}
	return "&n=1,2,3&filter=" + url.QueryEscape(conditions[r.IntN(len(conditions))]+" AND "+conditions[r.IntN(len(conditions))])
}

type aggregateAnswer struct {
	Total  map[string]any
	Groups []struct {
		Key    map[string]any
		Count  int
		Titles map[string]string
	}
}

func askAggregate(t *testing.T, s *Server, target string) aggregateAnswer {
	t.Helper()
	var a aggregateAnswer
	text := body(t, ask(t, s, "GET", target))
	if err := json.Unmarshal([]byte(text), &a); err != nil || a.Total == nil {
		t.Fatalf("GET %s: %v %s", target, err, text)
	}
	return a
}

// Whatever the filter and the way: the groups are a partition of what the filter
// selects, their members are what they count, and sums and counts by value are those of
// the aggregate.
func TestGroupsAreAPartition(t *testing.T) {
	s := layersServer(t, mixedState(t, 400, 1))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 6 {
		filter := randomFilter(r)
		for _, way := range waysToGroup {
			checkPartition(t, s, way, filter)
		}
	}
}

func checkPartition(t *testing.T, s *Server, way, filter string) {
	t.Helper()
	const c = "/collections/mixed"
	want := askAggregate(t, s, c+"/aggregate?measures=count,sum(firms)&by=trade"+filter)
	p := askGroups(t, s, c+"/groups?"+way+filter)
	seen := map[string]bool{}
	counts, sum := map[any]int{}, 0.0
	for _, f := range p.Features {
		n := 0
		for _, v := range f.Properties.Counts["trade"] {
			counts[v.Value] += v.Count
			n += v.Count
		}
		if n != f.Properties.Count {
			t.Fatalf("%s%s: %v counts %d values of %d members", way, filter, f.ID, n, f.Properties.Count)
		}
		if v := f.Properties.Sums["firms"]; v != nil {
			sum += *v
		}
		for _, id := range membersOfGroup(t, s, f) {
			if seen[id] {
				t.Fatalf("%s%s: %s is in two groups", way, filter, id)
			}
			seen[id] = true
		}
		if b := f.Properties.Bounds; f.Properties.Anchor != nil && strings.HasPrefix(way, "zoom") &&
			!(orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}).Contains(f.Geometry.Coordinates) {
			t.Fatalf("%s%s: %v stands at %v outside of %v", way, filter, f.ID, f.Geometry.Coordinates, b)
		}
	}
	if total := int(want.Total["count"].(float64)); p.NumberMatched+p.NumberUnplaced != total || len(seen) != p.NumberMatched {
		t.Fatalf("%s%s: %d grouped, %d unplaced and %d members, of %d", way, filter, p.NumberMatched, p.NumberUnplaced, len(seen), total)
	}
	if p.NumberUnplaced > 0 {
		return // the aggregate has those too
	}
	if all, _ := want.Total["sum(firms)"].(float64); sum-all > 1e-6 || all-sum > 1e-6 {
		t.Fatalf("%s%s: sums add up to %v, want %v", way, filter, sum, all)
	}
	byValue := map[any]int{}
	for _, g := range want.Groups {
		byValue[g.Key["trade"]] = g.Count
	}
	if !maps.Equal(counts, byValue) {
		t.Fatalf("%s%s: values are counted %v, want %v", way, filter, counts, byValue)
	}
}

// membersOfGroup are the ids of the features of a group, page by page.
func membersOfGroup(t *testing.T, s *Server, f groupFeature) []string {
	t.Helper()
	target := pathOf(t, f.Properties.Members)
	if !strings.HasSuffix(target, "/members") {
		return []string{fmt.Sprint(f.ID)}
	}
	var ids []string
	for next := target + "?limit=150"; next != ""; {
		var page struct {
			Features      []struct{ ID any }
			NumberMatched int
			Links         []link
		}
		text := body(t, ask(t, s, "GET", next))
		if err := json.Unmarshal([]byte(text), &page); err != nil || page.NumberMatched != f.Properties.Count {
			t.Fatalf("GET %s: %d members, want %d: %s", next, page.NumberMatched, f.Properties.Count, text)
		}
		for _, m := range page.Features {
			ids = append(ids, fmt.Sprint(m.ID))
		}
		next = ""
		for _, l := range page.Links {
			if l.Rel == "next" {
				next = pathOf(t, l.Href)
			}
		}
	}
	return ids
}

// Territories are those of the aggregate, null included.
func TestTerritoriesAreTheAggregate(t *testing.T) {
	for name, s := range map[string]*Server{"mixed": layersServer(t, mixedState(t, 300, 2)), "clusters": atlasServer(t)} {
		region := "a-b+c"
		if name == "clusters" {
			region = "prd9"
		}
		for _, by := range []string{"division:province", "division:prefecture", "division:county", "region:" + region} {
			want := askAggregate(t, s, "/collections/"+name+"/aggregate?measures=count,sum(firms)&by="+by)
			p := askGroups(t, s, "/collections/"+name+"/groups?by="+by)
			if len(p.Features) != len(want.Groups) {
				t.Errorf("%s by %s: %d territories, want %d", name, by, len(p.Features), len(want.Groups))
			}
			for _, g := range want.Groups {
				key := slices.Collect(maps.Values(g.Key))[0]
				if i := slices.IndexFunc(p.Features, func(f groupFeature) bool { return f.Properties.Key == key }); i < 0 || p.Features[i].Properties.Count != g.Count {
					t.Errorf("%s by %s: %v has not the count %d", name, by, key, g.Count)
				}
			}
		}
	}
}

// The answers are as the API document says.
func TestTerritoriesFollowTheDocument(t *testing.T) {
	for name, s := range map[string]*Server{"mixed": layersServer(t, mixedState(t, 300, 6)), "clusters": atlasServer(t)} {
		c := readContract(t, s)
		region := "a-b+c"
		if name == "clusters" {
			region = "yrd25"
		}
		for _, by := range []string{"division:province", "division:prefecture", "division:county", "region:" + region, "hex:50", "hex:1000"} {
			targets := []string{"/collections/" + name + "/groups?by=" + by, "/collections/" + name + "/groups?f=html&by=" + by}
			p := askGroups(t, s, targets[0])
			for _, f := range p.Features[:min(3, len(p.Features))] {
				members := pathOf(t, f.Properties.Members)
				one := strings.TrimSuffix(members, "/members")
				targets = append(targets, one, one+"?f=html", members+"?limit=2", members+"?f=html&n=1,2&sortby=n", members+"?f=csv")
			}
			for _, target := range targets {
				if name == "clusters" {
					target = strings.Replace(target, "&n=1,2&sortby=n", "&level=town&sortby=year", 1)
				}
				resp := ask(t, s, "GET", target)
				text := body(t, resp)
				if err := c.checkAnswer(t, target, resp, text); err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("GET %s: %d %v %.300s", target, resp.StatusCode, err, text)
				}
				if strings.Contains(target, "f=html") {
					checkPage(t, target, text)
				}
			}
		}
	}
}

// Divisions and regions have the area and names of the atlas.
func TestTerritoriesHaveAreas(t *testing.T) {
	s := atlasServer(t)
	for by, want := range map[string]string{
		"division:province": "MultiPolygon", "division:prefecture": "MultiPolygon", "division:county": "MultiPolygon", "region:yrd25": "MultiPolygon", "hex:300": "Polygon",
	} {
		text := body(t, ask(t, s, "GET", "/collections/clusters/groups?by="+by))
		all, err := geojson.UnmarshalFeatureCollection([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", by, err)
		}
		for _, f := range all.Features {
			if f.Properties["key"] == nil {
				continue
			}
			if f.Geometry.GeoJSONType() != want {
				t.Errorf("%s: %v is a %s, want %s", by, f.ID, f.Geometry.GeoJSONType(), want)
			}
			at, _ := f.Properties["position"].([]any)
			if by == "hex:300" && !planar.PolygonContains(f.Geometry.(orb.Polygon), orb.Point{at[0].(float64), at[1].(float64)}) {
				t.Errorf("%s: %v stands at %v, outside of its hexagon", by, f.ID, at)
			}
			if titles, _ := f.Properties["titles"].(map[string]any); strings.HasSuffix(want, "MultiPolygon") && (titles["en"] == nil || titles["zh"] == nil) {
				t.Errorf("%s: %v has the titles %v", by, f.ID, titles)
			}
		}
	}
}

// A box answers the groups whose position lies in it; together the parts of the world
// have each once.
func TestBoxesChooseByPosition(t *testing.T) {
	s := layersServer(t, mixedState(t, 400, 3))
	parts := []string{"-180,-90,110.0000003,30.0000003", "110.0000003,-90,180,30.0000003", "-180,30.0000003,110.0000003,90", "110.0000003,30.0000003,180,90"}
	for _, way := range waysToGroup {
		whole := askGroups(t, s, "/collections/mixed/groups?"+way)
		want := map[string]int{}
		for _, f := range whole.Features {
			if f.Properties.Anchor != nil {
				want[fmt.Sprint(f.ID)] = f.Properties.Count
			}
		}
		got := map[string]int{}
		for _, part := range parts {
			for _, f := range askGroups(t, s, "/collections/mixed/groups?"+way+"&bbox="+part).Features {
				got[fmt.Sprint(f.ID)] += f.Properties.Count
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: the parts have %d groups, the whole has %d", way, len(got), len(want))
		}
		round := askGroups(t, s, "/collections/mixed/groups?"+way+"&bbox=100,-90,99.9999,90")
		if len(round.Features) != len(want) {
			t.Errorf("%s: a box round the world has %d groups, want %d", way, len(round.Features), len(want))
		}
		mercator := askGroups(t, s, "/collections/mixed/groups?"+way+"&bbox=-20037508,-20037508,20037508,20037508&bbox-crs=EPSG:3857")
		if len(mercator.Features) != len(want) {
			t.Errorf("%s: a box in Web Mercator has %d groups, want %d", way, len(mercator.Features), len(want))
		}
	}
}

// Ids are the same from request to request and for filters written otherwise, lead to
// the group, and of an older state to what it is now.
func TestIDsOfGroups(t *testing.T) {
	long := "filter=" + url.QueryEscape("trade IN ('socks','"+strings.Repeat("x", 3000)+"') OR n >= 0")
	s, again := layersServer(t, mixedState(t, 300, 4)), layersServer(t, mixedState(t, 300, 4))
	newer := mixedState(t, 301, 4)
	var old []string
	for _, way := range waysToGroup {
		for _, filter := range []string{"", "&filter=n<8", "&" + long} {
			p := askGroups(t, s, "/collections/mixed/groups?"+way+filter)
			q := askGroups(t, again, "/collections/mixed/groups?"+way+strings.Replace(filter, "n<8", "NOT+(NOT+8>n)", 1))
			if len(p.Features) == 0 || len(p.Features) != len(q.Features) {
				t.Fatalf("%s%s: %d and %d groups", way, filter, len(p.Features), len(q.Features))
			}
			for i, f := range p.Features {
				if fmt.Sprint(f.ID) != fmt.Sprint(q.Features[i].ID) {
					t.Fatalf("%s%s: ids %v and %v", way, filter, f.ID, q.Features[i].ID)
				}
				id, ok := f.ID.(string)
				if !ok || i > 3 {
					continue
				}
				target := "/collections/mixed/groups/" + id
				if url.PathEscape(id) != id || len(id) > 200 {
					t.Errorf("the id %s is not fit for an address", id)
				}
				one := ask(t, s, "GET", target)
				text := body(t, one)
				var g groupFeature
				if err := json.Unmarshal([]byte(text), &g); err != nil || one.StatusCode != http.StatusOK || g.ID != id || g.Properties.Count != f.Properties.Count {
					t.Fatalf("GET %s: %d %s", target, one.StatusCode, text)
				}
				old = append(old, target, target+"/members")
			}
		}
	}
	if err := s.Publish(context.Background(), newer); err != nil {
		t.Fatal(err)
	}
	for _, target := range old {
		resp := ask(t, s, "GET", target)
		text := body(t, resp)
		address := strings.TrimPrefix(strings.Split(resp.Header.Get("Link"), ">")[0], "<")
		if resp.StatusCode != http.StatusGone || !strings.Contains(resp.Header.Get("Link"), `rel="successor-version"`) {
			t.Fatalf("GET %s: %d %s", target, resp.StatusCode, text)
		}
		if now := ask(t, s, "GET", pathOf(t, address)); now.StatusCode != http.StatusOK {
			t.Errorf("GET %s, the new address of %s: %d %s", address, target, now.StatusCode, body(t, now))
		}
	}
}

func TestHostileTerritories(t *testing.T) {
	s := layersServer(t, mixedState(t, 200, 5))
	rev := groupRev(s.cfg.Atlas.State().Collections()[0])
	for target, want := range map[string]int{
		"groups?by=": 400, "groups?by=trade": 400, "groups?by=division:town": 400, "groups?by=region:none": 400, "groups?by=hex:0": 400, "groups?by=hex:NaN": 400,
		"groups?by=hex:25&zoom=3": 400, "groups?by=hex:25&radius=60": 400, "groups?by=hex:25&by=hex:26": 400, "groups?by=hex:25&limit=3": 400, "groups?by=hex:025.0": 200,
		"groups?zoom=3&filter=" + url.QueryEscape(strings.Repeat("n=1 OR ", 40)+"n=2"): 200,
		"groups/province-" + rev + "-440000":                                           200, "groups/province-" + rev + "-none": 200,
		"groups/province-" + rev + "-999999": 404, "groups/province-" + rev + "-": 404, "groups/province-" + rev: 404, "groups/province--440000": 410,
		"groups/town-" + rev + "-440000": 404, "groups/hex-" + rev + "-0_0": 404, "groups/hex0-" + rev + "-0_0": 404, "groups/hex25.00-" + rev + "-0_0": 404,
		"groups/hex25.12345-" + rev + "-0_0": 404, "groups/hexNaN-" + rev + "-0_0": 404, "groups/hex1e2-" + rev + "-0_0": 404, "groups/hex50-" + rev + "-0_m99999999999": 404,
		"groups/region.-" + rev + "-in": 404, "groups/region.a~2db~20c-" + rev + "-in": 200, "groups/region.a~2Db~20c-" + rev + "-in": 404, "groups/region.a~2-" + rev + "-in": 404,
		"groups/region.zz-" + rev + "-in": 404, "groups/region.a~2db~20c-" + rev + "-x": 404, "groups/region.a~2db~20c-" + rev + "-none": 200,
		"groups/province-" + rev + "-440000-~": 404, "groups/province-" + rev + "-440000-~AAAA": 404, "groups/province-" + rev + "-440000-" + bomb(t): 404,
		"groups/province-" + rev + "-440000?limit=1": 400, "groups/province-" + rev + "-440000/members?limit=1": 200, "groups/province-" + rev + "-440000/members?by=hex:1": 400,
		"groups/17": 404, "groups/17/members": 404,
	} {
		resp := ask(t, s, "GET", "/collections/mixed/"+target)
		if text := body(t, resp); resp.StatusCode != want {
			t.Errorf("GET %s: %d %s, want %d", target, resp.StatusCode, text, want)
		}
	}
	// What an id of an older state holds is not trusted in a header.
	forged := groupID{zoom: 3, radius: 60, rev: "old", filter: "n=1>; rel=\"x\"\r\nSet-Cookie: a=b"}
	resp := ask(t, s, "GET", "/collections/mixed/groups/"+string(forged.append(nil)))
	if link := resp.Header.Get("Link"); resp.StatusCode != http.StatusGone || strings.ContainsAny(link, "\r\n") || strings.Count(link, ">") != 1 {
		t.Errorf("a forged filter: %d, Link %q", resp.StatusCode, link)
	}
}

// bomb is the filter of an id that swells.
func bomb(t *testing.T) string {
	t.Helper()
	id := groupID{filter: "n=" + strings.Repeat("1", 20<<20)}
	return strings.TrimPrefix(string(id.packed()), "-")
}

func TestTerritoriesOfNothing(t *testing.T) {
	s := newTestServer(t, nil)
	for _, target := range []string{"/collections/empty/groups", "/collections/empty/groups?by=hex:25", "/collections/empty/groups?zoom=3&f=html", "/collections/numbers/groups?by=hex:25",
		"/collections/places/groups?by=hex:25&filter=1%3D0", "/collections/places/groups?f=html&by=hex:25&zoom=3&radius=60&bbox=&filter=", "/collections/places/groups?by=hex:25&f=html"} {
		if resp := ask(t, s, "GET", target); resp.StatusCode != http.StatusOK {
			t.Errorf("GET %s: %d %s", target, resp.StatusCode, body(t, resp))
		}
	}
}

// Too many hexagons name a box that fits, and too many groups a zoom and a box.
func TestTooManyNameABoxThatFits(t *testing.T) {
	s := scattered(t, 2*mostGroups)
	for _, way := range []string{"by=hex:1", "zoom=18", "zoom=18&radius=20&bbox=100,20,120,40", "zoom=18&bbox=110,0,105,60"} {
		text := body(t, ask(t, s, "GET", "/collections/scattered/groups?"+way))
		_, rest, found := strings.Cut(text, "bbox=")
		if !found {
			t.Fatalf("%s: %s", way, text)
		}
		box := rest[:strings.IndexFunc(rest, func(c rune) bool { return !strings.ContainsRune("0123456789.,-", c) })]
		way, _, _ := strings.Cut(way, "&bbox")
		if p := askGroups(t, s, "/collections/scattered/groups?"+way+"&bbox="+box); len(p.Features) < mostGroups/16 {
			t.Errorf("%s: the box %s has only %d groups", way, box, len(p.Features))
		}
	}
}

// A filter that makes long ids has fewer groups in an answer, and one that does not fit
// into an address none.
func TestLongFilters(t *testing.T) {
	s := scattered(t, 20_000)
	r := rand.New(rand.NewPCG(1, 1))
	values := func(n int) string {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = fmt.Sprint(r.Uint64())
		}
		return url.QueryEscape("n >= 0 OR n IN (" + strings.Join(texts, ",") + ")")
	}
	resp := ask(t, s, "GET", "/collections/scattered/groups?zoom=18&filter="+values(500))
	if text := body(t, resp); resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, "zoom=") {
		t.Errorf("%d %.300s", resp.StatusCode, text)
	}
	p := askGroups(t, s, "/collections/scattered/groups?zoom=4&filter="+values(500))
	i := slices.IndexFunc(p.Features, func(f groupFeature) bool { return f.Properties.Count > 1 })
	if n := len(membersOfGroup(t, s, p.Features[i])); n != p.Features[i].Properties.Count {
		t.Errorf("%d members, want %d", n, p.Features[i].Properties.Count)
	}
	noise := make([]byte, maxURLBytes)
	for i := range noise {
		noise[i] = byte(' ' + r.IntN(90))
	}
	if _, err := mostOf(groupID{filter: string(noise)}); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%v", err)
	}
}

// The groups of an id lead back to it, whatever it is.
func FuzzTerritoryID(f *testing.F) {
	for _, id := range []groupID{
		{cut: &pyramid.Cut{Level: "county"}, rev: "r", key: "330782", keyed: true}, {cut: &pyramid.Cut{Region: "a-b ~"}, rev: "r", key: "a-b ~", keyed: true},
		{cut: &pyramid.Cut{Across: 2.5}, rev: "r", key: "-3_17", keyed: true, filter: "n=1"}, {cut: &pyramid.Cut{Across: 1000}, rev: "r", filter: "filter=" + strings.Repeat("n+%3D+1", 100)},
	} {
		text := string(id.append(nil))
		if back, ok := parseGroupID(text); !ok || string(back.append(nil)) != text {
			f.Fatalf("%s comes back as %+v", text, back)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := parseGroupID(text)
		if !ok {
			return
		}
		again, ok := parseGroupID(string(id.append(nil)))
		if !ok || again.filter != id.filter || string(again.appendHead(nil)) != string(id.appendHead(nil)) {
			t.Errorf("%q comes back as %+v", text, again)
		}
	})
}

// Two provinces and one of a dented border between them, by zoom: the answer is small
// at a small zoom, the shared border is the same in both, and the figures are those of
// the whole.
func TestOutlinesOfTerritoriesAreSimplifiedByZoom(t *testing.T) {
	var north, south []string
	for i := range 2001 { // the border, from west to east
		at := fmt.Sprintf("[%.4f,%.4f]", 110+float64(i)/200, 25+0.02*float64(i%2)+0.5*float64(i/100%2))
		north = append(north, at)
		south = append(south, at)
	}
	slices.Reverse(south)
	divisions := fmt.Sprintf(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"440000","geometry":{"type":"Polygon","coordinates":[[%s,[110,20],[120,20],%s]]},"properties":{"name":"south"}},
		{"type":"Feature","id":"430000","geometry":{"type":"Polygon","coordinates":[[%s,[120,30],[110,30],%s]]},"properties":{"name":"north"}}]}`,
		strings.Join(south, ","), south[0], strings.Join(north, ","), north[0])
	areas, err := geo.Read(strings.NewReader(divisions), geo.ReadOptions{Name: "divisions.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{"adcode":"440300"}},
		{"type":"Feature","id":2,"geometry":{"type":"Point","coordinates":[113,28]},"properties":{"adcode":"430100"}}]}`),
		geo.ReadOptions{Name: "x.geojson", Schema: []byte(`{"properties":{"adcode":{"type":"string","x-clustermap-role":"adcode"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "x", Source: x}, &geo.Collection{ID: "divisions", Source: areas})
	if err != nil {
		t.Fatal(err)
	}
	s := layersServer(t, state)
	border := func(g orb.Geometry) (points []orb.Point) {
		for _, p := range g.(orb.Polygon)[0] {
			if p[1] > 24 && p[1] < 26 && !slices.Contains(points, p) {
				points = append(points, p)
			}
		}
		slices.SortFunc(points, func(a, b orb.Point) int { return cmp.Compare(a[0], b[0]) })
		return points
	}
	read := func(query string) (size int, shared []orb.Point, figures string) {
		resp := ask(t, s, "GET", "/collections/x/groups?by=division:province"+query)
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s: %d, %s, %v", query, resp.StatusCode, b, err)
		}
		fc, err := geojson.UnmarshalFeatureCollection(b)
		if err != nil || len(fc.Features) != 2 {
			t.Fatalf("%s: %s, %v", query, b, err)
		}
		one, two := border(fc.Features[0].Geometry), border(fc.Features[1].Geometry)
		if !slices.Equal(one, two) {
			t.Errorf("%s: the shared border differs: %d and %d points", query, len(one), len(two))
		}
		for _, f := range fc.Features {
			figures += fmt.Sprint(f.ID, f.Properties["count"], f.Properties["bounds"], f.Properties["members"])
		}
		return len(b), one, figures
	}
	whole, points, figures := read("")
	if len(points) != 2001 {
		t.Fatalf("the border has %d points", len(points))
	}
	last := 0
	for _, zoom := range []int{0, 3, 7, 18} {
		size, _, same := read(fmt.Sprintf("&zoom=%d", zoom))
		if size < last || zoom <= 3 && size > whole/20 || zoom == 18 && size < whole*9/10 {
			t.Errorf("zoom %d: %d bytes; %d at the zoom before, %d as a whole", zoom, size, last, whole)
		}
		if same != figures {
			t.Errorf("zoom %d: %s, want %s", zoom, same, figures)
		}
		last = size
	}
	for _, refused := range []string{"by=hex:50&zoom=3", "by=division:province&zoom=19", "by=division:province&radius=60"} {
		if resp := ask(t, s, "GET", "/collections/x/groups?"+refused); resp.StatusCode != 400 {
			t.Errorf("%s: %d", refused, resp.StatusCode)
		}
	}
}
