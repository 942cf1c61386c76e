package draw

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// scanner turns outlines into spans of equal coverage, by the exact area that they
// cover of each pixel. It keeps only the pixels that an edge crosses, so that large
// shapes cost no more than their outline, and knows both winding rules, which
// x/image/vector does not.
//
// Places are rounded to 1/256 of a pixel; all after that is whole numbers, so that a
// drawing gives the same bytes on every machine.
type scanner struct {
	clip   image.Rectangle
	top    int // rows from top to bottom are scanned, a part of clip
	bottom int
	full   bool // more cells than limit
	limit  int  // 0: maxCells

	cells  []cover
	sorted []cover
	ends   []int32
}

// cover is what edges cover of a pixel: the height that they cross, and twice the
// area to the left of them, in 1/256 and 1/65536.
type cover struct {
	x, y         int32
	height, area int32
}

// maxCells bounds the memory of a scanner to 2 x 16 MB. An outline that crosses more
// pixels is scanned in bands.
const maxCells = 1 << 20

// farAway is where coordinates are cut off, in pixels: far enough from any page that
// the slopes on it do not change by a pixel for what is drawn by people.
const farAway = 1 << 26

// spanner takes spans of one row: pixels from x0 up to x1, coverage 1 to 255.
type spanner interface {
	span(y, x0, x1 int, coverage uint32)
}

// fill paints what outline describes, within clip. outline may be called several times.
func (s *scanner) fill(clip image.Rectangle, evenOdd bool, to spanner, outline func()) {
	if clip.Empty() {
		return
	}
	s.clip = clip
	s.band(clip.Min.Y, clip.Max.Y, evenOdd, to, outline)
}

func (s *scanner) band(top, bottom int, evenOdd bool, to spanner, outline func()) {
	s.top, s.bottom, s.full = top, bottom, false
	s.cells = s.cells[:0]
	outline()
	if s.full && bottom-top > 1 {
		middle := (top + bottom) / 2
		s.band(top, middle, evenOdd, to, outline)
		s.band(middle, bottom, evenOdd, to, outline)
		return
	}
	s.sweep(evenOdd, to)
}

// ring adds the edges of a closed outline.
func (s *scanner) ring(points []Point) {
	if len(points) < 2 {
		return
	}
	a := points[len(points)-1]
	for _, b := range points {
		s.edge(a, b)
		a = b
	}
}

// edge adds a line, cut to the rows. What lies left of the clip counts at its left
// edge, as it covers all that is right of it; what lies right of it does not matter.
func (s *scanner) edge(a, b Point) {
	top, bottom := float64(s.top), float64(s.bottom)
	if s.full || a.Y <= top && b.Y <= top || a.Y >= bottom && b.Y >= bottom || a.Y == b.Y {
		return
	}
	if a.Y < top {
		a = Point{a.X + (b.X-a.X)*(top-a.Y)/(b.Y-a.Y), top}
	} else if a.Y > bottom {
		a = Point{a.X + (b.X-a.X)*(bottom-a.Y)/(b.Y-a.Y), bottom}
	}
	if b.Y < top {
		b = Point{a.X + (b.X-a.X)*(top-a.Y)/(b.Y-a.Y), top}
	} else if b.Y > bottom {
		b = Point{a.X + (b.X-a.X)*(bottom-a.Y)/(b.Y-a.Y), bottom}
	}
	left, right := float64(s.clip.Min.X), float64(s.clip.Max.X)
	if a.X >= left && a.X <= right && b.X >= left && b.X <= right {
		s.line(fixed8(a.X), fixed8(a.Y), fixed8(b.X), fixed8(b.Y))
		return
	}
	s.cutEdge(a, b, left, right)
}

// cutEdge adds an edge that lies partly beside the clip.
func (s *scanner) cutEdge(a, b Point, left, right float64) {
	at := [4]Point{a, b, b, b}
	n := 1
	cut := func(x float64) {
		if a.X < x != (b.X < x) {
			at[n] = Point{x, a.Y + (b.Y-a.Y)*(x-a.X)/(b.X-a.X)}
			n++
		}
	}
	if a.X < b.X {
		cut(left)
		cut(right)
	} else {
		cut(right)
		cut(left)
	}
	at[n] = b
	for i := range n {
		p, q := at[i], at[i+1]
		s.line(fixed8(min(max(p.X, left), right)), fixed8(p.Y), fixed8(min(max(q.X, left), right)), fixed8(q.Y))
	}
}

func fixed8(v float64) int { return int(math.Floor(v*256 + 0.5)) }

