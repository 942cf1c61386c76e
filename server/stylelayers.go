package server

import (
	"net/url"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/archive"
)

// palette is the colours of a map: those of the page (web/src/tokens.css), which a
// test holds them to.
type palette struct {
	sea, land, region, coast, country, province, outline string
	place, area, water, halo                             string // labels
	disc, ink, casing, rest                              string // symbols
	families                                             map[string]string
	steps                                                map[string]string // of figures in classes
}

// familyOrder is in which order values without a family take the colours of families.
func familyOrder() []string {
	return []string{"electronics", "textiles", "ceramics", "machinery", "appliances", "chemicals", "household", "creative"}
}

// paletteOf is the palette of a theme.
func paletteOf(theme string) (p palette, ok bool) {
	switch theme {
	case "light":
		return palette{
			sea: "#E2EBEE", land: "#F4F2EC", region: "#FFFFFF", coast: "#AFC0C8", country: "#A8A296", province: "#D6D1C5", outline: "#4A463F",
			place: "#3A3833", area: "#6B675E", water: "#486B7B", halo: "#FFFFFF",
			disc: "#FFFFFF", ink: "#1D1C1A", casing: "#FFFFFF", rest: "#B9B4A8",
			families: map[string]string{
				"electronics": "#1A4BA8", "textiles": "#D9487A", "ceramics": "#944500", "machinery": "#3B3D43",
				"appliances": "#00745B", "chemicals": "#640E1A", "household": "#7C8B0E", "creative": "#9D66E0",
			},
			steps: map[string]string{
				"seq-1": "#E9EBC9", "seq-2": "#B9D9A8", "seq-3": "#73BF9E", "seq-4": "#29979D", "seq-5": "#12648F", "seq-6": "#1E346B",
				"div-n3": "#154D8C", "div-n2": "#3F7FB8", "div-n1": "#95BDDA", "div-0": "#EAE8E2", "div-p1": "#E4B383", "div-p2": "#CA723C", "div-p3": "#90391C",
			},
		}, true
	case "dark":
		return palette{
			sea: "#0F1519", land: "#1E252A", region: "#283138", coast: "#43525B", country: "#5A666E", province: "#434F58", outline: "#C9D1D5",
			place: "#D3D9DC", area: "#8F9BA3", water: "#6E8C9C", halo: "#161B1F",
			disc: "#161B1F", ink: "#EEF0F1", casing: "#11171B", rest: "#59636A",
			families: map[string]string{
				"electronics": "#5AADF5", "textiles": "#D0478A", "ceramics": "#F2982E", "machinery": "#A19FB0",
				"appliances": "#74EEE3", "chemicals": "#A87E66", "household": "#D6E296", "creative": "#8474DC",
			},
			steps: map[string]string{
				"seq-1": "#303D58", "seq-2": "#2A5C84", "seq-3": "#19859A", "seq-4": "#47B09E", "seq-5": "#8FD49D", "seq-6": "#E9EFA1",
				"div-n3": "#7AC8F5", "div-n2": "#4D92CA", "div-n1": "#3B5E81", "div-0": "#363A3D", "div-p1": "#84573E", "div-p2": "#D58042", "div-p3": "#F7BF77",
			},
		}, true
	}
	return palette{}, false
}

// mapStyle is a style of MapLibre in the making.
type mapStyle struct {
	q       *request
	colours palette
	regions *geo.Collection // whose outlines are drawn; nil for none
	sources map[string]any
	layers  []styleLayer
}

// styleLayer is a layer of a style.
type styleLayer struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Source  string         `json:"source,omitempty"`
	Of      string         `json:"source-layer,omitempty"`
	Filter  any            `json:"filter,omitempty"`
	MinZoom float64        `json:"minzoom,omitempty"`
	Layout  map[string]any `json:"layout,omitempty"`
	Paint   map[string]any `json:"paint"`
}

func (m *mapStyle) add(layers ...styleLayer) { m.layers = append(m.layers, layers...) }

// expression is an expression of MapLibre.
type expression = []any

