package server

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// groupFeature is a group as a client reads it.
type groupFeature struct {
	ID         any
	Geometry   pointRead
	Properties struct {
		Count         int
		ExpansionZoom *int `json:"expansion_zoom"`
		Sums          map[string]*float64
		Counts        map[string][]struct {
			Value any
			Count int
		}
		Bounds  [4]float64
		Anchor  map[string]any
		Members string
		Feature map[string]any
		Name    any
		Key     any
	}
}

// pointRead is a point; other geometries are passed over.
type pointRead struct{ Coordinates orb.Point }

func (p *pointRead) UnmarshalJSON(b []byte) error {
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(b, &g); err != nil || g.Type != "Point" {
		return err
	}
	return json.Unmarshal(g.Coordinates, &p.Coordinates)
}

type groupPage struct {
	Features       []groupFeature
	NumberMatched  int
	NumberReturned int
	NumberUnplaced int
	Detail         string
}

func askGroups(t *testing.T, s *Server, target string) groupPage {
	t.Helper()
	resp := ask(t, s, "GET", target)
	var p groupPage
	text := body(t, resp)
	if err := json.Unmarshal([]byte(text), &p); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %v %s", target, resp.StatusCode, err, text)
	}
	if p.NumberReturned != len(p.Features) {
		t.Fatalf("GET %s: numberReturned %d of %d", target, p.NumberReturned, len(p.Features))
	}
	return p
}

// pathOf is the path and query of an absolute address of the server.
func pathOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

func TestGroupsAddUpToTheAggregate(t *testing.T) {
	s := atlasServer(t)
	for _, filter := range []string{"", "&level=town", "&filter=" + url.QueryEscape("year >= 2005 OR level IN ('zone','market')"), "&q=socks", "&region=prd9,yrd25"} {
		var total struct {
			Total map[string]any
		}
		if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/collections/clusters/aggregate?measures=count"+filter))), &total); err != nil {
			t.Fatal(err)
		}
		want := int(total.Total["count"].(float64))
		for zoom := 0; zoom <= 18; zoom += 3 {
			p := askGroups(t, s, fmt.Sprintf("/collections/clusters/groups?zoom=%d%s", zoom, filter))
			sum := 0
			for _, f := range p.Features {
				sum += f.Properties.Count
			}
			if sum != want || p.NumberMatched != want {
				t.Fatalf("%s, zoom %d: %d features are grouped, numberMatched is %d, the aggregate counts %d", filter, zoom, sum, p.NumberMatched, want)
			}
		}
	}
}

func TestMembersAreThoseOfTheGroup(t *testing.T) {
	s := atlasServer(t)
	seen := map[string]bool{}
	p := askGroups(t, s, "/collections/clusters/groups?zoom=5&radius=80&filter="+url.QueryEscape("level <> 'market'"))
	groups := 0
	for _, f := range p.Features {
		target := pathOf(t, f.Properties.Members)
		if f.Properties.Count == 1 {
			if !strings.Contains(target, "/items/") {
				t.Fatalf("the members of a lone feature are at %s", target)
			}
			seen[fmt.Sprint(f.ID)] = true
			continue
		}
		groups++
		one := ask(t, s, "GET", strings.TrimSuffix(target, "/members"))
		var again groupFeature
		if err := json.Unmarshal([]byte(body(t, one)), &again); err != nil || again.ID != f.ID || again.Properties.Count != f.Properties.Count {
			t.Fatalf("%v comes back as %v: %v", f.ID, again.ID, err)
		}
		n := 0
		for next := target + "?limit=3"; next != ""; {
			var page struct {
				Features      []struct{ ID string }
				NumberMatched int
				Links         []link
			}
			if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", next))), &page); err != nil {
				t.Fatal(err)
			}
			if page.NumberMatched != f.Properties.Count {
				t.Fatalf("%s: %d members, want %d", next, page.NumberMatched, f.Properties.Count)
			}
			for _, m := range page.Features {
				if n++; seen[m.ID] {
					t.Fatalf("%s is in two groups", m.ID)
				}
				seen[m.ID] = true
			}
			next = ""
			for _, l := range page.Links {
				if l.Rel == "next" {
					next = pathOf(t, l.Href)
				}
			}
		}
		if n != f.Properties.Count {
			t.Fatalf("%s gives %d of %d members", target, n, f.Properties.Count)
		}
	}
	if groups < 3 || len(seen) != p.NumberMatched {
		t.Errorf("%d groups with %d members in all, want %d", groups, len(seen), p.NumberMatched)
	}
}

