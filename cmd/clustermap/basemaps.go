package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"clustermap/geo"
	"clustermap/geo/archive"
	"clustermap/server"
)

// namedFiles are the files of a flag that may be given again: FILE, or NAME=FILE.
type namedFiles []namedFile

type namedFile struct{ name, path string }

var _ flag.Value = (*namedFiles)(nil)

func (f *namedFiles) String() string { return "" }

func (f *namedFiles) Set(s string) error {
	name, path, named := strings.Cut(s, "=")
	if !named || strings.ContainsAny(name, `/\`) {
		path = s
		name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if path == "" {
		return errors.New("names no file")
	}
	if err := server.CheckBasemapName(name); err != nil {
		return fmt.Errorf("%w; write NAME=FILE", err)
	}
	for _, other := range *f {
		if other.name == name {
			return fmt.Errorf("two base maps are named %s; write NAME=FILE", name)
		}
	}
	*f = append(*f, namedFile{name, path})
	return nil
}

// baseMaps are the files of base maps. A file that changes is opened again; one with a
// fault keeps what it gave before.
type baseMaps []*baseMap

// baseMap is a file, as it was when last looked at and when last opened.
type baseMap struct {
	namedFile
	seen  fs.FileInfo // nil: there was none
	since time.Time   // that it is as seen
	tried fs.FileInfo // that was last opened, with a fault or without
	fault *geo.Rejected

	now    *openArchive
	before *openArchive // some requests may have taken it
}

// openArchive is an archive that can be closed while others may still ask for tiles.
type openArchive struct {
	*archive.Archive
	mu     sync.RWMutex
	closed bool
}

func (a *openArchive) Tile(ctx context.Context, c archive.Coord) (archive.Tile, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.closed {
		return archive.Tile{}, errors.New("another archive has taken the place of this one")
	}
	return a.Archive.Tile(ctx, c)
}

func (a *openArchive) close() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	return a.Archive.Close()
}

// openBasemaps opens archives of tiles. The caller closes them when nothing reads
// them any more.
func openBasemaps(files namedFiles) (baseMaps, error) {
	var maps baseMaps
	for _, f := range files {
		m := &baseMap{namedFile: f}
		maps = append(maps, m)
		if err := m.open(); err != nil {
			return nil, errors.Join(err, maps.close())
		}
	}
	return maps, nil
}

// open opens the file as it is now in the place of what was open.
func (m *baseMap) open() error {
	info, err := os.Stat(m.path)
	if err != nil {
		return archiveError(m.path, err)
	}
	m.seen, m.tried = info, info
	a, err := archive.Open(m.path)
	if err != nil {
		return archiveError(m.path, err)
	}
	if a.Info().Format == archive.Unknown {
		return errors.Join(fmt.Errorf("%s: does not tell whether its tiles are pictures or vector tiles", m.path), a.Close())
	}
	_ = m.before.close() // requests took the one after it, and nothing was written
	m.before, m.now = m.now, &openArchive{Archive: a}
	return nil
}

func (maps baseMaps) close() error {
	var errs []error
	for _, m := range maps {
		errs = append(errs, m.before.close(), m.now.close())
	}
	return errors.Join(errs...)
}

// served are the archives as the server has them.
func (maps baseMaps) served() []server.Basemap {
	var all []server.Basemap
	for _, m := range maps {
		all = append(all, server.Basemap{Name: m.name, Tiles: m.now})
	}
	return all
}

// rejected are the files that are not served as they are.
func (maps baseMaps) rejected() []geo.Rejected {
	var all []geo.Rejected
	for _, m := range maps {
		if m.fault != nil {
			all = append(all, *m.fault)
		}
	}
	return all
}

// look opens the files that have changed and are still. restless says that some are
// not.
func (maps baseMaps) look(now time.Time) (changed, restless bool) {
	for _, m := range maps {
		opened, moving := m.look(now)
		changed, restless = changed || opened, restless || moving
	}
	return changed, restless
}

func (m *baseMap) look(now time.Time) (opened, restless bool) {
	info, err := os.Stat(m.path)
	if !sameState(info, m.seen) {
		m.seen, m.since = info, now
	}
	switch {
	case sameState(m.seen, m.tried):
		return false, false
	case now.Sub(m.since) < quiet:
		return false, true
	}
	if err == nil {
		err = m.open()
	}
	if err != nil {
		m.tried = info
		reason := strings.TrimPrefix(err.Error(), m.path+": ")
		m.fault = &geo.Rejected{File: m.path, Served: true, Since: now, Faults: &geo.Faults{List: []*geo.InvalidError{{File: m.path, Reason: reason}}}}
		return false, false
	}
	m.fault = nil
	return true, false
}

// sameState reports whether a file is as it was; nil is no file.
func sameState(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
}

// archiveError names the file where err does not.
func archiveError(path string, err error) error {
	if plain := plainPath(err); plain != err {
		return plain
	}
	return fmt.Errorf("%s: %w", path, err)
}
