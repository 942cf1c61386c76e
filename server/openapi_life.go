package server

// addLife adds the paths and schemas of what tells how the server is and when its
// data change.
func addLife(paths, schemas obj) {
	str, count := obj{"type": "string"}, obj{"type": "integer", "minimum": 1}
	schemas["readiness"] = closed(obj{
		"status": constant("ready"), "rev": str, "rejected": arrayOf(ref("schemas", "rejectedFile")),
	}, "status", "rev", "rejected")
	schemas["rejectedFile"] = closed(obj{
		"file":   str,
		"served": obj{"type": "boolean", "description": "Its last good state is served."},
		"since":  obj{"type": "string", "format": "date-time"},
		"faults": arrayOf(closed(obj{"file": str, "line": count, "feature": count, "field": str, "reason": str}, "reason")),
		"more":   obj{"type": "integer", "minimum": 1, "description": "Faults beyond those listed."},
	}, "file", "served", "since", "faults")
	schemas["stateEvent"] = closed(obj{
		"rev":         obj{"type": "string", "description": "Changes with any of the data."},
		"collections": obj{"type": "object", "additionalProperties": obj{"type": "string"}, "description": "The rev of each collection, by id."},
	}, "rev", "collections")
	problem := ref("responses", "Problem")
	paths["/events"] = obj{"get": obj{
		"operationId": "getEvents", "summary": "A stream that tells when the data change", "tags": []any{"Server"},
		"description": "Server-sent events, for EventSource of browsers. An event of the type state comes at once and with each change; " +
			"its data are a JSON object as in the schema stateEvent, its id is the rev. Comments show that the line is alive.",
		"parameters": []any{obj{"name": "Last-Event-ID", "in": "header", "required": false,
			"description": "The id of the last event that the client got; the state is not sent again while it is that one.", "schema": str}},
		"responses": obj{
			"200": obj{"description": "The stream. It ends when the client or the server ends it.", "content": obj{"text/event-stream": obj{"schema": str,
				"example": "event: state\nid: 5f2c0e8a91b7d364\ndata: {\"rev\":\"5f2c0e8a91b7d364\",\"collections\":{\"clusters\":\"0a1b2c3d4e5f6071\"}}\n\n"}}},
			"400": problem, "503": problem, "default": problem,
		},
	}}
}