func TestMembersAreFilteredAndSorted(t *testing.T) {
	s := atlasServer(t)
	p := askGroups(t, s, "/collections/clusters/groups?zoom=0&radius=200")
	i := slices.IndexFunc(p.Features, func(f groupFeature) bool { return f.Properties.Count > 20 })
	target := pathOf(t, p.Features[i].Properties.Members)
	for _, query := range []string{"?level=town&sortby=-id", "?f=csv", "?bbox=112,22,115,24", "?f=ndjson&limit=2"} {
		resp := ask(t, s, "GET", target+query)
		if text := body(t, resp); resp.StatusCode != http.StatusOK || text == "" {
			t.Errorf("GET %s%s: %d %s", target, query, resp.StatusCode, text)
		}
	}
	if resp := ask(t, s, "GET", target+"?lvl=town"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown parameter: %d", resp.StatusCode)
	}
}

func TestGroupsOfAnOlderStateAreGone(t *testing.T) {
	s := layersServer(t, someState(t, "old"))
	p := askGroups(t, s, "/collections/some/groups?zoom=2&radius=200&filter="+url.QueryEscape("name IS NOT NULL"))
	if len(p.Features) != 1 || p.Features[0].Properties.Count != 2 {
		t.Fatalf("%+v", p)
	}
	members := pathOf(t, p.Features[0].Properties.Members)
	if err := s.Publish(context.Background(), someState(t, "new")); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{members, strings.TrimSuffix(members, "/members")} {
		resp := ask(t, s, "GET", target)
		text := body(t, resp)
		address := strings.TrimPrefix(strings.Split(resp.Header.Get("Link"), ">")[0], "<")
		if resp.StatusCode != http.StatusGone || !strings.Contains(text, "zoom=2") || address == "" {
			t.Fatalf("GET %s: %d %s, Link %s", target, resp.StatusCode, text, resp.Header.Get("Link"))
		}
		if again := askGroups(t, s, pathOf(t, address)); again.NumberMatched != 2 {
			t.Errorf("GET %s: %+v", address, again)
		}
	}
}

func TestHostileGroupRequests(t *testing.T) {
	s := atlasServer(t)
	good := askGroups(t, s, "/collections/clusters/groups?zoom=3")
	i := slices.IndexFunc(good.Features, func(f groupFeature) bool { return f.Properties.Count > 1 })
	id := good.Features[i].ID.(string)
	for target, want := range map[string]int{
		"groups?zoom=19": 400, "groups?zoom=-1": 400, "groups?zoom=3.5": 400, "groups?zoom=": 400, "groups?zoom=1e1": 400,
		"groups?zoom=5&radius=19": 400, "groups?zoom=5&radius=201": 400, "groups?zoom=5&limit=3": 400, "groups?zoom=5&sortby=id": 400,
		"groups?zoom=5&bbox=1,2,3": 400, "groups?zoom=5&bbox-crs=EPSG:1": 400, "groups?zoom=5&filter=nothing%3D1": 400,
		"groups/" + id: 200, "groups/" + id + "x": 404, "groups/z3r60": 404, "groups/z3r60----": 404,
		"groups/" + strings.Replace(id, "z3", "z03", 1): 404, "groups/" + strings.Replace(id, "z3", "z9", 1): 404,
		"groups/" + id + "-Zm9vPTE": 404, "groups/" + id + "-YmJveD0xLDIsMyw0": 404, "groups/%00": 404, "groups/" + id + "/members?cursor=AAAA": 400,
		"groups?zoom=5&bbox=177,65,-177,70": 200, "groups?zoom=5&bbox=12000000,2000000,13000000,4000000&bbox-crs=EPSG:3857": 200,
	} {
		resp := ask(t, s, "GET", "/collections/clusters/"+target)
		if text := body(t, resp); resp.StatusCode != want {
			t.Errorf("GET %s: %d %s, want %d", target, resp.StatusCode, text, want)
		}
	}
}

