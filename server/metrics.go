package server

import (
	"cmp"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"clustermap/geo"
)

// metrics counts what the server does. Labels have few values: routes are the
// templates of the table, methods those that are answered.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	routes   map[string]routeMetrics // of each template, and noRoute
	reloads  *prometheus.CounterVec
	reload   prometheus.Histogram
}

type routeMetrics struct {
	seconds prometheus.Observer // nil for streams, which last as long as their clients
	bytes   prometheus.Counter
}

// noRoute is the label of requests that no route answers.
const noRoute = "none"

func newMetrics(s *Server) *metrics {
	registry := prometheus.NewRegistry()
	m := &metrics{
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clustermap_requests_total", Help: "Requests that were answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		routes: make(map[string]routeMetrics),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clustermap_reloads_total", Help: "Times that changed files were read: served, unchanged where their content was the same, rejected where one of them had a fault.",
		}, []string{"result"}),
		reload: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "clustermap_reload_duration_seconds", Help: "Time to read changed files, make their map layers and serve them.",
			Buckets: []float64{.01, .03, .1, .3, 1, 3, 10, 30, 100, 300},
		}),
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "clustermap_request_duration_seconds", Help: "Time to answer a request, the sending included, by route.",
		Buckets: []float64{.0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3, 10, 30},
	}, []string{"route"})
	bytes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "clustermap_response_bytes_total", Help: "Bytes of bodies that were sent, by route.",
	}, []string{"route"})
	for _, rt := range s.routes {
		one := routeMetrics{bytes: bytes.WithLabelValues(rt.path)}
		if rt.path != eventsPath {
			one.seconds = seconds.WithLabelValues(rt.path)
		}
		m.routes[rt.path] = one
	}
	m.routes[noRoute] = routeMetrics{seconds.WithLabelValues(noRoute), bytes.WithLabelValues(noRoute)}
	for _, result := range []ReloadResult{ReloadServed, ReloadUnchanged, ReloadRejected} {
		m.reloads.WithLabelValues(string(result))
	}
	registry.MustRegister(m.requests, seconds, bytes, m.reloads, m.reload, newStateCollector(s),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// count counts an answer.
func (m *metrics) count(rec *recorder, method string, took time.Duration) {
	label := rec.route
	route, ok := m.routes[label]
	if !ok {
		label, route = noRoute, m.routes[noRoute]
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		method = "other"
	}
	status := cmp.Or(rec.status, http.StatusOK) // of an empty answer
	m.requests.WithLabelValues(label, method, strconv.Itoa(status)).Inc()
	if route.seconds != nil {
		route.seconds.Observe(took.Seconds())
	}
	route.bytes.Add(float64(rec.bytes))
}

// ReloadResult is what came of reading changed files.
type ReloadResult string

// Results of a reload.
const (
	ReloadServed    ReloadResult = "served"
	ReloadUnchanged ReloadResult = "unchanged" // the files say what they said before
	ReloadRejected  ReloadResult = "rejected"  // a file has a fault; others may be served
)

// CountReload counts a reload in the metrics.
func (s *Server) CountReload(result ReloadResult, took time.Duration) {
	s.metrics.reloads.WithLabelValues(string(result)).Inc()
	s.metrics.reload.Observe(took.Seconds())
}

// Metrics answers any request with the metrics, in the text format of Prometheus.
func (s *Server) Metrics() http.Handler { return s.metrics.handler }

// metricsPage answers GET /metrics.
func (s *Server) metricsPage(w http.ResponseWriter, q *request) error {
	if s.cfg.PrivateMetrics {
		return failf(http.StatusNotFound, "The metrics of this server are not public.")
	}
	w.Header()["Cache-Control"] = []string{"no-store"}
	s.metrics.handler.ServeHTTP(w, q.Request)
	return nil
}

// stateCollector tells how the server is when it is asked.
type stateCollector struct {
	s *Server

	info, build, age, features, rejected, draining, listeners *prometheus.Desc
	hits, misses, shared, evicted, tooGreat                   *prometheus.Desc
	entries, keptBytes, keptMax                               *prometheus.Desc
}

func newStateCollector(s *Server) stateCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("clustermap_"+name, help, labels, nil)
	}
	return stateCollector{
		s:         s,
		info:      desc("state_info", "1, with the rev of the data that are served.", "rev"),
		build:     desc("build_info", "1, with the version of the program and of Go.", "version", "go"),
		age:       desc("state_age_seconds", "Time since the data that are served were first served."),
		features:  desc("features", "Features of a collection.", "collection"),
		rejected:  desc("rejected_files", "Files that are not served as they are now; served tells whether their last good state is.", "served"),
		draining:  desc("draining", "1 while the server finishes its last requests."),
		listeners: desc("event_clients", "Clients of /events."),
		hits:      desc("cache_hits_total", "Answers or layers that were kept.", "cache"),
		misses:    desc("cache_misses_total", "Answers or layers that were built.", "cache"),
		shared:    desc("cache_shared_total", "Answers or layers that another request was building.", "cache"),
		evicted:   desc("cache_evicted_total", "Answers or layers that made room for others.", "cache"),
		tooGreat:  desc("cache_refused_total", "Answers or layers that alone take more memory than all may, and are not kept.", "cache"),
		entries:   desc("cache_entries", "Answers or layers in memory.", "cache"),
		keptBytes: desc("cache_bytes", "Memory that they take.", "cache"),
		keptMax:   desc("cache_limit_bytes", "Memory that they may take.", "cache"),
	}
}

