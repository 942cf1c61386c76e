package server

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"clustermap/geo"
	"clustermap/geo/stat"
)

// statDocument is an answer as a client reads it.
type statDocument struct {
	Method     struct{ ID, Title, Source, Page string }
	Parameters map[string]any
	Universe   string
	N          int
	Weights    string
	Rev        string
	Warnings   []string
	Result     map[string]any
	Links      []link
	Features   []json.RawMessage
}

func askStatistic(t testing.TB, s *Server, target string) statDocument {
	t.Helper()
	resp := ask(t, s, "GET", target)
	text := body(t, resp)
	var doc statDocument
	if err := json.Unmarshal([]byte(text), &doc); err != nil || resp.StatusCode != 200 {
		t.Fatalf("GET %s: %d %v %s", target, resp.StatusCode, err, text)
	}
	return doc
}

func (d *statDocument) link(rel string) string {
	i := slices.IndexFunc(d.Links, func(l link) bool { return l.Rel == rel })
	if i < 0 {
		return ""
	}
	u, _ := url.Parse(d.Links[i].Href)
	return u.RequestURI()
}

// An answer says all that a reader needs to trust it, in each format.
func TestStatistic(t *testing.T) {
	s := atlasServer(t)
	const path = "/collections/clusters/statistics/hexagons?within=hex:100"
	d := askStatistic(t, s, path)
	if d.Method.ID != "hexagons" || d.Method.Source == "" || d.Method.Page != "http://example.org/statistics/hexagons?f=html" ||
		d.Parameters["within"] != "hex:100" || d.Parameters["measure"] != "count" || d.N < 10 || d.Universe == "" || d.Weights == "" || d.Rev == "" {
		t.Errorf("the answer is %+v", d)
	}
	cells := len(d.Result["rows"].([]any))
	places := askStatistic(t, s, path+"&f=geojson")
	if len(places.Features) != cells || places.Result["rows"] != nil || places.Result["cells"] != d.Result["cells"] || places.N != d.N {
		t.Errorf("as features: %d of %d cells, result %v", len(places.Features), cells, places.Result)
	}
	table := body(t, ask(t, s, "GET", path+"&f=csv"))
	if n := strings.Count(table, "\r\n"); n != cells+1 || !strings.HasPrefix(table, "\ufeffkey,") {
		t.Errorf("as a table: %d lines for %d cells: %.80s", n, cells, table)
	}
	page := body(t, ask(t, s, "GET", path+"&f=html"))
	checkPage(t, path, page)
	for _, want := range []string{`href="http://example.org/statistics/hexagons?f=html"`, "How computed", `<svg viewBox=`, "hex:100"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if resp := ask(t, s, "GET", path, "Accept: application/geo+json"); resp.Header.Get("Content-Type") != "application/geo+json" {
		t.Errorf("asked for GeoJSON: %s", resp.Header.Get("Content-Type"))
	}
}

// A table holds what the document does: each figure of the result that is in no list
// stands in each row, by its own name or behind "result.".
func TestTablesHoldTheFigures(t *testing.T) {
	s := atlasServer(t)
	for _, m := range stat.Methods() {
		for _, about := range []string{"select=industry%3D'textiles'", "by=industry", "filter=1%3D0"} {
			name, _, _ := strings.Cut(about, "=")
			if name != "filter" && !slices.ContainsFunc(m.Parameters(), func(p stat.Param) bool { return p.Name == name }) {
				continue
			}
			path := "/collections/clusters/statistics/" + m.ID + "?" + about + "&f="
			d := askStatistic(t, s, path+"json")
			lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body(t, ask(t, s, "GET", path+"csv")), "\ufeff"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			column := func(name string) int {
				if i := slices.Index(lines[0], "result."+name); i >= 0 {
					return i
				}
				return slices.Index(lines[0], name)
			}
			check := func(name, subject string, value any) {
				if value == nil || name == "value" && subject != "" || name == "by" {
					return
				}
				at := column(name)
				for _, line := range lines[1:] {
					if at < 0 || subject != "" && line[0] != subject {
						continue
					}
					if v, err := strconv.ParseFloat(line[at], 64); err == nil && v == value || line[at] == fmt.Sprint(value) {
						return
					}
				}
				t.Errorf("%s%s: %s of %q, %v, is not in the table %q", path, "csv", name, subject, value, lines[:min(2, len(lines))])
			}
			var walk func(prefix, subject string, v map[string]any)
			walk = func(prefix, subject string, v map[string]any) {
				for name, member := range v {
					switch m := member.(type) {
					case map[string]any:
						walk(prefix+name+".", subject, m)
					case []any:
						for _, one := range m {
							if one, ok := one.(map[string]any); ok && name == "subjects" && one["value"] != nil {
								walk("", fmt.Sprint(one["value"]), one)
							}
						}
					default:
						if name != "en" && name != "zh" {
							check(prefix+name, subject, member)
						}
					}
				}
			}
			walk("", "", d.Result)
		}
	}
}

// What cannot be answered is refused with the name of what is wrong.
func TestStatisticsRefused(t *testing.T) {
	s := newTestServer(t, nil)
	const path = "/collections/places/statistics/"
	for _, c := range []struct {
		target string
		status int
		says   string
	}{
		{path + "hexagon", 404, `did you mean \"hexagons\"?`},
		{path + "%00%ff", 404, "There is no statistic"},
		{"/collections/none/statistics/hexagons", 404, "There is no collection"},
		{"/collections/none/statistics", 404, "There is no collection"},
		{"/statistics/ginny", 404, "There is no statistic"},
		{path + "hexagons?withn=hex:50", 400, "withn: there is no such parameter; did you mean within?"},
		{path + "hexagons?within=hex:0", 400, "within"},
		{path + "hexagons?within=hex:NaN", 400, "within"},
		{path + "hexagons?by=nothing", 400, "by: "},
		{path + "hexagons?measure=sum(trade)", 400, "measure: "},
		{path + "hexagons?measure=mean(firms)", 400, "measure: "},
		{path + "hexagons?select=", 400, "select: "},
		{path + "hexagons?select=firmz%3E1", 400, "select: character 1"},
		{path + "hexagons?select=" + strings.Repeat("(", 2000), 400, "select: "},
		{path + "hexagons?filter=firmz%3E1", 400, "filter: "},
		{path + "hexagons?limit=1", 400, "limit: there is no such parameter"},
		{path + "hexagons?f=shp", 400, "f: "},
		{path + "?f=xml", 404, ""},
		{"/statistics?x=1", 400, "x: there is no such parameter"},
		{"/collections/places/statistics?q=1", 400, "q: "},
	} {
		resp := ask(t, s, "GET", c.target)
		text := body(t, resp)
		if resp.StatusCode != c.status && resp.StatusCode != http.StatusPermanentRedirect || !strings.Contains(text, c.says) || resp.StatusCode >= 400 && resp.Header.Get("Content-Type") != problemType {
			t.Errorf("GET %s: %d %s; want %d that says %s", c.target, resp.StatusCode, text, c.status, c.says)
		}
	}
}

// A selection that leaves nothing, or one point, is answered.
func TestStatisticsOfLittle(t *testing.T) {
	s := newTestServer(t, nil)
	for _, m := range stat.Methods() {
		for _, filter := range []string{"filter=1%3D0", "filter=firms%3C0", "bbox=-150,-60,-149,-59"} {
			for _, c := range []string{"places", "numbers"} {
				if c == "numbers" && strings.Contains(filter, "firms") {
					continue
				}
				d := askStatistic(t, s, "/collections/"+c+"/statistics/"+m.ID+"?"+filter)
				if d.N != 0 || len(d.Warnings) == 0 {
					t.Errorf("%s of nothing: n %d, warnings %q", m.ID, d.N, d.Warnings)
				}
			}
		}
	}
}

// A client that has the answer gets 304 without the work.
func TestStatisticETag(t *testing.T) {
	s := newTestServer(t, nil)
	const path = "/collections/places/statistics/hexagons?within=hex:20"
	etag := ask(t, s, "GET", path).Header.Get("Etag")
	made := s.statistics.quick.statistics().misses
	for _, target := range []string{path, "/collections/places/statistics/hexagons?within=hex:20&measure=count&"} {
		resp := ask(t, s, "GET", target, "If-None-Match: "+etag)
		if resp.StatusCode != http.StatusNotModified || resp.Header.Get("Etag") != etag {
			t.Errorf("GET %s with its ETag: %d", target, resp.StatusCode)
		}
	}
	if now := s.statistics.quick.statistics().misses; etag == "" || now != made {
		t.Errorf("the ETag is %q, and %d answers were computed", etag, now-made)
	}
	if zh := ask(t, s, "GET", path+"&lang=zh").Header.Get("Etag"); zh == etag {
		t.Error("the answer in Chinese has the same ETag")
	}
	if now := s.statistics.quick.statistics().misses; now != made {
		t.Error("the answer in Chinese is computed anew")
	}
}

// Equal questions that come at once are computed once.
func TestEqualStatistics(t *testing.T) {
	s := newTestServer(t, nil)
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			format := [...]string{"json", "csv", "geojson", "html"}[i%4]
			resp := ask(t, s, "GET", "/collections/places/statistics/hexagons?within=hex:30&f="+format)
			if resp.StatusCode != 200 {
				t.Errorf("%d %s", resp.StatusCode, body(t, resp))
			}
		})
	}
	all.Wait()
	if n := s.statistics.quick.statistics().misses; n != 1 {
		t.Errorf("60 equal questions were computed %d times", n)
	}
}

