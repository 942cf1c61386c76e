package server

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"clustermap/geo"
)

// A picture is a small map drawn on the server, so that pages have one without
// a script: an SVG in Web Mercator of the base map with features on it.
type picture struct {
	Width, Height int
	Layers        []ground // the base map, bottom first
	Marks         []mark
	Label         string
	Many          bool // marks, so that each is drawn with a finer line
}

// ground is one path of the base map; Class is its look.
type ground struct{ Class, D string }

// mark is a feature: a path, or a circle where D is "".
type mark struct {
	Class, D    string
	X, Y        string
	Href, Title string
}

const (
	pictureWidth  = 960
	pictureHeight = 480
	pictureMargin = 44    // pixels kept free around the features
	leastSpan     = 0.035 // the picture is never narrower than this part of the world, 12.6 degrees
	manyMarks     = 100
	mostLatitude  = 85.05112877980659
)

// baseMap holds the base map projected: x and y from 0 to 1, y southwards.
type baseMap struct{ layers []baseLayer }

type baseLayer struct {
	class  string
	fill   bool
	shapes []baseShape
}

type baseShape struct {
	bound orb.Bound
	geom  orb.Geometry // Polygon or LineString
}

// readBaseMap reads what is known by name of base/NAME.geojson. What is missing
// is not drawn.
func readBaseMap(base fs.FS) (*baseMap, error) {
	m := &baseMap{}
	if base == nil {
		return m, nil
	}
	kinds := []struct {
		prefix, class string
		fill          bool
	}{
		{"land", "land", true}, {"lake", "lake", true}, {"river", "river", false},
		{"province", "province", false}, {"countr", "country", false}, {"disputed", "disputed", false},
	}
	names, err := fs.Glob(base, "base/*.geojson")
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		for _, name := range names {
			if !strings.HasPrefix(path.Base(name), k.prefix) {
				continue
			}
			l := baseLayer{class: k.class, fill: k.fill}
			if err := l.read(base, name); err != nil {
				return nil, fmt.Errorf("server: base map: %w", err)
			}
			m.layers = append(m.layers, l)
		}
	}
	return m, nil
}

func (l *baseLayer) read(base fs.FS, name string) error {
	found, err := geo.Load(base, nil, name)
	if err != nil {
		return err
	}
	for _, c := range found {
		all, err := c.Source.Search(context.Background(), geo.Query{})
		if err != nil {
			return err
		}
		for _, f := range all.Features {
			l.add(f.Geometry())
		}
	}
	return nil
}

func (l *baseLayer) add(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Polygon:
		p := make(orb.Polygon, len(g))
		for i, ring := range g {
			p[i] = orb.Ring(projectLine(orb.LineString(ring)))
		}
		l.shapes = append(l.shapes, baseShape{p.Bound(), p})
	case orb.LineString:
		line := projectLine(g)
		l.shapes = append(l.shapes, baseShape{line.Bound(), line})
	case orb.MultiPolygon:
		for _, p := range g {
			l.add(p)
		}
	case orb.MultiLineString:
		for _, line := range g {
			l.add(line)
		}
	case orb.Collection:
		for _, part := range g {
			l.add(part)
		}
	}
}

// project is Web Mercator on the unit square. Latitudes beyond its edge are
// drawn on it.
func project(p orb.Point) orb.Point {
	lat := max(-mostLatitude, min(mostLatitude, p.Lat())) * math.Pi / 180
	return orb.Point{p.Lon()/360 + 0.5, 0.5 - math.Log(math.Tan(math.Pi/4+lat/2))/(2*math.Pi)}
}

func projectLine(line orb.LineString) orb.LineString {
	out := make(orb.LineString, len(line))
	for i, p := range line {
		out[i] = project(p)
	}
	return out
}

// frame is the part of the unit square that a picture shows.
type frame struct {
	min   orb.Point
	scale float64 // pixels per unit
}

func frameOf(b orb.Bound) frame {
	lo, hi := project(orb.Point{b.Min[0], b.Max[1]}), project(orb.Point{b.Max[0], b.Min[1]})
	cx, cy := (lo[0]+hi[0])/2, (lo[1]+hi[1])/2
	w, h := float64(pictureWidth-2*pictureMargin), float64(pictureHeight-2*pictureMargin)
	scale := w / leastSpan
	if d := hi[0] - lo[0]; d > 0 {
		scale = min(scale, w/d)
	}
	if d := hi[1] - lo[1]; d > 0 {
		scale = min(scale, h/d)
	}
	return frame{orb.Point{cx - pictureWidth/scale/2, cy - pictureHeight/scale/2}, scale}
}

// bound is the frame with a margin that hides the edges that clipping makes.
func (f frame) bound() orb.Bound {
	const hidden = 8
	return orb.Bound{
		Min: orb.Point{f.min[0] - hidden/f.scale, f.min[1] - hidden/f.scale},
		Max: orb.Point{f.min[0] + (pictureWidth+hidden)/f.scale, f.min[1] + (pictureHeight+hidden)/f.scale},
	}
}

// pen writes path data in tenths of a pixel and leaves out points that do not
// show.
type pen struct {
	frame
	b    []byte
	last [2]int
}

func (p *pen) line(points []orb.Point, close bool) {
	began := len(p.b)
	drawn := 0
	for i, q := range points {
		x := int(math.Round((q[0] - p.min[0]) * p.scale * 10))
		y := int(math.Round((q[1] - p.min[1]) * p.scale * 10))
		command := byte('L')
		if i == 0 {
			command = 'M'
		} else if dx, dy := x-p.last[0], y-p.last[1]; dx*dx+dy*dy < 64 && i < len(points)-1 {
			continue
		}
		p.b = append(p.b, command)
		p.b = appendTenths(p.b, x)
		p.b = append(p.b, ' ')
		p.b = appendTenths(p.b, y)
		p.last = [2]int{x, y}
		drawn++
	}
	switch {
	case close && drawn < 4:
		p.b = p.b[:began] // smaller than a pixel
	case close:
		p.b = append(p.b, 'Z')
	}
}

