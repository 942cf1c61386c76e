package server

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
)

// What the size of a picture is measured by.
const (
	mostPixels      = 8192 // of a side
	usualWidth      = 1024
	slideWidth      = 1280 // of a page: 16:9, as wide as a slide
	slideHeight     = 720
	screenDPI       = 96
	leastDPI        = 24
	mostDPI         = 600
	usualMMPerPixel = 0.28 // OGC API - Maps Part 1, 12.2.1
	padding         = 0.04 // of the width and height of what is shown, where no box was asked for
)

// frameParameters are the parameters that say what part of the world a picture
// shows and how large it is.
var frameParameters = [...]string{"bbox", "bbox-crs", "center", "center-crs", "crs", "dpi", "fit", "height",
	"mm-per-pixel", "scale-denominator", "subset", "subset-crs", "width"}

// mapFrame is the part of the world that a picture shows, and its size.
type mapFrame struct {
	crs           *crs.CRS
	box           orb.Bound // x to the east, y to the north in crs, whatever its axis order; in degrees east is beyond 180 where 180 is crossed
	width, height int       // pixels
	dpi           float64
	extend        bool // the box is widened where the frame has another shape
	outside       bool // what was asked for is no part of the world
}

// frameDefaults is what holds where a request does not say it.
type frameDefaults struct {
	box  orb.Bound // longitude and latitude of what is to be seen
	page bool      // a page with a shape of its own, in a projection that suits what it shows
}

// mapArea is a box in one system.
type mapArea struct {
	crs *crs.CRS
	box orb.Bound // as in mapFrame
}

// readFrame takes the parameters of the frame.
func readFrame(p *params, d frameDefaults) (*mapFrame, error) {
	r := frameReader{frameDefaults: d, frame: mapFrame{dpi: screenDPI, extend: d.page}, mm: usualMMPerPixel}
	for _, read := range []func(*params) error{r.readSystem, r.readSize, r.readResolution, r.readArea, r.readFit} {
		if err := read(p); err != nil {
			return nil, err
		}
	}
	if r.frame.outside {
		return &r.frame, nil
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	r.choose()
	if err := r.place(); err != nil {
		return nil, err
	}
	return &r.frame, r.limit()
}

type frameReader struct {
	frameDefaults
	frame  mapFrame
	area   *mapArea   // of bbox or subset
	center *orb.Point // in longitude and latitude
	scale  float64    // denominator; 0: none
	mm     float64    // size of a pixel
	by     string     // the parameter that gave area or center
	chosen bool       // the system was not asked for
}

func (r *frameReader) readSystem(p *params) (err error) {
	if text, given := p.take("crs"); given {
		r.frame.crs, err = parseMapCRS("crs", text)
	}
	return err
}

// mapSystems are the systems that pictures are drawn in.
func mapSystems() []*crs.CRS {
	lonLat, _ := crs.Lookup("EPSG:4326")
	return []*crs.CRS{crs.CRS84(), crs.WebMercator(), lonLat, crs.CGCS2000(), crs.ChinaAlbers()}
}

func parseMapCRS(name, text string) (*crs.CRS, error) {
	all := mapSystems()
	if c, ok := crs.Lookup(text); ok && slices.Contains(all, c) {
		return c, nil
	}
	var uris []string
	for _, c := range all {
		uris = append(uris, c.URI())
	}
	return nil, invalid(name, "%s is not a system that maps are drawn in; these are %s", quoted(text), strings.Join(uris, ", "))
}

func (r *frameReader) readSize(p *params) error {
	for _, side := range [...]struct {
		name string
		to   *int
	}{{"width", &r.frame.width}, {"height", &r.frame.height}} {
		text, given := p.take(side.name)
		if !given {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || n == 0 {
			return invalid(side.name, "needs a whole number of pixels from 1 to %d, found %s", mostPixels, quoted(text))
		}
		if n > mostPixels {
			return failf(http.StatusRequestEntityTooLarge, "%s: %d pixels are too many; a picture has at most %d.", side.name, n, mostPixels)
		}
		*side.to = int(n)
	}
	return nil
}

func (r *frameReader) readResolution(p *params) error {
	text, dotted := p.take("dpi")
	if dotted {
		v, err := parsePositive("dpi", text)
		if err != nil || v < leastDPI || v > mostDPI {
			return invalid("dpi", "needs a number from %d to %d, found %s", leastDPI, mostDPI, quoted(text))
		}
		r.frame.dpi, r.mm = v, usualMMPerPixel*screenDPI/v
	}
	if text, given := p.take("mm-per-pixel"); given {
		if dotted {
			return invalid("mm-per-pixel", "says the same as dpi; give one of them")
		}
		v, err := parsePositive("mm-per-pixel", text)
		if err != nil {
			return err
		}
		dpi := screenDPI * usualMMPerPixel / v
		if dpi < leastDPI-1e-9 || dpi > mostDPI+1e-9 {
			return invalid("mm-per-pixel", "needs a number from %.4g to %.4g, found %s",
				usualMMPerPixel*screenDPI/mostDPI, usualMMPerPixel*screenDPI/leastDPI, quoted(text))
		}
		r.frame.dpi, r.mm = dpi, v
	}
	if text, given := p.take("scale-denominator"); given {
		v, err := parsePositive("scale-denominator", text)
		if err != nil {
			return err
		}
		r.scale = v
	}
	return nil
}

func parsePositive(name, text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return 0, invalid(name, "needs a number above 0, found %s", quoted(text))
	}
	return v, nil
}

func (r *frameReader) readFit(p *params) error {
	text, given := p.take("fit")
	if !given {
		return nil
	}
	switch text {
	case "exact":
		r.frame.extend = false
	case "extend":
		r.frame.extend = true
	default:
		return invalid("fit", "needs exact, which fills the picture with the box, or extend, which shows more rather than stretch it; found %s", quoted(text))
	}
	return nil
}

// check refuses what contradicts itself.
func (r *frameReader) check() error {
	if r.area != nil && r.scale > 0 && (r.frame.width > 0 || r.frame.height > 0) {
		return invalid("scale-denominator", "does not go with %s and a size in pixels, which give the scale", r.by)
	}
	return nil
}

// choose settles the system. A page shows all of China in an equal-area projection
// and less in the one of web maps.
func (r *frameReader) choose() {
	if r.frame.crs != nil {
		return
	}
	r.frame.crs, r.chosen = crs.CRS84(), true
	if !r.page {
		return
	}
	b := r.box
	switch {
	case r.area != nil && r.area.crs == crs.ChinaAlbers():
		r.frame.crs = crs.ChinaAlbers()
		return
	case r.area != nil:
		b = r.area.lonLat()
	}
	r.frame.crs = crs.WebMercator()
	const wide = 18 // degrees of longitude or latitude from which the projection shows
	if max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]) >= wide && b.Min[0] >= 60 && b.Max[0] <= 150 && b.Min[1] >= -5 && b.Max[1] <= 65 {
		r.frame.crs = crs.ChinaAlbers()
	}
}

