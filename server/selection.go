package server

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/cql"
	"clustermap/geo/crs"
	"clustermap/geo/export"
)

// selection is a request for features: the query, how they are shown, and the
// one text that all requests for the same share.
type selection struct {
	subject  string // what is selected from
	query    geo.Query
	limit    int
	limited  bool   // limit was given
	filter   params // what selects, in canonical form: bbox, datetime, filter, properties …
	unfolded params // the same with the conditions on properties by themselves; nil: it is as filter
	order    params // sortby, in canonical form
	shape    params // what is shown of a feature, in canonical form: crs, properties …
	cursor   string // as given
	download bool   // the whole as a file
	zipped   bool   // that file and a note in a zip file

	view export.View
	crs  *crs.CRS // of the answer
	zoom int      // to simplify for; -1: not at all
}

// limits are the default and greatest number of features of a page.
type limits struct{ usual, most int }

// purpose says which parameters beside the filter a request may have.
type purpose int

const (
	forItems      purpose = iota // all
	forItem                      // those of one feature's form
	forAggregate                 // none
	forGroups                    // none
	forTiles                     // none, and no bbox
	forDataset                   // the same, of some collections
	forMap                       // none, and no bbox
	forStatistics                // none
)

// shaped reports whether the request says how a feature is shown.
func (p purpose) shaped() bool { return p == forItems || p == forItem }

// tiled reports whether the request is for tiles, which have boxes of their own.
func (p purpose) tiled() bool { return p == forTiles || p == forDataset || p == forMap }

// selectionReader reads the parameters of a request into a selection.
type selectionReader struct {
	selection
	all     params
	schema  *geo.Schema
	limits  limits
	purpose purpose
	outline orb.Geometry // of a box in a system in which it is none in longitude and latitude
	tree    cql.Expr     // of filter, read with options
	options cql.Options
}

// parseSelection reads the parameters of a request for the features of a
// collection with this schema. subject is what cursors hold for.
func parseSelection(subject string, p params, schema *geo.Schema, n limits, why purpose) (selection, error) {
	r := selectionReader{all: p, schema: schema, limits: n, purpose: why}
	r.subject = subject
	r.limit, r.zoom, r.crs = n.usual, -1, crs.CRS84()
	for _, q := range p {
		if err := r.read(q); err != nil {
			return selection{}, named(q.name, err)
		}
	}
	if err := r.chooseProperties(); err != nil {
		return selection{}, err
	}
	r.query.Limit = r.limit
	if why == forGroups || why == forStatistics || why.tiled() {
		r.fold()
	}
	if cursor, given := p.get("cursor"); given && why == forItems {
		after, err := parseCursor(cursor, r.hash(), r.orderKeys())
		if err != nil {
			return selection{}, err
		}
		r.cursor, r.query.After = cursor, &after
	}
	return r.selection, nil
}

// read reads one parameter, in order of the names.
func (r *selectionReader) read(q param) error {
	known, err := false, error(nil)
	if r.purpose.tiled() && (q.name == "bbox" || q.name == "bbox-crs") {
		return invalid(q.name, "is no parameter of tiles, which have boxes of their own")
	}
	if r.purpose.shaped() {
		known, err = r.readShape(q)
	}
	if !known && r.purpose == forItems {
		known, err = r.readPage(q)
	}
	if !known && r.purpose != forItem {
		known, err = r.readFilter(q)
	}
	if !known && err == nil {
		return unknown(q.name, r.names())
	}
	return err
}

// readPage reads what says how many features are wanted, and in which order.
func (r *selectionReader) readPage(q param) (known bool, err error) {
	switch q.name {
	case "limit":
		r.limited = true
		r.limit, err = parseLimit(q.value, r.limits.most)
	case "cursor": // depends on all others
		if q.value == "" {
			err = invalid("cursor", "is empty; take it from a next link, or leave it out to begin at the start")
		}
	case "sortby":
		err = r.readSort(q.value)
	case "download":
		if r.zipped = q.value == "zip"; r.zipped {
			r.download = true
		} else if r.download, err = parseBool(q); err != nil {
			err = invalid(q.name, "needs true, false, or zip for a zip file with a note beside the data, found %s", quoted(q.value))
		}
	default:
		return false, nil
	}
	return true, err
}

