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
	return writeCollection(ctx, w, features, append(b, `"features":[`...), "]}\n", opt.writeFeature())
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
