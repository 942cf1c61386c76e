package server

import (
	"image"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Pictures that nobody should ask for are refused with a reason, and odd ones are drawn;
// none makes the server fail.
func TestMapsHostile(t *testing.T) {
	s := atlasServer(t)
	text := func(v string) string { return url.QueryEscape(v) }
	refused := map[string][]string{
		"width":       {"width=0", "width=-1", "width=NaN", "width=1e9", "width=%F0%9F%8E%8F", "width=0x10"},
		"height":      {"height=0", "height=-1", "height=1.5"},
		"bbox":        {"bbox=NaN,NaN,NaN,NaN", "bbox=0,0,0,0", "bbox=1,1,1,2", "bbox=1,2,2,2", "bbox=-Inf,0,Inf,1", "bbox=0,0,1e300,1e300", "bbox=1,2,3", "bbox=,,,"},
		"dpi":         {"dpi=0", "dpi=1e9", "dpi=NaN", "dpi=-96"},
		"style":       {"style=nope", "style=../../etc/passwd", "style=" + strings.Repeat("x", 10_000)},
		"view":        {"view=heat", "view=%00"},
		"bgcolor":     {"bgcolor=0x12", "bgcolor=url(http://example.org)", "bgcolor=%23", "bgcolor=" + strings.Repeat("F", 10_000)},
		"furniture":   {"furniture=chair", "furniture=" + strings.Repeat("title,", 5_000) + "chair"},
		"regions":     {"regions=nope", "regions=" + strings.Repeat("prd9,", 5_000) + "prd9"},
		"collections": {"collections=" + strings.Repeat("clusters,", 6_000) + "clusters", "collections=,"},
		"title":       {"title=" + strings.Repeat("x", 30_000)},
		"filter":      {"filter=" + strings.Repeat("(", 10_000)},
	}
	for name, all := range refused {
		for _, query := range all {
			resp := ask(t, s, "GET", "/map?"+query)
			if answer := body(t, resp); resp.StatusCode < 400 || resp.StatusCode >= 500 || len(answer) > 3_000 || !strings.Contains(answer, `"detail"`) {
				t.Errorf("%s: %.60s: %d, %d bytes: %.300s", name, query, resp.StatusCode, len(answer), answer)
			}
		}
	}
	for _, query := range []string{"width=1000000000", "width=8193", "width=8192&height=1000000"} {
		if resp := ask(t, s, "GET", "/map?"+query); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", query, resp.StatusCode)
		}
	}
	if resp := ask(t, s, "GET", "/map?title="+strings.Repeat("x", 1<<20)); resp.StatusCode != http.StatusRequestURITooLong {
		t.Errorf("a title of 1 MB: %d", resp.StatusCode)
	}
	for _, query := range []string{
		"title=" + text("مرحبا بالعالم שלום"), "title=" + text("🎏🧵👨‍👩‍👧‍👦 flags 🇨🇳"), "title=" + text("<script>alert(1)</script>&amp;]]>"),
		"title=" + text(strings.Repeat("长", 600)), "subtitle=" + text(strings.Repeat("x ", 900)), "review=" + text("GS(2025)1234号"),
		"bbox=179.9,0,-179.9,1", "bgcolor=cornflowerBLUE", "furniture=all", "regions=none",
	} {
		for _, f := range []string{"png", "svg", "pdf"} {
			q := "/map?width=500&height=400&f=" + f + "&" + query
			resp := ask(t, s, "GET", q)
			if answer := body(t, resp); resp.StatusCode != http.StatusOK || !sound(f, answer) {
				t.Errorf("%.80s: %d %.300s", q, resp.StatusCode, answer)
			}
		}
	}
	// These are drawn or refused, as their sizes allow.
	for _, query := range []string{
		"title=" + text("a\u202eb\u0000c\uffffd"), "width=1&height=1", "width=1&height=500", "width=8192&height=1", "width=2000&height=3&furniture=all",
		"bbox=0,0,1e-9,1e-9", "bbox=-180,-360,180,360", "bbox=-180,-360,180,360&f=pdf", "scale-denominator=1e-9", "scale-denominator=1e300",
	} {
		if resp := ask(t, s, "GET", "/map?"+query); resp.StatusCode != http.StatusOK && (resp.StatusCode < 400 || resp.StatusCode >= 500) {
			t.Errorf("%.80s: %d %.300s", query, resp.StatusCode, body(t, resp))
		}
	}
	resp := ask(t, s, "GET", "/map?width=500&height=400&title="+text("🎏 silk"))
	if missing := resp.Header.Get("Clustermap-Missing-Characters"); resp.StatusCode == http.StatusOK && missing != "" && !strings.Contains(missing, "U+1F38F") {
		t.Errorf("missing characters are %q", missing)
	}
}

// sound reports whether a picture can be read and has no script.
func sound(f, picture string) bool {
	switch f {
	case "png":
		_, _, err := image.Decode(strings.NewReader(picture))
		return err == nil
	case "svg":
		return strings.Contains(picture, "<svg") && !strings.Contains(picture, "<script")
	}
	return strings.HasPrefix(picture, "%PDF-")
}
