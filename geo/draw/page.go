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

// repeat fills pixels with one colour, from a start that stays in the cache.
func repeat(pix []byte, ink uint32) {
	if len(pix) < 4 {
		return
	}
	binary.LittleEndian.PutUint32(pix, ink)
	n := 4
	for ; n < len(pix) && n < 4096; n *= 2 {
		copy(pix[n:], pix[:n])
	}
	for at := n; at < len(pix); at += n {
		copy(pix[at:], pix[:n])
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

// thin is an ink with a weight of up to 256.
func thin(ink, weight uint32) uint32 {
	return (ink&lanes*weight+0x00800080)>>8&lanes | (ink>>8&lanes*weight+0x00800080)&^lanes
}

// lay puts a pixel over another.
func lay(below, ink uint32) uint32 {
	alpha := ink >> 24
	rest := 256 - alpha - alpha>>7
	return ink + (below&lanes*rest+0x00800080)>>8&lanes + (below>>8&lanes*rest+0x00800080)&^lanes
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
	if b.ink>>24 == 255 {
		for ; len(pix) >= 4; pix = pix[4:] {
			binary.LittleEndian.PutUint32(pix, mix(binary.LittleEndian.Uint32(pix), b.ink, weight))
		}
		return
	}
	ink := thin(b.ink, weight)
	for ; len(pix) >= 4; pix = pix[4:] {
		binary.LittleEndian.PutUint32(pix, lay(binary.LittleEndian.Uint32(pix), ink))
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
				binary.LittleEndian.PutUint32(px, lay(binary.LittleEndian.Uint32(px), thin(ink, weightOf(uint32(c)))))
			} else if c == 255 {
				binary.LittleEndian.PutUint32(px, ink)
			} else {
				binary.LittleEndian.PutUint32(px, mix(binary.LittleEndian.Uint32(px), ink, weightOf(uint32(c))))
			}
		}
	}
}

// sprite is a small picture that is painted at many places, as pieces of rows that
// cover what is below and such that let it shine through.
type sprite struct {
	page   *page
	x, y   int // of the upper left corner, from the pixel it is put at
	pieces []piece

	seen, solid []uint64 // for each row, what it paints and what it covers; nil where it is wider
}

// piece is n bytes of a sprite. from is where they begin in it, to where they come to
// stand, from its corner on a page.
type piece struct {
	to     int
	from   int32
	n      uint16
	opaque bool
}

// newSprite makes a sprite for pages so wide.
func newSprite(p *page, x, y, width int) *sprite {
	s := &sprite{page: p, x: x, y: y, pieces: make([]piece, 0, 3*p.height)}
	if p.width <= 64 {
		s.seen, s.solid = make([]uint64, p.height), make([]uint64, p.height)
	}
	for y := range p.height {
		row := p.row(y)
		for x := 0; x < p.width; {
			alpha := row[4*x+3]
			from := x
			for x < p.width && (row[4*x+3] == 0) == (alpha == 0) && (row[4*x+3] == 255) == (alpha == 255) {
				x++
			}
			if alpha > 0 && s.seen != nil {
				bits := (uint64(1)<<(x-from) - 1) << from
				s.seen[y] |= bits
				if alpha == 255 {
					s.solid[y] |= bits
				}
			}
			if alpha > 0 {
				s.pieces = append(s.pieces, piece{
					to: 4 * (y*width + from), from: int32(4 * (y*p.width + from)), n: uint16(4 * (x - from)), opaque: alpha == 255,
				})
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
	if seen != box {
		p.putPart(s, x, y, seen)
		return
	}
	corner, all := p.pix[4*(y*p.width+x):], s.page.pix
	for _, c := range s.pieces {
		to, pix := corner[c.to:c.to+int(c.n)], all[c.from:c.from+int32(c.n)]
		if c.opaque && c.n > 32 {
			copy(to, pix)
			continue
		}
		if c.opaque {
			for ; len(to) >= 4 && len(pix) >= 4; to, pix = to[4:], pix[4:] {
				copy(to[:4], pix[:4])
			}
			continue
		}
		for len(to) >= 4 && len(pix) >= 4 {
			binary.LittleEndian.PutUint32(to, lay(binary.LittleEndian.Uint32(to), binary.LittleEndian.Uint32(pix)))
			to, pix = to[4:], pix[4:]
		}
	}
}

// putPart paints what is seen of a sprite whose corner is at x, y.
func (p *page) putPart(s *sprite, x, y int, seen image.Rectangle) {
	for row := seen.Min.Y; row < seen.Max.Y; row++ {
		from := 4 * ((row-y)*s.page.width + seen.Min.X - x)
		at := 4 * (row*p.width + seen.Min.X)
		to, pix := p.pix[at:at+4*seen.Dx()], s.page.pix[from:from+4*seen.Dx()]
		for len(to) >= 4 && len(pix) >= 4 {
			binary.LittleEndian.PutUint32(to, lay(binary.LittleEndian.Uint32(to), binary.LittleEndian.Uint32(pix)))
			to, pix = to[4:], pix[4:]
		}
	}
}
