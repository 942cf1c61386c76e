package draw

import (
	"io"

	"github.com/klauspost/compress/zlib"
)

// desk is the memory that a picture of pixels is made with. Fonts keeps it for the next.
type desk struct {
	pix    []byte
	scan   scanner
	stands []stand
	bits   []uint64
	colors colorCount
	zlib   *zlib.Writer
}

// maxKept is how many bytes of pixels are kept for the next picture.
const maxKept = 16 << 20

func (f *Fonts) takeDesk() *desk {
	if d, ok := f.desks.Get().(*desk); ok {
		return d
	}
	return new(desk)
}

func (f *Fonts) putDesk(d *desk) {
	clear(d.stands[:cap(d.stands)])
	if len(d.pix) <= maxKept {
		f.desks.Put(d)
	}
}

// page is a page in one colour.
func (d *desk) page(width, height int, ink uint32) *page {
	if size := 4 * width * height; cap(d.pix) < size {
		d.pix = make([]byte, size)
	} else {
		d.pix = d.pix[:size]
	}
	repeat(d.pix, ink)
	return &page{width, height, d.pix}
}

func (d *desk) compressor(w io.Writer) *zlib.Writer {
	if d.zlib != nil {
		d.zlib.Reset(w)
		return d.zlib
	}
	z, err := zlib.NewWriterLevel(w, zlib.BestSpeed)
	if err != nil {
		panic(err) // the level exists
	}
	d.zlib = z
	return z
}
