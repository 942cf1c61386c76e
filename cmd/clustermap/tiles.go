package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"clustermap/geo"
	"clustermap/geo/archive"
	"clustermap/geo/cql"
	"clustermap/geo/pyramid"
	"clustermap/geo/tile"
)

// tilesOptions are what the command line of tiles says.
type tilesOptions struct {
	out         string
	paths       []string
	collections []string // nil: all
	filter      string
	kinds       []tile.Kind
	properties  []string // nil: the usual ones
	priority    string
	minZoom     int
	maxZoom     int // -1: what suits the data
	radius      int
	limits      tile.Options

	name, description, attribution string

	force, quiet bool
}

// runTiles is "clustermap tiles".
func runTiles(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseTiles(args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	// The target comes first, so that what is wrong with it is told at once.
	w, err := archive.Create(o.out, archive.Options{Replace: o.force})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: is there already; -force writes over it", o.out)
	}
	if err != nil {
		return plainPath(err)
	}
	defer w.Abort()
	if o.quiet {
		stdout, stderr = io.Discard, io.Discard
	}
	report, err := o.write(ctx, w, stderr)
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("interrupted; %s is not written", o.out)
	case err != nil:
		return err
	}
	fmt.Fprint(stdout, o.summary(report))
	return nil
}

// write makes the archive.
func (o *tilesOptions) write(ctx context.Context, w *archive.Writer, stderr io.Writer) (*archive.Report, error) {
	collections, err := load(ctx, o.paths, len(o.paths) == 0)
	if err != nil {
		return nil, oneLine(err, o.paths)
	}
	if collections, err = o.choose(collections); err != nil {
		return nil, err
	}
	layers, err := o.layers(ctx, collections)
	if err != nil {
		return nil, err
	}
	if o.maxZoom < 0 {
		o.maxZoom = max(o.minZoom, archive.BestMaxZoom(layers))
	}
	box, empty := archive.Extent(layers)
	if empty {
		return nil, errors.New("no feature with a geometry is selected, so there is no tile to write")
	}
	m := newMeter(stderr, time.Now)
	report, err := archive.Build(ctx, w, archive.Plan{
		Layers: layers, Tiles: o.limits, MinZoom: o.minZoom, MaxZoom: o.maxZoom, Progress: m.show,
	})
	m.clear()
	if err != nil {
		return nil, plainPath(err)
	}
	m.rate()
	center, zoom := archive.BestView(box)
	info := archive.Info{
		Name: cmp.Or(o.name, titles(collections)), Description: o.description, Attribution: cmp.Or(o.attribution, attributions(collections)), Overlay: true,
		Format: archive.MVT, MinZoom: o.minZoom, MaxZoom: o.maxZoom,
		Bounds: box, Center: center, CenterZoom: max(o.minZoom, min(o.maxZoom, zoom)),
		Extra: o.leftOut(report),
	}
	for _, l := range layers {
		info.Layers = append(info.Layers, archive.Layer{ID: l.Name, MinZoom: o.minZoom, MaxZoom: o.maxZoom, Fields: l.Fields()})
	}
	if report.Worst.Dropped > 0 {
		info.Layers = append(info.Layers, archive.Layer{ID: aboutName(layers), MinZoom: o.minZoom, MaxZoom: o.maxZoom,
			Description: "what a tile leaves out", Fields: map[string]string{"dropped": "Number", "rule": "String"}})
	}
	return report, plainPath(w.Commit(ctx, info))
}

// leftOut is what the metadata of the archive say of its budget.
func (o *tilesOptions) leftOut(r *archive.Report) map[string]string {
	said := map[string]string{
		"clustermap:budget": fmt.Sprintf("%d bytes and %d features of a tile, before compression", o.limits.MaxBytes, o.limits.MaxFeatures),
	}
	var zooms []string
	for _, z := range r.Zooms {
		if z.Dropped > 0 {
			zooms = append(zooms, fmt.Sprintf("zoom %d: %d of %d", z.Zoom, z.Dropped, z.Features+z.Dropped))
		}
	}
	if zooms != nil {
		said["clustermap:left_out"] = strings.Join(zooms, ", ")
		said["clustermap:rule"] = r.Rule
		said["clustermap:worst_tile"] = fmt.Sprintf("%v: %d of %d", r.Worst.At, r.Worst.Dropped, r.Worst.Features+r.Worst.Dropped)
	}
	return said
}

// aboutName is the name of the layer that tells what a tile leaves out.
func aboutName(layers []tile.Layer) string {
	name := tile.About
	for slices.ContainsFunc(layers, func(l tile.Layer) bool { return l.Name == name }) {
		name = "_" + name
	}
	return name
}

