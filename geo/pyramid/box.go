package pyramid

import (
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// box is a box in 2^32 parts of the world, ends included. It goes eastwards from
// west, so that it may cross 180°.
type box struct{ west, width, north, south uint32 }

func boxAt(x, y uint32) box { return box{x, 0, y, y} }

func (b box) point() bool { return b.width == 0 && b.north == b.south }

// with is the smallest box around two. Of two that are as small it is the one that
// begins at b.
func (b box) with(c box) box {
	fromB := max(uint64(b.width), uint64(c.west-b.west)+uint64(c.width))
	fromC := max(uint64(c.width), uint64(b.west-c.west)+uint64(b.width))
	if fromC < fromB {
		b.west, fromB = c.west, fromC
	}
	b.width = uint32(min(fromB, math.MaxUint32))
	b.north, b.south = min(b.north, c.north), max(b.south, c.south)
	return b
}

// distance is the square of the distance from a position to the box.
func (b box) distance(x, y float64) float64 {
	dx, dy := 0.0, 0.0
	if at := wrap(x - float64(b.west)); at > float64(b.width) {
		dx = min(at-float64(b.width), world-at)
	}
	if y < float64(b.north) {
		dy = float64(b.north) - y
	} else if y > float64(b.south) {
		dy = y - float64(b.south)
	}
	return dx*dx + dy*dy
}

// world is the width of the world.
const world = 1 << 32

// wrap takes a difference of longitudes to [0, world).
func wrap(d float64) float64 {
	switch {
	case d < 0:
		return d + world
	case d >= world:
		return d - world
	}
	return d
}

// bound is the box in degrees, rounded outwards. Latitudes beyond those of Web
// Mercator are at its edge.
func (b box) bound() orb.Bound {
	part := func(v uint32, more float64) float64 { return (float64(v) + more) / world }
	west, east := b.west, b.west+b.width
	nw := geo.LonLat(orb.Point{part(west, 0), part(b.north, 0)})
	se := geo.LonLat(orb.Point{part(east, 1), part(b.south, 1)})
	if b.north == 0 {
		nw[1] = 90
	}
	if b.south == math.MaxUint32 {
		se[1] = -90
	}
	if b.width == math.MaxUint32 {
		nw[0], se[0] = -180, 180
	}
	return orb.Bound{Min: orb.Point{nw[0], se[1]}, Max: orb.Point{se[0], nw[1]}}
}

func (b box) has(x, y uint32) bool { return x-b.west <= b.width && y >= b.north && y <= b.south }

// meets reports whether two boxes have a point in common.
func (b box) meets(c box) bool {
	return b.north <= c.south && c.north <= b.south && (c.west-b.west <= b.width || b.west-c.west <= c.width)
}
