package geo

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// MaxZoom is the finest zoom that geometries are simplified for.
const MaxZoom = 22

// Simplified are the geometries of an Index with as many vertices as a map of a
// zoom shows. It is safe for concurrent use.
type Simplified struct {
	topology *topology
	arcs     [][]orb.Point // of the topology, with the vertices that stay
}

// simplifier makes each Simplified when it is first asked for and keeps it. A
// zoom that leaves no vertex out shares those of the features.
type simplifier struct {
	once  sync.Once
	turn  chan struct{} // holds one who may build
	zooms [MaxZoom + 1]atomic.Pointer[Simplified]
	whole *topology
}

// Simplified gives the geometries for a zoom of Web Mercator with tiles of 256
// pixels, from 0 to MaxZoom; any other is an *InvalidError. No vertex that is left
// out lies further than half a pixel from the line that replaces it (Douglas and
// Peucker, "Algorithms for the reduction of the number of points", Cartographica
// 10, 1973). A border that runs through the same vertices in several features is
// thinned once and stays the same in all (arcs between junctions as in TopoJSON:
// Bostock, "How to infer topology", 2013). A ring keeps at least four positions;
// where borders that were apart would touch or cross, they are thinned less, up to
// not at all. Points are unchanged. It takes until the first caller's ctx ends, at
// most, and is kept from then on.
func (x *Index) Simplified(ctx context.Context, zoom int) (*Simplified, error) {
	if zoom < 0 || zoom > MaxZoom {
		return nil, &InvalidError{Field: "zoom-level", Reason: fmt.Sprintf("%d is not from 0 to %d", zoom, MaxZoom)}
	}
	s := &x.simple
	if ready := s.zooms[zoom].Load(); ready != nil {
		return ready, nil
	}
	s.once.Do(func() { s.turn = make(chan struct{}, 1) })
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if ready := s.zooms[zoom].Load(); ready != nil {
		return ready, nil
	}
	if s.whole == nil {
		t, err := newTopology(ctx, x.shapes)
		if err != nil {
			return nil, err
		}
		s.whole = t
	}
	arcs, err := s.whole.thin(ctx, 0.5/math.Exp2(float64(zoom)))
	if err != nil {
		return nil, err
	}
	made := &Simplified{s.whole, arcs}
	s.zooms[zoom].Store(made)
	return made, nil
}

// Geometry is the simplified geometry of a feature of the Index; nil where it has
// none. It may share positions with others and must not be changed.
func (s *Simplified) Geometry(f Feature) orb.Geometry {
	g := f.Geometry()
	if g == nil || f.x.shapes == nil {
		return g
	}
	line := s.topology.first[f.x.tree.items[f.slot]]
	return s.rebuild(g, &line)
}

// rebuild makes a geometry like g of the lines from *line on.
func (s *Simplified) rebuild(g orb.Geometry, line *int) orb.Geometry {
	next := func() []orb.Point {
		*line++
		return s.line(*line - 1)
	}
	polygon := func(g orb.Polygon) orb.Polygon {
		out := make(orb.Polygon, len(g))
		for i := range g {
			out[i] = next()
		}
		return out
	}
	switch g := g.(type) {
	case orb.LineString:
		return orb.LineString(next())
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i := range g {
			out[i] = next()
		}
		return out
	case orb.Polygon:
		return polygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i := range g {
			out[i] = polygon(g[i])
		}
		return out
	case orb.Collection:
		out := make(orb.Collection, len(g))
		for i := range g {
			out[i] = s.rebuild(g[i], line)
		}
		return out
	}
	return g
}

// line joins the arcs of a line.
func (s *Simplified) line(i int) []orb.Point {
	uses := s.topology.lines[i]
	if len(uses) == 1 && !uses[0].back {
		return s.arcs[uses[0].arc]
	}
	n := 1
	for _, u := range uses {
		n += len(s.arcs[u.arc]) - 1
	}
	out := make([]orb.Point, 0, n)
	for k, u := range uses {
		from := len(out)
		out = append(out, s.arcs[u.arc]...)
		if u.back {
			slices.Reverse(out[from:])
		}
		if k < len(uses)-1 {
			out = out[:len(out)-1]
		}
	}
	return out
}

// topology holds the lines of geometries as arcs between junctions.
type topology struct {
	first []int // by item: its first line
	lines [][]arcUse
	rings []bool // of the lines: which are closed
	arcs  []topoArc
}

type arcUse struct {
	arc  int32
	back bool
}

// topoArc is a piece of a line between junctions, or a ring without any.
type topoArc struct {
	points []orb.Point
	weight []float32 // by point: the greatest tolerance, in pixels of zoom 0, that keeps it
	owners []int32   // items of which a ring has it
}

