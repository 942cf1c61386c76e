package draw

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// subsetGlyph is a glyph of a face and the character that shall show it.
type subsetGlyph struct {
	char rune
	id   sfnt.GlyphIndex
}

// subset makes a TrueType font of nothing but the glyphs, and of the box for missing
// characters. It is made from outlines and not from the tables of the face, so that
// faces of any format can be embedded; hints, kerning and ligatures are left behind.
// Of glyphs with the same character one is kept.
func (c *face) subset(glyphs []subsetGlyph) ([]byte, error) {
	glyphs = slices.Clone(glyphs)
	slices.SortStableFunc(glyphs, func(a, b subsetGlyph) int { return cmp.Compare(a.char, b.char) })
	glyphs = slices.CompactFunc(glyphs, func(a, b subsetGlyph) bool { return a.char == b.char })

	t := trueType{face: c, index: map[sfnt.GlyphIndex]uint16{}}
	if err := t.add(0); err != nil {
		return nil, err
	}
	var chars []charIndex
	for _, g := range glyphs {
		if _, ok := t.index[g.id]; !ok {
			if err := t.add(g.id); err != nil {
				return nil, err
			}
		}
		chars = append(chars, charIndex{g.char, t.index[g.id]})
	}
	return t.file(chars), nil
}

type charIndex struct {
	char  rune
	index uint16
}

// trueType is a font in the making. Lengths are units of the font, y upwards.
type trueType struct {
	face *face
	buf  sfnt.Buffer

	index            map[sfnt.GlyphIndex]uint16 // where a glyph of the face is in this font
	glyf, hmtx, loca []byte
	box              [4]int16 // xMin, yMin, xMax, yMax of all glyphs
	points, contours int      // the most that a glyph has
	maxAdvance       uint16
}

func (t *trueType) add(id sfnt.GlyphIndex) error {
	ppem := fixed.I(int(t.face.unitsPerEm)) // so that a pixel is a unit
	segments, err := t.face.font.LoadGlyph(&t.buf, id, ppem, nil)
	if err != nil {
		return fmt.Errorf("draw: glyph %d of %s: %w", id, t.face.name, err)
	}
	contours := contoursOf(segments)
	width, err := t.face.font.GlyphAdvance(&t.buf, id, ppem, font.HintingNone)
	if err != nil {
		return fmt.Errorf("draw: glyph %d of %s: %w", id, t.face.name, err)
	}
	advance := uint16(max(0, min(width.Round(), 1<<15-1)))

	t.index[id] = uint16(len(t.index))
	t.loca = binary.BigEndian.AppendUint32(t.loca, uint32(len(t.glyf)))
	var left int16
	if len(contours) > 0 {
		left = t.outline(contours)
	}
	t.hmtx = binary.BigEndian.AppendUint16(t.hmtx, advance)
	t.hmtx = binary.BigEndian.AppendUint16(t.hmtx, uint16(left))
	t.maxAdvance = max(t.maxAdvance, advance)
	return nil
}

// outline appends a glyph to the table of outlines and returns where its ink begins.
func (t *trueType) outline(contours [][]glyphPoint) (left int16) {
	box := [4]int16{1<<15 - 1, 1<<15 - 1, -1 << 15, -1 << 15}
	var ends, flags, xs, ys []byte
	var last glyphPoint
	n := 0
	for _, c := range contours {
		for _, p := range c {
			box = [4]int16{min(box[0], p.x), min(box[1], p.y), max(box[2], p.x), max(box[3], p.y)}
			var flag byte
			if p.on {
				flag = 1
			}
			xs, flag = appendDelta(xs, flag, int(p.x)-int(last.x), 0x02, 0x10)
			ys, flag = appendDelta(ys, flag, int(p.y)-int(last.y), 0x04, 0x20)
			flags = append(flags, flag)
			last = p
			n++
		}
		ends = binary.BigEndian.AppendUint16(ends, uint16(n-1))
	}
	g := binary.BigEndian.AppendUint16(t.glyf, uint16(len(contours)))
	for _, v := range box {
		g = binary.BigEndian.AppendUint16(g, uint16(v))
	}
	g = append(g, ends...)
	g = append(g, 0, 0) // no instructions
	g = append(g, packFlags(flags)...)
	g = append(g, xs...)
	g = append(g, ys...)
	for len(g)%4 != 0 {
		g = append(g, 0)
	}
	t.glyf = g

	t.points, t.contours = max(t.points, n), max(t.contours, len(contours))
	if t.box == [4]int16{} {
		t.box = box
	}
	t.box = [4]int16{min(t.box[0], box[0]), min(t.box[1], box[1]), max(t.box[2], box[2]), max(t.box[3], box[3])}
	return box[0]
}

