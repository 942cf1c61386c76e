package table

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

// parseShape reads the content of a record of a .shp file; nil is a shape that is null
// or empty. Errors are *geo.InvalidError.
func parseShape(b []byte) (orb.Geometry, error) {
	damaged := &geo.InvalidError{Reason: errShape.Error()}
	if len(b) < 4 {
		return nil, damaged
	}
	le := binary.LittleEndian
	kind := le.Uint32(b)
	b = b[4:]
	switch kind {
	case 0:
		return nil, nil
	case 1, 11, 21:
		points, ok := shpPoints(b, 1)
		if !ok {
			return nil, damaged
		}
		return points[0], nil
	case 8, 18, 28:
		if len(b) < 36 {
			return nil, damaged
		}
		points, ok := shpPoints(b[36:], le.Uint32(b[32:]))
		if !ok {
			return nil, damaged
		}
		return someOf(orb.MultiPoint(points)), nil
	case 3, 13, 23, 5, 15, 25:
		parts, ok := shpParts(b)
		if !ok {
			return nil, damaged
		}
		if kind%10 == 3 {
			return linesOf(parts), nil
		}
		return polygonsOf(parts)
	}
	return nil, &geo.InvalidError{Reason: fmt.Sprintf("its geometry has the kind %d, such as solids, which is not read", kind)}
}

// shpPoints reads n positions.
func shpPoints(b []byte, n uint32) ([]orb.Point, bool) {
	if uint64(len(b)) < 16*uint64(n) {
		return nil, false
	}
	points := make([]orb.Point, n)
	for i := range points {
		for k := range 2 {
			points[i][k] = math.Float64frombits(binary.LittleEndian.Uint64(b[16*i+8*k:]))
		}
		if !finite(points[i]) || min(points[i][0], points[i][1]) < -1e38 { // "no data"
			return nil, false
		}
	}
	return points, true
}

// shpParts reads the parts of lines or rings.
func shpParts(b []byte) (parts [][]orb.Point, ok bool) {
	if len(b) < 40 {
		return nil, false
	}
	le := binary.LittleEndian
	n, total := uint64(le.Uint32(b[32:])), le.Uint32(b[36:])
	if b = b[40:]; uint64(len(b)) < 4*n {
		return nil, false
	}
	points, ok := shpPoints(b[4*n:], total)
	if !ok {
		return nil, false
	}
	for i := range n {
		from, to := le.Uint32(b[4*i:]), total
		if i+1 < n {
			to = le.Uint32(b[4*i+4:])
		}
		if from > to || to > total {
			return nil, false
		}
		if from < to {
			parts = append(parts, points[from:to:to])
		}
	}
	return parts, true
}

func linesOf(parts [][]orb.Point) orb.Geometry {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return orb.LineString(parts[0])
	}
	var lines orb.MultiLineString
	for _, p := range parts {
		lines = append(lines, p)
	}
	return lines
}

// maxRingWork bounds how many positions are looked at to find the rings that holes lie
// in.
const maxRingWork = 50_000_000

// shell is an outer ring.
type shell struct {
	rings orb.Polygon
	bound orb.Bound
	area  float64
}

// polygonsOf puts holes, which turn to the left, into the smallest of the outer rings
// that surround them. A hole in none is an outer ring that was written the wrong way
// round. Outer rings then turn to the left, as those of GeoJSON.
func polygonsOf(parts [][]orb.Point) (orb.Geometry, error) {
	var shells []*shell
	var holes []orb.Ring
	outside := 0
	for _, p := range parts {
		ring := orb.Ring(p)
		if area := turn(ring); area > 0 && len(parts) > 1 {
			holes = append(holes, ring)
		} else {
			shells = append(shells, &shell{rings: orb.Polygon{ring}, bound: ring.Bound(), area: math.Abs(area)})
			outside += len(ring)
		}
	}
	if len(holes)*outside > maxRingWork {
		return nil, &geo.InvalidError{Reason: "its geometry has too many rings"}
	}
	slices.SortStableFunc(shells, func(a, b *shell) int {
		switch {
		case a.area < b.area:
			return -1
		case a.area > b.area:
			return 1
		}
		return 0
	})
	var wrong []*shell
	for _, h := range holes {
		if s := surrounding(shells, h); s != nil {
			s.rings = append(s.rings, h)
			continue
		}
		wrong = append(wrong, &shell{rings: orb.Polygon{h}})
	}
	shells = append(shells, wrong...)
	var all orb.MultiPolygon
	for _, s := range shells {
		for i, ring := range s.rings {
			if (turn(ring) < 0) == (i == 0) {
				slices.Reverse(ring)
			}
		}
		all = append(all, s.rings)
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return all, nil
}

// turn is twice the area of a ring, greater than 0 where it turns to the left. It is
// taken from the first position, lest large coordinates swallow it.
func turn(ring orb.Ring) (sum float64) {
	if len(ring) == 0 {
		return 0
	}
	o := ring[0]
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		sum += (a[0]-o[0])*(b[1]-o[1]) - (b[0]-o[0])*(a[1]-o[1])
	}
	return sum
}

// surrounding is the first of the outer rings that holds the hole; nil where none does.
func surrounding(shells []*shell, hole orb.Ring) *shell {
	box := hole.Bound()
	for _, s := range shells {
		if s.bound.Contains(box.Min) && s.bound.Contains(box.Max) && holds(s.rings[0], hole) {
			return s
		}
	}
	return nil
}

// holds asks some positions of the hole, for one on the ring tells nothing.
func holds(ring, hole orb.Ring) bool {
	in := 0
	asked := min(len(hole), 5)
	for i := range asked {
		p := hole[i]
		if next := hole[(i+1)%len(hole)]; i%2 == 1 { // the middle of an edge
			p = orb.Point{(p[0] + next[0]) / 2, (p[1] + next[1]) / 2}
		}
		if inside(ring, p) {
			in++
		}
	}
	return 2*in > asked
}

func inside(ring orb.Ring, p orb.Point) bool {
	in := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}