// eachLine calls line for the lines and rings of a geometry, in order.
func eachLine(g orb.Geometry, line func(points []orb.Point, ring bool)) {
	switch g := g.(type) {
	case orb.LineString:
		line(g, false)
	case orb.MultiLineString:
		for _, l := range g {
			line(l, false)
		}
	case orb.Polygon:
		for _, r := range g {
			line(r, true)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			eachLine(p, line)
		}
	case orb.Collection:
		for _, c := range g {
			eachLine(c, line)
		}
	}
}

func newTopology(ctx context.Context, shapes []orb.Geometry) (*topology, error) {
	t := &topology{first: make([]int, len(shapes))}
	meeting := newJunctions()
	for i, g := range shapes {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		eachLine(g, meeting.see)
	}
	cut := &cutter{t: t, junctions: meeting, known: make(map[[2]orb.Point]arcUse)}
	for i, g := range shapes {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		t.first[i], cut.item = len(t.lines), int32(i)
		eachLine(g, cut.line)
	}
	pace := NewPace(ctx)
	for i := range t.arcs {
		t.arcs[i].weight = weigh(t.arcs[i].points, pace)
	}
	return t, ctx.Err()
}

// junctions are the positions where lines meet or part, or end.
type junctions struct {
	beside map[orb.Point][2]orb.Point // the neighbours, the lesser first
	at     map[orb.Point]bool
}

func newJunctions() *junctions {
	return &junctions{make(map[orb.Point][2]orb.Point), make(map[orb.Point]bool)}
}

// see takes the neighbours of each position of a line. A position whose
// neighbours differ from those it had before is a junction.
func (j *junctions) see(line []orb.Point, ring bool) {
	last := len(line) - 1
	for i, p := range line {
		var before, after orb.Point
		switch {
		case ring && i == last:
			continue
		case ring && i == 0:
			before, after = line[last-1], line[1]
		case i == 0 || i == last:
			j.at[p] = true
			continue
		default:
			before, after = line[i-1], line[i+1]
		}
		pair := [2]orb.Point{before, after}
		if comparePoints(before, after) > 0 {
			pair = [2]orb.Point{after, before}
		}
		if old, seen := j.beside[p]; !seen {
			j.beside[p] = pair
		} else if old != pair {
			j.at[p] = true
		}
	}
}

func comparePoints(a, b orb.Point) int {
	return slices.Compare(a[:], b[:])
}

// cutter cuts lines into arcs and finds those that were there before.
type cutter struct {
	t         *topology
	junctions *junctions
	known     map[[2]orb.Point]arcUse // by the first two positions of an arc, either way
	item      int32
}

func (c *cutter) line(points []orb.Point, ring bool) {
	if ring {
		points = c.turned(points)
	}
	var uses []arcUse
	from := 0
	for i := 1; i < len(points); i++ {
		if i == len(points)-1 || c.junctions.at[points[i]] {
			uses = append(uses, c.arc(points[from:i+1], ring))
			from = i
		}
	}
	c.t.lines = append(c.t.lines, uses)
	c.t.rings = append(c.t.rings, ring)
}

// turned is a ring that begins at a junction or, where it has none, at its least
// position, so that equal rings are cut equally.
func (c *cutter) turned(ring []orb.Point) []orb.Point {
	start := 0
	for i, p := range ring {
		if c.junctions.at[p] {
			start = i
			break
		}
		if comparePoints(p, ring[start]) < 0 {
			start = i
		}
	}
	if start == 0 || start == len(ring)-1 {
		return ring
	}
	out := make([]orb.Point, 0, len(ring))
	out = append(out, ring[start:len(ring)-1]...)
	return append(out, ring[:start+1]...)
}

// arc finds or keeps an arc. Between junctions a line can go on in one way only,
// so its first two positions tell an arc.
func (c *cutter) arc(points []orb.Point, border bool) arcUse {
	n := len(points)
	u, ok := c.known[[2]orb.Point{points[0], points[1]}]
	if !ok {
		u = arcUse{arc: int32(len(c.t.arcs))}
		c.t.arcs = append(c.t.arcs, topoArc{points: points})
		c.known[[2]orb.Point{points[n-1], points[n-2]}] = arcUse{u.arc, true}
		c.known[[2]orb.Point{points[0], points[1]}] = u
	}
	if a := &c.t.arcs[u.arc]; border && (len(a.owners) == 0 || a.owners[len(a.owners)-1] != c.item) {
		a.owners = append(a.owners, c.item)
	}
	return u
}

