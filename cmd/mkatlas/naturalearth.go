package main

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/peterstace/simplefeatures/geom"
	_ "modernc.org/sqlite" // the driver for GeoPackage files
)

// worldMap is the GeoPackage of Natural Earth 1:10m in Debian's qgis-common.
const worldMap = "usr/share/qgis/resources/data/world_map.gpkg"

// A stateRow is a first-level division of the world.
type stateRow struct {
	name        string
	country     string // Natural Earth's adm0_a3
	countryName string
	geometry    geom.Geometry
}

// A disputeRow is a line that somebody claims or that follows a ceasefire.
type disputeRow struct {
	name, left, right string // Natural Earth's English names of the states on either side
	geometry          geom.Geometry
}

type naturalEarth struct {
	states   []stateRow
	disputes []disputeRow
}

// readNaturalEarth reads the unpacked Debian package below dir.
func readNaturalEarth(dir string) (_ *naturalEarth, err error) {
	path, err := filepath.Abs(filepath.Join(dir, worldMap))
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ne := new(naturalEarth)
	err = query(db, "select coalesce(name, ''), adm0_a3, admin, geom from states_provinces order by fid", 3, func(text []string, g geom.Geometry) {
		ne.states = append(ne.states, stateRow{text[0], text[1], text[2], g})
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	err = query(db, "select name, adm0_left, adm0_right, geom from disputed_borders order by fid", 3, func(text []string, g geom.Geometry) {
		ne.disputes = append(ne.disputes, disputeRow{text[0], text[1], text[2], g})
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ne, nil
}

// query hands each row's n columns of text and the geometry after them to add.
func query(db *sql.DB, q string, n int, add func(text []string, g geom.Geometry)) (err error) {
	rows, err := db.Query(q)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		text := make([]string, n)
		var blob []byte
		into := make([]any, 0, n+1)
		for i := range text {
			into = append(into, &text[i])
		}
		if err := rows.Scan(append(into, &blob)...); err != nil {
			return err
		}
		g, err := geoPackageGeometry(blob)
		if err != nil {
			return err
		}
		add(text, g)
	}
	return rows.Err()
}

// geoPackageGeometry reads a geometry as a GeoPackage stores it: a header with an
// envelope of 0, 32, 48, 48 or 64 bytes, then WKB (OGC 12-128r19, 2.1.3).
func geoPackageGeometry(blob []byte) (geom.Geometry, error) {
	if len(blob) < 8 || string(blob[:2]) != "GP" {
		return geom.Geometry{}, errors.New("not a GeoPackage geometry")
	}
	kind := int(blob[3] >> 1 & 7)
	envelope := []int{0, 32, 48, 48, 64}
	if kind >= len(envelope) || len(blob) < 8+envelope[kind] {
		return geom.Geometry{}, errors.New("not a GeoPackage geometry")
	}
	return geom.UnmarshalWKB(blob[8+envelope[kind]:], geom.NoValidate{})
}
