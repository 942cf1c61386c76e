package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clustermap/geo"
)

// multipartForm is a body of the parts, each "name=text" or, of a file, "name:file=text", and
// its media type.
func multipartForm(t testing.TB, parts ...string) (sent, kind string) {
	t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		name, text, _ := strings.Cut(p, "=")
		name, file, isFile := strings.Cut(name, ":")
		create := w.CreateFormField
		if isFile {
			create = func(name string) (io.Writer, error) { return w.CreateFormFile(name, file) }
		}
		part, err := create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

const silk = "name,place\nSilk,江苏省苏州市吴江区盛泽镇\n"

func TestImportRefuses(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.Tables.MaxBytes = 64 << 10 })
	large := silk + strings.Repeat("x", 64<<10)
	wholeForm, kind := multipartForm(t, "file:a.csv="+silk)
	boundary := "Content-Type: " + kind
	largeForm, largeKind := multipartForm(t, "file:a.csv="+large)
	twice, twiceKind := multipartForm(t, "file:a.csv="+silk, "file:b.csv="+silk)
	bare, bareKind := multipartForm(t, "mapping={}")
	bad, badKind := multipartForm(t, "mapping={", "file:a.csv="+silk)
	for _, c := range []struct {
		what, target, sent string
		headers            []string
		status             int
		says               string
	}{
		{"a file", "/import?name=a.csv", silk, nil, 200, `"placed":1`},
		{"a form", "/import", wholeForm, []string{boundary}, 200, `"placed":1`},
		{"what a program sends", "/import?name=a.csv", silk, []string{"Sec-Fetch-Site: none"}, 200, `"placed":1`},
		{"a page of ours", "/import?name=a.csv", silk, []string{"Sec-Fetch-Site: same-origin", "Origin: http://example.org"}, 200, `"placed":1`},
		{"an old browser", "/import?name=a.csv", silk, []string{"Origin: http://elsewhere.example"}, 403, "another site"},
		{"a page of another site", "/import?name=a.csv", silk, []string{"Sec-Fetch-Site: cross-site"}, 403, "another site"},
		{"a page of a neighbour", "/import?name=a.csv", silk, []string{"Sec-Fetch-Site: same-site"}, 403, "another site"},
		{"more than the limit", "/import?name=a.csv", large, nil, 413, "larger than 64 KB"},
		{"a form with more", "/import", largeForm, []string{"Content-Type: " + largeKind}, 413, "larger than 64 KB"},
		{"a form that is cut", "/import", wholeForm[:len(wholeForm)-80], []string{boundary}, 400, "body"},
		{"a form without boundary", "/import", wholeForm, []string{"Content-Type: multipart/form-data"}, 400, "boundary"},
		{"two files", "/import", twice, []string{"Content-Type: " + twiceKind}, 400, "each once"},
		{"no file", "/import", bare, []string{"Content-Type: " + bareKind}, 400, "no file"},
		{"a mapping that is none", "/import", bad, []string{"Content-Type: " + badKind}, 400, "mapping"},
		{"a name in both places", "/import?name=a.csv", wholeForm, []string{boundary}, 400, "part file"},
		{"a path for a name", "/import?name=..%2F..%2Fetc%2Fa.csv", silk, nil, 200, `"file":"a.csv"`},
		{"a path of Windows", "/import?name=C%3A%5Cx%5Ca.csv", silk, nil, 200, `"file":"a.csv"`},
		{"a name that turns its letters", "/import?name=a%E2%80%AEvsc.csv", silk, nil, 400, "cannot be seen"},
		{"a long name", "/import?name=" + strings.Repeat("a", 300), silk, nil, 400, "255"},
		{"no rows", "/import?name=a.csv", "name,place\n", nil, 400, ""},
		{"what is no table", "/import?name=a.xlsx", "PK\x03\x04 nothing", nil, 400, ""},
		{"no rows, in Chinese", "/import?lang=zh&name=a.csv", "name,place\n", nil, 400, "a.csv: 没有数据行"},
		{"more than the limit, in Chinese", "/import?lang=zh&name=a.csv", large, nil, 413, "文件超过 64 KB"},
		{"a parameter too many", "/import?name=a.csv&crs=EPSG:4490", silk, nil, 400, "crs"},
	} {
		resp := send(t, s, "POST", c.target, c.sent, append(c.headers, "Accept: application/json")...)
		text := body(t, resp)
		if resp.StatusCode != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d, want %d and %q:\n%.400s", c.what, resp.StatusCode, c.status, c.says, text)
		}
		if c.status != 200 && resp.Header.Get("Content-Type") != problemType {
			t.Errorf("%s: %s is no problem", c.what, resp.Header.Get("Content-Type"))
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", c.what, resp.Header.Get("Cache-Control"))
		}
	}
	if off := send(t, newTestServer(t, func(c *Config) { c.Tables.MaxBytes = -1 }), "POST", "/import?name=a.csv", silk); off.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("without tables: %d", off.StatusCode)
	}
}

