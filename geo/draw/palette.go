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
	index := colors.index()
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
		pix := p.row(y)
		for i := range row[1:] {
			row[1+i] = index[binary.LittleEndian.Uint32(pix[4*i:])]
		}
	})
}

const paletteLevel = 1

// colorCount counts the colours of a page. Up to paletteSize are told apart and kept
// as they are. Where there are more, those of areas still are, and those of edges,
// which stand in rows of less than flatRun pixels, are put together with what is near.
type colorCount struct {
	slots []colorSlot // open addressing by colour; empty where count is 0
	used  int
	bins  []colorBin // by the highest bits; nil while there are few colours
}

type colorSlot struct {
	color, count uint32
	flat         bool
	index        uint8 // in the palette
}

// colorBin is the colours with the same highest bits, as sums.
type colorBin struct {
	count uint32
	sums  [4]uint32
	index uint8
}

const (
	flatRun    = 4
	colorSlots = 1 << 12
	colorBins  = 1 << 16
	maxFlat    = colorSlots / 4 // a picture with more flat colours has gradients
	maxBin     = 1 << 23
)

// countColors counts the colours of a page, and puts in place of each pixel where its
// colour is counted: in a slot, or after all slots in a bin.
func countColors(p *page) *colorCount {
	c := &colorCount{slots: make([]colorSlot, colorSlots)}
	for y := range p.height {
		pix := p.row(y)
		for len(pix) >= 4 {
			color, n := runOf(pix)
			at := c.add(color, n)
			if n == 1 {
				binary.LittleEndian.PutUint32(pix, at)
			} else {
				repeat(pix[:4*n], at)
			}
			pix = pix[4*n:]
		}
	}
	return c
}

// index says for each slot and bin which colour of the palette it takes.
func (c *colorCount) index() *[colorSlots + colorBins]uint8 {
	index := new([colorSlots + colorBins]uint8)
	for i := range c.slots {
		index[i] = c.slots[i].index
	}
	for i := range c.bins {
		index[colorSlots+i] = c.bins[i].index
	}
	return index
}

// runOf says how many pixels there are of the first colour.
func runOf(pix []byte) (color uint32, n int) {
	color = binary.LittleEndian.Uint32(pix)
	two := uint64(color) | uint64(color)<<32
	n = 4
	for n+8 <= len(pix) && binary.LittleEndian.Uint64(pix[n:]) == two {
		n += 8
	}
	for n+4 <= len(pix) && binary.LittleEndian.Uint32(pix[n:]) == color {
		n += 4
	}
	return color, n / 4
}

// slot is where a colour is counted, or could be.
func (c *colorCount) slot(color uint32) uint32 {
	at := color * 0x9e3779b1 >> 16
	for {
		at %= colorSlots
		if s := &c.slots[at]; s.color == color || s.count == 0 {
			return at
		}
		at++
	}
}

func (c *colorCount) add(color uint32, n int) uint32 {
	at := c.slot(color)
	s := &c.slots[at]
	if s.count == 0 {
		if c.bins != nil && (n < flatRun || c.used == maxFlat) {
			bin := binOf(color)
			c.bins[bin].add(color, uint32(n))
			return colorSlots + bin
		}
		s.color = color
		if c.used++; c.used > paletteSize && c.bins == nil {
			c.bins = make([]colorBin, colorBins)
		}
	}
	s.count += uint32(n)
	s.flat = s.flat || n >= flatRun
	return at
}

// binOf takes 5 bits of red, green and blue, of colours that shine through 4 and 3 of
// alpha.
func binOf(color uint32) uint32 {
	r, g, b, a := color&255, color>>8&255, color>>16&255, color>>24
	if a == 255 {
		return r>>3 | g>>3<<5 | b>>3<<10
	}
	return 1<<15 | r>>4 | g>>4<<4 | b>>4<<8 | a>>5<<12
}

// add counts a colour; more than maxBin would not change the mean.
func (b *colorBin) add(color, n uint32) {
	if b.count > maxBin {
		return
	}
	n = min(n, maxBin)
	b.count += n
	b.sums[0] += color & 255 * n
	b.sums[1] += color >> 8 & 255 * n
	b.sums[2] += color >> 16 & 255 * n
	b.sums[3] += color >> 24 * n
}

