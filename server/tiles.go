package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/archive"
	"clustermap/geo/pyramid"
	"clustermap/geo/tile"
)

var (
	mvtMedia      = media{"mvt", "application/vnd.mapbox-vector-tile", "application/vnd.mapbox-vector-tile"}
	tilejsonMedia = media{"tilejson", "application/vnd.mapbox.tile+json", "application/vnd.mapbox.tile+json"}
)

// The parameters of tiles beside the filter.
var (
	tileParameters    = [...]string{"layers", "pixels", "priority", "properties", "radius"}
	datasetParameters = [...]string{"collections"}
)

// kindNames are the values of layers.
var kindNames = [...]string{tile.Features: "features", tile.Groups: "groups", tile.Outlines: "outlines"}

// tilesRequest is a request for the tiles of one collection or, in a dataset, of
// some.
type tilesRequest struct {
	dataset     bool
	collections []*geo.Collection
	some        bool // collections was given
	kinds       []tile.Kind
	properties  []string // nil: the usual ones
	priority    string
	radius      int
	pixels      int         // side of a tile on the screen
	selections  []selection // of the collections
}

// parseTiles reads the parameters of a request for tiles; c is nil for those of the
// dataset.
func parseTiles(q *request, c *geo.Collection) (*tilesRequest, error) {
	r := &tilesRequest{dataset: c == nil, radius: pyramid.DefaultRadius, pixels: tile.Pixels, kinds: []tile.Kind{tile.Features}}
	p := slices.Clone(q.params)
	if err := r.takeCollections(&p, q.state, c); err != nil {
		return nil, err
	}
	if text, given := p.take("layers"); given {
		if err := r.readKinds(text); err != nil {
			return nil, err
		}
	}
	if text, given := p.take("radius"); given {
		var err error
		if r.radius, err = parseWhole("radius", text, pyramid.MinRadius, pyramid.MaxRadius); err != nil {
			return nil, err
		}
	}
	if text, given := p.take("pixels"); given {
		if text != "256" && text != "512" {
			return nil, invalid("pixels", "needs 256 or 512, found %s", quoted(text))
		}
		r.pixels, _ = strconv.Atoi(text) // it is a number
	}
	if err := r.takeProperties(&p); err != nil {
		return nil, err
	}
	for _, c := range r.collections {
		sel, err := parseSelection(c.ID, p, c.Source.Schema(), limits{}, forTiles)
		if err != nil {
			return nil, err
		}
		r.selections = append(r.selections, sel)
	}
	if len(r.collections) == 0 && len(p) > 0 {
		return nil, unknown(p[0].name, tileParameters[:])
	}
	return r, nil
}

func (r *tilesRequest) takeCollections(p *params, state *geo.State, c *geo.Collection) error {
	if c != nil {
		_, err := indexOf(c)
		r.collections = []*geo.Collection{c}
		return err
	}
	text, given := p.take("collections")
	r.some = given
	var ids []string
	for _, c := range state.Collections() {
		ids = append(ids, c.ID)
		if _, err := indexOf(c); err == nil && (!given || slices.Contains(strings.Split(text, ","), c.ID)) {
			r.collections = append(r.collections, c)
		}
	}
	if !given {
		return nil
	}
	names := strings.Split(text, ",")
	for i, name := range names {
		if !slices.Contains(ids, name) {
			return invalid("collections", "there is no collection %s%s", quoted(name), didYouMean(name, ids))
		}
		if slices.Contains(names[:i], name) {
			return invalid("collections", "%s stands twice", quoted(name))
		}
	}
	return nil
}

func (r *tilesRequest) readKinds(text string) error {
	r.kinds = nil
	for name := range strings.SplitSeq(text, ",") {
		i := slices.Index(kindNames[:], name)
		if i < 0 {
			return invalid("layers", "there is no layer %s%s There are %s.", quoted(name), didYouMean(name, kindNames[:]), strings.Join(kindNames[:], ", "))
		}
		if slices.Contains(r.kinds, tile.Kind(i)) {
			return invalid("layers", "%s stands twice", quoted(name))
		}
		r.kinds = append(r.kinds, tile.Kind(i))
	}
	slices.Sort(r.kinds)
	return nil
}

