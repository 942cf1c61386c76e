package server

import (
	"strconv"

	"clustermap/geo/archive"
	"clustermap/geo/tile"
)

// matrixLimits are the tiles of a level that a tileset has (OGC 17-083r4, 8.1). Any
// other tile is answered with 404.
type matrixLimits struct {
	TileMatrix string `json:"tileMatrix"`
	MinRow     int    `json:"minTileRow"`
	MaxRow     int    `json:"maxTileRow"`
	MinCol     int    `json:"minTileCol"`
	MaxCol     int    `json:"maxTileCol"`
}

// limitsOf are the tiles of a level in which, or in whose buffer, something may be;
// all where that is nothing.
func limitsOf(g *tile.Grid, z int, t *tileContent) matrixLimits {
	cols, rows := g.Size(z)
	all := matrixLimits{strconv.Itoa(z), 0, rows - 1, 0, cols - 1}
	if t.empty {
		return all
	}
	from, to := g.Span(z, t.box)
	return matrixLimits{all.TileMatrix, from.Row, to.Row, from.Col, to.Col}
}

func (l matrixLimits) has(c tile.Coord) bool {
	return c.Row >= l.MinRow && c.Row <= l.MaxRow && c.Col >= l.MinCol && c.Col <= l.MaxCol
}

// bestLevel is the finest level that tiles of some layers are worth having at; a map
// shows them larger beyond.
func bestLevel(g *tile.Grid, layers []tile.Layer) int {
	if len(layers) == 0 {
		return 0
	}
	return levelFor(g, archive.BestMaxZoom(layers))
}

// levelFor is the level whose pixels are those of a zoom of Web Mercator.
func levelFor(g *tile.Grid, zoom int) int {
	for z := range g.Levels() {
		if g.MercatorZoom(z) >= zoom {
			return z
		}
	}
	return g.Levels() - 1
}