func TestOwnPropertiesOfOurNames(t *testing.T) {
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"z":1,"count":"many","bounds":null,"name":"A"}},
		{"type":"Feature","id":"b","geometry":null,"properties":{}},
		{"type":"Feature","id":"c","geometry":{"type":"Polygon","coordinates":[[[50,50],[51,50],[51,51],[50,51],[50,50]]]},"properties":null}]}`), geo.ReadOptions{Name: "own.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "own", Source: x})
	if err != nil {
		t.Fatal(err)
	}
	s := layersServer(t, state)
	p := askGroups(t, s, "/collections/own/groups?zoom=9")
	if p.NumberMatched != 2 || len(p.Features) != 2 {
		t.Fatalf("%+v", p)
	}
	for _, f := range p.Features {
		if f.Properties.Count != 1 || f.ID == "a" && (f.Properties.Feature["count"] != "many" || f.Properties.Name != "A") {
			t.Errorf("%+v", f)
		}
		if f.ID == "c" && f.Geometry.Coordinates != (orb.Point{50.5, 50.5}) {
			t.Errorf("the polygon stands at %v", f.Geometry.Coordinates)
		}
	}
}

// A lone feature is JSON whatever its properties are, with each of them once.
func TestLoneFeaturesKeepTheirProperties(t *testing.T) {
	for properties, want := range map[string]string{
		"{ }": `{}`, "{\n}": `{}`, "null": `{}`, "{}": `{}`, `{ "a" : 1 }`: `{"a":1}`,
		`{ "count" : { "x" : [ ] } , "b":null}`:                                                    `{"b":null,"feature":{"count":{"x":[]}}}`,
		`{"Count":"x","bounds":"y","id":3,"anchor":[],"feature":{"feature":1},"key":1,"titles":2}`: `{"Count":"x","id":3,"key":1,"titles":2,"feature":{"bounds":"y","anchor":[],"feature":{"feature":1}}}`,
	} {
		x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"a/\" é<","geometry":{"type":"Point","coordinates":[1e2,2.50,7]},"properties":`+properties+"}]}"),
			geo.ReadOptions{Name: "own.geojson"})
		if err != nil {
			t.Fatal(err)
		}
		state, err := geo.NewState(&geo.Collection{ID: "own", Source: x})
		if err != nil {
			t.Fatal(err)
		}
		s := layersServer(t, state)
		text := body(t, ask(t, s, "GET", "/collections/own/groups?zoom=3"))
		var page struct {
			Features []struct {
				ID         string
				Properties map[string]any
			}
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || len(page.Features) != 1 || page.Features[0].ID != `a/" é<` {
			t.Fatalf("%s: %v %s", properties, err, text)
		}
		got := page.Features[0].Properties
		item := ask(t, s, "GET", pathOf(t, got["members"].(string)))
		if item.StatusCode != http.StatusOK {
			t.Errorf("GET %v: %d", got["members"], item.StatusCode)
		}
		for _, name := range []string{"count", "expansion_zoom", "sums", "counts", "bounds", "anchor", "members"} {
			if _, ok := got[name]; !ok {
				t.Errorf("%s: %s is missing", properties, name)
			}
			delete(got, name)
		}
		var own map[string]any
		if err := json.Unmarshal([]byte(want), &own); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, own) {
			t.Errorf("%s comes back as %v", properties, got)
		}
	}
}

// scattered is a server of many points in a small country.
func scattered(t testing.TB, n int) *Server {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"n":%d}}`+"\n", i, 100+20*r.Float64(), 20+20*r.Float64(), i%10)
	}
	x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "scattered.geojsonl", Sequence: true})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "scattered", Source: x})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Atlas: geo.NewAtlas(state)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTooManyGroupsNameWhatFits(t *testing.T) {
	s := scattered(t, mostGroups+5000)
	resp := ask(t, s, "GET", "/collections/scattered/groups?zoom=18")
	text := body(t, resp)
	_, rest, found := strings.Cut(text, "zoom=")
	if resp.StatusCode != http.StatusBadRequest || !found {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	zoom := rest[:strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })]
	if p := askGroups(t, s, "/collections/scattered/groups?zoom="+zoom); p.NumberMatched != mostGroups+5000 {
		t.Errorf("zoom %s groups %d features", zoom, p.NumberMatched)
	}
}

func TestEqualFiltersShareAnAnswer(t *testing.T) {
	s := scattered(t, 1000)
	for _, query := range []string{"filter=n%3D3+AND+n%3C5", "filter=n<5%20AND%20(n=3)", "filter=NOT(NOT(n=3))+AND+5>n"} {
		askGroups(t, s, "/collections/scattered/groups?zoom=4&"+query)
	}
	if a, l := s.answers.statistics(), s.layers.statistics(); a.entries != 1 || a.hits != 2 || l.entries != 1 {
		t.Errorf("answers: %+v, layers: %+v", a, l)
	}
}

func FuzzGroupID(f *testing.F) {
	f.Add("z8r60-abc-1x-zz")
	f.Add("z0r20--0-0-\r000")
	f.Add("z8r60-abc-1x-zz-Zm9v")
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := parseGroupID(text); ok && !strings.Contains(text, "~") && string(id.append(nil)) != text {
			t.Errorf("%q comes back as %q", text, id.append(nil))
		}
	})
}

func BenchmarkGroups50000(b *testing.B) {
	s := scattered(b, 50_000)
	l, err := s.layerOf(b.Context(), s.cfg.Atlas.State().Collections()[0], geo.Query{}, "", 60)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c := s.cfg.Atlas.State().Collections()[0]
		g := newGroupWriter(&request{base: "http://example.org"}, c, l, groupID{zoom: 18, radius: 60, rev: groupRev(c)})
		b.SetBytes(int64(len(g.collection(&foundGroups{nodes: l.pyramid.Level(18)}, nil).body)))
	}
}
