package server

import (
	"net/http"
	"strconv"
	"time"

	"clustermap/geo"
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
	n := limits{s.cfg.DefaultItems, s.cfg.MaxItems}
	if q.media.isHTML() {
		n = limits{min(n.usual, pageItems), min(n.most, mostPageItems)}
		q.params = q.params.filled()
	}
	sel, err := parseSelection(c.ID, q.params, c.Source.Schema(), n)
	if err != nil {
		return err
	}
	path := collectionPath(c.ID) + "/items"
	t := s.tag(q, c.Source.Rev(), path+"?"+sel.text("", sel.limit, sel.cursor))
	if q.current(w, t) {
		return nil
	}
	found, err := c.Source.Search(q.Context(), sel.query)
	if err != nil {
		return err
	}
	links := q.itemsLinks(c.ID, path, &sel, found)
	h := w.Header()
	setLinks(h, links)
	h["Ogc-Numbermatched"] = []string{strconv.Itoa(found.Matched)}
	h["Ogc-Numberreturned"] = []string{strconv.Itoa(len(found.Features))}
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "items", s.itemsView(q, c, &sel, found, links))
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	size := 1 << 11
	for _, f := range found.Features {
		size += len(f.JSON()) + 2
	}
	buf.Grow(size)
	s.send(w, q, t, appendCollection(buf.AvailableBuffer(), found, links, s.cfg.Now()))
	return nil
}

// appendCollection appends a FeatureCollection, a feature to a line.
func appendCollection(b []byte, found geo.Result, links []link, now time.Time) []byte {
	b = append(b, `{"type":"FeatureCollection","features":[`...)
	for i, f := range found.Features {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n')
		b = append(b, f.JSON()...)
	}
	b = append(b, "\n],\n\"links\":"...)
	b = appendLinks(b, links)
	b = append(b, `,"timeStamp":"`...)
	b = now.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z07:00")
	b = append(b, `","numberMatched":`...)
	b = strconv.AppendInt(b, int64(found.Matched), 10)
	b = append(b, `,"numberReturned":`...)
	b = strconv.AppendInt(b, int64(len(found.Features)), 10)
	return append(b, "}\n"...)
}

// itemsLinks are the links of a page: to itself, to the next one unless this is
// the last, and to the collection. Each names its format, so that it leads to
// the same whatever the client accepts.
func (q *request) itemsLinks(collection, path string, sel *selection, found geo.Result) []link {
	links := q.selfLinks([]media{geojsonMedia, htmlMedia}, path, sel.text("", sel.limit, sel.cursor))
	if found.More && len(found.Features) > 0 {
		cursor := formatCursor(found.Last.ID, queryHash(collection, sel.filter))
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
	f, err := c.Source.Get(q.Context(), id)
	if err != nil {
		return err
	}
	path := collectionPath(c.ID) + "/items/" + escapeID(id)
	t := s.tag(q, c.Source.Rev(), path)
	if q.current(w, t) {
		return nil
	}
	links := q.selfLinks([]media{geojsonMedia, htmlMedia}, path, "")
	links = append(links, link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
	setLinks(w.Header(), links)
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "item", s.itemView(q, c, f, links))
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	raw := f.JSON()
	buf.Grow(len(raw) + 1<<10)
	b := append(buf.AvailableBuffer(), raw[:len(raw)-1]...)
	b = append(b, `,"links":`...)
	b = appendLinks(b, links)
	s.send(w, q, t, append(b, "}\n"...))
	return nil
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