// readEvents reads the events of a stream as lines "name data".
func readEvents(t testing.TB, text string) (all [][2]string) {
	t.Helper()
	in := bufio.NewScanner(strings.NewReader(text))
	in.Buffer(nil, 1<<24)
	var name, data string
	for in.Scan() {
		line := in.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data += line[len("data: "):] + "\n"
		case line == "" && name != "":
			all = append(all, [2]string{name, data})
			name, data = "", ""
		}
	}
	return all
}

// Events tell progress, and then the same answer as without.
func TestStatisticEvents(t *testing.T) {
	s := newTestServer(t, nil)
	const path = "/collections/places/statistics/hexagons?within=hex:30"
	resp := ask(t, s, "GET", path, "Accept: text/event-stream")
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" || resp.Header.Get("Cache-Control") != "no-store, no-transform" {
		t.Errorf("%s, %s", kind, resp.Header.Get("Cache-Control"))
	}
	events := readEvents(t, body(t, resp))
	if len(events) < 2 || events[0][0] != "progress" || events[len(events)-1][0] != "answer" {
		t.Fatalf("the events are %q", events)
	}
	plain := body(t, ask(t, s, "GET", path))
	if got := events[len(events)-1][1]; got != plain {
		t.Errorf("the answer is\n%s\nwant\n%s", got, plain)
	}
	if resp := ask(t, s, "GET", path+"&withn=1", "Accept: text/event-stream"); resp.StatusCode != 400 {
		t.Errorf("a bad question: %d", resp.StatusCode)
	}
	s.cfg.StatisticsTimeout = time.Nanosecond
	events = readEvents(t, body(t, ask(t, s, "GET", "/collections/places/statistics/hexagons?within=hex:31", "Accept: text/event-stream")))
	if last := events[len(events)-1]; last[0] != "failure" || !strings.Contains(last[1], `"status":503`) {
		t.Errorf("too slow: %q", events)
	}
}

