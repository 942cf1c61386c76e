package server

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/render"
)

// mostInfo is how many features of a layer GetFeatureInfo tells of at most.
const mostInfo = 1000

// wmsInfoMedia are the formats of GetFeatureInfo. The first is the one that clients take
// who do not mind.
func wmsInfoMedia() []media {
	return []media{{"text", "text/plain", "text/plain; charset=utf-8"}, {"html", "text/html", htmlType}, {"json", "application/json", "application/json"}}
}

// wmsFound is what a layer has at a pixel.
type wmsFound struct {
	layer    wmsLayer
	features []geo.Feature
	all      int // features there
}

// wmsInfo answers GetFeatureInfo: the features whose symbols, lines or areas are at a
// pixel; of a group or area its members.
func (s *Server) wmsInfo(w http.ResponseWriter, q *request, p *wmsParams) error {
	m, err := s.parseWMSMap(q, p)
	if err != nil {
		return err
	}
	queried, err := s.queried(q, p, m)
	if err != nil {
		return err
	}
	most := 1
	if text, _ := p.get("feature_count"); text != "" {
		if most, err = parseWhole("feature_count", text, 1, mostInfo); err != nil {
			return err
		}
	}
	x, y, err := p.pixel(m.parts[0].frame)
	if err != nil {
		return err
	}
	if q.media, err = p.infoMedia(); err != nil {
		return err
	}
	q.speaks(w)
	resource := fmt.Sprintf("%s?request=GetFeatureInfo&%s&query=%s&at=%v,%v&most=%d", wmsPath, m.text(), strings.Join(p.list("query_layers"), ","), x, y, most)
	k := keptResource{rev: m.rev(q.state), resource: resource, linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		var all []wmsFound
		for _, l := range queried {
			f, err := s.wmsFind(ctx, q, p, m, l, x, y, most)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
		body, err := s.wmsInfoBody(q, all)
		return &keptAnswer{body: body}, err
	})
}

