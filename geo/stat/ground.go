package stat

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	orbplanar "github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"

	"clustermap/geo/crs"
)

// onEarth is a valid area of a plane in longitude and latitude, cut where it crosses 180
// degrees or goes round a pole (RFC 7946, 3.1.9). Positions are rounded to about a
// millionth of step, in metres. whole is false where a part was left out that cannot be
// drawn in longitude and latitude: near the point opposite to the centre.
func onEarth(plane *crs.EqualArea, area orb.MultiPolygon, step float64) (g orb.Geometry, whole bool) {
	digits := math.Pow(10, min(12, max(7, math.Ceil(-math.Log10(step*1e-6/111e3)))))
	round := func(v float64) float64 { return math.Round(v*digits) / digits }
	var out orb.MultiPolygon
	whole = true
	for _, polygon := range area {
		var lonlat orb.Polygon
		for _, ring := range polygon {
			var turned orb.Ring
			for _, p := range ring {
				q := plane.Inverse(p)
				turned = append(turned, orb.Point{round(q[0]), round(q[1])})
			}
			turned = slices.CompactFunc(turned, func(a, b orb.Point) bool { return a == b })
			if len(turned) > 3 {
				lonlat = append(lonlat, turned)
			} else if len(lonlat) == 0 {
				break
			}
		}
		if len(lonlat) == 0 {
			continue
		}
		for _, part := range uncrossed(lonlat) {
			if wide(part) && simple(part).Validate() != nil {
				whole = false
				continue
			}
			out = append(out, part)
		}
	}
	return oneOrMany(out), whole
}

// wide reports whether a polygon reaches where straight lines of a plane are far from
// straight.
func wide(p orb.Polygon) bool {
	b := p.Bound()
	return b.Max[0]-b.Min[0] > 90 || b.Max[1] > 80 || b.Min[1] < -80
}

// oneOrMany is nil, a Polygon or a MultiPolygon.
func oneOrMany(polygons orb.MultiPolygon) orb.Geometry {
	switch len(polygons) {
	case 0:
		return nil
	case 1:
		return polygons[0]
	}
	return polygons
}

// uncrossed is a polygon whose rings may jump at 180 degrees, or go round a pole, as
// polygons that do not.
func uncrossed(p orb.Polygon) []orb.Polygon {
	if !slices.ContainsFunc(p, jumps) && p[0].Orientation() == orb.CCW {
		return []orb.Polygon{p}
	}
	first, rest := unrolled(p[0], false), p[1:]
	if orbplanar.Area(first) < 0 { // around the far side of the Earth
		first, rest = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}.ToRing(), p
	}
	whole := simple(orb.Polygon{first})
	for _, ring := range rest {
		hole := shifted(unrolled(ring, true), first.Bound().Center()[0])
		for _, turn := range [...]float64{-360, 0, 360} {
			if b := hole.Bound(); b.Min[0]+turn > first.Bound().Max[0] || b.Max[0]+turn < first.Bound().Min[0] {
				continue
			}
			turned := orb.Clone(hole).(orb.Ring)
			for i := range turned {
				turned[i][0] += turn
			}
			less, err := geom.Difference(whole, simple(orb.Polygon{turned}))
			if err != nil {
				return nil
			}
			whole = less
		}
	}
	var out []orb.Polygon
	for _, shift := range [...]float64{-360, 0, 360} {
		for _, part := range within(whole, shift-180, shift+180) {
			for _, ring := range part {
				for k := range ring {
					ring[k][0] -= shift
				}
			}
			out = append(out, part)
		}
	}
	return out
}

// shifted is a ring by as many whole turns as bring its middle nearest to a meridian.
func shifted(ring orb.Ring, lon float64) orb.Ring {
	shift := 360 * math.Round((lon-ring.Bound().Center()[0])/360)
	for i := range ring {
		ring[i][0] += shift
	}
	return ring
}

func jumps(ring orb.Ring) bool {
	for i := 1; i < len(ring); i++ {
		if math.Abs(ring[i][0]-ring[i-1][0]) > 180 {
			return true
		}
	}
	return false
}

// unrolled is a ring without jumps. One that goes round a pole, the north pole eastwards,
// unless it is a hole, or the south pole westwards, begins at 180 degrees and is closed
// along the pole.
func unrolled(ring orb.Ring, hole bool) orb.Ring {
	out := slices.Clone(ring)
	for i := 1; i < len(out); i++ {
		out[i][0] += 360 * math.Round((out[i-1][0]-out[i][0])/360)
	}
	turn := out[len(out)-1][0] - out[0][0]
	if math.Abs(turn) < 180 {
		return out
	}
	out = fromSeam(out[:len(out)-1], turn)
	first, last := out[0], out[len(out)-1]
	lat := math.Copysign(90, turn)
	if hole {
		lat = -lat
	}
	return append(out, orb.Point{last[0], lat}, orb.Point{first[0], lat}, first)
}

// fromSeam is a line once around the Earth, whose next point would be its first turned,
// from where it first crosses 180 degrees to there.
func fromSeam(line orb.Ring, turn float64) orb.Ring {
	n := len(line)
	at := func(i int) orb.Point { return orb.Point{line[i%n][0] + turn*float64(i/n), line[i%n][1]} }
	for i := range n {
		a, b := at(i), at(i+1)
		seam := 360*math.Ceil((min(a[0], b[0])-180)/360) + 180
		if a[0] == b[0] || seam >= max(a[0], b[0]) {
			continue
		}
		start := orb.Point{seam, a[1] + (b[1]-a[1])*(seam-a[0])/(b[0]-a[0])}
		out := orb.Ring{start}
		for k := i + 1; k <= i+n; k++ {
			if p := at(k); p != out[len(out)-1] {
				out = append(out, p)
			}
		}
		end := orb.Point{seam + turn, start[1]}
		if end != out[len(out)-1] {
			out = append(out, end)
		}
		return shifted(out, 0)
	}
	return line
}

// within is the part of an area between two meridians.
func within(g geom.Geometry, west, east float64) []orb.Polygon {
	strip := orb.Bound{Min: orb.Point{west, -90}, Max: orb.Point{east, 90}}
	both, err := geom.Intersection(g, simple(strip.ToPolygon()))
	if err != nil {
		return nil
	}
	var out []orb.Polygon
	for _, part := range both.Dump() {
		if part.Type() != geom.TypePolygon {
			continue
		}
		var polygon orb.Polygon
		for _, line := range part.MustAsPolygon().ForceCCW().DumpRings() {
			var ring orb.Ring
			for i := range line.Coordinates().Length() {
				xy := line.Coordinates().GetXY(i)
				ring = append(ring, orb.Point{xy.X, xy.Y})
			}
			polygon = append(polygon, ring)
		}
		if orbplanar.Area(polygon) > 0 {
			out = append(out, polygon)
		}
	}
	return out
}

func simple(p orb.Polygon) geom.Geometry {
	var rings []geom.LineString
	for _, ring := range p {
		var xy []float64
		for _, c := range ring {
			xy = append(xy, c[0], c[1])
		}
		rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
	}
	return geom.NewPolygon(rings).AsGeometry()
}
