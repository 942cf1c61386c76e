package server

import (
	"bufio"
	"bytes"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/gazetteer"
)

// testTime is the clock of servers in tests.
var testTime = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// loadState reads the collections of testdata/atlas.
func loadState(t testing.TB) *geo.State {
	t.Helper()
	collections, err := geo.Load(os.DirFS("testdata"), nil, "atlas")
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(collections...)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// testGazetteer is that of the program, read once.
var testGazetteer = sync.OnceValues(func() (*gazetteer.Gazetteer, error) { return gazetteer.Read(data.Files()) })

// newTestServer serves testdata with a fixed clock and request ids that count
// from 1.
func newTestServer(t testing.TB, change func(*Config)) *Server {
	t.Helper()
	base, err := fs.Sub(os.DirFS("testdata"), "base")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Atlas: geo.NewAtlas(loadState(t)), Base: base, Title: "Test atlas", Version: "1.2.3",
		Web: fstest.MapFS{
			"index.html":         {Data: []byte("<!DOCTYPE html>\n<html><head><title>map</title></head><body class=\"map\"><div id=\"map\"></div></body></html>\n")},
			"assets/app-1a2b.js": {Data: bytes.Repeat([]byte("console.log('map');\n"), 200)},
			"icon.svg":           {Data: []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")},
		},
		Basemaps: testBasemaps(),
		Tables:   Tables{Gazetteer: testGazetteer},
		Now:      func() time.Time { return testTime },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.requests.prefix = "test-"
	s.seed = [32]byte{1} // so that ETags do not change with every page
	return s
}

// ask sends a request to the handler; headers are "Name: value".
func ask(t testing.TB, s *Server, method, target string, headers ...string) *http.Response {
	t.Helper()
	return send(t, s, method, target, "", headers...)
}

// send is ask with a body.
func send(t testing.TB, s *Server, method, target, sent string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(sent))
	r.Host = "example.org"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Result()
}

// body reads the answer and undoes its coding.
func body(t testing.TB, resp *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	switch resp.Header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	case "zstd":
		z, err := zstd.NewReader(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		if raw, err = z.DecodeAll(raw, nil); err != nil {
			t.Fatal(err)
		}
	}
	return string(raw)
}

func TestCompressedIsTheSame(t *testing.T) {
	s := newTestServer(t, nil)
	for _, target := range []string{"/collections/places/items", "/collections", "/api", "/api?f=html", "/collections/places/schema",
		"/assets/app-1a2b.js", "/html.css", "/?f=html", "/base/land.geojson", "/healthz"} {
		plain := ask(t, s, "GET", target)
		want := body(t, plain)
		tags := map[string]bool{plain.Header.Get("ETag"): true}
		for _, coding := range []string{"gzip", "zstd"} {
			resp := ask(t, s, "GET", target, "Accept-Encoding: "+coding)
			if got := body(t, resp); got != want {
				t.Errorf("%s in %s differs from plain:\n%s\nwant\n%s", target, coding, got, want)
			}
			packed := resp.Header.Get("Content-Encoding") == coding
			if small := len(want) < minCompress; packed == small {
				t.Errorf("%s of %d bytes: Content-Encoding %q when %s is accepted", target, len(want), resp.Header.Get("Content-Encoding"), coding)
			}
			if tag := resp.Header.Get("ETag"); packed && tags[tag] {
				t.Errorf("%s in %s has the ETag %s of another coding", target, coding, tag)
			} else {
				tags[tag] = true
			}
			if resp.ContentLength <= 0 || packed && resp.ContentLength >= int64(len(want)) {
				t.Errorf("%s in %s has the Content-Length %d; plain it has %d bytes", target, coding, resp.ContentLength, len(want))
			}
		}
	}
}

func TestNotModified(t *testing.T) {
	s := newTestServer(t, nil)
	for _, target := range []string{"/?f=json", "/?f=html", "/conformance", "/api", "/collections", "/collections/places", "/collections/places/schema",
		"/collections/places/queryables", "/collections/places/items?trade=textiles&limit=2", "/collections/places/items/nowhere",
		"/assets/app-1a2b.js", "/html.css", "/base/land.geojson", "/icon.svg"} {
		for _, coding := range []string{"identity", "gzip", "zstd"} {
			accept := "Accept-Encoding: " + coding
			tag := ask(t, s, "GET", target, accept).Header.Get("ETag")
			if len(tag) < 10 || tag[0] != '"' {
				t.Fatalf("%s has the ETag %q; want a strong one", target, tag)
			}
			for _, match := range []string{tag, "W/" + tag, `"x", ` + tag + `, "y"`, "*"} {
				resp := ask(t, s, "GET", target, accept, "If-None-Match: "+match)
				if resp.StatusCode != http.StatusNotModified || body(t, resp) != "" || resp.Header.Get("ETag") != tag || resp.Header.Get("Vary") == "" {
					t.Errorf("%s with If-None-Match %s: %d with ETag %s; want 304 with %s", target, match, resp.StatusCode, resp.Header.Get("ETag"), tag)
				}
			}
			if resp := ask(t, s, "GET", target, accept, `If-None-Match: "x"`); resp.StatusCode != http.StatusOK {
				t.Errorf("%s with another ETag: %d, want 200", target, resp.StatusCode)
			}
		}
	}
	if resp := ask(t, s, "GET", "/collections/places/items/none", "If-None-Match: *"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an item that is not there, with If-None-Match *: %d, want 404", resp.StatusCode)
	}
}

// Equal requests share an ETag however they are written; all others have their
// own.
func TestETagFollowsTheRequest(t *testing.T) {
	s := newTestServer(t, nil)
	tag := func(target string, headers ...string) string {
		t.Helper()
		resp := ask(t, s, "GET", target, headers...)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", target, resp.StatusCode, body(t, resp))
		}
		return resp.Header.Get("ETag")
	}
	const items = "/collections/places/items"
	for _, same := range [][2]string{
		{items, items + "?limit=1000"},
		{items, items + "?f=json"},
		{items + "?trade=ceramics,textiles&year=2007", items + "?year=2007&trade=textiles,ceramics,textiles"},
		{items + "?bbox=110,20,120,30", items + "?bbox=110.0,2e1,120,30.00"},
		{items + "?limit=10000", items + "?limit=99999999999999999999999"},
	} {
		if a, b := tag(same[0]), tag(same[1]); a != b {
			t.Errorf("%s and %s have the ETags %s and %s; want the same", same[0], same[1], a, b)
		}
	}
	seen := map[string]string{}
	for _, target := range []string{items, items + "?limit=2", items + "?trade=textiles", items + "?year=2007", items + "?bbox=0,0,1,1", items + "?f=html",
		"/collections/numbers/items", "/collections/places", "/collections/places/schema", "/collections/places/queryables", "/collections", "/api", "/conformance"} {
		if other, ok := seen[tag(target)]; ok {
			t.Errorf("%s has the ETag of %s", target, other)
		}
		seen[tag(target)] = target
	}
	before := tag(items)
	if other := tag(items, "Host: other.example"); other == before {
		t.Error("answers with links to different hosts have one ETag")
	}
	if asJSON := tag(items, "Accept: application/json"); asJSON == before {
		t.Error("answers of different media types have one ETag")
	}
	state, err := geo.NewState()
	if err != nil {
		t.Fatal(err)
	}
	whole := tag("/collections")
	s.cfg.Atlas.Swap(state)
	if tag("/collections") == whole {
		t.Error("the list of collections has the same ETag when they are gone")
	}
}

