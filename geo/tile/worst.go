package tile

import (
	"context"
	"math/bits"
	"slices"

	"clustermap/geo"
)

// Worst is the tile that leaves out most, and how many it leaves out: of the tiles
// that own most features of a layer, at each level of a Grid; 0 where none of them
// leaves out any.
func Worst(ctx context.Context, g *Grid, layers []Layer, opt Options) (worst Coord, dropped int, err error) {
	if opt, err = opt.complete(); err != nil {
		return worst, 0, err
	}
	points, all := true, crowds(g, layers)
	for i := range layers {
		points = points && onlyPoints(layers[i].Index)
	}
	for z := range g.Levels() {
		sum := 0 // more than any tile has in all layers
		var tiles []Coord
		for _, c := range all {
			at, owned := busiest(g, z, c.keys)
			sum += owned * c.layers
			if !slices.Contains(tiles, at) {
				tiles = append(tiles, at)
			}
		}
		if points && sum <= opt.MaxFeatures && sum*manyBytes <= opt.MaxBytes {
			break // finer levels have less in a tile
		}
		for _, c := range tiles {
			t, err := Encode(ctx, g, c, layers, opt)
			if err != nil {
				return worst, dropped, err
			}
			if t.Dropped > dropped {
				worst, dropped = c, t.Dropped
			}
		}
	}
	return worst, dropped, nil
}

// crowd is where the features are that some layers show.
type crowd struct {
	first  *Layer
	keys   []uint64
	layers int
}

func crowds(g *Grid, layers []Layer) []crowd {
	var all []crowd
	for i := range layers {
		l := &layers[i]
		at := slices.IndexFunc(all, func(c crowd) bool { return c.first.Index == l.Index && c.first.Set == l.Set })
		if at < 0 {
			at = len(all)
			all = append(all, crowd{first: l, keys: tileKeys(g, l)})
		}
		all[at].layers++
	}
	return all
}

// manyBytes is more than a point takes, whatever is told of it.
const manyBytes = 4096

// tileKeys are numbers, in order, of which those of one tile begin with the same
// bits: the bits of row and column in turns, behind the first of the column where
// the Grid is two to one.
func tileKeys(g *Grid, l *Layer) []uint64 {
	layout, rows := l.Index.Layout(), rowsOf(l.Index, g)
	keys := make([]uint64, 0, len(layout.Slots))
	for place, slot := range layout.Slots {
		if l.Set != nil && !l.Set.Has(slot) {
			continue
		}
		x, y := layout.X[place], rows[place]
		if g.plate {
			keys = append(keys, uint64(x>>31)<<63|geo.Morton(x<<1, y)>>1)
		} else {
			keys = append(keys, geo.Morton(x, y))
		}
	}
	slices.Sort(keys)
	return keys
}

// busiest is the tile of a level that has most keys.
func busiest(g *Grid, z int, keys []uint64) (most Coord, owned int) {
	cols, rows := g.Size(z)
	shift := 64 - bits.Len(uint(cols)) - bits.Len(uint(rows)) + 2
	best := 0
	for from := 0; from < len(keys); {
		to := from + 1
		for to < len(keys) && keys[to]>>shift == keys[from]>>shift {
			to++
		}
		if to-from > owned {
			best, owned = from, to-from
		}
		from = to
	}
	if owned == 0 {
		return Coord{Z: z}, 0
	}
	key := keys[best]
	x, y := geo.Unmorton(key)
	if g.plate {
		x, y = geo.Unmorton(key << 1)
		x = uint32(key>>63)<<31 | x>>1
	}
	return Coord{z, int(y >> (33 - bits.Len(uint(rows)))), int(x >> (33 - bits.Len(uint(cols))))}, owned
}
