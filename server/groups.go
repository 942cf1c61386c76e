package server

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// mostGroups is how many groups an answer has at most. They are not paged: half of
// a map is no map.
const mostGroups = 50_000

// groupsRequest is a request for the groups of a box.
type groupsRequest struct {
	zoom, radius int
	cut          *pyramid.Cut // of territories, in place of zoom and radius
	drawn        int          // the zoom that outlines of territories are simplified for; -1: not at all
	box          orb.Bound    // of positions
	outline      orb.Geometry // that positions lie in, where the box is one of another system
	boxed        params       // bbox and bbox-crs in canonical form
	sel          selection    // without the box
	most         int          // groups that an answer may have
}

// everywhere is the box of a request without one.
var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// groups answers GET /collections/{collection}/groups.
func (s *Server) groups(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.params = q.params.filled()
		if _, by := q.params.get("by"); by { // the form sends these always
			q.params.take("zoom")
			q.params.take("radius")
		}
	}
	r, err := parseGroups(c, q.params)
	if err != nil {
		return err
	}
	path := collectionPath(c.ID) + "/groups"
	query := r.text()
	if q.media.isHTML() {
		q.speaks(w)
	}
	k := keptResource{rev: q.groupsRev(c, r.cut), resource: path + "?" + query, linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		l, err := s.groupLayer(ctx, c, r.sel.query, r.id(c))
		if err != nil {
			return nil, err
		}
		found, err := r.find(l)
		if err != nil {
			return nil, err
		}
		links := append(q.selfLinks([]media{geojsonMedia, htmlMedia}, path, query),
			link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
		g := newGroupWriter(q, c, l, r.id(c))
		if err := g.simplify(ctx, r.drawn); err != nil {
			return nil, err
		}
		if q.media.isHTML() {
			return s.groupsPage(q, g, r, found, links)
		}
		return g.collection(found, links), nil
	})
}

// groupsRev is what an answer with groups depends on: the collection and, where
// territories have outlines, the one that has these.
func (q *request) groupsRev(c *geo.Collection, cut *pyramid.Cut) string {
	if cut != nil {
		if areas, ok := q.state.Collection(outlinesOf(*cut)); ok {
			return c.Source.Rev() + "+" + areas.Source.Rev()
		}
	}
	return c.Source.Rev()
}

// groupLayer is the layer of the groups of an id, whatever its node and key.
func (s *Server) groupLayer(ctx context.Context, c *geo.Collection, query geo.Query, id groupID) (*layer, error) {
	if id.cut != nil {
		return s.territoriesOf(ctx, c, query, id.filter, *id.cut)
	}
	return s.layerOf(ctx, c, query, id.filter, id.radius)
}

func parseGroups(c *geo.Collection, p params) (*groupsRequest, error) {
	r := &groupsRequest{radius: pyramid.DefaultRadius, box: everywhere, zoom: -1, drawn: -1}
	schema := c.Source.Schema()
	if by, given := p.take("by"); given {
		cut, err := pyramid.ParseCut(schema, by)
		if err != nil {
			return nil, named("by", err)
		}
		r.cut = &cut
	}
	if err := r.takeZoom(&p); err != nil {
		return nil, err
	}
	if err := r.takeBox(&p, schema); err != nil {
		return nil, err
	}
	if r.zoom < 0 {
		r.zoom = zoomOf(r.box, c.Source.Extent())
	}
	var err error
	if r.sel, err = parseSelection(c.ID, p, schema, limits{}, forGroups); err != nil {
		return nil, err
	}
	r.most, err = mostOf(r.id(c))
	return r, err
}

func (r *groupsRequest) takeZoom(p *params) (err error) {
	zoom, zoomed := p.take("zoom")
	radius, wide := p.take("radius")
	switch {
	case zoomed && r.cut != nil && !outlined(*r.cut):
		return invalid("zoom", "does not go with by=%s, whose groups are the same for every zoom", r.cut.String())
	case wide && r.cut != nil:
		return invalid("radius", "does not go with by, whose groups have no radius")
	}
	if zoomed {
		if r.zoom, err = parseWhole("zoom", zoom, 0, pyramid.MaxZoom); err != nil {
			return err
		}
		if r.cut != nil {
			r.drawn = r.zoom
		}
	}
	if wide {
		r.radius, err = parseWhole("radius", radius, pyramid.MinRadius, pyramid.MaxRadius)
	}
	return err
}

