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

// groupNames are the members of a group's properties that are ours. A property of a
// lone feature that is called so stands under "feature".
var groupNames = [...]string{"count", "expansion_zoom", "sums", "counts", "bounds", "anchor", "members", "feature"}

// groupsRequest is a request for the groups of a box and zoom.
type groupsRequest struct {
	zoom, radius int
	box          orb.Bound    // of positions
	outline      orb.Geometry // that positions lie in, where the box is one of another system
	boxed        params       // bbox and bbox-crs in canonical form
	sel          selection    // without the box
}

// everywhere is the box of a request without one.
var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// groups answers GET /collections/{collection}/groups.
func (s *Server) groups(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	r, err := parseGroups(c, q.params)
	if err != nil {
		return err
	}
	path := collectionPath(c.ID) + "/groups"
	query := r.text()
	k := keptResource{rev: c.Source.Rev(), resource: path + "?" + query, linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		l, err := s.layerOf(ctx, c, r.sel.query, r.sel.text("", 0, ""), r.radius)
		if err != nil {
			return nil, err
		}
		nodes, err := r.find(l)
		if err != nil {
			return nil, err
		}
		links := append(q.selfLinks([]media{geojsonMedia}, path, query),
			link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
		g := groupWriter{q: q, c: c, layer: l, zoom: r.zoom, filter: r.sel.text("", 0, "")}
		g.prepare()
		return g.collection(nodes, links), nil
	})
}