// A panic is one request's: it gets a problem, the log gets the stack, and the
// next request is answered.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	s := newTestServer(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	s.router.Handle("/panic/{when}", s.answer(route{path: "/panic/{when}", params: true, serve: func(w http.ResponseWriter, q *request) error {
		if q.URL.Path == "/panic/late" {
			w.WriteHeader(http.StatusOK)
			_, _ = io.WriteString(w, "part")
		}
		panic("a bug with a secret")
	}}))
	server := httptest.NewServer(s.Handler())
	defer server.Close()

	resp, err := http.Get(server.URL + "/panic/early")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.Body.Close() != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 500 || resp.Header.Get("Content-Type") != problemType || strings.Contains(string(text), "secret") {
		t.Errorf("a panic gives %d %s %s", resp.StatusCode, resp.Header.Get("Content-Type"), text)
	}
	if !strings.Contains(log.String(), "a bug with a secret") || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("the log lacks the panic or its stack:\n%s", log.String())
	}
	if resp, err = http.Get(server.URL + "/panic/late"); err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("an answer that broke off looks whole")
	}
	if resp, err = http.Get(server.URL + "/healthz"); err != nil || resp.StatusCode != 200 {
		t.Fatalf("after the panics: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
}

func TestDraining(t *testing.T) {
	s := newTestServer(t, nil)
	status := func(target string) int { return ask(t, s, "GET", target).StatusCode }
	if got := status("/readyz"); got != 200 {
		t.Errorf("readyz: %d", got)
	}
	s.SetDraining(true)
	if got := [3]int{status("/readyz"), status("/healthz"), status("/collections")}; got != [3]int{503, 200, 200} {
		t.Errorf("draining: readyz, healthz, collections answer %v", got)
	}
	s.SetDraining(false)
	if got := status("/readyz"); got != 200 {
		t.Errorf("readyz after draining: %d", got)
	}
}

func TestBehindProxy(t *testing.T) {
	forged := []string{"X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /evil", "Forwarded: host=evil.example;proto=https", "X-Original-URL: /evil"}
	for _, test := range []struct{ base, target, host, link string }{
		{"", "/collections", "example.org", "http://example.org/collections?f=json"},
		{"", "/collections", "127.0.0.1:8080", "http://127.0.0.1:8080/collections?f=json"},
		{"", "/collections", "[::1]:8080", "http://[::1]:8080/collections?f=json"},
		{"https://maps.example", "/collections", "internal:8080", "https://maps.example/collections?f=json"},
		{"https://maps.example/", "/collections", "internal:8080", "https://maps.example/collections?f=json"},
		{"https://maps.example/atlas", "/collections", "internal", "https://maps.example/atlas/collections?f=json"},
		{"https://maps.example/atlas/", "/atlas/collections", "internal", "https://maps.example/atlas/collections?f=json"},
		{"https://maps.example/a/b", "/a/b/collections", "in<ter>nal", "https://maps.example/a/b/collections?f=json"},
	} {
		s := newTestServer(t, func(c *Config) { c.BaseURL = test.base })
		resp := ask(t, s, "GET", test.target, append(forged, "Host: "+test.host)...)
		text := body(t, resp)
		if !strings.Contains(text, `"href":"`+test.link+`"`) || strings.Contains(text, "evil") || strings.Contains(strings.Join(resp.Header.Values("Link"), ""), "evil") {
			t.Errorf("base URL %q, %s at %s: %d %s\nwant the link %s", test.base, test.target, test.host, resp.StatusCode, text, test.link)
		}
	}
}

func TestBasePath(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.BaseURL = "https://maps.example/atlas" })
	resp := ask(t, s, "GET", "/atlas?f=json")
	if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusPermanentRedirect || got != "/atlas/?f=json" {
		t.Errorf("/atlas: %d to %q", resp.StatusCode, got)
	}
	for _, target := range []string{"/atlas/", "/", "/atlas/assets/app-1a2b.js", "/assets/app-1a2b.js",
		"/atlas/collections/places/items/weifang%20%2F%20kites%20&%20more", "/collections/places/items/weifang%20%2F%20kites%20&%20more"} {
		if resp := ask(t, s, "GET", target); resp.StatusCode != 200 {
			t.Errorf("%s: %d %s", target, resp.StatusCode, body(t, resp))
		}
	}
}