// zoomOf is the finest zoom at which the part of a box that has features fits on a
// screen.
func zoomOf(box orb.Bound, extent geo.Extent) int {
	if box == everywhere && !extent.Empty {
		box = extent.Box
	}
	nw, se := geo.World(orb.Point{box.Min[0], box.Max[1]}), geo.World(orb.Point{box.Max[0], box.Min[1]})
	if se[0] < nw[0] {
		se[0]++
	}
	const width, height = 1024.0 / 256, 768.0 / 256
	part := max((se[0]-nw[0])/width, (se[1]-nw[1])/height)
	return max(0, min(pyramid.MaxZoom, int(math.Log2(1/max(part, 1e-9)))))
}

func parseWhole(name, text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || text != strconv.Itoa(n) {
		return 0, invalid(name, "needs a whole number from %d to %d, found %s", least, most, quoted(text))
	}
	return n, nil
}

// takeBox takes bbox and bbox-crs out of the parameters, for they choose groups and
// not features.
func (r *groupsRequest) takeBox(p *params, schema *geo.Schema) error {
	reader := selectionReader{all: slices.Clone(*p), schema: schema}
	text, given := p.take("bbox")
	name, system := p.take("bbox-crs")
	if system {
		if _, err := parseCRS("bbox-crs", name); err != nil {
			return err
		}
	}
	if !given {
		return nil
	}
	if err := reader.readBox(text); err != nil {
		return named("bbox", err)
	}
	r.boxed = reader.filter
	if reader.query.Box != nil {
		r.box = *reader.query.Box
		return nil
	}
	r.outline = reader.outline
	r.box = r.outline.Bound()
	return nil
}

// text is the canonical query.
func (r *groupsRequest) text() string { return r.boxedText(r.boxed) }

// boxedText is the canonical query with another box.
func (r *groupsRequest) boxedText(box params) string {
	var b []byte
	if r.cut != nil {
		b = appendParam(b, "by", r.cut.String())
		if r.drawn >= 0 {
			b = appendParam(b, "zoom", strconv.Itoa(r.drawn))
		}
	} else {
		b = appendParam(b, "zoom", strconv.Itoa(r.zoom))
		if r.radius != pyramid.DefaultRadius {
			b = appendParam(b, "radius", strconv.Itoa(r.radius))
		}
	}
	for _, p := range box {
		b = appendParam(b, p.name, p.value)
	}
	if rest := r.sel.text("", 0, ""); rest != "" {
		b = append(append(b, '&'), rest...)
	}
	return string(b)
}

// id is what the ids of all groups of the answer have in common.
func (r *groupsRequest) id(c *geo.Collection) groupID {
	id := groupID{rev: groupRev(c), filter: r.sel.text("", 0, ""), cut: r.cut}
	if r.cut == nil {
		id.zoom, id.radius = r.zoom, r.radius
	}
	return id
}

// foundGroups are the groups of an answer: nodes or territories.
type foundGroups struct {
	nodes []pyramid.Node
	areas []int
}

func (f *foundGroups) len() int { return len(f.nodes) + len(f.areas) }

// find lists the groups of the box.
func (r *groupsRequest) find(l *layer) (*foundGroups, error) {
	found := new(foundGroups)
	r.each(l, r.zoom, r.box, func(n pyramid.Node) bool {
		found.nodes = append(found.nodes, n)
		return len(found.nodes) <= r.most
	}, func(i int) bool {
		found.areas = append(found.areas, i)
		return len(found.areas) <= r.most
	})
	if found.len() > r.most {
		return nil, r.tooMany(l)
	}
	return found, nil
}

// each visits the nodes of a zoom, or the territories, that stand in a box. Without a
// box there are those that stand nowhere, too.
func (r *groupsRequest) each(l *layer, zoom int, box orb.Bound, node func(pyramid.Node) bool, area func(int) bool) {
	if r.cut == nil {
		l.pyramid.Search(zoom, box, func(n pyramid.Node) bool {
			return r.outline != nil && !inOutline(r.outline, l.pyramid.Position(n)) || node(n)
		})
		return
	}
	whole := len(r.boxed) == 0 && box == everywhere
	for i := range l.territories.Len() {
		at, ok := l.territories.Position(i)
		in := ok && inBox(box, at) && (r.outline == nil || inOutline(r.outline, at))
		if (in || whole) && !area(i) {
			return
		}
	}
}

// inBox reports whether a position lies in a box, edges inside.
func inBox(b orb.Bound, p orb.Point) bool {
	if p[1] < b.Min[1] || p[1] > b.Max[1] {
		return false
	}
	east, west := p[0] >= b.Min[0], p[0] <= b.Max[0]
	if b.Min[0] <= b.Max[0] {
		return east && west
	}
	return east || west
}