// place settles box and size, each from what is given of the other.
func (r *frameReader) place() error {
	f := &r.frame
	switch {
	case r.center != nil || r.area == nil && r.scale > 0:
		return r.placeAround()
	case r.area != nil:
		box, ok := r.area.in(f.crs)
		if !ok && r.chosen {
			box, ok = r.area.clipped(f.crs)
		}
		if !ok {
			return invalid(r.by, "reaches beyond the area where %s is defined, which is %s in longitude and latitude", f.crs.Code(), boxText(f.crs.Bounds()))
		}
		f.box = box
	default:
		box, ok := (&mapArea{crs.CRS84(), padded(r.box)}).clipped(f.crs)
		if !ok {
			return invalid("crs", "%s is not defined where these data are", f.crs.Code())
		}
		f.box = box
	}
	unit, ok := unitsPerMetre(f.crs, middle(f.box))
	if !ok {
		return invalid(r.by, "has its middle beyond the area where %s is defined", f.crs.Code())
	}
	wide, high := (f.box.Max[0]-f.box.Min[0])/unit[0], (f.box.Max[1]-f.box.Min[1])/unit[1]
	if r.scale > 0 {
		pixel := r.mm / 1000 * r.scale
		f.width, f.height = whole(wide/pixel), whole(high/pixel)
		return nil
	}
	r.fill(wide / high)
	return nil
}

// fill settles the size that is not given, by the shape of what is shown.
func (r *frameReader) fill(aspect float64) {
	f := &r.frame
	usual := usualWidth
	if r.page {
		aspect, usual = float64(slideWidth)/slideHeight, slideWidth*whole(f.dpi)/screenDPI
	}
	switch {
	case f.width == 0 && f.height == 0 && aspect < 1:
		f.height = usual
		f.width = whole(aspect * float64(usual))
	case f.width == 0 && f.height == 0:
		f.width = usual
		f.height = whole(float64(usual) / aspect)
	case f.width == 0:
		f.width = whole(aspect * float64(f.height))
	case f.height == 0:
		f.height = whole(float64(f.width) / aspect)
	}
}

