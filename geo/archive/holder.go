package archive

import (
	"cmp"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/project"

	"clustermap/geo"
	"clustermap/geo/tile"
)

// holder tells whether anything of a layer lies in a tile or its buffer.
type holder struct {
	tile.Layer
	layout *geo.Layout
	shapes map[uint32]orb.Geometry // lines and polygons in the world, where their segments are straight in tiles
}

func newHolder(l tile.Layer) *holder {
	h := &holder{Layer: l, layout: l.Index.Layout(), shapes: map[uint32]orb.Geometry{}}
	if l.Kind == tile.Groups {
		return h
	}
	for _, slot := range h.layout.Slots {
		if _, point := l.Index.Point(slot); !point && (l.Set == nil || l.Set.Has(slot)) {
			h.shapes[slot] = project.Geometry(orb.Clone(l.Index.Geometry(slot)), geo.World)
		}
	}
	return h
}

// window is a box in longitudes and latitudes, and the same in the unit square of
// the world.
type window struct {
	box      orb.Bound // may cross 180°
	min, max orb.Point // may reach beyond the sides of the world
}

// windowOf is a tile with its buffer, and a little more for rounding.
func windowOf(c Coord, opt tile.Options) window {
	const least = 1.0 / 4096 // of a tile
	share := float64(max(0, cmp.Or(opt.Buffer, 64)))/float64(cmp.Or(opt.Extent, 4096)) + least
	side := 1 / float64(int64(1)<<c.Z)
	w := window{
		min: orb.Point{(float64(c.X) - share) * side, (float64(c.Y) - share) * side},
		max: orb.Point{(float64(c.X) + 1 + share) * side, (float64(c.Y) + 1 + share) * side},
	}
	nw, se := geo.LonLat(w.min), geo.LonLat(w.max)
	w.box = orb.Bound{Min: orb.Point{nw[0], max(-90, se[1])}, Max: orb.Point{se[0], min(90, nw[1])}}
	if w.min[1] <= 0 {
		w.box.Max[1] = 90 // what lies beyond the edge of the world is drawn on it
	}
	if w.max[1] >= 1 {
		w.box.Min[1] = -90
	}
	switch {
	case w.box.Max[0]-w.box.Min[0] >= 360:
		w.box.Min[0], w.box.Max[0] = -180, 180
	case w.box.Min[0] < -180:
		w.box.Min[0] += 360
	case w.box.Max[0] > 180:
		w.box.Max[0] -= 360
	}
	return w
}

func (h *holder) holds(c Coord, opt tile.Options) bool {
	w := windowOf(c, opt)
	found := false
	h.Index.Spans(w.box, func(lo, hi int) {
		for place := lo; place < hi && !found; place++ {
			slot := h.layout.Slots[place]
			found = (h.Set == nil || h.Set.Has(slot)) && h.shows(place, slot, &w)
		}
	})
	return found
}

// shows reports whether a feature whose box meets the window does so as the layer
// draws it.
func (h *holder) shows(place int, slot uint32, w *window) bool {
	const parts = 1 << 32
	at := orb.Point{float64(h.layout.X[place]) / parts, float64(h.layout.Y[place]) / parts}
	shape := h.shapes[slot]
	if h.Kind != tile.Groups && shape == nil { // a point, whose box is all of it
		return h.Kind == tile.Features
	}
	for _, turn := range [...]float64{0, -1, 1} { // the buffer reaches across 180°
		box := orb.Bound{Min: orb.Point{w.min[0] + turn, w.min[1]}, Max: orb.Point{w.max[0] + turn, w.max[1]}}
		switch {
		case turn != 0 && (box.Min[0] > 1 || box.Max[0] < 0):
		case h.Kind == tile.Groups:
			if box.Contains(at) {
				return true
			}
		case meets(shape, box, h.Kind == tile.Features):
			return true
		}
	}
	return false
}

// meets reports whether a geometry and a box in the world have a point in common; only the
// borders of polygons count where whole is false.
func meets(g orb.Geometry, b orb.Bound, whole bool) bool {
	switch g := g.(type) {
	case orb.Point:
		return whole && b.Contains(g)
	case orb.MultiPoint:
		for _, p := range g {
			if whole && b.Contains(p) {
				return true
			}
		}
	case orb.LineString:
		return whole && lineMeets(g, b)
	case orb.MultiLineString:
		for _, l := range g {
			if whole && lineMeets(l, b) {
				return true
			}
		}
	case orb.Polygon:
		for _, ring := range g {
			if lineMeets(orb.LineString(ring), b) {
				return true
			}
		}
		return whole && planar.PolygonContains(g, b.Center())
	case orb.MultiPolygon:
		for _, p := range g {
			if p.Bound().Intersects(b) && meets(p, b, whole) {
				return true
			}
		}
	case orb.Collection:
		for _, part := range g {
			if meets(part, b, whole) {
				return true
			}
		}
	}
	return false
}

func lineMeets(line orb.LineString, b orb.Bound) bool {
	if len(line) == 1 {
		return b.Contains(line[0])
	}
	for i := 1; i < len(line); i++ {
		if segmentMeets(line[i-1], line[i], b) {
			return true
		}
	}
	return false
}

// segmentMeets looks for an axis that parts a segment from a box.
func segmentMeets(p, q orb.Point, b orb.Bound) bool {
	if max(p[0], q[0]) < b.Min[0] || min(p[0], q[0]) > b.Max[0] || max(p[1], q[1]) < b.Min[1] || min(p[1], q[1]) > b.Max[1] {
		return false
	}
	nx, ny := p[1]-q[1], q[0]-p[0] // across the segment
	left, right := false, false
	for _, corner := range [...]orb.Point{b.Min, {b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}} {
		side := nx*(corner[0]-p[0]) + ny*(corner[1]-p[1])
		left, right = left || side >= 0, right || side <= 0
	}
	return left && right
}