// Of what takes too long the answer says what to reduce.
func TestStatisticTooSlow(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.StatisticsTimeout = time.Nanosecond })
	resp := ask(t, s, "GET", "/collections/places/statistics/hexagons")
	if text := body(t, resp); resp.StatusCode != 503 {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	r := &statisticRequest{method: &stat.Method{Common: []string{"permutations", "within"}}}
	w := new(work)
	w.began.Store(true)
	if got := s.tooSlow(r, w, nil).Error(); !strings.Contains(got, "permutations") {
		t.Error(got)
	}
}

// The places of an answer are a collection like any other, that is not listed.
func TestPlacesOfAnAnswer(t *testing.T) {
	s := atlasServer(t)
	d := askStatistic(t, s, "/collections/clusters/statistics/hexagons?within=hex:100&filter=year%3C2030")
	path := strings.TrimSuffix(d.link(relPlaces), "?f=json")
	if path == "" || !strings.HasPrefix(d.link("items"), path+"/items") {
		t.Fatalf("the links are %v", d.Links)
	}
	var page struct {
		Features []struct {
			ID         string
			Geometry   json.RawMessage
			Properties map[string]any
		}
		NumberMatched int
	}
	if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", path+"/items?limit=1000"))), &page); err != nil {
		t.Fatal(err)
	}
	places := askStatistic(t, s, "/collections/clusters/statistics/hexagons?within=hex:100&filter=year%3C2030&f=geojson")
	if page.NumberMatched != len(places.Features) || page.NumberMatched == 0 || page.Features[0].Properties["class"] == nil {
		t.Errorf("%d features, want %d: %v", page.NumberMatched, len(places.Features), page.Features)
	}
	for suffix, kind := range map[string]string{
		"": "application/json", "?f=html": htmlType, "/items?f=html": htmlType, "/items/" + page.Features[0].ID: "application/geo+json", "/schema?profile=clustermap": "application/schema+json",
		"/queryables": "application/schema+json", "/sortables": "application/schema+json", "/groups": "application/geo+json", "/aggregate?by=class": "application/json",
		"/tiles": "application/json", "/tiles/WebMercatorQuad": "application/json", "/tiles/WebMercatorQuad/4/6/13": mvtMedia.content, "/map": "image/png", "/map?f=svg": "image/svg+xml",
		"/map/tiles/WebMercatorQuad/4/6/13": "image/png", "/items?f=csv": "text/csv; charset=utf-8", "/items?f=gpkg": "application/geopackage+sqlite3", "/items?f=kml": "application/vnd.google-earth.kml+xml",
		"/statistics": "application/json", "/statistics/hexagons": "application/json", "/items?class=none&f=json": "application/geo+json",
	} {
		resp := ask(t, s, "GET", path+suffix)
		text := body(t, resp)
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || !strings.HasPrefix(got, strings.Split(kind, ";")[0]) {
			t.Errorf("GET %s%s: %d %s, want %s: %.300s", path, suffix, resp.StatusCode, got, kind, text)
		}
		if name := resp.Header.Get("Content-Disposition"); len(name) > 200 {
			t.Errorf("GET %s%s is called %s", path, suffix, name)
		}
	}
	var doc collectionDocument
	if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", path))), &doc); err != nil {
		t.Fatal(err)
	}
	c, _ := s.cfg.Atlas.State().Collection("clusters")
	source := c.Source.Schema()
	if doc.Attribution != source.Attribution.EN || doc.About == nil || doc.About.License == nil || *doc.About.License != *source.About.License || doc.XTitle == nil {
		t.Errorf("the collection is %+v", doc)
	}
	if list := body(t, ask(t, s, "GET", "/collections")); strings.Contains(list, "~hexagons") {
		t.Error("the places are listed among the collections")
	}
	if style := ask(t, s, "GET", "/styles/"+strings.TrimPrefix(path, "/collections/")); style.StatusCode != 200 || !strings.Contains(body(t, style), "#1E346B") {
		t.Error("the style of the places lacks the colours of classes")
	}
	if resp := ask(t, s, "GET", "/map?collections="+url.QueryEscape(strings.TrimPrefix(path, "/collections/"))+"&furniture=legend&f=svg"); resp.StatusCode != 200 || !strings.Contains(body(t, resp), "and more") {
		t.Error("the picture of the places lacks its legend")
	}
	again := newTestServer(t, func(c *Config) { c.Atlas = s.cfg.Atlas })
	if resp := ask(t, again, "GET", path+"/items"); resp.StatusCode != 200 || !strings.Contains(body(t, resp), page.Features[0].ID) {
		t.Error("another server does not know the places")
	}
}