func whole(v float64) int { return int(math.Round(min(max(v, 1), 1e9))) }

// placeAround settles the box around a center, at the scale that was asked for or
// that shows as much as there is.
func (r *frameReader) placeAround() error {
	f := &r.frame
	if r.by = "center"; r.scale > 0 {
		r.by = "scale-denominator"
	}
	center := middle(r.box)
	if r.center != nil {
		center = *r.center
	}
	at, ok := projected(f.crs, center)
	if !ok {
		return invalid("center", "is beyond the area where %s is defined, which is %s in longitude and latitude", f.crs.Code(), boxText(f.crs.Bounds()))
	}
	unit, ok := unitsPerMetre(f.crs, at)
	if !ok {
		return invalid("center", "is at the edge of the area where %s is defined", f.crs.Code())
	}
	if f.width == 0 && f.height == 0 && !r.page {
		r.fill(4.0 / 3)
	}
	r.fill(1)
	pixel := r.mm / 1000 * r.scale
	if r.scale == 0 {
		all := padded(r.box)
		lat := center[1] * math.Pi / 180
		const degree = 111_319.49
		pixel = max((all.Max[0]-all.Min[0])*degree*math.Cos(lat)/float64(f.width), (all.Max[1]-all.Min[1])*degree/float64(f.height))
	}
	half := orb.Point{float64(f.width) / 2 * pixel * unit[0], float64(f.height) / 2 * pixel * unit[1]}
	f.box = orb.Bound{Min: orb.Point{at[0] - half[0], at[1] - half[1]}, Max: orb.Point{at[0] + half[0], at[1] + half[1]}}
	if most, ok := wholeWorld(f.crs); ok && f.box.Max[0]-f.box.Min[0] > most {
		f.box.Min[0], f.box.Max[0] = at[0]-most/2, at[0]+most/2
	}
	return nil
}

// limit refuses sizes that came of other parameters and are too large.
func (r *frameReader) limit() error {
	f := &r.frame
	if f.width > mostPixels || f.height > mostPixels {
		return failf(http.StatusRequestEntityTooLarge, "The picture would have %d by %d pixels; it has at most %d by %d.", f.width, f.height, mostPixels, mostPixels)
	}
	if !(f.box.Max[0] > f.box.Min[0] && f.box.Max[1] > f.box.Min[1]) {
		return invalid(r.by, "has no area; the upper corner must lie beyond the lower one")
	}
	return nil
}

// wholeWorld is how wide the world is in a system that goes around it.
func wholeWorld(c *crs.CRS) (float64, bool) {
	switch {
	case c.Geographic():
		return 360, true
	case c == crs.WebMercator():
		edge, _ := c.FromLonLat(orb.Point{180, 0})
		return 2 * edge[0], true
	}
	return 0, false
}

func middle(b orb.Bound) orb.Point {
	return orb.Point{(b.Min[0] + b.Max[0]) / 2, (b.Min[1] + b.Max[1]) / 2}
}

// padded is a box of longitude and latitude with some room around it; a point has
// some kilometres.
func padded(b orb.Bound) orb.Bound {
	const least = 0.05
	dx, dy := max(padding*(b.Max[0]-b.Min[0]), least), max(padding*(b.Max[1]-b.Min[1]), least)
	out := orb.Bound{Min: orb.Point{b.Min[0] - dx, max(b.Min[1]-dy, -90)}, Max: orb.Point{b.Max[0] + dx, min(b.Max[1]+dy, 90)}}
	if out.Max[0]-out.Min[0] >= 360 || b.Min[0] >= -180 && out.Min[0] < -180 || b.Max[0] <= 180 && out.Max[0] > 180 {
		out.Min[0], out.Max[0] = max(out.Min[0], -180), min(out.Max[0], max(180, b.Max[0]))
	}
	return out
}

// projected is a point of longitude, latitude in a system, x to the east first. The
// longitude may be beyond 180 degrees.
func projected(c *crs.CRS, p orb.Point) (orb.Point, bool) {
	turns := 0.0
	if around, ok := wholeWorld(c); ok {
		n := math.Floor((p[0] + 180) / 360)
		if p[0] == 180 {
			n = 0
		}
		turns = n * around
		p[0] = min(max(p[0]-360*n, -180), 180)
	} else if p[0] > 180 {
		p[0] -= 360
	}
	q, ok := c.FromLonLat(p)
	if c.Swapped() {
		q[0], q[1] = q[1], q[0]
	}
	q[0] += turns
	return q, ok
}

