package archive

import (
	"context"
	"errors"
	"os"
)

const (
	leafEntries  = 4096
	maxRootBytes = headSize - headerSize // packed
)

// errNotPacked reports a fault of the caller.
var errNotPacked = errors.New("archive: a vector tile is not in gzip")

// pmWriter writes a PMTiles file. The tiles and the leaf directories are kept in
// temporary files until the root directory, which stands before them, is known.
type pmWriter struct {
	tiles, leaves *spool
	perLeaf       int     // entries
	entries       []entry // of the leaf being filled
	index         []entry // the leaves that are written
	at            contents[entry]
	pack          Packer

	count, kept uint64 // entries, contents
	raw         bool   // a tile is not in gzip
}

func newPMWriter(folder string) (*pmWriter, error) {
	tiles, err := newSpool(folder)
	if err != nil {
		return nil, err
	}
	leaves, err := newSpool(folder)
	if err != nil {
		tiles.remove()
		return nil, err
	}
	return &pmWriter{tiles: tiles, leaves: leaves, perLeaf: leafEntries}, nil
}

func (p *pmWriter) add(id uint64, _ Coord, data []byte) error {
	d := digestOf(data)
	e, ok := p.at.get(d)
	if !ok {
		at, err := p.tiles.write(data)
		if err != nil {
			return err
		}
		e = entry{offset: at, length: uint32(len(data))}
		p.at.put(d, e)
		p.kept++
		p.raw = p.raw || !packed(data)
	}
	if n := len(p.entries); n > 0 {
		if last := &p.entries[n-1]; last.offset == e.offset && last.end() == id {
			last.run++
			return nil
		}
	}
	if len(p.entries) == p.perLeaf {
		if err := p.flush(); err != nil {
			return err
		}
	}
	p.entries = append(p.entries, entry{id, e.offset, e.length, 1})
	p.count++
	return nil
}

// flush writes the entries as a leaf directory.
func (p *pmWriter) flush() error {
	e, err := p.leaf(p.entries)
	p.index = append(p.index, e)
	p.entries = p.entries[:0]
	return err
}

func (p *pmWriter) leaf(entries []entry) (entry, error) {
	b := p.pack.Pack(appendDirectory(nil, entries))
	at, err := p.leaves.write(b)
	return entry{id: entries[0].id, offset: at, length: uint32(len(b))}, err
}

// root ends the directories and returns the packed root. What does not fit into
// it is moved into leaves, and their directory, if that is too long, again.
func (p *pmWriter) root() ([]byte, error) {
	top := p.entries
	if len(p.index) > 0 {
		if err := p.flush(); err != nil {
			return nil, err
		}
		top = p.index
	}
	for {
		b := p.pack.Pack(appendDirectory(nil, top))
		if len(b) <= maxRootBytes {
			return b, nil
		}
		var above []entry
		for len(top) > 0 {
			n := min(len(top), leafEntries/2)
			e, err := p.leaf(top[:n])
			if err != nil {
				return nil, err
			}
			above, top = append(above, e), top[n:]
		}
		top = above
	}
}

// finish writes the parts in their usual order: header, root directory, metadata,
// leaf directories, tiles.
func (p *pmWriter) finish(ctx context.Context, temp string, i *Info, tiles int64) error {
	root, err := p.root()
	if err != nil {
		return err
	}
	text, err := i.json()
	if err != nil {
		return err
	}
	metadata := p.pack.Pack(text)
	h := header{
		root:      section{headerSize, uint64(len(root))},
		addressed: uint64(tiles), entries: p.count, contents: p.kept,
		clustered: true, internal: codingGzip, coding: codingGzip, format: byte(i.Format),
		minZoom: byte(i.MinZoom), maxZoom: byte(i.MaxZoom), centerZoom: byte(i.CenterZoom),
		bounds: i.Bounds, center: i.Center,
	}
	if i.Format != MVT {
		h.coding = codingNone
	} else if p.raw {
		return errNotPacked
	}
	h.metadata = section{h.root.end(), uint64(len(metadata))}
	h.leaves = section{h.metadata.end(), p.leaves.n}
	h.tiles = section{h.leaves.end(), p.tiles.n}
	f, err := createFile(temp)
	if err != nil {
		return err
	}
	return errors.Join(p.write(ctx, f, h.bytes(), root, metadata), f.Close())
}

func (p *pmWriter) write(ctx context.Context, f *os.File, parts ...[]byte) error {
	for _, b := range parts {
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	if err := p.leaves.copy(ctx, f); err != nil {
		return err
	}
	if err := p.tiles.copy(ctx, f); err != nil {
		return err
	}
	return f.Sync()
}

func (p *pmWriter) remove() {
	p.tiles.remove()
	p.leaves.remove()
}
