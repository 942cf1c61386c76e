package draw

import (
	"image/color"
	"math"
	"slices"
	"strconv"
)

// pdfState is how the page paints at the moment. The zero value is that of a new page.
type pdfState struct {
	fill, stroke color.NRGBA // without their alpha
	alpha        uint8       // 255 less it
	width        int         // in hundredths
	dash         []float64
	round        bool
	known        bool // the stroke was set
}

// flush writes what is in the buffer, and an operator.
func (p *pdfWriter) flush(operator string) {
	p.buf.raw(operator)
	p.doc.RawWriteStr(string(p.buf.b))
	p.buf.b = p.buf.b[:0]
}

func (p *pdfWriter) save() {
	p.flush("q")
	p.saved = append(p.saved, p.state)
}

func (p *pdfWriter) restore() {
	p.flush("Q")
	p.state = p.saved[len(p.saved)-1]
	p.saved = p.saved[:len(p.saved)-1]
}

// shape paints the inside, the pattern over it and the line over both, each by itself,
// because transparent paint would otherwise be mixed in another way than by the other
// writers.
func (p *pdfWriter) shape(s *Shape) {
	if s.Path.Empty() {
		return
	}
	lined := s.Stroke.shows()
	filled := s.Fill.Color.A > 0
	hatches := s.Fill.Pattern.hatches()
	if s.Fill.Ink.A == 0 {
		hatches = nil
	}
	rule := ""
	if s.Fill.EvenOdd {
		rule = "*"
	}
	if filled && lined && len(hatches) == 0 && s.Fill.Color.A == 255 && s.Stroke.Color.A == 255 {
		p.setFill(s.Fill.Color)
		p.setStroke(s.Stroke)
		p.buf.pdfPath(&s.Path)
		p.flush("B" + rule)
		return
	}
	if filled {
		p.setFill(s.Fill.Color)
		p.buf.pdfPath(&s.Path)
		p.flush("f" + rule)
	}
	if len(hatches) > 0 {
		p.save()
		p.buf.pdfPath(&s.Path)
		p.flush("W" + rule + " n")
		p.hatch(hatches, s.Fill.Ink, s.Path.Bounds().in(p.bounds))
		p.restore()
	}
	if lined {
		p.setStroke(s.Stroke)
		p.buf.pdfPath(&s.Path)
		p.flush("S")
	}
}

// hatch draws the lines and dots of a pattern in a box. Dots are the round ends of
// dashes without length.
func (p *pdfWriter) hatch(hatches []hatch, ink color.NRGBA, box Rect) {
	if !(box.W > 0 && box.H > 0) {
		return
	}
	box = Rect{box.X - period, box.Y - period, box.W + 2*period, box.H + 2*period}
	var bands, dots Path
	for _, h := range hatches {
		if !h.dots {
			h.bands(&bands, box)
			continue
		}
		x := h.c + period*math.Floor((box.X-h.c)/period) // where a dot stands
		for y := h.c + period*math.Floor((box.Y-h.c)/period); y < box.Y+box.H; y += period {
			dots.Polyline([]Point{{x, y}, {box.X + box.W, y}}, false)
		}
	}
	if !bands.Empty() {
		p.setFill(ink)
		p.buf.pdfPath(&bands)
		p.flush("f")
	}
	if !dots.Empty() {
		p.setStroke(Stroke{Color: ink, Width: hatches[0].width, Round: true, Dash: []float64{0, period}})
		p.buf.pdfPath(&dots)
		p.flush("S")
	}
}

// in is the part of a box within another.
func (r Rect) in(outer Rect) Rect {
	x, y := max(r.X, outer.X), max(r.Y, outer.Y)
	return Rect{x, y, min(r.X+r.W, outer.X+outer.W) - x, min(r.Y+r.H, outer.Y+outer.H) - y}
}

func (p *pdfWriter) setAlpha(alpha uint8) {
	if p.state.alpha == 255-alpha {
		return
	}
	p.state.alpha = 255 - alpha
	p.doc.SetAlpha(float64(alpha)/255, "Normal")
}

func (p *pdfWriter) setFill(c color.NRGBA) {
	p.setAlpha(c.A)
	c.A = 0
	if c == p.state.fill {
		return
	}
	p.state.fill = c
	p.buf.pdfColor(c)
	p.flush("rg")
}

func (p *pdfWriter) setStroke(s Stroke) {
	p.setAlpha(s.Color.A)
	c := s.Color
	c.A = 0
	if c != p.state.stroke {
		p.state.stroke = c
		p.buf.pdfColor(c)
		p.flush("RG")
	}
	if width := hundredths(s.Width); width != p.state.width || !p.state.known {
		p.state.width = width
		p.buf.hundredths(width)
		p.flush(" w")
	}
	if s.Round != p.state.round || !p.state.known {
		p.state.round = s.Round
		if s.Round {
			p.flush("1 J 1 j")
		} else {
			p.flush("0 J 0 j")
		}
	}
	if !slices.Equal(s.Dash, p.state.dash) {
		p.state.dash = s.Dash
		p.buf.raw("[")
		p.buf.dashes(s.Dash)
		p.flush("] 0 d")
	}
	p.state.known = true
}

func (b *buffer) pdfColor(c color.NRGBA) {
	for _, v := range [3]uint8{c.R, c.G, c.B} {
		b.b = strconv.AppendFloat(b.b, math.Round(float64(v)/255*1000)/1000, 'f', -1, 64)
		b.raw(" ")
	}
}

func (b *buffer) pdfPoint(q Point) {
	b.float(q.X)
	b.raw(" ")
	b.float(q.Y)
	b.raw(" ")
}

func (b *buffer) pdfPath(p *Path) {
	points := p.points
	for _, o := range p.ops {
		switch o {
		case moveTo:
			b.pdfPoint(points[0])
			b.raw("m ")
			points = points[1:]
		case lineTo:
			b.pdfPoint(points[0])
			b.raw("l ")
			points = points[1:]
		case cubicTo:
			for _, q := range points[:3] {
				b.pdfPoint(q)
			}
			b.raw("c ")
			points = points[3:]
		case closePath:
			b.raw("h ")
		}
	}
}
