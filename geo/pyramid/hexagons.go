package pyramid

import (
	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
)

// Hexagons is the grid in which Divide parts an index: cells of equal ground area,
// named by their Key.
type Hexagons struct{ grid hexGrid }

// HexagonsOf is the grid of an index, with cells of a width from side to side in km.
func HexagonsOf(x *geo.Index, across float64) *Hexagons {
	return &Hexagons{hexGrid{newEqualArea(centreOf(x.Extent())), across}}
}

// Plane is the plane in which the cells are regular hexagons.
func (h *Hexagons) Plane() *crs.EqualArea { return h.grid.plane.EqualArea }

// At is the key of the cell that holds a longitude and latitude.
func (h *Hexagons) At(p orb.Point) string { return h.text(h.grid.cell(p)) }

func (h *Hexagons) text(c hexCell) string { return Cut{Across: h.grid.across}.keyText(c.key()) }

func (h *Hexagons) cell(key string) (hexCell, bool) {
	n, ok := Cut{Across: h.grid.across}.keyOf(key)
	return cellOf(n), ok
}

// Centre is the middle of a cell, in longitude and latitude; ok is false where key is
// none.
func (h *Hexagons) Centre(key string) (p orb.Point, ok bool) {
	c, ok := h.cell(key)
	return h.grid.plane.from(h.grid.at(corner{2*c.q + c.r, 3 * c.r})), ok
}

// Outline is that of Territories.Outline for a key.
func (h *Hexagons) Outline(key string) orb.Geometry {
	c, ok := h.cell(key)
	if !ok {
		return nil
	}
	return h.grid.outline(c)
}

// Neighbours are the six cells that share a side with a cell, counterclockwise from
// the east.
func (h *Hexagons) Neighbours(key string) []string {
	c, ok := h.cell(key)
	if !ok {
		return nil
	}
	out := make([]string, 0, 6)
	for _, d := range [...]hexCell{{1, 0}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}, {1, -1}} {
		out = append(out, h.text(hexCell{c.q + d.q, c.r + d.r}))
	}
	return out
}
