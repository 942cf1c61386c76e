package server

import (
	"fmt"
	"slices"
	"strings"

	"clustermap/geo"
)

// addMaps adds the paths of a map: of the dataset, or of a collection where c is not
// nil.
func (s *Server) addMaps(c *geo.Collection, paths obj, filter []any) {
	path, name, title, origin := "/map", "dataset", "all collections", "all.dataset"
	look := mapParameterRefs(c != nil)
	own := refs("rev-map")
	if c != nil {
		if _, err := indexOf(c); err != nil {
			return
		}
		path, name, title = "/collections/"+escapeID(c.ID)+"/map", componentName(c.ID), titleOf(c)
		origin = name + ".collection"
	} else {
		look = append(look, ref("parameters", "collections"))
		own = append(own, ref("parameters", "scenes-map"))
	}
	filter = withoutNames(withoutBox(filter), lookParameters[:], frameParameters[:], []string{"rev", "scenes"})
	all := slices.Concat(refs(frameRefs()...), look, own, filter)
	op := s.operationIn("f-map", origin+".getMap", "A map of "+title+" as a picture", "Maps", nil, pictureAnswer(mapMedia()))
	op = withAnswer(op, "410", obj{"description": "The data have changed since; the link successor-version leads to the picture of the data of today.", "content": problemResponse("")["content"]})
	paths[path] = withoutCommon(op, append(all, ref("parameters", "f-map"), ref("parameters", "lang-map")))
	paths[path+"/tiles"] = s.operationIn("f-json", origin+".map.getTileSetsList", "The tilesets of the map of "+title, "Maps", append(look, filter...), documentOnly("tilesets", jsonMedia))
	set := documentOnly("tileset", jsonMedia)
	set["content"].(obj)[tilejsonMedia.content] = obj{"schema": ref("schemas", "tileJSON")}
	grid := refs("tileMatrixSetId")
	paths[path+"/tiles/{tileMatrixSetId}"] = s.operationIn("f-maptileset", origin+".map.getTileSet", "A tileset of the map of "+title, "Maps", slices.Concat(grid, look, filter), set)
	axes := tileAxes(c != nil && c.Source.Extent().Empty, "tileMatrix", "tileRow", "tileCol")
	op = s.operationIn("f-maptile", origin+".map.getTile", "A tile of the map of "+title, "Maps", nil, pictureAnswer(mapTileMedia()))
	op = withoutCommon(op, slices.Concat(grid, axes, refs("width-map", "height-map", "dpi-map", "mm-per-pixel-map"), look, filter, refs("f-maptile", "lang-map")))
	paths[path+"/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"] = withAnswer(op, "204", obj{"description": "The tile is outside of the data."})
}

// withoutCommon sets the parameters of an operation whole.
func withoutCommon(operation obj, parameters []any) obj {
	operation["get"].(obj)["parameters"] = parameters
	return operation
}

// documentOnly is a document that is not to be had as a page.
func documentOnly(schema string, m media) obj {
	return obj{"description": "The document.", "headers": obj{"ETag": ref("headers", "ETag")}, "content": obj{m.content: obj{"schema": ref("schemas", schema)}}}
}

// pictureAnswer is an answer that is a picture.
func pictureAnswer(formats []media) obj {
	content := obj{}
	for _, m := range formats {
		content[m.content] = obj{"schema": obj{"type": "string", "format": "binary"}}
	}
	text := obj{"type": "string"}
	header := func(description string) obj { return obj{"description": description, "schema": text} }
	return obj{"description": "The picture.", "content": content, "headers": obj{
		"ETag":                          ref("headers", "ETag"),
		"Content-Crs":                   header("The coordinate reference system of the picture."),
		"Content-Bbox":                  header("The box that the map shows, in the order of the axes of that system."),
		"Clustermap-Rev":                header("The state of the data that the picture is of, for the parameter rev."),
		"Content-Datetime":              header("When the features are of: an instant or an interval; missing where they have no times."),
		"Clustermap-Features":           obj{"description": "How many features the picture shows, those in groups included.", "schema": obj{"type": "integer"}},
		"Clustermap-Groups":             header("Zoom and radius of the groups in the picture, for each collection shown as groups: the groups of the API with these have the same counts."),
		"Clustermap-Left-Out":           obj{"description": "The furniture that had no room in the picture.", "schema": obj{"type": "string"}},
		"Clustermap-Hidden-Labels":      obj{"description": "How many labels had no room.", "schema": obj{"type": "integer"}},
		"Clustermap-Missing-Characters": header("Characters for which no font has a shape."),
	}}
}

// withoutNames leaves out the parameters whose names mean something else.
func withoutNames(all []any, names ...[]string) []any {
	var out []any
	for _, p := range all {
		name, _ := p.(obj)["name"].(string)
		taken := slices.ContainsFunc(names, func(of []string) bool { return slices.Contains(of, name) })
		if !taken {
			out = append(out, p)
		}
	}
	return out
}

func frameRefs() []string {
	var out []string
	for _, name := range frameParameters {
		out = append(out, name+"-map")
	}
	return out
}

