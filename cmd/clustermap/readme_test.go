package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// readmeAddress is what README.md calls the server; the tests put their own there.
const readmeAddress = "http://localhost:8080"

// block is a fenced code block: its language, the word after that, and its text.
type block struct{ language, name, text string }

func readmeBlocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+) ?(\\S*)\\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, block{m[1], m[2], m[3]})
	}
	return blocks
}

// TestReadmeCommands runs each command of the console blocks of README.md, in
// order, in a directory with the files that README.md shows, and compares what it
// writes with what README.md says that it writes.
func TestReadmeCommands(t *testing.T) {
	in := start(t)
	dir := t.TempDir()
	blocks := readmeBlocks(t)
	for _, b := range blocks {
		if b.language == "json" || b.language == "csv" {
			if err := os.WriteFile(filepath.Join(dir, b.name), []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Chdir(dir)
	commands := 0
	for _, b := range blocks {
		if b.language != "console" {
			continue
		}
		for _, step := range strings.Split("\n"+b.text, "\n$ ")[1:] {
			command, want, _ := strings.Cut(strings.TrimSuffix(step, "\n")+"\n", "\n")
			got := client(t, "bash", "-euo", "pipefail", "-c", strings.ReplaceAll(command, readmeAddress, in.url))
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%s\n-README +program:\n%s", command, diff)
			}
			commands++
		}
	}
	if commands < 8 {
		t.Errorf("README.md has %d commands, want 8 or more: are the blocks still found?", commands)
	}
}

// TestReadmeServes reads the command lines of README.md that serve, and serves
// the files that it shows.
func TestReadmeServes(t *testing.T) {
	lines := 0
	for _, b := range readmeBlocks(t) {
		for _, line := range strings.Split(b.text, "\n") {
			line, _, _ = strings.Cut(line, "#")
			if args, ok := strings.CutPrefix(line, "bin/clustermap serve "); ok && b.language == "sh" {
				lines++
				if o, err := parseServe(strings.Fields(args), nil); err != nil || len(o.paths) == 0 {
					t.Errorf("%s: %v", line, err)
				}
			}
		}
	}
	if lines != 3 {
		t.Errorf("README.md serves in %d lines, want 3", lines)
	}

	dir := t.TempDir()
	for _, b := range readmeBlocks(t) {
		if b.language == "json" {
			if err := os.WriteFile(filepath.Join(dir, b.name), []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	in := start(t, dir)
	var collection struct {
		Title string
		Extra map[string]string `json:"x-title"`
	}
	getJSON(t, in.url+"/collections/places", "application/json", &collection)
	if collection.Title != "Parks and markets" || collection.Extra["zh"] != "园区与市场" {
		t.Errorf("the collection of README.md has the titles %+v", collection)
	}
	var page struct{ Features []feature }
	getJSON(t, in.url+"/collections/places/items?region=prd&kind=market&datetime=2000-01-01/..", "application/geo+json", &page)
	if len(page.Features) != 1 || page.Features[0].id() != "fs-tiles" {
		t.Errorf("the market in the Pearl River Delta is not found: %v", page.Features)
	}
}

// TestReadmeQGIS makes QGIS's requests at the address that README.md tells its users.
func TestReadmeQGIS(t *testing.T) {
	for _, b := range readmeBlocks(t) {
		if b.name != "qgis" {
			continue
		}
		m := regexp.MustCompile(`(?m)^URL +(\S+)$`).FindStringSubmatch(b.text)
		if m == nil {
			t.Fatalf("no URL in:\n%s", b.text)
		}
		qgisWalk(t, strings.Replace(m[1], readmeAddress, start(t).url, 1))
		return
	}
	t.Error("README.md has no block for QGIS")
}

// TestReadmeMapLibre opens the page of README.md in a browser, with MapLibre from
// its package and not from the internet: three origins, as in life.
func TestReadmeMapLibre(t *testing.T) {
	in := start(t)
	packages := http.FileServer(http.Dir("testdata/maplibre/node_modules"))
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		packages.ServeHTTP(w, r)
	}))
	t.Cleanup(cdn.Close)
	var html string
	for _, b := range readmeBlocks(t) {
		if b.language == "html" {
			html = b.text
		}
	}
	html = strings.ReplaceAll(html, readmeAddress, in.url)
	html = regexp.MustCompile(`https://unpkg.com/maplibre-gl@[\d.]+`).ReplaceAllString(html, cdn.URL+"/maplibre-gl")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(html))
	}))
	t.Cleanup(site.Close)

	p := newPage(t, browser(t), 1000, 700, 1, false)
	p.expect("favicon")
	if err := chromedp.Do(p.ctx, chromedp.Navigate(site.URL)); err != nil {
		t.Fatal(err)
	}
	p.wait("MapLibre has drawn the clusters", `window.map?.loaded() && map.queryRenderedFeatures({layers: ['clusters']}).length > 0`)
	p.equal("the number of clusters in the source", `new Set(map.querySourceFeatures('clusters').map(f => f.properties.name_en)).size`, "40")
	p.shot("maplibre")
}

// TestReadmePicture makes the picture of README.md; "make picture" puts it there.
func TestReadmePicture(t *testing.T) {
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(start(t).url + "/#lang=en&theme=light")
	p.shot("readme")
}

// TestDocumentsLink holds that each file that a document links to exists.
func TestDocumentsLink(t *testing.T) {
	for _, document := range []string{"README.md", "ARCHITECTURE.md", "data/README.md"} {
		text, err := os.ReadFile(filepath.Join("../..", document))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#\s]+)`).FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", document, m[1])
			}
		}
	}
}