// choose makes the palette and notes for each colour which of it it takes.
func (c *colorCount) choose() []uint32 {
	var flat []*colorSlot
	for i := range c.slots {
		if s := &c.slots[i]; s.count > 0 && (c.bins == nil || s.flat) {
			flat = append(flat, s)
		}
	}
	slices.SortFunc(flat, func(a, b *colorSlot) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.color, b.color))
	})
	exact := flat
	if c.bins != nil {
		exact = flat[:min(len(flat), paletteSize/2)]
	}
	table := make([]uint32, 0, paletteSize)
	for i, s := range exact {
		s.index = uint8(i)
		table = append(table, s.color)
	}
	if c.bins == nil {
		return table
	}
	for _, box := range cutColors(c.mixed(flat[len(exact):]), paletteSize-len(table)) {
		for _, b := range box.bins {
			b.index = uint8(len(table))
		}
		table = append(table, box.mean())
	}
	for i := range c.slots {
		if s := &c.slots[i]; s.count > 0 && !s.flat {
			s.index = c.bins[binOf(s.color)].index
		}
	}
	for _, s := range flat[len(exact):] {
		s.index = c.bins[binOf(s.color)].index
	}
	return table
}

// mixed are the bins of all colours that are not kept as they are.
func (c *colorCount) mixed(rest []*colorSlot) []*colorBin {
	for i := range c.slots {
		if s := &c.slots[i]; s.count > 0 && !s.flat {
			c.bins[binOf(s.color)].add(s.color, s.count)
		}
	}
	for _, s := range rest {
		c.bins[binOf(s.color)].add(s.color, s.count)
	}
	var bins []*colorBin
	for i := range c.bins {
		if c.bins[i].count > 0 {
			bins = append(bins, &c.bins[i])
		}
	}
	return bins
}

// of is the mean of one byte of the colours of a bin.
func (b *colorBin) of(axis int) uint32 { return b.sums[axis] / b.count }

// colorBox is some bins that are near each other.
type colorBox struct {
	bins []*colorBin
	axis int    // the byte in which they differ most
	cost uint64 // how much is lost if all are one
}

func newColorBox(bins []*colorBin) colorBox {
	var hi [4]uint32
	lo := [4]uint32{255, 255, 255, 255}
	count := uint64(0)
	for _, b := range bins {
		for i := range 4 {
			v := b.of(i)
			lo[i], hi[i] = min(lo[i], v), max(hi[i], v)
		}
		count += uint64(b.count)
	}
	x := colorBox{bins: bins}
	widest := uint32(0)
	for i := range 4 {
		if hi[i] > lo[i] && hi[i]-lo[i] > widest {
			x.axis, widest = i, hi[i]-lo[i]
		}
	}
	x.cost = uint64(widest) * uint64(widest) * count
	return x
}

func (x colorBox) mean() uint32 {
	var sums [4]uint64
	count := uint64(0)
	for _, b := range x.bins {
		for i := range 4 {
			sums[i] += uint64(b.sums[i])
		}
		count += uint64(b.count)
	}
	mean := uint32(0)
	for i := range 4 {
		mean |= uint32((sums[i]+count/2)/count) << (8 * i)
	}
	return mean
}

// cutColors divides bins into at most n boxes, always the one with the highest cost
// (median cut).
func cutColors(bins []*colorBin, n int) []colorBox {
	if len(bins) == 0 {
		return nil
	}
	boxes := []colorBox{newColorBox(bins)}
	for len(boxes) < n {
		worst := 0
		for i := range boxes {
			if boxes[i].cost > boxes[worst].cost {
				worst = i
			}
		}
		x := boxes[worst]
		if x.cost == 0 {
			break
		}
		at := x.split()
		boxes[worst] = newColorBox(x.bins[:at])
		boxes = append(boxes, newColorBox(x.bins[at:]))
	}
	return boxes
}

// split sorts the bins along the axis and says where half of the pixels lie on either
// side, both sides not empty.
func (x colorBox) split() int {
	slices.SortStableFunc(x.bins, func(a, b *colorBin) int { return cmp.Compare(a.of(x.axis), b.of(x.axis)) })
	total := uint64(0)
	for _, b := range x.bins {
		total += uint64(b.count)
	}
	sum := uint64(0)
	for i, b := range x.bins[:len(x.bins)-1] {
		if sum += uint64(b.count); 2*sum >= total {
			return i + 1
		}
	}
	return len(x.bins) - 1
}
