package server

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
)

// crs84 is the system of all stored coordinates.
var crs84 = crs.CRS84().URI()

// parseCRS reads the value of crs, bbox-crs or filter-crs.
func parseCRS(name, value string) (*crs.CRS, error) {
	if c, ok := crs.Lookup(value); ok {
		return c, nil
	}
	return nil, invalid(name, "%s is not a coordinate reference system of this server; the member crs of a collection lists them, such as %s",
		quoted(value), crs.CGCS2000().URI())
}

// systems are the URIs of the systems in which the coordinates of a collection
// can be asked for. all reports that these are all that the server has.
func systems(e geo.Extent) (uris []string, all bool) {
	every := crs.All()
	for _, c := range every {
		if e.Empty || c.Covers(e.Box) {
			uris = append(uris, c.URI())
		}
	}
	return uris, len(uris) == len(every)
}

// reaches refuses a system that is not defined wherever the collection has
// features: their geometries would be lost.
func (q *request) reaches(c *geo.Collection, system *crs.CRS) error {
	if e := c.Source.Extent(); e.Empty || system.Covers(e.Box) {
		return nil
	}
	return invalid("crs", "%s is not defined for all of this collection, which reaches from %s; its systems are listed at %s",
		system.Code(), boxText(c.Source.Extent().Box), q.base+collectionPath(c.ID))
}

// readBox reads bbox in the system of bbox-crs. A box that is none in longitude
// and latitude, because it is projected or shifted, becomes the condition to meet
// its outline there; its sides are followed in steps.
func (r *selectionReader) readBox(text string) error {
	c := crs.CRS84()
	if name, given := r.all.get("bbox-crs"); given {
		var err error
		if c, err = parseCRS("bbox-crs", name); err != nil {
			return err
		}
	}
	if c.Geographic() && !c.Offset() {
		box, err := parseBox(text, c.Swapped())
		if err != nil {
			return err
		}
		r.query.Box = &box
		r.filter = append(r.filter, param{"bbox", boxText(box)})
		return nil
	}
	low, high, err := parseCorners(text)
	if err != nil {
		return err
	}
	if c == crs.WebMercator() {
		box := mercatorBox(low, high)
		r.query.Box = &box
		r.filter = append(r.filter, param{"bbox", boxText(box)})
		return nil
	}
	outline, err := outlineOf(c, low, high)
	if err != nil {
		return err
	}
	f, err := within(outline, r.schema)
	if err != nil {
		return err
	}
	r.outline = outline
	r.also(f)
	r.filter = append(r.filter, param{"bbox", boxText(orb.Bound{Min: low, Max: high})}, param{"bbox-crs", c.URI()})
	return nil
}

// mercatorBox is the box of two corners in EPSG:3857. Corners outside of the
// world are moved to its edge, for programs ask for more than the world.
func mercatorBox(low, high orb.Point) orb.Bound {
	m := crs.WebMercator()
	edge, _ := m.FromLonLat(m.Bounds().Max)
	clamp := func(p orb.Point) orb.Point {
		p[0], p[1] = min(max(p[0], -edge[0]), edge[0]), min(max(p[1], -edge[1]), edge[1])
		q, ok := m.ToLonLat(p)
		if !ok { // the very edge, by rounding
			q = orb.Point{math.Copysign(180, p[0]), math.Copysign(m.Bounds().Max[1], p[1])}
		}
		return q
	}
	return orb.Bound{Min: clamp(low), Max: clamp(high)}
}

// outlineSteps is how many parts a side of a projected box is followed in. Within
// a zone of 6 degrees the sides then keep to 1 m.
const outlineSteps = 64

// outlineOf is a box of a projected or shifted system as a polygon in longitude
// and latitude. Where the system has northing first, so have the corners.
func outlineOf(c *crs.CRS, low, high orb.Point) (orb.Polygon, error) {
	if low[0] > high[0] || low[1] > high[1] {
		return nil, invalid("bbox", "the lower corner %v,%v is beyond the upper one %v,%v", low[0], low[1], high[0], high[1])
	}
	corners := [...]orb.Point{low, {high[0], low[1]}, high, {low[0], high[1]}, low}
	if c.Swapped() {
		corners = [...]orb.Point{low, {low[0], high[1]}, high, {high[0], low[1]}, low}
	}
	ring := make(orb.Ring, 0, 4*outlineSteps+1)
	for i, from := range corners[:4] {
		to := corners[i+1]
		for step := range outlineSteps {
			t := float64(step) / outlineSteps
			p, ok := c.ToLonLat(orb.Point{from[0] + t*(to[0]-from[0]), from[1] + t*(to[1]-from[1])})
			if !ok {
				return nil, invalid("bbox", "reaches beyond the area where %s is defined", c.Code())
			}
			ring = append(ring, p)
		}
	}
	return orb.Polygon{append(ring, ring[0])}, nil
}

// parseCorners reads two corners of a box in the axis order of its system, with
// heights checked and left out.
func parseCorners(s string) (low, high orb.Point, err error) {
	v, n, err := parseNumbers(s)
	switch {
	case err != nil:
		return low, high, err
	case n == 6:
		if v[2] > v[5] {
			return low, high, invalid("bbox", "the lower height %v is above the upper %v", v[2], v[5])
		}
		v[2], v[3] = v[3], v[4]
	case n != 4:
		return low, high, invalid("bbox", "has %d numbers; write the lower corner and the upper corner, 4 numbers in all", n)
	}
	return orb.Point{v[0], v[1]}, orb.Point{v[2], v[3]}, nil
}

// parseNumbers reads up to six numbers of a bbox.
func parseNumbers(s string) (v [6]float64, n int, err error) {
	for part := range strings.SplitSeq(s, ",") {
		if n == len(v) {
			return v, n, invalid("bbox", "has more than 6 numbers; write west,south,east,north in degrees")
		}
		f, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(part, "xX_pP") {
			return v, n, invalid("bbox", "%s is not a number; write west,south,east,north in degrees", quoted(part))
		}
		v[n] = f + 0 // -0 becomes 0
		n++
	}
	return v, n, nil
}

// contentCRS is the header that says in which system the coordinates are.
func contentCRS(c *crs.CRS) []string {
	if c == crs.CRS84() {
		return []string{"<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"}
	}
	return []string{"<" + c.URI() + ">"}
}

// everySystem are the URIs of all systems.
func everySystem() []string {
	var uris []string
	for _, c := range crs.All() {
		uris = append(uris, c.URI())
	}
	return slices.Clip(uris)
}