// slowReader gives one byte when it is let, then the rest.
type slowReader struct {
	began, let chan struct{}
	rest       io.Reader
	once       bool
}

func (r *slowReader) Read(b []byte) (int, error) {
	if !r.once {
		r.once = true
		close(r.began)
		<-r.let
	}
	return r.rest.Read(b)
}

// While as many tables are read as may be, one more is told when to come again; a
// place that is free is taken again.
func TestImportTakesTurns(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.Tables.AtOnce = 1 })
	slow := &slowReader{began: make(chan struct{}), let: make(chan struct{}), rest: strings.NewReader(silk)}
	first := make(chan int)
	go func() {
		r := httptest.NewRequest("POST", "/import?name=a.csv", slow)
		r.Host = "example.org"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		first <- w.Code
	}()
	<-slow.began
	resp := send(t, s, "POST", "/import?name=a.csv", silk)
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("while one is read: %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	close(slow.let)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first: %d", code)
	}
	if resp := send(t, s, "POST", "/import?name=a.csv", silk); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}

// A table that takes too long is given up, and what it held is free again.
func TestImportHasItsTime(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.Tables.AtOnce, c.Tables.Timeout = 1, time.Nanosecond })
	rows := silk + strings.Repeat("Silk,江苏省苏州市吴江区盛泽镇\n", 50_000)
	for range 2 {
		resp := send(t, s, "POST", "/import?name=a.csv", rows)
		if text := body(t, resp); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "longer than this server allows") {
			t.Errorf("%d %.300s", resp.StatusCode, text)
		}
	}
}

func TestQuoter(t *testing.T) {
	const text = "{\"a\":\"b\\n\\\\ \u4e2d\"}\n\t\r\u2028"
	for size := 1; size < 9; size++ {
		var b bytes.Buffer
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if _, err := (quoter{&b}).Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		var again string
		if err := json.Unmarshal([]byte(`"`+b.String()+`"`), &again); err != nil || again != text {
			t.Errorf("in pieces of %d: %q, %v", size, again, err)
		}
	}
}

// An import by the address of the server is byte for byte that by the page.
func TestImportIsTheSame(t *testing.T) {
	s := newTestServer(t, nil)
	alone := body(t, send(t, s, "POST", "/import?name=a.csv&lang=en&f=geojson", silk))
	resp := send(t, s, "POST", "/import?name=a.csv&lang=en", silk)
	var all struct{ Geojson string }
	if err := json.Unmarshal([]byte(body(t, resp)), &all); err != nil {
		t.Fatal(err)
	}
	if all.Geojson != alone || alone == "" {
		t.Errorf("the page has\n%s\nthe file\n%s", all.Geojson, alone)
	}
	if _, err := geo.Read(strings.NewReader(alone), geo.ReadOptions{}); err != nil {
		t.Errorf("it cannot be served: %v", err)
	}
}

