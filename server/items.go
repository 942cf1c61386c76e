package server

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"clustermap/geo"
	"clustermap/geo/export"
)

// An HTML page has pageItems features where the request names no limit, and at
// most mostPageItems: what a person reads, not what a program loads.
const (
	pageItems     = 50
	mostPageItems = 1000
)

// items answers GET /collections/{collection}/items.
func (s *Server) items(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.list(w, q, c, collectionPath(c.ID)+"/items", nil)
}

// list answers with the features of a collection that the request and, where it is
// not nil, only select. path is the resource.
func (s *Server) list(w http.ResponseWriter, q *request, c *geo.Collection, path string, only geo.Filter) error {
	n := limits{s.cfg.DefaultItems, s.cfg.MaxItems}
	format, whole := q.exportFormat()
	switch {
	case whole:
		n.most = s.cfg.MaxExport
	case q.media.isHTML():
		n = limits{min(n.usual, pageItems), min(n.most, mostPageItems)}
		q.params = q.params.filled()
	}
	subject := c.ID
	if only != nil {
		subject = path
	}
	sel, err := parseSelection(subject, q.params, c.Source.Schema(), n, forItems)
	if err == nil {
		err = q.reaches(c, sel.crs)
	}
	sel.also(only)
	if err != nil && q.media.isHTML() {
		return s.sendRefused(w, q, c, path, err)
	}
	if err != nil {
		return err
	}
	if whole {
		q.speaks(w)
		return s.export(w, q, c, path, &sel, format)
	}
	if q.media.isHTML() {
		q.speaks(w)
	}
	t := s.tag(q, c.Source.Rev(), path+"?"+sel.text("", sel.limit, sel.cursor))
	if q.current(w, t) {
		return nil
	}
	found, err := s.search(q, c, &sel)
	if err != nil {
		return err
	}
	links := q.itemsLinks(c.ID, path, &sel, found)
	h := w.Header()
	setLinks(h, links)
	setCounts(h, found.Matched, len(found.Features))
	h["Content-Crs"] = contentCRS(sel.crs)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "items", s.itemsView(q, c, path, &sel, found, links))
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	size := 1 << 11
	for _, f := range found.Features {
		size += len(f.JSON()) + 2
	}
	buf.Grow(size)
	p := page{found: found, links: links, sel: &sel, now: s.cfg.Now(), completeness: completenessMember(c)}
	if format.Name == "jsonfg" {
		opt := s.exportOptions(q, c, &sel, format)
		p.members, p.jsonfg = export.JSONFGMembers(&opt), true
		sel.view.Roles = opt.Schema
	}
	s.send(w, q, t, p.append(buf.AvailableBuffer()))
	return nil
}

// exportFormat is the format of a request for features beside GeoJSON by pages and
// HTML, and whether all features are wanted, or those that a limit gives, and not
// a page with links.
func (q *request) exportFormat() (f export.Format, whole bool) {
	download := q.params.has("download", "true") || q.params.has("download", "zip")
	switch {
	case q.media.isHTML(), q.media.f == "json" && !download:
		return export.Format{}, false
	case q.media.f == "json":
		f, _ = export.ByName("geojson") // for its extension
	default:
		f, _ = export.ByName(q.media.f)
	}
	return f, download || !f.Paged
}

// search finds a page of features within the time that a query has.
func (s *Server) search(q *request, c *geo.Collection, sel *selection) (geo.Result, error) {
	s.explain(q, c, sel)
	if err := s.simplify(q, sel, c.Source); err != nil {
		return geo.Result{}, err
	}
	ctx, cancel := s.limitedTime(q.Context())
	defer cancel()
	return c.Source.Search(ctx, sel.query)
}

// explain logs how the features are found.
func (s *Server) explain(q *request, c *geo.Collection, sel *selection) {
	if x, ok := c.Source.(explainer); ok && s.log.Enabled(q.Context(), slog.LevelDebug) {
		s.log.LogAttrs(q.Context(), slog.LevelDebug, "query",
			slog.String("collection", c.ID), slog.String("plan", x.Explain(q.Context(), sel.query)))
	}
}

// explainer is a Source that tells how it finds features.
type explainer interface {
	Explain(ctx context.Context, q geo.Query) string
}

// simplifier is a Source that has its shapes simplified for zoom levels.
type simplifier interface {
	Simplified(ctx context.Context, zoom int) (*geo.Simplified, error)
}

// limitedTime is a context that ends when a query has had its time.
func (s *Server) limitedTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.cfg.QueryTimeout)
}

// page is a FeatureCollection to be written.
type page struct {
	found   geo.Result
	links   []link
	sel     *selection
	now     time.Time
	members []byte // of JSON-FG

	completeness []byte // a member that says what is missing, or nothing
	jsonfg       bool
}

