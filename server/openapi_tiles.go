package server

import (
	"clustermap/geo"
	"clustermap/geo/tile"
)

// addTileDocuments adds the paths and schemas of tile matrix sets, the dataset's
// tiles and the styles.
func (s *Server) addTileDocuments(state *geo.State, paths, schemas obj) {
	str, number := obj{"type": "string"}, obj{"type": "number"}
	index := obj{"type": "integer", "minimum": 0}
	links := arrayOf(ref("schemas", "link"))
	corner := obj{"type": "array", "minItems": 2, "maxItems": 2, "items": number}
	schemas["tileMatrixSets"] = closed(obj{"links": links, "tileMatrixSets": arrayOf(closed(obj{
		"id": str, "title": str, "uri": str, "crs": str, "links": links}, "id", "title", "crs", "links"))}, "tileMatrixSets", "links")
	box := closed(obj{"lowerLeft": corner, "upperRight": corner, "crs": str}, "lowerLeft", "upperRight")
	schemas["tileMatrixSet"] = closed(obj{"boundingBox": box, "id": str, "title": str, "uri": str, "crs": str, "orderedAxes": arrayOf(str), "wellKnownScaleSet": str, "links": links,
		"tileMatrices": arrayOf(closed(obj{"id": str, "scaleDenominator": number, "cellSize": number, "cornerOfOrigin": constant("topLeft"),
			"pointOfOrigin": corner, "tileWidth": index, "tileHeight": index, "matrixWidth": index, "matrixHeight": index},
			"id", "scaleDenominator", "cellSize", "pointOfOrigin", "tileWidth", "tileHeight", "matrixWidth", "matrixHeight")),
	}, "id", "crs", "tileMatrices", "links")
	templated := arrayOf(closed(obj{"href": str, "rel": str, "type": str, "title": str, "templated": obj{"type": "boolean"}}, "href", "rel"))
	summary := obj{"title": str, "dataType": choice("vector", "map"), "crs": str, "tileMatrixSetURI": str, "links": templated}
	schemas["tilesets"] = closed(obj{"tilesets": arrayOf(closed(summary, "dataType", "crs", "links")), "links": links}, "tilesets", "links")
	whole := obj{"description": str, "attribution": str, "mediaTypes": arrayOf(str),
		"tileMatrixSetLimits": arrayOf(closed(obj{"tileMatrix": str, "minTileRow": index, "maxTileRow": index, "minTileCol": index, "maxTileCol": index},
			"tileMatrix", "minTileRow", "maxTileRow", "minTileCol", "maxTileCol")),
		"boundingBox": box,
		"centerPoint": closed(obj{"coordinates": corner, "crs": str, "tileMatrix": str}, "coordinates"),
		"layers": arrayOf(closed(obj{"id": str, "title": str, "dataType": constant("vector"), "geometryDimension": index,
			"propertiesSchema": obj{"type": "object"}, "minTileMatrix": str, "maxTileMatrix": str, "links": links}, "id", "dataType")),
		"x-clustermap-budget": closed(obj{"maxBytes": index, "maxFeatures": index, "rule": str,
			"worst": closed(obj{"tileMatrix": str, "tileRow": index, "tileCol": index, "dropped": index}, "dropped")}, "maxBytes", "maxFeatures", "rule"),
	}
	for name, schema := range summary {
		whole[name] = schema
	}
	schemas["tileset"] = closed(whole, "dataType", "crs", "links")
	schemas["tileJSON"] = closed(obj{"tilejson": constant("3.0.0"), "name": str, "description": str, "attribution": str, "scheme": constant("xyz"), "tiles": arrayOf(str),
		"minzoom": index, "maxzoom": index, "bounds": arrayOf(number), "center": arrayOf(number),
		"vector_layers": arrayOf(closed(obj{"id": str, "description": str, "minzoom": index, "maxzoom": index, "fields": obj{"type": "object", "additionalProperties": str}}, "id", "fields")),
	}, "tilejson", "tiles", "vector_layers")
	schemas["styles"] = closed(obj{"styles": arrayOf(closed(obj{"id": str, "title": str, "links": links}, "id", "links")), "links": links}, "styles", "links")
	schemas["style"] = closed(obj{"version": obj{"type": "integer"}, "name": str, "center": corner, "zoom": number, "glyphs": str,
		"sources": obj{"type": "object"}, "layers": arrayOf(obj{"type": "object"})}, "version", "sources", "layers")

	paths["/tileMatrixSets"] = s.operation("getTileMatrixSetsList", "The tile matrix sets", "Tiles", nil, documentOf("tileMatrixSets", jsonMedia))
	paths["/tileMatrixSets/{tileMatrixSetId}"] = s.operation("getTileMatrixSet", "One tile matrix set", "Tiles", refs("tileMatrixSetId"), documentOf("tileMatrixSet", jsonMedia))
	paths["/styles"] = s.operation("getStyles", "Finished maps for MapLibre, one for each collection", "Tiles", nil, documentOf("styles", jsonMedia))
	ids := []any{}
	for _, c := range state.Collections() {
		ids = append(ids, c.ID)
	}
	if len(ids) > 0 {
		style := obj{"name": "style", "in": "path", "required": true, "description": "The id of a collection.", "schema": obj{"type": "string", "enum": ids}, "example": ids[0]}
		one := obj{"description": "The style.", "headers": obj{"ETag": ref("headers", "ETag")}, "content": obj{styleMedia.content: obj{"schema": ref("schemas", "style")}}}
		paths["/styles/{style}"] = s.operationIn("f-style", "getStyle", "A finished map of a collection for MapLibre", "Tiles", []any{style,
			formParameter("theme", "The colours of the map.", choice("light", "dark"), "light")}, one)
	}
	empty := true
	for _, c := range state.Collections() {
		empty = empty && c.Source.Extent().Empty
	}
	s.addTiles("all.dataset", "/tiles", "all collections", append(refs("collections"), refs("layers", "properties-tiles", "pixels", "priority", "radius", "filter-tiles", "datetime", "q")...), empty, paths)
}

