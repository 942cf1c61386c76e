package tile

import (
	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// The names of a group's own properties.
const (
	groupCount     = "count"          // of features
	groupExpansion = "expansion_zoom" // at which it splits; not there where it never does
	groupSum       = "sum_"           // and a property
	groupCounts    = "count_"         // a property, _ and its value, for the mostCounts most frequent
)

const mostCounts = 4

// eachGroup calls visit for the groups that may be in the tile.
func (p *part) eachGroup(visit func(candidate)) error {
	pyr, w := p.layer.Pyramid, &p.e.window
	n := 0
	pyr.Search(p.groupZoom(), p.e.grid.search(w), func(node pyramid.Node) bool {
		if c, in := p.groupAt(node); in {
			visit(c)
		}
		n++
		return n%often != 0 || p.e.ctx.Err() == nil
	})
	return p.e.ctx.Err()
}

// groupAt is where a group stands.
func (p *part) groupAt(node pyramid.Node) (c candidate, in bool) {
	place, ok := p.layout.Place(p.layer.Pyramid.Slot(node))
	if !ok {
		return c, false
	}
	x, y, in := p.e.window.place(p.layout.X[place], p.rows[place])
	return candidate{uint32(node), limit(x), limit(y)}, in
}

func (p *part) groupZoom() int {
	return min(pyramid.MaxZoom, p.e.opt.zoom(p.e.grid, p.e.coord.Z))
}

func (p *part) members(c candidate) int { return p.layer.Pyramid.Size(pyramid.Node(c.ref)) }

// group writes a group: a lone feature with its properties.
func (p *part) group(c candidate, home bool) {
	pyr, node := p.layer.Pyramid, pyramid.Node(c.ref)
	size := pyr.Size(node)
	if home {
		p.shown += size
	}
	tags := p.writer.open(pack(uint64(node)))
	if place, ok := p.placeOf(c); ok {
		tags = p.properties(tags, place)
	} else if size > 1 && p.layer.GroupID != nil {
		p.name(&p.idKey)
		tags = appendVarint(tags, uint64(p.idKey.key-1))
		tags = appendVarint(tags, uint64(p.writer.value(stringValue(p.buf[:0], p.layer.GroupID(p.groupZoom(), node)))))
	}
	tags = p.own(tags, groupCount, uintValue(p.buf[:0], uint64(size)))
	if zoom, ok := pyr.Expansion(node); ok {
		tags = p.own(tags, groupExpansion, uintValue(p.buf[:0], uint64(zoom)))
	}
	opt := pyr.Options()
	for i, name := range opt.Sums {
		if v, ok := pyr.Sum(node, i); ok {
			tags = p.own(tags, groupSum+name, numberValue(p.buf[:0], v))
		}
	}
	if size > 1 {
		for i, name := range opt.Counts {
			tags = p.counts(tags, name, pyr.Counts(node, i))
		}
	}
	p.writer.point(tags, int64(c.x), int64(c.y))
}

func (p *part) counts(tags []byte, name string, counts []pyramid.ValueCount) []byte {
	n := 0
	for _, v := range counts {
		if v.Value.Kind() == geo.KindNull {
			continue
		}
		if n++; n > mostCounts {
			break
		}
		tags = p.own(tags, groupCounts+name+"_"+v.Value.Text(), uintValue(p.buf[:0], uint64(v.Count)))
	}
	return tags
}

// own appends the tag of a property of the group.
func (p *part) own(tags []byte, name string, message []byte) []byte {
	key, ok := p.keys[name]
	if !ok {
		key = p.writer.key(name)
		p.keys[name] = key
	}
	tags = appendVarint(tags, uint64(key))
	return appendVarint(tags, uint64(p.writer.value(message)))
}
