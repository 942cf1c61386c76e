package server

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
)

// readArea takes the parameters that say where a picture looks: one of bbox, subset
// and center.
func (r *frameReader) readArea(p *params) error {
	box, boxed := p.take("bbox")
	subset, cut := p.take("subset")
	center, centered := p.take("center")
	systems := map[string]*crs.CRS{}
	for _, name := range [...]string{"bbox-crs", "subset-crs", "center-crs"} {
		systems[name] = crs.CRS84()
		if text, given := p.take(name); given {
			c, err := parseMapCRS(name, text)
			if err != nil {
				return err
			}
			systems[name] = c
		}
	}
	switch {
	case boxed && cut:
		return invalid("subset", "does not go with bbox, which says the same")
	case boxed && centered:
		return invalid("center", "does not go with bbox; give one of them")
	case cut && centered:
		return invalid("center", "does not go with subset; give one of them")
	case boxed:
		r.by = "bbox"
		return r.readBox(box, systems["bbox-crs"])
	case cut:
		r.by = "subset"
		return r.readSubset(subset, systems["subset-crs"])
	case centered:
		r.by = "center"
		return r.readCenter(center, systems["center-crs"])
	}
	r.by = "bbox"
	return nil
}

func (r *frameReader) readBox(text string, c *crs.CRS) error {
	var low, high orb.Point
	if c.Geographic() {
		const void = 360 // a map may show what is beyond the world
		b, err := parseBoxTo(void, text, c.Swapped())
		if err != nil {
			return err
		}
		low, high = b.Min, b.Max
	} else {
		var err error
		if low, high, err = parseCorners(text); err != nil {
			return err
		}
	}
	r.setArea(c, low, high)
	return nil
}

// setArea keeps a box whose corners are x to the east and y to the north.
func (r *frameReader) setArea(c *crs.CRS, low, high orb.Point) {
	if c.Geographic() && low[0] > high[0] {
		high[0] += 360
	}
	r.area = &mapArea{c, orb.Bound{Min: low, Max: high}}
}

// readSubset reads an interval for each axis, such as Lat(20:40),Lon(100:*). A star
// is the end of the axis.
func (r *frameReader) readSubset(text string, c *crs.CRS) error {
	names := [2]string{"E", "N"}
	if c.Geographic() {
		names = [2]string{"Lon", "Lat"}
	}
	ends := axisEnds(c)
	seen := [2]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name, rest, ok := strings.Cut(strings.TrimSpace(part), "(")
		rest, closed := strings.CutSuffix(rest, ")")
		lowText, highText, ranged := strings.Cut(rest, ":")
		if !ok || !closed || !ranged {
			return invalid("subset", "needs an interval for an axis, such as %s(1:2),%s(1:2), found %s", names[0], names[1], quoted(part))
		}
		axis := axisOf(name, c)
		if axis < 0 {
			return invalid("subset", "%s has no axis %s; its axes are %s and %s", c.Code(), quoted(name), names[0], names[1])
		}
		if seen[axis] {
			return invalid("subset", "%s stands twice", names[axis])
		}
		seen[axis] = true
		if err := readInterval(&ends, axis, names[axis], lowText, highText, c.Geographic() && axis == 0); err != nil {
			return err
		}
	}
	world := axisEnds(c)
	if ends.Max[1] < world.Min[1] || ends.Min[1] > world.Max[1] || ends.Max[0] < world.Min[0] || ends.Min[0] > world.Max[0] {
		r.frame.outside = true
		return nil
	}
	ends.Min[1], ends.Max[1] = max(ends.Min[1], world.Min[1]), min(ends.Max[1], world.Max[1])
	r.setArea(c, ends.Min, ends.Max)
	return nil
}

// axisOf is 0 for the axis to the east and 1 for the one to the north; -1 for none.
func axisOf(name string, c *crs.CRS) int {
	east, north := []string{"lon", "long", "longitude"}, []string{"lat", "latitude"}
	if !c.Geographic() {
		east, north = []string{"e", "x", "easting"}, []string{"n", "y", "northing"}
	}
	for i := range east {
		if strings.EqualFold(name, east[i]) {
			return 0
		}
		if i < len(north) && strings.EqualFold(name, north[i]) {
			return 1
		}
	}
	return -1
}

func axisEnds(c *crs.CRS) orb.Bound {
	if c.Geographic() {
		return everywhere
	}
	b, _ := (&mapArea{crs.CRS84(), c.Bounds()}).outlined(c, true)
	return b
}

func readInterval(ends *orb.Bound, axis int, name, low, high string, around bool) error {
	for i, text := range [...]string{low, high} {
		if text == "*" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return invalid("subset", "%s needs numbers or *, found %s", name, quoted(text))
		}
		if i == 0 {
			ends.Min[axis] = v
		} else {
			ends.Max[axis] = v
		}
	}
	if ends.Min[axis] > ends.Max[axis] && !around {
		return invalid("subset", "%s: %s is beyond %s", name, low, high)
	}
	return nil
}

func (r *frameReader) readCenter(text string, c *crs.CRS) error {
	xs, ys, ok := strings.Cut(text, ",")
	var at orb.Point
	for i, part := range [...]string{xs, ys} {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			ok = false
		}
		at[i] = v
	}
	if !ok {
		return invalid("center", "needs two numbers in the order of the axes of %s, found %s", c.Code(), quoted(text))
	}
	if c.Swapped() {
		at[0], at[1] = at[1], at[0]
	}
	p, ok := unprojected(c, at)
	if !ok || math.Abs(p[1]) > 90 || math.Abs(p[0]) > 180 {
		return invalid("center", "%s is no place in %s", quoted(text), c.Code())
	}
	r.center = &p
	return nil
}