// addCollectionTiles adds the paths of a collection's tiles.
func (s *Server) addCollectionTiles(c *geo.Collection, paths obj, filter []any) {
	if _, err := indexOf(c); err != nil {
		return
	}
	parameters := append(refs("layers", "properties-tiles", "pixels", "priority", "radius"), withoutBox(filter)...)
	path, name, title, empty := "/collections/"+escapeID(c.ID), componentName(c.ID), titleOf(c), c.Source.Extent().Empty
	s.addTiles(name+".collection", path+"/tiles", title, parameters, empty, paths)
	paths[path+"/xyz/{z}/{x}/{y}"] = s.tileOperation("getXYZ-"+name, "A tile of "+title+", for programs that know this order only", append(tileAxes(empty, "z", "x", "y"), parameters...))
}

// withoutBox leaves bbox and bbox-crs out: tiles have boxes of their own.
func withoutBox(filter []any) []any {
	var out []any
	for _, p := range filter {
		if at, ok := p.(obj)["$ref"]; ok && (at == ref("parameters", "bbox")["$ref"] || at == ref("parameters", "bbox-crs")["$ref"]) {
			continue
		}
		out = append(out, p)
	}
	return out
}

// addTiles adds the paths of tilesets. Their ids end as OGC 20-057, 12.2, has them;
// origin is what comes before.
func (s *Server) addTiles(origin, path, title string, parameters []any, empty bool, paths obj) {
	paths[path] = s.operation(origin+".vector.getTileSetsList", "The vector tilesets of "+title, "Tiles", parameters, documentOf("tilesets", jsonMedia))
	set := documentOf("tileset", jsonMedia)
	set["content"].(obj)[tilejsonMedia.content] = obj{"schema": ref("schemas", "tileJSON")}
	one := refs("tileMatrixSetId")
	paths[path+"/{tileMatrixSetId}"] = s.operationIn("f-tileset", origin+".vector.getTileSet", "A vector tileset of "+title, "Tiles", append(one, parameters...), set)
	axes := tileAxes(empty, "tileMatrix", "tileRow", "tileCol")
	paths[path+"/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"] = s.tileOperation(origin+".vector.getTile", "A vector tile of "+title, append(append(one[:1:1], axes...), parameters...))
}

