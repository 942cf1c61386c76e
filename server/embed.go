package server

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// Sizes of the map in another page, in CSS pixels.
const (
	embedWidth, embedHeight = 800, 500
	mostEmbed               = 8192
)

// CheckEmbed tells why New would refuse a Config with this Embed.
func CheckEmbed(s string) error {
	_, err := framePolicy(s)
	return err
}

// framePolicy is the content policy of a page that others may frame: all, none, or the
// origins named, with commas between; this server itself always may.
func framePolicy(who string) (string, error) {
	ancestors := "'self'"
	switch who {
	case "", "all":
		ancestors = "*"
	case "none":
	default:
		for origin := range strings.SplitSeq(who, ",") {
			if !validOrigin(origin) {
				return "", errors.New("use all, none, or origins such as https://example.org or https://*.example.org with commas between")
			}
			ancestors += " " + origin
		}
	}
	return strings.Replace(contentPolicy, "frame-ancestors 'self'", "frame-ancestors "+ancestors, 1), nil
}

// validOrigin reports whether s is scheme://host with a port or without; the host may
// begin with "*.".
func validOrigin(s string) bool {
	scheme, host, ok := strings.Cut(s, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return false
	}
	return validHost(strings.TrimPrefix(host, "*."))
}

// embedPage answers GET /embed: the map page, which shows there the map alone. What it
// shows stands in the query or behind #, in the words of the page's own address.
func (s *Server) embedPage(w http.ResponseWriter, q *request) error {
	w.Header()["Content-Security-Policy"] = []string{s.framed}
	return s.pageWithCard(w, q, "/embed")
}

// pageWithCard answers with the map page and where its card for other pages is
// (oEmbed, 4).
func (s *Server) pageWithCard(w http.ResponseWriter, q *request, path string) error {
	page := address(q.base, path, q.URL.RawQuery)
	link := fmt.Sprintf(`<link rel="alternate" type="application/json+oembed" href="%s" title="%s">`+"\n",
		html.EscapeString(q.base+"/oembed?format=json&url="+url.QueryEscape(page)), html.EscapeString(s.cfg.Title))
	body := s.files.index.plain
	if i := bytes.Index(bytes.ToLower(body), []byte("</head>")); i >= 0 {
		body = insert(body, i, []byte(link))
	}
	q.media = htmlMedia
	t := s.tag(q, string(s.files.index.tag), page)
	if !q.current(w, t) {
		s.send(w, q, t, body)
	}
	return nil
}

// embedCard is the answer of oEmbed 1.0.
type embedCard struct {
	Type         string `json:"type"`
	Version      string `json:"version"`
	Title        string `json:"title"`
	ProviderName string `json:"provider_name"`
	ProviderURL  string `json:"provider_url"`
	CacheAge     int    `json:"cache_age"` // seconds
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	HTML         string `json:"html"`
}

// oembed answers GET /oembed.
func (s *Server) oembed(w http.ResponseWriter, q *request) error {
	card, state, err := s.readEmbed(q)
	if err != nil {
		return err
	}
	if s.cfg.Embed == "none" {
		return failf(http.StatusForbidden, "The map of this server is not to be shown in other pages.")
	}
	q.speaks(w)
	src := address(q.base, "/embed", state)
	card.HTML = fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" style="border:0" title="%s" loading="lazy" allowfullscreen></iframe>`,
		html.EscapeString(src), card.Width, card.Height, html.EscapeString(card.Title))
	t := s.tag(q, "", fmt.Sprintf("/oembed?%d,%d,%s", card.Width, card.Height, src))
	if q.current(w, t) {
		return nil
	}
	return s.sendJSON(w, q, t, card)
}

func (s *Server) readEmbed(q *request) (*embedCard, string, error) {
	card := &embedCard{Type: "rich", Version: "1.0", Title: s.cfg.Title, ProviderName: s.cfg.Title, ProviderURL: q.base + "/", CacheAge: 3600}
	p := append(params{}, q.params...)
	p.take("dnt") // do not track: nothing is tracked
	if format, given := p.take("format"); given && format != "json" {
		if format == "xml" {
			return nil, "", failf(http.StatusNotImplemented, "The card is to be had as JSON alone: format=json.")
		}
		return nil, "", invalid("format", "needs json, found %s", quoted(format))
	}
	for _, side := range [...]struct {
		name  string
		to    *int
		usual int
	}{{"maxwidth", &card.Width, embedWidth}, {"maxheight", &card.Height, embedHeight}} {
		*side.to = side.usual
		text, given := p.take(side.name)
		if !given {
			continue
		}
		n, err := parseWhole(side.name, text, 1, 1e9)
		if err != nil {
			return nil, "", err
		}
		*side.to = min(side.usual, n)
	}
	state := ""
	if text, given := p.take("url"); given {
		var err error
		if state, err = q.stateOf(text); err != nil {
			return nil, "", err
		}
	}
	if len(p) > 0 {
		return nil, "", unknown(p[0].name, []string{"url", "maxwidth", "maxheight", "format", "lang"})
	}
	return card, state, nil
}

// stateOf is what the map shows at an address of the page, as a query. The address may
// be by another scheme: a proxy speaks https for us.
func (q *request) stateOf(text string) (string, error) {
	u, err := url.Parse(text)
	own, _ := url.Parse(q.base) // made by us
	if err != nil || u.Opaque != "" || u.User != nil {
		return "", invalid("url", "is not an address of the map")
	}
	rest, below := strings.CutPrefix(u.EscapedPath(), own.EscapedPath())
	if !strings.EqualFold(u.Host, own.Host) || !below || rest != "" && rest != "/" && rest != "/embed" {
		return "", failf(http.StatusNotFound, "url is not an address of the map of this server, which is %s/", q.base)
	}
	state := u.EscapedFragment()
	if state == "" && rest == "/embed" {
		state = u.RawQuery
	}
	if _, err := parseParams(state); err != nil {
		return "", invalid("url", "does not say rightly what the map shows")
	}
	return state, nil
}
