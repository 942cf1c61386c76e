package server

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// wmsXML is the media type of documents.
var wmsXML = media{"xml", "text/xml", "text/xml; charset=utf-8"}

// wmsError is a service exception.
type wmsError struct {
	Code    string `xml:"code,attr"`
	Locator string `xml:"locator,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (e *wmsError) Error() string { return e.Text }

// wmsInvalid says what is wrong with a parameter. code "" is InvalidParameterValue.
func wmsInvalid(param, code, format string, args ...any) error {
	if code == "" {
		code = "InvalidParameterValue"
	}
	name := strings.ToUpper(param)
	return &wmsError{code, name, name + ": " + fmt.Sprintf(format, args...)}
}

// wmsException answers with a service exception. Where the client is at fault the
// status is 200: clients show the text of the exception then, and with 400 QGIS and
// GDAL say no more than the number. MapServer and GeoServer do the same, and OGC's
// suite takes either.
func (s *Server) wmsException(w http.ResponseWriter, q *request, p *wmsParams, err error) error {
	status, detail := statusOf(err)
	e := &wmsError{Code: "InvalidParameterValue", Text: detail}
	var bad *geo.InvalidError
	switch {
	case errors.As(err, &e):
		status = http.StatusOK
	case errors.As(err, &bad):
		e.Locator = strings.ToUpper(bad.Field)
		status = http.StatusOK
	case status < 500:
		status = http.StatusOK
	default:
		e.Code = "NoApplicableCode"
		s.log.LogAttrs(q.Context(), slog.LevelError, "request failed", slog.String("id", w.Header().Get("X-Request-Id")), slog.Any("err", err))
	}
	body, kind := s.wmsReport(q, p, e)
	h := w.Header()
	for _, name := range []string{"ETag", "Content-Encoding", "Content-Crs", "Content-Bbox"} {
		h.Del(name)
	}
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
	return nil
}

// wmsReport is an exception as the client wants it: as XML, as a picture that says it,
// or as an empty one.
func (s *Server) wmsReport(q *request, p *wmsParams, e *wmsError) (body []byte, kind string) {
	how, _ := p.get("exceptions")
	operation, _ := p.get("request")
	if strings.EqualFold(operation, "GetMap") || strings.EqualFold(operation, "GetLegendGraphic") {
		switch strings.ToLower(how) {
		case "inimage", "application/vnd.ogc.se_inimage":
			if body, kind, err := s.wmsPicture(q, p, e.Text); err == nil {
				return body, kind
			}
		case "blank", "application/vnd.ogc.se_blank":
			if body, kind, err := s.wmsPicture(q, p, ""); err == nil {
				return body, kind
			}
		}
	}
	r := wmsReport{
		Version: wmsVersion, Namespace: "http://www.opengis.net/ogc", Schema: "http://www.w3.org/2001/XMLSchema-instance",
		Location: "http://www.opengis.net/ogc http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd", Exception: *e,
	}
	kind = wmsXML.content
	if p.old {
		r.Version, r.Namespace, r.Schema, r.Location, kind = "1.1.1", "", "", "", "application/vnd.ogc.se_xml"
	}
	return wmsDocument(r), kind
}

type wmsReport struct {
	XMLName   xml.Name `xml:"ServiceExceptionReport"`
	Version   string   `xml:"version,attr"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Schema    string   `xml:"xmlns:xsi,attr,omitempty"`
	Location  string   `xml:"xsi:schemaLocation,attr,omitempty"`
	Exception wmsError `xml:"ServiceException"`
}

// wmsDocument is v as XML.
func wmsDocument(v any) []byte {
	b := bytes.NewBufferString(xml.Header)
	e := xml.NewEncoder(b)
	e.Indent("", " ")
	if err := e.Encode(v); err != nil {
		panic(err) // texts and numbers
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// wmsPicture is an exception as a picture of the size and format of the map.
func (s *Server) wmsPicture(q *request, p *wmsParams, text string) (body []byte, kind string, err error) {
	format, err := p.need("format")
	if err != nil {
		return nil, "", err
	}
	m, err := parseWMSFormat(format, wmsMedia())
	if err != nil {
		return nil, "", err
	}
	r := &mapRequest{format: m.f, frame: &mapFrame{dpi: screenDPI}}
	if r.frame.width, r.frame.height, err = p.size(); err != nil {
		return nil, "", err
	}
	b, err := p.background(m)
	if err != nil {
		return nil, "", err
	}
	d := &draw.Drawing{Width: r.cssWidth(), Height: r.cssHeight(), Background: b.under()}
	if text != "" {
		d.Layers = []*draw.Layer{{Name: "exception", Items: s.wmsLines(text, d)}}
	}
	if r.bytes() > mostPictureBytes {
		return nil, "", failf(http.StatusRequestEntityTooLarge, "The picture is too large.")
	}
	// In the queue of pictures, for it may be as large as any.
	key := fmt.Sprintf("exception %s %d %d %v %s", m.f, r.frame.width, r.frame.height, b, text)
	a, err := s.pictures.get(q.Context(), key, func(ctx context.Context) (a *keptAnswer, err error) {
		behind(func() {
			var out bytes.Buffer
			err = r.encode(ctx, &out, s.faces, d)
			a = &keptAnswer{body: out.Bytes()}
		})
		return a, err
	})
	if err != nil {
		return nil, "", err
	}
	return a.body, m.content, nil
}

// wmsLines sets a text in lines that have room in the picture.
func (s *Server) wmsLines(text string, d *draw.Drawing) (items []draw.Item) {
	const size, margin, lead = 13, 8, 18
	line := &draw.Text{Size: size, Color: color.NRGBA{0x9B, 0x1C, 0x1C, 0xFF}, Halo: draw.Stroke{Color: color.NRGBA{255, 255, 255, 255}, Width: 3, Round: true}}
	x, y := float64(margin), float64(margin+size)
	put := func() {
		if t := *line; t.Text != "" && y < d.Height {
			t.X, t.Y = x, y
			items = append(items, &t)
		}
		y += lead
		line.Text = ""
	}
	for word := range strings.FieldsSeq(text) {
		before := line.Text
		line.Text = strings.TrimSpace(before + " " + word)
		if before != "" && s.faces.Width(line) > d.Width-2*margin {
			line.Text = before
			put()
			line.Text = word
		}
	}
	put()
	return items
}