// Ids that hold no question are not found, whatever is in them.
func TestHostilePlaces(t *testing.T) {
	s := newTestServer(t, nil)
	packed := func(query string) string { return string(packFilter(query)) }
	for _, id := range []string{
		"~", "~~", "places~", "places~hexagons~", "places~hexagons~!", "places~moron", "none~hexagons", "places~hexagons~" + packed("withn=1"),
		"places~hexagons~" + packed("within=hex:0"), "places~hexagons~" + packed("select=("), "places~hexagons~" + packed("a=%zz"), "place.s~hexagons",
		"places~hexagons~" + packed("within=hex:20") + "A", "places~hexagons~hexagons", "~.70laces", ".2~hexagons", ".zz~hexagons",
		"places~hexagons~~" + strings.Repeat("A", 5000), strings.Repeat("a", 40_000) + "~hexagons", "places~gini~" + packed("within=hex:20"),
	} {
		resp := ask(t, s, "GET", "/collections/"+url.PathEscape(id))
		if text := body(t, resp); resp.StatusCode != 404 || len(text) > 2000 {
			t.Errorf("GET /collections/%s: %d %s", shorten(id, 80), resp.StatusCode, text)
		}
	}
	if resp := ask(t, s, "GET", "/collections/places~hexagons/items"); resp.StatusCode != 200 {
		t.Errorf("without a question: %d", resp.StatusCode)
	}
}

