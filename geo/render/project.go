package render

import (
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

const (
	earthRadius = 6378137.0
	// maxLatitude is where Web Mercator ends; what lies beyond is drawn on its edge.
	maxLatitude = geo.MaxLatitude
	// mostWorlds is how often the world may repeat in a picture.
	mostWorlds = 8
	// rounding is how far beside its place, in pixels, a position may be computed.
	rounding = 1e-6
)

// projection places longitude, latitude in the frame: first in plane coordinates of
// the system, x east and y north, then in pixels.
type projection struct {
	crs    *crs.CRS
	kind   projectionKind
	box    orb.Bound // Min < Max
	frame  draw.Rect
	sx, sy float64 // pixels a unit

	windows map[float64]orb.Bound // of a cone, by margin, while the picture is drawn
}

type projectionKind uint8

const (
	degrees projectionKind = iota
	mercator
	conic
)

// kindOf tells which of the systems that can be drawn c is.
func kindOf(c *crs.CRS) (projectionKind, bool) {
	switch {
	case c == crs.WebMercator():
		return mercator, true
	case c == crs.ChinaAlbers():
		return conic, true
	case c.Geographic() && !c.Offset():
		return degrees, true
	}
	return 0, false
}

// period is the width of the world, after which it repeats; 0: it does not.
func (k projectionKind) period() float64 {
	switch k {
	case degrees:
		return 360
	case mercator:
		return 2 * math.Pi * earthRadius
	}
	return 0
}

// middle is the longitude in the middle of the world.
func (k projectionKind) middle() float64 {
	if k == conic {
		return 105
	}
	return 0
}

// newProjection fits a box into a frame. A box without extent is widened a little, and
// one that extend says is widened to the shape of the frame.
func newProjection(c *crs.CRS, box orb.Bound, frame draw.Rect, extend bool) (*projection, error) {
	kind, ok := kindOf(c)
	if !ok {
		return nil, &geo.InvalidError{Field: "crs", Reason: c.Code() + " is no system for pictures: CRS84, EPSG:3857, EPSG:4326, EPSG:4490 and " + crs.ChinaAlbers().URI() + " are"}
	}
	for _, v := range []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]} {
		if math.IsNaN(v) || math.Abs(v) > 1e9 {
			return nil, &geo.InvalidError{Field: "bbox", Reason: "needs numbers up to 1e9"}
		}
	}
	if box.Min[0] > box.Max[0] && kind != conic {
		box.Max[0] += kind.period()
	}
	w, h := box.Max[0]-box.Min[0], box.Max[1]-box.Min[1]
	if !(w > 0 && h > 0) {
		return nil, &geo.InvalidError{Field: "bbox", Reason: "has no area: it needs west < east and south < north"}
	}
	p := &projection{crs: c, kind: kind, box: box, frame: frame, sx: frame.W / w, sy: frame.H / h}
	if extend {
		s := min(p.sx, p.sy)
		dx, dy := (frame.W/s-w)/2, (frame.H/s-h)/2
		p.box = orb.Bound{Min: orb.Point{box.Min[0] - dx, box.Min[1] - dy}, Max: orb.Point{box.Max[0] + dx, box.Max[1] + dy}}
		p.sx, p.sy = s, s
	}
	if period := kind.period(); period > 0 && p.box.Max[0]-p.box.Min[0] > mostWorlds*period {
		if w <= mostWorlds*period {
			return nil, &geo.InvalidError{Field: "width", Reason: "is so much more than the height that the world would be shown more than eight times"}
		}
		return nil, &geo.InvalidError{Field: "bbox", Reason: "is more than eight times as wide as the world"}
	}
	return p, nil
}

// plane is a position in plane coordinates of the world around its middle. lon may
// lie beyond 180 degrees; latitudes that the system does not reach are on its edge.
func (p *projection) plane(at orb.Point) orb.Point {
	switch p.kind {
	case mercator:
		lat := max(-maxLatitude, min(maxLatitude, at[1]))
		return orb.Point{earthRadius * at[0] * math.Pi / 180, earthRadius * math.Atanh(math.Sin(lat*math.Pi/180))}
	case conic:
		q, _ := p.crs.FromLonLat(orb.Point{wrapLon(at[0]), at[1]})
		return q
	}
	return at
}

// wrapLon brings a longitude between -180 and 180.
func wrapLon(lon float64) float64 {
	if lon >= -180 && lon <= 180 {
		return lon
	}
	lon = math.Mod(lon+180, 360)
	if lon < 0 {
		lon += 360
	}
	return lon - 180
}

func (p *projection) toPixel(q orb.Point) (x, y float64) {
	return p.frame.X + (q[0]-p.box.Min[0])*p.sx, p.frame.Y + (p.box.Max[1]-q[1])*p.sy
}

// pixel is where a position stands: in the westernmost world that shows it in the frame,
// else anywhere.
func (p *projection) pixel(at orb.Point) (x, y float64, ok bool) {
	q := p.plane(at)
	if period := p.kind.period(); period > 0 {
		q[0] += math.Ceil((p.box.Min[0]-rounding/p.sx-q[0])/period) * period
	}
	x, y = p.toPixel(q)
	return x, y, !math.IsNaN(x) && !math.IsNaN(y)
}

// lonLat is the position at a pixel.
func (p *projection) lonLat(x, y float64) (orb.Point, bool) {
	q := orb.Point{p.box.Min[0] + (x-p.frame.X)/p.sx, p.box.Max[1] - (y-p.frame.Y)/p.sy}
	switch p.kind {
	case mercator:
		if math.Abs(q[1]) > math.Pi*earthRadius*(1+1e-9) {
			return orb.Point{}, false
		}
		return orb.Point{wrapLon(q[0] / earthRadius * 180 / math.Pi), math.Atan(math.Sinh(q[1]/earthRadius)) * 180 / math.Pi}, true
	case conic:
		return p.crs.ToLonLat(q)
	}
	return orb.Point{wrapLon(q[0]), q[1]}, math.Abs(q[1]) <= 90
}

