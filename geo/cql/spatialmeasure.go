package cql

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"clustermap/geo"
)

// The ellipsoid WGS 84.
const (
	equator    = 6378137.0
	flattening = 1 / 298.257223563
	pole       = equator * (1 - flattening)
	eccentric2 = flattening * (2 - flattening)
)

// geodesicDistance is the length in metres of the shortest line on WGS 84
// between two points given in degrees: Vincenty, "Direct and inverse solutions
// of geodesics on the ellipsoid" (Survey Review 176, 1975), to about 0.1 mm.
// Near the antipodes, where his series does not settle, the way goes over a
// point half way.
func geodesicDistance(p, q orb.Point) float64 {
	if p == q {
		return 0
	}
	if d, ok := vincenty(p, q); ok {
		return d
	}
	return antipodal(p, q)
}

func vincenty(p, q orb.Point) (float64, bool) {
	rad := math.Pi / 180
	lon := math.Remainder(q[0]-p[0], 360) * rad
	sinU1, cosU1 := reduced(p[1])
	sinU2, cosU2 := reduced(q[1])
	lambda := lon
	for range 60 {
		sinL, cosL := math.Sincos(lambda)
		sinS := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinS == 0 {
			return 0, lon == 0 && sinU1 == sinU2
		}
		cosS := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinS, cosS)
		sinA := cosU1 * cosU2 * sinL / sinS
		cos2A := 1 - sinA*sinA
		cosM := 0.0 // on the equator
		if cos2A > 1e-18 {
			cosM = cosS - 2*sinU1*sinU2/cos2A
		}
		c := flattening / 16 * cos2A * (4 + flattening*(4-3*cos2A))
		next := lon + (1-c)*flattening*sinA*(sigma+c*sinS*(cosM+c*cosS*(2*cosM*cosM-1)))
		if math.Abs(next) > math.Pi {
			return 0, false
		}
		if math.Abs(next-lambda) < 1e-13 {
			return vincentyLength(sigma, sinS, cosS, cosM, cos2A), true
		}
		lambda = next
	}
	return 0, false
}

// reduced is the sine and cosine of the reduced latitude.
func reduced(lat float64) (sin, cos float64) {
	s, c := math.Sincos(lat * math.Pi / 180)
	s *= 1 - flattening
	h := math.Hypot(s, c)
	return s / h, c / h
}

func vincentyLength(sigma, sinS, cosS, cosM, cos2A float64) float64 {
	u2 := cos2A * (equator*equator/(pole*pole) - 1)
	a := 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
	b := u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
	delta := b * sinS * (cosM + b/4*(cosS*(2*cosM*cosM-1)-b/6*cosM*(4*sinS*sinS-3)*(4*cosM*cosM-3)))
	return pole * a * (sigma - delta)
}

// antipodal finds the shortest way over the points that are as far from p as
// from q on the sphere.
func antipodal(p, q orb.Point) float64 {
	a, b := unit(p), unit(q)
	n := normalized(vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]})
	e := normalized(cross(n, vec{0, 0, 1}))
	if math.Abs(n[2]) > 0.999999 {
		e = normalized(cross(n, vec{1, 0, 0}))
	}
	f := cross(n, e)
	via := func(t float64) float64 {
		sin, cos := math.Sincos(t)
		m := vec{cos*e[0] + sin*f[0], cos*e[1] + sin*f[1], cos*e[2] + sin*f[2]}
		mid := orb.Point{math.Atan2(m[1], m[0]) * 180 / math.Pi, math.Atan2(m[2], math.Hypot(m[0], m[1])) * 180 / math.Pi}
		d1, _ := vincenty(p, mid)
		d2, _ := vincenty(mid, q)
		return d1 + d2
	}
	const steps = 72
	best, at := math.Inf(1), 0.0
	for i := range steps {
		t := 2 * math.Pi * float64(i) / steps
		if d := via(t); d < best {
			best, at = d, t
		}
	}
	lo, hi := at-2*math.Pi/steps, at+2*math.Pi/steps
	for range 60 {
		l, r := lo+(hi-lo)/3, hi-(hi-lo)/3
		if via(l) < via(r) {
			hi = r
		} else {
			lo = l
		}
	}
	return min(best, via((lo+hi)/2))
}

type vec [3]float64

