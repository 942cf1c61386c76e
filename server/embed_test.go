package server

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestEmbedPolicy(t *testing.T) {
	for who, want := range map[string]string{
		"": "frame-ancestors *", "all": "frame-ancestors *", "none": "frame-ancestors 'self'",
		"https://a.example":                            "frame-ancestors 'self' https://a.example",
		"https://*.a.example:8443,http://127.0.0.1:90": "frame-ancestors 'self' https://*.a.example:8443 http://127.0.0.1:90",
	} {
		s := newTestServer(t, func(c *Config) { c.Embed = who })
		resp := ask(t, s, "GET", "/embed?map=5/31/120&lang=en")
		text := body(t, resp)
		if policy := resp.Header.Get("Content-Security-Policy"); resp.StatusCode != 200 || !strings.HasSuffix(policy, want) || !strings.Contains(policy, "script-src 'self'") {
			t.Errorf("%q: %s with policy %q, want %s", who, resp.Status, policy, want)
		}
		if !strings.Contains(text, `<div id="map">`) {
			t.Errorf("%q: this is not the map page: %s", who, text)
		}
		if policy := ask(t, s, "GET", "/", "Accept: text/html").Header.Get("Content-Security-Policy"); policy != contentPolicy {
			t.Errorf("%q: the page itself has the policy %q", who, policy)
		}
	}
	for _, who := range []string{"a.example", "https://a.example/", "https://a.example; script-src *", "javascript:alert(1)", "https://", "https://a b", "'self'", "*", "https://a.example,", "ftp://a.example", "https://*"} {
		if CheckEmbed(who) == nil {
			t.Errorf("%q is taken", who)
		}
	}
}

// The card of a page is found from the page, as a program that shows links finds it.
func TestEmbedCard(t *testing.T) {
	s := newTestServer(t, nil)
	for _, page := range []string{"/embed?map=5/31/120&f.kind=a%26b", "/"} {
		text := body(t, ask(t, s, "GET", page, "Accept: text/html"))
		m := regexp.MustCompile(`<link rel="alternate" type="application/json\+oembed" href="http://example.org([^"]+)"`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%s leads to no card: %s", page, text)
		}
		card := readCard(t, s, html.UnescapeString(m[1])+"&maxwidth=640")
		if card.Type != "rich" || card.Version != "1.0" || card.Width != 640 || card.Height != 500 || card.Title != "Test atlas" {
			t.Errorf("%s: %+v", page, card)
		}
		if page != "/" && !strings.Contains(card.HTML, `src="http://example.org/embed?map=5/31/120&amp;f.kind=a%26b"`) {
			t.Errorf("%s: the frame is %s", page, card.HTML)
		}
	}
	// What stands behind # is what the map shows.
	card := readCard(t, s, "/oembed?url="+url.QueryEscape(`https://example.org/#map=4/30/110&q=%E4%B8%9D"><script>`)+"&maxheight=1")
	if card.Height != 1 || !strings.Contains(card.HTML, "map=4/30/110&amp;q=%E4%B8%9D") || strings.Contains(card.HTML, `"><script`) {
		t.Errorf("the frame is %s", card.HTML)
	}
	if resp := ask(t, s, "GET", "/oembed?format=json", "If-None-Match: "+ask(t, s, "GET", "/oembed?format=json").Header.Get("ETag")); resp.StatusCode != http.StatusNotModified {
		t.Errorf("%s, want 304", resp.Status)
	}
}

func readCard(t *testing.T, s *Server, target string) (card embedCard) {
	t.Helper()
	resp := ask(t, s, "GET", target)
	text := body(t, resp)
	if err := json.Unmarshal([]byte(text), &card); err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("GET %s: %s %s %v", target, resp.Status, text, err)
	}
	return card
}

func TestEmbedCardRefused(t *testing.T) {
	s := newTestServer(t, nil)
	for query, want := range map[string]int{
		"format=xml": 501, "format=yaml": 400, "format=": 400, "maxwidth=0": 400, "maxwidth=-1": 400, "maxheight=1e9": 400, "maxheight=x": 400,
		"url=https://elsewhere.example/": 404, "url=http://example.org/collections": 404, "url=http://example.org.evil/": 404, "url=": 404,
		"url=http://user@example.org/": 400, "url=javascript:alert(1)": 400, "url=%25": 400, "url=http://example.org/%23a%25zz": 400, "theme=dark": 400,
		"url=http://example.org/&url=http://example.org/": 400, "dnt=1": 200, "maxwidth=99999999": 200,
	} {
		if resp := ask(t, s, "GET", "/oembed?"+query); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d: %s", query, resp.Status, want, body(t, resp))
		}
	}
	s = newTestServer(t, func(c *Config) { c.Embed = "none" })
	if resp := ask(t, s, "GET", "/oembed"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("where nobody may frame: %s", resp.Status)
	}
}

// Below a path of a proxy all addresses have that path.
func TestEmbedBelowPath(t *testing.T) {
	s := newTestServer(t, func(c *Config) { c.BaseURL = "https://maps.example/atlas" })
	card := readCard(t, s, "/atlas/oembed?url="+url.QueryEscape("https://maps.example/atlas/embed?lang=en"))
	if !strings.Contains(card.HTML, `src="https://maps.example/atlas/embed?lang=en"`) {
		t.Errorf("the frame is %s", card.HTML)
	}
	if resp := ask(t, s, "GET", "/atlas/oembed?url=https://maps.example/embed"); resp.StatusCode != 404 {
		t.Errorf("an address above the path: %s", resp.Status)
	}
}
