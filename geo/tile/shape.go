package tile

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// vertex is a position in units of the tile.
type vertex struct{ x, y int32 }

// shape is what of a geometry is in a tile.
type shape struct {
	points []vertex
	lines  vertices
	rings  vertices // of polygons: what an odd number of rings surrounds is inside

	outlines  bool // rings are wanted as lines
	flat, cut []orb.Point
	pace      *geo.Pace // when it is over, what comes out has no meaning
}

// vertices are lines or rings one behind the other.
type vertices struct {
	all  []vertex
	ends []int
}

func (v *vertices) clear() { v.all, v.ends = v.all[:0], v.ends[:0] }

func (v *vertices) at(i int) []vertex {
	from := 0
	if i > 0 {
		from = v.ends[i-1]
	}
	return v.all[from:v.ends[i]]
}

// end ends a line or ring, which is dropped where it has less vertices than least.
func (v *vertices) end(least int) {
	from := 0
	if n := len(v.ends); n > 0 {
		from = v.ends[n-1]
	}
	if len(v.all)-from < least {
		v.all = v.all[:from]
		return
	}
	v.ends = append(v.ends, len(v.all))
}

// add adds a vertex to a line, unless the line is at it.
func (v *vertices) add(p orb.Point) {
	q := vertex{int32(math.Floor(p[0] + 0.5)), int32(math.Floor(p[1] + 0.5))}
	from := 0
	if n := len(v.ends); n > 0 {
		from = v.ends[n-1]
	}
	if n := len(v.all); n > from && v.all[n-1] == q {
		return
	}
	v.all = append(v.all, q)
}

// frame is how a tile lies in the world, for lines and polygons.
type frame struct {
	grid   *Grid
	window *window
	origin orb.Point // of the tile, in units
	scale  orb.Point // units in the world
	lo, hi float64   // of the tile with its buffer, in units
	west   float64   // of the tile with its buffer, in degrees; may lie beyond 180°
	east   float64
	south  float64
	north  float64
	turns  []float64 // degrees by which geometries are turned around the world
}

func (e *encoder) frame() frame {
	cols, rows := e.grid.Size(e.coord.Z)
	extent, buffer := float64(e.opt.Extent), float64(e.window.buffer)
	f := frame{
		grid:   e.grid,
		window: &e.window,
		origin: orb.Point{float64(e.coord.Col) * extent, float64(e.coord.Row) * extent},
		scale:  orb.Point{float64(cols) * extent, float64(rows) * extent},
		lo:     -buffer, hi: extent + buffer,
		turns: []float64{0},
	}
	nw := e.grid.lonLat(orb.Point{(f.origin[0] + f.lo) / f.scale[0], (f.origin[1] + f.lo) / f.scale[1]})
	se := e.grid.lonLat(orb.Point{(f.origin[0] + f.hi) / f.scale[0], (f.origin[1] + f.hi) / f.scale[1]})
	f.west, f.north, f.east, f.south = nw[0], nw[1], se[0], se[1]
	if e.window.around && f.west < -180 {
		f.turns = append(f.turns, -360)
	}
	if e.window.around && f.east > 180 {
		f.turns = append(f.turns, 360)
	}
	return f
}

func (f *frame) project(p orb.Point, turn float64) orb.Point {
	w := f.grid.world(p)
	return orb.Point{(w[0]+turn/360)*f.scale[0] - f.origin[0], w[1]*f.scale[1] - f.origin[1]}
}

// side says on which sides of the frame a position lies, a bit for each.
func (f *frame) side(p orb.Point, turn float64) (s uint8) {
	switch lon := p[0] + turn; {
	case lon < f.west:
		s = 1
	case lon > f.east:
		s = 2
	}
	switch {
	case p[1] < f.south:
		s |= 4
	case p[1] > f.north:
		s |= 8
	}
	return s
}

func (s *shape) clear(outlines bool) {
	s.points, s.outlines = s.points[:0], outlines
	s.lines.clear()
	s.rings.clear()
}

// take adds what of a geometry is in the frame.
func (s *shape) take(g orb.Geometry, f *frame, turn float64) {
	switch g := g.(type) {
	case orb.Point:
		s.point(g, f, turn)
	case orb.MultiPoint:
		for _, p := range g {
			s.point(p, f, turn)
		}
	case orb.LineString:
		s.line(g, f, turn)
	case orb.MultiLineString:
		for _, l := range g {
			s.line(l, f, turn)
		}
	case orb.Polygon:
		for _, r := range g {
			if s.pace.Over(8 * len(r)) {
				return
			}
			s.ring(r, f, turn)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			s.take(p, f, turn)
		}
	case orb.Collection:
		for _, part := range g {
			s.take(part, f, turn)
		}
	}
}

// point adds a point, where it would be as a feature of its own.
func (s *shape) point(p orb.Point, f *frame, turn float64) {
	if s.outlines || turn != 0 { // a window goes around the world itself
		return
	}
	w := f.grid.world(p)
	x, y, in := f.window.place(part32(w[0]), part32(w[1]))
	if v := (vertex{int32(x), int32(y)}); in && !slices.Contains(s.points[max(0, len(s.points)-16):], v) {
		s.points = append(s.points, v)
	}
}

