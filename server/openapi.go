package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"clustermap/geo"
)

// apiDocument is the OpenAPI document of one state, cut where the address of
// the server stands, which differs between requests.
type apiDocument struct {
	rev        string
	head, tail []byte
}

// serverMark stands for the address while the document is made. It cannot
// occur in a title.
const serverMark = "http://\x00"

// api answers GET /api.
func (s *Server) api(w http.ResponseWriter, q *request) error {
	if q.media.isHTML() {
		q.speaks(w)
	}
	t := s.tag(q, q.state.Rev()+basemapsRev(s.baseMaps()), "/api")
	if q.current(w, t) {
		return nil
	}
	links := q.selfLinks([]media{openapiMedia, htmlMedia}, "/api", "")
	setLinks(w.Header(), links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "api", s.apiView(q, links))
	}
	doc, err := s.openapi(q)
	if err != nil {
		return err
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	buf.Write(doc.head)
	buf.WriteString(q.base)
	buf.Write(doc.tail)
	s.send(w, q, t, buf.Bytes())
	return nil
}

// openapi returns the document of the request's state, made once.
func (s *Server) openapi(q *request) (*apiDocument, error) {
	if doc := s.spec.Load(); doc != nil && doc.rev == q.state.Rev() {
		return doc, nil
	}
	all, err := s.openapiOf(q)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	mark, err := json.Marshal(serverMark)
	if err != nil {
		return nil, err
	}
	head, tail, _ := bytes.Cut(b, mark[1:len(mark)-1])
	doc := &apiDocument{q.state.Rev(), head, append(tail, '\n')}
	s.spec.Store(doc)
	return doc, nil
}

// obj is a JSON object. encoding/json sorts its members, so that equal
// documents are equal bytes.
type obj = map[string]any

func (s *Server) openapiOf(q *request) (obj, error) {
	paths := obj{
		"/":            s.operation("getLandingPage", "The landing page", "Server", nil, documentOf("landingPage", jsonMedia)),
		"/conformance": s.operation("getConformance", "The conformance classes of OGC API", "Server", nil, documentOf("conformance", jsonMedia)),
		"/api":         s.operation("getApi", "This document", "Server", nil, documentOf("openapi", openapiMedia)),
		"/functions":   s.operation("getFunctions", "The functions that filters may call", "Server", nil, documentOf("functions", jsonMedia)),
		"/healthz":     s.operation("getHealth", "Whether the server runs", "Server", nil, documentOf("health", jsonMedia)),
		"/readyz":      s.operation("getReadiness", "Whether the server wants requests (503 while it shuts down), and the files that are not served as they are now", "Server", nil, documentOf("readiness", jsonMedia)),
		"/collections": s.operation("getCollections", "The collections", "Collections", nil, documentOf("collections", jsonMedia)),
	}
	collections := q.state.Collections()
	if len(collections) > 0 {
		one := []any{ref("parameters", "collection")}
		paths["/collections/{collection}"] = s.operation("getCollection", "One collection", "Collections", one, documentOf("collection", jsonMedia))
		paths["/collections/{collection}/schema"] = s.operation("getSchema", "The schema of a collection's features", "Collections", append(refs("profile"), one...), documentOf("schema", schemaMedia))
		paths["/collections/{collection}/queryables"] = s.operation("getQueryables", "The properties that can be asked for", "Collections", append(refs("profile"), one...), documentOf("schema", schemaMedia))
		paths["/collections/{collection}/sortables"] = s.operation("getSortables", "The properties that can order", "Collections", append(refs("profile"), one...), documentOf("schema", schemaMedia))
	}
	schemas := commonSchemas()
	addLife(paths, schemas)
	s.addEmbed(paths, schemas)
	s.addBasemaps(paths, schemas)
	var ids []string
	for _, c := range collections {
		ids = append(ids, c.ID)
		if err := s.addCollection(q, c, paths, schemas); err != nil {
			return nil, err
		}
	}
	s.addImport(paths, schemas)
	s.addStatistics(paths, schemas, exampleCollection(q.state))
	s.addSearch(paths, schemas)
	s.addTileDocuments(q.state, paths, schemas)
	s.addMaps(nil, paths, refs("filter-tiles", "datetime", "q"))
	parameters := s.commonParameters()
	s.addTileParameters(parameters, q.state)
	s.addMapParameters(parameters)
	if len(ids) > 0 {
		parameters["collection"] = obj{"name": "collection", "in": "path", "required": true, "description": "The id of a collection, or of the places of the answer to a statistic.",
			"schema": obj{"anyOf": []any{obj{"type": "string", "enum": ids}, obj{"type": "string", "pattern": "^[^~]+~"}}}, "example": ids[0]}
	}
	return obj{
		"openapi": "3.0.3",
		"info":    obj{"title": s.cfg.Title, "description": s.cfg.Description, "version": s.cfg.Version, "x-OGC-limits": mapLimits()},
		"servers": []any{obj{"url": serverMark, "description": "This server"}},
		"tags":    []any{obj{"name": "Server"}, obj{"name": "Collections"}, obj{"name": "Features"}, obj{"name": "Groups"}, obj{"name": "Statistics"}, obj{"name": "Tiles"}, obj{"name": "Maps"}, obj{"name": "Base maps"}, obj{"name": "Tables"}, obj{"name": "Search"}},
		"paths":   paths,
		"components": obj{
			"parameters": parameters,
			"schemas":    schemas,
			"headers":    commonHeaders(),
			"responses": obj{
				"Problem":     problemResponse("The request is wrong, or the server failed; the detail tells which and what would be right."),
				"NotModified": obj{"description": "What the client holds is current.", "headers": obj{"ETag": ref("headers", "ETag")}},
			},
		},
	}, nil
}

