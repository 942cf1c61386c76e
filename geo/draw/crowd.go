package draw

import (
	"image"
	"slices"
)

// maxCrowd is how many marks are painted at a time, between looks at the context.
const maxCrowd = 1 << 16

// smallCrowd is how many marks are painted without looking for hidden ones.
const smallCrowd = 32

// crowdOf says how many marks items begin with.
func crowdOf(items []Item) int {
	for i, item := range items {
		if _, ok := item.(*Mark); !ok || i == maxCrowd {
			return i
		}
	}
	return len(items)
}

// stand is a symbol at a pixel.
type stand struct {
	sprite *sprite
	mark   *Mark
	at     image.Point
	quarter
	hidden bool
}

// marks paints symbols one over the other. Where many stand close together most are
// hidden, and are not painted.
func (p *painter) marks(items []Item, x, y float64) {
	for len(items) > 0 {
		n := p.gather(items, x, y)
		p.paintStands()
		items = items[n:]
	}
}

// gather finds the sprites of marks, of as many as their memory allows.
func (p *painter) gather(items []Item, x, y float64) (n int) {
	p.stands = p.stands[:0]
	cleared := p.cleared
	for i, item := range items {
		m := item.(*Mark)
		mx, my := x+m.X*p.scale, y+m.Y*p.scale
		if m.Symbol == nil || mx != mx || my != my {
			continue
		}
		s := stand{mark: m}
		s.at, s.quarter = quarters(mx, my)
		s.sprite = p.spriteOf(m.Symbol, s.quarter)
		p.stands = append(p.stands, s)
		if p.cleared != cleared {
			return i + 1
		}
	}
	return len(items)
}

func (p *painter) paintStands() {
	stands := p.stands
	if len(stands) > smallCrowd {
		p.hide(stands)
	}
	for i := range stands {
		switch s := &stands[i]; {
		case s.hidden:
		case s.sprite.page == nil: // too large for one
			dx, dy := s.quarter.place()
			_ = p.items(s.mark.Symbol.Items, float64(s.at.X)+dx, float64(s.at.Y)+dy)
		default:
			p.page.put(s.sprite, s.at.X, s.at.Y, p.clip)
		}
	}
}

// hide finds the symbols that later ones cover in full.
func (p *painter) hide(stands []stand) {
	c := p.uncovered(p.clip)
	for i := len(stands) - 1; i >= 0; i-- {
		s := &stands[i]
		if s.sprite.solid == nil {
			continue
		}
		at := s.at.Add(image.Pt(s.sprite.x, s.sprite.y))
		if !(image.Rectangle{at, at.Add(image.Pt(s.sprite.page.width, s.sprite.page.height))}).In(p.clip) {
			continue
		}
		if s.hidden = c.hides(s.sprite, at); !s.hidden {
			c.cover(s.sprite, at)
		}
	}
}

// covered are the pixels that will be painted over, a bit for each.
type covered struct {
	corner image.Point
	words  int // of a row; the last is there to be read
	bits   []uint64
}

func (d *desk) uncovered(clip image.Rectangle) *covered {
	words := clip.Dx()/64 + 2
	d.bits = slices.Grow(d.bits[:0], words*clip.Dy())[:words*clip.Dy()]
	clear(d.bits)
	return &covered{clip.Min, words, d.bits}
}

func (c *covered) hides(s *sprite, at image.Point) bool {
	at = at.Sub(c.corner)
	word, bit := at.Y*c.words+at.X/64, uint(at.X%64)
	for _, seen := range s.seen {
		if seen&^(c.bits[word]>>bit|c.bits[word+1]<<(64-bit)) != 0 {
			return false
		}
		word += c.words
	}
	return true
}

func (c *covered) cover(s *sprite, at image.Point) {
	at = at.Sub(c.corner)
	word, bit := at.Y*c.words+at.X/64, uint(at.X%64)
	for _, solid := range s.solid {
		c.bits[word] |= solid << bit
		c.bits[word+1] |= solid >> (64 - bit)
		word += c.words
	}
}
