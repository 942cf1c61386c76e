package tile

import (
	"math"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// Pixels is the side of a tile of a Grid, in pixels of 0.28 mm.
const Pixels = 256

// metresPerDegree is the length of a degree that scale denominators are made with.
const metresPerDegree = math.Pi / 180 * 6378137

// Grid is a tile matrix set (OGC 17-083r4): each level halves the cells of the one
// before, and row 0 is in the north. It is immutable.
type Grid struct {
	ID, Title string
	URI       string // of the definition; "" for our own
	ScaleSet  string // URI of the well-known scale set; "" for none
	CRS       *crs.CRS
	Axes      [2]string // abbreviations, in the order of CRS

	levels int
	plate  bool // degrees make the rows and columns, which are two to one
}

// Grids are the tile matrix sets that tiles are made for: WebMercatorQuad and
// WorldCRS84Quad of OGC 17-083r4, Annex D, and CGCS2000Quad: the tiles of
// WorldCRS84Quad on EPSG:4490, its level z being level z+1 of Tianditu's matrix
// set c.
func Grids() []*Grid {
	return []*Grid{webMercatorQuad(), worldCRS84Quad(), cgcs2000Quad()}
}

// FindGrid returns the Grid of the ID.
func FindGrid(id string) (*Grid, bool) {
	switch id {
	case "WebMercatorQuad":
		return webMercatorQuad(), true
	case "WorldCRS84Quad":
		return worldCRS84Quad(), true
	case "CGCS2000Quad":
		return cgcs2000Quad(), true
	}
	return nil, false
}

const ogc = "http://www.opengis.net/def/"

func webMercatorQuad() *Grid {
	return &Grid{
		ID: "WebMercatorQuad", Title: "Google Maps Compatible for the World",
		URI: ogc + "tilematrixset/OGC/1.0/WebMercatorQuad", ScaleSet: ogc + "wkss/OGC/1.0/GoogleMapsCompatible",
		CRS: crs.WebMercator(), Axes: [2]string{"X", "Y"}, levels: 25,
	}
}

func worldCRS84Quad() *Grid {
	return &Grid{
		ID: "WorldCRS84Quad", Title: "CRS84 for the World",
		URI: ogc + "tilematrixset/OGC/1.0/WorldCRS84Quad", ScaleSet: ogc + "wkss/OGC/1.0/GoogleCRS84Quad",
		CRS: crs.CRS84(), Axes: [2]string{"Lon", "Lat"}, levels: 18, plate: true,
	}
}

func cgcs2000Quad() *Grid {
	return &Grid{
		ID: "CGCS2000Quad", Title: "CGCS2000 for the World",
		CRS: crs.CGCS2000(), Axes: [2]string{"Lat", "Lon"}, levels: 18, plate: true,
	}
}

// Levels is the number of levels, from 0.
func (g *Grid) Levels() int { return g.levels }

// Size is how many tiles a level has, and 0, 0 where there is no such level.
func (g *Grid) Size(z int) (cols, rows int) {
	if z < 0 || z >= g.levels {
		return 0, 0
	}
	if g.plate {
		return 2 << z, 1 << z
	}
	return 1 << z, 1 << z
}

// CellSize is the side of a pixel, in units of the CRS.
func (g *Grid) CellSize(z int) float64 {
	if g.plate {
		return 180.0 / Pixels / math.Exp2(float64(z))
	}
	return 360 * metresPerDegree / Pixels / math.Exp2(float64(z))
}

// Scale is the scale denominator of a level.
func (g *Grid) Scale(z int) float64 {
	const pixel = 0.00028 // m
	size := g.CellSize(z)
	if g.plate {
		size *= metresPerDegree
	}
	return size / pixel
}

// Origin is the north-west corner of every level, in the axis order of the CRS.
func (g *Grid) Origin() [2]float64 {
	switch {
	case !g.plate:
		return [2]float64{-180 * metresPerDegree, 180 * metresPerDegree}
	case g.CRS.Swapped():
		return [2]float64{90, -180}
	}
	return [2]float64{-180, 90}
}

// MercatorZoom is the zoom of Web Mercator whose pixels at the equator are those of
// a level.
func (g *Grid) MercatorZoom(z int) int {
	if g.plate {
		return z + 1
	}
	return z
}

// Coord names a tile of a Grid.
type Coord struct{ Z, Row, Col int }

// Has reports whether the Grid has a tile.
func (g *Grid) Has(c Coord) bool {
	cols, rows := g.Size(c.Z)
	return c.Row >= 0 && c.Row < rows && c.Col >= 0 && c.Col < cols
}

// Box is the longitudes and latitudes of a tile, which the Grid has.
func (g *Grid) Box(c Coord) orb.Bound {
	cols, rows := g.Size(c.Z)
	w, e := float64(c.Col)/float64(cols), float64(c.Col+1)/float64(cols)
	n, s := float64(c.Row)/float64(rows), float64(c.Row+1)/float64(rows)
	return orb.Bound{Min: g.lonLat(orb.Point{w, s}), Max: g.lonLat(orb.Point{e, n})}
}

// world is a position in the unit square of the Grid, 0,0 in the north-west;
// latitudes that the Grid does not reach are on its edge.
func (g *Grid) world(p orb.Point) orb.Point {
	if g.plate {
		return orb.Point{(p[0] + 180) / 360, (90 - p[1]) / 180}
	}
	return geo.World(p)
}

// lonLat is the inverse of world.
func (g *Grid) lonLat(w orb.Point) orb.Point {
	if g.plate {
		return orb.Point{w[0]*360 - 180, 90 - w[1]*180}
	}
	return geo.LonLat(w)
}

// Span is the first and the last tile of a level, which the Grid has, that may show
// something of a box, in the usual buffer too. Where that reaches over 180° it is all
// columns.
func (g *Grid) Span(z int, b orb.Bound) (from, to Coord) {
	const extent, buffer = 4096, 4096 / 64
	cols, rows := g.Size(z)
	w := g.window(Coord{Z: z}, extent, buffer)
	at := func(v float64, shift uint, aside int64) int {
		units := int64(part32(max(0, v)))*extent + aside<<shift
		if units < 0 {
			return -1
		}
		return int(units / (extent << shift))
	}
	nw, se := g.world(orb.Point{b.Min[0], b.Max[1]}), g.world(orb.Point{b.Max[0], b.Min[1]})
	from = Coord{z, max(0, at(nw[1], w.yShift, -buffer)), at(nw[0], w.xShift, -buffer)}
	to = Coord{z, min(rows-1, at(se[1], w.yShift, buffer)), at(se[0], w.xShift, buffer)}
	if from.Col < 0 || to.Col >= cols {
		from.Col, to.Col = 0, cols-1
	}
	return from, to
}

// window is a tile in 2^32 parts of the world, and what is kept of its
// surroundings. Positions in it are in units of its extent.
type window struct {
	x0, y0         int64
	xShift, yShift uint
	extent, buffer int64
	around         bool // columns beyond the first and last are those of the other side
}

func (g *Grid) window(c Coord, extent, buffer int) window {
	w := window{extent: int64(extent), buffer: int64(buffer), xShift: uint(32 - c.Z), yShift: uint(32 - c.Z)}
	if g.plate {
		w.xShift--
	}
	w.x0, w.y0 = int64(c.Col)<<w.xShift, int64(c.Row)<<w.yShift
	w.around = w.xShift < 32
	return w
}

const worldParts = 1 << 32

// part32 is a part of the world in 2^32 parts; the far edge belongs to the last.
func part32(v float64) uint32 { return uint32(min(v*worldParts, worldParts-1)) }

// place gives a position of the world in units of the tile, and whether it is in the
// tile or its buffer.
func (w *window) place(x, y uint32) (px, py int64, in bool) {
	dx, dy := int64(x)-w.x0, int64(y)-w.y0
	if w.around {
		if middle := int64(1) << w.xShift / 2; dx > worldParts/2+middle {
			dx -= worldParts
		} else if dx < middle-worldParts/2 {
			dx += worldParts
		}
	}
	px, py = dx*w.extent>>w.xShift, dy*w.extent>>w.yShift
	in = px >= -w.buffer && px < w.extent+w.buffer && py >= -w.buffer && py < w.extent+w.buffer
	return px, py, in
}

// owns reports whether a position in units of the tile is in the tile without its
// buffer.
func (w *window) owns(px, py int64) bool {
	return uint64(px) < uint64(w.extent) && uint64(py) < uint64(w.extent)
}

// search is a box that holds all that the window holds.
func (g *Grid) search(w *window) orb.Bound {
	const rounding = 16 // parts of the world
	side := func(v int64) float64 { return float64(v) / worldParts }
	bx, by := w.buffer<<w.xShift/w.extent+rounding, w.buffer<<w.yShift/w.extent+rounding
	lo := orb.Point{side(w.x0 - bx), side(w.y0 - by)}
	hi := orb.Point{side(w.x0 + 1<<w.xShift + bx), side(w.y0 + 1<<w.yShift + by)}
	nw, se := g.lonLat(lo), g.lonLat(hi)
	b := orb.Bound{Min: orb.Point{nw[0], max(-90, se[1])}, Max: orb.Point{se[0], min(90, nw[1])}}
	if lo[1] <= 0 {
		b.Max[1] = 90
	}
	if hi[1] >= 1 {
		b.Min[1] = -90
	}
	switch {
	case !w.around || b.Max[0]-b.Min[0] >= 360:
		b.Min[0], b.Max[0] = -180, 180
	case b.Min[0] < -180:
		b.Min[0] += 360
	case b.Max[0] > 180:
		b.Max[0] -= 360
	}
	return b
}
