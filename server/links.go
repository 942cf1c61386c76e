package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// link is a link of OGC API (RFC 8288).
type link struct {
	Href  string `json:"href"`
	Rel   string `json:"rel"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
}

// Relation types beside those of IANA.
const (
	relQueryables = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
	relSchema     = "http://www.opengis.net/def/rel/ogc/1.0/schema"
	relSortables  = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
	relStyles     = "http://www.opengis.net/def/rel/ogc/1.0/styles"
	relGroups     = "urn:clustermap:def:rel:groups"
	relStatistics = "urn:clustermap:def:rel:statistics"
	relFunctions  = "http://www.opengis.net/def/rel/ogc/1.0/functions"
)

// escapeID escapes an id to one segment of a path.
func escapeID(id string) string { return url.PathEscape(id) }

// address is the absolute address of a resource; query may be "".
func address(base, path, query string) string {
	if query == "" {
		return base + path
	}
	return base + path + "?" + query
}

// selfLinks are the links of an answer to itself and to itself in the other
// format. query is without f.
func (q *request) selfLinks(offers []media, path, query string) []link {
	links := []link{{Href: q.in(q.media.f, path, query), Rel: "self", Type: q.media.content, Title: "This document"}}
	for _, m := range offers {
		if m.f == q.media.f {
			continue
		}
		title := "This document as " + strings.ToUpper(m.f)
		links = append(links, link{Href: q.in(m.f, path, query), Rel: "alternate", Type: m.kind, Title: title})
		break
	}
	return links
}

// in is the address of a resource in a format.
func (q *request) in(f, path, query string) string {
	if q.chosen {
		f += "&lang=" + q.lang
	}
	if query == "" {
		return address(q.base, path, "f="+f)
	}
	return address(q.base, path, "f="+f+"&"+query)
}

// plain is the address of a resource in its usual format. Clients add parameters of
// theirs, f among them, to the addresses of maps.
func (q *request) plain(path string) string {
	if q.chosen {
		return address(q.base, path, "lang="+q.lang)
	}
	return address(q.base, path, "")
}

// appendLinks appends links as a JSON array.
func appendLinks(b []byte, links []link) []byte {
	b = append(b, '[')
	for i, l := range links {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"href":`...)
		b = appendText(b, l.Href)
		b = append(b, `,"rel":`...)
		b = appendText(b, l.Rel)
		if l.Type != "" {
			b = append(b, `,"type":`...)
			b = appendText(b, l.Type)
		}
		if l.Title != "" {
			b = append(b, `,"title":`...)
			b = appendText(b, l.Title)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendText appends s as a JSON string.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			text, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string
			}
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// mostLinkBytes keeps the header of an answer within what clients and proxies
// take, however long the query is that the links repeat.
const mostLinkBytes = 6 << 10

// setLinks gives the links in the header as well, for clients and formats that
// do not read them in the body. Addresses are percent-encoded and titles are
// left out, so every value is plain ASCII.
func setLinks(h http.Header, links []link) {
	values := make([]string, len(links))
	size := 0
	for i, l := range links {
		values[i] = "<" + l.Href + `>; rel="` + l.Rel + `"`
		if l.Type != "" {
			values[i] += `; type="` + l.Type + `"`
		}
		size += len(values[i])
	}
	if size <= mostLinkBytes {
		h["Link"] = values
	}
}
