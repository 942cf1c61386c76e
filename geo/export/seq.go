package export

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"iter"

	"clustermap/geo"
)

// writeSequence writes a feature a line; as geojsonseq each is led by the record
// separator of RFC 8142.
func writeSequence(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	const recordSeparator = 0x1e
	separated := opt.Format.Name == "geojsonseq"
	var b []byte
	return stream(ctx, w, features, func(out *bufio.Writer, f geo.Feature) error {
		if separated {
			out.WriteByte(recordSeparator)
		}
		line := f.JSON()
		if !opt.plain() {
			b = opt.AppendGeoJSON(b[:0], f)
			line = b
		}
		if bytes.IndexByte(line, '\n') >= 0 || bytes.IndexByte(line, '\r') >= 0 {
			line = oneLine(line)
		}
		out.Write(line)
		return out.WriteByte('\n')
	})
}

// oneLine replaces line ends, which in JSON stand only between tokens.
func oneLine(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, text)
}