// pixel is a position in pixels of zoom 0 of Web Mercator.
func pixel(p orb.Point) orb.Point {
	const tile, limit = 256, 89.9
	sin := math.Sin(max(-limit, min(limit, p[1])) * math.Pi / 180)
	return orb.Point{(p[0] + 180) / 360 * tile, (0.5 - math.Atanh(sin)/(2*math.Pi)) * tile}
}

// weigh computes for all tolerances at once which vertices Douglas and Peucker's
// method keeps. Ends stay; of a closed line also the vertex furthest from its end,
// and the one furthest from the line between the two, so that it does not collapse.
func weigh(line []orb.Point, pace *Pace) []float32 {
	flat := make([]orb.Point, len(line))
	for i, p := range line {
		flat[i] = pixel(p)
	}
	last := len(line) - 1
	weight := make([]float32, len(line))
	always := float32(math.Inf(1))
	weight[0], weight[last] = always, always
	type span struct {
		from, to int
		most     float32
	}
	spans := []span{{0, last, always}}
	if line[0] == line[last] && last > 2 {
		far, most := 1, 0.0
		for i, p := range flat {
			if d := math.Hypot(p[0]-flat[0][0], p[1]-flat[0][1]); d > most {
				far, most = i, d
			}
		}
		weight[far] = always
		weight[widest(flat, far)] = always
		spans = nil
		for from, to := 0, 1; to <= last; to++ {
			if weight[to] == always {
				spans = append(spans, span{from, to, always})
				from = to
			}
		}
	}
	for len(spans) > 0 {
		s := spans[len(spans)-1]
		if pace.Over(s.to - s.from) {
			break
		}
		spans = spans[:len(spans)-1]
		at, most := 0, -1.0
		for i := s.from + 1; i < s.to; i++ {
			if d := toSegment(flat[i], flat[s.from], flat[s.to]); d > most {
				at, most = i, d
			}
		}
		if at == 0 {
			continue
		}
		weight[at] = min(s.most, float32(most))
		spans = append(spans, span{s.from, at, weight[at]}, span{at, s.to, weight[at]})
	}
	return weight
}

// widest is the vertex of a closed line that is furthest from the line between
// its end and the vertex far.
func widest(flat []orb.Point, far int) int {
	at, most := 0, -1.0
	for i, p := range flat[:len(flat)-1] {
		if d := toSegment(p, flat[0], flat[far]); i != 0 && i != far && d > most {
			at, most = i, d
		}
	}
	return at
}

// toSegment is the distance from p to the segment a b.
func toSegment(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		t = max(0, min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/n))
	}
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}

// thin leaves vertices out. tolerance is in pixels of zoom 0.
func (t *topology) thin(ctx context.Context, tolerance float64) ([][]orb.Point, error) {
	limits := make([]float32, len(t.arcs))
	arcs := make([][]orb.Point, len(t.arcs))
	for i := range t.arcs {
		limits[i] = float32(tolerance)
		arcs[i] = t.arcs[i].kept(limits[i])
	}
	check := &crossings{t: t, apart: make(map[[2]int32]bool), pace: NewPace(ctx)}
	for round := 0; ; round++ {
		bad := t.collapsed(arcs)
		if err := check.find(ctx, arcs, bad); err != nil {
			return nil, err
		}
		done := true
		for i := range bad {
			if len(arcs[i]) == len(t.arcs[i].points) {
				continue
			}
			done = false
			const rounds = 8 // of halving; then all vertices stay
			if limits[i] /= 2; round >= rounds {
				limits[i] = -1
			}
			arcs[i] = t.arcs[i].kept(limits[i])
		}
		if done {
			return arcs, nil
		}
	}
}

// kept are the points whose weight is above the limit.
func (a *topoArc) kept(limit float32) []orb.Point {
	n := 0
	for _, w := range a.weight {
		if w > limit {
			n++
		}
	}
	if n == len(a.points) {
		return a.points
	}
	out := make([]orb.Point, 0, n)
	for i, w := range a.weight {
		if w > limit {
			out = append(out, a.points[i])
		}
	}
	return out
}

// collapsed are the arcs of rings that have less than four positions.
func (t *topology) collapsed(arcs [][]orb.Point) map[int32]bool {
	bad := make(map[int32]bool)
	for i, uses := range t.lines {
		if !t.rings[i] {
			continue
		}
		n := 1
		for _, u := range uses {
			n += len(arcs[u.arc]) - 1
		}
		if n < 4 {
			for _, u := range uses {
				bad[u.arc] = true
			}
		}
	}
	return bad
}

// crossings finds where thinned borders meet that were apart.
type crossings struct {
	t     *topology
	apart map[[2]int32]bool // of two arcs: whether they have no more than ends in common
	pace  *Pace
}

