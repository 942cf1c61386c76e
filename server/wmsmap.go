package server

import (
	"context"
	"image/color"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/render"
)

// wmsPicked is a layer that a request names, with its style and what it selects.
type wmsPicked struct {
	wmsLayer
	wmsStyle
	selection selection
}

// wmsPicture is a map: requests that are drawn one above the other, for each of them
// has one style and view.
type wmsPicture struct {
	picked []wmsPicked
	parts  []*mapRequest
}

// wmsMap answers GetMap.
func (s *Server) wmsMap(w http.ResponseWriter, q *request, p *wmsParams) error {
	m, err := s.parseWMSMap(q, p)
	if err != nil {
		return err
	}
	q.speaks(w)
	r := m.parts[0]
	if need := r.bytes(); need > mostPictureBytes {
		return wmsInvalid("width", "", "drawing this picture takes %d MB of memory; %d MB are the most; ask for fewer pixels", need>>20, mostPictureBytes>>20)
	}
	if r.format == "svg" {
		w.Header().Set("Content-Security-Policy", picturePolicy)
	}
	k := keptResource{rev: m.rev(q.state), resource: wmsPath + "?" + m.text(), packed: r.format != "svg", from: s.pictures}
	return s.serveKept(w, q, k, func(ctx context.Context) (a *keptAnswer, err error) {
		picture, err := s.drawWMS(ctx, q, m)
		if err != nil {
			return nil, err
		}
		behind(func() { a, err = r.write(ctx, s.faces, picture) })
		return a, err
	})
}

// rev is the state of what the map depends on.
func (m *wmsPicture) rev(state *geo.State) string {
	var b strings.Builder
	for _, r := range m.parts {
		b.WriteString(r.rev(state))
	}
	return b.String()
}

func (m *wmsPicture) text() string {
	var b strings.Builder
	for _, r := range m.parts {
		b.WriteString(r.text())
		b.WriteByte('|')
	}
	return b.String()
}

// drawWMS draws the parts and lays them on one another.
func (s *Server) drawWMS(ctx context.Context, q *request, m *wmsPicture) (*render.Picture, error) {
	var all *render.Picture
	for _, r := range m.parts {
		p, err := s.drawMap(ctx, q, r)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = p
			all.Drawing.Background = r.look.background.under()
			continue
		}
		all.Drawing.Layers = append(all.Drawing.Layers, p.Drawing.Layers...)
		all.Layers = append(all.Layers, p.Layers...)
		all.Shown += p.Shown
		all.Hidden += p.Hidden
		all.Missing = append(all.Missing, p.Missing...)
	}
	return all, nil
}

