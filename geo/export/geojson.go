package export

import (
	"bufio"
	"context"
	"io"
	"iter"

	"clustermap/geo"
)

// writeGeoJSON writes a FeatureCollection. Where the coordinates are not CRS84
// it says so by the member crs that RFC 7946 left behind: readers that know it
// are helped, and those that are strict refuse rather than misread.
func writeGeoJSON(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	b := []byte(`{"type":"FeatureCollection",`)
	if opt.moves() {
		b = append(b, `"crs":{"type":"name","properties":{"name":`...)
		b = append(appendJSONString(b, opt.CRS.URI()), "}},"...)
	}
	head, tail := append(b, `"features":[`...), "]}\n"
	if opt.Stored != nil && opt.plain() {
		return writeStored(ctx, w, append(head, '\n'), "\n"+tail, opt)
	}
	return writeCollection(ctx, w, features, head, tail, opt.writeFeature())
}

// writeStored writes all features without looking at them.
func writeStored(ctx context.Context, w io.Writer, head []byte, tail string, opt *Options) error {
	pieces, size := opt.Stored()
	if opt.Size != nil {
		opt.Size(int64(len(head)) + size + int64(len(tail)))
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for piece := range pieces {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, tail)
	return err
}

// writeCollection writes features with commas between head and tail.
func writeCollection(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], head []byte, tail string, one func(*bufio.Writer, geo.Feature) error) error {
	out := bufio.NewWriterSize(w, flushAt)
	out.Write(head) // an error stays and is that of the last Flush
	first := true
	err := each(ctx, features, func(f geo.Feature) error {
		if !first {
			out.WriteByte(',')
		}
		first = false
		out.WriteByte('\n')
		return one(out, f)
	})
	if err != nil {
		return err
	}
	out.WriteString("\n" + tail)
	return out.Flush()
}

// writeFeature returns a function that writes a GeoJSON Feature.
func (v *View) writeFeature() func(*bufio.Writer, geo.Feature) error {
	if v.plain() {
		return func(out *bufio.Writer, f geo.Feature) error {
			_, err := out.Write(f.JSON())
			return err
		}
	}
	var b []byte
	return func(out *bufio.Writer, f geo.Feature) error {
		b = v.AppendGeoJSON(b[:0], f)
		_, err := out.Write(b)
		return err
	}
}
