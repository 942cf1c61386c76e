package archive

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"sync"
)

const (
	maxDepth          = 4       // of directories, the root counted
	maxLeafBytes      = 4 << 20 // packed
	maxDirectoryBytes = 2 << 20 // unpacked
	keptEntries       = 1 << 19 // of directories other than the root, 24 bytes each
)

// everyID is the number of tiles of all zooms.
var everyID = firstID(MaxZoom + 1)

// pmTiles reads a PMTiles file.
type pmTiles struct {
	r      io.ReaderAt
	header *header
	root   []entry
	kept   directories
}

// NewPMTiles opens a PMTiles file of size bytes. What r reads must not change.
func NewPMTiles(r io.ReaderAt, size int64) (*Archive, error) {
	head := make([]byte, min(size, headSize))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, err
	}
	h, err := parseHeader(head, uint64(size))
	if err != nil {
		return nil, err
	}
	p := &pmTiles{r: r, header: h, kept: directories{at: map[uint64]*list.Element{}}}
	if p.root, err = p.directory(head[h.root.offset:h.root.end()], 0, everyID); err != nil {
		return nil, err
	}
	metadata, err := p.metadata()
	if err != nil {
		return nil, err
	}
	info := metadata.info()
	info.Format, info.MinZoom, info.MaxZoom = Format(h.format), int(h.minZoom), int(h.maxZoom)
	info.Bounds, info.Center, info.CenterZoom = h.bounds, h.center, int(h.centerZoom)
	sum := sha256.Sum256(head)
	return &Archive{info: info, rev: base64.RawURLEncoding.EncodeToString(sum[:9]), tiles: p}, nil
}

func (p *pmTiles) metadata() (*metadata, error) {
	s := p.header.metadata
	if s.length == 0 {
		return &metadata{}, nil
	}
	b, err := p.read(s, maxMetadataBytes)
	if err == nil {
		b, err = unpack(b, coding(p.header.internal), maxMetadataBytes)
	}
	if err != nil {
		return nil, p.fault("metadata", err)
	}
	return parseMetadata("PMTiles", b)
}

// fault is an error of reading the file as it is, or else of what it holds.
func (p *pmTiles) fault(part string, err error) error {
	var failed *readError
	if errors.As(err, &failed) {
		return failed.err
	}
	return &CorruptError{"PMTiles", part, err.Error()}
}

// readError is an error of the file and not of what it holds.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// read reads a section of at most most bytes.
func (p *pmTiles) read(s section, most int) ([]byte, error) {
	if s.length > uint64(most) {
		return nil, errBomb
	}
	b := make([]byte, s.length)
	if n, err := p.r.ReadAt(b, int64(s.offset)); n < len(b) {
		return nil, &readError{err}
	}
	return b, nil
}

// directory reads a packed directory.
func (p *pmTiles) directory(packed []byte, from, to uint64) ([]entry, error) {
	b, err := unpack(packed, coding(p.header.internal), maxDirectoryBytes)
	if err != nil {
		return nil, p.fault("directory", err)
	}
	return parseDirectory(b, from, to, sections{p.header.tiles.length, p.header.leaves.length})
}

func (p *pmTiles) tile(_ context.Context, c Coord) (Tile, error) {
	id := c.TileID()
	entries, to := p.root, everyID
	for range maxDepth {
		e, next, ok := find(entries, id)
		if !ok {
			return Tile{}, ErrNoTile
		}
		if e.run > 0 {
			return p.content(e)
		}
		to = min(to, next)
		var err error
		if entries, err = p.leaf(e, to); err != nil {
			return Tile{}, err
		}
	}
	return Tile{}, corruptDirectory("leaf directories are too deep")
}

func (p *pmTiles) content(e entry) (Tile, error) {
	b, err := p.read(section{p.header.tiles.offset + e.offset, uint64(e.length)}, maxTileBytes)
	if err != nil {
		return Tile{}, p.fault("", err)
	}
	return Tile{b, p.codingOf(b)}, nil
}

// codingOf is the coding of a tile. Where the header does not know, gzip is told
// by its first bytes.
func (p *pmTiles) codingOf(b []byte) string {
	if p.header.coding == codingUnknown && len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b {
		return "gzip"
	}
	return coding(p.header.coding)
}

// leaf is the leaf directory of an entry, whose ids are below to.
func (p *pmTiles) leaf(e entry, to uint64) ([]entry, error) {
	if entries, ok := p.kept.get(e); ok {
		return entries, nil
	}
	packed, err := p.read(section{p.header.leaves.offset + e.offset, uint64(e.length)}, maxLeafBytes)
	if err != nil {
		return nil, p.fault("directory", err)
	}
	entries, err := p.directory(packed, e.id, to)
	if err != nil {
		return nil, err
	}
	p.kept.put(e, entries)
	return entries, nil
}

// directories keeps the leaf directories that were used last, by the id at which
// they begin.
type directories struct {
	mu      sync.Mutex
	at      map[uint64]*list.Element // of *keptDirectory
	order   list.List                // the one used last first
	entries int
}

type keptDirectory struct {
	of      entry
	entries []entry
}

func (d *directories) get(of entry) ([]entry, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	el, ok := d.at[of.offset]
	if !ok {
		return nil, false
	}
	k := el.Value.(*keptDirectory)
	if k.of != of {
		return nil, false
	}
	d.order.MoveToFront(el)
	return k.entries, true
}

func (d *directories) put(of entry, entries []entry) {
	if len(entries) > keptEntries/2 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if el, ok := d.at[of.offset]; ok {
		d.drop(el)
	}
	for d.entries+len(entries) > keptEntries {
		d.drop(d.order.Back())
	}
	d.at[of.offset] = d.order.PushFront(&keptDirectory{of, entries})
	d.entries += len(entries)
}

func (d *directories) drop(el *list.Element) {
	k := d.order.Remove(el).(*keptDirectory)
	delete(d.at, k.of.offset)
	d.entries -= len(k.entries)
}
