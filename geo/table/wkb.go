package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// wkbReader reads well-known binary (ISO and PostGIS's way of heights) from b. Sizes
// are checked before anything is made.
type wkbReader struct {
	b       []byte
	order   binary.ByteOrder
	heights bool // heights or measures were left out
}

var (
	errShape   = errors.New("its geometry is cut off or damaged")
	errNumbers = errors.New("its geometry has a position that is no number")
)

// maxShapes is how deep collections may nest.
const maxShapes = 8

// geometry reads one geometry; nil where it is empty.
func (r *wkbReader) geometry(depth int) (orb.Geometry, error) {
	kind, size, err := r.head()
	switch {
	case err != nil:
		return nil, err
	case depth > maxShapes:
		return nil, errors.New("its geometry is nested too deep")
	}
	switch kind {
	case 1:
		return r.pointOrNone(size)
	case 2:
		line, err := r.points(size)
		return someOf(orb.LineString(line)), err
	case 3:
		rings, err := r.rings(size)
		return someOf(rings), err
	case 4:
		return collect[orb.MultiPoint](r, depth)
	case 5:
		return collect[orb.MultiLineString](r, depth)
	case 6:
		return collect[orb.MultiPolygon](r, depth)
	case 7:
		return collect[orb.Collection](r, depth)
	}
	return nil, fmt.Errorf("its geometry has the kind %d, such as curves, which is not read", kind)
}

// someOf is the shape, nil where it is empty.
func someOf[S ~[]E, E any](s S) orb.Geometry {
	if len(s) == 0 {
		return nil
	}
	return any(s).(orb.Geometry)
}

// collect reads the parts of a shape of several, which are all of one kind but in a
// collection.
func collect[S ~[]E, E any](r *wkbReader, depth int) (orb.Geometry, error) {
	n, err := r.count(9)
	if err != nil {
		return nil, err
	}
	var all S
	for range n {
		g, err := r.geometry(depth + 1)
		if err != nil {
			return nil, err
		}
		if g == nil {
			continue
		}
		part, ok := any(g).(E)
		if !ok {
			return nil, fmt.Errorf("its geometry has a %s where it may not be", g.GeoJSONType())
		}
		all = append(all, part)
	}
	return someOf(all), nil
}

// head reads the order of bytes and the kind. size is the numbers of a position.
func (r *wkbReader) head() (kind uint32, size int, err error) {
	if len(r.b) < 5 || r.b[0] > 1 {
		return 0, 0, errShape
	}
	r.order = binary.ByteOrder(binary.BigEndian)
	if r.b[0] == 1 {
		r.order = binary.LittleEndian
	}
	kind = r.order.Uint32(r.b[1:])
	r.b = r.b[5:]
	size = 2
	const z, m, srid = 1 << 31, 1 << 30, 1 << 29
	for _, bit := range []uint32{z, m} {
		if kind&bit != 0 {
			size++
		}
	}
	if kind&srid != 0 {
		if len(r.b) < 4 {
			return 0, 0, errShape
		}
		r.b = r.b[4:]
	}
	switch kind &^= z | m | srid; {
	case kind > 3000 && kind < 4000 && size == 2:
		size = 4
	case kind > 1000 && kind < 3000 && size == 2:
		size = 3
	}
	if kind < 4000 {
		kind %= 1000
	}
	r.heights = r.heights || size > 2
	return kind, size, nil
}

// count reads how many there are of what has at least so many bytes each.
func (r *wkbReader) count(least int) (int, error) {
	if len(r.b) < 4 {
		return 0, errShape
	}
	n := r.order.Uint32(r.b)
	r.b = r.b[4:]
	if uint64(n)*uint64(least) > uint64(len(r.b)) {
		return 0, errShape
	}
	return int(n), nil
}

func (r *wkbReader) rings(size int) (orb.Polygon, error) {
	n, err := r.count(4)
	if err != nil {
		return nil, err
	}
	var p orb.Polygon
	for range n {
		ring, err := r.points(size)
		if err != nil {
			return nil, err
		}
		if len(ring) > 0 {
			p = append(p, ring)
		}
	}
	return p, nil
}

func (r *wkbReader) points(size int) ([]orb.Point, error) {
	n, err := r.count(8 * size)
	if err != nil || n == 0 {
		return nil, err
	}
	list := make([]orb.Point, n)
	for i := range list {
		if list[i] = r.position(size); !finite(list[i]) {
			return nil, errNumbers
		}
	}
	return list, nil
}

// pointOrNone reads a point, whose coordinates are NaN where it is empty.
func (r *wkbReader) pointOrNone(size int) (orb.Geometry, error) {
	if len(r.b) < 8*size {
		return nil, errShape
	}
	p := r.position(size)
	if math.IsNaN(p[0]) && math.IsNaN(p[1]) {
		return nil, nil
	}
	if !finite(p) {
		return nil, errNumbers
	}
	return p, nil
}

func (r *wkbReader) position(size int) orb.Point {
	p := orb.Point{math.Float64frombits(r.order.Uint64(r.b)), math.Float64frombits(r.order.Uint64(r.b[8:]))}
	r.b = r.b[8*size:]
	return p
}

func finite(p orb.Point) bool { return p[0]-p[0] == 0 && p[1]-p[1] == 0 }
