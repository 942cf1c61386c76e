package draw

import (
	"bytes"
	"context"
	"image/color"
	"math"
	"slices"
)

// shape writes a shape as far as it is within the clip and returns the box it takes.
func (s *slide) shape(sh *Shape, at place) span {
	filled := sh.Fill.Color.A > 0 || sh.Fill.textured()
	stroked := sh.Stroke.visible()
	if !filled && !stroked {
		return span{}
	}
	o := s.outline(sh, at, filled, stroked)
	box := s.spanOf(o.lines...)
	for _, subs := range o.fills {
		box = box.and(s.spanOf(subs...))
	}
	if !box.some {
		return box
	}
	s.add(`<p:sp><p:nvSpPr>`)
	s.named(s.next(), sh.Name, "Shape", sh.Alt)
	s.add(`<p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>`)
	s.geometry(o, box)
	switch {
	case len(o.fills) == 0:
		s.add(`<a:noFill/>`)
	case sh.Fill.textured():
		s.texture(sh.Fill, box, at)
	default:
		s.solid(sh.Fill.Color)
	}
	if len(o.lines) > 0 {
		s.line(sh.Stroke)
	} else {
		s.add(`<a:ln><a:noFill/></a:ln>`)
	}
	s.add(`</p:spPr></p:sp>`)
	return box
}

// outline is what a shape consists of after the clip: areas by the even-odd rule, drawn
// over each other, and lines over them.
type outline struct {
	fills [][]subpath
	lines []subpath
	same  bool // the lines go around the one area
}

func (s *slide) outline(sh *Shape, at place, filled, stroked bool) outline {
	subs := slices.DeleteFunc(sh.Path.subpaths(at.x, at.y), s.tiny)
	o := outline{same: stroked}
	for _, sub := range subs {
		o.same = o.same && sub.closed && at.clip.contains(boundsOf(sub.points))
	}
	if rings := slices.DeleteFunc(clipRings(subs, at.clip), s.tiny); filled && len(rings) > 0 {
		o.fills = [][]subpath{rings}
		if !sh.Fill.EvenOdd {
			o.fills = evenOdd(rings)
		}
	}
	if stroked {
		o.lines = slices.DeleteFunc(clipLines(subs, at.clip), s.tiny)
	}
	o.same = o.same && len(o.fills) == 1
	return o
}

// tiny reports whether a subpath is one point on the slide.
func (s *slide) tiny(sub subpath) bool {
	b := s.spanOf(sub)
	return b.x0 == b.x1 && b.y0 == b.y1
}

// spanOf is the box around subpaths, control points included.
func (s *slide) spanOf(subs ...subpath) span {
	var b span
	for _, sub := range subs {
		for _, p := range sub.points {
			x, y := s.units(p)
			b = b.and(span{x, y, x, y, true})
		}
	}
	return b
}

// geometry writes the place and the form: a rectangle, an ellipse or a line where it is
// one, which are easier to edit, else paths.
func (s *slide) geometry(o outline, box span) {
	preset, flip := o.preset()
	s.add(`<a:xfrm`)
	if flip {
		s.add(` flipV="1"`)
	}
	s.add(`>`)
	s.offExt("off", "ext", box)
	s.add(`</a:xfrm>`)
	if preset != "" {
		s.add(`<a:prstGeom prst="`, preset, `"><a:avLst/></a:prstGeom>`)
		return
	}
	s.add(`<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/><a:pathLst>`)
	for _, subs := range o.fills {
		mode := ` stroke="0"`
		if o.same {
			mode = ""
		}
		s.path(subs, true, mode, box)
	}
	if len(o.lines) > 0 && !o.same {
		s.path(o.lines, false, ` fill="none"`, box)
	}
	s.add(`</a:pathLst></a:custGeom>`)
}

// preset names the ready-made form that an outline is, or nothing. A line goes from the
// upper left to the lower right, if it is not flipped.
func (o outline) preset() (name string, flip bool) {
	switch {
	case len(o.fills) == 0 && len(o.lines) == 1 && !o.lines[0].closed && len(o.lines[0].points) == 2:
		p := o.lines[0].points
		return "line", (p[1].X-p[0].X)*(p[1].Y-p[0].Y) < 0
	case len(o.fills) == 0 && len(o.lines) == 1 && o.lines[0].closed:
		return o.lines[0].preset(), false
	case len(o.fills) == 1 && len(o.fills[0]) == 1 && (o.same || len(o.lines) == 0):
		return o.fills[0][0].preset(), false
	}
	return "", false
}

func (s subpath) preset() string {
	switch {
	case s.isRect():
		return "rect"
	case s.isCircle():
		return "ellipse"
	}
	return ""
}

