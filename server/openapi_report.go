package server

// describeReport describes reports, once for all collections.
func (s *Server) describeReport(collection obj) obj {
	content := obj{}
	for _, m := range reportMedia() {
		content[m.content] = obj{"schema": obj{"type": "string"}}
	}
	answer := obj{"description": "The report", "content": content, "headers": obj{"ETag": ref("headers", "ETag")}}
	parameters := []any{collection,
		formParameter("region", "The definition of a region that the report is about, such as yrd25, or a region, which stands for the definition that holds by default. Give region or trade.", obj{"type": "string", "minLength": 1}, nil),
		formParameter("trade", "The value that the report is about, of the property with the role of a category, or else of the first text with few values, or a group of its values; family:NAME is the group where a value has that name too.", obj{"type": "string", "minLength": 1}, nil),
	}
	parameters = append(parameters, refs(filterParameters[:]...)...)
	operation := s.operationIn("f-report", "getReport", "A report about a region or a trade: map, figures, charts, methods and sources", "Statistics", parameters, answer)
	operation["get"].(obj)["description"] = "A page, a document of A4 or slides that say where features concentrate and how that was computed. " +
		"Queryables of the collection but region are parameters too; all of these select the universe."
	return withAnswer(operation, "503", problemResponse("Computing takes longer than this server allows, or others are being computed."))
}

// addReportParameters adds the parameter f of reports.
func addReportParameters(out obj) {
	var formats []string
	for _, m := range reportMedia() {
		formats = append(formats, m.f)
	}
	out["f-report"] = formParameter("f", "The format of the report; without it the Accept header decides.", choice(formats...), "html")
}