// line adds a line of places in 1/256, row by row.
func (s *scanner) line(x0, y0, x1, y1 int) {
	row, last := y0>>8, y1>>8
	if row == last {
		s.row(row, x0, y0&255, x1, y1&255)
		return
	}
	dx, dy := x1-x0, y1-y0
	edge, step := 256, 1 // where a row is left
	if dy < 0 {
		edge, step = 0, -1
	}
	x, y := x0, y0&255
	for row != last {
		next := x0 + floorDiv(dx*(row<<8+edge-y0), dy)
		s.row(row, x, y, next, edge)
		x, y = next, 256-edge
		row += step
	}
	s.row(row, x, y, x1, y1&255)
}

// row adds a line within a row, y in 0 to 256.
func (s *scanner) row(row, x0, y0, x1, y1 int) {
	if y0 == y1 || row < s.top || row >= s.bottom {
		return
	}
	at, last := x0>>8, x1>>8
	if at == last {
		s.add(at, row, y1-y0, (x0&255+x1&255)*(y1-y0))
		return
	}
	dx, dy := x1-x0, y1-y0
	edge, step := 256, 1
	if dx < 0 {
		edge, step = 0, -1
	}
	x, y := x0&255, y0
	for at != last {
		next := y0 + floorDiv(dy*(at<<8+edge-x0), dx)
		s.add(at, row, next-y, (x+edge)*(next-y))
		x, y = 256-edge, next
		at += step
	}
	s.add(at, row, y1-y, (x+x1&255)*(y1-y))
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func (s *scanner) add(x, y, height, area int) {
	if n := len(s.cells); n > 0 && s.cells[n-1].x == int32(x) && s.cells[n-1].y == int32(y) {
		s.cells[n-1].height += int32(height)
		s.cells[n-1].area += int32(area)
		return
	}
	if height == 0 {
		return
	}
	if len(s.cells) >= cmp.Or(s.limit, maxCells) && s.bottom-s.top > 1 {
		s.full = true
		return
	}
	s.cells = append(s.cells, cover{int32(x), int32(y), int32(height), int32(area)})
}

// sweep goes through the rows from left to right.
func (s *scanner) sweep(evenOdd bool, to spanner) {
	if len(s.cells) == 0 {
		return
	}
	s.sortCells()
	from := 0
	for y, end := range s.ends {
		s.sweepRow(s.top+y, s.sorted[from:end], evenOdd, to)
		from = int(end)
	}
}

// sortCells puts the cells into rows.
func (s *scanner) sortCells() {
	rows := s.bottom - s.top
	s.ends = slices.Grow(s.ends[:0], rows)[:rows]
	clear(s.ends)
	for i := range s.cells {
		s.ends[int(s.cells[i].y)-s.top]++
	}
	sum := int32(0)
	for y, n := range s.ends {
		s.ends[y] = sum
		sum += n
	}
	s.sorted = slices.Grow(s.sorted[:0], len(s.cells))[:len(s.cells)]
	for _, c := range s.cells {
		at := &s.ends[int(c.y)-s.top]
		s.sorted[*at] = c
		*at++
	}
}

func (s *scanner) sweepRow(y int, cells []cover, evenOdd bool, to spanner) {
	if len(cells) > 16 {
		slices.SortFunc(cells, func(a, b cover) int { return int(a.x) - int(b.x) })
	} else {
		for i := 1; i < len(cells); i++ {
			for j := i; j > 0 && cells[j].x < cells[j-1].x; j-- {
				cells[j], cells[j-1] = cells[j-1], cells[j]
			}
		}
	}
	height := int32(0)
	for i := 0; i < len(cells); {
		x := cells[i].x
		area := int32(0)
		for ; i < len(cells) && cells[i].x == x; i++ {
			height += cells[i].height
			area += cells[i].area
		}
		if int(x) >= s.clip.Max.X {
			return
		}
		if c := coverage(height<<9-area, evenOdd); c > 0 {
			to.span(y, int(x), int(x)+1, c)
		}
		end := s.clip.Max.X
		if i < len(cells) {
			end = min(end, int(cells[i].x))
		}
		if int(x)+1 < end {
			if c := coverage(height<<9, evenOdd); c > 0 {
				to.span(y, int(x)+1, end, c)
			}
		}
	}
}

// coverage is the part of a pixel, of 255, from twice its area in 1/65536.
func coverage(area int32, evenOdd bool) uint32 {
	if area < 0 {
		area = -area
	}
	area = (area + 1<<8) >> 9
	if evenOdd {
		if area &= 511; area > 256 {
			area = 512 - area
		}
	}
	return uint32(min(area, 255))
}
