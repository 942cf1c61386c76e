package draw

import (
	"fmt"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// face is one font. It may be used by many at the same time.
type face struct {
	name          string // unique, of letters, digits and hyphens
	family, style string
	weight        int
	data          []byte // the TrueType file; nil for a face that can only be drawn as outlines
	font          *sfnt.Font

	unitsPerEm, ascent, descent float64 // in font units; descent is positive

	mu       sync.Mutex
	buf      sfnt.Buffer
	outlines map[sfnt.GlyphIndex]*Path
}

// maxOutlines bounds the outlines that a face keeps; the faces of Noto Sans SC that
// are built in have fewer.
const maxOutlines = 6000

func newFace(name string, weight int, data []byte) (*face, error) {
	parsed, err := sfnt.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("draw: face %s: %w", name, err)
	}
	c, err := wrapFace(name, weight, parsed)
	if err != nil {
		return nil, err
	}
	c.data = data
	return c, nil
}

func wrapFace(name string, weight int, parsed *sfnt.Font) (*face, error) {
	c := &face{name: name, weight: weight, font: parsed, outlines: map[sfnt.GlyphIndex]*Path{}}
	units := parsed.UnitsPerEm()
	c.unitsPerEm = float64(units)
	metrics, err := parsed.Metrics(&c.buf, fixed.Int26_6(units), font.HintingNone)
	if err != nil {
		return nil, fmt.Errorf("draw: face %s: %w", name, err)
	}
	c.ascent, c.descent = float64(metrics.Ascent), float64(metrics.Descent)
	if c.family, err = parsed.Name(&c.buf, sfnt.NameIDTypographicFamily); err != nil || c.family == "" {
		if c.family, err = parsed.Name(&c.buf, sfnt.NameIDFamily); err != nil {
			c.family = name
		}
	}
	if c.style, err = parsed.Name(&c.buf, sfnt.NameIDTypographicSubfamily); err != nil || c.style == "" {
		c.style, _ = parsed.Name(&c.buf, sfnt.NameIDSubfamily)
	}
	return c, nil
}

// glyph says which glyph shows a character, if the face can draw it as an outline.
func (c *face) glyph(char rune) (sfnt.GlyphIndex, bool) {
	c.mu.Lock()
	id, err := c.font.GlyphIndex(&c.buf, char)
	if err == nil && id != 0 {
		_, err = c.font.LoadGlyph(&c.buf, id, fixed.Int26_6(c.unitsPerEm), nil)
	}
	c.mu.Unlock()
	return id, err == nil && id != 0
}

// advance is how far the next glyph stands, in em.
func (c *face) advance(id sfnt.GlyphIndex) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	advance, err := c.font.GlyphAdvance(&c.buf, id, fixed.Int26_6(c.unitsPerEm), font.HintingNone)
	if err != nil {
		return 0
	}
	return float64(advance) / c.unitsPerEm
}

// outline is the shape of a glyph in em, its origin on the baseline and y downwards.
// It is shared and not to be changed.
func (c *face) outline(id sfnt.GlyphIndex) *Path {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.outlines[id]; ok {
		return p
	}
	if len(c.outlines) >= maxOutlines {
		clear(c.outlines)
	}
	p := c.trace(id)
	c.outlines[id] = p
	return p
}

// trace reads an outline. At as many pixels to the em as there are units, lengths
// are font units and whole numbers.
func (c *face) trace(id sfnt.GlyphIndex) *Path {
	p := new(Path)
	segments, err := c.font.LoadGlyph(&c.buf, id, fixed.Int26_6(c.unitsPerEm), nil)
	if err != nil {
		return p
	}
	em := func(q fixed.Point26_6) Point {
		return Point{float64(q.X) / c.unitsPerEm, float64(q.Y) / c.unitsPerEm}
	}
	var at Point
	for i, s := range segments {
		a, b, end := em(s.Args[0]), em(s.Args[1]), em(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				p.Close()
			}
			p.MoveTo(a.X, a.Y)
			at = a
		case sfnt.SegmentOpLineTo:
			p.LineTo(a.X, a.Y)
			at = a
		case sfnt.SegmentOpQuadTo:
			p.CubicTo(at.X+(a.X-at.X)*2/3, at.Y+(a.Y-at.Y)*2/3, b.X+(a.X-b.X)*2/3, b.Y+(a.Y-b.Y)*2/3, b.X, b.Y)
			at = b
		case sfnt.SegmentOpCubeTo:
			p.CubicTo(a.X, a.Y, b.X, b.Y, end.X, end.Y)
			at = end
		}
	}
	if !p.Empty() {
		p.Close()
	}
	return p
}
