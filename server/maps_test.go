package server

import (
	"net/http"
	"strings"
	"testing"
)

// A page that no file can hold is refused before it is drawn.
func TestLargePagesAreRefused(t *testing.T) {
	s := atlasServer(t)
	for _, f := range []string{"pdf", "pptx"} {
		resp := ask(t, s, "GET", "/map?width=8192&height=8192&dpi=24&f="+f)
		if text := body(t, resp); resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(text, "dpi") {
			t.Errorf("%s: %d %s; want 413 that names dpi", f, resp.StatusCode, text)
		}
	}
}

// Regions tell how many features of the picture they have, and nothing where that
// would be a sum of different things.
func TestRegionNumbers(t *testing.T) {
	s := atlasServer(t)
	for collections, want := range map[string]string{
		"clusters":        "环渤海 5",
		"claims":          "环渤海 4", // some have no place
		"regions":         "",
		"clusters,claims": "",
	} {
		resp := ask(t, s, "GET", "/map?f=svg&lang=zh&regions=bohai5&bbox=105,20,125,42&collections="+collections)
		text := body(t, resp)
		_, label, _ := strings.Cut(text, `role="img" aria-label="`)
		label, _, _ = strings.Cut(label, `"`)
		if want == "" && strings.Contains(label, "环渤海") || want != "" && !strings.HasSuffix(label, want) {
			t.Errorf("%s: the picture is described as %q, want %q", collections, label, want)
		}
	}
}

// TestTerritoriesNeedCodes: a collection that does not say where its features are has no
// territories; beside one that does it is drawn as usual.
func TestTerritoriesNeedCodes(t *testing.T) {
	s := atlasServer(t)
	for target, want := range map[string]int{
		"/map?f=png&width=200&height=200&view=territory&collections=regions":                      400,
		"/collections/regions/map?f=png&width=200&height=200&view=territory":                      400,
		"/map?f=png&width=200&height=200&view=territory&collections=regions&by=division:province": 400,
		"/map?f=png&width=200&height=200&view=territory&collections=regions,clusters":             200,
		"/map?f=png&width=200&height=200&view=territory&collections=clusters":                     200,
	} {
		r := ask(t, s, "GET", target)
		text := body(t, r)
		if r.StatusCode != want || want == 400 && !strings.Contains(text, "no division code") {
			t.Errorf("%s: %d, want %d", target, r.StatusCode, want)
		}
	}
}
