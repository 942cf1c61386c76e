package server

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"clustermap/geo"
)

// A thousand bad requests, made from good ones: none makes the server fail, and
// every refusal is a problem.
func TestThousandBadRequests(t *testing.T) {
	s := newTestServer(t, nil)
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	good := []string{"/", "/api", "/conformance", "/collections", "/collections/places", "/collections/places/items", "/collections/numbers/items/10",
		"/collections/places/schema", "/collections/empty/items", "/base/land.geojson", "/assets/app-1a2b.js", "/html.css", "/readyz"}
	names := []string{"limit", "bbox", "datetime", "cursor", "f", "trade", "firms", "tags", "open", "year", "limi", "名", "a%00b", "", "%", "sources", "offset"}
	values := []string{"", "0", "-1", "1e309", "NaN", "Infinity", "1,2,3,4", "9,9,9,9,9,9,9", "0,90,0,-90", "..", "../..", "2007/..", "9999-12-31T23:59:60Z", "0000-00-00",
		"%00", "%zz", "%ff%fe", "'; DROP TABLE x--", "<script>alert(1)</script>", "${7*7}", "{{.}}", strings.Repeat("9", 400), strings.Repeat("a,", 500),
		strings.Repeat("%F0%9F%98%80", 50), "AXOkj8txMkOz1GZvc2hhbi1jZXJhbWljc2aeShY", "json", "html", "xml", "\\u0000", "1;2", "+", "%2C", "true"}
	headers := []string{"Accept: ", "Accept: image/webp", "Accept: text/html;q=2", "Accept: ;;;,,,", "Accept: */*;q=0", "Accept-Encoding: *;q=0", "Accept-Encoding: gzip;q=,zstd;q=9",
		"If-None-Match: ", "If-None-Match: \"", "If-None-Match: W/", "If-None-Match: *", "Range: bytes=0-1,5-", "Host: a/b", "Host: ", "X-Forwarded-Host: <x>",
		"Accept: " + strings.Repeat("text/html,", 3000), "Content-Length: 10", "If-Modified-Since: yesterday"}
	count := map[int]int{}
	for range 1200 {
		target := pick(good...)
		switch rnd.IntN(6) {
		case 0:
			target += pick("/", "//", "/../..", "/%2e%2e/%2e%2e/etc/passwd", "/%00", "/x", "/%zz"[:1]+"%25zz", "/"+url.PathEscape(pick(values...)), ";a=b", "/items/items/items")
		case 1:
			target = strings.Replace(target, "places", url.PathEscape(pick(values...)), 1)
		}
		var query []string
		for range rnd.IntN(4) {
			query = append(query, pick(names...)+"="+strings.NewReplacer(" ", "+", "<", "%3C", "\\", "%5C", "'", "%27").Replace(pick(values...)))
		}
		if len(query) > 0 {
			target += "?" + strings.Join(query, "&")
		}
		var with []string
		for range rnd.IntN(3) {
			with = append(with, pick(headers...))
		}
		method := pick("GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW")
		r, err := http.NewRequest(method, "http://example.org"+target, nil)
		if err != nil {
			continue // net/http does not let it in
		}
		resp := ask(t, s, method, r.URL.RequestURI(), with...)
		text := body(t, resp)
		count[resp.StatusCode/100]++
		if resp.StatusCode >= 500 {
			t.Errorf("%s %s %q: %d %s", method, target, with, resp.StatusCode, text)
		}
		switch page := resp.Header.Get("Content-Type") == htmlType; {
		case resp.StatusCode < 400 || method == "HEAD":
		case page:
			checkPage(t, target, text)
			if !strings.Contains(text, `role="alert"`) {
				t.Errorf("%s %s %q: the page of a %d does not say what is wrong: %s", method, target, with, resp.StatusCode, text)
			}
		default:
			var p problem
			if err := json.Unmarshal([]byte(text), &p); err != nil || p.Status != resp.StatusCode || p.Detail == "" || resp.Header.Get("Content-Type") != problemType {
				t.Errorf("%s %s %q: %d is no problem document: %v %s", method, target, with, resp.StatusCode, err, text)
			}
		}
		if resp.StatusCode == 405 && resp.Header.Get("Allow") == "" {
			t.Errorf("%s %s: 405 without Allow", method, target)
		}
	}
	if count[4] < 1000*2/3 {
		t.Errorf("too few of the requests were bad: %v by hundreds", count)
	}
}

