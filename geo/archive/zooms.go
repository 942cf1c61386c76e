package archive

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/tile"
)

// The zoom that shows all there is to see.
const (
	deepest   = 14   // beyond it, maps enlarge the tiles
	fewPoints = 1000 // of a tile, so few that none hides another for long
	exact     = 8    // positions are those of the data within 20 m
	sampled   = 2000 // lines and polygons that are measured
)

// BestMaxZoom is the first zoom, of 8 to 14 where there are points, else of 0 to 14,
// at which no tile owns more than 1,000 features of a layer, and at which half of
// the segments of its lines and polygons are at least a pixel long.
func BestMaxZoom(layers []tile.Layer) int {
	best := 0
	for _, l := range layers {
		best = max(best, crowding(l))
		if l.Kind != tile.Groups {
			best = max(best, detail(l))
		}
	}
	return best
}

// crowding is the first zoom at which no tile owns more than fewPoints.
func crowding(l tile.Layer) int {
	layout := l.Index.Layout()
	var keys []uint64 // of the tiles of the deepest zoom, so that those of a tile of any zoom stand together
	for place, slot := range layout.Slots {
		if l.Set == nil || l.Set.Has(slot) {
			const shift = 32 - deepest
			keys = append(keys, spread(layout.X[place]>>shift)|spread(layout.Y[place]>>shift)<<1)
		}
	}
	slices.Sort(keys)
	z := 0
	if l.Kind == tile.Groups || hasPoints(l.Index.Schema().Geometry) {
		z = exact
	}
	for i := fewPoints; i < len(keys); i++ {
		for z < deepest && keys[i]>>(2*(deepest-z)) == keys[i-fewPoints]>>(2*(deepest-z)) {
			z++
		}
	}
	return z
}

func hasPoints(types []string) bool {
	return slices.ContainsFunc(types, func(t string) bool { return t == "Point" || t == "MultiPoint" || t == "GeometryCollection" })
}

// spread puts a zero before each of the low 16 bits.
func spread(v uint32) uint64 {
	w := uint64(v) & 0xffff
	w = (w | w<<8) & 0x00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f
	w = (w | w<<2) & 0x33333333
	return (w | w<<1) & 0x55555555
}

// detail is the first zoom at which half of the segments are a pixel long.
func detail(l tile.Layer) int {
	var lengths []float64 // of the world
	slots := l.Index.Layout().Slots
	for i := 0; i < len(slots); i += max(1, len(slots)/sampled) {
		slot := slots[i]
		if _, point := l.Index.Point(slot); !point && (l.Set == nil || l.Set.Has(slot)) {
			lengths = appendLengths(lengths, l.Index.Geometry(slot))
		}
	}
	if len(lengths) == 0 {
		return 0
	}
	slices.Sort(lengths)
	median := lengths[len(lengths)/2]
	return int(max(0, min(deepest, math.Ceil(-math.Log2(median*tile.Pixels)))))
}

// appendLengths appends the lengths of the segments of a geometry that have one.
func appendLengths(lengths []float64, g orb.Geometry) []float64 {
	switch g := g.(type) {
	case orb.LineString:
		for i := 1; i < len(g); i++ {
			a, b := geo.World(g[i-1]), geo.World(g[i])
			if d := math.Hypot(a[0]-b[0], a[1]-b[1]); d > 0 {
				lengths = append(lengths, d)
			}
		}
	case orb.MultiLineString:
		for _, line := range g {
			lengths = appendLengths(lengths, line)
		}
	case orb.Polygon:
		for _, ring := range g {
			lengths = appendLengths(lengths, orb.LineString(ring))
		}
	case orb.MultiPolygon:
		for _, p := range g {
			lengths = appendLengths(lengths, p)
		}
	case orb.Collection:
		for _, part := range g {
			lengths = appendLengths(lengths, part)
		}
	}
	return lengths
}

// Extent is the box of what the layers show, in longitudes and latitudes; empty
// where that is nothing.
func Extent(layers []tile.Layer) (box orb.Bound, empty bool) {
	empty = true
	grow := func(b orb.Bound) {
		if empty {
			box, empty = b, false
		} else {
			box = box.Union(b)
		}
	}
	for _, l := range layers {
		if l.Set == nil {
			if e := l.Index.Extent(); !e.Empty {
				grow(e.Box)
			}
			continue
		}
		for slot := range l.Set.All() {
			if g := l.Index.Geometry(slot); g != nil {
				grow(g.Bound())
			}
		}
	}
	return box, empty
}

// BestView is the middle of a box and the zoom at which the box takes about two
// tiles.
func BestView(box orb.Bound) (center orb.Point, zoom int) {
	nw, se := geo.World(orb.Point{box.Min[0], box.Max[1]}), geo.World(orb.Point{box.Max[0], box.Min[1]})
	side := max(se[0]-nw[0], se[1]-nw[1], 1.0/(1<<deepest))
	return geo.LonLat(orb.Point{(nw[0] + se[0]) / 2, (nw[1] + se[1]) / 2}), int(max(0, math.Floor(1-math.Log2(side))))
}
