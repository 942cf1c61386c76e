package server

import (
	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// addGroups adds the paths and schemas of the groups of a collection. filter are the
// parameters that select features, items all those of a list of features.
func (s *Server) addGroups(c *geo.Collection, paths, schemas obj, filter, items []any) {
	x, err := indexOf(c)
	if err != nil {
		return
	}
	name, title, path := componentName(c.ID), titleOf(c), "/collections/"+escapeID(c.ID)+"/groups"
	group, linked, page := "group-"+name, "linkedGroup-"+name, "groups-"+name
	schemas[group], schemas[linked] = groupSchema(x, false), groupSchema(x, true)
	count := obj{"type": "integer", "minimum": 0}
	schemas[page] = closed(obj{
		"type": constant("FeatureCollection"), "features": obj{"type": "array", "items": ref("schemas", group), "maxItems": mostGroups},
		"links": arrayOf(ref("schemas", "link")), "numberMatched": count, "numberReturned": count, "numberUnplaced": count,
	}, "type", "features", "links", "numberMatched", "numberReturned", "numberUnplaced")
	headers := obj{"ETag": ref("headers", "ETag"), "Link": ref("headers", "Link")}
	counted := obj{"ETag": ref("headers", "ETag"), "Link": ref("headers", "Link"),
		"OGC-NumberMatched": ref("headers", "OGC-NumberMatched"), "OGC-NumberReturned": ref("headers", "OGC-NumberReturned")}
	list := obj{"description": "The groups whose position lies in the box.", "headers": counted, "content": obj{geojsonMedia.content: obj{"schema": ref("schemas", page)}, "text/html": obj{"schema": obj{"type": "string"}}}}
	paths[path] = s.operationIn("f-groups", "getGroups-"+name, "Groups of "+title+", for a zoom of a web map or by territory", "Groups", append(refs("zoom", "radius", "by-groups"), filter...), list)

	id := obj{"name": "group", "in": "path", "required": true, "description": "The id of a group. One of an older state of the data is answered with 410 and the address of the groups of today.",
		"schema": obj{"type": "string"}}
	if example := s.someGroup(c, x); example != "" {
		id["example"] = example
	}
	gone := obj{"description": "The data have changed since the group was made.", "headers": obj{"Link": ref("headers", "Link")}, "content": problemResponse("")["content"]}
	one := obj{"description": "The group.", "headers": headers, "content": obj{geojsonMedia.content: obj{"schema": ref("schemas", linked)}, "text/html": obj{"schema": obj{"type": "string"}}}}
	paths[path+"/{group}"] = withAnswer(s.operationIn("f-groups", "getGroup-"+name, "One group of "+title, "Groups", []any{id}, one), "410", gone)
	members := obj{"description": "The members.", "headers": counted, "content": featureContent("features-" + name)}
	paths[path+"/{group}/members"] = withAnswer(s.operationIn("f-item", "getMembers-"+name, "The members of a group of "+title, "Groups", append([]any{id}, items...), members), "410", gone)
}

// withAnswer adds an answer to an operation.
func withAnswer(operation obj, status string, answer obj) obj {
	operation["get"].(obj)["responses"].(obj)[status] = answer
	return operation
}

// someGroup is the id of a group, "" where there is none or the groups are not made
// yet.
func (s *Server) someGroup(c *geo.Collection, x *geo.Index) string {
	p := s.prepared(x)
	if p == nil {
		return ""
	}
	for _, n := range p.Level(0) {
		if p.Size(n) > 1 {
			id := groupID{zoom: 0, radius: p.Options().Radius, rev: groupRev(c), node: n}
			id.x, id.y = groupPlace(p.Position(n))
			return string(id.append(nil))
		}
	}
	return ""
}

// groupSchema is the schema of a group. A lone feature has its own properties beside.
func groupSchema(x *geo.Index, linked bool) obj {
	number, count := obj{"type": "number"}, obj{"type": "integer", "minimum": 1}
	opt := pyramid.OptionsOf(x.Schema())
	sums, counts, anchor := obj{}, obj{}, obj{"id": obj{"oneOf": []any{obj{"type": "string"}, number}}}
	for _, name := range opt.Sums {
		sums[name] = obj{"type": "number", "nullable": true}
	}
	for _, name := range opt.Counts {
		counts[name] = arrayOf(closed(obj{"value": obj{"nullable": true}, "count": count}, "value", "count"))
	}
	for _, p := range x.Schema().Properties {
		if p.Role == geo.RoleName {
			anchor[p.Name] = obj{"nullable": true}
		}
	}
	box := obj{"type": "array", "minItems": 4, "maxItems": 4, "items": number, "nullable": true}
	where := closed(anchor, "id")
	where["nullable"] = true
	properties := obj{"type": "object", "properties": obj{
		"count": count, "expansion_zoom": obj{"type": "integer", "nullable": true, "minimum": 1, "maximum": pyramid.MaxZoom},
		"sums": closed(sums), "counts": closed(counts), "bounds": box, "anchor": where, "members": obj{"type": "string", "format": "uri"},
		"key":      obj{"nullable": true, "description": "Of a territory: its code, the id of the region, or column and row of the hexagon; null for what has none."},
		"titles":   obj{"nullable": true, "description": "Of a territory: its names in English (en) and Chinese (zh), where they are known."},
		"position": obj{"nullable": true, "description": "Of a territory: longitude and latitude of the member nearest to the mean, where its symbol stands; null where no member has a place."},
		"feature":  obj{"type": "object", "description": "Of a lone feature: its own properties that are called like those of a group."},
	}, "required": []string{"anchor", "bounds", "count", "counts", "expansion_zoom", "members", "sums"}}
	members := obj{
		"type": constant("Feature"), "id": obj{"oneOf": []any{obj{"type": "string"}, number}},
		"geometry":   geometrySchema([]string{"Point", "Polygon", "MultiPolygon"}),
		"properties": properties,
	}
	required := []string{"type", "id", "geometry", "properties"}
	if linked {
		members["links"] = arrayOf(ref("schemas", "link"))
		required = append(required, "links")
	}
	return closed(members, required...)
}

// addGroupParameters adds the parameters that choose groups.
func addGroupParameters(out obj) {
	out["zoom"] = formParameter("zoom", "The zoom of a web map with tiles of 256 pixels. Without it, the finest at which the box, or else the collection, fits on a screen of 1024 by 768 pixels. With division:province, division:prefecture or region:SET the groups are the same for every zoom, and their outlines are simplified for it; without it they are whole.",
		obj{"type": "integer", "minimum": 0, "maximum": pyramid.MaxZoom}, 5)
	out["radius"] = formParameter("radius", "What stands nearer than so many CSS pixels is one group.",
		obj{"type": "integer", "minimum": pyramid.MinRadius, "maximum": pyramid.MaxRadius, "default": pyramid.DefaultRadius}, 60)
	out["by-groups"] = formParameter("by", "Groups by territory and not by distance, without radius: division:province, division:prefecture, division:county, region:SET, "+
		"or hex:KM, hexagons of equal ground area that are so wide from side to side.", obj{"type": "string", "minLength": 1}, nil)
	out["f-groups"] = formParameter("f", "The format of the answer.", choice("json", "geojson", "html"), "json")
}