// A kept collection: who may store it, under which names, and what it must be.
func TestKeep(t *testing.T) {
	stored := map[string]string{}
	keep := func(_ context.Context, name string, geojson []byte, replace bool) error {
		switch _, there := stored[name]; {
		case there && !replace:
			return fs.ErrExist
		case !there && replace:
			return fs.ErrNotExist
		case name == "full":
			return &geo.InvalidError{Field: "collection", Reason: "there are enough"}
		case name == "broken":
			return errors.New("disk: /secret/path")
		}
		stored[name] = string(geojson)
		return nil
	}
	s := newTestServer(t, func(c *Config) { c.Tables.Keep, c.Tables.Patience = keep, time.Nanosecond })
	const point = `{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"geometry":null,"properties":{}}]}`
	const fresh, over = "If-None-Match: *", "If-Match: *"
	for _, c := range []struct {
		what, name, sent string
		headers          []string
		status           int
	}{
		{"without a word on others", "a", point, nil, 428},
		{"with both words", "a", point, []string{fresh, over}, 428},
		{"a replacement of nothing", "a", point, []string{over}, 412},
		{"a new one", "a", point, []string{fresh}, 202},
		{"the same again", "a", point, []string{fresh}, 412},
		{"its replacement", "a", point, []string{over}, 202},
		{"one with a fault", "b", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[]},"properties":{}}]}`, []string{fresh}, 400},
		{"no GeoJSON", "b", "a,b\n", []string{fresh}, 400},
		{"nothing", "b", "", []string{fresh}, 400},
		{"a page of another site", "b", point, []string{fresh, "Sec-Fetch-Site: cross-site"}, 403},
		{"a page that took our address for its name", "b", point, []string{fresh, "Sec-Fetch-Site: same-origin", "Origin: http://example.org"}, 403},
		{"a page at our address in figures", "b", point, []string{fresh, "Host: 192.0.2.1:8080", "Sec-Fetch-Site: same-origin", "Origin: http://192.0.2.1:8080"}, 202},
		{"a page of this machine", "c", point, []string{fresh, "Host: localhost:8080", "Sec-Fetch-Site: same-origin", "Origin: http://localhost:8080"}, 202},
		{"a page of this machine, IPv6", "d", point, []string{fresh, "Host: [::1]:8080", "Sec-Fetch-Site: same-origin", "Origin: http://[::1]:8080"}, 202},
		{"a full folder", "full", point, []string{fresh}, 400},
		{"a disk that fails", "broken", point, []string{fresh}, 500},
		{"a name that climbs", "..%2Fx", point, []string{fresh}, 400},
		{"a hidden name", ".x", point, []string{fresh}, 400},
		{"a name in capitals", "Firms", point, []string{fresh}, 400},
		{"a name in Chinese", "%E4%BC%81%E4%B8%9A", point, []string{fresh}, 400},
		{"a long name", strings.Repeat("a", 64), point, []string{fresh}, 400},
		{"a device of Windows", "con", point, []string{fresh}, 400},
	} {
		resp := send(t, s, "PUT", "/collections/"+c.name, c.sent, c.headers...)
		if text := body(t, resp); resp.StatusCode != c.status || strings.Contains(text, "secret") {
			t.Errorf("%s: %d, want %d: %s", c.what, resp.StatusCode, c.status, text)
		}
	}
	if got := fmt.Sprint(len(stored), stored["a"] == point); got != "4 true" {
		t.Errorf("stored %v", stored)
	}
	if resp := ask(t, s, "OPTIONS", "/collections/a"); resp.Header.Get("Allow") != "GET, HEAD, PUT, OPTIONS" || strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "PUT") {
		t.Errorf("OPTIONS: %v", resp.Header)
	}
	named := newTestServer(t, func(c *Config) {
		c.Tables.Keep, c.Tables.Patience, c.BaseURL = keep, time.Nanosecond, "https://maps.example.org/atlas"
	})
	if resp := send(t, named, "PUT", "/atlas/collections/e", point, fresh, "Host: 127.0.0.1:8080", "Origin: https://maps.example.org"); resp.StatusCode != 202 {
		t.Errorf("a page at the configured address, behind a proxy: %d %s", resp.StatusCode, body(t, resp))
	}
	if resp := send(t, named, "PUT", "/atlas/collections/f", point, fresh, "Host: evil.example", "Sec-Fetch-Site: same-origin", "Origin: http://evil.example"); resp.StatusCode != 403 {
		t.Errorf("a page under another name where one is configured: %d", resp.StatusCode)
	}
}

// Whatever is sent is answered or refused, and nothing of it is kept.
func FuzzImportBody(f *testing.F) {
	s := newTestServer(f, func(c *Config) { c.Tables.MaxBytes = 1 << 16 })
	sent, kind := multipartForm(f, `mapping={"columns":[{"column":"name","role":"name"}]}`, "file:a.csv="+silk)
	f.Add("", kind, sent)
	f.Add("a.csv", "text/csv", silk)
	f.Add("a.geojson", "", `{"type":"FeatureCollection","features":[]}`)
	f.Add("..", "multipart/form-data; boundary=\"", "--\"--")
	f.Add("a.zip", "application/zip", "PK\x05\x06"+strings.Repeat("\x00", 18))
	f.Fuzz(func(t *testing.T, name, kind, sent string) {
		r := httptest.NewRequest("POST", "/import", bytes.NewReader([]byte(sent)))
		r.Host = "example.org"
		r.URL.RawQuery = "name=" + strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "#", "%23").Replace(name)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if len(s.importing) != 0 {
			t.Error("a place is not given back")
		}
	})
}