func titles(collections []*geo.Collection) string {
	var all []string
	for _, c := range collections {
		all = append(all, cmp.Or(c.Title.In("en"), c.ID))
	}
	return strings.Join(all, ", ")
}

// attributions is what the collections ask to be said on maps, each text once.
func attributions(collections []*geo.Collection) string {
	var all []string
	for _, c := range collections {
		if text := c.Source.Schema().Attribution.In("en"); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, " | ")
}

// choose leaves the collections that are asked for.
func (o *tilesOptions) choose(all []*geo.Collection) ([]*geo.Collection, error) {
	if o.collections == nil {
		return all, nil
	}
	var chosen []*geo.Collection
	for _, id := range o.collections {
		i := slices.IndexFunc(all, func(c *geo.Collection) bool { return c.ID == id })
		if i < 0 {
			var ids []string
			for _, c := range all {
				ids = append(ids, c.ID)
			}
			return nil, fmt.Errorf("-collections: there is no collection %q; there are %s", id, strings.Join(ids, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// layers makes the layers of each collection.
func (o *tilesOptions) layers(ctx context.Context, collections []*geo.Collection) ([]tile.Layer, error) {
	if err := o.checkNames(collections); err != nil {
		return nil, err
	}
	var layers []tile.Layer
	for _, c := range collections {
		x, ok := c.Source.(*geo.Index)
		if !ok {
			return nil, fmt.Errorf("%s: is not in memory", c.ID)
		}
		set, err := o.selected(ctx, x)
		if err != nil {
			return nil, fmt.Errorf("collection %s: %w", c.ID, err)
		}
		l := tile.Layer{Index: x, Set: set, Properties: o.propertiesOf(x.Schema())}
		if _, _, ok := x.Schema().Find(o.priority); ok {
			l.Priority = o.priority
		}
		opt := pyramid.OptionsOf(x.Schema())
		opt.Radius = o.radius
		if l.Pyramid, err = pyramid.Build(ctx, x, set, opt); err != nil { // what does not fit follows the groups too
			return nil, err
		}
		for _, kind := range o.kinds {
			l.Kind, l.Name = kind, layerName(c.ID, kind, len(collections) == 1)
			layers = append(layers, l)
		}
	}
	return layers, nil
}

// kindNames are the names of the kinds of layers.
var kindNames = [...]string{tile.Features: "features", tile.Groups: "groups", tile.Outlines: "outlines"}

// layerName is the name of a layer: its kind where one collection has them all,
// else its collection, with the kind where that is not features.
func layerName(collection string, kind tile.Kind, alone bool) string {
	switch {
	case alone:
		return kindNames[kind]
	case kind == tile.Features:
		return collection
	}
	return collection + "-" + kindNames[kind]
}

// selected is the set of features that the filter selects; nil: all.
func (o *tilesOptions) selected(ctx context.Context, x *geo.Index) (*geo.Set, error) {
	if o.filter == "" {
		return nil, nil
	}
	tree, err := cql.ParseText(o.filter)
	if err != nil {
		return nil, err
	}
	f, err := cql.Compile(tree, x.Schema(), cql.Options{})
	if err != nil {
		return nil, err
	}
	return x.Select(ctx, geo.Query{Filter: f})
}

// checkNames refuses names of properties that no collection has.
func (o *tilesOptions) checkNames(collections []*geo.Collection) error {
	names := o.properties
	if o.priority != "" {
		names = append(slices.Clone(names), o.priority)
	}
	for _, name := range names {
		if !slices.ContainsFunc(collections, func(c *geo.Collection) bool {
			_, _, ok := c.Source.Schema().Find(name)
			return ok
		}) {
			var all []string
			for _, c := range collections {
				for _, p := range c.Source.Schema().Properties {
					all = append(all, p.Name)
				}
			}
			hint := ""
			if guess := geo.Nearest(name, all); guess != "" {
				hint = "; did you mean " + strconv.Quote(guess) + "?"
			}
			return fmt.Errorf("there is no property %q%s", name, hint)
		}
	}
	return nil
}

// propertiesOf are the properties asked for that a collection has.
func (o *tilesOptions) propertiesOf(s *geo.Schema) []string {
	if o.properties == nil {
		return nil
	}
	names := []string{}
	for _, name := range o.properties {
		if _, _, ok := s.Find(name); ok {
			names = append(names, name)
		}
	}
	return names
}

// summary tells what was written and what was left out.
func (o *tilesOptions) summary(r *archive.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of zooms %d to %d\n", o.out, count(r.Tiles, "tile", "tiles"), o.minZoom, o.maxZoom)
	for _, z := range r.Zooms {
		if z.Dropped > 0 {
			fmt.Fprintf(&b, "zoom %d: shows %d of %s, %d left out\n", z.Zoom, z.Features, count(z.Features+z.Dropped, "feature", "features"), z.Dropped)
		}
	}
	if r.Worst.Dropped == 0 {
		b.WriteString("no feature is left out\n")
		return b.String()
	}
	fmt.Fprintf(&b, "worst tile %v: shows %d of %d (%s)\n", r.Worst.At, r.Worst.Features, r.Worst.Features+r.Worst.Dropped, r.Rule)
	return b.String()
}

// parseTiles reads the command line of tiles.
func parseTiles(args []string, stdout io.Writer) (*tilesOptions, error) {
	o := &tilesOptions{}
	var err error
	if o.paths, err = parseArgs(o.flags(), args, stdout); err != nil {
		return nil, err
	}
	if err := noEmptyPath("tiles", o.paths); err != nil {
		return nil, err
	}
	refuse := func(format string, args ...any) (*tilesOptions, error) {
		return nil, usagef("help tiles", format, args...)
	}
	top := archive.MaxZoom
	if g, ok := tile.FindGrid("WebMercatorQuad"); ok {
		top = min(top, g.Levels()-1)
	}
	switch {
	case o.out == "":
		return refuse("tiles needs -o FILE, whose name ends in .pmtiles or .mbtiles")
	case archive.Kind(o.out) == "":
		return refuse("-o %s: the name of an archive ends in .pmtiles or .mbtiles", o.out)
	case o.minZoom < 0 || o.minZoom > top:
		return refuse("-minzoom %d: zooms are 0 to %d", o.minZoom, top)
	case o.maxZoom < -1 || o.maxZoom > top:
		return refuse("-maxzoom %d: zooms are 0 to %d", o.maxZoom, top)
	case o.maxZoom >= 0 && o.maxZoom < o.minZoom:
		return refuse("-maxzoom %d is less than -minzoom %d", o.maxZoom, o.minZoom)
	case o.radius < pyramid.MinRadius || o.radius > pyramid.MaxRadius:
		return refuse("-radius %d: is in pixels, %d to %d", o.radius, pyramid.MinRadius, pyramid.MaxRadius)
	case o.limits.MaxBytes < 1000:
		return refuse("-tile-bytes %d: a tile has room for 1000 bytes at least", o.limits.MaxBytes)
	case o.limits.MaxFeatures < 1:
		return refuse("-tile-features %d: a tile has room for one feature at least", o.limits.MaxFeatures)
	}
	return o, nil
}

// flags are the flags of tiles, which write into o. What they mean is told in
// helpTexts.
func (o *tilesOptions) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("tiles", flag.ContinueOnError)
	flags.StringVar(&o.out, "o", "", "")
	flags.StringVar(&o.filter, "filter", "", "")
	flags.StringVar(&o.priority, "priority", "", "")
	flags.StringVar(&o.name, "name", "", "")
	flags.StringVar(&o.description, "description", "", "")
	flags.StringVar(&o.attribution, "attribution", "", "")
	flags.IntVar(&o.minZoom, "minzoom", 0, "")
	flags.IntVar(&o.radius, "radius", pyramid.DefaultRadius, "")
	flags.IntVar(&o.limits.MaxBytes, "tile-bytes", 500_000, "")
	flags.IntVar(&o.limits.MaxFeatures, "tile-features", 50_000, "")
	flags.BoolVar(&o.force, "force", false, "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	o.maxZoom = -1
	flags.Func("maxzoom", "", func(s string) (err error) {
		if o.maxZoom, err = strconv.Atoi(s); err != nil || o.maxZoom < 0 {
			return errors.New("needs a whole number")
		}
		return nil
	})
	flags.Func("collections", "", func(s string) (err error) {
		o.collections, err = listOf(s)
		return err
	})
	flags.Func("properties", "", func(s string) (err error) {
		if o.properties = []string{}; s != "" {
			o.properties, err = listOf(s)
		}
		return err
	})
	o.kinds = []tile.Kind{tile.Features}
	flags.Func("layers", "", func(s string) error {
		names, err := listOf(s)
		if err != nil {
			return err
		}
		o.kinds = nil
		for _, name := range names {
			i := slices.Index(kindNames[:], name)
			if i < 0 {
				return errors.New("use features, groups and outlines, with commas between")
			}
			o.kinds = append(o.kinds, tile.Kind(i))
		}
		return nil
	})
	return flags
}

// listOf reads names with commas between.
func listOf(s string) ([]string, error) {
	names := strings.Split(s, ",")
	for i, name := range names {
		if name == "" {
			return nil, errors.New("a name is empty")
		}
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("%q stands there twice", name)
		}
	}
	return names, nil
}
