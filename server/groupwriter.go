package server

import (
	"bytes"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// groupNames are the members of a group's properties that are ours. A property of a
// lone feature that is called so stands under "feature".
var groupNames = [...]string{"count", "expansion_zoom", "sums", "counts", "bounds", "anchor", "members", "feature"}

// groupWriter writes groups as GeoJSON. One serves one answer.
type groupWriter struct {
	q     *request
	c     *geo.Collection
	layer *layer
	id    groupID // of every group, but for its node and place or key

	opt      pyramid.Options
	names    []geo.Property // of anchors
	base     string         // of the addresses of members
	filter   []byte         // as the ids have it
	clash    bool           // features may have properties that are called like ours
	grouped  int
	scratch  []byte
	sums     [][]byte // of opt.Sums: the name as JSON and a colon
	counts   [][]byte // of opt.Counts
	outlines geo.Source
	simple   *geo.Simplified // of outlines; nil: they are as they are
}

func newGroupWriter(q *request, c *geo.Collection, l *layer, id groupID) *groupWriter {
	g := &groupWriter{q: q, c: c, layer: l, id: id, opt: l.options(), base: q.base + collectionPath(c.ID), filter: id.packed()}
	for _, p := range c.Source.Schema().Properties {
		if p.Role == geo.RoleName {
			g.names = append(g.names, p)
		}
		g.clash = g.clash || slices.Contains(groupNames[:], p.Name)
	}
	for _, name := range g.opt.Sums {
		g.sums = append(g.sums, append(appendText(nil, name), ':'))
	}
	for _, name := range g.opt.Counts {
		g.counts = append(g.counts, append(appendText(nil, name), ':'))
	}
	if id.cut != nil {
		if areas, ok := q.state.Collection(outlinesOf(*id.cut)); ok {
			g.outlines = areas.Source
		}
	}
	return g
}

// collection is the answer with these groups.
func (g *groupWriter) collection(found *foundGroups, links []link) *keptAnswer {
	b := g.appendAll(make([]byte, 0, 512+found.len()*(450+2*len(g.filter))), found)
	b = append(b, ",\n\"links\":"...)
	b = appendLinks(b, links)
	b = strconv.AppendInt(append(b, `,"numberMatched":`...), int64(g.grouped), 10)
	b = strconv.AppendInt(append(b, `,"numberReturned":`...), int64(found.len()), 10)
	b = strconv.AppendInt(append(b, `,"numberUnplaced":`...), int64(g.layer.unplaced()), 10)
	header := make(http.Header)
	setLinks(header, links)
	setCounts(header, g.grouped, found.len())
	return &keptAnswer{body: append(b, "}\n"...), header: header}
}

// appendAll appends a FeatureCollection without what follows its features.
func (g *groupWriter) appendAll(b []byte, found *foundGroups) []byte {
	b = append(b, `{"type":"FeatureCollection","features":[`...)
	first := true
	next := func() {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '\n')
	}
	for _, n := range found.nodes {
		next()
		b = append(g.append(b, n), '}')
	}
	for _, i := range found.areas {
		next()
		b = append(g.appendTerritory(b, i), '}')
	}
	return append(b, "\n]"...)
}

// one is the answer with one group.
func (g *groupWriter) one(found *foundGroup, links []link) *keptAnswer {
	b := g.appendFound(nil, found)
	b = appendLinks(append(b, `,"links":`...), links)
	header := make(http.Header)
	setLinks(header, links)
	return &keptAnswer{body: append(b, "}\n"...), header: header}
}

// appendFound appends a group as a Feature without the brace that ends it.
func (g *groupWriter) appendFound(b []byte, found *foundGroup) []byte {
	if found.id.cut != nil {
		return g.appendTerritory(b, found.territory)
	}
	return g.append(b, found.id.node)
}

