package server

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/archive"
	"clustermap/geo/pyramid"
	"clustermap/geo/tile"
)

// layer is what the map layers of a selection are made from: its groups for each zoom,
// or in territories.
type layer struct {
	index       *geo.Index
	set         *geo.Set // nil: all features
	pyramid     *pyramid.Pyramid
	territories *pyramid.Territories

	measured sync.Once
	box      orb.Bound
	empty    bool
}

// extent is the box of what the layer shows; empty where that is nothing.
func (l *layer) extent() (box orb.Bound, empty bool) {
	l.measured.Do(func() {
		l.box, l.empty = archive.Extent([]tile.Layer{{Index: l.index, Set: l.set}})
	})
	return l.box, l.empty
}

// Bytes is the memory that the layer takes beside the index.
func (l *layer) Bytes() int64 {
	n := int64(256)
	if l.pyramid != nil {
		n += l.pyramid.Bytes()
	}
	if l.territories != nil {
		n += l.territories.Bytes()
	}
	if l.set != nil {
		n += l.set.Bytes()
	}
	return n
}

// options are the options of the groups.
func (l *layer) options() pyramid.Options {
	if l.territories != nil {
		return l.territories.Options()
	}
	return l.pyramid.Options()
}

// unplaced is how many features are in no group, for want of a geometry.
func (l *layer) unplaced() int {
	switch {
	case l.pyramid == nil:
		return 0
	case l.set != nil:
		return l.set.Len() - l.pyramid.Len()
	}
	return l.index.Len() - l.pyramid.Len()
}

// indexOf is the index of a collection. Map layers are made from an index alone.
func indexOf(c *geo.Collection) (*geo.Index, error) {
	if x, ok := c.Source.(*geo.Index); ok {
		return x, nil
	}
	return nil, failf(http.StatusNotImplemented, "This collection has no map layers.")
}

// layerOf is the layer of what query selects, whatever its order and page, with
// groups of a radius in CSS pixels. text is the canonical text of the query. Equal
// queries share one layer, which is built once however many ask.
func (s *Server) layerOf(ctx context.Context, c *geo.Collection, query geo.Query, text string, radius int) (*layer, error) {
	x, err := indexOf(c)
	if err != nil {
		return nil, err
	}
	if text == "" && radius == pyramid.DefaultRadius {
		if p := s.prepared(x); p != nil {
			return &layer{index: x, pyramid: p}, nil
		}
	}
	return s.keptLayer(ctx, c, x, strconv.Itoa(radius)+"\x00"+text, func(ctx context.Context) (*layer, error) {
		return newLayer(ctx, x, query, radius)
	})
}

// keptLayer is the layer of a collection that name stands for, which build makes.
func (s *Server) keptLayer(ctx context.Context, c *geo.Collection, x *geo.Index, name string, build func(context.Context) (*layer, error)) (*layer, error) {
	l, err := s.layers.get(ctx, c.ID+"\x00"+x.Rev()+"\x00"+name, func(ctx context.Context) (*layer, error) {
		ctx, cancel := s.limitedTime(ctx)
		defer cancel()
		return build(ctx)
	})
	if err == nil && !s.current(x) {
		s.dropOldLayers()
	}
	return l, err
}

func newLayer(ctx context.Context, x *geo.Index, query geo.Query, radius int) (*layer, error) {
	set, err := x.Select(ctx, query)
	if err != nil {
		return nil, err
	}
	opt := pyramid.OptionsOf(x.Schema())
	opt.Radius = radius
	p, err := pyramid.Build(ctx, x, set, opt)
	return &layer{index: x, set: set, pyramid: p}, err
}

// prepared is the pyramid of all features of an index that Publish has built.
func (s *Server) prepared(x *geo.Index) *pyramid.Pyramid {
	if all := s.pyramids.Load(); all != nil {
		return (*all)[x]
	}
	return nil
}

// Publish makes state the current one: it builds the groups of all features of each
// collection, unless it has them, then swaps the state of the atlas and lets go of
// what belongs to the old one. Requests under way end on the state that they took.
// Calls must not overlap.
func (s *Server) Publish(ctx context.Context, state *geo.State) error {
	now := make(map[*geo.Index]*pyramid.Pyramid)
	for _, c := range state.Collections() {
		x, ok := c.Source.(*geo.Index)
		if !ok {
			continue
		}
		p := s.prepared(x)
		if p == nil {
			var err error
			if s.pyramids.Load() == nil { // no request is answered yet
				p, err = prepare(ctx, x, 0)
			} else {
				Background(func() { p, err = prepare(ctx, x, 1) })
			}
			if err != nil {
				return err
			}
		}
		now[x] = p
	}
	both := maps.Clone(now) // while some requests take the old state and some the new one
	if old := s.pyramids.Load(); old != nil {
		maps.Copy(both, *old)
	}
	s.pyramids.Store(&both)
	s.notePublished(s.cfg.Atlas.State(), state)
	s.cfg.Atlas.Swap(state)
	s.pyramids.Store(&now)
	s.dropOldLayers()
	s.dropOldFigures()
	s.dropOldAnswers(state)
	s.feed.tell(state)
	return nil
}

// prepare makes what the first map of all features would wait for: the groups, and
// what tiles derive from an index. It is made by so many goroutines; 0 means as many
// as run at a time.
func prepare(ctx context.Context, x *geo.Index, workers int) (*pyramid.Pyramid, error) {
	opt := pyramid.OptionsOf(x.Schema())
	opt.Workers = workers
	p, err := pyramid.Build(ctx, x, nil, opt)
	if err != nil {
		return nil, err
	}
	layers := []tile.Layer{{Name: "features", Index: x, Pyramid: p}}
	var levels []int
	for z := range archive.BestMaxZoom(layers) + 1 {
		levels = append(levels, z)
	}
	g, _ := tile.FindGrid("WebMercatorQuad")
	return p, tile.Prepare(ctx, g, levels, layers, tile.Options{})
}

// current reports whether an index belongs to the current state, or has places of an
// answer that was computed of it.
func (s *Server) current(x *geo.Index) bool {
	for _, c := range s.cfg.Atlas.State().Collections() {
		if c.Source == geo.Source(x) {
			return true
		}
	}
	origins := originsOf(x)
	return len(origins) > 0 && s.allCurrent(origins)
}

// dropOldLayers lets go of the layers whose index is of a former state, which would
// keep its memory.
func (s *Server) dropOldLayers() {
	s.layers.dropWhere(func(l *layer) bool { return !s.current(l.index) })
}

// dropOldAnswers lets go of the answers that depend on data which are served no
// longer. Nobody asks for them any more.
func (s *Server) dropOldAnswers(state *geo.State) {
	revs := map[string]bool{state.Rev(): true}
	for _, c := range state.Collections() {
		revs[c.Source.Rev()] = true
	}
	s.answers.dropWhere(func(a *keptAnswer) bool {
		for rev := range strings.FieldsFuncSeq(a.rev, func(r rune) bool { return r == ';' || r == '+' }) {
			if !revs[rev] {
				return true
			}
		}
		return false
	})
}
