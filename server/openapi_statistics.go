package server

import (
	"encoding/json"
	"slices"

	"clustermap/geo"
	"clustermap/geo/stat"
)

// addStatistics adds the paths and schemas of statistics. They are described once for all
// collections; example is the id of one.
func (s *Server) addStatistics(paths, schemas obj, example string) {
	addStatisticSchemas(schemas)
	paths[statisticsPath] = s.operation("getMethods", "The statistics that can be asked for", "Statistics", nil, documentOf("methods", jsonMedia))
	id := obj{"name": "method", "in": "path", "required": true, "description": "The id of a statistic.", "schema": choice(methodIDs()...), "example": methodIDs()[0]}
	paths[statisticsPath+"/{method}"] = s.operation("getMethod", "A statistic: what it asks, its formula, how to read it, its limits, sources and parameters", "Statistics", []any{id}, documentOf("method", jsonMedia))
	if example == "" {
		return
	}
	one := obj{"name": "collection", "in": "path", "required": true, "description": "The id of a collection.", "schema": obj{"type": "string", "minLength": 1}, "example": example}
	path := "/collections/{collection}" + statisticsPath
	paths[path] = s.operation("getCollectionMethods", "The statistics that can be asked for of a collection", "Statistics", []any{one}, documentOf("methods", jsonMedia))
	paths["/collections/{collection}"+reportPath] = s.describeReport(one)
	for _, m := range stat.Methods() {
		answer := documentOf("statistic", jsonMedia)
		content := answer["content"].(obj)
		content[csvMedia.content], content[eventsMedia.content] = obj{"schema": obj{"type": "string"}}, obj{"schema": obj{"type": "string"}}
		answer["headers"] = obj{"ETag": ref("headers", "ETag"), "Link": ref("headers", "Link")}
		format := "f-statistic"
		if m.Places {
			content[placesMedia.content] = obj{"schema": ref("schemas", "statisticPlaces")}
			format = "f-statistic-places"
		}
		parameters := []any{one}
		for _, p := range m.Parameters() {
			parameters = append(parameters, statisticParameter(m, p))
		}
		parameters = append(parameters, refs(filterParameters[:]...)...)
		operation := s.operationIn(format, "getStatistic-"+m.ID, m.Title.EN+": "+m.Page.Asks.EN, "Statistics", parameters, answer)
		operation["get"].(obj)["description"] = "Queryables of the collection are parameters too, as with its features; all of these select the universe. " +
			"As text/event-stream the answer comes with events: progress with done and total (0 where it is not known yet), then answer with this document in JSON, or failure with a problem. " +
			"Equal questions share the work, which stops when nobody waits for it any more."
		paths[path+"/"+m.ID] = withAnswer(operation, "503", problemResponse("Computing takes longer than this server allows, or others are being computed; the detail says what to reduce."))
	}
}

func methodIDs() (ids []string) {
	for _, m := range stat.Methods() {
		ids = append(ids, m.ID)
	}
	return ids
}

// statisticParameter describes a parameter of a method.
func statisticParameter(m *stat.Method, p stat.Param) obj {
	schema := obj{"type": "string", "minLength": 1}
	switch p.Kind {
	case stat.Int, stat.Float:
		schema = obj{"type": "number", "minimum": p.Min}
		if p.Kind == stat.Int {
			schema["type"] = "integer"
		}
		if p.Open {
			schema["exclusiveMinimum"] = true
		}
		if p.Max > p.Min {
			schema["maximum"] = p.Max
		}
		if p.Auto != "" {
			schema = obj{"anyOf": []any{schema, choice(p.Auto)}}
		}
	case stat.Choice:
		schema = choice(p.Choices...)
	}
	text := p.Description.EN
	if p.Default != "" {
		text += " Default: " + p.Default + "."
	}
	var example any
	switch {
	case p.Name == "within":
		example = "hex:200"
	case p.Default != "":
		example = json.RawMessage(settingJSON(p, p.Default))
	}
	return formParameter(p.Name, text, schema, example)
}

// addStatisticParameters adds the parameters f of statistics.
func addStatisticParameters(out obj) {
	for name, places := range map[string]bool{"f-statistic": false, "f-statistic-places": true} {
		var formats []string
		for _, m := range statisticMedia(places) {
			if !slices.Contains(formats, m.f) {
				formats = append(formats, m.f)
			}
		}
		out[name] = formParameter("f", "The format of the answer; without it the Accept header decides. csv is the rows as a table; figures of the result that are in no list stand in each row of their subject, in columns called result.NAME, for CSV has one table; the first row says in columns called about.NAME how all was computed. events are server-sent events.", choice(formats...), "json")
	}
}

func addStatisticSchemas(schemas obj) {
	str, number := obj{"type": "string"}, obj{"type": "number"}
	links, text := arrayOf(ref("schemas", "link")), ref("schemas", "text")
	schemas["methods"] = closed(obj{
		"methods": arrayOf(closed(obj{"id": str, "title": str, "x-title": text, "asks": str, "places": obj{"type": "boolean"}, "links": links}, "id", "title", "x-title", "asks", "places", "links")),
		"links":   links,
	}, "methods", "links")
	schemas["method"] = closed(obj{
		"id": str, "title": text, "asks": text, "formula": str, "reading": text, "limits": text, "sources": arrayOf(str), "places": obj{"type": "boolean"},
		"parameters": arrayOf(closed(obj{"name": str, "description": text, "default": obj{"nullable": true}, "minimum": number, "maximum": number, "choices": arrayOf(str)}, "name", "description", "default")),
		"links":      links,
	}, "id", "title", "asks", "formula", "reading", "limits", "sources", "places", "parameters", "links")
	members := obj{
		"method":     closed(obj{"id": str, "title": str, "source": str, "page": obj{"type": "string", "format": "uri"}}, "id", "title", "source", "page"),
		"parameters": obj{"type": "object", "additionalProperties": obj{"nullable": true}, "description": "All parameters in force, also those by default, and the filters of the universe."},
		"universe":   obj{"type": "string", "description": "What shares are shares of."},
		"n":          obj{"type": "integer", "minimum": 0, "description": "Features that the figures rest on."},
		"weights":    str, "rev": str, "warnings": arrayOf(str),
		"result": obj{"type": "object", "description": "The figures; where by gives several subjects, subjects has them for each. A number that does not exist is null, and a warning says why."},
		"links":  links,
	}
	required := []string{"method", "parameters", "universe", "n", "weights", "rev", "warnings", "result", "links"}
	schemas["statistic"] = closed(members, slices.Clone(required)...)
	places := obj{"type": constant("FeatureCollection"), "features": arrayOf(closed(obj{
		"type": constant("Feature"), "id": str, "geometry": geometrySchema([]string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}),
		"properties": obj{"type": "object", "additionalProperties": obj{"nullable": true}},
	}, "type", "id", "geometry", "properties"))}
	for name, schema := range members {
		places[name] = schema
	}
	schemas["statisticPlaces"] = closed(places, append(slices.Clone(required), "type", "features")...)
}

// exampleCollection is the id of a collection to try things on, "" where there is none.
func exampleCollection(state *geo.State) string {
	c := mainCollection(state)
	if c == nil {
		return ""
	}
	for _, other := range state.Collections() {
		if _, err := indexOf(other); c.Source.Extent().Empty && !other.Source.Extent().Empty && err == nil {
			return other.ID
		}
	}
	return c.ID
}
