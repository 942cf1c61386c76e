package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/server"
)

// builtIn stands before the names of the files inside the program, so that a
// message can tell them from the user's.
const builtIn = "built-in atlas/"

// files are the user's files under the names by which the user called them, and
// the built-in atlas below builtIn. Names may be absolute and may hold "..", so
// that messages show what was typed; fs.ValidPath does not hold.
type files struct{ atlas fs.FS }

var (
	_ fs.FS     = files{}
	_ fs.StatFS = files{}
)

func (f files) Open(name string) (fs.File, error) {
	if inside, ok := strings.CutPrefix(name, builtIn); ok {
		return f.atlas.Open(inside)
	}
	return os.Open(filepath.FromSlash(name))
}

// Stat does not open the file, which a pipe would wait for.
func (f files) Stat(name string) (fs.FileInfo, error) {
	if inside, ok := strings.CutPrefix(name, builtIn); ok {
		return fs.Stat(f.atlas, inside)
	}
	return os.Stat(filepath.FromSlash(name))
}

// sameFile reports whether two infos are of one file; those of files inside the
// program are.
func sameFile(a, b fs.FileInfo) bool {
	return a.Sys() == nil && b.Sys() == nil || os.SameFile(a, b)
}

// newLoader makes the loader of the files and directories at paths and, if atlas is
// set, of those of the built-in atlas. The region definitions of the atlas are known
// to all files unless one of them has others. Two collections with one id are a
// fault that names both files.
func newLoader(paths []string, atlas bool) (*geo.Loader, error) {
	all := files{data.Files()}
	definitions, err := geo.Load(all, nil, builtIn+"regions.geojson")
	if err != nil {
		return nil, err
	}
	regions, err := geo.ReadRegions(context.Background(), definitions[0].Source)
	if err != nil {
		return nil, err
	}
	var names []string
	if atlas {
		own, err := fs.Glob(all.atlas, "*.geojson")
		if err != nil {
			return nil, err
		}
		for _, name := range own {
			names = append(names, builtIn+name)
		}
	}
	for _, p := range paths {
		names = append(names, path.Clean(filepath.ToSlash(p)))
	}
	return &geo.Loader{FS: all, Paths: names, Regions: regions, Quiet: quiet, Same: sameFile, Again: server.Background}, nil
}

// errInterrupted reports that a signal came while files were read.
var errInterrupted = errors.New("interrupted while reading")

// load reads the files and directories at paths and, if atlas is set, the built-in
// atlas.
func load(ctx context.Context, paths []string, atlas bool) ([]*geo.Collection, error) {
	loader, err := newLoader(paths, atlas)
	if err != nil {
		return nil, err
	}
	return firstLook(ctx, loader)
}

// firstLook is that of a loader at files that must be without a fault. It ends when
// ctx does. What it began is then left behind, for the program ends too: a read from
// a slow disk cannot be called back.
func firstLook(ctx context.Context, loader *geo.Loader) ([]*geo.Collection, error) {
	type result struct {
		look *geo.Look
		err  error
	}
	done := make(chan result, 1)
	go func() {
		look, err := loader.Look(ctx)
		done <- result{look, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, errInterrupted
		}
		return r.look.Collections, r.look.Err()
	case <-ctx.Done():
		return nil, errInterrupted
	}
}

// oneLine is err for a place that has room for one fault: where files have
// several, the first and how to see the rest.
func oneLine(err error, paths []string) error {
	var faults *geo.Faults
	if !errors.As(err, &faults) || len(faults.List)+faults.More < 2 {
		return plainPath(err)
	}
	return fmt.Errorf("%w (and %d more; see all: clustermap check %s)",
		faults.List[0], len(faults.List)-1+faults.More, strings.Join(paths, " "))
}

// plainPath takes the system call out of an error about a file: the user asked
// to serve it and not to "open" or "lstat" it.
func plainPath(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}
