package archive

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
)

const (
	pmMagic    = "PMTiles"
	pmVersion  = 3
	headerSize = 127
	headSize   = 16 << 10 // holds the header and the root directory
)

// The codings of PMTiles.
const (
	codingUnknown = iota
	codingNone
	codingGzip
	codingBrotli
	codingZstd
)

// header is the header of a PMTiles file.
type header struct {
	root, metadata, leaves, tiles section
	addressed, entries, contents  uint64 // 0: unknown
	clustered                     bool
	internal, coding              byte
	format                        byte
	minZoom, maxZoom, centerZoom  byte
	bounds                        orb.Bound
	center                        orb.Point
}

type section struct{ offset, length uint64 }

func (s section) end() uint64 { return s.offset + s.length }

// bytes is the header as it is written; the numbers are little-endian.
func (h *header) bytes() []byte {
	b := append(make([]byte, 0, headerSize), pmMagic...)
	b = append(b, pmVersion)
	for _, v := range []uint64{
		h.root.offset, h.root.length, h.metadata.offset, h.metadata.length,
		h.leaves.offset, h.leaves.length, h.tiles.offset, h.tiles.length,
		h.addressed, h.entries, h.contents,
	} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	clustered := byte(0)
	if h.clustered {
		clustered = 1
	}
	b = append(b, clustered, h.internal, h.coding, h.format, h.minZoom, h.maxZoom)
	b = appendE7(b, h.bounds.Min)
	b = appendE7(b, h.bounds.Max)
	b = append(b, h.centerZoom)
	return appendE7(b, h.center)
}

// e7 is the parts of a degree in which positions are kept.
const e7 = 1e7

func appendE7(b []byte, p orb.Point) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(int32(math.Round(p[0]*e7))))
	return binary.LittleEndian.AppendUint32(b, uint32(int32(math.Round(p[1]*e7))))
}

func readE7(b []byte) orb.Point {
	lon, lat := int32(binary.LittleEndian.Uint32(b)), int32(binary.LittleEndian.Uint32(b[4:]))
	return orb.Point{float64(lon) / e7, float64(lat) / e7}
}

// parseHeader reads the header of a file of size bytes.
func parseHeader(b []byte, size uint64) (*header, error) {
	switch {
	case len(b) < headerSize || string(b[:len(pmMagic)]) != pmMagic:
		return nil, corruptHeader("is not that of a PMTiles file")
	case b[7] != pmVersion:
		return nil, corruptHeader("only version 3 is read")
	}
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8+8*i:]) }
	h := &header{
		root: section{at(0), at(1)}, metadata: section{at(2), at(3)},
		leaves: section{at(4), at(5)}, tiles: section{at(6), at(7)},
		addressed: at(8), entries: at(9), contents: at(10),
		clustered: b[96] == 1, internal: b[97], coding: b[98], format: b[99],
		minZoom: b[100], maxZoom: b[101], centerZoom: b[118],
		bounds: orb.Bound{Min: readE7(b[102:]), Max: readE7(b[110:])}, center: readE7(b[119:]),
	}
	return h, h.check(size)
}

func corruptHeader(reason string) error { return &CorruptError{"PMTiles", "header", reason} }

func (h *header) check(size uint64) error {
	for _, s := range []section{h.root, h.metadata, h.leaves, h.tiles} {
		if s.offset > size || s.length > size-s.offset {
			return corruptHeader("a part lies beyond the end of the file; is it cut short?")
		}
	}
	switch {
	case h.root.length == 0 || h.root.offset < headerSize || h.root.end() > headSize:
		return corruptHeader("the root directory does not lie in the first 16 KiB")
	case h.minZoom > h.maxZoom:
		return corruptHeader("the least zoom is beyond the greatest")
	case h.maxZoom > MaxZoom:
		return corruptHeader("zooms beyond 26 are not read")
	case h.internal != codingNone && h.internal != codingGzip && h.internal != codingZstd:
		return corruptHeader("the coding of the directories is not none, gzip or zstd")
	case h.coding == codingBrotli || h.coding > codingZstd:
		return corruptHeader("the coding of the tiles is not none, gzip or zstd")
	case int(h.format) >= len(formats):
		return corruptHeader("the tiles are of an unknown type")
	case !inWorld(h.bounds.Min) || !inWorld(h.bounds.Max) || h.bounds.Min[0] > h.bounds.Max[0] || h.bounds.Min[1] > h.bounds.Max[1]:
		return corruptHeader("the bounds make no sense")
	case !inWorld(h.center):
		return corruptHeader("the centre makes no sense")
	}
	return nil
}

func inWorld(p orb.Point) bool { return math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90 }

// coding is the content coding of a number of PMTiles.
func coding(code byte) string {
	switch code {
	case codingGzip:
		return "gzip"
	case codingZstd:
		return "zstd"
	}
	return ""
}