// addCollection adds the paths and schemas of a collection's features.
func (s *Server) addCollection(q *request, c *geo.Collection, paths, schemas obj) error {
	schema, id := c.Source.Schema(), escapeID(c.ID)
	feature, linked, page := "feature-"+componentName(c.ID), "linked-"+componentName(c.ID), "features-"+componentName(c.ID)
	found, err := c.Source.Search(q.Context(), geo.Query{Limit: mostSampled})
	if err != nil {
		return err
	}
	foreign := slices.ContainsFunc(found.Features, hasForeign)
	schemas[feature], schemas[linked] = featureSchema(schema, false, foreign), featureSchema(schema, true, foreign)
	schemas[page] = pageSchema(ref("schemas", feature), s.cfg.MaxItems)

	shape := append(refs(shapeParametersOf...), propertyParameters(schema)...)
	filter := append(refs(filterParameters[:]...), queryableParameters(schema)...)
	parameters := slices.Concat(refs(pageParameters[:]...), shape, filter)
	list := documentOf(page, geojsonMedia)
	list["content"] = featureContent(page)
	list["headers"] = obj{"ETag": ref("headers", "ETag"), "Link": ref("headers", "Link"), "Content-Crs": ref("headers", "Content-Crs"),
		"OGC-NumberMatched": ref("headers", "OGC-NumberMatched"), "OGC-NumberReturned": ref("headers", "OGC-NumberReturned")}
	title, name := titleOf(c), componentName(c.ID)
	paths["/collections/"+id+"/items"] = s.operationIn("f-items", "getFeatures-"+name, "Features of "+title, "Features", parameters, list)

	byID := obj{"name": "feature", "in": "path", "required": true, "description": "The id of a feature.", "schema": obj{"type": "string"}}
	if len(found.Features) > 0 {
		byID["example"] = found.Features[0].ID().String()
	}
	one := documentOf(linked, geojsonMedia)
	one["content"] = featureContent(linked)
	paths["/collections/"+id+"/items/{feature}"] = s.operationIn("f-item", "getFeature-"+name, "One feature of "+title, "Features",
		append([]any{byID}, shape...), one)
	groups := documentOf("aggregate", jsonMedia)
	groups["content"].(obj)[csvMedia.content] = obj{"schema": obj{"type": "string"}}
	paths["/collections/"+id+"/aggregate"] = s.operationIn("f-aggregate", "getAggregate-"+name, "Counts and sums of "+title, "Features",
		append(refs("measures", "by"), filter...), groups)
	s.addGroups(c, paths, schemas, filter, parameters)
	s.addCollectionTiles(c, paths, filter)
	s.addMaps(c, paths, filter)
	return nil
}

