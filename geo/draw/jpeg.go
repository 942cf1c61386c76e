package draw

import (
	"context"
	"encoding/binary"
	"image"
	"image/jpeg"
	"io"
	"math"
)

// JPEG writes a drawing as pixels on white.
func JPEG(ctx context.Context, w io.Writer, f *Fonts, d *Drawing, opt Raster) error {
	k := f.takeDesk()
	defer f.putDesk(k)
	p, err := k.paint(ctx, f, d, opt, true)
	if err != nil {
		return err
	}
	quality := 90
	if opt.Quality > 0 {
		quality = min(opt.Quality, 100)
	}
	picture := &image.RGBA{Pix: p.pix, Stride: 4 * p.width, Rect: p.bounds()}
	return jpeg.Encode(&jfif{ctx: ctx, w: w, dpi: opt.scale() * 96}, picture, &jpeg.Options{Quality: quality})
}

// jfif puts the resolution into a JPEG after its first two bytes.
type jfif struct {
	ctx  context.Context
	w    io.Writer
	dpi  float64
	done bool
}

func (j *jfif) Write(b []byte) (int, error) {
	if err := j.ctx.Err(); err != nil {
		return 0, err
	}
	if j.done || len(b) < 2 {
		return j.w.Write(b)
	}
	j.done = true
	dpi := uint16(min(math.Round(j.dpi), math.MaxUint16))
	head := append([]byte{b[0], b[1], 0xff, 0xe0, 0, 16}, "JFIF\x00\x01\x01\x01"...)
	head = binary.BigEndian.AppendUint16(head, dpi)
	head = binary.BigEndian.AppendUint16(head, dpi)
	if _, err := j.w.Write(append(head, 0, 0)); err != nil {
		return 0, err
	}
	n, err := j.w.Write(b[2:])
	return n + 2, err
}