func (m *mapStyle) document(name string, extent geo.Extent) map[string]any {
	doc := map[string]any{
		"version": 8, "name": name, "glyphs": m.q.base + "/fonts/{fontstack}/{range}.pbf", "sources": m.sources, "layers": m.layers,
	}
	if !extent.Empty {
		const aside = 0.7 // of a zoom, so that symbols at the edges are in view
		center, zoom := archive.BestView(extent.Box)
		doc["center"], doc["zoom"] = center, max(0, float64(zoom)-aside)
	}
	return doc
}

// addCollection adds all of a map of one collection: the base map, its regions, its
// polygons and lines, and its points as groups.
func (m *mapStyle) addCollection(c *geo.Collection, x *geo.Index, base []string) {
	p := &m.colours
	m.add(styleLayer{ID: "sea", Type: "background", Paint: map[string]any{"background-color": p.sea}})
	if slices.Contains(base, "land.geojson") {
		m.addBase("land", "fill", map[string]any{"fill-color": p.land, "fill-outline-color": p.coast})
	}
	if m.regions != nil {
		m.sources["regions"] = m.tiles(regionsID, "layers=features,outlines&pixels=512&default=true&properties=outline")
		m.add(styleLayer{ID: "regions", Type: "fill", Source: "regions", Of: "features", Paint: map[string]any{"fill-color": p.region}})
	}
	for _, name := range base {
		m.addBorders(strings.TrimSuffix(name, ".geojson"))
	}
	if m.regions != nil {
		outline := styleLayer{ID: "region-outlines", Type: "line", Source: "regions", Of: "outlines", Filter: expression{"!=", expression{"get", "outline"}, "approximate"},
			Paint: map[string]any{"line-color": p.outline, "line-width": 1.5}}
		rough := outline
		rough.ID, rough.Filter = "region-outlines-approximate", expression{"==", expression{"get", "outline"}, "approximate"}
		rough.Paint = map[string]any{"line-color": p.outline, "line-width": 1.5, "line-dasharray": []float64{3, 2}}
		m.add(outline, rough)
	}
	if slices.Contains(base, "places.geojson") {
		m.addPlaces()
	}
	points, shapes := false, false
	for _, t := range x.Schema().Geometry {
		point := t == "Point" || t == "MultiPoint"
		points, shapes = points || point, shapes || !point
	}
	switch {
	case shapes:
		m.sources["shapes"] = m.tiles(c.ID, "pixels=512")
		m.addShapes(x.Schema())
	case points:
		m.sources["groups"] = m.tiles(c.ID, "layers=groups&pixels=512")
		m.addGroups(x.Schema())
	}
}

// tiles is a source of the tiles of a collection.
func (m *mapStyle) tiles(id, query string) map[string]any {
	return map[string]any{"type": "vector", "url": m.q.base + collectionPath(id) + "/tiles/WebMercatorQuad?f=tilejson&" + query}
}

// regionsOf is the collection of the regions that the features of c belong to, nil
// where they belong to none or no outlines are served.
func regionsOf(state *geo.State, c *geo.Collection) *geo.Collection {
	areas, ok := state.Collection(regionsID)
	if !ok || c == areas {
		return nil
	}
	has := func(c *geo.Collection, name string, t geo.Type) bool {
		p, ok := c.Source.Schema().Property(name)
		return ok && p.Type == t
	}
	if _, err := indexOf(areas); err != nil || !has(c, "regions", geo.TypeArray) || !has(areas, "default", geo.TypeBoolean) || !has(areas, "outline", geo.TypeString) {
		return nil
	}
	return areas
}

// addBase adds a file of the base map.
func (m *mapStyle) addBase(name, kind string, paint map[string]any) {
	m.sources["base-"+name] = map[string]any{"type": "geojson", "data": m.q.base + "/base/" + url.PathEscape(name+".geojson")}
	m.add(styleLayer{ID: "base-" + name, Type: kind, Source: "base-" + name, Paint: paint})
}