// unprojected is the inverse of projected.
func unprojected(c *crs.CRS, q orb.Point) (orb.Point, bool) {
	turns := 0.0
	if around, ok := wholeWorld(c); ok {
		if n := math.Floor((q[0] + around/2) / around); q[0] != around/2 {
			turns = n
			q[0] = min(max(q[0]-n*around, -around/2), around/2)
		}
	}
	if c.Swapped() {
		q[0], q[1] = q[1], q[0]
	}
	p, ok := c.ToLonLat(q)
	p[0] += 360 * turns
	return p, ok
}

// unitsPerMetre is how many units of a system, to the east and to the north, a metre
// on the ground has at a place of it.
func unitsPerMetre(c *crs.CRS, at orb.Point) (unit orb.Point, ok bool) {
	p, ok := unprojected(c, at)
	if !ok {
		return unit, false
	}
	const step = 1e-3 // degrees
	lat := min(max(p[1], -89.9), 89.9)
	_, high := c.Bounds().Min, c.Bounds().Max
	lat = min(lat, high[1]-2*step)
	a, ok1 := projected(c, orb.Point{p[0], lat})
	e, ok2 := projected(c, orb.Point{p[0] - step, lat})
	n, ok3 := projected(c, orb.Point{p[0], lat + step})
	if !ok1 || !ok2 || !ok3 {
		return unit, false
	}
	// Lengths of a degree on the ellipsoid, to 1e-4: series in the latitude.
	f := lat * math.Pi / 180
	east := (111_412.84*math.Cos(f) - 93.5*math.Cos(3*f) + 0.118*math.Cos(5*f)) * step
	north := (111_132.92 - 559.82*math.Cos(2*f) + 1.175*math.Cos(4*f)) * step
	return orb.Point{math.Hypot(e[0]-a[0], e[1]-a[1]) / east, math.Hypot(n[0]-a[0], n[1]-a[1]) / north}, true
}

// in is the box of the area in another system: of its outline, followed in steps.
func (a *mapArea) in(c *crs.CRS) (orb.Bound, bool) {
	if a.crs == c || a.crs.Geographic() && c.Geographic() {
		return a.box, true
	}
	return a.outlined(c, false)
}

// clipped is the same of as much as lies where the system is defined.
func (a *mapArea) clipped(c *crs.CRS) (orb.Bound, bool) {
	if a.crs.Geographic() && !c.Geographic() {
		d := c.Bounds()
		a = &mapArea{a.crs, a.box}
		a.box.Min[1], a.box.Max[1] = max(a.box.Min[1], d.Min[1]), min(a.box.Max[1], d.Max[1])
		if _, around := wholeWorld(c); !around && d.Min[0] < d.Max[0] {
			a.box.Min[0], a.box.Max[0] = max(a.box.Min[0], d.Min[0]), min(a.box.Max[0], d.Max[0])
		}
		if a.box.Min[0] >= a.box.Max[0] || a.box.Min[1] >= a.box.Max[1] {
			return orb.Bound{}, false
		}
	}
	return a.outlined(c, true)
}

func (a *mapArea) outlined(c *crs.CRS, some bool) (box orb.Bound, ok bool) {
	if a.crs == c || a.crs.Geographic() && c.Geographic() {
		return a.box, true
	}
	first := true
	visit := func(x, y float64) bool {
		p, ok := unprojected(a.crs, orb.Point{x, y})
		if ok {
			p, ok = projected(c, p)
		}
		if !ok {
			return some
		}
		if first {
			box, first = p.Bound(), false
		}
		box = box.Extend(p)
		return true
	}
	for i := range outlineSteps + 1 {
		t := float64(i) / outlineSteps
		x, y := a.box.Min[0]+t*(a.box.Max[0]-a.box.Min[0]), a.box.Min[1]+t*(a.box.Max[1]-a.box.Min[1])
		if !visit(x, a.box.Min[1]) || !visit(x, a.box.Max[1]) || !visit(a.box.Min[0], y) || !visit(a.box.Max[0], y) {
			return box, false
		}
	}
	return box, !first
}

// lonLat is the box in longitude and latitude, as far as it has any.
func (a *mapArea) lonLat() orb.Bound {
	b, _ := a.outlined(crs.CRS84(), true)
	return b
}
