package server

import "clustermap/geo/archive"

// addBasemaps adds the paths and schemas of the base maps.
func (s *Server) addBasemaps(paths, schemas obj) {
	str, number := obj{"type": "string"}, obj{"type": "number"}
	zoom := obj{"type": "integer", "minimum": 0, "maximum": archive.MaxZoom}
	list := func(item obj, n int) obj { return obj{"type": "array", "minItems": n, "maxItems": n, "items": item} }
	links := arrayOf(ref("schemas", "link"))
	schemas["basemaps"] = closed(obj{"basemaps": arrayOf(ref("schemas", "basemap")), "online": arrayOf(ref("schemas", "onlineBasemap")), "links": links}, "basemaps", "online", "links")
	text := closed(obj{"en": str, "zh": str})
	schemas["onlineBasemap"] = closed(obj{
		"name": str, "title": text, "tiles": str, "subdomains": arrayOf(str), "layers": arrayOf(str), "attribution": text, "terms": str,
		"datum": obj{"type": "string", "enum": []any{string(WGS84), string(GCJ02)}}, "minzoom": zoom, "maxzoom": zoom, "keyFrom": str,
	}, "name", "title", "tiles", "subdomains", "layers", "attribution", "datum", "minzoom", "maxzoom")
	schemas["basemap"] = closed(obj{
		"name": str, "title": str, "description": str, "attribution": str,
		"kind": obj{"type": "string", "enum": []any{"raster", "vector"}}, "mediaType": str,
		"minzoom": zoom, "maxzoom": zoom, "bounds": list(number, 4), "center": list(number, 3),
		"layers": arrayOf(str), "tiles": str, "links": links,
	}, "name", "title", "kind", "mediaType", "minzoom", "maxzoom", "bounds", "center", "tiles", "links")
	schemas["basemapTiles"] = closed(obj{
		"tilejson": constant("3.0.0"), "name": str, "description": str, "attribution": str, "version": str,
		"scheme": constant("xyz"), "tiles": list(str, 1), "minzoom": zoom, "maxzoom": zoom,
		"bounds": list(number, 4), "center": list(number, 3),
		"vector_layers": arrayOf(closed(obj{
			"id": str, "description": str, "minzoom": zoom, "maxzoom": zoom,
			"fields": obj{"type": "object", "additionalProperties": str},
		}, "id", "fields")),
	}, "tilejson", "name", "scheme", "tiles", "minzoom", "maxzoom", "bounds", "center", "vector_layers")
	paths["/basemaps"] = s.operation("getBasemaps", "The base maps", "Base maps", nil, documentOf("basemaps", jsonMedia))
	if len(s.baseMaps()) > 0 {
		s.addBasemap(paths)
	}
}

func (s *Server) addBasemap(paths obj) {
	var names []any
	content := obj{}
	for _, b := range s.baseMaps() {
		names = append(names, b.Name)
		content[b.Tiles.Info().Format.MediaType()] = obj{"schema": obj{"type": "string", "format": "binary"}}
	}
	i := s.baseMaps()[0].Tiles.Info()
	name := obj{"name": "basemap", "in": "path", "required": true, "description": "The name of a base map.",
		"schema": obj{"type": "string", "enum": names}, "example": names[0]}
	paths["/basemaps/{basemap}"] = s.operation("getBasemap", "One base map as TileJSON", "Base maps", []any{name}, documentOf("basemapTiles", jsonMedia))
	at := func(axis, text string, most, example int) obj {
		return obj{"name": axis, "in": "path", "required": true, "description": text, "example": example,
			"schema": obj{"type": "integer", "minimum": 0, "maximum": most}}
	}
	parameters := []any{name, at("z", "The zoom.", archive.MaxZoom, i.MinZoom),
		at("x", "The column, from the west.", 1<<archive.MaxZoom-1, 0), at("y", "The row, from the north.", 1<<archive.MaxZoom-1, 0)}
	problem := ref("responses", "Problem")
	paths["/basemaps/{basemap}/{z}/{x}/{y}"] = obj{"get": obj{
		"operationId": "getBasemapTile", "summary": "A tile of a base map, in Web Mercator", "tags": []any{"Base maps"}, "parameters": parameters,
		"responses": obj{
			"200": obj{"description": "The tile.", "headers": obj{"ETag": ref("headers", "ETag")}, "content": content},
			"204": obj{"description": "The base map has no tile there."},
			"304": ref("responses", "NotModified"), "400": problem, "404": problem, "default": problem,
		},
	}}
}
