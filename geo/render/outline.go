package render

import (
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"
)

// The outline of a region in parts, as the page has it (web/src/outline.ts). The ink
// line runs only where the region borders on other land: along the coast the shore is
// the line, and where two of its own units meet there is none.
const (
	nearCoast   = 0.004 // degrees: a vertex nearer to the coast is on it
	nearUnit    = 0.004 // the same for the border of another unit of the region
	shortestRun = 4     // vertices: shorter runs are noise of two coasts that differ a little
	outlineCell = 0.1   // degrees
)

// ringIndex finds segments of rings by place.
type ringIndex map[[2]int32][]ringSegment

type ringSegment struct {
	a, b orb.Point
	ring int
}

func newRingIndex(rings []orb.Ring, window orb.Bound) ringIndex {
	x := ringIndex{}
	for n, ring := range rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if max(a[0], b[0]) < window.Min[0] || min(a[0], b[0]) > window.Max[0] || max(a[1], b[1]) < window.Min[1] || min(a[1], b[1]) > window.Max[1] {
				continue
			}
			x.add(ringSegment{a, b, n})
		}
	}
	return x
}

func cellOf(p orb.Point) [2]int32 {
	return [2]int32{int32(math.Floor(p[0] / outlineCell)), int32(math.Floor(p[1] / outlineCell))}
}

func (x ringIndex) add(s ringSegment) {
	n := max(1, math.Ceil(max(math.Abs(s.a[0]-s.b[0]), math.Abs(s.a[1]-s.b[1]))/outlineCell))
	var last [2]int32
	for i := 0.0; i <= n; i++ {
		f := i / n
		cell := cellOf(orb.Point{s.a[0] + (s.b[0]-s.a[0])*f, s.a[1] + (s.b[1]-s.a[1])*f})
		if i > 0 && cell == last {
			continue
		}
		last = cell
		x[cell] = append(x[cell], s)
	}
}

// near reports whether a segment of another ring than except runs within reach degrees.
func (x ringIndex) near(p orb.Point, reach float64, except int) bool {
	c := cellOf(p)
	for dx := int32(-1); dx <= 1; dx++ {
		for dy := int32(-1); dy <= 1; dy++ {
			for _, s := range x[[2]int32{c[0] + dx, c[1] + dy}] {
				if s.ring != except && fromSegment(p, s.a, s.b) < reach {
					return true
				}
			}
		}
	}
	return false
}

func fromSegment(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		t = max(0, min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/length))
	}
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}

// splitOutline parts the rings of a region into where it borders on other land, and
// where it ends at the sea.
func splitOutline(region orb.Geometry, coast ringIndex) (land, shore [][]orb.Point) {
	var rings []orb.Ring
	for _, p := range polygonsOf(region) {
		rings = append(rings, p...)
	}
	units := newRingIndex(rings, orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}})
	for n, ring := range rings {
		if len(ring) > 1 && ring[0] == ring[len(ring)-1] {
			ring = ring[:len(ring)-1]
		}
		if len(ring) < 3 {
			continue
		}
		each := func(test func(orb.Point) bool) []bool {
			out := make([]bool, len(ring))
			for i, p := range ring {
				q := ring[(i+1)%len(ring)]
				out[i] = test(p) && test(orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2})
			}
			return out
		}
		inner := each(func(p orb.Point) bool { return units.near(p, nearUnit, n) })
		onCoast := smoothed(each(func(p orb.Point) bool { return coast.near(p, nearCoast, -1) }))
		notLand, notShore := slices.Clone(onCoast), make([]bool, len(ring))
		for i := range ring {
			notLand[i] = onCoast[i] || inner[i]
			notShore[i] = !onCoast[i] || inner[i]
		}
		land = append(land, runs(ring, smoothed(notLand))...)
		shore = append(shore, runs(ring, notShore)...)
	}
	return land, shore
}

// smoothed takes short runs that are not set for set.
func smoothed(set []bool) []bool {
	start := slices.Index(set, true)
	if start < 0 {
		return set
	}
	n := len(set)
	out := slices.Clone(set)
	for k := 0; k < n; {
		i := (start + k) % n
		if set[i] {
			k++
			continue
		}
		run := 0
		for run < n && !set[(i+run)%n] {
			run++
		}
		if run < shortestRun {
			for j := range run {
				out[(i+j)%n] = true
			}
		}
		k += run
	}
	return out
}

// runs are the stretches of a ring whose vertices are not left out, each with the vertex
// before and after; the whole ring, closed, where none is.
func runs(ring orb.Ring, leftOut []bool) (lines [][]orb.Point) {
	start := slices.Index(leftOut, true)
	if start < 0 {
		return [][]orb.Point{append(slices.Clone([]orb.Point(ring)), ring[0])}
	}
	n := len(ring)
	var line []orb.Point
	for k := range n + 1 {
		i := (start + k) % n
		switch {
		case !leftOut[i]:
			if len(line) == 0 {
				line = append(line, ring[(i-1+n)%n])
			}
			line = append(line, ring[i])
		case len(line) > 0:
			lines = append(lines, append(line, ring[i]))
			line = nil
		}
	}
	return lines
}

// outlineCache keeps the parts of the outlines of regions, which are the same in every
// picture.
type outlineCache struct {
	mu   sync.Mutex
	kept map[*orb.Point]splitLines // by the first vertex, which is the outline's own
}

type splitLines struct{ land, shore [][]orb.Point }

// mostOutlines is how many outlines are kept; then it begins anew, as those of former
// data are never asked for again.
const mostOutlines = 64

func (c *outlineCache) split(region orb.Geometry, coast ringIndex) splitLines {
	polygons := polygonsOf(region)
	if len(polygons) == 0 || len(polygons[0]) == 0 || len(polygons[0][0]) == 0 {
		return splitLines{}
	}
	key := &polygons[0][0][0]
	c.mu.Lock()
	defer c.mu.Unlock()
	lines, ok := c.kept[key]
	if !ok {
		lines.land, lines.shore = splitOutline(region, coast)
		if c.kept == nil || len(c.kept) >= mostOutlines {
			c.kept = map[*orb.Point]splitLines{}
		}
		c.kept[key] = lines
	}
	return lines
}
