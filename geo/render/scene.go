package render

import (
	"cmp"
	"context"
	"fmt"
	"image/color"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// scene is a picture under construction.
type scene struct {
	*Map
	fonts   *draw.Fonts
	theme   *theme
	frame   draw.Rect
	proj    *projection
	trace   *tracer
	zoom    float64 // of Web Mercator at this scale, see projection.mercatorZoom
	symbols *symbolSet

	layers  []*draw.Layer // the lowest first
	shown   []LayerShown
	facts   []layerFacts // of Map.Layers
	around  []layerFacts // of an inset: those of the map around it
	borders []draw.Path  // of Map.Regions on other land; nil without a base map

	scale      float64       // of symbols, lines and type on the map; set by layout
	candidates []candidate   // for labels, in no order
	obstacles  []draw.Rect   // of symbols, which labels and furniture do not cover
	drawn      []*draw.Shape // lines and areas of the data, which furniture does not cover
	covered    []draw.Rect   // by furniture on the map
	below      []disc        // symbols of the layers drawn so far, where others give way to them
	leaders    []draw.Item   // from where these belong, below all symbols
	land       *ground       // made by ground

	page      page
	cornered  bool          // a page is wanted because nothing has room on the map
	furniture []draw.Item   // above the map and its labels
	insets    []*draw.Layer // below the furniture
	counted   *census       // made by count

	missing []rune
	hidden  int
	leftOut []string // furniture
}

// labelKind says what a label names.
type labelKind uint8

const (
	regionLabel labelKind = iota
	groupLabel
	featureLabel
	cityLabel
	waterLabel
	provinceLabel
	areaLabel // of a territory
)

// ofBase is whether the label is one of the base map and not of the data.
func (c *candidate) ofBase() bool {
	return c.kind == cityLabel || c.kind == waterLabel || c.kind == provinceLabel
}

// candidate is a label that may be placed.
type candidate struct {
	kind       labelKind
	zh, en     string         // of regions, places and territories; what features are called is yet to be found
	layer      int            // of features and groups: in Map.Layers
	slot       uint32         // of a feature, or of the member at which a group stands
	members    []uint32       // of a group
	count      int            // beside the name of a region; negative: none
	x, y       float64        // of what it names
	radius     float64        // of the symbol there; 0: the label stands on the place itself
	importance float64        // within its kind, the greatest first
	late       bool           // behind all other kinds: one of many dots
	surface    bool           // it names an area
	rank       int            // of places: 1 to 3
	symbol     int            // place in scene.obstacles of its symbol, which the label may touch; -1: none
	id         string         // of a region
	rings      [][]draw.Point // of the outline of a region, in pixels
}

// layerFacts are what a legend says of a layer, as far as it is in the picture.
type layerFacts struct {
	palette  *palette
	families []int   // features by place in palette.options
	shapes   [6]int  // single symbols by shape
	shaped   bool    // the schema says what shapes mean
	drawings [3]int  // single symbols by drawing
	groups   []int   // sizes of the groups in the frame
	classes  []class // of hexagons and territories, the lowest first
	across   float64 // km, of hexagons
	kind     symbolKind
	all      int // features in the picture
}

// symbolKind is what the features of a layer are drawn as.
type symbolKind uint8

const (
	shapedSymbols symbolKind = iota // by level and precision
	dotSymbols                      // small ones, of many features
	lineSymbols
	areaSymbols
)

// newScene divides the picture and places the map. cornered is true where furniture found no
// room on the map before.
func newScene(m *Map, f *draw.Fonts, cornered bool) (*scene, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	s := &scene{Map: m, fonts: f, theme: m.Style.theme(), cornered: cornered}
	s.frame = s.layout()
	c := s.system()
	box, extend := m.Box, m.Extend
	if box == (orb.Bound{}) {
		var err error
		if box, err = s.need(c); err != nil {
			return nil, err
		}
		extend = true
	}
	return s, s.place(c, box, extend)
}

// system is the system of the picture.
func (m *Map) system() *crs.CRS {
	if m.CRS == nil {
		return crs.WebMercator()
	}
	return m.CRS
}

// place fits a box into the frame.
func (s *scene) place(c *crs.CRS, box orb.Bound, extend bool) (err error) {
	if s.proj, err = newProjection(c, box, s.frame, extend); err != nil {
		return err
	}
	s.trace = newTracer(s.proj)
	s.zoom = math.Round(s.proj.mercatorZoom()*1e6) / 1e6 // the same in all tiles of a zoom
	s.symbols = newSymbolSet(s.theme, s.zoom)
	return nil
}

// most and least lengths of a picture.
const (
	leastSide = 1
	mostSide  = 32_768
)

func (m *Map) check() error {
	for name, v := range map[string]float64{"width": m.Width, "height": m.Height} {
		if !(v >= leastSide && v <= mostSide) {
			return &geo.InvalidError{Field: name, Reason: fmt.Sprintf("needs a number from %d to %d", leastSide, mostSide)}
		}
	}
	for i, l := range m.Layers {
		switch {
		case l.Index == nil:
			return &geo.InvalidError{Field: "layers", Reason: fmt.Sprintf("layer %d has no features", i+1)}
		case l.View > Territory:
			return &geo.InvalidError{Field: "view", Reason: "is not known"}
		}
	}
	return nil
}

func (s *scene) drawContent(ctx context.Context) error {
	s.drawGround()
	if err := s.drawLayers(ctx, s.drawRegionLines); err != nil {
		return err
	}
	return ctx.Err()
}

// add adds a layer of the map, which shows what lies in the frame, unless it is empty.
func (s *scene) add(name string, items ...draw.Item) {
	if len(items) == 0 {
		return
	}
	clip := s.frame
	s.layers = append(s.layers, &draw.Layer{Name: name, Clip: &clip, Items: items})
}

func (s *scene) picture() *Picture {
	p := &Picture{Frame: s.frame, CRS: s.proj.crs, Box: s.proj.box, Layers: s.shown, Missing: s.missing, Hidden: s.hidden, LeftOut: s.leftOut, proj: s.proj}
	for _, l := range s.shown {
		p.Shown += l.Shown
	}
	p.Drawing = &draw.Drawing{
		Width: s.Width, Height: s.Height, Title: cmp.Or(s.Title, s.in(s.layersInWords())), Description: s.description(), Lang: s.tag(), Date: s.Date, Layers: s.layers,
		Background: s.background(),
	}
	s.describe(p.Drawing)
	return p
}

// description tells those who cannot see the picture what it shows.
func (s *scene) description() string {
	var parts []string
	for i, l := range s.shown {
		parts = append(parts, s.in(geo.Text{ZH: s.Layers[i].TitleZH, EN: s.Layers[i].TitleEN})+" "+number(l.Shown))
	}
	for _, r := range s.Regions {
		if r.Count >= 0 {
			parts = append(parts, s.in(geo.Text{ZH: r.NameZH, EN: r.NameEN})+" "+number(r.Count))
		}
	}
	return strings.Join(parts, s.in(geo.Text{ZH: "；", EN: "; "}))
}

// background is what shows where no layer is.
func (s *scene) background() color.NRGBA {
	if s.Base == nil {
		return s.Background
	}
	return s.theme.surface
}

// tag is the language of the text as BCP 47.
func (s *scene) tag() string {
	if s.Lang == English {
		return "en"
	}
	return "zh-Hans"
}

// in is a text in the language asked for.
func (s *scene) in(t geo.Text) string { return say(s.Lang, t) }

// china is shown where nothing asks for more: from the Pamirs to the Ussuri, and from
// the Heilong Jiang to Hainan.
var china = orb.Bound{Min: orb.Point{73.5, 17.5}, Max: orb.Point{135.1, 53.6}}

// need is the box, in units of the system, that layers and regions need, with room for
// symbols.
func (s *scene) need(c *crs.CRS) (orb.Bound, error) {
	box, found := orb.Bound{}, false
	grow := func(b orb.Bound) {
		if found {
			b = box.Union(b)
		}
		box, found = b, true
	}
	for _, l := range s.Layers {
		if b, ok := l.extent(); ok {
			grow(b)
		}
	}
	for _, r := range s.Regions {
		if r.Outline != nil && !r.Outline.Bound().IsEmpty() {
			grow(r.Outline.Bound())
		}
	}
	if !found {
		box = china
	}
	return BoxIn(c, padded(box))
}

// padded is a box with a margin of a sixteenth and not less than half a degree.
func padded(b orb.Bound) orb.Bound {
	dx, dy := max(0.5, (b.Max[0]-b.Min[0])/16), max(0.5, (b.Max[1]-b.Min[1])/16)
	return orb.Bound{
		Min: orb.Point{max(-180, b.Min[0]-dx), max(-maxLatitude, b.Min[1]-dy)},
		Max: orb.Point{min(180, b.Max[0]+dx), min(maxLatitude, b.Max[1]+dy)},
	}
}

// extent is the box of the features of a layer; ok is false where there are none.
func (l Layer) extent() (orb.Bound, bool) {
	if l.Set == nil {
		e := l.Index.Extent()
		return e.Box, !e.Empty
	}
	var box orb.Bound
	found := false
	for slot := range l.Set.All() {
		g := l.Index.Geometry(slot)
		if g == nil {
			continue
		}
		b := g.Bound()
		if found {
			b = box.Union(b)
		}
		box, found = b, true
	}
	return box, found
}

// BoxIn is the box in units of a system, x east and y north, around a box in longitude
// and latitude, of which Min lon > Max lon crosses 180°: for Map.Box.
func BoxIn(c *crs.CRS, b orb.Bound) (orb.Bound, error) {
	kind, ok := kindOf(c)
	if !ok {
		_, err := newProjection(c, b, draw.Rect{}, false)
		return b, err
	}
	if b.Min[0] > b.Max[0] {
		b.Max[0] += 360
	}
	if kind == degrees {
		return b, nil
	}
	p := &projection{crs: c, kind: kind}
	if kind == conic { // the cone is open opposite of its middle
		shift := 360 * math.Round((kind.middle()-(b.Min[0]+b.Max[0])/2)/360)
		west, east := kind.middle()-180+1e-9, kind.middle()+180-1e-9
		b.Min[0], b.Max[0] = max(west, min(east, b.Min[0]+shift)), max(west, min(east, b.Max[0]+shift))
	}
	out := orb.Bound{Min: p.plane(b.Min), Max: p.plane(b.Min)}
	const steps = 32
	for i := range steps + 1 {
		f := float64(i) / steps
		lon, lat := b.Min[0]+(b.Max[0]-b.Min[0])*f, b.Min[1]+(b.Max[1]-b.Min[1])*f
		for _, at := range []orb.Point{{lon, b.Min[1]}, {lon, b.Max[1]}, {b.Min[0], lat}, {b.Max[0], lat}} {
			out = out.Extend(p.plane(at))
		}
	}
	return out, nil
}