func TestBadBaseURL(t *testing.T) {
	for _, bad := range []string{"maps.example", "ftp://maps.example", "https://", "https://a b", "https://u:p@maps.example", "https://maps.example?x=1", "https://maps.example#x", "https://maps.example/a//b", `https://maps"example`} {
		if _, err := New(Config{Atlas: geo.NewAtlas(loadState(t)), BaseURL: bad}); err == nil {
			t.Errorf("the base URL %q is taken", bad)
		}
	}
}

func TestHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"example.org": true, "example.org:8080": true, "127.0.0.1": true, "[::1]": true, "[2001:db8::1]:80": true, "my_host.local": true, "xn--fiqs8s": true,
		"": false, "a b": false, "a/b": false, "a@b": false, "a:b": false, "a:1:2": false, "[::1": false, "[x]": false, "[::1%25eth0]": false,
		`a"b`: false, "a<b": false, "a'b": false, "a\nb": false, "中国.cn": false, ":80": false, "a:123456": false, strings.Repeat("a", 300): false,
	} {
		if got := validHost(host); got != want {
			t.Errorf("validHost(%q) = %v", host, got)
		}
	}
	s := newTestServer(t, nil)
	if resp := ask(t, s, "GET", "/collections", `Host: a"><script>`); resp.StatusCode != 400 || strings.Contains(body(t, resp), "script") {
		t.Errorf("a Host that breaks out of a link: %d", resp.StatusCode)
	}
}

func TestTooLong(t *testing.T) {
	s := newTestServer(t, nil)
	long := strings.Repeat("x", maxURLBytes)
	if resp := ask(t, s, "GET", "/collections?f="+long); resp.StatusCode != http.StatusRequestURITooLong || resp.Header.Get("Content-Type") != problemType {
		t.Errorf("a long address: %d", resp.StatusCode)
	}
	if resp := ask(t, s, "GET", "/collections", "X-Long: "+long); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long header: %d", resp.StatusCode)
	}
	if resp := ask(t, s, "GET", "/collections/"+strings.Repeat("x", 40<<10)); resp.StatusCode != http.StatusNotFound || len(body(t, resp)) > 50<<10 {
		t.Errorf("a long id: %d", resp.StatusCode)
	}
}

