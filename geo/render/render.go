// Package render draws maps: base map, regions, features, groups, hexagons and
// territories, labels and furniture, as one drawing that package draw writes as PNG,
// SVG, PDF or PPTX. Symbols, colours and sizes are those of the page.
//
// Lengths are CSS pixels. Positions of features are longitude, latitude on WGS 84;
// those of the picture are x to the right and y downwards from its upper left corner.
//
// The package knows nothing of HTTP or file formats.
package render

import (
	"context"
	"image/color"
	"time"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// Map says what to draw. Lengths are CSS pixels.
type Map struct {
	Width, Height float64 // of the whole picture

	// CRS is CRS84, EPSG:4326, EPSG:4490, Web Mercator or crs.ChinaAlbers; nil is Web
	// Mercator. The map is drawn with east to the right whatever the order of its axes.
	CRS *crs.CRS
	// Box is what to show: in units of CRS, x east and y north whatever the order of
	// its axes. In degrees Min[0] > Max[0] crosses 180°; in Web Mercator and in degrees
	// a box may also reach beyond the world, which repeats. The zero Box is what the
	// layers and regions need, or China where there are none.
	Box    orb.Bound
	Extend bool // widen the box so that nothing is stretched; else it fills the frame exactly

	Layers  []Layer // the lowest first
	Base    *Base   // nil: none
	Regions []Region

	Style      Style
	Lang       Lang
	Labels     bool
	Whole      bool        // classes of areas are those of all areas, not of those in the picture: for map tiles
	Background color.NRGBA // of a map without Base; alpha 0: transparent

	Furniture       Furniture
	Title, Subtitle string
	FilterText      string // the filter in words
	Definition      string // of the regions
	ReviewNumber    string // 审图号
	Source          []string
	Date            time.Time // of the data
}

// Layer is a collection, or what a filter selects of it, in one of four views.
type Layer struct {
	ID, TitleZH, TitleEN string

	Index       *geo.Index
	Set         *geo.Set // nil: all features
	View        View
	Pyramid     *pyramid.Pyramid     // of Set, for Groups; see Grouping for its radius
	Territories *pyramid.Territories // of Set, for Hex and Territory
	// Areas gives outline and name of a territory by its key, for Territory; nil: none.
	Areas func(key string) (outline orb.Geometry, name geo.Text, ok bool)
}

// View is how a layer shows its features.
type View uint8

const (
	Features  View = iota // each as itself
	Groups                // what stands near together as a ring with a count
	Hex                   // hexagons of equal ground area by count
	Territory             // divisions or regions by count
)

// Region is an area that is drawn as light land with an ink line on its land side.
type Region struct {
	ID, NameZH, NameEN string
	Outline            orb.Geometry // longitude, latitude
	Count              int          // of features; negative: not shown
	// DefinitionZH and DefinitionEN say in few words what the region holds, below its
	// name in a list of regions; they may be empty.
	DefinitionZH, DefinitionEN string
	Approximate                bool // the outline is drawn dashed
}

// Style is a set of colours and sizes.
type Style uint8

const (
	Light        Style = iota
	Dark               // for dark pages and rooms
	Print              // told apart in black and white: patterns, first characters
	Presentation       // light, with large type and symbols
)

// Lang is the language of names and furniture.
type Lang uint8

const (
	Chinese Lang = iota
	English
	Both // Chinese with English beside it
)

// Furniture is a set of what stands around or on a map.
type Furniture uint16

const (
	Title Furniture = 1 << iota
	Subtitle
	Legend
	Scale
	North
	Source
	Date
	Definition
	Filter
	Review
	Inset // of the South China Sea

	AllFurniture = Inset<<1 - 1
)

// Picture is a drawn map.
type Picture struct {
	Drawing *draw.Drawing
	Frame   draw.Rect // where the map stands in the drawing
	CRS     *crs.CRS
	Box     orb.Bound // of the frame, as Map.Box; Min[0] < Max[0] also where it crosses 180°

	Shown   int          // features in the picture, those in groups included; all layers
	Layers  []LayerShown // as Map.Layers
	Missing []rune       // characters that no font has
	Hidden  int          // labels of the data left out for want of room
	LeftOut []string     // furniture left out for want of room, in words

	proj *projection
}

// LayerShown is what is in the picture of a layer.
type LayerShown struct {
	Shown        int // features
	Symbols      int // symbols, lines and areas that stand for them
	Zoom, Radius int // of the groups; 0 in other views
}

// LonLat is the position at a pixel of the drawing; ok is false outside of the frame
// and where the map shows no place of the earth.
func (p *Picture) LonLat(x, y float64) (at orb.Point, ok bool) {
	f := p.Frame
	if !(x >= f.X && y >= f.Y && x <= f.X+f.W && y <= f.Y+f.H) {
		return at, false
	}
	return p.proj.lonLat(x, y)
}

// Pixel is where a position stands in the drawing; ok is false where that is outside
// of the frame.
func (p *Picture) Pixel(at orb.Point) (x, y float64, ok bool) {
	x, y, ok = p.proj.pixel(at)
	return x, y, ok && inRect(p.Frame, x, y)
}

// Draw draws m. Equal maps give equal drawings. f measures text; it may be nil where m
// has neither labels nor furniture. It returns *geo.InvalidError where m makes no sense
// or has too much to draw, and the error of ctx when that ends.
func Draw(ctx context.Context, m *Map, f *draw.Fonts) (*Picture, error) {
	s, free, err := drawMap(ctx, m, f, false)
	if err != nil {
		return nil, err
	}
	if !free { // again, with furniture beside the map
		if s, _, err = drawMap(ctx, m, f, true); err != nil {
			return nil, err
		}
	}
	s.placeLabels() // where furniture leaves room
	s.addFurniture()
	s.findMissing()
	return s.picture(), ctx.Err()
}

// drawMap draws map and furniture. free is whether the furniture found room on the map.
func drawMap(ctx context.Context, m *Map, f *draw.Fonts, cornered bool) (s *scene, free bool, err error) {
	if s, err = newScene(m, f, cornered); err != nil {
		return nil, false, err
	}
	if err = s.drawContent(ctx); err != nil {
		return nil, false, err
	}
	free, err = s.furnish(ctx)
	return s, free, err
}
