package server

import "net/http"

func wmsInfoMedia() []media {
	return []media{{"json", "application/json", "application/json"}, {"text", "text/plain", "text/plain; charset=utf-8"}, htmlMedia}
}

func (s *Server) wmsInfo(w http.ResponseWriter, q *request, p *wmsParams) error {
	return wmsInvalid("request", "OperationNotSupported", "GetFeatureInfo is to come")
}

func (s *Server) wmsLegend(w http.ResponseWriter, q *request, p *wmsParams) error {
	return wmsInvalid("request", "OperationNotSupported", "GetLegendGraphic is to come")
}
