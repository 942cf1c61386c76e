package server

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"clustermap/geo"
)

// What a collection says of its gaps stands in its document, in each page of features, in a
// header of every answer about it, and, with its sources and faults, on its page.
func TestAbout(t *testing.T) {
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[120,30]},"properties":{"how":"seat"}},
		{"type":"Feature","id":"b","geometry":null,"properties":{"how":null}}]}`),
		geo.ReadOptions{Schema: []byte(`{"x-about":{"completeness":{"en":"The lists – partial ones – say nothing of what isn’t there.","zh":"名单不全。"},
			"license":{"en":"CC0","href":"https://example.com/cc0"},"sources":[{"en":"A list","zh":"一份名单"}],"faults":[{"en":"One is wrong.","zh":"一处有误。"}]},
			"type":"object","properties":{"how":{"type":["string","null"],"x-clustermap-role":"precision","oneOf":[{"const":"seat","title":"Seat"},{"const":"middle","title":"Middle"}]}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "places", Source: x})
	if err != nil {
		t.Fatal(err)
	}
	s := layersServer(t, state)
	const header = "The lists - partial ones - say nothing of what isn't there."
	for _, path := range []string{"/collections/places", "/collections/places/items", "/collections/places/items?f=csv", "/collections/places/groups"} {
		if got := ask(t, s, "GET", path).Header.Get("Clustermap-Completeness"); got != header {
			t.Errorf("%s: %q", path, got)
		}
	}
	var page struct{ Completeness geo.Text }
	if err := json.Unmarshal(answerText(t, s, "/collections/places/items?f=json"), &page); err != nil {
		t.Fatal(err)
	}
	if page.Completeness.ZH != "名单不全。" {
		t.Errorf("a page of features says %+v", page.Completeness)
	}
	var doc struct {
		About geo.About `json:"x-about"`
	}
	if err := json.Unmarshal(answerText(t, s, "/collections/places?f=json"), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.About.License == nil || doc.About.License.Href != "https://example.com/cc0" || len(doc.About.Faults) != 1 {
		t.Errorf("the document says %+v", doc.About)
	}
	for lang, words := range map[string][]string{
		"en": {"Known faults", "One is wrong.", "A list", `href="https://example.com/cc0"`, `<th scope="row"><a href=`, "not stated", `width="100.0%"`},
		"zh": {"已知缺陷", "一处有误。", "一份名单", "名单不全。"},
	} {
		html := string(answerText(t, s, "/collections/places?f=html&lang="+lang))
		for _, w := range words {
			if !strings.Contains(html, w) {
				t.Errorf("%s: the page does not say %s", lang, w)
			}
		}
	}
}

// answerText is the body of an answer that must be 200.
func answerText(t *testing.T, s *Server, target string) []byte {
	t.Helper()
	resp := ask(t, s, "GET", target)
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %d, %v", target, resp.StatusCode, err)
	}
	return text
}