// Following next from the first page meets each feature exactly once, while the
// state is swapped for one with the same features and others between them.
func TestPagingMeetsEachFeatureOnce(t *testing.T) {
	// The features k0, k1, ... stand in every state; x... come and go.
	const kept = 300
	states := make([]*geo.State, 4)
	for i := range states {
		var b strings.Builder
		b.WriteString(`{"type":"FeatureCollection","features":[`)
		for k := range kept {
			if k > 0 {
				b.WriteByte(',')
			}
			kind := []string{"a", "b"}[k%2]
			fmt.Fprintf(&b, `{"type":"Feature","id":"k%03d","geometry":{"type":"Point","coordinates":[%d,%d]},"properties":{"kind":%q}}`, k, k%20, k%30, kind)
			if (k+i)%3 == 0 {
				fmt.Fprintf(&b, `,{"type":"Feature","id":"k%03dx%d","geometry":{"type":"Point","coordinates":[%d,%d]},"properties":{"kind":%q}}`, k, i, k%20, k%30, kind)
			}
		}
		b.WriteString(`]}`)
		x, err := geo.Read(strings.NewReader(b.String()), geo.ReadOptions{Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if states[i], err = geo.NewState(&geo.Collection{ID: "x", Source: x}); err != nil {
			t.Fatal(err)
		}
	}
	atlas := geo.NewAtlas(states[0])
	s := newTestServer(t, func(c *Config) { c.Atlas = atlas })

	stop := make(chan struct{})
	var swapping sync.WaitGroup
	swapping.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				atlas.Swap(states[i%len(states)])
			}
		}
	})
	defer swapping.Wait()
	defer close(stop)

	for query, want := range map[string]int{"limit=7": kept, "limit=1&kind=a": kept / 2, "limit=100&bbox=0,0,9,40": kept / 2, "limit=299&datetime=2007": kept, "limit=1000": kept} {
		seen := map[string]int{}
		last := ""
		for target := "/collections/x/items?" + query; target != ""; {
			resp := ask(t, s, "GET", target)
			var page struct {
				Features       []struct{ ID string }
				Links          []link
				NumberReturned int
				NumberMatched  int
			}
			if err := json.Unmarshal([]byte(body(t, resp)), &page); err != nil || resp.StatusCode != 200 {
				t.Fatalf("%s: %d %v", target, resp.StatusCode, err)
			}
			if page.NumberReturned != len(page.Features) || page.NumberMatched < want {
				t.Fatalf("%s: numberReturned %d of %d features, numberMatched %d", target, page.NumberReturned, len(page.Features), page.NumberMatched)
			}
			for _, f := range page.Features {
				if f.ID <= last {
					t.Fatalf("%s: %s comes after %s", target, f.ID, last)
				}
				last = f.ID
				seen[f.ID]++
			}
			target = ""
			for _, l := range page.Links {
				if l.Rel == "next" {
					target = strings.TrimPrefix(l.Href, "http://example.org")
				}
			}
		}
		met := 0
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s was met %d times", query, id, n)
			}
			if len(id) == len("k000") {
				met++
			}
		}
		if met != want {
			t.Errorf("%s: %d of the %d features that stay were met", query, met, want)
		}
	}
}

var (
	hrefs = regexp.MustCompile(`(?:href|action)="([^"]*)"`)
	tags  = regexp.MustCompile(`<(/?)([a-z0-9]+)([^>]*)>`)
)

