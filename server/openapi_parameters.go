package server

import (
	"slices"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/export"
)

// formParameter is a parameter of the query.
func formParameter(name, description string, schema obj, example any) obj {
	p := obj{"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": description, "schema": schema}
	if example != nil {
		p["example"] = example
	}
	return p
}

// choice is the schema of one of some strings.
func choice(values ...string) obj {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return obj{"type": "string", "enum": all}
}

// commonParameters are the parameters that do not depend on a collection.
func (s *Server) commonParameters() obj {
	const format = "The format of the answer; without it the Accept header decides."
	out := obj{
		"f":    formParameter("f", format, choice("json", "html"), "json"),
		"lang": formParameter("lang", "The language of titles and pages; without it the Accept-Language header decides.", choice("en", "zh"), "en"),
	}
	out["profile"] = formParameter("profile", "Of schema documents: with keywords beside those of OGC, such as counts of values, and titles in both languages.", choice(ownProfile), nil)
	out["f-item"] = formParameter("f", format, choice(formatNames(featureMedia())...), "json")
	out["f-items"] = formParameter("f", format+" json, geojson, jsonfg and html are given by pages; every other format gives all features that the query selects, unless limit is given.",
		choice(formatNames(featureMedia())...), "json")
	out["f-aggregate"] = formParameter("f", format, choice("json", "csv", "html"), "json")
	s.addPageParameters(out)
	addFilterParameters(out)
	addShapeParameters(out)
	addGroupParameters(out)
	addStatisticParameters(out)
	addReportParameters(out)
	return out
}

// formatNames are the values of f.
func formatNames(offers []media) []string {
	names := []string{"geojson"}
	for _, m := range offers {
		if !slices.Contains(names, m.f) {
			names = append(names, m.f)
		}
	}
	return names
}

func (s *Server) addPageParameters(out obj) {
	out["limit"] = formParameter("limit", "How many features a page has at most. Greater numbers are taken as the maximum. HTML pages have 50 where it is not given, and at most 1000. Formats that are files give all features where it is not given.",
		obj{"type": "integer", "minimum": 1, "maximum": s.cfg.MaxItems, "default": s.cfg.DefaultItems}, 10)
	out["cursor"] = formParameter("cursor", "Where the page begins; comes from the next link of the page before and belongs to its query.", obj{"type": "string", "minLength": 1}, nil)
	out["sortby"] = formParameter("sortby", "The order of the features: names of sortable properties, with - before one for descending order. Features without a value come last. Then by id.",
		obj{"type": "array", "minItems": 1, "maxItems": mostSortKeys, "items": obj{"type": "string"}}, nil)
	out["download"] = formParameter("download", "true: all features as a file, in f=geojson and f=jsonfg too. zip: that file and a note of query, date and source in a zip file.", choice("true", "false", "zip"), nil)
}

func addFilterParameters(out obj) {
	systems := choice(everySystem()...)
	out["bbox"] = formParameter("bbox", "Only features whose geometry touches the box: west, south, east, north in degrees, or with heights, which are ignored, "+
		"west, south, low, east, north, high. A box with west greater than east crosses 180 degrees. In another system than CRS84, which bbox-crs names, its axis order holds.",
		obj{"type": "array", "minItems": 4, "maxItems": 6, "items": obj{"type": "number"}}, []any{112.5, 21.5, 115, 24})
	out["bbox-crs"] = formParameter("bbox-crs", "The coordinate reference system of bbox.", systems, nil)
	out["datetime"] = formParameter("datetime", "Only features of this time, and those without a time: a date or RFC 3339 date-time, or an interval start/end, with .. for an open end.",
		obj{"type": "string"}, "2007-01-01/..")
	out["filter"] = formParameter("filter", "Only features for which the CQL2 condition holds. Its names are those of the queryables, its functions are listed at /functions.", obj{"type": "string", "minLength": 1}, nil)
	out["filter-lang"] = formParameter("filter-lang", "The encoding of filter.", choice("cql2-text", "cql2-json"), nil)
	out["filter-crs"] = formParameter("filter-crs", "The coordinate reference system of the geometries in filter.", systems, nil)
	out["geometry-type"] = formParameter("geometry-type", "Only features with a geometry of one of these types; Point, LineString and Polygon stand for their Multi types too.",
		obj{"type": "array", "minItems": 1, "items": choice(geometryTypes[:]...)}, nil)
	out["q"] = formParameter("q", "Only features with these words in their texts, the best first: Chinese, English, or the pinyin of place names without tones. A comma means or.",
		obj{"type": "string", "minLength": 1, "maxLength": maxWords}, nil)
	out["measures"] = formParameter("measures", "What is computed of each group: count, and sum, mean, min, max, distinct, median of a property, or quantile(property,p).",
		obj{"type": "string"}, "count")
	out["by"] = formParameter("by", "What makes groups, at most two of: the name of a queryable, region:SET, division:LEVEL, grid:ZOOM. Without it all features are one group.", obj{"type": "string"}, nil)
}

func addShapeParameters(out obj) {
	out["crs"] = formParameter("crs", "The coordinate reference system of the answer.", choice(everySystem()...), crs.CRS84().URI())
	out["skipGeometry"] = formParameter("skipGeometry", "true: features without their geometry (not of a standard).", obj{"type": "boolean"}, nil)
	out["zoom-level"] = formParameter("zoom-level", "Simplifies lines and outlines to what can be seen at this zoom level of a web map; borders that areas share stay shared.",
		obj{"type": "integer", "minimum": 0, "maximum": mostZoom}, nil)
}

func refs(names ...string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = ref("parameters", name)
	}
	return out
}

// propertyParameters choose among the properties of a collection.
func propertyParameters(schema *geo.Schema) []any {
	if len(schema.Properties) == 0 {
		return nil
	}
	list := func(properties []geo.Property) obj {
		var names []string
		for _, p := range properties {
			names = append(names, p.Name)
		}
		return obj{"type": "array", "minItems": 1, "items": choice(names...)}
	}
	return []any{
		formParameter("properties", "Only these properties.", list(propertiesOf(schema.Properties, "")), nil),
		formParameter("exclude-properties", "All properties but these.", list(schema.Properties), nil),
	}
}

// queryableParameters are the parameters named like properties.
func queryableParameters(schema *geo.Schema) []any {
	var out []any
	for _, p := range queryablesOf(schema) {
		out = append(out, queryParameter(p))
	}
	return out
}

// propertiesOf are the properties, and those within objects, with dots in their
// names.
func propertiesOf(properties []geo.Property, above string) []geo.Property {
	var out []geo.Property
	for _, p := range properties {
		p.Name = above + p.Name
		out = append(append(out, p), propertiesOf(p.Nested, p.Name+".")...)
	}
	return out
}

// queryablesOf are those of the properties that can be asked for by a parameter.
func queryablesOf(schema *geo.Schema) []geo.Property {
	return slices.DeleteFunc(propertiesOf(schema.Properties, ""), func(p geo.Property) bool { return !p.Queryable() || reserved(p.Name) })
}

// featureContent are the media types of features, pages of which have the schema.
func featureContent(schema string) obj {
	out := obj{"text/html": obj{"schema": obj{"type": "string"}}}
	for _, f := range export.Formats() {
		if !f.Paged {
			out[f.MediaType] = obj{"schema": obj{"type": "string", "format": "binary"}}
		}
	}
	out[geojsonMedia.content] = obj{"schema": ref("schemas", schema)}
	return out
}