// append appends the FeatureCollection, a feature to a line. Where coordinates
// are not CRS84 the member crs of old GeoJSON says so to readers that know it.
func (p *page) append(b []byte) []byte {
	found, links, now, view := p.found, p.links, p.now, &p.sel.view
	b = append(b, `{"type":"FeatureCollection",`...)
	switch {
	case p.jsonfg:
		b = append(append(b, p.members...), ',')
	case view.CRS != nil:
		b = appendText(append(b, `"crs":{"type":"name","properties":{"name":`...), view.CRS.URI())
		b = append(b, `}},`...)
	}
	b = append(b, `"features":[`...)
	kept := p.sel.asKept()
	for i, f := range found.Features {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n')
		switch {
		case p.jsonfg:
			b = view.AppendJSONFG(b, f)
		case kept:
			b = append(b, f.JSON()...)
		default:
			b = view.AppendGeoJSON(b, f)
		}
	}
	b = append(b, "\n],\n\"links\":"...)
	b = appendLinks(b, links)
	b = append(b, `,"timeStamp":"`...)
	b = now.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z07:00")
	b = append(b, `","numberMatched":`...)
	b = strconv.AppendInt(b, int64(found.Matched), 10)
	b = append(b, `,"numberReturned":`...)
	b = strconv.AppendInt(b, int64(len(found.Features)), 10)
	b = append(b, p.completeness...)
	return append(b, "}\n"...)
}

// itemsLinks are the links of a page: to itself, to the next one unless this is
// the last, and to the collection. Each names its format, so that it leads to
// the same whatever the client accepts.
func (q *request) itemsLinks(collection, path string, sel *selection, found geo.Result) []link {
	links := q.selfLinks([]media{geojsonMedia, htmlMedia}, path, sel.text("", sel.limit, sel.cursor))
	if found.More && len(found.Features) > 0 {
		cursor := formatCursor(found.Last, sel.hash())
		links = append(links, link{q.in(q.media.f, path, sel.text("", sel.limit, cursor)), "next", q.media.content, "The next page"})
	}
	return append(links, link{q.in("json", collectionPath(collection), ""), "collection", "application/json", "The collection"})
}

// item answers GET /collections/{collection}/items/{feature}.
func (s *Server) item(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	id, err := q.variable("feature")
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.speaks(w)
		q.params = q.params.filled()
	}
	sel, err := parseSelection(c.ID, q.params, c.Source.Schema(), limits{}, forItem)
	if err == nil {
		err = q.reaches(c, sel.crs)
	}
	if err != nil {
		return err
	}
	f, err := c.Source.Get(q.Context(), id)
	if err != nil {
		return err
	}
	path := collectionPath(c.ID) + "/items/" + escapeID(id)
	t := s.tag(q, c.Source.Rev(), path+"?"+sel.text("", 0, ""))
	if q.current(w, t) {
		return nil
	}
	links := q.selfLinks([]media{geojsonMedia, htmlMedia}, path, sel.text("", 0, ""))
	links = append(links, link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
	setLinks(w.Header(), links)
	w.Header()["Content-Crs"] = contentCRS(sel.crs)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "item", s.itemView(q, c, f, links))
	}
	if _, whole := q.exportFormat(); whole {
		return s.exportItem(w, q, c, &sel, f, t)
	}
	if err := s.simplify(q, &sel, c.Source); err != nil {
		return err
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	buf.Grow(len(f.JSON()) + 1<<10)
	b := s.appendItem(buf.AvailableBuffer(), q, c, &sel, f)
	b = append(b, `,"links":`...)
	b = appendLinks(b, links)
	s.send(w, q, t, append(b, "}\n"...))
	return nil
}

// appendItem appends a feature without the brace that ends it.
func (s *Server) appendItem(b []byte, q *request, c *geo.Collection, sel *selection, f geo.Feature) []byte {
	if q.media.f == "jsonfg" {
		format, _ := export.ByName("jsonfg")
		opt := s.exportOptions(q, c, sel, format)
		sel.view.Roles = opt.Schema
		b = append(append(append(b, '{'), export.JSONFGMembers(&opt)...), ',')
		from := len(b)
		b = sel.view.AppendJSONFG(b, f)
		b = append(b[:from], b[from+1:]...) // its opening brace
	} else {
		b = sel.view.AppendGeoJSON(b, f)
	}
	return b[:len(b)-1]
}

// filled leaves out parameters without a value: a browser sends every field of
// a form, filled in or not.
func (p params) filled() params {
	kept := p[:0]
	for _, q := range p {
		if q.value != "" {
			kept = append(kept, q)
		}
	}
	return kept
}
