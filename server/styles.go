package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/archive"
)

var styleMedia = media{"json", "application/vnd.mapbox.style+json", "application/vnd.mapbox.style+json"}

// palette is the colours of a map, those of the page (web/src/tokens.css).
type palette struct {
	sea, land, coast, border, ink, halo, rest string
	families                                  map[string]string // by display family
	others                                    []string          // for what has no family, in order
}

var palettes = map[string]palette{
	"light": {"#E2EBEE", "#F4F2EC", "#AFC0C8", "#D6D1C5", "#1D1C1A", "#FFFFFF", "#B9B4A8", map[string]string{
		"electronics": "#1A4BA8", "textiles": "#D9487A", "ceramics": "#944500", "machinery": "#3B3D43",
		"appliances": "#00745B", "footwear": "#640E1A", "household": "#7C8B0E", "creative": "#9D66E0",
	}, []string{"#1A4BA8", "#D9487A", "#944500", "#3B3D43", "#00745B", "#640E1A", "#7C8B0E", "#9D66E0"}},
	"dark": {"#10161A", "#1E2326", "#3A4A54", "#3A3F42", "#F2EFE8", "#101314", "#6B665C", map[string]string{
		"electronics": "#7FA8FF", "textiles": "#F283AB", "ceramics": "#E09A5B", "machinery": "#C3C6CD",
		"appliances": "#4CC7A5", "footwear": "#D9707F", "household": "#C3D25A", "creative": "#C9A6F5",
	}, []string{"#7FA8FF", "#F283AB", "#E09A5B", "#C3C6CD", "#4CC7A5", "#D9707F", "#C3D25A", "#C9A6F5"}},
}

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
	c, ok := q.state.Collection(id)
	if !ok {
		return failf(http.StatusNotFound, "There is no style %q; each collection has one by its id. They are listed at %s.", printable(id), q.base+"/styles")
	}
	x, err := indexOf(c)
	if err != nil {
		return err
	}
	theme, given := q.params.take("theme")
	if !given {
		theme = "light"
	}
	colours, known := palettes[theme]
	if !known {
		return invalid("theme", "needs light or dark, found %s", quoted(theme))
	}
	if err := q.params.none(); err != nil {
		return err
	}
	q.speaks(w)
	k := keptResource{rev: c.Source.Rev(), resource: "/styles/" + escapeID(c.ID) + "?theme=" + theme, linked: true}
	return s.serveKept(w, q, k, func(context.Context) (*keptAnswer, error) {
		return keptJSON(s.styleOf(q, c, x, colours))
	})
}

// styleOf is a map of one collection: the base map, its polygons and lines, and its
// points as groups.
func (s *Server) styleOf(q *request, c *geo.Collection, x *geo.Index, p palette) map[string]any {
	sources, layers := s.baseOfStyle(q, p)
	points, shapes := false, false
	for _, t := range x.Schema().Geometry {
		point := t == "Point" || t == "MultiPoint"
		points, shapes = points || point, shapes || !point
	}
	source := func(kinds string) map[string]any {
		return map[string]any{"type": "vector", "url": address(q.base, tilesPath(c)+"/WebMercatorQuad", "f=tilejson&layers="+kinds+"&pixels=512")}
	}
	ink := colourOf(x.Schema(), p)
	if shapes {
		sources["shapes"] = source("features")
		layers = append(layers, shapeLayers(ink, p)...)
	}
	if points && !shapes {
		sources["groups"] = source("groups")
		layers = append(layers, groupLayers(ink, nameProperty(x.Schema(), q.lang).Name, p)...)
	}
	center, zoom := archive.BestView(x.Extent().Box)
	return map[string]any{
		"version": 8, "name": titleIn(c, q.lang), "center": center, "zoom": max(0, float64(zoom)-0.5),
		"glyphs":  q.base + "/fonts/{fontstack}/{range}.pbf",
		"sources": sources, "layers": layers,
	}
}

// baseOfStyle is the base map that the page has.
func (s *Server) baseOfStyle(q *request, p palette) (sources map[string]any, layers []any) {
	sources = map[string]any{}
	layers = []any{map[string]any{"id": "sea", "type": "background", "paint": map[string]any{"background-color": p.sea}}}
	for _, name := range s.files.baseNames() {
		id := strings.TrimSuffix(name, ".geojson")
		if id == "places" {
			continue // their names are for the page
		}
		sources["base-"+id] = map[string]any{"type": "geojson", "data": q.base + "/base/" + url.PathEscape(name)}
		if id == "land" {
			layers = append(layers, map[string]any{"id": "land", "type": "fill", "source": "base-" + id, "paint": map[string]any{"fill-color": p.land, "fill-outline-color": p.coast}})
			continue
		}
		layers = append(layers, map[string]any{"id": "base-" + id, "type": "line", "source": "base-" + id, "paint": map[string]any{"line-color": p.border, "line-width": 0.8}})
	}
	return sources, layers
}