func tileAxes(empty bool, names ...string) []any {
	const level, row, col = "The level.", "The row, from the north.", "The column, from the west."
	text := map[string]string{"z": level, "y": row, "x": col, "tileMatrix": level, "tileRow": row, "tileCol": col}
	var out []any
	for _, name := range names {
		p := obj{"name": name, "in": "path", "required": true, "description": text[name], "schema": obj{"type": "integer", "minimum": 0}}
		if !empty {
			p["example"] = 0
		}
		out = append(out, p)
	}
	return out
}

func (s *Server) tileOperation(id, summary string, parameters []any) obj {
	ok := obj{"description": "The tile.", "headers": obj{"ETag": ref("headers", "ETag"),
		"Clustermap-Dropped": obj{"description": "How many features of the tile its budget leaves out; not there where it is none.", "schema": obj{"type": "integer"}}},
		"content": obj{mvtMedia.content: obj{"schema": obj{"type": "string", "format": "binary"}}}}
	return withAnswer(s.operationIn("f-tile", id, summary, "Tiles", parameters, ok), "204", obj{"description": "Nothing is in the tile."})
}

// addTileParameters adds the parameters of tiles.
func (s *Server) addTileParameters(out obj, state *geo.State) {
	var sets []any
	for _, g := range tile.Grids() {
		sets = append(sets, g.ID)
	}
	out["tileMatrixSetId"] = obj{"name": "tileMatrixSetId", "in": "path", "required": true, "description": "The id of a tile matrix set.", "schema": obj{"type": "string", "enum": sets}, "example": sets[0]}
	list := func(name, description string, item obj, example any) obj {
		return formParameter(name, description, obj{"type": "array", "minItems": 1, "items": item}, example)
	}
	out["layers"] = list("layers", "What tiles show: the features, which is what they show without it, their groups as points with counts, or the outlines of polygons. radius goes with groups alone.", choice(kindNames[:]...), []any{"groups"})
	out["properties-tiles"] = formParameter("properties", "The properties that tiles have of a feature, with commas between; without it those that name, sort, size or place it.", obj{"type": "string"}, nil)
	out["priority"] = formParameter("priority", "A property of numbers: where a tile cannot hold all features, those with greater numbers stay.", obj{"type": "string"}, nil)
	out["pixels"] = formParameter("pixels", "The side of a tile on the screen, for which groups are made and shapes simplified: 512 for MapLibre.", obj{"type": "integer", "enum": []any{256, 512}, "default": 256}, 256)
	var ids []string
	for _, c := range state.Collections() {
		ids = append(ids, c.ID)
	}
	if len(ids) > 0 {
		out["collections"] = list("collections", "The collections that tiles hold, by id or address here, in the order of their layers; without it all.", choice(ids...), []any{ids[0]})
	} else {
		out["collections"] = formParameter("collections", "The collections that tiles hold.", obj{"type": "string"}, nil)
	}
	out["filter-tiles"] = formParameter("filter", "A filter in CQL2 that every collection of the tiles can answer.", obj{"type": "string"}, nil)
	out["f-tile"] = formParameter("f", "The format of the answer.", choice("mvt"), "mvt")
	out["f-tileset"] = formParameter("f", "The format of the answer; tilejson is of tiles in Web Mercator alone.", choice("json", "tilejson", "html"), "json")
	out["f-style"] = formParameter("f", "The format of the answer.", choice("json"), "json")
}
