package draw

import (
	"image"
	"math"

	"golang.org/x/image/font/sfnt"
)

// pens are the glyphs and symbols that were drawn once for this picture and are
// copied from then on.
type pens struct {
	masks   map[glyphKey]*mask
	symbols map[*Symbol]*[16]*sprite // by quarter
	pixels  int                      // of all masks and sprites
	cleared int                      // how often all were dropped to make room
}

// maxPens bounds masks and sprites, in pixels of 4 bytes.
const maxPens = 2 << 20

// largeGlyph is the size of the em in pixels from which glyphs are drawn as shapes.
const largeGlyph = 96

// largeSymbol is the width or height in pixels from which a symbol is drawn anew at
// each place.
const largeSymbol = 256

type glyphKey struct {
	face  *face
	id    sfnt.GlyphIndex
	em    float64
	slant bool
	halo  float64 // width of the line in pixels, 0: the glyph itself
	quarter
}

// quarter is the place within a pixel, 0 to 3 to the right and down.
type quarter struct{ x, y uint8 }

// quarters rounds a place to quarters of a pixel.
func quarters(x, y float64) (image.Point, quarter) {
	at := func(v float64) int { return int(math.Floor(min(max(v, -farAway), farAway)*4 + 0.5)) }
	qx, qy := at(x), at(y)
	return image.Pt(qx>>2, qy>>2), quarter{uint8(qx & 3), uint8(qy & 3)}
}

func (q quarter) place() (x, y float64) { return float64(q.x) / 4, float64(q.y) / 4 }

func newPens() *pens {
	return &pens{masks: map[glyphKey]*mask{}, symbols: map[*Symbol]*[16]*sprite{}}
}

// keep makes room for some pixels of a mask or sprite.
func (k *pens) keep(pixels int) {
	if k.pixels += pixels; k.pixels > maxPens {
		clear(k.masks)
		clear(k.symbols)
		k.pixels = pixels
		k.cleared++
	}
}

// spriteOf is empty for a symbol that is too large.
func (p *painter) spriteOf(symbol *Symbol, q quarter) *sprite {
	at := q.y<<2 | q.x
	if all := p.symbols[symbol]; all != nil && all[at] != nil {
		return all[at]
	}
	s := p.drawSprite(symbol, q)
	all := p.symbols[symbol]
	if all == nil {
		all = new([16]*sprite)
		p.symbols[symbol] = all
	}
	all[at] = s
	return s
}

func (p *painter) drawSprite(s *Symbol, q quarter) *sprite {
	dx, dy := q.place()
	box := p.extent(s.Items, dx, dy)
	if box.Dx() > largeSymbol || box.Dy() > largeSymbol {
		return new(sprite)
	}
	p.keep(box.Dx() * box.Dy())
	small := &painter{ctx: p.ctx, fonts: p.fonts, page: newPage(box.Dx(), box.Dy()), scale: p.scale, desk: p.desk, pens: p.pens}
	small.clip = small.page.bounds()
	_ = small.items(s.Items, dx-float64(box.Min.X), dy-float64(box.Min.Y))
	return newSprite(small.page, box.Min.X, box.Min.Y, p.page.width)
}

// extent is a box in pixels that holds all that items paint.
func (p *painter) extent(items []Item, x, y float64) image.Rectangle {
	var all image.Rectangle
	for _, item := range items {
		var r Rect
		reach := 0.0
		switch item := item.(type) {
		case *Shape:
			r = item.Path.Bounds()
			if k := newStroker(item.Stroke, 1); k != nil {
				reach = k.reach()
			}
		case *Text:
			l := p.fonts.line(item)
			r = Rect{l.start(item) - item.Size, item.Y - 2*item.Size, l.width + 2*item.Size, 3 * item.Size}
			reach = item.Halo.Width
		case *Group:
			all = all.Union(p.extent(item.Items, x, y))
			continue
		}
		at := func(v float64) int { return pixelAt(v, farAway) }
		all = all.Union(image.Rect(
			at(math.Floor((r.X-reach)*p.scale+x))-1, at(math.Floor((r.Y-reach)*p.scale+y))-1,
			at(math.Ceil((r.X+r.W+reach)*p.scale+x))+1, at(math.Ceil((r.Y+r.H+reach)*p.scale+y))+1))
	}
	return all
}

// text paints a line: first the halo of all its glyphs, then the glyphs.
func (p *painter) text(t *Text, x, y float64) {
	em := t.Size * p.scale
	y += t.Y * p.scale
	if !(em > 0) || em > farAway || y != y {
		return
	}
	l := p.fonts.line(t)
	x += l.start(t) * p.scale
	if x != x {
		return
	}
	if t.Halo.Color.A > 0 && t.Halo.Width > 0 {
		p.glyphs(t, l, x, y, t.Halo.Width*p.scale, inkOf(t.Halo.Color))
	}
	if t.Color.A > 0 {
		p.glyphs(t, l, x, y, 0, inkOf(t.Color))
	}
}

// glyphs paints the glyphs of a line whose left end stands at x, y, or their halo.
func (p *painter) glyphs(t *Text, l line, x, y, halo float64, ink uint32) {
	em := t.Size * p.scale
	seen := p.clip.Inset(-int(min(2*em+halo+2, farAway)))
	for _, r := range l.runs {
		for _, g := range r.glyphs {
			at, q := quarters(x+g.x*p.scale, y)
			if !at.In(seen) {
				continue
			}
			key := glyphKey{r.face, g.id, em, t.Italic, halo, q}
			if em+halo > largeGlyph {
				p.drawGlyph(key, at, p.clip, &brush{p.page, ink})
				continue
			}
			m, ok := p.masks[key]
			if !ok {
				m = p.drawMask(key)
				p.masks[key] = m
			}
			p.page.stamp(m, at.X, at.Y, ink, p.clip)
		}
	}
}

func (p *painter) drawMask(key glyphKey) *mask {
	path, m := key.path(image.Point{})
	box, ok := m.box(path, key.halo/2)
	if !ok {
		return new(mask)
	}
	p.keep(box.Dx() * box.Dy() / 4)
	drawn := &mask{box.Min.X, box.Min.Y, box.Dx(), box.Dy(), make([]byte, box.Dx()*box.Dy())}
	p.drawGlyph(key, image.Pt(-box.Min.X, -box.Min.Y), image.Rect(0, 0, drawn.w, drawn.h), drawn)
	return drawn
}

// path is the outline of a glyph and where it stands for a pixel.
func (k glyphKey) path(at image.Point) (*Path, transform) {
	dx, dy := k.quarter.place()
	m := transform{scale: k.em, x: float64(at.X) + dx, y: float64(at.Y) + dy}
	if k.slant {
		m.slant = slant
	}
	return k.face.outline(k.id), m
}

func (p *painter) drawGlyph(key glyphKey, at image.Point, clip image.Rectangle, to spanner) {
	path, m := key.path(at)
	if key.halo > 0 {
		p.stroke(path, m, newStroker(Stroke{Width: key.halo, Round: true}, 1), clip, to)
		return
	}
	if box, ok := m.box(path, 0); ok {
		p.fill(path, m, clip.Intersect(box), false, to)
	}
}