func (m *mapStyle) addBorders(name string) {
	p := &m.colours
	switch name {
	case "land", "areas", "places":
	case "countries":
		m.addBase(name, "line", map[string]any{"line-color": p.country, "line-width": 1})
	case "disputed":
		m.addBase(name, "line", map[string]any{"line-color": p.country, "line-width": 1, "line-dasharray": []float64{3, 3}})
	default:
		m.addBase(name, "line", map[string]any{"line-color": p.province, "line-width": 0.8})
	}
}

// addPlaces adds the names of the base map. Layers to come take the room first.
func (m *mapStyle) addPlaces() {
	p := &m.colours
	const name = "places"
	m.sources["base-"+name] = map[string]any{"type": "geojson", "data": m.q.base + "/base/places.geojson"}
	rank := expression{"get", "rank"}
	label := func(kind, colour string, size, spacing float64, second, third float64) styleLayer {
		return styleLayer{
			ID: "names-" + kind, Type: "symbol", Source: "base-" + name,
			Filter: expression{"all", expression{"==", expression{"get", "kind"}, kind},
				expression{"step", expression{"zoom"}, expression{"<=", rank, 1}, second, expression{"<=", rank, 2}, third, true}},
			Layout: map[string]any{"text-field": expression{"get", "name_" + m.q.lang}, "text-font": []string{plainFont}, "text-size": size,
				"text-letter-spacing": spacing, "text-padding": 6, "text-max-width": 8},
			Paint: map[string]any{"text-color": colour, "text-halo-color": p.halo, "text-halo-width": 1.2},
		}
	}
	spaced := 1.0 // Chinese names of areas; half of it for Latin
	if m.q.lang == "en" {
		spaced = 0.5
	}
	province := label("province", p.area, 12, 0.16*spaced, 4, 5)
	province.MinZoom = 3
	city := label("city", p.place, 11.5, 0, 4.5, 6)
	city.MinZoom = 3.5
	city.Layout["text-variable-anchor"], city.Layout["text-radial-offset"] = beside(), 0.7
	m.add(city, province, label("water", p.water, 12, 0.32*spaced, 4, 5))
}

// beside is where the anchor of a name that stands beside its place is tried.
func beside() []string { return []string{"left", "right", "bottom", "top"} }

func (m *mapStyle) addShapes(schema *geo.Schema) {
	p := &m.colours
	ink, opacity := m.colourOf(schema), 0.25
	if classed(schema) {
		opacity = 0.85
	}
	shape := func(id, kind, geometry string, paint map[string]any) styleLayer {
		return styleLayer{ID: id, Type: kind, Source: "shapes", Of: "features", Filter: expression{"==", expression{"geometry-type"}, geometry}, Paint: paint}
	}
	m.add(
		shape("areas", "fill", "Polygon", map[string]any{"fill-color": ink, "fill-opacity": opacity}),
		shape("borders", "line", "Polygon", map[string]any{"line-color": ink, "line-width": 1.2}),
		shape("lines", "line", "LineString", map[string]any{"line-color": ink, "line-width": 1.6}),
		shape("points", "circle", "Point", map[string]any{"circle-color": ink, "circle-radius": 5, "circle-stroke-color": p.casing, "circle-stroke-width": 1.5}),
	)
}

