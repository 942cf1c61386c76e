// Package archive reads and writes files that hold map tiles: PMTiles, version
// 3, and MBTiles 1.3.
//
// Tiles are squares of Web Mercator: zoom, column from the west, row from the
// north. Longitudes and latitudes are in degrees. To Writer and Archive a tile is
// bytes, perhaps compressed; Build makes the tiles of layers.
//
// Writing takes memory for a bounded number of tiles, however many there are.
// Reading is strict: a file made to do harm gives an error, and costs no more
// memory than some tens of megabytes.
package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/paulmach/orb"
)

// Coord is the place of a tile. Y counts from the north, as in web addresses; an
// MBTiles file counts from the south.
type Coord struct{ Z, X, Y int }

// MaxZoom is the greatest zoom of an archive.
const MaxZoom = 26

// Valid reports whether there is such a tile.
func (c Coord) Valid() bool {
	return c.Z >= 0 && c.Z <= MaxZoom && c.X >= 0 && c.Y >= 0 && c.X < 1<<c.Z && c.Y < 1<<c.Z
}

func (c Coord) String() string { return fmt.Sprintf("%d/%d/%d", c.Z, c.X, c.Y) }

// Format is what the tiles are.
type Format uint8

const (
	Unknown Format = iota
	MVT            // Mapbox vector tiles
	PNG
	JPEG
	WebP
	AVIF
)

// formats is by Format.
var formats = [...]struct {
	name  string // in MBTiles
	media string
}{
	{"", "application/octet-stream"},
	{"pbf", "application/vnd.mapbox-vector-tile"},
	{"png", "image/png"},
	{"jpg", "image/jpeg"},
	{"webp", "image/webp"},
	{"avif", "image/avif"},
}

// MediaType is the media type of a tile.
func (f Format) MediaType() string { return formats[f].media }

// Raster reports whether a tile is a picture.
func (f Format) Raster() bool { return f >= PNG }

// Info is what an archive says of itself.
type Info struct {
	Name, Description string
	Attribution       string // may be HTML
	Version           string
	Overlay           bool // made to lie on a base map
	Format            Format
	MinZoom, MaxZoom  int
	Bounds            orb.Bound
	Center            orb.Point
	CenterZoom        int
	Layers            []Layer // of vector tiles
	Extra             map[string]string
}

// Layer describes a layer of vector tiles, as TileJSON 3.0 does.
type Layer struct {
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"` // Number, Boolean or String, or words for people
}

// Tile is a tile as it is kept.
type Tile struct {
	Data   []byte
	Coding string // the content coding of Data: "gzip", "zstd" or ""
}

// ErrNoTile reports that the archive has no tile at a place.
var ErrNoTile = errors.New("archive: there is no such tile")

// CorruptError reports a file that breaks the rules of its format, or is beyond
// what is read of them.
type CorruptError struct {
	Format string // PMTiles or MBTiles
	Part   string // such as "header" or "tile 3/1/2"
	Reason string
}

func (e *CorruptError) Error() string {
	return e.Format + ": " + e.Part + ": " + e.Reason
}

// Bounds of what is read.
const (
	maxTileBytes     = 16 << 20 // of a tile, packed and unpacked
	maxMetadataBytes = 8 << 20  // unpacked
)

// Archive is an open archive. It is safe for concurrent use.
type Archive struct {
	info   Info
	rev    string
	tiles  source
	closer io.Closer
}

// source finds tiles. The error is ErrNoTile where there is none.
type source interface {
	tile(ctx context.Context, c Coord) (Tile, error)
}

// Open opens a file of either format, which its first bytes tell. The caller
// closes the archive.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a, err := openFile(f, path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return a, nil
}

func openFile(f *os.File, path string) (*Archive, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file")
	}
	var magic [16]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var a *Archive
	switch head := magic[:n]; {
	case bytes.HasPrefix(head, []byte(pmMagic)):
		a, err = NewPMTiles(f, info.Size())
		if a != nil {
			a.closer = f
		}
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		if a, err = openMBTiles(path, mbPatience); err == nil {
			err = f.Close()
		}
	default:
		return nil, errors.New("is neither a PMTiles nor an MBTiles file")
	}
	if err != nil {
		return nil, err
	}
	a.rev += fmt.Sprintf("-%x-%x", info.Size(), info.ModTime().UnixNano())
	return a, nil
}

// Info is what the archive says of itself. The caller must not change it.
func (a *Archive) Info() Info { return a.info }

// Rev differs between files whose tiles may differ. It is URL-safe ASCII.
func (a *Archive) Rev() string { return a.rev }

// Tile returns a tile as it is kept, or ErrNoTile.
func (a *Archive) Tile(ctx context.Context, c Coord) (Tile, error) {
	if !c.Valid() || c.Z < a.info.MinZoom || c.Z > a.info.MaxZoom {
		return Tile{}, ErrNoTile
	}
	t, err := a.tiles.tile(ctx, c)
	var bad *CorruptError
	if errors.As(err, &bad) && bad.Part == "" {
		bad.Part = "tile " + c.String()
	}
	return t, err
}

// Close ends the use of the file. No other method may be called then.
func (a *Archive) Close() error {
	if a.closer == nil {
		return nil
	}
	return a.closer.Close()
}

// Kind is the format of a file by its name: "pmtiles", "mbtiles" or "".
func Kind(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pmtiles":
		return "pmtiles"
	case ".mbtiles":
		return "mbtiles"
	}
	return ""
}