func parseGroups(c *geo.Collection, p params) (*groupsRequest, error) {
	r := &groupsRequest{radius: pyramid.DefaultRadius, box: everywhere, zoom: -1}
	var err error
	if zoom, given := p.take("zoom"); given {
		if r.zoom, err = parseWhole("zoom", zoom, 0, pyramid.MaxZoom); err != nil {
			return nil, err
		}
	}
	if radius, given := p.take("radius"); given {
		if r.radius, err = parseWhole("radius", radius, pyramid.MinRadius, pyramid.MaxRadius); err != nil {
			return nil, err
		}
	}
	if err := r.takeBox(&p, c.Source.Schema()); err != nil {
		return nil, err
	}
	if r.zoom < 0 {
		r.zoom = zoomOf(r.box, c.Source.Extent())
	}
	r.sel, err = parseSelection(c.ID, p, c.Source.Schema(), limits{}, forGroups)
	return r, err
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
func (r *groupsRequest) text() string {
	b := appendParam(nil, "zoom", strconv.Itoa(r.zoom))
	if r.radius != pyramid.DefaultRadius {
		b = appendParam(b, "radius", strconv.Itoa(r.radius))
	}
	for _, p := range r.boxed {
		b = appendParam(b, p.name, p.value)
	}
	if rest := r.sel.text("", 0, ""); rest != "" {
		b = append(append(b, '&'), rest...)
	}
	return string(b)
}

// find lists the groups of the box.
func (r *groupsRequest) find(l *layer) ([]pyramid.Node, error) {
	var nodes []pyramid.Node
	l.pyramid.Search(r.zoom, r.box, func(n pyramid.Node) bool {
		if r.outline == nil || inOutline(r.outline, l.pyramid.Position(n)) {
			nodes = append(nodes, n)
		}
		return len(nodes) <= mostGroups
	})
	if len(nodes) > mostGroups {
		return nil, r.tooMany(l)
	}
	return nodes, nil
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

// tooMany names the finest zoom that fits, or a part of the box where none does.
func (r *groupsRequest) tooMany(l *layer) error {
	for zoom := r.zoom - 1; zoom >= 0; zoom-- {
		if n := l.pyramid.Count(zoom, r.box); n <= mostGroups {
			return invalid("zoom", "%d gives more than %d groups in this box, which is too many for one answer; zoom=%d gives %d, or ask for a smaller bbox", r.zoom, mostGroups, zoom, n)
		}
	}
	box := r.box
	for l.pyramid.Count(r.zoom, box) > mostGroups {
		mid := (box.Min[0] + box.Max[0]) / 2
		if box.Min[0] > box.Max[0] {
			mid = 180
		}
		box.Max = orb.Point{mid, (box.Min[1] + box.Max[1]) / 2}
	}
	return invalid("bbox", "has more than %d groups, which is too many for one answer; bbox=%s fits", mostGroups, boxText(box))
}

// groupWriter writes groups as GeoJSON. One serves one answer.
type groupWriter struct {
	q      *request
	c      *geo.Collection
	layer  *layer
	zoom   int
	filter string

	opt      pyramid.Options
	names    []geo.Property // of anchors
	base     string         // of the addresses of members
	clash    bool           // features may have properties that are called like ours
	grouped  int
	idStart  groupID
	scratch  []byte
	property [][]byte // of opt.Counts: its name as JSON and a colon
}

func (g *groupWriter) prepare() {
	g.opt = g.layer.pyramid.Options()
	schema := g.c.Source.Schema()
	for _, p := range schema.Properties {
		if p.Role == geo.RoleName {
			g.names = append(g.names, p)
		}
		g.clash = g.clash || slices.Contains(groupNames[:], p.Name)
	}
	g.base = g.q.base + collectionPath(g.c.ID)
	g.idStart = groupID{zoom: g.zoom, radius: g.opt.Radius, rev: groupRev(g.c), filter: g.filter}
	for _, name := range g.opt.Counts {
		g.property = append(g.property, append(appendText(nil, name), ':'))
	}
}

// collection is the answer with these groups.
func (g *groupWriter) collection(nodes []pyramid.Node, links []link) *keptAnswer {
	b := make([]byte, 0, 512+len(nodes)*400)
	b = append(b, `{"type":"FeatureCollection","features":[`...)
	for i, n := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(g.append(append(b, '\n'), n), '}')
	}
	b = append(b, "\n],\n\"links\":"...)
	b = appendLinks(b, links)
	b = strconv.AppendInt(append(b, `,"numberMatched":`...), int64(g.grouped), 10)
	b = strconv.AppendInt(append(b, `,"numberReturned":`...), int64(len(nodes)), 10)
	header := make(http.Header)
	setLinks(header, links)
	setCounts(header, g.grouped, len(nodes))
	return &keptAnswer{body: append(b, "}\n"...), header: header}
}

// append appends a group as a Feature without the brace that ends it.
func (g *groupWriter) append(b []byte, n pyramid.Node) []byte {
	p := g.layer.pyramid
	g.grouped += p.Size(n)
	slot := p.Slot(n)
	at := p.Position(n)
	lone := p.Size(n) == 1
	b = append(b, `{"type":"Feature","id":`...)
	if lone {
		b = g.layer.index.At(slot).ID().AppendJSON(b)
	} else {
		b = append(g.appendID(append(b, '"'), n, at), '"')
	}
	b = append(b, `,"geometry":{"type":"Point","coordinates":[`...)
	b = append(appendNumber(append(appendNumber(b, at[0]), ','), at[1]), `]},"properties":{`...)
	if lone {
		b = g.appendOwn(b, g.layer.index.At(slot))
	}
	b = strconv.AppendInt(append(b, `"count":`...), int64(p.Size(n)), 10)
	b = append(b, `,"expansion_zoom":`...)
	if zoom, ok := p.Expansion(n); ok && !lone {
		b = strconv.AppendInt(b, int64(zoom), 10)
	} else {
		b = append(b, "null"...)
	}
	b = g.appendFigures(b, n)
	b = g.appendBounds(append(b, `,"bounds":[`...), p.Bounds(n))
	b = g.appendAnchor(append(b, `],"anchor":`...), slot)
	b = append(append(b, `,"members":"`...), g.base...)
	if lone {
		b = append(append(b, "/items/"...), escapeID(g.layer.index.At(slot).ID().String())...)
	} else {
		b = append(g.appendID(append(b, "/groups/"...), n, at), "/members"...)
	}
	return append(b, `"}`...)
}

func (g *groupWriter) appendID(b []byte, n pyramid.Node, at orb.Point) []byte {
	id := g.idStart
	id.node = n
	id.x, id.y = groupPlace(at)
	return id.append(b)
}

// appendFigures appends the sums and counts.
func (g *groupWriter) appendFigures(b []byte, n pyramid.Node) []byte {
	p := g.layer.pyramid
	b = append(b, `,"sums":{`...)
	for i, name := range g.opt.Sums {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		if v, ok := p.Sum(n, i); ok {
			b = appendNumber(b, v)
		} else {
			b = append(b, "null"...)
		}
	}
	b = append(b, `},"counts":{`...)
	for i := range g.opt.Counts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, g.property[i]...), '[')
		for j, c := range p.Counts(n, i) {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(append(b, `{"value":`...), c.Value.JSON()...)
			b = append(strconv.AppendInt(append(b, `,"count":`...), int64(c.Count), 10), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (g *groupWriter) appendBounds(b []byte, box orb.Bound) []byte {
	for i, v := range [...]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]} {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, math.Round(v*1e7)/1e7)
	}
	return b
}