// append appends a group of a zoom as a Feature without the brace that ends it.
func (g *groupWriter) append(b []byte, n pyramid.Node) []byte {
	p := g.layer.pyramid
	g.grouped += p.Size(n)
	slot := p.Slot(n)
	at := p.Position(n)
	lone := p.Size(n) == 1
	id := g.id
	b = append(b, `{"type":"Feature","id":`...)
	if lone {
		b = g.layer.index.At(slot).ID().AppendJSON(b)
	} else {
		id.node = n
		id.x, id.y = groupPlace(at)
		b = append(append(id.appendHead(append(b, '"')), g.filter...), '"')
	}
	b = appendPoint(append(b, `,"geometry":`...), at)
	b = append(b, `,"properties":{`...)
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
	b = g.appendFigures(b, func(i int) geo.Value { return p.SumValue(n, i) }, func(i int) []pyramid.ValueCount { return p.Counts(n, i) })
	b = appendBounds(append(b, `,"bounds":`...), p.Bounds(n))
	b = g.appendAnchor(append(b, `,"anchor":`...), slot)
	b = append(append(b, `,"members":"`...), g.base...)
	if lone {
		b = append(append(b, "/items/"...), escapeID(g.layer.index.At(slot).ID().String())...)
	} else {
		b = append(append(id.appendHead(append(b, "/groups/"...)), g.filter...), "/members"...)
	}
	return append(b, `"}`...)
}

// appendFigures appends the sums and counts.
func (g *groupWriter) appendFigures(b []byte, sum func(int) geo.Value, counts func(int) []pyramid.ValueCount) []byte {
	b = append(b, `,"sums":{`...)
	for i, name := range g.sums {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(append(b, name...), sum(i))
	}
	b = append(b, `},"counts":{`...)
	for i, name := range g.counts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, name...), '[')
		for j, c := range counts(i) {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendValue(append(b, `{"value":`...), c.Value)
			b = append(strconv.AppendInt(append(b, `,"count":`...), int64(c.Count), 10), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendAnchor appends the id and names of the member at which a group stands.
func (g *groupWriter) appendAnchor(b []byte, slot uint32) []byte {
	f := g.layer.index.At(slot)
	b = f.ID().AppendJSON(append(b, `{"id":`...))
	for _, p := range g.names {
		if p.Name == "id" {
			continue // a name that is called like the id gives way to it
		}
		b = appendValue(append(appendText(append(b, ','), p.Name), ':'), f.Value(p.Name))
	}
	return append(b, '}')
}

// appendOwn appends the properties of a lone feature, each with a comma behind it.
// What is called like a member of ours stands under "feature".
func (g *groupWriter) appendOwn(b []byte, f geo.Feature) []byte {
	raw := f.Properties()
	if !g.clash {
		if raw[0] != '{' {
			return b // null
		}
		if inside := bytes.TrimSpace(raw[1 : len(raw)-1]); len(inside) > 0 {
			b = append(append(b, inside...), ',')
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

// appendValue is a value as JSON, without a copy of the usual ones.
func appendValue(b []byte, v geo.Value) []byte {
	switch v.Kind() {
	case geo.KindNull:
		return append(b, "null"...)
	case geo.KindString:
		return appendText(b, v.Text())
	}
	return append(b, v.JSON()...)
}

func appendPosition(b []byte, p orb.Point) []byte {
	return append(appendNumber(append(appendNumber(append(b, '['), p[0]), ','), p[1]), ']')
}

func appendPoint(b []byte, p orb.Point) []byte {
	return append(appendPosition(append(b, `{"type":"Point","coordinates":`...), p), '}')
}

func appendBounds(b []byte, box orb.Bound) []byte {
	box = roundedOut(box)
	b = appendNumber(append(b, '['), box.Min[0])
	b = appendNumber(append(b, ','), box.Min[1])
	b = appendNumber(append(b, ','), box.Max[0])
	b = appendNumber(append(b, ','), box.Max[1])
	return append(b, ']')
}

// roundedOut is a box rounded outwards to 1e-7 degrees (1 cm).
func roundedOut(b orb.Bound) orb.Bound {
	const step = 1e7
	return orb.Bound{
		Min: orb.Point{max(-180, math.Floor(b.Min[0]*step)/step), max(-90, math.Floor(b.Min[1]*step)/step)},
		Max: orb.Point{min(180, math.Ceil(b.Max[0]*step)/step), min(90, math.Ceil(b.Max[1]*step)/step)},
	}
}