// path writes subpaths in units from the corner of the box. Points that fall together
// there are written once.
func (s *slide) path(subs []subpath, area bool, mode string, box span) {
	s.add(`<a:path`)
	s.numAttr("w", box.x1-box.x0)
	s.numAttr("h", box.y1-box.y0)
	s.add(mode, `>`)
	for _, sub := range subs {
		var lastX, lastY int64
		rest := sub.points
		for _, o := range sub.ops {
			n, name := 1, "lnTo"
			switch o {
			case moveTo:
				name = "moveTo"
			case cubicTo:
				n, name = 3, "cubicBezTo"
			}
			x, y := s.units(rest[n-1])
			if o != lineTo || x != lastX || y != lastY {
				s.add(`<a:`, name, `>`)
				for _, p := range rest[:n] {
					px, py := s.units(p)
					s.add(`<a:pt`)
					s.numAttr("x", px-box.x0)
					s.numAttr("y", py-box.y0)
					s.add(`/>`)
				}
				s.add(`</a:`, name, `>`)
			}
			lastX, lastY, rest = x, y, rest[n:]
		}
		if sub.closed || area {
			s.add(`<a:close/>`)
		}
	}
	s.add(`</a:path>`)
}

const hexDigits = "0123456789ABCDEF"

func (s *slide) color(c color.NRGBA) {
	s.add(`<a:srgbClr val="`)
	for _, v := range []uint8{c.R, c.G, c.B} {
		s.xml = append(s.xml, hexDigits[v>>4], hexDigits[v&15])
	}
	if c.A == 255 {
		s.add(`"/>`)
		return
	}
	s.add(`"><a:alpha`)
	s.numAttr("val", int64(math.Round(float64(c.A)/255*100000)))
	s.add(`/></a:srgbClr>`)
}

func (s *slide) solid(c color.NRGBA) {
	s.add(`<a:solidFill>`)
	s.color(c)
	s.add(`</a:solidFill>`)
}

// textured reports whether a fill has a pattern that can be seen.
func (f Fill) textured() bool {
	return f.Ink.A > 0 && len(f.Pattern.hatches()) > 0
}

// texture fills with tiles of a small picture: the patterns of Office are of its own
// periods, know no transparent ground, and become hairlines in other programs.
func (s *slide) texture(f Fill, box span, at place) {
	id := 2 + slices.Index(s.tiles, f.tile())
	if id < 2 {
		id = 2 + len(s.tiles)
		s.tiles = append(s.tiles, f.tile())
	}
	side := period * s.scale
	shift := func(edge int64, origin float64) int64 { // the tiles begin at the corner of the shape
		return int64(math.Round(-math.Mod(float64(edge*unit)-origin, side)))
	}
	s.add(`<a:blipFill rotWithShape="1"><a:blip r:embed="rId`)
	s.num(int64(id))
	s.add(`"/><a:srcRect/><a:tile`)
	s.numAttr("tx", shift(box.x0, s.dx+at.x*s.scale))
	s.numAttr("ty", shift(box.y0, s.dy+at.y*s.scale))
	s.numAttr("sx", int64(math.Round(s.scale/emuPerPixel*100000)))
	s.numAttr("sy", int64(math.Round(s.scale/emuPerPixel*100000)))
	s.add(` flip="none" algn="tl"/></a:blipFill>`)
}

// tile is what the picture of a texture depends on.
func (f Fill) tile() Fill {
	f.EvenOdd = false
	return f
}

// picture is one period of a texture, eight times as fine as the drawing.
func (f Fill) picture(ctx context.Context, fonts *Fonts) ([]byte, error) {
	var square Path
	square.Rect(Rect{0, 0, period, period})
	d := &Drawing{Width: period, Height: period, Layers: []*Layer{{Items: []Item{&Shape{Path: square, Fill: f}}}}}
	var b bytes.Buffer
	err := PNG(ctx, &b, fonts, d, Raster{DPI: 8 * 96})
	return b.Bytes(), err
}

func (st Stroke) visible() bool {
	return st.Color.A > 0 && st.Width > 0 && st.Width < 1e6
}

func (s *slide) line(st Stroke) {
	const widest = 20116800
	s.add(`<a:ln`)
	s.numAttr("w", int64(min(max(math.Round(st.Width*s.scale), 1), widest)))
	if st.Round {
		s.add(` cap="rnd">`)
	} else {
		s.add(` cap="flat">`)
	}
	s.solid(st.Color)
	s.dash(st)
	if st.Round {
		s.add(`<a:round/></a:ln>`)
	} else {
		s.add(`<a:miter lim="400000"/></a:ln>`)
	}
}

// dash writes lengths on and off as parts of the width.
func (s *slide) dash(st Stroke) {
	sum := 0.0
	for _, v := range st.Dash {
		if !(v >= 0) {
			return
		}
		sum += v
	}
	if len(st.Dash) < 2 || !(sum > 0) || math.IsInf(sum, 0) {
		return
	}
	part := func(v float64) int64 { return int64(min(max(math.Round(v/st.Width*100000), 1000), math.MaxInt32)) }
	s.add(`<a:custDash>`)
	for i := 0; i+1 < len(st.Dash); i += 2 {
		s.add(`<a:ds`)
		s.numAttr("d", part(st.Dash[i]))
		s.numAttr("sp", part(st.Dash[i+1]))
		s.add(`/>`)
	}
	s.add(`</a:custDash>`)
}

// onWhite is a colour as it looks on white paper.
func onWhite(c color.NRGBA) color.NRGBA {
	over := func(v uint8) uint8 { return uint8((int(v)*int(c.A) + 255*(255-int(c.A)) + 127) / 255) }
	return color.NRGBA{over(c.R), over(c.G), over(c.B), 255}
}