// unit is the direction of a position given in degrees, on the sphere.
func unit(p orb.Point) vec {
	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
	return vec{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// onEllipsoid is the position in metres from the centre of WGS 84.
func onEllipsoid(p orb.Point) vec {
	u := unit(p)
	n := equator / math.Sqrt(1-eccentric2*u[2]*u[2])
	return vec{n * u[0], n * u[1], n * (1 - eccentric2) * u[2]}
}

func cross(a, b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func dot(a, b vec) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// distance is that in space.
func distance(a, b vec) float64 {
	d := minus(a, b)
	return math.Sqrt(dot(d, d))
}

func minus(a, b vec) vec { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func normalized(a vec) vec {
	l := math.Sqrt(dot(a, a))
	return vec{a[0] / l, a[1] / l, a[2] / l}
}

// geodesicLength is the sum of the geodesic distances along lines and rings, in
// metres.
func geodesicLength(s *shape) float64 {
	sum := 0.0
	s.chains(func(c *chain) bool {
		for i := 1; i < len(c.points); i++ {
			if s.pace.Over(32) {
				return false
			}
			sum += geodesicDistance(c.points[i-1], c.points[i])
		}
		return true
	})
	return sum
}

// ellipsoidArea is the area in square metres on WGS 84 of the polygons, whose
// edges are straight in longitude and latitude. Members of a collection that
// overlap count once.
func ellipsoidArea(s *shape) float64 {
	if s.nested && len(s.areas) > 1 {
		if u, ok := s.united(); ok {
			s = u
		}
	}
	sum := 0.0
	for i := range s.areas {
		for j := range s.areas[i].rings {
			a := ringArea(s.areas[i].rings[j].points, s.pace)
			if j > 0 {
				a = -a
			}
			sum += a
		}
	}
	return sum
}

// ringArea integrates the area between each edge and the equator: along an edge
// of width w that is w times the mean of zone over its latitudes, here by Simpson's
// rule on steps of at most half a degree.
func ringArea(ring []orb.Point, pace *geo.Pace) float64 {
	sum := 0.0
	for i := 1; i < len(ring); i++ {
		p, q := ring[i-1], ring[i]
		if p[0] == q[0] {
			continue
		}
		steps := int(math.Abs(q[1]-p[1])*2) + 1
		if pace.Over(8 * steps) {
			break
		}
		mean := 0.0
		for k := range steps {
			lo := p[1] + (q[1]-p[1])*float64(k)/float64(steps)
			hi := p[1] + (q[1]-p[1])*float64(k+1)/float64(steps)
			mean += (zone(lo) + 4*zone((lo+hi)/2) + zone(hi)) / 6
		}
		sum += (q[0] - p[0]) * math.Pi / 180 * mean / float64(steps)
	}
	return math.Abs(sum)
}

// zone is the area per radian of longitude between the equator and a latitude on
// WGS 84 (Snyder, "Map projections: a working manual", USGS 1395, 1987,
// equation 3-12).
func zone(lat float64) float64 {
	e := math.Sqrt(eccentric2)
	sin := math.Sin(lat * math.Pi / 180)
	return pole * pole / 2 * (sin/(1-eccentric2*sin*sin) + math.Atanh(e*sin)/e)
}

// shapeDistance is the geodesic distance in metres between the nearest points of
// two shapes, which are not empty; 0 where they meet.
func shapeDistance(s, t *shape) float64 {
	if p, ok := s.single(); ok {
		if q, ok := t.single(); ok {
			return geodesicDistance(p, q)
		}
	}
	if s.meets(t) {
		return 0
	}
	n := nearest(s, t)
	return geodesicDistance(n.p, n.q)
}

// centroid is that of the areas, else of the lines, else of the points.
func centroid(s *shape) orb.Point {
	var sum orb.Point
	weight, origin := 0.0, s.bound.Min // near, for less rounding
	add := func(p orb.Point, w float64) {
		sum[0] += (p[0] - origin[0]) * w
		sum[1] += (p[1] - origin[1]) * w
		weight += w
	}
	for i := range s.areas {
		var pg orb.Polygon
		for j := range s.areas[i].rings {
			pg = append(pg, s.areas[i].rings[j].points)
		}
		c, a := planar.CentroidArea(pg)
		add(c, math.Abs(a))
	}
	if weight == 0 {
		s.chains(func(c *chain) bool {
			for i := 1; i < len(c.points); i++ {
				p, q := c.points[i-1], c.points[i]
				add(along(p, q, 0.5), math.Hypot(q[0]-p[0], q[1]-p[1]))
			}
			return true
		})
	}
	if weight == 0 {
		for _, p := range s.points {
			add(p, 1)
		}
	}
	if weight == 0 {
		return origin
	}
	return orb.Point{origin[0] + sum[0]/weight, origin[1] + sum[1]/weight}
}