// mapParameterRefs are the parameters of the look of a map.
func mapParameterRefs(bare bool) []any {
	var out []any
	for _, name := range lookParameters {
		switch name {
		case "collections":
			continue
		case "furniture", "regions", "review", "subtitle", "title":
			if bare {
				continue
			}
		}
		out = append(out, ref("parameters", name+"-map"))
	}
	return out
}

// addMapParameters adds the parameters of maps.
func (s *Server) addMapParameters(out obj) {
	number := obj{"type": "number"}
	text := obj{"type": "string"}
	var systems []string
	for _, c := range mapSystems() {
		systems = append(systems, c.URI())
	}
	pixels := obj{"type": "integer", "minimum": 1, "maximum": mostPixels}
	add := func(name, description string, schema obj, example any) {
		out[name+"-map"] = formParameter(name, description, schema, example)
	}
	add("width", "Width in pixels.", pixels, 800)
	add("height", "Height in pixels; without it as the box needs.", pixels, 600)
	add("dpi", "Pixels for an inch: symbols and type are that much larger.", obj{"type": "number", "minimum": leastDPI, "maximum": mostDPI, "default": screenDPI}, nil)
	add("mm-per-pixel", "Size of a pixel in mm, in place of dpi.", number, nil)
	add("scale-denominator", "The scale, with center or alone.", number, nil)
	add("bbox", "The box to show, in bbox-crs.", obj{"type": "array", "minItems": 4, "maxItems": 6, "items": number}, []any{100, 20, 125, 45})
	for _, name := range [...]string{"bbox-crs", "center-crs", "subset-crs"} {
		add(name, "The system of the parameter of that name; without it longitude, latitude.", choice(systems...), nil)
	}
	add("crs", "The system of the map; without it longitude, latitude, and on pages the one of web maps or, for all of China, an equal-area one.", choice(systems...), nil)
	add("center", "The middle of the map, in center-crs, in place of bbox.", obj{"type": "array", "minItems": 2, "maxItems": 2, "items": number}, nil)
	add("subset", "The box as intervals of axes, such as Lat(20:45),Lon(100:125).", text, nil)
	add("fit", "What is done where box and picture have other shapes: the box fills the picture, or more is shown.", choice("exact", "extend"), nil)
	add("style", "Colours and sizes.", choice(sortedKeys(styleNames())...), "light")
	add("view", "How the features are drawn.", choice(sortedKeys(viewNames())...), nil)
	add("by", "What territories or hexagons count by: division:province, region:ID or hex:KM.", text, nil)
	add("radius", "Radius of groups in pixels, as of the groups of a collection. Without it that which suits the scale.", obj{"type": "integer", "minimum": 20, "maximum": 200}, nil)
	add("labels", "Whether names are written.", obj{"type": "boolean"}, nil)
	add("bgcolor", "The colour under the map: 0xRRGGBB or a name of CSS.", text, "0xF4F2EC")
	add("transparent", "Whether there is none.", obj{"type": "boolean"}, nil)
	add("void-color", "The colour of what is beyond the world.", text, nil)
	add("void-transparent", "Whether that has none.", obj{"type": "boolean"}, nil)
	add("furniture", "What stands around the map: all, none, or some of "+strings.Join(sortedKeys(furnitureNames()), ", ")+".", text, nil)
	add("regions", "Ids of region definitions to outline; none: no region.", text, nil)
	add("title", "The title; without it what the numbers say.", obj{"type": "string", "maxLength": mostMapTitle}, nil)
	add("subtitle", "The line below the title.", obj{"type": "string", "maxLength": mostMapTitle}, nil)
	add("review", "The review number of the base map (审图号).", obj{"type": "string", "maxLength": mostMapTitle}, nil)
	add("rev", "The state of the data that the picture must be of, as the header Clustermap-Rev of an earlier answer says it. Once the data have changed the answer is 410 with a link to the picture of today.",
		obj{"type": "string", "pattern": "^[0-9a-f]{16}$"}, nil)
	add("scenes", fmt.Sprintf("Several maps in one PDF or PPTX, from 1 to %d: a JSON array of objects of parameters of this path, all strings, each for one page or slide; what an object does not say it has from the request. The member notes is for the notes page of a slide.", mostScenes),
		obj{"type": "string"}, nil)
	formats := func(all []media) obj {
		var names []string
		for _, m := range all {
			names = append(names, m.f)
		}
		return choice(names...)
	}
	const format = "The format of the answer; without it the Accept header decides."
	out["f-map"] = formParameter("f", format, formats(mapMedia()), "png")
	out["f-maptile"] = formParameter("f", format, formats(mapTileMedia()), "png")
	out["f-maptileset"] = formParameter("f", format, choice("json", "tilejson"), "json")
	out["f-json"] = formParameter("f", format, choice("json"), "json")
	out["lang-map"] = formParameter("lang", "The language of what is written in the picture.", choice("en", "zh", "both"), "en")
}

// mapLimits is the member x-OGC-limits of the document (OGC API - Maps, 11.5).
func mapLimits() obj { return obj{"maps": obj{"maxWidth": mostPixels, "maxHeight": mostPixels}} }
