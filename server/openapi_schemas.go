package server

import (
	"slices"

	"clustermap/geo"
)

// closed is the schema of an object that has these members and no others;
// those named after it are required.
func closed(members obj, required ...string) obj {
	o := obj{"type": "object", "properties": members, "additionalProperties": false}
	if len(required) > 0 {
		slices.Sort(required)
		o["required"] = required
	}
	return o
}

// measured opens the schema of a group for its measures, which are named as they
// were asked for.
func measured(group obj) obj {
	group["additionalProperties"] = obj{"nullable": true}
	return group
}

func arrayOf(item obj) obj { return obj{"type": "array", "items": item} }

// constant is the schema of one string.
func constant(s string) obj { return obj{"type": "string", "enum": []any{s}} }

// commonSchemas are the schemas of the documents that do not depend on the
// collections.
func commonSchemas() obj {
	str, number, integer := obj{"type": "string"}, obj{"type": "number"}, obj{"type": "integer"}
	count := obj{"type": "integer", "minimum": 0}
	text := ref("schemas", "text")
	links := arrayOf(ref("schemas", "link"))
	return obj{
		"link":        closed(obj{"href": str, "rel": str, "type": str, "title": str}, "href", "rel"),
		"text":        closed(obj{"en": str, "zh": str}),
		"about":       closed(obj{"completeness": text, "license": ref("schemas", "cited"), "sources": arrayOf(ref("schemas", "cited")), "faults": arrayOf(text)}),
		"cited":       closed(obj{"en": str, "zh": str, "href": str}),
		"landingPage": closed(obj{"title": str, "description": str, "crs": arrayOf(str), "storageCrs": str, "extent": ref("schemas", "extent"), "links": links}, "title", "description", "crs", "storageCrs", "links"),
		"conformance": closed(obj{"conformsTo": arrayOf(str), "links": links}, "conformsTo", "links"),
		"health":      closed(obj{"status": constant("ok")}, "status"),
		"collections": closed(obj{"collections": arrayOf(ref("schemas", "collection")), "crs": arrayOf(str), "links": links}, "collections", "crs", "links"),
		"collection": closed(obj{
			"id": str, "title": str, "x-title": text, "description": str, "x-description": text, "attribution": str, "x-about": ref("schemas", "about"), "itemType": constant("feature"),
			"crs": arrayOf(str), "storageCrs": str, "extent": ref("schemas", "extent"), "x-numberOfFeatures": count, "links": links,
		}, "id", "title", "itemType", "crs", "storageCrs", "x-numberOfFeatures", "links"),
		"extent": closed(obj{
			"spatial": closed(obj{
				"bbox": obj{"type": "array", "minItems": 1, "maxItems": 1, "items": obj{"type": "array", "minItems": 4, "maxItems": 4, "items": number}},
				"crs":  constant(crs84),
			}, "bbox", "crs"),
			"temporal": closed(obj{
				"interval": obj{"type": "array", "minItems": 1, "maxItems": 1, "items": obj{"type": "array", "minItems": 2, "maxItems": 2,
					"items": obj{"type": "string", "format": "date-time", "nullable": true}}},
				"trs": str,
			}, "interval", "trs"),
		}),
		"schema": closed(obj{
			"$schema": constant("https://json-schema.org/draft/2020-12/schema"), "$id": str, "type": constant("object"),
			"title": str, "x-title": text, "description": str, "x-description": text,
			"properties": obj{"type": "object", "additionalProperties": ref("schemas", "schemaProperty")},
			"required":   arrayOf(str), "additionalProperties": obj{"type": "boolean"},
		}, "$schema", "$id", "type", "properties"),
		"schemaProperty": closed(obj{
			"type":  obj{"oneOf": []any{str, arrayOf(str)}},
			"title": str, "x-title": text, "description": str, "x-description": text, "format": str,
			"x-ogc-role": str, "x-clustermap-role": str, "x-lang": str, "x-ogc-unit": str, "x-ogc-unitLang": str, "x-unit": text,
			"x-ogc-propertySeq": integer, "x-null-count": count, "x-hidden": obj{"type": "boolean"},
			"minimum": number, "maximum": number, "oneOf": arrayOf(ref("schemas", "schemaValue")),
			"x-groups":   obj{"type": "object", "additionalProperties": text},
			"items":      closed(obj{"type": str, "oneOf": arrayOf(ref("schemas", "schemaValue"))}),
			"properties": obj{"type": "object", "additionalProperties": ref("schemas", "schemaProperty")}, "required": arrayOf(str),
		}, "title"),
		"schemaValue": closed(obj{"const": obj{"oneOf": []any{str, number, obj{"type": "boolean"}}}, "type": constant("null"), "title": str, "x-title": text, "x-group": str, "x-count": count}),
		"openapi": closed(obj{
			"openapi": constant("3.0.3"), "info": closed(obj{"title": str, "description": str, "version": str, "x-OGC-limits": closed(obj{"maps": closed(obj{"maxWidth": obj{"type": "integer"}, "maxHeight": obj{"type": "integer"}}, "maxWidth", "maxHeight")}, "maps")}, "title", "version"),
			"servers": arrayOf(closed(obj{"url": str, "description": str}, "url")), "tags": arrayOf(closed(obj{"name": str}, "name")),
			"paths":      obj{"type": "object", "additionalProperties": closed(obj{"get": obj{"type": "object"}, "post": obj{"type": "object"}, "put": obj{"type": "object"}}, "get")},
			"components": closed(obj{"parameters": obj{"type": "object"}, "schemas": obj{"type": "object"}, "headers": obj{"type": "object"}, "responses": obj{"type": "object"}}),
		}, "openapi", "info", "servers", "tags", "paths", "components"),
		"functions": closed(obj{"functions": arrayOf(closed(obj{
			"name": str, "description": str, "returns": arrayOf(str), "arguments": arrayOf(closed(obj{"title": str, "type": arrayOf(str)}, "type")),
		}, "name", "returns")), "links": links}, "functions", "links"),
		"aggregate": closed(obj{
			"groups": arrayOf(measured(closed(obj{"key": obj{"type": "object", "additionalProperties": obj{"nullable": true}},
				"titles": obj{"type": "object", "additionalProperties": str}, "count": count}, "key", "count"))),
			"total": measured(closed(obj{"count": count}, "count")),
		}, "groups", "total"),
		"problem": closed(obj{
			"type": str, "title": str, "status": obj{"type": "integer", "minimum": 400, "maximum": 599}, "detail": str, "instance": str,
		}, "type", "title", "status", "detail", "instance"),
	}
}

