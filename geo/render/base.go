package render

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// Base is a base map, prepared once for all pictures. It is immutable and safe for
// concurrent use.
type Base struct {
	landscape
	coarse   [len(coarseZooms)]func() *landscape
	places   []place
	coast    func() ringIndex // around China, made when a region first needs it
	outlines *outlineCache
}

// landscape is the land and its borders.
type landscape struct {
	land                           []orb.Polygon
	provinces, countries, disputed []orb.LineString
	areas                          []baseArea // provinces as areas
}

// coarseZooms are the zooms up to which a landscape with fewer vertices is enough.
var coarseZooms = [...]float64{3, 5, 7}

// at is the landscape for a zoom of Web Mercator.
func (b *Base) at(zoom float64) *landscape {
	for i, most := range coarseZooms {
		if zoom <= most {
			return b.coarse[i]()
		}
	}
	return &b.landscape
}

// thinned leaves out vertices that are nearer than an eighth of a pixel to the line.
func (l *landscape) thinned(zoom float64) *landscape {
	degrees := 360.0 / 256 / math.Exp2(zoom) / 8
	var t tracer
	line := func(points []orb.Point, closed bool) []orb.Point {
		t.a = t.a[:0]
		for _, p := range points {
			t.a = append(t.a, draw.Point{X: p[0] / degrees * tolerance, Y: p[1] / degrees * tolerance})
		}
		kept := t.keepers(false)
		if closed && kept < 4 {
			return points
		}
		var out []orb.Point
		for i, p := range points {
			if t.keep[i] {
				out = append(out, p)
			}
		}
		return out
	}
	lines := func(all []orb.LineString) []orb.LineString {
		out := make([]orb.LineString, len(all))
		for i, l := range all {
			out[i] = line(l, false)
		}
		return out
	}
	polygons := func(all []orb.Polygon) []orb.Polygon {
		out := make([]orb.Polygon, len(all))
		for i, p := range all {
			for _, ring := range p {
				out[i] = append(out[i], line(ring, true))
			}
		}
		return out
	}
	thin := &landscape{
		land: polygons(l.land), provinces: lines(l.provinces), countries: lines(l.countries), disputed: lines(l.disputed),
	}
	for _, a := range l.areas {
		thin.areas = append(thin.areas, baseArea{a.name, polygons(a.polygons)})
	}
	return thin
}

// baseArea is a province of China.
type baseArea struct {
	name     geo.Text
	polygons []orb.Polygon
}

// place is a name on the base map: of a city, a water, a province.
type place struct {
	kind labelKind
	name geo.Text
	at   orb.Point
	rank int // 1 to 3, the greatest first
}

// ReadBase reads base/land.geojson, countries, provinces, disputed, areas and places.
// What is missing is not drawn.
func ReadBase(fsys fs.FS) (*Base, error) {
	b := new(Base)
	for name, take := range map[string]func(geo.Feature){
		"land":      func(f geo.Feature) { b.land = append(b.land, wholeWorld(polygonsOf(f.Geometry()))...) },
		"countries": func(f geo.Feature) { b.countries = append(b.countries, linesOf(f.Geometry())...) },
		"provinces": func(f geo.Feature) { b.provinces = append(b.provinces, linesOf(f.Geometry())...) },
		"disputed":  func(f geo.Feature) { b.disputed = append(b.disputed, linesOf(f.Geometry())...) },
		"areas": func(f geo.Feature) {
			b.areas = append(b.areas, baseArea{textOf(f, "name"), polygonsOf(f.Geometry())})
		},
		"places": b.addPlace,
	} {
		if err := eachIn(fsys, "base/"+name+".geojson", take); err != nil {
			return nil, fmt.Errorf("render: base map: %w", err)
		}
	}
	b.coast, b.outlines = sync.OnceValue(b.indexCoast), new(outlineCache)
	for i, zoom := range coarseZooms {
		b.coarse[i] = sync.OnceValue(func() *landscape { return b.thinned(zoom) })
	}
	return b, nil
}

// indexCoast makes the coast by which the outlines of regions are told from it.
func (b *Base) indexCoast() ringIndex {
	var rings []orb.Ring
	for _, p := range b.land {
		rings = append(rings, p...)
	}
	return newRingIndex(rings, orb.Bound{Min: orb.Point{70, 15}, Max: orb.Point{136, 55}})
}

