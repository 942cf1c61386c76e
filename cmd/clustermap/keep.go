package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"clustermap/geo"
)

// mostKept is how many collections people may send. Who wants more serves files.
const mostKept = 500

// keeper stores collections that people send as files of a folder that is served:
// NAME.geojson each. Names are those that the server lets pass.
type keeper struct {
	dir   string
	atlas *geo.Atlas
	mu    sync.Mutex // one at a time: two may want one name
}

// keep stores one, see server.Tables. The file is whole at every moment.
func (k *keeper) keep(ctx context.Context, name string, geojson []byte, replace bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	file := filepath.Join(k.dir, name+".geojson")
	_, err := os.Lstat(file)
	own := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, served := k.atlas.State().Collection(name)
	switch {
	case own && !replace, served && !own:
		return fs.ErrExist
	case replace && !own:
		return fs.ErrNotExist
	}
	if !own {
		if err := k.room(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err = writeFile(file, replace, func(w io.Writer) error {
		_, err := w.Write(geojson)
		return err
	})
	return err
}

// room refuses one more where there are as many as there may be.
func (k *keeper) room() error {
	all, err := os.ReadDir(k.dir)
	if err != nil {
		return err
	}
	n := 0
	for _, e := range all {
		if strings.HasSuffix(e.Name(), ".geojson") {
			n++
		}
	}
	if n >= mostKept {
		return &geo.InvalidError{Field: "collection", Reason: fmt.Sprintf("there are %d collections, and no more are kept; whoever runs this server can remove some", mostKept)}
	}
	return nil
}