// takeProperties reads properties and priority, which some collection must have.
func (r *tilesRequest) takeProperties(p *params) error {
	known := func(param, name string) error {
		var all []string
		for _, c := range r.collections {
			schema := c.Source.Schema()
			if _, _, ok := schema.Find(name); ok {
				return nil
			}
			for _, p := range schema.Properties {
				all = append(all, p.Name)
			}
		}
		return invalid(param, "there is no property %s%s", quoted(name), didYouMean(name, all))
	}
	if text, given := p.take("properties"); given {
		r.properties = []string{}
		for name := range strings.SplitSeq(text, ",") {
			if name == "" && text == "" {
				break // none
			}
			if err := known("properties", name); err != nil {
				return err
			}
			r.properties = append(r.properties, name)
		}
		slices.Sort(r.properties)
		r.properties = slices.Compact(r.properties)
	}
	if text, given := p.take("priority"); given {
		if err := known("priority", text); err != nil {
			return err
		}
		for _, c := range r.collections {
			if p, _, ok := c.Source.Schema().Find(text); ok && p.Type != geo.TypeInteger && p.Type != geo.TypeNumber {
				return invalid("priority", "%s is not a property of numbers", quoted(text))
			}
		}
		r.priority = text
	}
	return nil
}

// text is the canonical query.
func (r *tilesRequest) text() string {
	var b []byte
	if r.some {
		var ids []string
		for _, c := range r.collections {
			ids = append(ids, c.ID)
		}
		b = appendParam(b, "collections", strings.Join(ids, ","))
	}
	if !slices.Equal(r.kinds, []tile.Kind{tile.Features}) {
		var names []string
		for _, k := range r.kinds {
			names = append(names, kindNames[k])
		}
		b = appendParam(b, "layers", strings.Join(names, ","))
	}
	if r.properties != nil {
		b = appendParam(b, "properties", strings.Join(r.properties, ","))
	}
	if r.priority != "" {
		b = appendParam(b, "priority", r.priority)
	}
	if r.pixels != tile.Pixels {
		b = appendParam(b, "pixels", strconv.Itoa(r.pixels))
	}
	if r.radius != pyramid.DefaultRadius {
		b = appendParam(b, "radius", strconv.Itoa(r.radius))
	}
	if len(r.selections) > 0 {
		if rest := r.selections[0].text("", 0, ""); rest != "" {
			if len(b) > 0 {
				b = append(b, '&')
			}
			b = append(b, rest...)
		}
	}
	return string(b)
}

// rev is the state of what the tiles depend on.
func (r *tilesRequest) rev() string {
	var b strings.Builder
	for _, c := range r.collections {
		b.WriteString(c.Source.Rev() + ";")
	}
	return b.String()
}

// layers are the layers of the tiles.
func (s *Server) tileLayers(ctx context.Context, r *tilesRequest) ([]tile.Layer, error) {
	var out []tile.Layer
	for i, c := range r.collections {
		sel := &r.selections[i]
		l, err := s.layerOf(ctx, c, sel.query, sel.text("", 0, ""), r.radius)
		if err != nil {
			return nil, err
		}
		out = append(out, r.layersOf(c, l)...)
	}
	return out, nil
}

// layersOf are the layers of one collection. In tiles of one collection they are
// called by their kind, in those of a dataset by the collection.
func (r *tilesRequest) layersOf(c *geo.Collection, l *layer) []tile.Layer {
	var out []tile.Layer
	schema := c.Source.Schema()
	own := func(names []string) []string {
		if names == nil {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, _, ok := schema.Find(name); return !ok })
	}
	for _, kind := range r.kinds {
		t := tile.Layer{Name: kindNames[kind], Kind: kind, Index: l.index, Set: l.set, Pyramid: l.pyramid, Properties: own(r.properties)}
		if r.dataset {
			t.Name = c.ID
			if kind != tile.Features {
				t.Name += "-" + kindNames[kind]
			}
		}
		if priority := own([]string{r.priority}); len(priority) > 0 {
			t.Priority = r.priority
		}
		out = append(out, t)
	}
	return out
}