// colourOf is the colour of a feature by the property that colours symbols.
func colourOf(schema *geo.Schema, p palette) any {
	i := slices.IndexFunc(schema.Properties, func(p geo.Property) bool { return p.Role == geo.RoleCategory && len(p.Enum) > 0 })
	if i < 0 {
		return p.others[0]
	}
	category := schema.Properties[i]
	match := []any{"match", []any{"to-string", []any{"get", category.Name}}}
	for n, e := range category.Enum {
		colour, family := p.families[e.Group]
		switch {
		case family:
		case len(category.Groups) == 0 && n < len(p.others):
			colour = p.others[n]
		default:
			continue
		}
		match = append(match, e.Value, colour)
	}
	if len(match) == 2 {
		return p.others[0]
	}
	return append(match, p.rest)
}

func shapeLayers(ink any, p palette) []any {
	paint := func(id, kind, geometry string, paint map[string]any) map[string]any {
		return map[string]any{"id": id, "type": kind, "source": "shapes", "source-layer": "features",
			"filter": []any{"==", []any{"geometry-type"}, geometry}, "paint": paint}
	}
	return []any{
		paint("areas", "fill", "Polygon", map[string]any{"fill-color": ink, "fill-opacity": 0.25}),
		paint("borders", "line", "Polygon", map[string]any{"line-color": ink, "line-width": 1.2}),
		paint("lines", "line", "LineString", map[string]any{"line-color": ink, "line-width": 1.6}),
		paint("points", "circle", "Point", map[string]any{"circle-color": ink, "circle-radius": 5, "circle-stroke-color": p.halo, "circle-stroke-width": 1.5}),
	}
}

// groupLayers draw groups with their count, and lone features with their name where
// the map is near.
func groupLayers(ink any, name string, p palette) []any {
	layer := func(id, kind string, filter any, layout, paint map[string]any) map[string]any {
		l := map[string]any{"id": id, "type": kind, "source": "groups", "source-layer": "groups", "filter": filter, "paint": paint}
		if layout != nil {
			l["layout"] = layout
		}
		return l
	}
	count := []any{"get", "count"}
	many, one := []any{">", count, 1}, []any{"==", count, 1}
	radius := []any{"step", count, 13, 4, 15.5, 10, 18, 100, 22.5, 1000, 27.5}
	short := []any{"case",
		[]any{">=", count, 1000000}, []any{"concat", []any{"to-string", []any{"round", []any{"/", count, 1000000}}}, "M"},
		[]any{">=", count, 10000}, []any{"concat", []any{"to-string", []any{"round", []any{"/", count, 1000}}}, "k"},
		[]any{"to-string", count}}
	out := []any{
		layer("groups", "circle", many, nil, map[string]any{"circle-color": p.halo, "circle-radius": radius, "circle-stroke-color": p.ink, "circle-stroke-width": 2}),
		layer("counts", "symbol", many, map[string]any{"text-field": short, "text-font": []string{glyphFont}, "text-size": 13, "text-allow-overlap": true}, map[string]any{"text-color": p.ink}),
		layer("alone", "circle", one, nil, map[string]any{"circle-color": ink, "circle-radius": 6.5, "circle-stroke-color": p.halo, "circle-stroke-width": 1.5}),
	}
	if name != "" {
		names := layer("names", "symbol", one, map[string]any{"text-field": []any{"to-string", []any{"get", name}}, "text-font": []string{glyphFont},
			"text-size": 12, "text-anchor": "top", "text-offset": []float64{0, 0.8}, "text-optional": true}, map[string]any{"text-color": p.ink, "text-halo-color": p.halo, "text-halo-width": 1.2})
		names["minzoom"] = 6
		out = append(out, names)
	}
	return out
}

// glyphFont is the font that /fonts has.
const glyphFont = "Go Regular"

// fonts answers GET /fonts/{fontstack}/{range}: the glyphs of a range of characters
// as MapLibre draws them. Chinese characters are not there: MapLibre draws them
// with fonts of the system.
func (s *Server) fonts(w http.ResponseWriter, q *request) error {
	if _, err := q.variable("fontstack"); err != nil {
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
	q.media = media{"pbf", "application/x-protobuf", "application/x-protobuf"}
	return s.serveKept(w, q, keptResource{resource: "/fonts/" + text}, func(context.Context) (*keptAnswer, error) {
		body, err := glyphRange(glyphFont, from)
		return &keptAnswer{body: body}, err
	})
}
