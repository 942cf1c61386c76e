package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
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

// tilesRequest is a request for tiles of one collection or, in a dataset, of some.
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
	if err := r.takeCollections(&p, q, c); err != nil {
		return nil, err
	}
	if text, given := p.take("layers"); given {
		if err := r.readKinds(text); err != nil {
			return nil, err
		}
	}
	if err := r.takeSizes(&p); err != nil {
		return nil, err
	}
	if err := r.takeProperties(&p); err != nil {
		return nil, err
	}
	for _, c := range r.collections {
		why := forTiles
		if r.dataset {
			why = forDataset
		}
		sel, err := parseSelection(c.ID, p, c.Source.Schema(), limits{}, why)
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

// takeCollections finds what the tiles hold: one collection, or of the dataset all or
// those of the parameter collections, in its order.
func (r *tilesRequest) takeCollections(p *params, q *request, c *geo.Collection) error {
	if c != nil {
		_, err := indexOf(c)
		r.collections = []*geo.Collection{c}
		return err
	}
	var all []*geo.Collection
	for _, c := range q.state.Collections() {
		if _, err := indexOf(c); err == nil {
			all = append(all, c)
		}
	}
	text, given := p.take("collections")
	if !given {
		r.collections = all
		return nil
	}
	var err error
	r.collections, err = q.collectionsNamed(text)
	r.some = !slices.Equal(r.collections, all)
	return err
}

// collectionsNamed are the collections of the parameter collections in its order, each
// once. All have map layers.
func (q *request) collectionsNamed(text string) ([]*geo.Collection, error) {
	var all []*geo.Collection
	for name := range strings.SplitSeq(text, ",") {
		c, err := q.collectionNamed(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, c) {
			return nil, invalid("collections", "%s stands twice", quoted(name))
		}
		if _, err := indexOf(c); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// collectionNamed is the collection of an id, or of the address that it has here.
func (q *request) collectionNamed(name string) (*geo.Collection, error) {
	id := name
	if rest, ours := strings.CutPrefix(name, q.base+"/collections/"); ours {
		if plain, err := url.PathUnescape(rest); err == nil {
			id = plain
		}
	}
	c, err := q.find(id)
	if errors.Is(err, geo.ErrNotFound) {
		return nil, invalid("collections", "there is no collection %s%s", quoted(name), didYouMean(name, q.collectionIDs()))
	}
	return c, err
}

// takeSizes reads radius and pixels.
func (r *tilesRequest) takeSizes(p *params) (err error) {
	if text, given := p.take("radius"); given {
		if r.radius, err = parseWhole("radius", text, pyramid.MinRadius, pyramid.MaxRadius); err != nil {
			return err
		}
		if !slices.Contains(r.kinds, tile.Groups) {
			return invalid("radius", "is of groups, which layers does not name")
		}
	}
	if text, given := p.take("pixels"); given {
		if text != "256" && text != "512" {
			return invalid("pixels", "needs 256 or 512, found %s", quoted(text))
		}
		r.pixels, err = strconv.Atoi(text)
	}
	return err
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
		if slices.Equal(r.kinds, []tile.Kind{tile.Groups}) {
			return invalid("priority", "is of features and outlines, which layers does not name")
		}
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
		if rest := r.selected(); rest != "" {
			if len(b) > 0 {
				b = append(b, '&')
			}
			b = append(b, rest...)
		}
	}
	return string(b)
}

// selected is the query part of an address that selects the same of all collections.
func (r *tilesRequest) selected() string {
	text := r.selections[0].text("", 0, "")
	for i := range r.selections {
		if r.selections[i].text("", 0, "") != text { // what one filter says would not fit another
			return r.selections[0].unfoldedText()
		}
	}
	return text
}

// key tells what makes other tiles apart. Collections may understand one filter in
// several ways.
func (r *tilesRequest) key() string {
	key := r.text()
	for i := range r.selections {
		if text := r.selections[i].text("", 0, ""); text != r.selections[0].text("", 0, "") {
			key += "\n" + strconv.Itoa(i) + text
		}
	}
	return key
}

// rev is the state of what the tiles depend on.
func (r *tilesRequest) rev() string {
	var b strings.Builder
	for _, c := range r.collections {
		b.WriteString(c.Source.Rev() + ";")
	}
	return b.String()
}

// tileContent is what the tiles of a request are made from.
type tileContent struct {
	layers []tile.Layer
	box    orb.Bound // of what they show
	empty  bool      // that is nothing
}

func (s *Server) tileContent(ctx context.Context, r *tilesRequest) (*tileContent, error) {
	t := &tileContent{empty: true}
	for i, c := range r.collections {
		sel := &r.selections[i]
		l, err := s.layerOf(ctx, c, sel.query, sel.text("", 0, ""), r.radius)
		if err != nil {
			return nil, err
		}
		t.layers = append(t.layers, r.layersOf(c, l, groupID{radius: r.radius, rev: groupRev(c), filter: sel.text("", 0, "")})...)
		switch box, empty := l.extent(); {
		case empty:
		case t.empty:
			t.box, t.empty = box, false
		default:
			t.box = t.box.Union(box)
		}
	}
	return t, nil
}

// layersOf are the layers of one collection. In tiles of one collection they are
// called by their kind, in those of a dataset by the collection. id has what the ids
// of their groups have in common.
func (r *tilesRequest) layersOf(c *geo.Collection, l *layer, id groupID) []tile.Layer {
	var out []tile.Layer
	groupText := func(zoom int, n pyramid.Node) string {
		id := id
		id.zoom, id.node = zoom, n
		id.x, id.y = groupPlace(l.pyramid.Position(n))
		return string(id.append(nil))
	}
	schema := c.Source.Schema()
	own := func(names []string) []string {
		if names == nil {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, _, ok := schema.Find(name); return !ok })
	}
	for _, kind := range r.kinds {
		t := tile.Layer{Name: kindNames[kind], Kind: kind, Index: l.index, Set: l.set, Pyramid: l.pyramid, Properties: own(r.properties)}
		if kind == tile.Groups {
			t.GroupID = groupText
		}
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
	id, err := q.variable("tileMatrixSetId")
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

// datasetTile answers GET /tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}.
func (s *Server) datasetTile(w http.ResponseWriter, q *request) error {
	return s.anyTile(w, q, nil)
}

// collectionTile answers GET
// /collections/{collection}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}.
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
	at, err := q.coordOf(g, "tileMatrix", "tileRow", "tileCol")
	if err != nil {
		return err
	}
	return s.serveTile(w, q, tileRequest{collection: c, grid: g, at: at, limited: true})
}

// xyzTile answers GET /collections/{collection}/xyz/{z}/{x}/{y}, for programs that
// know that order only, and no limits of a tileset. The tile may have the ending .mvt
// or .pbf.
func (s *Server) xyzTile(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	g := webMercator()
	at, err := q.coordOf(g, "z", "y", "x")
	if err != nil {
		return err
	}
	return s.serveTile(w, q, tileRequest{collection: c, grid: g, at: at})
}

func webMercator() *tile.Grid {
	g, _ := tile.FindGrid("WebMercatorQuad")
	return g
}

// tileRequest names a tile.
type tileRequest struct {
	collection *geo.Collection // nil: of the dataset
	grid       *tile.Grid
	at         tile.Coord
	limited    bool // a tile outside of the tileset's limits is not there; else it is empty
}

func (s *Server) serveTile(w http.ResponseWriter, q *request, t tileRequest) error {
	r, err := parseTiles(q, t.collection)
	if err != nil {
		return err
	}
	g, at := t.grid, t.at
	path := tilesPath(t.collection) + "/" + g.ID + "/" + strconv.Itoa(at.Z) + "/" + strconv.Itoa(at.Row) + "/" + strconv.Itoa(at.Col)
	err = s.serveKept(w, q, keptResource{rev: r.rev(), resource: path + "?" + r.key()}, func(ctx context.Context) (*keptAnswer, error) {
		content, err := s.tileContent(ctx, r)
		if err != nil {
			return nil, err
		}
		if limits := limitsOf(g, at.Z, content); !limits.has(at) {
			return nil, &outsideError{at, limits}
		}
		made, err := tile.Encode(ctx, g, at, content.layers, tile.Options{Pixels: r.pixels})
		if err != nil {
			return nil, err
		}
		a := &keptAnswer{body: made.Data, empty: len(made.Data) == 0}
		if made.Dropped > 0 {
			a.header = map[string][]string{"Clustermap-Dropped": {strconv.Itoa(made.Dropped)}}
		}
		return a, nil
	})
	var outside *outsideError
	switch {
	case !errors.As(err, &outside):
		return err
	case t.limited:
		return failf(http.StatusNotFound, "%s", outside)
	}
	w.Header().Set("Cache-Control", keepable)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// outsideError tells that a tile is outside of the limits of its tileset.
type outsideError struct {
	at     tile.Coord
	limits matrixLimits
}

func (e *outsideError) Error() string {
	l := &e.limits
	return fmt.Sprintf("This tileset has no tile in row %d and column %d at level %d: there it has the rows %d to %d and the columns %d to %d.",
		e.at.Row, e.at.Col, e.at.Z, l.MinRow, l.MaxRow, l.MinCol, l.MaxCol)
}