// readShape reads what says how a feature is shown.
func (r *selectionReader) readShape(q param) (known bool, err error) {
	switch q.name {
	case "crs":
		if r.crs, err = parseCRS(q.name, q.value); err == nil && r.crs != crs.CRS84() {
			r.view.CRS = r.crs
			r.shape = append(r.shape, param{q.name, r.crs.URI()})
		}
	case "properties", "exclude-properties": // read together at the end
	case "skipGeometry":
		if r.view.SkipGeometry, err = parseBool(q); err == nil && r.view.SkipGeometry {
			r.shape = append(r.shape, q)
		}
	case "zoom-level":
		if r.zoom, err = parseZoom(q.value); err == nil {
			r.shape = append(r.shape, q)
		}
	default:
		return false, nil
	}
	return true, err
}

// readFilter reads what selects features.
func (r *selectionReader) readFilter(q param) (known bool, err error) {
	switch q.name {
	case "bbox":
		err = r.readBox(q.value)
	case "bbox-crs", "filter-crs":
		_, err = parseCRS(q.name, q.value)
	case "datetime":
		err = r.readTime(q)
	case "filter":
		err = r.readCQL(q.value)
	case "filter-lang":
		_, err = parseFilterLang(q.value)
	case "geometry-type":
		err = r.readGeometryTypes(q.value)
	case "q":
		err = r.readWords(q.value)
	default:
		return r.match(q)
	}
	return true, err
}

func (r *selectionReader) readTime(q param) error {
	t, err := geo.ParseInterval(q.value)
	if err != nil {
		return err
	}
	r.query.Time = &t
	r.filter = append(r.filter, q)
	return nil
}

// names are all parameters that the request may have.
func (r *selectionReader) names() []string {
	names := []string{"f", "lang"}
	if r.purpose == forAggregate {
		names = append(names, "measures", "by")
	}
	if r.purpose == forItems {
		names = append(names, pageParameters[:]...)
	}
	switch r.purpose {
	case forGroups:
		names = append(names, "zoom", "radius", "by")
	case forDataset:
		names = append(names, datasetParameters[:]...)
		fallthrough
	case forTiles:
		names = append(names, tileParameters[:]...)
	}
	if r.purpose.shaped() {
		names = append(names, shapeParameters[:]...)
	}
	if r.purpose != forItem {
		for _, name := range filterParameters {
			if !r.purpose.tiled() || !strings.HasPrefix(name, "bbox") {
				names = append(names, name)
			}
		}
		for _, p := range queryablesOf(r.schema) {
			names = append(names, p.Name)
		}
	}
	return names
}

// hash tells queries apart: the subject, what selects its features and their
// order, without the size and place of the page and the form of a feature.
func (sel *selection) hash() uint64 {
	return queryHash(sel.subject, append(sel.filter[:len(sel.filter):len(sel.filter)], sel.order...))
}

// orderKeys is how many values give a feature its place before its id does.
func (sel *selection) orderKeys() int {
	n := len(sel.query.Sort)
	switch {
	case n == 0 && sel.query.Words != "":
		return 1 // the rank
	case n > 0 && sel.query.Sort[n-1].Property == "": // the id
		return n - 1
	}
	return n
}

// text is the query part of an address that selects this, with the limit and
// cursor given; limit 0 and cursor "" are left out.
func (sel *selection) text(f string, limit int, cursor string) string {
	b := make([]byte, 0, 128)
	if f != "" {
		b = appendParam(b, "f", f)
	}
	if limit > 0 {
		b = appendParam(b, "limit", strconv.Itoa(limit))
	}
	for _, list := range [...]params{sel.filter, sel.order, sel.shape} {
		for _, p := range list {
			b = appendParam(b, p.name, p.value)
		}
	}
	if cursor != "" {
		b = appendParam(b, "cursor", cursor)
	}
	return string(b)
}

// appendParam appends a parameter to a query, with commas left, which people
// read in links.
func appendParam(b []byte, name, value string) []byte {
	if len(b) > 0 {
		b = append(b, '&')
	}
	b = append(b, url.QueryEscape(name)...)
	b = append(b, '=')
	return append(b, escapeValue(value)...)
}