// parseWMSMap reads a request for a map.
func (s *Server) parseWMSMap(q *request, p *wmsParams) (*wmsPicture, error) {
	if err := p.refuseOthers(); err != nil {
		return nil, err
	}
	format, err := p.need("format")
	if err != nil {
		return nil, err
	}
	if q.media, err = parseWMSFormat(format, wmsMedia()); err != nil {
		q.media = wmsXML
		return nil, err
	}
	m, err := s.pickLayers(q, p)
	if err != nil {
		return nil, err
	}
	frame, err := p.frame()
	if err != nil {
		return nil, err
	}
	background, err := p.background(q.media)
	if err != nil {
		return nil, err
	}
	for i := range m.picked {
		if err := m.add(&m.picked[i], q, p, frame, background); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// refuseOthers refuses parameters that would change what is shown and are not
// understood here.
func (p *wmsParams) refuseOthers() error {
	for _, name := range [...]string{"filter", "sld", "sld_body", "featureid", "viewparams"} {
		if v, ok := p.get(name); !ok || v == "" {
			continue
		}
		if strings.HasPrefix(name, "sld") {
			return wmsInvalid(name, "OperationNotSupported", "styles of a client's own are not drawn; STYLES names those that there are")
		}
		return wmsInvalid(name, "OperationNotSupported", "is not understood here; say it as CQL_FILTER, such as CQL_FILTER=level='county', one for each layer with ; between")
	}
	return nil
}

// pickLayers finds the layers, their styles and what they select.
func (s *Server) pickLayers(q *request, p *wmsParams) (*wmsPicture, error) {
	names := p.list("layers")
	if len(names) == 0 {
		return nil, wmsInvalid("layers", "LayerNotDefined", "is missing; the capabilities list the layers")
	}
	if len(names) > mostMapLayers {
		return nil, wmsInvalid("layers", "", "names %d layers; a map has at most %d", len(names), mostMapLayers)
	}
	styles := p.list("styles")
	if len(styles) > 0 && len(styles) != len(names) {
		return nil, wmsInvalid("styles", "StyleNotDefined", "names %d styles for %d layers; name one for each, or none", len(styles), len(names))
	}
	filters, err := p.filters(len(names))
	if err != nil {
		return nil, err
	}
	m := &wmsPicture{}
	for i, name := range names {
		l, err := s.wmsLayerNamed(q.state, "layers", name)
		if err != nil {
			return nil, err
		}
		picked := wmsPicked{wmsLayer: l}
		style := ""
		if len(styles) > 0 {
			style = styles[i]
		}
		if picked.wmsStyle, err = l.style(style); err != nil {
			return nil, err
		}
		if l.collection != nil {
			if picked.selection, err = p.selectionOf(l.collection, filters[i]); err != nil {
				return nil, err
			}
		}
		m.picked = append(m.picked, picked)
	}
	return m, nil
}

// filters are the filters of CQL_FILTER for n layers, which has one for each with a
// semicolon between, or one for all.
func (p *wmsParams) filters(n int) ([]string, error) {
	text, _ := p.get("cql_filter")
	out := make([]string, n)
	if text == "" {
		return out, nil
	}
	inText := false
	all := strings.FieldsFunc(text+" ", func(c rune) bool {
		if c == '\'' {
			inText = !inText
		}
		return c == ';' && !inText
	})
	if len(all) == 1 {
		all = slices.Repeat(all, n)
	}
	if len(all) != n {
		return nil, wmsInvalid("cql_filter", "", "has %d filters for %d layers; write one for each with ; between, INCLUDE for all features", len(all), n)
	}
	for i, f := range all {
		if f = strings.TrimSpace(f); !strings.EqualFold(f, "INCLUDE") {
			out[i] = f
		}
		if strings.EqualFold(f, "EXCLUDE") {
			out[i] = "FALSE"
		}
	}
	return out, nil
}

// selectionOf is what a request selects of a collection: by its filter and by TIME.
func (p *wmsParams) selectionOf(c *geo.Collection, filter string) (selection, error) {
	var all params
	when, err := p.time(c)
	if err != nil {
		return selection{}, err
	}
	if when != "" {
		all = append(all, param{"datetime", when})
	}
	if filter != "" {
		all = append(all, param{"filter", filter})
	}
	sel, err := parseSelection(c.ID, all, c.Source.Schema(), limits{}, forMap)
	if bad, ok := err.(*geo.InvalidError); ok {
		err = wmsInvalid(map[bool]string{true: "cql_filter", false: "time"}[bad.Field == "filter"], "", "%s", bad.Reason)
	}
	return sel, err
}

// size are WIDTH and HEIGHT.
func (p *wmsParams) size() (width, height int, err error) {
	for _, side := range [...]struct {
		name string
		to   *int
	}{{"width", &width}, {"height", &height}} {
		text, err := p.need(side.name)
		if err != nil {
			return 0, 0, err
		}
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil || n == 0 || n > mostPixels {
			return 0, 0, wmsInvalid(side.name, "", "needs a whole number from 1 to %d, found %s", mostPixels, quoted(text))
		}
		*side.to = int(n)
	}
	return width, height, nil
}

// frame is the part of the world that the map shows.
func (p *wmsParams) frame() (*mapFrame, error) {
	f := &mapFrame{dpi: p.dpi()}
	var err error
	if f.crs, err = p.system(); err != nil {
		return nil, err
	}
	if f.width, f.height, err = p.size(); err != nil {
		return nil, err
	}
	text, err := p.need("bbox")
	if err != nil {
		return nil, err
	}
	v := strings.Split(text, ",")
	if len(v) != 4 {
		return nil, wmsInvalid("bbox", "", "needs minx,miny,maxx,maxy, found %s", quoted(text))
	}
	var n [4]float64
	for i := range n {
		if n[i], err = strconv.ParseFloat(strings.TrimSpace(v[i]), 64); err != nil || math.IsNaN(n[i]) || math.Abs(n[i]) > 1e9 {
			return nil, wmsInvalid("bbox", "", "needs four numbers up to 1e9, found %s", quoted(v[i]))
		}
	}
	if f.crs.Swapped() && !p.old {
		n = [4]float64{n[1], n[0], n[3], n[2]}
	}
	const least = 1e-9 // of a degree or metre
	if !(n[2]-n[0] > least && n[3]-n[1] > least) {
		return nil, wmsInvalid("bbox", "", "has no area: the second corner must be greater than the first, found %s", quoted(text))
	}
	f.box = orb.Bound{Min: orb.Point{n[0], n[1]}, Max: orb.Point{n[2], n[3]}}
	return f, nil
}

// background is what BGCOLOR and TRANSPARENT ask for: white, unless they say otherwise.
func (p *wmsParams) background(m media) (backgrounds, error) {
	b := backgrounds{color: color.NRGBA{255, 255, 255, 255}, coloured: true}
	if text, given := p.get("bgcolor"); given && text != "" {
		var err error
		if b.color, err = parseColor("bgcolor", text); err != nil {
			return b, err
		}
	}
	text, _ := p.get("transparent")
	switch strings.ToUpper(text) {
	case "TRUE":
		b.transparent = m.f != "jpeg"
	case "FALSE", "":
	default:
		return b, wmsInvalid("transparent", "", "needs TRUE or FALSE, found %s", quoted(text))
	}
	b.void, b.voidAsWell = b.color, b.transparent
	return b, nil
}

// add adds a layer to the last part of the map where they can be drawn together, else
// begins another part.
func (m *wmsPicture) add(l *wmsPicked, q *request, p *wmsParams, f *mapFrame, b backgrounds) error {
	kind, _ := kindOfLayer(l.wmsLayer)
	if n := len(m.parts); n > 0 && m.parts[n-1].takes(l, kind) {
		m.parts[n-1].take(l)
		return nil
	}
	look, err := p.look(l, q, b)
	if err != nil {
		return err
	}
	r := &mapRequest{bare: true, format: q.media.f, frame: f, look: look}
	r.take(l)
	m.parts = append(m.parts, r)
	return nil
}

// takes reports whether a part can draw one more layer above what it has.
func (r *mapRequest) takes(l *wmsPicked, kind int) bool {
	if r.look.style != l.wmsStyle.style {
		return false
	}
	switch kind {
	case groundLayer:
		return false
	case outlineLayer:
		return !r.outlined && len(r.collections) == 0
	}
	return (len(r.collections) == 0 || r.look.view == l.view) && !slices.Contains(r.collections, l.collection)
}

func (r *mapRequest) take(l *wmsPicked) {
	switch kind, _ := kindOfLayer(l.wmsLayer); kind {
	case groundLayer:
		r.grounded = true
	case outlineLayer:
		r.outlined = true
	default:
		r.look.view, r.look.viewed = l.view, true
		r.collections = append(r.collections, l.collection)
		r.selections = append(r.selections, l.selection)
	}
}

// look is how a layer is drawn. LABELS, RADIUS, BY and REGIONS are those of /map.
func (p *wmsParams) look(l *wmsPicked, q *request, b backgrounds) (*mapLook, error) {
	var own params
	for _, name := range [...]string{"by", "labels", "radius"} {
		v, ok := p.get(name)
		fits := name == "labels" || name == "radius" && l.view == render.Groups || name == "by" && (l.view == render.Hex || l.view == render.Territory)
		if ok && v != "" && fits {
			own = append(own, param{name, strings.ToLower(v)})
		}
	}
	if l.collection == nil {
		look, err := readLook(&own, nil, lookDefaults{bare: true, lang: q.lang})
		if err != nil {
			return nil, err
		}
		look.regions = p.list("regions")
		look.style, look.background = l.wmsStyle.style, b
		return look, nil
	}
	own = append(own, param{"view", keyOf(viewNames(), l.view)})
	look, err := readLook(&own, l.collection.Source.Schema(), lookDefaults{bare: true, lang: q.lang})
	if err != nil {
		return nil, err
	}
	look.style, look.background = l.wmsStyle.style, b
	return look, nil
}

// keyOf is the name of a value.
func keyOf[T comparable](names map[string]T, v T) string {
	for name, other := range names {
		if other == v {
			return name
		}
	}
	return ""
}
