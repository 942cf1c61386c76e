package server

import (
	"html"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"clustermap/geo/crs"
)

// Every phrase of the pages has its Chinese, with the same arguments.
func TestPhrases(t *testing.T) {
	used := map[string]bool{}
	quoted := regexp.MustCompile(`\bt "((?:[^"\\]|\\.)*)"`)
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	code := regexp.MustCompile(`(?:phrase\(|say\([a-z.]+, |say\(string\(lang\), )"((?:[^"\\]|\\.)*)"`)
	for _, name := range []string{"html.go", "listing.go", "picture.go", "uses.go", "phrases.go", "aggregate.go", "documents.go", "functions.go", "refusal.go", "basemaps.go", "groups.go", "groupspage.go", "territories.go", "statisticspages.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	delete(used, "role ")
	s := newTestServer(t, nil)
	for _, p := range s.apiParameters() {
		used[p.Text] = true
	}
	for _, c := range crs.All() {
		axes := c.AxisNames()
		used[axes[0]], used[axes[1]] = true, true
	}
	for phrase := range used {
		if _, ok := chinese[phrase]; !ok {
			t.Errorf("chinese lacks %q", phrase)
		}
	}
	for english, text := range chinese {
		if !isChinese(text) && !strings.ContainsAny(text, "。、；%") {
			t.Errorf("%q is not in Chinese: %q", english, text)
		}
		if a, b := strings.Count(english, "%"), strings.Count(text, "%"); a != b {
			t.Errorf("%q has %d arguments, its Chinese %d", english, a, b)
		}
	}
}

// A page is in one language whole: by lang, which its links keep, or by what the
// browser prefers.
func TestPagesInChinese(t *testing.T) {
	s := newTestServer(t, nil)
	english := regexp.MustCompile(`>\s*(Overview|Collections|Features?|Filter|Properties|Take it home|Values|Parameter|Map)\s*<`)
	for _, target := range []string{"/?f=html", "/collections?f=html", "/collections/places?f=html", "/collections/places/schema?f=html", "/collections/places/queryables?f=html",
		"/collections/places/sortables?f=html", "/collections/places/items?f=html", "/collections/places/items/foshan-ceramics?f=html", "/api?f=html", "/functions?f=html", "/basemaps?f=html", "/basemaps/osm?f=html",
		"/conformance?f=html", "/healthz?f=html", "/collections/places/aggregate?f=html&by=trade", "/collections/places/groups?f=html&zoom=3", "/statistics?f=html", "/statistics/gini?f=html", "/collections/places/statistics?f=html", "/collections/places/statistics/hexagons?f=html", "/nowhere?f=html", "/collections/places/items?f=html&firms=many"} {
		chosen, preferred := ask(t, s, "GET", target+"&lang=zh"), ask(t, s, "GET", target, "Accept-Language: zh-CN,zh;q=0.9,en;q=0.8")
		for how, resp := range map[string]*http.Response{"lang=zh": chosen, "Accept-Language": preferred} {
			text := body(t, resp)
			checkPage(t, target, text)
			if !strings.Contains(text, `<html lang="zh">`) || !strings.Contains(text, ">English</a>") {
				t.Errorf("%s by %s is not in Chinese:\n%s", target, how, text)
			}
			if m := english.FindString(text); m != "" {
				t.Errorf("%s by %s is half in English: %s", target, how, m)
			}
			if kept := strings.Contains(text, "collections?f=html&amp;lang=zh"); kept != (how == "lang=zh") {
				t.Errorf("%s by %s: links keep lang: %v", target, how, kept)
			}
		}
	}
}

// A column's link orders by it, and the other way round where it does already.
// It keeps the filter, and so does the form with the order.
func TestSortLinks(t *testing.T) {
	s := newTestServer(t, nil)
	const list = "/collections/places/items?f=html&trade=textiles"
	text := html.UnescapeString(body(t, ask(t, s, "GET", list)))
	if !strings.Contains(text, `href="http://example.org/collections/places/items?f=html&trade=textiles&sortby=firms"`) || strings.Contains(text, "aria-sort") {
		t.Errorf("no link orders by firms:\n%s", text)
	}
	text = html.UnescapeString(body(t, ask(t, s, "GET", list+"&sortby=firms&limit=2")))
	for _, want := range []string{
		`aria-sort="ascending"`, `items?f=html&limit=2&trade=textiles&sortby=-firms"`,
		`<input type="hidden" name="sortby" value="firms">`,
		`items?f=html&limit=2&sortby=firms" aria-label="Drop: `,
		`items?f=html&limit=2&trade=textiles" aria-label="Drop: Order"`,
		`items?f=xlsx&trade=textiles&sortby=firms&download=true" download>`,
		`<code>http://example.org/collections/places/items?f=geojson&trade=textiles&sortby=firms</code>`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the ordered page lacks %s:\n%s", want, text)
		}
	}
	if text := body(t, ask(t, s, "GET", list+"&sortby=-firms")); !strings.Contains(text, `aria-sort="descending"`) {
		t.Errorf("the page does not say that it is in descending order:\n%s", text)
	}
}

// A form that is refused comes back as it was filled in, with what is wrong.
func TestRefusedForm(t *testing.T) {
	s := newTestServer(t, nil)
	resp := ask(t, s, "GET", "/collections/places/items?f=html&q=silk&filter=firms+%3E+%27%3Cmany%3E%27&sortby=nothing&bbox=1,2,3,4")
	text := body(t, resp)
	if resp.StatusCode != 400 || resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Etag") != "" {
		t.Errorf("a bad filter: %d %v", resp.StatusCode, resp.Header)
	}
	for _, want := range []string{`role="alert">filter: character 9`, `value="firms &gt; &#39;&lt;many&gt;&#39;"`, `value="silk"`, `value="1,2,3,4"`, " open>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the refused form lacks %s:\n%s", want, text)
		}
	}
	checkPage(t, "a refused form", text)
}

// Who reads pages gets problems as pages; programs get problem documents.
func TestProblemPages(t *testing.T) {
	s := newTestServer(t, nil)
	const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct{ target, accept, kind string }{
		{"/nowhere", browser, htmlType},
		{"/collections/none", browser, htmlType},
		{"/collections/places/items/none?f=html", "Accept: */*", htmlType},
		{"/collections/none?f=json", browser, problemType},
		{"/collections/none", "Accept: */*", problemType},
		{"/collections/none", "Accept: application/json", problemType},
		{"/collections/none", "Accept: text/html, application/json", problemType},
	} {
		resp := ask(t, s, "GET", c.target, c.accept)
		if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 404 || kind != c.kind {
			t.Errorf("%s with %s: %d %s, want %s", c.target, c.accept, resp.StatusCode, kind, c.kind)
		}
	}
}

// A point's page has it in the systems that people copy coordinates in.
func TestPlaces(t *testing.T) {
	s := newTestServer(t, nil)
	text := body(t, ask(t, s, "GET", "/collections/places/items/foshan-ceramics?f=html"))
	for _, want := range []string{"OGC:CRS84", "EPSG:4490", "EPSG:4526", "EPSG:4547"} { // zone 38, 114 degrees east
		if !strings.Contains(text, want) {
			t.Errorf("the page of a point lacks %s:\n%s", want, text)
		}
	}
}
