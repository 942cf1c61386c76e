package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clustermap/geo"
	"clustermap/geo/export"
)

// manyPoints is a collection of n points.
func manyPoints(t testing.TB, n int) *geo.Collection {
	t.Helper()
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.4f,%.4f]},"properties":{"n":%d,"of":"%d"}}`+"\n",
			i, 100+float64(i%1000)/100, 20+float64(i/1000)/100, (i*7919)%n, i%7)
	}
	x, err := geo.Read(&b, geo.ReadOptions{Name: "many", Sequence: true})
	if err != nil {
		t.Fatal(err)
	}
	return &geo.Collection{ID: "many", Source: x}
}

func stateOf(t testing.TB, all ...*geo.Collection) *geo.Atlas {
	t.Helper()
	state, err := geo.NewState(all...)
	if err != nil {
		t.Fatal(err)
	}
	return geo.NewAtlas(state)
}

// Every format of files is answered in whole, compressed or not, with the headers
// that say what it is; HEAD has the headers alone.
func TestExports(t *testing.T) {
	s := newTestServer(t, nil)
	for _, f := range export.Formats() {
		target := "/collections/places/items?f=" + f.Name
		if f.Paged {
			target += "&download=true"
		}
		resp := ask(t, s, "GET", target)
		text := body(t, resp)
		if resp.StatusCode != http.StatusOK || text == "" {
			t.Errorf("%s: %d %s", target, resp.StatusCode, text)
			continue
		}
		h := resp.Header
		for name, want := range map[string]string{"Content-Type": f.MediaType, "Ogc-Numbermatched": "5", "Ogc-Numberreturned": "5",
			"Content-Crs": "<" + crs84 + ">", "Content-Disposition": `attachment; filename="places` + f.Ext + `"`} {
			if f.Paged {
				continue
			}
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		if n := h.Get("Content-Length"); !f.Streams && n != strconv.Itoa(len(text)) {
			t.Errorf("%s: Content-Length is %q of %d bytes", target, n, len(text))
		}
		if !strings.Contains(h.Get("Content-Disposition"), "attachment") || h.Get("Link") == "" || h.Get("ETag") == "" {
			t.Errorf("%s: lacks a header: %v", target, h)
		}
		if packed := body(t, ask(t, s, "GET", target, "Accept-Encoding: gzip")); f.Streams && packed != text {
			t.Errorf("%s: differs when it is compressed", target)
		}
		head := ask(t, s, "HEAD", target)
		if head.StatusCode != http.StatusOK || body(t, head) != "" || head.Header.Get("ETag") != h.Get("ETag") {
			t.Errorf("HEAD %s: %d %v", target, head.StatusCode, head.Header)
		}
		if again := ask(t, s, "GET", target, "If-None-Match: "+h.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its ETag: %d", target, again.StatusCode)
		}
	}
}

// Pages of a format that has no place for links are walked by the header.
func TestPagesOfSequences(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.Atlas = stateOf(t, manyPoints(t, 1000)) })
	target, seen := "/collections/many/items?f=ndjson&limit=77&sortby=-n&properties=n&skipGeometry=true", 0
	last := 1000
	for target != "" {
		resp := ask(t, s, "GET", target)
		lines := strings.Split(strings.TrimSpace(body(t, resp)), "\n")
		for _, line := range lines {
			_, digits, _ := strings.Cut(line, `"n":`)
			n, err := strconv.Atoi(strings.TrimRight(digits, "}"))
			if err != nil || n >= last {
				t.Fatalf("%s: %s stands behind %d", target, line, last)
			}
			last = n
			seen++
		}
		target = ""
		for _, l := range resp.Header["Link"] {
			if strings.Contains(l, `rel="next"`) {
				target = strings.TrimPrefix(between(l, "<", ">"), "http://example.org")
			}
		}
	}
	if seen != 1000 {
		t.Errorf("the pages have %d features of 1000", seen)
	}
}

func TestTooManyFeatures(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.MaxExport = 4 })
	for target, want := range map[string]int{
		"/collections/places/items?f=ndjson":                 http.StatusRequestEntityTooLarge,
		"/collections/places/items?f=json&download=true":     http.StatusRequestEntityTooLarge,
		"/collections/places/items?f=ndjson&trade=ceramics":  http.StatusOK,
		"/collections/places/items?f=ndjson&limit=100000000": http.StatusOK,
	} {
		resp := ask(t, s, "GET", target)
		if text := body(t, resp); resp.StatusCode != want || want == 413 && resp.Header.Get("Content-Type") != problemType {
			t.Errorf("%s: %d %s, want %d", target, resp.StatusCode, text, want)
		}
	}
}

func TestTooManyFiles(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.MaxFiles = 1 })
	s.making <- struct{}{}
	resp := ask(t, s, "GET", "/collections/places/items?f=gpkg")
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || resp.Header.Get("Content-Disposition") != "" {
		t.Errorf("a second file: %d %v", resp.StatusCode, resp.Header)
	}
	<-s.making
	if resp := ask(t, s, "GET", "/collections/places/items?f=gpkg"); resp.StatusCode != http.StatusOK {
		t.Errorf("the first file: %d", resp.StatusCode)
	}
	if len(s.making) != 0 {
		t.Error("a file that is made keeps its place")
	}
}

// failing is a Source that fails after some features.
type failing struct {
	geo.Source
	after int
}

var errBroken = errors.New("broken")

func (f failing) Each(ctx context.Context, q geo.Query) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		n := 0
		for x, err := range f.Source.Each(ctx, q) {
			if n++; n > f.after {
				yield(geo.Feature{}, errBroken)
				return
			}
			if !yield(x, err) {
				return
			}
		}
	}
}

// A source that fails early gives a problem; one that fails in the midst breaks
// the transfer, so that no client takes the part for the whole.
func TestExportThatFails(t *testing.T) {
	many := manyPoints(t, 20_000)
	for after, whole := range map[int]bool{10: true, 15_000: false} {
		s := newTestServer(t, func(c *Config) {
			c.Atlas = stateOf(t, &geo.Collection{ID: "many", Source: failing{many.Source, after}})
		})
		srv := httptest.NewServer(s.Handler())
		for _, coding := range []string{"identity", "gzip", "zstd"} {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/collections/many/items?f=ndjson", nil)
			req.Header.Set("Accept-Encoding", coding)
			resp, err := srv.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if whole && (resp.StatusCode != 500 || err != nil || resp.Header.Get("Content-Disposition") != "") {
				t.Errorf("%s after %d: %d, %v", coding, after, resp.StatusCode, err)
			}
			if !whole && (resp.StatusCode != 200 || err == nil) {
				t.Errorf("%s after %d: %d, %v; want a broken transfer", coding, after, resp.StatusCode, err)
			}
		}
		srv.Close()
	}
}

// An export outlives the timeouts of the server as long as the client reads.
func TestSlowClient(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.Atlas = stateOf(t, manyPoints(t, 120_000)) })
	srv := s.HTTPServer()
	srv.ReadTimeout, srv.WriteTimeout = 200*time.Millisecond, 300*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(Listener(l)) }()
	defer func() { srv.Close(); <-done }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	fmt.Fprintf(conn, "GET /collections/many/items?f=ndjson HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
	in := bufio.NewReaderSize(conn, 32<<10)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	total, chunk := 0, make([]byte, 512<<10)
	for start := time.Now(); err == nil; {
		var n int
		n, err = io.ReadFull(resp.Body, chunk)
		total += bytes.Count(chunk[:n], []byte("\n"))
		if time.Since(start) < time.Second {
			<-time.After(40 * time.Millisecond) // the client is slow
		}
	}
	if total != 120_000 || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a slow client got %d features of 120000: %v", total, err)
	}
}

// An export needs no memory for the features that are behind.
func TestExportMemory(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.Atlas = stateOf(t, manyPoints(t, 200_000)) })
	var before, most runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w := &countingWriter{header: http.Header{}, every: 4 << 20, look: func() {
		var now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&now)
		if now.HeapAlloc > most.HeapAlloc {
			most = now
		}
	}}
	r := httptest.NewRequest("GET", "/collections/many/items?f=geojson&download=true", nil)
	r.Host = "example.org"
	s.Handler().ServeHTTP(w, r)
	if w.total < 20<<20 || most.HeapAlloc == 0 {
		t.Fatalf("only %d bytes were written", w.total)
	}
	if extra := int64(most.HeapAlloc) - int64(before.HeapAlloc); extra > 4<<20 {
		t.Errorf("the export of 200,000 features needs %d bytes more", extra)
	}
}

type countingWriter struct {
	header             http.Header
	total, next, every int
	look               func()
}

func (w *countingWriter) Header() http.Header { return w.header }
func (w *countingWriter) WriteHeader(int)     {}
func (w *countingWriter) Write(b []byte) (int, error) {
	if w.total += len(b); w.total >= w.next {
		w.look()
		w.next = w.total + w.every
	}
	return len(b), nil
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"places.csv":       `attachment; filename="places.csv"`,
		"产业 集群.gpkg":       `attachment; filename="__ __.gpkg"; filename*=UTF-8''%E4%BA%A7%E4%B8%9A%20%E9%9B%86%E7%BE%A4.gpkg`,
		"../a\"b\\c\r\n.x": `attachment; filename="_a_b_c__.x"`,
		"100%;'.csv":       `attachment; filename="100__'.csv"; filename*=UTF-8''100%25%3B%27.csv`,
	} {
		if got := disposition(name); got != want {
			t.Errorf("disposition(%q) = %s, want %s", name, got, want)
		}
	}
}

// Hostile parameters, as great as an address carries them, each get a clear
// answer soon, and another user does not notice.
func TestHostileParameters(t *testing.T) {
	s := newTestServer(t, func(c *Config) {
		c.Atlas = stateOf(t, manyPoints(t, 100_000))
		c.QueryTimeout = 2 * time.Second
	})
	repeat := func(text string, to int) string { return strings.Repeat(text, to/len(text)) }
	const room = 60 << 10
	ring := repeat("100 20,101 20,101 21,100 20,", room/2)
	for name, query := range map[string]string{
		"parentheses":        "filter=" + repeat("(", room),
		"open and closed":    "filter=" + repeat("(", room/2-8) + "n=1" + repeat(")", room/2-8),
		"nots":               "filter=" + repeat("NOT+", room) + "n=1",
		"a list":             "filter=n+IN+(" + repeat("1,", room) + "1)",
		"a list of texts":    "filter=of+IN+(" + repeat("'1',", room) + "'1')",
		"a pattern":          "filter=of+LIKE+'" + repeat("%25_", room/2) + "x'",
		"casei":              "filter=" + repeat("CASEI(", room),
		"a polygon":          "filter=S_INTERSECTS(geometry,POLYGON((" + url.QueryEscape(ring) + "100 20)))",
		"many conditions":    "filter=" + repeat("n=1+OR+", room) + "n=2",
		"arithmetic":         "filter=n=" + repeat("1%2B", room) + "1",
		"JSON":               "filter-lang=cql2-json&filter=" + repeat("[", room),
		"nested JSON":        "filter-lang=cql2-json&filter=" + strings.Repeat(`{"op":"not","args":[`, 2000),
		"a name":             "filter=" + repeat("x", room) + "=1",
		"words":              "q=" + repeat("a+", room),
		"a word":             "q=" + repeat("a", room),
		"properties":         "properties=" + repeat("n,", room) + "n",
		"unknown properties": "properties=" + repeat("x,", room),
		"sort keys":          "sortby=" + repeat("n,", room),
		"types":              "geometry-type=" + repeat("Point,", room) + "Point",
		"a zero":             "filter=of='%00'",
		"a zero word":        "q=%00",
		"a zero name":        "%00=1",
		"duplicates":         repeat("filter=n=1&", room),
		"cursor":             "cursor=" + repeat("A", room),
		"crs":                "crs=" + repeat("A", room),
		"measures":           "measures=" + repeat("sum(n),", room),
		"too long":           "filter=" + repeat("(", 70<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/collections/many/items?limit=10&", "/collections/many/items?f=ndjson&limit=10&", "/collections/many/aggregate?"} {
				start := time.Now()
				resp := ask(t, s, "GET", path+strings.ReplaceAll(query, " ", "+"))
				text := body(t, resp)
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("%.40s took %v", path, took)
				}
				if resp.StatusCode >= 500 && resp.StatusCode != 503 {
					t.Errorf("%.40s: %d %.300s", path, resp.StatusCode, text)
				}
				if resp.StatusCode != 200 && resp.Header.Get("Content-Type") != problemType || len(text) > 1<<20 && !strings.Contains(path, "f=") {
					t.Errorf("%.40s: %d with %d bytes of %s", path, resp.StatusCode, len(text), resp.Header.Get("Content-Type"))
				}
			}
			if resp := ask(t, s, "GET", "/collections/many/items?limit=10&bbox=100,20,101,21"); resp.StatusCode != 200 {
				t.Errorf("another user gets %d", resp.StatusCode)
			}
		})
	}
}

// stuck is a Source that finds nothing until it is told to give up.
type stuck struct{ geo.Source }

func (stuck) Search(ctx context.Context, _ geo.Query) (geo.Result, error) {
	<-ctx.Done()
	return geo.Result{}, ctx.Err()
}

func (stuck) Count(ctx context.Context, _ geo.Query) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (stuck) Aggregate(ctx context.Context, _ geo.Aggregation) (*geo.Aggregated, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestQueryTimeout(t *testing.T) {
	s := newTestServer(t, func(c *Config) {
		many := *manyPoints(t, 10)
		many.Source = stuck{many.Source}
		c.Atlas = stateOf(t, &many)
		c.QueryTimeout = time.Millisecond
	})
	for _, query := range []string{"items?filter=n%2B1=3&limit=1", "aggregate?filter=n%2B1=3", "items?filter=n%2B1=3&f=ndjson", "items?bbox=1,1,2,2", "items"} {
		resp := ask(t, s, "GET", "/collections/many/"+query)
		if text := body(t, resp); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "longer than") {
			t.Errorf("%s: %d %s", query, resp.StatusCode, text)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for accept, want := range map[string]string{"": "en", "zh-CN,zh;q=0.9,en;q=0.8": "zh", "en-GB;q=0.7, zh;q=0.2": "en", "de": "en", "zh;q=0": "en", "*": "en"} {
		if got, err := languageOf([]string{accept}, "", false); err != nil || got != want {
			t.Errorf("%q gives %q, %v; want %q", accept, got, err, want)
		}
	}
	s := newTestServer(t, nil)
	en, zh := ask(t, s, "GET", "/collections/places"), ask(t, s, "GET", "/collections/places", "Accept-Language: zh-CN")
	if en.Header.Get("ETag") == zh.Header.Get("ETag") || !strings.Contains(zh.Header.Get("Vary"), "Accept-Language") || zh.Header.Get("Content-Language") != "zh" {
		t.Errorf("the languages are not told apart: %v, %v", en.Header, zh.Header)
	}
	plain, other := ask(t, s, "GET", "/collections/places/items"), ask(t, s, "GET", "/collections/places/items", "Accept-Language: zh-CN")
	if plain.Header.Get("ETag") != other.Header.Get("ETag") {
		t.Error("features differ between languages")
	}
}

// Members of objects order features, are chosen and become columns by their dotted
// names; the id orders too, and a property of the name of a parameter can be filtered.
func TestNestedNames(t *testing.T) {
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"nest":{"k":2,"deep":{"x":"p"}},"q":"a","z.k":5}},
{"type":"Feature","id":2,"geometry":null,"properties":{"nest":{"k":1,"deep":{"x":"q"}},"q":"b","z.k":6}},
{"type":"Feature","id":10,"geometry":null,"properties":{"nest":null,"q":"a"}}]}`), geo.ReadOptions{Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	s := newTestServer(t, func(c *Config) { c.Atlas = stateOf(t, &geo.Collection{ID: "n", Source: x}) })
	for _, c := range []struct{ query, want string }{
		{"sortby=nest.k&f=csv&properties=nest.k", "2,1,,|1,2,1,2|10,,,"},
		{"sortby=-nest.k&f=csv&properties=nest.deep.x,z.k", "1,p,5,1,2|2,q,6,,|10,,,,"},
		{"sortby=-id&f=csv&properties=q", "10,a,,|2,b,,|1,a,1,2"},
		{"sortby=q,-id,z.k&f=csv&properties=q", "10,a,,|1,a,1,2|2,b,,"},
		{"filter=q='b'&f=csv&properties=q", "2,b,,"},
		{"sortby=nest.deep.x&limit=1&f=ndjson&properties=nest.deep.x,nest.k", `{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"nest.deep.x":"p","nest.k":2}}`},
	} {
		resp := ask(t, s, "GET", "/collections/n/items?"+strings.ReplaceAll(c.query, "'", "%27"))
		text := strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(body(t, resp), "\ufeff"), "\r", ""))
		if strings.Contains(c.query, "csv") {
			_, text, _ = strings.Cut(text, "\n")
			text = strings.ReplaceAll(strings.ReplaceAll(text, "\n", "|"), `"`, "")
		}
		if resp.StatusCode != http.StatusOK || text != c.want {
			t.Errorf("%s: %d %s, want %s", c.query, resp.StatusCode, text, c.want)
		}
	}
	for query, want := range map[string]string{
		"exclude-properties=nest.k": "is a member of an object",
		"sortby=nest":               "no order",
		"sortby=nest.kk":            "did you mean",
		"sortby=id,-id":             "twice",
	} {
		resp := ask(t, s, "GET", "/collections/n/items?"+query)
		if text := body(t, resp); resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", query, resp.StatusCode, text)
		}
	}
	for path, want := range map[string]string{"queryables": `"nest.deep.x" "nest.k" "q" "z.k"`, "sortables": `"id" "nest.deep.x" "nest.k" "q" "z.k"`} {
		text := body(t, ask(t, s, "GET", "/collections/n/"+path))
		for _, name := range strings.Fields(want) {
			if !strings.Contains(text, name+":") {
				t.Errorf("%s lack %s: %s", path, name, text)
			}
		}
	}
	if text := body(t, ask(t, s, "GET", "/collections/n/queryables")); !strings.Contains(text, "Only in a filter") {
		t.Error(text)
	}
}

