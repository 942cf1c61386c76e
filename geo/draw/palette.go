package draw

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// paletteSize is how many colours a PNG of 8 bits can have.
const paletteSize = 256

// palette writes pixels as places in a table of colours.
func (e *pngEncoder) palette(p *page, d *Drawing, opt Raster) {
	colors := countColors(p)
	table := colors.choose()
	e.head(p, colorPalette, d, opt)
	var plte, trns []byte
	for i, c := range table {
		var pix, color [4]byte
		binary.LittleEndian.PutUint32(pix[:], c)
		unmultiply(color[:], pix[:])
		plte = append(plte, color[:3]...)
		if color[3] != 255 {
			for len(trns) < i {
				trns = append(trns, 255)
			}
			trns = append(trns, color[3])
		}
	}
	e.chunk("PLTE", plte)
	if len(trns) > 0 {
		e.chunk("tRNS", trns)
	}
	e.rows(p.height, p.width, paletteLevel, func(y int, row []byte) {
		colors.translate(row[1:], p.row(y))
	})
}

const paletteLevel = 1

// colorCount counts the colours of a page in a table with open addressing.
type colorCount struct {
	slots []colorSlot // a power of 2; empty where count is 0
	used  int
	mask  uint32 // of the bits of a colour that count; fewer where there are very many
}

type colorSlot struct {
	color uint32
	count uint32
	index uint8 // in the palette
}

// maxColors is how many are told apart. A picture with more has gradients, where the
// lowest bits cannot be seen.
const maxColors = 1 << 16

func countColors(p *page) *colorCount {
	c := &colorCount{slots: make([]colorSlot, 1<<12), mask: 0xffffffff}
	for y := range p.height {
		pix := p.row(y)
		for len(pix) >= 4 {
			color := binary.LittleEndian.Uint32(pix)
			n := 4
			for n+4 <= len(pix) && binary.LittleEndian.Uint32(pix[n:]) == color {
				n += 4
			}
			c.add(color&c.mask, uint32(n/4))
			pix = pix[n:]
		}
	}
	return c
}

func (c *colorCount) slot(color uint32) *colorSlot {
	at := color * 0x9e3779b1 >> 8
	for {
		s := &c.slots[at&uint32(len(c.slots)-1)]
		if s.count == 0 || s.color == color {
			return s
		}
		at++
	}
}

func (c *colorCount) add(color, n uint32) {
	s := c.slot(color)
	if s.count > 0 {
		s.count += n
		return
	}
	s.color, s.count = color, n
	if c.used++; 2*c.used > len(c.slots) {
		c.grow()
	}
}

// grow makes room, or where there are too many colours gives up their lowest bits.
func (c *colorCount) grow() {
	old := c.slots
	if c.used >= maxColors {
		c.mask = c.mask << 1 & 0xfefefefe
	} else {
		c.slots = make([]colorSlot, 2*len(old))
	}
	if c.used >= maxColors {
		c.slots = make([]colorSlot, len(old))
	}
	c.used = 0
	for _, s := range old {
		if s.count > 0 {
			c.add(s.color&c.mask, s.count)
		}
	}
}

// translate writes the places of colours in the palette.
func (c *colorCount) translate(to, pix []byte) {
	last, index := uint32(0), uint8(0)
	for i := range to {
		if color := binary.LittleEndian.Uint32(pix[4*i:]) & c.mask; i == 0 || color != last {
			last, index = color, c.slot(color).index
		}
		to[i] = index
	}
}

// choose makes the palette and writes into each slot which of its colours it takes.
// All colours if they are few enough; else the most frequent, which are the flat ones,
// as they are, and for the others the means of boxes (median cut).
func (c *colorCount) choose() []uint32 {
	all := make([]*colorSlot, 0, c.used)
	for i := range c.slots {
		if c.slots[i].count > 0 {
			all = append(all, &c.slots[i])
		}
	}
	byCount := func(a, b *colorSlot) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.color, b.color))
	}
	slices.SortFunc(all, byCount)
	exact := min(len(all), paletteSize)
	if len(all) > paletteSize {
		exact = paletteSize / 4
	}
	table := make([]uint32, 0, paletteSize)
	for i, s := range all[:exact] {
		s.index = uint8(i)
		table = append(table, s.color)
	}
	if exact < len(all) {
		for _, box := range cutColors(all[exact:], paletteSize-exact) {
			for _, s := range box.slots {
				s.index = uint8(len(table))
			}
			table = append(table, box.mean())
		}
	}
	return table
}

// colorBox is some colours that are near each other.
type colorBox struct {
	slots []*colorSlot
	axis  int    // the byte in which they differ most
	cost  uint64 // how much is lost if all are one
}

func newColorBox(slots []*colorSlot) colorBox {
	var lo, hi [4]uint32
	lo = [4]uint32{255, 255, 255, 255}
	count := uint64(0)
	for _, s := range slots {
		for i := range 4 {
			v := s.color >> (8 * i) & 255
			lo[i], hi[i] = min(lo[i], v), max(hi[i], v)
		}
		count += uint64(s.count)
	}
	b := colorBox{slots: slots}
	widest := uint32(0)
	for i := range 4 {
		if hi[i] > lo[i] && hi[i]-lo[i] > widest {
			b.axis, widest = i, hi[i]-lo[i]
		}
	}
	b.cost = uint64(widest) * uint64(widest) * count
	return b
}

func (b colorBox) mean() uint32 {
	var sums [4]uint64
	count := uint64(0)
	for _, s := range b.slots {
		for i := range 4 {
			sums[i] += uint64(s.color>>(8*i)&255) * uint64(s.count)
		}
		count += uint64(s.count)
	}
	mean := uint32(0)
	for i := range 4 {
		mean |= uint32((sums[i]+count/2)/count) << (8 * i)
	}
	return mean
}

// cutColors divides colours into at most n boxes, always the one with the highest cost.
func cutColors(slots []*colorSlot, n int) []colorBox {
	boxes := []colorBox{newColorBox(slots)}
	for len(boxes) < n {
		worst := 0
		for i := range boxes {
			if boxes[i].cost > boxes[worst].cost {
				worst = i
			}
		}
		b := boxes[worst]
		if b.cost == 0 {
			return boxes
		}
		at := b.split()
		boxes[worst] = newColorBox(b.slots[:at])
		boxes = append(boxes, newColorBox(b.slots[at:]))
	}
	return boxes
}

// split sorts the colours along the axis and says where half of the pixels lie on
// either side, both sides not empty.
func (b colorBox) split() int {
	shift := 8 * b.axis
	slices.SortFunc(b.slots, func(x, y *colorSlot) int {
		return cmp.Or(cmp.Compare(x.color>>shift&255, y.color>>shift&255), cmp.Compare(x.color, y.color))
	})
	total := uint64(0)
	for _, s := range b.slots {
		total += uint64(s.count)
	}
	sum := uint64(0)
	for i, s := range b.slots[:len(b.slots)-1] {
		if sum += uint64(s.count); 2*sum >= total {
			return i + 1
		}
	}
	return len(b.slots) - 1
}
