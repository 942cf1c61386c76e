// Package tile makes vector tiles (Mapbox Vector Tile 2.1) of features and of
// groups of features.
//
// Equal questions give equal bytes. A tile owns the features whose geo.Index.Anchor
// lies in it, its north and west edges included: of a zoom, each feature is in the
// tile that owns it or counted there as dropped. Around a tile a buffer shows what
// its neighbours own.
//
// A feature has an integer id (FeatureID), and its id as text in a property: id, or
// _id where the collection has a property id. Strings, numbers and booleans are
// values of these kinds; arrays and objects are their JSON as a string, in which
// MapLibre's "in" finds an element; null is left out. Of a collection of geometries
// the points, lines and polygons are up to three features of one id.
//
// The package knows nothing of HTTP, compression or files.
package tile

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// Kind is what a layer shows of its features.
type Kind uint8

const (
	Features Kind = iota // their geometries
	Groups               // the groups of a Pyramid, as points
	Outlines             // the borders of their polygons, as lines
)

// Layer is a layer of a tile.
type Layer struct {
	Name       string
	Kind       Kind
	Index      *geo.Index
	Set        *geo.Set                              // nil: all
	Pyramid    *pyramid.Pyramid                      // of the same Set; Groups are its groups, and what Features leaves out follows them; may be nil for other kinds than Groups
	Properties []string                              // nil: DefaultProperties; names from the schema, "a.b" for members of objects
	GroupID    func(zoom int, n pyramid.Node) string // the id of a group as text; nil: groups have none
	Priority   string                                // a number property: features with greater numbers stay first; "" for none
}

// Options say how large a tile may be. The zero Options are good ones.
type Options struct {
	MaxBytes    int // 0: 500,000; the layer About aside
	MaxFeatures int // 0: 50,000, of all layers
	Extent      int // units across a tile, 0: 4,096
	Buffer      int // units, 0: a 64th of Extent, negative: none
	Pixels      int // side on the screen, for which groups and geometries are chosen: 256, or 512 as MapLibre draws tiles; 0: 256
}

// Tile is an encoded tile.
type Tile struct {
	Data              []byte // empty where nothing is in the tile
	Features, Dropped int    // of the features that the tile owns, how many it shows and how many it leaves out; of groups, their members; summed over the layers
	Rule              string // see the function; "" where nothing is left out, not even of what other tiles own
}

// About is the layer of a tile that leaves features out: a point in its middle with
// the properties dropped and rule. Where a Layer has the name, underscores precede.
const About = "about"

// Encode makes a tile. It returns *geo.InvalidError where the Grid has no such
// tile, a name is not in a schema, or the options make no sense.
func Encode(ctx context.Context, g *Grid, c Coord, layers []Layer, opt Options) (*Tile, error) {
	if !g.Has(c) {
		cols, rows := g.Size(c.Z)
		return nil, &geo.InvalidError{Field: "tile", Reason: fmt.Sprintf("%d/%d/%d is not one of the %d rows and %d columns of %s at level %d", c.Z, c.Row, c.Col, rows, cols, g.ID, c.Z)}
	}
	opt, err := opt.complete()
	if err != nil {
		return nil, err
	}
	e := &encoder{ctx: ctx, grid: g, coord: c, layers: layers, opt: opt, window: g.window(c, opt.Extent, max(0, opt.Buffer)), pace: geo.NewPace(ctx)}
	defer e.close()
	for i := range layers {
		for _, other := range layers[:i] {
			if other.Name == layers[i].Name {
				return nil, &geo.InvalidError{Field: "layers", Reason: fmt.Sprintf("two have the name %q", other.Name)}
			}
		}
		if err := e.add(&layers[i]); err != nil {
			return nil, err
		}
	}
	t, err := e.encode()
	if err == nil && e.pace.Over(0) { // within a feature
		return nil, ctx.Err()
	}
	return t, err
}

// Prepare makes ahead what is made once for an Index and kept with it: the values of
// the layers' properties and, of lines and polygons, the simplified geometries for
// some levels of a Grid. Encode makes of it what is missing.
func Prepare(ctx context.Context, g *Grid, levels []int, layers []Layer, opt Options) error {
	opt, err := opt.complete()
	if err != nil {
		return err
	}
	for i := range layers {
		each := levels
		if len(levels) == 0 || onlyPoints(layers[i].Index) {
			each = []int{0}
		}
		for _, z := range each {
			p, err := newPart(&encoder{ctx: ctx, grid: g, coord: Coord{Z: z}, opt: opt}, &layers[i])
			if err != nil {
				return err
			}
			p.release()
		}
	}
	return nil
}

