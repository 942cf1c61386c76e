package server

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clustermap/geo"
)

// A presentation has a slide for each scene, with its title and its notes.
func TestScenes(t *testing.T) {
	s := atlasServer(t)
	scenes := `[{"title":"长三角的集群","bbox":"116,27,123,35","regions":"yrd25","notes":"First say this.\n\nThen <that> & 这个。"},
		{"title":"Pearl River Delta","bbox":"111,21,116,25","view":"features"},{"width":"960"}]`
	target := "/map?lang=zh&width=1280&height=720&style=presentation&scenes=" + url.QueryEscape(scenes)
	resp := ask(t, s, "GET", target+"&f=pptx")
	file := []byte(body(t, resp))
	if resp.StatusCode != 200 {
		t.Fatalf("%s: %s", resp.Status, file)
	}
	parts := unzipped(t, file)
	for i, title := range []string{"长三角的集群", "Pearl River Delta", ""} {
		if slide := parts[fmt.Sprintf("ppt/slides/slide%d.xml", i+1)]; slide == "" || !strings.Contains(wordsIn(slide), title) {
			t.Errorf("slide %d does not say %q", i+1, title)
		}
	}
	if len(parts["ppt/slides/slide4.xml"]) > 0 {
		t.Error("there is a slide too many")
	}
	notes := ""
	for name, part := range parts {
		if strings.HasPrefix(name, "ppt/notesSlides/notesSlide") {
			notes += part
		}
	}
	for _, text := range []string{"First say this.", "Then &lt;that&gt; &amp; 这个。", "GeoNames"} {
		if !strings.Contains(notes, text) {
			t.Errorf("no notes page says %q", text)
		}
	}
	again := body(t, ask(t, atlasServer(t), "GET", target+"&f=pptx"))
	if again != string(file) {
		t.Error("the same scenes give another file")
	}
	pdf := body(t, ask(t, s, "GET", target+"&f=pdf"))
	if n := len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAllString(pdf, -1)); n != 3 {
		t.Errorf("the PDF has %d pages, want 3", n)
	}
	if missing := resp.Header.Get("Clustermap-Missing-Characters"); missing != "" {
		t.Logf("without the built faces these have no shape: %s", missing)
	}
}

func unzipped(t *testing.T, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
	}
	return parts
}

// wordsIn is what is to be read in a part of Office.
func wordsIn(xml string) string { return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(xml, "") }

func TestScenesRefused(t *testing.T) {
	s := atlasServer(t)
	many := "[" + strings.Repeat("{},", mostScenes) + "{}]"
	for scenes, want := range map[string]string{
		"": "JSON array", "[]": "from 1 to 30", many: "has 31 scenes", "[1]": "JSON array", `{"title":"x"}`: "JSON array", `[{"width":9}]`: "JSON array", "[{}": "JSON array",
		`[{},{"bbox":"x"}]`: "scenes: 2: bbox", `[{"lang":"en"}]`: "lang", `[{"f":"png"}]`: "f", `[{"rev":"0"}]`: "rev", `[{"scenes":"[]"}]`: "scenes: 1: scenes",
		`[{"furnitur":"none"}]`: "furnitur", `[{"notes":"` + strings.Repeat("n", mostNotes+1) + `"}]`: "notes", `[{"width":"NaN"}]`: "width", `[{"":"1"}]`: "no such parameter",
		`[{"title":"` + strings.Repeat("t", mostMapTitle+1) + `"}]`: "title", `[null,{"crs":"EPSG:9999"}]`: "crs",
	} {
		resp := ask(t, s, "GET", "/map?f=pptx&scenes="+url.QueryEscape(scenes))
		if text := body(t, resp); resp.StatusCode != 400 || !strings.Contains(text, want) {
			t.Errorf("%.60s: %s %.300s; want 400 with %q", scenes, resp.Status, text, want)
		}
	}
	for target, want := range map[string]int{
		"/map?f=png&scenes=%5B%7B%7D%5D": 400, "/collections/clusters/map?f=pptx&scenes=%5B%7B%7D%5D": 400, "/map?f=pdf&width=9000&scenes=%5B%7B%7D%5D": 413,
		"/map?f=pdf&unheard=1&scenes=%5B%7B%7D%5D": 400, "/map?f=pdf&scenes=%5B%7B%7D%5D&rev=x": 400,
	} {
		if resp := ask(t, s, "GET", target); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d: %s", target, resp.Status, want, body(t, resp))
		}
	}
}

// A picture that is pinned to a state is that picture or none.
func TestPinnedPicture(t *testing.T) {
	read := func(name string) *geo.State {
		x, err := geo.Read(strings.NewReader(`{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[110,30]},"properties":{"name":"`+name+`"}}`), geo.ReadOptions{Name: "places"})
		if err != nil {
			t.Fatal(err)
		}
		state, err := geo.NewState(&geo.Collection{ID: "places", Source: x})
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	s := newTestServer(t, func(c *Config) { c.Atlas = geo.NewAtlas(read("a")) })
	for _, path := range []string{"/map?f=svg&lang=zh&title=%E5%9B%BE+1&width=300", "/collections/places/map?f=png&width=300", "/map?f=pdf&scenes=%5B%7B%7D%5D"} {
		if err := s.Publish(t.Context(), read("a")); err != nil {
			t.Fatal(err)
		}
		now := ask(t, s, "GET", path)
		rev := now.Header.Get("Clustermap-Rev")
		want := body(t, now)
		pinned := ask(t, s, "GET", path+"&rev="+rev)
		if got := body(t, pinned); pinned.StatusCode != 200 || got != want || len(rev) != 16 || now.StatusCode != 200 {
			t.Fatalf("%s: %s, pinned to %q %s, the same: %v", path, now.Status, rev, pinned.Status, got == want)
		}
		if etag := now.Header.Get("ETag"); etag == "" || etag != pinned.Header.Get("ETag") {
			t.Errorf("%s: the pinned picture is kept by itself", path)
		}
		if err := s.Publish(t.Context(), read("b")); err != nil {
			t.Fatal(err)
		}
		gone := ask(t, s, "GET", path+"&rev="+rev, "If-None-Match: "+pinned.Header.Get("ETag"))
		var told problem
		if err := json.Unmarshal([]byte(body(t, gone)), &told); err != nil || gone.StatusCode != http.StatusGone {
			t.Fatalf("%s: %s %v", path, gone.Status, err)
		}
		m := regexp.MustCompile(`<http://example.org([^>]+)>; rel="successor-version"`).FindStringSubmatch(gone.Header.Get("Link"))
		if m == nil || !strings.Contains(told.Detail, m[1]) {
			t.Fatalf("%s: the picture of today is not told: %s, Link %q", path, told.Detail, gone.Header.Get("Link"))
		}
		if resp := ask(t, s, "GET", m[1]); resp.StatusCode != 200 || resp.Header.Get("Clustermap-Rev") == rev || resp.Header.Get("Content-Type") != now.Header.Get("Content-Type") {
			t.Errorf("%s: %s %s", m[1], resp.Status, resp.Header.Get("Clustermap-Rev"))
		}
		for _, bad := range []string{"", "x", strings.ToUpper(rev[:15]) + "A", rev + "0", "%zz"} {
			if resp := ask(t, s, "GET", path+"&rev="+bad); resp.StatusCode != 400 {
				t.Errorf("%s&rev=%s: %s", path, bad, resp.Status)
			}
		}
	}
}