func appendTenths(b []byte, v int) []byte {
	if v < 0 {
		b = append(b, '-')
		v = -v
	}
	b = strconv.AppendInt(b, int64(v/10), 10)
	if v%10 > 0 {
		b = append(b, '.', byte('0'+v%10))
	}
	return b
}

// draw draws the part of the base map that lies in the frame.
func (m *baseMap) draw(f frame) []ground {
	var out []ground
	box := f.bound()
	for _, l := range m.layers {
		p := pen{frame: f}
		for _, s := range l.shapes {
			if box.Intersects(s.bound) {
				l.shape(&p, box, s.geom)
			}
		}
		if len(p.b) > 0 {
			out = append(out, ground{l.class, string(p.b)})
		}
	}
	return out
}

func (l baseLayer) shape(p *pen, box orb.Bound, g orb.Geometry) {
	switch g := g.(type) {
	case orb.Polygon:
		if !l.fill {
			for _, ring := range g {
				l.shape(p, box, orb.LineString(ring))
			}
			return
		}
		for _, ring := range clip.Polygon(box, g.Clone()) {
			p.line(ring, true)
		}
	case orb.LineString:
		for _, part := range clip.LineString(box, g.Clone()) {
			p.line(part, false)
		}
	}
}

// picture draws features of a collection; nil where none has a geometry.
func (m *baseMap) picture(q *request, c *geo.Collection, features []geo.Feature) *picture {
	var box orb.Bound
	shown := 0
	for _, f := range features {
		g := f.Geometry()
		if g == nil {
			continue
		}
		if shown++; shown == 1 {
			box = g.Bound()
		} else {
			box = box.Union(g.Bound())
		}
	}
	if shown == 0 {
		return nil
	}
	fr := frameOf(box)
	pic := &picture{Width: pictureWidth, Height: pictureHeight, Layers: m.draw(fr)}
	pic.Label = say(q.lang, "Map of %s: %s", titleIn(c, q.lang), sayFeatures(q.lang, shown))
	d := drawing{frame: fr, schema: c.Source.Schema(), path: collectionPath(c.ID) + "/items/", q: q}
	d.colour = d.category()
	for _, f := range features {
		if g := f.Geometry(); g != nil {
			pic.Marks = append(pic.Marks, d.marks(f, g)...)
		}
	}
	pic.Many = len(pic.Marks) > manyMarks
	return pic
}

// drawing makes the marks of one collection's features.
type drawing struct {
	frame
	schema *geo.Schema
	path   string
	q      *request
	colour *geo.Property // nil if none
}

// category is the property whose values have display families.
func (d *drawing) category() *geo.Property {
	for _, p := range d.schema.Properties {
		if p.Role == geo.RoleCategory {
			return &p
		}
	}
	return nil
}

// families are the display families that have a colour of their own.
const families = " electronics textiles ceramics machinery appliances chemicals household creative "

// steps are those of the palettes for figures in classes.
const steps = " seq-1 seq-2 seq-3 seq-4 seq-5 seq-6 div-n3 div-n2 div-n1 div-0 div-p1 div-p2 div-p3 "

func (d *drawing) marks(f geo.Feature, g orb.Geometry) []mark {
	id := f.ID().String()
	values := membersOf(f.Properties())
	title := names(d.schema, values).In(d.q.lang)
	if title == "" {
		title = id
	}
	class := "mark"
	if d.colour != nil {
		n := nodeOf(values[d.colour.Name], d.colour)
		for _, e := range d.colour.Enum {
			switch {
			case e.Value != n.Text || e.Group == "":
			case strings.Contains(families, " "+e.Group+" "):
				class += " fam-" + e.Group
			case strings.Contains(steps, " "+e.Group+" "):
				class += " class-" + e.Group
			}
		}
	}
	base := mark{Class: class, Href: d.q.in("html", d.path+escapeID(id), ""), Title: title}
	p := pen{frame: d.frame}
	var points []mark
	d.trace(&p, g, func(pt orb.Point) {
		m := base
		m.X, m.Y = d.pixel(pt)
		points = append(points, m)
	})
	if len(p.b) > 0 {
		base.D = string(p.b)
		if orb.Geometry(g).Dimensions() == 1 {
			base.Class += " line"
		} else {
			base.Class += " area"
		}
		points = append(points, base)
	}
	return points
}

func (d *drawing) pixel(p orb.Point) (x, y string) {
	p = project(p)
	return string(appendTenths(nil, int(math.Round((p[0]-d.min[0])*d.scale*10)))),
		string(appendTenths(nil, int(math.Round((p[1]-d.min[1])*d.scale*10))))
}

// trace draws lines and areas with p and gives the points to point.
func (d *drawing) trace(p *pen, g orb.Geometry, point func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		point(g)
	case orb.MultiPoint:
		for _, pt := range g {
			point(pt)
		}
	case orb.LineString:
		p.line(projectLine(g), false)
	case orb.MultiLineString:
		for _, line := range g {
			d.trace(p, line, point)
		}
	case orb.Polygon:
		for _, ring := range g {
			p.line(projectLine(orb.LineString(ring)), true)
		}
	case orb.MultiPolygon:
		for _, part := range g {
			d.trace(p, part, point)
		}
	case orb.Collection:
		for _, part := range g {
			d.trace(p, part, point)
		}
	}
}