type topoSegment struct {
	arc  int32
	a, b orb.Point
}

// find adds the arcs that meet others, or themselves, to bad. One of two segments
// that meet anew must be a new one.
func (c *crossings) find(ctx context.Context, arcs [][]orb.Point, bad map[int32]bool) error {
	var fresh rtree.RTreeG[topoSegment]
	c.segments(arcs, true, func(s topoSegment) {
		lo, hi := s.bounds()
		fresh.Insert(lo, hi, s)
	})
	if fresh.Len() == 0 {
		return nil
	}
	c.segments(arcs, false, func(s topoSegment) {
		lo, hi := s.bounds()
		fresh.Search(lo, hi, func(_, _ [2]float64, other topoSegment) bool {
			if c.pace.Over(1) {
				return false
			}
			if s != other && clash(s.a, s.b, other.a, other.b) && c.wereApart(s.arc, other.arc) {
				bad[s.arc], bad[other.arc] = true, true
			}
			return true
		})
	})
	return ctx.Err()
}

// segments calls f for the segments of the borders, or only for those that are
// not among the original ones.
func (c *crossings) segments(arcs [][]orb.Point, fresh bool, f func(topoSegment)) {
	for i, line := range arcs {
		original := c.t.arcs[i].points
		if len(c.t.arcs[i].owners) == 0 || fresh && len(line) == len(original) {
			continue
		}
		at := 0 // of the segment's beginning in original
		for k := 1; k < len(line); k++ {
			if !fresh {
				f(topoSegment{int32(i), line[k-1], line[k]})
				continue
			}
			to := at + 1
			for original[to] != line[k] {
				to++
			}
			if to > at+1 {
				f(topoSegment{int32(i), line[k-1], line[k]})
			}
			at = to
		}
	}
}

func (s topoSegment) bounds() (lo, hi [2]float64) {
	return [2]float64{min(s.a[0], s.b[0]), min(s.a[1], s.b[1])}, [2]float64{max(s.a[0], s.b[0]), max(s.a[1], s.b[1])}
}

// wereApart reports whether two arcs must not meet but at their ends: those of one
// feature, and those that did not meet in the source. Features that cross there may
// cross.
func (c *crossings) wereApart(i, j int32) bool {
	if i > j {
		i, j = j, i
	}
	key := [2]int32{i, j}
	apart, known := c.apart[key]
	if known {
		return apart
	}
	a, b := &c.t.arcs[i], &c.t.arcs[j]
	for _, item := range a.owners {
		if _, apart = slices.BinarySearch(b.owners, item); apart {
			break
		}
	}
	apart = apart || !arcsClash(a.points, b.points, c.pace)
	c.apart[key] = apart
	return apart
}

// arcsClash reports whether two different arcs meet in more than their ends.
func arcsClash(a, b []orb.Point, pace *Pace) bool {
	var tree rtree.RTreeG[int]
	for k := 1; k < len(b) && !pace.Over(32); k++ {
		lo, hi := topoSegment{a: b[k-1], b: b[k]}.bounds()
		tree.Insert(lo, hi, k)
	}
	met := false
	for k := 1; k < len(a) && !met; k++ {
		lo, hi := topoSegment{a: a[k-1], b: a[k]}.bounds()
		tree.Search(lo, hi, func(_, _ [2]float64, m int) bool {
			met = clash(a[k-1], a[k], b[m-1], b[m])
			return !met && !pace.Over(1)
		})
	}
	return met
}

// clash reports whether the segments p q and r s meet in more than a common end.
func clash(p, q, r, s orb.Point) bool {
	switch {
	case p == r && q == s || p == s && q == r:
		return true
	case p == r:
		return sameWay(p, q, s)
	case p == s:
		return sameWay(p, q, r)
	case q == r:
		return sameWay(q, p, s)
	case q == s:
		return sameWay(q, p, r)
	}
	a, b, c, d := SideOf(p, q, r), SideOf(p, q, s), SideOf(r, s, p), SideOf(r, s, q)
	if a == 0 && b == 0 {
		return max(p[0], q[0]) >= min(r[0], s[0]) && max(r[0], s[0]) >= min(p[0], q[0]) &&
			max(p[1], q[1]) >= min(r[1], s[1]) && max(r[1], s[1]) >= min(p[1], q[1])
	}
	return a*b <= 0 && c*d <= 0
}

// sameWay reports whether the segments from a common end to a and to b lie on
// each other.
func sameWay(end, a, b orb.Point) bool {
	return SideOf(end, a, b) == 0 && ((a[0]-end[0])*(b[0]-end[0]) > 0 || (a[1]-end[1])*(b[1]-end[1]) > 0)
}