func eachIn(fsys fs.FS, file string, take func(geo.Feature)) error {
	if _, err := fs.Stat(fsys, file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	found, err := geo.Load(fsys, nil, file)
	if err != nil {
		return err
	}
	for _, c := range found {
		// The order of the file: features have no ids but their positions in it.
		for f, err := range c.Source.Each(context.Background(), geo.Query{}) {
			if err != nil {
				return err
			}
			take(f)
		}
	}
	return nil
}

// textOf is the text of a property in both languages: NAME_zh and NAME_en.
func textOf(f geo.Feature, name string) geo.Text {
	return geo.Text{EN: f.Value(name + "_en").Text(), ZH: f.Value(name + "_zh").Text()}
}

func (b *Base) addPlace(f geo.Feature) {
	at, ok := f.Geometry().(orb.Point)
	kind, known := map[string]labelKind{"city": cityLabel, "water": waterLabel, "province": provinceLabel}[f.Value("kind").Text()]
	if !ok || !known {
		return
	}
	b.places = append(b.places, place{kind: kind, name: textOf(f, "name"), at: at, rank: int(f.Value("rank").Number())})
}

func polygonsOf(g orb.Geometry) (out []orb.Polygon) {
	switch g := g.(type) {
	case orb.Polygon:
		return []orb.Polygon{g}
	case orb.MultiPolygon:
		return g
	case orb.Collection:
		for _, part := range g {
			out = append(out, polygonsOf(part)...)
		}
	}
	return out
}

func linesOf(g orb.Geometry) (out []orb.LineString) {
	switch g := g.(type) {
	case orb.LineString:
		return []orb.LineString{g}
	case orb.MultiLineString:
		return g
	case orb.Collection:
		for _, part := range g {
			out = append(out, linesOf(part)...)
		}
	}
	return out
}

// wholeWorld moves what was cut a tenth of a degree before 180 degrees or the pole onto
// these, where the two sides meet.
func wholeWorld(polygons []orb.Polygon) []orb.Polygon {
	const cut = 179.8999
	out := make([]orb.Polygon, len(polygons))
	for i, p := range polygons {
		out[i] = p.Clone()
		for _, ring := range out[i] {
			for j, at := range ring {
				if math.Abs(at[0]) >= cut {
					ring[j][0] = math.Copysign(180, at[0])
				}
				if at[1] <= 90-cut {
					ring[j][1] = -90
				}
			}
		}
	}
	return out
}

// coastWidth is that of the page; borders are finer or broader than it.
const coastWidth = 0.8

// width is the width of a line of the base map: that of the page, on a poster more.
func (s *scene) width(page float64) float64 { return page * max(1, s.scale/slideScale) }

// drawGround draws the base map and the regions, but not the lines of these.
func (s *scene) drawGround() {
	if s.Base != nil {
		s.drawSea()
		s.drawLand()
	}
	s.drawRegions()
	if s.Base != nil {
		s.drawBorders()
		s.namePlaces()
	}
}

// drawSea fills the frame but for what lies beyond the poles.
func (s *scene) drawSea() {
	sea := &draw.Shape{Name: s.part("sea"), Fill: draw.Fill{Color: s.theme.sea}}
	if world := s.proj.world(); world.H > 0 {
		sea.Path.Rect(world)
	}
	s.add(s.part("sea"), shapesOf(sea)...)
}

func (s *scene) drawLand() {
	land := &draw.Shape{Name: s.part("land"), Fill: draw.Fill{Color: s.theme.land, EvenOdd: true}}
	coast := &draw.Shape{Name: s.part("coast"), Stroke: draw.Stroke{Color: s.theme.coast, Width: s.width(coastWidth), Round: true}}
	for _, p := range s.Base.at(s.zoom).land {
		s.trace.area(&land.Path, p)
		s.trace.outline(&coast.Path, p)
	}
	items := shapesOf(land)
	for _, a := range s.Base.at(s.zoom).areas {
		name := s.in(a.name)
		province := &draw.Shape{Name: name, Alt: name, Fill: draw.Fill{Color: s.theme.land, EvenOdd: true}}
		for _, p := range a.polygons {
			s.trace.area(&province.Path, p)
		}
		items = append(items, shapesOf(province)...)
	}
	s.add(s.part("land"), append(items, shapesOf(coast)...)...)
}

func (s *scene) drawBorders() {
	t, on := s.theme, s.Base.at(s.zoom)
	var items []draw.Item
	for _, b := range []struct {
		name   string
		lines  []orb.LineString
		stroke draw.Stroke
	}{
		{"provinces", on.provinces, draw.Stroke{Color: t.province, Width: s.width(0.8), Round: true}},
		{"countries", on.countries, draw.Stroke{Color: t.country, Width: s.width(0.9), Round: true}},
		{"disputed", on.disputed, draw.Stroke{Color: t.country, Width: s.width(0.9), Dash: []float64{s.width(3), s.width(3)}}},
	} {
		shape := &draw.Shape{Name: s.part(b.name), Stroke: b.stroke}
		for _, line := range b.lines {
			s.trace.line(&shape.Path, line)
		}
		items = append(items, shapesOf(shape)...)
	}
	s.add(s.part("borders"), items...)
}

// shapesOf are the shapes that have something to draw.
func shapesOf(all ...*draw.Shape) (items []draw.Item) {
	for _, shape := range all {
		if !shape.Path.Empty() {
			items = append(items, shape)
		}
	}
	return items
}

func (s *scene) namePlaces() {
	for _, p := range s.Base.places {
		x, y, ok := s.proj.pixel(p.at)
		if !ok || !inRect(s.frame, x, y) {
			continue
		}
		s.candidates = append(s.candidates, candidate{
			kind: p.kind, zh: p.name.ZH, en: p.name.EN, count: -1, x: x, y: y, importance: float64(-p.rank), rank: p.rank, symbol: -1,
		})
	}
}

// inRect holds what is on the edge for inside, also where rounding puts it beyond.
func inRect(r draw.Rect, x, y float64) bool {
	return x >= r.X-rounding && y >= r.Y-rounding && x <= r.X+r.W+rounding && y <= r.Y+r.H+rounding
}
