package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"

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

// openBasemaps opens archives of tiles. The caller closes them when nothing reads
// them any more.
func openBasemaps(files namedFiles) (maps []server.Basemap, closeAll func() error, err error) {
	var opened []*archive.Archive
	closeAll = func() error {
		var errs []error
		for _, a := range opened {
			errs = append(errs, a.Close())
		}
		return errors.Join(errs...)
	}
	for _, f := range files {
		a, err := archive.Open(f.path)
		if err != nil {
			return nil, nil, errors.Join(archiveError(f.path, err), closeAll())
		}
		opened = append(opened, a)
		if a.Info().Format == archive.Unknown {
			return nil, nil, errors.Join(fmt.Errorf("%s: does not tell whether its tiles are pictures or vector tiles", f.path), closeAll())
		}
		maps = append(maps, server.Basemap{Name: f.name, Tiles: a})
	}
	return maps, closeAll, nil
}

// archiveError names the file where err does not.
func archiveError(path string, err error) error {
	if plain := plainPath(err); plain != err {
		return plain
	}
	return fmt.Errorf("%s: %w", path, err)
}
