package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"modernc.org/sqlite"

	"clustermap/geo"
)

// mbTiles reads an MBTiles file.
type mbTiles struct {
	pool    *sql.DB
	readers chan *mbReader // those that are free
	all     []*mbReader
	image   bool

	patience time.Duration
}

// mbReader is a connection with its statement, for one goroutine at a time.
type mbReader struct {
	db   *sql.Conn
	find *sql.Stmt
}

const (
	// mbPatience ends a question: the tiles may be a view that computes for ever.
	mbPatience = 5 * time.Second
	// maxRows is how many rows of metadata are read.
	maxRows = 1000
)

// openMBTiles opens a database that nothing writes to: no lock is taken and no file
// is put beside it.
func openMBTiles(path string, patience time.Duration) (_ *Archive, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1"}
	m := &mbTiles{patience: patience}
	if m.pool, err = sql.Open("sqlite", address.String()); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = m.Close()
		}
	}()
	n := min(4, runtime.GOMAXPROCS(0))
	m.readers = make(chan *mbReader, n)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for range n {
		r, err := m.connect(ctx)
		if err != nil {
			return nil, mbFault("database", err)
		}
		m.all = append(m.all, r)
		m.readers <- r
	}
	rows, err := m.metadata(ctx)
	if err != nil {
		return nil, mbFault("metadata", err)
	}
	info, err := mbInfo(rows)
	if err != nil {
		return nil, err
	}
	if err := m.zooms(ctx, rows, &info); err != nil {
		return nil, mbFault("tiles", err)
	}
	m.image = info.Format.Raster()
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(sum, "%q=%q\n", name, rows[name])
	}
	return &Archive{info: info, rev: base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9]), tiles: m, closer: m}, nil
}

// connect opens a connection on which no value is larger than a tile may be.
func (m *mbTiles) connect(ctx context.Context) (_ *mbReader, err error) {
	r := &mbReader{}
	if r.db, err = m.pool.Conn(ctx); err != nil {
		return nil, err
	}
	const limitLength = 0 // SQLITE_LIMIT_LENGTH
	if _, err := sqlite.Limit(r.db, limitLength, maxTileBytes); err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	for _, s := range []string{"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA query_only = ON", "PRAGMA cache_size = -2048", "PRAGMA temp_store = MEMORY"} {
		if _, err := r.db.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(err, r.db.Close())
		}
	}
	r.find, err = r.db.PrepareContext(ctx, "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ? LIMIT 1")
	if err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	return r, nil
}

// mbFault is an error of what the file holds.
func mbFault(part string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &CorruptError{"MBTiles", part, "reading it takes too long"}
	}
	var corrupt *CorruptError
	if errors.As(err, &corrupt) || errors.Is(err, context.Canceled) {
		return err
	}
	return &CorruptError{"MBTiles", part, err.Error()}
}

func (m *mbTiles) metadata(ctx context.Context) (rows map[string]string, err error) {
	found, err := m.all[0].db.QueryContext(ctx, "SELECT name, value FROM metadata LIMIT ?", maxRows)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	rows = map[string]string{}
	size := 0
	for found.Next() {
		var name, value sql.NullString
		if err := found.Scan(&name, &value); err != nil {
			return nil, err
		}
		if size += len(name.String) + len(value.String); size > maxMetadataBytes {
			return nil, errBomb
		}
		rows[name.String] = strings.ToValidUTF8(value.String, "\uFFFD")
	}
	return rows, found.Err()
}

