package server

import (
	"bytes"
	"context"
	"net/http"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/render"
)

// wmsLegend answers GetLegendGraphic (OGC 05-078r4, 12): a legend of a layer in a style,
// with the numbers of what CQL_FILTER and TIME select. Its size is what it needs, for
// WIDTH and HEIGHT are hints.
func (s *Server) wmsLegend(w http.ResponseWriter, q *request, p *wmsParams) error {
	m, err := s.parseWMSLegend(q, p)
	if err != nil {
		return err
	}
	q.speaks(w)
	r := m.parts[0]
	if r.format == "svg" {
		w.Header().Set("Content-Security-Policy", picturePolicy)
	}
	k := keptResource{rev: m.rev(q.state), resource: wmsPath + "?request=GetLegendGraphic&" + m.text(), packed: r.format != "svg", from: s.pictures}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		d, err := s.legendOf(ctx, q, r)
		if err != nil {
			return nil, err
		}
		if r.look.background.transparent {
			d.Background.A = 0
		}
		var out bytes.Buffer
		err = r.encode(ctx, &out, s.faces, d)
		return &keptAnswer{body: out.Bytes()}, err
	})
}

// parseWMSLegend reads a request for a legend as one for a map of the layer, which shows
// all that it has where the client does not say where it looks.
func (s *Server) parseWMSLegend(q *request, p *wmsParams) (*wmsPicture, error) {
	if err := p.refuseOthers(); err != nil {
		return nil, err
	}
	all := params{{"format", "image/png"}}
	for _, name := range [...]string{"by", "cql_filter", "format", "transparent", "time", "radius"} {
		if v, given := p.get(name); given && v != "" {
			_, _ = all.take(name)
			all = append(all, param{name, v})
		}
	}
	layer, err := p.need("layer")
	if err != nil {
		return nil, wmsInvalid("layer", "LayerNotDefined", "is missing")
	}
	style, _ := p.get("style")
	all = append(all, param{"layers", layer}, param{"styles", style})
	own := &wmsParams{params: all}
	format, _ := all.get("format")
	if q.media, err = parseWMSFormat(format, wmsMedia()); err != nil {
		q.media = wmsXML
		return nil, err
	}
	m, err := s.pickLayers(q, own)
	if err != nil {
		return nil, err
	}
	frame, err := p.frame()
	if err != nil {
		frame = wholeFrame(m.picked[0].wmsLayer)
	}
	frame.dpi = p.dpi()
	background, err := own.background(q.media)
	if err != nil {
		return nil, err
	}
	return m, m.add(&m.picked[0], q, own, frame, background)
}

// wholeFrame is a frame with all of a layer.
func wholeFrame(l wmsLayer) *mapFrame {
	box := everywhere
	if l.collection != nil {
		if e := l.collection.Source.Extent(); !e.Empty && e.Box.Min[0] <= e.Box.Max[0] {
			box = padded(e.Box)
		}
	}
	area := &mapArea{crs.CRS84(), box}
	f := &mapFrame{crs: crs.WebMercator(), width: usualWidth, height: usualWidth * 3 / 4, dpi: screenDPI, extend: true}
	f.box, _ = area.clipped(f.crs)
	return f
}

func (s *Server) legendOf(ctx context.Context, q *request, r *mapRequest) (*draw.Drawing, error) {
	m, err := s.mapOf(ctx, q, r)
	if err != nil {
		return nil, err
	}
	return render.DrawLegend(ctx, m, s.faces)
}
