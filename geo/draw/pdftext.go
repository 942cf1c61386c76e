package draw

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf16"
)

// text draws the halo from the outlines of the glyphs, so that a search does not find
// the text twice, and the text over it.
func (p *pdfWriter) text(t *Text) {
	line := p.fonts.line(t)
	if len(line.runs) == 0 || !(t.Size > 0) {
		return
	}
	x := line.start(t)
	if t.Halo.Color.A > 0 && t.Halo.Width > 0 {
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
	for _, r := range line.runs {
		for _, g := range r.glyphs {
			outline := r.face.outline(g.id)
			if outline.Empty() {
				continue
			}
			p.flush("q")
			p.buf.b = fmt.Appendf(p.buf.b, "%.5f 0 0 %.5f ", unit, unit)
			p.buf.pdfPoint(Point{x + g.x, t.Y})
			p.flush("cm")
			p.buf.pdfPath(outline.inThousandths(t.Italic))
			p.flush("S")
			p.flush("Q")
		}
	}
	p.restore()
}

// inThousandths is an outline of an em as one of 1,000 and in whole numbers.
func (p *Path) inThousandths(italic bool) *Path {
	q := &Path{ops: p.ops, points: make([]Point, len(p.points))}
	for i, at := range p.points {
		if italic {
			at.X -= slant * at.Y
		}
		q.points[i] = Point{math.Round(at.X * 1000), math.Round(at.Y * 1000)}
	}
	return q
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
	var shown strings.Builder
	original := ""
	for _, g := range glyphs {
		code, coded := p.faces[c].codes[g.char]
		switch {
		case coded:
			original = string(g.char)
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
	if original != "" {
		p.buf.raw("/Span <</ActualText <FEFF")
		for _, u := range utf16.Encode([]rune(original)) {
			p.buf.b = fmt.Appendf(p.buf.b, "%04X", u)
		}
		p.flush(">>> BDC")
	}
	p.doc.SetFont(c.name, "", min(t.Size, maxSide))
	p.doc.Text(0, p.height, shown.String())
	if original != "" {
		p.flush("EMC")
	}
	p.restore()
}
