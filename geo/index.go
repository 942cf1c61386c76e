package geo

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/paulmach/orb"
)

// Source is what a server asks of a collection. It is safe for concurrent use.
type Source interface {
	Schema() *Schema
	// Rev names the state; it changes whenever any answer may change. It is
	// URL-safe ASCII.
	Rev() string
	Extent() Extent
	// Get returns the feature whose id has the text, or ErrNotFound.
	Get(ctx context.Context, id string) (Feature, error)
	Search(ctx context.Context, q Query) (Result, error)
	Count(ctx context.Context, q Query) (int, error)
	// Each gives the features that q selects, in its order, one after another.
	Each(ctx context.Context, q Query) iter.Seq2[Feature, error]
	// Aggregate gives counts and other figures of the features, in groups.
	Aggregate(ctx context.Context, a Aggregation) (*Aggregated, error)
}

// Extent is where and when the features of a collection are.
type Extent struct {
	Box   orb.Bound // unless Empty
	Empty bool      // no feature has a geometry
	Time  Interval  // zero where no feature has a time
}

// Index is an immutable set of features with an R-tree, property columns and a
// table of ids. The zero Index is empty. It is safe for concurrent use.
//
// A feature has a slot; slots are in ID order.
type Index struct {
	schema  *Schema
	rev     string
	extent  Extent
	chunks  [][]byte // the encoded features
	places  []place  // of the slots
	ids     []uint32 // open addressing: slot + 1 by hash of the id's text
	tree    *tree
	shapes  []orb.Geometry // by item, where not all are points
	columns map[string]*column
	words   wordIndex
	simple  simplifier
	layout  layouter
	derived derived

	scratch sync.Pool // of *hits
}

// Schema describes the features.
func (x *Index) Schema() *Schema {
	if x.schema == nil {
		return &Schema{Geometry: []string{}}
	}
	return x.schema
}

// Rev is a digest of all that went into the Index.
func (x *Index) Rev() string { return x.rev }

// Extent is exact; it does not cross 180°.
func (x *Index) Extent() Extent {
	if x.tree == nil {
		return Extent{Empty: true}
	}
	return x.extent
}

// Len is the number of features.
func (x *Index) Len() int { return len(x.places) }

// place is where an encoded feature stands.
type place struct{ chunk, from, to uint32 }

func (x *Index) raw(slot uint32) []byte {
	p := x.places[slot]
	return x.chunks[p.chunk][p.from:p.to:p.to]
}

// Stored gives all features encoded, with ",\n" between any two, in pieces that must
// not be changed, and their size in bytes: in the order in which they lie in memory,
// along the Hilbert curve, and last those without geometry.
func (x *Index) Stored() (pieces iter.Seq[[]byte], size int64) {
	for _, c := range x.chunks {
		size += int64(len(c))
	}
	return slices.Values(x.chunks), size
}

// At is the feature of a slot.
func (x *Index) At(slot uint32) Feature { return Feature{x, slot} }

// Geometry is the geometry of a slot, nil where there is none. It is shared and
// must not be changed.
func (x *Index) Geometry(slot uint32) orb.Geometry {
	item := x.tree.items[slot]
	switch {
	case item == noItem:
		return nil
	case x.shapes != nil:
		return x.shapes[item]
	}
	return x.tree.points[item]
}

// Point is the geometry of a slot where that is a point.
func (x *Index) Point(slot uint32) (p orb.Point, ok bool) {
	item := x.tree.items[slot]
	switch {
	case item == noItem:
		return p, false
	case x.shapes != nil:
		p, ok = x.shapes[item].(orb.Point)
		return p, ok
	}
	return x.tree.points[item], true
}

// Get returns the feature whose id has the text.
func (x *Index) Get(_ context.Context, id string) (Feature, error) {
	if slot, ok := x.find(id); ok {
		return Feature{x, slot}, nil
	}
	return Feature{}, fmt.Errorf("%w: no feature has the id %q", ErrNotFound, clip(id))
}

func (x *Index) find(id string) (uint32, bool) {
	if len(x.ids) == 0 {
		return 0, false
	}
	for i := hashID(id) & uint64(len(x.ids)-1); x.ids[i] > 0; i = (i + 1) & uint64(len(x.ids)-1) {
		if slot := x.ids[i] - 1; hasID(x.raw(slot), id) {
			return slot, true
		}
	}
	return 0, false
}

// hashID is FNV-1a.
func hashID(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>32
}