func inOutline(outline orb.Geometry, p orb.Point) bool {
	switch g := outline.(type) {
	case orb.Polygon:
		return planar.PolygonContains(g, p)
	case orb.MultiPolygon:
		return planar.MultiPolygonContains(g, p)
	}
	return true
}

// count is the number of groups in a box, but no more than one more than allowed.
func (r *groupsRequest) count(l *layer, zoom int, box orb.Bound) int {
	n := 0
	r.each(l, zoom, box, func(pyramid.Node) bool { n++; return n <= r.most }, func(int) bool { n++; return n <= r.most })
	return n
}

// tooMany names a box that fits and, where there is one, the finest zoom that does.
func (r *groupsRequest) tooMany(l *layer) error {
	box, fits := r.box, "narrow it by a filter"
	for range 64 { // by then a box is a point
		if r.count(l, r.zoom, box) <= r.most {
			fits = "bbox=" + boxText(box) + " fits"
			break
		}
		box = r.quarter(l, box)
	}
	if r.cut != nil {
		return invalid("by", "%s gives more than %d groups here, which is too many for one answer; ask for larger ones, or for a smaller box: %s", r.cut, r.most, fits)
	}
	for zoom := r.zoom - 1; zoom >= 0; zoom-- {
		if n := r.count(l, zoom, r.box); n <= r.most {
			return invalid("zoom", "%d gives more than %d groups in this box, which is too many for one answer; zoom=%d gives %d, and of zoom %d %s", r.zoom, r.most, zoom, n, r.zoom, fits)
		}
	}
	return invalid("bbox", "has more than %d groups, which is too many for one answer; %s", r.most, fits)
}

// quarter is the quarter of a box that has the most groups.
func (r *groupsRequest) quarter(l *layer, box orb.Bound) orb.Bound {
	width := box.Max[0] - box.Min[0]
	if width < 0 {
		width += 360
	}
	lon, lat := box.Min[0]+width/2, (box.Min[1]+box.Max[1])/2
	if lon > 180 {
		lon -= 360
	}
	best, most := box, -1
	for _, part := range [...]orb.Bound{
		{Min: box.Min, Max: orb.Point{lon, lat}}, {Min: orb.Point{lon, box.Min[1]}, Max: orb.Point{box.Max[0], lat}},
		{Min: orb.Point{box.Min[0], lat}, Max: orb.Point{lon, box.Max[1]}}, {Min: orb.Point{lon, lat}, Max: box.Max},
	} {
		if n := r.count(l, r.zoom, part); n > most && part != box {
			best, most = part, n
		}
	}
	return best
}

// group answers GET /collections/{collection}/groups/{group}.
func (s *Server) group(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	if err := q.params.none(); err != nil {
		return err
	}
	found, err := s.groupOf(q, c)
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.speaks(w)
	}
	path := collectionPath(c.ID) + "/groups/" + string(found.id.append(nil))
	k := keptResource{rev: q.groupsRev(c, found.id.cut), resource: path, linked: true}
	return s.serveKept(w, q, k, func(context.Context) (*keptAnswer, error) {
		links := append(q.selfLinks([]media{geojsonMedia, htmlMedia}, path, ""),
			link{q.in("geojson", path+"/members", ""), "items", geojsonMedia.content, "The members"},
			link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
		g := newGroupWriter(q, c, found.layer, found.id)
		if q.media.isHTML() {
			return s.groupPage(q, g, found, links)
		}
		return g.one(found, links), nil
	})
}

// groupMembers answers GET /collections/{collection}/groups/{group}/members.
func (s *Server) groupMembers(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	found, err := s.groupOf(q, c)
	if err != nil {
		return err
	}
	id := string(found.id.append(nil))
	return s.list(w, q, c, collectionPath(c.ID)+"/groups/"+id+"/members", memberFilter{id, found.members()})
}

// memberFilter selects the members of a group.
type memberFilter struct {
	id    string
	slots []uint32 // the least first
}

func (f memberFilter) String() string { return "group=" + f.id }

func (f memberFilter) Bind(context.Context, *geo.Index) (geo.Plan, error) {
	return geo.Plan{
		Cover: &geo.Cover{Count: len(f.slots), List: func(dst []uint32) []uint32 { return append(dst, f.slots...) }},
		Text:  "members of a group",
	}, nil
}