// appendDelta writes a difference of coordinates as short as it can be and adds to the
// flag how it is written: short says that it is one byte, same that this is positive,
// or without short that there is none.
func appendDelta(b []byte, flag byte, d int, short, same byte) ([]byte, byte) {
	switch {
	case d == 0:
		return b, flag | same
	case d > 0 && d < 256:
		return append(b, byte(d)), flag | short | same
	case d < 0 && d > -256:
		return append(b, byte(-d)), flag | short
	}
	return binary.BigEndian.AppendUint16(b, uint16(int16(d))), flag
}

// packFlags writes flags that stand repeatedly as one and how often.
func packFlags(flags []byte) []byte {
	const repeat = 0x08
	var b []byte
	for i := 0; i < len(flags); {
		n := 1
		for i+n < len(flags) && flags[i+n] == flags[i] && n < 256 {
			n++
		}
		if n > 2 {
			b = append(b, flags[i]|repeat, byte(n-1))
		} else {
			b = append(b, flags[i:i+n]...)
		}
		i += n
	}
	return b
}

// glyphPoint is on the outline, or a control point of a quadratic curve.
type glyphPoint struct {
	x, y int16
	on   bool
}

// contoursOf makes rings of points from what the font library gives: 26.6 numbers, y
// downwards.
func contoursOf(segments sfnt.Segments) [][]glyphPoint {
	var contours [][]glyphPoint
	var ring []fixedPoint
	var at fixed.Point26_6
	end := func() {
		if c := closeRing(ring); len(c) > 1 {
			contours = append(contours, c)
		}
		ring = ring[:0]
	}
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			end()
			ring = append(ring, fixedPoint{s.Args[0], true})
			at = s.Args[0]
		case sfnt.SegmentOpLineTo:
			ring = append(ring, fixedPoint{s.Args[0], true})
			at = s.Args[0]
		case sfnt.SegmentOpQuadTo:
			ring = append(ring, fixedPoint{s.Args[0], false}, fixedPoint{s.Args[1], true})
			at = s.Args[1]
		case sfnt.SegmentOpCubeTo:
			ring = appendCubic(ring, at, s.Args)
			at = s.Args[2]
		}
	}
	end()
	return contours
}

type fixedPoint struct {
	p  fixed.Point26_6
	on bool
}

// appendCubic writes a cubic curve as four quadratic ones. A font's curve turns by at
// most a right angle, which leaves an error of less than a unit.
func appendCubic(ring []fixedPoint, p0 fixed.Point26_6, args [3]fixed.Point26_6) []fixedPoint {
	const pieces = 4
	x := [4]float64{float64(p0.X), float64(args[0].X), float64(args[1].X), float64(args[2].X)}
	y := [4]float64{float64(p0.Y), float64(args[0].Y), float64(args[1].Y), float64(args[2].Y)}
	for i := range pieces {
		t, u := float64(i)/pieces, float64(i+1)/pieces
		cx, ex := quadOf(x, t, u)
		cy, ey := quadOf(y, t, u)
		ring = append(ring,
			fixedPoint{fixed.Point26_6{X: fixed.Int26_6(cx), Y: fixed.Int26_6(cy)}, false},
			fixedPoint{fixed.Point26_6{X: fixed.Int26_6(ex), Y: fixed.Int26_6(ey)}, true})
	}
	return ring
}

// quadOf is the control point and the end of the quadratic curve that comes nearest to
// a cubic one between two of its parameters.
func quadOf(c [4]float64, t, u float64) (control, end float64) {
	// The blossom of the curve gives the control points of its part.
	blossom := func(r, s, v float64) float64 {
		mix := func(a, b, t float64) float64 { return a + (b-a)*t }
		a, b, d := mix(c[0], c[1], r), mix(c[1], c[2], r), mix(c[2], c[3], r)
		a, b = mix(a, b, s), mix(b, d, s)
		return mix(a, b, v)
	}
	p0, p1, p2, p3 := blossom(t, t, t), blossom(t, t, u), blossom(t, u, u), blossom(u, u, u)
	return (3*(p1+p2) - p0 - p3) / 4, p3
}

// closeRing rounds a ring, and drops its last point where it repeats the first and the
// points in the middle between two control points, which the format implies.
func closeRing(ring []fixedPoint) []glyphPoint {
	if n := len(ring); n > 1 && ring[n-1].on && ring[n-1].p == ring[0].p {
		ring = ring[:n-1]
	}
	var c []glyphPoint
	for i, r := range ring {
		before, after := ring[(i+len(ring)-1)%len(ring)], ring[(i+1)%len(ring)]
		if r.on && !before.on && !after.on && i > 0 {
			dx := 2*r.p.X - before.p.X - after.p.X
			dy := 2*r.p.Y - before.p.Y - after.p.Y
			if max(dx, -dx, dy, -dy) <= 2 {
				continue
			}
		}
		c = append(c, glyphPoint{clampUnit(r.p.X.Round()), clampUnit(-r.p.Y.Round()), r.on})
	}
	return c
}

// clampUnit keeps a number where differences of two fit 16 bits.
func clampUnit(v int) int16 { return int16(max(-16000, min(v, 16000))) }