// appendAnchor appends the id and names of the member at which a group stands.
func (g *groupWriter) appendAnchor(b []byte, slot uint32) []byte {
	f := g.layer.index.At(slot)
	b = f.ID().AppendJSON(append(b, `{"id":`...))
	for _, p := range g.names {
		b = append(appendText(append(b, ','), p.Name), ':')
		b = append(b, f.Value(p.Name).JSON()...)
	}
	return append(b, '}')
}

// appendOwn appends the properties of a lone feature, each with a comma behind it.
// What is called like a member of ours stands under "feature".
func (g *groupWriter) appendOwn(b []byte, f geo.Feature) []byte {
	raw := f.Properties()
	if !g.clash {
		if len(raw) > 2 && raw[0] == '{' {
			return append(append(b, raw[1:len(raw)-1]...), ',')
		}
		return b
	}
	g.scratch = append(g.scratch[:0], `"feature":{`...)
	all := membersOf(raw)
	for _, p := range g.c.Source.Schema().Properties {
		value, has := all[p.Name]
		switch {
		case !has:
		case slices.Contains(groupNames[:], p.Name):
			if len(g.scratch) > len(`"feature":{`) {
				g.scratch = append(g.scratch, ',')
			}
			g.scratch = append(append(appendText(g.scratch, p.Name), ':'), value...)
		default:
			b = append(append(append(appendText(b, p.Name), ':'), value...), ',')
		}
	}
	if len(g.scratch) > len(`"feature":{`) {
		b = append(append(b, g.scratch...), `},`...)
	}
	return b
}

func appendNumber(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', -1, 64) }

// group answers GET /collections/{collection}/groups/{group}.
func (s *Server) group(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	found, err := s.groupOf(q, c)
	if err != nil {
		return err
	}
	id := string(found.id.append(nil))
	path := collectionPath(c.ID) + "/groups/" + id
	k := keptResource{rev: c.Source.Rev(), resource: path, linked: true}
	return s.serveKept(w, q, k, func(context.Context) (*keptAnswer, error) {
		links := append(q.selfLinks([]media{geojsonMedia}, path, ""),
			link{q.in("geojson", path+"/members", ""), "items", geojsonMedia.content, "The members"},
			link{q.in("json", collectionPath(c.ID), ""), "collection", "application/json", "The collection"})
		g := groupWriter{q: q, c: c, layer: found.layer, zoom: found.id.zoom, filter: found.id.filter}
		g.prepare()
		b := g.append(nil, found.id.node)
		b = appendLinks(append(b, `,"links":`...), links)
		header := make(http.Header)
		setLinks(header, links)
		return &keptAnswer{body: append(b, "}\n"...), header: header}, nil
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
	members := found.layer.pyramid.Members(found.id.node)
	return s.list(w, q, c, collectionPath(c.ID)+"/groups/"+id+"/members", memberFilter{id, members})
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