// Every page that can be reached from the overview is whole: it answers 200,
// closes its elements, has nothing inline, and names its language.
func TestPagesAreLinked(t *testing.T) {
	for name, s := range map[string]*Server{
		"root": newTestServer(t, nil),
		"path": newTestServer(t, func(c *Config) { c.BaseURL = "https://maps.example/atlas" }),
	} {
		base := s.base.of(&http.Request{Host: "example.org"})
		todo, seen := []string{base + "/?f=html"}, map[string]bool{}
		ofAnswers := 0 // pages of the places of answers, which are many and alike
		for len(todo) > 0 {
			target := todo[0]
			todo = todo[1:]
			if seen[target] || !strings.HasPrefix(target, base) {
				continue
			}
			seen[target] = true
			path := strings.TrimPrefix(target, base)
			if strings.Contains(path, "~") {
				if ofAnswers++; ofAnswers > 200 {
					continue
				}
			}
			resp := ask(t, s, "GET", path)
			text := body(t, resp)
			if resp.StatusCode != 200 {
				t.Errorf("%s: %s is linked and answers %d %s", name, target, resp.StatusCode, text)
			}
			if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
				continue
			}
			checkPage(t, target, text)
			for _, m := range hrefs.FindAllStringSubmatch(text, -1) {
				todo = append(todo, html.UnescapeString(m[1]))
			}
		}
		if len(seen) < 30 {
			t.Errorf("%s: only %d addresses are linked", name, len(seen))
		}
	}
}

func checkPage(t *testing.T, target, text string) {
	t.Helper()
	void := map[string]bool{"meta": true, "link": true, "input": true, "br": true, "img": true}
	var stack []string
	for _, m := range tags.FindAllStringSubmatch(text, -1) {
		switch {
		case m[1] == "/":
			if len(stack) == 0 || stack[len(stack)-1] != m[2] {
				t.Errorf("%s: </%s> closes %v", target, m[2], stack)
				return
			}
			stack = stack[:len(stack)-1]
		case !void[m[2]] && !strings.HasSuffix(m[3], "/"):
			stack = append(stack, m[2])
		}
		if strings.Contains(m[3], " style=") || strings.Contains(m[3], " on") && regexp.MustCompile(` on[a-z]+=`).MatchString(m[3]) || m[2] == "script" || m[2] == "style" {
			t.Errorf("%s: inline script or style, which the CSP forbids: %s", target, m[0])
		}
	}
	if len(stack) > 0 {
		t.Errorf("%s: %v is not closed", target, stack)
	}
	for _, want := range []string{"<!DOCTYPE html>", `<html lang="`, `name="viewport"`, "<title>", "<h1>"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s: the page lacks %s", target, want)
		}
	}
	if strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "<b>Weifang") || strings.Contains(text, "<title> ·") {
		t.Errorf("%s: something is escaped wrongly or empty:\n%s", target, text)
	}
}

// The form of a page sends every field, filled in or not.
func TestFormWithEmptyFields(t *testing.T) {
	s := newTestServer(t, nil)
	resp := ask(t, s, "GET", "/collections/places/items?f=html&trade=textiles&firms=&bbox=&datetime=&limit=50")
	text := body(t, resp)
	if resp.StatusCode != 200 || !strings.Contains(text, "<strong>3</strong> of 5 features match") || !strings.Contains(text, `value="textiles" selected`) {
		t.Errorf("a form with empty fields: %d\n%s", resp.StatusCode, text)
	}
	if resp := ask(t, s, "GET", "/collections/places/items?f=json&firms="); resp.StatusCode != 400 {
		t.Errorf("an empty number for a program: %d, want 400", resp.StatusCode)
	}
}

// A picture keeps what it draws inside and its size small.
func TestPicture(t *testing.T) {
	s := newTestServer(t, nil)
	text := body(t, ask(t, s, "GET", "/collections/places/items?f=html"))
	for _, want := range []string{`<svg viewBox="0 0 960 480"`, `<path class="land" d="M`, `<path class="country" d="M`, `class="mark fam-textiles"`, "<title>Shengze silk</title>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the picture lacks %s:\n%s", want, text)
		}
	}
	for _, m := range regexp.MustCompile(`cx="([^"]*)" cy="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		var x, y float64
		if _, err := fmt.Sscan(m[1]+" "+m[2], &x, &y); err != nil || x < 0 || x > pictureWidth || y < 0 || y > pictureHeight {
			t.Errorf("a mark lies at %s, %s", m[1], m[2])
		}
	}
}
