package server

// addEmbed adds the path and schema of cards by which other pages show the map.
func (s *Server) addEmbed(paths, schemas obj) {
	str, pixels := obj{"type": "string"}, obj{"type": "integer", "minimum": 1}
	schemas["oembed"] = closed(obj{
		"type": constant("rich"), "version": constant("1.0"), "title": str, "provider_name": str, "provider_url": str,
		"cache_age": obj{"type": "integer"}, "width": pixels, "height": pixels, "html": str,
	}, "type", "version", "title", "width", "height", "html")
	size := obj{"type": "integer", "minimum": 1}
	parameters := []any{
		formParameter("url", "The address of the map page, with what it shows behind #; without it the map as it opens.", str, nil),
		formParameter("maxwidth", "The most pixels of its width.", size, 640),
		formParameter("maxheight", "The most pixels of its height.", size, 400),
		formParameter("format", "json; xml, which oEmbed knows too, is answered with 501.", choice("json"), "json"),
		formParameter("dnt", "Whether to track, which this server never does.", str, nil),
	}
	op := s.operationIn("f-json", "getEmbed", "How another page shows the map (oEmbed 1.0)", "Server", parameters, documentOnly("oembed", jsonMedia))
	problem := ref("responses", "Problem")
	paths["/oembed"] = withAnswer(withAnswer(op, "403", problem), "501", problem)
}
