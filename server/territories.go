package server

import (
	"context"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// The collections that have the outlines and names of territories, by the code or
// definition that is the id of a feature, where they are served.
const (
	divisionsID = "divisions"
	regionsID   = "regions"
)

// outlinesOf is the id of the collection with the outlines of a cut, "" where there
// is none: hexagons are computed.
func outlinesOf(cut pyramid.Cut) string {
	switch {
	case cut.Level != "":
		return divisionsID
	case cut.Region != "":
		return regionsID
	}
	return ""
}

// outlined reports whether territories of a cut have outlines that are not computed.
func outlined(cut pyramid.Cut) bool { return outlinesOf(cut) != "" }

// simplify makes outlines as a map of a zoom shows them; borders that areas share stay
// shared. A negative zoom leaves them as they are.
func (g *groupWriter) simplify(ctx context.Context, zoom int) (err error) {
	if x, ok := g.outlines.(simplifier); ok && zoom >= 0 {
		g.simple, err = x.Simplified(ctx, zoom)
	}
	return err
}

// territoriesOf is the layer of what query selects in territories; text is the
// canonical text of the query.
func (s *Server) territoriesOf(ctx context.Context, c *geo.Collection, query geo.Query, text string, cut pyramid.Cut) (*layer, error) {
	x, err := indexOf(c)
	if err != nil {
		return nil, err
	}
	return s.keptLayer(ctx, c, x, cut.String()+"\x00"+text, func(ctx context.Context) (*layer, error) {
		set, err := x.Select(ctx, query)
		if err != nil {
			return nil, err
		}
		parts, err := pyramid.Divide(ctx, x, set, cut, pyramid.OptionsOf(x.Schema()))
		return &layer{index: x, set: set, territories: parts}, err
	})
}

// appendTerritory appends a territory as a Feature without the brace that ends it.
func (g *groupWriter) appendTerritory(b []byte, i int) []byte {
	t := g.layer.territories
	g.grouped += t.Size(i)
	id := g.id
	key, keyed := t.Key(i)
	id.key, id.keyed = key, keyed
	at, placed := t.Position(i)
	area, titles := g.area(i, key, keyed)
	b = append(id.appendHead(append(b, `{"type":"Feature","id":"`...)), g.filter...)
	b = append(b, `","geometry":`...)
	switch {
	case area != nil:
		b = appendArea(b, area)
	case placed:
		b = appendPoint(b, at)
	default:
		b = append(b, "null"...)
	}
	b = append(b, `,"properties":{"key":`...)
	if keyed {
		b = appendText(b, key)
	} else {
		b = append(b, "null"...)
	}
	b = appendTitles(append(b, `,"titles":`...), titles)
	b = append(b, `,"position":`...)
	if placed {
		b = appendPosition(b, at)
	} else {
		b = append(b, "null"...)
	}
	b = strconv.AppendInt(append(b, `,"count":`...), int64(t.Size(i)), 10)
	b = append(b, `,"expansion_zoom":null`...)
	b = g.appendFigures(b, func(k int) geo.Value { return t.Sum(i, k) }, func(k int) []pyramid.ValueCount { return t.Counts(i, k) })
	if slot, ok := t.Slot(i); ok {
		box, _ := t.Bounds(i)
		b = appendBounds(append(b, `,"bounds":`...), box)
		b = g.appendAnchor(append(b, `,"anchor":`...), slot)
	} else {
		b = append(b, `,"bounds":null,"anchor":null`...)
	}
	b = append(append(append(b, `,"members":"`...), g.base...), "/groups/"...)
	return append(append(id.appendHead(b), g.filter...), `/members"}`...)
}

// area is the outline of a territory, nil where it has a symbol only, and its names.
func (g *groupWriter) area(i int, key string, keyed bool) (orb.Geometry, geo.Text) {
	t := g.layer.territories
	switch {
	case !keyed && t.Cut().Level != "":
		return nil, phrase("No code of this level")
	case !keyed && t.Cut().Region != "":
		return nil, phrase("Outside the region")
	case !keyed:
		return nil, phrase("Without a place")
	case t.Cut().Across > 0:
		return t.Outline(i), geo.Text{}
	case g.outlines == nil:
		return nil, geo.Text{}
	}
	f, err := g.outlines.Get(g.q.Context(), key)
	if err != nil {
		return nil, geo.Text{}
	}
	titles := names(g.outlines.Schema(), membersOf(f.Properties()))
	shape := f.Geometry()
	if g.simple != nil {
		shape = g.simple.Geometry(f)
	}
	switch area := shape.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return area, titles
	}
	return nil, titles
}

func appendTitles(b []byte, t geo.Text) []byte {
	if t.EN == "" && t.ZH == "" {
		return append(b, "null"...)
	}
	b = append(b, '{')
	if t.EN != "" {
		b = appendText(append(b, `"en":`...), t.EN)
	}
	if t.ZH != "" {
		if t.EN != "" {
			b = append(b, ',')
		}
		b = appendText(append(b, `"zh":`...), t.ZH)
	}
	return append(b, '}')
}

// appendArea appends a polygon or polygons as GeoJSON.
func appendArea(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Polygon:
		b = appendRings(append(b, `{"type":"Polygon","coordinates":`...), g)
	case orb.MultiPolygon:
		b = append(b, `{"type":"MultiPolygon","coordinates":[`...)
		for i, p := range g {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendRings(b, p)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendRings(b []byte, p orb.Polygon) []byte {
	b = append(b, '[')
	for i, ring := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, at := range ring {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendPosition(b, at)
		}
		b = append(b, ']')
	}
	return append(b, ']')
}