// gridOf is the tile matrix set that the path names.
func (q *request) gridOf() (*tile.Grid, error) {
	id, err := q.variable("tms")
	if err != nil {
		return nil, err
	}
	if g, ok := tile.FindGrid(id); ok {
		return g, nil
	}
	var ids []string
	for _, g := range tile.Grids() {
		ids = append(ids, g.ID)
	}
	return nil, failf(http.StatusNotFound, "There is no tile matrix set %q%s There are %s.", printable(id), didYouMean(id, ids), strings.Join(ids, ", "))
}

// coordOf is the tile that the path names by these variables.
func (q *request) coordOf(g *tile.Grid, level, row, col string) (tile.Coord, error) {
	var v [3]int
	for i, name := range [...]string{level, row, col} {
		text, err := q.variable(name)
		if err != nil {
			return tile.Coord{}, err
		}
		if name == "y" { // the last of an address whose programs may want an ending
			text = strings.TrimSuffix(strings.TrimSuffix(text, ".pbf"), ".mvt")
		}
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil || text != strconv.FormatUint(n, 10) {
			return tile.Coord{}, failf(http.StatusNotFound, "There is no tile whose %s is %s.", name, quoted(text))
		}
		v[i] = int(n)
	}
	c := tile.Coord{Z: v[0], Row: v[1], Col: v[2]}
	if !g.Has(c) {
		cols, rows := g.Size(c.Z)
		if cols == 0 {
			return c, failf(http.StatusNotFound, "%s has no level %d; it has 0 to %d.", g.ID, c.Z, g.Levels()-1)
		}
		return c, failf(http.StatusNotFound, "%s has no tile in row %d and column %d at level %d: it has %d rows and %d columns there.", g.ID, c.Row, c.Col, c.Z, rows, cols)
	}
	return c, nil
}

// datasetTile answers GET /tiles/{tms}/{z}/{row}/{col}.
func (s *Server) datasetTile(w http.ResponseWriter, q *request) error {
	return s.anyTile(w, q, nil)
}

// collectionTile answers GET /collections/{collection}/tiles/{tms}/{z}/{row}/{col}.
func (s *Server) collectionTile(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	return s.anyTile(w, q, c)
}

func (s *Server) anyTile(w http.ResponseWriter, q *request, c *geo.Collection) error {
	g, err := q.gridOf()
	if err != nil {
		return err
	}
	at, err := q.coordOf(g, "z", "row", "col")
	if err != nil {
		return err
	}
	return s.serveTile(w, q, c, g, at)
}

// xyzTile answers GET /collections/{collection}/xyz/{z}/{x}/{y}, for programs that
// know that order only. The tile may have the ending .mvt or .pbf.
func (s *Server) xyzTile(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	g, _ := tile.FindGrid("WebMercatorQuad")
	at, err := q.coordOf(g, "z", "y", "x")
	if err != nil {
		return err
	}
	return s.serveTile(w, q, c, g, at)
}

func (s *Server) serveTile(w http.ResponseWriter, q *request, c *geo.Collection, g *tile.Grid, at tile.Coord) error {
	r, err := parseTiles(q, c)
	if err != nil {
		return err
	}
	path := "/tiles/"
	if c != nil {
		path = collectionPath(c.ID) + path
	}
	path += g.ID + "/" + strconv.Itoa(at.Z) + "/" + strconv.Itoa(at.Row) + "/" + strconv.Itoa(at.Col)
	return s.serveKept(w, q, keptResource{rev: r.rev(), resource: path + "?" + r.text()}, func(ctx context.Context) (*keptAnswer, error) {
		layers, err := s.tileLayers(ctx, r)
		if err != nil {
			return nil, err
		}
		made, err := tile.Encode(ctx, g, at, layers, tile.Options{Pixels: r.pixels})
		if err != nil {
			return nil, err
		}
		a := &keptAnswer{body: made.Data, empty: len(made.Data) == 0}
		if made.Dropped > 0 {
			a.header = map[string][]string{"Clustermap-Dropped": {strconv.Itoa(made.Dropped)}}
		}
		return a, nil
	})
}

// bestLevel is the finest level that tiles of some layers are worth having at; a map
// shows them larger beyond.
func bestLevel(g *tile.Grid, layers []tile.Layer) int {
	if len(layers) == 0 {
		return 0
	}
	best := archive.BestMaxZoom(layers)
	for z := range g.Levels() {
		if g.MercatorZoom(z) >= best {
			return z
		}
	}
	return g.Levels() - 1
}
