package draw

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
)

// text draws the halo from the outlines of the glyphs, so that a search does not find
// the text twice, and the text over it.
func (p *pdfWriter) text(t *Text) {
	line := p.fonts.line(t)
	if len(line.runs) == 0 || !(t.Size > 0) {
		return
	}
	x := line.start(t)
	if t.Halo.shows() {
		p.halo(t, line, x)
	}
	if t.Color.A == 0 {
		return
	}
	for _, r := range line.runs {
		for _, piece := range p.pieces(r, t) {
			p.piece(t, r.face, piece, x)
		}
	}
}

// halo strokes the outlines of a line's glyphs. Each is written in thousandths of its
// em, so that equal glyphs are equal bytes and take little room when compressed.
func (p *pdfWriter) halo(t *Text, line line, x float64) {
	unit := min(t.Size, maxSide) / 1000
	p.save()
	stroke := t.Halo
	stroke.Width /= unit
	stroke.Dash = nil
	p.setStroke(stroke)
	scale := strconv.FormatFloat(unit, 'f', 5, 64)
	for _, r := range line.runs {
		for _, g := range r.glyphs {
			outline := p.outline(leaning{r.face, g.id, t.Italic})
			if outline == "" {
				continue
			}
			p.buf.raw("q ", scale, " 0 0 ", scale, " ")
			p.buf.pdfPoint(Point{x + g.x, t.Y})
			p.buf.raw("cm ", outline)
			p.flush("S Q")
		}
	}
	p.restore()
}

// leaning is a glyph of a face, upright or slanted.
type leaning struct {
	face   *face
	id     sfnt.GlyphIndex
	italic bool
}

// outline is the path of the glyph in whole thousandths of the em.
func (l leaning) outline() *Path {
	em := l.face.outline(l.id)
	p := &Path{ops: em.ops, points: make([]Point, len(em.points))}
	for i, q := range em.points {
		if l.italic {
			q.X -= slant * q.Y
		}
		p.points[i] = Point{math.Round(q.X * 1000), math.Round(q.Y * 1000)}
	}
	return p
}

// outline is the outline of a glyph as operators; "" for a space.
func (p *pdfWriter) outline(l leaning) string {
	s, ok := p.outlines[l]
	if !ok {
		var b buffer
		b.pdfPath(l.outline())
		s = string(b.b)
		p.outlines[l] = s
	}
	return s
}

// pieces splits a run where its glyphs do not stand where a reader, who adds up widths
// in whole thousandths of the em, would put them, and around characters beyond 16 bits.
func (p *pdfWriter) pieces(r run, t *Text) [][]glyph {
	var pieces [][]glyph
	from := 0
	at := 0.0
	for i, g := range r.glyphs {
		_, coded := p.faces[r.face].codes[g.char]
		after := false
		if i > 0 {
			_, after = p.faces[r.face].codes[r.glyphs[i-1].char]
		}
		if i > from && (coded || after || math.Abs(g.x-at) > t.Size/50) {
			pieces = append(pieces, r.glyphs[from:i])
			from = i
		}
		if i == from {
			at = g.x
		}
		at += math.Round(r.face.advance(g.id)*1000)/1000*t.Size + t.Spacing
	}
	return append(pieces, r.glyphs[from:])
}

// piece writes glyphs as text. Its lines are turned over, because those of the page
// are.
func (p *pdfWriter) piece(t *Text, c *face, glyphs []glyph, x float64) {
	var shown, original strings.Builder
	another := t.Spacing > t.Size/8 // where readers would see spaces between words
	for _, g := range glyphs {
		original.WriteRune(g.char)
		code, coded := p.faces[c].codes[g.char]
		switch {
		case coded:
			another = true
			shown.WriteRune(code)
		case g.char > 0xFFFF: // more such characters than there are codes
			shown.WriteRune('\uFFFD')
		default:
			shown.WriteRune(g.char)
		}
	}
	p.save()
	p.setFill(t.Color)
	p.buf.raw("1 0 ")
	if t.Italic {
		p.buf.float(slant)
	} else {
		p.buf.raw("0")
	}
	p.buf.raw(" -1 ")
	p.buf.pdfPoint(Point{x + glyphs[0].x, t.Y})
	p.flush("cm")
	if t.Spacing != 0 {
		p.buf.float(t.Spacing)
		p.flush(" Tc")
	}
	if another {
		p.buf.raw("/Span <</ActualText <FEFF")
		for _, u := range utf16.Encode([]rune(original.String())) {
			p.buf.b = fmt.Appendf(p.buf.b, "%04X", u)
		}
		p.flush(">>> BDC")
	}
	p.doc.SetFont(p.faces[c].key, "", min(t.Size, maxSide))
	p.doc.Text(0, p.height, shown.String())
	if another {
		p.flush("EMC")
	}
	p.restore()
}
