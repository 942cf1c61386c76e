package draw

import (
	"context"
	"image"
	"math"
)

// Raster says how a drawing becomes pixels. The zero value is 96 dpi in true colour.
type Raster struct {
	DPI     float64 // 0: 96; a CSS pixel is 1/96 inch
	Palette bool    // PNG of at most 256 colours
	Quality int     // of JPEG, 1 to 100; 0: 90
}

func (r Raster) scale() float64 {
	if r.DPI > 0 && !math.IsInf(r.DPI, 0) {
		return r.DPI / 96
	}
	return 1
}

// Size is how many pixels the picture has, at least one.
func (r Raster) Size(d *Drawing) (w, h int) {
	pixels := func(length float64) int {
		return max(1, pixelAt(math.Round(length*r.scale()), 1<<30))
	}
	return pixels(d.Width), pixels(d.Height)
}

// Bytes is the memory that drawing takes at the most, without the drawing itself:
// the pixels, and a fixed part for outlines, sprites and the encoder.
func (r Raster) Bytes(d *Drawing) int64 {
	w, h := r.Size(d)
	return 4*int64(w)*int64(h) + 64<<20
}

// pixelAt is a whole number no farther from 0 than most; 0 for what is no number.
func pixelAt(v float64, most int) int {
	if v != v {
		return 0
	}
	return int(min(max(v, -float64(most)), float64(most)))
}

// paint draws a drawing on a page. opaque says to put it on white.
func (k *desk) paint(ctx context.Context, f *Fonts, d *Drawing, r Raster, opaque bool) (*page, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, h := r.Size(d)
	ground := inkOf(d.Background)
	if opaque {
		ground = lay(0xffffffff, ground)
	}
	p := &painter{ctx: ctx, fonts: f, page: k.page(w, h, ground), scale: r.scale(), desk: k, pens: newPens()}
	for _, l := range d.Layers {
		p.clip = p.page.bounds()
		if l.Clip != nil {
			p.clip = p.clip.Intersect(p.pixels(*l.Clip))
		}
		if err := p.items(l.Items, 0, 0); err != nil {
			return nil, err
		}
	}
	return p.page, nil
}

// painter paints items on a page. Lengths and places of its methods are pixels.
type painter struct {
	ctx   context.Context
	fonts *Fonts
	page  *page
	scale float64
	clip  image.Rectangle
	count int // of items, to ask ctx now and then

	*desk
	*pens
}

// pixels is a box rounded to whole pixels.
func (p *painter) pixels(r Rect) image.Rectangle {
	at := func(v float64) int { return pixelAt(math.Round(v*p.scale), farAway) }
	return image.Rect(at(r.X), at(r.Y), at(r.X+max(r.W, 0)), at(r.Y+max(r.H, 0)))
}

// items paints items moved by x, y.
func (p *painter) items(items []Item, x, y float64) error {
	for i := 0; i < len(items); i++ {
		if p.count++; p.count%64 == 0 {
			if err := p.ctx.Err(); err != nil {
				return err
			}
		}
		switch item := items[i].(type) {
		case *Shape:
			p.shape(item, x, y)
		case *Text:
			p.text(item, x, y)
		case *Mark:
			n := crowdOf(items[i:])
			p.marks(items[i:i+n], x, y)
			i += n - 1
		case *Group:
			if err := p.items(item.Items, x, y); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *painter) shape(s *Shape, x, y float64) {
	m := transform{scale: p.scale, x: x, y: y}
	box, ok := m.box(&s.Path, 0)
	if !ok {
		return
	}
	clip := box.Intersect(p.clip)
	if fill := s.Fill; fill.Color.A > 0 {
		p.fill(&s.Path, m, clip, fill.EvenOdd, &brush{p.page, inkOf(fill.Color)})
	}
	if fill := s.Fill; fill.Ink.A > 0 && fill.Pattern.hatches() != nil {
		p.fill(&s.Path, m, clip, fill.EvenOdd, &texture{brush{p.page, inkOf(fill.Ink)}, fill.Pattern.hatches(), p.scale, x, y})
	}
	if s.Stroke.Color.A > 0 {
		p.stroke(&s.Path, m, newStroker(s.Stroke, p.scale), p.clip, &brush{p.page, inkOf(s.Stroke.Color)})
	}
}

func (p *painter) fill(path *Path, m transform, clip image.Rectangle, evenOdd bool, to spanner) {
	p.scan.fill(clip, evenOdd, to, func() {
		for points := range path.polylines(m) {
			p.scan.ring(points)
		}
	})
}

func (p *painter) stroke(path *Path, m transform, k *stroker, clip image.Rectangle, to spanner) {
	if k == nil {
		return
	}
	box, ok := m.box(path, k.reach())
	if !ok {
		return
	}
	if clip = clip.Intersect(box); clip.Empty() {
		return
	}
	k.see(clip)
	k.out = p.scan.ring
	p.scan.fill(clip, false, to, func() {
		for points, closed := range path.polylines(m) {
			k.line(points, closed)
		}
	})
}