// addGroups adds groups with their count, and lone features, with their name where
// there is room. The ring of a group has the colour of what most of it is.
func (m *mapStyle) addGroups(schema *geo.Schema) {
	p := &m.colours
	count := expression{"get", "count"}
	many, one := expression{">", count, 1}, expression{"==", count, 1}
	layer := func(id, kind string, filter any, layout, paint map[string]any) styleLayer {
		return styleLayer{ID: id, Type: kind, Source: "groups", Of: "groups", Filter: filter, Layout: layout, Paint: paint}
	}
	if name := nameProperty(schema, m.q.lang).Name; name != "" {
		names := layer("names", "symbol", one, map[string]any{
			"text-field": expression{"to-string", expression{"get", name}}, "text-font": []string{plainFont}, "text-size": 12,
			"text-variable-anchor": beside(), "text-radial-offset": 0.8, "text-justify": "auto",
		}, map[string]any{"text-color": p.place, "text-halo-color": p.halo, "text-halo-width": 1.5})
		names.MinZoom = 4.5
		m.add(names)
	}
	const ring = 4.0
	radius := func(less float64) expression {
		return expression{"step", count, 13 - less, 4, 15.5 - less, 10, 18 - less, 100, 22.5 - less, 1000, 27.5 - less}
	}
	short := expression{"case",
		expression{">=", count, 1e7}, expression{"concat", expression{"to-string", expression{"round", expression{"/", count, 1e6}}}, "M"},
		expression{">=", count, 1e4}, expression{"concat", expression{"to-string", expression{"round", expression{"/", count, 1e3}}}, "k"},
		expression{"to-string", count}}
	m.add(
		layer("alone", "circle", one, nil, map[string]any{"circle-color": m.colourOf(schema), "circle-radius": 6.5, "circle-stroke-color": p.casing, "circle-stroke-width": 1.5}),
		layer("groups", "circle", many, nil, map[string]any{"circle-color": p.disc, "circle-radius": radius(ring), "circle-stroke-color": m.mostlyOf(schema), "circle-stroke-width": ring}),
		layer("counts", "symbol", many, map[string]any{"text-field": short, "text-font": []string{boldFont}, "text-size": 13, "text-allow-overlap": true, "text-padding": 8},
			map[string]any{"text-color": p.ink}),
	)
}

// categoryColours are the values of the property that colours symbols, with their
// colours: those of their families, or of the first values where there are no
// families.
func (m *mapStyle) categoryColours(schema *geo.Schema) (name string, values, colours []string) {
	i := slices.IndexFunc(schema.Properties, func(p geo.Property) bool { return p.Role == geo.RoleCategory && len(p.Enum) > 0 })
	if i < 0 {
		return "", nil, nil
	}
	category, order := &schema.Properties[i], familyOrder()
	for n, e := range category.Enum {
		family := e.Group
		if len(category.Groups) == 0 && n < len(order) {
			family = order[n]
		}
		colour, ok := m.colours.families[family]
		if !ok {
			colour, ok = m.colours.steps[family]
		}
		if ok {
			values, colours = append(values, e.Value), append(colours, colour)
		}
	}
	return category.Name, values, colours
}

// classed reports whether features are coloured by the class of a figure.
func classed(schema *geo.Schema) bool {
	return slices.ContainsFunc(schema.Properties, func(p geo.Property) bool {
		return p.Role == geo.RoleCategory && len(p.Groups) > 0 && strings.Contains(steps, " "+p.Groups[0].Name+" ")
	})
}

// plainColour is of features and groups that nothing tells apart.
func (m *mapStyle) plainColour() string { return m.colours.families[familyOrder()[0]] }

// colourOf is the colour of a feature.
func (m *mapStyle) colourOf(schema *geo.Schema) any {
	name, values, colours := m.categoryColours(schema)
	if len(values) == 0 {
		return m.plainColour()
	}
	match := expression{"match", expression{"to-string", expression{"get", name}}}
	for i, v := range values {
		match = append(match, v, colours[i])
	}
	return append(match, m.colours.rest)
}

// mostlyOf is the colour that more than half of a group have; else that of the rest.
func (m *mapStyle) mostlyOf(schema *geo.Schema) any {
	name, values, colours := m.categoryColours(schema)
	if len(values) == 0 {
		return m.plainColour()
	}
	choose := expression{"case"}
	for i, colour := range colours {
		if slices.Contains(colours[:i], colour) {
			continue
		}
		sum := expression{"+", 0}
		for j, v := range values {
			if colours[j] == colour {
				sum = append(sum, expression{"coalesce", expression{"get", "count_" + name + "_" + v}, 0})
			}
		}
		choose = append(choose, expression{">", expression{"*", 2, sum}, expression{"get", "count"}}, colour)
	}
	return append(choose, m.colours.rest)
}