// shapeParametersOf are the shapeParameters that are alike for all collections.
var shapeParametersOf = []string{"crs", "skipGeometry", "zoom-level"}

// mostSampled is how many features of a great collection are looked at for
// members of their own.
const mostSampled = 100_000

// hasForeign reports whether a feature has members of its own beside those of
// GeoJSON, which stand behind the properties.
func hasForeign(f geo.Feature) bool {
	rest, _ := bytes.CutSuffix(f.JSON(), []byte("}"))
	rest, last := bytes.CutSuffix(rest, f.Properties())
	return !last || !bytes.HasSuffix(rest, []byte(`"properties":`))
}

// componentName turns an id into what names of components and operations may
// hold; ids that differ stay different.
func componentName(id string) string {
	var b []byte
	const hex = "0123456789ABCDEF"
	for i := range len(id) {
		c := id[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			b = append(b, c)
		} else {
			b = append(b, '.', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func ref(kind, name string) obj { return obj{"$ref": "#/components/" + kind + "/" + name} }

// documentOf is the response that is a document of the schema, or its page.
func documentOf(schema string, m media) obj {
	return obj{
		"description": "The document.",
		"headers":     obj{"ETag": ref("headers", "ETag")},
		"content":     obj{m.content: obj{"schema": ref("schemas", schema)}, "text/html": obj{"schema": obj{"type": "string"}}},
	}
}

func problemResponse(description string) obj {
	return obj{"description": description, "content": obj{problemType: obj{"schema": ref("schemas", "problem")}, "text/html": obj{"schema": obj{"type": "string"}}}}
}

// operation is a path with its GET, of a document in JSON and HTML.
func (s *Server) operation(id, summary, tag string, parameters []any, ok obj) obj {
	return s.operationIn("f", id, summary, tag, parameters, ok)
}

// operationIn is a path with its GET. formats is the parameter f that it has.
func (s *Server) operationIn(formats, id, summary, tag string, parameters []any, ok obj) obj {
	parameters = append(append([]any{}, parameters...), ref("parameters", formats), ref("parameters", "lang"))
	problem := ref("responses", "Problem")
	return obj{"get": obj{
		"operationId": id, "summary": summary, "tags": []any{tag}, "parameters": parameters,
		"responses": obj{"200": ok, "304": ref("responses", "NotModified"), "400": problem, "404": problem, "406": problem, "default": problem},
	}}
}

// queryParameter is the parameter that asks for values of a property.
func queryParameter(p geo.Property) obj {
	t := p.Type
	if t == geo.TypeArray {
		t = p.Items
	}
	item := obj{"type": "string"}
	if t == geo.TypeInteger || t == geo.TypeNumber || t == geo.TypeBoolean {
		item["type"] = string(t)
	}
	d := "Only features whose " + p.Title.In("en")
	if p.Title.In("en") == "" {
		d = "Only features whose " + p.Name
	}
	if p.Type == geo.TypeArray {
		d += " contains the value; a comma means or."
	} else {
		d += " is the value; a comma means or."
	}
	out := obj{"name": p.Name, "in": "query", "required": false, "style": "form", "explode": false, "description": d,
		"schema": obj{"type": "array", "minItems": 1, "items": item}}
	if len(p.Enum) > 0 {
		values := make([]any, len(p.Enum))
		for i, v := range p.Enum {
			values[i] = v.JSON()
		}
		out["x-values"] = values
		if item["type"] == "string" {
			out["example"] = values[:1]
		}
	}
	return out
}

func commonHeaders() obj {
	header := func(description, typ string) obj {
		return obj{"description": description, "schema": obj{"type": typ}}
	}
	return obj{
		"Content-Crs":        header("The coordinate reference system of the answer, in angle brackets.", "string"),
		"ETag":               header("Names the answer; give it back in If-None-Match.", "string"),
		"Link":               header("The links of the document (RFC 8288).", "string"),
		"OGC-NumberMatched":  header("How many features the query selects in all.", "integer"),
		"OGC-NumberReturned": header("How many features this page has.", "integer"),
	}
}