// shifts are the worlds, as multiples of 360 degrees, of which a part from west to
// east may lie in the frame and margin pixels around it.
func (p *projection) shifts(west, east, margin float64) (from, to int) {
	if p.kind == conic {
		// The world is cut open opposite of its middle.
		cut := p.kind.middle() - 180
		return int(math.Ceil((cut - east) / 360)), int(math.Floor((cut + 360 - west) / 360))
	}
	perDegree := p.kind.period() / 360
	w, e := (p.box.Min[0]-margin/p.sx)/perDegree, (p.box.Max[0]+margin/p.sx)/perDegree
	return int(math.Ceil((w - east) / 360)), int(math.Floor((e - west) / 360))
}

// window is a box in longitude, latitude that holds all that can be seen in the frame
// and margin pixels around it; lon is around the middle of the world, and beyond 180
// degrees where it repeats.
func (p *projection) window(margin float64) orb.Bound {
	f := p.frame
	lo, hi := orb.Point{p.box.Min[0] - margin/p.sx, p.box.Min[1] - margin/p.sy}, orb.Point{p.box.Max[0] + margin/p.sx, p.box.Max[1] + margin/p.sy}
	switch p.kind {
	case degrees:
		return orb.Bound{Min: orb.Point{lo[0], max(-90, lo[1])}, Max: orb.Point{hi[0], min(90, hi[1])}}
	case mercator:
		lat := func(y float64) float64 {
			// What lies beyond the edge of Web Mercator is drawn on it.
			if math.Abs(y) >= math.Pi*earthRadius*(1-1e-12) {
				return math.Copysign(90, y)
			}
			return math.Atan(math.Sinh(y/earthRadius)) * 180 / math.Pi
		}
		const perDegree = earthRadius * math.Pi / 180
		return orb.Bound{Min: orb.Point{lo[0] / perDegree, lat(lo[1])}, Max: orb.Point{hi[0] / perDegree, lat(hi[1])}}
	}
	w, ok := p.windows[margin]
	if !ok {
		w = p.conicWindow(f, margin)
		if p.windows == nil {
			p.windows = map[float64]orb.Bound{}
		}
		p.windows[margin] = w
	}
	return w
}

// conicWindow samples the frame and widens the box of the samples by their distance.
func (p *projection) conicWindow(f draw.Rect, margin float64) orb.Bound {
	const steps = 48
	world := orb.Bound{Min: orb.Point{p.kind.middle() - 180, -90}, Max: orb.Point{p.kind.middle() + 180, 90}}
	b := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for i := range steps + 1 {
		for j := range steps + 1 {
			x := f.X - margin + (f.W+2*margin)*float64(i)/steps
			y := f.Y - margin + (f.H+2*margin)*float64(j)/steps
			at, ok := p.lonLat(x, y)
			if !ok {
				return world
			}
			lon := at[0]
			if lon < world.Min[0] {
				lon += 360
			}
			b.Min[0], b.Max[0] = min(b.Min[0], lon), max(b.Max[0], lon)
			b.Min[1], b.Max[1] = min(b.Min[1], at[1]), max(b.Max[1], at[1])
		}
	}
	dx, dy := (b.Max[0]-b.Min[0])/steps, (b.Max[1]-b.Min[1])/steps
	return orb.Bound{
		Min: orb.Point{max(world.Min[0], b.Min[0]-dx), max(-90, b.Min[1]-dy)},
		Max: orb.Point{min(world.Max[0], b.Max[0]+dx), min(90, b.Max[1]+dy)},
	}
}

// searchBox is window for a search of an index, which crosses 180° where west > east.
func (p *projection) searchBox(margin float64) orb.Bound {
	w := p.window(margin)
	if w.Max[0]-w.Min[0] >= 360 {
		return orb.Bound{Min: orb.Point{-180, w.Min[1]}, Max: orb.Point{180, w.Max[1]}}
	}
	w.Min[0], w.Max[0] = wrapLon(w.Min[0]), wrapLon(w.Max[0])
	return w
}

// world is the part of the frame between the poles, or the edges of Web Mercator.
func (p *projection) world() draw.Rect {
	top := 90.0
	switch p.kind {
	case mercator:
		top = math.Pi * earthRadius
	case conic:
		return p.frame
	}
	f := p.frame
	from := max(f.Y, f.Y+(p.box.Max[1]-top)*p.sy)
	to := min(f.Y+f.H, f.Y+(p.box.Max[1]+top)*p.sy)
	return draw.Rect{X: f.X, Y: from, W: f.W, H: to - from}
}

// mercatorZoom is the zoom, of tiles with 256 pixels, at which Web Mercator has the
// scale of the picture in its middle.
func (p *projection) mercatorZoom() float64 {
	at, ok := p.lonLat(p.frame.X+p.frame.W/2, p.frame.Y+p.frame.H/2)
	if !ok {
		return 0
	}
	size := 2 * math.Pi * earthRadius // of the world in metres of Web Mercator
	cos := math.Cos(min(maxLatitude, math.Abs(at[1])) * math.Pi / 180)
	pixel := 0.0 // metres of Web Mercator
	switch p.kind {
	case mercator:
		pixel = 1 / max(p.sx, p.sy)
	case degrees:
		pixel = min(size/360/p.sx, size/360/cos/p.sy)
	case conic:
		pixel = 1 / max(p.sx, p.sy) / cos
	}
	return math.Log2(size / 256 / pixel)
}