// queried are the layers of QUERY_LAYERS, which must be among those of the map.
func (s *Server) queried(q *request, p *wmsParams, m *wmsPicture) ([]*wmsPicked, error) {
	names := p.list("query_layers")
	if len(names) == 0 {
		return nil, wmsInvalid("query_layers", "LayerNotDefined", "is missing; name some of LAYERS")
	}
	var out []*wmsPicked
	for _, name := range names {
		i := slices.IndexFunc(m.picked, func(l wmsPicked) bool { return l.wmsLayer.name == name })
		if i < 0 {
			return nil, wmsInvalid("query_layers", "LayerNotDefined", "%s is not among LAYERS", quoted(name))
		}
		l := &m.picked[i]
		if !l.queryable() {
			return nil, wmsInvalid("query_layers", "LayerNotQueryable", "the layer %s has no features to tell of", quoted(name))
		}
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out, nil
}

// pixel is the middle of the pixel of I and J, which are X and Y in 1.1.1, in CSS pixels.
func (p *wmsParams) pixel(f *mapFrame) (x, y float64, err error) {
	names := [2]string{"i", "j"}
	if _, given := p.get("i"); p.old && !given {
		names = [2]string{"x", "y"}
	}
	var at [2]float64
	for k, most := range [2]int{f.width, f.height} {
		text, err := p.need(names[k])
		if err != nil {
			return 0, 0, err
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= most {
			return 0, 0, wmsInvalid(names[k], "InvalidPoint", "needs a whole number from 0 to %d, found %s", most-1, quoted(text))
		}
		at[k] = (float64(n) + 0.5) * screenDPI / f.dpi
	}
	return at[0], at[1], nil
}

func (p *wmsParams) infoMedia() (media, error) {
	all := wmsInfoMedia()
	text, _ := p.get("info_format")
	if text == "" {
		return all[0], nil
	}
	kind := strings.ToLower(strings.TrimSpace(text))
	if kind == "application/geo+json" || kind == "application/geojson" {
		return media{"json", kind, kind}, nil
	}
	for _, m := range all {
		if m.kind == kind {
			return m, nil
		}
	}
	return media{}, wmsInvalid("info_format", "InvalidFormat", "%s is not a format of this server; it has %s", quoted(text), strings.Join(kindsOf(all), ", "))
}

// wmsFind finds what a layer has at a pixel.
func (s *Server) wmsFind(ctx context.Context, q *request, p *wmsParams, m *wmsPicture, l *wmsPicked, x, y float64, most int) (wmsFound, error) {
	one := &wmsPicture{}
	if err := one.add(l, q, p, m.parts[0].frame, backgrounds{}); err != nil {
		return wmsFound{}, err
	}
	drawn, err := s.mapOf(ctx, q, one.parts[0])
	if err != nil {
		return wmsFound{}, err
	}
	hits, err := drawn.Hits(0, x, y)
	if err != nil {
		return wmsFound{}, err
	}
	f := wmsFound{layer: l.wmsLayer}
	f.features, f.all = featuresOf(drawn.Layers[0].Index, hits, most)
	return f, nil
}

// featuresOf lists the features of hits, each once, and how many there are; most is how
// many are wanted.
func featuresOf(x *geo.Index, hits []render.Hit, most int) (features []geo.Feature, all int) {
	seen := map[uint32]bool{}
	for _, h := range hits {
		for _, slot := range h.Slots {
			if seen[slot] {
				continue
			}
			seen[slot] = true
			if len(features) < most {
				features = append(features, x.At(slot))
			}
		}
	}
	return features, len(seen)
}

func (s *Server) wmsInfoBody(q *request, all []wmsFound) ([]byte, error) {
	switch q.media.f {
	case "json":
		return wmsInfoJSON(all), nil
	case "html":
		v := wmsInfoView{Base: q.base}
		for _, f := range all {
			v.Layers = append(v.Layers, f.view(q))
		}
		var b bytes.Buffer
		err := s.pages.in[q.lang].ExecuteTemplate(&b, "wmsinfo", v)
		return b.Bytes(), err
	}
	var b bytes.Buffer
	for _, f := range all {
		v := f.view(q)
		fmt.Fprintf(&b, "%s\n%s\n", v.Title, v.Count)
		for _, feature := range v.Features {
			fmt.Fprintf(&b, "\n%s\n", feature.Name)
			for _, m := range feature.Members {
				fmt.Fprintf(&b, "  %s: %s\n", m.title(q.lang), m.Value.plain(q.lang))
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// wmsInfoJSON is GeoJSON: the features of all layers, and of which they are.
func wmsInfoJSON(all []wmsFound) []byte {
	b := []byte(`{"type":"FeatureCollection","features":[`)
	n, returned, matched := 0, 0, 0
	for _, f := range all {
		for _, feature := range f.features {
			if n++; n > 1 {
				b = append(b, ',')
			}
			b = append(append(b, '\n'), feature.JSON()...)
		}
		returned += len(f.features)
		matched += f.all
	}
	b = append(b, "\n],\"layers\":["...)
	for i, f := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"name":`...), f.layer.name)
		b = fmt.Appendf(b, `,"numberMatched":%d,"numberReturned":%d}`, f.all, len(f.features))
	}
	return fmt.Appendf(b, `],"numberMatched":%d,"numberReturned":%d}`+"\n", matched, returned)
}

type wmsInfoView struct {
	Base   string
	Layers []wmsFoundView
}

type wmsFoundView struct {
	Title, Count string
	Features     []wmsFeatureView
}

type wmsFeatureView struct {
	Name, Href string
	Members    []member
}

func (f *wmsFound) view(q *request) wmsFoundView {
	c := f.layer.collection
	v := wmsFoundView{Title: titleIn(c, q.lang)}
	switch {
	case len(f.features) < f.all:
		v.Count = geo.Text{EN: fmt.Sprintf("%d of %d features", len(f.features), f.all), ZH: fmt.Sprintf("%d 个要素中的 %d 个", f.all, len(f.features))}.In(q.lang)
	case f.all == 1:
		v.Count = geo.Text{EN: "1 feature", ZH: "1 个要素"}.In(q.lang)
	default:
		v.Count = geo.Text{EN: fmt.Sprintf("%d features", f.all), ZH: fmt.Sprintf("%d 个要素", f.all)}.In(q.lang)
	}
	for _, feature := range f.features {
		values := membersOf(feature.Properties())
		id := feature.ID().String()
		own := wmsFeatureView{Name: cmp.Or(names(c.Source.Schema(), values).In(q.lang), id), Href: q.in("html", collectionPath(c.ID)+"/items/"+escapeID(id), "")}
		for _, p := range c.Source.Schema().Properties {
			if n := nodeOf(values[p.Name], &p); n.Kind != "null" && !(n.Kind == "list" && n.List == nil) && !p.Hidden {
				own.Members = append(own.Members, member{Name: p.Name, Title: p.Title, Value: n})
			}
		}
		v.Features = append(v.Features, own)
	}
	return v
}

func (m member) title(lang string) string { return wordOr(m.Title, m.Name, lang) }

// plain is the value in one line.
func (n node) plain(lang string) string {
	var parts []string
	for _, item := range n.List {
		parts = append(parts, item.plain(lang))
	}
	for _, m := range n.Members {
		parts = append(parts, m.title(lang)+"="+m.Value.plain(lang))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case n.Title.In(lang) != "":
		return n.Title.In(lang)
	}
	return strings.Join(strings.Fields(n.Text), " ")
}