// The server of the network has the limits and timeouts of the package.
func TestHTTPServer(t *testing.T) {
	h := newTestServer(t, nil).HTTPServer()
	if h.ReadHeaderTimeout <= 0 || h.ReadTimeout <= 0 || h.WriteTimeout <= 0 || h.IdleTimeout <= 0 {
		t.Errorf("a timeout is missing: %v, %v, %v, %v", h.ReadHeaderTimeout, h.ReadTimeout, h.WriteTimeout, h.IdleTimeout)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = h.Serve(l) })
	defer serving.Wait()
	defer h.Close()
	for _, test := range []struct {
		request string
		status  int
	}{
		{"GET /collections HTTP/1.1\r\nHost: a\r\n\r\n", 200},
		{"GET /collections HTTP/1.0\r\n\r\n", 200},
		{"HEAD /collections/places/items HTTP/1.1\r\nHost: a\r\n\r\n", 200},
		{"GET /collections HTTP/1.1\r\n\r\n", 400},
		{"GET /collections HTTP/1.1\r\nHost: a<b\r\n\r\n", 400},
		{"GET /collections?" + strings.Repeat("x", maxURLBytes) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
		{"GET /collections HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", maxFieldBytes) + "\r\n\r\n", 431},
		{"GET /collections HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 2*maxHeaderBytes) + "\r\n\r\n", 431},
		{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200},
		{"GET http://elsewhere.example/collections HTTP/1.1\r\nHost: a\r\n\r\n", 200},
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(conn, test.request) }() // the server may close before it has read all
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%.60q: %v", test.request, err)
		} else if resp.StatusCode != test.status {
			t.Errorf("%.60q: %d, want %d", test.request, resp.StatusCode, test.status)
		}
		_ = conn.Close()
	}
}

// Links repeat the query; the header stays short all the same.
func TestLongQuery(t *testing.T) {
	s := newTestServer(t, nil)
	resp := ask(t, s, "GET", "/collections/places/items?limit=1&name_en=Nowhere,"+strings.Repeat("x", 30<<10))
	text := body(t, resp)
	if size := len(strings.Join(resp.Header.Values("Link"), "")); resp.StatusCode != 200 || size > 8<<10 || strings.Count(text, `"rel":"self"`) != 1 {
		t.Errorf("a long query: %d, %d bytes of Link headers", resp.StatusCode, size)
	}
}

func TestLogLine(t *testing.T) {
	var log bytes.Buffer
	s := newTestServer(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	resp := ask(t, s, "GET", "/collections/places/items/nowhere?f=json")
	text := body(t, resp)
	for _, want := range []string{"id=test-1", "method=GET", `uri="/collections/places/items/nowhere?f=json"`, "status=200", "bytes=", "duration=0s"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log line lacks %s: %s", want, log.String())
		}
	}
	if strings.Count(log.String(), "\n") != 1 || resp.Header.Get("X-Request-Id") != "test-1" || len(text) == 0 {
		t.Errorf("want one line for one request, got %s", log.String())
	}
}

// The map page has the links of the landing page in its head and for readers
// without scripts.
func TestMapPage(t *testing.T) {
	const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	s := newTestServer(t, nil)
	resp := ask(t, s, "GET", "/?from=timeline", browser)
	text := body(t, resp)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != htmlType {
		t.Fatalf("/ for a browser: %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	head, rest, _ := strings.Cut(text, "</head>")
	for _, rel := range []string{"alternate", "service-desc", "service-doc", "conformance", "data"} {
		if !strings.Contains(head, `<link rel="`+rel+`"`) {
			t.Errorf("the head has no link %s:\n%s", rel, head)
		}
	}
	if !strings.Contains(rest, "<body class=\"map\">\n<noscript>") || !strings.Contains(rest, `href="./collections?f=html"`) || !strings.Contains(rest, `<div id="map">`) {
		t.Errorf("the body has no noscript with links:\n%s", rest)
	}
	if resp := ask(t, s, "GET", "/", "Accept: */*"); resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("/ for a program: %s", resp.Header.Get("Content-Type"))
	}
	s = newTestServer(t, func(c *Config) { c.Web = fstest.MapFS{".gitkeep": {}} })
	if text := body(t, ask(t, s, "GET", "/", browser)); !strings.Contains(text, "make build") {
		t.Errorf("without a front end the page does not say what to run:\n%s", text)
	}
}

func TestUnknownErrorStaysInTheLog(t *testing.T) {
	if status, detail := statusOf(os.ErrPermission); status != 500 || strings.Contains(detail, "permission") {
		t.Errorf("statusOf(an unknown error) = %d %q", status, detail)
	}
}
