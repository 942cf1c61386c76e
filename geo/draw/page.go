package draw

import (
	"encoding/binary"
	"image"
	"image/color"
)

// page is a picture of pixels, red, green, blue and alpha of 8 bits, the colours
// multiplied by alpha. Painting over never makes a colour that is brighter than both.
type page struct {
	width, height int
	pix           []byte
}

func newPage(width, height int) *page {
	return &page{width, height, make([]byte, 4*width*height)}
}

func (p *page) bounds() image.Rectangle { return image.Rect(0, 0, p.width, p.height) }

func (p *page) row(y int) []byte { return p.pix[4*y*p.width : 4*(y+1)*p.width] }

// clear paints all in one colour.
func (p *page) clear(ink uint32) {
	if ink != 0 {
		repeat(p.pix, ink)
	}
}

// repeat fills pixels with one colour.
func repeat(pix []byte, ink uint32) {
	if len(pix) < 4 {
		return
	}
	binary.LittleEndian.PutUint32(pix, ink)
	for n := 4; n < len(pix); n *= 2 {
		copy(pix[n:], pix[:n])
	}
}

// inkOf is a colour as it stands in a page, red in the lowest byte.
func inkOf(c color.NRGBA) uint32 {
	a := uint32(c.A)
	times := func(v uint8) uint32 { return (uint32(v)*a + 127) / 255 }
	return times(c.R) | times(c.G)<<8 | times(c.B)<<16 | a<<24
}

// lanes is every other byte of a pixel, with room for a product of 8 bits by 8.
const lanes = 0x00ff00ff

// mix lays an ink of full alpha over a pixel, with a weight of up to 256.
func mix(below, ink, weight uint32) uint32 {
	rest := 256 - weight
	low := (below&lanes*rest + ink&lanes*weight + 0x00800080) >> 8 & lanes
	high := below>>8&lanes*rest + ink>>8&lanes*weight + 0x00800080
	return low | high&^lanes
}

// over lays an ink over a pixel, with a weight of up to 256.
func over(below, ink, weight uint32) uint32 {
	low := (ink&lanes*weight + 0x00800080) >> 8 & lanes
	high := (ink>>8&lanes*weight + 0x00800080) >> 8 & lanes
	alpha := high >> 16
	rest := 256 - alpha - alpha>>7
	low += (below&lanes*rest + 0x00800080) >> 8 & lanes
	high += (below>>8&lanes*rest + 0x00800080) >> 8 & lanes
	return low | high<<8
}

// weightOf makes a weight of up to 256 from a coverage of up to 255.
func weightOf(coverage uint32) uint32 { return coverage + coverage>>7 }

// brush paints spans in one ink.
type brush struct {
	page *page
	ink  uint32
}

func (b *brush) span(y, x0, x1 int, coverage uint32) {
	at := 4 * (y*b.page.width + x0)
	pix := b.page.pix[at : at+4*(x1-x0)]
	if coverage == 255 && b.ink>>24 == 255 {
		if len(pix) == 4 {
			binary.LittleEndian.PutUint32(pix, b.ink)
		} else {
			repeat(pix, b.ink)
		}
		return
	}
	weight := weightOf(coverage)
	lay := over
	if b.ink>>24 == 255 {
		lay = mix
	}
	for ; len(pix) >= 4; pix = pix[4:] {
		binary.LittleEndian.PutUint32(pix, lay(binary.LittleEndian.Uint32(pix), b.ink, weight))
	}
}

// mask is the coverage of a small shape. Its upper left corner stands at x, y from
// the pixel it is put at.
type mask struct {
	x, y, w, h int
	coverage   []byte
}

func (m *mask) span(y, x0, x1 int, coverage uint32) {
	row := m.coverage[y*m.w+x0 : y*m.w+x1]
	for i := range row {
		row[i] = byte(coverage)
	}
}

// stamp paints a mask at a pixel.
func (p *page) stamp(m *mask, x, y int, ink uint32, clip image.Rectangle) {
	x, y = x+m.x, y+m.y
	seen := image.Rect(x, y, x+m.w, y+m.h).Intersect(clip)
	for row := seen.Min.Y; row < seen.Max.Y; row++ {
		from := (row-y)*m.w + seen.Min.X - x
		cover := m.coverage[from : from+seen.Dx()]
		at := 4 * (row*p.width + seen.Min.X)
		pix := p.pix[at : at+4*len(cover)]
		for i, c := range cover {
			if c == 0 {
				continue
			}
			px := pix[4*i : 4*i+4]
			if ink>>24 != 255 {
				binary.LittleEndian.PutUint32(px, over(binary.LittleEndian.Uint32(px), ink, weightOf(uint32(c))))
			} else if c == 255 {
				binary.LittleEndian.PutUint32(px, ink)
			} else {
				binary.LittleEndian.PutUint32(px, mix(binary.LittleEndian.Uint32(px), ink, weightOf(uint32(c))))
			}
		}
	}
}

// sprite is a small picture that is painted at many places, as runs of pixels that
// cover what is below and of such that let it shine through.
type sprite struct {
	page   *page
	x, y   int // of the upper left corner, from the pixel it is put at
	pieces []piece
}

type piece struct {
	x, y, n int
	opaque  bool
}

func newSprite(p *page, x, y int) *sprite {
	s := &sprite{page: p, x: x, y: y}
	for y := range p.height {
		row := p.row(y)
		for x := 0; x < p.width; {
			alpha := row[4*x+3]
			from := x
			for x < p.width && (row[4*x+3] == 0) == (alpha == 0) && (row[4*x+3] == 255) == (alpha == 255) {
				x++
			}
			if alpha > 0 {
				s.pieces = append(s.pieces, piece{from, y, x - from, alpha == 255})
			}
		}
	}
	return s
}

// put paints a sprite at a pixel.
func (p *page) put(s *sprite, x, y int, clip image.Rectangle) {
	x, y = x+s.x, y+s.y
	box := image.Rect(x, y, x+s.page.width, y+s.page.height)
	seen := box.Intersect(clip)
	if seen.Empty() {
		return
	}
	whole := seen == box
	for _, c := range s.pieces {
		if !whole {
			if y+c.y < seen.Min.Y || y+c.y >= seen.Max.Y {
				continue
			}
			from, to := max(c.x, seen.Min.X-x), min(c.x+c.n, seen.Max.X-x)
			if from >= to {
				continue
			}
			c.x, c.n = from, to-from
		}
		at, from := 4*((y+c.y)*p.width+x+c.x), 4*(c.y*s.page.width+c.x)
		to, pix := p.pix[at:at+4*c.n], s.page.pix[from:from+4*c.n]
		if c.opaque {
			copy(to, pix)
			continue
		}
		for len(to) >= 4 && len(pix) >= 4 {
			binary.LittleEndian.PutUint32(to, over(binary.LittleEndian.Uint32(to), binary.LittleEndian.Uint32(pix), 256))
			to, pix = to[4:], pix[4:]
		}
	}
}
