package server

import (
	"strings"
	"testing"
)

// TestSVGBringsItsFonts holds that the policy of an SVG lets it use what is inside it
// and nothing else, also where the answer comes from memory.
func TestSVGBringsItsFonts(t *testing.T) {
	s := newTestServer(t, nil)
	for range 2 {
		resp := ask(t, s, "GET", "/map?f=svg&width=200&height=150")
		policy := resp.Header.Get("Content-Security-Policy")
		if resp.StatusCode != 200 || !strings.Contains(policy, "style-src 'unsafe-inline'") || !strings.Contains(policy, "font-src data:") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s with policy %q", resp.Status, policy)
		}
		if picture := body(t, resp); strings.Contains(picture, "<script") || !strings.HasSuffix(picture, "</svg>\n") {
			t.Error("this is no picture")
		}
	}
	if policy := ask(t, s, "GET", "/map?f=png&width=200&height=150").Header.Get("Content-Security-Policy"); policy != contentPolicy {
		t.Errorf("PNG with policy %q", policy)
	}
}
