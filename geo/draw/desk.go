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
	zlib   map[int]*zlib.Writer // by level
}

// maxKept is how many bytes of pixels are kept for the next picture.
const maxKept = 16 << 20

func (f *Fonts) takeDesk() *desk {
	if d, ok := f.desks.Get().(*desk); ok {
		return d
	}
	return &desk{zlib: map[int]*zlib.Writer{}}
}

func (f *Fonts) putDesk(d *desk) {
	clear(d.stands[:cap(d.stands)])
	if len(d.pix) <= maxKept {
		f.desks.Put(d)
	}
}

// page is a transparent page.
func (d *desk) page(width, height int) *page {
	if size := 4 * width * height; cap(d.pix) < size {
		d.pix = make([]byte, size)
	} else {
		d.pix = d.pix[:size]
		clear(d.pix)
	}
	return &page{width, height, d.pix}
}

func (d *desk) compressor(w io.Writer, level int) *zlib.Writer {
	if z := d.zlib[level]; z != nil {
		z.Reset(w)
		return z
	}
	z, err := zlib.NewWriterLevel(w, level)
	if err != nil {
		panic(err) // the levels are ours
	}
	d.zlib[level] = z
	return z
}
