package draw

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"time"
)

// PNG writes a drawing as pixels: red, green and blue, with alpha where anything
// shines through, or a palette.
func PNG(ctx context.Context, w io.Writer, f *Fonts, d *Drawing, opt Raster) error {
	k := f.takeDesk()
	defer f.putDesk(k)
	p, err := k.paint(ctx, f, d, opt, false)
	if err != nil {
		return err
	}
	e := &pngEncoder{ctx: ctx, w: w, desk: k}
	e.write([]byte("\x89PNG\r\n\x1a\n"))
	if opt.Palette {
		e.palette(p, d, opt)
	} else {
		e.trueColor(p, d, opt)
	}
	e.chunk("IEND", nil)
	return e.err
}

// pngEncoder writes the chunks of a PNG. Image data goes out in chunks of 64 kB.
type pngEncoder struct {
	ctx context.Context
	w   io.Writer
	err error
	buf []byte
	*desk
}

const (
	colorRGB     = 2
	colorPalette = 3
	colorRGBA    = 6
)

func (e *pngEncoder) write(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func (e *pngEncoder) chunk(name string, data []byte) {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	head = append(head, name...)
	sum := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, data)
	e.write(head)
	e.write(data)
	e.write(binary.BigEndian.AppendUint32(nil, sum))
}

// head writes what stands before the pixels: size, resolution, and what the picture is.
func (e *pngEncoder) head(p *page, colorType byte, d *Drawing, opt Raster) {
	data := binary.BigEndian.AppendUint32(nil, uint32(p.width))
	data = binary.BigEndian.AppendUint32(data, uint32(p.height))
	e.chunk("IHDR", append(data, 8, colorType, 0, 0, 0))
	perMetre := uint32(math.Round(opt.scale() * 96 / 0.0254))
	data = binary.BigEndian.AppendUint32(nil, perMetre)
	data = binary.BigEndian.AppendUint32(data, perMetre)
	e.chunk("pHYs", append(data, 1))
	date := ""
	if !d.Date.IsZero() {
		date = d.Date.UTC().Format(time.RFC3339)
	}
	for _, t := range [][2]string{{"Title", d.Title}, {"Author", d.Author}, {"Description", d.Description}, {"Creation Time", date}} {
		if t[1] != "" {
			text := string(visible(t[1]))
			e.chunk("iTXt", []byte(t[0]+"\x00\x00\x00"+d.Lang+"\x00\x00"+text))
		}
	}
}

// Write takes compressed pixels.
func (e *pngEncoder) Write(b []byte) (int, error) {
	const size = 1 << 16
	n := len(b)
	for len(b) > 0 {
		k := min(len(b), size-len(e.buf))
		e.buf = append(e.buf, b[:k]...)
		b = b[k:]
		if len(e.buf) == size {
			e.flush()
		}
	}
	return n, e.err
}

func (e *pngEncoder) flush() {
	if len(e.buf) > 0 {
		e.chunk("IDAT", e.buf)
		e.buf = e.buf[:0]
	}
}

// rows compresses rows of size bytes, that fill makes one by one after a byte that
// says that they have no filter.
func (e *pngEncoder) rows(height, size int, fill func(y int, row []byte)) {
	z := e.compressor(e)
	row := make([]byte, size+1)
	for y := range height {
		if y%64 == 0 && e.err == nil {
			e.err = e.ctx.Err()
		}
		if e.err != nil {
			return
		}
		fill(y, row[1:])
		if _, err := z.Write(row); err != nil {
			return // e.err has it
		}
	}
	if err := z.Close(); err != nil && e.err == nil {
		e.err = err
	}
	e.flush()
}

// trueColor writes pixels as they are: flat colours pack best without a filter, and a
// higher level hardly makes them smaller.
func (e *pngEncoder) trueColor(p *page, d *Drawing, opt Raster) {
	colorType, size := byte(colorRGBA), 4
	if p.isOpaque() {
		colorType, size = colorRGB, 3
	}
	e.head(p, colorType, d, opt)
	e.rows(p.height, size*p.width, func(y int, row []byte) {
		pix := p.row(y)
		if size == 3 {
			to := row
			for len(pix) >= 4 && len(to) >= 3 {
				to[0], to[1], to[2] = pix[0], pix[1], pix[2]
				pix, to = pix[4:], to[3:]
			}
			return
		}
		unmultiply(row, pix)
	})
}

func (p *page) isOpaque() bool {
	for i := 3; i < len(p.pix); i += 4 {
		if p.pix[i] != 255 {
			return false
		}
	}
	return true
}

// unmultiply divides colours by their alpha.
func unmultiply(to, pix []byte) {
	for i := 0; i+4 <= len(pix); i += 4 {
		switch a := uint32(pix[i+3]); a {
		case 255:
			copy(to[i:i+4], pix[i:i+4])
		case 0:
			copy(to[i:i+4], []byte{0, 0, 0, 0})
		default:
			for j := range 3 {
				to[i+j] = byte(min((uint32(pix[i+j])*255+a/2)/a, 255))
			}
			to[i+3] = byte(a)
		}
	}
}