// complete puts the defaults in.
func (o Options) complete() (Options, error) {
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	set(&o.MaxBytes, 500_000)
	set(&o.MaxFeatures, 50_000)
	set(&o.Extent, 4096)
	set(&o.Buffer, o.Extent/64)
	set(&o.Pixels, Pixels)
	for _, c := range []struct {
		field       string
		value       int
		least, most int
	}{
		{"MaxBytes", o.MaxBytes, 1000, 1 << 30},
		{"MaxFeatures", o.MaxFeatures, 1, 1 << 30},
		{"Extent", o.Extent, Pixels, 8192},
		{"Buffer", o.Buffer, -1 << 30, o.Extent},
	} {
		if c.value < c.least || c.value > c.most {
			return o, &geo.InvalidError{Field: c.field, Reason: fmt.Sprintf("%d is not from %d to %d", c.value, c.least, c.most)}
		}
	}
	if o.Pixels != Pixels && o.Pixels != 2*Pixels {
		return o, &geo.InvalidError{Field: "Pixels", Reason: fmt.Sprintf("%d is neither %d nor %d", o.Pixels, Pixels, 2*Pixels)}
	}
	return o, nil
}

// zoom is the zoom of Web Mercator that a level of a Grid is drawn for.
func (o *Options) zoom(g *Grid, z int) int {
	return g.MercatorZoom(z) + o.Pixels/Pixels - 1
}

// encoder makes one tile.
type encoder struct {
	ctx    context.Context
	grid   *Grid
	coord  Coord
	layers []Layer
	opt    Options
	window window
	parts  []*part
	pace   *geo.Pace // within a polygon
}

func (e *encoder) add(l *Layer) error {
	p, err := newPart(e, l)
	if err != nil {
		return err
	}
	e.parts = append(e.parts, p)
	return nil
}

func (e *encoder) close() {
	for _, p := range e.parts {
		p.release()
	}
}

// encode writes all features where they fit, else those that matter most.
func (e *encoder) encode() (*Tile, error) {
	room, total := e.opt.MaxFeatures, 0
	for _, p := range e.parts {
		if err := p.gather(room); err != nil {
			return nil, err
		}
		total += p.found
	}
	if total <= room && total*leastFeature <= e.opt.MaxBytes {
		if fits, err := e.all(); err != nil {
			return nil, err
		} else if fits {
			return e.tile(false), nil
		}
	}
	cut, err := e.chosen()
	if err != nil {
		return nil, err
	}
	return e.tile(cut), nil
}

// leastFeature is about how many bytes a feature has at least.
const leastFeature = 16

// often is how many features are written between two looks at the context.
const often = 1024

// all writes what was gathered, and reports whether it fits.
func (e *encoder) all() (fits bool, err error) {
	size, count := 0, 0
	for _, p := range e.parts {
		p.begin()
		p.expect()
		for chunk := range slices.Chunk(p.kept, often) {
			if size+p.writer.size() > e.opt.MaxBytes {
				return false, nil
			}
			if err := e.ctx.Err(); err != nil {
				return false, err
			}
			p.writeAll(chunk)
		}
		size, count = size+p.writer.size(), count+p.writer.count
	}
	return size <= e.opt.MaxBytes && count <= e.opt.MaxFeatures, nil
}

// A feature that does not fit ends the choice, unless it alone is large: then it is
// left out, up to misses of them.
const (
	large  = 8 // parts of a tile
	misses = 16
)

// chosen writes features, one of each layer in turn, those that matter most first.
// It reports whether it left any out.
func (e *encoder) chosen() (cut bool, err error) {
	size, count, missed := 0, 0, 0
	for _, p := range e.parts {
		p.begin()
		size += p.writer.size()
		p.rank()
	}
	open := slices.Clone(e.parts)
	for n := 0; len(open) > 0; n++ {
		if n%often == 0 && e.ctx.Err() != nil {
			return false, e.ctx.Err()
		}
		for _, p := range open {
			c, ok, err := p.next()
			if err != nil {
				return false, err
			}
			if !ok {
				cut = cut || p.best.short
				open = slices.DeleteFunc(slices.Clone(open), func(other *part) bool { return other == p })
				continue
			}
			before, mark := p.writer.size(), p.writer.mark()
			p.write(c)
			more, written := p.writer.size()-before, p.writer.count-mark.count
			if size+more <= e.opt.MaxBytes && count+written <= e.opt.MaxFeatures {
				size, count = size+more, count+written
				if written == 0 { // nothing of it is in the tile
					p.best.given--
				}
				continue
			}
			p.undo(mark, c)
			if missed++; more <= e.opt.MaxBytes/large || missed == misses || count+written > e.opt.MaxFeatures {
				return true, nil
			}
		}
	}
	return cut || missed > 0, nil
}

// tile puts the layers together.
func (e *encoder) tile(cut bool) *Tile {
	t := new(Tile)
	var parts [][]byte
	for _, p := range e.parts {
		t.Features += p.shown
		t.Dropped += p.owned - p.shown
		if p.writer.count > 0 {
			parts = append(parts, p.writer.parts(e.opt.Extent)...)
		}
	}
	if cut || t.Dropped > 0 {
		t.Rule = Rule(e.layers, e.opt)
		parts = append(parts, e.about(t).parts(e.opt.Extent)...)
	}
	t.Data = bytes.Join(parts, nil)
	return t
}