// Describe describes nothing: what is collected differs with the data, and the
// registry then checks it at each collection.
func (c stateCollector) Describe(chan<- *prometheus.Desc) {}

// Collect is for prometheus.Collector.
func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s, state := c.s, c.s.cfg.Atlas.State()
	gauge(c.info, 1, state.Rev())
	gauge(c.build, 1, s.cfg.Version, runtime.Version())
	gauge(c.age, s.cfg.Now().Sub(time.Unix(0, s.published.Load())).Seconds())
	for _, of := range state.Collections() {
		gauge(c.features, float64(of.Source.Schema().Features), of.ID)
	}
	served := 0
	rejected := s.rejectedFiles()
	for _, r := range rejected {
		if r.Served {
			served++
		}
	}
	gauge(c.rejected, float64(served), "true")
	gauge(c.rejected, float64(len(rejected)-served), "false")
	gauge(c.draining, flagValue(&s.draining))
	gauge(c.listeners, float64(s.feed.count()))
	c.cache(out, "answers", s.answers.statistics(), s.answers.limit)
	c.cache(out, "layers", s.layers.statistics(), s.layers.limit)
	c.cache(out, "statistics", s.statistics.quick.statistics(), s.statistics.quick.limit)
	c.cache(out, "slow_statistics", s.statistics.slow.statistics(), s.statistics.slow.limit)
	c.cache(out, "places", s.derived.statistics(), s.derived.limit)
}

func (c stateCollector) cache(out chan<- prometheus.Metric, name string, stats cacheStats, limit int64) {
	for d, v := range map[*prometheus.Desc]uint64{c.hits: stats.hits, c.misses: stats.misses, c.shared: stats.shared, c.evicted: stats.evicted, c.tooGreat: stats.refused} {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), name)
	}
	for d, v := range map[*prometheus.Desc]int64{c.entries: int64(stats.entries), c.keptBytes: stats.bytes, c.keptMax: limit} {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), name)
	}
}

func flagValue(b *atomic.Bool) float64 {
	if b.Load() {
		return 1
	}
	return 0
}

// notePublished notes when the state began to be served, unless it was before.
func (s *Server) notePublished(before, now *geo.State) {
	if before == nil || before.Rev() != now.Rev() {
		s.published.Store(s.cfg.Now().UnixNano())
	}
}
