package archive

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"clustermap/geo"
)

// Writer writes an archive. It is not safe for concurrent use. Until Commit
// nothing stands at its path; Abort, which may follow Commit, removes all that is
// left.
type Writer struct {
	path    string
	options Options
	to      sink
	last    uint64 // the number behind that of the last tile
	tiles   int64
	done    bool
}

// Options say how an archive is written.
type Options struct {
	Replace bool // a file that is there already
}

// sink is one format being written into temporary files.
type sink interface {
	// add adds the tile with a number; numbers rise.
	add(id uint64, c Coord, data []byte) error
	// finish writes the whole into a file at temp.
	finish(ctx context.Context, temp string, i *Info, tiles int64) error
	remove()
}

// Create begins an archive whose format the name of the file tells, .pmtiles or
// .mbtiles. The folder must exist; in it stand the temporary files.
func Create(path string, opt Options) (*Writer, error) {
	w := &Writer{path: path, options: opt}
	if err := w.free(); err != nil {
		return nil, err
	}
	_, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	switch Kind(path) {
	case "pmtiles":
		w.to, err = newPMWriter(filepath.Dir(path))
	case "mbtiles":
		w.to, err = newMBWriter(w.temp())
	default:
		return nil, &geo.InvalidError{Field: path, Reason: "the name of an archive ends in .pmtiles or .mbtiles"}
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// free makes sure that nothing is lost at the path.
func (w *Writer) free() error {
	switch info, err := os.Stat(w.path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &geo.InvalidError{Field: w.path, Reason: "is not a file"}
	case !w.options.Replace:
		return &fs.PathError{Op: "create", Path: w.path, Err: fs.ErrExist}
	}
	return nil
}

// temp is a new name beside the path, so that it can be renamed to it.
func (w *Writer) temp() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return filepath.Join(filepath.Dir(w.path), "."+filepath.Base(w.path)+"-"+hex.EncodeToString(b[:])+".tmp")
}

// Add adds a tile that is packed as gzip if it is of MVT, else as it is. Tiles come
// in the order of TileID, each once. A tile without bytes is left out.
func (w *Writer) Add(c Coord, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if !c.Valid() {
		return fmt.Errorf("archive: there is no tile %v", c)
	}
	if len(data) > maxTileBytes {
		return fmt.Errorf("archive: the tile %v has %d bytes, more than %d", c, len(data), maxTileBytes)
	}
	id := c.TileID()
	if id < w.last {
		return fmt.Errorf("archive: the tile %v comes after one that stands behind it", c)
	}
	w.last = id + 1
	w.tiles++
	return w.fault(w.to.add(id, c, data))
}

// fault names the archive in an error of its temporary files.
func (w *Writer) fault(err error) error {
	var pe *fs.PathError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &pe):
		return &fs.PathError{Op: pe.Op, Path: w.path, Err: pe.Err}
	}
	return fmt.Errorf("%s: %w", w.path, err)
}

// Commit ends the archive and puts it, synced to the disk, at its path in one
// step. An archive needs at least one tile.
func (w *Writer) Commit(ctx context.Context, i Info) error {
	if w.tiles == 0 {
		return &geo.InvalidError{Field: w.path, Reason: "there is no tile to write"}
	}
	for _, text := range []*string{&i.Name, &i.Description, &i.Attribution, &i.Version} {
		*text = strings.ToValidUTF8(*text, "\uFFFD")
	}
	temp := w.temp()
	err := w.fault(w.to.finish(ctx, temp, &i, w.tiles))
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = w.free()
	}
	if err == nil {
		err = os.Rename(temp, w.path)
	}
	if err != nil {
		_ = os.Remove(temp) // may not be there
		return err
	}
	w.done = true
	w.to.remove()
	syncFolder(filepath.Dir(w.path))
	return nil
}

// Abort removes the temporary files.
func (w *Writer) Abort() {
	if !w.done {
		w.done = true
		w.to.remove()
	}
}

// syncFolder makes a rename last. Not every system can.
func syncFolder(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// digest stands for the bytes of a tile.
type digest [16]byte

func digestOf(data []byte) digest {
	sum := sha256.Sum256(data)
	return digest(sum[:16])
}

// contents remembers where the bytes of tiles stand, so that equal tiles are kept
// once. It forgets the oldest of a great many.
type contents[T any] struct {
	at   map[digest]T
	ring []digest
	next int
}

// keptContents is how many contents are remembered: some 60 MB.
const keptContents = 1 << 19

func (c *contents[T]) get(d digest) (T, bool) {
	v, ok := c.at[d]
	return v, ok
}

func (c *contents[T]) put(d digest, v T) {
	if c.at == nil {
		c.at = map[digest]T{}
	}
	if len(c.ring) < keptContents {
		c.ring = append(c.ring, d)
	} else {
		delete(c.at, c.ring[c.next])
		c.ring[c.next] = d
		c.next = (c.next + 1) % keptContents
	}
	c.at[d] = v
}

// createFile makes a new file with the rights that the user's files have.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
}

var gzipMagic = []byte{0x1f, 0x8b}

// packed reports whether a tile is in gzip.
func packed(data []byte) bool { return bytes.HasPrefix(data, gzipMagic) }
