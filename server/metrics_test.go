package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"clustermap/geo"
)

// scrape gives the lines of the metrics by name and labels.
func scrape(t testing.TB, s *Server) map[string]string {
	t.Helper()
	resp := ask(t, s, "GET", "/metrics")
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Fatalf("%d, %s", resp.StatusCode, kind)
	}
	lines := map[string]string{}
	for line := range strings.Lines(body(t, resp)) {
		if at := strings.LastIndexByte(line, ' '); at > 0 && line[0] != '#' {
			lines[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return lines
}

func TestMetrics(t *testing.T) {
	clock := testTime
	s := newTestServer(t, func(c *Config) { c.Now = func() time.Time { clock = clock.Add(time.Millisecond); return clock } })
	first := body(t, ask(t, s, "GET", "/collections/places/items?limit=1"))
	ask(t, s, "GET", "/collections/numbers/items")
	ask(t, s, "HEAD", "/collections/places/items")
	ask(t, s, "OPTIONS", "/collections/places/items")
	ask(t, s, "GET", "/collections/places/items?nonsense=1")
	ask(t, s, "GET", "/collections/nowhere/items")
	for i := range 100 { // nobody can make labels
		ask(t, s, fmt.Sprintf("METHOD%d", i), "/collections/places/items")
		ask(t, s, "GET", fmt.Sprintf("/no/such/path/%d", i))
	}
	s.SetRejected([]geo.Rejected{{File: "a", Served: true, Faults: new(geo.Faults)}, {File: "b", Faults: new(geo.Faults)}, {File: "c", Faults: new(geo.Faults)}})
	s.CountReload(ReloadServed, 2*time.Second)
	s.CountReload(ReloadRejected, time.Second)
	const items = `{route="/collections/{collection}/items"`
	got := scrape(t, s)
	for name, want := range map[string]string{
		`clustermap_requests_total{method="GET",route="/collections/{collection}/items",status="200"}`:     "2",
		`clustermap_requests_total{method="HEAD",route="/collections/{collection}/items",status="200"}`:    "1",
		`clustermap_requests_total{method="OPTIONS",route="/collections/{collection}/items",status="204"}`: "1",
		`clustermap_requests_total{method="GET",route="/collections/{collection}/items",status="400"}`:     "1",
		`clustermap_requests_total{method="GET",route="/collections/{collection}/items",status="404"}`:     "1",
		`clustermap_requests_total{method="GET",route="none",status="404"}`:                                "100",
		`clustermap_requests_total{method="other",route="none",status="405"}`:                              "100",
		`clustermap_request_duration_seconds_count` + items + `}`:                                          "6",
		`clustermap_request_duration_seconds_bucket` + items + `,le="0.01"}`:                               "6",
		`clustermap_state_info{rev="` + s.cfg.Atlas.State().Rev() + `"}`:                                   "1",
		`clustermap_features{collection="places"}`:                                                         "5",
		`clustermap_features{collection="中国-地方"}`:                                                          "2",
		`clustermap_rejected_files{served="true"}`:                                                         "1",
		`clustermap_rejected_files{served="false"}`:                                                        "2",
		`clustermap_reloads_total{result="served"}`:                                                        "1",
		`clustermap_reloads_total{result="rejected"}`:                                                      "1",
		`clustermap_reloads_total{result="unchanged"}`:                                                     "0",
		`clustermap_reload_duration_seconds_sum`:                                                           "3",
		`clustermap_event_clients`:                                                                         "0",
		`clustermap_draining`:                                                                              "0",
		`clustermap_cache_entries{cache="layers"}`:                                                         "0",
		`clustermap_cache_limit_bytes{cache="answers"}`:                                                    fmt.Sprintf("%g", float64(s.answers.limit)),
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if got[`clustermap_response_bytes_total`+items+`}`] < fmt.Sprint(len(first)) {
		t.Errorf("bytes: %s", got[`clustermap_response_bytes_total`+items+`}`])
	}
	if age := got["clustermap_state_age_seconds"]; !strings.HasPrefix(age, "0.") {
		t.Errorf("the age is %s s", age)
	}
	for _, name := range []string{"go_goroutines", "go_memstats_heap_alloc_bytes", "process_start_time_seconds"} {
		if got[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	if len(got) > 1500 {
		t.Errorf("%d lines", len(got))
	}
	resp := ask(t, s, "GET", "/metrics")
	faults, err := promlint.New(resp.Body).Lint()
	if err != nil || len(faults) > 0 {
		t.Errorf("promlint: %v, %v", faults, err)
	}
}

// The age begins anew with a state of another rev, and only then.
func TestStateAge(t *testing.T) {
	clock := testTime
	state := someState(t, "a")
	s, err := New(Config{Atlas: geo.NewAtlas(state), Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	age := func() string { return scrape(t, s)["clustermap_state_age_seconds"] }
	clock = clock.Add(time.Hour)
	if err := s.Publish(t.Context(), someState(t, "a")); err != nil || age() != "3600" {
		t.Errorf("an equal state is %s s old, %v", age(), err)
	}
	if err := s.Publish(t.Context(), someState(t, "b")); err != nil || age() != "0" {
		t.Errorf("a new state is %s s old, %v", age(), err)
	}
}

func TestMetricsCountStreamsAndCaches(t *testing.T) {
	state := someState(t, "a")
	s := layersServer(t, state)
	address, _ := running(t, s, nil)
	l := listen(t, address)
	l.must(t)
	if got := scrape(t, s)["clustermap_event_clients"]; got != "1" {
		t.Errorf("event clients: %s", got)
	}
	_ = l.Body.Close()
	c, _ := state.Collection("some")
	for range 3 {
		if _, err := s.layerOf(t.Context(), c, geo.Query{}, "", 70); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for got := scrape(t, s); ; got = scrape(t, s) {
		if got[`clustermap_requests_total{method="GET",route="/events",status="200"}`] == "1" && got["clustermap_event_clients"] == "0" {
			if got[`clustermap_cache_hits_total{cache="layers"}`] != "2" || got[`clustermap_cache_misses_total{cache="layers"}`] != "1" {
				t.Errorf("the cache of layers: %v", got)
			}
			if n := got[`clustermap_request_duration_seconds_count{route="/events"}`]; n != "" {
				t.Errorf("%s streams are timed", n)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the stream that ended is not counted: %v", got)
		}
	}
}

func TestPrivateMetrics(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.PrivateMetrics = true })
	if got := ask(t, s, "GET", "/metrics").StatusCode; got != http.StatusNotFound {
		t.Errorf("private metrics answer %d", got)
	}
	w := httptest.NewRecorder()
	s.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil || !regexp.MustCompile(`(?m)^clustermap_build_info\{go="go1\..*",version="1.2.3"\} 1$`).Match(text) {
		t.Errorf("%v: %s", err, text)
	}
}

// BenchmarkMetrics is what counting costs a request.
func BenchmarkMetrics(b *testing.B) {
	s := newTestServer(b, nil)
	rec := &recorder{route: "/collections/{collection}/items", status: 200, bytes: 1000}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.metrics.count(rec, "GET", time.Millisecond)
		}
	})
}
