package draw

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// paletteSize is how many colours a PNG of 8 bits can have.
const paletteSize = 256

// palette writes pixels as places in a table of colours.
func (e *pngEncoder) palette(p *page, d *Drawing, opt Raster) {
	colors := &e.colors
	colors.count(p)
	table := colors.choose()
	index := colors.index()
	e.head(p, colorPalette, d, opt)
	var plte, trns []byte
	for i, c := range table {
		var pix, color [4]byte
		binary.LittleEndian.PutUint32(pix[:], c)
		unmultiply(color[:], pix[:])
		if color[3] == 0 { // for programs that leave transparency out
			color = [4]byte{d.Background.R, d.Background.G, d.Background.B}
		}
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
	e.rows(p.height, p.width, func(y int, row []byte) {
		index.translate(row, p.row(y))
	})
}

// colorCount counts the colours of a page. Up to paletteSize are told apart and kept
// as they are. Where there are more, those of areas still are, and those of edges,
// which stand in rows of less than flatRun pixels, are put together with what is near.
type colorCount struct {
	slots [colorSlots]colorSlot // open addressing by colour; empty where count is 0
	used  int
	bins  []colorBin // by the highest bits; nil while there are few colours
	spare []colorBin // memory for them
}

type colorSlot struct {
	color, count uint32
	flat         bool
	index        uint8 // in the palette
}

// bin makes those for colours that shine through when the first is wanted.
func (c *colorCount) bin(at uint32) *colorBin {
	if int(at) >= len(c.bins) {
		c.bins = append(c.bins, make([]colorBin, colorBins-len(c.bins))...)
		c.spare = c.bins
	}
	return &c.bins[at]
}

// colorBin is the colours with the same highest bits, as sums.
type colorBin struct {
	count uint32
	sums  [4]uint32
	index uint8
}

const (
	flatRun    = 4
	colorSlots = 1 << 11 // they stay in the nearest cache
	opaqueBins = 1 << 15
	colorBins  = 2 * opaqueBins
	maxFlat    = colorSlots / 2 // a picture with more flat colours has gradients
	maxBin     = 1 << 23
)

// count counts the colours of a page, and writes over its pixels where they are
// counted: for each run of a colour, its slot or, after all slots, its bin, and where
// that is more than a pixel, with longRun, in the next how many there are.
func (c *colorCount) count(p *page) {
	clear(c.slots[:])
	c.used, c.bins = 0, nil
	for y := range p.height {
		pix := p.row(y)
		for len(pix) >= 4 {
			color := binary.LittleEndian.Uint32(pix)
			if len(pix) < 8 || binary.LittleEndian.Uint32(pix[4:]) != color {
				binary.LittleEndian.PutUint32(pix, c.add(color, 1))
				pix = pix[4:]
				continue
			}
			n := runOf(pix, color)
			binary.LittleEndian.PutUint32(pix, c.add(color, n)|longRun)
			binary.LittleEndian.PutUint32(pix[4:], uint32(n))
			pix = pix[4*n:]
		}
	}
}

const longRun = 1 << 31

// colorIndex says for each slot and bin which colour of the palette it takes.
type colorIndex [colorSlots + colorBins]uint8

// translate writes a row that count has written over.
func (x *colorIndex) translate(to, pix []byte) {
	for len(pix) >= 4 && len(to) > 0 {
		at := binary.LittleEndian.Uint32(pix)
		index := x[at&^longRun]
		if at&longRun == 0 {
			to[0] = index
			to, pix = to[1:], pix[4:]
			continue
		}
		n := int(binary.LittleEndian.Uint32(pix[4:]))
		run := to[:n]
		if n < 32 {
			for i := range run {
				run[i] = index
			}
		} else {
			binary.LittleEndian.PutUint64(run, uint64(index)*0x0101010101010101)
			for k := 8; k < n; k *= 2 {
				copy(run[k:], run[:k])
			}
		}
		to, pix = to[n:], pix[4*n:]
	}
}

func (c *colorCount) index() *colorIndex {
	x := new(colorIndex)
	for i := range c.slots {
		x[i] = c.slots[i].index
	}
	for i := range c.bins {
		x[colorSlots+i] = c.bins[i].index
	}
	return x
}

// runOf says how many pixels there are of the colour that the first two have.
func runOf(pix []byte, color uint32) int {
	const block = 256 // bytes that are compared at a time
	two := uint64(color) | uint64(color)<<32
	n := 8
	for n+8 <= len(pix) && binary.LittleEndian.Uint64(pix[n:]) == two {
		n += 8
		for n >= block && n+block <= len(pix) && bytes.Equal(pix[n:n+block], pix[:block]) {
			n += block
		}
	}
	for n+4 <= len(pix) && binary.LittleEndian.Uint32(pix[n:]) == color {
		n += 4
	}
	return n / 4
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
			c.bin(bin).add(color, uint32(n))
			return colorSlots + bin
		}
		s.color = color
		if c.used++; c.used > paletteSize && c.bins == nil {
			c.bins = append(c.spare[:0], make([]colorBin, opaqueBins)...)
			c.spare = c.bins
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
	return opaqueBins | r>>4 | g>>4<<4 | b>>4<<8 | a>>5<<12
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
		for _, b := range box.means {
			c.bins[b.bin].index = uint8(len(table))
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
func (c *colorCount) mixed(rest []*colorSlot) []colorMean {
	for i := range c.slots {
		if s := &c.slots[i]; s.count > 0 && !s.flat {
			c.bin(binOf(s.color)).add(s.color, s.count)
		}
	}
	for _, s := range rest {
		c.bin(binOf(s.color)).add(s.color, s.count)
	}
	var means []colorMean
	for i := range c.bins {
		if b := &c.bins[i]; b.count > 0 {
			m := colorMean{count: b.count, bin: uint32(i)}
			for axis, sum := range b.sums {
				m.color[axis] = uint8((sum + b.count/2) / b.count)
			}
			means = append(means, m)
		}
	}
	return means
}

// colorMean stands for the colours of a bin.
type colorMean struct {
	color [4]uint8
	count uint32
	bin   uint32
}

// colorBox is some bins that are near each other.
type colorBox struct {
	means []colorMean
	count uint64 // of pixels
	axis  int    // the byte in which they differ most
	cost  uint64 // how much is lost if all are one
}

func newColorBox(means []colorMean) colorBox {
	var hi [4]uint8
	lo := [4]uint8{255, 255, 255, 255}
	count := uint64(0)
	for i := range means {
		m := &means[i]
		for axis, v := range m.color {
			lo[axis], hi[axis] = min(lo[axis], v), max(hi[axis], v)
		}
		count += uint64(m.count)
	}
	x := colorBox{means: means, count: count}
	widest := uint8(0)
	for axis := range 4 {
		if hi[axis] > lo[axis] && hi[axis]-lo[axis] > widest {
			x.axis, widest = axis, hi[axis]-lo[axis]
		}
	}
	// By the root of the count, so that what is rare keeps its colour too.
	x.cost = uint64(widest) * uint64(widest) * uint64(math.Sqrt(float64(count)))
	return x
}

func (x colorBox) mean() uint32 {
	var sums [4]uint64
	for _, m := range x.means {
		for axis, v := range m.color {
			sums[axis] += uint64(v) * uint64(m.count)
		}
	}
	mean := uint32(0)
	for axis := range 4 {
		mean |= uint32((sums[axis]+x.count/2)/x.count) << (8 * axis)
	}
	return mean
}

// cutColors divides bins into at most n boxes, always the one with the highest cost
// (median cut).
func cutColors(means []colorMean, n int) []colorBox {
	if len(means) == 0 {
		return nil
	}
	boxes := []colorBox{newColorBox(means)}
	spare := make([]colorMean, len(means))
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
		at := x.split(spare)
		boxes[worst] = newColorBox(x.means[:at])
		boxes = append(boxes, newColorBox(x.means[at:]))
	}
	return boxes
}

// split sorts the bins along the axis, by counting, and says where half of the pixels
// lie on either side, both sides not empty.
func (x colorBox) split(spare []colorMean) int {
	var ends [256]int
	for i := range x.means {
		ends[x.means[i].color[x.axis]]++
	}
	sum := 0
	for v, n := range ends {
		ends[v] = sum
		sum += n
	}
	copy(spare, x.means)
	for _, m := range spare[:len(x.means)] {
		at := &ends[m.color[x.axis]]
		x.means[*at] = m
		*at++
	}
	half := uint64(0)
	for i, m := range x.means[:len(x.means)-1] {
		if half += uint64(m.count); 2*half >= x.count {
			return i + 1
		}
	}
	return len(x.means) - 1
}
