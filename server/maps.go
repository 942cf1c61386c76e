package server

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
	"clustermap/geo/render"
)

// The media types of pictures.
func mapMedia() []media {
	return []media{
		{"png", "image/png", "image/png"},
		{"jpeg", "image/jpeg", "image/jpeg"},
		{"svg", "image/svg+xml", "image/svg+xml"},
		{"pdf", "application/pdf", "application/pdf"},
		{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	}
}

// mostMapLayers is how many collections a picture shows at most.
const mostMapLayers = 20

// mostPage is the longest side of a page in pixels of 96 to the inch: PDF has at most
// 14,400 points.
const mostPage = 19_200

// mostPictureBytes is the memory that drawing one picture may take.
const mostPictureBytes = 1 << 30

// pageFurniture is what stands on a page where the request does not say it.
const pageFurniture = render.Title | render.Subtitle | render.Legend | render.Scale | render.Source | render.Date |
	render.Definition | render.Filter | render.Review

// mapRequest is a request for a picture.
type mapRequest struct {
	bare        bool
	grounded    bool // bare, but with the base map below
	outlined    bool // bare, but with the regions
	format      string
	collections []*geo.Collection
	some        bool // collections was given
	selections  []selection
	filter      params // what selects features, as it was asked for
	frame       *mapFrame
	look        *mapLook
}

// datasetMap answers GET /map.
func (s *Server) datasetMap(w http.ResponseWriter, q *request) error {
	return s.pictureOf(w, q, nil)
}

// collectionMap answers GET /collections/{collection}/map.
func (s *Server) collectionMap(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.pictureOf(w, q, c)
}

func (s *Server) pictureOf(w http.ResponseWriter, q *request, c *geo.Collection) error {
	path := "/map"
	if c != nil {
		path = collectionPath(c.ID) + "/map"
	} else if text, given := q.params.get("scenes"); given {
		return s.presentationOf(w, q, text)
	}
	plain := *q
	plain.params = slices.DeleteFunc(slices.Clone(q.params), func(p param) bool { return p.name == "rev" })
	r, err := parseMap(&plain, c)
	if err != nil {
		return err
	}
	if err := q.pinned(w, path, r.rev(q.state)); err != nil {
		return err
	}
	return s.servePicture(w, q, r, path)
}

// servePicture answers with a picture and keeps it. Pictures have a queue and a share
// of the memory of their own, so that tiles and features need not wait for them.
func (s *Server) servePicture(w http.ResponseWriter, q *request, r *mapRequest, path string) error {
	if !q.chosen && !q.both {
		q.speaks(w)
	}
	if r.frame.outside {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := r.affordable(); err != nil {
		return err
	}
	if r.format == "svg" {
		w.Header().Set("Content-Security-Policy", picturePolicy)
	}
	k := keptResource{rev: r.rev(q.state), resource: path + "?" + r.text(), packed: r.format != "svg", from: s.pictures}
	return s.serveKept(w, q, k, func(ctx context.Context) (a *keptAnswer, err error) {
		p, err := s.drawMap(ctx, q, r)
		if err != nil {
			return nil, err
		}
		behind(func() { a, err = r.write(ctx, s.faces, p) })
		return a, err
	})
}

// parseMap reads a request for a picture of a collection; c is nil for the dataset.
func parseMap(q *request, c *geo.Collection) (*mapRequest, error) {
	r := &mapRequest{bare: c != nil, format: q.media.f}
	p := slices.Clone(q.params)
	if err := r.takeCollections(&p, q, c); err != nil {
		return nil, err
	}
	var schema *geo.Schema
	if len(r.collections) == 1 {
		schema = r.collections[0].Source.Schema()
	}
	page := q.sheet || r.format == "pdf" || r.format == "pptx"
	d := lookDefaults{bare: r.bare, page: page, lang: q.lang, both: q.both, opaque: r.format == "jpeg"}
	if page && !r.bare {
		d.furniture = pageFurniture
	}
	var err error
	if r.look, err = readLook(&p, schema, d); err != nil {
		return nil, err
	}
	box, err := r.extent(q)
	if err != nil {
		return nil, err
	}
	page = page || r.look.furniture != 0
	if r.frame, err = readFrame(&p, frameDefaults{box: box, page: page && !r.bare}); err != nil {
		return nil, err
	}
	if err := r.territorial(); err != nil {
		return nil, err
	}
	return r, r.readSelections(p)
}

// territorial refuses territories of collections that do not say where their features are.
func (r *mapRequest) territorial() (err error) {
	if r.look.view != render.Territory || r.look.cut != nil {
		return nil
	}
	for _, c := range r.collections {
		if _, err = territoryCut(c); err == nil {
			return nil
		}
	}
	return err
}

// readSelections reads what is left, which selects features. Where there are several
// collections each takes what it understands, and some must.
func (r *mapRequest) readSelections(p params) error {
	r.filter = p
	for _, c := range r.collections {
		sel, err := parseSelection(c.ID, p, c.Source.Schema(), limits{}, forMap)
		if err != nil {
			return err
		}
		r.selections = append(r.selections, sel)
	}
	if len(r.collections) == 0 && len(p) > 0 {
		return unknown(p[0].name, slices.Concat(frameParameters[:], lookParameters[:]))
	}
	return nil
}

// takeCollections finds what the picture shows: one collection, or those of the
// parameter, or what the map page opens with.
func (r *mapRequest) takeCollections(p *params, q *request, c *geo.Collection) error {
	if c != nil {
		_, err := indexOf(c)
		r.collections = []*geo.Collection{c}
		return err
	}
	text, given := p.take("collections")
	r.some = given
	switch {
	case !given && q.sheet:
		var err error
		r.collections, err = shownCollections(q.state)
		return err
	case !given:
		if c := mainCollection(q.state); c != nil {
			r.collections = []*geo.Collection{c}
		}
		return nil
	}
	var err error
	if r.collections, err = q.collectionsNamed(text); err != nil {
		return err
	}
	if len(r.collections) > mostMapLayers {
		return invalid("collections", "names %d collections; a picture shows at most %d", len(r.collections), mostMapLayers)
	}
	return nil
}

// mainCollection is the one that the map page opens with; nil where there is none.
func mainCollection(state *geo.State) *geo.Collection {
	var first *geo.Collection
	for _, c := range state.Collections() {
		if _, err := indexOf(c); err != nil {
			continue
		}
		switch {
		case c.ID == atlasID:
			return c
		case !isContext(state, c) && (first == nil || isContext(state, first)):
			first = c
		case first == nil:
			first = c
		}
	}
	return first
}

// atlasID is the collection of the built-in atlas that stands for it.
const atlasID = "clusters"

// isContext reports whether a collection is there for others: regions and divisions, and
// beside the clusters of the atlas what else it has.
func isContext(state *geo.State, c *geo.Collection) bool {
	switch c.ID {
	case regionsID, divisionsID, "claims":
		return true
	case "listed_clusters", "zones":
		_, atlas := state.Collection(atlasID)
		return atlas
	}
	return false
}

// extent is what is to be seen, in longitude and latitude.
func (r *mapRequest) extent(q *request) (orb.Bound, error) {
	if q.around != nil {
		return *q.around, nil
	}
	var all surroundings
	for _, c := range r.collections {
		e := c.Source.Extent()
		b, ok := e.Box, !e.Empty
		if !r.bare {
			b, ok = extentOf(c)
		}
		if ok {
			all.add(b)
		}
	}
	if !r.bare {
		regions, err := r.regionsOf(q)
		if err != nil {
			return orb.Bound{}, err
		}
		for _, region := range regions {
			all.add(region.Outline.Bound())
		}
	}
	if !all.given {
		return everywhere, nil
	}
	return all.box, nil
}

// affordable refuses a picture that takes too much memory.
func (r *mapRequest) affordable() error {
	if need := r.bytes(); need > mostPictureBytes {
		return failf(http.StatusRequestEntityTooLarge, "Drawing this picture takes %d MB of memory; %d MB are the most. Ask for fewer pixels.", need>>20, mostPictureBytes>>20)
	}
	if wide, high := r.cssWidth(), r.cssHeight(); (r.format == "pdf" || r.format == "pptx") && max(wide, high) > mostPage {
		return failf(http.StatusRequestEntityTooLarge, "A page of %.0f by %.0f pixels at 96 dpi is too large; %d are the most. Ask for fewer pixels or more dpi.", wide, high, mostPage)
	}
	return nil
}

// bytes is the memory that drawing takes, as far as it is known before.
func (r *mapRequest) bytes() int64 {
	switch r.format {
	case "png", "jpeg":
		return r.raster().Bytes(&draw.Drawing{Width: r.cssWidth(), Height: r.cssHeight()})
	}
	return 0
}

func (r *mapRequest) cssWidth() float64  { return float64(r.frame.width) * screenDPI / r.frame.dpi }
func (r *mapRequest) cssHeight() float64 { return float64(r.frame.height) * screenDPI / r.frame.dpi }

func (r *mapRequest) raster() draw.Raster {
	return draw.Raster{DPI: r.frame.dpi, Palette: r.format == "png"}
}

// rev is the state of what the picture depends on.
func (r *mapRequest) rev(state *geo.State) string {
	var b strings.Builder
	for _, c := range r.collections {
		b.WriteString(c.Source.Rev() + ";")
	}
	for _, id := range [...]string{regionsID, divisionsID} {
		if c, ok := state.Collection(id); ok {
			b.WriteString(c.Source.Rev() + ";")
		}
	}
	return b.String()
}

// text is the canonical form of the request.
func (r *mapRequest) text() string {
	f := r.frame
	var b []byte
	b = appendParam(b, "f", r.format)
	for i, c := range r.collections {
		b = appendParam(b, "collection", c.ID)
		if sel := r.selections[i].text("", 0, ""); sel != "" {
			b = append(append(b, '&'), sel...)
		}
	}
	b = appendParam(b, "bare", fmt.Sprintf("%t,%t,%t", r.bare, r.grounded, r.outlined))
	b = appendParam(b, "crs", f.crs.Code())
	b = appendParam(b, "box", boxText(f.box))
	b = appendParam(b, "size", fmt.Sprintf("%d,%d,%v,%v", f.width, f.height, f.dpi, f.extend))
	return string(append(append(b, '&'), r.look.text()...))
}

// drawMap draws the picture.
func (s *Server) drawMap(ctx context.Context, q *request, r *mapRequest) (*render.Picture, error) {
	m, err := s.mapOf(ctx, q, r)
	if err != nil {
		return nil, err
	}
	p, err := render.Draw(ctx, m, s.faces)
	if err != nil {
		return nil, err
	}
	if r.bare {
		r.look.background.beyond(p)
	}
	return p, nil
}

// mapOf is the map that a request asks for, yet to be drawn.
func (s *Server) mapOf(ctx context.Context, q *request, r *mapRequest) (*render.Map, error) {
	f, l := r.frame, r.look
	m := &render.Map{
		Width: r.cssWidth(), Height: r.cssHeight(), CRS: f.crs, Box: f.box, Extend: f.extend,
		Style: l.style, Lang: l.lang, Labels: l.labels, Furniture: l.furniture,
		Title: l.title, Subtitle: l.subtitle, ReviewNumber: l.review,
		Date: dataDate(r.collections),
	}
	var err error
	if m.Layers, err = r.outlines(); err != nil {
		return nil, err
	}
	if r.bare {
		m.Background, m.Whole = l.background.under(), true // it is a tile, or a client's part of a map
		if r.grounded {
			m.Base = s.ground
		}
		if m.Regions, err = r.bareRegions(q); err != nil {
			return nil, err
		}
	} else {
		m.Base = s.ground
		if l.background.transparent {
			m.Base = nil
		}
		if m.Regions, err = r.regionsOf(q); err != nil {
			return nil, err
		}
		if err := countRegions(ctx, m.Regions, r); err != nil {
			return nil, err
		}
		r.describe(m)
		m.Source = sourcesOf(r.collections, r.look.lang)
	}
	scale, err := m.Resolution(s.faces)
	if err != nil {
		return nil, err
	}
	return m, s.fillLayers(ctx, q, r, m.Layers, scale)
}

// under is the background of the drawing.
func (b *backgrounds) under() color.NRGBA {
	c := b.color
	if b.transparent {
		c.A = 0 // the colour is kept, for those who leave transparency out
	}
	return c
}

// beyond paints what is outside of the world, where that is in the picture and looks
// otherwise than the background.
func (b *backgrounds) beyond(p *render.Picture) {
	if b.voidAsWell == b.transparent && (b.transparent || b.void == b.color) {
		return
	}
	top, bottom := 90.0, -90.0
	switch {
	case p.CRS == crs.WebMercator():
		world, _ := wholeWorld(p.CRS)
		top, bottom = world/2, -world/2
	case !p.CRS.Geographic():
		return
	}
	high, f := p.Box.Max[1]-p.Box.Min[1], p.Frame
	y := f.Y + f.H*(p.Box.Max[1]-min(top, p.Box.Max[1]))/high
	end := f.Y + f.H*(p.Box.Max[1]-max(bottom, p.Box.Min[1]))/high
	world := &draw.Shape{Name: "background", Fill: draw.Fill{Color: b.under()}}
	world.Path.Rect(draw.Rect{X: f.X, Y: y, W: f.W, H: max(0, end-y)})
	p.Drawing.Background = b.void
	if b.voidAsWell {
		p.Drawing.Background.A = 0
	}
	p.Drawing.Layers = slices.Insert(p.Drawing.Layers, 0, &draw.Layer{Name: "background", Items: []draw.Item{world}})
}

// outlines are the layers of the picture in the order of the collections, without what
// a view needs.
func (r *mapRequest) outlines() ([]render.Layer, error) {
	var out []render.Layer
	for _, c := range r.collections {
		x, err := indexOf(c)
		if err != nil {
			return nil, err
		}
		l := render.Layer{ID: c.ID, TitleZH: c.Title.In("zh"), TitleEN: c.Title.In("en"), Index: x, View: r.look.view}
		if !r.look.viewed || !r.shadable(c) {
			l.View = usualView(c, r.bare)
		}
		out = append(out, l)
	}
	return out, nil
}

// shadable is false of a collection among others that has no territories to shade.
func (r *mapRequest) shadable(c *geo.Collection) bool {
	if r.look.view != render.Territory || r.look.cut != nil {
		return true
	}
	_, err := territoryCut(c)
	return err == nil
}

// fillLayers gives the layers of a picture of some scale what is selected and what their
// views need.
func (s *Server) fillLayers(ctx context.Context, q *request, r *mapRequest, layers []render.Layer, scale render.Resolution) error {
	for i, c := range r.collections {
		sel, l := &r.selections[i], &layers[i]
		var of *layer
		var err error
		switch l.View {
		case render.Hex, render.Territory:
			of, err = s.territoriesOf(ctx, c, sel.query, sel.text("", 0, ""), r.cut(l.View, scale))
		default:
			of, err = s.groupsOf(ctx, c, sel, r.look.radius, scale)
		}
		if err != nil {
			return err
		}
		l.Set, l.Pyramid, l.Territories = of.set, of.pyramid, of.territories
		if l.View == render.Territory {
			l.Areas = q.territoryAreas(ctx, of.territories)
		}
	}
	return nil
}

// groupsOf is the layer of a selection with groups of a radius, or where that is 0 of
// the one that suits the scale.
func (s *Server) groupsOf(ctx context.Context, c *geo.Collection, sel *selection, radius int, scale render.Resolution) (*layer, error) {
	text := sel.text("", 0, "")
	if radius == 0 {
		n, err := c.Source.Count(ctx, sel.query)
		if err != nil {
			return nil, err
		}
		radius = scale.Radius(n)
	}
	return s.layerOf(ctx, c, sel.query, text, radius)
}

// usualView is how a collection is drawn where the request does not say it: as the
// map page draws it.
func usualView(c *geo.Collection, bare bool) render.View {
	points := true
	for _, t := range c.Source.Schema().Geometry {
		points = points && (t == "Point" || t == "MultiPoint")
	}
	if points && !bare && !classed(c.Source.Schema()) {
		return render.Groups
	}
	return render.Features
}

// cut is the division of a territory or hexagon view.
func (r *mapRequest) cut(v render.View, scale render.Resolution) pyramid.Cut {
	if r.look.cut != nil {
		return *r.look.cut
	}
	if v == render.Hex {
		return pyramid.Cut{Across: scale.HexWidth()}
	}
	return pyramid.Cut{Level: "province"}
}

// dataDate is the last day that the features tell of, zero where they have no times.
func dataDate(all []*geo.Collection) (last time.Time) {
	for _, c := range all {
		if end := c.Source.Extent().Time.End; end.After(last) {
			last = end
		}
	}
	return last
}

// write is the picture as a file.
func (r *mapRequest) write(ctx context.Context, fonts *draw.Fonts, p *render.Picture) (*keptAnswer, error) {
	var out bytes.Buffer
	if err := r.encode(ctx, &out, fonts, p.Drawing); err != nil {
		return nil, err
	}
	h := pictureHeader(p)
	if t := r.contentTime(); t != "" { // OGC's suite looks for the second name
		h["Content-Datetime"], h["Ogcapi-Datetime"] = []string{t}, []string{t}
	}
	return &keptAnswer{body: out.Bytes(), header: h}, nil
}

// encode writes drawings in the format of the request; those whose files have no pages
// have one.
func (r *mapRequest) encode(ctx context.Context, w io.Writer, fonts *draw.Fonts, pages ...*draw.Drawing) error {
	switch r.format {
	case "png":
		return draw.PNG(ctx, w, fonts, pages[0], r.raster())
	case "jpeg":
		return draw.JPEG(ctx, w, fonts, pages[0], r.raster())
	case "svg":
		return draw.SVG(ctx, w, fonts, pages[0])
	case "pdf":
		return draw.PDF(ctx, w, fonts, pages...)
	}
	return draw.PPTX(ctx, w, fonts, pages...)
}

// pictureHeader tells where the picture is and what it lacks.
func pictureHeader(p *render.Picture) map[string][]string {
	box := p.Box
	if p.CRS.Swapped() {
		box = orb.Bound{Min: orb.Point{box.Min[1], box.Min[0]}, Max: orb.Point{box.Max[1], box.Max[0]}}
	}
	h := wordHeader(p)
	h["Content-Bbox"] = []string{boxText(wrapped(p.CRS, box))}
	h["Content-Crs"] = []string{"<" + p.CRS.URI() + ">"}
	var groups []string
	for _, l := range p.Layers {
		if l.Radius > 0 {
			groups = append(groups, fmt.Sprintf("zoom=%d&radius=%d", l.Zoom, l.Radius))
		}
	}
	if len(groups) > 0 {
		h["Clustermap-Groups"] = []string{strings.Join(groups, ", ")}
	}
	return h
}

// wordHeader tells how much there is in a picture, and what had no room or no shape.
func wordHeader(p *render.Picture) map[string][]string {
	h := map[string][]string{
		"Clustermap-Features":      {strconv.Itoa(p.Shown)},
		"Clustermap-Hidden-Labels": {strconv.Itoa(p.Hidden)},
	}
	if len(p.LeftOut) > 0 {
		h["Clustermap-Left-Out"] = []string{strings.Join(p.LeftOut, ", ")}
	}
	if len(p.Missing) > 0 {
		var names []string
		for _, c := range p.Missing[:min(len(p.Missing), 50)] {
			names = append(names, fmt.Sprintf("U+%04X", c))
		}
		h["Clustermap-Missing-Characters"] = []string{strings.Join(names, " ")}
	}
	return h
}

// wrapped is a box with its east within the world where the system goes around it,
// so that it is less than west where 180 degrees are crossed.
func wrapped(c *crs.CRS, b orb.Bound) orb.Bound {
	i := 0
	if c.Swapped() {
		i = 1
	}
	const close = 1e-9 // degrees, by which rounding may be off
	switch {
	case !c.Geographic():
	case b.Max[i]-b.Min[i] >= 360-close:
		b.Min[i], b.Max[i] = -180, 180
	case b.Max[i] > 180+close:
		b.Max[i] -= 360
	default:
		b.Max[i] = min(b.Max[i], 180)
	}
	return b
}