// Figures and places of a former state are let go of.
func TestOldFiguresAreFreed(t *testing.T) {
	s := newTestServer(t, nil)
	for _, target := range []string{"/collections/places/statistics/hexagons", "/collections/places~hexagons/tiles/WebMercatorQuad/3/3/6", "/collections/places~hexagons/groups"} {
		if resp := ask(t, s, "GET", target); resp.StatusCode >= 400 {
			t.Fatalf("GET %s: %d %s", target, resp.StatusCode, body(t, resp))
		}
	}
	count := func() [3]int {
		return [3]int{s.statistics.quick.statistics().entries, s.derived.statistics().entries, s.layers.statistics().entries}
	}
	if got := count(); slices.Contains(got[:], 0) {
		t.Errorf("figures, places and layers that are kept: %v", got)
	}
	if err := s.Publish(t.Context(), loadState(t)); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != [3]int{} {
		t.Errorf("after the data have changed there are %v", got)
	}
}

// slowly makes questions of a server go on until they are stopped, with some progress.
// began and stopped get a value each time.
func slowly(s *Server) (began, stopped chan struct{}) {
	began, stopped = make(chan struct{}, 100), make(chan struct{}, 100)
	s.statistics.answer = func(_ *stat.Question, ctx context.Context, _ *geo.Index, env stat.Env) (*stat.Answer, error) {
		env.Progress(3, 10)
		began <- struct{}{}
		<-ctx.Done()
		stopped <- struct{}{}
		return nil, ctx.Err()
	}
	return began, stopped
}

// The work stops with the last client that waits for it, and not before.
func TestStatisticStopsWithItsClients(t *testing.T) {
	s := newTestServer(t, nil)
	began, stopped := slowly(s)
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	get := func(accept string) (leave func(), resp <-chan *http.Response) {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", web.URL+"/collections/places/statistics/hexagons", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		got := make(chan *http.Response, 1)
		go func() {
			if resp, err := http.DefaultClient.Do(r); err == nil {
				got <- resp
			}
		}()
		return cancel, got
	}
	leaveFirst, _ := get("application/json")
	<-began
	leaveSecond, stream := get("text/event-stream")
	in := bufio.NewScanner((<-stream).Body)
	for in.Scan() && in.Text() != `data: {"done":3,"total":10}` {
	}
	leaveFirst()
	if in.Scan() && len(stopped) > 0 { // an event behind the progress, or nothing
		t.Error("the work stopped while somebody waited")
	}
	leaveSecond()
	<-stopped
	if n := len(began); n != 0 {
		t.Errorf("the work began %d times more", n)
	}
}

// Statistics that take long hold up neither tiles nor quick statistics.
func TestSlowStatisticsHoldUpNothing(t *testing.T) {
	s := newTestServer(t, nil)
	began, stopped := slowly(s)
	answer := s.statistics.answer
	s.statistics.answer = func(q *stat.Question, ctx context.Context, x *geo.Index, env stat.Env) (*stat.Answer, error) {
		if q.Method.Slow {
			return answer(q, ctx, x, env)
		}
		return q.Answer(ctx, x, env)
	}
	i := slices.IndexFunc(stat.Methods(), func(m *stat.Method) bool { return m.Slow })
	slow := stat.Methods()[i].ID
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			r := httptest.NewRequestWithContext(ctx, "GET", fmt.Sprintf("/collections/places/statistics/%s?filter=firms%%3E%d", slow, i), nil)
			r.Host = "example.org"
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	<-began
	for _, target := range []string{"/collections/places/tiles/WebMercatorQuad/3/3/6", "/collections/places/groups", "/collections/places/map", "/collections/places/statistics/hexagons"} {
		if resp := ask(t, s, "GET", target); resp.StatusCode != 200 {
			t.Errorf("GET %s: %d", target, resp.StatusCode)
		}
	}
	if n := 1 + len(began); n > max(2, runtime.GOMAXPROCS(0)) {
		t.Errorf("%d are computed at a time", n)
	}
	cancel()
	all.Wait()
	<-stopped
}

// Prefectures without any cluster are places too, with what the atlas calls them.
func TestEmptyDivisionsAreCompared(t *testing.T) {
	s := atlasServer(t)
	d := askStatistic(t, s, "/collections/listed_clusters/statistics/hot-spots?permutations=99")
	empty, units := 0, d.Result["units"].([]any)
	for _, u := range units {
		u := u.(map[string]any)
		if u["count"] == 0.0 {
			empty++
		}
		if title, _ := u["title"].(map[string]any); title["zh"] == "" || title["en"] == "" {
			t.Errorf("%v has no name", u)
		}
	}
	if len(units) < 300 || empty < 50 {
		t.Errorf("%d prefectures, %d of them empty; want some 320 and 90", len(units), empty)
	}
}
