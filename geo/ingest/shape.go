package ingest

import (
	"math"

	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// toLonLat is a geometry of a file in longitude and latitude. Its coordinates are x
// east, y north in the system c, nil for WGS 84. reason is not "" where it is no
// geometry that GeoJSON can have.
func toLonLat(g orb.Geometry, c *crs.CRS) (_ orb.Geometry, reason string) {
	t := turner{crs: c}
	g = t.geometry(g, 0)
	return g, t.reason
}

type turner struct {
	crs    *crs.CRS
	reason string
}

func (t *turner) fail(reason string) {
	if t.reason == "" {
		t.reason = reason
	}
}

const maxNesting = 8 // of collections

func (t *turner) geometry(g orb.Geometry, depth int) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return t.point(g)
	case orb.MultiPoint:
		return orb.MultiPoint(t.points(g, 1))
	case orb.LineString:
		return orb.LineString(t.points(g, 2))
	case orb.MultiLineString:
		return turnAll(t, g, func(l orb.LineString) orb.LineString { return t.points(l, 2) })
	case orb.Polygon:
		return t.polygon(g)
	case orb.MultiPolygon:
		return turnAll(t, g, t.polygon)
	case orb.Ring:
		return t.polygon(orb.Polygon{g})
	case orb.Bound:
		return t.polygon(g.ToPolygon())
	case orb.Collection:
		if depth == maxNesting {
			t.fail("it is nested too deep")
			return nil
		}
		return turnAll(t, g, func(g orb.Geometry) orb.Geometry { return t.geometry(g, depth+1) })
	}
	t.fail("it has a kind that is unknown")
	return nil
}

func turnAll[L ~[]E, E any](t *turner, list L, each func(E) E) L {
	if len(list) == 0 {
		t.fail("it is empty")
	}
	out := make(L, len(list))
	for i, e := range list {
		out[i] = each(e)
	}
	return out
}

func (t *turner) polygon(p orb.Polygon) orb.Polygon {
	return turnAll(t, p, func(r orb.Ring) orb.Ring {
		if len(r) < 4 || r[0] != r[len(r)-1] {
			t.fail("a ring is not closed, or has less than four positions")
			return nil
		}
		out := t.points(r, 4)
		if len(out) > 0 {
			out[len(out)-1] = out[0]
		}
		return out
	})
}

func (t *turner) points(list []orb.Point, least int) []orb.Point {
	if len(list) < least {
		t.fail("it has too few positions")
	}
	out := make([]orb.Point, len(list))
	for i, p := range list {
		out[i] = t.point(p)
	}
	return out
}

func (t *turner) point(p orb.Point) orb.Point {
	if t.crs != nil {
		if t.crs.Swapped() {
			p[0], p[1] = p[1], p[0]
		}
		var ok bool
		if p, ok = t.crs.ToLonLat(p); !ok {
			t.fail("a position is outside of its coordinate system")
		}
	}
	if !(p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90) {
		t.fail("a position is nowhere on Earth")
	}
	if p == (orb.Point{}) {
		t.fail("a position is 0,0, which programs write for one they do not know")
	}
	return p
}

// inMetres reports whether coordinates are too large for degrees.
func inMetres(at orb.Point) bool {
	return max(math.Abs(at[0]), math.Abs(at[1])) > 1e4
}

// middle is a position of the geometry for comparing: of its box.
func middle(g orb.Geometry) orb.Point {
	if p, ok := g.(orb.Point); ok {
		return p
	}
	return g.Bound().Center()
}