// mbInfo reads the rows of metadata. What the specification only suggests may be
// missing, but not wrong.
func mbInfo(rows map[string]string) (Info, error) {
	i := Info{
		Name: rows["name"], Description: rows["description"], Attribution: rows["attribution"], Version: rows["version"],
		Overlay: rows["type"] == "overlay", MaxZoom: -1,
		Bounds: orb.Bound{Min: orb.Point{-180, -geo.MaxLatitude}, Max: orb.Point{180, geo.MaxLatitude}},
	}
	bad := func(name, want string) error {
		return &CorruptError{"MBTiles", "metadata", fmt.Sprintf("%s: needs %s, found %.80q", name, want, rows[name])}
	}
	switch f := rows["format"]; f {
	case "pbf", "mvt", "application/x-protobuf", "application/vnd.mapbox-vector-tile":
		i.Format = MVT
	case "png":
		i.Format = PNG
	case "jpg", "jpeg":
		i.Format = JPEG
	case "webp":
		i.Format = WebP
	case "avif":
		i.Format = AVIF
	default:
		return i, bad("format", "pbf, png, jpg, webp or avif")
	}
	if s := rows["bounds"]; s != "" {
		v, ok := numbers(s, 4)
		if ok {
			i.Bounds = orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}
		}
		if b := i.Bounds; !ok || !inWorld(b.Min) || !inWorld(b.Max) || b.Min[0] > b.Max[0] || b.Min[1] > b.Max[1] {
			return i, bad("bounds", "west,south,east,north")
		}
	}
	i.Center = i.Bounds.Center()
	if s := rows["center"]; s != "" {
		v, ok := numbers(s, 3)
		if !ok || !inWorld(orb.Point{v[0], v[1]}) || v[2] < 0 || v[2] > MaxZoom {
			return i, bad("center", "longitude,latitude,zoom")
		}
		i.Center, i.CenterZoom = orb.Point{v[0], v[1]}, int(v[2])
	}
	if s := rows["json"]; s != "" {
		m, err := parseMetadata("MBTiles", []byte(s))
		if err != nil {
			return i, err
		}
		i.Layers = m.Layers
	}
	return i, nil
}

// numbers reads n numbers with commas between.
func numbers(s string, n int) ([]float64, bool) {
	parts := strings.Split(s, ",")
	if len(parts) != n {
		return nil, false
	}
	out := make([]float64, n)
	for i, p := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || v != v {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// zooms sets the zooms from the metadata or, where they are not told, the tiles.
func (m *mbTiles) zooms(ctx context.Context, rows map[string]string, i *Info) error {
	low, high := rows["minzoom"], rows["maxzoom"]
	if low == "" || high == "" {
		var a, b sql.NullInt64
		if err := m.all[0].db.QueryRowContext(ctx, "SELECT (SELECT min(zoom_level) FROM tiles), (SELECT max(zoom_level) FROM tiles)").Scan(&a, &b); err != nil {
			return err
		}
		low, high = strconv.FormatInt(a.Int64, 10), strconv.FormatInt(b.Int64, 10)
	}
	var err, err2 error
	i.MinZoom, err = strconv.Atoi(low)
	i.MaxZoom, err2 = strconv.Atoi(high)
	if err != nil || err2 != nil || i.MinZoom < 0 || i.MaxZoom > MaxZoom || i.MinZoom > i.MaxZoom {
		return &CorruptError{"MBTiles", "metadata", fmt.Sprintf("the zooms %.20q to %.20q make no sense", low, high)}
	}
	return nil
}

func (m *mbTiles) tile(ctx context.Context, c Coord) (Tile, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	var r *mbReader
	select {
	case r = <-m.readers:
	case <-ctx.Done():
		return Tile{}, ctx.Err()
	}
	defer func() { m.readers <- r }()
	var data []byte
	err := r.find.QueryRowContext(ctx, c.Z, c.X, fromSouth(c)).Scan(&data)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && len(data) == 0:
		return Tile{}, ErrNoTile
	case err != nil:
		return Tile{}, mbFault("", err)
	case m.image:
		return Tile{Data: data}, nil
	case packed(data):
		return Tile{data, "gzip"}, nil
	case bytes.HasPrefix(data, zlibMagic): // no tile begins so: it would be field 15, of a type for integers
		if data, err = unpack(data, "zlib", maxTileBytes); err != nil {
			return Tile{}, mbFault("", err)
		}
	}
	return Tile{Data: data}, nil
}

var zlibMagic = []byte{0x78}

// Close closes the connections, all of which must be free.
func (m *mbTiles) Close() error {
	var errs []error
	for _, r := range m.all {
		errs = append(errs, r.find.Close(), r.db.Close())
	}
	return errors.Join(append(errs, m.pool.Close())...)
}
