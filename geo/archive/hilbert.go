package archive

import "math/bits"

// TileID is the number of a tile in the order of PMTiles: zoom after zoom, each
// along its Hilbert curve. The tiles of a zoom that lie within one tile of the
// zoom before follow each other.
func (c Coord) TileID() uint64 {
	x, y := uint64(c.X), uint64(c.Y)
	var d uint64
	for s := uint64(1) << c.Z >> 1; s > 0; s >>= 1 {
		rx, ry := x&s, y&s
		quadrant := uint64(0)
		switch {
		case rx == 0 && ry > 0:
			quadrant = 1
		case rx > 0 && ry > 0:
			quadrant = 2
		case rx > 0:
			quadrant = 3
		}
		d += s * s * quadrant
		x, y = turned(s, x&(s-1), y&(s-1), rx > 0, ry > 0)
	}
	return firstID(c.Z) + d
}

// CoordOf is the tile of a number; the inverse of TileID. ok is false beyond
// MaxZoom.
func CoordOf(id uint64) (c Coord, ok bool) {
	if id >= firstID(MaxZoom+1) {
		return c, false
	}
	z := (bits.Len64(3*id+1) - 1) / 2 // 3 * firstID(z) + 1 is 4^z
	d := id - firstID(z)
	var x, y uint64
	for s := uint64(1); s < 1<<z; s <<= 1 {
		quadrant := d & 3
		d >>= 2
		right, low := quadrant >= 2, quadrant == 1 || quadrant == 2
		x, y = turned(s, x, y, right, low)
		if right {
			x += s
		}
		if low {
			y += s
		}
	}
	return Coord{z, int(x), int(y)}, true
}

// turned is a position in a quadrant of s by s turned so that the curve within
// joins those of the quadrants beside it.
func turned(s, x, y uint64, right, low bool) (uint64, uint64) {
	if low {
		return x, y
	}
	if right {
		x, y = s-1-x, s-1-y
	}
	return y, x
}

// firstID is the number of tiles of all zooms before z.
func firstID(z int) uint64 { return (1<<(2*z) - 1) / 3 }
