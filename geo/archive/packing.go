package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Packer compresses tiles for a Writer. It is not safe for concurrent use: each
// goroutine has its own. The zero Packer is ready.
type Packer struct {
	gz  *gzip.Writer
	buf bytes.Buffer
}

// Pack is data in gzip. Equal data give equal bytes.
func (p *Packer) Pack(data []byte) []byte {
	p.buf.Reset()
	if p.gz == nil {
		p.gz = gzip.NewWriter(&p.buf)
	} else {
		p.gz.Reset(&p.buf)
	}
	_, _ = p.gz.Write(data) // to memory
	_ = p.gz.Close()
	return bytes.Clone(p.buf.Bytes())
}

// Unpack is the tile without a coding.
func (t Tile) Unpack() ([]byte, error) {
	b, err := unpack(t.Data, t.Coding, maxTileBytes)
	if err != nil {
		return nil, fmt.Errorf("archive: a tile: %w", err)
	}
	return b, nil
}

var errBomb = errors.New("it is too large")

// unpack decodes data of a coding into at most most bytes.
func unpack(data []byte, coding string, most int) ([]byte, error) {
	var r io.Reader
	switch coding {
	case "":
		if len(data) > most {
			return nil, errBomb
		}
		return data, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		r = z
	case "zlib":
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(most)), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, err
	}
	if n > int64(most) {
		return nil, errBomb
	}
	return b.Bytes(), nil
}