// near projects a line. Of vertices that follow each other on one side of the frame
// the first and the last stay, which changes nothing in the frame. It reports
// whether the line can be in the frame at all.
func (s *shape) near(line []orb.Point, f *frame, turn float64) bool {
	s.flat = s.flat[:0]
	all := uint8(15)
	var before uint8
	for i, p := range line {
		side := f.side(p, turn)
		all &= side
		if i > 0 && i < len(line)-1 && side&before != 0 && side&before&f.side(line[i+1], turn) != 0 {
			continue
		}
		before = side
		s.flat = append(s.flat, f.project(p, turn))
	}
	return all == 0
}

// line adds the pieces of a line that are in the frame.
func (s *shape) line(line []orb.Point, f *frame, turn float64) {
	if s.outlines || !s.near(line, f, turn) {
		return
	}
	s.pieces(f)
}

// pieces cuts the line in s.flat.
func (s *shape) pieces(f *frame) {
	const least = 2
	var last orb.Point
	for i := 1; i < len(s.flat); i++ {
		a, b, ok := cutSegment(s.flat[i-1], s.flat[i], f.lo, f.hi)
		if !ok {
			continue
		}
		if i == 1 || a != last || a != s.flat[i-1] {
			s.lines.end(least)
			s.lines.add(a)
		}
		s.lines.add(b)
		last = b
	}
	s.lines.end(least)
}

// cutSegment is the part of a segment in the square from lo to hi (Liang and
// Barsky).
func cutSegment(a, b orb.Point, lo, hi float64) (p, q orb.Point, ok bool) {
	from, to := 0.0, 1.0
	d := orb.Point{b[0] - a[0], b[1] - a[1]}
	for axis := range 2 {
		if d[axis] == 0 {
			if a[axis] < lo || a[axis] > hi {
				return p, q, false
			}
			continue
		}
		in, out := (lo-a[axis])/d[axis], (hi-a[axis])/d[axis]
		if in > out {
			in, out = out, in
		}
		from, to = max(from, in), min(to, out)
	}
	if from > to {
		return p, q, false
	}
	at := func(t float64) orb.Point {
		switch t {
		case 0:
			return a
		case 1:
			return b
		}
		return orb.Point{a[0] + t*d[0], a[1] + t*d[1]}
	}
	return at(from), at(to), true
}

// ring adds the ring of a polygon, cut by the frame. Where it leaves the frame and
// comes back it runs along the edge of the frame.
func (s *shape) ring(ring []orb.Point, f *frame, turn float64) {
	if !s.near(ring, f, turn) {
		return
	}
	if s.outlines {
		s.pieces(f)
		return
	}
	const least = 3
	flat := s.flat[:len(s.flat)-1] // the last position is the first
	for axis := range 2 {
		flat = s.half(flat, axis, f.lo, 1)
		flat = s.half(flat, axis, f.hi, -1)
	}
	for _, p := range flat {
		s.rings.add(p)
	}
	s.rings.end(least)
}

// half cuts a ring at a line: what is beyond goes, which way says on which side
// that is (Sutherland and Hodgman).
func (s *shape) half(ring []orb.Point, axis int, at, way float64) []orb.Point {
	inside := func(p orb.Point) bool { return (p[axis]-at)*way >= 0 }
	if !slices.ContainsFunc(ring, func(p orb.Point) bool { return !inside(p) }) {
		return ring
	}
	out := s.cut[:0]
	for i, b := range ring {
		a := ring[(i+len(ring)-1)%len(ring)]
		in, was := inside(b), inside(a)
		if in != was {
			t := (at - a[axis]) / (b[axis] - a[axis])
			var p orb.Point
			p[axis], p[1-axis] = at, a[1-axis]+t*(b[1-axis]-a[1-axis])
			out = append(out, p)
		}
		if in {
			out = append(out, b)
		}
	}
	s.cut, s.flat = ring[:0], out // what was read can be written over next time
	return out
}

// shapes writes a feature that is no point: its polygons, its lines, its points.
// Where nothing of it is to be seen in the tile that owns it, it is a point there.
func (p *part) shapes(c candidate, home bool) {
	outlines := p.layer.Kind == Outlines
	s, g := &p.figure, p.simple.Geometry(p.x.At(p.layout.Slots[c.ref]))
	s.clear(outlines)
	for _, turn := range p.frame.turns {
		s.take(g, &p.frame, turn)
	}
	p.assembler.polygons(&s.rings, p.leastArea)
	if home && !outlines && len(p.assembler.order)+len(s.lines.ends)+len(s.points) == 0 {
		s.points = append(s.points, vertex{int32(c.x), int32(c.y)})
	}
	if len(p.assembler.order)+len(s.lines.ends)+len(s.points) == 0 {
		return
	}
	p.tags = p.properties(p.tags[:0], int(c.ref))
	add := func(kind byte, draw func(*pen)) {
		pen := pen{b: p.shape[:0]}
		draw(&pen)
		p.shape = pen.b
		p.writer.feature(p.ids.numbers[c.ref], p.tags, kind, pen.b)
	}
	if len(p.assembler.order) > 0 {
		add(typePolygon, func(pen *pen) {
			for _, i := range p.assembler.order {
				pen.ring(p.assembler.rings.at(int(i)))
			}
		})
	}
	if len(s.lines.ends) > 0 {
		add(typeLine, func(pen *pen) {
			for i := range s.lines.ends {
				pen.line(s.lines.at(i))
			}
		})
	}
	if len(s.points) > 0 {
		add(typePoint, func(pen *pen) { pen.points(s.points) })
	}
}
