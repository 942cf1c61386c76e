package server

// addImport adds the paths and schemas of tables that are sent, and of the places
// that a correction may choose among.
func (s *Server) addImport(paths, schemas obj) {
	str, number := obj{"type": "string"}, obj{"type": "number"}
	position := obj{"type": "array", "minItems": 2, "maxItems": 2, "items": number}
	schemas["importTerms"] = closed(obj{
		"enabled": obj{"type": "boolean", "description": "Tables are read."}, "keeps": obj{"type": "boolean", "description": "Collections may be sent to stay."},
		"maxBytes": obj{"type": "integer", "minimum": 1}, "formats": arrayOf(str),
		"roles": arrayOf(closed(obj{"role": str, "title": closed(obj{"en": str, "zh": str}, "en", "zh")}, "role", "title")),
	}, "enabled", "keeps")
	schemas["placesFound"] = closed(obj{"places": arrayOf(ref("schemas", "placeFound"))}, "places")
	schemas["placeFound"] = closed(obj{
		"code": str, "name_zh": str, "name_en": str, "pinyin": str, "level": str, "precision": str,
		"within_zh": str, "within_en": str, "point": position,
	}, "code", "name_zh", "level")
	terms := s.operationIn("f-json", "getImport", "Whether tables are read here, and which", "Tables", nil, documentOnly("importTerms", jsonMedia))
	if s.cfg.Tables.read() {
		terms["post"] = s.importOperation(schemas)
	}
	paths[importPath] = terms
	q := obj{"name": "q", "in": "query", "required": false, "description": "A name or the beginning of one: Chinese, English or pinyin; or a division code. Without it there are none.", "schema": str, "example": "kunshan"}
	limit := obj{"name": "limit", "in": "query", "required": false, "description": "How many at most.", "schema": obj{"type": "integer", "minimum": 1, "maximum": maxPlaces, "default": somePlaces}}
	paths["/places"] = s.operationIn("f-json", "getPlaces", "Places of China by name or code", "Tables", []any{q, limit}, documentOnly("placesFound", jsonMedia))
	if s.cfg.Tables.Keep != nil {
		paths[oneCollection].(obj)["put"] = keepOperation()
	}
}

func (s *Server) importOperation(schemas obj) obj {
	str, any1 := obj{"type": "string"}, obj{"type": "object"}
	schemas["imported"] = closed(obj{
		"report":  obj{"type": "object", "description": "What became of each row; its member mapping says what each column was taken for, and holds the corrections: it is the mapping file of clustermap import."},
		"geojson": obj{"type": "string", "description": "The features, as the file that the command would write."},
	}, "report", "geojson")
	binary := obj{"type": "string", "format": "binary"}
	problem := ref("responses", "Problem")
	return obj{
		"operationId": "postImport", "summary": "Reads a table and finds the places of its rows", "tags": []any{"Tables"},
		"description": "The body is the file, or a form with the file and a mapping. Nothing of it is kept. Pages of other sites may not send any.",
		"parameters": []any{
			obj{"name": "name", "in": "query", "required": false, "description": "The name of the file, where the body is the file.", "schema": str, "example": "firms.xlsx"},
			obj{"name": "f", "in": "query", "required": false, "description": "json: the report and the features; geojson: the features alone.", "schema": obj{"type": "string", "enum": []any{"json", "geojson"}}},
			ref("parameters", "lang"),
		},
		"requestBody": obj{"required": true, "content": obj{
			"multipart/form-data": obj{"schema": obj{"type": "object", "required": []any{"file"}, "properties": obj{
				"file": binary, "mapping": obj{"type": "string", "description": "A mapping as an answer gives it, as JSON."}}}},
			"application/octet-stream": obj{"schema": binary},
		}},
		"responses": obj{
			"200": obj{"description": "What was made of the table.", "content": obj{
				jsonMedia.content: obj{"schema": ref("schemas", "imported")}, geojsonMedia.content: obj{"schema": any1}}},
			"400": problem, "403": problem, "413": problem, "503": problem, "default": problem,
		},
	}
}

func keepOperation() obj {
	problem := ref("responses", "Problem")
	str := obj{"type": "string"}
	header := func(name, description string) obj {
		return obj{"name": name, "in": "header", "required": false, "description": description, "schema": obj{"type": "string", "enum": []any{"*"}}}
	}
	return obj{
		"operationId": "putCollection", "summary": "Stores a collection on the server and serves it", "tags": []any{"Tables"},
		"description": "One of the two headers is needed.",
		"parameters": []any{
			obj{"name": "collection", "in": "path", "required": true, "description": "The id of the collection.", "schema": obj{"type": "string", "pattern": keptName.String()}},
			header("If-None-Match", "The collection is new."), header("If-Match", "The collection replaces the one of this name that was sent before."),
		},
		"requestBody": obj{"required": true, "content": obj{geojsonMedia.content: obj{"schema": obj{"type": "object"}}}},
		"responses": obj{
			"201": obj{"description": "It is stored.", "headers": obj{"Location": obj{"description": "Where it is served.", "schema": str}}},
			"202": obj{"description": "It is stored, and served once the files are looked at."},
			"204": obj{"description": "It is stored in place of the other."},
			"400": problem, "403": problem, "412": problem, "413": problem, "428": problem, "default": problem,
		},
	}
}