// pageSchema is the schema of a page of features.
func pageSchema(feature obj, most int) obj {
	count := obj{"type": "integer", "minimum": 0}
	return closed(obj{
		"type":           constant("FeatureCollection"),
		"features":       obj{"type": "array", "items": feature, "maxItems": most},
		"links":          arrayOf(ref("schemas", "link")),
		"crs":            obj{"type": "object", "description": "Of the coordinates, where that is not CRS84."},
		"timeStamp":      obj{"type": "string", "format": "date-time"},
		"numberMatched":  count,
		"numberReturned": count,
		"completeness":   ref("schemas", "text"),
	}, "type", "features", "links", "timeStamp", "numberMatched", "numberReturned")
}

// featureSchema is the schema of a feature: in a page, or by itself with its
// links (linked); with members that only its source knows (foreign), or not.
func featureSchema(schema *geo.Schema, linked, foreign bool) obj {
	members := obj{}
	var required []string
	for _, p := range propertiesOf(schema.Properties, "") {
		members[p.Name] = propertySchema(p)
	}
	for _, p := range schema.Properties {
		members[p.Name] = propertySchema(p)
		if p.Required {
			required = append(required, p.Name)
		}
	}
	properties := closed(members, required...)
	properties["nullable"] = true
	feature := obj{
		"type":       constant("Feature"),
		"id":         obj{"oneOf": []any{obj{"type": "string"}, obj{"type": "number"}}},
		"geometry":   geometrySchema(schema.Geometry),
		"properties": properties,
		"bbox":       boxSchema(),
	}
	names := []string{"type", "id", "geometry", "properties"}
	if linked {
		feature["links"] = arrayOf(ref("schemas", "link"))
		names = append(names, "links")
	}
	o := closed(feature, names...)
	o["additionalProperties"] = foreign
	return o
}

// propertySchema is the schema of a property's values in OpenAPI 3.0, which
// writes null, constants and types otherwise than JSON Schema.
func propertySchema(p geo.Property) obj {
	o := obj{}
	if t := p.Title.In("en"); t != "" {
		o["title"] = t
	}
	if p.Nullable || p.Type == geo.TypeMixed {
		o["nullable"] = true
	}
	if p.Type == geo.TypeMixed || p.Type == "" {
		return o
	}
	o["type"] = string(p.Type)
	if p.Format != "" {
		o["format"] = p.Format
	}
	if p.Min != nil && p.Max != nil {
		o["minimum"], o["maximum"] = *p.Min, *p.Max
	}
	var values []any
	for _, v := range p.Enum {
		values = append(values, v.JSON())
	}
	if p.Type == geo.TypeArray {
		item := obj{}
		if p.Items != "" {
			item["type"] = string(p.Items)
		}
		if values != nil {
			item["enum"] = values
		}
		o["items"] = item
		return o
	}
	if values != nil {
		if p.Nullable {
			values = append(values, nil)
		}
		o["enum"] = values
	}
	return o
}

func boxSchema() obj {
	return obj{"type": "array", "minItems": 4, "maxItems": 6, "items": obj{"type": "number"}}
}

// geometrySchema is the schema of geometries of these types, or null.
func geometrySchema(types []string) obj {
	var each []any
	for _, t := range types {
		if t != "GeometryCollection" {
			each = append(each, simpleGeometry(t))
			continue
		}
		var members []any
		for _, t := range []string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"} {
			members = append(members, simpleGeometry(t))
		}
		each = append(each, closed(obj{"type": constant(t), "bbox": boxSchema(), "geometries": arrayOf(obj{"oneOf": members})}, "type", "geometries"))
	}
	switch len(each) {
	case 0: // all are null
		return obj{"type": "object", "nullable": true, "additionalProperties": false}
	case 1:
		g := each[0].(obj)
		g["nullable"] = true
		return g
	}
	return obj{"nullable": true, "oneOf": each}
}

func simpleGeometry(t string) obj {
	c := obj{"type": "array", "minItems": 2, "items": obj{"type": "number"}}
	depth := map[string]int{"MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[t]
	for range depth {
		c = arrayOf(c)
	}
	return closed(obj{"type": constant(t), "coordinates": c, "bbox": boxSchema()}, "type", "coordinates")
}
