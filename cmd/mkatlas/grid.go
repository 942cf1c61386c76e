package main

import (
	"cmp"
	"math"
	"slices"

	"github.com/peterstace/simplefeatures/geom"
)

// A vertex is a position as whole multiples of 1e-4 degree, longitude first
// (WGS 84; about 11 m). Equal positions are equal values, which the topology
// needs, and the last digits of floating point are rounded away.
type vertex struct{ x, y int32 }

// unitsPerDegree is the resolution of a vertex.
const unitsPerDegree = 10_000

// lonScale shrinks a degree of longitude to the length of a degree of latitude
// at 35° N, the middle of China: distances, areas and cells are made in this
// equirectangular plane.
var lonScale = math.Cos(35 * math.Pi / 180)

func toVertex(p geom.XY) vertex {
	return vertex{int32(math.Round(p.X * unitsPerDegree)), int32(math.Round(p.Y * unitsPerDegree))}
}

func (v vertex) xy() geom.XY {
	return geom.XY{X: float64(v.x) / unitsPerDegree, Y: float64(v.y) / unitsPerDegree}
}

// plane gives the position in the scaled plane, in units of 1e-4 degree of latitude.
func (v vertex) plane() (x, y float64) {
	return float64(v.x) * lonScale, float64(v.y)
}

func compareVertex(a, b vertex) int {
	return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y))
}

// A ring is closed without repeating its first vertex. An outer ring runs
// counterclockwise and a hole clockwise, so that the inside is on the left.
type ring []vertex

// cross is twice the signed area of the triangle a, b, c: positive if c lies to
// the left of a→b.
func cross(a, b, c vertex) int64 {
	return int64(b.x-a.x)*int64(c.y-a.y) - int64(b.y-a.y)*int64(c.x-a.x)
}

// area is the signed area in square units, unscaled: positive for an outer ring.
func (r ring) area() float64 {
	var sum int64
	for i, a := range r {
		b := r[(i+1)%len(r)]
		sum += int64(a.x)*int64(b.y) - int64(b.x)*int64(a.y)
	}
	return float64(sum) / 2
}

// oriented gives the ring as an outer ring or as a hole.
func (r ring) oriented(outer bool) ring {
	if (r.area() > 0) == outer {
		return r
	}
	r = slices.Clone(r)
	slices.Reverse(r)
	return r
}

// contains tells whether p lies inside, by the crossing rule; on the ring it may
// answer either.
func (r ring) contains(p vertex) bool {
	in := false
	for i, a := range r {
		b := r[(i+1)%len(r)]
		if (a.y > p.y) != (b.y > p.y) && (cross(a, b, p) > 0) == (b.y > a.y) {
			in = !in
		}
	}
	return in
}

// tidy drops vertices that repeat the one before them and spikes that run to a
// vertex and back.
func (r ring) tidy() ring {
	out := make(ring, 0, len(r))
	for _, v := range r {
		if n := len(out); n > 0 && out[n-1] == v {
			continue
		}
		if n := len(out); n > 1 && out[n-2] == v {
			out = out[:n-1]
			continue
		}
		out = append(out, v)
	}
	for len(out) > 1 && out[0] == out[len(out)-1] {
		out = out[:len(out)-1]
	}
	for len(out) > 2 && (out[1] == out[len(out)-1]) {
		out = out[2:]
	}
	return out
}

// simple splits a ring at the vertices it meets more than once into rings that
// meet none twice.
func (r ring) simple() []ring {
	var rings []ring
	var path ring
	at := map[vertex]int{}
	for _, v := range r {
		if i, ok := at[v]; ok {
			for _, w := range path[i+1:] {
				delete(at, w)
			}
			if loop := path[i:]; len(loop) > 2 {
				rings = append(rings, slices.Clone(loop))
			}
			path = path[:i+1]
			continue
		}
		at[v] = len(path)
		path = append(path, v)
	}
	if len(path) > 2 {
		rings = append(rings, path)
	}
	return rings
}

// A polygon is an outer ring and its holes.
type polygon []ring

// area in square units, holes taken off.
func (p polygon) area() float64 {
	var sum float64
	for _, r := range p {
		sum += r.area()
	}
	return sum
}

// nest sorts rings into polygons: each hole goes to the smallest outer ring
// around it. The polygons come largest first.
func nest(rings []ring) []polygon {
	var outer, holes []ring
	for _, r := range rings {
		if r.area() > 0 {
			outer = append(outer, r)
		} else if r.area() < 0 {
			holes = append(holes, r)
		}
	}
	slices.SortStableFunc(outer, func(a, b ring) int { return cmp.Compare(b.area(), a.area()) })
	polygons := make([]polygon, len(outer))
	for i, r := range outer {
		polygons[i] = polygon{r}
	}
	for _, h := range holes {
		for i := len(outer) - 1; i >= 0; i-- {
			if outer[i].area() > -h.area() && around(outer[i], h) {
				polygons[i] = append(polygons[i], h)
				break
			}
		}
	}
	return polygons
}

// around tells whether the outer ring encloses the hole; they may share vertices.
func around(outer, hole ring) bool {
	on := make(map[vertex]bool, len(outer))
	for _, v := range outer {
		on[v] = true
	}
	for _, v := range hole {
		if !on[v] {
			return outer.contains(v)
		}
	}
	return true
}

// rings gives the rings of a geometry's polygons, outer ones counterclockwise.
func rings(g geom.Geometry) []ring {
	var out []ring
	for _, part := range g.Dump() {
		p, ok := part.AsPolygon()
		if !ok {
			continue
		}
		for i, line := range p.DumpRings() {
			seq := line.Coordinates()
			r := make(ring, 0, seq.Length())
			for j := range seq.Length() - 1 {
				r = append(r, toVertex(seq.GetXY(j)))
			}
			if r = r.tidy(); len(r) > 2 {
				out = append(out, r.oriented(i == 0))
			}
		}
	}
	return out
}

// geometry gives polygons as a MultiPolygon for the overlay library. It is not
// checked for validity.
func geometry(polygons []polygon) geom.Geometry {
	parts := make([]geom.Polygon, len(polygons))
	for i, p := range polygons {
		lines := make([]geom.LineString, len(p))
		for j, r := range p {
			coords := make([]float64, 0, 2*len(r)+2)
			for k := range len(r) + 1 {
				xy := r[k%len(r)].xy()
				coords = append(coords, xy.X, xy.Y)
			}
			lines[j] = geom.NewLineString(geom.NewSequence(coords, geom.DimXY))
		}
		parts[i] = geom.NewPolygon(lines)
	}
	return geom.NewMultiPolygon(parts).AsGeometry()
}
