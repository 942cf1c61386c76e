package draw

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// buffer is a file in the making: XML, or a page of a PDF.
type buffer struct{ b []byte }

func (b *buffer) raw(parts ...string) {
	for _, s := range parts {
		b.b = append(b.b, s...)
	}
}

// escape writes text as XML can hold it. What it cannot hold becomes U+FFFD.
func (b *buffer) escape(text string) {
	for _, r := range text {
		switch {
		case r == '<':
			b.raw("&lt;")
		case r == '>':
			b.raw("&gt;")
		case r == '&':
			b.raw("&amp;")
		case r == '"':
			b.raw("&quot;")
		case r == '\n' || r == '\t' || r == '\r':
			b.raw(" ")
		case r < 0x20 || r >= 0x7F && r <= 0x9F || r == 0xFFFE || r == 0xFFFF:
			b.raw("\uFFFD")
		default:
			b.b = utf8.AppendRune(b.b, r)
		}
	}
}

func (b *buffer) attr(name, value string) {
	b.raw(" ", name, `="`)
	b.escape(value)
	b.raw(`"`)
}

func (b *buffer) number(name string, v float64) {
	b.raw(" ", name, `="`)
	b.float(v)
	b.raw(`"`)
}

// label names an element in the list of an editor.
func (b *buffer) label(name string) {
	if name != "" {
		b.attr("inkscape:label", name)
	}
}

func (b *buffer) element(name, text string) {
	b.raw("<", name, ">")
	b.escape(text)
	b.raw("</", name, ">")
}

func (b *buffer) title(alt string) {
	if alt != "" {
		b.element("title", alt)
	}
}

// end closes an element that has nothing in it but, where there is one, its title.
func (b *buffer) end(name, alt string) {
	if alt == "" {
		b.raw("/>\n")
		return
	}
	b.raw(">")
	b.title(alt)
	b.raw("</", name, ">\n")
}

// paint writes a colour and, where it is not opaque, its opacity.
func (b *buffer) paint(name string, c color.NRGBA) {
	b.raw(" ", name, `="`)
	if c.A == 0 {
		b.raw(`none"`)
		return
	}
	const digits = "0123456789abcdef"
	b.raw("#")
	short := c.R%17 == 0 && c.G%17 == 0 && c.B%17 == 0
	for _, v := range [3]uint8{c.R, c.G, c.B} {
		b.b = append(b.b, digits[v>>4])
		if !short {
			b.b = append(b.b, digits[v&15])
		}
	}
	b.raw(`"`)
	if c.A < 255 {
		b.raw(" ", name, `-opacity="`)
		b.b = strconv.AppendFloat(b.b, math.Round(float64(c.A)/255*1000)/1000, 'f', -1, 64)
		b.raw(`"`)
	}
}

func (b *buffer) stroke(s Stroke) {
	b.paint("stroke", s.Color)
	if s.Width != 1 {
		b.number("stroke-width", s.Width)
	}
	if s.Round {
		b.raw(` stroke-linecap="round" stroke-linejoin="round"`)
	}
	if len(s.Dash) > 0 {
		b.raw(` stroke-dasharray="`)
		b.dashes(s.Dash)
		b.raw(`"`)
	}
}

// dashes writes lengths, or none where all are 0, which readers take in many ways.
func (b *buffer) dashes(lengths []float64) {
	if !slices.ContainsFunc(lengths, func(v float64) bool { return hundredths(v) > 0 }) {
		lengths = nil
	}
	for i, v := range lengths {
		if i > 0 {
			b.raw(" ")
		}
		b.hundredths(max(0, hundredths(v)))
	}
}

// shows reports whether a stroke leaves a trace; a line without width would be as
// thin as the reader's screen allows.
func (s Stroke) shows() bool { return s.Color.A > 0 && hundredths(s.Width) > 0 }

// float writes a number with at most two decimals.
func (b *buffer) float(v float64) { b.hundredths(hundredths(v)) }

// hundredths rounds, so that differences of rounded numbers add up. What is no number
// is 0, and what is beyond any page stays where programs can still calculate.
func hundredths(v float64) int {
	if math.IsNaN(v) {
		return 0
	}
	return int(math.Round(max(-1e6, min(v, 1e6)) * 100))
}

func (b *buffer) hundredths(v int) {
	if v < 0 {
		b.b = append(b.b, '-')
		v = -v
	}
	if v >= 100 || v == 0 {
		b.b = strconv.AppendInt(b.b, int64(v/100), 10)
	}
	if v %= 100; v > 0 {
		b.b = append(b.b, '.', byte('0'+v/10))
		if v%10 > 0 {
			b.b = append(b.b, byte('0'+v%10))
		}
	}
}

// path writes the commands of a path, relative to where the last one ended, which is
// shorter. A line that goes nowhere is left out, unless it is all of its subpath.
func (b *buffer) path(p *Path) {
	var x, y, startX, startY int // in hundredths
	var last byte
	points := p.points
	for i, o := range p.ops {
		switch o {
		case moveTo:
			x, y = hundredths(points[0].X), hundredths(points[0].Y)
			b.command('M', &last, x, y)
			startX, startY = x, y
			points = points[1:]
		case lineTo:
			dx, dy := hundredths(points[0].X)-x, hundredths(points[0].Y)-y
			x, y = x+dx, y+dy
			alone := i > 0 && p.ops[i-1] == moveTo && (i+1 == len(p.ops) || p.ops[i+1] == moveTo)
			switch {
			case dy == 0 && (dx != 0 || alone):
				b.command('h', &last, dx)
			case dx == 0 && dy != 0:
				b.command('v', &last, dy)
			case dx != 0:
				b.command('l', &last, dx, dy)
			}
			points = points[1:]
		case cubicTo:
			var d [6]int
			for k, q := range points[:3] {
				d[2*k], d[2*k+1] = hundredths(q.X)-x, hundredths(q.Y)-y
			}
			b.command('c', &last, d[:]...)
			x, y = x+d[4], y+d[5]
			points = points[3:]
		case closePath:
			b.raw("z")
			last = 'z'
			x, y = startX, startY
		}
	}
}

// command writes numbers, in hundredths, after their letter, which is left out where it repeats.
func (b *buffer) command(letter byte, last *byte, numbers ...int) {
	apart := *last == letter && letter != 'M'
	if !apart {
		b.b = append(b.b, letter)
		*last = letter
	}
	for _, v := range numbers {
		if apart && v >= 0 {
			b.b = append(b.b, ' ')
		}
		b.hundredths(v)
		apart = true
	}
}

// checkSize refuses a drawing that no format can hold.
func checkSize(d *Drawing) error {
	for _, v := range [2]float64{d.Width, d.Height} {
		if !(v > 0 && v <= maxSide) {
			return fmt.Errorf("draw: a drawing of %g x %g pixels", d.Width, d.Height)
		}
	}
	return nil
}

// maxSide is the longest side of a drawing in pixels: a page of a PDF has at most
// 14,400 points.
const maxSide = 19_200
