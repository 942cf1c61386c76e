package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"clustermap/geo"
)

var styleMedia = media{"json", "application/vnd.mapbox.style+json", "application/vnd.mapbox.style+json"}

type stylesDocument struct {
	Styles []styleSummary `json:"styles"`
	Links  []link         `json:"links"`
}

type styleSummary struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Links []link `json:"links"`
}

type stylesView struct {
	view
	Doc stylesDocument
}

// styles answers GET /styles.
func (s *Server) styles(w http.ResponseWriter, q *request) error {
	q.speaks(w)
	t := s.tag(q, q.state.Rev(), "/styles")
	if q.current(w, t) {
		return nil
	}
	doc := stylesDocument{Styles: []styleSummary{}, Links: q.selfLinks([]media{jsonMedia, htmlMedia}, "/styles", "")}
	for _, c := range q.state.Collections() {
		if _, err := indexOf(c); err == nil {
			doc.Styles = append(doc.Styles, styleSummary{c.ID, titleIn(c, q.lang), []link{
				{q.base + "/styles/" + escapeID(c.ID), "stylesheet", styleMedia.kind, "A finished map for MapLibre"}}})
		}
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		overview := crumb{phrase("Overview"), q.in("html", "/", "")}
		return s.sendPage(w, q, t, "styles", stylesView{s.view(q, say(q.lang, "Map styles"), doc.Links, overview), doc})
	}
	return s.sendJSON(w, q, t, doc)
}

// style answers GET /styles/{style}: a style of MapLibre GL with all that a map of
// the collection of that id needs.
func (s *Server) style(w http.ResponseWriter, q *request) error {
	id, err := q.variable("style")
	if err != nil {
		return err
	}
	c, err := q.find(id)
	if errors.Is(err, geo.ErrNotFound) {
		return failf(http.StatusNotFound, "There is no style %q; each collection has one by its id. They are listed at %s.", printable(id), q.base+"/styles")
	}
	if err != nil {
		return err
	}
	x, err := indexOf(c)
	if err != nil {
		return err
	}
	theme, given := q.params.take("theme")
	if !given {
		theme = "light"
	}
	colours, known := paletteOf(theme)
	if !known {
		return invalid("theme", "needs light or dark, found %s", quoted(theme))
	}
	if err := q.params.none(); err != nil {
		return err
	}
	q.speaks(w)
	m := mapStyle{q: q, colours: colours, regions: regionsOf(q.state, c), sources: map[string]any{}}
	k := keptResource{rev: c.Source.Rev(), resource: "/styles/" + escapeID(c.ID) + "?theme=" + theme, linked: true}
	if m.regions != nil {
		k.rev += ";" + m.regions.Source.Rev()
	}
	return s.serveKept(w, q, k, func(context.Context) (*keptAnswer, error) {
		m.addCollection(c, x, s.files.baseNames())
		return keptJSON(m.document(titleIn(c, q.lang), x.Extent()))
	})
}

// fonts answers GET /fonts/{fontstack}/{range}: the glyphs of a range of characters
// as MapLibre draws them, of a bold font where the stack names one. Chinese characters
// are not there: MapLibre draws them with fonts of the system.
func (s *Server) fonts(w http.ResponseWriter, q *request) error {
	stack, err := q.variable("fontstack")
	if err != nil {
		return err
	}
	text, err := q.variable("range")
	if err != nil {
		return err
	}
	var from, to int
	if n, err := fmt.Sscanf(text, "%d-%d.pbf", &from, &to); n != 2 || err != nil || from%256 != 0 || to != from+255 || to > 0xffff || text != fmt.Sprintf("%d-%d.pbf", from, to) {
		return failf(http.StatusNotFound, "Glyphs come in ranges of 256 characters, such as 0-255.pbf.")
	}
	p, err := parseParams(q.URL.RawQuery)
	if err == nil {
		err = p.none()
	}
	if err != nil {
		return err
	}
	font := plainFont
	if strings.Contains(stack, "Bold") {
		font = boldFont
	}
	q.media = media{"pbf", "application/x-protobuf", "application/x-protobuf"}
	return s.serveKept(w, q, keptResource{resource: "/fonts/" + font + "/" + text}, func(context.Context) (*keptAnswer, error) {
		body, err := glyphRange(font, from)
		return &keptAnswer{body: body}, err
	})
}
