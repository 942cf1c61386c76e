package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// mbWriter writes an MBTiles file: the tiles are a view of a table of places and
// one of contents, so that equal tiles are kept once.
type mbWriter struct {
	temp        string
	pool        *sql.DB
	db          *sql.Conn
	place, keep *sql.Stmt
	at          contents[int64]
	kept        int64
	raw         bool
}

// mbTables are as other programs write them. The application id says MBTiles.
var mbTables = []string{
	"PRAGMA page_size = 4096", "PRAGMA application_id = 0x4d504258",
	"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE",
	"PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -32768", "BEGIN",
	"CREATE TABLE metadata (name TEXT NOT NULL PRIMARY KEY, value TEXT)",
	"CREATE TABLE images (tile_id INTEGER PRIMARY KEY, tile_data BLOB NOT NULL)",
	"CREATE TABLE map (zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL, tile_row INTEGER NOT NULL, tile_id INTEGER NOT NULL, PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID",
	"CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column, map.tile_row AS tile_row, images.tile_data AS tile_data FROM map JOIN images ON images.tile_id = map.tile_id",
}

func newMBWriter(temp string) (_ *mbWriter, err error) {
	m := &mbWriter{temp: temp}
	defer func() {
		if err != nil {
			m.remove()
		}
	}()
	if temp, err = filepath.Abs(temp); err != nil {
		return nil, err
	}
	// SQLite's own message would not name the file.
	f, err := createFile(temp)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	ctx := context.Background() // no statement takes long: Commit looks at its ctx between them
	if m.pool, err = sql.Open("sqlite", (&url.URL{Scheme: "file", Path: temp}).String()); err != nil {
		return nil, err
	}
	if m.db, err = m.pool.Conn(ctx); err != nil {
		return nil, err
	}
	for _, s := range mbTables {
		if _, err := m.db.ExecContext(ctx, s); err != nil {
			return nil, err
		}
	}
	if m.place, err = m.db.PrepareContext(ctx, "INSERT INTO map VALUES (?,?,?,?)"); err != nil {
		return nil, err
	}
	m.keep, err = m.db.PrepareContext(ctx, "INSERT INTO images VALUES (?,?)")
	return m, err
}

func (m *mbWriter) add(_ uint64, c Coord, data []byte) error {
	d := digestOf(data)
	id, ok := m.at.get(d)
	if !ok {
		m.kept++
		id = m.kept
		if _, err := m.keep.Exec(id, data); err != nil {
			return err
		}
		m.at.put(d, id)
		m.raw = m.raw || !packed(data)
	}
	_, err := m.place.Exec(c.Z, c.X, fromSouth(c), id)
	return err
}

// fromSouth is the row of a tile as MBTiles counts it.
func fromSouth(c Coord) int { return 1<<c.Z - 1 - c.Y }

func (m *mbWriter) finish(ctx context.Context, temp string, i *Info, _ int64) error {
	if m.raw && i.Format == MVT {
		return errNotPacked
	}
	calm := context.WithoutCancel(ctx)
	rows, err := mbRows(i)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if _, err := m.db.ExecContext(calm, "INSERT INTO metadata VALUES (?,?)", name, rows[name]); err != nil {
			return err
		}
	}
	if _, err := m.db.ExecContext(calm, "COMMIT"); err != nil {
		return err
	}
	if err := m.close(); err != nil {
		return err
	}
	if err := syncFile(m.temp); err != nil {
		return err
	}
	return os.Rename(m.temp, temp)
}

// mbRows are the rows of the table of metadata.
func mbRows(i *Info) (map[string]string, error) {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	rows := map[string]string{
		"name": i.Name, "format": formats[i.Format].name, "type": i.typeName(), "scheme": "tms",
		"minzoom": strconv.Itoa(i.MinZoom), "maxzoom": strconv.Itoa(i.MaxZoom),
		"bounds": number(i.Bounds.Min[0]) + "," + number(i.Bounds.Min[1]) + "," + number(i.Bounds.Max[0]) + "," + number(i.Bounds.Max[1]),
		"center": number(i.Center[0]) + "," + number(i.Center[1]) + "," + strconv.Itoa(i.CenterZoom),
	}
	for name, v := range map[string]string{"description": i.Description, "attribution": i.Attribution, "version": i.Version} {
		if v != "" {
			rows[name] = v
		}
	}
	if i.Format == MVT {
		b, err := json.Marshal(map[string]any{"vector_layers": i.Layers})
		if err != nil {
			return nil, err
		}
		rows["json"] = string(b)
	}
	maps.Copy(rows, i.Extra)
	return rows, nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// close closes the database; it may be called again.
func (m *mbWriter) close() error {
	var errs []error
	for _, s := range []*sql.Stmt{m.place, m.keep} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if m.db != nil {
		errs = append(errs, m.db.Close())
	}
	if m.pool != nil {
		errs = append(errs, m.pool.Close())
	}
	m.place, m.keep, m.db, m.pool = nil, nil, nil, nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

func (m *mbWriter) remove() {
	_ = m.close()
	_ = os.Remove(m.temp)
}