// The CSV of an aggregation tells null from an empty text, and quotes what needs it.
func TestAggregateCSV(t *testing.T) {
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"geometry":null,"properties":{"k":"","n":1}},
{"type":"Feature","id":2,"geometry":null,"properties":{"k":null,"n":2}},
{"type":"Feature","id":3,"geometry":null,"properties":{"k":null,"n":null}},
{"type":"Feature","id":4,"geometry":null,"properties":{"k":"=1,\"x\"","n":null}}]}`), geo.ReadOptions{Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	s := newTestServer(t, func(c *Config) { c.Atlas = stateOf(t, &geo.Collection{ID: "n", Source: x}) })
	for query, want := range map[string]string{
		"by=k&measures=count,sum(n),max(k)": "k,count,sum(n),max(k)\r\n,2,2,\r\n\"\",1,1,\"\"\r\n\"'=1,\"\"x\"\"\",1,,\"'=1,\"\"x\"\"\"\r\n",
		"measures=quantile(n,0.5)":          "count,\"quantile(n,0.5)\"\r\n4,1.5\r\n",
	} {
		if got := body(t, ask(t, s, "GET", "/collections/n/aggregate?f=csv&"+query)); got != "\ufeff"+want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

// One feature is given in every format that all are given in.
func TestExportOfOneFeature(t *testing.T) {
	s := newTestServer(t, nil)
	id := body(t, ask(t, s, "GET", "/collections/places/items?limit=1&f=csv&properties=firms"))
	_, row, _ := strings.Cut(id, "\n")
	id, _, _ = strings.Cut(row, ",")
	for _, f := range export.Formats() {
		resp := ask(t, s, "GET", "/collections/places/items/"+id+"?f="+f.Name)
		text := body(t, resp)
		if resp.StatusCode != http.StatusOK || text == "" {
			t.Errorf("%s: %d %s", f.Name, resp.StatusCode, text)
			continue
		}
		if f.Paged {
			continue
		}
		h := resp.Header
		if h.Get("Ogc-Numberreturned") != "1" || h.Get("Content-Disposition") != `attachment; filename="places-`+id+f.Ext+`"` || !strings.HasPrefix(h.Get("Content-Type"), f.MediaType) {
			t.Errorf("%s: %v", f.Name, h)
		}
		if again := ask(t, s, "GET", "/collections/places/items/"+id+"?f="+f.Name, "If-None-Match: "+h.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d to its own tag", f.Name, again.StatusCode)
		}
	}
	if csv := body(t, ask(t, s, "GET", "/collections/places/items/"+id+"?f=csv&properties=firms")); strings.Count(csv, "\n") != 2 || !strings.Contains(csv, "\n"+id+",") {
		t.Errorf("%q", csv)
	}
	if resp := ask(t, s, "GET", "/collections/places/items/no-such?f=gpkg"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("no feature: %d", resp.StatusCode)
	}
}

// A whole large collection is sent as it is stored: every feature once, of the length
// that was told; any choice among features or of their form gives them by id.
func TestStoredExport(t *testing.T) {
	const n = storedFrom
	s := newTestServer(t, func(c *Config) { c.Atlas = stateOf(t, manyPoints(t, n)) })
	type page struct {
		Features []struct{ ID int }
	}
	ids := func(query string) (list []int, length string) {
		resp := ask(t, s, "GET", "/collections/many/items?f=geojson&download=true"+query)
		text := body(t, resp)
		var p page
		if err := json.Unmarshal([]byte(text), &p); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", query, resp.StatusCode, err)
		}
		if length = resp.Header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(text)) {
			t.Errorf("%s: a length of %s, sent are %d", query, length, len(text))
		}
		for _, f := range p.Features {
			list = append(list, f.ID)
		}
		return list, length
	}
	whole, length := ids("")
	if length == "" || slices.IsSorted(whole) {
		t.Errorf("not as it is stored: length %q", length)
	}
	slices.Sort(whole)
	for i, id := range whole {
		if id != i || len(whole) != n {
			t.Fatalf("%d at %d of %d", id, i, len(whole))
		}
	}
	for _, query := range []string{"&sortby=id", "&bbox=-180,-90,180,90", "&properties=n", "&limit=1000"} {
		if list, _ := ids(query); !slices.IsSorted(list) {
			t.Errorf("%s: not by id", query)
		}
	}
	resp := ask(t, s, "GET", "/collections/many/items?f=geojson&download=true", "Accept-Encoding: gzip")
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p page
	if err := json.NewDecoder(z).Decode(&p); err != nil || len(p.Features) != n || resp.Header.Get("Content-Length") != "" {
		t.Errorf("in gzip %d features, %v, length %q", len(p.Features), err, resp.Header.Get("Content-Length"))
	}
}

// vast is a Source that selects two million features.
type vast struct{ geo.Source }

func (vast) Count(context.Context, geo.Query) (int, error) { return 2_000_000, nil }

// What a format cannot hold is refused before it is made.
func TestFormatIsFull(t *testing.T) {
	s := newTestServer(t, func(c *Config) {
		many := *manyPoints(t, 10)
		many.Source = vast{many.Source}
		c.Atlas = stateOf(t, &many)
	})
	resp := ask(t, s, "GET", "/collections/many/items?f=xlsx")
	if text := body(t, resp); resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(text, "1048575") {
		t.Errorf("xlsx: %d %s", resp.StatusCode, text)
	}
	if resp := ask(t, s, "GET", "/collections/many/items?f=csv"); resp.StatusCode != http.StatusOK {
		t.Errorf("csv: %d", resp.StatusCode)
	}
}
